//! `receiptd-vm`: the machine by hand, and the system test.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use receiptd_vm::machine::Machine;
use receiptd_vm::scenario::{self, Plan};
use receiptd_vm::usb;

/// The virtual machine of the system test.
#[derive(Debug, Parser)]
#[command(name = "receiptd-vm")]
struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Boot, copy files to /root, run a command of bash there as root, print what it prints, end with its exit code
    Run {
        /// A file or folder to copy; may be given several times
        #[arg(long, value_name = "FILE")]
        with: Vec<PathBuf>,
        /// The command; its words are joined
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
    /// The system test: installs the package and runs the scenarios
    Test {
        /// The package, or the folder in which the newest one is taken
        #[arg(long, value_name = "DEB")]
        deb: PathBuf,
        /// Power cuts
        #[arg(long, default_value_t = 20)]
        cuts: usize,
        /// SIGKILLs of the daemon
        #[arg(long, default_value_t = 20)]
        kills: usize,
        /// States of the disk after a flush in which the spool is opened
        #[arg(long, default_value_t = 100)]
        flushes: usize,
        /// Only what every change must pass: installation, SIGKILLs, USB plugged in and out, power cuts
        #[arg(long)]
        brief: bool,
        /// The folder that jni-bindings/java-runtime has made, for the scenario of a Java app
        #[arg(long, value_name = "FOLDER")]
        java: Option<PathBuf>,
        /// Only the scenarios whose names contain this
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
    },
    /// The benches of USB, in the machine: no other has a USB device controller
    Bench {
        /// The folder with the release programs receiptd and receiptd-bench
        #[arg(long, value_name = "FOLDER")]
        programs: PathBuf,
        /// Fewer rounds
        #[arg(long)]
        quick: bool,
    },
    /// Boot with this terminal as the console; "poweroff" ends it
    Shell {
        /// A file or folder to copy to /root; may be given several times
        #[arg(long, value_name = "FILE")]
        with: Vec<PathBuf>,
    },
}

fn main() -> ExitCode {
    match run(Args::parse().verb) {
        Ok(code) => code,
        Err(why) => {
            eprintln!("receiptd-vm: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> io::Result<ExitCode> {
    match verb {
        Verb::Test { deb, cuts, kills, flushes, brief, java, only } => {
            let passed = scenario::run(&package(&deb)?, &Plan { cuts, kills, flushes, brief, java, only })?;
            Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Verb::Run { with, command } => {
            let mut machine = Machine::new()?;
            let took = machine.boot()?;
            eprintln!("up after {:.1} s", took.as_secs_f64());
            machine.put(&with, "/root")?;
            let mut input: Box<dyn io::Read + Send> =
                if io::stdin().is_terminal() { Box::new(io::empty()) } else { Box::new(io::stdin()) };
            let done = machine.run_with(&command.join(" "), &mut input, Some(&mut io::stdout()))?;
            Ok(ExitCode::from(u8::try_from(done.code).unwrap_or(1)))
        }
        Verb::Bench { programs, quick } => {
            let mut machine = Machine::new()?;
            let took = machine.boot()?;
            eprintln!("up after {:.1} s", took.as_secs_f64());
            machine.put(&[programs.join("receiptd"), programs.join("receiptd-bench")], "/root/bench")?;
            usb::load_modules(&machine)?;
            // The disk that is judged is the machine's: /tmp is memory there.
            let quick = if quick { "--quick" } else { "" };
            let bench =
                format!("TMPDIR=/var/tmp bench/receiptd-bench --only usb-first-byte --only usb-head {quick}");
            let done = machine.run_with(&bench, &mut io::empty(), Some(&mut io::stdout()))?;
            Ok(ExitCode::from(u8::try_from(done.code).unwrap_or(1)))
        }
        Verb::Shell { with } => {
            let mut machine = Machine::new()?;
            if !with.is_empty() {
                machine.boot()?;
                machine.put(&with, "/root")?;
                machine.shut_down()?;
            }
            let status = machine.at_terminal()?;
            Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

/// The package itself, or the newest one in a folder.
fn package(path: &Path) -> io::Result<PathBuf> {
    if path.is_file() {
        return Ok(path.to_owned());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "deb") {
            found.push((path.metadata()?.modified()?, path));
        }
    }
    let newest = found.into_iter().max().map(|(_, path)| path);
    newest.ok_or_else(|| {
        io::Error::other(format!("no package in {}; build it first: make deb", path.display()))
    })
}
