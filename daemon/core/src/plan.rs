//! Where a receipt is cut into pieces, each closed by a fence; and the cuts themselves, small in memory: ten thousand
//! receipts may wait.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::{LINES_PER_PART, PARTS_MAX};
use crate::record::PartPlan;

/// The pieces of a body, in their order. An ordinary slip is one piece and needs no memory beyond this; those of a long
/// receipt are kept as differences. In a record it is a plain sequence of [`PartPlan`].
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// All but the last: three LEB128 numbers each, the differences to the piece before.
    packed: Box<[u8]>,
    last: PartPlan,
    count: u32,
}

impl Parts {
    /// How many.
    pub const fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is none, which no receipt has.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The last piece: where the whole body ends.
    pub const fn last(&self) -> Option<PartPlan> {
        if self.count == 0 { None } else { Some(self.last) }
    }

    /// The piece with this number, from 0.
    pub fn get(&self, number: usize) -> Option<PartPlan> {
        if number + 1 == self.len() { self.last() } else { self.iter().nth(number) }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = PartPlan> {
        let mut rest = &self.packed[..];
        let mut at = PartPlan::default();
        let before_last = core::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            for field in [&mut at.end, &mut at.line, &mut at.dots] {
                *field = field.wrapping_add(take_number(&mut rest));
            }
            Some(at)
        });
        before_last.chain(self.last())
    }
}

impl FromIterator<PartPlan> for Parts {
    fn from_iter<I: IntoIterator<Item = PartPlan>>(pieces: I) -> Self {
        let mut packed = Vec::new();
        let (mut before, mut last) = (PartPlan::default(), None::<PartPlan>);
        let mut count = 0;
        for piece in pieces {
            if let Some(done) = last.replace(piece) {
                for (to, from) in [(done.end, before.end), (done.line, before.line), (done.dots, before.dots)]
                {
                    put_number(&mut packed, to.wrapping_sub(from));
                }
                before = done;
            }
            count += 1;
        }
        Self { packed: packed.into(), last: last.unwrap_or_default(), count }
    }
}

fn put_number(to: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn take_number(from: &mut &[u8]) -> u32 {
    let mut number = 0;
    for shift in (0..u32::BITS).step_by(7) {
        let Some((&byte, rest)) = from.split_first() else { break };
        *from = rest;
        number |= u32::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Parts {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // Not `collect_seq`: a length that is not known beforehand can't be written.
        let mut list = to.serialize_seq(Some(self.len()))?;
        for piece in self.iter() {
            list.serialize_element(&piece)?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Parts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pieces;

        impl<'de> Visitor<'de> for Pieces {
            type Value = Parts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the pieces of a receipt")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Parts, A::Error> {
                let mut wrong = None;
                let next = || {
                    list.next_element::<PartPlan>().unwrap_or_else(|e| {
                        wrong = Some(e);
                        None
                    })
                };
                let parts = core::iter::from_fn(next).collect();
                wrong.map_or(Ok(parts), Err)
            }
        }

        from.deserialize_seq(Pieces)
    }
}

/// Chooses the pieces of a body of `bytes` bytes, `lines` printed lines and `dots` dot rows from the places
/// where a fence may stand. A body shorter than one and a half pieces stays whole.
pub fn parts(points: impl Iterator<Item = PartPlan>, bytes: u32, lines: u32, dots: u32) -> Parts {
    let end = PartPlan { end: bytes, line: lines, dots };
    // A very long receipt gets longer pieces, not more of them.
    let step = LINES_PER_PART.max(lines.div_ceil(PARTS_MAX as u32 - 1));
    let mut parts: Vec<PartPlan> = Vec::new();
    let mut next_line = step;
    for point in points {
        let room_behind = lines.saturating_sub(point.line) >= step / 2 && point.end < bytes;
        if point.line >= next_line && room_behind && parts.len() + 1 < PARTS_MAX {
            parts.push(point);
            next_line = point.line.saturating_add(step);
        }
    }
    parts.push(end);
    parts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(lines: u32) -> impl Iterator<Item = PartPlan> {
        (1..=lines).map(|n| PartPlan { end: n * 10, line: n, dots: n * 30 })
    }

    #[test]
    fn a_card_slip_stays_whole() {
        assert_eq!(parts(points(40), 400, 40, 1_200).len(), 1);
    }

    #[test]
    fn a_long_receipt_has_a_fence_every_32_lines() {
        let plan = parts(points(100), 1_000, 100, 3_000);
        let lines: Vec<u32> = plan.iter().map(|p| p.line).collect();
        assert_eq!(lines, [32, 64, 100]);
    }

    #[test]
    fn an_endless_receipt_has_a_bounded_number_of_pieces_and_each_byte_is_in_one() {
        let plan = parts(points(9_999), 99_990, 9_999, 1);
        assert!(plan.len() <= PARTS_MAX);
        let ends: Vec<u32> = plan.iter().map(|p| p.end).collect();
        assert!(ends.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(plan.last().unwrap().end, 99_990);
    }

    #[test]
    fn pieces_come_back_as_they_were_packed_whatever_they_are() {
        let odd = [(0, 0, 0), (300, 1, 128), (u32::MAX, 0, u32::MAX), (5, 9, 1 << 30), (5, 9, 1 << 30)];
        for count in 0..=odd.len() {
            let plain: Vec<PartPlan> =
                odd[..count].iter().map(|&(end, line, dots)| PartPlan { end, line, dots }).collect();
            let packed: Parts = plain.iter().copied().collect();
            assert_eq!(packed.len(), count);
            assert_eq!(packed.iter().collect::<Vec<_>>(), plain);
            assert!((0..=count).all(|k| packed.get(k) == plain.get(k).copied()));
            // The same bytes as a plain list: records of earlier versions are read, and they read ours.
            let bytes = postcard::to_allocvec(&packed).unwrap();
            assert_eq!(bytes, postcard::to_allocvec(&plain).unwrap());
            assert_eq!(postcard::from_bytes::<Parts>(&bytes).unwrap(), packed);
        }
    }

    #[test]
    fn half_a_list_is_an_error() {
        let bytes = postcard::to_allocvec(&parts(points(100), 1_000, 100, 3_000)).unwrap();
        assert!((1..bytes.len()).all(|n| postcard::from_bytes::<Parts>(&bytes[..n]).is_err()));
    }
}
