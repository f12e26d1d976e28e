//! One life: everything wired together, one event after another.

use std::collections::BTreeMap;

use receiptd_core::Core;
use receiptd_core::faults::{Fault, Faults};
use receiptd_core::ids::{SessionId, Ticket};
use receiptd_core::link::LinkEvent;

use crate::check::Check;
use crate::clients::{Asked, Client};
use crate::clock::{Clock, Queue, SECOND};
use crate::coverage::Coverage;
use crate::disk::{Disk, Done};
use crate::mishaps::Mishap;
use crate::printer::link::Link;
use crate::printer::machine::Machine;
use crate::rng::Rng;
use crate::scenario::Scenario;
use crate::trace::Trace;

/// A life that is not over by then, after faults have stopped, is stuck.
const CALM_MAX_US: u64 = 3 * 3_600 * SECOND;

/// How long nothing must happen at the end.
const IDLE_US: u64 = 120 * SECOND;

/// Ticks at one instant that make a storm.
const STORM: u32 = 1_000;

/// What happens.
#[derive(Debug)]
pub enum Event {
    /// The disk is through with a group.
    Disk(u64),
    /// The store tells the daemon of this run what became of batches.
    Stored(u64, Vec<Done>),
    /// A printer's head is through with something, in that life of the printer.
    Head(usize, u64),
    /// A link moves bytes.
    Pump(usize),
    /// A link tells the daemon something.
    Tell(usize, SessionId, LinkEvent),
    /// A link tries to open a session.
    Open(usize, SessionId),
    /// A link notices that its session is dead.
    Break(usize, SessionId),
    /// An app acts.
    Client(usize),
    /// Something goes wrong, or right again.
    Mishap(Mishap),
    /// The next mishap is chosen.
    Fate,
    /// The daemon starts, in that run.
    Start(u64),
    /// Patience with a daemon that was asked to end is over.
    Kill(u64),
    /// Faults stop.
    Calm,
    /// Is everything settled?
    Look,
}

/// A printer with its link.
#[derive(Debug)]
pub struct Device {
    /// What stands on the counter.
    pub machine: Machine,
    /// The cable.
    pub link: Link,
    /// Nobody can open a session for now.
    pub unreachable: bool,
    /// Somebody is on the way with a new roll.
    pub roll_coming: bool,
}

/// One life.
#[derive(Debug)]
pub struct World {
    pub(crate) scenario: Scenario,
    pub(crate) clock: Clock,
    pub(crate) rng: Rng,
    pub(crate) queue: Queue<Event>,
    pub(crate) core: Option<Core>,
    pub(crate) faults: Faults,
    pub(crate) disk: Disk,
    pub(crate) devices: Vec<Device>,
    pub(crate) clients: Vec<Client>,
    pub(crate) check: Check,
    pub(crate) coverage: Coverage,
    pub(crate) trace: Trace,
    pub(crate) asked: BTreeMap<Ticket, Asked>,
    pub(crate) tickets: u64,
    pub(crate) receipts: u64,
    /// Counts the daemon's runs.
    pub(crate) run: u64,
    /// Counts the groups that a crash tore off.
    pub(crate) disk_epoch: u64,
    pub(crate) calm: bool,
    /// The daemon was asked to end.
    pub(crate) closing: bool,
    quiet_since: Option<u64>,
    quiet_ticks: u64,
    ticks: (u64, u32),
    over: bool,
}

impl World {
    /// The life of this seed.
    pub fn new(seed: u64, fault: Option<Fault>, trace: Trace) -> Self {
        let mut rng = Rng::new(seed);
        let scenario = Scenario::any(&mut rng);
        let devices = scenario.printers.iter().map(|build| Device {
            machine: Machine::new(build.clone(), scenario.roll as u32),
            link: Link::default(),
            unreachable: false,
            roll_coming: false,
        });
        let devices = devices.collect();
        let clients: Vec<Client> =
            (0..scenario.clients).map(|index| Client::new(index, scenario.receipts)).collect();
        let mut queue = Queue::new();
        queue.at(0, Event::Start(1));
        queue.at(scenario.calm_at, Event::Calm);
        queue.at(rng.below(scenario.mishap_us), Event::Fate);
        for index in 0..clients.len() {
            queue.at(rng.below(2 * SECOND), Event::Client(index));
        }
        Self {
            clock: Clock::default(),
            rng,
            queue,
            core: None,
            faults: fault.map_or_else(Faults::default, Faults::with),
            disk: Disk::new(),
            devices,
            clients,
            check: Check::default(),
            coverage: Coverage::default(),
            trace,
            asked: BTreeMap::new(),
            tickets: 0,
            receipts: 0,
            run: 1,
            disk_epoch: 0,
            calm: false,
            closing: false,
            quiet_since: None,
            quiet_ticks: 0,
            ticks: (0, 0),
            over: false,
            scenario,
        }
    }

    /// True time.
    pub(crate) fn now_us(&self) -> u64 {
        self.clock.us
    }

    /// Lives it through, until it is settled or a promise is broken.
    pub fn live(&mut self) {
        while !self.over && self.check.breach.is_none() {
            self.step();
        }
    }

    fn step(&mut self) {
        let deadline = self.core.as_ref().and_then(Core::next_deadline);
        let deadline = deadline.map(|mono| self.clock.true_time(mono).max(self.clock.us));
        let next = self.queue.next_at().unwrap_or(u64::MAX);
        match deadline {
            Some(at) if at < next => {
                self.clock.us = at;
                self.ticks = if self.ticks.0 == at { (at, self.ticks.1 + 1) } else { (at, 1) };
                if self.ticks.1 > STORM {
                    self.check.fail("bounds", "a storm of deadlines at one instant".to_owned());
                }
                self.quiet_ticks += 1;
                self.tick();
            }
            _ => match self.queue.pop() {
                Some((at, event)) => {
                    self.clock.us = at.max(self.clock.us);
                    self.happens(event);
                }
                None => self.over = true,
            },
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Disk(epoch) => self.disk_works(epoch),
            Event::Stored(run, done) => self.stored(run, done),
            Event::Head(index, life) => self.head(index, life),
            Event::Pump(index) => self.pump(index),
            Event::Tell(index, session, event) => self.tell_link(index, session, event),
            Event::Open(index, session) => self.link_opens(index, session),
            Event::Break(index, session) => self.link_breaks(index, session),
            Event::Client(index) => self.client_acts(index),
            Event::Mishap(mishap) => self.mishap(mishap),
            Event::Fate => self.fate(),
            Event::Start(run) => self.start(run),
            Event::Kill(run) => {
                if run == self.run && self.core.is_some() {
                    self.crash("killed");
                }
            }
            Event::Calm => self.calm_down(),
            Event::Look => self.look(),
        }
    }

    /// Is everything settled, and has been for a while?
    fn look(&mut self) {
        let now = self.now_us();
        if !self.settled() {
            self.quiet_since = None;
            if now > self.scenario.calm_at + CALM_MAX_US {
                let rest = self.unsettled();
                self.check.fail("liveness", format!("hours after the last fault: {rest}"));
            }
            self.queue.at(now + 5 * SECOND, Event::Look);
            return;
        }
        match self.quiet_since {
            None => {
                self.quiet_since = Some(now);
                self.quiet_ticks = 0;
                self.queue.at(now + IDLE_US, Event::Look);
            }
            Some(since) => {
                let allowed = (now - since) / (10 * SECOND) * self.devices.len() as u64 + 4;
                if self.quiet_ticks > allowed {
                    let what =
                        format!("{} ticks in {} idle seconds", self.quiet_ticks, (now - since) / SECOND);
                    self.check.fail("bounds", what);
                }
                self.finish();
            }
        }
    }

    fn finish(&mut self) {
        self.over = true;
        let machines: Vec<&Machine> = self.devices.iter().map(|d| &d.machine).collect();
        if let Some(core) = &self.core {
            self.check.ending(core, &self.disk, &machines);
        }
        let copies = machines.iter().map(|m| m.paper.pieces.len() as u64).sum();
        self.trace.mix(copies);
        self.trace.mix(self.clock.us);
    }
}
