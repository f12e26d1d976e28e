//! What is known of the printer's paper and command set: the [`Profile`].
//!
//! It is a value of the configuration and never guessed (58 mm printers with 32 columns are not all
//! alike). What is known of models is in [`crate::models`]; detection is left to others.

use serde::{Deserialize, Serialize};

use crate::card::{CardRule, KEEP_FIRST_MAX, KEEP_LAST_MAX};
use crate::copy_rule::CopyRules;
use crate::limits::{PROFILE_DOTS_MAX, PROFILE_DOTS_MIN};
use crate::{CodePages, DocumentError, Grid};

/// Width of a Chinese character of the usual printer's own font, in dots (24 × 24, "Font A" of Kanji mode).
pub(crate) const HANZI_DOTS: u16 = 24;

/// Dots per inch of most thermal heads.
const USUAL_DPI: u16 = 203;

/// Whether it need not be said.
const fn is_usual(dpi: &u16) -> bool {
    *dpi == USUAL_DPI
}

/// Size of Font B of a thermal head, in dots.
const FONT_B: (u32, u32) = (9, 17);
/// Widths of the fonts of nine pins, of 7 × 9 and of 9 × 9 dots, in half dots.
const PINS_7: u32 = 10;
const PINS_9: u32 = 12;

/// Characters that a line must have at least.
const COLUMNS_MIN: u32 = 12;

/// The Chinese characters that the printer's own font has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KanjiMode {
    /// No Chinese at all: ASCII and what its code pages have is printed as text, all else is drawn.
    None,
    /// GB2312 level I and II only (SPRT SP series and other old boards).
    Gb2312,
    /// All two-byte characters of GB18030 (that is GBK).
    Gb18030,
}

/// What is sent as characters of the printer's own font.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextMode {
    /// Each line of which the printer has all characters; others are drawn.
    #[default]
    Native,
    /// None: every line is drawn.
    Raster,
}

/// The cutter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cutter {
    /// There is none: paper is fed to the tear bar.
    None,
    /// Cuts are partial (one point is left), `GS V 1`.
    Partial,
    /// Cuts are full, `GS V 0`.
    Full,
}

/// What prints, and with it how pictures and sizes are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Head {
    /// A row of heaters: pictures by `GS v 0`, text up to eight times as large by `GS !`.
    Thermal,
    /// Nine pins that hit a ribbon: pictures in columns of eight dots by `ESC *`, one for two dots across and 1/72 inch
    /// high; text up to twice as large by `ESC !` and `FS !`. Neither `GS v 0`, `GS !` nor `GS B` is known (Epson
    /// TM-U220, TM-U230).
    NinePin,
}

/// Paper and command set of a printer.
///
/// In TOML the keys are kebab-case, each may be left out, and unknown ones are refused. A profile from
/// outside is checked by [`Profile::check`]; [`crate::render`] does it too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Profile {
    /// Printable width, in dots. 384 on 58 mm paper, 576 on 80 mm, with exceptions (512, 640).
    pub dots: u16,
    /// Dots per inch of a thermal head, both ways: 203 on most, which is 8 to the millimetre.
    #[serde(skip_serializing_if = "is_usual")]
    pub dpi: u16,
    /// Vertical motion units per inch of a thermal head at power-on, which `ESC J` counts in: as many as dots, or twice as
    /// many (Epson).
    #[serde(skip_serializing_if = "is_usual")]
    pub feed_units: u16,
    /// Width of a Font A character, in dots. 12 nearly everywhere; with nine pins of the font that is printed with.
    pub font_a_width: u8,
    /// Height of a printed line of normal size, in dot rows, with the default line spacing: 30 (3.75 mm).
    pub line_dots: u8,
    /// The Chinese characters that the printer has.
    pub kanji: KanjiMode,
    /// The code pages that it has, for letters beyond ASCII.
    #[serde(skip_serializing_if = "CodePages::is_none")]
    pub code_pages: CodePages,
    /// What is sent as characters, and what is drawn.
    pub text: TextMode,
    /// The cutter.
    pub cutter: Cutter,
    /// The printer draws QR codes itself (`GS ( k`, cn = 49). If not, they are sent as raster.
    pub native_qr: bool,
    /// The printer draws barcodes itself (`GS k`, function B). If not, they are sent as raster.
    pub native_barcode: bool,
    /// What prints.
    pub head: Head,
    /// Width of a Chinese character of the printer's own font, in dots: 24, or 16 on impact printers.
    pub hanzi_width: u8,
    /// The printer beeps when it is told to by `ESC B n t`, which printers without it may print as characters.
    pub beep: bool,
    /// Paper to feed before a cut so that the last line is behind the blade (or the tear bar), in dot
    /// rows of 1/8 mm. Measured values: 120 on an Xprinter XP-S260M, six lines (180) on Rongta.
    pub feed_before_cut_dots: u16,
    /// The number of the job is printed above each copy.
    pub job_number: bool,
    /// What is done with card numbers.
    pub cards: CardRule,
    /// What differs between the copies of a card slip.
    pub copies: CopyRules,
}

impl Default for Profile {
    fn default() -> Self {
        Self::mm80()
    }
}

impl Profile {
    /// 80 mm paper, 576 dots, 48 columns, partial cutter.
    #[must_use]
    pub fn mm80() -> Self {
        Self {
            dots: 576,
            dpi: USUAL_DPI,
            feed_units: USUAL_DPI,
            font_a_width: 12,
            line_dots: 30,
            kanji: KanjiMode::Gb18030,
            code_pages: CodePages::NONE,
            text: TextMode::Native,
            cutter: Cutter::Partial,
            native_qr: true,
            native_barcode: true,
            head: Head::Thermal,
            hanzi_width: HANZI_DOTS as u8,
            beep: false,
            feed_before_cut_dots: 120,
            job_number: true,
            cards: CardRule::MASK,
            copies: CopyRules::USUAL,
        }
    }

    /// 76 mm paper, nine pins: 400 half dots of 1/160 inch, 40 columns of 7 × 9 characters, lines of 1/6 inch, a cutter
    /// 27 mm behind the pins, and no codes of its own (Epson TM-U220B).
    #[must_use]
    pub fn mm76() -> Self {
        Self {
            dots: 400,
            font_a_width: 10,
            line_dots: 34,
            native_qr: false,
            native_barcode: false,
            head: Head::NinePin,
            hanzi_width: 16,
            feed_before_cut_dots: 216,
            ..Self::mm80()
        }
    }

    /// 58 mm paper, 384 dots, 32 columns, no cutter and no QR command: the usual hand-held board.
    #[must_use]
    pub fn mm58() -> Self {
        Self { dots: 384, cutter: Cutter::None, native_qr: false, feed_before_cut_dots: 90, ..Self::mm80() }
    }

    /// Characters of Font A in one line.
    #[must_use]
    pub const fn columns(&self) -> u16 {
        // A width of zero does not pass `check`; the division must not trust that.
        self.dots / if self.font_a_width == 0 { 12 } else { self.font_a_width as u16 }
    }

    /// Columns that a Chinese character takes: 2 when Font A has 12 dots. Rounded up, so that a line
    /// that fits by this count fits on the paper.
    pub(crate) const fn hanzi_columns(&self) -> usize {
        if self.font_a_width == 0 {
            2
        } else {
            self.hanzi_pitch().div_ceil(self.font_a_width as u16) as usize
        }
    }

    /// Dots from one Chinese character to the next.
    pub(crate) const fn hanzi_pitch(&self) -> u16 {
        self.hanzi_width as u16 + self.hanzi_spacing() as u16
    }

    /// Dots to be put behind a Chinese character (`FS S`): a small one is spaced to two characters of Font A, so that
    /// columns stand under each other. The usual one is left as the printer has it.
    pub(crate) const fn hanzi_spacing(&self) -> u8 {
        if self.hanzi_width as u16 == HANZI_DOTS {
            0
        } else {
            (self.font_a_width.saturating_mul(2)).saturating_sub(self.hanzi_width)
        }
    }

    /// Dots of a picture across the paper.
    pub(crate) const fn picture_dots(&self) -> u16 {
        match self.head {
            Head::Thermal => self.dots,
            Head::NinePin => self.dots / 2,
        }
    }

    /// Dots of a picture for so many of 1/8 mm, which documents count in: at least one.
    pub(crate) const fn picture_scale(&self, dots: u32) -> u32 {
        match self.head {
            Head::Thermal => dots,
            // 1/80 inch is 2.54 of them.
            Head::NinePin => match (dots * 2 + 2) / 5 {
                0 => 1,
                scaled => scaled,
            },
        }
    }

    /// Rows of a picture for so many of 1/8 mm: at least one.
    pub(crate) const fn picture_rows(&self, dots: u32) -> u32 {
        match self.head {
            Head::Thermal => dots,
            // 1/72 inch is 2.82 of them.
            Head::NinePin => match (dots * 6 + 8) / 17 {
                0 => 1,
                scaled => scaled,
            },
        }
    }

    /// Width and height of a character of one byte, in places and rows of its head: of Font A or B, as `ESC !` and `ESC M`
    /// choose them. With nine pins B is the narrow one, of 7 × 9 dots, and often the one that the profile counts columns by.
    #[must_use]
    pub const fn font(&self, font_b: bool) -> (u32, u32) {
        let (own, rows) = (self.font_a_width as u32, self.grid().letter_rows);
        match self.head {
            Head::Thermal if font_b => FONT_B,
            Head::NinePin if font_b != self.begins_with_font_b() => {
                (if font_b { PINS_7 } else { PINS_9 }, rows)
            }
            _ => (own, rows),
        }
    }

    /// Whether Font B is the one that the profile counts columns by, and that the printer has at power-on.
    #[must_use]
    pub const fn begins_with_font_b(&self) -> bool {
        matches!(self.head, Head::NinePin) && (self.font_a_width as u32) < PINS_9
    }

    /// Where its head can put dots.
    #[must_use]
    pub const fn grid(&self) -> Grid {
        Grid::of(self)
    }

    /// Times the normal size that text can have at most.
    pub(crate) const fn size_max(&self) -> u8 {
        match self.head {
            Head::Thermal => 8,
            Head::NinePin => 2,
        }
    }

    /// Checks that the values make sense together.
    ///
    /// # Errors
    /// [`DocumentError::Profile`] names the key and what it may be.
    pub fn check(&self) -> Result<(), DocumentError> {
        let within = |key, value: u32, min: u32, max: u32| {
            if (min..=max).contains(&value) {
                Ok(())
            } else {
                Err(DocumentError::Profile { key, value, min, max })
            }
        };
        within("dots", self.dots.into(), PROFILE_DOTS_MIN.into(), PROFILE_DOTS_MAX.into())?;
        within("dpi", self.dpi.into(), 150, 310)?;
        within("feed-units", self.feed_units.into(), 100, 1000)?;
        within("font-a-width", self.font_a_width.into(), 8, 24)?;
        // The word DUPLICATE has to stand in one line.
        within("dots / font-a-width", self.columns().into(), COLUMNS_MIN, PROFILE_DOTS_MAX.into())?;
        within("hanzi-width", self.hanzi_width.into(), 16, 24)?;
        within("line-dots", self.line_dots.into(), 24, 100)?;
        within("feed-before-cut-dots", self.feed_before_cut_dots.into(), 0, 1000)?;
        within("cards.keep-first", self.cards.keep_first.into(), 0, KEEP_FIRST_MAX.into())?;
        within("cards.keep-last", self.cards.keep_last.into(), 0, KEEP_LAST_MAX.into())?;
        self.copies.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_the_usual_papers() {
        assert_eq!(Profile::mm80().columns(), 48);
        assert_eq!(Profile::mm58().columns(), 32);
        let impact = Profile::mm76();
        assert_eq!((impact.columns(), impact.hanzi_columns(), impact.picture_dots()), (40, 2, 200));
        assert_eq!(impact.check(), Ok(()));
        assert_eq!(Profile::default(), Profile::mm80());
    }

    #[test]
    fn a_profile_out_of_bounds_is_named() {
        let profile = Profile { dots: 12, ..Profile::mm80() };
        let error = profile.check().unwrap_err();
        assert_eq!(error.code(), "profile-out-of-range");
        assert!(error.to_string().contains("dots"), "{error}");
        let profile = Profile { font_a_width: 0, ..Profile::mm80() };
        assert_eq!(profile.columns(), 48);
        assert!(profile.check().is_err());
    }

    #[test]
    fn unknown_keys_are_refused_and_missing_ones_defaulted() {
        let profile: Profile = serde_json::from_str(r#"{"dots": 384, "cutter": "none"}"#).unwrap();
        assert_eq!(profile, Profile { dots: 384, cutter: Cutter::None, ..Profile::mm80() });
        assert!(serde_json::from_str::<Profile>(r#"{"dotz": 384}"#).is_err());
    }
}
