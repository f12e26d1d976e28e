//! A terminal's clock jumps: at the first contact with the network, with an empty battery, by hand. Whatever it says, the
//! receipts are there, come out once and in order, and their stories are told.
//!
//! The daemon runs with `libfaketime` (Debian's package `faketime`) and the file that it reads its offset from; the
//! machine's clock is not touched, and the clock that never jumps is left as it is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use receiptd_api::{Client, JobFilter, JobState, SubmitOptions};
use receiptd_system_tests::calls::{
    PrinterWatch, SHORT, all_jobs, assert_told, name, outcome, outcomes, slip, story, submit, submit_as,
};
use receiptd_system_tests::paper::prints;
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, quick_printer};
use virtual_printer::{Fault, Handle, VirtualPrinter};

const YEAR_MS: i64 = 365 * 24 * 3_600 * 1_000;

/// How far a reading may be from what was set, in milliseconds: longer than any step of a test takes.
const TOLERANCE_MS: i64 = 120_000;

/// Where Debian's relatives put the library, for each architecture.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path().join("faketime"));
    let candidates = folders.map(|folder| folder.join("libfaketimeMT.so.1"));
    candidates.into_iter().find(|path| path.exists())
}

/// A shop whose daemon believes what stands in a file.
struct Terminal {
    shop: Shop,
    printer: Handle,
}

impl Terminal {
    /// `None`, and it says why, where the library is missing.
    fn open(test: &str) -> Option<Self> {
        let Some(library) = library() else {
            eprintln!("SKIPPED: {test} needs libfaketime: scripts/setup test");
            return None;
        };
        let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
        let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
        let file = shop.path().join("clock");
        for (name, value) in [
            ("LD_PRELOAD", library.as_path()),
            ("FAKETIME_TIMESTAMP_FILE", file.as_path()),
            // Each look at the clock reads the file.
            ("FAKETIME_NO_CACHE", Path::new("1")),
            ("FAKETIME_DONT_FAKE_MONOTONIC", Path::new("1")),
        ] {
            shop.environment.push((name.to_owned(), value.display().to_string()));
        }
        let terminal = Self { shop, printer };
        terminal.set(0);
        Some(terminal)
    }

    /// Sets the clock to so many years from the real time.
    fn set(&self, years: i64) {
        let file = self.shop.path().join("clock");
        // In one step: the daemon may look at any moment.
        let next = file.with_extension("next");
        std::fs::write(&next, format!("{years:+}y\n")).unwrap();
        std::fs::rename(next, file).unwrap();
    }

    /// Whether a time of the daemon's is so many years from the real one.
    fn assert_is(&self, at_ms: u64, years: i64) {
        let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        let error = at_ms as i64 - real - years * YEAR_MS;
        assert!(error.abs() < TOLERANCE_MS, "{error} ms from {years} years");
    }

    async fn client(&self) -> Client {
        self.shop.client().await.unwrap()
    }

    /// A printer without paper, which the daemon knows.
    async fn without_paper(&mut self) {
        let mut watch = PrinterWatch::begin(&self.shop).await;
        self.printer.fault(Fault::PaperEnd);
        watch.until(|property, value| property == "Paper" && value.contains("out")).await;
    }
}

fn expires(seconds: u32) -> SubmitOptions {
    SubmitOptions { expires_after_s: Some(seconds), ..SubmitOptions::default() }
}

#[tokio::test]
async fn p1_p2_p5_p6_hold_while_the_clock_jumps_by_years_forth_and_back() {
    let Some(mut terminal) = Terminal::open("p1_p2_p5_p6_hold_while_the_clock_jumps") else { return };
    terminal.shop.start().unwrap();
    let first = submit(&terminal.client().await, &name(0), SHORT).await.unwrap();
    outcome(&terminal.shop, first).await;
    terminal.without_paper().await;
    // Each jump finds jobs that wait, one of them with an hour to live, and a daemon that goes on or is killed.
    let mut jobs = vec![first];
    for (n, (years, killed)) in
        [(10, false), (-20, false), (0, true), (-20, true), (10, false)].into_iter().enumerate()
    {
        terminal.set(years);
        if killed {
            // It looks at the clock each minute by itself, and whenever it is asked something.
            let waiting = JobFilter { active_only: Some(true), ..JobFilter::default() };
            all_jobs(&terminal.client().await, waiting).await;
            terminal.shop.kill().unwrap();
            terminal.shop.start().unwrap();
        }
        let client = terminal.client().await;
        let number = n + 1;
        let document = slip(&name(number), SHORT);
        let done = submit_as(&client, &name(number), "", &document, &expires(3_600)).await.unwrap();
        jobs.push(done.jobs[0].0);
        terminal.assert_is(client.spooler().get_job(done.jobs[0].0).await.unwrap().accepted_ms, years);
        // Nothing was lost by the jump, nothing expired, and the keys are known (P1, P4).
        for (number, job) in jobs.iter().enumerate() {
            assert_eq!(submit(&client, &name(number), SHORT).await.unwrap(), *job);
            let state = client.spooler().get_job(*job).await.unwrap().state;
            assert!(
                matches!(
                    (number, state),
                    (0, JobState::Printed) | (1.., JobState::Queued | JobState::Sending)
                ),
                "job {job} is {state} {years} years from now"
            );
        }
    }
    terminal.printer.fault(Fault::LoadPaper { mm: None });
    let ended = outcomes(&terminal.shop, jobs.clone()).await;
    for job in ended.values() {
        assert_eq!(job.state, JobState::Printed, "{job:#?}");
        assert_told(job);
        // A story is in the order in which it happened, whatever the clock said then.
        assert_eq!(story(job)[..2], ["accepted", "sending"], "{job:#?}");
    }
    terminal.printer.wait_for(|seen| seen.idle, PATIENCE).unwrap();
    // Once each without a mark, in the order of acceptance (P2, P6).
    let paper = prints(&terminal.printer.events());
    let unmarked: Vec<&str> =
        paper.iter().filter(|print| print.mark.is_none()).map(|print| print.name.as_str()).collect();
    let wanted: Vec<String> = (0..jobs.len()).map(name).collect();
    assert_eq!(unmarked, wanted);
    // And read again with yet another clock (P5).
    terminal.set(-30);
    terminal.shop.stop().unwrap();
    terminal.shop.start().unwrap();
    let client = terminal.client().await;
    for (id, before) in ended {
        let job = client.spooler().get_job(id).await.unwrap();
        assert_eq!(
            (job.state, job.finished_ms, story(&job)),
            (before.state, before.finished_ms, story(&before))
        );
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_gives_a_job_no_more_time_than_it_was_given() {
    let Some(mut terminal) = Terminal::open("a_clock_that_is_set_back_gives_a_job_no_more_time") else {
        return;
    };
    terminal.shop.start().unwrap();
    terminal.without_paper().await;
    let client = terminal.client().await;
    // The printer has this one; those behind it wait.
    submit(&client, &name(0), SHORT).await.unwrap();
    let hold = SubmitOptions { hold: Some(true), ..expires(2) };
    let running = submit_as(&client, &name(1), "", &slip(&name(1), SHORT), &hold).await.unwrap().jobs[0].0;
    terminal.set(-20);
    let began = std::time::Instant::now();
    assert_eq!(outcome(&terminal.shop, running).await.state, JobState::Expired);
    assert!(began.elapsed() < PATIENCE);
    // The same over a restart.
    terminal.set(0);
    let restarted = submit_as(&client, &name(2), "", &slip(&name(2), SHORT), &hold).await.unwrap().jobs[0].0;
    terminal.set(-20);
    terminal.shop.kill().unwrap();
    terminal.shop.start().unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let job = outcome(&terminal.shop, restarted).await;
    assert_eq!(job.state, JobState::Expired);
    assert_told(&job);
}
