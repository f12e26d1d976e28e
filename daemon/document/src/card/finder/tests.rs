//! Numbers that are found, however they are written, and figures that are none.

use super::*;
use crate::card::text::read;

fn found(text: &str) -> Vec<(What, String)> {
    let mut finder = Finder::new();
    for (at, character) in text.char_indices() {
        read(&mut finder, character, at as u64);
    }
    let digits = |found: &Found| found.digits.iter().map(|(d, _)| char::from(b'0' + d)).collect();
    finder.finish().iter().map(|found| (found.what, digits(found))).collect()
}

fn number(digits: &str) -> Vec<(What, String)> {
    vec![(What::Number, digits.to_owned())]
}

#[test]
fn however_it_is_grouped() {
    for text in [
        "4111111111111111",
        "卡号:4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "41 11 11 11 11 11 11 11",
        "411111 1111111111",
        "41111 11111 111111",
        "4111  1111    1111  1111",
        "４１１１ １１１１ １１１１ １１１１",
        "4111\u{a0}1111\u{3000}1111 1111",
        "4111 - 1111 - 1111 - 1111",
        "4111\n1111\n1111\n1111",
        "4111 1111\n1111 1111",
        "41111111\n11111111",
        "4111111111      111111",
        "4111 1111 11\n11 1111",
        "4111-1111-1111-1\n111",
        "4111--1111--1111--1111",
        "4111——1111——1111——1111",
        "4111  -  1111  -  1111  -  1111",
        "4111：1111：1111：1111",
        "411111 1111111111, 128.00",
        "41111111\u{1}11111111",
        "٤١١١ ١١١١ ١١١١ ١١١١",
    ] {
        assert_eq!(found(text), number("4111111111111111"), "{text:?}");
    }
}

#[test]
fn beside_other_figures() {
    for text in [
        "1234 4111111111111111 5678",
        "No.12 4111 1111 1111 1111 12/29",
        "金额 12.00 4111111111111111",
        "000123-4111111111111111",
        "4111111111111111/2912",
        "411111 1111111111/2912",
    ] {
        assert!(found(text).iter().any(|(_, digits)| digits.contains("4111111111111111")), "{text:?}");
    }
}

#[test]
fn figures_of_a_receipt_are_none() {
    for text in [
        "2026/11/27 12:30:15",
        "参考号 012345678901 批次 000123 凭证 000456",
        "商户号 898110154110000",
        "订单 4200001234202611271234567890",
        "电话 400-820-8820 13800138000",
        "4.00 1.00 4.00 128.00\n4.00 1.00 4.00 128.00",
        "6901234567892\n6901234567892",
        "622202******0005",
        // Figures that fit range and check digit, and are others.
        "参考号:633112000108\n2026-11-27 12:30:15",
        "633112000105\n2026-11-27",
        "服务热线 4008208808\n2026-11-27 12:30:15",
        "客服 95588\n13800138003",
        "电话:62345605/62345601",
        "Tel:62345600\n20261127 12:30:15",
        "4520   4520\n5200   5200",
        "2511271230150000",
        "440106199001010355",
    ] {
        assert_eq!(found(text), [], "{text:?}");
    }
}

#[test]
fn tracks_are_told_from_numbers() {
    assert_eq!(found(";4111111111111111=29122010000012345?")[0].0, What::Track);
    assert_eq!(found("4111111111111111D29122010000012345")[0].0, What::Track);
    assert_eq!(found("%B4111111111111111^ZHANG/SAN^2912201")[0].0, What::Track);
    assert_eq!(found(";4111111111111111 = 2912 2010000012345?")[0].0, What::Track);
    assert_eq!(found("%B4111111111111111 ^ZHANG/SAN^2912201")[0].0, What::Track);
    assert_eq!(found("4111111111111111=128.00")[0].0, What::Number);
    assert_eq!(found("4111111111111111 Debit")[0].0, What::Number);
}

#[test]
fn secrets_behind_their_names() {
    for text in ["CVV2: 123", "cvv:123", "CVC 123", "CVN2：123", "安全码：123", "CVV2=123 "] {
        assert_eq!(found(text), [(What::Secret, "123".to_owned())], "{text:?}");
    }
    for text in ["CVV2", "CVV: 12", "WiFi密码: 12345678", "VCC 123", "CVV2 12345"] {
        assert_eq!(found(text), [], "{text:?}");
    }
}

#[test]
fn a_long_table_of_figures_hides_none() {
    let figures = "1 ".repeat(3000);
    let text = format!("{figures}4111 1111 1111 1111 {figures}");
    assert!(found(&text).iter().any(|(_, digits)| digits.contains("411111111111111")), "{:?}", found(&text));
}
