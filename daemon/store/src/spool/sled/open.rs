//! What must be done, and borne, while sled is opened: it may hang, panic, or stumble over what a crash left.

use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::{SpoolError, guarded, with_lazy_timers};
use crate::disk::Disk;
use crate::limits;

/// A leftover `snap.*.generating` sorts last, is read first and makes sled report corruption for ever.
pub(super) fn remove_half_snapshots(disk: &dyn Disk, dir: &Path) -> std::io::Result<()> {
    let mut any = false;
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            disk.remove(&path)?;
            any = true;
        }
    }
    if any { disk.sync_dir(dir) } else { Ok(()) }
}

/// Opens sled on a thread of its own, since it may hang or panic.
pub(super) fn open_limited(dir: &Path) -> Result<sled::Db, SpoolError> {
    let config = sled::Config::new().path(dir).cache_capacity(limits::SLED_CACHE_BYTES).flush_every_ms(None);
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        let (tx, rx) = mpsc::channel();
        let config = config.clone();
        let thread = std::thread::Builder::new()
            .name("sled-open".to_owned())
            .spawn(move || {
                let db = with_lazy_timers(|| guarded("open", || config.open()));
                // Nobody listens any more after the time limit; the store is dropped here then.
                let _ = tx.send(db);
            })
            .map_err(|e| SpoolError::Io(format!("starting a thread: {e}")))?;
        let opened = rx.recv_timeout(limits::SLED_OPEN_MAX).map_err(|_| {
            SpoolError::Broken(format!("it did not open within {} s", limits::SLED_OPEN_MAX.as_secs()))
        })?;
        // It has sent, so it ends at once.
        let _ = thread.join();
        match opened {
            // A store dropped a moment ago may still hold sled's own lock through one of its threads.
            Err(SpoolError::Io(why)) if why.contains("lock") && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(20));
            }
            other => return other,
        }
    }
}
