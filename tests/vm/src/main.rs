//! `receiptd-vm`: the machine by hand, and the system test.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use receiptd_vm::machine::Machine;

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
    let mut machine = Machine::new()?;
    match verb {
        Verb::Run { with, command } => {
            let took = machine.boot()?;
            eprintln!("up after {:.1} s", took.as_secs_f64());
            machine.put(&with, "/root")?;
            let mut input: Box<dyn io::Read + Send> =
                if io::stdin().is_terminal() { Box::new(io::empty()) } else { Box::new(io::stdin()) };
            let done = machine.run_with(&command.join(" "), &mut input, Some(&mut io::stdout()))?;
            Ok(ExitCode::from(u8::try_from(done.code).unwrap_or(1)))
        }
        Verb::Shell { with } => {
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
