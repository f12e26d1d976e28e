//! Whether a thread does its work, seen from another one without waking it: a thread that rests is well; one that is
//! at work must have moved on since it was last looked at.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the steps of one thread: odd while it is at work, even while it waits for work.
#[derive(Debug)]
pub(crate) struct Pulse(AtomicU64);

impl Default for Pulse {
    fn default() -> Self {
        Self(AtomicU64::new(1))
    }
}

impl Pulse {
    /// Waits for work with `wait`.
    pub(crate) fn rest<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.0.fetch_add(1, Ordering::Relaxed);
        let result = wait();
        self.0.fetch_add(1, Ordering::Relaxed);
        result
    }

    /// One step of a long work.
    pub(crate) fn step(&self) {
        self.0.fetch_add(2, Ordering::Relaxed);
    }

    /// Whether the thread is well; `seen` is what it was when it was last looked at.
    pub(crate) fn is_well(&self, seen: &mut Option<u64>) -> bool {
        let now = self.0.load(Ordering::Relaxed);
        let stuck = now % 2 == 1 && *seen == Some(now);
        *seen = Some(now);
        !stuck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_is_at_work_and_does_not_move_on_is_stuck() {
        let pulse = Pulse::default();
        let mut seen = None;
        assert!(pulse.is_well(&mut seen), "nothing is known at the first look");
        assert!(!pulse.is_well(&mut seen), "it is at work where it was");
        pulse.step();
        assert!(pulse.is_well(&mut seen));
        pulse.rest(|| {
            assert!(pulse.is_well(&mut seen));
            assert!(pulse.is_well(&mut seen), "it rests as long as it likes");
        });
        assert!(pulse.is_well(&mut seen));
        assert!(!pulse.is_well(&mut seen));
    }
}
