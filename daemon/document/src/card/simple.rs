//! The search as it was first written, one character, group and digit at a time: what the quick one is compared with.

use proptest::prelude::*;

use super::finder::{Between, Found, Gap, What};
use super::issuer::{DIGITS_MAX, DIGITS_MIN, PREFIX_DIGITS, RANGES, is_other_number, is_own_figure};
use super::text::ZEROS;

/// What is found in a text; places are offsets in bytes.
fn find(text: &str) -> Vec<Found> {
    let mut finder = Finder::new();
    for (at, character) in text.char_indices() {
        read(&mut finder, character, at as u64);
    }
    finder.finish()
}

/// A number with the right check digit that begins like this.
fn card(prefix: &str, more: &str) -> String {
    let start = format!("{prefix}{more}");
    let fits = |number: &String| {
        let mut candidate = Candidate::default();
        number.bytes().for_each(|digit| candidate.push(digit - b'0'));
        candidate.once.is_multiple_of(10)
    };
    (0..10).map(|digit| format!("{start}{digit}")).find(fits).unwrap()
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[0-9]{1,6}",
        2 => "[0-9]{7,20}",
        3 => ("(4|51|62|37|9558|2720|36|81)", "[0-9]{10,14}").prop_map(|(prefix, more)| card(&prefix, &more)),
        // The same in groups, evenly or anyhow.
        3 => ("(4|51|62|37|9558|2720|36|81)", "[0-9]{10,14}", "[ \\n.-]|  ", 1..7_usize).prop_map(|(prefix, more, gap, size)| {
            card(&prefix, &more).as_bytes().chunks(size).map(|part| std::str::from_utf8(part).unwrap()).collect::<Vec<_>>().join(&gap)
        }),
        8 => "[ \\n.:/,-]|  |\t| - |\n\n",
        1 => "[=D^a-zA-Z\u{1}]|CVV2|CVC:|cvn |安全码|[商４·²\u{301}]",
        1 => "(20(2[0-9])(0[1-9]|1[0-2])[0-2][0-9])|1[3-9][0-9]{9}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    /// The quick search finds exactly what the simple one does, at the same places.
    #[test]
    fn quick_and_simple_find_the_same(pieces in proptest::collection::vec(piece(), 0..24)) {
        let text = pieces.concat();
        prop_assert_eq!(super::find(&text), find(&text), "{:?}", text);
    }
}

proptest! {
    // Each is as much text as a thousand of those above.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 60, ..ProptestConfig::default() })]

    /// Also in figures without end, which are looked at in pieces.
    #[test]
    fn quick_and_simple_find_the_same_in_tables(
        pieces in proptest::collection::vec("[0-9]|[4-6]|[0-9]{1,5}", 500..1600),
        gaps in proptest::collection::vec("[ \n-]|  ", 1..4),
    ) {
        let text: String = pieces.iter().zip(gaps.iter().cycle()).flat_map(|(piece, gap)| [piece.as_str(), gap]).collect();
        prop_assert_eq!(super::find(&text), find(&text), "{:?}", text);
    }
}

/// A group of digits: where in the list of digits it begins, and what stands before it.
#[derive(Debug, Clone, Copy)]
struct Group {
    begin: usize,
    before: Gap,
}

/// Groups of the same chain that are looked at together at most. Longer chains (a table of figures) are looked at in
/// pieces that overlap by what a card number can span.
const GROUPS_MAX: usize = 512;

/// Letters that are remembered in front of digits.
const WORD: usize = 4;

/// Digits behind a card number's `=` from which on it is a track: at least expiry and service code.
const TRACK_DIGITS: u8 = 7;

/// Goes through a text once.
#[derive(Debug)]
struct Finder {
    digits: Vec<(u8, u64)>,
    groups: Vec<Group>,
    /// What came since the last digit.
    gap: Option<Gap>,
    /// The last letters, in capitals, the newest last.
    word: [char; WORD],
    /// The last of them stands directly before what comes next.
    adjacent: bool,
    /// The group that is begun stands behind a word for a card's secret.
    secret: bool,
    /// Digits that came directly behind the `=` of what was found last.
    track: Option<u8>,
    found: Vec<Found>,
}

impl Finder {
    const fn new() -> Self {
        Self {
            digits: Vec::new(),
            groups: Vec::new(),
            gap: Some(Gap::Start),
            word: [' '; WORD],
            adjacent: false,
            secret: false,
            track: None,
            found: Vec::new(),
        }
    }

    /// A digit (0 to 9) at a place.
    fn digit(&mut self, digit: u8, at: u64) {
        if let Some(count) = &mut self.track {
            *count += 1;
            if *count >= TRACK_DIGITS {
                self.track = None;
                if let Some(last) = self.found.last_mut() {
                    last.what = What::Track;
                }
            }
        }
        if let Some(before) = self.gap.take() {
            // The 2 of "CVV2" is a part of the word.
            if std::mem::take(&mut self.adjacent) && digit == 2 && self.names_secret() {
                self.gap = Some(Gap::Start);
                return;
            }
            self.end_secret();
            self.secret = self.names_secret();
            self.word = [' '; WORD];
            if self.groups.len() >= GROUPS_MAX {
                self.look(false);
            }
            self.groups.push(Group { begin: self.digits.len(), before });
        }
        self.digits.push((digit, at));
    }

    /// Something that may stand inside a card number.
    fn between(&mut self, what: Between) {
        if what != Between::Space {
            self.track = None;
        }
        self.adjacent = false;
        let gap = match (self.gap, what) {
            (Some(Gap::Start), _) => Gap::Start,
            (_, Between::Line) | (Some(Gap::Line), _) => Gap::Line,
            (None, Between::Space) => Gap::Space,
            (None | Some(Gap::Space | Gap::Wide | Gap::Dash), Between::Dash)
            | (Some(Gap::Dash), Between::Space) => Gap::Dash,
            (Some(Gap::Space | Gap::Wide), Between::Space) | (_, Between::Wide) => Gap::Wide,
            (None | Some(Gap::Space), Between::Sign(sign)) => Gap::Sign(sign),
            (Some(Gap::Sign(sign)), Between::Space) => Gap::Sign(sign),
            // Two signs in a row: something else.
            (Some(Gap::Sign(_) | Gap::Dash | Gap::Wide), Between::Sign(_))
            | (Some(Gap::Sign(_)), Between::Dash) => {
                self.end();
                return;
            }
        };
        self.gap = Some(gap);
    }

    /// Any other character; digits before and behind it do not belong together.
    fn other(&mut self, character: char) {
        let directly_behind = self.gap.is_none();
        let behind = directly_behind || self.gap == Some(Gap::Space);
        let ends_with_card = self.end();
        self.adjacent = !is_filler(character);
        if self.adjacent {
            self.word.rotate_left(1);
            self.word[WORD - 1] = character.to_ascii_uppercase();
        }
        // What a track has behind the number.
        if ends_with_card && behind {
            match character {
                '=' => self.track = Some(0),
                'D' | 'd' if directly_behind => self.track = Some(0),
                '^' => {
                    if let Some(last) = self.found.last_mut() {
                        last.what = What::Track;
                    }
                }
                _ => {}
            }
        }
    }

    /// What follows does not belong to what came. Whether what came ended with a card number.
    fn end(&mut self) -> bool {
        self.track = None;
        self.gap = Some(Gap::Start);
        if self.digits.is_empty() {
            return false;
        }
        self.end_secret();
        // Most chains are dates and amounts.
        if self.digits.len() < DIGITS_MIN {
            self.digits.clear();
            self.groups.clear();
            return false;
        }
        self.look(true)
    }

    /// The end of the text: everything that was found.
    fn finish(mut self) -> Vec<Found> {
        self.end();
        self.found
    }

    /// Three or four digits behind a word for a secret are one.
    fn end_secret(&mut self) {
        if !std::mem::take(&mut self.secret) {
            return;
        }
        let digits = self.groups.last().and_then(|g| self.digits.get(g.begin..)).unwrap_or_default();
        if matches!(digits.len(), 3 | 4) {
            self.found.push(Found { what: What::Secret, digits: digits.to_vec() });
        }
    }

    fn names_secret(&self) -> bool {
        matches!(
            self.word,
            [_, 'C', 'V', 'V' | 'C' | 'N' | '2'] | [_, '安', '全', '码'] | [_, '安', '全', '碼']
        )
    }

    /// Looks for card numbers among the groups, and forgets those that can't be a part of one any more.
    /// Whether the last group is a part of one.
    fn look(&mut self, all: bool) -> bool {
        let mut first = 0;
        let mut card = None;
        while first < self.groups.len() {
            card = self.card_from(first);
            match card {
                Some(groups) => {
                    let range = self.begin(first)..self.begin(first + groups);
                    let digits = self.digits.get(range).unwrap_or_default().to_vec();
                    self.found.push(Found { what: What::Number, digits });
                    first += groups;
                }
                None => first += 1,
            }
        }
        // Those at the end could go on, if more comes.
        let keep = if all { self.groups.len() } else { self.groups.len().saturating_sub(DIGITS_MAX) };
        let from = self.begin(keep);
        self.digits.drain(..from);
        self.groups.drain(..keep);
        for group in &mut self.groups {
            group.begin -= from;
        }
        card.is_some()
    }

    fn begin(&self, group: usize) -> usize {
        self.groups.get(group).map_or(self.digits.len(), |g| g.begin)
    }

    /// The most groups from this one on that are a card number together.
    fn card_from(&self, first: usize) -> Option<usize> {
        let mut candidate = Candidate::default();
        let mut card = None;
        for last in first..self.groups.len() {
            let (begin, end) = (self.begin(last), self.begin(last + 1));
            if candidate.len() + (end - begin) > DIGITS_MAX {
                break;
            }
            for (digit, _) in self.digits.get(begin..end).unwrap_or_default() {
                candidate.push(*digit);
            }
            if !candidate.may_become() {
                break;
            }
            if candidate.len() >= DIGITS_MIN && candidate.is_card() && self.may_be_joined(first, last) {
                card = Some(last - first + 1);
            }
        }
        card
    }

    /// Whether these groups may be one number, by how they are written and what they are by themselves.
    fn may_be_joined(&self, first: usize, last: usize) -> bool {
        let digits = |group| self.digits.get(self.begin(group)..self.begin(group + 1)).unwrap_or_default();
        if first == last {
            return !is_other_number(values(digits(first)));
        }
        let piece = |group: usize| Piece {
            before: self.groups.get(group).map_or(Gap::Start, |g| g.before),
            digits: digits(group).len(),
            own: is_own_figure(values(digits(group))),
        };
        // Asked only where range and check digit fit.
        let pieces: Vec<Piece> = (first..=last).map(piece).collect();
        may_be_joined(&pieces, self.groups.get(last + 1).map(|g| g.before))
    }
}

/// What stands between a word and its digits.
const fn is_filler(character: char) -> bool {
    matches!(character, ':' | '：' | '=' | '＝' | '#' | '.' | '(' | '（' | '*')
}

fn values(digits: &[(u8, u64)]) -> impl ExactSizeIterator<Item = u8> + Clone {
    digits.iter().map(|(digit, _)| *digit)
}

/// A run of digits that grows by one digit at a time.
///
/// Which digits the check counts twice depends on how many follow, so both sums are kept.
#[derive(Debug, Clone, Copy, Default)]
struct Candidate {
    len: usize,
    prefix: u32,
    /// Check sums if the last digit is counted once, and twice.
    once: u32,
    twice: u32,
    /// Sum of GS1's check digit (weights 1 and 3 from the left) if the run has 13 digits.
    ean: u32,
    /// The lengths that the issuer's numbers have; known from the sixth digit on.
    lengths: &'static [u8],
}

impl Candidate {
    fn push(&mut self, digit: u8) {
        let digit = u32::from(digit);
        let doubled = if digit > 4 { digit * 2 - 9 } else { digit * 2 };
        if self.len < PREFIX_DIGITS {
            self.prefix = self.prefix * 10 + digit;
            if self.len == PREFIX_DIGITS - 1 {
                let issuer = RANGES.iter().find(|r| (r.first..=r.last).contains(&self.prefix));
                self.lengths = issuer.map_or(&[], |r| r.lengths);
            }
        }
        // The digit before the one counted once is counted twice, and the other way round.
        (self.once, self.twice) = (self.twice + digit, self.once + doubled);
        self.ean += if self.len.is_multiple_of(2) { digit } else { digit * 3 };
        self.len += 1;
    }

    const fn len(&self) -> usize {
        self.len
    }

    /// Whether it can still become a card number.
    fn may_become(&self) -> bool {
        if self.len < PREFIX_DIGITS {
            // No range begins with these.
            return !matches!(self.first(), 0 | 1 | 7);
        }
        !self.lengths.is_empty()
    }

    const fn first(&self) -> u32 {
        let mut digit = self.prefix;
        while digit > 9 {
            digit /= 10;
        }
        digit
    }

    /// Whether it is one as it stands.
    fn is_card(&self) -> bool {
        if self.len < DIGITS_MIN || !self.once.is_multiple_of(10) {
            return false;
        }
        // The number of an article; the last cards with 13 digits expired decades ago.
        if self.len == 13 && self.ean.is_multiple_of(10) {
            return false;
        }
        RANGES
            .iter()
            .any(|r| (r.first..=r.last).contains(&self.prefix) && r.lengths.contains(&(self.len as u8)))
    }
}

/// A group of digits.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// What stands before it.
    before: Gap,
    /// How many digits it has.
    digits: usize,
    /// It is a figure of its own: a date, a mobile phone number.
    own: bool,
}

/// Digits of a reference number (field 37 of ISO 8583), which begins like a card number in most of the years and stands
/// beside other figures on each slip.
const REFERENCE_DIGITS: usize = 12;

/// Whether these pieces, which stand beside each other, may be one number; `after` is what follows the last.
fn may_be_joined(pieces: &[Piece], after: Option<Gap>) -> bool {
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

/// The value of a character as a digit.
fn digit_of(character: char) -> Option<u8> {
    let code = u32::from(character);
    match code {
        0..0x80 => return character.to_digit(10).map(|digit| digit as u8),
        // Hanzi are most of what is left, and none is a digit; nor is what they stand between.
        0x2090..=0xa61f | 0xac00..=0xfeff => return None,
        0xb9 => return Some(1),
        0xb2 | 0xb3 => return Some((code - 0xb0) as u8),
        0x2070 | 0x2074..=0x2079 => return Some((code - 0x2070) as u8),
        _ => {}
    }
    let zero =
        ZEROS.partition_point(|zero| *zero <= code).checked_sub(1).and_then(|index| ZEROS.get(index))?;
    code.checked_sub(*zero).filter(|value| *value < 10).map(|value| value as u8)
}

/// Shows a character to the finder.
fn read(finder: &mut Finder, character: char, at: u64) {
    if let Some(digit) = digit_of(character) {
        finder.digit(digit, at);
        return;
    }
    match character {
        ' ' | '\u{a0}' | '\u{3000}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => finder.between(Between::Space),
        '\t' => finder.between(Between::Wide),
        '\n' => finder.between(Between::Line),
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '－' | '_' | '＿' | '~' => {
            finder.between(Between::Dash)
        }
        '.' | ':' | '：' | '·' | '/' | '・' | ',' | '、' | '|' | '．' | '，' | '／' => {
            finder.between(Between::Sign(character))
        }
        // They take no room on paper, or stand above the digit before them.
        '\u{fe00}'..='\u{fe0f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{ad}' => {}
        '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20ff}' | '\u{202a}'..='\u{202e}' | '\u{61c}' => {}
        '\u{180b}'..='\u{180f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' => {}
        '\u{fe20}'..='\u{fe2f}' | '\u{e0000}'..='\u{e0fff}' => {}
        control if control.is_control() => {}
        other => finder.other(other),
    }
}
