//! What the program `receiptd-press` is asked: a line of JSON, and behind it the bytes of the copies.
//!
//! One question to a process: fonts are read, the page is made, the process ends. Whoever asks sets the limit of
//! time, and takes a process that ends otherwise than well for a refusal.

use std::fmt;

use receiptd_document::{DocumentError, Drawn, Profile};
use receiptd_fonts::Fonts;
use receiptd_paperless::{Facts, Page};
use serde::Deserialize;

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A picture to the dot.
    Png,
    /// A document with text.
    Pdf,
}

/// The first line of a question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Version of this form: 1.
    pub version: u32,
    /// What is made.
    pub format: Format,
    /// The printer that the bytes are for.
    pub profile: Profile,
    /// What the receipt is called; its first line if empty.
    #[serde(default)]
    pub title: String,
    /// The number of the job.
    pub job: Option<String>,
    /// When it was accepted, as it shall be shown.
    pub time: Option<String>,
    /// The texts of lines that were drawn, by their places in the bytes.
    #[serde(default)]
    pub drawn: Vec<Drawn>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum RequestError {
    /// There is no line, or it is not of this form.
    Head(String),
    /// The form is of another version.
    Version(u32),
    /// The profile makes no sense.
    Profile(DocumentError),
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head(why) => write!(f, "the question is none: {why}"),
            Self::Version(version) => write!(f, "the question has version {version}; this program knows 1"),
            Self::Profile(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RequestError {}

/// Answers a question.
///
/// # Errors
/// It is not of the form. Bytes that are no receipt are no error: the page ends where they do.
pub fn answer(question: &[u8], fonts: &mut Fonts) -> Result<Vec<u8>, RequestError> {
    let mut parts = question.splitn(2, |byte| *byte == b'\n');
    let (head, bytes) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let head: Head = serde_json::from_slice(head).map_err(|error| RequestError::Head(error.to_string()))?;
    if head.version != 1 {
        return Err(RequestError::Version(head.version));
    }
    head.profile.check().map_err(RequestError::Profile)?;
    let page = Page::with_drawn(bytes, &head.profile, &head.drawn);
    Ok(match head.format {
        Format::Png => crate::png(&page, fonts),
        Format::Pdf => {
            let facts = Facts { title: &head.title, job: head.job.as_deref(), time: head.time.as_deref() };
            crate::pdf(&page, &facts, fonts)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(question: &str) -> Result<Vec<u8>, RequestError> {
        answer(question.as_bytes(), &mut Fonts::new(Vec::new()))
    }

    #[test]
    fn a_question_is_answered_in_its_format() {
        let png = ask("{\"version\": 1, \"format\": \"png\", \"profile\": {\"dots\": 384}}\nabc\n").unwrap();
        assert!(png.starts_with(b"\x89PNG"));
        let pdf = ask("{\"version\": 1, \"format\": \"pdf\", \"profile\": {}, \"job\": \"7\"}\n").unwrap();
        assert!(pdf.starts_with(b"%PDF"));
    }

    #[test]
    fn what_is_no_question_is_named() {
        assert!(matches!(ask(""), Err(RequestError::Head(_))));
        assert!(matches!(
            ask("{\"version\": 1, \"format\": \"gif\", \"profile\": {}}\n"),
            Err(RequestError::Head(_))
        ));
        assert!(matches!(
            ask("{\"version\": 2, \"format\": \"png\", \"profile\": {}}\n"),
            Err(RequestError::Version(2))
        ));
        let narrow = ask("{\"version\": 1, \"format\": \"png\", \"profile\": {\"dots\": 8}}\n");
        assert!(matches!(narrow, Err(RequestError::Profile(_))));
    }
}
