//! P7: no card number leaves this crate, and other figures stay as they are.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

#[path = "common/native.rs"]
mod native;

use native::render;
use proptest::prelude::*;
use receiptd_document::{CardAction, CardRule, DocumentError, Profile, Rendered, Source};

fn profile(action: CardAction) -> Profile {
    Profile { cards: CardRule { action, ..CardRule::MASK }, ..Profile::mm80() }
}

fn one(source: Source<'_>) -> Rendered {
    render(source, &profile(CardAction::Mask)).unwrap().remove(0)
}

fn refused(source: Source<'_>, action: CardAction) -> DocumentError {
    render(source, &profile(action)).expect_err("refused")
}

/// The bytes that go to the printer, as far as they are ASCII.
fn ascii(copy: &Rendered) -> String {
    copy.body
        .iter()
        .chain(&copy.tail)
        .map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' })
        .collect()
}

fn json(lines: &str) -> String {
    format!(r#"{{"version":1,"lines":[{lines}]}}"#)
}

const CORPUS: &str = include_str!("corpus/cards.txt");

#[test]
fn p7_what_is_a_card_number_and_what_is_not() {
    for line in CORPUS.lines() {
        let (wanted, text) = match line.split_at_checked(2) {
            Some(("+ ", text)) => (true, text),
            Some(("- ", text)) => (false, text),
            _ => continue,
        };
        let text = text.replace("\\n", "\n");
        let masked = CardRule::MASK.mask(&text);
        assert_eq!(masked != text, wanted, "{text:?} became {masked:?}");
        // The same on its way to paper, in each kind of document.
        let as_json = json(&format!(r#"{{"text":{{"text":{}}}}}"#, serde_json::to_string(&text).unwrap()));
        let raw: Vec<u8> = if text.is_ascii() { text.clone().into() } else { b"x".to_vec() };
        for source in [Source::Text(&text), Source::Json(as_json.as_bytes()), Source::Raw(&raw)] {
            let plain = matches!(source, Source::Raw(_)) && !text.is_ascii();
            assert_eq!(one(source).masked > 0, wanted && !plain, "{text:?} as {source:?}");
        }
    }
}

#[test]
fn p7_the_first_six_and_the_last_four_stay() {
    assert_eq!(CardRule::MASK.mask("卡号 6205500000000000004"), "卡号 620550*********0004");
    assert_eq!(CardRule::MASK.mask("4111 1111 1111 1111"), "4111 11** **** 1111");
    assert_eq!(CardRule::MASK.mask("４１１１１１１１１１１１１１１１"), "４１１１１１＊＊＊＊＊＊１１１１");
    assert_eq!(CardRule::MASK.mask("CVV2: 123"), "CVV2: ***");
    let last_four = CardRule { keep_first: 0, ..CardRule::MASK };
    assert_eq!(last_four.mask("4111111111111111"), "************1111");
    // No rule shows more than PCI DSS lets be shown.
    let all = CardRule { keep_first: 19, keep_last: 19, ..CardRule::MASK };
    assert_eq!(all.mask("4111111111111111"), "411111******1111");
}

#[test]
fn p7_a_number_across_lines_and_columns() {
    let columns =
        json(r#"{"columns":{"columns":[{"text":"41111111"},{"text":"11111111","align":"right"}]}}"#);
    let copy = one(Source::Json(columns.as_bytes()));
    assert_eq!(copy.masked, 1);
    assert!(ascii(&copy).contains("411111**") && ascii(&copy).contains("****1111"), "{}", ascii(&copy));
    // A column that is too narrow tears it, with other figures in between on paper.
    let narrow = json(
        r#"{"columns":{"columns":[{"text":"4111111111111111","width":8},{"text":"12.00","width":8}],"gap":1}}"#,
    );
    let copy = one(Source::Json(narrow.as_bytes()));
    assert!(ascii(&copy).contains("411111**") && ascii(&copy).contains("****1111"), "{}", ascii(&copy));
    let lines = json(r#"{"text":{"text":"4111111111"}},{"text":{"text":"111111"}}"#);
    assert_eq!(one(Source::Json(lines.as_bytes())).masked, 1);
    // Each copy has one half, and none has a whole one.
    let halves = br#"{"version":1,"copies":["merchant","customer"],"lines":[
        {"text":{"text":"4111111111111111","only":["merchant"]}},{"text":{"text":"n/a","only":["customer"]}}]}"#;
    let copies = render(Source::Json(halves), &profile(CardAction::Mask)).unwrap();
    assert!(ascii(&copies[0]).contains("411111******1111"), "{}", ascii(&copies[0]));
}

/// A line that no copy prints may have any number of columns; what is found there must not star another line.
#[test]
fn p7_many_columns_of_a_line_that_is_not_printed() {
    let columns = vec![r#"{"text":"4111111111111111"}"#; 700].join(",");
    let text = format!(r#"{{"text":{{"text":"{}"}}}}"#, "a".repeat(40));
    let lines = format!(r#"{{"columns":{{"columns":[{columns}],"only":["bank"]}}}},{text},{text}"#);
    let copy = one(Source::Json(json(&lines).as_bytes()));
    assert_eq!(ascii(&copy).matches(&"a".repeat(40)).count(), 2, "{}", ascii(&copy));
}

#[test]
fn p7_a_raw_stream_hides_none_behind_its_commands() {
    for stream in [
        &b"\x1b@4111111111111111\n"[..],
        b"\x1b@4111\x1bE\x0111111111\x1bE\x001111\n",
        b"41111111\n11111111\n",
        b"4111\t1111\t1111\t1111\n",
        b"41111111\x1b$\x00\x0111111111\n",
        b"4111\x1bd\x011111\x1bJ\x201111\n1111\n",
        b"\x1c&\xa3\xb4\xa3\xb1\xa3\xb1\xa3\xb1\xa1\xa11111 1111 1111\n",
        b"\x1d!\x114111111111111111\x0a",
        b"12\r4111111111111111\n",
        b"4111 1111\x1b@1111 1111\n",
        b"\xff\xa3\xb4\xa3\xb1\xa3\xb1\xa3\xb1 1111 1111 1111\n",
    ] {
        let copy = one(Source::Raw(stream));
        assert_eq!(copy.masked, 1, "{stream:02x?}");
        assert_eq!(copy.body.len() + copy.tail.len(), stream.len(), "{stream:02x?}");
        assert!(!ascii(&copy).contains("1111111111"), "{stream:02x?}");
        let error = refused(Source::Raw(stream), CardAction::Refuse);
        assert_eq!(error.code(), "card-number");
        assert!(error.to_string().contains("411111******1111"), "{error}");
    }
}

#[test]
fn p7_codes_with_a_card_number_are_refused_whatever_the_rule() {
    let raw: [&[u8]; 6] = [
        b"\x1dk\x04*4111111111111111*\x00\n",
        b"\x1dk\x49\x12{B4111111111111111\n",
        // Pairs of digits in one byte.
        b"\x1dk\x49\x0a{C\x29\x0b\x0b\x0b\x0b\x0b\x0b\x0b\n",
        b"\x1d(k\x13\x001P04111111111111111\x1d(k\x03\x001Q0\n",
        b"\x1d(k\x13\x000P04111111111111111\x1d(k\x03\x000Q0\n",
        b"\x1bZ\x00\x00\x04\x10\x004111111111111111\n",
    ];
    for stream in raw {
        for action in [CardAction::Mask, CardAction::Refuse] {
            assert_eq!(refused(Source::Raw(stream), action).code(), "card-number", "{stream:02x?}");
        }
    }
    for line in [
        r#"{"qr":{"data":"https://pay.example/?pan=4111111111111111"}}"#,
        r#"{"qr":{"data":"https://pay.example/?p=4111+1111+1111+1111"}}"#,
        r#"{"qr":{"data":"https://pay.example/?p=4111%201111%201111%201111"}}"#,
        r#"{"barcode":{"data":"4111111111111111","type":"code128"}}"#,
        r#"{"barcode":{"data":"4111111111111111","type":"itf"}}"#,
    ] {
        for native_qr in [true, false] {
            let profile = Profile { native_qr, ..Profile::mm80() };
            let document = json(&format!(r#"{{"text":{{"text":"x"}}}},{line}"#));
            let error = render(Source::Json(document.as_bytes()), &profile).expect_err("refused");
            assert_eq!(error.code(), "card-number");
            assert!(error.to_string().contains("$.lines[1]."), "{error}");
        }
    }
    // What an article's code carries is no card, and an order number is none.
    for line in [
        r#"{"barcode":{"data":"4006381333931","type":"ean13"}}"#,
        r#"{"qr":{"data":"4200001234202611271234567890"}}"#,
    ] {
        assert!(render(Source::Json(json(line).as_bytes()), &Profile::mm80()).is_ok());
    }
}

/// A chain of figures that is longer than what is looked at together, with numbers where one look ends and the next begins.
#[test]
fn p7_a_long_table_of_figures_hides_none() {
    for before in (480..540).step_by(4) {
        let text =
            format!("{}4111 1111 1111 1111 7 5555 5555 5555 4444 {}", "1 ".repeat(before), "1 ".repeat(600));
        let masked = CardRule::MASK.mask(&text);
        assert!(!masked.contains("1111 1111") && !masked.contains("5555 5555"), "{before}: {masked}");
        assert!(render(Source::Text(&text), &profile(CardAction::Refuse)).is_err());
    }
}

#[test]
fn p7_track_data_is_refused_whatever_the_rule() {
    for text in [";4111111111111111=29122010000012345?", "%B4111111111111111^ZHANG/SAN^29122010000?"] {
        let document = json(&format!(r#"{{"text":{{"text":"{text}"}}}},{{"text":{{"text":"x"}}}}"#));
        for source in [Source::Text(text), Source::Raw(text.as_bytes()), Source::Json(document.as_bytes())] {
            let error = refused(source, CardAction::Mask);
            assert_eq!(error.code(), "track-data");
            assert!(!error.to_string().contains("4111111111111111"), "{error}");
        }
    }
}

#[test]
fn p7_a_refusal_says_where() {
    let place = |source| refused(source, CardAction::Refuse).to_string();
    let text = place(Source::Text("合计 12.00\n卡号 4111111111111111"));
    assert!(text.contains("line 2, column 4"), "{text}");
    let title = json(r#"{"text":{"text":"x"}}"#).replacen("{", r#"{"title":"4111111111111111","#, 1);
    let title = place(Source::Json(title.as_bytes()));
    assert!(title.contains("$.title, character 1"), "{title}");
    let column = json(r#"{"columns":{"columns":[{"text":"卡"},{"text":"a 4111111111111111"}]}}"#);
    let column = place(Source::Json(column.as_bytes()));
    assert!(column.contains("$.lines[0].columns.columns[1].text, character 3"), "{column}");
    let zh = refused(Source::Text("卡号 4111111111111111"), CardAction::Refuse).message_zh();
    assert!(zh.contains("411111******1111"), "{zh}");
}

/// A number that was forgotten to be quoted is in the parser's words, and a key is in the path.
#[test]
fn p7_an_error_tells_none() {
    for document in [
        json(r#"{"text":{"text":4111111111111111}}"#),
        json(r#"{"qr":{"data":4111111111111111}}"#),
        json(r#"{"text":{"text":"a","align":"4111111111111111"}}"#),
        json(r#"{"text":{"text":"a","4111111111111111":1}}"#),
        json(r#"{"4111111111111111":{}}"#),
        r#"{"version":4111111111111111,"lines":[]}"#.to_owned(),
    ] {
        let error = refused(Source::Json(document.as_bytes()), CardAction::Mask);
        for told in [error.to_string(), error.message_zh(), format!("{error:?}")] {
            assert!(!told.contains("4111111111111111"), "{told}");
        }
    }
}

#[test]
fn p7_the_name_of_a_job_has_none() {
    let title = r#"{"version":1,"title":"4111111111111111","lines":[{"text":{"text":"x"}}]}"#;
    for source in [Source::Text("4111111111111111\nx"), Source::Json(title.as_bytes())] {
        assert_eq!(one(source).title, "411111******1111");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    /// Whatever stands around them: when it was masked once, nothing is left to be found, on the way to paper neither.
    #[test]
    fn p7_nothing_is_left(text in "([0-9]{1,19}|[ \n.:/=４１D-]|卡号|4111 ?1111 ?1111 ?1111){0,24}") {
        let masked = CardRule::MASK.mask(&text).into_owned();
        prop_assert_eq!(&CardRule::MASK.mask(&masked), &masked);
        prop_assert_eq!(masked.chars().count(), text.chars().count());
        if let Ok(copies) = render(Source::Text(&text), &Profile::mm58()) {
            let again = render(Source::Raw(&copies[0].body), &profile(CardAction::Refuse));
            let found = again.is_err_and(|error| matches!(error.code(), "card-number" | "track-data"));
            prop_assert!(!found, "{text:?} printed as {:?}", ascii(&copies[0]));
        }
    }
}

/// A small generator, so that the rates below are the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }
}

fn with_check_digit(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(n, byte)| {
            let digit = u32::from(byte - b'0');
            if n % 2 == 1 {
                digit
            } else if digit > 4 {
                digit * 2 - 9
            } else {
                digit * 2
            }
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// A card of some scheme, written in some way.
fn card(dice: &mut Dice) -> String {
    const ISSUERS: [(&str, usize); 12] = [
        ("62", 16),
        ("62", 19),
        ("62", 17),
        ("4", 16),
        ("51", 16),
        ("55", 16),
        ("37", 15),
        ("3528", 16),
        ("36", 14),
        ("6011", 16),
        ("9558", 19),
        ("2221", 16),
    ];
    let (prefix, len) = ISSUERS[dice.below(12) as usize];
    let body = dice.digits(len - 1 - prefix.len());
    let number = with_check_digit(&format!("{prefix}{body}"));
    let gap = [" ", "-", "  ", "\n", ".", " - ", "\u{3000}"][dice.below(7) as usize];
    let step = match dice.below(4) {
        0 | 1 => number.len(),
        2 => 4,
        _ => 1 + dice.below(8) as usize,
    };
    let groups: Vec<&str> = number.as_bytes().chunks(step).map(|c| std::str::from_utf8(c).unwrap()).collect();
    // Two with a dot between them are taken for an amount or two phones.
    groups.join(if gap == "." && groups.len() == 2 { "-" } else { gap })
}

/// Prints the rates that stand in docs/cards.md; `--nocapture` shows them.
#[test]
fn p7_measured_rates() {
    const SAMPLES: u32 = 20_000;
    let mut dice = Dice(20_261_127);
    let missed = (0..SAMPLES)
        .filter(|_| {
            let text = format!("卡号 {}\n合计 12.00", card(&mut dice));
            CardRule::MASK.mask(&text) == text
        })
        .count();
    println!("cards missed: {missed} of {SAMPLES}");
    assert_eq!(missed, 0);

    type Make = fn(&mut Dice) -> String;
    let kinds: [(&str, f64, Make); 13] = [
        ("reference number, 12 digits", 0.0, |d| format!("参考号 {}", d.digits(12))),
        ("voucher, batch, authorisation", 0.0, |d| {
            format!("{} {} {}", d.digits(6), d.digits(4), d.digits(2))
        }),
        ("mobile phone", 0.0, |d| format!("手机 1{} 1{}", d.digits(10), d.digits(10))),
        ("WeChat Pay order, 28 digits", 0.0, |d| format!("42000{}", d.digits(23))),
        ("order by date, 17 to 20 digits", 0.0, |d| {
            let n = 9 + d.below(4) as usize;
            format!("20261127{}", d.digits(n))
        }),
        ("merchant number, 15 digits", 0.0, |d| format!("898{}", d.digits(12))),
        ("EAN-13 of any country", 0.0, |d| {
            let body = d.digits(12);
            let sum: u32 = body
                .bytes()
                .enumerate()
                .map(|(n, b)| u32::from(b - b'0') * if n % 2 == 0 { 1 } else { 3 })
                .sum();
            format!("{body}{}", (10 - sum % 10) % 10)
        }),
        ("line of amounts", 0.002, |d| {
            (0..5).map(|_| format!("{}.{} ", d.below(2000), d.digits(2))).collect()
        }),
        ("date, time and figures", 0.002, |d| {
            format!(
                "2026/{:02}/{:02} {:02}:{:02} {} {}",
                1 + d.below(12),
                1 + d.below(28),
                d.below(24),
                d.below(60),
                d.digits(6),
                d.digits(6)
            )
        }),
        // Field 37 as YDDDhh and a number: in 2026 it begins with 6001 to 6365.
        ("reference number above a date", 0.0, |d| {
            format!("参考号 6{:03}{}\n2026-11-27 12:30:15", 1 + d.below(365), d.digits(8))
        }),
        ("order by date and time, YYMMDDhhmmss", 0.0, |d| {
            let day = format!("{:02}{:02}{:02}", 22 + d.below(6), 1 + d.below(12), 1 + d.below(28));
            format!("{day}{:02}{:02}{:02}{}", d.below(24), d.below(60), d.below(60), d.digits(4))
        }),
        ("hotline above a date", 0.0, |d| format!("热线 400{}\n2026-11-{:02}", d.digits(7), 1 + d.below(30))),
        ("any 16 digits", 0.08, |d| d.digits(16)),
    ];
    for (name, allowed, make) in kinds {
        let wrong = (0..SAMPLES)
            .filter(|_| {
                let text = make(&mut dice);
                CardRule::MASK.mask(&text) != text
            })
            .count();
        let rate = wrong as f64 / f64::from(SAMPLES);
        println!("{name}: {:.2} % taken for a card", rate * 100.0);
        assert!(rate <= allowed, "{name}: {rate}");
    }
}
