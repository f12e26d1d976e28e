//! The service manager's watchdog: fed by the loop around the core, and only while everything else does its work.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::unix::AsyncFd;

use crate::notify::notify;

/// Meals within the service manager's time limit: one may be late, and a second one still comes in time.
const MEALS: u32 = 3;

/// The watchdog, or none if nobody watches.
///
/// Its clock is one of the kernel's: tokio's wheel of timers wakes up two or three times for one wait of 10 s.
#[derive(Debug)]
pub struct Watchdog(Option<AsyncFd<OwnedFd>>);

impl Watchdog {
    /// None: nobody watches.
    pub const NOBODY: Self = Self(None);

    /// The one that the environment tells of (`sd_watchdog_enabled(3)`). Called on the runtime that it is to run on.
    ///
    /// # Errors
    /// The kernel gives no timer.
    pub fn from_environment() -> io::Result<Self> {
        let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
        let ours = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        match number("WATCHDOG_USEC").filter(|us| ours && *us > 0) {
            Some(us) => Self::with_limit(Duration::from_micros(us)),
            None => Ok(Self(None)),
        }
    }

    fn with_limit(limit: Duration) -> io::Result<Self> {
        let timer =
            timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
        let every = Timespec::try_from(limit / MEALS).map_err(io::Error::other)?;
        let times = Itimerspec { it_interval: every, it_value: every };
        timerfd_settime(&timer, TimerfdTimerFlags::empty(), &times)?;
        #[expect(
            deprecated,
            reason = "unsound for types that may change their descriptor, which OwnedFd does not"
        )]
        let timer = AsyncFd::new(timer)?;
        Ok(Self(Some(timer)))
    }

    /// Waits until it is to be fed; for ever if nobody watches.
    pub async fn due(&self) {
        if let Some(timer) = &self.0 {
            while let Ok(mut ready) = timer.readable().await {
                ready.clear_ready();
                if rustix::io::read(timer, &mut [0; 8]).is_ok() {
                    return;
                }
            }
        }
        std::future::pending().await
    }

    /// Feeds it, unless something is stuck.
    pub fn feed_unless(&self, stuck: Option<String>) {
        match stuck {
            None => notify("WATCHDOG=1"),
            Some(why) => log::error!("{why}; if that lasts, the service manager starts the daemon again"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn it_is_due_three_times_within_the_limit_and_never_if_nobody_watches() {
        let began = Instant::now();
        let watchdog = Watchdog::with_limit(Duration::from_millis(300)).unwrap();
        for meal in 1..=3 {
            watchdog.due().await;
            assert!(began.elapsed() >= Duration::from_millis(100) * meal);
        }
        let nobody = Watchdog(None);
        assert!(tokio::time::timeout(Duration::from_millis(200), nobody.due()).await.is_err());
    }
}
