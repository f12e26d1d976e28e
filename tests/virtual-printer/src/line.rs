//! The line being set: characters and small images side by side, as dots when it is complete.
//!
//! It knows positions and looks of its items; which modes are on is the interpreter's, and when a line is
//! printed as well.

use crate::bitmap::Bitmap;
use crate::glyphs::{Cell, FONT_A, Glyphs};
use crate::record::Run;
use crate::text;

/// How a character looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its cell before scaling.
    pub cell: Cell,
    /// Width factor, 1..=8.
    pub sx: usize,
    /// Height factor, 1..=8.
    pub sy: usize,
    /// Emphasised or double-strike.
    pub bold: bool,
    /// Underline thickness in dots, 0..=2.
    pub underline: u8,
    /// White on black.
    pub reverse: bool,
    /// Turned by 90 degrees clockwise.
    pub rotate: bool,
}

#[derive(Clone, Debug)]
enum What {
    Char(char, Look),
    Image(Bitmap),
}

#[derive(Clone, Debug)]
struct Item {
    x: usize,
    w: usize,
    h: usize,
    /// Blank dots behind it.
    after: usize,
    what: What,
}

/// The print buffer in standard mode: one line.
#[derive(Clone, Debug, Default)]
pub struct Line {
    items: Vec<Item>,
    /// Where the next item goes, dots from the left margin.
    pub x: usize,
    text: String,
}

/// A line as it goes to the head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composed {
    /// Height of the highest item in dots, 0 for an empty line.
    pub height: usize,
    /// Where the line starts, dots from the left margin, after alignment.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Its text.
    pub text: String,
    /// Its runs, when a record is kept, set by whoever keeps it.
    pub runs: Vec<Run>,
    /// The dots, as wide as the paper; `None` when not asked for or empty.
    pub bitmap: Option<Bitmap>,
}

impl Line {
    /// Nothing in it.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Drop everything.
    pub fn clear(&mut self) {
        self.items.clear();
        self.text.clear();
        self.x = 0;
    }

    /// Add a character; `before` and `after` are extra dots around it.
    pub fn push_char(&mut self, c: char, look: Look, before: usize, after: usize) {
        self.pad_text();
        let (w, h) = size(look);
        self.items.push(Item { x: self.x + before, w, h, after, what: What::Char(c, look) });
        self.x += before + w + after;
        self.text.push(c);
    }

    /// Add an image.
    pub fn push_image(&mut self, image: Bitmap) {
        let (w, h) = (image.width(), image.height());
        self.items.push(Item { x: self.x, w, h, after: 0, what: What::Image(image) });
        self.x += w;
    }

    /// Width of the character that would be added, dots.
    pub fn width_of(look: Look) -> usize {
        size(look).0
    }

    /// After a move to the right the text gets spaces, so that columns stay columns.
    fn pad_text(&mut self) {
        let end = self.items.last().map_or(0, |i| i.x + i.w);
        if self.x >= end + 12 {
            let columns = text::columns(&self.text);
            self.text.extend(std::iter::repeat_n(' ', (self.x / 12).saturating_sub(columns)));
        }
    }

    /// Its characters with their looks; `x` from the start of the line.
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut next = 0;
        for item in &self.items {
            let What::Char(c, look) = item.what else { continue };
            match runs.last_mut() {
                Some(run) if run.look.same(&look) && next == item.x => {
                    run.width = item.x + item.w - run.x;
                    run.text.push(c);
                }
                _ => runs.push(Run { x: item.x, width: item.w, look, text: c.to_string() }),
            }
            next = item.x + item.w + item.after;
        }
        runs
    }

    /// Black dots of the images in it; `None` when there are none.
    pub fn image_ink(&self) -> Option<usize> {
        self.items.iter().fold(None, |sum, item| match &item.what {
            What::Image(image) => Some(sum.unwrap_or(0) + image.ink()),
            What::Char(..) => sum,
        })
    }

    /// Compose and empty the line. `align` 0, 1, 2; `margin` and `area` in dots; `paper` = width of the result.
    pub fn compose(
        &mut self,
        align: u8,
        margin: usize,
        area: usize,
        paper: usize,
        draw: Option<&mut Glyphs>,
    ) -> Composed {
        let items = std::mem::take(&mut self.items);
        let text = std::mem::take(&mut self.text);
        self.x = 0;
        let height = items.iter().map(|i| i.h).max().unwrap_or(0);
        // The space behind a character is a part of it.
        let end = items.iter().map(|i| i.x + i.w + i.after).max().unwrap_or(0);
        let start = match align {
            1 => area.saturating_sub(end) / 2,
            2 => area.saturating_sub(end),
            _ => 0,
        };
        let bitmap = match draw {
            Some(glyphs) if height > 0 => {
                let mut bitmap = Bitmap::new(paper, height);
                for item in &items {
                    // Characters of different height stand on one base line: their cells end together.
                    item.draw(margin + start + item.x, height - item.h, &mut bitmap, glyphs);
                }
                Some(bitmap)
            }
            _ => None,
        };
        Composed { height, start, end: start + end, text, bitmap, ..Composed::default() }
    }
}

impl Look {
    /// The same but for the cell, which is wider for a Hanzi than for a letter of font A beside it.
    fn same(&self, other: &Look) -> bool {
        self.is_font_b() == other.is_font_b() && Look { cell: self.cell, ..*other } == *self
    }
}

fn size(look: Look) -> (usize, usize) {
    let (w, h) = (look.cell.w * look.sx, look.cell.h * look.sy);
    if look.rotate { (h, w) } else { (w, h) }
}

impl Item {
    fn draw(&self, x: usize, y: usize, to: &mut Bitmap, glyphs: &mut Glyphs) {
        let (c, look) = match &self.what {
            What::Image(image) => return to.blit(image, x, y, 1, 1),
            What::Char(c, look) => (*c, *look),
        };
        if c != ' ' {
            let glyph = glyphs.get(c, look.cell);
            if look.rotate {
                let turned = glyph.clockwise();
                // Turned, width and height factors change places with the axes.
                to.blit(&turned, x, y, look.sy, look.sx);
            } else {
                to.blit(&glyph, x, y, look.sx, look.sy);
                if look.bold {
                    // Once more a dot to the right, and not into the next cell.
                    let mut again = Bitmap::new(self.w, self.h);
                    again.blit(&glyph, 1, 0, look.sx, look.sy);
                    to.blit(&again, x, y, 1, 1);
                }
            }
        }
        if look.underline > 0 && !look.rotate && !look.reverse {
            // A pin is two rows thick.
            let pins = look.cell.h < FONT_A.h && !look.is_font_b();
            let thick = if pins { 2 } else { usize::from(look.underline.min(2)) };
            to.fill(x, y + self.h - thick, self.w + self.after, thick);
        }
        if look.reverse {
            to.invert(x, y, self.w + self.after, self.h);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Look =
        Look { cell: FONT_A, sx: 1, sy: 1, bold: false, underline: 0, reverse: false, rotate: false };

    #[test]
    fn right_alignment_ends_at_the_area_and_the_highest_item_makes_the_height() {
        let mut line = Line::default();
        line.push_char('a', PLAIN, 0, 0);
        line.push_char('b', Look { sx: 2, sy: 3, ..PLAIN }, 0, 0);
        let made = line.compose(2, 0, 100, 100, None);
        assert_eq!((made.height, made.start, made.text.as_str()), (72, 100 - 36, "ab"));
        assert!(line.is_empty());
    }

    #[test]
    fn a_move_to_the_right_becomes_spaces_in_the_text() {
        let mut line = Line::default();
        line.push_char('a', PLAIN, 0, 0);
        line.x = 120;
        line.push_char('b', PLAIN, 0, 0);
        assert_eq!(line.compose(0, 0, 576, 576, None).text, "a         b");
    }

    #[test]
    fn reverse_text_is_mostly_black() {
        let mut line = Line::default();
        line.push_char('i', Look { reverse: true, ..PLAIN }, 0, 0);
        let mut glyphs = Glyphs::default();
        let made = line.compose(0, 0, 24, 24, Some(&mut glyphs)).bitmap.unwrap();
        assert!(made.ink() > 12 * 24 / 2);
    }
}
