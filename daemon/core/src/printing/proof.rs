//! What the printer says of an attempt under way, and what that proves: fences echoed, answers in order,
//! counters, and ids that come late. What the evidence is worth is asked of [`crate::evidence`].

use crate::engine::{Class, Core, Draft, Output};
use crate::evidence::{Ability, Closing, Grade, Judgement, estimate_us, judge};
use crate::faults::Fault;
use crate::ids::{JobId, PrinterIx, ProcessId};
use crate::job::JobEvent;
use crate::limits::{FIRST_ANSWER_US, PROBE_US, SETTLE_MARGIN_US};
use crate::link::{Counter, LinkCommand, Query};
use crate::printer::Stage;
use crate::record::Cut;
use crate::story::What;

impl Core {
    /// Nothing will confirm this print: wait until it must be out, then say that it was sent.
    pub(super) fn settle(&mut self, ix: PrinterIx) {
        let mono = self.now.mono;
        let Some(current) = self.printer(ix).current.as_mut() else { return };
        let print = estimate_us(current.paper);
        let end = current.began.plus_us(print);
        // It took the bytes later than it should have printed them: something held it up, nobody knows where.
        let end = if end < mono { mono.plus_us(print) } else { end };
        current.stage = Stage::Settling { until: end.plus_us(SETTLE_MARGIN_US) };
        current.stall_at = None;
    }

    /// It must be out by now, if nothing held it up. A printer that reports by itself would have said so; one that only answers
    /// is asked.
    pub(super) fn check_end(&mut self, ix: PrinterIx) {
        let until = self.now.mono.plus_us(FIRST_ANSWER_US);
        let unasked = self.faults.has(Fault::EndUnasked);
        let printer = self.printer(ix);
        let answers_only = printer.abilities.real_time && !printer.asb_seen && !unasked;
        let Some(current) = printer.current.as_mut() else { return };
        if !answers_only || current.closing != Closing::Taken(Grade::C) {
            self.settled_attempt(ix);
            return;
        }
        current.stage = Stage::Checking { until };
        printer.answered = false;
        self.ask_real_time(ix);
    }

    /// It answered; what keeps it from printing is known by now.
    pub(crate) fn checked(&mut self, ix: PrinterIx) {
        let printer = self.printer(ix);
        let checking = printer.current.as_ref().is_some_and(|c| matches!(c.stage, Stage::Checking { .. }));
        if checking && printer.answered && printer.condition.blocked().is_none() {
            self.settled_attempt(ix);
        }
    }

    pub(crate) fn proof_by_echo(&mut self, ix: PrinterIx, id: ProcessId) {
        let mono = self.now.mono;
        let any = self.faults.has(Fault::AnyEchoProves);
        let Some(current) = self.printer(ix).current.clone() else {
            self.late_proof(ix, id);
            return;
        };
        let mut behind = id.distance_from(current.first_id);
        if any && current.stage == Stage::Body {
            behind = u32::from(current.parts) - 1;
        }
        // What was not given can't be echoed; an answer to it is none.
        if behind >= u32::from(current.given) || !matches!(current.closing, Closing::Echo { .. }) {
            self.late_proof(ix, id);
            return;
        }
        self.touch(ix);
        if current.stage == Stage::Body {
            let piece = (behind as usize).min(usize::from(current.parts) - 1);
            let (line, dots) = self
                .jobs
                .get(&current.job)
                .and_then(|j| j.record.shape.parts.get(piece))
                .map_or((0, 0), |p| (p.line, p.dots));
            if !self.believe(ix, dots, mono.us_since(current.began), behind + 1 >= u32::from(current.parts)) {
                return;
            }
            self.confirm_line(current.job, line, behind + 1 < u32::from(current.parts));
            if behind + 1 >= u32::from(current.parts) {
                let grade = Grade::A;
                self.prove(ix, grade);
            }
        }
        if behind == u32::from(current.parts) {
            self.tail_done(ix);
        }
    }

    pub(super) fn confirm_line(&mut self, job: JobId, line: u32, note: bool) {
        let wall = self.now.wall;
        let Some(entry) = self.jobs.get_mut(&job) else { return };
        if line <= entry.record.confirmed_line {
            return;
        }
        entry.record.confirmed_line = line;
        if note {
            entry.record.note(wall, What::UpToLine { line });
            let mut draft = Draft::new(Class::Progress);
            self.record(&mut draft, job);
            self.persist(draft);
        }
    }

    /// Judges an answer by the clock; false when it proves nothing (and what follows from that was done).
    pub(super) fn believe(&mut self, ix: PrinterIx, dots: u32, elapsed_us: u64, closes: bool) -> bool {
        let printer = self.printer(ix);
        if printer.vouched() {
            return true;
        }
        let in_order = printer.current.as_ref().is_some_and(|c| c.closing == Closing::InOrder);
        let judgement = judge(dots, elapsed_us);
        if self.faults.has(Fault::BelieveLiars) {
            return true;
        }
        let printer = self.printer(ix);
        let ability = if in_order { &mut printer.abilities.in_order } else { &mut printer.abilities.echo };
        match (judgement, *ability) {
            (Judgement::Believable, Ability::Proven) | (Judgement::TooShort, Ability::Proven) => true,
            (Judgement::Believable, _) => {
                *ability = Ability::Proven;
                self.record_printer(ix);
                true
            }
            // Not shown to be true, not shown to lie: this job can't be called printed by it.
            (Judgement::TooShort, _) => {
                if closes {
                    self.lower_closing(ix);
                }
                false
            }
            (Judgement::Impossible, _) => {
                *ability = Ability::Lies;
                self.record_printer(ix);
                self.note_current(ix, What::ProofImpossible);
                self.lower_closing(ix);
                false
            }
        }
    }

    /// The attempt under way will be closed by what the printer can't lie about: that it took the bytes.
    pub(super) fn lower_closing(&mut self, ix: PrinterIx) {
        let printer = self.printer(ix);
        let reports = printer.abilities.asb || printer.abilities.real_time;
        let grade = if reports { Grade::C } else { Grade::D };
        let Some(current) = printer.current.as_mut() else { return };
        current.closing = Closing::Taken(grade);
        self.send_more(ix);
        let all = self.printer(ix).current.as_ref().is_some_and(|c| c.taken >= c.pieces());
        if all {
            self.settle(ix);
        }
    }

    pub(super) fn note_current(&mut self, ix: PrinterIx, what: What) {
        let wall = self.now.wall;
        let Some(job) = self.printer(ix).current.as_ref().map(|c| c.job) else { return };
        if let Some(entry) = self.jobs.get_mut(&job) {
            entry.record.note(wall, what);
        }
    }

    pub(crate) fn proof_in_order(&mut self, ix: PrinterIx) {
        let mono = self.now.mono;
        let Some(current) = self.printer(ix).current.clone() else { return };
        if current.closing != Closing::InOrder {
            return;
        }
        match current.stage {
            Stage::Body if current.given >= current.parts => {
                self.touch(ix);
                if !self.believe(ix, current.dots, mono.us_since(current.began), true) {
                    return;
                }
                if current.healthy {
                    self.prove(ix, Grade::B);
                } else {
                    // It stopped in between; the order of answers alone does not show what it did then.
                    self.lower_closing(ix);
                }
            }
            Stage::Tail => self.tail_done(ix),
            _ => {}
        }
    }

    /// The body is on paper.
    pub(super) fn prove(&mut self, ix: PrinterIx, grade: Grade) {
        let wall = self.now.wall;
        let Some(current) = self.printer(ix).current.clone() else { return };
        let job = current.job;
        if !self.step(job, JobEvent::Proof(grade)) {
            return;
        }
        // Answers come in order: what lay before this body and has not said so by now never will.
        self.printer(ix).late_cut = None;
        if let Some(entry) = self.jobs.get_mut(&job) {
            entry.record.note(wall, What::Printed(grade));
        }
        self.requeue(job);
        if current.tail {
            if let Some(current) = self.printer(ix).current.as_mut() {
                current.stage = Stage::Tail;
            }
            let mut draft = Draft::new(Class::Progress);
            self.record(&mut draft, job);
            self.persist(draft);
            self.send_more(ix);
        } else {
            self.attempt_over(ix);
        }
    }

    /// The tail was processed: the paper is cut unless the printer says otherwise.
    pub(super) fn tail_done(&mut self, ix: PrinterIx) {
        let wall = self.now.wall;
        let probe = self.now.mono.plus_us(PROBE_US);
        let printer = self.printer(ix);
        let failed = printer.condition.cutter_error;
        let counted = printer.abilities.counters;
        let Some(current) = printer.current.as_mut() else { return };
        if current.stage != Stage::Tail {
            return;
        }
        current.stage = Stage::Counting { until: probe };
        current.stall_at = None;
        let (job, counts) = (current.job, counted && current.closing == Closing::Echo { counted: true });
        if let Some(entry) = self.jobs.get_mut(&job) {
            entry.record.cut = if failed { Cut::Failed } else { Cut::Done };
            entry.record.note(wall, if failed { What::CutFailed } else { What::CutDone });
        }
        if counts {
            self.command(ix, LinkCommand::Ask(Query::Counter(Counter::LinesFed)));
        } else {
            self.attempt_over(ix);
        }
    }

    /// The counters were read behind the tail.
    pub(crate) fn counted(&mut self, ix: PrinterIx) {
        let wall = self.now.wall;
        let printer = self.printer(ix);
        let lines = printer.lines;
        let Some(current) = printer.current.as_ref() else { return };
        if !matches!(current.stage, Stage::Counting { .. }) {
            return;
        }
        let job = current.job;
        let before = self.jobs.get(&job).and_then(|j| j.record.open.last()).and_then(|a| a.lines_before);
        if matches!((before, lines), (Some(before), Some(after)) if after > before)
            && self.step(job, JobEvent::Counted)
            && let Some(entry) = self.jobs.get_mut(&job)
        {
            entry.record.note(wall, What::Counted);
        }
        self.attempt_over(ix);
    }

    /// The attempt is through: its record and the next one's beginning are one batch.
    pub(super) fn attempt_over(&mut self, ix: PrinterIx) {
        let Some(current) = self.printer(ix).current.take() else { return };
        self.printer(ix).answered = false;
        let mut draft = Draft::new(Class::Progress);
        self.record(&mut draft, current.job);
        self.start_in(ix, &mut draft);
        if draft.undo.start.is_some() {
            self.record_counters(&mut draft);
        }
        self.persist(draft);
        self.emit(Output::PrinterNews(ix));
        self.close_if_idle(ix);
    }

    /// An id that is not of the attempt under way: it may prove an earlier one.
    pub(super) fn late_proof(&mut self, ix: PrinterIx, id: ProcessId) {
        let wall = self.now.wall;
        if self.printer(ix).abilities.echo != Ability::Proven {
            return;
        }
        if let Some((job, tail)) = self.printer(ix).late_cut
            && tail == id
        {
            self.cut_came_late(ix, job);
            return;
        }
        let mut candidates = self.printer(ix).doubtful.clone();
        candidates.extend(self.printer(ix).current.as_ref().map(|c| c.job));
        for job in candidates {
            let Some(record) = self.jobs.get(&job).map(|j| &j.record) else { continue };
            let parts = record.shape.parts.len() as u32;
            let under_way =
                self.printers[usize::from(ix.0)].current.as_ref().filter(|c| c.job == job).map(|c| c.attempt);
            let found = record
                .open
                .iter()
                .filter(|a| Some(a.no) != under_way && !a.dropped)
                .find(|a| id.distance_from(a.first_id) <= parts);
            let Some(attempt) = found.copied() else { continue };
            if id.distance_from(attempt.first_id) + 1 < parts {
                self.confirm_line(job, record_line(record, id.distance_from(attempt.first_id)), true);
                return;
            }
            if !self.step(job, JobEvent::LateProof(Grade::A)) {
                return;
            }
            let tail = attempt.first_id.plus(parts);
            let cut = if self.printer(ix).condition.cutter_error { Cut::Failed } else { Cut::Done };
            let mut cut_open = false;
            if let Some(entry) = self.jobs.get_mut(&job) {
                entry.record.note(wall, What::LateProof { attempt: attempt.no });
                if entry.record.state.is_final() && entry.record.cut == Cut::Open {
                    cut_open = id != tail;
                    entry.record.cut = if cut_open { Cut::Unknown } else { cut };
                }
            }
            if cut_open {
                // The cut follows the body, and so does its id.
                self.printer(ix).late_cut = Some((job, tail));
            }
            self.requeue(job);
            let mut draft = Draft::new(Class::Progress);
            self.record(&mut draft, job);
            self.persist(draft);
            return;
        }
    }

    /// The id behind the tail of a job that was printed already: its cut is known now.
    pub(super) fn cut_came_late(&mut self, ix: PrinterIx, job: JobId) {
        let wall = self.now.wall;
        let printer = self.printer(ix);
        printer.late_cut = None;
        let failed = printer.condition.cutter_error;
        let Some(entry) = self.jobs.get_mut(&job) else { return };
        if entry.record.cut != Cut::Unknown {
            return;
        }
        entry.record.cut = if failed { Cut::Failed } else { Cut::Done };
        entry.record.note(wall, if failed { What::CutFailed } else { What::CutDone });
        let mut draft = Draft::new(Class::Progress);
        self.record(&mut draft, job);
        self.persist(draft);
    }
}

fn record_line(record: &crate::record::JobRecord, piece: u32) -> u32 {
    record.shape.parts.get(piece as usize).map_or(0, |p| p.line)
}
