//! What holds for any input at all.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod common;
#[path = "common/native.rs"]
mod native;

use native::render;
use proptest::collection::vec;
use proptest::prelude::*;
use receiptd_document::{
    CardRule, CodePages, Cutter, KanjiMode, Mark, MarkReason, Profile, Rendered, Source, mark_bytes,
};
use receiptd_document::{mark_dots, scan};
use serde_json::{Value, json};

/// Profiles of all kinds.
fn profile() -> impl Strategy<Value = Profile> {
    (
        prop_oneof![Just(576_u16), Just(384), Just(512), 192..=1728_u16],
        prop_oneof![4 => Just(12_u8), 1 => 8..=24_u8],
        prop_oneof![3 => Just(KanjiMode::Gb18030), 1 => Just(KanjiMode::Gb2312), 1 => Just(KanjiMode::None)],
        prop_oneof![Just(Cutter::None), Just(Cutter::Partial), Just(Cutter::Full)],
        any::<(bool, bool)>(),
        0..=400_u16,
        prop_oneof![3 => Just(None), 1 => Just(Some(Profile::mm76()))],
    )
        .prop_map(|(dots, font_a_width, kanji, cutter, (native_qr, beep), feed_before_cut_dots, impact)| {
            match impact {
                Some(impact) => Profile { dots, kanji, cutter, beep, feed_before_cut_dots, ..impact },
                None => Profile {
                    dots,
                    font_a_width,
                    kanji,
                    cutter,
                    native_qr,
                    beep,
                    feed_before_cut_dots,
                    ..Profile::mm80()
                },
            }
        })
        .prop_filter("a profile that makes sense", |profile| profile.check().is_ok())
}

/// Text of which most can be printed.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ -~\t\n]{0,200}",
        3 => "[ a-zA-Z0-9,.、。()金额商户编号持卡人签名消费\t\n]{0,200}",
        1 => "[\u{4e00}-\u{9fa5} ]{0,100}",
        1 => any::<String>(),
    ]
}

/// Bytes in which real-time commands are likely.
fn picture_bytes(len: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![Just(0x10_u8), Just(4), Just(5), Just(0x14), Just(1), Just(0), any::<u8>()], len)
}

/// Whole ESC/POS commands, and rubbish.
fn command() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => "[ -~]{0,60}\n".prop_map(String::into_bytes),
        4 => vec(0x81..=0xfe_u8, 0..8),
        4 => prop::sample::select(vec![
            &b"\x1b@"[..], b"\x1ba\x01", b"\x1d!\x11", b"\x1c&", b"\x1c.", b"\x1bd\x03", b"\x1bJ\x40",
            b"\x1b3\x10", b"\x1b2", b"\n", b"\r\n", b"\x1dV\x00", b"\x1dVB\x00", b"\x1bp\x00\x19\xfa",
            b"\x1bL", b"\x1bW\0\0\0\0\x40\x02\x00\x01", b"\x0c", b"\x1b\x0c", b"\x1bS", b"\x18", b"\x09", b"\0",
            b"\x1d(k\x03\x001C\x06", b"\x1d(k\x06\x001P0abc", b"\x1d(k\x03\x001Q0", b"\x1dk\x04ABC\0",
            b"\x1cp\x01\0", b"\x1d(L\x02\x0002", b"\x1bM\x01", b"\x1dP\xb4\xb4",
        ]).prop_map(<[u8]>::to_vec),
        2 => (1..6_u8, 1..9_u8).prop_flat_map(|(x, y)| {
            picture_bytes(usize::from(x) * usize::from(y))
                .prop_map(move |data| [&[0x1d, b'v', b'0', 0, x, 0, y, 0][..], &data].concat())
        }),
        1 => (1..40_u8).prop_flat_map(|n| {
            picture_bytes(usize::from(n) * 3)
                .prop_map(move |data| [&[0x1b, b'*', 33, n, 0][..], &data, b"\n"].concat())
        }),
        1 => vec(any::<u8>(), 0..6),
    ]
}

fn line() -> impl Strategy<Value = Value> {
    let align = || prop::sample::select(vec!["left", "center", "right"]);
    let size = || {
        prop_oneof![
            Just(json!("normal")),
            Just(json!("double")),
            (1..=8, 1..=8).prop_map(|(width, height)| json!({"width": width, "height": height}))
        ]
    };
    let only =
        || prop_oneof![3 => Just(json!(["single", "merchant", "customer"])), 1 => Just(json!(["bank"]))];
    let printable = || "[ -~金额商户编号持卡人签名,。]{0,80}";
    prop_oneof![
        (printable(), align(), size(), any::<bool>(), only()).prop_map(|(text, align, size, on, only)| json!(
            {"text": {"text": text, "align": align, "size": size, "bold": on, "underline": !on, "reverse": on, "only": only}}
        )),
        (vec((printable(), 0..12_u8, align()), 1..5), any::<bool>()).prop_map(|(columns, bold)| {
            let columns: Vec<Value> = columns
                .into_iter()
                .map(|(text, width, align)| match width {
                    0..2 => json!({"text": text, "align": align}),
                    _ => json!({"text": text, "align": align, "width": width}),
                })
                .collect();
            json!({"columns": {"columns": columns, "bold": bold}})
        }),
        prop::sample::select(vec!["single", "double", "dotted"]).prop_map(|style| json!({"rule": {"style": style}})),
        (1..10).prop_map(|lines| json!({"space": {"lines": lines}})),
        (1..600).prop_map(|dots| json!({"feed": {"dots": dots}})),
        ("[ -~]{1,120}", align()).prop_map(|(data, align)| json!({"qr": {"data": data, "align": align}})),
        "[0-9]{12}".prop_map(|data| json!({"barcode": {"data": data, "type": "code128"}})),
        (1..40_u32, 1..40_u32).prop_flat_map(|(width, height)| {
            picture_bytes((width.div_ceil(8) * height) as usize)
                .prop_map(move |bits| json!({"logo": {"png_base64": png_of(width, height, &bits), "align": "left"}}))
        }),
        Just(json!({"cut": {}})),
        Just(json!({"drawer": {"pin": 5}})),
        Just(json!({"beep": {"times": 9}})),
    ]
}

/// A PNG of one bit per pixel whose raster data are the bytes (1 is black on paper, white in PNG).
fn png_of(width: u32, height: u32, bits: &[u8]) -> String {
    use base64::Engine as _;
    let inverted: Vec<u8> = bits.iter().map(|byte| !byte).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.write_header().unwrap().write_image_data(&inverted).unwrap();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Lines of a body that has no pictures and no sizes, without commands: one byte is one column.
fn lines_of(body: &[u8]) -> Vec<Vec<u8>> {
    let body = body.strip_prefix(b"\x1b@").unwrap();
    let mut body = body;
    for set_up in [&b"\x1b!\x01"[..], b"\x1c&", b"\x1cS\0\x04"] {
        body = body.strip_prefix(set_up).unwrap_or(body);
    }
    body.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// Columns of a Hanzi. A small one is spaced to two letters.
fn hanzi_columns(profile: &Profile) -> usize {
    if profile.hanzi_width < 24 { 2 } else { 24_usize.div_ceil(profile.font_a_width.into()) }
}

fn check_all(source: Source<'_>, profile: &Profile) -> Option<Vec<Rendered>> {
    match render(source, profile) {
        Ok(copies) => {
            copies.iter().for_each(|copy| common::check(copy, profile));
            Some(copies)
        }
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.message_zh().is_empty());
            None
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_of_text_is_longer_than_the_paper(text in text(), profile in profile()) {
        if let Some(copies) = check_all(Source::Text(&text), &profile) {
            let hanzi = hanzi_columns(&profile);
            for line in lines_of(&copies[0].body) {
                let pairs = encoding_rs::GB18030.decode_without_bom_handling(&line).0;
                let columns: usize = pairs.chars().map(|c| if c.is_ascii() { 1 } else { hanzi }).sum();
                prop_assert!(columns <= profile.columns().into(), "{columns} in {pairs:?}");
            }
        }
    }

    #[test]
    fn letters_of_code_pages_cost_no_room(text in "[ a-zà-ÿ金额Łřжя]{1,120}", profile in profile()) {
        // The same widths as of letters of ASCII, so the same lines.
        let pages = Profile { code_pages: CodePages::EPSON, ..profile };
        let ascii: String = text.chars().map(|c| if ('à'..='я').contains(&c) { 'x' } else { c }).collect();
        let lines = |text: &str| render(Source::Text(text), &pages).map(|copies| copies[0].lines).ok();
        if lines(&ascii).is_some() && !text.contains('÷') {
            prop_assert_eq!(lines(&text), lines(&ascii), "{}", ascii);
        }
    }

    #[test]
    fn all_that_is_printable_in_a_text_is_printed_in_order(text in "[ -~金额商户编号。\n]{1,300}") {
        if let Some(copies) = check_all(Source::Text(&text), &Profile::mm58()) {
            let body = encoding_rs::GB18030.decode_without_bom_handling(&copies[0].body[4..]).0;
            let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(solid(&body), solid(&CardRule::MASK.mask(&text)));
        }
    }

    #[test]
    fn any_bytes_of_any_kind_do_no_harm(bytes in vec(any::<u8>(), 0..600), profile in profile()) {
        check_all(Source::Raw(&bytes), &profile);
        check_all(Source::Json(&bytes), &profile);
        check_all(Source::Text(&String::from_utf8_lossy(&bytes)), &profile);
        let _ = Rendered::decode(&bytes);
    }

    #[test]
    fn any_stream_of_commands_is_cut_where_it_may_be(commands in vec(command(), 0..24), profile in profile()) {
        let bytes = commands.concat();
        if let Some(copies) = check_all(Source::Raw(&bytes), &profile) {
            // Verbatim but for the dots that were set and the line that was ended.
            let all = [&copies[0].body[..], &copies[0].tail].concat();
            prop_assert!(all.len() == bytes.len() || all.len() == bytes.len() + 1);
            let changed = all.iter().zip(&bytes).filter(|(now, then)| now != then).count();
            prop_assert!(changed as u32 == copies[0].changed_dots || copies[0].masked > 0);
        }
    }

    #[test]
    fn any_prefix_of_a_stream_is_refused_or_whole(commands in vec(command(), 1..8), end in any::<prop::sample::Index>()) {
        let bytes = commands.concat();
        let end = end.index(bytes.len() + 1);
        check_all(Source::Raw(&bytes[..end]), &Profile::mm80());
    }

    #[test]
    fn any_receipt_fits_the_paper(lines in vec(line(), 0..12), profile in profile(), cut in any::<bool>()) {
        let receipt = json!({"version": 1, "copies": ["merchant", "customer"], "lines": lines, "cut": cut});
        for copy in check_all(Source::Json(receipt.to_string().as_bytes()), &profile).unwrap_or_default() {
            // No line is left to the printer to break, whatever its size.
            prop_assert_eq!(scan::scan(&copy.body, &profile).unwrap().wrapped, 0);
        }
    }

    #[test]
    fn any_damage_to_a_receipt_is_an_error_or_a_receipt(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut json = include_bytes!("../examples/shop-receipt.json").to_vec();
        for (index, byte) in changes {
            let index = index.index(json.len());
            json[index] = byte;
        }
        check_all(Source::Json(&json), &Profile::mm80());
    }

    #[test]
    fn rows_of_columns_fit(columns in vec("[ -~金额商户编号]{0,40}", 1..8), profile in profile()) {
        let columns: Vec<Value> = columns.iter().map(|text| json!({"text": text, "align": "right"})).collect();
        let receipt = json!({"version": 1, "lines": [{"columns": {"columns": columns}}], "cut": false});
        if let Some(copies) = check_all(Source::Json(receipt.to_string().as_bytes()), &profile) {
            let hanzi = hanzi_columns(&profile);
            for line in lines_of(&copies[0].body) {
                let row = encoding_rs::GB18030.decode_without_bom_handling(&line).0;
                let width: usize = row.chars().map(|c| if c.is_ascii() { 1 } else { hanzi }).sum();
                prop_assert!(width <= profile.columns().into(), "{row:?}");
            }
        }
    }

    #[test]
    fn a_mark_always_says_that_it_is_one(
        copy_number in any::<u32>(),
        job_number in any::<String>(),
        time in any::<String>(),
        requested in any::<bool>(),
        profile in profile(),
    ) {
        let reason = if requested { MarkReason::Requested } else { MarkReason::Uncertain };
        let mark = Mark { copy_number, job_number: &job_number, time: &time, reason };
        let bytes = mark_bytes(&mark, &profile);
        let scanned = scan::scan(&bytes, &profile).unwrap();
        prop_assert!(scanned.complete && scanned.changes.is_empty() && scanned.lines >= 5);
        prop_assert_eq!(scanned.dots, mark_dots(&mark, &profile));
        prop_assert!(bytes.starts_with(b"\x1b@") && bytes.ends_with(b"\x1b@"));
        prop_assert!(bytes.windows(9).any(|window| window == b"DUPLICATE"));
        prop_assert_eq!(common::real_time(&bytes), None);
    }

    #[test]
    fn damage_to_a_spooled_copy_does_no_harm(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let copies = render(Source::Text("one\ntwo\n"), &Profile::mm80()).unwrap();
        let mut bytes = copies[0].encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(rendered) = Rendered::decode(&bytes) {
            prop_assert!(rendered.fence_points.iter().all(|p| p.offset as usize <= rendered.body.len()));
        }
    }
}
