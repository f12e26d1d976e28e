//! Date and time as they stand on paper and in files, in the zone that the terminal is set to.
//!
//! Written here and not by a pattern: what reads patterns was 18 KB of the library that an Android app carries.

use jiff::ZonedDateTime;

/// `2026-11-27`
pub fn date(at: &ZonedDateTime) -> String {
    format!("{:04}-{:02}-{:02}", at.year(), at.month(), at.day())
}

/// `2026-11-27 09:05:00`
pub fn date_time(at: &ZonedDateTime) -> String {
    format!("{} {:02}:{:02}:{:02}", date(at), at.hour(), at.minute(), at.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_its_places() {
        let at = jiff::Timestamp::from_millisecond(1_772_269_505_999).unwrap();
        let at = at.to_zoned_datetime(jiff::tz::TimeZone::UTC);
        assert_eq!(date_time(&at), "2026-02-28 09:05:05");
    }
}
