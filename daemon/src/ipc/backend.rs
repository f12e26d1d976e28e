//! What the IPC layer asks of the daemon, and what it knows about who asks.
//!
//! The IPC layer checks shapes (lengths, words, limits) and finds out *who* the caller is; the backend decides
//! what the caller may do and does it. A method's future may be dropped only when the whole server goes down,
//! not when its client leaves: what was begun for a client is finished without it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use receiptd_api::{
    ApiError, CanPrint, JobFilter, JobInfo, JobPage, Kind, Outcome, PrinterInfo, ProbeReport, Receipt,
    StoreState, SubmitOptions, Submitted,
};

/// Who asks. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The Unix user, as the kernel or the bus says.
    pub uid: u32,
    /// Whether it may see and change what is not its own: root, the daemon's own user, or a member of the
    /// operator group.
    pub operator: bool,
    /// A name for logs and job stories: the user's name, or `uid N`.
    pub name: Arc<str>,
}

impl Caller {
    /// Whether the caller may see a job of user `owner_uid`.
    pub const fn may_see(&self, owner_uid: u32) -> bool {
        self.operator || self.uid == owner_uid
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A submission whose shape has been checked: the key is not empty and not too long, the kind and the policy
/// are known words, the document is not too long.
#[derive(Debug, Clone, PartialEq)]
pub struct SubmitRequest {
    /// The caller's key, 1 to `KEY_BYTES_MAX` bytes, without control characters.
    pub key: String,
    /// The printer's name; empty: the default one.
    pub printer: String,
    /// What the document is; never `Other`.
    pub kind: Kind,
    /// The document, at most `DOCUMENT_BYTES_MAX` bytes.
    pub document: Vec<u8>,
    /// What else is asked for; `policy` is never `Other`.
    pub options: SubmitOptions,
}

/// The daemon, as the IPC layer sees it.
pub trait Backend: Send + Sync + 'static {
    /// Accept a receipt: return only after it is on stable storage.
    fn submit(
        &self,
        caller: Caller,
        request: SubmitRequest,
    ) -> impl Future<Output = Result<Submitted, ApiError>> + Send;

    /// A job with its story; `UnknownJob` also if the caller may not see it.
    fn job(&self, caller: Caller, id: u64) -> impl Future<Output = Result<JobInfo, ApiError>> + Send;

    /// What is on a job's paper; `UnknownJob` also if the caller may not see it, `BodyGone` once it is not kept any more.
    fn receipt(&self, caller: Caller, id: u64) -> impl Future<Output = Result<Receipt, ApiError>> + Send;

    /// The ids of the caller's jobs with this key, oldest first; none is not an error.
    fn find(&self, caller: Caller, key: String) -> impl Future<Output = Result<Vec<u64>, ApiError>> + Send;

    /// The jobs that match and that the caller may see, without stories. `filter.limit` is always set, from 1
    /// to `PAGE_JOBS_MAX`; `filter.after` is what an earlier page gave, or nonsense (`InvalidArgument`).
    fn list(
        &self,
        caller: Caller,
        filter: JobFilter,
    ) -> impl Future<Output = Result<JobPage, ApiError>> + Send;

    /// Do not print it.
    fn cancel(
        &self,
        caller: Caller,
        id: u64,
        reason: String,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;

    /// Do not print it for now.
    fn hold(
        &self,
        caller: Caller,
        id: u64,
        reason: String,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;

    /// Go on with a held job.
    fn release(&self, caller: Caller, id: u64) -> impl Future<Output = Result<(), ApiError>> + Send;

    /// Print it again, marked; gives the new job. The same key for the same job gives the same new job again.
    fn reprint(
        &self,
        caller: Caller,
        id: u64,
        reason: String,
        key: String,
    ) -> impl Future<Output = Result<u64, ApiError>> + Send;

    /// Take a person's word for what became of an uncertain job. `outcome` is never `Other`.
    fn resolve(
        &self,
        caller: Caller,
        id: u64,
        outcome: Outcome,
        note: String,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;

    /// Whether a slip of that length would come out now; an empty `printer` is the default one.
    fn can_print(
        &self,
        caller: Caller,
        printer: String,
        length_mm: u32,
    ) -> impl Future<Output = Result<CanPrint, ApiError>> + Send;

    /// Ask a printer everything, print a page, and say what it answered.
    fn probe(
        &self,
        caller: Caller,
        printer: String,
    ) -> impl Future<Output = Result<ProbeReport, ApiError>> + Send;

    /// All configured printers, the default one first. Asked once, when the server starts; after that the
    /// server lives on [`super::Notices`].
    fn printers(&self) -> impl Future<Output = Vec<PrinterInfo>> + Send;

    /// Whether receipts can be stored. Asked once, when the server starts.
    fn store_state(&self) -> StoreState;
}
