//! Printers that are not there, come later, belong to somebody else for a while, or answer late.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::time::Duration;

use receiptd_api::{ApiError, CallError, JobState, SubmitOptions};
use receiptd_system_tests::calls::{PrinterWatch, SHORT, outcome, slip, submit, submit_as};
use receiptd_system_tests::paper::prints;
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, printer_of, quick_printer};
use virtual_printer::{Fault, Second, VirtualPrinter};

#[tokio::test]
async fn absent_at_the_start_it_is_waited_for() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    printer.fault(Fault::PowerOff);
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    let mut watch = PrinterWatch::begin(&shop).await;
    let printers = client.printers().await.unwrap();
    assert_eq!((printers[0].online, printers[0].queue_length), (false, 1));
    let can = client.spooler().can_print("", 80).await.unwrap();
    assert!(!can.can && can.reasons == ["not-connected"] && can.queue_ahead == 1, "{can:?}");
    printer.fault(Fault::PowerOn);
    watch.until(|name, value| name == "Online" && value.contains("true")).await;
    assert_eq!(outcome(&shop, job).await.state, JobState::Printed);
    let can = client.spooler().can_print("", 80).await.unwrap();
    assert!(can.can && can.queue_ahead == 0, "{can:?}");
}

/// A printer that serves one host at a time and refuses the second.
#[tokio::test]
async fn busy_with_another_host_it_is_waited_for() {
    let mut config = printer_of("xprinter-xp-s260m", 260.0).unwrap();
    config.model.second = Second::Refuse;
    let printer = VirtualPrinter::start(config).unwrap();
    let other = std::net::TcpStream::connect(printer.addr()).unwrap();
    printer.wait_for(|s| s.connections == 1, PATIENCE).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    printer.wait_for(|_| true, PATIENCE).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(client.spooler().get_job(job).await.unwrap().attempts, 0);
    drop(other);
    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.attempts, job.duplicate), (JobState::Printed, 1, 0), "{job:#?}");
}

/// A network print server keeps the second host waiting instead.
#[tokio::test]
async fn kept_waiting_behind_another_host_it_prints_once() {
    let mut config = quick_printer().unwrap();
    config.model.second = Second::Wait;
    let printer = VirtualPrinter::start(config).unwrap();
    let other = std::net::TcpStream::connect(printer.addr()).unwrap();
    printer.wait_for(|s| s.connections == 1, PATIENCE).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    // It was connected, so the daemon may think that it is mute; it must not think that it printed.
    let first = submit(&client, "S0001", SHORT).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(printer.snapshot().lines, 0);
    let early = client.spooler().get_job(first).await.unwrap();
    assert_ne!(early.state, JobState::Printed, "{early:#?}");
    drop(other);
    let job = outcome(&shop, first).await;
    assert!(matches!(job.state, JobState::Printed | JobState::Sent), "{job:#?}");
    printer.wait_for(|s| s.idle && s.cuts > 0, PATIENCE).unwrap();
    receiptd_system_tests::paper::assert_no_second_without_mark(&prints(&printer.events()));
}

/// Answers come late, some are lost: slower, never untrue, never a second copy.
#[tokio::test]
async fn late_answers_are_waited_for() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let first = submit(&client, "S0001", SHORT).await.unwrap();
    assert_eq!(outcome(&shop, first).await.state, JobState::Printed);
    printer.fault(Fault::DelayReplies { ms: 700 });
    printer.fault(Fault::Xonxoff { on: true });
    let second = submit(&client, "S0002", SHORT).await.unwrap();
    let job = outcome(&shop, second).await;
    assert_eq!((job.state, job.attempts), (JobState::Printed, 1), "{job:#?}");
    assert_eq!(prints(&printer.events()).len(), 2);
}

/// Bytes that another host left in the printer's answer buffer are nobody's proof.
#[tokio::test]
async fn stale_answers_of_another_host_prove_nothing() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    // Ids that this daemon uses, as they would come for its first jobs.
    printer.fault(Fault::StaleBytes { hex: "37224040404000372240404041003722404040420012".into() });
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    printer.fault(Fault::PaperEnd);
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    let mut watch = PrinterWatch::begin(&shop).await;
    if client.printers().await.unwrap()[0].paper != "out" {
        watch.until(|name, value| name == "Paper" && value.contains("out")).await;
    }
    let record = client.spooler().get_job(job).await.unwrap();
    assert_eq!((record.state, record.attempts), (JobState::Queued, 0), "{record:#?}");
    printer.fault(Fault::LoadPaper { mm: None });
    assert_eq!(outcome(&shop, job).await.state, JobState::Printed);
}

/// An integrator renames or removes a printer while jobs wait for it: they are not lost, and can be taken back.
#[tokio::test]
async fn jobs_of_a_printer_that_left_the_configuration_stay_until_it_comes_back() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let kitchen = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    kitchen.fault(Fault::PowerOff);
    let (counter, away) =
        (PrinterEntry::new("counter", printer.addr()), PrinterEntry::new("kitchen", kitchen.addr()));
    let both = [counter, away];
    let mut shop = Shop::new(&both, "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let options = SubmitOptions::default();
    let mut ids = Vec::new();
    for name in ["S0001", "S0002"] {
        let done = submit_as(&client, name, "kitchen", &slip(name, SHORT), &options).await.unwrap();
        ids.push(done.jobs[0].0);
    }
    shop.stop().unwrap();
    shop.configure(&both[..1], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    for id in &ids {
        let job = client.spooler().get_job(*id).await.unwrap();
        assert_eq!((job.state, job.printer.as_str()), (JobState::Queued, "kitchen"), "{job:#?}");
    }
    client.spooler().cancel(ids[1], "the kitchen is closed").await.unwrap();
    let refused = submit_as(&client, "S0003", "kitchen", &slip("S0003", SHORT), &options).await.unwrap_err();
    assert!(matches!(refused, CallError::Api(ApiError::UnknownPrinter(_))), "{refused:?}");
    // The same submission is the same job, also while its printer is away.
    let again = submit_as(&client, "S0001", "kitchen", &slip("S0001", SHORT), &options).await;
    assert_eq!(again.map(|done| done.jobs[0].0).ok(), Some(ids[0]));
    let here = submit(&client, "S0004", SHORT).await.unwrap();
    assert_eq!(outcome(&shop, here).await.state, JobState::Printed);
    shop.kill().unwrap();
    shop.configure(&both, "").unwrap();
    kitchen.fault(Fault::PowerOn);
    shop.start().unwrap();
    assert_eq!(outcome(&shop, ids[0]).await.state, JobState::Printed);
    assert_eq!(outcome(&shop, ids[1]).await.state, JobState::Canceled);
    kitchen.wait_for(|s| s.idle, PATIENCE).unwrap();
    assert_eq!(prints(&kitchen.events()).len(), 1);
}

/// A host on the printer's port that sends noise: of it thousands of reports a second can be read, each another one.
#[tokio::test]
async fn of_a_printer_that_sends_noise_log_and_clients_hear_now_and_then() {
    let noise = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let good = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let entries =
        [PrinterEntry::new("counter", good.addr()), PrinterEntry::new("noise", noise.local_addr().unwrap())];
    let mut shop = Shop::new(&entries, "").unwrap();
    shop.start().unwrap();
    let mut watch = PrinterWatch::begin(&shop).await;
    // Automatic status: all well, then the cover open.
    let reports = [0x10, 0, 0, 0, 0x30, 0, 0, 0].repeat(1_000);
    let loud = std::thread::spawn(move || {
        use std::io::Write;
        let (mut stream, _) = noise.accept().unwrap();
        let mut listening = stream.try_clone().unwrap();
        // What it is told must not fill its buffers.
        std::thread::spawn(move || std::io::copy(&mut listening, &mut std::io::sink()));
        // A host that is slow to read them blocks this; one that has gone ends it.
        (0..10).for_each(|_| stream.write_all(&reports).unwrap());
        stream.write_all(&[0x10, 0, 0, 0]).unwrap();
        stream
    });
    let stream = tokio::task::spawn_blocking(|| loud.join().unwrap()).await.unwrap();
    let client = shop.client().await.unwrap();
    // Who watched is still told; the last change comes, and not each of twenty thousand.
    stream.shutdown(std::net::Shutdown::Both).unwrap();
    let told = watch.until(|name, value| name == "State" && value.contains("absent")).await;
    assert!(told < 200, "{told} changes were told");
    let lines = shop.log().lines().filter(|line| line.contains("printer noise")).count();
    assert!(lines < 200, "{lines} lines in the log");
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    assert_eq!(outcome(&shop, job).await.state, JobState::Printed);
}
