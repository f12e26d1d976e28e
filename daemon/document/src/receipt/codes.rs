//! QR codes of a receipt: what they may carry, whether they fit, and their commands.

use super::model::QrLine;
use crate::limits::QR_BYTES_MAX;
use crate::raster::Bitmap;
use crate::writer::{GS, Style, Writer};
use crate::{DocumentError, Head, Place, Profile, qr};

/// White modules that readers need on each side of a QR code (ISO/IEC 18004, 6.3.8). Above and below they are fed, beside it
/// they are the paper's.
const QUIET_MODULES: u32 = 4;

/// Dots per module of a QR code when the document does not say, if it fits: 0.75 mm, which phones read
/// from the counter.
const QR_MODULE: u32 = 6;

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
        None => (paper / (modules + 2 * QUIET_MODULES)).clamp(1, profile.picture_scale(QR_MODULE)),
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

/// Writes a QR code, with the white above and below: as drawn here, or else for a printer that draws it itself.
pub(super) fn write_qr(
    writer: &mut Writer<'_>,
    line: &QrLine<'_>,
    drawn: Option<&Bitmap>,
    path: impl Fn() -> String,
) -> Result<(), DocumentError> {
    let size = check_qr(line, writer.profile, path)?;
    let rows = match writer.profile.head {
        Head::Thermal => size,
        // A module has as many pins, which are two rows apart.
        Head::NinePin => 2 * size,
    };
    let quiet = QUIET_MODULES * rows;
    writer.feed_rows(quiet);
    match drawn {
        Some(bitmap) => writer.picture(bitmap, line.align),
        None => write_native(writer, line, size),
    }
    writer.feed_rows(quiet);
    Ok(())
}

fn write_native(writer: &mut Writer<'_>, line: &QrLine<'_>, size: u32) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::Align;

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
