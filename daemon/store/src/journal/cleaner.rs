//! Cleaning: everything that lives at one number is copied into a checkpoint, and the files before it go.
//! When to clean is decided by the maintenance path. Safe at every point of a crash: the checkpoint gets
//! its name only when it is durable, and the old files go only when that name is.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::frame::{FILE_HEADER, FileHeader, Footer, GroupBuilder, Kind, Record, encode_footer};
use super::live::{Range, WalkError};
use super::reader::{Damage, Inventory, InventoryError, checkpoint_name, inventory};
use crate::disk::{Disk, DiskFile};
use crate::limits;
use crate::types::Lsn;

/// Why nothing was cleaned. The journal is as it was.
#[derive(Debug)]
pub enum CleanError {
    Io(io::Error),
    /// `pause` said stop.
    Abandoned,
    /// The journal is damaged: copying what is left would make the loss look like order.
    Damaged(Vec<Damage>),
    /// The spool, from which the journal was to be written anew, cannot be read.
    Source(String),
}

impl From<io::Error> for CleanError {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

impl From<WalkError> for CleanError {
    fn from(e: WalkError) -> Self {
        match e {
            WalkError::Io(e) => Self::Io(e),
            WalkError::Stopped => Self::Abandoned,
        }
    }
}

/// Writes one checkpoint.
struct Checkpoint {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    tmp: PathBuf,
    file: Box<dyn DiskFile>,
    offset: u64,
    group: Option<GroupBuilder>,
    store: u64,
    lsn: Lsn,
    footer: Footer,
    failed: Option<io::Error>,
}

impl Checkpoint {
    fn create(disk: &Arc<dyn Disk>, dir: &Path, store: u64, lsn: Lsn) -> io::Result<Self> {
        let tmp = dir.join("checkpoint.tmp");
        let file = disk.create(&tmp)?;
        file.write_all_at(&FileHeader { kind: Kind::Checkpoint, store, first_lsn: lsn }.encode(), 0)?;
        Ok(Self {
            disk: Arc::clone(disk),
            dir: dir.to_owned(),
            tmp,
            file,
            offset: FILE_HEADER as u64,
            group: None,
            store,
            lsn,
            footer: Footer::default(),
            failed: None,
        })
    }

    fn push(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        match record {
            Record::Put { key, value } => {
                self.footer.rows += 1;
                self.footer.live_bytes += (key.len() + value.len()) as u64;
            }
            Record::PutBody { bytes, .. } => {
                self.footer.bodies += 1;
                self.footer.live_bytes += bytes.len() as u64;
            }
            Record::Delete { .. } | Record::DeleteBody { .. } => {}
        }
        let group = self.group.get_or_insert_with(|| GroupBuilder::new(Vec::new()));
        group.push_record(record);
        if group.len() >= limits::CHECKPOINT_FRAME_BYTES { self.flush() } else { ControlFlow::Continue(()) }
    }

    fn flush(&mut self) -> ControlFlow<()> {
        let Some(group) = self.group.take() else { return ControlFlow::Continue(()) };
        let bytes = group.finish_packed(self.store, self.lsn);
        match self.file.write_all_at(&bytes, self.offset) {
            Ok(()) => {
                self.offset += bytes.len() as u64;
                ControlFlow::Continue(())
            }
            Err(e) => {
                self.failed = Some(e);
                ControlFlow::Break(())
            }
        }
    }

    fn finish(mut self) -> io::Result<()> {
        let _ = self.flush();
        if let Some(e) = self.failed.take() {
            return Err(e);
        }
        self.file.write_all_at(&encode_footer(&self.footer, self.store, self.lsn), self.offset)?;
        self.file.sync()?;
        self.disk.rename(&self.tmp, &self.dir.join(checkpoint_name(self.lsn)))?;
        self.disk.sync_dir(&self.dir)
    }

    /// Gives the room back.
    fn abandon(self) -> Option<io::Error> {
        let _ = self.disk.remove(&self.tmp);
        self.failed
    }
}

/// Copies what lives up to `range.last` into a checkpoint and removes what it covers.
///
/// # Errors
/// See [`CleanError`].
pub fn clean(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    range: Range<'_>,
    pause: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<(), CleanError> {
    let map = range.map(pause)?;
    if !map.damage.is_empty() {
        return Err(CleanError::Damaged(map.damage));
    }
    let mut out = Checkpoint::create(disk, dir, range.store, range.last)?;
    let copied = range.live(&map, pause, &mut |record| out.push(record));
    if out.failed.is_some() || copied.is_err() {
        let failed = out.abandon();
        return Err(match (failed, copied) {
            (Some(e), _) => CleanError::Io(e),
            (None, Err(e)) => e.into(),
            (None, Ok(())) => CleanError::Abandoned,
        });
    }
    out.finish()?;
    drop_stale(disk, dir)?;
    Ok(())
}

/// Writes a checkpoint at `lsn` from another source than the journal, and removes what it covers.
///
/// # Errors
/// See [`CleanError`].
pub fn checkpoint_from(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    store: u64,
    lsn: Lsn,
    source: impl FnOnce(&mut dyn FnMut(&Record<'_>) -> ControlFlow<()>) -> Result<(), String>,
) -> Result<(), CleanError> {
    let mut out = Checkpoint::create(disk, dir, store, lsn)?;
    let copied = source(&mut |record| out.push(record));
    if let Err(why) = copied {
        out.abandon();
        return Err(CleanError::Source(why));
    }
    if out.failed.is_some() {
        return Err(out.abandon().map_or(CleanError::Abandoned, CleanError::Io));
    }
    out.finish()?;
    drop_stale(disk, dir)?;
    Ok(())
}

/// Removes the files a checkpoint covers and lists what is left.
///
/// # Errors
/// The directory cannot be read or written.
pub fn drop_stale(disk: &Arc<dyn Disk>, dir: &Path) -> io::Result<Inventory> {
    let inv = inventory(dir).map_err(|e| match e {
        InventoryError::Io(e) => e,
        InventoryError::Newer(v) => io::Error::other(format!("format {v}")),
    })?;
    for path in &inv.stale {
        disk.remove(path)?;
    }
    if !inv.stale.is_empty() {
        disk.sync_dir(dir)?;
    }
    Ok(inv)
}
