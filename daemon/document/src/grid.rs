//! Where a head can put dots, and how large what it prints is there: the [`Grid`].
//!
//! A thermal head has square dots, 1/8 mm or what its `dpi` says. The dots of pins are none: the carriage stops each 1/160 inch across, the paper
//! each 1/144 inch, a pin marks two places by two. What counts paper counts rows of the grid, and converts where it is
//! told in the 1/8 mm of documents.

use crate::{Head, Profile};

/// Dot rows of 1/8 mm in an inch, rounded as printers do.
const EIGHTHS_PER_INCH: u32 = 203;

/// The places of the dots of a head, and the sizes of its letters in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Places in an inch across the paper, which is the horizontal motion unit at power-on.
    pub across_per_inch: u32,
    /// Rows in an inch.
    pub rows_per_inch: u32,
    /// Vertical motion units in an inch at power-on, which `ESC J` and `ESC 3` count in: rows, or halves of them.
    pub units_per_inch: u32,
    /// Places in a metre across the paper, and rows in a metre.
    pub per_metre: (u32, u32),
    /// Height of Font A, in rows.
    pub letter_rows: u32,
    /// Height of a Chinese character, in rows.
    pub hanzi_rows: u32,
    /// Height of a piece of picture in the line, as `ESC *` writes them, in rows.
    pub line_picture_rows: u32,
}

impl Grid {
    /// 8 dots to the millimetre.
    pub const THERMAL: Self = Self {
        across_per_inch: EIGHTHS_PER_INCH,
        rows_per_inch: EIGHTHS_PER_INCH,
        units_per_inch: EIGHTHS_PER_INCH,
        per_metre: (8000, 8000),
        letter_rows: 24,
        hanzi_rows: 24,
        line_picture_rows: 24,
    };

    /// Nine pins, 1/72 inch apart: letters are as high as all of them, pictures as eight. Hanzi of 16 dots are printed in two
    /// passes, half a pin apart.
    pub const NINE_PIN: Self = Self {
        across_per_inch: 160,
        rows_per_inch: 144,
        units_per_inch: 144,
        per_metre: (6299, 5669),
        letter_rows: 18,
        hanzi_rows: 16,
        line_picture_rows: 16,
    };

    /// That of a printer.
    #[must_use]
    pub const fn of(profile: &Profile) -> Self {
        let dpi = profile.dpi as u32;
        match profile.head {
            Head::NinePin => Self::NINE_PIN,
            Head::Thermal => {
                // What is called 203 is 8 to the millimetre.
                let metre = if dpi == EIGHTHS_PER_INCH { 8000 } else { (dpi * 10_000 + 127) / 254 };
                Self {
                    across_per_inch: dpi,
                    rows_per_inch: dpi,
                    units_per_inch: profile.feed_units as u32,
                    per_metre: (metre, metre),
                    ..Self::THERMAL
                }
            }
        }
    }

    /// Vertical motion units that feed so many rows.
    #[must_use]
    pub const fn units(self, rows: u32) -> u32 {
        scaled(rows, self.units_per_inch, self.rows_per_inch)
    }

    /// Whether rows and columns are pins.
    #[must_use]
    pub const fn is_pins(self) -> bool {
        self.across_per_inch != self.rows_per_inch
    }

    /// Rows for so many of 1/8 mm: at least one for any.
    #[must_use]
    pub const fn rows(self, eighths: u32) -> u32 {
        let rows = scaled(eighths, self.rows_per_inch, EIGHTHS_PER_INCH);
        if rows == 0 && eighths > 0 { 1 } else { rows }
    }

    /// So many rows in 1/8 mm.
    #[must_use]
    pub const fn eighths(self, rows: u32) -> u32 {
        scaled(rows, EIGHTHS_PER_INCH, self.rows_per_inch)
    }

    /// Millimetres of so many places across, and of so many rows; rounded up.
    #[must_use]
    pub fn millimetres(self, across: u32, rows: u32) -> (u32, u32) {
        let (x, y) = self.per_metre;
        let up = |n: u32, per_metre: u32| (n as u64 * 1000).div_ceil(per_metre as u64) as u32;
        (up(across, x), up(rows, y))
    }
}

/// `n` of one unit in another, rounded.
const fn scaled(n: u32, to: u32, from: u32) -> u32 {
    // No profile that was checked has none to the inch.
    let from = if from == 0 { 1 } else { from };
    let scaled = (n as u64 * to as u64 + from as u64 / 2) / from as u64;
    if scaled > u32::MAX as u64 { u32::MAX } else { scaled as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thermal_head_counts_as_documents_do() {
        for eighths in [0, 1, 30, 576, 2_000_000] {
            assert_eq!(Grid::THERMAL.rows(eighths), eighths);
            assert_eq!(Grid::THERMAL.eighths(eighths), eighths);
        }
        assert_eq!(Grid::THERMAL.millimetres(576, 81), (72, 11));
    }

    #[test]
    fn a_coarser_head_has_fewer_rows_and_feeds_in_halves_of_them() {
        let epson = Grid::of(&Profile { dpi: 180, feed_units: 360, ..Profile::mm80() });
        // A line of 1/6 inch is 30 rows, and 60 units.
        assert_eq!((epson.rows(34), epson.units(30), epson.eighths(180)), (30, 60, 203));
        assert_eq!((epson.per_metre, epson.is_pins()), ((7087, 7087), false));
        assert_eq!(Grid::of(&Profile::mm80()), Grid::THERMAL);
        assert_eq!(Grid::of(&Profile::mm76()), Grid::NINE_PIN);
    }

    #[test]
    fn nine_pins_count_in_halves_of_their_pitch() {
        let pins = Grid::NINE_PIN;
        // A line of 1/6 inch, a band of eight pins, an inch.
        assert_eq!((pins.rows(34), pins.rows(1), pins.rows(0)), (24, 1, 0));
        assert_eq!((pins.eighths(24), pins.eighths(16), pins.eighths(144)), (34, 23, 203));
        assert_eq!(pins.millimetres(400, 144), (64, 26));
        assert_eq!(pins.eighths(u32::MAX), u32::MAX);
    }
}
