//! `receiptctl resolve`: a person says what became of an uncertain job.

use receiptd_api::Outcome;

use crate::cmd::{Context, hold};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::text::messages;

/// What was seen.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("outcome").required(true).multiple(false).args(["printed", "not_printed"])))]
pub struct Args {
    /// The number of the job
    pub id: u64,
    /// The receipt is there: the job ends as confirmed by a person
    #[arg(long)]
    pub printed: bool,
    /// The receipt is not there: it is printed again, marked as a duplicate
    #[arg(long)]
    pub not_printed: bool,
    /// What was seen; it is kept with the job
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub note: String,
}

/// Tells the daemon.
///
/// # Errors
/// The daemon refused or cannot be reached.
pub async fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let (outcome, text) = if args.printed {
        (Outcome::Printed, messages::DONE_RESOLVE_PRINTED)
    } else {
        (Outcome::NotPrinted, messages::DONE_RESOLVE_MISSING)
    };
    context.daemon().await?.client().spooler().resolve(args.id, outcome, &args.note).await?;
    hold::done(context, "resolve", args.id, text)
}
