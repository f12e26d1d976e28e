//! receiptd's receipts on this printer: nothing is wrapped, lost or counted wrongly, whatever the receipt and the paper.
//!
//! `RECEIPTS_SEED` replays one case, `RECEIPTS_CASES` tries more of them. A case that fails is made as small as it can be
//! and still fail in the same way. The examples have golden files of the
//! printer's own record (characters by cells, pictures by their dots), which depend on no font; `UPDATE_GOLDEN=1`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
#[path = "common/generate.rs"]
mod generate;
#[path = "common/printer.rs"]
mod printer;
use common::codes_on;
use generate::{PAN, Receipt};
use printer::model;
use receiptd_document::{
    DrawLine, Grey, NoTypesetter, Profile, Source, TypesetError, Typesetter, render as receiptd,
};
use receiptd_paperless::page::{Page, What};
use receiptd_paperless::text::{Options, text};
use std::path::{Path, PathBuf};
use virtual_printer::{Printed, Rendered, render};

fn print(bytes: &[u8], profile: &Profile) -> Rendered {
    render(&model(profile), bytes, None).unwrap()
}

/// Characters without blanks.
fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// All characters on the paper without blanks, in the order of the paper.
fn characters(paper: &Rendered) -> String {
    paper
        .record
        .iter()
        .flat_map(|printed| match printed {
            Printed::Line { runs, .. } => runs.iter().map(|run| solid(&run.text)).collect(),
            _ => Vec::new(),
        })
        .collect()
}

/// What was wrong with a receipt on its paper: a word for it, and what a person wants to know.
type Wrong = (&'static str, String);

/// Prints a receipt and looks at it. Reading codes takes a tenth of a second.
fn try_out(receipt: &Receipt, read_codes: bool) -> Result<(), Wrong> {
    let profile = &receipt.profile;
    let json = receipt.json();
    let copies = receiptd(Source::Json(json.as_bytes()), profile, &NoTypesetter)
        .map_err(|error| ("refused", error.to_string()))?;
    let paper = print(&[&copies[0].body[..], &copies[0].tail].concat(), profile);
    check(&paper, profile).map_err(|what| ("printed wrongly", what))?;
    // receiptd counts what carries something: an empty line is only feed.
    let carries = |piece: &&Printed| match piece {
        Printed::Line { runs, bits, .. } => !runs.is_empty() || bits.is_some(),
        other => matches!(other, Printed::Image { .. } | Printed::Code { .. }),
    };
    // The characters of a barcode that the printer draws are a part of it.
    let below = |pair: &&[Printed]| matches!(pair, [Printed::Code { code, .. }, Printed::Line { .. }] if code.0 != "qr");
    let printed = paper.record.iter().filter(carries).count() - paper.record.windows(2).filter(below).count();
    if printed != copies[0].lines as usize {
        let record: Vec<String> = paper.record.iter().map(ToString::to_string).collect();
        let what = format!("{printed} lines, and receiptd counts {}: {record:#?}", copies[0].lines);
        return Err(("counted wrongly", what));
    }
    let all = characters(&paper);
    if let Some(missing) = receipt.fields().find(|field| !all.contains(&solid(field))) {
        return Err(("a field is lost", format!("{missing:?} is not in {all:?}")));
    }
    if all.contains(PAN) {
        return Err(("a whole card number is on paper", all));
    }
    // The lines stand behind what was made of fields.
    let mut at = all.find("SHOP").unwrap_or_default();
    for text in receipt.lines.iter().flat_map(|line| &line.texts).map(|text| solid(text)) {
        let found = all[at..].find(&text);
        at += found.ok_or_else(|| ("a text is lost", format!("{text:?} is not in {:?}", &all[at..])))?
            + text.len();
    }
    let sorted = |mut codes: Vec<(String, String)>| {
        codes.sort();
        codes.dedup();
        codes
    };
    let expected = sorted(receipt.codes());
    match read_codes.then(|| codes_on(&paper)).flatten().map(sorted) {
        Some(read) if read != expected => {
            Err(("a code is not read", format!("read {read:?} instead of {expected:?}")))
        }
        _ => Ok(()),
    }
}

/// One case. A receipt that fails is made as small as it can be.
fn case(seed: u64) -> Result<(), String> {
    let read_codes = seed.is_multiple_of(16);
    let receipt = Receipt::random(seed);
    let Err((kind, what)) = try_out(&receipt, read_codes) else { return Ok(()) };
    let fails_so = |receipt: &Receipt| try_out(receipt, read_codes).is_err_and(|(other, _)| other == kind);
    let smallest = receipt.smallest(fails_so);
    let what = try_out(&smallest, read_codes).err().map_or(what, |(_, what)| what);
    Err(format!("{kind}: {what}\n{}\n{:?}", smallest.json(), smallest.profile))
}

/// What holds for every copy on the printer it was made for.
fn check(paper: &Rendered, profile: &Profile) -> Result<(), String> {
    if let Some(warning) = paper.warnings.iter().find(|w| !w.contains("font")) {
        return Err(format!("the printer says: {warning}"));
    }
    for piece in &paper.record {
        if let Printed::Line { broken, runs, .. } = piece
            && (*broken || runs.iter().any(|run| run.x + run.width > profile.dots.into()))
        {
            return Err(format!("a line is too long: {piece}"));
        }
    }
    Ok(())
}

#[test]
fn any_receipt_comes_out_whole_on_any_paper() {
    let seeds = match std::env::var("RECEIPTS_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => {
            let cases = std::env::var("RECEIPTS_CASES").map_or(400, |n| n.parse().unwrap());
            (0..cases).collect()
        }
    };
    for seed in seeds {
        if let Err(what) = case(seed) {
            panic!("RECEIPTS_SEED={seed} cargo test -p virtual-printer --test receipts\n{what}");
        }
    }
}

/// Draws each character as a block of its cells.
struct Blocks;

impl Typesetter for Blocks {
    fn draw(&self, line: &DrawLine<'_>) -> Result<Vec<u8>, TypesetError> {
        let row_bytes = usize::from(line.paper).div_ceil(8);
        let mut row = vec![0; row_bytes];
        for piece in &line.pieces {
            let cells: usize = piece.cells.iter().map(|cells| usize::from(*cells)).sum();
            let left = usize::from(piece.left);
            let right = left + cells * usize::from(line.cell) * usize::from(line.width);
            if right > line.paper.into() {
                return Err(TypesetError::NoPicture { detail: format!("{right} dots of {}", line.paper) });
            }
            (left..right).for_each(|x| row[x / 8] |= 0x80 >> (x % 8));
        }
        Ok(row.repeat(line.picture_bytes() / row_bytes))
    }

    fn unpack_jpeg(&self, _: &[u8], _: u64) -> Result<Grey, TypesetError> {
        Err(TypesetError::None)
    }
}

/// How many lines of a receipt were drawn; or what is wrong with it: its paper, or what is read of it without paper.
fn try_any_script(receipt: &Receipt) -> Result<usize, Wrong> {
    let (profile, json) = (&receipt.profile, receipt.json());
    let copies = receiptd(Source::Json(json.as_bytes()), profile, &Blocks)
        .map_err(|error| ("refused", error.to_string()))?;
    let bytes = [&copies[0].body[..], &copies[0].tail].concat();
    check(&print(&bytes, profile), profile).map_err(|what| ("printed wrongly", what))?;
    let page = Page::with_drawn(&bytes, profile, &copies[0].drawn);
    for block in &page.blocks {
        if let What::Picture(picture) = &block.what
            && picture.dots.ink().is_some_and(|(_, right)| picture.left + right > page.dots)
        {
            return Err(("a picture is too wide", format!("{block:?}")));
        }
    }
    let all = solid(&text(&page, &Options::default()));
    if let Some(missing) = receipt.fields().find(|field| !all.contains(&solid(field))) {
        return Err(("a field is lost", format!("{missing:?} is not in {all:?}")));
    }
    let mut at = all.find("SHOP").unwrap_or_default();
    for text in receipt.lines.iter().flat_map(|line| &line.texts).map(|text| solid(text)) {
        let found = all[at..].find(&text);
        at += found.ok_or_else(|| ("a text is lost", format!("{text:?} is not in {:?}", &all[at..])))?
            + text.len();
    }
    Ok(copies[0].drawn.len())
}

#[test]
fn any_script_fits_any_paper_and_is_read_back_without_paper() {
    let mut drawn = 0;
    for seed in 0..300 {
        let receipt = Receipt::of_any_script(seed);
        match try_any_script(&receipt) {
            Ok(lines) => drawn += lines,
            Err((kind, _)) => {
                let fails_so =
                    |receipt: &Receipt| try_any_script(receipt).is_err_and(|(other, _)| other == kind);
                let smallest = receipt.smallest(fails_so);
                let what = try_any_script(&smallest);
                panic!("seed {seed}: {what:?}\n{}\n{:?}", smallest.json(), smallest.profile);
            }
        }
    }
    assert!(drawn > 2_000, "{drawn} lines were drawn");
}

#[test]
fn a_receipt_that_fails_is_shown_without_what_does_not_matter() {
    // As if a printer could not print the third text: the smallest receipt is its line, the title and the field it needs.
    let is_large = |receipt: &Receipt| receipt.lines.len() > 8 && receipt.fields().count() > 5;
    let large = (0..200).map(Receipt::random).find(is_large).unwrap();
    let guilty = large.lines[3].clone();
    let fails = |receipt: &Receipt| {
        let json = receipt.json();
        receipt.lines.contains(&guilty) && json.contains("\"currency\"")
    };
    assert!(fails(&large));
    let small = large.smallest(fails);
    assert_eq!((small.lines.len(), &small.lines[1]), (2, &guilty));
    let json = small.json();
    assert_eq!(json.matches("\"currency\"").count(), 1);
    assert!(!json.contains("merchant"), "{json}");
}

#[test]
fn the_paper_of_every_example_is_as_it_was() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut examples: Vec<PathBuf> = std::fs::read_dir(here.join("../../daemon/document/examples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    examples.sort();
    assert!(examples.len() >= 30);
    for path in examples {
        let json = std::fs::read(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        for (paper, profile) in
            [("58mm", Profile::mm58()), ("76mm", Profile::mm76()), ("80mm", Profile::mm80())]
        {
            let mut now = String::new();
            for copy in receiptd(Source::Json(&json), &profile, &NoTypesetter).unwrap() {
                let printed = print(&[&copy.body[..], &copy.tail].concat(), &profile);
                check(&printed, &profile).unwrap_or_else(|what| panic!("{name} {paper}: {what}"));
                now += &format!("copy {}\n", copy.copy);
                now.extend(printed.record.iter().map(|piece| format!("{piece}\n")));
                // For a person: VP_KEEP=/some/dir keeps the pictures.
                if let Some(dir) = std::env::var_os("VP_KEEP") {
                    printed
                        .save_png(Path::new(&dir).join(format!("{name}-{paper}-{}.png", copy.copy)))
                        .unwrap();
                }
            }
            let golden = here.join(format!("tests/papers/{name}-{paper}.txt"));
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                std::fs::write(&golden, &now).unwrap();
            }
            let then = std::fs::read_to_string(&golden).unwrap_or_default();
            assert!(then == now, "{} is not what is printed now; UPDATE_GOLDEN=1\n{now}", golden.display());
        }
    }
}
