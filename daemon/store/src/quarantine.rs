//! Where goes what cannot be read: a copy, and beside it a text that says what it is and why. Nothing is
//! ever deleted from here by the store; the technician does that.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk::{Disk, write_durably};
use crate::limits;
use crate::spool::sled::dir_bytes;

/// The quarantine of one store.
#[derive(Debug)]
pub(crate) struct Quarantine {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    /// Items put here since the store was opened.
    count: AtomicU64,
}

impl Quarantine {
    /// Names the quarantine; it is made with its first item.
    pub(crate) fn new(disk: Arc<dyn Disk>, dir: &Path) -> Self {
        Self { disk, dir: dir.join("quarantine"), count: AtomicU64::new(0) }
    }

    /// Items put here since the store was opened.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Copies a file here.
    pub(crate) fn file(&self, path: &Path, why: &str) {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("file").to_owned();
        match std::fs::read(path) {
            Ok(bytes) => self.bytes(&name, &bytes, &format!("{}: {why}", path.display())),
            Err(e) => {
                self.bytes(&name, &[], &format!("{}: {why}; it could not be copied: {e}", path.display()))
            }
        }
    }

    /// Puts bytes here. Best effort: a quarantine that cannot be written must not stop the store.
    pub(crate) fn bytes(&self, name: &str, bytes: &[u8], why: &str) {
        log::error!("quarantined {name}: {why}");
        self.count.fetch_add(1, Ordering::Relaxed);
        if let Err(e) = self.put(name, bytes, why) {
            log::error!("the quarantine could not be written: {e}");
        }
    }

    fn put(&self, name: &str, bytes: &[u8], why: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.dir)?;
        let files = std::fs::read_dir(&self.dir)?.count();
        let room = dir_bytes(&self.dir) + bytes.len() as u64 <= limits::QUARANTINE_BYTES_MAX;
        if files >= limits::QUARANTINE_FILES_MAX {
            return Err(std::io::Error::other("it holds as many files as it may"));
        }
        // The same item found again at the next start is not kept twice.
        let stem = format!("{:08x}-{name}", crc32fast::hash(bytes) ^ crc32fast::hash(why.as_bytes()));
        let reason = self.dir.join(format!("{stem}.reason"));
        if reason.exists() {
            return Ok(());
        }
        if room && !bytes.is_empty() {
            write_durably(self.disk.as_ref(), &self.dir.join(&stem), bytes)?;
        }
        let note = if room { "" } else { "\nThe quarantine is full: only this note was kept." };
        write_durably(self.disk.as_ref(), &reason, format!("{why}{note}\n").as_bytes())
    }
}
