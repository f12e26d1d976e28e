//! `receiptctl watch`: what happens, one line per change, until Ctrl-C.
//!
//! A restart of the daemon does not end it: once it is back, what changed meanwhile is shown, each job as it is now.

use std::collections::BTreeMap;

use receiptd_api::{JobFilter, JobInfo, PrinterInfo};

use crate::client::Daemon;
use crate::cmd::Context;
use crate::describe;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::{Follower, News};
use crate::json;
use crate::shown::{Shown, in_order};
use crate::text::messages as m;

/// What to watch.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this printer and its jobs
    #[arg(long, value_name = "NAME")]
    pub printer: Option<String>,
    /// Only jobs with this key
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
}

/// Watches.
///
/// # Errors
/// The daemon refused or did not come back, or Ctrl-C.
pub async fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let mut daemon = context.daemon().await?;
    context.out.hint(context.out.style.say(m::WATCHING));
    tokio::select! {
        ended = watch(args, &mut daemon, context) => ended.map(|()| Exit::Ok),
        interrupt = tokio::signal::ctrl_c() => {
            interrupt.map_err(Failure::Runtime)?;
            Err(Failure::Interrupted)
        }
    }
}

/// What is followed, and what was shown of it.
struct Watching<'a> {
    args: &'a Args,
    filter: JobFilter,
    follower: Follower,
    shown: Shown,
    seen: Seen,
    /// Changes of jobs may have been missed.
    gap: bool,
}

async fn watch(args: &Args, daemon: &mut Daemon, context: &mut Context) -> Result<(), Failure> {
    let filter = JobFilter { printer: args.printer.clone(), key: args.key.clone(), ..JobFilter::default() };
    // What is there already is not shown; what changes from here on is.
    let shown = Shown::begin(daemon, &filter).await?;
    let follower = Follower::start(daemon, filter.clone()).await?;
    // Between that look and the first signal, too, something may have happened.
    let mut watching = Watching { args, filter, follower, shown, seen: Seen::default(), gap: true };
    let mut look = true;
    loop {
        if look {
            match watching.look_around(daemon, context).await {
                // The follower connects again at its next step; a store that is full has room by a later look.
                Err(failure) if failure.is_gone() || failure.is_of_the_store() => {}
                other => other?,
            }
        }
        look = match watching.follower.next(daemon, &context.out).await? {
            News::Job(job) => {
                show_job(&job, &mut watching.shown, context)?;
                context.out.flush()?;
                false
            }
            News::Printer | News::Look => true,
            News::Reconnected => {
                watching.gap = true;
                true
            }
        };
    }
}

impl Watching<'_> {
    /// Shows the jobs, where changes may have been missed, and the printers that changed.
    async fn look_around(&mut self, daemon: &mut Daemon, context: &mut Context) -> Result<(), Failure> {
        if self.gap {
            let look = self.shown.look_again(daemon, &self.filter);
            let (found, signals) = self.follower.meanwhile(look).await;
            show_missed(found, signals, &mut self.shown, context)?;
            self.gap = false;
        }
        if self.args.key.is_none() {
            let (printers, signals) = self.follower.meanwhile(daemon.printers()).await;
            signals.iter().try_for_each(|job| show_job(job, &mut self.shown, context))?;
            show_printers(self.args, &mut self.seen, &printers?, context)?;
        }
        context.out.flush()
    }
}

/// Shows what a look found, each job with the signals about it that are newer.
fn show_missed(
    found: Result<Vec<JobInfo>, Failure>,
    signals: Vec<JobInfo>,
    shown: &mut Shown,
    context: &mut Context,
) -> Result<(), Failure> {
    let mut by_job: BTreeMap<u64, Vec<JobInfo>> = BTreeMap::new();
    for signal in signals {
        by_job.entry(signal.id).or_default().push(signal);
    }
    let (found, failed) = match found {
        Ok(found) => (found, None),
        Err(failure) => (Vec::new(), Some(failure)),
    };
    for job in found {
        let signals = by_job.remove(&job.id).unwrap_or_default();
        in_order(job, signals).iter().try_for_each(|job| show_job(job, shown, context))?;
    }
    // Jobs that the look did not find anything about.
    by_job.values().flatten().try_for_each(|job| show_job(job, shown, context))?;
    failed.map_or(Ok(()), Err)
}

/// One line for a job, if it is not what was shown last.
fn show_job(job: &JobInfo, shown: &mut Shown, context: &mut Context) -> Result<(), Failure> {
    if !shown.is_news(job) {
        return Ok(());
    }
    if context.out.style.json {
        context.out.json(&json::Job::of_type("change", job))
    } else {
        let line = describe::job_change(job, context.now_ms(), &context.out.style);
        context.out.line(&line)
    }
}

/// What was last shown of each printer.
#[derive(Debug, Default)]
struct Seen {
    printers: BTreeMap<String, PrinterInfo>,
}

impl Seen {
    /// Whether what a person would read has changed.
    fn is_news(&mut self, printer: &PrinterInfo) -> bool {
        let before = self.printers.insert(printer.name.clone(), printer.clone());
        before.is_none_or(|before| {
            (before.state, &before.reasons, &before.paper)
                != (printer.state, &printer.reasons, &printer.paper)
        })
    }
}

fn show_printers(
    args: &Args,
    seen: &mut Seen,
    printers: &[PrinterInfo],
    context: &mut Context,
) -> Result<(), Failure> {
    for (index, printer) in printers.iter().enumerate() {
        if args.printer.as_ref().is_some_and(|name| *name != printer.name) || !seen.is_news(printer) {
            continue;
        }
        if context.out.style.json {
            context.out.json(&json::Printer::of_type("printer-change", printer, index == 0))?;
        } else {
            let line = describe::printer_change(printer, context.now_ms(), &context.out.style);
            context.out.line(&line)?;
        }
    }
    Ok(())
}
