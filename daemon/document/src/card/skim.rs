//! The fast way over text in which nothing can be: letters, and digits that are too few.
//!
//! A receipt is full of dates and amounts; showing each digit to the finder would cost more than printing it. What is
//! skipped here is only what the finder would have forgotten.

use super::issuer::DIGITS_MIN;

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
    /// Only the whole character tells.
    Look,
}

/// The classes of all bytes in an encoding.
pub(super) type Classes = [Class; 256];

/// ASCII, and in an encoding of more the first bytes that need a look.
pub(super) const fn classes(look: &[u8]) -> Classes {
    let mut classes = [Class::Boring; 256];
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
        classes[look[n] as usize] = Class::Look;
        n += 1;
    }
    classes
}

/// How many bytes from the beginning on are nothing: boring ones and joiners, and digits that are fewer than a card
/// number has up to the next boring byte. With `pairs`, bytes from 0x81 on begin characters of two.
pub(super) fn nothing(bytes: &[u8], classes: &Classes, pairs: bool) -> usize {
    let mut done = 0;
    let mut digits = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match classes[usize::from(byte)] {
            Class::Digit => {
                digits += 1;
                if digits >= DIGITS_MIN {
                    return done;
                }
                continue;
            }
            Class::Joiner => {
                if digits == 0 {
                    done = at;
                }
                continue;
            }
            Class::Look if !is_dull(byte, bytes.get(at)) => return done,
            Class::Look | Class::Boring => {}
        }
        if pairs && matches!(byte, 0x81..=0xfe) {
            // One of four bytes, or half of one.
            if bytes.get(at).is_none_or(|second| *second < 0x40) {
                return done;
            }
            at += 1;
        }
        digits = 0;
        done = at;
    }
    // More may follow in the next piece of text.
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
