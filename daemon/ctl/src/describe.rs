//! A job and a printer in words: the cell of a table, the line of a change, the page of a story, the advice.
//!
//! Pure functions of what the daemon said; the golden tests hold them.

use receiptd_api::{Cut, JobInfo, JobState, PrinterInfo, PrinterState};

use crate::out::Style;
use crate::table::{Cell, Tint, labelled};
use crate::text::messages as m;
use crate::text::{Lang, say, story, words};
use crate::time;

/// The colour of a job's state.
pub const fn tint(state: JobState) -> Tint {
    match state {
        JobState::Printed | JobState::Attested => Tint::Good,
        JobState::Sent | JobState::Held => Tint::Warn,
        JobState::Uncertain => Tint::Bad,
        JobState::Canceled | JobState::Expired => Tint::Dim,
        JobState::Queued | JobState::Sending | JobState::Other => Tint::Plain,
    }
}

/// What a job is right now, in some words: `printed (A)`, `printing: no paper`.
pub fn job_state(job: &JobInfo, lang: Lang) -> String {
    let state = say(words::JOB_STATES, lang, job.state.as_str());
    let why = job.paused_reason.as_deref().filter(|reason| !reason.is_empty() && !job.state.is_final());
    match (why, job.grade) {
        (Some(reason), _) => {
            m::STATE_WHY.fill(lang, &[("state", &state), ("why", &words::reason(lang, reason))])
        }
        (None, Some(grade)) if job.state.is_final() => {
            m::STATE_GRADE.fill(lang, &[("state", &state), ("grade", grade.as_str())])
        }
        _ => state,
    }
}

/// The state as a cell.
pub fn job_state_cell(job: &JobInfo, lang: Lang) -> Cell {
    let stopped = job.paused_reason.as_deref().is_some_and(|reason| !reason.is_empty());
    let color = if stopped && !job.state.is_final() { Tint::Warn } else { tint(job.state) };
    Cell::new(job_state(job, lang), color)
}

/// The copy in words, with the mark it carries.
pub fn copy(job: &JobInfo, lang: Lang) -> String {
    let mut out = if job.copy.is_empty() { String::new() } else { say(words::COPIES, lang, &job.copy) };
    if job.duplicate > 0 {
        let mark = m::DUPLICATE.fill(lang, &[("count", &job.duplicate.to_string())]);
        if !out.is_empty() {
            out.push_str(m::COMMA.get(lang));
        }
        out.push_str(&mark);
    }
    out
}

/// A row of the list of jobs; the header is [`m::JOBS_HEADER`].
pub fn job_row(job: &JobInfo, style: &Style) -> Vec<Cell> {
    vec![
        job.id.to_string().into(),
        time::date_time(job.accepted_ms, &style.tz).into(),
        job_state_cell(job, style.lang),
        job.printer.as_str().into(),
        copy(job, style.lang).into(),
        job.title.as_str().into(),
    ]
}

/// The line of a change: `14:32:07  job 42  printing, line 12 of 30  Sale 0042`.
pub fn job_change(job: &JobInfo, now_ms: u64, style: &Style) -> String {
    let lang = style.lang;
    let mut state = job_state(job, lang);
    if job.state == JobState::Sending && job.progress_line > 0 {
        let values = [("line", &*job.progress_line.to_string()), ("lines", &*job.lines.to_string())];
        state.push_str(&m::PROGRESS.fill(lang, &values));
    }
    let id = m::JOB.fill(lang, &[("id", &job.id.to_string())]);
    let color = tint(job.state);
    let mut line = format!("{}  {id}  {}", time::time_of_day(now_ms, &style.tz), style.paint(&state, color));
    if !job.title.is_empty() {
        line.push_str("  ");
        line.push_str(&job.title);
    }
    line
}

/// The line of a printer's change.
pub fn printer_change(printer: &PrinterInfo, now_ms: u64, style: &Style) -> String {
    let lang = style.lang;
    let name = m::PRINTER.fill(lang, &[("name", &printer.name)]);
    let (state, color) = printer_state(printer, lang);
    let remedy = printer.reasons.iter().find_map(|code| words::remedy(lang, code)).unwrap_or_default();
    let line =
        format!("{}  {name}  {}  {remedy}", time::time_of_day(now_ms, &style.tz), style.paint(&state, color));
    line.trim_end().to_owned()
}

/// What a printer is doing, with what is wrong.
pub fn printer_state(printer: &PrinterInfo, lang: Lang) -> (String, Tint) {
    let state = say(words::PRINTER_STATES, lang, printer.state.as_str());
    let color = match printer.state {
        PrinterState::Ready | PrinterState::Printing if printer.reasons.is_empty() => Tint::Good,
        PrinterState::Absent | PrinterState::Stalled | PrinterState::BackingOff => Tint::Bad,
        PrinterState::Opening | PrinterState::Draining | PrinterState::Probing => Tint::Plain,
        _ => Tint::Warn,
    };
    if printer.reasons.is_empty() {
        return (state, color);
    }
    let why = words::reasons(lang, &printer.reasons);
    (m::STATE_WHY.fill(lang, &[("state", &state), ("why", &why)]), color)
}

/// What helps this printer: one line for each reason, or for the state itself if it names none.
pub fn printer_remedies(printer: &PrinterInfo, lang: Lang) -> Vec<String> {
    let mut out: Vec<String> =
        printer.reasons.iter().filter_map(|code| words::remedy(lang, code)).map(str::to_owned).collect();
    let by_state = match printer.state {
        PrinterState::Absent | PrinterState::BackingOff => words::remedy(lang, "absent"),
        PrinterState::Stalled => words::remedy(lang, "stalled"),
        _ => None,
    };
    if out.is_empty() {
        out.extend(by_state.map(str::to_owned));
    }
    out.dedup();
    out
}

/// The whole story of one job as a page.
pub fn job_page(job: &JobInfo, printer: Option<&PrinterInfo>, style: &Style) -> Vec<String> {
    let lang = style.lang;
    let id = m::JOB.fill(lang, &[("id", &job.id.to_string())]);
    let mut lines = vec![format!(
        "{}  {}",
        style.paint(&id, Tint::Bold),
        style.paint(&job_state(job, lang), tint(job.state))
    )];
    lines.extend(labelled(&job_facts(job, style), style.color));
    if !job.story.is_empty() {
        lines.push(String::new());
        lines.push(style.paint(style.say(m::STORY_TITLE), Tint::Bold));
        let mut day = time::date(job.accepted_ms, &style.tz);
        for item in &job.story {
            let this = time::date(item.at_ms, &style.tz);
            if this != day {
                lines.push(format!("  {}", style.paint(&this, Tint::Dim)));
                day = this;
            }
            let sentence = story::sentence(lang, item, &|uid| style.users.describe(uid));
            lines.push(format!("  {}  {sentence}", time::time_of_day(item.at_ms, &style.tz)));
        }
    }
    lines.push(String::new());
    lines.push(style.paint(style.say(m::ADVICE_TITLE), Tint::Bold));
    lines.extend(advice(job, printer, lang).into_iter().map(|line| format!("  {line}")));
    lines
}

fn job_facts(job: &JobInfo, style: &Style) -> Vec<(&'static str, Cell)> {
    let lang = style.lang;
    let paper = m::EXTENT.fill(
        lang,
        &[
            ("lines", &job.lines.to_string()),
            ("mm", &job.length_mm.to_string()),
            ("cut", &say(words::CUTS, lang, job.cut.as_str())),
        ],
    );
    let accepted = m::ACCEPTED_BY.fill(
        lang,
        &[
            ("time", &time::date_time(job.accepted_ms, &style.tz)),
            ("by", &style.users.describe(&job.owner_uid.to_string())),
        ],
    );
    let ended = job.finished_ms.map(|ms| time::date_time(ms, &style.tz)).unwrap_or_default();
    let of = job.reprint_of.map(|id| m::JOB.fill(lang, &[("id", &id.to_string())])).unwrap_or_default();
    let evidence = job.grade.map(|grade| say(words::GRADES, lang, grade.as_str())).unwrap_or_default();
    let reason = job.reason.as_deref().map(|reason| words::reason(lang, reason)).unwrap_or_default();
    vec![
        (style.say(m::L_TITLE), job.title.as_str().into()),
        (style.say(m::L_COPY), copy(job, lang).into()),
        (style.say(m::L_REPRINT_OF), of.into()),
        (style.say(m::L_KEY), job.key.as_str().into()),
        (style.say(m::L_PRINTER), job.printer.as_str().into()),
        (style.say(m::L_ACCEPTED), accepted.into()),
        (style.say(m::L_ENDED), ended.into()),
        (style.say(m::L_EVIDENCE), evidence.into()),
        (style.say(m::L_REASON), reason.into()),
        (style.say(m::L_PAPER), paper.into()),
    ]
}

/// What a person can do about a job now. `printer` is its printer, where that matters and is known.
pub fn advice(job: &JobInfo, printer: Option<&PrinterInfo>, lang: Lang) -> Vec<String> {
    let id = job.id.to_string();
    let tell = |text: crate::text::Text| text.fill(lang, &[("id", &id)]);
    let again = if job.body_available { tell(m::ADVICE_REPRINT) } else { tell(m::ADVICE_BODY_GONE) };
    let mut out = Vec::new();
    match job.state {
        JobState::Printed | JobState::Attested => {
            if job.cut == Cut::Fault {
                out.push(tell(m::ADVICE_CUT));
                out.extend(words::remedy(lang, "cutter").map(str::to_owned));
            }
            out.push(tell(m::ADVICE_PRINTED));
            out.push(again);
        }
        JobState::Sent => out.extend([tell(m::ADVICE_SENT), again]),
        JobState::Canceled | JobState::Expired if in_doubt(job) => {
            out.extend([tell(m::ADVICE_NOT_AGAIN), again]);
        }
        JobState::Canceled | JobState::Expired => out.extend([tell(m::ADVICE_NOT_PRINTED), again]),
        JobState::Uncertain if waits_for_person(job) => {
            out.extend([tell(m::ADVICE_LOOK), tell(m::ADVICE_CAME_OUT), tell(m::ADVICE_MISSING)]);
        }
        JobState::Uncertain => {
            out.push(tell(m::ADVICE_UNCERTAIN));
            out.extend(blocked(job, printer, lang));
            out.extend([tell(m::ADVICE_CAME_OUT), tell(m::ADVICE_MISSING)]);
        }
        JobState::Held => {
            if in_doubt(job) {
                out.extend([tell(m::ADVICE_LOOK), tell(m::ADVICE_CAME_OUT)]);
            }
            out.extend([tell(m::ADVICE_RELEASE), tell(m::ADVICE_CANCEL)]);
        }
        JobState::Queued | JobState::Sending | JobState::Other => {
            let remedies = blocked(job, printer, lang);
            if remedies.is_empty() {
                out.push(tell(m::ADVICE_WAIT));
            } else {
                out.extend(remedies);
                out.push(tell(m::ADVICE_BY_ITSELF));
            }
            if job.state == JobState::Sending && job.paused_reason.is_some() {
                out.push(tell(m::ADVICE_CALL_BACK));
            }
        }
    }
    out
}

/// What helps against what stops this job, if something does.
fn blocked(job: &JobInfo, printer: Option<&PrinterInfo>, lang: Lang) -> Vec<String> {
    let own = job.paused_reason.as_deref().and_then(|code| words::remedy(lang, code));
    match (own, printer) {
        (Some(remedy), _) => vec![remedy.to_owned()],
        (None, Some(printer)) => printer_remedies(printer, lang),
        (None, None) => Vec::new(),
    }
}

/// Whether the daemon has given an uncertain job to a person: then nothing more happens by itself.
pub fn waits_for_person(job: &JobInfo) -> bool {
    let latest = job.story.iter().rev().find(|item| {
        matches!(item.event.as_str(), "waits-for-person" | "interrupted" | "again-by-policy" | "sending")
    });
    latest.is_some_and(|item| item.event == "waits-for-person")
        || job.reason.as_deref() == Some("waits-for-person")
}

/// Whether an earlier attempt may be on paper.
fn in_doubt(job: &JobInfo) -> bool {
    job.story.iter().any(|item| item.event == "interrupted")
}
