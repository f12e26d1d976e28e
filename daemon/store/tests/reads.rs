//! Reads see everything that was acknowledged: what is still in the overlay, what is in sled, both merged.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::*;
use receiptd_store::{
    CloseError, CommitError, Direction, HealthState, OpenError, Options, Store, Table, limits,
};

#[test]
fn acknowledged_rows_are_read_before_sled_has_them() {
    let dir = tempfile::tempdir().unwrap();
    let slow = Options { apply_quiet: Duration::from_secs(3600), ..options(dir.path()) };
    let (store, report) = Store::open(slow).unwrap();
    assert!(report.fresh);
    assert_eq!(
        store.commit_wait(admission(vec![put(Table::Job, b"a", b"1"), put(Table::Idem, b"i", b"x")])),
        Ok(1)
    );
    assert_eq!(store.commit_wait(progress(vec![put(Table::Job, b"b", b"2"), body(7, &[7; 50_000])])), Ok(2));
    assert_eq!(store.get(Table::Job, b"a").unwrap().as_deref(), Some(&b"1"[..]));
    assert_eq!(store.body(7).unwrap(), Some(vec![7; 50_000]));
    assert!(store.settle(WAIT), "the age bound brings it into sled");
    assert_eq!(store.health().lag, 0);
    // Now half in sled, half in the overlay.
    store.commit_wait(progress(vec![delete(Table::Job, b"a"), put(Table::Job, b"c", b"3")])).unwrap();
    store.commit_wait(progress(vec![put(Table::Job, b"b", b"22"), put(Table::Job, b"aa", b"11")])).unwrap();
    let up = store.scan(Table::Job, b"", 10, Direction::Ascending).unwrap();
    let want: Vec<(Vec<u8>, Vec<u8>)> = [("aa", "11"), ("b", "22"), ("c", "3")]
        .iter()
        .map(|(k, v)| (k.as_bytes().to_vec(), v.as_bytes().to_vec()))
        .collect();
    assert_eq!(up, want);
    let mut down = store.scan(Table::Job, b"", 10, Direction::Descending).unwrap();
    down.reverse();
    assert_eq!(down, want);
    assert_eq!(store.scan(Table::Job, b"b", 1, Direction::Descending).unwrap(), want[1..2]);
    assert_eq!(store.scan(Table::Job, b"ab", 2, Direction::Ascending).unwrap(), want[1..]);
    assert_eq!(store.scan(Table::Idem, b"", 9, Direction::Ascending).unwrap().len(), 1);
    assert_eq!(store.get(Table::Job, b"a").unwrap(), None);
    assert_eq!(store.close(), Ok::<(), CloseError>(()));
    assert!(matches!(store.get(Table::Job, b"b"), Err(receiptd_store::ReadError::Closed)));
    assert_eq!(store.commit_wait(progress(vec![])), Err(CommitError::Closed));
    drop(store);
    let (store, report) = open(dir.path());
    assert_eq!((report.last_lsn, report.replayed, report.fresh), (4, 0, false));
    assert_eq!(all(&store, Table::Job), want);
    assert_eq!(store.body(7).unwrap(), Some(vec![7; 50_000]));
}

/// As a start reads a long queue: in halves, each on a thread of its own, sled's rows and newer ones together.
#[test]
fn halves_of_a_table_read_side_by_side_are_the_table() {
    let dir = tempfile::tempdir().unwrap();
    let slow = Options { apply_quiet: Duration::from_secs(3600), ..options(dir.path()) };
    let (store, _) = Store::open(slow).unwrap();
    let key = |n: u64| n.to_be_bytes();
    for first in (0..600).step_by(100) {
        let rows = (first..first + 100).map(|n| put(Table::Active, &key(n), b"old")).collect();
        store.commit_wait(progress(rows)).unwrap();
    }
    assert!(store.settle(WAIT));
    let newer = (0..600).step_by(7).map(|n| put(Table::Active, &key(n), b"new"));
    store.commit_wait(progress(newer.chain([delete(Table::Active, &key(301))]).collect())).unwrap();
    assert_eq!(store.health().lag, 1, "half of it is not in sled");

    let half = |from: &[u8], until: Option<&[u8]>| {
        let mut rows = Vec::new();
        store.each_between(Table::Active, from, until, |k, v| rows.push((k.to_vec(), v.to_vec()))).unwrap();
        rows
    };
    let middle = key(300);
    let mut rows = std::thread::scope(|scope| {
        let later = scope.spawn(|| half(&middle, None));
        let mut rows = half(&[], Some(&middle));
        rows.append(&mut later.join().unwrap());
        rows
    });
    rows.sort();
    assert_eq!(rows.len(), 599);
    assert_eq!(rows, all(&store, Table::Active));
    assert!(
        rows.iter().all(|(k, v)| (v == b"new") == (u64::from_be_bytes(k[..].try_into().unwrap()) % 7 == 0))
    );
}

/// A key that was accepted is found, whatever was asked before: without a filter, while one is made, with one, and
/// after a restart. Nothing else is.
#[test]
fn a_known_key_is_never_taken_for_a_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let name = |n: u32| n.to_be_bytes();
    let known = |store: &Store, n: u32| store.get(Table::Idem, &name(n)).unwrap().is_some();
    let write = |store: &Store, n: u32| {
        store.commit_wait(admission(vec![put(Table::Idem, &name(n), b"job")])).unwrap();
    };
    let (store, _) = open(dir.path());
    (0..500).for_each(|n| write(&store, n));
    assert!(store.settle(WAIT));
    // Beyond this many misses a filter is made when the next rows come.
    let absent = 1_000_000..1_000_000 + 4 * limits::FILTER_AFTER;
    assert!(absent.clone().all(|n| !known(&store, n)));
    for n in 500..1_500 {
        write(&store, n);
        assert!(known(&store, n) && known(&store, n - 500), "{n}");
    }
    assert!(store.settle(WAIT));
    assert!((0..1_500).all(|n| known(&store, n)) && absent.clone().all(|n| !known(&store, n)));
    // More keys than the first filter has room for.
    let more: Vec<u32> = (1_500..1_500 + 3 * limits::FILTER_KEYS_MIN as u32).collect();
    for part in more.chunks(500) {
        let ops = part.iter().map(|n| put(Table::Idem, &name(*n), b"job")).collect();
        store.commit_wait(progress(ops)).unwrap();
    }
    assert!(store.settle(WAIT));
    assert!((0..1_500).chain(more.iter().copied()).all(|n| known(&store, n)));
    drop(store);
    let (store, _) = open(dir.path());
    assert!(absent.clone().all(|n| !known(&store, n)));
    write(&store, 2_000_000);
    assert!(store.settle(WAIT));
    assert!(more.into_iter().chain([0, 499, 1_499, 2_000_000]).all(|n| known(&store, n)));
    assert!(absent.into_iter().all(|n| !known(&store, n)));
}

/// Downwards is the same rows as upwards, whatever the keys look like: dense numbers, gaps of every size, keys
/// shorter and longer than a number.
#[test]
fn a_scan_downwards_is_the_reverse_of_one_upwards() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let numbers = (0..400).chain([1_000, 1_001, 70_000, 1 << 40, u64::MAX - 300, u64::MAX - 1, u64::MAX]);
    let mut keys: Vec<Vec<u8>> = numbers.map(|n| n.to_be_bytes().to_vec()).collect();
    keys.extend([
        vec![],
        vec![0],
        vec![0; 7],
        vec![0; 12],
        vec![5],
        vec![0xff],
        vec![0xff; 3],
        vec![0xff; 40],
    ]);
    for part in keys.chunks(100) {
        let ops = part.iter().map(|key| put(Table::Job, key, key)).collect();
        store.commit_wait(progress(ops)).unwrap();
    }
    // Neighbours of the table, which must not show.
    store
        .commit_wait(progress(vec![put(Table::Idem, &[0; 8], b"x"), put(Table::Meta, &[0xff; 8], b"x")]))
        .unwrap();
    assert!(store.settle(WAIT));
    keys.sort();
    keys.reverse();
    for (limit, from) in [(1000, 0), (1, 0), (7, 3), (1000, 5), (50, 200), (1000, keys.len() - 2)] {
        let begin = if from == 0 { &[][..] } else { &keys[from] };
        let found = store.scan(Table::Job, begin, limit, Direction::Descending).unwrap();
        let found: Vec<Vec<u8>> = found.into_iter().map(|(key, _)| key).collect();
        let want = &keys[from..keys.len().min(from + limit)];
        assert_eq!(found, want, "from {from}, at most {limit}");
    }
}

/// A job moves between two keys in one batch, again and again; no scan ever sees it twice or not at all.
#[test]
fn a_scan_is_one_moment_while_batches_come_and_go() {
    let dir = tempfile::tempdir().unwrap();
    let quick = Options { apply_quiet: Duration::from_millis(1), ..options(dir.path()) };
    let (store, _) = Store::open(quick).unwrap();
    store.commit_wait(progress(vec![put(Table::Active, b"a", b"job")])).unwrap();
    let acked = Arc::new(AtomicU64::new(0));
    let end = Instant::now() + Duration::from_secs(2);
    let mut scans = 0;
    let mut n = 0u64;
    while Instant::now() < end {
        let (from, to) = if n.is_multiple_of(2) { (b"a", b"z") } else { (b"z", b"a") };
        let acked = Arc::clone(&acked);
        let sent = store.commit(
            progress(vec![delete(Table::Active, from), put(Table::Active, to, b"job")]),
            Box::new(move |r| {
                r.unwrap();
                acked.fetch_add(1, Ordering::SeqCst);
            }),
        );
        match sent {
            Ok(()) => n += 1,
            Err(CommitError::Busy { .. }) => std::thread::yield_now(),
            Err(e) => panic!("{e}"),
        }
        for d in [Direction::Ascending, Direction::Descending] {
            assert_eq!(store.scan(Table::Active, b"", 10, d).unwrap().len(), 1);
            scans += 1;
        }
    }
    println!("{scans} scans during {} moves", acked.load(Ordering::SeqCst));
    assert!(scans > 100);
}

#[test]
fn what_breaks_a_bound_is_refused_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let cases = [
        put(Table::Job, b"k", &[0; limits::VALUE_BYTES_MAX + 1]),
        put(Table::Job, &[0; limits::KEY_BYTES_MAX + 1], b"v"),
        delete(Table::Job, &[0; limits::KEY_BYTES_MAX + 1]),
        body(1, &vec![0; limits::BODY_BYTES_MAX + 1]),
    ];
    for op in cases {
        assert!(matches!(store.commit_wait(progress(vec![op])), Err(CommitError::Invalid { .. })));
    }
    let many = (0..=limits::BATCH_ROWS_MAX as u32).map(|n| put(Table::Job, &n.to_be_bytes(), b"")).collect();
    assert!(matches!(store.commit_wait(progress(many)), Err(CommitError::Invalid { .. })));
    let most = vec![
        put(Table::Job, &[9; limits::KEY_BYTES_MAX], &[1; limits::VALUE_BYTES_MAX]),
        put(Table::Job, b"", b""),
        body(2, &vec![3; limits::BODY_BYTES_MAX]),
        body(3, &vec![4; limits::BODY_INLINE_MAX]),
        body(4, b""),
    ];
    store.commit_wait(progress(most)).unwrap();
    for _ in 0..2 {
        assert_eq!(
            store.get(Table::Job, &[9; limits::KEY_BYTES_MAX]).unwrap(),
            Some(vec![1; limits::VALUE_BYTES_MAX])
        );
        assert_eq!(store.get(Table::Job, b"").unwrap(), Some(vec![]));
        assert_eq!(store.body(2).unwrap().unwrap().len(), limits::BODY_BYTES_MAX);
        assert_eq!(store.body(3).unwrap(), Some(vec![4; limits::BODY_INLINE_MAX]));
        assert_eq!(store.body(4).unwrap(), Some(vec![]));
        assert!(store.settle(WAIT));
    }
    let health = store.health();
    assert!(health.body_file_bytes > limits::BODY_BYTES_MAX as u64, "{health:?}");
    store
        .commit_wait(progress(vec![receiptd_store::Op::DeleteBody { id: 2 }, body(3, b"now small")]))
        .unwrap();
    assert!(store.settle(WAIT));
    assert_eq!((store.body(2).unwrap(), store.body(3).unwrap()), (None, Some(b"now small".to_vec())));
    assert_eq!(store.health().body_file_bytes, 0);
    assert_eq!(store.health().state, HealthState::Ok);
}

#[test]
fn a_second_opener_is_refused_and_told_by_whom() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    match Store::open(options(dir.path())) {
        Err(OpenError::LockedBy { pid, .. }) => assert_eq!(pid, Some(std::process::id())),
        other => panic!("{other:?}"),
    }
    drop(store);
    open(dir.path());
}

#[test]
fn a_directory_that_cannot_be_used_is_named_with_the_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("no/such");
    let e = Store::open(options(&missing)).unwrap_err();
    assert!(matches!(e, OpenError::Missing { .. }) && e.to_string().contains("create it"), "{e}");
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    assert!(matches!(Store::open(options(&file)), Err(OpenError::NotWritable { .. })));
}

#[test]
fn too_much_waiting_is_refused_as_busy_and_comes_through_later() {
    let dir = tempfile::tempdir().unwrap();
    let slow = Options { flush_delay: Some(Duration::from_millis(100)), ..options(dir.path()) };
    let (store, _) = Store::open(slow).unwrap();
    let acked = Arc::new(AtomicU64::new(0));
    let mut taken = 0;
    loop {
        let acked = Arc::clone(&acked);
        let done = Box::new(move |r: Result<u64, CommitError>| {
            assert_eq!(r, Ok(acked.fetch_add(1, Ordering::SeqCst) + 1), "acknowledged in order");
        });
        match store.commit(progress(vec![put(Table::Job, &[1], b"v")]), done) {
            Ok(()) => taken += 1,
            Err(CommitError::Busy { waiting }) => {
                assert_eq!(waiting, limits::QUEUE_BATCHES_MAX);
                break;
            }
            Err(e) => panic!("{e}"),
        }
    }
    store.close().unwrap();
    assert_eq!(acked.load(Ordering::SeqCst), taken, "closing drains the queue");
}
