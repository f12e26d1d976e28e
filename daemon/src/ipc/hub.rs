//! Who is told what: the clients, their watches, and what the objects look like right now.
//!
//! [`Notices`] is the daemon's end. Telling never waits: a message goes into the bounded queue of each client
//! it is for, and a client whose queue is full is cut off (its own connection) or loses its watch (on the
//! bus). With nobody watching, a job's change costs one atomic read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use log::{Level, debug, warn};
use receiptd_api::{ApiError, JobFilter, JobInfo, PrinterInfo, StoreState, names};
use tokio::sync::mpsc;
use zbus::ObjectPath;
use zbus::message::Message;
use zbus::names::OwnedUniqueName;

use super::client::{Client, Out, Road};
use super::properties;
use crate::pace::Pace;

/// The meeting point of all connections. One per server.
#[derive(Debug)]
pub(super) struct Hub {
    /// Calls under way, of all clients.
    pub(super) calls: Arc<AtomicU32>,
    watches: AtomicUsize,
    closing: AtomicBool,
    watches_max: usize,
    state: Mutex<State>,
    /// How often the log tells of clients that are turned away.
    turned_away: Mutex<Pace>,
}

#[derive(Debug, Default)]
struct State {
    peers: BTreeMap<u64, Arc<Client>>,
    watchers: BTreeMap<u64, (JobFilter, Arc<Client>)>,
    bus: Option<mpsc::Sender<Out>>,
    /// Bus clients that lost their watch and have not been told yet.
    lost: BTreeSet<OwnedUniqueName>,
    printers: Vec<PrinterInfo>,
    /// How printers were when they were told of last, where that is not how they are.
    untold: BTreeMap<String, PrinterInfo>,
    store: StoreState,
    warnings: Vec<String>,
}

impl Hub {
    pub(super) fn new(printers: Vec<PrinterInfo>, store: StoreState, watches_max: usize) -> Arc<Self> {
        Arc::new(Self {
            calls: Arc::default(),
            watches: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
            watches_max,
            state: Mutex::new(State { printers, store, ..State::default() }),
            turned_away: Mutex::new(Pace::new(Instant::now())),
        })
    }

    /// Nothing in here is left half-done by a panic, so a poisoned lock is a good one.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, calls are refused.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    pub(super) fn check_open(&self) -> Result<(), ApiError> {
        if self.closing.load(Ordering::Acquire) {
            return Err(ApiError::ShuttingDown("receiptd is going down; ask again later".to_owned()));
        }
        Ok(())
    }

    pub(super) fn set_bus(&self, out: mpsc::Sender<Out>) {
        self.state().bus = Some(out);
    }

    /// Adds a peer; gives the printers it must be shown.
    pub(super) fn add_peer(&self, client: &Arc<Client>) -> Vec<Arc<str>> {
        let mut state = self.state();
        state.peers.insert(client.number, Arc::clone(client));
        state.printers.iter().map(|info| Arc::from(info.name.as_str())).collect()
    }

    /// Forgets a client and its watch.
    pub(super) fn remove(&self, client: &Client) {
        let mut state = self.state();
        state.peers.remove(&client.number);
        state.watchers.remove(&client.number);
        if let Road::Bus(name) = &client.road {
            state.lost.remove(name);
        }
        self.watches.store(state.watchers.len(), Ordering::Release);
    }

    /// Cuts every peer-to-peer connection.
    pub(super) fn cut_all(&self) {
        for client in self.state().peers.values() {
            if let Road::Peer(peer) = &client.road {
                peer.link.cut();
            }
        }
    }

    /// Whether no call is under way, and every peer has its answers.
    pub(super) fn is_idle(&self) -> bool {
        self.calls.load(Ordering::Acquire) == 0
            && self.state().peers.values().all(|client| match &client.road {
                Road::Peer(peer) => peer.link.is_settled(),
                Road::Bus(_) => true,
            })
    }

    pub(super) fn watch(&self, client: &Arc<Client>, filter: JobFilter) -> Result<(), ApiError> {
        let mut state = self.state();
        if !state.watchers.contains_key(&client.number) && state.watchers.len() >= self.watches_max {
            return Err(ApiError::TooManyWatches(format!("{} clients watch already", self.watches_max)));
        }
        client.set_interested();
        state.watchers.insert(client.number, (filter, Arc::clone(client)));
        self.watches.store(state.watchers.len(), Ordering::Release);
        Ok(())
    }

    pub(super) fn unwatch(&self, client: &Client) {
        let mut state = self.state();
        state.watchers.remove(&client.number);
        self.watches.store(state.watchers.len(), Ordering::Release);
    }

    pub(super) fn is_watching(&self, client: &Client) -> bool {
        self.state().watchers.contains_key(&client.number)
    }

    /// How many watch.
    #[cfg(test)]
    pub(super) fn watch_count(&self) -> usize {
        self.watches.load(Ordering::Acquire)
    }

    /// The bus clients to be told that their watch is lost; told once.
    pub(super) fn take_lost(&self) -> BTreeSet<OwnedUniqueName> {
        std::mem::take(&mut self.state().lost)
    }

    /// How loud the log tells of a client that was turned away: any process can be one, and again at once.
    pub(super) fn level_of_turning_away(&self, level: Level) -> Level {
        let mut pace = self.turned_away.lock().unwrap_or_else(PoisonError::into_inner);
        if pace.may(Instant::now()) { level } else { Level::Debug }
    }

    pub(super) fn store_state(&self) -> StoreState {
        self.state().store
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        self.state().warnings.clone()
    }

    pub(super) fn printer_names(&self) -> Vec<String> {
        self.state().printers.iter().map(|info| info.name.clone()).collect()
    }

    /// Looks at the printer called `name`.
    pub(super) fn with_printer<T: Default>(&self, name: &str, look: impl FnOnce(&PrinterInfo) -> T) -> T {
        self.state().printers.iter().find(|info| info.name == name).map(look).unwrap_or_default()
    }

    /// Looks at everything there is.
    pub(super) fn with_all<T>(&self, look: impl FnOnce(StoreState, &[String], &[PrinterInfo]) -> T) -> T {
        let state = self.state();
        look(state.store, &state.warnings, &state.printers)
    }
}

impl State {
    /// Tells a property of the spooler.
    fn tell_spooler(&mut self, property: &str) {
        let path = ObjectPath::from_static_str_unchecked(names::SPOOLER_PATH);
        let warnings = std::mem::take(&mut self.warnings);
        let mut changed = properties::of_spooler(self.store, &warnings);
        changed.retain(|name, _| *name == property);
        self.tell_all(properties::changed_signal(&path, names::SPOOLER_INTERFACE, &changed));
        self.warnings = warnings;
    }

    /// Takes in how a printer is, and gives back how it was; `None` if it is new, which is told at once.
    fn know(&mut self, info: &PrinterInfo) -> Option<PrinterInfo> {
        if let Some(known) = self.printers.iter_mut().find(|known| known.name == info.name) {
            return Some(std::mem::replace(known, info.clone()));
        }
        self.printers.push(info.clone());
        self.order_all(&Out::AddPrinter(Arc::from(info.name.as_str())));
        None
    }

    /// Whether a signal to all would go to anybody.
    fn is_heard(&self) -> bool {
        let mut peers = self.peers.values();
        self.bus.is_some()
            || peers.any(|client| matches!(&client.road, Road::Peer(peer) if peer.link.takes_signals()))
    }

    /// Tells everyone who wants to know.
    fn tell_all(&self, signal: zbus::Result<Message>) {
        let Ok(signal) = signal.inspect_err(|error| warn!("a signal cannot be built: {error}")) else {
            return;
        };
        for client in self.peers.values() {
            if let Road::Peer(peer) = &client.road
                && peer.link.takes_signals()
            {
                self.give(client, Out::Signal(signal.clone()));
            }
        }
        if let Some(bus) = &self.bus
            && bus.try_send(Out::Signal(signal)).is_err()
        {
            debug!("the bus takes no more signals; this one is not sent");
        }
    }

    /// Has every connection show or hide a printer; zbus then announces it.
    fn order_all(&self, order: &Out) {
        for client in self.peers.values() {
            self.give(client, order.clone());
        }
        if let Some(bus) = &self.bus
            && bus.try_send(order.clone()).is_err()
        {
            warn!("the bus takes no more: a change of the printer objects is not shown on it");
        }
    }

    fn give(&self, client: &Client, out: Out) {
        if let Road::Peer(peer) = &client.road
            && let Err(mpsc::error::TrySendError::Full(_)) = peer.out.try_send(out)
        {
            warn!("client {} (connection {}) does not read: cut off", client.caller, client.number);
            peer.link.cut();
        }
    }
}

/// The daemon's end: what has changed. Cheap to clone; may be used from any thread; never waits.
#[derive(Debug, Clone)]
pub struct Notices(pub(super) Arc<Hub>);

impl Notices {
    /// A job changed. `job` may be with or without its story; the story is not sent.
    pub fn job_changed(&self, job: &JobInfo) {
        if self.0.watches.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut state = self.0.state();
        let mut for_peers = None;
        let mut lost = Vec::new();
        for (number, (filter, client)) in &state.watchers {
            if !client.caller.may_see(job.owner_uid) || !filter.matches(job) {
                continue;
            }
            match &client.road {
                Road::Peer(_) => {
                    let signal = for_peers.get_or_insert_with(|| job_signal(job, None));
                    if let Ok(signal) = signal {
                        state.give(client, Out::Signal(signal.clone()));
                    }
                }
                Road::Bus(name) => {
                    let sent = job_signal(job, Some(name)).is_ok_and(|signal| {
                        state.bus.as_ref().is_some_and(|bus| bus.try_send(Out::Signal(signal)).is_ok())
                    });
                    if !sent {
                        lost.push((*number, name.clone()));
                    }
                }
            }
        }
        for (number, name) in lost {
            warn!("the bus takes no more signals: {name} loses its watch");
            state.watchers.remove(&number);
            state.lost.insert(name);
        }
        self.0.watches.store(state.watchers.len(), Ordering::Release);
    }

    /// A printer changed, or is new.
    pub fn printer_changed(&self, info: &PrinterInfo) {
        let mut state = self.0.state();
        let heard = state.is_heard();
        let Some(before) = state.know(info) else { return };
        let before = state.untold.remove(&info.name).unwrap_or(before);
        if !heard {
            return;
        }
        let changed = properties::changed(&before, info);
        if !changed.is_empty() {
            let path = names::printer_path(&info.name);
            state.tell_all(properties::changed_signal(&path, names::PRINTER_INTERFACE, &changed));
        }
    }

    /// A printer is like that now: who asks is told. The signal follows with the next [`Self::printer_changed`].
    pub fn printer_is(&self, info: &PrinterInfo) {
        let mut state = self.0.state();
        if let Some(before) = state.know(info) {
            state.untold.entry(info.name.clone()).or_insert(before);
        }
    }

    /// A printer is no longer configured.
    pub fn printer_removed(&self, name: &str) {
        let mut state = self.0.state();
        let before = state.printers.len();
        state.printers.retain(|info| info.name != name);
        state.untold.remove(name);
        if state.printers.len() < before {
            state.order_all(&Out::RemovePrinter(Arc::from(name)));
        }
    }

    /// Whether receipts can be stored changed.
    pub fn store_changed(&self, store: StoreState) {
        let mut state = self.0.state();
        if state.store != store {
            state.store = store;
            state.tell_spooler("StoreState");
        }
    }

    /// What is wrong with the configuration changed: a sentence each.
    pub fn warnings_changed(&self, warnings: &[String]) {
        let mut state = self.0.state();
        if state.warnings != warnings {
            state.warnings = warnings.to_vec();
            state.tell_spooler("Warnings");
        }
    }
}

/// `JobChanged`, for one bus client or for peers.
fn job_signal(job: &JobInfo, to: Option<&OwnedUniqueName>) -> zbus::Result<Message> {
    let mut signal = Message::signal(names::SPOOLER_PATH, names::SPOOLER_INTERFACE, "JobChanged");
    if let Some(name) = to {
        signal = signal.destination(&**name);
    }
    let built = if job.story.is_empty() {
        signal.build(&(job.id, job.state, job))
    } else {
        let job = JobInfo { story: Vec::new(), ..job.clone() };
        signal.build(&(job.id, job.state, &job))
    };
    built.inspect_err(|error| warn!("a signal cannot be built: {error}"))
}
