//! Templates: which receipt gets which, on which days, where it stands, and what is said of a file that is wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::cell::Cell;
use std::fmt::Write as _;
use std::path::PathBuf;

use proptest::prelude::*;
use receiptd_document::template::{Date, Template, Templates, wifi_code};
use receiptd_document::{
    CopyLabel, DocumentError, DrawLine, Dressed, Grey, KanjiMode, Made, NoTypesetter, Profile, Rendered,
    Source, TypesetError, Typesetter, render, render_with,
};
use serde_json::{Value, json};

const EXAMPLE: &str = include_str!("../../../dist/templates.d/coffee.toml.example");

fn parse(name: &str, text: &str) -> Template {
    Template::parse(name, text, &mut |_| Err("there is none".into()))
        .unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A template that says its own name below a receipt.
fn named(name: &str, head: &str) -> Template {
    parse(name, &format!("{head}\n[[footer]]\nlines = [{{text = {{text = \"by {name}\"}}}}]\n"))
}

fn day(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).unwrap()
}

const TODAY: fn() -> Date = || day(2026, 11, 28);

fn made(receipt: &Value, templates: &Templates, today: Date) -> Result<Made, DocumentError> {
    let json = receipt.to_string();
    render_with(Source::Json(json.as_bytes()), &Profile::mm80(), &NoTypesetter, templates, today)
}

/// The copies with the template that fits.
fn worn(receipt: &Value, templates: &Templates, today: Date) -> Option<(String, Vec<Rendered>)> {
    let made = made(receipt, templates, today).unwrap();
    assert_eq!(
        made.plain,
        render(Source::Json(receipt.to_string().as_bytes()), &Profile::mm80(), &NoTypesetter).unwrap()
    );
    made.dressed.map(|Dressed { template, copies }| (template, copies.unwrap()))
}

fn chosen(receipt: &Value, templates: &Templates) -> Option<String> {
    worn(receipt, templates, TODAY()).map(|(name, _)| name)
}

fn printed(copy: &Rendered) -> String {
    let bytes = [&copy.body[..], &copy.tail].concat();
    encoding_rs::GB18030.decode_without_bom_handling(&bytes).0.into_owned()
}

/// Where texts stand on a copy, in this order.
fn in_order(copy: &Rendered, texts: &[&str]) {
    let all = printed(copy);
    let mut at = 0;
    for text in texts {
        let found = all[at..].find(text).unwrap_or_else(|| panic!("{text:?} is not in {:?}", &all[at..]));
        at += found + text.len();
    }
}

fn sale(merchant: Option<&str>) -> Value {
    let mut sale = json!({"currency": "CNY", "items": [{"name": "i", "amount": 100}], "total": 100});
    if let Some(id) = merchant {
        sale["merchant"] = json!({"name": "SHOP", "id": id});
    }
    json!({"version": 1, "sale": sale})
}

fn slip(merchant: &str) -> Value {
    json!({"version": 1, "copies": ["merchant", "customer"], "slip": {
        "type": "sale", "merchant": {"name": "SHOP", "id": merchant}, "terminal": "1", "currency": "CNY",
        "amount": 100, "time": "2026-11-27T14:32:05"
    }})
}

fn lines(text: &str) -> Value {
    json!({"version": 1, "lines": [{"text": {"text": text}}]})
}

#[test]
fn the_template_that_names_the_merchant_comes_before_the_one_for_all() {
    let all = || named("all", "");
    let ours = || named("ours", "merchant = [\"1\", \"2\"]");
    let templates = Templates::new(vec![all(), ours()], Vec::new());
    assert_eq!(chosen(&sale(Some("2")), &templates).as_deref(), Some("ours"));
    assert_eq!(chosen(&slip("1"), &templates).as_deref(), Some("ours"));
    assert_eq!(chosen(&slip("3"), &templates).as_deref(), Some("all"));
    assert_eq!(chosen(&sale(None), &templates).as_deref(), Some("all"));
    let templates = Templates::new(vec![ours()], Vec::new());
    assert_eq!(chosen(&sale(Some("3")), &templates), None);
    assert_eq!(chosen(&sale(None), &templates), None);
    // Of two that fit alike, the first by its name, in whatever order they were read.
    let templates = Templates::new(vec![named("b", ""), named("a", "")], Vec::new());
    assert_eq!(chosen(&sale(None), &templates).as_deref(), Some("a"));
}

#[test]
fn a_template_is_for_the_kinds_of_receipts_that_it_names() {
    let only = |kinds: &str| Templates::new(vec![named("t", &format!("for = [{kinds}]"))], Vec::new());
    let fits = |receipt: &Value, kinds: &str| chosen(receipt, &only(kinds)).is_some();
    assert!(fits(&sale(None), "\"sale\"") && !fits(&sale(None), "\"slip\", \"lines\""));
    assert!(fits(&slip("1"), "\"slip\"") && !fits(&slip("1"), "\"sale\", \"lines\""));
    assert!(fits(&lines("a"), "\"lines\"") && !fits(&lines("a"), "\"sale\", \"slip\""));
    let mut both = slip("1");
    both["sale"] = sale(None)["sale"].clone();
    both["lines"] = json!([{"text": {"text": "a"}}]);
    assert!(fits(&both, "\"sale\"") && fits(&both, "\"slip\"") && !fits(&both, "\"lines\""));
    // What is usual.
    let usual = Templates::new(vec![named("t", "")], Vec::new());
    assert!(chosen(&slip("1"), &usual).is_some() && chosen(&lines("a"), &usual).is_none());
}

#[test]
fn a_receipt_may_ask_for_one_by_name_or_for_none() {
    let templates =
        Templates::new(vec![named("other", "merchant = [\"9\"]"), named("all", "")], vec!["torn".into()]);
    let asking = |template: Value| {
        let mut receipt = lines("a");
        receipt["template"] = template;
        receipt
    };
    assert_eq!(chosen(&asking(json!("other")), &templates).as_deref(), Some("other"));
    let mut none = sale(None);
    none["template"] = json!(false);
    assert_eq!(chosen(&none, &templates), None);
    none["template"] = Value::Null;
    assert_eq!(chosen(&none, &templates).as_deref(), Some("all"));
    // One whose file is wrong costs no receipt; one that is not there is the app's mistake.
    assert_eq!(chosen(&asking(json!("torn")), &templates), None);
    let error = made(&asking(json!("coffee")), &templates, TODAY()).unwrap_err();
    assert_eq!(error.code(), "unknown-template");
    assert_eq!(
        error.to_string(),
        "$.template asks for coffee; there are: all, other; false is for a receipt without one"
    );
    let error = made(&asking(json!("4111111111111111")), &Templates::default(), TODAY()).unwrap_err();
    assert!(error.to_string().contains("411111******1111; there are: none"), "{error}");
    let error = made(&asking(json!(true)), &templates, TODAY()).unwrap_err();
    assert!(
        error.to_string().contains("$.template") && error.to_string().contains("false for none"),
        "{error}"
    );
}

#[test]
fn a_campaign_is_printed_from_its_first_day_to_its_last() {
    let template = "[[footer]]\nfrom = 2026-12-01\nuntil = 2026-12-26\nlines = [{text = {text = \"XMAS\"}}]\n\
                    [[footer]]\nuntil = 2026-12-01\nlines = [{text = {text = \"BEFORE\"}}]\n\
                    [[header]]\nfrom = 2026-12-26\nlines = [{text = {text = \"SALES\"}}]\n";
    let templates = Templates::new(vec![parse("t", template)], Vec::new());
    for (today, on) in [
        (day(2026, 11, 30), &["BEFORE"][..]),
        (day(2026, 12, 1), &["XMAS", "BEFORE"]),
        (day(2026, 12, 2), &["XMAS"]),
        (day(2026, 12, 26), &["SALES", "XMAS"]),
        (day(2026, 12, 27), &["SALES"]),
        (day(2027, 12, 2), &["SALES"]),
    ] {
        let (_, copies) = worn(&sale(None), &templates, today).unwrap();
        let all = printed(&copies[0]);
        for text in ["XMAS", "BEFORE", "SALES"] {
            assert_eq!(all.contains(text), on.contains(&text), "{text} on {today}");
        }
        in_order(&copies[0], on);
    }
    // Nothing of it is printed: it is a receipt without a template.
    let until = "[[footer]]\nuntil = 2026-12-01\nlines = [{text = {text = \"BEFORE\"}}]\n";
    let templates = Templates::new(vec![parse("t", until)], Vec::new());
    assert!(worn(&sale(None), &templates, day(2026, 12, 2)).is_none());
}

#[test]
fn it_stands_above_the_title_and_below_the_last_line_but_before_the_cut() {
    let template = "copies = [\"customer\", \"bank\"]\nfor = [\"lines\", \"slip\"]\n\
                    [[header]]\nlines = [{text = {text = \"TOP\"}}]\n\
                    [[footer]]\nlines = [{text = {text = \"END\"}}, {text = {text = \"BANK\", only = [\"bank\"]}}]\n";
    let templates = Templates::new(vec![parse("t", template)], Vec::new());
    let receipt = json!({"version": 1, "title": "TITLE", "copies": ["merchant", "customer", "bank"], "lines": [
        {"text": {"text": "BODY"}}, {"space": {}}, {"drawer": {}}, {"cut": {}}
    ]});
    let (_, copies) = worn(&receipt, &templates, TODAY()).unwrap();
    let plain = made(&receipt, &Templates::default(), TODAY()).unwrap().plain;
    assert_eq!(copies[0], plain[0], "a copy that it is not for");
    in_order(&copies[1], &["TOP", "TITLE", "CUSTOMER COPY", "BODY", "END"]);
    in_order(&copies[2], &["TOP", "TITLE", "BANK COPY", "BODY", "END", "BANK"]);
    assert!(!printed(&copies[1]).contains("BANK"));
    for (copy, plain) in copies.iter().zip(&plain) {
        assert_eq!(copy.title, plain.title);
        // The drawer and the cut; the empty line now stands before the footer.
        assert!(copy.tail.len() > 8 && plain.tail.ends_with(&copy.tail), "{}", copy.copy);
        common::check(copy, &Profile::mm80());
    }
}

#[test]
fn a_receipt_keeps_its_name_and_what_was_masked_in_it() {
    let template = "for = [\"lines\"]\n[[header]]\nlines = [{text = {text = \"400-4111\"}}]\n\
                    [[footer]]\nlines = [{text = {text = \"1111 tel\"}}]\n";
    let templates = Templates::new(vec![parse("t", template)], Vec::new());
    for (text, masked) in [("1111 1111", 0), ("4111 1111 1111 1111", 1)] {
        let made = made(&lines(text), &templates, TODAY()).unwrap();
        let copies = made.dressed.unwrap().copies.unwrap();
        assert_eq!((made.plain[0].masked, copies[0].masked), (masked, masked), "{text}");
        assert_eq!(copies[0].title, made.plain[0].title);
        in_order(
            &copies[0],
            &["400-4111", if masked == 0 { text } else { "4111 11** **** 1111" }, "1111 tel"],
        );
    }
    // Together with the line above it, this would be taken for a card number: then the receipt stays as it is.
    let made = made(&lines("111111111111"), &templates, TODAY()).unwrap();
    in_order(&made.plain[0], &["111111111111"]);
    let error = made.dressed.unwrap().copies.unwrap_err();
    assert!(error.to_string().contains("together look like a card number"), "{error}");
}

#[test]
fn a_template_that_does_not_fit_costs_no_receipt() {
    // 80 mm take this code, 58 mm do not.
    let code = "[[footer]]\nlines = [{rule = {}},\n{barcode = {data = \"12345678901234567890123456\", type = \"code39\", module = 2}}]\n";
    let template = parse("t", code);
    let why = template.try_on(&Profile::mm58()).unwrap_err();
    let spot = why.spot().unwrap();
    assert_eq!((spot.line, spot.path.as_str(), why.code()), (3, "footer[0].lines[1]", "too-wide"));
    let json = sale(None).to_string();
    let templates = Templates::new(vec![template], Vec::new());
    let source = Source::Json(json.as_bytes());
    let made = render_with(source, &Profile::mm58(), &NoTypesetter, &templates, TODAY()).unwrap();
    assert_eq!(made.plain, render(source, &Profile::mm58(), &NoTypesetter).unwrap());
    let error = made.dressed.unwrap().copies.unwrap_err();
    assert!(error.to_string().starts_with("footer[0].lines[1].barcode.data needs "), "{error}");
    // What the printer has no characters for is another's to draw.
    let ascii = Profile { kanji: KanjiMode::None, ..Profile::mm80() };
    let templates = Templates::new(vec![parse("t", EXAMPLE)], Vec::new());
    assert_eq!(templates.find("t").unwrap().try_on(&ascii), Ok(()));
    let made = render_with(source, &ascii, &NoTypesetter, &templates, TODAY()).unwrap();
    assert!(made.wants_drawing());
}

#[test]
fn text_and_raw_documents_have_no_template() {
    let templates = Templates::new(vec![named("t", "for = [\"slip\", \"sale\", \"lines\"]")], Vec::new());
    for source in [Source::Text("a\n"), Source::Raw(b"a\n")] {
        let made = render_with(source, &Profile::mm80(), &NoTypesetter, &templates, TODAY()).unwrap();
        assert_eq!(made.dressed, None);
    }
}

#[test]
fn a_logo_is_read_from_beside_the_template() {
    let picture = {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 8, 2);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(&[0; 16]).unwrap();
        bytes
    };
    let text =
        "[[header]]\nlines = [{logo = \"shop.png\"}, {logo = {file = \"shop.png\", align = \"left\"}}]\n";
    let mut asked = Vec::new();
    let template = Template::parse("t", text, &mut |file| {
        asked.push(file.to_owned());
        Ok(picture.clone())
    });
    let templates = Templates::new(vec![template.unwrap()], Vec::new());
    assert_eq!(asked, ["shop.png", "shop.png"]);
    let (_, copies) = worn(&sale(None), &templates, TODAY()).unwrap();
    let logo = b"\x1dv0\0\x01\0\x02\0\xff\xff";
    let count = copies[0].body.windows(logo.len()).filter(|window| window == logo).count();
    assert_eq!(count, 1, "the one at the left; the other one begins with white");
}

/// Unpacks any JPEG to the same picture, and counts how often.
struct Unpacker(Cell<usize>);

impl Typesetter for Unpacker {
    fn draw(&self, _: &DrawLine<'_>) -> Result<Vec<u8>, TypesetError> {
        Err(TypesetError::None)
    }

    fn unpack_jpeg(&self, _: &[u8], _: u64) -> Result<Grey, TypesetError> {
        self.0.set(self.0.get() + 1);
        Ok(Grey { width: 16, height: 10, pixels: (0..160).map(|pixel| (pixel * 7) as u8).collect() })
    }
}

#[test]
fn a_logo_is_unpacked_once_for_each_kind_of_paper() {
    let text = "[[header]]\nlines = [{logo = \"shop.jpg\"}]\n[[footer]]\nlines = [{logo = {file = \"shop.jpg\", dither = \"threshold\"}}]\n";
    let template = |name: &str| {
        let jpeg = [&b"\xff\xd8\xff\xe0"[..], name.as_bytes()].concat();
        Template::parse(name, text, &mut |_| Ok(jpeg.clone())).unwrap()
    };
    let templates = Templates::new(vec![template("t")], Vec::new());
    let unpacker = Unpacker(Cell::new(0));
    let print = |templates: &Templates, paper: &Profile| {
        let json = sale(None).to_string();
        let made = render_with(Source::Json(json.as_bytes()), paper, &unpacker, templates, TODAY()).unwrap();
        (made.dressed.unwrap().copies.unwrap(), unpacker.0.get())
    };
    let (wide, pins) = (Profile::mm80(), Profile::mm76());
    let (first, count) = print(&templates, &wide);
    assert_eq!(count, 2, "two lines");
    assert_eq!(print(&templates, &wide), (first.clone(), 2));
    let (impact, count) = print(&templates, &pins);
    assert_eq!(count, 4);
    assert_eq!((print(&templates, &pins), print(&templates, &wide)), ((impact, 4), (first, 4)));
    // What is read anew, perhaps with another picture, begins anew.
    assert_eq!(print(&Templates::new(vec![template("t")], Vec::new()), &wide).1, 6);
}

#[test]
fn a_phone_joins_the_network_whatever_its_name() {
    assert_eq!(wifi_code("Shop", Some("secret12"), "WPA", false), "WIFI:T:WPA;S:Shop;P:secret12;;");
    assert_eq!(
        wifi_code("a;b,c:d\"e\\f", None, "nopass", true),
        r#"WIFI:T:nopass;S:a\;b\,c\:d\"e\\f;H:true;;"#
    );
}

#[test]
fn the_example_that_is_shipped_is_sound() {
    let template = parse("coffee", EXAMPLE);
    assert_eq!(template.copies(), [CopyLabel::Single, CopyLabel::Customer]);
    assert_eq!(template.parts().len(), 3);
    for profile in [Profile::mm80(), Profile::mm58(), Profile::mm76()] {
        assert_eq!(template.try_on(&profile), Ok(()));
    }
}

/// Each with what is said, in English and Chinese.
#[test]
fn what_is_wrong_in_a_file_is_named_with_its_line_and_what_is_allowed() {
    let footer = |line: &str| format!("[[footer]]\nlines = [\n    {line},\n]\n");
    let wrong = [
        "merchant = 1\n".to_owned(),
        "merchant = []\n".to_owned(),
        "merchant = [\"1\", \"\"]\n".to_owned(),
        "merchants = [\"1\"]\n".to_owned(),
        "for = [\"slip\", \"slips\"]\n".to_owned(),
        "for = [\"slip\", \"slip\"]\n".to_owned(),
        "copies = []\n".to_owned(),
        "copies = \"customer\"\n".to_owned(),
        String::new(),
        "header = 1\n".to_owned(),
        "[header]\nlines = []\n".to_owned(),
        "[[footer]\n".to_owned(),
        "[[footer]]\n".to_owned(),
        "[[footer]]\nlines = []\n".to_owned(),
        "[[footer]]\nlines = [\"thanks\"]\n".to_owned(),
        "[[footer]]\nfrom = \"2026-12-01\"\nlines = [{rule = {}}]\n".to_owned(),
        "[[footer]]\nfrom = 2026-12-01T00:00:00\nlines = [{rule = {}}]\n".to_owned(),
        "[[footer]]\nfrom = 2026-12-32\nlines = [{rule = {}}]\n".to_owned(),
        "[[footer]]\nfrom = 2026-12-02\nuntil = 2026-12-01\nlines = [{rule = {}}]\n".to_owned(),
        "[[footer]]\nsince = 2026-12-02\nlines = [{rule = {}}]\n".to_owned(),
        footer("{}"),
        footer("{text = {text = \"a\"}, rule = {}}"),
        footer("{txt = {text = \"a\"}}"),
        footer("{text = \"a\"}"),
        footer("{text = {text = \"a\", colour = \"red\"}}"),
        footer("{rule = {}},\n    {qr = {data = \"a\",\n    size = 99}}"),
        footer("{text = {text = 2026-12-01}},\n    {text = {text = 1.5}}"),
        footer("{text = {text = \"a\\u0007\"}}"),
        footer("{text = {text = \"4111 1111 1111 1111\"}}"),
        footer("{qr = {data = \"4111111111111111\"}}"),
        footer("{barcode = {data = \"123\", type = \"ean13\"}}"),
        footer("{logo = \"shop.png\"}"),
        footer("{logo = \"../shop.png\"}"),
        footer("{logo = {file = 1}}"),
        footer("{wifi = \"Shop\"}"),
        footer("{wifi = {password = \"secret12\"}}"),
        footer("{wifi = {ssid = \"Shop\", password = \"short\"}}"),
        footer("{wifi = {ssid = \"Shop\", security = \"WPA\"}}"),
        footer("{wifi = {ssid = \"Shop\", password = \"secret12\", security = \"WPA3\"}}"),
        footer("{wifi = {ssid = \"Shop\", password = \"secret12\", security = \"nopass\"}}"),
        footer("{wifi = {ssid = \"123456789012345678901234567890123\"}}"),
        footer("{coupon = {text = \"half price\"}}"),
        footer("{coupon = {data = \"a\", valid-until = 2026-12-31}}"),
        footer("{coupon = {data = \"a\", valid-from = 2026-12-31, valid-until = 2026-12-01}}"),
        footer("{member = {data = \"a\", level = \"Z\"}}"),
        footer("{member = {data = \"a\", points = 3}}"),
    ];
    let mut told = String::new();
    for text in &wrong {
        let error = Template::parse("t", text, &mut |_| Err("there is none".into())).unwrap_err();
        writeln!(told, "{text}-> {} [{}]\n-> {}\n", error, error.code(), error.message_zh()).unwrap();
    }
    for name in ["", "a b", "../a", &"x".repeat(65)] {
        let error = Template::parse(name, EXAMPLE, &mut |_| Ok(Vec::new())).unwrap_err();
        writeln!(told, "{name:?}\n-> {error}\n-> {}\n", error.message_zh()).unwrap();
    }
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/templates-wrong.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &told).unwrap();
    }
    let then = std::fs::read_to_string(&golden).unwrap_or_default();
    assert!(
        then == told,
        "{} is not what is said now; if it should be: UPDATE_GOLDEN=1\n{told}",
        golden.display()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// A file as an editor or a torn write may leave it is a template or names a place in it, and costs no receipt.
    #[test]
    fn whatever_a_file_says_a_receipt_is_a_receipt(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, "[a-z0-9{}\\[\\]=\",# \n金-]{0,6}"), 1..4),
    ) {
        let mut text: Vec<char> = EXAMPLE.chars().collect();
        for (at, gone, new) in edits {
            let at = at.index(text.len());
            let end = (at + gone).min(text.len());
            text.splice(at..end, new.chars());
        }
        let text: String = text.into_iter().collect();
        match Template::parse("t", &text, &mut |_| Ok(b"noise".to_vec())) {
            Err(error) => {
                let spot = error.spot().unwrap();
                prop_assert!((1..=text.lines().count() as u32 + 1).contains(&spot.line), "{error}");
                prop_assert!(!error.message_zh().is_ascii());
            }
            Ok(template) => {
                let _ = template.try_on(&Profile::mm58());
                let receipt = sale(None);
                let templates = Templates::new(vec![template], Vec::new());
                let made = made(&receipt, &templates, day(2026, 12, 24)).unwrap();
                let plain = render(Source::Json(receipt.to_string().as_bytes()), &Profile::mm80(), &NoTypesetter);
                prop_assert_eq!(made.plain, plain.unwrap());
                if let Some(Dressed { copies: Ok(copies), .. }) = made.dressed {
                    copies.iter().for_each(|copy| common::check(copy, &Profile::mm80()));
                }
            }
        }
    }
}
