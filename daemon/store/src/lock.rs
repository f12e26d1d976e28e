//! The lock that keeps a second process out. Our own, because sled's exists only on some systems and
//! names nobody.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Instant;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::OpenError;
use crate::limits;

/// Held while the store is open; the system releases it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock and writes our process number into it. Waits a moment for a holder that is just going: a process that was
    /// killed, or one that is being started by the holder and has its descriptors until it runs.
    ///
    /// # Errors
    /// [`OpenError::LockedBy`] when another holder lives, [`OpenError::NotWritable`] when the file cannot
    /// be made.
    pub(crate) fn take(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join("lock");
        let not_writable = |source| OpenError::NotWritable { dir: dir.to_owned(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(not_writable)?;
        let since = Instant::now();
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(Errno::WOULDBLOCK) if since.elapsed() < limits::LOCK_WAIT => {
                    std::thread::sleep(limits::LOCK_STEP);
                }
                Err(Errno::WOULDBLOCK) => {
                    let mut text = String::new();
                    // Only for the message; the number may be missing.
                    let _ = file.read_to_string(&mut text);
                    return Err(OpenError::LockedBy { dir: dir.to_owned(), pid: text.trim().parse().ok() });
                }
                Err(e) => return Err(OpenError::io("locking the store", e.into())),
            }
        }
        // On a full disk the number may not fit; the lock holds all the same.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}
