//! What holds for any receipt and for any bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{read_html, solid};
use proptest::collection::vec;
use proptest::prelude::*;
use receiptd_document::{CodePages, KanjiMode, NoTypesetter, Profile, Source, render};
use receiptd_paperless::page::What;
use receiptd_paperless::text::{Options, text};
use receiptd_paperless::{Facts, Page, html};
use serde_json::{Value, json};

fn profile() -> impl Strategy<Value = Profile> {
    prop_oneof![
        Just(Profile::mm80()),
        Just(Profile::mm58()),
        Just(Profile { kanji: KanjiMode::None, ..Profile::mm58() }),
        Just(Profile { dots: 512, font_a_width: 13, ..Profile::mm80() }),
    ]
}

/// Texts that a receipt may have, some of them made to be taken for markup.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ -~金额商户编号持卡人签名,。￥]{0,60}",
        1 => prop::sample::select(vec![
            "</style><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "&lt;b&gt;", "]]>", "<!--",
            "' style='color:red", "</main></body></html>", "javascript:alert(1)",
        ]).prop_map(str::to_owned),
    ]
}

fn line() -> impl Strategy<Value = Value> {
    let align = || prop::sample::select(vec!["left", "center", "right"]);
    prop_oneof![
        4 => (words(), align(), 1..=3, 1..=3, any::<bool>()).prop_map(|(text, align, width, height, on)| json!(
            {"text": {"text": text, "align": align, "size": {"width": width, "height": height}, "bold": on, "underline": !on, "reverse": on}}
        )),
        4 => (vec((words(), align()), 1..5), any::<bool>()).prop_map(|(columns, bold)| {
            let columns: Vec<Value> =
                columns.into_iter().map(|(text, align)| json!({"text": text, "align": align})).collect();
            json!({"columns": {"columns": columns, "bold": bold}})
        }),
        1 => Just(json!({"rule": {"style": "double"}})),
        1 => (1..9).prop_map(|lines| json!({"space": {"lines": lines}})),
        1 => ("[ -~]{1,80}", align()).prop_map(|(data, align)| json!({"qr": {"data": data, "align": align}})),
        1 => "[0-9]{12}".prop_map(|data| json!({"barcode": {"data": data, "type": "code128"}})),
        1 => Just(json!({"cut": {}})),
    ]
}

/// Whole commands and rubbish, as a stranger sends them.
fn command() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => "[ -~<>&\"']{0,60}\n".prop_map(String::into_bytes),
        3 => vec(0x20..=0xff_u8, 0..12),
        6 => prop::sample::select(vec![
            &b"\x1b@"[..], b"\x1ba\x01", b"\x1ba\x02", b"\x1d!\x77", b"\x1c&", b"\x1c.", b"\x1bd\x03", b"\x1bJ\x40",
            b"\x1b3\x00", b"\x1b2", b"\n", b"\r\n", b"\x1dV\x00", b"\x1dVB\x00", b"\x1bL", b"\x0c", b"\x1b\x0c", b"\x1bS",
            b"\x1bW\x20\0\x10\0\x40\x02\x00\x01", b"\x1d$\x40\x00", b"\x1b$\x80\x00", b"\x1b\\\xf0\xff", b"\x18", b"\x09",
            b"\x1bD\x08\x10\x00", b"\x1dL\xff\x01", b"\x1dW\x01\x00", b"\x1dP\x01\x01", b"\x1b \xff", b"\x1cS\xff\xff",
            b"\x1d(k\x03\x001C\x10", b"\x1d(k\x06\x001P0a<b", b"\x1d(k\x03\x001Q0", b"\x1dk\x04A<C\0", b"\x1dB\x01",
            b"\x1dk\x49\x06{BAB{1", b"\x1cp\x01\0", b"\x1d(L\x02\x0002", b"\x1d*\x02\x02aaaabbbbccccddddaaaabbbbccccdddd",
            b"\x1d/\x03", b"\x1dQ0\x03\x02\x00\x01\x00ab", b"\x1d(L\x0c\x000p0\x02\x021\x08\x00\x02\x00ab", b"\x1b!\xff",
            b"\x1dv0\x03\x02\x00\x02\x00abcd", b"\x1b*\x21\x02\x00abcdef",
        ]).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..6),
    ]
}

/// The rows of a page that are no rules, without blanks.
fn rows(page: &Page) -> Vec<String> {
    let is_rule = |text: &str| {
        let first = text.chars().next();
        text.chars().count() >= 8
            && text.chars().all(|c| Some(c) == first)
            && "-=._*~·—─…".contains(first.unwrap_or('x'))
    };
    page.blocks
        .iter()
        .filter_map(|block| match &block.what {
            What::Row(row) => Some(solid(&row.text())),
            _ => None,
        })
        .filter(|text| !text.is_empty() && !is_rule(text))
        .collect()
}

/// Each of the parts is in the whole, in order.
fn in_order(parts: &[String], whole: &str) -> bool {
    let whole = solid(whole);
    let mut rest = whole.as_str();
    parts.iter().all(|part| match rest.split_once(part.as_str()) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing of a receipt is lost, and nothing of it is markup.
    /// Of the code pages and of Chinese, in any order, on a printer that has them under whatever numbers.
    #[test]
    fn letters_of_code_pages_are_read_back(
        letters in "[ a-z0-9é-ý金额ßŁłřšжяЁ£½■]{1,80}",
        kanji in any::<bool>(),
        pages in prop::sample::select(vec![
            CodePages::EPSON,
            CodePages { cp850: Some(7), cp852: Some(0), cp866: Some(200), cp437: Some(1), ..CodePages::NONE },
        ]),
    ) {
        let kanji = if kanji { KanjiMode::Gb18030 } else { KanjiMode::None };
        let profile = Profile { kanji, code_pages: pages, ..Profile::mm58() };
        let hanzi = |c| kanji == KanjiMode::None && matches!(c, '金' | '额');
        let words = format!("a{}", letters.replace(hanzi, "x"));
        let copies = render(Source::Text(&words), &profile, &NoTypesetter).unwrap();
        prop_assert_eq!(solid(&text(&Page::of(&copies[0].body, &profile), &Options::default())), solid(&words));
    }

    #[test]
    fn all_that_is_printed_is_in_the_text_and_on_the_page(lines in vec(line(), 0..12), profile in profile()) {
        let receipt = json!({"version": 1, "copies": ["customer"], "lines": lines});
        let Ok(copies) = render(Source::Json(receipt.to_string().as_bytes()), &profile, &NoTypesetter) else { return Ok(()) };
        let bytes = [&copies[0].body[..], &copies[0].tail].concat();
        let page = Page::of(&bytes, &profile);
        let rows = rows(&page);
        let plain = text(&page, &Options::default());
        prop_assert!(in_order(&rows, &plain), "{rows:?}\n{plain}");
        let read = read_html(&html::html(&page, &Facts::default()));
        prop_assert!(in_order(&rows, &read.text), "{rows:?}\n{}", read.text);
        prop_assert_eq!(read.scripts, 0);
        // A line is never wider than the paper, as far as its characters are not.
        for row in page.blocks.iter() {
            if let What::Row(row) = &row.what {
                prop_assert!(row.runs.iter().all(|run| run.right() <= page.dots), "{row:?}");
            }
        }
    }

    /// What is read from the page is what was handed in.
    #[test]
    fn a_text_is_read_back(lines in vec("[a-zA-Z0-9金额商户编号。]{0,90}", 1..20), profile in profile()) {
        let whole = lines.join("\n");
        let Ok(copies) = render(Source::Text(&whole), &profile, &NoTypesetter) else { return Ok(()) };
        prop_assume!(copies[0].masked == 0);
        let page = Page::of(&[&copies[0].body[..], &copies[0].tail].concat(), &profile);
        prop_assert_eq!(solid(&text(&page, &Options::default())), solid(&whole));
    }

    #[test]
    fn any_stream_gives_a_page(commands in vec(command(), 0..30), profile in profile()) {
        let bytes = commands.concat();
        let page = Page::of(&bytes, &profile);
        let written = html::html(&page, &Facts { title: "<b>", job: Some("\"7"), time: None });
        let read = read_html(&written);
        prop_assert_eq!(read.scripts, 0);
        let framed = text(&page, &Options { facts: Some(Facts::default()), frame: true, blocks: true });
        prop_assert!(framed.starts_with('┌'));
    }
}

#[test]
fn few_bytes_do_not_make_much() {
    // A stored picture of 64 KB, printed again by three bytes each time.
    let mut bytes = b"\x1d*\x48\x70".to_vec();
    bytes.extend(vec![0x55; 0x48 * 0x70 * 8]);
    bytes.extend(b"\x1d/\x00".repeat(200_000));
    let page = Page::of(&bytes, &Profile::mm80());
    assert!(page.length < 2 * receiptd_document::limits::PAPER_DOTS_MAX);
    assert!(html::html(&page, &Facts::default()).len() < 2 * receiptd_paperless::limits::HTML_BYTES_MAX);
    // Codes without number: those beyond the limit are their data.
    let many: Vec<u8> =
        (100..600).flat_map(|n| format!("\x1d(k\x06\x001P0{n}\x1d(k\x03\x001Q0").into_bytes()).collect();
    let page = Page::of(&many, &Profile::mm80());
    let drawn = page.blocks.iter().filter(|b| matches!(&b.what, What::Qr(qr) if qr.matrix.is_some())).count();
    assert_eq!(drawn, receiptd_paperless::limits::CODES_MAX);
}

#[test]
fn an_address_is_a_link_only_if_it_is_nothing_else() {
    let href = |data: &str| {
        let len = (data.len() + 3) as u8;
        let bytes = [b"\x1d(k", &[len, 0][..], b"1P0", data.as_bytes(), b"\x1d(k\x03\x001Q0"].concat();
        let written = html::html(&Page::of(&bytes, &Profile::mm80()), &Facts::default());
        let read = read_html(&written);
        assert!(read.text.contains(data), "{data}");
        read.links
    };
    assert_eq!(href("https://r.example.com/A?b=1&c=2"), ["https://r.example.com/A?b=1&c=2"]);
    for data in [
        "http://r.example.com/A",
        "javascript:alert(1)",
        "https://bank.example.com@evil.example.com/",
        "https://",
        "https://r.example.com/\" onclick=\"x",
        "https://r.example.com/ 支付",
        "weixin://wxpay/bizpayurl?pr=x",
    ] {
        assert!(href(data).is_empty(), "{data}");
    }
}
