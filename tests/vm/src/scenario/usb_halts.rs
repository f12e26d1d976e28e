//! Endpoints that halt: a printer's way of saying that something went wrong in its own firmware.

use std::io;

use receiptd_api::PrinterState;
use receiptd_system_tests::calls::name;

use super::usb::{
    COUNTER, KNOWN, REFERENCE, ensure_marked, ensure_once, ensure_proven, ensure_well, hand_in, outcome,
    until_printer, until_ready, with_usb,
};
use super::{Plan, ensure};
use crate::terminal::Terminal;
use crate::usb::{Kind, UsbPrinter};

/// The reference model, with endpoints that this program has in its hand.
const ANSWERING: Kind = Kind { more: "--function fs", ..REFERENCE };

/// Inner lines of a slip of several packets, and of 50 cm.
const LINES: u32 = 130;

/// Bytes of it that are taken before the endpoint halts: some packets, and not all.
const BYTES: u64 = 1500;

impl UsbPrinter<'_> {
    /// Does something to it when so many more bytes have arrived.
    fn at_byte(&self, bytes: u64, fault: &str) -> io::Result<()> {
        let status: serde_json::Value =
            serde_json::from_str(&self.ctl("status")?).map_err(io::Error::other)?;
        let now = status["status"]["bytes"].as_u64().ok_or_else(|| io::Error::other("no count of bytes"))?;
        self.ctl(&format!("when byte={} 'do={fault}'", now + bytes)).map(drop)
    }
}

pub(super) fn halts(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    with_usb(terminal, KNOWN, |terminal| {
        let printer = UsbPrinter::start(&terminal.machine, 0, ANSWERING)?;
        until_ready(terminal, COUNTER)?;

        // Once: cleared, and the slip goes on at its byte.
        for (n, fault) in [(731, "halt_out"), (732, "halt_in")] {
            let from = printer.paper().len();
            printer.at_byte(BYTES, fault)?;
            let job = outcome(terminal, hand_in(terminal, COUNTER, &name(n), LINES)?)?;
            ensure_proven(&job)?;
            ensure(job.attempts == 1, || format!("{fault}: {} attempts", job.attempts))?;
            ensure_once(&printer.paper().since(from), &name(n))?;
            let log = terminal.log()?;
            ensure(log.contains("stalled, for time"), || format!("{fault} was not noticed: {log}"))?;
        }

        // For good, until somebody pulls the cable: what came out of it cannot be known then.
        for (n, fault) in [(733, "halt_out"), (734, "halt_in")] {
            let from = printer.paper().len();
            printer.at_byte(BYTES, &format!("{fault} on"))?;
            let job = hand_in(terminal, COUNTER, &name(n), LINES)?;
            let halted =
                until_printer(terminal, COUNTER, "halted", |p| p.reasons.iter().any(|r| r == "halted"))?;
            ensure(halted.state != PrinterState::Ready, || format!("{halted:?}"))?;
            printer.ctl(&format!("{fault} off"))?;
            printer.ctl("unplug")?;
            until_printer(terminal, COUNTER, "absent", |p| p.state == PrinterState::Absent)?;
            printer.ctl("plug")?;
            ensure_proven(&outcome(terminal, job)?)?;
            let events = printer.paper().since(from);
            match fault {
                "halt_out" => ensure_marked(&events, &name(n))?,
                // It may have had all of the slip by then; only its answer was kept back, and may come late.
                _ => drop(ensure_well(&events, &name(n))?),
            }
        }
        Ok("once: cleared, one attempt, nothing doubled; for good: shown as halted, after the cable was pulled OUT printed \
            again, marked, and IN proven late or printed again, marked"
            .to_owned())
    })
}
