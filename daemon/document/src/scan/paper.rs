//! What commands do to the paper: lines, dot rows, and whether a line is begun.
//!
//! Lengths are exact for what this crate writes and an estimate for other streams: the printer's motion
//! unit, its fonts and the pictures in its memory are not in the document. The estimate is used for
//! "can this be printed now" and for the expected end, never as evidence.

use super::command::Op;
use crate::{CodePages, Grid, KanjiMode, Profile, qr};

/// Height of a barcode at power-on, in rows (Epson `GS h`: 162).
const BARCODE_HEIGHT: u32 = 162;
/// Assumed height of what is only known to the printer, in 1/8 mm: 25 mm.
const UNKNOWN_HEIGHT: u32 = 200;

/// What one command did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing was put on paper.
    None,
    /// What was begun is on paper now, and the next line has not begun.
    Printed,
    /// A band of a picture is on paper; the next band may join it.
    Band,
}

/// A page of page mode.
#[derive(Debug, Clone, Copy)]
struct Page {
    /// Offset of `ESC L`.
    opened: usize,
    /// Lower edge of the print area, in rows.
    area: u32,
    /// What was fed inside it, in rows.
    used: u32,
    /// `ESC FF` printed it, and the mode was not left since.
    printed: bool,
}

/// Modes and sums while a stream is read. Heights are rows of the head's grid.
#[derive(Debug)]
pub(super) struct Paper<'a> {
    profile: &'a Profile,
    grid: Grid,
    /// Printed lines.
    pub(super) lines: u32,
    /// Rows used.
    rows: u32,
    /// Something stands in the line buffer.
    pub(super) pending: bool,
    /// A block was counted behind it.
    counted: bool,
    /// Chinese was switched on by the document itself.
    pub(super) kanji: bool,
    /// Bytes of 80 hex and more are halves of Chinese characters. Only a printer that is known to have code pages is trusted
    /// to leave Chinese for them.
    pairs: bool,
    /// The document opens a drawer.
    pub(super) drawer: bool,
    /// The document cuts.
    pub(super) cut: bool,
    /// Lines that the printer broke because they were longer than the paper.
    pub(super) wrapped: u32,
    page: Option<Page>,
    x: u32,
    line_height: u32,
    spacing: u32,
    units_per_inch: u32,
    font_b: bool,
    width: u32,
    height: u32,
    barcode_height: u32,
    barcode_text: u32,
    qr_module: u32,
    qr_level: u8,
    symbol_bytes: u32,
    picture_rows: u32,
}

impl<'a> Paper<'a> {
    pub(super) fn new(profile: &'a Profile) -> Self {
        let grid = profile.grid();
        Self {
            profile,
            grid,
            lines: 0,
            rows: 0,
            pending: false,
            counted: false,
            kanji: false,
            pairs: profile.kanji != KanjiMode::None,
            drawer: false,
            cut: false,
            wrapped: 0,
            page: None,
            x: 0,
            line_height: 0,
            spacing: grid.rows(profile.line_dots.into()),
            units_per_inch: grid.units_per_inch,
            font_b: profile.begins_with_font_b(),
            width: 1,
            height: 1,
            barcode_height: BARCODE_HEIGHT,
            barcode_text: 0,
            qr_module: 3,
            qr_level: 48,
            symbol_bytes: 0,
            picture_rows: 0,
        }
    }

    /// Paper used, in dot rows of 1/8 mm.
    pub(super) fn dots(&self) -> u32 {
        self.grid.eighths(self.rows)
    }

    /// Offset of the `ESC L` whose page is still open.
    pub(super) fn open_page(&self) -> Option<usize> {
        self.page.map(|page| page.opened)
    }

    /// Carries out a command at `offset`, of which `bytes` are the bytes.
    pub(super) fn apply(&mut self, op: Op, offset: usize, bytes: &[u8]) -> Effect {
        match op {
            Op::Setting | Op::StorePicture { rows: 0, .. } => Effect::None,
            Op::Init => self.init(),
            Op::Text => self.text(bytes),
            // To the next stop: four characters on average, with stops at every eight.
            Op::Tab => self.text(b"    "),
            Op::LinePicture { .. } => {
                self.pending = true;
                self.line_height = self.line_height.max(self.grid.line_picture_rows);
                Effect::None
            }
            Op::LineFeed => self.feed(0, 1),
            Op::FeedLines(n) => self.feed(0, n.into()),
            Op::FeedUnits(n) => self.feed(self.units(n.into()), 0),
            Op::LineSpacing(spacing) => {
                let usual = self.grid.rows(self.profile.line_dots.into());
                self.spacing = spacing.map_or(usual, |units| self.units(units.into()));
                Effect::None
            }
            Op::Size(n) => self.size(u32::from(n >> 4 & 7) + 1, u32::from(n & 7) + 1),
            Op::Mode(n) => {
                self.font_b = n & 1 != 0;
                self.size(u32::from(n >> 5 & 1) + 1, u32::from(n >> 4 & 1) + 1)
            }
            Op::Font(n) => {
                self.font_b = n & 1 != 0;
                Effect::None
            }
            Op::MotionUnits(y) => {
                self.units_per_inch = if y == 0 { self.grid.units_per_inch } else { y.into() };
                Effect::None
            }
            Op::Kanji(on) => {
                self.kanji = on;
                if self.profile.code_pages != CodePages::NONE {
                    self.pairs = on && self.profile.kanji != KanjiMode::None;
                }
                Effect::None
            }
            Op::PageMode => {
                if self.page.is_none() {
                    self.page = Some(Page { opened: offset, area: 0, used: 0, printed: false });
                }
                Effect::None
            }
            Op::StandardMode => self.leave_page(),
            Op::PageArea(bottom) => {
                let bottom = self.units(bottom);
                if let Some(page) = &mut self.page {
                    page.area = page.area.max(bottom);
                }
                Effect::None
            }
            Op::FormFeed if self.page.is_some() => {
                self.print_page();
                self.leave_page()
            }
            Op::FormFeed => self.feed(0, 1),
            Op::PrintPage => {
                self.print_page();
                Effect::None
            }
            Op::Picture { rows, .. } => self.block(rows, Effect::Band),
            Op::StorePicture { rows, .. } => {
                self.picture_rows = rows;
                Effect::None
            }
            Op::PrintPicture => self.block(self.picture_rows, Effect::Band),
            Op::PrintUnknown => self.block(self.grid.rows(UNKNOWN_HEIGHT), Effect::Printed),
            Op::BarcodeHeight(n) => {
                self.barcode_height = n.into();
                Effect::None
            }
            Op::BarcodeText(n) => {
                self.barcode_text = (u32::from(n & 1) + u32::from(n >> 1 & 1)) * self.grid.letter_rows;
                Effect::None
            }
            Op::Barcode => self.block(self.barcode_height + self.barcode_text, Effect::Printed),
            Op::QrModule(n) => {
                self.qr_module = n.into();
                Effect::None
            }
            Op::QrLevel(n) => {
                self.qr_level = n;
                Effect::None
            }
            Op::StoreSymbol(bytes) => {
                self.symbol_bytes = bytes;
                Effect::None
            }
            Op::PrintSymbol => {
                let modules = qr::modules(self.symbol_bytes as usize, qr::Level::of_command(self.qr_level))
                    .unwrap_or(qr::MODULES_MAX);
                self.block(modules * self.qr_module, Effect::Printed)
            }
            // Printers cut only at the start of a line; a line that is begun stays begun.
            Op::Cut { feed } => {
                self.cut = true;
                if let Some(units) = feed {
                    let to_blade = self.grid.rows(self.profile.feed_before_cut_dots.into());
                    self.advance(to_blade + self.units(units.into()));
                }
                Effect::None
            }
            Op::Drawer => {
                self.drawer = true;
                Effect::None
            }
        }
    }

    /// Vertical motion units in rows.
    fn units(&self, units: u32) -> u32 {
        (units * self.grid.rows_per_inch + self.units_per_inch / 2) / self.units_per_inch.max(1)
    }

    fn size(&mut self, width: u32, height: u32) -> Effect {
        (self.width, self.height) = (width, height);
        Effect::None
    }

    /// Paper moves, or in page mode the place inside the page.
    fn advance(&mut self, rows: u32) {
        match &mut self.page {
            Some(page) => page.used = page.used.saturating_add(rows),
            None => self.rows = self.rows.saturating_add(rows),
        }
    }

    /// Characters of one byte, or halves of a Chinese character, are put in the line buffer; a full
    /// line is printed by itself.
    fn text(&mut self, bytes: &[u8]) -> Effect {
        let (narrow, height) = self.profile.font(self.font_b);
        let high = crate::eight::high(bytes);
        let hanzi_alone = self.pairs && high as usize == bytes.len();
        let height = if hanzi_alone { self.grid.hanzi_rows } else { height };
        // Without Chinese they are letters of a code page, with it halves of Hanzi.
        let half = if self.pairs { u32::from(self.profile.hanzi_pitch().div_ceil(2)) } else { narrow };
        let width =
            narrow.saturating_mul(bytes.len() as u32 - high).saturating_add(half.saturating_mul(high));
        self.pending = true;
        self.line_height = self.line_height.max(height * self.height);
        self.x = self.x.saturating_add(width.saturating_mul(self.width));
        let paper = u32::from(self.profile.dots).max(1);
        // The line is full when the next character does not fit: exactly full is still one line.
        let full = (self.x.saturating_sub(1)) / paper;
        if full > 0 {
            self.x -= full * paper;
            self.count(full);
            self.wrapped = self.wrapped.saturating_add(full);
            self.advance(full.saturating_mul(self.line_height.max(self.spacing)));
        }
        Effect::None
    }

    fn count(&mut self, lines: u32) {
        if self.page.is_none() {
            self.lines = self.lines.saturating_add(lines);
        }
    }

    /// Prints what is in the line buffer, then feeds.
    fn feed(&mut self, rows: u32, lines: u32) -> Effect {
        let height = self.line_height.max(if lines == 0 { 0 } else { self.spacing });
        let printed = self.pending;
        // The first line feed moves past what was printed, the others past empty lines.
        let first =
            if printed { height.max(rows) } else { rows.max(if lines == 0 { 0 } else { self.spacing }) };
        self.advance(first.saturating_add(lines.saturating_sub(1).saturating_mul(self.spacing)));
        self.begin_line();
        if !printed || self.page.is_some() {
            return Effect::None;
        }
        self.count(1);
        self.counted = false;
        Effect::Printed
    }

    /// Something that is printed as a block of its own.
    ///
    /// With a line begun in front of it, printers differ: some print the line, some ignore the block. So
    /// the line counts as begun until something prints it for certain.
    fn block(&mut self, rows: u32, effect: Effect) -> Effect {
        self.advance(rows);
        self.count(1);
        if self.page.is_none() {
            self.counted = self.pending;
        }
        if self.page.is_some() || self.pending { Effect::None } else { effect }
    }

    /// The band that was printed last and the one before it are one line.
    pub(super) fn join_line(&mut self) {
        self.lines = self.lines.saturating_sub(1);
    }

    fn begin_line(&mut self) {
        self.pending = false;
        self.x = 0;
        self.line_height = 0;
    }

    fn print_page(&mut self) {
        self.begin_line();
        if let Some(page) = &mut self.page {
            page.printed = true;
            self.rows = self.rows.saturating_add(if page.area == 0 { page.used } else { page.area });
            page.used = 0;
            self.lines = self.lines.saturating_add(1);
        }
    }

    fn leave_page(&mut self) -> Effect {
        match self.page.take() {
            Some(page) => {
                self.begin_line();
                // A block that stands before the page still needs its proof: what is in a page proves nothing.
                let counted = std::mem::take(&mut self.counted);
                if page.printed || counted { Effect::Printed } else { Effect::None }
            }
            None => Effect::None,
        }
    }

    /// `ESC @`: a line that was begun is dropped, modes are as at power-on; sums stay.
    fn init(&mut self) -> Effect {
        // What was begun is dropped; a block behind it may be on the paper, so it needs its proof.
        let effect = if self.counted { Effect::Printed } else { self.leave_page() };
        *self = Self {
            lines: self.lines,
            rows: self.rows,
            drawer: self.drawer,
            cut: self.cut,
            wrapped: self.wrapped,
            ..Self::new(self.profile)
        };
        effect
    }
}
