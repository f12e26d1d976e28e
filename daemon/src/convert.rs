//! From the core's words to the interface's. No decisions here.

use receiptd_api::{
    ApiError, CanPrint, Cut, Grade, JobInfo, JobState, PrinterInfo, PrinterState, Purpose, Receipt, StoryItem,
};
use receiptd_core::condition::Paper;
use receiptd_core::link::LinkFault;
use receiptd_core::record::{self, JobRecord};
use receiptd_core::request::{Obstacle, Readiness, Refusal};
use receiptd_core::story::What;
use receiptd_core::survey::Unready;
use receiptd_core::{PrinterView, StoreFault};
use receiptd_document::{Profile, Rendered};

/// Dot rows of one millimetre of paper: 203 dots an inch.
pub const DOTS_PER_MM: u32 = 8;

/// What is on a job's paper.
///
/// # Errors
/// Never: a profile is JSON.
pub fn receipt(record: &JobRecord, rendered: Rendered, profile: &Profile) -> Result<Receipt, ApiError> {
    let profile = serde_json::to_string(profile)
        .map_err(|error| ApiError::StoreFailed(format!("the profile can't be told: {error}")))?;
    let mut bytes = rendered.body;
    bytes.extend_from_slice(&rendered.tail);
    Ok(Receipt {
        bytes,
        profile,
        title: record.title.to_string(),
        copy: record.copy.to_string(),
        id: record.id.0,
        accepted_ms: record.accepted.0,
        drawn: rendered.drawn.into_iter().map(|line| (line.offset, line.rows, line.text)).collect(),
    })
}

/// What a document is printed for; none for a word that was refused before.
pub const fn purpose(purpose: Purpose) -> Option<receiptd_document::Purpose> {
    match purpose {
        Purpose::Training => Some(receiptd_document::Purpose::Training),
        Purpose::Test => Some(receiptd_document::Purpose::Test),
        Purpose::Other => None,
    }
}

/// A job without its story.
pub fn job(record: &JobRecord, body_available: bool) -> JobInfo {
    let copy_number = record.next_copy_number().saturating_sub(1);
    JobInfo {
        id: record.id.0,
        key: record.key.to_string(),
        printer: record.printer.to_string(),
        state: JobState::from_word(record.state.word()),
        cut: cut(record),
        title: record.title.to_string(),
        copy: record.copy.to_string(),
        owner_uid: record.owner,
        accepted_ms: record.accepted.0,
        attempts: u32::from(record.attempts),
        duplicate: if copy_number > 1 { copy_number } else { 0 },
        bytes: u64::from(record.shape.bytes),
        lines: record.shape.lines(),
        length_mm: record.shape.paper_dots().div_ceil(DOTS_PER_MM),
        progress_line: record.confirmed_line,
        body_available,
        grade: record::grade(record.state).map(|g| Grade::from_word(&g.to_string())),
        finished_ms: record.finished.map(|at| at.0),
        paused_reason: paused(record),
        reason: reason(record),
        reprint_of: record.reprint_of.map(|job| job.0),
        story: Vec::new(),
    }
}

fn cut(record: &JobRecord) -> Cut {
    use receiptd_core::job::JobState as S;
    match (record.cut, record.state) {
        (record::Cut::Done, _) => Cut::Ok,
        (record::Cut::Failed, _) => Cut::Fault,
        (record::Cut::Unknown, _) => Cut::Unknown,
        // Nobody will report on the cut of a job that ended without the printer's word.
        (record::Cut::Open, S::Attested | S::Canceled | S::Expired | S::Sent(_)) => Cut::Unknown,
        (record::Cut::Open, _) => Cut::Pending,
        (record::Cut::None, state) if record.shape.tail.exists() && !state.is_final() => Cut::Pending,
        (record::Cut::None, _) => Cut::None,
    }
}

/// A job with its story.
pub fn job_with_story(record: &JobRecord, body_available: bool) -> JobInfo {
    let mut attempt = 0;
    let story = record
        .story
        .iter()
        .map(|entry| {
            if let What::Sending { attempt: number, .. } = entry.what {
                attempt = u32::from(number);
            }
            let params = entry.what.params().into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
            StoryItem { at_ms: entry.at.0, event: entry.what.word().to_owned(), attempt, params }
        })
        .collect();
    JobInfo { story, ..job(record, body_available) }
}

fn paused(record: &JobRecord) -> Option<String> {
    if !matches!(record.state, receiptd_core::job::JobState::Sending { .. }) {
        return None;
    }
    record.story.iter().rev().find_map(|entry| match entry.what {
        What::Paused(why) => Some(Some(why.word().to_owned())),
        What::Resumed | What::Sending { .. } => Some(None),
        _ => None,
    })?
}

fn reason(record: &JobRecord) -> Option<String> {
    record.story.iter().rev().find_map(|entry| match &entry.what {
        What::Held { note, .. } | What::Canceled { note, .. } if !note.is_empty() => Some(note.to_string()),
        What::Interrupted { why, .. } => Some(why.word().to_owned()),
        What::BodyUnreadable => Some("body-unreadable".to_owned()),
        What::Expired => Some("expired".to_owned()),
        _ => None,
    })
}

/// The word for why there is no session.
pub const fn fault(fault: LinkFault) -> &'static str {
    match fault {
        LinkFault::Absent => "absent",
        LinkFault::Busy => "busy",
        LinkFault::Denied => "denied",
        LinkFault::Lost => "link-lost",
        LinkFault::Closed => "closed",
        LinkFault::BodyUnreadable => "body-unreadable",
        LinkFault::Ambiguous => "ambiguous",
        LinkFault::Halted => "halted",
        LinkFault::Suspended => "suspended",
    }
}

fn paper(paper: Paper) -> &'static str {
    match paper {
        Paper::Unknown => "unknown",
        Paper::Present => "ok",
        Paper::Low => "near-end",
        Paper::Out => "out",
    }
}

/// A printer; `endpoint` is the configuration's.
pub fn printer(view: &PrinterView, endpoint: &str) -> PrinterInfo {
    let mut reasons: Vec<String> = Vec::new();
    reasons.extend(view.blocked.map(|why| why.word().to_owned()));
    reasons.extend(view.fault.map(|why| fault(why).to_owned()));
    if view.condition.paper == Paper::Low {
        reasons.push("paper-near-end".to_owned());
    }
    let model = [view.identity.maker.as_str(), view.identity.model.as_str()];
    PrinterInfo {
        name: view.name.clone(),
        state: PrinterState::from_word(view.state),
        reasons,
        online: view.online,
        paper: paper(view.condition.paper).to_owned(),
        grade: view.best.to_string(),
        model: model.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" "),
        serial: view.identity.serial.clone(),
        endpoint: endpoint.to_owned(),
        queue_length: queue_length(view),
        current_job: view.current.map_or(0, |job| job.0),
        since_ms: view.since.0,
    }
}

/// How many jobs wait at a printer, the one under way among them.
pub fn queue_length(view: &PrinterView) -> u32 {
    (view.queued + usize::from(view.current.is_some())) as u32
}

/// Whether a slip can come out now.
pub fn readiness(answer: &Readiness) -> CanPrint {
    let mut reasons: Vec<String> = answer
        .obstacles
        .iter()
        .map(|obstacle| match obstacle {
            Obstacle::Printer(why) => why.word(),
            Obstacle::NotConnected => "not-connected",
            Obstacle::Stalled => "stalled",
            Obstacle::StoreFull => "store-full",
            Obstacle::StoreFailed => "store-failed",
        })
        .map(str::to_owned)
        .collect();
    if answer.paper == Paper::Low {
        reasons.push("paper-near-end".to_owned());
    }
    CanPrint {
        can: answer.can,
        reasons,
        queue_ahead: answer.queue_ahead,
        wait_ms: if answer.can { answer.wait_us / 1_000 } else { 0 },
        paper: paper(answer.paper).to_owned(),
        grade: Some(Grade::from_word(&answer.best.to_string())),
    }
}

/// Why a job that is being sent can't be called back, and what can be done.
const SENDING: &str = "the job is sending: its bytes are with the printer, which prints them as soon as it can (after \
     new paper, too); nothing calls them back. To get rid of them, switch the printer off and on: the job is then \
     uncertain and can be canceled";

/// What was decided about a job, and the disk is full.
const UNWRITTEN_FULL: &str = "what was last decided about this job stands, but is not on the disk, which is full, and \
     is lost if the power fails now; it is written as soon as there is room. Make room, then look at the job";

/// The same, and the disk is broken.
const UNWRITTEN_FAILED: &str = "what was last decided about this job stands, but the spool can't be written, and it is \
     lost if the power fails now; it is written as soon as that works. Have the disk looked at, then look at the job";

/// The same, and the disk is behind.
const UNWRITTEN_BUSY: &str =
    "what was last decided about this job is about to be written; look at the job in a moment";

/// Why a printer can't be probed now, and what to do.
fn not_ready(why: Unready) -> String {
    let again = "then probe it again";
    match why {
        Unready::Surveyed => format!("the printer is being probed already; wait until that is over, {again}"),
        Unready::Printing(job) => format!("the printer prints job {job}; wait until it is through, {again}"),
        Unready::JobsWait => {
            format!("jobs wait for the printer and come first; wait until they are out, {again}")
        }
        Unready::NotConnected(why) => {
            let why = why.map_or("it was not looked for yet", fault);
            format!(
                "the printer is not connected ({why}); see that it is switched on and plugged in, {again}"
            )
        }
        Unready::Opening => format!("the printer is being connected; wait some seconds, {again}"),
        Unready::Stalled => format!("the printer went silent; look at it, {again}"),
        Unready::Blocked(why) => format!("the printer can't print ({}); mend that, {again}", why.word()),
    }
}

/// A refusal as an error of the interface: what was wrong, and what to do.
pub fn refusal(refusal: &Refusal) -> ApiError {
    match refusal {
        Refusal::KeyConflict { job } => ApiError::KeyConflict(format!(
            "this key was used for other content (job {job}); use a key of its own for each receipt"
        )),
        Refusal::BadKey { bytes } => ApiError::InvalidArgument(format!(
            "the key has {bytes} bytes; 1 to {} are allowed",
            receiptd_core::limits::KEY_BYTES_MAX
        )),
        Refusal::UnknownPrinter => {
            ApiError::UnknownPrinter("no printer of that name is configured; see ListPrinters".into())
        }
        Refusal::UnknownJob => ApiError::UnknownJob("there is no such job, or it is not yours".into()),
        Refusal::NotAllowed => ApiError::NotAllowed("only operators may do this".into()),
        Refusal::QueueFull => ApiError::QueueFull(
            "too many jobs wait; find out why the printer does not print, then try again with the same key".into(),
        ),
        Refusal::ShareFull => ApiError::QueueFull(
            "too many of your jobs wait; find out why the printer does not print, then try again with the same key"
                .into(),
        ),
        Refusal::Busy => ApiError::Busy(
            "the disk is behind with what it has to write, and nothing was accepted; try again in a moment with the \
             same key"
                .into(),
        ),
        Refusal::BadCopies { copies } => ApiError::InvalidDocument(format!(
            "{copies} copies; 1 to {} are allowed",
            receiptd_core::limits::COPIES_MAX
        )),
        Refusal::StoreFull => ApiError::StoreFull(
            "the disk is full and nothing was accepted; make room, then try again with the same key".into(),
        ),
        Refusal::StoreFailed => ApiError::StoreFailed(
            "the spool can't be written; try again with the same key, which can't print twice".into(),
        ),
        Refusal::Unwritten { fault: StoreFault::Full } => ApiError::StoreFull(UNWRITTEN_FULL.into()),
        Refusal::Unwritten { fault: StoreFault::Failed } => ApiError::StoreFailed(UNWRITTEN_FAILED.into()),
        Refusal::Unwritten { fault: StoreFault::Busy } => ApiError::Busy(UNWRITTEN_BUSY.into()),
        Refusal::WrongState { state: receiptd_core::job::JobState::Sending { .. } } => {
            ApiError::WrongState(SENDING.into())
        }
        Refusal::WrongState { state } => {
            ApiError::WrongState(format!("the job is {}; that does not allow it", state.word()))
        }
        Refusal::NotReady { why } => ApiError::PrinterNotReady(not_ready(*why)),
        Refusal::BodyGone => {
            ApiError::BodyGone("the receipt's content is not kept any more, so it can't be printed again".into())
        }
        Refusal::ShuttingDown => {
            ApiError::ShuttingDown("the daemon is about to end; try again with the same key".into())
        }
    }
}

#[cfg(test)]
mod tests {
    use receiptd_core::evidence::Grade as Best;

    use super::*;

    #[test]
    fn a_printer_that_said_nothing_of_its_paper_is_not_said_to_have_some() {
        let answer = |paper| {
            let best = Best::D;
            readiness(&Readiness { can: true, obstacles: vec![], queue_ahead: 0, wait_us: 0, best, paper })
        };
        assert_eq!(answer(Paper::Unknown).paper, "unknown");
        assert_eq!(answer(Paper::Present).paper, "ok");
        let low = answer(Paper::Low);
        assert_eq!((low.paper.as_str(), low.reasons), ("near-end", vec!["paper-near-end".to_owned()]));
    }
}
