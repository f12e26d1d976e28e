//! `receiptctl print`: hands in a receipt, or only checks it, and waits for the outcome if asked to.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use receiptd_api::{CallError, Client, Document, Kind, Purpose, SubmitOptions, Submitted, Uncertain};
use receiptd_document::Profile;

use crate::client::generated_key;
use crate::cmd::{Context, wait};
use crate::document::{self, Wearing};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::table::{Cell, clean};
use crate::text::messages as m;
use crate::text::{say, words};
use crate::time;

/// Documents up to this size travel inside the call, larger ones by file descriptor: a bus copies every message
/// several times.
const INLINE_BYTES_MAX: usize = 64 * 1024;

/// What to print, and how.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The document; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What it is [default: by the extension .json or .txt, else raw; standard input is looked at]
    #[arg(long, value_name = "KIND", value_parser = document::kind_parser())]
    pub kind: Option<Kind>,
    /// The key that makes it one receipt however often it is handed in [default: generated]
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// The printer [default: the daemon's default printer]
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub printer: String,
    /// What people read in lists; no card numbers
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Do not print it before it is released
    #[arg(long)]
    pub hold: bool,
    /// Give up if it is not on paper after this time, for example 10m
    #[arg(long, value_name = "TIME", value_parser = time::duration_s)]
    pub expires: Option<u32>,
    /// If nobody knows whether it was printed: print again, marked, or hold for a person [default: the printer's]
    #[arg(long, value_name = "POLICY", value_parser = policy_parser())]
    pub policy: Option<Uncertain>,
    /// It is no receipt but for training or a test, and says so above and below
    #[arg(long, value_name = "PURPOSE", value_parser = purpose_parser())]
    pub purpose: Option<Purpose>,
    /// Wait for the outcome; the exit code tells it
    #[arg(long)]
    pub wait: bool,
    /// Wait at most so long, for example 30s or 5m
    #[arg(long, value_name = "TIME", requires = "wait", value_parser = time::duration_ms)]
    pub timeout: Option<u64>,
    /// Only check the document, without the daemon
    #[arg(long, conflicts_with_all = ["wait", "key", "printer", "hold", "expires", "policy", "purpose"])]
    pub dry_run: bool,
    /// The printable width to check for, in dots: 384 on 58 mm paper, 576 on 80 mm
    #[arg(long, value_name = "DOTS", default_value_t = 576, requires = "dry_run")]
    pub dots: u16,
    /// Check it with the template of this folder that fits [default: without one]
    #[arg(long, value_name = "FOLDER", requires = "dry_run")]
    pub templates: Option<PathBuf>,
}

fn policy_parser() -> impl TypedValueParser<Value = Uncertain> {
    PossibleValuesParser::new(Uncertain::ALL.iter().map(|policy| policy.as_str()))
        .map(|word| Uncertain::from_word(&word))
}

/// Reads what a document is for.
pub fn purpose_parser() -> impl TypedValueParser<Value = Purpose> {
    PossibleValuesParser::new(Purpose::ALL.iter().map(|purpose| purpose.as_str()))
        .map(|word| Purpose::from_word(&word))
}

/// Prints.
///
/// # Errors
/// The file cannot be read, or the daemon refused or cannot be reached.
pub async fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let document = document::read(&args.file, args.kind)?;
    if args.dry_run {
        return check(args, &document, context);
    }
    let (kind, document) = (document.kind, document.bytes);
    let key = args.key.clone().unwrap_or_else(|| generated_key(context.now_ms()));
    let options = SubmitOptions {
        hold: args.hold.then_some(true),
        expires_after_s: args.expires,
        policy: args.policy,
        title: args.title.clone(),
        purpose: args.purpose,
    };
    let mut daemon = context.daemon().await?;
    if args.key.is_none() {
        context.out.hint(&context.out.style.fill(m::KEY_USED, &[("key", &key)]));
    }
    let submitted = daemon
        .call(async |client| submit(client, &key, &args.printer, kind, &document, &options).await)
        .await?;
    show(&key, &submitted, args, context)?;
    if args.wait {
        let ids: Vec<u64> = submitted.jobs.iter().map(|(id, _)| *id).collect();
        return wait::wait(&key, &ids, args.timeout.map(Duration::from_millis), &mut daemon, context).await;
    }
    Ok(Exit::Ok)
}

async fn submit(
    client: &Client,
    key: &str,
    printer: &str,
    kind: Kind,
    document: &[u8],
    options: &SubmitOptions,
) -> Result<Submitted, CallError> {
    if document.len() <= INLINE_BYTES_MAX {
        return client.spooler().submit(key, printer, kind, Document(document), options).await;
    }
    // A file of its own each time: the daemon reads from where the last reader stopped.
    match memory_file(document) {
        Ok(file) => client.spooler().submit_fd(key, printer, kind, file.as_fd().into(), options).await,
        Err(_) => client.spooler().submit(key, printer, kind, Document(document), options).await,
    }
}

/// The document in a file that is only in memory, at its beginning.
fn memory_file(document: &[u8]) -> std::io::Result<OwnedFd> {
    let fd = rustix::fs::memfd_create("receipt", rustix::fs::MemfdFlags::CLOEXEC)?;
    let mut file = File::from(fd);
    file.write_all(document)?;
    rustix::fs::seek(&file, rustix::fs::SeekFrom::Start(0))?;
    Ok(file.into())
}

/// Says what was accepted.
fn show(key: &str, submitted: &Submitted, args: &Args, context: &mut Context) -> Result<(), Failure> {
    let lang = context.out.style.lang;
    if context.out.style.json {
        return context.out.json(&json::Accepted::new(key, submitted));
    }
    for (id, copy) in &submitted.jobs {
        let id = id.to_string();
        let line = if context.out.style.quiet {
            id
        } else if copy.is_empty() || copy == "single" {
            m::SUBMITTED.fill(lang, &[("id", &id)])
        } else {
            let copy = say(words::COPIES, lang, &clean(copy));
            m::SUBMITTED_COPY.fill(lang, &[("id", &id), ("copy", &copy)])
        };
        context.out.line(&line)?;
    }
    if !context.out.style.quiet {
        if args.key.is_none() {
            context.out.line(&m::KEY_IS.fill(lang, &[("key", key)]))?;
        }
        if submitted.existed {
            context.out.line(m::EXISTED.get(lang))?;
        }
        if let Some(count) = submitted.masked {
            context.out.line(&m::MASKED.fill(lang, &[("count", &count.to_string())]))?;
        }
    }
    context.out.flush()?;
    if let (false, Some((id, _))) = (args.wait, submitted.jobs.first()) {
        context.out.hint(&m::FOLLOW.fill(lang, &[("id", &id.to_string())]));
    }
    Ok(())
}

/// Makes the document into copies here and says what they would be.
fn check(args: &Args, document: &document::Read, context: &mut Context) -> Result<Exit, Failure> {
    let profile = Profile { dots: args.dots, ..Profile::default() };
    let loaded = context.templates(args.templates.as_deref())?;
    let wearing = loaded.as_ref().map(|loaded| Wearing::Fitting(&loaded.templates, context.today()));
    let copies = document.copies(&profile, wearing.as_ref())?;
    let style = context.out.style.clone();
    let mut rows = Vec::new();
    for copy in &copies {
        let bytes = copy.body.len() + copy.tail.len();
        let length_mm = copy.dots.div_ceil(8);
        let title = args.title.clone().unwrap_or_else(|| copy.title.clone());
        let title = clean(&title);
        if style.json {
            context.out.json(&json::Checked {
                r#type: "checked",
                kind: document.kind.as_str(),
                copy: copy.copy.as_str(),
                title: &title,
                lines: copy.lines,
                length_mm,
                bytes,
                masked: copy.masked,
            })?;
        }
        rows.push(vec![
            Cell::from(say(words::COPIES, style.lang, copy.copy.as_str())),
            Cell::from(copy.lines.to_string()),
            Cell::from(style.fill(m::MM, &[("mm", &length_mm.to_string())])),
            Cell::from(bytes.to_string()),
            Cell::from(title),
        ]);
    }
    if !style.json {
        context.out.table(&m::CHECKED_HEADER, &rows)?;
        context.out.flush()?;
        if let Some(masked) = copies.iter().map(|copy| copy.masked).max().filter(|count| *count > 0) {
            context.out.hint(&style.fill(m::WOULD_MASK, &[("count", &masked.to_string())]));
        }
        context.out.hint(style.say(m::CHECKED));
        context.out.hint(&style.fill(m::CHECKED_PROFILE, &[("dots", &args.dots.to_string())]));
    }
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_document_in_memory_is_read_from_its_beginning() {
        let mut text = String::new();
        File::from(memory_file(b"abc").expect("memory")).read_to_string(&mut text).expect("reads");
        assert_eq!(text, "abc");
    }
}
