//! The technician's tools, on the store of a stopped daemon: check, export, rebuild. Each takes the
//! store's lock, so it refuses while a daemon runs. `check` and `export` change nothing.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::closed;
use crate::disk::{Disk, OsDisk};
use crate::error::{OfflineError, OpenError};
use crate::journal::frame::{self, Record};
use crate::journal::live::{Range, WalkError};
use crate::journal::reader::{self, Inventory, InventoryError};
use crate::lock::Lock;
use crate::maintenance::describe;
use crate::options::{OpenReport, Options};
use crate::paths::Paths;
use crate::quarantine::Quarantine;
use crate::recovery::Recovery;
use crate::spool::place::Place;
use crate::spool::sled::{RowError, SledSpool};
use crate::types::{Lsn, Table};

/// What `check` found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Number of the last batch in the journal.
    pub last_lsn: Lsn,
    /// Number of the last batch in sled.
    pub applied_lsn: Lsn,
    /// Rows and bodies that live, by the journal.
    pub records: u64,
    /// Bytes of the journal's files.
    pub journal_bytes: u64,
    /// Damage in the journal, one text for each place.
    pub journal_damage: Vec<String>,
    /// What is wrong with sled, or where it differs from the journal; the first 100 places.
    pub spool_damage: Vec<String>,
    /// Items in the quarantine, of this and earlier runs.
    pub quarantined: u64,
}

impl CheckReport {
    /// Whether nothing is wrong. A quarantine that is not empty is not wrong; it waits for a person.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.journal_damage.is_empty() && self.spool_damage.is_empty()
    }
}

/// What `export` wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportReport {
    /// Rows and bodies written.
    pub records: u64,
    /// Damaged places of the journal, whose content is missing.
    pub damaged_places: u64,
}

/// What `rebuild` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RebuildReport {
    /// What opening found and did.
    pub open: OpenReport,
    /// Rows and bodies in the new sled.
    pub records: u64,
}

/// The store's lock and what its journal has.
struct Stopped {
    paths: Paths,
    inventory: Inventory,
    store: u64,
    _lock: Lock,
}

fn stopped(dir: &Path) -> Result<Stopped, OfflineError> {
    let paths = Paths::new(dir);
    if !paths.journal.is_dir() {
        let source = io::Error::from(io::ErrorKind::NotFound);
        return Err(OpenError::Missing { dir: paths.journal, source }.into());
    }
    let lock = Lock::take(dir)?;
    let inventory = reader::inventory_at_rest(&paths.journal).map_err(|e| match e {
        InventoryError::Io(e) => OfflineError::Io(e),
        InventoryError::Newer(found) => OpenError::NewerFormat { found, known: frame::VERSION }.into(),
    })?;
    let disk: Arc<dyn Disk> = Arc::new(OsDisk);
    let current = Place::new(disk, &paths.spool).current();
    let store = inventory.store.or(current.map(|c| c.store)).unwrap_or(0);
    Ok(Stopped { paths, inventory, store, _lock: lock })
}

fn walked<T>(result: Result<T, WalkError>) -> Result<T, OfflineError> {
    result.map_err(|e| match e {
        WalkError::Io(e) => OfflineError::Io(e),
        WalkError::Stopped => OfflineError::Io(io::Error::other("stopped")),
    })
}

fn no_pause() -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Reads the whole journal and the whole of sled, and compares them. sled is copied beside the store for
/// this and the copy is read, since opening sled writes to it; that takes as much room again.
///
/// # Errors
/// The store is in use, missing, or cannot be read at all. Damage is in the report.
pub fn check(dir: &Path) -> Result<CheckReport, OfflineError> {
    let s = stopped(dir)?;
    let range = Range { inventory: &s.inventory, store: s.store, last: Lsn::MAX };
    let map = walked(range.map(&mut no_pause))?;
    let quarantine = dir.join("quarantine");
    let reasons = std::fs::read_dir(quarantine)
        .map(|d| d.flatten().filter(|e| e.path().extension().is_some_and(|x| x == "reason")).count());
    let mut report = CheckReport {
        last_lsn: map.last_lsn,
        records: map.len(),
        journal_bytes: s.inventory.bytes(),
        journal_damage: map.damage.iter().map(describe).collect(),
        quarantined: reasons.unwrap_or(0) as u64,
        ..CheckReport::default()
    };
    let copy = Copy(dir.join("check.tmp"));
    check_spool(&s, &copy.0, &mut report)?;
    Ok(report)
}

/// A directory that goes when the check is over.
struct Copy(PathBuf);

impl Drop for Copy {
    fn drop(&mut self) {
        // What is left is removed by the next check.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn check_spool(s: &Stopped, copy: &Path, report: &mut CheckReport) -> Result<(), OfflineError> {
    let disk: Arc<dyn Disk> = Arc::new(OsDisk);
    let damage = &mut report.spool_damage;
    let Some(current) = Place::new(Arc::clone(&disk), &s.paths.spool).current() else {
        damage.push("there is no current spool".to_owned());
        return Ok(());
    };
    if copy.exists() {
        std::fs::remove_dir_all(copy).map_err(OfflineError::Io)?;
    }
    if let Err(e) = copy_dir(&current.dir, copy) {
        damage.push(format!("it could not be copied for the check: {e}"));
        return Ok(());
    }
    let spool = match SledSpool::open(&disk, copy, &s.paths.bodies) {
        Ok(spool) => spool,
        Err(e) => {
            damage.push(e.to_string());
            return Ok(());
        }
    };
    let state = spool.state();
    report.applied_lsn = state.applied;
    match spool.verify(|| false) {
        Ok(()) => {}
        Err(RowError::Bad(bad)) => damage.push(format!("row {:02x?}: {}", bad.key, bad.why)),
        Err(RowError::Spool(e)) => damage.push(e.to_string()),
    }
    if state.store != s.store {
        damage.push("it is empty or belongs to another store".to_owned());
        return Ok(());
    }
    if state.applied < s.inventory.checkpoint_lsn() || state.applied > report.last_lsn {
        damage.push(format!("it is at batch {}, the journal ends at {}", state.applied, report.last_lsn));
        return Ok(());
    }
    let range = Range { inventory: &s.inventory, store: s.store, last: state.applied };
    let map = walked(range.map(&mut no_pause))?;
    if map.damage.is_empty() && map.len() != state.records {
        damage.push(format!("it has {} records, the journal {}", state.records, map.len()));
    }
    walked(range.live(&map, &mut no_pause, &mut |record| {
        let differs = match record {
            Record::Put { key, value } => match spool.get(key) {
                Ok(found) if found.as_deref() == Some(*value) => None,
                Ok(_) => Some(format!("row {key:02x?} differs from the journal")),
                Err(e) => Some(format!("row {key:02x?}: {e:?}")),
            },
            Record::PutBody { id, bytes } => match spool.body(*id) {
                Ok(found) if found.as_deref() == Some(*bytes) => None,
                Ok(_) => Some(format!("body {id} differs from the journal")),
                Err(e) => Some(format!("body {id}: {e:?}")),
            },
            Record::Delete { .. } | Record::DeleteBody { .. } => None,
        };
        damage.extend(differs);
        if damage.len() < 100 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }))
    .or_else(|e| if damage.len() < 100 { Err(e) } else { Ok(()) })
}

fn copy_dir(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.metadata()?.is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Writes everything that lives as JSON lines, from the journal alone: a head line, one line for each row
/// (`{"table":"job","key":"<hex>","value":"<hex>"}`) and body (`{"body":7,"bytes":"<hex>"}`), an end line.
/// What the values mean is not known here.
///
/// # Errors
/// The store is in use, missing, or cannot be read; the output cannot be written.
pub fn export(dir: &Path, out: &mut dyn Write) -> Result<ExportReport, OfflineError> {
    let s = stopped(dir)?;
    let range = Range { inventory: &s.inventory, store: s.store, last: Lsn::MAX };
    let map = walked(range.map(&mut no_pause))?;
    let mut report = ExportReport { records: 0, damaged_places: map.damage.len() as u64 };
    writeln!(out, r#"{{"format":"receiptd-store","version":1,"last_lsn":{}}}"#, map.last_lsn)
        .map_err(OfflineError::Output)?;
    let mut failed = None;
    let done = range.live(&map, &mut no_pause, &mut |record| match export_record(out, record) {
        Ok(()) => {
            report.records += 1;
            ControlFlow::Continue(())
        }
        Err(e) => {
            failed = Some(e);
            ControlFlow::Break(())
        }
    });
    if let Some(e) = failed {
        return Err(OfflineError::Output(e));
    }
    walked(done)?;
    writeln!(
        out,
        r#"{{"end":true,"records":{},"damaged_places":{}}}"#,
        report.records, report.damaged_places
    )
    .and_then(|()| out.flush())
    .map_err(OfflineError::Output)?;
    Ok(report)
}

fn export_record(out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
    match record {
        Record::Put { key, value } => {
            let (table, key) = key.split_first().map_or((0, &[][..]), |(t, k)| (*t, k));
            let name = Table::from_byte(table).map_or("unknown", Table::name);
            write!(out, r#"{{"table":"{name}","key":""#)?;
            hex(out, key)?;
            write!(out, r#"","value":""#)?;
            hex(out, value)?;
            writeln!(out, r#""}}"#)
        }
        Record::PutBody { id, bytes } => {
            write!(out, r#"{{"body":{id},"bytes":""#)?;
            hex(out, bytes)?;
            writeln!(out, r#""}}"#)
        }
        Record::Delete { .. } | Record::DeleteBody { .. } => Ok(()),
    }
}

fn hex(out: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| DIGITS.get(usize::from(n & 15)).copied().unwrap_or(b'?');
    let mut text = Vec::with_capacity(1024);
    for part in bytes.chunks(512) {
        text.clear();
        text.extend(part.iter().flat_map(|b| [digit(b >> 4), digit(*b)]));
        out.write_all(&text)?;
    }
    Ok(())
}

/// Builds sled anew from the journal. The old sled is moved aside, not removed.
///
/// # Errors
/// As opening the store.
pub fn rebuild(dir: &Path) -> Result<RebuildReport, OfflineError> {
    drop(stopped(dir)?);
    let options = Options::new(dir);
    let paths = Paths::new(dir);
    paths.make()?;
    let _lock = Lock::take(dir)?;
    let place = Place::new(Arc::clone(&options.disk), &paths.spool);
    let quarantine = Quarantine::new(Arc::clone(&options.disk), dir);
    let recovery = Recovery {
        options: &options,
        paths: &paths,
        place: &place,
        quarantine: &quarantine,
        force: true,
        closed: closed::take(options.disk.as_ref(), dir),
    };
    let recovered = recovery.run()?;
    Ok(RebuildReport { records: recovered.spool.state().records, open: recovered.report })
}
