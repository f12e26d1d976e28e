//! Bounded fuzzing of what takes bytes from strangers: the parser of receipts, the scanner of raw documents, the reader
//! of spooled copies, and this printer. Each input is made from a seed alone.
//!
//! `FUZZ_SEED` is where it begins (the failing one replays alone with `FUZZ_ROUNDS=1`), `FUZZ_ROUNDS` how many inputs.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
use common::Random;
use receiptd_document::{NoTypesetter, Profile, Rendered, Source, render as receiptd, scan};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};
use virtual_printer::{Model, parser::Parser, render};

/// Inputs are at most so long, bytes.
const INPUT_BYTES_MAX: usize = 64 * 1024;
/// What one input may take of each reader. Generous even for a debug build: most take
/// a millisecond, and what is quadratic takes minutes.
const TIME_MAX: Duration = Duration::from_secs(1);
/// The printer draws an input only up to this length: its dots are no parser.
const DRAWN_BYTES_MAX: usize = 2048;

fn corpus() -> Vec<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["../../daemon/document/examples", "../../daemon/document/tests/golden", "tests/foreign"];
    let mut files: Vec<_> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(here.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| ["json", "bin"].iter().any(|e| path.extension().is_some_and(|found| found == *e)))
        .collect();
    files.sort();
    let mut all: Vec<Vec<u8>> = files.iter().map(|path| std::fs::read(path).unwrap()).collect();
    // Copies as they are spooled.
    let spooled: Vec<Vec<u8>> = all
        .iter()
        .filter_map(|json| receiptd(Source::Json(json), &Profile::mm58(), &NoTypesetter).ok())
        .flat_map(|copies| copies.into_iter().map(|copy| copy.encode()))
        .collect();
    all.extend(spooled);
    all
}

fn input(corpus: &[Vec<u8>], seed: u64) -> Vec<u8> {
    let random = &mut Random::new(seed);
    let mut bytes = random.pick(corpus).clone();
    for _ in 0..random.below(6) + 1 {
        let at = random.below(bytes.len() + 1);
        let len = random.below(40).min(bytes.len() - at);
        match random.below(7) {
            0 => bytes.truncate(at),
            1 => bytes[at..at + len].fill(random.below(256) as u8),
            2 => drop(bytes.drain(at..at + len)),
            3 => {
                let other = random.pick(corpus);
                let from = random.below(other.len() + 1);
                let piece = other[from..(from + len + 20).min(other.len())].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            4 => {
                // A piece many times over: what is quadratic shows.
                let piece = bytes[at..at + len].repeat(random.below(400) + 1);
                drop(bytes.splice(at..at, piece));
            }
            5 => drop(bytes.splice(
                at..at,
                *random.pick(&[
                    *b"\x1d8L\xff\xff\xff\xff",
                    *b"\x1dv0\x00\xff\xff\xff",
                    *b"\x1d(k\xff\xff1P",
                    *b"\x1bW\xff\xff\xff\xff\xff",
                    *b"[[[[[[[",
                    *b"\x1c&\x81\x30\x81\x30\x0a",
                    *b"99999e9",
                ]),
            )),
            _ if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            _ => {}
        }
    }
    bytes.truncate(INPUT_BYTES_MAX);
    bytes
}

/// What must hold for a copy, as in daemon/document/tests/common.
fn check(copy: &Rendered, profile: &Profile) {
    let all = [&copy.body[..], &copy.tail].concat();
    let real_time = |w: &[u8]| matches!(w, [0x10, 4, 1..=8] | [0x10, 5, 0..=3] | [0x10, 0x14, _]);
    assert!(!all.windows(3).any(real_time), "a real-time command");
    let whole = scan::scan(&all, profile).unwrap();
    assert_eq!((whole.lines, whole.dots), (copy.lines, copy.dots));
    assert_eq!(whole.fence_points, copy.fence_points);
    assert!(whole.complete && whole.changes.is_empty());
    assert_eq!(Rendered::decode(&copy.encode()), Ok(Rendered { masked: 0, ..copy.clone() }));
}

fn timed(what: &str, work: impl FnOnce()) {
    let began = Instant::now();
    work();
    assert!(began.elapsed() < TIME_MAX, "{what} took {:?}", began.elapsed());
}

fn try_all(bytes: &[u8], model: &Model) {
    for profile in [Profile::mm58(), Profile::mm80()] {
        for source in [Source::Json(bytes), Source::Raw(bytes)] {
            timed("receiptd", || {
                if let Ok(copies) = receiptd(source, &profile, &NoTypesetter) {
                    copies.iter().for_each(|copy| check(copy, &profile));
                }
            });
        }
    }
    timed("Rendered::decode", || {
        let _ = Rendered::decode(bytes);
    });
    timed("the printer's parser", || Parser::new(true).push(bytes, &mut Vec::new()));
    if bytes.len() <= DRAWN_BYTES_MAX {
        timed("the printer", || {
            render(model, bytes, None).unwrap();
        });
    }
}

#[test]
fn no_input_makes_a_reader_panic_or_crawl() {
    let number = |name: &str, default| std::env::var(name).map_or(default, |n| n.parse().unwrap());
    let (seed, rounds): (u64, u64) = (number("FUZZ_SEED", 1), number("FUZZ_ROUNDS", 3000));
    let (corpus, model) = (corpus(), Model::named("epson-tm-t88vi").unwrap());
    assert!(corpus.len() > 100, "{}", corpus.len());
    eprintln!("FUZZ_SEED={seed} FUZZ_ROUNDS={rounds}");
    for seed in seed..seed + rounds {
        let bytes = input(&corpus, seed);
        if catch_unwind(AssertUnwindSafe(|| try_all(&bytes, &model))).is_err() {
            let file = std::env::temp_dir().join(format!("fuzz-{seed}.bin"));
            std::fs::write(&file, &bytes).unwrap();
            panic!(
                "FUZZ_SEED={seed} FUZZ_ROUNDS=1 cargo test -p virtual-printer --test fuzz; the input: {}",
                file.display()
            );
        }
    }
}
