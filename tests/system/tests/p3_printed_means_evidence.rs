//! P3: `printed` is what the printer itself proved, and the grade says how; a printer that can't prove gets
//! `sent`, and one that lies is found out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use receiptd_api::{Cut, Grade, JobInfo, JobState};
use receiptd_system_tests::calls::{self, LONG, SHORT, outcome, outcomes, story, submit};
use receiptd_system_tests::paper::{assert_all_there, prints};
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, printer_of};
use virtual_printer::{Fault, Speed, VirtualPrinter};

/// One slip on a printer of this model: the job, and the grade that the printer then shows.
async fn printed_on(model: &str, speed: f64, more: &str) -> (JobInfo, String) {
    let printer = VirtualPrinter::start(printer_of(model, speed).unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr()).with(more)], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    let job = outcome(&shop, job).await;
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    assert_all_there(&prints(&printer.events()), ["S0001"]);
    assert_eq!(job.attempts, 1);
    let printers = client.printers().await.unwrap();
    (job, printers[0].grade.clone())
}

#[tokio::test]
async fn a_printer_with_ids_and_counters_gives_machine_counted_proof() {
    let (job, grade) = printed_on("epson-tm-t88vi", 350.0, "").await;
    assert_eq!((job.state, job.grade, job.cut), (JobState::Printed, Some(Grade::APlus), Cut::Ok), "{job:#?}");
    assert_eq!(grade, "A+");
    calls::assert_told(&job);
}

#[tokio::test]
async fn a_printer_with_ids_alone_gives_grade_a() {
    let (job, grade) = printed_on("xprinter-xp-s260m", 260.0, "").await;
    assert_eq!((job.state, job.grade, job.cut), (JobState::Printed, Some(Grade::A), Cut::Ok), "{job:#?}");
    assert_eq!(grade, "A");
}

#[tokio::test]
async fn a_printer_that_answers_in_order_gives_grade_b() {
    let (job, grade) = printed_on("gsr-only-80", 200.0, "").await;
    assert_eq!((job.state, job.grade), (JobState::Printed, Some(Grade::B)), "{job:#?}");
    assert_eq!(grade, "B");
}

#[tokio::test]
async fn a_mute_printer_is_sent_to_and_never_called_printed() {
    let (job, grade) = printed_on("zj-58-mute", 90.0, "paper = \"58mm\"\n").await;
    assert_eq!((job.state, job.grade), (JobState::Sent, Some(Grade::D)), "{job:#?}");
    assert_ne!(job.cut, Cut::Ok);
    assert_eq!(grade, "D");
    calls::assert_told(&job);
}

#[tokio::test]
async fn a_printer_that_confirms_before_it_prints_is_found_out() {
    let (job, grade) = printed_on("liar-80", 100.0, "").await;
    assert_eq!(job.state, JobState::Sent, "{job:#?}");
    assert!(story(&job).contains(&"proof-impossible"), "{:?}", story(&job));
    assert_ne!(grade, "A");
}

/// Answers faster than any head prove nothing, however well they are formed.
#[tokio::test]
async fn a_printer_that_claims_to_print_in_no_time_is_not_believed() {
    let mut config = printer_of("epson-tm-t88vi", 1.0).unwrap();
    config.speed = Speed::Max;
    let printer = VirtualPrinter::start(config).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", LONG).await.unwrap();
    assert_eq!(outcome(&shop, job).await.state, JobState::Sent);
    let vouched = PrinterEntry::new("counter", printer.addr()).with("evidence = \"A+\"\n");
    shop.stop().unwrap();
    shop.configure(&[vouched], "").unwrap();
    shop.start().unwrap();
    // Who knows better may say so: the integrator vouches for it.
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0002", LONG).await.unwrap();
    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.grade), (JobState::Printed, Some(Grade::APlus)), "{job:#?}");
}

/// The fastest heads there are print half a metre a second; theirs is no lie.
#[tokio::test]
async fn the_fastest_real_printer_is_believed_on_the_shortest_judged_slip() {
    let printer = VirtualPrinter::start(printer_of("epson-tm-t88vi", 500.0).unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let mut ids = Vec::new();
    for (n, lines) in [3, 4, 5, 8, 16].into_iter().enumerate() {
        ids.push(submit(&client, &calls::name(n + 1), lines).await.unwrap());
    }
    for job in outcomes(&shop, ids).await.values() {
        assert!(!story(job).contains(&"proof-impossible"), "{job:#?}");
        assert_eq!(job.state, JobState::Printed, "{job:#?}");
    }
}

/// The printer stops in the middle of its answers: nonsense is no proof, and harms no later job.
#[tokio::test]
async fn nonsense_proves_nothing() {
    let printer = VirtualPrinter::start(printer_of("epson-tm-t88vi", 350.0).unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let first = submit(&client, "S0001", SHORT).await.unwrap();
    assert_eq!(outcome(&shop, first).await.state, JobState::Printed);
    printer.fault(Fault::Garbage { hex: "ff7f3700a55a".into() });
    let second = submit(&client, "S0002", SHORT).await.unwrap();
    printer.wait_for(|s| s.cuts == 2 || s.lines >= 20, PATIENCE).unwrap();
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let job = client.spooler().get_job(second).await.unwrap();
    assert_ne!(job.state, JobState::Printed, "{job:#?}");
    // What was lost can be asked for by nobody; the link is made anew and the slip comes again, marked.
    printer.fault(Fault::Garbage { hex: String::new() });
    printer.fault(Fault::ResetConnection);
    let job = outcome(&shop, second).await;
    assert_eq!((job.state, job.duplicate), (JobState::Printed, 2), "{job:#?}");
}
