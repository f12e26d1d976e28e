//! The program itself, and what the client makes of one that misbehaves.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use receiptd_document::{DocumentError, Profile, Source, TypesetError, render};
use receiptd_render_client::{Helper, Limits};

const LIMITS: Limits = Limits {
    answer: Duration::from_millis(300),
    document: Duration::from_secs(5),
    idle: Duration::from_secs(60),
};
const PATIENT: Limits =
    Limits { answer: Duration::from_secs(60), document: Duration::from_secs(60), ..LIMITS };

fn draw(helper: &Helper) -> Result<Vec<u8>, TypesetError> {
    match render(Source::Text("𠮷野家"), &Profile::mm80(), &helper.for_document()) {
        Ok(mut copies) => Ok(copies.remove(0).body),
        Err(DocumentError::NotDrawn { why, .. }) => Err(why),
        Err(other) => panic!("{other}"),
    }
}

/// A program of a few lines of shell. Written by another process: while this one has a file open for writing, another test
/// may fork, and what its child still holds open can't be started ("text file busy").
fn script(folder: &Path, text: &str) -> PathBuf {
    let (lines, path) = (folder.join("lines"), folder.join("render"));
    std::fs::write(&lines, format!("#!/bin/sh\n{text}\n")).unwrap();
    let install = std::process::Command::new("install").args(["-m", "755"]).args([&lines, &path]).status();
    assert!(install.unwrap().success());
    path
}

#[test]
fn the_program_draws_and_is_used_again() {
    let helper = Helper::at(env!("CARGO_BIN_EXE_receiptd-render").into(), PATIENT);
    let first = draw(&helper).unwrap();
    assert!(first.windows(3).any(|window| window == b"\x1dv0"));
    assert_eq!(draw(&helper).unwrap(), first);
}

#[test]
fn one_that_was_killed_between_two_documents_is_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let (program, note) = (env!("CARGO_BIN_EXE_receiptd-render"), folder.path().join("pid"));
    let text = format!("echo $$ > {}; exec {program}", note.display());
    let helper = Helper::at(script(folder.path(), &text), PATIENT);
    let first = draw(&helper).unwrap();
    let pid = std::fs::read_to_string(&note).unwrap();
    assert!(std::process::Command::new("kill").args(["-9", pid.trim()]).status().unwrap().success());
    assert_eq!(draw(&helper).unwrap(), first);
    assert_ne!(std::fs::read_to_string(&note).unwrap(), pid);
}

#[test]
fn one_that_hangs_is_given_up_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let helper = Helper::at(script(folder.path(), "exec sleep 60"), LIMITS);
    let begin = Instant::now();
    assert_eq!(draw(&helper), Err(TypesetError::TimedOut));
    assert!(begin.elapsed() < Duration::from_secs(30));
}

#[test]
fn one_that_dies_answers_garbage_or_too_much_is_a_failure_with_a_reason() {
    for text in [
        "exit 3",
        "kill -9 $$",
        "head -c 8 >/dev/null; printf 'garbage in great amounts'; exec sleep 60",
        "printf '\\000\\000\\000\\002\\001\\101'; exec sleep 60",
        "printf '\\000\\000\\000\\002\\002\\001'; exec sleep 60",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let patient = Limits { answer: Duration::from_secs(20), ..PATIENT };
        let helper = Helper::at(script(folder.path(), text), patient);
        assert!(matches!(draw(&helper), Err(TypesetError::Failed { .. })), "{text}");
    }
}

#[test]
fn one_that_is_not_there_is_missing_and_the_place_is_named() {
    let helper = Helper::at("/nowhere/receiptd-render".into(), LIMITS);
    let Err(TypesetError::Missing { detail }) = draw(&helper) else { panic!("it was found") };
    assert!(detail.contains("/nowhere/receiptd-render"));
}
