//! The local date and time of a receipt. There is no clock here: the app says when it was.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// `2026-11-27T14:32:05`, seconds and an offset (`Z`, `+08:00`) may follow; the offset is not printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// Year, month, day, hour, minute.
    fields: [u16; 5],
    second: Option<u16>,
}

impl LocalTime {
    fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T').or_else(|| text.split_once(' '))?;
        let time = time.strip_suffix('Z').or_else(|| without_offset(time)).unwrap_or(time);
        let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
        let (clock, second) = if time.len() > 5 {
            let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
            ([hour, minute], Some(second))
        } else {
            (numbers(time, ':', [2, 2])?, None)
        };
        let [hour, minute] = clock;
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u16::from(leap),
            _ => return None,
        };
        let right = (1..=days).contains(&day) && hour < 24 && minute < 60 && second.unwrap_or(0) <= 60;
        right.then_some(Self { fields: [year, month, day, hour, minute], second })
    }
}

/// Numbers of fixed lengths between separators.
fn numbers<const N: usize>(text: &str, separator: char, lengths: [usize; N]) -> Option<[u16; N]> {
    let mut parts = text.split(separator);
    let mut out = [0; N];
    for (number, length) in out.iter_mut().zip(lengths) {
        let part = parts.next().filter(|part| part.len() == length)?;
        *number = part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())??;
    }
    parts.next().is_none().then_some(out)
}

/// A time without its `+08:00`, if it has one.
fn without_offset(time: &str) -> Option<&str> {
    let at = time.len().checked_sub(6)?;
    let (clock, offset) = (time.get(..at)?, time.get(at..)?);
    let signed = offset.starts_with(['+', '-']);
    let [hours, minutes] = numbers::<2>(offset.get(1..)?, ':', [2, 2])?;
    (signed && hours < 24 && minutes < 60).then_some(clock)
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute] = self.fields;
        write!(f, "{year:04}/{month:02}/{day:02} {hour:02}:{minute:02}")?;
        self.second.map_or(Ok(()), |second| write!(f, ":{second:02}"))
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = LocalTime;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a local date and time such as \"2026-11-27T14:32:05\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<LocalTime, E> {
                LocalTime::parse(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_real_and_printed_as_in_china() {
        for (text, printed) in [
            ("2026-11-27T14:32:05", "2026/11/27 14:32:05"),
            ("2026-11-27 14:32", "2026/11/27 14:32"),
            ("2024-02-29T00:00:00Z", "2024/02/29 00:00:00"),
            ("2026-11-27T14:32:05+08:00", "2026/11/27 14:32:05"),
            ("2026-11-27T14:32-03:30", "2026/11/27 14:32"),
        ] {
            assert_eq!(LocalTime::parse(text).unwrap().to_string(), printed);
        }
        for wrong in [
            "2026-11-27",
            "2026-13-01T00:00:00",
            "2026-02-29T00:00:00",
            "2026-11-31T00:00:00",
            "2026-11-27T24:00:00",
            "2026-11-27T14:60",
            "2026-11-27T1:02",
            "26-11-27T14:32",
            "2026-11-27T14:32:05.123",
            "2026-11-27T14:32:05+8",
            "2026/11/27 14:32",
            "２026-11-27T14:32",
            "",
            "T",
        ] {
            assert_eq!(LocalTime::parse(wrong), None, "{wrong}");
        }
    }
}
