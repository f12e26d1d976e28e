//! The golden documents as text and as HTML. `UPDATE_GOLDEN=1` writes them anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{documents, golden, page};
use receiptd_document::scan::scan;
use receiptd_paperless::page::What;
use receiptd_paperless::text::{Options, text};
use receiptd_paperless::{Facts, Page, html};

const FACTS: Facts<'_> = Facts { title: "", job: Some("42"), time: Some("2026-11-27 14:32:05") };

#[test]
fn each_document_as_text_and_as_html() {
    let documents = documents();
    assert!(documents.len() >= 8);
    for (name, bytes, profile) in documents {
        let page = Page::of(&bytes, &profile);
        golden(&format!("{name}.txt"), &text(&page, &Options::default()));
        golden(&format!("{name}.html"), &html::html(&page, &FACTS));
    }
}

#[test]
fn a_framed_text_with_its_code_for_a_terminal() {
    let options = Options { facts: Some(FACTS), frame: true, blocks: true };
    let framed = text(&page("unionpay-sale-80mm-customer"), &options);
    golden("framed.txt", &framed);
}

#[test]
fn a_page_is_as_long_as_the_scanner_says() {
    for (name, bytes, profile) in documents() {
        let page = Page::of(&bytes, &profile);
        let length = page.grid.eighths(page.length);
        let said = scan(&bytes, &profile).unwrap().dots;
        // The scanner counts the largest QR code that the data may need; digits are packed more tightly.
        let has_qr = page.blocks.iter().any(|block| matches!(block.what, What::Qr(_)));
        assert!(length == said || (has_qr && length < said), "{name}: {length} and {said}");
        assert!(page.blocks.windows(2).all(|pair| pair[0].top + pair[0].height <= pair[1].top), "{name}");
    }
}

#[test]
fn the_parts_of_a_receipt_are_known_for_what_they_are() {
    let page = page("unionpay-sale-80mm-customer");
    let codes: Vec<_> = page
        .blocks
        .iter()
        .filter_map(|block| match &block.what {
            What::Qr(qr) => Some(qr.data.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(codes, ["https://example.com/r?m=898110154110023&t=01080209&b=000123&v=000456"]);
    assert_eq!(page.first_line().as_deref(), Some("银联商务 签购单"));
    assert!(matches!(page.blocks.last().map(|block| &block.what), Some(What::Cut)));
}
