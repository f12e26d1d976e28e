//! A session with an opened printer: one transfer to it and one from it under way at a time.
//!
//! The IN transfer is always posted, also while OUT is blocked: a printer without paper takes no byte and says
//! why. An OUT transfer has no timeout. After whatever end, both are taken back and what they moved is counted:
//! replies that arrived are told, and the bytes that were taken are known.
//!
//! Left to others: opening and giving back (`link`), what a reply means.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use receiptd_core::ids::{AttemptNo, JobId, SessionId};
use receiptd_core::link::{LinkEvent, LinkFault, Query, Reply};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::attached::DeviceKey;
use super::link::{Held, UsbLink};
use super::port_status::PortStatus;
use super::wire::{Completion, Direction, Outcome, Printers, SubmitError, Wire};
use crate::codec::Decoder;
use crate::limits::{
    READ_BYTES, USB_CANCEL_WAIT, USB_EMPTY_READ_MAX, USB_EMPTY_READ_MIN, USB_LEAVE_WAIT, USB_OVERFLOWS_MAX,
    USB_PACKET_BYTES_MIN,
};
use crate::outgoing::Outgoing;
use crate::session::{EventSink, WireCommand};

/// What a session knows while it lives. Everything stays here, so that ending it in the middle loses nothing.
pub(super) struct Talk<'a> {
    link: &'a UsbLink,
    session: SessionId,
    sink: &'a EventSink,
    key: DeviceKey,
    printers: watch::Receiver<Printers>,
    wire: Arc<dyn Wire>,
    done: &'a mut mpsc::Receiver<Completion>,
    port_status: bool,
    decoder: Decoder,
    outgoing: Outgoing,
    events: VecDeque<LinkEvent>,
    replies: Vec<Reply>,
    writing: Endpoint,
    /// The attempt of which the kernel was handed something last.
    handed: Option<(JobId, AttemptNo)>,
    /// `None` when it is not to be read.
    reading: Option<Reading>,
}

/// One direction.
#[derive(Debug, Default)]
struct Endpoint {
    under_way: bool,
    /// A stall was cleared and nothing was moved since.
    cleared: bool,
    /// Stalls in this session, for the log.
    stalls: u32,
}

struct Reading {
    endpoint: Endpoint,
    buffer: Vec<u8>,
    overflows: u8,
    /// Not before then, and how long the next pause is.
    not_before: Option<Instant>,
    pause: Duration,
}

impl<'a> Talk<'a> {
    pub(super) fn new(
        link: &'a UsbLink,
        session: SessionId,
        sink: &'a EventSink,
        held: &'a mut Held,
    ) -> Self {
        let reading = held.attached.function.input.map(|input| Reading {
            endpoint: Endpoint::default(),
            // A whole number of packets, or a long one overflows.
            buffer: vec![0; READ_BYTES.next_multiple_of(input.packet_bytes.max(1))],
            overflows: 0,
            not_before: None,
            pause: USB_EMPTY_READ_MIN,
        });
        Self {
            link,
            session,
            sink,
            key: held.attached.key,
            printers: link.bus.printers(),
            wire: Arc::clone(&held.opened.wire),
            done: &mut held.done,
            port_status: held.opened.quirk.port_status,
            decoder: Decoder::default(),
            outgoing: Outgoing::default(),
            events: VecDeque::from([LinkEvent::Opened]),
            replies: Vec::new(),
            writing: Endpoint::default(),
            handed: None,
            reading,
        }
    }

    pub(super) fn into_events(self) -> VecDeque<LinkEvent> {
        self.events
    }

    pub(super) async fn live(&mut self, commands: &mut mpsc::Receiver<WireCommand>) -> LinkFault {
        loop {
            if self.sink.deliver(self.link.printer, self.session, &mut self.events).await.is_err() {
                return LinkFault::Closed;
            }
            match self.submit() {
                Ok(()) => {}
                Err(SubmitError::Gone) => return self.gone().await,
                Err(SubmitError::Refused) => return LinkFault::Lost,
            }
            if !self.events.is_empty() {
                continue;
            }
            let idle = self.outgoing.is_idle();
            let pause = self.reading.as_ref().and_then(|r| r.not_before);
            tokio::select! {
                biased;
                // What the printer said counts even when it is gone in the next moment.
                Some(completion) = self.done.recv() => {
                    if let Err(fault) = self.completed(completion).await {
                        return fault;
                    }
                }
                changed = self.printers.changed() => {
                    if changed.is_err() || !self.is_attached() {
                        return LinkFault::Lost;
                    }
                }
                command = commands.recv(), if idle => match command {
                    Some(command) => self.start(command).await,
                    None => return LinkFault::Closed,
                },
                () = until(pause), if pause.is_some() => self.read_on(),
            }
            // A device that is always ready must not starve the other tasks of this thread.
            tokio::task::coop::consume_budget().await;
        }
    }

    /// Takes back what is under way and counts what it moved.
    pub(super) async fn settle(&mut self) {
        self.wire.cancel();
        let deadline = Instant::now() + USB_CANCEL_WAIT;
        while self.writing.under_way || self.reading.as_ref().is_some_and(|r| r.endpoint.under_way) {
            match tokio::time::timeout_at(deadline, self.done.recv()).await {
                Ok(Some(completion)) => self.count(&completion),
                Ok(None) | Err(_) => {
                    log::warn!("{}: a transfer did not come back", self.link.address);
                    break;
                }
            }
        }
        self.outgoing.settle(&mut self.events);
    }

    /// Tells which attempt the kernel was handed nothing of, if one waits here or among the commands that were not taken
    /// up. A transfer that the kernel did not accept is not under way; one that it accepted may have arrived in part,
    /// even if it says that nothing was moved.
    pub(super) fn give_back(&mut self, commands: &mut mpsc::Receiver<WireCommand>) {
        // Nothing is added from here on.
        commands.close();
        let mut waiting = self.outgoing.attempt();
        while let Ok(command) = commands.try_recv() {
            if let WireCommand::Write { tag, .. } = command {
                waiting = waiting.or(Some((tag.job, tag.attempt)));
            }
        }
        if let Some((job, attempt)) = waiting.filter(|waiting| self.handed != Some(*waiting)) {
            self.events.push_back(LinkEvent::Untouched { job, attempt });
        }
    }

    async fn start(&mut self, command: WireCommand) {
        self.read_on();
        if let WireCommand::Ask(Query::RealTime(n)) = command
            && self.port_status
        {
            let wire = Arc::clone(&self.wire);
            let asked = self.link.runtime.spawn_blocking(move || wire.port_status()).await;
            let byte = asked.ok().flatten().and_then(|b| PortStatus::from_byte(b).as_real_time(n));
            self.events.extend(byte.map(|byte| LinkEvent::Reply(Reply::RealTime { n, byte })));
            return;
        }
        if let WireCommand::Ask(Query::PortStatus) = command {
            let wire = Arc::clone(&self.wire);
            let asked = self.link.runtime.spawn_blocking(move || wire.port_status()).await;
            self.events.extend(asked.ok().flatten().map(|b| LinkEvent::Reply(Reply::PortStatus(b))));
            return;
        }
        self.outgoing.start(command, &mut self.decoder);
    }

    /// Hands over what can be handed over.
    fn submit(&mut self) -> Result<(), SubmitError> {
        if let Some(reading) = &mut self.reading
            && !reading.endpoint.under_way
            && reading.not_before.is_none()
        {
            self.wire.submit(Direction::In, std::mem::take(&mut reading.buffer))?;
            reading.endpoint.under_way = true;
        }
        if !self.writing.under_way && !self.outgoing.is_idle() {
            let piece = ending_short(self.outgoing.piece(&mut self.decoder));
            if piece.is_empty() {
                self.outgoing.advance(0, &mut self.events);
            } else {
                self.wire.submit(Direction::Out, piece.to_vec())?;
                self.writing.under_way = true;
                self.handed = self.outgoing.attempt().or(self.handed);
            }
        }
        Ok(())
    }

    /// Counts what a transfer moved.
    fn count(&mut self, completion: &Completion) {
        match completion.direction {
            Direction::Out => {
                self.writing.under_way = false;
                self.writing.cleared &= completion.moved == 0;
                self.outgoing.advance(completion.moved, &mut self.events);
            }
            Direction::In => {
                let said = completion.buffer.get(..completion.moved).unwrap_or_default();
                if let Some(reading) = &mut self.reading {
                    reading.endpoint.under_way = false;
                    reading.endpoint.cleared &= said.is_empty();
                }
                self.decoder.feed(said, &mut self.replies);
                self.events.extend(self.replies.drain(..).map(LinkEvent::Reply));
            }
        }
    }

    async fn completed(&mut self, completion: Completion) -> Result<(), LinkFault> {
        self.count(&completion);
        let Completion { direction, outcome, buffer, moved } = completion;
        if direction == Direction::In
            && let Some(reading) = &mut self.reading
        {
            reading.buffer = buffer;
        }
        match (outcome, direction) {
            (Outcome::Done, Direction::Out) if moved == 0 => Err(LinkFault::Lost),
            (Outcome::Done, Direction::Out) => Ok(()),
            (Outcome::Done, Direction::In) => {
                self.read_well(moved);
                Ok(())
            }
            (Outcome::Overflow, Direction::In) => self.overflowed(),
            (Outcome::Stalled, _) => self.halted(direction).await,
            (Outcome::Gone, _) => Err(self.gone().await),
            (Outcome::Cancelled | Outcome::Overflow | Outcome::Failed, _) => Err(LinkFault::Lost),
        }
    }

    fn read_well(&mut self, moved: usize) {
        let Some(reading) = &mut self.reading else { return };
        reading.overflows = 0;
        if moved > 0 {
            reading.pause = USB_EMPTY_READ_MIN;
        } else {
            // No end of anything: a printer with nothing to say that does not wait until it has.
            reading.not_before = Some(Instant::now() + reading.pause);
            reading.pause = (reading.pause * 2).min(USB_EMPTY_READ_MAX);
        }
    }

    /// The pause is over, or something was asked.
    fn read_on(&mut self) {
        if let Some(reading) = &mut self.reading {
            let waited = reading.not_before.take().is_some_and(|at| at <= Instant::now());
            if !waited {
                reading.pause = USB_EMPTY_READ_MIN;
            }
        }
    }

    fn overflowed(&mut self) -> Result<(), LinkFault> {
        let Some(reading) = &mut self.reading else { return Ok(()) };
        reading.overflows += 1;
        log::warn!("{}: it said more than there was room for", self.link.address);
        if reading.overflows < USB_OVERFLOWS_MAX { Ok(()) } else { Err(LinkFault::Lost) }
    }

    /// Clears a stall once; what follows goes on at the byte where it was. A second stall without a byte
    /// between them is the printer's last word.
    async fn halted(&mut self, direction: Direction) -> Result<(), LinkFault> {
        let endpoint = match direction {
            Direction::Out => &mut self.writing,
            Direction::In => match &mut self.reading {
                Some(reading) => &mut reading.endpoint,
                None => return Err(LinkFault::Halted),
            },
        };
        endpoint.stalls += 1;
        log::warn!("{}: {direction:?} stalled, for time {}", self.link.address, endpoint.stalls);
        if std::mem::replace(&mut endpoint.cleared, true) {
            return Err(LinkFault::Halted);
        }
        let wire = Arc::clone(&self.wire);
        match self.link.runtime.spawn_blocking(move || wire.clear_halt(direction)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(SubmitError::Gone)) => Err(self.gone().await),
            Ok(Err(SubmitError::Refused)) | Err(_) => Err(LinkFault::Halted),
        }
    }

    fn is_attached(&mut self) -> bool {
        self.printers.borrow_and_update().iter().any(|p| p.key == self.key)
    }

    /// The kernel says that it is gone, and says the same of one that it put to sleep.
    async fn gone(&mut self) -> LinkFault {
        let left = async {
            while self.is_attached() {
                if self.printers.changed().await.is_err() {
                    return;
                }
            }
        };
        match tokio::time::timeout(USB_LEAVE_WAIT, left).await {
            Ok(()) => LinkFault::Lost,
            Err(_) => LinkFault::Suspended,
        }
    }
}

/// As much of it as does not end with a full packet; the last byte of such a piece follows by itself.
///
/// A device that reads more than a packet at a time waits for the rest of its own buffer after a full one, and what
/// it has would wait with it: Linux's printer gadget reads 8 KiB. An empty packet would end that too, but not
/// every printer expects one.
fn ending_short(piece: &[u8]) -> &[u8] {
    if piece.len().is_multiple_of(USB_PACKET_BYTES_MIN) {
        piece.get(..piece.len().saturating_sub(1)).unwrap_or_default()
    } else {
        piece
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
