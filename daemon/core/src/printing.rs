//! The life of an attempt: record, send; its proof and its interruption are in the files below.
//!
//! One attempt at a time on a printer. `sending` is durable before the first byte; what the closing evidence
//! is worth decides between printed and sent.

mod interruption;
mod proof;

use crate::engine::{Class, Core, Draft, Output, Then};
use crate::evidence::{Closing, Grade, estimate_us};
use crate::faults::Fault;
use crate::ids::{AttemptNo, JobId, PrinterIx, ProcessId, SessionId};
use crate::job::JobEvent;
use crate::limits::{DOUBTS_MAX, FIRST_ANSWER_US, OLD_ANSWERS_US, PARTS_AHEAD, STALL_US};
use crate::link::{Fence, LinkCommand, MarkOrder, Part, Query};
use crate::printer::{Current, Phase, Stage, Told};
use crate::record::{Attempt, Cut};
use crate::story::What;

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
        self.ask_real_time(ix);
    }

    /// `DLE EOT` 1 to 4; the last one's answer says that all were heard.
    fn ask_real_time(&mut self, ix: PrinterIx) {
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
            untouched: false,
            began: mono,
            healthy: true,
            paused: None,
            told: Told::default(),
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
                Stage::Recording
                | Stage::Settling { .. }
                | Stage::Checking { .. }
                | Stage::Counting { .. } => false,
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

    /// The link gives the attempt back as it was given.
    pub(crate) fn untouched(&mut self, ix: PrinterIx, job: JobId, attempt: AttemptNo) {
        if let Some(current) = self.printer(ix).current.as_mut()
            && current.job == job
            && current.attempt == attempt
        {
            // A part that was taken speaks against it.
            current.untouched = current.stage == Stage::Body && current.taken == 0;
        }
    }
}
