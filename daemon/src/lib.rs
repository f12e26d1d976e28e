//! The I/O shell of receiptd: configuration, spool, links, interface, and the loop around the core.
//!
//! Nothing is decided here; see `receiptd_core`. The map is in ARCHITECTURE.md.

pub mod args;
pub mod backend;
mod cards;
pub mod chronicle;
mod clock;
pub mod convert;
pub mod handover;
pub mod hosted;
pub mod ipc;
pub mod janitor;
pub mod logging;
pub mod notify;
mod pace;
pub mod prepare;
mod probe;
pub mod reload;
mod rendering;
pub mod run;
mod sameness;
pub mod serve;
pub mod shell;
pub mod spool;
pub mod templates;
pub mod watchdog;

pub use receiptd_config as config;
