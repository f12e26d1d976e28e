//! Pictures of one bit per dot, and sending them: bands of `GS v 0`, which every thermal printer knows, or of `ESC *`,
//! which those with nine pins know.
//!
//! A picture is aligned by white dots at its left, not by `ESC a`, which some boards ignore for raster.
//! Where a picture comes from is left to [`crate::picture`] and [`crate::qr`].

use crate::scan::completes;
use crate::writer::{Align, ESC, GS, LF};
use crate::{Head, Profile};

/// Bytes of one band at most, so that a band is one transfer and a printer with a small buffer keeps up.
const BAND_BYTES: usize = 4096;
/// Rows of one band: fewer cost headers, more have been seen to overflow cheap boards.
const BAND_ROWS: (usize, usize) = (24, 128);

/// Rows that nine pins print at once as a picture.
const PINS: usize = 8;
/// Feed of eight pins of 1/72 inch, in the 1/144 inch that impact printers feed by.
const PINS_FEED: u8 = 16;

/// A picture, one bit per dot, 1 is black, the left dot in the highest bit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bitmap {
    width: usize,
    row_bytes: usize,
    bits: Vec<u8>,
}

impl Bitmap {
    /// A white picture.
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let row_bytes = width.div_ceil(8);
        Self { width, row_bytes, bits: vec![0; row_bytes * height] }
    }

    /// A picture of these rows. Whole bytes that are white in all of them are left out at the right. None if it has
    /// another size, or nothing in it.
    pub(crate) fn from_rows(width: usize, height: usize, mut rows: Vec<u8>) -> Option<Self> {
        let row_bytes = width.div_ceil(8);
        if row_bytes == 0 || height == 0 || rows.len() != row_bytes * height {
            return None;
        }
        let used = rows.chunks_exact(row_bytes).map(used).max().unwrap_or(0).max(1);
        if used < row_bytes {
            for row in 0..height {
                rows.copy_within(row * row_bytes..row * row_bytes + used, row * used);
            }
            rows.truncate(used * height);
        }
        Some(Self { width: width.min(used * 8), row_bytes: used, bits: rows })
    }

    /// Bytes of its rows.
    pub(crate) fn bytes(&self) -> usize {
        self.bits.len()
    }

    /// Width and height, in dots.
    #[cfg(test)]
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.width, self.bits.len() / self.row_bytes.max(1))
    }

    /// Makes a dot black. Outside the picture nothing happens.
    pub(crate) fn set(&mut self, x: usize, y: usize) {
        if x < self.width
            && let Some(byte) = self.bits.get_mut(y * self.row_bytes + x / 8)
        {
            *byte |= 0x80 >> (x % 8);
        }
    }

    /// Writes the picture as the printer takes it, on a line of its own.
    pub(crate) fn put(&self, out: &mut Vec<u8>, profile: &Profile, align: Align) {
        match profile.head {
            Head::Thermal => self.write(out, profile.dots, align),
            Head::NinePin => self.write_columns(out, profile.picture_dots(), align),
        }
    }

    /// Whether a dot is black.
    fn get(&self, x: usize, y: usize) -> bool {
        x < self.width
            && self.bits.get(y * self.row_bytes + x / 8).is_some_and(|byte| byte & 0x80 >> (x % 8) != 0)
    }

    /// Writes the picture in bands of eight rows, column by column, for paper of so many dots.
    ///
    /// In one direction only (`ESC U`): where the head comes back from the right, the dots of two bands do not meet, and
    /// no reader reads the code. A real-time command in the data gets a dot by the scanner.
    fn write_columns(&self, out: &mut Vec<u8>, paper: u16, align: Align) {
        if self.row_bytes == 0 {
            return;
        }
        let free = usize::from(paper).saturating_sub(self.width);
        let left = match align {
            Align::Left => 0,
            Align::Center => free / 2,
            Align::Right => free,
        };
        out.extend_from_slice(&[ESC, b'U', 1, ESC, b'3', PINS_FEED]);
        for top in (0..self.bits.len() / self.row_bytes).step_by(PINS) {
            let column = |x| (0..PINS).fold(0, |byte, pin| byte << 1 | u8::from(self.get(x, top + pin)));
            let mut columns: Vec<u8> = (0..self.width).map(column).collect();
            // The head need not go where nothing is.
            columns.truncate(columns.iter().rposition(|column| *column != 0).map_or(1, |last| last + 1));
            let [low, high] = ((left + columns.len()) as u16).to_le_bytes();
            out.extend_from_slice(&[ESC, b'*', 0, low, high]);
            out.resize(out.len() + left, 0);
            out.append(&mut columns);
            out.push(LF);
        }
        out.extend_from_slice(&[ESC, b'2', ESC, b'U', 0]);
    }

    /// Writes the picture in bands, for paper of so many dots.
    ///
    /// Where the end of one row and the beginning of the next make a real-time command, a new band is
    /// begun between them: its header separates them, and no dot is changed. Inside a row that does not
    /// help; the scanner sets a dot there.
    pub(crate) fn write(&self, out: &mut Vec<u8>, paper: u16, align: Align) {
        let free = usize::from(paper).saturating_sub(self.width);
        let left = match align {
            Align::Left => 0,
            Align::Center => free / 16,
            Align::Right => free / 8,
        };
        let row_bytes = left + self.row_bytes;
        if self.row_bytes == 0 {
            return;
        }
        let rows_max = (BAND_BYTES / row_bytes).clamp(BAND_ROWS.0, BAND_ROWS.1);
        let height = self.bits.len() / self.row_bytes;
        out.reserve(row_bytes * height + (height / rows_max + 1) * 8);
        let mut header = 0;
        let mut rows = 0;
        for row in self.bits.chunks_exact(self.row_bytes) {
            if rows == rows_max || (rows > 0 && joins(out, left, row)) {
                set_rows(out, header, rows);
                rows = 0;
            }
            if rows == 0 {
                header = out.len();
                let [low, high] = (row_bytes as u16).to_le_bytes();
                out.extend_from_slice(&[GS, b'v', b'0', 0, low, high, 0, 0]);
            }
            out.resize(out.len() + left, 0);
            out.extend_from_slice(row);
            rows += 1;
        }
        if rows > 0 {
            set_rows(out, header, rows);
        }
    }
}

/// Bytes of a row up to the last black dot.
fn used(row: &[u8]) -> usize {
    row.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

/// The height of a band, which is known only at its end.
fn set_rows(out: &mut [u8], header: usize, rows: usize) {
    if let Some(field) = out.get_mut(header + 6..header + 8) {
        field.copy_from_slice(&(rows as u16).to_le_bytes());
    }
}

/// Whether a real-time command would reach over the border to the next row.
fn joins(out: &[u8], left: usize, row: &[u8]) -> bool {
    let [.., a, b] = out else { return false };
    let at = |index: usize| if index < left { Some(0) } else { row.get(index - left).copied() };
    let (c, d) = (at(0), at(1));
    (*a == 0x10 && completes(*b, c)) || (*b == 0x10 && c.is_some_and(|c| completes(c, d)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::find_real_time;

    fn of_rows(rows: &[[u8; 3]]) -> Vec<u8> {
        let bitmap = Bitmap { width: 24, row_bytes: 3, bits: rows.concat() };
        let mut out = Vec::new();
        bitmap.write(&mut out, 24, Align::Left);
        out
    }

    #[test]
    fn bands_are_small_and_hold_all_rows() {
        let bitmap = Bitmap::new(576, 300);
        let mut out = Vec::new();
        bitmap.write(&mut out, 576, Align::Left);
        // 56 rows of 72 bytes fit into 4096 bytes: 5 bands and 20 rows.
        assert_eq!(out.len(), 300 * 72 + 6 * 8);
        assert_eq!(out[..8], [GS, b'v', b'0', 0, 72, 0, 56, 0]);
        assert_eq!(out[5 * (56 * 72 + 8)..][..8], [GS, b'v', b'0', 0, 72, 0, 20, 0]);
    }

    #[test]
    fn nine_pins_get_columns_of_eight_dots_and_the_line_spacing_back() {
        let mut bitmap = Bitmap::new(3, 9);
        for (x, y) in [(0, 0), (1, 7), (0, 8)] {
            bitmap.set(x, y);
        }
        let mut out = Vec::new();
        bitmap.put(&mut out, &Profile::mm76(), Align::Right);
        let band = |columns: &[u8]| {
            let count = 197 + columns.len() as u8;
            [&[ESC, b'*', 0, count, 0][..], &[0; 197], columns, b"\n"].concat()
        };
        let expected =
            [b"\x1bU\x01\x1b3\x10", &band(&[0x80, 1])[..], &band(&[0x80]), b"\x1b2\x1bU\0"].concat();
        assert_eq!(out, expected);
    }

    #[test]
    fn alignment_is_white_bytes() {
        let mut bitmap = Bitmap::new(8, 1);
        bitmap.set(0, 0);
        bitmap.set(8, 0);
        bitmap.set(0, 1);
        let mut out = Vec::new();
        bitmap.write(&mut out, 40, Align::Center);
        assert_eq!(out[4..], [3, 0, 1, 0, 0, 0, 0x80]);
        out.clear();
        bitmap.write(&mut out, 40, Align::Right);
        assert_eq!(out[4..], [5, 0, 1, 0, 0, 0, 0, 0, 0x80]);
    }

    #[test]
    fn a_real_time_command_over_two_rows_gets_a_new_band_and_loses_nothing() {
        for rows in [
            [[0, 0, 0x10], [0x04, 0x01, 0]],
            [[0, 0x10, 0x05], [0x00, 0xff, 0]],
            [[0, 0, 0x10], [0x14, 0xff, 0]],
        ] {
            let out = of_rows(&rows);
            assert!(find_real_time(&out).is_empty(), "{out:02x?}");
            let dots: Vec<u8> = out.chunks(11).flat_map(|band| band[8..].to_vec()).collect();
            assert_eq!(dots, rows.concat());
        }
        // The same bytes without a real-time command: one band.
        assert_eq!(of_rows(&[[0, 0, 0x10], [0x04, 0x09, 0]]).len(), 14);
    }
}
