//! The next journal segment, made ahead of its use: filling a megabyte with zeros and syncing it takes as
//! long as several commits, and nobody's answer should wait for it. The writer says when one is wanted, the
//! applier's thread makes it between its own work, and the writer makes one itself when none is there.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::frame::FILE_HEADER;
use crate::disk::{Disk, DiskFile, write_zeros};
use crate::limits;
use crate::sync::lock;

/// A file full of durable zeros, not yet a segment. Its name is one that is removed at open.
#[derive(Debug)]
pub struct Blank {
    pub path: PathBuf,
    pub file: Box<dyn DiskFile>,
    pub len: u64,
}

impl Blank {
    /// Makes one that has room for a group of `need` bytes.
    ///
    /// # Errors
    /// The disk does not take it; what it had taken is given back.
    pub fn make(disk: &Arc<dyn Disk>, path: PathBuf, need: u64) -> io::Result<Self> {
        let len = (limits::SEGMENT_BYTES as u64).max(FILE_HEADER as u64 + need);
        let file = disk.create(&path)?;
        let filled =
            file.allocate(len).and_then(|()| write_zeros(file.as_ref(), 0, len)).and_then(|()| file.sync());
        if let Err(e) = filled {
            let _ = disk.remove(&path);
            return Err(e);
        }
        Ok(Self { path, file, len })
    }
}

/// The one that waits.
#[derive(Debug, Default)]
pub struct Spare {
    wanted: AtomicBool,
    /// Numbers the names: the last one may not have been renamed yet when the next is made.
    number: AtomicU64,
    made: Mutex<Option<Blank>>,
}

impl Spare {
    /// The present segment is half full.
    pub fn want(&self) {
        self.wanted.store(true, Ordering::Release);
    }

    /// Whether it should be made.
    pub fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Acquire)
    }

    /// Makes it. That it could not be made is no error: the writer will try, and say so.
    pub fn prepare(&self, disk: &Arc<dyn Disk>, dir: &Path) {
        self.wanted.store(false, Ordering::Release);
        if lock(&self.made).is_some() {
            return;
        }
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        match Blank::make(disk, dir.join(format!("spare-{number}.tmp")), 0) {
            Ok(blank) => *lock(&self.made) = Some(blank),
            Err(e) => log::debug!("no spare journal segment: {e}"),
        }
    }

    /// Takes it, if it has room for a group of `need` bytes.
    pub fn take(&self, need: u64) -> Option<Blank> {
        lock(&self.made).take_if(|blank| blank.len >= FILE_HEADER as u64 + need)
    }
}
