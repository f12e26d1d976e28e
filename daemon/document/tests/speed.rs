//! How long a slip takes. Not a test of the suite, since it measures the machine too:
//! `cargo test --release -p receiptd-document --test speed -- --ignored --nocapture`

#![allow(clippy::unwrap_used, reason = "a measurement")]

#[path = "common/native.rs"]
mod native;

use std::hint::black_box;
use std::time::{Duration, Instant};

use native::render;
use receiptd_document::template::{Date, Template, Templates};
use receiptd_document::{CardRule, NoTypesetter, Profile, Source, render_with};

/// The best of many: whatever else the machine does makes it only slower.
fn measure(name: &str, work: impl Fn()) {
    let start = Instant::now();
    let best = (0..3000)
        .take_while(|_| start.elapsed() < Duration::from_secs(2))
        .map(|_| {
            let begin = Instant::now();
            work();
            begin.elapsed()
        })
        .min()
        .unwrap();
    println!("{name:24} {:8.1} µs", best.as_secs_f64() * 1e6);
}

/// A PNG in shades of grey.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let shade = |at: u32| ((at % width).abs_diff(width / 2) + (at / width).abs_diff(height / 2)) as u8;
    let pixels: Vec<u8> = (0..width * height).map(shade).collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

#[test]
#[ignore = "a measurement, in release"]
fn a_slip() {
    let sale = include_bytes!("../examples/unionpay-sale.json");
    let profile = Profile::mm80();
    let copies = render(Source::Json(sale), &profile).unwrap();
    let raw = [&copies[0].body[..], &copies[0].tail].concat();
    let text = include_str!("../examples/notice.txt");
    println!("json {} bytes, raw {} bytes, text {} bytes", sale.len(), raw.len(), text.len());
    measure("json, two copies", || drop(black_box(render(Source::Json(sale), &profile).unwrap())));
    let coffee = include_str!("../../../dist/templates.d/coffee.toml.example");
    let coffee = Template::parse("coffee", coffee, &mut |_| Ok(Vec::new())).unwrap();
    let (templates, day) = (Templates::new(vec![coffee], Vec::new()), Date::new(2026, 12, 24).unwrap());
    let slip = include_bytes!("../examples/slip-sale.json");
    let with = || render_with(Source::Json(slip), &profile, &NoTypesetter, &templates, day).unwrap();
    assert!(with().dressed.is_some_and(|dressed| dressed.copies.is_ok()));
    measure("slip, two copies", || drop(black_box(render(Source::Json(slip), &profile).unwrap())));
    measure("slip, with a template", || drop(black_box(with())));
    // With a logo in grey as wide as the paper, as a shop's designer hands it over.
    let logo = include_str!("../../../dist/templates.d/coffee.toml.example").replace("#{logo", "{logo");
    let logo = Template::parse("coffee", &logo, &mut |_| Ok(picture(576, 240))).unwrap();
    let with_logo = Templates::new(vec![logo], Vec::new());
    let with = || render_with(Source::Json(slip), &profile, &NoTypesetter, &with_logo, day).unwrap();
    assert!(with().dressed.is_some_and(|dressed| dressed.copies.is_ok()));
    measure("slip, template with logo", || drop(black_box(with())));
    let narrow = Profile::mm58();
    measure("json, two, QR drawn", || drop(black_box(render(Source::Json(sale), &narrow).unwrap())));
    measure("raw", || drop(black_box(render(Source::Raw(&raw), &profile).unwrap())));
    measure("text", || drop(black_box(render(Source::Text(text), &profile).unwrap())));
    let long = "金额 12.00 参考号 012345678901 卡号 622202******0005\n".repeat(1700);
    println!("card scan over {} bytes", long.len());
    measure("card scan", || drop(black_box(CardRule::MASK.mask(&long))));
    // A line as it is worst, as in `make bench`.
    let orders = |line: u64| {
        let order = 202_611_270_000 + line * 37;
        format!("单号 {order}  商品 Article  x2  {}.50  2026-11-27 14:32:05\n", line * 3)
    };
    let orders: String = (1..1400).map(orders).collect();
    println!("card scan over {} bytes", orders.len());
    measure("card scan, order numbers", || drop(black_box(CardRule::MASK.mask(&orders))));
    let runs = "4000123456789012".repeat(6_250);
    measure("card scan, one number", || drop(black_box(CardRule::MASK.mask(&runs))));
    let fours = "4123 ".repeat(20_000);
    measure("card scan, fours", || drop(black_box(CardRule::MASK.mask(&fours))));
    let figures = "4 1 2 3 4 5 6 7 8 9 ".repeat(5_000);
    measure("card scan, figures only", || drop(black_box(CardRule::MASK.mask(&figures))));
    measure("encode", || drop(black_box(copies[0].encode())));
}
