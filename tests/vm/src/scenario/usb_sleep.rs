//! A terminal that sleeps with a printer on USB: all devices are suspended for five seconds and resumed, by the kernel's own test of
//! that (`CONFIG_PM_DEBUG`). The emulated bus loses its printer's configuration in its sleep, as buses without power do.

use std::io;

use receiptd_api::JobState;
use receiptd_system_tests::PATIENCE;
use receiptd_system_tests::calls::{name, slip};

use super::usb::{
    COUNTER, KNOWN, LONG, ONE, REFERENCE, ensure_once, ensure_well, hand_in, hand_in_document, outcome,
    until_ready, with_usb,
};
use super::usb_faults::{SMALL, wide_slip};
use super::{Plan, ensure};
use crate::terminal::Terminal;
use crate::usb::{Kind, UsbPrinter};

/// Sleeps; over when it is awake again.
const SLEEP: &str =
    "echo devices > /sys/power/pm_test && echo freeze > /sys/power/state && echo none > /sys/power/pm_test";

/// The line in which it falls asleep.
const LINE: u64 = 12;

/// Sleeps; returns when the daemon has noticed, with why its session ended, in its own words.
fn sleep_once(terminal: &Terminal) -> io::Result<String> {
    let told = terminal.machine.must(&format!(
        "ends() {{ journalctl -u receiptd -o cat -g 'session .* ended' --no-pager; }}; before=$(ends | wc -l); {SLEEP} && \
         timeout 60 sh -c \"until [ \\$(journalctl -u receiptd -o cat -g 'session .* ended' --no-pager | wc -l) -gt $before ]; \
         do sleep 0.1; done\" && ends | tail -n 1"
    ))?;
    Ok(told.trim().rsplit(' ').next().unwrap_or_default().to_owned())
}

pub(super) fn sleep(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    const ANSWERING: Kind = Kind { more: "--function fs", ..REFERENCE };
    // It has room for a part of its slip; the rest is on its way when the terminal falls asleep.
    const NARROW: Kind = Kind { more: "--function fs", speed: 200, ..SMALL };
    let mut told = Vec::new();
    for (n, kind, by) in
        [(740, REFERENCE, "all of it sent"), (743, ANSWERING, "the same"), (746, NARROW, "a part sent")]
    {
        told.push(with_usb(terminal, if kind.model == SMALL.model { ONE } else { KNOWN }, |terminal| {
            let machine = &terminal.machine;
            let printer = UsbPrinter::start(machine, 0, kind)?;
            until_ready(terminal, COUNTER)?;
            // Idle.
            let idle = sleep_once(terminal)?;
            until_ready(terminal, COUNTER)?;
            let from = printer.paper().len();
            let job = outcome(terminal, hand_in(terminal, COUNTER, &name(n), LONG)?)?;
            ensure(job.state == JobState::Printed, || format!("{job:?}"))?;
            ensure_once(&printer.paper().since(from), &name(n))?;

            // In the middle of a slip.
            let from = printer.paper().len();
            let middle = name(n + 1);
            let document = if kind.model == SMALL.model { wide_slip(&middle) } else { slip(&middle, LONG) };
            let job = hand_in_document(terminal, COUNTER, &middle, &document)?;
            printer.wait_for_line(from, &format!("{middle} line {LINE}"), PATIENCE)?;
            let woken = sleep_once(terminal)?;
            let job = outcome(terminal, job)?;
            // An answer without a name proves nothing once there was another attempt (grade B): that is sent then.
            let over = matches!(job.state, JobState::Printed | JobState::Sent);
            ensure(over, || format!("{job:?}"))?;
            let times = ensure_well(&printer.paper().since(from), &middle)
                .map_err(|why| io::Error::other(format!("{why}; {job:#?}")))?;
            let marked = job.attempts > 1;
            ensure(marked == (times > 1), || format!("{times} times on paper, and {job:#?}"))?;
            let ready = until_ready(terminal, COUNTER)?;
            ensure(ready.online && ready.current_job == 0, || format!("{ready:?}"))?;
            Ok(format!("{by}: idle {idle}, in the middle {woken}, on paper {times} times, {}", job.state))
        })?);
    }
    Ok(told.join("; "))
}
