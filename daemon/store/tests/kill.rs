//! Acknowledged batches survive SIGKILL: this test program starts itself as a child that writes and
//! reports each acknowledgement, and kills it at a random moment.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::history::{Model, Models, batch};
use common::*;
use receiptd_store::{CommitError, Options, Store};

const DIR: &str = "RECEIPTD_STORE_KILL_DIR";

fn small(dir: &Path) -> Options {
    Options {
        clean_floor: 3 << 20,
        compact_floor: 4 << 20,
        apply_quiet: Duration::from_millis(2),
        ..options(dir)
    }
}

/// The child: only does something when it is told where.
#[test]
fn child() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let (store, report) = Store::open(small(Path::new(&dir))).unwrap();
    println!("acked {}", report.last_lsn);
    let out = Arc::new(Mutex::new(std::io::stdout()));
    let mut n = report.last_lsn + 1;
    loop {
        let out = Arc::clone(&out);
        let done = Box::new(move |r: Result<u64, CommitError>| {
            let mut out = out.lock().unwrap();
            writeln!(out, "acked {}", r.unwrap()).unwrap();
            out.flush().unwrap();
        });
        match store.commit(batch(n), done) {
            Ok(()) => n += 1,
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
        if n.is_multiple_of(20) {
            std::thread::sleep(Duration::from_millis(3));
        }
    }
}

#[test]
fn acknowledged_batches_survive_sigkill() {
    let dir = tempfile::tempdir().unwrap();
    let mut rng = Rng::new(5);
    let mut models = Models::default();
    let (mut kills, mut behind) = (0, 0);
    for _ in 0..25 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env(DIR, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .filter_map(|l| l.split_once("acked ").and_then(|(_, n)| n.parse::<u64>().ok()))
                .max()
        });
        std::thread::sleep(Duration::from_millis(40 + rng.below(160)));
        child.kill().unwrap();
        child.wait().unwrap();
        let acked = reader.join().unwrap().unwrap_or(0);
        let (store, report) = Store::open(small(dir.path())).unwrap();
        assert!(report.last_lsn >= acked, "acknowledged {acked}: {report:?}");
        assert!(report.rebuilt.is_none() && !report.lost && report.journal_damage.is_empty(), "{report:?}");
        let found = Model::of(&store, report.last_lsn);
        let want = models.at(report.last_lsn);
        assert!(found == *want, "{} {report:?}", found.diff(want));
        behind += u64::from(report.replayed > 0);
        kills += 1;
        drop(store);
    }
    println!("{kills} kills, {behind} times with batches sled did not have yet");
}
