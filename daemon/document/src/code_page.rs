//! Code pages: the letters beyond ASCII that a printer's font has with one byte each, chosen by `ESC t n`.
//!
//! What the pages are is the same everywhere; which number of `ESC t` means which of them is not, so that is a part of the
//! profile. Box drawing and the like come with the pages, but nothing is drawn with them here. Which page is chosen for a
//! character is left to [`crate::writer`].

use serde::{Deserialize, Serialize};

/// Codes of a page: 80 hex and above.
const CODES: usize = 128;

/// What is printed in place of PC850's dotless i on a page that is otherwise the same.
const EURO: (usize, u16) = (0xd5 - 0x80, 0x20ac);

/// The numbers of `ESC t` under which a printer has the code pages that are known here. All that is left out it has not.
///
/// In TOML: `code-pages = { cp437 = 0, cp850 = 2 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CodePages {
    /// USA, with letters of western Europe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp437: Option<u8>,
    /// Western Europe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp850: Option<u8>,
    /// The same with the euro.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp858: Option<u8>,
    /// Windows, western Europe, with the euro.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp1252: Option<u8>,
    /// Central Europe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp852: Option<u8>,
    /// Cyrillic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp866: Option<u8>,
    /// Portuguese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp860: Option<u8>,
    /// Canadian French.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp863: Option<u8>,
    /// Nordic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cp865: Option<u8>,
}

/// The pages, in the order of the fields of [`CodePages`].
const PAGES: usize = 9;

impl CodePages {
    /// None.
    pub const NONE: Self = Self {
        cp437: None,
        cp850: None,
        cp858: None,
        cp1252: None,
        cp852: None,
        cp866: None,
        cp860: None,
        cp863: None,
        cp865: None,
    };

    /// Epson's numbers, which most boards have taken over below 20.
    pub const EPSON: Self = Self {
        cp437: Some(0),
        cp850: Some(2),
        cp858: Some(19),
        cp1252: Some(16),
        cp852: Some(18),
        cp866: Some(17),
        cp860: Some(3),
        cp863: Some(4),
        cp865: Some(5),
    };

    /// Whether it has none of them.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    const fn numbers(&self) -> [Option<u8>; PAGES] {
        [
            self.cp437,
            self.cp850,
            self.cp858,
            self.cp1252,
            self.cp852,
            self.cp866,
            self.cp860,
            self.cp863,
            self.cp865,
        ]
    }

    /// What is there, as it is written in a configuration: names and numbers.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, u8)> {
        let names = ["cp437", "cp850", "cp858", "cp1252", "cp852", "cp866", "cp860", "cp863", "cp865"];
        names.into_iter().zip(self.numbers()).filter_map(|(name, number)| Some((name, number?)))
    }

    /// Whether it has a page under this number of `ESC t`.
    #[must_use]
    pub fn knows(&self, number: u8) -> bool {
        self.numbers().contains(&Some(number))
    }

    /// The character of a byte of 80 hex or more under a number of `ESC t`. None if the number is none of these, or the
    /// page has nothing there.
    #[must_use]
    pub fn character(&self, number: u8, byte: u8) -> Option<char> {
        let page = self.numbers().iter().position(|known| *known == Some(number))?;
        let code = table(page).get(usize::from(byte).checked_sub(0x80)?)?;
        char::from_u32((*code).into()).filter(|_| *code != 0)
    }

    /// The byte of a character under a number of `ESC t`.
    pub(crate) fn byte(&self, number: u8, character: char) -> Option<u8> {
        self.of(character).find(|(known, _)| *known == number).map(|(_, byte)| byte)
    }

    /// The pages that have a character: their numbers, and its byte.
    pub(crate) fn of(&self, character: char) -> impl DoubleEndedIterator<Item = (u8, u8)> {
        let code = u16::try_from(u32::from(character)).ok();
        let code = code.filter(|code| *code >= 0x80 && !is_blank(character));
        self.numbers().into_iter().enumerate().filter_map(move |(page, number)| {
            let (number, code) = (number?, code?);
            let at = table(page).iter().position(|known| *known == code)?;
            Some((number, 0x80 + at as u8))
        })
    }

    /// Whether one of them has a character.
    pub(crate) fn have(&self, character: char) -> bool {
        self.of(character).next().is_some()
    }
}

/// The no-break space and the soft hyphen are nothing that is printed.
const fn is_blank(character: char) -> bool {
    matches!(character, '\u{a0}' | '\u{ad}')
}

/// The characters of a page, 0 for none.
const fn table(page: usize) -> &'static [u16; CODES] {
    match page {
        0 => &CP437,
        1 => &CP850,
        2 => &CP858,
        3 => &CP1252,
        4 => &CP852,
        5 => &CP866,
        6 => &CP860,
        7 => &CP863,
        _ => &CP865,
    }
}

/// The codes of a text of 128 characters of the Basic Multilingual Plane; `\u{1}` stands for none.
const fn codes(text: &str) -> [u16; CODES] {
    let (bytes, mut at, mut count) = (text.as_bytes(), 0, 0);
    let mut codes = [0; CODES];
    while at < bytes.len() {
        let (first, len) = match bytes[at] {
            byte @ 0..=0x7f => (byte, 1),
            byte @ 0x80..=0xdf => (byte & 0x1f, 2),
            byte => (byte & 0x0f, 3),
        };
        let mut code = first as u16;
        let mut more = 1;
        while more < len {
            code = code << 6 | (bytes[at + more] & 0x3f) as u16;
            more += 1;
        }
        codes[count] = if code == 1 { 0 } else { code };
        at += len;
        count += 1;
    }
    assert!(count == CODES, "a page has 128 characters");
    codes
}

static CP437: [u16; CODES] = codes(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
     └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
);
const CP850_CODES: [u16; CODES] = codes(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
     └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
);
static CP852: [u16; CODES] = codes(
    "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐\
     └┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}",
);
static CP860: [u16; CODES] = codes(
    "ÇüéâãàÁçêÊèÍÔìÃÂÉÀÈôõòÚùÌÕÜ¢£Ù₧ÓáíóúñÑªº¿Ò¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
     └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
);
static CP863: [u16; CODES] = codes(
    "ÇüéâÂà¶çêëèïî‗À§ÉÈÊôËÏûù¤ÔÜ¢£ÙÛƒ¦´óú¨¸³¯Î⌐¬½¼¾«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
     └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
);
static CP865: [u16; CODES] = codes(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø₧ƒáíóúñÑªº¿⌐¬½¼¡«¤░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
     └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
);
static CP866: [u16; CODES] = codes(
    "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
     └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀рстуфхцчшщъыьэюяЁёЄєЇїЎў°∙·√№¤■\u{a0}",
);
static CP1252: [u16; CODES] = codes(
    "€\u{1}‚ƒ„…†‡ˆ‰Š‹Œ\u{1}Ž\u{1}\u{1}‘’“”•–—˜™š›œ\u{1}žŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿\
     ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ",
);
static CP850: [u16; CODES] = CP850_CODES;
/// Page 850 with the euro in place of the dotless i.
static CP858: [u16; CODES] = {
    let mut codes = CP850_CODES;
    codes[EURO.0] = EURO.1;
    codes
};

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_pages_are_those_of_python() {
        let names = ["cp437", "cp850", "cp858", "cp1252", "cp852", "cp866", "cp860", "cp863", "cp865"];
        let program = "import sys\nfor p in sys.argv[1:]:\n  print(*[ord((bytes([b]).decode(p,'ignore') or '\\0')) for b in range(128,256)])";
        let Ok(output) = Command::new("python3").arg("-c").arg(program).args(names).output() else {
            eprintln!("python3 is not installed: not tried");
            return;
        };
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.lines().count(), PAGES, "{}", String::from_utf8_lossy(&output.stderr));
        for (page, line) in said.lines().enumerate() {
            let codes: Vec<u16> = line.split(' ').map(|code| code.parse().unwrap()).collect();
            assert_eq!(table(page).as_slice(), codes, "{}", names[page]);
        }
    }

    #[test]
    fn a_character_is_where_its_byte_is() {
        for number in CodePages::EPSON.named().map(|(_, number)| number) {
            for byte in 0x80..=0xff {
                let character = CodePages::EPSON.character(number, byte);
                if let Some(character) = character.filter(|character| !is_blank(*character)) {
                    assert_eq!(CodePages::EPSON.byte(number, character), Some(byte), "{number} {character}");
                }
            }
        }
        assert_eq!(CodePages::EPSON.character(19, 0xd5), Some('€'));
        assert_eq!(CodePages::EPSON.character(16, 0x81), None);
        assert_eq!(CodePages::EPSON.character(7, 0x82), None);
        let only = CodePages { cp852: Some(13), ..CodePages::NONE };
        assert_eq!(only.of('ł').collect::<Vec<_>>(), [(13, 0x88)]);
        assert!(
            only.have('ř') && !only.have('я') && !only.have('a') && !only.have('\u{ad}') && !only.have('中')
        );
    }
}
