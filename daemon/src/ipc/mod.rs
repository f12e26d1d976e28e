//! The D-Bus server: the interface of `receiptd_api`, on a Unix socket, on a bus, or on both.
//!
//! ```text
//!  socket --accept--> peers --+                        +--> Backend (the daemon)
//!   one connection each, link |--> Spooler, Printer ---+
//!  bus ------join---> bus ----+    asker: who is it?   +--> hub <-- Notices (the daemon)
//!   one connection for all         check: its shape          who is told what
//! ```
//! It decides nothing about receipts. It answers for: who is calling ([`Caller`]), that the shape of a call is
//! right, that one client cannot take the memory, the time or the connections of the others (`limits`), and
//! that whoever watches is told, without the daemon ever waiting for a client.
//!
//! Everything runs on the tokio runtime that [`serve`] is called on; one thread is enough. zbus takes no
//! thread of its own there. Methods take `&self`, so calls of all clients run side by side.

mod asker;
mod backend;
mod bus;
mod caller;
mod check;
mod client;
mod document;
mod error;
mod groups;
mod hub;
mod limits;
mod link;
mod listen;
mod objects;
mod peers;
mod polkit;
mod printer;
mod properties;
mod spooler;
#[cfg(test)]
mod tests;

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub use backend::{Backend, Caller, SubmitRequest};
pub use bus::{Bus, MaybeBus, NoBus};
pub use caller::Operators;
pub use error::IpcError;
pub use hub::Notices;
pub use limits::Limits;

use document::FdReads;
use hub::Hub;
use listen::{Listening, SocketConfig};

/// The version of the daemon, as the property `Version` tells it.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// How often a server that goes down looks whether the calls under way are done.
const DRAIN_STEP: Duration = Duration::from_millis(10);

/// Where and for whom to serve.
#[derive(Debug)]
pub struct Config<J = Bus> {
    /// The path of the socket to make, at most 107 bytes. Its directory must exist.
    pub socket: Option<PathBuf>,
    /// The permissions of that socket; who may write to it may connect.
    pub socket_mode: u32,
    /// The group that gets that socket, by name or number; `None`: the daemon's own.
    pub socket_group: Option<String>,
    /// A listening socket the service manager made. With it, `socket` is not made.
    pub inherited: Option<OwnedFd>,
    /// Where clients of this very process come from: one end of a pair for each.
    pub handed: Option<mpsc::Receiver<UnixStream>>,
    /// The bus to serve on.
    pub bus: Option<J>,
    /// The Unix group whose members are operators, by name or number.
    pub operator_group: Option<String>,
    /// The bounds.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self::nowhere()
    }
}

impl Config<NoBus> {
    /// Only for clients of this very process.
    pub fn within(handed: mpsc::Receiver<UnixStream>) -> Self {
        Self { handed: Some(handed), ..Self::nowhere() }
    }
}

impl<J> Config<J> {
    fn nowhere() -> Self {
        Self {
            socket: None,
            socket_mode: 0o660,
            socket_group: None,
            inherited: None,
            handed: None,
            bus: None,
            operator_group: None,
            limits: Limits::default(),
        }
    }
}

/// What every connection shares.
pub struct Parts<B> {
    backend: Arc<B>,
    hub: Arc<Hub>,
    fd_reads: FdReads,
}

impl<B> Clone for Parts<B> {
    fn clone(&self) -> Self {
        Self {
            backend: Arc::clone(&self.backend),
            hub: Arc::clone(&self.hub),
            fd_reads: self.fd_reads.clone(),
        }
    }
}

/// A running server. Dropping it stops accepting; [`Server::shut_down`] is the polite way.
#[derive(Debug)]
pub struct Server {
    hub: Arc<Hub>,
    accepting: Option<JoinHandle<()>>,
    on_bus: Option<JoinHandle<()>>,
}

/// Begins to serve. When this returns, clients can connect.
///
/// Must be called on a tokio runtime with I/O and time enabled; a `current_thread` one is enough.
pub async fn serve<B: Backend, J: MaybeBus>(
    config: Config<J>,
    backend: Arc<B>,
) -> Result<(Server, Notices), IpcError> {
    let Config {
        socket,
        socket_mode: mode,
        socket_group: group,
        inherited,
        handed,
        bus,
        operator_group,
        limits,
    } = config;
    let listening = match (handed, inherited, socket) {
        (Some(streams), ..) => Some(Listening::handed(streams)),
        (None, Some(fd), _) => Some(Listening::inherited(fd)?),
        (None, None, Some(path)) => Some(Listening::at(&SocketConfig { path, mode, group }).await?),
        (None, None, None) => None,
    };
    if listening.is_none() && bus.is_none() {
        return Err(IpcError::Nowhere);
    }
    let operators = Operators::new(operator_group);
    let printers = backend.printers().await;
    let hub = Hub::new(printers, backend.store_state(), limits.watches_max);
    let parts = Parts { backend, hub: Arc::clone(&hub), fd_reads: FdReads::new() };
    // The bus first: if it fails, no client was let in.
    let on_bus = match bus {
        Some(bus) => Some(bus.join(parts.clone(), operators.clone()).await?),
        None => None,
    };
    let accepting = listening.map(|mut listening| {
        tokio::spawn(async move { peers::accept(&mut listening, parts, operators, limits).await })
    });
    let notices = Notices(Arc::clone(&hub));
    Ok((Server { hub, accepting, on_bus }, notices))
}

impl Server {
    /// Waits until the server can serve no longer: the bus went away, or a task of it failed. The daemon should
    /// then end, and be started again. Single connections that end are no reason.
    pub async fn ended(&mut self) -> IpcError {
        let accepting = async {
            match &mut self.accepting {
                Some(task) => match task.await {
                    Ok(()) => IpcError::AcceptEnded("it returned".to_owned()),
                    Err(error) => IpcError::AcceptEnded(error.to_string()),
                },
                None => std::future::pending().await,
            }
        };
        let on_bus = async {
            match &mut self.on_bus {
                Some(task) => {
                    // How it ended makes no difference: without the bus there is nobody to serve on it.
                    let _ = task.await;
                    IpcError::BusLost
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            error = accepting => error,
            error = on_bus => error,
        }
    }

    /// Stops accepting, answers new calls with `ShuttingDown`, waits at most `grace` for the calls under way,
    /// and ends all connections. The socket's file is removed at once.
    pub async fn shut_down(mut self, grace: Duration) {
        self.hub.close();
        if let Some(task) = self.accepting.take() {
            task.abort();
            // Wait for it, so that the file of the socket is gone when this returns.
            let _ = task.await;
        }
        let deadline = Instant::now() + grace;
        while !self.hub.is_idle() && Instant::now() < deadline {
            tokio::time::sleep(DRAIN_STEP).await;
        }
        // An answer on the bus may be just about to go out.
        tokio::time::sleep(DRAIN_STEP).await;
        self.hub.cut_all();
        if let Some(task) = self.on_bus.take() {
            task.abort();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for task in [&self.accepting, &self.on_bus].into_iter().flatten() {
            task.abort();
        }
    }
}
