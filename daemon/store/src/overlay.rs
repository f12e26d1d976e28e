//! What is durable but not yet in sled, so that reads see everything that was acknowledged. Its size is
//! the lag, which the committer bounds.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::types::{Change, Durable, Lsn};

/// A newer state of a key, or `None` where it was deleted.
type Newer = Option<Arc<[u8]>>;

/// The newest durable change of each key that sled does not have.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    rows: BTreeMap<Arc<[u8]>, (Lsn, Newer)>,
    bodies: BTreeMap<u64, (Lsn, Newer)>,
}

impl Overlay {
    /// Takes in a durable batch.
    pub(crate) fn add(&mut self, batch: &Durable) {
        for change in &batch.changes {
            match change {
                Change::Put { key, value } => {
                    self.rows.insert(Arc::clone(key), (batch.lsn, Some(Arc::clone(value))));
                }
                Change::Delete { key } => {
                    self.rows.insert(Arc::clone(key), (batch.lsn, None));
                }
                Change::PutBody { id, bytes } => {
                    self.bodies.insert(*id, (batch.lsn, Some(Arc::clone(bytes))));
                }
                Change::DeleteBody { id } => {
                    self.bodies.insert(*id, (batch.lsn, None));
                }
            }
        }
    }

    /// Forgets a batch that sled has now; what a later batch wrote over stays.
    pub(crate) fn remove(&mut self, batch: &Durable) {
        for change in &batch.changes {
            match change {
                Change::Put { key, .. } | Change::Delete { key } => {
                    if self.rows.get(key).is_some_and(|(lsn, _)| *lsn <= batch.lsn) {
                        self.rows.remove(key);
                    }
                }
                Change::PutBody { id, .. } | Change::DeleteBody { id } => {
                    if self.bodies.get(id).is_some_and(|(lsn, _)| *lsn <= batch.lsn) {
                        self.bodies.remove(id);
                    }
                }
            }
        }
    }

    /// A row, if it is newer than sled's.
    pub(crate) fn row(&self, key: &[u8]) -> Option<&Newer> {
        self.rows.get(key).map(|(_, v)| v)
    }

    /// A body, if it is newer than sled's.
    pub(crate) fn body(&self, id: u64) -> Option<&Newer> {
        self.bodies.get(&id).map(|(_, v)| v)
    }

    /// The newer rows of `low..high` in order.
    pub(crate) fn range(&self, low: &[u8], high: &[u8]) -> impl DoubleEndedIterator<Item = (&[u8], &Newer)> {
        use std::ops::Bound::{Excluded, Included};
        // An inverted range would panic.
        let high = if high < low { low } else { high };
        self.rows.range::<[u8], _>((Included(low), Excluded(high))).map(|(k, (_, v))| (&**k, v))
    }
}
