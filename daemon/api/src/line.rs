//! Sending over a connection: one message at a time, and each to its end, whoever stops waiting for it.
//!
//! Half of a message on a connection would make the beginning of the next one its end. So what could not be sent at once is sent
//! on by a task of its own, and if the daemon does not take it in time, the connection ends.

use std::future::{Future as _, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard};
use zbus::{Connection, Message};

use crate::connect::CALL_TIMEOUT;
use crate::error::CallError;

/// How long a connection that is of no use any more may take to end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    connection: Connection,
    /// Whose turn it is to send.
    turn: Arc<Mutex<Turn>>,
    /// Where the connection lives: a call may be awaited somewhere else.
    runtime: Handle,
}

/// What the one who may send has to know.
#[derive(Debug, Default)]
struct Turn {
    /// A message was begun, and is not known to be sent to its end.
    broken: bool,
}

impl Line {
    /// Called on the runtime on which the connection was made.
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection, turn: Arc::default(), runtime: Handle::current() }
    }

    pub(crate) const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether nothing can be sent any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.connection.is_closed() || self.turn.try_lock().is_ok_and(|turn| turn.broken)
    }

    /// Whether a message is being sent.
    pub(crate) fn is_sending(&self) -> bool {
        self.turn.try_lock().is_err()
    }

    /// Waits until what was begun before is sent, or the connection has ended.
    pub(crate) async fn sent(&self) {
        drop(self.turn.lock().await);
    }

    /// Sends in the order of the first polls. If this is dropped while it waits for its turn, nothing is sent; after that, all.
    ///
    /// # Errors
    /// The connection has ended, or the daemon did not take all of it within [`CALL_TIMEOUT`], which ends it.
    pub(crate) async fn send(&self, message: &Message) -> Result<(), CallError> {
        let mut turn = Arc::clone(&self.turn).lock_owned().await;
        if turn.broken {
            return Err(unsent());
        }
        // Whatever happens from here on, until it is known to be whole.
        turn.broken = true;
        let (connection, message) = (self.connection.clone(), message.clone());
        let mut sending = Box::pin(async move { connection.send(&message).await });
        if let Poll::Ready(done) = poll_fn(|context| Poll::Ready(sending.as_mut().poll(context))).await {
            return ended(self.connection.clone(), turn, Some(done)).await;
        }
        let connection = self.connection.clone();
        let sent = self.runtime.spawn(async move {
            let done = tokio::time::timeout(CALL_TIMEOUT, sending).await;
            ended(connection, turn, done.ok()).await
        });
        // Or the runtime ends, and the connection with it.
        sent.await.unwrap_or_else(|_| Err(unsent()))
    }
}

/// A message was sent, or not: then that is the end of the connection, unless nothing of it went out.
async fn ended(
    connection: Connection,
    mut turn: OwnedMutexGuard<Turn>,
    done: Option<zbus::Result<()>>,
) -> Result<(), CallError> {
    // Descriptors where there can be none are refused before.
    let whole = matches!(done, Some(Ok(()) | Err(zbus::Error::Unsupported)));
    turn.broken = !whole;
    // Whoever is next must see that before zbus lets anybody send.
    drop(turn);
    if !whole {
        // Of no use any more, however its end goes.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, connection.close()).await;
    }
    match done {
        Some(done) => Ok(done?),
        None => Err(unsent()),
    }
}

fn unsent() -> CallError {
    CallError::Disconnected("the daemon did not take a message to its end".to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use crate::{CallError, Client, Document, Kind, SubmitOptions};

    const LONG: usize = 4 << 20;

    /// Shakes hands as a D-Bus server, and from then on reads nothing by itself.
    async fn server_that_reads_nothing() -> (Client, UnixStream) {
        let (ours, mut its) = UnixStream::pair().unwrap();
        let server = std::thread::spawn(move || {
            let mut line = |answer: &[u8]| {
                let mut byte = [0];
                while its.read_exact(&mut byte).is_ok() && byte != *b"\n" {}
                its.write_all(answer).unwrap();
            };
            line(b"OK 0123456789abcdef0123456789abcdef\r\n");
            line(b"AGREE_UNIX_FD\r\n");
            line(b"");
            its
        });
        let client = Client::over_stream(ours).await.unwrap();
        let its = server.join().unwrap();
        // Longer than anything here takes: its end is a failure of the test.
        its.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        (client, its)
    }

    fn contains(bytes: &[u8], words: &str) -> bool {
        bytes.windows(words.len()).any(|window| window == words.as_bytes())
    }

    async fn submit(client: &Client) -> Result<(), CallError> {
        let (document, options) = (vec![b' '; LONG], SubmitOptions::default());
        client.spooler().submit("k", "", Kind::Text, Document(&document), &options).await.map(|_| ())
    }

    #[tokio::test]
    async fn after_half_a_message_nothing_more_is_sent() {
        let (client, mut its) = server_that_reads_nothing().await;
        // From here on time is what the test makes of it: it runs where nothing else does.
        tokio::time::pause();
        let given_up = tokio::time::timeout(Duration::from_secs(5), submit(&client)).await;
        assert!(given_up.is_err(), "{given_up:?}");
        let behind = [client.spooler().get_job(1), client.spooler().get_job(2)];
        for next in futures_util::future::join_all(behind).await {
            assert!(matches!(next, Err(CallError::Disconnected(_))), "{next:?}");
        }
        assert!(client.spooler().get_job(3).await.is_err());
        let mut taken = Vec::new();
        its.read_to_end(&mut taken).unwrap();
        assert!(taken.len() < LONG && contains(&taken, "Submit") && !contains(&taken, "GetJob"));
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_sent_to_its_end_before_the_next() {
        let (client, mut its) = server_that_reads_nothing().await;
        let given_up = tokio::time::timeout(Duration::from_millis(20), submit(&client)).await;
        assert!(given_up.is_err(), "{given_up:?}");
        let reading = std::thread::spawn(move || {
            let mut taken = vec![0; LONG];
            its.read_exact(&mut taken).unwrap();
            let mut more = [0; 1024];
            while !contains(&taken[LONG..], "GetJob") {
                let count = its.read(&mut more).unwrap();
                assert!(count > 0, "the connection ended");
                taken.extend_from_slice(&more[..count]);
            }
            taken
        });
        let taken = tokio::task::spawn_blocking(move || reading.join().unwrap());
        // Nobody answers; that the other end has seen enough ends it.
        let (_, taken) = tokio::join!(client.spooler().get_job(1), taken);
        let taken = taken.unwrap();
        let spaces = taken.iter().filter(|byte| **byte == b' ').count();
        assert!(spaces >= LONG, "{spaces} bytes of the document came before the next call");
    }
}
