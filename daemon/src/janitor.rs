//! Retention: walks the finished jobs from the oldest, in small steps, and removes what is past its time.
//!
//! What goes is decided by [`receiptd_core::retention`]; here are only the walk and the deletions. When the disk is full,
//! more goes than what is past its time: see `room`.

use std::time::Duration;

use receiptd_core::ids::JobId;
use receiptd_core::record::{JobRecord, KeyRecord, Table};
use receiptd_core::retention::{Fate, Marks, Memory, Rule, fate};
use receiptd_core::time::Wall;
use receiptd_store::limits::{BATCH_ROWS_MAX, BODY_ROWS, SCAN_ROWS_MAX};
use receiptd_store::{Batch, Class, Direction, HealthState, Op, Store};

use tokio::sync::watch;
use tokio::time::Instant;

use crate::config::Retention;
use crate::shell::Shell;
use crate::spool;

mod room;

/// First walk after the start: not while a terminal boots.
const FIRST: Duration = Duration::from_secs(120);

/// Between walks.
const EVERY: Duration = Duration::from_hours(1);

/// Walks between two reads of the whole spool against its checksums: once a week, and after the start.
const WALKS_PER_CHECK: u64 = 7 * 24;

/// Jobs of one step; callers get their turn between steps. All of them may go, in one batch: record, body and key of each, and
/// one row that says how far it came.
const STEP: usize = (BATCH_ROWS_MAX - 1) / (BODY_ROWS + 2);

/// Pages in a row that all stay, after which a walk ends: on one of them there may be nothing but jobs that were held for long.
const PAGES_KEPT: usize = 3;

/// The last job of which the body is known to be gone. Of those before it that ended late, it may have come of age since.
const BODIES_GONE_KEY: &[u8] = b"bodies-gone";

/// The clock by which ages are judged, as the last walk left it.
const CLOCK_KEY: &[u8] = b"retention-clock";

/// Which job was the newest when.
const MARKS_KEY: &[u8] = b"retention-marks";

/// Walks for ever, and makes room whenever the disk is full.
///
/// `health` tells that the state of the store has changed; what it is, the store says itself.
pub async fn run(shell: Shell, mut health: watch::Receiver<()>) {
    let mut next = Instant::now() + FIRST;
    let mut walks = 0_u64;
    loop {
        tokio::select! {
            () = tokio::time::sleep_until(next) => {
                walk(&shell, &shell.retention()).await;
                if walks.is_multiple_of(WALKS_PER_CHECK) {
                    shell.with(|_, store| store.maintain());
                }
                walks += 1;
                next = Instant::now() + EVERY;
            }
            () = until(&shell, &mut health, true) => room::make(&shell, &mut health).await,
        }
    }
}

/// Waits until the disk is full, or is not.
async fn until(shell: &Shell, health: &mut watch::Receiver<()>, full: bool) {
    loop {
        health.mark_unchanged();
        if (shell.with(|_, store| store.state()) == HealthState::Full) == full {
            return;
        }
        if health.changed().await.is_err() {
            // The store is closed: nothing changes any more.
            std::future::pending::<()>().await;
        }
    }
}

/// One walk over all finished jobs that may be past their time; how many records and bodies went.
pub async fn walk(shell: &Shell, retention: &Retention) -> (u64, u64) {
    let rule = Rule {
        bodies_ms: u64::try_from(retention.bodies.as_millis()).unwrap_or(u64::MAX),
        jobs_ms: u64::try_from(retention.jobs.as_millis()).unwrap_or(u64::MAX),
    };
    let now = Wall(wall_ms());
    let before = shell.memory();
    let Some(memory) = remember(shell, &rule, now).await else { return (0, 0) };
    // The last walk saw it go, unless it ended, or came of age, since then.
    let went_before = |record: &JobRecord| {
        before.clock.is_some_and(|then| {
            record.finished.is_some_and(|at| at <= then)
                && before.age_ms(record, then).is_some_and(|age| age >= rule.bodies_ms)
        })
    };
    let mut surplus = count_beyond(shell, retention.jobs_max).await;
    let bodies_gone = shell.with(|_, store| bodies_gone(store));
    let in_use = shell.with(|core, _| core.bodies_in_use());
    let (mut jobs, mut bodies) = (0, 0);
    let mut from = Vec::new();
    let mut pages_kept = 0;
    loop {
        let page = shell
            .with(|_, store| store.scan(spool::table(Table::Finished), &from, STEP, Direction::Ascending));
        let Ok(page) = page else { return (jobs, bodies) };
        let mut ops = Vec::new();
        let mut dropped = Vec::new();
        let (mut kept, mut went) = (false, false);
        let mut last_body = None;
        for (key, value) in &page {
            let Some(record) = spool::understood::<JobRecord>("a finished job", value) else { continue };
            if in_use.contains(&record.id) {
                continue;
            }
            match fate(memory.age_ms(&record, now), &rule, surplus > 0) {
                Fate::Keep => {
                    kept = true;
                    continue;
                }
                Fate::DropBody if record.id.0 <= bodies_gone && went_before(&record) => {}
                Fate::DropBody => {
                    ops.push(Op::DeleteBody { id: record.id.0 });
                    last_body = last_body.max(Some(record.id));
                    bodies += 1;
                }
                Fate::DropAll => {
                    surplus = surplus.saturating_sub(1);
                    drop_all(shell, &record, key, &mut ops);
                    dropped.push(record.id);
                    jobs += 1;
                }
            }
            went = true;
        }
        if let Some(JobId(last)) = last_body.filter(|last| last.0 > bodies_gone) {
            let value = last.to_be_bytes().to_vec();
            ops.push(Op::Put { table: spool::table(Table::Meta), key: BODIES_GONE_KEY.to_vec(), value });
        }
        if !ops.is_empty() && !commit(shell, ops).await {
            return (jobs, bodies);
        }
        shell.with(|core, _| dropped.into_iter().for_each(|job| core.forget(job)));
        // Jobs end nearly in the order of their numbers: behind pages that all stay, all stays.
        pages_kept = if kept && !went { pages_kept + 1 } else { 0 };
        if page.len() < STEP || pages_kept == PAGES_KEPT {
            return (jobs, bodies);
        }
        from = page.last().map(|(key, _)| key.clone()).unwrap_or_default();
        from.push(0);
        tokio::task::yield_now().await;
    }
}

/// What earlier walks left.
pub fn memory(store: &Store) -> Memory {
    let row = |key| store.get(spool::table(Table::Meta), key).ok().flatten();
    let clock = row(CLOCK_KEY).and_then(|value| value.try_into().ok());
    Memory {
        clock: clock.map(|bytes| Wall(u64::from_be_bytes(bytes))),
        marks: row(MARKS_KEY).map(|value| Marks::decode(&value)).unwrap_or_default(),
    }
}

/// What this walk knows of time; `None` when it can't be kept, and nothing is judged.
async fn remember(shell: &Shell, rule: &Rule, now: Wall) -> Option<Memory> {
    let newest = shell.with(|core, _| core.newest_job());
    let known = shell.memory();
    let memory = known.walked(now, newest, rule);
    if memory.clock.is_some_and(|clock| clock < now) {
        log::info!(
            "the clock is far ahead of the last walk's; what would be past its time by it alone is kept for now"
        );
    }
    if memory != known {
        let put = |key: &[u8], value| Op::Put { table: spool::table(Table::Meta), key: key.to_vec(), value };
        let clock = memory.clock.map(|Wall(ms)| put(CLOCK_KEY, ms.to_be_bytes().to_vec()));
        let ops = clock.into_iter().chain([put(MARKS_KEY, memory.marks.encode())]).collect();
        if !commit(shell, ops).await {
            return None;
        }
        shell.remember(memory.clone());
    }
    Some(memory)
}

fn drop_all(shell: &Shell, record: &JobRecord, key: &[u8], ops: &mut Vec<Op>) {
    ops.push(Op::Delete { table: spool::table(Table::Finished), key: key.to_vec() });
    ops.push(Op::DeleteBody { id: record.id.0 });
    let keys = spool::table(Table::Keys);
    let known = shell.with(|_, store| store.get(keys, &record.key_hash));
    let known: Option<KeyRecord> = known.ok().flatten().and_then(|v| spool::understood("a caller's key", &v));
    // The key goes with the last of its jobs.
    if known.is_some_and(|known| known.jobs().last() == Some(record.id)) {
        ops.push(Op::Delete { table: keys, key: record.key_hash.to_vec() });
    }
}

async fn commit(shell: &Shell, ops: Vec<Op>) -> bool {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let done = Box::new(move |result| {
        // The walk ended with the daemon; the deletion stands all the same.
        let _ = sender.send(result);
    });
    let batch = Batch { class: Class::Progress, ops };
    let taken = shell.with(|_, store| store.commit(batch, done));
    match taken {
        Ok(()) => matches!(receiver.await, Ok(Ok(_))),
        Err(why) => {
            log::warn!("retention waits for its next walk: {why}");
            false
        }
    }
}

/// Finished jobs beyond the bound. They are counted only where their numbers lie so far apart that there may be as many:
/// between them are those that went already, while one that waited for long ended late.
async fn count_beyond(shell: &Shell, max: usize) -> usize {
    let table = spool::table(Table::Finished);
    let ends = shell.with(|_, store| {
        let first = store.scan(table, &[], 1, Direction::Ascending).ok()?;
        let last = store.scan(table, &[], 1, Direction::Descending).ok()?;
        let number = |page: &[(Vec<u8>, Vec<u8>)]| {
            page.first().and_then(|(key, _)| receiptd_core::record::job_of_key(key)).map(|job| job.0)
        };
        Some((number(&first)?, number(&last)?))
    });
    let Some((first, last)) = ends else { return 0 };
    if usize::try_from(last - first + 1).is_ok_and(|most| most <= max) {
        return 0;
    }
    let (mut count, mut from) = (0_usize, Vec::new());
    loop {
        let page = shell.with(|_, store| store.scan(table, &from, SCAN_ROWS_MAX, Direction::Ascending));
        let Ok(page) = page else { return 0 };
        count += page.len();
        let Some((last, _)) = page.last().filter(|_| page.len() == SCAN_ROWS_MAX) else {
            return count.saturating_sub(max);
        };
        from.clone_from(last);
        from.push(0);
        tokio::task::yield_now().await;
    }
}

fn bodies_gone(store: &Store) -> u64 {
    let value = store.get(spool::table(Table::Meta), BODIES_GONE_KEY).ok().flatten();
    value.and_then(|v| v.try_into().ok()).map_or(0, u64::from_be_bytes)
}

fn wall_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
