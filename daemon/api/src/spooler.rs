//! The client side of the two interfaces: a method for each of theirs.
//!
//! Every method gives [`crate::CallError`], in which the daemon's own errors are [`crate::ApiError`]. Properties are read from the
//! daemon each time; that they changed is told by [`crate::Signals`].

use zbus::{Connection, Fd, OwnedObjectPath};

use crate::call::{Arguments, Asked, Method, PROPERTIES};
use crate::line::Line;
use crate::names;
use crate::types::{
    CanPrint, Document, JobFilter, JobInfo, PrinterInfo, ProbeReport, Properties, Receipt, SpoolerInfo,
    SubmitOptions, Submitted,
};
use crate::words::{Kind, Outcome};

/// The spooler: hand receipts in, ask what became of them. Units, limits and errors: `INTERFACE.md`.
#[derive(Debug, Clone)]
pub struct Spooler(Line);

impl Spooler {
    pub(crate) fn new(connection: Connection) -> Self {
        Self(Line::new(connection))
    }

    pub(crate) const fn line(&self) -> &Line {
        &self.0
    }

    /// Hand in a receipt. When this returns, it is on stable storage. An empty `printer` is the default one.
    pub fn submit<'a>(
        &'a self,
        key: &'a str,
        printer: &'a str,
        kind: Kind,
        document: Document<'a>,
        options: &'a SubmitOptions,
    ) -> Asked<'a, Submitted> {
        self.asks("Submit", Arguments::Submit(key, printer, kind, document, options))
    }

    /// As [`Self::submit`], the document read from a regular file, memfd or pipe.
    pub fn submit_fd<'a>(
        &'a self,
        key: &'a str,
        printer: &'a str,
        kind: Kind,
        document: Fd<'a>,
        options: &'a SubmitOptions,
    ) -> Asked<'a, Submitted> {
        self.asks("SubmitFd", Arguments::SubmitFd(key, printer, kind, document, options))
    }

    /// One job with its story.
    pub fn get_job(&self, id: u64) -> Asked<'_, JobInfo> {
        self.asks("GetJob", Arguments::Id(id))
    }

    /// What is on the paper of a job, to be shown elsewhere.
    pub fn get_receipt(&self, id: u64) -> Asked<'_, Receipt> {
        self.asks("GetReceipt", Arguments::Id(id))
    }

    /// The ids of the jobs the caller made with this key, oldest first.
    pub fn find_jobs<'a>(&'a self, key: &'a str) -> Asked<'a, Vec<u64>> {
        self.asks("FindJobs", Arguments::Text(key))
    }

    /// One page of jobs, and the cursor of the next page (empty: no more).
    pub fn list_jobs<'a>(&'a self, filter: &'a JobFilter) -> Asked<'a, (Vec<JobInfo>, String)> {
        self.asks("ListJobs", Arguments::Filter(filter))
    }

    /// Send [`crate::Signal::Job`] for the jobs that match, until [`Self::unwatch`] or the connection ends. Calling it
    /// again replaces the filter. Listen first: [`crate::Client::listen`].
    pub fn watch<'a>(&'a self, filter: &'a JobFilter) -> Asked<'a, ()> {
        self.asks("Watch", Arguments::Filter(filter))
    }

    /// Send no more [`crate::Signal::Job`].
    pub fn unwatch(&self) -> Asked<'_, ()> {
        self.asks("Unwatch", Arguments::None)
    }

    /// Do not print it.
    pub fn cancel<'a>(&'a self, id: u64, reason: &'a str) -> Asked<'a, ()> {
        self.demands("Cancel", Arguments::IdText(id, reason))
    }

    /// Do not print it for now.
    pub fn hold<'a>(&'a self, id: u64, reason: &'a str) -> Asked<'a, ()> {
        self.demands("Hold", Arguments::IdText(id, reason))
    }

    /// Go on with a held job.
    pub fn release(&self, id: u64) -> Asked<'_, ()> {
        self.demands("Release", Arguments::Id(id))
    }

    /// Print it again, marked as a duplicate; gives the id of the new job. `key` makes the request itself
    /// repeatable.
    pub fn reprint<'a>(&'a self, id: u64, reason: &'a str, key: &'a str) -> Asked<'a, u64> {
        self.demands("Reprint", Arguments::IdTexts(id, reason, key))
    }

    /// Say what became of an uncertain job.
    pub fn resolve<'a>(&'a self, id: u64, outcome: Outcome, note: &'a str) -> Asked<'a, ()> {
        self.demands("Resolve", Arguments::Resolve(id, outcome, note))
    }

    /// Whether a slip of this length would come out now.
    pub fn can_print<'a>(&'a self, printer: &'a str, length_mm: u32) -> Asked<'a, CanPrint> {
        self.asks("CanPrint", Arguments::Length(printer, length_mm))
    }

    /// The printers, the default one first.
    pub fn list_printers(&self) -> Asked<'_, Vec<OwnedObjectPath>> {
        self.asks("ListPrinters", Arguments::None)
    }

    /// What the spooler says of itself. Whoever has read it is told when it changes ([`crate::Signal::Properties`]).
    pub fn properties(&self) -> Asked<'_, Properties<SpoolerInfo>> {
        let method =
            Method { path: names::SPOOLER_PATH, interface: PROPERTIES, name: "GetAll", may_ask: false };
        Asked::new(&self.0, method, Arguments::Text(names::SPOOLER_INTERFACE))
    }

    /// What the printer at `path` says of itself; told as [`Self::properties`].
    pub(crate) fn printer_properties<'a>(
        &'a self,
        path: &'a OwnedObjectPath,
    ) -> Asked<'a, Properties<PrinterInfo>> {
        let method = Method { path: path.as_str(), interface: PROPERTIES, name: "GetAll", may_ask: false };
        Asked::new(&self.0, method, Arguments::Text(names::PRINTER_INTERFACE))
    }

    /// Ask the printer at `path` everything, print a page, and say what it answered. For operators; may take a quarter of a
    /// minute.
    pub(crate) fn probe<'a>(&'a self, path: &'a OwnedObjectPath) -> Asked<'a, ProbeReport> {
        let interface = names::PRINTER_INTERFACE;
        let method = Method { path: path.as_str(), interface, name: "Probe", may_ask: false };
        Asked::new(&self.0, method, Arguments::None)
    }

    fn asks<'a, T>(&'a self, name: &'static str, arguments: Arguments<'a>) -> Asked<'a, T>
    where
        T: serde::de::DeserializeOwned + zbus::Type,
    {
        self.asked(name, arguments, false)
    }

    /// A call for which the daemon may have to see who asks.
    fn demands<'a, T>(&'a self, name: &'static str, arguments: Arguments<'a>) -> Asked<'a, T>
    where
        T: serde::de::DeserializeOwned + zbus::Type,
    {
        self.asked(name, arguments, true)
    }

    fn asked<'a, T>(&'a self, name: &'static str, arguments: Arguments<'a>, may_ask: bool) -> Asked<'a, T>
    where
        T: serde::de::DeserializeOwned + zbus::Type,
    {
        let method = Method { path: names::SPOOLER_PATH, interface: names::SPOOLER_INTERFACE, name, may_ask };
        Asked::new(&self.0, method, arguments)
    }
}
