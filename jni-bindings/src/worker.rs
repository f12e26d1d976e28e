//! The one thread of this library: made when there is something to do, gone when there is nothing.
//!
//! All connections of the process live on it. It ends by itself once it had nothing to do for
//! [`THREAD_KEEP`], so a payment app that is idle has no thread of ours, and none of its
//! wakeups. Calls of Java never run on it; upcalls do, and must return at once.

use std::cell::Cell;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::{Builder, Handle};
use tokio::sync::Notify;

use crate::limits::THREAD_KEEP;

/// The thread, while there is one.
static WORKER: Mutex<Option<Worker>> = Mutex::new(None);

thread_local! {
    /// Whether this is the thread.
    static HERE: Cell<bool> = const { Cell::new(false) };
}

/// Whether the caller is on the thread of this library: then it may not wait for it.
pub fn is_here() -> bool {
    HERE.get()
}

struct Worker {
    runtime: Handle,
    /// Tasks that are not done.
    tasks: usize,
    idle: Arc<Notify>,
}

/// Runs a task on the thread, which is started if there is none.
///
/// # Errors
/// The operating system gives no thread, or no event loop.
pub fn spawn(task: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let mut slot = WORKER.lock().unwrap_or_else(PoisonError::into_inner);
    let worker = match &mut *slot {
        Some(worker) => worker,
        none => none.insert(start()?),
    };
    worker.tasks += 1;
    worker.runtime.spawn(async {
        // Counted down also when the task panics, which ends that task alone.
        let _done = Done;
        task.await;
    });
    Ok(())
}

struct Done;

impl Drop for Done {
    fn drop(&mut self) {
        if let Some(worker) = &mut *WORKER.lock().unwrap_or_else(PoisonError::into_inner) {
            worker.tasks -= 1;
            if worker.tasks == 0 {
                worker.idle.notify_one();
            }
        }
    }
}

fn start() -> io::Result<Worker> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let idle = Arc::new(Notify::new());
    let told = Arc::clone(&idle);
    std::thread::Builder::new().name("receiptd-io".to_owned()).spawn(move || {
        HERE.set(true);
        runtime.block_on(until_idle(&told));
        // Nothing of ours is left on it; what zbus left is dropped with it.
    })?;
    Ok(Worker { runtime: handle, tasks: 0, idle })
}

/// Returns when there was nothing to do for a while, and nobody can put anything on this thread any more.
async fn until_idle(idle: &Notify) {
    loop {
        idle.notified().await;
        tokio::time::sleep(THREAD_KEEP).await;
        let mut slot = WORKER.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.as_ref().is_some_and(|worker| worker.tasks == 0) {
            *slot = None;
            return;
        }
    }
}
