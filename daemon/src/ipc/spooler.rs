//! `io.receiptd.Spooler1`: each method checks the shape, finds the caller, and asks the backend.
//!
//! All methods take `&self`: zbus would let a `&mut self` method run alone.

#![expect(clippy::disallowed_types, reason = "zbus's macro writes HashMap; nothing here iterates over one")]

use std::os::fd::AsFd;
use std::sync::Arc;

use receiptd_api::{
    ApiError, CanPrint, JobFilter, JobInfo, Kind, Outcome, Receipt, SubmitOptions, Submitted, names,
};
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, Fd, OwnedObjectPath};

use super::asker::Asker;
use super::backend::{Backend, Caller, SubmitRequest};
use super::check;
use super::client::Call;
use super::document::FdReads;
use super::hub::Hub;

/// The spooler object of one connection.
pub(super) struct Spooler<B> {
    pub backend: Arc<B>,
    pub hub: Arc<Hub>,
    pub asker: Asker,
    pub fd_reads: FdReads,
}

impl<B: Backend> Spooler<B> {
    async fn begin(&self, connection: &Connection, header: &Header<'_>) -> Result<Call, ApiError> {
        self.asker.begin(&self.hub, connection, header).await
    }

    /// Acts for the caller; where the job is not the caller's to touch, as an operator if polkit permits it. It is
    /// asked in the same way when there is no such job, so nobody learns what others print.
    async fn with_right<T, F: Future<Output = Result<T, ApiError>>>(
        &self,
        connection: &Connection,
        header: &Header<'_>,
        call: &Call,
        act: impl Fn(Caller) -> F,
    ) -> Result<T, ApiError> {
        let answer = act(call.caller()).await;
        let refused = matches!(answer, Err(ApiError::UnknownJob(_) | ApiError::NotAllowed(_)));
        let operator = call.client().caller.operator;
        if refused && !operator && self.asker.may_operate(connection, header).await {
            return act(Caller { operator: true, ..call.caller() }).await;
        }
        answer
    }
}

#[zbus::interface(name = "io.receiptd.Spooler1", introspection_docs = false)]
impl<B: Backend> Spooler<B> {
    #[zbus(out_args("submitted"))]
    #[expect(clippy::too_many_arguments, reason = "the wire has five, zbus adds two")]
    async fn submit(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        key: &str,
        printer: &str,
        kind: Kind,
        document: &[u8],
        options: SubmitOptions,
    ) -> Result<Submitted, ApiError> {
        let call = self.begin(connection, &header).await?;
        check::submission(key, printer, kind, &options)?;
        check::document(document.len())?;
        let request = SubmitRequest {
            key: key.to_owned(),
            printer: printer.to_owned(),
            kind,
            document: document.to_vec(),
            options,
        };
        self.backend.submit(call.caller(), request).await
    }

    #[zbus(out_args("submitted"))]
    #[expect(clippy::too_many_arguments, reason = "the wire has five, zbus adds two")]
    async fn submit_fd(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        key: &str,
        printer: &str,
        kind: Kind,
        document: Fd<'_>,
        options: SubmitOptions,
    ) -> Result<Submitted, ApiError> {
        let call = self.begin(connection, &header).await?;
        check::submission(key, printer, kind, &options)?;
        let fd = document.as_fd().try_clone_to_owned().map_err(|error| {
            ApiError::Busy(format!("the descriptor cannot be taken: {error}; ask again with the same key"))
        })?;
        let document = self.fd_reads.read(fd).await?;
        let request =
            SubmitRequest { key: key.to_owned(), printer: printer.to_owned(), kind, document, options };
        self.backend.submit(call.caller(), request).await
    }

    #[zbus(out_args("job"))]
    async fn get_job(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        id: u64,
    ) -> Result<JobInfo, ApiError> {
        let call = self.begin(connection, &header).await?;
        self.backend.job(call.caller(), id).await
    }

    #[zbus(out_args("receipt"))]
    async fn get_receipt(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        id: u64,
    ) -> Result<Receipt, ApiError> {
        let call = self.begin(connection, &header).await?;
        self.backend.receipt(call.caller(), id).await
    }

    #[zbus(out_args("ids"))]
    async fn find_jobs(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        key: &str,
    ) -> Result<Vec<u64>, ApiError> {
        let call = self.begin(connection, &header).await?;
        check::key(key)?;
        self.backend.find(call.caller(), key.to_owned()).await
    }

    #[zbus(out_args("jobs", "next"))]
    async fn list_jobs(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        filter: JobFilter,
    ) -> Result<(Vec<JobInfo>, String), ApiError> {
        let call = self.begin(connection, &header).await?;
        let page = self.backend.list(call.caller(), check::filter(filter)?).await?;
        Ok((page.jobs, page.next))
    }

    async fn watch(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        filter: JobFilter,
    ) -> Result<(), ApiError> {
        let call = self.begin(connection, &header).await?;
        self.hub.watch(call.client(), check::filter(filter)?)
    }

    async fn unwatch(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), ApiError> {
        let call = self.begin(connection, &header).await?;
        self.hub.unwatch(call.client());
        Ok(())
    }

    async fn cancel(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        id: u64,
        reason: &str,
    ) -> Result<(), ApiError> {
        let call = self.begin(connection, &header).await?;
        check::text("reason", reason)?;
        self.with_right(connection, &header, &call, |caller| {
            self.backend.cancel(caller, id, reason.to_owned())
        })
        .await
    }

    async fn hold(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        id: u64,
        reason: &str,
    ) -> Result<(), ApiError> {
        let call = self.begin(connection, &header).await?;
        check::text("reason", reason)?;
        self.with_right(connection, &header, &call, |caller| self.backend.hold(caller, id, reason.to_owned()))
            .await
    }

    async fn release(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        id: u64,
    ) -> Result<(), ApiError> {
        let call = self.begin(connection, &header).await?;
        self.with_right(connection, &header, &call, |caller| self.backend.release(caller, id)).await
    }

    #[zbus(out_args("new_id"))]
    async fn reprint(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        id: u64,
        reason: &str,
        key: &str,
    ) -> Result<u64, ApiError> {
        let call = self.begin(connection, &header).await?;
        check::text("reason", reason)?;
        check::key(key)?;
        self.with_right(connection, &header, &call, |caller| {
            self.backend.reprint(caller, id, reason.to_owned(), key.to_owned())
        })
        .await
    }

    async fn resolve(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        id: u64,
        outcome: Outcome,
        note: &str,
    ) -> Result<(), ApiError> {
        let call = self.begin(connection, &header).await?;
        check::outcome(outcome)?;
        check::text("note", note)?;
        self.with_right(connection, &header, &call, |caller| {
            self.backend.resolve(caller, id, outcome, note.to_owned())
        })
        .await
    }

    #[zbus(out_args("answer"))]
    async fn can_print(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        printer: &str,
        length_mm: u32,
    ) -> Result<CanPrint, ApiError> {
        let call = self.begin(connection, &header).await?;
        check::text("printer", printer)?;
        self.backend.can_print(call.caller(), printer.to_owned(), length_mm).await
    }

    #[zbus(out_args("printers"))]
    async fn list_printers(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<OwnedObjectPath>, ApiError> {
        let _call = self.begin(connection, &header).await?;
        Ok(self.hub.printer_names().iter().map(|name| names::printer_path(name)).collect())
    }

    // The signals are sent by the hub; here they are for introspection.

    #[zbus(signal)]
    async fn job_changed(emitter: &SignalEmitter<'_>, id: u64, state: &str, job: JobInfo)
    -> zbus::Result<()>;

    #[zbus(signal)]
    async fn watch_lost(emitter: &SignalEmitter<'_>, reason: &str) -> zbus::Result<()>;

    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self, #[zbus(header)] header: Option<Header<'_>>) -> String {
        self.asker.has_read(header.as_ref());
        super::VERSION.to_owned()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn api_version(&self) -> u32 {
        names::API_VERSION
    }

    #[zbus(property)]
    fn store_state(&self, #[zbus(header)] header: Option<Header<'_>>) -> String {
        self.asker.has_read(header.as_ref());
        self.hub.store_state().as_str().to_owned()
    }

    #[zbus(property)]
    fn warnings(&self, #[zbus(header)] header: Option<Header<'_>>) -> Vec<String> {
        self.asker.has_read(header.as_ref());
        self.hub.warnings()
    }
}
