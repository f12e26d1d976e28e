//! P6: slips of one printer come out in the order in which they were accepted; a watcher hears of each change
//! in order; another printer's trouble is its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::collections::BTreeMap;

use receiptd_api::{JobState, SubmitOptions};
use receiptd_system_tests::calls::{self, SHORT, Watch, name, outcome, outcomes, slip, submit, submit_as};
use receiptd_system_tests::paper::{assert_order, prints};
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, quick_printer};
use virtual_printer::{Fault, VirtualPrinter};

#[tokio::test]
async fn many_clients_at_once_come_out_in_the_order_of_their_numbers() {
    const CLIENTS: usize = 8;
    const SLIPS: usize = 40;
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let mut tasks = Vec::new();
    for first in 0..CLIENTS {
        let client = shop.client().await.unwrap();
        tasks.push(tokio::spawn(async move {
            let mut mine = Vec::new();
            for n in (first..SLIPS).step_by(CLIENTS) {
                mine.push((submit(&client, &name(n), SHORT).await.unwrap(), name(n)));
            }
            mine
        }));
    }
    let mut accepted = BTreeMap::new();
    for task in tasks {
        let mine = task.await.unwrap();
        assert!(mine.is_sorted(), "one client's slips are accepted in its order: {mine:?}");
        accepted.extend(mine);
    }
    outcomes(&shop, accepted.keys().copied()).await;
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let paper = prints(&printer.events());
    assert_eq!(paper.len(), SLIPS);
    assert_order(&paper, accepted.values().map(String::as_str));
}

#[tokio::test]
async fn a_watcher_hears_every_change_in_order() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let mut watch = Watch::begin(&shop).await;
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(submit(&client, &name(n), SHORT).await.unwrap());
    }
    let last = ids[19];
    let mut heard: BTreeMap<u64, Vec<JobState>> = BTreeMap::new();
    loop {
        let job = watch.next().await;
        heard.entry(job.id).or_default().push(job.state);
        if job.id == last && calls::is_over(&job) {
            break;
        }
    }
    assert_eq!(heard.keys().copied().collect::<Vec<_>>(), ids);
    for (id, states) in heard {
        let rank = |state: &JobState| match state {
            JobState::Queued => 0,
            JobState::Sending => 1,
            JobState::Printed => 2,
            other => panic!("job {id} was {other}"),
        };
        assert!(states.is_sorted_by_key(rank), "job {id}: {states:?}");
        assert!(states.contains(&JobState::Sending) && states.contains(&JobState::Printed), "{states:?}");
    }
}

#[tokio::test]
async fn two_printers_do_not_wait_for_each_other() {
    let kitchen = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let counter = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    kitchen.fault(Fault::PaperEnd);
    let printers =
        [PrinterEntry::new("counter", counter.addr()), PrinterEntry::new("kitchen", kitchen.addr())];
    let mut shop = Shop::new(&printers, "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let options = SubmitOptions::default();
    let mut there = Vec::new();
    for n in 0..5 {
        let key = format!("kitchen-{n}");
        let done = submit_as(&client, &key, "kitchen", &slip(&name(n), SHORT), &options).await.unwrap();
        there.push(done.jobs[0].0);
        let here = submit(&client, &name(n), SHORT).await.unwrap();
        assert_eq!(outcome(&shop, here).await.state, JobState::Printed);
    }
    assert_eq!(kitchen.snapshot().lines, 0);
    kitchen.fault(Fault::LoadPaper { mm: None });
    for job in outcomes(&shop, there).await.values() {
        assert_eq!((job.state, job.attempts), (JobState::Printed, 1), "{job:#?}");
    }
    kitchen.wait_for(|s| s.idle, PATIENCE).unwrap();
    let names: Vec<String> = (0..5).map(name).collect();
    assert_order(&prints(&kitchen.events()), names.iter().map(String::as_str));
    assert_order(&prints(&counter.events()), names.iter().map(String::as_str));
}
