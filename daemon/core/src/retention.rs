//! How long what is kept of a finished job. The shell walks the spool; what goes is said here.

use crate::ids::JobId;
use crate::job::JobState;
use crate::limits::{CLOCK_PLAUSIBLE_FROM_MS, RETENTION_STEP_MS};
use crate::record::JobRecord;
use crate::time::Wall;

mod marks;

pub use marks::Marks;

/// The rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Bodies of finished jobs, in milliseconds after their end.
    pub bodies_ms: u64,
    /// Records of finished jobs, in milliseconds after their end.
    pub jobs_ms: u64,
}

/// What becomes of a finished job's traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// All stays.
    Keep,
    /// The body goes, its fate stays known.
    DropBody,
    /// All goes.
    DropAll,
}

/// Whether a job that has ended may give its body up before its time, for receipts of now, when the disk is full: it was
/// canceled or has expired, and no copy of it can be on paper, by an attempt or by a reprint. All else keeps its body, and
/// every job its fate and its key.
pub fn is_unwanted(record: &JobRecord) -> bool {
    matches!(record.state, JobState::Canceled | JobState::Expired) && record.copies_out() == 0
}

/// Judges one job of that age. `surplus` says that there are more finished jobs than may be kept.
pub fn fate(age_ms: Option<u64>, rule: &Rule, surplus: bool) -> Fate {
    let Some(age) = age_ms else { return Fate::Keep };
    if surplus || age >= rule.jobs_ms {
        Fate::DropAll
    } else if age >= rule.bodies_ms {
        Fate::DropBody
    } else {
        Fate::Keep
    }
}

/// What is known of time beside the clock, from one walk to the next and over restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The time that the last walk left; `None` as long as no plausible time was seen.
    pub clock: Option<Wall>,
    /// Which job was the newest when.
    pub marks: Marks,
}

impl Memory {
    /// Begins a walk: what is to be kept before anything is judged. `newest` is the newest job that was ever accepted.
    #[must_use]
    pub fn walked(&self, now: Wall, newest: JobId, rule: &Rule) -> Self {
        let mut next = Self { clock: followed(self.clock, now), marks: self.marks.clone() };
        if let Some(at) = next.clock {
            if self.clock.is_none() && next.marks.is_empty() {
                // Whatever a new terminal printed before it knew the time, it printed a moment ago.
                next.marks.note(JobId(0), at, rule.jobs_ms);
            }
            next.marks.note(newest, at, rule.jobs_ms);
        }
        next
    }

    /// How long ago a job ended, in milliseconds; `None` if it has not. What a clock without a battery wrote counts from
    /// when the job can have been accepted: a receipt of a minute ago must not pass for one of 1970.
    pub fn age_ms(&self, record: &JobRecord, now: Wall) -> Option<u64> {
        let finished = record.finished?;
        let from = self.marks.not_before(record.id).map_or(finished, |at| finished.max(at));
        // A clock that was set back makes everything young again: kept longer, never lost.
        let judge = self.clock.map_or(now, |clock| clock.min(now));
        Some(judge.0.saturating_sub(from.0))
    }
}

/// The time that a walk leaves, from what the last one left and from what the clock says now. A clock that is wrong
/// for some hours, by years, must not cost the outcomes and the keys of all receipts: forward it is followed by a
/// bounded step with each walk. Backward it needs no following: ages are judged by the earlier of the two.
fn followed(kept: Option<Wall>, now: Wall) -> Option<Wall> {
    if now.0 < CLOCK_PLAUSIBLE_FROM_MS {
        return kept;
    }
    // The first walk has nothing to compare with, and nothing old to lose.
    Some(kept.map_or(now, |Wall(kept)| Wall(kept.saturating_add(RETENTION_STEP_MS).min(now.0).max(kept))))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::evidence::Grade;

    fn ended(job: u64, at: u64) -> JobRecord {
        let mut record = JobRecord::new(JobId(job), 0, Wall(at));
        record.finished = Some(Wall(at));
        record
    }

    #[test]
    fn a_body_goes_before_its_record_and_a_clock_set_back_drops_nothing() {
        let rule = Rule { bodies_ms: 10, jobs_ms: 100 };
        let memory = Memory::default();
        let judge = |record: &JobRecord, now, surplus| fate(memory.age_ms(record, Wall(now)), &rule, surplus);
        let unfinished = JobRecord::new(JobId(1), 0, Wall(1_000));
        assert_eq!(judge(&unfinished, u64::MAX, true), Fate::Keep, "an unfinished job stays");
        let record = ended(1, 1_000);
        assert_eq!(judge(&record, 500, false), Fate::Keep);
        assert_eq!(judge(&record, 1_009, false), Fate::Keep);
        assert_eq!(judge(&record, 1_010, false), Fate::DropBody);
        assert_eq!(judge(&record, 1_100, false), Fate::DropAll);
        assert_eq!(judge(&record, 1_000, true), Fate::DropAll);
    }

    #[test]
    fn on_a_full_disk_bodies_go_that_nobody_wanted_and_nothing_else() {
        let with = |state| JobRecord { state, ..ended(1, 1_000) };
        assert!(is_unwanted(&with(JobState::Canceled)) && is_unwanted(&with(JobState::Expired)));
        let waiting = JobState::Held { doubt: false };
        for state in [JobState::Printed(Grade::A), JobState::Sent(Grade::D), JobState::Attested, waiting] {
            assert!(!is_unwanted(&with(state)), "{state:?}");
        }
        // Canceled where nobody knew, and canceled but printed again: there may be paper that somebody asks about.
        let doubted = JobRecord { copies_before: 1, ..with(JobState::Canceled) };
        let again = JobRecord { reprints: 1, ..with(JobState::Canceled) };
        assert!(!is_unwanted(&doubted) && !is_unwanted(&again));
    }

    #[test]
    fn what_was_printed_while_the_clock_was_behind_is_kept_as_long_as_all_else() {
        const DAY: u64 = RETENTION_STEP_MS;
        let today = CLOCK_PLAUSIBLE_FROM_MS + 700 * DAY;
        let rule = Rule { bodies_ms: 30 * DAY, jobs_ms: 180 * DAY };
        let known = Memory::default().walked(Wall(today), JobId(7), &rule);
        // The battery is empty; the system begins in 1970, or on the day on which it was built.
        for wrong in [3_000, today - 400 * DAY] {
            let record = ended(8, wrong);
            let mut memory = known.walked(Wall(wrong), JobId(8), &rule);
            assert_eq!(memory.clock, known.clock, "it was later already");
            let mut went = Vec::new();
            for day in 0..200 {
                let now = Wall(today + day * DAY);
                memory = memory.walked(now, JobId(8 + day), &rule);
                went.push(fate(memory.age_ms(&record, now), &rule, false));
            }
            let first = |what| went.iter().position(|fate| *fate == what);
            assert_eq!((first(Fate::DropBody), first(Fate::DropAll)), (Some(30), Some(180)));
        }
        // What has the right time is judged by it.
        let memory = (1..=3).fold(known, |m, day| m.walked(Wall(today + day * DAY), JobId(9), &rule));
        assert_eq!(memory.age_ms(&ended(8, today + 2 * DAY), Wall(today + 3 * DAY)), Some(DAY));
    }

    #[test]
    fn a_new_terminal_keeps_what_it_printed_before_it_knew_the_time() {
        let rule = Rule { bodies_ms: 10, jobs_ms: 100 };
        let memory = Memory::default().walked(Wall(5_000), JobId(3), &rule);
        assert_eq!(memory, Memory::default(), "nothing is learned from 1970");
        let today = Wall(CLOCK_PLAUSIBLE_FROM_MS);
        let memory = memory.walked(today, JobId(4), &rule);
        assert_eq!(memory.age_ms(&ended(3, 4_000), today), Some(0));
    }

    #[test]
    fn a_clock_that_is_wrong_by_years_for_some_hours_costs_nothing() {
        const DAY: u64 = RETENTION_STEP_MS;
        let today = CLOCK_PLAUSIBLE_FROM_MS + 700 * DAY;
        let rule = Rule { bodies_ms: 30 * DAY, jobs_ms: 400 * DAY };
        let record = ended(1, today);
        let first = Memory::default().walked(Wall(today), JobId(0), &rule);
        assert_eq!(first.clock, Some(Wall(today)));
        let judged = |memory: &Memory, now| memory.age_ms(&ended(1, today), Wall(now)).map(|ms| ms / DAY);
        // Ten years ahead, for twelve walks; then it is set right.
        let mut memory = first.clone();
        for _ in 0..12 {
            let now = Wall(today + 3_650 * DAY);
            memory = memory.walked(now, JobId(1), &rule);
            assert_eq!(fate(memory.age_ms(&record, now), &rule, false), Fate::Keep);
        }
        assert_eq!(judged(&memory, today + DAY), Some(1));
        // An empty battery: nothing is learned from 1970, and the right time counts at once afterwards.
        let learned = memory.walked(Wall(0), JobId(1), &rule);
        assert_eq!((learned.clock, judged(&learned, 0)), (memory.clock, Some(0)));
        // A terminal that was off for a year: it catches up, a day with each walk.
        let mut memory = first;
        for walks in 1..=365 {
            memory = memory.walked(Wall(today + 365 * DAY), JobId(1), &rule);
            assert_eq!(judged(&memory, today + 365 * DAY), Some(walks));
        }
    }
}
