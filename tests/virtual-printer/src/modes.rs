//! The modes that commands set and `ESC @` resets.
//!
//! Plain state and the arithmetic of motion units; nothing is printed from here.

use crate::glyphs::{Cell, Fonts};
use crate::line::Look;
use crate::model::{Head, Model};

/// `ESC 2`, rows: 1/6 inch is 33.9 dots; thermal printers of this class use 30.
const fn usual_spacing(head: Head) -> usize {
    match head {
        Head::Thermal => 30,
        Head::NinePin => 24,
    }
}

/// All modes.
#[derive(Clone, Debug)]
pub struct Modes {
    fonts: Fonts,
    /// What `ESC 2` sets, dots.
    pub usual_spacing: usize,
    /// Vertical motion units per inch when `GS P` sets none; 0 = rows.
    feed_units: u32,
    /// `ESC a`.
    pub align: u8,
    /// Font A or B.
    pub cell: Cell,
    /// `ESC E`.
    pub bold: bool,
    /// `ESC G`.
    pub double_strike: bool,
    /// `ESC -`.
    pub underline: u8,
    /// Width factor.
    pub sx: usize,
    /// Height factor.
    pub sy: usize,
    /// `GS B`.
    pub reverse: bool,
    /// `ESC {`.
    pub upside_down: bool,
    /// `ESC V`.
    pub rotate: bool,
    /// `ESC SP`, dots.
    pub spacing: usize,
    /// `ESC 3`, dots.
    pub line_spacing: usize,
    /// `ESC t`.
    pub code_page: u8,
    /// `ESC R`.
    pub charset: u8,
    /// `ESC D`, columns; empty = every eight.
    pub tabs: Vec<u8>,
    /// `GS L`, dots.
    pub left_margin: usize,
    /// `GS W`, dots.
    pub area_width: Option<usize>,
    /// `GS P`, units per inch, 0 = dots.
    pub units: (u8, u8),
    /// `GS H`.
    pub hri: u8,
    /// `GS f`.
    pub hri_cell: Cell,
    /// `GS h`, dots.
    pub bar_height: usize,
    /// `GS w`, dots.
    pub bar_width: usize,
    /// `FS -`.
    pub kanji_underline: u8,
    /// `FS !` and `FS W` width factor.
    pub kanji_sx: usize,
    /// `FS !` and `FS W` height factor.
    pub kanji_sy: usize,
    /// `FS S`, dots left and right.
    pub kanji_spacing: (usize, usize),
}

impl Modes {
    /// As at power-on. Nine pins begin with their narrow font.
    pub fn of(model: &Model) -> Self {
        let head = model.head;
        let fonts = Fonts::of(head);
        Self {
            fonts,
            usual_spacing: usual_spacing(head),
            feed_units: model.feed_units,
            align: 0,
            cell: if head == Head::NinePin { fonts.b } else { fonts.a },
            bold: false,
            double_strike: false,
            underline: 0,
            sx: 1,
            sy: 1,
            reverse: false,
            upside_down: false,
            rotate: false,
            spacing: 0,
            line_spacing: usual_spacing(head),
            code_page: 0,
            charset: 0,
            tabs: Vec::new(),
            left_margin: 0,
            area_width: None,
            units: (0, 0),
            hri: 0,
            hri_cell: fonts.a,
            bar_height: 162,
            bar_width: 3,
            kanji_underline: 0,
            kanji_sx: 1,
            kanji_sy: 1,
            kanji_spacing: (0, 0),
        }
    }

    /// `ESC !`.
    pub fn print_mode(&mut self, n: u8) {
        self.cell = if n & 1 == 1 { self.fonts.b } else { self.fonts.a };
        self.bold = n & 0x08 != 0;
        self.sy = if n & 0x10 != 0 { 2 } else { 1 };
        self.sx = if n & 0x20 != 0 { 2 } else { 1 };
        self.underline = u8::from(n & 0x80 != 0);
    }

    /// `FS !`.
    pub fn kanji_mode(&mut self, n: u8) {
        self.kanji_sx = if n & 0x04 != 0 { 2 } else { 1 };
        self.kanji_sy = if n & 0x08 != 0 { 2 } else { 1 };
        self.kanji_underline = u8::from(n & 0x80 != 0);
    }

    /// `GS !`: 0..7 in each nibble.
    pub fn size(&mut self, n: u8) {
        self.sx = usize::from(n >> 4 & 7) + 1;
        self.sy = usize::from(n & 7) + 1;
    }

    /// `ESC M`.
    pub fn font(&mut self, n: u8) {
        self.cell = self.font_of(n);
    }

    /// Font A or B by number or digit.
    pub fn font_of(&self, n: u8) -> Cell {
        if matches!(n, 1 | 49) { self.fonts.b } else { self.fonts.a }
    }

    /// Look of a single-byte character.
    pub fn look(&self) -> Look {
        Look {
            cell: self.cell,
            sx: self.sx,
            sy: self.sy,
            bold: self.bold || self.double_strike,
            underline: self.underline,
            reverse: self.reverse,
            rotate: self.rotate,
        }
    }

    /// Look of a multi-byte character: `GS !` and `FS !` both enlarge it, the larger one counts.
    pub fn kanji_look(&self) -> Look {
        Look {
            cell: self.fonts.hanzi,
            sx: self.sx.max(self.kanji_sx),
            sy: self.sy.max(self.kanji_sy),
            underline: self.underline.max(self.kanji_underline),
            ..self.look()
        }
    }

    /// Horizontal motion units to dots.
    pub fn horizontal(&self, n: i32, dpi: u32) -> i32 {
        scale(n, self.units.0.into(), dpi)
    }

    /// Vertical motion units to dots.
    pub fn vertical(&self, n: i32, dpi: u32) -> i32 {
        scale(n, if self.units.1 == 0 { self.feed_units } else { self.units.1.into() }, dpi)
    }
}

fn scale(n: i32, per_inch: u32, dpi: u32) -> i32 {
    if per_inch == 0 {
        return n;
    }
    n.saturating_mul(dpi.cast_signed()) / per_inch.cast_signed()
}
