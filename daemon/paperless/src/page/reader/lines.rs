//! Characters into the line buffer, and the line onto the paper.

use super::Reader;
use crate::page::letters::decode;

/// Rows that a pin marks.
const PIN_ROWS: u8 = 2;

/// Characters between tab stops at power-on.
const TAB: u32 = 8;

impl Reader<'_> {
    /// Motion units in dots.
    pub(super) fn across(&self, units: u32) -> u32 {
        (units * self.grid.across_per_inch + self.modes.units.0 / 2) / self.modes.units.0
    }

    /// Motion units in rows.
    pub(super) fn down(&self, units: u32) -> u32 {
        (units * self.grid.rows_per_inch + self.modes.units.1 / 2) / self.modes.units.1
    }

    pub(super) fn paper(&self) -> u32 {
        self.profile.dots.into()
    }

    /// Width of what a line may fill, in dots.
    pub(super) fn area(&self) -> u32 {
        let room = self.paper().saturating_sub(self.modes.margin);
        self.modes.area.map_or(room, |area| area.min(room)).max(1)
    }

    /// From one character of one byte to the next, in dots.
    pub(super) fn narrow(&self) -> u32 {
        let (cell, _) = self.profile.font(self.modes.font_b);
        (cell + self.modes.gaps.0) * u32::from(self.modes.style.width)
    }

    pub(super) fn text(&mut self, bytes: &[u8]) {
        for (character, wide) in
            decode(bytes, self.modes.kanji, self.modes.code_page, &self.profile.code_pages)
        {
            let mut style = self.modes.style;
            if wide {
                (style.width, style.height) = self.modes.wide_size.unwrap_or((style.width, style.height));
                style.underline = style.underline.max(self.modes.wide_underline);
            }
            // A row of nine pins is as thick as a pin, and their fonts differ in width alone.
            if self.grid.is_pins() && style.underline > 0 {
                style.underline = PIN_ROWS;
            }
            style.font_b = self.modes.font_b && !wide && !self.grid.is_pins();
            let ((cell, rows), gap) = if wide {
                ((self.profile.hanzi_width.into(), self.grid.hanzi_rows), self.modes.gaps.1)
            } else {
                (self.profile.font(self.modes.font_b), self.modes.gaps.0)
            };
            let advance = (cell + gap) * u32::from(style.width);
            if self.line.begun && self.line.x.saturating_add(advance) > self.area() {
                // The line is full: the printer breaks it here.
                self.end_line(0, 1);
            }
            let height = rows * u32::from(style.height);
            self.line.push(character, wide, (advance, cell), height, style);
        }
    }

    pub(super) fn tab(&mut self) {
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
    pub(super) fn feed(&mut self, rows: u32, lines: u32) {
        if lines == 0 && rows == 0 && !self.line.begun {
            return;
        }
        self.end_line(rows, lines);
    }

    pub(super) fn end_line(&mut self, rows: u32, lines: u32) {
        let spacing = if lines == 0 { 0 } else { self.modes.spacing };
        let first = if self.line.begun { self.line.height.max(spacing).max(rows) } else { rows.max(spacing) };
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

    pub(super) fn advance(&mut self, rows: u32) {
        match &mut self.sheet {
            Some(sheet) => sheet.y = sheet.y.saturating_add(rows),
            None => self.y = self.y.saturating_add(rows),
        }
    }
}
