//! The JSON this command writes with `--json`: a stable schema of its own, apart from the wire types.
//!
//! One object per line. Every object has `type`; every key of a type is always there, `null` when there is nothing
//! to say. Keys are added, never renamed or removed. Times are Unix milliseconds, as in the interface.

use std::collections::BTreeMap;

use receiptd_api::{CanPrint, JobInfo, PrinterInfo, ProbeReport, StoryItem, Submitted};
use serde::Serialize;

use crate::cmd::models;
use crate::text::{Lang, story};
use crate::users::Users;

/// A job (`"type":"job"`), a change of one (`"change"`), or the end of waiting for one (`"outcome"`).
#[derive(Debug, Serialize)]
pub struct Job<'a> {
    r#type: &'static str,
    id: u64,
    key: &'a str,
    printer: &'a str,
    state: &'a str,
    #[serde(rename = "final")]
    is_final: bool,
    grade: Option<&'a str>,
    cut: &'a str,
    title: &'a str,
    copy: &'a str,
    owner_uid: u32,
    accepted_ms: u64,
    finished_ms: Option<u64>,
    attempts: u32,
    duplicate: u32,
    reprint_of: Option<u64>,
    bytes: u64,
    lines: u32,
    length_mm: u32,
    progress_line: u32,
    paused_reason: Option<&'a str>,
    reason: Option<&'a str>,
    body_available: Option<bool>,
    story: Option<Vec<Event<'a>>>,
    advice: Option<&'a [String]>,
    advice_zh: Option<&'a [String]>,
}

/// One event of a story.
#[derive(Debug, Serialize)]
pub struct Event<'a> {
    at_ms: u64,
    event: &'a str,
    attempt: u32,
    params: &'a BTreeMap<String, String>,
    text: String,
    text_zh: String,
}

impl<'a> Job<'a> {
    /// A job without its story.
    pub fn new(job: &'a JobInfo) -> Self {
        Self::of_type("job", job)
    }

    /// A job out of a stopped daemon's store, where the bodies have lines of their own.
    pub fn stored(job: &'a JobInfo) -> Self {
        Self { body_available: None, ..Self::of_type("job", job) }
    }

    /// A job as an object of this type.
    pub fn of_type(r#type: &'static str, job: &'a JobInfo) -> Self {
        Self {
            r#type,
            id: job.id,
            key: &job.key,
            printer: &job.printer,
            state: job.state.as_str(),
            is_final: job.state.is_final(),
            grade: job.grade.map(receiptd_api::Grade::as_str),
            cut: job.cut.as_str(),
            title: &job.title,
            copy: &job.copy,
            owner_uid: job.owner_uid,
            accepted_ms: job.accepted_ms,
            finished_ms: job.finished_ms,
            attempts: job.attempts,
            duplicate: job.duplicate,
            reprint_of: job.reprint_of,
            bytes: job.bytes,
            lines: job.lines,
            length_mm: job.length_mm,
            progress_line: job.progress_line,
            paused_reason: job.paused_reason.as_deref(),
            reason: job.reason.as_deref(),
            body_available: Some(job.body_available),
            story: None,
            advice: None,
            advice_zh: None,
        }
    }

    /// With its story, in both languages whatever the language of the output.
    #[must_use]
    pub fn with_story(mut self, story: &'a [StoryItem], users: &Users) -> Self {
        self.story = Some(story.iter().map(|item| Event::new(item, users)).collect());
        self
    }

    /// With what a person can do now.
    #[must_use]
    pub const fn with_advice(mut self, en: &'a [String], zh: &'a [String]) -> Self {
        self.advice = Some(en);
        self.advice_zh = Some(zh);
        self
    }
}

impl<'a> Event<'a> {
    fn new(item: &'a StoryItem, users: &Users) -> Self {
        let sentence = |lang| story::sentence(lang, item, &|uid| users.describe(uid));
        Self {
            at_ms: item.at_ms,
            event: &item.event,
            attempt: item.attempt,
            params: &item.params,
            text: sentence(Lang::En),
            text_zh: sentence(Lang::Zh),
        }
    }
}

/// The answer to a submission (`"submitted"`).
#[derive(Debug, Serialize)]
pub struct Accepted<'a> {
    r#type: &'static str,
    key: &'a str,
    existed: bool,
    masked: u32,
    jobs: Vec<Copy<'a>>,
}

/// One job of a submission.
#[derive(Debug, Serialize)]
struct Copy<'a> {
    id: u64,
    copy: &'a str,
}

impl<'a> Accepted<'a> {
    /// What was accepted under `key`.
    pub fn new(key: &'a str, submitted: &'a Submitted) -> Self {
        Self {
            r#type: "submitted",
            key,
            existed: submitted.existed,
            masked: submitted.masked.unwrap_or(0),
            jobs: submitted.jobs.iter().map(|(id, copy)| Copy { id: *id, copy }).collect(),
        }
    }
}

/// Something was done to a job (`"done"`).
#[derive(Debug, Serialize)]
pub struct Done<'a> {
    r#type: &'static str,
    verb: &'a str,
    id: u64,
}

impl<'a> Done<'a> {
    /// `verb` was done to job `id`.
    pub const fn new(verb: &'a str, id: u64) -> Self {
        Self { r#type: "done", verb, id }
    }
}

/// Another copy was accepted (`"reprint"`).
#[derive(Debug, Serialize)]
pub struct Reprinted<'a> {
    r#type: &'static str,
    key: &'a str,
    reprint_of: u64,
    id: u64,
}

impl<'a> Reprinted<'a> {
    /// Job `id` prints job `of` again.
    pub const fn new(key: &'a str, of: u64, id: u64) -> Self {
        Self { r#type: "reprint", key, reprint_of: of, id }
    }
}

/// A printer (`"printer"`), or a change of one (`"printer-change"`).
#[derive(Debug, Serialize)]
pub struct Printer<'a> {
    r#type: &'static str,
    name: &'a str,
    default: bool,
    state: &'a str,
    reasons: &'a [String],
    online: bool,
    paper: &'a str,
    grade: Option<&'a str>,
    model: &'a str,
    serial: &'a str,
    endpoint: &'a str,
    queue_length: u32,
    current_job: Option<u64>,
    since_ms: u64,
}

impl<'a> Printer<'a> {
    /// A printer as an object of this type; the first of the daemon's list is the default one.
    pub fn of_type(r#type: &'static str, printer: &'a PrinterInfo, default: bool) -> Self {
        Self {
            r#type,
            name: &printer.name,
            default,
            state: printer.state.as_str(),
            reasons: &printer.reasons,
            online: printer.online,
            paper: &printer.paper,
            grade: (!printer.grade.is_empty()).then_some(printer.grade.as_str()),
            model: &printer.model,
            serial: &printer.serial,
            endpoint: &printer.endpoint,
            queue_length: printer.queue_length,
            current_job: (printer.current_job != 0).then_some(printer.current_job),
            since_ms: printer.since_ms,
        }
    }
}

/// What a printer really answers (`"probe"`).
#[derive(Debug, Serialize)]
pub struct Probe<'a> {
    r#type: &'static str,
    printer: &'a str,
    endpoint: &'a str,
    complete: bool,
    reason: Option<&'a str>,
    grade: &'a str,
    model: &'a str,
    serial: &'a str,
    firmware: &'a str,
    length_mm: u32,
    bytes: u64,
    taken_us: Option<u64>,
    usb_id: Option<&'a str>,
    usb_serial: Option<&'a str>,
    usb_port: Option<&'a str>,
    usb_interface: Option<&'a str>,
    usb_device_id: Option<&'a str>,
    answers: Vec<ProbeAnswer<'a>>,
    entry: &'a str,
}

/// One question of a probe.
#[derive(Debug, Serialize)]
struct ProbeAnswer<'a> {
    when: &'a str,
    asked: &'a str,
    answered: bool,
    after_us: Option<u64>,
    value: Option<&'a str>,
    verdict: Option<&'a str>,
}

impl<'a> Probe<'a> {
    /// The report, and the draft of the quirk apart from it.
    pub fn new(report: &'a ProbeReport, entry: &'a str) -> Self {
        let answers = report.answers.iter().map(|answer| ProbeAnswer {
            when: &answer.when,
            asked: &answer.asked,
            answered: answer.answered,
            after_us: answer.after_us,
            value: answer.value.as_deref(),
            verdict: answer.verdict.as_deref(),
        });
        Self {
            r#type: "probe",
            printer: &report.printer,
            endpoint: &report.endpoint,
            complete: report.complete,
            reason: report.reason.as_deref(),
            grade: &report.grade,
            model: &report.model,
            serial: &report.serial,
            firmware: &report.firmware,
            length_mm: report.length_mm,
            bytes: report.bytes,
            taken_us: report.taken_us,
            usb_id: report.usb_id.as_deref(),
            usb_serial: report.usb_serial.as_deref(),
            usb_port: report.usb_port.as_deref(),
            usb_interface: report.usb_interface.as_deref(),
            usb_device_id: report.usb_device_id.as_deref(),
            answers: answers.collect(),
            entry,
        }
    }
}

/// Whether a slip would come out now (`"can-print"`).
#[derive(Debug, Serialize)]
pub struct Readiness<'a> {
    r#type: &'static str,
    printer: &'a str,
    length_mm: u32,
    can: bool,
    reasons: &'a [String],
    queue_ahead: u32,
    wait_ms: u64,
    paper: &'a str,
    grade: Option<&'a str>,
}

impl<'a> Readiness<'a> {
    /// The answer about a slip of this length on this printer (empty: the default one).
    pub fn new(printer: &'a str, length_mm: u32, answer: &'a CanPrint) -> Self {
        Self {
            r#type: "can-print",
            printer,
            length_mm,
            can: answer.can,
            reasons: &answer.reasons,
            queue_ahead: answer.queue_ahead,
            wait_ms: answer.wait_ms,
            paper: &answer.paper,
            grade: answer.grade.map(receiptd_api::Grade::as_str),
        }
    }
}

/// The whole on one screen (`"status"`).
#[derive(Debug, Serialize)]
pub struct Status<'a> {
    r#type: &'static str,
    version: &'a str,
    api_version: u32,
    store_state: &'a str,
    warnings: &'a [String],
    printers: Vec<Printer<'a>>,
    queued: u64,
    sending: u64,
    uncertain: u64,
    held: u64,
}

impl<'a> Status<'a> {
    /// The summary.
    pub fn new(
        version: &'a str,
        api_version: u32,
        store_state: &'a str,
        warnings: &'a [String],
        printers: &'a [PrinterInfo],
        counts: &crate::cmd::status::Counts,
    ) -> Self {
        Self {
            r#type: "status",
            version,
            api_version,
            store_state,
            warnings,
            printers: printers
                .iter()
                .enumerate()
                .map(|(index, printer)| Printer::of_type("printer", printer, index == 0))
                .collect(),
            queued: counts.queued,
            sending: counts.sending,
            uncertain: counts.uncertain,
            held: counts.held,
        }
    }
}

/// A printer model (`"model"`).
#[derive(Debug, Serialize)]
pub struct Model<'a> {
    r#type: &'static str,
    id: &'a str,
    name: &'a str,
    story: &'a str,
    source: &'a str,
    dots: u16,
    dpi: u16,
    feed_units: u16,
    columns: u16,
    font_a_width: u8,
    line_dots: u8,
    kanji: &'static str,
    code_pages: BTreeMap<&'static str, u8>,
    hanzi_width: u8,
    cutter: &'static str,
    native_qr: bool,
    native_barcode: bool,
    head: &'static str,
    beep: bool,
    feed_before_cut_dots: u16,
}

impl<'a> Model<'a> {
    /// The object.
    pub fn new(model: &'a receiptd_document::models::Model) -> Self {
        let profile = &model.profile;
        Self {
            r#type: "model",
            id: &model.id,
            name: &model.name,
            story: &model.story,
            source: &model.source,
            dots: profile.dots,
            dpi: profile.dpi,
            feed_units: profile.feed_units,
            columns: profile.columns(),
            font_a_width: profile.font_a_width,
            line_dots: profile.line_dots,
            kanji: models::kanji(profile.kanji),
            code_pages: profile.code_pages.named().collect(),
            hanzi_width: profile.hanzi_width,
            cutter: models::cutter(profile.cutter),
            native_qr: profile.native_qr,
            native_barcode: profile.native_barcode,
            head: models::head(profile.head),
            beep: profile.beep,
            feed_before_cut_dots: profile.feed_before_cut_dots,
        }
    }
}

/// One copy of a document that was only checked (`"checked"`).
#[derive(Debug, Serialize)]
pub struct Checked<'a> {
    /// `checked`.
    pub r#type: &'static str,
    /// `json`, `text` or `raw`.
    pub kind: &'a str,
    /// Which copy; `single` if the document does not name copies.
    pub copy: &'a str,
    /// What lists would show.
    pub title: &'a str,
    /// Printed lines.
    pub lines: u32,
    /// Paper, in millimetres.
    pub length_mm: u32,
    /// What would be sent.
    pub bytes: usize,
    /// Card numbers of the document that would be masked.
    pub masked: u32,
}
