//! What the program `receiptd-press` is asked: a line of JSON, and behind it the bytes of the copies. What it answers: a
//! line of JSON, and behind it the page.
//!
//! One question to a process: fonts are read, the page is made, the process ends. Whoever asks sets the limit of
//! time, and takes a process that ends otherwise than well for a refusal.

use std::fmt;

use receiptd_document::{DocumentError, Drawn, Profile};
use receiptd_fonts::Fonts;
use receiptd_paperless::text::{Options, text};
use receiptd_paperless::{Facts, Page, html};
use serde::{Deserialize, Serialize};

/// Version of the form of questions and answers. Who asks and who answers come in one package; a difference is told.
pub const VERSION: u32 = 2;

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Plain text.
    Text,
    /// Plain text for a terminal: with the edges of the paper, and QR codes as blocks.
    Terminal,
    /// One HTML file.
    Html,
    /// A picture to the dot.
    Png,
    /// A document with text.
    Pdf,
}

/// The first line of a question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Version of this form.
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

/// The first line of an answer.
#[derive(Debug, Serialize)]
struct About {
    /// How long the paper is, in dot rows of 1/8 mm.
    length_dots: u32,
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
            Self::Version(version) => {
                write!(f, "the question has version {version}; this program knows {VERSION}")
            }
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
    if head.version != VERSION {
        return Err(RequestError::Version(head.version));
    }
    head.profile.check().map_err(RequestError::Profile)?;
    let page = Page::with_drawn(bytes, &head.profile, &head.drawn);
    let facts = Facts { title: &head.title, job: head.job.as_deref(), time: head.time.as_deref() };
    // Above a text only a job is told of; a title alone stands in the text itself.
    let said = head.job.is_some().then_some(facts);
    let about = About { length_dots: page.grid.eighths(page.length) };
    let mut answer = serde_json::to_vec(&about).map_err(|error| RequestError::Head(error.to_string()))?;
    answer.push(b'\n');
    answer.append(&mut match head.format {
        Format::Text => text(&page, &Options { facts: said, frame: false, blocks: false }).into_bytes(),
        Format::Terminal => text(&page, &Options { facts: said, frame: true, blocks: true }).into_bytes(),
        Format::Html => html::html(&page, &facts).into_bytes(),
        Format::Png => crate::png(&page, fonts),
        Format::Pdf => crate::pdf(&page, &facts, fonts),
    });
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(question: &str) -> Result<Vec<u8>, RequestError> {
        answer(question.as_bytes(), &mut Fonts::new(Vec::new()))
    }

    #[test]
    fn a_question_is_answered_in_its_format() {
        for (format, begin) in [
            ("text", "        电子小票 Receipt\n".as_bytes()),
            ("terminal", "┌".as_bytes()),
            ("html", b"<!DOCTYPE html>"),
            ("png", b"\x89PNG"),
            ("pdf", b"%PDF"),
        ] {
            let head =
                format!(r#"{{"version": 2, "format": "{format}", "profile": {{"dots": 384}}, "job": "7"}}"#);
            let answer = ask(&format!("{head}\nabc\n")).unwrap();
            let made = answer.strip_prefix(b"{\"length_dots\":30}\n").unwrap();
            assert!(made.starts_with(begin), "{}", String::from_utf8_lossy(made));
        }
    }

    #[test]
    fn what_is_no_question_is_named() {
        assert!(matches!(ask(""), Err(RequestError::Head(_))));
        assert!(matches!(
            ask("{\"version\": 2, \"format\": \"gif\", \"profile\": {}}\n"),
            Err(RequestError::Head(_))
        ));
        assert!(matches!(
            ask("{\"version\": 1, \"format\": \"png\", \"profile\": {}}\n"),
            Err(RequestError::Version(1))
        ));
        let narrow = ask("{\"version\": 2, \"format\": \"png\", \"profile\": {\"dots\": 8}}\n");
        assert!(matches!(narrow, Err(RequestError::Profile(_))));
    }
}
