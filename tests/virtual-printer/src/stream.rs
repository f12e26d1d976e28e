//! What a host is connected by: a TCP connection, or the printer's end of a USB cable.

use crate::endpoints::{Direction, Endpoints};
use crate::faults::Halt;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};
use std::fs::File;
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

/// A connection to a host, never waited for.
#[derive(Debug)]
pub(crate) enum Stream {
    /// Raw TCP.
    Tcp(TcpStream),
    /// The device node of a printer gadget.
    Usb(File),
    /// The endpoints of FunctionFS. What the host sends comes by their own thread.
    Endpoints(Arc<Endpoints>),
}

/// What a read brought.
pub(crate) enum Got {
    /// So many bytes.
    Bytes(usize),
    /// Nothing yet.
    Nothing,
    /// The host ended it.
    End,
    /// It broke.
    Broken,
}

impl Stream {
    /// Takes what is there.
    pub(crate) fn take(&self, buffer: &mut [u8]) -> Got {
        match self {
            Self::Tcp(stream) => match rustix::net::recv(stream, buffer, RecvFlags::DONTWAIT) {
                Ok((0, _)) => Got::End,
                Ok((n, _)) => Got::Bytes(n),
                Err(Errno::AGAIN | Errno::INTR) => Got::Nothing,
                Err(_) => Got::Broken,
            },
            Self::Usb(node) => match rustix::io::read(node, buffer) {
                Ok(0) | Err(Errno::AGAIN | Errno::INTR) => Got::Nothing,
                Ok(n) => Got::Bytes(n),
                Err(_) => Got::Broken,
            },
            Self::Endpoints(_) => Got::Nothing,
        }
    }

    /// Gives what the host takes.
    pub(crate) fn give(&self, bytes: &[u8]) -> Result<usize, Errno> {
        match self {
            Self::Tcp(stream) => rustix::net::send(stream, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL),
            Self::Usb(node) => rustix::io::write(node, bytes),
            Self::Endpoints(endpoints) => endpoints.give(bytes),
        }
    }

    /// The host shall see a broken connection, not an orderly end. On USB the unplugging does that.
    pub(crate) fn break_off(&self) {
        if let Self::Tcp(stream) = self {
            // The socket is closed when the I/O thread lets go of it; a linger time of 0 makes that a RST.
            let _ = rustix::net::sockopt::set_socket_linger(stream, Some(Duration::ZERO));
        }
    }

    /// What tells that there is something to take; `None` when it comes by itself.
    pub(crate) fn readable(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Self::Tcp(stream) => Some(stream.as_fd()),
            Self::Usb(node) => Some(node.as_fd()),
            Self::Endpoints(_) => None,
        }
    }

    /// Halts an endpoint, where this program has it in its hand.
    pub(crate) fn halt(&self, direction: Direction, halt: Halt) {
        if let Self::Endpoints(endpoints) = self {
            endpoints.halt(direction, halt);
        }
    }
}
