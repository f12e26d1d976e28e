//! The spool: what is on stable storage, what is on its way there, and what a crash leaves of that.
//!
//! Batches are atomic (the journal's checksum sees to it) and ordered. What was not acknowledged at a crash
//! may be there or not, but no later batch without an earlier one. A group that failed may lie in the journal
//! until the next success makes it void; a crash in between may bring it back.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use receiptd_core::ids::{BatchId, JobId};
use receiptd_core::record::{self, Counters, JobRecord, KeyHash, KeyRecord, StoreOp, Table, job_key};
use receiptd_core::{Class, Spooled, StoreFault};

use crate::rng::Rng;

/// A batch on its way.
#[derive(Debug)]
pub struct Batch {
    /// Its number.
    pub id: BatchId,
    class: Class,
    ops: Vec<StoreOp>,
}

/// How the disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Well.
    Good,
    /// Refuses admissions; at times everything.
    Full,
    /// Reports errors.
    Failing,
}

/// The spool.
#[derive(Debug)]
pub struct Disk {
    tables: BTreeMap<(Table, Vec<u8>), Vec<u8>>,
    bodies: BTreeMap<JobId, Arc<[u8]>>,
    waiting: VecDeque<Batch>,
    void: Vec<Batch>,
    /// How it is.
    pub health: Health,
    /// Bodies that can't be read for now.
    pub unreadable: Option<JobId>,
}

/// What became of a batch.
pub type Done = (BatchId, Result<(), StoreFault>);

impl Disk {
    /// A new spool.
    pub fn new() -> Self {
        Self {
            tables: BTreeMap::new(),
            bodies: BTreeMap::new(),
            waiting: VecDeque::new(),
            void: Vec::new(),
            health: Health::Good,
            unreadable: None,
        }
    }

    /// Takes a batch; true when nothing was under way, so that work must be scheduled.
    pub fn take(&mut self, id: BatchId, class: Class, ops: Vec<StoreOp>) -> bool {
        self.waiting.push_back(Batch { id, class, ops });
        self.waiting.len() == 1
    }

    /// Batches under way.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Writes a group. Returns what is to be told, and the operations that became durable.
    pub fn work(&mut self, rng: &mut Rng) -> (Vec<Done>, Vec<StoreOp>) {
        let size = rng.between(1, self.waiting.len() as u64) as usize;
        let mut group: Vec<Batch> = self.waiting.drain(..size.min(self.waiting.len())).collect();
        let mut done = Vec::new();
        let mut durable = Vec::new();
        match self.health {
            Health::Good => {}
            Health::Full => {
                let everything = rng.permille(100);
                group.retain(|batch| {
                    let stays = batch.class == Class::Progress && !everything;
                    if !stays {
                        done.push((batch.id, Err(StoreFault::Full)));
                    }
                    stays
                });
            }
            Health::Failing => {
                done.extend(group.iter().map(|b| (b.id, Err(StoreFault::Failed))));
                // A second group is not written before the first one's remains are void.
                if self.void.is_empty() || rng.permille(300) {
                    self.void = group;
                }
                return (done, durable);
            }
        }
        if !group.is_empty() {
            self.void.clear();
        }
        for batch in group {
            done.push((batch.id, Ok(())));
            durable.extend(batch.ops.iter().cloned());
            self.apply(batch.ops);
        }
        (done, durable)
    }

    /// A crash: returns the operations that turn out to be there although nobody was told.
    pub fn crash(&mut self, rng: &mut Rng) -> Vec<StoreOp> {
        let mut candidates: Vec<Batch> = std::mem::take(&mut self.void);
        if candidates.is_empty() && self.health != Health::Failing {
            candidates.extend(self.waiting.drain(..));
        }
        self.waiting.clear();
        let kept = rng.below(candidates.len() as u64 + 1) as usize;
        let mut surprising = Vec::new();
        for batch in candidates.into_iter().take(kept) {
            if self.health == Health::Full && batch.class == Class::Admission {
                break;
            }
            surprising.extend(batch.ops.iter().cloned());
            self.apply(batch.ops);
        }
        surprising
    }

    fn apply(&mut self, ops: Vec<StoreOp>) {
        for op in ops {
            match op {
                StoreOp::Put { table, key, value } => {
                    self.tables.insert((table, key), value);
                }
                StoreOp::Delete { table, key } => {
                    self.tables.remove(&(table, key));
                }
                StoreOp::PutBody { job, bytes } => {
                    self.bodies.insert(job, bytes);
                }
                StoreOp::DeleteBody { job } => {
                    self.bodies.remove(&job);
                }
            }
        }
    }

    fn row<T: for<'a> serde::Deserialize<'a>>(&self, table: Table, key: Vec<u8>) -> Option<T> {
        record::decode(self.tables.get(&(table, key))?).ok()
    }

    /// A job, wherever it is.
    pub fn job(&self, id: JobId) -> Option<JobRecord> {
        self.row(Table::Active, job_key(id)).or_else(|| self.finished(id))
    }

    /// A finished job.
    pub fn finished(&self, id: JobId) -> Option<JobRecord> {
        self.row(Table::Finished, job_key(id))
    }

    /// All rows of a table of jobs.
    pub fn jobs(&self, wanted: Table) -> Vec<JobRecord> {
        let rows = self.tables.iter().filter(|((table, _), _)| *table == wanted);
        rows.filter_map(|(_, value)| record::decode(value).ok()).collect()
    }

    /// What is remembered of a caller's key.
    pub fn key(&self, hash: KeyHash) -> Option<KeyRecord> {
        self.row(Table::Keys, hash.to_vec())
    }

    /// A body, also one that is still on its way.
    pub fn body(&self, job: JobId) -> Option<Arc<[u8]>> {
        if self.unreadable == Some(job) {
            return None;
        }
        self.bodies.get(&job).cloned().or_else(|| {
            self.waiting.iter().flat_map(|b| &b.ops).find_map(|op| match op {
                StoreOp::PutBody { job: of, bytes } if *of == job => Some(bytes.clone()),
                _ => None,
            })
        })
    }

    /// Whether a body is durable.
    pub fn has_body(&self, job: JobId) -> bool {
        self.bodies.contains_key(&job)
    }

    /// What a daemon finds at start.
    pub fn spooled(&self) -> Spooled {
        let printers = self.tables.iter().filter(|((table, _), _)| *table == Table::Printers);
        Spooled {
            counters: self.row::<Counters>(Table::Meta, record::COUNTERS_KEY.to_vec()),
            active: self.jobs(Table::Active),
            printers: printers
                .filter_map(|((_, key), value)| {
                    Some((String::from_utf8(key.clone()).ok()?, record::decode(value).ok()?))
                })
                .collect(),
        }
    }
}

impl Default for Disk {
    fn default() -> Self {
        Self::new()
    }
}
