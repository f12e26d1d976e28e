//! Carries the commands out, as far as they put something on paper or decide where it goes.
//!
//! Which bytes are one command is said by `receiptd_document::scan`, and lengths follow its account of the paper.
//! Commands that are not named here change nothing that can be seen on a page.

use std::sync::Arc;

use receiptd_document::limits::PAPER_DOTS_MAX;
use receiptd_document::{Drawn, Head, KanjiMode, Profile, scan};

use super::graphics::{self, Graphics};
use super::letters::decode;
use super::line::Line;
use super::{Align, Barcode, Block, Page, Picture, Qr, Style, Text, What};
use crate::bitmap::Bitmap;
use crate::codes::{self, Matrix};
use crate::limits::{CODES_MAX, TABS_MAX};
use crate::seen;

/// Height of Font A and of Chinese characters, in dot rows, and width of the latter in dots.
const CELL: u32 = 24;
/// Size of Font B, in dots.
const FONT_B: (u32, u32) = (9, 17);
/// Dots per inch of 8 dots/mm heads, the motion unit at power-on.
const DOTS_PER_INCH: u32 = 203;
/// Height of a barcode at power-on, in dot rows.
const BARCODE_HEIGHT: u32 = 162;
/// Room for what is only known to the printer, in dot rows, as the scanner counts it: 25 mm.
const UNKNOWN_HEIGHT: u32 = 200;
/// Characters between tab stops at power-on.
const TAB: u32 = 8;

/// What is set back by `ESC @`.
#[derive(Debug, Clone)]
struct Modes {
    style: Style,
    /// `FS !` and `FS W`: Chinese characters have another size.
    wide_size: Option<(u8, u8)>,
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
    /// Lower edge of the print area, in dot rows.
    bottom: u32,
    /// Upper left corner of the print area, in dots.
    origin: (u32, u32),
}

struct Reader<'a> {
    profile: &'a Profile,
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
        Self {
            style: Style::PLAIN,
            wide_size: None,
            gaps: (0, 0),
            kanji: profile.kanji != KanjiMode::None,
            code_page: 0,
            align: Align::Left,
            spacing: profile.line_dots.into(),
            units: (DOTS_PER_INCH, down_per_inch(profile)),
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

/// Vertical motion units at power-on, in an inch.
const fn down_per_inch(profile: &Profile) -> u32 {
    match profile.head {
        Head::Thermal => DOTS_PER_INCH,
        Head::NinePin => 144,
    }
}

pub(super) fn read(bytes: &[u8], profile: &Profile, drawn: &[Drawn]) -> Page {
    let mut reader = Reader {
        profile,
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
        narrow: profile.font_a_width.into(),
        line_dots: profile.line_dots.into(),
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

    fn esc(&mut self, command: &[u8], code: u8, rest: &[u8]) {
        match (code, rest) {
            (b'@', _) => {
                self.line = Line::default();
                self.sheet = None;
                self.modes = Modes::of(self.profile);
            }
            (0x0c, _) => self.print_sheet(),
            (b'!', &[n, ..]) => {
                let style = &mut self.modes.style;
                style.font_b = n & 1 != 0;
                style.bold = n & 8 != 0;
                style.underline = n & 0x80 != 0;
                (style.width, style.height) = (1 + (n >> 5 & 1), 1 + (n >> 4 & 1));
                self.modes.wide_size = None;
            }
            (b'M', &[n, ..]) => self.modes.style.font_b = n & 1 != 0,
            (b'E' | b'G', &[n, ..]) => self.modes.style.bold = n & 1 != 0,
            (b'-', &[n, ..]) => self.modes.style.underline = matches!(n, 1 | 2 | 49 | 50),
            (b' ', &[n, ..]) => self.modes.gaps.0 = n.into(),
            (b't', &[n, ..]) => self.modes.code_page = n,
            (b'a', &[n, ..]) => {
                self.modes.align = match n {
                    1 | 49 => Align::Center,
                    2 | 50 => Align::Right,
                    _ => Align::Left,
                };
            }
            (b'2', _) => self.modes.spacing = self.profile.line_dots.into(),
            (b'3', &[n, ..]) => self.modes.spacing = self.down(n.into()),
            (b'J', &[n, ..]) => self.feed(self.down(n.into()), 0),
            (b'd', &[n, ..]) => self.feed(0, n.into()),
            (b'D', stops) => {
                let cell = self.narrow();
                let stops = stops.iter().take_while(|stop| **stop != 0).take(TABS_MAX);
                self.modes.tabs = Some(stops.map(|stop| u32::from(*stop) * cell).collect());
            }
            (b'$', &[low, high, ..]) => self.line.x = self.across(word(low, high)),
            (b'\\', &[low, high, ..]) => {
                // A signed number of 16 bits.
                let by = i64::from(i16::from_le_bytes([low, high])) * i64::from(self.across(1).max(1));
                self.line.x = (i64::from(self.line.x) + by).clamp(0, i64::from(self.paper())) as u32;
            }
            (b'*', _) => {
                if let Some(bits) = graphics::columns(command) {
                    self.line.push_bits(bits);
                }
            }
            (b'L', _) if self.sheet.is_none() => self.sheet = Some(Sheet::default()),
            (b'S', _) if self.sheet.take().is_some() => self.line = Line::default(),
            (b'W', &[x0, x1, y0, y1, _, _, h0, h1, ..]) => {
                let origin = (self.across(word(x0, x1)), self.down(word(y0, y1)));
                let bottom = self.down(word(y0, y1) + word(h0, h1));
                if let Some(sheet) = &mut self.sheet {
                    (sheet.origin, sheet.y) = (origin, 0);
                    sheet.bottom = sheet.bottom.max(bottom);
                }
            }
            (b'i' | b'm', _) => self.cut(None),
            (b'Z', _) => self.block(UNKNOWN_HEIGHT, What::Unknown("ESC Z")),
            _ => {}
        }
    }

    fn fs(&mut self, code: u8, rest: &[u8]) {
        match (code, rest) {
            (b'&', _) => self.modes.kanji = self.profile.kanji != KanjiMode::None,
            (b'.', _) => self.modes.kanji = false,
            (b'!', &[n, ..]) => {
                self.modes.wide_size = Some((1 + (n >> 2 & 1), 1 + (n >> 3 & 1)));
                self.modes.style.underline = n & 0x80 != 0;
            }
            (b'W', &[n, ..]) => self.modes.wide_size = Some((1 + (n & 1), 1 + (n & 1))),
            (b'-', &[n, ..]) => self.modes.style.underline = matches!(n, 1 | 2 | 49 | 50),
            (b'S', &[left, right, ..]) => self.modes.gaps.1 = u32::from(left) + u32::from(right),
            (b'p', _) => self.block(UNKNOWN_HEIGHT, What::Unknown("FS p")),
            _ => {}
        }
    }

    fn gs(&mut self, command: &[u8], code: u8, rest: &[u8]) {
        match (code, rest) {
            (b'!', &[n, ..]) => {
                let style = &mut self.modes.style;
                (style.width, style.height) = ((n >> 4 & 7) + 1, (n & 7) + 1);
                self.modes.wide_size = None;
            }
            (b'B', &[n, ..]) => self.modes.style.reverse = n & 1 != 0,
            (b'P', &[x, y, ..]) => {
                let or = |n: u8, default: u32| if n == 0 { default } else { n.into() };
                self.modes.units = (or(x, DOTS_PER_INCH), or(y, down_per_inch(self.profile)));
            }
            (b'L', &[low, high, ..]) => self.modes.margin = self.across(word(low, high)).min(self.paper()),
            (b'W', &[low, high, ..]) => self.modes.area = Some(self.across(word(low, high))),
            (b'$', &[low, high, ..]) => {
                let y = self.down(word(low, high));
                if let Some(sheet) = &mut self.sheet {
                    sheet.y = y;
                }
            }
            (b'h', &[n, ..]) => self.modes.bar_height = n.into(),
            (b'w', &[n, ..]) => self.modes.bar_module = u32::from(n).clamp(1, 8),
            (b'H', &[n, ..]) => self.modes.bar_text = n & 3,
            (b'k', _) => self.barcode(command),
            (b'v', _) => self.picture(graphics::raster(command).map(Arc::new)),
            (b'Q', _) => self.picture(graphics::variable(command).map(Arc::new)),
            (b'*', _) => self.downloaded = graphics::downloaded(command).map(Arc::new),
            (b'/', &[mode, ..]) => {
                let picture = self.downloaded.as_ref().map(|stored| match mode & 3 {
                    0 => Arc::clone(stored),
                    mode => Arc::new(graphics::printed(stored, mode)),
                });
                self.picture(picture);
            }
            (b'(', &[b'L', _, _, ref parameters @ ..]) => self.graphics(parameters),
            (b'8', &[b'L', _, _, _, _, ref parameters @ ..]) => self.graphics(parameters),
            (b'(', &[b'k', _, _, kind, function, ref parameters @ ..]) => {
                self.symbol(kind, function, parameters);
            }
            (b'(', &[b'V', ref parameters @ ..]) => {
                self.cut(parameters.get(4).copied().filter(|_| parameters.len() > 4));
            }
            (b'V', &[_]) => self.cut(None),
            (b'V', &[_, feed, ..]) => self.cut(Some(feed)),
            _ => {}
        }
    }

    /// Motion units in dots.
    fn across(&self, units: u32) -> u32 {
        (units * DOTS_PER_INCH + self.modes.units.0 / 2) / self.modes.units.0
    }

    /// Motion units in dot rows.
    fn down(&self, units: u32) -> u32 {
        (units * DOTS_PER_INCH + self.modes.units.1 / 2) / self.modes.units.1
    }

    fn paper(&self) -> u32 {
        self.profile.dots.into()
    }

    /// Width of what a line may fill, in dots.
    fn area(&self) -> u32 {
        let room = self.paper().saturating_sub(self.modes.margin);
        self.modes.area.map_or(room, |area| area.min(room)).max(1)
    }

    /// From one character of one byte to the next, in dots.
    fn narrow(&self) -> u32 {
        let cell = if self.modes.style.font_b { FONT_B.0 } else { self.profile.font_a_width.into() };
        (cell + self.modes.gaps.0) * u32::from(self.modes.style.width)
    }

    fn text(&mut self, bytes: &[u8]) {
        for (character, wide) in
            decode(bytes, self.modes.kanji, self.modes.code_page, &self.profile.code_pages)
        {
            let mut style = self.modes.style;
            if wide {
                (style.width, style.height) = self.modes.wide_size.unwrap_or((style.width, style.height));
                style.font_b = false;
            }
            let cell = match (wide, style.font_b) {
                (true, _) => CELL + self.modes.gaps.1,
                (false, true) => FONT_B.0 + self.modes.gaps.0,
                (false, false) => u32::from(self.profile.font_a_width) + self.modes.gaps.0,
            };
            let advance = cell * u32::from(style.width);
            if self.line.begun && self.line.x.saturating_add(advance) > self.area() {
                // The line is full: the printer breaks it here.
                self.end_line(0, 1);
            }
            let height = if style.font_b { FONT_B.1 } else { CELL } * u32::from(style.height);
            self.line.push(character, wide, advance, height, style);
        }
    }

    fn tab(&mut self) {
        let x = self.line.x;
        let next = match &self.modes.tabs {
            Some(stops) => stops.iter().copied().find(|stop| *stop > x),
            None => Some((x / (TAB * self.narrow()).max(1) + 1) * TAB * self.narrow()),
        };
        if let Some(next) = next.filter(|next| *next < self.area()) {
            self.line.x = next;
            self.line.begun = true;
        }
    }

    /// Prints what is in the line buffer, then feeds.
    fn feed(&mut self, dots: u32, lines: u32) {
        if lines == 0 && dots == 0 && !self.line.begun {
            return;
        }
        self.end_line(dots, lines);
    }

    fn end_line(&mut self, dots: u32, lines: u32) {
        let spacing = if lines == 0 { 0 } else { self.modes.spacing };
        let first = if self.line.begun { self.line.height.max(spacing).max(dots) } else { dots.max(spacing) };
        let more = lines.saturating_sub(1).saturating_mul(self.modes.spacing);
        let (margin, area, align) = (self.modes.margin, self.area(), self.modes.align);
        match &mut self.sheet {
            Some(sheet) => {
                let top = sheet.origin.1.saturating_add(sheet.y);
                let blocks = self.line.take(top, align, margin.saturating_add(sheet.origin.0), area);
                sheet.blocks.extend(blocks);
            }
            None => {
                let blocks = self.line.take(self.y, align, margin, area);
                self.blocks.extend(blocks);
            }
        }
        self.advance(first.saturating_add(more));
    }

    fn advance(&mut self, dots: u32) {
        match &mut self.sheet {
            Some(sheet) => sheet.y = sheet.y.saturating_add(dots),
            None => self.y = self.y.saturating_add(dots),
        }
    }

    /// Something that stands by itself. A line that was begun in front of it is printed first.
    fn block(&mut self, height: u32, what: What) {
        self.feed(0, 0);
        match &mut self.sheet {
            Some(sheet) => {
                let top = sheet.origin.1.saturating_add(sheet.y);
                sheet.blocks.push(Block { top, height, what });
            }
            None => self.blocks.push(Block { top: self.y, height, what }),
        }
        self.advance(height);
    }

    /// Left edge of a block of a width.
    fn left(&self, width: u32) -> u32 {
        let free = self.area().saturating_sub(width);
        self.modes.margin
            + match self.modes.align {
                Align::Left => 0,
                Align::Center => free / 2,
                Align::Right => free,
            }
    }

    fn picture(&mut self, dots: Option<Arc<Bitmap>>) {
        if let Some(dots) = dots.filter(|dots| dots.height() > 0) {
            let (left, height) = (self.left(dots.width()), dots.height());
            let text = self
                .drawn
                .take()
                .map(|line| Text { words: line.text.as_str().into(), rows: line.rows.into() });
            self.block(height, What::Picture(Picture { left, dots, text }));
        }
    }

    fn graphics(&mut self, parameters: &[u8]) {
        match graphics::graphics(parameters) {
            Some(Graphics::Store(bitmap)) => self.stored = Some(Arc::new(bitmap)),
            Some(Graphics::Print) => self.picture(self.stored.clone()),
            Some(Graphics::PrintOwn) => self.block(UNKNOWN_HEIGHT, What::Unknown("GS ( L")),
            None => {}
        }
    }

    fn symbol(&mut self, kind: u8, function: u8, parameters: &[u8]) {
        const QR: u8 = 49;
        match (kind, function, parameters) {
            (QR, 67, &[n, ..]) => self.modes.qr_module = u32::from(n).clamp(1, 16),
            (QR, 69, &[n, ..]) => self.modes.qr_level = n,
            (kind, 80, &[_, ref data @ ..]) => (self.symbol, self.symbol_kind) = (data.to_vec(), kind),
            (QR, 81, _) if self.symbol_kind == QR => self.qr(),
            (_, 81, _) if !self.symbol.is_empty() => {
                self.block(UNKNOWN_HEIGHT, What::Unknown("GS ( k"));
            }
            _ => {}
        }
    }

    fn qr(&mut self) {
        let level = self.modes.qr_level;
        let known = self.matrix.as_ref().filter(|known| known.0 == self.symbol && known.1 == level);
        let matrix = match known {
            Some((.., matrix)) => matrix.clone(),
            None if self.codes < CODES_MAX => {
                self.codes += 1;
                let matrix = Matrix::of(&self.symbol, level).map(Arc::new);
                self.matrix = Some((self.symbol.clone(), level, matrix.clone()));
                matrix
            }
            None => None,
        };
        let module = self.modes.qr_module;
        let side = matrix.as_ref().map_or(UNKNOWN_HEIGHT, |matrix| matrix.side() * module);
        let data = match std::str::from_utf8(&self.symbol) {
            Ok(text) => text.to_owned(),
            // Chinese apps also put GB18030 into codes, which is what the printer's own text is in.
            Err(_) => encoding_rs::GB18030.decode_without_bom_handling(&self.symbol).0.into_owned(),
        };
        let data = data.replace(|c: char| c.is_control(), " ");
        self.block(side, What::Qr(Qr { left: self.left(side), module, data, matrix }));
    }

    fn barcode(&mut self, command: &[u8]) {
        let Some(read) = codes::barcode(command) else { return };
        let bars = read.bars.filter(|_| self.codes < CODES_MAX).map(Arc::new);
        self.codes += 1;
        let module = self.modes.bar_module;
        let width = bars.as_ref().map_or(0, |bars| bars.len() as u32 * module);
        let text = (self.modes.bar_text & 1 != 0, self.modes.bar_text & 2 != 0);
        let height = self.modes.bar_height + CELL * (u32::from(text.0) + u32::from(text.1));
        let what = Barcode {
            left: self.left(width),
            module,
            bar_height: self.modes.bar_height,
            data: read.data,
            kind: read.kind,
            text,
            bars,
        };
        self.block(height, What::Barcode(what));
    }

    /// Cuts; with `feed` after a feed to the blade and so many units more.
    fn cut(&mut self, feed: Option<u8>) {
        if let Some(units) = feed {
            self.advance(u32::from(self.profile.feed_before_cut_dots) + self.down(units.into()));
        }
        if self.sheet.is_none() {
            self.blocks.push(Block { top: self.y, height: 0, what: What::Cut });
        }
    }

    /// Puts the sheet on paper, in the order of its lines and not of the stream.
    fn print_sheet(&mut self) {
        self.feed(0, 0);
        let Some(sheet) = &mut self.sheet else { return };
        let mut blocks = std::mem::take(&mut sheet.blocks);
        let height = if sheet.bottom == 0 { sheet.y } else { sheet.bottom };
        sheet.y = 0;
        blocks.iter_mut().for_each(|block| block.top = block.top.saturating_add(self.y));
        blocks.sort_by_key(|block| block.top);
        self.blocks.extend(beside(blocks));
        self.y = self.y.saturating_add(height);
    }
}

/// Makes codes of pictures that are codes, of so many at most.
fn seen(mut blocks: Vec<Block>, most: usize) -> Vec<Block> {
    let mut left = most;
    for block in &mut blocks {
        let What::Picture(picture) = &block.what else { continue };
        if left == 0 || seen::grid(&picture.dots).is_none() {
            continue;
        }
        left -= 1;
        if let Some(seen) = seen::see(&picture.dots) {
            let side = seen.matrix.side() * seen.module;
            block.top = block.top.saturating_add(seen.top);
            block.height = side;
            block.what = What::Qr(Qr {
                left: picture.left.saturating_add(seen.left),
                module: seen.module,
                data: seen.data,
                matrix: Some(Arc::new(seen.matrix)),
            });
        }
    }
    blocks
}

/// Makes one line of lines of a sheet that stand beside each other.
fn beside(blocks: Vec<Block>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    for mut block in blocks {
        if let Some(Block { top, height, what: What::Row(left) }) = out.last_mut()
            && *top == block.top
            && let What::Row(right) = &mut block.what
        {
            left.runs.append(&mut right.runs);
            left.runs.sort_by_key(|run| run.left);
            *height = block.height.max(*height);
            continue;
        }
        out.push(block);
    }
    out
}

/// Makes one picture of bands that join without a gap.
fn joined(blocks: Vec<Block>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        if let Some(Block { top, height, what: What::Picture(above) }) = out.last_mut()
            && let What::Picture(below) = &block.what
            && (above.left, above.dots.width()) == (below.left, below.dots.width())
            && *top + *height == block.top
            && below.text.is_none()
            && above.text.as_ref().is_none_or(|text| *height < text.rows)
        {
            Arc::make_mut(&mut above.dots).append(&below.dots);
            *height += block.height;
            continue;
        }
        out.push(block);
    }
    out
}
