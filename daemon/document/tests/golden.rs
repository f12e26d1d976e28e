//! The bytes of whole documents, as files. `UPDATE_GOLDEN=1` writes them anew.
//!
//! Beside each `.bin` there is a `.txt` in which a person can see what is printed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod common;
#[path = "common/native.rs"]
mod native;

use std::fmt::Write as _;
use std::path::PathBuf;

use native::render;
use receiptd_document::{
    CodePages, Cutter, FencePoint, KanjiMode, Mark, MarkReason, Profile, Rendered, Source, mark_bytes,
};

const SALE: &[u8] = include_bytes!("../examples/unionpay-sale.json");
const SHOP: &[u8] = include_bytes!("../examples/shop-receipt.json");
const NOTICE: &str = include_str!("../examples/notice.txt");

fn golden(name: &str, bytes: &[u8], fences: &[FencePoint]) {
    let stem = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    for (extension, now) in [("bin", bytes.to_vec()), ("txt", show(bytes, fences).into_bytes())] {
        let path = stem.with_extension(extension);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &now).unwrap();
        }
        let then = std::fs::read(&path).unwrap_or_default();
        assert!(
            then == now,
            "{} is not what is rendered now; if it should be: UPDATE_GOLDEN=1\n{}",
            path.display(),
            show(bytes, fences)
        );
    }
}

fn golden_copies(name: &str, source: Source<'_>, profile: &Profile) -> Vec<Rendered> {
    let copies = render(source, profile).unwrap();
    for rendered in &copies {
        common::check(rendered, profile);
        let bytes = [&rendered.body[..], &rendered.tail].concat();
        golden(&format!("{name}-{}", rendered.copy), &bytes, &rendered.fence_points);
    }
    copies
}

/// Text as characters, everything else in hexadecimal, a line per line, `|` at a place for a fence.
fn show(bytes: &[u8], fences: &[FencePoint]) -> String {
    let mut out = String::new();
    let mut at = 0;
    // The code page that the bytes of 80 hex and more are of, outside Chinese.
    let (mut page, mut chinese) = (None, bytes.windows(2).any(|pair| pair == b"\x1c&"));
    while at < bytes.len() {
        match bytes[at..] {
            [0x1c, b'.', ..] => chinese = false,
            [0x1c, b'&', ..] => chinese = true,
            [0x1b, b't', n, ..] => page = Some(n),
            _ => {}
        }
        let letter = page.filter(|_| !chinese).and_then(|page| CodePages::EPSON.character(page, bytes[at]));
        at += match letter {
            Some(letter) => {
                out.push(letter);
                1
            }
            None => show_one(&bytes[at..], &mut out),
        };
        if let Some(point) = fences.iter().find(|point| point.offset as usize == at) {
            write!(out, "|{} {}", point.line, point.dots).unwrap();
        }
        if bytes[at - 1] == b'\n' {
            out.push('\n');
        }
    }
    out.push('\n');
    out
}

/// Shows a picture, a Hanzi or a byte; gives how many bytes it is.
fn show_one(bytes: &[u8], out: &mut String) -> usize {
    if let [0x1d, b'v', b'0', _, x, 0, y, 0, ..] = *bytes {
        write!(out, "<picture {} x {y}>", u32::from(x) * 8).unwrap();
        return 8 + usize::from(x) * usize::from(y);
    }
    if let [0x1b, b'*', 0, n, 0, ..] = *bytes {
        write!(out, "<columns {n}>").unwrap();
        return 5 + usize::from(n);
    }
    if let [0x81..=0xfe, 0x40..=0xfe, ..] = *bytes {
        let (text, errors) = encoding_rs::GB18030.decode_without_bom_handling(&bytes[..2]);
        if !errors && text.chars().count() == 1 {
            out.push_str(&text);
            return 2;
        }
    }
    match bytes[0] {
        byte @ b' '..=b'~' => out.push(byte.into()),
        byte => write!(out, "<{byte:02x}>").unwrap(),
    }
    1
}

/// A shop in Europe: what the code pages of its printer have is text, with as few changes of the page as can be, and Chinese
/// beside it.
#[test]
fn letters_of_europe_by_code_pages() {
    let lines = r#"{"version":1,"lines":[
        {"text":{"text":"Café Größe señor","align":"center","bold":true}},
        {"pair":{"left":"Łódź, příště","right":"12,50 €"}},
        {"text":{"text":"Чек № 7, ёлка"}},
        {"text":{"text":"Total £12.50 total"}},
        {"text":{"text":"金额 Größe 合计"}}]}"#;
    let chinese = Profile { code_pages: CodePages::EPSON, ..Profile::mm80() };
    golden_copies("europe-chinese", Source::Json(lines.as_bytes()), &chinese);
    let latin = Profile { kanji: KanjiMode::None, ..chinese };
    let lines = lines.replace("金额", "Sum").replace("合计", "sum").replace("№", "No");
    golden_copies("europe", Source::Json(lines.as_bytes()), &latin);
}

#[test]
fn a_card_slip_on_80_mm() {
    let copies = golden_copies("unionpay-sale-80mm", Source::Json(SALE), &Profile::mm80());
    assert_eq!(copies.len(), 2);
    assert_eq!(copies[0].title, "银联商务 签购单");
    let gb = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    let has = |copy: &Rendered, text: &str| {
        let text = gb(text);
        copy.body.windows(text.len()).any(|window| window == text)
    };
    assert!(has(&copies[0], "商户存根 MERCHANT COPY") && !has(&copies[0], "持卡人存根"));
    assert!(has(&copies[1], "持卡人存根 CUSTOMER COPY") && !has(&copies[1], "商户存根"));
    // The signature stands on the merchant's copy only.
    assert!(has(&copies[0], "持卡人签名") && !has(&copies[1], "持卡人签名"));
}

#[test]
fn a_card_slip_on_58_mm() {
    golden_copies("unionpay-sale-58mm", Source::Json(SALE), &Profile::mm58());
}

/// Nine pins: sizes by `ESC !` and `FS !`, Hanzi spaced to two characters, the QR code as columns of eight dots.
#[test]
fn a_card_slip_on_76_mm_of_an_impact_printer() {
    let copies = golden_copies("unionpay-sale-76mm", Source::Json(SALE), &Profile::mm76());
    for copy in copies {
        let has = |command: &[u8]| copy.body.windows(command.len()).any(|window| window == command);
        assert!(has(b"\x1cS\0\x04") && has(b"\x1b!") && has(b"\x1b*\0"), "what it knows");
        assert!(!has(b"\x1d!") && !has(b"\x1dv0") && !has(b"\x1d(k") && !has(b"\x1dB"), "what it does not");
    }
}

#[test]
fn a_shop_receipt_with_columns() {
    let profile = Profile { cutter: Cutter::Full, ..Profile::mm80() };
    let copies = golden_copies("shop-receipt", Source::Json(SHOP), &profile);
    // The drawer is opened after the last line: it is tail.
    assert!(copies[0].tail.windows(3).any(|window| window == b"\x1bp\x00"));
}

#[test]
fn plain_text() {
    let copies = golden_copies("notice", Source::Text(NOTICE), &Profile::mm80());
    assert_eq!(copies[0].title, "交接班报表");
}

#[test]
fn a_raw_document() {
    let raw = b"\x1b@\x1ba\x01\x1d!\x11SHOP\n\x1d!\x00\x1ba\x00\x1c&\xbd\xf0\xb6\xee 5.00\x1c.\n\
        \x1dv0\x00\x02\x00\x03\x00\xff\x10\x04\x01\x00\x10\
        \x1b*\x21\x02\x00\x01\x02\x03\x10\x05\x01\n\x1dVB\x00second half\x1bd\x04\x1bp\x00\x19\xfa\x1dV\x01";
    let copies = golden_copies("raw", Source::Raw(raw), &Profile::mm80());
    assert_eq!(copies[0].changed_dots, 2);
    assert_eq!(copies[0].tail, b"\x1bp\x00\x19\xfa\x1dV\x01");
    assert_eq!(copies[0].body.len() + copies[0].tail.len(), raw.len());
}

#[test]
fn the_mark_of_a_duplicate() {
    let mark = Mark {
        copy_number: 2,
        job_number: "20261127-000042",
        time: "2026-11-27 14:32:05",
        reason: MarkReason::Uncertain,
    };
    golden("mark-80mm", &mark_bytes(&mark, &Profile::mm80()), &[]);
    golden("mark-58mm", &mark_bytes(&mark, &Profile::mm58()), &[]);
    let ascii = Profile { kanji: KanjiMode::None, ..Profile::mm58() };
    golden("mark-ascii", &mark_bytes(&Mark { reason: MarkReason::Requested, ..mark }, &ascii), &[]);
}

/// Receipts as shops and acquirers print them, on both papers. The name of a file says what it is.
#[test]
fn real_life_documents() {
    let examples = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<String> = std::fs::read_dir(&examples)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .filter(|name| !["shop-receipt", "unionpay-sale"].contains(&name.as_str()))
        .collect();
    names.sort_unstable();
    assert!(names.len() >= 20, "{names:?}");
    for name in &names {
        let json = std::fs::read(examples.join(format!("{name}.json"))).unwrap();
        for (paper, profile) in [("58mm", Profile::mm58()), ("80mm", Profile::mm80())] {
            for copy in golden_copies(&format!("{name}-{paper}"), Source::Json(&json), &profile) {
                assert!(copy.lines > 0 || name == "drawer-only", "{name}");
            }
        }
    }
}
