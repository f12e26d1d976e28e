//! What a commit costs, in one run against the disk's own flush: raw append + fdatasync, the store with 1
//! and 64 writers, opening with rows, memory, and wake-ups when idle. Ratios travel between machines;
//! absolute times do not.
//!
//! `cargo run --release -p receiptd-store --example commit_bench [-- <directory> [<flush delay in ms>]]`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use receiptd_store::{Batch, Class, CommitError, Op, Options, Store, Table};

const BYTES: usize = 2048;
const TIME: Duration = Duration::from_secs(3);

/// One job: its row, the caller's key, its state, and a body.
fn job(n: u64) -> Batch {
    let id = n.to_be_bytes();
    let ops = vec![
        Op::Put { table: Table::Job, key: id.to_vec(), value: vec![b'r'; 300] },
        Op::Put { table: Table::Idem, key: id.repeat(2), value: id.to_vec() },
        Op::Put { table: Table::Active, key: id.to_vec(), value: vec![] },
        Op::PutBody { id: n, bytes: vec![b'b'; BYTES - 400].into() },
    ];
    Batch { class: Class::Progress, ops }
}

fn forget(n: u64) -> Batch {
    let id = n.to_be_bytes().to_vec();
    let mut batch = job(n + 1000);
    batch.ops.extend([
        Op::Delete { table: Table::Job, key: id.clone() },
        Op::Delete { table: Table::Idem, key: id.repeat(2) },
        Op::Delete { table: Table::Active, key: id },
        Op::DeleteBody { id: n },
    ]);
    batch
}

/// Appends and syncs, file growing (`grow`) or filled with zeros before.
fn raw(dir: &Path, grow: bool, delay: Duration) -> f64 {
    use std::os::unix::fs::FileExt;
    let path = dir.join("raw");
    let mut file = std::fs::File::create(&path).unwrap();
    if !grow {
        file.write_all(&vec![0; 32 << 20]).unwrap();
        file.sync_all().unwrap();
    }
    let bytes = vec![b'x'; BYTES];
    let (start, mut n) = (Instant::now(), 0u64);
    let mut times = Vec::new();
    while start.elapsed() < TIME && (n + 1) * (BYTES as u64) < 32 << 20 {
        let t = Instant::now();
        file.write_all_at(&bytes, n * BYTES as u64).unwrap();
        file.sync_data().unwrap();
        std::thread::sleep(delay);
        times.push(t.elapsed());
        n += 1;
    }
    std::fs::remove_file(path).unwrap();
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

fn single(store: &Store) -> (f64, f64, f64) {
    let (start, mut n) = (Instant::now(), 0);
    let mut times = Vec::new();
    while start.elapsed() < TIME {
        let t = Instant::now();
        store.commit_wait(forget(n)).unwrap();
        times.push(t.elapsed().as_secs_f64());
        n += 1;
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 99 / 100], times[times.len() - 1])
}

fn many(store: &Store, writers: u64) -> (f64, u64) {
    let done = Arc::new(AtomicU64::new(0));
    let next = Arc::new(AtomicU64::new(1 << 32));
    let groups = store.health().groups;
    let start = Instant::now();
    std::thread::scope(|s| {
        for _ in 0..writers {
            s.spawn(|| {
                while start.elapsed() < TIME {
                    match store.commit_wait(forget(next.fetch_add(1, Ordering::Relaxed))) {
                        Ok(_) => done.fetch_add(1, Ordering::Relaxed),
                        Err(CommitError::Busy { .. }) => {
                            std::thread::sleep(Duration::from_millis(1));
                            0
                        }
                        Err(e) => panic!("{e}"),
                    };
                }
            });
        }
    });
    let rate = done.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
    (rate, done.load(Ordering::Relaxed) / (store.health().groups - groups).max(1))
}

fn status(field: &str) -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap()
        .lines()
        .find(|l| l.starts_with(field))
        .and_then(|l| l.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}

/// Voluntary switches of all threads: each one slept and was woken.
fn switches() -> u64 {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .flatten()
        .filter_map(|t| std::fs::read_to_string(t.path().join("status")).ok())
        .filter_map(|s| {
            s.lines().find_map(|l| l.strip_prefix("voluntary_ctxt_switches:")?.trim().parse::<u64>().ok())
        })
        .sum()
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let base = args.first().map_or_else(std::env::temp_dir, Into::into).join("receiptd-commit-bench");
    let delay = Duration::from_millis(args.get(1).and_then(|d| d.parse().ok()).unwrap_or(0));
    let _ = std::fs::remove_dir_all(&base);
    std::fs::create_dir_all(&base).unwrap();
    let grow = raw(&base, true, delay);
    let filled = raw(&base, false, delay);
    println!(
        "raw append + fdatasync of {BYTES} bytes, p50: file grows {:.0} us, filled before {:.0} us",
        grow * 1e6,
        filled * 1e6
    );

    println!("rss at start {} KB", status("VmRSS"));
    let options =
        Options { flush_delay: (!delay.is_zero()).then_some(delay), ..Options::new(base.join("store")) };
    let t = Instant::now();
    let (store, _) = Store::open(options.clone()).unwrap();
    println!(
        "open, empty: {:.1} ms, rss {} KB, threads {}",
        t.elapsed().as_secs_f64() * 1e3,
        status("VmRSS"),
        status("Threads")
    );
    let (p50, p99, max) = single(&store);
    println!(
        "1 writer: p50 {:.0} us = {:.2} x raw (growing), {:.2} x raw (filled); p99 {:.2} ms, worst {:.1} ms",
        p50 * 1e6,
        p50 / grow,
        p50 / filled,
        p99 * 1e3,
        max * 1e3
    );
    for writers in [16, 64] {
        let (rate, batch) = many(&store, writers);
        println!(
            "{writers} writers: {rate:.0} commits/s = {:.1} x raw (growing), {batch} batches per group",
            rate * grow
        );
    }
    assert!(store.settle(Duration::from_secs(60)));
    println!("{:?}, rss {} KB", store.health(), status("VmRSS"));
    std::thread::sleep(Duration::from_secs(2));
    let (before, t) = (switches(), Instant::now());
    std::thread::sleep(Duration::from_secs(10));
    println!(
        "idle: {:.2} wake-ups/s over {} threads",
        (switches() - before) as f64 / t.elapsed().as_secs_f64(),
        status("Threads")
    );
    drop(store);
    for rows in [1_000u64, 10_000, 20_000] {
        let dir = base.join(format!("rows{rows}"));
        let (store, _) = Store::open(Options::new(&dir)).unwrap();
        let mut n = 0;
        while n < rows {
            let ops = (n..n + 100)
                .map(|i| Op::Put {
                    table: Table::Job,
                    key: i.to_be_bytes().to_vec(),
                    value: vec![b'r'; BYTES],
                })
                .collect();
            if store.commit_wait(Batch { class: Class::Progress, ops }).is_ok() {
                n += 100;
            }
        }
        store.close().unwrap();
        drop(store);
        let t = Instant::now();
        let (store, _) = Store::open(Options::new(&dir)).unwrap();
        let opened = t.elapsed();
        println!("open, {rows} rows: {:.1} ms; {:?}", opened.as_secs_f64() * 1e3, store.health());
    }
    let _ = std::fs::remove_dir_all(&base);
}
