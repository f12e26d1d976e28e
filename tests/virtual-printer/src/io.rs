//! The network side: one thread that accepts connections and reads the one being served.
//!
//! Back-pressure is real: the socket is read only as far as the receive buffer has room, so a full buffer
//! closes the TCP window and the sender blocks. A power cut closes the listener too; after power on it
//! listens on the same address again.

use crate::error::Error;
use crate::log::What;
use crate::model::Second;
use crate::state::{Conn, Shared, State};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::RecvFlags;
use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
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

/// The thread. `wake` is the other end of the state's wake pipe.
pub(crate) fn run(shared: &Arc<Shared>, listener: TcpListener, addr: SocketAddr, mut wake: UnixStream) {
    let mut listener = Some(listener);
    let mut buffer = vec![0u8; CHUNK];
    loop {
        let mut retry = false;
        let (target, power) = {
            let mut st = shared.lock();
            if st.stop {
                return;
            }
            match (st.power, &listener) {
                (false, Some(_)) => listener = None,
                (true, None) => match listen(addr, shared.config.socket_buffer) {
                    Ok(l) => listener = Some(l),
                    Err(_) => retry = true,
                },
                _ => {}
            }
            if st.listening != listener.is_some() {
                st.listening = listener.is_some();
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
            (target, st.power)
        };
        let mut fds = vec![PollFd::new(&wake, PollFlags::IN)];
        let listening = listener.as_ref().filter(|_| power);
        if let Some(l) = listening {
            fds.push(PollFd::new(l, PollFlags::IN));
        }
        if let Some((_, stream)) = &target {
            fds.push(PollFd::new(&**stream, PollFlags::IN));
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
            && ready.last() == Some(&true)
            && ready.len() > 1 + usize::from(listening.is_some())
        {
            read(shared, *id, stream, &mut buffer);
        }
    }
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
            st.waiting.push_back(Conn { id, stream: Arc::new(stream), bytes: 0, pending: Vec::new() });
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

fn read(shared: &Shared, id: u64, stream: &TcpStream, buffer: &mut [u8]) {
    let mut st = shared.lock();
    // It may have been closed, or the room taken, since the lock was given up.
    if st.conn.as_ref().is_none_or(|c| c.id != id) {
        return;
    }
    let room = st.room().min(buffer.len());
    if room == 0 {
        return;
    }
    match rustix::net::recv(stream, &mut buffer[..room], RecvFlags::DONTWAIT) {
        Ok((0, _)) => st.close("peer", false),
        Ok((n, _)) => st.receive(&buffer[..n]),
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => return,
        Err(_) => st.close("reset", false),
    }
    drop(st);
    shared.work.notify_all();
    shared.watch.notify_all();
}
