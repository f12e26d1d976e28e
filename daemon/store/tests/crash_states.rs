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
use receiptd_store::{Batch, OpenReport, Options, Store, Table};

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

/// Commits so many batches; what each leaves is pushed to the models.
fn play(store: &Store, recorder: &Recorder, count: u64, models: &mut Vec<Model>, rng: &mut Rng) {
    for _ in 0..count {
        let n = models.len() as u64;
        let (batch, effect) = batch(n, rng);
        let mut model = models.last().unwrap().clone();
        for (k, v) in effect {
            match v {
                Some(v) => model.insert(k, v),
                None => model.remove(&k),
            };
        }
        models.push(model);
        let r = recorder.clone();
        let (tx, rx) = std::sync::mpsc::channel();
        let done = move |done: Result<u64, _>| {
            r.ack(done.unwrap());
            let _ = tx.send(());
        };
        store.commit(batch, Box::new(done)).unwrap();
        // Some wait, so that groups of one and of several batches occur.
        if n.is_multiple_of(7) {
            rx.recv().unwrap();
        }
    }
}

/// Nothing acknowledged is missing, and no batch is there in part.
fn check(store: &Store, report: &OpenReport, acked: u64, models: &[Model], context: &str) {
    assert!(report.last_lsn >= acked, "acknowledged up to {acked}. {context}");
    assert!(!report.lost && report.journal_damage.is_empty(), "{context}");
    let mut found: Model = all(store, Table::Job).into_iter().collect();
    for id in 0..5 {
        if let Some(bytes) = store.body(id).unwrap() {
            found.insert(format!("body{id}").into_bytes(), bytes);
        }
    }
    let model = &models[report.last_lsn as usize];
    assert!(found == *model, "the content is that of batch {}. {context}", report.last_lsn);
}

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
        let first = Options {
            disk: Arc::new(recorder.clone()),
            // Small, so that cleaning happens inside the run.
            clean_floor: 1_500_000,
            compact_floor: 1 << 30,
            apply_quiet: Duration::from_millis(rng.below(4)),
            ..options(&home)
        };
        let (store, _) = Store::open(first).unwrap();
        let mut models: Vec<Model> = vec![Model::new()];
        play(&store, &recorder, 400, &mut models, &mut rng);
        assert!(store.settle(WAIT));
        drop(store);
        let checkpoints = files(&home.join("journal"))
            .iter()
            .filter(|f| f.extension().is_some_and(|e| e == "ckpt"))
            .count();
        assert!(checkpoints > 0, "the run is long enough for a cleaning");
        let all_models = models.clone();
        for _ in 0..30 {
            let cut = rng.below(recorder.len() as u64 + 1) as usize;
            let to = base.path().join("state");
            let acked = recorder.crash(cut, &mut rng, &home, &to);
            std::fs::create_dir_all(&to).unwrap();
            unnamed += u64::from(has_unnamed_segment(&to));
            let again = Recorder::over(&to);
            let there = again.len();
            let (store, report) =
                Store::open(Options { disk: Arc::new(again.clone()), ..options(&to) }).unwrap();
            let context = format!("SEED={seed} run {run} cut {cut}: {report:?}");
            check(&store, &report, acked, &models, &context);
            torn += u64::from(report.torn_tail);
            states += 1;
            // And the power goes once more.
            models.truncate(report.last_lsn as usize + 1);
            play(&store, &again, 1 + rng.below(150), &mut models, &mut rng);
            drop(store);
            let cut = there + rng.below((again.len() - there) as u64 + 1) as usize;
            let second = base.path().join("second");
            let acked = acked.max(again.crash(cut, &mut rng, &to, &second));
            std::fs::create_dir_all(&second).unwrap();
            unnamed += u64::from(has_unnamed_segment(&second));
            let (store, report) = open(&second);
            check(&store, &report, acked, &models, &format!("{context}, then cut {cut}: {report:?}"));
            drop(store);
            std::fs::remove_dir_all(&to).unwrap();
            std::fs::remove_dir_all(&second).unwrap();
            models.clone_from(&all_models);
        }
        std::fs::remove_dir_all(&home).unwrap();
    }
    println!(
        "{states} crash states, each followed by a second one, {torn} with a torn tail, {unnamed} with a segment that had no name yet: \
         nothing acknowledged was missing"
    );
    assert!(torn > 0 && unnamed > 0);
}
