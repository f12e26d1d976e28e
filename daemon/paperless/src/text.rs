//! A page as plain text: UTF-8, a line per printed line, aligned to the columns of the paper.
//!
//! A Chinese character counts two columns, as terminals and Chinese editors show it. Sizes and emphasis are lost;
//! places are kept as far as characters allow. A QR code is its data, and on a terminal also its modules.

use crate::cells::{Cell, Line, Rule, agree, line};
use crate::page::{Align, Page, Picture, Qr, Row, What};
use crate::{Facts, Matrix};

/// How a page is written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options<'a> {
    /// What is said above and below it; nothing if left out.
    pub facts: Option<Facts<'a>>,
    /// A frame as wide as the paper.
    pub frame: bool,
    /// QR codes also as half-block characters, dark modules drawn as spaces would be on a dark screen's letters.
    pub blocks: bool,
}

/// Columns of a text, a character that is not ASCII taking two unless it is one of the narrow ones of code pages.
fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Columns of a character on a terminal, for what printers have: CJK is wide, Latin, Greek, Cyrillic and the frames of
/// code page 437 are narrow.
const fn width(character: char) -> usize {
    match character {
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}' => 2,
        '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}' => 2,
        '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Writes the page.
#[must_use]
pub fn text(page: &Page, options: &Options<'_>) -> String {
    let paper = page.columns() as usize;
    let mut lines: Vec<String> = Vec::new();
    if let Some(facts) = &options.facts {
        lines.extend(head(facts).iter().map(|text| centred(text, paper)));
        lines.push(String::new());
    }
    let mut bottom = None;
    let blocks = page.content();
    let mut at = 0;
    while let Some(block) = blocks.get(at) {
        // Empty lines where the paper was fed by more than half a line.
        if let Some(bottom) = bottom {
            let gap = block.top.saturating_sub(bottom) + page.line_rows / 3;
            lines.extend((0..gap / page.line_rows.max(1)).map(|_| String::new()));
        }
        let rows = table(page, at);
        if rows.len() > 1 {
            lines.extend(rows.iter().map(|cells| cells_text(cells, page)));
            at += rows.len();
        } else {
            one(&block.what, page, options, &mut lines);
            at += 1;
        }
        bottom = blocks.get(at - 1).map(|last| last.top + last.height);
    }
    let framed = options.frame.then_some(paper.max(1));
    finish(&lines, framed)
}

fn finish(lines: &[String], frame: Option<usize>) -> String {
    let mut out = String::new();
    match frame {
        None => lines.iter().for_each(|line| {
            out.push_str(line.trim_end());
            out.push('\n');
        }),
        Some(paper) => {
            // A character that is wider here than on paper must not break the frame.
            let inside = lines.iter().map(|line| columns(line)).max().unwrap_or(0).max(paper);
            out.push_str(&format!("┌{}┐\n", "─".repeat(inside)));
            for line in lines {
                out.push_str(&format!("│{line}{}│\n", " ".repeat(inside - columns(line))));
            }
            out.push_str(&format!("└{}┘\n", "─".repeat(inside)));
        }
    }
    out
}

/// What is said above the receipt.
fn head(facts: &Facts<'_>) -> Vec<String> {
    let mut out = vec!["电子小票 Receipt".to_owned()];
    out.extend(facts.job.map(|job| format!("单号 No. {job}")));
    out.extend(facts.time.map(|time| format!("时间 Time {time}")));
    out
}

/// The cells of the lines that stand below each other from a block on, as far as they have several.
pub(crate) fn table(page: &Page, from: usize) -> Vec<Vec<Cell>> {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut bottom = None;
    for block in page.blocks.get(from..).unwrap_or_default() {
        let What::Row(row) = &block.what else { break };
        // A gap of a line ends a table.
        if bottom.is_some_and(|bottom| block.top > bottom + page.line_rows) {
            break;
        }
        match line(row, page) {
            Line::Cells(cells) if cells.len() > 1 => rows.push(cells),
            _ => break,
        }
        bottom = Some(block.top + block.height);
    }
    agree(&mut rows);
    rows
}

fn one(what: &What, page: &Page, options: &Options<'_>, lines: &mut Vec<String>) {
    let paper = page.columns() as usize;
    let left = |dots: u32| " ".repeat((dots / page.narrow.max(1)) as usize);
    match what {
        What::Row(row) => lines.push(row_text(row, page)),
        What::Picture(Picture { text: Some(text), .. }) => lines.extend(wrapped(&text.words, paper)),
        What::Picture(picture) => {
            let (begin, end) = picture.dots.ink().unwrap_or((0, 0));
            let size = format!("[图片 Picture {}×{}]", end - begin, picture.dots.height());
            let room = paper.saturating_sub(columns(&size));
            let begin = left(picture.left + begin).len().min(room);
            lines.push(format!("{}{size}", " ".repeat(begin)));
        }
        What::Qr(qr) => {
            if options.blocks
                && let Some(matrix) = &qr.matrix
            {
                lines.extend(half_blocks(matrix, paper));
            }
            lines.extend(wrapped(&format!("[二维码 QR] {}", qr.data), paper));
        }
        What::Barcode(code) => {
            let text = format!("[条码 {}] {}", code.kind, code.data);
            let begin = left(code.left).len().min(paper.saturating_sub(columns(&text)));
            lines.extend(wrapped(&format!("{}{text}", " ".repeat(begin)), paper));
        }
        What::Cut => lines.push("- ".repeat(paper / 2)),
        What::Unknown(name) => lines.push(format!("[打印机内图形 Printer graphics {name}]")),
    }
}

fn row_text(row: &Row, page: &Page) -> String {
    match line(row, page) {
        Line::Cells(cells) => cells_text(&cells, page),
        Line::Rule(rule) => {
            let sign = match rule {
                Rule::Single => "-",
                Rule::Double => "=",
                Rule::Dotted => ".",
            };
            sign.repeat(page.columns() as usize)
        }
    }
}

/// Cells at their places: by the edge they are aligned to, and never closer than a blank to each other.
fn cells_text(cells: &[Cell], page: &Page) -> String {
    let paper = page.columns() as usize;
    let column = |dots: u32| (dots / page.narrow.max(1)) as usize;
    let mut out = String::new();
    let mut at = 0;
    for cell in cells {
        let text = cell.text();
        let wide = columns(&text);
        let begin = match cell.align {
            Align::Left => column(cell.left),
            Align::Center => (column(cell.left + cell.right).saturating_sub(wide)) / 2,
            Align::Right => column(cell.right).min(paper).saturating_sub(wide),
        };
        let begin = if out.is_empty() { begin } else { begin.max(at + 1) };
        out.push_str(&" ".repeat(begin - at));
        out.push_str(&text);
        at = begin + wide;
    }
    out
}

fn centred(text: &str, paper: usize) -> String {
    format!("{}{text}", " ".repeat(paper.saturating_sub(columns(text)) / 2))
}

/// Lines of at most so many columns; data have no places where they should be broken.
fn wrapped(text: &str, paper: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut at = 0;
    for character in text.chars() {
        if at + width(character) > paper.max(2) {
            lines.push(String::new());
            at = 0;
        }
        at += width(character);
        if let Some(line) = lines.last_mut() {
            line.push(character);
        }
    }
    lines
}

/// A QR code with two modules in one character, for terminals with light letters on a dark ground. None is drawn that
/// is wider than the paper: lines that are broken are no code.
fn half_blocks(matrix: &Matrix, paper: usize) -> Vec<String> {
    const BORDER: u32 = 2;
    let side = matrix.side() + 2 * BORDER;
    let room = paper.saturating_sub(side as usize);
    let light =
        |x: u32, y: u32| y < side && (x < BORDER || y < BORDER || !matrix.get(x - BORDER, y - BORDER));
    let lines = (0..side.div_ceil(2)).map(|half| {
        let signs = (0..side).map(|x| match (light(x, 2 * half), light(x, 2 * half + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        });
        " ".repeat(room / 2).chars().chain(signs).collect()
    });
    if side as usize > paper { Vec::new() } else { lines.collect() }
}

/// The data of a QR code that a person may follow: an address with nothing in it that could be anything else.
pub(crate) fn address(qr: &Qr) -> Option<&str> {
    let rest = qr.data.strip_prefix("https://").or_else(|| qr.data.strip_prefix("HTTPS://"))?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A name before an @ is how an address pretends to be another one.
    let plain = qr.data.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\`{}|^".contains(&byte));
    (plain && !host.is_empty() && !host.contains('@')).then_some(qr.data.as_str())
}
