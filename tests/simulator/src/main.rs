//! `receiptd-simulator`: lives many lives, replays one, or hunts deliberate defects.

use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand};
use receiptd_core::faults::Fault;
use receiptd_simulator::run;
use receiptd_simulator::trace::Trace;

/// A seeded simulator around receiptd's core.
#[derive(Parser)]
#[command(name = "receiptd-simulator", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Live many lives; stop at the first one that breaks a promise.
    Run {
        /// How many.
        #[arg(long, default_value_t = 20_000)]
        seeds: u64,
        /// The first seed.
        #[arg(long, default_value_t = 1)]
        from: u64,
        /// Threads.
        #[arg(long, default_value_t = 2)]
        jobs: usize,
    },
    /// Live one life again.
    Replay {
        /// Its seed.
        seed: u64,
        /// Tell everything that happens.
        #[arg(long)]
        trace: bool,
        /// With this deliberate defect.
        #[arg(long)]
        fault: Option<String>,
    },
    /// Show that each deliberate defect is found.
    Faults {
        /// Seeds to try for each.
        #[arg(long, default_value_t = 2_000)]
        most: u64,
        /// The first seed.
        #[arg(long, default_value_t = 1)]
        from: u64,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Run { seeds, from, jobs } => run_many(seeds, from, jobs),
        Command::Replay { seed, trace, fault } => replay(seed, trace, fault.as_deref()),
        Command::Faults { most, from } => faults(most, from),
    }
}

fn run_many(seeds: u64, from: u64, jobs: usize) -> ExitCode {
    let begin = Instant::now();
    let summary = run::many(from, seeds, jobs);
    for (what, n) in summary.coverage.iter() {
        println!("{n:>10}  {what}");
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!("{} lives in {seconds:.1} s, {:.0} lives/s", summary.lives, summary.lives as f64 / seconds);
    match summary.failed {
        None => ExitCode::SUCCESS,
        Some(life) => {
            println!("{}", run::report(&life, None));
            ExitCode::FAILURE
        }
    }
}

fn replay(seed: u64, trace: bool, fault: Option<&str>) -> ExitCode {
    let named = |name: &str| Fault::ALL.into_iter().find(|f| format!("{f:?}") == name);
    let fault = match fault.map(|name| named(name).ok_or(name)) {
        None => None,
        Some(Ok(fault)) => Some(fault),
        Some(Err(name)) => {
            println!("no such defect: {name}; there are {:?}", Fault::ALL);
            return ExitCode::FAILURE;
        }
    };
    let life = run::live(seed, fault, Trace::new(true, trace));
    println!("{}", run::report(&life, fault));
    println!("{:.3} simulated seconds, trace {:016x}", life.us as f64 / 1e6, life.hash);
    if life.breach.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn faults(most: u64, from: u64) -> ExitCode {
    let mut missed = false;
    for fault in Fault::ALL {
        match run::hunt(fault, from, most) {
            Some((seeds, breach)) => {
                println!("{fault:?}: found after {seeds} seeds by {}: {}", breach.promise, breach.what);
            }
            None => {
                missed = true;
                println!("{fault:?}: not found in {most} seeds");
            }
        }
    }
    if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
