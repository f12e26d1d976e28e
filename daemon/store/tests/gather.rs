//! Callers who share a disk with slow flushes: a group may be waited for, and nobody waits in vain for long.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::mpsc;
use std::time::Duration;

use common::*;
use receiptd_store::{Options, Store, Table};

/// More than a group is waited for.
const CALLERS: u64 = 32;

fn slow(dir: &std::path::Path) -> Store {
    let slow = Options { flush_delay: Some(Duration::from_millis(5)), ..options(dir) };
    Store::open(slow).unwrap().0
}

fn key(caller: u64, n: u64) -> Vec<u8> {
    [caller.to_be_bytes(), n.to_be_bytes()].concat()
}

/// Each caller asks again once it is answered, `times` times.
fn ask(store: &Store, callers: u64, from: u64, times: u64) {
    let (answered, answers) = mpsc::channel();
    let commit = |caller: u64, n: u64| {
        let answered = answered.clone();
        let done = Box::new(move |result: Result<_, _>| answered.send((caller, n, result)).unwrap());
        store.commit(progress(vec![put(Table::Job, &key(caller, n), b"x")]), done).unwrap();
    };
    (0..callers).for_each(|caller| commit(caller, from));
    for _ in 0..callers * times {
        let (caller, n, result) = answers.recv_timeout(WAIT).expect("an answer");
        result.unwrap();
        if n + 1 < from + times {
            commit(caller, n + 1);
        }
    }
}

#[test]
fn all_who_share_a_slow_disk_are_answered_and_who_leaves_keeps_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let store = slow(dir.path());
    ask(&store, CALLERS, 0, 20);
    let together = store.health().groups;
    // Most have left. For those who are still there, a group is waited for in vain at first.
    ask(&store, 3, 20, 20);
    ask(&store, 1, 40, 20);
    let groups = store.health().groups;
    println!("{together} flushes for {} batches, then {} for 80", CALLERS * 20, groups - together);
    assert!(together < CALLERS * 20 / 2, "many share a flush");
    assert_eq!(all(&store, Table::Job).len() as u64, CALLERS * 20 + 3 * 20 + 20);
}

#[test]
fn closing_does_not_wait_for_others() {
    let dir = tempfile::tempdir().unwrap();
    let store = slow(dir.path());
    ask(&store, CALLERS, 0, 5);
    // Half of them come again, and the store is closed.
    let (answered, answers) = mpsc::channel();
    for caller in 0..CALLERS / 2 {
        let answered = answered.clone();
        let batch = progress(vec![put(Table::Job, &key(caller, 5), b"x")]);
        store.commit(batch, Box::new(move |result| answered.send(result).unwrap())).unwrap();
    }
    store.close().unwrap();
    drop(answered);
    let results: Vec<_> = answers.iter().collect();
    assert_eq!(results.len() as u64, CALLERS / 2);
    assert!(results.iter().all(Result::is_ok));
    drop(store);
    assert_eq!(all(&open(dir.path()).0, Table::Job).len() as u64, CALLERS * 5 + CALLERS / 2);
}
