//! A payment app that does not give up, and the promises held against what became of its slips.

#![expect(clippy::expect_used, reason = "called by tests only: what fails here fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::Reach;
use crate::calls::{self, SHORT, name, submit};
use crate::paper::{
    Print, Recorded, assert_all_there, assert_no_second_without_mark, assert_order, by_name, prints,
    without_strays,
};
use receiptd_api::{Client, JobFilter, JobInfo, JobState, Outcome};

/// A client that does not give up: what was not acknowledged is handed in again at the next connection.
#[derive(Debug, Default)]
pub struct App {
    /// Slips made so far.
    pub made: usize,
    /// Those that were not acknowledged yet.
    pub unacknowledged: Vec<String>,
    /// The others, each with its job.
    pub acknowledged: BTreeMap<String, u64>,
    /// The number of the printer's last event before the app began: what came out earlier is another one's.
    pub since: u64,
}

/// What became of an app's slips.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    /// Slips of which the daemon said "accepted".
    pub acknowledged: usize,
    /// Those of them that are neither whole on paper nor in a state that says so.
    pub lost: usize,
    /// Slips that came out more than once without a mark.
    pub doubled: usize,
    /// Slips that came out again, marked, since nobody could know.
    pub marked: usize,
    /// Slips that were proven after an interruption by what the printer still had to say.
    pub proven_late: usize,
    /// Slips that waited for a person in the end.
    pub by_hand: usize,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} acknowledged, {} lost, {} doubled without a mark, {} uncertain (printed again with the mark; {} \
             of them waited for a person), {} proven late",
            self.acknowledged, self.lost, self.doubled, self.marked, self.by_hand, self.proven_late
        )
    }
}

/// Interruptions after which a job waits for a person.
const ATTEMPTS_MAX: u32 = 5;

impl App {
    /// One that begins now, at a printer that may have printed for others.
    pub fn at(printer: &impl Recorded) -> Self {
        let since = printer.recorded().last().map_or(0, |event| event.seq);
        Self { since, ..Self::default() }
    }

    /// Hands in what is open and `more` new slips, until it is done or the daemon is gone.
    pub async fn hand_in(&mut self, client: &Client, more: usize) {
        for _ in 0..more {
            self.made += 1;
            self.unacknowledged.push(name(self.made));
        }
        while let Some(first) = self.unacknowledged.first() {
            let Ok(job) = submit(client, first, SHORT).await else { return };
            let earlier = self.acknowledged.insert(self.unacknowledged.remove(0), job);
            assert_eq!(earlier, None);
        }
    }

    /// Waits for all outcomes. A job that was interrupted again and again waits for a person, who says that it
    /// did not come out.
    pub async fn settle(&self, daemon: &impl Reach) -> BTreeMap<u64, JobInfo> {
        let ids: Vec<u64> = self.acknowledged.values().copied().collect();
        let waits = |job: &JobInfo| job.state == JobState::Uncertain && job.attempts >= ATTEMPTS_MAX;
        let jobs = calls::until(daemon, ids.clone(), |job| calls::is_over(job) || waits(job)).await;
        let client = daemon.client().await.expect("a client");
        for job in jobs.values().filter(|job| waits(job)) {
            let said = client.spooler().resolve(job.id, Outcome::NotPrinted, "nothing there").await;
            said.expect("the word of a person");
        }
        calls::outcomes(daemon, ids).await
    }

    /// The app's slips on paper, without marks that belong to other slips.
    pub fn paper(&self, printer: &impl Recorded) -> Vec<Print> {
        let ours: BTreeSet<String> = (1..=self.made).map(name).collect();
        let mut events = printer.recorded();
        events.retain(|event| event.seq > self.since);
        let mut paper = without_strays(prints(&events), |name| self.acknowledged.get(name).copied());
        paper.retain(|print| ours.contains(&print.name));
        paper
    }

    /// What became of the slips; counts, and judges nothing.
    pub fn figures(&self, jobs: &BTreeMap<u64, JobInfo>, printer: &impl Recorded) -> Figures {
        let paper = self.paper(printer);
        let by_name = by_name(&paper);
        let prints_of = |name: &str| by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        let mut figures = Figures { acknowledged: self.acknowledged.len(), ..Figures::default() };
        for (name, id) in &self.acknowledged {
            let prints = prints_of(name);
            let whole = prints.iter().any(|print| print.complete);
            let says_so = jobs.get(id).is_some_and(|job| {
                !matches!(job.state, JobState::Printed | JobState::Sent | JobState::Attested)
            });
            figures.lost += usize::from(!whole && !says_so);
            figures.doubled += usize::from(prints.iter().filter(|print| print.mark.is_none()).count() > 1);
            figures.marked += usize::from(prints.iter().any(|print| print.mark.is_some()));
        }
        figures.proven_late = jobs.values().filter(|job| calls::story(job).contains(&"late-proof")).count();
        figures.by_hand = jobs.values().filter(|job| job.attempts > ATTEMPTS_MAX).count();
        figures
    }

    /// Holds the promises against the paper and what the daemon says.
    pub async fn verify(
        &self,
        jobs: &BTreeMap<u64, JobInfo>,
        client: &Client,
        printer: &impl Recorded,
    ) -> Figures {
        let figures = self.figures(jobs, printer);
        let paper = self.paper(printer);
        println!("{} slips, {} prints: {figures}", self.made, paper.len());
        for job in jobs.values() {
            assert_eq!(job.state, JobState::Printed, "{job:#?}");
            calls::assert_told(job);
        }
        let listed = calls::all_jobs(client, JobFilter::default()).await;
        let listed: BTreeMap<String, u64> = listed.into_iter().map(|job| (job.key, job.id)).collect();
        assert_eq!(listed, self.acknowledged, "each key has one job");
        assert_all_there(&paper, self.acknowledged.keys().map(String::as_str));
        assert_no_second_without_mark(&paper);
        if figures.by_hand == 0 {
            let mut in_order: Vec<(u64, &str)> =
                self.acknowledged.iter().map(|(name, id)| (*id, name.as_str())).collect();
            in_order.sort_unstable();
            assert_order(&paper, in_order.into_iter().map(|(_, name)| name));
        }
        figures
    }
}
