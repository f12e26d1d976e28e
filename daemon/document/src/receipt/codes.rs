//! QR codes and barcodes of a receipt: what they may carry, whether they fit, and their commands.

use super::model::{BarcodeLine, Hri, QrLine, Symbology};
use crate::charset::{Bad, first_bad};
use crate::limits::{BARCODE_BYTES_MAX, QR_BYTES_MAX};
use crate::raster::Bitmap;
use crate::writer::{GS, Style, Writer};
use crate::{DocumentError, KanjiMode, Place, Profile, qr};

/// Dots per module of a QR code when the document does not say, if it fits: 0.75 mm, which phones read
/// from the counter.
const QR_MODULE: u32 = 6;
/// Height of a barcode when the document does not say, in dot rows: 10 mm.
const BARCODE_HEIGHT: u8 = 80;

/// Checks a QR code; gives the dots of its modules.
fn check_qr(line: &QrLine<'_>, profile: &Profile, path: impl Fn() -> String) -> Result<u32, DocumentError> {
    let bytes = line.data.len();
    if bytes == 0 || bytes > QR_BYTES_MAX {
        return Err(DocumentError::QrLength { path: path(), bytes, max: QR_BYTES_MAX });
    }
    // A reader shows control characters as nothing, and the printer might obey them.
    let control = |character: char| character.is_control() && !matches!(character, '\t' | '\n' | '\r');
    if let Some((position, character)) = line.data.chars().enumerate().find(|(_, found)| control(*found)) {
        let place = Place::Json { path: path(), character: Some(position as u32 + 1) };
        return Err(DocumentError::Control { place, character });
    }
    let modules = qr::modules(bytes, line.level).unwrap_or(qr::MODULES_MAX);
    let paper = u32::from(profile.picture_dots());
    let size = match line.size {
        Some(size) => profile.picture_scale(size.get().into()),
        // With the white border that readers need, if there is room for it.
        None => (paper / (modules + 8)).clamp(1, profile.picture_scale(QR_MODULE)),
    };
    if modules * size > paper {
        return Err(DocumentError::TooWide {
            path: path(),
            dots: modules * size,
            paper: profile.picture_dots(),
            instead: "make size smaller or leave it out, or put less into data",
        });
    }
    Ok(size)
}

/// Writes a QR code for a printer that draws it itself.
pub(super) fn write_qr(
    writer: &mut Writer<'_>,
    line: &QrLine<'_>,
    path: impl Fn() -> String,
) -> Result<(), DocumentError> {
    let size = check_qr(line, writer.profile, path)?;
    writer.style(Style { align: line.align, ..Style::PLAIN });
    let [low, high] = (line.data.len() as u16 + 3).to_le_bytes();
    let out = &mut writer.out;
    // Model 2; dots per module; level; data; print.
    out.extend_from_slice(&[GS, b'(', b'k', 4, 0, 49, 65, 50, 0]);
    out.extend_from_slice(&[GS, b'(', b'k', 3, 0, 49, 67, size as u8]);
    out.extend_from_slice(&[GS, b'(', b'k', 3, 0, 49, 69, line.level.command()]);
    out.extend_from_slice(&[GS, b'(', b'k', low, high, 49, 80, 48]);
    out.extend_from_slice(line.data.as_bytes());
    out.extend_from_slice(&[GS, b'(', b'k', 3, 0, 49, 81, 48]);
    Ok(())
}

/// Draws a QR code for a printer that cannot.
pub(super) fn draw_qr(
    line: &QrLine<'_>,
    profile: &Profile,
    path: impl Fn() -> String,
) -> Result<Bitmap, DocumentError> {
    let size = check_qr(line, profile, &path)?;
    draw(line.data.as_bytes(), line.level, size as usize).ok_or_else(|| DocumentError::QrLength {
        path: path(),
        bytes: line.data.len(),
        max: QR_BYTES_MAX,
    })
}

/// Draws a QR code, so many dots per module, without a border. None if no version holds the data.
fn draw(data: &[u8], level: qr::Level, size: usize) -> Option<Bitmap> {
    let level = match level {
        qr::Level::L => qrcode::EcLevel::L,
        qr::Level::M => qrcode::EcLevel::M,
        qr::Level::Q => qrcode::EcLevel::Q,
        qr::Level::H => qrcode::EcLevel::H,
    };
    let code = qrcode::QrCode::with_error_correction_level(data, level).ok()?;
    let modules = code.width();
    let mut bitmap = Bitmap::new(modules * size, modules * size);
    for (index, color) in code.into_colors().into_iter().enumerate() {
        if color == qrcode::Color::Dark {
            let (left, top) = (index % modules * size, index / modules * size);
            for y in top..top + size {
                for x in left..left + size {
                    bitmap.set(x, y);
                }
            }
        }
    }
    Some(bitmap)
}

/// Writes a barcode.
pub(super) fn barcode(
    writer: &mut Writer<'_>,
    line: &BarcodeLine<'_>,
    path: impl Fn() -> String,
) -> Result<(), DocumentError> {
    if !writer.profile.native_barcode {
        return Err(DocumentError::NotOnThisPrinter {
            path: path(),
            detail: "the printer's profile has native-barcode = false, and this version does not draw \
                     barcodes; use a QR code",
        });
    }
    let data = line.data.as_ref();
    check_data(line.kind, data).map_err(|allowed| match first_bad(data, KanjiMode::None) {
        // A control character is named as such, wherever it is.
        Some(bad @ Bad { reason: None, .. }) => {
            bad.at(Place::Json { path: path(), character: Some(bad.position as u32 + 1) })
        }
        _ => DocumentError::BarcodeData { path: path(), allowed },
    })?;
    let paper = writer.profile.dots;
    let modules = modules(line.kind, data.len() as u32);
    let module = match line.module {
        Some(module) => module.get().into(),
        None if modules * 3 <= paper.into() => 3,
        None => 2,
    };
    if modules * module > paper.into() {
        return Err(DocumentError::TooWide {
            path: path(),
            dots: modules * module,
            paper,
            instead: "make module smaller, put less into data, or use a QR code",
        });
    }
    writer.style(Style { align: line.align, ..Style::PLAIN });
    let hri = match line.hri {
        Hri::None => 0,
        Hri::Above => 1,
        Hri::Below => 2,
        Hri::Both => 3,
    };
    let height = line.height.map_or(BARCODE_HEIGHT, |height| height.byte());
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
    use crate::writer::Align;

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

    #[test]
    fn a_drawn_code_is_as_large_as_counted() {
        let modules = qr::modules(23, qr::Level::M).unwrap() as usize;
        let mut out = Vec::new();
        draw(b"https://example.com/r/1", qr::Level::M, 8).unwrap().write(&mut out, 8, Align::Left);
        // Modules of eight dots: the first row is the top of a finder, 7 dark modules and a white one.
        assert_eq!(out[4..8], [modules as u8, 0, 128, 0]);
        assert_eq!(out[8..16], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0]);
    }
}
