//! `receiptctl status`: the whole on one screen, and what needs a person first.

use receiptd_api::{JobFilter, JobState, PrinterInfo, SpoolerInfo};

use crate::cmd::{Context, printers};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::out::Style;
use crate::table::{Cell, Tint, clean, labelled};
use crate::text::messages as m;
use crate::text::{say, words};

/// No arguments of its own.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// How many jobs have not ended, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting for their turn.
    pub queued: u64,
    /// On their way.
    pub sending: u64,
    /// Nobody knows.
    pub uncertain: u64,
    /// Waiting for a person.
    pub held: u64,
}

impl Counts {
    /// Counts a job.
    pub const fn count(&mut self, state: JobState) {
        match state {
            JobState::Queued => self.queued += 1,
            JobState::Sending => self.sending += 1,
            JobState::Uncertain => self.uncertain += 1,
            JobState::Held => self.held += 1,
            _ => {}
        }
    }
}

/// The summary.
#[derive(Debug)]
pub struct Summary {
    /// The daemon's version.
    pub version: String,
    /// The interface's.
    pub api_version: u32,
    /// The word for the store's state.
    pub store_state: String,
    /// What is wrong with the daemon's configuration.
    pub warnings: Vec<String>,
    /// All printers.
    pub printers: Vec<PrinterInfo>,
    /// Jobs that have not ended.
    pub counts: Counts,
}

/// Shows it.
///
/// # Errors
/// The daemon refused or cannot be reached.
pub async fn run(_: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let mut daemon = context.daemon().await?;
    let asked = daemon.call(async |client| client.spooler().properties().await).await?;
    let SpoolerInfo { version, api_version, store_state, warnings } = asked.0;
    let printers = daemon.printers().await?;
    let mut counts = Counts::default();
    let unfinished = JobFilter { active_only: Some(true), ..JobFilter::default() };
    daemon
        .pages(&unfinished, |jobs| {
            jobs.iter().for_each(|job| counts.count(job.state));
            Ok(())
        })
        .await?;
    let summary = Summary { version, api_version, store_state, warnings, printers, counts };
    if context.out.style.json {
        context.out.json(&json::Status::new(
            &summary.version,
            summary.api_version,
            &summary.store_state,
            &summary.warnings,
            &summary.printers,
            &summary.counts,
        ))?;
    } else {
        let lines = page(&summary, &context.out.style);
        context.out.lines(&lines)?;
    }
    Ok(Exit::Ok)
}

/// The screen.
pub fn page(summary: &Summary, style: &Style) -> Vec<String> {
    let lang = style.lang;
    let version =
        style.fill(m::VERSION, &[("version", &summary.version), ("api", &summary.api_version.to_string())]);
    let store_tint = if summary.store_state == "ok" { Tint::Good } else { Tint::Bad };
    let counts = &summary.counts;
    let count =
        |number: u64, tint| Cell::new(number.to_string(), if number > 0 { tint } else { Tint::Plain });
    let facts = [
        (style.say(m::L_DAEMON), version.into()),
        (style.say(m::L_STORE), Cell::new(say(words::STORE_STATES, lang, &summary.store_state), store_tint)),
        (style.say(m::L_QUEUED), count(counts.queued, Tint::Plain)),
        (style.say(m::L_SENDING), count(counts.sending, Tint::Plain)),
        (style.say(m::L_UNCERTAIN), count(counts.uncertain, Tint::Bad)),
        (style.say(m::L_HELD), count(counts.held, Tint::Warn)),
    ];
    let mut lines = labelled(&facts, style.color);
    lines.push(String::new());
    if summary.printers.is_empty() {
        lines.push(style.say(m::NO_PRINTERS).to_owned());
    } else {
        lines.extend(printers::list(&summary.printers, style));
    }
    let mut needs = Vec::new();
    let store = match summary.store_state.as_str() {
        "full" => words::remedy(lang, "store-full"),
        "failed" => words::remedy(lang, "store-failed"),
        _ => None,
    };
    needs.extend(store.map(str::to_owned));
    for warning in &summary.warnings {
        needs.push(style.fill(m::CONFIGURATION_WRONG, &[("what", &clean(warning))]));
    }
    for (number, text) in [(counts.uncertain, m::UNCERTAIN_ONES), (counts.held, m::HELD_ONES)] {
        if number > 0 {
            needs.push(style.fill(text, &[("count", &number.to_string())]));
        }
    }
    if !needs.is_empty() {
        lines.push(String::new());
        lines.push(style.paint(style.say(m::ADVICE_TITLE), Tint::Bold));
        lines.extend(needs.into_iter().map(|need| format!("  {need}")));
    }
    lines
}
