//! `make bench`: how fast and how small receiptd is, each figure beside what it is compared with, both taken in
//! the same run. What the figures mean, and how they came out: `docs/performance.md`.

mod accept;
mod cups;
mod document;
mod history;
mod java;
mod load;
mod print;
mod process;
mod raw;
mod report;
mod rest;
mod slip;
mod socket;
mod stats;
mod tap;
mod usb;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use receiptd_store::Health;
use receiptd_system_tests::Shop;
use tempfile::TempDir;

use report::Report;

/// What goes wrong here ends the bench, with a sentence.
type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measures receiptd against the disk, against CUPS, and against its targets.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Fewer rounds, smaller spools: half a minute, rough figures
    #[arg(long)]
    quick: bool,
    /// A report as JSON on standard output; progress goes to standard error
    #[arg(long)]
    json: bool,
    /// Only these benches (may be given more than once): accept-1, accept-64, accept-slow, first-byte, drain,
    /// head, usb-first-byte, usb-head, start, memory, idle, disk, size, document, java
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Install Debian's CUPS (without recommended packages) if it is missing, to compare with it
    #[arg(long)]
    with_cups: bool,
}

/// A run.
struct Bench {
    quick: bool,
    report: Report,
    dir: TempDir,
    /// A daemon with a long life behind it, and what its store said of itself.
    veteran: Option<(Shop, Health)>,
}

impl Bench {
    /// A folder on the disk that is judged.
    fn dir(&self) -> &Path {
        self.dir.path()
    }
}

/// A bench: its name, and what it does.
type Named = (&'static str, fn(&mut Bench) -> Fallible<()>);

const BENCHES: [Named; 15] = [
    ("size", rest::size),
    ("document", document::document),
    ("java", java::java),
    ("accept-1", accept::one),
    ("accept-64", accept::many),
    ("accept-slow", accept::slow_disk),
    ("first-byte", print::first_byte),
    ("drain", print::drain),
    ("head", print::head),
    ("usb-first-byte", usb::first_byte),
    ("usb-head", usb::head),
    ("idle", rest::idle),
    ("start", rest::start),
    ("memory", rest::memory),
    ("disk", rest::disk),
];

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("receiptd-bench: {why}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Fallible<bool> {
    let unknown = args.only.iter().find(|only| BENCHES.iter().all(|(name, _)| name != only));
    if let Some(unknown) = unknown {
        return Err(format!("no bench is called {unknown:?}; see --help").into());
    }
    if args.with_cups && cups::available().is_err() {
        cups::install(&["cups", "cups-client"])?;
    }
    let mut machine = process::machine();
    if rustix::fs::statfs(std::env::temp_dir())?.f_type == TMPFS_MAGIC {
        machine
            .push("the spools are in memory: set TMPDIR to a folder on the disk that is to be judged".into());
    }
    let dir = tempfile::Builder::new().prefix("receiptd-bench-").tempdir()?;
    let mut bench = Bench { quick: args.quick, report: Report::new(args.json, machine), dir, veteran: None };
    for (name, run) in BENCHES {
        if !args.only.is_empty() && !args.only.iter().any(|only| only == name) {
            continue;
        }
        if let Err(why) = run(&mut bench) {
            bench.report.fail(name, &why.to_string());
        }
    }
    Ok(bench.report.finish())
}

/// `statfs` of a file system in memory.
const TMPFS_MAGIC: rustix::fs::FsWord = 0x0102_1994;
