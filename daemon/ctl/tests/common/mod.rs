//! What the tests share: golden files, sample data, and running the command as a process.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test binary uses its part")]

use std::path::PathBuf;
use std::process::{Command, Output};

use jiff::tz::TimeZone;
use receiptctl::out::Style;
use receiptctl::text::Lang;
use receiptctl::users::Users;
use receiptd_api::{Cut, Grade, JobInfo, JobState, PrinterInfo, PrinterState, StoryItem};

/// 2026-11-27 14:32:07 in China, the sale everybody asks about.
pub const SALE_MS: u64 = 1_795_761_127_000;

/// Compares with a golden file; `UPDATE_GOLDEN=1` writes it anew.
pub fn golden(path: PathBuf, actual: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, actual).expect("golden file is written");
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} differs; UPDATE_GOLDEN=1 rewrites it.\n--- expected\n{expected}\n--- actual\n{actual}",
        path.display()
    );
}

pub fn golden_here(name: &str, actual: &str) {
    golden(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name), actual);
}

pub fn style(lang: Lang, json: bool) -> Style {
    Style {
        lang,
        json,
        quiet: false,
        color: false,
        tz: TimeZone::posix("CST-8").expect("time zone"),
        users: Users::parse("payapp:x:1001:1001::/:\nroot:x:0:0::/:\nli:x:1002:1002::/:\n"),
    }
}

pub fn both(show: impl Fn(&Style) -> Vec<String>) -> String {
    let mut out = String::new();
    for lang in [Lang::En, Lang::Zh] {
        out.push_str(&show(&style(lang, false)).join("\n"));
        out.push_str("\n\n");
    }
    out
}

pub fn event(at: u64, event: &str, attempt: u32, params: &[(&str, &str)]) -> StoryItem {
    StoryItem {
        at_ms: SALE_MS + at,
        event: event.to_owned(),
        attempt,
        params: params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}

/// A job to which everything happened that can happen to one.
pub fn eventful() -> JobInfo {
    let minute = 60_000;
    JobInfo {
        story: vec![
            event(0, "accepted", 0, &[("by", "1001")]),
            event(100, "held", 0, &[("by", "1002"), ("note", "等顾客确认")]),
            event(200, "held", 0, &[("by", "1002"), ("note", "")]),
            event(3_000, "released", 0, &[("by", "1002")]),
            event(3_100, "sending", 1, &[("copy_number", "1")]),
            event(3_200, "nothing-sent", 1, &[]),
            event(4_000, "sending", 2, &[("copy_number", "1")]),
            event(4_500, "up-to-line", 2, &[("line", "12")]),
            event(5_000, "paused", 2, &[("reason", "paper-out")]),
            event(minute, "resumed", 2, &[]),
            event(minute + 500, "paused", 2, &[("reason", "on-fire")]),
            event(minute + 900, "interrupted", 2, &[("why", "link-lost"), ("line", "12")]),
            event(2 * minute, "body-unreadable", 2, &[]),
            event(2 * minute, "again-by-policy", 2, &[]),
            event(2 * minute + 10, "sending", 3, &[("copy_number", "2")]),
            event(2 * minute + 90, "interrupted", 3, &[("why", "restart"), ("line", "0")]),
            event(3 * minute, "interrupted", 3, &[("why", "stalled"), ("line", "1")]),
            event(3 * minute, "interrupted", 3, &[("why", "cleared"), ("line", "1")]),
            event(3 * minute, "proof-impossible", 3, &[]),
            event(3 * minute, "waits-for-person", 3, &[]),
            event(3 * minute, "omitted", 3, &[("count", "17")]),
            event(
                4 * minute,
                "resolved",
                3,
                &[("by", "0"), ("came_out", "false"), ("note", "nothing there")],
            ),
            event(4 * minute, "resolved", 3, &[("by", "0"), ("came_out", "true"), ("note", "")]),
            event(4 * minute, "late-proof", 3, &[("attempt", "2")]),
            event(5 * minute, "canceled", 3, &[("by", "77"), ("note", "doubled")]),
            event(5 * minute, "canceled", 3, &[("by", "77"), ("note", "")]),
            event(5 * minute, "expired", 3, &[]),
            event(5 * minute, "reprint-of", 3, &[("job", "40"), ("note", "customer asked")]),
            event(5 * minute, "reprint-asked", 3, &[("by", "1002"), ("job", "43")]),
            event(36_000_000, "sending", 4, &[("copy_number", "3")]),
            event(36_000_100, "sent", 4, &[("grade", "C")]),
            event(36_000_100, "printed", 4, &[("grade", "A")]),
            event(36_000_200, "cut-done", 4, &[]),
            event(36_000_200, "cut-unknown", 4, &[]),
            event(36_000_200, "cut-failed", 4, &[]),
            event(36_000_300, "counted", 4, &[]),
            event(36_000_400, "teleported", 4, &[("to", "mars")]),
        ],
        grade: Some(Grade::APlus),
        finished_ms: Some(SALE_MS + 36_000_200),
        cut: Cut::Fault,
        duplicate: 3,
        attempts: 4,
        ..job(42, JobState::Printed, "签购单 18.50")
    }
}

pub fn job(id: u64, state: JobState, title: &str) -> JobInfo {
    JobInfo {
        id,
        key: format!("T1-B7-{id:04}"),
        printer: "counter".to_owned(),
        state,
        cut: Cut::Pending,
        title: title.to_owned(),
        copy: "customer".to_owned(),
        owner_uid: 1001,
        accepted_ms: SALE_MS,
        attempts: 1,
        bytes: 1480,
        lines: 31,
        length_mm: 122,
        body_available: true,
        ..JobInfo::default()
    }
}

/// One job in each state.
pub fn jobs() -> Vec<JobInfo> {
    let mut jobs: Vec<JobInfo> = JobState::ALL
        .iter()
        .zip([7, 8, 9, 10, 128, 129, 1300, 1301, 1302])
        .map(|(state, id)| job(id, *state, if id % 2 == 0 { "签购单 18.50" } else { "Sale 0042" }))
        .collect();
    jobs[0].copy.clear();
    jobs[2].paused_reason = Some("paper-out".to_owned());
    jobs[2].progress_line = 12;
    jobs[4].grade = Some(Grade::A);
    jobs[5].grade = Some(Grade::D);
    jobs[5].printer = "厨房".to_owned();
    jobs[8].body_available = false;
    jobs
}

pub fn printers() -> Vec<PrinterInfo> {
    let printer = |name: &str, state, reasons: &[&str]| PrinterInfo {
        name: name.to_owned(),
        state,
        reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
        online: state != PrinterState::Absent,
        paper: "ok".to_owned(),
        grade: "A".to_owned(),
        model: "EPSON TM-T82III".to_owned(),
        serial: "X7RF012345".to_owned(),
        endpoint: "usb:04b8:0e28:1-1.2".to_owned(),
        queue_length: 3,
        current_job: 42,
        since_ms: SALE_MS,
    };
    let mut absent = printer("厨房", PrinterState::Absent, &[]);
    absent.grade.clear();
    absent.model.clear();
    absent.paper = "unknown".to_owned();
    absent.current_job = 0;
    let mut paused = printer("bar", PrinterState::Paused, &["paper-out", "on-fire"]);
    paused.paper = "out".to_owned();
    vec![printer("counter", PrinterState::Printing, &[]), absent, paused]
}

/// The command as a process, in a fixed locale and time zone, looking for a daemon where there is none.
pub fn receiptctl(args: &[&str]) -> Output {
    command(args).output().expect("the command starts")
}

pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_receiptctl"));
    command
        .args(args)
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env("LANG", "C.UTF-8")
        .env("TZ", "CST-8")
        .env("COLUMNS", "100")
        .env("RECEIPTD_SOCKET", "/nonexistent/api.sock");
    command
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}
