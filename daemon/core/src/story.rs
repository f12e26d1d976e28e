//! How a job came to be what it is: a bounded list of what happened, kept in its record.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::condition::Blocked;
use crate::evidence::Grade;
use crate::ids::{AttemptNo, JobId, Uid};
use crate::job::Doubt;
use crate::limits::{STORY_ENTRIES_MAX, STORY_HEAD};
use crate::time::Wall;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// The receipt is on stable storage.
    Accepted {
        /// Who brought it.
        by: Uid,
    },
    /// An attempt begins.
    Sending {
        /// Its number.
        attempt: AttemptNo,
        /// Which copy this would be on paper; 1 means unmarked.
        copy_number: u32,
    },
    /// The printer confirmed the receipt up to this line.
    UpToLine {
        /// Printed lines.
        line: u32,
    },
    /// The printer stopped for this reason; it goes on by itself after that was mended.
    Paused(Blocked),
    /// It goes on.
    Resumed,
    /// The printer's proof.
    Printed(Grade),
    /// Cut, by the printer's word.
    CutDone,
    /// The cutter failed behind a printed receipt.
    CutFailed,
    /// Nobody knows whether it was cut.
    CutUnknown,
    /// All bytes were taken.
    Sent(Grade),
    /// The counters rose with it.
    Counted,
    /// The attempt ended before anything was sent.
    NothingSent,
    /// The attempt ended in doubt.
    Interrupted {
        /// Why.
        why: Doubt,
        /// The last line that the printer confirmed.
        line: u32,
    },
    /// The id of an attempt in doubt came after all.
    LateProof {
        /// Which attempt it proves.
        attempt: AttemptNo,
    },
    /// The spool can't give its bytes: it is held until a person decides.
    BodyUnreadable,
    /// It will be printed again with the mark, by policy.
    AgainByPolicy,
    /// It waits for a person, by policy.
    WaitsForPerson,
    /// The proof came sooner than any head prints; the printer's word counts for nothing.
    ProofImpossible,
    /// Held.
    Held {
        /// By whom.
        by: Uid,
        /// Why, in their words.
        note: SmolStr,
    },
    /// Released.
    Released {
        /// By whom.
        by: Uid,
    },
    /// Canceled.
    Canceled {
        /// By whom.
        by: Uid,
        /// Why, in their words.
        note: SmolStr,
    },
    /// Its time was over.
    Expired,
    /// A person said what became of it.
    Resolved {
        /// Who.
        by: Uid,
        /// Whether it came out.
        came_out: bool,
        /// In their words.
        note: SmolStr,
    },
    /// A copy of it was asked for.
    ReprintAsked {
        /// By whom.
        by: Uid,
        /// The job that prints it.
        job: JobId,
    },
    /// This job is a copy of that one.
    ReprintOf {
        /// The original.
        job: JobId,
        /// Why, in their words.
        note: SmolStr,
    },
    /// So many entries were left out here.
    Omitted(u32),
}

impl What {
    /// The word for it in the API.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Sending { .. } => "sending",
            Self::UpToLine { .. } => "up-to-line",
            Self::Paused(_) => "paused",
            Self::Resumed => "resumed",
            Self::Printed(_) => "printed",
            Self::CutDone => "cut-done",
            Self::CutFailed => "cut-failed",
            Self::CutUnknown => "cut-unknown",
            Self::Sent(_) => "sent",
            Self::Counted => "counted",
            Self::NothingSent => "nothing-sent",
            Self::Interrupted { .. } => "interrupted",
            Self::LateProof { .. } => "late-proof",
            Self::BodyUnreadable => "body-unreadable",
            Self::AgainByPolicy => "again-by-policy",
            Self::WaitsForPerson => "waits-for-person",
            Self::ProofImpossible => "proof-impossible",
            Self::Held { .. } => "held",
            Self::Released { .. } => "released",
            Self::Canceled { .. } => "canceled",
            Self::Expired => "expired",
            Self::Resolved { .. } => "resolved",
            Self::ReprintAsked { .. } => "reprint-asked",
            Self::ReprintOf { .. } => "reprint-of",
            Self::Omitted(_) => "omitted",
        }
    }

    /// Its details in the API, by name.
    pub fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Accepted { by } | Self::Released { by } => vec![("by", by.to_string())],
            Self::Sending { copy_number, .. } => vec![("copy_number", copy_number.to_string())],
            Self::UpToLine { line } => vec![("line", line.to_string())],
            Self::Paused(why) => vec![("reason", why.word().into())],
            Self::Printed(grade) | Self::Sent(grade) => vec![("grade", grade.to_string())],
            Self::Interrupted { why, line } => vec![("why", why.word().into()), ("line", line.to_string())],
            Self::LateProof { attempt } => vec![("attempt", attempt.to_string())],
            Self::Held { by, note } | Self::Canceled { by, note } => {
                vec![("by", by.to_string()), ("note", note.to_string())]
            }
            Self::Resolved { by, came_out, note } => {
                vec![("by", by.to_string()), ("came_out", came_out.to_string()), ("note", note.to_string())]
            }
            Self::ReprintAsked { by, job } => vec![("by", by.to_string()), ("job", job.to_string())],
            Self::ReprintOf { job, note } => vec![("job", job.to_string()), ("note", note.to_string())],
            Self::Omitted(count) => vec![("count", count.to_string())],
            Self::Resumed
            | Self::CutDone
            | Self::CutFailed
            | Self::CutUnknown
            | Self::Counted
            | Self::NothingSent
            | Self::BodyUnreadable
            | Self::AgainByPolicy
            | Self::WaitsForPerson
            | Self::ProofImpossible
            | Self::Expired => Vec::new(),
        }
    }

    /// Whether the job would be what it is without it.
    const fn decides_nothing(&self) -> bool {
        matches!(self, Self::UpToLine { .. } | Self::Paused(_) | Self::Resumed | Self::ReprintAsked { .. })
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, by the terminal's clock.
    pub at: Wall,
    /// What.
    pub what: What,
}

/// What happened, the oldest first. Most jobs that wait have one entry for hours: it needs no memory of its own.
pub type Story = SmallVec<[Entry; 1]>;

/// Adds an entry, within [`STORY_ENTRIES_MAX`]: beyond it an old entry behind the
/// head gives way and is counted.
pub fn add(story: &mut Story, at: Wall, what: What) {
    // Progress is one moving line, not a list.
    if let (What::UpToLine { .. }, Some(last)) = (&what, story.last_mut())
        && matches!(last.what, What::UpToLine { .. })
    {
        *last = Entry { at, what };
        return;
    }
    if story.len() >= STORY_ENTRIES_MAX {
        if !matches!(story.get(STORY_HEAD), Some(Entry { what: What::Omitted(_), .. })) {
            story.insert(STORY_HEAD, Entry { at, what: What::Omitted(0) });
        }
        let mut omitted = 0;
        while story.len() >= STORY_ENTRIES_MAX {
            // What decides nothing goes first, so that the outcome stays however often a copy is asked for.
            let behind = STORY_HEAD + 1;
            let minor = story.iter().skip(behind).position(|e| e.what.decides_nothing());
            let gone = story.remove(behind + minor.unwrap_or(0));
            omitted += 1;
            if let Some(count) = story.get_mut(STORY_HEAD) {
                count.at = gone.at;
            }
        }
        if let Some(Entry { what: What::Omitted(count), .. }) = story.get_mut(STORY_HEAD) {
            *count = count.saturating_add(omitted);
        }
    }
    story.push(Entry { at, what });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_story_keeps_its_beginning_and_its_end_and_counts_what_it_left_out() {
        let mut story = Story::new();
        for n in 0..200_u32 {
            let what = if n % 2 == 0 { What::Resumed } else { What::Paused(Blocked::PaperOut) };
            add(&mut story, Wall(u64::from(n)), what);
        }
        assert_eq!(story.len(), STORY_ENTRIES_MAX);
        assert_eq!(story[STORY_HEAD - 1].at, Wall(STORY_HEAD as u64 - 1));
        assert_eq!(story.last().unwrap().at, Wall(199));
        let shown = story.iter().filter(|e| !matches!(e.what, What::Omitted(_))).count() as u32;
        let omitted: u32 = story.iter().map(|e| if let What::Omitted(n) = e.what { n } else { 0 }).sum();
        assert_eq!(shown + omitted, 200);
    }

    #[test]
    fn progress_is_one_line() {
        let mut story = Story::new();
        for line in [32, 64, 96] {
            add(&mut story, Wall(0), What::UpToLine { line });
        }
        assert_eq!(story.len(), 1);
    }
}
