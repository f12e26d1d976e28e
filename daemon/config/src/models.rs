//! Printer models that a configuration names: the built-in ones, and an integrator's own in `models.d` beside the
//! configuration. That folder is read only when a printer names a model, so that a start does not wait for it.

use std::path::{Path, PathBuf};
use std::{fs, io};

use receiptd_document::Profile;
use receiptd_document::models::{self, Model};

use crate::load::{FILE_BYTES_MAX, toml_files};

/// Files of models at most: one for each of a large chain's printers.
const FILES_MAX: usize = 64;

/// What is known of models.
pub(super) struct Models {
    folder: PathBuf,
    /// The integrator's, in the order of their files, once they were read.
    local: Option<Vec<Model>>,
}

impl Models {
    /// Those of the folder `models.d` beside this configuration, and the built-in ones.
    pub(super) fn beside(config: &Path) -> Self {
        Self { folder: config.with_file_name("models.d"), local: None }
    }

    /// The profile of a model.
    ///
    /// # Errors
    /// A sentence: there is no such model, and which are near; or a local file can't be read, and why.
    pub(super) fn profile(&mut self, id: &str) -> Result<Profile, String> {
        let local = match self.local.take() {
            Some(local) => local,
            None => read(&self.folder)?,
        };
        let local = &*self.local.insert(local);
        if let Some(model) = local.iter().rev().find(|model| model.id == id) {
            return Ok(model.profile.clone());
        }
        models::find(id).ok_or_else(|| {
            let mut known: Vec<&str> = local.iter().map(|model| model.id.as_ref()).collect();
            for id in models::ids() {
                known.push(id);
            }
            let near = models::near(id, known.into_iter());
            let near = match near.is_empty() {
                true => String::new(),
                false => format!("; near it: {}", near.join(", ")),
            };
            format!("model is \"{id}\", which is not known{near}; `receiptctl printers models` lists all")
        })
    }
}

fn read(folder: &Path) -> Result<Vec<Model>, String> {
    let failed = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
    let files = toml_files(folder).map_err(|error| failed(folder, error))?;
    if files.len() > FILES_MAX {
        return Err(format!("{}: {} files; at most {FILES_MAX} are read", folder.display(), files.len()));
    }
    let mut all = Vec::new();
    for path in files {
        let bytes = fs::metadata(&path).map_err(|error| failed(&path, error))?.len();
        if bytes > FILE_BYTES_MAX {
            return Err(format!("{}: {bytes} bytes; at most {FILE_BYTES_MAX} are read", path.display()));
        }
        let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
        all.extend(models::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?);
    }
    Ok(all)
}
