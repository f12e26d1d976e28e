//! `receiptctl printers probe`: what printers of each class really answer, the page, the quirk, and that no job minds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::process::{Child, Stdio};

use receiptd_api::{JobState, PrinterState};
use receiptd_system_tests::calls::{LONG, PrinterWatch, SHORT, outcome, submit};
use receiptd_system_tests::paper::prints;
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, printer_of, quick_printer, slow_printer};
use serde_json::Value;
use virtual_printer::{Fault, Handle, VirtualPrinter, What};

/// Runs the command; its exit code, what it printed, what it told besides.
fn run(shop: &Shop, arguments: &[&str]) -> (i32, String, String) {
    let output = shop.receiptctl(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// Waits until the daemon is through with getting to know the printer.
async fn ready(shop: &Shop) {
    let mut watch = PrinterWatch::begin(shop).await;
    let client = shop.client().await.unwrap();
    while client.printers().await.unwrap()[0].state != PrinterState::Ready {
        watch.until(|name, _| name == "State").await;
    }
}

/// The text lines that came off the head.
fn lines(printer: &Handle) -> Vec<String> {
    let text = |what| if let What::Line { text, .. } = what { Some(text) } else { None };
    printer.events().into_iter().filter_map(|event| text(event.what)).collect()
}

fn answer<'a>(report: &'a Value, when: &str, asked: &str) -> &'a Value {
    let answers = report["answers"].as_array().unwrap();
    let found = answers.iter().find(|a| a["when"] == when && a["asked"] == asked);
    found.unwrap_or_else(|| panic!("{asked} was not asked {when}: {report:#}"))
}

/// Each class of printers: its grade, and the verdict on what it says behind the page.
#[tokio::test]
async fn each_class_of_printers_is_known_by_what_it_answers() {
    let honest = Some("believable");
    for (model, grade, in_order, echo) in [
        ("epson-tm-t88vi", "A+", honest, honest),
        ("xprinter-xp-s260m", "A", honest, honest),
        ("gsr-only-80", "B", honest, None),
        ("zj-58-mute", "D", None, None),
        ("liar-80", "C", Some("too-soon"), Some("too-soon")),
    ] {
        let printer = VirtualPrinter::start(printer_of(model, 300.0).unwrap()).unwrap();
        let entry = PrinterEntry::new("counter", printer.addr());
        let entry = if model.contains("58") { entry.with("paper = \"58mm\"") } else { entry };
        let mut shop = Shop::new(&[entry], "").unwrap();
        shop.start().unwrap();
        ready(&shop).await;
        let (code, out, err) = run(&shop, &["printers", "probe", "--json"]);
        assert_eq!(code, 0, "{model}: {out}{err}");
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            (report["type"].as_str(), report["grade"].as_str()),
            (Some("probe"), Some(grade)),
            "{model}"
        );
        let mute = grade == "D";
        assert_eq!(answer(&report, "idle", "dle-eot")["answered"], Value::Bool(!mute), "{model}");
        for (asked, verdict) in [("gs-r", in_order), ("gs-h-48", echo)] {
            assert_eq!(answer(&report, "idle", asked)["answered"], Value::Bool(verdict.is_some()), "{model}");
            if let Some(verdict) = verdict {
                let found = answer(&report, "page", asked);
                assert_eq!(found["verdict"].as_str(), Some(verdict), "{model}: {found}");
            }
        }
        // What it learned is what the printer is known for.
        let (_, out, _) = run(&shop, &["printers", "--json"]);
        let known: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(known["grade"].as_str(), Some(grade), "{model}");
        printer.wait_for(|s| s.idle, PATIENCE).unwrap();
        let printed = lines(&printer).join("\n");
        assert!(printed.contains("检测页 PROBE PAGE") && printed.contains("壹贰叁"), "{model}: {printed}");
        assert!(printed.contains("not a receipt"), "{model}: {printed}");
        // Nothing of it is a job.
        let (_, out, _) = run(&shop, &["jobs", "--all", "--json"]);
        assert_eq!(out, "", "{model}");
    }
}

/// The entry is read by the daemon itself, from its local folder.
#[tokio::test]
async fn the_entry_that_it_writes_is_one_that_the_daemon_reads() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let section = format!("[usb]\nquirks-directory = \"{}\"", folder.path().display());
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], &section).unwrap();
    shop.start().unwrap();
    ready(&shop).await;
    let file = folder.path().join("50-counter.toml");
    let path = file.to_str().unwrap();
    let (code, out, err) = run(&shop, &["printers", "probe", "counter", "--write", path]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("believable") && out.contains("EPSON TM-T88VI"), "{out}");
    assert!(err.contains("TODO"), "{err}");
    let entry = std::fs::read_to_string(&file).unwrap();
    let line =
        |key: &str| entry.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{entry}"));
    assert!(line("story = ").contains("GS ( H 48") && line("story = ").contains("grade A+"), "{entry}");
    assert!(line("story = ").contains("TODO") && line("source = ").contains("TODO"), "{entry}");
    assert_eq!(line("name = "), "name = \"EPSON TM-T88VI\"");
    assert!(!entry.contains("VP00000001"), "the serial number is nobody's business: {entry}");
    let check = || {
        shop.program("receiptd").arg("--check-config").arg("--config").arg(shop.config()).output().unwrap()
    };
    let checked = check();
    assert!(checked.status.success(), "{checked:?}");
    // It is this file that is read.
    std::fs::write(folder.path().join("60-wrong.toml"), entry.replace("vendor = ", "vender = ")).unwrap();
    assert!(!check().status.success());
    std::fs::remove_file(folder.path().join("60-wrong.toml")).unwrap();
    shop.kill().unwrap();
    shop.start().unwrap();
    ready(&shop).await;
    // A file that is there is not overwritten, and costs no page.
    let before = std::fs::read(&file).unwrap();
    let pages = lines(&printer).len();
    let (code, _, err) = run(&shop, &["printers", "probe", "--write", path]);
    assert_eq!(code, 2, "{err}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    assert_eq!(lines(&printer).len(), pages);
    let (code, out, err) = run(&shop, &["--lang", "zh", "printers", "probe", "--write", "-"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("[[quirk]]") && !out.contains("检测页"), "{out}");
}

/// A shop whose printer takes its time, ready.
async fn slow_shop() -> (Shop, Handle) {
    let printer = VirtualPrinter::start(slow_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    ready(&shop).await;
    (shop, printer)
}

/// Begins a probe; it goes on meanwhile.
fn begin_probe(shop: &Shop) -> Child {
    let mut probe = shop.receiptctl(&["printers", "probe", "--json"]);
    probe.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// A receipt that comes while the printer is probed is printed behind the page, unmarked, once.
#[tokio::test]
async fn a_receipt_that_comes_meanwhile_waits_for_the_end_of_the_page() {
    let (shop, printer) = slow_shop().await;
    let probe = begin_probe(&shop);
    // The page has begun.
    printer.wait_for(|s| s.lines > 0, PATIENCE).unwrap();
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.attempts, job.duplicate), (JobState::Printed, 1, 0));
    let output = probe.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let printed = lines(&printer);
    let first_of_slip = printed.iter().position(|line| line.contains("S0001 BEGIN")).unwrap();
    let last_of_page = printed.iter().rposition(|line| line.contains("Below: a cut")).unwrap();
    assert!(last_of_page < first_of_slip, "{printed:#?}");
    assert!(prints(&printer.events()).iter().all(|print| print.complete && print.mark.is_none()));
}

#[tokio::test]
async fn it_is_refused_while_a_receipt_is_printed_and_where_nothing_can_be_printed() {
    let (shop, printer) = slow_shop().await;
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", LONG).await.unwrap();
    printer.wait_for(|s| s.lines > 0, PATIENCE).unwrap();
    let (code, _, err) = run(&shop, &["printers", "probe"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("PrinterNotReady") && err.contains(&format!("job {job}")), "{err}");
    assert_eq!(outcome(&shop, job).await.attempts, 1);
    let mut watch = PrinterWatch::begin(&shop).await;
    printer.fault(Fault::PaperEnd);
    watch.until(|name, value| name == "Paper" && value.contains("out")).await;
    let (code, _, err) = run(&shop, &["printers", "probe"]);
    assert_eq!(code, 1);
    assert!(err.contains("paper-out"), "{err}");
    let (code, _, err) = run(&shop, &["printers", "probe", "elsewhere"]);
    assert_eq!(code, 1);
    assert!(err.contains("elsewhere"), "{err}");
}

/// The paper ends in the middle of the page: the caller is told, and the next receipt is whole and unmarked.
#[tokio::test]
async fn paper_that_ends_in_the_middle_of_the_page_ends_the_probe_and_harms_no_receipt() {
    let (shop, printer) = slow_shop().await;
    let probe = begin_probe(&shop);
    printer.wait_for(|s| s.lines > 2, PATIENCE).unwrap();
    printer.fault(Fault::PaperEnd);
    let output = probe.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    assert_eq!((output.status.code(), report["reason"].as_str()), (Some(1), Some("paper-out")));
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    printer.fault(Fault::LoadPaper { mm: None });
    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.attempts, job.duplicate), (JobState::Printed, 1, 0));
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let slips = prints(&printer.events());
    assert!(slips.len() == 1 && slips[0].complete && slips[0].mark.is_none(), "{slips:#?}");
}
