//! Bytes of text to characters: ASCII, pairs of GB18030 where the printer has Chinese, else a code page.

use encoding_rs::{Encoding, GB18030};
use receiptd_document::CodePages;

/// What stands for bytes that are no character.
const UNKNOWN: char = '\u{fffd}';

/// The tables of `ESC t n` that no profile names (Epson's numbers).
fn table(n: u8) -> Option<&'static Encoding> {
    match n {
        45 => Some(encoding_rs::WINDOWS_1250),
        46 => Some(encoding_rs::WINDOWS_1251),
        47 => Some(encoding_rs::WINDOWS_1253),
        48 => Some(encoding_rs::WINDOWS_1254),
        49 => Some(encoding_rs::WINDOWS_1255),
        50 => Some(encoding_rs::WINDOWS_1256),
        51 => Some(encoding_rs::WINDOWS_1257),
        52 => Some(encoding_rs::WINDOWS_1258),
        _ => None,
    }
}

/// The character of a byte of 80 hex or more under a number of `ESC t`: of the pages that the printer has, or of those that
/// nearly all have under it.
fn letter(byte: u8, number: u8, pages: &CodePages) -> char {
    match [pages, &CodePages::EPSON].into_iter().find(|pages| pages.knows(number)) {
        Some(pages) => pages.character(number, byte).unwrap_or(UNKNOWN),
        None => table(number).map_or(UNKNOWN, |table| one(table, &[byte])),
    }
}

/// The characters of a run of text, each with whether it has a square cell.
pub(super) fn decode(
    bytes: &[u8],
    kanji: bool,
    code_page: u8,
    pages: &CodePages,
) -> impl Iterator<Item = (char, bool)> {
    let (mut rest, pages) = (bytes, *pages);
    std::iter::from_fn(move || {
        let (&byte, behind) = rest.split_first()?;
        let len = match (byte, behind) {
            (0x81..=0xfe, [0x30..=0x39, 0x81..=0xfe, 0x30..=0x39, ..]) if kanji => 4,
            (0x81..=0xfe, [0x40..=0xfe, ..]) if kanji => 2,
            _ => 1,
        };
        let (character, after) = rest.split_at_checked(len)?;
        rest = after;
        Some(match byte {
            b' '..=b'~' => (char::from(byte), false),
            0x80.. if len > 1 => (one(GB18030, character), true),
            0x80.. if !kanji => (letter(byte, code_page, &pages), false),
            _ => (UNKNOWN, false),
        })
    })
}

fn one(encoding: &'static Encoding, bytes: &[u8]) -> char {
    let (text, errors) = encoding.decode_without_bom_handling(bytes);
    let mut characters = text.chars();
    match (errors, characters.next(), characters.next()) {
        // Anything that a text can't show must not come out of a receipt.
        (false, Some(character), None) if !character.is_control() => character,
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], kanji: bool, code_page: u8) -> String {
        decode(bytes, kanji, code_page, &CodePages { cp852: Some(13), ..CodePages::NONE })
            .map(|(character, _)| character)
            .collect()
    }

    #[test]
    fn chinese_and_code_pages() {
        assert_eq!(text(b"a\xd6\xd0\xa3\xa4b", true, 0), "a中￥b");
        assert_eq!(text(b"\x81\x30\x81\x30!", true, 0), "\u{fffd}!");
        assert_eq!(text(b"\x82\x9c", false, 0), "é£");
        assert_eq!(text(b"\x80\xe9", false, 16), "€é");
        assert_eq!(text(b"\x88", false, 13), "ł");
        assert_eq!(text(b"\xcf", false, 46), "П");
        assert_eq!(text(b"\x80\xff\xd6", true, 0), "\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(text(b"\x7f", true, 0), "\u{fffd}");
    }
}
