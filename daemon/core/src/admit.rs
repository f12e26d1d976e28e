//! Requests: admission, and what people do with jobs.
//!
//! Decides who may and what is possible; the order of effects is the engine's.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use smol_str::SmolStr;

use crate::engine::{Class, Core, Draft, Job, Then};
use crate::faults::Fault;
use crate::ids::{JobId, PrinterIx, Ticket};
use crate::job::{JobEvent, JobState};
use crate::limits::{COPIES_MAX, KEY_BYTES_MAX, NOTE_BYTES_MAX};
use crate::record::{Cut, JobRecord, KeyHash, KeyRecord, StoreOp, Table, bounded_text, encode};
use crate::request::{Answer, Caller, ListFilter, Refusal, Request, Submission};
use crate::story::{Story, What};
use crate::time::Wall;

impl Core {
    pub(crate) fn request(&mut self, ticket: Ticket, caller: Caller, request: Request) {
        let refused = match request {
            Request::Submit(submission) => self.submit(ticket, caller, submission),
            Request::Cancel { job, note } => self.cancel(ticket, caller, job, &note),
            Request::Hold { job, note } => self.hold(ticket, caller, job, &note),
            Request::Release { job } => self.release(ticket, caller, job),
            Request::Reprint { job, note, key, key_hash, known, body_kept } => {
                self.reprint(ticket, caller, job, &note, (key, key_hash, known), body_kept)
            }
            Request::Resolve { job, came_out, note } => self.resolve(ticket, caller, job, came_out, &note),
            Request::CanPrint { printer, dots, store } => self.can_print(ticket, &printer, dots, store),
            Request::Survey { printer, road, page } => self.survey(ticket, caller, &printer, road, page),
            Request::Look { job } => self.look(ticket, caller, job),
            Request::List(filter) => {
                self.list(ticket, caller, &filter);
                Ok(())
            }
        };
        if let Err(refusal) = refused {
            self.reply(ticket, Err(refusal));
        }
    }

    pub(crate) fn printer_named(&self, name: &str) -> Option<PrinterIx> {
        if name.is_empty() {
            return (!self.printers.is_empty()).then_some(PrinterIx(0));
        }
        self.printers.iter().position(|p| p.config.name == name).map(|index| PrinterIx(index as u16))
    }

    fn submit(&mut self, ticket: Ticket, caller: Caller, new: Submission) -> Result<(), Refusal> {
        let known = self.keys.get(&new.key_hash).cloned().or_else(|| new.known.clone());
        if new.key.is_empty() || new.key.len() > KEY_BYTES_MAX {
            return Err(Refusal::BadKey { bytes: new.key.len() });
        }
        if let Some(known) = known
            && !self.faults.has(Fault::ForgetKeys)
        {
            return self.submitted_before(ticket, &known, &new);
        }
        if self.closing {
            return Err(Refusal::ShuttingDown);
        }
        let printer = self.printer_named(&new.printer).ok_or(Refusal::UnknownPrinter)?;
        let shapeless = new.copies.iter().any(|c| c.shape.parts.is_empty());
        if new.copies.is_empty() || new.copies.len() > COPIES_MAX || shapeless {
            return Err(Refusal::BadCopies { copies: new.copies.len() });
        }
        let bytes: u64 = new.copies.iter().map(|c| u64::from(c.shape.bytes)).sum();
        self.check_room(caller, new.copies.len(), bytes)?;

        let first = JobId(self.counters.next_job);
        self.counters.next_job += new.copies.len() as u64;
        let mut draft = Draft::new(Class::Admission);
        let known = KeyRecord { content: new.content, first, count: new.copies.len() as u8 };
        self.record_key(&mut draft, new.key_hash, known);
        let expires_ms = new.expires_after_ms.or(self.config.expires_after_ms);
        let (key, name) =
            (SmolStr::from(new.key), SmolStr::from(&*self.printers[usize::from(printer.0)].config.name));
        let mut jobs = Vec::with_capacity(new.copies.len());
        for (index, copy) in new.copies.into_iter().enumerate() {
            let id = JobId(first.0 + index as u64);
            let now = self.now.wall;
            draft.ops.push(StoreOp::PutBody { job: id, bytes: copy.body });
            jobs.push((id, copy.copy.clone()));
            let record = JobRecord {
                state: if new.hold {
                    JobState::Held { doubt: false }
                } else {
                    JobState::Queued { doubt: false }
                },
                key: key.clone(),
                key_hash: new.key_hash,
                printer: name.clone(),
                title: bounded_text(&copy.title, NOTE_BYTES_MAX),
                copy: bounded_text(&copy.copy, NOTE_BYTES_MAX),
                lifetime_ms: expires_ms,
                expires: expires_ms.map(|ms| Wall(now.0.saturating_add(ms))),
                policy: new.policy.unwrap_or(self.config.policy),
                shape: copy.shape,
                ..JobRecord::new(id, caller.uid, now)
            };
            self.enter(record, printer, expires_ms);
            draft.undo.admissions.push(id);
        }
        self.admit(draft, printer, Answer::Accepted { jobs, existed: false }, ticket);
        Ok(())
    }

    /// The rest of an admission: the first job may begin in the same batch.
    fn admit(&mut self, mut draft: Draft, printer: PrinterIx, answer: Answer, ticket: Ticket) {
        draft.then.push(Then::Reply(ticket, Ok(answer)));
        let jobs = draft.undo.admissions.clone();
        self.start_in(printer, &mut draft);
        for job in jobs {
            if let Some(original) = self.jobs.get(&job).and_then(|j| j.record.reprint_of) {
                self.record(&mut draft, original);
            }
            self.record(&mut draft, job);
            draft.then.push(Then::Admitted(job));
        }
        self.record_counters(&mut draft);
        self.persist(draft);
    }

    fn enter(&mut self, record: JobRecord, printer: PrinterIx, expires_ms: Option<u64>) {
        let id = record.id;
        self.count_in(record.owner, u64::from(record.shape.bytes), record.reprint_of);
        let expires = expires_ms.map(|ms| self.now.mono.plus_ms(ms));
        self.expiries.extend(expires.map(|at| (at, id)));
        if matches!(record.state, JobState::Queued { .. }) {
            self.printers[usize::from(printer.0)].queue.insert(id);
        }
        let job = Job { record, printer: Some(printer), batch: None, admitted: false, expires };
        self.jobs.insert(id, Box::new(job));
    }

    fn record_key(&mut self, draft: &mut Draft, hash: KeyHash, known: KeyRecord) {
        draft.ops.push(StoreOp::Put { table: Table::Keys, key: hash.to_vec(), value: encode(&known) });
        self.keys.insert(hash, known);
    }

    fn submitted_before(
        &mut self,
        ticket: Ticket,
        known: &KeyRecord,
        new: &Submission,
    ) -> Result<(), Refusal> {
        if known.content != new.content && !self.faults.has(Fault::IgnoreContent) {
            return Err(Refusal::KeyConflict { job: known.first });
        }
        // A job that left the memory and the spool keeps its number; its copy's name is the submission's.
        let jobs = known
            .jobs()
            .zip(new.copies.iter().map(|c| c.copy.clone()).chain(core::iter::repeat(String::new())))
            .collect();
        let answer = Ok(Answer::Accepted { jobs, existed: true });
        self.reply_after_job(known.first, ticket, answer);
        Ok(())
    }

    fn check_room(&self, caller: Caller, jobs: usize, bytes: u64) -> Result<(), Refusal> {
        if self.active + jobs > self.config.active_jobs_max
            || self.active_bytes.saturating_add(bytes) > self.config.active_bytes_max
        {
            return Err(Refusal::QueueFull);
        }
        let share = self.per_uid.get(&caller.uid).copied().unwrap_or(0);
        if share + jobs > self.config.active_jobs_per_uid_max {
            return Err(Refusal::ShareFull);
        }
        Ok(())
    }

    /// The store did not take a new job: it never was.
    pub(crate) fn take_back_admission(&mut self, job: JobId) {
        let Some(entry) = self.jobs.remove(&job) else { return };
        self.dirty.remove(&job);
        self.unwritten.remove(&job);
        if !entry.record.state.is_final() {
            let record = &entry.record;
            self.count_out(record.owner, u64::from(record.shape.bytes), record.reprint_of);
        }
        self.keys.remove(&entry.record.key_hash);
        if let Some(at) = entry.expires {
            self.expiries.remove(&(at, job));
        }
        if let Some(printer) = entry.printer {
            self.printers[usize::from(printer.0)].queue.remove(&job);
        }
        if let Some(root) = entry.record.reprint_of
            && let Some(root) = self.jobs.get_mut(&root)
        {
            root.record
                .story
                .retain(|e| !matches!(e.what, What::ReprintAsked { job: asked, .. } if asked == job));
        }
    }

    /// The job, if this caller may touch it.
    fn allowed(&self, caller: Caller, job: JobId) -> Result<&JobRecord, Refusal> {
        match self.jobs.get(&job) {
            // What is not on stable storage yet does not exist for anybody.
            Some(entry) if entry.admitted && (caller.operator || entry.record.owner == caller.uid) => {
                Ok(&entry.record)
            }
            // Whether another's job exists is none of their business.
            _ => Err(Refusal::UnknownJob),
        }
    }

    /// Applies a person's event, records it and answers with the job once that is durable.
    fn by_hand(&mut self, ticket: Ticket, job: JobId, event: JobEvent, what: What) -> Result<(), Refusal> {
        let state = self.jobs.get(&job).map(|j| j.record.state).ok_or(Refusal::UnknownJob)?;
        if !self.step(job, event) {
            return Err(Refusal::WrongState { state });
        }
        let wall = self.now.wall;
        let mut draft = Draft::new(Class::Progress);
        if let Some(entry) = self.jobs.get_mut(&job) {
            entry.record.note(wall, what);
            let answer = Answer::Job(Box::new(entry.record.clone()));
            draft.then.push(Then::Reply(ticket, Ok(answer)));
        }
        self.requeue(job);
        self.record(&mut draft, job);
        let printer = self.jobs.get(&job).and_then(|j| j.printer);
        self.persist(draft);
        if let Some(printer) = printer {
            self.start_next(printer);
        }
        Ok(())
    }

    /// Puts a job where its state says that it belongs.
    pub(crate) fn requeue(&mut self, job: JobId) {
        let Some(entry) = self.jobs.get(&job) else { return };
        let (state, Some(printer)) = (entry.record.state, entry.printer) else { return };
        let printer = &mut self.printers[usize::from(printer.0)];
        if matches!(state, JobState::Queued { .. }) {
            printer.queue.insert(job);
        } else {
            printer.queue.remove(&job);
        }
        if matches!(
            state,
            JobState::Uncertain | JobState::Queued { doubt: true } | JobState::Held { doubt: true }
        ) {
            printer.doubtful.insert(job);
        } else {
            printer.doubtful.remove(&job);
        }
        self.rearm_expiry(job);
    }

    /// A job whose time ran out while it could not expire expires at the next tick.
    pub(crate) fn rearm_expiry(&mut self, job: JobId) {
        if let Some(entry) = self.jobs.get(&job)
            && let Some(at) = entry.expires
            && matches!(
                entry.record.state,
                JobState::Queued { doubt: false } | JobState::Held { doubt: false }
            )
        {
            self.expiries.insert((at, job));
        }
    }

    fn cancel(&mut self, ticket: Ticket, caller: Caller, job: JobId, note: &str) -> Result<(), Refusal> {
        self.allowed(caller, job)?;
        let note = bounded_text(note, NOTE_BYTES_MAX);
        self.by_hand(ticket, job, JobEvent::Cancel, What::Canceled { by: caller.uid, note })
    }

    fn hold(&mut self, ticket: Ticket, caller: Caller, job: JobId, note: &str) -> Result<(), Refusal> {
        self.allowed(caller, job)?;
        let note = bounded_text(note, NOTE_BYTES_MAX);
        self.by_hand(ticket, job, JobEvent::Hold, What::Held { by: caller.uid, note })
    }

    fn release(&mut self, ticket: Ticket, caller: Caller, job: JobId) -> Result<(), Refusal> {
        self.allowed(caller, job)?;
        self.by_hand(ticket, job, JobEvent::Release, What::Released { by: caller.uid })
    }

    fn resolve(
        &mut self,
        ticket: Ticket,
        caller: Caller,
        job: JobId,
        came_out: bool,
        note: &str,
    ) -> Result<(), Refusal> {
        let state = self.allowed(caller, job)?.state;
        let event = match (came_out, state) {
            (true, _) => JobEvent::Attest,
            (false, JobState::Held { doubt: true }) => JobEvent::Release,
            (false, _) => JobEvent::Again,
        };
        let note = bounded_text(note, NOTE_BYTES_MAX);
        self.by_hand(ticket, job, event, What::Resolved { by: caller.uid, came_out, note })
    }

    fn reprint(
        &mut self,
        ticket: Ticket,
        caller: Caller,
        job: JobId,
        note: &str,
        (key, key_hash, known): (String, KeyHash, Option<KeyRecord>),
        body_kept: bool,
    ) -> Result<(), Refusal> {
        let asked = self.allowed(caller, job)?;
        let root = asked.reprint_of.unwrap_or(job);
        let state = asked.state;
        if key.is_empty() || key.len() > KEY_BYTES_MAX {
            return Err(Refusal::BadKey { bytes: key.len() });
        }
        // The same key for the same original is the same copy asked for again.
        let content = reprint_content(root);
        if let Some(known) = self.keys.get(&key_hash).cloned().or(known) {
            if known.content != content {
                return Err(Refusal::KeyConflict { job: known.first });
            }
            self.reply_after_job(known.first, ticket, Ok(Answer::Reprint(known.first)));
            return Ok(());
        }
        if !state.is_final() {
            return Err(Refusal::WrongState { state });
        }
        if self.closing {
            return Err(Refusal::ShuttingDown);
        }
        if !body_kept {
            return Err(Refusal::BodyGone);
        }
        let original = self.allowed(caller, root)?.clone();
        let printer = self.jobs.get(&root).and_then(|j| j.printer).ok_or(Refusal::UnknownPrinter)?;
        self.check_room(caller, 1, u64::from(original.shape.bytes))?;

        let id = JobId(self.counters.next_job);
        self.counters.next_job += 1;
        let now = self.now.wall;
        let note = bounded_text(note, NOTE_BYTES_MAX);
        let mut record = JobRecord {
            state: JobState::Queued { doubt: false },
            key: key.into(),
            key_hash,
            printer: original.printer.clone(),
            title: original.title.clone(),
            copy: original.copy.clone(),
            policy: original.policy,
            shape: original.shape.clone(),
            copies_before: original.copies_out(),
            reprint_of: Some(root),
            original_accepted: original.accepted,
            ..JobRecord::new(id, caller.uid, now)
        };
        record.note(now, What::ReprintOf { job: root, note });
        let mut draft = Draft::new(Class::Admission);
        self.record_key(&mut draft, key_hash, KeyRecord { content, first: id, count: 1 });
        self.enter(record, printer, None);
        if let Some(root) = self.jobs.get_mut(&root) {
            root.record.note(now, What::ReprintAsked { by: caller.uid, job: id });
        }
        draft.undo.admissions = vec![id];
        self.admit(draft, printer, Answer::Reprint(id), ticket);
        Ok(())
    }

    pub(crate) fn expire(&mut self, job: JobId) {
        // What is not on stable storage yet can't have an outcome; it expires once it is.
        let admitted = self.jobs.get(&job).is_some_and(|j| j.admitted);
        if !admitted || !self.step(job, JobEvent::Expire) {
            return;
        }
        let wall = self.now.wall;
        if let Some(entry) = self.jobs.get_mut(&job) {
            entry.record.note(wall, What::Expired);
        }
        self.requeue(job);
        let mut draft = Draft::new(Class::Progress);
        self.record(&mut draft, job);
        self.persist(draft);
    }

    fn look(&mut self, ticket: Ticket, caller: Caller, job: JobId) -> Result<(), Refusal> {
        let record = Box::new(self.allowed(caller, job)?.clone());
        self.reply_after_job(job, ticket, Ok(Answer::Job(record)));
        Ok(())
    }

    fn list(&mut self, ticket: Ticket, caller: Caller, filter: &ListFilter) {
        let wanted = |job: &&Job| {
            let record = &job.record;
            job.admitted
                && (caller.operator || record.owner == caller.uid)
                && (!filter.unfinished || !record.state.is_final())
                && filter.owner.is_none_or(|uid| record.owner == uid)
                && filter.printer.as_ref().is_none_or(|name| record.printer == *name)
                && filter.state.as_ref().is_none_or(|word| record.state.word() == word.as_str())
                && filter.since.is_none_or(|at| record.accepted >= at)
                && filter.until.is_none_or(|at| record.accepted < at)
        };
        let limit = filter.limit;
        let page = if filter.newest_first {
            let below = filter.after.unwrap_or(JobId(u64::MAX));
            let range = self.jobs.range(..below).rev().map(|(_, job)| &**job);
            range.filter(wanted).take(limit).map(|j| j.record.clone()).collect()
        } else {
            let above = filter.after.map_or(JobId(0), |JobId(n)| JobId(n.saturating_add(1)));
            let range = self.jobs.range(above..).map(|(_, job)| &**job);
            range.filter(wanted).take(limit).map(|j| j.record.clone()).collect()
        };
        self.reply_after_pending(ticket, Ok(Answer::Jobs(page)));
    }
}

/// What makes two requests for a copy the same one.
fn reprint_content(root: JobId) -> [u8; 32] {
    let mut content = [0; 32];
    content[..8].copy_from_slice(b"reprint:");
    content[8..16].copy_from_slice(&root.0.to_be_bytes());
    content
}

impl JobRecord {
    /// A fresh record with what every job begins with.
    pub fn new(id: JobId, owner: u32, now: Wall) -> Self {
        let mut record = Self {
            id,
            state: JobState::Queued { doubt: false },
            owner,
            key: SmolStr::default(),
            key_hash: [0; 16],
            printer: SmolStr::default(),
            title: SmolStr::default(),
            copy: SmolStr::default(),
            accepted: now,
            finished: None,
            expires: None,
            policy: crate::record::Policy::Reprint,
            shape: crate::record::Shape::default(),
            cut: Cut::None,
            attempts: 0,
            copies_before: 0,
            reprint_of: None,
            original_accepted: now,
            open: Vec::new(),
            confirmed_line: 0,
            reprints: 0,
            story: Story::new(),
            lifetime_ms: None,
        };
        record.note(now, What::Accepted { by: owner });
        record
    }

    /// Copies of this receipt that may be on paper by now, those of its reprints included.
    pub(crate) fn copies_out(&self) -> u32 {
        self.copies_before.saturating_add(self.open.len() as u32).saturating_add(self.reprints)
    }

    /// The record as it is read after a restart: nobody waits for its cut any more.
    #[must_use]
    pub fn at_rest(mut self) -> Self {
        if self.state.is_final() && self.cut == Cut::Open {
            self.cut = Cut::Unknown;
        }
        self
    }
}
