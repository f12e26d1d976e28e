//! The printer's own record of one paper: what came off the head, piece by piece, with its place and its look.
//!
//! It does not depend on any font: characters are characters in cells, pictures are counted by their dots. The
//! dots of the paper itself are in `paper.rs`; a running printer has its log instead (`log.rs`).

use crate::bitmap::Bitmap;
use crate::glyphs::{FONT_A, FONT_B};
use crate::line::Look;
use crate::machine::{Strip, StripKind};
use std::fmt;

/// Neighbouring characters of one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Where it begins, dots from the left edge of the paper.
    pub x: usize,
    /// How wide it is, dots.
    pub width: usize,
    /// How its characters look.
    pub look: Look,
    /// The characters.
    pub text: String,
}

/// One thing that happened, in the order of the paper. Rows are dot rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Printed {
    /// A line of characters, perhaps empty.
    Line {
        /// Height with the feed.
        rows: usize,
        /// The printer ended it because the next character did not fit.
        broken: bool,
        /// What is on it.
        runs: Vec<Run>,
        /// Black dots of the images among its characters (`ESC *`); `None` when there are none.
        bits: Option<usize>,
    },
    /// A page of page mode.
    Page {
        /// Height.
        rows: usize,
        /// Its lines of text.
        lines: Vec<String>,
    },
    /// A picture.
    Image {
        /// Height.
        rows: usize,
        /// Black dots.
        ink: usize,
        /// FNV-1a of its rows as they are on the paper.
        hash: u64,
    },
    /// A QR code or bar code that the printer drew.
    Code {
        /// Height.
        rows: usize,
        /// Which code, and what it says.
        code: (String, String),
    },
    /// White paper.
    Feed {
        /// Height.
        rows: usize,
    },
    /// A cut.
    Cut {
        /// Leaves a bridge.
        partial: bool,
    },
    /// A drawer pulse.
    Drawer {
        /// 0 or 1.
        pin: u8,
    },
}

impl Printed {
    /// Takes a strip into the record: bands of one picture or page are one thing.
    pub(crate) fn note(strip: &Strip, all: &mut Vec<Printed>) {
        let rows = strip.rows();
        match strip.kind {
            StripKind::Line => {
                all.push(Self::Line {
                    rows,
                    broken: strip.broken,
                    runs: strip.runs.clone(),
                    bits: strip.bits,
                });
            }
            StripKind::Feed => all.push(Self::Feed { rows }),
            StripKind::Code => {
                all.push(Self::Code { rows, code: strip.code.clone().unwrap_or_default() });
            }
            StripKind::Page => match all.last_mut() {
                Some(Self::Page { rows: before, lines }) if lines.is_empty() => {
                    *before += rows;
                    lines.clone_from(&strip.text);
                }
                _ => all.push(Self::Page { rows, lines: strip.text.clone() }),
            },
            StripKind::Image => {
                let (ink, hash) = strip.bitmap.as_ref().map_or((0, FNV), |dots| (dots.ink(), fnv(FNV, dots)));
                match (all.last_mut(), &strip.bitmap) {
                    (Some(Self::Image { rows: before, ink: so_far, hash }), dots) => {
                        *before += rows;
                        *so_far += ink;
                        *hash = dots.as_ref().map_or(*hash, |dots| fnv(*hash, dots));
                    }
                    _ => all.push(Self::Image { rows, ink, hash }),
                }
            }
        }
    }
}

/// Start of FNV-1a with 64 bits.
const FNV: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(hash: u64, dots: &Bitmap) -> u64 {
    dots.bytes().iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// One line each, for golden files.
impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { rows, broken, runs, bits } => {
                write!(f, "line {rows}{}", if *broken { " broken" } else { "" })?;
                bits.iter().try_for_each(|ink| write!(f, " bits={ink}"))?;
                runs.iter().try_for_each(|run| write!(f, " {run}"))
            }
            Self::Page { rows, lines } => write!(f, "page {rows} {lines:?}"),
            Self::Image { rows, ink, hash } => write!(f, "image {rows} ink={ink} fnv={hash:016x}"),
            Self::Code { rows, code: (kind, data) } => write!(f, "code {rows} {kind} {data:?}"),
            Self::Feed { rows } => write!(f, "feed {rows}"),
            Self::Cut { partial } => f.write_str(if *partial { "cut partial" } else { "cut full" }),
            Self::Drawer { pin } => write!(f, "drawer {pin}"),
        }
    }
}

/// `@120+48 2x2 bold "金额"`: from dot 120, 48 dots wide.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let look = &self.look;
        write!(f, "@{}+{}", self.x, self.width)?;
        if (look.sx, look.sy) != (1, 1) {
            write!(f, " {}x{}", look.sx, look.sy)?;
        }
        let words = [
            (look.cell == FONT_B, "font-b"),
            (look.bold, "bold"),
            (look.underline > 0, "underline"),
            (look.reverse, "reverse"),
            (look.rotate, "rotated"),
        ];
        for (_, word) in words.iter().filter(|(on, _)| *on) {
            write!(f, " {word}")?;
        }
        write!(f, " {:?}", self.text)
    }
}

impl Look {
    /// The characters are of font B.
    #[must_use]
    pub fn is_font_b(&self) -> bool {
        self.cell == FONT_B
    }

    /// Font A or a Hanzi, once, neither bold nor underlined nor anything else.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let plain =
            Look { cell: FONT_A, sx: 1, sy: 1, bold: false, underline: 0, reverse: false, rotate: false };
        Look { cell: FONT_A, ..*self } == plain && !self.is_font_b()
    }
}
