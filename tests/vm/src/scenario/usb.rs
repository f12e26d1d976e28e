//! A printer on USB: plugged in, printed on, pulled out. And what all scenarios of USB stand on.

use std::io;
use std::time::Instant;

use receiptd_api::{Grade, JobInfo, JobState, PrinterInfo, PrinterState, SubmitOptions};
use receiptd_system_tests::calls::{self, PrinterWatch, name, slip, story, submit_as};
use receiptd_system_tests::paper::{Print, prints};
use receiptd_system_tests::{PATIENCE, Reach as _};
use virtual_printer::{Event, What};

use super::{Plan, ensure, wait};
use crate::terminal::Terminal;
use crate::usb::{self, Kind, UsbPrinter};

/// The name of the only printer on USB.
pub(super) const COUNTER: &str = "usb";

/// One printer, whichever is plugged in.
pub(super) const ONE: &str = "[[printer]]\nname = \"usb\"\nconnect = \"usb\"\n";

/// The same, with evidence that is vouched for: what befalls a slip is looked at, and a guest that is short of time must not
/// find out less than there is.
pub(super) const KNOWN: &str = "[[printer]]\nname = \"usb\"\nconnect = \"usb\"\nevidence = \"A+\"\n";

/// The reference model, slow enough that something can happen in the middle of a slip: 10 cm take a second.
pub(super) const REFERENCE: Kind =
    Kind { model: "epson-tm-t88vi", speed: 100, ids: "04b8:0e28", serial: Some("VP0001"), more: "" };

/// Inner lines of a slip of 23 cm.
pub(super) const LONG: u32 = 60;

/// How many lines of a slip come out before something happens: late enough that the printer has all of it by then.
pub(super) const MIDDLE: u64 = 45;

/// Runs a scenario of USB with these sections in the configuration and no printer plugged in. A start of the daemon is the
/// longest part of all that is done here, so it is used on as long as it has these sections; slips have names of their own
/// in each scenario.
pub(super) fn with_usb(
    terminal: &mut Terminal,
    sections: &str,
    scenario: impl FnOnce(&mut Terminal) -> io::Result<String>,
) -> io::Result<String> {
    usb::prepare(&terminal.machine)?;
    let now = (sections.to_owned(), terminal.unit("MainPID")?);
    // For whatever starts in the scenario as well.
    terminal.configure(sections)?;
    if terminal.usb.take() != Some(now) {
        terminal.fresh()?;
    }
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scenario(terminal)));
    usb::put_away(&terminal.machine)?;
    // Other scenarios start the daemon by themselves, and find the configuration that they know.
    terminal.configure("")?;
    let told = result.unwrap_or_else(|_| Err(io::Error::other("see the panic above")))?;
    terminal.usb = Some((sections.to_owned(), terminal.unit("MainPID")?));
    Ok(told)
}

/// Waits until the printer is as wanted; what it is then.
pub(super) fn until_printer(
    terminal: &Terminal,
    name: &str,
    what: &str,
    wanted: impl Fn(&PrinterInfo) -> bool,
) -> io::Result<PrinterInfo> {
    wait(async {
        let mut watch = PrinterWatch::begin(terminal).await;
        let client = terminal.client().await.map_err(io::Error::other)?;
        let mut last = None;
        let look = async {
            loop {
                let printers = client.printers().await.map_err(io::Error::other)?;
                let printer = printers.into_iter().find(|p| p.name == name);
                let printer = printer.ok_or_else(|| io::Error::other(format!("no printer {name}")))?;
                if wanted(&printer) {
                    return Ok(printer);
                }
                last = Some(printer);
                watch.until(|_, _| true).await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, look).await;
        found.unwrap_or_else(|_| {
            Err(io::Error::other(format!("waited for {name} to be {what}; it is {last:?}")))
        })
    })?
}

pub(super) fn until_ready(terminal: &Terminal, name: &str) -> io::Result<PrinterInfo> {
    until_printer(terminal, name, "ready", |p| p.state == PrinterState::Ready)
}

/// Hands a slip of so many inner lines in.
pub(super) fn hand_in(terminal: &Terminal, printer: &str, slip_name: &str, lines: u32) -> io::Result<u64> {
    hand_in_document(terminal, printer, slip_name, &slip(slip_name, lines))
}

pub(super) fn hand_in_document(
    terminal: &Terminal,
    printer: &str,
    key: &str,
    document: &str,
) -> io::Result<u64> {
    wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        let done = submit_as(&client, key, printer, document, &SubmitOptions::default()).await;
        Ok(done.map_err(io::Error::other)?.jobs[0].0)
    })?
}

/// Waits for the outcome of a job.
pub(super) fn outcome(terminal: &Terminal, job: u64) -> io::Result<JobInfo> {
    wait(calls::outcome(terminal, job))
}

/// The job is printed, with a grade that an echo of its ids gives.
pub(super) fn ensure_proven(job: &JobInfo) -> io::Result<()> {
    let graded = matches!(job.grade, Some(Grade::A | Grade::APlus));
    ensure(job.state == JobState::Printed && graded, || format!("not proven: {job:?}"))
}

/// A slip came out whole, once, unmarked, and nothing else of it.
pub(super) fn ensure_once(events: &[Event], slip_name: &str) -> io::Result<()> {
    let prints = prints_of(events, slip_name);
    let once = matches!(&prints[..], [print] if print.complete && print.mark.is_none());
    ensure(once, || format!("{slip_name} came out as {prints:?}"))
}

/// A slip came out again, whole and marked, after a first time that was not marked.
pub(super) fn ensure_marked(events: &[Event], slip_name: &str) -> io::Result<()> {
    let prints = prints_of(events, slip_name);
    let marked = |print: &Print| print.mark.as_ref().map_or(1, |mark| mark.number);
    let well = match &prints[..] {
        // Of the first nothing but the mark's absence need be there.
        [first, second] => first.mark.is_none() && second.complete && marked(second) == 2,
        _ => false,
    };
    ensure(well, || format!("{slip_name} came out as {prints:?}"))
}

/// A slip came out whole: once and not marked, or again and marked.
pub(super) fn ensure_well(events: &[Event], slip_name: &str) -> io::Result<usize> {
    match prints_of(events, slip_name).len() {
        1 => ensure_once(events, slip_name).map(|()| 1),
        n => ensure_marked(events, slip_name).map(|()| n),
    }
}

pub(super) fn prints_of(events: &[Event], slip_name: &str) -> Vec<Print> {
    prints(events).into_iter().filter(|print| print.name == slip_name).collect()
}

/// Waits until the virtual printer has put everything that it has on paper, and cut so often since.
pub(super) fn until_cut(printer: &UsbPrinter<'_>, first: usize) -> io::Result<()> {
    printer.paper().wait_for(first, |event| matches!(event.what, What::Cut { .. }), PATIENCE)
}

pub(super) fn plug(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    with_usb(terminal, ONE, |terminal| {
        let machine = &terminal.machine;
        until_printer(terminal, COUNTER, "absent", |p| p.state == PrinterState::Absent)?;
        let seen = "dmesg | grep -c 'usblp.*USB Bidirectional printer' || true";
        let before = machine.must(seen)?;
        machine.must("systemctl stop receiptd")?;
        // The udev rule starts the daemon; usblp has the printer before that.
        let printer = UsbPrinter::start(machine, 0, REFERENCE)?;
        machine.must("timeout 60 sh -c 'until systemctl is-active -q receiptd; do sleep 0.1; done'")?;
        ensure(machine.must(seen)? != before, || "usblp did not have it first".to_owned())?;
        let ready = until_ready(terminal, COUNTER)?;
        let job = outcome(terminal, hand_in(terminal, COUNTER, &name(101), LONG)?)?;
        ensure_proven(&job)?;
        ensure_once(&printer.paper().since(0), &name(101))?;
        let driver = printer.driver()?;
        ensure(driver == "usbfs", || format!("the printer is {driver}'s in the middle of a session"))?;

        // Pulled out and put in again while nothing is printed.
        let began = Instant::now();
        printer.ctl("unplug")?;
        until_printer(terminal, COUNTER, "absent", |p| p.state == PrinterState::Absent)?;
        let absent = began.elapsed();
        let began = Instant::now();
        printer.ctl("plug")?;
        until_ready(terminal, COUNTER)?;
        let plugged = began.elapsed();
        let again = outcome(terminal, hand_in(terminal, COUNTER, &name(102), LONG)?)?;
        ensure_proven(&again)?;
        ensure_once(&printer.paper().since(0), &name(102))?;

        machine.must("systemctl stop receiptd")?;
        let driver = printer.driver()?;
        ensure(driver == "usblp", || format!("the printer is {driver}'s after the daemon's end"))?;
        terminal.start()?;
        Ok(format!(
            "{} by {}; taken from usblp and given back; unplugging shown after {:.1} s, ready {:.1} s after plugging in",
            job.grade.unwrap_or_default(),
            ready.endpoint,
            absent.as_secs_f64(),
            plugged.as_secs_f64()
        ))
    })
}

pub(super) fn cable(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    with_usb(terminal, KNOWN, |terminal| {
        let printer = UsbPrinter::start(&terminal.machine, 0, REFERENCE)?;
        until_ready(terminal, COUNTER)?;

        let from = printer.paper().len();
        printer.at_line(MIDDLE, "unplug")?;
        let job = hand_in(terminal, COUNTER, &name(202), LONG)?;
        // It has all of it, and goes on.
        until_cut(&printer, from)?;
        until_printer(terminal, COUNTER, "absent", |p| p.state == PrinterState::Absent)?;
        printer.ctl("plug")?;
        let job = outcome(terminal, job)?;
        ensure_proven(&job)?;
        ensure(story(&job).contains(&"late-proof"), || format!("{job:#?}"))?;
        let next = outcome(terminal, hand_in(terminal, COUNTER, &name(203), LONG)?)?;
        ensure_proven(&next)?;
        for slip in [202, 203] {
            ensure_once(&printer.paper().since(from), &name(slip))?;
        }

        // The same, and its answer is lost on the way.
        let from = printer.paper().len();
        printer.at_line(MIDDLE, "unplug")?;
        printer.at_line(MIDDLE, "mute on")?;
        let job = hand_in(terminal, COUNTER, &name(204), LONG)?;
        until_cut(&printer, from)?;
        until_printer(terminal, COUNTER, "absent", |p| p.state == PrinterState::Absent)?;
        printer.ctl("mute off")?;
        printer.ctl("plug")?;
        let job = outcome(terminal, job)?;
        ensure_proven(&job)?;
        ensure_marked(&printer.paper().since(from), &name(204))?;
        Ok("in the middle of a slip: proven by a late id, nothing doubled; without the id printed again, marked".to_owned())
    })
}
