//! A picture of one bit per dot.

use crate::limits::{PICTURE_HEIGHT_MAX, PICTURE_WIDTH_MAX};

/// A picture: one bit per dot, 1 is black, the left dot of a byte in its highest bit, rows of whole bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canvas {
    width: u16,
    height: u16,
    bits: Vec<u8>,
}

impl Canvas {
    /// A white picture, of at most [`PICTURE_WIDTH_MAX`] by [`PICTURE_HEIGHT_MAX`] dots.
    #[must_use]
    pub fn new(width: u16, height: u16) -> Self {
        Self::paper(width, height.min(PICTURE_HEIGHT_MAX))
    }

    /// A white picture of any height, for a whole receipt; at most [`PICTURE_WIDTH_MAX`] dots wide.
    #[must_use]
    pub fn paper(width: u16, height: u16) -> Self {
        let width = width.min(PICTURE_WIDTH_MAX);
        Self { width, height, bits: vec![0; usize::from(width).div_ceil(8) * usize::from(height)] }
    }

    /// Dots across.
    #[must_use]
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Rows of dots.
    #[must_use]
    pub const fn height(&self) -> u16 {
        self.height
    }

    /// Bytes of one row.
    #[must_use]
    pub const fn row_bytes(&self) -> usize {
        (self.width as usize).div_ceil(8)
    }

    /// The rows, one after the other.
    #[must_use]
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// The rows, taken out.
    #[must_use]
    pub fn into_bits(self) -> Vec<u8> {
        self.bits
    }

    /// Whether a dot is black. Outside of the picture none is.
    #[must_use]
    pub fn is_black(&self, x: i32, y: i32) -> bool {
        self.at(x, y).is_some_and(|(byte, bit)| self.bits.get(byte).is_some_and(|byte| byte & bit != 0))
    }

    /// Makes a dot black. Outside of the picture nothing happens.
    pub fn set(&mut self, x: i32, y: i32) {
        if let Some((byte, bit)) = self.at(x, y)
            && let Some(byte) = self.bits.get_mut(byte)
        {
            *byte |= bit;
        }
    }

    /// Makes a rectangle black, or turns its dots around.
    pub fn fill(&mut self, x: std::ops::Range<i32>, y: std::ops::Range<i32>, how: Fill) {
        let within = |range: std::ops::Range<i32>, max: u16| range.start.max(0)..range.end.min(max.into());
        for y in within(y, self.height) {
            for x in within(x.clone(), self.width) {
                if let Some((byte, bit)) = self.at(x, y)
                    && let Some(byte) = self.bits.get_mut(byte)
                {
                    match how {
                        Fill::Black => *byte |= bit,
                        Fill::Reverse => *byte ^= bit,
                    }
                }
            }
        }
    }

    /// Byte and bit of a dot.
    fn at(&self, x: i32, y: i32) -> Option<(usize, u8)> {
        let (x, y) = (u16::try_from(x).ok()?, u16::try_from(y).ok()?);
        let inside = x < self.width && y < self.height;
        inside.then(|| (usize::from(y) * self.row_bytes() + usize::from(x) / 8, 0x80 >> (x % 8)))
    }
}

/// What [`Canvas::fill`] does with the dots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// Makes them black.
    Black,
    /// Makes black ones white and white ones black.
    Reverse,
}
