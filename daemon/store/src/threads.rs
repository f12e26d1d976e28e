//! The two threads of a store. They are made before sled is opened and wait for their work.
//!
//! The C library (glibc) gives each thread one of a few heaps when it first asks for memory: a new one while there are fewer
//! than allowed, then one that others have. sled makes seven threads of its own, which ask for little. If they come first,
//! the applier, which asks for much, may get the heap of the event loop, and the two wait for each other all the time: it
//! was so in three runs of ten, and cost a third of the rate with 64 callers. So it comes before them.

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread::{Builder, JoinHandle};

use crate::error::OpenError;
use crate::journal::writer::Writer;
use crate::shared::Shared;
use crate::{applier, committer};

type Work = Box<dyn FnOnce() + Send>;

/// A thread that waits for its work; it ends if it gets none.
struct Early {
    handle: JoinHandle<()>,
    work: mpsc::SyncSender<Work>,
}

/// Both, before the store is open.
pub(crate) struct Waiting {
    applier: Early,
    committer: Early,
}

/// Both, at work.
pub(crate) struct Threads {
    pub(crate) handles: [JoinHandle<()>; 2],
    /// Gets one message from each that ends.
    pub(crate) ended: mpsc::Receiver<()>,
}

impl Early {
    fn make(name: &str) -> Result<Self, OpenError> {
        let (work, wait) = mpsc::sync_channel::<Work>(1);
        let (asked, has_asked) = mpsc::sync_channel(1);
        let run = move || {
            // What it first asks memory for.
            drop(black_box(Box::new(0_u64)));
            // Whoever made it may have given up already; then there is no work either.
            let _ = asked.send(());
            if let Ok(work) = wait.recv() {
                work();
            }
        };
        let handle = Builder::new()
            .name(name.to_owned())
            .spawn(run)
            .map_err(|e| OpenError::io("starting a thread of the store", e))?;
        // An error would mean that it has ended, which the watchdog finds.
        let _ = has_asked.recv();
        Ok(Self { handle, work })
    }

    fn begin(self, work: Work) -> JoinHandle<()> {
        // It waits for nothing else.
        let _ = self.work.send(work);
        self.handle
    }
}

impl Waiting {
    /// Makes both; to be called before sled is opened.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub(crate) fn make() -> Result<Self, OpenError> {
        Ok(Self { applier: Early::make("store-apply")?, committer: Early::make("store-commit")? })
    }

    /// Sets both to work.
    pub(crate) fn begin(self, shared: &Arc<Shared>, writer: Writer) -> Threads {
        let (tx, ended) = mpsc::channel();
        let (s, t) = (Arc::clone(shared), tx.clone());
        let applier = self.applier.begin(Box::new(move || {
            if catch_unwind(AssertUnwindSafe(|| applier::run(&s))).is_err() {
                s.on_panic("store-apply");
            }
            let _ = t.send(());
        }));
        let s = Arc::clone(shared);
        let committer = self.committer.begin(Box::new(move || {
            if catch_unwind(AssertUnwindSafe(|| committer::run(&s, writer))).is_err() {
                s.on_panic("store-commit");
            }
            let _ = tx.send(());
        }));
        Threads { handles: [committer, applier], ended }
    }
}
