//! The pages in a real browser: headless Chromium, if it is installed (`chromium`), and the codes on it read back by
//! `zbarimg`, if that is.
//!
//! Structure is measured whatever the fonts of the machine: nothing to be scrolled sideways, nothing that sticks out, contrast
//! in light and dark, one sheet of the paper's width when it is printed. How pages look is compared where letters look as
//! they did when the golden pictures were made ([`looks`]).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
mod looks;

use std::path::Path;
use std::process::{Command, Output};

use common::documents;
use receiptd_paperless::{Facts, Page, html};
use serde_json::Value;

fn is_there(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        eprintln!("{program} is not installed: not tried");
    }
    found
}

fn chromium(dir: &Path, args: &[&str], page: &Path) -> Output {
    let profile = format!("--user-data-dir={}", dir.join("browser").display());
    Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", &profile])
        .args(args)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("chromium runs")
}

/// All golden documents, each in a frame of 360 pixels, light and dark, measured by a script outside of the page.
fn harness(pages: &[(String, String)]) -> String {
    let mut out = String::from("<!DOCTYPE html><meta charset=\"utf-8\"><body>");
    for (name, page) in pages {
        let source = page.replace('&', "&amp;").replace('"', "&quot;");
        for scheme in ["light", "dark"] {
            out.push_str(&format!(
                "<iframe title=\"{name} {scheme}\" style=\"width:360px;height:600px;border:0;color-scheme:{scheme}\" srcdoc=\"{source}\"></iframe>"
            ));
        }
    }
    out.push_str(
        "<script>addEventListener('load', () => {
        const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
        const light = (c) => { const f = rgb(c).map((v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
            return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
        const out = [...document.querySelectorAll('iframe')].map((frame) => {
            const page = frame.contentDocument, root = page.documentElement, main = page.querySelector('main');
            const edge = main.getBoundingClientRect();
            const out = [...main.querySelectorAll('*')].filter((e) => {
                const box = e.getBoundingClientRect();
                return box.width > 1 && !e.classList.contains('cut') && (box.right > edge.right + 1 || box.left < edge.left - 1);
            }).map((e) => e.outerHTML.slice(0, 80));
            const [a, b] = [light(frame.contentWindow.getComputedStyle(main).backgroundColor), light(frame.contentWindow.getComputedStyle(main).color)];
            return {name: frame.title, width: root.scrollWidth, view: root.clientWidth, out, headings: page.querySelectorAll('h1').length,
                ground: a, contrast: (Math.max(a, b) + .05) / (Math.min(a, b) + .05),
                font: parseFloat(frame.contentWindow.getComputedStyle(main).fontSize)};
        });
        const result = document.createElement('pre'); result.id = 'result'; result.textContent = JSON.stringify(out);
        document.body.replaceChildren(result);
        });</script>",
    );
    out
}

#[test]
fn each_page_fits_a_narrow_phone_and_is_readable_in_light_and_dark() {
    if !is_there("chromium") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let pages: Vec<(String, String)> = documents()
        .into_iter()
        .map(|(name, bytes, profile)| (name, html::html(&Page::of(&bytes, &profile), &Facts::default())))
        .collect();
    let path = dir.path().join("harness.html");
    std::fs::write(&path, harness(&pages)).unwrap();
    let dumped = chromium(dir.path(), &["--virtual-time-budget=20000", "--dump-dom"], &path);
    let dom = String::from_utf8_lossy(&dumped.stdout).into_owned();
    let json = dom.split("<pre id=\"result\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    let json = json
        .unwrap_or_else(|| panic!("no result: {dom}"))
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let found: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(found.len(), pages.len() * 2);
    for page in found {
        assert_eq!(page["view"], 360, "{page}");
        assert!(page["width"].as_f64().unwrap() <= 360.0, "it scrolls sideways: {page}");
        assert_eq!(page["out"].as_array().map(Vec::len), Some(0), "it sticks out: {page}");
        assert_eq!(page["headings"], 1, "{page}");
        assert!(page["contrast"].as_f64().unwrap() >= 7.0, "{page}");
        assert!(page["font"].as_f64().unwrap() >= 12.0, "{page}");
        let dark = page["name"].as_str().unwrap().ends_with("dark");
        assert_eq!(page["ground"].as_f64().unwrap() < 0.2, dark, "{page}");
    }
}

/// Documents whose looks are compared: a slip of each paper, a shop's receipt, letters of Europe, a long bill.
const SHOWN: [&str; 8] = [
    "unionpay-sale-58mm-customer",
    "unionpay-sale-76mm-customer",
    "unionpay-sale-80mm-merchant",
    "shop-receipt-single",
    "europe-single",
    "hotel-folio-80mm-customer",
    "sale-supermarket-58mm-single",
    "member-coupon-80mm-single",
];

/// Size of the view that is compared of each page, in pixels: a phone's width, and more than a long bill.
const VIEW: (usize, usize) = (360, 1600);

/// What shows whether letters are those of the golden pictures.
const SAMPLE: &str = "<!DOCTYPE html><meta charset=\"utf-8\"><body style=\"margin:16px;background:#fff;font:24px/1.5 monospace\">\
    永东国酬鹰 银联商务签购单<br>Ag 0123456789 RMB<br><b>消费 SALE</b> éßЖ <span style=\"font:24px sans-serif\">永 Ag 8</span>";

#[test]
fn pages_look_as_they_did_in_light_and_dark() {
    if !is_there("chromium") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (width, height) = VIEW;
    let mut page =
        String::from("<!DOCTYPE html><meta charset=\"utf-8\"><body style=\"margin:0;background:#888\">");
    let shown = |name: &&str| html::html(&common::page(name), &Facts::default());
    let sources: Vec<String> = [SAMPLE.to_owned()].into_iter().chain(SHOWN.iter().map(shown)).collect();
    for (row, scheme) in ["light", "dark"].into_iter().enumerate() {
        for (column, source) in sources.iter().enumerate() {
            let source = source.replace('&', "&amp;").replace('"', "&quot;");
            page.push_str(&format!(
                "<iframe style=\"position:absolute;left:{}px;top:{}px;width:{width}px;height:{height}px;border:0;\
                 color-scheme:{scheme}\" srcdoc=\"{source}\"></iframe>",
                column * width,
                row * height
            ));
        }
    }
    let (path, picture) = (dir.path().join("looks.html"), dir.path().join("looks.png"));
    std::fs::write(&path, page).unwrap();
    let size = format!("--window-size={},{}", sources.len() * width, 2 * height);
    let shot = format!("--screenshot={}", picture.display());
    let told = chromium(dir.path(), &[&size, &shot, "--virtual-time-budget=20000"], &path);
    assert!(picture.exists(), "{}", String::from_utf8_lossy(&told.stderr));
    let shot = looks::Picture::read(&picture);
    let look = |column: usize, row: usize| shot.look(column * width, row * height, VIEW);
    if !looks::is_golden("sample", &look(0, 0)) {
        eprintln!("letters look otherwise here than in the golden pictures: pages were not compared");
        return;
    }
    for (column, name) in (1..).zip(SHOWN) {
        for (row, scheme) in ["light", "dark"].into_iter().enumerate() {
            let (name, look) = (format!("{name}-{scheme}"), look(column, row));
            assert!(
                looks::is_golden(&name, &look),
                "{name} looks otherwise; if it should: UPDATE_GOLDEN=1\n{look}"
            );
            assert!(
                !looks::is_the_same(&look, &looks::erased(&look)),
                "{name}: a line is gone, and nobody sees it"
            );
        }
    }
}

#[test]
fn codes_on_the_screen_are_read_back() {
    if !is_there("chromium") || !is_there("zbarimg") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (name, data) in [
        (
            "unionpay-sale-80mm-customer",
            "https://example.com/r?m=898110154110023&t=01080209&b=000123&v=000456",
        ),
        (
            "unionpay-sale-58mm-customer",
            "https://example.com/r?m=898110154110023&t=01080209&b=000123&v=000456",
        ),
        ("shop-receipt-single", "202611270087"),
    ] {
        let page = dir.path().join("page.html");
        std::fs::write(&page, html::html(&common::page(name), &Facts::default())).unwrap();
        let picture = dir.path().join(format!("{name}.png"));
        let shot = format!("--screenshot={}", picture.display());
        chromium(dir.path(), &["--window-size=500,1400", "--force-device-scale-factor=2", &shot], &page);
        let read = Command::new("zbarimg").args(["-q", "--raw"]).arg(&picture).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), data, "{name}");
    }
}

#[test]
fn it_prints_on_one_sheet_of_the_papers_width() {
    if !is_there("chromium") || Command::new("pdfinfo").arg("-v").output().is_err() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (name, width_mm) in [("unionpay-sale-80mm-merchant", 80.0), ("unionpay-sale-58mm-customer", 58.0)] {
        let page = dir.path().join("page.html");
        std::fs::write(&page, html::html(&common::page(name), &Facts::default())).unwrap();
        let pdf = dir.path().join(format!("{name}.pdf"));
        let print = format!("--print-to-pdf={}", pdf.display());
        chromium(dir.path(), &["--no-pdf-header-footer", &print], &page);
        let info = Command::new("pdfinfo").arg(&pdf).output().unwrap();
        let info = String::from_utf8_lossy(&info.stdout).into_owned();
        let field = |key: &str| {
            let line =
                info.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{key}: {info}"));
            line[key.len()..].trim().to_owned()
        };
        assert_eq!(field("Pages:"), "1", "{name}: {info}");
        let width: f64 = field("Page size:").split(' ').next().unwrap().parse().unwrap();
        assert!((width / 72.0 * 25.4 - width_mm).abs() < 1.0, "{name}: {info}");
    }
}
