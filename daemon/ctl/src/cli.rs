//! The command line: the verbs, the options they share, and their help in the language of the user.
//!
//! The arguments of a verb stand with the verb, in `cmd`. English help is in the doc comments there; Chinese help
//! comes from `text::help` and is put over it before parsing.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgAction, Args, Command, CommandFactory, Parser, Subcommand};
use receiptd_api::Where;

use crate::cmd;
use crate::text::{Lang, help};

/// Ask receiptd what became of a receipt, and tell it what to do.
#[derive(Debug, Parser)]
#[command(name = "receiptctl", version, arg_required_else_help = true, subcommand_required = true)]
pub struct Cli {
    /// What all verbs share.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The options that every verb has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
pub struct Global {
    /// The daemon's socket [default: $RECEIPTD_SOCKET, else /run/receiptd/api.sock, else the system bus]
    #[arg(long, global = true, display_order = 900, value_name = "PATH", conflicts_with = "bus")]
    pub socket: Option<PathBuf>,
    /// Ask over a message bus instead of the socket
    #[arg(long, global = true, display_order = 901, value_name = "BUS", value_parser = ["system", "session"])]
    pub bus: Option<String>,
    /// JSON, one object per line, instead of text; errors too, on standard error
    #[arg(long, global = true, display_order = 902)]
    pub json: bool,
    /// The language of the output: en or zh [default: by LC_ALL, LC_MESSAGES, LANG]
    #[arg(long, global = true, display_order = 903, value_name = "LANG", value_parser = ["en", "zh"])]
    pub lang: Option<String>,
    /// No hints and no progress, only what was asked for
    #[arg(short, long, global = true, display_order = 904)]
    pub quiet: bool,
}

impl Global {
    /// Where the daemon is looked for.
    pub fn place(&self) -> Where {
        match (&self.socket, self.bus.as_deref()) {
            (Some(path), _) => Where::Socket(path.clone()),
            (None, Some("session")) => Where::Session,
            (None, Some(_)) => Where::System,
            (None, None) => Where::Auto,
        }
    }
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Hand in a receipt to be printed
    Print(cmd::print::Args),
    /// Show what a receipt would look like, without printing it
    Preview(cmd::preview::Args),
    /// Check documents without printing them; the exit code tells whether all are sound
    Validate(cmd::validate::Args),
    /// Check, list and show templates: what stands around the receipts of a shop
    Template(cmd::template::Args),
    /// Make or verify the signed link to a receipt without paper
    Link(cmd::link::Args),
    /// List jobs
    Jobs(cmd::jobs::Args),
    /// Tell the whole story of a job, and what can be done now
    Job(cmd::job::Args),
    /// Print a job that has ended again, marked as a duplicate
    Reprint(cmd::reprint::Args),
    /// Do not print these jobs
    Cancel(cmd::cancel::Args),
    /// Do not print a job for now
    Hold(cmd::hold::Args),
    /// Go on with a held job
    Release(cmd::release::Args),
    /// Say whether the receipt of an uncertain job came out
    Resolve(cmd::resolve::Args),
    /// List the printers, what is wrong with them and what helps
    Printers(cmd::printers::Args),
    /// Ask whether a slip would come out now
    CanPrint(cmd::can_print::Args),
    /// Follow what happens, one line per change
    Watch(cmd::watch::Args),
    /// Show the whole on one screen
    Status(cmd::status::Args),
    /// Check, export or rebuild the store of a stopped daemon
    Store(cmd::store::Args),
    /// Write a completion script for a shell
    Completion(cmd::completion::Args),
    /// Write the manual pages
    #[command(hide = true)]
    Man(cmd::man::Args),
}

/// The language asked for: `--lang`, else the environment's. Looked at before parsing, since help and usage errors
/// have a language too.
pub fn language(args: &[OsString], environment: impl Fn(&str) -> Option<String>) -> Lang {
    let mut given = None;
    let mut words = args.iter().skip(1).map(|arg| arg.to_string_lossy());
    while let Some(word) = words.next() {
        match &*word {
            "--" => break,
            "--lang" => given = words.next().map(|value| value.into_owned()),
            word => given = word.strip_prefix("--lang=").map(str::to_owned).or(given),
        }
    }
    given.map_or_else(|| Lang::of_environment(environment), |lang| Lang::of_locale(&lang))
}

/// `receiptctl help VERB` as `receiptctl VERB --help`: people type either.
pub fn with_help_verb(mut args: Vec<OsString>) -> Vec<OsString> {
    if args.get(1).is_some_and(|verb| verb == "help") {
        args.remove(1);
        args.push("--help".into());
    }
    args
}

/// Whether JSON is asked for; looked at before parsing, for usage errors.
pub fn wants_json(args: &[OsString]) -> bool {
    args.iter().skip(1).take_while(|arg| *arg != "--").any(|arg| arg == "--json")
}

/// The command line in a language.
pub fn command(lang: Lang) -> Command {
    localised(Cli::command(), lang, "")
}

const TEMPLATE_EN: &str = "{before-help}{about-with-newline}\nUsage: {usage}\n\n{all-args}{after-help}";
const TEMPLATE_ZH: &str = "{before-help}{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

/// Puts the help of a language over a command and those below it; `path` names the command in the help table.
fn localised(command: Command, lang: Lang, path: &str) -> Command {
    let say = |en: &'static str, zh: &'static str| crate::text::Text::new(en, zh).get(lang);
    let command = if lang == Lang::Zh { chinese(command, path) } else { command };
    let mut command = command
        .help_template(say(TEMPLATE_EN, TEMPLATE_ZH))
        .subcommand_help_heading(say("Commands", "命令"))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .display_order(1000)
                .help_heading(say("Common options", "通用选项"))
                .help(say("Show this help", "显示本帮助")),
        );
    if path.is_empty() {
        command = command
            .arg(
                Arg::new("version")
                    .short('V')
                    .long("version")
                    .action(ArgAction::Version)
                    .display_order(1001)
                    .help_heading(say("Common options", "通用选项"))
                    .help(say("Show the version", "显示版本")),
            )
            .after_help(say(help::AFTER_EN, help::AFTER_ZH));
    }
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let below = join(path, &name);
        command = command.mut_subcommand(name, |sub| localised(sub, lang, &below));
    }
    command
}

fn chinese(mut command: Command, path: &str) -> Command {
    if let Some(about) = help::zh(path) {
        command = command.about(about);
    }
    let ids: Vec<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    for id in ids {
        let global = Global::ids().contains(&id.as_str());
        let key = if global { join("*", &id) } else { join(path, &id) };
        command = command.mut_arg(id, |arg| {
            let heading = match (global, arg.is_positional()) {
                (true, _) => "通用选项",
                (false, true) => "参数",
                (false, false) => "选项",
            };
            match help::zh(&key) {
                Some(text) => with_values(arg, text).help_heading(heading),
                None => arg.help_heading(heading),
            }
        });
    }
    command
}

/// The Chinese help of an argument, with the notes on its values that the parser would add in English.
fn with_values(arg: Arg, text: &str) -> Arg {
    if !arg.get_action().takes_values() {
        return arg.help(text.to_owned());
    }
    let mut text = text.to_owned();
    let possible: Vec<String> =
        arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if !possible.is_empty() && !arg.is_hide_possible_values_set() {
        text.push_str(&format!(" [可选：{}]", possible.join(", ")));
    }
    let default: Vec<_> = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy())
        .filter(|v| !v.is_empty())
        .collect();
    if !default.is_empty() {
        text.push_str(&format!(" [默认：{}]", default.join(", ")));
    }
    arg.help(text).hide_default_value(true).hide_possible_values(true)
}

impl Global {
    const fn ids() -> [&'static str; 5] {
        ["socket", "bus", "json", "lang", "quiet"]
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn os(args: &[&str]) -> Vec<OsString> {
        args.iter().map(OsString::from).collect()
    }

    #[test]
    fn the_command_line_is_consistent_in_both_languages() {
        command(Lang::En).debug_assert();
        command(Lang::Zh).debug_assert();
    }

    #[test]
    fn the_language_is_known_before_parsing() {
        let of = |args: &[&str]| language(&os(args), |_| Some("zh_CN.UTF-8".to_owned()));
        assert_eq!(of(&["receiptctl", "jobs"]), Lang::Zh);
        assert_eq!(of(&["receiptctl", "jobs", "--lang", "en"]), Lang::En);
        assert_eq!(of(&["receiptctl", "--lang=en", "jobs"]), Lang::En);
        assert_eq!(of(&["receiptctl", "jobs", "--", "--lang=en"]), Lang::Zh);
        assert!(wants_json(&os(&["receiptctl", "jobs", "--json"])));
        assert!(!wants_json(&os(&["receiptctl", "print", "--", "--json"])));
    }

    /// Every verb and every option has Chinese help, and the table names nothing that is not there.
    #[test]
    fn all_help_is_in_both_languages() {
        fn walk(command: &Command, path: &str, keys: &mut Vec<String>) {
            keys.push(path.to_owned());
            assert!(command.get_about().is_some(), "{path} has no English help");
            for arg in command.get_arguments() {
                let id = arg.get_id().as_str();
                assert!(arg.get_help().is_some(), "{path}.{id} has no English help");
                if !Global::ids().contains(&id) {
                    keys.push(join(path, id));
                }
            }
            for sub in command.get_subcommands() {
                walk(sub, &join(path, sub.get_name()), keys);
            }
        }
        let mut keys: Vec<String> = Global::ids().iter().map(|id| join("*", id)).collect();
        walk(&Cli::command(), "", &mut keys);
        for key in &keys {
            let text = help::zh(key).unwrap_or_else(|| panic!("no Chinese help for {key:?}"));
            assert!(!text.is_ascii(), "{key}");
        }
        for (key, _) in help::ZH {
            assert!(keys.iter().any(|known| known == key), "Chinese help for {key:?}, which is not there");
        }
    }
}
