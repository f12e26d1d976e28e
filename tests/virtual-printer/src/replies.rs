//! Answers: from what is due to bytes on the socket, through every fault that can befall them.
//!
//! Each answer is handed to the socket whole, so a block is never interleaved with ASB. A socket that does
//! not take an answer keeps it waiting up to a limit; the printer never waits for its host to read.

use crate::faults::{When, hex};
use crate::log::What;
use crate::state::{Conn, Later, State};
use crate::status::Sensors;
use std::time::{Duration, Instant};

/// Answers a connection may have waiting, bytes; beyond it they are lost, as in a printer's send buffer.
const PENDING_LIMIT: usize = 65_536;
/// How soon a full socket is tried again.
const RETRY: Duration = Duration::from_millis(5);

const XON: u8 = 0x11;
const XOFF: u8 = 0x13;

/// The faults of answers, and answers that wait.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    pub(crate) mute: bool,
    pub(crate) drop: u32,
    pub(crate) delay: Duration,
    pub(crate) garbage: Vec<u8>,
    pub(crate) stale: Vec<u8>,
    pub(crate) xonxoff: bool,
    /// A process id that was due while nobody was connected.
    held: Option<[u8; 4]>,
    delayed: usize,
    last_due: Option<Instant>,
}

impl Replies {
    /// None waiting, no fault.
    pub(crate) fn new(xonxoff: bool) -> Self {
        Self { xonxoff, ..Self::default() }
    }

    /// The power went.
    pub(crate) fn power_lost(&mut self) {
        self.held = None;
        self.delayed = 0;
        self.last_due = None;
    }
}

impl State {
    /// Send an answer; true when it went (or will go) to a connection.
    pub(crate) fn reply(&mut self, bytes: &[u8]) -> bool {
        if !self.power || self.dead || self.replies.mute || self.conn.is_none() {
            return false;
        }
        if self.replies.drop > 0 {
            self.replies.drop -= 1;
            return false;
        }
        let garbage = self.replies.garbage.clone();
        self.deliver(if garbage.is_empty() { bytes } else { &garbage });
        true
    }

    /// Now, or after the delay; never out of order.
    fn deliver(&mut self, bytes: &[u8]) {
        if self.replies.delay.is_zero() && self.replies.delayed == 0 {
            return self.transmit(bytes);
        }
        let due = Instant::now() + self.replies.delay;
        let due = self.replies.last_due.map_or(due, |last| last.max(due));
        self.replies.last_due = Some(due);
        self.replies.delayed += 1;
        self.at(due, Later::Reply(bytes.to_vec()));
    }

    /// A delayed answer is due.
    pub(crate) fn deliver_late(&mut self, bytes: &[u8]) {
        self.replies.delayed = self.replies.delayed.saturating_sub(1);
        self.transmit(bytes);
    }

    fn transmit(&mut self, bytes: &[u8]) {
        if let Some(conn) = &mut self.conn
            && conn.send(bytes)
        {
            self.at(Instant::now() + RETRY, Later::Flush);
        }
    }

    /// Try again what the socket did not take.
    pub(crate) fn flush(&mut self) {
        self.transmit(&[]);
    }

    /// All four ASB bytes.
    pub(crate) fn send_asb(&mut self) {
        let asb = self.sensors().asb(self.model.asb_byte4);
        self.reply(&asb);
    }

    /// A process id is due: what was before it has come off the head (or the model lies).
    pub(crate) fn process_id(&mut self, id: [u8; 4]) {
        let mut bytes = vec![0x37, 0x22];
        bytes.extend(id);
        bytes.push(0);
        let sent = self.reply(&bytes);
        if sent {
            self.ids_sent += 1;
            self.last_id = Some(id);
        } else if self.model.holds_reply && self.conn.is_none() && self.power && !self.replies.mute {
            // Only one is stored: an older one is lost (EPS-H).
            self.replies.held = Some(id);
        }
        let text = id.iter().map(|b| if b.is_ascii_graphic() { char::from(*b) } else { '.' }).collect();
        self.event(What::ProcessId { id: hex(&id), text, sent });
    }

    /// A connection begins to be served: stale bytes and held answers come first.
    pub(crate) fn greet(&mut self) {
        let stale = std::mem::take(&mut self.replies.stale);
        if !stale.is_empty() {
            self.transmit(&stale);
        }
        if let Some(id) = self.replies.held.take() {
            self.process_id(id);
        }
    }

    /// The printer went offline or came back: XON/XOFF and the offline response.
    pub(crate) fn offline_edge(&mut self, sensors: Sensors) {
        self.flow(sensors.offline());
        if sensors.offline() && self.offline_response > 0 {
            let mut bytes = vec![0x37, 0x23];
            if self.offline_response == 2 {
                bytes.extend(sensors.offline_causes());
            }
            bytes.push(0);
            self.reply(&bytes);
        }
    }

    /// XOFF or XON, when this printer has that habit.
    pub(crate) fn flow(&mut self, stop: bool) {
        if self.replies.xonxoff && self.power && !self.replies.mute {
            self.deliver(&[if stop { XOFF } else { XON }]);
        }
    }

    /// The next process id answer is about to be sent: scripted faults strike first.
    pub(crate) fn process_id_due(&mut self) {
        self.ids_due += 1;
        let n = self.ids_due;
        self.fire(When::ProcessIdReply(n));
    }
}

impl Conn {
    /// Give bytes to the socket without waiting; true when some had to stay behind.
    fn send(&mut self, bytes: &[u8]) -> bool {
        let had = !self.pending.is_empty();
        if self.pending.len() + bytes.len() <= PENDING_LIMIT {
            self.pending.extend_from_slice(bytes);
        }
        while !self.pending.is_empty() {
            match self.stream.give(&self.pending) {
                Ok(n) => drop(self.pending.drain(..n)),
                Err(rustix::io::Errno::INTR) => {}
                // One retry is under way already when something was left before and nothing new came.
                Err(rustix::io::Errno::AGAIN) => return !had || bytes.is_empty(),
                // The other side is gone; the reader will notice.
                Err(_) => self.pending.clear(),
            }
        }
        false
    }
}
