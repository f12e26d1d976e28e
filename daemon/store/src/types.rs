//! The words of the interface: tables, operations, batches. The store gives them no meaning; what a job
//! or a printer is, the core knows.

use std::sync::Arc;

use crate::error::CommitError;
use crate::limits;

/// The number of a committed batch: 1, 2, 3, ... without gaps, in the order of acknowledgement.
pub type Lsn = u64;

/// A table: one key space. The number is the first byte of the key in sled and in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    /// Few, small facts of the daemon itself.
    Meta = 0x00,
    /// Jobs.
    Job = 0x10,
    /// Keys of callers.
    Idem = 0x20,
    /// What is under way.
    Active = 0x30,
    /// What is known of printers.
    Printer = 0x50,
}

impl Table {
    /// All tables, in key order.
    pub const ALL: [Self; 5] = [Self::Meta, Self::Job, Self::Idem, Self::Active, Self::Printer];

    /// The name used in exports and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Job => "job",
            Self::Idem => "idem",
            Self::Active => "active",
            Self::Printer => "printer",
        }
    }

    /// The table of a key's first byte.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|t| *t as u8 == byte)
    }
}

/// First byte of the rows the store keeps about itself. Never in the journal.
pub(crate) const INTERNAL: u8 = 0x01;
/// First byte of body rows.
pub(crate) const BODY: u8 = 0x11;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Writes a row, replacing what was there.
    Put {
        /// Where.
        table: Table,
        /// At most [`limits::KEY_BYTES_MAX`] bytes.
        key: Vec<u8>,
        /// At most [`limits::VALUE_BYTES_MAX`] bytes.
        value: Vec<u8>,
    },
    /// Removes a row; it need not be there.
    Delete {
        /// Where.
        table: Table,
        /// At most [`limits::KEY_BYTES_MAX`] bytes.
        key: Vec<u8>,
    },
    /// Writes a body, replacing what was there.
    PutBody {
        /// The caller's number for it.
        id: u64,
        /// At most [`limits::BODY_BYTES_MAX`] bytes.
        bytes: Arc<[u8]>,
    },
    /// Removes a body; it need not be there.
    DeleteBody {
        /// The caller's number for it.
        id: u64,
    },
}

/// What a batch is for, which decides whether it may use the last of the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// New work. Refused when the disk is near full.
    Admission,
    /// What happened to work already accepted, and deletions. May use the reserve.
    Progress,
}

/// Changes that become visible and durable together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// What it is for.
    pub class: Class,
    /// Applied in order; the last one on a key wins.
    pub ops: Vec<Op>,
}

/// A row: its key, without the table, and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// The direction of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From `from` (included) to larger keys.
    Ascending,
    /// From `from` (included) to smaller keys; an empty `from` means from the end of the table.
    Descending,
}

/// A change as it travels inside: the table is in the key, values are shared by overlay and applier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Put { key: Arc<[u8]>, value: Arc<[u8]> },
    Delete { key: Arc<[u8]> },
    PutBody { id: u64, bytes: Arc<[u8]> },
    DeleteBody { id: u64 },
}

impl Change {
    /// Bytes this change takes in memory and on the wire, near enough for bounds.
    pub(crate) fn weight(&self) -> usize {
        16 + match self {
            Self::Put { key, value } => key.len() + value.len(),
            Self::Delete { key } => key.len(),
            Self::PutBody { bytes, .. } => 8 + bytes.len(),
            Self::DeleteBody { .. } => 8,
        }
    }

    /// sled rows this change can touch: a body has at most so many, and may replace one that had them.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Put { .. } | Self::Delete { .. } => 1,
            Self::PutBody { .. } | Self::DeleteBody { .. } => limits::BODY_ROWS,
        }
    }
}

/// A committed batch on its way to sled.
#[derive(Debug)]
pub(crate) struct Durable {
    pub lsn: Lsn,
    pub changes: Vec<Change>,
    pub weight: usize,
}

impl Durable {
    /// sled rows it can touch.
    pub(crate) fn rows(&self) -> usize {
        self.changes.iter().map(Change::rows).sum()
    }
}

/// The full key of a row.
pub(crate) fn full_key(table: u8, key: &[u8]) -> Vec<u8> {
    let mut full = Vec::with_capacity(1 + key.len());
    full.push(table);
    full.extend_from_slice(key);
    full
}

/// Checks a batch against the bounds and turns it into its inner form, with its weight.
pub(crate) fn accept(batch: Batch) -> Result<(Vec<Change>, usize), CommitError> {
    let mut changes = Vec::with_capacity(batch.ops.len());
    let (mut weight, mut rows) = (0, 0);
    for op in batch.ops {
        let change = match op {
            Op::Put { table, key, value } => {
                bound("key", key.len(), limits::KEY_BYTES_MAX)?;
                bound("value", value.len(), limits::VALUE_BYTES_MAX)?;
                Change::Put { key: full_key(table as u8, &key).into(), value: value.into() }
            }
            Op::Delete { table, key } => {
                bound("key", key.len(), limits::KEY_BYTES_MAX)?;
                Change::Delete { key: full_key(table as u8, &key).into() }
            }
            Op::PutBody { id, bytes } => {
                bound("body", bytes.len(), limits::BODY_BYTES_MAX)?;
                Change::PutBody { id, bytes }
            }
            Op::DeleteBody { id } => Change::DeleteBody { id },
        };
        weight += change.weight();
        rows += change.rows();
        changes.push(change);
    }
    bound("number of rows in a batch", rows, limits::BATCH_ROWS_MAX)?;
    bound("number of bytes in a batch", weight, limits::BATCH_BYTES_MAX)?;
    Ok((changes, weight))
}

fn bound(what: &str, found: usize, max: usize) -> Result<(), CommitError> {
    if found > max {
        return Err(CommitError::Invalid { what: format!("{what}: {found}, at most {max}") });
    }
    Ok(())
}
