//! Twenty thousand lives keep every promise; each deliberate defect is found; a seed is one life.
//!
//! `RECEIPTD_SEED_BASE` shifts the seeds: every night others.

use receiptd_core::faults::Fault;
use receiptd_simulator::run;
use receiptd_simulator::trace::Trace;

/// Lives of the long test.
const LIVES: u64 = 20_000;

/// Seeds within which a deliberate defect must be found.
const HUNT: u64 = 400;

fn base() -> u64 {
    std::env::var("RECEIPTD_SEED_BASE").ok().and_then(|base| base.parse().ok()).unwrap_or(1)
}

/// What must have happened in the lives, at least so often: a simulator that became tame would pass always.
const MINIMA: &[(&str, u64)] = &[
    ("again by hand", 500),
    ("again by policy", 10_000),
    ("answers lost", 5_000),
    ("asked twice, got one", 100_000),
    ("attested", 500),
    ("batches failed", 10_000),
    ("batches on disk that nobody was told of", 1_000),
    ("batches refused: disk full", 10_000),
    ("bodies unreadable", 500),
    ("buffers cleared", 1_000),
    ("canceled", 10_000),
    ("clean ends", 2_000),
    ("clock jumps", 2_000),
    ("copies marked", 30_000),
    ("covers opened", 2_000),
    ("crashes", 20_000),
    ("crashes between outputs", 10_000),
    ("cuts unknown", 300),
    ("cutter jams", 2_000),
    ("disk failing", 2_000),
    ("disk full", 2_000),
    ("expired", 3_000),
    ("half-open links", 2_000),
    ("heads too hot", 2_000),
    ("held", 10_000),
    ("held: body unreadable", 300),
    ("ids kept for the next session", 500),
    ("key conflicts", 50_000),
    ("late proofs", 1_000),
    ("liars found out", 300),
    ("paper ends", 4_000),
    ("paused", 4_000),
    ("power cuts", 3_000),
    ("power cuts with a printer", 1_000),
    ("printed and counted", 10_000),
    ("printed by echo", 20_000),
    ("printed in order", 5_000),
    ("printed up to a line", 10_000),
    ("printers off", 4_000),
    ("refused: disk failed", 5_000),
    ("refused: disk full", 5_000),
    ("refused: queue full", 50_000),
    ("released", 5_000),
    ("replies lost", 100_000),
    ("reprints accepted", 30_000),
    ("resets", 4_000),
    ("row: all bytes out, fence open", 3_000),
    ("row: printed, cut open", 400),
    ("row: proof not durable", 40),
    ("row: queued", 10_000),
    ("row: sending, nothing given", 500),
    ("row: sending, some bytes", 1_500),
    ("sent (C)", 20_000),
    ("sent (D)", 10_000),
    ("store busy", 1_000),
    ("taken back: nothing sent", 50),
    ("uncertain: cleared", 500),
    ("uncertain: link lost", 2_000),
    ("uncertain: restart", 6_000),
    ("uncertain: stalled", 200),
    ("waits for a person", 2_000),
];

#[test]
fn twenty_thousand_lives_keep_every_promise_and_are_not_tame() {
    let summary = run::many(base(), LIVES, 2);
    if let Some(life) = &summary.failed {
        panic!("{}", run::report(life, None));
    }
    assert_eq!(summary.lives, LIVES);
    let tame: Vec<String> = MINIMA
        .iter()
        .filter(|(what, least)| summary.coverage.of(what) < *least)
        .map(|(what, least)| format!("{what}: {} of {least}", summary.coverage.of(what)))
        .collect();
    assert!(tame.is_empty(), "the simulator became tame: {tame:#?}");
}

#[test]
fn each_deliberate_defect_is_found_by_the_promise_that_it_breaks() {
    for fault in Fault::ALL {
        let found = run::hunt(fault, base(), HUNT);
        let (seeds, breach) = found.unwrap_or_else(|| panic!("{fault:?} was not found in {HUNT} seeds"));
        println!("{fault:?}: after {seeds} seeds by {}: {}", breach.promise, breach.what);
        assert!(
            run::promises(fault).contains(&breach.promise),
            "{fault:?} was found by {} and not by one of {:?}: {}",
            breach.promise,
            run::promises(fault),
            breach.what
        );
    }
}

#[test]
fn a_seed_is_one_life() {
    for seed in base()..base() + 100 {
        let quiet = run::live(seed, None, Trace::new(false, false));
        let told = run::live(seed, None, Trace::new(true, false));
        assert_eq!((quiet.hash, quiet.us), (told.hash, told.us), "seed {seed}");
    }
}

#[test]
fn the_report_of_a_broken_promise_names_the_command_that_replays_it() {
    let life = run::live(base(), Some(Fault::ReplyBeforeFlush), Trace::new(true, false));
    let report = run::report(&life, Some(Fault::ReplyBeforeFlush));
    let command =
        format!("cargo run -p receiptd-simulator -- replay {} --trace --fault ReplyBeforeFlush", base());
    assert!(report.contains(&command), "{report}");
}
