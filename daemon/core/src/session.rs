//! The life of a session with a printer: open, listen, ask, probe, be ready, be lost, try again.
//!
//! The sequence is that of the protocol reference, section 5.2: no reset, no `ESC @`; first listen to what
//! the printer still has to say of earlier jobs. Attempts are `printing`'s.

use alloc::string::String;

use crate::engine::{Class, Core, Draft, Output};
use crate::evidence::{Ability, Closing, Grade, estimate_us};
use crate::ids::{PrinterIx, ProcessId, SessionId};
use crate::job::{Doubt, JobEvent, JobState};
use crate::limits::{
    ATTEMPTS_BY_POLICY_MAX, BLOCKED_POLL_US, BLOCKED_RECHECK_US, DRAIN_DOUBT_MAX_US, DRAIN_US,
    FIRST_ANSWER_US, PROBE_US, REOPEN_MAX_US, REOPEN_MIN_US,
};
use crate::link::{Counter, Info, LinkCommand, LinkEvent, LinkFault, Query, Reply};
use crate::printer::{Phase, Printer, PrinterView};
use crate::record::{Policy, StoreOp, Table, encode};
use crate::request::{Answer, Obstacle, Readiness, Refusal};
use crate::story::What;

/// Ids of probes are in the upper half of the numbers, those of attempts in the lower, so that an answer to
/// an earlier probe is never taken for a proof.
const PROBE_IDS: u32 = ProcessId::COUNT / 2;

impl Core {
    pub(crate) fn printer(&mut self, ix: PrinterIx) -> &mut Printer {
        // The shell gets indexes from us only; an unknown one is its bug and shows at once.
        &mut self.printers[usize::from(ix.0)]
    }

    pub(crate) fn command(&mut self, ix: PrinterIx, command: LinkCommand) {
        let session = self.printer(ix).session;
        self.emit(Output::Link { printer: ix, session, command });
    }

    pub(crate) fn enter_phase(&mut self, ix: PrinterIx, phase: Phase) {
        let wall = self.now.wall;
        let printer = self.printer(ix);
        let before = printer.word();
        printer.phase = phase;
        if printer.word() != before {
            printer.since = wall;
        }
        self.emit(Output::PrinterNews(ix));
    }

    pub(crate) fn open_session(&mut self, ix: PrinterIx) {
        self.next_session += 1;
        let session = SessionId(self.next_session);
        let printer = self.printer(ix);
        printer.session = session;
        printer.link_waits = false;
        printer.condition = crate::condition::Condition::default();
        printer.asb_seen = false;
        printer.real_time_seen = false;
        printer.answered = false;
        printer.lines = None;
        printer.cuts = None;
        printer.poll_at = None;
        // What the network took of the last session may have arrived up to the middle of a command.
        printer.resync = true;
        self.enter_phase(ix, Phase::Opening);
        self.command(ix, LinkCommand::Open);
    }

    pub(crate) fn link_event(&mut self, ix: PrinterIx, session: SessionId, event: LinkEvent) {
        let Some(printer) = self.printers.get(usize::from(ix.0)) else { return };
        if printer.session != session || !printer.has_session() {
            return;
        }
        match event {
            LinkEvent::Waiting(fault) => self.link_waits(ix, fault),
            LinkEvent::Opened => self.opened(ix),
            LinkEvent::Taken { job, attempt, part } => self.taken(ix, job, attempt, part),
            LinkEvent::Progress { job, .. } => self.progressed(ix, job),
            LinkEvent::Reply(reply) => self.replied(ix, &reply),
            LinkEvent::Ended(fault) => self.session_ended(ix, fault),
        }
    }

    /// The link opens by itself once it can, so there is nothing to back off from either.
    fn link_waits(&mut self, ix: PrinterIx, fault: LinkFault) {
        let wall = self.now.wall;
        let printer = self.printer(ix);
        if printer.phase != Phase::Opening {
            return;
        }
        let before = printer.word();
        printer.link_waits = true;
        printer.fault = Some(fault);
        printer.backoff_us = REOPEN_MIN_US;
        if printer.word() != before {
            printer.since = wall;
        }
        self.emit(Output::PrinterNews(ix));
    }

    fn opened(&mut self, ix: PrinterIx) {
        let mono = self.now.mono;
        // The printer may still be printing what an interrupted attempt left in its buffer.
        let dots = self.printer(ix).doubtful.clone().into_iter().filter_map(|job| {
            let record = &self.jobs.get(&job)?.record;
            (record.state == JobState::Uncertain).then(|| record.shape.paper_dots())
        });
        let drain = dots
            .max()
            .map_or(DRAIN_US, |dots| estimate_us(dots).saturating_add(DRAIN_US).min(DRAIN_DOUBT_MAX_US));
        let printer = self.printer(ix);
        printer.fault = None;
        printer.well_since = mono;
        // Whoever can't echo an id has nothing late to say.
        let echoes = matches!(printer.abilities.closing(), Closing::Echo { .. });
        let drain = if echoes { drain } else { DRAIN_US };
        self.enter_phase(ix, Phase::Draining { until: mono.plus_us(drain) });
    }

    fn ask_condition(&mut self, ix: PrinterIx, asb: bool) {
        self.printer(ix).answered = false;
        if asb {
            self.command(ix, LinkCommand::Ask(Query::AsbOn));
        }
        for n in 1..=4 {
            self.command(ix, LinkCommand::Ask(Query::RealTime(n)));
        }
    }

    fn begin_asking(&mut self, ix: PrinterIx) {
        let printer = self.printer(ix);
        // Whoever is vouched to say nothing is not asked anything.
        let mute = printer.vouched() && printer.abilities.closing() == Closing::Taken(Grade::D);
        if mute {
            self.become_ready(ix);
            return;
        }
        let until = self.now.mono.plus_us(FIRST_ANSWER_US);
        self.enter_phase(ix, Phase::Asking { until });
        self.ask_condition(ix, true);
    }

    /// Once the condition is known and good, who it is and what it can is asked in order.
    fn asked_enough(&mut self, ix: PrinterIx, timed_out: bool) {
        let printer = self.printer(ix);
        if !matches!(printer.phase, Phase::Asking { .. }) {
            return;
        }
        if !printer.condition.heard {
            if timed_out {
                self.silent(ix);
            }
            return;
        }
        if printer.condition.blocked().is_some() {
            if timed_out {
                // Ordered questions are not executed while it is offline: wait for a person.
                printer.phase = Phase::Asking { until: crate::time::Mono(u64::MAX) };
                self.watch_blocked(ix);
            }
            return;
        }
        if timed_out || (printer.asb_seen && printer.answered) {
            self.begin_probing(ix);
        }
    }

    /// It did not answer the first questions at all.
    fn silent(&mut self, ix: PrinterIx) {
        let printer = self.printer(ix);
        let used_to_answer = printer.known && (printer.abilities.asb || printer.abilities.real_time);
        if (used_to_answer || printer.vouched()) && printer.silent_sessions < 2 {
            printer.silent_sessions += 1;
            self.drop_session(ix);
            return;
        }
        printer.silent_sessions = 0;
        if !printer.vouched() {
            printer.abilities = crate::evidence::Abilities::default();
            printer.identity = crate::record::Identity::default();
            printer.known = true;
            self.record_printer(ix);
        }
        self.become_ready(ix);
    }

    fn begin_probing(&mut self, ix: PrinterIx) {
        self.printer(ix).silent_sessions = 0;
        let printer = self.printer(ix);
        let ordered = !matches!(printer.abilities.closing(), Closing::Taken(_));
        if printer.vouched() && !(printer.resync && ordered) && !printer.abilities.counters {
            self.become_ready(ix);
            return;
        }
        self.next_probe = (self.next_probe + 1) % PROBE_IDS;
        let echo = ProcessId::new(PROBE_IDS + self.next_probe);
        let printer = self.printer(ix);
        let resync = printer.resync;
        // The answers come only when the printer is through with what an earlier session left in its buffer, if
        // only a cut; a printer that used to echo must not lose its grade by that.
        let used_to_echo =
            printer.known && matches!(printer.abilities.echo, Ability::Claimed | Ability::Proven);
        let patient = used_to_echo || !printer.doubtful.is_empty();
        let wait = if patient { PROBE_US + DRAIN_DOUBT_MAX_US } else { PROBE_US };
        let until = self.now.mono.plus_us(wait);
        let printer = self.printer(ix);
        printer.told = crate::record::Identity::default();
        printer.told_in_order = false;
        printer.told_echo = false;
        let vouched = printer.vouched();
        let abilities = printer.abilities;
        self.enter_phase(ix, Phase::Probing { until, echo });
        if resync {
            self.command(ix, LinkCommand::Resync);
        }
        if !vouched {
            for info in [Info::Maker, Info::Model, Info::Serial, Info::Firmware] {
                self.command(ix, LinkCommand::Ask(Query::Info(info)));
            }
        }
        // Without vouching they are asked behind the echo: a serial number that is all digits and a counter
        // look alike, so the two kinds of question are never open together.
        if vouched && abilities.counters {
            self.command(ix, LinkCommand::Ask(Query::Counter(Counter::LinesFed)));
        }
        if !vouched || abilities.in_order != Ability::No {
            // A restart before the answer would find it in the next session.
            let printer = self.printer(ix);
            printer.owes_probe = !printer.owes_answer;
            if printer.owes_probe {
                printer.owes_answer = true;
                self.record_printer(ix);
            }
            self.command(ix, LinkCommand::Ask(Query::PaperInOrder));
        }
        if !vouched || abilities.echo != Ability::No {
            self.command(ix, LinkCommand::Ask(Query::Echo(echo)));
        }
    }

    /// What was not answered by now is not waited for any more.
    fn probe_timed_out(&mut self, ix: PrinterIx) {
        let echoed = self.printer(ix).told_echo;
        if echoed {
            self.command(ix, LinkCommand::Forget(Query::Counter(Counter::LinesFed)));
        } else {
            for info in [Info::Maker, Info::Model, Info::Serial, Info::Firmware] {
                self.command(ix, LinkCommand::Forget(Query::Info(info)));
            }
            if !self.printer(ix).told_in_order {
                self.command(ix, LinkCommand::Forget(Query::PaperInOrder));
            }
        }
        self.probed(ix, echoed);
    }

    /// The probe is over; `echoed` says whether the id came.
    fn probed(&mut self, ix: PrinterIx, echoed: bool) {
        let printer = self.printer(ix);
        printer.resync = false;
        // An answer that did not come yet may still come, and carries no name.
        let paid = core::mem::take(&mut printer.owes_probe) && printer.told_in_order;
        printer.owes_answer &= !paid;
        if printer.vouched() {
            if paid {
                self.record_printer(ix);
            }
        } else {
            let same = printer.known && printer.identity == printer.told;
            let keep = |known: Ability, answered: bool| match (same, known, answered) {
                (true, Ability::Proven | Ability::Lies, true) => known,
                (_, _, true) => Ability::Claimed,
                (_, _, false) => Ability::No,
            };
            let before = printer.learned();
            printer.abilities.echo = keep(printer.abilities.echo, echoed);
            printer.abilities.in_order = keep(printer.abilities.in_order, printer.told_in_order);
            printer.abilities.counters = printer.lines.is_some();
            printer.abilities.asb = printer.asb_seen;
            printer.abilities.real_time = printer.real_time_seen;
            printer.identity = printer.told.clone();
            if paid || !printer.known || printer.learned() != before {
                printer.known = true;
                self.record_printer(ix);
            }
        }
        self.become_ready(ix);
    }

    pub(crate) fn record_printer(&mut self, ix: PrinterIx) {
        let printer = self.printer(ix);
        let (key, value) = (printer.config.name.clone().into_bytes(), encode(&printer.learned()));
        let mut draft = Draft::new(Class::Progress);
        draft.ops.push(StoreOp::Put { table: Table::Printers, key, value });
        self.persist(draft);
    }

    fn become_ready(&mut self, ix: PrinterIx) {
        if core::mem::take(&mut self.printer(ix).resync) {
            self.command(ix, LinkCommand::Resync);
        }
        let printer = self.printer(ix);
        printer.backoff_us = REOPEN_MIN_US;
        // What it answered now is old news when the next job comes.
        printer.answered = false;
        self.enter_phase(ix, Phase::Ready);
        self.apply_policy(ix);
        self.start_next(ix);
    }

    /// The printer has said what it had to say: what is still unknown stays unknown.
    fn apply_policy(&mut self, ix: PrinterIx) {
        let wall = self.now.wall;
        let mut draft = Draft::new(Class::Progress);
        for job in self.printer(ix).doubtful.clone() {
            let Some(entry) = self.jobs.get_mut(&job) else { continue };
            if entry.record.state != JobState::Uncertain {
                continue;
            }
            let again =
                entry.record.policy == Policy::Reprint && entry.record.attempts < ATTEMPTS_BY_POLICY_MAX;
            if again {
                self.step(job, JobEvent::Again);
                if let Some(entry) = self.jobs.get_mut(&job) {
                    entry.record.note(wall, What::AgainByPolicy);
                }
                self.requeue(job);
            } else if entry.record.story.last().is_none_or(|last| last.what != What::WaitsForPerson) {
                entry.record.note(wall, What::WaitsForPerson);
            } else {
                continue;
            }
            self.record(&mut draft, job);
        }
        if !draft.ops.is_empty() {
            self.persist(draft);
        }
    }

    fn replied(&mut self, ix: PrinterIx, reply: &Reply) {
        let printer = self.printer(ix);
        let blocked_before = printer.condition.blocked();
        let changed = printer.condition.apply(reply);
        printer.real_time_seen |= matches!(reply, Reply::RealTime { .. });
        match reply {
            Reply::Asb(_) => printer.asb_seen = true,
            Reply::RealTime { n: 4, .. } => printer.answered = true,
            Reply::Counter(Counter::LinesFed, value) => printer.lines = Some(*value),
            Reply::Counter(Counter::Cuts, value) => printer.cuts = Some(*value),
            // Perhaps an answer that nobody waits for; there may be more of them.
            Reply::Nonsense(_) => printer.owes_answer |= printer.abilities.in_order != Ability::No,
            Reply::Info(info, text) => tell(&mut printer.told, *info, text),
            _ => {}
        }
        if let Some(current) = printer.current.as_mut()
            && current.stall_answer.is_some()
            && !matches!(reply, Reply::Nonsense(_))
        {
            self.stall_answered(ix);
        }
        let blocked = self.printer(ix).condition.blocked();
        if blocked != blocked_before {
            self.blocked_changed(ix, blocked);
        }
        match *reply {
            Reply::Echo(wire) => self.echoed(ix, wire),
            Reply::PaperInOrder(_) => self.answered_in_order(ix),
            Reply::Counter(Counter::LinesFed, _) => {
                if matches!(self.printer(ix).phase, Phase::Probing { .. }) && self.printer(ix).told_echo {
                    self.probed(ix, true);
                } else {
                    self.counted(ix);
                }
            }
            Reply::EchoFailed(wire) if !self.is_under_way(ix, wire) => {}
            Reply::Cleared | Reply::PowerOff | Reply::EchoFailed(_) => {
                self.cleared(ix);
            }
            _ => {}
        }
        let (phase, answered) = (self.printer(ix).phase, self.printer(ix).answered);
        match phase {
            Phase::Asking { .. } => self.asked_enough(ix, false),
            Phase::Preflight { .. } if answered => self.preflight_over(ix),
            Phase::Stalled { .. } if !matches!(reply, Reply::Nonsense(_)) => {
                self.printer(ix).resync = true;
                self.begin_asking(ix);
            }
            _ => {}
        }
        if changed {
            self.emit(Output::PrinterNews(ix));
        }
    }

    /// The printer dropped what it had: begin again with its condition, in the same session.
    fn cleared(&mut self, ix: PrinterIx) {
        self.interrupt(ix, Doubt::Cleared, crate::recovery::Loss::Printer);
        // So it did with whatever of earlier attempts it still had: their ids prove nothing any more.
        self.printer(ix).late_cut = None;
        let mut draft = Draft::new(Class::Progress);
        for job in self.printer(ix).doubtful.clone() {
            let Some(entry) = self.jobs.get_mut(&job) else { continue };
            if entry.record.open.iter().all(|attempt| attempt.dropped) {
                continue;
            }
            entry.record.open.iter_mut().for_each(|attempt| attempt.dropped = true);
            self.record(&mut draft, job);
        }
        self.persist(draft);
        if matches!(self.printer(ix).phase, Phase::Ready | Phase::Preflight { .. }) {
            self.begin_asking(ix);
        }
    }

    /// Whether this id is of the attempt under way.
    fn is_under_way(&mut self, ix: PrinterIx, wire: [u8; 4]) -> bool {
        let current = self.printer(ix).current.as_ref();
        current
            .zip(ProcessId::from_wire(wire))
            .is_some_and(|(current, id)| id.distance_from(current.first_id) < u32::from(current.given))
    }

    fn echoed(&mut self, ix: PrinterIx, wire: [u8; 4]) {
        let Some(id) = ProcessId::from_wire(wire) else { return };
        if let Phase::Probing { echo, .. } = self.printer(ix).phase
            && id == echo
        {
            if self.printer(ix).vouched() {
                self.probed(ix, true);
            } else {
                let until = self.now.mono.plus_us(FIRST_ANSWER_US);
                let printer = self.printer(ix);
                printer.told_echo = true;
                printer.phase = Phase::Probing { until, echo };
                self.command(ix, LinkCommand::Ask(Query::Counter(Counter::LinesFed)));
            }
            return;
        }
        self.proof_by_echo(ix, id);
        // The awaited word of an earlier attempt may be what the listening was for.
        if let Phase::Draining { until } = self.printer(ix).phase
            && until > self.now.mono
            && !self.has_uncertain(ix)
        {
            let soon = self.now.mono.plus_us(DRAIN_US).min(until);
            self.printer(ix).phase = Phase::Draining { until: soon };
        }
    }

    fn has_uncertain(&mut self, ix: PrinterIx) -> bool {
        let doubtful = self.printer(ix).doubtful.clone();
        doubtful.iter().any(|j| self.jobs.get(j).is_some_and(|j| j.record.state == JobState::Uncertain))
    }

    fn answered_in_order(&mut self, ix: PrinterIx) {
        let printer = self.printer(ix);
        if let Phase::Probing { .. } = printer.phase {
            printer.told_in_order = true;
            // A vouched printer without echo: this was the last question.
            if printer.vouched() && printer.abilities.echo == Ability::No {
                self.probed(ix, false);
            }
        } else {
            self.proof_in_order(ix);
        }
    }

    fn blocked_changed(&mut self, ix: PrinterIx, blocked: Option<crate::condition::Blocked>) {
        let (wall, mono) = (self.now.wall, self.now.mono);
        self.printer(ix).since = wall;
        self.printer(ix).well_since = mono;
        self.pause_changed(ix, blocked);
        self.watch_blocked(ix);
        let printer = self.printer(ix);
        if blocked.is_none() {
            match printer.phase {
                Phase::Asking { .. } => {
                    // Well again before it was probed: ask once more, with the usual patience.
                    self.begin_asking(ix);
                }
                Phase::Ready => self.start_next(ix),
                _ => {}
            }
        }
    }

    /// A blocked printer is asked now and then whether it is well again.
    pub(crate) fn watch_blocked(&mut self, ix: PrinterIx) {
        let mono = self.now.mono;
        let printer = self.printer(ix);
        let wait = if printer.asb_seen { BLOCKED_RECHECK_US } else { BLOCKED_POLL_US };
        printer.poll_at = printer.condition.blocked().is_some().then(|| mono.plus_us(wait));
    }

    fn session_ended(&mut self, ix: PrinterIx, fault: LinkFault) {
        let under_way = self.printer(ix).current.as_ref().map(|c| c.job);
        self.interrupt(ix, Doubt::LinkLost, crate::recovery::Loss::Printer);
        if let Some(job) = under_way.filter(|_| fault == LinkFault::BodyUnreadable) {
            self.hold_unreadable(job);
        }
        let mono = self.now.mono;
        let closing = self.closing;
        let printer = self.printer(ix);
        printer.fault = Some(fault);
        printer.poll_at = None;
        let wait = printer.backoff_us;
        printer.backoff_us = (wait * 2).min(REOPEN_MAX_US);
        let phase = if closing { Phase::Closed } else { Phase::Waiting { until: mono.plus_us(wait) } };
        self.enter_phase(ix, phase);
    }

    fn drop_session(&mut self, ix: PrinterIx) {
        self.command(ix, LinkCommand::Close);
        self.session_ended(ix, LinkFault::Closed);
    }

    pub(crate) fn close_if_idle(&mut self, ix: PrinterIx) {
        if !self.closing || self.printers[usize::from(ix.0)].current.is_some() {
            return;
        }
        if self.printers[usize::from(ix.0)].has_session() {
            self.drop_session(ix);
        } else {
            self.enter_phase(ix, Phase::Closed);
        }
    }

    pub(crate) fn printer_tick(&mut self, ix: PrinterIx) {
        let mono = self.now.mono;
        let due = |at: crate::time::Mono| at <= mono;
        match self.printer(ix).phase {
            Phase::Waiting { until } if due(until) => self.open_session(ix),
            Phase::Draining { until } if due(until) => self.begin_asking(ix),
            Phase::Asking { until } if due(until) => self.asked_enough(ix, true),
            Phase::Probing { until, .. } if due(until) => self.probe_timed_out(ix),
            Phase::Preflight { until } if due(until) => self.preflight_over(ix),
            Phase::Stalled { until } if due(until) => {
                let next = mono.plus_us(REOPEN_MAX_US);
                self.printer(ix).phase = Phase::Stalled { until: next };
                self.ask_condition(ix, false);
            }
            _ => {}
        }
        if self.printer(ix).poll_at.is_some_and(due) {
            self.watch_blocked(ix);
            let reports = self.printer(ix).asb_seen;
            self.ask_condition(ix, reports);
        }
        self.attempt_tick(ix);
    }

    pub(crate) fn can_print(
        &mut self,
        ticket: crate::ids::Ticket,
        name: &str,
        dots: u32,
    ) -> Result<(), Refusal> {
        let ix = self.printer_named(name).ok_or(Refusal::UnknownPrinter)?;
        let ahead: u64 = {
            let printer = &self.printers[usize::from(ix.0)];
            let waiting = printer.queue.iter().chain(printer.current.iter().map(|c| &c.job));
            waiting.filter_map(|job| self.jobs.get(job)).map(|j| u64::from(j.record.shape.paper_dots())).sum()
        };
        let printer = &self.printers[usize::from(ix.0)];
        let mut obstacles = alloc::vec::Vec::new();
        match printer.phase {
            Phase::Ready | Phase::Preflight { .. } => {}
            Phase::Stalled { .. } => obstacles.push(Obstacle::Stalled),
            _ if printer.condition.blocked().is_some() => {}
            _ => obstacles.push(Obstacle::NotConnected),
        }
        obstacles.extend(printer.condition.blocked().map(Obstacle::Printer));
        match self.store {
            Err(crate::engine::StoreFault::Full) => obstacles.push(Obstacle::StoreFull),
            Err(crate::engine::StoreFault::Failed) => obstacles.push(Obstacle::StoreFailed),
            Err(crate::engine::StoreFault::Busy) | Ok(()) => {}
        }
        let dots = ahead.saturating_add(u64::from(dots)).min(u64::from(u32::MAX)) as u32;
        let readiness = Readiness {
            can: obstacles.is_empty(),
            obstacles,
            queue_ahead: (printer.queue.len() + usize::from(printer.current.is_some())) as u32,
            wait_us: estimate_us(dots),
            best: printer.abilities.best(),
            paper_low: printer.condition.paper == crate::condition::Paper::Low,
        };
        self.reply(ticket, Ok(Answer::CanPrint(readiness)));
        Ok(())
    }

    /// A printer as people see it; `None` for an index that was never given out.
    pub fn printer_view(&self, ix: PrinterIx) -> Option<PrinterView> {
        let printer = self.printers.get(usize::from(ix.0))?;
        let ready = matches!(printer.phase, Phase::Ready | Phase::Preflight { .. });
        Some(PrinterView {
            name: printer.config.name.clone(),
            state: printer.word(),
            condition: printer.condition,
            blocked: printer.condition.blocked(),
            fault: printer.fault,
            online: ready && printer.condition.blocked().is_none(),
            best: printer.abilities.best(),
            identity: printer.identity.clone(),
            queued: printer.queue.len(),
            doubtful: printer.doubtful.len(),
            current: printer.current.as_ref().map(|c| c.job),
            since: printer.since,
        })
    }

    /// How many printers there are.
    pub fn printer_count(&self) -> usize {
        self.printers.len()
    }
}

fn tell(identity: &mut crate::record::Identity, info: Info, text: &str) {
    let text: String = crate::record::bounded_text(text, 80);
    match info {
        Info::Maker => identity.maker = text,
        Info::Model => identity.model = text,
        Info::Serial => identity.serial = text,
        Info::Firmware => identity.firmware = text,
    }
}
