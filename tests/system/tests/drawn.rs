//! Text that the printer's font lacks is drawn, by a program of its own that may be missing, hang or die: none of that
//! keeps anybody else's receipt, or the daemon's end, waiting.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use receiptd_api::{ApiError, CallError, Client, Document, JobState, Kind, SubmitOptions, Submitted};
use receiptd_system_tests::calls::{self, SHORT, outcome, submit};
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, quick_printer};
use virtual_printer::{Fault, Handle, VirtualPrinter, What};

/// A line that no printer has, between others that each has: 26 mm, enough for an answer to be judged by the clock.
const SMILE: &str = "签购单\nThank you 😀 ขอบคุณ شكرا\n谢谢惠顾\n1\n2\n3\n4\n";

/// As `systemd/receiptd.service` and design.md have it.
const STOP_MAX: Duration = Duration::from_secs(5);

fn open(render: Option<&Path>) -> (Handle, Shop) {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    if let Some(render) = render {
        shop.environment.push(("RECEIPTD_RENDER".into(), render.display().to_string()));
    }
    shop.start().unwrap();
    (printer, shop)
}

async fn submit_text(client: &Client, key: &str) -> Result<Submitted, CallError> {
    let document = Document(SMILE.as_bytes());
    client.spooler().submit(key, "", Kind::Text, document, &SubmitOptions::default()).await
}

fn script(folder: &Path, text: &str) -> std::path::PathBuf {
    let path = folder.join("render");
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test]
async fn a_line_with_a_smile_is_drawn_and_those_around_it_are_the_printers_own() {
    let (printer, shop) = open(None);
    let client = shop.client().await.unwrap();
    let submitted = submit_text(&client, "smile").await.unwrap();
    let again = submit_text(&client, "smile").await.unwrap();
    assert_eq!((again.existed, &again.jobs), (true, &submitted.jobs));
    let job = outcome(&shop, submitted.jobs[0].0).await;
    assert_eq!(job.state, JobState::Printed, "{job:#?}");
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let paper: Vec<String> = printer
        .events()
        .into_iter()
        .filter_map(|event| match event.what {
            What::Line { text, .. } if !text.trim().is_empty() => Some(text.trim().to_owned()),
            What::Image { .. } => Some("(drawn)".to_owned()),
            _ => None,
        })
        .collect();
    let mut own: Vec<&str> = paper.iter().map(String::as_str).filter(|line| !line.contains("Job")).collect();
    // The picture of a line comes in bands.
    own.dedup();
    assert_eq!(own, ["签购单", "(drawn)", "谢谢惠顾", "1", "2", "3", "4"]);
}

#[tokio::test]
async fn without_the_program_the_document_is_refused_with_the_remedy_and_others_are_printed() {
    let (_printer, shop) = open(Some(Path::new("/nonexistent/receiptd-render")));
    let client = shop.client().await.unwrap();
    let Err(CallError::Api(ApiError::InvalidDocument(told))) = submit_text(&client, "smile").await else {
        panic!("it was not refused");
    };
    for words in ["line 2", "1F600", "/nonexistent/receiptd-render", "install it beside receiptd"] {
        assert!(told.contains(words), "{words} is not in: {told}");
    }
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    assert_eq!(outcome(&shop, job).await.state, JobState::Printed);
}

#[tokio::test]
async fn one_that_dies_costs_its_document_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (_printer, shop) = open(Some(&script(folder.path(), "exit 3")));
    let client = shop.client().await.unwrap();
    let Err(CallError::Api(ApiError::InvalidDocument(told))) = submit_text(&client, "smile").await else {
        panic!("it was not refused");
    };
    assert!(told.contains("receiptd-render failed"), "{told}");
    assert_eq!(calls::all_jobs(&client, Default::default()).await, []);
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    assert_eq!(outcome(&shop, job).await.state, JobState::Printed);
}

#[tokio::test]
async fn while_one_hangs_others_are_printed_and_the_daemon_ends_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let begun = folder.path().join("begun");
    let text = format!("echo $$ >{0}.new; mv {0}.new {0}; exec sleep 600", begun.display());
    let (_printer, mut shop) = open(Some(&script(folder.path(), &text)));
    let waiting = shop.client().await.unwrap();
    let asked = tokio::spawn(async move { submit_text(&waiting, "smile").await.map(|_| ()) });
    let deadline = Instant::now() + PATIENCE;
    while !begun.is_file() {
        assert!(Instant::now() < deadline, "nobody was asked to draw");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    assert_eq!(outcome(&shop, job).await.state, JobState::Printed);
    assert!(!asked.is_finished());
    let begin = Instant::now();
    assert!(shop.stop().unwrap().success());
    assert!(begin.elapsed() < STOP_MAX, "it took {:?}", begin.elapsed());
    assert!(asked.await.unwrap().is_err());
    let hanging = std::fs::read_to_string(&begun).unwrap();
    drop(std::process::Command::new("kill").arg(hanging.trim()).status());
}

/// What a shop reads of a drawn line elsewhere than on paper is text, not the picture of one.
#[tokio::test]
async fn without_paper_drawn_lines_are_text_again() {
    let (_printer, shop) = open(None);
    let file = shop.path().join("smile.txt");
    std::fs::write(&file, SMILE).unwrap();
    let preview = |arguments: &[&str]| {
        let arguments = [&["preview", file.to_str().unwrap()], arguments].concat();
        let output = shop.receiptctl(&arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let words = "Thank you 😀 ขอบคุณ شكرا";
    let text = String::from_utf8(preview(&["--as", "text"])).unwrap();
    assert!(text.lines().any(|line| line == words) && !text.contains("图片"), "{text}");
    let html = String::from_utf8(preview(&["--as", "html"])).unwrap();
    assert!(html.contains(&format!("alt=\"{words}\"")), "{html}");
    let pdf = shop.path().join("smile.pdf");
    preview(&["--output", pdf.to_str().unwrap()]);
    let read = std::process::Command::new("pdftotext").arg(&pdf).arg("-").output().unwrap();
    let read = String::from_utf8(read.stdout).unwrap();
    for words in ["签购单", "Thank you", "ขอบคุณ", "谢谢惠顾"] {
        assert!(read.contains(words), "{words} is not in {read}");
    }
}

/// The customer at the counter gets it on a screen while the printer has no paper, and it is what the paper will be.
#[tokio::test]
async fn a_job_is_shown_without_paper_while_it_waits_and_after_a_reprint() {
    let (printer, shop) = open(None);
    printer.fault(Fault::PaperEnd);
    let client = shop.client().await.unwrap();
    let job = submit_text(&client, "smile").await.unwrap().jobs[0].0;
    let show = |id: u64, format: &str| {
        let output = shop.receiptctl(&["job", &id.to_string(), "--as", format]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let waiting = String::from_utf8(show(job, "text")).unwrap();
    for words in ["单号 No. 1", "签购单", "Thank you 😀 ขอบคุณ شكرا", "谢谢惠顾"] {
        assert!(waiting.contains(words), "{words} is not in {waiting}");
    }
    assert!(show(job, "pdf").starts_with(b"%PDF") && show(job, "png").starts_with(b"\x89PNG"));
    printer.fault(Fault::LoadPaper { mm: None });
    assert_eq!(outcome(&shop, job).await.state, JobState::Printed);
    let again = client.spooler().reprint(job, "lost", "again").await.unwrap();
    assert_eq!(outcome(&shop, again).await.state, JobState::Printed);
    assert_eq!(String::from_utf8(show(again, "text")).unwrap(), waiting);
    let receipt = client.spooler().get_receipt(again).await.unwrap();
    assert_eq!((receipt.id, receipt.copy.as_str(), receipt.drawn.len()), (job, "single", 1));
    let missing = client.spooler().get_receipt(99).await.unwrap_err();
    assert!(matches!(missing, CallError::Api(ApiError::UnknownJob(_))), "{missing:?}");
}
