//! `receiptctl hold`: do not print a job for now.

use crate::cmd::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::text::messages;

/// What to hold.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The number of the job
    pub id: u64,
    /// Why; it is kept with the job
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub reason: String,
}

/// Holds it.
///
/// # Errors
/// The daemon refused or cannot be reached.
pub async fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    context.daemon().await?.client().spooler().hold(args.id, &args.reason).await?;
    done(context, "hold", args.id, messages::DONE_HOLD)
}

/// Says that something was done to a job.
///
/// # Errors
/// The output cannot be written.
pub fn done(context: &mut Context, verb: &str, id: u64, text: crate::text::Text) -> Result<Exit, Failure> {
    if context.out.style.json {
        context.out.json(&json::Done::new(verb, id))?;
    } else {
        let line = context.out.style.fill(text, &[("id", &id.to_string())]);
        context.out.line(&line)?;
    }
    Ok(Exit::Ok)
}
