//! Where everything the command says goes: lines for people or JSON for programs, in colour or not.
//!
//! It decides no wording. Standard output is what was asked for; hints and progress go to standard error, and
//! `--quiet` silences them.

use std::io::{self, IsTerminal, Write};

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::{Failure, Report};
use crate::table::{Cell, Tint};
use crate::text::{Lang, Text, messages};
use crate::users::Users;

/// How things are shown.
#[derive(Clone, Debug)]
pub struct Style {
    /// The language.
    pub lang: Lang,
    /// JSON instead of lines for people.
    pub json: bool,
    /// No hints and no progress.
    pub quiet: bool,
    /// Whether standard output takes colours.
    pub color: bool,
    /// The zone of local time.
    pub tz: TimeZone,
    /// Who is who.
    pub users: Users,
}

impl Style {
    /// As the environment and the options say.
    pub fn of_environment(lang: Lang, json: bool, quiet: bool) -> Self {
        let color = !json
            && io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self { lang, json, quiet, color, tz: TimeZone::system(), users: Users::of_machine() }
    }

    /// A sentence.
    pub const fn say(&self, text: Text) -> &'static str {
        text.get(self.lang)
    }

    /// A sentence with values.
    pub fn fill(&self, text: Text, values: &[(&str, &str)]) -> String {
        text.fill(self.lang, values)
    }

    /// A text in a colour, if there are colours.
    pub fn paint(&self, text: &str, tint: Tint) -> String {
        tint.paint(text, self.color)
    }
}

/// The output of one run.
pub struct Out {
    /// How.
    pub style: Style,
    stdout: io::BufWriter<io::StdoutLock<'static>>,
}

impl Out {
    /// An output in this style.
    pub fn new(style: Style) -> Self {
        Self { style, stdout: io::BufWriter::new(io::stdout().lock()) }
    }

    /// A line for people.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn line(&mut self, line: &str) -> Result<(), Failure> {
        writeln!(self.stdout, "{line}").map_err(Failure::Output)
    }

    /// Bytes as they are: a page that was asked for.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.stdout.write_all(bytes).map_err(Failure::Output)?;
        self.flush()
    }

    /// Several lines.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn lines(&mut self, lines: &[String]) -> Result<(), Failure> {
        lines.iter().try_for_each(|line| self.line(line))
    }

    /// A table.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn table(&mut self, header: &[Text], rows: &[Vec<Cell>]) -> Result<(), Failure> {
        let header: Vec<&str> = header.iter().map(|text| self.style.say(*text)).collect();
        let lines = crate::table::lines(&header, rows, self.style.color);
        self.lines(&lines)
    }

    /// One JSON object in one line, sent off at once: what reads it may wait for it.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.stdout, value).map_err(|error| Failure::Output(error.into()))?;
        self.line("")?;
        self.flush()
    }

    /// Sends off what is buffered.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.stdout.flush().map_err(Failure::Output)
    }

    /// The buffered standard output itself, for bulk.
    pub fn writer(&mut self) -> &mut dyn Write {
        &mut self.stdout
    }

    /// A hint or a progress line on standard error; not in JSON, not when quiet.
    pub fn hint(&self, line: &str) {
        if !self.style.json && !self.style.quiet {
            // A hint that cannot be written is not worth a failure.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }

    /// A failure, on standard error.
    pub fn failure(&self, report: &Report) {
        let _ = writeln!(io::stderr(), "{}", render_failure(report, &self.style));
    }
}

/// The JSON form of a failure.
#[derive(Serialize)]
struct FailureJson<'a> {
    r#type: &'static str,
    code: &'a str,
    retry: &'a str,
    message: &'a str,
    message_zh: &'a str,
    next: Option<&'a str>,
    next_zh: Option<&'a str>,
    exit: u8,
}

/// A failure as it is shown: the sentence and the next step, or one JSON object.
pub fn render_failure(report: &Report, style: &Style) -> String {
    if style.json {
        let json = FailureJson {
            r#type: "error",
            code: &report.code,
            retry: report.retry,
            message: &report.message,
            message_zh: &report.message_zh,
            next: report.next.map(|text| text.en),
            next_zh: report.next.map(|text| text.zh),
            exit: report.exit as u8,
        };
        return serde_json::to_string(&json).unwrap_or_else(|error| error.to_string());
    }
    let mut out = style.fill(
        messages::ERROR,
        &[("message", &crate::table::clean(report.message(style.lang))), ("code", &report.code)],
    );
    if let Some(next) = report.next {
        out.push('\n');
        out.push_str(&style.fill(messages::NEXT_STEP, &[("next", next.get(style.lang))]));
    }
    out
}

/// How a run that failed ends; a reader who has gone away is not a failure.
pub fn finish(out: &mut Out, result: Result<Exit, Failure>) -> Exit {
    let flushed = result.and_then(|exit| out.flush().map(|()| exit));
    match flushed {
        Ok(exit) => exit,
        Err(failure) if failure.is_broken_pipe() => Exit::Ok,
        Err(Failure::Interrupted) if !out.style.json => {
            let _ = out.flush();
            Exit::Interrupted
        }
        Err(failure) => {
            let _ = out.flush();
            let report = failure.report();
            out.failure(&report);
            report.exit
        }
    }
}
