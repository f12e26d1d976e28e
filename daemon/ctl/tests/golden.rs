//! What people and programs read, held to golden files: pages, tables, JSON, manual pages, completions.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{both, event, eventful, golden, golden_here, job, jobs, printers, style};
use receiptctl::cmd::status::{Counts, Summary};
use receiptctl::cmd::{can_print, completion, models, printers as printers_cmd, probe, status};
use receiptctl::failure::Failure;
use receiptctl::out::render_failure;
use receiptctl::text::{Lang, messages, story};
use receiptctl::{describe, json, man, table};
use receiptd_api::{
    ApiError, CallError, CanPrint, ConnectError, Grade, JobState, ProbeAnswer, ProbeReport, Submitted,
};

#[test]
fn the_story_of_a_job_to_which_everything_happened() {
    let job = eventful();
    let told: Vec<&str> = job.story.iter().map(|item| item.event.as_str()).collect();
    for (event, _) in story::EVENTS {
        assert!(told.contains(event), "{event} is missing from the sample");
    }
    golden_here("job-eventful.txt", &both(|style| describe::job_page(&job, None, style)));
}

#[test]
fn advice_for_each_state() {
    let printers = printers();
    let mut cases = jobs();
    let mut waits = job(200, JobState::Uncertain, "waits for a person");
    waits.story = vec![
        event(0, "interrupted", 1, &[("why", "restart"), ("line", "3")]),
        event(9, "waits-for-person", 1, &[]),
    ];
    let mut doubtful = job(201, JobState::Held, "held in doubt");
    doubtful.story = vec![event(0, "interrupted", 1, &[])];
    let mut given_up = job(202, JobState::Canceled, "canceled in doubt");
    given_up.story = vec![event(0, "interrupted", 1, &[])];
    cases.extend([waits, doubtful, given_up]);
    let text = both(|style| {
        let mut lines = Vec::new();
        for job in &cases {
            lines.push(format!("{} {}", job.id, describe::job_state(job, style.lang)));
            let absent = (job.id % 2 == 1).then(|| &printers[1]);
            lines.extend(
                describe::advice(job, absent, style.lang).into_iter().map(|line| format!("  {line}")),
            );
        }
        lines
    });
    golden_here("advice.txt", &text);
}

#[test]
fn the_list_of_jobs_is_aligned_in_both_languages() {
    let text = both(|style| {
        let rows: Vec<_> = jobs().iter().map(|job| describe::job_row(job, style)).collect();
        let header: Vec<&str> = messages::JOBS_HEADER.iter().map(|text| style.say(*text)).collect();
        table::lines(&header, &rows, style.color)
    });
    golden_here("jobs.txt", &text);
}

#[test]
fn changes_one_line_each() {
    let text = both(|style| {
        let mut lines: Vec<String> =
            jobs().iter().map(|job| describe::job_change(job, common::SALE_MS, style)).collect();
        lines.extend(printers().iter().map(|p| describe::printer_change(p, common::SALE_MS, style)));
        lines
    });
    golden_here("watch.txt", &text);
}

#[test]
fn printers_with_what_helps() {
    let text = both(|style| {
        let printers = printers();
        let mut lines = printers_cmd::list(&printers, style);
        for (index, printer) in printers.iter().enumerate() {
            lines.push(String::new());
            lines.extend(printers_cmd::page(printer, index == 0, style));
        }
        lines
    });
    golden_here("printers.txt", &text);
}

#[test]
fn printer_models_in_a_table_and_one_with_its_story() {
    let known: Vec<_> = receiptd_document::models::built_in().collect();
    let text = both(|style| {
        let mut lines = models::list(&known.iter().collect::<Vec<_>>(), style);
        let model = known.iter().find(|model| model.id == "epson-tm-u220b").expect("a model");
        lines.push(String::new());
        lines.extend(models::page(model, style));
        lines
    });
    golden_here("models.txt", &text);
}

#[test]
fn the_whole_on_one_screen() {
    let summary = Summary {
        version: "0.1.0".to_owned(),
        api_version: 1,
        store_state: "full".to_owned(),
        warnings: vec![
            "/etc/receiptd/templates.d/coffee.toml: line 3, column 5: there is no key txt".to_owned(),
        ],
        printers: printers(),
        counts: Counts { queued: 3, sending: 1, uncertain: 2, held: 1 },
    };
    golden_here("status.txt", &both(|style| status::page(&summary, style)));
}

/// What a printer of the best class answers, one that lies, and one that ran out of paper on the way.
fn probes() -> [ProbeReport; 2] {
    let answer = |when: &str, asked: &str, after_us: u64, value: &str, verdict: Option<&str>| ProbeAnswer {
        when: when.to_owned(),
        asked: asked.to_owned(),
        answered: true,
        after_us: Some(after_us),
        value: Some(value.to_owned()),
        verdict: verdict.map(str::to_owned),
    };
    let silent = |asked: &str, value: Option<&str>| ProbeAnswer {
        when: "idle".to_owned(),
        asked: asked.to_owned(),
        value: value.map(str::to_owned),
        ..ProbeAnswer::default()
    };
    let whole = ProbeReport {
        printer: "counter".to_owned(),
        endpoint: "usb:04b8:0202@1-1.2 (EPSON TM-T88VI)".to_owned(),
        complete: true,
        grade: "A".to_owned(),
        model: "EPSON TM-T88VI".to_owned(),
        serial: "VP00000001".to_owned(),
        firmware: "40.20".to_owned(),
        length_mm: 78,
        bytes: 530,
        entry: "[[quirk]]\nvendor = 0x04b8\n".to_owned(),
        taken_us: Some(3_160),
        usb_id: Some("04b8:0202".to_owned()),
        usb_port: Some("1-1.2".to_owned()),
        usb_interface: Some("0.0 class 07/01/02, read".to_owned()),
        usb_device_id: Some("EPSON TM-T88VI".to_owned()),
        answers: vec![
            answer("idle", "dle-eot", 2_450, "12 12 12 12", None),
            answer("idle", "port-status", 900, "18", None),
            answer("idle", "gs-i-68", 1_000, "", None),
            silent("gs-g-148", None),
            answer("page", "gs-r", 1_800, "00", Some("too-soon")),
            answer("page", "gs-h-48", 210_300, "@@AB", Some("believable")),
            answer("cut", "gs-h-48", 380_000, "@@AC", None),
        ],
        ..ProbeReport::default()
    };
    let broken = ProbeReport {
        printer: "kitchen".to_owned(),
        endpoint: "tcp:192.0.2.7:9100".to_owned(),
        grade: "D".to_owned(),
        length_mm: 78,
        bytes: 530,
        reason: Some("paper-out".to_owned()),
        answers: vec![silent("dle-eot", Some("2 bytes that can't be told apart")), silent("gs-a", None)],
        ..ProbeReport::default()
    };
    [whole, broken]
}

#[test]
fn what_a_printer_really_answers() {
    let text = both(|style| {
        let mut lines = Vec::new();
        for report in &probes() {
            lines.extend(probe::page(report, style));
            lines.push(String::new());
        }
        lines
    });
    golden_here("probe.txt", &text);
}

fn readiness() -> [CanPrint; 3] {
    let yes = CanPrint { can: true, paper: "ok".to_owned(), grade: Some(Grade::A), ..CanPrint::default() };
    let later = CanPrint {
        queue_ahead: 2,
        wait_ms: 3_100,
        reasons: vec!["paper-near-end".to_owned()],
        ..yes.clone()
    };
    let no =
        CanPrint { reasons: vec!["cover-open".to_owned(), "paper-out".to_owned()], ..CanPrint::default() };
    [yes, later, no]
}

#[test]
fn whether_a_slip_would_come_out() {
    let text = both(|style| readiness().iter().flat_map(|answer| can_print::lines(answer, style)).collect());
    golden_here("can-print.txt", &text);
}

fn failures() -> Vec<Failure> {
    let mut failures: Vec<Failure> = ApiError::NAMES
        .iter()
        .map(|name| format!("{}{name}", receiptd_api::names::ERROR_PREFIX))
        .filter_map(|name| ApiError::from_name(&name, "the daemon's own words"))
        .map(|error| Failure::Call(CallError::Api(error)))
        .collect();
    failures.extend([
        Failure::Call(CallError::Disconnected("end of file".to_owned())),
        Failure::Call(CallError::NotRunning),
        Failure::Call(CallError::DeniedByBus("rejected".to_owned())),
        Failure::Connect(ConnectError::NoSocket("/run/receiptd/api.sock".into())),
        Failure::Connect(ConnectError::NobodyListens("/run/receiptd/api.sock".into())),
        Failure::Connect(ConnectError::Denied { path: "/run/x".into(), hint: "group 7".to_owned() }),
        Failure::Connect(ConnectError::Timeout("/run/x".to_owned())),
        Failure::File { path: "slip.json".into(), source: std::io::ErrorKind::NotFound.into() },
        Failure::TooLarge { path: "slip.json".into(), max: 1_048_576 },
        Failure::NotText { path: "slip.txt".into() },
        Failure::NoPrinter("bar".to_owned()),
        Failure::NoKey("T1".to_owned()),
        Failure::NoUser("wang".to_owned()),
        Failure::Interrupted,
    ]);
    failures
}

#[test]
fn errors_say_what_to_do_next() {
    let text = both(|style| failures().iter().map(|f| render_failure(&f.report(), style)).collect());
    golden_here("errors.txt", &text);
}

/// The schema: whoever changes a line of this file changes what scripts rely on.
#[test]
fn the_json_schema_is_stable() {
    let style = style(Lang::En, true);
    let one = |value: &dyn erased::Json| value.line();
    let job = eventful();
    let (en, zh) = (describe::advice(&job, None, Lang::En), describe::advice(&job, None, Lang::Zh));
    let printers = printers();
    let submitted = Submitted {
        jobs: vec![(42, "merchant".to_owned()), (43, "customer".to_owned())],
        existed: false,
        masked: Some(1),
    };
    let counts = Counts { queued: 3, sending: 1, uncertain: 2, held: 1 };
    let mut lines = vec![
        one(&json::Job::new(&job).with_story(&job.story, &style.users).with_advice(&en, &zh)),
        one(&json::Job::new(&jobs()[2])),
        one(&json::Job::of_type("change", &jobs()[4])),
        one(&json::Accepted::new("T1-B7-0042", &submitted)),
        one(&json::Done::new("cancel", 42)),
        one(&json::Reprinted::new("K", 42, 44)),
        one(&json::Readiness::new("", 120, &readiness()[2])),
        one(&json::Status::new("0.1.0", 1, "ok", &[], &printers, &counts)),
    ];
    lines
        .extend(printers.iter().enumerate().map(|(i, p)| one(&json::Printer::of_type("printer", p, i == 0))));
    lines.extend(probes().iter().map(|report| one(&json::Probe::new(report, &report.entry))));
    lines.extend(receiptd_document::models::built_in().take(1).map(|model| one(&json::Model::new(&model))));
    lines.push(render_failure(&failures()[0].report(), &style));
    golden_here("schema.jsonl", &format!("{}\n", lines.join("\n")));
}

/// Any serialisable value behind one reference.
mod erased {
    pub trait Json {
        fn line(&self) -> String;
    }

    impl<T: serde::Serialize> Json for T {
        fn line(&self) -> String {
            serde_json::to_string(self).expect("serialises")
        }
    }
}

#[test]
fn the_manual_pages_are_those_in_the_tree() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../man");
    for (name, page) in man::pages().expect("pages") {
        let page = String::from_utf8(page).expect("text");
        assert!(page.is_ascii(), "{name} has a character that old man programs do not show");
        golden(dir.join(name), &page);
    }
}

#[test]
fn completions_are_made_for_each_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let script = String::from_utf8(completion::script(shell, Lang::En)).expect("text");
        assert!(script.contains("receiptctl") && script.contains("can-print"), "{shell}");
        assert!(!script.contains("Write the manual pages") || shell != "bash", "{shell}");
    }
}
