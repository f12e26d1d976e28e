//! What befalls a printer on USB in the middle of a slip: paper, cover, cutter, power; a printer that takes nothing.

use std::io;
use std::time::Duration;

use receiptd_api::PrinterState;
use receiptd_system_tests::Reach as _;
use receiptd_system_tests::app::App;
use receiptd_system_tests::calls::{name, story};

use super::usb::{
    COUNTER, KNOWN, LONG, MIDDLE, ONE, REFERENCE, ensure_marked, ensure_once, ensure_proven, hand_in,
    hand_in_document, outcome, until_printer, until_ready, with_usb,
};
use super::{Plan, ensure, wait};
use crate::terminal::Terminal;
use crate::usb::{self, Kind, UsbPrinter};

/// Power cuts of terminal and printer together.
const CUTS: usize = 2;

/// Slips handed in before each.
const BURST: usize = 4;

/// The longest that a stop may take, ms.
const STOP_MAX_MS: u64 = 5_000;

pub(super) fn blocked(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    with_usb(terminal, KNOWN, |terminal| {
        let printer = UsbPrinter::start(&terminal.machine, 0, REFERENCE)?;
        until_ready(terminal, COUNTER)?;
        for (n, (fault, cure, reason)) in [
            ("paper_end", "load_paper 5000", "paper-out"),
            ("cover_open", "cover_close", "cover-open"),
            ("cutter_jam", "cutter_clear", "cutter"),
        ]
        .into_iter()
        .enumerate()
        {
            let from = printer.paper().len();
            let n = 501 + n;
            printer.at_line(MIDDLE, fault)?;
            let job = hand_in(terminal, COUNTER, &name(n), LONG)?;
            let paused = until_printer(terminal, COUNTER, "paused", |p| p.state == PrinterState::Paused)?;
            ensure(paused.reasons.iter().any(|r| r.contains(reason)), || format!("{paused:?}"))?;
            let told = terminal.machine.must("receiptctl printers")?;
            ensure(told.contains("stopped: "), || format!("\"receiptctl printers\" says {told}"))?;
            printer.ctl(cure)?;
            let job = outcome(terminal, job)?;
            ensure_proven(&job)?;
            let told = story(&job);
            ensure(told.contains(&"resumed"), || format!("{told:?}"))?;
            ensure(job.attempts == 1, || format!("{} attempts", job.attempts))?;
            ensure_once(&printer.paper().since(from), &name(n))?;
        }
        Ok("paper, cover and cutter: paused, shown, resumed; each slip came out once, proven".to_owned())
    })
}

pub(super) fn power(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    with_usb(terminal, KNOWN, |terminal| {
        // The printer alone.
        let printer = UsbPrinter::start(&terminal.machine, 0, REFERENCE)?;
        until_ready(terminal, COUNTER)?;
        let from = printer.paper().len();
        printer.at_line(MIDDLE, "power_off")?;
        let job = hand_in(terminal, COUNTER, &name(9001), LONG)?;
        until_printer(terminal, COUNTER, "absent", |p| p.state == PrinterState::Absent)?;
        printer.ctl("power_on")?;
        ensure_proven(&outcome(terminal, job)?)?;
        ensure_marked(&printer.paper().since(from), &name(9001))?;
        drop(printer);

        // Terminal and printer at the same time.
        let paper = terminal.machine.paper(0)?.clone();
        terminal.fresh()?;
        let mut app = App::default();
        for cut in 1..=CUTS {
            until_ready(terminal, COUNTER)?;
            let from = paper.len();
            let lines = 1 + terminal.dice.below(10);
            wait(async {
                let client = terminal.client().await.map_err(io::Error::other)?;
                app.hand_in(&client, BURST).await;
                Ok::<_, io::Error>(())
            })??;
            let after = format!(" line {lines}");
            let is = |event: &virtual_printer::Event| matches!(&event.what, virtual_printer::What::Line { text, .. } if text.trim_end().ends_with(&after));
            // Of the slips that are handed in now, one comes to that line, unless it is too short.
            let _ = paper.wait_for(from, is, Duration::from_secs(10));
            let gone = terminal.machine.cut_power(&mut terminal.dice)?;
            println!(
                "cut {cut}: {} of {} unflushed sectors lost, {} acknowledged so far",
                gone.lost,
                gone.unflushed,
                app.acknowledged.len()
            );
            terminal.machine.boot()?;
            usb::prepare(&terminal.machine)?;
            UsbPrinter::start(&terminal.machine, 0, REFERENCE)?;
        }
        terminal.start()?;
        let figures = wait(async {
            let client = terminal.client().await.map_err(io::Error::other)?;
            app.hand_in(&client, 0).await;
            let jobs = app.settle(terminal).await;
            Ok::<_, io::Error>(app.verify(&jobs, &client, &paper).await)
        })??;
        Ok(format!("the printer alone: printed again, marked; {CUTS} cuts with the terminal: {figures}"))
    })
}

/// A printer with 4 KB of memory that answers in order and no more.
pub(super) const SMALL: Kind =
    Kind { model: "gsr-only-80", speed: 400, ids: "0416:5011", serial: None, more: "" };

/// More than printer and gadget (8 KB) have room for, in lines of 48 columns.
pub(super) fn wide_slip(name: &str) -> String {
    const LINES: u32 = 500;
    let inner = (1..=LINES).map(|n| format!("{name} line {n} {}", ".".repeat(30)));
    let all = std::iter::once(format!("{name} BEGIN")).chain(inner).chain([format!("{name} END of {LINES}")]);
    let all: Vec<String> = all.map(|text| format!(r#"{{"text":{{"text":"{text}"}}}}"#)).collect();
    format!(r#"{{"version":1,"title":"{name}","lines":[{}]}}"#, all.join(","))
}

pub(super) fn takes_nothing(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    with_usb(terminal, ONE, |terminal| {
        let machine = &terminal.machine;
        let printer = UsbPrinter::start(machine, 0, SMALL)?;
        until_ready(terminal, COUNTER)?;
        let block = |n: usize| -> io::Result<(usize, u64)> {
            let from = printer.paper().len();
            printer.at_line(MIDDLE, "paper_end")?;
            let job = hand_in_document(terminal, COUNTER, &name(n), &wide_slip(&name(n)))?;
            // It is heard although it takes nothing.
            until_printer(terminal, COUNTER, "paused", |p| p.state == PrinterState::Paused)?;
            Ok((from, job))
        };

        let (from, job) = block(601)?;
        printer.ctl("unplug")?;
        until_printer(terminal, COUNTER, "absent", |p| p.state == PrinterState::Absent)?;
        printer.ctl("load_paper")?;
        printer.ctl("plug")?;
        let job = outcome(terminal, job)?;
        ensure_marked(&printer.paper().since(from), &name(601))
            .map_err(|why| io::Error::other(format!("{why}; {job:?}")))?;

        let (from, job) = block(602)?;
        // From the signal to the process's end, as the service manager saw it.
        let took = machine.must(
            "systemctl stop receiptd; at() { systemctl show receiptd -P $1; }; \
             echo $((($(at ExecMainExitTimestampMonotonic) - $(at ActiveExitTimestampMonotonic)) / 1000))",
        )?;
        let result = terminal.unit("Result")?;
        ensure(result == "success", || format!("the stop ended with {result}"))?;
        let took: u64 = took.trim().parse().map_err(io::Error::other)?;
        ensure(took <= STOP_MAX_MS, || format!("the stop took {took} ms"))?;
        terminal.start()?;
        printer.ctl("load_paper")?;
        let job = outcome(terminal, job)?;
        ensure_marked(&printer.paper().since(from), &name(602))
            .map_err(|why| io::Error::other(format!("{why}; {job:?}")))?;
        Ok(format!("unplugged: printed again, marked; stopped in {took} ms: the same"))
    })
}
