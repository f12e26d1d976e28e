//! The life of an attempt: record, send, prove, cut; or be interrupted.
//!
//! One attempt at a time on a printer. `sending` is durable before the first byte; what the closing evidence
//! is worth decides between printed and sent; what an interruption means is asked of [`crate::recovery`].

use crate::condition::Blocked;
use crate::engine::{Class, Core, Draft, Output, Then};
use crate::evidence::{Ability, Closing, Grade, Judgement, estimate_us, judge};
use crate::faults::Fault;
use crate::ids::{AttemptNo, JobId, PrinterIx, ProcessId, SessionId};
use crate::job::{Doubt, JobEvent};
use crate::limits::{
    DOUBTS_MAX, FIRST_ANSWER_US, OLD_ANSWERS_US, PARTS_AHEAD, PROBE_US, REOPEN_MAX_US, SETTLE_MARGIN_US,
    STALL_ANSWER_US, STALL_ROUNDS_MAX, STALL_US,
};
use crate::link::{Counter, Fence, LinkCommand, MarkOrder, Part, Query};
use crate::printer::{Current, Phase, Stage};
use crate::record::{Attempt, Cut};
use crate::recovery::{self, Loss, Point};
use crate::story::{Entry, What};

/// Ids of attempts are in the lower half of the numbers; see `session` for the upper.
const ATTEMPT_IDS: u32 = ProcessId::COUNT / 2;

impl Core {
    /// Begins the next attempt if the printer can take one.
    pub(crate) fn start_next(&mut self, ix: PrinterIx) {
        let mut draft = Draft::new(Class::Progress);
        self.start_in(ix, &mut draft);
        if draft.undo.start.is_some() {
            self.record_counters(&mut draft);
            self.persist(draft);
        }
    }

    /// The same, within a batch that is being put together.
    pub(crate) fn start_in(&mut self, ix: PrinterIx, draft: &mut Draft) {
        let Some(job) = self.next_job(ix, draft) else { return };
        let printer = self.printer(ix);
        if printer.current.is_some() || self.closing {
            return;
        }
        let printer = self.printer(ix);
        match printer.phase {
            Phase::Ready if printer.condition.blocked().is_some() => return,
            // It does not report by itself: ask before the job.
            Phase::Ready if !printer.asb_seen && printer.abilities.real_time && !printer.answered => {
                self.preflight(ix);
                return;
            }
            Phase::Ready => {}
            _ => return,
        }
        self.begin_attempt(ix, job, draft);
    }

    fn next_job(&mut self, ix: PrinterIx, draft: &Draft) -> Option<JobId> {
        let last_first = self.faults.has(Fault::LastInFirstOut);
        let queue = &self.printers[usize::from(ix.0)].queue;
        let job = if last_first { queue.last() } else { queue.first() }.copied()?;
        let durable = self.jobs.get(&job).is_some_and(|j| j.admitted);
        // A job that is not on disk yet may begin only in the very batch that puts it there.
        (durable || draft.undo.admissions.contains(&job)).then_some(job)
    }

    fn preflight(&mut self, ix: PrinterIx) {
        let until = self.now.mono.plus_us(FIRST_ANSWER_US);
        self.enter_phase(ix, Phase::Preflight { until });
        for n in 1..=4 {
            self.command(ix, LinkCommand::Ask(Query::RealTime(n)));
        }
    }

    pub(crate) fn preflight_over(&mut self, ix: PrinterIx) {
        // Silence before a job is no reason not to try: the proof decides. But it is asked again next time.
        let printer = self.printer(ix);
        printer.answered = true;
        self.enter_phase(ix, Phase::Ready);
        self.watch_blocked(ix);
        self.start_next(ix);
    }

    fn begin_attempt(&mut self, ix: PrinterIx, job: JobId, draft: &mut Draft) {
        let Some(entry) = self.jobs.get(&job) else { return };
        let (parts, tail) = (entry.record.shape.parts.len() as u16, entry.record.shape.tail.exists());
        let (dots, paper) = (entry.record.shape.dots(), entry.record.shape.paper_dots());
        let first_id = self.allocate_ids(ix, u32::from(parts) + 1);
        if !self.step(job, JobEvent::Start) {
            return;
        }
        let (wall, mono) = (self.now.wall, self.now.mono);
        let printer = self.printer(ix);
        printer.queue.remove(&job);
        // What this attempt feeds is not what the next one's counter began with: it is read anew behind the tail.
        let (mut closing, lines_before) = (printer.abilities.closing(), printer.lines.take());
        if mono.us_since(printer.well_since) >= OLD_ANSWERS_US && printer.asb_seen {
            printer.owes_answer = false;
        }
        if closing == Closing::InOrder && (printer.owes_answer || !printer.asb_seen) {
            // The answer to an earlier question would look like this attempt's; and one that says nothing
            // of its health may have stopped anywhere.
            closing = Closing::Taken(Grade::C);
        }
        if closing == Closing::Taken(Grade::C) && !printer.condition.heard {
            closing = Closing::Taken(Grade::D);
        }
        let Some(entry) = self.jobs.get_mut(&job) else { return };
        let record = &mut entry.record;
        let body_of = record.reprint_of.unwrap_or(job);
        record.attempts = record.attempts.saturating_add(1);
        let attempt = record.attempts;
        record.open.push(Attempt { no: attempt, at: wall, first_id, lines_before, dropped: false });
        record.bound_open();
        self.number_copy(job);
        let Some(entry) = self.jobs.get_mut(&job) else { return };
        let record = &mut entry.record;
        let copy_number = record.next_copy_number().saturating_sub(1);
        record.confirmed_line = 0;
        record.cut = if tail { Cut::Open } else { Cut::None };
        record.note(wall, What::Sending { attempt, copy_number });
        let session = self.printer(ix).session;
        self.printer(ix).current = Some(Current {
            job,
            attempt,
            stage: Stage::Recording,
            closing,
            first_id,
            parts,
            tail,
            given: 0,
            taken: 0,
            began: mono,
            healthy: true,
            paused: None,
            stall_at: None,
            stall_answer: None,
            stall_rounds: 0,
            dots,
            paper,
        });
        draft.fetch = Some((ix, body_of));
        if !draft.undo.admissions.contains(&job) {
            if body_of != job {
                self.record(draft, body_of);
            }
            self.record(draft, job);
        }
        draft.undo.start = Some((ix, job, attempt));
        draft.then.push(Then::Send { printer: ix, session, job, attempt });
        self.emit(Output::PrinterNews(ix));
    }

    /// Gives the attempt that was just opened the next number among all copies of its receipt.
    fn number_copy(&mut self, job: JobId) {
        let original = self.jobs.get(&job).and_then(|j| j.record.reprint_of);
        let Some(original) = original.and_then(|original| self.jobs.get_mut(&original)) else { return };
        original.record.reprints = original.record.reprints.saturating_add(1);
        let number = original.record.copies_out();
        if let Some(entry) = self.jobs.get_mut(&job) {
            let open = entry.record.open.len() as u32;
            entry.record.copies_before = number.saturating_sub(open).max(entry.record.copies_before);
        }
    }

    /// The attempt did not begin: its number is free again.
    fn unnumber_copy(&mut self, job: JobId) {
        let original = self.jobs.get(&job).and_then(|j| j.record.reprint_of);
        if let Some(original) = original.and_then(|original| self.jobs.get_mut(&original)) {
            original.record.reprints = original.record.reprints.saturating_sub(1);
        }
    }

    /// The next `count` ids that no attempt in doubt on this printer has.
    fn allocate_ids(&mut self, ix: PrinterIx, count: u32) -> ProcessId {
        let doubtful = self.printers[usize::from(ix.0)].doubtful.clone();
        let mut first = self.counters.next_id % ATTEMPT_IDS;
        // Each step passes one attempt in doubt. Were the numbers ever all taken, an old one is taken again: its
        // late proof would then be one of two jobs', and a daemon that hangs proves nothing at all.
        let steps = 2 * doubtful.len() * (DOUBTS_MAX + 1) + 2;
        for _ in 0..steps {
            if first + count > ATTEMPT_IDS {
                first = 0;
            }
            let taken = doubtful.iter().filter_map(|job| self.jobs.get(job)).find_map(|job| {
                let span = job.record.shape.parts.len() as u32 + 1;
                let number = |a: &Attempt| a.first_id.number();
                let hit =
                    job.record.open.iter().find(|a| number(a) < first + count && first < number(a) + span);
                hit.map(|a| number(a) + span)
            });
            match taken {
                Some(beyond) => first = beyond,
                None => break,
            }
        }
        self.counters.next_id = first + count;
        ProcessId::new(first)
    }

    /// The `sending` record is durable: now, and not before, the first bytes go out.
    pub(crate) fn send_first(&mut self, ix: PrinterIx, session: SessionId, job: JobId, attempt: AttemptNo) {
        let mono = self.now.mono;
        let printer = self.printer(ix);
        let same_session = printer.session == session;
        let Some(current) = printer.current.as_mut() else { return };
        if !same_session || current.job != job || current.attempt != attempt {
            return;
        }
        if current.stage != Stage::Recording {
            return;
        }
        current.stage = Stage::Body;
        current.began = mono;
        current.stall_at = Some(mono.plus_us(estimate_us(current.paper) * 3 + STALL_US));
        self.send_more(ix);
    }

    /// Gives the link what it may have.
    fn send_more(&mut self, ix: PrinterIx) {
        loop {
            let Some(current) = self.printer(ix).current.as_ref() else { return };
            let (job, attempt, given) = (current.job, current.attempt, current.given);
            let may = match current.stage {
                Stage::Body | Stage::Tail => given < current.taken + PARTS_AHEAD && given < current.pieces(),
                Stage::Recording | Stage::Settling { .. } | Stage::Counting { .. } => false,
            };
            if !may {
                return;
            }
            let is_tail = given == current.parts;
            // Where the order of answers is all there is, one question is open at a time.
            if is_tail && current.closing == Closing::InOrder && current.stage == Stage::Body {
                return;
            }
            let last_of_body = given + 1 == current.parts;
            let fence = match current.closing {
                Closing::Echo { .. } => Some(Fence::Echo(current.first_id.plus(u32::from(given)))),
                Closing::InOrder if is_tail || last_of_body => Some(Fence::PaperInOrder),
                Closing::InOrder | Closing::Taken(_) => None,
            };
            let part = if is_tail { Part::Tail } else { Part::Body(given) };
            let Some(record) = self.jobs.get(&job).map(|j| &j.record) else { return };
            // The attempt under way is already counted among the open ones.
            let copy_number = record.next_copy_number().saturating_sub(1);
            // The first piece prints it; the tail must know as well, to leave the drawer shut.
            let wants_mark = given == 0 || is_tail;
            let marked = wants_mark && copy_number > 1 && !self.faults.has(Fault::UnmarkedReprint);
            let mark = marked.then(|| MarkOrder {
                copy_number,
                original: record.reprint_of.unwrap_or(job),
                original_at: record.original_accepted,
                requested: record.reprint_of.is_some() && record.open.len() == 1,
            });
            let body_of = record.reprint_of.unwrap_or(job);
            if let Some(current) = self.printer(ix).current.as_mut() {
                current.given += 1;
            }
            self.command(ix, LinkCommand::Send { job, body_of, attempt, part, fence, mark });
        }
    }

    fn touch(&mut self, ix: PrinterIx) {
        let mono = self.now.mono;
        if let Some(current) = self.printer(ix).current.as_mut()
            && current.paused.is_none()
            && current.stage != Stage::Recording
        {
            current.stall_at = Some(mono.plus_us(estimate_us(current.paper) * 3 + STALL_US));
            current.stall_answer = None;
        }
    }

    pub(crate) fn progressed(&mut self, ix: PrinterIx, job: JobId) {
        if self.printer(ix).current.as_ref().is_some_and(|c| c.job == job) {
            self.touch(ix);
        }
    }

    pub(crate) fn taken(&mut self, ix: PrinterIx, job: JobId, attempt: AttemptNo, part: Part) {
        let Some(current) = self.printer(ix).current.as_mut() else { return };
        if current.job != job || current.attempt != attempt {
            return;
        }
        let number = match part {
            Part::Body(k) => k,
            Part::Tail => current.parts,
        };
        current.taken = current.taken.max(number + 1);
        current.stall_rounds = 0;
        self.touch(ix);
        self.send_more(ix);
        let Some(current) = self.printer(ix).current.as_ref() else { return };
        if current.taken < current.pieces() || current.stage != Stage::Body {
            return;
        }
        let closing = current.closing;
        if self.faults.has(Fault::PrintedOnTaken) {
            self.prove(ix, Grade::A);
        } else if matches!(closing, Closing::Taken(_)) {
            self.settle(ix);
        }
    }

    /// Nothing will confirm this print: wait until it must be out, then say that it was sent.
    fn settle(&mut self, ix: PrinterIx) {
        let mono = self.now.mono;
        let Some(current) = self.printer(ix).current.as_mut() else { return };
        let print = estimate_us(current.paper);
        let end = current.began.plus_us(print);
        // It took the bytes later than it should have printed them: something held it up, nobody knows where.
        let end = if end < mono { mono.plus_us(print) } else { end };
        current.stage = Stage::Settling { until: end.plus_us(SETTLE_MARGIN_US) };
        current.stall_at = None;
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

    fn confirm_line(&mut self, job: JobId, line: u32, note: bool) {
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
    fn believe(&mut self, ix: PrinterIx, dots: u32, elapsed_us: u64, closes: bool) -> bool {
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
    fn lower_closing(&mut self, ix: PrinterIx) {
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

    fn note_current(&mut self, ix: PrinterIx, what: What) {
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
    fn prove(&mut self, ix: PrinterIx, grade: Grade) {
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
    fn tail_done(&mut self, ix: PrinterIx) {
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
    fn attempt_over(&mut self, ix: PrinterIx) {
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
    fn late_proof(&mut self, ix: PrinterIx, id: ProcessId) {
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
    fn cut_came_late(&mut self, ix: PrinterIx, job: JobId) {
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

    /// The attempt under way ends without its proof.
    pub(crate) fn interrupt(&mut self, ix: PrinterIx, why: Doubt, loss: Loss) {
        let wall = self.now.wall;
        let Some(current) = self.printer(ix).current.take() else { return };
        let job = current.job;
        let point = match current.stage {
            Stage::Recording => Point::NothingGiven,
            Stage::Body if current.taken < current.pieces() => Point::SomeSent,
            Stage::Body | Stage::Settling { .. } => Point::FenceOpen,
            Stage::Tail => Point::PrintedCutOpen,
            Stage::Counting { .. } => Point::Printed,
        };
        if current.stage != Stage::Recording {
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
            Point::NothingGiven => {
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
        let (wall, mono) = (self.now.wall, self.now.mono);
        let Some(current) = self.printer(ix).current.as_mut() else { return };
        let before = core::mem::replace(&mut current.paused, blocked);
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
                if let Stage::Settling { until } = &mut current.stage {
                    *until = mono.plus_us(estimate_us(current.paper) + SETTLE_MARGIN_US);
                }
            }
        }
        let job = current.job;
        if let Some(entry) = self.jobs.get_mut(&job) {
            let what = match (before, blocked) {
                (_, Some(why)) => What::Paused(why),
                (_, None) => What::Resumed,
            };
            entry.record.note(wall, what);
        }
        if blocked.is_none() {
            self.touch(ix);
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

    fn stalled(&mut self, ix: PrinterIx) {
        let until = self.now.mono.plus_us(REOPEN_MAX_US);
        self.interrupt(ix, Doubt::Stalled, Loss::Host);
        // The session stays: a late id still counts.
        self.enter_phase(ix, Phase::Stalled { until });
    }

    pub(crate) fn attempt_tick(&mut self, ix: PrinterIx) {
        let mono = self.now.mono;
        let printer = self.printer(ix);
        let speaks = printer.abilities.asb || printer.abilities.real_time;
        let blocked = printer.condition.blocked().is_some();
        let Some(current) = printer.current.as_mut() else { return };
        match current.stage {
            Stage::Settling { until } if until <= mono && !blocked => {
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
    fn settled_attempt(&mut self, ix: PrinterIx) {
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

fn record_line(record: &crate::record::JobRecord, piece: u32) -> u32 {
    record.shape.parts.get(piece as usize).map_or(0, |p| p.line)
}
