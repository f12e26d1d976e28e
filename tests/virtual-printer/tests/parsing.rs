//! The byte stream: cut anywhere, or random.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
use common::slip;
use proptest::prelude::*;
use virtual_printer::command::Command;
use virtual_printer::parser::Parser;
use virtual_printer::realtime::Scanner;
use virtual_printer::{Model, render};

/// Every command once, and then some.
fn everything() -> Vec<u8> {
    let mut out = slip();
    for piece in [
        &b"\x1b*\x21\x02\x00abcdef\x1b*\x00\x03\x00abc\x1bD\x08\x10\x00\ta\tb\n"[..],
        b"\x1bL\x1bW\x00\x00\x00\x00\x40\x02\x64\x00\x1bT\x01page\n\x1d$\x10\x00\x1d\\\xf0\xff\x1b\x0c\x18\x0c\x1bS",
        b"\x1dv0\x00\x02\x00\x03\x00abcdef\x1dv0\x03\x01\x00\x02\x00ab\x1dv0\x00\x00\x00\x05\x00",
        b"\x1d*\x01\x0212345678abcdefgh\x1d/\x00\x1cq\x02\x01\x00\x01\x0012345678\x01\x00\x01\x00abcdefgh\x1cp\x01\x00",
        b"\x1d(L\x0c\x000p0\x01\x011\x08\x00\x02\x00ab\x1d(L\x02\x00\x30\x32\x1d8L\x02\x00\x00\x00\x30\x32",
        b"\x1dk\x04CODE39\x00\x1dk\x43\x0c690123456789\x1dk\xffx",
        b"\x10\x04\x01\x10\x04\x07\x01\x10\x05\x02\x10\x14\x01\x00\x01\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08\x10\x10\x14\xff",
        b"\x1d(H\x06\x0000ABCD\x1da\x0e\x1dr\x01\x1dI\x01\x1dIA\x1dg2\x00\x14\x00\x1dg0\x00\x14\x00\x1d(D\x03\x00\x14\x02\x01",
        b"\x1bp\x00\x19\xfa\x1bB\x02\x03\x1bi\x1bm\x1dV\x00\x1dV1\x1dVA\x05\x1dVh\x05\x1dV\x63",
        b"\x1c&\xb2\xe2\x81\x30\x84\x36\xb2\x1f\x81\x30\x20\x81\x30\x81\xff\x1c!\x0c\x1cW\x01\x1cS\x01\x02\x1cC\x01\x1c.\xb2\x1b\xff\x1c\x01\x1d\x01",
        b"\x1b=\x01\x1b{\x01\x1bV\x01x\n\x1b \x04\x1b3\x20\x1b2\x1bt\x10\x1bR\x0f\x1b$\x20\x00\x1b\\\xf8\xff\x1bJ\x10\x1bd\x02\x1bv\x1bc5\x01\x1dP\x00\x00\x00\x1dL\x10\x00\x1dW\x00\x02",
    ] {
        out.extend_from_slice(piece);
    }
    out
}

fn whole(bytes: &[u8], kanji: bool) -> Vec<Command> {
    let mut out = Vec::new();
    Parser::new(kanji).push(bytes, &mut out);
    out
}

#[test]
fn split_at_any_byte_the_commands_are_the_same() {
    let bytes = everything();
    for kanji in [false, true] {
        let want = whole(&bytes, kanji);
        assert!(want.len() > 300);
        for at in 0..=bytes.len() {
            let mut parser = Parser::new(kanji);
            let mut got = Vec::new();
            parser.push(&bytes[..at], &mut got);
            parser.push(&bytes[at..], &mut got);
            assert!(got == want, "split at {at} changes the commands");
        }
        let mut parser = Parser::new(kanji);
        let mut got = Vec::new();
        bytes.iter().for_each(|b| parser.push(&[*b], &mut got));
        assert!(got == want, "byte by byte");
    }
}

#[test]
fn real_time_commands_are_found_wherever_the_stream_is_cut() {
    let bytes = everything();
    let mut scanner = Scanner::default();
    let found = bytes.iter().filter_map(|b| scanner.push(*b)).count();
    // Two status, one ENQ, one pulse, one clear; a process id and a GS r go by.
    assert_eq!(found, 7);
}

#[test]
fn everything_prints_without_a_panic_and_unknown_bytes_are_reported() {
    for model in Model::all().unwrap() {
        let rendered = render(&model, &everything(), None).unwrap();
        assert!(rendered.warnings.iter().any(|w| w.contains("unknown 1d01")), "{}", model.name);
    }
}

/// Random bytes that are commands often enough to get deep.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => any::<u8>(),
        2 => prop::sample::select(vec![0x1Bu8, 0x1C, 0x1D, 0x10, 0x0A, 0x0C, 0x00]),
        2 => prop::sample::select(b"!@aEGd23tRM(kLvVHpq*W$T&\x5c8g".to_vec()),
    ];
    prop::collection::vec(byte, 0..600)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic_and_splitting_never_matters(bytes in noise(), at in 0usize..600, kanji: bool) {
        let want = whole(&bytes, kanji);
        let at = at.min(bytes.len());
        let mut parser = Parser::new(kanji);
        let mut got = Vec::new();
        parser.push(&bytes[..at], &mut got);
        parser.push(&bytes[at..], &mut got);
        prop_assert!(got == want);
    }

    #[test]
    fn random_bytes_never_panic_the_interpreter(bytes in noise(), which in 0usize..5) {
        let models = Model::all().unwrap();
        render(&models[which % models.len()], &bytes, None).unwrap();
    }
}
