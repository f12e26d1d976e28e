//! Where something stands in a document, and bytes as they are shown.

use std::fmt;

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
