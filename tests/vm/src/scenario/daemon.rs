//! The daemon under the service manager: ended in order, killed, stopped, and left alone.

use std::io;
use std::time::{Duration, Instant};

use receiptd_api::JobState;
use receiptd_system_tests::app::App;
use receiptd_system_tests::calls::{self, LONG, SHORT, name, submit};
use receiptd_system_tests::{PATIENCE, Reach as _};

use super::{Plan, ensure, wait};
use crate::terminal::Terminal;

/// Slips handed in between two kills.
const BURST: usize = 3;

/// The latest moment of a kill after the daemon was reached.
const LATEST_MS: u64 = 3_000;

/// The longest that a stop may take, seconds.
const STOP_MAX_S: f64 = 5.0;

pub(super) fn stop(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    terminal.fresh()?;
    let before = terminal.printer.snapshot().lines;
    let job = wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        submit(&client, &name(6000), 300).await.map_err(io::Error::other)
    })??;
    terminal.printer.wait_for(|s| s.lines > before + 5, PATIENCE).map_err(io::Error::other)?;
    let took = terminal.machine.must(
        "begin=$(date +%s%N); systemctl stop receiptd; end=$(date +%s%N); echo $(((end - begin) / 1000000))",
    )?;
    let result = terminal.unit("Result")?;
    ensure(result == "success", || format!("the stop ended with {result}"))?;
    let seconds = took.trim().parse::<f64>().unwrap_or(f64::MAX) / 1000.0;
    ensure(seconds <= STOP_MAX_S, || format!("the stop took {seconds} s"))?;
    terminal.start()?;
    let job = wait(calls::outcome(terminal, job))?;
    ensure(job.state == JobState::Printed, || format!("{job:?}"))?;
    Ok(format!(
        "stopped after {seconds:.1} s in the middle of a slip of 300 lines, which is {} in the end",
        job.state
    ))
}

/// How long the idle daemon is looked at.
const IDLE: Duration = Duration::from_secs(60);

pub(super) fn idle(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    terminal.fresh()?;
    let job = wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        submit(&client, &name(6001), SHORT).await.map_err(io::Error::other)
    })??;
    wait(calls::outcome(terminal, job))?;
    // Voluntary switches of each thread, twice; the time between is what is measured. sled's own are not ours.
    const COUNT: &str = "for t in /proc/$(systemctl show receiptd -P MainPID)/task/*; do \
         read -r name < $t/comm; case $name in sled-io*) continue;; esac; \
         while read -r key value; do [ \"$key\" = voluntary_ctxt_switches: ] && echo \"$name $value\"; done < $t/status; done";
    // What the last job set off (the applier, the journal) is over when the counts stand still for 5 s.
    let script = format!(
        "count() {{ {COUNT}; }}; for try in $(seq 20); do a=$(count); sleep 5; b=$(count); [ \"$a\" = \"$b\" ] && break; done; \
         a=$(count); sleep {}; b=$(count); echo \"$a\"; echo then; echo \"$b\"",
        IDLE.as_secs()
    );
    let text = terminal.machine.must(&script)?;
    let (before, after) = text.split_once("then").unwrap_or_default();
    let sum = |part: &str| part.split_whitespace().filter_map(|word| word.parse::<u64>().ok()).sum::<u64>();
    let wakes = sum(after) - sum(before);
    let allowed = IDLE.as_secs() / 10 + 1;
    ensure(wakes <= allowed, || format!("{wakes} wake-ups in {} s: {text}", IDLE.as_secs()))?;
    Ok(format!("{wakes} wake-ups of our threads in {} s, watchdog included", IDLE.as_secs()))
}

pub(super) fn kills(terminal: &mut Terminal, plan: &Plan) -> io::Result<String> {
    terminal.fresh()?;
    let mut app = App::at(&terminal.printer);
    for _ in 0..plan.kills {
        terminal.start()?;
        let moment = terminal.dice.moment(LATEST_MS);
        wait(async {
            if let Ok(client) = terminal.client().await {
                let burst = app.hand_in(&client, BURST);
                let _ = tokio::time::timeout(moment, burst).await;
            }
        })?;
        terminal.machine.must("systemctl kill -s KILL --kill-whom=main receiptd")?;
    }
    terminal.start()?;
    let restarts = terminal.unit("NRestarts")?;
    let figures = wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        app.hand_in(&client, 0).await;
        let jobs = app.settle(terminal).await;
        terminal.printer.wait_for(|s| s.idle, PATIENCE).map_err(io::Error::other)?;
        Ok::<_, io::Error>(app.verify(&jobs, &client, &terminal.printer).await)
    })??;
    Ok(format!("{} kills, {restarts} restarts by systemd: {figures}", plan.kills))
}

pub(super) fn watchdog(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    terminal.fresh()?;
    let job = wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        submit(&client, &name(6002), LONG).await.map_err(io::Error::other)
    })??;
    let pid = terminal.unit("MainPID")?;
    let began = Instant::now();
    // The journal tells; the limit is four times the watchdog's.
    let waited = terminal.machine.run(
        "kill -STOP $(systemctl show receiptd -P MainPID); \
         timeout 120 journalctl -f -n0 -u receiptd -o cat -g 'Watchdog timeout' | head -n 1 | grep .",
    )?;
    ensure(waited.code == 0, || "waited 120 s for the watchdog to notice a stopped daemon".to_owned())?;
    let noticed = began.elapsed();
    terminal.machine.must(
        "timeout 60 sh -c 'until [ \"$(systemctl show receiptd -P NRestarts)\" != 0 ]; do sleep 0.2; done'",
    )?;
    terminal.start()?;
    ensure(terminal.unit("MainPID")? != pid, || "the daemon was not started again".to_owned())?;
    let job = wait(calls::outcome(terminal, job))?;
    ensure(job.state == JobState::Printed, || format!("{job:?}"))?;
    Ok(format!("noticed after {:.0} s; the slip is {} in the end", noticed.as_secs_f64(), job.state))
}
