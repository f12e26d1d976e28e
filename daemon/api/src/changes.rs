//! Listening to `JobChanged`, on a bus and on a socket alike.
//!
//! On a bus zbus follows the owner of the daemon's name, so that nobody else's signal passes for the daemon's.
//! On a socket there is only the daemon, and nobody who could be asked for an owner: there the messages are
//! taken as they come.

use std::num::NonZero;

use futures_util::StreamExt;
use zbus::message::Type;
use zbus::{MatchRule, MessageStream};

use crate::connect::Client;
use crate::error::CallError;
use crate::names;
use crate::proxy::JobChangedStream;
use crate::types::{JobFilter, JobInfo};

/// Signals that may wait here for whoever listens; the daemon's own bound is not larger.
const QUEUED_MAX: NonZero<usize> = NonZero::new(256).unwrap();

/// The changes of watched jobs. Ends with the connection.
#[derive(Debug)]
pub struct JobChanges(Road);

#[derive(Debug)]
enum Road {
    Bus(Box<JobChangedStream>),
    Socket(Box<MessageStream>),
}

impl Client {
    /// Begins to watch, and gives what changes from now on. A second call replaces the filter of the first.
    ///
    /// # Errors
    /// What the daemon says, or that it can't be reached.
    pub async fn watch(&self, filter: &JobFilter) -> Result<JobChanges, CallError> {
        // First the ear, then the request to speak: no change falls between them.
        let road = if self.connection().is_bus() {
            Road::Bus(Box::new(self.spooler().receive_job_changed().await?))
        } else {
            let rule = MatchRule::builder()
                .msg_type(Type::Signal)
                .path(names::SPOOLER_PATH)
                .interface(names::SPOOLER_INTERFACE)
                .member("JobChanged")
                .build()?;
            let stream = MessageStream::for_match_rule(rule, self.connection(), Some(QUEUED_MAX)).await?;
            Road::Socket(Box::new(stream))
        };
        self.spooler().watch(filter).await?;
        Ok(JobChanges(road))
    }
}

impl JobChanges {
    /// The next change; `None` once the connection is gone.
    pub async fn next(&mut self) -> Option<JobInfo> {
        loop {
            match &mut self.0 {
                Road::Bus(stream) => {
                    let signal = stream.next().await?;
                    if let Ok(args) = signal.args() {
                        return Some(args.job);
                    }
                }
                Road::Socket(stream) => {
                    let message = stream.next().await?.ok()?;
                    let body = message.body();
                    if let Ok((_, _, job)) = body.deserialize::<(u64, String, JobInfo)>() {
                        return Some(job);
                    }
                }
            }
        }
    }
}
