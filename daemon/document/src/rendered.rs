//! One copy, ready to be spooled, and its form in the spool.
//!
//! The bytes of a copy are fixed when the document is accepted: a reprint years later, by another
//! version of this crate, prints the same. So the spool's form has a schema byte in front and a frozen
//! struct per schema. Checksums and files are left to the store.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use postcard::ser_flavors::Flavor;
use postcard::serialize_with_flavor;
use serde::{Deserialize, Serialize};

/// What an app handed in.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// ESC/POS bytes, printed as they are (see [`crate::scan`] for what is refused).
    Raw(&'a [u8]),
    /// Plain text, UTF-8, lines ended by `\n` or `\r\n`.
    Text(&'a str),
    /// A JSON receipt (see [`crate::receipt`]).
    Json(&'a [u8]),
}

/// Whose copy it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CopyLabel {
    /// The only copy; no label is printed.
    Single,
    /// 商户存根
    Merchant,
    /// 持卡人存根
    Customer,
    /// 银行存根
    Bank,
}

impl CopyLabel {
    /// All labels, in the order of declaration.
    pub const ALL: [Self; 4] = [Self::Single, Self::Merchant, Self::Customer, Self::Bank];

    /// The name in JSON, in the spool and on D-Bus.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Merchant => "merchant",
            Self::Customer => "customer",
            Self::Bank => "bank",
        }
    }
}

impl fmt::Display for CopyLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A copy label that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownCopyLabel;

impl fmt::Display for UnknownCopyLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a copy label; there are `single`, `merchant`, `customer` and `bank`")
    }
}

impl std::error::Error for UnknownCopyLabel {}

impl FromStr for CopyLabel {
    type Err = UnknownCopyLabel;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|label| label.as_str() == name).ok_or(UnknownCopyLabel)
    }
}

/// A place in a body where a fence may be inserted: after a complete printed line, at the start of a
/// line, in standard mode, never inside a command, a page or a macro.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FencePoint {
    /// Byte offset in the body.
    pub offset: u32,
    /// Printed lines up to here.
    pub line: u32,
    /// Paper used up to here, in dot rows of 1/8 mm. An estimate for raw documents.
    pub dots: u32,
}

/// The text of a line that was drawn: on paper it is a picture, and elsewhere it should still be text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// Byte offset in the body at which its picture begins.
    pub offset: u32,
    /// Dot rows of its picture.
    pub rows: u16,
    /// What it says, with blanks where it stands apart.
    pub text: String,
}

/// One copy, ready to be spooled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Whose copy it is.
    pub copy: CopyLabel,
    /// For lists of jobs: the title of the receipt or its first line, at most
    /// [`crate::limits::TITLE_CHARS_MAX`] characters. Empty for raw documents.
    pub title: String,
    /// Everything that carries the receipt. It ends with the last printed line. It need not begin
    /// with `ESC @` when the document was raw; see [`crate::INIT`].
    pub body: Vec<u8>,
    /// Where fences may be put, ascending. If anything is printed, the last one is the end of the body.
    pub fence_points: Vec<FencePoint>,
    /// What follows the body and carries nothing: final feed, cut, drawer kick.
    pub tail: Vec<u8>,
    /// Printed lines of the body.
    pub lines: u32,
    /// Paper used by body and tail, in dot rows of 1/8 mm. An estimate for raw documents.
    pub dots: u32,
    /// Dots of pictures that were set so that no real-time command stays hidden in their data.
    pub changed_dots: u32,
    /// Card numbers that were masked. Only for whoever rendered it: it is not spooled.
    pub masked: u32,
    /// The texts of the lines that were drawn, ascending.
    pub drawn: Vec<Drawn>,
}

/// Why bytes from the spool are not a [`Rendered`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// There are no bytes.
    Empty,
    /// The schema byte is of a newer version (or the bytes are something else).
    UnknownSchema {
        /// The schema byte that was found.
        found: u8,
    },
    /// The bytes do not have the form of their schema.
    Damaged,
    /// The bytes have the form, but contradict themselves: what is named.
    Inconsistent(&'static str),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a rendered copy of no bytes"),
            Self::UnknownSchema { found } => {
                write!(f, "rendered copy has schema {found}; this version reads up to {SCHEMA_DRAWN}")
            }
            Self::Damaged => f.write_str("rendered copy is damaged"),
            Self::Inconsistent(what) => write!(f, "rendered copy contradicts itself: {what}"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// The schema that is written where nothing was drawn, so that an older version reads it.
const SCHEMA: u8 = 1;

/// The schema that is written where something was drawn: schema 1, and behind it the texts.
const SCHEMA_DRAWN: u8 = 2;

/// Schema 1. Frozen: a change of any kind is another schema.
#[derive(Serialize, Deserialize)]
struct V1<'a> {
    copy: CopyLabel,
    title: &'a str,
    #[serde(with = "serde_byte_slice")]
    body: &'a [u8],
    fence_points: Cow<'a, [FencePoint]>,
    #[serde(with = "serde_byte_slice")]
    tail: &'a [u8],
    lines: u32,
    dots: u32,
    changed_dots: u32,
}

/// A slice as bytes, not as a sequence: one copy instead of one call per byte.
mod serde_byte_slice {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'de [u8], D::Error> {
        <&'de [u8]>::deserialize(deserializer)
    }
}

/// The end of a vector. postcard's own way to go on with one takes it for any collection, and so a byte at a time.
struct Onto(Vec<u8>);

impl Flavor for Onto {
    type Output = Vec<u8>;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Vec<u8>> {
        Ok(self.0)
    }
}

impl Rendered {
    /// The form in the spool: one schema byte, then the fields.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let record = V1 {
            copy: self.copy,
            title: &self.title,
            body: &self.body,
            fence_points: Cow::Borrowed(&self.fence_points),
            tail: &self.tail,
            lines: self.lines,
            dots: self.dots,
            changed_dots: self.changed_dots,
        };
        let mut out = Vec::with_capacity(
            self.body.len() + self.tail.len() + self.title.len() + self.fence_points.len() * 8 + 32,
        );
        out.push(if self.drawn.is_empty() { SCHEMA } else { SCHEMA_DRAWN });
        // Writing into memory fails for no value of these types. Should it, the bytes do not decode:
        // the store reads back what it wrote and would report it.
        let out = serialize_with_flavor(&record, Onto(out)).unwrap_or_default();
        if self.drawn.is_empty() {
            out
        } else {
            serialize_with_flavor(&self.drawn, Onto(out)).unwrap_or_default()
        }
    }

    /// Reads what [`Rendered::encode`] of this or an older version wrote.
    ///
    /// # Errors
    /// The bytes are of a newer schema, damaged, or contradict themselves.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (&schema, rest) = bytes.split_first().ok_or(DecodeError::Empty)?;
        if !matches!(schema, SCHEMA | SCHEMA_DRAWN) {
            return Err(DecodeError::UnknownSchema { found: schema });
        }
        let (record, rest) = postcard::take_from_bytes::<V1<'_>>(rest).map_err(|_| DecodeError::Damaged)?;
        let (drawn, rest) = match schema {
            SCHEMA => (Vec::new(), rest),
            _ => postcard::take_from_bytes::<Vec<Drawn>>(rest).map_err(|_| DecodeError::Damaged)?,
        };
        if !rest.is_empty() {
            return Err(DecodeError::Inconsistent("bytes follow its end"));
        }
        let ascending = record.fence_points.windows(2).all(|pair| pair[0].offset < pair[1].offset);
        let inside =
            record.fence_points.last().is_none_or(|point| point.offset as usize <= record.body.len());
        if !ascending || !inside {
            return Err(DecodeError::Inconsistent("its fence points do not ascend inside its body"));
        }
        Ok(Self {
            copy: record.copy,
            title: record.title.to_owned(),
            body: record.body.to_vec(),
            fence_points: record.fence_points.into_owned(),
            tail: record.tail.to_vec(),
            lines: record.lines,
            dots: record.dots,
            changed_dots: record.changed_dots,
            masked: 0,
            drawn,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Rendered {
        Rendered {
            copy: CopyLabel::Merchant,
            title: "签购单".into(),
            body: b"\x1b@abc\n".to_vec(),
            fence_points: vec![FencePoint { offset: 6, line: 1, dots: 30 }],
            tail: b"\x1dV\x01".to_vec(),
            lines: 1,
            dots: 150,
            changed_dots: 0,
            masked: 0,
            drawn: Vec::new(),
        }
    }

    #[test]
    fn comes_back_as_it_was() {
        assert_eq!(Rendered::decode(&sample().encode()), Ok(sample()));
        let mut drawn = sample();
        drawn.drawn.push(Drawn { offset: 2, rows: 30, text: "ขอบคุณ".into() });
        assert_eq!(Rendered::decode(&drawn.encode()), Ok(drawn));
    }

    #[test]
    fn schema_1_is_frozen() {
        let hex: String = sample().encode().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "010109e7adbee8b4ade58d95061b406162630a0106011e031d5601019601".to_owned() + "00");
    }

    #[test]
    fn damage_is_found() {
        let mut drawn = sample();
        drawn.drawn.push(Drawn { offset: 2, rows: 30, text: "abc".into() });
        for bytes in [drawn.encode(), sample().encode()] {
            for end in 0..bytes.len() {
                assert!(Rendered::decode(&bytes[..end]).is_err(), "cut at {end}");
            }
        }
        let bytes = sample().encode();
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(matches!(Rendered::decode(&longer), Err(DecodeError::Inconsistent(_))));
        let mut newer = bytes;
        newer[0] = 9;
        assert_eq!(Rendered::decode(&newer), Err(DecodeError::UnknownSchema { found: 9 }));
        let mut outside = sample();
        outside.fence_points[0].offset = 99;
        assert!(matches!(Rendered::decode(&outside.encode()), Err(DecodeError::Inconsistent(_))));
    }

    #[test]
    fn labels_parse_as_they_print() {
        for label in CopyLabel::ALL {
            assert_eq!(label.to_string().parse(), Ok(label));
            assert_eq!(serde_json::to_string(&label).unwrap(), format!("\"{label}\""));
        }
        assert!("Bank".parse::<CopyLabel>().is_err());
    }
}
