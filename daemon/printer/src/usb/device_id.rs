//! `GET_DEVICE_ID`: the IEEE 1284 device id, taken apart. Pure.
//!
//! Two bytes of length, high byte first, themselves included, then `KEY:VALUE;` pairs, of which `MFG`, `MDL` and
//! `CMD` (or their long names) are required (USB Printer Class 1.1, 4.2.1; IEEE 1284-2000, 7.6). Some printers send
//! the length low byte first: CUPS (`backend/usb-libusb.c`) takes a length that is larger than the
//! buffer or below 14 for such a one, and so is done here. Others do not count the length's own two bytes.

use std::fmt;

use crate::limits::{DEVICE_ID_BYTES_MAX, INFO_CHARS_MAX};

/// The shortest length that can be one: `MFG:x;MDL:y;` and the length itself.
const LENGTH_MIN: usize = 14;

/// What a printer says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceId {
    /// `MFG`, `MANUFACTURER`.
    pub maker: String,
    /// `MDL`, `MODEL`.
    pub model: String,
    /// `CMD`, `COMMAND SET`.
    pub commands: String,
    /// `SN`, `SERN`, `SERIALNUMBER`; not in the standard, but common.
    pub serial: String,
}

impl DeviceId {
    /// What an answer to the request says; `None` when there is nothing to be read in it.
    pub fn from_answer(answer: &[u8]) -> Option<Self> {
        let (head, rest) = answer.split_at_checked(2)?;
        let big = usize::from(*head.first()?) << 8 | usize::from(*head.last()?);
        let little = big.swap_bytes() >> (usize::BITS - 16);
        let plausible = |length: &usize| (LENGTH_MIN..=DEVICE_ID_BYTES_MAX).contains(length);
        // A length that is longer than the answer is one that lies, or an answer that was cut off.
        let length = [big, little].into_iter().find(plausible)?;
        // One that is exactly that of the text has forgotten itself.
        let counted = if rest.len() == length { length } else { length - 2 };
        Self::from_text(rest.get(..counted).unwrap_or(rest))
    }

    /// What the text alone says, as the kernel's `ieee1284_id` attribute shows it.
    pub fn from_text(text: &[u8]) -> Option<Self> {
        let mut id = Self::default();
        for pair in text.split(|b| *b == b';') {
            let Some(at) = pair.iter().position(|b| *b == b':') else { continue };
            let (key, value) = pair.split_at(at);
            let field = match clean(key).to_ascii_uppercase().as_str() {
                "MFG" | "MANUFACTURER" => &mut id.maker,
                "MDL" | "MODEL" => &mut id.model,
                "CMD" | "COMMAND SET" => &mut id.commands,
                "SN" | "SERN" | "SERIALNUMBER" => &mut id.serial,
                _ => continue,
            };
            *field = clean(value.get(1..).unwrap_or_default());
        }
        (id != Self::default()).then_some(id)
    }
}

/// Whether a text goes on to its end, a semicolon. usblp believes the length that a printer sends, so where that is too short its
/// copy ends in the middle of the last value.
pub fn is_whole(text: &str) -> bool {
    text.ends_with(';')
}

/// Printable, without blanks around it, not too long.
fn clean(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let printable = text.chars().filter(|c| !c.is_control()).take(INFO_CHARS_MAX);
    printable.collect::<String>().trim().to_owned()
}

/// Maker and model, for people.
impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.maker, self.model)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &[u8] = b"MFG:EPSON;CMD:ESC/POS;MDL:TM-T88VI;CLS:PRINTER;SN:ABC;";

    fn answer(length: [u8; 2], text: &[u8]) -> Vec<u8> {
        [&length, text].concat()
    }

    #[test]
    fn the_length_is_understood_both_ways_round() {
        let length = (TEXT.len() + 2) as u16;
        let expected = DeviceId {
            maker: "EPSON".into(),
            model: "TM-T88VI".into(),
            commands: "ESC/POS".into(),
            serial: "ABC".into(),
        };
        for head in [length.to_be_bytes(), length.to_le_bytes()] {
            assert_eq!(DeviceId::from_answer(&answer(head, TEXT)), Some(expected.clone()));
        }
        assert_eq!(expected.to_string(), "EPSON TM-T88VI");
    }

    #[test]
    fn what_lies_behind_the_length_is_not_read_and_what_is_missing_not_invented() {
        let mut long = answer(14_u16.to_be_bytes(), b"MFG:a;MDL:b;MFG:other;");
        assert_eq!(DeviceId::from_answer(&long).unwrap().maker, "a");
        // The length claims more than came.
        long = answer(500_u16.to_be_bytes(), b"MFG:a;MDL:b;");
        assert_eq!(DeviceId::from_answer(&long).unwrap().model, "b");
        for nothing in [&[][..], &[0], &[0, 2], &[0, 0, b'M'], &[0xFF, 0xFF, b'M'], b"\0\x20nothing here"] {
            assert_eq!(DeviceId::from_answer(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_length_that_forgot_itself_takes_nothing_off_the_last_value() {
        let text = b"MFG:EPSON;CMD:ESC/POS;MDL:TM-T20;";
        for head in [(text.len() as u16).to_be_bytes(), (text.len() as u16).to_le_bytes()] {
            assert_eq!(DeviceId::from_answer(&answer(head, text)).unwrap().model, "TM-T20");
        }
        // What usblp makes of it is known by its end.
        assert!(is_whole("MFG:EPSON;MDL:TM-T20;"));
        assert!(!is_whole("MFG:EPSON;MDL:TM-T2"));
    }

    #[test]
    fn long_names_and_blanks_are_taken() {
        let id = DeviceId::from_text(b" manufacturer: Star ;MODEL:TSP100\0;COMMAND SET:STAR;").unwrap();
        assert_eq!((id.maker.as_str(), id.model.as_str(), id.commands.as_str()), ("Star", "TSP100", "STAR"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived_and_bounded(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            if let Some(id) = DeviceId::from_answer(&bytes) {
                for field in [&id.maker, &id.model, &id.commands, &id.serial] {
                    prop_assert!(field.chars().count() <= INFO_CHARS_MAX);
                    prop_assert!(!field.chars().any(char::is_control));
                }
            }
        }

        #[test]
        fn what_was_put_in_comes_out(
            maker in "[A-Za-z0-9][A-Za-z0-9 -]{0,20}[A-Za-z0-9]",
            model in "[A-Za-z0-9][A-Za-z0-9 -]{0,20}[A-Za-z0-9]",
            little in any::<bool>(),
        ) {
            let text = format!("MFG:{maker};MDL:{model};CMD:ESC/POS;");
            let length = (text.len() + 2) as u16;
            let head = if little { length.to_le_bytes() } else { length.to_be_bytes() };
            let id = DeviceId::from_answer(&answer(head, text.as_bytes()));
            prop_assert_eq!(id.map(|id| (id.maker, id.model)), Some((maker, model)));
        }
    }
}
