//! The side of the hosts: one thread that accepts connections and reads the one being served.
//!
//! Back-pressure is real: a connection is read only as far as the receive buffer has room, so a full buffer
//! closes the TCP window, or has USB data refused, and the sender blocks. A power cut closes the listener too, or
//! unplugs the device; after power on it listens on the same address again. The cable can be pulled by itself: the
//! printer then goes on with what it has.

use crate::error::Error;
use crate::gadget::Gadget;
use crate::log::What;
use crate::model::Second;
use crate::state::{Conn, Shared, State};
use crate::stream::{Got, Stream};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// Read from a socket at once.
const CHUNK: usize = 32_768;
/// Connections that wait for their turn; more are closed.
const WAITING: usize = 16;
/// How soon the address is tried again when it is taken after power on, ns.
const RETRY_NS: i64 = 10_000_000;

/// Listen, without waiting in `accept`.
pub(crate) fn listen(addr: SocketAddr, socket_buffer: usize) -> Result<TcpListener, Error> {
    let error = |source| Error::Listen { addr: addr.to_string(), source };
    let listener = TcpListener::bind(addr).map_err(error)?;
    listener.set_nonblocking(true).map_err(error)?;
    // Accepted sockets inherit it; without it the kernel would take megabytes before the sender blocks.
    rustix::net::sockopt::set_socket_recv_buffer_size(&listener, socket_buffer)
        .map_err(|e| error(e.into()))?;
    Ok(listener)
}

/// By what hosts reach the printer.
pub(crate) enum Port {
    /// TCP; the listener is there while it listens.
    Tcp(SocketAddr, Option<TcpListener>),
    /// USB.
    Usb(Box<Gadget>),
}

impl Port {
    /// Makes it reachable or not. False when it has to be tried again.
    fn set(&mut self, reachable: bool, shared: &Shared) -> bool {
        match self {
            Self::Tcp(_, listener) if !reachable => *listener = None,
            Self::Tcp(addr, listener) => {
                if listener.is_none() {
                    *listener = listen(*addr, shared.config.socket_buffer).ok();
                }
            }
            Self::Usb(gadget) if !reachable => gadget.unplug(),
            Self::Usb(gadget) => {
                if !gadget.is_plugged()
                    && let Err(error) = gadget.plug()
                {
                    eprintln!("virtual-printer: {error}");
                    gadget.unplug();
                }
            }
        }
        self.is_reachable() == reachable
    }

    fn is_reachable(&self) -> bool {
        match self {
            Self::Tcp(_, listener) => listener.is_some(),
            Self::Usb(gadget) => gadget.is_plugged(),
        }
    }
}

/// The thread. `wake` is the other end of the state's wake pipe.
pub(crate) fn run(shared: &Arc<Shared>, mut port: Port, mut wake: UnixStream) {
    let mut buffer = vec![0u8; CHUNK];
    loop {
        let want = {
            let st = shared.lock();
            if st.stop {
                return;
            }
            st.power && st.plugged
        };
        // The node of an unplugged device is closed by now: `close` has dropped the connection.
        let mut retry = !port.set(want, shared);
        if let Port::Usb(gadget) = &port {
            retry |= attach(shared, gadget);
        }
        let target = {
            let mut st = shared.lock();
            if st.listening != port.is_reachable() {
                st.listening = port.is_reachable();
                shared.watch.notify_all();
            }
            next_connection(&mut st);
            let room = st.room();
            let target = st.conn.as_ref().filter(|_| room > 0).map(|c| (c.id, Arc::clone(&c.stream)));
            let blocked = st.conn.is_some() && room == 0;
            if blocked && !st.io_blocked && !st.stall {
                st.flow(true);
            } else if !blocked && st.io_blocked && st.conn.is_some() {
                st.flow(false);
            }
            st.io_blocked = blocked;
            target
        };
        let mut fds = vec![PollFd::new(&wake, PollFlags::IN)];
        let listening = match &port {
            Port::Tcp(_, listener) => listener.as_ref(),
            Port::Usb(_) => None,
        };
        if let Some(l) = listening {
            fds.push(PollFd::new(l, PollFlags::IN));
        }
        let readable = target.as_ref().and_then(|(_, stream)| stream.readable());
        if let Some(stream) = &readable {
            fds.push(PollFd::new(stream, PollFlags::IN));
        }
        let timeout = Timespec { tv_sec: 0, tv_nsec: RETRY_NS };
        if poll(&mut fds, retry.then_some(&timeout)).is_err() {
            continue;
        }
        let ready: Vec<bool> = fds.iter().map(|f| !f.revents().is_empty()).collect();
        drop(fds);
        if ready[0] {
            let mut sink = [0u8; 256];
            let _ = wake.read(&mut sink);
        }
        if let Some(l) = listening
            && ready.get(1) == Some(&true)
        {
            accept(shared, l);
        }
        if let Some((id, stream)) = &target
            && readable.is_some()
            && ready.last() == Some(&true)
        {
            read(shared, *id, stream, &mut buffer);
        }
    }
}

/// On USB the connection is the configured device. True while the host has yet to configure it.
fn attach(shared: &Shared, gadget: &Gadget) -> bool {
    if !gadget.is_plugged() || shared.lock().conn.is_some() {
        return false;
    }
    let stream = match gadget.open() {
        Some(Ok(stream)) => Arc::new(stream),
        None | Some(Err(_)) => return true,
    };
    let mut st = shared.lock();
    st.conn_count += 1;
    let id = st.conn_count;
    st.event(What::Connect { id, peer: "usb".into() });
    st.waiting.push_back(Conn { id, stream, bytes: 0, pending: Vec::new() });
    next_connection(&mut st);
    st.fire(crate::faults::When::Connection(id));
    drop(st);
    shared.changed();
    false
}

fn accept(shared: &Shared, listener: &TcpListener) {
    while let Ok((stream, peer)) = listener.accept() {
        let mut st = shared.lock();
        // Answers are small and waited for.
        let _ = stream.set_nodelay(true);
        st.conn_count += 1;
        let id = st.conn_count;
        let refuse = st.conn.is_some() && (st.model.second == Second::Refuse || st.waiting.len() >= WAITING);
        st.event(What::Connect { id, peer: peer.to_string() });
        if refuse {
            st.event(What::Disconnect { id, bytes: 0, by: "refused".into() });
        } else {
            st.waiting.push_back(Conn {
                id,
                stream: Arc::new(Stream::Tcp(stream)),
                bytes: 0,
                pending: Vec::new(),
            });
            next_connection(&mut st);
        }
        st.fire(crate::faults::When::Connection(id));
        drop(st);
        shared.changed();
    }
}

/// The next waiting connection is served when none is.
fn next_connection(st: &mut State) {
    if st.conn.is_none()
        && st.power
        && let Some(conn) = st.waiting.pop_front()
    {
        st.conn = Some(conn);
        st.greet();
    }
}

fn read(shared: &Shared, id: u64, stream: &Stream, buffer: &mut [u8]) {
    let mut st = shared.lock();
    // It may have been closed, or the room taken, since the lock was given up.
    if st.conn.as_ref().is_none_or(|c| c.id != id) {
        return;
    }
    let room = st.room().min(buffer.len());
    if room == 0 {
        return;
    }
    match stream.take(&mut buffer[..room]) {
        Got::Bytes(n) => st.receive(&buffer[..n]),
        Got::Nothing => return,
        Got::End => st.close("peer", false),
        Got::Broken => st.close("reset", false),
    }
    drop(st);
    shared.work.notify_all();
    shared.watch.notify_all();
}
