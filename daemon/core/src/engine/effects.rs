//! The discipline of effects: a record is made durable first, and what follows from it leaves when it is;
//! when the store refuses, what was begun is taken back or offered again.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Class, Core, Draft, Output, Pending, StoreFault, Then, Undo};
use crate::faults::{Fault, Faults};
use crate::ids::{BatchId, JobId, PrinterIx, Ticket};
use crate::job::{JobEvent, next};
use crate::limits::{FINISHED_CACHED_MAX, STORE_RETRY_US};
use crate::link::LinkCommand;
use crate::record::{COUNTERS_KEY, StoreOp, Table, encode, job_key};
use crate::request::{Answer, Refusal};

impl Core {
    pub(crate) fn reply(&mut self, ticket: Ticket, answer: Result<Answer, Refusal>) {
        // What the store refused is decided, but nobody may be told: a crash would make it untrue.
        let unwritten = match &answer {
            Ok(Answer::Job(record)) => self.unwritten.contains(&record.id),
            Ok(Answer::Jobs(page)) => page.iter().any(|record| self.unwritten.contains(&record.id)),
            _ => false,
        };
        let answer = if unwritten { Err(self.unwritten_refusal()) } else { answer };
        self.emit(Output::Reply { ticket, answer });
    }

    /// A store that works again by now is about to take what it refused.
    pub(super) fn unwritten_refusal(&self) -> Refusal {
        Refusal::Unwritten { fault: self.store.err().unwrap_or(StoreFault::Busy) }
    }

    pub(super) fn store_refusal(&self) -> Refusal {
        match self.store {
            Err(StoreFault::Full) => Refusal::StoreFull,
            Err(StoreFault::Busy) => Refusal::Busy,
            Err(StoreFault::Failed) | Ok(()) => Refusal::StoreFailed,
        }
    }

    /// Applies an event to a job and notes the state in its record; false when it is illegal there.
    pub(crate) fn step(&mut self, job: JobId, event: JobEvent) -> bool {
        let wall = self.now.wall;
        let Some(entry) = self.jobs.get_mut(&job) else { return false };
        let before = entry.record.state;
        let Ok(after) = next(before, event) else { return false };
        entry.record.state = after;
        if after.is_final() && !before.is_final() {
            entry.record.finished = Some(wall);
            let (owner, bytes) = (entry.record.owner, u64::from(entry.record.shape.bytes));
            let original = entry.record.reprint_of;
            if let Some(at) = entry.expires.take() {
                self.expiries.remove(&(at, job));
            }
            self.count_out(owner, bytes, original);
        }
        true
    }

    /// Puts a job's present record into a batch, and its news behind it.
    pub(crate) fn record(&mut self, draft: &mut Draft, job: JobId) {
        let Some(entry) = self.jobs.get(&job) else { return };
        if !entry.admitted && !draft.undo.admissions.contains(&job) {
            // Only its admission may bring it to the disk; what happened meanwhile is written behind that.
            self.dirty.insert(job);
            return;
        }
        let record = &entry.record;
        let (key, value) = (job_key(job), encode(record));
        if record.state.is_final() {
            draft.ops.push(StoreOp::Delete { table: Table::Active, key: key.clone() });
            draft.ops.push(StoreOp::Put { table: Table::Finished, key, value });
            draft.then.push(Then::Settled(job));
        } else {
            draft.ops.push(StoreOp::Put { table: Table::Active, key, value });
        }
        if self.watched {
            draft.then.push(Then::News(Box::new(record.clone())));
        }
        draft.undo.records.push(job);
        // If this batch fails too, it is dirty again.
        self.dirty.remove(&job);
    }

    pub(crate) fn record_counters(&self, draft: &mut Draft) {
        draft.ops.push(StoreOp::Put {
            table: Table::Meta,
            key: COUNTERS_KEY.to_vec(),
            value: encode(&self.counters),
        });
    }

    /// Hands a batch to the store.
    pub(crate) fn persist(&mut self, mut draft: Draft) {
        if draft.ops.is_empty() && draft.then.is_empty() {
            return;
        }
        let batch = BatchId(self.next_batch);
        self.next_batch += 1;
        for job in draft.undo.records.iter().chain(&draft.undo.admissions) {
            if let Some(entry) = self.jobs.get_mut(job) {
                entry.batch = Some(batch);
            }
        }
        if self.faults.has(Fault::NoSendingRecord) && draft.undo.start.is_some() {
            let sending = draft.undo.start.map(|(_, job, _)| job_key(job));
            draft.ops.retain(|op| {
                !matches!(op, StoreOp::Put { table: Table::Active, key, .. }
                    if Some(key) == sending.as_ref() && draft.undo.admissions.is_empty())
            });
        }
        let early = |then: &Then, faults: &Faults| match then {
            Then::Reply(..) => faults.has(Fault::ReplyBeforeFlush),
            Then::News(_) => faults.has(Fault::PublishBeforeFlush),
            Then::Send { .. } => faults.has(Fault::SendBeforeRecord),
            _ => false,
        };
        let (now, later) = draft.then.into_iter().partition(|then| early(then, &self.faults));
        self.emit(Output::Persist { batch, class: draft.class, ops: draft.ops });
        if let Some((printer, body_of)) = draft.fetch {
            self.command(printer, LinkCommand::Prefetch(body_of));
        }
        self.pending.insert(batch, Pending { then: later, undo: draft.undo });
        self.carry_out(now);
    }

    /// Answers once everything that is decided up to now is durable.
    pub(crate) fn reply_after_pending(&mut self, ticket: Ticket, answer: Result<Answer, Refusal>) {
        match self.pending.last_entry() {
            Some(mut last) => last.get_mut().then.push(Then::Reply(ticket, answer)),
            None => self.reply(ticket, answer),
        }
    }

    /// Parks a reply behind a job's pending batch, or sends it at once.
    pub(crate) fn reply_after_job(&mut self, job: JobId, ticket: Ticket, answer: Result<Answer, Refusal>) {
        let batch = self.jobs.get(&job).and_then(|j| j.batch);
        match batch.and_then(|b| self.pending.get_mut(&b)) {
            Some(pending) => pending.then.push(Then::Reply(ticket, answer)),
            None => self.reply(ticket, answer),
        }
    }

    pub(super) fn persisted(&mut self, batch: BatchId) {
        let Some(pending) = self.pending.remove(&batch) else { return };
        if self.store.is_err() {
            self.store = Ok(());
            self.store_retry = self.store_retry.map(|_| self.now.mono);
        }
        for job in pending.undo.records.iter().chain(&pending.undo.admissions) {
            if let Some(entry) = self.jobs.get_mut(job)
                && entry.batch == Some(batch)
            {
                entry.batch = None;
                self.unwritten.remove(job);
            }
        }
        self.carry_out(pending.then);
        self.begin_again();
    }

    pub(super) fn carry_out(&mut self, then: Vec<Then>) {
        for then in then {
            match then {
                Then::Reply(ticket, answer) => self.reply(ticket, answer),
                Then::News(record) => self.emit(Output::JobNews(record)),
                Then::Admitted(job) => self.admitted(job),
                Then::Settled(job) => self.settled(job),
                Then::Send { printer, session, job, attempt } => {
                    self.send_first(printer, session, job, attempt);
                }
            }
        }
    }

    pub(super) fn admitted(&mut self, job: JobId) {
        let Some(entry) = self.jobs.get_mut(&job) else { return };
        entry.admitted = true;
        let (printer, key) = (entry.printer, entry.record.key_hash);
        // Who asks for it from now on finds it in the spool.
        self.keys.remove(&key);
        self.rearm_expiry(job);
        if let Some(printer) = printer {
            self.start_next(printer);
        }
        if self.dirty.contains(&job) {
            self.store_retry = Some(self.now.mono);
        }
    }

    /// A finished job's record is durable: the spool answers for it from now on.
    pub(super) fn settled(&mut self, job: JobId) {
        let Some(entry) = self.jobs.get(&job) else { return };
        if entry.batch.is_some() {
            return;
        }
        self.cache_finished(job);
    }

    pub(super) fn cache_finished(&mut self, job: JobId) {
        if !self.finished.contains(&job) {
            self.finished.push_back(job);
        }
        while self.finished.len() > FINISHED_CACHED_MAX {
            let Some(oldest) = self.finished.pop_front() else { break };
            let under_way = self.printers.iter().any(|p| p.current.as_ref().is_some_and(|c| c.job == oldest));
            let waits = self.jobs.get(&oldest).is_some_and(|j| j.batch.is_some())
                || self.printers.iter().any(|p| p.late_cut.is_some_and(|(job, _)| job == oldest));
            if under_way || waits || self.originals.contains_key(&oldest) {
                self.finished.push_back(oldest);
                break;
            }
            self.jobs.remove(&oldest);
        }
    }

    pub(super) fn persist_failed(&mut self, batch: BatchId, fault: StoreFault) {
        let Some(pending) = self.pending.remove(&batch) else { return };
        self.store = Err(fault);
        let refusal = self.store_refusal();
        let Undo { admissions, start, records } = pending.undo;
        if let Some((printer, job, attempt)) = start {
            // A later batch may have put the beginning on disk all the same.
            if self.take_back_start(printer, job, attempt) && !admissions.contains(&job) {
                self.dirty.insert(job);
                self.unwritten.insert(job);
            }
        }
        let mut again = start.is_some();
        self.taken_back |= again;
        for &job in &admissions {
            self.take_back_admission(job);
        }
        for job in records {
            if admissions.contains(&job) {
                continue;
            }
            if let Some(entry) = self.jobs.get_mut(&job) {
                self.unwritten.insert(job);
                // A later batch has the whole record again.
                if entry.batch != Some(batch) {
                    continue;
                }
                entry.batch = None;
                self.dirty.insert(job);
                again = true;
            }
        }
        if again {
            let at = self.now.mono.plus_us(STORE_RETRY_US);
            self.store_retry = Some(self.store_retry.map_or(at, |before| before.min(at)));
        }
        for then in pending.then {
            // What rests on the record does not happen; who waits is told why.
            if let Then::Reply(ticket, answer) = then {
                let answer = match answer {
                    // Answers that were only waiting for their turn stay true.
                    Err(refused) => Err(refused),
                    Ok(Answer::Jobs(jobs)) => Ok(Answer::Jobs(jobs)),
                    Ok(Answer::Job(record)) if self.jobs.contains_key(&record.id) => {
                        self.job_unwritten(record.id, ticket, fault);
                        continue;
                    }
                    Ok(_) => Err(refusal.clone()),
                };
                self.reply(ticket, answer);
            }
        }
    }

    /// Somebody waits for what was decided about a job, and the store refused it. A later batch may have it; a
    /// store that is only behind takes it in a moment; otherwise the caller can't be kept waiting.
    pub(super) fn job_unwritten(&mut self, job: JobId, ticket: Ticket, fault: StoreFault) {
        let Some(entry) = self.jobs.get(&job) else { return };
        let answer = Answer::Job(Box::new(entry.record.clone()));
        match entry.batch.and_then(|batch| self.pending.get_mut(&batch)) {
            Some(later) => later.then.push(Then::Reply(ticket, Ok(answer))),
            None if fault == StoreFault::Busy && self.dirty.contains(&job) => {
                self.patient.push((job, ticket))
            }
            None => self.reply(ticket, Err(Refusal::Unwritten { fault })),
        }
    }

    /// Offers the records again that the store refused.
    pub(super) fn retry_store(&mut self) {
        self.store_retry = None;
        let dirty = core::mem::take(&mut self.dirty);
        if dirty.is_empty() {
            self.begin_again();
            return;
        }
        let mut draft = Draft::new(Class::Progress);
        for job in dirty {
            self.record(&mut draft, job);
        }
        for (job, ticket) in core::mem::take(&mut self.patient) {
            let record = self.jobs.get(&job).map(|entry| Box::new(entry.record.clone()));
            let answer = record.map(Answer::Job).ok_or(Refusal::UnknownJob);
            draft.then.push(Then::Reply(ticket, answer));
        }
        self.persist(draft);
    }

    /// Beginnings that the store's refusal took back are tried again, once what was decided before is written.
    pub(super) fn begin_again(&mut self) {
        if !self.taken_back || !self.dirty.is_empty() {
            return;
        }
        self.taken_back = false;
        for index in 0..self.printers.len() {
            self.start_next(PrinterIx(index as u16));
        }
    }
}
