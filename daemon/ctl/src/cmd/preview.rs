//! `receiptctl preview`: what a receipt would look like on paper, as text, HTML, PNG or PDF.
//!
//! It shows the bytes that the daemon would make and keep. No daemon is needed; `receiptd-press` is.

use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use receiptd_api::Kind;
use receiptd_document::{CopyLabel, Profile};
use serde::Serialize;

use crate::cmd::Context;
use crate::document;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::press::{Pressed, press};
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
    let copies = document.chosen(&args.profile, args.copy)?;
    let by_name = || args.output.as_deref().and_then(Format::of_file_name);
    let format = args.format.or_else(by_name).unwrap_or(Format::Text);
    let bytes: Vec<u8> = copies.iter().flat_map(|copy| copy.body.iter().chain(&copy.tail)).copied().collect();
    let title = copies.first().map_or("", |copy| copy.title.as_str());
    let terminal = args.output.is_none() && std::io::stdout().is_terminal() && !context.out.style.json;
    if terminal && matches!(format, Format::Png | Format::Pdf) {
        return Err(Failure::Terminal);
    }
    let wanted = if terminal && format == Format::Text { "terminal" } else { format.as_str() };
    let Pressed { made, length_dots } = press(wanted, &bytes, &args.profile, title)?;
    if let Some(path) = &args.output {
        fs::write(path, &made).map_err(|source| Failure::FileWrite { path: path.clone(), source })?;
    }
    let length_mm = length_dots.div_ceil(8);
    if context.out.style.json {
        let content = if args.output.is_none() { std::str::from_utf8(&made).ok() } else { None };
        context.out.json(&Previewed {
            r#type: "preview",
            format: format.as_str(),
            copies: copies.iter().map(|copy| copy.copy.as_str()).collect(),
            length_mm,
            bytes: made.len(),
            output: args.output.as_ref().map(|path| path.to_string_lossy().into_owned()),
            content,
        })?;
    } else if let Some(path) = &args.output {
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
