//! A receipt as PNG and as PDF: the page of `receiptd-paperless`, with letters from the system's fonts.
//!
//! Fonts are large, and so is what reads them and what reads a printer's bytes again: neither the daemon nor `receiptctl`
//! links this crate. The program makes text and HTML too, so that all that is shown is made in one place. Letters in a
//! picture are the font's; places, sizes, pictures and codes are the printer's, to the dot.

mod embed;
pub mod limits;
mod pdf;
mod request;

use receiptd_fonts::{Canvas, Fonts, Grid, Look};
use receiptd_paperless::paint::{Glyphs, paint};
use receiptd_paperless::{Bitmap, Page};

pub use pdf::pdf;
pub use request::{Format, Head, RequestError, answer};

/// The page as a PNG: as wide as the print head, as long as the paper, a pixel for a dot, black on white, with how far dots
/// are apart written into it.
#[must_use]
pub fn png(page: &Page, fonts: &mut Fonts) -> Vec<u8> {
    paint(page, &mut Cells(fonts)).png(page.grid)
}

/// Letters in the cells of a printer.
struct Cells<'a>(&'a mut Fonts);

impl Glyphs for Cells<'_> {
    fn glyph(&mut self, character: char, width: u32, height: u32) -> Option<Bitmap> {
        let (line, grid) = cell(self.0, character, width, height);
        let mut canvas = Canvas::new(width as u16, height as u16);
        self.0.draw(&line, grid, Look::PLAIN, &mut canvas, (0, 0));
        let mut glyph = Bitmap::new(width, height);
        for y in 0..height {
            for x in (0..width).filter(|x| canvas.is_black(*x as i32, y as i32)) {
                glyph.set(x, y);
            }
        }
        Some(glyph)
    }
}

/// A character laid out in one cell, which is square for those that are twice as wide as Font A.
fn cell(fonts: &mut Fonts, character: char, width: u32, height: u32) -> (receiptd_fonts::Line, Grid) {
    let wide = 2 * width > 3 * height / 2;
    let cells = if wide { 2 } else { 1 };
    let grid =
        Grid { cell: (width / cells) as u16, height: height as u16, line: (height + height / 4) as u16 };
    (fonts.line(character.encode_utf8(&mut [0; 4]), &[cells as u8], grid), grid)
}
