//! Card slips: what each copy shows, and which are refused.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod common;
#[path = "common/native.rs"]
mod native;

use native::render;
use receiptd_document::{
    CardAction, CardRule, CopyLabel, CopyRule, CopyRules, DocumentError, KanjiMode, Profile, Rendered, Source,
};
use serde_json::{Value, json};

fn slip() -> Value {
    serde_json::from_str(include_str!("../examples/slip-sale.json")).unwrap()
}

fn rendered(receipt: &Value, profile: &Profile) -> Result<Vec<Rendered>, DocumentError> {
    let copies = render(Source::Json(receipt.to_string().as_bytes()), profile)?;
    copies.iter().for_each(|copy| common::check(copy, profile));
    Ok(copies)
}

fn paper(copy: &Rendered) -> String {
    encoding_rs::GB18030.decode(&copy.body).0.into_owned()
}

/// A slip with a change, refused: the stable name of the error and what it says.
fn refused(change: impl Fn(&mut Value)) -> (String, String) {
    let mut receipt = slip();
    change(&mut receipt["slip"]);
    let error = rendered(&receipt, &Profile::mm80()).unwrap_err();
    assert!(!error.message_zh().is_empty());
    (error.code().to_owned(), error.to_string())
}

#[test]
fn p7_each_copy_shows_of_the_card_what_its_rule_allows() {
    let copies = CopyRules {
        merchant: CopyRule { keep_first: Some(0), ..CopyRule::USUAL },
        customer: CopyRule { keep_last: Some(3), expiry: true, ..CopyRules::USUAL.customer },
        ..CopyRules::USUAL
    };
    let copies = rendered(&slip(), &Profile { copies, ..Profile::mm80() }).unwrap();
    let [merchant, customer] = [paper(&copies[0]), paper(&copies[1])];
    assert!(merchant.contains("***************0018") && !merchant.contains("622848"), "{merchant}");
    assert!(customer.contains("622848**********018") && !customer.contains("0018"), "{customer}");
    assert!(customer.contains("有效期") && customer.contains("12/29"));
    assert!(!merchant.contains("有效期") && !merchant.contains("12/29"));
    // One number was handed in whole.
    assert!(copies.iter().all(|copy| copy.masked == 1));
}

#[test]
fn p7_no_copy_shows_more_than_the_rule_for_all() {
    let cards = CardRule { keep_first: 0, keep_last: 2, ..CardRule::MASK };
    let copies = CopyRules {
        merchant: CopyRule { keep_first: Some(6), keep_last: Some(4), ..CopyRule::USUAL },
        ..CopyRules::USUAL
    };
    for copy in rendered(&slip(), &Profile { cards, copies, ..Profile::mm58() }).unwrap() {
        assert!(paper(&copy).contains("*****************18"), "{}", paper(&copy));
    }
}

#[test]
fn p7_a_whole_number_is_refused_where_the_rule_says_so() {
    let profile =
        Profile { cards: CardRule { action: CardAction::Refuse, ..CardRule::MASK }, ..Profile::mm80() };
    let error = rendered(&slip(), &profile).unwrap_err();
    assert_eq!(error.code(), "card-number");
    let text = error.to_string();
    assert!(text.contains("$.slip.card.number") && text.contains("622848*********0018"), "{text}");
    let mut masked = slip();
    masked["slip"]["card"]["number"] = json!("622848*********0018");
    rendered(&masked, &profile).unwrap();
}

#[test]
fn the_merchant_keeps_the_signature_and_the_customer_does_not() {
    let copies = rendered(&slip(), &Profile::mm58()).unwrap();
    assert!(paper(&copies[0]).contains("持卡人签名") && !paper(&copies[1]).contains("签名"));
    // Without two copies there is one, and it is signed.
    let mut single = slip();
    single.as_object_mut().unwrap().remove("copies");
    let copies = rendered(&single, &Profile::mm58()).unwrap();
    assert_eq!(copies[0].copy, CopyLabel::Single);
    assert!(paper(&copies[0]).contains("持卡人签名"));
    // By rule neither.
    let never = CopyRule { signature: false, ..CopyRule::USUAL };
    let rules = CopyRules { merchant: never, ..CopyRules::USUAL };
    let copies = rendered(&slip(), &Profile { copies: rules, ..Profile::mm58() }).unwrap();
    assert!(copies.iter().all(|copy| !paper(copy).contains("签名")));
}

#[test]
fn a_shop_may_call_its_copies_what_it_likes() {
    let own = |label: &str| CopyRules {
        merchant: CopyRule { label: Some(label.to_owned()), ..CopyRule::USUAL },
        ..CopyRules::USUAL
    };
    let copies = rendered(&slip(), &Profile { copies: own("第一联 商户"), ..Profile::mm80() }).unwrap();
    assert!(paper(&copies[0]).contains("第一联 商户") && !paper(&copies[0]).contains("商户存根"));
    assert!(paper(&copies[1]).contains("持卡人存根"));
    let error = rendered(&slip(), &Profile { copies: own(&"长".repeat(49)), ..Profile::mm80() }).unwrap_err();
    assert_eq!(error.code(), "profile-out-of-range");
}

#[test]
fn a_printer_without_chinese_gets_the_english_words() {
    let mut receipt: Value =
        serde_json::from_str(include_str!("../examples/slip-visa-english.json")).unwrap();
    let profile = Profile { kanji: KanjiMode::None, ..Profile::mm58() };
    receipt["slip"]["language"] = json!("zh-en");
    let copies = rendered(&receipt, &profile).unwrap();
    assert!(copies[0].body.is_ascii());
    assert!(paper(&copies[1]).contains("CUSTOMER COPY") && paper(&copies[1]).contains("HKD 1,234.50"));
}

#[test]
fn a_declined_slip_says_why_and_is_not_signed() {
    let (code, text) = refused(|slip| slip["result"] = json!("declined"));
    assert_eq!(code, "field");
    assert!(text.starts_with("$.slip.reason:"), "{text}");
    let declined = rendered(
        &serde_json::from_str(include_str!("../examples/slip-declined.json")).unwrap(),
        &Profile::mm80(),
    );
    let paper = paper(&declined.unwrap()[0]);
    assert!(paper.contains("交易失败 DECLINED") && paper.contains("余额不足") && !paper.contains("签名"));
}

#[test]
fn what_undoes_something_says_what() {
    let (code, text) = refused(|slip| slip["type"] = json!("void"));
    assert_eq!(code, "field");
    assert!(text.starts_with("$.slip.original:"), "{text}");
    let (_, text) = refused(|slip| {
        slip["type"] = json!("completion");
        slip["original"] = json!({"date": "2026/11/26"});
    });
    assert!(text.contains("voucher, reference or authorisation"), "{text}");
}

#[test]
fn fields_that_do_not_fit_together_are_named() {
    for (code, begins, change) in [
        ("field", "$.slip.tip:", json!({"tip": 12_801})),
        ("field", "$.slip.terminal:", json!({"terminal": " "})),
        ("field", "$.slip.merchant.name:", json!({"merchant": {"name": ""}})),
        ("field", "$.slip.card.number:", json!({"card": {"number": "none"}})),
        ("field", "$.slip.card.number:", json!({"card": {"number": "12345678901234567890"}})),
        ("json-shape", "$.slip.amount ", json!({"amount": 128.0})),
        ("json-shape", "$.slip.currency ", json!({"currency": "RMB"})),
        ("json-shape", "$.slip.time ", json!({"time": "2026-02-29T10:00:00"})),
        ("json-shape", "$.slip.pin", json!({"pin": "1234"})),
        ("json-shape", "$.slip.card.cvv", json!({"card": {"number": "622848******1234", "cvv": "123"}})),
        ("unprintable-character", "character U+1F600 at $.slip.operator,", json!({"operator": "小😀"})),
    ] {
        let (is, text) = refused(|slip| {
            for (key, value) in change.as_object().unwrap() {
                slip[key] = value.clone();
            }
        });
        assert_eq!(is, code, "{text}");
        assert!(text.starts_with(begins), "{text}");
    }
}

#[test]
fn p7_a_card_number_in_any_other_field_is_masked_too() {
    for field in ["operator", "remarks", "issuer", "reference"] {
        let mut receipt = slip();
        receipt["slip"][field] = json!("6225 8812 3456 7898");
        for copy in rendered(&receipt, &Profile::mm80()).unwrap() {
            assert_eq!(copy.masked, 2, "{field}");
            assert!(!paper(&copy).contains("3456"), "{field}");
        }
    }
}
