//! Random receipts from a seed, the paper they are for, and what that paper must have; and smaller ones of a receipt that
//! fails, to be looked at.
#![allow(dead_code, reason = "each test uses a part of it")]

use crate::common::Random;
use receiptd_document::{CodePages, Cutter, Head, KanjiMode, Profile, TextMode};
use serde_json::{Value, json};

const ASCII: [&str; 9] = ["TOTAL", "a", "12.50", "RMB", "No.", "x2", "Espresso", "(each)", "----"];
const HANZI: [&str; 8] = ["金额", "商户编号", "签名：", "，", "合计（元）", "牛肉面", "￥", "。"];
/// Letters of the code pages, several to a word.
const EUROPE: [&str; 9] = ["señor", "Größe", "café", "чек", "Łódź", "příště", "£5", "Ørstedś", "naïveжđ"];

/// Words that printers lack characters of: they are drawn, their letters joined, stacked or from right to left.
const DRAWN: [&str; 7] = ["ขอบคุณ", "𠮷野家", "😀", "শুভ", "مرحبا", "Łỏđ", "ｷﾞ"];

/// The words that a printer has the characters of.
fn vocabulary(profile: &Profile) -> Vec<&'static str> {
    let mut words = ASCII.to_vec();
    if profile.kanji != KanjiMode::None {
        words.extend(HANZI);
    }
    if profile.code_pages != CodePages::NONE {
        words.extend(EUROPE);
    }
    words
}

/// Texts that a receipt has, of words that the printer has.
fn words(random: &mut Random, known: &[&str]) -> String {
    (0..random.below(12)).map(|_| *random.pick(known)).collect::<Vec<_>>().join(if random.below(3) == 0 {
        ""
    } else {
        " "
    })
}

/// A barcode, and what a reader says of it.
fn barcode(random: &mut Random) -> (Value, (String, String)) {
    let mut digits = |count: usize| -> String {
        (0..count).map(|n| char::from(b'0' + if n == 0 { 4 } else { random.below(10) as u8 })).collect()
    };
    // The check digit of GS1: weights 3 and 1 from the right.
    let checked = |data: &str| {
        let sum: u32 =
            data.bytes().rev().zip([3, 1].iter().cycle()).map(|(d, w)| u32::from(d - b'0') * w).sum();
        format!("{data}{}", (10 - sum % 10) % 10)
    };
    let (ean13, ean8, itf) = (digits(12), digits(7), digits(8));
    let (kind, data, name, read) = match random.below(5) {
        0 => ("ean13", ean13.clone(), "EAN-13", checked(&ean13)),
        1 => ("ean8", ean8.clone(), "EAN-8", checked(&ean8)),
        2 => ("itf", itf.clone(), "I2/5", itf),
        3 => ("code39", format!("A{}", &itf[..4]), "CODE-39", format!("A{}", &itf[..4])),
        _ => ("code128", format!("No{}", &itf[..6]), "CODE-128", format!("No{}", &itf[..6])),
    };
    (json!({"barcode": {"type": kind, "data": data, "module": 2, "align": "center"}}), (name.into(), read))
}

/// A line of the free layout, and what the paper must have for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    value: Value,
    /// In the order of the paper.
    pub texts: Vec<String>,
    /// What a reader says of its code.
    pub code: Option<(String, String)>,
}

impl Line {
    fn of(value: Value, texts: &[&str]) -> Self {
        Self { value, texts: texts.iter().map(|text| (*text).to_owned()).collect(), code: None }
    }
}

fn line(random: &mut Random, known: &[&str]) -> Line {
    let align = *random.pick(&["left", "center", "right"]);
    let text = words(random, known);
    match random.below(10) {
        0..3 => {
            let (w, h) = (random.below(2) + 1, random.below(3) + 1);
            let size = json!({"width": w, "height": h});
            let (bold, reverse) = (random.below(2) == 0, random.below(4) == 0);
            let line = json!({"text": text, "align": align, "size": size, "bold": bold, "reverse": reverse});
            Line::of(json!({"text": line}), &[&text])
        }
        3 | 4 => {
            let right = words(random, known);
            Line::of(json!({"pair": {"left": text, "right": right}}), &[&text, &right])
        }
        5 => {
            // One row only can be compared in the order of the paper: columns that wrap are interleaved.
            let cells = ["a1", "b2", "c3"];
            let columns: Vec<Value> =
                cells.iter().map(|cell| json!({"text": cell, "align": align})).collect();
            Line::of(json!({"columns": {"columns": columns}}), &cells)
        }
        6 => Line::of(json!({"rule": {}}), &[]),
        7 => Line::of(json!({"space": {"lines": random.below(3) + 1}}), &[]),
        8 => {
            let (value, code) = barcode(random);
            Line { code: Some(code), ..Line::of(value, &[]) }
        }
        _ => {
            let data = format!("https://r.cn/{}", random.below(100_000));
            let value = json!({"qr": {"data": data, "level": "L"}});
            Line { code: Some(("QR-Code".into(), data)), ..Line::of(value, &[]) }
        }
    }
}

/// A card number that must not come out whole.
pub const PAN: &str = "6225881234567890";

/// Minor units with two digits behind the point.
fn money(minor: usize) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// The receipt of a shop that adds up, and what the paper must have of it.
fn sale(random: &mut Random, known: &[&str], fields: &mut Vec<String>) -> Value {
    let name =
        |random: &mut Random, n: usize| format!("item{n} {}", words(random, known)).trim_end().to_owned();
    let mut sum = 0;
    let items: Vec<Value> = (0..random.below(5) + 1)
        .map(|n| {
            let (count, price) = (random.below(4) + 1, random.below(3_000) + 1);
            let discount = if random.below(4) == 0 { random.below(count * price) } else { 0 };
            let amount = count * price - discount;
            sum += amount;
            let name = name(random, n);
            fields.extend([name.clone(), money(count * price)]);
            json!({"name": name, "quantity": count, "unit_price": price, "discount": discount, "amount": amount})
        })
        .collect();
    let off = if random.below(3) == 0 { random.below(sum + 1) } else { 0 };
    let tax = random.below(500);
    let included = random.below(2) == 0;
    let total = sum - off + if included { 0 } else { tax };
    let given = total + random.below(2_000);
    fields.extend([format!("CNY{}", money(total)), money(given), money(tax), "till 7".to_owned()]);
    let discounts = if off > 0 { json!([{"name": "member", "amount": off}]) } else { json!([]) };
    json!({
        "merchant": {"name": "Corner shop", "address": words(random, known)},
        "number": "A-17", "time": "2026-11-27T14:32:05", "register": "till 7", "currency": "CNY",
        "items": items, "discounts": discounts, "taxes": [{"name": "VAT", "amount": tax}],
        "taxes_included": included, "total": total,
        "payments": [{"name": "cash", "amount": given}], "change": given - total,
    })
}

/// A card slip, and what the paper must have of it.
fn slip(random: &mut Random, known: &[&str], fields: &mut Vec<String>) -> Value {
    let kind = *random.pick(&["sale", "void", "refund", "pre-authorisation", "completion"]);
    let result = *random.pick(&["approved", "approved", "declined"]);
    let verification = *random.pick(&["signature", "pin", "device", "signed-on-screen", "none"]);
    let amount = random.below(90_000) + 1;
    let merchant = format!("Shop {}", words(random, known)).trim_end().to_owned();
    fields.extend([merchant.clone(), "01080209".into(), "622588".into(), "7890".into(), money(amount)]);
    let mut slip = json!({
        "type": kind, "result": result, "merchant": {"name": merchant, "id": "898110154110023"},
        "terminal": "01080209", "card": {"number": PAN, "expiry": "08/28", "entry": "chip"},
        "currency": "CNY", "amount": amount, "voucher": "000007", "time": "2026-11-27T21:04:02",
        "original": {"voucher": "000006"}, "verification": verification,
        "emv": {"label": "PBOC CREDIT", "aid": "A000000333010102", "tc": "8E1F0A6C27D3B954"},
    });
    if result == "declined" {
        slip["reason"] = json!("51 not enough");
        fields.push("51 not enough".into());
    } else {
        fields.push("A000000333010102".into());
    }
    slip
}

fn profile(random: &mut Random) -> Profile {
    let usual = random.pick(&[Profile::mm58(), Profile::mm76(), Profile::mm80()]).clone();
    // Nine pins have no more than 400 places across, and nothing that draws codes.
    let thermal = usual.head == Head::Thermal;
    Profile {
        dots: match (random.below(2), thermal) {
            (0, _) => usual.dots,
            (_, true) => 300 + random.below(400) as u16,
            (_, false) => 300 + random.below(101) as u16,
        },
        kanji: *random.pick(&[KanjiMode::Gb18030, KanjiMode::Gb18030, KanjiMode::Gb2312, KanjiMode::None]),
        code_pages: if random.below(2) == 0 { CodePages::EPSON } else { CodePages::NONE },
        native_qr: random.below(2) == 0 && thermal,
        native_barcode: random.below(2) == 0 && thermal,
        cutter: *random.pick(&[Cutter::None, Cutter::Partial, Cutter::Full]),
        ..usual
    }
}

type Make = fn(&mut Random, &[&str], &mut Vec<String>) -> Value;

/// A receipt, and the paper it is for.
#[derive(Clone)]
pub struct Receipt {
    pub profile: Profile,
    /// The first says SHOP: without it a receipt of empty texts would be refused as empty.
    pub lines: Vec<Line>,
    /// Parts with fields, and what the paper must have of each.
    parts: Vec<(&'static str, Value, Vec<String>)>,
}

impl Receipt {
    pub fn random(seed: u64) -> Self {
        let random = &mut Random::new(seed);
        let profile = profile(random);
        Self::of(random, profile.clone(), &vocabulary(&profile))
    }

    /// One in which some lines have to be drawn, or all.
    pub fn of_any_script(seed: u64) -> Self {
        let random = &mut Random::new(seed);
        let mut profile = profile(random);
        while profile.head == Head::NinePin {
            profile = self::profile(random);
        }
        profile.text = *random.pick(&[TextMode::Native, TextMode::Native, TextMode::Raster]);
        let known = [&vocabulary(&profile)[..], &DRAWN].concat();
        Self::of(random, profile, &known)
    }

    fn of(random: &mut Random, profile: Profile, known: &[&str]) -> Self {
        let mut lines = vec![Line::of(json!({"text": {"text": "SHOP"}}), &["SHOP"])];
        lines.extend((0..random.below(12)).map(|_| line(random, known)));
        let mut parts = Vec::new();
        for (name, make) in [("sale", sale as Make), ("slip", slip)] {
            if random.below(3) == 0 {
                let mut fields = Vec::new();
                let value = make(random, known, &mut fields);
                parts.push((name, value, fields));
            }
        }
        Self { profile, lines, parts }
    }

    pub fn json(&self) -> String {
        let lines: Vec<&Value> = self.lines.iter().map(|line| &line.value).collect();
        let mut receipt = json!({"version": 1, "lines": lines});
        for (name, value, _) in &self.parts {
            receipt[name] = value.clone();
        }
        receipt.to_string()
    }

    /// What the paper must have of its parts.
    pub fn fields(&self) -> impl Iterator<Item = &String> {
        self.parts.iter().flat_map(|(_, _, fields)| fields)
    }

    /// What readers say of its codes.
    pub fn codes(&self) -> Vec<(String, String)> {
        self.lines.iter().filter_map(|line| line.code.clone()).collect()
    }

    /// The same with less in it, from much less to a little less: without half of its lines, a part, a line, a field.
    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let mut without = |drop: &dyn Fn(&mut Self)| {
            let mut smaller = self.clone();
            drop(&mut smaller);
            all.push(smaller);
        };
        let half = self.lines.len().div_ceil(2);
        if half > 1 {
            without(&|receipt| receipt.lines.truncate(half));
            without(&|receipt| drop(receipt.lines.drain(1..half)));
        }
        (0..self.parts.len()).for_each(|part| without(&|receipt| drop(receipt.parts.remove(part))));
        (1..self.lines.len()).for_each(|line| without(&|receipt| drop(receipt.lines.remove(line))));
        for (at, (_, part, _)) in self.parts.iter().enumerate() {
            for key in part.as_object().into_iter().flat_map(|fields| fields.keys()) {
                without(&|receipt| {
                    let (_, part, fields) = &mut receipt.parts[at];
                    drop(part.as_object_mut().and_then(|part| part.remove(key)));
                    // What it stood for is not known; the other texts still have to be there.
                    fields.clear();
                });
            }
        }
        all
    }

    /// The smallest receipt found that `fails` as this one does: nothing can be left out of it any more.
    pub fn smallest(self, fails: impl Fn(&Self) -> bool) -> Self {
        let mut receipt = self;
        while let Some(smaller) = receipt.smaller().into_iter().find(&fails) {
            receipt = smaller;
        }
        receipt
    }
}
