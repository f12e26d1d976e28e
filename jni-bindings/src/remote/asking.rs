//! A call until it has its answer: repeated over a restart of the daemon where that does no harm, and for a while only.

use std::sync::Arc;
use std::time::{Duration, Instant};

use receiptd_api::{ApiError, CallError, Client};

use super::{Remote, finish_sending};
use crate::limits::{RECONNECT_WAIT_MAX, RECONNECT_WAIT_MIN, RESUME_MAX};
use crate::operation::Operation;
use crate::refusal::Refusal;
use crate::{follow, worker};

/// What is known of a call that has no answer yet.
#[derive(Default)]
struct Open {
    /// The connection broke under it: whatever comes later, it may have been carried out.
    broken: Option<Refusal>,
    /// Why the last try gave no answer; `None` while one is under way.
    last: Option<Refusal>,
}

impl Remote {
    /// Asks for at most `limit`. When it is over, what is known by then is told; that there was no answer, if nothing is.
    pub(super) async fn call(
        self: &Arc<Self>,
        operation: &Operation,
        limit: Duration,
    ) -> Result<Vec<u8>, Refusal> {
        let mut open = Open::default();
        let asked = async {
            // Whoever did not have to wait would otherwise overtake those who are just being woken up.
            let turn = self.turn.lock().await;
            // Closed never: the semaphore lives as long as the road.
            let _seat = self.at_once.acquire().await;
            let client = self.client().await;
            // From here to the queue of the connection nothing waits, so who is next comes next.
            drop(turn);
            self.ask(operation, client, &mut open).await
        };
        let answer = tokio::select! {
            biased;
            () = self.closing() => return Err(Refusal::closed()),
            answer = tokio::time::timeout(limit, asked) => answer,
        };
        let Open { broken, last } = open;
        if answer.is_err()
            && let Some(client) = self.live()
        {
            finish_sending(&client);
        }
        answer
            .unwrap_or_else(|_| Err(broken.or(last).unwrap_or_else(|| Refusal::timed_out(limit.as_millis()))))
    }

    /// Asks until there is an answer, or until it would do harm, or for too long; first over this connection.
    async fn ask(
        self: &Arc<Self>,
        operation: &Operation,
        mut client: Result<Client, Refusal>,
        open: &mut Open,
    ) -> Result<Vec<u8>, Refusal> {
        let mut since: Option<Instant> = None;
        let mut wait = RECONNECT_WAIT_MIN;
        loop {
            let (refusal, again) = match client {
                Err(refusal) => (refusal, since.is_some()),
                Ok(client) => {
                    open.last = None;
                    match self.ask_once(operation, &client).await {
                        Ok(answer) => return Ok(answer),
                        // It was refused, so it was not done.
                        Err(error @ CallError::Api(ApiError::ShuttingDown(_))) => {
                            (Refusal::from(&error), true)
                        }
                        Err(error @ CallError::Disconnected(_)) => {
                            let refusal = Refusal::from(&error);
                            open.broken.get_or_insert_with(|| refusal.clone());
                            (refusal, operation.is_repeatable())
                        }
                        // On a bus: between the old daemon and the new one.
                        Err(error @ CallError::NotRunning) => (Refusal::from(&error), since.is_some()),
                        Err(error) => return Err(Refusal::from(&error)),
                    }
                }
            };
            let since = *since.get_or_insert_with(Instant::now);
            if !again || since.elapsed() > RESUME_MAX {
                return Err(open.broken.take().unwrap_or(refusal));
            }
            open.last = Some(refusal);
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(RECONNECT_WAIT_MAX);
            client = self.client().await;
        }
    }

    async fn ask_once(
        self: &Arc<Self>,
        operation: &Operation,
        client: &Client,
    ) -> Result<Vec<u8>, CallError> {
        match operation {
            Operation::Watch(filter) => {
                let _wish = self.wish().await?;
                let answer = operation.carry_out(client).await?;
                // From now on it is renewed. What the daemon refuses is not.
                self.lock().filter = Some(filter.clone());
                Ok(answer)
            }
            Operation::Unwatch => {
                self.lock().filter = None;
                self.wanted.notify_one();
                operation.carry_out(client).await
            }
            Operation::Tell(true) => {
                let _wish = self.wish().await?;
                let answer = operation.carry_out(client).await?;
                self.lock().properties = true;
                Ok(answer)
            }
            Operation::Tell(false) => {
                self.lock().properties = false;
                self.wanted.notify_one();
                operation.carry_out(client).await
            }
            _ => operation.carry_out(client).await,
        }
    }

    /// Begins to listen, and returns when it does: first the ear, then the request to speak. It listens at least until the
    /// wish is dropped.
    async fn wish(self: &Arc<Self>) -> Result<Wish, CallError> {
        let wish = Wish::make(self)?;
        let _ = self.listening.subscribe().wait_for(|listening| *listening).await;
        Ok(wish)
    }
}

/// Somebody has to listen while this lives.
struct Wish(Arc<Remote>);

impl Wish {
    fn make(road: &Arc<Remote>) -> Result<Self, CallError> {
        let wish = Self(Arc::clone(road));
        let started = {
            let mut state = road.lock();
            state.wishing += 1;
            std::mem::replace(&mut state.following, true)
        };
        if !started {
            let road = Arc::clone(road);
            let spawned = worker::spawn(async move { follow::follow(road).await });
            spawned.map_err(|why| CallError::Disconnected(why.to_string()))?;
        }
        Ok(wish)
    }
}

impl Drop for Wish {
    fn drop(&mut self) {
        self.0.lock().wishing -= 1;
        self.0.wanted.notify_one();
    }
}
