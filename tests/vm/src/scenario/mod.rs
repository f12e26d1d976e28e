//! The system test: what is seen only on a real kernel with a real service manager and bus.
//!
//! The scenarios run one after the other on one machine, in an order in which each leaves a terminal that works.

mod daemon;
mod disk;
mod flushes;
mod java;
mod package;
mod power;
mod rights;
mod usb;
mod usb_choice;
mod usb_faults;
mod usb_halts;
mod usb_kinds;
mod usb_sleep;

use std::io;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::terminal::Terminal;

/// What the system test is asked for.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Power cuts.
    pub cuts: usize,
    /// SIGKILLs of the daemon.
    pub kills: usize,
    /// States of the disk after a flush in which the spool is opened.
    pub flushes: usize,
    /// Leave out what is not for every change.
    pub brief: bool,
    /// The folder that `jni-bindings/java-runtime` has made.
    pub java: Option<PathBuf>,
    /// Run only the scenarios whose names contain this.
    pub only: Option<String>,
}

/// When a scenario is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    /// Also in a brief test, which takes a quarter of an hour and not an hour.
    Always,
    /// In a whole one.
    Whole,
}

/// A scenario: its name, and what it does; what it returns is printed.
type Scenario = (Run, &'static str, fn(&mut Terminal, &Plan) -> io::Result<String>);

const SCENARIOS: &[Scenario] = &[
    (Run::Always, "installed, the daemon is ready and sandboxed", package::installed),
    (Run::Always, "text that the printer lacks is drawn inside the sandbox", package::drawn),
    (Run::Whole, "D-Bus activation starts the daemon", package::activation),
    (Run::Whole, "a configuration is read again", package::reload),
    (Run::Whole, "users touch their own jobs only, operators all", rights::rights),
    (Run::Whole, "a stop with a job on the printer", daemon::stop),
    (Run::Whole, "idle, nothing wakes up", daemon::idle),
    (Run::Always, "SIGKILL under a burst", daemon::kills),
    (Run::Whole, "SIGSTOP: the watchdog", daemon::watchdog),
    (Run::Whole, "a full file system", disk::full),
    (Run::Whole, "a read-only file system", disk::read_only),
    (Run::Whole, "a disk that fails to write", disk::failing),
    (Run::Whole, "each flush of the disk, as if the power had failed after it", flushes::flushes),
    (Run::Always, "USB: plugged in, printed, pulled out and put in again", usb::plug),
    (Run::Whole, "USB: a printer that is forbidden, or somebody else's", usb_choice::not_ours),
    (Run::Whole, "USB: a printer that takes nothing", usb_faults::takes_nothing),
    (Run::Whole, "USB: two printers, alike", usb_choice::two_alike),
    (Run::Always, "USB: the cable is pulled in the middle of a slip", usb::cable),
    (Run::Whole, "USB: paper, cover and cutter in the middle of a slip", usb_faults::blocked),
    (Run::Whole, "USB: the power of the printer, and of both", usb_faults::power),
    (Run::Whole, "USB: a printer that only listens", usb_kinds::one_way),
    (Run::Whole, "USB: a printer of a vendor's own class", usb_kinds::vendor_class),
    (Run::Whole, "USB: device ids as printers send them, and none", usb_kinds::device_ids),
    (Run::Whole, "USB: an endpoint that halts in the middle of a slip", usb_halts::halts),
    (Run::Whole, "USB: the terminal sleeps, idle and in the middle of a slip", usb_sleep::sleep),
    (Run::Always, "Java: the daemon in the app's process, with the app's printer", java::in_process),
    (Run::Always, "power cuts", power::cuts),
    (Run::Whole, "power cuts of the printer", power::printer),
    (Run::Whole, "upgrade and downgrade with jobs queued", package::upgrade),
    (Run::Whole, "remove and purge keep the receipts", package::purge),
];

/// Runs the scenarios; whether all were as promised.
///
/// # Errors
/// The machine can't be made.
pub fn run(deb: &Path, plan: &Plan) -> io::Result<bool> {
    let mut terminal = Terminal::new(deb)?;
    let mut failed = Vec::new();
    for (run, name, scenario) in SCENARIOS {
        let left_out = plan.brief && *run != Run::Always;
        if left_out || plan.only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        println!("--- {name}");
        let began = Instant::now();
        // The checks of the system tests panic; the other scenarios are run all the same.
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| scenario(&mut terminal, plan)))
            .unwrap_or_else(|_| Err(io::Error::other("see the panic above")));
        let took = began.elapsed().as_secs_f64();
        match result {
            Ok(told) => println!("ok, {took:.0} s: {told}"),
            Err(why) => {
                let log = terminal.log().unwrap_or_default();
                println!("FAILED, {took:.0} s: {why}\n--- the daemon's log\n{log}\n---");
                failed.push(*name);
                // The others get a terminal that works, if there is any.
                if let Err(why) = disk::tidy_up(&mut terminal) {
                    println!("the terminal can't be brought in order: {why}");
                }
            }
        }
    }
    if failed.is_empty() {
        println!("all as promised");
    } else {
        println!("NOT as promised: {}", failed.join("; "));
    }
    Ok(failed.is_empty())
}

/// An error unless it holds.
fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> io::Result<()> {
    if holds { Ok(()) } else { Err(io::Error::other(otherwise())) }
}

/// Runs the calls of a scenario.
fn wait<T>(calls: impl Future<Output = T>) -> io::Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(calls))
}
