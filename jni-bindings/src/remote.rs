//! A handle's road to the daemon: connected when a call needs it, repeated over a restart of the daemon, let go when
//! nobody needs it.
//!
//! What is repeated, and for how long, is `BOUNDARY.md`'s last part: [`asking`]. Listening is in [`follow`](crate::follow).

mod asking;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use receiptd_api::{Client, ConnectError, JobFilter, Where};
use tokio::sync::{Semaphore, watch};

use crate::limits::{CALLS_AT_ONCE, CALLS_MAX, CONNECTION_KEEP};
use crate::operation::Operation;
use crate::refusal::{Fail, Refusal, what};
use crate::worker;

/// Where the daemon is.
pub enum Place {
    /// In another process.
    At(Where),
    /// In this one: gives one end of a new connection.
    #[cfg_attr(not(feature = "in-process"), expect(dead_code, reason = "only made there"))]
    Hosted(Box<dyn Fn() -> Result<std::os::unix::net::UnixStream, Refusal> + Send + Sync>),
}

/// A handle's road.
pub struct Remote {
    /// The handle, for upcalls.
    pub(crate) handle: i64,
    place: Place,
    state: Mutex<State>,
    /// Calls pass it one by one, in their order, with all that they may have to wait for before they are sent.
    turn: tokio::sync::Mutex<()>,
    /// One connects, the others wait for it.
    connecting: tokio::sync::Mutex<()>,
    at_once: Semaphore,
    calls: AtomicUsize,
    closed: watch::Sender<bool>,
    /// Whether the follower listens on the present connection.
    pub(crate) listening: watch::Sender<bool>,
    /// What is wanted of the follower has changed.
    pub(crate) wanted: tokio::sync::Notify,
}

#[derive(Default)]
struct State {
    client: Option<Client>,
    /// Whether the connection was used since it was last looked at.
    used: bool,
    /// Whether a task looks whether it still is.
    looked_after: bool,
    /// What is watched, and renewed on each new connection.
    filter: Option<JobFilter>,
    properties: bool,
    /// Calls that wait until somebody listens.
    wishing: usize,
    following: bool,
}

impl Remote {
    /// A road that is not gone yet.
    pub fn new(handle: i64, place: Place) -> Arc<Self> {
        Arc::new(Self {
            handle,
            place,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
            at_once: Semaphore::new(CALLS_AT_ONCE),
            calls: AtomicUsize::new(0),
            closed: watch::Sender::new(false),
            listening: watch::Sender::new(false),
            wanted: tokio::sync::Notify::new(),
        })
    }

    /// Carries out an operation in the event loop, and then `then` there.
    ///
    /// # Errors
    /// Too many are under way, or there is no thread.
    pub fn start(
        self: &Arc<Self>,
        operation: Operation,
        limit: Duration,
        then: impl FnOnce(Result<Vec<u8>, Fail>) + Send + 'static,
    ) -> Result<(), Refusal> {
        let answer = self.answer(operation, limit)?;
        worker::spawn(async move { then(answer.await) }).map_err(|why| Refusal::no_thread(&why))
    }

    /// Carries out an operation while this thread waits for the answer, and turns the event loop.
    ///
    /// # Errors
    /// As of [`Self::start`], and what the operation ends with.
    pub fn wait(self: &Arc<Self>, operation: Operation, limit: Duration) -> Result<Vec<u8>, Fail> {
        let answer = self.answer(operation, limit)?;
        worker::wait(answer).map_err(|why| Refusal::no_thread(&why))?
    }

    /// A call in its turn, until it has an answer. Whoever waits for it gets one, whatever happens.
    fn answer(
        self: &Arc<Self>,
        operation: Operation,
        limit: Duration,
    ) -> Result<impl Future<Output = Result<Vec<u8>, Fail>> + Send + use<>, Refusal> {
        let call = Call::begin(self)?;
        Ok(async move {
            let asked = AssertUnwindSafe(call.road.call(&operation, limit)).catch_unwind().await;
            drop(call);
            match asked {
                Ok(answer) => answer.map_err(Fail::Refused),
                Err(panic) => Err(Fail::Defect(what(panic.as_ref()).to_owned())),
            }
        })
    }

    /// Ends everything: calls under way are refused as closed.
    pub fn close(&self) {
        self.closed.send_replace(true);
        let client = self.lock().client.take();
        if let Some(client) = client
            && !finish_sending(&client)
        {
            // The socket is closed in the event loop.
            drop(client);
            worker::settle();
        }
    }

    /// Returns once the handle is closed.
    pub(crate) async fn closing(&self) {
        // An error means that the sender is gone, which `self` owns.
        let _ = self.closed.subscribe().wait_for(|closed| *closed).await;
    }

    /// What a listener wants: the jobs, and whether properties are told. `None`: nobody listens any more.
    pub(crate) fn wishes(&self) -> Option<(Option<JobFilter>, bool)> {
        let mut state = self.lock();
        let wished = (state.filter.clone(), state.properties);
        if (wished == (None, false) && state.wishing == 0) || *self.closed.borrow() {
            // Decided under the lock: whoever wishes next starts a new follower.
            state.following = false;
            return None;
        }
        Some(wished)
    }

    /// The live connection, made if there is none.
    pub(crate) async fn client(self: &Arc<Self>) -> Result<Client, Refusal> {
        if let Some(client) = self.live() {
            return Ok(client);
        }
        let _one = self.connecting.lock().await;
        if let Some(client) = self.live() {
            return Ok(client);
        }
        let client = match &self.place {
            Place::At(place) => Client::connect(place.clone()).await,
            Place::Hosted(connect) => Client::over_stream(connect()?).await,
        };
        let client = client.map_err(|why: ConnectError| Refusal::from(&why))?;
        let mut state = self.lock();
        if *self.closed.borrow() {
            return Err(Refusal::closed());
        }
        state.client = Some(client.clone());
        state.used = true;
        drop(state);
        self.look_after();
        Ok(client)
    }

    fn live(&self) -> Option<Client> {
        let mut state = self.lock();
        if state.client.as_ref()?.is_closed() {
            state.client = None;
        } else {
            state.used = true;
        }
        state.client.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the connection go once nobody needs it, unless somebody looks after it already.
    pub(crate) fn look_after(self: &Arc<Self>) {
        let before = std::mem::replace(&mut self.lock().looked_after, true);
        if !before {
            let road = Arc::downgrade(self);
            let look = move || road.upgrade().is_some_and(|road| !road.lets_go_if_unused());
            // Without it the connection would only stay longer.
            let _ = worker::every(CONNECTION_KEEP, look);
        }
    }

    /// Lets go of the connection if it was not used of late. Whether nobody has to look any more.
    fn lets_go_if_unused(&self) -> bool {
        let mut state = self.lock();
        // A follower keeps its connection, and calls for this again when it ends.
        let unused = !state.used && self.calls.load(Ordering::Relaxed) == 0;
        let over = state.following || unused || *self.closed.borrow();
        if over && !state.following {
            state.client = None;
        }
        state.used = false;
        state.looked_after = !over;
        over
    }
}

/// Has the event loop turned until everything is sent that was begun, also what nobody waits for any more; false if nothing is
/// being sent.
fn finish_sending(client: &Client) -> bool {
    let client = client.clone();
    client.is_sending() && worker::spawn(async move { client.sent().await }).is_ok()
}

/// A call that is under way.
struct Call {
    road: Arc<Remote>,
}

impl Call {
    fn begin(road: &Arc<Remote>) -> Result<Self, Refusal> {
        let before = road.calls.fetch_add(1, Ordering::Relaxed);
        let call = Self { road: Arc::clone(road) };
        if before >= CALLS_MAX { Err(Refusal::busy(before)) } else { Ok(call) }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.road.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(feature = "in-process")]
#[cfg(test)]
mod tests;
