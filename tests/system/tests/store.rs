//! The spool under pressure: a full disk, damaged files, a wrong folder, a second daemon.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use receiptd_api::{ApiError, CallError, Client, Document, JobFilter, JobState, Kind, SubmitOptions};
use receiptd_system_tests::calls::{self, SHORT, name, outcome, outcomes, submit};
use receiptd_system_tests::disk::is_root;
use receiptd_system_tests::paper::{assert_all_there, prints};
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, quick_printer};
use virtual_printer::{Fault, VirtualPrinter};

/// Bytes of the small disk: room for the daemon's own files and a few hundred large bodies.
const DISK_BYTES: u64 = 32 << 20;

#[tokio::test]
async fn a_full_disk_refuses_new_receipts_prints_the_old_ones_and_recovers_by_itself() {
    if !is_root("a_full_disk_refuses_new_receipts_prints_the_old_ones_and_recovers_by_itself") {
        return;
    }
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.small_disk(DISK_BYTES).unwrap();
    printer.fault(Fault::PowerOff);
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let mut ids = Vec::new();
    for n in 1..=10 {
        ids.push(submit(&client, &name(n), SHORT).await.unwrap());
    }
    // Somebody else fills the disk to its last byte.
    let hog = shop.spool().join("core.dump");
    let mut file = fs::File::create(&hog).unwrap();
    while file.write(&[7; 65_536]).is_ok_and(|n| n > 0) {}
    // Whoever asks before the charge is told, although nothing was refused yet.
    let can = client.spooler().can_print("", 80).await.unwrap();
    assert!(can.reasons.iter().any(|reason| reason == "store-full"), "{can:?}");
    assert_eq!(client.spooler().properties().await.unwrap().0.store_state, "full");
    let refused = submit(&client, "S0011", SHORT).await.unwrap_err();
    assert!(matches!(refused, CallError::Api(ApiError::StoreFull(_))), "{refused:?}");
    // What was accepted comes out all the same, and is recorded.
    printer.fault(Fault::PowerOn);
    for job in outcomes(&shop, ids.clone()).await.values() {
        assert_eq!((job.state, job.attempts), (JobState::Printed, 1), "{job:#?}");
    }
    let refused = submit(&client, "S0011", SHORT).await.unwrap_err();
    assert!(matches!(refused, CallError::Api(ApiError::StoreFull(_))), "{refused:?}");
    drop(file);
    fs::remove_file(&hog).unwrap();
    // And is told of the room as well, without handing anything in.
    let patience = tokio::time::Instant::now() + PATIENCE;
    while !client.spooler().can_print("", 80).await.unwrap().can {
        assert!(tokio::time::Instant::now() < patience, "it never can again");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let eleventh = submit(&client, "S0011", SHORT).await.unwrap();
    assert_eq!(outcome(&shop, eleventh).await.state, JobState::Printed);
    assert_eq!(client.spooler().properties().await.unwrap().0.store_state, "ok");
    shop.kill().unwrap();
    shop.start().unwrap();
    for job in outcomes(&shop, ids).await.values() {
        assert_eq!(job.state, JobState::Printed, "{job:#?}");
    }
    let names: Vec<String> = (1..=11).map(name).collect();
    let paper = prints(&printer.events());
    assert_all_there(&paper, names.iter().map(String::as_str));
    assert_eq!(paper.len(), 11);
}

/// The daemon itself fills it: what was acknowledged on the way is there.
#[tokio::test]
async fn filling_the_disk_with_receipts_loses_none_of_them() {
    if !is_root("filling_the_disk_with_receipts_loses_none_of_them") {
        return;
    }
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    printer.fault(Fault::PowerOff);
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.small_disk(DISK_BYTES).unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let mut ids = Vec::new();
    let full = loop {
        assert!(ids.len() < 500, "the disk never gets full");
        // 100 KB each: bodies in files of their own.
        let text = format!("{}\n", "x".repeat(48)).repeat(2_000);
        let key = format!("large-{}", ids.len());
        let options = SubmitOptions::default();
        let answer = client.spooler().submit(&key, "", Kind::Text, Document(text.as_bytes()), &options).await;
        match answer {
            Ok(done) => ids.push(done.jobs[0].0),
            Err(error) => break error,
        }
    };
    assert!(matches!(full, CallError::Api(ApiError::StoreFull(_))), "{full:?}");
    println!("{} receipts of 100 KB in {DISK_BYTES} bytes", ids.len());
    assert!(ids.len() > 20);
    for id in ids.iter().step_by(2) {
        client.spooler().cancel(*id, "too many").await.unwrap();
    }
    shop.kill().unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let all = calls::all_jobs(&client, JobFilter { limit: Some(500), ..JobFilter::default() }).await;
    assert_eq!(all.iter().map(|job| job.id).collect::<Vec<_>>(), ids);
    let canceled = all.iter().filter(|job| job.state == JobState::Canceled).count();
    assert_eq!(canceled, ids.len().div_ceil(2));
}

/// A client that hands in and cancels fills the disk with what is kept of that. It keeps nobody from handing in for long, and
/// costs nobody's receipt.
#[tokio::test]
async fn who_fills_the_disk_with_what_he_cancels_harms_nobody_else() {
    if !is_root("who_fills_the_disk_with_what_he_cancels_harms_nobody_else") {
        return;
    }
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.small_disk(DISK_BYTES).unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let sale = submit(&client, "sale", SHORT).await.unwrap();
    assert_eq!(outcome(&shop, sale).await.state, JobState::Printed);
    printer.fault(Fault::PowerOff);
    // Both were canceled but wanted after all; one comes out at once, the other one at the end.
    let mut canceled = Vec::new();
    let mut again = Vec::new();
    for key in ["first", "last"] {
        let options = SubmitOptions::default();
        let text = large();
        let submit = client.spooler().submit(key, "", Kind::Text, Document(text.as_bytes()), &options);
        let job = submit.await.unwrap().jobs[0].0;
        client.spooler().cancel(job, "by mistake").await.unwrap();
        canceled.push(job);
        again.push(client.spooler().reprint(job, "after all", &format!("{key}-again")).await.unwrap());
        if key == "first" {
            printer.fault(Fault::PowerOn);
            assert_eq!(outcome(&shop, again[0]).await.state, JobState::Printed);
            printer.fault(Fault::PowerOff);
        }
    }
    for _ in 0..3 {
        fill(&client, &mut canceled).await;
        room(&client).await;
    }
    println!("{} jobs of 100 KB canceled", canceled.len());
    // The disk is as full as before when the daemon starts again.
    fill(&client, &mut canceled).await;
    shop.kill().unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    room(&client).await;
    let all = calls::all_jobs(&client, JobFilter { limit: Some(500), ..JobFilter::default() }).await;
    let fates = all.iter().filter(|job| job.state == JobState::Canceled).map(|job| job.id);
    assert_eq!(fates.collect::<Vec<_>>(), canceled, "what became of them is known");
    for job in [sale, again[0]] {
        let receipt = client.spooler().get_receipt(job).await.unwrap();
        assert!(!receipt.bytes.is_empty(), "the content of what came out is there");
    }
    let gone = all.iter().filter(|job| !job.body_available).count();
    assert!(gone > 100 && gone < canceled.len(), "{gone} of {}", canceled.len());
    printer.fault(Fault::PowerOn);
    assert_eq!(outcome(&shop, again[1]).await.state, JobState::Printed);
    let next = submit(&client, "next", SHORT).await.unwrap();
    assert_eq!(outcome(&shop, next).await.state, JobState::Printed);
}

/// 100 KB: a body in a file of its own.
fn large() -> String {
    format!("{}\n", "x".repeat(48)).repeat(2_000)
}

/// Hands in and cancels until the disk is full.
async fn fill(client: &Client, canceled: &mut Vec<u64>) {
    let text = large();
    loop {
        assert!(canceled.len() < 10_000, "the disk never gets full");
        let key = format!("fill-{}", canceled.len());
        let options = SubmitOptions::default();
        let submit = client.spooler().submit(&key, "", Kind::Text, Document(text.as_bytes()), &options);
        let job = match submit.await {
            Ok(done) => done.jobs[0].0,
            Err(CallError::Api(ApiError::StoreFull(_))) => return,
            Err(other) => panic!("{other}"),
        };
        client.spooler().cancel(job, "not wanted").await.unwrap();
        canceled.push(job);
    }
}

/// Waits until receipts are accepted again.
async fn room(client: &Client) {
    let patience = tokio::time::Instant::now() + PATIENCE;
    while client
        .spooler()
        .can_print("", 80)
        .await
        .unwrap()
        .reasons
        .iter()
        .any(|reason| reason == "store-full")
    {
        assert!(tokio::time::Instant::now() < patience, "it makes no room");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_wrong_folder_is_named_with_what_to_do() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let entries = [PrinterEntry::new("counter", printer.addr())];
    let mut shop = Shop::new(&entries, "").unwrap();
    // A file is in the place of the folder.
    fs::write(shop.spool(), "not a folder").unwrap();
    let (status, said) = shop.start_in_vain().unwrap();
    assert_eq!(status.code(), Some(73), "{said}");
    assert!(said.contains(shop.spool().to_str().unwrap()), "{said}");
    fs::remove_file(shop.spool()).unwrap();
    // The folder above is missing.
    shop.configure(&entries, "").unwrap();
    let config = fs::read_to_string(shop.config()).unwrap();
    let missing = shop.path().join("no").join("where");
    fs::write(shop.config(), config.replace(shop.spool().to_str().unwrap(), missing.to_str().unwrap()))
        .unwrap();
    let (status, said) = shop.start_in_vain().unwrap();
    assert_eq!(status.code(), Some(73), "{said}");
    assert!(said.contains(missing.to_str().unwrap()) && said.contains("create it"), "{said}");
    // Once it is right, it starts.
    shop.configure(&entries, "").unwrap();
    shop.start().unwrap();
    assert!(shop.stop().unwrap().success());
}

#[tokio::test]
async fn a_file_system_that_is_read_only_is_named() {
    if !is_root("a_file_system_that_is_read_only_is_named") {
        return;
    }
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.small_disk(DISK_BYTES).unwrap();
    shop.start().unwrap();
    shop.stop().unwrap();
    let remount = |how: &str| {
        let status = std::process::Command::new("mount").args(["-o", how]).arg(shop.spool()).status();
        assert!(status.unwrap().success());
    };
    remount("remount,ro");
    let (status, said) = shop.start_in_vain().unwrap();
    assert_eq!(status.code(), Some(73), "{said}");
    assert!(said.contains("read-write") || said.contains("Read-only"), "{said}");
    remount("remount,rw");
    shop.start().unwrap();
}

#[tokio::test]
async fn a_second_daemon_is_refused_and_the_first_goes_on() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let entries = [PrinterEntry::new("counter", printer.addr())];
    let mut shop = Shop::new(&entries, "").unwrap();
    shop.start().unwrap();
    let (status, said) = shop.start_in_vain().unwrap();
    assert_eq!(status.code(), Some(73), "{said}");
    assert!(said.contains(&format!("process {}", shop.pid().unwrap())), "{said}");
    // The same socket, another spool.
    let other = Shop::new(&entries, "").unwrap();
    let config = fs::read_to_string(other.config()).unwrap();
    let config = config.replace(other.socket().to_str().unwrap(), shop.socket().to_str().unwrap());
    fs::write(other.config(), config).unwrap();
    let (status, said) = other.start_in_vain().unwrap();
    assert_eq!(status.code(), Some(76), "{said}");
    assert!(said.contains(shop.socket().to_str().unwrap()) && said.contains("twice"), "{said}");
    let job = submit(&shop.client().await.unwrap(), "S0001", SHORT).await.unwrap();
    assert_eq!(outcome(&shop, job).await.state, JobState::Printed);
}

#[test]
fn a_socket_path_that_is_too_long_or_nowhere_is_named() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    let config = fs::read_to_string(shop.config()).unwrap();
    let long = shop.path().join("x".repeat(120));
    let nowhere = shop.path().join("no").join("api.sock");
    for (path, says) in [(&long, "107"), (&nowhere, "api.sock")] {
        let text = config.replace(shop.socket().to_str().unwrap(), path.to_str().unwrap());
        fs::write(shop.config(), text).unwrap();
        let (status, said) = shop.start_in_vain().unwrap();
        assert_eq!(status.code(), Some(76), "{said}");
        assert!(said.contains(says), "{said}");
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.metadata().unwrap().len() > 0 {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Ways to damage a file.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Flipped,
    Truncated,
    Zeroed,
    Gone,
}

impl Damage {
    fn to(self, path: &Path) {
        let len = path.metadata().unwrap().len();
        match self {
            Self::Flipped => {
                let mut file = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
                let mut byte = [0];
                let at = (len / 3).min(200);
                file.seek(SeekFrom::Start(at)).unwrap();
                file.read_exact(&mut byte).unwrap();
                file.seek(SeekFrom::Start(at)).unwrap();
                file.write_all(&[byte[0] ^ 0x55]).unwrap();
            }
            Self::Truncated => {
                fs::OpenOptions::new().write(true).open(path).unwrap().set_len(len / 2).unwrap()
            }
            Self::Zeroed => fs::write(path, vec![0; len as usize]).unwrap(),
            Self::Gone => fs::remove_file(path).unwrap(),
        }
    }
}

/// Each file of a stopped spool, damaged in each way, one at a time: the daemon starts, and what it then says of
/// the jobs is what was true, or it says that something is lost.
#[tokio::test]
async fn whatever_file_is_damaged_it_starts_and_tells() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let entries = [PrinterEntry::new("counter", printer.addr())];
    let mut shop = Shop::new(&entries, "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let mut done = Vec::new();
    for n in 1..=3 {
        done.push(submit(&client, &name(n), SHORT).await.unwrap());
    }
    outcomes(&shop, done.clone()).await;
    printer.fault(Fault::PowerOff);
    let mut waiting = Vec::new();
    let hold = SubmitOptions { hold: Some(true), ..SubmitOptions::default() };
    for n in 4..=6 {
        let document = calls::slip(&name(n), SHORT);
        waiting.push(calls::submit_as(&client, &name(n), "", &document, &hold).await.unwrap().jobs[0].0);
    }
    // One whose body is too large for the index.
    let text = format!("{}\n", "x".repeat(48)).repeat(1_500);
    let large = client.spooler().submit("large", "", Kind::Text, Document(text.as_bytes()), &hold).await;
    waiting.push(large.unwrap().jobs[0].0);
    shop.stop().unwrap();
    let original = shop.path().join("original");
    copy(&shop.spool(), &original);
    let files = files_below(&original);
    assert!(files.len() >= 3, "{files:?}");
    for file in &files {
        for damage in [Damage::Flipped, Damage::Truncated, Damage::Zeroed, Damage::Gone] {
            let what = format!("{damage:?} {}", file.strip_prefix(&original).unwrap().display());
            fs::remove_dir_all(shop.spool()).unwrap();
            copy(&original, &shop.spool());
            damage.to(&shop.spool().join(file.strip_prefix(&original).unwrap()));
            let before = shop.log().len();
            shop.start().unwrap_or_else(|why| panic!("{what}: {why}"));
            let client = shop.client().await.unwrap();
            let jobs = calls::all_jobs(&client, JobFilter::default()).await;
            let log = shop.log()[before..].to_owned();
            let told = ["lost", "rebuilt", "damage", "quarantine"].iter().any(|word| log.contains(word));
            for job in &jobs {
                let expected = if done.contains(&job.id) { JobState::Printed } else { JobState::Held };
                assert_eq!(job.state, expected, "{what}: {job:#?}");
            }
            let whole = jobs.len() == done.len() + waiting.len();
            println!("{what}: {} jobs{}", jobs.len(), if told { ", told" } else { "" });
            assert!(whole || told, "{what}: {} jobs, and not a word:\n{log}", jobs.len());
            // Numbers are never used again, whatever was lost.
            let new = submit(&client, "S0099", SHORT).await.unwrap();
            assert!(jobs.iter().all(|job| job.id != new), "{what}: number {new} twice");
            shop.kill().unwrap();
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
