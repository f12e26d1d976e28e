//! Following jobs as they change: signals where they come, a look every few seconds where they do not, and a new
//! connection when the daemon was restarted.
//!
//! It shows nothing but hints about the connection; what a change means is the business of who follows.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use receiptd_api::{JobChangedStream, JobFilter, JobInfo, WatchLostStream};
use zbus::proxy::OwnerChangedStream;

use crate::client::{Daemon, clean_job};
use crate::failure::Failure;
use crate::out::Out;
use crate::text::messages;

/// How often a look is taken beside the signals.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long a daemon that went away is waited for: a restart with a large store takes some seconds.
const RECONNECT_FOR: Duration = Duration::from_secs(60);
/// The pause between two attempts to connect again.
const RECONNECT_EVERY: Duration = Duration::from_secs(1);

/// What there is to see.
#[derive(Debug)]
pub enum News {
    /// A job changed; it is without its story.
    Job(Box<JobInfo>),
    /// Time to take a look, whether anything changed or not.
    Look,
    /// The connection or the watch is new; changes may have been missed.
    Reconnected,
}

/// Follows the jobs that match a filter.
pub struct Follower {
    filter: JobFilter,
    changes: JobChangedStream,
    bus: Option<OnBus>,
    look: tokio::time::Interval,
    /// Heard of and not yet made good: whoever waits for news may let go in the middle of it.
    silence: Option<Silence>,
}

/// What a bus tells of the daemon: its connection does not end with the daemon, and a watch is lost without it.
struct OnBus {
    lost: WatchLostStream,
    owner: OwnerChangedStream<'static>,
}

/// Why no more signals come.
#[derive(Clone, Copy)]
enum Silence {
    /// The daemon is gone.
    Gone,
    /// It goes on, but not with this watch.
    WatchLost,
}

impl OnBus {
    async fn silence(bus: &mut Option<Self>) -> Silence {
        let Some(bus) = bus else { return std::future::pending().await };
        loop {
            tokio::select! {
                lost = bus.lost.next() => return if lost.is_some() { Silence::WatchLost } else { Silence::Gone },
                owner = bus.owner.next() => match owner {
                    Some(Some(_)) => {}
                    Some(None) | None => return Silence::Gone,
                },
            }
        }
    }
}

impl Follower {
    /// Begins to follow.
    ///
    /// # Errors
    /// The daemon's.
    pub async fn start(daemon: &mut Daemon, filter: JobFilter) -> Result<Self, Failure> {
        let (changes, bus) = subscribe(daemon, &filter).await?;
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // The first tick comes at once.
        look.tick().await;
        Ok(Self { filter, changes, bus, look, silence: None })
    }

    /// Waits for what comes next. Nothing is lost when it is dropped before that.
    ///
    /// # Errors
    /// The daemon refused, or did not come back.
    pub async fn next(&mut self, daemon: &mut Daemon, out: &Out) -> Result<News, Failure> {
        loop {
            match self.silence {
                None => {}
                Some(Silence::Gone) => return self.recover(daemon, out).await,
                Some(Silence::WatchLost) => {
                    return match self.watch_again(daemon).await? {
                        true => Ok(News::Reconnected),
                        false => self.recover(daemon, out).await,
                    };
                }
            }
            tokio::select! {
                change = self.changes.next() => match change {
                    Some(change) => {
                        // A signal that cannot be read is of a newer daemon; the next look makes up for it.
                        let Ok(args) = change.args() else { continue };
                        let mut job = args.job().clone();
                        clean_job(&mut job);
                        return Ok(News::Job(Box::new(job)));
                    }
                    None => self.silence = Some(Silence::Gone),
                },
                silence = OnBus::silence(&mut self.bus) => self.silence = Some(silence),
                // Watching again replaces the same watch, or makes a new one after a restart.
                _ = self.look.tick() => return match self.watch_again(daemon).await? {
                    true => Ok(News::Look),
                    false => self.recover(daemon, out).await,
                },
            }
        }
    }

    /// Asks for the signals; false when the daemon is gone.
    async fn watch_again(&mut self, daemon: &Daemon) -> Result<bool, Failure> {
        match daemon.client().spooler().watch(&self.filter).await.map_err(Failure::Call) {
            Ok(()) => {
                self.silence = self.silence.filter(|silence| matches!(silence, Silence::Gone));
                Ok(true)
            }
            Err(failure) if failure.is_gone() => {
                self.silence = Some(Silence::Gone);
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Waits for the answer to a question, and gives the changes that came until it was there. A client that does not
    /// read its signals does not get its answers either.
    pub async fn meanwhile<T>(&mut self, question: impl Future<Output = T>) -> (T, Vec<JobInfo>) {
        let mut question = pin!(question);
        let mut came = Vec::new();
        let mut take = |change: &receiptd_api::JobChanged| {
            if let Ok(args) = change.args() {
                let mut job = args.job().clone();
                clean_job(&mut job);
                came.push(job);
            }
        };
        let answer = loop {
            tokio::select! {
                biased;
                answer = &mut question => break answer,
                change = self.changes.next() => match change {
                    Some(change) => take(&change),
                    // The connection is gone; the question says so too.
                    None => break question.await,
                },
            }
        };
        while let Some(Some(change)) = self.changes.next().now_or_never() {
            take(&change);
        }
        (answer, came)
    }

    /// Connects again and goes on following.
    ///
    /// # Errors
    /// The daemon did not come back in time.
    pub async fn recover(&mut self, daemon: &mut Daemon, out: &Out) -> Result<News, Failure> {
        out.hint(out.style.say(messages::CONNECTION_LOST));
        let deadline = tokio::time::Instant::now() + RECONNECT_FOR;
        loop {
            tokio::time::sleep(RECONNECT_EVERY).await;
            let attempt = match daemon.reconnect().await {
                Ok(()) => subscribe(daemon, &self.filter).await,
                Err(failure) => Err(failure),
            };
            match attempt {
                Ok((changes, bus)) => {
                    self.changes = changes;
                    self.bus = bus;
                    self.silence = None;
                    out.hint(out.style.say(messages::CONNECTED_AGAIN));
                    return Ok(News::Reconnected);
                }
                Err(failure) if tokio::time::Instant::now() >= deadline => return Err(failure),
                Err(_) => {}
            }
        }
    }
}

async fn subscribe(
    daemon: &mut Daemon,
    filter: &JobFilter,
) -> Result<(JobChangedStream, Option<OnBus>), Failure> {
    let spooler = daemon.client().spooler();
    // First the ear, then the request to speak: no change falls between them.
    let changes = spooler.receive_job_changed().await?;
    let bus = if daemon.client().connection().is_bus() {
        let owner = spooler.inner().receive_owner_changed().await?;
        Some(OnBus { lost: spooler.receive_watch_lost().await?, owner })
    } else {
        None
    };
    spooler.watch(filter).await?;
    Ok((changes, bus))
}
