//! `io.receiptd.Printer1`: a printer's properties, read from what the daemon last told the hub; and its probe.

#![expect(clippy::disallowed_types, reason = "zbus's macro writes HashMap; nothing here iterates over one")]

use std::sync::Arc;

use receiptd_api::{ApiError, PrinterInfo, ProbeReport};
use zbus::Connection;
use zbus::message::Header;

use super::asker::Asker;
use super::backend::Backend;
use super::hub::Hub;

/// A printer object of one connection.
pub(super) struct Printer<B> {
    pub name: Arc<str>,
    pub backend: Arc<B>,
    pub hub: Arc<Hub>,
    pub asker: Asker,
}

impl<B: Backend> Printer<B> {
    fn read<T: Default>(&self, header: Option<&Header<'_>>, look: impl FnOnce(&PrinterInfo) -> T) -> T {
        self.asker.has_read(header);
        self.hub.with_printer(&self.name, look)
    }
}

#[zbus::interface(name = "io.receiptd.Printer1", introspection_docs = false)]
impl<B: Backend> Printer<B> {
    #[zbus(out_args("report"))]
    async fn probe(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<ProbeReport, ApiError> {
        let call = self.asker.begin(&self.hub, connection, &header).await?;
        self.backend.probe(call.caller(), self.name.as_ref().to_owned()).await
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn name(&self) -> String {
        self.name.as_ref().to_owned()
    }

    #[zbus(property)]
    fn state(&self, #[zbus(header)] header: Option<Header<'_>>) -> String {
        self.read(header.as_ref(), |info| info.state.as_str().to_owned())
    }

    #[zbus(property)]
    fn reasons(&self, #[zbus(header)] header: Option<Header<'_>>) -> Vec<String> {
        self.read(header.as_ref(), |info| info.reasons.clone())
    }

    #[zbus(property)]
    fn online(&self, #[zbus(header)] header: Option<Header<'_>>) -> bool {
        self.read(header.as_ref(), |info| info.online)
    }

    #[zbus(property)]
    fn paper(&self, #[zbus(header)] header: Option<Header<'_>>) -> String {
        self.read(header.as_ref(), |info| info.paper.clone())
    }

    #[zbus(property)]
    fn grade(&self, #[zbus(header)] header: Option<Header<'_>>) -> String {
        self.read(header.as_ref(), |info| info.grade.clone())
    }

    #[zbus(property)]
    fn model(&self, #[zbus(header)] header: Option<Header<'_>>) -> String {
        self.read(header.as_ref(), |info| info.model.clone())
    }

    #[zbus(property)]
    fn serial(&self, #[zbus(header)] header: Option<Header<'_>>) -> String {
        self.read(header.as_ref(), |info| info.serial.clone())
    }

    #[zbus(property)]
    fn endpoint(&self, #[zbus(header)] header: Option<Header<'_>>) -> String {
        self.read(header.as_ref(), |info| info.endpoint.clone())
    }

    #[zbus(property)]
    fn queue_length(&self, #[zbus(header)] header: Option<Header<'_>>) -> u32 {
        self.read(header.as_ref(), |info| info.queue_length)
    }

    #[zbus(property)]
    fn current_job(&self, #[zbus(header)] header: Option<Header<'_>>) -> u64 {
        self.read(header.as_ref(), |info| info.current_job)
    }

    #[zbus(property)]
    fn since(&self, #[zbus(header)] header: Option<Header<'_>>) -> u64 {
        self.read(header.as_ref(), |info| info.since_ms)
    }
}
