//! The reserve: a file of really allocated blocks, given up so that what happened to accepted receipts
//! can still be recorded when the disk is full. When it is made and given up, committer and applier say.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::Disk;

/// The reserve file of one store.
#[derive(Debug)]
pub(crate) struct Reserve {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    bytes: u64,
}

impl Reserve {
    /// Names the reserve; makes nothing.
    pub(crate) fn new(disk: Arc<dyn Disk>, dir: &Path, bytes: u64) -> Self {
        Self { disk, path: dir.join("reserve"), bytes }
    }

    /// Whether it is there in full.
    pub(crate) fn is_there(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|m| m.len() >= self.bytes)
    }

    /// Gives it up. True when that freed anything.
    pub(crate) fn release(&self) -> bool {
        let was = self.path.exists();
        let gone = was && self.disk.remove(&self.path).is_ok();
        if gone {
            log::warn!("the disk is full: the reserve of {} bytes is given up", self.bytes);
        }
        gone
    }

    /// Makes it, unless that would leave less than `spare` bytes. True when it is there afterwards.
    pub(crate) fn restore(&self, free: u64, spare: u64) -> bool {
        if self.is_there() {
            return true;
        }
        if free < self.bytes.saturating_add(spare) {
            return false;
        }
        let made = self.disk.create(&self.path).and_then(|f| {
            f.allocate(self.bytes)?;
            f.set_len(self.bytes)?;
            f.sync()
        });
        if made.is_err() {
            // Half a reserve would only take room.
            let _ = self.disk.remove(&self.path);
        }
        made.is_ok()
    }
}
