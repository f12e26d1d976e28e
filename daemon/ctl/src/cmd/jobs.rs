//! `receiptctl jobs`: the list of jobs, filtered, a page or all of them.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use receiptd_api::{JobFilter, JobInfo, JobState, names};

use crate::cmd::Context;
use crate::describe;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::text::messages as m;
use crate::time::Moment;
use crate::users::Users;

/// Which jobs.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only jobs of this printer
    #[arg(long, value_name = "NAME")]
    pub printer: Option<String>,
    /// Only jobs in this state
    #[arg(long, value_name = "STATE", value_parser = state_parser())]
    pub state: Option<JobState>,
    /// Only jobs that have not ended
    #[arg(long)]
    pub active: bool,
    /// Only jobs accepted since: 2h (ago), 14:30 (today), 2026-11-27 or 2026-11-27T14:30:00
    #[arg(long, value_name = "TIME")]
    pub since: Option<Moment>,
    /// Only jobs accepted before; as --since
    #[arg(long, value_name = "TIME")]
    pub until: Option<Moment>,
    /// Only jobs with this key
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Only jobs of this user: a name or a user id
    #[arg(long, value_name = "USER")]
    pub owner: Option<String>,
    /// The newest first; this is the default
    #[arg(long, conflicts_with = "oldest")]
    pub newest: bool,
    /// The oldest first
    #[arg(long)]
    pub oldest: bool,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = names::PAGE_JOBS_DEFAULT,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(names::PAGE_JOBS_MAX)))]
    pub limit: u32,
    /// All that match, however many
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
}

fn state_parser() -> impl TypedValueParser<Value = JobState> {
    PossibleValuesParser::new(JobState::ALL.iter().map(|state| state.as_str()))
        .map(|word| JobState::from_word(&word))
}

/// Lists them.
///
/// # Errors
/// The daemon refused or cannot be reached.
pub async fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let filter = filter(args, &context.now(), &context.out.style.users)?;
    let mut daemon = context.daemon().await?;
    let mut shown = 0;
    if args.all {
        daemon
            .pages(&filter, |jobs| {
                show(jobs, shown == 0, context)?;
                shown += jobs.len();
                Ok(())
            })
            .await?;
    } else {
        let (jobs, next) = daemon.page(&filter).await?;
        show(&jobs, true, context)?;
        shown = jobs.len();
        if !next.is_empty() && shown > 0 {
            context.out.flush()?;
            context.out.hint(context.out.style.say(m::MORE_JOBS));
        }
    }
    if shown == 0 {
        context.out.hint(context.out.style.say(m::NO_JOBS));
    }
    Ok(Exit::Ok)
}

/// The filter of the interface that these arguments mean.
///
/// # Errors
/// The user is not known here.
pub fn filter(args: &Args, now: &jiff::ZonedDateTime, users: &Users) -> Result<JobFilter, Failure> {
    let owner_uid = match &args.owner {
        Some(name) => Some(users.uid(name).ok_or_else(|| Failure::NoUser(name.clone()))?),
        None => None,
    };
    Ok(JobFilter {
        printer: args.printer.clone(),
        state: args.state,
        owner_uid,
        since_ms: args.since.as_ref().map(|moment| moment.unix_ms(now)),
        until_ms: args.until.as_ref().map(|moment| moment.unix_ms(now)),
        key: args.key.clone(),
        active_only: args.active.then_some(true),
        newest_first: Some(!args.oldest),
        limit: Some(args.limit),
        after: None,
    })
}

/// Shows a page; the header only over the first.
fn show(jobs: &[JobInfo], first: bool, context: &mut Context) -> Result<(), Failure> {
    if context.out.style.json {
        return jobs.iter().try_for_each(|job| context.out.json(&json::Job::new(job)));
    }
    if jobs.is_empty() {
        return Ok(());
    }
    let style = &context.out.style;
    let rows: Vec<_> = jobs.iter().map(|job| describe::job_row(job, style)).collect();
    let header: Vec<&str> = m::JOBS_HEADER.iter().map(|text| style.say(*text)).collect();
    let lines = crate::table::lines(&header, &rows, style.color);
    context.out.lines(if first { &lines } else { lines.get(1..).unwrap_or_default() })
}
