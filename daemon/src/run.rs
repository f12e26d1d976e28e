//! The daemon as a process of its own: signals, the service manager, exit codes. What it does is in `serve`.

use std::io::Write as _;
use std::sync::Arc;

use receiptd_printer::usb::Discovery;
use receiptd_printer::usb::wire::Bus;
use receiptd_store::Store;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{self, Settings};
use crate::handover::{self, HandoverError};
use crate::ipc;
use crate::notify::notify;
use crate::reload::{Source, reload};
use crate::serve::{Surroundings, open, roads, serve};
use crate::shell::Shell;
use crate::watchdog::Watchdog;

/// Why the daemon ended otherwise than asked; the number is its exit code.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The spool can't be used.
    #[error("{0}")]
    Store(#[from] receiptd_store::OpenError),
    /// The spool can't be read.
    #[error("the spool can't be read: {0}")]
    Read(#[from] receiptd_store::ReadError),
    /// The interface can't be offered.
    #[error("{0}")]
    Ipc(#[from] ipc::IpcError),
    /// The socket that was handed over can't be used.
    #[error("{0}")]
    Handover(#[from] HandoverError),
    /// The operating system refused something that the daemon can't do without.
    #[error("{what}: {source}")]
    System {
        /// What.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// A part of the daemon ended although it should not.
    #[error("{0} ended unexpectedly; the service manager starts the daemon again")]
    Ended(&'static str),
}

impl RunError {
    /// The exit code, after `sysexits.h` where there is a fitting one.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Store(_) | Self::Read(_) => 73,
            Self::Ipc(_) => 76,
            Self::Handover(_) => 78,
            Self::System { .. } | Self::Ended(_) => 1,
        }
    }
}

/// Runs until a signal; SIGHUP reads the configuration from its source again.
///
/// # Errors
/// [`RunError`]; everything accepted is on disk in any case.
pub fn run(settings: &Settings, source: &Source) -> Result<(), RunError> {
    // Receipts are nobody's business but the daemon's; the socket gets its own mode.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let system = |what| move |source| RunError::System { what, source };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(system("the event loop can't be started"))?;
    let store = open(settings)?;
    let result = runtime.block_on(serve_alone(settings, source, &store));
    notify("STOPPING=1");
    if let Err(why) = store.close() {
        log::warn!("{why}");
    }
    // What still waits for a blocking thread (a descriptor that never delivers, say) does not keep us.
    runtime.shutdown_background();
    result
}

/// The daemon of a machine: signals, the service manager, and USB that it looks after itself.
async fn serve_alone(settings: &Settings, source: &Source, store: &Store) -> Result<(), RunError> {
    let signals = |kind| signal(kind).map_err(|source| RunError::System { what: "signals", source });
    let (mut term, mut int) = (signals(SignalKind::terminate())?, signals(SignalKind::interrupt())?);
    let mut hangup = signals(SignalKind::hangup())?;
    let watchdog = Watchdog::from_environment()
        .map_err(|source| RunError::System { what: "a timer for the watchdog", source })?;
    let usb = || Ok(Discovery::start(settings.quirks.clone())? as Arc<dyn Bus>);
    let surroundings = Surroundings { roads: roads(settings, usb)?, ipc: ipc_config(settings)?, watchdog };
    let until_told = async |shell: &Shell| {
        notify("READY=1");
        // For whoever starts the daemon without a service manager: one line on stdout once it answers.
        let _ = writeln!(std::io::stdout(), "ready");
        loop {
            tokio::select! {
                Some(()) = hangup.recv() => reload(source, settings, shell),
                _ = term.recv() => return "SIGTERM",
                _ = int.recv() => return "SIGINT",
            }
        }
    };
    serve(settings, store, surroundings, until_told).await
}

fn ipc_config(settings: &Settings) -> Result<ipc::Config, HandoverError> {
    Ok(ipc::Config {
        socket: settings.api.socket.clone(),
        socket_mode: settings.api.socket_mode,
        socket_group: settings.api.socket_group.clone(),
        bus: settings.api.bus.map(|bus| match bus {
            config::Bus::System => ipc::Bus::System,
            config::Bus::Session => ipc::Bus::Session,
        }),
        operator_group: settings.api.operator_group.clone(),
        inherited: handover::take()?,
        ..ipc::Config::default()
    })
}
