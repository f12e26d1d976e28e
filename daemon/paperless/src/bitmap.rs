//! Dots: what a picture is made of, and what a page is painted on.

use receiptd_document::Grid;

/// A rectangle of dots, one bit each, 1 is black, the left dot in the highest bit, rows padded to bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    width: u32,
    height: u32,
    bits: Vec<u8>,
}

impl Bitmap {
    /// A white one.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, bits: vec![0; width.div_ceil(8) as usize * height as usize] }
    }

    /// Rows of whole bytes, as `GS v 0` has them. What is missing is white.
    pub(crate) fn of_rows(row_bytes: usize, rows: usize, data: &[u8]) -> Self {
        let mut bitmap = Self::new((row_bytes * 8) as u32, rows as u32);
        let len = bitmap.bits.len().min(data.len());
        if let (Some(to), Some(from)) = (bitmap.bits.get_mut(..len), data.get(..len)) {
            to.copy_from_slice(from);
        }
        bitmap
    }

    /// Columns of so many bytes each, the upper dot in the highest bit, as `ESC *` and `GS *` have them.
    pub(crate) fn of_columns(column_bytes: usize, data: &[u8]) -> Self {
        let columns = data.len() / column_bytes.max(1);
        let mut bitmap = Self::new(columns as u32, (column_bytes * 8) as u32);
        for (x, column) in data.chunks_exact(column_bytes.max(1)).enumerate() {
            for (index, byte) in column.iter().enumerate() {
                for bit in (0..8).filter(|bit| byte & (0x80 >> bit) != 0) {
                    bitmap.set(x as u32, (index * 8 + bit) as u32);
                }
            }
        }
        bitmap
    }

    /// Dots across.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Dots down.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// The rows, each of whole bytes.
    #[must_use]
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    const fn place(&self, x: u32, y: u32) -> usize {
        y as usize * self.width.div_ceil(8) as usize + x as usize / 8
    }

    /// Whether a dot is black. Outside all is white.
    #[must_use]
    pub fn get(&self, x: u32, y: u32) -> bool {
        x < self.width && self.bits.get(self.place(x, y)).is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }

    /// Makes a dot black. Outside nothing happens.
    pub fn set(&mut self, x: u32, y: u32) {
        let at = self.place(x, y);
        if x < self.width
            && let Some(byte) = self.bits.get_mut(at)
        {
            *byte |= 0x80 >> (x % 8);
        }
    }

    /// Turns a dot into the other colour. Outside nothing happens.
    pub(crate) fn flip(&mut self, x: u32, y: u32) {
        let at = self.place(x, y);
        if x < self.width
            && let Some(byte) = self.bits.get_mut(at)
        {
            *byte ^= 0x80 >> (x % 8);
        }
    }

    /// Each dot as a block of so many.
    pub(crate) fn scaled(&self, times_x: u32, times_y: u32) -> Self {
        let mut out = Self::new(self.width * times_x, self.height * times_y);
        for y in 0..self.height * times_y {
            for x in (0..self.width * times_x).filter(|x| self.get(x / times_x.max(1), y / times_y.max(1))) {
                out.set(x, y);
            }
        }
        out
    }

    /// Puts the black dots of another one on this one.
    pub(crate) fn put(&mut self, other: &Self, left: u32, top: u32) {
        for y in 0..other.height {
            for x in (0..other.width).filter(|x| other.get(*x, y)) {
                self.set(left.saturating_add(x), top.saturating_add(y));
            }
        }
    }

    /// The same with white at the right, up to a width.
    pub(crate) fn widened(self, width: u32) -> Self {
        if width <= self.width {
            return self;
        }
        let mut out = Self::new(width, self.height);
        out.put(&self, 0, 0);
        out
    }

    /// Another one below it, of the same width.
    pub(crate) fn append(&mut self, below: &Self) {
        if below.width == self.width {
            self.bits.extend_from_slice(&below.bits);
            self.height += below.height;
        }
    }

    /// The columns that have a black dot: the first and the one behind the last. None if all is white.
    #[must_use]
    pub fn ink(&self) -> Option<(u32, u32)> {
        let row_bytes = self.width.div_ceil(8) as usize;
        let mut any = vec![0_u8; row_bytes];
        for row in self.bits.chunks_exact(row_bytes.max(1)) {
            any.iter_mut().zip(row).for_each(|(sum, byte)| *sum |= byte);
        }
        let first = any.iter().position(|byte| *byte != 0)?;
        let last = any.iter().rposition(|byte| *byte != 0)?;
        let begin = first as u32 * 8 + any.get(first)?.leading_zeros();
        let end = last as u32 * 8 + 8 - any.get(last)?.trailing_zeros();
        Some((begin, end.min(self.width)))
    }

    /// The columns from `left` to `right`.
    pub(crate) fn columns(&self, left: u32, right: u32) -> Self {
        let mut out = Self::new(right.min(self.width).saturating_sub(left), self.height);
        for y in 0..self.height {
            for x in (0..out.width).filter(|x| self.get(left + x, y)) {
                out.set(x, y);
            }
        }
        out
    }

    /// As a PNG of one bit per dot, black on white, which says how far the dots are apart.
    #[must_use]
    pub fn png(&self, grid: Grid) -> Vec<u8> {
        let (xppu, yppu) = grid.per_metre;
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, self.width.max(1), self.height.max(1));
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder.set_compression(png::Compression::High);
        encoder.set_pixel_dims(Some(png::PixelDimensions { xppu, yppu, unit: png::Unit::Meter }));
        // In a PNG 1 is white.
        let mut white: Vec<u8> = self.bits.iter().map(|byte| !byte).collect();
        if white.is_empty() {
            white.push(0xff);
        }
        // Writing into memory fails for no size that was checked before; an empty file is no picture to anybody.
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&white));
        if written.is_err() {
            out.clear();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_are_read_as_printers_read_them() {
        let rows = Bitmap::of_rows(1, 2, &[0x80, 0x01]);
        assert!(rows.get(0, 0) && rows.get(7, 1) && !rows.get(1, 0));
        let columns = Bitmap::of_columns(3, &[0x80, 0, 0, 0, 0, 0x01]);
        assert_eq!((columns.width(), columns.height()), (2, 24));
        assert!(columns.get(0, 0) && columns.get(1, 23) && !columns.get(1, 0));
    }

    #[test]
    fn ink_is_found_to_the_dot() {
        let mut bitmap = Bitmap::new(30, 3);
        assert_eq!(bitmap.ink(), None);
        bitmap.set(9, 1);
        bitmap.set(20, 2);
        assert_eq!(bitmap.ink(), Some((9, 21)));
        let cut = bitmap.columns(9, 21);
        assert_eq!((cut.width(), cut.get(0, 1), cut.get(11, 2)), (12, true, true));
        assert_eq!(bitmap.scaled(2, 1).ink(), Some((18, 42)));
    }

    #[test]
    fn a_png_has_the_dots() {
        let mut bitmap = Bitmap::new(9, 2);
        bitmap.set(8, 1);
        let bytes = bitmap.png(Grid::NINE_PIN);
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let pitch = reader.info().pixel_dims.unwrap();
        assert_eq!((pitch.xppu, pitch.yppu, pitch.unit), (6299, 5669, png::Unit::Meter));
        let mut dots = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut dots).unwrap();
        assert_eq!((info.width, info.height), (9, 2));
        assert_eq!(dots, [0xff, 0xff, 0xff, 0x7f]);
    }
}
