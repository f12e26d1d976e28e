//! The names of things: jobs, printers, sessions, batches, process ids.
//!
//! Newtypes, so that two numbers of different meaning can't be swapped at a call site. Numbering is the
//! engine's; how ids look to people is the API's.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

/// A job's number: one copy to be put on paper. Ascending in the order of acceptance, never reused while
/// its record is kept; it is also the job's key in the spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobId(pub u64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The number of a try to print a job, from 1.
pub type AttemptNo = u16;

/// A printer's index in the configuration order of this run. Stored records carry the printer's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PrinterIx(pub u16);

/// One connection to a printer, from open to loss. Never reused within a run, so that an event of an old
/// session can't be taken for one of the present session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// A batch handed to the store, in the order of handing over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchId(pub u64);

/// A caller's request that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// A user id of the operating system, as the bus or the socket proved it.
pub type Uid = u32;

/// The 20-bit number that `GS ( H` function 48 echoes when the data before it was printed.
///
/// On the wire it is four letters out of 32, all with bit 4 clear (`@`, `A`-`O`, `` ` ``, `a`-`o`), so that no
/// byte of an echoed id can be taken for an automatic status or a real-time reply, even after lost
/// synchronisation. (Epson, `GS ( H` fn 48 allows 20h-7Eh; the narrower alphabet is ours.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessId(u32);

impl ProcessId {
    /// How many ids there are before they begin again.
    pub const COUNT: u32 = 1 << 20;

    /// The id with this number, taken modulo [`Self::COUNT`].
    pub const fn new(number: u32) -> Self {
        Self(number % Self::COUNT)
    }

    /// Its number, below [`Self::COUNT`].
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The id `n` further on.
    pub const fn plus(self, n: u32) -> Self {
        Self::new(self.0.wrapping_add(n))
    }

    /// How far this id lies behind `first`, going round at the end of the numbers.
    pub const fn distance_from(self, first: Self) -> u32 {
        self.0.wrapping_sub(first.0) % Self::COUNT
    }

    /// The four bytes on the wire, most significant letter first.
    pub const fn to_wire(self) -> [u8; 4] {
        const fn letter(five_bits: u32) -> u8 {
            let n = (five_bits & 31) as u8;
            if n < 16 { 0x40 + n } else { 0x60 + (n - 16) }
        }
        [letter(self.0 >> 15), letter(self.0 >> 10), letter(self.0 >> 5), letter(self.0)]
    }

    /// The id that these four bytes are; `None` when one of them is not of our alphabet, so that the id
    /// is another host's.
    pub const fn from_wire(wire: [u8; 4]) -> Option<Self> {
        let mut number = 0_u32;
        let mut i = 0;
        while i < 4 {
            let five = match wire[i] {
                b @ 0x40..=0x4F => b - 0x40,
                b @ 0x60..=0x6F => b - 0x60 + 16,
                _ => return None,
            };
            number = (number << 5) | five as u32;
            i += 1;
        }
        Some(Self(number))
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.to_wire() {
            write!(f, "{}", byte as char)?;
        }
        Ok(())
    }
}

/// A printer's name in the configuration: what apps and people call it.
pub type PrinterName = String;

#[cfg(test)]
mod tests {
    use super::ProcessId;

    #[test]
    fn every_letter_of_an_id_has_bit_4_clear_and_the_id_comes_back() {
        for number in (0..ProcessId::COUNT).step_by(997).chain([ProcessId::COUNT - 1]) {
            let id = ProcessId::new(number);
            let wire = id.to_wire();
            assert!(wire.iter().all(|b| (0x20..0x7F).contains(b) && b & 0x10 == 0));
            assert_eq!(ProcessId::from_wire(wire), Some(id));
        }
    }

    #[test]
    fn a_foreign_id_is_not_ours_and_distance_goes_round() {
        assert_eq!(ProcessId::from_wire(*b"0842"), None);
        let last = ProcessId::new(ProcessId::COUNT - 1);
        assert_eq!(last.plus(2).distance_from(last), 2);
    }
}
