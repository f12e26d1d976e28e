//! What was last shown of each job, so that after a gap in the signals nothing is missed and nothing shown twice.
//!
//! Here is only the comparing; who asks the daemon, and what a line looks like, is the verb's.

use std::collections::BTreeMap;

use receiptd_api::{Cut, JobFilter, JobInfo};

use crate::client::Daemon;
use crate::failure::Failure;

/// Jobs with nothing more to come that are remembered, so that a late word about one is not taken for news. Those
/// that are not over are all remembered; the daemon bounds them.
const OVER_MAX: usize = 1_000;

/// What was last shown, or known when the showing began.
#[derive(Debug, Default)]
pub struct Shown {
    /// Without stories.
    jobs: BTreeMap<u64, JobInfo>,
    /// The highest number that was seen of any job; what lies beyond it is new.
    newest: u64,
}

impl Shown {
    /// What there is before anything is shown: the jobs that are not over, and how far the numbers go.
    ///
    /// # Errors
    /// The daemon's.
    pub async fn begin(daemon: &mut Daemon, filter: &JobFilter) -> Result<Self, Failure> {
        let mut shown = Self::default();
        let last = JobFilter { newest_first: Some(true), limit: Some(1), ..JobFilter::default() };
        shown.newest = daemon.page(&last).await?.0.first().map_or(0, |job| job.id);
        for job in open_jobs(daemon, filter).await? {
            shown.is_news(&job);
        }
        Ok(shown)
    }

    /// Takes in what became known of a job; whether it differs from what was shown last.
    pub fn is_news(&mut self, job: &JobInfo) -> bool {
        let job = comparable(job);
        self.newest = self.newest.max(job.id);
        if self.jobs.get(&job.id) == Some(&job) {
            return false;
        }
        self.jobs.insert(job.id, job);
        self.forget();
        true
    }

    /// Drops the oldest of those that are over, beyond the bound.
    fn forget(&mut self) {
        // Counted only now and then: a shop's open jobs are few.
        if self.jobs.len() <= 2 * OVER_MAX {
            return;
        }
        let over: Vec<u64> = self.jobs.values().filter(|job| is_over(job)).map(|job| job.id).collect();
        for id in over.iter().take(over.len().saturating_sub(OVER_MAX)) {
            self.jobs.remove(id);
        }
    }

    /// The jobs of which something may have changed unseen, as they are now, by number: those that are not over, those
    /// that were not when last shown, and new ones.
    ///
    /// # Errors
    /// The daemon's.
    pub async fn look_again(&self, daemon: &mut Daemon, filter: &JobFilter) -> Result<Vec<JobInfo>, Failure> {
        let mut now: BTreeMap<u64, JobInfo> =
            open_jobs(daemon, filter).await?.into_iter().map(|job| (job.id, job)).collect();
        let mut ended: Vec<u64> = self.jobs.values().filter(|job| !is_over(job)).map(|job| job.id).collect();
        ended.extend(self.new_ids(daemon, filter).await?);
        for id in ended {
            if now.contains_key(&id) {
                continue;
            }
            match daemon.job(id).await {
                Ok(job) => drop(now.insert(id, job)),
                // Its time is over, or a newer rule hides it: there is nothing to show.
                Err(failure) if failure.is_unknown_job() => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(now.into_values().collect())
    }

    /// The numbers beyond the highest that was seen, as far as the filter wants them.
    async fn new_ids(&self, daemon: &mut Daemon, filter: &JobFilter) -> Result<Vec<u64>, Failure> {
        let mut ids = Vec::new();
        // Without the caller's filter: the walk back ends at the first number that is known.
        let mut back = JobFilter { newest_first: Some(true), ..JobFilter::default() };
        loop {
            let (jobs, next) = daemon.page(&back).await?;
            let known = jobs.iter().any(|job| job.id <= self.newest);
            ids.extend(
                jobs.iter().filter(|job| job.id > self.newest && filter.matches(job)).map(|job| job.id),
            );
            if known || next.is_empty() || back.after.as_deref() == Some(&next) {
                return Ok(ids);
            }
            back.after = Some(next);
        }
    }
}

/// What is to be told of one job after a look: the job as the look found it, and the signals about it that came until
/// the answer was there. Signals up to the one that says the same as the answer are older than it; if none does, its
/// last change lies before the first of them.
pub fn in_order(found: JobInfo, signals: Vec<JobInfo>) -> Vec<JobInfo> {
    let older =
        signals.iter().position(|signal| comparable(signal) == comparable(&found)).map_or(0, |at| at + 1);
    std::iter::once(found).chain(signals.into_iter().skip(older)).collect()
}

/// A job without what signals and answers differ in although nothing happened.
fn comparable(job: &JobInfo) -> JobInfo {
    JobInfo { story: Vec::new(), body_available: false, ..job.clone() }
}

fn is_over(job: &JobInfo) -> bool {
    job.state.is_final() && job.cut != Cut::Pending
}

async fn open_jobs(daemon: &mut Daemon, filter: &JobFilter) -> Result<Vec<JobInfo>, Failure> {
    let filter = JobFilter { active_only: Some(true), ..filter.clone() };
    let mut open = Vec::new();
    daemon
        .pages(&filter, |page| {
            open.extend_from_slice(page);
            Ok(())
        })
        .await?;
    Ok(open)
}

#[cfg(test)]
mod tests {
    use receiptd_api::{JobState, StoryItem};

    use super::*;

    fn job(id: u64, state: JobState) -> JobInfo {
        JobInfo { id, state, ..JobInfo::default() }
    }

    #[test]
    fn the_same_is_no_news_whoever_tells_it() {
        let mut shown = Shown::default();
        assert!(shown.is_news(&job(1, JobState::Queued)));
        let told =
            JobInfo { story: vec![StoryItem::default()], body_available: true, ..job(1, JobState::Queued) };
        assert!(!shown.is_news(&told));
        assert!(shown.is_news(&job(1, JobState::Printed)));
        assert!(!shown.is_news(&job(1, JobState::Printed)));
        assert_eq!(shown.newest, 1);
    }

    #[test]
    fn signals_older_than_the_answer_are_not_told_behind_it() {
        let (queued, sending, printed) =
            (job(1, JobState::Queued), job(1, JobState::Sending), job(1, JobState::Printed));
        let all = vec![queued.clone(), sending.clone(), printed.clone()];
        assert_eq!(in_order(printed.clone(), all.clone()), std::slice::from_ref(&printed));
        assert_eq!(in_order(sending.clone(), all.clone()), [sending.clone(), printed.clone()]);
        assert_eq!(in_order(queued.clone(), vec![sending.clone(), printed.clone()]), all);
    }

    #[test]
    fn what_is_over_is_forgotten_in_the_end_and_what_is_open_never() {
        let mut shown = Shown::default();
        shown.is_news(&job(1, JobState::Held));
        for id in 2..3_000 {
            shown.is_news(&job(id, JobState::Canceled));
        }
        assert!(shown.jobs.len() <= 2 * OVER_MAX);
        assert!(shown.jobs.contains_key(&1) && shown.jobs.contains_key(&2_999));
        assert!(!shown.jobs.contains_key(&2));
    }
}
