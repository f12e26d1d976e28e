//! How often something that others cause is told: a few times at once, then at a bounded rate. What changes thousands of
//! times a second, such as a printer of which noise is heard, must not fill a disk with its log, nor cut off whoever
//! listens.

use std::time::{Duration, Instant};

/// So often at once: more than anything goes through that happens to one printer or client for a reason.
const BURST_MAX: u32 = 32;

/// So long until it may be told once more: a person sees no delay, and a day's lines are some 15 MB.
const EVERY: Duration = Duration::from_millis(500);

/// The measure for one of those that are told of.
#[derive(Debug)]
pub struct Pace {
    left: u32,
    /// When there is one more; counts while less than all are left.
    more: Instant,
}

impl Pace {
    /// One that has told nothing yet.
    pub const fn new(now: Instant) -> Self {
        Self { left: BURST_MAX, more: now }
    }

    /// Whether it may be told now; if so, it is reckoned as told.
    pub fn may(&mut self, now: Instant) -> bool {
        if self.left == BURST_MAX {
            self.more = now + EVERY;
        }
        while self.left < BURST_MAX && self.more <= now {
            self.left += 1;
            self.more += EVERY;
        }
        if self.left == BURST_MAX {
            self.more = now + EVERY;
        }
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }

    /// When what may not be told now may be.
    pub const fn next(&self) -> Instant {
        self.more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_changes_in_a_second_are_told_some_thirty_times() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let told = (0..1_000).filter(|ms| pace.may(start + Duration::from_millis(*ms))).count();
        assert_eq!(told, 33);
        assert_eq!(pace.next(), start + Duration::from_secs(1));
        assert!(pace.may(pace.next()));
        // After a quiet while all of it may be told again, and no more.
        let later = start + Duration::from_hours(1);
        assert_eq!((0..1_000).filter(|_| pace.may(later)).count(), 32);
    }
}
