//! Following jobs as they change: signals where they come, a look every few seconds where they do not, and a new
//! connection when the daemon was restarted.
//!
//! It shows nothing but hints about the connection; what a change means is the business of who follows.

use std::time::Duration;

use futures_util::StreamExt;
use receiptd_api::{JobChangedStream, JobFilter, JobInfo};

use crate::client::{Daemon, clean_job};
use crate::failure::Failure;
use crate::out::Out;
use crate::text::messages;

/// How often a look is taken beside the signals. Over a bus the end of the daemon is seen by this alone.
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
    /// The connection is new; changes may have been missed.
    Reconnected,
}

/// Follows the jobs that match a filter.
pub struct Follower {
    filter: JobFilter,
    changes: JobChangedStream,
    look: tokio::time::Interval,
}

impl Follower {
    /// Begins to follow.
    ///
    /// # Errors
    /// The daemon's.
    pub async fn start(daemon: &mut Daemon, filter: JobFilter) -> Result<Self, Failure> {
        let changes = subscribe(daemon, &filter).await?;
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // The first tick comes at once.
        look.tick().await;
        Ok(Self { filter, changes, look })
    }

    /// Waits for what comes next.
    ///
    /// # Errors
    /// The daemon refused, or did not come back.
    pub async fn next(&mut self, daemon: &mut Daemon, out: &Out) -> Result<News, Failure> {
        loop {
            tokio::select! {
                change = self.changes.next() => match change {
                    Some(change) => {
                        // A signal that cannot be read is of a newer daemon; the next look makes up for it.
                        let Ok(args) = change.args() else { continue };
                        let mut job = args.job().clone();
                        clean_job(&mut job);
                        return Ok(News::Job(Box::new(job)));
                    }
                    None => return self.recover(daemon, out).await,
                },
                _ = self.look.tick() => {
                    // Watching again replaces the same watch, or makes a new one after a restart.
                    let watched = daemon.client().spooler().watch(&self.filter).await.map_err(Failure::Call);
                    return match watched {
                        Ok(()) => Ok(News::Look),
                        Err(failure) if failure.is_gone() => self.recover(daemon, out).await,
                        Err(failure) => Err(failure),
                    };
                }
            }
        }
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
                Ok(changes) => {
                    self.changes = changes;
                    out.hint(out.style.say(messages::CONNECTED_AGAIN));
                    return Ok(News::Reconnected);
                }
                Err(failure) if tokio::time::Instant::now() >= deadline => return Err(failure),
                Err(_) => {}
            }
        }
    }
}

async fn subscribe(daemon: &mut Daemon, filter: &JobFilter) -> Result<JobChangedStream, Failure> {
    let spooler = daemon.client().spooler();
    // First the ear, then the request to speak: no change falls between them.
    let changes = spooler.receive_job_changed().await?;
    spooler.watch(filter).await?;
    Ok(changes)
}
