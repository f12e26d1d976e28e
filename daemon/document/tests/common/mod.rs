//! What several tests need.

use receiptd_document::{Rendered, scan};

/// Where a real-time command begins in bytes: written again here, so that the crate does not judge itself.
pub fn real_time(bytes: &[u8]) -> Option<usize> {
    bytes.windows(3).position(|window| match window {
        [0x10, 0x04, n] => (1..=8).contains(n),
        [0x10, 0x05, n] => *n <= 3,
        [0x10, 0x14, _] => true,
        _ => false,
    })
}

/// What holds for every rendered copy of whatever document.
pub fn check(rendered: &Rendered, profile: &receiptd_document::Profile) {
    let all = [&rendered.body[..], &rendered.tail].concat();
    assert_eq!(real_time(&all), None, "a real-time command in {all:02x?}");
    // What was masked is told once, at acceptance, and is not spooled.
    let spooled = Rendered { masked: 0, ..rendered.clone() };
    assert_eq!(Rendered::decode(&rendered.encode()), Ok(spooled));
    let whole = scan::scan(&all, profile).expect("what was rendered scans");
    assert_eq!((whole.lines, whole.dots), (rendered.lines, rendered.dots));
    assert_eq!(whole.fence_points, rendered.fence_points);
    assert!(whole.complete && whole.changes.is_empty());
    if rendered.lines > 0 {
        assert_eq!(
            rendered.fence_points.last().map(|point| point.offset as usize),
            Some(rendered.body.len())
        );
    }
    // At every place for a fence the printer is between lines.
    for point in &rendered.fence_points {
        let prefix = scan::scan(&rendered.body[..point.offset as usize], profile).expect("a prefix scans");
        assert!(prefix.complete);
        assert_eq!(prefix.body_len, point.offset as usize);
        assert_eq!((prefix.lines, prefix.dots), (point.line, point.dots));
    }
}
