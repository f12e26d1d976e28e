//! The spool on disk of receiptd: what was accepted survives anything.
//!
//! Two parts. The **journal** makes the promise: an append-only log of batches, each on stable storage
//! before its caller is told. **sled** is the spool that reads are served from; it follows the journal at a
//! short distance and can be built from it at any time. The crate knows nothing of jobs and receipts: it
//! keeps rows in typed tables, and bodies.
//!
//! ```text
//! commit --> queue --> committer: journal write + fdatasync --> done(Ok)
//!                          |                                          reads: overlay, then sled
//!                          +--> lag + overlay --> applier: sled batch + flush + fdatasync
//!                                                    +--> cleaning, compaction, repair
//! ```
//!
//! Files below the directory: `lock`, `reserve`, `journal/*.seg`, `journal/*.ckpt`, `spool/CURRENT`,
//! `spool/sled-<n>/`, `bodies/<id>`, and `quarantine/` for what could not be read.

mod applier;
mod closed;
mod committer;
pub mod disk;
mod error;
mod filter;
mod gather;
mod health;
mod journal;
pub mod limits;
mod lock;
mod maintenance;
pub mod offline;
mod options;
mod overlay;
mod paths;
mod pulse;
mod quarantine;
mod recovery;
mod reserve;
mod shared;
mod spool;
mod store;
mod sync;
mod threads;
mod types;

pub use error::{CloseError, CommitError, OfflineError, OpenError, ReadError};
pub use health::{Health, HealthState};
pub use options::{OpenReport, Options};
pub use store::{Looked, Store};
pub use types::{Batch, Class, Direction, Lsn, Op, Row, Table};
