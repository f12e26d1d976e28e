//! Power cuts: clients outside submit and note each acknowledgement, the paper is recorded outside, QEMU is killed at a
//! random moment, its disk loses what was not flushed, and it is switched on again.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use receiptd_system_tests::app::{App, Figures};
use receiptd_system_tests::{PATIENCE, Reach as _};
use virtual_printer::Fault;

use super::{Plan, ensure, wait};
use crate::disk::Cut;
use crate::terminal::Terminal;

/// Slips handed in between two cuts.
const BURST: usize = 6;

/// The latest moment of a cut after the daemon was reached.
const LATEST_MS: u64 = 6_000;

/// The latest moment of a cut after a submission began.
const UNDER_WAY_MS: u64 = 400;

/// The latest write or flush of the disk after which it stops; a slip makes about five, the rest of the machine some more.
const STRIKE_LATEST: u64 = 40;

/// The longest wait for that: a slip a second would do.
const STRIKE_WAIT: Duration = Duration::from_secs(20);

/// How long a printer without a terminal stays off at most.
const PRINTER_OFF_MS: u64 = 3_000;

/// The kinds of moments, see `approach`: in turn, so that also few cuts meet slips under way.
const MOMENTS: [u8; 5] = [1, 2, 4, 0, 3];

/// So often the emulator may end by itself while the terminal starts: QEMU 7.2 did at its 148th boot, at an assertion of its own
/// (`msix_table_mmio_write`). To the terminal it is one more cut.
const EMULATOR_ENDS_MAX: usize = 3;

/// The longest wait for something to come out before a cut: there may be nothing to print.
const IN_PRINT_WAIT: Duration = Duration::from_secs(10);

pub(super) fn cuts(terminal: &mut Terminal, plan: &Plan) -> io::Result<String> {
    terminal.fresh()?;
    let mut app = App::at(&terminal.printer);
    let mut found = Found::default();
    for cut in 1..=plan.cuts {
        let when = approach(terminal, &mut app, cut)?;
        let gone = terminal.machine.cut_power(&mut terminal.dice)?;
        found.count(gone);
        // What the printer still had came out; what comes now is of the next start.
        terminal.printer.wait_for(|s| s.idle, PATIENCE).map_err(io::Error::other)?;
        let up = up_again(terminal, !app.acknowledged.is_empty(), &mut found)?;
        println!(
            "cut {cut}, {when}: {} of {} unflushed sectors lost; up again after {up:.0} s, {} acknowledged so far",
            gone.lost,
            gone.unflushed,
            app.acknowledged.len()
        );
    }
    let figures = settle(terminal, &mut app)?;
    ensure(!app.acknowledged.is_empty(), || "no slip was acknowledged: nothing was tried".to_owned())?;
    Ok(format!("{} cuts, {found}: {figures}", plan.cuts))
}

/// Cuts with the printer on the same switch, and of the printer alone.
pub(super) fn printer(terminal: &mut Terminal, plan: &Plan) -> io::Result<String> {
    /// Of the printer alone; they are cheap.
    const ALONE: usize = 6;
    terminal.fresh()?;
    let mut app = App::at(&terminal.printer);
    let mut found = Found::default();
    for _ in 0..ALONE {
        in_the_middle_of_print(terminal, &mut app)?;
        terminal.printer.fault(Fault::PowerOff);
        std::thread::sleep(terminal.dice.moment(PRINTER_OFF_MS));
        terminal.printer.fault(Fault::PowerOn);
    }
    let together = plan.cuts.div_ceil(5);
    for cut in 1..=together {
        in_the_middle_of_print(terminal, &mut app)?;
        terminal.printer.fault(Fault::PowerOff);
        let gone = terminal.machine.cut_power(&mut terminal.dice)?;
        found.count(gone);
        // A printer is ready long before a terminal, if it is not switched on by hand.
        let by_hand = terminal.dice.below(3) == 0;
        if !by_hand {
            terminal.printer.fault(Fault::PowerOn);
        }
        let up = up_again(terminal, !by_hand, &mut found)?;
        terminal.printer.fault(Fault::PowerOn);
        println!(
            "cut {cut} of both: the printer is on again {}, the terminal up after {up:.0} s",
            if by_hand { "later" } else { "first" }
        );
    }
    let figures = settle(terminal, &mut app)?;
    Ok(format!("{ALONE} cuts of the printer alone, {together} of both, {found}: {figures}"))
}

/// What the cuts did, and how long the terminal took after them.
#[derive(Debug, Default)]
struct Found {
    /// Cuts at which something was not flushed.
    dirty: usize,
    unflushed: usize,
    lost: usize,
    /// Of them not by us but by the emulator's own end.
    emulator: usize,
    /// From power-on to the first line, seconds.
    to_line: Vec<f64>,
}

impl Found {
    fn count(&mut self, cut: Cut) {
        self.dirty += usize::from(cut.unflushed > 0);
        self.unflushed += cut.unflushed;
        self.lost += cut.lost;
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dirty, unflushed, lost, emulator, .. } = self;
        if *emulator > 0 {
            write!(f, "{emulator} more because the emulator ended by itself, ")?;
        }
        write!(f, "{dirty} of them with unflushed sectors, {lost} of {unflushed} lost; ")?;
        let mut sorted = self.to_line.clone();
        sorted.sort_by(f64::total_cmp);
        match (sorted.first(), sorted.get(sorted.len() / 2), sorted.last()) {
            (Some(least), Some(median), Some(most)) => {
                write!(f, "{least:.0} to {most:.0} s (median {median:.0}) from power-on to the first line")
            }
            _ => write!(f, "nothing was left to print after any of them"),
        }
    }
}

/// Brings the terminal to a moment at which the power may go; what moment it is.
fn approach(terminal: &mut Terminal, app: &mut App, cut: usize) -> io::Result<&'static str> {
    match MOMENTS[(cut - 1) % MOMENTS.len()] {
        // Whenever it comes, also before the daemon is ready after the last cut.
        0 => {
            let moment = terminal.dice.moment(LATEST_MS);
            std::thread::sleep(moment);
            Ok("at any time")
        }
        // While slips are handed in: some are acknowledged, and the next one is under way.
        1 => {
            terminal.start()?;
            let some = 1 + terminal.dice.below(BURST as u64) as usize;
            let moment = terminal.dice.moment(UNDER_WAY_MS);
            wait(async {
                burst(terminal, app, some, Duration::from_millis(LATEST_MS)).await;
                burst(terminal, app, BURST, moment).await;
            })?;
            Ok("while slips are handed in")
        }
        // The same, between a write and its flush: of the journal, of sled, of a table of the file system.
        2 | 3 => {
            terminal.start()?;
            terminal.machine.disk().strike_after(terminal.dice.below(STRIKE_LATEST));
            let disk = terminal.machine.disk().clone();
            wait(async {
                let struck = tokio::task::spawn_blocking(move || disk.wait_for_strike(STRIKE_WAIT));
                tokio::select! {
                    _ = struck => {}
                    // Slip after slip, until the disk stops.
                    () = async { loop { burst(terminal, app, BURST, STRIKE_WAIT).await } } => {}
                }
            })?;
            Ok("before a flush")
        }
        // While something comes out.
        _ => {
            in_the_middle_of_print(terminal, app)?;
            Ok("while something comes out")
        }
    }
}

/// Hands slips in and waits until something of them is on paper.
fn in_the_middle_of_print(terminal: &mut Terminal, app: &mut App) -> io::Result<()> {
    terminal.start()?;
    let lines = terminal.printer.snapshot().lines + 1 + terminal.dice.below(30);
    wait(burst(terminal, app, BURST, Duration::from_millis(LATEST_MS)))?;
    // There may be nothing to print.
    let _ = terminal.printer.wait_for(|s| s.lines >= lines, IN_PRINT_WAIT);
    Ok(())
}

/// Switches the machine on and waits for the first line, if there is something to print; seconds until it was up.
fn up_again(terminal: &mut Terminal, waits: bool, found: &mut Found) -> io::Result<f64> {
    let before = terminal.printer.snapshot().lines;
    let on = Instant::now();
    loop {
        terminal.machine.switch_on()?;
        match terminal.machine.wait_until_up() {
            Ok(()) => break,
            Err(why) if found.emulator < EMULATOR_ENDS_MAX && terminal.machine.has_ended() => {
                println!("one more cut: while the terminal started, {why}");
                found.emulator += 1;
                found.count(terminal.machine.cut_power(&mut terminal.dice)?);
            }
            Err(why) => return Err(why),
        }
    }
    let up = on.elapsed().as_secs_f64();
    if waits && terminal.printer.wait_for(|s| s.lines > before, IN_PRINT_WAIT).is_ok() {
        found.to_line.push(on.elapsed().as_secs_f64());
    }
    Ok(up)
}

/// Waits for what becomes of all slips, and holds the promises against it.
fn settle(terminal: &Terminal, app: &mut App) -> io::Result<Figures> {
    terminal.start()?;
    wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        app.hand_in(&client, 0).await;
        let jobs = app.settle(terminal).await;
        terminal.printer.wait_for(|s| s.idle, PATIENCE).map_err(io::Error::other)?;
        Ok::<_, io::Error>(app.verify(&jobs, &client, &terminal.printer).await)
    })?
}

/// Hands in slips until the moment has come.
async fn burst(terminal: &Terminal, app: &mut App, slips: usize, moment: Duration) {
    let until = tokio::time::Instant::now() + moment;
    if let Ok(client) = terminal.client().await {
        let _ = tokio::time::timeout_at(until, app.hand_in(&client, slips)).await;
    }
}
