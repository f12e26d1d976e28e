//! What the commands `ESC`, `FS` and `GS` do: modes, and what they print.

use std::sync::Arc;

use receiptd_document::KanjiMode;

use super::{Modes, Reader, Sheet, word};
use crate::limits::TABS_MAX;
use crate::page::line::Line;
use crate::page::{Align, What, graphics};

/// The line below letters, in rows: thin or thick.
const fn line(n: u8) -> u8 {
    match n {
        1 | 49 => 1,
        2 | 50 => 2,
        _ => 0,
    }
}

impl Reader<'_> {
    pub(super) fn esc(&mut self, command: &[u8], code: u8, rest: &[u8]) {
        match (code, rest) {
            (b'@', _) => {
                self.line = Line::default();
                self.sheet = None;
                self.modes = Modes::of(self.profile);
            }
            (0x0c, _) => self.print_sheet(),
            (b'!', &[n, ..]) => {
                self.modes.font_b = n & 1 != 0;
                let style = &mut self.modes.style;
                style.bold = n & 8 != 0;
                style.underline = line(u8::from(n & 0x80 != 0));
                (style.width, style.height) = (1 + (n >> 5 & 1), 1 + (n >> 4 & 1));
                self.modes.wide_size = None;
            }
            (b'M', &[n, ..]) => self.modes.font_b = n & 1 != 0,
            (b'E' | b'G', &[n, ..]) => self.modes.style.bold = n & 1 != 0,
            (b'-', &[n, ..]) => self.modes.style.underline = line(n),
            (b' ', &[n, ..]) => self.modes.gaps.0 = n.into(),
            (b't', &[n, ..]) => self.modes.code_page = n,
            (b'a', &[n, ..]) => {
                self.modes.align = match n {
                    1 | 49 => Align::Center,
                    2 | 50 => Align::Right,
                    _ => Align::Left,
                };
            }
            (b'2', _) => self.modes.spacing = self.grid.rows(self.profile.line_dots.into()),
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
                if let Some(bits) = graphics::columns(command, self.profile.head) {
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
            (b'Z', _) => self.unknown(What::Unknown("ESC Z")),
            _ => {}
        }
    }

    pub(super) fn fs(&mut self, code: u8, rest: &[u8]) {
        match (code, rest) {
            (b'&', _) => self.modes.kanji = self.profile.kanji != KanjiMode::None,
            (b'.', _) => self.modes.kanji = false,
            (b'!', &[n, ..]) => {
                self.modes.wide_size = Some((1 + (n >> 2 & 1), 1 + (n >> 3 & 1)));
                self.modes.wide_underline = line(u8::from(n & 0x80 != 0));
            }
            (b'W', &[n, ..]) => self.modes.wide_size = Some((1 + (n & 1), 1 + (n & 1))),
            (b'-', &[n, ..]) => self.modes.wide_underline = line(n),
            (b'S', &[left, right, ..]) => self.modes.gaps.1 = u32::from(left) + u32::from(right),
            (b'p', _) => self.unknown(What::Unknown("FS p")),
            _ => {}
        }
    }

    pub(super) fn gs(&mut self, command: &[u8], code: u8, rest: &[u8]) {
        match (code, rest) {
            (b'!', &[n, ..]) => {
                let style = &mut self.modes.style;
                (style.width, style.height) = ((n >> 4 & 7) + 1, (n & 7) + 1);
                self.modes.wide_size = None;
            }
            (b'B', &[n, ..]) => self.modes.style.reverse = n & 1 != 0,
            (b'P', &[x, y, ..]) => {
                let or = |n: u8, default: u32| if n == 0 { default } else { n.into() };
                self.modes.units = (or(x, self.grid.across_per_inch), or(y, self.grid.units_per_inch));
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
}
