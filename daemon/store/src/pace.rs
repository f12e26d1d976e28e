//! How long a group waits for more. On a slow disk the callers that were just answered ask again while the
//! disk is idle; taken along, they share a flush instead of waiting for the one after. With many callers and
//! flushes of several milliseconds this is the difference between half of them in each flush and all.
//!
//! The rule: while batches come in faster than the disk would answer them, one more is worth the wait
//! (the marginal value theorem). Where flushes are fast or callers few, nothing ever waits.

use std::sync::MutexGuard;
use std::time::{Duration, Instant};

use crate::limits;
use crate::shared::{Queue, Shared};
use crate::sync::{lock, wait_for};

/// What the last group showed.
#[derive(Debug)]
pub(crate) struct Pace {
    /// When its callers were answered.
    ended: Instant,
    /// How long its sync took.
    flush: Duration,
    /// Batches that were answered, and those that waited by then: as many callers are there.
    callers: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { ended: Instant::now(), flush: Duration::ZERO, callers: 0 }
    }
}

impl Pace {
    /// After a group of so many batches.
    pub(crate) fn after(shared: &Shared, flush: Duration, answered: usize) -> Self {
        let waited = lock(&shared.queue).batches.len();
        Self { ended: Instant::now(), flush, callers: answered + waited }
    }

    /// Waits while it pays, and gives the queue back locked.
    pub(crate) fn linger<'a>(
        &self,
        shared: &Shared,
        mut queue: MutexGuard<'a, Queue>,
    ) -> MutexGuard<'a, Queue> {
        if self.flush < limits::LINGER_FLUSH_MIN || self.callers < limits::LINGER_CALLERS_MIN {
            return queue;
        }
        let most = self.flush / 2;
        // The first answer must reach its caller and come back.
        let mut step = self.flush / 4;
        loop {
            let (before, so_far) = (queue.batches.len(), self.ended.elapsed());
            if before >= self.callers || queue.closing || so_far >= most {
                return queue;
            }
            queue.enough = self.callers;
            queue = wait_for(&shared.queue_cv, queue, step.min(most - so_far));
            queue.enough = 0;
            let (came, now) = (queue.batches.len() - before, self.ended.elapsed());
            // Batches for each time of the whole round: so many a step answers without waiting.
            let usual = before as f64 * (now - so_far).as_secs_f64() / (self.flush + now).as_secs_f64();
            if (came as f64) < usual {
                return queue;
            }
            step = limits::LINGER_STEP;
        }
    }
}
