//! Where a receipt is cut into pieces, each closed by a fence.

use alloc::vec::Vec;

use crate::limits::{LINES_PER_PART, PARTS_MAX};
use crate::record::PartPlan;

/// Chooses the pieces of a body of `bytes` bytes, `lines` printed lines and `dots` dot rows from the places
/// where a fence may stand. A body shorter than one and a half pieces stays whole.
pub fn parts(points: impl Iterator<Item = PartPlan>, bytes: u32, lines: u32, dots: u32) -> Vec<PartPlan> {
    let end = PartPlan { end: bytes, line: lines, dots };
    // A very long receipt gets longer pieces, not more of them.
    let step = LINES_PER_PART.max(lines.div_ceil(PARTS_MAX as u32 - 1));
    let mut parts = Vec::new();
    let mut next_line = step;
    for point in points {
        let room_behind = lines.saturating_sub(point.line) >= step / 2 && point.end < bytes;
        if point.line >= next_line && room_behind && parts.len() + 1 < PARTS_MAX {
            parts.push(point);
            next_line = point.line.saturating_add(step);
        }
    }
    parts.push(end);
    parts.shrink_to_fit();
    parts
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
        assert!(plan.windows(2).all(|w| w[0].end < w[1].end));
        assert_eq!(plan.last().unwrap().end, 99_990);
    }
}
