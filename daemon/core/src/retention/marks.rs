//! How old a job can be at most, by its number. Job numbers only rise, so a job whose number was not given out yet when it
//! was noon was accepted after noon, whatever the clock said at its acceptance and at its end.

use alloc::vec::Vec;

use crate::ids::JobId;
use crate::limits::{RETENTION_MARK_BYTES, RETENTION_MARKS_MAX};
use crate::time::Wall;

/// The newest job at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    newest: JobId,
    at: Wall,
}

/// Marks, the oldest first; their numbers and times only rise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(Vec<Mark>);

impl Marks {
    /// Notes which job is the newest now. Marks that would say less than `span_ms`, the longest time that anything is
    /// kept, go; so do those that stand closer than what shares that time among as many as are kept.
    pub fn note(&mut self, newest: JobId, at: Wall, span_ms: u64) {
        let apart = span_ms / RETENTION_MARKS_MAX as u64;
        match self.0.last_mut() {
            // No job came since: that one was still the newest now.
            Some(last) if newest <= last.newest => last.at = last.at.max(at),
            Some(last) if at.0 < last.at.0.saturating_add(apart) => {}
            _ => self.0.push(Mark { newest, at }),
        }
        self.0.retain(|mark| mark.at.0.saturating_add(span_ms) > at.0);
        let beyond = self.0.len().saturating_sub(RETENTION_MARKS_MAX);
        self.0.drain(..beyond);
    }

    /// A time before which this job was not accepted, as far as is known.
    pub fn not_before(&self, job: JobId) -> Option<Wall> {
        self.0.iter().rev().find(|mark| mark.newest < job).map(|mark| mark.at)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The stored form: number and time of each, big-endian.
    pub fn encode(&self) -> Vec<u8> {
        self.0.iter().flat_map(|m| [m.newest.0.to_be_bytes(), m.at.0.to_be_bytes()]).flatten().collect()
    }

    /// Reads the stored form. What does not rise or is no whole mark is left out: without a mark a job is as old as
    /// its own times say.
    pub fn decode(bytes: &[u8]) -> Self {
        let number = |bytes: &[u8]| bytes.try_into().map(u64::from_be_bytes).ok();
        let mut marks: Vec<Mark> = Vec::new();
        for mark in bytes.chunks_exact(RETENTION_MARK_BYTES) {
            let (newest, at) = mark.split_at(RETENTION_MARK_BYTES / 2);
            let (Some(newest), Some(at)) = (number(newest), number(at)) else { continue };
            let mark = Mark { newest: JobId(newest), at: Wall(at) };
            if marks.last().is_none_or(|last| last.newest < mark.newest && last.at <= mark.at) {
                marks.push(mark);
            }
        }
        Self(marks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_no_older_than_the_last_time_at_which_its_number_was_still_to_come() {
        let mut marks = Marks::default();
        assert_eq!(marks.not_before(JobId(1)), None);
        marks.note(JobId(10), Wall(1_000), 100_000);
        marks.note(JobId(20), Wall(5_000), 100_000);
        assert_eq!(marks.not_before(JobId(10)), None);
        assert_eq!(marks.not_before(JobId(11)), Some(Wall(1_000)));
        assert_eq!(marks.not_before(JobId(20)), Some(Wall(1_000)));
        assert_eq!(marks.not_before(JobId(21)), Some(Wall(5_000)));
        marks.note(JobId(20), Wall(9_000), 100_000);
        assert_eq!(
            marks.not_before(JobId(21)),
            Some(Wall(9_000)),
            "a quiet night makes the next job no older"
        );
        assert_eq!(marks.not_before(JobId(20)), Some(Wall(1_000)));
        assert_eq!(Marks::decode(&marks.encode()), marks);
    }

    #[test]
    fn years_of_walks_leave_no_more_marks_than_a_row_takes() {
        const DAY: u64 = 86_400_000;
        let mut marks = Marks::default();
        for hour in 0..2 * 365 * 24 {
            marks.note(JobId(hour * 3), Wall(hour * DAY / 24), 180 * DAY);
        }
        let now = 2 * 365 * DAY;
        assert!(marks.encode().len() <= crate::limits::RECORD_BYTES_MAX);
        let oldest = marks.0.first().map_or(0, |mark| mark.at.0);
        assert!(now - oldest <= 181 * DAY && now - oldest >= 178 * DAY, "{}", (now - oldest) / DAY);
        let job = JobId(2 * 365 * 24 * 3 - 3 * 24 * 100);
        let known = marks.not_before(job).map_or(0, |at| (now - at.0) / DAY);
        assert!((100..=101).contains(&known), "{known}");
    }

    #[test]
    fn a_damaged_row_of_marks_says_less_and_nothing_wrong() {
        let mut marks = Marks::default();
        marks.note(JobId(10), Wall(1_000), 100_000);
        marks.note(JobId(20), Wall(5_000), 100_000);
        let mut bytes = marks.encode();
        bytes.push(7);
        assert_eq!(Marks::decode(&bytes), marks);
        bytes.rotate_left(RETENTION_MARK_BYTES);
        assert!(Marks::decode(&bytes).0.len() <= 2);
        assert!(Marks::decode(&[]).is_empty());
    }
}
