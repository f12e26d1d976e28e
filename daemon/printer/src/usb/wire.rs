//! The small trait between a session and the bus: submit, complete, cancel.
//!
//! The real one is libusb (`discovery`, `device`, `transfer`); the tests have one that fails on
//! purpose.

use std::sync::Arc;

use receiptd_core::link::LinkFault;
use tokio::sync::{mpsc, watch};

use super::attached::{Attached, DeviceKey};

/// All printers that are attached, in a stable order.
pub type Printers = Arc<[Attached]>;

/// Where printers come and go.
pub trait Bus: Send + Sync + 'static {
    /// What is attached, now and from now on.
    fn printers(&self) -> watch::Receiver<Printers>;

    /// Whether nobody looks after the bus any more, which must not be.
    fn has_ended(&self) -> bool {
        false
    }

    /// Opens and claims a printer. Blocks for as long as the device takes to answer; completions go to the
    /// channel, which has room for one of each direction.
    ///
    /// # Errors
    /// Why not, see [`OpenError`].
    fn open(&self, key: DeviceKey, done: mpsc::Sender<Completion>) -> Result<Opened, OpenError>;
}

/// Why a printer could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was unplugged meanwhile.
    #[error("it is gone")]
    Gone,
    /// Another program has claimed the interface.
    #[error("another program holds it")]
    Busy,
    /// The device node is not ours to open.
    #[error("permission denied")]
    Denied,
    /// It or its port sleeps.
    #[error("it is suspended")]
    Suspended,
    /// It does not work, or the operating system can't.
    #[error("it does not work")]
    Broken,
}

impl OpenError {
    /// The core's word for it.
    pub const fn fault(self) -> LinkFault {
        match self {
            Self::Gone => LinkFault::Absent,
            Self::Busy => LinkFault::Busy,
            Self::Denied => LinkFault::Denied,
            Self::Suspended => LinkFault::Suspended,
            Self::Broken => LinkFault::Halted,
        }
    }
}

/// An opened printer.
pub struct Opened {
    /// Its endpoints.
    pub wire: Arc<dyn Wire>,
    /// What it says it is: its IEEE 1284 device id, if it tells.
    pub device_id: Option<super::device_id::DeviceId>,
    /// How it is to be treated.
    pub quirk: super::quirks::Quirk,
}

/// The two endpoints of an interface that is claimed. Dropping it gives the interface back.
pub trait Wire: Send + Sync {
    /// Hands a buffer to the device, or for it to fill. Does not block. At most one at a time in each direction.
    ///
    /// # Errors
    /// Nothing was handed over, and no completion will come.
    fn submit(&self, direction: Direction, buffer: Vec<u8>) -> Result<(), SubmitError>;

    /// Asks for what is under way to end; each transfer still completes, with what was moved. Does not block.
    fn cancel(&self);

    /// Ends a stall, once the endpoint has no transfer under way. Blocks.
    ///
    /// # Errors
    /// The stall stays.
    fn clear_halt(&self, direction: Direction) -> Result<(), SubmitError>;

    /// `GET_PORT_STATUS`. Blocks. `None` when the printer does not answer.
    fn port_status(&self) -> Option<u8>;
}

/// Seen from the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the printer.
    Out,
    /// From the printer.
    In,
}

/// A transfer that ended, one way or the other.
#[derive(Debug)]
pub struct Completion {
    /// Which way.
    pub direction: Direction,
    /// How.
    pub outcome: Outcome,
    /// The buffer, back again.
    pub buffer: Vec<u8>,
    /// How many bytes of it were moved, whatever the outcome.
    pub moved: usize,
}

/// How a transfer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Done,
    /// The endpoint is halted.
    Stalled,
    /// The device is gone, or was put to sleep.
    Gone,
    /// We wanted it to end.
    Cancelled,
    /// The device sent more than there was room for.
    Overflow,
    /// Noise, a broken cable, a dying device.
    Failed,
}

/// Why a transfer could not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The device is gone.
    #[error("the device is gone")]
    Gone,
    /// The operating system refuses.
    #[error("the operating system refuses")]
    Refused,
}
