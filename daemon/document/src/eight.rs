//! Searches that look at eight bytes at once. Most of a receipt is text, and each pass over it is a part of what an
//! acceptance costs; the compiler, told to make the daemon small, looks at one.

use core::num::NonZeroU64;

const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES * 0x80;

/// The high bits of the bytes of a word that are less than `limit`, at most 0x80: exact up to the lowest of them, behind which
/// a borrow may have set others.
const fn less(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(ONES * limit as u64) & !word & HIGH
}

/// Where the first byte is that `marks` finds in words and `is` in single bytes.
fn position(bytes: &[u8], marks: impl Fn(u64) -> u64, is: impl Fn(u8) -> bool) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        if let Some(found) = NonZeroU64::new(marks(u64::from_le_bytes(*word))) {
            return Some(at * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|byte| is(*byte)).map(|at| words.len() * 8 + at)
}

/// Where the first byte below 0x20 is.
pub(crate) fn control(bytes: &[u8]) -> Option<usize> {
    position(bytes, |word| less(word, 0x20), |byte| byte < 0x20)
}

/// Where the first such byte is.
pub(crate) fn first(bytes: &[u8], wanted: u8) -> Option<usize> {
    position(bytes, |word| less(word ^ (ONES * u64::from(wanted)), 1), |byte| byte == wanted)
}

/// Where the first byte is that is no printable character of ASCII, which are `' '..='~'`.
pub(crate) fn not_printable(bytes: &[u8]) -> Option<usize> {
    const DELETE: u64 = ONES * 0x7f;
    let marks = |word: u64| word & HIGH | less(word, 0x20) | less(word ^ DELETE, 1);
    position(bytes, marks, |byte| !matches!(byte, b' '..=b'~'))
}

/// Where the first byte is that is a digit of ASCII, a `C`, or no printable character of it.
pub(crate) fn not_dull(bytes: &[u8]) -> Option<usize> {
    const DELETE: u64 = ONES * 0x7f;
    let marks = |word: u64| {
        let digits = less(word ^ (ONES * b'0' as u64), 10);
        let c = less((word | (ONES * 0x20)) ^ (ONES * b'c' as u64), 1);
        word & HIGH | less(word, 0x20) | less(word ^ DELETE, 1) | digits | c
    };
    position(bytes, marks, |byte| !matches!(byte, b' '..=b'~') || matches!(byte, b'0'..=b'9' | b'C' | b'c'))
}

/// How many bytes are 0x80 or above.
pub(crate) fn high(bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks::<8>();
    // The product has the sum of all bytes, each 0 or 1 here, in its highest one: the oldest processors cannot count bits.
    let ones = |word: &[u8; 8]| ((u64::from_le_bytes(*word) & HIGH) >> 7).wrapping_mul(ONES) >> 56;
    words.iter().map(|word| ones(word) as u32).sum::<u32>()
        + rest.iter().map(|byte| u32::from(byte >> 7)).sum::<u32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_not_printable(byte: &u8) -> bool {
        !(b' '..=b'~').contains(byte)
    }

    fn is_not_dull(byte: &u8) -> bool {
        is_not_printable(byte) || byte.is_ascii_digit() || byte.eq_ignore_ascii_case(&b'c')
    }

    proptest::proptest! {
        #[test]
        fn eight_at_once_find_what_one_by_one_does(bytes in proptest::collection::vec(0x0e_u8..=0x82, 0..40), wanted: u8) {
            proptest::prop_assert_eq!(control(&bytes), bytes.iter().position(|byte| *byte < 0x20));
            proptest::prop_assert_eq!(first(&bytes, wanted), bytes.iter().position(|byte| *byte == wanted));
            proptest::prop_assert_eq!(first(&bytes, 0x10), bytes.iter().position(|byte| *byte == 0x10));
            proptest::prop_assert_eq!(not_printable(&bytes), bytes.iter().position(is_not_printable));
            proptest::prop_assert_eq!(not_dull(&bytes), bytes.iter().position(is_not_dull));
            proptest::prop_assert_eq!(high(&bytes), bytes.iter().filter(|byte| **byte >= 0x80).count() as u32);
        }
    }

    #[test]
    fn each_value_is_judged_at_each_place() {
        for value in 0..=255_u8 {
            for at in 0..9 {
                let mut bytes = [0x7f_u8; 9];
                bytes[at] = value;
                assert_eq!(control(&bytes), (value < 0x20).then_some(at), "{value:02x} at {at}");
                assert_eq!(high(&bytes), u32::from(value >= 0x80));
                let found = if value == 0x7f { 0 } else { at };
                assert_eq!(first(&bytes, value), Some(found));
                bytes.fill(b'~');
                bytes[at] = value;
                assert_eq!(not_printable(&bytes), is_not_printable(&value).then_some(at));
                assert_eq!(not_dull(&bytes), is_not_dull(&value).then_some(at));
            }
        }
    }
}
