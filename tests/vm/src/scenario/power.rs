//! Power cuts: clients outside submit and note each acknowledgement, the paper is recorded outside, QEMU is killed at a
//! random moment, its disk loses what was not flushed, and it is switched on again.

use std::io;
use std::time::{Duration, Instant};

use receiptd_system_tests::app::App;
use receiptd_system_tests::{PATIENCE, Reach as _};

use super::{Plan, wait};
use crate::terminal::Terminal;

/// Slips handed in between two cuts.
const BURST: usize = 6;

/// The latest moment of a cut after the daemon was reached.
const LATEST_MS: u64 = 6_000;

/// The latest moment of a cut after a submission began.
const UNDER_WAY_MS: u64 = 400;

/// The longest wait for something to come out before a cut: there may be nothing to print.
const IN_PRINT_WAIT: Duration = Duration::from_secs(10);

pub(super) fn cuts(terminal: &mut Terminal, plan: &Plan) -> io::Result<String> {
    terminal.fresh()?;
    let mut app = App::default();
    let (mut unflushed, mut lost_sectors) = (0, 0);
    let mut seconds = Vec::new();
    for cut in 1..=plan.cuts {
        match terminal.dice.below(4) {
            // Whenever it comes, also before the daemon is ready after the last cut.
            0 => {
                let moment = terminal.dice.moment(LATEST_MS);
                std::thread::sleep(moment);
            }
            // While slips are handed in: some are acknowledged, and the next one is under way.
            1 | 2 => {
                terminal.start()?;
                let some = 1 + terminal.dice.below(BURST as u64) as usize;
                let moment = terminal.dice.moment(UNDER_WAY_MS);
                wait(async {
                    burst(terminal, &mut app, some, Duration::from_millis(LATEST_MS)).await;
                    burst(terminal, &mut app, BURST, moment).await;
                })?;
            }
            // While something comes out.
            _ => {
                terminal.start()?;
                let lines = terminal.printer.snapshot().lines + 1 + terminal.dice.below(30);
                wait(burst(terminal, &mut app, BURST, Duration::from_millis(LATEST_MS)))?;
                let _ = terminal.printer.wait_for(|s| s.lines >= lines, IN_PRINT_WAIT);
            }
        }
        let gone = terminal.machine.cut_power(&mut terminal.dice)?;
        unflushed += gone.unflushed;
        lost_sectors += gone.lost;
        // What the printer still had came out; what comes now is of the next start.
        terminal.printer.wait_for(|s| s.idle, PATIENCE).map_err(io::Error::other)?;
        let before = terminal.printer.snapshot().lines;
        let waits = !app.acknowledged.is_empty();
        let on = Instant::now();
        terminal.machine.switch_on()?;
        terminal.machine.wait_until_up()?;
        let up = on.elapsed();
        let first = terminal.printer.wait_for(|s| s.lines > before, IN_PRINT_WAIT).is_ok();
        if waits && first {
            seconds.push(on.elapsed().as_secs_f64());
        }
        println!(
            "cut {cut}: {} of {} unflushed sectors lost; up again after {:.0} s, {} acknowledged so far",
            gone.lost,
            gone.unflushed,
            up.as_secs_f64(),
            app.acknowledged.len()
        );
    }
    terminal.start()?;
    let figures = wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        app.hand_in(&client, 0).await;
        let jobs = app.settle(terminal).await;
        terminal.printer.wait_for(|s| s.idle, PATIENCE).map_err(io::Error::other)?;
        Ok::<_, io::Error>(app.verify(&jobs, &client, &terminal.printer).await)
    })??;
    seconds.sort_by(f64::total_cmp);
    let to_line = match (seconds.first(), seconds.get(seconds.len() / 2), seconds.last()) {
        (Some(least), Some(median), Some(most)) => {
            format!("{least:.0} to {most:.0} s (median {median:.0}) from power-on to the first line")
        }
        _ => "nothing was left to print after any cut".to_owned(),
    };
    Ok(format!(
        "{} cuts, {lost_sectors} of {unflushed} unflushed sectors lost: {figures}; {to_line}",
        plan.cuts
    ))
}

/// Hands in slips until the moment has come.
async fn burst(terminal: &Terminal, app: &mut App, slips: usize, moment: Duration) {
    let until = tokio::time::Instant::now() + moment;
    if let Ok(client) = terminal.client().await {
        let _ = tokio::time::timeout_at(until, app.hand_in(&client, slips)).await;
    }
}
