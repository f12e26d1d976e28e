//! Plain text: lines wrapped to the paper, tabs expanded, a cut at the end.

use crate::card;
use crate::seal::{Draft, seal};
use crate::typeset::Typesetter;
use crate::writer::{BadText, Style, Writer};
use crate::{CopyLabel, DocumentError, Place, Profile, Rendered, eight};

pub(crate) fn render(
    text: &str,
    profile: &Profile,
    typesetter: &dyn Typesetter,
) -> Result<Rendered, DocumentError> {
    // A byte order mark says that it is UTF-8; it is not part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (text, masked) = card::guard_text(text, profile.cards)?;
    let mut writer = Writer::new(profile, text.len() + text.len() / 8 + 32, typesetter);
    let mut lines = eight::lines(&text).peekable();
    while let Some(line) = lines.next() {
        let line = match lines.peek() {
            Some(_) => line.strip_suffix('\r').unwrap_or(line),
            // Behind the end of the last line.
            None if line.is_empty() => break,
            None => line,
        };
        writer.wrapped(line, Style::PLAIN).map_err(|why| bad(&text, line, why, profile))?;
        writer.check_size()?;
    }
    writer.end_of_body();
    writer.cut(None);
    let Writer { out: bytes, drawn, .. } = writer;
    seal(
        Draft { bytes, copy: CopyLabel::Single, title: &text, cut_is_content: false, masked, drawn },
        profile,
    )
}

/// The error for a text with a bad line: finds the character. Only now are lines and columns counted.
fn bad(text: &str, line: &str, why: BadText, profile: &Profile) -> DocumentError {
    // The line is a part of the text: as many characters stand before it.
    let before = text.get(..line.as_ptr().addr().saturating_sub(text.as_ptr().addr())).unwrap_or_default();
    let before = before.chars().count();
    why.error(line, profile, |position| Place::in_text(text, before + position.unwrap_or(0)))
}
