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
mod code_page;
mod copy_rule;
mod eight;
mod error;
mod grid;
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
pub mod template;
mod text;
mod typeset;
mod writer;

pub use card::{CardAction, CardFound, CardRule};
pub use code_page::CodePages;
pub use copy_rule::{CopyRule, CopyRules, LABEL_CHARS_MAX};
pub use error::{DocumentError, Extent, Hex, Place, Unprintable};
pub use grid::Grid;
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

/// What a document became, without a template and with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its copies without a template. They decide whether the document is accepted, and whether it is the same as another.
    pub plain: Vec<Rendered>,
    /// The same with the template that fits, if one does and has anything on this day.
    pub dressed: Option<Dressed>,
}

impl Made {
    /// Whether another typesetter might make the template, which was refused for the want of one.
    #[must_use]
    pub fn wants_drawing(&self) -> bool {
        let dressed = self.dressed.as_ref().map(|dressed| &dressed.copies);
        dressed.is_some_and(|copies| copies.as_ref().is_err_and(DocumentError::wants_drawing))
    }
}

/// A receipt with a template around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dressed {
    /// The template's name.
    pub template: String,
    /// Its copies; or why it can't have the template on this printer. Then it is to be printed without.
    pub copies: Result<Vec<Rendered>, DocumentError>,
}

/// As [`render`], and once more with the template that fits. Only JSON receipts have one: the layout of the others is the
/// app's. `today` is the terminal's local day.
///
/// # Errors
/// The document is refused, also if it asks for a template that is not there. A template that can't be printed is none.
pub fn render_with(
    source: Source<'_>,
    profile: &Profile,
    typesetter: &dyn Typesetter,
    templates: &template::Templates,
    today: template::Date,
) -> Result<Made, DocumentError> {
    match source {
        Source::Json(json) => {
            check(json.len(), profile)?;
            receipt::render_with(json, profile, typesetter, templates, today)
        }
        other => render(other, profile, typesetter).map(|plain| Made { plain, dressed: None }),
    }
}

/// A JSON receipt with this template, whatever that is for.
///
/// # Errors
/// As [`render_with`].
pub fn render_in(
    json: &[u8],
    profile: &Profile,
    typesetter: &dyn Typesetter,
    template: &template::Template,
    today: template::Date,
) -> Result<Made, DocumentError> {
    check(json.len(), profile)?;
    receipt::render_in(json, profile, typesetter, template, today)
}

/// What holds for every document.
fn check(bytes: usize, profile: &Profile) -> Result<(), DocumentError> {
    profile.check()?;
    if bytes > limits::DOCUMENT_BYTES_MAX {
        return Err(DocumentError::TooLarge { bytes, max: limits::DOCUMENT_BYTES_MAX });
    }
    Ok(())
}

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
    let bytes = match source {
        Source::Raw(bytes) | Source::Json(bytes) => bytes.len(),
        Source::Text(text) => text.len(),
    };
    check(bytes, profile)?;
    match source {
        Source::Raw(bytes) => raw::render(bytes, profile).map(|copy| vec![copy]),
        Source::Text(text) => text::render(text, profile, typesetter).map(|copy| vec![copy]),
        Source::Json(bytes) => receipt::render(bytes, profile, typesetter),
    }
}
