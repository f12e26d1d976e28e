//! The signals and properties of the two interfaces as zbus' own proxies have them: a client that shares no code with ours.

use receiptd_api::{Client, JobInfo, names};
use zbus::proxy;

/// The spooler, as `client` reaches it.
pub async fn spooler(client: &Client) -> Spooler1Proxy<'static> {
    Spooler1Proxy::new(client.connection()).await.expect("a proxy")
}

/// The printer of that name.
pub async fn printer(client: &Client, name: &str) -> Printer1Proxy<'static> {
    let builder = Printer1Proxy::builder(client.connection()).path(names::printer_path(name));
    builder.build().await.expect("a proxy")
}

/// The spooler.
#[proxy(
    interface = "io.receiptd.Spooler1",
    default_service = "io.receiptd",
    default_path = "/io/receiptd/Spooler1"
)]
pub trait Spooler1 {
    /// A watched job changed. `job` is without its story.
    #[zbus(signal)]
    fn job_changed(&self, id: u64, state: &str, job: JobInfo) -> zbus::Result<()>;

    /// On a bus: signals were not taken fast enough, and this client's watch has ended.
    #[zbus(signal)]
    fn watch_lost(&self, reason: &str) -> zbus::Result<()>;

    /// The version of the daemon, for people.
    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self) -> zbus::Result<String>;

    /// The version of the interface; see `names::API_VERSION`.
    #[zbus(property(emits_changed_signal = "const"))]
    fn api_version(&self) -> zbus::Result<u32>;

    /// Whether receipts can be stored; a word of `StoreState`.
    #[zbus(property)]
    fn store_state(&self) -> zbus::Result<String>;

    /// What is wrong with the configuration although the daemon runs, a sentence each.
    #[zbus(property)]
    fn warnings(&self) -> zbus::Result<Vec<String>>;
}

/// A printer, as far as it is looked at here.
#[proxy(interface = "io.receiptd.Printer1", default_service = "io.receiptd", assume_defaults = false)]
pub trait Printer1 {
    /// What it is doing; a word of `PrinterState`.
    #[zbus(property)]
    fn state(&self) -> zbus::Result<String>;

    /// What is wrong with it.
    #[zbus(property)]
    fn reasons(&self) -> zbus::Result<Vec<String>>;
}
