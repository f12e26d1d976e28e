//! The path that is looked up in the text is the one that `serde_path_to_error` finds by reading.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::DocumentError;
use crate::receipt::model::Receipt;
use crate::receipt::parse;
use crate::receipt::values::Named;

/// The path as it was found before, `$` in front.
fn by_reading(json: &[u8]) -> String {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let error = serde_path_to_error::deserialize::<_, Named<Receipt<'_>>>(&mut deserializer).err().unwrap();
    match error.path().to_string() {
        root if root == "." => "$".to_owned(),
        path => format!("$.{path}"),
    }
}

/// The path that is told for a document, and that it is the one found by reading; None if its shape is right.
#[track_caller]
fn told(json: &str) -> Option<String> {
    match parse::parse(json.as_bytes()) {
        Err(DocumentError::JsonShape { path, detail, .. }) if !detail.starts_with("nothing is to be") => {
            // Of another version another path is told, whatever else is wrong.
            if !detail.starts_with("this version reads") {
                assert_eq!(path, by_reading(json.as_bytes()), "{detail}: {json}");
            }
            Some(path)
        }
        _ => None,
    }
}

/// Every value of a document, by its pointer.
fn places(value: &Value, place: &str, all: &mut Vec<String>) {
    all.push(place.to_owned());
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(key, value)| places(value, &format!("{place}/{key}"), all))
        }
        Value::Array(list) => {
            list.iter()
                .enumerate()
                .for_each(|(index, value)| places(value, &format!("{place}/{index}"), all));
        }
        _ => {}
    }
}

/// What may stand in the place of anything else.
const OTHERS: [&str; 24] = [
    "1",
    "2",
    "0",
    "-1",
    "1.5",
    "300",
    "70000",
    "1e400",
    "123456789012345678901234567890",
    "true",
    "null",
    "\"\"",
    "\"a\"",
    "\"text\"",
    "\"sale\"",
    "\"q\\\"}],:{[\\\\\"",
    "[]",
    "[ ]",
    "{ }",
    "[1, 2]",
    "[\"bank\", \"cook\"]",
    "{\"text\": 3}",
    "{\"a\\u0062.c\": [ ]}",
    "[\n {\"width\": 9 } ]",
];

/// A document in which one value is another, or has gone, or has one more beside it, or stands twice.
fn changed(document: &Value, place: &str, kind: u8, other: &str) -> Option<String> {
    const HOLE: &str = "\u{1f573}";
    let mut document = document.clone();
    let (parent, key) = place.rsplit_once('/')?;
    let whole = document.pointer(place)?.to_string();
    let hole = Value::String(HOLE.into());
    let fill = match (kind, document.pointer_mut(parent)?) {
        (0, _) => {
            *document.pointer_mut(place)? = hole;
            other.to_owned()
        }
        (1, Value::Object(object)) => {
            object.remove(key);
            String::new()
        }
        (1, Value::Array(list)) => {
            list.remove(key.parse().ok()?);
            String::new()
        }
        (2, Value::Object(object)) => {
            object.insert("\u{e9}x\"tra".into(), hole);
            other.to_owned()
        }
        (2, Value::Array(list)) => {
            list.insert(key.parse().ok()?, hole);
            other.to_owned()
        }
        (_, Value::Object(object)) => {
            object.insert(key.into(), hole);
            format!("{whole} , \"{key}\" : {whole}")
        }
        _ => return None,
    };
    Some(serde_json::to_string_pretty(&document).ok()?.replace(&format!("\"{HOLE}\""), &fill))
}

#[test]
fn after_any_change_the_path_is_the_one_that_reading_finds() {
    const CHANGES: usize = 20_000;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts =
        files.filter(|path| path.extension().unwrap() == "json").map(|path| std::fs::read(path).unwrap());
    let documents: Vec<(Value, Vec<String>)> = texts
        .map(|text| {
            let (document, mut all) = (serde_json::from_slice(&text).unwrap(), Vec::new());
            places(&document, "", &mut all);
            (document, all)
        })
        .collect();
    let index = any::<prop::sample::Index>;
    let change = (index(), index(), 0..4_u8, prop::sample::select(OTHERS.to_vec()), index(), any::<bool>());
    // The same changes each time.
    let mut runner = TestRunner::deterministic();
    let mut paths = BTreeSet::new();
    for _ in 0..CHANGES {
        let (which, at, kind, other, cut, also_cut) = change.new_tree(&mut runner).unwrap().current();
        let (document, all) = which.get(&documents);
        let Some(text) = changed(document, at.get::<String>(all), kind, other) else { continue };
        paths.extend(told(&text));
        // An error of shape before the place where it breaks off.
        if also_cut {
            let end = cut.index(text.len());
            if let Some(cut) = text.get(..end) {
                paths.extend(told(cut));
            }
        }
    }
    assert!(paths.len() > 400, "{} paths", paths.len());
}

#[test]
fn each_kind_of_error_has_its_place() {
    for (json, path) in [
        (r"7", "$"),
        (r"[ ]", "$"),
        (r"{ }", "$"),
        (r#"{"version": 1, "version": 1}"#, "$"),
        (r#"{"version": 1, "foo" : 1}"#, "$.foo"),
        (r#"{"version": 1, "a\u0062": 1}"#, "$.ab"),
        (r#"{"version": "1"}"#, "$.version"),
        (r#"{"version": 1, "lines": {}}"#, "$.lines"),
        (r#"{"version": 1, "lines": ["text"]}"#, "$.lines[0].text"),
        (r#"{"version": 1, "lines": ["text" , {"rule": {}}]}"#, "$.lines[0].text"),
        (r#"{"version": 1, "lines": [{"rule": {}}, "rule" ]}"#, "$.lines[1].rule"),
        (r#"{"version": 1, "lines": [{"rule": {}}, {"txt": {}}]}"#, "$.lines[1]"),
        (r#"{"version": 1, "lines": [{"rule": {}}, {"rule": []}]}"#, "$.lines[1].rule"),
        (r#"{"version": 1, "lines": [{"qr": {}}]}"#, "$.lines[0].qr"),
        (r#"{"version": 1, "lines": [{"drawer": {"pin": 3 } }]}"#, "$.lines[0].drawer.pin"),
        (r#"{"version": 1, "lines": [{"drawer": {"pin": 3 , "only": []} }]}"#, "$.lines[0].drawer.pin"),
        (r#"{"version": 1, "lines": [{"rule": {"only": []}}]}"#, "$.lines[0].rule.only"),
        (r#"{"version": 1, "lines": [{"rule": {"only": ["bank", "x"]}}]}"#, "$.lines[0].rule.only[1]"),
        (
            r#"{"version": 1, "lines": [{"columns": {"columns": [{"text": ""}, []]}}]}"#,
            "$.lines[0].columns.columns[1]",
        ),
        (r#"{"version": 1, "copies": [{"bank": 3}]}"#, "$.copies[0].bank"),
        (r#"{"version": 1, "sale": {"total": 9999999999999}}"#, "$.sale.total"),
        (
            r#"{"version": 1, "lines": [{"text": {"text": "a", "size": {"width": 9}}}]}"#,
            "$.lines[0].text.size.width",
        ),
    ] {
        assert_eq!(told(json).as_deref(), Some(path), "{json}");
    }
}
