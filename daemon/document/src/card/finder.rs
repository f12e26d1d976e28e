//! Finds card numbers in a sequence of digits and what stands between them.
//!
//! Digits that follow each other directly are a *group*; groups with nothing but spaces, hyphens and the like between
//! them are a *chain*. A card number is one group, or whole neighbouring groups of a chain: never a part of a group, since
//! some window of 16 digits in an order number of 28 digits always looks like a card. How groups may be joined depends on
//! what joins them, since amounts, dates and columns of figures are chains too.
//!
//! Left to others: what the characters are and where they stand.

use std::ops::Range;

use super::issuer::{
    DIGITS_MAX, DIGITS_MIN, PREFIX_DIGITS, Sums, is_article, is_other_number, is_own_figure, lengths, value,
};
use super::join::{Group, may_be_joined};

/// What stands between two digits of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// The chain begins here.
    Start,
    /// One space.
    Space,
    /// A hyphen, with or without spaces.
    Dash,
    /// Another sign that is written between groups.
    Sign(char),
    /// More than one space, a tab, another column.
    Wide,
    /// A line end.
    Line,
}

/// What joins digits into a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Between {
    /// A space as wide as a character.
    Space,
    /// To another place in the line.
    Wide,
    /// A hyphen of any kind.
    Dash,
    /// `.`, `/`, `:` and others.
    Sign(char),
    /// A line end.
    Line,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// A card number.
    Number,
    /// A card number with the rest of the track behind it.
    Track,
    /// The three or four digits behind a word such as CVV2.
    Secret,
}

/// Something found: its digits and their places, which mean what they meant to whoever showed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) what: What,
    pub(crate) digits: Vec<(u8, u64)>,
}

impl Found {
    /// The place of the first digit.
    pub(crate) fn first(&self) -> u64 {
        self.digits.first().map_or(0, |(_, at)| *at)
    }
}

/// A digit of a chain.
#[derive(Debug, Clone, Copy)]
struct Digit {
    at: u64,
    /// The number of its group in the text.
    group: u32,
    value: u8,
    /// Of what came before it.
    before: Sums,
}

/// Groups of the same chain that are looked at together at most. Longer chains (a table of figures) are looked at in
/// pieces that overlap by what a card number can span.
const GROUPS_MAX: usize = 512;

/// Letters that are remembered in front of digits.
const WORD: usize = 4;

/// None of them.
const NO_WORD: [char; WORD] = [' '; WORD];

/// Digits behind a card number's `=` from which on it is a track: at least expiry and service code.
const TRACK_DIGITS: u8 = 7;

/// Goes through a text once.
#[derive(Debug)]
pub(crate) struct Finder {
    digits: Vec<Digit>,
    groups: Vec<Group>,
    /// The number of the last of them.
    group: u32,
    /// Of all that came.
    sums: Sums,
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
    pub(crate) const fn new() -> Self {
        Self {
            digits: Vec::new(),
            groups: Vec::new(),
            group: 0,
            sums: Sums::NONE,
            gap: Some(Gap::Start),
            word: NO_WORD,
            adjacent: false,
            secret: false,
            track: None,
            found: Vec::new(),
        }
    }

    /// Digits of ASCII at places that follow each other, from the first byte on; how many they were.
    pub(crate) fn digits(&mut self, bytes: &[u8], at: u64) -> usize {
        let mut count = 0;
        while let Some(byte @ b'0'..=b'9') = bytes.get(count) {
            let at = at + count as u64;
            if self.gap.is_some() || self.track.is_some() {
                self.digit(byte - b'0', at);
            } else {
                self.push(byte - b'0', at);
            }
            count += 1;
        }
        count
    }

    /// A digit (0 to 9) at a place.
    pub(crate) fn digit(&mut self, digit: u8, at: u64) {
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
            let secret = self.names_secret();
            if std::mem::take(&mut self.adjacent) && digit == 2 && secret {
                self.gap = Some(Gap::Start);
                return;
            }
            self.end_secret();
            self.secret = secret;
            self.word = NO_WORD;
            if self.groups.len() >= GROUPS_MAX {
                self.look(false);
            }
            self.group = self.group.wrapping_add(1);
            self.groups.push(Group { begin: self.digits.len(), before });
        }
        self.push(digit, at);
    }

    /// One more digit of the group that was begun last.
    fn push(&mut self, value: u8, at: u64) {
        self.digits.push(Digit { at, group: self.group, value, before: self.sums });
        self.sums = self.sums.then(value);
    }

    /// Something that may stand inside a card number.
    pub(crate) fn between(&mut self, what: Between) {
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

    /// Whether nothing that was shown matters for what comes: the reader may skim (`skim`).
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.digits.is_empty() && self.is_past_words()
    }

    /// Neither a track nor a word for a secret is begun.
    fn is_past_words(&self) -> bool {
        let in_word = matches!(self.word, [.., 'C' | 'V' | 'N' | '安' | '全' | '码' | '碼']);
        self.track.is_none() && !in_word
    }

    /// Characters that do not matter were left out.
    pub(crate) fn skip(&mut self) {
        self.word = NO_WORD;
        self.adjacent = false;
    }

    /// Any other character; digits before and behind it do not belong together.
    pub(crate) fn other(&mut self, character: char) {
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
    pub(crate) fn end(&mut self) -> bool {
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
    pub(crate) fn finish(mut self) -> Vec<Found> {
        self.end();
        self.found
    }

    /// Three or four digits behind a word for a secret are one.
    #[inline]
    fn end_secret(&mut self) {
        if std::mem::take(&mut self.secret) {
            self.find_secret();
        }
    }

    fn find_secret(&mut self) {
        let begin = self.begin(self.groups.len().saturating_sub(1));
        if matches!(self.digits.len() - begin, 3 | 4) {
            self.find(What::Secret, begin..self.digits.len());
        }
    }

    fn names_secret(&self) -> bool {
        // Most digits have no letter before them.
        self.word[WORD - 1] != ' '
            && matches!(
                self.word,
                [_, 'C', 'V', 'V' | 'C' | 'N' | '2'] | [_, '安', '全', '码'] | [_, '安', '全', '碼']
            )
    }

    fn find(&mut self, what: What, range: Range<usize>) {
        let digits = self.digits.get(range).unwrap_or_default();
        self.found.push(Found { what, digits: digits.iter().map(|digit| (digit.value, digit.at)).collect() });
    }

    /// Looks for card numbers among the groups, and forgets those that can't be a part of one any more.
    /// Whether the last group is a part of one.
    fn look(&mut self, all: bool) -> bool {
        let mut first = 0;
        let mut card = None;
        while first < self.groups.len() {
            card = self.card_from(first);
            match card {
                Some(next) => {
                    self.find(What::Number, self.begin(first)..self.begin(next));
                    first = next;
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

    /// The longest card number that begins with this group: the group behind it.
    ///
    /// Most of what is shown here is none, so what rules out most is asked first: who issues what begins like this, and in
    /// which lengths; where another group ends there; the check digit; and only then how it is written.
    fn card_from(&self, first: usize) -> Option<usize> {
        let digits = self.digits.get(self.begin(first)..)?;
        let start = digits.first()?;
        // What most dates and amounts begin with.
        if matches!(start.value, 0 | 1 | 7) {
            return None;
        }
        for length in lengths(value(values(digits.get(..PREFIX_DIGITS)?))).iter().rev() {
            let length = usize::from(*length);
            let Some(last) = digits.get(length - 1) else { continue };
            let next = digits.get(length);
            if next.is_some_and(|next| next.group == last.group)
                || !next.map_or(self.sums, |next| next.before).fit(start.before, length)
            {
                continue;
            }
            let groups = last.group.wrapping_sub(start.group) as usize + 1;
            if self.may_be_card(first..first + groups, digits.get(..length)?) {
                return Some(first + groups);
            }
        }
        None
    }

    /// Whether groups may be one number, by how they are written and what they are by themselves.
    fn may_be_card(&self, range: Range<usize>, digits: &[Digit]) -> bool {
        if is_article(values(digits)) {
            return false;
        }
        let after = self.groups.get(range.end).map(|group| group.before);
        match self.groups.get(range).unwrap_or_default() {
            [_] => !is_other_number(values(digits)),
            groups @ [.., last] => {
                let end = groups.first().map_or(0, |group| group.begin) + digits.len();
                let own = || is_own_figure(values(self.digits.get(last.begin..end).unwrap_or_default()));
                may_be_joined(groups, end, after, own)
            }
            [] => false,
        }
    }
}

fn values(digits: &[Digit]) -> impl ExactSizeIterator<Item = u8> + Clone {
    digits.iter().map(|digit| digit.value)
}

/// What stands between a word and its digits.
const fn is_filler(character: char) -> bool {
    matches!(character, ':' | '：' | '=' | '＝' | '#' | '.' | '(' | '（' | '*')
}

#[cfg(test)]
mod tests;
