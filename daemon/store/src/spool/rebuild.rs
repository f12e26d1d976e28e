//! Building a sled store from the journal. It is the repair after damage and the compaction as well: a
//! fresh directory, living rows only, every batch synced, and the state row last, so that a directory
//! that was not finished never looks like one that was.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::body::Head;
use super::sled::{SledSpool, SpoolError, is_body_head};
use crate::disk::Disk;
use crate::journal::frame::Record;
use crate::journal::live::{LiveMap, Range, WalkError};
use crate::journal::reader::Damage;
use crate::limits;
use crate::types::{BODY, Change, Durable, Lsn, Table};

/// Why nothing was built.
#[derive(Debug)]
pub enum RebuildError {
    Spool(SpoolError),
    Journal(std::io::Error),
    /// `pause` said stop.
    Abandoned,
}

impl From<SpoolError> for RebuildError {
    fn from(e: SpoolError) -> Self {
        Self::Spool(e)
    }
}

impl From<WalkError> for RebuildError {
    fn from(e: WalkError) -> Self {
        match e {
            WalkError::Io(e) => Self::Journal(e),
            WalkError::Stopped => Self::Abandoned,
        }
    }
}

impl std::fmt::Display for RebuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Spool(e) => e.fmt(f),
            Self::Journal(e) => write!(f, "the journal cannot be read: {e}"),
            Self::Abandoned => f.write_str("abandoned"),
        }
    }
}

/// A spool built from the journal.
#[derive(Debug)]
pub struct Built {
    pub spool: SledSpool,
    /// Unreadable parts of the journal; what stood there is missing in the spool.
    pub damage: Vec<Damage>,
    /// The last batch that is in it.
    pub last: Lsn,
}

/// Collects changes and applies them in batches that are each synced.
struct Loader<'a> {
    spool: &'a SledSpool,
    pending: Durable,
    rows: usize,
    failed: Option<SpoolError>,
}

impl Loader<'_> {
    fn push(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        let change: Change = record.to_change();
        self.rows += change.rows();
        self.pending.weight += change.weight();
        self.pending.changes.push(change);
        if self.rows >= limits::BATCH_ROWS_MAX || self.pending.weight >= limits::SLED_BATCH_BYTES_MAX {
            self.flush()
        } else {
            ControlFlow::Continue(())
        }
    }

    fn flush(&mut self) -> ControlFlow<()> {
        let done = self.spool.apply(std::iter::once(&self.pending));
        self.pending.changes.clear();
        self.pending.weight = 0;
        self.rows = 0;
        match done {
            Ok(_) => ControlFlow::Continue(()),
            Err(e) => {
                self.failed = Some(e);
                ControlFlow::Break(())
            }
        }
    }
}

/// Builds a spool in `dir`, which must not exist. Where the journal has holes, rows that `salvage` (the
/// old spool) can still read and the journal does not know are taken from there.
///
/// # Errors
/// See [`RebuildError`]; the half-built directory is left to be swept.
pub fn from_journal(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    bodies: &Path,
    range: Range<'_>,
    salvage: Option<&SledSpool>,
    pause: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Built, RebuildError> {
    let map = range.map(pause)?;
    let spool = SledSpool::open(disk, dir, bodies)?;
    let pending = Durable { lsn: 0, changes: Vec::new(), weight: 0 };
    let mut loader = Loader { spool: &spool, pending, rows: 0, failed: None };
    let walked = load(range, &map, &mut loader, pause);
    if let Some(e) = loader.failed.take() {
        return Err(e.into());
    }
    walked?;
    if !map.damage.is_empty()
        && let Some(old) = salvage
    {
        let _ = old.range(&[], &[0xff], &mut |row| {
            let Ok((key, value)) = row else { return true };
            if is_body_head(&key) {
                let id = key.get(1..9).and_then(|k| k.try_into().ok()).map_or(0, u64::from_be_bytes);
                let known = map.has(&Record::DeleteBody { id });
                if !known
                    && Head::decode(&value).is_some()
                    && let Ok(Some(bytes)) = old.body(id)
                {
                    return loader.push(&Record::PutBody { id, bytes: &bytes }).is_continue();
                }
                return true;
            }
            if key.first() == Some(&BODY) || map.has(&Record::Delete { key: &key }) {
                return true;
            }
            loader.push(&Record::Put { key: &key, value: &value }).is_continue()
        });
    }
    if loader.failed.is_none() && !loader.pending.changes.is_empty() {
        let _ = loader.flush();
    }
    if let Some(e) = loader.failed {
        return Err(e.into());
    }
    let last = if range.last == Lsn::MAX { map.last_lsn } else { range.last };
    spool.set_origin(range.store, last)?;
    Ok(Built { spool, damage: map.damage, last })
}

/// Loads all living records: first those whose keys grow with time, as they come, then the keys of callers,
/// which are hashes, in their order. sled writes a leaf anew with each change and leaves the old one behind,
/// so a load all over the table left 87 MB for 25 MB of rows, and one from its beginning to its end 50 MB.
fn load(
    range: Range<'_>,
    map: &LiveMap,
    loader: &mut Loader<'_>,
    pause: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<(), WalkError> {
    range.live(map, pause, &mut |record| match slice_of(record, 1) {
        None => loader.push(record),
        Some(_) => ControlFlow::Continue(()),
    })?;
    // Sorted in memory slice by slice, so that it takes no more of it for more keys.
    let keys = usize::try_from(map.len() / 2).unwrap_or(usize::MAX);
    let slices = keys.div_ceil(limits::SORT_KEYS).clamp(1, 256);
    for slice in 0..slices {
        let mut sorted = BTreeMap::new();
        range.live(map, pause, &mut |record| {
            if let Record::Put { key, value } = record
                && slice_of(record, slices) == Some(slice)
            {
                sorted.insert(key.to_vec(), value.to_vec());
            }
            ControlFlow::Continue(())
        })?;
        for (key, value) in &sorted {
            if loader.push(&Record::Put { key, value }).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Which of so many slices a caller's key is in; `None` for any other record.
fn slice_of(record: &Record<'_>, slices: usize) -> Option<usize> {
    match record {
        Record::Put { key, .. } if key.first() == Some(&(Table::Idem as u8)) => {
            Some(usize::from(key.get(1).copied().unwrap_or(0)) * slices / 256)
        }
        _ => None,
    }
}

/// Delivers every living record of a spool, bodies whole. Used to write the journal anew when it was
/// damaged and the spool was not.
///
/// # Errors
/// The first thing that cannot be read, in words.
pub fn each_record(
    spool: &SledSpool,
    each: &mut dyn FnMut(&Record<'_>) -> ControlFlow<()>,
) -> Result<(), String> {
    let mut bad = None;
    spool
        .range(&[], &[0xff], &mut |row| {
            let (key, value) = match row {
                Ok(row) => row,
                Err(b) => {
                    bad = Some(b.why);
                    return false;
                }
            };
            if key.first() != Some(&BODY) {
                return each(&Record::Put { key: &key, value: &value }).is_continue();
            }
            if !is_body_head(&key) {
                return true;
            }
            let id = key.get(1..9).and_then(|k| k.try_into().ok()).map_or(0, u64::from_be_bytes);
            match spool.body(id) {
                Ok(Some(bytes)) => each(&Record::PutBody { id, bytes: &bytes }).is_continue(),
                other => {
                    bad = Some(format!("body {id}: {other:?}"));
                    false
                }
            }
        })
        .map_err(|e| e.to_string())?;
    bad.map_or(Ok(()), Err)
}
