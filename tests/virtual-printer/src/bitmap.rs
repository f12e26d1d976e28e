//! A rectangle of dots, one bit each: glyphs, lines, images and pages are all made of it.
//!
//! Rows are packed with the leftmost dot in the highest bit, 1 is black: the order of `GS v 0`, so a raster
//! row is copied as it came. Where the dots come from is left to others.

/// A bitmap; dots outside of it are silently not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bitmap {
    width: usize,
    height: usize,
    stride: usize,
    bits: Vec<u8>,
}

impl Bitmap {
    /// A white bitmap, sizes in dots.
    pub fn new(width: usize, height: usize) -> Self {
        let stride = width.div_ceil(8);
        Self { width, height, stride, bits: vec![0; stride * height] }
    }

    /// Width in dots.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in dots.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The packed bytes of one row; empty when there is no such row.
    pub fn row(&self, y: usize) -> &[u8] {
        self.bits.get(y * self.stride..(y + 1) * self.stride).unwrap_or_default()
    }

    /// All rows, packed.
    pub fn bytes(&self) -> &[u8] {
        &self.bits
    }

    /// Append a packed row; it is cut or filled to the width.
    pub fn push_row(&mut self, row: &[u8]) {
        let take = row.len().min(self.stride);
        self.bits.extend_from_slice(&row[..take]);
        self.height += 1;
        self.bits.resize(self.stride * self.height, 0);
    }

    /// Make it `height` rows high, white below.
    pub fn grow(&mut self, height: usize) {
        if height > self.height {
            self.height = height;
            self.bits.resize(self.stride * height, 0);
        }
    }

    /// Is the dot black?
    pub fn get(&self, x: usize, y: usize) -> bool {
        x < self.width && self.row(y).get(x / 8).is_some_and(|b| b & (0x80 >> (x % 8)) != 0)
    }

    /// Make the dot black.
    pub fn set(&mut self, x: usize, y: usize) {
        if x < self.width && y < self.height {
            self.bits[y * self.stride + x / 8] |= 0x80 >> (x % 8);
        }
    }

    /// Make a rectangle black.
    pub fn fill(&mut self, x: usize, y: usize, w: usize, h: usize) {
        for yy in y..(y + h).min(self.height) {
            for xx in x..(x + w).min(self.width) {
                self.bits[yy * self.stride + xx / 8] |= 0x80 >> (xx % 8);
            }
        }
    }

    /// Exchange black and white in a rectangle.
    pub fn invert(&mut self, x: usize, y: usize, w: usize, h: usize) {
        for yy in y..(y + h).min(self.height) {
            for xx in x..(x + w).min(self.width) {
                self.bits[yy * self.stride + xx / 8] ^= 0x80 >> (xx % 8);
            }
        }
    }

    /// Put `other` over this at (x, y), each of its dots `sx` wide and `sy` high.
    pub fn blit(&mut self, other: &Bitmap, x: usize, y: usize, sx: usize, sy: usize) {
        for oy in 0..other.height {
            let row = other.row(oy);
            if sx == 1 && sy == 1 {
                if y + oy < self.height {
                    self.or_row(row, x, y + oy);
                }
                continue;
            }
            for ox in 0..other.width {
                if row[ox / 8] & (0x80 >> (ox % 8)) != 0 {
                    self.fill(x + ox * sx, y + oy * sy, sx, sy);
                }
            }
        }
    }

    fn or_row(&mut self, row: &[u8], x: usize, y: usize) {
        let (start, shift) = (x / 8, x % 8);
        let line = &mut self.bits[y * self.stride..(y + 1) * self.stride];
        for (i, &byte) in row.iter().enumerate() {
            let Some(left) = line.get_mut(start + i) else { break };
            *left |= byte >> shift;
            if shift > 0
                && let Some(right) = line.get_mut(start + i + 1)
            {
                *right |= byte << (8 - shift);
            }
        }
        // Dots in the padding of the last byte are not part of the bitmap.
        if !self.width.is_multiple_of(8)
            && let Some(last) = line.last_mut()
        {
            *last &= !(0xFF >> (self.width % 8));
        }
    }

    /// Turned by 180 degrees.
    pub fn upside_down(&self) -> Bitmap {
        self.mapped(self.width, self.height, |x, y| (self.width - 1 - x, self.height - 1 - y))
    }

    /// Turned by 90 degrees clockwise.
    pub fn clockwise(&self) -> Bitmap {
        self.mapped(self.height, self.width, |x, y| (self.height - 1 - y, x))
    }

    /// Turned by 90 degrees counter-clockwise.
    pub fn counter_clockwise(&self) -> Bitmap {
        self.mapped(self.height, self.width, |x, y| (y, self.width - 1 - x))
    }

    fn mapped(&self, w: usize, h: usize, to: impl Fn(usize, usize) -> (usize, usize)) -> Bitmap {
        let mut out = Bitmap::new(w, h);
        for y in 0..self.height {
            for x in 0..self.width {
                if self.get(x, y) {
                    let (tx, ty) = to(x, y);
                    out.set(tx, ty);
                }
            }
        }
        out
    }

    /// A copy of some rows.
    pub fn rows(&self, from: usize, count: usize) -> Bitmap {
        let mut out = Bitmap::new(self.width, 0);
        for y in from..(from + count).min(self.height) {
            out.push_row(self.row(y));
        }
        out
    }

    /// How many dots are black.
    pub fn ink(&self) -> usize {
        self.bits.iter().map(|b| b.count_ones() as usize).sum()
    }

    /// From column data: `columns` columns of `bytes` bytes, highest bit on top (`ESC *`, `GS *`, `FS q`).
    pub fn from_columns(data: &[u8], bytes: usize) -> Bitmap {
        let columns = data.len().checked_div(bytes).unwrap_or(0);
        let mut out = Bitmap::new(columns, bytes * 8);
        for x in 0..columns {
            for y in 0..bytes * 8 {
                if data[x * bytes + y / 8] & (0x80 >> (y % 8)) != 0 {
                    out.set(x, y);
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unaligned_blit_equals_setting_each_dot() {
        let mut glyph = Bitmap::new(12, 3);
        for (x, y) in [(0, 0), (11, 0), (5, 1), (6, 2), (7, 2)] {
            glyph.set(x, y);
        }
        for x in 0..20 {
            let mut fast = Bitmap::new(27, 3);
            let mut slow = fast.clone();
            fast.blit(&glyph, x, 0, 1, 1);
            for gy in 0..3 {
                for gx in 0..12 {
                    if glyph.get(gx, gy) {
                        slow.set(x + gx, gy);
                    }
                }
            }
            assert_eq!(fast, slow, "at {x}");
        }
    }

    #[test]
    fn four_quarter_turns_are_none() {
        let mut b = Bitmap::new(5, 3);
        b.set(1, 0);
        b.set(4, 2);
        assert_eq!(b.clockwise().clockwise(), b.upside_down());
        assert_eq!(b.clockwise().counter_clockwise(), b);
    }
}
