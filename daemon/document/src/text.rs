//! Plain text: lines wrapped to the paper, tabs expanded, a cut at the end.

use crate::card;
use crate::charset::first_bad;
use crate::seal::{Draft, seal};
use crate::writer::{BadText, Style, Writer};
use crate::{CopyLabel, DocumentError, Place, Profile, Rendered};

pub(crate) fn render(text: &str, profile: &Profile) -> Result<Rendered, DocumentError> {
    // A byte order mark says that it is UTF-8; it is not part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (text, masked) = card::guard_text(text, profile.cards)?;
    let mut writer = Writer::new(profile, text.len() + text.len() / 8 + 32);
    for line in text.lines() {
        writer.paragraph(line, Style::PLAIN).map_err(|BadText| bad(&text, profile))?;
        writer.check_size()?;
    }
    writer.end_of_body();
    writer.cut(None);
    let bytes = writer.out;
    seal(Draft { bytes, copy: CopyLabel::Single, title: &text, cut_is_content: false, masked }, profile)
}

/// The error for a text that has a bad character: finds it. Only now are lines and columns counted.
fn bad(text: &str, profile: &Profile) -> DocumentError {
    let Some(found) = first_bad(text, profile.kanji) else { return DocumentError::Empty { copy: None } };
    found.at(Place::in_text(text, found.position))
}
