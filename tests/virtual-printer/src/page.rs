//! Page mode: an area that is filled in any of four directions and printed at once.
//!
//! It places finished lines and images; setting them is `line.rs`, printing the result the interpreter's.

use crate::bitmap::Bitmap;

/// A page is at most this high, dots (about 300 mm; real page buffers are smaller or equal).
pub const MAX_HEIGHT: usize = 2400;

/// The page being built.
#[derive(Clone, Debug)]
pub struct Page {
    paper: usize,
    area: (usize, usize, usize, usize),
    direction: u8,
    /// Next line's top in the turned coordinates, dots.
    pub y: usize,
    canvas: Bitmap,
    bottom: usize,
    lines: Vec<String>,
    codes: Vec<(String, String)>,
}

impl Page {
    /// An empty page on paper `paper` dots wide.
    pub fn new(paper: usize) -> Self {
        Self {
            paper,
            area: (0, 0, paper, MAX_HEIGHT),
            direction: 0,
            y: 0,
            canvas: Bitmap::new(paper, 0),
            bottom: 0,
            lines: Vec::new(),
            codes: Vec::new(),
        }
    }

    /// `ESC W`, in dots.
    pub fn set_area(&mut self, x: usize, y: usize, w: usize, h: usize) {
        let x = x.min(self.paper.saturating_sub(1));
        let y = y.min(MAX_HEIGHT - 1);
        self.area = (x, y, w.min(self.paper - x), h.min(MAX_HEIGHT - y));
        self.y = 0;
    }

    /// `ESC T`.
    pub fn set_direction(&mut self, direction: u8) {
        self.direction = direction & 3;
        self.y = 0;
    }

    /// Length of a line in the current direction, dots.
    pub fn line_width(&self) -> usize {
        if self.direction.is_multiple_of(2) { self.area.2 } else { self.area.3 }
    }

    /// Put dots at the current line, `x` from its start. What it covers is `used` = (from, to) along the line
    /// and `height` across it, whether there is a bitmap or not: a page is as long when nobody draws it.
    pub fn place(&mut self, bitmap: Option<&Bitmap>, x: usize, used: (usize, usize), height: usize) {
        let (ax, ay, aw, ah) = self.area;
        let y = self.y;
        let width = bitmap.map_or(0, Bitmap::width);
        let (left, top, turned) = match self.direction {
            0 => (ax + x, ay + y, bitmap.cloned()),
            1 => (ax + y, (ay + ah).saturating_sub(x + width), bitmap.map(Bitmap::counter_clockwise)),
            2 => (
                (ax + aw).saturating_sub(x + width),
                (ay + ah).saturating_sub(y + height),
                bitmap.map(Bitmap::upside_down),
            ),
            _ => ((ax + aw).saturating_sub(y + height), ay + x, bitmap.map(Bitmap::clockwise)),
        };
        if let Some(dots) = turned {
            self.canvas.grow((top + dots.height()).min(MAX_HEIGHT));
            self.canvas.blit(&dots, left, top, 1, 1);
        }
        let lowest = match self.direction {
            0 => ay + y + height,
            1 => (ay + ah).saturating_sub(used.0),
            2 => (ay + ah).saturating_sub(y),
            _ => ay + used.1,
        };
        self.bottom = self.bottom.max(lowest.min(MAX_HEIGHT));
    }

    /// Remember a text line for the text form of the paper.
    pub fn text(&mut self, line: String) {
        if !line.trim().is_empty() {
            self.lines.push(line);
        }
    }

    /// Remember a code.
    pub fn code(&mut self, code: (String, String)) {
        self.codes.push(code);
    }

    /// The finished page: dots, height, text, codes. The page itself stays (`ESC FF` may print it again).
    pub fn finish(&self) -> (Bitmap, usize, Vec<String>, Vec<(String, String)>) {
        (self.canvas.clone(), self.bottom, self.lines.clone(), self.codes.clone())
    }

    /// `CAN`: the dots and texts are gone, area and direction stay.
    pub fn erase(&mut self) {
        self.canvas = Bitmap::new(self.paper, 0);
        self.bottom = 0;
        self.y = 0;
        self.lines.clear();
        self.codes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_direction_starts_in_its_own_corner() {
        let mut dot = Bitmap::new(4, 2);
        dot.set(0, 0);
        for (direction, at) in [(0, (10, 20)), (1, (10, 69)), (2, (109, 69)), (3, (109, 20))] {
            let mut page = Page::new(200);
            page.set_area(10, 20, 100, 50);
            page.set_direction(direction);
            page.place(Some(&dot), 0, (0, 4), 2);
            assert!(page.finish().0.get(at.0, at.1), "direction {direction}");
        }
    }
}
