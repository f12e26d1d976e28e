//! Room on a full disk: what has ended gives its content up before its time, so that no receipt of now is refused for it. In
//! which order is decided by [`receiptd_core::retention::Rule::in_need`]; fates and keys stay.

use std::time::Duration;

use receiptd_core::record::{JobRecord, Table};
use receiptd_core::retention::{Fate, Rule, fate};
use receiptd_core::time::Wall;
use receiptd_store::limits::RETRY_EVERY;
use receiptd_store::{Direction, Op};
use tokio::sync::watch;

use super::{STEP, commit, rule, until, wall_ms};
use crate::shell::Shell;
use crate::spool;

/// How long the store may take to give back what was deleted: it cleans its journal for that.
const TIDY_WAIT: Duration = Duration::from_mins(1);

/// How long the store may take to find that there is room: it looks every [`RETRY_EVERY`].
const NOTICE_WAIT: Duration = RETRY_EVERY.saturating_mul(3);

/// Until it is tried again after it was in vain.
const AGAIN: Duration = Duration::from_mins(1);

/// Drops contents, step by step, until the disk is not `full` any more or none is left.
pub(super) async fn make(shell: &Shell, full: &mut watch::Receiver<bool>) {
    for rule in rule(&shell.retention()).in_need() {
        let dropped = drop_contents(shell, &rule).await;
        if dropped == 0 {
            continue;
        }
        log::warn!(
            "the disk is full: the contents of {dropped} receipts that have ended were dropped before their time; their \
             fates are kept"
        );
        give_back(shell).await;
        if tokio::time::timeout(NOTICE_WAIT, until(full, false)).await.is_ok() {
            return;
        }
    }
    log::warn!("the disk is full, and no content of a receipt that has ended could make room");
    // Whatever makes room meanwhile, and fills the disk again, is not missed: that state is what is looked at then.
    tokio::time::sleep(AGAIN).await;
}

/// How many contents went by this rule.
async fn drop_contents(shell: &Shell, rule: &Rule) -> u64 {
    let now = Wall(wall_ms());
    let memory = shell.memory();
    let (mut dropped, mut from) = (0, Vec::new());
    loop {
        let ops = shell.with(|core, store| {
            let page = store.scan(spool::table(Table::Finished), &from, STEP, Direction::Ascending).ok()?;
            let in_use = core.bodies_in_use();
            let goes = |record: &JobRecord| {
                let fate = fate(record, memory.age_ms(record, now), rule, false);
                fate == Fate::DropBody && !in_use.contains(&record.id) && store.has_body(record.id.0)
            };
            let understood = |value: &Vec<u8>| spool::understood::<JobRecord>("a finished job", value);
            let records = page.iter().filter_map(|(_, value)| understood(value)).filter(goes);
            let ops: Vec<Op> = records.map(|record| Op::DeleteBody { id: record.id.0 }).collect();
            from = page.last().filter(|_| page.len() == STEP).map(|(key, _)| key.clone()).unwrap_or_default();
            Some(ops)
        });
        let Some(ops) = ops else { return dropped };
        let count = ops.len() as u64;
        if count > 0 {
            if !commit(shell, ops).await {
                return dropped;
            }
            dropped += count;
        }
        if from.is_empty() {
            return dropped;
        }
        from.push(0);
        tokio::task::yield_now().await;
    }
}

/// Has the store take what was deleted off the disk.
async fn give_back(shell: &Shell) {
    let store = shell.with(|_, store| store.clone());
    store.maintain();
    let settled = tokio::task::spawn_blocking(move || store.settle(TIDY_WAIT)).await;
    if !settled.unwrap_or_default() {
        log::warn!("the store has not given back yet what was deleted");
    }
}
