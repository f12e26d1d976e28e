//! Whether groups of digits may be one number, by how they are written.
//!
//! Digits that fit a card by range and check digit are one case in ten of any figures. What keeps dates, amounts, phone
//! numbers and reference numbers apart is how cards are written: embossed in fours, evenly, or torn once by the end of a
//! line or a column.

use super::finder::Gap;

/// A group of digits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// What stands before it.
    pub(super) before: Gap,
    /// How many digits it has.
    pub(super) digits: usize,
    /// It is a figure of its own: a date, a mobile phone number.
    pub(super) own: bool,
}

/// Digits of a reference number (field 37 of ISO 8583), which begins like a card number in most of the years and stands
/// beside other figures on each slip.
const REFERENCE_DIGITS: usize = 12;

/// Whether these pieces, which stand beside each other, may be one number; `after` is what follows the last.
pub(super) fn may_be_joined(pieces: &[Piece], after: Option<Gap>) -> bool {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return false };
    let gaps = || pieces.iter().skip(1).map(|piece| piece.before);
    let Some(gap) = gaps().next() else { return true };
    let same_gap = gaps().all(|other| other == gap);
    let breaks = gaps().filter(|gap| matches!(gap, Gap::Line | Gap::Wide)).count();
    let narrow = |gap| matches!(gap, Gap::Space | Gap::Dash);
    let lengths: Vec<usize> = pieces.iter().map(|piece| piece.digits).collect();
    let torn_once = breaks == 1 && gaps().all(|gap| narrow(gap) || matches!(gap, Gap::Line | Gap::Wide));
    if is_embossed(&lengths) && (same_gap || breaks == 0 && gaps().all(narrow) || torn_once) {
        return true;
    }
    if torn_once && pieces.len() > 2 && is_embossed(&mended(pieces)) {
        return true;
    }
    // The same everywhere: one digit to each box of a form, say. Two phone numbers are even, too.
    if is_even(&lengths) && same_gap && (pieces.len() > 2 || narrow(gap)) {
        return true;
    }
    if breaks == 0 && gaps().all(narrow) {
        // Anyhow, but the minutes of a time and the cents of an amount begin no number, nor does its whole part end one.
        let amount = last.digits <= 3 && matches!(after, Some(Gap::Sign('.' | ':')));
        return !matches!(first.before, Gap::Sign(_)) && !amount;
    }
    // A line or a column that was too narrow.
    let date = last.own || last.digits <= 4 && matches!(after, Some(Gap::Dash | Gap::Sign(_)));
    torn_once && pieces.len() == 2 && first.digits >= 4 && first.digits != REFERENCE_DIGITS && !date
}

/// As cards are embossed: in fours with up to three digits more, 4-6-5 and 4-6-4, 6-13.
fn is_embossed(lengths: &[usize]) -> bool {
    let fours = |rest: &[usize]| rest.iter().all(|length| *length == 4);
    match lengths {
        [4, 6, 4 | 5] | [6, 13] => true,
        [start @ .., 1..=4] => matches!(start.len(), 3 | 4) && fours(start),
        _ => false,
    }
}

/// All as long as the first, the last perhaps shorter.
fn is_even(lengths: &[usize]) -> bool {
    let Some((last, others)) = lengths.split_last() else { return false };
    let first = others.first().unwrap_or(last);
    others.iter().all(|length| length == first) && last <= first
}

/// The lengths with the pieces on both sides of the break as one.
fn mended(pieces: &[Piece]) -> Vec<usize> {
    let mut lengths: Vec<usize> = Vec::new();
    for piece in pieces {
        match (piece.before, lengths.last_mut()) {
            (Gap::Line | Gap::Wide, Some(last)) => *last += piece.digits,
            _ => lengths.push(piece.digits),
        }
    }
    lengths
}
