//! Printers that are another kind of USB device: they only listen, are of a vendor's own class, or say who they are in their own
//! way. The virtual printer answers their class requests itself, by FunctionFS.

use std::io;

use receiptd_api::{CanPrint, Grade, JobInfo, JobState, PrinterState};
use receiptd_system_tests::Reach as _;
use receiptd_system_tests::calls::name;

use super::usb::{
    COUNTER, LONG, MIDDLE, ONE, ensure_once, ensure_proven, hand_in, outcome, until_printer, until_ready,
    with_usb,
};
use super::{Plan, ensure, wait};
use crate::terminal::Terminal;
use crate::usb::{Kind, UsbPrinter};

/// Length of a slip, mm.
const SLIP_MM: u32 = 200;

/// A cheap printer with an OUT endpoint and no other.
const LISTENER: Kind = Kind {
    model: "gsr-only-80",
    speed: 100,
    ids: "0416:5011",
    serial: None,
    more: "--function fs --usb-protocol 1",
};

/// Where a quirk of this terminal stands.
const QUIRKS: &str = "/etc/receiptd/quirks.d/vm.toml";

/// Runs a scenario with a quirk that only this terminal knows.
fn with_quirk(
    terminal: &mut Terminal,
    quirk: &str,
    scenario: impl FnOnce(&mut Terminal) -> io::Result<String>,
) -> io::Result<String> {
    let text = format!("[[quirk]]\nstory = \"seen in this shop\"\nsource = \"its technician\"\n{quirk}");
    terminal.machine.write(QUIRKS, &text)?;
    // The daemon reads it when it starts.
    terminal.usb = None;
    let result = with_usb(terminal, ONE, scenario);
    terminal.usb = None;
    terminal.machine.must(&format!("rm -f {QUIRKS}"))?;
    result
}

fn can_print(terminal: &Terminal) -> io::Result<CanPrint> {
    wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        client.spooler().can_print(COUNTER, SLIP_MM).await.map_err(io::Error::other)
    })?
}

/// The job was handed to the printer, which said nothing of it.
fn ensure_sent(job: &JobInfo, grade: Grade) -> io::Result<()> {
    ensure(job.state == JobState::Sent && job.grade == Some(grade), || format!("not sent({grade}): {job:?}"))
}

pub(super) fn one_way(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    with_usb(terminal, ONE, |terminal| {
        let printer = UsbPrinter::start(&terminal.machine, 0, LISTENER)?;
        let ready = until_ready(terminal, COUNTER)?;
        let from = printer.paper().len();
        let job = outcome(terminal, hand_in(terminal, COUNTER, &name(701), LONG)?)?;
        ensure_sent(&job, Grade::D)?;
        printer.wait_for_line(from, &format!("{} END", name(701)), receiptd_system_tests::PATIENCE)?;
        ensure_once(&printer.paper().since(from), &name(701))?;
        let can = can_print(terminal)?;
        ensure(can.can && can.grade == Some(Grade::D) && can.paper == "unknown", || format!("{can:?}"))?;
        let shown = until_ready(terminal, COUNTER)?;
        ensure(shown.grade == "D", || format!("{shown:?}"))?;
        let log = terminal.log()?;
        ensure(log.contains("one way"), || format!("the log does not say that it only listens: {log}"))?;
        Ok(ready.endpoint)
    })?;

    // The same, and its port status is alive: that is asked on the control pipe.
    const ALIVE: Kind = Kind { more: "--function fs --usb-protocol 1 --port-status live", ..LISTENER };
    with_quirk(terminal, "vendor = 0x0416\nproduct = 0x5011\nport-status = true\n", |terminal| {
        let printer = UsbPrinter::start(&terminal.machine, 0, ALIVE)?;
        until_ready(terminal, COUNTER)?;
        let from = printer.paper().len();
        printer.at_line(MIDDLE, "paper_end")?;
        let job = hand_in(terminal, COUNTER, &name(702), LONG)?;
        let paused = until_printer(terminal, COUNTER, "without paper", |p| p.paper == "out")?;
        ensure(paused.state == PrinterState::Paused, || format!("{paused:?}"))?;
        let can = can_print(terminal)?;
        ensure(!can.can && can.reasons.iter().any(|r| r == "paper-out"), || format!("{can:?}"))?;
        printer.ctl("load_paper 5000")?;
        let job = outcome(terminal, job)?;
        ensure_sent(&job, Grade::C)?;
        printer.wait_for_line(from, &format!("{} END", name(702)), receiptd_system_tests::PATIENCE)?;
        ensure_once(&printer.paper().since(from), &name(702))?;
        let can = can_print(terminal)?;
        ensure(can.can && can.grade == Some(Grade::C), || format!("{can:?}"))?;
        Ok(String::new())
    })?;

    // A quirk that promises more than the printer keeps: it refuses the request.
    const REFUSES: Kind = Kind { more: "--function fs --usb-protocol 1 --port-status stall", ..LISTENER };
    with_quirk(terminal, "vendor = 0x0416\nproduct = 0x5011\nport-status = true\n", |terminal| {
        let printer = UsbPrinter::start(&terminal.machine, 0, REFUSES)?;
        until_ready(terminal, COUNTER)?;
        let from = printer.paper().len();
        let job = outcome(terminal, hand_in(terminal, COUNTER, &name(703), LONG)?)?;
        ensure_sent(&job, Grade::D)?;
        printer.wait_for_line(from, &format!("{} END", name(703)), receiptd_system_tests::PATIENCE)?;
        ensure_once(&printer.paper().since(from), &name(703))?;
        Ok(String::new())
    })?;
    Ok("protocol 01: sent (D), with a port status that is alive sent (C) and paused without paper, with one that is refused \
        sent (D); nothing is called printed"
        .to_owned())
}

/// What an integrator does after a new quirk: udev/README.md.
const MARK: &str = "receiptd --print-hwdb > /etc/udev/hwdb.d/70-receiptd.hwdb && systemd-hwdb update && \
    udevadm control --reload";

const UNMARK: &str =
    "rm -f /etc/udev/hwdb.d/70-receiptd.hwdb && systemd-hwdb update && udevadm control --reload";

pub(super) fn vendor_class(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    const VENDORS: Kind = Kind {
        model: "epson-tm-t88vi",
        speed: 100,
        ids: "1d6b:7777",
        serial: None,
        more: "--function fs --usb-class 255",
    };
    // Of vendor class may be anything, so it is left alone.
    with_usb(terminal, ONE, |terminal| {
        let printer = UsbPrinter::start(&terminal.machine, 0, VENDORS)?;
        printer.port()?;
        terminal.machine.must("udevadm settle")?;
        until_printer(terminal, COUNTER, "absent", |p| p.state == PrinterState::Absent)?;
        Ok(String::new())
    })?;
    let quirk = "vendor = 0x1d6b\nproduct = 0x7777\nname = \"Shop's own\"\nvendor-class = true\n";
    let told = with_quirk(terminal, quirk, |terminal| {
        terminal.machine.must(MARK)?;
        let printer = UsbPrinter::start(&terminal.machine, 0, VENDORS)?;
        let ready = until_ready(terminal, COUNTER)?;
        let from = printer.paper().len();
        let job = outcome(terminal, hand_in(terminal, COUNTER, &name(711), LONG)?)?;
        ensure_proven(&job)?;
        ensure_once(&printer.paper().since(from), &name(711))?;
        Ok(format!(
            "left alone without a quirk; with one {} by {}",
            job.grade.unwrap_or_default(),
            ready.endpoint
        ))
    });
    terminal.machine.must(UNMARK)?;
    told
}

/// One printer, four answers to the question who it is. Its USB descriptors call it by another name.
pub(super) fn device_ids(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    macro_rules! answering {
        ($length:literal) => {
            Kind {
                model: "epson-tm-t88vi",
                speed: 400,
                ids: "0416:5011",
                serial: None,
                more: concat!(
                    "--function fs --device-id 'MFG:Kasse;CMD:ESC/POS;MDL:RP-80;' --device-id-length ",
                    $length
                ),
            }
        };
    }
    const KINDS: [(&str, Kind, &str); 4] = [
        ("high byte first", answering!("big"), "Kasse RP-80"),
        ("low byte first", answering!("little"), "Kasse RP-80"),
        ("without itself", answering!("short"), "Kasse RP-80"),
        // The name of the built-in quirk stands in.
        ("refused", answering!("stall"), "POS-58, POS-8360 class (Zjiang)"),
    ];
    with_usb(terminal, ONE, |terminal| {
        for (n, (length, kind, expected)) in KINDS.into_iter().enumerate() {
            // usblp asks first and keeps what it understood; without it the daemon asks itself.
            for (by, module) in [(0, "modprobe usblp"), (1, "rmmod usblp")] {
                terminal.machine.must(module)?;
                let printer = UsbPrinter::start(&terminal.machine, 0, kind)?;
                let ready = until_ready(terminal, COUNTER)?;
                ensure(ready.endpoint.contains(&format!("({expected}, known by its port)")), || {
                    format!("with the length {length}, {module}: {ready:?}")
                })?;
                let n = 721 + 2 * n + by;
                let from = printer.paper().len();
                let job = outcome(terminal, hand_in(terminal, COUNTER, &name(n), LONG)?)?;
                ensure_proven(&job)?;
                ensure_once(&printer.paper().since(from), &name(n))?;
                printer.stop()?;
                until_printer(terminal, COUNTER, "absent", |p| p.state == PrinterState::Absent)?;
            }
        }
        terminal.machine.must("modprobe usblp")?;
        Ok("the same printer whichever way its length is told, asked by usblp and by the daemon; refused, it is called by \
            its quirk; each prints"
            .to_owned())
    })
}
