//! Waiting for the outcome of jobs that were just accepted, with what happens meanwhile in words.
//!
//! It ends when each job has an outcome or needs a person. A restart of the daemon does not end it.

use std::collections::BTreeMap;
use std::time::Duration;

use receiptd_api::{JobFilter, JobInfo, JobState};

use crate::client::Daemon;
use crate::cmd::{Context, job};
use crate::describe;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::{Follower, News};
use crate::json;
use crate::text::messages as m;

/// Waits for these jobs, which were submitted with `key`, and at most so long.
///
/// # Errors
/// The daemon refused or did not come back, or Ctrl-C.
pub async fn wait(
    key: &str,
    ids: &[u64],
    timeout: Option<Duration>,
    daemon: &mut Daemon,
    context: &mut Context,
) -> Result<Exit, Failure> {
    let mut waiting = Waiting::new(ids);
    let outcome = tokio::select! {
        outcome = until_settled(key, &mut waiting, daemon, context) => Some(outcome),
        interrupt = tokio::signal::ctrl_c() => {
            interrupt.map_err(Failure::Runtime)?;
            context.out.hint(context.out.style.say(m::GOES_ON));
            return Err(Failure::Interrupted);
        }
        () = sleep(timeout) => None,
    };
    if let Some(outcome) = outcome {
        outcome?;
    } else {
        for id in waiting.open() {
            context.out.flush()?;
            context.out.hint(&context.out.style.fill(m::STILL_WAITING, &[("id", &id.to_string())]));
        }
    }
    Ok(waiting.exit())
}

async fn sleep(timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => tokio::time::sleep(timeout).await,
        None => std::future::pending().await,
    }
}

async fn until_settled(
    key: &str,
    waiting: &mut Waiting,
    daemon: &mut Daemon,
    context: &mut Context,
) -> Result<(), Failure> {
    let filter = JobFilter { key: Some(key.to_owned()), ..JobFilter::default() };
    let mut follower = Follower::start(daemon, filter).await?;
    let mut look = true;
    loop {
        if look {
            for id in waiting.open() {
                match daemon.job(id).await {
                    Ok(job) => take(&job, waiting, context)?,
                    // Told by the follower at its next step, which also connects again.
                    Err(failure) if failure.is_gone() => break,
                    Err(failure) => return Err(failure),
                }
            }
        }
        if waiting.open().is_empty() {
            return settle(waiting, daemon, context).await;
        }
        look = match follower.next(daemon, &context.out).await? {
            News::Job(job) => {
                take(&job, waiting, context)?;
                // Whether an uncertain job waits for a person stands in its story, which a change does not carry.
                job.state == JobState::Uncertain
            }
            // Its printers were not asked for.
            News::Printer => false,
            News::Look | News::Reconnected => true,
        };
    }
}

/// Notes and shows what became known of a job.
fn take(job: &JobInfo, waiting: &mut Waiting, context: &mut Context) -> Result<(), Failure> {
    if !waiting.take(job) {
        return Ok(());
    }
    if context.out.style.json {
        context.out.json(&json::Job::of_type("change", job))?;
    } else if !context.out.style.quiet {
        let line = describe::job_change(job, context.now_ms(), &context.out.style);
        context.out.line(&line)?;
    }
    context.out.flush()
}

/// Shows the outcomes: as objects with the story, or what a person should do about those that are not well.
async fn settle(waiting: &Waiting, daemon: &mut Daemon, context: &mut Context) -> Result<(), Failure> {
    for id in waiting.jobs.keys() {
        let job = daemon.job(*id).await?;
        let printer = job::printer_of(&job, daemon).await?;
        if context.out.style.json {
            job::show("outcome", &job, printer.as_ref(), context)?;
        } else if Exit::of_state(job.state) != Exit::Ok {
            for line in describe::advice(&job, printer.as_ref(), context.out.style.lang) {
                context.out.hint(&format!("  {line}"));
            }
        }
    }
    Ok(())
}

/// What is known of the jobs that are waited for.
#[derive(Debug)]
pub struct Waiting {
    jobs: BTreeMap<u64, Known>,
}

#[derive(Debug, Default)]
struct Known {
    seen: Option<(JobState, Option<String>, u32)>,
    settled: bool,
}

impl Waiting {
    /// Nothing is known yet.
    pub fn new(ids: &[u64]) -> Self {
        Self { jobs: ids.iter().map(|id| (*id, Known::default())).collect() }
    }

    /// Takes in what became known of a job; whether that is news worth a line.
    pub fn take(&mut self, job: &JobInfo) -> bool {
        let Some(known) = self.jobs.get_mut(&job.id) else { return false };
        let now = (job.state, job.paused_reason.clone(), job.progress_line);
        known.settled = job.state.is_final()
            || job.state == JobState::Held
            || (job.state == JobState::Uncertain && describe::waits_for_person(job));
        let news = known.seen.as_ref() != Some(&now);
        known.seen = Some(now);
        news
    }

    /// Those that have no outcome and need no person yet.
    pub fn open(&self) -> Vec<u64> {
        self.jobs.iter().filter(|(_, known)| !known.settled).map(|(id, _)| *id).collect()
    }

    /// How the command ends: the worst of all.
    pub fn exit(&self) -> Exit {
        self.jobs
            .values()
            .map(|known| known.seen.as_ref().map_or(Exit::Pending, |(state, ..)| Exit::of_state(*state)))
            .fold(Exit::Ok, Exit::worse)
    }
}

#[cfg(test)]
mod tests {
    use receiptd_api::StoryItem;

    use super::*;

    fn job(id: u64, state: JobState) -> JobInfo {
        JobInfo { id, state, ..JobInfo::default() }
    }

    #[test]
    fn waiting_ends_when_each_copy_has_an_outcome() {
        let mut waiting = Waiting::new(&[1, 2]);
        assert_eq!(waiting.exit(), Exit::Pending);
        assert!(waiting.take(&job(1, JobState::Printed)));
        assert!(!waiting.take(&job(1, JobState::Printed)), "the same is no news");
        assert!(!waiting.take(&job(9, JobState::Printed)), "another's job");
        assert_eq!(waiting.open(), [2]);
        waiting.take(&job(2, JobState::Sent));
        assert!(waiting.open().is_empty());
        assert_eq!(waiting.exit(), Exit::NoProof);
    }

    #[test]
    fn an_uncertain_job_is_waited_for_until_it_needs_a_person() {
        let mut waiting = Waiting::new(&[1]);
        let mut uncertain = job(1, JobState::Uncertain);
        waiting.take(&uncertain);
        assert_eq!(waiting.open(), [1]);
        uncertain.story = ["sending", "interrupted", "waits-for-person"]
            .map(|event| StoryItem { event: event.to_owned(), ..StoryItem::default() })
            .into();
        waiting.take(&uncertain);
        assert!(waiting.open().is_empty());
        assert_eq!(waiting.exit(), Exit::Uncertain);
    }
}
