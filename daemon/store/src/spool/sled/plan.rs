//! What applying batches writes, put together before anything is written: rows, body files, and the counts that
//! follow.

use std::collections::BTreeMap;

use super::super::body::{self, Head, Placed};
use super::super::envelope;
use super::{SledSpool, SpoolError, State, guarded, is_record};
use crate::types::Change;

/// The rows one `apply` writes, with the counts that follow from them.
pub(super) struct Plan<'a> {
    spool: &'a SledSpool,
    pub(super) rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pub(super) state: State,
    pub(super) files_gone: Vec<u64>,
    pub(super) files_made: bool,
}

impl<'a> Plan<'a> {
    pub(super) fn new(spool: &'a SledSpool) -> Self {
        Self { spool, rows: BTreeMap::new(), state: spool.state(), files_gone: Vec::new(), files_made: false }
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
                } else {
                    for (n, chunk) in body::chunks(bytes) {
                        self.set(&body::key(*id, n), Some(chunk))?;
                    }
                }
                self.set(&body::key(*id, 0), Some(&head.encode()))
            }
        }
    }

    /// The stored form of a row as it will be after what is planned so far.
    fn current(&self, key: &[u8]) -> Result<Option<Vec<u8>>, SpoolError> {
        match self.rows.get(key) {
            Some(planned) => Ok(planned.clone()),
            None => guarded("get", || self.spool.db.get(key)).map(|v| v.map(|v| v.to_vec())),
        }
    }

    fn set(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), SpoolError> {
        let old = match self.rows.get(key) {
            Some(planned) => planned.as_ref().map(Vec::len),
            None => guarded("get", || self.spool.db.get(key))?.map(|v| v.len()),
        };
        let record = u64::from(is_record(key));
        if let Some(len) = old {
            self.state.rows = self.state.rows.saturating_sub(1);
            self.state.records = self.state.records.saturating_sub(record);
            self.state.live_bytes = self.state.live_bytes.saturating_sub((key.len() + len) as u64);
        }
        if let Some(value) = value {
            self.state.rows += 1;
            self.state.records += record;
            self.state.live_bytes += (key.len() + value.len() + envelope::OVERHEAD) as u64;
        }
        self.rows.insert(key.to_vec(), value.map(|v| envelope::wrap(key, v)));
        Ok(())
    }

    fn remove_body(&mut self, id: u64) -> Result<(), SpoolError> {
        let key = body::key(id, 0);
        let Some(raw) = self.current(&key)? else { return Ok(()) };
        let head = envelope::unwrap(&key, &raw)
            .ok()
            .and_then(Head::decode)
            .ok_or_else(|| SpoolError::Broken(format!("the head of body {id} is damaged")))?;
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
