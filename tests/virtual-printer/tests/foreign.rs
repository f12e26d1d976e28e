//! Documents of other people's encoders, whose authors never saw this printer: it must print what they mean.
//!
//! `foreign/make.py` and `make.mjs` wrote the bytes with python-escpos, receipt-printer-encoder and receiptline
//! (versions are pinned there), and beside each what it intends. What an encoder
//! does wrong is noted there too; what receiptd says to each document is at [`RECEIPTD_REFUSES`].
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
use common::{Dots, codes_on};
use receiptd_document::{NoTypesetter, Profile, Source, render as receiptd};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use virtual_printer::{Model, Printed, Rendered, render};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Meant {
    text: Vec<String>,
    styles: Vec<Style>,
    codes: Vec<(String, String)>,
    pictures: Vec<Picture>,
    cuts: Vec<String>,
    drawer: Vec<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Style {
    text: String,
    bold: bool,
    underline: u8,
    reverse: bool,
    width: usize,
    height: usize,
    font: String,
    /// Dots from the left edge.
    at: Option<usize>,
}

impl Default for Style {
    fn default() -> Self {
        let (text, font) = (String::new(), "A".into());
        Self { text, bold: false, underline: 0, reverse: false, width: 1, height: 1, font, at: None }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Picture {
    size: (usize, usize),
    x: usize,
    #[serde(default = "once")]
    scale: (usize, usize),
}

fn once() -> (usize, usize) {
    (1, 1)
}

struct Document {
    name: String,
    bytes: Vec<u8>,
    meant: Meant,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign")
}

fn documents() -> Vec<Document> {
    let mut all: Vec<Document> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "bin"))
        .map(|path| Document {
            name: path.file_stem().unwrap().to_str().unwrap().into(),
            bytes: std::fs::read(&path).unwrap(),
            meant: serde_json::from_slice(&std::fs::read(path.with_extension("json")).unwrap()).unwrap(),
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(all.len() >= 18, "{}", all.len());
    all
}

fn print(bytes: &[u8]) -> Rendered {
    render(&Model::named("epson-tm-t88vi").unwrap(), bytes, None).unwrap()
}

/// Lines of characters, trimmed, without empty ones, and without what stands for codes, pictures and cuts.
fn text_of(paper: &Rendered) -> Vec<String> {
    paper
        .text()
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('[') && *line != "--- cut ---")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_lines_are_those_that_were_meant() {
    for Document { name, bytes, meant } in documents() {
        let paper = print(&bytes);
        let unsaid: Vec<_> = paper.warnings.iter().filter(|w| !w.contains("font")).collect();
        assert!(unsaid.is_empty(), "{name}: {unsaid:?}");
        let broken = paper.record.iter().filter(|p| matches!(p, Printed::Line { broken: true, .. })).count();
        assert_eq!(broken, 0, "{name}: the printer had to break a line");
        assert_eq!(text_of(&paper), meant.text, "{name}");
    }
}

#[test]
fn characters_look_as_they_were_meant() {
    for Document { name, bytes, meant } in documents() {
        let paper = print(&bytes);
        let runs: Vec<_> = paper
            .record
            .iter()
            .flat_map(|printed| match printed {
                Printed::Line { runs, .. } => runs.as_slice(),
                _ => &[],
            })
            .collect();
        for style in &meant.styles {
            let found = runs.iter().any(|run| {
                let look = &run.look;
                run.text.trim() == style.text
                    && (look.bold, look.underline, look.reverse)
                        == (style.bold, style.underline, style.reverse)
                    && (look.sx, look.sy) == (style.width, style.height)
                    && look.is_font_b() == (style.font == "B")
                    && style.at.is_none_or(|at| at == run.x)
            });
            assert!(found, "{name}: {style:?} is not among {runs:#?}");
        }
    }
}

#[test]
fn cuts_and_drawer_are_those_that_were_meant() {
    for Document { name, bytes, meant } in documents() {
        let (mut cuts, mut drawer) = (Vec::new(), Vec::new());
        for printed in print(&bytes).record {
            match printed {
                Printed::Cut { partial } => cuts.push(if partial { "partial" } else { "full" }),
                Printed::Drawer { pin } => drawer.push(pin),
                _ => {}
            }
        }
        assert_eq!((cuts, drawer), (meant.cuts.iter().map(String::as_str).collect(), meant.drawer), "{name}");
    }
}

#[test]
fn pictures_are_on_the_paper_dot_for_dot() {
    for Document { name, bytes, meant } in documents() {
        let dots = Dots::of(&print(&bytes));
        let mut below = 0;
        for picture in &meant.pictures {
            let ((width, height), (sx, sy)) = (picture.size, picture.scale);
            // The rule of `picture` in make.py and make.mjs.
            let black = |x: usize, y: usize| (x * x + 3 * y * y + x * y) % 7 < 3;
            let here = |top: usize| {
                (0..height * sy).all(|y| {
                    (0..width * sx).all(|x| dots.black(picture.x + x, top + y) == black(x / sx, y / sy))
                })
            };
            let top = (below..dots.height).find(|top| here(*top));
            below =
                top.unwrap_or_else(|| panic!("{name}: {picture:?} is not below row {below}")) + height * sy;
        }
    }
}

#[test]
fn codes_are_read_back_from_the_picture_of_the_paper() {
    for Document { name, bytes, mut meant } in documents() {
        if meant.codes.is_empty() {
            continue;
        }
        let Some(mut read) = codes_on(&print(&bytes)) else { return };
        read.sort();
        meant.codes.sort();
        assert_eq!(read, meant.codes, "{name}");
    }
}

/// What receiptd says to these documents as raw ones where it does not take them: what it refuses by name.
///
/// Each document of receiptline begins with `GS a 0` and ends with `GS r 1`: it speaks to the printer itself, and the
/// answers would be taken for those to receiptd's own questions.
const RECEIPTD_REFUSES: [(&str, &str); 3] =
    [("line-chinese", "GS a"), ("line-picture", "GS a"), ("line-shop", "GS a")];

#[test]
fn receiptd_takes_them_or_says_what_it_refuses_and_prints_the_same() {
    for Document { name, bytes, .. } in documents() {
        let said = RECEIPTD_REFUSES.iter().find(|(known, _)| *known == name).map(|(_, said)| *said);
        match (receiptd(Source::Raw(&bytes), &Profile::mm80(), &NoTypesetter), said) {
            (Ok(copies), None) => {
                let all = [&copies[0].body[..], &copies[0].tail].concat();
                assert_eq!(print(&all).record, print(&bytes).record, "{name}");
            }
            (Err(error), Some(why)) => assert!(error.to_string().contains(why), "{name}: {error}"),
            (Ok(_), Some(why)) => panic!("{name} was taken, and not refused for {why}"),
            (Err(error), None) => panic!("{name} was refused: {error}"),
        }
    }
}
