//! A Java app that hosts the daemon in its own process, with a printer on USB that it opens itself: the road of a terminal
//! whose maker has installed nothing. The unit is masked, as if it were not there.

use std::io;
use std::time::Duration;

use receiptd_system_tests::calls::{name, slip};

use super::usb::{LONG, REFERENCE, ensure_marked, prints_of};
use super::{Plan, ensure};
use crate::machine::{COMMAND_MAX, Machine};
use crate::terminal::Terminal;
use crate::usb::{self, Kind, UsbPrinter};

/// Where the runtime, the classes and the library are in the machine.
const JAVA: &str = "/opt/java";

/// A slow printer: what befalls a slip here is done by commands that take seconds on a loaded machine. A slip takes 11 s.
const SLOW: Kind = Kind { speed: 20, ..REFERENCE };

/// Lines after which something happens: most of the slip is still to come.
const EARLY: u64 = 15;

/// The longest wait for a virtual machine in a virtual machine to start and to print some lines.
const JVM_PATIENCE: Duration = Duration::from_secs(240);

/// The same for what a command in the machine waits for: it has to say what it saw before its own time is up.
const COMMAND_PATIENCE: Duration = COMMAND_MAX.saturating_sub(Duration::from_secs(30));

pub(super) fn in_process(terminal: &mut Terminal, plan: &Plan) -> io::Result<String> {
    let java = plan.java.as_ref().ok_or_else(|| {
        io::Error::other(
            "no Java is given (--java FOLDER): make system-test does, by jni-bindings/java-runtime",
        )
    })?;
    terminal.usb = None;
    usb::prepare(&terminal.machine)?;
    let machine = &terminal.machine;
    machine.must("systemctl stop receiptd && systemctl mask --quiet receiptd")?;
    machine.put(&[java.join("java.tar.gz")], JAVA)?;
    machine.must(&format!("cd {JAVA} && tar -xzf java.tar.gz && rm java.tar.gz"))?;
    for number in [301, 302, 303] {
        machine.write(&format!("{JAVA}/{}.json", name(number)), &slip(&name(number), LONG))?;
    }
    machine.must("sync")?;
    let told = stories(terminal);
    let machine = &terminal.machine;
    usb::put_away(machine)?;
    machine.must(&format!(
        "systemctl stop counter 2>/dev/null; rm -rf {JAVA} && systemctl unmask --quiet receiptd"
    ))?;
    terminal.fresh()?;
    told
}

fn stories(terminal: &mut Terminal) -> io::Result<String> {
    // The power fails in the middle of a slip: of the terminal and of the printer, which hangs on it.
    let printer = UsbPrinter::start(&terminal.machine, 0, SLOW)?;
    let from = printer.paper().len();
    let paper = printer.paper().clone();
    begin(&printer, &terminal.machine, 301)?;
    until_middle(&printer, from)?;
    terminal.machine.cut_power(&mut terminal.dice)?;
    terminal.machine.switch_on()?;
    terminal.machine.wait_until_up()?;
    usb::prepare(&terminal.machine)?;
    let printer = UsbPrinter::start(&terminal.machine, 0, SLOW)?;
    let after_power = settle(&printer, &terminal.machine)?;
    ensure(after_power.contains(&format!("{} uncertain", name(301))), || {
        format!("the next start did not find it uncertain: {after_power}")
    })?;
    // The counters rise a moment later.
    let again =
        ["printed A attempts 2", "printed A_PLUS attempts 2"].iter().any(|end| after_power.contains(end));
    ensure(again, || format!("not printed again: {after_power}"))?;
    ensure_marked(&paper.since(from), &name(301))?;

    // The app is killed in the middle of a slip; the printer keeps its power, and what it says waits in it.
    let from = printer.paper().len();
    begin(&printer, &terminal.machine, 302)?;
    until_middle(&printer, from)?;
    terminal.machine.must("systemctl kill --signal=KILL counter")?;
    let after_kill = settle(&printer, &terminal.machine)?;
    let prints = prints_of(&printer.paper().since(from), &name(302));
    let unmarked = prints.iter().filter(|print| print.mark.is_none()).count();
    let whole = prints.iter().any(|print| print.complete);
    ensure(unmarked == 1 && whole, || format!("after the kill it came out as {prints:?}: {after_kill}"))?;

    // The cable is pulled in the middle of a slip and put in again: the app hands over another descriptor.
    let from = printer.paper().len();
    printer.at_line(EARLY, "unplug")?;
    begin(&printer, &terminal.machine, 303)?;
    // Not for a cut: that of the slip before may still come.
    printer.wait_for_line(from, &format!("{} END", name(303)), JVM_PATIENCE)?;
    printer.ctl("plug")?;
    let after_cable = ended(&terminal.machine)?;
    ensure(after_cable.contains("detached ") && after_cable.matches("attached /dev").count() >= 2, || {
        format!("not handed over again: {after_cable}")
    })?;
    let prints = prints_of(&printer.paper().since(from), &name(303));
    let unmarked = prints.iter().filter(|print| print.mark.is_none()).count();
    ensure(unmarked == 1 && after_cable.contains("ended "), || format!("{prints:?}: {after_cable}"))?;
    Ok(format!(
        "after a power cut printed again, marked; after a kill {}; after the cable {}",
        if prints_of(&printer.paper().since(0), &name(302)).len() == 1 {
            "proven late"
        } else {
            "printed again, marked"
        },
        if prints.len() == 1 { "proven late" } else { "printed again, marked" },
    ))
}

fn command(printer: &UsbPrinter<'_>) -> io::Result<String> {
    Ok(format!(
        "{JAVA}/jre/bin/java -XX:TieredStopAtLevel=1 -Dio.receiptd.library={JAVA}/libreceiptd_jni.so -cp {JAVA}/classes \
         io.receiptd.UsbCounter /var/lib/counter /sys/bus/usb/devices/{}",
        printer.port()?
    ))
}

/// Starts the app with a slip.
fn begin(printer: &UsbPrinter<'_>, machine: &Machine, number: usize) -> io::Result<()> {
    let (command, name) = (command(printer)?, name(number));
    machine.must(&format!(
        "systemctl reset-failed counter 2>/dev/null; rm -f {JAVA}/log; systemd-run --quiet --collect --unit=counter \
         -p StandardOutput=append:{JAVA}/log -p StandardError=append:{JAVA}/log {command} print {name} {JAVA}/{name}.json"
    ))?;
    Ok(())
}

fn until_middle(printer: &UsbPrinter<'_>, from: usize) -> io::Result<()> {
    let first = printer.paper().lines();
    let middle = |event: &virtual_printer::Event| event.line >= first + EARLY;
    printer.paper().wait_for(from, middle, JVM_PATIENCE)
}

/// The end of the app that was begun, and what it said. An app that does not end says what its threads do.
fn ended(machine: &Machine) -> io::Result<String> {
    let limit = COMMAND_PATIENCE.as_secs();
    machine.must(&format!(
        "timeout {limit} sh -c 'while systemctl is-active -q counter; do sleep 0.2; done' || {{
             systemctl kill --signal=QUIT counter
             timeout 10 sh -c 'until grep -q \"JNI global refs\" {JAVA}/log; do sleep 0.2; done'
             cat {JAVA}/log; exit 1
         }}; cat {JAVA}/log"
    ))
}

/// Starts the app again, and waits until all that it finds has ended.
fn settle(printer: &UsbPrinter<'_>, machine: &Machine) -> io::Result<String> {
    machine.must(&format!("timeout {} {} settle 2>&1", COMMAND_PATIENCE.as_secs(), command(printer)?))
}
