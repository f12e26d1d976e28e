//! The two clocks that every input brings along; the core has none of its own.
//!
//! Deadlines run on the monotonic clock, because a terminal's wall clock jumps: at the first contact with
//! the network, at a wrong battery-backed clock, by hand. Records carry wall time, because people read them.

use serde::{Deserialize, Serialize};

use crate::limits::CLOCK_JUMP_MS;

/// Microseconds of a clock that never jumps, from an arbitrary start in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mono(pub u64);

impl Mono {
    /// The instant `us` microseconds later.
    #[must_use]
    pub const fn plus_us(self, us: u64) -> Self {
        Self(self.0.saturating_add(us))
    }

    /// The instant `ms` milliseconds later.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        self.plus_us(ms.saturating_mul(1_000))
    }

    /// Microseconds since `earlier`, 0 when that is later.
    pub const fn us_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Milliseconds since 1970-01-01 UTC as the terminal believes them at that moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Wall(pub u64);

/// Both clocks, read together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// For deadlines and durations.
    pub mono: Mono,
    /// For records.
    pub wall: Wall,
}

impl Now {
    /// Whether the wall clock went otherwise than the one that never jumps since `earlier`, by more than slewing does.
    pub const fn jumped_since(self, earlier: Self) -> bool {
        let went_ms = self.mono.us_since(earlier.mono) / 1_000;
        self.wall.0.abs_diff(earlier.wall.0.saturating_add(went_ms)) > CLOCK_JUMP_MS
    }

    /// What the wall clock shows at `at`, if it does not jump until then.
    pub const fn wall_at(self, at: Mono) -> Wall {
        Wall(self.wall.0.saturating_add(at.us_since(self.mono).div_ceil(1_000)))
    }
}
