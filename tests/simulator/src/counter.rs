//! The shop's counter: bytes move, heads print, printers speak, sessions open and end.

use receiptd_core::ids::SessionId;
use receiptd_core::link::{LinkEvent, LinkFault, Reply};

use crate::clock::SECOND;
use crate::mishaps::Mishap;
use crate::printer::Ends;
use crate::world::{Event, World};

impl World {
    /// Has the link move bytes, if it does not already.
    pub(crate) fn kick(&mut self, index: usize) {
        let at = self.now_us();
        let link = &mut self.devices[index].link;
        if !link.pumping && !link.idle() {
            link.pumping = true;
            self.queue.at(at + 20, Event::Pump(index));
        }
    }

    /// A turn of moving bytes.
    pub(crate) fn pump(&mut self, index: usize) {
        let at = self.now_us();
        let device = &mut self.devices[index];
        device.link.pumping = false;
        let turn = device.link.turn(&mut device.machine);
        let session = device.link.session;
        if let (Some(session), true) = (session, device.link.opened) {
            for ends in turn.taken {
                let event = match ends {
                    Ends::Part(job, attempt, part) => LinkEvent::Taken { job, attempt, part },
                    Ends::Page => LinkEvent::PageTaken,
                };
                self.queue.at(at + 200, Event::Tell(index, session, event));
            }
        }
        let device = &mut self.devices[index];
        if turn.moved > 0 && !device.link.idle() {
            device.link.pumping = true;
            let took = u64::from(turn.moved) * 1_000_000 / device.machine.build.bytes_per_s;
            self.queue.at(at + took.max(20), Event::Pump(index));
        }
        self.run_head(index);
    }

    /// Has the printer go on.
    pub(crate) fn run_head(&mut self, index: usize) {
        let at = self.now_us();
        let machine = &mut self.devices[index].machine;
        if let Some(took) = machine.go_on() {
            self.queue.at(at + took, Event::Head(index, machine.lives));
        }
        if machine.roll == 0 && !self.devices[index].roll_coming {
            self.devices[index].roll_coming = true;
            self.coverage.hit("paper ends");
            let wait = if self.calm { SECOND } else { 2 * SECOND + self.rng.below(90 * SECOND) };
            self.queue.at(at + wait, Event::Mishap(Mishap::NewRoll(index)));
        }
        if self.devices[index].machine.jam && self.calm {
            self.queue.at(at + SECOND, Event::Mishap(Mishap::FreeCutter(index)));
        }
        let printer = &self.devices[index];
        self.check.paper(index, &printer.machine.paper, &mut self.coverage);
        self.pick_up(index);
    }

    /// The head is through with a line or a cut.
    pub(crate) fn head(&mut self, index: usize, life: u64) {
        let machine = &mut self.devices[index].machine;
        if machine.lives != life {
            return;
        }
        machine.head_done();
        self.run_head(index);
        self.kick(index);
    }

    /// Carries what the printer says to whoever listens.
    pub(crate) fn pick_up(&mut self, index: usize) {
        for reply in std::mem::take(&mut self.devices[index].machine.said) {
            let lost = !self.calm && self.rng.permille(self.scenario.lost_answers);
            if lost {
                self.coverage.hit("answers lost");
                continue;
            }
            self.answer(index, reply);
        }
    }

    /// One answer on its way, behind the one before it.
    pub(crate) fn answer(&mut self, index: usize, reply: Reply) {
        let at = self.now_us();
        let link = &mut self.devices[index].link;
        let listening = link.opened && !link.half_open;
        let (Some(session), true) = (link.session, listening) else {
            if let Reply::Echo(id) = reply {
                // Of several ids that nobody fetched only the latest is kept.
                link.unheard = Some(id);
            }
            return;
        };
        let latency = self.devices[index].machine.build.latency_us;
        // An unnamed answer that comes later than any print takes is another's; no host can tell.
        let model = self.devices[index].machine.build.model;
        let latest = if model.echo() { 5 * SECOND } else { SECOND / 8 };
        let late = if !self.calm && self.rng.permille(5) { self.rng.below(latest) } else { 0 };
        let link = &mut self.devices[index].link;
        let arrives = (at + latency + late).max(link.last_answer + 1);
        link.last_answer = arrives;
        if let Reply::Echo(id) = reply {
            link.heard = Some(id);
        }
        self.queue.at(arrives, Event::Tell(index, session, LinkEvent::Reply(reply)));
    }

    /// A session opens, or does not.
    pub(crate) fn link_opens(&mut self, index: usize, session: SessionId) {
        let at = self.now_us();
        let refused = !self.calm && self.rng.permille(30);
        let device = &mut self.devices[index];
        if device.link.session != Some(session) || self.core.is_none() {
            return;
        }
        if !device.machine.on || device.unreachable || refused {
            let fault = match self.rng.below(4) {
                0 => LinkFault::Busy,
                1 => LinkFault::Denied,
                _ => LinkFault::Absent,
            };
            self.coverage.hit("sessions refused");
            self.tell_link(index, session, LinkEvent::Ended(fault));
            return;
        }
        device.link.opened = true;
        device.link.half_open = false;
        device.link.last_answer = at;
        self.tell_link(index, session, LinkEvent::Opened);
        let unheard = self.devices[index].link.unheard.take();
        if let Some(id) = unheard
            && self.rng.permille(700)
        {
            self.coverage.hit("ids kept for the next session");
            self.answer(index, Reply::Echo(id));
        }
    }

    /// A session is found dead.
    pub(crate) fn link_breaks(&mut self, index: usize, session: SessionId) {
        let link = &self.devices[index].link;
        if link.session == Some(session) && link.opened {
            let untouched = link.untouched();
            self.end_session(index, false);
            if let Some((job, attempt)) = untouched {
                self.coverage.hit("attempts untouched");
                self.check.untouched((job, attempt));
                self.tell_link(index, session, LinkEvent::Untouched { job, attempt });
            }
            self.tell_link(index, session, LinkEvent::Ended(LinkFault::Lost));
        }
    }

    /// The host's end of a session is gone.
    pub(crate) fn end_session(&mut self, index: usize, orderly: bool) {
        let device = &mut self.devices[index];
        if !device.link.opened {
            return;
        }
        // An orderly end delivers what the host's kernel has, more often than not.
        let survives = self.rng.permille(if orderly { 600 } else { 200 });
        device.link.end(&mut device.machine, survives, &mut self.rng);
        self.kick(index);
    }
}
