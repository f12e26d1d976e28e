//! Documents with text that the printer's font lacks, drawn with the fonts of this machine (`scripts/setup test`).
//! Pictures of letters depend on the version of a font, so what is compared is their structure: where black is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use proptest::prelude::*;
use receiptd_document::{
    DocumentError, Grey, KanjiMode, Profile, Rendered, Source, TextMode, TypesetError, Typesetter, render,
    scan,
};
use receiptd_fonts::Fonts;
use receiptd_render::Painter;

/// The bands of raster of a copy, and the bytes around them.
fn parts(copy: &Rendered) -> (Vec<(usize, Vec<u8>)>, Vec<u8>) {
    let (mut bands, mut rest) = (Vec::new(), Vec::new());
    let mut bytes = &copy.body[..];
    while let [first, behind @ ..] = bytes {
        if let [0x1d, b'v', b'0', 0, x_low, x_high, y_low, y_high, data @ ..] = bytes {
            let row = usize::from(u16::from_le_bytes([*x_low, *x_high]));
            let rows = usize::from(u16::from_le_bytes([*y_low, *y_high]));
            bands.push((row, data[..row * rows].to_vec()));
            bytes = &data[row * rows..];
        } else {
            rest.push(*first);
            bytes = behind;
        }
    }
    (bands, rest)
}

/// Black dots of the raster of a copy between two columns of Font A.
fn black(copy: &Rendered, from: usize, to: usize) -> usize {
    let dot = |row: &[u8], x: usize| row.get(x / 8).is_some_and(|byte| byte & 0x80 >> (x % 8) != 0);
    let rows = |(row, data): (usize, Vec<u8>)| {
        data.chunks(row).map(|row| (from * 12..to * 12).filter(|x| dot(row, *x)).count()).sum::<usize>()
    };
    parts(copy).0.into_iter().map(rows).sum()
}

fn print(text: &str, profile: &Profile) -> Rendered {
    render(Source::Text(text), profile, &Painter::default()).unwrap().remove(0)
}

/// Draws, and tells what.
#[derive(Default)]
struct Noting(std::cell::RefCell<Vec<String>>);

impl Typesetter for Noting {
    fn draw(&self, line: &receiptd_document::DrawLine<'_>) -> Result<Vec<u8>, TypesetError> {
        self.0.borrow_mut().extend(line.pieces.iter().map(|piece| piece.text.to_string()));
        Ok(vec![0xff; line.picture_bytes()])
    }

    fn unpack_jpeg(&self, _: &[u8], _: u64) -> Result<Grey, TypesetError> {
        Err(TypesetError::None)
    }
}

#[test]
fn only_the_line_with_a_rare_hanzi_is_drawn() {
    for profile in [Profile::mm80(), Profile::mm58()] {
        let copy = print("商户 北京\n𠮷野家 ok\n合计 12.00\n", &profile);
        let (bands, rest) = parts(&copy);
        let rows: usize = bands.iter().map(|(row, data)| data.len() / row).sum();
        assert_eq!(rows, 30);
        let native = encoding_rs::GB18030.encode("商户 北京\n合计 12.00\n").0.into_owned();
        assert!(rest.windows(native.len()).any(|window| window == native), "{rest:02x?}");
        // Each in its cells: the Hanzi (or its code), two more, a gap, two letters, nothing behind.
        for (from, to) in [(0, 2), (2, 4), (4, 6), (7, 9)] {
            assert!(black(&copy, from, to) > 20, "{from} to {to}");
        }
        assert_eq!(black(&copy, 6, 7) + black(&copy, 9, 32), 0);
    }
}

#[test]
fn thai_arabic_and_emoji_leave_ink_and_nothing_leaves_the_paper() {
    for text in ["สวัสดีครับ", "مرحبا بكم", "😀👍🏽", "שלום", "𒀀\u{e000}"]
    {
        for profile in [Profile::mm80(), Profile::mm58()] {
            let copy = print(text, &profile);
            assert!(black(&copy, 0, 32) > 60, "{text}");
            assert!(parts(&copy).0.iter().all(|(row, _)| row * 8 <= usize::from(profile.dots)));
        }
    }
}

#[test]
fn arabic_letters_join() {
    // Strokes with white between them: joined letters are one.
    let strokes = |text: &str| {
        let bands = parts(&print(text, &Profile::mm80())).0;
        let has_ink = |x: usize| {
            let dot = |row: &[u8]| row.get(x / 8).is_some_and(|byte| byte & 0x80 >> (x % 8) != 0);
            bands.iter().any(|(row, data)| data.chunks(*row).any(dot))
        };
        (1..576).filter(|x| has_ink(*x) && !has_ink(x - 1)).count() + usize::from(has_ink(0))
    };
    assert_eq!(strokes("ببببب"), 1);
    assert_eq!(strokes("ب\u{200c}ب\u{200c}ب\u{200c}ب\u{200c}ب"), 5);
}

#[test]
fn a_printer_without_chinese_prints_it_drawn() {
    let profile = Profile { kanji: KanjiMode::None, ..Profile::mm58() };
    let copy = print("金额 12.00\nTHANK YOU\n", &profile);
    assert!(black(&copy, 0, 4) > 100);
    assert!(parts(&copy).1.windows(9).any(|window| window == b"THANK YOU"));
}

#[test]
fn all_text_is_drawn_on_request_of_the_printer_or_of_the_receipt() {
    let raster = Profile { text: TextMode::Raster, ..Profile::mm80() };
    let json =
        br#"{"version": 1, "text": "raster", "title": "A", "copies": ["merchant"], "lines": [{"rule": {}},
        {"columns": {"columns": [{"text": "abc"}, {"text": "1.00", "align": "right"}]}}]}"#;
    let by_receipt = render(Source::Json(json), &Profile::mm80(), &Painter::default()).unwrap().remove(0);
    let by_printer = print("abc\n\n中文\n", &raster);
    for copy in [by_receipt, by_printer] {
        let rest = parts(&copy).1;
        assert!(
            !rest.iter().any(u8::is_ascii_lowercase) || !rest.windows(3).any(|w| w == b"abc"),
            "{rest:02x?}"
        );
        assert!(!rest.contains(&b'\n'), "{rest:02x?}");
    }
}

#[test]
fn columns_of_a_drawn_row_stand_where_printed_ones_would() {
    let json = r#"{"version": 1, "lines": [{"columns": {"columns": [{"text": "𠮷", "width": 20}, {"text": "9.00",
        "width": 27, "align": "right"}]}}]}"#;
    let copy =
        render(Source::Json(json.as_bytes()), &Profile::mm80(), &Painter::default()).unwrap().remove(0);
    assert!(black(&copy, 0, 2) > 20 && black(&copy, 43, 47) > 40);
    assert_eq!(black(&copy, 2, 43) + black(&copy, 47, 48), 0);
}

#[test]
fn no_card_number_is_drawn_whatever_its_digits_look_like() {
    let number = "6222021234567890128";
    let zeros = ['0', '０', '٠', '०', '๐', '𝟎', '𝟘', '𝟶', '\u{1fbf0}', '\u{1c50}', '\u{a620}', '\u{7c0}'];
    for zero in zeros {
        let digits: String = number
            .chars()
            .map(|digit| char::from_u32(u32::from(zero) + digit.to_digit(10).unwrap()).unwrap())
            .collect();
        let noting = Noting::default();
        drop(render(Source::Text(&format!("{digits} 😀")), &Profile::mm80(), &noting).unwrap());
        let drawn = noting.0.borrow().concat();
        assert!(!drawn.contains(&digits) && drawn.contains('*') || drawn.contains('＊'), "{zero}: {drawn}");
    }
    let keycaps: String = number.chars().flat_map(|digit| [digit, '\u{fe0f}', '\u{20e3}']).collect();
    let noting = Noting::default();
    drop(render(Source::Text(&keycaps), &Profile::mm80(), &noting).unwrap());
    assert!(noting.0.borrow().concat().contains('*'));
}

#[test]
fn without_any_font_the_error_says_so() {
    let painter = Painter::new(Fonts::new(vec!["/nowhere".into()]));
    let error = render(Source::Text("𠮷"), &Profile::mm80(), &painter).unwrap_err();
    assert_eq!(error.code(), "text-not-drawn");
    assert!(matches!(error, DocumentError::NotDrawn { why: TypesetError::NoFont, .. }));
    assert!(error.to_string().contains("fonts-wqy-zenhei") && error.message_zh().contains("字体"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_text_it_is_on_the_paper_and_not_beyond(text in "\\PC{0,60}", narrow: bool, large in 1_u8..=4) {
        let profile = if narrow { Profile::mm58() } else { Profile::mm80() };
        let line = serde_json::json!({"text": {"text": text, "size": {"width": large, "height": large}}});
        let json = serde_json::json!({"version": 1, "title": "x", "lines": [line]}).to_string();
        let copy = render(Source::Json(json.as_bytes()), &profile, &Painter::default()).unwrap().remove(0);
        prop_assert!(parts(&copy).0.iter().all(|(row, _)| row * 8 <= usize::from(profile.dots)));
        prop_assert!(scan::scan(&copy.body, &profile).unwrap().complete);
    }
}
