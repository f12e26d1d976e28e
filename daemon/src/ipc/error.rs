//! Why the interface cannot be served; each error says what an integrator can do about it.

use std::io;
use std::path::PathBuf;

use receiptd_api::names;

/// Why [`super::serve`] failed, or why a running server ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IpcError {
    /// The path is too long for a Unix socket.
    #[error(
        "the socket path has {bytes} bytes, and at most {max} are possible: {path}",
        max = names::SOCKET_PATH_BYTES_MAX
    )]
    PathTooLong {
        /// The configured path.
        path: PathBuf,
        /// Its length.
        bytes: usize,
    },
    /// Another process listens there.
    #[error("another process already serves {0}; is receiptd running twice?")]
    SocketInUse(PathBuf),
    /// Something that is not a socket is in the way; it is not touched.
    #[error("{0} exists and is not a socket; move it away")]
    NotASocket(PathBuf),
    /// The group for the socket does not exist.
    #[error(
        "there is no group {0} to give the socket to; create it (systemd-sysusers) or change the configuration"
    )]
    NoSuchGroup(String),
    /// The system refused.
    #[error("{what} {path}: {source}")]
    Socket {
        /// What was tried.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The descriptor that was handed over is not a listening Unix socket.
    #[error("the inherited descriptor is not a listening Unix stream socket: {0}")]
    BadInheritedSocket(io::Error),
    /// Nothing to serve on.
    #[error("neither a socket nor a bus is configured, so nobody could reach the daemon")]
    Nowhere,
    /// The bus cannot be reached.
    #[error("the {bus} bus cannot be reached: {source}")]
    NoBus {
        /// Which.
        bus: &'static str,
        /// Why not.
        source: zbus::Error,
    },
    /// The name is taken.
    #[error("the name {name} on the {bus} bus is owned by another process; is receiptd running twice?", name = names::BUS_NAME)]
    NameTaken {
        /// Which bus.
        bus: &'static str,
    },
    /// The bus's policy does not let us have the name.
    #[error(
        "the {bus} bus does not let this user own {name} ({message}); install the D-Bus policy file io.receiptd.conf",
        name = names::BUS_NAME
    )]
    NameDenied {
        /// Which bus.
        bus: &'static str,
        /// What the bus says.
        message: String,
    },
    /// The bus went away while we served on it.
    #[error("the connection to the bus ended")]
    BusLost,
    /// The task that accepts connections ended, which it should not.
    #[error("the task that accepts connections ended: {0}")]
    AcceptEnded(String),
}
