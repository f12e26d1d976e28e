//! The JSON Schema that is shipped and the parser are one format: what the one accepts the other accepts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

#[path = "common/native.rs"]
mod native;

use std::io::Write as _;
use std::process::{Command, Stdio};

use native::render;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use receiptd_document::{Profile, Source};
use serde_json::{Value, json};

/// A validator of JSON Schema that was not written here (Debian: python3-jsonschema): of each line of its input the first
/// thing that is wrong, or nothing.
const VALIDATOR: &str = "
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
kind = jsonschema.validators.validator_for(schema)
kind.check_schema(schema)
validator = kind(schema)
for line in sys.stdin:
    error = next(validator.iter_errors(json.loads(line)), None)
    print(json.dumps(error and error.message))
";

/// What the schema says against each.
fn wrong(receipts: &[Value]) -> Vec<Option<String>> {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/receipt-1.schema.json");
    let mut python = Command::new("python3");
    let python = python.args(["-c", VALIDATOR, schema]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.spawn().expect("python3; run scripts/setup test");
    let mut stdin = python.stdin.take().unwrap();
    let lines: String = receipts.iter().map(|receipt| format!("{receipt}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "python3 with jsonschema; run scripts/setup test");
    writer.join().unwrap().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let told: Vec<_> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), receipts.len());
    told
}

/// Everything that the format has, once.
fn everything() -> Value {
    json!({
        "$schema": "receipt-1.schema.json",
        "version": 1,
        "title": "商店",
        "copies": ["merchant", "customer"],
        "cut": true,
        "template": false,
        "sale": {
            "language": "en",
            "merchant": {"name": "m", "id": "1", "address": "2", "phone": "3", "tax_id": "4"},
            "number": "5", "time": "2026-11-27T14:32:05", "cashier": "6", "register": "7", "table": "8",
            "refund": false, "currency": "CNY",
            "items": [{"name": "i", "code": "9", "quantity": "1.5", "unit": "kg", "unit_price": 200,
                       "discount": 100, "amount": 200, "note": "n", "tax": "A"}],
            "discounts": [{"name": "d", "amount": 50}],
            "taxes": [{"name": "t", "base": 100, "amount": 10}],
            "taxes_included": true, "rounding": -1, "total": 149,
            "payments": [{"name": "p", "amount": 150}], "change": 1
        },
        "slip": {
            "type": "void", "result": "declined", "reason": "r", "language": "zh",
            "merchant": {"name": "m"}, "terminal": "1", "operator": "2", "acquirer": "3", "issuer": "4",
            "network": "5",
            "card": {"number": "622848******1234", "expiry": "12/29", "entry": "chip", "sequence": "1"},
            "currency": "JPY", "amount": 100, "tip": 1, "batch": "6", "voucher": "7", "reference": "8",
            "authorisation": "9", "time": "2026-11-27 14:32",
            "original": {"voucher": "1", "reference": "2", "authorisation": "3", "date": "4"},
            "emv": {"label": "1", "aid": "2", "tc": "3", "arqc": "4", "tvr": "5", "tsi": "6", "atc": "7", "arc": "8"},
            "verification": "pin", "remarks": "r"
        },
        "lines": [
            {"text": {"text": "a", "align": "center", "size": "double", "bold": true, "underline": true,
                      "reverse": false, "only": ["merchant"]}},
            {"text": {"text": "b", "size": {"width": 2, "height": 3}}},
            {"columns": {"columns": [{"text": "c", "width": 10, "align": "right"}, {"text": "d", "share": 2}],
                         "gap": 2, "bold": true, "size": "normal"}},
            {"pair": {"left": "l", "right": "r", "bold": true, "size": "double", "only": ["customer"]}},
            {"rule": {"style": "double"}},
            {"space": {"lines": 2}},
            {"feed": {"dots": 40}},
            {"qr": {"data": "e", "size": 4, "level": "Q", "align": "left"}},
            {"barcode": {"data": "12345678", "type": "code128", "height": 60, "module": 2, "hri": "none"}},
            {"cut": {"kind": "full"}},
            {"drawer": {"pin": 5, "only": ["customer"]}},
            {"beep": {"times": 3, "duration_ms": 100, "only": ["customer"]}},
            {"text": {"text": "end"}}
        ]
    })
}

/// Whether the parser takes the shape of it. What depends on the paper or the data is another matter.
fn parses(receipt: &Value) -> bool {
    match render(Source::Json(receipt.to_string().as_bytes()), &Profile::mm80()) {
        Ok(_) => true,
        Err(error) => !matches!(error.code(), "json-shape" | "json-syntax" | "copies" | "too-many-entries"),
    }
}

#[test]
fn the_examples_and_everything_are_valid() {
    let mut receipts = vec![everything()];
    let examples = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples")).unwrap();
    for path in examples.map(|entry| entry.unwrap().path()).filter(|path| path.extension().unwrap() == "json")
    {
        receipts.push(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap());
    }
    assert!(receipts.len() > 20);
    for (receipt, wrong) in receipts.iter().zip(wrong(&receipts)) {
        assert_eq!(wrong, None, "{receipt}");
        assert!(parses(receipt), "{receipt}");
    }
}

#[test]
fn what_the_parser_refuses_by_its_shape_the_schema_refuses() {
    let line = |line: Value| json!({"version": 1, "lines": [line]});
    let receipts = [
        json!({}),
        json!([]),
        json!({"version": 1}),
        json!({"version": 2, "lines": []}),
        json!({"version": "1", "lines": []}),
        json!({"version": 1, "lines": [], "more": 1}),
        json!({"version": 1, "lines": {}}),
        json!({"version": 1, "lines": [], "template": true}),
        json!({"version": 1, "lines": [], "template": 0}),
        json!({"version": 1, "lines": [], "template": ["coffee"]}),
        json!({"version": 1, "sale": []}),
        json!({"version": 1, "slip": {}}),
        json!({"version": 1, "sale": {"currency": "RMB", "items": [{"name": "a", "amount": 1}], "total": 1}}),
        json!({"version": 1, "sale": {"currency": "CNY", "items": [{"name": "a", "amount": 1.5}], "total": 1}}),
        json!({"version": 1, "sale": {"currency": "CNY", "items": [{"name": "a", "amount": -1}], "total": 1}}),
        json!({"version": 1, "sale": {"currency": "CNY", "items": [{"name": "a", "amount": 1, "quantity": "0.0"}],
                                      "total": 1}}),
        json!({"version": 1, "lines": [], "copies": []}),
        json!({"version": 1, "lines": [], "copies": ["merchant", "merchant"]}),
        json!({"version": 1, "lines": [], "copies": ["shop"]}),
        line(json!({})),
        line(json!({"tekst": {"text": "a"}})),
        line(json!({"text": {}})),
        line(json!({"text": {"text": 1}})),
        line(json!({"text": {"text": "a", "underlin": true}})),
        line(json!({"text": {"text": "a", "size": "huge"}})),
        line(json!({"text": {"text": "a", "size": {"width": 9}}})),
        line(json!({"text": {"text": "a", "only": []}})),
        line(json!({"text": {"text": "a"}, "rule": {}})),
        line(json!({"columns": {"columns": [{"text": "a", "width": 0}]}})),
        line(json!({"rule": {"style": "wavy"}})),
        line(json!({"space": {"lines": 0}})),
        line(json!({"space": {"lines": 256}})),
        line(json!({"feed": {}})),
        line(json!({"feed": {"dots": 2001}})),
        line(json!({"qr": {"data": "a", "level": "X"}})),
        line(json!({"qr": {"data": "a", "size": 17}})),
        line(json!({"barcode": {"data": "a"}})),
        line(json!({"barcode": {"data": "a", "type": "code129"}})),
        line(json!({"barcode": {"data": "a", "type": "code128", "module": 1}})),
        line(json!({"logo": {"png_base64": 1}})),
        line(json!({"logo": {"jpeg_base64": 1}})),
        line(json!({"cut": {"kind": "half"}})),
        line(json!({"drawer": {"pin": 3}})),
        line(json!({"beep": {"times": 10}})),
        line(json!({"beep": {"duration_ms": 49}})),
        // A sequence of values instead of an object with names.
        json!([null, 1, null, null, [], true]),
        line(json!({"text": ["a"]})),
        line(json!({"rule": []})),
        line(json!({"columns": {"columns": [["a"]]}})),
    ];
    for (receipt, wrong) in receipts.iter().zip(wrong(&receipts)) {
        assert!(!parses(receipt), "the parser takes {receipt}");
        assert!(wrong.is_some(), "the schema takes {receipt}");
    }
}

/// All places in a value, as JSON pointers.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| places(value, &format!("{at}/{key}"), all)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, value)| places(value, &format!("{at}/{n}"), all));
        }
        _ => {}
    }
}

/// Something of a receipt that has everything becomes something else, is gone, or something is added.
#[test]
fn they_agree_about_any_change() {
    const CHANGES: usize = 2_500;
    let values = [
        json!(1),
        json!(2),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(300),
        json!(true),
        json!("a"),
        json!("double"),
        json!("center"),
        json!([]),
        json!({}),
        json!(["bank"]),
        json!([{"text": "x"}]),
        json!({"width": 2}),
        json!(["a"]),
    ];
    let change = (any::<prop::sample::Index>(), 0..3_u8, prop::sample::select(values.to_vec()));
    // The same changes each time.
    let mut runner = TestRunner::deterministic();
    let mut all = Vec::new();
    places(&everything(), "", &mut all);
    let receipts: Vec<Value> = (0..CHANGES)
        .map(|_| {
            let (at, kind, other) = change.new_tree(&mut runner).unwrap().current();
            changed(at.get::<String>(&all), kind, other)
        })
        .collect();
    let mut taken = 0;
    for (receipt, wrong) in receipts.iter().zip(wrong(&receipts)) {
        assert_eq!(wrong.is_none(), parses(receipt), "{wrong:?}: {receipt}");
        taken += usize::from(wrong.is_none());
    }
    assert!((CHANGES / 20..CHANGES * 2 / 3).contains(&taken), "{taken} of {CHANGES} are receipts");
}

fn changed(place: &str, kind: u8, other: Value) -> Value {
    let mut receipt = everything();
    let (parent, key) = place.rsplit_once('/').unwrap_or_default();
    match kind {
        0 => *receipt.pointer_mut(place).unwrap() = other,
        1 => match receipt.pointer_mut(parent).unwrap() {
            Value::Object(map) => drop(map.remove(key)),
            Value::Array(list) if !key.is_empty() => drop(list.remove(key.parse().unwrap())),
            _ => {}
        },
        _ => {
            if let Value::Object(map) = receipt.pointer_mut(place).unwrap() {
                map.insert("bold".to_owned(), other);
            }
        }
    }
    receipt
}
