//! Codes that are drawn here because the printer has no command for them, read back from the paper by a reader that was
//! not written here (Debian: zbar-tools).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

#[path = "common/native.rs"]
mod native;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use native::render;
use receiptd_document::{Profile, Source, models};
use serde_json::{Value, json};
use tempfile::TempDir;
use virtual_printer::Model;

/// What zbarimg reads from a picture, as it reads it.
fn read(path: &Path) -> BTreeSet<String> {
    let output = Command::new("zbarimg").args(["--quiet", "--raw", "-Scodabar.enable"]).arg(path).output();
    let output = output.expect("zbarimg; run scripts/setup test");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn bytes_of(lines: &[Value], profile: &Profile) -> Vec<u8> {
    // Readers need white around a code.
    let spaced: Vec<Value> =
        lines.iter().flat_map(|line| [line.clone(), json!({"feed": {"dots": 60}})]).collect();
    let json = json!({"version": 1, "lines": spaced}).to_string();
    let copies = render(Source::Json(json.as_bytes()), profile).unwrap();
    [&copies[0].body[..], &copies[0].tail].concat()
}

/// What is read from paper that the virtual printer made of the lines.
fn printed(lines: &[Value], profile: &Profile) -> BTreeSet<String> {
    // It has neither QR codes nor barcodes of its own: what is read was drawn here.
    let model = Model { dots: profile.dots.into(), ..Model::named("zj-58-mute").unwrap() };
    let paper = virtual_printer::render(&model, &bytes_of(lines, profile), None).unwrap();
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("paper.png");
    paper.save_png(&path).unwrap();
    read(&path)
}

/// What is read from paper that nine pins made of the lines: pictures only, each column and each row as wide as the other.
fn hit(lines: &[Value], profile: &Profile) -> BTreeSet<String> {
    let bytes = bytes_of(lines, profile);
    let (mut rows, mut at): (Vec<Vec<u8>>, usize) = (Vec::new(), 0);
    while at < bytes.len() {
        match bytes[at..] {
            [0x1b, b'*', 0, low, high, ref rest @ ..] => {
                let count = usize::from(low) + usize::from(high) * 256;
                assert!(count <= 200, "more columns than the paper has");
                for pin in (0..8).rev() {
                    let dot = |column: &u8| if column >> pin & 1 == 1 { 0 } else { 255 };
                    let mut row: Vec<u8> = rest[..count].iter().map(dot).collect();
                    row.resize(200, 255);
                    rows.push(row);
                }
                at += 5 + count;
            }
            // In 1/144 inch, two for each pin.
            [0x1b, b'J', units, ..] => {
                rows.extend(std::iter::repeat_n(vec![255; 200], usize::from(units) / 2));
                at += 3;
            }
            _ => at += 1,
        }
    }
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("paper.png");
    save(&rows, &path);
    read(&path)
}

/// Four dots of a picture for each that was printed, and a white border.
fn save(rows: &[Vec<u8>], path: &Path) {
    const TIMES: usize = 4;
    const BORDER: usize = 40;
    let width = 200 * TIMES + 2 * BORDER;
    let mut pixels = vec![255; width * BORDER];
    for row in rows {
        let mut line = vec![255; BORDER];
        line.extend(row.iter().flat_map(|dot| [*dot; TIMES]));
        line.resize(width, 255);
        (0..TIMES).for_each(|_| pixels.extend_from_slice(&line));
    }
    pixels.resize(pixels.len() + width * BORDER, 255);
    let file = std::fs::File::create(path).unwrap();
    let mut encoder = png::Encoder::new(file, width as u32, (pixels.len() / width) as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}

fn code(kind: &str, data: &str) -> Value {
    json!({"barcode": {"type": kind, "data": data}})
}

fn all_read(strings: &[&str]) -> BTreeSet<String> {
    strings.iter().map(|text| (*text).to_owned()).collect()
}

/// One of each, and what a reader says: the missing check digit is added, UPC-A is an EAN-13 that begins with 0.
const EACH: [(&str, &str, &str); 9] = [
    ("code128", "Order #42 {x}", "Order #42 {x}"),
    ("code128", "20261127000042", "20261127000042"),
    ("code39", "A-1 $%+./", "A-1 $%+./"),
    ("itf", "12345678", "12345678"),
    ("codabar", "A12-3$:/.+4B", "A12-3$:/.+4B"),
    ("ean13", "400638133393", "4006381333931"),
    ("ean13", "9787111128069", "9787111128069"),
    ("ean8", "7351353", "73513537"),
    ("upc-a", "03600029145", "0036000291452"),
];

fn each() -> (Vec<Value>, BTreeSet<String>) {
    let lines = EACH.iter().map(|(kind, data, _)| code(kind, data)).collect();
    (lines, EACH.iter().map(|(.., read)| (*read).to_owned()).collect())
}

#[test]
fn every_symbology_is_read_from_58_mm_paper_of_a_printer_without_barcodes() {
    let (lines, expected) = each();
    assert_eq!(printed(&lines, &models::find("zjiang-zj-5870").unwrap()), expected);
}

#[test]
fn every_symbology_is_read_from_80_mm_paper() {
    let (lines, expected) = each();
    assert_eq!(printed(&lines, &Profile { native_barcode: false, ..Profile::mm80() }), expected);
}

#[test]
fn every_symbology_is_read_from_what_nine_pins_print() {
    let (lines, expected) = each();
    assert_eq!(hit(&lines, &Profile::mm76()), expected);
}

/// Each symbol of the table is looked at once: all of ASCII, then all pairs of digits.
#[test]
fn all_symbols_of_code_128_are_the_readers() {
    let ascii: Vec<String> = (b' '..=b'~')
        .collect::<Vec<u8>>()
        .chunks(10)
        .map(|part| String::from_utf8(part.to_vec()).unwrap())
        .collect();
    let pairs: Vec<String> =
        (0..10).map(|tens| (0..10).map(|ones| format!("{tens}{ones}")).collect()).collect();
    let mixed = ["a1", "12a", "1234a56", "x123456y", "0", "007", "A1B22C333D4444E"].map(str::to_owned);
    let profile = Profile { native_barcode: false, ..Profile::mm80() };
    for texts in [&ascii[..], &pairs, &mixed] {
        let lines: Vec<Value> = texts.iter().map(|text| code("code128", text)).collect();
        let expected: BTreeSet<String> = texts.iter().cloned().collect();
        assert_eq!(printed(&lines, &profile), expected);
    }
}

#[test]
fn every_character_of_the_other_codes_is_the_readers() {
    let profile = Profile { native_barcode: false, ..Profile::mm80() };
    let code39 = ["0123456789", "ABCDEFGHIJ", "KLMNOPQRST", "UVWXYZ-. $", "/+%"];
    let lines: Vec<Value> = code39.iter().map(|text| code("code39", text)).collect();
    assert_eq!(printed(&lines, &profile), all_read(&code39));
    let codabar = ["A0123456789B", "C-$:/.+0D", "B01234567A", "D98765C"];
    let lines: Vec<Value> = codabar.iter().map(|text| code("codabar", text)).collect();
    assert_eq!(printed(&lines, &profile), all_read(&codabar));
    let itf = ["01234567890123", "98765432109876", "1122334455", "66778899"];
    let lines: Vec<Value> = itf.iter().map(|text| code("itf", text)).collect();
    assert_eq!(printed(&lines, &profile), all_read(&itf));
    // The first digit of EAN-13 is in which sets the next six have: each of the ten.
    let ean: Vec<String> = (0..10).map(|first| format!("{first}12345678901")).collect();
    let lines: Vec<Value> = ean.iter().map(|text| code("ean13", text)).collect();
    let firsts: BTreeSet<String> =
        printed(&lines, &profile).into_iter().map(|read| read[..12].to_owned()).collect();
    assert_eq!(firsts, ean.into_iter().collect());
}

#[test]
fn sizes_and_places_that_a_document_asks_for_are_kept() {
    let profile = Profile { native_barcode: false, ..Profile::mm80() };
    for align in ["left", "center", "right"] {
        for hri in ["none", "above", "below", "both"] {
            let line = json!({"barcode": {"type": "ean13", "data": "4006381333931", "module": 4, "height": 255,
                                          "align": align, "hri": hri}});
            assert_eq!(printed(&[line], &profile), all_read(&["4006381333931"]), "{align} {hri}");
        }
    }
}

#[test]
fn qr_codes_are_read_from_thermal_paper_and_from_nine_pins() {
    let qr = [json!({"qr": {"data": "https://example.com/r/1"}})];
    let expected = all_read(&["https://example.com/r/1"]);
    assert_eq!(printed(&qr, &Profile::mm58()), expected);
    assert_eq!(hit(&qr, &Profile::mm76()), expected);
}

#[test]
fn nine_pins_leave_four_modules_white_above_and_below_a_qr_code() {
    // Modules of two pins, 1/72 inch apart: eight of them are 16 units of 1/144 inch.
    let bytes = bytes_of(&[json!({"qr": {"data": "https://example.com/r/1"}})], &Profile::mm76());
    let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|found| found == wanted);
    assert!(has(b"\x1bJ\x10\x1bU\x01") && has(b"\x1bU\x00\x1bJ\x10"), "{bytes:02x?}");
}

#[test]
fn what_is_fed_is_as_long_on_a_printer_that_counts_half_rows() {
    let epson = models::find("epson-tm-t88v").unwrap();
    let fed = |profile: &Profile, line: Value| -> Vec<u8> {
        let json = json!({"version": 1, "lines": [{"text": {"text": "a"}}, line]}).to_string();
        let copy = render(Source::Json(json.as_bytes()), profile).unwrap().remove(0);
        let bytes = [copy.body, copy.tail].concat();
        let feeds = bytes.windows(3).filter(|command| command.starts_with(b"\x1bJ"));
        feeds.map(|command| command[2]).collect()
    };
    // An inch of 1/8 mm rows, as it is counted: 203 units, or 360 in two commands of whole rows.
    assert_eq!(fed(&Profile::mm80(), json!({"feed": {"dots": 203}})), [203]);
    assert_eq!(fed(&epson, json!({"feed": {"dots": 203}})), [254, 106]);
    // Four white modules of six rows above a code and below it.
    let code = json!({"qr": {"data": "https://example.com/r/1", "size": 6}});
    assert_eq!(fed(&Profile::mm80(), code.clone()), [24, 24]);
    assert_eq!(fed(&epson, code.clone()), [48, 48]);
    assert_eq!(fed(&Profile { feed_units: 406, ..Profile::mm80() }, code), [48, 48]);
}
