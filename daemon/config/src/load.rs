//! From files to [`Settings`]. A missing main file is an error only when it was named by hand; drop-ins are
//! read in the order of their names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use receiptd_templates::FOLDER;

use crate::fragment::Fragment;
use crate::merged::lay_over;
use crate::models::Models;
use crate::settings::Settings;

/// Where the configuration is when nothing else is said.
pub const DEFAULT_FILE: &str = "/etc/receiptd/receiptd.toml";

/// The largest configuration file, bytes: enough for every printer with every key, and a story each.
pub(super) const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file can't be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is too large to be a configuration.
    #[error("{}: {bytes} bytes are too large for a configuration; at most {FILE_BYTES_MAX} are read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size, bytes.
        bytes: u64,
    },
    /// A file is not what it should be; the message has line and column.
    #[error("{}: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What, where, and what is allowed.
        message: String,
    },
    /// The files together make no sense.
    #[error("{} and its drop-ins: {message}", path.display())]
    Meaning {
        /// The main file.
        path: PathBuf,
        /// What, and what is allowed.
        message: String,
    },
}

/// Reads a configuration and its drop-ins (`receiptd.toml` has them in `receiptd.toml.d/*.toml` beside it), and the templates
/// in `templates.d` beside it. A template that is wrong is no error: it stands in [`Settings::templates`].
/// With no `file`, [`DEFAULT_FILE`] is read if it is there.
///
/// # Errors
/// [`ConfigError`] names the file and the place.
pub fn load(file: Option<&Path>) -> Result<Settings, ConfigError> {
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    let mut together = match read(path) {
        Err(ConfigError::Read { source, .. })
            if file.is_none() && source.kind() == io::ErrorKind::NotFound =>
        {
            Fragment::default()
        }
        other => other?,
    };
    for drop_in in drop_ins(path)? {
        lay_over(&mut together, read(&drop_in)?);
    }
    let mut settings = Settings::from_fragment(together, Models::beside(path))
        .map_err(|message| ConfigError::Meaning { path: path.to_owned(), message })?;
    settings.templates = Arc::new(receiptd_templates::load(&path.with_file_name(FOLDER)));
    Ok(settings)
}

/// The configuration of a daemon that lives in an app's process, from its text. Everything is in `folder`: the spool in `spool`,
/// and `templates.d`, `models.d` and `quirks.d` beside it, if they are there.
///
/// # Errors
/// [`ConfigError`]; the file is named `configuration`.
pub fn hosted(folder: &Path, text: &str) -> Result<Settings, ConfigError> {
    let path = PathBuf::from("configuration");
    let mut file: Fragment = receiptd_toml::from_str(text)
        .map_err(|e| ConfigError::Syntax { path: path.clone(), message: e.to_string() })?;
    let wrong = |message: &str| ConfigError::Meaning { path: path.clone(), message: message.to_owned() };
    if !file.api.is_empty() {
        return Err(wrong("[api] has no meaning in an app's own process: nobody else reaches its daemon"));
    }
    if file.spool.directory.is_some() {
        return Err(wrong("spool.directory can't be set: the spool is in the folder that the app names"));
    }
    file.spool.directory = Some(folder.join("spool"));
    file.usb.quirks_directory.get_or_insert_with(|| folder.join("quirks.d"));
    let mut settings = Settings::from_fragment(file, Models::beside(&folder.join("receiptd.toml")))
        .map_err(|message| wrong(&message))?;
    settings.templates = Arc::new(receiptd_templates::load(&folder.join(FOLDER)));
    Ok(settings)
}

fn read(path: &Path) -> Result<Fragment, ConfigError> {
    let failed = |source| ConfigError::Read { path: path.to_owned(), source };
    let bytes = fs::metadata(path).map_err(failed)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(ConfigError::TooLarge { path: path.to_owned(), bytes });
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    receiptd_toml::from_str(&text)
        .map_err(|e| ConfigError::Syntax { path: path.to_owned(), message: e.to_string() })
}

/// In the order of their names.
fn drop_ins(path: &Path) -> Result<BTreeSet<PathBuf>, ConfigError> {
    let mut folder = path.as_os_str().to_owned();
    folder.push(".d");
    let folder = PathBuf::from(folder);
    toml_files(&folder).map_err(|source| ConfigError::Read { path: folder, source })
}

/// The files `*.toml` of a folder, which need not exist, in the order of their names.
pub(super) fn toml_files(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(e) => return Err(e),
    };
    let mut files = BTreeSet::new();
    for entry in entries {
        let file = entry?.path();
        if file.extension().is_some_and(|e| e == "toml") {
            // To read a pipe would be to wait for whoever writes into it.
            if !fs::metadata(&file)?.is_file() {
                return Err(io::Error::other(format!("{} is not a file", file.display())));
            }
            files.insert(file);
        }
    }
    Ok(files)
}
