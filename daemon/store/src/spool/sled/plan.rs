//! What applying batches writes, put together before anything is written: rows, body files, and the counts that
//! follow.

use std::collections::BTreeMap;

use super::super::body::{self, Head, Placed};
use super::super::down::number_of;
use super::super::envelope;
use super::{SledSpool, SpoolError, State, guarded, is_record};
use crate::sync::lock;
use crate::types::{BODY, Change, Table};

/// What becomes of one row.
pub(super) struct Planned {
    /// sled has it now.
    pub(super) stored: bool,
    /// Its stored form afterwards; `None`: it goes.
    pub(super) value: Option<Vec<u8>>,
}

/// The tables whose keys begin with a number that grows.
const GROWING: [u8; 3] = [Table::Job as u8, BODY, Table::Active as u8];

/// The greatest number in each growing table, or one above it: what is beyond need not be looked for, which was a third
/// of an apply. `None` until it was needed.
pub(super) type Tops = [Option<u64>; GROWING.len()];

/// The rows one `apply` writes, with the counts that follow from them.
pub(super) struct Plan<'a> {
    spool: &'a SledSpool,
    pub(super) rows: BTreeMap<Vec<u8>, Planned>,
    pub(super) tops: Tops,
    pub(super) state: State,
    pub(super) files_gone: Vec<u64>,
    pub(super) files_made: bool,
}

impl<'a> Plan<'a> {
    pub(super) fn new(spool: &'a SledSpool) -> Self {
        Self {
            spool,
            rows: BTreeMap::new(),
            tops: *lock(&spool.tops),
            state: spool.state(),
            files_gone: Vec::new(),
            files_made: false,
        }
    }

    pub(super) fn add(&mut self, change: &Change) -> Result<(), SpoolError> {
        match change {
            Change::Put { key, value } => self.set(key, Some(value)),
            Change::Delete { key } => self.set(key, None),
            Change::DeleteBody { id } => self.remove_body(*id),
            Change::PutBody { id, bytes } => {
                self.remove_body(*id)?;
                let head = Head::of(bytes);
                if head.placed == Placed::File {
                    let whole =
                        body::read_file(&self.spool.bodies, *id).is_ok_and(|old| old[..] == bytes[..]);
                    if !whole {
                        body::write_file(self.spool.disk.as_ref(), &self.spool.bodies, *id, bytes).map_err(
                            |e| {
                                if crate::error::is_full(&e) {
                                    SpoolError::Full(format!("writing a body file: {e}"))
                                } else {
                                    SpoolError::Io(format!("writing a body file: {e}"))
                                }
                            },
                        )?;
                    }
                    self.files_made = true;
                    self.files_gone.retain(|gone| gone != id);
                    self.state.body_bytes += head.file_bytes();
                } else if head.placed == Placed::Rows {
                    for (n, chunk) in body::chunks(bytes) {
                        self.set(&body::key(*id, n), Some(chunk))?;
                    }
                }
                self.set(&body::key(*id, 0), Some(&head.encode(bytes)))
            }
        }
    }

    /// A row of sled as it lies there.
    fn stored(&mut self, key: &[u8]) -> Result<Option<sled::IVec>, SpoolError> {
        if self.is_beyond(key)? { Ok(None) } else { guarded("get", || self.spool.db.get(key)) }
    }

    /// Whether sled can't have this row, since its number is greater than all that are there.
    fn is_beyond(&mut self, key: &[u8]) -> Result<bool, SpoolError> {
        // A shorter key lies below the row with its number.
        if key.len() <= size_of::<u64>() {
            return Ok(false);
        }
        let Some((top, table)) = self.tops.iter_mut().zip(GROWING).find(|(_, t)| key.first() == Some(t))
        else {
            return Ok(false);
        };
        let top = match *top {
            Some(top) => top,
            None => *top.insert(self.spool.greatest(&[table], &[table + 1])?.unwrap_or(0)),
        };
        Ok(number_of(key) > top)
    }

    /// This row will be there.
    fn raise(&mut self, key: &[u8]) {
        if let Some((Some(top), _)) = self.tops.iter_mut().zip(GROWING).find(|(_, t)| key.first() == Some(t))
        {
            *top = number_of(key).max(*top);
        }
    }

    fn set(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), SpoolError> {
        let (stored, old) = match self.rows.get(key) {
            Some(planned) => (planned.stored, planned.value.as_ref().map(Vec::len)),
            None => {
                let len = self.stored(key)?.map(|v| v.len());
                (len.is_some(), len)
            }
        };
        let record = u64::from(is_record(key));
        if let Some(len) = old {
            self.state.rows = self.state.rows.saturating_sub(1);
            self.state.records = self.state.records.saturating_sub(record);
            self.state.live_bytes = self.state.live_bytes.saturating_sub((key.len() + len) as u64);
        }
        if let Some(value) = value {
            self.raise(key);
            self.state.rows += 1;
            self.state.records += record;
            self.state.live_bytes += (key.len() + value.len() + envelope::OVERHEAD) as u64;
        }
        let value = value.map(|v| envelope::wrap(key, v));
        self.rows.insert(key.to_vec(), Planned { stored, value });
        Ok(())
    }

    fn remove_body(&mut self, id: u64) -> Result<(), SpoolError> {
        let key = body::key(id, 0);
        let damaged = || SpoolError::Broken(format!("the head of body {id} is damaged"));
        let head_of = |raw: &[u8]| {
            let row = envelope::unwrap(&key, raw).ok().and_then(Head::decode);
            row.map(|(head, _)| head).ok_or_else(damaged)
        };
        let head = match self.rows.get(&key[..]) {
            Some(planned) => planned.value.as_deref().map(head_of),
            None => self.stored(&key)?.as_deref().map(head_of),
        };
        let Some(head) = head.transpose()? else { return Ok(()) };
        for n in 1..=head.chunks() {
            self.set(&body::key(id, n), None)?;
        }
        if head.placed == Placed::File {
            self.state.body_bytes = self.state.body_bytes.saturating_sub(head.file_bytes());
            self.files_gone.push(id);
        }
        self.set(&key, None)
    }
}
