//! Texts of several lines: their line ends and tabs. Where a line is broken is decided by [`crate::layout`].

use super::{BadText, Style, Writer};
use crate::eight;

impl Writer<'_> {
    /// A text in a style, with its line ends and tabs, wrapped to the paper.
    pub(crate) fn paragraph(&mut self, text: &str, style: Style) -> Result<(), BadText> {
        eight::lines(text).try_for_each(|line| self.wrapped(line, style))
    }

    /// The same, or nothing of it at all.
    pub(crate) fn whole_paragraph(&mut self, text: &str, style: Style) -> Result<(), BadText> {
        let (begin, before) = (self.out.len(), (self.style, self.shift));
        self.paragraph(text, style).inspect_err(|_| {
            self.out.truncate(begin);
            self.drawn.retain(|text| (text.offset as usize) < begin);
            (self.style, self.shift) = before;
        })
    }

    /// One line of a text, with its tabs, wrapped to the paper.
    pub(crate) fn wrapped(&mut self, line: &str, style: Style) -> Result<(), BadText> {
        let (cells, width) = (self.cells(), self.columns(style));
        let line = cells.expand_tabs(line.strip_suffix('\r').unwrap_or(line));
        cells.wrap(&line, width).try_for_each(|part| self.line(style, &[(0, part)]))
    }
}
