//! Pictures of a colour font in black and white: what is dark becomes black, and the edge of everything a line, so that a
//! yellow face keeps its outline.

use std::io::Cursor;

use harfrust::font::glyph::bitmap::Pixels;
use png::{ColorType, Decoder, Limits, Transformations};

use crate::limits::EMOJI_PIXELS_MAX;

/// Memory that unpacking one picture may take, in bytes.
const UNPACK_BYTES_MAX: usize = 8 << 20;
/// Below this of 255 a colour is dark.
const DARK: u32 = 115;
/// From this of 255 on a dot belongs to the picture.
const SOLID: u32 = 110;

/// A picture as coverage and lightness, each 0 to 255, one byte per pixel.
pub(crate) struct Shades {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pixels: Vec<(u8, u8)>,
}

/// Unpacks a picture. None if it is damaged or too large.
pub(crate) fn unpack(pixels: Pixels<'_>) -> Option<Shades> {
    match pixels {
        Pixels::Png(bytes) => unpack_png(bytes),
        Pixels::Bgra(picture) => {
            let size = (picture.width(), picture.height());
            let pixels = picture.data().chunks_exact(4).map(|pixel| match *pixel {
                // Colours are multiplied by the coverage already.
                [blue, green, red, alpha] => (alpha, lightness([red, green, blue], u32::from(alpha))),
                _ => (0, 0),
            });
            shades(size, pixels.collect())
        }
        Pixels::Mask(mask) => {
            let size = (mask.width(), mask.height());
            shades(size, mask.pixels().map(|coverage| (coverage, 0)).collect())
        }
    }
}

fn unpack_png(bytes: &[u8]) -> Option<Shades> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: UNPACK_BYTES_MAX });
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = reader.info().size();
    if width > EMOJI_PIXELS_MAX || height > EMOJI_PIXELS_MAX {
        return None;
    }
    let mut data = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut data).ok()?;
    let pixels = match info.color_type {
        ColorType::Rgba => data
            .chunks_exact(4)
            .map(|pixel| match *pixel {
                [red, green, blue, alpha] => (alpha, lightness([red, green, blue], 255)),
                _ => (0, 0),
            })
            .collect(),
        ColorType::GrayscaleAlpha => data
            .chunks_exact(2)
            .map(|pixel| match *pixel {
                [gray, alpha] => (alpha, gray),
                _ => (0, 0),
            })
            .collect(),
        _ => return None,
    };
    shades((width, height), pixels)
}

fn shades((width, height): (u32, u32), pixels: Vec<(u8, u8)>) -> Option<Shades> {
    let (width, height) = (width as usize, height as usize);
    let fits = width <= EMOJI_PIXELS_MAX as usize && height <= EMOJI_PIXELS_MAX as usize;
    (fits && width > 0 && height > 0 && pixels.len() >= width * height).then_some(Shades {
        width,
        height,
        pixels,
    })
}

/// Lightness of a colour of which `full` is the most.
fn lightness([red, green, blue]: [u8; 3], full: u32) -> u8 {
    let sum = 54 * u32::from(red) + 183 * u32::from(green) + 19 * u32::from(blue);
    (sum * 255 / (full.max(1) * 256)).min(255) as u8
}

impl Shades {
    /// The picture in so many dots: true is black, row by row.
    pub(crate) fn draw(&self, width: usize, height: usize) -> Vec<bool> {
        let averages: Vec<(u32, u32)> = (0..width * height)
            .map(|index| self.average((index % width, width), (index / width, height)))
            .collect();
        let solid = |x: usize, y: usize| {
            x < width && y < height && averages.get(y * width + x).is_some_and(|(cover, _)| *cover >= SOLID)
        };
        (0..width * height)
            .map(|index| {
                let (x, y) = (index % width, index / width);
                if !solid(x, y) {
                    return false;
                }
                let inside = [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)]
                    .into_iter()
                    .all(|(x, y)| solid(x, y));
                !inside || averages.get(index).is_some_and(|(_, light)| *light < DARK)
            })
            .collect()
    }

    /// Coverage and lightness of one dot of so many.
    fn average(&self, (x, across): (usize, usize), (y, down): (usize, usize)) -> (u32, u32) {
        let span = |at: usize, of: usize, pixels: usize| {
            let from = at * pixels / of;
            from..((at + 1) * pixels / of).max(from + 1).min(pixels)
        };
        let (mut cover, mut light, mut count) = (0, 0, 0);
        for row in span(y, down, self.height) {
            for pixel in span(x, across, self.width).filter_map(|x| self.pixels.get(row * self.width + x)) {
                cover += u32::from(pixel.0);
                light += u32::from(pixel.0) * u32::from(pixel.1);
                count += 1;
            }
        }
        (cover / count.max(1), light / cover.max(1))
    }
}
