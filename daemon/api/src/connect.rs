//! How a client reaches the daemon: a bus, or the daemon's own socket; and what to say when it does not.
//!
//! It keeps no state and does not reconnect: a client that must survive a restart of the daemon connects again
//! and repeats its calls with the same keys.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zbus::connection::Builder;
use zbus::{Connection, OwnedObjectPath};

use crate::error::CallError;
use crate::names;
use crate::spooler::Spooler;
use crate::types::{PrinterInfo, ProbeReport};

/// How long a call may take, in all: the disk may be slow, a machine may be busy, but a payment app must
/// tell its user something. After this the call is as good as [`CallError::Disconnected`].
pub const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for a call for which a person may be asked for a password: longer than the 120 s that the daemon gives the person.
pub const PATIENT_TIMEOUT: Duration = Duration::from_secs(150);
/// How long connecting and authenticating may take: everything is on this machine.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Where to look for the daemon.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Where {
    /// The system bus.
    System,
    /// The session bus of the user.
    Session,
    /// A bus at a D-Bus address; for tests.
    Address(String),
    /// A socket of the daemon.
    Socket(PathBuf),
    /// `$RECEIPTD_SOCKET` if set; else the default socket if it is there; else the system bus.
    #[default]
    Auto,
}

/// Why the daemon could not be reached, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// There is no socket at that path.
    #[error("there is no socket at {0}: is the daemon running? (systemctl status receiptd)")]
    NoSocket(PathBuf),
    /// Something is at the path, but nobody listens.
    #[error("nobody listens at {0}: the daemon has stopped or crashed (systemctl status receiptd)")]
    NobodyListens(PathBuf),
    /// The file system does not let this user in.
    #[error("no permission for {path}: {hint}")]
    Denied {
        /// The socket.
        path: PathBuf,
        /// Which group would help.
        hint: String,
    },
    /// The path cannot be a socket's.
    #[error("the socket path has {bytes} bytes, and at most {max} are possible: {path}", max = names::SOCKET_PATH_BYTES_MAX)]
    PathTooLong {
        /// The socket.
        path: PathBuf,
        /// Its length.
        bytes: usize,
    },
    /// The daemon, or what is at that path, did not shake hands in time.
    #[error("the daemon did not answer within {seconds} s at {0}", seconds = CONNECT_TIMEOUT.as_secs())]
    Timeout(String),
    /// The bus itself is not there.
    #[error("the {bus} bus cannot be reached ({source}): use the daemon's socket instead")]
    NoBus {
        /// Which bus.
        bus: &'static str,
        /// Why.
        source: zbus::Error,
    },
    /// The daemon closed the connection, for example because it has too many.
    #[error("the daemon at {path} refused the connection: {source} (too many connections?)")]
    Refused {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: zbus::Error,
    },
}

/// A connection to the daemon. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    connection: Connection,
    spooler: Spooler,
}

impl Client {
    /// Connects. On a bus this succeeds even if the daemon is not running: the first call tells
    /// ([`CallError::NotRunning`]), unless the bus starts it.
    pub async fn connect(to: Where) -> Result<Self, ConnectError> {
        match to {
            Where::System => Self::over_bus("system", Builder::system()).await,
            Where::Session => Self::over_bus("session", Builder::session()).await,
            Where::Address(address) => Self::over_bus("given", Builder::address(address.as_str())).await,
            Where::Socket(path) => Self::over_socket(&path).await,
            Where::Auto => {
                // Empty is what a script writes for none.
                if let Some(path) = std::env::var_os(names::SOCKET_VARIABLE).filter(|path| !path.is_empty()) {
                    return Self::over_socket(Path::new(&path)).await;
                }
                let path = Path::new(names::DEFAULT_SOCKET);
                // A socket this user may not use does not end the search: the bus may allow what it does not.
                match Self::over_socket(path).await {
                    Ok(client) => Ok(client),
                    Err(over_socket) => match Self::over_bus("system", Builder::system()).await {
                        Ok(client) => Ok(client),
                        Err(ConnectError::NoBus { .. }) => Err(over_socket),
                        Err(over_bus) => Err(over_bus),
                    },
                }
            }
        }
    }

    /// Over a connection that is there already: one end of a pair whose other end the daemon has.
    pub async fn over_stream(stream: std::os::unix::net::UnixStream) -> Result<Self, ConnectError> {
        Self::shake_hands(stream, Path::new("a socket pair")).await
    }

    /// The spooler.
    pub const fn spooler(&self) -> &Spooler {
        &self.spooler
    }

    /// The connection beneath, to wait for its end or to use other interfaces.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether it has ended, or can't be used any more: connect again.
    pub fn is_closed(&self) -> bool {
        self.spooler.line().is_closed()
    }

    /// Whether a call is being sent, by somebody who waits for its answer or not.
    pub fn is_sending(&self) -> bool {
        self.spooler.line().is_sending()
    }

    /// Waits until all calls are sent that were begun, at most some 30 s. A call that nobody waits for any more is sent to its
    /// end as long as the runtime runs.
    pub async fn sent(&self) {
        self.spooler.line().sent().await;
    }

    /// Everything about all printers, the default one first.
    pub async fn printers(&self) -> Result<Vec<PrinterInfo>, CallError> {
        let mut printers = Vec::new();
        for path in self.spooler.list_printers().await? {
            printers.push(self.printer_info(&path).await?);
        }
        Ok(printers)
    }

    /// Everything about the printer at `path`; see [`names::printer_path`]. There being none is
    /// [`ApiError::UnknownPrinter`](crate::ApiError::UnknownPrinter).
    pub async fn printer_info(&self, path: &OwnedObjectPath) -> Result<PrinterInfo, CallError> {
        let asked = self.spooler.printer_properties(path).await;
        asked.map(|properties| properties.0).map_err(|error| error.of_printer(path.as_str()))
    }

    /// Asks the printer at `path` everything, prints a page, and says what it answered. For operators; may take a quarter of a
    /// minute.
    pub async fn probe(&self, path: &OwnedObjectPath) -> Result<ProbeReport, CallError> {
        self.spooler.probe(path).await.map_err(|error| error.of_printer(path.as_str()))
    }

    async fn over_bus(bus: &'static str, builder: Builder<'_>) -> Result<Self, ConnectError> {
        let build = builder.method_timeout(CALL_TIMEOUT).build();
        match tokio::time::timeout(CONNECT_TIMEOUT, build).await {
            Ok(Ok(connection)) => Ok(Self::over(connection)),
            Ok(Err(source)) => Err(ConnectError::NoBus { bus, source }),
            Err(_) => Err(ConnectError::Timeout(format!("the {bus} bus"))),
        }
    }

    async fn over_socket(path: &Path) -> Result<Self, ConnectError> {
        let bytes = path.as_os_str().as_bytes().len();
        if bytes > names::SOCKET_PATH_BYTES_MAX {
            return Err(ConnectError::PathTooLong { path: path.to_owned(), bytes });
        }
        let attempt = async {
            let stream = tokio::net::UnixStream::connect(path)
                .await
                .and_then(tokio::net::UnixStream::into_std)
                .map_err(|error| explain(path, &error))?;
            Self::shake_hands(stream, path).await
        };
        tokio::time::timeout(CONNECT_TIMEOUT, attempt)
            .await
            .unwrap_or_else(|_| Err(ConnectError::Timeout(path.display().to_string())))
    }

    async fn shake_hands(stream: std::os::unix::net::UnixStream, path: &Path) -> Result<Self, ConnectError> {
        let refused = |source| ConnectError::Refused { path: path.to_owned(), source };
        let build = Builder::unix_stream(stream).p2p().method_timeout(CALL_TIMEOUT).build();
        build.await.map(Self::over).map_err(refused)
    }

    fn over(connection: Connection) -> Self {
        let spooler = Spooler::new(connection.clone());
        Self { connection, spooler }
    }
}

/// What an error of `connect` means for the person who reads it.
fn explain(path: &Path, error: &io::Error) -> ConnectError {
    match error.kind() {
        io::ErrorKind::NotFound => ConnectError::NoSocket(path.to_owned()),
        io::ErrorKind::PermissionDenied => {
            // The directory may hide the socket; then its own group is the one that helps.
            let owner = std::fs::metadata(path)
                .or_else(|_| path.parent().map_or_else(|| std::fs::metadata("/"), std::fs::metadata));
            let hint = match owner {
                Ok(metadata) => format!(
                    "it is for members of the group with gid {gid} (getent group {gid}; \
                     sudo usermod -aG GROUP USER, then log in again)",
                    gid = metadata.gid()
                ),
                Err(_) => "its directory is closed to this user".to_owned(),
            };
            ConnectError::Denied { path: path.to_owned(), hint }
        }
        _ => ConnectError::NobodyListens(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(path: &str) -> ConnectError {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
        runtime.block_on(Client::connect(Where::Socket(path.into()))).expect_err("nobody is there")
    }

    #[test]
    fn errors_say_what_to_do() {
        assert!(connect("/nonexistent/api.sock").to_string().contains("is the daemon running?"));
        let long = format!("/tmp/{}", "x".repeat(103));
        let error = connect(&long).to_string();
        assert!(error.contains("108 bytes") && error.contains("107"), "{error}");
        let denied = explain(Path::new("/etc/passwd"), &io::ErrorKind::PermissionDenied.into());
        assert!(denied.to_string().contains("gid 0"), "{denied}");
    }
}
