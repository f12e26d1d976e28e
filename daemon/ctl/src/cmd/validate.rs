//! `receiptctl validate`: whether documents would be accepted, and what would become of them.

use std::path::PathBuf;

use receiptd_api::Kind;
use receiptd_document::Profile;
use serde::Serialize;

use crate::cmd::Context;
use crate::document::{self, Wearing};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::table::clean;
use crate::text::messages as m;
use crate::text::{say, words};

/// Which documents, and for what paper.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The documents; - is standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// What they are [default: by the extension .json or .txt, else raw; standard input is looked at]
    #[arg(long, value_name = "KIND", value_parser = document::kind_parser())]
    pub kind: Option<Kind>,
    /// The paper to check for: 80mm, 76mm, 58mm, or a model of `receiptctl printers models`
    #[arg(long, value_name = "PROFILE", default_value = "80mm", hide_possible_values = true, value_parser = document::profile_parser())]
    pub profile: Profile,
    /// With the template of this folder that fits [default: without one]
    #[arg(long, value_name = "FOLDER")]
    pub templates: Option<PathBuf>,
}

/// A copy of a sound document, or a document that is not (`"validated"`).
#[derive(Debug, Serialize)]
struct Validated<'a> {
    r#type: &'static str,
    file: &'a str,
    sound: bool,
    kind: Option<&'a str>,
    copy: Option<&'a str>,
    title: Option<&'a str>,
    lines: Option<u32>,
    length_mm: Option<u32>,
    bytes: Option<usize>,
    masked: Option<u32>,
    code: Option<&'a str>,
    message: Option<&'a str>,
    message_zh: Option<&'a str>,
}

/// Checks all of them, also behind one that is not sound.
///
/// # Errors
/// The output cannot be written, or the folder of templates cannot be read.
pub fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let mut exit = Exit::Ok;
    let loaded = context.templates(args.templates.as_deref())?;
    let wearing = loaded.as_ref().map(|loaded| Wearing::Fitting(&loaded.templates, context.today()));
    for path in &args.files {
        let file = clean(&path.to_string_lossy());
        let checked = document::read(path, args.kind).and_then(|document| {
            document.copies(&args.profile, wearing.as_ref()).map(|copies| (document.kind, copies))
        });
        match checked {
            Ok((kind, copies)) => {
                for copy in &copies {
                    sound(&file, kind, copy, context)?;
                }
            }
            Err(failure) => {
                exit = exit.worse(refused(&file, &failure, context)?);
            }
        }
    }
    context.out.flush()?;
    Ok(exit)
}

fn sound(
    file: &str,
    kind: Kind,
    copy: &receiptd_document::Rendered,
    context: &mut Context,
) -> Result<(), Failure> {
    let bytes = copy.body.len() + copy.tail.len();
    let length_mm = copy.dots.div_ceil(8);
    let title = clean(&copy.title);
    if context.out.style.json {
        return context.out.json(&Validated {
            r#type: "validated",
            file,
            sound: true,
            kind: Some(kind.as_str()),
            copy: Some(copy.copy.as_str()),
            title: Some(&title),
            lines: Some(copy.lines),
            length_mm: Some(length_mm),
            bytes: Some(bytes),
            masked: Some(copy.masked),
            code: None,
            message: None,
            message_zh: None,
        });
    }
    let text = if copy.masked > 0 { m::SOUND_MASKED } else { m::SOUND };
    let line = context.out.style.fill(
        text,
        &[
            ("file", file),
            ("copy", &say(words::COPIES, context.out.style.lang, copy.copy.as_str())),
            ("lines", &copy.lines.to_string()),
            ("mm", &length_mm.to_string()),
            ("bytes", &bytes.to_string()),
            ("count", &copy.masked.to_string()),
        ],
    );
    context.out.line(&line)
}

fn refused(file: &str, failure: &Failure, context: &mut Context) -> Result<Exit, Failure> {
    let report = failure.report();
    if context.out.style.json {
        context.out.json(&Validated {
            r#type: "validated",
            file,
            sound: false,
            kind: None,
            copy: None,
            title: None,
            lines: None,
            length_mm: None,
            bytes: None,
            masked: None,
            code: Some(&report.code),
            message: Some(&report.message),
            message_zh: Some(&report.message_zh),
        })?;
    } else {
        let message = clean(report.message(context.out.style.lang));
        let line = context
            .out
            .style
            .fill(m::NOT_SOUND, &[("file", file), ("message", &message), ("code", &report.code)]);
        context.out.line(&line)?;
    }
    Ok(report.exit)
}
