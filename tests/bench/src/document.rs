//! Documents: what it costs to make a slip into ESC/POS, to draw a whole receipt, and to look for card numbers; beside
//! python-escpos and receipt-printer-encoder doing the same, where they are installed.
//!
//! All in this process but for the drawing, which the program of the daemon does, asked as the daemon asks.

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use receiptd_document::{CardRule, NoTypesetter, Profile, Source, TextMode, Typesetter, render};
use receiptd_render_client::Helper;
use receiptd_system_tests::documents;
use serde::Deserialize;

use crate::report::{Bound, Row};
use crate::stats::Samples;
use crate::{Bench, Fallible};

const NAME: &str = "document";

/// Lines of a receipt of 80 × 200 mm: 53 of 30 dot rows.
const DRAWN_LINES: usize = 53;

/// Bytes of the text that is searched.
const SEARCHED_BYTES: usize = 100_000;

/// A font that has Chinese, for the other side of the comparison.
const FONTS: [&str; 2] = [
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
];

/// What this process has allocated, and at most. Counting costs each allocation some nanoseconds.
#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// What another library took, in microseconds.
#[derive(Debug, Deserialize)]
struct Others {
    slip: f64,
    raster: Option<f64>,
}

fn times(rounds: usize, work: impl Fn() -> Fallible<()>) -> Fallible<Samples> {
    // Caches and tables.
    work()?;
    let mut taken: Vec<Duration> = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let begin = Instant::now();
        work()?;
        taken.push(begin.elapsed());
    }
    Ok(Samples::micros(taken))
}

fn make(source: Source<'_>, profile: &Profile, by: &dyn Typesetter) -> Fallible<()> {
    let copies = render(source, profile, by)?;
    black_box(&copies);
    Ok(())
}

/// Kilobytes that were allocated at the same time beyond what was before.
fn peak_kb(work: impl FnOnce() -> Fallible<()>) -> Fallible<f64> {
    ALLOCATED.reset_peak_usage();
    let before = ALLOCATED.current_usage();
    work()?;
    Ok(ALLOCATED.peak_usage().saturating_sub(before) as f64 / 1024.0)
}

fn drawn_text() -> String {
    (0..DRAWN_LINES).fold(String::new(), |mut text, line| {
        let (a, b, c) = (line * 7, line % 5, line * 13);
        // Writing to a string does not fail.
        let _: std::fmt::Result =
            writeln!(text, "{line:02} 商品名称 Article 规格 {a}          x{b}  {c}.{line:02}");
        text
    })
}

/// Text as it is worst: order numbers, amounts, dates, and no card number in it.
fn searched_text() -> String {
    let mut text = String::with_capacity(SEARCHED_BYTES + 80);
    let mut line = 0_u64;
    while text.len() < SEARCHED_BYTES {
        line += 1;
        let order = 202_611_270_000 + line * 37;
        let _: std::fmt::Result =
            writeln!(text, "单号 {order}  商品 Article  x2  {}.50  2026-11-27 14:32:05", line * 3);
    }
    text
}

/// Asks another library, if it is there. Its error says how to get it.
fn others(program: &str, arguments: &[&str]) -> Result<Others, String> {
    let output =
        Command::new(program).args(arguments).output().map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "{program}: {}",
            said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("failed")
        ));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

/// The bench.
pub fn document(bench: &mut Bench) -> Fallible<()> {
    let profile = Profile::mm80();
    let rounds = if bench.quick { 300 } else { 3_000 };
    let mut slip_us = 0.0;
    for (what, json) in [
        ("a slip by its fields, two copies", documents::SLIP),
        ("a slip by its lines, two copies", documents::UNIONPAY_SALE),
    ] {
        let work = || make(Source::Json(json.as_bytes()), &profile, &NoTypesetter);
        let taken = times(rounds, work)?;
        slip_us = if slip_us == 0.0 { taken.p50() } else { slip_us };
        let note = format!("p99 {:.0} us; JSON to bytes, card numbers searched", taken.p99());
        bench.report.row(Row::new(NAME, what, (taken.p50(), "us"), Bound::AtMost(200.0), note));
        let peak = peak_kb(work)?;
        let note = "the bytes of its copies included";
        bench.report.row(Row::new(NAME, format!("{what}: memory"), (peak, "KB"), Bound::AtMost(64.0), note));
    }
    let text = drawn_text();
    let drawn = Profile { text: TextMode::Raster, ..profile.clone() };
    let helper = Helper::default();
    let begin = Instant::now();
    make(Source::Text(&text), &drawn, &helper.for_document())?;
    let first = begin.elapsed().as_secs_f64() * 1e3;
    let taken = times(rounds / 30, || make(Source::Text(&text), &drawn, &helper.for_document()))?;
    let raster_ms = taken.p50() / 1e3;
    let note = format!("the first, program started and fonts opened: {first:.0} ms");
    bench.report.row(Row::new(NAME, "80 x 200 mm drawn whole", (raster_ms, "ms"), Bound::AtMost(15.0), note));
    let text = searched_text();
    let found = CardRule::MASK.mask(&text) != text;
    let taken = times(rounds / 10, || {
        black_box(CardRule::MASK.mask(black_box(&text)));
        Ok(())
    })?;
    let note = if found {
        "something was masked: the figure is of another work"
    } else {
        "12 digits in each line, nothing to mask"
    };
    let search = Row::new(
        NAME,
        "search for card numbers, 100 KB",
        (taken.p50() / 1e3, "ms"),
        Bound::AtMost(1.0),
        note,
    );
    bench.report.row(search);
    compare(bench, slip_us, raster_ms * 1e3);
    Ok(())
}

/// Ratios to others, taken in the same run.
fn compare(bench: &mut Bench, slip_us: f64, raster_us: f64) {
    let font = FONTS.into_iter().find(|font| std::path::Path::new(font).is_file()).unwrap_or(FONTS[0]);
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    match others(&python, &["-c", include_str!("others/python_escpos.py"), font]) {
        Ok(others) => {
            let ratio = |ours: f64, theirs: f64| (theirs / ours, format!("it takes {theirs:.0} us"));
            let (times, note) = ratio(slip_us, others.slip);
            bench.report.row(Row::new(
                NAME,
                "python-escpos, a slip of two copies",
                (times, "x ours"),
                Bound::Told,
                note,
            ));
            if let Some(theirs) = others.raster {
                let (times, note) = ratio(raster_us, theirs);
                bench.report.row(Row::new(
                    NAME,
                    "python-escpos, 80 x 200 mm drawn",
                    (times, "x ours"),
                    Bound::Told,
                    note,
                ));
            }
        }
        Err(why) => bench.report.skip(
            NAME,
            &format!("python-escpos ({why}); pip install python-escpos, PYTHON says which python"),
        ),
    }
    match others("node", &["-e", include_str!("others/receipt_printer_encoder.cjs")]) {
        Ok(others) => {
            let note = format!("it takes {:.0} us", others.slip);
            let times = others.slip / slip_us;
            bench.report.row(Row::new(NAME, "receipt-printer-encoder, the same slip", (times, "x ours"), Bound::Told, note));
        }
        Err(why) => bench.report.skip(
            NAME,
            &format!("receipt-printer-encoder ({why}); npm install @point-of-sale/receipt-printer-encoder iconv-lite, NODE_PATH says where"),
        ),
    }
}
