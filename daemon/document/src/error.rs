//! Why a document was refused: what was wrong, where, and what is allowed instead.
//!
//! The English text is for developers (it goes over the wire); [`DocumentError::message_zh`] is for
//! people at the counter; [`DocumentError::code`] is stable and for programs.

mod en;
mod place;
mod shape_zh;
mod zh;

use std::borrow::Cow;

pub use place::{Hex, Place};

use crate::card::{CardFound, Shown};
use crate::typeset::TypesetError;

/// Why a character cannot be printed as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unprintable {
    /// The profile has no Chinese, and the character is not ASCII.
    KanjiOff,
    /// The printer's font (GB2312 or two-byte GB18030) does not have it: emoji, rare Hanzi, accents.
    NotInFont,
}

/// What was counted against a limit of the whole copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Printed lines.
    Lines,
    /// Dot rows of 1/8 mm of paper.
    PaperDots,
    /// Bytes to be sent.
    Bytes,
}

/// Why a document was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentError {
    /// Nothing in it would be printed, cut or opened.
    Empty {
        /// The copy that would be empty, if it is not all of them.
        copy: Option<crate::CopyLabel>,
    },
    /// More bytes than a document may have.
    TooLarge {
        /// Bytes that it has.
        bytes: usize,
        /// Bytes that it may have.
        max: usize,
    },
    /// A copy would be longer than a copy may be.
    TooLong {
        /// What was counted.
        extent: Extent,
        /// The most that is allowed.
        max: u64,
    },
    /// The printer's profile, not the document, is wrong.
    Profile {
        /// Key in the profile.
        key: &'static str,
        /// Its value.
        value: u32,
        /// Least value.
        min: u32,
        /// Largest value.
        max: u32,
    },
    /// Raw: the bytes are of another format.
    NotEscpos {
        /// The format that it looks like.
        format: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// Raw: the document ends inside a command.
    Truncated {
        /// Offset of the first byte of the command.
        offset: usize,
        /// The command.
        command: &'static str,
    },
    /// Raw: the document ends in page mode or in a macro definition, so that nothing of it is printed.
    LeftOpen {
        /// Offset of the command that opened it.
        offset: usize,
        /// What is open.
        what: &'static str,
        /// What closes it.
        close: &'static str,
    },
    /// Raw: bytes that are no ESC/POS command that this version knows.
    UnknownCommand {
        /// Offset of the first byte.
        offset: usize,
        /// The first bytes.
        bytes: Hex,
    },
    /// Raw: a command that a document must not contain.
    Forbidden {
        /// Offset of the first byte.
        offset: usize,
        /// The command.
        command: &'static str,
        /// Why it is refused.
        why: &'static str,
        /// What to leave out or use instead.
        instead: &'static str,
    },
    /// Raw: bytes inside the data of a command that a printer would carry out as a real-time command.
    RealTimeInData {
        /// Offset of the first byte.
        offset: usize,
        /// The bytes.
        bytes: Hex,
    },
    /// JSON: not well-formed, or it ends too early.
    JsonSyntax {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
        /// What the parser says.
        detail: String,
        /// The document ends too early.
        truncated: bool,
    },
    /// JSON: an unknown or missing key, a wrong type, or a value out of its range.
    JsonShape {
        /// JSON path.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
        /// What is wrong and what is allowed.
        detail: String,
    },
    /// JSON: a copy label stands more than once, there are too many, or none.
    Copies {
        /// JSON path.
        path: String,
        /// What is wrong and what is allowed.
        detail: &'static str,
    },
    /// JSON: it asks for a template that is not there.
    UnknownTemplate {
        /// The name; empty if it can't be one.
        name: String,
        /// Those that there are, separated by commas.
        there: String,
    },
    /// JSON: more entries than a list may have, or none.
    TooMany {
        /// JSON path.
        path: String,
        /// Entries that it has.
        count: usize,
        /// Entries that it may have.
        max: usize,
    },
    /// A control character in text.
    Control {
        /// Where.
        place: Place,
        /// The character.
        character: char,
    },
    /// A character that the printer cannot print as text.
    Unprintable {
        /// Where.
        place: Place,
        /// The character.
        character: char,
        /// Why.
        reason: Unprintable,
    },
    /// A text has to be drawn, because the printer's font lacks a character or because it is asked for, or a JPEG to be
    /// unpacked, and was not.
    NotDrawn {
        /// Where the character is, or the text.
        place: Place,
        /// The first character that the printer lacks, if it lacks one.
        character: Option<char>,
        /// Why it was not drawn.
        why: TypesetError,
    },
    /// JSON: a field of a slip or a sale that does not fit to the others.
    Field {
        /// JSON path.
        path: String,
        /// What is wrong and what is allowed.
        detail: Cow<'static, str>,
    },
    /// JSON: a sale does not add up.
    Sum {
        /// JSON path of the amount that is wrong.
        path: String,
        /// What stands there.
        stated: String,
        /// What the others make.
        should: String,
        /// How that is reckoned.
        how: String,
    },
    /// JSON: the columns of a line are wider than the paper, or one is too narrow for a character.
    ColumnWidths {
        /// JSON path.
        path: String,
        /// What is wrong and what is allowed.
        detail: String,
    },
    /// JSON: data that the barcode cannot carry.
    BarcodeData {
        /// JSON path.
        path: String,
        /// What the barcode can carry.
        allowed: &'static str,
    },
    /// JSON: a code that is wider than the paper.
    TooWide {
        /// JSON path.
        path: String,
        /// Width that it needs, in dots.
        dots: u32,
        /// Width of the paper, in dots.
        paper: u16,
        /// What to do.
        instead: &'static str,
    },
    /// JSON: more data than a QR code may have, or none.
    QrLength {
        /// JSON path.
        path: String,
        /// Bytes that it has, in UTF-8.
        bytes: usize,
        /// Bytes that it may have.
        max: usize,
    },
    /// JSON: a picture that is not base64 of a PNG.
    Picture {
        /// JSON path.
        path: String,
        /// What is wrong and what is allowed.
        detail: String,
    },
    /// JSON: a picture (or all together) with more pixels than allowed, found before it was unpacked.
    PictureTooLarge {
        /// JSON path.
        path: String,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Pixels that all pictures of the document may have together.
        max: u64,
    },
    /// A card number or other data of a card where it can't be masked, or where the rule refuses it.
    Card {
        /// Where.
        place: Place,
        /// What.
        what: CardFound,
        /// The number, masked.
        shown: Shown,
    },
}

impl DocumentError {
    /// Whether another typesetter might render the document: it was refused for the want of one.
    #[must_use]
    pub const fn wants_drawing(&self) -> bool {
        matches!(self, Self::Unprintable { .. } | Self::NotDrawn { why: TypesetError::None, .. })
    }

    /// Whether there is only too much of it: more bytes, lines, paper, entries, data or pixels than allowed. A
    /// smaller document is accepted.
    #[must_use]
    pub const fn is_too_much(&self) -> bool {
        match self {
            Self::TooLarge { .. } | Self::TooLong { .. } | Self::PictureTooLarge { .. } => true,
            // The same errors say that there is none of it.
            Self::TooMany { count, max, .. } => *count > *max,
            Self::QrLength { bytes, .. } => *bytes > 0,
            _ => false,
        }
    }

    /// Stable name of the kind of error, kebab-case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "empty-document",
            Self::TooLarge { .. } => "document-too-large",
            Self::TooLong { .. } => "document-too-long",
            Self::Profile { .. } => "profile-out-of-range",
            Self::NotEscpos { .. } => "not-escpos",
            Self::Truncated { .. } => "truncated-command",
            Self::LeftOpen { .. } => "left-open",
            Self::UnknownCommand { .. } => "unknown-command",
            Self::Forbidden { .. } => "forbidden-command",
            Self::RealTimeInData { .. } => "real-time-in-data",
            Self::JsonSyntax { truncated: true, .. } => "json-truncated",
            Self::JsonSyntax { truncated: false, .. } => "json-syntax",
            Self::JsonShape { .. } => "json-shape",
            Self::Copies { .. } => "copies",
            Self::UnknownTemplate { .. } => "unknown-template",
            Self::TooMany { .. } => "too-many-entries",
            Self::Control { .. } => "control-character",
            Self::Unprintable { .. } => "unprintable-character",
            Self::NotDrawn { .. } => "text-not-drawn",
            Self::Field { .. } => "field",
            Self::Sum { .. } => "sum",
            Self::ColumnWidths { .. } => "column-widths",
            Self::BarcodeData { .. } => "barcode-data",
            Self::TooWide { .. } => "too-wide",
            Self::QrLength { .. } => "qr-length",
            Self::Picture { .. } => "picture",
            Self::PictureTooLarge { .. } => "picture-too-large",
            Self::Card { what: CardFound::Track, .. } => "track-data",
            Self::Card { .. } => "card-number",
        }
    }
}

impl std::error::Error for DocumentError {}
