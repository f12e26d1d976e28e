//! What several tests need: the documents of `receiptd-document`, as they are spooled.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::{Path, PathBuf};

use receiptd_document::{KanjiMode, Profile};
use receiptd_paperless::Page;

/// The golden documents: names, bytes, and the profile they were made for.
pub fn documents() -> Vec<(String, Vec<u8>, Profile)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../document/tests/golden");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(dir).expect("golden documents").map(|entry| entry.expect("entry").path()).collect();
    files.sort();
    files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "bin"))
        .map(|path| {
            let name = path.file_stem().expect("name").to_string_lossy().into_owned();
            let paper = if name.contains("58mm") { Profile::mm58() } else { Profile::mm80() };
            let profile = match name.contains("ascii") {
                true => Profile { kanji: KanjiMode::None, ..Profile::mm58() },
                false => paper,
            };
            (name, std::fs::read(path).expect("reads"), profile)
        })
        .collect()
}

/// The page of one of them.
pub fn page(name: &str) -> Page {
    let (_, bytes, profile) =
        documents().into_iter().find(|(known, ..)| known == name).unwrap_or_else(|| panic!("no {name}"));
    Page::of(&bytes, &profile)
}

/// A golden file of this crate; `UPDATE_GOLDEN=1` writes it anew.
pub fn golden(name: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, now).expect("writes");
    }
    let then = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        then == now,
        "{} is not what is made now; if it should be: UPDATE_GOLDEN=1\n{now}",
        path.display()
    );
}

/// Characters that are no blanks, in order.
pub fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
