//! The store as its user sees it: open, commit, read, health, close.

mod reading;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, RwLock, mpsc};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use crate::error::{CloseError, CommitError, OpenError};
use crate::filter::Filter;
use crate::health::{Health, HealthCell, HealthState};
use crate::journal::writer::{self, Setup, Writer};
use crate::limits;
use crate::lock::Lock;
use crate::options::{OpenReport, Options};
use crate::overlay::Overlay;
use crate::paths::Paths;
use crate::pulse::Pulse;
use crate::quarantine::Quarantine;
use crate::recovery::Recovery;
use crate::reserve::Reserve;
use crate::shared::{Lag, Queue, Shared, Waiting};
use crate::spool::place::Place;
use crate::sync::{lock, wait_for};
use crate::threads::Threads;
use crate::types::{Batch, Lsn, accept};
use crate::{closed, threads};

/// What the store's threads were doing when they were last looked at, for [`Store::stuck`].
#[derive(Debug, Default)]
pub struct Looked {
    committer: Option<u64>,
    applier: Option<u64>,
}

/// The spool on disk. Clones share one store; the last one to go closes it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    threads: Mutex<Option<Threads>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("dir", &self.inner.shared.paths.root).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store, and repairs what needs repair.
    ///
    /// # Errors
    /// See [`OpenError`]; damage of the data is never one, it is in the report.
    pub fn open(options: Options) -> Result<(Self, OpenReport), OpenError> {
        let paths = Paths::new(&options.dir);
        paths.make()?;
        let lock = Lock::take(&paths.root)?;
        let early = threads::Waiting::make()?;
        let place = Place::new(Arc::clone(&options.disk), &paths.spool);
        let quarantine = Quarantine::new(Arc::clone(&options.disk), &paths.root);
        let reserve = Reserve::new(Arc::clone(&options.disk), &paths.root, options.reserve_bytes);
        let recovery = Recovery {
            options: &options,
            paths: &paths,
            place: &place,
            quarantine: &quarantine,
            force: false,
            closed: closed::take(options.disk.as_ref(), &paths.root),
        };
        let mut recovered = match recovery.run() {
            // sled cannot open on a disk that is full to the last byte; the reserve is for this.
            Err(OpenError::DiskFull { source }) => {
                if !reserve.release() {
                    return Err(OpenError::DiskFull { source });
                }
                recovery.run()?
            }
            other => other?,
        };
        recovered.report.quarantined = quarantine.count();
        let journal = Arc::new(writer::Shared::default());
        journal.bytes.store(recovered.journal_bytes, Ordering::Relaxed);
        journal.spare.number_from(recovered.next_spare);
        let setup = Setup {
            disk: Arc::clone(&options.disk),
            dir: paths.journal.clone(),
            store: recovered.store,
            flush_delay: options.flush_delay,
            shared: Arc::clone(&journal),
            last_name: recovered.last_name,
        };
        let writer = Writer::new(setup, recovered.tail, recovered.next_lsn);
        let mut overlay = Overlay::default();
        let mut lag = Lag::default();
        for batch in recovered.pending {
            overlay.add(&batch);
            lag.bytes += batch.weight;
            lag.batches.push_back(Arc::new(batch));
        }
        let shared = Arc::new(Shared {
            paths,
            place,
            reserve,
            quarantine,
            journal,
            store: recovered.store,
            queue: Mutex::new(Queue::default()),
            queue_cv: Condvar::new(),
            lag: Mutex::new(lag),
            lag_cv: Condvar::new(),
            room_cv: Condvar::new(),
            overlay: RwLock::new(overlay),
            filter: Filter::default(),
            spool: RwLock::new(Some(recovered.spool)),
            health: HealthCell::default(),
            committer: Pulse::default(),
            applier: Pulse::default(),
            rebuilds: AtomicU64::new(u64::from(recovered.report.rebuilt.is_some())),
            lost: AtomicBool::new(recovered.report.lost),
            failed: AtomicBool::new(false),
            _lock: lock,
            options,
        });
        let free = shared.free_bytes();
        if free < shared.options.admission_free_min
            || !shared.reserve.restore(free, shared.options.admission_free_min)
        {
            shared.health.set(HealthState::Full);
        }
        let threads = early.begin(&shared, writer);
        let inner = Inner { shared, threads: Mutex::new(Some(threads)) };
        Ok((Self { inner: Arc::new(inner) }, recovered.report))
    }

    /// Hands a batch over; never blocks on the disk. `done` is called once, from the committer's thread,
    /// when the batch is on stable storage or is known not to be; it must not block.
    ///
    /// # Errors
    /// The batch was not taken and `done` is not called: [`CommitError::Busy`],
    /// [`CommitError::Invalid`], [`CommitError::Failed`], [`CommitError::Closed`].
    pub fn commit(
        &self,
        batch: Batch,
        done: Box<dyn FnOnce(Result<Lsn, CommitError>) + Send>,
    ) -> Result<(), CommitError> {
        let class = batch.class;
        let (changes, weight) = accept(batch)?;
        let shared = &self.inner.shared;
        if shared.failed.load(Ordering::Acquire)
            && let HealthState::Failed { why } = shared.health.state()
        {
            return Err(CommitError::Failed { why });
        }
        let mut queue = lock(&shared.queue);
        if queue.closing {
            return Err(CommitError::Closed);
        }
        let waiting = queue.batches.len();
        if waiting >= limits::QUEUE_BATCHES_MAX
            || (waiting > 0 && queue.bytes + weight > limits::QUEUE_BYTES_MAX)
        {
            return Err(CommitError::Busy { waiting });
        }
        queue.bytes += weight;
        queue.batches.push_back(Waiting { class, changes, weight, done });
        let wake = queue.is_gathered();
        drop(queue);
        if wake {
            shared.queue_cv.notify_one();
        }
        Ok(())
    }

    /// The thread of the store that has ended, or is where it was at the last look although it has work. Wakes none.
    pub fn stuck(&self, looked: &mut Looked) -> Option<String> {
        if let Some(threads) = lock(&self.inner.threads).as_ref()
            && let Some(ended) = threads.handles.iter().find(|handle| handle.is_finished())
        {
            return Some(format!("the thread {} has ended", ended.thread().name().unwrap_or("of the store")));
        }
        let shared = &self.inner.shared;
        // Both are looked at each time, whatever the other one does.
        let committer = shared.committer.is_well(&mut looked.committer);
        let applier = shared.applier.is_well(&mut looked.applier);
        [(committer, "store-commit"), (applier, "store-apply")]
            .into_iter()
            .find(|(well, _)| !well)
            .map(|(_, name)| format!("the thread {name} does not move on"))
    }

    /// Commits and waits; for tools and tests.
    ///
    /// # Errors
    /// As [`Self::commit`], or what `done` would have been told.
    pub fn commit_wait(&self, batch: Batch) -> Result<Lsn, CommitError> {
        let (tx, rx) = mpsc::sync_channel(1);
        self.commit(
            batch,
            Box::new(move |result| {
                // Nobody waits any more only if the caller's thread died.
                let _ = tx.send(result);
            }),
        )?;
        rx.recv().unwrap_or(Err(CommitError::Closed))
    }

    /// The present condition.
    #[must_use]
    pub fn health(&self) -> Health {
        self.inner.shared.health()
    }

    /// Its state alone, without looking at the disk.
    #[must_use]
    pub fn state(&self) -> HealthState {
        self.inner.shared.health.state()
    }

    /// Whether an admission would be taken now, as far as can be known without one: looks at the room on the disk too, which
    /// others fill and empty. Does not write.
    #[must_use]
    pub fn admits(&self) -> HealthState {
        let shared = &self.inner.shared;
        if shared.health.state() == HealthState::Ok && shared.free_bytes() < shared.options.admission_free_min
        {
            // As an admission would find it.
            shared.health.set(HealthState::Full);
            // The committer waits without a timer while all is well; now it looks for room again and again. It must not
            // have looked at the state a moment ago and not wait yet.
            drop(lock(&shared.queue));
            shared.queue_cv.notify_all();
        }
        shared.health.state()
    }

    /// Has a function called whenever the state changes; from a thread of the store, so it must not block.
    pub fn on_health(&self, callback: impl Fn(&HealthState) + Send + Sync + 'static) {
        self.inner.shared.health.listen(Arc::new(callback));
    }

    /// Asks for full maintenance: cleaning and compaction if due, the sweep of orphaned files, and a read
    /// of the whole spool against its checksums and counts. Returns at once; it runs when nothing waits.
    /// The daemon asks once a week, and once some time after the start.
    pub fn maintain(&self) {
        let shared = &self.inner.shared;
        lock(&shared.lag).maintain = true;
        shared.lag_cv.notify_all();
    }

    /// Waits until everything is in sled and no maintenance runs. True if that came in time; a store that was closed meanwhile
    /// did not do what was asked for.
    #[must_use]
    pub fn settle(&self, time: Duration) -> bool {
        let shared = &self.inner.shared;
        let deadline = Instant::now() + time;
        let mut lag = lock(&shared.lag);
        while !lag.batches.is_empty() || lag.busy || lag.maintain || lag.repair.is_some() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || lag.ended {
                return false;
            }
            lag = wait_for(&shared.room_cv, lag, left);
        }
        true
    }

    /// Commits what waits, brings it into sled, and ends the threads. Later commits are refused.
    ///
    /// # Errors
    /// [`CloseError::TimedOut`] after [`limits::CLOSE_WAIT`]; nothing acknowledged is lost.
    pub fn close(&self) -> Result<(), CloseError> {
        self.inner.close()
    }
}

impl Inner {
    fn close(&self) -> Result<(), CloseError> {
        {
            let mut queue = lock(&self.shared.queue);
            queue.closing = true;
            self.shared.queue_cv.notify_all();
        }
        let Some(threads) = lock(&self.threads).take() else { return Ok(()) };
        let here: ThreadId = std::thread::current().id();
        if threads.handles.iter().any(|h| h.thread().id() == here) {
            // The last handle went inside a callback: this thread cannot wait for itself, and ends soon.
            return Ok(());
        }
        let deadline = Instant::now() + limits::CLOSE_WAIT;
        for _ in 0..threads.handles.len() {
            let left = deadline.saturating_duration_since(Instant::now());
            if threads.ended.recv_timeout(left) == Err(mpsc::RecvTimeoutError::Timeout) {
                return Err(CloseError::TimedOut);
            }
        }
        for handle in threads.handles {
            // A panic there was logged by the panic hook; the journal has what was acknowledged.
            let _ = handle.join();
        }
        let last = self.shared.journal.last.load(Ordering::Acquire);
        closed::leave(self.shared.options.disk.as_ref(), &self.shared.paths.root, last);
        Ok(())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Err(e) = self.close() {
            log::error!("{e}");
        }
    }
}
