//! The applier thread: brings durable batches into sled, several as one sled commit, and keeps sled
//! usable: reopens it after an error, rebuilds it from the journal after damage. When nothing is to be
//! applied it does the maintenance.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::filter;
use crate::limits;
use crate::maintenance::{self, Maintenance};
use crate::shared::Shared;
use crate::spool::sled::{SledSpool, SpoolError};
use crate::sync::{lock, read, wait, wait_for, write};

/// Errors in a row after which sled is not reopened but rebuilt.
const REOPENS_MAX: u32 = 2;

/// What to do next.
enum Work {
    Apply,
    Repair(String),
    Maintain,
    Closed,
}

/// Runs until the committer has ended and everything is applied.
pub(crate) fn run(shared: &Arc<Shared>) {
    let mut errors = 0;
    let mut maintenance = Maintenance::new();
    loop {
        match next(shared) {
            Work::Closed => break,
            Work::Repair(why) => {
                repair(shared, &why);
            }
            Work::Maintain => {
                maintenance.full(shared);
            }
            Work::Apply => match apply_some(shared) {
                Ok(()) => {
                    errors = 0;
                    shared.prepare_segment();
                    if shared.filter.is_due() {
                        filter::make(shared);
                    }
                    let idle = lock(&shared.lag).batches.is_empty();
                    if idle {
                        maintenance.idle(shared);
                    } else {
                        maintenance.busy(shared);
                    }
                }
                Err(e) => {
                    errors += 1;
                    if !recover(shared, &e, errors) {
                        break;
                    }
                }
            },
        }
        rest(shared);
    }
    *write(&shared.spool) = None;
    lock(&shared.lag).ended = true;
    rest(shared);
}

fn rest(shared: &Shared) {
    lock(&shared.lag).busy = false;
    shared.room_cv.notify_all();
}

/// Waits for work: at once when much waits, else until it has been quiet for a while.
fn next(shared: &Shared) -> Work {
    let mut lag = lock(&shared.lag);
    let mut first: Option<Instant> = None;
    loop {
        if let Some(why) = lag.repair.clone() {
            lag.busy = true;
            return Work::Repair(why);
        }
        if lag.batches.is_empty() {
            if lag.closing {
                return Work::Closed;
            }
            if lag.maintain {
                // What asks from here on wants another one.
                lag.maintain = false;
                lag.busy = true;
                return Work::Maintain;
            }
            first = None;
            lag = shared.applier.rest(|| wait(&shared.lag_cv, lag));
            continue;
        }
        // Quiet since the last arrival, or the first one is old enough, or much waits.
        let now = Instant::now();
        let oldest = *first.get_or_insert(now);
        let newest = lag.arrived.unwrap_or(oldest);
        let due = (newest + shared.options.apply_quiet).min(oldest + limits::APPLY_AGE_MAX);
        if lag.is_urgent() || now >= due {
            lag.busy = true;
            return Work::Apply;
        }
        lag = shared.applier.rest(|| wait_for(&shared.lag_cv, lag, due - now));
    }
}

/// Applies the oldest waiting batches as one sled commit and forgets them.
pub(crate) fn apply_some(shared: &Shared) -> Result<(), SpoolError> {
    // With callers enough it never rests.
    shared.applier.step();
    // They stay in the queue until they are applied.
    let batches: Vec<_> =
        lock(&shared.lag).batches.iter().take(limits::SLED_BATCH_ROWS_MAX).cloned().collect();
    if batches.is_empty() {
        return Ok(());
    }
    let done = match read(&shared.spool).as_ref() {
        Some(spool) => spool.apply(batches.iter().map(|b| &**b))?,
        None => return Err(SpoolError::Io("it is not open".to_owned())),
    };
    forget(shared, done.last);
    Ok(())
}

/// Everything up to `last` is in sled: makes room.
fn forget(shared: &Shared, last: u64) {
    let mut lag = lock(&shared.lag);
    let mut overlay = write(&shared.overlay);
    while lag.batches.front().is_some_and(|b| b.lsn <= last) {
        if let Some(batch) = lag.batches.pop_front() {
            lag.bytes = lag.bytes.saturating_sub(batch.weight);
            overlay.remove(&batch);
        }
    }
    shared.room_cv.notify_all();
}

/// After an error of sled. False when the applier should end (closing on a disk that stays full).
fn recover(shared: &Arc<Shared>, error: &SpoolError, errors: u32) -> bool {
    log::error!("applying to the spool failed: {error}");
    match error {
        SpoolError::Broken(why) => {
            repair(shared, why);
            true
        }
        SpoolError::Full(_) => {
            // sled's error stays until it is opened anew, and opening needs room.
            let freed = shared.use_reserve();
            let reopened = reopen(shared);
            if !freed || reopened.is_err() {
                return pause(shared, errors);
            }
            true
        }
        SpoolError::Io(why) => {
            if errors > REOPENS_MAX {
                repair(shared, why);
            } else if let Err(e) = reopen(shared) {
                log::error!("the spool cannot be opened again: {e}");
            }
            errors == 1 || pause(shared, errors)
        }
    }
}

/// Waits a little before the next try; when closing, a few tries are enough: the journal has everything.
fn pause(shared: &Shared, errors: u32) -> bool {
    let lag = lock(&shared.lag);
    if lag.closing && errors > 3 {
        return false;
    }
    let time = if lag.closing { Duration::from_millis(200) } else { limits::RETRY_EVERY };
    drop(shared.applier.rest(|| wait_for(&shared.lag_cv, lag, time)));
    true
}

/// Drops sled and opens the same directory again.
fn reopen(shared: &Shared) -> Result<(), SpoolError> {
    let oldest = lock(&shared.lag).batches.front().map(|b| b.lsn);
    let mut slot = write(&shared.spool);
    let dir = match slot.take() {
        Some(old) => old.dir().to_owned(),
        None => shared
            .place
            .current()
            .map(|c| c.dir)
            .ok_or_else(|| SpoolError::Broken("no current directory".to_owned()))?,
    };
    let spool = SledSpool::open(&shared.options.disk, &dir, &shared.paths.bodies)?;
    if spool.state().store != shared.store {
        return Err(SpoolError::Broken("it opened empty".to_owned()));
    }
    if oldest.is_some_and(|lsn| spool.state().applied + 1 < lsn) {
        return Err(SpoolError::Broken("it opened older than it was".to_owned()));
    }
    *slot = Some(spool);
    Ok(())
}

/// Rebuilds sled from the journal and tells waiting readers.
fn repair(shared: &Arc<Shared>, why: &str) {
    let built = maintenance::rebuild(shared, why);
    match built {
        Ok(last) => {
            shared.rebuilds.fetch_add(1, Ordering::Relaxed);
            // It was made from what the damaged one still had.
            shared.filter.forget();
            forget(shared, last);
        }
        Err(e) => {
            log::error!("the spool could not be rebuilt: {e}");
            let lag = lock(&shared.lag);
            drop(shared.applier.rest(|| wait_for(&shared.lag_cv, lag, limits::RETRY_EVERY)));
        }
    }
    let mut lag = lock(&shared.lag);
    lag.repair = None;
    lag.repairs_done += 1;
    shared.room_cv.notify_all();
}
