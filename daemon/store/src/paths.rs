//! The names below the store's directory, and making that directory usable.

use std::path::{Path, PathBuf};

use crate::error::OpenError;

/// The directories of one store.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    pub(crate) root: PathBuf,
    pub(crate) journal: PathBuf,
    pub(crate) spool: PathBuf,
    pub(crate) bodies: PathBuf,
}

impl Paths {
    /// Names them.
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            journal: root.join("journal"),
            spool: root.join("spool"),
            bodies: root.join("bodies"),
        }
    }

    /// Makes them, and makes their names durable.
    ///
    /// # Errors
    /// Which directory is missing or not usable, and what to do about it.
    pub(crate) fn make(&self) -> Result<(), OpenError> {
        if !self.root.is_dir() {
            std::fs::create_dir(&self.root).map_err(|source| match source.kind() {
                std::io::ErrorKind::AlreadyExists => OpenError::NotWritable {
                    dir: self.root.clone(),
                    source: std::io::ErrorKind::NotADirectory.into(),
                },
                _ => OpenError::Missing { dir: self.root.clone(), source },
            })?;
        }
        for dir in [&self.journal, &self.spool, &self.bodies] {
            if dir.is_dir() {
                continue;
            }
            std::fs::create_dir(dir).map_err(|source| {
                if crate::error::is_full(&source) {
                    OpenError::DiskFull { source }
                } else {
                    OpenError::NotWritable { dir: dir.clone(), source }
                }
            })?;
        }
        for dir in [self.root.parent(), Some(&*self.root)].into_iter().flatten() {
            // The parent may not be ours to open; then its sync is not ours to give.
            let synced = std::fs::File::open(dir).and_then(|d| d.sync_all());
            if dir == self.root {
                synced.map_err(|e| OpenError::io("making the directory durable", e))?;
            }
        }
        Ok(())
    }
}
