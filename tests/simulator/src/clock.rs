//! Virtual time: what happens when, and what the terminal's two clocks say.

use std::collections::BTreeMap;

use receiptd_core::time::{Mono, Now, Wall};

/// One second, in microseconds.
pub const SECOND: u64 = 1_000_000;

/// 2026-01-01, what a right wall clock shows at the beginning of a life.
const BEGIN_MS: u64 = 1_767_225_600_000;

/// Events in the order of their time; those of one instant in the order of their making.
#[derive(Debug)]
pub struct Queue<E> {
    events: BTreeMap<(u64, u64), E>,
    made: u64,
}

impl<E> Queue<E> {
    /// An empty one.
    pub fn new() -> Self {
        Self { events: BTreeMap::new(), made: 0 }
    }

    /// Has `event` happen at `at_us`.
    pub fn at(&mut self, at_us: u64, event: E) {
        self.made += 1;
        self.events.insert((at_us, self.made), event);
    }

    /// When the next one happens.
    pub fn next_at(&self) -> Option<u64> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next one out.
    pub fn pop(&mut self) -> Option<(u64, E)> {
        self.events.pop_first().map(|((at, _), event)| (at, event))
    }
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self::new()
    }
}

/// The terminal's clocks above the true time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// True time, microseconds since the life's beginning.
    pub us: u64,
    /// True time at which the monotonic clock began to run.
    mono_began: u64,
    /// By how much the wall clock is wrong, milliseconds.
    wall_error_ms: i64,
}

impl Clock {
    /// What the terminal believes now.
    pub fn now(&self) -> Now {
        let wall = BEGIN_MS.saturating_add(self.us / 1_000).saturating_add_signed(self.wall_error_ms);
        Now { mono: Mono(self.us.saturating_sub(self.mono_began)), wall: Wall(wall) }
    }

    /// The true time of an instant of the monotonic clock.
    pub fn true_time(&self, mono: Mono) -> u64 {
        self.mono_began.saturating_add(mono.0)
    }

    /// The terminal boots: its monotonic clock begins again.
    pub fn boot(&mut self) {
        self.mono_began = self.us;
    }

    /// The wall clock jumps, to this error against the truth.
    pub fn set_wall_error_ms(&mut self, error: i64) {
        self.wall_error_ms = error;
    }
}
