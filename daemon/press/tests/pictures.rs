//! Golden pictures: the PNG of each golden document on 80 mm paper, and of a few on other paper, dot by dot. To be looked at
//! when they change: `UPDATE_GOLDEN=1` writes them anew, and a viewer shows the difference.
//!
//! Letters are those of the machine's fonts. Where they are others than those of the golden pictures, which a sample of them
//! tells, nothing can be compared, and that is said.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use receiptd_document::{NoTypesetter, Profile, Source, render};
use receiptd_fonts::Fonts;
use receiptd_paperless::Page;

/// Letters of each font that documents are shown in.
const SAMPLE: &str = "永东国酬鹰 银联商务\nAg 0123456789 RMB\nЖук\n";

/// Other paper, and what is no JSON receipt.
const OTHERS: [&str; 7] = [
    "europe-chinese-single",
    "europe-single",
    "mark-58mm",
    "notice-single",
    "shop-receipt-single",
    "unionpay-sale-58mm-merchant",
    "unionpay-sale-76mm-merchant",
];

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.png"))
}

/// Whether a picture is the golden one, to the dot: the same dots are the same bytes, since one program packs them.
fn is_golden(name: &str, png: &[u8]) -> bool {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden(name), png).unwrap();
    }
    std::fs::read(golden(name)).is_ok_and(|then| then == png)
}

fn documents() -> Vec<(String, Page)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../document/tests/golden");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".bin").map(str::to_owned))
        .filter(|name| name.contains("-80mm") || OTHERS.contains(&name.as_str()))
        .collect();
    names.sort();
    let page = |name: &String| {
        let profile = match name {
            name if name.contains("58mm") => Profile::mm58(),
            name if name.contains("76mm") => Profile::mm76(),
            _ => Profile::mm80(),
        };
        Page::of(&std::fs::read(folder.join(format!("{name}.bin"))).unwrap(), &profile)
    };
    names.iter().map(|name| (name.clone(), page(name))).collect()
}

#[test]
fn each_document_is_the_golden_picture_to_the_dot() {
    let mut fonts = Fonts::default();
    let sample = render(Source::Text(SAMPLE), &Profile::mm80(), &NoTypesetter).unwrap().remove(0);
    let sample = Page::of(&sample.body, &Profile::mm80());
    if !fonts.any() || !is_golden("sample", &receiptd_press::png(&sample, &mut fonts)) {
        eprintln!("fonts are others here than those of the golden pictures: they were not compared");
        return;
    }
    let documents = documents();
    assert!(documents.len() >= 30);
    let changed: Vec<String> = documents
        .into_iter()
        .filter(|(name, page)| !is_golden(name, &receiptd_press::png(page, &mut fonts)))
        .map(|(name, _)| name)
        .collect();
    assert!(changed.is_empty(), "look otherwise; if they should: UPDATE_GOLDEN=1: {changed:?}");
}
