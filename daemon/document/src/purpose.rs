//! Training and test: a receipt that is none says so, above and below, whatever kind of document it is.
//!
//! In contrast to the mark of a duplicate this belongs to the copy's own bytes: it is fixed when the document is accepted,
//! and a reprint carries it too. Both notices are lines between `ESC @` and `ESC @`, so that a raw body finds the printer
//! as at power-on; the lower one stands before the tail, which only feeds, cuts and kicks.

use crate::limits::TITLE_CHARS_MAX;
use crate::scan::scan;
use crate::writer::{Style, Writer};
use crate::{Drawn, FencePoint, INIT, KanjiMode, Profile, Rendered};

/// What a document is printed for, if not for a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody learns to use the terminal.
    Training,
    /// The terminal, the app or the printer is tried out.
    Test,
}

impl Purpose {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Training => ("培训", "TRAINING"),
            Self::Test => ("测试", "TEST"),
        }
    }

    /// A title for lists that says it too.
    #[must_use]
    pub fn titled(self, title: &str) -> String {
        let title = format!("[{}] {title}", self.words().1);
        title.trim_end().chars().take(TITLE_CHARS_MAX).collect()
    }

    /// The lines above and below, and what brings the printer back to the state of power-on.
    fn notice(self, profile: &Profile) -> (Vec<u8>, Vec<u8>) {
        let mut writer = Writer::native(profile, 128);
        let (zh, en) = self.words();
        let (heading, denial) = if profile.kanji == KanjiMode::None {
            (format!("*** {en} ***"), "THIS IS NOT A RECEIPT")
        } else {
            (format!("*** {zh} {en} ***"), "非交易凭证 NOT A RECEIPT")
        };
        let style = Style { bold: true, height: 2, ..Style::CENTERED };
        for (text, style) in [(heading.as_str(), style), (denial, Style::CENTERED)] {
            // All characters are ASCII or in GB2312, which every Chinese font has; were one refused, the line would end.
            if writer.paragraph(text, style).is_err() {
                writer.end_line();
            }
        }
        let lines = writer.out.len();
        writer.end_of_body();
        writer.out.extend_from_slice(&INIT);
        let reset = writer.out.split_off(lines);
        (writer.out, reset)
    }
}

impl Rendered {
    /// The copy with a notice above and below that it is no receipt, and with the same before its title.
    #[must_use]
    pub fn made_for(self, purpose: Purpose, profile: &Profile) -> Self {
        let (notice, reset) = purpose.notice(profile);
        // Our own bytes always scan; if they did not, the notice would still be printed, just not counted.
        let (lines, dots) = scan(&notice, profile).map_or((0, 0), |scan| (scan.lines, scan.dots));
        let bytes = (notice.len() + reset.len()) as u32;
        let drawn =
            self.drawn.into_iter().map(|text| Drawn { offset: text.offset + bytes, ..text }).collect();
        let behind = |point: &FencePoint| FencePoint {
            offset: point.offset + bytes,
            line: point.line + lines,
            dots: point.dots + dots,
        };
        let mut fence_points: Vec<FencePoint> = self.fence_points.iter().map(behind).collect();
        // Below nothing is brought back: the tail prints nothing, and the next document begins with `ESC @`.
        let body = [&notice[..], &reset, &self.body, &notice].concat();
        let printed = self.fence_points.last().map_or(0, |point| point.dots);
        fence_points.push(FencePoint {
            offset: body.len() as u32,
            line: self.lines + 2 * lines,
            dots: printed + 2 * dots,
        });
        Self {
            title: purpose.titled(&self.title),
            body,
            fence_points,
            lines: self.lines + 2 * lines,
            dots: self.dots + 2 * dots,
            drawn,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NoTypesetter, Source, render};

    #[test]
    fn every_kind_says_above_and_below_that_it_is_no_receipt() {
        let json = br#"{"version": 1, "lines": [{"text": {"text": "Total 1.00"}}, {"cut": {}}]}"#;
        let sources =
            [Source::Json(json), Source::Text("Total 1.00\n"), Source::Raw(b"\x1b!\x30Total 1.00\n\x1dV\0")];
        for profile in [Profile::mm80(), Profile { kanji: KanjiMode::None, ..Profile::mm58() }] {
            for source in sources {
                let plain = render(source, &profile, &NoTypesetter).unwrap().remove(0);
                let copy = plain.clone().made_for(Purpose::Training, &profile);
                let whole = String::from_utf8_lossy(&copy.body).into_owned();
                let parts: Vec<&str> = whole.split("NOT A RECEIPT").collect();
                assert_eq!(parts.len(), 3, "{whole:?}");
                assert!(!parts[0].contains("Total") && parts[1].contains("Total"), "{whole:?}");
                assert_eq!(copy.tail, plain.tail);
                assert!(copy.title.starts_with("[TRAINING]"), "{}", copy.title);
                // What the scanner finds in the whole is what was added up.
                let scanned = scan(&[&copy.body[..], &copy.tail].concat(), &profile).unwrap();
                assert_eq!((scanned.lines, scanned.dots), (copy.lines, copy.dots));
                assert_eq!(copy.fence_points.last(), scanned.fence_points.last());
                assert!(copy.fence_points.iter().all(|point| scanned.fence_points.contains(point)));
            }
        }
    }
}
