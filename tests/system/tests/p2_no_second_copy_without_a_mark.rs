//! P2: a copy that might be the second carries the mark with its number, the original's job number and time;
//! and where it is known that the first came out, there is no second.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::time::Duration;

use jiff::Timestamp;
use receiptd_api::{Cut, Grade, JobInfo, JobState};
use receiptd_system_tests::calls::{self, LONG, outcome, story, submit};
use receiptd_system_tests::paper::{Print, prints};
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, printer_of, slow_printer};
use virtual_printer::{Config, Fault, Handle, VirtualPrinter};

/// A shop with one slow printer and a slip of which `lines` lines are out.
async fn half_out(config: Config, lines: u64) -> (Handle, Shop, u64) {
    let printer = VirtualPrinter::start(config).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", LONG).await.unwrap();
    printer.wait_for(|s| s.lines >= lines, PATIENCE).unwrap();
    (printer, shop, job)
}

/// What came out once everything is over.
fn paper(printer: &Handle) -> Vec<Print> {
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    prints(&printer.events())
}

fn assert_marked(print: &Print, number: u32, job: &JobInfo) {
    let mark = print.mark.as_ref().unwrap_or_else(|| panic!("{print:?} has no mark"));
    let accepted = Timestamp::from_millisecond(job.accepted_ms as i64).unwrap();
    assert_eq!((mark.number, mark.job, mark.requested), (number, job.id, false));
    assert_eq!(mark.time, accepted.strftime("%Y-%m-%d %H:%M:%S").to_string());
    assert!(print.complete && print.cut);
}

/// The printer stays on and has the whole slip: it prints on, and what it says is heard after the restart.
#[tokio::test]
async fn killed_in_the_middle_a_late_id_proves_the_print_and_nothing_is_printed_again() {
    // An honest echo of an earlier slip shows first that this printer's word is worth something.
    let printer = VirtualPrinter::start(slow_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let first = submit(&client, "S0001", calls::SHORT).await.unwrap();
    assert_eq!(outcome(&shop, first).await.state, JobState::Printed);
    let lines = printer.snapshot().lines;
    let job = submit(&client, "S0002", LONG).await.unwrap();
    printer.wait_for(|s| s.lines >= lines + 3, PATIENCE).unwrap();
    shop.kill().unwrap();
    shop.start().unwrap();

    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.grade, job.attempts), (JobState::Printed, Some(Grade::A), 1), "{job:#?}");
    assert!(story(&job).contains(&"late-proof"), "{:?}", story(&job));
    calls::assert_told(&job);
    let paper = paper(&printer);
    assert_eq!(paper.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["S0001", "S0002"]);
    assert!(paper[1].complete && paper[1].mark.is_none());
}

#[tokio::test]
async fn daemon_and_printer_lose_power_together_and_the_slip_comes_again_marked() {
    let (printer, mut shop, job) = half_out(slow_printer().unwrap(), 5).await;
    shop.kill().unwrap();
    printer.fault(Fault::PowerOff);
    printer.fault(Fault::PowerOn);
    shop.start().unwrap();

    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.attempts, job.duplicate), (JobState::Printed, 2, 2), "{job:#?}");
    let paper = paper(&printer);
    assert_eq!(paper.len(), 2, "{paper:?}");
    assert!(!paper[0].complete && paper[0].mark.is_none());
    assert_marked(&paper[1], 2, &job);
}

#[tokio::test]
async fn the_printer_alone_loses_power_and_the_slip_comes_again_marked() {
    let (printer, shop, job) = half_out(slow_printer().unwrap(), 5).await;
    printer.fault(Fault::PowerOff);
    let doubtful = calls::until(&shop, [job], |job| job.state != JobState::Sending).await;
    assert_eq!(doubtful[&job].reason.as_deref(), Some("link-lost"));
    printer.fault(Fault::PowerOn);
    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.attempts, job.duplicate), (JobState::Printed, 2, 2), "{job:#?}");
    let paper = paper(&printer);
    assert_eq!(paper.len(), 2, "{paper:?}");
    assert_marked(&paper[1], 2, &job);
}

/// A peer calls this receipt completed. Here the rest is still in the printer when the connection ends: it may
/// come out, and then the marked copy is the second.
#[tokio::test]
async fn a_connection_reset_in_the_middle_leaves_no_unmarked_second() {
    let (printer, shop, job) = half_out(slow_printer().unwrap(), 5).await;
    printer.fault(Fault::ResetConnection);
    let job = outcome(&shop, job).await;
    assert_eq!(job.state, JobState::Printed, "{job:#?}");
    let paper = paper(&printer);
    assert!(paper.iter().any(|print| print.complete), "{paper:?}");
    if job.attempts == 1 {
        assert_eq!(paper.len(), 1, "{paper:?}");
    } else {
        assert_marked(&paper[1], 2, &job);
    }
}

/// Interrupted twice: the third copy says that it is the third.
#[tokio::test]
async fn each_further_copy_has_the_next_number() {
    let (printer, shop, job) = half_out(slow_printer().unwrap(), 4).await;
    for _ in 0..2 {
        let lines = printer.snapshot().lines;
        printer.fault(Fault::PowerOff);
        printer.fault(Fault::PowerOn);
        printer.wait_for(|s| s.lines >= lines + 9, PATIENCE).unwrap();
    }
    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.attempts, job.duplicate), (JobState::Printed, 3, 3), "{job:#?}");
    let paper = paper(&printer);
    let marks: Vec<u32> = paper.iter().map(|p| p.mark.as_ref().map_or(1, |m| m.number)).collect();
    assert_eq!(marks, [1, 2, 3]);
    assert_marked(&paper[2], 3, &job);
}

/// The proof is on disk, the cut was still to come.
#[tokio::test]
async fn printed_on_disk_is_not_printed_again_and_its_cut_is_unknown() {
    let mut config = slow_printer().unwrap();
    // Long enough to be killed in.
    config.model.cutter_ms = 2_000;
    let printer = VirtualPrinter::start(config).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", calls::SHORT).await.unwrap();
    let seen = calls::until(&shop, [job], |job| job.state == JobState::Printed).await;
    assert_eq!(seen[&job].cut, Cut::Pending);
    shop.kill().unwrap();
    shop.start().unwrap();

    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.cut, job.attempts), (JobState::Printed, Cut::Unknown, 1), "{job:#?}");
    let client = shop.client().await.unwrap();
    let next = submit(&client, "S0002", calls::SHORT).await.unwrap();
    assert_eq!(outcome(&shop, next).await.state, JobState::Printed);
    let names: Vec<(String, bool)> =
        paper(&printer).into_iter().map(|p| (p.name, p.mark.is_some())).collect();
    assert_eq!(names, [("S0001".to_owned(), false), ("S0002".to_owned(), false)]);
}

/// Nothing of it can be on paper, since no byte of it was sent: no mark.
#[tokio::test]
async fn killed_while_it_waited_it_comes_out_unmarked() {
    let printer = VirtualPrinter::start(slow_printer().unwrap()).unwrap();
    printer.fault(Fault::PowerOff);
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let job = submit(&shop.client().await.unwrap(), "S0001", LONG).await.unwrap();
    shop.kill().unwrap();
    printer.fault(Fault::PowerOn);
    shop.start().unwrap();
    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.attempts, job.duplicate), (JobState::Printed, 1, 0));
    let paper = paper(&printer);
    assert!(paper.len() == 1 && paper[0].mark.is_none() && paper[0].complete, "{paper:?}");
}

/// SIGTERM in the middle: the attempt may end within the 5 s that the service manager gives.
#[tokio::test]
async fn sigterm_in_the_middle_lets_the_slip_end() {
    let (printer, mut shop, job) = half_out(slow_printer().unwrap(), 3).await;
    let began = std::time::Instant::now();
    let status = shop.stop().unwrap();
    assert!(status.success() && began.elapsed() < Duration::from_secs(5), "{status} {:?}", began.elapsed());
    shop.start().unwrap();
    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.attempts), (JobState::Printed, 1), "{job:#?}");
    assert_eq!(paper(&printer).len(), 1);
}

/// It can't end: no paper. Left as it is, and judged at the next start.
#[tokio::test]
async fn sigterm_while_the_paper_is_out_ends_in_time_and_the_next_start_goes_on() {
    let (printer, mut shop, job) = half_out(slow_printer().unwrap(), 3).await;
    printer.fault(Fault::PaperEnd);
    calls::until(&shop, [job], |job| job.paused_reason.is_some()).await;
    let began = std::time::Instant::now();
    let status = shop.stop().unwrap();
    assert!(status.success() && began.elapsed() < Duration::from_secs(6), "{status} {:?}", began.elapsed());
    printer.fault(Fault::LoadPaper { mm: None });
    shop.start().unwrap();
    let job = outcome(&shop, job).await;
    assert_eq!(job.state, JobState::Printed, "{job:#?}");
    let paper = paper(&printer);
    receiptd_system_tests::paper::assert_no_second_without_mark(&paper);
    assert!(paper.iter().any(|print| print.complete));
}

/// A long receipt is proven piece by piece: it is known how far the first copy got, and the second is whole.
#[tokio::test]
async fn a_long_receipt_that_was_torn_off_is_known_up_to_a_line() {
    const LINES: u32 = 100;
    let printer = VirtualPrinter::start(printer_of("epson-tm-t88vi", 150.0).unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", LINES).await.unwrap();
    let seen = calls::until(&shop, [job], |job| job.progress_line >= 32).await;
    assert_eq!(seen[&job].state, JobState::Sending);
    printer.fault(Fault::PowerOff);
    let torn = calls::until(&shop, [job], |job| job.state != JobState::Sending).await;
    assert!(story(&torn[&job]).contains(&"up-to-line") && torn[&job].progress_line >= 32, "{torn:#?}");
    printer.fault(Fault::PowerOn);
    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.attempts, job.duplicate), (JobState::Printed, 2, 2), "{job:#?}");
    let paper = paper(&printer);
    assert!(!paper[0].complete && paper[0].lines.len() >= 30, "{paper:?}");
    assert_marked(&paper[1], 2, &job);
}
