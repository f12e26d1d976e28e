//! How long what is kept of a finished job. The shell walks the spool; what goes is said here.

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
}
