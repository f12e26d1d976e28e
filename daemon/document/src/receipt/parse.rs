//! JSON to a [`Receipt`], with errors that say where.

use serde::Deserialize;
use serde_json::error::Category;

use super::model::{Line, Receipt};
use super::place;
use super::values::Named;
use crate::card::CardRule;
use crate::limits::{COPIES_MAX, LINES_MAX, QR_CODES_MAX};
use crate::{CopyLabel, DocumentError};

/// Characters of a path or of the parser's words in an error: keys may be as long as the document.
const DETAIL_CHARS_MAX: usize = 300;

/// Parses a receipt and checks what its types cannot say.
pub(super) fn parse(json: &[u8]) -> Result<Receipt<'_>, DocumentError> {
    // Editors on Windows put a byte order mark in front.
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let Named(receipt): Named<Receipt<'_>> =
        serde_json::from_slice(json).map_err(|error| explain(&error, json))?;
    let lines = receipt.lines.as_deref().unwrap_or_default();
    if receipt.lines.is_none() && receipt.sale.is_none() && receipt.slip.is_none() {
        return Err(DocumentError::JsonShape {
            path: "$".into(),
            line: 1,
            column: 1,
            detail: "nothing is to be printed: it needs `lines`, `sale` or `slip`".into(),
        });
    }
    if lines.len() > LINES_MAX {
        let count = lines.len();
        return Err(DocumentError::TooMany { path: "$.lines".into(), count, max: LINES_MAX });
    }
    let codes = lines.iter().filter(|line| matches!(line, Line::Qr(_))).count();
    if codes > QR_CODES_MAX {
        return Err(DocumentError::TooMany { path: "$.lines[*].qr".into(), count: codes, max: QR_CODES_MAX });
    }
    if let Some(copies) = &receipt.copies {
        check_copies(copies)?;
    }
    Ok(receipt)
}

fn check_copies(copies: &[CopyLabel]) -> Result<(), DocumentError> {
    if copies.is_empty() {
        return Err(DocumentError::Copies {
            path: "$.copies".into(),
            detail: "an empty list prints nothing; leave it out for one copy without a label",
        });
    }
    if let Some(index) = copies.iter().enumerate().position(|(index, copy)| copies[..index].contains(copy)) {
        return Err(DocumentError::Copies {
            path: format!("$.copies[{index}]"),
            detail: "the copy stands twice; each of single, merchant, customer and bank may stand once, and \
                     one more of the same is asked for as a reprint, which is marked",
        });
    }
    // Cannot be while there are four labels and none stands twice; it is here for a fifth.
    if copies.len() > COPIES_MAX {
        let count = copies.len();
        return Err(DocumentError::TooMany { path: "$.copies".into(), count, max: COPIES_MAX });
    }
    Ok(())
}

/// Says where the error is, and what is wrong there.
fn explain(error: &serde_json::Error, json: &[u8]) -> DocumentError {
    let (line, column) = (error.line(), error.column());
    // The parser says the place a second time at the end of its text.
    let text = error.to_string();
    let place = format!(" at line {line} column {column}");
    let text = text.strip_suffix(place.as_str()).unwrap_or(&text);
    let detail = short(without_content(text));
    match error.classify() {
        Category::Eof => DocumentError::JsonSyntax { line, column, detail, truncated: true },
        Category::Syntax | Category::Io => {
            DocumentError::JsonSyntax { line, column, detail, truncated: false }
        }
        Category::Data => {
            let path = place::path(before(json, line, column), text);
            // A receipt of a later version has keys that are unknown here; that it is one says more.
            if path == "$.version" || other_version(json) {
                let detail = format!("this version reads receipts of version 1 ({detail})");
                return DocumentError::JsonShape { path: "$.version".into(), line, column, detail };
            }
            DocumentError::JsonShape { path: short(path), line, column, detail }
        }
    }
}

/// The text before a line (from 1) and a column (from 0, bytes).
fn before(text: &[u8], line: usize, column: usize) -> &[u8] {
    let lines = text.split(|byte| *byte == b'\n').take(line.saturating_sub(1));
    let start: usize = lines.map(|line| line.len() + 1).sum();
    text.get(..start + column).unwrap_or(text)
}

/// The parser's words without the string that it found: what a receipt says does not belong into errors,
/// which are logged.
fn without_content(detail: &str) -> String {
    match (detail.find("string \""), detail.rfind("\", expected")) {
        (Some(begin), Some(end)) if begin < end => {
            let (before, after) = (detail.get(..begin), detail.get(end + 1..));
            format!("{}string{}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        _ => detail.to_owned(),
    }
}

/// An error is told and logged; keys and numbers in it are the document's.
fn short(text: String) -> String {
    let mut text = CardRule::MASK.mask(&text).into_owned();
    if let Some((end, _)) = text.char_indices().nth(DETAIL_CHARS_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Whether the document says that it is of another version than 1.
fn other_version(json: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Probe {
        version: u64,
    }
    serde_json::from_slice::<Probe>(json).is_ok_and(|probe| probe.version != 1)
}
