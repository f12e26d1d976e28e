//! The service manager's watchdog: fed by the loop around the core, and only while everything else does its work.

use std::time::{Duration, Instant};

use crate::notify::notify;

/// Meals within the service manager's time limit: one may be late, and a second one still comes in time.
const MEALS: u32 = 3;

/// The watchdog, or none if nobody watches.
#[derive(Debug)]
pub struct Watchdog {
    every: Option<Duration>,
    next: Option<Instant>,
}

impl Watchdog {
    /// The one that the environment tells of (`sd_watchdog_enabled(3)`).
    pub fn from_environment() -> Self {
        let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
        let ours = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        Self::every(number("WATCHDOG_USEC").filter(|us| ours && *us > 0).map(Duration::from_micros))
    }

    fn every(limit: Option<Duration>) -> Self {
        let every = limit.map(|limit| limit / MEALS);
        Self { every, next: every.map(|every| Instant::now() + every) }
    }

    /// Waits until it is to be fed; for ever if nobody watches.
    pub async fn due(&self) {
        match self.next {
            Some(at) => tokio::time::sleep_until(at.into()).await,
            None => std::future::pending().await,
        }
    }

    /// Feeds it, unless something is stuck.
    pub fn feed_unless(&mut self, stuck: Option<String>) {
        self.next = self.every.map(|every| Instant::now() + every);
        match stuck {
            None => notify("WATCHDOG=1"),
            Some(why) => log::error!("{why}; if that lasts, the service manager starts the daemon again"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_fed_three_times_within_the_limit() {
        let began = Instant::now();
        let mut watchdog = Watchdog::every(Some(Duration::from_secs(30)));
        assert!(watchdog.next.is_some_and(|at| at - began <= Duration::from_millis(10_500)));
        watchdog.feed_unless(Some("nothing".to_owned()));
        assert!(watchdog.next.is_some_and(|at| at >= began + Duration::from_secs(10)), "it is looked again");
        assert_eq!(Watchdog::every(None).next, None);
    }
}
