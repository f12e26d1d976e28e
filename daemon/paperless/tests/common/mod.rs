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
            let paper = match &name {
                name if name.contains("58mm") => Profile::mm58(),
                name if name.contains("76mm") => Profile::mm76(),
                _ => Profile::mm80(),
            };
            let profile = match name.as_str() {
                name if name.contains("ascii") => Profile { kanji: KanjiMode::None, ..Profile::mm58() },
                "europe-single" => Profile { kanji: KanjiMode::None, ..paper },
                _ => paper,
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

/// What a browser would make of a page, as far as the tests want to know.
pub struct ReadHtml {
    /// The text of the body, figures' captions included.
    pub text: String,
    /// Elements that could run something.
    pub scripts: usize,
    /// Addresses of links.
    pub links: Vec<String>,
}

/// Reads HTML as strictly as XML, void elements aside; fails on anything that does not nest.
pub fn read_html(html: &str) -> ReadHtml {
    const VOID: [&str; 4] = ["meta", "hr", "br", "img"];
    const KNOWN: [&str; 23] = [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "footer",
        "h1",
        "h2",
        "p",
        "div",
        "span",
        "b",
        "br",
        "hr",
        "figure",
        "figcaption",
        "svg",
        "path",
        "img",
        "a",
        "section",
    ];
    let mut rest = html.strip_prefix("<!DOCTYPE html>\n").expect("a doctype");
    let mut read = ReadHtml { text: String::new(), scripts: 0, links: Vec::new() };
    let mut open: Vec<&str> = Vec::new();
    while let Some((before, from)) = rest.split_once('<') {
        assert!(!before.contains('>'), "a stray > in {before:?}");
        if open.contains(&"body") {
            read.text.push_str(&unescaped(before));
        }
        let (tag, behind) = from.split_once('>').expect("a tag ends");
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{name} is closed");
            continue;
        }
        let closed = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let name = tag.split(' ').next().expect("a name");
        assert!(KNOWN.contains(&name), "an element {name:?}");
        if name == "style" {
            rest = rest.split_once("</style>").expect("the style ends").1;
            continue;
        }
        let mut attributes = tag[name.len()..].trim_start();
        while !attributes.is_empty() {
            let (key, from) = attributes.split_once("=\"").expect("a quoted attribute");
            let (value, behind) = from.split_once('"').expect("a closing quote");
            assert!(key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "an attribute {key:?}");
            read.scripts += usize::from(key.starts_with("on") || key == "style");
            if key == "href" {
                read.links.push(unescaped(value));
            }
            attributes = behind.trim_start();
        }
        if !VOID.contains(&name) && !closed {
            open.push(name);
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} are open, {rest:?} is left");
    read
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}
