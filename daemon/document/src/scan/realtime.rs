//! Real-time commands, which printers carry out wherever they stand, even inside the data of a picture.
//!
//! `DLE EOT n` (`10 04 01..08`, and `12` for interface units), `DLE ENQ n` (`10 05 00..03`) and
//! `DLE DC4 fn` (`10 14 ..`): Epson TM-T88III and TM-T90 specifications, "real-time commands". The
//! printer looks for them when bytes arrive, without regard to the command that is being received.

/// Offsets at which a real-time command begins, ascending. Overlapping ones are all named.
///
/// `10 14` counts whatever follows, because firmware differs in the functions it knows. A beginning at
/// the very end counts too: what follows the document could complete it.
pub(crate) fn find(bytes: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| crate::eight::first(rest, 0x10)) {
        let offset = from + at;
        if let Some(second) = bytes.get(offset + 1)
            && completes(*second, bytes.get(offset + 2).copied())
        {
            found.push(offset);
        }
        from = offset + 1;
    }
    found
}

/// Whether `10 second third` is one.
pub(crate) fn completes(second: u8, third: Option<u8>) -> bool {
    match second {
        0x04 => third.is_none_or(|n| matches!(n, 0x01..=0x08 | 0x12)),
        0x05 => third.is_none_or(|n| n <= 0x03),
        0x14 => true,
        _ => false,
    }
}

/// The first byte of a real-time command with one dot more: black beside the one that is black already,
/// where it is least seen. `18` begins no real-time command, and completes none either.
pub(crate) const BROKEN: u8 = 0x18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_all_and_overlapping() {
        assert_eq!(find(&[0, 0x10, 4, 1, 0x10, 5, 0, 0x10, 0x14, 0xff]), [1, 4, 7]);
        assert_eq!(find(&[0x10, 0x14, 0x10, 4, 8]), [0, 2]);
        assert_eq!(find(&[0x10, 4]), [0]);
        assert_eq!(find(&[0x10, 4, 9, 0x10, 5, 4, 0x10, 0x10, 0, 0x10]), [0_usize; 0]);
    }

    #[test]
    fn a_broken_one_is_none() {
        for second in 0..=255_u8 {
            for third in 0..=255_u8 {
                assert!(find(&[BROKEN, second, third]).iter().all(|at| *at == 1 && second == 0x10));
                assert!(!completes(BROKEN, Some(third)));
            }
        }
        assert!(!completes(4, Some(BROKEN)));
        assert!(!completes(5, Some(BROKEN)));
    }
}
