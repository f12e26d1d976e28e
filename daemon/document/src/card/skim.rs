//! The fast way over text in which nothing can be: letters, and digits that are too few.
//!
//! A receipt is full of dates and amounts; showing each digit to the finder would cost more than printing it. What is
//! skipped here is only what the finder would have forgotten.

use super::issuer::DIGITS_MIN;
use crate::eight;

/// What a byte is, as far as it can be told from the byte alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    /// Nothing that is looked for begins with it, and digits before and behind it do not belong together.
    Boring,
    /// A digit of ASCII.
    Digit,
    /// It may stand between the digits of a number.
    Joiner,
    /// The first byte of a boring character of two bytes, or of one that needs a look.
    Pair,
    /// Only the whole character tells.
    Look,
}

/// The classes of all bytes in an encoding.
pub(super) type Classes = [Class; 256];

/// ASCII, and in an encoding of more the first bytes that need a look. With `pairs`, bytes from 0x81 on begin characters of two.
pub(super) const fn classes(look: &[u8], pairs: bool) -> Classes {
    let mut classes = [Class::Boring; 256];
    let mut first = 0x81;
    while pairs && first <= 0xfe {
        classes[first] = Class::Pair;
        first += 1;
    }
    let mut digit = b'0';
    while digit <= b'9' {
        classes[digit as usize] = Class::Digit;
        digit += 1;
    }
    let joiners = b" \t\r\n-_~.:/,|";
    let mut n = 0;
    while n < joiners.len() {
        classes[joiners[n] as usize] = Class::Joiner;
        n += 1;
    }
    // The C of CVV.
    classes[b'C' as usize] = Class::Look;
    classes[b'c' as usize] = Class::Look;
    n = 0;
    while n < look.len() {
        // `nothing` passes over printable ASCII without asking here.
        assert!(!matches!(look[n], b' '..=b'~'));
        classes[look[n] as usize] = Class::Look;
        n += 1;
    }
    classes
}

/// What was passed over.
#[derive(Debug, Clone, Copy, Default)]
struct Passed {
    /// Bytes that are nothing.
    done: usize,
    /// Digits behind them that may belong together.
    digits: u32,
    /// Bytes that were looked at.
    at: usize,
}

/// How many bytes from the beginning on are nothing: boring ones and joiners, and digits that are fewer than a card
/// number has up to the next boring byte.
pub(super) fn nothing(bytes: &[u8], classes: &Classes) -> usize {
    let is_pair = |byte: u8| byte > 0x80 && classes[0x81] == Class::Pair;
    let class = |at: usize| bytes.get(at).map(|byte| classes[usize::from(*byte)]);
    let mut passed = Passed::default();
    loop {
        if !ascii(bytes, classes, &mut passed) {
            return passed.done;
        }
        // One character by itself.
        let Passed { at, digits, .. } = passed;
        // More may follow in the next piece of text.
        let Some(found) = class(at) else { return passed.done };
        let mut next = at + 1;
        match found {
            Class::Digit => {
                passed = Passed { digits: digits + 1, at: next, ..passed };
                if passed.digits >= CARD_DIGITS {
                    return passed.done;
                }
                continue;
            }
            Class::Joiner if digits > 0 => {
                passed.at = next;
                continue;
            }
            Class::Boring | Class::Joiner => {
                while class(next) == Some(Class::Boring) {
                    next += 1;
                }
            }
            Class::Pair | Class::Look => {
                let (byte, second) = (bytes[at], bytes.get(next));
                if found == Class::Look && !is_dull(byte, second) {
                    return passed.done;
                }
                if is_pair(byte) {
                    // One of four bytes, or half of one.
                    if second.is_none_or(|second| *second < 0x40) {
                        return passed.done;
                    }
                    next += 1;
                    // Hanzi come in words.
                    while class(next) == Some(Class::Pair)
                        && bytes.get(next + 1).is_some_and(|second| *second >= 0x40)
                    {
                        next += 2;
                    }
                }
            }
        }
        passed = Passed { done: next, digits: 0, at: next };
    }
}

/// Digits that a number has at least.
const CARD_DIGITS: u32 = DIGITS_MIN as u32;

/// Passes over ASCII, eight bytes at a time, as long as each byte tells by itself. What is neither letter nor digit is taken for
/// a joiner; so it may stop before digits that the slow way would pass over, and the finder judges them. False if a number may
/// begin.
fn ascii(bytes: &[u8], classes: &Classes, passed: &mut Passed) -> bool {
    while let Some(word) = bytes.get(passed.at..).and_then(<[u8]>::first_chunk) {
        let Some(ascii) = eight::Ascii::of(*word) else { return true };
        for at in ascii.special() {
            let next = bytes.get(passed.at + at + 1);
            let needs_look = classes[usize::from(word[at])] == Class::Look;
            if needs_look && (!word[at].is_ascii_alphabetic() || !is_dull(word[at], next)) {
                return true;
            }
        }
        let (digits, letters) = (ascii.digits(), ascii.letters());
        let end = passed.at + 8;
        if letters.is_empty() {
            if passed.digits == 0 {
                passed.done = passed.at + digits.first().unwrap_or(8);
            }
            passed.digits += digits.count();
        } else {
            passed.digits += digits.before_first_of(letters).count();
            if passed.digits >= CARD_DIGITS {
                return false;
            }
            let last = digits.behind_last_of(letters);
            *passed = Passed { done: passed.at + last.first().unwrap_or(8), digits: last.count(), ..*passed };
        }
        if passed.digits >= CARD_DIGITS {
            return false;
        }
        passed.at = end;
    }
    true
}

/// Whether a byte that needs a look needs none before this one: all the words for a card's secret begin with CV or 安, of
/// which most Hanzi of its row are told apart here.
const fn is_dull(byte: u8, next: Option<&u8>) -> bool {
    match (byte, next) {
        (b'C' | b'c', Some(next)) => !matches!(next, b'V' | b'v'),
        (0xe5, Some(next)) => *next != 0xae,
        (0xb0, Some(next)) => *next != 0xb2,
        _ => false,
    }
}
