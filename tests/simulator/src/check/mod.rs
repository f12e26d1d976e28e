//! The promises, and what is remembered to hold the core to them.
//!
//! `records` looks at what is written and told, `paper` at what came out, `ending` at what is left when all
//! is quiet.

pub mod ending;
mod paper;
pub mod records;

use std::collections::{BTreeMap, BTreeSet};

use receiptd_core::ids::{AttemptNo, JobId};
use receiptd_core::job::JobState;
use receiptd_core::record::{ContentHash, JobRecord, KeyHash};

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// P1 to P8 of the design, or what else must hold.
    pub promise: &'static str,
    /// How it was broken.
    pub what: String,
}

/// The memory of the checks.
#[derive(Debug, Default)]
pub struct Check {
    /// The first broken promise.
    pub breach: Option<Breach>,
    /// Jobs that somebody was told to be accepted.
    pub acknowledged: BTreeSet<JobId>,
    /// What each key was first answered with.
    keys: BTreeMap<KeyHash, (ContentHash, Vec<JobId>)>,
    /// The states in which each job was on stable storage, one after another.
    durable: BTreeMap<JobId, Vec<JobState>>,
    /// Jobs that stepped aside: held, uncertain.
    aside: BTreeSet<JobId>,
    /// Attempts of which a link was given bytes, by the receipt's content.
    given: BTreeMap<u64, BTreeSet<(JobId, AttemptNo)>>,
    /// When that began.
    given_at: BTreeMap<(JobId, AttemptNo), u64>,
    /// Attempts whose session ended while they were under way.
    pub interrupted: BTreeSet<(JobId, AttemptNo)>,
    /// Attempts whose proof was handed to the store.
    proven: BTreeSet<(JobId, AttemptNo)>,
    /// Attempts whose id proves nothing, and nobody is left who knows.
    pub excused: BTreeSet<(JobId, AttemptNo)>,
    /// Attempts of which somebody at the printer threw away a piece, mark or lines, while the rest still came.
    pub beheaded: BTreeSet<(JobId, AttemptNo)>,
    /// Parts that were taken.
    taken: BTreeMap<(JobId, AttemptNo), u16>,
    /// When the last part was.
    taken_at: BTreeMap<(JobId, AttemptNo), u64>,
    /// When each printer last answered, as far as the core was told, how it is.
    answered_at: BTreeMap<usize, u64>,
    /// Pieces of each printer's paper that were looked at.
    looked_at: BTreeMap<usize, usize>,
    /// Printed pieces by the receipt's content: job, attempt, mark.
    copies: BTreeMap<u64, Vec<(JobId, AttemptNo, Option<u32>)>>,
    /// The youngest job among the first pieces of those that never stepped aside, by printer.
    youngest: BTreeMap<usize, JobId>,
}

impl Check {
    /// Notes a broken promise; the first one counts.
    pub fn fail(&mut self, promise: &'static str, what: String) {
        if self.breach.is_none() {
            self.breach = Some(Breach { promise, what });
        }
    }

    /// Of the attempt under way: bytes were given, all parts were taken, and its proof was written down.
    pub fn progress(&self, record: &JobRecord) -> (bool, bool, bool) {
        let attempt = (record.id, record.attempts);
        let pieces = record.shape.parts.len() as u16 + u16::from(record.shape.tail.exists());
        let taken = self.taken.get(&attempt).copied().unwrap_or(0);
        (self.given_at.contains_key(&attempt), taken >= pieces, self.proven.contains(&attempt))
    }

    /// A part was taken by the device.
    pub fn taken(&mut self, job: JobId, attempt: AttemptNo, at_us: u64) {
        *self.taken.entry((job, attempt)).or_default() += 1;
        self.taken_at.insert((job, attempt), at_us);
    }

    /// The core was told how a printer is.
    pub fn answered(&mut self, printer: usize, at_us: u64) {
        self.answered_at.insert(printer, at_us);
    }
}
