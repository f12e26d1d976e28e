//! Characters to the bytes that the printer's font knows, and how wide they are.
//!
//! In Chinese mode a printer takes ASCII as one byte and everything else as two bytes of GB18030, always
//! the width of a Hanzi; outside it, or on a printer without Chinese, also the bytes of its code pages
//! ([`crate::code_page`]). A character that has no such bytes is an error and never a `?`: a receipt with a
//! question mark in the merchant's name is a wrong receipt. Lines with such characters are drawn
//! ([`crate::typeset`]).

use crate::{CodePages, DocumentError, KanjiMode, Place, Profile, Unprintable};

include!(concat!(env!("OUT_DIR"), "/gb18030.rs"));

/// A character as the printer takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyph {
    One(u8),
    Two([u8; 2]),
    /// One byte of a code page: which, and with it the byte, is chosen by whoever writes the line.
    Paged,
}

/// The characters that a printer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Charset {
    pub(crate) kanji: KanjiMode,
    pub(crate) pages: CodePages,
}

impl Charset {
    /// ASCII alone.
    pub(crate) const ASCII: Self = Self { kanji: KanjiMode::None, pages: CodePages::NONE };

    pub(crate) const fn of(profile: &Profile) -> Self {
        Self { kanji: profile.kanji, pages: profile.code_pages }
    }
}

/// Letters that Chinese fonts have in the width of a Hanzi, some of them, and code pages in that of a letter: Latin with
/// accents, Cyrillic. A word must not have both.
const fn is_narrow_letter(character: char) -> bool {
    matches!(character, '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}' | '\u{400}'..='\u{45f}')
}

/// Characters that stand for a printable one of the same meaning: the no-break space, and the yen and
/// yuan sign of Latin-1, which in Chinese fonts is the fullwidth one.
const fn same_meaning(character: char) -> char {
    match character {
        '\u{a0}' => ' ',
        '\u{a5}' => '\u{ffe5}',
        other => other,
    }
}

/// The bytes of a character. Control characters have none.
pub(crate) fn glyph(character: char, charset: Charset) -> Result<Glyph, Unprintable> {
    let Charset { kanji, pages } = charset;
    if is_narrow_letter(character) && pages.have(character) {
        return Ok(Glyph::Paged);
    }
    let found = without_pages(character, kanji);
    if found.is_err() && pages.have(character) { Ok(Glyph::Paged) } else { found }
}

fn without_pages(character: char, kanji: KanjiMode) -> Result<Glyph, Unprintable> {
    let character = same_meaning(character);
    if matches!(character, ' '..='~') {
        return Ok(Glyph::One(character as u8));
    }
    if kanji == KanjiMode::None {
        return Err(Unprintable::KanjiOff);
    }
    // The private use area has two-byte codes too, but no font has glyphs there.
    if character.is_control() || matches!(character, '\u{e000}'..='\u{f8ff}') {
        return Err(Unprintable::NotInFont);
    }
    match two_bytes(character) {
        Some([lead, trail]) if kanji == KanjiMode::Gb18030 || is_gb2312(lead, trail) => {
            Ok(Glyph::Two([lead, trail]))
        }
        _ => Err(Unprintable::NotInFont),
    }
}

/// The bytes of a character that GB18030 writes with two.
fn two_bytes(character: char) -> Option<[u8; 2]> {
    let code = u16::try_from(u32::from(character)).ok()?;
    let hanzi = code.checked_sub(FIRST_HANZI).and_then(|place| HANZI.get(usize::from(place)));
    hanzi.copied().or_else(|| {
        let place = OTHERS.binary_search_by_key(&code, |(other, _)| *other).ok()?;
        OTHERS.get(place).map(|(_, bytes)| *bytes)
    })
}

/// Whether the two bytes are one of the 7445 characters of GB/T 2312-1980.
const fn is_gb2312(lead: u8, trail: u8) -> bool {
    matches!(
        (lead, trail),
        (0xa1 | 0xa3, 0xa1..=0xfe)
            | (0xa2, 0xb1..=0xe2 | 0xe5..=0xee | 0xf1..=0xfc)
            | (0xa4, 0xa1..=0xf3)
            | (0xa5, 0xa1..=0xf6)
            | (0xa6, 0xa1..=0xb8 | 0xc1..=0xd8)
            | (0xa7, 0xa1..=0xc1 | 0xd1..=0xf1)
            | (0xa8, 0xa1..=0xba | 0xc5..=0xe9)
            | (0xa9, 0xa4..=0xef)
            | (0xb0..=0xd6 | 0xd8..=0xf7, 0xa1..=0xfe)
            | (0xd7, 0xa1..=0xf9)
    )
}

/// Why a text cannot be printed: the first character that cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bad {
    /// Position in characters, from 0.
    pub(crate) position: usize,
    pub(crate) character: char,
    /// None for a control character.
    pub(crate) reason: Option<Unprintable>,
}

impl Bad {
    /// The error, for a place.
    pub(crate) fn at(self, place: Place) -> DocumentError {
        match self.reason {
            None => DocumentError::Control { place, character: self.character },
            Some(reason) => DocumentError::Unprintable { place, character: self.character, reason },
        }
    }
}

/// The first character of `text` that cannot be printed. Tabs and line ends can.
pub(crate) fn first_bad(text: &str, charset: Charset) -> Option<Bad> {
    let mut characters = text.chars().enumerate().peekable();
    while let Some((position, character)) = characters.next() {
        let reason = match character {
            '\t' | '\n' => continue,
            '\r' if matches!(characters.peek(), Some((_, '\n'))) => continue,
            _ if character.is_control() => None,
            _ => match glyph(character, charset) {
                Ok(_) => continue,
                Err(reason) => Some(reason),
            },
        };
        return Some(Bad { position, character, reason });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Charset = Charset::ASCII;
    const GB18030: Charset = Charset { kanji: KanjiMode::Gb18030, ..NONE };
    const GB2312: Charset = Charset { kanji: KanjiMode::Gb2312, ..NONE };

    #[test]
    fn letters_of_europe_are_narrow_where_a_code_page_has_them() {
        let pages = CodePages { cp850: Some(2), cp866: Some(17), ..CodePages::NONE };
        for kanji in [KanjiMode::None, KanjiMode::Gb18030] {
            let charset = Charset { kanji, pages };
            for character in ['é', 'ñ', 'я', '£'] {
                assert_eq!(glyph(character, charset), Ok(Glyph::Paged), "{character}");
            }
            for character in ['😀', 'ř', '\u{ad}', '\u{301}'] {
                assert!(glyph(character, charset).is_err(), "{character:?}");
            }
            assert_eq!(glyph('a', charset), Ok(Glyph::One(b'a')));
        }
        // Signs that the Chinese font has stay as they are, and so does all on a printer without code pages.
        assert_eq!(glyph('±', Charset { kanji: KanjiMode::None, pages }), Ok(Glyph::Paged));
        assert_eq!(glyph('±', Charset { kanji: KanjiMode::Gb18030, pages }), Ok(Glyph::Two([0xa1, 0xc0])));
        assert_eq!(glyph('é', GB18030), Ok(Glyph::Two([0xa8, 0xa6])));
    }

    #[test]
    fn printable_ascii_is_one_byte_everywhere() {
        let pages = CodePages { cp850: Some(2), cp866: Some(17), ..CodePages::NONE };
        for charset in [NONE, GB18030, GB2312, Charset { pages, ..NONE }, Charset { pages, ..GB18030 }] {
            for character in ' '..='~' {
                assert_eq!(glyph(character, charset), Ok(Glyph::One(character as u8)), "{character:?}");
            }
        }
    }

    #[test]
    fn ascii_chinese_and_currency() {
        assert_eq!(glyph('A', NONE), Ok(Glyph::One(b'A')));
        assert_eq!(glyph('中', GB18030), Ok(Glyph::Two([0xd6, 0xd0])));
        assert_eq!(glyph('¥', GB18030), Ok(Glyph::Two([0xa3, 0xa4])));
        assert_eq!(glyph('€', GB18030), Ok(Glyph::Two([0xa2, 0xe3])));
        assert_eq!(glyph('\u{a0}', NONE), Ok(Glyph::One(b' ')));
    }

    #[test]
    fn what_the_font_has_not_is_refused() {
        assert_eq!(glyph('中', NONE), Err(Unprintable::KanjiOff));
        // Emoji, a Hanzi of extension B, a four-byte accent, private use, DEL.
        for character in ['😀', '𠮷', 'ñ', '\u{e5e5}', '\u{7f}', '\u{200b}', '\u{fe0f}'] {
            assert_eq!(glyph(character, GB18030), Err(Unprintable::NotInFont), "{character:?}");
        }
        // In GBK, not in GB2312.
        assert!(glyph('镕', GB18030).is_ok());
        assert_eq!(glyph('镕', GB2312), Err(Unprintable::NotInFont));
        assert!(glyph('商', GB2312).is_ok());
    }

    #[test]
    fn two_bytes_mean_the_character_that_they_are_of() {
        let mut count = 0;
        for character in '\0'..=char::MAX {
            if let Some(bytes) = two_bytes(character) {
                let (back, wrong) = encoding_rs::GB18030.decode_without_bom_handling(&bytes);
                assert_eq!((back.as_ref(), wrong), (String::from(character).as_str(), false));
                count += 1;
            }
        }
        // GBK has 21,886 characters (GB 18030-2005 a few more).
        assert!((21_886..22_000).contains(&count), "{count}");
    }

    #[test]
    fn gb2312_has_7445_characters() {
        let count = (0xa1..=0xfe_u8)
            .flat_map(|lead| (0xa1..=0xfe_u8).map(move |trail| is_gb2312(lead, trail)))
            .filter(|is| *is)
            .count();
        assert_eq!(count, 7445);
    }

    #[test]
    fn no_byte_of_text_is_a_control_byte() {
        for character in ('\u{80}'..='\u{ffff}').chain(' '..='~') {
            if let Ok(Glyph::Two([lead, trail])) = glyph(character, GB18030) {
                assert!(lead >= 0x81 && trail >= 0x40, "{character:?}");
            }
        }
    }

    #[test]
    fn the_first_bad_character_is_found() {
        let bad = first_bad("a\tb\r\n中😀", GB18030).unwrap();
        assert_eq!((bad.position, bad.character), (6, '😀'));
        let bad = first_bad("a\rb", GB18030).unwrap();
        assert_eq!((bad.position, bad.reason), (1, None));
    }
}
