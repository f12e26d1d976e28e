//! What is written to the spool, as plain structures and their encoding.
//!
//! Each value begins with a byte that names its layout; old layouts stay readable for ever, through frozen
//! conversions. Checksums and lengths are the store's envelope. Tables and keys are named here, so that only
//! the core knows what lies where.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::evidence::{Abilities, Grade};
use crate::ids::{AttemptNo, JobId, ProcessId, Uid};
use crate::job::JobState;
use crate::limits::{DOUBTS_MAX, RECORD_BYTES_MAX};
use crate::plan::Parts;
use crate::story::{self, Story, What};
use crate::time::Wall;

/// The layout that this version writes. Layout 1 differs in [`Tail`], and ends before `lifetime_ms` of [`JobRecord`].
const LAYOUT: u8 = 2;

/// The oldest layout that it reads.
const OLDEST: u8 = 1;

/// A table of the spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Counters of the whole.
    Meta,
    /// Jobs that are not finished: key = job number, 8 bytes big-endian.
    Active,
    /// Jobs that are: same key.
    Finished,
    /// Callers' keys: key = 16 bytes of a hash over user id and key.
    Keys,
    /// What was learned of printers: key = the printer's name.
    Printers,
}

/// One change of the spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreOp {
    /// Write a row.
    Put {
        /// Where.
        table: Table,
        /// Its key.
        key: Vec<u8>,
        /// Its value.
        value: Vec<u8>,
    },
    /// Remove a row.
    Delete {
        /// Where.
        table: Table,
        /// Its key.
        key: Vec<u8>,
    },
    /// Keep a body.
    PutBody {
        /// Whose.
        job: JobId,
        /// Its bytes, opaque here.
        bytes: Arc<[u8]>,
    },
    /// Forget a body.
    DeleteBody {
        /// Whose.
        job: JobId,
    },
}

/// Whether a job asks for a person or prints again when its outcome is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Policy {
    /// Print again, marked.
    #[default]
    Reprint,
    /// Wait for a person.
    Hold,
}

/// What became of the cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cut {
    /// The job has none.
    #[default]
    None,
    /// Not yet.
    Open,
    /// Cut, by the printer's word.
    Done,
    /// The cutter failed.
    Failed,
    /// Nobody knows.
    Unknown,
}

/// One piece of the body, up to a point behind a complete printed line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartPlan {
    /// Where the piece ends, bytes from the body's beginning.
    pub end: u32,
    /// Printed lines up to there.
    pub line: u32,
    /// Dot rows up to there, 1/8 mm each.
    pub dots: u32,
}

/// What follows the body: final feed, cut, drawer; or nothing.
///
/// It is stored as one number: 0 for nothing, else one more than its dot rows of paper. Layout 1 had a yes or no in its
/// place, which reads as nothing, or as a tail that feeds no paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tail(u32);

impl Tail {
    /// Nothing follows.
    pub const NONE: Self = Self(0);

    /// A tail that feeds so many dot rows of paper, 1/8 mm each.
    pub const fn of(dots: u32) -> Self {
        Self(dots.saturating_add(1))
    }

    /// Whether there is one.
    pub const fn exists(self) -> bool {
        self.0 > 0
    }

    /// Dot rows of paper that it feeds, 1/8 mm each.
    pub const fn dots(self) -> u32 {
        self.0.saturating_sub(1)
    }
}

/// One copy's size and shape, fixed at acceptance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Bytes of body and tail.
    pub bytes: u32,
    /// The body's pieces, at least one.
    pub parts: Parts,
    /// What follows the body.
    pub tail: Tail,
}

impl Shape {
    /// Dot rows of the whole body.
    pub fn dots(&self) -> u32 {
        self.parts.last().map_or(0, |p| p.dots)
    }

    /// Dot rows of all its paper, the feed of the tail included.
    pub fn paper_dots(&self) -> u32 {
        self.dots().saturating_add(self.tail.dots())
    }

    /// Printed lines of the whole body.
    pub fn lines(&self) -> u32 {
        self.parts.last().map_or(0, |p| p.line)
    }
}

/// An attempt whose outcome is not known (yet).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its number.
    pub no: AttemptNo,
    /// When it began.
    pub at: Wall,
    /// The id of the first fence; piece `k` has the id `k` further on, the tail the one after the last.
    pub first_id: ProcessId,
    /// The printer's line counter before it, where it has one.
    pub lines_before: Option<u64>,
    /// The printer dropped some of it: an id that still comes proves nothing.
    pub dropped: bool,
}

/// A job's record. Ten thousand may wait in memory, so short texts and a story of one entry lie in it and need no memory
/// of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRecord {
    /// Its number.
    pub id: JobId,
    /// Its state.
    pub state: JobState,
    /// Who brought it.
    pub owner: Uid,
    /// The caller's key.
    pub key: SmolStr,
    /// A hash over user id and key.
    pub key_hash: KeyHash,
    /// The printer's name.
    pub printer: SmolStr,
    /// What people call the receipt.
    pub title: SmolStr,
    /// Which copy: merchant, customer, ...
    pub copy: SmolStr,
    /// When it was accepted.
    pub accepted: Wall,
    /// When it got its outcome.
    pub finished: Option<Wall>,
    /// When it expires, unless something may be on paper.
    pub expires: Option<Wall>,
    /// What to do when nobody knows.
    pub policy: Policy,
    /// Size and pieces.
    pub shape: Shape,
    /// What became of the cut.
    pub cut: Cut,
    /// Attempts so far.
    pub attempts: AttemptNo,
    /// Copies of this receipt that may be on paper before this job's first attempt: 0 for an original.
    pub copies_before: u32,
    /// For a reprint: the original.
    pub reprint_of: Option<JobId>,
    /// When the original was accepted; the job's own time for an original.
    pub original_accepted: Wall,
    /// Attempts in doubt, and the one under way.
    pub open: Vec<Attempt>,
    /// The last line that the printer confirmed.
    pub confirmed_line: u32,
    /// Copies of this one that its reprints may have put on paper.
    pub reprints: u32,
    /// What happened.
    pub story: Story,
    /// How long it was given at acceptance, milliseconds; `None` when it never expires, and in layout 1.
    pub lifetime_ms: Option<u64>,
}

/// 16 bytes of a hash over user id and key.
pub type KeyHash = [u8; 16];

/// 32 bytes of a hash over everything that makes a submission the same one.
pub type ContentHash = [u8; 32];

/// What is remembered of a caller's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// What was submitted with it.
    pub content: ContentHash,
    /// The first of its jobs.
    pub first: JobId,
    /// How many jobs, one after another.
    pub count: u8,
}

impl KeyRecord {
    /// Its jobs.
    pub fn jobs(&self) -> impl Iterator<Item = JobId> + use<> {
        let first = self.first.0;
        (0..u64::from(self.count)).map(move |n| JobId(first.saturating_add(n)))
    }
}

/// What was learned of a printer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrinterRecord {
    /// Maker, model, serial and firmware by its own words, empty where it said nothing.
    pub identity: Identity,
    /// What it can.
    pub abilities: Abilities,
    /// An in-order question was out when an attempt was interrupted: its answer may still come.
    pub owes_answer: bool,
}

/// Who a printer says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `GS I 66`.
    pub maker: String,
    /// `GS I 67`.
    pub model: String,
    /// `GS I 68`.
    pub serial: String,
    /// `GS I 65`.
    pub firmware: String,
}

/// Numbers that must not begin again after a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// The next job's number.
    pub next_job: u64,
    /// The next process id's number.
    pub next_id: u32,
}

/// The key of [`Counters`] in [`Table::Meta`].
pub const COUNTERS_KEY: &[u8] = b"counters";

impl JobRecord {
    /// Notes an event in the story.
    pub fn note(&mut self, at: Wall, what: What) {
        story::add(&mut self.story, at, what);
    }

    /// Which copy on paper the next attempt's would be; 1 means that it is the only one for sure.
    pub fn next_copy_number(&self) -> u32 {
        self.copies_before.saturating_add(self.open.len() as u32).saturating_add(1)
    }

    /// Forgets the oldest attempts in doubt beyond the bound; their number stays counted in `copies_before`.
    pub fn bound_open(&mut self) {
        while self.open.len() > DOUBTS_MAX {
            self.open.remove(0);
            self.copies_before = self.copies_before.saturating_add(1);
        }
    }
}

/// Why a stored value can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It has no bytes.
    Empty,
    /// A later version of the daemon wrote it; its number.
    Later(u8),
    /// The layout is known, the content does not fit it.
    Malformed,
}

/// Encodes a value with its layout byte.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    bytes.push(LAYOUT);
    // Serialising plain structures into memory has no way to fail; a shorter value would show at decoding.
    match postcard::to_extend(value, bytes) {
        Ok(bytes) => {
            debug_assert!(bytes.len() <= RECORD_BYTES_MAX, "{} bytes", bytes.len());
            bytes
        }
        Err(_) => Vec::new(),
    }
}

/// Decodes a value.
///
/// # Errors
/// [`Unreadable`]; the caller quarantines the row and goes on.
pub fn decode<T: for<'a> Deserialize<'a>>(bytes: &[u8]) -> Result<T, Unreadable> {
    match bytes.split_first() {
        None => Err(Unreadable::Empty),
        Some((&LAYOUT, rest)) => postcard::from_bytes(rest).map_err(|_| Unreadable::Malformed),
        Some((&OLDEST, rest)) => {
            // One zero byte is "none" for what it lacks at its end; the other values end before it.
            let whole: Vec<u8> = rest.iter().copied().chain([0]).collect();
            postcard::from_bytes(&whole).map_err(|_| Unreadable::Malformed)
        }
        Some((&layout, _)) if layout > LAYOUT => Err(Unreadable::Later(layout)),
        Some(_) => Err(Unreadable::Malformed),
    }
}

/// A job's key in its table.
pub fn job_key(id: JobId) -> Vec<u8> {
    id.0.to_be_bytes().to_vec()
}

/// The job that this key names.
pub fn job_of_key(key: &[u8]) -> Option<JobId> {
    key.try_into().ok().map(|bytes| JobId(u64::from_be_bytes(bytes)))
}

/// Cuts a text to `max` bytes at a character's edge, and control characters out of it: it is shown on
/// terminals and in logs.
pub fn bounded_text(text: &str, max: usize) -> SmolStr {
    let text = &text[..text.floor_char_boundary(max)];
    if text.contains(char::is_control) {
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    } else {
        text.into()
    }
}

/// The evidence of a finished job.
pub const fn grade(state: JobState) -> Option<Grade> {
    match state {
        JobState::Printed(grade) | JobState::Sent(grade) => Some(grade),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
