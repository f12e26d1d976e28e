//! Receipts without paper and without a daemon: preview, validate, link.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use common::{command, golden_here, receiptctl, text};
use serde_json::Value;

const SALE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../document/examples/unionpay-sale.json");
const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../document/examples/shop-receipt.json");
const TEMPLATE: &str = "https://r.example.com/{payload}";
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn key_file(dir: &Path, mode: u32, content: &str) -> String {
    let path = dir.join(format!("key-{mode:o}-{}", content.len()));
    std::fs::write(&path, format!("{content}\n")).expect("writes");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("mode");
    path.to_string_lossy().into_owned()
}

/// A program of a few lines of shell, written by another process: what a child of another test still holds open for writing
/// can't be started.
fn script(dir: &Path, name: &str, lines: &str) -> PathBuf {
    let (draft, path) = (dir.join("lines"), dir.join(name));
    std::fs::write(&draft, format!("#!/bin/sh\n{lines}\n")).expect("writes");
    let install = std::process::Command::new("install").args(["-m", "755"]).args([&draft, &path]).status();
    assert!(install.expect("install runs").success());
    path
}

fn object(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error}: {}", text(bytes)))
}

/// Receipts are shown by a program beside the command; says how it comes there.
#[track_caller]
fn press_is_built() {
    let press = Path::new(env!("CARGO_BIN_EXE_receiptctl")).with_file_name("receiptd-press");
    assert!(press.is_file(), "{} is missing: cargo build -p receiptd-press", press.display());
}

#[test]
fn a_receipt_is_shown_before_it_is_printed() {
    press_is_built();
    let shown = receiptctl(&["preview", SALE, "--copy", "customer"]);
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
    let shown = text(&shown.stdout);
    assert!(shown.contains("持卡人存根 CUSTOMER COPY") && !shown.contains("商户存根"), "{shown}");
    assert!(shown.lines().any(|line| line == "终端号 TERMINAL NO.                     01080209"), "{shown}");
    // Without --copy all of them, and on narrow paper narrower.
    let both = text(&receiptctl(&["preview", SALE, "--profile", "58mm"]).stdout);
    assert!(both.contains("商户存根") && both.contains("持卡人存根"), "{both}");
    assert!(both.lines().any(|line| line == "终端号 TERMINAL NO.     01080209"), "{both}");
}

#[test]
fn a_preview_goes_to_a_file_in_the_format_of_its_name() {
    press_is_built();
    let dir = tempfile::tempdir().expect("dir");
    let path = dir.path().join("slip.html");
    let path = path.to_str().expect("path");
    let made = receiptctl(&["preview", SHOP, "--output", path]);
    assert_eq!((made.status.code(), text(&made.stdout).as_str()), (Some(0), ""));
    assert!(text(&made.stderr).contains(path), "{}", text(&made.stderr));
    let page = std::fs::read_to_string(path).expect("page");
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.contains("<h1 class=\"c big\"><b>好邻居便利店</b></h1>")
    );
    let json = object(&receiptctl(&["preview", SHOP, "--as", "html", "--json"]).stdout);
    assert_eq!((json["type"].as_str(), json["format"].as_str()), (Some("preview"), Some("html")));
    assert_eq!(json["content"].as_str(), Some(page.as_str()));
}

#[test]
fn receipts_are_shown_by_a_program_of_their_own() {
    press_is_built();
    let dir = tempfile::tempdir().expect("dir");
    let slip = dir.path().join("slip.png");
    let missing = command(&["preview", SHOP, "--output", slip.to_str().expect("path")])
        .env("RECEIPTD_PRESS", "/nonexistent/receiptd-press")
        .output()
        .expect("runs");
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("/nonexistent/receiptd-press"), "{}", text(&missing.stderr));
    assert!(!slip.exists());
    // One that says no is quoted.
    let refuses = script(dir.path(), "refuses", "echo not today >&2\nexit 3");
    let refused =
        command(&["preview", SHOP, "--as", "pdf"]).env("RECEIPTD_PRESS", &refuses).output().expect("runs");
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("not today"), "{}", text(&refused.stderr));
    // So is one that answers in another way.
    let other = script(dir.path(), "other", "cat >/dev/null\necho hello");
    let refused = command(&["preview", SHOP]).env("RECEIPTD_PRESS", &other).output().expect("runs");
    assert_eq!((refused.status.code(), text(&refused.stdout).as_str()), (Some(1), ""));
    assert!(text(&refused.stderr).contains("no receipt"), "{}", text(&refused.stderr));
    for (format, magic) in [("png", &b"\x89PNG"[..]), ("pdf", b"%PDF")] {
        let made = receiptctl(&["preview", SHOP, "--as", format]);
        assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
        assert!(made.stdout.starts_with(magic), "{format}");
    }
}

#[test]
fn what_is_for_training_or_a_test_says_so_above_and_below_on_each_paper() {
    press_is_built();
    let dir = tempfile::tempdir().expect("dir");
    let file = |name: &str, content: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, content).expect("writes");
        path.to_string_lossy().into_owned()
    };
    let (note, raw) = (file("note.txt", "谢谢惠顾\n".as_bytes()), file("raw.bin", b"\x1b@\x1b!\x30BIG\n"));
    let json =
        file("ticket.json", br#"{"version": 1, "lines": [{"text": {"text": "A042", "size": "double"}}]}"#);
    let mut all = String::new();
    for (path, name) in [(&json, "ticket.json"), (&note, "note.txt"), (&raw, "raw.bin")] {
        for purpose in ["training", "test"] {
            for paper in ["80mm", "76mm", "58mm"] {
                let arguments = ["preview", path, "--purpose", purpose, "--profile", paper];
                let shown = receiptctl(&arguments);
                assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
                let shown = text(&shown.stdout);
                all +=
                    &format!("$ receiptctl preview {name} --purpose {purpose} --profile {paper}\n{shown}\n");
            }
        }
    }
    for lang in ["en", "zh"] {
        let refused = receiptctl(&["preview", &json, "--purpose", "practice", "--lang", lang]);
        all += &format!("$ receiptctl preview ticket.json --purpose practice --lang {lang}\n");
        all += &format!("{}[{}]\n\n", text(&refused.stderr), refused.status.code().expect("a code"));
    }
    golden_here("purposes.txt", &all);
}

#[test]
fn a_copy_that_is_not_there_is_named() {
    let refused = receiptctl(&["preview", SALE, "--copy", "bank"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("it has: merchant, customer"), "{}", text(&refused.stderr));
}

#[test]
fn documents_are_validated_to_the_last_and_the_path_of_an_error_is_said() {
    let dir = tempfile::tempdir().expect("dir");
    let wrong = dir.path().join("wrong.json");
    std::fs::write(&wrong, r#"{"version": 1, "lines": [{"text": {"txt": "a"}}]}"#).expect("writes");
    let wrong = wrong.to_str().expect("path");
    let checked = receiptctl(&["validate", wrong, SALE]);
    assert_eq!(checked.status.code(), Some(1));
    let shown = text(&checked.stdout);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 3, "{shown}");
    assert!(lines[0].contains("$.lines[0]") && lines[0].contains(wrong), "{shown}");
    assert!(lines[1].contains("sound") && lines[2].contains("29 lines"), "{shown}");

    let json = receiptctl(&["validate", wrong, SHOP, "--json"]);
    let objects: Vec<Value> = text(&json.stdout).lines().map(|line| object(line.as_bytes())).collect();
    assert_eq!((objects[0]["sound"].as_bool(), objects[1]["sound"].as_bool()), (Some(false), Some(true)));
    assert!(objects[0]["message_zh"].as_str().is_some_and(|text| !text.is_ascii()));
    assert_eq!(objects[1]["title"], "好邻居便利店");
    assert_eq!(receiptctl(&["validate", SALE, SHOP]).status.code(), Some(0));
    assert_eq!(receiptctl(&["validate", "/nonexistent.json"]).status.code(), Some(2));
}

#[test]
fn masked_numbers_are_said() {
    press_is_built();
    let dir = tempfile::tempdir().expect("dir");
    let path = dir.path().join("card.txt");
    std::fs::write(&path, "4111 1111 1111 1111\n").expect("writes");
    let path = path.to_str().expect("path");
    assert!(text(&receiptctl(&["validate", path]).stdout).contains("will be masked: 1"));
    assert_eq!(text(&receiptctl(&["preview", path]).stdout), "4111 11** **** 1111\n");
}

#[test]
fn a_link_is_made_and_verified_and_names_its_document() {
    let dir = tempfile::tempdir().expect("dir");
    let key = key_file(dir.path(), 0o600, KEY);
    let made = receiptctl(&[
        "link",
        "make",
        SALE,
        "--template",
        TEMPLATE,
        "--key-file",
        &key,
        "--shop",
        "898110154110023/01080209",
        "--amount",
        "CNY12800",
        "--time",
        "1795789925",
        "--key-number",
        "3",
    ]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let url = text(&made.stdout);
    let url = url.trim();
    assert!(url.starts_with("https://r.example.com/AEB"), "{url}");
    let verified = receiptctl(&["link", "verify", url, "--key-file", &key, "--file", SALE, "--json"]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stderr));
    let link = object(&verified.stdout);
    assert_eq!((link["copy"].as_str(), link["minor"].as_u64()), (Some("customer"), Some(12_800)));
    assert_eq!((link["key_number"].as_u64(), link["time_ms"].as_u64()), (Some(3), Some(1_795_789_925_000)));
    assert_eq!(link["shop"], "898110154110023/01080209");
    let other = receiptctl(&["link", "verify", url, "--key-file", &key, "--file", SHOP]);
    assert_eq!(other.status.code(), Some(1));

    let changed = url.replacen("AEB", "AEC", 1);
    let refused = receiptctl(&["link", "verify", &changed, "--key-file", &key, "--lang", "zh"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("签名与密钥不符"), "{}", text(&refused.stderr));
}

#[test]
fn a_key_that_others_can_read_or_that_is_none_is_refused() {
    let dir = tempfile::tempdir().expect("dir");
    for (mode, content, said) in [
        (0o644, KEY, "others can read"),
        (0o660, KEY, "others can read"),
        (0o600, "secret", "hexadecimal"),
        (0o600, &KEY[1..], "hexadecimal"),
    ] {
        let key = key_file(dir.path(), mode, content);
        let refused = receiptctl(&["link", "make", SALE, "--template", TEMPLATE, "--key-file", &key]);
        assert_eq!(refused.status.code(), Some(2), "{mode:o} {content}");
        assert!(text(&refused.stderr).contains(said), "{}", text(&refused.stderr));
    }
    let key = key_file(dir.path(), 0o600, KEY);
    let refused = receiptctl(&[
        "link",
        "make",
        SALE,
        "--template",
        "http://r.example.com/{payload}",
        "--key-file",
        &key,
    ]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("https"), "{}", text(&refused.stderr));
}
