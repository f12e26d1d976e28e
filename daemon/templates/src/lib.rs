//! The folder of templates: its files are found and read here, for the daemon and for `receiptctl`, so that both see the
//! same. What a template is and whether it is sound is `receiptd_document::template`'s.
//!
//! A file that is wrong costs itself alone: the others count, and [`Problem`] tells of it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use receiptd_document::limits::{TEMPLATE_BYTES_MAX, TEMPLATE_LOGOS_BYTES_MAX, TEMPLATES_MAX};
use receiptd_document::template::{Template, TemplateError, Templates};

/// The folder's name beside the configuration.
pub const FOLDER: &str = "templates.d";

/// Where it is unless the configuration lies elsewhere.
pub const DEFAULT_FOLDER: &str = "/etc/receiptd/templates.d";

/// What is in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The templates.
    pub templates: Templates,
    /// What is wrong, in the order of the files' names.
    pub problems: Vec<Problem>,
}

/// A file that is no template, or what is wrong with the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, or the folder.
    pub path: PathBuf,
    /// What is wrong.
    pub why: Why,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It can't be read: what the system says.
    Read(String),
    /// There are more than [`TEMPLATES_MAX`]; those behind the first are not read.
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// It is not a template.
    Template(TemplateError),
}

impl Problem {
    /// Stable name of the kind of problem, kebab-case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &self.why {
            Why::Read(_) => "template-unreadable",
            Why::TooMany { .. } => "too-many-templates",
            Why::Template(error) => error.code(),
        }
    }

    /// What is wrong, without the file, in Chinese.
    #[must_use]
    pub fn message_zh(&self) -> String {
        match &self.why {
            Why::Read(why) => format!("无法读取：{why}"),
            Why::TooMany { count } => {
                format!("有 {count} 个模板，最多 {TEMPLATES_MAX} 个；其余的不予读取")
            }
            Why::Template(error) => error.message_zh(),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(why) => write!(f, "it can't be read: {why}"),
            Self::TooMany { count } => {
                write!(f, "{count} templates; at most {TEMPLATES_MAX} are read, in the order of their names")
            }
            Self::Template(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}

/// Reads the files `*.toml` of a folder, in the order of their names. A folder that is not there has none.
#[must_use]
pub fn load(folder: &Path) -> Loaded {
    let mut loaded = Loaded::default();
    let files = match files(folder) {
        Ok(files) => files,
        Err(error) => {
            loaded.problems.push(Problem { path: folder.to_owned(), why: Why::Read(error.to_string()) });
            return loaded;
        }
    };
    if files.len() > TEMPLATES_MAX {
        loaded.problems.push(Problem { path: folder.to_owned(), why: Why::TooMany { count: files.len() } });
    }
    let (mut sound, mut broken) = (Vec::new(), Vec::new());
    for path in files.into_iter().take(TEMPLATES_MAX) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match template(&name, &path, folder) {
            Ok(template) => sound.push(template),
            Err(why) => {
                broken.push(name);
                loaded.problems.push(Problem { path, why });
            }
        }
    }
    loaded.templates = Templates::new(sound, broken);
    loaded
}

fn files(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(error),
    };
    let mut files = BTreeSet::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.insert(path);
        }
    }
    Ok(files)
}

fn template(name: &str, path: &Path, folder: &Path) -> Result<Template, Why> {
    let bytes = read(path, TEMPLATE_BYTES_MAX).map_err(|error| Why::Read(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| Why::Read("it is not UTF-8".to_owned()))?;
    let mut logo = |file: &str| {
        let bytes = read(&folder.join(file), TEMPLATE_LOGOS_BYTES_MAX as u64);
        bytes.map_err(|error| error.to_string())
    };
    Template::parse(name, &text, &mut logo).map_err(Why::Template)
}

/// The bytes of a file, at most one more than allowed. Opening a pipe would wait for whoever writes into it.
fn read(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::other(format!("it has more than {max} bytes")));
    }
    Ok(bytes)
}
