//! Lines with the fonts of this machine (`scripts/setup test` installs them): where glyphs stand, and what no font has.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use proptest::prelude::*;
use receiptd_fonts::{Canvas, Fonts, Grid, Line, Look, cells};

fn line(fonts: &mut Fonts, text: &str) -> Line {
    let cells: Vec<u8> = cells(text).collect();
    fonts.line(text, &cells, Grid::FONT_A)
}

fn black(canvas: &Canvas) -> usize {
    canvas.bits().iter().map(|byte| byte.count_ones() as usize).sum()
}

#[test]
fn letters_stand_in_their_cells() {
    let line = line(&mut Fonts::default(), "A中i");
    let glyphs: Vec<_> = line.runs.iter().flat_map(|run| &run.glyphs).collect();
    assert_eq!(glyphs.len(), 3);
    for (glyph, (from, to)) in glyphs.iter().zip([(0.0, 12.0), (12.0, 36.0), (36.0, 48.0)]) {
        assert!(glyph.x >= from && glyph.x + glyph.advance <= to + 0.01, "{glyph:?}");
    }
    assert!((line.width - 48.0).abs() < 0.01);
}

#[test]
fn arabic_is_one_run_from_right_to_left_and_numbers_in_it_are_not() {
    let line = line(&mut Fonts::default(), "مرحبا بكم 12.50");
    assert!(line.runs.iter().any(|run| run.right_to_left && run.glyphs.len() > 5));
    let number: Vec<_> =
        line.runs.iter().filter(|run| !run.right_to_left).flat_map(|run| &run.glyphs).collect();
    // Read from left to right, and left of the words.
    assert!(number.len() == 5 && number.windows(2).all(|pair| pair[0].cluster < pair[1].cluster));
    assert!(number[4].x < 66.0);
}

#[test]
fn a_direction_that_is_forced_does_not_turn_digits() {
    let forced = line(&mut Fonts::default(), "\u{202e}123");
    let order: Vec<usize> =
        forced.runs.iter().flat_map(|run| &run.glyphs).map(|glyph| glyph.cluster).collect();
    assert_eq!(order, [3, 4, 5]);
}

#[test]
fn what_no_font_has_is_its_code_in_a_box() {
    let mut fonts = Fonts::new(vec!["/nowhere".into()]);
    assert!(!fonts.any() && !fonts.covers('中') && fonts.covers(' '));
    let line = line(&mut fonts, "中 😀");
    let codes: Vec<u32> = line.runs.iter().flat_map(|run| &run.glyphs).map(|glyph| glyph.id).collect();
    assert_eq!(codes, [0x4e2d, 0x1f600]);
    assert!(line.runs.iter().all(|run| run.face.is_none()));
    let mut canvas = Canvas::new(60, 30);
    fonts.draw(&line, Grid::FONT_A, Look::PLAIN, &mut canvas, (0, 0));
    // The frame of the first, and digits in it.
    assert!((0..23).all(|x| canvas.is_black(x, 0)) && (0..24).all(|y| canvas.is_black(0, y)));
    assert!(black(&canvas) > 150);
}

#[test]
fn a_damaged_font_counts_as_not_there() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.ttf"), b"\0\x01\0\0\0\xff").unwrap();
    std::fs::write(folder.path().join("b.ttc"), b"ttcf\0\x01\0\0\xff\xff\xff\xff").unwrap();
    std::fs::write(folder.path().join("c.otf"), b"").unwrap();
    let mut fonts = Fonts::new(vec![folder.path().to_owned()]);
    assert!(!fonts.any());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_laid_out_within_its_cells(text in any::<String>()) {
        let mut fonts = Fonts::default();
        let line = line(&mut fonts, &text);
        let width: usize = cells(&text).map(usize::from).sum();
        prop_assert!((line.width - width as f32 * 12.0).abs() < 0.5);
        let mut canvas = Canvas::new(576, 30);
        fonts.draw(&line, Grid::FONT_A, Look { bold: true, width: 8, height: 8, ..Look::PLAIN }, &mut canvas, (0, 0));
    }
}
