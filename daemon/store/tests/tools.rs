//! The technician's tools: check, export, rebuild; refused while a daemon runs.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::history::{Model, batch};
use common::*;
use receiptd_store::{OfflineError, OpenError, offline};

#[test]
fn tools_refuse_while_the_store_is_open_and_work_when_it_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    for n in 1..=80 {
        store.commit_wait(batch(n)).unwrap();
    }
    let me = Some(std::process::id());
    for refused in [
        offline::check(dir.path()).map(drop),
        offline::export(dir.path(), &mut Vec::new()).map(drop),
        offline::rebuild(dir.path()).map(drop),
    ] {
        assert!(matches!(refused, Err(OfflineError::Open(OpenError::LockedBy { pid, .. })) if pid == me));
    }
    store.close().unwrap();
    drop(store);
    let want = Model::at(80);
    let records = (want.rows.len() + want.bodies.len()) as u64;
    let report = offline::check(dir.path()).unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.records, report.last_lsn, report.applied_lsn), (records, 80, 80));

    let mut out = Vec::new();
    let exported = offline::export(dir.path(), &mut out).unwrap();
    assert_eq!((exported.records, exported.damaged_places), (records, 0));
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len() as u64, records + 2);
    let hex = |b: &[u8]| b.iter().map(|b| format!("{b:02x}")).collect::<String>();
    for ((table, key), value) in &want.rows {
        let name = receiptd_store::Table::from_byte(*table).unwrap().name();
        let line = format!(r#"{{"table":"{name}","key":"{}","value":"{}"}}"#, hex(key), hex(value));
        assert!(lines.contains(&line.as_str()), "{line}");
    }
    for (id, bytes) in &want.bodies {
        assert!(lines.contains(&format!(r#"{{"body":{id},"bytes":"{}"}}"#, hex(bytes)).as_str()));
    }

    let rebuilt = offline::rebuild(dir.path()).unwrap();
    assert_eq!(rebuilt.records, records);
    assert!(rebuilt.open.rebuilt.is_some() && !rebuilt.open.lost);
    let (store, report) = open(dir.path());
    assert_eq!(report.rebuilt, None);
    assert_eq!(Model::of(&store, 80), want);
}

#[test]
fn check_names_the_damage_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    for n in 1..=40 {
        store.commit_wait(batch(n)).unwrap();
    }
    store.close().unwrap();
    drop(store);
    let segment = files(&dir.path().join("journal")).pop().unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[3000] ^= 1;
    std::fs::write(&segment, &bytes).unwrap();
    let before: Vec<_> = files(dir.path())
        .into_iter()
        .filter(|f| !f.ends_with("lock"))
        .map(|f| std::fs::read(f).unwrap())
        .collect();
    let report = offline::check(dir.path()).unwrap();
    assert!(!report.is_clean() && !report.journal_damage.is_empty(), "{report:?}");
    let after: Vec<_> = files(dir.path())
        .into_iter()
        .filter(|f| !f.ends_with("lock"))
        .map(|f| std::fs::read(f).unwrap())
        .collect();
    assert!(before == after, "check is read-only");
    let missing = dir.path().join("nothing");
    assert!(matches!(offline::check(&missing), Err(OfflineError::Open(OpenError::Missing { .. }))));
}
