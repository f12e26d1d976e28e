//! What is known of misbehaving and of unusual devices, as data.
//!
//! `quirks.toml` is built in; files in a local folder are laid over it in the order of their names. An entry is for
//! one product, or without `product` for all of a vendor's. All entries that fit are laid over each other: vendor
//! before product, built-in before local. Each has its story and its source, so that whoever doubts it can
//! look. Unknown keys are refused with their line.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::limits::{CLOSE_DELAY_MS_MAX, QUIRKS_FILE_BYTES_MAX, QUIRKS_FILES_MAX};

/// The entries that come with the program.
pub const BUILT_IN: &str = include_str!("../../quirks.toml");

/// How a device is to be treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quirk {
    /// What it is, for people and for udev.
    pub name: Option<String>,
    /// Its IN endpoint may be read.
    pub read: bool,
    /// Interfaces of vendor class are the printer's.
    pub vendor_class: bool,
    /// It stands a choice of the alternate setting.
    pub set_interface: bool,
    /// The interface is given back to the kernel's driver at the end.
    pub reattach: bool,
    /// How long to wait before it is given back, ms.
    pub close_delay_ms: u32,
    /// It may be asked for its IEEE 1284 device id.
    pub device_id: bool,
    /// Its port status is alive: it was seen to change.
    pub port_status: bool,
    /// It is not a printer of ours, whatever its class says.
    pub ignore: bool,
}

/// A device of which nothing is known.
impl Default for Quirk {
    fn default() -> Self {
        Self {
            name: None,
            read: true,
            vendor_class: false,
            set_interface: true,
            reattach: true,
            close_delay_ms: 0,
            device_id: true,
            port_status: false,
            ignore: false,
        }
    }
}

/// One `[[quirk]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Entry {
    /// Vendor id.
    pub vendor: u16,
    /// Product id; all of the vendor's without.
    pub product: Option<u16>,
    /// What was seen, and why this helps.
    pub story: String,
    /// Where that can be read.
    pub source: String,
    /// What it is.
    pub name: Option<String>,
    read: Option<bool>,
    vendor_class: Option<bool>,
    set_interface: Option<bool>,
    reattach: Option<bool>,
    close_delay_ms: Option<u32>,
    device_id: Option<bool>,
    port_status: Option<bool>,
    ignore: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    quirk: Vec<Entry>,
}

/// All that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quirks {
    entries: Vec<Entry>,
}

/// Why quirks can't be used.
#[derive(Debug, thiserror::Error)]
pub enum QuirksError {
    /// A file or the folder can't be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is too large, or there are too many.
    #[error("{}: at most {QUIRKS_FILES_MAX} files of {QUIRKS_FILE_BYTES_MAX} bytes are read", path.display())]
    TooMuch {
        /// The file or folder.
        path: PathBuf,
    },
    /// A file is not what it should be; the message has line and column.
    #[error("{}: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What, where, and what is allowed.
        message: String,
    },
}

impl Quirks {
    /// Those that come with the program.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn built_in() -> Result<Self, QuirksError> {
        let mut quirks = Self::default();
        quirks.lay_over(Path::new("quirks.toml"), BUILT_IN)?;
        Ok(quirks)
    }

    /// Those that come with the program, and the files `*.toml` of a folder, which need not exist.
    ///
    /// # Errors
    /// Names the file and the place.
    pub fn load(folder: &Path) -> Result<Self, QuirksError> {
        let mut quirks = Self::built_in()?;
        let failed = |source| QuirksError::Read { path: folder.to_owned(), source };
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(quirks),
            Err(source) => return Err(failed(source)),
        };
        let mut files = BTreeSet::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|e| e == "toml") {
                files.insert(path);
            }
        }
        if files.len() > QUIRKS_FILES_MAX {
            return Err(QuirksError::TooMuch { path: folder.to_owned() });
        }
        for path in files {
            let failed = |source| QuirksError::Read { path: path.clone(), source };
            let about = fs::metadata(&path).map_err(failed)?;
            if !about.is_file() {
                // To read a pipe would be to wait for whoever writes into it.
                return Err(failed(io::Error::other("it is not a file")));
            }
            if about.len() > QUIRKS_FILE_BYTES_MAX {
                return Err(QuirksError::TooMuch { path });
            }
            let text = fs::read_to_string(&path).map_err(failed)?;
            quirks.lay_over(&path, &text)?;
        }
        Ok(quirks)
    }

    fn lay_over(&mut self, path: &Path, text: &str) -> Result<(), QuirksError> {
        let syntax = |message: String| QuirksError::Syntax { path: path.to_owned(), message };
        let file: File = receiptd_toml::from_str(text).map_err(|e| syntax(e.to_string()))?;
        for entry in file.quirk {
            let which = match entry.product {
                Some(product) => format!("{:04x}:{product:04x}", entry.vendor),
                None => format!("{:04x}", entry.vendor),
            };
            if entry.story.trim().is_empty() || entry.source.trim().is_empty() {
                return Err(syntax(format!("the quirk of {which} needs a story and a source")));
            }
            if entry.close_delay_ms.is_some_and(|ms| ms > CLOSE_DELAY_MS_MAX) {
                return Err(syntax(format!(
                    "close-delay-ms of {which}: at most {CLOSE_DELAY_MS_MAX} is allowed"
                )));
            }
            self.entries.push(entry);
        }
        Ok(())
    }

    /// The entries, in their order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How to treat this device.
    pub fn of(&self, vendor: u16, product: u16) -> Quirk {
        let fitting = |exact: bool| {
            self.entries.iter().filter(move |e| {
                e.vendor == vendor && if exact { e.product == Some(product) } else { e.product.is_none() }
            })
        };
        let mut quirk = Quirk::default();
        for entry in fitting(false).chain(fitting(true)) {
            macro_rules! later_wins {
                ($($field:ident),+) => { $(if let Some(value) = entry.$field { quirk.$field = value; })+ };
            }
            later_wins!(
                read,
                vendor_class,
                set_interface,
                reattach,
                close_delay_ms,
                device_id,
                port_status,
                ignore
            );
            if entry.name.is_some() {
                quirk.name.clone_from(&entry.name);
            }
        }
        quirk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line for each entry: what it must change. An entry without a line here is an error.
    #[test]
    fn the_effect_of_every_built_in_entry_is_seen() {
        type Effect = fn(&Quirk) -> bool;
        let named: Effect = |q| q.name.is_some();
        let mute: Effect = |q| !q.read;
        let stays: Effect = |q| !q.reattach;
        let both: Effect = |q| !q.read && !q.reattach;
        let slow: Effect = |q| q.close_delay_ms == 1_000 && !q.read;
        let vendor: Effect = |q| q.vendor_class;
        let shy: Effect = |q| !q.set_interface;
        let effects: &[(u16, Option<u16>, Effect)] = &[
            (0x0519, None, mute),
            (0x0519, Some(0x0001), slow),
            (0x2730, Some(0x2008), slow),
            (0x06bc, Some(0x0183), mute),
            (0x0a5f, None, both),
            (0x2d84, None, mute),
            (0x195f, Some(0x0001), mute),
            (0x067b, Some(0x2305), both),
            (0x067e, None, stays),
            (0x1a86, Some(0x7584), stays),
            (0x04b8, Some(0x0202), vendor),
            (0x0419, None, shy),
            (0x0416, Some(0x5011), named),
            (0x0483, Some(0x5743), named),
            (0x0483, Some(0x5840), named),
            (0x1fc9, Some(0x2016), named),
            (0x0fe6, Some(0x811e), named),
            (0x04b8, Some(0x0e03), named),
            (0x04b8, Some(0x0e31), named),
            (0x1504, Some(0x001f), named),
            (0x2730, Some(0x2002), named),
            (0x2730, Some(0x200f), named),
            (0x1d90, Some(0x20f0), named),
            (0x0dd4, Some(0x0237), named),
            (0x0404, Some(0x0312), named),
            (0x04c5, Some(0x1104), named),
            (0x0525, Some(0xa4a8), named),
        ];
        let quirks = Quirks::built_in().unwrap();
        for entry in quirks.entries() {
            let known = effects.iter().find(|e| (e.0, e.1) == (entry.vendor, entry.product));
            let (vendor, product, effect) = known.unwrap_or_else(|| panic!("no effect is shown: {entry:?}"));
            let with = quirks.of(*vendor, product.unwrap_or(0xFFFF));
            let mut without = quirks.clone();
            without.entries.retain(|e| (e.vendor, e.product) != (*vendor, *product));
            assert!(effect(&with), "{entry:?}");
            let before = without.of(*vendor, product.unwrap_or(0xFFFF));
            assert_ne!(with, before, "the entry changes nothing: {entry:?}");
        }
        assert_eq!(effects.len(), quirks.entries().len());
        assert_eq!(quirks.of(0xABCD, 1), Quirk::default());
    }

    #[test]
    fn local_files_win_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let head = "[[quirk]]\nstory = \"here\"\nsource = \"seen\"\n";
        write("20-b.toml", &format!("{head}vendor = 0x0519\nread = true\nclose-delay-ms = 5\n"));
        write("10-a.toml", &format!("{head}vendor = 0x0519\nread = false\nclose-delay-ms = 7\n"));
        write("ignored.txt", "x");
        let quirks = Quirks::load(folder.path()).unwrap();
        let quirk = quirks.of(0x0519, 0x0003);
        assert!(quirk.read && quirk.close_delay_ms == 5);
        // The built-in entry of the product still stands above the vendor's.
        assert_eq!(quirks.of(0x0519, 0x0001).close_delay_ms, 1_000);
        assert_eq!(
            Quirks::load(Path::new("/nonexistent")).unwrap().entries().len(),
            quirks.entries().len() - 2
        );
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |text: &str| {
            fs::write(folder.path().join("x.toml"), text).unwrap();
            Quirks::load(folder.path()).unwrap_err().to_string()
        };
        let head = "[[quirk]]\nvendor = 1\nstory = \"s\"\nsource = \"s\"\n";
        let unknown = refused(&format!("{head}unread = true\n"));
        assert!(unknown.contains("x.toml") && unknown.contains("line 5"), "{unknown}");
        assert!(unknown.contains("unread"), "{unknown}");
        assert!(refused("[[quirk]]\nvendor = 1\nsource = \"s\"\n").contains("story"));
        assert!(refused("[[quirk]]\nvendor = 1\nstory = \" \"\nsource = \"s\"\n").contains("0001"));
        assert!(refused("[[quirk]]\nvendor = 0x10000\nstory = \"s\"\nsource = \"s\"\n").contains("line 2"));
        assert!(refused(&format!("{head}close-delay-ms = 10001\n")).contains("10000"));
    }
}
