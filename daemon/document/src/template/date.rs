//! A day of the calendar, in the terminal's local time. Which one is today is said by whoever renders.

use std::fmt;

/// A day: ordered as days are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// What a terminal without a clock believes: 1970-01-01.
    pub const EPOCH: Self = Self { year: 1970, month: 1, day: 1 };

    /// A day; `None` if month or day can't be. Whether a month has 31 days is not asked: such a day never comes.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let right = (1..=12).contains(&month) && (1..=31).contains(&day);
        right.then_some(Self { year, month, day })
    }

    /// As it is printed on a receipt.
    pub(crate) fn printed(self) -> String {
        format!("{:04}/{:02}/{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}
