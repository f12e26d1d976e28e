//! The socket that whoever started the daemon has made for it: init of Android (`ANDROID_SOCKET_receiptd`) or systemd
//! (`LISTEN_FDS`). Callers can be there before the daemon is; they wait in the socket. What a caller may do, and what the
//! file of the socket allows, is left to others: here it only becomes a descriptor that is ours.

#![allow(unsafe_code, reason = "a number from the environment becomes a descriptor; see SAFETY")]

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};

use rustix::io::FdFlags;
use rustix::net::{AddressFamily, SocketType, sockopt};

/// The socket of the service's `.rc` file, `socket receiptd stream …`.
const ANDROID: &str = "ANDROID_SOCKET_receiptd";
/// How many descriptors systemd hands over, from [`FIRST`] on.
const SYSTEMD: &str = "LISTEN_FDS";
/// Which process they are meant for: a child of it inherits the variables too.
const SYSTEMD_PID: &str = "LISTEN_PID";
/// The first descriptor that is not standard input, output or error.
const FIRST: RawFd = 3;
/// Connections that may wait to be accepted: a burst of every client at once.
const BACKLOG: i32 = 256;

/// Why the socket can't be used; the daemon does not start without it, since its callers know no other.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// The variable is no number of a descriptor.
    #[error("{variable} is \"{value}\"; it must be the number of a descriptor, {FIRST} or more")]
    NotANumber {
        /// The variable.
        variable: &'static str,
        /// What it is.
        value: String,
    },
    /// Another number of sockets than one.
    #[error("LISTEN_FDS is \"{0}\"; it must be 1: one ListenStream= in the socket unit")]
    NotOne(String),
    /// Nothing is open under the number.
    #[error("{variable}: descriptor {number} is not open")]
    NotOpen {
        /// The variable.
        variable: &'static str,
        /// The number.
        number: RawFd,
    },
    /// Something else is.
    #[error("{variable}: descriptor {number} is no Unix stream socket")]
    NotASocket {
        /// The variable.
        variable: &'static str,
        /// The number.
        number: RawFd,
    },
    /// The system refused.
    #[error("{variable}: descriptor {number} can't be listened on: {source}")]
    System {
        /// The variable.
        variable: &'static str,
        /// The number.
        number: RawFd,
        /// Why.
        source: io::Error,
    },
}

/// What the environment says.
#[derive(Debug, PartialEq, Eq)]
struct Given {
    variable: &'static str,
    number: RawFd,
}

/// The listening socket that was handed over, if one was. Programs that the daemon starts do not get it. Both variables at
/// once do not occur; Android's counts.
///
/// # Errors
/// One was meant to be handed over, and can't be used.
pub fn take() -> Result<Option<OwnedFd>, HandoverError> {
    let given = read(|name| std::env::var_os(name), std::process::id())?;
    let Some(Given { variable, number }) = given else { return Ok(None) };
    let system = |errno: rustix::io::Errno| HandoverError::System { variable, number, source: errno.into() };
    if fs::symlink_metadata(format!("/proc/self/fd/{number}")).is_err() {
        return Err(HandoverError::NotOpen { variable, number });
    }
    // SAFETY: it is open, and what was open when the process began is closed by nobody in it. It is borrowed, and a
    // duplicate is given away: were the number wrong and that of a file of ours, nothing would be closed behind its back.
    let socket = unsafe { BorrowedFd::borrow_raw(number) };
    if !is_unix_stream(socket) {
        return Err(HandoverError::NotASocket { variable, number });
    }
    rustix::io::fcntl_setfd(socket, FdFlags::CLOEXEC).map_err(system)?;
    // init of Android binds it only. On one of systemd it would change how many may wait.
    if variable == ANDROID {
        rustix::net::listen(socket, BACKLOG).map_err(system)?;
    }
    let ours = socket.try_clone_to_owned();
    ours.map(Some).map_err(|source| HandoverError::System { variable, number, source })
}

fn is_unix_stream(socket: impl AsFd) -> bool {
    sockopt::socket_domain(&socket).is_ok_and(|domain| domain == AddressFamily::UNIX)
        && sockopt::socket_type(&socket).is_ok_and(|kind| kind == SocketType::STREAM)
}

fn read(variable: impl Fn(&str) -> Option<OsString>, pid: u32) -> Result<Option<Given>, HandoverError> {
    let text = |name| variable(name).map(|value: OsString| value.to_string_lossy().into_owned());
    if let Some(value) = text(ANDROID) {
        return match value.parse() {
            Ok(number) if number >= FIRST => Ok(Some(Given { variable: ANDROID, number })),
            _ => Err(HandoverError::NotANumber { variable: ANDROID, value }),
        };
    }
    // Meant for a process that started this one.
    if text(SYSTEMD_PID).and_then(|value| value.parse().ok()) != Some(pid) {
        return Ok(None);
    }
    match text(SYSTEMD) {
        None => Ok(None),
        Some(count) if count == "1" => Ok(Some(Given { variable: SYSTEMD, number: FIRST })),
        Some(count) => Err(HandoverError::NotOne(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(variables: &[(&str, &str)]) -> Result<Option<RawFd>, String> {
        let value = |name: &str| Some(variables.iter().find(|(key, _)| *key == name)?.1.into());
        read(value, 17).map(|given| given.map(|given| given.number)).map_err(|why| why.to_string())
    }

    #[test]
    fn the_socket_is_found_where_it_was_put() {
        assert_eq!(told(&[]), Ok(None));
        assert_eq!(told(&[("ANDROID_SOCKET_receiptd", "9")]), Ok(Some(9)));
        assert_eq!(told(&[("ANDROID_SOCKET_other", "9")]), Ok(None));
        assert_eq!(told(&[("LISTEN_PID", "17"), ("LISTEN_FDS", "1")]), Ok(Some(3)));
    }

    #[test]
    fn a_socket_for_another_process_is_left_alone() {
        assert_eq!(told(&[("LISTEN_PID", "16"), ("LISTEN_FDS", "1")]), Ok(None));
        assert_eq!(told(&[("LISTEN_FDS", "1")]), Ok(None));
        assert_eq!(told(&[("LISTEN_PID", "17")]), Ok(None));
    }

    #[test]
    fn what_is_no_descriptor_is_refused_with_what_is_allowed() {
        for value in ["", "x", "-1", "2", "4294967299"] {
            assert_eq!(
                told(&[("ANDROID_SOCKET_receiptd", value)]),
                Err(format!(
                    "ANDROID_SOCKET_receiptd is \"{value}\"; it must be the number of a descriptor, 3 or more"
                ))
            );
        }
        for count in ["", "0", "2", "x"] {
            let why = told(&[("LISTEN_PID", "17"), ("LISTEN_FDS", count)]).unwrap_err();
            assert_eq!(
                why,
                format!("LISTEN_FDS is \"{count}\"; it must be 1: one ListenStream= in the socket unit")
            );
        }
    }
}
