//! The bytes of a peer-to-peer connection: reads and writes them within bounds, before zbus sees them.
//!
//! ```text
//!  socket -> [ Reader: dialogue lines | 16-byte header | fields + body ] -> zbus -> our methods
//!  socket <- [ Writer: answers counted, stalls cut off                 ] <- zbus <-
//! ```
//!
//! zbus alone would allocate up to 128 MiB because a peer announces it, would read an authentication line
//! without end, panics on a line that begins with a newline, and would go on reading calls from a peer that
//! never takes its answers. So the reader follows the frames of the stream:
//!
//! - It keeps account of the calls that have not been answered, and their bytes; a peer that owes too much is
//!   not read from until it takes its answers.
//! - A body that is too long is thrown away as it comes in; zbus gets the same call with an empty body, and the
//!   writer turns the error in which this call ends into `TooLarge`.
//! - What breaks the protocol ends the connection, and only that one.

use std::collections::BTreeMap;
use std::io;
use std::mem::MaybeUninit;
use std::num::NonZeroU32;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use receiptd_api::ApiError;
use receiptd_api::names::DOCUMENT_BYTES_MAX;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags};
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use zbus::connection::socket::{ReadHalf, Socket, Split, WriteHalf};
use zbus::export::async_trait::async_trait;
use zbus::fdo::ConnectionCredentials;
use zbus::message::{Message, Type};

use super::limits;

/// The fixed part of every message, in bytes.
const HEADER_BYTES: usize = 16;
/// The message type of a method call, on the wire.
const METHOD_CALL: u8 = 1;
/// The flag of a call that wants no answer, on the wire.
const NO_REPLY_EXPECTED: u8 = 1;

/// One connection, shared by its reader, its writer and whoever may cut it off.
#[derive(Debug)]
pub(super) struct Link {
    stream: UnixStream,
    uid: u32,
    dead: AtomicBool,
    /// Whether the peer has read a property or watches: before that, it gets no signals. A client that only
    /// submits may never read between its calls, and must not be cut off for that; and busctl takes a signal
    /// before its first answer for an error.
    signals: AtomicBool,
    /// Calls that were read and not yet answered, by serial.
    owed: Mutex<BTreeMap<u32, Owed>>,
    /// Notified when an answer went out after [`limits::ANSWERS_OWED_MAX`] was reached, or on [`Link::cut`].
    room: Notify,
    /// The bytes this user's calls may hold, all its connections together.
    budget: Arc<Semaphore>,
}

/// A call that was read and not yet answered.
#[derive(Debug)]
struct Owed {
    /// Whether its body was thrown away.
    oversized: bool,
    /// Its share of the budget, given back when it is answered.
    _bytes: OwnedSemaphorePermit,
}

impl Link {
    pub(super) fn new(stream: UnixStream, uid: u32, budget: Arc<Semaphore>) -> Self {
        Self {
            stream,
            uid,
            dead: AtomicBool::new(false),
            signals: AtomicBool::new(false),
            owed: Mutex::default(),
            room: Notify::new(),
            budget,
        }
    }

    /// Ends the connection now, whatever its reader and writer are waiting for.
    pub(super) fn cut(&self) {
        if !self.dead.swap(true, Ordering::AcqRel) {
            // The peer may have gone first; then there is nothing to shut down.
            let _ = rustix::net::shutdown(&self.stream, rustix::net::Shutdown::Both);
            self.room.notify_one();
        }
    }

    /// Whether all its calls are answered.
    pub(super) fn is_settled(&self) -> bool {
        self.owed().is_empty()
    }

    /// Nothing in there is left half-done by a panic.
    fn owed(&self) -> MutexGuard<'_, BTreeMap<u32, Owed>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, the peer gets signals.
    pub(super) fn take_signals(&self) {
        self.signals.store(true, Ordering::Relaxed);
    }

    pub(super) fn takes_signals(&self) -> bool {
        self.signals.load(Ordering::Relaxed)
    }

    fn check_alive(&self) -> io::Result<()> {
        if self.dead.load(Ordering::Acquire) { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    /// Waits until the peer has taken enough of its answers.
    async fn wait_for_room(&self) -> io::Result<()> {
        while self.owed().len() >= limits::ANSWERS_OWED_MAX as usize {
            self.check_alive()?;
            self.room.notified().await;
        }
        self.check_alive()
    }

    /// Takes a call into the account, waiting until its bytes can be afforded.
    async fn owe(&self, frame: &Frame) -> io::Result<()> {
        let oversized = frame.body > limits::BODY_BYTES_MAX;
        let held = if oversized { 0 } else { frame.body };
        let bytes = u32::try_from(held.max(limits::CALL_BYTES_MIN)).map_err(io::Error::other)?;
        let permit = match Arc::clone(&self.budget).try_acquire_many_owned(bytes) {
            Ok(permit) => permit,
            Err(_) => {
                let mut afford = pin!(Arc::clone(&self.budget).acquire_many_owned(bytes));
                loop {
                    tokio::select! {
                        permit = &mut afford => break permit.map_err(io::Error::other)?,
                        () = self.room.notified() => self.check_alive()?,
                    }
                }
            }
        };
        let before = self.owed().insert(frame.serial, Owed { oversized, _bytes: permit });
        if before.is_some() { Err(broken("a serial is used twice")) } else { Ok(()) }
    }

    /// The call with that serial is being answered.
    fn settle(&self, serial: NonZeroU32) {
        let mut owed = self.owed();
        if owed.remove(&serial.get()).is_some() && owed.len() + 1 == limits::ANSWERS_OWED_MAX as usize {
            self.room.notify_one();
        }
    }

    /// Reads at most `buffer.len()` bytes; 0 is the end of the stream.
    async fn receive(&self, buffer: &mut [u8], fds: &mut Vec<OwnedFd>) -> io::Result<usize> {
        self.stream
            .async_io(Interest::READABLE, || {
                let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FDS))];
                let mut ancillary = RecvAncillaryBuffer::new(&mut space);
                let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
                let mut parts = [io::IoSliceMut::new(buffer)];
                let received = rustix::net::recvmsg(&self.stream, &mut parts, &mut ancillary, flags)?;
                for message in ancillary.drain() {
                    if let RecvAncillaryMessage::ScmRights(rights) = message {
                        fds.extend(rights);
                    }
                }
                Ok(received.bytes)
            })
            .await
    }

    /// What lies in the socket, without taking it.
    async fn peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream
            .async_io(Interest::READABLE, || {
                let flags = RecvFlags::DONTWAIT | RecvFlags::PEEK;
                let (received, _) = rustix::net::recv(&self.stream, &mut *buffer, flags)?;
                Ok(received)
            })
            .await
    }

    /// Writes all of `bytes`, or cuts the connection if the peer takes none for too long.
    async fn send(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.check_alive()?;
            match self.stream.try_write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match tokio::time::timeout(limits::WRITE_STALL_MAX, self.stream.writable()).await {
                        Ok(ready) => ready?,
                        Err(_) => {
                            self.cut();
                            return Err(io::ErrorKind::TimedOut.into());
                        }
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// As `rustix::cmsg_space` wants it.
const FDS: usize = limits::FDS_PER_MESSAGE_MAX;

/// A [`Link`] as a socket for zbus.
#[derive(Debug)]
pub(super) struct LinkSocket(pub(super) Arc<Link>);

impl Socket for LinkSocket {
    type ReadHalf = Reader;
    type WriteHalf = Writer;

    fn split(self) -> Split<Reader, Writer> {
        Split::new(Reader { link: Arc::clone(&self.0), phase: Phase::Dialogue { read: 0 } }, Writer(self.0))
    }
}

/// Where in the stream the next byte lies.
#[derive(Debug)]
enum Phase {
    /// In the authentication dialogue, of which `read` bytes were read.
    Dialogue { read: usize },
    /// At the head of a message, after `discard` bytes that are to be thrown away.
    Header { discard: usize },
    /// In the fields and the body of a message, of which `left` bytes are missing; after them, `discard`.
    Rest { left: usize, discard: usize, until: Instant },
}

/// The reading half.
#[derive(Debug)]
pub(super) struct Reader {
    link: Arc<Link>,
    phase: Phase,
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl Reader {
    /// One line of the dialogue. Reads not a byte beyond it, so that the messages begin where zbus asks for
    /// them.
    async fn line(&mut self, read: usize, buffer: &mut [u8], fds: &mut Vec<OwnedFd>) -> io::Result<usize> {
        let mut line = [0_u8; limits::AUTH_LINE_BYTES_MAX];
        let mut length = 0;
        loop {
            let room =
                line.get_mut(length..).filter(|room| !room.is_empty()).ok_or(broken("line too long"))?;
            let seen = self.link.peek(room).await?;
            let seen = room.get(..seen).unwrap_or_default();
            let wanted = seen.iter().position(|byte| *byte == b'\n').map_or(seen.len(), |at| at + 1);
            if wanted == 0 {
                return Ok(0);
            }
            let taken = room.get_mut(..wanted).unwrap_or_default();
            length += self.link.receive(taken, fds).await?;
            if line.get(..length).is_some_and(|line| line.ends_with(b"\n")) {
                break;
            }
        }
        let line = line.get(..length).unwrap_or_default();
        if read == 0 && line.first() != Some(&0) {
            return Err(broken("the first byte is not NUL"));
        }
        if !line.ends_with(b"\r\n") {
            return Err(broken("a line does not end in CR LF"));
        }
        if read + length > limits::AUTH_BYTES_MAX {
            return Err(broken("dialogue too long"));
        }
        let begins = line.strip_prefix(b"\0").unwrap_or(line) == b"BEGIN\r\n";
        self.phase =
            if begins { Phase::Header { discard: 0 } } else { Phase::Dialogue { read: read + length } };
        buffer.get_mut(..length).ok_or(broken("buffer too small"))?.copy_from_slice(line);
        Ok(length)
    }

    /// Throws so many bytes away; `false` if the stream ends before.
    async fn discard(&self, mut bytes: usize) -> io::Result<bool> {
        let mut waste = [0_u8; 4096];
        while bytes > 0 {
            let part = waste.get_mut(..bytes.min(4096)).unwrap_or_default();
            let got = self.link.receive(part, &mut Vec::new()).await?;
            if got == 0 {
                return Ok(false);
            }
            bytes -= got;
        }
        Ok(true)
    }

    /// The head of the next message, changed so that it promises no more than is allowed.
    async fn header(
        &mut self,
        discard: usize,
        buffer: &mut [u8],
        fds: &mut Vec<OwnedFd>,
    ) -> io::Result<usize> {
        self.link.wait_for_room().await?;
        if discard > 0 && !Box::pin(self.discard(discard)).await? {
            return Ok(0);
        }
        let mut head = [0_u8; HEADER_BYTES];
        let mut length = 0;
        while length < HEADER_BYTES {
            let got = self.link.receive(head.get_mut(length..).unwrap_or_default(), fds).await?;
            if got == 0 {
                return Ok(0);
            }
            length += got;
        }
        let frame = Frame::read(&head)?;
        let body_max = if frame.wants_answer {
            self.link.owe(&frame).await?;
            limits::BODY_BYTES_MAX
        } else {
            limits::BODY_WITHOUT_ANSWER_BYTES_MAX
        };
        let mut left = frame.fields_and_padding;
        let mut discard = 0;
        if frame.body <= body_max {
            left += frame.body;
        } else {
            discard = frame.body;
            head[4..8].fill(0);
        }
        let until = Instant::now() + limits::MESSAGE_DEADLINE;
        self.phase = if left > 0 { Phase::Rest { left, discard, until } } else { Phase::Header { discard } };
        buffer.get_mut(..HEADER_BYTES).ok_or(broken("buffer too small"))?.copy_from_slice(&head);
        Ok(HEADER_BYTES)
    }
}

/// What the fixed part of a message says.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    wants_answer: bool,
    serial: u32,
    fields_and_padding: usize,
    body: usize,
}

impl Frame {
    fn read(head: &[u8; HEADER_BYTES]) -> io::Result<Self> {
        let [endian, kind, flags, _version, b0, b1, b2, b3, s0, s1, s2, s3, f0, f1, f2, f3] = *head;
        let number = |bytes: [u8; 4]| match endian {
            b'l' => Ok(u32::from_le_bytes(bytes)),
            b'B' => Ok(u32::from_be_bytes(bytes)),
            _ => Err(broken("no such byte order")),
        };
        let body = number([b0, b1, b2, b3])? as usize;
        let fields = number([f0, f1, f2, f3])? as usize;
        if fields > limits::FIELDS_BYTES_MAX {
            return Err(broken("header fields too long"));
        }
        if HEADER_BYTES + fields + body > limits::MESSAGE_BYTES_MAX {
            return Err(broken("message too long"));
        }
        Ok(Self {
            wants_answer: kind == METHOD_CALL && flags & NO_REPLY_EXPECTED == 0,
            serial: number([s0, s1, s2, s3])?,
            fields_and_padding: fields.next_multiple_of(8),
            body,
        })
    }
}

#[async_trait]
impl ReadHalf for Reader {
    async fn recvmsg(&mut self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        let mut fds = Vec::new();
        let received = match self.phase {
            // What is rare has its room elsewhere: this future is made anew twice for each message.
            Phase::Dialogue { read } => Box::pin(self.line(read, buffer, &mut fds)).await?,
            Phase::Header { discard } => self.header(discard, buffer, &mut fds).await?,
            Phase::Rest { left, discard, until } => {
                let most = left.min(buffer.len());
                let part = buffer.get_mut(..most).unwrap_or_default();
                let receive = self.link.receive(part, &mut fds);
                let received = tokio::time::timeout_at(until, receive).await.map_err(io::Error::from)??;
                let left = left - received;
                self.phase =
                    if left > 0 { Phase::Rest { left, discard, until } } else { Phase::Header { discard } };
                received
            }
        };
        Ok((received, fds))
    }

    fn can_pass_unix_fd(&self) -> bool {
        true
    }

    async fn peer_credentials(&mut self) -> io::Result<ConnectionCredentials> {
        Ok(ConnectionCredentials::default().set_unix_user_id(self.link.uid))
    }
}

/// The writing half.
#[derive(Debug)]
pub(super) struct Writer(Arc<Link>);

#[async_trait]
impl WriteHalf for Writer {
    async fn send_message(&mut self, message: &Message) -> zbus::Result<()> {
        let answers = match message.message_type() {
            Type::MethodReturn | Type::Error => true,
            Type::Signal if !self.0.takes_signals() => return Ok(()),
            Type::Signal | Type::MethodCall => false,
        };
        let Some(serial) = message.header().reply_serial().filter(|_| answers) else {
            return Ok(self.0.send(message.data()).await?);
        };
        let oversized = self.0.owed().get(&serial.get()).is_some_and(|owed| owed.oversized);
        if oversized && message.message_type() == Type::Error {
            self.0.send(too_large(message, serial)?.data()).await?;
        } else {
            self.0.send(message.data()).await?;
        }
        self.0.settle(serial);
        Ok(())
    }

    async fn sendmsg(&mut self, buffer: &[u8], _fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        self.0.send(buffer).await?;
        Ok(buffer.len())
    }

    async fn close(&mut self) -> io::Result<()> {
        self.0.cut();
        Ok(())
    }

    fn can_pass_unix_fd(&self) -> bool {
        true
    }

    async fn peer_credentials(&mut self) -> io::Result<ConnectionCredentials> {
        Ok(ConnectionCredentials::default().set_unix_user_id(self.0.uid))
    }
}

/// The answer to a call whose body was thrown away, in place of the complaint that it is empty.
fn too_large(complaint: &Message, serial: NonZeroU32) -> zbus::Result<Message> {
    let error = ApiError::TooLarge(format!(
        "the message is too long: a document has at most {DOCUMENT_BYTES_MAX} bytes, by SubmitFd too"
    ));
    Message::error(&complaint.header(), error.full_name()).reply_serial(Some(serial)).build(&error.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(endian: u8, body: u32, fields: u32) -> [u8; HEADER_BYTES] {
        let number = |n: u32| if endian == b'B' { n.to_be_bytes() } else { n.to_le_bytes() };
        let mut head = [endian, METHOD_CALL, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        head[4..8].copy_from_slice(&number(body));
        head[8..12].copy_from_slice(&number(9));
        head[12..16].copy_from_slice(&number(fields));
        head
    }

    #[test]
    fn a_frame_is_read_in_both_byte_orders_and_bounded() {
        for endian in [b'l', b'B'] {
            let frame = Frame::read(&head(endian, 1000, 130)).expect("a good frame");
            let expected = Frame { wants_answer: true, serial: 9, fields_and_padding: 136, body: 1000 };
            assert_eq!(frame, expected);
        }
        assert!(Frame::read(&head(b'x', 0, 0)).is_err());
        assert!(Frame::read(&head(b'l', u32::MAX, 0)).is_err());
        assert!(Frame::read(&head(b'l', 0, u32::MAX)).is_err());
        let mut silent = head(b'l', 0, 0);
        silent[2] = NO_REPLY_EXPECTED;
        assert!(!Frame::read(&silent).expect("a good frame").wants_answer);
    }
}
