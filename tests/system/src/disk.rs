//! A disk so small that it can be full: a file system in memory, mounted for one test. Needs root.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether this process may do what only root may. Says so when it may not: a test that is left out must not
/// look like one that passed.
pub fn is_root(test: &str) -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("SKIPPED: {test} needs root");
    }
    root
}

/// The mounted disk; unmounted when it goes.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one of so many bytes.
    ///
    /// # Errors
    /// The system does not let us.
    pub fn mount(at: &Path, bytes: u64) -> io::Result<Self> {
        let options = format!("size={bytes},mode=700");
        let status = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at).status()?;
        if status.success() { Ok(Self(at.to_owned())) } else { Err(io::Error::other("mount failed")) }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What is still mounted shows when the folder can't be removed.
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
