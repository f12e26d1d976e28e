//! Card numbers in a stream of ESC/POS: the text as it comes, styles and modes aside, and the data of codes.
//!
//! This looks at the bytes that are printed, whatever they were made from. So it is the net behind the search in the
//! document, which can name a better place, and the only search in a raw stream.

use super::finder::{Between, Finder, Found, What};
use super::skim::{Classes, classes, nothing};
use super::text::read;
use super::{CardFound, CardRule, ROUNDS_MAX};
use crate::scan::{Op, commands};
use crate::{CodePages, DocumentError, KanjiMode, Place, Profile};

/// A fullwidth star in GB18030; digits and star have the same first byte.
const WIDE: u8 = 0xa3;
const WIDE_STAR: u8 = 0xaa;

/// Masks the card numbers in a stream that has been scanned; how many there were.
///
/// # Errors
/// One is refused by the rule, or stands where it can't be masked.
pub(crate) fn guard(bytes: &mut [u8], profile: &Profile) -> Result<u32, DocumentError> {
    let rule = profile.cards;
    let mut count = 0;
    for round in 0..ROUNDS_MAX {
        let found = find(bytes, profile)?;
        if found.is_empty() {
            break;
        }
        count += found.len() as u32;
        for found in &found {
            if let Some(what) = CardFound::refused(found.what, rule) {
                let place = Place::Offset(found.first() as usize);
                return Err(DocumentError::Card { place, what, shown: rule.shown(found) });
            }
        }
        for at in found.iter().flat_map(|found| rule.places(found, round)) {
            match bytes.get_mut(at as usize..) {
                Some([WIDE, second, ..]) => *second = WIDE_STAR,
                Some([digit, ..]) => *digit = b'*',
                _ => {}
            }
        }
    }
    Ok(count)
}

/// What is found in the text; what is found in a code is refused.
fn find(bytes: &[u8], profile: &Profile) -> Result<Vec<Found>, DocumentError> {
    let rule = profile.cards;
    let mut text = Finder::new();
    let mut kanji = profile.kanji;
    for (at, command, op) in with_line_ends(bytes, commands(bytes)) {
        match op {
            Op::Text => read_text(&mut text, command, at, kanji),
            // Only a printer that is known to have code pages is trusted to leave Chinese for them.
            Op::Kanji(on) if profile.code_pages != CodePages::NONE => {
                kanji = if on { profile.kanji } else { KanjiMode::None };
            }
            Op::Init => {
                kanji = profile.kanji;
                text.between(Between::Line);
            }
            Op::Tab => text.between(Between::Wide),
            // A carriage return alone ends the line on some boards, and is nothing on others; what begins anew stands below.
            Op::Setting if command == [0x0d] => text.between(Between::Line),
            Op::LineFeed | Op::FeedLines(_) | Op::FeedUnits(_) | Op::FormFeed | Op::Cut { .. } => {
                text.between(Between::Line)
            }
            Op::Setting if moves(command) => text.between(Between::Wide),
            Op::Barcode => in_code(&barcode(command), at, rule)?,
            // A QR code of boards that have no `GS ( k`.
            Op::PrintUnknown if command.starts_with(b"\x1bZ") => {
                in_code(&latin(command.get(7..).unwrap_or_default()), at, rule)?;
            }
            Op::StoreSymbol(_) => in_code(&latin(command.get(8..).unwrap_or_default()), at, rule)?,
            // Settings between two digits do not part them on paper.
            Op::Setting
            | Op::LineSpacing(_)
            | Op::Size(_)
            | Op::Mode(_)
            | Op::Font(_)
            | Op::MotionUnits(_)
            | Op::Kanji(_)
            | Op::BarcodeHeight(_)
            | Op::BarcodeText(_)
            | Op::QrModule(_)
            | Op::QrLevel(_)
            | Op::Drawer => {}
            _ => {
                text.end();
            }
        }
    }
    Ok(text.finish())
}

/// The same commands, a text together with the line ends and the texts that follow it directly: dates and amounts at line ends
/// are skimmed then, and not shown to the finder because more could follow.
fn with_line_ends<'a>(
    bytes: &'a [u8],
    commands: impl Iterator<Item = (usize, &'a [u8], Op)>,
) -> impl Iterator<Item = (usize, &'a [u8], Op)> {
    let mut commands = commands.peekable();
    std::iter::from_fn(move || {
        let (at, mut command, op) = commands.next()?;
        if op == Op::Text {
            let goes_on =
                |(_, next, op): &(usize, &[u8], Op)| *op == Op::Text || matches!(next, [b'\n' | b'\r']);
            while let Some((begin, next, _)) = commands.next_if(goes_on) {
                command = bytes.get(at..begin + next.len())?;
            }
        }
        Some((at, command, op))
    })
}

/// Moves to another place in the line: `ESC $`, `ESC \`, `GS $`, `GS \`.
const fn moves(command: &[u8]) -> bool {
    matches!(command, [0x1b | 0x1d, b'$' | b'\\', ..])
}

/// Bytes of text and line ends: ASCII, and pairs of GB18030, of which only digits and what may stand between them matter.
fn read_text(finder: &mut Finder, bytes: &[u8], offset: usize, kanji: KanjiMode) {
    read_bytes(finder, bytes, offset, kanji, true);
}

/// The same; whether it skims changes nothing but the time.
fn read_bytes(finder: &mut Finder, bytes: &[u8], offset: usize, kanji: KanjiMode, skims: bool) {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if skims && finder.is_idle() {
            let classes = if kanji == KanjiMode::None { &LATIN } else { &GB18030 };
            let nothing = nothing(bytes.get(at..).unwrap_or_default(), classes);
            if nothing > 0 {
                finder.skip();
                at += nothing;
                continue;
            }
        }
        if byte.is_ascii_digit() {
            at += finder.digits(bytes.get(at..).unwrap_or_default(), (offset + at) as u64);
            continue;
        }
        let (len, character) = match (byte, bytes.get(at + 1..)) {
            // See above: alone it may end the line.
            (b'\r', _) => (1, '\n'),
            (0x00..=0x7f, _) => (1, char::from(byte)),
            (0xa1, Some([0xa1, ..])) if kanji != KanjiMode::None => (2, '\u{3000}'),
            (WIDE, Some([second @ 0xa1..=0xfe, ..])) if kanji != KanjiMode::None => {
                // The row of fullwidth ASCII.
                (2, char::from_u32(0xff01 + u32::from(second - 0xa1)).unwrap_or('\u{fffd}'))
            }
            (0x81..=0xfe, _) if kanji != KanjiMode::None => (pair(bytes, at), secret_word(bytes, at)),
            _ => (1, '\u{fffd}'),
        };
        read(finder, character, (offset + at) as u64);
        at += len;
    }
}

/// Bytes of the character that begins with a byte of 0x81 or more.
fn pair(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at + 1..) {
        Some([0x30..=0x39, 0x81..=0xfe, 0x30..=0x39, ..]) => 4,
        Some([0x40..=0xfe, ..]) => 2,
        _ => 1,
    }
}

/// The bytes of GB18030: the rows of punctuation and of fullwidth forms, and 安, need a look.
static GB18030: Classes = classes(&[0x7f, 0xa1, WIDE, 0xa9, 0xb0], true);

/// The bytes of a code page.
static LATIN: Classes = classes(&[0x7f], false);

/// The three Hanzi that matter: 安全码.
fn secret_word(bytes: &[u8], at: usize) -> char {
    match bytes.get(at..at + 2) {
        Some([0xb0, 0xb2]) => '安',
        Some([0xc8, 0xab]) => '全',
        Some([0xc2, 0xeb]) => '码',
        _ => '\u{fffd}',
    }
}

/// Refuses a card number in the data of a code.
fn in_code(data: &str, at: usize, rule: CardRule) -> Result<(), DocumentError> {
    match found_in_code(data, rule) {
        Some((what, shown)) => Err(DocumentError::Card { place: Place::Offset(at), what, shown }),
        None => Ok(()),
    }
}

/// A card number in the data of a code, which is never let through.
pub(crate) fn found_in_code(data: &str, rule: CardRule) -> Option<(CardFound, super::Shown)> {
    let mut found: Vec<Found> = super::find(data);
    // An address has its spaces and other signs in another form.
    if data.contains(['+', '%']) {
        found.extend(super::find(&decoded(data)));
    }
    let worst = found
        .iter()
        .find(|f| f.what == What::Track)
        .or_else(|| found.iter().find(|f| f.what == What::Number))?;
    let what = if worst.what == What::Track { CardFound::Track } else { CardFound::InCode };
    Some((what, rule.shown(worst)))
}

/// An address with `+` and `%XX` as what they stand for, as far as it is ASCII.
fn decoded(data: &str) -> String {
    let mut out = String::with_capacity(data.len());
    let mut rest = data;
    while let Some(at) = rest.find(['+', '%']) {
        let (before, sign) = rest.split_at(at);
        out.push_str(before);
        let hex = sign.get(1..3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let (len, character) = match hex {
            Some(byte) if sign.starts_with('%') => (3, char::from(byte)),
            _ => (1, ' '),
        };
        out.push(character);
        rest = sign.get(len..).unwrap_or_default();
    }
    out + rest
}

/// The data of `GS k`. EAN and UPC have a check digit of their own and can't carry a card number.
fn barcode(command: &[u8]) -> String {
    match command.get(2) {
        Some(0..=3 | 65..=68) => String::new(),
        Some(0..=6) => latin(command.get(3..command.len() - 1).unwrap_or_default()),
        // CODE128 has pairs of digits as one byte in its set C.
        Some(73) => code128(command.get(4..).unwrap_or_default()),
        Some(_) => latin(command.get(4..).unwrap_or_default()),
        None => String::new(),
    }
}

fn code128(data: &[u8]) -> String {
    let mut out = String::new();
    let mut pairs = false;
    let mut bytes = data.iter();
    while let Some(&byte) = bytes.next() {
        match (byte, pairs) {
            (b'{', _) => match bytes.next() {
                Some(b'C') => pairs = true,
                Some(b'A' | b'B') => pairs = false,
                _ => {}
            },
            (0..=99, true) => {
                out.push(char::from(b'0' + byte / 10));
                out.push(char::from(b'0' + byte % 10));
            }
            _ => out.push(char::from(byte)),
        }
    }
    out
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 3000, ..ProptestConfig::default() })]

        /// What is skimmed is what would have been forgotten, whatever the bytes.
        #[test]
        fn skimming_changes_nothing(
            pieces in proptest::collection::vec(prop_oneof![
                (0x20..=0xff_u8).prop_map(|byte| vec![byte]),
                Just(b"4111111111111111".to_vec()),
                Just(b"\xa3\xb4\xa3\xb1\xa3\xb1\xa3\xb1 1111 1111 1111".to_vec()),
                Just(b"CVV2:123".to_vec()),
            ], 0..24),
            kanji in prop_oneof![Just(KanjiMode::Gb18030), Just(KanjiMode::None)],
        ) {
            let bytes = pieces.concat();
            let found = |skims| {
                let mut finder = Finder::new();
                read_bytes(&mut finder, &bytes, 0, kanji, skims);
                finder.finish()
            };
            prop_assert_eq!(found(true), found(false));
        }

        /// Nor is it, when lines are looked at one by one.
        #[test]
        fn line_ends_that_come_with_their_text_change_nothing(
            pieces in proptest::collection::vec(prop_oneof![
                "[0-9]{1,13}".prop_map(String::into_bytes),
                Just(b"4111111111111111".to_vec()),
                Just(b"41111111\r\n11111111".to_vec()),
                Just(b"4111 1111".to_vec()),
                Just(b"CVV2".to_vec()),
                Just(b"123".to_vec()),
                prop_oneof![Just("\n"), Just("\r"), Just("\r\n"), Just(" "), Just("\t"), Just("=")]
                    .prop_map(|text| text.as_bytes().to_vec()),
                Just(b"\x1bE\x01".to_vec()),
                Just(b"\x1b@".to_vec()),
                Just(b"\xbd\xf0\xb6\xee".to_vec()),
                Just(b"\xa3\xb4".to_vec()),
                Just(b"\x84".to_vec()),
            ], 0..24),
            kanji in prop_oneof![Just(KanjiMode::Gb18030), Just(KanjiMode::None)],
        ) {
            let bytes = pieces.concat();
            let found = |all: &mut dyn Iterator<Item = (usize, &[u8], Op)>| {
                let mut finder = Finder::new();
                for (at, command, op) in all {
                    match op {
                        Op::Text => read_text(&mut finder, command, at, kanji),
                        Op::Tab => finder.between(Between::Wide),
                        Op::LineFeed | Op::Init => finder.between(Between::Line),
                        Op::Setting if command == b"\r" => finder.between(Between::Line),
                        _ => {}
                    }
                }
                finder.finish()
            };
            prop_assert_eq!(
                found(&mut with_line_ends(&bytes, commands(&bytes))),
                found(&mut commands(&bytes))
            );
        }

        /// In the printer's encoding the same is found as in the text, whatever Hanzi stand around.
        #[test]
        fn the_stream_says_what_the_text_says(
            text in "([0-9]{1,8}|4111 ?1111 ?1111 ?1111|４１１１　?１１１１　?１１１１　?１１１１|[ .=C-]|CVV2|安全码|[a-zA-Z]|[一-龥，。￥㐀]){0,30}"
        ) {
            let (bytes, _, _) = GB18030.encode(&text);
            let mut finder = Finder::new();
            read_text(&mut finder, &bytes, 0, KanjiMode::Gb18030);
            let digits = |found: &[Found]| -> Vec<_> {
                found.iter().map(|f| (f.what, f.digits.iter().map(|(d, _)| *d).collect::<Vec<_>>())).collect()
            };
            prop_assert_eq!(digits(&finder.finish()), digits(&super::super::find(&text)));
        }
    }
}
