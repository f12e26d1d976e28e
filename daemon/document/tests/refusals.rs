//! Bad input of every kind: what the error says, where it says it is, and its stable code.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

#[path = "common/native.rs"]
mod native;

use native::render;
use receiptd_document::limits::{DOCUMENT_BYTES_MAX, QR_BYTES_MAX};
use receiptd_document::{DocumentError, KanjiMode, Profile, Source};
use serde_json::json;

const SALE: &str = include_str!("../examples/unionpay-sale.json");

fn refused(source: Source<'_>) -> DocumentError {
    let error = render(source, &Profile::mm80()).expect_err("refused");
    assert!(!error.message_zh().is_empty());
    assert!(!error.message_zh().is_ascii(), "{}", error.message_zh());
    error
}

/// Renders a receipt of one line; gives code and text of the error.
fn line_refused(line: &str) -> (&'static str, String) {
    let error = refused(Source::Json(format!(r#"{{"version": 1, "lines": [{line}]}}"#).as_bytes()));
    (error.code(), error.to_string())
}

#[track_caller]
fn assert_line(line: &str, code: &str, words: &[&str]) {
    let (found, text) = line_refused(line);
    assert_eq!(found, code, "{text}");
    for word in words {
        assert!(text.contains(word), "{word:?} is not in {text:?}");
    }
}

#[test]
fn truncated_json_has_line_and_column() {
    let cut = &SALE.as_bytes()[..500];
    let newlines = cut.iter().filter(|byte| **byte == b'\n').count();
    let error = refused(Source::Json(cut));
    assert_eq!(error.code(), "json-truncated");
    assert!(
        matches!(error, DocumentError::JsonSyntax { line, column: 2.., .. } if line == newlines + 1),
        "{error:?}"
    );
    assert_eq!(refused(Source::Json(b"")).code(), "json-truncated");
}

#[test]
fn what_is_no_json_has_line_and_column() {
    let error = refused(Source::Json(b"{\n \"version\": 1,\n \"lines\": [],]\n}"));
    assert_eq!(error.code(), "json-syntax");
    assert!(error.to_string().contains("line 3"), "{error}");
    let error = refused(Source::Json(b"{\"version\": 1, \"lines\": []} x"));
    assert_eq!(error.code(), "json-syntax");
    assert_eq!(refused(Source::Json(b"\xff\xfe")).code(), "json-syntax");
}

#[test]
fn unknown_and_missing_keys_have_a_path() {
    assert_line(
        r#"{"text": {"text": "a", "colour": 1}}"#,
        "json-shape",
        &["$.lines[0].text.colour", "unknown field `colour`", "`bold`"],
    );
    assert_line(r#"{"txt": {}}"#, "json-shape", &["$.lines[0]", "`txt`", "`text`", "`drawer`"]);
    assert_line(r#"{"qr": {}}"#, "json-shape", &["$.lines[0].qr", "missing field `data`"]);
    assert_line(r#""text""#, "json-shape", &["$.lines[0]"]);
    let error = refused(Source::Json(br#"{"version": 1, "lines": [], "foo": 1}"#));
    assert!(error.to_string().starts_with("$.foo (line 1, column "), "{error}");
    assert_eq!(refused(Source::Json(b"[]")).code(), "json-shape");
    let error = refused(Source::Json(b"7"));
    assert!(error.to_string().starts_with("$ (line 1"), "{error}");
}

#[test]
fn values_out_of_range_say_what_is_allowed() {
    assert_line(
        r#"{"qr": {"data": "x", "size": 17}}"#,
        "json-shape",
        &["$.lines[0].qr.size", "`17`", "a whole number from 1 to 16"],
    );
    assert_line(
        r#"{"text": {"text": "x", "size": {"width": 9}}}"#,
        "json-shape",
        &["$.lines[0].text.size.width", "from 1 to 8"],
    );
    assert_line(
        r#"{"text": {"text": "x", "size": "huge"}}"#,
        "json-shape",
        &["invalid value: string, expected", "\"double-height\""],
    );
    assert_line(r#"{"space": {"lines": -1}}"#, "json-shape", &["$.lines[0].space.lines", "from 1 to 255"]);
    assert_line(r#"{"space": {"lines": 1.5}}"#, "json-shape", &["from 1 to 255"]);
    // What a receipt says does not get into errors.
    let (_, text) = line_refused(r#"{"space": {"lines": "622848 secret"}}"#);
    assert!(text.contains("string, expected") && !text.contains("secret"), "{text}");
    assert_line(r#"{"drawer": {"pin": 3}}"#, "json-shape", &["$.lines[0].drawer.pin", "2 or 5"]);
    assert_line(r#"{"text": {"text": "x", "only": []}}"#, "json-shape", &["$.lines[0].text.only"]);
    assert_line(r#"{"text": {"text": "x", "only": ["cook"]}}"#, "json-shape", &["only[0]", "`merchant`"]);
}

#[test]
fn another_version_is_named_before_its_unknown_keys() {
    let error = refused(Source::Json(br#"{"pages": [], "version": 2}"#));
    assert!(error.to_string().starts_with("$.version"), "{error}");
    let error = refused(Source::Json(br#"{"version": 2, "lines": []}"#));
    assert!(error.to_string().contains("version 1"), "{error}");
}

#[test]
fn copies_stand_once() {
    let error = refused(Source::Json(br#"{"version": 1, "copies": ["bank", "bank"], "lines": []}"#));
    assert_eq!(error.code(), "copies");
    assert!(error.to_string().starts_with("$.copies[1]"), "{error}");
    assert_eq!(refused(Source::Json(br#"{"version": 1, "copies": [], "lines": []}"#)).code(), "copies");
}

#[test]
fn empty_documents() {
    assert_eq!(refused(Source::Raw(b"")).code(), "empty-document");
    assert_eq!(refused(Source::Raw(b"\x1b@\n\n")).code(), "empty-document");
    assert_eq!(refused(Source::Text("\n \n".trim())).code(), "empty-document");
    assert_eq!(refused(Source::Json(br#"{"version": 1, "lines": []}"#)).code(), "empty-document");
    // A beep alone is no job; behind text it belongs to the tail, if the printer can.
    let beep = br#"{"version": 1, "lines": [{"beep": {}}]}"#;
    assert_eq!(refused(Source::Json(beep)).code(), "empty-document");
    let text =
        br#"{"version": 1, "lines": [{"text": {"text": "a"}}, {"beep": {"times": 2, "duration_ms": 130}}]}"#;
    for (beep, expected) in [(true, true), (false, false)] {
        let copies = render(Source::Json(text), &Profile { beep, ..Profile::mm80() }).unwrap();
        assert_eq!(copies[0].tail.windows(4).any(|window| window == b"\x1bB\x02\x03"), expected);
        assert!(!copies[0].body.contains(&b'B'));
    }
    // A drawer alone, and a cut alone that was asked for in so many bytes, are jobs.
    let drawer = br#"{"version": 1, "lines": [{"drawer": {}}], "cut": false}"#;
    assert!(render(Source::Json(drawer), &Profile::mm80()).is_ok());
    assert!(render(Source::Raw(b"\x1dV\x00"), &Profile::mm80()).is_ok());
}

#[test]
fn errors_stay_short() {
    let key = "k".repeat(10_000);
    let (_, text) = line_refused(&format!(r#"{{"text": {{"text": "a", "{key}": 1}}}}"#));
    assert!(text.len() < 800, "{}", text.len());
}

#[test]
fn two_megabytes_name_the_limit() {
    let text = "x\n".repeat(1 << 20);
    for source in [Source::Raw(text.as_bytes()), Source::Text(&text), Source::Json(text.as_bytes())] {
        let error = refused(source);
        assert_eq!(error, DocumentError::TooLarge { bytes: 2 << 20, max: DOCUMENT_BYTES_MAX });
        assert!(error.to_string().contains("1048576"));
    }
    // Within the bytes, beyond the paper.
    assert_eq!(refused(Source::Text(&text[..1 << 20])).code(), "document-too-long");
}

#[test]
fn raw_that_is_something_else() {
    assert_eq!(refused(Source::Raw(b"%PDF-1.4 ...")).code(), "not-escpos");
    assert_eq!(refused(Source::Raw(SALE.as_bytes())).code(), "not-escpos");
    assert_eq!(refused(Source::Raw(b"ok\n\x1d(H\x06\x0000ABCD")).code(), "forbidden-command");
    assert_eq!(refused(Source::Raw(b"ok\n\x1dv0\x00\x10")).code(), "truncated-command");
    assert_eq!(refused(Source::Raw(b"ok\n\x02")).code(), "unknown-command");
    assert_eq!(refused(Source::Raw(b"\x1bLpage\n")).code(), "left-open");
}

#[test]
fn real_time_commands_in_raw_payloads() {
    let picture = b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x02\n";
    let copies = render(Source::Raw(picture), &Profile::mm80()).unwrap();
    assert_eq!((copies[0].changed_dots, &copies[0].body[8..11]), (1, &[0x18, 4, 2][..]));
    let error = refused(Source::Raw(b"\x1d(k\x08\x001P0ab\x10\x04\x02\x1d(k\x03\x001Q0"));
    assert!(matches!(error, DocumentError::RealTimeInData { offset: 10, .. }), "{error:?}");
    assert!(error.to_string().contains("10 04 02"), "{error}");
}

#[test]
fn characters_that_cannot_be_printed_have_a_place() {
    let error = refused(Source::Text("first\n中文 😀"));
    assert_eq!(error.code(), "unprintable-character");
    assert!(error.to_string().contains("U+1F600 at line 2, column 4"), "{error}");
    assert!(error.message_zh().contains("第 2 行第 4 列"), "{}", error.message_zh());
    assert_line(
        r#"{"text": {"text": "ab😀"}}"#,
        "unprintable-character",
        &["$.lines[0].text.text, character 3"],
    );
    assert_line(
        r#"{"columns": {"columns": [{"text": "a"}, {"text": "é𠮷"}]}}"#,
        "unprintable-character",
        &["$.lines[0].columns.columns[1].text, character 2", "U+20BB7"],
    );
    let ascii = Profile { kanji: KanjiMode::None, ..Profile::mm80() };
    let error = render(Source::Text("金额"), &ascii).unwrap_err();
    assert!(error.to_string().contains("kanji = none"), "{error}");
}

#[test]
fn control_characters_have_a_place() {
    let error = refused(Source::Text("ok\nbe\u{7}ll"));
    assert_eq!(error.code(), "control-character");
    assert!(error.to_string().contains("U+0007 at line 2, column 3"), "{error}");
    assert_eq!(refused(Source::Text("a\rb")).code(), "control-character");
    assert_eq!(refused(Source::Text("a\u{1b}@b")).code(), "control-character");
    assert_line(r#"{"text": {"text": "a\u0010\u0004\u0001"}}"#, "control-character", &["character 2"]);
    assert_line(r#"{"qr": {"data": "a\u0010\u0004\u0001"}}"#, "control-character", &["$.lines[0].qr.data"]);
    assert_line(
        r#"{"barcode": {"data": "a\u0010\u0004", "type": "code128"}}"#,
        "control-character",
        &["$.lines[0].barcode.data"],
    );
}

#[test]
fn codes_that_do_not_fit() {
    let long = "x".repeat(QR_BYTES_MAX + 1);
    assert_line(
        &format!(r#"{{"qr": {{"data": "{long}"}}}}"#),
        "qr-length",
        &["$.lines[0].qr.data", "1274", "1273"],
    );
    assert_line(
        &format!(r#"{{"qr": {{"data": "{}", "size": 16}}}}"#, &long[..500]),
        "too-wide",
        &["$.lines[0].qr.data", "576"],
    );
    assert_line(
        &format!(r#"{{"barcode": {{"data": "{}", "type": "code128"}}}}"#, &long[..60]),
        "too-wide",
        &["$.lines[0].barcode.data", "QR"],
    );
    assert_line(
        r#"{"barcode": {"data": "4006381333930", "type": "ean13"}}"#,
        "barcode-data",
        &["$.lines[0].barcode.data", "check digit"],
    );
    // Drawn or not, a barcode that does not fit is refused in the same words.
    let bare = Profile { native_barcode: false, ..Profile::mm58() };
    for (data, code) in
        [("x".repeat(60), "too-wide"), ("\u{7f}".into(), "control-character"), ("é".into(), "barcode-data")]
    {
        let json =
            json!({"version": 1, "lines": [{"barcode": {"data": data, "type": "code128"}}]}).to_string();
        let drawn = render(Source::Json(json.as_bytes()), &bare).unwrap_err();
        let native = render(Source::Json(json.as_bytes()), &Profile::mm58()).unwrap_err();
        assert_eq!((drawn.code(), native.code()), (code, code), "{drawn}");
        assert!(drawn.to_string().contains("$.lines[0].barcode.data"), "{drawn}");
    }
}

#[test]
fn columns_that_do_not_fit() {
    assert_line(
        r#"{"columns": {"columns": [{"text": "a", "width": 30}, {"text": "b", "width": 30}]}}"#,
        "column-widths",
        &["$.lines[0].columns.columns", "60 characters", "48"],
    );
    let nine = [r#"{"text": "a"}"#; 9].join(",");
    assert_line(&format!(r#"{{"columns": {{"columns": [{nine}]}}}}"#), "too-many-entries", &["9", "8"]);
    assert_line(r#"{"columns": {"columns": []}}"#, "too-many-entries", &["$.lines[0].columns.columns"]);
}

#[test]
fn pictures_that_are_none() {
    assert_line(r#"{"logo": {"png_base64": "a b"}}"#, "picture", &["$.lines[0].logo.png_base64", "base64"]);
    assert_line(r#"{"logo": {"png_base64": "aGVsbG8="}}"#, "picture", &["PNG"]);
    assert_line(r#"{"logo": {}}"#, "field", &["$.lines[0].logo", "either png_base64 or jpeg_base64"]);
    // 65535 x 65535 pixels, said by the header of a file of 45 bytes.
    let bomb = "iVBORw0KGgoAAAANSUhEUgAA//8AAP//CAAAAACTboaMAAAAAElFTkSuQmCC";
    assert_line(
        &format!(r#"{{"logo": {{"png_base64": "{bomb}"}}}}"#),
        "picture-too-large",
        &["$.lines[0].logo.png_base64", "65535 x 65535", "4000000"],
    );
}

#[test]
fn more_lines_than_allowed() {
    let line = r#"{"rule": {}},"#.repeat(5000);
    let json = format!(r#"{{"version": 1, "lines": [{}]}}"#, line.trim_end_matches(','));
    let error = refused(Source::Json(json.as_bytes()));
    assert!(matches!(error, DocumentError::TooMany { count: 5000, max: 4096, .. }), "{error:?}");
    let codes = r#"{"qr": {"data": "x"}},"#.repeat(33);
    let json = format!(r#"{{"version": 1, "lines": [{}]}}"#, codes.trim_end_matches(','));
    assert!(refused(Source::Json(json.as_bytes())).to_string().starts_with("$.lines[*].qr has 33"));
    // A short document that unfolds to 30 m of paper.
    let line = r#"{"space": {"lines": 255}},"#.repeat(30);
    let json = format!(r#"{{"version": 1, "lines": [{}]}}"#, line.trim_end_matches(','));
    assert_eq!(refused(Source::Json(json.as_bytes())).code(), "document-too-long");
}

#[test]
fn a_wrong_profile_is_not_the_documents_fault() {
    let profile = Profile { dots: 10, ..Profile::mm80() };
    assert_eq!(render(Source::Text("a"), &profile).unwrap_err().code(), "profile-out-of-range");
}

/// Its Chinese has no English in it but names of fields, words of the format, and what the app wrote.
#[test]
fn what_is_wrong_with_the_shape_is_told_in_chinese() {
    let mut wrong = Vec::new();
    for json in [
        r#"{"version":1}"#,
        r#"{"version":2,"lines":[]}"#,
        r#"{"version":"1","lines":[]}"#,
        r#"{"lines":[]}"#,
        r#"{"version":1,"version":1,"lines":[]}"#,
        r#"{"version":1,"lines":{}}"#,
        r#"{"version":1,"lines":[{"txt":{}}]}"#,
        r#"{"version":1,"lines":[{"text":{}}]}"#,
        r#"{"version":1,"lines":[{"text":{"text":null}}]}"#,
        r#"{"version":1,"lines":[{"text":{"text":"a","bold":"yes"}}]}"#,
        r#"{"version":1,"lines":[{"text":{"text":"a","align":"middle"}}]}"#,
        r#"{"version":1,"lines":[{"text":{"text":"a","size":9}}]}"#,
        r#"{"version":1,"lines":[{"text":{"text":"a","only":[]}}]}"#,
        r#"{"version":1,"lines":[{"feed":{"dots":99999}}]}"#,
        r#"{"version":1,"lines":[{"feed":{"dots":1.5}}]}"#,
        r#"{"version":1,"lines":[{"feed":{"dots":true}}]}"#,
        r#"{"version":1,"lines":[],"template":true}"#,
        r#"{"version":1,"sale":{"currency":"EURO"}}"#,
        r#"{"version":1,"sale":{"total":1.5}}"#,
        r#"{"version":1,"sale":{"total":-1}}"#,
        r#"{"version":1,"sale":{"items":[{"quantity":"x"}]}}"#,
        r#"{"version":1,"slip":{"time":"today"}}"#,
    ] {
        let error = render(Source::Json(json.as_bytes()), &Profile::mm80()).unwrap_err();
        let zh = error.message_zh();
        let said = zh.split_once("列):").map_or("shape", |(_, said)| said);
        // Names between back quotes, examples between double ones.
        let mut own: String = said.split('`').step_by(2).collect();
        own = own.split('"').step_by(2).collect();
        for word in ["ISO 4217", "CNY", "null", "true", "false", "width", "height"] {
            own = own.replace(word, "");
        }
        if own.contains(|c: char| c.is_ascii_alphabetic()) {
            wrong.push(format!("{json}: {error}: {zh}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
