//! Tables and labelled lines for people: columns aligned on a terminal where a Chinese character takes two cells.
//!
//! It knows widths and colours and nothing of jobs. The last column is never cut: what pipes the output into
//! `grep` finds whole titles.

use unicode::cells;

/// A colour of the eight that every terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Tint {
    /// As it is.
    #[default]
    Plain,
    /// It is well.
    Good,
    /// It needs somebody's eye.
    Warn,
    /// It needs somebody now.
    Bad,
    /// Of less interest.
    Dim,
    /// A heading.
    Bold,
}

impl Tint {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "\x1b[32m",
            Self::Warn => "\x1b[33m",
            Self::Bad => "\x1b[31m",
            Self::Dim => "\x1b[2m",
            Self::Bold => "\x1b[1m",
        }
    }

    /// The text in this colour, if there are colours.
    pub fn paint(self, text: &str, color: bool) -> String {
        if color && self != Self::Plain && !text.is_empty() {
            format!("{}{text}\x1b[0m", self.code())
        } else {
            text.to_owned()
        }
    }
}

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Cell {
    text: String,
    tint: Tint,
}

impl Cell {
    /// A cell with a colour.
    pub fn new(text: impl Into<String>, tint: Tint) -> Self {
        Self { text: text.into(), tint }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Tint::Plain)
    }
}

/// The lines of a table. Columns are two cells apart; one that is empty in every row is left out.
pub fn lines(header: &[&str], rows: &[Vec<Cell>], color: bool) -> Vec<String> {
    let widths: Vec<Option<usize>> = header
        .iter()
        .enumerate()
        .map(|(column, title)| {
            let widest = rows.iter().filter_map(|row| row.get(column)).map(|cell| cells(&cell.text)).max()?;
            (widest > 0).then(|| widest.max(cells(title)))
        })
        .collect();
    let head: Vec<Cell> = header.iter().map(|title| Cell::new(*title, Tint::Bold)).collect();
    std::iter::once(&head).chain(rows).map(|row| line(row, &widths, color)).collect()
}

fn line(row: &[Cell], widths: &[Option<usize>], color: bool) -> String {
    let mut out = String::new();
    let mut gap = 0;
    for (cell, width) in row.iter().zip(widths) {
        let Some(width) = width else { continue };
        if !cell.text.is_empty() {
            out.push_str(&" ".repeat(gap));
            out.push_str(&cell.tint.paint(&cell.text, color));
            gap = 0;
        }
        gap += width.saturating_sub(cells(&cell.text)) + 2;
    }
    out
}

/// Lines of `label  value`, the values aligned; those without a value are left out.
pub fn labelled(pairs: &[(&str, Cell)], color: bool) -> Vec<String> {
    let shown: Vec<_> = pairs.iter().filter(|(_, value)| !value.text.is_empty()).collect();
    let width = shown.iter().map(|(label, _)| cells(label)).max().unwrap_or(0);
    shown
        .into_iter()
        .map(|(label, value)| {
            let gap = " ".repeat(width - cells(label) + 2);
            format!("  {}{gap}{}", Tint::Dim.paint(label, color), value.tint.paint(&value.text, color))
        })
        .collect()
}

/// Text from strangers for a terminal: without control characters, which could move its cursor or hide text.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || unicode::is_direction(c) { ' ' } else { c }).collect()
}

/// How wide characters are on a terminal.
mod unicode {
    /// The cells a text takes.
    pub fn cells(text: &str) -> usize {
        text.chars().map(width).sum()
    }

    /// Marks that turn the direction of the text around: a title with one could show another one's number.
    pub const fn is_direction(c: char) -> bool {
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    }

    /// East Asian Width W and F take two cells, combining marks none (Unicode 16, EastAsianWidth.txt; the
    /// ranges are merged where only unassigned characters lie between).
    const fn width(c: char) -> usize {
        match c {
            '\u{0300}'..='\u{036f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => 0,
            '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => 0,
            '\u{1100}'..='\u{115f}'
            | '\u{2e80}'..='\u{303e}'
            | '\u{3041}'..='\u{33ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{a4cf}'
            | '\u{a960}'..='\u{a97f}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}'
            | '\u{ff01}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}'
            | '\u{1f300}'..='\u{1f64f}'
            | '\u{1f680}'..='\u{1f6ff}'
            | '\u{1f900}'..='\u{1f9ff}'
            | '\u{20000}'..='\u{3fffd}' => 2,
            _ => 1,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn chinese_takes_two_cells_and_a_combining_mark_none() {
            assert_eq!(cells("abc"), 3);
            assert_eq!(cells("签购单"), 6);
            assert_eq!(cells("（重打印）：￥18.50"), 2 + 6 + 2 + 2 + 2 + 5);
            assert_eq!(cells("e\u{301}"), 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stay_aligned_under_chinese_titles_and_colours() {
        let rows = vec![
            vec![
                Cell::from("7"),
                Cell::new("已打印", Tint::Good),
                Cell::from(""),
                Cell::from("签购单 18.50"),
            ],
            vec![Cell::from("128"), Cell::new("printed", Tint::Good), Cell::from(""), Cell::from("Sale")],
        ];
        let plain = lines(&["任务", "状态", "void", "标题"], &rows, false);
        assert_eq!(plain, ["任务  状态     标题", "7     已打印   签购单 18.50", "128   printed  Sale"]);
        let painted = lines(&["任务", "状态", "void", "标题"], &rows, true);
        assert_eq!(painted[2], "128   \x1b[32mprinted\x1b[0m  Sale");
    }

    #[test]
    fn no_line_ends_in_blanks() {
        let rows = vec![vec![Cell::from("a"), Cell::from("")], vec![Cell::from("a"), Cell::from("b")]];
        assert_eq!(lines(&["x", "y"], &rows, false), ["x  y", "a", "a  b"]);
        let pairs = [("Title", Cell::from("T")), ("Key", Cell::from("")), ("打印机", Cell::from("till"))];
        assert_eq!(labelled(&pairs, false), ["  Title   T", "  打印机  till"]);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(clean("a\x1b[2Jb\u{202e}c\n"), "a [2Jb c ");
    }
}
