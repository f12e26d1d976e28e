//! Lines that are drawn: which they are, what is asked of the one who draws, and what becomes of a receipt without him.
//! Real letters are drawn in the tests of `receiptd-render`; here black boxes do.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod common;

use std::cell::RefCell;

use receiptd_document::{
    CopyRule, CopyRules, DocumentError, DrawLine, Grey, KanjiMode, NoTypesetter, Profile, Rendered, Source,
    TextMode, TypesetError, Typesetter, render,
};
use serde_json::{Value, json};

/// Draws boxes, and tells for each line where its texts begin.
#[derive(Default)]
struct Boxes(RefCell<Vec<Vec<(u16, String)>>>);

impl Typesetter for Boxes {
    fn draw(&self, line: &DrawLine<'_>) -> Result<Vec<u8>, TypesetError> {
        let pieces = line.pieces.iter().map(|piece| (piece.left, piece.text.to_string()));
        self.0.borrow_mut().push(pieces.collect());
        Ok(vec![0xff; line.picture_bytes()])
    }

    fn unpack_jpeg(&self, _: &[u8], _: u64) -> Result<Grey, TypesetError> {
        Err(TypesetError::None)
    }
}

/// Fails as a machine does that has no font.
struct Fontless;

impl Typesetter for Fontless {
    fn draw(&self, _: &DrawLine<'_>) -> Result<Vec<u8>, TypesetError> {
        Err(TypesetError::NoFont)
    }

    fn unpack_jpeg(&self, _: &[u8], _: u64) -> Result<Grey, TypesetError> {
        Err(TypesetError::NoFont)
    }
}

fn print(receipt: &Value, profile: &Profile, by: &dyn Typesetter) -> Result<Vec<Rendered>, DocumentError> {
    let copies = render(Source::Json(receipt.to_string().as_bytes()), profile, by)?;
    copies.iter().for_each(|copy| common::check(copy, profile));
    Ok(copies)
}

/// What is asked to be drawn of a receipt.
fn drawn(receipt: &Value, profile: &Profile) -> Vec<Vec<(u16, String)>> {
    let boxes = Boxes::default();
    print(receipt, profile, &boxes).unwrap();
    boxes.0.into_inner()
}

fn pair(left: &str, right: &str) -> Value {
    json!({"version": 1, "lines": [{"pair": {"left": left, "right": right}}]})
}

fn slip() -> Value {
    serde_json::from_str(include_str!("../examples/slip-sale.json")).unwrap()
}

fn paper(copy: &Rendered) -> String {
    encoding_rs::GB18030.decode(&copy.body).0.into_owned()
}

#[test]
fn a_pair_of_which_one_side_is_lacking_is_drawn_with_both_at_their_edges() {
    let at = |left: u16, text: &str| (left, text.to_owned());
    for (left, right, columns) in [("𠮷野家", "RMB 12.00", 9), ("合计", "1.00 𠮷", 7)] {
        let end = 576 - 12 * columns;
        assert_eq!(drawn(&pair(left, right), &Profile::mm80()), [[at(0, left), at(end, right)]]);
    }
    // Beside each other they do not fit: only the one that needs it is drawn.
    let wide = "x".repeat(47);
    assert_eq!(drawn(&pair("𠮷", &wide), &Profile::mm80()), [[at(0, "𠮷")]]);
    assert!(drawn(&pair("合计", "RMB 12.00"), &Profile::mm80()).is_empty());
}

#[test]
fn the_side_of_a_pair_that_cannot_be_printed_is_named() {
    for (receipt, place) in [(pair("😀", "b"), "$.lines[0].pair.left"), (pair("a", "b😀"), ".pair.right")]
    {
        for by in [&NoTypesetter as &dyn Typesetter, &Fontless] {
            let told = print(&receipt, &Profile::mm80(), by).unwrap_err().to_string();
            assert!(told.contains(place) && told.contains("U+1F600"), "{told}");
        }
    }
}

#[test]
fn a_slip_is_drawn_where_a_field_of_it_is_lacking_and_nowhere_else() {
    let mut receipt = slip();
    receipt["title"] = json!("𠮷野家");
    receipt["slip"]["operator"] = json!("小𠮷");
    let texts: Vec<String> =
        drawn(&receipt, &Profile::mm80()).into_iter().flatten().map(|(_, text)| text).collect();
    let each = ["𠮷野家", "操作员 OPERATOR", "小𠮷"];
    assert_eq!(texts, [each, each].concat());
}

#[test]
fn a_receipt_that_asks_for_it_is_drawn_whole_with_its_title_its_labels_and_its_rules() {
    let mut receipt = slip();
    receipt["text"] = json!("raster");
    let boxes = Boxes::default();
    let copies = print(&receipt, &Profile::mm80(), &boxes).unwrap();
    let texts: Vec<String> = boxes.0.into_inner().into_iter().flatten().map(|(_, text)| text).collect();
    for text in
        ["银联商务 签购单", "商户存根 MERCHANT COPY", "持卡人存根 CUSTOMER COPY", "622848*********0018"]
    {
        assert!(texts.iter().any(|drawn| drawn == text), "{text} in {texts:?}");
    }
    assert!(
        texts.contains(&"=".repeat(48)) && texts.iter().all(|text| !text.contains("6228480402564890018"))
    );
    assert!(copies.iter().all(|copy| !paper(copy).contains("商户") && !paper(copy).contains("CUSTOMER")));
}

#[test]
fn a_shops_own_label_is_drawn_if_it_can_be_and_never_costs_a_receipt() {
    let merchant = CopyRule { label: Some("第一联 😀".to_owned()), ..CopyRule::USUAL };
    let copies = CopyRules { merchant, ..CopyRules::USUAL };
    let profile = Profile { copies, ..Profile::mm80() };
    let own = drawn(&slip(), &profile);
    assert!(own.len() == 1 && own[0][0].1 == "第一联 😀", "{own:?}");
    // Who renders without anybody who draws is told that somebody is wanted.
    assert!(print(&slip(), &profile, &NoTypesetter).unwrap_err().wants_drawing());
    // Where drawing fails, the usual words are printed instead.
    let copies = print(&slip(), &profile, &Fontless).unwrap();
    assert!(paper(&copies[0]).contains("商户存根") && !paper(&copies[0]).contains("第一联"));
}

#[test]
fn nothing_is_drawn_for_nine_pins() {
    let boxes = Boxes::default();
    let error = print(&pair("𠮷", "b"), &Profile::mm76(), &boxes).unwrap_err();
    assert_eq!(error.code(), "text-not-drawn");
    assert!(!error.wants_drawing() && error.to_string().contains("impact printer"), "{error}");
    assert!(!error.message_zh().is_empty());
    let mut receipt = slip();
    let native = print(&receipt, &Profile::mm76(), &NoTypesetter).unwrap();
    receipt["text"] = json!("raster");
    let profile = Profile { text: TextMode::Raster, ..Profile::mm76() };
    assert_eq!(print(&receipt, &profile, &boxes).unwrap(), native);
    assert!(boxes.0.into_inner().is_empty());
}

#[test]
fn chinese_words_of_a_slip_are_drawn_on_a_printer_without_chinese_that_is_asked_for_them() {
    let mut receipt = slip();
    receipt["slip"]["language"] = json!("zh");
    let profile = Profile { kanji: KanjiMode::None, ..Profile::mm58() };
    let texts: Vec<String> = drawn(&receipt, &profile).into_iter().flatten().map(|(_, text)| text).collect();
    assert!(
        texts.iter().any(|text| text == "商户存根") && texts.iter().any(|text| text == "终端号"),
        "{texts:?}"
    );
}

#[test]
fn a_text_whose_lines_end_as_windows_has_them_is_drawn_as_any_other() {
    let profile = Profile { text: TextMode::Raster, ..Profile::mm80() };
    for ends in ["\n", "\r\n"] {
        let text = format!("coffee{ends}18.50{ends}");
        let alone = render(Source::Text(&text), &profile, &NoTypesetter).unwrap_err();
        assert!(alone.wants_drawing(), "{ends:?}: {alone}");
        let boxes = Boxes::default();
        render(Source::Text(&text), &profile, &boxes).unwrap();
        let drawn: Vec<_> = boxes.0.into_inner().into_iter().flatten().map(|(_, text)| text).collect();
        assert_eq!(drawn, ["coffee", "18.50"], "{ends:?}");
    }
    // In the printer's own letters too, and as a program has them that writes line ends of Windows twice.
    for ends in ["\n", "\r\n", "\r\r\n"] {
        let text = format!("coffee{ends}18.50{ends}");
        let native = render(Source::Text(&text), &Profile::mm80(), &NoTypesetter).unwrap();
        assert!(paper(&native[0]).contains("coffee\n18.50"), "{ends:?}");
    }
}
