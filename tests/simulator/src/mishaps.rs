//! What goes wrong, and how it is put right again.

use receiptd_core::link::{LinkEvent, Reply};
use receiptd_core::record::Table;
use receiptd_core::{Input, ids::JobId};

use crate::clock::SECOND;
use crate::disk::Health;
use crate::world::{Event, World};

/// Something that goes wrong, or right; the number is a printer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// kill -9.
    Crash,
    /// The terminal loses power, and printers that are fed by it.
    PowerCut,
    /// The daemon is asked to end.
    AskToEnd,
    /// A printer loses power.
    PrinterOff(usize),
    /// It has power again.
    PrinterOn(usize),
    /// The roll is nearly at its end.
    RollEnds(usize),
    /// A new roll.
    NewRoll(usize),
    /// The cover is opened.
    OpenCover(usize),
    /// And closed.
    CloseCover(usize),
    /// The cutter gets stuck at the next cut.
    JamCutter(usize),
    /// Somebody frees it.
    FreeCutter(usize),
    /// The head is too hot.
    Overheat(usize),
    /// It is not any more.
    CoolDown(usize),
    /// The session is reset.
    Reset(usize),
    /// Neither side hears the other.
    HalfOpen(usize),
    /// Nobody can open a session.
    Unreachable(usize),
    /// One can.
    Reachable(usize),
    /// Somebody empties the printer's buffers.
    Clear(usize),
    /// Bytes that fit nothing.
    Garbage(usize),
    /// An id that was heard before.
    StaleId(usize),
    /// No room on the disk.
    DiskFull,
    /// The disk reports errors.
    DiskFails,
    /// The disk is well.
    DiskWell,
    /// A body can't be read.
    Unreadable,
    /// The wall clock jumps.
    ClockJumps,
}

impl World {
    /// Chooses a mishap, and the time of the next one.
    pub(crate) fn fate(&mut self) {
        if self.calm {
            return;
        }
        let at = self.now_us();
        self.queue.at(at + 1 + self.rng.below(2 * self.scenario.mishap_us), Event::Fate);
        let p = self.rng.below(self.devices.len() as u64) as usize;
        let kinds = [
            Mishap::Crash,
            Mishap::Crash,
            Mishap::PowerCut,
            Mishap::AskToEnd,
            Mishap::PrinterOff(p),
            Mishap::RollEnds(p),
            Mishap::OpenCover(p),
            Mishap::JamCutter(p),
            Mishap::Overheat(p),
            Mishap::Reset(p),
            Mishap::Reset(p),
            Mishap::HalfOpen(p),
            Mishap::Unreachable(p),
            Mishap::Clear(p),
            Mishap::Garbage(p),
            Mishap::StaleId(p),
            Mishap::DiskFull,
            Mishap::DiskFails,
            Mishap::Unreadable,
            Mishap::ClockJumps,
        ];
        let allowed: Vec<Mishap> = kinds
            .iter()
            .enumerate()
            .filter(|(n, _)| self.scenario.mishaps >> n & 1 == 1)
            .map(|(_, k)| *k)
            .collect();
        if let Some(mishap) = self.rng.pick(&allowed) {
            self.mishap(mishap);
        }
    }

    fn later(&mut self, most: u64, mishap: Mishap) {
        let at = self.now_us() + 50_000 + self.rng.below(most);
        self.queue.at(at, Event::Mishap(mishap));
    }

    /// It happens.
    pub(crate) fn mishap(&mut self, mishap: Mishap) {
        let at = self.now_us();
        self.trace.say(at, || format!("! {mishap:?}"));
        match mishap {
            Mishap::Crash if self.core.is_some() => self.crash("kill -9"),
            Mishap::PowerCut => self.power_cut(),
            Mishap::AskToEnd if self.core.is_some() && !self.closing => {
                self.closing = true;
                self.coverage.hit("asked to end");
                self.queue.at(at + 20 * SECOND, Event::Kill(self.run));
                self.tell(Input::Shutdown);
            }
            Mishap::Crash | Mishap::AskToEnd => {}
            Mishap::DiskFull => self.disk_turns(Health::Full),
            Mishap::DiskFails => self.disk_turns(Health::Failing),
            Mishap::DiskWell => self.disk.health = Health::Good,
            Mishap::Unreadable => {
                let highest = self.check.acknowledged.last().map_or(0, |j| j.0);
                self.disk.unreadable = Some(JobId(highest + self.rng.below(3)));
            }
            Mishap::ClockJumps => {
                self.coverage.hit("clock jumps");
                let error = self.rng.below(7_200_000_000) as i64 - 3_600_000_000;
                self.clock.set_wall_error_ms(error);
            }
            _ => self.printer_mishap(mishap),
        }
    }

    fn disk_turns(&mut self, health: Health) {
        self.coverage.hit(if health == Health::Full { "disk full" } else { "disk failing" });
        self.disk.health = health;
        self.later(15 * SECOND, Mishap::DiskWell);
    }

    fn power_cut(&mut self) {
        self.coverage.hit("power cuts");
        for index in 0..self.devices.len() {
            if self.devices[index].machine.build.fed_by_terminal {
                self.coverage.hit("power cuts with a printer");
                self.mishap(Mishap::PrinterOff(index));
            }
        }
        if self.core.is_some() {
            self.crash("power cut");
        }
        self.clock.boot();
    }

    fn printer_mishap(&mut self, mishap: Mishap) {
        match mishap {
            Mishap::PrinterOff(p) => self.printer_off(p),
            Mishap::PrinterOn(p) => self.devices[p].machine.on = true,
            Mishap::RollEnds(p) => {
                let left = self.rng.below(1_500) as u32;
                let machine = &mut self.devices[p].machine;
                machine.roll = machine.roll.min(left);
            }
            Mishap::NewRoll(p) => {
                self.devices[p].machine.roll = self.scenario.roll as u32 + 10_000;
                self.devices[p].roll_coming = false;
            }
            Mishap::OpenCover(p) => {
                self.coverage.hit("covers opened");
                self.devices[p].machine.cover_open = true;
                self.later(20 * SECOND, Mishap::CloseCover(p));
            }
            Mishap::CloseCover(p) => self.devices[p].machine.cover_open = false,
            Mishap::JamCutter(p) => {
                self.coverage.hit("cutter jams");
                self.devices[p].machine.jam_next = true;
                self.later(60 * SECOND, Mishap::FreeCutter(p));
            }
            Mishap::FreeCutter(p) => {
                self.devices[p].machine.jam = false;
                self.devices[p].machine.jam_next = false;
            }
            Mishap::Overheat(p) => {
                self.coverage.hit("heads too hot");
                self.devices[p].machine.hot = true;
                self.later(20 * SECOND, Mishap::CoolDown(p));
            }
            Mishap::CoolDown(p) => self.devices[p].machine.hot = false,
            Mishap::Clear(p) => {
                self.devices[p].machine.clear();
                let link = &mut self.devices[p].link;
                link.cleared = self.rng.permille(500) && link.opened && !link.half_open;
                if link.cleared {
                    let mut sending = self.disk.jobs(Table::Active);
                    sending.extend(self.disk.jobs(Table::Finished));
                    let attempts = sending.iter().flat_map(|r| (1..=r.attempts).map(|n| (r.id, n)));
                    self.check.beheaded.extend(attempts);
                } else {
                    link.drop_all();
                }
                let link = &self.devices[p].link;
                if let Some(session) = link.session.filter(|_| link.opened && !link.half_open) {
                    self.tell_link(p, session, LinkEvent::Reply(Reply::Cleared));
                }
            }
            Mishap::Garbage(p) => self.answer(p, Reply::Nonsense(3)),
            Mishap::StaleId(p) => {
                if let Some(id) = self.devices[p].link.heard {
                    self.answer(p, Reply::Echo(id));
                }
            }
            _ => self.link_mishap(mishap),
        }
        if let Some(p) = printer_of(mishap) {
            self.devices[p].machine.changed();
            self.run_head(p);
            self.kick(p);
        }
    }

    fn link_mishap(&mut self, mishap: Mishap) {
        let at = self.now_us();
        match mishap {
            Mishap::Reset(p) => {
                if let Some(session) = self.devices[p].link.session {
                    self.coverage.hit("resets");
                    self.queue.at(at, Event::Break(p, session));
                }
            }
            Mishap::HalfOpen(p) => {
                if let Some(session) = self.devices[p].link.session.filter(|_| self.devices[p].link.opened) {
                    self.coverage.hit("half-open links");
                    self.devices[p].link.half_open = true;
                    let noticed = at + SECOND + self.rng.below(120 * SECOND);
                    self.queue.at(noticed, Event::Break(p, session));
                }
            }
            Mishap::Unreachable(p) => {
                self.devices[p].unreachable = true;
                self.later(30 * SECOND, Mishap::Reachable(p));
            }
            Mishap::Reachable(p) => self.devices[p].unreachable = false,
            _ => {}
        }
    }

    fn printer_off(&mut self, p: usize) {
        let at = self.now_us();
        self.coverage.hit("printers off");
        let lag = self.rng.below(100);
        let device = &mut self.devices[p];
        device.machine.power_off(lag);
        device.link.dies();
        let session = device.link.session.filter(|_| device.link.opened);
        if let Some(session) = session {
            if device.machine.build.kernel > 0 && self.rng.permille(300) {
                // A network does not say that the other side has gone.
                self.devices[p].link.half_open = true;
                let noticed = at + self.rng.below(60 * SECOND);
                self.queue.at(noticed, Event::Break(p, session));
            } else {
                // It may have been put to sleep: the host waits a moment before it says that it is gone.
                let noticed = at + 1_000 + self.rng.below(SECOND);
                self.queue.at(noticed, Event::Break(p, session));
            }
        }
        self.later(10 * SECOND, Mishap::PrinterOn(p));
    }

    /// Faults stop; whoever is responsible puts things right.
    pub(crate) fn calm_down(&mut self) {
        let at = self.now_us();
        self.trace.say(at, || "! faults stop".to_owned());
        self.calm = true;
        self.disk.health = Health::Good;
        self.disk.unreadable = None;
        for p in 0..self.devices.len() {
            for mishap in [
                Mishap::PrinterOn(p),
                Mishap::Reachable(p),
                Mishap::CloseCover(p),
                Mishap::FreeCutter(p),
                Mishap::CoolDown(p),
            ] {
                self.printer_mishap(mishap);
            }
            if self.devices[p].machine.roll == 0 {
                self.printer_mishap(Mishap::NewRoll(p));
            }
            let link = &self.devices[p].link;
            if let Some(session) = link.session.filter(|_| link.half_open) {
                self.queue.at(at + 1, Event::Break(p, session));
            }
        }
        if self.closing && self.core.is_some() {
            self.queue.at(at + 30 * SECOND, Event::Kill(self.run));
        }
        self.queue.at(at + 5 * SECOND, Event::Look);
    }

    /// What an event of a link is worth counting.
    pub(crate) fn coverage_of_event(&mut self, event: &LinkEvent) {
        match event {
            LinkEvent::Reply(Reply::Cleared) => self.coverage.hit("buffers cleared"),
            LinkEvent::Ended(_) => self.coverage.hit("sessions ended"),
            _ => {}
        }
    }
}

const fn printer_of(mishap: Mishap) -> Option<usize> {
    match mishap {
        Mishap::PrinterOff(p)
        | Mishap::PrinterOn(p)
        | Mishap::NewRoll(p)
        | Mishap::OpenCover(p)
        | Mishap::CloseCover(p)
        | Mishap::FreeCutter(p)
        | Mishap::Overheat(p)
        | Mishap::CoolDown(p)
        | Mishap::Clear(p) => Some(p),
        _ => None,
    }
}
