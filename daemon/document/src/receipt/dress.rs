//! The lines of a template around those of a receipt, and such lines by themselves, before there is a receipt.

use std::borrow::Cow;

use super::model::Line;
use super::plan::Plan;
use super::values::Only;
use super::{cards, parse, pictures, write_line};
use crate::template::{Kept, Position, Spot};
use crate::typeset::NoTypesetter;
use crate::writer::Writer;
use crate::{DocumentError, Profile};

/// What stands around a receipt.
#[derive(Default)]
pub(crate) struct Dressing<'a> {
    /// Above the title.
    pub(super) header: Lines<'a>,
    /// Below the last line, before the last cut.
    pub(super) footer: Lines<'a>,
    /// What the template keeps of its logos.
    pub(super) kept: Option<&'a Kept>,
}

/// Lines, and for each of them what it is called in errors.
#[derive(Default)]
pub(super) struct Lines<'a> {
    pub(super) lines: Vec<Line<'a>>,
    pub(super) origins: Vec<Cow<'a, str>>,
}

impl<'a> Dressing<'a> {
    /// Nothing yet, of a template that keeps its logos.
    pub(crate) fn of(kept: &'a Kept) -> Self {
        Self { kept: Some(kept), ..Self::default() }
    }

    /// Adds lines to one side. They are printed on these copies, and on fewer if they say so themselves.
    pub(crate) fn add(
        &mut self,
        position: Position,
        lines: impl Iterator<Item = (Line<'a>, Cow<'a, str>)>,
        only: Only,
    ) {
        let side = match position {
            Position::Header => &mut self.header,
            Position::Footer => &mut self.footer,
        };
        for (mut line, origin) in lines {
            line.keep_to(only);
            side.lines.push(line);
            side.origins.push(origin);
        }
    }
}

/// The lines of a JSON receipt that has nothing else.
pub(crate) fn lines(json: &str) -> Result<Vec<Line<'_>>, DocumentError> {
    parse::parse(json.as_bytes()).map(|receipt| receipt.lines.unwrap_or_default())
}

/// Looks for card numbers in the lines of such a receipt, and writes each by itself as if it were printed. A character that
/// has to be drawn is no error. Errors name the lines by their spots.
pub(crate) fn try_lines(json: &str, spots: &[Spot], profile: &Profile) -> Result<(), DocumentError> {
    let mut receipt = parse::parse(json.as_bytes())?;
    let lines = receipt.lines.replace(Vec::new()).unwrap_or_default();
    let origins = spots.iter().map(|spot| Cow::Borrowed(spot.path.as_str()));
    let mut dressing = Dressing::default();
    dressing.add(Position::Header, lines.into_iter().zip(origins), Only::default());
    let mut plan = Plan::of(receipt, profile, dressing)?;
    cards::guard(&mut plan, profile.cards)?;
    for line in &mut plan.lines {
        // All pictures are looked at, whatever copy they are for.
        line.everywhere();
    }
    let bitmaps = match pictures(&plan, profile, &NoTypesetter) {
        // A JPEG, which only a receipt that is printed has unpacked.
        Err(error) if error.wants_drawing() => Vec::new(),
        bitmaps => bitmaps?,
    };
    for (index, line) in plan.lines.iter().enumerate() {
        let mut writer = Writer::new(profile, 0, &NoTypesetter);
        let picture = bitmaps.get(index).and_then(Option::as_deref);
        match write_line(&mut writer, line, &|rest| plan.path(index, rest), picture) {
            Err(error) if !error.wants_drawing() => return Err(error),
            _ => writer.check_size()?,
        }
    }
    Ok(())
}
