//! A shop's logo as JPEG: every usual kind of it is printed, and what is none is named.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use receiptd_document::limits::IMAGE_DOTS_MAX;
use receiptd_document::{
    DocumentError, NoTypesetter, Profile, Rendered, Source, TypesetError, Typesetter, render,
};
use receiptd_render::Painter;

/// 64 × 48 pixels: the left half black, the right one white with a red square of 8 × 8 in it.
const KINDS: [(&str, &[u8]); 6] = [
    ("baseline", include_bytes!("pictures/baseline.jpg")),
    ("progressive", include_bytes!("pictures/progressive.jpg")),
    ("grey", include_bytes!("pictures/grey.jpg")),
    ("cmyk", include_bytes!("pictures/cmyk.jpg")),
    ("rgb", include_bytes!("pictures/rgb.jpg")),
    ("restart markers", include_bytes!("pictures/restart.jpg")),
];

fn print(jpeg: &[u8], by: &dyn Typesetter) -> Result<Rendered, DocumentError> {
    let logo = STANDARD.encode(jpeg);
    let json = format!(
        r#"{{"version": 1, "lines": [{{"logo": {{"jpeg_base64": "{logo}", "dither": "threshold", "align": "left"}}}}]}}"#
    );
    render(Source::Json(json.as_bytes()), &Profile::mm80(), by).map(|mut copies| copies.remove(0))
}

#[test]
fn every_usual_kind_of_jpeg_is_unpacked() {
    for (kind, bytes) in KINDS {
        let grey =
            Painter::default().unpack_jpeg(bytes, IMAGE_DOTS_MAX).unwrap_or_else(|e| panic!("{kind}: {e}"));
        assert_eq!((grey.width, grey.height), (64, 48), "{kind}");
        let at = |x: usize, y: usize| grey.pixels[y * 64 + x];
        // Red (200, 0, 0) is 60 in grey.
        assert!(at(8, 8) < 20 && at(60, 40) > 235 && (40..100).contains(&at(48, 24)), "{kind}");
    }
}

#[test]
fn a_logo_is_on_paper_as_it_is_in_the_picture() {
    for (kind, bytes) in KINDS {
        let copy = print(bytes, &Painter::default()).unwrap();
        let begin = copy.body.windows(4).position(|four| four == [0x1d, b'v', b'0', 0]).unwrap();
        let row = usize::from(copy.body[begin + 4]);
        let rows = &copy.body[begin + 8..];
        assert_eq!(row, 8, "{kind}");
        // The left half is black, to the dot; the right one has its square.
        assert_eq!(rows[..8], [255, 255, 255, 255, 0, 0, 0, 0], "{kind}");
        assert!(
            rows[24 * row + 5..24 * row + 7].iter().map(|byte| byte.count_ones()).sum::<u32>() >= 7,
            "{kind}"
        );
    }
}

#[test]
fn what_is_none_or_half_of_one_or_too_large_is_named() {
    let whole = KINDS[0].1;
    let half = &whole[..whole.len() / 2];
    let mut large = whole.to_vec();
    // The frame header says its size (ITU-T T.81, B.2.2): marker, length, precision, rows, columns.
    let frame = large.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    large[frame + 5..frame + 9].fill(0xff);
    for (bytes, code, words) in [
        (&b"GIF89a"[..], "picture", "not a JPEG"),
        (b"\xff\xd8\xff\xe0 and nothing of it", "picture", "not a readable JPEG"),
        (half, "picture", "not a readable JPEG"),
        (&large, "picture-too-large", "65535 x 65535"),
    ] {
        let error = print(bytes, &Painter::default()).unwrap_err();
        let told = error.to_string();
        assert_eq!(error.code(), code, "{told}");
        assert!(told.contains("$.lines[0].logo.jpeg_base64") && told.contains(words), "{told}");
    }
    let undrawn = print(whole, &NoTypesetter).unwrap_err();
    assert!(undrawn.wants_drawing(), "{undrawn}");
    assert_eq!(
        Painter::default().unpack_jpeg(whole, 64 * 48 - 1),
        Err(TypesetError::PictureTooLarge { width: 64, height: 48 })
    );
}
