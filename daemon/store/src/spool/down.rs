//! Rows from the greatest down, with nothing but sled's forward iterator: its backward one needs a constant of
//! 1 MB, which would be a fifth of the whole program.
//!
//! Keys are taken by their first eight bytes behind the table as a number. Job numbers are dense, so a window
//! of so many numbers is a page of rows; where there are gaps, the next row below is found by halving.

use super::sled::{BadRow, SledSpool, SpoolError};
use crate::types::Row;

/// Numbers read at once.
const WINDOW: u64 = 128;

/// The key of a number in a table.
fn key_of(table: u8, number: u64) -> [u8; 9] {
    let mut key = [table; 9];
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}

/// The number of a key of this table; of a longer or shorter key the number just below or at it.
pub(super) fn number_of(key: &[u8]) -> u64 {
    let mut number = [0; 8];
    for (to, from) in number.iter_mut().zip(key.iter().skip(1)) {
        *to = *from;
    }
    u64::from_be_bytes(number)
}

impl SledSpool {
    /// Rows of `low..high`, both of one table, from the greatest down, until `visit` says stop.
    ///
    /// # Errors
    /// The spool is damaged.
    pub fn range_down(
        &self,
        low: &[u8],
        high: &[u8],
        visit: &mut dyn FnMut(Result<Row, BadRow>) -> bool,
    ) -> Result<(), SpoolError> {
        let mut high = high.to_vec();
        while let Some(top) = self.greatest(low, &high)? {
            let window = key_of(low.first().copied().unwrap_or_default(), top.saturating_sub(WINDOW - 1));
            // Keys shorter than a number lie between numbers; the last window reaches down to the end anyway.
            let inside = window.as_slice() > low && window.as_slice() < high.as_slice();
            let from = if inside && top >= WINDOW { window.to_vec() } else { low.to_vec() };
            let mut rows = Vec::new();
            self.range(&from, &high, &mut |row| {
                rows.push(row);
                true
            })?;
            for row in rows.into_iter().rev() {
                if !visit(row) {
                    return Ok(());
                }
            }
            high = from;
        }
        Ok(())
    }

    /// The greatest number in `low..high`; `None` when nothing is there.
    pub(super) fn greatest(&self, low: &[u8], high: &[u8]) -> Result<Option<u64>, SpoolError> {
        let Some(&table) = low.first() else { return Ok(None) };
        if !self.has_any(low, high)? {
            return Ok(None);
        }
        // A row is at or above `there`, none is at or above `above`.
        let mut there = number_of(low);
        let mut above = u128::from(if high.first() == Some(&table) { number_of(high) } else { u64::MAX }) + 1;
        let mut step = u128::from(WINDOW);
        while above - u128::from(there) > 1 {
            // Near the end first: there it is, unless there is a gap.
            let room = above - u128::from(there);
            let middle = u64::try_from(above - step.min(room / 2).max(1)).unwrap_or(u64::MAX);
            if self.has_any(&key_of(table, middle), high)? {
                there = middle;
            } else {
                above = u128::from(middle);
            }
            step *= 2;
        }
        Ok(Some(there))
    }

    fn has_any(&self, low: &[u8], high: &[u8]) -> Result<bool, SpoolError> {
        let mut any = false;
        if low < high {
            self.range(low, high, &mut |_| {
                any = true;
                false
            })?;
        }
        Ok(any)
    }
}
