//! Writes ESC/POS: lines of text with a style, feeds, cuts.
//!
//! Only commands that nearly every printer knows. Styles are written as differences, at the start of a
//! line. Chinese mode is entered once, at the first line start after `ESC @`, and left once, before the
//! tail: on some boards (SPRT POS76-II) the switch counts from the next line, so that switching within
//! or around a line would print the wrong one. Only for letters of a code page it is left within a line, and
//! entered again for the next Hanzi; those boards have no code pages in their profile. `FS .` stands directly
//! before a control byte, so that decoders that look for a character behind it find none. Wrapping is left to [`crate::layout`].
//!
//! A line of which the printer lacks a character is begun natively, taken back, and drawn as a whole: so a line that it
//! has costs nothing more than without this.

mod paragraph;

use std::borrow::Cow;

use serde::Deserialize;

use crate::charset::{Charset, Glyph, first_bad, glyph};
use crate::layout::Cells;
use crate::limits::COPY_BYTES_MAX;
use crate::raster::Bitmap;
use crate::typeset::{DrawLine, NoTypesetter, Piece, TypesetError, Typesetter};
use crate::{Cutter, DocumentError, Drawn, Extent, Head, INIT, KanjiMode, Place, Profile, TextMode, eight};

pub(crate) const ESC: u8 = 0x1b;
pub(crate) const FS: u8 = 0x1c;
pub(crate) const GS: u8 = 0x1d;
pub(crate) const LF: u8 = 0x0a;

/// Where a line or a picture stands on the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Align {
    /// At the left edge.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right edge.
    Right,
}

/// White below letters of more than the normal height, in dot rows of 1/8 mm: what is between two lines of normal size.
const BELOW_TALL_DOTS: u16 = 6;

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) align: Align,
    pub(crate) bold: bool,
    pub(crate) underline: bool,
    pub(crate) reverse: bool,
    /// Times the normal width, 1 to 8.
    pub(crate) width: u8,
    /// Times the normal height, 1 to 8.
    pub(crate) height: u8,
}

impl Style {
    /// As at power-on.
    pub(crate) const PLAIN: Self =
        Self { align: Align::Left, bold: false, underline: false, reverse: false, width: 1, height: 1 };
    pub(crate) const CENTERED: Self = Self { align: Align::Center, ..Self::PLAIN };
}

/// A text cannot be printed. The caller knows the text and finds out which of its characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadText {
    /// It has a character that nobody prints.
    Character,
    /// It has to be drawn, and was not.
    NotDrawn(TypesetError),
}

impl BadText {
    /// Whether another typesetter might have drawn it: there was none.
    pub(crate) const fn wants_drawing(&self) -> bool {
        matches!(self, Self::NotDrawn(TypesetError::None))
    }

    /// The error for a text. `place` makes a place of a position in characters, or of the text as a whole.
    pub(crate) fn error(
        self,
        text: &str,
        profile: &Profile,
        place: impl Fn(Option<usize>) -> Place,
    ) -> DocumentError {
        let bad = first_bad(text, Charset::of(profile));
        let place = place(bad.map(|bad| bad.position));
        match (bad, self) {
            (Some(bad), Self::Character | Self::NotDrawn(TypesetError::None)) => bad.at(place),
            (bad, Self::NotDrawn(why)) => {
                DocumentError::NotDrawn { place, character: bad.map(|bad| bad.character), why }
            }
            // Writing and searching ask the same table, so there always is one.
            (None, Self::Character) => DocumentError::Empty { copy: None },
        }
    }
}

/// The printer's font lacks a character.
struct Lacking;

/// The font in `ESC !` of a printer with nine pins.
const fn pin_font(profile: &Profile) -> u8 {
    profile.begins_with_font_b() as u8
}

/// What is drawn, as far as it can be: nine pins have five dots for a letter, which nobody could read.
const fn possible_text(profile: &Profile, asked: TextMode) -> TextMode {
    match profile.head {
        Head::Thermal => asked,
        Head::NinePin => TextMode::Native,
    }
}

/// The text of a line that is drawn, with blanks where its pieces stand apart.
fn text_of(line: &DrawLine<'_>, cells: Cells) -> String {
    let mut text = String::new();
    let mut column = 0;
    for piece in &line.pieces {
        let at = usize::from(piece.left) / usize::from(line.cell.max(1));
        text.extend(std::iter::repeat_n(' ', at.saturating_sub(column)));
        text.push_str(&piece.text);
        column = at + cells.columns(&piece.text) * usize::from(line.width);
    }
    text
}

/// A copy that is being written.
pub(crate) struct Writer<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) out: Vec<u8>,
    /// The texts that were drawn, and where in `out` their pictures begin.
    pub(crate) drawn: Vec<Drawn>,
    style: Style,
    typesetter: &'a dyn Typesetter,
    text: TextMode,
    shift: Shift,
}

/// How bytes of 80 hex and more are taken by the printer at the place that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shift {
    /// As halves of Hanzi.
    chinese: bool,
    /// As letters of the code page of this number; none was chosen yet, and which the printer has at power-on is a switch of
    /// its own.
    page: Option<u8>,
}

impl<'a> Writer<'a> {
    /// Begins with the state of power-on, and Chinese mode if the printer has it.
    pub(crate) fn new(profile: &'a Profile, capacity: usize, typesetter: &'a dyn Typesetter) -> Self {
        let mut out = Vec::with_capacity(capacity);
        out.extend_from_slice(&INIT);
        if profile.head == Head::NinePin {
            // The font of power-on is a switch of the printer's.
            out.extend_from_slice(&[ESC, b'!', pin_font(profile)]);
        }
        if profile.kanji != KanjiMode::None {
            out.extend_from_slice(&[FS, b'&']);
            let spacing = profile.hanzi_spacing();
            if spacing > 0 {
                out.extend_from_slice(&[FS, b'S', 0, spacing]);
            }
        }
        let text = possible_text(profile, profile.text);
        let shift = Shift { chinese: profile.kanji != KanjiMode::None, page: None };
        Self { profile, out, drawn: Vec::new(), style: Style::PLAIN, typesetter, text, shift }
    }

    /// A writer that draws nothing, whatever the profile says.
    pub(crate) fn native(profile: &'a Profile, capacity: usize) -> Self {
        Self { text: TextMode::Native, ..Self::new(profile, capacity, &NoTypesetter) }
    }

    /// Draws every line, also those that the printer has all characters of; if it is one that can be drawn for.
    pub(crate) const fn draw_all(&mut self) {
        self.text = possible_text(self.profile, TextMode::Raster);
    }

    pub(crate) fn cells(&self) -> Cells {
        Cells { hanzi: self.profile.hanzi_columns(), charset: Charset::of(self.profile) }
    }

    /// Columns of a line in a style.
    pub(crate) fn columns(&self, style: Style) -> usize {
        usize::from(self.profile.columns()) / usize::from(self.possible(style).width.max(1))
    }

    /// A style as far as the printer has it: its largest size, and bold instead of white on black.
    fn possible(&self, style: Style) -> Style {
        let max = self.profile.size_max();
        let (width, height) = (style.width.min(max), style.height.min(max));
        match self.profile.head {
            Head::Thermal => Style { width, height, ..style },
            Head::NinePin => {
                Style { width, height, bold: style.bold || style.reverse, reverse: false, ..style }
            }
        }
    }

    /// Refuses a copy that has grown too large; called between lines.
    pub(crate) fn check_size(&self) -> Result<(), DocumentError> {
        if self.out.len() > COPY_BYTES_MAX {
            return Err(DocumentError::TooLong { extent: Extent::Bytes, max: COPY_BYTES_MAX as u64 });
        }
        Ok(())
    }

    /// Sets the style for what follows; at the start of a line only.
    pub(crate) fn style(&mut self, style: Style) {
        let style = self.possible(style);
        let old = std::mem::replace(&mut self.style, style);
        let chinese = self.profile.kanji != KanjiMode::None;
        if old.align != style.align {
            self.out.extend_from_slice(&[ESC, b'a', style.align as u8]);
        }
        if self.profile.head == Head::NinePin {
            self.modes(Style { align: style.align, ..old }, style);
            return;
        }
        if old.bold != style.bold {
            self.out.extend_from_slice(&[ESC, b'E', style.bold.into()]);
        }
        if old.underline != style.underline {
            self.out.extend_from_slice(&[ESC, b'-', style.underline.into()]);
            if chinese {
                self.out.extend_from_slice(&[FS, b'-', style.underline.into()]);
            }
        }
        if old.reverse != style.reverse {
            self.out.extend_from_slice(&[GS, b'B', style.reverse.into()]);
        }
        if (old.width, old.height) != (style.width, style.height) {
            let times = |n: u8| n.clamp(1, 8) - 1;
            self.out.extend_from_slice(&[GS, b'!', times(style.width) << 4 | times(style.height)]);
        }
    }

    /// Sets what a printer with nine pins knows of a style: all of it by one byte, for ASCII and again for Hanzi.
    fn modes(&mut self, old: Style, style: Style) {
        if old == style {
            return;
        }
        let bit = |on: bool, bit: u8| if on { bit } else { 0 };
        let (wide, high) = (style.width > 1, style.height > 1);
        let underline = bit(style.underline, 0x80);
        let ascii = pin_font(self.profile) | bit(style.bold, 8) | bit(high, 16) | bit(wide, 32) | underline;
        self.out.extend_from_slice(&[ESC, b'!', ascii]);
        if self.profile.kanji != KanjiMode::None {
            self.out.extend_from_slice(&[FS, b'!', bit(wide, 4) | bit(high, 8) | underline]);
        }
    }

    /// Characters into the line that is begun.
    fn native_text(&mut self, text: &str) -> Result<(), Lacking> {
        let charset = Charset::of(self.profile);
        let mut at = 0;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let bytes = rest.as_bytes();
            if bytes.first().is_some_and(u8::is_ascii) {
                // As it is on every printer, and most of many receipts.
                let run = eight::not_printable(bytes).unwrap_or(bytes.len());
                self.out.extend_from_slice(bytes.get(..run).unwrap_or_default());
                if run > 0 {
                    at += run;
                    continue;
                }
            }
            let Some(character) = rest.chars().next() else { return Ok(()) };
            at += character.len_utf8();
            match glyph(character, charset) {
                Ok(Glyph::One(byte)) => self.out.push(byte),
                Ok(Glyph::Two(pair)) => {
                    if !self.shift.chinese {
                        self.out.extend_from_slice(&[FS, b'&']);
                        self.shift.chinese = true;
                    }
                    self.out.extend_from_slice(&pair);
                }
                Ok(Glyph::Paged) => self.paged(character, rest)?,
                Err(_) => return Err(Lacking),
            }
        }
    }

    /// A letter of a code page. The page stays if it has it; if not, the one is chosen that serves the text from here on the
    /// longest, so that there are as few changes as can be.
    fn paged(&mut self, character: char, rest: &str) -> Result<(), Lacking> {
        let charset = Charset::of(self.profile);
        let pages = charset.pages;
        let stays = self.shift.page.and_then(|page| Some((page, pages.byte(page, character)?)));
        let serves = |page: u8| {
            let mut letters = rest.chars().filter(|c| glyph(*c, charset) == Ok(Glyph::Paged));
            letters.position(|c| pages.byte(page, c).is_none()).unwrap_or(usize::MAX)
        };
        // Of two that serve as long, the first.
        let longest = || pages.of(character).rev().max_by_key(|(page, _)| serves(*page));
        let (page, byte) = stays.or_else(longest).ok_or(Lacking)?;
        if self.shift.chinese {
            self.out.extend_from_slice(&[FS, b'.']);
        }
        // Decoders that look for a character behind `FS .` find a control byte.
        if self.shift.chinese || self.shift.page != Some(page) {
            self.out.extend_from_slice(&[ESC, b't', page]);
        }
        self.shift = Shift { chinese: false, page: Some(page) };
        self.out.push(byte);
        Ok(())
    }

    /// Prints a line of texts, each with the column of the line that it begins at; they do not overlap.
    pub(crate) fn line(&mut self, style: Style, parts: &[(usize, &str)]) -> Result<(), BadText> {
        if self.text == TextMode::Raster {
            return self.drawn_line(style, parts);
        }
        self.style(style);
        let (begin, shift) = (self.out.len(), self.shift);
        let mut column = 0;
        for (number, (at, text)) in parts.iter().enumerate() {
            self.out.resize(self.out.len() + at.saturating_sub(column), b' ');
            if let Err(Lacking) = self.native_text(text) {
                self.out.truncate(begin);
                self.shift = shift;
                return self.drawn_line(style, parts);
            }
            // Measured only where something follows.
            if number + 1 < parts.len() {
                column = at + self.cells().columns(text);
            }
        }
        self.end_line();
        if self.style.height > 1 {
            // Letters that are higher than the spacing of lines leave nothing white below them.
            self.feed_dots(BELOW_TALL_DOTS);
        }
        Ok(())
    }

    /// Draws a line. The picture is as wide as the paper, so that its place does not depend on how a board aligns.
    fn drawn_line(&mut self, style: Style, parts: &[(usize, &str)]) -> Result<(), BadText> {
        if parts.iter().any(|(_, text)| text.chars().any(char::is_control)) {
            return Err(BadText::Character);
        }
        let (cells, profile) = (self.cells(), self.profile);
        if profile.head == Head::NinePin {
            return Err(BadText::NotDrawn(TypesetError::TooCoarse));
        }
        let width = style.width.clamp(1, 8);
        let column_dots = usize::from(profile.font_a_width) * usize::from(width);
        let end = parts.last().map_or(0, |(at, text)| at + cells.columns(text));
        let free = usize::from(profile.dots).saturating_sub(end * column_dots);
        let before = match style.align {
            Align::Left => 0,
            Align::Center => free / 2,
            Align::Right => free,
        };
        let piece = |(at, text): &(usize, &'_ str)| Piece {
            left: (before + at * column_dots).min(profile.dots.into()) as u16,
            text: Cow::Owned((*text).to_owned()),
            cells: cells.each(text).map(|cells| cells.min(255) as u8).collect(),
        };
        let line = DrawLine {
            paper: profile.dots,
            cell: profile.font_a_width,
            line: profile.line_dots,
            bold: style.bold,
            underline: style.underline,
            reverse: style.reverse,
            width,
            height: style.height.clamp(1, 8),
            pieces: parts.iter().filter(|(_, text)| !text.is_empty()).map(piece).collect(),
        };
        if !line.fits() {
            return Err(BadText::NotDrawn(TypesetError::TooMuch));
        }
        if line.pieces.iter().all(|piece| !style.reverse && !style.underline && piece.text.trim().is_empty())
        {
            // Nothing but white.
            self.feed_dots(line.rows());
            return Ok(());
        }
        let rows = self.typesetter.draw(&line).map_err(BadText::NotDrawn)?;
        let Some(bitmap) = Bitmap::from_rows(profile.dots.into(), line.rows().into(), rows) else {
            let detail = "the picture has another size than was asked for".to_owned();
            return Err(BadText::NotDrawn(TypesetError::Failed { detail }));
        };
        self.style(Style::PLAIN);
        self.drawn.push(Drawn {
            offset: self.out.len() as u32,
            rows: line.rows(),
            text: text_of(&line, cells),
        });
        bitmap.write(&mut self.out, profile.dots, Align::Left);
        Ok(())
    }

    /// Prints a line of the same character, across the paper.
    pub(crate) fn rule(&mut self, byte: u8) -> Result<(), BadText> {
        let columns = self.columns(Style::PLAIN);
        if self.text == TextMode::Raster {
            return self.drawn_line(Style::PLAIN, &[(0, &char::from(byte).to_string().repeat(columns))]);
        }
        self.style(Style::PLAIN);
        self.out.resize(self.out.len() + columns, byte);
        self.end_line();
        Ok(())
    }

    /// Prints a picture.
    pub(crate) fn picture(&mut self, bitmap: &Bitmap, align: Align) {
        self.style(Style::PLAIN);
        bitmap.put(&mut self.out, self.profile, align);
    }

    /// Prints the line that is begun.
    pub(crate) fn end_line(&mut self) {
        self.out.push(LF);
    }

    /// Feeds empty lines.
    pub(crate) fn feed_lines(&mut self, lines: u8) {
        if lines > 0 {
            self.out.extend_from_slice(&[ESC, b'd', lines]);
        }
    }

    /// Feeds dot rows of 1/8 mm.
    pub(crate) fn feed_dots(&mut self, dots: u16) {
        self.feed_rows(self.profile.grid().rows(dots.into()));
    }

    /// Feeds rows of the head's grid.
    pub(crate) fn feed_rows(&mut self, rows: u32) {
        let mut left = self.profile.grid().units(rows);
        while left > 0 {
            // An even number: where units are halves of rows, each feed is of whole ones.
            let step = if left > 255 { 254 } else { left };
            self.out.extend_from_slice(&[ESC, b'J', step as u8]);
            left -= step;
        }
    }

    /// Feeds until the last line is behind the blade or the tear bar.
    ///
    /// In lines and not in dots, because lines do not depend on the printer's motion unit.
    fn feed_to_cutter(&mut self) {
        let lines = self.profile.feed_before_cut_dots.div_ceil(self.profile.line_dots.max(1).into());
        self.feed_lines(lines.min(255) as u8);
    }

    /// Feeds and cuts. A printer without a cutter only feeds.
    pub(crate) fn cut(&mut self, kind: Option<Cutter>) {
        self.feed_to_cutter();
        match (self.profile.cutter, kind) {
            (Cutter::None, _) | (_, Some(Cutter::None)) => {}
            (_, Some(Cutter::Full)) | (Cutter::Full, None) => self.out.extend_from_slice(&[GS, b'V', 0]),
            (_, Some(Cutter::Partial)) | (Cutter::Partial, None) => {
                self.out.extend_from_slice(&[GS, b'V', 1]);
            }
        }
    }

    /// Kicks a drawer: on for 100 ms, off for 500 ms (`ESC p m t1 t2`, units of 2 ms).
    pub(crate) fn drawer(&mut self, connector: u8) {
        self.out.extend_from_slice(&[ESC, b'p', connector, 50, 250]);
    }

    /// Beeps so often, so many ms each, in steps of 50 (`ESC B n t`). A printer that can't is not told to.
    pub(crate) fn beep(&mut self, times: u8, ms: u16) {
        if self.profile.beep {
            let steps = ((ms + 25) / 50).clamp(1, 9) as u8;
            self.out.extend_from_slice(&[ESC, b'B', times, steps]);
        }
    }

    /// Leaves no style and no Chinese mode behind; what follows is the tail.
    pub(crate) fn end_of_body(&mut self) {
        self.style(Style::PLAIN);
        if self.shift.chinese {
            self.out.extend_from_slice(&[FS, b'.']);
            self.shift.chinese = false;
        }
    }
}
