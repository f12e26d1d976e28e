//! Receipts of shops: they add up, or they are refused with the reckoning.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod common;
#[path = "common/native.rs"]
mod native;

use native::render;
use proptest::prelude::*;
use receiptd_document::{DocumentError, Profile, Rendered, Source};
use serde_json::{Value, json};

fn rendered(sale: &Value, profile: &Profile) -> Result<Vec<Rendered>, DocumentError> {
    let receipt = json!({"version": 1, "sale": sale});
    let copies = render(Source::Json(receipt.to_string().as_bytes()), profile)?;
    copies.iter().for_each(|copy| common::check(copy, profile));
    Ok(copies)
}

fn paper(copy: &Rendered) -> String {
    encoding_rs::GB18030.decode(&copy.body).0.into_owned()
}

fn sale() -> Value {
    let receipt: Value = serde_json::from_str(include_str!("../examples/sale-supermarket.json")).unwrap();
    receipt["sale"].clone()
}

#[test]
fn a_total_that_does_not_add_up_is_refused_with_the_reckoning() {
    let mut wrong = sale();
    wrong["total"] = json!(10_910);
    let error = rendered(&wrong, &Profile::mm80()).unwrap_err();
    assert_eq!(error.code(), "sum");
    assert_eq!(
        error.to_string(),
        "$.sale.total is 109.10 and should be 108.10: the items are 123.14, the discounts -15.00, the rounding -0.04"
    );
    assert!(error.message_zh().contains("108.10"), "{}", error.message_zh());
}

#[test]
fn an_item_that_costs_something_else_than_its_price_times_its_quantity_is_refused() {
    let mut wrong = sale();
    wrong["items"][0]["amount"] = json!(13_980);
    let error = rendered(&wrong, &Profile::mm80()).unwrap_err().to_string();
    assert_eq!(error, "$.sale.items[0].amount is 139.80 and should be 104.85: 2 times 69.90, less 34.95");
    // Half a cent may be rounded up or down, and more may not.
    for (amount, right) in [(1798, true), (1799, true), (1797, false), (1800, false)] {
        let mut weighed = sale();
        weighed["items"][1]["amount"] = json!(amount);
        weighed["total"] = json!(10_810 - 1799 + amount);
        weighed["payments"][0]["amount"] = weighed["total"].clone();
        assert_eq!(rendered(&weighed, &Profile::mm80()).is_ok(), right, "{amount}");
    }
}

#[test]
fn payments_and_change_make_the_total() {
    let mut wrong = sale();
    wrong["change"] = json!(100);
    let error = rendered(&wrong, &Profile::mm80()).unwrap_err().to_string();
    assert_eq!(
        error,
        "$.sale.total is 108.10 and should be 107.10: the payments are 108.10, the change 1.00"
    );
    // Not paid yet: nothing to compare.
    let mut open = sale();
    open.as_object_mut().unwrap().remove("payments");
    rendered(&open, &Profile::mm80()).unwrap();
}

#[test]
fn taxes_on_top_count_and_taxes_inside_do_not() {
    let mut sale = json!({"currency": "CNY", "items": [{"name": "a", "amount": 1000}],
        "taxes": [{"name": "VAT", "amount": 60}], "taxes_included": false, "total": 1060});
    let text = paper(&rendered(&sale, &Profile::mm58()).unwrap()[0]);
    assert!(text.contains("VAT                         0.60") && text.contains("10.60"), "{text}");
    sale["taxes_included"] = json!(true);
    assert_eq!(rendered(&sale, &Profile::mm58()).unwrap_err().code(), "sum");
}

#[test]
fn bounds_of_lists_and_amounts() {
    let item = json!({"name": "a", "amount": 1});
    let of = |count: usize| json!({"currency": "CNY", "items": vec![item.clone(); count], "total": count});
    assert_eq!(rendered(&of(0), &Profile::mm80()).unwrap_err().code(), "too-many-entries");
    rendered(&of(800), &Profile::mm80()).unwrap();
    let error = rendered(&of(801), &Profile::mm80()).unwrap_err();
    assert!(error.to_string().starts_with("$.sale.items has 801 entries; 1 to 800"), "{error}");
    // The largest of everything overflows nothing.
    let large = json!({"currency": "CNY", "total": 0, "items": vec![json!({"name": "a",
        "quantity": "999999.999", "unit_price": 999_999_999_999_u64, "discount": 999_999_999_999_u64,
        "amount": 999_999_999_999_u64}); 800]});
    assert_eq!(rendered(&large, &Profile::mm80()).unwrap_err().code(), "sum");
}

#[test]
fn a_number_is_not_parted_from_its_currency() {
    let sale = json!({"currency": "CNY", "items": [{"name": "a", "amount": 999_999_999_999_u64}],
        "total": 999_999_999_999_u64});
    // So narrow that the words and the amount do not stand in one line.
    let profile = Profile { dots: 288, ..Profile::mm58() };
    let text = paper(&rendered(&sale, &profile).unwrap()[0]);
    assert!(text.contains("CNY 9,999,999,999.99\n"), "{text}");
}

proptest! {
    /// Whatever the quantities and prices: the right amount is taken, and one beside it by more than the rounding is not.
    #[test]
    fn the_reckoning_is_exact(
        items in prop::collection::vec((1..2_000_u64, 0..3_u32, 0..1_000_000_u64), 1..20),
        off in 1..1_000_u64,
    ) {
        let mut total = 0;
        let mut list = Vec::new();
        for (quantity, digits, price) in items {
            let scale = 10_u64.pow(digits);
            let exact = quantity * price;
            let amount = (exact + scale / 2) / scale;
            total += amount;
            let text = format!("{}.{:0width$}", quantity / scale, quantity % scale, width = digits.max(1) as usize);
            list.push(json!({"name": "x", "quantity": text, "unit_price": price, "amount": amount}));
        }
        let sale = json!({"currency": "CNY", "items": list, "total": total});
        prop_assert!(rendered(&sale, &Profile::mm58()).is_ok(), "{sale}");
        let mut wrong = sale.clone();
        wrong["total"] = json!(total + off);
        prop_assert_eq!(rendered(&wrong, &Profile::mm58()).unwrap_err().code(), "sum");
        let mut wrong = sale;
        let amount = wrong["items"][0]["amount"].as_u64().unwrap();
        wrong["items"][0]["amount"] = json!(amount + 1 + off);
        wrong["total"] = json!(total + 1 + off);
        prop_assert_eq!(rendered(&wrong, &Profile::mm58()).unwrap_err().code(), "sum");
    }
}
