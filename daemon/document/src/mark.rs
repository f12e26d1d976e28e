//! The mark of a duplicate: what is printed before the body of a copy that might be the second.
//!
//! It is made when the copy is sent, not when it is accepted, and stands before a body of any kind. So
//! it begins and ends with `ESC @`: the body finds the printer as at power-on, also when it does not say
//! `ESC @` itself. Whether a copy is a duplicate is decided elsewhere.

use crate::charset::{Charset, Glyph, glyph};
use crate::scan::{Op, commands, scan};
use crate::writer::{Align, BadText, Style, Writer};
use crate::{INIT, KanjiMode, Profile};

/// Why a copy is printed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkReason {
    /// It is not known whether the earlier copy came out.
    Uncertain,
    /// Somebody asked for it.
    Requested,
}

/// What is put before the body of a copy that might be the second on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark<'a> {
    /// Which copy this is: 2 is the first duplicate.
    pub copy_number: u32,
    /// Number of the original job.
    pub job_number: &'a str,
    /// When the original was accepted, as it shall be printed.
    pub time: &'a str,
    /// Why it is printed again.
    pub reason: MarkReason,
}

/// The bytes of a mark: complete lines between `ESC @` and `ESC @`.
///
/// It cannot fail, because a copy must not come out unmarked: a character of the number or the time that
/// the printer does not have is printed as its code.
#[must_use]
pub fn mark_bytes(mark: &Mark<'_>, profile: &Profile) -> Vec<u8> {
    let chinese = profile.kanji != KanjiMode::None;
    let mut writer = Writer::native(profile, 256);
    let number = mark.copy_number;
    // Double height and not double width: so it stands in one line on 58 mm paper too.
    let heading = if chinese {
        format!("*** 重打印 DUPLICATE No.{number} ***")
    } else {
        format!("*** DUPLICATE No.{number} ***")
    };
    put(&mut writer, &heading, Style { bold: true, height: 2, ..Style::CENTERED });
    let (job, time, reason) = match (chinese, mark.reason) {
        (true, MarkReason::Uncertain) => ("原单号 Job: ", "原时间 Time: ", "可能已打印过 May be a duplicate"),
        (true, MarkReason::Requested) => ("原单号 Job: ", "原时间 Time: ", "应要求重打印 Reprint on request"),
        (false, MarkReason::Uncertain) => ("Original job: ", "Original time: ", "May be a duplicate"),
        (false, MarkReason::Requested) => ("Original job: ", "Original time: ", "Reprint on request"),
    };
    put(&mut writer, &format!("{job}{}", printable(mark.job_number, profile)), Style::CENTERED);
    put(&mut writer, &format!("{time}{}", printable(mark.time, profile)), Style::CENTERED);
    put(&mut writer, reason, Style::CENTERED);
    // A native rule is always printed.
    let _: Result<(), BadText> = writer.rule(b'-');
    writer.end_of_body();
    writer.out.extend_from_slice(&INIT);
    writer.out
}

/// The line with the number of the job that is printed above a copy without a mark: so paper and the daemon's records find
/// each other. Between `ESC @` and `ESC @`, like a mark.
#[must_use]
pub fn job_line(job_number: &str, profile: &Profile) -> Vec<u8> {
    let mut writer = Writer::native(profile, 64);
    let words = if profile.kanji == KanjiMode::None { "Job" } else { "打印任务 Job" };
    let style = Style { align: Align::Right, ..Style::PLAIN };
    put(&mut writer, &format!("{words} {}", printable(job_number, profile)), style);
    writer.end_of_body();
    writer.out.extend_from_slice(&INIT);
    writer.out
}

/// Paper that a mark uses, in dot rows of 1/8 mm.
#[must_use]
pub fn mark_dots(mark: &Mark<'_>, profile: &Profile) -> u32 {
    // Our own bytes always scan; if they did not, the mark would still be printed, just not counted.
    scan(&mark_bytes(mark, profile), profile).map_or(0, |scan| scan.dots)
}

/// A tail without its drawer kicks (`ESC p m t1 t2`), for a copy that carries the mark: the drawer was opened
/// for the first one, and a reprint must not be a way to the cash.
///
/// It still beeps: somebody should come for this copy too.
#[must_use]
pub fn tail_without_drawer(tail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(tail.len());
    for (_, command, op) in commands(tail) {
        if op != Op::Drawer {
            out.extend_from_slice(command);
        }
    }
    out
}

/// Writes a line of which all characters are printable.
fn put(writer: &mut Writer<'_>, text: &str, style: Style) {
    // Nothing in it is refused, see `printable`; were it, the line would still be ended.
    if writer.paragraph(text, style).is_err() {
        writer.end_line();
    }
}

/// The text with every character that the printer has not replaced by its code, at most 64 characters.
fn printable(text: &str, profile: &Profile) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars().take(64) {
        match glyph(character, Charset::of(profile)) {
            Ok(Glyph::One(_) | Glyph::Two(_) | Glyph::Paged) => out.push(character),
            Err(_) => out.push_str(&format!("<{:04X}>", u32::from(character))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: Mark<'_> = Mark {
        copy_number: 2,
        job_number: "20261127-000042",
        time: "2026-11-27 14:32:05",
        reason: MarkReason::Uncertain,
    };

    #[test]
    fn stands_in_one_line_on_both_papers_and_ends_as_at_power_on() {
        for profile in [Profile::mm80(), Profile::mm58()] {
            let bytes = mark_bytes(&MARK, &profile);
            assert!(bytes.starts_with(&INIT) && bytes.ends_with(&INIT));
            let scan = scan(&bytes, &profile).unwrap();
            assert!(scan.complete);
            assert_eq!(scan.lines, 5);
            assert_eq!(mark_dots(&MARK, &profile), scan.dots);
        }
    }

    #[test]
    fn the_number_of_a_job_is_one_line() {
        for profile in [Profile::mm80(), Profile { kanji: KanjiMode::None, ..Profile::mm58() }] {
            let bytes = job_line("18446744073709551615", &profile);
            assert!(bytes.starts_with(&INIT) && bytes.ends_with(&INIT));
            let scan = scan(&bytes, &profile).unwrap();
            assert!(scan.complete);
            assert_eq!((scan.lines, scan.wrapped), (1, 0));
            assert!(String::from_utf8_lossy(&bytes).contains("Job 18446744073709551615\n"));
        }
    }

    #[test]
    fn a_tail_loses_its_kicks_and_keeps_its_feeds_beeps_and_cuts() {
        let tail = b"\x1bp\0\x32\xfa\x1bB\x02\x04\x1bd\x04\x1dV\x01\x1bp\x01\x1bp";
        assert_eq!(tail_without_drawer(tail), b"\x1bB\x02\x04\x1bd\x04\x1dV\x01");
        // A parameter that looks like one is none.
        assert_eq!(tail_without_drawer(b"\x1bB\x1bp\x1dV\x01"), b"\x1bB\x1bp\x1dV\x01");
    }

    #[test]
    fn is_never_missing_whatever_the_text() {
        let mark = Mark { job_number: "a\n\u{1b}😀中", time: "", ..MARK };
        for kanji in [KanjiMode::None, KanjiMode::Gb2312, KanjiMode::Gb18030] {
            let profile = Profile { kanji, ..Profile::mm58() };
            let bytes = mark_bytes(&mark, &profile);
            assert!(scan(&bytes, &profile).unwrap().lines >= 5);
            let text = String::from_utf8_lossy(&bytes);
            assert!(text.contains("DUPLICATE No.2") && text.contains("a<000A><001B><1F600>"), "{text}");
        }
    }
}
