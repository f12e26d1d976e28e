//! Opening: what the journal has, what sled has, and how they are brought together. In the normal case it
//! reads one journal segment and one row of sled. Everything that takes long happens only after damage.

use std::ops::ControlFlow;

use crate::error::OpenError;
use crate::journal::cleaner::{self, CleanError};
use crate::journal::live::Range;
use crate::journal::reader::{
    self, Damage, Inventory, InventoryError, JournalFile, Next, read_file, segment_name,
};
use crate::journal::writer::{Tail, new_store_number};
use crate::limits;
use crate::maintenance::describe;
use crate::options::{OpenReport, Options};
use crate::paths::Paths;
use crate::quarantine::Quarantine;
use crate::spool::place::Place;
use crate::spool::rebuild::{self, RebuildError};
use crate::spool::sled::{RowError, SledSpool, SpoolError};
use crate::types::{Durable, Lsn};

/// A store brought together, before its threads start.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) store: u64,
    pub(crate) spool: SledSpool,
    /// Durable batches that sled does not have yet.
    pub(crate) pending: Vec<Durable>,
    /// Where the journal is written on.
    pub(crate) tail: Option<Tail>,
    /// First number and attempt of the last segment, whether it is written on or not.
    pub(crate) last_name: Option<(Lsn, u32)>,
    /// See [`Inventory::next_spare`].
    pub(crate) next_spare: u64,
    pub(crate) next_lsn: Lsn,
    pub(crate) journal_bytes: u64,
    pub(crate) report: OpenReport,
}

/// What recovery works with.
pub(crate) struct Recovery<'a> {
    pub(crate) options: &'a Options,
    pub(crate) paths: &'a Paths,
    pub(crate) place: &'a Place,
    pub(crate) quarantine: &'a Quarantine,
    /// Builds sled anew even if it is usable, because a person asked for it.
    pub(crate) force: bool,
    /// The last batch by the note of a clean close, or 0.
    pub(crate) closed: Lsn,
}

/// The batches of the journal above a number.
#[derive(Debug, Default)]
struct Above {
    batches: Vec<Durable>,
    weight: usize,
    damage: Vec<Damage>,
    tail: Option<Tail>,
    next_lsn: Lsn,
    /// The journal does not reach down to the number.
    too_new: bool,
}

impl Recovery<'_> {
    /// Brings journal and sled together.
    ///
    /// # Errors
    /// Only what no rebuild can help with: the disk, the directory, a newer format.
    pub(crate) fn run(&self) -> Result<Recovered, OpenError> {
        let mut report = OpenReport::default();
        let inv = self.journal()?;
        let current = self.place.current();
        if let Err(e) = self.place.sweep(current.as_ref().map(|c| c.dir.as_path())) {
            // Somebody else's files, say. They take room and are not looked at; nobody must wait for their removal.
            log::warn!("what is left of an earlier spool could not be removed: {e}");
        }
        let opened = match &current {
            Some(c) if c.dir.is_dir() => {
                Some(SledSpool::open(&self.options.disk, &c.dir, &self.paths.bodies))
            }
            Some(_) => Some(Err(SpoolError::Broken("its directory is missing".to_owned()))),
            None => None,
        };
        let no_journal = inv.checkpoint.is_none() && inv.segments.is_empty();
        if no_journal && opened.is_none() {
            return self.fresh(report);
        }
        let spool_store = opened.as_ref().and_then(|o| o.as_ref().ok()).map(|s| s.state().store);
        let store = inv
            .store
            .or(current.as_ref().map(|c| c.store))
            .or(spool_store.filter(|s| *s != 0))
            .unwrap_or_else(|| new_store_number(&self.paths.root));
        let usable = match opened {
            None => Err((None, "there was none".to_owned())),
            Some(Err(SpoolError::Full(why))) => {
                return Err(OpenError::DiskFull { source: std::io::Error::other(why) });
            }
            Some(Err(e)) => Err((None, e.to_string())),
            Some(Ok(s)) if s.state().store == 0 => Err((None, "it opened empty".to_owned())),
            Some(Ok(s)) if s.state().store != store => Err((None, "it belongs to another store".to_owned())),
            Some(Ok(s)) if s.state().applied < inv.checkpoint_lsn() => {
                Err((Some(s), "it is older than the journal's checkpoint".to_owned()))
            }
            Some(Ok(s)) if self.force => Err((Some(s), "it was asked for".to_owned())),
            Some(Ok(s)) => match self.check(&s) {
                Ok(()) => Ok(s),
                Err(why) => Err((Some(s), why)),
            },
        };
        match usable {
            Ok(spool) => self.join(store, &inv, spool, report),
            Err((old, why)) => {
                report.rebuilt = Some(why);
                self.build(store, &inv, old, report)
            }
        }
    }

    /// The files of the journal, with foreign ones put away and half-made ones removed.
    fn journal(&self) -> Result<Inventory, OpenError> {
        let io = |e| OpenError::io("reading the journal", e);
        let mut inv = reader::inventory_at_rest(&self.paths.journal).map_err(|e| match e {
            InventoryError::Io(e) => io(e),
            InventoryError::Newer(found) => {
                OpenError::NewerFormat { found, known: crate::journal::frame::VERSION }
            }
        })?;
        for path in &inv.foreign {
            self.quarantine.file(path, "it is not a file of this journal");
            self.options.disk.remove(path).map_err(io)?;
        }
        for path in inv.temporary.iter().chain(&inv.stale) {
            self.options.disk.remove(path).map_err(io)?;
        }
        for segment in inv.segments.iter_mut().filter(|s| s.unnamed) {
            let path = self.paths.journal.join(segment_name(segment.first_lsn, segment.attempt));
            self.options.disk.rename(&segment.path, &path).map_err(io)?;
            (segment.path, segment.unnamed) = (path, false);
        }
        if inv.has_unnamed {
            // What goes into the journal from here on relies on what became of it.
            self.options.disk.sync_dir(&self.paths.journal).map_err(io)?;
        }
        Ok(inv)
    }

    fn check(&self, spool: &SledSpool) -> Result<(), String> {
        if spool.state().rows > self.options.verify_rows_at_open {
            return Ok(());
        }
        match spool.verify(|| false) {
            Ok(()) => Ok(()),
            Err(RowError::Bad(bad)) => {
                self.quarantine.bytes("row", &bad.raw, &format!("row {:02x?}: {}", bad.key, bad.why));
                Err(format!("a row is damaged: {}", bad.why))
            }
            Err(RowError::Spool(e)) => Err(e.to_string()),
        }
    }

    fn fresh(&self, mut report: OpenReport) -> Result<Recovered, OpenError> {
        report.fresh = self.closed == 0;
        if self.closed > 0 {
            report.lost = true;
            report
                .journal_damage
                .push("journal and spool are missing; a clean close had left them".to_owned());
            report.damaged_batches.push((1, self.closed));
        }
        let store = new_store_number(&self.paths.root);
        let spool = self.new_spool(store)?;
        let (pending, tail, last_name) = (Vec::new(), None, None);
        let (next_spare, next_lsn, journal_bytes) = (0, 1, 0);
        Ok(Recovered { store, spool, pending, tail, last_name, next_spare, next_lsn, journal_bytes, report })
    }

    fn new_spool(&self, store: u64) -> Result<SledSpool, OpenError> {
        let io = |e| OpenError::io("making the spool", e);
        let dir = self.place.fresh().map_err(io)?;
        let spool = SledSpool::open(&self.options.disk, &dir, &self.paths.bodies)
            .and_then(|s| s.set_origin(store, 0).map(|()| s))
            .map_err(spool_error)?;
        self.place.switch(&dir, store).map_err(io)?;
        Ok(spool)
    }

    /// The normal case: sled is usable, and lacks at most the last batches.
    fn join(
        &self,
        store: u64,
        inv: &Inventory,
        spool: SledSpool,
        mut report: OpenReport,
    ) -> Result<Recovered, OpenError> {
        let applied = spool.state().applied;
        let mut above = self.above(store, inv, applied, Some(&spool))?;
        if above.too_new {
            report.rebuilt = Some("the journal does not reach down to it".to_owned());
            return self.build(store, inv, Some(spool), report);
        }
        let known = applied.max(self.closed);
        if above.next_lsn <= known {
            // sled never gets what the journal does not have: the end of the journal is gone.
            above.damage.push(Damage {
                path: above.tail.as_ref().map(|t| t.path.clone()).unwrap_or_default(),
                offset: above.tail.as_ref().map_or(0, |t| t.offset),
                lost: Some((above.next_lsn, known)),
                why: "the end of the journal is missing".to_owned(),
            });
            above.next_lsn = known + 1;
        }
        report.replayed = above.batches.len() as u64;
        report.torn_tail = above.tail.as_ref().is_some_and(|t| t.torn);
        report.last_lsn = above.next_lsn - 1;
        let mut recovered = Recovered {
            store,
            spool,
            pending: above.batches,
            tail: above.tail,
            last_name: inv.segments.last().map(JournalFile::name),
            next_spare: inv.next_spare,
            next_lsn: above.next_lsn,
            journal_bytes: inv.bytes(),
            report,
        };
        if !above.damage.is_empty() {
            self.note(&mut recovered.report, &above.damage);
            recovered.report.lost = lost_above(&above.damage, applied);
            self.heal(&mut recovered)?;
        }
        Ok(recovered)
    }

    /// Reads the batches above `applied`, and finds where the journal ends. More than the lag may hold is
    /// applied on the way, so that memory stays bounded however old sled is.
    fn above(
        &self,
        store: u64,
        inv: &Inventory,
        applied: Lsn,
        spool: Option<&SledSpool>,
    ) -> Result<Above, OpenError> {
        let mut out = Above { next_lsn: applied.max(inv.checkpoint_lsn()) + 1, ..Above::default() };
        let first = (0..inv.segments.len())
            .find(|i| inv.end_of(*i) > applied + 1)
            .unwrap_or(inv.segments.len().saturating_sub(1));
        if inv.segments.is_empty() {
            out.next_lsn = inv.checkpoint_lsn() + 1;
            return Ok(out);
        }
        let mut expected = applied + 1;
        let mut failed = None;
        for (i, file) in inv.segments.iter().enumerate().skip(first) {
            if file.first_lsn > expected {
                out.damage.push(Damage {
                    path: file.path.clone(),
                    offset: 0,
                    lost: Some((expected, file.first_lsn - 1)),
                    why: "a segment before this one is missing".to_owned(),
                });
            }
            let end = inv.end_of(i);
            let seen = read_file(file, store, end, &mut |group| {
                let mut group_batches: Vec<Durable> = Vec::new();
                group.for_each(|lsn, record| {
                    if lsn <= applied {
                        return;
                    }
                    let change = record.to_change();
                    let weight = change.weight();
                    match group_batches.last_mut() {
                        Some(b) if b.lsn == lsn => {
                            b.weight += weight;
                            b.changes.push(change);
                        }
                        _ => group_batches.push(Durable { lsn, changes: vec![change], weight }),
                    }
                });
                out.weight += group_batches.iter().map(|b| b.weight).sum::<usize>();
                out.batches.append(&mut group_batches);
                if out.weight > limits::LAG_BYTES_MAX / 2
                    && let Some(spool) = spool
                {
                    failed = apply_all(spool, &mut out.batches).err();
                    out.weight = 0;
                }
                if failed.is_some() { Next::Stop } else { Next::Continue }
            })
            .map_err(|e| OpenError::io("reading the journal", e))?;
            if let Some(e) = failed {
                return Err(spool_error(e));
            }
            let damaged = !seen.damage.is_empty();
            out.damage.extend(seen.damage);
            expected = if end == Lsn::MAX { seen.next_lsn } else { end };
            if i + 1 == inv.segments.len() {
                out.next_lsn = seen.next_lsn.max(inv.checkpoint_lsn() + 1);
                // A damaged segment is not written on, so that it can be cleaned away as a whole; one
                // below the checkpoint must not be either, since its numbers would not be consecutive.
                if !damaged && seen.next_lsn == out.next_lsn && !file.header_damaged {
                    out.tail = Some(Tail {
                        path: file.path.clone(),
                        first_lsn: file.first_lsn,
                        offset: seen.offset,
                        len: file.len,
                        torn: seen.torn,
                    });
                }
            }
        }
        Ok(out)
    }

    /// sled is missing, broken or stale: builds it from the journal.
    fn build(
        &self,
        store: u64,
        inv: &Inventory,
        old: Option<SledSpool>,
        mut report: OpenReport,
    ) -> Result<Recovered, OpenError> {
        if report.rebuilt.is_some() {
            log::warn!("rebuilding the spool from the journal: {}", report.rebuilt.as_deref().unwrap_or(""));
        }
        // Where the journal ends; its batches come with the rebuild.
        let end = self.above(store, inv, Lsn::MAX - 1, None)?;
        let range = Range { inventory: inv, store, last: Lsn::MAX };
        let io = |e| OpenError::io("rebuilding the spool", e);
        let dir = self.place.fresh().map_err(io)?;
        let built = rebuild::from_journal(
            &self.options.disk,
            &dir,
            &self.paths.bodies,
            range,
            old.as_ref(),
            &mut || ControlFlow::Continue(()),
        )
        .map_err(|e| {
            let _ = std::fs::remove_dir_all(&dir);
            match e {
                RebuildError::Spool(e) => spool_error(e),
                RebuildError::Journal(e) => OpenError::io("rebuilding the spool", e),
                RebuildError::Abandoned => OpenError::Spool { why: "abandoned".to_owned() },
            }
        })?;
        let old_applied = old.as_ref().map_or(0, |s| s.state().applied).max(self.closed);
        let previous = self.place.current().map(|c| c.dir);
        drop(old);
        self.place.switch(&dir, store).map_err(io)?;
        if let Some(previous) = previous.filter(|p| p.is_dir())
            && let Err(e) = self.place.set_aside(&previous)
        {
            log::warn!("the broken spool could not be moved aside: {e}");
        }
        let mut damage = built.damage;
        let spool = built.spool;
        let mut last = built.last;
        if old_applied > last {
            damage.push(Damage {
                path: inv.segments.last().map(|s| s.path.clone()).unwrap_or_default(),
                offset: 0,
                lost: Some((last + 1, old_applied)),
                why: "the end of the journal is missing".to_owned(),
            });
            last = old_applied;
            spool.set_origin(store, last).map_err(spool_error)?;
        }
        report.last_lsn = last;
        report.torn_tail = end.tail.as_ref().is_some_and(|t| t.torn);
        let tail = end.tail.filter(|_| end.next_lsn == last + 1);
        let mut recovered = Recovered {
            store,
            spool,
            pending: Vec::new(),
            tail,
            last_name: inv.segments.last().map(JournalFile::name),
            next_spare: inv.next_spare,
            next_lsn: last + 1,
            journal_bytes: inv.bytes(),
            report,
        };
        if !damage.is_empty() {
            self.note(&mut recovered.report, &damage);
            recovered.report.lost = true;
            self.heal(&mut recovered)?;
        }
        Ok(recovered)
    }

    /// Puts damage into the report and the damaged files into the quarantine.
    fn note(&self, report: &mut OpenReport, damage: &[Damage]) {
        for d in damage {
            report.journal_damage.push(describe(d));
            report.damaged_batches.extend(d.lost);
            if d.path.is_file() {
                self.quarantine.file(&d.path, &describe(d));
            }
        }
    }

    /// Writes the journal anew from sled, so that it is the complete truth again.
    fn heal(&self, r: &mut Recovered) -> Result<(), OpenError> {
        apply_all(&r.spool, &mut r.pending).map_err(spool_error)?;
        let last = r.next_lsn - 1;
        if r.spool.state().applied < last {
            r.spool.set_origin(r.store, last).map_err(spool_error)?;
        }
        let healed =
            r.spool.verify(|| false).map_err(|e| CleanError::Source(format!("{e:?}"))).and_then(|()| {
                cleaner::checkpoint_from(&self.options.disk, &self.paths.journal, r.store, last, |each| {
                    rebuild::each_record(&r.spool, each)
                })
            });
        match healed {
            Ok(()) => {
                r.report.healed = !r.report.lost;
                // Nothing of the old segments counts any more.
                r.tail = None;
            }
            Err(CleanError::Source(why)) => {
                log::error!("spool and journal are both damaged: {why}");
                r.report.lost = true;
            }
            Err(CleanError::Io(e)) => return Err(OpenError::io("writing the journal anew", e)),
            Err(e) => log::error!("the journal could not be written anew: {e:?}"),
        }
        if let Ok(inv) = reader::inventory(&self.paths.journal) {
            r.journal_bytes = inv.bytes();
        }
        Ok(())
    }
}

/// Whether a batch above `applied`, which sled does not have, is among the damaged.
fn lost_above(damage: &[Damage], applied: Lsn) -> bool {
    damage.iter().any(|d| d.lost.is_some_and(|(_, b)| b > applied))
}

/// Applies everything, in batches that sled bears.
fn apply_all(spool: &SledSpool, batches: &mut Vec<Durable>) -> Result<(), SpoolError> {
    let mut rest = batches.as_slice();
    while !rest.is_empty() {
        let done = spool.apply(rest.iter())?;
        rest = rest.get(done.batches..).unwrap_or_default();
    }
    batches.clear();
    Ok(())
}

fn spool_error(e: SpoolError) -> OpenError {
    match e {
        SpoolError::Full(why) => OpenError::DiskFull { source: std::io::Error::other(why) },
        other => OpenError::Spool { why: other.to_string() },
    }
}
