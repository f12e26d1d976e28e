//! A page painted to the dot, as the printer puts it on paper. A pixel is a place of the head's grid: a square of 1/8 mm, or
//! 1/160 by 1/144 inch with nine pins, which the PNG says to those who ask.
//!
//! Places, sizes and pictures are exact. The shapes of letters are those of the font that is given: a printer has
//! fonts of its own, which nobody else has.

use crate::bitmap::Bitmap;
use crate::page::{Barcode, Page, Qr, Row, Run, What};

/// Height of Font B of a thermal head, in rows.
const FONT_B_ROWS: u32 = 17;

/// Where letters come from.
pub trait Glyphs {
    /// The shape of a character, drawn for a cell of so many dots. None: it is not in the font, and a box stands for
    /// it. What is larger than the cell is cut off.
    fn glyph(&mut self, character: char, width: u32, height: u32) -> Option<Bitmap>;
}

/// Paints the page: as wide as the print head, as long as the paper that is used.
#[must_use]
pub fn paint(page: &Page, glyphs: &mut dyn Glyphs) -> Bitmap {
    let bottom = page.blocks.iter().map(|block| block.top.saturating_add(block.height)).max().unwrap_or(0);
    // A page of a spooled copy is within the limit; a stranger's may have its last block beyond it.
    let length = page.length.max(bottom).min(2 * receiptd_document::limits::PAPER_DOTS_MAX);
    let mut paper = Bitmap::new(page.dots, length.max(1));
    for block in &page.blocks {
        match &block.what {
            What::Row(row) => paint_row(&mut paper, page, row, block.top + block.height, glyphs),
            What::Picture(picture) => paper.put(&picture.dots, picture.left, block.top),
            What::Qr(qr) => paint_qr(&mut paper, qr, block.top),
            What::Barcode(code) => paint_bars(&mut paper, page, code, block.top, glyphs),
            What::Cut | What::Unknown(_) => {}
        }
    }
    paper
}

/// Width and height of a character of a run before it is enlarged, without the space behind it.
#[must_use]
pub fn cell(page: &Page, run: &Run) -> (u32, u32) {
    let rows = match (run.wide, run.style.font_b) {
        (true, _) => page.grid.hanzi_rows,
        (false, true) => FONT_B_ROWS,
        (false, false) => page.grid.letter_rows,
    };
    (run.cell, rows)
}

/// Characters of all sizes stand on one base line.
fn paint_row(paper: &mut Bitmap, page: &Page, row: &Row, bottom: u32, glyphs: &mut dyn Glyphs) {
    for run in &row.runs {
        let (width, height) = cell(page, run);
        let top = bottom.saturating_sub(height * u32::from(run.style.height));
        paint_run(paper, run, top, (width, height), glyphs);
    }
}

fn paint_run(paper: &mut Bitmap, run: &Run, top: u32, (width, cell): (u32, u32), glyphs: &mut dyn Glyphs) {
    let (times_x, times_y) = (u32::from(run.style.width).max(1), u32::from(run.style.height).max(1));
    for (index, character) in run.text.chars().enumerate() {
        let left = run.left + run.advance * index as u32;
        if character != ' ' {
            let glyph = glyphs.glyph(character, width, cell).unwrap_or_else(|| unknown(width, cell));
            for y in 0..cell.min(glyph.height()) * times_y {
                for x in 0..width.min(glyph.width()) * times_x {
                    if glyph.get(x / times_x, y / times_y) {
                        paper.set(left + x, top + y);
                        if run.style.bold && x + 1 < width * times_x {
                            paper.set(left + x + 1, top + y);
                        }
                    }
                }
            }
        }
    }
    let (right, height) = (run.right(), cell * times_y);
    // What is white on black has none.
    if run.style.underline > 0 && !run.style.reverse {
        let begin = (top + height).saturating_sub(run.style.underline.into());
        fill(paper, (run.left, right), (begin, top + height), Bitmap::set);
    }
    if run.style.reverse {
        fill(paper, (run.left, right), (top, top + height), Bitmap::flip);
    }
}

fn fill(paper: &mut Bitmap, x: (u32, u32), y: (u32, u32), paint: fn(&mut Bitmap, u32, u32)) {
    for row in y.0..y.1 {
        (x.0..x.1.min(paper.width())).for_each(|column| paint(paper, column, row));
    }
}

/// A box for a character that the font has not.
fn unknown(width: u32, height: u32) -> Bitmap {
    let mut glyph = Bitmap::new(width, height);
    let (right, bottom) = (width.saturating_sub(2), height.saturating_sub(4));
    fill(&mut glyph, (1, right), (3, bottom), Bitmap::set);
    fill(&mut glyph, (2, right.saturating_sub(1)), (4, bottom.saturating_sub(1)), Bitmap::flip);
    glyph
}

fn paint_qr(paper: &mut Bitmap, qr: &Qr, top: u32) {
    let Some(matrix) = &qr.matrix else { return };
    for y in 0..matrix.side() {
        for (x, run) in matrix.runs(y) {
            let left = qr.left + x * qr.module;
            let down = top + y * qr.module;
            fill(paper, (left, left + run * qr.module), (down, down + qr.module), Bitmap::set);
        }
    }
}

fn paint_bars(paper: &mut Bitmap, page: &Page, code: &Barcode, top: u32, glyphs: &mut dyn Glyphs) {
    let Some(bars) = &code.bars else { return };
    let width = bars.len() as u32 * code.module;
    let (narrow, rows) = (page.narrow, page.grid.letter_rows);
    let top = top + if code.text.0 { rows } else { 0 };
    for (index, _) in bars.iter().enumerate().filter(|(_, bar)| **bar) {
        let left = code.left + index as u32 * code.module;
        fill(paper, (left, left + code.module), (top, top + code.bar_height), Bitmap::set);
    }
    let text = Run::plain(narrow, code.printed());
    let left = code.left + width.saturating_sub(text.right()) / 2;
    let text = Run { left, ..text };
    for (asked, top) in [(code.text.0, top.saturating_sub(rows)), (code.text.1, top + code.bar_height)] {
        if asked {
            paint_run(paper, &text, top, (narrow, rows), glyphs);
        }
    }
}

#[cfg(test)]
mod tests {
    use receiptd_document::Profile;

    use super::*;

    /// A font of full cells, but for `?`.
    struct Solid;

    impl Glyphs for Solid {
        fn glyph(&mut self, character: char, width: u32, height: u32) -> Option<Bitmap> {
            let mut glyph = Bitmap::new(width, height);
            fill(&mut glyph, (0, width), (0, height), Bitmap::set);
            (character != '?').then_some(glyph)
        }
    }

    fn painted(bytes: &[u8]) -> Bitmap {
        paint(&Page::of(bytes, &Profile::mm80()), &mut Solid)
    }

    #[test]
    fn letters_stand_in_their_cells() {
        let paper = painted(b"\x1ba\x02ab\n\x1ba\x00\x1d!\x11X\n");
        assert_eq!((paper.width(), paper.height()), (576, 30 + 48));
        // Two cells of 12 dots at the right edge, 24 rows; then one of 24 dots, 48 rows.
        assert!(!paper.get(551, 0) && paper.get(552, 0) && paper.get(575, 23) && !paper.get(575, 24));
        assert!(paper.get(0, 30) && paper.get(23, 77) && !paper.get(24, 30));
    }

    #[test]
    fn pictures_are_as_they_are_and_reverse_is_white_on_black() {
        let paper = painted(b"\x1dv0\x00\x01\x00\x02\x00\x81\x18\x1dB\x01a \n");
        assert!(paper.get(0, 0) && paper.get(7, 0) && paper.get(3, 1) && !paper.get(1, 1));
        // A full letter becomes white, a blank black.
        assert!(!paper.get(0, 2) && paper.get(12, 2) && paper.get(23, 25) && !paper.get(24, 2));
    }

    #[test]
    fn what_the_font_has_not_is_a_box() {
        let paper = painted(b"?\n");
        assert!(paper.get(1, 3) && !paper.get(4, 10));
    }
}
