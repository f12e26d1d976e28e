//! P4: the same key and content give the same jobs again, at whatever moment they are asked for; the same key
//! with other content is a named error.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::collections::BTreeSet;

use receiptd_api::{ApiError, CallError, JobFilter, JobState, SubmitOptions};
use receiptd_system_tests::calls::{self, SHORT, outcomes, slip, submit, submit_as};
use receiptd_system_tests::paper::prints;
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, documents, quick_printer};
use virtual_printer::VirtualPrinter;

const KEY: &str = "898320148160001-00000001-000123-004567";

fn is_conflict(error: &CallError) -> bool {
    matches!(error, CallError::Api(ApiError::KeyConflict(_)))
}

#[tokio::test]
async fn eight_connections_at_once_get_the_same_jobs() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let client = shop.client().await.unwrap();
        tasks.push(tokio::spawn(async move {
            submit_as(&client, KEY, "", documents::UNIONPAY_SALE, &SubmitOptions::default()).await
        }));
    }
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap().unwrap());
    }
    let sets: BTreeSet<Vec<(u64, String)>> = answers.iter().map(|a| a.jobs.clone()).collect();
    assert_eq!(sets.len(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|a| !a.existed).count(), 1);
    let jobs = sets.into_iter().next().unwrap();
    assert_eq!(jobs.iter().map(|(_, copy)| copy.as_str()).collect::<Vec<_>>(), ["merchant", "customer"]);
    outcomes(&shop, jobs.iter().map(|(id, _)| *id)).await;
    let client = shop.client().await.unwrap();
    assert_eq!(calls::all_jobs(&client, JobFilter::default()).await.len(), 2);
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    assert_eq!(printer.snapshot().cuts, 2);
}

#[tokio::test]
async fn before_and_after_the_end_and_across_restarts_it_stays_one() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    assert_eq!(submit(&client, "S0001", SHORT).await.unwrap(), job);
    assert!(is_conflict(&submit(&client, "S0001", SHORT + 1).await.unwrap_err()));
    let (document, options) = (slip("S0001", SHORT), SubmitOptions::default());
    shop.kill().unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    assert_eq!(submit(&client, "S0001", SHORT).await.unwrap(), job);
    assert!(is_conflict(&submit(&client, "S0001", SHORT + 1).await.unwrap_err()));
    assert_eq!(outcomes(&shop, [job]).await[&job].state, JobState::Printed);
    assert_eq!(submit(&client, "S0001", SHORT).await.unwrap(), job);
    shop.stop().unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let again = submit_as(&client, "S0001", "", &document, &options);
    let again = again.await.unwrap();
    assert!(again.existed && again.jobs == [(job, "single".to_owned())], "{again:?}");
    assert!(is_conflict(&submit(&client, "S0001", SHORT + 1).await.unwrap_err()));
    assert_eq!(client.spooler().find_jobs("S0001").await.unwrap(), [job]);
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let unmarked = prints(&printer.events()).iter().filter(|print| print.mark.is_none()).count();
    assert!(unmarked <= 1);
}

/// The default printer is the same whether it is named or not, also when it is the default no more; another printer
/// is other content.
#[tokio::test]
async fn the_default_printer_is_the_same_with_and_without_its_name() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let other = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let (counter, kitchen) =
        (|| PrinterEntry::new("counter", printer.addr()), || PrinterEntry::new("kitchen", other.addr()));
    let mut shop = Shop::new(&[counter(), kitchen()], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let (document, options) = (slip("S0001", SHORT), SubmitOptions::default());
    let unnamed = submit_as(&client, "unnamed", "", &document, &options).await.unwrap();
    let named = submit_as(&client, "named", "counter", &document, &options).await.unwrap();
    outcomes(&shop, [unnamed.jobs[0].0, named.jobs[0].0]).await;
    for round in 0..2 {
        let client = shop.client().await.unwrap();
        for (key, first) in [("unnamed", &unnamed), ("named", &named)] {
            let again = submit_as(&client, key, "counter", &document, &options).await.unwrap();
            assert!(again.existed && again.jobs == first.jobs, "round {round}: {again:?}");
            let again = submit_as(&client, key, "", &document, &options).await.unwrap();
            assert!(again.existed && again.jobs == first.jobs, "round {round}: {again:?}");
            let elsewhere = submit_as(&client, key, "kitchen", &document, &options).await;
            assert!(is_conflict(&elsewhere.unwrap_err()), "round {round}");
        }
        // The same after another printer became the default.
        shop.stop().unwrap();
        shop.configure(&[kitchen(), counter()], "").unwrap();
        shop.start().unwrap();
    }
    assert_eq!(prints(&other.events()).len(), 0);
}

/// A cashier presses twice: one more copy, not two.
#[tokio::test]
async fn a_reprint_asked_for_twice_is_one_copy() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    outcomes(&shop, [job]).await;
    let one = client.spooler().reprint(job, "lost", "again-1").await.unwrap();
    assert_eq!(client.spooler().reprint(job, "lost", "again-1").await.unwrap(), one);
    outcomes(&shop, [one]).await;
    assert_eq!(client.spooler().reprint(job, "lost", "again-1").await.unwrap(), one);
    assert!(is_conflict(&client.spooler().reprint(one, "lost", "S0001").await.unwrap_err()));
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    assert_eq!(prints(&printer.events()).len(), 2);
}
