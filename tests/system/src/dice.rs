//! Random moments that can be had again: the seed is printed, and `RECEIPTD_SEED` sets it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A small generator (xorshift64*); quality does not matter here, repetition does.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// A new one, seeded by `RECEIPTD_SEED` or by the clock; says which seed it is.
    pub fn seeded(test: &str) -> Self {
        let given = std::env::var("RECEIPTD_SEED").ok().and_then(|text| text.parse().ok());
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
        let seed = given.unwrap_or(clock);
        println!("{test}: RECEIPTD_SEED={seed}");
        Self(seed | 1)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16) % bound.max(1)
    }

    /// A time below `ms` milliseconds.
    pub fn moment(&mut self, ms: u64) -> Duration {
        Duration::from_micros(self.below(ms * 1000))
    }
}
