//! What the tests share.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod faulty;
pub mod history;
pub mod loopfs;

use std::path::Path;
use std::time::Duration;

use receiptd_store::{Batch, Class, Direction, Op, OpenReport, Options, Store, Table};

pub const WAIT: Duration = Duration::from_secs(20);

/// A small generator: the same seed gives the same run.
#[derive(Debug, Clone)]
pub struct Rng(pub u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11) % n.max(1)
    }

    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(n + 8);
        while out.len() < n {
            out.extend_from_slice(&self.next().to_le_bytes());
        }
        out.truncate(n);
        out
    }
}

pub fn put(table: Table, key: &[u8], value: &[u8]) -> Op {
    Op::Put { table, key: key.to_vec(), value: value.to_vec() }
}

pub fn delete(table: Table, key: &[u8]) -> Op {
    Op::Delete { table, key: key.to_vec() }
}

pub fn body(id: u64, bytes: &[u8]) -> Op {
    Op::PutBody { id, bytes: bytes.into() }
}

pub fn progress(ops: Vec<Op>) -> Batch {
    Batch { class: Class::Progress, ops }
}

pub fn admission(ops: Vec<Op>) -> Batch {
    Batch { class: Class::Admission, ops }
}

pub fn options(dir: &Path) -> Options {
    // The machine of the test may have less room than a terminal must have.
    Options { reserve_bytes: 64 << 10, admission_free_min: 0, ..Options::new(dir) }
}

pub fn open(dir: &Path) -> (Store, OpenReport) {
    Store::open(options(dir)).unwrap()
}

/// All rows of a table.
pub fn all(store: &Store, table: Table) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut out: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut from = Vec::new();
    loop {
        let rows = store.scan(table, &from, 500, Direction::Ascending).unwrap();
        let Some(last) = rows.last() else { return out };
        from = last.0.clone();
        from.push(0);
        out.extend(rows);
    }
}

pub fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for e in std::fs::read_dir(from).unwrap() {
        let e = e.unwrap();
        let target = to.join(e.file_name());
        if e.metadata().unwrap().is_dir() {
            copy_dir(&e.path(), &target);
        } else {
            std::fs::copy(e.path(), target).unwrap();
        }
    }
}

/// The files below a directory, in order.
pub fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for e in std::fs::read_dir(dir).unwrap() {
        let path = e.unwrap().path();
        if path.is_dir() {
            out.extend(files(&path));
        } else {
            out.push(path);
        }
    }
    out.sort();
    out
}

/// Whether a segment of the journal was begun whose own name is not there: a cut took it.
pub fn has_unnamed_segment(dir: &Path) -> bool {
    let is_spare = |file: &Path| file.extension().is_some_and(|e| e == "tmp");
    files(dir).iter().any(|f| is_spare(f) && std::fs::read(f).unwrap().starts_with(b"RCPTJRNL"))
}
