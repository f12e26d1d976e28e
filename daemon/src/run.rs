//! The daemon from start to end: open the spool, start the core, offer the interface, run, end in order.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use receiptd_core::Core;
use receiptd_core::ids::PrinterIx;
use receiptd_printer::session::Link;
use receiptd_printer::tcp::TcpLink;
use receiptd_printer::usb::{Discovery, UsbLink};
use receiptd_store::{OpenReport, Options, Store};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

use crate::backend::{self, Daemon};
use crate::config::{Bus, Endpoint, Settings};
use crate::handover::{self, HandoverError};
use crate::notify::notify;
use crate::reload::{Source, reload};
use crate::shell::{NewRoad, Shell};
use crate::watchdog::Watchdog;
use crate::{ipc, janitor, spool, templates};

/// How long an attempt may go on after SIGTERM before it is left to recovery. A stop takes 5 s at most: what is left of
/// them is for answers, the store's last flush, and giving the printers back.
const QUIET_WAIT: Duration = Duration::from_secs(3);

/// How long calls under way may take to be answered at the end.
const ANSWER_WAIT: Duration = Duration::from_millis(500);

/// How often the end of the attempt is looked for meanwhile.
const QUIET_STEP: Duration = Duration::from_millis(20);

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
    let mut options = Options::new(&settings.directory);
    options.flush_delay = settings.bench_flush_delay;
    let (store, report) = Store::open(options)?;
    tell(&report);
    let result = runtime.block_on(serve(settings, source, &store));
    notify("STOPPING=1");
    if let Err(why) = store.close() {
        log::warn!("{why}");
    }
    // What still waits for a blocking thread (a descriptor that never delivers, say) does not keep us.
    runtime.shutdown_background();
    result
}

async fn serve(settings: &Settings, source: &Source, store: &Store) -> Result<(), RunError> {
    let spooled = spool::read_at_start(store)?;
    log::info!("{} unfinished jobs in {}", spooled.active.len(), settings.directory.display());
    let runtime = Handle::current();
    let roads = roads(settings, &runtime)?;
    let core_config = settings.core.clone();
    let (shell, events) =
        Shell::new(|now| Core::start(core_config, spooled, now), store.clone(), roads, settings.retention);
    shell.reconfigure(settings, templates::tell(settings));
    shell.with(|core, store| {
        // Unfinished reprints count their copies in the original's record.
        for original in core.bodies_in_use() {
            match spool::finished(store, original) {
                Ok(Some(record)) => core.adopt(record),
                Ok(None) => {}
                Err(why) => log::warn!("job {original}, of which a reprint waits, can't be read: {why}"),
            }
        }
    });
    let daemon = Arc::new(Daemon::new(shell.clone()));
    let (mut server, notices) = ipc::serve(ipc_config(settings)?, Arc::clone(&daemon)).await?;
    let on_health = notices.clone();
    store.on_health(move |state| on_health.store_changed(backend::store_state(state)));
    shell.set_notices(notices);
    shell.begin();
    // Whoever sees that it is ready may end it in the next moment, and then it ends in order.
    let signals = |kind| signal(kind).map_err(|source| RunError::System { what: "signals", source });
    let (mut term, mut int) = (signals(SignalKind::terminate())?, signals(SignalKind::interrupt())?);
    let mut hangup = signals(SignalKind::hangup())?;
    let watchdog = Watchdog::from_environment()
        .map_err(|source| RunError::System { what: "a timer for the watchdog", source })?;
    notify("READY=1");
    // For whoever starts the daemon without a service manager: one line on stdout once it answers.
    let _ = writeln!(std::io::stdout(), "ready");

    let mut heart = tokio::spawn({
        let shell = shell.clone();
        async move { shell.run(events, watchdog).await }
    });
    let mut retention = tokio::spawn(janitor::run(shell.clone()));
    let reloads = async {
        while hangup.recv().await.is_some() {
            reload(source, settings, &shell);
        }
        std::future::pending::<()>().await;
    };
    let result = tokio::select! {
        () = reloads => Ok("no more signals"),
        _ = term.recv() => Ok("SIGTERM"),
        _ = int.recv() => Ok("SIGINT"),
        _ = &mut heart => Err(RunError::Ended("the event loop")),
        _ = &mut retention => Err(RunError::Ended("retention")),
        why = server.ended() => {
            log::error!("the interface ended: {why}");
            Err(RunError::Ended("the interface"))
        }
    };
    let signal = result?;
    log::info!("{signal}: ending; an attempt under way has {} s", QUIET_WAIT.as_secs());
    shell.shut_down();
    let _ = tokio::time::timeout(QUIET_WAIT, async {
        // A printer without paper is not waited for.
        while !shell.waits_for_people() {
            tokio::time::sleep(QUIET_STEP).await;
        }
    })
    .await;
    server.shut_down(ANSWER_WAIT).await;
    if !shell.is_quiet() {
        log::warn!("an attempt is left as it is; it will be judged at the next start");
    }
    Ok(())
}

/// A road to each printer. USB is started only where a printer is on it.
fn roads(settings: &Settings, runtime: &Handle) -> Result<Vec<NewRoad>, RunError> {
    let mut usb = None;
    let mut roads = Vec::new();
    for (ix, printer) in settings.printers.iter().enumerate() {
        let ix = PrinterIx(ix as u16);
        let link: Box<dyn Link + Send> = match &printer.endpoint {
            Endpoint::Tcp(address) => Box::new(TcpLink::new(ix, address.clone(), runtime.clone())),
            Endpoint::Usb(address) => {
                let bus = match &usb {
                    Some(bus) => Arc::clone(bus),
                    None => {
                        let started = Discovery::start(settings.quirks.clone());
                        let started = started.map_err(|source| RunError::System { what: "USB", source })?;
                        Arc::clone(usb.insert(started))
                    }
                };
                Box::new(UsbLink::new(ix, address.clone(), bus, runtime.clone()))
            }
        };
        roads.push(NewRoad {
            link,
            profile: printer.profile.clone(),
            endpoint: printer.endpoint.to_string(),
        });
    }
    Ok(roads)
}

fn tell(report: &OpenReport) {
    if let Some(why) = &report.rebuilt {
        log::warn!("the spool was rebuilt from the journal: {why}");
    }
    for damage in &report.journal_damage {
        log::error!("damage in the journal: {damage}");
    }
    if report.lost {
        log::error!(
            "acknowledged batches may be lost: {:?}; what could not be read lies in quarantine/",
            report.damaged_batches
        );
    }
    if report.torn_tail {
        log::info!("the last write was torn by a crash; it had not been acknowledged");
    }
    if report.replayed > 0 {
        log::info!("{} batches were brought from the journal into the spool", report.replayed);
    }
}

fn ipc_config(settings: &Settings) -> Result<ipc::Config, HandoverError> {
    Ok(ipc::Config {
        socket: settings.api.socket.clone(),
        socket_mode: settings.api.socket_mode,
        socket_group: settings.api.socket_group.clone(),
        bus: settings.api.bus.map(|bus| match bus {
            Bus::System => ipc::Bus::System,
            Bus::Session => ipc::Bus::Session,
        }),
        operator_group: settings.api.operator_group.clone(),
        inherited: handover::take()?,
        ..ipc::Config::default()
    })
}
