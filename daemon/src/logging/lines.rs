//! The journal, or standard error.

use std::fmt::Write as _;
use std::io::Write as _;

use jiff::Timestamp;
use log::{Log, Metadata, Record};
use systemd_journal_logger::{JournalLog, connected_to_journal};

use super::{Filtered, OWN, write_record};

pub(super) fn open() -> Box<dyn Log> {
    // If the journal can't be reached although it is there, its stream of standard error is read all the same.
    let journal = connected_to_journal().then(JournalLog::empty).and_then(Result::ok);
    match journal {
        Some(journal) => Box::new(Filtered(journal.with_syslog_identifier(OWN.to_owned()))),
        None => Box::new(Filtered(Lines { time: std::env::var_os("JOURNAL_STREAM").is_none() })),
    }
}

/// Standard error.
pub(super) struct Lines {
    /// Whether each line begins with the time; the journal has its own.
    pub(super) time: bool,
}

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut line = String::new();
        if self.time {
            let _ = write!(line, "{:.3} ", Timestamp::now());
        }
        // Writing to a string does not fail, and nobody is left to be told that standard error is closed.
        let _ = write_record(&mut line, record);
        line.push('\n');
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }

    fn flush(&self) {}
}
