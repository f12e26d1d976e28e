//! A message bus of a test's own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A bus on which everybody may do everything; ended when it goes.
#[derive(Debug)]
pub struct Bus {
    daemon: Child,
    /// Its D-Bus address.
    pub address: String,
}

impl Bus {
    /// Starts one. `None`, and it says so, where there is no `dbus-daemon`: a test that is left out must not look like
    /// one that passed.
    pub fn start(test: &str) -> Option<Self> {
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--print-address=1"]).stdout(Stdio::piped());
        let mut address = String::new();
        let started = command.spawn().ok().and_then(|mut daemon| {
            let output = daemon.stdout.take()?;
            BufReader::new(output).read_line(&mut address).ok()?;
            Some(daemon)
        });
        let Some(daemon) = started else {
            eprintln!("SKIPPED: {test} needs dbus-daemon");
            return None;
        };
        Some(Self { daemon, address: address.trim().to_owned() })
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        // Nobody is on it any more.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
