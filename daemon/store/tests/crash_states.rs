//! What a power cut may leave of the journal and the body files when the disk loses, reorders and tears
//! what was not synced. The recording disk sees everything the store writes itself; sled's own files it
//! cannot see, so sled is missing in every state and is rebuilt from the journal: this proves the journal.
//! (`power_cut.rs` cuts whole file systems, sled included.)
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use common::faulty::Recorder;
use common::*;
use receiptd_store::{Batch, Options, Store, Table};

/// The content after each batch is known by its number.
type Effect = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn batch(n: u64, rng: &mut Rng) -> (Batch, Effect) {
    let mut effect = Vec::new();
    let mut ops = Vec::new();
    for _ in 0..=rng.below(4) {
        let key = format!("k{:02}", rng.below(40)).into_bytes();
        if rng.below(4) == 0 {
            ops.push(delete(Table::Job, &key));
            effect.push((key, None));
        } else {
            let size = rng.below(3000) as usize;
            let value = rng.bytes(size);
            ops.push(put(Table::Job, &key, &value));
            effect.push((key, Some(value)));
        }
    }
    ops.push(put(Table::Meta, b"n", &n.to_be_bytes()));
    if rng.below(6) == 0 {
        let id = rng.below(5);
        let size = if rng.below(2) == 0 { 10_000 } else { 40_000 };
        let bytes = rng.bytes(size);
        effect.push((format!("body{id}").into_bytes(), Some(bytes.clone())));
        ops.push(body(id, &bytes));
    }
    (progress(ops), effect)
}

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

#[test]
fn any_state_a_cut_may_leave_has_all_acknowledged_batches_and_no_half_one() {
    let seed = std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_250_801u64);
    println!("SEED={seed}");
    let mut rng = Rng::new(seed);
    let base =
        tempfile::tempdir_in(if Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" }).unwrap();
    let mut states = 0;
    let mut torn = 0;
    let mut unnamed = 0;
    for run in 0..7 {
        let home = base.path().join(format!("run{run}"));
        let recorder = Recorder::default();
        let options = Options {
            disk: Arc::new(recorder.clone()),
            // Small, so that cleaning happens inside the run.
            clean_floor: 1_500_000,
            compact_floor: 1 << 30,
            apply_quiet: Duration::from_millis(rng.below(4)),
            ..options(&home)
        };
        let (store, _) = Store::open(options).unwrap();
        let mut models: Vec<Model> = vec![Model::new()];
        for n in 1..=400u64 {
            let (batch, effect) = batch(n, &mut rng);
            let mut model = models.last().unwrap().clone();
            for (k, v) in effect {
                match v {
                    Some(v) => model.insert(k, v),
                    None => model.remove(&k),
                };
            }
            models.push(model);
            let r = recorder.clone();
            let last = n.is_multiple_of(7);
            let (tx, rx) = std::sync::mpsc::channel();
            store
                .commit(
                    batch,
                    Box::new(move |done| {
                        r.ack(done.unwrap());
                        let _ = tx.send(());
                    }),
                )
                .unwrap();
            // Some wait, so that groups of one and of several batches occur.
            if last {
                rx.recv().unwrap();
            }
        }
        assert!(store.settle(WAIT));
        drop(store);
        let checkpoints = files(&home.join("journal"))
            .iter()
            .filter(|f| f.extension().is_some_and(|e| e == "ckpt"))
            .count();
        assert!(checkpoints > 0, "the run is long enough for a cleaning");
        for _ in 0..30 {
            let cut = rng.below(recorder.len() as u64 + 1) as usize;
            let to = base.path().join("state");
            let acked = recorder.crash(cut, &mut rng, &home, &to);
            std::fs::create_dir_all(&to).unwrap();
            unnamed += u64::from(has_unnamed_segment(&to));
            let (store, report) = open(&to);
            let context = format!("SEED={seed} run {run} cut {cut}: {report:?}");
            assert!(report.last_lsn >= acked, "acknowledged up to {acked}. {context}");
            assert!(!report.lost && report.journal_damage.is_empty(), "{context}");
            let model = &models[report.last_lsn as usize];
            let mut found: Model = all(&store, Table::Job).into_iter().collect();
            for id in 0..5 {
                if let Some(bytes) = store.body(id).unwrap() {
                    found.insert(format!("body{id}").into_bytes(), bytes);
                }
            }
            assert!(found == *model, "the content is that of batch {}. {context}", report.last_lsn);
            // It goes on from there.
            assert_eq!(
                store.commit_wait(progress(vec![put(Table::Meta, b"x", b"y")])),
                Ok(report.last_lsn + 1),
                "{context}"
            );
            torn += u64::from(report.torn_tail);
            states += 1;
            drop(store);
            std::fs::remove_dir_all(&to).unwrap();
        }
        std::fs::remove_dir_all(&home).unwrap();
    }
    println!(
        "{states} crash states, {torn} with a torn tail, {unnamed} with a segment that had no name yet: nothing \
         acknowledged was missing"
    );
    assert!(torn > 0 && unnamed > 0);
}
