//! Card numbers in a JSON receipt, found before it is laid out: here a number is still in one piece that a narrow
//! column would tear, and an error can name the path.

use std::borrow::Cow;

use super::model::{Line, Receipt, Symbology};
use crate::card::{Between, CardFound, CardRule, Finder, blot, found_in_code, read};
use crate::{DocumentError, Place};

/// A string of the receipt: the line that it is in (none for the title) and which of its columns, and a place in it.
type At = (Option<u32>, u32, u32);

/// Masks card numbers in the texts of a receipt; how many there were.
///
/// # Errors
/// One is refused by the rule, or stands in a code.
pub(super) fn guard(receipt: &mut Receipt<'_>, rule: CardRule) -> Result<u32, DocumentError> {
    for (index, line) in receipt.lines.iter().enumerate() {
        let (data, key) = match line {
            Line::Qr(qr) => (&qr.data, "qr"),
            // Their check digits are others: what they carry is the number of an article.
            Line::Barcode(code) if is_article(code.kind) => continue,
            Line::Barcode(code) => (&code.data, "barcode"),
            _ => continue,
        };
        if let Some((what, shown)) = found_in_code(data, rule) {
            let place = Place::Json { path: format!("$.lines[{index}].{key}.data"), character: None };
            return Err(DocumentError::Card { place, what, shown });
        }
    }
    let mut finder = Finder::new();
    if let Some(title) = &receipt.title {
        feed(&mut finder, &title.0, None, 0);
    }
    for (index, line) in receipt.lines.iter().enumerate() {
        finder.between(Between::Line);
        let index = Some(index as u32);
        match line {
            Line::Text(line) => feed(&mut finder, &line.text, index, 0),
            Line::Columns(line) => {
                for (column, cell) in line.columns.iter().enumerate() {
                    finder.between(Between::Wide);
                    feed(&mut finder, &cell.text, index, column as u32);
                }
            }
            Line::Space(_) | Line::Feed(_) | Line::Drawer(_) => {}
            Line::Rule(_) | Line::Qr(_) | Line::Barcode(_) | Line::Logo(_) | Line::Cut(_) => {
                finder.end();
            }
        }
    }
    let found = finder.finish();
    let mut hidden: Vec<At> = Vec::new();
    for found in &found {
        if let Some(what) = CardFound::refused(found.what, rule) {
            let place = found.digits.first().map_or(Place::Offset(0), |(_, at)| place(receipt, *at));
            return Err(DocumentError::Card { place, what, shown: rule.shown(found) });
        }
        hidden.extend(rule.places(found));
    }
    hidden.sort_unstable();
    for string in hidden.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let offsets: Vec<usize> = string.iter().map(|at| at.2 as usize).collect();
        if let Some(text) = string.first().and_then(|at| text_of(receipt, *at)) {
            *text = blot(std::mem::take(text), &offsets);
        }
    }
    Ok(found.len() as u32)
}

const fn is_article(kind: Symbology) -> bool {
    matches!(kind, Symbology::Ean13 | Symbology::Ean8 | Symbology::UpcA)
}

fn feed(finder: &mut Finder<At>, text: &str, line: Option<u32>, column: u32) {
    // A document has at most 1 MiB.
    for (at, character) in text.char_indices() {
        read(finder, character, (line, column, at as u32));
    }
}

fn text_of<'r, 'a>(receipt: &'r mut Receipt<'a>, (line, column, _): At) -> Option<&'r mut Cow<'a, str>> {
    let Some(line) = line else { return receipt.title.as_mut().map(|title| &mut title.0) };
    match receipt.lines.get_mut(line as usize)? {
        Line::Text(line) => Some(&mut line.text),
        Line::Columns(line) => line.columns.get_mut(column as usize).map(|column| &mut column.text),
        _ => None,
    }
}

fn place(receipt: &mut Receipt<'_>, at: At) -> Place {
    let before = text_of(receipt, at).and_then(|text| text.get(..at.2 as usize)).map(|b| b.chars().count());
    let path = match at {
        (None, ..) => "$.title".to_owned(),
        (Some(line), column, _) => match receipt.lines.get(line as usize) {
            Some(Line::Columns(_)) => format!("$.lines[{line}].columns.columns[{column}].text"),
            _ => format!("$.lines[{line}].text.text"),
        },
    };
    Place::Json { path, character: before.map(|count| count as u32 + 1) }
}
