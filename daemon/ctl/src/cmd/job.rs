//! `receiptctl job`: the whole story of one job in plain words, and what a person can do now.

use receiptd_api::{JobInfo, PrinterInfo};

use crate::client::Daemon;
use crate::cmd::Context;
use crate::describe;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::text::Lang;

/// Which job.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The number of the job
    #[arg(required_unless_present = "key", conflicts_with = "key")]
    pub id: Option<u64>,
    /// The jobs that this user submitted with this key
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
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
