//! Maintenance counters of `GS g 2`, with the delay real printers have in saving them.
//!
//! Counting goes on in RAM; non-volatile memory is written every few minutes of running (T81 App. G.1: 2, at
//! most 4). A power cut takes the rest, so an unchanged counter after one proves nothing.

use std::time::{Duration, Instant};

/// Dot rows that count as one line fed.
const ROWS_PER_LINE: u64 = 30;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Values {
    rows: u64,
    ink_rows: u64,
    cuts: u64,
    running: Duration,
}

impl Values {
    fn minus(self, other: Values) -> Values {
        Values {
            rows: self.rows.saturating_sub(other.rows),
            ink_rows: self.ink_rows.saturating_sub(other.ink_rows),
            cuts: self.cuts.saturating_sub(other.cuts),
            running: self.running.saturating_sub(other.running),
        }
    }
}

/// The counters of one printer.
#[derive(Clone, Debug)]
pub(crate) struct Counters {
    now: Values,
    saved: Values,
    reset: Values,
    interval: Duration,
    last_save: Instant,
    on_since: Instant,
}

impl Counters {
    pub(crate) fn new(interval: Duration) -> Self {
        let now = Instant::now();
        Self {
            now: Values::default(),
            saved: Values::default(),
            reset: Values::default(),
            interval,
            last_save: now,
            on_since: now,
        }
    }

    pub(crate) fn fed(&mut self, rows: usize, ink: usize) {
        self.now.rows += rows as u64;
        self.now.ink_rows += ink as u64;
        self.tick();
    }

    pub(crate) fn cut(&mut self) {
        self.now.cuts += 1;
        self.tick();
    }

    fn tick(&mut self) {
        if self.last_save.elapsed() >= self.interval {
            self.save();
        }
    }

    /// To non-volatile memory now (power-off sequence).
    pub(crate) fn save(&mut self) {
        self.now.running += std::mem::replace(&mut self.on_since, Instant::now()).elapsed();
        self.saved = self.now;
        self.last_save = Instant::now();
    }

    /// The power went: what was not saved is lost.
    pub(crate) fn power_lost(&mut self) {
        self.now = self.saved;
        self.on_since = Instant::now();
        self.last_save = Instant::now();
    }

    /// `GS g 2`: 20, 21, 50, 70 can be reset, 148, 149, 178, 198 are cumulative. `None` for others.
    pub(crate) fn read(&self, n: u16) -> Option<u64> {
        let mut values = self.now;
        values.running += self.on_since.elapsed();
        if n < 128 {
            values = values.minus(self.reset);
        }
        Some(match n {
            20 | 148 => values.rows / ROWS_PER_LINE,
            21 | 149 => values.ink_rows,
            50 | 178 => values.cuts,
            70 | 198 => values.running.as_secs() / 3600,
            _ => return None,
        })
    }

    /// `GS g 0`.
    pub(crate) fn reset(&mut self, n: u16) {
        match n {
            20 => self.reset.rows = self.now.rows,
            21 => self.reset.ink_rows = self.now.ink_rows,
            50 => self.reset.cuts = self.now.cuts,
            70 => self.reset.running = self.now.running + self.on_since.elapsed(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_cut_loses_what_was_not_saved() {
        let mut c = Counters::new(Duration::from_secs(3600));
        c.cut();
        c.save();
        c.cut();
        assert_eq!(c.read(178), Some(2));
        c.power_lost();
        assert_eq!(c.read(178), Some(1));
    }

    #[test]
    fn reset_touches_only_the_resettable_half() {
        let mut c = Counters::new(Duration::from_secs(3600));
        c.fed(300, 240);
        c.reset(20);
        c.fed(60, 0);
        assert_eq!((c.read(20), c.read(148), c.read(149), c.read(5)), (Some(2), Some(12), Some(240), None));
    }
}
