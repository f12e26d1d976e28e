//! What the caller can choose, and what it learns at open.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::disk::{Disk, OsDisk};
use crate::limits;
use crate::types::Lsn;

/// How to open a store. [`Options::new`] gives what the daemon uses; the rest is for tests and benches.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory; made if its parent exists.
    pub dir: PathBuf,
    /// The file layer.
    pub disk: Arc<dyn Disk>,
    /// Added to each `fdatasync` of the journal: imitates an eMMC in benches.
    pub flush_delay: Option<Duration>,
    /// Size of the reserve in bytes.
    pub reserve_bytes: u64,
    /// Free bytes below which admissions are refused.
    pub admission_free_min: u64,
    /// The journal is not cleaned below this many bytes.
    pub clean_floor: u64,
    /// sled is not compacted below this many bytes.
    pub compact_floor: u64,
    /// Up to this many rows are read and checked at open.
    pub verify_rows_at_open: u64,
    /// The applier starts this long after the last batch came.
    pub apply_quiet: Duration,
}

impl Options {
    /// The daemon's choice for a directory.
    #[must_use]
    pub fn new(dir: impl AsRef<Path>) -> Self {
        Self {
            dir: dir.as_ref().to_owned(),
            disk: Arc::new(OsDisk),
            flush_delay: None,
            reserve_bytes: limits::RESERVE_BYTES,
            admission_free_min: limits::ADMISSION_FREE_MIN,
            clean_floor: limits::CLEAN_FLOOR_BYTES,
            compact_floor: limits::COMPACT_FLOOR_BYTES,
            verify_rows_at_open: limits::VERIFY_ROWS_AT_OPEN,
            apply_quiet: limits::APPLY_QUIET,
        }
    }
}

/// What opening found and did. Everything here belongs in the log; `lost` belongs in front of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// The store was empty and is new.
    pub fresh: bool,
    /// Number of the last batch that is there.
    pub last_lsn: Lsn,
    /// Batches that were durable and not yet in sled.
    pub replayed: u64,
    /// The last group was torn by a crash; it had not been acknowledged.
    pub torn_tail: bool,
    /// Why sled was rebuilt from the journal, if it was.
    pub rebuilt: Option<String>,
    /// Damage found in the journal, one text for each place.
    pub journal_damage: Vec<String>,
    /// Batches that could not be read from the journal.
    pub damaged_batches: Vec<(Lsn, Lsn)>,
    /// The journal was damaged and was written anew from sled, which had everything.
    pub healed: bool,
    /// The journal was damaged and sled did not have everything either: acknowledged batches may be lost.
    /// What could be read of both is there, what could not lies in the quarantine.
    pub lost: bool,
    /// Items put into quarantine while opening.
    pub quarantined: u64,
}
