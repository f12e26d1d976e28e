//! Many clients at once, each with its own thread and connection, each waiting for its answer before it asks
//! again: as that many programs would.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::Fallible;
use crate::stats::Samples;

/// A connected client that hands in one receipt after another.
pub trait Submit: Send {
    /// Hands in receipt `number` and waits until it is accepted.
    ///
    /// # Errors
    /// It was not.
    fn submit(&mut self, number: u64) -> Fallible<()>;
}

/// How it went.
#[derive(Clone, Debug)]
pub struct Load {
    /// Receipts accepted a second.
    pub rate: f64,
    /// What each took, microseconds.
    pub times: Samples,
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub struct Until {
    /// After so long ...
    pub time: Duration,
    /// ... or so many receipts.
    pub count: u64,
}

/// Receipts each client hands in before anything is measured.
const WARM_UP: u64 = 3;

/// Receipts before the measurement, with numbers from 0.
pub const fn warm_up(clients: u64) -> u64 {
    clients * WARM_UP
}

/// Drives all clients. Numbers are used once, from 0.
///
/// # Errors
/// The first that a client met.
pub fn drive<S: Submit>(clients: Vec<S>, until: Until) -> Fallible<Load> {
    let first = warm_up(clients.len() as u64);
    let (warm, next) = (AtomicU64::new(0), AtomicU64::new(first));
    let stop = AtomicBool::new(false);
    let barrier = Barrier::new(clients.len());
    let work = |mut client: S| -> Fallible<(Instant, Vec<Duration>, Instant)> {
        let warmed = (0..WARM_UP).try_for_each(|_| client.submit(warm.fetch_add(1, Ordering::Relaxed)));
        barrier.wait();
        warmed?;
        let begin = Instant::now();
        let mut times = Vec::new();
        while begin.elapsed() < until.time && !stop.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= first + until.count {
                break;
            }
            let asked = Instant::now();
            client.submit(number).inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
            times.push(asked.elapsed());
        }
        Ok((begin, times, Instant::now()))
    };
    let ends = std::thread::scope(|scope| {
        let threads: Vec<_> = clients.into_iter().map(|client| scope.spawn(|| work(client))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a client's thread panicked".into())))
            .collect::<Fallible<Vec<_>>>()
    })?;
    let begin = ends.iter().map(|(begin, ..)| *begin).min();
    let end = ends.iter().map(|(.., end)| *end).max();
    let (Some(begin), Some(end)) = (begin, end) else { return Err("no clients".into()) };
    let times: Vec<Duration> = ends.into_iter().flat_map(|(_, times, _)| times).collect();
    let rate = times.len() as f64 / end.duration_since(begin).as_secs_f64();
    Ok(Load { rate, times: Samples::micros(times) })
}
