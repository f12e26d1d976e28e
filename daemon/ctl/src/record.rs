//! The store's rows as the interface's words: what `store export` shows of a stopped daemon's jobs.
//!
//! The same picture as the running daemon gives of them; its conversion is the daemon's own, and a golden test on
//! either side holds the words.

use std::collections::BTreeMap;

use receiptd_api::{Cut, Grade, JobInfo, JobState, StoryItem};
use receiptd_core::condition::Blocked;
use receiptd_core::job::Doubt;
use receiptd_core::record::{self, JobRecord};
use receiptd_core::story::What;

/// Dot rows of one millimetre of paper.
const DOTS_PER_MM: u32 = 8;

/// A job with its story.
pub fn job(record: &JobRecord) -> JobInfo {
    let copies = record.next_copy_number().saturating_sub(1);
    JobInfo {
        id: record.id.0,
        key: record.key.clone(),
        printer: record.printer.clone(),
        state: JobState::from_word(record.state.word()),
        cut: match record.cut {
            record::Cut::None => Cut::None,
            record::Cut::Open => Cut::Pending,
            record::Cut::Done => Cut::Ok,
            record::Cut::Failed => Cut::Fault,
            record::Cut::Unknown => Cut::Unknown,
        },
        title: record.title.clone(),
        copy: record.copy.clone(),
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
        let (event, params) = told(&entry.what);
        let params: BTreeMap<String, String> =
            params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        StoryItem { at_ms: entry.at.0, event: event.to_owned(), attempt, params }
    };
    record.story.iter().map(entry).collect()
}

/// An event's code and its details.
pub fn told(what: &What) -> (&'static str, Vec<(&'static str, String)>) {
    let by = |uid: &u32| ("by", uid.to_string());
    let note = |note: &String| ("note", note.clone());
    match what {
        What::Accepted { by: uid } => ("accepted", vec![by(uid)]),
        What::Sending { copy_number, .. } => ("sending", vec![("copy_number", copy_number.to_string())]),
        What::UpToLine { line } => ("up-to-line", vec![("line", line.to_string())]),
        What::Paused(why) => ("paused", vec![("reason", blocked(*why).to_owned())]),
        What::Resumed => ("resumed", vec![]),
        What::Printed(grade) => ("printed", vec![("grade", grade.to_string())]),
        What::CutDone => ("cut-done", vec![]),
        What::CutFailed => ("cut-failed", vec![]),
        What::CutUnknown => ("cut-unknown", vec![]),
        What::Sent(grade) => ("sent", vec![("grade", grade.to_string())]),
        What::Counted => ("counted", vec![]),
        What::NothingSent => ("nothing-sent", vec![]),
        What::Interrupted { why, line } => {
            ("interrupted", vec![("why", doubt(*why).to_owned()), ("line", line.to_string())])
        }
        What::LateProof { attempt } => ("late-proof", vec![("attempt", attempt.to_string())]),
        What::BodyUnreadable => ("body-unreadable", vec![]),
        What::AgainByPolicy => ("again-by-policy", vec![]),
        What::WaitsForPerson => ("waits-for-person", vec![]),
        What::ProofImpossible => ("proof-impossible", vec![]),
        What::Held { by: uid, note: text } => ("held", vec![by(uid), note(text)]),
        What::Released { by: uid } => ("released", vec![by(uid)]),
        What::Canceled { by: uid, note: text } => ("canceled", vec![by(uid), note(text)]),
        What::Expired => ("expired", vec![]),
        What::Resolved { by: uid, came_out, note: text } => {
            ("resolved", vec![by(uid), ("came_out", came_out.to_string()), note(text)])
        }
        What::ReprintAsked { by: uid, job } => ("reprint-asked", vec![by(uid), ("job", job.to_string())]),
        What::ReprintOf { job, note: text } => ("reprint-of", vec![("job", job.to_string()), note(text)]),
        What::Omitted(count) => ("omitted", vec![("count", count.to_string())]),
    }
}

const fn doubt(why: Doubt) -> &'static str {
    match why {
        Doubt::Restart => "restart",
        Doubt::LinkLost => "link-lost",
        Doubt::Stalled => "stalled",
        Doubt::Cleared => "cleared",
    }
}

const fn blocked(why: Blocked) -> &'static str {
    match why {
        Blocked::CoverOpen => "cover-open",
        Blocked::PaperOut => "paper-out",
        Blocked::Cutter => "cutter",
        Blocked::Hot => "hot",
        Blocked::Unrecoverable => "unrecoverable",
        Blocked::Offline => "offline",
    }
}
