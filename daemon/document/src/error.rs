//! Why a document was refused: what was wrong, where, and what is allowed instead.
//!
//! The English text is for developers (it goes over the wire); [`DocumentError::message_zh`] is for
//! people at the counter; [`DocumentError::code`] is stable and for programs.

mod shape_zh;
mod zh;

use std::borrow::Cow;
use std::fmt;

use crate::card::{CardFound, Shown};
use crate::typeset::TypesetError;

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a JSON receipt: the path, such as `$.lines[3].qr.data`, and the character in that string,
    /// counted from 1, if it is about one.
    Json {
        /// JSON path.
        path: String,
        /// Character in the string, from 1.
        character: Option<u32>,
    },
    /// In plain text: line and column, both counted from 1, columns in characters.
    Text {
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
    /// In a raw stream, or in the bytes that a document becomes: the offset of the first byte.
    Offset(usize),
}

impl Place {
    /// Behind so many characters of a plain text.
    pub(crate) fn in_text(text: &str, characters: usize) -> Self {
        let (mut line, mut column) = (1, 1);
        for character in text.chars().take(characters) {
            (line, column) = if character == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        Self::Text { line, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { path, character: Some(character) } => write!(f, "{path}, character {character}"),
            Self::Json { path, character: None } => f.write_str(path),
            Self::Text { line, column } => write!(f, "line {line}, column {column}"),
            Self::Offset(offset) => write!(f, "offset {offset} of the printed bytes"),
        }
    }
}

/// Up to four bytes of a document, shown in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hex {
    bytes: [u8; 4],
    len: u8,
}

impl Hex {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let len = bytes.len().min(4);
        let mut hex = Self { bytes: [0; 4], len: len as u8 };
        hex.bytes[..len].copy_from_slice(&bytes[..len]);
        hex
    }
}

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.bytes[..usize::from(self.len)].iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{byte:02x}")?;
        }
        Ok(())
    }
}

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

impl Extent {
    const fn unit(self) -> &'static str {
        match self {
            Self::Lines => "printed lines",
            Self::PaperDots => "dot rows of 1/8 mm",
            Self::Bytes => "bytes",
        }
    }
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

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { copy: None } => f.write_str("the document is empty: nothing would be printed"),
            Self::Empty { copy: Some(copy) } => {
                write!(f, "the {copy} copy is empty: no line of the document is for it")
            }
            Self::TooLarge { bytes, max } => {
                write!(f, "the document has {bytes} bytes; at most {max} are allowed")
            }
            Self::TooLong { extent, max } => {
                write!(f, "a copy of the document is too long; at most {max} {} are allowed", extent.unit())
            }
            Self::Profile { key, value, min, max } => {
                write!(f, "the printer's profile has {key} = {value}; allowed is {min} to {max}")
            }
            Self::NotEscpos { format, instead } => {
                write!(f, "the document looks like {format}, not ESC/POS; {instead}")
            }
            Self::Truncated { offset, command } => {
                write!(f, "the document ends inside {command}, which begins at offset {offset}")
            }
            Self::LeftOpen { offset, what, close } => write!(
                f,
                "the document ends in {what}, opened at offset {offset}; {close} must close it, or nothing \
                 of it is printed"
            ),
            Self::UnknownCommand { offset, bytes } => {
                write!(f, "unknown command at offset {offset}: {bytes} is not ESC/POS")
            }
            Self::Forbidden { offset, command, why, instead } => {
                write!(f, "{command} at offset {offset} is not allowed in a document: {why}; {instead}")
            }
            Self::RealTimeInData { offset, bytes } => write!(
                f,
                "the data of a command has the bytes {bytes} at offset {offset}, which printers carry out \
                 as a real-time command even there; change the data"
            ),
            Self::JsonSyntax { line, column, detail, truncated: true } => {
                write!(f, "the JSON ends too early, at line {line}, column {column}: {detail}")
            }
            Self::JsonSyntax { line, column, detail, truncated: false } => {
                write!(f, "the JSON is not well-formed at line {line}, column {column}: {detail}")
            }
            Self::JsonShape { path, line, column, detail } => {
                write!(f, "{path} (line {line}, column {column}): {detail}")
            }
            Self::Copies { path, detail } => write!(f, "{path}: {detail}"),
            Self::UnknownTemplate { name, there } => {
                let name = if name.is_empty() { "what can't be a name" } else { name };
                let there = if there.is_empty() { "none" } else { there };
                write!(
                    f,
                    "$.template asks for {name}; there are: {there}; false is for a receipt without one"
                )
            }
            Self::TooMany { path, count, max } => {
                write!(f, "{path} has {count} entries; 1 to {max} are allowed")
            }
            Self::Control { place, character } => write!(
                f,
                "control character U+{:04X} at {place}; of the control characters only line feed, carriage \
                 return before it, and tab are allowed in text",
                u32::from(*character)
            ),
            Self::Unprintable { place, character, reason: Unprintable::KanjiOff } => write!(
                f,
                "character U+{:04X} at {place} is not ASCII, and the printer's profile has kanji = none; \
                 leave it out, set kanji if the printer has a Chinese font, or let it be drawn: install \
                 receiptd-render and a font",
                u32::from(*character)
            ),
            Self::Unprintable { place, character, reason: Unprintable::NotInFont } => write!(
                f,
                "character U+{:04X} at {place} is not in the printer's Chinese font; replace it, or let it be \
                 drawn: install receiptd-render and a font",
                u32::from(*character)
            ),
            Self::NotDrawn { place, character: Some(character), why } => write!(
                f,
                "character U+{:04X} at {place} is not in the printer's font and has to be drawn: {why}",
                u32::from(*character)
            ),
            Self::NotDrawn { place, character: None, why } => {
                write!(f, "what stands at {place} has to be drawn: {why}")
            }
            Self::Field { path, detail } => write!(f, "{path}: {detail}"),
            Self::Sum { path, stated, should, how } => {
                write!(f, "{path} is {stated} and should be {should}: {how}")
            }
            Self::ColumnWidths { path, detail } | Self::Picture { path, detail } => {
                write!(f, "{path}: {detail}")
            }
            Self::BarcodeData { path, allowed } => {
                write!(f, "{path}: the barcode cannot carry this; it carries {allowed}")
            }
            Self::TooWide { path, dots, paper, instead } => {
                write!(f, "{path} needs {dots} dots across, the paper has {paper}; {instead}")
            }
            Self::QrLength { path, bytes, max } => {
                write!(f, "{path} has {bytes} bytes; a QR code may have 1 to {max}")
            }
            Self::PictureTooLarge { path, width, height, max } => write!(
                f,
                "{path} is a picture of {width} x {height} pixels; all pictures of a document together may \
                 have {max}"
            ),
            Self::Card { place, what, shown } => match what {
                CardFound::Number => write!(
                    f,
                    "the card number {shown} at {place} is refused by this printer's rule (cards: refuse); \
                     mask it before it is handed in"
                ),
                CardFound::Secret => write!(
                    f,
                    "a card's security code at {place}; it must never be printed or stored, leave it out"
                ),
                CardFound::InCode => write!(
                    f,
                    "the card number {shown} is in the code at {place}, where it can't be masked; put a reference \
                     into the code instead"
                ),
                CardFound::Track => write!(
                    f,
                    "track data of the card {shown} at {place}; it must never be printed or stored, leave it out"
                ),
            },
        }
    }
}

impl std::error::Error for DocumentError {}
