//! `receiptctl`: the technician's and the integrator's command.
//!
//! A library, so that the manual pages, the completions and the output can be tested; `main` only calls [`run`].
//! It talks to the daemon through `receiptd-api`, and to the store of a *stopped* daemon through
//! `receiptd_store::offline`. It decides nothing about receipts: it asks, and says what the answer means.

pub mod cli;
pub mod client;
pub mod cmd;
pub mod describe;
pub mod document;
pub mod exit;
pub mod failure;
pub mod follow;
pub mod json;
pub mod man;
pub mod out;
mod owner;
pub mod press;
pub mod record;
pub mod sheet;
mod shown;
pub mod table;
pub mod text;
pub mod time;
pub mod usage;
pub mod users;

use std::ffi::OsString;

use clap::FromArgMatches;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::out::{Out, Style};

/// Runs the command with these arguments, the program's name first.
pub fn run(args: Vec<OsString>) -> Exit {
    let args = cli::with_help_verb(args);
    let lang = cli::language(&args, |name| std::env::var(name).ok());
    let json = cli::wants_json(&args);
    let parsed =
        cli::command(lang).try_get_matches_from(args).and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed {
        Ok(cli) => {
            let out = Out::new(Style::of_environment(lang, cli.global.json, cli.global.quiet));
            cmd::run(cli, out)
        }
        Err(error) => usage::report(&error, &Style::of_environment(lang, json, false)),
    }
}
