//! QR codes and barcodes as modules, drawn here because a printer draws its own.

use barcoders::sym;
use qrcode::{Color, EcLevel, QrCode};

/// A QR code: a square of modules, without the white border.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    side: u32,
    dark: Vec<bool>,
}

impl Matrix {
    /// Draws data at a level of `GS ( k` fn 69, 48 to 51. None if no version holds them.
    #[must_use]
    pub fn of(data: &[u8], level: u8) -> Option<Self> {
        let level = match level {
            49 => EcLevel::M,
            50 => EcLevel::Q,
            51 => EcLevel::H,
            _ => EcLevel::L,
        };
        let code = QrCode::with_error_correction_level(data, level).ok()?;
        let side = code.width() as u32;
        Some(Self { side, dark: code.into_colors().into_iter().map(|color| color == Color::Dark).collect() })
    }

    /// Of so many modules across and down.
    pub(crate) fn of_modules(side: u32, dark: impl Fn(u32, u32) -> bool) -> Self {
        let dark = (0..side).flat_map(|y| (0..side).map(move |x| (x, y))).map(|(x, y)| dark(x, y)).collect();
        Self { side, dark }
    }

    /// Modules across and down.
    #[must_use]
    pub const fn side(&self) -> u32 {
        self.side
    }

    /// Whether a module is dark. Outside all is white.
    #[must_use]
    pub fn get(&self, x: u32, y: u32) -> bool {
        x < self.side && self.dark.get((y * self.side + x) as usize).is_some_and(|dark| *dark)
    }

    /// The dark modules of a row, as runs: where one begins, and its length.
    pub fn runs(&self, y: u32) -> impl Iterator<Item = (u32, u32)> {
        let mut x = 0;
        std::iter::from_fn(move || {
            while x < self.side && !self.get(x, y) {
                x += 1;
            }
            let begin = x;
            while self.get(x, y) {
                x += 1;
            }
            (x > begin).then_some((begin, x - begin))
        })
    }
}

/// The bars of a barcode: an entry per module, true is a bar.
pub type Bars = Vec<bool>;

/// A barcode as `GS k` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) kind: &'static str,
    pub(crate) data: String,
    pub(crate) bars: Option<Bars>,
}

/// Reads `GS k m d.. NUL` and `GS k m n d..`.
pub(crate) fn barcode(command: &[u8]) -> Option<Read> {
    let kind = *command.get(2)?;
    let (kind, data) = match kind {
        0..=6 => (kind + 65, command.get(3..command.len().checked_sub(1)?)?),
        _ => (kind, command.get(4..)?),
    };
    let text: String = match kind {
        73 => code128_text(data),
        // The printer completes them, below the bars too.
        65 if data.len() == 11 => checked(data),
        67 if data.len() == 12 => checked(data),
        68 if data.len() == 7 => checked(data),
        _ => data.iter().map(|byte| shown(*byte)).collect(),
    };
    let name = match kind {
        65 => "UPC-A",
        66 => "UPC-E",
        67 => "EAN-13",
        68 => "EAN-8",
        69 => "CODE39",
        70 => "ITF",
        71 => "CODABAR",
        72 => "CODE93",
        73 => "CODE128",
        _ => "GS1",
    };
    Some(Read { kind: name, bars: bars(kind, data, &text), data: text })
}

/// Digits with their check digit: weights 3 and 1 from the right (GS1).
fn checked(data: &[u8]) -> String {
    let weights = [3, 1].into_iter().cycle();
    let sum: u32 = data
        .iter()
        .rev()
        .zip(weights)
        .map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')) * weight)
        .sum();
    let digits = data.iter().map(|byte| shown(*byte));
    digits.chain(char::from_digit((10 - sum % 10) % 10, 10)).collect()
}

fn shown(byte: u8) -> char {
    if (b' '..=b'~').contains(&byte) { char::from(byte) } else { '\u{fffd}' }
}

/// The data of CODE128 without the letters that choose the code set, and pairs of set C as two digits.
fn code128_text(data: &[u8]) -> String {
    let mut out = String::new();
    let mut pairs = false;
    let mut bytes = data.iter();
    while let Some(&byte) = bytes.next() {
        match (byte, pairs) {
            (b'{', _) => match bytes.next() {
                Some(b'C') => pairs = true,
                Some(b'A' | b'B') => pairs = false,
                Some(b'{') => out.push('{'),
                _ => {}
            },
            (0..=99, true) => out.push_str(&format!("{byte:02}")),
            _ => out.push(shown(byte)),
        }
    }
    out
}

fn bars(kind: u8, data: &[u8], text: &str) -> Option<Bars> {
    let encoded = match kind {
        // UPC-A is EAN-13 with a zero in front.
        65 => sym::ean13::EAN13::new(format!("0{text}")).ok()?.encode(),
        67 => sym::ean13::EAN13::new(text).ok()?.encode(),
        68 => sym::ean8::EAN8::new(text).ok()?.encode(),
        69 => sym::code39::Code39::new(text.trim_matches('*')).ok()?.encode(),
        70 => sym::tf::TF::interleaved(text).ok()?.encode(),
        71 => sym::codabar::Codabar::new(text).ok()?.encode(),
        72 => sym::code93::Code93::new(text).ok()?.encode(),
        73 => sym::code128::Code128::new(code128_sets(data)?).ok()?.encode(),
        _ => return None,
    };
    let bars: Bars = encoded.into_iter().map(|module| module == 1).collect();
    Some(if matches!(kind, 69..=71) { of_two_widths(&bars) } else { bars })
}

/// The bars of a code that has but two widths, of which the wide one is three modules, as printers have it, whatever the
/// encoder takes for it.
fn of_two_widths(bars: &[bool]) -> Bars {
    let widened = |run: &[bool]| if run.len() == 2 { [run, &run[..1]].concat() } else { run.to_vec() };
    bars.chunk_by(|one, next| one == next).flat_map(widened).collect()
}

/// CODE128 as the encoder wants it: a sign for each code set, and digits where the printer has pairs.
fn code128_sets(data: &[u8]) -> Option<String> {
    const SETS: [char; 3] = ['\u{c0}', '\u{181}', '\u{106}'];
    let mut out = String::new();
    let mut pairs = false;
    let mut bytes = data.iter();
    while let Some(&byte) = bytes.next() {
        match (byte, pairs) {
            (b'{', _) => match bytes.next()? {
                set @ b'A'..=b'C' => {
                    pairs = *set == b'C';
                    out.push(*SETS.get(usize::from(set - b'A'))?);
                }
                b'{' => out.push('{'),
                // A shift or a function character.
                _ => return None,
            },
            (0..=99, true) => out.push_str(&format!("{byte:02}")),
            (b' '..=b'~', false) => out.push(char::from(byte)),
            _ => return None,
        }
    }
    // Without a set in front a printer prints nothing or guesses.
    out.starts_with(SETS).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_has_its_finder() {
        let matrix = Matrix::of(b"https://example.com/r/1", 49).unwrap();
        assert_eq!(matrix.side(), 25);
        assert_eq!(matrix.runs(0).next(), Some((0, 7)));
        assert_eq!(matrix.runs(1).take(2).collect::<Vec<_>>(), [(0, 1), (6, 1)]);
        assert!(Matrix::of(&[b'a'; 4000], 48).is_none());
    }

    #[test]
    fn barcodes_of_both_forms_are_read_and_drawn() {
        let read = barcode(b"\x1dk\x49\x0a{B20{C\x14\x1a\x0b\x1b").unwrap();
        assert_eq!((read.kind, read.data.as_str()), ("CODE128", "2020261127"));
        assert!(read.bars.is_some());
        let read = barcode(b"\x1dk\x04ABC-1\x00").unwrap();
        assert_eq!((read.kind, read.data.as_str(), read.bars.is_some()), ("CODE39", "ABC-1", true));
        for (command, modules) in [
            (&b"\x1dk\x43\x0c400638133393"[..], 95),
            (b"\x1dk\x44\x077351353", 67),
            (b"\x1dk\x41\x0b03600029145", 95),
            // Three modules for what is wide: 9 for two bars and two spaces of ITF and what is around it, 16 for a character of
            // CODE39 with the space behind it, which the last has not, 12 or 14 of CODABAR.
            (b"\x1dk\x46\x0843108016", 9 * 8 + 9),
            (b"\x1dk\x45\x05ABC-1", 16 * 7 - 1),
            (b"\x1dk\x47\x06A12-3B", 14 + 4 * 12 + 13),
        ] {
            assert_eq!(barcode(command).unwrap().bars.map(|bars| bars.len()), Some(modules), "{command:?}");
        }
        // The check digit is printed whether it was sent or not.
        for (command, data) in [
            (&b"\x1dk\x43\x0c400638133393"[..], "4006381333931"),
            (b"\x1dk\x43\x0d4006381333931", "4006381333931"),
            (b"\x1dk\x44\x077351353", "73513537"),
            (b"\x1dk\x41\x0b03600029145", "036000291452"),
        ] {
            assert_eq!(barcode(command).unwrap().data, data, "{command:?}");
        }
        // What can't be drawn is shown as its data.
        let read = barcode(b"\x1dk\x49\x05{Bab\x01").unwrap();
        assert_eq!((read.data.as_str(), read.bars), ("ab\u{fffd}", None));
    }
}
