//! Card numbers in a text.

use std::borrow::Cow;

use super::finder::{Between, Finder, Found};
use super::skim::{Classes, classes, nothing};
use super::{CardFound, CardRule, ROUNDS_MAX};
use crate::{DocumentError, Place};

/// First of ten digits that follow each other in Unicode, ascending: of all scripts that have any, since what the
/// printer lacks is drawn and not seen by the search in its bytes; fullwidth, mathematical, and below the line.
#[rustfmt::skip]
pub(super) const ZEROS: [u32; 77] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0x2080, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0,
    0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0,
    0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140,
    0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/// The value of a character beyond ASCII as a digit.
fn digit(character: char) -> Option<u8> {
    let code = u32::from(character);
    match code {
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
pub(crate) fn read(finder: &mut Finder, character: char, at: u64) {
    match character {
        '0'..='9' => finder.digit(character as u8 - b'0', at),
        ' ' => finder.between(Between::Space),
        '\t' => finder.between(Between::Wide),
        '\n' => finder.between(Between::Line),
        '-' | '_' | '~' => finder.between(Between::Dash),
        '.' | ':' | '/' | ',' | '|' => finder.between(Between::Sign(character)),
        '\0'..='\x1f' | '\x7f' => {}
        '!'..='~' => finder.other(character),
        _ => read_beyond(finder, character, at),
    }
}

/// Shows a character beyond ASCII to the finder.
fn read_beyond(finder: &mut Finder, character: char, at: u64) {
    if let Some(digit) = digit(character) {
        finder.digit(digit, at);
        return;
    }
    match character {
        '\u{a0}' | '\u{3000}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => finder.between(Between::Space),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '－' | '＿' => finder.between(Between::Dash),
        '：' | '·' | '・' | '、' | '．' | '，' | '／' => finder.between(Between::Sign(character)),
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

/// The bytes of UTF-8: control characters, digits of other scripts, fullwidth forms, signs that join, zero widths, marks above,
/// and 安 need a look.
static UTF8: Classes = classes(
    &[
        1, 2, 3, 4, 5, 6, 7, 8, 0x0b, 0x0c, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
        0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x7f, 0xc2, 0xcc, 0xcd, 0xd8, 0xd9, 0xdb, 0xdf, 0xe0, 0xe1,
        0xe2, 0xe3, 0xe5, 0xea, 0xef, 0xf0, 0xf3,
    ],
    false,
);

/// Shows a text to the finder; the place of a character is its offset in bytes, from `base` on.
pub(crate) fn feed(finder: &mut Finder, text: &str, base: u64) {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        if finder.is_idle() {
            // It ends before an ASCII character or a first byte.
            let nothing = nothing(bytes.get(at..).unwrap_or_default(), &UTF8);
            if nothing > 0 {
                finder.skip();
                at += nothing;
            }
        }
        let Some(rest) = bytes.get(at..) else { return };
        match rest {
            [b'0'..=b'9', ..] => at += finder.digits(rest, base + at as u64),
            [ascii @ ..=0x7f, ..] => {
                read(finder, char::from(*ascii), base + at as u64);
                at += 1;
            }
            _ => {
                let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else { return };
                read(finder, character, base + at as u64);
                at += character.len_utf8();
            }
        }
    }
}

/// What is found in a text; places are offsets in bytes.
pub(crate) fn find(text: &str) -> Vec<Found> {
    let mut finder = Finder::new();
    feed(&mut finder, text, 0);
    finder.finish()
}

/// Puts a star in the place of the digits at these offsets, which ascend; as wide as the digit was.
pub(crate) fn blot<'a>(text: Cow<'a, str>, offsets: &[u64]) -> Cow<'a, str> {
    if offsets.is_empty() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut hidden = offsets.iter().copied().peekable();
    for (at, character) in text.char_indices() {
        if hidden.next_if_eq(&(at as u64)).is_none() {
            out.push(character);
        } else {
            out.push(if matches!(character, '０'..='９') { '＊' } else { '*' });
        }
    }
    Cow::Owned(out)
}

/// Masks what is found in a text; how many numbers it were. Each is shown to `look` first, which may refuse it.
pub(super) fn mask<E>(
    text: &str,
    rule: CardRule,
    mut look: impl FnMut(&Found) -> Result<(), E>,
) -> Result<(Cow<'_, str>, u32), E> {
    let mut text = Cow::Borrowed(text);
    let mut count = 0;
    for round in 0..ROUNDS_MAX {
        let found = find(&text);
        if found.is_empty() {
            break;
        }
        count += found.len() as u32;
        found.iter().try_for_each(&mut look)?;
        let mut hidden: Vec<u64> = found.iter().flat_map(|found| rule.places(found, round)).collect();
        // The same number can be found twice, where a long chain was looked at in pieces.
        hidden.sort_unstable();
        hidden.dedup();
        text = blot(text, &hidden);
    }
    Ok((text, count))
}

/// Masks what is found in a plain text; how many it were.
///
/// # Errors
/// The rule refuses it.
pub(crate) fn guard(text: &str, rule: CardRule) -> Result<(Cow<'_, str>, u32), DocumentError> {
    mask(text, rule, |found| {
        let Some(what) = CardFound::refused(found.what, rule) else { return Ok(()) };
        let characters = text.get(..found.first() as usize).map_or(0, |before| before.chars().count());
        Err(DocumentError::Card { place: Place::in_text(text, characters), what, shown: rule.shown(found) })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A number is found with any character in its middle that does not end it: none of them is skimmed.
    #[test]
    fn no_character_that_matters_is_skimmed() {
        let all = [
            '\u{80}'..='\u{4dff}',
            '\u{a000}'..='\u{abff}',
            '\u{f900}'..='\u{1ffff}',
            '\u{e0000}'..='\u{e0fff}',
        ];
        for character in all.into_iter().flatten() {
            let text = format!("41111111{character}11111111");
            let mut finder = Finder::new();
            text.char_indices().for_each(|(at, character)| read(&mut finder, character, at as u64));
            assert_eq!(find(&text), finder.finish(), "{character:?}");
        }
        assert_eq!(find("41111111\u{301}11111111").len(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 3000, ..ProptestConfig::default() })]

        /// What is skimmed is what would have been forgotten.
        #[test]
        fn skimming_changes_nothing(
            text in "([0-9]{1,8}|4111 ?1111 ?1111 ?1111|[ \\n.:/=C-]|CVV2|安全码|[a-zA-Z]|[商安号，４·²]){0,30}"
        ) {
            let mut finder = Finder::new();
            for (at, character) in text.char_indices() {
                read(&mut finder, character, at as u64);
            }
            prop_assert_eq!(find(&text), finder.finish());
        }
    }
}
