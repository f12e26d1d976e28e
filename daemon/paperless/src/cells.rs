//! What a line of text means to a reader: one text, a few cells beside each other, or a rule.
//!
//! On paper a line is characters at places. A screen has other widths, so what belongs together has to be known:
//! texts with two blanks or more between them are cells, and a cell keeps the edge that it shares with its
//! neighbours above and below, or with the paper.

use crate::page::{Align, Page, Row, Run, Style};

/// Characters from which a line of one character is a rule.
const RULE_MIN: usize = 8;

/// A line as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    Rule(Rule),
    /// At least one cell, from left to right.
    Cells(Vec<Cell>),
}

/// A line across the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    Single,
    Double,
    Dotted,
}

/// A text within a line. It neither begins nor ends with a blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Left and right edge, in dots.
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) align: Align,
    /// Pieces of one style each.
    pub(crate) parts: Vec<(Style, String)>,
}

impl Cell {
    /// Its characters.
    pub(crate) fn text(&self) -> String {
        self.parts.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// An amount, a quantity, a date: it stays in one piece.
    pub(crate) fn is_number(&self) -> bool {
        is_number(&self.text())
    }

    /// The style of its first character.
    pub(crate) fn style(&self) -> Style {
        self.parts.first().map_or(Style::PLAIN, |(style, _)| *style)
    }
}

/// At least one digit, and nothing else but what stands around digits in an amount, a quantity or a time.
fn is_number(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_digit() || " .,:+-*/%()x¥￥$€£".contains(c);
    // A currency or a unit of one to three letters before or behind the number.
    let trimmed = text.trim_matches(|c: char| c.is_ascii_uppercase());
    text.len() - trimmed.len() <= 3
        && trimmed.chars().any(|c| c.is_ascii_digit())
        && trimmed.chars().all(plain)
}

/// Reads a line.
pub(crate) fn line(row: &Row, page: &Page) -> Line {
    if let Some(rule) = rule(row, page) {
        return Line::Rule(rule);
    }
    let mut cells: Vec<Cell> = Vec::new();
    // The right edge of the last character that is no blank; where the next one begins decides.
    let mut blanks: Vec<(Style, char)> = Vec::new();
    for run in &row.runs {
        for (index, character) in run.text.chars().enumerate() {
            let left = run.left.saturating_add(run.advance.saturating_mul(index as u32));
            if character == ' ' && run.style.underline == 0 {
                blanks.push((run.style, ' '));
                continue;
            }
            let right = left.saturating_add(run.advance);
            match cells.last_mut().filter(|cell| joins(cell, run, left)) {
                Some(cell) => {
                    blanks.drain(..).for_each(|(style, blank)| push(&mut cell.parts, style, blank));
                    push(&mut cell.parts, run.style, character);
                    cell.right = cell.right.max(right);
                }
                None => cells.push(Cell {
                    left,
                    right,
                    align: Align::Left,
                    parts: vec![(run.style, character.to_string())],
                }),
            }
            blanks.clear();
        }
    }
    let count = cells.len();
    for (index, cell) in cells.iter_mut().enumerate() {
        cell.align = if count == 1 { alone(cell, row.align, page) } else { among(cell, index, count, page) };
    }
    Line::Cells(cells)
}

/// A character at `left` belongs to the cell before it: less than two blanks are between them.
fn joins(cell: &Cell, run: &Run, left: u32) -> bool {
    let blank = if run.wide { run.advance / 2 } else { run.advance };
    left >= cell.right && left - cell.right < (2 * blank).max(1)
}

fn push(parts: &mut Vec<(Style, String)>, style: Style, character: char) {
    match parts.last_mut() {
        Some((last, text)) if *last == style => text.push(character),
        _ => parts.push((style, character.to_string())),
    }
}

fn rule(row: &Row, page: &Page) -> Option<Rule> {
    let text = row.text();
    let text = text.trim_matches(' ');
    let first = text.chars().next()?;
    let rule = match first {
        '-' | '_' | '—' | '─' | '－' | '━' | '一' => Rule::Single,
        '=' | '═' | '＝' => Rule::Double,
        '.' | '·' | '…' | '*' | '~' => Rule::Dotted,
        _ => return None,
    };
    let left = row.runs.iter().map(|run| run.left).min()?;
    let right = row.runs.iter().map(Run::right).max()?;
    let count = text.chars().count();
    (text.chars().all(|c| c == first) && count >= RULE_MIN && (right - left) * 2 >= page.dots).then_some(rule)
}

/// The only text of a line.
fn alone(cell: &Cell, asked: Align, page: &Page) -> Align {
    if asked != Align::Left {
        return asked;
    }
    let (before, behind) = (cell.left, page.dots.saturating_sub(cell.right));
    let near = page.narrow * 3 / 2;
    if before >= 2 * page.narrow && before.abs_diff(behind) <= near {
        Align::Center
    } else if before > page.dots / 4 && behind < page.narrow {
        Align::Right
    } else {
        Align::Left
    }
}

fn among(cell: &Cell, index: usize, count: usize, page: &Page) -> Align {
    let at_edge = cell.right.saturating_add(page.narrow) > page.dots;
    match index {
        0 => Align::Left,
        _ if index + 1 == count && at_edge => Align::Right,
        _ if cell.is_number() => Align::Right,
        _ => Align::Left,
    }
}

/// Aligns the cells of lines that stand directly below each other with each other: texts that end at one place and
/// begin at several are aligned to the right.
pub(crate) fn agree(lines: &mut [Vec<Cell>]) {
    for at in 1..lines.len() {
        let (above, below) = lines.split_at_mut(at);
        let (Some(above), Some(below)) = (above.last_mut(), below.first_mut()) else { continue };
        for one in above.iter_mut().skip(1) {
            for other in below.iter_mut().skip(1) {
                match (one.left == other.left, one.right == other.right) {
                    (false, true) => (one.align, other.align) = (Align::Right, Align::Right),
                    (true, false) if !one.is_number() && !other.is_number() => {
                        (one.align, other.align) = (Align::Left, Align::Left);
                    }
                    _ => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use receiptd_document::Profile;

    use super::*;
    use crate::page::What;

    fn cells_of(bytes: &[u8]) -> Vec<(String, u32, Align)> {
        let page = Page::of(bytes, &Profile::mm80());
        let What::Row(row) = &page.blocks[0].what else { panic!("no row in {page:?}") };
        match line(row, &page) {
            Line::Cells(cells) => cells.iter().map(|cell| (cell.text(), cell.left, cell.align)).collect(),
            Line::Rule(rule) => panic!("{rule:?}"),
        }
    }

    fn rule_of(text: &str) -> Option<Rule> {
        let page = Page::of(format!("{text}\n").as_bytes(), &Profile::mm80());
        let What::Row(row) = &page.blocks[0].what else { panic!("no row in {page:?}") };
        rule(row, &page)
    }

    #[test]
    fn two_blanks_part_cells_and_one_does_not() {
        let at_edge = format!("Total  due{:>38}\n", "RMB 128.00");
        assert_eq!(
            cells_of(at_edge.as_bytes()),
            [
                ("Total".into(), 0, Align::Left),
                ("due".into(), 7 * 12, Align::Left),
                ("RMB 128.00".into(), 38 * 12, Align::Right)
            ]
        );
        assert_eq!(cells_of(b"a b\n"), [("a b".into(), 0, Align::Left)]);
    }

    #[test]
    fn one_text_stands_where_it_stands_on_paper() {
        assert_eq!(cells_of(b"\x1ba\x01SHOP\n"), [("SHOP".into(), 22 * 12, Align::Center)]);
        assert_eq!(
            cells_of(format!("{:^48}\n", "SHOP").as_bytes()),
            [("SHOP".into(), 22 * 12, Align::Center)]
        );
        assert_eq!(
            cells_of(format!("{:>48}\n", "5.00").as_bytes()),
            [("5.00".into(), 44 * 12, Align::Right)]
        );
        assert_eq!(cells_of(b"  indented\n"), [("indented".into(), 24, Align::Left)]);
    }

    #[test]
    fn numbers_and_rules_are_known() {
        for text in [
            "5.00",
            "RMB 128.00",
            "-3.50",
            "x2",
            "40 EAN",
            "14:32:05",
            "2026/11/27 14:32:05",
            "￥68.00",
            "12%",
        ] {
            assert!(is_number(text), "{text}");
        }
        for text in ["", "消费", "T1-B7", "SALE", "TOTAL 40", "------"] {
            assert!(!is_number(text), "{text}");
        }
        assert_eq!(rule_of(&"-".repeat(48)), Some(Rule::Single));
        assert_eq!(rule_of(&"=".repeat(30)), Some(Rule::Double));
        assert_eq!(rule_of(&".".repeat(30)), Some(Rule::Dotted));
        assert_eq!((rule_of("-------"), rule_of(&"x".repeat(48))), (None, None));
    }
}
