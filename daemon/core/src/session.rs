//! The life of a session with a printer: open, listen, be ready, be lost, try again; what it is asked and what it
//! answers are in the files below.
//!
//! The sequence is that of the protocol reference, section 5.2: no reset, no `ESC @`; first listen to what
//! the printer still has to say of earlier jobs. Attempts are `printing`'s.

mod probing;
mod replies;
mod view;

use crate::engine::{Class, Core, Draft, Output};
use crate::evidence::{Closing, estimate_us};
use crate::ids::{PrinterIx, SessionId};
use crate::job::{Doubt, JobEvent, JobState};
use crate::limits::{ATTEMPTS_BY_POLICY_MAX, DRAIN_DOUBT_MAX_US, DRAIN_US, REOPEN_MAX_US, REOPEN_MIN_US};
use crate::link::{LinkCommand, LinkEvent, LinkFault};
use crate::printer::{Phase, Printer};
use crate::record::Policy;
use crate::story::What;

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
            LinkEvent::Untouched { job, attempt } => self.untouched(ix, job, attempt),
            LinkEvent::PageTaken => self.survey_page_taken(ix),
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

    fn session_ended(&mut self, ix: PrinterIx, fault: LinkFault) {
        self.survey_lost(ix, fault);
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

    pub(crate) fn drop_session(&mut self, ix: PrinterIx) {
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
            Phase::Surveying { until } if due(until) => self.survey_timed_out(ix),
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
}
