//! What is known of one printer in this run: its session, its condition, its queue, the attempt under way.
//!
//! Plain state and questions about it. What happens to it stands in `session` (the link's life) and
//! `printing` (an attempt's life).

use alloc::boxed::Box;
use alloc::collections::BTreeSet;

use crate::condition::{Blocked, Condition};
use crate::config::PrinterConfig;
use crate::evidence::{Abilities, Closing, Grade};
use crate::ids::{AttemptNo, JobId, ProcessId, SessionId};
use crate::limits::REOPEN_MIN_US;
use crate::link::LinkFault;
use crate::record::{Identity, PrinterRecord};
use crate::survey::Survey;
use crate::time::{Mono, Wall};

/// Where a printer's session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No session; the next try comes then.
    Waiting { until: Mono },
    /// A session is being opened.
    Opening,
    /// Listening to what the printer still has to say of earlier jobs.
    Draining { until: Mono },
    /// Asked for its condition. While it is blocked, asked again now and then.
    Asking { until: Mono },
    /// Asked, in order, who it is and what it can.
    Probing { until: Mono, echo: ProcessId },
    /// Prints, or waits for jobs.
    Ready,
    /// Asked for its condition before a job, because it does not report by itself.
    Preflight { until: Mono },
    /// A person wants to know what it really answers; no job begins meanwhile.
    Surveying { until: Mono },
    /// Silent in the middle of an attempt; asked again now and then.
    Stalled { until: Mono },
    /// The daemon is ending.
    Closed,
}

/// What the attempt under way waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The `sending` record. The link was given nothing.
    Recording,
    /// The body's proof, or that all bytes are taken.
    Body,
    /// The estimated end, on a printer that proves nothing.
    Settling { until: Mono },
    /// The answer to whether it is still well at that end.
    Checking { until: Mono },
    /// The tail's proof; the job has its outcome.
    Tail,
    /// The counters behind the tail.
    Counting { until: Mono },
}

/// The attempt under way.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub(crate) job: JobId,
    pub(crate) attempt: AttemptNo,
    pub(crate) stage: Stage,
    pub(crate) closing: Closing,
    pub(crate) first_id: ProcessId,
    /// Body parts.
    pub(crate) parts: u16,
    pub(crate) tail: bool,
    /// Parts given to the link, the tail counted as the last.
    pub(crate) given: u16,
    /// Parts taken.
    pub(crate) taken: u16,
    /// The link says that nothing of it was handed to the operating system, and it is about to end.
    pub(crate) untouched: bool,
    /// When the first part was given.
    pub(crate) began: Mono,
    /// The printer was healthy all the time.
    pub(crate) healthy: bool,
    /// Why it does not go on at the moment.
    pub(crate) paused: Option<Blocked>,
    pub(crate) told: Told,
    pub(crate) stall_at: Option<Mono>,
    /// An answer to the question after a stall is awaited until then.
    pub(crate) stall_answer: Option<Mono>,
    pub(crate) stall_rounds: u8,
    /// Dot rows of the body, whose proof is judged by the clock.
    pub(crate) dots: u32,
    /// Dot rows of all its paper, the feed of the tail included: what waiting is estimated with.
    pub(crate) paper: u32,
}

/// What an attempt's story says of its pauses. A loose contact or noise on the line pauses it thousands of times a second,
/// and each entry is a write to the disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// The pause that was told last; `None` when it was that it goes on.
    pub(crate) why: Option<Blocked>,
    /// How many entries there are.
    pub(crate) entries: u32,
    /// When the last one was made.
    pub(crate) at: Mono,
    /// When what was not told is looked at again.
    pub(crate) due: Option<Mono>,
}

impl Current {
    pub(crate) fn pieces(&self) -> u16 {
        self.parts + u16::from(self.tail)
    }
}

/// A printer.
#[derive(Debug)]
pub(crate) struct Printer {
    pub(crate) config: PrinterConfig,
    pub(crate) phase: Phase,
    pub(crate) session: SessionId,
    pub(crate) fault: Option<LinkFault>,
    /// The link waits by itself until the fault has passed.
    pub(crate) link_waits: bool,
    pub(crate) condition: Condition,
    /// It reported by itself in this session.
    pub(crate) asb_seen: bool,
    /// It answered any `DLE EOT` in this session.
    pub(crate) real_time_seen: bool,
    /// It answered `DLE EOT 4` since it was asked last.
    pub(crate) answered: bool,
    pub(crate) abilities: Abilities,
    pub(crate) identity: Identity,
    /// The identity that it tells in the probe under way.
    pub(crate) told: Identity,
    pub(crate) told_in_order: bool,
    /// It echoed the probe's id; its counters are asked next.
    pub(crate) told_echo: bool,
    /// The abilities are from the spool or from a probe, not a guess.
    pub(crate) known: bool,
    /// Sessions in a row in which a printer that used to answer was silent.
    pub(crate) silent_sessions: u8,
    pub(crate) lines: Option<u64>,
    pub(crate) cuts: Option<u64>,
    pub(crate) queue: BTreeSet<JobId>,
    pub(crate) doubtful: BTreeSet<JobId>,
    pub(crate) current: Option<Current>,
    /// The survey under way.
    pub(crate) survey: Option<Box<Survey>>,
    /// A job that is printed, and the id behind its tail, which may still come and tell that it was cut.
    pub(crate) late_cut: Option<(JobId, ProcessId)>,
    /// A host may have been interrupted in the middle of a command.
    pub(crate) resync: bool,
    /// It may still give an in-order answer that belongs to nothing under way.
    pub(crate) owes_answer: bool,
    /// Only the probe under way is why.
    pub(crate) owes_probe: bool,
    /// Since when it is there and not blocked.
    pub(crate) well_since: Mono,
    pub(crate) backoff_us: u64,
    pub(crate) poll_at: Option<Mono>,
    pub(crate) since: Wall,
}

impl Printer {
    pub(crate) fn new(config: PrinterConfig, record: Option<PrinterRecord>, since: Wall) -> Self {
        let known = record.is_some();
        let record = record.unwrap_or_default();
        let abilities = config.evidence.map_or(record.abilities, Abilities::vouched);
        Self {
            config,
            phase: Phase::Waiting { until: Mono(0) },
            session: SessionId(0),
            fault: None,
            link_waits: false,
            condition: Condition::default(),
            asb_seen: false,
            real_time_seen: false,
            answered: false,
            abilities,
            identity: record.identity,
            told: Identity::default(),
            told_in_order: false,
            told_echo: false,
            known,
            silent_sessions: 0,
            lines: None,
            cuts: None,
            queue: BTreeSet::new(),
            doubtful: BTreeSet::new(),
            current: None,
            survey: None,
            late_cut: None,
            resync: true,
            owes_answer: record.owes_answer,
            owes_probe: false,
            well_since: Mono(0),
            backoff_us: REOPEN_MIN_US,
            poll_at: None,
            since,
        }
    }

    /// Whether the integrator vouches for the evidence.
    pub(crate) fn vouched(&self) -> bool {
        self.config.evidence.is_some()
    }

    /// When something must happen without an input.
    pub(crate) fn deadline(&self) -> Option<Mono> {
        let phase = match self.phase {
            Phase::Waiting { until }
            | Phase::Draining { until }
            | Phase::Asking { until }
            | Phase::Probing { until, .. }
            | Phase::Preflight { until }
            | Phase::Surveying { until }
            | Phase::Stalled { until } => Some(until),
            Phase::Opening | Phase::Ready | Phase::Closed => None,
        };
        let current = self.current.as_ref().and_then(|c| {
            let stage = match c.stage {
                // What does not print has no estimated end; it gets one when it goes on.
                Stage::Settling { .. } | Stage::Checking { .. } if self.condition.blocked().is_some() => None,
                Stage::Settling { until } | Stage::Checking { until } | Stage::Counting { until } => {
                    Some(until)
                }
                Stage::Recording | Stage::Body | Stage::Tail => None,
            };
            [stage, c.stall_answer.or(c.stall_at), c.told.due].into_iter().flatten().min()
        });
        [phase, current, self.poll_at].into_iter().flatten().min()
    }

    pub(crate) fn has_session(&self) -> bool {
        !matches!(self.phase, Phase::Waiting { .. } | Phase::Closed)
    }

    /// What people are shown.
    pub(crate) fn word(&self) -> &'static str {
        match self.phase {
            Phase::Waiting { .. } if self.fault == Some(LinkFault::Absent) => "absent",
            Phase::Waiting { .. } => "backing-off",
            Phase::Opening if self.link_waits && self.fault == Some(LinkFault::Absent) => "absent",
            Phase::Opening if self.link_waits => "backing-off",
            Phase::Opening => "opening",
            Phase::Draining { .. } => "draining",
            Phase::Asking { .. } | Phase::Probing { .. } => {
                if self.condition.blocked().is_some() {
                    "paused"
                } else {
                    "probing"
                }
            }
            Phase::Surveying { .. } => "probing",
            Phase::Stalled { .. } => "stalled",
            Phase::Closed => "closed",
            Phase::Ready | Phase::Preflight { .. } => {
                if self.condition.blocked().is_some() {
                    "paused"
                } else if self.current.as_ref().is_some_and(|c| c.stall_rounds > 0) {
                    "stalled"
                } else if self.current.is_some() {
                    "printing"
                } else {
                    "ready"
                }
            }
        }
    }

    /// What is worth keeping of it.
    pub(crate) fn learned(&self) -> PrinterRecord {
        PrinterRecord {
            identity: self.identity.clone(),
            abilities: self.abilities,
            owes_answer: self.owes_answer,
        }
    }
}

/// A printer as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterView {
    /// Its name.
    pub name: alloc::string::String,
    /// absent, opening, draining, probing, ready, printing, paused, stalled, backing-off, closed.
    pub state: &'static str,
    /// What it said of its condition.
    pub condition: Condition,
    /// Why it does not print.
    pub blocked: Option<Blocked>,
    /// Why there is no session.
    pub fault: Option<LinkFault>,
    /// Whether there is a session and it said nothing against printing.
    pub online: bool,
    /// The best evidence that it can give.
    pub best: Grade,
    /// Who it says it is.
    pub identity: Identity,
    /// Jobs that wait.
    pub queued: usize,
    /// Jobs whose outcome is unknown.
    pub doubtful: usize,
    /// The job under way.
    pub current: Option<JobId>,
    /// Since when it is in this state.
    pub since: Wall,
}
