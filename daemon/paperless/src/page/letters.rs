//! Bytes of text to characters: ASCII, pairs of GB18030 where the printer has Chinese, else a code page.

use encoding_rs::{Encoding, GB18030, IBM866};

/// What stands for bytes that are no character.
const UNKNOWN: char = '\u{fffd}';

/// Code page 437, 80 hex and above: what printers have at power-on.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// The tables of `ESC t n` that are known (Epson's numbers; Chinese boards have the same below 20).
fn table(n: u8) -> Option<&'static Encoding> {
    match n {
        16 => Some(encoding_rs::WINDOWS_1252),
        17 => Some(IBM866),
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

/// The characters of a run of text, each with whether it has a square cell.
pub(super) fn decode(bytes: &[u8], kanji: bool, code_page: u8) -> impl Iterator<Item = (char, bool)> {
    let mut rest = bytes;
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
            0x80.. if !kanji && code_page == 0 => {
                (CP437.chars().nth(usize::from(byte) - 0x80).unwrap_or(UNKNOWN), false)
            }
            0x80.. if !kanji => (table(code_page).map_or(UNKNOWN, |table| one(table, character)), false),
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
        decode(bytes, kanji, code_page).map(|(character, _)| character).collect()
    }

    #[test]
    fn chinese_and_code_pages() {
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!(text(b"a\xd6\xd0\xa3\xa4b", true, 0), "a中￥b");
        assert_eq!(text(b"\x81\x30\x81\x30!", true, 0), "\u{fffd}!");
        assert_eq!(text(b"\x82\x9c", false, 0), "é£");
        assert_eq!(text(b"\x80\xe9", false, 16), "€é");
        assert_eq!(text(b"\x80\xff\xd6", true, 0), "\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(text(b"\x7f", true, 0), "\u{fffd}");
    }
}
