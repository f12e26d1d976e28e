//! `receiptctl printers probe`: what a printer really answers, a page to look at, and the draft of a quirk.
//!
//! The daemon asks and prints; here is its report in words, and the file.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use receiptd_api::{ProbeAnswer, ProbeReport, names};

use crate::client::clean_probe;
use crate::cmd::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::out::Style;
use crate::table::{self, Cell, Tint};
use crate::text::messages as m;
use crate::text::{Text, find, say, words};

/// Which printer, and where the entry goes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The printer [default: the daemon's default printer]
    pub printer: Option<String>,
    /// Write the draft of a quirk entry into this new file; - for standard output, instead of the report
    #[arg(short, long, value_name = "FILE")]
    pub write: Option<PathBuf>,
}

/// Probes.
///
/// # Errors
/// The daemon refused or cannot be reached, there is no such printer, or the file cannot be written.
pub async fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let mut daemon = context.daemon().await?;
    let printers = daemon.printers().await?;
    let wanted = args.printer.as_deref();
    let printer = printers.iter().find(|printer| wanted.is_none_or(|name| printer.name == name));
    let Some(printer) = printer else {
        return Err(Failure::NoPrinter(wanted.unwrap_or_default().to_owned()));
    };
    // Before anything is printed: a file that can't be written should not cost a page.
    let file = match args.write.as_deref().filter(|path| *path != Path::new("-")) {
        Some(path) => Some((path, create(path)?)),
        None => None,
    };
    context.out.hint(&context.out.style.fill(m::PROBING, &[("name", &printer.name)]));
    // Not asked again by itself when the connection breaks: each time prints a page.
    let mut report = match daemon.client().probe(&names::printer_path(&printer.name)).await {
        Ok(report) => report,
        Err(error) => {
            if let Some((path, _)) = file {
                // It is empty, and ours.
                let _ = std::fs::remove_file(path);
            }
            return Err(error.into());
        }
    };
    let entry = std::mem::take(&mut report.entry);
    clean_probe(&mut report);
    if let Some((path, mut file)) = file {
        let failed = |source| Failure::FileWrite { path: path.to_owned(), source };
        file.write_all(entry.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    }
    show(&report, &entry, args, context)?;
    Ok(if report.complete { Exit::Ok } else { Exit::Refused })
}

fn create(path: &Path) -> Result<std::fs::File, Failure> {
    let failed = |source| Failure::FileWrite { path: path.to_owned(), source };
    OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)
}

fn show(report: &ProbeReport, entry: &str, args: &Args, context: &mut Context) -> Result<(), Failure> {
    let style = context.out.style.clone();
    if args.write.as_deref() == Some(Path::new("-")) {
        context.out.writer().write_all(entry.as_bytes()).map_err(Failure::Output)?;
        return context.out.flush();
    }
    if style.json {
        return context.out.json(&json::Probe::new(report, entry));
    }
    context.out.lines(&page(report, &style))?;
    context.out.flush()?;
    match &args.write {
        Some(path) => {
            context.out.hint(&style.fill(m::PROBE_WRITTEN, &[("path", &path.to_string_lossy())]));
        }
        None => context.out.hint(style.say(m::PROBE_NOT_WRITTEN)),
    }
    Ok(())
}

/// The report for people.
pub fn page(report: &ProbeReport, style: &Style) -> Vec<String> {
    let lang = style.lang;
    let mut lines = vec![style.paint(&report.printer, Tint::Bold)];
    let taken = match report.taken_us {
        Some(us) => style.fill(m::PROBE_TAKEN, &[("after", &millis(us))]),
        None => style.say(m::PROBE_NOT_TAKEN).to_owned(),
    };
    let values =
        [("mm", &*report.length_mm.to_string()), ("bytes", &*report.bytes.to_string()), ("taken", &*taken)];
    let text = |value: &Option<String>| Cell::from(value.clone().unwrap_or_default());
    let facts = [
        (style.say(m::L_ENDPOINT), Cell::from(report.endpoint.as_str())),
        (style.say(m::L_MODEL), report.model.as_str().into()),
        (style.say(m::L_SERIAL), report.serial.as_str().into()),
        (style.say(m::L_FIRMWARE), report.firmware.as_str().into()),
        (style.say(m::L_USB_ID), text(&report.usb_id)),
        (style.say(m::L_USB_SERIAL), text(&report.usb_serial)),
        (style.say(m::L_USB_INTERFACE), text(&report.usb_interface)),
        (style.say(m::L_USB_DEVICE_ID), text(&report.usb_device_id)),
        (style.say(m::L_PAGE), style.fill(m::PROBE_PAGE, &values).into()),
        (style.say(m::L_GRADE), say(words::GRADES, lang, &report.grade).into()),
    ];
    lines.extend(table::labelled(&facts, style.color));
    lines.push(String::new());
    let header: Vec<&str> = m::PROBE_HEADER.iter().map(|text| style.say(*text)).collect();
    let rows: Vec<Vec<Cell>> = report.answers.iter().map(|answer| row(answer, style)).collect();
    lines.extend(table::lines(&header, &rows, style.color));
    if let Some(reason) = &report.reason {
        lines.push(String::new());
        let why = words::reason(lang, reason);
        lines.push(style.paint(&style.fill(m::PROBE_ENDED_EARLY, &[("why", &why)]), Tint::Bad));
    } else {
        lines.push(String::new());
        lines.push(style.paint(style.say(m::PROBE_LOOK_TITLE), Tint::Bold));
        let look = [m::PROBE_LOOK_CHINESE, m::PROBE_LOOK_WIDTH, m::PROBE_LOOK_STRAY, m::PROBE_LOOK_CUT];
        lines.extend(look.iter().map(|text| format!("  {}", style.say(*text))));
    }
    lines
}

fn row(answer: &ProbeAnswer, style: &Style) -> Vec<Cell> {
    let lang = style.lang;
    let value = answer.value.clone().unwrap_or_default();
    let value = match (answer.answered, value.is_empty()) {
        (false, true) => Cell::new(style.say(m::PROBE_SILENT), Tint::Dim),
        (true, true) => Cell::from("\"\""),
        (_, false) => Cell::from(value),
    };
    let verdict = answer.verdict.as_deref().unwrap_or_default();
    let tint = if verdict == "too-soon" { Tint::Bad } else { Tint::Plain };
    vec![
        say(words::PROBE_QUESTIONS, lang, &answer.asked).into(),
        say(words::PROBE_MOMENTS, lang, &answer.when).into(),
        value,
        answer.after_us.map(millis).unwrap_or_default().into(),
        Cell::new(find(words::PROBE_VERDICTS, verdict).map_or(verdict, |text: Text| text.get(lang)), tint),
    ]
}

fn millis(us: u64) -> String {
    format!("{}.{} ms", us / 1_000, us % 1_000 / 100)
}
