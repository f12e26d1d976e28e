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

/// How many bytes from the beginning on are nothing: boring ones and joiners, and digits that are fewer than a card
/// number has up to the next boring byte.
pub(super) fn nothing(bytes: &[u8], classes: &Classes) -> usize {
    let is_pair = |byte: u8| byte > 0x80 && classes[0x81] == Class::Pair;
    let class = |at: usize| bytes.get(at).map(|byte| classes[usize::from(*byte)]);
    let (mut done, mut digits, mut at) = (0, 0, 0);
    // More may follow in the next piece of text.
    while let Some(found) = class(at) {
        match found {
            Class::Digit => {
                digits += 1;
                at += 1;
                if digits >= DIGITS_MIN {
                    return done;
                }
                continue;
            }
            Class::Joiner if digits > 0 => {
                at += 1;
                continue;
            }
            // Most of a receipt, and what joins nothing.
            Class::Boring | Class::Joiner => {
                let ascii = bytes[at].is_ascii();
                at += 1;
                if ascii {
                    let rest = bytes.get(at..).unwrap_or_default();
                    at += eight::not_dull(rest).unwrap_or(rest.len());
                } else {
                    while class(at) == Some(Class::Boring) {
                        at += 1;
                    }
                }
            }
            Class::Pair | Class::Look => {
                let (byte, next) = (bytes[at], bytes.get(at + 1));
                if found == Class::Look && !is_dull(byte, next) {
                    return done;
                }
                at += 1;
                if is_pair(byte) {
                    // One of four bytes, or half of one.
                    if next.is_none_or(|second| *second < 0x40) {
                        return done;
                    }
                    at += 1;
                }
            }
        }
        digits = 0;
        done = at;
    }
    done
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
