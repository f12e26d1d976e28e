//! Random operations, closes, crashes and maintenance against a map in memory.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;
use std::time::Duration;

use common::history::Model;
use common::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use receiptd_store::{Op, Options, Store, Table, offline};

#[derive(Debug, Clone)]
enum Step {
    Commit(Vec<(u8, u8, u16)>),
    /// The process is killed and started again: what was acknowledged is in the files.
    Crash,
    Close,
    Maintain,
    Settle,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => prop::collection::vec((any::<u8>(), 0..24u8, 0..4096u16), 0..6).prop_map(Step::Commit),
        1 => Just(Step::Crash),
        1 => Just(Step::Close),
        1 => Just(Step::Maintain),
        2 => Just(Step::Settle),
    ]
}

fn op(kind: u8, key: u8, size: u16) -> Op {
    let table = Table::ALL[usize::from(key) % Table::ALL.len()];
    match kind % 8 {
        0..=3 => put(table, &[key / 5], &vec![kind; usize::from(size)]),
        4 | 5 => delete(table, &[key / 5]),
        6 => body(u64::from(key), &vec![kind; usize::from(size) * 11]),
        _ => Op::DeleteBody { id: u64::from(key) },
    }
}

fn start(dir: &Path) -> (Store, receiptd_store::OpenReport) {
    let small = Options {
        clean_floor: 1_200_000,
        compact_floor: 700_000,
        apply_quiet: Duration::from_millis(1),
        ..options(dir)
    };
    Store::open(small).unwrap()
}

fn check(store: &Store, model: &Model) {
    let found = Model::of(store, 24);
    assert!(found == *model, "{}", found.diff(model));
}

fn play(steps: Vec<Step>) {
    let base = loopfs::base();
    let mut home = base.path().join("0");
    let (mut store, _) = start(&home);
    let mut model = Model::default();
    let mut last = 0;
    for (i, step) in steps.into_iter().enumerate() {
        match step {
            Step::Commit(ops) => {
                let batch = progress(ops.into_iter().map(|(a, b, c)| op(a, b, c)).collect());
                model.apply(batch.clone());
                last += 1;
                assert_eq!(store.commit_wait(batch), Ok(last));
            }
            Step::Settle => assert!(store.settle(WAIT)),
            Step::Maintain => {
                store.maintain();
                assert!(store.settle(WAIT));
            }
            Step::Close | Step::Crash => {
                if matches!(step, Step::Close) {
                    store.close().unwrap();
                    drop(store);
                    assert!(offline::check(&home).unwrap().is_clean());
                } else {
                    // The files as they are after the last acknowledgement; sled at rest, since it cannot
                    // be copied while it writes.
                    assert!(store.settle(WAIT));
                    let copy = base.path().join(format!("{}", i + 1));
                    copy_dir(&home, &copy);
                    drop(store);
                    std::fs::remove_dir_all(&home).unwrap();
                    home = copy;
                }
                let report;
                (store, report) = start(&home);
                assert_eq!((report.last_lsn, &report.rebuilt), (last, &None), "{report:?}");
            }
        }
        check(&store, &model);
    }
}

#[test]
fn any_sequence_of_operations_and_restarts_reads_like_a_map() {
    let config = Config { cases: 40, failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed: u64 = std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(now);
    println!("SEED={seed}");
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed.to_le_bytes().repeat(4));
    TestRunner::new_with_rng(config, rng)
        .run(&prop::collection::vec(step(), 1..60), |steps| {
            play(steps);
            Ok(())
        })
        .unwrap();
}
