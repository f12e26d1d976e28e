//! The road over raw TCP, port 9100.
//!
//! One task per session, on whatever runtime is given; a single-threaded one will do. Reading is always posted,
//! also while a write is blocked.
//!
//! **How a dead printer is told from one without paper.** A printer that is out of paper stops reading, for
//! hours if need be. Its window is then zero, but its TCP still answers: window probes and keepalive probes are
//! acknowledged, and neither ends the connection as long as they are (RFC 1122, 4.2.2.17). So keepalive is
//! set short, and notices within [`KEEPALIVE_IDLE`] + [`KEEPALIVE_PROBES`] x [`KEEPALIVE_INTERVAL`] that an idle
//! printer is gone. `TCP_USER_TIMEOUT` is *not* set: on Linux since 5.11 it also counts the time that the window
//! is zero, acknowledged or not (`tcp_probe_timer`), and would cut off a printer that only waits for a new
//! roll. Tried on 6.18: with it such a connection dies in time, without it it lives. What that costs: keepalive
//! is silent while bytes are unacknowledged, so a printer that vanishes just then is noticed by the kernel's
//! retransmission limit (`net.ipv4.tcp_retries2`, some 15 minutes), unless the network says so earlier.
//!
//! Left to others: reopening, the meaning of replies, everything of [`crate::codec`].

use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use receiptd_core::ids::{PrinterIx, SessionId};
use receiptd_core::link::{LinkEvent, LinkFault, Reply};
use rustix::net::sockopt;
use tokio::io::Interest;
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};

use crate::address::Address;
use crate::codec::Decoder;
use crate::limits::{
    ADDRESSES_MAX, CONNECT_TIMEOUT, KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_PROBES, READ_BYTES,
    SALVAGE_BYTES_MAX, SEND_BUFFER_BYTES,
};
use crate::outgoing::Outgoing;
use crate::session::{EventSink, Link, Orders, Session, WireCommand};

/// A printer on the network.
#[derive(Clone, Debug)]
pub struct TcpLink {
    printer: PrinterIx,
    address: Address,
    connect_timeout: Duration,
    runtime: Handle,
    /// One look-up at a time: a resolver that hangs must not use up one thread per session tried.
    resolver: Arc<Semaphore>,
}

impl TcpLink {
    /// A link to this address, whose sessions run on this runtime; it must have I/O and time enabled.
    pub fn new(printer: PrinterIx, address: Address, runtime: Handle) -> Self {
        let resolver = Arc::new(Semaphore::new(1));
        Self { printer, address, connect_timeout: CONNECT_TIMEOUT, runtime, resolver }
    }

    /// The same with another time to connect in.
    pub fn with_connect_timeout(self, connect_timeout: Duration) -> Self {
        Self { connect_timeout, ..self }
    }

    async fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        let target = match &self.address {
            Address::Number(number) => return Ok(vec![*number]),
            Address::Name { host, port } => (host.clone(), *port),
        };
        // The permit goes with the thread, which outlives a cancelled session.
        let permit = Arc::clone(&self.resolver).try_acquire_owned().map_err(|_| io::ErrorKind::TimedOut)?;
        let look_up = move || {
            let _until_done = permit;
            target.to_socket_addrs().map(|found| found.take(ADDRESSES_MAX).collect())
        };
        self.runtime.spawn_blocking(look_up).await.map_err(io::Error::other)?
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let mut last = io::ErrorKind::NotFound.into();
        for address in self.addresses().await? {
            let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            socket.set_nodelay(true)?;
            socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
            sockopt::set_socket_keepalive(&socket, true)?;
            sockopt::set_tcp_keepidle(&socket, KEEPALIVE_IDLE)?;
            sockopt::set_tcp_keepintvl(&socket, KEEPALIVE_INTERVAL)?;
            sockopt::set_tcp_keepcnt(&socket, KEEPALIVE_PROBES)?;
            match socket.connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

impl Link for TcpLink {
    fn open(&self, session: SessionId, events: EventSink) -> Session {
        let (handle, orders) = Session::pair();
        self.runtime.spawn(run(self.clone(), session, events, orders));
        handle
    }
}

/// The life of one session.
async fn run(link: TcpLink, session: SessionId, sink: EventSink, orders: Orders) {
    let Orders { mut commands, dropped } = orders;
    let mut talk = Talk::new(&link, session, &sink);
    let fault = tokio::select! {
        biased;
        _ = dropped => LinkFault::Closed,
        fault = talk.live(&mut commands) => fault,
    };
    // The socket is closed by now, and nobody can send a command that would be ignored.
    drop(commands);
    let mut events = talk.events;
    events.push_back(LinkEvent::Ended(fault));
    if sink.deliver(link.printer, session, &mut events).await.is_err() {
        log::debug!("{}: session {} ended unheard", link.address, session.0);
    }
}

/// What a session knows while it lives. The events stay here until they are delivered, so that ending a
/// session in the middle of anything loses none.
struct Talk<'a> {
    link: &'a TcpLink,
    session: SessionId,
    sink: &'a EventSink,
    decoder: Decoder,
    outgoing: Outgoing,
    events: VecDeque<LinkEvent>,
    replies: Vec<Reply>,
}

impl<'a> Talk<'a> {
    fn new(link: &'a TcpLink, session: SessionId, sink: &'a EventSink) -> Self {
        Self {
            link,
            session,
            sink,
            decoder: Decoder::default(),
            outgoing: Outgoing::default(),
            events: VecDeque::new(),
            replies: Vec::new(),
        }
    }

    async fn live(&mut self, commands: &mut mpsc::Receiver<WireCommand>) -> LinkFault {
        let stream = match tokio::time::timeout(self.link.connect_timeout, self.link.connect()).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                log::debug!("{}: {error}", self.link.address);
                return not_connected(&error);
            }
            Err(_) => return LinkFault::Absent,
        };
        self.events.push_back(LinkEvent::Opened);
        loop {
            if self.sink.deliver(self.link.printer, self.session, &mut self.events).await.is_err() {
                return LinkFault::Closed;
            }
            let idle = self.outgoing.is_idle();
            let interest = if idle { Interest::READABLE } else { Interest::READABLE | Interest::WRITABLE };
            tokio::select! {
                ready = stream.ready(interest) => {
                    // Reading first: what the printer said counts even when the write then fails.
                    let step = match ready {
                        Ok(ready) if ready.is_readable() => self.read(&stream).map(|_| ready),
                        other => other,
                    };
                    let step = match step {
                        Ok(ready) if ready.is_writable() && !idle => self.write(&stream),
                        other => other.map(|_| ()),
                    };
                    if let Err(error) = step {
                        log::debug!("{}: {error}", self.link.address);
                        self.salvage(&stream);
                        return LinkFault::Lost;
                    }
                }
                command = commands.recv(), if idle => match command {
                    Some(command) => self.outgoing.start(command, &mut self.decoder),
                    None => return LinkFault::Closed,
                }
            }
            // A peer that is always ready must not starve the other tasks of this thread.
            tokio::task::coop::consume_budget().await;
        }
    }

    /// Reads once; how many bytes there were. The end of the stream is an error: a printer that says it will say
    /// nothing more can't prove anything any more.
    fn read(&mut self, stream: &TcpStream) -> io::Result<usize> {
        let mut buffer = [0; READ_BYTES];
        match stream.try_read(&mut buffer) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                self.decoder.feed(buffer.get(..n).unwrap_or_default(), &mut self.replies);
                self.events.extend(self.replies.drain(..).map(LinkEvent::Reply));
                Ok(n)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Writes one piece, as far as it goes.
    fn write(&mut self, stream: &TcpStream) -> io::Result<()> {
        let piece = self.outgoing.piece(&mut self.decoder);
        let taken = if piece.is_empty() { Ok(0) } else { stream.try_write(piece) };
        match taken {
            Ok(n) => {
                self.outgoing.advance(n, &mut self.events);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// After a fault: what arrived before it is still there to be read, and may be the proof of a receipt.
    fn salvage(&mut self, stream: &TcpStream) {
        let mut total = 0;
        while total < SALVAGE_BYTES_MAX {
            match self.read(stream) {
                Ok(n) if n > 0 => total += n,
                _ => return,
            }
        }
    }
}

fn not_connected(error: &io::Error) -> LinkFault {
    if error.kind() == io::ErrorKind::PermissionDenied { LinkFault::Denied } else { LinkFault::Absent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operating_system_refusing_is_not_the_printer_missing() {
        assert_eq!(not_connected(&io::ErrorKind::PermissionDenied.into()), LinkFault::Denied);
        for kind in
            [io::ErrorKind::ConnectionRefused, io::ErrorKind::HostUnreachable, io::ErrorKind::TimedOut]
        {
            assert_eq!(not_connected(&kind.into()), LinkFault::Absent);
        }
    }

    #[tokio::test]
    async fn the_socket_is_set_as_documented() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Address::Number(listener.local_addr().unwrap());
        let stream = TcpLink::new(PrinterIx(0), address, Handle::current()).connect().await.unwrap();
        assert!(stream.nodelay().unwrap());
        assert!(sockopt::socket_send_buffer_size(&stream).unwrap() <= 2 * SEND_BUFFER_BYTES as usize);
        assert!(sockopt::socket_keepalive(&stream).unwrap());
        assert_eq!(sockopt::tcp_keepidle(&stream).unwrap(), KEEPALIVE_IDLE);
        assert_eq!(sockopt::tcp_keepintvl(&stream).unwrap(), KEEPALIVE_INTERVAL);
        assert_eq!(sockopt::tcp_keepcnt(&stream).unwrap(), KEEPALIVE_PROBES);
        // See the head of this module: it would cut off a printer that waits for paper.
        assert_eq!(sockopt::tcp_user_timeout(&stream).unwrap(), 0);
    }
}
