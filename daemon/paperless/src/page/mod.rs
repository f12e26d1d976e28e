//! A page: what stands on the paper, read from the bytes of a copy.
//!
//! It is made from the bytes and not from the document they came from. So it is the same for JSON, text and raw
//! ESC/POS, for a copy that was spooled by an older version, and it has no more in it than the paper: card numbers
//! are masked already, and the lines of another copy are not there.
//!
//! [`Page::of`] is total: it reads whatever is given to it, in bounded time and memory, up to the first bytes that
//! are no command. What it can't know stays unknown: pictures in the printer's own memory, and how a maker's
//! firmware reads commands that makers read differently. Lengths are the estimate of `receiptd_document::scan`.

mod finish;
mod graphics;
mod letters;
mod line;
mod reader;

use std::sync::Arc;

use receiptd_document::{Drawn, Grid, Profile};

use crate::bitmap::Bitmap;
use crate::codes::{Bars, Matrix};

/// What stands on the paper, from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where the head can put dots; all lengths of the page are its places across and its rows down.
    pub grid: Grid,
    /// Printable width, in dots.
    pub dots: u32,
    /// Width of a character of Font A, in dots.
    pub narrow: u32,
    /// From one line to the next with the default spacing, in rows.
    pub line_rows: u32,
    /// Paper used, in rows, final feed included.
    pub length: u32,
    /// What is printed, ascending by `top`.
    pub blocks: Vec<Block>,
}

/// Something on the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Upper edge, in rows from the beginning.
    pub top: u32,
    /// Height of what is printed, in rows, without the space to the next line.
    pub height: u32,
    /// What it is.
    pub what: What,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A line of text.
    Row(Row),
    /// A picture. Bands that were printed as one are one.
    Picture(Picture),
    /// A QR code.
    Qr(Qr),
    /// A barcode.
    Barcode(Barcode),
    /// A cut.
    Cut,
    /// Something that only the printer knows: a picture of its own memory, a code of another kind.
    Unknown(&'static str),
}

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// At the left edge.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right edge.
    Right,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What was asked for by `ESC a`; the places of the runs have it in them.
    pub align: Align,
    /// From left to right as they were written; no run is empty.
    pub runs: Vec<Run>,
}

/// Characters of one style and one width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Left edge, in dots from the left edge of the paper.
    pub left: u32,
    /// From one character to the next, in dots.
    pub advance: u32,
    /// Width of a character itself before it is enlarged, without the space behind it, in dots.
    pub cell: u32,
    /// Chinese characters.
    pub wide: bool,
    /// How they look.
    pub style: Style,
    /// The characters.
    pub text: String,
}

impl Run {
    /// Characters of one byte as at power-on, from the left edge on.
    #[must_use]
    pub const fn plain(cell: u32, text: String) -> Self {
        Self { left: 0, advance: cell, cell, wide: false, style: Style::PLAIN, text }
    }

    /// The right edge, in dots.
    #[must_use]
    pub fn right(&self) -> u32 {
        self.left.saturating_add(self.advance.saturating_mul(self.text.chars().count() as u32))
    }
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Fat.
    pub bold: bool,
    /// Height of the line below it, in rows: 0 if there is none.
    pub underline: u8,
    /// White on black.
    pub reverse: bool,
    /// The small font.
    pub font_b: bool,
    /// Times the normal width, 1 to 8.
    pub width: u8,
    /// Times the normal height, 1 to 8.
    pub height: u8,
}

impl Style {
    /// As at power-on.
    pub const PLAIN: Self =
        Self { bold: false, underline: 0, reverse: false, font_b: false, width: 1, height: 1 };

    /// Whether it is larger than normal in any direction.
    #[must_use]
    pub const fn is_large(self) -> bool {
        self.width > 1 || self.height > 1
    }
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Left edge, in dots.
    pub left: u32,
    /// Its dots.
    pub dots: Arc<Bitmap>,
    /// What it says, if it is a line of text that was drawn.
    pub text: Option<Text>,
}

/// What a picture says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The words, with blanks where they stand apart, from the left edge of the paper.
    pub words: Arc<str>,
    /// Rows of the whole picture.
    pub rows: u32,
}

/// A QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    /// Left edge, in dots.
    pub left: u32,
    /// Dots per module.
    pub module: u32,
    /// What a reader shows. Bytes that are no UTF-8 are shown as U+FFFD.
    pub data: String,
    /// Its modules. None if no code holds the data, or there are too many codes on the page.
    pub matrix: Option<Arc<Matrix>>,
}

/// A barcode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barcode {
    /// Left edge, in dots.
    pub left: u32,
    /// Dots per module.
    pub module: u32,
    /// Height of the bars, in rows.
    pub bar_height: u32,
    /// Its data, without what is only for the printer.
    pub data: String,
    /// The name of its kind.
    pub kind: &'static str,
    /// The data are printed above and below it.
    pub text: (bool, bool),
    /// Its bars. None if the data do not fit the kind, or nobody here can draw it.
    pub bars: Option<Arc<Bars>>,
}

impl Barcode {
    /// The data as printers write them below the bars: those of CODE39 with the sign that it begins and ends with.
    #[must_use]
    pub fn printed(&self) -> String {
        match self.kind {
            "CODE39" => format!("*{}*", self.data.trim_matches('*')),
            _ => self.data.clone(),
        }
    }
}

impl Page {
    /// Reads the bytes of a copy: its mark, if it has one, its body and its tail, one behind the other.
    #[must_use]
    pub fn of(bytes: &[u8], profile: &Profile) -> Self {
        reader::read(bytes, profile, &[])
    }

    /// Reads bytes of which it is known what the lines say that were drawn.
    #[must_use]
    pub fn with_drawn(bytes: &[u8], profile: &Profile, drawn: &[Drawn]) -> Self {
        reader::read(bytes, profile, drawn)
    }

    /// Paper that is not printed on, at each side, in millimetres: 58 mm paper has 48 mm of dots, 80 mm has 72, and the 76 mm
    /// of nine pins 63.5.
    #[must_use]
    pub fn side_mm(&self) -> u32 {
        let (printable, _) = self.grid.millimetres(self.dots, 0);
        match (self.grid.is_pins(), printable) {
            (true, _) => 6,
            (false, ..=60) => 5,
            (false, _) => 4,
        }
    }

    /// Characters of Font A in one line.
    #[must_use]
    pub fn columns(&self) -> u32 {
        self.dots.checked_div(self.narrow).unwrap_or(0)
    }

    /// The blocks without the cuts at the end.
    #[must_use]
    pub fn content(&self) -> &[Block] {
        let end = self.blocks.iter().rposition(|block| block.what != What::Cut).map_or(0, |last| last + 1);
        self.blocks.get(..end).unwrap_or_default()
    }

    /// The first line of text that is not blank, for a title.
    #[must_use]
    pub fn first_line(&self) -> Option<String> {
        self.blocks.iter().find_map(|block| match &block.what {
            What::Row(row) => {
                let text = row.text();
                let text = text.trim();
                text.chars().any(char::is_alphanumeric).then(|| text.to_owned())
            }
            _ => None,
        })
    }
}

impl Row {
    /// Its characters one behind the other.
    #[must_use]
    pub fn text(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }
}
