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

    /// Carries out an operation on the thread of this library, and then `then` there.
    ///
    /// # Errors
    /// Too many are under way, or there is no thread.
    pub fn start(
        self: &Arc<Self>,
        operation: Operation,
        limit: Duration,
        then: impl FnOnce(Result<Vec<u8>, Fail>) + Send + 'static,
    ) -> Result<(), Refusal> {
        let call = Call::begin(self)?;
        let done = async move {
            // Whoever waits for an answer gets one, whatever happens here.
            let asked = AssertUnwindSafe(call.road.call(&operation, limit)).catch_unwind().await;
            drop(call);
            then(match asked {
                Ok(answer) => answer.map_err(Fail::Refused),
                Err(panic) => Err(Fail::Defect(what(panic.as_ref()).to_owned())),
            });
        };
        worker::spawn(done).map_err(|why| Refusal::no_thread(&why))
    }

    /// Ends everything: calls under way are refused as closed.
    pub fn close(&self) {
        self.closed.send_replace(true);
        self.lock().client = None;
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
        if state.client.as_ref()?.connection().is_closed() {
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
            let road = Arc::clone(self);
            // Without it the connection would only stay longer.
            let _ = worker::spawn(async move { road.let_go_when_unused().await });
        }
    }

    async fn let_go_when_unused(&self) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(CONNECTION_KEEP) => {}
                () = self.closing() => return,
            }
            let mut state = self.lock();
            // A follower keeps its connection, and calls for this again when it ends.
            let unused = !state.used && self.calls.load(Ordering::Relaxed) == 0;
            if state.following || unused {
                if !state.following {
                    state.client = None;
                }
                state.looked_after = false;
                return;
            }
            state.used = false;
        }
    }
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
mod tests {
    use std::sync::mpsc;
    use std::time::Instant;

    use receiptd::hosted::Hosted;

    use super::*;

    /// The thread is one for the process: who counts it is alone.
    static ALONE: Mutex<()> = Mutex::new(());

    fn road(hosted: &Arc<Hosted>) -> Arc<Remote> {
        let hosted = Arc::clone(hosted);
        Remote::new(1, Place::Hosted(Box::new(move || hosted.connect().map_err(|_| Refusal::closed()))))
    }

    fn ask(road: &Arc<Remote>, operation: Operation) -> Result<Vec<u8>, Fail> {
        let (sender, answer) = mpsc::channel();
        road.start(operation, Duration::from_secs(30), move |answer| sender.send(answer).unwrap()).unwrap();
        answer.recv().unwrap()
    }

    /// Threads of this process with that name.
    fn threads(name: &str) -> usize {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
        let named = |task: &std::fs::DirEntry| {
            std::fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim_end() == name)
        };
        tasks.filter(named).count()
    }

    fn until(what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !holds() {
            assert!(Instant::now() < deadline, "waited in vain until {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// A daemon in this process whose printer is not there.
    fn hosted(folder: &std::path::Path) -> Arc<Hosted> {
        Arc::new(Hosted::start(folder, "[[printer]]\nname = \"till\"\nconnect = \"usb\"\n").unwrap())
    }

    #[test]
    fn submissions_are_accepted_in_the_order_of_the_calls_while_the_connection_is_being_made() {
        /// Calls once the connection is there.
        const LATE: usize = 30;
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let hosted = hosted(folder.path());
        // In each there is one moment to be hit: those who waited for the connection are just told that it is there.
        for round in 0..8 {
            let road = road(&hosted);
            let (sender, answers) = mpsc::channel();
            let (mut calls, mut late) = (0, 0);
            while late < LATE && calls < CALLS_MAX {
                late += usize::from(road.lock().client.is_some());
                let (sender, call) = (sender.clone(), calls);
                let operation = Operation::text(&format!("{round}-{call}"));
                road.start(operation, Duration::from_secs(30), move |answer| {
                    sender.send((call, answer.unwrap())).unwrap();
                })
                .unwrap();
                calls += 1;
            }
            drop(sender);
            let mut accepted: Vec<(usize, Vec<u8>)> = answers.iter().collect();
            accepted.sort();
            // Behind the number of jobs: the first one's.
            let id = |frame: &[u8]| u64::from_be_bytes(frame[4..12].try_into().unwrap());
            let ids: Vec<u64> = accepted.iter().map(|(_, frame)| id(frame)).collect();
            assert_eq!(ids.len(), calls);
            assert!(ids.is_sorted(), "round {round}: {ids:?}");
            road.close();
        }
    }

    #[test]
    fn an_idle_app_has_no_connection_and_no_thread_of_ours() {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let hosted = hosted(folder.path());
        let road = road(&hosted);
        until("another test's thread is gone", || threads("receiptd-io") == 0);
        // No job: a list of none.
        assert_eq!(ask(&road, Operation::FindJobs("k".to_owned())).unwrap(), [0; 4]);
        assert_eq!(threads("receiptd-io"), 1);
        until("the thread is gone", || threads("receiptd-io") == 0);
        assert!(road.lock().client.is_none(), "the connection was let go first");
        assert_eq!(
            ask(&road, Operation::FindJobs("k".to_owned())).unwrap(),
            [0; 4],
            "it comes back when it is needed"
        );

        // Whoever listens keeps both.
        ask(&road, Operation::Watch(JobFilter::default())).unwrap();
        std::thread::sleep(CONNECTION_KEEP * 5);
        assert!(road.lock().client.is_some());
        ask(&road, Operation::Unwatch).unwrap();
        until("the thread is gone again", || threads("receiptd-io") == 0);
        road.close();
        assert!(
            matches!(ask(&road, Operation::Unwatch), Err(Fail::Refused(refusal)) if refusal.code == "Closed")
        );
    }
}
