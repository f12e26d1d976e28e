//! Where the log goes: to the journal with its fields when systemd started the daemon, else to standard error,
//! one line each; on Android to logcat. What is logged is decided where it happens; what of a job and of a printer
//! is news for a technician in [`chronicle`](crate::chronicle).

#[cfg(target_os = "android")]
#[path = "logging/logcat.rs"]
mod sink;
#[cfg(not(target_os = "android"))]
#[path = "logging/lines.rs"]
mod sink;

use std::fmt::{self, Write as _};

use log::kv::{self, VisitSource};
use log::{Level, LevelFilter, Log, Metadata, Record};

/// The field of the journal with the number of the job that an entry is about (`journalctl RECEIPTD_JOB=17`);
/// as a key of the `log` macros in small letters.
pub const JOB: &str = "receiptd_job";
/// The field with the printer's name.
pub const PRINTER: &str = "receiptd_printer";
/// The field with the state of the job or the printer, in the words of the interface.
pub const STATE: &str = "receiptd_state";

/// Of our own code the level of the configuration decides; of the libraries only what is wrong is shown.
const FOREIGN: LevelFilter = LevelFilter::Warn;
const OWN: &str = "receiptd";

/// Starts logging.
pub fn start(level: LevelFilter) {
    // A second logger is a mistake of the program's start, and the first one goes on.
    let _ = log::set_boxed_logger(sink::open());
    log::set_max_level(level);
}

struct Filtered<L>(L);

impl<L: Log> Log for Filtered<L> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_own(metadata.target()) || metadata.level() <= FOREIGN
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            self.0.log(record);
        }
    }

    fn flush(&self) {
        self.0.flush();
    }
}

/// `receiptd`, `receiptd::ipc`, `receiptd_store::journal`, …
fn is_own(target: &str) -> bool {
    target.strip_prefix(OWN).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '_']))
}

/// `WARN  receiptd::shell: text [job=17 printer=counter]`
#[cfg_attr(target_os = "android", expect(dead_code, reason = "logcat shows the level itself"))]
fn write_record(line: &mut String, record: &Record<'_>) -> fmt::Result {
    write!(line, "{:5} ", record.level())?;
    write_text(line, record)
}

/// The same without the level.
fn write_text(line: &mut String, record: &Record<'_>) -> fmt::Result {
    write!(line, "{}: ", record.target())?;
    // What comes from outside, a printer's name for itself say, makes no second line.
    let message = record.args().to_string();
    line.extend(message.chars().map(|c| if c.is_control() { ' ' } else { c }));
    let mut fields = Fields { line, any: false };
    record.key_values().visit(&mut fields).map_err(|_| fmt::Error)?;
    if fields.any {
        line.push(']');
    }
    Ok(())
}

struct Fields<'a> {
    line: &'a mut String,
    any: bool,
}

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        let open = if self.any { ' ' } else { '[' };
        if !self.any {
            self.line.push(' ');
        }
        self.any = true;
        let key = key.as_str();
        let key = key.strip_prefix("receiptd_").unwrap_or(key);
        write!(self.line, "{open}{key}={value}")?;
        Ok(())
    }
}

/// The level for what a technician reads without having asked for more.
pub const fn news(bad: bool) -> Level {
    if bad { Level::Warn } else { Level::Info }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(record: &Record<'_>) -> String {
        let mut line = String::new();
        write_record(&mut line, record).unwrap();
        line
    }

    #[test]
    fn a_line_has_level_place_text_and_fields() {
        let fields = [(JOB, kv::Value::from(17)), (PRINTER, kv::Value::from("counter"))];
        let record = Record::builder()
            .level(Level::Warn)
            .target("receiptd::shell")
            .args(format_args!("nobody knows"))
            .key_values(&fields)
            .build();
        assert_eq!(line(&record), "WARN  receiptd::shell: nobody knows [job=17 printer=counter]");
    }

    #[test]
    fn a_text_from_outside_makes_no_second_line() {
        let record = Record::builder()
            .level(Level::Info)
            .target("receiptd")
            .args(format_args!("a\nERROR b\x1b[0m"))
            .build();
        assert_eq!(line(&record), "INFO  receiptd: a ERROR b [0m");
    }

    #[test]
    fn of_libraries_only_what_is_wrong_is_logged() {
        let logger = Filtered(sink::Lines { time: false });
        let enabled =
            |target, level| logger.enabled(&Metadata::builder().target(target).level(level).build());
        assert!(enabled("receiptd", Level::Trace) && enabled("receiptd_store::journal", Level::Trace));
        assert!(enabled("zbus::connection", Level::Warn) && !enabled("zbus::connection", Level::Info));
        assert!(!enabled("receiptdoc", Level::Info));
    }
}
