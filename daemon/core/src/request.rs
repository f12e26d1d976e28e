//! What callers ask of the core, what it answers, and why it refuses.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::condition::{Blocked, Paper};
use crate::engine::StoreFault;
use crate::evidence::Grade;
use crate::ids::{JobId, PrinterName, Uid};
use crate::job::JobState;
use crate::record::{ContentHash, JobRecord, KeyHash, KeyRecord, Policy, Shape};
use crate::survey::{Road, SurveyPage, SurveyReport, Unready};
use crate::time::Wall;

/// Who asks, as the operating system proved it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Their user id.
    pub uid: Uid,
    /// Whether they may touch everybody's jobs.
    pub operator: bool,
}

/// One copy to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCopy {
    /// Merchant, customer, ...
    pub copy: String,
    /// What people call the receipt.
    pub title: String,
    /// The stored body, opaque here.
    pub body: Arc<[u8]>,
    /// Its size and pieces.
    pub shape: Shape,
}

/// A submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The caller's key.
    pub key: String,
    /// A hash over user id and key.
    pub key_hash: KeyHash,
    /// A hash over everything that makes a submission the same one.
    pub content: ContentHash,
    /// What the spool remembers of that key, looked up in the same moment: the core itself knows only keys whose batch is
    /// not durable yet.
    pub known: Option<KeyRecord>,
    /// The printer's name; empty for the default one.
    pub printer: PrinterName,
    /// The copies, at least one.
    pub copies: Vec<NewCopy>,
    /// Accept, but wait for a release.
    pub hold: bool,
    /// Expires so many milliseconds after acceptance; `None` for the configured time.
    pub expires_after_ms: Option<u64>,
    /// What to do when nobody knows; `None` for the configured policy.
    pub policy: Option<Policy>,
}

/// What a caller asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Print this.
    Submit(Submission),
    /// Do not print it.
    Cancel {
        /// Which.
        job: JobId,
        /// Why, in their words.
        note: String,
    },
    /// Let it wait.
    Hold {
        /// Which.
        job: JobId,
        /// Why, in their words.
        note: String,
    },
    /// Let it go on.
    Release {
        /// Which.
        job: JobId,
    },
    /// Print a finished one again, marked.
    Reprint {
        /// Which.
        job: JobId,
        /// Why, in their words.
        note: String,
        /// The caller's key for the new job.
        key: String,
        /// Its hash.
        key_hash: KeyHash,
        /// What the spool remembers of that key; looked up in the same moment.
        known: Option<KeyRecord>,
        /// Whether the spool still has the body.
        body_kept: bool,
    },
    /// A person says what became of an uncertain one.
    Resolve {
        /// Which.
        job: JobId,
        /// Whether it came out.
        came_out: bool,
        /// In their words.
        note: String,
    },
    /// What is known of one.
    Look {
        /// Which.
        job: JobId,
    },
    /// Those in memory: all unfinished ones and the latest finished ones.
    List(ListFilter),
    /// Can a slip of that length come out now?
    CanPrint {
        /// The printer's name; empty for the default one.
        printer: PrinterName,
        /// Dot rows, 1/8 mm each.
        dots: u32,
        /// Whether the store would take a receipt now. What became of the last batch does not say: others fill the disk, and
        /// empty it, and who is told "no" hands nothing in that would show it.
        store: Result<(), StoreFault>,
    },
    /// Ask the printer everything, print a page, and say what it answered. For operators.
    Survey {
        /// The printer's name; empty for the default one.
        printer: PrinterName,
        /// What there is to ask beside the stream.
        road: Road,
        /// What is printed.
        page: SurveyPage,
    },
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// These jobs are on stable storage.
    Accepted {
        /// One per copy, in order, with what they are.
        jobs: Vec<(JobId, String)>,
        /// They were there before.
        existed: bool,
    },
    /// The job, as it is now.
    Job(alloc::boxed::Box<JobRecord>),
    /// The copy's new job.
    Reprint(JobId),
    /// About a printer.
    CanPrint(Readiness),
    /// A page of jobs.
    Jobs(Vec<JobRecord>),
    /// What a printer answered.
    Survey(alloc::boxed::Box<SurveyReport>),
}

/// Which jobs are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Of this printer.
    pub printer: Option<PrinterName>,
    /// In this state, by its word.
    pub state: Option<String>,
    /// Brought by this user id.
    pub owner: Option<Uid>,
    /// Accepted at or after.
    pub since: Option<Wall>,
    /// Accepted before.
    pub until: Option<Wall>,
    /// Only those without an outcome.
    pub unfinished: bool,
    /// From the newest back.
    pub newest_first: bool,
    /// Beyond this one, in that direction.
    pub after: Option<JobId>,
    /// At most so many.
    pub limit: usize,
}

/// Whether a slip can come out now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Nothing known speaks against it.
    pub can: bool,
    /// What does.
    pub obstacles: Vec<Obstacle>,
    /// Jobs before it.
    pub queue_ahead: u32,
    /// Estimated microseconds until it would be out.
    pub wait_us: u64,
    /// The best evidence that this printer can give.
    pub best: Grade,
    /// What the printer said of its paper.
    pub paper: Paper,
}

/// What speaks against printing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The printer says so.
    Printer(Blocked),
    /// There is no session with the printer.
    NotConnected,
    /// It went silent.
    Stalled,
    /// The spool takes no new jobs.
    StoreFull,
    /// The spool can't be written.
    StoreFailed,
}

/// Why a request is refused; each says what the caller can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The key is known with other content: use another key, or send what was sent before.
    KeyConflict {
        /// The job that has it.
        job: JobId,
    },
    /// The key is empty or too long.
    BadKey {
        /// Its length, bytes.
        bytes: usize,
    },
    /// No such printer.
    UnknownPrinter,
    /// No such job, or not one of the caller's.
    UnknownJob,
    /// Operators only.
    NotAllowed,
    /// Too many unfinished jobs: try again when some are out.
    QueueFull,
    /// Too many unfinished jobs of this caller.
    ShareFull,
    /// The store has as much to write as it takes: try again in a moment with the same key.
    Busy,
    /// The copies are none or too many.
    BadCopies {
        /// How many.
        copies: usize,
    },
    /// No room on the disk: try again with the same key.
    StoreFull,
    /// The spool can't be written: try again with the same key.
    StoreFailed,
    /// What was decided about this job stands, but is not on the disk yet; it is offered to the store until it
    /// takes it. Nobody may be told it before: look at the job then.
    Unwritten {
        /// Why not.
        fault: StoreFault,
    },
    /// The job's state does not allow it.
    WrongState {
        /// The state.
        state: JobState,
    },
    /// The printer can't be surveyed now.
    NotReady {
        /// Why.
        why: Unready,
    },
    /// The body is past retention.
    BodyGone,
    /// The daemon is about to end: try again with the same key.
    ShuttingDown,
}
