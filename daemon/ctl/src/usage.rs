//! Mistakes on the command line, in the language of the user and with the exit code for them; and help, which the
//! parser hands over by the same road.

use std::io::Write;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::exit::Exit;
use crate::failure::Report;
use crate::out::{Style, render_failure};
use crate::text::{self, Lang, errors, messages};

/// Shows what the parser has to say, and how the command ends.
pub fn report(error: &clap::Error, style: &Style) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Help that nobody reads to its end is no failure.
            let _ = error.print();
            return Exit::Ok;
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if !style.json => {
            let _ = error.print();
            return Exit::Usage;
        }
        _ => {}
    }
    let text = if style.json {
        let report = Report {
            code: "Usage".to_owned(),
            retry: "never",
            message: english(error),
            message_zh: chinese(error),
            next: text::find(errors::NEXT, "Usage"),
            exit: Exit::Usage,
        };
        render_failure(&report, style)
    } else if style.lang == Lang::Zh {
        let command = usage_of(error);
        format!(
            "{}\n{}",
            style.fill(messages::USAGE_ERROR, &[("message", &chinese(error))]),
            style.fill(messages::USAGE_MORE, &[("command", &command)])
        )
    } else {
        let _ = error.print();
        return Exit::Usage;
    };
    let _ = writeln!(std::io::stderr(), "{text}");
    Exit::Usage
}

/// The parser's own first line, without its prefix.
fn english(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    first.split('\n').map(str::trim).collect::<Vec<_>>().join(" ")
}

fn chinese(error: &clap::Error) -> String {
    let get = |kind| error.get(kind).map(words).unwrap_or_default();
    let arg = get(ContextKind::InvalidArg);
    let value = get(ContextKind::InvalidValue);
    let mut out = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有选项或参数 {arg}"),
        ErrorKind::InvalidSubcommand => format!("没有命令 {}", get(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "缺少命令".to_owned()
        }
        ErrorKind::MissingRequiredArgument => format!("缺少 {arg}"),
        ErrorKind::InvalidValue if value.is_empty() => format!("{arg} 缺少值"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("{arg} 的值“{value}”无效"),
        ErrorKind::ArgumentConflict => format!("{arg} 不能与 {} 同时使用", get(ContextKind::PriorArg)),
        ErrorKind::NoEquals
        | ErrorKind::TooManyValues
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues => {
            format!("{arg} 的值个数不对")
        }
        _ => return english(error),
    };
    let valid = get(ContextKind::ValidValue);
    if !valid.is_empty() {
        out.push_str(&format!("，可用：{valid}"));
    }
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        let suggested = get(kind);
        if !suggested.is_empty() {
            out.push_str(&format!("，是否想用 {suggested}？"));
        }
    }
    out
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(word) => word.clone(),
        ContextValue::Strings(words) => words.join("、"),
        ContextValue::Number(number) => number.to_string(),
        ContextValue::Bool(flag) => flag.to_string(),
        _ => String::new(),
    }
}

/// The command the mistake was made in, for `--help`: the words before the first argument of its usage line.
fn usage_of(error: &clap::Error) -> String {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else {
        return "receiptctl".to_owned();
    };
    let usage = usage.to_string();
    let words: Vec<&str> = usage
        .split_whitespace()
        .skip_while(|word| *word != "receiptctl")
        .take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect();
    if words.is_empty() { "receiptctl".to_owned() } else { words.join(" ") }
}
