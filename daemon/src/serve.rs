//! The daemon at work, wherever it lives: start the core, offer the interface, run, end in order.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use receiptd_core::Core;
use receiptd_core::ids::PrinterIx;
use receiptd_printer::session::Link;
use receiptd_printer::tcp::TcpLink;
use receiptd_printer::usb::UsbLink;
use receiptd_printer::usb::wire::Bus;
use receiptd_store::{OpenReport, Options, Store};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::backend::{self, Daemon};
use crate::config::{Endpoint, Settings};
use crate::run::RunError;
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

/// What a daemon finds around it.
pub struct Surroundings<J> {
    /// The way to each printer, in the order of the configuration.
    pub roads: Vec<NewRoad>,
    /// Where the interface is offered.
    pub ipc: ipc::Config<J>,
    /// The service manager's watchdog.
    pub watchdog: Watchdog,
}

/// Opens the spool, and tells what was found there.
///
/// # Errors
/// It can't be used; the error says why.
pub fn open(settings: &Settings) -> Result<Store, RunError> {
    let mut options = Options::new(&settings.directory);
    options.flush_delay = settings.bench_flush_delay;
    let (store, report) = Store::open(options)?;
    tell(&report);
    Ok(store)
}

/// Serves until it is told to end, and ends in order. `until_told` is called once the interface answers, and returns why to
/// end.
///
/// # Errors
/// [`RunError`]; everything accepted is on disk in any case.
pub async fn serve(
    settings: &Settings,
    store: &Store,
    surroundings: Surroundings<impl ipc::MaybeBus>,
    until_told: impl AsyncFnOnce(&Shell) -> &'static str,
) -> Result<(), RunError> {
    let spooled = spool::read_at_start(store)?;
    log::info!("{} unfinished jobs in {}", spooled.active.len(), settings.directory.display());
    let core_config = settings.core.clone();
    let (shell, events) = Shell::new(
        |now| Core::start(core_config, spooled, now),
        store.clone(),
        surroundings.roads,
        settings.retention,
    );
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
    let (mut server, notices) = ipc::serve(surroundings.ipc, Arc::clone(&daemon)).await?;
    let on_health = notices.clone();
    let (changed, health) = watch::channel(());
    store.on_health(move |state| {
        on_health.store_changed(backend::store_state(state));
        changed.send_replace(());
    });
    shell.set_notices(notices);
    shell.begin();
    let mut heart = tokio::spawn({
        let shell = shell.clone();
        async move { shell.run(events, surroundings.watchdog).await }
    });
    let mut retention = tokio::spawn(janitor::run(shell.clone(), health));
    let result = tokio::select! {
        why = until_told(&shell) => Ok(why),
        _ = &mut heart => Err(RunError::Ended("the event loop")),
        _ = &mut retention => Err(RunError::Ended("retention")),
        why = server.ended() => {
            log::error!("the interface ended: {why}");
            Err(RunError::Ended("the interface"))
        }
    };
    let why = result?;
    log::info!("{why}: ending; an attempt under way has {} s", QUIET_WAIT.as_secs());
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

/// A road to each printer, on the runtime that this is called on. USB is started only where a printer is on it.
///
/// # Errors
/// USB can't be started.
pub fn roads(
    settings: &Settings,
    start_usb: impl Fn() -> io::Result<Arc<dyn Bus>>,
) -> Result<Vec<NewRoad>, RunError> {
    let runtime = Handle::current();
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
                        let started =
                            start_usb().map_err(|source| RunError::System { what: "USB", source })?;
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
