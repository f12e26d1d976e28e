//! An attempt that does not go on: the link is lost, the printer pauses, stalls or answers nothing in time, the
//! store refuses the beginning. What an interruption means is asked of [`crate::recovery`].

use crate::condition::Blocked;
use crate::engine::{Class, Core, Draft, Output};
use crate::evidence::{Closing, Grade, estimate_us};
use crate::faults::Fault;
use crate::ids::{AttemptNo, JobId, PrinterIx};
use crate::job::{Doubt, JobEvent};
use crate::limits::{
    PAUSE_TOLD_US, PAUSES_TOLD_MAX, REOPEN_MAX_US, SETTLE_MARGIN_US, STALL_ANSWER_US, STALL_ROUNDS_MAX,
    STALL_US,
};
use crate::link::{LinkCommand, Query};
use crate::printer::{Phase, Stage, Told};
use crate::record::Cut;
use crate::recovery::{self, Loss, Point};
use crate::story::{Entry, What};

impl Core {
    /// The attempt under way ends without its proof.
    pub(crate) fn interrupt(&mut self, ix: PrinterIx, why: Doubt, loss: Loss) {
        let wall = self.now.wall;
        let Some(current) = self.printer(ix).current.take() else { return };
        let job = current.job;
        let silent = self.faults.has(Fault::SilenceMeansUntouched) && current.taken == 0;
        let point = match current.stage {
            Stage::Recording => Point::NothingGiven,
            Stage::Body if (current.untouched || silent) && loss == Loss::Printer => Point::NothingHandedOver,
            Stage::Body if current.taken < current.pieces() => Point::SomeSent,
            Stage::Body | Stage::Settling { .. } | Stage::Checking { .. } => Point::FenceOpen,
            Stage::Tail => Point::PrintedCutOpen,
            Stage::Counting { .. } => Point::Printed,
        };
        if !matches!(point, Point::NothingGiven | Point::NothingHandedOver) {
            let in_order = current.closing == Closing::InOrder;
            if in_order && why != Doubt::LinkLost {
                // Its answer carries no name: a late one must not close another attempt.
                self.command(ix, LinkCommand::Forget(Query::PaperInOrder));
            }
            let printer = self.printer(ix);
            printer.resync = true;
            if in_order && !printer.owes_answer {
                printer.owes_answer = true;
                self.record_printer(ix);
            }
        }
        let lost_is_sent = self.faults.has(Fault::LostMeansSent);
        let event = recovery::event(point, loss, why);
        let event = if lost_is_sent { event.map(|_| JobEvent::Taken(Grade::C)) } else { event };
        if let Some(event) = event {
            self.step(job, event);
        }
        let Some(entry) = self.jobs.get_mut(&job) else { return };
        let record = &mut entry.record;
        match point {
            Point::NothingGiven | Point::NothingHandedOver => {
                let lines = record.open.pop().and_then(|attempt| attempt.lines_before);
                record.cut = Cut::None;
                record.note(wall, What::NothingSent);
                self.printer(ix).lines = lines;
                self.unnumber_copy(job);
            }
            Point::PrintedCutOpen => {
                record.cut = Cut::Unknown;
                record.note(wall, What::CutUnknown);
                if why != Doubt::Cleared && matches!(current.closing, Closing::Echo { .. }) {
                    let tail = current.first_id.plus(u32::from(current.parts));
                    self.printer(ix).late_cut = Some((job, tail));
                }
            }
            Point::Printed => {}
            _ => {
                if let Some(attempt) = record.open.last_mut() {
                    attempt.dropped |= why == Doubt::Cleared;
                }
                record.note(wall, What::Interrupted { why, line: record.confirmed_line });
            }
        }
        self.requeue(job);
        let mut draft = Draft::new(Class::Progress);
        self.record(&mut draft, job);
        self.persist(draft);
        self.emit(Output::PrinterNews(ix));
        self.close_if_idle(ix);
    }

    /// The spool can't give the bytes of the job that was to be sent: it waits for a person, the others go on.
    pub(crate) fn hold_unreadable(&mut self, job: JobId) {
        let wall = self.now.wall;
        if !self.step(job, JobEvent::Hold) {
            return;
        }
        if let Some(entry) = self.jobs.get_mut(&job) {
            entry.record.note(wall, What::BodyUnreadable);
        }
        self.requeue(job);
        let mut draft = Draft::new(Class::Progress);
        self.record(&mut draft, job);
        self.persist(draft);
    }

    /// The store did not take the record of an attempt's beginning: it did not begin. False when it has
    /// ended otherwise by now.
    pub(crate) fn take_back_start(&mut self, ix: PrinterIx, job: JobId, attempt: AttemptNo) -> bool {
        let current = self.printer(ix).current.as_ref();
        if !current.is_some_and(|c| c.job == job && c.attempt == attempt && c.stage == Stage::Recording) {
            return false;
        }
        self.printer(ix).current = None;
        self.step(job, JobEvent::NothingSent);
        if let Some(entry) = self.jobs.get_mut(&job) {
            let record = &mut entry.record;
            let lines = record.open.pop().and_then(|attempt| attempt.lines_before);
            record.attempts = record.attempts.saturating_sub(1);
            record.cut = Cut::None;
            let begun = |e: &Entry| matches!(e.what, What::Sending { attempt: n, .. } if n == attempt);
            if let Some(at) = record.story.iter().rposition(begun) {
                record.story.remove(at);
            }
            self.printer(ix).lines = lines;
        }
        self.unnumber_copy(job);
        self.requeue(job);
        self.emit(Output::PrinterNews(ix));
        true
    }

    pub(crate) fn pause_changed(&mut self, ix: PrinterIx, blocked: Option<Blocked>) {
        let mono = self.now.mono;
        let Some(current) = self.printer(ix).current.as_mut() else { return };
        current.paused = blocked;
        if current.stage == Stage::Recording {
            return;
        }
        match blocked {
            Some(_) => {
                current.healthy = false;
                current.stall_at = None;
                current.stall_answer = None;
            }
            None => {
                if matches!(current.stage, Stage::Settling { .. } | Stage::Checking { .. }) {
                    let until = mono.plus_us(estimate_us(current.paper) + SETTLE_MARGIN_US);
                    current.stage = Stage::Settling { until };
                }
            }
        }
        let again = current.told.at.plus_us(PAUSE_TOLD_US);
        if current.told.entries < PAUSES_TOLD_MAX || again <= mono {
            self.tell_pause(ix);
        } else {
            current.told.due = Some(again);
        }
        if blocked.is_none() {
            self.touch(ix);
        }
    }

    /// Writes into the story whether the attempt goes on, unless it stands there already.
    fn tell_pause(&mut self, ix: PrinterIx) {
        let (wall, mono) = (self.now.wall, self.now.mono);
        let Some(current) = self.printer(ix).current.as_mut() else { return };
        current.told.due = None;
        if current.told.why == current.paused {
            return;
        }
        current.told = Told { why: current.paused, entries: current.told.entries + 1, at: mono, due: None };
        let (job, what) = (current.job, current.paused.map_or(What::Resumed, What::Paused));
        if let Some(entry) = self.jobs.get_mut(&job) {
            entry.record.note(wall, what);
        }
        let mut draft = Draft::new(Class::Progress);
        self.record(&mut draft, job);
        self.persist(draft);
    }

    pub(crate) fn stall_answered(&mut self, ix: PrinterIx) {
        let mono = self.now.mono;
        let Some(current) = self.printer(ix).current.as_mut() else { return };
        current.stall_answer = None;
        current.stall_rounds += 1;
        current.stall_at = (current.stall_rounds <= STALL_ROUNDS_MAX).then(|| mono.plus_us(STALL_US));
        if current.stall_rounds > STALL_ROUNDS_MAX {
            self.stalled(ix);
        }
    }

    pub(super) fn stalled(&mut self, ix: PrinterIx) {
        let until = self.now.mono.plus_us(REOPEN_MAX_US);
        self.interrupt(ix, Doubt::Stalled, Loss::Host);
        // The session stays: a late id still counts.
        self.enter_phase(ix, Phase::Stalled { until });
    }

    pub(crate) fn attempt_tick(&mut self, ix: PrinterIx) {
        let mono = self.now.mono;
        if self.printer(ix).current.as_ref().and_then(|c| c.told.due).is_some_and(|at| at <= mono) {
            self.tell_pause(ix);
        }
        let printer = self.printer(ix);
        let speaks = printer.abilities.asb || printer.abilities.real_time;
        let blocked = printer.condition.blocked().is_some();
        let Some(current) = printer.current.as_mut() else { return };
        match current.stage {
            Stage::Settling { until } if until <= mono && !blocked => {
                self.check_end(ix);
                return;
            }
            Stage::Checking { until } if until <= mono && !blocked => {
                // It said nothing: that the bytes were taken is all that is known.
                current.closing = Closing::Taken(Grade::D);
                self.settled_attempt(ix);
                return;
            }
            Stage::Counting { until } if until <= mono => {
                self.attempt_over(ix);
                return;
            }
            _ => {}
        }
        let Some(current) = self.printer(ix).current.as_mut() else { return };
        let job = current.job;
        if current.stall_answer.is_some_and(|at| at <= mono) {
            current.stall_answer = None;
            current.stall_at = None;
            self.stalled(ix);
        } else if current.stall_at.is_some_and(|at| at <= mono) {
            current.stall_at = None;
            if speaks {
                current.stall_answer = Some(mono.plus_us(STALL_ANSWER_US));
                self.command(ix, LinkCommand::Ask(Query::RealTime(1)));
            } else if current.stage == Stage::Tail {
                // It can't be asked, and the receipt is out: the others need not wait for the cut's word.
                self.note_current(ix, What::CutUnknown);
                if let Some(entry) = self.jobs.get_mut(&job) {
                    entry.record.cut = Cut::Unknown;
                }
                self.attempt_over(ix);
            } else {
                // It can't be asked. It may be out of paper for hours; it goes on when it goes on.
                current.stall_rounds = 1;
                self.emit(Output::PrinterNews(ix));
            }
        }
    }

    /// The estimated end has passed on a printer that confirms nothing.
    pub(super) fn settled_attempt(&mut self, ix: PrinterIx) {
        let wall = self.now.wall;
        let Some(current) = self.printer(ix).current.clone() else { return };
        let Closing::Taken(grade) = current.closing else { return };
        if !self.step(current.job, JobEvent::Taken(grade)) {
            return;
        }
        if let Some(entry) = self.jobs.get_mut(&current.job) {
            entry.record.note(wall, What::Sent(grade));
            if current.tail {
                entry.record.cut = Cut::Unknown;
            }
        }
        self.requeue(current.job);
        self.attempt_over(ix);
    }
}
