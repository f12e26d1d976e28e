//! The golden documents of `receiptd-document` as PNG and PDF, with the fonts of this machine.
//!
//! Fonts differ, so what is compared is structure: where there is ink, what the codes say to `zbarimg`, what the text
//! of a PDF is to `pdftotext`, and that `pdftoppm` draws the same paper as the PNG.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use receiptd_document::Profile;
use receiptd_fonts::Fonts;
use receiptd_paperless::page::What;
use receiptd_paperless::{Bitmap, Facts, Page};

const LINK: &str = "https://example.com/r?m=898110154110023&t=01080209&b=000123&v=000456";

fn page(name: &str) -> Page {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../document/tests/golden/{name}.bin"));
    let profile = match name {
        name if name.contains("58mm") => Profile::mm58(),
        name if name.contains("76mm") => Profile::mm76(),
        _ => Profile::mm80(),
    };
    Page::of(&std::fs::read(path).unwrap(), &profile)
}

/// Fonts, or None on a machine that has none.
fn fonts() -> Option<Fonts> {
    let mut fonts = Fonts::default();
    let any = fonts.any();
    if !any {
        eprintln!("no fonts are installed: not tried");
    }
    any.then_some(fonts)
}

/// A program's output, or None if it is not installed.
fn output(program: &str, args: &[&str]) -> Option<Vec<u8>> {
    match Command::new(program).args(args).output() {
        Ok(output) => Some(output.stdout),
        Err(_) => {
            eprintln!("{program} is not installed: not tried");
            None
        }
    }
}

/// Where what is made is left to be looked at: `PRESS_OUT=DIR`.
fn keep(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let dir = std::env::var_os("PRESS_OUT").map_or_else(|| dir.to_owned(), PathBuf::from);
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Dots of a PNG of one bit, or of whatever `pdftoppm` writes.
fn unpacked(png: &[u8]) -> Bitmap {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let mut bitmap = Bitmap::new(info.width, info.height);
    for (row, y) in bytes.chunks_exact(info.line_size).zip(0..) {
        for (dot, x) in row.chunks_exact(info.color_type.samples()).zip(0..) {
            if dot[0] < 128 {
                bitmap.set(x, y);
            }
        }
    }
    bitmap
}

fn ink(bitmap: &Bitmap, x: std::ops::Range<u32>, y: std::ops::Range<u32>) -> usize {
    y.flat_map(|y| x.clone().map(move |x| (x, y))).filter(|(x, y)| bitmap.get(*x, *y)).count()
}

#[test]
fn a_png_has_ink_in_each_cell_and_nowhere_else() {
    let Some(mut fonts) = fonts() else { return };
    for name in [
        "unionpay-sale-80mm-merchant",
        "unionpay-sale-76mm-customer",
        "unionpay-sale-58mm-customer",
        "shop-receipt-single",
    ] {
        let page = page(name);
        let paper = unpacked(&receiptd_press::png(&page, &mut fonts));
        assert_eq!((paper.width(), paper.height()), (page.dots, page.length), "{name}");
        let mut expected = 0;
        for block in &page.blocks {
            if let What::Row(row) = &block.what {
                for run in &row.runs {
                    for (index, character) in run.text.chars().enumerate().filter(|(_, c)| *c != ' ') {
                        let left = run.left + index as u32 * run.advance;
                        let there =
                            ink(&paper, left..left + run.advance, block.top..block.top + block.height);
                        assert!(there > 0, "{name}: {character} has no ink");
                        expected += there;
                    }
                }
            } else {
                expected += ink(&paper, 0..page.dots, block.top..block.top + block.height);
            }
        }
        assert_eq!(
            ink(&paper, 0..paper.width(), 0..paper.height()),
            expected,
            "{name}: ink outside of cells"
        );
    }
}

#[test]
fn codes_in_a_png_are_read_back() {
    let Some(mut fonts) = fonts() else { return };
    let dir = tempfile::tempdir().unwrap();
    for (name, data) in [
        ("unionpay-sale-80mm-customer", LINK),
        ("unionpay-sale-76mm-customer", LINK),
        ("unionpay-sale-58mm-customer", LINK),
        ("shop-receipt-single", "202611270087"),
    ] {
        let path = keep(dir.path(), &format!("{name}.png"), &receiptd_press::png(&page(name), &mut fonts));
        let Some(read) = output("zbarimg", &["-q", "--raw", path.to_str().unwrap()]) else { return };
        assert_eq!(String::from_utf8_lossy(&read).trim(), data, "{name}");
    }
}

#[test]
fn the_text_of_a_pdf_is_the_receipt() {
    let Some(mut fonts) = fonts() else { return };
    let dir = tempfile::tempdir().unwrap();
    let page = page("unionpay-sale-80mm-customer");
    let facts = Facts { title: "签购单 <1>", job: Some("42"), time: None };
    let pdf = receiptd_press::pdf(&page, &facts, &mut fonts);
    assert!(pdf.len() < 200_000, "{} bytes: fonts are not cut to size", pdf.len());
    let path = keep(dir.path(), "customer.pdf", &pdf);
    let path = path.to_str().unwrap();
    let Some(text) = output("pdftotext", &["-layout", path, "-"]) else { return };
    let text = String::from_utf8(text).unwrap();
    for line in [
        "持卡人存根 CUSTOMER COPY",
        "北京市朝阳区好邻居便利店有限公司三里屯店",
        "622848******1234 I",
        "RMB 128.00",
    ] {
        assert!(text.lines().any(|found| found.trim() == line), "{line} is not in\n{text}");
    }
    let total = text.lines().find(|line| line.contains("批次号 BATCH NO.")).unwrap_or_default();
    assert!(total.trim_end().ends_with("000123"), "{text}");

    let info = String::from_utf8(output("pdfinfo", &[path]).unwrap()).unwrap();
    assert!(info.contains("签购单 <1>") && info.contains("Pages:           1"), "{info}");
    let listed = String::from_utf8(output("pdffonts", &[path]).unwrap()).unwrap();
    for font in listed.lines().skip(2) {
        // Embedded, a subset, with its characters.
        assert_eq!(font.matches("yes").count(), 3, "{listed}");
    }
    assert!(listed.lines().count() > 2, "{listed}");
}

#[test]
fn a_pdf_is_the_paper_of_the_png() {
    let Some(mut fonts) = fonts() else { return };
    let dir = tempfile::tempdir().unwrap();
    // 8 dots to the millimetre are 203.2 to the inch; nine pins print 160 by 144. The sheet begins 3 mm above the first line,
    // and has unprinted paper at both sides.
    let thermal = ("203.2", "203.2", 24);
    for (name, (across, down, edge), side) in [
        ("unionpay-sale-80mm-customer", thermal, 32),
        ("unionpay-sale-76mm-customer", ("160", "144", 17), 38),
        ("unionpay-sale-58mm-customer", thermal, 40),
        ("shop-receipt-single", thermal, 32),
    ] {
        let page = page(name);
        let pdf = keep(
            dir.path(),
            &format!("{name}.pdf"),
            &receiptd_press::pdf(&page, &Facts::default(), &mut fonts),
        );
        // One bit per dot.
        let drawn = dir.path().join("drawn");
        let (from, to) = (pdf.to_str().unwrap(), drawn.to_str().unwrap());
        let args = ["-rx", across, "-ry", down, "-mono", "-png", "-singlefile", from, to];
        if output("pdftoppm", &args).is_none() {
            return;
        }
        let png = std::fs::read(drawn.with_extension("png")).unwrap();
        let from_pdf = unpacked(&png);
        let paper = unpacked(&receiptd_press::png(&page, &mut fonts));
        let first = page.blocks[0].top;
        let mut compared = 0;
        for block in page.content() {
            for x in (0..page.dots).step_by(24) {
                let (left, right) = (x, (x + 24).min(page.dots));
                let there = ink(&paper, left..right, block.top..block.top + block.height);
                let top = block.top - first + edge;
                let in_pdf = ink(&from_pdf, left + side..right + side, top..top + block.height);
                // Strokes are drawn a little thinner or fatter, and nothing is moved.
                let near = there.abs_diff(in_pdf) <= 40 + there / 2;
                assert!(near, "{name}: at {x}, {} there are {there} dots and {in_pdf} in the PDF", block.top);
                compared += usize::from(there > 0);
            }
        }
        assert!(compared > 100, "{name}");
        if let Some(read) = output("zbarimg", &["-q", "--raw", drawn.with_extension("png").to_str().unwrap()])
        {
            assert!(!read.is_empty(), "{name}: no code is read");
        }
    }
}

#[test]
fn a_pdf_and_a_png_have_the_measures_of_the_paper() {
    let Some(mut fonts) = fonts() else { return };
    let dir = tempfile::tempdir().unwrap();
    // Printable width and height of a line in millimetres; a roll of 80 mm, 76 mm of two-ply paper, one of 58 mm.
    for (paper, profile, printable, line) in [
        (80.0, Profile::mm80(), 72.0, 3.75),
        (75.5, Profile::mm76(), 63.5, 25.4 / 6.0),
        (58.0, Profile::mm58(), 48.0, 3.75),
    ] {
        let page = Page::of("A\n".repeat(21).as_bytes(), &profile);
        let png = receiptd_press::png(&page, &mut fonts);
        let reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
        let info = reader.info();
        let pitch = info.pixel_dims.unwrap();
        let across = f64::from(info.width) * 1000.0 / f64::from(pitch.xppu);
        let down = f64::from(info.height) * 1000.0 / f64::from(pitch.yppu);
        assert!((across - printable).abs() < 0.1 && (down - 21.0 * line).abs() < 0.1, "{across} x {down}");
        let pdf = receiptd_press::pdf(&page, &Facts::default(), &mut fonts);
        let path = keep(dir.path(), &format!("lines-{paper}.pdf"), &pdf);
        let Some(info) = output("pdfinfo", &[path.to_str().unwrap()]) else { return };
        let info = String::from_utf8(info).unwrap();
        let size = info.lines().find_map(|line| line.strip_prefix("Page size:")).unwrap();
        let points: Vec<f64> = size.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let mm = |points: f64| points * 25.4 / 72.0;
        // 3 mm of paper above and below, and no line's white below the last letter.
        let (wide, high) = (mm(points[0]), mm(points[1]));
        assert!((wide - paper).abs() < 0.3, "{wide} mm wide instead of {paper}");
        assert!((20.0 * line..21.0 * line + 6.0).contains(&(high - 6.0)), "{high} mm high");
    }
}

#[test]
fn a_cut_ends_a_page_of_a_pdf() {
    let Some(mut fonts) = fonts() else { return };
    let page = Page::of(b"one\n\x1dV\x00two\n\x1dVB\x00three\n\x1dV\x01", &Profile::mm58());
    let pdf = receiptd_press::pdf(&page, &Facts::default(), &mut fonts);
    let dir = tempfile::tempdir().unwrap();
    let path = keep(dir.path(), "cuts.pdf", &pdf);
    let Some(info) = output("pdfinfo", &[path.to_str().unwrap()]) else { return };
    assert!(String::from_utf8_lossy(&info).contains("Pages:           3"));
    assert_eq!(receiptd_press::pdf(&page, &Facts::default(), &mut fonts), pdf, "the same bytes each time");
}

#[test]
fn a_receipt_of_any_length_and_without_fonts_is_a_picture_all_the_same() {
    let mut none = Fonts::new(Vec::new());
    let page = Page::of("中A\n".repeat(20).as_bytes(), &Profile::mm58());
    let paper = unpacked(&receiptd_press::png(&page, &mut none));
    assert!(ink(&paper, 0..384, 0..30) > 0);
    assert!(receiptd_press::pdf(&page, &Facts::default(), &mut none).starts_with(b"%PDF"));
    // 19 m of paper are one page, in units that readers can count.
    let Some(mut fonts) = fonts() else { return };
    let long = [b"first\n".to_vec(), b"\x1bJ\xff".repeat(600), b"last\n".to_vec()].concat();
    let pdf = receiptd_press::pdf(&Page::of(&long, &Profile::mm58()), &Facts::default(), &mut fonts);
    let dir = tempfile::tempdir().unwrap();
    let path = keep(dir.path(), "long.pdf", &pdf);
    let Some(text) = output("pdftotext", &[path.to_str().unwrap(), "-"]) else { return };
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(text.contains("first") && text.contains("last"), "{text}");
}
