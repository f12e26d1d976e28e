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

/// A printer. The properties are those of `PrinterInfo`.
#[proxy(interface = "io.receiptd.Printer1", default_service = "io.receiptd", assume_defaults = false)]
pub trait Printer1 {
    /// Its configured name.
    #[zbus(property(emits_changed_signal = "const"))]
    fn name(&self) -> zbus::Result<String>;
    /// What it is doing; a word of `PrinterState`.
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
