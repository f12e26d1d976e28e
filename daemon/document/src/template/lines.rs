//! The lines of a part, as a receipt of their own: read, searched for card numbers, and tried on paper.

use super::error::{Spot, TemplateError};
use super::{Part, TemplateError as Error};
use crate::limits::{LINES_MAX, PROFILE_DOTS_MAX};
use crate::receipt::{dress, model::Line};
use crate::{CardAction, CardFound, CardRule, DocumentError, Place, Profile};

/// Lines that were written as JSON.
pub(super) struct Written {
    pub(super) json: String,
    pub(super) spots: Vec<Spot>,
    /// For each line, which entry of the list it was made of, and whether that is a short form, in which its keys are
    /// others.
    entries: Vec<(usize, bool)>,
}

const HEAD: &str = "{\"version\":1,\"lines\":[";
const END: &str = "]}";

impl Written {
    pub(super) fn new() -> Self {
        Self { json: format!("{HEAD}{END}"), spots: Vec::new(), entries: Vec::new() }
    }

    /// Adds a line: a JSON object.
    pub(super) fn push(&mut self, line: &str, spot: Spot, entry: usize, short: bool) {
        self.json.truncate(self.json.len() - END.len());
        if !self.spots.is_empty() {
            self.json.push(',');
        }
        self.json.push_str(line);
        self.json.push_str(END);
        self.spots.push(spot);
        self.entries.push((entry, short));
    }
}

/// Reads lines that were written here.
pub(super) fn read(json: &str) -> Result<Vec<Line<'_>>, DocumentError> {
    dress::lines(json)
}

/// Checks what was written: its shape, card numbers, and what can be printed on no paper. `inside` finds the place of a
/// path below an entry.
pub(super) fn check(
    written: &Written,
    inside: impl Fn(usize, &str) -> Option<Spot>,
) -> Result<(), TemplateError> {
    let placed = |index: usize, rest: &str| {
        let Some((spot, (entry, short))) = written.spots.get(index).zip(written.entries.get(index)) else {
            return nowhere();
        };
        // Of a short form the last key is the same, such as its size.
        let last = |path: &str| path.rsplit('.').next().map(|key| format!(".{key}")).unwrap_or_default();
        let steps = if *short { last(&spot.path) + &last(rest) } else { rest.to_owned() };
        let path = if *short { spot.path.clone() } else { format!("{}{rest}", spot.path) };
        match inside(*entry, &steps) {
            Some(found) => Spot { path, ..found },
            None => Spot { path, ..spot.clone() },
        }
    };
    if let Err(error) = read(&written.json) {
        let (index, rest) = line_of(path_of(&error).unwrap_or_default());
        let spot = placed(index, rest);
        return Err(match error {
            DocumentError::JsonShape { detail, .. } => Error::Shape { spot, detail },
            error => Error::Line { spot, error: Box::new(error) },
        });
    }
    // What is too wide for the widest paper, and what has nothing to do with paper.
    let widest = Profile {
        dots: PROFILE_DOTS_MAX,
        cards: CardRule { action: CardAction::Refuse, ..CardRule::MASK },
        ..Profile::mm80()
    };
    dress::try_lines(&written.json, &written.spots, &widest).map_err(|error| {
        let (index, rest) = spot_of(&written.spots, &error);
        let spot = placed(index, rest);
        match error {
            DocumentError::Card { what: CardFound::Number, shown, .. } => {
                Error::Card { spot, shown: shown.to_string() }
            }
            error => Error::Line { spot, error: Box::new(error) },
        }
    })
}

/// Tries the lines of a part on paper.
pub(super) fn try_on(part: &Part, profile: &Profile) -> Result<(), TemplateError> {
    dress::try_lines(&part.json, &part.spots, profile).map_err(|error| {
        let (index, _) = spot_of(&part.spots, &error);
        let spot = part.spots.get(index).cloned().unwrap_or_else(nowhere);
        Error::Line { spot, error: Box::new(error) }
    })
}

/// Which line an error is about, and what follows its path.
fn spot_of<'e>(spots: &[Spot], error: &'e DocumentError) -> (usize, &'e str) {
    let path = path_of(error).unwrap_or_default();
    let after = |spot: &Spot| path.strip_prefix(spot.path.as_str());
    spots.iter().enumerate().find_map(|(n, spot)| Some((n, after(spot)?))).unwrap_or((LINES_MAX, ""))
}

const fn nowhere() -> Spot {
    Spot { line: 1, column: 1, path: String::new() }
}

/// The number of the line that a path is about, and what follows it: `$.lines[3].qr.size` is 3 and `.qr.size`.
fn line_of(path: &str) -> (usize, &str) {
    let Some((number, rest)) = path.strip_prefix("$.lines[").and_then(|rest| rest.split_once(']')) else {
        return (LINES_MAX, "");
    };
    (number.parse().unwrap_or(LINES_MAX), rest)
}

/// The path that an error names.
fn path_of(error: &DocumentError) -> Option<&str> {
    match error {
        DocumentError::JsonShape { path, .. }
        | DocumentError::Copies { path, .. }
        | DocumentError::TooMany { path, .. }
        | DocumentError::Field { path, .. }
        | DocumentError::ColumnWidths { path, .. }
        | DocumentError::BarcodeData { path, .. }
        | DocumentError::TooWide { path, .. }
        | DocumentError::QrLength { path, .. }
        | DocumentError::Picture { path, .. }
        | DocumentError::PictureTooLarge { path, .. } => Some(path),
        DocumentError::Control { place, .. }
        | DocumentError::Unprintable { place, .. }
        | DocumentError::NotDrawn { place, .. }
        | DocumentError::Card { place, .. } => match place {
            Place::Json { path, .. } => Some(path),
            Place::Text { .. } | Place::Offset(_) => None,
        },
        _ => None,
    }
}
