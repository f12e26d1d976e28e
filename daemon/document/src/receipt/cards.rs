//! Card numbers in a JSON receipt, found before it is laid out: here a number is still in one piece that a narrow
//! column would tear, and an error can name the path.

use std::borrow::Cow;

use super::model::{Line, Symbology};
use super::plan::Plan;
use crate::card::{self, Between, CardFound, CardRule, Finder, Found, ROUNDS_MAX, blot, found_in_code};
use crate::{DocumentError, Place};

/// A place in a string of the receipt.
#[derive(Clone, Copy, PartialEq, Eq)]
struct At {
    /// The line that the string is in; none for the title.
    line: Option<usize>,
    /// Which of its columns.
    column: usize,
    /// Bytes before it in the string.
    offset: usize,
}

/// 24 bits: more than bytes of a document.
const OFFSET: u64 = 0xff_ffff;

impl At {
    /// As a number, in the order of the places. A document has at most 4096 lines and 1 MiB, and so fewer columns than
    /// that: their number is only looked at in lines that are printed.
    fn pack(self) -> u64 {
        let line = self.line.map_or(0, |line| line as u64 + 1);
        line << 48 | (self.column as u64) << 24 | self.offset as u64
    }

    fn unpack(number: u64) -> Self {
        Self {
            line: (number >> 48).checked_sub(1).map(|line| line as usize),
            column: (number >> 24 & OFFSET) as usize,
            offset: (number & OFFSET) as usize,
        }
    }
}

/// Masks card numbers in the texts of a receipt; how many there were.
///
/// # Errors
/// One is refused by the rule, or stands in a code.
pub(super) fn guard(plan: &mut Plan<'_>, rule: CardRule) -> Result<u32, DocumentError> {
    for (index, line) in plan.lines.iter().enumerate() {
        let (data, key) = match line {
            Line::Qr(qr) => (&qr.data, ".qr.data"),
            // Their check digits are others: what they carry is the number of an article.
            Line::Barcode(code) if is_article(code.kind) => continue,
            Line::Barcode(code) => (&code.data, ".barcode.data"),
            _ => continue,
        };
        if let Some((what, shown)) = found_in_code(data, rule) {
            let place = Place::Json { path: plan.path(index, key), character: None };
            return Err(DocumentError::Card { place, what, shown });
        }
    }
    let mut count = 0;
    for round in 0..ROUNDS_MAX {
        let found = find(plan);
        if found.is_empty() {
            break;
        }
        count += found.len() as u32;
        let mut hidden = Vec::new();
        for found in &found {
            if let Some(what) = CardFound::refused(found.what, rule) {
                let place = place(plan, At::unpack(found.first()));
                return Err(DocumentError::Card { place, what, shown: rule.shown(found) });
            }
            hidden.extend(rule.places(found, round));
        }
        hidden.sort_unstable();
        hidden.dedup();
        for string in hidden.chunk_by(|a, b| a >> 24 == b >> 24) {
            let offsets: Vec<u64> = string.iter().map(|at| at & OFFSET).collect();
            if let Some(text) = string.first().and_then(|at| text_of(plan, At::unpack(*at))) {
                *text = blot(std::mem::take(text), &offsets);
            }
        }
    }
    Ok(count)
}

/// What is found in the texts, which follow each other as on paper. Those of a template were searched when it was read, and
/// nothing reaches from them into the receipt: what is found in it is the same with and without a template.
fn find(plan: &Plan<'_>) -> Vec<Found> {
    let mut finder = Finder::new();
    let (header, footer) = (plan.header(), plan.footer());
    for (index, line) in plan.lines.iter().enumerate() {
        if index == header {
            feed_title(&mut finder, plan);
        }
        if index == footer.start || index == footer.end {
            finder.end();
        }
        feed_line(&mut finder, line, index);
    }
    if plan.lines.len() == header {
        feed_title(&mut finder, plan);
    }
    finder.finish()
}

fn feed_title(finder: &mut Finder, plan: &Plan<'_>) {
    finder.end();
    if let Some(title) = &plan.title {
        feed(finder, title, None, 0);
    }
}

fn feed_line(finder: &mut Finder, line: &Line<'_>, index: usize) {
    finder.between(Between::Line);
    let index = Some(index);
    match line {
        Line::Text(line) => feed(finder, &line.text, index, 0),
        Line::Columns(line) => {
            for (column, cell) in line.columns.iter().enumerate() {
                finder.between(Between::Wide);
                feed(finder, &cell.text, index, column);
            }
        }
        Line::Pair(line) => {
            finder.between(Between::Wide);
            feed(finder, &line.left, index, 0);
            finder.between(Between::Wide);
            feed(finder, &line.right, index, 1);
        }
        Line::Space(_) | Line::Feed(_) | Line::Drawer(_) | Line::Beep(_) => {}
        Line::Rule(_) | Line::Qr(_) | Line::Barcode(_) | Line::Logo(_) | Line::Cut(_) => {
            finder.end();
        }
    }
}

const fn is_article(kind: Symbology) -> bool {
    matches!(kind, Symbology::Ean13 | Symbology::Ean8 | Symbology::UpcA)
}

fn feed(finder: &mut Finder, text: &str, line: Option<usize>, column: usize) {
    card::feed(finder, text, At { line, column, offset: 0 }.pack());
}

fn text_of<'r, 'a>(plan: &'r mut Plan<'a>, at: At) -> Option<&'r mut Cow<'a, str>> {
    let Some(line) = at.line else { return plan.title.as_mut() };
    match plan.lines.get_mut(line)? {
        Line::Text(line) => Some(&mut line.text),
        Line::Columns(line) => line.columns.get_mut(at.column).map(|column| &mut column.text),
        Line::Pair(line) => Some(if at.column == 0 { &mut line.left } else { &mut line.right }),
        _ => None,
    }
}

fn place(plan: &mut Plan<'_>, at: At) -> Place {
    let before = text_of(plan, at).and_then(|text| text.get(..at.offset)).map(|b| b.chars().count());
    let path = match at.line {
        None => plan.title_path().to_owned(),
        Some(line) => match plan.lines.get(line) {
            Some(Line::Columns(_)) => plan.path(line, &format!(".columns.columns[{}].text", at.column)),
            Some(Line::Pair(_)) if at.column == 0 => plan.path(line, ".pair.left"),
            Some(Line::Pair(_)) => plan.path(line, ".pair.right"),
            _ => plan.path(line, ".text.text"),
        },
    };
    Place::Json { path, character: before.map(|count| count as u32 + 1) }
}
