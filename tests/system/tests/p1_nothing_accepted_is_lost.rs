//! P1: what was acknowledged is on paper in the end, whatever was killed in between; and what was not
//! acknowledged and is handed in again under the same key is there once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use receiptd_api::{ApiError, CallError, JobFilter, JobState};
use receiptd_system_tests::app::App;
use receiptd_system_tests::calls::{self, SHORT, name, submit};
use receiptd_system_tests::dice::Dice;
use receiptd_system_tests::paper::{assert_all_there, assert_order, prints};
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, printer_of, quick_printer};
use virtual_printer::{Fault, Handle, VirtualPrinter};

/// How often the daemon is killed.
const KILLS: usize = 20;

/// Slips handed in between two kills.
const BURST: usize = 3;

/// The latest moment of a kill after the start: by then the printer was opened, listened to, and is printing.
const LATEST_MS: u64 = 1_500;

/// The longest wait for something to come out before a kill: the printer may be off, or have nothing to do.
const IN_PRINT_WAIT: Duration = Duration::from_millis(2_000);

/// Kills the daemon at random moments under a burst; `mishap` does what else happens, at each round.
async fn killed_at_random(test: &str, mut mishap: impl FnMut(&mut Dice, &Handle)) {
    let mut dice = Dice::seeded(test);
    let printer = VirtualPrinter::start(printer_of("epson-tm-t88vi", 350.0).unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    let mut app = App::default();
    for _ in 0..KILLS {
        shop.start().unwrap();
        // Half of the kills come whenever they come, the others while something is coming out.
        let in_print = dice.below(2) == 0;
        let moment = Instant::now() + dice.moment(if in_print { 100 } else { LATEST_MS });
        if let Ok(client) = shop.client().await {
            // The kill may come while a submission is under way.
            let burst = app.hand_in(&client, BURST);
            let _ = tokio::time::timeout_at(moment.into(), burst).await;
        }
        if in_print {
            let lines = printer.snapshot().lines + 1 + dice.below(3 * u64::from(SHORT));
            let _ = printer.wait_for(|s| s.lines >= lines, IN_PRINT_WAIT);
        } else {
            tokio::time::sleep_until(moment.into()).await;
        }
        shop.kill().unwrap();
        mishap(&mut dice, &printer);
    }
    printer.fault(Fault::PowerOn);
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    app.hand_in(&client, 0).await;
    assert_eq!(app.unacknowledged.len(), 0);
    let jobs = app.settle(&shop).await;
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    app.verify(&jobs, &client, &printer).await;
    shop.stop().unwrap();
}

#[tokio::test]
async fn twenty_kills_under_a_burst_lose_nothing() {
    killed_at_random("twenty_kills", |_, _| {}).await;
}

#[tokio::test]
async fn twenty_kills_with_power_cuts_of_the_printer_lose_nothing() {
    killed_at_random("twenty_power_cuts", |dice, printer| match dice.below(3) {
        // Together with the terminal, and back before it.
        0 => {
            printer.fault(Fault::PowerOff);
            printer.fault(Fault::PowerOn);
        }
        // It stays off until the next cut.
        1 => printer.fault(Fault::PowerOff),
        _ => printer.fault(Fault::PowerOn),
    })
    .await;
}

/// The peers lose all of these: accepted with the printer off, killed 0.1 s after the last answer.
#[tokio::test]
async fn two_hundred_accepted_with_the_printer_off_survive_a_kill() {
    const SLIPS: usize = 200;
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    printer.fault(Fault::PowerOff);
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let mut ids = Vec::new();
    for n in 1..=SLIPS {
        ids.push(submit(&client, &name(n), 5).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    shop.kill().unwrap();

    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let queued = JobFilter { state: Some(JobState::Queued), limit: Some(500), ..JobFilter::default() };
    let there: Vec<u64> = calls::all_jobs(&client, queued).await.iter().map(|job| job.id).collect();
    assert_eq!(there, ids);
    printer.fault(Fault::PowerOn);
    for job in calls::outcomes(&shop, ids).await.values() {
        // Too short for its first proof to be judged by the clock; never printed without proof.
        assert!(matches!(job.state, JobState::Printed | JobState::Sent), "{job:#?}");
        assert_eq!((job.attempts, job.duplicate), (1, 0));
    }
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let paper = prints(&printer.events());
    let names: Vec<String> = (1..=SLIPS).map(name).collect();
    assert_eq!(paper.len(), SLIPS);
    assert_order(&paper, names.iter().map(String::as_str));
    assert_all_there(&paper, names.iter().map(String::as_str));
}

/// A dead printer in a shop that does not notice: the queue grows, and the daemon stays small.
#[tokio::test]
async fn ten_thousand_queued_jobs_survive_a_kill_in_little_memory() {
    const JOBS: usize = 10_000;
    const CLIENTS: usize = 32;
    /// Proportional set size, bytes; the build under test is not the smallest one.
    const PSS_MAX: u64 = 96 << 20;
    // Nothing listens there: the port was free a moment ago and belongs to a socket that is not a listener.
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut shop =
        Shop::new(&[PrinterEntry::new("counter", nobody)], "[jobs]\nactive-per-user-max = 20000\n").unwrap();
    shop.start().unwrap();
    let mut tasks = Vec::new();
    for first in 0..CLIENTS {
        let client = shop.client().await.unwrap();
        tasks.push(tokio::spawn(async move {
            let mut ids = Vec::new();
            for n in (first..JOBS).step_by(CLIENTS) {
                ids.push(submit(&client, &name(n), SHORT).await.unwrap());
            }
            ids
        }));
    }
    let mut ids = Vec::new();
    for task in tasks {
        ids.extend(task.await.unwrap());
    }
    ids.sort_unstable();
    let before = pss(&shop);
    shop.kill().unwrap();

    let began = Instant::now();
    shop.start().unwrap();
    println!("with {JOBS} queued: start {:?}, PSS {before} then {} bytes", began.elapsed(), pss(&shop));
    assert!(before < PSS_MAX && pss(&shop) < PSS_MAX);
    let client = shop.client().await.unwrap();
    let queued = JobFilter { active_only: Some(true), limit: Some(500), ..JobFilter::default() };
    let there: Vec<u64> = calls::all_jobs(&client, queued.clone()).await.iter().map(|job| job.id).collect();
    assert_eq!(there, ids);
    let mut tasks = Vec::new();
    for ids in ids.chunks(JOBS / CLIENTS) {
        let (client, ids) = (shop.client().await.unwrap(), ids.to_vec());
        tasks.push(tokio::spawn(async move {
            for id in ids {
                client.spooler().cancel(id, "the shop is closed").await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(calls::all_jobs(&client, queued).await.len(), 0);
    let job = client.spooler().get_job(ids[JOBS / 2]).await.unwrap();
    assert_eq!((job.state, job.reason.as_deref()), (JobState::Canceled, Some("the shop is closed")));
}

/// Proportional set size of the daemon, bytes.
fn pss(shop: &Shop) -> u64 {
    let pid = shop.pid().unwrap();
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap();
    let line = rollup.lines().find(|line| line.starts_with("Pss:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// An orderly end in the middle of a burst: who got an answer has a job, who did not can ask again.
#[tokio::test]
async fn sigterm_under_a_burst_loses_nothing_that_was_acknowledged() {
    const CLIENTS: usize = 8;
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    printer.fault(Fault::PowerOff);
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let mut tasks = Vec::new();
    let (first, mut begun) = tokio::sync::mpsc::unbounded_channel();
    for client_number in 0..CLIENTS {
        let (client, first) = (shop.client().await.unwrap(), first.clone());
        tasks.push(tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for n in (client_number..9_999).step_by(CLIENTS) {
                match submit(&client, &name(n), SHORT).await {
                    Ok(job) => acknowledged.push((job, name(n))),
                    Err(error) => return (acknowledged, name(n), error),
                }
                // The end comes after some of them.
                let _ = first.send(());
            }
            panic!("the daemon does not end");
        }));
    }
    for _ in 0..100 {
        begun.recv().await.unwrap();
    }
    shop.signal(rustix::process::Signal::TERM).unwrap();
    let mut acknowledged = BTreeMap::new();
    let mut refused = Vec::new();
    for task in tasks {
        let (jobs, name, error) = task.await.unwrap();
        acknowledged.extend(jobs);
        refused.push(name);
        let again = matches!(
            error,
            CallError::Api(ApiError::ShuttingDown(_)) | CallError::Disconnected(_) | CallError::Other(_)
        );
        assert!(again, "{error:?}");
    }
    assert!(shop.stop().unwrap().success());
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let all = calls::all_jobs(&client, JobFilter { limit: Some(500), ..JobFilter::default() }).await;
    let there: BTreeMap<u64, String> = all.into_iter().map(|job| (job.id, job.key)).collect();
    for (job, key) in &acknowledged {
        assert_eq!(there.get(job), Some(key));
    }
    // What was not acknowledged may be there all the same, once.
    assert!(there.len() <= acknowledged.len() + refused.len());
    for name in refused {
        submit(&client, &name, SHORT).await.unwrap();
    }
    let all = calls::all_jobs(&client, JobFilter { limit: Some(500), ..JobFilter::default() }).await;
    assert_eq!(all.len(), acknowledged.len() + CLIENTS);
}
