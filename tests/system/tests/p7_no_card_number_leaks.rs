//! P7: a full card number is never stored, printed, logged or told: wherever in a submission it stands, in the spool, on
//! paper, in the log and in every answer there is a masked one at most.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::path::Path;

use receiptd_api::{ApiError, CallError, Document, JobFilter, Kind, SubmitOptions};
use receiptd_system_tests::calls::{self, outcomes};
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, quick_printer};
use sha2::{Digest, Sha256};
use virtual_printer::{VirtualPrinter, What};

/// A number of Visa's for tests.
const CARD: &str = "4111111111111111";
const MASKED: &str = "411111******1111";

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

#[tokio::test]
async fn wherever_it_stands_it_is_masked_before_it_reaches_the_disk() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let debug = "[log]\nlevel = \"trace\"\n";
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], debug).unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let json = format!(
        r#"{{"version":1,"title":"Sale {CARD}","lines":[{{"text":{{"text":"JSON {CARD}"}}}},
        {{"columns":{{"columns":[{{"text":"4111 1111"}},{{"text":"1111 1111"}}]}}}}]}}"#
    );
    let text = format!("TEXT {CARD}\nend\n");
    let raw = format!("RAW {CARD}\n");
    let options = SubmitOptions { title: Some(format!("Title {CARD}")), ..SubmitOptions::default() };
    let mut jobs = Vec::new();
    for (n, (kind, document)) in
        [(Kind::Json, &json), (Kind::Text, &text), (Kind::Raw, &raw)].into_iter().enumerate()
    {
        let key = format!("order {n} of {CARD}");
        let submit = || client.spooler().submit(&key, "", kind, Document(document.as_bytes()), &options);
        let submitted = submit().await.unwrap();
        assert_eq!(submitted.masked, Some(if kind == Kind::Json { 3 } else { 1 }), "{kind:?}");
        // The key is the caller's own, with the number in it.
        let again = submit().await.unwrap();
        assert_eq!((again.jobs.clone(), again.existed, again.masked), (submitted.jobs, true, None));
        assert_eq!(client.spooler().find_jobs(&key).await.unwrap(), [again.jobs[0].0]);
        let filter = JobFilter { key: Some(key), ..JobFilter::default() };
        assert_eq!(calls::all_jobs(&client, filter).await.len(), 1);
        jobs.push(again.jobs[0].0);
    }
    outcomes(&shop, jobs.iter().copied()).await;
    let again =
        client.spooler().reprint(jobs[0], &format!("lost, {CARD}"), &format!("again {CARD}")).await.unwrap();
    outcomes(&shop, [again]).await;
    let held = SubmitOptions { hold: Some(true), ..SubmitOptions::default() };
    let held = calls::submit_as(&client, "held", "", &json, &held).await.unwrap().jobs[0].0;
    client.spooler().cancel(held, &format!("card {CARD}")).await.unwrap();

    for job in calls::all_jobs(&client, JobFilter::default()).await {
        let whole = client.spooler().get_job(job.id).await.unwrap();
        let told = format!("{whole:?}");
        assert!(!told.contains(CARD), "{told}");
        assert!(told.contains(MASKED), "{told}");
    }
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let lines = printer.events().into_iter().filter_map(|event| match event.what {
        What::Line { text, .. } => Some(text),
        _ => None,
    });
    let paper = lines.collect::<Vec<_>>().join("\n");
    for kind in ["Sale", "JSON", "TEXT", "RAW"] {
        assert!(paper.contains(&format!("{kind} {MASKED}")), "{paper}");
    }
    assert!(paper.contains("4111 11**") && !paper.replace(' ', "").contains(CARD), "{paper}");

    shop.stop().unwrap();
    for file in files(&shop.spool()) {
        let bytes = std::fs::read(&file).unwrap();
        let there = bytes.windows(CARD.len()).any(|window| window == CARD.as_bytes());
        assert!(!there, "{} has the number", file.display());
    }
    assert!(!shop.log().contains(CARD), "{}", shop.log());
}

/// What the daemon remembers a document by, to know it again.
fn hash(kind: &str, document: &str) -> Vec<u8> {
    let mut hash = Sha256::new().chain_update(7_u64.to_le_bytes()).chain_update("counter");
    hash.update([kind.len() as u8]);
    hash.update(kind);
    hash.update(document);
    hash.finalize().to_vec()
}

#[tokio::test]
async fn no_hash_of_a_document_tells_the_hidden_digits_to_whoever_tries_them() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let document = |text: &str| format!(r#"{{"version":1,"lines":[{{"text":{{"text":"{text}"}}}}]}}"#);
    let (with, without) = (document(&format!("card {CARD}")), document("no card"));
    for (key, document) in [("with", &with), ("without", &without)] {
        let options = SubmitOptions::default();
        let first = calls::submit_as(&client, key, "", document, &options).await.unwrap();
        let again = calls::submit_as(&client, key, "", document, &options).await.unwrap();
        assert!(!first.existed && again.existed, "{key}: the same again is known");
        let other = document.replace("card", "other");
        let conflict = calls::submit_as(&client, key, "", &other, &options).await;
        assert!(matches!(conflict, Err(CallError::Api(ApiError::KeyConflict(_)))), "{conflict:?}");
    }
    shop.stop().unwrap();
    let stored: Vec<u8> = files(&shop.spool()).iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
    let has = |hash: Vec<u8>| stored.windows(hash.len()).any(|window| window == hash);
    assert!(has(hash("json", &without)), "this test looks for the wrong thing");
    assert!(!has(hash("json", &with)));
}

#[tokio::test]
async fn what_cannot_be_masked_or_must_not_be_is_refused_and_nothing_of_it_is_kept() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let rule = "[cards]\naction = \"refuse\"\n";
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], rule).unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    for (document, named) in [
        (format!(r#"{{"version":1,"lines":[{{"text":{{"text":"{CARD}"}}}}]}}"#), "$.lines[0].text.text"),
        (format!(r#"{{"version":1,"lines":[{{"qr":{{"data":"{CARD}"}}}}]}}"#), "$.lines[0].qr.data"),
        (
            format!(r#"{{"version":1,"lines":[{{"text":{{"text":";{CARD}=29122010000012345?"}}}}]}}"#),
            "track data",
        ),
    ] {
        let error = calls::submit_as(&client, "refused", "", &document, &SubmitOptions::default()).await;
        let Err(CallError::Api(ApiError::InvalidDocument(message))) = error else { panic!("{error:?}") };
        assert!(message.contains(named) && !message.contains(CARD), "{message}");
    }
    assert!(calls::all_jobs(&client, JobFilter::default()).await.is_empty());
    shop.stop().unwrap();
    for file in files(&shop.spool()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(CARD.len()).any(|window| window == CARD.as_bytes()), "{}", file.display());
    }
}

#[tokio::test]
async fn a_rule_that_shows_too_much_is_refused_by_name() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let shop =
        Shop::new(&[PrinterEntry::new("counter", printer.addr())], "[cards]\nkeep-last = 9\n").unwrap();
    let (status, log) = shop.start_in_vain().unwrap();
    assert!(!status.success());
    assert!(log.contains("cards.keep-last is 9; 0 to 4 is allowed"), "{log}");
}
