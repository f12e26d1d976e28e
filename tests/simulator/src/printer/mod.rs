//! A printer and the link to it: `machine` is what stands on the counter, `paper` what came out of it,
//! `link` the host's end of the cable, `model` what there is on the market.

pub mod link;
pub mod machine;
pub mod model;
pub mod paper;

use receiptd_core::ids::{AttemptNo, JobId, ProcessId};
use receiptd_core::link::{Counter, Info, Part};

/// What a command in the data stream does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Prints the mark of a copy.
    Mark(u32),
    /// Prints a line, from 1.
    Line(u32),
    /// Prints a line of a survey's page, which nobody counts.
    Page,
    /// Echoes an id once all before it is printed.
    Echo(ProcessId),
    /// Answers with the paper status once all before it is printed.
    InOrder,
    /// Cuts.
    Cut,
    /// Tells who it is.
    Info(Info),
    /// Tells a counter.
    Counter(Counter),
    /// Switches automatic status on.
    AsbOn,
    /// Real-time status; answered when it is received.
    RealTime(u8),
    /// Finishes what is half received.
    Nuls,
}

/// Whose bytes these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The job.
    pub job: JobId,
    /// Its attempt.
    pub attempt: AttemptNo,
    /// The receipt's content.
    pub content: u64,
    /// Lines of the whole receipt.
    pub lines: u32,
}

/// One command in the data stream.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// What it does.
    pub does: Does,
    /// Whose it is; `None` for questions.
    pub owner: Option<Owner>,
    /// Bytes on the wire.
    pub bytes: u32,
    /// Dot rows on paper.
    pub dots: u32,
    /// What is complete with it.
    pub ends: Option<Ends>,
}

/// What is taken with its last byte.
#[derive(Clone, Copy, Debug)]
pub enum Ends {
    /// A part of an attempt.
    Part(JobId, AttemptNo, Part),
    /// The page of a survey, or its tail.
    Page,
}

impl Item {
    /// A command that prints nothing.
    pub const fn plain(does: Does, bytes: u32) -> Self {
        Self { does, owner: None, bytes, dots: 0, ends: None }
    }
}
