//! The one event loop of this library, on which all connections of the process live, and who turns it.
//!
//! A Java thread that waits for an answer turns it itself meanwhile ([`wait`]): it reads the answer from the socket, and no
//! other thread has to be woken up and to wake it up. For what nobody waits for ([`spawn`]: calls of `start`, listening)
//! and for what is to be done later ([`every`]) there is one thread, which stands by otherwise. It is made when there is
//! something to do and ends by itself [`THREAD_KEEP`] after the last of it, so a payment app that is idle has no thread
//! of ours, and none of its wakeups.
//!
//! Whoever turns it, turns all of it, one at a time: tasks run in the order in which they came, and never two at once.
//! Upcalls happen there, on a Java thread as well, and must return at once.

use std::cell::Cell;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

use crate::limits::{SETTLE, THREAD_KEEP};

/// The event loop and its thread, while there are any.
static WORKER: Mutex<Option<Worker>> = Mutex::new(None);

/// There is something that the thread must know of: a task, or something to be done later.
static NEWS: Condvar = Condvar::new();

thread_local! {
    /// Whether this thread turns the loop, or waits until it may.
    static HERE: Cell<bool> = const { Cell::new(false) };
}

/// Whether the caller runs in the event loop: then it may not wait for it.
pub fn is_here() -> bool {
    HERE.get()
}

struct Worker {
    runtime: Arc<Runtime>,
    /// Tasks that are not done and that nobody waits for.
    tasks: usize,
    /// There are none any more.
    done: Arc<Notify>,
    /// Threads that wait for an answer.
    waiting: usize,
    chores: Vec<Chore>,
    /// When it was last needed.
    used: Instant,
}

/// What is done again and again until it says that it is over.
struct Chore {
    due: Instant,
    every: Duration,
    run: Box<dyn FnMut() -> bool + Send>,
}

/// Runs a task that nobody waits for.
///
/// # Errors
/// The operating system gives no thread, or no event loop.
pub fn spawn(task: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let mut slot = lock();
    let worker = get(&mut slot)?;
    worker.tasks += 1;
    worker.runtime.spawn(async {
        // Counted down also when the task panics, which ends that task alone.
        let _done = Done;
        task.await;
    });
    NEWS.notify_one();
    Ok(())
}

/// Runs a task while this thread waits for it, and turns the loop.
///
/// # Errors
/// As of [`spawn`]; or the task panicked.
pub fn wait<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> io::Result<T> {
    let waiting = Waiting::begin()?;
    // A connection that broke while nobody looked is known as broken before it is used. The first turn hears of it
    // and the second carries it to whoever reads there.
    waiting.runtime.block_on(async {
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
    });
    // A task, behind those that came before: polled here, it would overtake them.
    let task = waiting.runtime.spawn(task);
    waiting.runtime.block_on(task).map_err(io::Error::other)
}

/// Does something each time that `time` is over, in the event loop, until it gives `false`.
///
/// # Errors
/// As of [`spawn`].
pub fn every(time: Duration, run: impl FnMut() -> bool + Send + 'static) -> io::Result<()> {
    let mut slot = lock();
    let worker = get(&mut slot)?;
    worker.chores.push(Chore { due: Instant::now() + time, every: time, run: Box::new(run) });
    NEWS.notify_one();
    // Or it is turning the loop, until another chore is due.
    worker.done.notify_one();
    Ok(())
}

/// Sees to what was begun by a thread that does not wait for it, such as the end of a connection. If there is no loop
/// any more, there is nothing left of it.
pub fn settle() {
    if lock().is_some() {
        // Otherwise it happens the next time that the loop is turned.
        let _ = spawn(std::future::ready(()));
    }
}

struct Done;

impl Drop for Done {
    fn drop(&mut self) {
        if let Some(worker) = &mut *lock() {
            worker.tasks -= 1;
            worker.used = Instant::now();
            if worker.tasks == 0 {
                worker.done.notify_one();
            }
        }
    }
}

/// A thread that waits for an answer.
struct Waiting {
    /// Always there, but while this is dropped: the thread of this library is to be the last who has it.
    runtime: Arc<Runtime>,
    before: bool,
}

impl Waiting {
    fn begin() -> io::Result<Self> {
        let mut slot = lock();
        let worker = get(&mut slot)?;
        worker.waiting += 1;
        Ok(Self { runtime: Arc::clone(&worker.runtime), before: HERE.replace(true) })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        HERE.set(self.before);
        if let Some(worker) = &mut *lock() {
            worker.waiting -= 1;
            worker.used = Instant::now();
        }
    }
}

fn lock() -> MutexGuard<'static, Option<Worker>> {
    WORKER.lock().unwrap_or_else(PoisonError::into_inner)
}

fn get(slot: &mut Option<Worker>) -> io::Result<&mut Worker> {
    match slot {
        Some(worker) => Ok(worker),
        none => Ok(none.insert(start()?)),
    }
}

fn start() -> io::Result<Worker> {
    let runtime = Arc::new(Builder::new_current_thread().enable_all().build()?);
    let done = Arc::new(Notify::new());
    let (turned, told) = (Arc::clone(&runtime), Arc::clone(&done));
    std::thread::Builder::new().name("receiptd-io".to_owned()).spawn(move || {
        HERE.set(true);
        stand_by(&turned, &told);
        // Nothing of ours is left on it; what zbus left is dropped with it.
    })?;
    Ok(Worker { runtime, tasks: 0, done, waiting: 0, chores: Vec::new(), used: Instant::now() })
}

/// What the thread does next.
enum Next {
    /// Turns the loop until no task is left, or until that time.
    Turn(Option<Instant>),
    Chores(Vec<Chore>),
    End,
}

fn stand_by(runtime: &Runtime, done: &Notify) {
    loop {
        match next() {
            Next::Turn(until) => runtime.block_on(turn(done, until)),
            Next::Chores(mut chores) => runtime.block_on(async {
                chores.retain_mut(|chore| (chore.run)());
                let now = Instant::now();
                for chore in &mut chores {
                    chore.due = now + chore.every;
                }
                if let Some(worker) = &mut *lock() {
                    worker.chores.append(&mut chores);
                }
                // For what they have let go.
                tokio::time::sleep(SETTLE).await;
            }),
            Next::End => return,
        }
    }
}

/// Waits without turning the loop until there is something to do. After [`Next::End`] nobody can put anything on it.
fn next() -> Next {
    let mut slot = lock();
    loop {
        let Some(worker) = &mut *slot else { return Next::End };
        let now = Instant::now();
        let (due, later) = worker.chores.drain(..).partition(|chore| chore.due <= now);
        worker.chores = later;
        let first = worker.chores.iter().map(|chore| chore.due).min();
        if !due.is_empty() {
            return Next::Chores(due);
        }
        if worker.tasks > 0 {
            return Next::Turn(first);
        }
        let needed = worker.waiting > 0 || first.is_some();
        if !needed && now.duration_since(worker.used) >= THREAD_KEEP {
            *slot = None;
            return Next::End;
        }
        let wait = match first {
            Some(first) => first - now,
            // Whoever waits turns the loop, for no longer than a call may take.
            None if needed => THREAD_KEEP,
            None => THREAD_KEEP.saturating_sub(now.duration_since(worker.used)),
        };
        slot = NEWS.wait_timeout(slot, wait).unwrap_or_else(PoisonError::into_inner).0;
    }
}

async fn turn(done: &Notify, until: Option<Instant>) {
    let all_done = async {
        done.notified().await;
        // What the last task has let go, and the next one, if it follows soon.
        tokio::time::sleep(SETTLE).await;
    };
    match until {
        Some(until) => {
            // Whichever comes first: what is left is decided anew.
            let _ = tokio::time::timeout_at(until.into(), all_done).await;
        }
        None => all_done.await,
    }
}
