//! The trait that every road to a printer implements, and what is said over it.
//!
//! A [`Link`] knows where a printer is. Each [`Link::open`] is one session: commands go in through the bounded
//! queue of a [`Session`], events come out through an [`EventSink`]. Dropping the [`Session`] ends it at once.
//!
//! The contract of every link:
//!
//! - Commands are carried out one after another, in the order they were sent. Reading goes on all the time,
//!   also while a write is blocked: a printer without paper takes no byte and says why.
//! - `Opened` comes at most once, before anything else but `Waiting`. A link that is told when its printer is
//!   there says `Waiting` and waits; one that has to try ends instead. Nothing is sent of the link's own accord.
//! - `Taken` comes after the last byte of a part and of its fence was taken, never for less; so does `PageTaken`.
//! - `Ended` comes exactly once and last, unless nobody receives events any more. Replies that arrived before
//!   the end come before it.
//! - A full event channel stops reading and writing until there is room; no event is dropped.
//! - No timeout of a link ends a session in which the printer is alive but takes nothing.
//!
//! Left to others: reopening, and what an event means for a job.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use receiptd_core::ids::{AttemptNo, JobId, PrinterIx, SessionId};
use receiptd_core::link::{Fence, LinkEvent, Part, Query};
use tokio::sync::{mpsc, oneshot};

use crate::limits::COMMANDS_MAX;
use crate::usb::Device;

/// A road to one printer.
pub trait Link {
    /// Begins a session and returns at once; whether it came to be is told by the first event.
    fn open(&self, session: SessionId, events: EventSink) -> Session;

    /// Why the road can't be trusted any more, if so: a thread of its own that has ended or does not turn. Asked every
    /// few seconds; must neither wait nor wake a thread that has nothing to do.
    fn stuck(&self) -> Option<String> {
        None
    }

    /// Which printer it is at the moment, for people, where the configuration leaves that open.
    fn place(&self) -> Option<String> {
        None
    }

    /// What its road tells of the printer that is open at the moment; `None` where a road tells nothing.
    fn device(&self) -> Option<Device> {
        None
    }
}

/// Whose bytes a write carries; comes back in its events, means nothing to the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The job.
    pub job: JobId,
    /// Its attempt.
    pub attempt: AttemptNo,
    /// The part of the attempt.
    pub part: Part,
}

/// A piece of a shared buffer: the parts of a job point into its body, they do not copy it.
#[derive(Clone)]
pub struct Slice {
    bytes: Arc<[u8]>,
    range: Range<usize>,
}

impl Slice {
    /// This range of the buffer, `None` when it lies outside.
    pub fn new(bytes: Arc<[u8]>, range: Range<usize>) -> Option<Self> {
        bytes.get(range.clone())?;
        Some(Self { bytes, range })
    }

    /// The whole buffer.
    pub fn whole(bytes: Arc<[u8]>) -> Self {
        let range = 0..bytes.len();
        Self { bytes, range }
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.range.clone()).unwrap_or_default()
    }
}

impl From<Vec<u8>> for Slice {
    fn from(bytes: Vec<u8>) -> Self {
        Self::whole(bytes.into())
    }
}

/// Tells the length only: the content of a receipt is nobody's business in a log.
impl fmt::Debug for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slice({} bytes)", self.range.len())
    }
}

/// What a session can be told to do.
#[derive(Clone, Debug)]
pub enum WireCommand {
    /// Send this question; its answer is an event.
    Ask(Query),
    /// Nobody waits for this answer any more, see [`Decoder::forget`](crate::codec::Decoder::forget). Sends
    /// nothing.
    Forget(Query),
    /// Send [`RESYNC_BYTES`](crate::limits::RESYNC_BYTES) NULs.
    Resync,
    /// Send these bytes, which are no job's, and say `PageTaken`.
    Page(Slice),
    /// Send these bytes and then the fence.
    Write {
        /// What to call it in events.
        tag: Tag,
        /// The bytes, one slice after another.
        bytes: Vec<Slice>,
        /// The question that closes them, in the same write as their last bytes.
        fence: Option<Fence>,
    },
}

/// Why a command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Too many commands wait; nothing of this one was sent. Try again after a `Taken` or a reply.
    #[error("{COMMANDS_MAX} commands wait for the printer")]
    Full,
    /// The session is over; its `Ended` event was sent or is on its way.
    #[error("the session with the printer is over")]
    Ended,
}

/// The commanding end of a session. Dropping it closes the session, even in the middle of a part: what was
/// not yet taken is not sent, and the commands that still wait are not carried out.
#[derive(Debug)]
pub struct Session {
    commands: mpsc::Sender<WireCommand>,
    _alive: oneshot::Sender<Infallible>,
}

/// The obeying end, for whoever implements [`Link`].
#[derive(Debug)]
pub struct Orders {
    /// The commands in their order.
    pub commands: mpsc::Receiver<WireCommand>,
    /// Completes, always with an error, when the [`Session`] was dropped.
    pub dropped: oneshot::Receiver<Infallible>,
}

impl Session {
    /// A session and its other end.
    pub fn pair() -> (Self, Orders) {
        let (sender, commands) = mpsc::channel(COMMANDS_MAX);
        let (alive, dropped) = oneshot::channel();
        (Self { commands: sender, _alive: alive }, Orders { commands, dropped })
    }

    /// Whether nobody takes commands any more. Between this and the `Ended` event there are moments at most.
    pub fn is_over(&self) -> bool {
        self.commands.is_closed()
    }

    /// Hands a command over, without waiting.
    pub fn send(&self, command: WireCommand) -> Result<(), SendError> {
        self.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SendError::Full,
            mpsc::error::TrySendError::Closed(_) => SendError::Ended,
        })
    }
}

/// What the receiver of events gets: which printer, which session, what.
pub type Event = (PrinterIx, SessionId, LinkEvent);

/// Where a link puts its events.
#[derive(Clone, Debug)]
pub struct EventSink(mpsc::Sender<Event>);

/// Nobody receives events any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody receives the events of printers any more")]
pub struct NobodyListens;

impl EventSink {
    /// A sink into this channel.
    pub fn new(sender: mpsc::Sender<Event>) -> Self {
        Self(sender)
    }

    /// Moves events from the front of the queue into the channel, waiting for room. Cancelling loses none:
    /// what was not delivered is still in the queue.
    pub async fn deliver(
        &self,
        printer: PrinterIx,
        session: SessionId,
        events: &mut VecDeque<LinkEvent>,
    ) -> Result<(), NobodyListens> {
        while !events.is_empty() {
            let permit = self.0.reserve().await.map_err(|_| NobodyListens)?;
            if let Some(event) = events.pop_front() {
                permit.send((printer, session, event));
            }
        }
        Ok(())
    }

    /// Puts one event, waiting for room; for a link with a thread of its own, never inside a runtime.
    pub fn deliver_blocking(
        &self,
        printer: PrinterIx,
        session: SessionId,
        event: LinkEvent,
    ) -> Result<(), NobodyListens> {
        self.0.blocking_send((printer, session, event)).map_err(|_| NobodyListens)
    }
}
