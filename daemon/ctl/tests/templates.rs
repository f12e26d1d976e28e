//! Templates without a daemon: checked, listed, shown.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;

use common::{golden_here, receiptctl, text};
use serde_json::Value;

const EXAMPLE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../dist/templates.d/coffee.toml.example"));
const SLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../document/examples/slip-sale.json");
const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../document/examples/shop-receipt.json");
const WIDE: &str = "merchant = [\"898110154110023\"]\nfor = [\"slip\"]\n[[footer]]\nfrom = 2027-01-01\n\
                    lines = [{barcode = {data = \"1234567890123456\", type = \"code39\", module = 2}}]\n";

/// A folder with the example, and these.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("coffee.toml"), EXAMPLE).expect("writes");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("writes");
    }
    folder
}

/// What the command says, without the folder's name.
fn told(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = receiptctl(arguments);
    let all = text(&output.stdout) + &text(&output.stderr);
    (output.status.code(), all.replace(&*folder.to_string_lossy(), "/etc/receiptd/templates.d"))
}

fn objects(arguments: &[&str]) -> Vec<Value> {
    let output = receiptctl(arguments);
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_folder_is_checked_listed_and_shown_in_both_languages() {
    let files =
        [("wide.toml", WIDE), ("wrong.toml", "[[footer]]\nlines = [\n  {rule = {style = \"wavy\"}},\n]\n")];
    let folder = folder(&files);
    let path = folder.path().to_str().expect("a path");
    let mut all = String::new();
    for lang in ["en", "zh"] {
        for arguments in [
            &["template", "check", path][..],
            &["template", "check", path, "--profile", "58mm"],
            &["template", "list", path, "--date", "2026-12-24"],
            &["template", "preview", "coffee", "--folder", path, "--date", "2026-12-24", "--profile", "58mm"],
            &["template", "preview", "wide", "--folder", path, "--date", "2026-12-31"],
            &["template", "preview", "wide", "--folder", path, "--date", "2027-01-01", "--profile", "58mm"],
            &["template", "preview", "wrong", "--folder", path],
            &["template", "preview", "tea", "--folder", path],
        ] {
            let (code, said) = told(folder.path(), &[arguments, &["--lang", lang]].concat());
            let shown: Vec<&str> =
                arguments.iter().map(|word| if *word == path { "FOLDER" } else { word }).collect();
            all += &format!("$ receiptctl {}\n{said}[{}]\n\n", shown.join(" "), code.expect("a code"));
        }
    }
    golden_here("templates.txt", &all);
}

#[test]
fn programs_read_which_line_is_wrong_and_which_parts_are_printed() {
    let folder = folder(&[("wrong.toml", "[[footer]]\nlines = [\n  {rule = {style = \"wavy\"}},\n]\n")]);
    let path = folder.path().to_str().expect("a path");
    let checked = objects(&["template", "check", path, "--json"]);
    assert_eq!(checked.len(), 2);
    assert_eq!((&checked[0]["type"], &checked[0]["sound"]), (&"template-checked".into(), &true.into()));
    assert_eq!(checked[0]["fits"], serde_json::json!(["80mm", "76mm", "58mm"]));
    assert_eq!((&checked[1]["line"], &checked[1]["sound"]), (&3.into(), &false.into()));
    let listed = objects(&["template", "list", path, "--date", "2026-11-30", "--json"]);
    let printed: Vec<&Value> =
        listed[0]["parts"].as_array().expect("parts").iter().map(|part| &part["printed"]).collect();
    assert_eq!(printed, [true, true, false]);
    assert_eq!(listed[0]["parts"][2]["until"], "2026-12-26");
}

#[test]
fn a_receipt_is_previewed_and_validated_with_the_template_that_fits() {
    let folder = folder(&[]);
    let path = folder.path().to_str().expect("a path");
    let (code, shown) = told(folder.path(), &["preview", SLIP, "--templates", path]);
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(shown.matches("CORNER COFFEE").count(), 1, "the customer's copy alone: {shown}");
    let (_, without) = told(folder.path(), &["preview", SLIP]);
    assert!(!without.contains("CORNER COFFEE"));
    let lines = |templates: &[&str]| {
        let copies = objects(&[&["validate", SLIP, "--json"], templates].concat());
        copies[1]["lines"].as_u64().expect("lines")
    };
    assert!(lines(&["--templates", path]) > lines(&[]));
    let (code, said) = told(folder.path(), &["preview", SLIP, "--templates", "/nonexistent"]);
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = told(folder.path(), &["template", "list", path, "--date", "24.12.2026"]);
    assert!(code == Some(2) && said.contains("2026-12-24"), "{said}");
}

/// What is printed on any day, what is over, and what is to come: so that the test is the same on each day.
const DATED: &str = "for = [\"slip\"]\n[[header]]\nlines = [{text = {text = \"CORNER COFFEE\"}}]\n\
                     [[footer]]\nuntil = 2020-12-31\nlines = [{text = {text = \"OVER\"}}]\n\
                     [[footer]]\nfrom = 2099-01-01\nlines = [{text = {text = \"TO COME\"}}, {text = {text = \"TO COME\"}}]\n";

#[test]
fn a_dry_run_tells_what_would_be_printed_with_the_template_in_both_languages() {
    let sound = tempfile::tempdir().expect("a folder");
    std::fs::write(sound.path().join("coffee.toml"), DATED).expect("writes");
    let broken = tempfile::tempdir().expect("a folder");
    std::fs::write(broken.path().join("coffee.toml"), "[[header]]\nlines = [{txt = \"a\"}]\n")
        .expect("writes");
    let path = |folder: &tempfile::TempDir| folder.path().to_str().expect("a path").to_owned();
    let (sound_path, broken_path) = (path(&sound), path(&broken));
    let mut all = String::new();
    for options in [&["--lang", "en"][..], &["--lang", "zh"], &["--json"]] {
        for (folder, arguments) in [
            (&sound, &["print", SLIP, "--dry-run"][..]),
            (&sound, &["print", SLIP, "--dry-run", "--templates", &sound_path]),
            (&sound, &["print", SLIP, "--dry-run", "--templates", &sound_path, "--dots", "384"]),
            (&sound, &["print", SHOP, "--dry-run", "--templates", &sound_path]),
            (&broken, &["print", SLIP, "--dry-run", "--templates", &broken_path]),
            (&sound, &["print", SLIP, "--dry-run", "--templates", "/nonexistent"]),
            (&sound, &["print", SLIP, "--templates", &sound_path]),
        ] {
            let arguments = [arguments, options].concat();
            let (code, said) = told(folder.path(), &arguments);
            let shown: Vec<&str> = arguments
                .iter()
                .map(|word| match *word {
                    SLIP => "slip-sale.json",
                    SHOP => "shop-receipt.json",
                    word if word == sound_path || word == broken_path => "FOLDER",
                    word => word,
                })
                .collect();
            all += &format!("$ receiptctl {}\n{said}[{}]\n\n", shown.join(" "), code.expect("a code"));
        }
    }
    golden_here("dry-run.txt", &all);
}
