//! Reading the configuration again while the daemon runs (SIGHUP): what can change changes, what can't is named, and a
//! wrong configuration changes nothing.

use std::path::PathBuf;

use log::LevelFilter;
use receiptd_document::{CardRule, CopyRules};

use crate::config::{self, Settings};
use crate::notify::notify;
use crate::shell::Shell;
use crate::templates;

/// Where the configuration is read from, and what the command line says beyond it.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The file, if one was named.
    pub file: Option<PathBuf>,
    /// The level of logging that the command line asks for; it wins over the file.
    pub level: Option<LevelFilter>,
}

impl Source {
    /// The level to log at.
    pub fn level(&self, settings: &Settings) -> LevelFilter {
        self.level.unwrap_or(settings.log_level)
    }
}

/// Reads the configuration again. `running` are the settings of what can't change; they stay.
pub fn reload(source: &Source, running: &Settings, shell: &Shell) {
    // The service manager must see the reload end, however it ends.
    notify(&format!("RELOADING=1\nMONOTONIC_USEC={}", monotonic_us()));
    match config::load(source.file.as_deref()) {
        Ok(settings) => {
            log::set_max_level(source.level(&settings));
            log::info!(
                "SIGHUP: the configuration was read again: [log], [jobs], spool.keep-* and the templates count from now on"
            );
            shell.reconfigure(&settings, templates::tell(&settings));
            let kept = differences(running, &settings);
            if !kept.is_empty() {
                log::warn!("{} changed too: that counts from the next start on", kept.join(", "));
            }
        }
        Err(why) => log::error!(
            "SIGHUP: the daemon goes on with the configuration it has, because the new one is wrong: {why}"
        ),
    }
    notify("READY=1");
}

/// What can't change while the daemon runs, and did.
fn differences(running: &Settings, new: &Settings) -> Vec<&'static str> {
    // What stands in sections of its own is named by them.
    let own = |settings: &Settings| {
        let mut printers = settings.printers.clone();
        for printer in &mut printers {
            (printer.profile.cards, printer.profile.copies) = (CardRule::MASK, CopyRules::USUAL);
        }
        printers
    };
    let changes = [
        ("spool.directory", running.directory != new.directory),
        ("spool.bench-flush-delay-ms", running.bench_flush_delay != new.bench_flush_delay),
        ("[api]", running.api != new.api),
        ("[usb]", running.quirks != new.quirks),
        ("[cards]", running.cards != new.cards),
        ("[copies]", running.copies != new.copies),
        ("[[printer]]", own(running) != own(new)),
    ];
    changes.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect()
}

fn monotonic_us() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let us = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1_000;
    u64::try_from(us).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        config::load(Some(file.path())).unwrap()
    }

    #[test]
    fn what_cannot_change_is_named() {
        let old = settings("[[printer]]\nname = \"a\"\nconnect = \"tcp:192.0.2.7\"\n");
        assert!(differences(&old, &old).is_empty());
        let same =
            settings("[jobs]\nactive-max = 5\n[[printer]]\nname = \"a\"\nconnect = \"tcp:192.0.2.7\"\n");
        assert!(differences(&old, &same).is_empty(), "limits can change");
        let new = settings(
            "[api]\nsocket-mode = \"0666\"\n[[printer]]\nname = \"a\"\nconnect = \"tcp:192.0.2.8\"\n",
        );
        assert_eq!(differences(&old, &new), ["[api]", "[[printer]]"]);
        let new = settings(
            "[cards]\naction = \"refuse\"\n[copies.bank]\nsignature = false\n[[printer]]\nname = \"a\"\nconnect = \"tcp:192.0.2.7\"\n",
        );
        assert_eq!(differences(&old, &new), ["[cards]", "[copies]"]);
    }
}
