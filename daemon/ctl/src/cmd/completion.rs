//! `receiptctl completion`: a completion script for a shell, on standard output.

use clap_complete::Shell;

use crate::cli;
use crate::cmd::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Which shell.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell
    #[arg(value_parser = ["bash", "zsh", "fish"])]
    pub shell: String,
}

/// Writes the script.
///
/// # Errors
/// The output cannot be written.
pub fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let script = script(&args.shell, context.out.style.lang);
    context.out.writer().write_all(&script)?;
    Ok(Exit::Ok)
}

/// The script for a shell.
pub fn script(shell: &str, lang: crate::text::Lang) -> Vec<u8> {
    let shell = match shell {
        "zsh" => Shell::Zsh,
        "fish" => Shell::Fish,
        _ => Shell::Bash,
    };
    // The generator panics where it cannot write; memory always can be written.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(lang), "receiptctl", &mut script);
    script
}
