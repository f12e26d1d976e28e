//! receiptd's receipts on this printer: nothing is wrapped, lost or counted wrongly, whatever the receipt and the paper.
//!
//! `RECEIPTS_SEED` replays one case, `RECEIPTS_CASES` tries more of them. The examples have golden files of the
//! printer's own record (characters by cells, pictures by their dots), which depend on no font; `UPDATE_GOLDEN=1`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
use common::{Random, codes_on};
use receiptd_document::{CodePages, Cutter, KanjiMode, NoTypesetter, Profile, Source, render as receiptd};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use virtual_printer::{Model, Printed, Rendered, render};

/// A printer that is what the profile says.
fn model(profile: &Profile) -> Model {
    Model {
        dots: profile.dots.into(),
        kanji: profile.kanji != KanjiMode::None,
        qr: profile.native_qr,
        barcode: profile.native_barcode,
        cutter_distance: profile.feed_before_cut_dots.into(),
        cutter_ms: if profile.cutter == Cutter::None { 0 } else { 400 },
        ..Model::named("epson-tm-t88vi").unwrap()
    }
}

fn print(bytes: &[u8], profile: &Profile) -> Rendered {
    render(&model(profile), bytes, None).unwrap()
}

const ASCII: [&str; 9] = ["TOTAL", "a", "12.50", "RMB", "No.", "x2", "Espresso", "(each)", "----"];
const HANZI: [&str; 8] = ["金额", "商户编号", "签名：", "，", "合计（元）", "牛肉面", "￥", "。"];
/// Letters of the code pages, several to a word.
const EUROPE: [&str; 9] = ["señor", "Größe", "café", "чек", "Łódź", "příště", "£5", "Ørstedś", "naïveжđ"];

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

/// A line, and the texts that the paper must have for it, in order.
fn line(random: &mut Random, known: &[&str], codes: &mut Vec<(String, String)>) -> (Value, Vec<String>) {
    let align = *random.pick(&["left", "center", "right"]);
    let text = words(random, known);
    match random.below(10) {
        0..3 => {
            let (w, h) = (random.below(2) + 1, random.below(3) + 1);
            let size = json!({"width": w, "height": h});
            let (bold, reverse) = (random.below(2) == 0, random.below(4) == 0);
            let line = json!({"text": text, "align": align, "size": size, "bold": bold, "reverse": reverse});
            (json!({"text": line}), vec![text])
        }
        3 | 4 => {
            let right = words(random, known);
            (json!({"pair": {"left": text, "right": right}}), vec![text, right])
        }
        5 => {
            // One row only can be compared in the order of the paper: columns that wrap are interleaved.
            let cells = ["a1", "b2", "c3"];
            let columns: Vec<Value> =
                cells.iter().map(|cell| json!({"text": cell, "align": align})).collect();
            (json!({"columns": {"columns": columns}}), cells.map(str::to_owned).to_vec())
        }
        6 => (json!({"rule": {}}), Vec::new()),
        7 => (json!({"space": {"lines": random.below(3) + 1}}), Vec::new()),
        8 => {
            let (line, code) = barcode(random);
            codes.push(code);
            (line, Vec::new())
        }
        _ => {
            let data = format!("https://r.cn/{}", random.below(100_000));
            codes.push(("QR-Code".into(), data.clone()));
            (json!({"qr": {"data": data, "level": "L"}}), Vec::new())
        }
    }
}

/// A card number that must not come out whole.
const PAN: &str = "6225881234567890";

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
    let mm58 = random.below(2) == 0;
    let usual = if mm58 { Profile::mm58() } else { Profile::mm80() };
    Profile {
        dots: if random.below(2) == 0 { usual.dots } else { 300 + random.below(400) as u16 },
        kanji: *random.pick(&[KanjiMode::Gb18030, KanjiMode::Gb18030, KanjiMode::Gb2312, KanjiMode::None]),
        code_pages: if random.below(2) == 0 { CodePages::EPSON } else { CodePages::NONE },
        native_qr: random.below(2) == 0,
        native_barcode: random.below(2) == 0,
        cutter: *random.pick(&[Cutter::None, Cutter::Partial, Cutter::Full]),
        ..usual
    }
}

/// Characters without blanks.
fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// All characters on the paper without blanks, in the order of the paper.
fn characters(paper: &Rendered) -> String {
    paper
        .record
        .iter()
        .flat_map(|printed| match printed {
            Printed::Line { runs, .. } => runs.iter().map(|run| solid(&run.text)).collect(),
            _ => Vec::new(),
        })
        .collect()
}

/// One case; an error says what was wrong.
fn case(seed: u64) -> Result<(), String> {
    let random = &mut Random::new(seed);
    let profile = profile(random);
    let known = &vocabulary(&profile)[..];
    let mut codes = Vec::new();
    // Without it a receipt of empty texts would be refused as empty.
    let title = (json!({"text": {"text": "SHOP"}}), vec!["SHOP".to_owned()]);
    let others: Vec<_> = (0..random.below(12)).map(|_| line(random, known, &mut codes)).collect();
    let mut lines = vec![title.0];
    let mut texts = vec![title.1];
    for (line, text) in others {
        lines.push(line);
        texts.push(text);
    }
    let mut receipt = json!({"version": 1, "lines": lines});
    let mut fields = Vec::new();
    if random.below(3) == 0 {
        receipt["sale"] = sale(random, known, &mut fields);
    }
    if random.below(3) == 0 {
        receipt["slip"] = slip(random, known, &mut fields);
    }
    let receipt = receipt.to_string();
    let told = |what: String| format!("{what}\n{receipt}\n{profile:?}");
    let copies = receiptd(Source::Json(receipt.as_bytes()), &profile, &NoTypesetter)
        .map_err(|e| told(e.to_string()))?;
    let paper = print(&[&copies[0].body[..], &copies[0].tail].concat(), &profile);
    check(&paper, &profile).map_err(&told)?;
    // receiptd counts what carries something: an empty line is only feed.
    let carries = |piece: &&Printed| match piece {
        Printed::Line { runs, .. } => !runs.is_empty(),
        other => matches!(other, Printed::Image { .. } | Printed::Code { .. }),
    };
    // The characters of a barcode that the printer draws are a part of it.
    let below = |pair: &&[Printed]| matches!(pair, [Printed::Code { code, .. }, Printed::Line { .. }] if code.0 != "qr");
    let printed = paper.record.iter().filter(carries).count() - paper.record.windows(2).filter(below).count();
    if printed != copies[0].lines as usize {
        let record: Vec<String> = paper.record.iter().map(ToString::to_string).collect();
        return Err(told(format!("{printed} lines, and receiptd counts {}: {record:#?}", copies[0].lines)));
    }
    let all = characters(&paper);
    if let Some(missing) = fields.iter().find(|field| !all.contains(&solid(field))) {
        return Err(told(format!("{missing:?} is not in {all:?}")));
    }
    if all.contains(PAN) {
        return Err(told("a whole card number is on paper".to_owned()));
    }
    // The lines stand behind what was made of fields.
    let mut at = all.find("SHOP").unwrap_or_default();
    for text in texts.iter().flatten().map(|text| solid(text)) {
        let found =
            all[at..].find(&text).ok_or_else(|| told(format!("{text:?} is not in {:?}", &all[at..])))?;
        at += found + text.len();
    }
    // zbarimg takes a tenth of a second.
    if seed.is_multiple_of(16)
        && let Some(mut read) = codes_on(&paper)
    {
        read.sort();
        read.dedup();
        codes.sort();
        codes.dedup();
        if read != codes {
            return Err(told(format!("read {read:?} instead of {codes:?}")));
        }
    }
    Ok(())
}

/// What holds for every copy on the printer it was made for.
fn check(paper: &Rendered, profile: &Profile) -> Result<(), String> {
    if let Some(warning) = paper.warnings.iter().find(|w| !w.contains("font")) {
        return Err(format!("the printer says: {warning}"));
    }
    for piece in &paper.record {
        if let Printed::Line { broken, runs, .. } = piece
            && (*broken || runs.iter().any(|run| run.x + run.width > profile.dots.into()))
        {
            return Err(format!("a line is too long: {piece}"));
        }
    }
    Ok(())
}

#[test]
fn any_receipt_comes_out_whole_on_any_paper() {
    let seeds = match std::env::var("RECEIPTS_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => {
            let cases = std::env::var("RECEIPTS_CASES").map_or(400, |n| n.parse().unwrap());
            (0..cases).collect()
        }
    };
    for seed in seeds {
        if let Err(what) = case(seed) {
            panic!("RECEIPTS_SEED={seed} cargo test -p virtual-printer --test receipts\n{what}");
        }
    }
}

#[test]
fn the_paper_of_every_example_is_as_it_was() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut examples: Vec<PathBuf> = std::fs::read_dir(here.join("../../daemon/document/examples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    examples.sort();
    assert!(examples.len() >= 30);
    for path in examples {
        let json = std::fs::read(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        for (paper, profile) in [("58mm", Profile::mm58()), ("80mm", Profile::mm80())] {
            let mut now = String::new();
            for copy in receiptd(Source::Json(&json), &profile, &NoTypesetter).unwrap() {
                let printed = print(&[&copy.body[..], &copy.tail].concat(), &profile);
                check(&printed, &profile).unwrap_or_else(|what| panic!("{name} {paper}: {what}"));
                now += &format!("copy {}\n", copy.copy);
                now.extend(printed.record.iter().map(|piece| format!("{piece}\n")));
                // For a person: VP_KEEP=/some/dir keeps the pictures.
                if let Some(dir) = std::env::var_os("VP_KEEP") {
                    printed
                        .save_png(Path::new(&dir).join(format!("{name}-{paper}-{}.png", copy.copy)))
                        .unwrap();
                }
            }
            let golden = here.join(format!("tests/papers/{name}-{paper}.txt"));
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                std::fs::write(&golden, &now).unwrap();
            }
            let then = std::fs::read_to_string(&golden).unwrap_or_default();
            assert!(then == now, "{} is not what is printed now; UPDATE_GOLDEN=1\n{now}", golden.display());
        }
    }
}
