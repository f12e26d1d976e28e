//! What the core must know of the configuration.

use alloc::vec::Vec;

use crate::evidence::Grade;
use crate::ids::PrinterName;
use crate::limits::{ACTIVE_BYTES_MAX, ACTIVE_JOBS_MAX, ACTIVE_JOBS_PER_UID_MAX};
use crate::record::Policy;

/// One printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterConfig {
    /// What apps and people call it.
    pub name: PrinterName,
    /// The evidence that the integrator vouches for, `None` to find out.
    pub evidence: Option<Grade>,
}

/// The core's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreConfig {
    /// The printers; the first is the default one.
    pub printers: Vec<PrinterConfig>,
    /// What to do when nobody knows.
    pub policy: Policy,
    /// Time after which a job that waits expires, in milliseconds; `None` for never.
    pub expires_after_ms: Option<u64>,
    /// Unfinished jobs, all together.
    pub active_jobs_max: usize,
    /// Unfinished jobs of one user id.
    pub active_jobs_per_uid_max: usize,
    /// Bytes of unfinished jobs' bodies.
    pub active_bytes_max: u64,
}

impl Default for CoreConfig {
    fn default() -> Self {
        Self {
            printers: Vec::new(),
            policy: Policy::Reprint,
            expires_after_ms: None,
            active_jobs_max: ACTIVE_JOBS_MAX,
            active_jobs_per_uid_max: ACTIVE_JOBS_PER_UID_MAX,
            active_bytes_max: ACTIVE_BYTES_MAX,
        }
    }
}
