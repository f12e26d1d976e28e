//! One sled store: opening it safely, applying durable batches with a sync of our own, reading rows and
//! checking them. It knows nothing of the journal; what to do about damage is decided above.
//!
//! What sled 0.34.7 needs from its user, all of it measured in power cuts: after each `flush` an
//! `fdatasync` of the file `db` (its own `sync_file_range` saves nothing); never two commits without that
//! sync between them; never `flush_async` (it deadlocks); no value above 4 KB; no `snap.*.generating` left
//! from a crash; and an open that may panic, hang or show an empty store.

mod open;
mod plan;
#[cfg(test)]
mod tests;

use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use self::open::{open_limited, remove_half_snapshots};
use self::plan::{Plan, Tops};
use super::body::{self, Head, Placed};
use super::envelope;
use crate::disk::{Disk, DiskFile};
use crate::limits;
use crate::sync::lock;
use crate::types::{BODY, Durable, INTERNAL, Lsn, Row};

/// The row in which sled's side of the bookkeeping lies; written with every batch.
const STATE_KEY: &[u8] = &[INTERNAL, b's'];

/// What the spool says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// Number of the store it belongs to.
    pub store: u64,
    /// Everything up to here is in it.
    pub applied: Lsn,
    /// sled rows, chunks included, this row not.
    pub rows: u64,
    /// Rows of the tables plus bodies: what the journal counts.
    pub records: u64,
    /// Bytes of keys and values of these rows.
    pub live_bytes: u64,
    /// Bytes of body files.
    pub body_bytes: u64,
}

impl State {
    fn encode(&self) -> Vec<u8> {
        [self.store, self.applied, self.rows, self.records, self.live_bytes, self.body_bytes]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut n = bytes.chunks_exact(8).map(|c| c.try_into().map(u64::from_le_bytes).unwrap_or(0));
        Some(Self {
            store: n.next()?,
            applied: n.next()?,
            rows: n.next()?,
            records: n.next()?,
            live_bytes: n.next()?,
            body_bytes: n.next()?,
        })
    }
}

/// Why the spool did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpoolError {
    /// There is no room; drop it, make room, open it again.
    #[error("no room for the spool: {0}")]
    Full(String),
    /// The system refused; drop it and open it again.
    #[error("the spool could not be written: {0}")]
    Io(String),
    /// It cannot be trusted any more: rebuild it.
    #[error("the spool is damaged: {0}")]
    Broken(String),
}

/// A row that cannot be read, with what is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    pub key: Vec<u8>,
    pub raw: Vec<u8>,
    pub why: String,
}

/// Why a read gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowError {
    Bad(BadRow),
    Spool(SpoolError),
}

impl From<SpoolError> for RowError {
    fn from(e: SpoolError) -> Self {
        Self::Spool(e)
    }
}

/// One open sled store.
#[derive(Debug)]
pub struct SledSpool {
    db: sled::Db,
    sync: Box<dyn DiskFile>,
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    bodies: PathBuf,
    state: Mutex<State>,
    tops: Mutex<Tops>,
}

/// What was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// So many of the batches.
    pub batches: usize,
    /// The number of the last one.
    pub last: Lsn,
}

/// sled's pool threads wake up once a second each, for ever. They inherit the timer slack of the thread
/// that starts them, so sled is only ever called for writing or opening with a large one: then the kernel
/// lets their timeouts ride along with other interrupts instead of waking the processor for them.
fn with_lazy_timers<T>(work: impl FnOnce() -> T) -> T {
    const SLACK: Option<NonZeroU64> = NonZeroU64::new(60_000_000_000);
    // Only a saving: where the system does not know it, nothing is lost.
    let _ = rustix::thread::set_current_timer_slack(SLACK);
    let out = work();
    let _ = rustix::thread::set_current_timer_slack(None);
    out
}

/// Runs a sled call; a panic inside sled means that it can no longer be trusted.
fn guarded<T>(what: &str, call: impl FnOnce() -> sled::Result<T>) -> Result<T, SpoolError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(v)) => Ok(v),
        Ok(Err(e)) => Err(classify(what, &e)),
        Err(panic) => Err(SpoolError::Broken(format!("{what}: sled panicked: {}", panic_text(&*panic)))),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_else(|| "(no text)".to_owned())
}

fn classify(what: &str, e: &sled::Error) -> SpoolError {
    match e {
        sled::Error::Io(io) if crate::error::is_full(io) => SpoolError::Full(format!("{what}: {io}")),
        sled::Error::Io(io) if io.kind() == std::io::ErrorKind::Other && io.to_string().contains("lock") => {
            SpoolError::Io(format!("{what}: {io}"))
        }
        sled::Error::Io(io) => SpoolError::Io(format!("{what}: {io}")),
        other => SpoolError::Broken(format!("{what}: {other}")),
    }
}

impl SledSpool {
    /// Opens or creates the store in `dir`, within `limits::SLED_OPEN_MAX`, and makes what it wrote while
    /// opening durable.
    ///
    /// # Errors
    /// See [`SpoolError`]; after an error the directory must not be opened a second time as it is, since a
    /// failing open of sled writes to its files.
    pub fn open(disk: &Arc<dyn Disk>, dir: &Path, bodies: &Path) -> Result<Self, SpoolError> {
        let io = |what: &str, e: std::io::Error| {
            if crate::error::is_full(&e) {
                SpoolError::Full(format!("{what}: {e}"))
            } else {
                SpoolError::Io(format!("{what}: {e}"))
            }
        };
        std::fs::create_dir_all(dir).map_err(|e| io("making the directory", e))?;
        remove_half_snapshots(disk.as_ref(), dir).map_err(|e| io("removing a half-written snapshot", e))?;
        let db = open_limited(dir)?;
        let sync = disk.open_for_sync(&dir.join("db")).map_err(|e| io("opening db for its sync", e))?;
        sync.sync().map_err(|e| io("fdatasync of db", e))?;
        disk.sync_dir(dir).map_err(|e| io("fsync of the directory", e))?;
        let spool = Self {
            db,
            sync,
            disk: Arc::clone(disk),
            dir: dir.to_owned(),
            bodies: bodies.to_owned(),
            state: Mutex::default(),
            tops: Mutex::default(),
        };
        let raw = guarded("reading the state", || spool.db.get(STATE_KEY))?;
        if let Some(raw) = raw {
            let value = envelope::unwrap(STATE_KEY, &raw)
                .map_err(|why| SpoolError::Broken(format!("the state row is damaged: {why}")))?;
            *lock(&spool.state) = State::decode(value)
                .ok_or_else(|| SpoolError::Broken("the state row is too short".to_owned()))?;
        }
        Ok(spool)
    }

    /// What it says about itself; all zero for a fresh one.
    pub fn state(&self) -> State {
        *lock(&self.state)
    }

    /// Where it lies.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Bytes on disk.
    pub fn file_bytes(&self) -> u64 {
        dir_bytes(&self.dir)
    }

    /// Gives a fresh spool its store number and starting point, durably.
    ///
    /// # Errors
    /// See [`SpoolError`].
    pub fn set_origin(&self, store: u64, applied: Lsn) -> Result<(), SpoolError> {
        let state = State { store, applied, ..self.state() };
        self.write(sled::Batch::default(), state)
    }

    /// Applies the first of these batches as one sled batch and syncs it: as many as
    /// [`limits::SLED_BATCH_ROWS_MAX`] and [`limits::SLED_BATCH_BYTES_MAX`] let in, the first in any case. Files of
    /// deleted bodies are removed when it is durable.
    ///
    /// # Errors
    /// See [`SpoolError`]. The batches may or may not be in it then; applying them again is right.
    pub fn apply<'a>(&self, batches: impl Iterator<Item = &'a Durable>) -> Result<Applied, SpoolError> {
        let mut plan = Plan::new(self);
        let (mut done, mut bytes) = (Applied { batches: 0, last: plan.state.applied }, 0);
        for batch in batches {
            bytes += batch.weight;
            let rows = plan.rows.len() + batch.rows();
            let fits = rows <= limits::SLED_BATCH_ROWS_MAX && bytes <= limits::SLED_BATCH_BYTES_MAX;
            if done.batches > 0 && !fits {
                break;
            }
            for change in &batch.changes {
                plan.add(change)?;
            }
            done = Applied { batches: done.batches + 1, last: batch.lsn };
        }
        let Plan { rows, mut state, files_gone, files_made, tops, .. } = plan;
        *lock(&self.tops) = tops;
        state.applied = done.last;
        if files_made {
            self.disk.sync_dir(&self.bodies).map_err(|e| SpoolError::Io(format!("fsync of bodies: {e}")))?;
        }
        let mut batch = sled::Batch::default();
        for (key, planned) in rows {
            match planned.value {
                Some(v) => batch.insert(key, v),
                None if planned.stored => batch.remove(key),
                None => {}
            }
        }
        self.write(batch, state)?;
        for id in files_gone {
            // A file that stays behind is an orphan; the maintenance sweep takes it.
            let _ = self.disk.remove(&body::path(&self.bodies, id));
        }
        Ok(done)
    }

    /// One sled commit: batch and state together, flush, fdatasync.
    fn write(&self, mut batch: sled::Batch, state: State) -> Result<(), SpoolError> {
        batch.insert(STATE_KEY, envelope::wrap(STATE_KEY, &state.encode()));
        with_lazy_timers(|| {
            guarded("apply_batch", || self.db.apply_batch(batch))?;
            guarded("flush", || self.db.flush())
        })?;
        self.sync.sync().map_err(|e| {
            if crate::error::is_full(&e) {
                SpoolError::Full(e.to_string())
            } else {
                SpoolError::Io(format!("fdatasync of db: {e}"))
            }
        })?;
        *lock(&self.state) = state;
        Ok(())
    }

    /// One row by its full key.
    ///
    /// # Errors
    /// The row or the spool is damaged.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, RowError> {
        let Some(raw) = guarded("get", || self.db.get(key))? else { return Ok(None) };
        unwrap_row(key, &raw).map(|v| Some(v.to_vec()))
    }

    /// Rows of `low..high` in order, as they lie: for whoever reads many and keeps none.
    ///
    /// # Errors
    /// The row that `visit` could not be given, or the spool, is damaged.
    pub fn each(&self, low: &[u8], high: &[u8], visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), RowError> {
        let mut iter = self.db.range::<&[u8], _>(low..high);
        while let Some((key, raw)) = guarded("range", || iter.next().transpose())? {
            if key.first() == Some(&INTERNAL) {
                continue;
            }
            visit(&key, unwrap_row(&key, &raw)?);
        }
        Ok(())
    }

    /// Rows of `low..high` in order, until `visit` says stop. Bad rows are delivered as such.
    ///
    /// # Errors
    /// The spool is damaged.
    pub fn range(
        &self,
        low: &[u8],
        high: &[u8],
        visit: &mut dyn FnMut(Result<Row, BadRow>) -> bool,
    ) -> Result<(), SpoolError> {
        let mut iter = self.db.range::<&[u8], _>(low..high);
        loop {
            let item = guarded("range", || iter.next().transpose())?;
            let Some((key, raw)) = item else { return Ok(()) };
            if key.first() == Some(&INTERNAL) {
                continue;
            }
            let row = match unwrap_row(&key, &raw) {
                Ok(v) => Ok((key.to_vec(), v.to_vec())),
                Err(RowError::Bad(bad)) => Err(bad),
                Err(RowError::Spool(e)) => return Err(e),
            };
            if !visit(row) {
                return Ok(());
            }
        }
    }

    /// Whether there is a body.
    pub fn has_body(&self, id: u64) -> Result<bool, RowError> {
        Ok(self.get(&body::key(id, 0))?.is_some())
    }

    /// A body.
    ///
    /// # Errors
    /// One of its rows, its file or the spool is damaged.
    pub fn body(&self, id: u64) -> Result<Option<Vec<u8>>, RowError> {
        let head_key = body::key(id, 0);
        let Some(row) = self.get(&head_key)? else { return Ok(None) };
        let bad = |raw: Vec<u8>, why: String| {
            RowError::Bad(BadRow { key: head_key.to_vec(), raw, why: format!("body {id}: {why}") })
        };
        let Some((head, inside)) = Head::decode(&row) else {
            return Err(bad(row, "its head has an unknown form".to_owned()));
        };
        let bytes = match head.placed {
            Placed::Head => inside.to_vec(),
            Placed::File => body::read_file(&self.bodies, id).map_err(|why| bad(Vec::new(), why))?,
            Placed::Rows => {
                let mut bytes = Vec::with_capacity(head.len as usize);
                for n in 1..=head.chunks() {
                    match self.get(&body::key(id, n))? {
                        Some(chunk) => bytes.extend_from_slice(&chunk),
                        None => return Err(bad(bytes, format!("chunk {n} is missing"))),
                    }
                }
                bytes
            }
        };
        if head.matches(&bytes) {
            Ok(Some(bytes))
        } else {
            Err(bad(bytes, "its bytes do not match its head".to_owned()))
        }
    }

    /// Reads everything and compares the counts with the state: finds rows that are damaged, and a sled
    /// that silently lost some. `pause` may end it early, which finds nothing wrong.
    ///
    /// # Errors
    /// What is wrong.
    pub fn verify(&self, mut pause: impl FnMut() -> bool) -> Result<(), RowError> {
        let want = self.state();
        let mut found = State { store: want.store, applied: want.applied, ..State::default() };
        let mut bad = None;
        let mut stopped = false;
        let mut files = Vec::new();
        self.range(&[], &[0xff; 2], &mut |row| {
            if pause() {
                stopped = true;
                return false;
            }
            match row {
                Ok((key, value)) => {
                    found.rows += 1;
                    found.live_bytes += (key.len() + value.len() + envelope::OVERHEAD) as u64;
                    found.records += u64::from(is_record(&key));
                    if is_body_head(&key)
                        && let Some((head, _)) = Head::decode(&value)
                    {
                        found.body_bytes += head.file_bytes();
                        if head.placed == Placed::File {
                            files.extend(
                                key.get(1..9).and_then(|k| k.try_into().ok()).map(u64::from_be_bytes),
                            );
                        }
                    }
                    true
                }
                Err(b) => {
                    bad = Some(b);
                    false
                }
            }
        })?;
        if let Some(bad) = bad {
            return Err(RowError::Bad(bad));
        }
        if stopped {
            return Ok(());
        }
        if found != want {
            return Err(SpoolError::Broken(format!(
                "it holds {} rows, {} records and {} bytes instead of {}, {} and {}",
                found.rows, found.records, found.live_bytes, want.rows, want.records, want.live_bytes
            ))
            .into());
        }
        for id in files {
            if pause() {
                return Ok(());
            }
            self.body(id)?;
        }
        Ok(())
    }
}

/// Whether a full key is a row of a table or the head of a body.
pub fn is_record(key: &[u8]) -> bool {
    key.first() != Some(&BODY) || is_body_head(key)
}

/// Whether a full key is the head of a body.
pub fn is_body_head(key: &[u8]) -> bool {
    key.first() == Some(&BODY) && key.ends_with(&[0, 0]) && key.len() == 11
}

fn unwrap_row<'a>(key: &[u8], raw: &'a [u8]) -> Result<&'a [u8], RowError> {
    envelope::unwrap(key, raw)
        .map_err(|why| RowError::Bad(BadRow { key: key.to_vec(), raw: raw.to_vec(), why }))
}

/// Bytes of the files below a directory.
pub fn dir_bytes(dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries
        .flatten()
        .map(|e| match e.metadata() {
            Ok(m) if m.is_dir() => dir_bytes(&e.path()),
            Ok(m) => m.len(),
            Err(_) => 0,
        })
        .sum()
}
