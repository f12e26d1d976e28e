//! The client side of the two interfaces, as zbus proxies.
//!
//! Every method gives [`CallError`], in which the daemon's own errors are [`crate::ApiError`]. Properties are
//! read from the daemon each time unless the caller asks for caching; see [`crate::Client`].

use zbus::{Fd, OwnedObjectPath, proxy};

use crate::error::CallError;
use crate::types::{CanPrint, Document, JobFilter, JobInfo, ProbeReport, Receipt, SubmitOptions, Submitted};
use crate::words::{Kind, Outcome};

/// The spooler: hand receipts in, ask what became of them. Units, limits and errors: `INTERFACE.md`.
#[proxy(
    interface = "io.receiptd.Spooler1",
    default_service = "io.receiptd",
    default_path = "/io/receiptd/Spooler1"
)]
pub trait Spooler1 {
    /// Hand in a receipt. When this returns, it is on stable storage. An empty `printer` is the default one.
    fn submit(
        &self,
        key: &str,
        printer: &str,
        kind: Kind,
        document: Document<'_>,
        options: &SubmitOptions,
    ) -> Result<Submitted, CallError>;

    /// As [`Self::submit`], the document read from a regular file, memfd or pipe.
    fn submit_fd(
        &self,
        key: &str,
        printer: &str,
        kind: Kind,
        document: Fd<'_>,
        options: &SubmitOptions,
    ) -> Result<Submitted, CallError>;

    /// One job with its story.
    fn get_job(&self, id: u64) -> Result<JobInfo, CallError>;

    /// What is on the paper of a job, to be shown elsewhere.
    fn get_receipt(&self, id: u64) -> Result<Receipt, CallError>;

    /// The ids of the jobs the caller made with this key, oldest first.
    fn find_jobs(&self, key: &str) -> Result<Vec<u64>, CallError>;

    /// One page of jobs, and the cursor of the next page (empty: no more).
    fn list_jobs(&self, filter: &JobFilter) -> Result<(Vec<JobInfo>, String), CallError>;

    /// Send [`JobChanged`] for the jobs that match, until [`Self::unwatch`] or the connection ends. Calling it
    /// again replaces the filter.
    fn watch(&self, filter: &JobFilter) -> Result<(), CallError>;

    /// Send no more [`JobChanged`].
    fn unwatch(&self) -> Result<(), CallError>;

    /// Do not print it.
    #[zbus(allow_interactive_auth)]
    fn cancel(&self, id: u64, reason: &str) -> Result<(), CallError>;

    /// Do not print it for now.
    #[zbus(allow_interactive_auth)]
    fn hold(&self, id: u64, reason: &str) -> Result<(), CallError>;

    /// Go on with a held job.
    #[zbus(allow_interactive_auth)]
    fn release(&self, id: u64) -> Result<(), CallError>;

    /// Print it again, marked as a duplicate; gives the id of the new job. `key` makes the request itself
    /// repeatable.
    #[zbus(allow_interactive_auth)]
    fn reprint(&self, id: u64, reason: &str, key: &str) -> Result<u64, CallError>;

    /// Say what became of an uncertain job.
    #[zbus(allow_interactive_auth)]
    fn resolve(&self, id: u64, outcome: Outcome, note: &str) -> Result<(), CallError>;

    /// Whether a slip of this length would come out now.
    fn can_print(&self, printer: &str, length_mm: u32) -> Result<CanPrint, CallError>;

    /// The printers, the default one first.
    fn list_printers(&self) -> Result<Vec<OwnedObjectPath>, CallError>;

    /// A watched job changed. `job` is without its story.
    #[zbus(signal)]
    fn job_changed(&self, id: u64, state: &str, job: JobInfo) -> zbus::Result<()>;

    /// On a bus: signals were not taken fast enough, and this client's watch has ended. Call
    /// [`Self::watch`] again, then list the jobs. (On a socket the connection ends instead.)
    #[zbus(signal)]
    fn watch_lost(&self, reason: &str) -> zbus::Result<()>;

    /// The version of the daemon, for people.
    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self) -> zbus::Result<String>;

    /// The version of the interface; see [`crate::names::API_VERSION`].
    #[zbus(property(emits_changed_signal = "const"))]
    fn api_version(&self) -> zbus::Result<u32>;

    /// Whether receipts can be stored; a word of [`crate::StoreState`].
    #[zbus(property)]
    fn store_state(&self) -> zbus::Result<String>;

    /// What is wrong with the configuration although the daemon runs, a sentence each.
    #[zbus(property)]
    fn warnings(&self) -> zbus::Result<Vec<String>>;
}

/// A printer. The properties are those of [`crate::PrinterInfo`].
#[proxy(interface = "io.receiptd.Printer1", default_service = "io.receiptd", assume_defaults = false)]
pub trait Printer1 {
    /// Ask it everything, print a page, and say what it answered. For operators; may take a quarter of a minute.
    fn probe(&self) -> Result<ProbeReport, CallError>;

    /// Its configured name.
    #[zbus(property(emits_changed_signal = "const"))]
    fn name(&self) -> zbus::Result<String>;
    /// What it is doing; a word of [`crate::PrinterState`].
    #[zbus(property)]
    fn state(&self) -> zbus::Result<String>;
    /// What is wrong with it.
    #[zbus(property)]
    fn reasons(&self) -> zbus::Result<Vec<String>>;
    /// Whether it is connected and open.
    #[zbus(property)]
    fn online(&self) -> zbus::Result<bool>;
    /// `ok`, `near-end`, `out`, `unknown`.
    #[zbus(property)]
    fn paper(&self) -> zbus::Result<String>;
    /// The grade of evidence it can give.
    #[zbus(property)]
    fn grade(&self) -> zbus::Result<String>;
    /// Maker and model.
    #[zbus(property)]
    fn model(&self) -> zbus::Result<String>;
    /// Its serial number.
    #[zbus(property)]
    fn serial(&self) -> zbus::Result<String>;
    /// Where it is.
    #[zbus(property)]
    fn endpoint(&self) -> zbus::Result<String>;
    /// How many jobs wait for it.
    #[zbus(property)]
    fn queue_length(&self) -> zbus::Result<u32>;
    /// The job it is printing; 0 if none.
    #[zbus(property)]
    fn current_job(&self) -> zbus::Result<u64>;
    /// Since when it is in this state, in Unix ms.
    #[zbus(property)]
    fn since(&self) -> zbus::Result<u64>;
}
