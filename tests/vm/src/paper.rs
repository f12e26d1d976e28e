//! What a virtual printer in the machine puts on paper, recorded outside, where it outlives the machine.
//!
//! The printer writes its log to a port of the machine's virtio console, and QEMU passes it on to a socket before the
//! write returns: what the printer then answers lies behind it. So a power cut loses no line that anybody was told of.

use std::io::{self, BufRead, BufReader};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use receiptd_system_tests::paper::Recorded;
use virtual_printer::Event;

/// The paper of one printer, over all its starts.
#[derive(Debug, Clone, Default)]
pub struct Paper(Arc<Record>);

#[derive(Debug, Default)]
struct Record {
    events: Mutex<Vec<Event>>,
    more: Condvar,
}

impl Paper {
    /// Records what comes at a socket, from one connection after the other, on a thread of its own.
    ///
    /// # Errors
    /// The socket can't be made.
    pub fn record(socket: &Path) -> io::Result<Self> {
        let listener = UnixListener::bind(socket)?;
        let paper = Self::default();
        let recorded = paper.clone();
        std::thread::Builder::new().name("paper".to_owned()).spawn(move || {
            for stream in listener.incoming().flatten() {
                recorded.read(stream);
            }
        })?;
        Ok(paper)
    }

    /// Until the machine is off.
    fn read(&self, stream: UnixStream) {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            match serde_json::from_str(&line) {
                Ok(event) => {
                    self.lock().push(event);
                    self.0.more.notify_all();
                }
                Err(why) => eprintln!("a printer's log has a line that is none: {why}: {line}"),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.0.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Lines that came out since the printer was started last.
    pub fn lines(&self) -> u64 {
        self.lock().last().map_or(0, |event| event.line)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// The events behind the first so many.
    pub fn since(&self, first: usize) -> Vec<Event> {
        self.lock().get(first..).unwrap_or_default().to_vec()
    }

    /// Waits until an event behind the first so many is as wanted.
    ///
    /// # Errors
    /// It does not come in time.
    pub fn wait_for(&self, first: usize, wanted: impl Fn(&Event) -> bool, limit: Duration) -> io::Result<()> {
        let deadline = Instant::now() + limit;
        let mut events = self.lock();
        let mut seen = first;
        loop {
            if events.get(seen..).unwrap_or_default().iter().any(&wanted) {
                return Ok(());
            }
            seen = seen.max(events.len());
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let last = events.get(first..).unwrap_or_default().last();
                let message =
                    format!("something did not come out of the printer in time; the last was {last:?}");
                return Err(io::Error::new(io::ErrorKind::TimedOut, message));
            }
            events = self.0.more.wait_timeout(events, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Recorded for Paper {
    fn recorded(&self) -> Vec<Event> {
        self.since(0)
    }
}
