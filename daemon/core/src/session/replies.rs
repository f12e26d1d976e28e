//! What a printer answers, asked or not: condition, echoes of ids, who it is, a buffer that was cleared.

use alloc::string::String;

use crate::engine::{Class, Core, Draft, Output};
use crate::evidence::Ability;
use crate::ids::{PrinterIx, ProcessId};
use crate::job::{Doubt, JobState};
use crate::limits::{BLOCKED_POLL_US, BLOCKED_RECHECK_US, DRAIN_US, FIRST_ANSWER_US};
use crate::link::{Counter, Info, LinkCommand, Query, Reply};
use crate::printer::Phase;
use crate::survey::SurveyEnd;

impl Core {
    pub(super) fn replied(&mut self, ix: PrinterIx, reply: &Reply) {
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
            Reply::RealTime { .. } => self.checked(ix),
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
        if matches!(self.printer(ix).phase, Phase::Surveying { .. }) {
            self.survey_heard(ix, reply);
        }
        if changed {
            self.emit(Output::PrinterNews(ix));
        }
    }

    /// The printer dropped what it had: begin again with its condition, in the same session.
    pub(super) fn cleared(&mut self, ix: PrinterIx) {
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
        self.survey_breaks_off(ix, SurveyEnd::Cleared);
    }

    /// Whether this id is of the attempt under way.
    pub(super) fn is_under_way(&mut self, ix: PrinterIx, wire: [u8; 4]) -> bool {
        let current = self.printer(ix).current.as_ref();
        current
            .zip(ProcessId::from_wire(wire))
            .is_some_and(|(current, id)| id.distance_from(current.first_id) < u32::from(current.given))
    }

    pub(super) fn echoed(&mut self, ix: PrinterIx, wire: [u8; 4]) {
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

    pub(super) fn has_uncertain(&mut self, ix: PrinterIx) -> bool {
        let doubtful = self.printer(ix).doubtful.clone();
        doubtful.iter().any(|j| self.jobs.get(j).is_some_and(|j| j.record.state == JobState::Uncertain))
    }

    pub(super) fn answered_in_order(&mut self, ix: PrinterIx) {
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

    pub(super) fn blocked_changed(&mut self, ix: PrinterIx, blocked: Option<crate::condition::Blocked>) {
        let (wall, mono) = (self.now.wall, self.now.mono);
        self.printer(ix).since = wall;
        self.printer(ix).well_since = mono;
        if let Some(why) = blocked
            && self.printer(ix).survey.is_some()
        {
            self.survey_breaks_off(ix, SurveyEnd::Blocked(why));
            return;
        }
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
}

fn tell(identity: &mut crate::record::Identity, info: Info, text: &str) {
    let text = String::from(crate::record::bounded_text(text, 80));
    match info {
        Info::Maker => identity.maker = text,
        Info::Model => identity.model = text,
        Info::Serial => identity.serial = text,
        Info::Firmware => identity.firmware = text,
    }
}
