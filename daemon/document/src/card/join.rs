//! Whether groups of digits may be one number, by how they are written.
//!
//! Digits that fit a card by range and check digit are one case in ten of any figures. What keeps dates, amounts, phone
//! numbers and reference numbers apart is how cards are written: embossed in fours, evenly, or torn once by the end of a
//! line or a column.

use super::finder::Gap;

/// A group of digits: where among them it begins, and what stands before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) begin: usize,
    pub(super) before: Gap,
}

/// Digits of a reference number (field 37 of ISO 8583), which begins like a card number in most of the years and stands
/// beside other figures on each slip.
const REFERENCE_DIGITS: usize = 12;

/// Pieces of the longest form in which cards are embossed.
const EMBOSSED_MAX: usize = 5;

/// Whether these groups, two or more that stand beside each other, may be one number. `end` is where the last ends, `after`
/// what follows it; `own` says whether it is a figure of its own: a date, a mobile phone number.
pub(super) fn may_be_joined(
    groups: &[Group],
    end: usize,
    after: Option<Gap>,
    own: impl FnOnce() -> bool,
) -> bool {
    let [first, second, ..] = groups else { return true };
    let gap = second.before;
    let (mut same, mut breaks, mut signs) = (true, 0, 0);
    for group in groups.iter().skip(1) {
        same &= group.before == gap;
        match group.before {
            Gap::Space | Gap::Dash => {}
            Gap::Line | Gap::Wide => breaks += 1,
            Gap::Start | Gap::Sign(_) => signs += 1,
        }
        // Whatever follows.
        if !same && (breaks > 1 || signs > 0) {
            return false;
        }
    }
    let narrow = breaks + signs == 0;
    let torn_once = breaks == 1 && signs == 0;
    if (same || narrow || torn_once) && is_embossed(groups, end, Tears::Part) {
        return true;
    }
    if torn_once && groups.len() > 2 && is_embossed(groups, end, Tears::Join) {
        return true;
    }
    // The same everywhere: one digit to each box of a form, say. Two phone numbers are even, too.
    if same && (groups.len() > 2 || narrow) && is_even(groups, end) {
        return true;
    }
    let digits = end - groups.last().map_or(end, |last| last.begin);
    if narrow {
        // Anyhow, but the minutes of a time and the cents of an amount begin no number, nor does its whole part end one.
        let amount = digits <= 3 && matches!(after, Some(Gap::Sign('.' | ':')));
        return !matches!(first.before, Gap::Sign(_)) && !amount;
    }
    // A line or a column that was too narrow.
    let before = second.begin - first.begin;
    let date = || own() || digits <= 4 && matches!(after, Some(Gap::Dash | Gap::Sign(_)));
    torn_once && groups.len() == 2 && before >= 4 && before != REFERENCE_DIGITS && !date()
}

/// How many digits each has.
fn lengths(groups: &[Group], end: usize) -> impl Iterator<Item = usize> {
    let ends = groups.iter().skip(1).map(|group| group.begin).chain([end]);
    groups.iter().zip(ends).map(|(group, end)| end - group.begin)
}

/// What the end of a line or a column is to the groups on both sides of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tears {
    Part,
    Join,
}

/// As cards are embossed: in fours with up to three digits more, 4-6-5 and 4-6-4, 6-13.
fn is_embossed(groups: &[Group], end: usize, tears: Tears) -> bool {
    let mut found = [0; EMBOSSED_MAX];
    let mut count = 0;
    for (group, digits) in groups.iter().zip(lengths(groups, end)) {
        if count == 0 || tears == Tears::Part || !matches!(group.before, Gap::Line | Gap::Wide) {
            count += 1;
        }
        match found.get_mut(count - 1) {
            Some(length) => *length += digits,
            None => return false,
        }
    }
    match found.get(..count).unwrap_or_default() {
        [4, 6, 4 | 5] | [6, 13] => true,
        [start @ .., 1..=4] => matches!(start.len(), 3 | 4) && start.iter().all(|length| *length == 4),
        _ => false,
    }
}

/// All as long as the first, the last perhaps shorter.
fn is_even(groups: &[Group], end: usize) -> bool {
    let [first, second, ..] = groups else { return true };
    let even = second.begin - first.begin;
    let rest = groups.len() - 1;
    lengths(groups, end).enumerate().all(|(n, digits)| digits == even || n == rest && digits <= even)
}
