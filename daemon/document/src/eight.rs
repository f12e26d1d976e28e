//! Searches that look at eight bytes at once. Most of a receipt is text, and each pass over it is a part of what an
//! acceptance costs; the compiler, told to make the daemon small, looks at one.

use core::num::NonZeroU64;

const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES * 0x80;

/// The high bits of the bytes of a word that are less than `limit`, at most 0x80: exact up to the lowest of them, behind which
/// a borrow may have set others.
const fn less(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(ONES * limit as u64) & !word & HIGH
}

/// Where the first byte is that `marks` finds in words and `is` in single bytes.
fn position(bytes: &[u8], marks: impl Fn(u64) -> u64, is: impl Fn(u8) -> bool) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        if let Some(found) = NonZeroU64::new(marks(u64::from_le_bytes(*word))) {
            return Some(at * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|byte| is(*byte)).map(|at| words.len() * 8 + at)
}

/// Where the first byte below 0x20 is.
pub(crate) fn control(bytes: &[u8]) -> Option<usize> {
    position(bytes, |word| less(word, 0x20), |byte| byte < 0x20)
}

/// Where the first such byte is.
pub(crate) fn first(bytes: &[u8], wanted: u8) -> Option<usize> {
    position(bytes, |word| less(word ^ (ONES * u64::from(wanted)), 1), |byte| byte == wanted)
}

/// The lines of a text, as its `split('\n')` gives them: the last may be empty.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'a>(Option<&'a str>);

/// See [`Lines`].
pub(crate) const fn lines(text: &str) -> Lines<'_> {
    Lines(Some(text))
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.take()?;
        let split = first(text.as_bytes(), b'\n').and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?)));
        let (line, rest) = split.map_or((text, None), |(line, rest)| (line, Some(rest)));
        self.0 = rest;
        Some(line)
    }
}

/// Where the first byte is that is no printable character of ASCII, which are `' '..='~'`.
pub(crate) fn not_printable(bytes: &[u8]) -> Option<usize> {
    const DELETE: u64 = ONES * 0x7f;
    let marks = |word: u64| word & HIGH | less(word, 0x20) | less(word ^ DELETE, 1);
    position(bytes, marks, |byte| !matches!(byte, b' '..=b'~'))
}

/// Eight bytes of ASCII.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ascii(u64);

/// Some of eight bytes, the first in the lowest bits: each byte 0x80 or 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marked(u64);

impl Ascii {
    /// Nothing if one of them is none. So no sum below carries into the next byte.
    pub(crate) const fn of(bytes: [u8; 8]) -> Option<Self> {
        let word = u64::from_le_bytes(bytes);
        if word & HIGH == 0 { Some(Self(word)) } else { None }
    }

    /// Those from `first` to `last`.
    const fn within(word: u64, first: u8, last: u8) -> Marked {
        let from = word + ONES * (0x80 - first as u64);
        let behind = word + ONES * (0x7f - last as u64);
        Marked(from & !behind & HIGH)
    }

    pub(crate) const fn digits(self) -> Marked {
        Self::within(self.0, b'0', b'9')
    }

    pub(crate) const fn letters(self) -> Marked {
        Self::within(self.0 | (ONES * 0x20), b'a', b'z')
    }

    /// Where control characters and a `C` are.
    pub(crate) const fn special(self) -> Marked {
        let printable = self.0 + ONES * 0x60;
        let delete = self.0 + ONES;
        let c = Self::within(self.0 | (ONES * 0x20), b'c', b'c');
        Marked((!printable | delete) & HIGH | c.0)
    }
}

impl Marked {
    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    pub(crate) const fn count(self) -> u32 {
        // The product has the sum of all bytes, each 0 or 1 here, in its highest one: the oldest processors cannot count bits.
        ((self.0 >> 7).wrapping_mul(ONES) >> 56) as u32
    }

    /// Where the first one is.
    pub(crate) const fn first(self) -> Option<usize> {
        if self.0 == 0 { None } else { Some(self.0.trailing_zeros() as usize / 8) }
    }

    /// Those before the first of others, all if there is none.
    pub(crate) const fn before_first_of(self, others: Self) -> Self {
        Self(self.0 & others.0.wrapping_sub(1) & !others.0)
    }

    /// Those behind the last of others, all if there is none.
    pub(crate) const fn behind_last_of(self, others: Self) -> Self {
        let up_to_last = match others.0.leading_zeros() {
            64 => 0,
            zeros => u64::MAX >> zeros,
        };
        Self(self.0 & !up_to_last)
    }
}

impl Iterator for Marked {
    type Item = usize;

    /// Takes the first one out.
    fn next(&mut self) -> Option<usize> {
        let first = self.first();
        self.0 &= self.0.wrapping_sub(1);
        first
    }
}

/// How many bytes are 0x80 or above.
pub(crate) fn high(bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().map(|word| Marked(u64::from_le_bytes(*word) & HIGH).count()).sum::<u32>()
        + rest.iter().map(|byte| u32::from(byte >> 7)).sum::<u32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_not_printable(byte: &u8) -> bool {
        !(b' '..=b'~').contains(byte)
    }

    proptest::proptest! {
        #[test]
        fn eight_at_once_find_what_one_by_one_does(bytes in proptest::collection::vec(0x0e_u8..=0x82, 0..40), wanted: u8) {
            proptest::prop_assert_eq!(control(&bytes), bytes.iter().position(|byte| *byte < 0x20));
            proptest::prop_assert_eq!(first(&bytes, wanted), bytes.iter().position(|byte| *byte == wanted));
            proptest::prop_assert_eq!(first(&bytes, 0x10), bytes.iter().position(|byte| *byte == 0x10));
            proptest::prop_assert_eq!(not_printable(&bytes), bytes.iter().position(is_not_printable));
            proptest::prop_assert_eq!(high(&bytes), bytes.iter().filter(|byte| **byte >= 0x80).count() as u32);
        }
    }

    proptest::proptest! {
        #[test]
        fn eight_bytes_of_ascii_are_told_apart(bytes: [u8; 8], clear: bool) {
            let bytes = bytes.map(|byte| if clear { byte & 0x7f } else { byte });
            let all = |is: fn(&u8) -> bool| -> Vec<usize> { (0..8).filter(|at| is(&bytes[*at])).collect() };
            let Some(ascii) = Ascii::of(bytes) else {
                proptest::prop_assert!(!bytes.is_ascii());
                return Ok(());
            };
            proptest::prop_assert!(bytes.is_ascii());
            let (digits, letters) = (all(u8::is_ascii_digit), all(u8::is_ascii_alphabetic));
            proptest::prop_assert_eq!(ascii.digits().collect::<Vec<_>>(), digits.clone());
            proptest::prop_assert_eq!(ascii.letters().collect::<Vec<_>>(), letters.clone());
            let special = all(|byte| is_not_printable(byte) || byte.eq_ignore_ascii_case(&b'c'));
            proptest::prop_assert_eq!(ascii.special().collect::<Vec<_>>(), special);
            proptest::prop_assert_eq!(ascii.digits().count() as usize, digits.len());
            proptest::prop_assert_eq!(ascii.digits().first(), digits.first().copied());
            let (first, last) = (letters.first().copied().unwrap_or(8), letters.last().copied());
            let before: Vec<_> = digits.iter().copied().filter(|at| *at < first).collect();
            let behind: Vec<_> = digits.iter().copied().filter(|at| last.is_none_or(|last| *at > last)).collect();
            proptest::prop_assert_eq!(ascii.digits().before_first_of(ascii.letters()).collect::<Vec<_>>(), before);
            proptest::prop_assert_eq!(ascii.digits().behind_last_of(ascii.letters()).collect::<Vec<_>>(), behind);
        }
    }

    proptest::proptest! {
        #[test]
        fn lines_are_those_of_the_standard_library(text in "[ab\n\r\u{96f6}]{0,30}") {
            proptest::prop_assert_eq!(lines(&text).collect::<Vec<_>>(), text.split('\n').collect::<Vec<_>>());
        }
    }

    #[test]
    fn each_value_is_judged_at_each_place() {
        for value in 0..=255_u8 {
            for at in 0..9 {
                let mut bytes = [0x7f_u8; 9];
                bytes[at] = value;
                assert_eq!(control(&bytes), (value < 0x20).then_some(at), "{value:02x} at {at}");
                assert_eq!(high(&bytes), u32::from(value >= 0x80));
                let found = if value == 0x7f { 0 } else { at };
                assert_eq!(first(&bytes, value), Some(found));
                bytes.fill(b'~');
                bytes[at] = value;
                assert_eq!(not_printable(&bytes), is_not_printable(&value).then_some(at));
            }
        }
    }
}
