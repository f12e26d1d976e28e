//! The words that the core and a printer link speak: commands out, events in.
//!
//! A link (TCP, USB, simulated) owns the device and the bytes; it knows nothing of jobs. The core knows no
//! bytes of the wire, but what a status bit means stands in [`crate::condition`].

use alloc::string::String;
use alloc::sync::Arc;

use crate::ids::{AttemptNo, JobId, ProcessId};

/// What can be asked of a printer, as one command of the protocol each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Query {
    /// `GS a 0Fh`: report every change of drawer, on/offline, error and paper by itself.
    AsbOn,
    /// `DLE EOT n`, n = 1 to 4: real-time status, may overtake buffered data.
    RealTime(u8),
    /// `GS r 1`: paper status, executed in order behind the data before it.
    PaperInOrder,
    /// `GS I n`: who are you.
    Info(Info),
    /// `GS g 2`: a maintenance counter.
    Counter(Counter),
    /// `GS ( H` function 48: echo this id once the data before it was printed.
    Echo(ProcessId),
    /// `GET_PORT_STATUS` of the USB printer class, beside the stream; a link without it sends nothing.
    PortStatus,
}

/// What `GS I` can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Info {
    /// `GS I 65`: firmware version.
    Firmware,
    /// `GS I 66`: maker.
    Maker,
    /// `GS I 67`: model.
    Model,
    /// `GS I 68`: serial number.
    Serial,
}

/// The cumulative counters of `GS g 2` that rise when paper moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    /// Number 148: lines fed.
    LinesFed,
    /// Number 178: cuts.
    Cuts,
}

/// What a printer said, one reply each, already told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Automatic status back, its four bytes.
    Asb([u8; 4]),
    /// The answer to `DLE EOT n`.
    RealTime {
        /// Which of the four was asked.
        n: u8,
        /// The status byte.
        byte: u8,
    },
    /// The answer to `GS r 1`.
    PaperInOrder(u8),
    /// `37 22 id 00`: what lies before this id was printed.
    Echo([u8; 4]),
    /// `37 33 id 00` of Caysn firmware: it was not, there is no paper.
    EchoFailed([u8; 4]),
    /// A text of `GS I`, trimmed, at most 80 characters.
    Info(Info, String),
    /// A counter of `GS g 2`.
    Counter(Counter, u64),
    /// `37 25 00`: the buffers were cleared.
    Cleared,
    /// `3B 30 00`: the printer is about to lose power.
    PowerOff,
    /// The byte of `GET_PORT_STATUS`, as it came.
    PortStatus(u8),
    /// Bytes that fit nothing; how many.
    Nonsense(u32),
}

/// Which piece of an attempt is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Piece `k` of the body, from 0; piece 0 of a marked attempt begins with the mark.
    Body(u16),
    /// Final feed, cut and drawer.
    Tail,
}

/// The command that closes a part, whose reply proves that what lies before it was processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// `GS ( H` function 48 with this id.
    Echo(ProcessId),
    /// `GS r 1`.
    PaperInOrder,
}

/// What the mark of a copy says; see promise P2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkOrder {
    /// Which copy this would be on paper, from 2.
    pub copy_number: u32,
    /// The job that was accepted first.
    pub original: JobId,
    /// When that one was accepted.
    pub original_at: crate::time::Wall,
    /// True when somebody asked for it, false when an attempt's outcome is unknown.
    pub requested: bool,
}

/// What the core wants of the present session of a printer. Order matters: the link carries them out one
/// after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkCommand {
    /// Open a session. No reset, no `ESC @`: what the printer still has to say must not be lost.
    Open,
    /// End the session.
    Close,
    /// Send a question; its answer is a [`LinkEvent::Reply`].
    Ask(Query),
    /// Nobody waits for this answer any more; a late one must not be taken for another question's. Sends
    /// nothing.
    Forget(Query),
    /// Finish a command that an interrupted host left half sent: 8192 NUL bytes, which end a raster image
    /// as white rows and are ignored elsewhere.
    Resync,
    /// Have this job's bytes at hand; they are wanted next.
    Prefetch(JobId),
    /// Send these bytes, which are no job's: the page of a survey.
    Page(Arc<[u8]>),
    /// Send one part and its fence.
    Send {
        /// The job whose bytes these are.
        job: JobId,
        /// The job that holds the body: the job itself, or the original of a reprint.
        body_of: JobId,
        /// The attempt they belong to.
        attempt: AttemptNo,
        /// Which piece.
        part: Part,
        /// What closes it.
        fence: Option<Fence>,
        /// On the first piece, which prints it, and on the tail, which then leaves the drawer shut, of a copy that
        /// might be the second on paper.
        mark: Option<MarkOrder>,
    },
}

/// Why a session ended, or did not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkFault {
    /// Nothing answers at that address, or nothing is plugged in.
    Absent,
    /// Another host or program holds the printer.
    Busy,
    /// The operating system does not let us.
    Denied,
    /// The printer, the cable or the network ended it.
    Lost,
    /// We ended it.
    Closed,
    /// The bytes to be sent could not be read from the spool.
    BodyUnreadable,
    /// Several printers are attached that fit, and the configuration does not say which one is meant.
    Ambiguous,
    /// The printer refuses data, and clearing its stall did not help.
    Halted,
    /// The operating system has put the printer or its port to sleep.
    Suspended,
}

/// What a link tells of its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEvent {
    /// There is no session yet, for this reason; the link waits by itself for it to pass and need not be told
    /// to try again. Comes before `Opened`, each time that the reason changes.
    Waiting(LinkFault),
    /// The session is there; nothing was sent yet.
    Opened,
    /// All bytes of this part and of its fence were taken by the device or the network.
    Taken {
        /// The job.
        job: JobId,
        /// Its attempt.
        attempt: AttemptNo,
        /// The part.
        part: Part,
    },
    /// So many bytes of the attempt were taken so far; sent now and then while a part is under way.
    Progress {
        /// The job.
        job: JobId,
        /// Bytes since the attempt's beginning.
        bytes: u64,
    },
    /// The session is ending, and of this attempt, which it was told to send, nothing was handed to the operating
    /// system: neither the device nor the network can have a byte of it. Comes before `Ended`. A link that can't know
    /// that never says it; bytes that were handed over and not reported as taken are no reason to.
    Untouched {
        /// The job.
        job: JobId,
        /// Its attempt.
        attempt: AttemptNo,
    },
    /// All bytes of the page were taken.
    PageTaken,
    /// The printer said something.
    Reply(Reply),
    /// The session is over; nothing more comes from it.
    Ended(LinkFault),
}
