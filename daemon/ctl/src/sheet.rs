//! A receipt without paper, written to a file or to standard output: for `preview`, and for `job --as`.

use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use receiptd_document::{Drawn, Profile, Rendered};
use serde::Serialize;

use crate::cmd::Context;
use crate::failure::Failure;
use crate::press::{Pressed, press};
use crate::text::messages as m;

/// What a page is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Plain text.
    Text,
    /// One HTML file.
    Html,
    /// A picture to the dot.
    Png,
    /// A document of the paper's size.
    Pdf,
}

impl Format {
    /// Its name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "html",
            Self::Png => "png",
            Self::Pdf => "pdf",
        }
    }

    /// What a file of this name is expected to be.
    pub fn of_file_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_ascii_lowercase().to_str()? {
            "txt" | "text" => Some(Self::Text),
            "html" | "htm" => Some(Self::Html),
            "png" => Some(Self::Png),
            "pdf" => Some(Self::Pdf),
            _ => None,
        }
    }
}

/// What is written.
#[derive(Debug)]
pub struct Sheet<'a> {
    /// The bytes of the copies, one behind the other.
    pub bytes: &'a [u8],
    /// The lines that were drawn in them.
    pub drawn: &'a [Drawn],
    /// The paper that they are laid out for.
    pub profile: &'a Profile,
    /// What they are called.
    pub title: &'a str,
    /// The number of the job.
    pub job: Option<&'a str>,
    /// When it was accepted, as it shall be shown.
    pub time: Option<&'a str>,
    /// Whose copies they are.
    pub copies: Vec<&'a str>,
}

/// The bytes of copies, one behind the other, and where in them lines are that were drawn.
pub fn stream(copies: &[Rendered]) -> (Vec<u8>, Vec<Drawn>) {
    let (mut bytes, mut drawn) = (Vec::new(), Vec::new());
    for copy in copies {
        let before = bytes.len() as u32;
        drawn.extend(copy.drawn.iter().map(|line| Drawn { offset: line.offset + before, ..line.clone() }));
        bytes.extend_from_slice(&copy.body);
        bytes.extend_from_slice(&copy.tail);
    }
    (bytes, drawn)
}

/// What was made (`"preview"`, `"receipt"`).
#[derive(Debug, Serialize)]
struct Made<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<u64>,
    format: &'a str,
    copies: &'a [&'a str],
    length_mm: u32,
    bytes: usize,
    output: Option<String>,
    content: Option<&'a str>,
}

/// Writes it: to the file, or to standard output. `job` is the number that it is told by, if it is a job's.
///
/// # Errors
/// It cannot be written, or PNG and PDF cannot be made here.
pub fn write(
    sheet: &Sheet<'_>,
    job: Option<u64>,
    format: Option<Format>,
    output: Option<&Path>,
    context: &mut Context,
) -> Result<(), Failure> {
    let by_name = || output.and_then(Format::of_file_name);
    let format = format.or_else(by_name).unwrap_or(Format::Text);
    let terminal = output.is_none() && std::io::stdout().is_terminal() && !context.out.style.json;
    if terminal && matches!(format, Format::Png | Format::Pdf) {
        return Err(Failure::Terminal);
    }
    let wanted = if terminal && format == Format::Text { "terminal" } else { format.as_str() };
    let Pressed { made, length_dots } = press(wanted, sheet)?;
    if let Some(path) = output {
        fs::write(path, &made).map_err(|source| Failure::FileWrite { path: PathBuf::from(path), source })?;
    }
    let length_mm = length_dots.div_ceil(8);
    if context.out.style.json {
        let content = if output.is_none() { std::str::from_utf8(&made).ok() } else { None };
        context.out.json(&Made {
            r#type: if job.is_some() { "receipt" } else { "preview" },
            job,
            format: format.as_str(),
            copies: &sheet.copies,
            length_mm,
            bytes: made.len(),
            output: output.map(|path| path.to_string_lossy().into_owned()),
            content,
        })?;
    } else if let Some(path) = output {
        context.out.hint(&context.out.style.fill(
            m::PREVIEWED,
            &[
                ("path", &path.to_string_lossy()),
                ("bytes", &made.len().to_string()),
                ("mm", &length_mm.to_string()),
            ],
        ));
    } else {
        context.out.bytes(&made)?;
    }
    Ok(())
}
