//! P1, P3, P4 and P5: what is written, what is durable, what is told.

use receiptd_core::evidence::Grade;
use receiptd_core::ids::JobId;
use receiptd_core::job::JobState;
use receiptd_core::limits::{FASTEST_DOTS_PER_S, JUDGED_DOTS_MIN};
use receiptd_core::record::{ContentHash, JobRecord, KeyHash, KeyRecord, StoreOp, Table, decode};
use receiptd_core::story::What;

use super::Check;
use crate::disk::Disk;
use crate::printer::machine::Machine;
use crate::printer::model::Model;

/// The jobs in a batch.
pub fn jobs(ops: &[StoreOp]) -> impl Iterator<Item = JobRecord> + '_ {
    ops.iter().filter_map(|op| match op {
        StoreOp::Put { table: Table::Active | Table::Finished, value, .. } => decode(value).ok(),
        _ => None,
    })
}

impl Check {
    /// A record is about to be written: what it claims must be true by now.
    pub fn claimed(&mut self, record: &JobRecord, printer: usize, machine: &Machine, at_us: u64) {
        let id = record.id;
        match record.state {
            JobState::Held { .. } | JobState::Uncertain => {
                self.aside.insert(id);
            }
            JobState::Printed(grade) => {
                self.proven.insert((id, record.attempts));
                self.printed(record, grade, machine, at_us);
            }
            JobState::Sent(grade) => {
                let attempt = (id, record.attempts);
                let pieces = record.shape.parts.len() as u16 + u16::from(record.shape.tail.exists());
                if grade.proves() || self.interrupted.contains(&attempt) {
                    self.fail("P3", format!("job {id} is sent, but its attempt was interrupted"));
                } else if self.taken.get(&attempt).copied().unwrap_or(0) < pieces {
                    self.fail("P3", format!("job {id} is sent, but not all of it was taken"));
                } else if grade == Grade::C
                    && machine.build.model == Model::C
                    && self.answered_at.get(&printer) < self.taken_at.get(&attempt)
                {
                    self.fail(
                        "P3",
                        format!("job {id} is sent (C), but nobody asked how the printer was in the end"),
                    );
                }
            }
            _ => {}
        }
        if record.state.is_final() && !story_ends_with(record) {
            self.fail("P5", format!("the story of job {id} does not tell its outcome: {:?}", record.story));
        }
    }

    fn printed(&mut self, record: &JobRecord, grade: Grade, machine: &Machine, at_us: u64) {
        let excused = (1..=record.attempts).any(|n| self.excused.contains(&(record.id, n)));
        if machine.paper.has_all_of(record.id) || excused {
            return;
        }
        // A liar may be believed while nothing speaks against it: when its answer took as long as a print,
        // or too little was printed to judge.
        let dots = record.shape.dots();
        let began = self.given_at.get(&(record.id, record.attempts)).copied().unwrap_or(at_us);
        let needed = u64::from(dots) * 1_000_000 / FASTEST_DOTS_PER_S;
        let believable = dots < JUDGED_DOTS_MIN || at_us.saturating_sub(began) >= needed;
        if !(machine.build.model.lies() && believable) {
            self.fail(
                "P3",
                format!("job {} is printed ({grade}), but the paper does not have it", record.id),
            );
        }
    }

    /// This lies on stable storage now.
    pub fn durable(&mut self, ops: &[StoreOp]) {
        for record in jobs(ops) {
            let states = self.durable.entry(record.id).or_default();
            let before = states.last().copied();
            if before == Some(record.state) {
                continue;
            }
            states.push(record.state);
            let upgraded = before == Some(JobState::Printed(Grade::A))
                && record.state == JobState::Printed(Grade::APlus);
            if let Some(before) = before.filter(|b| b.is_final() && !upgraded) {
                let what = format!("job {} was {before:?} and is {:?}", record.id, record.state);
                self.fail("P5", what);
            }
        }
    }

    /// Somebody is told that these jobs are accepted.
    pub fn accepted(&mut self, hash: KeyHash, content: ContentHash, jobs: &[JobId], disk: &Disk) {
        for job in jobs {
            let body = disk.has_body(*job);
            if disk.job(*job).is_none() || !body {
                self.fail("P1", format!("job {job} was acknowledged before it was on stable storage"));
            }
            self.acknowledged.insert(*job);
        }
        self.same_key(hash, content, jobs);
        let kept: Option<KeyRecord> = disk.key(hash);
        if kept.is_none_or(|k| Some(&k.first) != jobs.first()) {
            self.fail("P4", format!("the spool does not remember the key of job {:?}", jobs.first()));
        }
    }

    /// Somebody is told that this copy will be printed.
    pub fn reprint_accepted(&mut self, hash: KeyHash, root: JobId, job: JobId, disk: &Disk) {
        if disk.job(job).is_none() {
            self.fail("P1", format!("reprint {job} was acknowledged before it was on stable storage"));
        }
        self.acknowledged.insert(job);
        let mut content = [0xEE; 32];
        content[..8].copy_from_slice(&root.0.to_be_bytes());
        self.same_key(hash, content, &[job]);
    }

    fn same_key(&mut self, hash: KeyHash, content: ContentHash, jobs: &[JobId]) {
        let (first_content, first_jobs) =
            self.keys.entry(hash).or_insert_with(|| (content, jobs.to_vec())).clone();
        if first_content != content {
            self.fail("P4", format!("other content under a known key was answered with {jobs:?}"));
        } else if first_jobs != jobs {
            self.fail("P4", format!("a key that stood for {first_jobs:?} stands for {jobs:?}"));
        }
    }

    /// Somebody is told that their key is known with other content.
    pub fn conflict(&mut self, hash: KeyHash, content: ContentHash) {
        if self.keys.get(&hash).is_some_and(|(first, _)| *first == content) {
            self.fail("P4", "the same content under its own key was called a conflict".to_owned());
        }
    }

    /// Somebody is told a job's state.
    pub fn told(&mut self, record: &JobRecord, how: &str) {
        let durable = self.durable.get(&record.id).is_some_and(|states| states.contains(&record.state));
        if !durable {
            let what =
                format!("{how}: job {} is {:?}, which is not on stable storage", record.id, record.state);
            self.fail("P5", what);
        }
    }

    /// A daemon starts: what was acknowledged must be there.
    pub fn restarted(&mut self, disk: &Disk) {
        let lost = self.acknowledged.iter().find(|job| disk.job(**job).is_none()).copied();
        if let Some(job) = lost {
            self.fail("P1", format!("job {job} was acknowledged and is gone"));
        }
    }
}

/// Whether the last entry of a story that decides anything is the outcome's.
fn story_ends_with(record: &JobRecord) -> bool {
    let decisive = record.story.iter().rev().map(|e| &e.what).find(|what| {
        !matches!(
            what,
            What::CutDone
                | What::CutFailed
                | What::CutUnknown
                | What::Counted
                | What::Paused(_)
                | What::Resumed
                | What::ReprintAsked { .. }
                | What::Omitted(_)
        )
    });
    match (record.state, decisive) {
        (JobState::Printed(Grade::APlus), Some(What::Printed(Grade::A) | What::LateProof { .. })) => true,
        (JobState::Printed(grade), Some(What::Printed(told))) => grade == *told,
        (JobState::Printed(_), Some(What::LateProof { .. })) => true,
        (JobState::Sent(grade), Some(What::Sent(told))) => grade == *told,
        (JobState::Attested, Some(What::Resolved { came_out: true, .. })) => true,
        (JobState::Canceled, Some(What::Canceled { .. })) => true,
        (JobState::Expired, Some(What::Expired)) => true,
        _ => false,
    }
}
