//! Barcodes drawn as pictures, for printers that have no command for them.
//!
//! What data a code may carry, whether it fits and where it stands is left to the receipt. Crates were looked at:
//! `barcoders` does not find the shortest Code 128, has no text below the bars and would need as many lines around it as
//! this has; `rxing` reads and writes everything and is several megabytes.

mod code128;
mod font;

use crate::raster::Bitmap;
use crate::receipt::model::{Hri, Symbology};

/// Dots between bars and text, for letters of one dot.
const GAP: usize = 2;

/// What is to be drawn.
pub(crate) struct Look {
    /// Dots of the narrowest bar.
    pub(crate) module: usize,
    /// Rows of the bars.
    pub(crate) height: usize,
    /// Where the text stands.
    pub(crate) hri: Hri,
    /// Dots of one dot of a letter.
    pub(crate) letter: usize,
}

/// The bars of a code: widths of bars and spaces in turn, in modules. A bar is first and last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bars {
    widths: Vec<u8>,
    /// What stands in characters beside it.
    text: String,
}

impl Bars {
    /// The bars of data that the code can carry; a check digit that is missing is added. `wide` is how many modules a wide
    /// bar has, 2 or 3, of codes that have but two widths. None if the code can't carry the data.
    pub(crate) fn of(kind: Symbology, data: &str, wide: u8) -> Option<Self> {
        let bytes = data.as_bytes();
        let (widths, text) = match kind {
            Symbology::Code128 => {
                (code128::widths(bytes)?.iter().map(|digit| digit - b'0').collect(), data.into())
            }
            Symbology::Code39 => (two_widths(&code39(bytes)?, 9, wide), data.into()),
            Symbology::Codabar => (two_widths(&codabar(bytes)?, 7, wide), data.into()),
            Symbology::Itf => (itf(bytes, wide)?, data.into()),
            Symbology::Ean13 => ean(&with_check_digit(bytes, 13)?),
            Symbology::Ean8 => ean(&with_check_digit(bytes, 8)?),
            // The same bars as EAN-13 with a zero before it, which the text does not show.
            Symbology::UpcA => {
                let digits = with_check_digit(bytes, 12)?;
                let (widths, _) = ean(&[&[0], &digits[..]].concat());
                (widths, text_of(&digits))
            }
        };
        Some(Self { widths, text })
    }

    /// Modules across.
    pub(crate) fn modules(&self) -> u32 {
        self.widths.iter().map(|width| u32::from(*width)).sum()
    }

    /// Draws the code with its text, which is as wide as the bars at most wherever bars fit on paper.
    pub(crate) fn draw(&self, look: &Look) -> Bitmap {
        let Look { module, height, letter, .. } = *look;
        let (above, below) = match look.hri {
            Hri::None => (false, false),
            Hri::Above => (true, false),
            Hri::Below => (false, true),
            Hri::Both => (true, true),
        };
        let pitch = (font::WIDTH + 1) * letter;
        let bars = self.modules() as usize * module;
        let text = (self.text.len() * pitch).saturating_sub(letter);
        let width = if above || below { bars.max(text) } else { bars };
        let line = (font::HEIGHT + GAP) * letter;
        let top = if above { line } else { 0 };
        let mut bitmap = Bitmap::new(width, top + height + if below { line } else { 0 });
        let mut x = (width - bars) / 2;
        for (index, width) in self.widths.iter().enumerate() {
            let dots = usize::from(*width) * module;
            if index % 2 == 0 {
                fill(&mut bitmap, (x, top), (dots, height));
            }
            x += dots;
        }
        for y in [above.then_some(0), below.then_some(top + height + GAP * letter)].into_iter().flatten() {
            for (index, byte) in self.text.bytes().enumerate() {
                let left = (width - text) / 2 + index * pitch;
                for (row, dots) in font::rows(byte).into_iter().enumerate() {
                    for dot in (0..font::WIDTH).filter(|dot| dots >> (font::WIDTH - 1 - dot) & 1 == 1) {
                        let at = (left + dot * letter, y + row * letter);
                        fill(&mut bitmap, at, (letter, letter));
                    }
                }
            }
        }
        bitmap
    }
}

fn fill(bitmap: &mut Bitmap, (left, top): (usize, usize), (width, height): (usize, usize)) {
    for y in top..top + height {
        for x in left..left + width {
            bitmap.set(x, y);
        }
    }
}

/// Characters of so many elements, the first in the highest bit and 1 for wide, with a narrow space between them.
fn two_widths(characters: &[u16], elements: u32, wide: u8) -> Vec<u8> {
    let mut widths = Vec::with_capacity(characters.len() * (elements as usize + 1));
    for character in characters {
        widths.extend((0..elements).rev().map(|bit| if character >> bit & 1 == 1 { wide } else { 1 }));
        widths.push(1);
    }
    widths.pop();
    widths
}

/// Code 39 (ISO/IEC 16388), with its start and stop.
fn code39(data: &[u8]) -> Option<Vec<u16>> {
    const LETTERS: &[u8; 44] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*";
    #[rustfmt::skip]
    const BARS: [u16; 44] = [
        0x034, 0x121, 0x061, 0x160, 0x031, 0x130, 0x070, 0x025, 0x124, 0x064,
        0x109, 0x049, 0x148, 0x019, 0x118, 0x058, 0x00d, 0x10c, 0x04c, 0x01c,
        0x103, 0x043, 0x142, 0x013, 0x112, 0x052, 0x007, 0x106, 0x046, 0x016,
        0x181, 0x0c1, 0x1c0, 0x091, 0x190, 0x0d0, 0x085, 0x184, 0x0c4, 0x0a8,
        0x0a2, 0x08a, 0x02a, 0x094,
    ];
    // The star is start and stop, and never data.
    let known = &LETTERS[..43];
    let place = |byte: &u8| known.iter().position(|letter| letter == byte);
    let data: Option<Vec<u16>> = data.iter().map(|byte| place(byte).map(|at| BARS[at])).collect();
    Some([&[BARS[43]], &data?[..], &[BARS[43]]].concat())
}

/// Codabar (EN 798), whose start and stop are in the data.
fn codabar(data: &[u8]) -> Option<Vec<u16>> {
    const LETTERS: &[u8; 20] = b"0123456789-$:/.+ABCD";
    const BARS: [u16; 20] = [
        0x03, 0x06, 0x09, 0x60, 0x12, 0x42, 0x21, 0x24, 0x30, 0x48, 0x0c, 0x18, 0x45, 0x51, 0x54, 0x15, 0x1a,
        0x29, 0x0b, 0x0e,
    ];
    data.iter().map(|byte| LETTERS.iter().position(|letter| letter == byte).map(|at| BARS[at])).collect()
}

/// Interleaved 2 of 5 (ISO/IEC 16390): of two digits one is in the bars and one in the spaces.
fn itf(data: &[u8], wide: u8) -> Option<Vec<u8>> {
    const DIGITS: [u8; 10] =
        [0b00110, 0b10001, 0b01001, 0b11000, 0b00101, 0b10100, 0b01100, 0b00011, 0b10010, 0b01010];
    if !data.len().is_multiple_of(2) {
        return None;
    }
    let digits = digits(data)?;
    let mut widths = vec![1; 4];
    for pair in digits.chunks_exact(2) {
        for bit in (0..5).rev() {
            let width = |digit: u8| if DIGITS[usize::from(digit)] >> bit & 1 == 1 { wide } else { 1 };
            widths.extend(pair.iter().map(|digit| width(*digit)));
        }
    }
    widths.extend([wide, 1, 1]);
    Some(widths)
}

/// The values of digits. None if one is none.
fn digits(data: &[u8]) -> Option<Vec<u8>> {
    data.iter().map(|byte| byte.is_ascii_digit().then(|| byte - b'0')).collect()
}

fn text_of(digits: &[u8]) -> String {
    digits.iter().map(|digit| char::from(b'0' + digit)).collect()
}

/// The digits with their check digit (GS1, weights 3 and 1), which may be there already.
fn with_check_digit(data: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut digits = digits(data)?;
    if digits.len() + 1 == len {
        let weighted = digits.iter().rev().zip([3, 1].into_iter().cycle());
        let sum: u32 = weighted.map(|(digit, weight)| u32::from(*digit) * weight).sum();
        digits.push((sum.next_multiple_of(10) - sum) as u8);
    }
    (digits.len() == len).then_some(digits)
}

/// EAN-13 and EAN-8 (ISO/IEC 15420), by the number of digits.
fn ean(digits: &[u8]) -> (Vec<u8>, String) {
    /// Widths of set A, space first; set C is the same with a bar first, set B is set C backwards.
    const SETS: [[u8; 4]; 10] = [
        [3, 2, 1, 1],
        [2, 2, 2, 1],
        [2, 1, 2, 2],
        [1, 4, 1, 1],
        [1, 1, 3, 2],
        [1, 2, 3, 1],
        [1, 1, 1, 4],
        [1, 3, 1, 2],
        [1, 2, 1, 3],
        [3, 1, 1, 2],
    ];
    /// By the first digit of EAN-13: which of the next six are of set B, the first in the highest bit.
    const PARITY: [u8; 10] =
        [0, 0b001011, 0b001101, 0b001110, 0b010011, 0b011001, 0b011100, 0b010101, 0b010110, 0b011010];
    let (parity, drawn) = match digits {
        [first, rest @ ..] if digits.len() == 13 => (PARITY[usize::from(*first % 10)], rest),
        _ => (0, digits),
    };
    let (left, right) = drawn.split_at(drawn.len() / 2);
    let mut widths = vec![1, 1, 1];
    for (index, digit) in left.iter().enumerate() {
        let mut set = SETS[usize::from(*digit % 10)];
        if parity >> (left.len() - 1 - index) & 1 == 1 {
            set.reverse();
        }
        widths.extend(set);
    }
    widths.extend([1; 5]);
    for digit in right {
        widths.extend(SETS[usize::from(*digit % 10)]);
    }
    widths.extend([1; 3]);
    (widths, text_of(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_width_that_its_norm_says() {
        for (kind, data, wide, modules) in [
            (Symbology::Ean13, "400638133393", 3, 95),
            (Symbology::UpcA, "03600029145", 3, 95),
            (Symbology::Ean8, "7351353", 3, 67),
            (Symbology::Code128, "123456", 3, 11 * 5 + 13),
            (Symbology::Code39, "A1", 3, 4 * 16 - 1),
            (Symbology::Code39, "A1", 2, 4 * 13 - 1),
            (Symbology::Itf, "1234", 3, 4 * 9 + 9),
            (Symbology::Itf, "1234", 2, 4 * 7 + 8),
        ] {
            let bars = Bars::of(kind, data, wide).unwrap();
            assert_eq!(bars.modules(), modules, "{kind:?}");
            assert_eq!(bars.widths.len() % 2, 1, "{kind:?} ends with a bar");
        }
    }

    #[test]
    fn a_missing_check_digit_is_added_and_shown() {
        let text = |kind, data| Bars::of(kind, data, 3).unwrap().text;
        assert_eq!(text(Symbology::Ean13, "400638133393"), "4006381333931");
        assert_eq!(text(Symbology::Ean13, "4006381333931"), "4006381333931");
        assert_eq!(text(Symbology::Ean8, "7351353"), "73513537");
        assert_eq!(text(Symbology::UpcA, "03600029145"), "036000291452");
    }

    #[test]
    fn what_a_code_cannot_carry_it_does_not() {
        for (kind, data) in [
            (Symbology::Code128, "中"),
            (Symbology::Code39, "a"),
            (Symbology::Code39, "*"),
            (Symbology::Itf, "123"),
            (Symbology::Itf, "1x"),
            (Symbology::Codabar, "E1E"),
            (Symbology::Ean13, "1"),
        ] {
            assert_eq!(Bars::of(kind, data, 3), None, "{kind:?}");
        }
    }

    #[test]
    fn the_picture_has_room_for_the_text_where_it_is_wanted() {
        let bars = Bars::of(Symbology::Ean13, "400638133393", 3).unwrap();
        for (hri, height) in [(Hri::None, 40), (Hri::Above, 58), (Hri::Below, 58), (Hri::Both, 76)] {
            let look = Look { module: 2, height: 40, hri, letter: 2 };
            assert_eq!(bars.draw(&look).size(), (190, height), "{hri:?}");
        }
    }
}
