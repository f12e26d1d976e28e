//! A folder of templates: what is sound counts, what is wrong is named with its file and costs nothing else.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

use receiptd_document::limits::{TEMPLATE_BYTES_MAX, TEMPLATES_MAX};
use receiptd_templates::{Loaded, load};
use tempfile::TempDir;

const SOUND: &str = "[[footer]]\nlines = [{text = {text = \"thanks\"}}]\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn names(loaded: &Loaded) -> Vec<&str> {
    loaded.templates.iter().map(|template| template.name()).collect()
}

fn told(loaded: &Loaded, folder: &Path) -> Vec<String> {
    let inside = format!("{}/", folder.display());
    loaded.problems.iter().map(|problem| problem.to_string().replace(&inside, "")).collect()
}

#[test]
fn a_folder_that_is_not_there_has_no_templates() {
    assert_eq!(load(Path::new("/nonexistent/templates.d")), Loaded::default());
}

#[test]
fn a_wrong_file_costs_itself_alone() {
    let folder = folder(&[
        ("tea.toml", SOUND),
        ("coffee.toml", "[[footer]]\nlines = [{txt = {}}]\n"),
        ("with blank.toml", SOUND),
        ("readme.md", "not a template"),
        ("coffee.toml.example", "nor is this"),
    ]);
    fs::create_dir(folder.path().join("folder.toml")).unwrap();
    fs::write(folder.path().join("latin.toml"), b"\xe9").unwrap();
    let loaded = load(folder.path());
    assert_eq!(names(&loaded), ["tea"]);
    let told = told(&loaded, folder.path());
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[0].starts_with("coffee.toml: line 2, column 10, footer[0].lines[0]: there is no key txt"));
    assert_eq!(told[1], "folder.toml: it can't be read: it is not a file");
    assert_eq!(told[2], "latin.toml: it can't be read: it is not UTF-8");
    assert!(told[3].starts_with("with blank.toml: the template's name is \"with blank\""));
}

#[test]
fn logos_come_from_the_folder_and_nowhere_else() {
    let with = |logo: &str| format!("[[header]]\nlines = [{{logo = \"{logo}\"}}]\n");
    let folder = folder(&[
        ("gone.toml", &with("gone.png")),
        ("out.toml", &with("../../etc/passwd")),
        ("hidden.toml", &with(".shadow")),
        ("noise.toml", &with("noise.png")),
        ("noise.png", "noise"),
    ]);
    let loaded = load(folder.path());
    let told = told(&loaded, folder.path());
    assert!(names(&loaded).is_empty());
    assert!(told[0].contains("gone.png can't be used: No such file"), "{}", told[0]);
    assert!(told[1].contains(".shadow can't be used: it has to be the name of a file beside"), "{}", told[1]);
    assert!(told[2].contains("not a readable PNG"), "{}", told[2]);
    assert!(told[3].contains("it has to be the name of a file beside the template"), "{}", told[3]);
}

#[test]
fn sizes_and_numbers_have_an_end() {
    let large = format!("{SOUND}#{}", "x".repeat(TEMPLATE_BYTES_MAX as usize));
    let folder = folder(&[("large.toml", &large)]);
    assert_eq!(
        told(&load(folder.path()), folder.path()),
        ["large.toml: it can't be read: it has more than 65536 bytes"]
    );
    for n in 0..TEMPLATES_MAX {
        fs::write(folder.path().join(format!("a{n}.toml")), SOUND).unwrap();
    }
    let loaded = load(folder.path());
    assert_eq!(names(&loaded).len(), TEMPLATES_MAX);
    assert!(
        loaded.problems[0]
            .to_string()
            .ends_with("65 templates; at most 64 are read, in the order of their names")
    );
}
