//! Many clients at once, each with a connection of its own, each waiting for its answer before it asks again:
//! as that many programs would. One thread moves them all, so that as little of the machine as possible goes to
//! those who only ask.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};

use crate::Fallible;
use crate::stats::Samples;

/// A connected client that hands in one receipt after another.
pub trait Submit {
    /// Asks for receipt `number` to be accepted.
    ///
    /// # Errors
    /// The connection is broken.
    fn ask(&mut self, number: u64) -> Fallible<()>;

    /// Takes the answer.
    ///
    /// # Errors
    /// It was not accepted.
    fn answer(&mut self) -> Fallible<()>;

    /// What becomes readable with the answer.
    fn fd(&self) -> BorrowedFd<'_>;

    /// Hands in receipt `number` and waits until it is accepted.
    ///
    /// # Errors
    /// It was not.
    fn submit(&mut self, number: u64) -> Fallible<()> {
        self.ask(number)?;
        self.answer()
    }
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
pub fn drive<S: Submit>(mut clients: Vec<S>, until: Until) -> Fallible<Load> {
    let mut next = 0;
    for _ in 0..WARM_UP {
        for client in &mut clients {
            client.ask(next)?;
            next += 1;
        }
        clients.iter_mut().try_for_each(Submit::answer)?;
    }
    let end = next + until.count;
    let begin = Instant::now();
    let mut asked = Vec::with_capacity(clients.len());
    for client in &mut clients {
        client.ask(next)?;
        next += 1;
        asked.push(Some(Instant::now()));
    }
    let mut times = Vec::new();
    let mut last = begin;
    while asked.iter().any(Option::is_some) {
        for at in readable(&clients)? {
            let Some(since) = asked[at].take() else { continue };
            let client = &mut clients[at];
            client.answer()?;
            last = Instant::now();
            times.push(last.duration_since(since));
            if next < end && begin.elapsed() < until.time {
                client.ask(next)?;
                next += 1;
                asked[at] = Some(Instant::now());
            }
        }
    }
    let rate = times.len() as f64 / last.duration_since(begin).as_secs_f64();
    Ok(Load { rate, times: Samples::micros(times) })
}

/// Waits until some have their answer; which.
fn readable<S: Submit>(clients: &[S]) -> Fallible<Vec<usize>> {
    // Ours may be silent for as long as a disk is; half a minute is a defect.
    const PATIENCE: rustix::time::Timespec = rustix::time::Timespec { tv_sec: 30, tv_nsec: 0 };
    let fds: Vec<_> = clients.iter().map(Submit::fd).collect();
    let mut fds: Vec<_> = fds.iter().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
    if poll(&mut fds, Some(&PATIENCE))? == 0 {
        return Err("no client got its answer for 30 s".into());
    }
    Ok(fds.iter().enumerate().filter(|(_, fd)| !fd.revents().is_empty()).map(|(at, _)| at).collect())
}
