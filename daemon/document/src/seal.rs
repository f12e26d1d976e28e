//! From a stream of bytes to a [`Rendered`] copy: the scanner's account is added, the tail split off.

use crate::card::{self, CardRule};
use crate::limits::{COPY_BYTES_MAX, TITLE_CHARS_MAX};
use crate::rendered::Drawn;
use crate::scan::{BROKEN, scan};
use crate::writer::LF;
use crate::{CopyLabel, DocumentError, Extent, Profile, Rendered};

/// A copy whose bytes are written.
pub(crate) struct Draft<'a> {
    pub(crate) bytes: Vec<u8>,
    pub(crate) copy: CopyLabel,
    pub(crate) title: &'a str,
    /// A cut alone is worth a job: so in a raw stream, not when we put it there ourselves.
    pub(crate) cut_is_content: bool,
    /// Card numbers that were masked before the bytes were written.
    pub(crate) masked: u32,
    /// The texts that were drawn.
    pub(crate) drawn: Vec<Drawn>,
}

/// Scans, repairs, masks and splits the bytes.
pub(crate) fn seal(draft: Draft<'_>, profile: &Profile) -> Result<Rendered, DocumentError> {
    let Draft { mut bytes, copy, title, cut_is_content, masked, drawn } = draft;
    let mut found = scan(&bytes, profile)?;
    if !found.complete {
        // The last line would stay in the printer's buffer, be counted as printed, and come out in
        // front of somebody else's receipt.
        bytes.push(LF);
        found = scan(&bytes, profile)?;
    }
    if bytes.len() > COPY_BYTES_MAX {
        return Err(DocumentError::TooLong { extent: Extent::Bytes, max: COPY_BYTES_MAX as u64 });
    }
    if found.lines == 0 && !found.drawer && !(found.cut && cut_is_content) {
        return Err(DocumentError::Empty { copy: (copy != CopyLabel::Single).then_some(copy) });
    }
    let masked = masked + card::guard_stream(&mut bytes, profile)?;
    for &offset in &found.changes {
        if let Some(byte) = bytes.get_mut(offset) {
            *byte = BROKEN;
        }
    }
    let tail = bytes.split_off(found.body_len);
    Ok(Rendered {
        copy,
        title: short(title, profile.cards),
        body: bytes,
        fence_points: found.fence_points,
        tail,
        lines: found.lines,
        dots: found.dots,
        changed_dots: found.changes.len() as u32,
        masked,
        drawn,
    })
}

/// A title for lists: one line, cut to its limit.
fn short(title: &str, cards: CardRule) -> String {
    let line = title.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    // It is shown in lists and logs; the line that it is taken from need not be one that was printed.
    cards.mask(line).chars().filter(|character| !character.is_control()).take(TITLE_CHARS_MAX).collect()
}
