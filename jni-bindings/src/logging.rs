//! Log lines of the library and of the daemon it hosts, to `java.util.logging` (on Android: logcat).

use log::{LevelFilter, Log, Metadata, Record};

use crate::frame::frame;
use crate::upcall::{Kind, upcall};

/// What is handed to Java at most; Java's own levels decide what is written.
const LEVEL: LevelFilter = LevelFilter::Info;

struct ToJava;

impl Log for ToJava {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // zbus tells of each connection, in words for its own developers.
        metadata.level() <= LEVEL && metadata.target().starts_with("receiptd")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let level = match record.level() {
                log::Level::Error => "error",
                log::Level::Warn => "warn",
                log::Level::Info => "info",
                log::Level::Debug => "debug",
                log::Level::Trace => "trace",
            };
            upcall(0, Kind::Log, 0, &frame(&(level, record.target(), record.args().to_string())));
        }
    }

    fn flush(&self) {}
}

/// Begins. Another logger of the process, if there is one already, stays.
pub fn start() {
    if log::set_logger(&ToJava).is_ok() {
        log::set_max_level(LEVEL);
    }
}
