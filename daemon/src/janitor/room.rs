//! Room on a full disk: what was canceled or has expired gives its content up before its time, so that no receipt of now is
//! refused for it, and who hands in and cancels harms nobody. Which contents may go is decided by
//! [`receiptd_core::retention::is_unwanted`]; fates and keys stay, and so does the content of what came out: when that fills
//! the disk, people have to decide.
//!
//! Only contents go that are files of their own. To delete others takes room first: sled writes before it gives back, and on a
//! full disk it would break off.

use std::time::Duration;

use receiptd_core::ids::JobId;
use receiptd_core::record::{JobRecord, Table};
use receiptd_core::retention::is_unwanted;
use receiptd_store::limits::{BODY_INLINE_MAX, RETRY_EVERY};
use receiptd_store::{Direction, Op, ReadError};
use tokio::sync::watch;

use super::{STEP, commit, until};
use crate::shell::Shell;
use crate::spool;

/// How long the store may take to find that there is room: it looks every [`RETRY_EVERY`].
const NOTICE_WAIT: Duration = RETRY_EVERY.saturating_mul(3);

/// Until it is looked again after nothing was found: all that has ended is read for it.
const AGAIN: Duration = Duration::from_secs(30);

/// Drops what nobody wanted on paper, and waits until the disk is not full any more; not for ever.
pub(super) async fn make(shell: &Shell, health: &mut watch::Receiver<()>) {
    match drop_contents(shell).await {
        Some(dropped) if dropped > 0 => {
            log::warn!(
                "the disk is full: the contents of {dropped} jobs that were canceled or have expired were dropped before \
                 their time; their fates are kept"
            );
            // If there is none by then, it is looked again.
            let _ = tokio::time::timeout(NOTICE_WAIT, until(shell, health, false)).await;
        }
        Some(_) | None => tokio::time::sleep(AGAIN).await,
    }
}

/// How many contents went; `None` if the store could not be read or written.
async fn drop_contents(shell: &Shell) -> Option<u64> {
    let (mut dropped, mut from) = (0, Vec::new());
    loop {
        let going = shell.with_going(|core, store, going| {
            let page = store.scan(spool::table(Table::Finished), &from, STEP, Direction::Ascending)?;
            let in_use = core.bodies_in_use();
            let mut found = Vec::new();
            for (_, value) in &page {
                let Some(record) = spool::understood::<JobRecord>("a finished job", value) else { continue };
                let is_file = record.shape.bytes as usize > BODY_INLINE_MAX;
                if is_file && is_unwanted(&record) && !in_use.contains(&record.id) {
                    match store.has_body(record.id.0) {
                        Ok(true) => found.push(record.id),
                        // One that can't be read must not keep the others.
                        Ok(false) | Err(ReadError::Damaged { .. }) => {}
                        Err(why) => return Err(why),
                    }
                }
            }
            going.extend(found.iter().copied());
            from = page.last().filter(|_| page.len() == STEP).map(|(key, _)| key.clone()).unwrap_or_default();
            Ok::<Vec<JobId>, ReadError>(found)
        });
        let going = going.inspect_err(|why| log::warn!("no room was made: {why}")).ok()?;
        let count = going.len() as u64;
        let ops: Vec<Op> = going.into_iter().map(|job| Op::DeleteBody { id: job.0 }).collect();
        let gone = ops.is_empty() || commit(shell, ops).await;
        shell.with_going(|_, _, going| going.clear());
        if !gone {
            return None;
        }
        dropped += count;
        if from.is_empty() {
            return Some(dropped);
        }
        from.push(0);
        tokio::task::yield_now().await;
    }
}
