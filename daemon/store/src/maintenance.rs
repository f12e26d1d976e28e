//! The maintenance path, on the applier's thread when nothing waits: cleaning the journal, compacting
//! sled, sweeping orphans, verifying. Each step can be abandoned when commits need the thread.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::journal::cleaner::{self, CleanError};
use crate::journal::live::Range;
use crate::journal::reader::{self, Damage};
use crate::limits;
use crate::shared::Shared;
use crate::spool::rebuild::{self, RebuildError};
use crate::spool::sled::RowError;
use crate::spool::{body, sled};
use crate::sync::{lock, read, write};
use crate::types::Lsn;

/// Remembers when a step last gave nothing, so that it is not tried again at once.
#[derive(Debug)]
pub(crate) struct Maintenance {
    /// Journal bytes below which cleaning is not tried again.
    clean_above: u64,
    /// sled bytes below which compaction is not tried again.
    compact_above: u64,
    /// Bytes that sled takes for 100 bytes of rows when it was just built.
    sled_percent: u64,
}

/// Why maintenance looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occasion {
    /// Nothing waits.
    Idle,
    /// Under load there may never be an idle moment: when the waste is twice what is borne otherwise, it is
    /// done all the same. Commits wait meanwhile if they must.
    Busy,
    /// It was asked for, about once a week: all waste that is worth its writing goes.
    Asked,
}

impl Occasion {
    const fn mood(self) -> Mood {
        match self {
            Self::Busy => Mood::Pressed,
            Self::Idle | Self::Asked => Mood::Idle,
        }
    }
}

impl Maintenance {
    pub(crate) fn new() -> Self {
        Self { clean_above: 0, compact_above: 0, sled_percent: 100 }
    }

    /// Runs what is due when nothing waits.
    pub(crate) fn idle(&mut self, shared: &Arc<Shared>) {
        self.run(shared, Occasion::Idle);
    }

    /// Runs what can't wait for an idle moment.
    pub(crate) fn busy(&mut self, shared: &Arc<Shared>) {
        self.run(shared, Occasion::Busy);
    }

    /// What a caller asked for: also sweeps and verifies.
    pub(crate) fn full(&mut self, shared: &Arc<Shared>) {
        self.run(shared, Occasion::Asked);
        sweep_bodies(shared);
        verify(shared);
    }

    fn run(&mut self, shared: &Arc<Shared>, occasion: Occasion) {
        let (sled_live, live) = read(&shared.spool)
            .as_ref()
            .map_or((0, 0), |s| (s.state().live_bytes, s.state().live_bytes + s.state().body_bytes));
        let journal_bytes = shared.journal.bytes.load(Ordering::Relaxed);
        let loose = shared.options.clean_floor.max(limits::CLEAN_RATIO * live);
        let most = match occasion {
            Occasion::Idle => loose,
            Occasion::Busy => 2 * loose,
            Occasion::Asked => loose.min(live + live / 4 + limits::CLEAN_SLACK_BYTES),
        };
        if journal_bytes > most.max(self.clean_above) {
            self.clean_above = match clean(shared, occasion.mood()) {
                Ok(()) => 0,
                Err(CleanError::Abandoned) => self.clean_above,
                Err(e) => {
                    on_clean_error(shared, e);
                    journal_bytes + journal_bytes / 4
                }
            };
        }
        let sled_bytes = read(&shared.spool).as_ref().map_or(0, sled::SledSpool::file_bytes);
        let built = sled_live / 100 * self.sled_percent;
        let loose = shared.options.compact_floor.max(limits::COMPACT_RATIO * sled_live).max(2 * built);
        let most = match occasion {
            Occasion::Idle => loose,
            Occasion::Busy => 2 * loose,
            Occasion::Asked => loose.min(built + built / 4 + limits::COMPACT_SLACK_BYTES),
        };
        if sled_bytes > most.max(self.compact_above) {
            self.compact_above = match compact(shared, occasion.mood()) {
                Ok(after) => {
                    self.sled_percent =
                        (after / (sled_live / 100).max(1)).clamp(100, limits::SLED_PERCENT_MAX);
                    0
                }
                Err(RebuildError::Abandoned) => self.compact_above,
                Err(e) => {
                    log::warn!("the spool was not compacted: {e}");
                    sled_bytes + sled_bytes / 4
                }
            };
        }
    }
}

/// Whether maintenance gives way to commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// It stops when the lag grows.
    Idle,
    /// It stops only for closing.
    Pressed,
}

/// Stops maintenance when commits need the thread.
fn pause(shared: &Shared, mood: Mood) -> ControlFlow<()> {
    shared.applier.step();
    let lag = lock(&shared.lag);
    let needed = lag.batches.len() >= limits::LAG_BATCHES_MAX / 2 || lag.bytes >= limits::LAG_BYTES_MAX / 2;
    if lag.closing || (needed && mood == Mood::Idle) {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

fn applied(shared: &Shared) -> Lsn {
    read(&shared.spool).as_ref().map_or(0, |s| s.state().applied)
}

fn inventory(shared: &Shared) -> std::io::Result<reader::Inventory> {
    cleaner::drop_stale(&shared.options.disk, &shared.paths.journal)
}

/// Counts the journal's bytes anew from the directory.
fn recount(shared: &Shared) {
    if let Ok(inv) = reader::inventory(&shared.paths.journal) {
        shared.journal.bytes.store(inv.bytes(), Ordering::Relaxed);
    }
}

/// Copies the living part of all sealed segments into a checkpoint.
fn clean(shared: &Arc<Shared>, mood: Mood) -> Result<(), CleanError> {
    let last = shared.journal.active_first.load(Ordering::Acquire).saturating_sub(1);
    // All sealed ones have their length then, and none is cut when it is gone and not counted any more.
    shared.journal.trim();
    // A checkpoint above what sled has would make sled count as too old at the next start.
    let last = last.min(applied(shared));
    let inventory = inventory(shared)?;
    if last <= inventory.checkpoint_lsn() {
        return Err(CleanError::Abandoned);
    }
    let range = Range { inventory: &inventory, store: shared.store, last };
    let done =
        cleaner::clean(&shared.options.disk, &shared.paths.journal, range, &mut || breathe(shared, mood));
    recount(shared);
    done
}

/// Cleaning touches only sealed files, so what arrives meanwhile can go on into sled in between.
fn breathe(shared: &Shared, mood: Mood) -> ControlFlow<()> {
    let many = {
        let lag = lock(&shared.lag);
        lag.batches.len() >= limits::APPLY_BATCHES
    };
    if many && crate::applier::apply_some(shared).is_err() {
        return ControlFlow::Break(());
    }
    pause(shared, mood)
}

fn on_clean_error(shared: &Arc<Shared>, e: CleanError) {
    match e {
        CleanError::Damaged(damage) => {
            quarantine(shared, &damage);
            shared.journal.leave_segment.store(true, Ordering::Release);
            if let Err(e) = heal(shared) {
                log::error!("the damaged journal could not be written anew from the spool: {e:?}");
            }
        }
        CleanError::Io(e) => log::warn!("the journal was not cleaned: {e}"),
        CleanError::Source(why) => log::warn!("the journal was not cleaned: {why}"),
        CleanError::Abandoned => {}
    }
}

/// Copies damaged journal files into the quarantine.
pub(crate) fn quarantine(shared: &Shared, damage: &[Damage]) {
    for d in damage {
        shared.quarantine.file(&d.path, &describe(d));
    }
}

/// A damage in words.
pub(crate) fn describe(d: &Damage) -> String {
    let name = d.path.file_name().and_then(|n| n.to_str()).unwrap_or("journal");
    match d.lost {
        Some((a, b)) => format!("{name} at byte {}: {}; batches {a} to {b}", d.offset, d.why),
        None => format!("{name} at byte {}: {}", d.offset, d.why),
    }
}

/// Writes the journal anew from sled, after sled was found whole.
pub(crate) fn heal(shared: &Arc<Shared>) -> Result<(), CleanError> {
    let slot = read(&shared.spool);
    let Some(spool) = slot.as_ref() else { return Err(CleanError::Abandoned) };
    spool.verify(|| false).map_err(|e| CleanError::Source(format!("{e:?}")))?;
    let lsn = spool.state().applied;
    shared.journal.trim();
    let done =
        cleaner::checkpoint_from(&shared.options.disk, &shared.paths.journal, shared.store, lsn, |each| {
            rebuild::each_record(spool, each)
        });
    drop(slot);
    recount(shared);
    done
}

/// Builds a new sled from the journal and switches to it; returns the last batch that is in it.
pub(crate) fn rebuild(shared: &Arc<Shared>, why: &str) -> Result<Lsn, RebuildError> {
    log::warn!("rebuilding the spool from the journal: {why}");
    let last = lock(&shared.lag).batches.back().map(|b| b.lsn);
    let last = last.unwrap_or(0).max(applied(shared));
    let mut step = || {
        shared.applier.step();
        ControlFlow::Continue(())
    };
    replace(shared, last, true, &mut step)?;
    log::warn!("the spool was rebuilt up to batch {last}");
    Ok(last)
}

/// The same to save room; sled's memory grows with the rows it touched, so the journal is the source.
fn compact(shared: &Arc<Shared>, mood: Mood) -> Result<u64, RebuildError> {
    let last = applied(shared);
    replace(shared, last, false, &mut || pause(shared, mood))?;
    Ok(read(&shared.spool).as_ref().map_or(0, sled::SledSpool::file_bytes))
}

fn replace(
    shared: &Arc<Shared>,
    last: Lsn,
    broken: bool,
    pause: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<(), RebuildError> {
    let inventory = inventory(shared).map_err(RebuildError::Journal)?;
    let range = Range { inventory: &inventory, store: shared.store, last };
    let dir = shared.place.fresh().map_err(RebuildError::Journal)?;
    let old = read(&shared.spool);
    let built =
        rebuild::from_journal(&shared.options.disk, &dir, &shared.paths.bodies, range, old.as_ref(), pause);
    let built = built.inspect_err(|_| {
        let _ = std::fs::remove_dir_all(&dir);
    })?;
    let want = old.as_ref().map(|s| s.state().records);
    drop(old);
    if !broken && (!built.damage.is_empty() || Some(built.spool.state().records) != want) {
        // Compaction must never be the way in which rows get lost.
        quarantine(shared, &built.damage);
        let found = built.spool.state().records;
        drop(built);
        let _ = std::fs::remove_dir_all(&dir);
        if let Err(e) = heal(shared) {
            log::error!("spool and journal differ ({want:?} and {found} records): {e:?}");
            shared.want_repair("the journal has other records than the spool".to_owned());
        }
        return Err(RebuildError::Abandoned);
    }
    quarantine(shared, &built.damage);
    shared.place.switch(&dir, shared.store).map_err(RebuildError::Journal)?;
    let old = write(&shared.spool).replace(built.spool);
    if let Some(old) = old {
        let path = old.dir().to_owned();
        drop(old);
        let gone = if broken { shared.place.set_aside(&path) } else { std::fs::remove_dir_all(&path) };
        if let Err(e) = gone {
            log::warn!("the old spool could not be removed: {e}");
        }
    }
    if !built.damage.is_empty() {
        // Both were damaged. What could be saved is in the new spool; it becomes the journal as well.
        shared.lost.store(true, Ordering::Relaxed);
        shared.journal.leave_segment.store(true, Ordering::Release);
        if let Err(e) = heal(shared) {
            log::error!("the damaged journal could not be written anew: {e:?}");
        }
    }
    Ok(())
}

/// Removes files of bodies that no head row names. They stay behind when the power goes between the
/// commit of a deletion in sled and the removal of the file.
fn sweep_bodies(shared: &Shared) {
    let Ok(entries) = std::fs::read_dir(&shared.paths.bodies) else { return };
    for path in entries.flatten().map(|e| e.path()) {
        let Some(id) = body::id_of(&path) else { continue };
        let slot = read(&shared.spool);
        let known = slot.as_ref().map(|s| s.get(&body::key(id, 0)));
        if matches!(known, Some(Ok(None))) {
            let _ = shared.options.disk.remove(&path);
        }
    }
}

/// Reads all of sled once.
fn verify(shared: &Arc<Shared>) {
    let found = match read(&shared.spool).as_ref() {
        Some(spool) => spool.verify(|| pause(shared, Mood::Idle).is_break()),
        None => return,
    };
    match found {
        Ok(()) => {}
        Err(RowError::Bad(bad)) => {
            shared.quarantine.bytes("row", &bad.raw, &format!("row {:02x?}: {}", bad.key, bad.why));
            shared.want_repair(bad.why);
        }
        Err(RowError::Spool(e)) => {
            shared.want_repair(e.to_string());
        }
    }
}
