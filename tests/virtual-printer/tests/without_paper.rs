//! What receiptd paints without a printer is what comes out of one, dot for dot: the PNG of `receiptd-paperless` against
//! the paper of this printer, of the same bytes and with the same letters. Neither knows anything of the other.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
#[path = "common/generate.rs"]
mod generate;
#[path = "common/printer.rs"]
mod printer;
use common::Dots;
use generate::Receipt;
use printer::model;
use receiptd_document::{Cutter, KanjiMode, NoTypesetter, Profile, Source, render as receiptd};
use receiptd_paperless::paint::{self, paint};
use receiptd_paperless::{Bitmap, Page};
use std::path::{Path, PathBuf};
use virtual_printer::glyphs::{Cell, Glyphs};
use virtual_printer::render;

/// The letters of this printer.
struct Letters(Glyphs);

impl paint::Glyphs for Letters {
    fn glyph(&mut self, character: char, width: u32, height: u32) -> Option<Bitmap> {
        let dots = self.0.get(character, Cell { w: width as usize, h: height as usize });
        let mut glyph = Bitmap::new(width, height);
        for y in 0..height {
            for x in (0..width).filter(|x| dots.get(*x as usize, y as usize)) {
                glyph.set(x, y);
            }
        }
        Some(glyph)
    }
}

/// What differs between the paper and the painting of it.
fn difference(bytes: &[u8], profile: &Profile, letters: &mut Letters) -> Result<(), String> {
    let paper = render(&model(profile), bytes, None).unwrap();
    let unsupported = paper.warnings.iter().find(|warning| !warning.contains("font"));
    if let Some(warning) = unsupported {
        return Err(format!("the printer says: {warning}"));
    }
    let page = Page::of(bytes, profile);
    let painted = paint(&page, letters);
    let png = painted.png(page.grid);
    let painted = Dots::of_png(&png, 0);
    let printed = Dots::of(&paper);
    // The printer's picture is as wide as whole bytes.
    if (painted.width.next_multiple_of(8), painted.height) != (printed.width, printed.height) {
        return Err(format!(
            "painted {}x{}, printed {}x{}",
            painted.width, painted.height, printed.width, printed.height
        ));
    }
    for y in 0..printed.height {
        for x in 0..painted.width {
            if painted.black(x, y) != printed.black(x, y) {
                if let Some(dir) = std::env::var_os("VP_KEEP") {
                    std::fs::write(Path::new(&dir).join("painted.png"), &png).unwrap();
                    paper.save_png(Path::new(&dir).join("printed.png")).unwrap();
                }
                return Err(format!("dot {x},{y} is {} on paper", printed.black(x, y)));
            }
        }
    }
    Ok(())
}

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../daemon/document/examples");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    all.sort();
    assert!(all.len() >= 30);
    all
}

#[test]
fn each_example_is_painted_as_it_is_printed_on_each_paper() {
    let mut letters = Letters(Glyphs::new(None));
    for path in examples() {
        let json = std::fs::read(&path).unwrap();
        let epson = receiptd_document::models::find("epson-tm-t88v").unwrap();
        let epson = Profile { kanji: KanjiMode::Gb18030, ..epson };
        let usual = [Profile::mm58(), Profile::mm76(), Profile::mm80(), epson];
        let drawn = usual.clone().map(|paper| Profile { native_qr: false, native_barcode: false, ..paper });
        for profile in usual.into_iter().chain(drawn) {
            // A cut is a dashed line in the printer's picture, and nothing on paper.
            let profile = Profile { cutter: Cutter::None, ..profile };
            for copy in receiptd(Source::Json(&json), &profile, &NoTypesetter).unwrap() {
                let bytes = [copy.body, copy.tail].concat();
                difference(&bytes, &profile, &mut letters).unwrap_or_else(|what| {
                    panic!("{} on {} dots, copy {}: {what}", path.display(), profile.dots, copy.copy)
                });
            }
        }
    }
}

#[test]
fn any_receipt_is_painted_as_it_is_printed() {
    let mut letters = Letters(Glyphs::new(None));
    for seed in 0..150 {
        let receipt = Receipt::random(seed);
        let profile = Profile { cutter: Cutter::None, ..receipt.profile.clone() };
        let json = receipt.json();
        let copies = receiptd(Source::Json(json.as_bytes()), &profile, &NoTypesetter).unwrap();
        difference(&copies[0].body, &profile, &mut letters)
            .unwrap_or_else(|what| panic!("seed {seed}: {what}\n{json}\n{profile:?}"));
    }
}

#[test]
fn what_apps_send_themselves_is_painted_as_it_is_printed() {
    let mut letters = Letters(Glyphs::new(None));
    for bytes in [
        // Bits among letters, of each density; units and spacing set by hand.
        &b"a\x1b*\0\x03\0\xff\x81\xffb\n\x1b*\x01\x04\0\xaa\x55\xaa\x55\n"[..],
        b"\x1b3\x10one\n\x1b3\x20two\n\x1b2three\n\x1bJ\x14\x1bd\x02four\n",
        b"\x1b$\x40\0x\x1b\\\x10\0y\n\x1b \x05spaced\x1b \0\n",
        b"\x1b!\x30large\x1b!\0 \x1b!\x80under\x1b!\x01small\n",
        b"\x1ba\x01middle\n\x1ba\x02right\n",
    ] {
        for profile in [Profile::mm58(), Profile::mm76(), Profile::mm80()] {
            difference(bytes, &profile, &mut letters)
                .unwrap_or_else(|what| panic!("{bytes:02x?} on {} dots: {what}", profile.dots));
        }
    }
}
