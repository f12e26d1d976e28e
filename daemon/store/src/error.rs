//! What can go wrong, as closed types. Each variant says what the caller can do about it; the texts are
//! for the log and for the technician.

use std::io;
use std::path::PathBuf;

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process owns the directory. Stop it, or use another directory.
    #[error("the store in {dir} is in use by process {}", pid.map_or_else(|| "(unknown)".to_owned(), |p| p.to_string()))]
    LockedBy {
        /// The directory that was asked for.
        dir: PathBuf,
        /// The process named in the lock file, if it could be read.
        pid: Option<u32>,
    },
    /// The directory does not exist and could not be made. Create it and give it to the daemon's user.
    #[error(
        "the directory {dir} is missing and could not be made ({source}); create it and give it to the user the daemon runs as"
    )]
    Missing {
        /// The directory that was asked for.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory is there but not usable. Correct its owner, its mode or its file system.
    #[error(
        "the directory {dir} cannot be used ({source}); it must be a directory the daemon's user can write, on a file system mounted read-write"
    )]
    NotWritable {
        /// The directory that was asked for.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A newer version wrote this store. Install that version; nothing was changed.
    #[error(
        "the journal has format {found}, this program knows up to {known}; install the newer version (nothing was changed)"
    )]
    NewerFormat {
        /// Format found on disk.
        found: u32,
        /// Newest format known here.
        known: u32,
    },
    /// There is no room even to start. Free space on the disk and start again.
    #[error("the disk is full and the store cannot start ({source}); free at least 4 MB and start again")]
    DiskFull {
        /// What the system said.
        source: io::Error,
    },
    /// The disk refused an operation that opening needs. Look at the device; the data was not touched.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// Even a fresh spool could not be built. The journal is intact; look at `why`.
    #[error("the spool could not be opened nor rebuilt: {why}; the journal was not touched")]
    Spool {
        /// The last reason.
        why: String,
    },
}

impl OpenError {
    /// Wraps a system error, telling a full disk from the rest.
    pub(crate) fn io(what: impl Into<String>, source: io::Error) -> Self {
        if is_full(&source) { Self::DiskFull { source } } else { Self::Io { what: what.into(), source } }
    }
}

/// Why a batch was not committed. Unless the variant says otherwise, nothing of the batch is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Too much is waiting. Refuse the client's request; try again when commits have come back.
    #[error("the store is busy: {waiting} batches wait")]
    Busy {
        /// Batches waiting at that moment.
        waiting: usize,
    },
    /// The disk is near full and this batch was an admission. Refuse the receipt; progress still works.
    #[error("the disk is full: {free} bytes are free")]
    Full {
        /// Free bytes at that moment.
        free: u64,
    },
    /// The batch breaks a bound of [`crate::limits`]. A defect of the caller: do not retry.
    #[error("the batch is refused: {what}")]
    Invalid {
        /// Which bound, and by how much.
        what: String,
    },
    /// The write or its sync failed. The batch counts as not stored; **after a crash before the next
    /// successful commit it may still appear, whole**. Retry under the same key.
    #[error("the journal could not be written: {why}")]
    Io {
        /// What the system said.
        why: String,
    },
    /// The journal cannot be written at all; the store tries to recover every few seconds by itself.
    #[error("the store has failed and is trying to recover: {why}")]
    Failed {
        /// The failure that led here.
        why: String,
    },
    /// The store is closed or closing.
    #[error("the store is closed")]
    Closed,
}

/// Why a read gave no answer. "No such row" is not an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The spool is damaged and is being rebuilt from the journal. Try again later.
    #[error("the spool is being rebuilt from the journal")]
    Repairing,
    /// This record is lost: damaged in the spool and not in the journal. It lies in the quarantine.
    #[error("the record is damaged and the journal does not have it: {what}")]
    Damaged {
        /// Which record, and what is wrong with it.
        what: String,
    },
    /// The spool cannot be read at the moment. Try again later; `health` says more.
    #[error("the spool cannot be read: {why}")]
    Unavailable {
        /// What sled or the system said.
        why: String,
    },
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

/// Why an offline tool gave up.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// The store could not be opened for the tool: in use, missing, of a newer format.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The output could not be written.
    #[error("the output could not be written: {0}")]
    Output(io::Error),
    /// The disk refused a read.
    #[error("the store could not be read: {0}")]
    Io(io::Error),
}

/// Why `close` did not end cleanly. Everything acknowledged is in the journal in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CloseError {
    /// A thread did not end in time; the next start replays what sled does not have yet.
    #[error("the store did not close in time; the next start will replay the journal")]
    TimedOut,
}

/// Whether the system said that there is no room (`ENOSPC`, or the user's quota is used up).
pub(crate) fn is_full(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
