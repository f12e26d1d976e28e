//! Barcodes of a receipt: what they may carry, whether they fit, their commands, or their picture.

use super::model::{BarcodeLine, Hri, Symbology};
use crate::barcode::{Bars, Look};
use crate::charset::{Bad, Charset, first_bad};
use crate::limits::BARCODE_BYTES_MAX;
use crate::raster::Bitmap;
use crate::writer::{GS, Style, Writer};
use crate::{DocumentError, Head, Place, Profile};

/// Height of a barcode when the document does not say, in dot rows of 1/8 mm: 10 mm.
const HEIGHT: u8 = 80;
/// Modules of a wide bar, where a code has but two widths: readers like three, and two are allowed.
const WIDE: [u8; 2] = [3, 2];

/// Checks the data of a barcode.
fn check(line: &BarcodeLine<'_>, path: impl Fn() -> String) -> Result<(), DocumentError> {
    let data = line.data.as_ref();
    check_data(line.kind, data).map_err(|allowed| match first_bad(data, Charset::ASCII) {
        // A control character is named as such, wherever it is.
        Some(bad @ Bad { reason: None, .. }) => {
            bad.at(Place::Json { path: path(), character: Some(bad.position as u32 + 1) })
        }
        _ => DocumentError::BarcodeData { path: path(), allowed },
    })
}

fn too_wide(dots: u32, paper: u16, path: impl Fn() -> String) -> DocumentError {
    DocumentError::TooWide {
        path: path(),
        dots,
        paper,
        instead: "make module smaller, put less into data, or use a QR code",
    }
}

/// Draws a barcode for a printer that cannot.
pub(super) fn draw(
    line: &BarcodeLine<'_>,
    profile: &Profile,
    path: impl Fn() -> String,
) -> Result<Bitmap, DocumentError> {
    check(line, &path)?;
    let paper = u32::from(profile.picture_dots());
    // Letters of 10 by 14 dots, as far apart as those of Font A; nine pins are coarse enough for one dot each.
    let (modules, letter) = match profile.head {
        Head::Thermal => ([3, 2], 2),
        Head::NinePin => ([2, 1], 1),
    };
    let mut least = u32::MAX;
    let asked = line.module.map(|module| profile.picture_scale(module.get().into()));
    for module in asked.map_or(modules, |module| [module; 2]) {
        for wide in WIDE {
            let Some(bars) = Bars::of(line.kind, &line.data, wide) else { continue };
            let dots = bars.modules() * module;
            least = least.min(dots);
            if dots <= paper {
                let height = line.height.map_or(HEIGHT, |height| height.byte());
                return Ok(bars.draw(&Look {
                    module: module as usize,
                    height: profile.picture_rows(height.into()) as usize,
                    hri: line.hri,
                    letter,
                }));
            }
        }
    }
    Err(too_wide(least, profile.picture_dots(), path))
}

/// Writes a barcode for a printer that draws it itself.
pub(super) fn write(
    writer: &mut Writer<'_>,
    line: &BarcodeLine<'_>,
    path: impl Fn() -> String,
) -> Result<(), DocumentError> {
    check(line, &path)?;
    let data = line.data.as_ref();
    let paper = writer.profile.dots;
    let modules = modules(line.kind, data.len() as u32);
    let module = match line.module {
        Some(module) => module.get().into(),
        None if modules * 3 <= paper.into() => 3,
        None => 2,
    };
    if modules * module > paper.into() {
        return Err(too_wide(modules * module, paper, path));
    }
    writer.style(Style { align: line.align, ..Style::PLAIN });
    let hri = match line.hri {
        Hri::None => 0,
        Hri::Above => 1,
        Hri::Below => 2,
        Hri::Both => 3,
    };
    let height = line.height.map_or(HEIGHT, |height| height.byte());
    let out = &mut writer.out;
    out.extend_from_slice(&[GS, b'H', hri, GS, b'h', height, GS, b'w', module as u8]);
    out.extend_from_slice(&[GS, b'k', command(line.kind), 0]);
    let begin = out.len();
    if line.kind == Symbology::Code128 {
        // Code set B, all of ASCII. Set C would be shorter for digits, but its data bytes 00 to 99 can
        // be a real-time command (16 04 01 is 10 04 01 in hexadecimal).
        out.extend_from_slice(b"{B");
        for byte in data.bytes() {
            out.push(byte);
            if byte == b'{' {
                out.push(b'{');
            }
        }
    } else {
        out.extend_from_slice(data.as_bytes());
    }
    let len = (out.len() - begin) as u8;
    if let Some(field) = out.get_mut(begin - 1) {
        *field = len;
    }
    Ok(())
}

/// The parameter m of `GS k m n`.
const fn command(kind: Symbology) -> u8 {
    match kind {
        Symbology::UpcA => 65,
        Symbology::Ean13 => 67,
        Symbology::Ean8 => 68,
        Symbology::Code39 => 69,
        Symbology::Itf => 70,
        Symbology::Codabar => 71,
        Symbology::Code128 => 73,
    }
}

/// Narrow bars across. Of codes with two bar widths the wide one is taken as three.
const fn modules(kind: Symbology, characters: u32) -> u32 {
    match kind {
        Symbology::UpcA | Symbology::Ean13 => 95,
        Symbology::Ean8 => 67,
        Symbology::Code39 => (characters + 2) * 16,
        Symbology::Itf => characters * 9 + 9,
        Symbology::Codabar => characters * 14,
        // Start, data, check and stop.
        Symbology::Code128 => (characters + 2) * 11 + 13,
    }
}

/// Whether a barcode can carry the data; if not, what it can.
fn check_data(kind: Symbology, data: &str) -> Result<(), &'static str> {
    let bytes = data.as_bytes();
    let digits = bytes.iter().all(u8::is_ascii_digit);
    // Braces take two bytes in the command of Code 128.
    let len = bytes.len() + bytes.iter().filter(|byte| **byte == b'{').count() + 2;
    let (fits, allowed) = match kind {
        Symbology::Code128 => (
            bytes.iter().all(|byte| matches!(byte, b' '..=b'~')),
            "ASCII characters from space to ~, at least one",
        ),
        Symbology::Code39 => (
            bytes.iter().all(
                |byte| matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b' ' | b'$' | b'%' | b'+' | b'-'..=b'/'),
            ),
            "0-9, A-Z, space and $ % + - . /, at least one",
        ),
        Symbology::Itf => (digits && bytes.len().is_multiple_of(2), "an even number of digits"),
        Symbology::Codabar => (
            match bytes {
                [b'A'..=b'D', middle @ .., b'A'..=b'D'] => middle
                    .iter()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'$' | b':' | b'/' | b'.' | b'+')),
                _ => false,
            },
            "0-9 and - $ : / . + between two letters of A to D",
        ),
        Symbology::Ean13 => {
            (digits && checked(bytes, 13), "12 digits, or 13 of which the last is the check digit")
        }
        Symbology::Ean8 => {
            (digits && checked(bytes, 8), "7 digits, or 8 of which the last is the check digit")
        }
        Symbology::UpcA => {
            (digits && checked(bytes, 12), "11 digits, or 12 of which the last is the check digit")
        }
    };
    if fits && !bytes.is_empty() && len <= BARCODE_BYTES_MAX { Ok(()) } else { Err(allowed) }
}

/// Whether digits have the length without check digit, or with the right one (GS1, weights 3 and 1).
fn checked(digits: &[u8], len: usize) -> bool {
    if digits.len() + 1 == len {
        return true;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    digits.len() == len && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_barcodes() {
        for (kind, good, bad) in [
            (Symbology::Code128, "Order #42 {x}", "中"),
            (Symbology::Code39, "A-1 $%+./", "abc"),
            (Symbology::Itf, "1234", "123"),
            (Symbology::Codabar, "A12-3B", "123"),
            (Symbology::Ean13, "4006381333931", "4006381333930"),
            (Symbology::Ean13, "400638133393", "40063813339"),
            (Symbology::Ean8, "73513537", "73513530"),
            (Symbology::UpcA, "036000291452", "036000291450"),
        ] {
            assert_eq!(check_data(kind, good), Ok(()), "{kind:?}");
            assert!(check_data(kind, bad).is_err(), "{kind:?}");
            assert!(check_data(kind, "").is_err(), "{kind:?}");
        }
        assert!(check_data(Symbology::Code128, &"x".repeat(251)).is_ok());
        assert!(check_data(Symbology::Code128, &"x".repeat(252)).is_err());
    }
}
