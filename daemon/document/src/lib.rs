//! The receipt model, and what it becomes on paper: ESC/POS bytes.
//!
//! An app hands in a document ([`Source`]): raw ESC/POS, plain text, or a JSON receipt. [`render`] makes
//! it into one [`Rendered`] per copy, whose bytes are final: they are what is spooled, and what every
//! attempt and every reprint sends. [`mark_bytes`] is what goes before the body of a copy that might be
//! the second on paper.
//!
//! Everything here is pure: no I/O, no clock, no randomness; the same input gives the same bytes. What the printer's font
//! lacks is drawn by a [`Typesetter`], which is handed in.
//!
//! Left to others: sending, fences and their replies (the daemon inserts them at
//! [`Rendered::fence_points`]), status, storage, and the decision whether a copy is a duplicate.
//!
//! Of the three kinds the bytes of one copy pass through the same scanner ([`scan`]), which counts lines
//! and paper, finds the places for fences and splits off the tail. So there is one account of what a
//! stream of bytes does to the paper, and what this crate writes itself is held to the rules for
//! strangers.

mod barcode;
pub mod card;
mod charset;
mod copy_rule;
mod error;
mod layout;
pub mod limits;
mod mark;
pub mod models;
mod picture;
mod profile;
mod purpose;
mod qr;
mod raster;
mod raw;
pub mod receipt;
mod rendered;
pub mod scan;
mod seal;
mod text;
mod typeset;
mod writer;

pub use card::{CardAction, CardFound, CardRule};
pub use copy_rule::{CopyRule, CopyRules, LABEL_CHARS_MAX};
pub use error::{DocumentError, Extent, Hex, Place, Unprintable};
pub use mark::{Mark, MarkReason, job_line, mark_bytes, mark_dots, tail_without_drawer};
pub use picture::Grey;
pub use profile::{Cutter, Head, KanjiMode, Profile, TextMode};
pub use purpose::Purpose;
pub use rendered::{CopyLabel, DecodeError, Drawn, FencePoint, Rendered, Source, UnknownCopyLabel};
pub use typeset::{DrawLine, NoTypesetter, Piece, TypesetError, Typesetter};

/// `ESC @`: discards a line that was begun and sets all modes as at power-on.
///
/// A body that was raw need not begin with it. Whoever sends a body without a mark before it sends these
/// bytes first, so that what an earlier document left behind does not change this one. A mark ends with
/// them.
pub const INIT: [u8; 2] = [0x1b, b'@'];

/// Makes a document into copies that are ready to be spooled. No card number is in them ([`card`]).
///
/// Lines with a character that the printer's font lacks are drawn by the `typesetter`; it is not asked for others.
///
/// # Errors
/// The document is refused as a whole: what was wrong, where, and what is allowed.
pub fn render(
    source: Source<'_>,
    profile: &Profile,
    typesetter: &dyn Typesetter,
) -> Result<Vec<Rendered>, DocumentError> {
    profile.check()?;
    let bytes = match source {
        Source::Raw(bytes) | Source::Json(bytes) => bytes.len(),
        Source::Text(text) => text.len(),
    };
    if bytes > limits::DOCUMENT_BYTES_MAX {
        return Err(DocumentError::TooLarge { bytes, max: limits::DOCUMENT_BYTES_MAX });
    }
    match source {
        Source::Raw(bytes) => raw::render(bytes, profile).map(|copy| vec![copy]),
        Source::Text(text) => text::render(text, profile, typesetter).map(|copy| vec![copy]),
        Source::Json(bytes) => receipt::render(bytes, profile, typesetter),
    }
}
