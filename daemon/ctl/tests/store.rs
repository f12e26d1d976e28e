//! `receiptctl store` on stores made here: sound, damaged, in use, missing.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;

use common::{SALE_MS, golden_here, receiptctl, text};
use receiptd_core::evidence::Grade;
use receiptd_core::ids::JobId;
use receiptd_core::job::{Doubt, JobState};
use receiptd_core::record::{
    COUNTERS_KEY, Counters, Cut, Identity, JobRecord, KeyRecord, PartPlan, Policy, PrinterRecord, Shape,
    Tail, encode, job_key,
};
use receiptd_core::story::{Story, What};
use receiptd_core::time::Wall;
use receiptd_store::{Batch, Class, Op, Options, Store, Table};
use serde_json::Value;

fn record() -> JobRecord {
    let mut record = JobRecord {
        id: JobId(42),
        state: JobState::Printed(Grade::A),
        owner: 4_000_001,
        key: "T1-B7-0042".into(),
        key_hash: [7; 16],
        printer: "counter".into(),
        title: "签购单 18.50".into(),
        copy: "customer".into(),
        accepted: Wall(SALE_MS),
        finished: Some(Wall(SALE_MS + 2_000)),
        expires: None,
        lifetime_ms: None,
        policy: Policy::Reprint,
        shape: Shape {
            bytes: 1480,
            parts: [PartPlan { end: 1400, line: 31, dots: 976 }].into_iter().collect(),
            tail: Tail::of(0),
        },
        cut: Cut::Done,
        attempts: 2,
        copies_before: 0,
        reprint_of: None,
        original_accepted: Wall(SALE_MS),
        open: Vec::new(),
        confirmed_line: 31,
        reprints: 0,
        story: Story::new(),
    };
    record.note(Wall(SALE_MS), What::Accepted { by: 4_000_001 });
    record.note(Wall(SALE_MS + 100), What::Sending { attempt: 1, copy_number: 1 });
    record.note(Wall(SALE_MS + 900), What::Interrupted { why: Doubt::LinkLost, line: 12 });
    record.note(Wall(SALE_MS + 1_000), What::Sending { attempt: 2, copy_number: 2 });
    record.note(Wall(SALE_MS + 2_000), What::Printed(Grade::A));
    record.note(Wall(SALE_MS + 2_000), What::CutDone);
    record
}

/// A store with one of each row, closed.
fn store(dir: &Path) {
    let (store, _) = Store::open(Options::new(dir)).expect("opens");
    let put = |table, key: &[u8], value| Op::Put { table, key: key.to_vec(), value };
    let printer = PrinterRecord {
        identity: Identity {
            maker: "EPSON".to_owned(),
            model: "TM-T82III".to_owned(),
            ..Identity::default()
        },
        ..PrinterRecord::default()
    };
    let ops = vec![
        put(Table::Meta, COUNTERS_KEY, encode(&Counters { next_job: 43, next_id: 9 })),
        put(Table::Job, &job_key(JobId(42)), encode(&record())),
        put(Table::Job, &job_key(JobId(41)), vec![9, 9]),
        put(Table::Idem, &[7; 16], encode(&KeyRecord { content: [1; 32], first: JobId(42), count: 1 })),
        put(Table::Printer, b"counter", encode(&printer)),
        Op::PutBody { id: 42, bytes: b"the receipt itself".as_slice().into() },
    ];
    store.commit_wait(Batch { class: Class::Admission, ops }).expect("commits");
    assert!(store.settle(std::time::Duration::from_secs(10)));
    store.close().expect("closes");
}

fn run(verb: &str, dir: &Path, more: &[&str]) -> std::process::Output {
    let dir = dir.to_str().expect("path");
    receiptctl(&[&["store", verb, dir], more].concat())
}

#[test]
fn a_sound_store_is_called_sound_in_both_languages() {
    let dir = tempfile::tempdir().expect("dir");
    store(dir.path());
    let english = run("check", dir.path(), &[]);
    assert_eq!(english.status.code(), Some(0), "{}", text(&english.stderr));
    assert!(text(&english.stdout).contains("is sound"), "{}", text(&english.stdout));
    let chinese = run("check", dir.path(), &["--lang", "zh"]);
    assert!(text(&chinese.stdout).contains("存储完好"), "{}", text(&chinese.stdout));
    let json: Value = serde_json::from_slice(&run("check", dir.path(), &["--json"]).stdout).expect("object");
    assert_eq!((json["type"].as_str(), json["sound"].as_bool()), (Some("store-check"), Some(true)), "{json}");
    assert_eq!(json["records"], 6, "{json}");
}

#[test]
fn an_export_is_readable_and_has_no_receipts_in_it() {
    let dir = tempfile::tempdir().expect("dir");
    store(dir.path());
    let output = run("export", dir.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let exported = text(&output.stdout);
    let receipt: String = "the receipt itself".bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!exported.contains(&receipt) && !exported.contains("the receipt itself"));
    golden_here("export.jsonl", &exported);
    let raw = run("export", dir.path(), &["--raw"]);
    assert!(text(&raw.stdout).contains(&receipt));
    let file = dir.path().join("out.jsonl");
    let to_file = run("export", dir.path(), &["--output", file.to_str().expect("path")]);
    assert_eq!((to_file.status.code(), to_file.stdout.len()), (Some(0), 0));
    assert_eq!(std::fs::read_to_string(file).expect("file"), exported);
}

#[test]
fn a_damaged_journal_ends_with_8() {
    let dir = tempfile::tempdir().expect("dir");
    store(dir.path());
    let journal = std::fs::read_dir(dir.path().join("journal"))
        .expect("journal")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "seg"))
        .max_by_key(|path| path.metadata().map(|m| m.len()).unwrap_or(0))
        .expect("segment");
    let mut bytes = std::fs::read(&journal).expect("reads");
    let place = bytes.windows(4).position(|window| window == b"the ").expect("the body");
    bytes[place] ^= 0x55;
    std::fs::write(&journal, bytes).expect("writes");
    let output = run("check", dir.path(), &[]);
    assert_eq!(output.status.code(), Some(8), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("is damaged"), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("copy the directory first"), "{}", text(&output.stderr));
    assert!(
        !text(&output.stderr).contains("rebuild"),
        "never build from what is damaged: {}",
        text(&output.stderr)
    );
}

#[test]
fn a_lost_index_is_rebuilt() {
    let dir = tempfile::tempdir().expect("dir");
    store(dir.path());
    std::fs::remove_file(dir.path().join("spool/CURRENT")).expect("removes");
    let damaged = run("check", dir.path(), &[]);
    assert_eq!(damaged.status.code(), Some(8));
    assert!(text(&damaged.stderr).contains("receiptctl store rebuild"), "{}", text(&damaged.stderr));
    let rebuilt = run("rebuild", dir.path(), &["--json"]);
    assert_eq!(rebuilt.status.code(), Some(0), "{}", text(&rebuilt.stderr));
    let json: Value = serde_json::from_slice(&rebuilt.stdout).expect("object");
    assert_eq!((json["type"].as_str(), json["records"].as_u64()), (Some("store-rebuild"), Some(6)), "{json}");
    assert_eq!(run("check", dir.path(), &[]).status.code(), Some(0));
}

#[test]
fn a_store_in_use_or_missing_is_not_touched() {
    let dir = tempfile::tempdir().expect("dir");
    let missing = run("check", &dir.path().join("nothing"), &[]);
    assert_eq!(missing.status.code(), Some(2), "{}", text(&missing.stderr));
    assert!(text(&missing.stderr).contains("[StoreMissing]"), "{}", text(&missing.stderr));

    let (open, _) = Store::open(Options::new(dir.path())).expect("opens");
    for verb in ["check", "export", "rebuild"] {
        let refused = run(verb, dir.path(), &[]);
        assert_eq!(refused.status.code(), Some(1), "{verb}");
        assert!(text(&refused.stderr).contains("systemctl stop receiptd"), "{}", text(&refused.stderr));
    }
    open.close().expect("closes");
}

#[test]
fn what_root_rebuilds_still_belongs_to_the_daemon() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    fn all(dir: &Path) -> Vec<std::path::PathBuf> {
        let entries =
            std::fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
        entries
            .flat_map(
                |path| if path.is_dir() { [vec![path.clone()], all(&path)].concat() } else { vec![path] },
            )
            .collect()
    }

    const DAEMON: u32 = 4_000_002;
    let dir = tempfile::tempdir().expect("a directory");
    let spool = dir.path().join("spool");
    std::fs::create_dir(&spool).expect("made");
    store(&spool);
    let owned = |path: &Path| std::os::unix::fs::lchown(path, Some(DAEMON), Some(DAEMON));
    if owned(&spool).is_err() {
        eprintln!("left out: it takes root to give files away");
        return;
    }
    all(&spool).iter().for_each(|path| owned(path).expect("root gives"));
    // A name that leads out of the store gives nothing away.
    let outside = dir.path().join("outside");
    std::fs::write(&outside, "root's").expect("written");
    std::os::unix::fs::symlink(&outside, spool.join("spool/link")).expect("a link");
    std::fs::hard_link(&outside, spool.join("spool/second-name")).expect("a second name");
    let output = receiptctl(&["store", "rebuild", &spool.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(std::fs::metadata(&outside).expect("there").uid(), 0);
    for path in all(&spool).iter().filter(|path| !path.ends_with("link") && !path.ends_with("second-name")) {
        let found = std::fs::symlink_metadata(path).expect("there");
        assert_eq!((found.uid(), found.gid()), (DAEMON, DAEMON), "{}", path.display());
    }
    let current = std::fs::symlink_metadata(spool.join("spool/CURRENT")).expect("there");
    assert_eq!(current.permissions().mode() & 0o777, 0o600);
}
