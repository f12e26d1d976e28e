//! How long what is kept of a finished job. The shell walks the spool; what goes is said here.

use crate::limits::{CLOCK_PLAUSIBLE_FROM_MS, RETENTION_STEP_MS};
use crate::record::JobRecord;
use crate::time::Wall;

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

/// Judges one finished job. `surplus` says that there are more finished jobs than may be kept.
pub fn fate(record: &JobRecord, rule: &Rule, now: Wall, surplus: bool) -> Fate {
    let Some(finished) = record.finished else { return Fate::Keep };
    // A clock that was set back makes everything young again: kept longer, never lost.
    let age = now.0.saturating_sub(finished.0);
    if surplus || age >= rule.jobs_ms {
        Fate::DropAll
    } else if age >= rule.bodies_ms {
        Fate::DropBody
    } else {
        Fate::Keep
    }
}

/// The clock of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// Ages are judged by this time.
    pub judge: Wall,
    /// What the next walk begins with; `None` as long as no plausible time was seen.
    pub keep: Option<Wall>,
}

/// By which time ages are judged, from what the last walk left and from what the clock says now. A clock that is wrong
/// for some hours, by years, must not cost the outcomes and the keys of all receipts: forward it is followed by a
/// bounded step with each walk. Backward it is followed at once, since that only keeps things longer.
pub fn trusted(kept: Option<Wall>, now: Wall) -> Trusted {
    if now.0 < CLOCK_PLAUSIBLE_FROM_MS {
        return Trusted { judge: now, keep: kept };
    }
    // The first walk has nothing to compare with, and nothing old to lose.
    let keep =
        kept.map_or(now, |Wall(kept)| Wall(kept.saturating_add(RETENTION_STEP_MS).min(now.0).max(kept)));
    Trusted { judge: keep.min(now), keep: Some(keep) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::JobId;

    #[test]
    fn a_body_goes_before_its_record_and_a_clock_set_back_drops_nothing() {
        let rule = Rule { bodies_ms: 10, jobs_ms: 100 };
        let mut record = JobRecord::new(JobId(1), 0, Wall(1_000));
        assert_eq!(fate(&record, &rule, Wall(u64::MAX), true), Fate::Keep, "an unfinished job stays");
        record.finished = Some(Wall(1_000));
        assert_eq!(fate(&record, &rule, Wall(500), false), Fate::Keep);
        assert_eq!(fate(&record, &rule, Wall(1_009), false), Fate::Keep);
        assert_eq!(fate(&record, &rule, Wall(1_010), false), Fate::DropBody);
        assert_eq!(fate(&record, &rule, Wall(1_100), false), Fate::DropAll);
        assert_eq!(fate(&record, &rule, Wall(1_000), true), Fate::DropAll);
    }

    #[test]
    fn a_clock_that_is_wrong_by_years_for_some_hours_costs_nothing() {
        const DAY: u64 = RETENTION_STEP_MS;
        let today = CLOCK_PLAUSIBLE_FROM_MS + 700 * DAY;
        let rule = Rule { bodies_ms: 30 * DAY, jobs_ms: 400 * DAY };
        let mut record = JobRecord::new(JobId(1), 0, Wall(today));
        record.finished = Some(Wall(today));
        let first = trusted(None, Wall(today));
        assert_eq!(first, Trusted { judge: Wall(today), keep: Some(Wall(today)) });
        // Ten years ahead, for twelve walks; then it is set right.
        let mut keep = first.keep;
        for _ in 0..12 {
            let clock = trusted(keep, Wall(today + 3_650 * DAY));
            assert_eq!(fate(&record, &rule, clock.judge, false), Fate::Keep);
            keep = clock.keep;
        }
        assert_eq!(trusted(keep, Wall(today + DAY)).judge, Wall(today + DAY));
        // An empty battery: nothing is learned from 1970, and the right time counts at once afterwards.
        assert_eq!(trusted(keep, Wall(0)), Trusted { judge: Wall(0), keep });
        assert_eq!(trusted(None, Wall(0)).keep, None);
        // A terminal that was off for a year: it catches up, a day with each walk.
        let mut keep = Some(Wall(today));
        for walks in 1..=365 {
            let clock = trusted(keep, Wall(today + 365 * DAY));
            assert_eq!(clock.judge, Wall(today + walks * DAY));
            keep = clock.keep;
        }
    }
}
