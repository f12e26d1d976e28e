//! The one owner of all state: an input with the time goes in, ordered outputs come out.
//!
//! Here: inputs, outputs, time; and in `effects` their discipline. A transition writes its record first
//! ([`Output::Persist`]); what follows from it (reply, bytes, news) is parked under the batch's number and
//! leaves when the shell says that the batch is on stable storage. What is decided stands in `admit`,
//! `session` and `printing`.

mod effects;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use crate::config::CoreConfig;
use crate::faults::Faults;
use crate::ids::{AttemptNo, BatchId, JobId, PrinterIx, SessionId, Ticket, Uid};
use crate::job::JobState;
use crate::limits::{CLOCK_LOOK_US, RECORDS_PER_BATCH_MAX};
use crate::link::{LinkCommand, LinkEvent};
use crate::printer::Printer;
use crate::record::{Counters, JobRecord, KeyHash, KeyRecord, StoreOp};
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
    /// The keys whose admission is not durable yet; all others are the spool's to know.
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

    /// True once, after [`Input::Shutdown`], waiting is of no use: what is still under way waits for a person at the
    /// printer, nobody knows how long. It is judged at the next start.
    pub fn waits_for_people(&self) -> bool {
        let blocked = |p: &Printer| p.current.is_none() || p.condition.blocked().is_some();
        self.closing && self.pending.is_empty() && self.printers.iter().all(blocked)
    }

    /// The newest job that was ever accepted; number 0, which no job has, if there was none.
    pub fn newest_job(&self) -> JobId {
        JobId(self.counters.next_job.saturating_sub(1))
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
        let mut originals = BTreeSet::new();
        originals.extend(self.originals.keys());
        originals
    }

    /// Unfinished jobs, all together.
    pub fn active(&self) -> usize {
        self.active
    }

    // --- Records, then everything else -------------------------------------------------------------

    pub(crate) fn emit(&mut self, output: Output) {
        self.out.push_back(output);
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
