//! Rows as sled has them, which nobody outside sees.

use super::*;
use crate::disk::OsDisk;
use crate::types::{Change, Table};

fn spool() -> (tempfile::TempDir, SledSpool) {
    let folder = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(OsDisk);
    let bodies = folder.path().join("bodies");
    std::fs::create_dir(&bodies).unwrap();
    let spool = SledSpool::open(&disk, &folder.path().join("sled"), &bodies).unwrap();
    spool.set_origin(7, 0).unwrap();
    (folder, spool)
}

fn batch(lsn: Lsn, changes: Vec<Change>) -> Durable {
    let weight = changes.iter().map(Change::weight).sum();
    Durable { lsn, changes, weight }
}

fn job(id: u64, value: &[u8]) -> Change {
    let key = [&[Table::Job as u8][..], &id.to_be_bytes()].concat();
    Change::Put { key: key.into(), value: value.into() }
}

fn body_of(id: u64, bytes: &[u8]) -> Change {
    Change::PutBody { id, bytes: bytes.into() }
}

#[test]
fn a_short_body_that_an_older_version_put_into_a_row_of_its_own_is_read_and_replaced() {
    let (_folder, spool) = spool();
    let old = b"printed by an older version".to_vec();
    let head = Head { placed: Placed::Rows, ..Head::of(&old) };
    let rows = [(body::key(5, 0), head.encode(&old)), (body::key(5, 1), old.clone())];
    let mut state = spool.state();
    for (key, value) in &rows {
        spool.db.insert(key, envelope::wrap(key, value)).unwrap();
        state.rows += 1;
        state.live_bytes += (key.len() + value.len() + envelope::OVERHEAD) as u64;
    }
    state.records += 1;
    *lock(&spool.state) = state;
    spool.verify(|| false).unwrap();
    assert_eq!(spool.body(5).unwrap(), Some(old));

    spool.apply([batch(1, vec![body_of(5, b"anew")])].iter()).unwrap();
    spool.verify(|| false).unwrap();
    assert_eq!(spool.body(5).unwrap(), Some(b"anew".to_vec()));
    assert_eq!(spool.state().rows, 1, "the row of its own went");
}

#[test]
fn rows_are_counted_once_whether_sled_had_them_or_not_and_after_it_was_opened_again() {
    let (folder, spool) = spool();
    spool.apply([batch(1, vec![job(10, b"a"), job(30, b"b"), body_of(30, b"bytes")])].iter()).unwrap();
    // Between the greatest and the smallest, on one that is there, and beyond all.
    spool.apply([batch(2, vec![job(20, b"c"), job(30, b"longer"), job(40, b"d")])].iter()).unwrap();
    spool.verify(|| false).unwrap();
    assert_eq!(spool.state().rows, 5);
    drop(spool);

    let disk: Arc<dyn Disk> = Arc::new(OsDisk);
    let spool = SledSpool::open(&disk, &folder.path().join("sled"), &folder.path().join("bodies")).unwrap();
    spool.apply([batch(3, vec![job(40, b"e"), Change::DeleteBody { id: 30 }])].iter()).unwrap();
    spool.verify(|| false).unwrap();
    assert_eq!(spool.state().rows, 4);
}

#[test]
fn what_comes_and_goes_between_two_applies_is_never_written() {
    let (_folder, spool) = spool();
    let key: Arc<[u8]> = [&[Table::Active as u8][..], &9_u64.to_be_bytes()].concat().into();
    let put = Change::Put { key: Arc::clone(&key), value: (*b"under way").into() };
    spool.apply([batch(1, vec![put]), batch(2, vec![Change::Delete { key }])].iter()).unwrap();
    spool.verify(|| false).unwrap();
    assert_eq!((spool.state().rows, spool.state().applied), (0, 2));
}

#[test]
fn no_more_is_applied_at_once_than_sled_was_tried_with_in_power_cuts() {
    let (_folder, spool) = spool();
    let batches: Vec<_> =
        (1..=700).map(|n| batch(n, (0..5).map(|k| job(n * 10 + k, b"row")).collect())).collect();
    let (mut rest, mut commits) = (&batches[..], 0);
    while !rest.is_empty() {
        let before = spool.state().rows;
        let done = spool.apply(rest.iter()).unwrap();
        assert_eq!(done.last, rest[done.batches - 1].lsn);
        assert!(spool.state().rows - before <= limits::SLED_BATCH_ROWS_MAX as u64);
        rest = &rest[done.batches..];
        commits += 1;
    }
    assert_eq!((spool.state().rows, commits), (3500, 2));
    spool.verify(|| false).unwrap();

    // A large one is never split: it goes alone.
    let large: Vec<u8> = vec![1; limits::BODY_INLINE_MAX];
    let bodies: Vec<_> = (0..40).map(|id| body_of(id, &large)).collect();
    let two = [batch(701, bodies), batch(702, vec![job(9999, b"row")])];
    assert_eq!(spool.apply(two.iter()).unwrap(), Applied { batches: 1, last: 701 });
    spool.verify(|| false).unwrap();
}
