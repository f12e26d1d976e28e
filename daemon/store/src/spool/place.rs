//! Which sled directory is the current one: `CURRENT` names it and is switched by an atomic rename. A
//! directory that is not named is not looked at; what was moved aside is kept once.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, write_durably};

/// The place of the sled directories.
#[derive(Debug, Clone)]
pub struct Place {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
}

/// What `CURRENT` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    pub dir: PathBuf,
    /// The store's number, for the case that no header of the journal is readable.
    pub store: u64,
}

impl Place {
    pub fn new(disk: Arc<dyn Disk>, dir: &Path) -> Self {
        Self { disk, dir: dir.to_owned() }
    }

    fn pointer(&self) -> PathBuf {
        self.dir.join("CURRENT")
    }

    /// The current directory, if the pointer is readable and what it names is there.
    pub fn current(&self) -> Option<Current> {
        let text = std::fs::read_to_string(self.pointer()).ok()?;
        let (name, store) = text.trim().split_once(' ')?;
        number(name)?;
        let store = u64::from_str_radix(store, 16).ok()?;
        Some(Current { dir: self.dir.join(name), store })
    }

    /// A directory that does not exist yet, with a number above all that do.
    pub fn fresh(&self) -> io::Result<PathBuf> {
        let mut top = 0;
        for entry in std::fs::read_dir(&self.dir)? {
            let name = entry?.file_name();
            let name = name.to_str().unwrap_or_default();
            top = top.max(number(name).or_else(|| number(&name.replace(".broken", ""))).unwrap_or(0));
        }
        Ok(self.dir.join(format!("sled-{:06}", top + 1)))
    }

    /// Makes `dir` the current one. Its files must be durable already.
    pub fn switch(&self, dir: &Path, store: u64) -> io::Result<()> {
        self.disk.sync_dir(dir)?;
        self.disk.sync_dir(&self.dir)?;
        let name = dir.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        write_durably(self.disk.as_ref(), &self.pointer(), format!("{name} {store:016x}\n").as_bytes())
    }

    /// Moves a broken directory aside; the one moved aside before goes.
    pub fn set_aside(&self, dir: &Path) -> io::Result<()> {
        let Some(n) = dir.file_name().and_then(|n| n.to_str()).and_then(number) else { return Ok(()) };
        for path in self.list()? {
            if path.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with("sled.broken-")) {
                std::fs::remove_dir_all(&path)?;
            }
        }
        self.disk.rename(dir, &self.dir.join(format!("sled.broken-{n:06}")))?;
        self.disk.sync_dir(&self.dir)
    }

    /// Removes sled directories that are neither current nor set aside: half-built ones, and those that a
    /// crash kept from being removed after a switch. The first error is given back when all were tried.
    pub fn sweep(&self, keep: Option<&Path>) -> io::Result<()> {
        let mut result = Ok(());
        for path in self.list()? {
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let removed = if number(name).is_some() && Some(path.as_path()) != keep {
                std::fs::remove_dir_all(&path)
            } else if name.ends_with(".tmp") {
                self.disk.remove(&path)
            } else {
                continue;
            };
            result = result.and(removed);
        }
        result
    }

    fn list(&self) -> io::Result<Vec<PathBuf>> {
        std::fs::read_dir(&self.dir)?.map(|e| e.map(|e| e.path())).collect()
    }
}

fn number(name: &str) -> Option<u64> {
    name.strip_prefix("sled-")?.parse().ok()
}
