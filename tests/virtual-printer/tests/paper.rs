//! What is on the paper: Chinese, looks, QR and bar codes, images, cuts.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
use common::{CUT, gb, qr, slip};
use std::path::Path;
use std::process::Command;
use virtual_printer::{Model, Rendered, render};

fn print(bytes: &[u8]) -> Rendered {
    render(&Model::named("epson-tm-t88vi").unwrap(), bytes, None).unwrap()
}

/// The picture as rows of black dots, without the margins.
fn dots(rendered: &Rendered, dir: &Path) -> Vec<Vec<bool>> {
    let path = dir.join("paper.png");
    rendered.save_png(&path).unwrap();
    let mut reader =
        png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap())).read_info().unwrap();
    let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut buffer).unwrap();
    assert_eq!((info.bit_depth, info.color_type), (png::BitDepth::One, png::ColorType::Grayscale));
    buffer
        .chunks(info.line_size)
        .take(info.height as usize)
        .map(|row| (32..608).map(|x| row[x / 8] & (0x80 >> (x % 8)) == 0).collect())
        .collect()
}

fn ink(dots: &[Vec<bool>], x: std::ops::Range<usize>, y: std::ops::Range<usize>) -> usize {
    dots[y].iter().map(|row| row[x.clone()].iter().filter(|d| **d).count()).sum()
}

/// What zbarimg reads from the picture; `None` when it is not installed.
fn decode(path: &Path) -> Option<String> {
    match Command::new("zbarimg").args(["--quiet", "--raw"]).arg(path).output() {
        Ok(out) => Some(String::from_utf8_lossy(&out.stdout).trim_end().to_string()),
        Err(e) => {
            eprintln!("SKIPPED: zbarimg cannot be run ({e}); install zbar-tools to check codes");
            None
        }
    }
}

#[test]
fn a_chinese_line_is_utf8_in_the_text_and_ink_in_its_cells() {
    let dir = tempfile::tempdir().unwrap();
    let paper = print(&[gb("测试abc"), b"\n".to_vec()].concat());
    assert_eq!(paper.text(), "测试abc\n");
    if !paper.warnings.is_empty() {
        eprintln!("SKIPPED in part: {:?}", paper.warnings);
        return;
    }
    let dots = dots(&paper, dir.path());
    assert_eq!(dots.len(), 30);
    for (from, to) in [(0, 24), (24, 48), (48, 60), (60, 72), (72, 84)] {
        assert!(ink(&dots, from..to, 0..24) > 20, "cell {from}..{to}");
    }
    assert_eq!(ink(&dots, 84..576, 0..30) + ink(&dots, 0..84, 24..30), 0);
}

#[test]
fn double_size_doubles_every_dot() {
    let dir = tempfile::tempdir().unwrap();
    let small = dots(&print(b"M\n"), dir.path());
    let large = dots(&print(b"\x1d!\x11M\n"), dir.path());
    for y in 0..48 {
        for x in 0..24 {
            assert_eq!(large[y][x], small[y / 2][x / 2], "({x},{y})");
        }
    }
}

#[test]
fn bold_has_more_ink_and_underline_is_a_full_row() {
    let dir = tempfile::tempdir().unwrap();
    let plain = dots(&print(b"i\n"), dir.path());
    let bold = dots(&print(b"\x1bE\x01i\n"), dir.path());
    assert!(ink(&bold, 0..24, 0..24) > ink(&plain, 0..24, 0..24));
    let line = dots(&print(b"\x1b-\x01i\n"), dir.path());
    assert_eq!(ink(&line, 0..12, 23..24), 12);
}

#[test]
fn a_raster_image_is_on_paper_dot_for_dot() {
    let dir = tempfile::tempdir().unwrap();
    let rows: Vec<u8> = (0..60u8).flat_map(|y| [y, 0xA5, !y]).collect();
    let got = dots(&print(&[b"\x1dv0\x00\x03\x00\x3c\x00", rows.as_slice()].concat()), dir.path());
    assert_eq!(got.len(), 60);
    for (y, row) in got.iter().enumerate() {
        let want: Vec<bool> =
            rows[y * 3..y * 3 + 3].iter().flat_map(|b| (0..8).map(move |i| b & (0x80 >> i) != 0)).collect();
        assert_eq!(row[..24], want[..], "row {y}");
    }
}

#[test]
fn right_alignment_ends_at_the_last_dot() {
    let dir = tempfile::tempdir().unwrap();
    let got = dots(&print(b"\x1ba\x02\x1dB\x01x\n"), dir.path());
    assert!(ink(&got, 564..576, 0..24) > 100 && ink(&got, 0..564, 0..24) == 0);
}

#[test]
fn a_qr_code_of_the_printer_is_read_by_zbar() {
    let payload = "https://example.com/r?j=0842&金额=12850";
    let paper = print(&[b"\x1ba\x01\n\n".as_slice(), &qr(payload.as_bytes(), 6), b"\n\n"].concat());
    assert_eq!(
        paper.text(),
        format!("\n\n{}[qr: {payload}]\n\n\n", " ".repeat(paper.text().find('[').unwrap() - 2))
    );
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("qr.png");
    paper.save_png(&path).unwrap();
    if let Some(read) = decode(&path) {
        assert_eq!(read, payload);
    }
}

#[test]
fn bar_codes_of_the_printer_are_read_by_zbar() {
    for (command, want) in [
        (b"\x1dk\x49\x0e{BJOB-00000842".to_vec(), "JOB-00000842"),
        (b"\x1dk\x49\x0a{C\x0c\x22\x38{B\x41x9".to_vec(), "123456Ax9"),
        (b"\x1dk\x43\x0c690123456789".to_vec(), "6901234567892"),
        (b"\x1dk\x45\x06CODE39".to_vec(), "CODE39"),
        (b"\x1dk\x46\x0812345678".to_vec(), "12345678"),
    ] {
        let paper = print(&[b"\n\x1ba\x01\x1dw\x02\x1dh\x60".as_slice(), &command, b"\n\n"].concat());
        assert_eq!(paper.warnings, Vec::<String>::new());
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bars.png");
        paper.save_png(&path).unwrap();
        if let Some(read) = decode(&path) {
            assert_eq!(read, want);
        }
    }
}

#[test]
fn a_whole_slip_keeps_its_text_and_its_codes_can_be_read() {
    let paper = print(&slip());
    assert_eq!(paper.warnings, Vec::<String>::new());
    let text = paper.text();
    for part in ["银联商务签购单", "金额: RMB 128.50", "[code128: JOB-00000842]", "--- cut ---"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    let dir = tempfile::tempdir().unwrap();
    // For a person: VP_KEEP=/some/dir keeps the picture.
    let path =
        std::env::var_os("VP_KEEP").map_or(dir.path().into(), std::path::PathBuf::from).join("slip.png");
    paper.save_png(&path).unwrap();
    if let Some(read) = decode(&path) {
        assert!(
            read.contains("https://example.com/r?j=0842&a=12850") && read.contains("JOB-00000842"),
            "{read}"
        );
    }
}

#[test]
fn a_line_longer_than_the_paper_wraps_at_48_columns() {
    let paper = print(&[&[b'x'; 50][..], b"\n"].concat());
    assert_eq!(paper.text(), format!("{}\nxx\n", "x".repeat(48)));
}

#[test]
fn a_page_is_printed_at_once_and_cancelled_pages_never() {
    let paper = print(b"\x1bLgone\n\x18\x1bW\x00\x00\x00\x00\x40\x02\x64\x00one\ntwo\n\x0c");
    assert_eq!(paper.text(), "one\ntwo\n");
    let dir = tempfile::tempdir().unwrap();
    let got = dots(&paper, dir.path());
    assert!(ink(&got, 0..36, 0..24) > 30 && ink(&got, 0..36, 30..54) > 30);
}

#[test]
fn without_a_feed_the_cutter_cuts_through_the_last_lines() {
    let dir = tempfile::tempdir().unwrap();
    let line = b"\x1dB\x01          \n";
    let far = dots(&print(&[&line[..], CUT].concat()), dir.path());
    let near = dots(
        &print(&[&line[..], &line[..], &line[..], &line[..], &line[..], b"\x1dV\x00"].concat()),
        dir.path(),
    );
    // With the feed of GS V 66 the dashes are below the line; without, 112 dots above the end.
    assert!(ink(&far, 200..400, 29..32) > 100);
    assert!(ink(&near, 200..400, 150 - 113..150 - 110) > 100);
}
