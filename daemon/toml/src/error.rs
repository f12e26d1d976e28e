//! What is wrong with a text, and where.

use std::fmt;
use std::ops::Range;

/// What is wrong, and which bytes of the text it is about.
#[derive(Debug)]
pub(crate) struct Reason {
    pub(crate) message: String,
    pub(crate) span: Option<Range<usize>>,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Reason {}

impl serde::de::Error for Reason {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), span: None }
    }
}

/// The text is not what it should be. Shown with the line and a mark below the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    message: String,
    place: Option<Place>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    /// The line itself.
    text: String,
    /// So many of its characters are meant.
    length: usize,
}

impl Error {
    pub(crate) fn new(text: &str, message: &str, span: Option<Range<usize>>) -> Self {
        let place = span.and_then(|span| {
            let before = text.get(..span.start)?;
            let begin = before.rfind('\n').map_or(0, |at| at + 1);
            let line = text.get(begin..)?.lines().next().unwrap_or_default();
            let end = span.end.min(begin + line.len());
            Some(Place {
                line: before.matches('\n').count() + 1,
                column: before.get(begin..)?.chars().count() + 1,
                text: line.to_owned(),
                length: text.get(span.start..end).map_or(0, |marked| marked.chars().count()),
            })
        });
        Self { message: message.to_owned(), place }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Place { line, column, text, length }) = &self.place else {
            return writeln!(f, "{}", self.message);
        };
        let number = line.to_string();
        let (gutter, before) = (" ".repeat(number.len() + 1), " ".repeat(column - 1));
        writeln!(f, "TOML parse error at line {line}, column {column}\n{gutter}|\n{number} | {text}")?;
        writeln!(f, "{gutter}| {before}{}\n{}", "^".repeat((*length).max(1)), self.message)
    }
}

impl std::error::Error for Error {}
