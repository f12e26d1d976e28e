//! Times as people write and read them: durations (`2h`, `1d12h`), moments (`14:32`, ISO 8601) and local time.
//!
//! Nothing here reads the clock; the caller brings now and the time zone.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use receiptd_document::template;

/// Milliseconds of the units a duration may have, and of no other.
const UNITS: &[(&str, u64)] =
    &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

/// A duration such as `10m`, `90s` or `1h30m`, in milliseconds.
///
/// # Errors
/// A sentence that says what is allowed.
pub fn duration_ms(text: &str) -> Result<u64, String> {
    let wrong = || format!("'{text}' is not a duration; write for example 90s, 10m, 2h or 1d12h");
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(wrong());
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        let part = number.checked_mul(*factor).ok_or_else(wrong)?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = tail;
    }
    Ok(total)
}

/// A duration in whole seconds, rounded up, that fits the interface.
///
/// # Errors
/// As [`duration_ms`], or that it is too long.
pub fn duration_s(text: &str) -> Result<u32, String> {
    let seconds = duration_ms(text)?.div_ceil(1000);
    u32::try_from(seconds).map_err(|_| format!("'{text}' is too long; at most 136 years"))
}

/// A day such as `2026-12-24`.
///
/// # Errors
/// A sentence that says what is allowed.
pub fn day(text: &str) -> Result<template::Date, String> {
    let wrong = || format!("'{text}' is not a day; write for example 2026-12-24");
    let day: Date = text.parse().map_err(|_| wrong())?;
    let (month, of_month) = (day.month().unsigned_abs(), day.day().unsigned_abs());
    u16::try_from(day.year())
        .ok()
        .and_then(|year| template::Date::new(year, month, of_month))
        .ok_or_else(wrong)
}

/// What a moment is given as, before now and the time zone are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// So many milliseconds ago.
    Ago(u64),
    /// Today at this time.
    Today(Time),
    /// On this day at this time, here.
    Local(DateTime),
    /// This instant.
    At(Timestamp),
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(ms) = duration_ms(text) {
            return Ok(Self::Ago(ms));
        }
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Self::At(at));
        }
        // A bare date or time would otherwise be read by the more lenient parser of date and time.
        if text.contains('-')
            && let Ok(local) = text.parse::<DateTime>()
        {
            return Ok(Self::Local(local));
        }
        if text.contains(':')
            && let Ok(time) = text.parse::<Time>()
        {
            return Ok(Self::Today(time));
        }
        Err(format!(
            "'{text}' is not a time; write for example 2h (ago), 14:32 (today), 2026-11-27 or 2026-11-27T14:32:00"
        ))
    }
}

impl Moment {
    /// The moment in Unix milliseconds. A time of day is that of today, also when it is still to come.
    pub fn unix_ms(&self, now: &ZonedDateTime) -> u64 {
        let at = match self {
            Self::Ago(ms) => return unix_ms(now.timestamp()).saturating_sub(*ms),
            Self::At(at) => *at,
            Self::Today(time) => {
                let local = now.date().to_datetime(*time);
                now.time_zone()
                    .to_ambiguous_zoned_datetime(local)
                    .compatible()
                    .map_or(now.timestamp(), |z| z.timestamp())
            }
            Self::Local(local) => now
                .time_zone()
                .to_ambiguous_zoned_datetime(*local)
                .compatible()
                .map_or(now.timestamp(), |z| z.timestamp()),
        };
        unix_ms(at)
    }
}

fn unix_ms(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

fn local(ms: u64, tz: &TimeZone) -> Option<ZonedDateTime> {
    let at = Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()?;
    Some(at.to_zoned_datetime(tz.clone()))
}

/// `2026-11-27 14:32:07`, local; a terminal whose clock was wrong may have recorded anything, so no time fails.
pub fn date_time(ms: u64, tz: &TimeZone) -> String {
    local(ms, tz).map_or_else(|| format!("{ms} ms"), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// `14:32:07`, local.
pub fn time_of_day(ms: u64, tz: &TimeZone) -> String {
    local(ms, tz).map_or_else(|| format!("{ms} ms"), |at| at.strftime("%H:%M:%S").to_string())
}

/// `2026-11-27`, local.
pub fn date(ms: u64, tz: &TimeZone) -> String {
    local(ms, tz).map_or_else(String::new, |at| at.strftime("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_written() {
        assert_eq!(duration_ms("90s"), Ok(90_000));
        assert_eq!(duration_ms("1h30m"), Ok(5_400_000));
        assert_eq!(duration_s("1500ms"), Ok(2));
        for wrong in ["", "10", "10x", "m", "-5s", "1h 30m", "99999999999999999999s", "9999999999999w"] {
            assert!(duration_ms(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn moments_are_read_as_written() {
        let tz = TimeZone::posix("CST-8").expect("time zone");
        let now = local(1_795_761_127_000, &tz).expect("now");
        let of = |text: &str| date_time(text.parse::<Moment>().expect(text).unix_ms(&now), &tz);
        assert_eq!(of("0s"), "2026-11-27 14:32:07".replace("14:32:07", &time_of_day(1_795_761_127_000, &tz)));
        assert_eq!(of("14:30"), "2026-11-27 14:30:00");
        assert_eq!(of("2026-11-26"), "2026-11-26 00:00:00");
        assert_eq!(of("2026-11-26T09:08:07"), "2026-11-26 09:08:07");
        assert_eq!(of("2026-11-26T09:08:07Z"), "2026-11-26 17:08:07");
        for wrong in ["", "yesterday", "25:00", "2026-13-01", "14"] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_recorded_time_makes_the_command_fail() {
        assert_eq!(date_time(u64::MAX, &TimeZone::UTC), format!("{} ms", u64::MAX));
        assert_eq!(date_time(0, &TimeZone::UTC), "1970-01-01 00:00:00");
    }
}
