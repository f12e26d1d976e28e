//! Space: what was deleted gives its room back, in the journal and in sled, also with mixed lifetimes.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use common::*;
use receiptd_store::{CommitError, Op, Options, Store, Table};

#[test]
fn after_20_000_puts_and_deletes_the_disk_holds_at_most_three_times_what_lives() {
    let dir = tempfile::tempdir().unwrap();
    let small = Options { apply_quiet: Duration::from_millis(5), ..options(dir.path()) };
    let (store, _) = Store::open(small).unwrap();
    let mut rng = Rng::new(1);
    let mut peak = 0;
    for n in 0..20_000u64 {
        let mut ops: Vec<Op> = vec![put(Table::Job, &n.to_be_bytes(), &rng.bytes(1500))];
        // One in eight lives for ever, the others for 500 batches.
        if n >= 500 && !(n - 500).is_multiple_of(8) {
            ops.push(delete(Table::Job, &(n - 500).to_be_bytes()));
        }
        loop {
            match store.commit(progress(ops.clone()), Box::new(|r| assert!(r.is_ok()))) {
                Ok(()) => break,
                Err(CommitError::Busy { .. }) => std::thread::sleep(Duration::from_micros(500)),
                Err(e) => panic!("{e}"),
            }
        }
        if n.is_multiple_of(500) {
            let h = store.health();
            peak = peak.max(h.journal_bytes + h.sled_bytes);
        }
    }
    assert!(store.settle(WAIT));
    store.maintain();
    assert!(store.settle(Duration::from_secs(60)));
    let h = store.health();
    println!("peak {peak} bytes; at the end {h:?}");
    let rows = 2_500 + 437;
    assert!((rows - 5..rows + 5).contains(&(h.rows as i64)), "{h:?}");
    assert!(h.journal_bytes <= (3 * h.live_bytes).max(9 << 20), "{h:?}");
    assert!(h.sled_bytes <= (3 * h.live_bytes).max(17 << 20), "{h:?}");
    assert!(peak < 120 << 20, "also under load it stays within bounds: {peak}");
    assert_eq!(h.rebuilds, 0);
    store.close().unwrap();
    drop(store);
    let (store, report) = open(dir.path());
    assert!(report.rebuilt.is_none() && report.journal_damage.is_empty());
    assert_eq!(all(&store, Table::Job).len() as u64, h.rows);
}
