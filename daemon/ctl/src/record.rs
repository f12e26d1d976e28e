//! The store's rows as the interface's words: what `store export` shows of a stopped daemon's jobs.
//!
//! The same picture as the running daemon gives of them; the words of states and stories are the core's.

use receiptd_api::{Cut, Grade, JobInfo, JobState, StoryItem};
use receiptd_core::record::{self, JobRecord};
use receiptd_core::story::What;

/// Dot rows of one millimetre of paper.
const DOTS_PER_MM: u32 = 8;

/// A job with its story.
pub fn job(record: &JobRecord) -> JobInfo {
    let copies = record.next_copy_number().saturating_sub(1);
    JobInfo {
        id: record.id.0,
        key: record.key.to_string(),
        printer: record.printer.to_string(),
        state: JobState::from_word(record.state.word()),
        cut: match record.cut {
            record::Cut::None => Cut::None,
            record::Cut::Open => Cut::Pending,
            record::Cut::Done => Cut::Ok,
            record::Cut::Failed => Cut::Fault,
            record::Cut::Unknown => Cut::Unknown,
        },
        title: record.title.to_string(),
        copy: record.copy.to_string(),
        owner_uid: record.owner,
        accepted_ms: record.accepted.0,
        attempts: u32::from(record.attempts),
        duplicate: if copies > 1 { copies } else { 0 },
        bytes: u64::from(record.shape.bytes),
        lines: record.shape.lines(),
        length_mm: record.shape.paper_dots().div_ceil(DOTS_PER_MM),
        progress_line: record.confirmed_line,
        // The bodies are elsewhere in the store; the export has lines of their own for them.
        body_available: false,
        grade: record::grade(record.state).map(|grade| Grade::from_word(&grade.to_string())),
        finished_ms: record.finished.map(|at| at.0),
        paused_reason: None,
        reason: None,
        reprint_of: record.reprint_of.map(|job| job.0),
        story: story(record),
    }
}

fn story(record: &JobRecord) -> Vec<StoryItem> {
    let mut attempt = 0;
    let entry = |entry: &receiptd_core::story::Entry| {
        if let What::Sending { attempt: number, .. } = entry.what {
            attempt = u32::from(number);
        }
        let params = entry.what.params().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        StoryItem { at_ms: entry.at.0, event: entry.what.word().to_owned(), attempt, params }
    };
    record.story.iter().map(entry).collect()
}
