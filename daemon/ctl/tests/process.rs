//! The command as a process: exit codes, help, a daemon that is not there, a reader who goes away.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::io::Read;
use std::process::Stdio;

use common::{command, golden_here, receiptctl, text};

#[test]
fn mistakes_on_the_command_line_end_with_2_in_both_languages() {
    let cases: &[(&[&str], &str)] = &[
        (&["prnt"], "没有命令 prnt"),
        (&["jobs", "--sinse", "2h"], "没有选项或参数 --sinse"),
        (&["job"], "缺少"),
        (&["job", "x"], "的值“x”无效"),
        (&["jobs", "--state", "lost"], "可用：queued、held"),
        (&["jobs", "--since", "yesterday"], "的值“yesterday”无效"),
        (&["resolve", "7"], "缺少"),
        (&["resolve", "7", "--printed", "--not-printed"], "不能与"),
        (&["reprint", "7"], "--reason"),
        (&["print", "x", "--timeout", "5s"], "--wait"),
        (&["status", "--socket", "/x", "--bus", "system"], "不能与"),
    ];
    for (args, chinese) in cases {
        let english = receiptctl(args);
        assert_eq!(english.status.code(), Some(2), "{args:?}");
        assert!(text(&english.stderr).starts_with("error: "), "{args:?}: {}", text(&english.stderr));
        assert!(english.stdout.is_empty(), "{args:?}");
        let output = command(args).env("LANG", "zh_CN.UTF-8").output().expect("runs");
        let shown = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(shown.starts_with("用法错误：") && shown.contains(chinese), "{args:?}: {shown}");
        assert!(shown.contains("--help"), "{args:?}: {shown}");
        let json = receiptctl(&[args, &["--json"][..]].concat());
        let error: serde_json::Value = serde_json::from_slice(&json.stderr).expect("one JSON object");
        assert_eq!((error["code"].as_str(), error["exit"].as_u64()), (Some("Usage"), Some(2)), "{error}");
    }
    assert_eq!(receiptctl(&[]).status.code(), Some(2));
}

#[test]
fn without_a_daemon_every_verb_ends_with_3_and_says_what_to_do() {
    let slip = tempfile::NamedTempFile::with_suffix(".txt").expect("file");
    std::fs::write(slip.path(), "hello\n").expect("writes");
    let slip = slip.path().to_str().expect("path");
    let verbs: &[&[&str]] = &[
        &["print", slip],
        &["jobs"],
        &["job", "7"],
        &["reprint", "7", "--reason", "lost"],
        &["cancel", "7"],
        &["hold", "7"],
        &["release", "7"],
        &["resolve", "7", "--printed"],
        &["printers"],
        &["can-print"],
        &["watch"],
        &["status"],
    ];
    for verb in verbs {
        let english = receiptctl(verb);
        let shown = text(&english.stderr);
        assert_eq!(english.status.code(), Some(3), "{verb:?}: {shown}");
        assert!(shown.contains("there is no socket at /nonexistent/api.sock"), "{shown}");
        assert!(shown.contains("what to do: Start the daemon: systemctl start receiptd"), "{shown}");
        let chinese = receiptctl(&[verb, &["--lang", "zh"][..]].concat());
        let shown = text(&chinese.stderr);
        assert_eq!(chinese.status.code(), Some(3), "{verb:?}: {shown}");
        assert!(shown.contains("怎么办：启动服务"), "{shown}");
        let json = receiptctl(&[verb, &["--json"][..]].concat());
        let error: serde_json::Value = serde_json::from_slice(&json.stderr).expect("one JSON object");
        assert_eq!(error["code"], "NoSocket");
        assert_eq!(error["retry"], "after-person");
        assert!(json.stdout.is_empty(), "{verb:?}");
    }
}

#[test]
fn models_of_a_folder_are_listed_and_wrong_names_and_files_are_named() {
    let dir = tempfile::tempdir().expect("dir");
    let folder = dir.path().to_str().expect("path");
    let file = dir.path().join("ours.toml");
    let ask = |more: &[&str]| receiptctl(&[&["printers", "models", "--folder", folder][..], more].concat());
    let head = "[[model]]\nid = \"ours\"\nstory = \"s\"\nsource = \"s\"\n";
    std::fs::write(&file, format!("{head}dots = 400\n")).expect("writes");
    let all = ask(&["--json"]);
    assert_eq!(all.status.code(), Some(0), "{}", text(&all.stderr));
    let lines: Vec<serde_json::Value> =
        text(&all.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let ids: Vec<&str> = lines.iter().map(|line| line["id"].as_str().expect("id")).collect();
    assert!(ids.contains(&"zjiang-zj-5870") && ids.last() == Some(&"ours"), "{ids:?}");
    assert_eq!(lines.last().expect("a line")["dots"], 400);
    let none = ask(&["zjiang-zj5870"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("near it: zjiang-zj-5870"), "{}", text(&none.stderr));
    std::fs::write(&file, format!("{head}dotz = 400\n")).expect("writes");
    let wrong = ask(&[]);
    let shown = text(&wrong.stderr);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(shown.contains("ours.toml") && shown.contains("line 5"), "{shown}");
}

#[test]
fn help_is_complete_in_both_languages() {
    assert_eq!(receiptctl(&["help", "jobs"]).stdout, receiptctl(&["jobs", "--help"]).stdout);
    for lang in ["en", "zh"] {
        let mut all = String::new();
        for verb in ["", "print", "preview", "validate", "link", "jobs", "job", "resolve", "store", "watch"] {
            let args: Vec<&str> =
                [verb, "--help", "--lang", lang].into_iter().filter(|a| !a.is_empty()).collect();
            let output = receiptctl(&args);
            assert_eq!(output.status.code(), Some(0), "{verb}");
            all.push_str(&format!("$ receiptctl {verb} --help\n{}\n", text(&output.stdout)));
        }
        golden_here(&format!("help-{lang}.txt"), &all);
    }
}

#[test]
fn a_document_is_checked_without_a_daemon() {
    let dir = tempfile::tempdir().expect("dir");
    let path = dir.path().join("slip.txt");
    std::fs::write(&path, "签购单\n谢谢惠顾\n").expect("writes");
    let path = path.to_str().expect("path");
    let output = receiptctl(&["print", path, "--dry-run", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let checked: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(
        (checked["type"].as_str(), checked["lines"].as_u64()),
        (Some("checked"), Some(2)),
        "{checked}"
    );
    assert_eq!(checked["title"], "签购单");

    std::fs::write(path, "bell \u{7}\n").expect("writes");
    let refused = receiptctl(&["print", path, "--dry-run", "--lang", "zh"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).starts_with("错误："), "{}", text(&refused.stderr));

    // What the printer's font lacks has to be drawn, and without the program that draws it is refused with the remedy.
    std::fs::write(path, "emoji \u{1f600}\n").expect("writes");
    let mut drawn = command(&["print", path, "--dry-run"]);
    let undrawn = drawn.env("RECEIPTD_RENDER", "/nonexistent/render").output().expect("starts");
    let told = text(&undrawn.stderr);
    assert_eq!(undrawn.status.code(), Some(1));
    assert!(told.contains("/nonexistent/render") && told.contains("install it beside receiptd"), "{told}");

    let missing = receiptctl(&["print", "/nonexistent/slip.txt"]);
    assert_eq!(missing.status.code(), Some(2));
    std::fs::write(path, vec![b'a'; 1_048_577]).expect("writes");
    let large = receiptctl(&["print", path]);
    assert_eq!(large.status.code(), Some(1));
    assert!(text(&large.stderr).contains("[TooLarge]"));
}

#[test]
fn a_reader_who_goes_away_is_no_failure() {
    let mut child = command(&["completion", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    // Closed before anything was read: the first write finds nobody.
    drop(child.stdout.take());
    let mut complaints = String::new();
    child.stderr.take().expect("stderr").read_to_string(&mut complaints).expect("reads");
    assert_eq!((child.wait().expect("ends").code(), complaints.as_str()), (Some(0), ""));
}

#[test]
fn manual_pages_are_written_for_packagers() {
    let dir = tempfile::tempdir().expect("dir");
    let output = receiptctl(&["man", dir.path().to_str().expect("path"), "--quiet"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    assert!(dir.path().join("receiptctl.1").is_file() && dir.path().join("receiptctl-job.1").is_file());
}
