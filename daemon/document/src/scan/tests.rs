use super::*;

fn ok(bytes: &[u8]) -> Scan {
    scan(bytes, &Profile::mm80()).unwrap()
}

fn refused(bytes: &[u8]) -> DocumentError {
    scan(bytes, &Profile::mm80()).unwrap_err()
}

fn offsets(scan: &Scan) -> Vec<u32> {
    scan.fence_points.iter().map(|point| point.offset).collect()
}

#[test]
fn lines_paper_and_fences() {
    let scan = ok(b"\x1b@one\n\ntwo\n\x1d!\x11BIG\n\n\n\x1dV\x00");
    assert_eq!(scan.lines, 3);
    assert_eq!(offsets(&scan), [6, 11, 18]);
    assert_eq!(scan.fence_points[2], FencePoint { offset: 18, line: 3, dots: 30 * 3 + 48 });
    assert_eq!(scan.body_len, 18);
    assert_eq!(scan.dots, 30 * 5 + 48);
    assert!(scan.complete && scan.cut && !scan.drawer);
}

#[test]
fn the_feed_that_prints_the_last_line_is_body() {
    let scan = ok(b"total 5.00\x1bd\x05\x1dV\x00\x1bp\x00\x19\xfa");
    assert_eq!(scan.body_len, 13);
    assert_eq!(scan.dots, 5 * 30);
    assert!(scan.drawer);
}

#[test]
fn a_cut_in_the_middle_stays_in_the_body() {
    let bytes = b"one\n\x1dVA\x00two\n\x1dVA\x00";
    assert_eq!(ok(bytes).body_len, 12);
}

#[test]
fn a_line_that_is_not_ended_is_seen() {
    assert!(!ok(b"one\ntwo").complete);
    assert_eq!(ok(b"one\ntwo").body_len, 4);
}

#[test]
fn a_line_that_is_begun_is_not_proved_by_a_cut_or_a_picture() {
    assert!(!ok(b"one\ntwo\x1dV\x00").complete);
    let scan = ok(b"one\ntwo\x1dv0\x00\x01\x00\x01\x00\xff\nend\n");
    assert_eq!(offsets(&scan), [4, 17, 21]);
}

#[test]
fn long_lines_wrap_on_paper() {
    let exactly = [&[b'x'; 48][..], b"\n"].concat();
    assert_eq!((ok(&exactly).lines, ok(&exactly).dots), (1, 30));
    let more = [&[b'x'; 49][..], b"\n"].concat();
    assert_eq!((ok(&more).lines, ok(&more).dots), (2, 60));
}

#[test]
fn p3_a_picture_behind_a_line_that_is_dropped_has_its_proof() {
    // Whether the picture came out depends on the printer; the letter is dropped by ESC @.
    let stream = b"A\x1dv0\x00\x01\x00\x01\x00\xff\x1b@\x1dV\x01";
    let scan = ok(stream);
    assert_eq!((scan.lines, scan.complete, scan.body_len), (1, true, stream.len() - 3));
    assert_eq!(scan.fence_points.last().map(|point| point.offset as usize), Some(scan.body_len));
}

#[test]
fn bands_of_one_picture_share_a_fence() {
    let band = [&b"\x1dv0\x00\x02\x00\x40\x00"[..], &[0x55; 128]].concat();
    let three = ok(&[&b"head\n"[..], &band, &band, &band, b"foot\n"].concat());
    assert_eq!(offsets(&three), [5, 413, 418]);
    // 64 rows each: 12 fit in 100 mm, and a receipt that is all picture still has fences.
    let long = ok(&band.repeat(40));
    assert_eq!(long.fence_points.len(), 4);
    assert_eq!(long.fence_points.last().map(|point| point.offset as usize), Some(long.body_len));
    assert_eq!(long.dots, 40 * 64);
}

#[test]
fn a_block_behind_a_begun_line_has_its_fence_though_a_page_drops_the_line() {
    const CODE: &[u8] = b"a\x1d(k\x03\x00\x31\x51\x30";
    for page in [&b"\x1bL\n\x1b@"[..], b"\x1bL\n\x1bS", b"\x1bL\x1dk\x41\x0b01234567890\x1b@", b"\x1b@"] {
        let scan = scan(&[CODE, page].concat(), &Profile::mm80()).unwrap();
        assert_eq!(scan.lines, scan.fence_points.len() as u32, "{page:?}");
        assert_eq!(scan.fence_points.last().map(|point| point.offset as usize), Some(scan.body_len));
        assert!(scan.lines >= 1 && scan.body_len == CODE.len() + page.len(), "{page:?} {scan:?}");
    }
}

#[test]
fn no_fence_inside_a_page() {
    let bytes = b"\x1bL\x1bW\0\0\0\0\x40\x02\x00\x01one\ntwo\n\x0cafter\n";
    let scan = ok(bytes);
    assert_eq!(offsets(&scan), [21, 27]);
    assert_eq!(scan.fence_points[0].dots, 256);
    // Printed without leaving the mode: the place is where the mode is left.
    assert_eq!(offsets(&ok(b"\x1bLone\n\x1b\x0c\x1bS")), [10]);
    assert!(matches!(refused(b"x\n\x1bLone\n"), DocumentError::LeftOpen { offset: 2, .. }));
}

#[test]
fn truncated_commands_are_named() {
    let error = refused(b"abc\n\x1dv0\x00\x30\x00\x40\x00\x00");
    assert_eq!(error, DocumentError::Truncated { offset: 4, command: "GS v 0 (raster picture)" });
    assert!(error.to_string().contains("offset 4"));
    assert!(matches!(refused(b"abc\x1b"), DocumentError::Truncated { offset: 3, .. }));
    assert!(matches!(refused(b"\x1c&\xd6\xd0\xd6\n"), DocumentError::Truncated { offset: 4, .. }));
}

#[test]
fn other_formats_are_named() {
    for (bytes, format) in [
        (&b"%PDF-1.7\n"[..], "a PDF"),
        (b"%!PS-Adobe", "PostScript"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"PK\x03\x04rest", "a zip archive (or an office document)"),
        (b"\n <html>", "HTML"),
        (b" {\"version\": 1}", "JSON"),
        (b"{\n  \"version\": 1\n}\n", "JSON"),
    ] {
        let error = refused(bytes);
        assert_eq!(error.code(), "not-escpos");
        assert!(error.to_string().contains(format), "{error}");
    }
}

#[test]
fn unknown_bytes_are_named() {
    let error = refused(b"ab\n\x07\x01\x02\x03\x04");
    assert_eq!(error.to_string(), "unknown command at offset 3: 07 01 02 03 is not ESC/POS");
}

#[test]
fn what_is_the_daemons_or_dangerous_is_refused() {
    for bytes in [
        &b"\x10\x04\x01"[..],
        b"\x10\x05\x01",
        b"\x10\x14\x01\x00\x05",
        b"\x10\x14\x02\x01\x08",
        b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08",
        b"\x1b=\x02",
        b"\x1bu\x00",
        b"\x1bv",
        b"\x1da\x0f",
        b"\x1dI\x01",
        b"\x1dr\x01",
        b"\x1dg0\x00\x14\x00",
        b"\x1dg2\x00\x14\x00",
        b"\x1d(A\x02\x00\x00\x02",
        b"\x1d(C\x05\x00\x000000",
        b"\x1d(D\x03\x00\x14\x01\x01",
        b"\x1d(E\x03\x00\x01IN",
        b"\x1d(H\x06\x0000AAAA",
        b"\x1d(M\x02\x0001",
        b"\x1d(L\x02\x0000",
        b"\x1d(L\x05\x000AKK0",
        b"\x1d(k\x03\x001R0",
        b"\x1d:",
        b"\x1dz0\x00\x00",
        b"\x1cq\x01",
        b"\x1cg1",
        b"\x1c(e\x02\x003\x0f",
    ] {
        let bytes = [b"ab\n", bytes].concat();
        let error = refused(&bytes);
        assert!(matches!(error, DocumentError::Forbidden { offset: 3, .. }), "{bytes:02x?}: {error:?}");
        assert!(!error.message_zh().is_empty());
    }
}

#[test]
fn real_time_commands_in_pictures_are_changed_and_elsewhere_refused() {
    let scan = ok(b"\x1dv0\x00\x04\x00\x02\x00\x00\x10\x04\x01\x10\x14\x10\x05\x1d!\x00");
    // The last one lies at the end of the data, where the next byte could have completed it.
    assert_eq!(scan.changes, [9, 12]);
    let scan = ok(b"\x1dv0\x00\x04\x00\x01\x00\x00\x00\x10\x05\x00abc\n");
    assert_eq!(scan.changes, [10]);
    assert_eq!(
        refused(b"\x1d(k\x07\x001P0\x10\x05\x01a"),
        DocumentError::RealTimeInData { offset: 8, bytes: Hex::of(b"\x10\x05\x01") }
    );
    // A left margin of 1040 dots, then NUL .. : the printer sees DLE ENQ 0.
    assert!(matches!(refused(b"\x1dL\x10\x05\x00a\n"), DocumentError::RealTimeInData { offset: 2, .. }));
}

#[test]
fn limits_of_length() {
    assert_eq!(refused(&b"x\n".repeat(5000)).code(), "document-too-long");
    assert_eq!(refused(&b"\x1bJ\xff".repeat(5000)).code(), "document-too-long");
}

#[test]
fn qr_height_is_estimated_from_its_data() {
    // 11 bytes at level M: version 1, 21 modules of 4 dots.
    let bytes = b"\x1d(k\x03\x001C\x04\x1d(k\x03\x001E1\x1d(k\x0e\x001P0hello world\x1d(k\x03\x001Q0";
    assert_eq!((ok(bytes).lines, ok(bytes).dots), (1, 84));
}
