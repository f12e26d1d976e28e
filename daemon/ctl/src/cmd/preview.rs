//! `receiptctl preview`: what a receipt would look like on paper, as text, HTML, PNG or PDF.
//!
//! It shows the bytes that the daemon would make and keep. No daemon is needed.

use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use receiptd_api::Kind;
use receiptd_document::{CopyLabel, Profile, Rendered};
use receiptd_paperless::text::Options;
use receiptd_paperless::{Facts, Page, html, text};
use serde::Serialize;

use crate::cmd::Context;
use crate::document::{self, Wearing};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::press::press;
use crate::text::messages as m;

/// What to show, and how.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The document; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What it is [default: by the extension .json or .txt, else raw; standard input is looked at]
    #[arg(long, value_name = "KIND", value_parser = document::kind_parser())]
    pub kind: Option<Kind>,
    /// What to make of it [default: by the extension of --output, else text]
    #[arg(long = "as", value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The paper it is laid out for
    #[arg(long, value_name = "PROFILE", default_value = "80mm", value_parser = document::profile_parser())]
    pub profile: Profile,
    /// Only this copy [default: all, one behind the other]
    #[arg(long, value_name = "COPY", value_parser = document::copy_parser())]
    pub copy: Option<CopyLabel>,
    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// With the template of this folder that fits [default: without one]
    #[arg(long, value_name = "FOLDER")]
    pub templates: Option<PathBuf>,
}

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
    const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "html",
            Self::Png => "png",
            Self::Pdf => "pdf",
        }
    }

    /// What a file of this name is expected to be.
    fn of_file_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_ascii_lowercase().to_str()? {
            "txt" | "text" => Some(Self::Text),
            "html" | "htm" => Some(Self::Html),
            "png" => Some(Self::Png),
            "pdf" => Some(Self::Pdf),
            _ => None,
        }
    }
}

/// What was made (`"preview"`).
#[derive(Debug, Serialize)]
struct Previewed<'a> {
    r#type: &'static str,
    format: &'a str,
    copies: Vec<&'a str>,
    length_mm: u32,
    bytes: usize,
    output: Option<String>,
    content: Option<&'a str>,
}

/// Shows it.
///
/// # Errors
/// The file cannot be read or written, or the document is wrong.
pub fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let document = document::read(&args.file, args.kind)?;
    let loaded = context.templates(args.templates.as_deref())?;
    let wearing = loaded.as_ref().map(|loaded| Wearing::Fitting(&loaded.templates, context.today()));
    let copies = document.chosen(&args.profile, args.copy, wearing.as_ref())?;
    show(&copies, &args.profile, format(args.format, args.output.as_deref()), args.output.as_deref(), context)
}

/// The format that was asked for, by word or by the name of a file.
pub fn format(asked: Option<Format>, output: Option<&Path>) -> Format {
    asked.or_else(|| output.and_then(Format::of_file_name)).unwrap_or(Format::Text)
}

/// Shows copies, one behind the other.
///
/// # Errors
/// The file cannot be written, or there is nobody who makes the format.
pub fn show(
    copies: &[Rendered],
    profile: &Profile,
    format: Format,
    output: Option<&Path>,
    context: &mut Context,
) -> Result<Exit, Failure> {
    let bytes: Vec<u8> = copies.iter().flat_map(|copy| copy.body.iter().chain(&copy.tail)).copied().collect();
    let page = Page::of(&bytes, profile);
    let title = copies.first().map_or("", |copy| copy.title.as_str());
    let terminal = output.is_none() && std::io::stdout().is_terminal() && !context.out.style.json;
    if terminal && matches!(format, Format::Png | Format::Pdf) {
        return Err(Failure::Terminal);
    }
    let made = match format {
        Format::Text => {
            text::text(&page, &Options { facts: None, frame: terminal, blocks: terminal }).into_bytes()
        }
        Format::Html => html::html(&page, &Facts { title, job: None, time: None }).into_bytes(),
        Format::Png | Format::Pdf => press(format.as_str(), &bytes, profile, title)?,
    };
    if let Some(path) = output {
        fs::write(path, &made).map_err(|source| Failure::FileWrite { path: path.to_owned(), source })?;
    }
    let length_mm = page.length.div_ceil(8);
    if context.out.style.json {
        let content = if output.is_none() { std::str::from_utf8(&made).ok() } else { None };
        context.out.json(&Previewed {
            r#type: "preview",
            format: format.as_str(),
            copies: copies.iter().map(|copy| copy.copy.as_str()).collect(),
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
    Ok(Exit::Ok)
}
