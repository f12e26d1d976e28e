//! The D-Bus interface of receiptd: names, wire types, errors, its client, and how to connect.
//!
//! Shared by the daemon (which serves it), `receiptctl` and the JNI library (which call it). The same
//! interface is reached on the system bus, on a session bus (tests, desktops) and peer-to-peer over a Unix
//! socket. Everything that may grow is an `a{sv}` dictionary: a reader ignores keys it does not know and
//! takes a default for keys that are absent, so both sides may be older than the other.
//!
//! It decides nothing: who may do what, and what a job is, is the daemon's business. The reference for
//! callers in other languages is `INTERFACE.md` next to this crate, and the XML in `dbus/`.

mod call;
pub mod connect;
mod dict;
pub mod error;
mod line;
pub mod names;
mod signals;
mod spooler;
pub mod types;
mod words;

pub use call::{Asked, Reply};
pub use connect::{Client, ConnectError, Where};
pub use error::{ApiError, CallError, Retry};
pub use signals::{JobChanges, Signal, Signals};
pub use spooler::Spooler;
pub use types::{
    CanPrint, Document, JobFilter, JobInfo, JobPage, PrinterInfo, ProbeAnswer, ProbeReport, Properties,
    Receipt, SpoolerInfo, StoryItem, SubmitOptions, Submitted,
};
pub use words::{Cut, Grade, JobState, Kind, Outcome, PrinterState, Purpose, StoreState, Uncertain};
