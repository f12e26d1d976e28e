//! The shell around the core: one lock, one loop. Inputs come from callers, links, the store and the clock;
//! outputs are carried out in their order. Nothing is decided here.
//!
//! Everything that touches the core runs on one thread; the lock is never held across a wait. The committer
//! thread of the store only leaves a note and wakes the loop.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use receiptd_core::ids::{BatchId, JobId, PrinterIx, SessionId, Ticket};
use receiptd_core::link::{LinkCommand, LinkEvent, LinkFault};
use receiptd_core::record::{JobRecord, StoreOp};
use receiptd_core::request::{Answer, Caller, Refusal, Request};
use receiptd_core::retention::Memory;
use receiptd_core::time::{Mono, Now, Wall};
use receiptd_core::{Core, Input, Output, StoreFault};
use receiptd_document::Profile;
use receiptd_printer::session::{Event, EventSink, Link, Slice, Tag, WireCommand};
use receiptd_printer::usb::Device;
use receiptd_store::{Looked, Store};
use receiptd_templates::Loaded;
use tokio::sync::{Notify, mpsc, oneshot};

mod news;
mod road;

use road::Road;

use crate::chronicle::Chronicle;
use crate::config::{Retention, Settings};
use crate::ipc::Notices;
use crate::pace::Pace;
use crate::prepare::Bodies;
use crate::watchdog::Watchdog;
use crate::{convert, janitor, spool};

/// Events of links that may wait for the loop. Full means that reading from printers pauses for a moment.
const LINK_EVENTS_MAX: usize = 256;

/// The answer to a request.
pub type Answered = oneshot::Receiver<Result<Answer, Refusal>>;

/// What the committer thread leaves for the loop.
type Completions = Arc<Mutex<Vec<(BatchId, Result<(), StoreFault>)>>>;

struct State {
    core: Core,
    store: Store,
    looked: Looked,
    retention: Retention,
    memory: Memory,
    /// Jobs whose bodies are about to be deleted.
    going: BTreeSet<JobId>,
    templates: Arc<Loaded>,
    warnings: Vec<String>,
    roads: Vec<Road>,
    bodies: Bodies,
    tickets: BTreeMap<Ticket, oneshot::Sender<Result<Answer, Refusal>>>,
    next_ticket: u64,
    /// Inputs that carrying out outputs gave rise to.
    inbox: VecDeque<Input>,
    notices: Option<Notices>,
    /// Printers with news that the surroundings do not know yet.
    changed_printers: Vec<PrinterIx>,
    /// For each printer how often its changes are told, and whether there is one that was not told yet.
    paces: Vec<(Pace, bool)>,
    chronicle: Chronicle,
    /// How many jobs were told to wait at each printer.
    queues_told: Vec<u32>,
}

/// The daemon's heart, shared by the loop and the interface.
#[derive(Clone)]
pub struct Shell {
    state: Arc<Mutex<State>>,
    completions: Completions,
    wake: Arc<Notify>,
    events: EventSink,
    started: Instant,
}

/// How a printer is reached, for [`Shell::new`].
pub struct NewRoad {
    /// The link.
    pub link: Box<dyn Link + Send>,
    /// Paper and commands.
    pub profile: Profile,
    /// What people are shown.
    pub endpoint: String,
}

impl Shell {
    /// A shell around a core that has not been drained yet, and what its loop listens to.
    pub fn new(
        make_core: impl FnOnce(Now) -> Core,
        store: Store,
        roads: Vec<NewRoad>,
        retention: Retention,
    ) -> (Self, mpsc::Receiver<Event>) {
        let (sender, receiver) = mpsc::channel(LINK_EVENTS_MAX);
        let started = Instant::now();
        let core = make_core(now(started));
        let memory = janitor::memory(&store);
        let roads: Vec<Road> = roads
            .into_iter()
            .map(|road| Road {
                link: road.link,
                session: None,
                profile: road.profile,
                endpoint: road.endpoint,
                waiting: VecDeque::new(),
                over: None,
            })
            .collect();
        let paces = roads.iter().map(|_| (Pace::new(started), false)).collect();
        let state = State {
            core,
            store,
            looked: Looked::default(),
            retention,
            memory,
            going: BTreeSet::new(),
            templates: Arc::default(),
            warnings: Vec::new(),
            roads,
            bodies: Bodies::default(),
            tickets: BTreeMap::new(),
            next_ticket: 0,
            inbox: VecDeque::new(),
            notices: None,
            changed_printers: Vec::new(),
            paces,
            chronicle: Chronicle::default(),
            queues_told: Vec::new(),
        };
        let shell = Self {
            state: Arc::new(Mutex::new(state)),
            completions: Completions::default(),
            wake: Arc::new(Notify::new()),
            events: EventSink::new(sender),
            started,
        };
        (shell, receiver)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under the lock ends the process through the supervisor; until then the state is whole,
        // since the core is not re-entered in the middle of an input.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins telling news.
    pub fn set_notices(&self, notices: Notices) {
        let mut state = self.lock();
        state.core.set_watched(true);
        notices.warnings_changed(&state.warnings);
        state.notices = Some(notices);
    }

    /// Asks the core; the answer comes when it is durable.
    pub fn ask(&self, caller: Caller, request: Request) -> Answered {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.lock();
        let ticket = Ticket(state.next_ticket);
        state.next_ticket += 1;
        state.tickets.insert(ticket, sender);
        self.feed(&mut state, Input::Request { ticket, caller, request });
        receiver
    }

    /// Looks at the core and the store under the lock.
    pub fn with<T>(&self, look: impl FnOnce(&mut Core, &Store) -> T) -> T {
        let mut state = self.lock();
        let state = &mut *state;
        look(&mut state.core, &state.store)
    }

    /// The same, with the jobs whose bodies are about to be deleted although they are within their time: nothing may rely on
    /// them any more.
    pub fn with_going<T>(&self, look: impl FnOnce(&mut Core, &Store, &mut BTreeSet<JobId>) -> T) -> T {
        let mut state = self.lock();
        let state = &mut *state;
        look(&mut state.core, &state.store, &mut state.going)
    }

    /// All printers as the interface shows them, the default one first.
    pub fn printers(&self) -> Vec<receiptd_api::PrinterInfo> {
        let state = self.lock();
        let views = (0..state.core.printer_count()).filter_map(|ix| {
            let view = state.core.printer_view(PrinterIx(ix as u16))?;
            Some(convert::printer(&view, &state.roads.get(ix)?.place()))
        });
        views.collect()
    }

    /// The full name of a printer: the default one's for an empty name; `None` if there is none of that name.
    pub fn printer_name(&self, name: &str) -> Option<String> {
        let state = self.lock();
        let mut views =
            (0..state.core.printer_count()).filter_map(|ix| state.core.printer_view(PrinterIx(ix as u16)));
        views.find(|view| name.is_empty() || view.name == name).map(|view| view.name)
    }

    /// The profile of a printer, of the default one for an empty name.
    pub fn profile(&self, name: &str) -> Option<Profile> {
        self.lock().road(name).map(|road| road.profile.clone())
    }

    /// Where a printer is, and what its road tells of it.
    pub fn reached(&self, name: &str) -> Option<(String, Option<Device>)> {
        self.lock().road(name).map(|road| (road.place(), road.link.device()))
    }

    /// Drains what the core wanted at its start.
    pub fn begin(&self) {
        let mut state = self.lock();
        self.feed(&mut state, Input::Tick);
    }

    /// Starts no more attempts and closes the sessions once the attempts under way are through.
    pub fn shut_down(&self) {
        let mut state = self.lock();
        self.feed(&mut state, Input::Shutdown);
    }

    /// Whether nothing is under way any more after [`Self::shut_down`].
    pub fn is_quiet(&self) -> bool {
        self.lock().core.is_quiet()
    }

    /// Whether what is under way after [`Self::shut_down`], if anything, waits for a person at the printer.
    pub fn waits_for_people(&self) -> bool {
        self.lock().core.waits_for_people()
    }

    /// How long what is kept.
    pub fn retention(&self) -> Retention {
        self.lock().retention
    }

    /// What retention knows of time.
    pub fn memory(&self) -> Memory {
        self.lock().memory.clone()
    }

    /// Takes what a walk of retention knows of time, once it is stored.
    pub fn remember(&self, memory: Memory) {
        self.lock().memory = memory;
    }

    /// Whether a job's content is within its time, by the same reckoning as the walks of retention.
    pub fn keeps_body(&self, record: &JobRecord) -> bool {
        let state = self.lock();
        let age = state.memory.age_ms(record, now(self.started).wall);
        age.is_none_or(|ms| u128::from(ms) < state.retention.bodies.as_millis())
    }

    /// The templates that receipts get from now on.
    pub fn templates(&self) -> Arc<Loaded> {
        Arc::clone(&self.lock().templates)
    }

    /// Takes what can change while the daemon runs from a configuration: at the start, and when it was read again; and what
    /// is wrong with it, for whoever asks.
    pub fn reconfigure(&self, settings: &Settings, warnings: Vec<String>) {
        let mut state = self.lock();
        if let Some(notices) = &state.notices {
            notices.warnings_changed(&warnings);
        }
        state.warnings = warnings;
        state.retention = settings.retention;
        state.templates = Arc::clone(&settings.templates);
        state.core.set_limits(&settings.core);
    }

    /// What does not do its work any more, if anything: a thread of the store, a road to a printer. Wakes none of them.
    fn stuck(&self) -> Option<String> {
        let mut state = self.lock();
        let State { store, looked, roads, .. } = &mut *state;
        store.stuck(looked).or_else(|| {
            roads.iter_mut().find_map(|road| {
                let why = road.stuck()?;
                Some(format!("the road to the printer at {}: {why}", road.endpoint))
            })
        })
    }

    /// The loop. Ends never, unless all senders of events are gone. It is the one that feeds the watchdog: what a timer
    /// beside it would prove is that timers work.
    pub async fn run(&self, mut events: mpsc::Receiver<Event>, watchdog: Watchdog) {
        loop {
            let at = self.lock().next_deadline(self.started);
            tokio::select! {
                biased;
                // First: under load the others are always ready.
                () = watchdog.due() => watchdog.feed_unless(self.stuck()),
                () = self.wake.notified() => self.take_completions(),
                event = events.recv() => match event {
                    Some(event) => self.take_events(event, &mut events),
                    None => return,
                },
                () = sleep_until(at) => self.begin(),
            }
        }
    }

    fn take_completions(&self) {
        let done = {
            let mut completions = self.completions.lock().unwrap_or_else(PoisonError::into_inner);
            core::mem::take(&mut *completions)
        };
        let mut state = self.lock();
        for (batch, result) in done {
            let input = match result {
                Ok(()) => Input::Persisted(batch),
                Err(fault) => Input::PersistFailed(batch, fault),
            };
            self.feed(&mut state, input);
        }
        state.tell_queues();
    }

    fn take_events(&self, first: Event, more: &mut mpsc::Receiver<Event>) {
        let mut state = self.lock();
        let mut next = Some(first);
        while let Some((printer, session, event)) = next {
            let ended = matches!(event, LinkEvent::Ended(_));
            if let Some(road) = state.roads.get_mut(usize::from(printer.0)) {
                if ended && road.session.as_ref().is_some_and(|(id, _)| *id == session) {
                    road.session = None;
                    road.waiting.clear();
                } else {
                    road.send_waiting();
                }
            }
            self.feed(&mut state, Input::Link { printer, session, event });
            next = more.try_recv().ok();
        }
    }

    /// One input, and everything that follows from it at once.
    fn feed(&self, state: &mut State, input: Input) {
        let before = state.next_deadline(self.started);
        state.inbox.push_back(input);
        while let Some(input) = state.inbox.pop_front() {
            state.core.handle(now(self.started), input);
            while let Some(output) = state.core.poll_output() {
                self.carry_out(state, output);
            }
        }
        state.tell_printers();
        if state.next_deadline(self.started) != before {
            // The loop sleeps until the deadline that it knew.
            self.wake.notify_one();
        }
    }

    fn carry_out(&self, state: &mut State, output: Output) {
        match output {
            Output::Persist { batch, class, ops } => {
                for op in &ops {
                    if let StoreOp::PutBody { job, bytes } = op
                        && state.core.wants_body(*job)
                    {
                        state.bodies.remember(*job, bytes);
                    }
                }
                let (completions, wake) = (Arc::clone(&self.completions), Arc::clone(&self.wake));
                let done = Box::new(move |result: Result<u64, receiptd_store::CommitError>| {
                    let result = result.map(|_| ()).map_err(|e| spool::fault(&e));
                    let mut list = completions.lock().unwrap_or_else(PoisonError::into_inner);
                    list.push((batch, result));
                    drop(list);
                    wake.notify_one();
                });
                if let Err(refused) = state.store.commit(spool::batch(class, ops), done) {
                    // The store itself says once that it is full or has failed.
                    log::debug!("the store refused a batch: {refused}");
                    state.inbox.push_back(Input::PersistFailed(batch, spool::fault(&refused)));
                }
            }
            Output::Reply { ticket, answer } => {
                if let Some(sender) = state.tickets.remove(&ticket) {
                    // A caller who left does not wait any more; what it asked for was done all the same.
                    let _ = sender.send(answer);
                }
            }
            Output::Link { printer, session, command } => self.link(state, printer, session, command),
            Output::JobNews(record) => {
                if let Some(notices) = &state.notices {
                    notices.job_changed(&convert::job(&record, true));
                }
                Chronicle::job(&record);
            }
            Output::PrinterNews(printer) => {
                if !state.changed_printers.contains(&printer) {
                    state.changed_printers.push(printer);
                }
            }
        }
    }

    fn link(&self, state: &mut State, printer: PrinterIx, session: SessionId, command: LinkCommand) {
        let Some(road) = state.roads.get_mut(usize::from(printer.0)) else { return };
        let command = match command {
            LinkCommand::Open => {
                road.waiting.clear();
                road.session = Some((session, road.link.open(session, self.events.clone())));
                return;
            }
            LinkCommand::Close => {
                road.waiting.clear();
                road.session = None;
                return;
            }
            LinkCommand::Prefetch(job) => {
                self.prefetch(state, printer, session, job);
                return;
            }
            LinkCommand::Ask(query) => WireCommand::Ask(query),
            LinkCommand::Forget(query) => WireCommand::Forget(query),
            LinkCommand::Resync => WireCommand::Resync,
            LinkCommand::Page(bytes) => WireCommand::Page(Slice::whole(bytes)),
            LinkCommand::Send { job, body_of, attempt, part, fence, mark } => {
                let shape = state.core.shape(job).cloned().unwrap_or_default();
                match state.bodies.get(&state.store, body_of) {
                    Ok(body) => {
                        let bytes = body.part(job, &shape, part, mark.as_ref(), &road.profile);
                        WireCommand::Write { tag: Tag { job, attempt, part }, bytes, fence }
                    }
                    Err(why) => {
                        // It was there a moment ago, when it was fetched ahead.
                        log::error!("{why}");
                        self.break_off(state, printer, session);
                        return;
                    }
                }
            }
        };
        if let Some(road) = state.roads.get_mut(usize::from(printer.0)) {
            road.waiting.push_back(command);
            road.send_waiting();
        }
    }

    fn prefetch(&self, state: &mut State, printer: PrinterIx, session: SessionId, job: JobId) {
        if let Err(why) = state.bodies.get(&state.store, job) {
            log::error!("{why}; the job waits for a person");
            self.break_off(state, printer, session);
        }
    }

    fn break_off(&self, state: &mut State, printer: PrinterIx, session: SessionId) {
        if let Some(road) = state.roads.get_mut(usize::from(printer.0)) {
            road.session = None;
            road.waiting.clear();
        }
        let event = LinkEvent::Ended(LinkFault::BodyUnreadable);
        state.inbox.push_back(Input::Link { printer, session, event });
    }
}

impl State {
    /// The road to a printer, to the default one for an empty name.
    fn road(&self, name: &str) -> Option<&Road> {
        let position = (0..self.core.printer_count()).find(|ix| {
            name.is_empty() || self.core.printer_view(PrinterIx(*ix as u16)).is_some_and(|v| v.name == name)
        })?;
        self.roads.get(position)
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

fn now(started: Instant) -> Now {
    let mono = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    // A clock before 1970 is a terminal without a battery: time 0, until the network corrects it.
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let wall = u64::try_from(wall.as_millis()).unwrap_or(u64::MAX);
    Now { mono: Mono(mono), wall: Wall(wall) }
}
