//! The one owner of all state: an input with the time goes in, ordered outputs come out.
//!
//! Here: inputs, outputs, and the discipline of effects. A transition writes its record first
//! ([`Output::Persist`]); what follows from it (reply, bytes, news) is parked under the batch's number and
//! leaves when the shell says that the batch is on stable storage. What is decided stands in `admit`,
//! `session` and `printing`.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use crate::config::CoreConfig;
use crate::faults::{Fault, Faults};
use crate::ids::{AttemptNo, BatchId, JobId, PrinterIx, SessionId, Ticket, Uid};
use crate::job::{JobEvent, JobState, next};
use crate::limits::{CLOCK_LOOK_US, FINISHED_CACHED_MAX, RECORDS_PER_BATCH_MAX, STORE_RETRY_US};
use crate::link::{LinkCommand, LinkEvent};
use crate::printer::Printer;
use crate::record::{COUNTERS_KEY, Counters, JobRecord, KeyHash, KeyRecord, StoreOp, Table, encode, job_key};
use crate::request::{Answer, Caller, Refusal, Request};
use crate::time::{Mono, Now};

/// Whether the store may refuse a batch to keep room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// New receipts: refused when the disk is nearly full.
    Admission,
    /// What becomes of accepted ones: may use the reserve.
    Progress,
}

/// Why a batch is not on stable storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFault {
    /// No room.
    Full,
    /// The disk reports errors.
    Failed,
    /// The store's queue is full.
    Busy,
}

/// What the core is told.
#[derive(Debug)]
pub enum Input {
    /// A caller asks.
    Request {
        /// For the answer.
        ticket: Ticket,
        /// Who asks.
        caller: Caller,
        /// What.
        request: Request,
    },
    /// A batch is on stable storage.
    Persisted(BatchId),
    /// It is not, and will not be.
    PersistFailed(BatchId, StoreFault),
    /// A link tells.
    Link {
        /// Which printer's.
        printer: PrinterIx,
        /// Of which session.
        session: SessionId,
        /// What.
        event: LinkEvent,
    },
    /// Time went by: deadlines are looked at.
    Tick,
    /// Start no more attempts; end the sessions once the one under way is through.
    Shutdown,
}

/// What the core wants done, in this order.
#[derive(Debug, PartialEq, Eq)]
pub enum Output {
    /// Make this durable, then say so.
    Persist {
        /// The batch's number.
        batch: BatchId,
        /// Whether it may be refused.
        class: Class,
        /// All or nothing.
        ops: Vec<StoreOp>,
    },
    /// Answer a caller.
    Reply {
        /// Whose.
        ticket: Ticket,
        /// What.
        answer: Result<Answer, Refusal>,
    },
    /// Tell a link.
    Link {
        /// Which printer's.
        printer: PrinterIx,
        /// Of which session.
        session: SessionId,
        /// What.
        command: LinkCommand,
    },
    /// Tell whoever watches that this job is now so.
    JobNews(Box<JobRecord>),
    /// Tell whoever watches that this printer changed.
    PrinterNews(PrinterIx),
}

/// A job in memory.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) record: JobRecord,
    /// `None` when its printer is no longer configured.
    pub(crate) printer: Option<PrinterIx>,
    /// The batch that its present state waits for.
    pub(crate) batch: Option<BatchId>,
    /// False until its admission is durable.
    pub(crate) admitted: bool,
    /// When it expires, if something can still expire.
    pub(crate) expires: Option<Mono>,
}

/// What leaves once a batch is durable.
#[derive(Debug)]
pub(crate) enum Then {
    Reply(Ticket, Result<Answer, Refusal>),
    News(Box<JobRecord>),
    Admitted(JobId),
    Settled(JobId),
    Send { printer: PrinterIx, session: SessionId, job: JobId, attempt: AttemptNo },
}

/// What must be taken back when it is not.
#[derive(Debug, Default)]
pub(crate) struct Undo {
    /// Jobs whose admission this was.
    pub(crate) admissions: Vec<JobId>,
    /// The attempt that this batch was to begin.
    pub(crate) start: Option<(PrinterIx, JobId, AttemptNo)>,
    /// Jobs whose record must be offered again.
    pub(crate) records: Vec<JobId>,
}

#[derive(Debug)]
pub(crate) struct Pending {
    then: Vec<Then>,
    undo: Undo,
}

/// A batch while it is put together.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) class: Class,
    pub(crate) ops: Vec<StoreOp>,
    pub(crate) then: Vec<Then>,
    pub(crate) undo: Undo,
    /// The body that is wanted next on a printer: it is fetched while the disk writes.
    pub(crate) fetch: Option<(PrinterIx, JobId)>,
}

impl Draft {
    pub(crate) fn new(class: Class) -> Self {
        Self { class, ops: Vec::new(), then: Vec::new(), undo: Undo::default(), fetch: None }
    }
}

/// Every decision of receiptd. See the crate's documentation for the contract.
#[derive(Debug)]
pub struct Core {
    pub(crate) config: CoreConfig,
    pub(crate) faults: Faults,
    pub(crate) now: Now,
    /// Boxed, since the nodes of a map that only grows at its end are half empty.
    pub(crate) jobs: BTreeMap<JobId, Box<Job>>,
    pub(crate) keys: BTreeMap<KeyHash, KeyRecord>,
    pub(crate) printers: Vec<Printer>,
    pub(crate) counters: Counters,
    pub(crate) next_probe: u32,
    pub(crate) next_session: u64,
    pub(crate) closing: bool,
    pub(crate) store: Result<(), StoreFault>,
    pub(crate) expiries: BTreeSet<(Mono, JobId)>,
    pub(crate) active: usize,
    pub(crate) active_bytes: u64,
    pub(crate) per_uid: BTreeMap<Uid, usize>,
    /// The originals of unfinished reprints, and how many those are.
    originals: BTreeMap<JobId, u32>,
    watched: bool,
    next_batch: u64,
    out: VecDeque<Output>,
    pending: BTreeMap<BatchId, Pending>,
    /// Jobs whose record the store refused and that must be offered again.
    pub(crate) dirty: BTreeSet<JobId>,
    /// The same, until it took the record.
    pub(crate) unwritten: BTreeSet<JobId>,
    store_retry: Option<Mono>,
    /// Who waits for the record of a job that the store, being behind, is offered again at its next retry.
    patient: Vec<(JobId, Ticket)>,
    /// An attempt's beginning was taken back because the store refused its record.
    taken_back: bool,
    finished: VecDeque<JobId>,
}

impl Core {
    pub(crate) fn empty(config: CoreConfig, printers: Vec<Printer>, counters: Counters, now: Now) -> Self {
        Self {
            config,
            faults: Faults::default(),
            now,
            jobs: BTreeMap::new(),
            keys: BTreeMap::new(),
            printers,
            counters,
            next_probe: 0,
            next_session: 0,
            closing: false,
            store: Ok(()),
            expiries: BTreeSet::new(),
            active: 0,
            active_bytes: 0,
            per_uid: BTreeMap::new(),
            originals: BTreeMap::new(),
            watched: false,
            next_batch: 0,
            out: VecDeque::new(),
            pending: BTreeMap::new(),
            dirty: BTreeSet::new(),
            unwritten: BTreeSet::new(),
            store_retry: None,
            patient: Vec::new(),
            taken_back: false,
            finished: VecDeque::new(),
        }
    }

    /// Takes one input in. Drain [`Self::poll_output`] afterwards.
    pub fn handle(&mut self, now: Now, input: Input) {
        let before = core::mem::replace(&mut self.now, now);
        if now.jumped_since(before) {
            self.clock_jumped();
        }
        match input {
            Input::Request { ticket, caller, request } => self.request(ticket, caller, request),
            Input::Persisted(batch) => self.persisted(batch),
            Input::PersistFailed(batch, fault) => self.persist_failed(batch, fault),
            Input::Link { printer, session, event } => self.link_event(printer, session, event),
            Input::Tick => self.tick(),
            Input::Shutdown => self.shutdown(),
        }
        self.assert_sound();
    }

    /// The next thing to do; `None` when all is said.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When [`Input::Tick`] is wanted next.
    pub fn next_deadline(&self) -> Option<Mono> {
        let printers = self.printers.iter().filter_map(Printer::deadline).min();
        let expiry = self.expiries.first().map(|(at, _)| *at);
        // A jump of the wall clock is seen at an input; one that nobody saw is found on the disk by a later start.
        let look = self.expiries.first().map(|_| self.now.mono.plus_us(CLOCK_LOOK_US));
        [printers, expiry, look, self.store_retry].into_iter().flatten().min()
    }

    /// Whether [`Output::JobNews`] is wanted at all.
    pub fn set_watched(&mut self, watched: bool) {
        self.watched = watched;
    }

    /// Takes the policy, the expiry and the bounds of another configuration; they count for what is admitted from now on.
    /// The printers stay as they are.
    pub fn set_limits(&mut self, config: &CoreConfig) {
        let printers = core::mem::take(&mut self.config.printers);
        self.config = CoreConfig { printers, ..config.clone() };
    }

    /// Builds a defect in; see [`crate::faults`].
    #[cfg(feature = "deliberate-faults")]
    pub fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }

    /// True once nothing is under way any more after [`Input::Shutdown`].
    pub fn is_quiet(&self) -> bool {
        self.closing && self.pending.is_empty() && self.printers.iter().all(|p| p.current.is_none())
    }

    /// Whether the core knows this job without the spool's help.
    pub fn knows(&self, job: JobId) -> bool {
        self.jobs.contains_key(&job)
    }

    /// Gives the core a finished job from the spool, because a request is about it.
    pub fn adopt(&mut self, record: JobRecord) {
        let id = record.id;
        if !record.state.is_final() || self.jobs.contains_key(&id) {
            return;
        }
        let printer = self.printer_named(&record.printer);
        self.jobs.insert(
            id,
            Box::new(Job { record: record.at_rest(), printer, batch: None, admitted: true, expires: None }),
        );
        self.cache_finished(id);
    }

    /// Forgets a finished job whose record left the spool.
    pub fn forget(&mut self, job: JobId) {
        if self.jobs.get(&job).is_some_and(|j| j.record.state.is_final() && j.batch.is_none()) {
            self.jobs.remove(&job);
            self.finished.retain(|j| *j != job);
        }
    }

    /// Size and pieces of a job's body.
    pub fn shape(&self, job: JobId) -> Option<&crate::record::Shape> {
        self.jobs.get(&job).map(|j| &j.record.shape)
    }

    /// Whether a job's body is wanted at once, because its attempt begins in the batch that admits it.
    pub fn wants_body(&self, job: JobId) -> bool {
        self.printers.iter().any(|p| p.current.as_ref().is_some_and(|c| c.job == job))
    }

    /// The originals whose bodies unfinished reprints still need. After a start the shell hands them over
    /// with [`Self::adopt`], so that their copies are counted on.
    pub fn bodies_in_use(&self) -> BTreeSet<JobId> {
        self.originals.keys().copied().collect()
    }

    /// Unfinished jobs, all together.
    pub fn active(&self) -> usize {
        self.active
    }

    // --- Records, then everything else -------------------------------------------------------------

    pub(crate) fn emit(&mut self, output: Output) {
        self.out.push_back(output);
    }

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
    fn unwritten_refusal(&self) -> Refusal {
        Refusal::Unwritten { fault: self.store.err().unwrap_or(StoreFault::Busy) }
    }

    fn store_refusal(&self) -> Refusal {
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

    fn persisted(&mut self, batch: BatchId) {
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

    fn carry_out(&mut self, then: Vec<Then>) {
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

    fn admitted(&mut self, job: JobId) {
        let Some(entry) = self.jobs.get_mut(&job) else { return };
        entry.admitted = true;
        let printer = entry.printer;
        self.rearm_expiry(job);
        if let Some(printer) = printer {
            self.start_next(printer);
        }
        if self.dirty.contains(&job) {
            self.store_retry = Some(self.now.mono);
        }
    }

    /// A finished job's record is durable: the spool answers for it from now on.
    fn settled(&mut self, job: JobId) {
        let Some(entry) = self.jobs.get(&job) else { return };
        if entry.batch.is_some() {
            return;
        }
        self.keys.remove(&entry.record.key_hash.clone());
        self.cache_finished(job);
    }

    fn cache_finished(&mut self, job: JobId) {
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

    fn persist_failed(&mut self, batch: BatchId, fault: StoreFault) {
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
        let admitted_here: BTreeSet<JobId> = admissions.iter().copied().collect();
        for job in admissions {
            self.take_back_admission(job);
        }
        for job in records {
            if admitted_here.contains(&job) {
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
    fn job_unwritten(&mut self, job: JobId, ticket: Ticket, fault: StoreFault) {
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
    fn retry_store(&mut self) {
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
    fn begin_again(&mut self) {
        if !self.taken_back || !self.dirty.is_empty() {
            return;
        }
        self.taken_back = false;
        for index in 0..self.printers.len() {
            self.start_next(PrinterIx(index as u16));
        }
    }

    fn tick(&mut self) {
        if self.store_retry.is_some_and(|at| at <= self.now.mono) {
            self.retry_store();
        }
        while let Some(&(at, job)) = self.expiries.first() {
            if at > self.now.mono {
                break;
            }
            self.expiries.pop_first();
            self.expire(job);
        }
        for index in 0..self.printers.len() {
            self.printer_tick(PrinterIx(index as u16));
        }
    }

    /// The wall clock jumped. Deadlines do not care, but the records on disk must tell a later start how much time is
    /// left by the clock as it is now: otherwise a job that was accepted under a clock that was far behind would expire
    /// at the first restart after the clock was set right.
    fn clock_jumped(&mut self) {
        let now = self.now;
        let mut changed = Vec::new();
        for (id, entry) in &mut self.jobs {
            if let Some(at) = entry.expires {
                entry.record.expires = Some(now.wall_at(at));
                changed.push(*id);
            }
        }
        for some in changed.chunks(RECORDS_PER_BATCH_MAX) {
            let mut draft = Draft::new(Class::Progress);
            for job in some {
                self.record(&mut draft, *job);
            }
            self.persist(draft);
        }
    }

    fn shutdown(&mut self) {
        self.closing = true;
        for index in 0..self.printers.len() {
            self.close_if_idle(PrinterIx(index as u16));
        }
    }

    pub(crate) fn count_out(&mut self, owner: Uid, bytes: u64, original: Option<JobId>) {
        if let Some(original) = original
            && let Some(count) = self.originals.get_mut(&original)
        {
            *count -= 1;
            if *count == 0 {
                self.originals.remove(&original);
            }
        }
        self.active = self.active.saturating_sub(1);
        self.active_bytes = self.active_bytes.saturating_sub(bytes);
        if let Some(count) = self.per_uid.get_mut(&owner) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.per_uid.remove(&owner);
            }
        }
    }

    pub(crate) fn count_in(&mut self, owner: Uid, bytes: u64, original: Option<JobId>) {
        if let Some(original) = original {
            *self.originals.entry(original).or_default() += 1;
        }
        self.active += 1;
        self.active_bytes += bytes;
        *self.per_uid.entry(owner).or_default() += 1;
    }

    /// What must hold after every input; a breach is a bug of ours, found in tests.
    fn assert_sound(&self) {
        for (index, printer) in self.printers.iter().enumerate() {
            if let Some(current) = &printer.current {
                debug_assert!(!printer.queue.contains(&current.job), "job {} twice", current.job);
                debug_assert!(self.jobs.contains_key(&current.job));
            }
            debug_assert!(
                printer.queue.iter().next().is_none_or(|job| {
                    self.jobs.get(job).is_some_and(|j| {
                        matches!(j.record.state, JobState::Queued { .. })
                            && j.printer == Some(PrinterIx(index as u16))
                    })
                }),
                "the queue holds only queued jobs"
            );
        }
        debug_assert!(self.active <= self.jobs.len());
    }
}
