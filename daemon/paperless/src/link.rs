//! A short signed name of a receipt: what a QR code on paper carries, so that the customer finds the receipt at
//! whoever hosts it, and the host knows that it is one of the merchant's.
//!
//! The payload is bytes in base32 without padding: capital letters and digits. They need no escapes in an address,
//! and a QR code packs them as tightly as digits and capitals go, 5.5 bits a character: 8.8 bits for a byte, where
//! base64 takes 10.7. Base45 would take 8.25, but has signs that an address does not.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version, 1 |
//! | 1 | number of the key |
//! | 4 | time, seconds since 2020-01-01 00:00 UTC, high byte first |
//! | 12 | the first bytes of SHA-256 over the copy's bytes, body and tail |
//! | 1 + n | length and bytes of the shop, ASCII: merchant and terminal, as the integrator names them |
//! | 0 or 4 to 13 | if there is an amount: three capital letters of its currency (ISO 4217), then the minor units, 7 bits a byte, low ones first, the high bit of each byte but the last set |
//! | 16 | the first bytes of HMAC-SHA256 over `receiptd-link` and all bytes before |
//!
//! HMAC and not a public-key signature: the host is the merchant's, so that one key on both sides is enough, and 16
//! bytes instead of 64 keep the code small. It shows that somebody with the key made the link, not that the
//! receipt was printed.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::limits::{KEY_BYTES_MAX, KEY_BYTES_MIN, PAYLOAD_CHARS_MAX, SHOP_BYTES_MAX, TEMPLATE_CHARS_MAX};

/// The version that is written.
const VERSION: u8 = 1;
/// What the signature begins with, so that one of another format is none of this.
const DOMAIN: &[u8] = b"receiptd-link";
/// Bytes of the document's hash.
pub const HASH_BYTES: usize = 12;
/// Bytes of the signature: 128 bits.
const TAG_BYTES: usize = 16;
/// 2020-01-01 00:00 UTC, in Unix seconds.
const EPOCH_S: u64 = 1_577_836_800;
/// What a template has where the payload goes.
const PLACE: &str = "{payload}";

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Number of the key, for the host that has several.
    pub key: u8,
    /// When the receipt was made, in Unix seconds.
    pub time_s: u64,
    /// The beginning of the hash over the bytes of the copy: see [`hash`].
    pub hash: [u8; HASH_BYTES],
    /// Merchant and terminal; may be empty.
    pub shop: String,
    /// The amount, if it shall be in the link.
    pub amount: Option<Amount>,
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// Three capital letters, ISO 4217.
    pub currency: [u8; 3],
    /// In the smallest unit of the currency.
    pub minor: u64,
}

/// Why there is no link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkError {
    /// The key has so many bytes.
    KeyLength(usize),
    /// The shop is too long, or has a character that is not printable ASCII.
    Shop,
    /// The currency is not three capital letters.
    Currency,
    /// The time is before 2020 or after 2156.
    Time,
    /// The template is no https address with `{payload}` once.
    Template,
    /// It is no payload: characters, length, version or fields are others.
    Payload,
    /// The version is one that is not known here.
    Version(u8),
    /// It was not made with this key, or was changed.
    Signature,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyLength(bytes) => {
                write!(f, "the key has {bytes} bytes; {KEY_BYTES_MIN} to {KEY_BYTES_MAX} are allowed")
            }
            Self::Shop => {
                write!(f, "the shop has to be printable ASCII of at most {SHOP_BYTES_MAX} characters")
            }
            Self::Currency => f.write_str("the currency has to be three capital letters (ISO 4217)"),
            Self::Time => f.write_str("the time has to be from 2020 to 2155"),
            Self::Template => write!(
                f,
                "the template has to be an https address of at most {TEMPLATE_CHARS_MAX} characters with {PLACE} in it once"
            ),
            Self::Payload => f.write_str("this is no link payload"),
            Self::Version(version) => {
                write!(f, "the payload has version {version}; this program knows version {VERSION}")
            }
            Self::Signature => {
                f.write_str("the signature is not of this key: the link was changed, or is of somebody else")
            }
        }
    }
}

impl std::error::Error for LinkError {}

impl LinkError {
    /// The same in Chinese.
    #[must_use]
    pub fn message_zh(&self) -> String {
        match self {
            Self::KeyLength(bytes) => {
                format!("密钥为 {bytes} 字节；允许 {KEY_BYTES_MIN} 到 {KEY_BYTES_MAX} 字节")
            }
            Self::Shop => format!("商户标识须为可打印 ASCII，最多 {SHOP_BYTES_MAX} 个字符"),
            Self::Currency => "币种须为三个大写字母（ISO 4217）".to_owned(),
            Self::Time => "时间须在 2020 年至 2155 年之间".to_owned(),
            Self::Template => {
                format!("网址模板须为 https 地址，最多 {TEMPLATE_CHARS_MAX} 个字符，且恰有一处 {PLACE}")
            }
            Self::Payload => "不是小票链接内容".to_owned(),
            Self::Version(version) => format!("链接版本为 {version}；本程序只支持版本 {VERSION}"),
            Self::Signature => "签名与密钥不符：链接被改动，或不属于该商户".to_owned(),
        }
    }
}

/// The beginning of SHA-256 over the bytes of a copy, body and tail.
#[must_use]
pub fn hash(body: &[u8], tail: &[u8]) -> [u8; HASH_BYTES] {
    let digest = Sha256::new().chain_update(body).chain_update(tail).finalize();
    let mut hash = [0; HASH_BYTES];
    hash.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    hash
}

fn tag(key: &[u8], bytes: &[u8]) -> Result<Hmac<Sha256>, LinkError> {
    if !(KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&key.len()) {
        return Err(LinkError::KeyLength(key.len()));
    }
    let mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| LinkError::KeyLength(key.len()))?;
    Ok(mac.chain_update(DOMAIN).chain_update(bytes))
}

impl Link {
    /// The payload, signed.
    ///
    /// # Errors
    /// A field or the key is out of bounds.
    pub fn sign(&self, key: &[u8]) -> Result<String, LinkError> {
        let time = self.time_s.checked_sub(EPOCH_S).and_then(|time| u32::try_from(time).ok());
        let mut bytes = vec![VERSION, self.key];
        bytes.extend_from_slice(&time.ok_or(LinkError::Time)?.to_be_bytes());
        bytes.extend_from_slice(&self.hash);
        if self.shop.len() > SHOP_BYTES_MAX || !is_shop(self.shop.as_bytes()) {
            return Err(LinkError::Shop);
        }
        bytes.push(self.shop.len() as u8);
        bytes.extend_from_slice(self.shop.as_bytes());
        if let Some(amount) = &self.amount {
            if !amount.currency.iter().all(u8::is_ascii_uppercase) {
                return Err(LinkError::Currency);
            }
            bytes.extend_from_slice(&amount.currency);
            let mut left = amount.minor;
            while left >= 0x80 {
                bytes.push(left as u8 | 0x80);
                left >>= 7;
            }
            bytes.push(left as u8);
        }
        let tag = tag(key, &bytes)?.finalize().into_bytes();
        bytes.extend(tag.iter().take(TAG_BYTES));
        Ok(BASE32_NOPAD.encode(&bytes))
    }

    /// Reads a payload and checks its signature, in a time that does not depend on where they differ.
    ///
    /// # Errors
    /// It is no payload, or not one of this key. Nothing of it must be believed then.
    pub fn verify(payload: &str, key: &[u8]) -> Result<Self, LinkError> {
        if payload.len() > PAYLOAD_CHARS_MAX {
            return Err(LinkError::Payload);
        }
        // Readers and people may have made small letters of it.
        let bytes =
            BASE32_NOPAD.decode(payload.to_ascii_uppercase().as_bytes()).map_err(|_| LinkError::Payload)?;
        let signed = bytes.len().checked_sub(TAG_BYTES).ok_or(LinkError::Payload)?;
        let (bytes, given) = bytes.split_at(signed);
        match bytes.first() {
            Some(&VERSION) => {}
            Some(&other) => return Err(LinkError::Version(other)),
            None => return Err(LinkError::Payload),
        }
        tag(key, bytes)?.verify_truncated_left(given).map_err(|_| LinkError::Signature)?;
        Self::fields(bytes).ok_or(LinkError::Payload)
    }

    fn fields(bytes: &[u8]) -> Option<Self> {
        let (&[_version, key, t0, t1, t2, t3], rest) = bytes.split_first_chunk::<6>()?;
        let (&hash, rest) = rest.split_first_chunk::<HASH_BYTES>()?;
        let (&len, rest) = rest.split_first()?;
        let (shop, rest) = rest.split_at_checked(len.into())?;
        (is_shop(shop) && shop.len() <= SHOP_BYTES_MAX).then_some(())?;
        let shop = String::from_utf8(shop.to_vec()).ok()?;
        let amount = match rest.split_first_chunk::<3>() {
            None if rest.is_empty() => None,
            None => return None,
            Some((&currency, units)) => Some(Amount { currency, minor: varint(units)? }),
        };
        let time_s = EPOCH_S + u64::from(u32::from_be_bytes([t0, t1, t2, t3]));
        Some(Self { key, time_s, hash, shop, amount })
    }
}

fn is_shop(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
}

/// A number of 7 bits a byte that is all of `bytes`, in its only form.
fn varint(bytes: &[u8]) -> Option<u64> {
    let (last, front) = bytes.split_last()?;
    let ends = front.iter().all(|byte| byte & 0x80 != 0) && last & 0x80 == 0;
    (ends && (front.is_empty() || *last != 0) && bytes.len() <= 10).then_some(())?;
    let mut value: u64 = 0;
    for (index, byte) in bytes.iter().enumerate() {
        let part = u64::from(byte & 0x7f);
        let shifted = part << (7 * index);
        (shifted >> (7 * index) == part).then_some(())?;
        value |= shifted;
    }
    Some(value)
}

/// Puts a payload into a template such as `https://r.example.com/{payload}`.
///
/// # Errors
/// The template is no https address of ASCII with `{payload}` in it once, behind the host.
pub fn url(template: &str, payload: &str) -> Result<String, LinkError> {
    let wrong = LinkError::Template;
    let (before, behind) = template.split_once(PLACE).ok_or(wrong)?;
    let https = before.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
    let host = before.get(8..).unwrap_or_default();
    let plain = template.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\`^|".contains(&byte));
    // Only one place, and none inside the host: a payload must not choose whose address it is.
    let once = !behind.contains(['{', '}']) && !before.contains(['{', '}']);
    let behind_host = host.find(['/', '?', '#']).is_some_and(|at| at > 0) && !host.contains('@');
    if https && plain && once && behind_host && template.len() <= TEMPLATE_CHARS_MAX {
        Ok(format!("{before}{payload}{behind}"))
    } else {
        Err(wrong)
    }
}

/// The payload in an address that was made with a template; the text itself if it is no address.
#[must_use]
pub fn payload_of<'a>(text: &'a str, template: Option<&str>) -> &'a str {
    let text = text.trim();
    if let Some((before, behind)) = template.and_then(|template| template.split_once(PLACE))
        && let Some(payload) = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind))
    {
        return payload;
    }
    // Without a template: the longest part that could be one.
    text.split(|c: char| !c.is_ascii_alphanumeric()).max_by_key(|part| part.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn link() -> Link {
        Link {
            key: 3,
            time_s: 1_795_789_925,
            hash: hash(b"body", b"tail"),
            shop: "898110154110023/01080209".into(),
            amount: Some(Amount { currency: *b"CNY", minor: 12_800 }),
        }
    }

    #[test]
    fn what_was_signed_is_read_again() {
        let payload = link().sign(&KEY).unwrap();
        assert_eq!(Link::verify(&payload, &KEY), Ok(link()));
        assert_eq!(Link::verify(&payload.to_lowercase(), &KEY), Ok(link()));
        assert!(payload.len() <= 106, "{}", payload.len());
        let small = Link { shop: String::new(), amount: None, ..link() };
        assert_eq!(small.sign(&KEY).unwrap().len(), 56);
    }

    #[test]
    fn another_key_or_another_character_is_refused() {
        let payload = link().sign(&KEY).unwrap();
        assert_eq!(Link::verify(&payload, &[8; 32]), Err(LinkError::Signature));
        for at in 0..payload.len() {
            let mut changed = payload.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(Link::verify(&changed, &KEY).is_err(), "{at}");
        }
        assert_eq!(Link::verify("", &KEY), Err(LinkError::Payload));
        assert_eq!(link().sign(&[7; 31]), Err(LinkError::KeyLength(31)));
    }

    #[test]
    fn fields_out_of_bounds_are_named() {
        assert_eq!(Link { shop: "店".into(), ..link() }.sign(&KEY), Err(LinkError::Shop));
        assert_eq!(Link { shop: "x".repeat(33), ..link() }.sign(&KEY), Err(LinkError::Shop));
        assert_eq!(Link { time_s: 0, ..link() }.sign(&KEY), Err(LinkError::Time));
        let amount = Some(Amount { currency: *b"cny", minor: 1 });
        assert_eq!(Link { amount, ..link() }.sign(&KEY), Err(LinkError::Currency));
        for error in [LinkError::Shop, LinkError::KeyLength(3), LinkError::Version(9), LinkError::Signature] {
            assert!(!error.to_string().is_empty() && !error.message_zh().is_ascii());
        }
    }

    #[test]
    fn a_template_takes_the_payload_behind_the_host_only() {
        assert_eq!(url("https://r.example.com/{payload}", "ABC").unwrap(), "https://r.example.com/ABC");
        assert_eq!(
            url("HTTPS://R.EXAMPLE.COM/?r={payload}&v=1", "ABC").unwrap(),
            "HTTPS://R.EXAMPLE.COM/?r=ABC&v=1"
        );
        for wrong in [
            "http://r.example.com/{payload}",
            "https://{payload}/",
            "https://{payload}.example.com/",
            "https://r.example.com/",
            "https://r.example.com/{payload}/{payload}",
            "https://r.example.com/{receipt}",
            "https://me@r.example.com/{payload}",
            "https:///{payload}",
            "https://r.example.com/ {payload}",
            "https://r.example.com/\"{payload}",
        ] {
            assert_eq!(url(wrong, "ABC"), Err(LinkError::Template), "{wrong}");
        }
        assert_eq!(
            payload_of("https://r.example.com/?r=ABC&v=1", Some("https://r.example.com/?r={payload}&v=1")),
            "ABC"
        );
        assert_eq!(payload_of("https://r.example.com/ABCDEFGHIJ", None), "ABCDEFGHIJ");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_link_is_read_again(
            key in any::<u8>(), time in any::<u32>(), hash in any::<[u8; HASH_BYTES]>(),
            shop in "[ -~]{0,32}", minor in proptest::option::of(any::<u64>()),
        ) {
            let amount = minor.map(|minor| Amount { currency: *b"EUR", minor });
            let link = Link { key, time_s: EPOCH_S + u64::from(time), hash, shop, amount };
            let payload = link.sign(&KEY).unwrap();
            prop_assert!(payload.len() <= PAYLOAD_CHARS_MAX);
            prop_assert_eq!(Link::verify(&payload, &KEY), Ok(link));
        }

        #[test]
        fn any_text_is_refused(text in "[A-Za-z2-7]{0,200}|.{0,40}") {
            prop_assert!(Link::verify(&text, &KEY).is_err());
        }
    }
}
