//! PNG or JPEG in base64 to a bitmap for the paper: unpacked within limits, scaled down, made black and white.
//!
//! JPEG is unpacked by whoever draws ([`Typesetter::unpack_jpeg`]): its decoder is larger than all of this crate.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use png::{ColorType, Decoder, Limits, Transformations};
use serde::{Deserialize, Serialize};

use crate::limits::{IMAGE_DOTS_MAX, PAPER_DOTS_MAX};
use crate::raster::Bitmap;
use crate::typeset::{TypesetError, Typesetter};
use crate::{DocumentError, Extent, Head, Place, Profile};

/// Memory that unpacking may take beside the pixels, in bytes: chunks, palette, profile.
const UNPACK_BYTES: usize = 1 << 20;

/// What every JPEG begins with: start of image, and the next marker (ITU-T T.81, B.1.1.3).
const JPEG_BEGIN: [u8; 3] = [0xff, 0xd8, 0xff];

/// How grey becomes black and white.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dither {
    /// Error diffusion after Floyd and Steinberg: for photographs; black and white stay as they are.
    #[default]
    FloydSteinberg,
    /// Darker than the middle is black: for line art with soft edges.
    Threshold,
}

/// A picture as it stands in the document.
pub(crate) enum Base64<'a> {
    Png(&'a str),
    /// With the one who unpacks it.
    Jpeg(&'a str, &'a dyn Typesetter),
}

/// A picture in grey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grey {
    /// Pixels across.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row after row, 255 is white.
    pub pixels: Vec<u8>,
}

impl Grey {
    /// Red, green and blue to grey (Rec. 601, in thousandths); white if one is missing.
    #[must_use]
    pub fn luma(rgb: &[u8]) -> u8 {
        match rgb {
            [r, g, b, ..] => ((u32::from(*r) * 299 + u32::from(*g) * 587 + u32::from(*b) * 114) / 1000) as u8,
            _ => 255,
        }
    }
}

/// Unpacks a picture. `budget` is how many pixels the document may still have.
///
/// A picture wider than the paper is scaled down; one that is narrower stays as it is, dot for dot, or as wide as it would
/// be on a thermal printer.
pub(crate) fn decode(
    source: Base64<'_>,
    dither: Dither,
    profile: &Profile,
    budget: &mut u64,
    path: impl Fn() -> String,
) -> Result<Bitmap, DocumentError> {
    let bytes = |base64: &str| {
        STANDARD.decode(base64).map_err(|error| DocumentError::Picture {
            path: path(),
            detail: format!(
                "not base64 (RFC 4648, section 4, with padding and without line breaks): {error}"
            ),
        })
    };
    let mut grey = match source {
        Base64::Png(base64) => unpack(&bytes(base64)?, budget, &path)?,
        Base64::Jpeg(base64, typesetter) => unpack_jpeg(&bytes(base64)?, typesetter, budget, &path)?,
    };
    let width = match profile.picture_scale(grey.width as u32) as usize {
        width if width > profile.picture_dots().into() => profile.picture_dots().into(),
        width => width,
    };
    if width != grey.width {
        // Dots of nine pins are 1/80 inch wide and 1/72 inch high.
        let (high, of) = match profile.head {
            Head::Thermal => (1, 1),
            Head::NinePin => (9, 10),
        };
        let height = grey.height * width * high / (grey.width * of).max(1);
        grey = scale(&grey, width, height.max(1));
    }
    if grey.height > PAPER_DOTS_MAX as usize {
        return Err(DocumentError::TooLong { extent: Extent::PaperDots, max: PAPER_DOTS_MAX.into() });
    }
    Ok(match dither {
        Dither::FloydSteinberg => diffuse(&grey),
        Dither::Threshold => threshold(&grey),
    })
}

fn unpack_jpeg(
    jpeg: &[u8],
    typesetter: &dyn Typesetter,
    budget: &mut u64,
    path: &impl Fn() -> String,
) -> Result<Grey, DocumentError> {
    // What is none need not be sent to anybody.
    if !jpeg.starts_with(&JPEG_BEGIN) {
        return Err(DocumentError::Picture { path: path(), detail: "not a JPEG".to_owned() });
    }
    let grey = typesetter.unpack_jpeg(jpeg, *budget).map_err(|error| match error {
        TypesetError::NoPicture { detail } => {
            DocumentError::Picture { path: path(), detail: format!("not a readable JPEG: {detail}") }
        }
        TypesetError::PictureTooLarge { width, height } => {
            DocumentError::PictureTooLarge { path: path(), width, height, max: IMAGE_DOTS_MAX }
        }
        why => {
            let place = Place::Json { path: path(), character: None };
            DocumentError::NotDrawn { place, character: None, why }
        }
    })?;
    let pixels = grey.width as u64 * grey.height as u64;
    if pixels == 0 || grey.pixels.len() as u64 != pixels || pixels > *budget {
        let detail = "the picture has another size than it says".to_owned();
        return Err(DocumentError::Picture { path: path(), detail });
    }
    *budget -= pixels;
    Ok(grey)
}

fn unpack(png: &[u8], budget: &mut u64, path: &impl Fn() -> String) -> Result<Grey, DocumentError> {
    let bad = |detail: String| DocumentError::Picture { path: path(), detail };
    let unreadable = |error: png::DecodingError| bad(format!("not a readable PNG: {error}"));
    let limits = Limits { bytes: UNPACK_BYTES + IMAGE_DOTS_MAX as usize * 4 };
    let mut decoder = Decoder::new_with_limits(Cursor::new(png), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    // Before anything is unpacked: the header alone says how much memory it would take.
    let header = decoder.read_header_info().map_err(unreadable)?;
    let (width, height) = (header.width, header.height);
    *budget = budget
        .checked_sub(u64::from(width) * u64::from(height))
        .ok_or_else(|| DocumentError::PictureTooLarge { path: path(), width, height, max: IMAGE_DOTS_MAX })?;
    let mut reader = decoder.read_info().map_err(unreadable)?;
    let size = reader.output_buffer_size().ok_or_else(|| bad("a PNG of no size".into()))?;
    let mut samples = vec![0; size];
    let frame = reader.next_frame(&mut samples).map_err(unreadable)?;
    samples.truncate(frame.buffer_size());
    let on_white = |grey: u8, alpha: u8| 255 - (u16::from(255 - grey) * u16::from(alpha) / 255) as u8;
    let pixels = match frame.color_type {
        ColorType::Grayscale => samples,
        ColorType::GrayscaleAlpha => {
            samples.chunks_exact(2).map(|pixel| on_white(pixel[0], pixel[1])).collect()
        }
        ColorType::Rgb => samples.chunks_exact(3).map(Grey::luma).collect(),
        ColorType::Rgba => {
            samples.chunks_exact(4).map(|pixel| on_white(Grey::luma(pixel), pixel[3])).collect()
        }
        ColorType::Indexed => return Err(bad("a palette PNG that was not expanded".into())),
    };
    Ok(Grey { width: frame.width as usize, height: frame.height as usize, pixels })
}

/// Scales down: every dot is the mean of the pixels that it covers.
fn scale(grey: &Grey, width: usize, height: usize) -> Grey {
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        let (top, bottom) = span(y, grey.height, height);
        for x in 0..width {
            let (left, right) = span(x, grey.width, width);
            let sum: u64 = (top..bottom)
                .filter_map(|row| grey.pixels.get(row * grey.width + left..row * grey.width + right))
                .flatten()
                .map(|pixel| u64::from(*pixel))
                .sum();
            let count = ((bottom - top) * (right - left)).max(1) as u64;
            pixels.push((sum / count) as u8);
        }
    }
    Grey { width, height, pixels }
}

/// The pixels that a dot covers: at least one.
fn span(dot: usize, pixels: usize, dots: usize) -> (usize, usize) {
    let begin = dot * pixels / dots;
    (begin, ((dot + 1) * pixels / dots).clamp(begin + 1, pixels.max(begin + 1)))
}

fn threshold(grey: &Grey) -> Bitmap {
    let mut bitmap = Bitmap::new(grey.width, grey.height);
    for (index, pixel) in grey.pixels.iter().enumerate() {
        if *pixel < 128 {
            bitmap.set(index % grey.width, index / grey.width);
        }
    }
    bitmap
}

fn diffuse(grey: &Grey) -> Bitmap {
    let mut bitmap = Bitmap::new(grey.width, grey.height);
    // Errors for this row and the next, in sixteenths, one place more at each side.
    let mut here = vec![0_i32; grey.width + 2];
    let mut below = here.clone();
    for (y, row) in grey.pixels.chunks_exact(grey.width.max(1)).enumerate() {
        for (x, pixel) in row.iter().enumerate() {
            let value = i32::from(*pixel) + here[x + 1] / 16;
            let error = if value < 128 {
                bitmap.set(x, y);
                value
            } else {
                value - 255
            };
            here[x + 2] += error * 7;
            below[x] += error * 3;
            below[x + 1] += error * 5;
            below[x + 2] += error;
        }
        std::mem::swap(&mut here, &mut below);
        below.fill(0);
    }
    bitmap
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::Align;

    fn png_of(width: u32, height: u32, color: ColorType, samples: &[u8]) -> String {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(samples).unwrap();
        STANDARD.encode(bytes)
    }

    fn bits_of(base64: &str, dither: Dither, paper: u16) -> Vec<u8> {
        let profile = Profile { dots: paper, ..Profile::mm80() };
        let bitmap =
            decode(Base64::Png(base64), dither, &profile, &mut IMAGE_DOTS_MAX.clone(), String::new).unwrap();
        let mut out = Vec::new();
        bitmap.write(&mut out, paper, Align::Left);
        out[8..].to_vec()
    }

    #[test]
    fn every_colour_type_is_black_on_white() {
        let expected = [0b1010_0000];
        for dither in [Dither::Threshold, Dither::FloydSteinberg] {
            let grey = png_of(4, 1, ColorType::Grayscale, &[0, 255, 0, 255]);
            assert_eq!(bits_of(&grey, dither, 8), expected);
            let alpha = png_of(4, 1, ColorType::GrayscaleAlpha, &[0, 255, 0, 0, 0, 255, 255, 255]);
            assert_eq!(bits_of(&alpha, dither, 8), expected);
            let rgb = png_of(4, 1, ColorType::Rgb, &[0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255]);
            assert_eq!(bits_of(&rgb, dither, 8), expected);
            let rgba = png_of(4, 1, ColorType::Rgba, &[0, 0, 0, 255, 9, 9, 9, 0, 0, 0, 0, 255, 9, 9, 9, 0]);
            assert_eq!(bits_of(&rgba, dither, 8), expected);
        }
    }

    #[test]
    fn grey_is_as_dark_as_its_dots() {
        let grey = png_of(64, 64, ColorType::Grayscale, &[191; 64 * 64]);
        let black: u32 =
            bits_of(&grey, Dither::FloydSteinberg, 64).iter().map(|byte| byte.count_ones()).sum();
        assert!((900..1150).contains(&black), "{black} of 4096 for a quarter of grey");
        assert!(bits_of(&grey, Dither::Threshold, 64).iter().all(|byte| *byte == 0));
    }

    #[test]
    fn wide_pictures_are_scaled_to_the_paper() {
        let wide = png_of(800, 80, ColorType::Grayscale, &[0; 800 * 80]);
        let bits = bits_of(&wide, Dither::Threshold, 192);
        // 24 bytes across and 19 rows.
        assert_eq!(bits.len(), 24 * 19);
        assert!(bits.iter().all(|byte| *byte == 0xff));
    }

    #[test]
    fn nine_pins_show_a_picture_as_large_as_heaters_do() {
        let square = png_of(400, 400, ColorType::Grayscale, &[0; 400 * 400]);
        let profile = Profile::mm76();
        let bitmap = decode(
            Base64::Png(&square),
            Dither::Threshold,
            &profile,
            &mut IMAGE_DOTS_MAX.clone(),
            String::new,
        );
        // 50 mm are 160 columns of 1/80 inch and 144 rows of 1/72.
        assert_eq!(bitmap.unwrap().size(), (160, 144));
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        // A header that claims 2^31-1 by 2^31-1, and nothing behind it.
        let mut bytes =
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\0\0\0\0".to_vec();
        let crc = crc32(&bytes[12..]);
        bytes.extend_from_slice(&crc.to_be_bytes());
        let mut budget = IMAGE_DOTS_MAX;
        let error = decode(
            Base64::Png(&STANDARD.encode(bytes)),
            Dither::default(),
            &Profile::mm80(),
            &mut budget,
            || "$.x".into(),
        );
        assert!(matches!(error, Err(DocumentError::PictureTooLarge { width: 0x7fff_ffff, .. })), "{error:?}");
    }

    #[test]
    fn what_is_no_picture_is_named() {
        for (base64, word) in [("%%%", "base64"), ("YWJj", "PNG")] {
            let error =
                decode(Base64::Png(base64), Dither::default(), &Profile::mm80(), &mut 100, || "$.x".into())
                    .unwrap_err();
            assert!(error.to_string().starts_with("$.x: not") && error.to_string().contains(word), "{error}");
        }
        let small = png_of(20, 20, ColorType::Grayscale, &[0; 400]);
        let truncated = STANDARD.encode(&STANDARD.decode(small).unwrap()[..50]);
        assert!(
            decode(Base64::Png(&truncated), Dither::default(), &Profile::mm80(), &mut 1000, String::new)
                .is_err()
        );
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1))
            })
        })
    }
}
