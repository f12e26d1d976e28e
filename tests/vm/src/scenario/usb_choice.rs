//! Which printer on USB is meant, and one that somebody else has or that is forbidden.

use std::io;

use receiptd_api::PrinterInfo;
use receiptd_system_tests::PATIENCE;
use receiptd_system_tests::calls::name;
use receiptd_system_tests::paper::prints;

use super::usb::{
    COUNTER, LONG, ONE, REFERENCE, ensure_once, hand_in, outcome, until_printer, until_ready, with_usb,
};
use super::{Plan, ensure};
use crate::terminal::Terminal;
use crate::usb::{Kind, UsbPrinter};

/// A cheap printer without a serial number of its own.
const NAMELESS: Kind =
    Kind { model: "xprinter-xp-s260m", speed: 300, ids: "0416:5011", serial: None, more: "" };

/// Slips for each of two printers.
const EACH: usize = 3;

fn has(reason: &str) -> impl Fn(&PrinterInfo) -> bool {
    move |printer| printer.reasons.iter().any(|r| r == reason)
}

/// `receiptctl printers` names the state and what to do, in these words.
fn ensure_told(terminal: &Terminal, words: &[&str]) -> io::Result<()> {
    let told = terminal.machine.must("receiptctl printers")?;
    let missing = words.iter().find(|word| !told.contains(**word));
    ensure(missing.is_none(), || format!("\"receiptctl printers\" does not say {missing:?}: {told}"))
}

pub(super) fn two_alike(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    let result = with_usb(terminal, ONE, |terminal| {
        let machine = &terminal.machine;
        let from = [machine.paper(0)?.len(), machine.paper(1)?.len()];
        let left = UsbPrinter::start(machine, 0, NAMELESS)?;
        until_ready(terminal, COUNTER)?;
        let right = UsbPrinter::start(machine, 1, NAMELESS)?;
        let ports = [left.port()?, right.port()?];
        // One that is open stays open; nobody takes a printer away because there is another one.
        terminal.machine.must("systemctl restart receiptd")?;
        until_printer(terminal, COUNTER, "ambiguous", has("ambiguous"))?;
        ensure_told(terminal, &["several USB printers", "which one is meant"])?;
        let log = terminal.log()?;
        let named = ports.iter().all(|port| log.contains(&format!("@{port}")));
        ensure(named, || format!("the log does not name the ports {ports:?}: {log}"))?;

        terminal.configure(&format!(
            "[[printer]]\nname = \"left\"\nconnect = \"usb@{}\"\n\
             [[printer]]\nname = \"right\"\nconnect = \"usb:{}@{}\"\n",
            ports[0], NAMELESS.ids, ports[1]
        ))?;
        terminal.fresh()?;
        let mut jobs = Vec::new();
        for name in ["left", "right"] {
            let ready = until_ready(terminal, name)?;
            ensure(ready.endpoint.contains("known by its port"), || {
                format!("nothing tells that it is known by its port: {ready:?}")
            })?;
        }
        for n in 0..2 * EACH {
            jobs.push(hand_in(terminal, ["left", "right"][n % 2], &name(300 + n), LONG)?);
        }
        for job in jobs {
            let job = outcome(terminal, job)?;
            ensure(job.state == receiptd_api::JobState::Printed, || format!("{job:?}"))?;
        }
        for (side, printer) in [&left, &right].into_iter().enumerate() {
            let events = printer.paper().since(from[side]);
            let there: Vec<String> = prints(&events).into_iter().map(|print| print.name).collect();
            let own: Vec<String> = (0..EACH).map(|n| name(300 + 2 * n + side)).collect();
            ensure(there == own, || format!("printer {side} has {there:?} and not {own:?}"))?;
            for slip in own {
                ensure_once(&events, &slip)?;
            }
        }
        Ok(format!(
            "ambiguous, and told so, until the ports {ports:?} are configured; then each has its own slips"
        ))
    });
    // The daemon that runs now has two.
    terminal.usb = None;
    result
}

/// Another program with the same habits: a second daemon with a spool of its own.
const OTHER: &str = "mkdir -p /run/other && \
    printf '[spool]\\ndirectory = \"/run/other/spool\"\\n[api]\\nsocket = \"/run/other/api.sock\"\\nbus = \"none\"\\n\
    [[printer]]\\nname = \"usb\"\\nconnect = \"usb\"\\n' > /run/other/receiptd.toml && \
    systemd-run --quiet --collect --unit=usb-printer-other receiptd -c /run/other/receiptd.toml && \
    timeout 60 sh -c 'until receiptctl --socket /run/other/api.sock printers | grep -q ready; do sleep 0.2; done'";

/// A printer that udev does not give to the daemon.
const FORBID: &str = ": > /etc/udev/rules.d/70-receiptd.rules && udevadm control --reload";

const ALLOW: &str = "rm -f /etc/udev/rules.d/70-receiptd.rules && udevadm control --reload && \
    udevadm trigger --subsystem-match=usb --action=change";

/// A service that may not open USB devices, whoever owns them.
const CLOSE: &str = "mkdir -p /run/systemd/system/receiptd.service.d && \
    printf '[Service]\\nDeviceAllow=\\n' > /run/systemd/system/receiptd.service.d/closed.conf && \
    systemctl daemon-reload";

const OPEN: &str = "rm -rf /run/systemd/system/receiptd.service.d && systemctl daemon-reload";

pub(super) fn not_ours(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    let result = with_usb(terminal, ONE, |terminal| {
        let machine = &terminal.machine;
        machine.must("systemctl stop receiptd")?;
        // Without the rules nothing starts the daemon.
        machine.must(FORBID)?;
        let printer = UsbPrinter::start(machine, 0, REFERENCE)?;
        terminal.start()?;
        until_printer(terminal, COUNTER, "denied", has("denied"))?;
        ensure_told(terminal, &["may not open the printer", "udev rules"])?;
        let job = hand_in(terminal, COUNTER, &name(401), LONG)?;
        let began = std::time::Instant::now();
        machine.must(ALLOW)?;
        until_ready(terminal, COUNTER)?;
        let allowed = began.elapsed();
        let state = outcome(terminal, job)?.state;
        ensure(state == receiptd_api::JobState::Printed, || format!("{state:?}"))?;

        machine.must(&format!("systemctl stop receiptd; {CLOSE}"))?;
        terminal.start()?;
        until_printer(terminal, COUNTER, "denied by the service manager", has("denied"))?;
        ensure_told(terminal, &["may not open the printer", "DeviceAllow="])?;
        machine.must(&format!("systemctl stop receiptd; {OPEN}"))?;

        machine.must(OTHER)?;
        terminal.start()?;
        until_printer(terminal, COUNTER, "busy", has("busy"))?;
        ensure_told(terminal, &["another program uses the printer", "End the other program"])?;
        let job = hand_in(terminal, COUNTER, &name(402), LONG)?;
        let from = printer.paper().len();
        let began = std::time::Instant::now();
        machine.must("systemctl stop usb-printer-other")?;
        printer.wait_for_line(from, &format!("{} BEGIN", name(402)), PATIENCE)?;
        let free = began.elapsed();
        let state = outcome(terminal, job)?.state;
        ensure(state == receiptd_api::JobState::Printed, || format!("{state:?}"))?;
        for slip in [401, 402] {
            ensure_once(&printer.paper().since(0), &name(slip))?;
        }
        Ok(format!(
            "denied and busy are told with what to do; it goes on by itself {:.1} s after it is allowed, {:.1} s \
             after the other program ends",
            allowed.as_secs_f64(),
            free.as_secs_f64()
        ))
    });
    // Whatever happened: the rules are the package's again.
    terminal.machine.must(&format!("{ALLOW}; {OPEN}"))?;
    result
}
