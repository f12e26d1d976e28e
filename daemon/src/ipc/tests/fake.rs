//! A backend for faults of the IPC layer only: it remembers who asked and what, and can be made to wait.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use receiptd_api::{
    ApiError, CanPrint, Grade, JobFilter, JobInfo, JobPage, JobState, Outcome, PrinterInfo, PrinterState,
    ProbeAnswer, ProbeReport, Receipt, StoreState, StoryItem, Submitted,
};
use tokio::sync::Notify;

use crate::ipc::{Backend, Caller, SubmitRequest};

/// The backend.
#[derive(Debug, Default)]
pub(super) struct Fake {
    pub jobs: Mutex<BTreeMap<u64, JobInfo>>,
    pub submissions: Mutex<Vec<(Caller, SubmitRequest)>>,
    pub log: Mutex<Vec<String>>,
    /// Submissions with a key that begins with `slow` wait for this.
    pub go: Notify,
    pub waiting: AtomicU32,
    next: AtomicU64,
}

impl Fake {
    pub fn log(&self, line: String) {
        self.log.lock().expect("unpoisoned").push(line);
    }

    pub fn printer(name: &str) -> PrinterInfo {
        PrinterInfo {
            name: name.to_owned(),
            state: PrinterState::Ready,
            online: true,
            paper: "ok".to_owned(),
            grade: "A".to_owned(),
            model: "Fake 80".to_owned(),
            serial: "1".to_owned(),
            endpoint: "tcp:192.0.2.7:9100".to_owned(),
            since_ms: 5,
            ..PrinterInfo::default()
        }
    }

    fn change(&self, id: u64, state: JobState, line: String) -> Result<(), ApiError> {
        self.log(line);
        let mut jobs = self.jobs.lock().expect("unpoisoned");
        let job = jobs.get_mut(&id).ok_or_else(|| ApiError::UnknownJob(format!("no job {id}")))?;
        job.state = state;
        Ok(())
    }
}

impl Backend for Fake {
    async fn submit(&self, caller: Caller, request: SubmitRequest) -> Result<Submitted, ApiError> {
        if let Some(name) = request.key.strip_prefix("error:") {
            let name = format!("{}{name}", receiptd_api::names::ERROR_PREFIX);
            return Err(ApiError::from_name(&name, "because").expect("a known error"));
        }
        if request.key.starts_with("slow") {
            self.waiting.fetch_add(1, Ordering::SeqCst);
            self.go.notified().await;
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
        let known = self.find(caller.clone(), request.key.clone()).await?;
        if let Some(id) = known.first() {
            return Ok(Submitted { jobs: vec![(*id, "customer".to_owned())], existed: true, masked: None });
        }
        let id = self.next.fetch_add(1, Ordering::SeqCst) + 1;
        let job = JobInfo {
            id,
            key: request.key.clone(),
            printer: request.printer.clone(),
            state: JobState::Queued,
            owner_uid: caller.uid,
            bytes: request.document.len() as u64,
            ..JobInfo::default()
        };
        self.jobs.lock().expect("unpoisoned").insert(id, job);
        self.submissions.lock().expect("unpoisoned").push((caller, request));
        Ok(Submitted { jobs: vec![(id, "customer".to_owned())], existed: false, masked: None })
    }

    async fn job(&self, caller: Caller, id: u64) -> Result<JobInfo, ApiError> {
        let job = self.jobs.lock().expect("unpoisoned").get(&id).cloned();
        let mut job = job
            .filter(|job| caller.may_see(job.owner_uid))
            .ok_or_else(|| ApiError::UnknownJob(format!("no job {id}")))?;
        let params = BTreeMap::from([("line".to_owned(), "3".to_owned())]);
        job.story = vec![StoryItem { at_ms: 1, event: "accepted".to_owned(), attempt: 0, params }];
        Ok(job)
    }

    async fn receipt(&self, caller: Caller, id: u64) -> Result<Receipt, ApiError> {
        let job = self.job(caller, id).await?;
        Ok(Receipt { id, title: job.title, drawn: vec![(3, 30, "😀".to_owned())], ..Receipt::default() })
    }

    async fn find(&self, _caller: Caller, key: String) -> Result<Vec<u64>, ApiError> {
        let jobs = self.jobs.lock().expect("unpoisoned");
        Ok(jobs.values().filter(|job| job.key == key).map(|job| job.id).collect())
    }

    async fn list(&self, _caller: Caller, filter: JobFilter) -> Result<JobPage, ApiError> {
        let limit = filter.limit.expect("always set") as usize;
        let jobs = self.jobs.lock().expect("unpoisoned");
        let jobs: Vec<_> = jobs.values().filter(|job| filter.matches(job)).take(limit).cloned().collect();
        let next = jobs.last().map(|job| job.id.to_string()).unwrap_or_default();
        Ok(JobPage { jobs, next })
    }

    async fn cancel(&self, _caller: Caller, id: u64, reason: String) -> Result<(), ApiError> {
        self.change(id, JobState::Canceled, format!("cancel {id} {reason}"))
    }

    async fn hold(&self, _caller: Caller, id: u64, reason: String) -> Result<(), ApiError> {
        self.change(id, JobState::Held, format!("hold {id} {reason}"))
    }

    async fn release(&self, _caller: Caller, id: u64) -> Result<(), ApiError> {
        self.change(id, JobState::Queued, format!("release {id}"))
    }

    async fn reprint(&self, _caller: Caller, id: u64, reason: String, key: String) -> Result<u64, ApiError> {
        self.log(format!("reprint {id} {reason} {key}"));
        Ok(id + 1000)
    }

    async fn resolve(
        &self,
        _caller: Caller,
        id: u64,
        outcome: Outcome,
        note: String,
    ) -> Result<(), ApiError> {
        self.change(id, JobState::Attested, format!("resolve {id} {outcome} {note}"))
    }

    async fn can_print(
        &self,
        _caller: Caller,
        printer: String,
        length_mm: u32,
    ) -> Result<CanPrint, ApiError> {
        if printer == "none" {
            return Err(ApiError::UnknownPrinter("no printer called none".to_owned()));
        }
        Ok(CanPrint {
            can: length_mm < 1000,
            reasons: vec!["paper-near-end".to_owned()],
            queue_ahead: 2,
            wait_ms: 1500,
            paper: "near-end".to_owned(),
            grade: Some(Grade::B),
        })
    }

    async fn probe(&self, caller: Caller, printer: String) -> Result<ProbeReport, ApiError> {
        self.log(format!("probe {printer}"));
        if !caller.operator {
            return Err(ApiError::NotAllowed("operators only".to_owned()));
        }
        let answer = ProbeAnswer {
            when: "page".to_owned(),
            asked: "gs-r".to_owned(),
            answered: true,
            after_us: Some(210_000),
            ..ProbeAnswer::default()
        };
        Ok(ProbeReport { printer, complete: true, answers: vec![answer], ..ProbeReport::default() })
    }

    async fn printers(&self) -> Vec<PrinterInfo> {
        vec![Self::printer("till"), Self::printer("厨房")]
    }

    fn store_state(&self) -> StoreState {
        StoreState::Ok
    }
}
