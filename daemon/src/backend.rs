//! The daemon as the interface sees it: each call becomes a request to the core, a look into the spool, or
//! both. What the caller may do is decided by the core; here are only shapes.

use jiff::ZonedDateTime;
use receiptd_api::{
    ApiError, CanPrint, JobFilter, JobInfo, JobPage, Outcome, PrinterInfo, ProbeReport, Receipt, StoreState,
    Submitted,
};
use receiptd_core::StoreFault;
use receiptd_core::ids::JobId;
use receiptd_core::record::{JobRecord, KeyHash, KeyRecord, Table, job_key, job_of_key};
use receiptd_core::request::{Answer, Caller, ListFilter, Request};
use receiptd_core::retention::is_unwanted;
use receiptd_core::survey::Road;
use receiptd_core::time::Wall;
use receiptd_document::Rendered;
use receiptd_store::{Direction, HealthState, ReadError};

mod submit;

use crate::cards::without_cards;
use crate::ipc;
use crate::rendering::{Renderer, document_error};
use crate::sameness::key_hash;
use crate::shell::{Answered, Shell};
use crate::{convert, probe, spool};

/// Rows of finished jobs that one call to `ListJobs` looks at; a page may then be short, and its cursor goes on.
const SCANNED_MAX: usize = 5_000;

/// Rows read in one go, so that other callers get their turn in between.
const SCAN_PAGE: usize = 250;

/// The daemon behind the interface.
#[derive(Clone)]
pub struct Daemon {
    shell: Shell,
    renderer: Renderer,
}

impl Daemon {
    /// A backend on this shell.
    pub fn new(shell: Shell) -> Self {
        Self { shell, renderer: Renderer::default() }
    }

    async fn asked(&self, caller: &ipc::Caller, request: Request) -> Result<Answer, ApiError> {
        answered(self.shell.ask(who(caller), request)).await
    }

    fn known_key(&self, hash: &KeyHash) -> Result<Option<KeyRecord>, ApiError> {
        let value =
            self.shell.with(|_, store| store.get(spool::table(Table::Keys), hash)).map_err(unreadable)?;
        Ok(value.and_then(|value| spool::understood("a caller's key", &value)))
    }

    /// Lets the core know a finished job that a request is about.
    fn adopt(&self, job: JobId) -> Result<(), ApiError> {
        self.shell.with(|core, store| {
            if !core.knows(job)
                && let Some(record) = spool::finished(store, job).map_err(unreadable)?
            {
                core.adopt(record);
            }
            Ok(())
        })
    }

    fn finished(&self, job: JobId) -> Result<Option<JobRecord>, ApiError> {
        self.shell.with(|_, store| spool::finished(store, job)).map_err(unreadable)
    }

    /// Whether the body can be printed again: within its retention, whether or not it was removed already.
    fn has_body(&self, record: &JobRecord) -> Result<bool, ApiError> {
        let body_of = record.reprint_of.unwrap_or(record.id);
        let kept = match self.finished(body_of)? {
            Some(original) => self.shell.keeps_body(&original),
            None => true,
        };
        let there = self.shell.with_going(|_, store, going| {
            !going.contains(&body_of) && matches!(store.body(body_of.0), Ok(Some(_)))
        });
        Ok(kept && there)
    }

    /// The same for lists, where reading each would cost: only what a full disk may have cost its content is looked for, and
    /// nothing more once the spool can't be read.
    fn probably_has_body(&self, record: &JobRecord, readable: &mut bool) -> bool {
        if !self.shell.keeps_body(record) || !is_unwanted(record) || !*readable {
            return self.shell.keeps_body(record);
        }
        let there = self.shell.with(|_, store| store.has_body(record.id.0));
        *readable = there.is_ok();
        there.unwrap_or(true)
    }

    async fn by_hand(&self, caller: ipc::Caller, id: u64, request: Request) -> Result<(), ApiError> {
        self.adopt(JobId(id))?;
        self.asked(&caller, request).await.map(|_| ())
    }

    async fn look(&self, caller: &ipc::Caller, job: JobId) -> Result<JobRecord, ApiError> {
        if self.shell.with(|core, _| core.knows(job)) {
            return match self.asked(caller, Request::Look { job }).await? {
                Answer::Job(record) => Ok(*record),
                other => Err(unexpected(&other)),
            };
        }
        let unknown = || convert::refusal(&receiptd_core::request::Refusal::UnknownJob);
        let record = self.finished(job)?.ok_or_else(unknown)?;
        if caller.may_see(record.owner) { Ok(record) } else { Err(unknown()) }
    }

    /// The page's share of finished jobs: matching rows, and where the look ended if it ended early.
    async fn finished_page(
        &self,
        caller: &ipc::Caller,
        filter: &JobFilter,
        after: Option<JobId>,
        limit: usize,
    ) -> Result<(Vec<JobRecord>, Option<JobId>), ApiError> {
        let newest_first = filter.newest_first == Some(true);
        let direction = if newest_first { Direction::Descending } else { Direction::Ascending };
        let mut from = match (after, newest_first) {
            (None, _) => Vec::new(),
            (Some(JobId(0 | 1)), true) => return Ok((Vec::new(), None)),
            (Some(JobId(n)), true) => job_key(JobId(n - 1)),
            (Some(JobId(n)), false) => job_key(JobId(n.saturating_add(1))),
        };
        let mut found = Vec::new();
        let mut seen = 0;
        loop {
            let page = self
                .shell
                .with(|_, store| store.scan(spool::table(Table::Finished), &from, SCAN_PAGE, direction))
                .map_err(unreadable)?;
            for (key, value) in &page {
                seen += 1;
                let Some(record) = spool::understood::<JobRecord>("a finished job", value) else { continue };
                let record = record.at_rest();
                if caller.may_see(record.owner) && filter.matches(&convert::job(&record, true)) {
                    found.push(record);
                }
                if found.len() >= limit || seen >= SCANNED_MAX {
                    return Ok((found, job_of_key(key)));
                }
            }
            let Some(last) = page.last().and_then(|(key, _)| job_of_key(key)) else {
                return Ok((found, None));
            };
            if page.len() < SCAN_PAGE || (newest_first && last.0 <= 1) {
                return Ok((found, None));
            }
            from = job_key(JobId(if newest_first { last.0 - 1 } else { last.0 + 1 }));
            tokio::task::yield_now().await;
        }
    }
}

impl ipc::Backend for Daemon {
    fn submit(
        &self,
        caller: ipc::Caller,
        request: ipc::SubmitRequest,
    ) -> impl Future<Output = Result<Submitted, ApiError>> + Send {
        self.submitted(caller, request)
    }

    async fn job(&self, caller: ipc::Caller, id: u64) -> Result<JobInfo, ApiError> {
        let record = self.look(&caller, JobId(id)).await?;
        Ok(convert::job_with_story(&record, self.has_body(&record)?))
    }

    async fn receipt(&self, caller: ipc::Caller, id: u64) -> Result<Receipt, ApiError> {
        let mut record = self.look(&caller, JobId(id)).await?;
        if let Some(original) = record.reprint_of {
            record = self.look(&caller, original).await?;
        }
        let gone = || convert::refusal(&receiptd_core::request::Refusal::BodyGone);
        // Past its retention it is gone, also while it is still in the store.
        if !self.has_body(&record)? {
            return Err(gone());
        }
        let stored =
            self.shell.with(|_, store| store.body(record.id.0)).map_err(unreadable)?.ok_or_else(gone)?;
        let rendered = Rendered::decode(&stored).map_err(|error| {
            ApiError::StoreFailed(format!("the content of job {id} can't be understood: {error}"))
        })?;
        let profile = self.shell.profile(&record.printer).unwrap_or_default();
        convert::receipt(&record, rendered, &profile)
    }

    async fn find(&self, caller: ipc::Caller, key: String) -> Result<Vec<u64>, ApiError> {
        let known = self.known_key(&key_hash(caller.uid, &key))?;
        Ok(known.map(|known| known.jobs().map(|job| job.0).collect()).unwrap_or_default())
    }

    async fn list(&self, caller: ipc::Caller, filter: JobFilter) -> Result<JobPage, ApiError> {
        let after = match filter.after.as_deref() {
            None | Some("") => None,
            Some(cursor) => Some(JobId(cursor.parse().map_err(|_| {
                ApiError::InvalidArgument("filter.after is no cursor; use what next said".to_owned())
            })?)),
        };
        let limit = filter.limit.unwrap_or(100) as usize;
        let newest_first = filter.newest_first == Some(true);
        let list = ListFilter {
            printer: filter.printer.clone(),
            state: filter.state.map(|state| state.as_str().to_owned()),
            owner: filter.owner_uid,
            since: filter.since_ms.map(Wall),
            until: filter.until_ms.map(Wall),
            unfinished: true,
            newest_first,
            after,
            limit,
        };
        let mut records = match self.asked(&caller, Request::List(list)).await? {
            Answer::Jobs(jobs) => jobs,
            other => return Err(unexpected(&other)),
        };
        records.retain(|r| filter.key.as_ref().is_none_or(|key| *key == r.key));
        let mut looked_to = None;
        if filter.active_only != Some(true) {
            let (finished, end) = self.finished_page(&caller, &filter, after, limit).await?;
            looked_to = end;
            // A job that finished in between is in both; the spool is the later.
            records.retain(|r| finished.iter().all(|f| f.id != r.id));
            records.extend(finished);
        }
        records.sort_by_key(|r| r.id);
        if newest_first {
            records.reverse();
        }
        // Beyond the place where the look into the spool ended, finished jobs may be missing.
        if let Some(end) = looked_to {
            records.retain(|r| if newest_first { r.id >= end } else { r.id <= end });
        }
        let full = records.len() >= limit;
        records.truncate(limit);
        let next = match (full, looked_to) {
            (true, _) => records.last().map(|r| r.id.to_string()),
            (false, Some(end)) => Some(end.to_string()),
            (false, None) => None,
        };
        let mut readable = true;
        let mut job = |r: &JobRecord| convert::job(r, self.probably_has_body(r, &mut readable));
        let jobs = records.iter().map(&mut job).collect();
        Ok(JobPage { jobs, next: next.unwrap_or_default() })
    }

    async fn cancel(&self, caller: ipc::Caller, id: u64, reason: String) -> Result<(), ApiError> {
        self.by_hand(caller, id, Request::Cancel { job: JobId(id), note: without_cards(reason) }).await
    }

    async fn hold(&self, caller: ipc::Caller, id: u64, reason: String) -> Result<(), ApiError> {
        self.by_hand(caller, id, Request::Hold { job: JobId(id), note: without_cards(reason) }).await
    }

    async fn release(&self, caller: ipc::Caller, id: u64) -> Result<(), ApiError> {
        self.by_hand(caller, id, Request::Release { job: JobId(id) }).await
    }

    async fn reprint(
        &self,
        caller: ipc::Caller,
        id: u64,
        reason: String,
        key: String,
    ) -> Result<u64, ApiError> {
        let record = self.look(&caller, JobId(id)).await?;
        let hash = key_hash(caller.uid, &key);
        // As for a submission: nothing waits between this look and the question.
        let known = self.known_key(&hash)?;
        self.adopt(JobId(id))?;
        if let Some(original) = record.reprint_of {
            self.adopt(original)?;
        }
        let body_kept = self.has_body(&record)?;
        let request = Request::Reprint {
            job: JobId(id),
            note: without_cards(reason),
            key: without_cards(key),
            key_hash: hash,
            known,
            body_kept,
        };
        match self.asked(&caller, request).await? {
            Answer::Reprint(job) => Ok(job.0),
            other => Err(unexpected(&other)),
        }
    }

    async fn resolve(
        &self,
        caller: ipc::Caller,
        id: u64,
        outcome: Outcome,
        note: String,
    ) -> Result<(), ApiError> {
        let came_out = outcome == Outcome::Printed;
        self.by_hand(caller, id, Request::Resolve { job: JobId(id), came_out, note: without_cards(note) })
            .await
    }

    async fn can_print(
        &self,
        caller: ipc::Caller,
        printer: String,
        length_mm: u32,
    ) -> Result<CanPrint, ApiError> {
        let dots = length_mm.saturating_mul(convert::DOTS_PER_MM);
        // Outside the lock: whoever listens to the store's state is told when it changes by this.
        let store = self.shell.with(|_, store| store.clone()).admits();
        let store = match store {
            HealthState::Ok => Ok(()),
            HealthState::Full => Err(StoreFault::Full),
            HealthState::Failed { .. } => Err(StoreFault::Failed),
        };
        match self.asked(&caller, Request::CanPrint { printer, dots, store }).await? {
            Answer::CanPrint(readiness) => Ok(convert::readiness(&readiness)),
            other => Err(unexpected(&other)),
        }
    }

    async fn probe(&self, caller: ipc::Caller, printer: String) -> Result<ProbeReport, ApiError> {
        let unknown = || convert::refusal(&receiptd_core::request::Refusal::UnknownPrinter);
        let profile = self.shell.profile(&printer).ok_or_else(unknown)?;
        let (endpoint, device) = self.shell.reached(&printer).ok_or_else(unknown)?;
        let page = probe::page(&printer, &profile, &ZonedDateTime::now()).map_err(|e| document_error(&e))?;
        let road = if device.is_some() { Road::Usb } else { Road::Network };
        let request = Request::Survey { printer: printer.clone(), road, page: page.clone() };
        log::info!("{caller} probes the printer {printer}");
        match self.asked(&caller, request).await? {
            Answer::Survey(survey) => {
                Ok(probe::report(&printer, &endpoint, &page, &survey, device.as_ref(), &ZonedDateTime::now()))
            }
            other => Err(unexpected(&other)),
        }
    }

    async fn printers(&self) -> Vec<PrinterInfo> {
        self.shell.printers()
    }

    fn store_state(&self) -> StoreState {
        store_state(&self.shell.with(|_, store| store.health().state))
    }
}

/// The store's state in the interface's words.
pub fn store_state(state: &HealthState) -> StoreState {
    match state {
        HealthState::Ok => StoreState::Ok,
        HealthState::Full => StoreState::Full,
        HealthState::Failed { .. } => StoreState::Failed,
    }
}

fn who(caller: &ipc::Caller) -> Caller {
    Caller { uid: caller.uid, operator: caller.operator }
}

async fn answered(answer: Answered) -> Result<Answer, ApiError> {
    match answer.await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(refusal)) => Err(convert::refusal(&refusal)),
        // The loop is gone with the daemon.
        Err(_) => Err(convert::refusal(&receiptd_core::request::Refusal::ShuttingDown)),
    }
}

fn unexpected(answer: &Answer) -> ApiError {
    log::error!("the core answered {answer:?} to another question");
    ApiError::StoreFailed("the daemon contradicts itself; see its log".into())
}

fn unreadable(error: ReadError) -> ApiError {
    ApiError::StoreFailed(format!("the spool can't be read: {error}; try again with the same key"))
}
