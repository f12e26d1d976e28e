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

/// A file full of durable zeros under a durable name, not yet a segment. At open it is removed, unless a segment was begun
/// in it.
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
    pub fn make(disk: &Arc<dyn Disk>, dir: &Path, name: &str, need: u64) -> io::Result<Self> {
        let path = dir.join(name);
        let len = (limits::SEGMENT_BYTES as u64).max(FILE_HEADER as u64 + need);
        let file = disk.create(&path)?;
        let filled = file
            .allocate(len)
            .and_then(|()| write_zeros(file.as_ref(), 0, len))
            .and_then(|()| file.sync())
            .and_then(|()| disk.sync_dir(dir));
        if let Err(e) = filled {
            let _ = disk.remove(&path);
            return Err(e);
        }
        Ok(Self { path, file, len })
    }
}

/// The name of a spare one.
fn spare_name(number: u64) -> String {
    format!("spare-{number}.tmp")
}

/// The number of a file that is called like one.
pub fn spare_number(name: &str) -> Option<u64> {
    name.strip_prefix("spare-")?.strip_suffix(".tmp")?.parse().ok()
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
    /// The numbers go on from here: a name that was there at open may still be on the disk.
    pub fn number_from(&self, number: u64) {
        self.number.store(number, Ordering::Relaxed);
    }

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
        match self.make(disk, dir, 0) {
            Ok(blank) => *lock(&self.made) = Some(blank),
            Err(e) => log::debug!("no spare journal segment: {e}"),
        }
    }

    /// Makes one at once.
    ///
    /// # Errors
    /// See [`Blank::make`].
    pub fn make(&self, disk: &Arc<dyn Disk>, dir: &Path, need: u64) -> io::Result<Blank> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        Blank::make(disk, dir, &spare_name(number), need)
    }

    /// Takes it, if it has room for a group of `need` bytes.
    pub fn take(&self, need: u64) -> Option<Blank> {
        lock(&self.made).take_if(|blank| blank.len >= FILE_HEADER as u64 + need)
    }
}
