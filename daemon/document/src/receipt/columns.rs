//! Texts beside each other: widths of columns, and their rows.

use std::borrow::Cow;

use super::model::{Column, ColumnsLine};
use crate::charset::{Charset, first_bad};
use crate::eight;
use crate::layout::{Cells, Wrap};
use crate::limits::COLUMNS_MAX;
use crate::writer::{Align, BadText, Style, Writer};

/// Widths of the columns, in characters, and the gap between them.
pub(super) fn widths(
    line: &ColumnsLine<'_>,
    paper: usize,
    cells: Cells,
) -> Result<([usize; COLUMNS_MAX], usize), String> {
    let columns = &line.columns;
    let fixed = |column: &Column<'_>| column.width.map_or(0, |width| usize::from(width.get()));
    let share = |column: &Column<'_>| match (column.width, column.share) {
        (Some(_), _) => 0,
        (None, share) => share.map_or(1, |share| usize::from(share.get())),
    };
    if let Some(index) = columns.iter().position(|column| column.width.is_some() && column.share.is_some()) {
        return Err(format!("column {index} has both a width and a share; give one of them"));
    }
    let shares: usize = columns.iter().map(share).sum();
    let gap = line.gap.map_or(usize::from(shares > 0), |gap| gap.get().into());
    let gaps = gap * columns.len().saturating_sub(1);
    let sum: usize = columns.iter().map(fixed).sum::<usize>() + gaps;
    if sum > paper {
        return Err(format!(
            "the widths and gaps of the columns are {sum} characters together, and a line has {paper} in \
             this size; make columns narrower, or leave the width of one out"
        ));
    }
    let left = paper - sum;
    let mut widths = [0; COLUMNS_MAX];
    let (mut shares_before, mut given) = (0, 0);
    for (index, (width, column)) in widths.iter_mut().zip(columns).enumerate() {
        // Each share ends where it would end exactly, so that rounding is spread and nothing is lost.
        shares_before += share(column);
        let end = (left * shares_before).checked_div(shares).unwrap_or(0);
        *width = fixed(column) + end - given;
        given = end;
        if *width < cells.hanzi {
            return Err(format!(
                "column {index} has {width} characters, and a Chinese character takes {}; make it wider",
                cells.hanzi
            ));
        }
    }
    Ok((widths, gap))
}

/// Lines of one cell.
struct Cell<'a> {
    lines: eight::Lines<'a>,
    wrap: Option<Wrap<'a>>,
    width: usize,
    align: Align,
}

impl<'a> Cell<'a> {
    fn next(&mut self, cells: Cells) -> Option<&'a str> {
        loop {
            if let Some(part) = self.wrap.as_mut().and_then(Iterator::next) {
                return Some(part);
            }
            let line = self.lines.next()?;
            self.wrap = Some(cells.wrap(line.strip_suffix('\r').unwrap_or(line), self.width));
        }
    }
}

/// Writes the rows. Blanks at the end of a row are left out. On a bad text: the index of its column, and why.
pub(super) fn write(
    writer: &mut Writer<'_>,
    line: &ColumnsLine<'_>,
    style: Style,
    widths: &[usize],
    gap: usize,
) -> Result<(), (usize, BadText)> {
    let cells = writer.cells();
    let texts: Vec<Cow<'_, str>> =
        line.columns.iter().map(|column| cells.expand_tabs(&column.text)).collect();
    let mut row: Vec<Cell<'_>> = texts
        .iter()
        .zip(&line.columns)
        .zip(widths)
        .map(|((text, column), &width)| Cell {
            lines: eight::lines(text),
            wrap: None,
            width,
            align: column.align,
        })
        .collect();
    loop {
        let mut parts = [(0, ""); COLUMNS_MAX];
        let mut count = 0;
        let mut left = 0;
        let mut any = false;
        for cell in &mut row {
            let part = cell.next(cells);
            any |= part.is_some();
            let part = part.unwrap_or_default();
            let free = cell.width.saturating_sub(cells.columns(part));
            let before = match cell.align {
                Align::Left => 0,
                Align::Center => free / 2,
                Align::Right => free,
            };
            if !part.is_empty()
                && let Some(place) = parts.get_mut(count)
            {
                *place = (left + before, part);
                count += 1;
            }
            left += cell.width + gap;
        }
        // Padding can make much of little; the caller refuses a copy that has grown beyond its limit.
        if !any || writer.check_size().is_err() {
            return Ok(());
        }
        let parts = parts.get(..count).unwrap_or_default();
        writer.line(style, parts).map_err(|why| (bad_column(&texts, writer), why))?;
    }
}

/// The first column with a character that the printer lacks.
fn bad_column(texts: &[Cow<'_, str>], writer: &Writer<'_>) -> usize {
    texts.iter().position(|text| first_bad(text, Charset::of(writer.profile)).is_some()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths_of(json: &str, paper: usize) -> Result<Vec<usize>, String> {
        let line: ColumnsLine<'_> = serde_json::from_str(json).unwrap();
        widths(&line, paper, Cells { hanzi: 2, charset: Charset::of(&crate::Profile::mm80()) }).map(
            |(widths, gap)| {
                assert!(widths.iter().sum::<usize>() + gap * (line.columns.len() - 1) <= paper);
                widths[..line.columns.len()].to_vec()
            },
        )
    }

    #[test]
    fn shares_divide_what_widths_leave() {
        let three = r#"{"columns": [{"text": "a", "share": 2}, {"text": "b", "width": 6}, {"text": "c"}]}"#;
        assert_eq!(widths_of(three, 48), Ok(vec![26, 6, 14]));
        let exact = r#"{"columns": [{"text": "a", "width": 24}, {"text": "b", "width": 24}]}"#;
        assert_eq!(widths_of(exact, 48), Ok(vec![24, 24]));
        assert_eq!(widths_of(r#"{"columns": [{"text": "a"}, {"text": "b"}], "gap": 0}"#, 9), Ok(vec![4, 5]));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let exact = r#"{"columns": [{"text": "a", "width": 24}, {"text": "b", "width": 24}]}"#;
        assert!(widths_of(exact, 32).unwrap_err().contains("48 characters"));
        let narrow = r#"{"columns": [{"text": "a", "width": 1}, {"text": "b"}]}"#;
        assert!(widths_of(narrow, 32).unwrap_err().contains("column 0"));
        let both = r#"{"columns": [{"text": "a", "width": 1, "share": 1}]}"#;
        assert!(widths_of(both, 32).unwrap_err().contains("both"));
        let full = r#"{"columns": [{"text": "a", "width": 32}, {"text": "b"}], "gap": 0}"#;
        assert!(widths_of(full, 32).unwrap_err().contains("column 1 has 0"));
    }
}
