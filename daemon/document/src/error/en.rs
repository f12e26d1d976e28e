//! What an error says in English.

use std::fmt;

use super::{DocumentError, Extent, Unprintable};
use crate::card::CardFound;

impl Extent {
    const fn unit(self) -> &'static str {
        match self {
            Self::Lines => "printed lines",
            Self::PaperDots => "dot rows of 1/8 mm",
            Self::Bytes => "bytes",
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
