//! `receiptctl cancel`: do not print these jobs.

use crate::cmd::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::text::messages;

/// What to cancel.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The numbers of the jobs
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<u64>,
    /// Why; it is kept with the job
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub reason: String,
}

/// Cancels each; one that cannot be canceled does not keep the others from it.
///
/// # Errors
/// The daemon cannot be reached, or the output cannot be written.
pub async fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let daemon = context.daemon().await?;
    let mut worst = Exit::Ok;
    for &id in &args.ids {
        match daemon.client().spooler().cancel(id, &args.reason).await.map_err(Failure::Call) {
            Ok(()) if context.out.style.json => context.out.json(&json::Done::new("cancel", id))?,
            Ok(()) => {
                let line = context.out.style.fill(messages::DONE_CANCEL, &[("id", &id.to_string())]);
                context.out.line(&line)?;
            }
            Err(failure) => {
                let report = failure.report();
                context.out.flush()?;
                context.out.failure(&report);
                worst = worst.worse(report.exit);
                if failure.is_gone() {
                    break;
                }
            }
        }
    }
    Ok(worst)
}
