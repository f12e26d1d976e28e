//! `receiptctl job`: the whole story of one job in plain words, and what a person can do now.

use std::path::PathBuf;

use receiptd_api::{CallError, JobInfo, PrinterInfo};
use receiptd_document::{Drawn, Profile};

use crate::client::Daemon;
use crate::cmd::Context;
use crate::describe;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::sheet::{self, Format, Sheet};
use crate::text::Lang;
use crate::time::date_time;

/// Which job.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The number of the job
    #[arg(required_unless_present = "key", conflicts_with = "key")]
    pub id: Option<u64>,
    /// The jobs that this user submitted with this key
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Show what is on its paper instead: text, html, png or pdf
    #[arg(long = "as", value_name = "FORMAT", conflicts_with_all = ["key", "exit_code"])]
    pub format: Option<Format>,
    /// The file for what is on its paper [default: standard output]
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["key", "exit_code"])]
    pub output: Option<PathBuf>,
    /// Let the exit code tell what became of it
    #[arg(long)]
    pub exit_code: bool,
}

/// Tells it.
///
/// # Errors
/// The daemon refused or cannot be reached, or there is no such job.
pub async fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let mut daemon = context.daemon().await?;
    if let Some(id) = args.id.filter(|_| args.format.is_some() || args.output.is_some()) {
        return paper(id, args, &mut daemon, context).await;
    }
    let ids = match (&args.key, args.id) {
        (Some(key), _) => {
            let ids = daemon.call(async |client| client.spooler().find_jobs(key).await).await?;
            if ids.is_empty() {
                return Err(Failure::NoKey(key.clone()));
            }
            ids
        }
        (None, id) => id.into_iter().collect(),
    };
    let mut worst = Exit::Ok;
    for (index, id) in ids.into_iter().enumerate() {
        let job = daemon.job(id).await?;
        worst = worst.worse(Exit::of_state(job.state));
        let printer = printer_of(&job, &mut daemon).await?;
        if index > 0 && !context.out.style.json {
            context.out.line("")?;
        }
        show("job", &job, printer.as_ref(), context)?;
    }
    Ok(if args.exit_code { worst } else { Exit::Ok })
}

/// What is on the paper of a job.
async fn paper(id: u64, args: &Args, daemon: &mut Daemon, context: &mut Context) -> Result<Exit, Failure> {
    let receipt = daemon.call(async |client| client.spooler().get_receipt(id).await).await?;
    let profile: Profile = serde_json::from_str(&receipt.profile).map_err(|error| {
        let why = format!("the daemon's profile is of another version than this command ({error})");
        Failure::Call(CallError::Other(zbus::Error::Failure(why)))
    })?;
    let drawn: Vec<Drawn> =
        receipt.drawn.into_iter().map(|(offset, rows, text)| Drawn { offset, rows, text }).collect();
    let (number, time) = (receipt.id.to_string(), date_time(receipt.accepted_ms, &context.out.style.tz));
    let sheet = Sheet {
        bytes: &receipt.bytes,
        drawn: &drawn,
        profile: &profile,
        title: &receipt.title,
        job: Some(&number),
        time: Some(&time),
        copies: vec![&receipt.copy],
    };
    sheet::write(&sheet, Some(receipt.id), args.format, args.output.as_deref(), context)?;
    Ok(Exit::Ok)
}

/// The printer of a job that has not ended: what is wrong with it is what the person wants to know.
///
/// # Errors
/// The daemon cannot be reached.
pub async fn printer_of(job: &JobInfo, daemon: &mut Daemon) -> Result<Option<PrinterInfo>, Failure> {
    if job.state.is_final() {
        return Ok(None);
    }
    let printers = daemon.printers().await?;
    Ok(printers.into_iter().find(|printer| printer.name == job.printer))
}

/// Shows a job as a page, or as a JSON object of a type.
///
/// # Errors
/// The output cannot be written.
pub fn show(
    r#type: &'static str,
    job: &JobInfo,
    printer: Option<&PrinterInfo>,
    context: &mut Context,
) -> Result<(), Failure> {
    if context.out.style.json {
        let (en, zh) = (describe::advice(job, printer, Lang::En), describe::advice(job, printer, Lang::Zh));
        let users = context.out.style.users.clone();
        let json = json::Job::of_type(r#type, job).with_story(&job.story, &users).with_advice(&en, &zh);
        context.out.json(&json)
    } else {
        let lines = describe::job_page(job, printer, &context.out.style);
        context.out.lines(&lines)
    }
}
