//! The interpreter: commands become strips of paper, cuts and requests, in order.
//!
//! It holds the modes, the print buffer (one line or one page) and stored images; it does no I/O and knows
//! no time. Images and codes are in `graphics.rs`. Everything that takes time or can be refused goes to the
//! [`Machine`].

use crate::bitmap::Bitmap;
use crate::command::Command;
use crate::glyphs::Glyphs;
use crate::line::{Line, Look};
use crate::machine::{BAND, Cleared, Machine, Note, Request, Strip, StripKind};
use crate::model::{Head, Model};
use crate::modes::Modes;
use crate::page::Page;
use crate::record::Run;
use crate::text;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `GS ( k` settings of the QR code.
#[derive(Clone, Debug)]
pub(crate) struct QrState {
    pub(crate) module: usize,
    pub(crate) level: u8,
    pub(crate) data: Vec<u8>,
}

impl Default for QrState {
    fn default() -> Self {
        Self { module: 3, level: 48, data: Vec::new() }
    }
}

/// A raster image on its way (`GS v 0`).
#[derive(Clone, Debug)]
pub(crate) struct Raster {
    pub(crate) sx: usize,
    pub(crate) sy: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) band: Bitmap,
    pub(crate) rows: usize,
}

/// The interpreter of one printer.
#[derive(Debug)]
pub struct Interpreter {
    pub(crate) model: Arc<Model>,
    pub(crate) modes: Modes,
    pub(crate) line: Line,
    pub(crate) page: Option<Page>,
    pub(crate) glyphs: Glyphs,
    /// Make dots; off when nobody keeps the paper.
    pub(crate) draw: bool,
    pub(crate) raster: Option<Raster>,
    pub(crate) downloaded: Option<Bitmap>,
    pub(crate) graphics: Option<Bitmap>,
    pub(crate) nv_images: BTreeMap<u8, Bitmap>,
    pub(crate) qr: QrState,
    selected: bool,
    /// Keep the runs of each line for a record.
    pub(crate) record: bool,
    broken: bool,
}

impl Interpreter {
    /// As after power on. `draw` off saves all drawing; lengths and texts stay exact.
    pub fn new(model: Arc<Model>, glyphs: Glyphs, draw: bool) -> Self {
        let modes = Modes::of(&model);
        Self {
            model,
            modes,
            line: Line::default(),
            page: None,
            glyphs,
            draw,
            raster: None,
            downloaded: None,
            graphics: None,
            nv_images: BTreeMap::new(),
            qr: QrState::default(),
            selected: true,
            record: false,
            broken: false,
        }
    }

    /// Power was off: everything but NV images is as new.
    pub fn power_on(&mut self) {
        self.clear();
        self.modes = Modes::of(&self.model);
        self.downloaded = None;
        self.qr = QrState::default();
        self.selected = true;
    }

    /// The print buffer is dropped, modes stay.
    pub fn clear(&mut self) {
        self.line.clear();
        self.page = None;
        self.raster = None;
        self.graphics = None;
    }

    /// The print buffer holds something that is not on paper.
    pub fn has_pending(&self) -> bool {
        !self.line.is_empty() || self.page.is_some()
    }

    /// Carry out one command.
    pub fn run(&mut self, command: Command, machine: &mut impl Machine) -> Result<(), Cleared> {
        if !self.selected && !matches!(command, Command::Peripheral(_) | Command::RasterEnd) {
            return Ok(());
        }
        if let Some(name) = self.lacks(&command) {
            machine.note(Note::Unsupported(name.into()));
            return Ok(());
        }
        let (dpi, down) = (self.model.dpi, self.model.dpi_down);
        match command {
            Command::Char(byte) => {
                let c = text::single(byte, self.modes.code_page, self.modes.charset);
                self.put(c, self.modes.look(), 0, self.modes.spacing * self.modes.sx, machine)?;
            }
            Command::Wide(bytes) => self.put_wide(&bytes, machine)?,
            Command::Wide4(bytes) => self.put_wide(&bytes, machine)?,
            Command::LineFeed => self.end_line(self.modes.line_spacing, machine)?,
            Command::CarriageReturn if self.model.cr_is_lf => {
                self.end_line(self.modes.line_spacing, machine)?
            }
            Command::Tab => self.tab(),
            Command::FormFeed => self.form_feed(machine)?,
            Command::PrintPage => self.print_page(machine)?,
            Command::Cancel => {
                if let Some(page) = &mut self.page {
                    page.erase();
                    self.line.clear();
                }
            }
            Command::Init => {
                self.clear();
                self.modes = Modes::of(&self.model);
                self.qr = QrState::default();
            }
            Command::PrintMode(n) => self.modes.print_mode(n),
            Command::Align(n) => {
                if self.line.is_empty() {
                    self.modes.align = n & 3;
                }
            }
            Command::Bold(on) => self.modes.bold = on,
            Command::DoubleStrike(on) => self.modes.double_strike = on,
            Command::Underline(n) => self.modes.underline = n & 3,
            Command::FeedLines(n) => {
                let rows = usize::from(n) * self.modes.line_spacing;
                self.print_and_feed(rows, machine)?;
            }
            Command::FeedUnits(n) => {
                let rows = usize::try_from(self.modes.vertical(i32::from(n), down)).unwrap_or(0);
                self.print_and_feed(rows, machine)?;
            }
            Command::LineSpacing(n) => {
                self.modes.line_spacing = match n {
                    None => self.modes.usual_spacing,
                    Some(n) => usize::try_from(self.modes.vertical(i32::from(n), down)).unwrap_or(0),
                };
            }
            Command::CodePage(n) => self.modes.code_page = n,
            Command::Charset(n) => self.modes.charset = n,
            Command::Font(n) => self.modes.font(n),
            Command::Position(n) => {
                self.line.x = usize::try_from(self.modes.horizontal(i32::from(n), dpi)).unwrap_or(0);
            }
            Command::Move(n) => {
                let by = self.modes.horizontal(i32::from(n), dpi);
                self.line.x = self.line.x.saturating_add_signed(by as isize);
            }
            Command::CharSpacing(n) => self.modes.spacing = usize::from(n),
            Command::Tabs(columns) => self.modes.tabs = columns,
            Command::UpsideDown(on) => self.modes.upside_down = on,
            Command::Rotate(on) => self.modes.rotate = on,
            Command::Size(n) => self.modes.size(n),
            Command::Reverse(on) => self.modes.reverse = on,
            Command::LeftMargin(n) => {
                self.modes.left_margin =
                    usize::try_from(self.modes.horizontal(i32::from(n), dpi)).unwrap_or(0);
            }
            Command::AreaWidth(n) => {
                let dots = usize::try_from(self.modes.horizontal(i32::from(n), dpi)).unwrap_or(0);
                self.modes.area_width = Some(dots);
            }
            Command::MotionUnits(x, y) => self.modes.units = (x, y),
            Command::KanjiMode(n) => self.modes.kanji_mode(n),
            Command::KanjiUnderline(n) => self.modes.kanji_underline = n & 3,
            Command::KanjiSpacing(l, r) => self.modes.kanji_spacing = (usize::from(l), usize::from(r)),
            Command::KanjiQuadruple(on) => {
                let factor = if on { 2 } else { 1 };
                (self.modes.kanji_sx, self.modes.kanji_sy) = (factor, factor);
            }
            Command::Peripheral(n) => self.selected = n & 1 == 1,
            Command::Cut { partial, feed } => self.cut(partial, feed, machine)?,
            Command::PageMode
            | Command::StandardMode
            | Command::PageArea { .. }
            | Command::PageDirection(_)
            | Command::VerticalPosition(_)
            | Command::VerticalMove(_) => self.page_command(&command, machine),
            Command::Pulse { pin, on, .. } => {
                machine.request(Request::Pulse { pin, ms: u32::from(on) * 2 })?;
            }
            Command::Beep { times, .. } => machine.request(Request::Beep(times))?,
            Command::PaperStatus => machine.request(Request::PaperSensor)?,
            Command::Asb(n) => machine.request(Request::Asb(n))?,
            Command::Status(n) => machine.request(Request::Status(n))?,
            Command::Info(n) => machine.request(Request::Info(n))?,
            Command::Counter(n) => machine.request(Request::Counter(n))?,
            Command::CounterReset(n) => machine.request(Request::CounterReset(n))?,
            Command::GsParen { letter: b'H', data } => match data[..] {
                [0x30, 0x30, a, b, c, d] => machine.request(Request::ProcessId([a, b, c, d]))?,
                [0x31, 0x30, n] => machine.request(Request::OfflineResponse(n & 3))?,
                _ => machine.note(Note::Unsupported(format!("GS ( H {data:02x?}"))),
            },
            Command::GsParen { letter: b'D', data } if data.first() == Some(&20) => {
                for pair in data[1..].chunks_exact(2) {
                    let on = matches!(pair[1], 1 | 49);
                    machine.request(Request::EnableRealTime { function: pair[0], on })?;
                }
            }
            Command::Unknown { bytes, offset } => machine.note(Note::Unknown { bytes, offset }),
            Command::BitImage { .. }
            | Command::RasterStart { .. }
            | Command::RasterRow(_)
            | Command::RasterEnd
            | Command::DefineImage { .. }
            | Command::PrintDefined(_)
            | Command::DefineNvImages(_)
            | Command::PrintNvImage(_)
            | Command::HriPosition(_)
            | Command::HriFont(_)
            | Command::BarHeight(_)
            | Command::BarWidth(_)
            | Command::Barcode { .. }
            | Command::GsParen { .. } => self.graphic(command, machine)?,
            // Settings of real printers that change nothing on this paper.
            Command::Nul
            | Command::CarriageReturn
            | Command::FeedBack(_)
            | Command::Panel { .. }
            | Command::EscParen { .. }
            | Command::Smooth(_)
            | Command::Macro
            | Command::Kanji(_)
            | Command::KanjiCode(_)
            | Command::FsParen { .. }
            | Command::RealTime(_) => {}
        }
        Ok(())
    }

    /// What the head of this model can't do.
    fn lacks(&self, command: &Command) -> Option<&'static str> {
        if self.model.head == Head::Thermal {
            return None;
        }
        match command {
            Command::RasterStart { .. } => Some("GS v 0"),
            Command::Size(_) => Some("GS !"),
            Command::Reverse(_) => Some("GS B"),
            Command::BitImage { mode: 32.., .. } => Some("ESC * of 24 dots"),
            _ => None,
        }
    }

    /// Width of the letters that a line is counted in, dots.
    pub(crate) fn column(&self) -> usize {
        match self.model.head {
            Head::Thermal => 12,
            Head::NinePin => 10,
        }
    }

    /// Width of the print area, dots.
    pub(crate) fn area(&self) -> usize {
        if let Some(page) = &self.page {
            return page.line_width();
        }
        let right = self.model.dots.saturating_sub(self.modes.left_margin);
        self.modes.area_width.unwrap_or(right).min(right).max(self.modes.cell.w)
    }

    fn put_wide(&mut self, bytes: &[u8], machine: &mut impl Machine) -> Result<(), Cleared> {
        let c = if self.model.kanji { text::wide(bytes) } else { '?' };
        let ((before, after), look) = (self.modes.kanji_spacing, self.modes.kanji_look());
        // ESC SP is for characters of one byte alone; what FS S sets grows with the character.
        self.put(c, look, before * look.sx, after * look.sx, machine)
    }

    fn put(
        &mut self,
        c: char,
        look: Look,
        before: usize,
        after: usize,
        machine: &mut impl Machine,
    ) -> Result<(), Cleared> {
        let width = before + Line::width_of(look);
        if self.line.x + width > self.area() && !self.line.is_empty() {
            self.broken = true;
            self.end_line(self.modes.line_spacing, machine)?;
        }
        self.line.push_char(c, look, before, after);
        Ok(())
    }

    fn tab(&mut self) {
        let column = self.modes.cell.w * self.modes.sx + self.modes.spacing;
        let stops = &self.modes.tabs;
        let next = if stops.is_empty() {
            (self.line.x / (column * 8) + 1) * column * 8
        } else {
            match stops.iter().map(|t| usize::from(*t) * column).find(|t| *t > self.line.x) {
                Some(stop) => stop,
                None => return,
            }
        };
        self.line.x = next.min(self.area());
    }

    /// Print the line; it takes at least `spacing` rows.
    pub(crate) fn end_line(&mut self, spacing: usize, machine: &mut impl Machine) -> Result<(), Cleared> {
        let (area, paper) = (self.area(), self.model.dots);
        let draw = if self.draw { Some(&mut self.glyphs) } else { None };
        if let Some(page) = &mut self.page {
            let made = self.line.compose(self.modes.align, 0, area, area, draw);
            if made.height > 0 {
                page.place(made.bitmap.as_ref(), 0, (made.start, made.end), made.height);
            }
            page.text(made.text);
            page.y += spacing.max(made.height);
            return Ok(());
        }
        let bits = self.line.image_ink();
        let runs = if self.record { self.line.runs() } else { Vec::new() };
        let mut made = self.line.compose(self.modes.align, self.modes.left_margin, area, paper, draw);
        if self.modes.upside_down {
            made.bitmap = made.bitmap.map(|b| b.upside_down());
        }
        let left = self.modes.left_margin + made.start;
        made.runs = runs.into_iter().map(|run| Run { x: run.x + left, ..run }).collect();
        let feed = spacing.saturating_sub(made.height);
        machine.print(Strip {
            kind: StripKind::Line,
            ink: made.height,
            feed,
            bitmap: made.bitmap,
            text: vec![made.text],
            runs: made.runs,
            broken: std::mem::take(&mut self.broken),
            bits,
            indent: (self.modes.left_margin + made.start) / self.column(),
            mark: None,
            code: None,
        })
    }

    /// `ESC d`, `ESC J`: the line if there is one, then white rows.
    fn print_and_feed(&mut self, rows: usize, machine: &mut impl Machine) -> Result<(), Cleared> {
        if !self.line.is_empty() {
            return self.end_line(rows, machine);
        }
        match &mut self.page {
            Some(page) => page.y += rows,
            None if rows > 0 => machine.print(Strip::feed(rows))?,
            None => {}
        }
        Ok(())
    }

    fn cut(&mut self, partial: bool, feed: Option<u8>, machine: &mut impl Machine) -> Result<(), Cleared> {
        if !self.line.is_empty() {
            self.end_line(self.modes.line_spacing, machine)?;
        }
        if let Some(n) = feed {
            let extra = usize::try_from(self.modes.vertical(i32::from(n), self.model.dpi_down)).unwrap_or(0);
            machine.print(Strip::feed(self.model.cutter_distance + extra))?;
        }
        if self.model.has_cutter() {
            machine.cut(partial)
        } else {
            machine.note(Note::Unsupported("cut".into()));
            Ok(())
        }
    }

    fn page_command(&mut self, command: &Command, machine: &mut impl Machine) {
        if !self.model.page_mode {
            machine.note(Note::Unsupported("page mode".into()));
            return;
        }
        let (dpi, down, modes) = (self.model.dpi, self.model.dpi_down, &self.modes);
        let across = |n: u16| usize::try_from(modes.horizontal(i32::from(n), dpi)).unwrap_or(0);
        let along = |n: u16| usize::try_from(modes.vertical(i32::from(n), down)).unwrap_or(0);
        match (command, &mut self.page) {
            (Command::PageMode, page @ None) if self.line.is_empty() => {
                *page = Some(Page::new(self.model.dots))
            }
            (Command::StandardMode, page) => {
                *page = None;
                self.line.clear();
            }
            (Command::PageArea { x, y, w, h }, Some(page)) => {
                page.set_area(across(*x), along(*y), across(*w), along(*h));
            }
            (Command::PageDirection(n), Some(page)) => page.set_direction(*n),
            (Command::VerticalPosition(n), Some(page)) => page.y = along(*n),
            (Command::VerticalMove(n), Some(page)) => {
                page.y = page.y.saturating_add_signed(modes.vertical(i32::from(*n), down) as isize);
            }
            _ => {}
        }
    }

    fn form_feed(&mut self, machine: &mut impl Machine) -> Result<(), Cleared> {
        if self.page.is_some() {
            self.print_page(machine)?;
            self.page = None;
            return Ok(());
        }
        // Without page mode and without black marks FF prints the line.
        if self.line.is_empty() { Ok(()) } else { self.end_line(self.modes.line_spacing, machine) }
    }

    fn print_page(&mut self, machine: &mut impl Machine) -> Result<(), Cleared> {
        if self.page.is_none() {
            return Ok(());
        }
        if !self.line.is_empty() {
            self.end_line(0, machine)?;
        }
        let Some(page) = &self.page else { return Ok(()) };
        let (dots, height, lines, codes) = page.finish();
        let bands = height.div_ceil(BAND).max(1);
        let (mut lines, mut codes) = (Some(lines), codes.into_iter());
        for band in 0..bands {
            let ink = BAND.min(height - band * BAND);
            let last = band + 1 == bands;
            machine.print(Strip {
                kind: StripKind::Page,
                ink,
                bitmap: self.draw.then(|| dots.rows(band * BAND, ink)),
                text: if last { lines.take().unwrap_or_default() } else { Vec::new() },
                code: if last { codes.next() } else { None },
                ..Strip::feed(0)
            })?;
        }
        Ok(())
    }
}
