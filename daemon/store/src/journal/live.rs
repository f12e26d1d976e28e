//! Which records of the journal live: two passes over the files, bounded memory. The first remembers for
//! each key the place of its last change, the second delivers the puts that stand there. Used by the
//! cleaner, the rebuild of sled and the offline tools, so that all three mean the same by "live".

use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::io;
use std::ops::ControlFlow;

use super::frame::Record;
use super::reader::{Damage, Inventory, JournalFile, Next, read_file};
use crate::types::{BODY, Lsn};

/// 128 bits of a key: 16 bytes for each key instead of up to 65. Two keys of a million meet with a
/// probability below 10^-26.
fn digest(record: &Record<'_>) -> u128 {
    let build = BuildHasherDefault::<DefaultHasher>::default();
    let one = |salt: u8| match record {
        Record::Put { key, .. } | Record::Delete { key } => build.hash_one((salt, *key)),
        Record::PutBody { id, .. } | Record::DeleteBody { id } => build.hash_one((salt, BODY, *id)),
    };
    u128::from(one(1)) << 64 | u128::from(one(2))
}

/// Where the living records are.
#[derive(Debug, Default)]
pub struct LiveMap {
    /// Digest of the key to the count of the record that wrote it last.
    last: BTreeMap<u128, u64>,
    /// Unreadable parts met on the way.
    pub damage: Vec<Damage>,
    /// The last batch seen.
    pub last_lsn: Lsn,
}

/// Why a walk ended early.
#[derive(Debug)]
pub enum WalkError {
    Io(io::Error),
    /// The visitor had enough.
    Stopped,
}

impl From<io::Error> for WalkError {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

/// The part of a journal that is walked: the checkpoint and all batches up to `last`.
#[derive(Debug, Clone, Copy)]
pub struct Range<'a> {
    pub inventory: &'a Inventory,
    pub store: u64,
    pub last: Lsn,
}

impl Range<'_> {
    /// Calls `each` for every record in order, with its count. `pause` is called between groups.
    fn walk(
        &self,
        damage: &mut Vec<Damage>,
        pause: &mut dyn FnMut() -> ControlFlow<()>,
        each: &mut dyn FnMut(u64, &Record<'_>) -> ControlFlow<()>,
    ) -> Result<Lsn, WalkError> {
        let mut count = 0;
        let mut last_lsn = self.inventory.checkpoint_lsn();
        let floor = last_lsn;
        let files = self.inventory.checkpoint.iter().map(|c| (c, Lsn::MAX));
        let segments = self.inventory.segments.iter().enumerate().map(|(i, s)| (s, self.inventory.end_of(i)));
        let mut next = floor + 1;
        for (file, end) in files.chain(segments) {
            if is_segment(file) {
                if file.first_lsn > self.last {
                    break;
                }
                if file.first_lsn > next {
                    damage.push(Damage {
                        path: file.path.clone(),
                        offset: 0,
                        lost: Some((next, file.first_lsn - 1)),
                        why: "a segment before this one is missing".to_owned(),
                    });
                }
            }
            let mut stopped = false;
            let seen = read_file(file, self.store, end.min(self.last.saturating_add(1)), &mut |group| {
                if pause().is_break() {
                    stopped = true;
                    return Next::Stop;
                }
                group.for_each(|lsn, record| {
                    if stopped || (is_segment(file) && (lsn <= floor || lsn > self.last)) {
                        return;
                    }
                    stopped = each(count, &record).is_break();
                    count += 1;
                });
                if stopped { Next::Stop } else { Next::Continue }
            })?;
            if stopped {
                return Err(WalkError::Stopped);
            }
            damage.extend(seen.damage);
            if is_segment(file) {
                next = if end == Lsn::MAX { seen.next_lsn } else { end };
                next = next.max(floor + 1);
                last_lsn = last_lsn.max(seen.next_lsn.saturating_sub(1).min(self.last));
            }
        }
        if self.last != Lsn::MAX && next <= self.last {
            let path = self.inventory.segments.last().or(self.inventory.checkpoint.as_ref());
            damage.push(Damage {
                path: path.map(|f| f.path.clone()).unwrap_or_default(),
                offset: 0,
                lost: Some((next, self.last)),
                why: "the end of the journal is missing".to_owned(),
            });
        }
        Ok(last_lsn)
    }

    /// First pass.
    ///
    /// # Errors
    /// A file cannot be opened, or `pause` said stop.
    pub fn map(&self, pause: &mut dyn FnMut() -> ControlFlow<()>) -> Result<LiveMap, WalkError> {
        let mut map = LiveMap::default();
        let mut last = BTreeMap::new();
        map.last_lsn = self.walk(&mut map.damage, pause, &mut |count, record| {
            match record {
                Record::Put { .. } | Record::PutBody { .. } => {
                    last.insert(digest(record), count);
                }
                Record::Delete { .. } | Record::DeleteBody { .. } => {
                    last.remove(&digest(record));
                }
            }
            ControlFlow::Continue(())
        })?;
        map.last = last;
        Ok(map)
    }

    /// Second pass: `each` sees every living put once.
    ///
    /// # Errors
    /// A file cannot be opened, or `pause` or `each` said stop.
    pub fn live(
        &self,
        map: &LiveMap,
        pause: &mut dyn FnMut() -> ControlFlow<()>,
        each: &mut dyn FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> Result<(), WalkError> {
        let mut again = Vec::new();
        self.walk(&mut again, pause, &mut |count, record| match record {
            Record::Put { .. } | Record::PutBody { .. } if map.last.get(&digest(record)) == Some(&count) => {
                each(record)
            }
            _ => ControlFlow::Continue(()),
        })?;
        Ok(())
    }
}

impl LiveMap {
    /// Whether the key of this record is known to live.
    pub fn has(&self, record: &Record<'_>) -> bool {
        self.last.contains_key(&digest(record))
    }

    /// Living records.
    pub fn len(&self) -> u64 {
        self.last.len() as u64
    }
}

fn is_segment(file: &JournalFile) -> bool {
    file.kind == super::frame::Kind::Segment
}
