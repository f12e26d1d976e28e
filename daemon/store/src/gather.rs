//! Whether the next group is worth waiting for. On a slow disk, callers who ask again once they are answered fall into
//! two halves: one is in the flush, and the other has just missed it. Each flush then serves half of them. A group that
//! waits until those who were just answered have asked again serves all.
//!
//! It decides by what the last flush took and served, and has no clock; the committer waits.
//!
//! It is worth it as long as all callers ask again within less than a flush: with `n` of them, a flush of `f`, and `c`
//! for each to ask again, `g` in a group give `g / (f + (2g - n)c)` a second, which grows with `g` if `nc < f`. So what is
//! missing gets its share of one flush, and if it does not come in that time, waiting is left for a while: whoever does
//! not ask again, or not so soon, costs the others next to nothing.

use std::time::Duration;

use crate::limits;

/// What is known of the last group.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    /// What writing and syncing it took.
    flush: Duration,
    /// Batches in it and those that waited when it was durable: so many may ask again before the next.
    callers: usize,
    /// Groups that are not waited for, since waiting was in vain.
    skip: u32,
    /// How many were left out after the last wait; none if that was not in vain.
    skipped: u32,
}

/// How to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Patience {
    /// Until so many batches wait.
    pub(crate) batches: usize,
    /// At most so long.
    pub(crate) at_most: Duration,
}

impl Gather {
    /// A group was made durable, which took so long; `others` wait already.
    pub(crate) fn served(&mut self, batches: usize, others: usize, took: Duration) {
        self.callers = (batches + others).min(limits::GROUP_BATCHES_MAX);
        self.flush = took;
    }

    /// The committer had nothing to do for so long: who has not come again within a flush does not come again at once.
    pub(crate) fn rested(&mut self, time: Duration) {
        if time > self.flush {
            self.callers = 0;
        }
    }

    /// Whether the group to which `waiting` batches belong by now is worth waiting for. Asked once for each group.
    pub(crate) fn patience(&mut self, waiting: usize) -> Option<Patience> {
        let missing = self.callers.saturating_sub(waiting);
        if !self.is_worth_it() || missing == 0 {
            self.skip = self.skip.saturating_sub(1);
            return None;
        }
        let at_most = self.flush.mul_f64(missing as f64 / self.callers as f64);
        Some(Patience { batches: self.callers, at_most })
    }

    /// Whether the next group is going to be waited for if some are missing.
    pub(crate) fn is_worth_it(&self) -> bool {
        let flushes = limits::GATHER_FLUSH_MIN..=limits::GATHER_FLUSH_MAX;
        self.skip == 0 && self.callers >= limits::GATHER_CALLERS_MIN && flushes.contains(&self.flush)
    }

    /// Whether all that were waited for came in time.
    pub(crate) fn waited(&mut self, came: bool) {
        self.skipped = if came { 0 } else { (2 * self.skipped).clamp(1, limits::GATHER_SKIP_MAX) };
        self.skip = self.skipped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Duration = Duration::from_millis(5);

    fn after(served: usize, others: usize, took: Duration) -> Gather {
        let mut gather = Gather::default();
        gather.served(served, others, took);
        gather
    }

    #[test]
    fn the_half_that_was_just_answered_gets_half_a_flush_to_ask_again() {
        let half = Patience { batches: 64, at_most: SLOW / 2 };
        assert_eq!(after(32, 32, SLOW).patience(32), Some(half));
        // Who asked again while the others were answered does not count as one more.
        assert_eq!(after(56, 8, SLOW).patience(32), Some(half));
        assert_eq!(after(64, 0, SLOW).patience(32), Some(half));
    }

    #[test]
    fn nobody_waits_on_a_fast_disk_nor_on_one_that_stalls_nor_for_a_few() {
        assert_eq!(Gather::default().patience(40), None, "nothing is known yet");
        assert_eq!(after(32, 32, Duration::from_micros(300)).patience(32), None);
        assert_eq!(after(32, 32, Duration::from_secs(2)).patience(32), None);
        assert_eq!(after(1, 1, SLOW).patience(1), None, "two callers do not wait for each other");
        assert_eq!(after(32, 32, SLOW).patience(64), None, "all are there");
    }

    #[test]
    fn who_comes_first_after_a_rest_does_not_wait_for_those_of_before() {
        let mut gather = after(32, 32, SLOW);
        gather.rested(SLOW / 10);
        assert!(gather.patience(1).is_some(), "they were just answered");
        gather.rested(SLOW * 2);
        assert_eq!(gather.patience(1), None);
    }

    #[test]
    fn a_group_grows_no_larger_than_it_may() {
        let full = limits::GROUP_BATCHES_MAX;
        assert_eq!(after(full, full, SLOW).patience(full), None);
        assert_eq!(after(full, full, SLOW).patience(full - 1).map(|p| p.batches), Some(full));
    }

    #[test]
    fn the_more_often_it_is_in_vain_the_rarer_is_it_tried() {
        let mut gather = after(32, 32, SLOW);
        let mut rests = Vec::new();
        for _ in 0..9 {
            assert!(gather.patience(32).is_some());
            gather.waited(false);
            rests.push((0..).take_while(|_| gather.skip > 0 && gather.patience(32).is_none()).count());
        }
        assert_eq!(rests, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
        assert!(gather.patience(32).is_some());
        gather.waited(true);
        assert!(gather.patience(32).is_some(), "all came: the next group is waited for as well");
        gather.waited(false);
        assert_eq!(gather.skip, 1, "once in vain is forgiven");
    }
}
