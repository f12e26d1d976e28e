//! The wrapping of every sled value: version, length, checksum over key and value. sled checks its pages,
//! but a page that is whole and old, or a value under the wrong key, only we can notice.
//!
//! ```text
//! version:u8  len:u16  crc32(key, value):u32  value[len]
//! ```

/// Bytes before the value.
pub const OVERHEAD: usize = 7;
const VERSION: u8 = 1;

/// Wraps a value.
pub fn wrap(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(OVERHEAD + value.len());
    out.push(VERSION);
    out.extend_from_slice(&(value.len() as u16).to_le_bytes());
    out.extend_from_slice(&checksum(key, value).to_le_bytes());
    out.extend_from_slice(value);
    out
}

/// Unwraps a value, or says what is wrong with it.
pub fn unwrap<'a>(key: &[u8], raw: &'a [u8]) -> Result<&'a [u8], String> {
    let (head, value) = raw.split_at_checked(OVERHEAD).ok_or_else(|| format!("only {} bytes", raw.len()))?;
    match head {
        [VERSION, l0, l1, c0, c1, c2, c3] => {
            let len = usize::from(u16::from_le_bytes([*l0, *l1]));
            if len != value.len() {
                return Err(format!("length {} instead of {len}", value.len()));
            }
            let (found, want) = (checksum(key, value), u32::from_le_bytes([*c0, *c1, *c2, *c3]));
            if found != want {
                return Err(format!("checksum {found:08x} instead of {want:08x}"));
            }
            Ok(value)
        }
        [version, ..] => Err(format!("envelope version {version}")),
        [] => Err("empty".to_owned()),
    }
}

fn checksum(key: &[u8], value: &[u8]) -> u32 {
    let mut h = crc32fast::Hasher::new();
    h.update(key);
    h.update(value);
    h.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_flipped_bit_and_no_foreign_key_passes() {
        let raw = wrap(b"key", b"the value");
        assert_eq!(unwrap(b"key", &raw), Ok(&b"the value"[..]));
        assert!(unwrap(b"kez", &raw).is_err());
        for bit in 0..raw.len() * 8 {
            let mut bad = raw.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(unwrap(b"key", &bad).is_err(), "bit {bit}");
        }
        for cut in 0..raw.len() {
            assert!(unwrap(b"key", &raw[..cut]).is_err());
        }
    }
}
