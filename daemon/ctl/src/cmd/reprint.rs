//! `receiptctl reprint`: another copy of a job that has ended, marked as a duplicate.

use std::time::Duration;

use crate::client::generated_key;
use crate::cmd::{Context, wait};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::text::messages as m;
use crate::time;

/// What to print again.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The number of the job
    pub id: u64,
    /// Why; it is kept with the job
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Makes the request repeatable: the same key gives the same copy, not another one [default: generated]
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Wait for the outcome; the exit code tells it
    #[arg(long)]
    pub wait: bool,
    /// Wait at most so long, for example 30s or 5m
    #[arg(long, value_name = "TIME", requires = "wait", value_parser = time::duration_ms)]
    pub timeout: Option<u64>,
}

/// Asks for it, and waits if asked to.
///
/// # Errors
/// The daemon refused or cannot be reached.
pub async fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let key = args.key.clone().unwrap_or_else(|| generated_key(context.now_ms()));
    let mut daemon = context.daemon().await?;
    if args.key.is_none() {
        context.out.hint(&context.out.style.fill(m::KEY_USED, &[("key", &key)]));
    }
    let job = daemon.call(async |client| client.spooler().reprint(args.id, &args.reason, &key).await).await?;
    if context.out.style.json {
        context.out.json(&json::Reprinted::new(&key, args.id, job))?;
    } else if context.out.style.quiet {
        context.out.line(&job.to_string())?;
    } else {
        let values = [("id", &*job.to_string()), ("of", &*args.id.to_string())];
        let line = context.out.style.fill(m::REPRINTED, &values);
        context.out.line(&line)?;
    }
    context.out.flush()?;
    if args.wait {
        return wait::wait(&key, &[job], args.timeout.map(Duration::from_millis), &mut daemon, context).await;
    }
    Ok(Exit::Ok)
}
