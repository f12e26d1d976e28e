//! What the threads of one store share: the queue to the committer, the lag to the applier, the overlay,
//! the spool. The order of locks is: lag, overlay, spool; the queue is never held with another.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, RwLock};
use std::time::Instant;

use crate::error::CommitError;
use crate::filter::Filter;
use crate::health::{Health, HealthCell, HealthState};
use crate::journal::writer;
use crate::limits;
use crate::lock::Lock;
use crate::options::Options;
use crate::overlay::Overlay;
use crate::paths::Paths;
use crate::pulse::Pulse;
use crate::quarantine::Quarantine;
use crate::reserve::Reserve;
use crate::spool::place::Place;
use crate::spool::sled::{SledSpool, dir_bytes};
use crate::sync::{lock, read};
use crate::types::{Change, Class, Durable, Lsn};

/// Called when a batch is durable, or is not going to be.
pub(crate) type Done = Box<dyn FnOnce(Result<Lsn, CommitError>) + Send>;

/// A batch on its way to the committer.
pub(crate) struct Waiting {
    pub(crate) class: Class,
    pub(crate) changes: Vec<Change>,
    pub(crate) weight: usize,
    pub(crate) done: Done,
}

/// What waits for the committer.
#[derive(Default)]
pub(crate) struct Queue {
    pub(crate) batches: VecDeque<Waiting>,
    pub(crate) bytes: usize,
    pub(crate) closing: bool,
    /// The committer need not be woken before so many batches wait.
    pub(crate) gathers: usize,
}

impl Queue {
    /// Whether there is nothing more to wait for.
    pub(crate) fn is_gathered(&self) -> bool {
        self.closing || self.batches.len() >= self.gathers || self.bytes >= limits::GROUP_BYTES_MAX
    }
}

/// What waits for sled, and what else the applier is asked for.
#[derive(Debug, Default)]
pub(crate) struct Lag {
    pub(crate) batches: VecDeque<Arc<Durable>>,
    pub(crate) bytes: usize,
    /// When the last batches were handed over, so that the applier sees whether it is quiet.
    pub(crate) arrived: Option<Instant>,
    /// Callers were just answered and are waited for: what is applied now, they have to wait for as well.
    pub(crate) gathers: bool,
    /// The committer has ended; apply the rest and end as well.
    pub(crate) closing: bool,
    /// Maintenance was asked for.
    pub(crate) maintain: bool,
    /// sled was found damaged: rebuild it, because of this.
    pub(crate) repair: Option<String>,
    /// Rebuilds finished or given up: readers wait for a change.
    pub(crate) repairs_done: u64,
    /// The applier is at work.
    pub(crate) busy: bool,
    /// The applier has ended: nobody makes room any more, so nobody must wait for it.
    pub(crate) ended: bool,
}

impl Lag {
    /// Whether the applier is to begin at once.
    pub(crate) fn is_urgent(&self) -> bool {
        let much = self.batches.len() >= limits::APPLY_BATCHES || self.bytes >= limits::LAG_BYTES_MAX / 2;
        self.closing || self.maintain || much && !self.gathers
    }
}

/// Everything shared.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) paths: Paths,
    pub(crate) place: Place,
    pub(crate) reserve: Reserve,
    pub(crate) quarantine: Quarantine,
    pub(crate) journal: Arc<writer::Shared>,
    pub(crate) store: u64,
    pub(crate) queue: Mutex<Queue>,
    pub(crate) queue_cv: Condvar,
    pub(crate) lag: Mutex<Lag>,
    /// The applier waits here.
    pub(crate) lag_cv: Condvar,
    /// The committer waits here for room, readers for a repair, `settle` for rest.
    pub(crate) room_cv: Condvar,
    pub(crate) overlay: RwLock<Overlay>,
    /// Which keys of [`crate::types::Table::Idem`] there may be.
    pub(crate) filter: Filter,
    /// `None` while it is being replaced, and after closing.
    pub(crate) spool: RwLock<Option<SledSpool>>,
    pub(crate) health: HealthCell,
    pub(crate) committer: Pulse,
    pub(crate) applier: Pulse,
    pub(crate) rebuilds: AtomicU64,
    /// Damage took something that nothing else had.
    pub(crate) lost: AtomicBool,
    /// The committer cannot write; refuse at the door.
    pub(crate) failed: AtomicBool,
    pub(crate) _lock: Lock,
}

impl Shared {
    /// Free bytes for us; a system that does not say is taken as having room.
    pub(crate) fn free_bytes(&self) -> u64 {
        self.options.disk.free_bytes(&self.paths.root).unwrap_or(u64::MAX)
    }

    /// Whether nothing more may wait for sled.
    pub(crate) fn lag_is_full(lag: &Lag) -> bool {
        !lag.ended && (lag.batches.len() >= limits::LAG_BATCHES_MAX || lag.bytes >= limits::LAG_BYTES_MAX)
    }

    /// Makes the next journal segment if it is wanted, unless room is short.
    pub(crate) fn prepare_segment(&self) {
        self.journal.trim();
        let spare = &self.journal.spare;
        if spare.is_wanted() && self.free_bytes() >= 2 * self.options.admission_free_min {
            spare.prepare(&self.options.disk, &self.paths.journal);
        }
    }

    /// Asks the applier to rebuild sled.
    pub(crate) fn want_repair(&self, why: String) -> u64 {
        let mut lag = lock(&self.lag);
        if lag.repair.is_none() {
            log::error!("the spool is damaged and will be rebuilt: {why}");
            lag.repair = Some(why);
        }
        self.lag_cv.notify_all();
        lag.repairs_done
    }

    /// The present condition.
    pub(crate) fn health(&self) -> Health {
        let lag = lock(&self.lag).batches.len() as u64;
        let (spool, sled_bytes) = match read(&self.spool).as_ref() {
            Some(s) => (s.state(), s.file_bytes()),
            None => Default::default(),
        };
        Health {
            state: self.health.state(),
            journal_bytes: self.journal.bytes.load(Ordering::Relaxed),
            sled_bytes,
            body_file_bytes: dir_bytes(&self.paths.bodies),
            live_bytes: spool.live_bytes + spool.body_bytes,
            rows: spool.rows,
            lag,
            rebuilds: self.rebuilds.load(Ordering::Relaxed),
            quarantined: self.quarantine.count(),
            lost: self.lost.load(Ordering::Relaxed),
            groups: self.journal.syncs.load(Ordering::Relaxed),
        }
    }

    /// A thread of the store panicked: nothing can be promised any more. Whoever waits is told.
    pub(crate) fn on_panic(&self, thread: &str) {
        let why = format!(
            "the thread {thread} panicked; restart the daemon, the journal has what was acknowledged"
        );
        self.failed.store(true, Ordering::Release);
        self.health.set(HealthState::Failed { why: why.clone() });
        lock(&self.lag).ended = true;
        self.room_cv.notify_all();
        let waiting: Vec<Waiting> = lock(&self.queue).batches.drain(..).collect();
        for batch in waiting {
            (batch.done)(Err(CommitError::Failed { why: why.clone() }));
        }
    }

    /// Gives up the reserve, and says so.
    pub(crate) fn use_reserve(&self) -> bool {
        self.health.set(HealthState::Full);
        self.reserve.release()
    }

    /// Ends the state `Full` when there is room again, the reserve included.
    pub(crate) fn leave_full(&self, free: u64) -> bool {
        if free >= self.options.admission_free_min
            && self.reserve.restore(free, self.options.admission_free_min)
        {
            self.health.set(HealthState::Ok);
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(batches: usize) -> Queue {
        let one =
            || Waiting { class: Class::Admission, changes: Vec::new(), weight: 1, done: Box::new(|_| ()) };
        Queue { batches: (0..batches).map(|_| one()).collect(), bytes: batches, ..Queue::default() }
    }

    #[test]
    fn the_committer_is_woken_by_the_last_one_it_waits_for_and_by_nothing_before() {
        let gathers = |batches, gathers| Queue { gathers, ..waiting(batches) };
        assert!(gathers(1, 0).is_gathered(), "it waits for anyone");
        assert!(!gathers(63, 64).is_gathered());
        assert!(gathers(64, 64).is_gathered());
    }

    #[test]
    fn closing_and_a_full_group_end_the_wait_for_others() {
        let few = || Queue { gathers: 64, ..waiting(1) };
        assert!(!few().is_gathered());
        assert!(Queue { closing: true, ..few() }.is_gathered());
        assert!(Queue { bytes: limits::GROUP_BYTES_MAX, ..few() }.is_gathered());
    }
}
