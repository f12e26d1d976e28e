//! Following jobs as they change: signals where they come, a look every few seconds where they do not, and a new
//! connection when the daemon was restarted.
//!
//! It shows nothing but hints about the connection; what a change means is the business of who follows.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt;
use receiptd_api::{CallError, JobFilter, JobInfo, Signal, Signals, names};

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

/// The properties of a printer that are shown when they change. Its queue changes with each job, and is not.
const SHOWN: &[&str] = &["State", "Reasons", "Paper"];

/// What there is to see.
#[derive(Debug)]
pub enum News {
    /// A job changed; it is without its story.
    Job(Box<JobInfo>),
    /// What is shown of a printer changed, of one whose properties were asked for.
    Printer,
    /// Time to take a look, whether anything changed or not.
    Look,
    /// The connection or the watch is new; changes may have been missed.
    Reconnected,
}

/// Follows the jobs that match a filter.
pub struct Follower {
    filter: JobFilter,
    signals: Signals,
    look: tokio::time::Interval,
    /// Heard of and not yet made good: whoever waits for news may let go in the middle of it.
    silence: Option<Silence>,
    /// A printer changed while the answer to a question was waited for.
    printer: bool,
}

/// Why no more signals come.
#[derive(Clone, Copy)]
enum Silence {
    /// The daemon is gone.
    Gone,
    /// It goes on, but not with this watch.
    WatchLost,
}

impl Follower {
    /// Begins to follow.
    ///
    /// # Errors
    /// The daemon's.
    pub async fn start(daemon: &mut Daemon, filter: JobFilter) -> Result<Self, Failure> {
        let signals = subscribe(daemon, &filter).await?;
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // The first tick comes at once.
        look.tick().await;
        Ok(Self { filter, signals, look, silence: None, printer: false })
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
            if std::mem::take(&mut self.printer) {
                return Ok(News::Printer);
            }
            tokio::select! {
                signal = self.signals.next() => match signal {
                    Some(signal) => if let Some(job) = self.take(signal) {
                        return Ok(News::Job(Box::new(job)));
                    },
                    None => self.silence = Some(Silence::Gone),
                },
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
        let answer = loop {
            tokio::select! {
                biased;
                answer = &mut question => break answer,
                signal = self.signals.next() => match signal {
                    Some(signal) => came.extend(self.take(signal)),
                    // The daemon is gone; the question says so too.
                    None => {
                        self.silence = Some(Silence::Gone);
                        break question.await;
                    }
                },
            }
        };
        while let Some(next) = self.signals.next().now_or_never() {
            let Some(signal) = next else {
                self.silence = Some(Silence::Gone);
                break;
            };
            came.extend(self.take(signal));
        }
        (answer, came)
    }

    /// The job that changed; what else was said is kept in mind.
    fn take(&mut self, signal: Signal) -> Option<JobInfo> {
        match signal {
            Signal::Job(mut job) => {
                clean_job(&mut job);
                return Some(*job);
            }
            Signal::WatchLost(_) => self.silence = Some(Silence::WatchLost),
            Signal::Properties { path, names: changed, .. } => {
                let seen = changed.is_empty() || changed.iter().any(|name| SHOWN.contains(&name.as_str()));
                self.printer |= seen && path != names::SPOOLER_PATH;
            }
            // Of a newer daemon; the next look makes up for it.
            _ => {}
        }
        None
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
                Ok(signals) => {
                    self.signals = signals;
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

async fn subscribe(daemon: &Daemon, filter: &JobFilter) -> Result<Signals, Failure> {
    let client = daemon.client();
    // First the ear, then the request to speak: no change falls between them.
    let signals = match client.listen().await {
        // The bus starts it for a question, not for whoever only listens.
        Err(CallError::NotRunning) => {
            client.spooler().watch(filter).await?;
            client.listen().await?
        }
        signals => signals?,
    };
    client.spooler().watch(filter).await?;
    Ok(signals)
}
