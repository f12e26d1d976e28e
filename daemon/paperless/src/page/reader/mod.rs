//! Carries the commands out, as far as they put something on paper or decide where it goes.
//!
//! Which bytes are one command is said by `receiptd_document::scan`, and lengths follow its account of the paper.
//! Commands that are not named here change nothing that can be seen on a page.

mod blocks;
mod commands;
mod lines;

use std::sync::Arc;

use receiptd_document::limits::PAPER_DOTS_MAX;
use receiptd_document::{Drawn, Grid, KanjiMode, Profile, scan};

use super::finish::{joined, seen};
use super::line::Line;
use super::{Align, Block, Page, Style};
use crate::bitmap::Bitmap;
use crate::codes::Matrix;
use crate::limits::CODES_MAX;

/// Height of a barcode at power-on, in dot rows.
const BARCODE_HEIGHT: u32 = 162;

/// What is set back by `ESC @`.
#[derive(Debug, Clone)]
struct Modes {
    /// Without the font, which is beside it.
    style: Style,
    font_b: bool,
    /// `FS !` and `FS W`: Chinese characters have another size.
    wide_size: Option<(u8, u8)>,
    /// `FS !` and `FS -`: Chinese characters have a line below them.
    wide_underline: u8,
    /// Space behind characters of one byte, and on both sides of Chinese ones, in dots.
    gaps: (u32, u32),
    kanji: bool,
    code_page: u8,
    align: Align,
    spacing: u32,
    /// Units per inch, across and down.
    units: (u32, u32),
    margin: u32,
    area: Option<u32>,
    /// In dots.
    tabs: Option<Vec<u32>>,
    bar_module: u32,
    bar_height: u32,
    bar_text: u8,
    qr_module: u32,
    qr_level: u8,
}

/// A page of page mode.
#[derive(Debug, Default)]
struct Sheet {
    blocks: Vec<Block>,
    y: u32,
    /// Lower edge of the print area, in rows.
    bottom: u32,
    /// Upper left corner of the print area, in dots.
    origin: (u32, u32),
}

struct Reader<'a> {
    profile: &'a Profile,
    grid: Grid,
    modes: Modes,
    line: Line,
    sheet: Option<Sheet>,
    y: u32,
    blocks: Vec<Block>,
    codes: usize,
    symbol: Vec<u8>,
    symbol_kind: u8,
    matrix: Option<(Vec<u8>, u8, Option<Arc<Matrix>>)>,
    stored: Option<Arc<Bitmap>>,
    downloaded: Option<Arc<Bitmap>>,
    /// What the picture says that begins with this command.
    drawn: Option<&'a Drawn>,
}

impl Modes {
    fn of(profile: &Profile) -> Self {
        let grid = profile.grid();
        Self {
            style: Style::PLAIN,
            font_b: profile.begins_with_font_b(),
            wide_size: None,
            wide_underline: 0,
            gaps: (0, 0),
            kanji: profile.kanji != KanjiMode::None,
            code_page: 0,
            align: Align::Left,
            spacing: grid.rows(profile.line_dots.into()),
            units: (grid.across_per_inch, grid.units_per_inch),
            margin: 0,
            area: None,
            tabs: None,
            bar_module: 3,
            bar_height: BARCODE_HEIGHT,
            bar_text: 0,
            qr_module: 3,
            qr_level: 48,
        }
    }
}

pub(super) fn read(bytes: &[u8], profile: &Profile, drawn: &[Drawn]) -> Page {
    let mut reader = Reader {
        profile,
        grid: profile.grid(),
        modes: Modes::of(profile),
        line: Line::default(),
        sheet: None,
        y: 0,
        blocks: Vec::new(),
        codes: 0,
        symbol: Vec::new(),
        symbol_kind: 0,
        matrix: None,
        stored: None,
        downloaded: None,
        drawn: None,
    };
    let (mut at, mut drawn) = (0, drawn.iter().peekable());
    for command in scan::split(bytes) {
        // A spooled copy is shorter; a stream from elsewhere ends here.
        if reader.y > PAPER_DOTS_MAX {
            break;
        }
        while drawn.next_if(|line| (line.offset as usize) < at).is_some() {}
        reader.drawn = drawn.next_if(|line| line.offset as usize == at);
        reader.carry_out(command);
        at += command.len();
    }
    Page {
        dots: profile.dots.into(),
        grid: profile.grid(),
        narrow: profile.font_a_width.into(),
        line_rows: profile.grid().rows(profile.line_dots.into()),
        length: reader.y,
        blocks: seen(joined(reader.blocks), CODES_MAX.saturating_sub(reader.codes)),
    }
}

/// A 16-bit number, low byte first.
fn word(low: u8, high: u8) -> u32 {
    u32::from(low) | u32::from(high) << 8
}

impl Reader<'_> {
    fn carry_out(&mut self, command: &[u8]) {
        match *command {
            [0x20..=0xff, ..] => self.text(command),
            [0x09] => self.tab(),
            [0x0a] => self.feed(0, 1),
            [0x0c] => match self.sheet.is_some() {
                true => {
                    self.print_sheet();
                    self.sheet = None;
                }
                false => self.feed(0, 1),
            },
            [0x18] => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.blocks.clear();
                    self.line = Line::default();
                }
            }
            [0x1b, code, ref rest @ ..] => self.esc(command, code, rest),
            [0x1c, code, ref rest @ ..] => self.fs(code, rest),
            [0x1d, code, ref rest @ ..] => self.gs(command, code, rest),
            _ => {}
        }
    }
}
