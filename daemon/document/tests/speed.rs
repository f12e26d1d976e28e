//! How long a slip takes. Not a test of the suite, since it measures the machine too:
//! `cargo test --release -p receiptd-document --test speed -- --ignored --nocapture`

#![allow(clippy::unwrap_used, reason = "a measurement")]

use std::hint::black_box;
use std::time::Instant;

use receiptd_document::{Profile, Source, render};

fn measure(name: &str, work: impl Fn()) {
    let times = 2000_u32;
    (0..times / 10).for_each(|_| work());
    let begin = Instant::now();
    (0..times).for_each(|_| work());
    println!("{name:24} {:8.1} µs", begin.elapsed().as_secs_f64() * 1e6 / f64::from(times));
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
    let narrow = Profile::mm58();
    measure("json, two, QR drawn", || drop(black_box(render(Source::Json(sale), &narrow).unwrap())));
    measure("raw", || drop(black_box(render(Source::Raw(&raw), &profile).unwrap())));
    measure("text", || drop(black_box(render(Source::Text(text), &profile).unwrap())));
    measure("encode", || drop(black_box(copies[0].encode())));
}
