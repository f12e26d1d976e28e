//! How long a drawn receipt takes. Not a test of the suite, since it measures the machine too:
//! `cargo test --release -p receiptd-render --test speed -- --ignored --nocapture`

#![allow(clippy::unwrap_used, reason = "a measurement")]

use std::hint::black_box;
use std::time::Instant;

use receiptd_document::{Profile, Source, TextMode, render};
use receiptd_render::Painter;
use receiptd_render_client::Helper;

/// 53 lines of 30 dot rows: 80 x 200 mm.
const LINES: usize = 53;

#[test]
#[ignore = "a measurement, in release"]
fn a_receipt_of_200_mm_drawn() {
    let text: String = (0..LINES)
        .map(|line| {
            format!(
                "{line:02} 商品名称 Article 规格 {}          x{}  {}.{:02}\n",
                line * 7,
                line % 5,
                line * 13,
                line
            )
        })
        .collect();
    let profile = Profile { text: TextMode::Raster, ..Profile::mm80() };
    let painter = Painter::default();
    let helper =
        Helper::at(env!("CARGO_BIN_EXE_receiptd-render").into(), receiptd_render_client::Limits::DEFAULT);
    let begin = Instant::now();
    let copies = render(Source::Text(&text), &profile, &painter).unwrap();
    println!("first, fonts opened: {:?}, {} rows", begin.elapsed(), copies[0].dots);
    let best = |work: &dyn Fn()| {
        (0..50)
            .map(|_| {
                let begin = Instant::now();
                work();
                begin.elapsed()
            })
            .min()
            .unwrap()
    };
    println!(
        "again, here:        {:?}",
        best(&|| drop(black_box(render(Source::Text(&text), &profile, &painter).unwrap())))
    );
    let asked = || drop(black_box(render(Source::Text(&text), &profile, &helper.for_document()).unwrap()));
    let begin = Instant::now();
    asked();
    println!("first, by the program: {:?}", begin.elapsed());
    println!("again, by the program: {:?}", best(&asked));
}
