//! Callers who share a disk with slow flushes: a group may be waited for, and everybody is answered all the same.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use common::*;
use receiptd_store::{Looked, Options, Store, Table};

/// More than a group is waited for.
const CALLERS: u64 = 32;

/// So long that a caller who asks again at once comes in time, on a busy machine too.
const FLUSH: Duration = Duration::from_millis(30);

fn slow(dir: &std::path::Path) -> Store {
    let slow = Options { flush_delay: Some(FLUSH), ..options(dir) };
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
fn all_who_share_a_slow_disk_share_its_flushes_and_are_answered_when_most_have_left() {
    let dir = tempfile::tempdir().unwrap();
    let store = slow(dir.path());
    ask(&store, CALLERS, 0, 20);
    let together = store.health().groups;
    // Most have left. For those who are still there, a group is waited for in vain at first.
    ask(&store, 3, 20, 5);
    ask(&store, 1, 25, 5);
    let groups = store.health().groups;
    println!("{together} flushes for {} batches, then {} for 20", CALLERS * 20, groups - together);
    // In two halves, of which one has always just missed the flush, it would be twice twenty.
    assert!(together < 30, "all share a flush: {together}");
    assert_eq!(all(&store, Table::Job).len() as u64, CALLERS * 20 + 3 * 5 + 5);
}

#[test]
fn closing_while_others_are_waited_for_loses_nothing() {
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

/// Commits again from within each answer, so that the committer never finds an empty queue, until it is told to stop.
fn again(store: &Store, answers: &Arc<AtomicU64>, stop: &Arc<AtomicBool>, hundredth: mpsc::Sender<()>) {
    let (more, answered, told) = (store.clone(), Arc::clone(answers), Arc::clone(stop));
    let done = Box::new(move |result: Result<_, _>| {
        result.unwrap();
        if answered.fetch_add(1, Ordering::SeqCst).is_multiple_of(100) {
            hundredth.send(()).unwrap();
        }
        if !told.load(Ordering::SeqCst) {
            again(&more, &answered, &told, hundredth);
        }
    });
    let key = answers.load(Ordering::SeqCst).to_be_bytes();
    store.commit(progress(vec![put(Table::Job, &key, b"x")]), done).unwrap();
}

#[test]
fn the_watchdog_does_not_take_a_busy_store_for_one_that_hangs() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(options(dir.path())).unwrap().0;
    let (answers, stop) = (Arc::default(), Arc::default());
    let (told, hundredth) = mpsc::channel();
    again(&store, &answers, &stop, told);
    let (mut looked, mut looks, mut last) = (Looked::default(), 0, 0);
    while looks < 10 {
        hundredth.recv_timeout(WAIT).expect("it goes on");
        // Something happened since the last look, however late this thread is.
        if answers.load(Ordering::SeqCst) >= last + 100 {
            assert_eq!(store.stuck(&mut looked), None);
            last = answers.load(Ordering::SeqCst);
            looks += 1;
        }
    }
    stop.store(true, Ordering::SeqCst);
    while hundredth.recv_timeout(WAIT).is_ok() {}
}
