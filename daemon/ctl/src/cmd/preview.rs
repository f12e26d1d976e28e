//! `receiptctl preview`: what a receipt would look like on paper, as text, HTML, PNG or PDF.
//!
//! It shows the bytes that the daemon would make and keep. No daemon is needed.

use std::path::{Path, PathBuf};

use receiptd_api::{Kind, Purpose};
use receiptd_document::{CopyLabel, Profile, Rendered};

use crate::cmd::Context;
use crate::cmd::print::purpose_parser;
use crate::document::{self, Wearing};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::sheet::{self, Format, Sheet, stream};

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
    /// The paper it is laid out for: 80mm, 76mm, 58mm, or a model of `receiptctl printers models`
    #[arg(long, value_name = "PROFILE", default_value = "80mm", hide_possible_values = true, value_parser = document::profile_parser())]
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
    /// As it looks when it is no receipt but for training or a test
    #[arg(long, value_name = "PURPOSE", value_parser = purpose_parser())]
    pub purpose: Option<Purpose>,
}

/// Shows it.
///
/// # Errors
/// The file cannot be read or written, or the document is wrong.
pub fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let document = document::read(&args.file, args.kind)?;
    let loaded = context.templates(args.templates.as_deref())?;
    let wearing = loaded.as_ref().map(|loaded| Wearing::Fitting(&loaded.templates, context.today()));
    let mut copies = document.chosen(&args.profile, args.copy, wearing.as_ref())?;
    let purpose = match args.purpose {
        Some(Purpose::Training) => Some(receiptd_document::Purpose::Training),
        Some(Purpose::Test) => Some(receiptd_document::Purpose::Test),
        Some(Purpose::Other) | None => None,
    };
    if let Some(purpose) = purpose {
        copies = copies.into_iter().map(|copy| copy.made_for(purpose, &args.profile)).collect();
    }
    show(&copies, &args.profile, args.format, args.output.as_deref(), context)
}

/// Shows copies, one behind the other.
///
/// # Errors
/// The file cannot be written, or there is nobody who makes the format.
pub fn show(
    copies: &[Rendered],
    profile: &Profile,
    format: Option<Format>,
    output: Option<&Path>,
    context: &mut Context,
) -> Result<Exit, Failure> {
    let (bytes, drawn) = stream(copies);
    let sheet = Sheet {
        bytes: &bytes,
        drawn: &drawn,
        profile,
        title: copies.first().map_or("", |copy| copy.title.as_str()),
        job: None,
        time: None,
        copies: copies.iter().map(|copy| copy.copy.as_str()).collect(),
    };
    sheet::write(&sheet, None, format, output, context)?;
    Ok(Exit::Ok)
}
