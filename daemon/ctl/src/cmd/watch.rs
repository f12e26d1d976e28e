//! `receiptctl watch`: what happens, one line per change, until Ctrl-C.
//!
//! A restart of the daemon does not end it.

use std::collections::BTreeMap;
use std::pin::Pin;

use futures_util::stream::{SelectAll, Stream, StreamExt, select_all};
use receiptd_api::{JobFilter, PrinterInfo};

use crate::client::Daemon;
use crate::cmd::Context;
use crate::describe;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::{Follower, News};
use crate::json;
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

async fn watch(args: &Args, daemon: &mut Daemon, context: &mut Context) -> Result<(), Failure> {
    let filter = JobFilter { printer: args.printer.clone(), key: args.key.clone(), ..JobFilter::default() };
    let mut follower = Follower::start(daemon, filter).await?;
    let mut seen = Seen::default();
    let mut hints = printer_hints(daemon).await?;
    show_printers(args, &mut seen, daemon, context).await?;
    loop {
        let look = tokio::select! {
            news = follower.next(daemon, &context.out) => match news? {
                News::Job(job) => {
                    if context.out.style.json {
                        context.out.json(&json::Job::of_type("change", &job))?;
                    } else {
                        let line = describe::job_change(&job, context.now_ms(), &context.out.style);
                        context.out.line(&line)?;
                    }
                    context.out.flush()?;
                    false
                }
                News::Look => true,
                News::Reconnected => {
                    hints = printer_hints(daemon).await?;
                    true
                }
            },
            Some(()) = hints.next() => true,
        };
        if look {
            match show_printers(args, &mut seen, daemon, context).await {
                // The follower connects again at its next step.
                Err(failure) if failure.is_gone() => {}
                other => other?,
            }
        }
    }
}

type Hints = SelectAll<Pin<Box<dyn Stream<Item = ()>>>>;

/// One item whenever a printer says that something about it changed.
async fn printer_hints(daemon: &mut Daemon) -> Result<Hints, Failure> {
    let client = daemon.client();
    let mut streams: Vec<Pin<Box<dyn Stream<Item = ()>>>> = Vec::new();
    for path in client.spooler().list_printers().await? {
        let printer = client.printer(path).await?;
        streams.push(Box::pin(printer.receive_state_changed().await.map(|_| ())));
        streams.push(Box::pin(printer.receive_reasons_changed().await.map(|_| ())));
        streams.push(Box::pin(printer.receive_paper_changed().await.map(|_| ())));
    }
    Ok(select_all(streams))
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

async fn show_printers(
    args: &Args,
    seen: &mut Seen,
    daemon: &mut Daemon,
    context: &mut Context,
) -> Result<(), Failure> {
    if args.key.is_some() {
        return Ok(());
    }
    for (index, printer) in daemon.printers().await?.iter().enumerate() {
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
    context.out.flush()
}
