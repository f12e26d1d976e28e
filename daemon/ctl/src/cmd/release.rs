//! `receiptctl release`: go on with a held job.

use crate::cmd::{Context, hold};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::text::messages;

/// What to release.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The number of the job
    pub id: u64,
}

/// Releases it.
///
/// # Errors
/// The daemon refused or cannot be reached.
pub async fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    context.daemon().await?.client().spooler().release(args.id).await?;
    hold::done(context, "release", args.id, messages::DONE_RELEASE)
}
