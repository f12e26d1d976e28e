//! Reading: what is acknowledged, whether sled has it already or not. Damage that is met is mended on the way.

use std::cell::RefCell;
use std::time::Instant;

use super::Store;
use crate::error::ReadError;
use crate::limits;
use crate::shared::Shared;
use crate::spool::sled::{BadRow, RowError, SledSpool};
use crate::sync::{lock, read, wait_for};
use crate::types::{Direction, Row, Table, full_key};

impl Store {
    /// One row.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        let key = full_key(table as u8, key);
        self.with_repair(|shared| {
            if let Some(newer) = read(&shared.overlay).row(&key) {
                return Ok(newer.as_ref().map(|v| v.to_vec()));
            }
            if table == Table::Idem && !shared.filter.may_have(&key) {
                return Ok(None);
            }
            let found = with_spool(shared, |s| s.get(&key))?;
            if table == Table::Idem && found.is_none() {
                shared.filter.missed();
            }
            Ok(found)
        })
    }

    /// A body.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn body(&self, id: u64) -> Result<Option<Vec<u8>>, ReadError> {
        self.with_repair(|shared| {
            if let Some(newer) = read(&shared.overlay).body(id) {
                return Ok(newer.as_ref().map(|v| v.to_vec()));
            }
            with_spool(shared, |s| s.body(id))
        })
    }

    /// Whether there is a body, without reading more of it than its head.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn has_body(&self, id: u64) -> Result<bool, ReadError> {
        self.with_repair(|shared| {
            if let Some(newer) = read(&shared.overlay).body(id) {
                return Ok(newer.is_some());
            }
            with_spool(shared, |s| s.has_body(id))
        })
    }

    /// Rows of a table from `from` on (included), at most `limit` and at most
    /// [`limits::SCAN_ROWS_MAX`]: one consistent view of all acknowledged batches. Ask again from behind
    /// the last key for more.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn scan(
        &self,
        table: Table,
        from: &[u8],
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Row>, ReadError> {
        let limit = limit.min(limits::SCAN_ROWS_MAX);
        let first = full_key(table as u8, &[]);
        let end = vec![table as u8 + 1];
        let (low, high) = match direction {
            Direction::Ascending => (full_key(table as u8, from), end),
            Direction::Descending if from.is_empty() => (first, end),
            // `from` itself is included: the smallest key above it is `from` and a zero byte.
            Direction::Descending => {
                let mut high = full_key(table as u8, from);
                high.push(0);
                (first, high)
            }
        };
        self.with_repair(|shared| scan(shared, &low, &high, limit, direction))
    }

    /// Every row of a table, in no particular order and without copies: one consistent view, as in
    /// [`Self::scan`]. `visit` gets a row a second time when damage was met on the way and mended. It must not
    /// call the store.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn each(&self, table: Table, visit: impl FnMut(&[u8], &[u8])) -> Result<(), ReadError> {
        self.each_between(table, &[], None, visit)
    }

    /// The same of the rows from `from` on (included) and before `until`; `None`: to the last one. Threads may read parts of a
    /// table side by side.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn each_between(
        &self,
        table: Table,
        from: &[u8],
        until: Option<&[u8]>,
        mut visit: impl FnMut(&[u8], &[u8]),
    ) -> Result<(), ReadError> {
        let low = full_key(table as u8, from);
        let high = until.map_or_else(|| vec![table as u8 + 1], |until| full_key(table as u8, until));
        let visit = RefCell::new(&mut visit);
        let row = |key: &[u8], value: &[u8]| (visit.borrow_mut())(key.get(1..).unwrap_or_default(), value);
        self.with_repair(|shared| {
            let overlay = read(&shared.overlay);
            with_spool(shared, |spool| {
                spool.each(&low, &high, &mut |key, value| {
                    if overlay.row(key).is_none() {
                        row(key, value);
                    }
                })
            })?;
            for (key, newer) in overlay.range(&low, &high) {
                newer.iter().for_each(|value| row(key, value));
            }
            Ok(())
        })
    }

    /// Runs a read; when it meets damage, has sled rebuilt and tries once more.
    pub(super) fn with_repair<T>(
        &self,
        reader: impl Fn(&Shared) -> Result<T, RowError>,
    ) -> Result<T, ReadError> {
        let shared = &self.inner.shared;
        let why = match reader(shared) {
            Ok(v) => return Ok(v),
            Err(e) if read(&shared.spool).is_none() && lock(&shared.queue).closing => {
                log::debug!("read after closing: {e:?}");
                return Err(ReadError::Closed);
            }
            Err(RowError::Bad(bad)) => {
                self.quarantine(&bad);
                bad.why
            }
            Err(RowError::Spool(e)) => e.to_string(),
        };
        let before = shared.want_repair(why);
        let deadline = Instant::now() + limits::READ_REPAIR_WAIT;
        let mut lag = lock(&shared.lag);
        while lag.repairs_done == before {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ReadError::Repairing);
            }
            lag = wait_for(&shared.room_cv, lag, left);
        }
        drop(lag);
        match reader(shared) {
            Ok(v) => Ok(v),
            Err(RowError::Bad(bad)) => Err(ReadError::Damaged { what: bad.why }),
            Err(RowError::Spool(e)) => Err(ReadError::Unavailable { why: e.to_string() }),
        }
    }

    pub(super) fn quarantine(&self, bad: &BadRow) {
        let why = format!("row {:02x?}: {}", bad.key, bad.why);
        self.inner.shared.quarantine.bytes("row", &bad.raw, &why);
    }
}

fn with_spool<T>(
    shared: &Shared,
    work: impl FnOnce(&SledSpool) -> Result<T, RowError>,
) -> Result<T, RowError> {
    use crate::spool::sled::SpoolError;
    match read(&shared.spool).as_ref() {
        Some(spool) => work(spool),
        None => Err(SpoolError::Io("it is not open".to_owned()).into()),
    }
}

/// Merges the overlay into sled's rows. The overlay stays locked meanwhile: sled may get batches that are
/// in the overlay, which wins for their keys, but no others; so the result is the state of one moment.
fn scan(
    shared: &Shared,
    low: &[u8],
    high: &[u8],
    limit: usize,
    direction: Direction,
) -> Result<Vec<Row>, RowError> {
    let descending = direction == Direction::Descending;
    let overlay = read(&shared.overlay);
    let mut newer: Box<dyn Iterator<Item = _>> = if descending {
        Box::new(overlay.range(low, high).rev())
    } else {
        Box::new(overlay.range(low, high))
    };
    let mut next_newer = newer.next();
    let mut out: Vec<Row> = Vec::new();
    let mut bad = None;
    if limit == 0 || low >= high {
        return Ok(out);
    }
    let before = |a: &[u8], b: &[u8]| if descending { a > b } else { a < b };
    with_spool(shared, |spool| {
        let mut visit = |row: Result<Row, BadRow>| {
            let key = match &row {
                Ok((key, _)) => key.clone(),
                Err(b) => b.key.clone(),
            };
            while let Some((k, v)) = next_newer
                && before(k, &key)
            {
                if let Some(v) = v {
                    out.push((strip(k), v.to_vec()));
                    if out.len() >= limit {
                        return false;
                    }
                }
                next_newer = newer.next();
            }
            if let Some((k, v)) = next_newer
                && k == key.as_slice()
            {
                out.extend(v.as_ref().map(|v| (strip(k), v.to_vec())));
                next_newer = newer.next();
                return out.len() < limit;
            }
            match row {
                Ok((key, value)) => out.push((strip(&key), value)),
                Err(b) => {
                    bad = Some(b);
                    return false;
                }
            }
            out.len() < limit
        };
        if descending {
            spool.range_down(low, high, &mut visit)?;
        } else {
            spool.range(low, high, &mut visit)?;
        }
        Ok(())
    })?;
    if let Some(bad) = bad {
        return Err(RowError::Bad(bad));
    }
    while out.len() < limit
        && let Some((k, v)) = next_newer
    {
        out.extend(v.as_ref().map(|v| (strip(k), v.to_vec())));
        next_newer = newer.next();
    }
    Ok(out)
}

fn strip(key: &[u8]) -> Vec<u8> {
    key.get(1..).unwrap_or_default().to_vec()
}
