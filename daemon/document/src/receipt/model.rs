//! The JSON receipt, version 1, as it is written by apps.
//!
//! Unknown keys are refused everywhere: a misspelt `"underlin"` that is silently ignored is found by the
//! customer. Bounds of numbers are part of the types, so that an error has the path, the line and what
//! is allowed. What depends on the paper is checked when a line is laid out.
//!
//! The same as a JSON Schema: `schema/receipt-1.schema.json`. A test holds the two together.

use std::borrow::Cow;

use serde::Deserialize;

use super::sale::Sale;
use super::slip::Slip;
pub use super::values::Asked;
use super::values::{Only, Pin, Size, Version, Whole, object, object_or_none, objects};
use crate::picture::Dither;
use crate::qr::Level;
use crate::writer::Align;
use crate::{CopyLabel, Cutter, TextMode};

/// A receipt.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt<'a> {
    /// For editors that check what is typed (`schema/receipt-1.schema.json`); nobody looks at it here.
    #[serde(borrow, rename = "$schema")]
    pub schema: Option<Text<'a>>,
    /// Version of the format: 1.
    pub version: Version,
    /// Heading, printed large at the top, and the name of the job in lists.
    #[serde(borrow)]
    pub title: Option<Text<'a>>,
    /// The copies, in the order in which they are printed. One without a label if it is left out.
    pub copies: Option<Vec<CopyLabel>>,
    /// Which text is drawn and not printed in the printer's own font: only what that lacks, if it is left out.
    #[serde(default)]
    pub text: TextMode,
    /// The receipt of a shop.
    #[serde(borrow, default, deserialize_with = "object_or_none")]
    pub sale: Option<Sale<'a>>,
    /// The slip of a card payment, below the receipt of the shop if there are both.
    #[serde(borrow, default, deserialize_with = "object_or_none")]
    pub slip: Option<Slip<'a>>,
    /// What else is printed, below those. Must be there if there are none.
    #[serde(borrow)]
    pub lines: Option<Vec<Line<'a>>>,
    /// Feed and cut at the end of each copy.
    #[serde(default = "yes")]
    pub cut: bool,
    /// The template around it, or none: the one that fits, if it is left out.
    #[serde(borrow)]
    pub template: Option<Asked<'a>>,
}

const fn yes() -> bool {
    true
}

/// A string, borrowed from the document unless it has escapes.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// One entry of `lines`: an object with one key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line<'a> {
    /// Text, wrapped to the paper.
    #[serde(borrow, deserialize_with = "object")]
    Text(TextLine<'a>),
    /// Texts beside each other.
    #[serde(borrow, deserialize_with = "object")]
    Columns(ColumnsLine<'a>),
    /// Two texts, at the left and at the right edge.
    #[serde(borrow, deserialize_with = "object")]
    Pair(PairLine<'a>),
    /// A rule across the paper.
    #[serde(deserialize_with = "object")]
    Rule(RuleLine),
    /// Empty lines.
    #[serde(deserialize_with = "object")]
    Space(SpaceLine),
    /// Paper feed in dot rows.
    #[serde(deserialize_with = "object")]
    Feed(FeedLine),
    /// A QR code.
    #[serde(borrow, deserialize_with = "object")]
    Qr(QrLine<'a>),
    /// A barcode.
    #[serde(borrow, deserialize_with = "object")]
    Barcode(BarcodeLine<'a>),
    /// A picture.
    #[serde(borrow, deserialize_with = "object")]
    Logo(LogoLine<'a>),
    /// A cut in the middle of a receipt.
    #[serde(deserialize_with = "object")]
    Cut(CutLine),
    /// Opens a cash drawer.
    #[serde(deserialize_with = "object")]
    Drawer(DrawerLine),
    /// Beeps, on printers that can.
    #[serde(deserialize_with = "object")]
    Beep(BeepLine),
}

impl Line<'_> {
    /// The copies that it is printed on.
    pub(super) const fn only(&self) -> Only {
        match self {
            Self::Text(line) => line.only,
            Self::Columns(line) => line.only,
            Self::Pair(line) => line.only,
            Self::Rule(line) => line.only,
            Self::Space(line) => line.only,
            Self::Feed(line) => line.only,
            Self::Qr(line) => line.only,
            Self::Barcode(line) => line.only,
            Self::Logo(line) => line.only,
            Self::Cut(line) => line.only,
            Self::Drawer(line) => line.only,
            Self::Beep(line) => line.only,
        }
    }

    const fn only_mut(&mut self) -> &mut Only {
        match self {
            Self::Text(line) => &mut line.only,
            Self::Columns(line) => &mut line.only,
            Self::Pair(line) => &mut line.only,
            Self::Rule(line) => &mut line.only,
            Self::Space(line) => &mut line.only,
            Self::Feed(line) => &mut line.only,
            Self::Qr(line) => &mut line.only,
            Self::Barcode(line) => &mut line.only,
            Self::Logo(line) => &mut line.only,
            Self::Cut(line) => &mut line.only,
            Self::Drawer(line) => &mut line.only,
            Self::Beep(line) => &mut line.only,
        }
    }

    /// Prints it on no copies but these.
    pub(super) const fn keep_to(&mut self, copies: Only) {
        let only = self.only_mut();
        *only = only.and(copies);
    }

    /// Prints it on all copies.
    pub(super) fn everywhere(&mut self) {
        *self.only_mut() = Only::default();
    }
}

/// See [`Line::Text`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextLine<'a> {
    /// May have line feeds and tabs.
    #[serde(borrow)]
    pub text: Cow<'a, str>,
    /// Default left.
    #[serde(default)]
    pub align: Align,
    /// Default normal.
    #[serde(default)]
    pub size: Size,
    /// Default false.
    #[serde(default)]
    pub bold: bool,
    /// Default false.
    #[serde(default)]
    pub underline: bool,
    /// White on black. Default false.
    #[serde(default)]
    pub reverse: bool,
    /// Default all copies.
    #[serde(default)]
    pub only: Only,
}

/// See [`Line::Columns`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnsLine<'a> {
    /// From left to right.
    #[serde(borrow, deserialize_with = "objects")]
    pub columns: Vec<Column<'a>>,
    /// Empty character columns between two columns. Default 1, or 0 if every column has a `width`.
    pub gap: Option<Whole<0, 16>>,
    /// Default false.
    #[serde(default)]
    pub bold: bool,
    /// Default normal.
    #[serde(default)]
    pub size: Size,
    /// Default all copies.
    #[serde(default)]
    pub only: Only,
}

/// One column. Without `width` and `share` it has one share of what is left.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column<'a> {
    /// Wrapped to the column. May have line feeds.
    #[serde(borrow)]
    pub text: Cow<'a, str>,
    /// Width in characters of the line's size; a Hanzi takes two.
    pub width: Option<Whole<1, 144>>,
    /// Parts of the width that columns with `width` leave.
    pub share: Option<Whole<1, 100>>,
    /// Default left.
    #[serde(default)]
    pub align: Align,
}

/// See [`Line::Pair`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairLine<'a> {
    /// At the left edge: what it is.
    #[serde(borrow)]
    pub left: Cow<'a, str>,
    /// At the right edge: how much, or which. On a line of its own where both do not fit into one.
    #[serde(borrow)]
    pub right: Cow<'a, str>,
    /// Default false.
    #[serde(default)]
    pub bold: bool,
    /// Default normal.
    #[serde(default)]
    pub size: Size,
    /// Default all copies.
    #[serde(default)]
    pub only: Only,
}

/// See [`Line::Rule`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleLine {
    /// Default single.
    #[serde(default)]
    pub style: RuleStyle,
    /// Default all copies.
    #[serde(default)]
    pub only: Only,
}

/// How a rule looks.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleStyle {
    /// `------`
    #[default]
    Single,
    /// `======`
    Double,
    /// `......`
    Dotted,
}

/// See [`Line::Space`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpaceLine {
    /// How many. Default 1.
    #[serde(default)]
    pub lines: Whole<1, 255>,
    /// Default all copies.
    #[serde(default)]
    pub only: Only,
}

/// See [`Line::Feed`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedLine {
    /// Dot rows of 1/8 mm.
    pub dots: Whole<1, 2000>,
    /// Default all copies.
    #[serde(default)]
    pub only: Only,
}

/// See [`Line::Qr`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QrLine<'a> {
    /// What it says, in UTF-8.
    #[serde(borrow)]
    pub data: Cow<'a, str>,
    /// Dots of one module. Default: 6, or what fits.
    pub size: Option<Whole<1, 16>>,
    /// Error correction. Default M.
    #[serde(default)]
    pub level: Level,
    /// Default center.
    #[serde(default = "center")]
    pub align: Align,
    /// Default all copies.
    #[serde(default)]
    pub only: Only,
}

const fn center() -> Align {
    Align::Center
}

/// See [`Line::Barcode`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BarcodeLine<'a> {
    /// What it says.
    #[serde(borrow)]
    pub data: Cow<'a, str>,
    /// Which code.
    #[serde(rename = "type")]
    pub kind: Symbology,
    /// Dot rows. Default 80 (10 mm).
    pub height: Option<Whole<1, 255>>,
    /// Dots of the narrowest bar. Default: 3, or 2 if 3 is too wide.
    pub module: Option<Whole<2, 6>>,
    /// Where the data stand in characters. Default below.
    #[serde(default)]
    pub hri: Hri,
    /// Default center.
    #[serde(default = "center")]
    pub align: Align,
    /// Default all copies.
    #[serde(default)]
    pub only: Only,
}

/// The kinds of barcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Symbology {
    /// ASCII.
    Code128,
    /// Digits, capital letters and `space $ % + - . /`.
    Code39,
    /// An even number of digits.
    Itf,
    /// Digits and `- $ : / . +` between two of `A` to `D`.
    Codabar,
    /// 12 digits, or 13 with the check digit.
    Ean13,
    /// 7 digits, or 8 with the check digit.
    Ean8,
    /// 11 digits, or 12 with the check digit.
    UpcA,
}

/// Where the characters of a barcode stand ("human readable interpretation").
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hri {
    /// Nowhere.
    None,
    /// Above the bars.
    Above,
    /// Below the bars.
    #[default]
    Below,
    /// Above and below.
    Both,
}

/// See [`Line::Logo`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogoLine<'a> {
    /// A PNG in base64; this or the next.
    #[serde(borrow)]
    pub png_base64: Option<Text<'a>>,
    /// A JPEG in base64.
    #[serde(borrow)]
    pub jpeg_base64: Option<Text<'a>>,
    /// Default center.
    #[serde(default = "center")]
    pub align: Align,
    /// How grey is printed. Default floyd-steinberg.
    #[serde(default)]
    pub dither: Dither,
    /// Default all copies.
    #[serde(default)]
    pub only: Only,
}

/// See [`Line::Cut`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutLine {
    /// Default: as the printer's profile says.
    pub kind: Option<CutKind>,
    /// Default all copies.
    #[serde(default)]
    pub only: Only,
}

/// How to cut.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CutKind {
    /// One point is left.
    Partial,
    /// Through.
    Full,
}

impl From<CutKind> for Cutter {
    fn from(kind: CutKind) -> Self {
        match kind {
            CutKind::Partial => Self::Partial,
            CutKind::Full => Self::Full,
        }
    }
}

/// See [`Line::Beep`]. A printer that can't (`beep` of its profile) prints the receipt without it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeepLine {
    /// How often. Default 1.
    #[serde(default)]
    pub times: Whole<1, 9>,
    /// Length of one, in ms, to the nearest 50. Default 200.
    pub duration_ms: Option<Whole<50, 450>>,
    /// Default all copies.
    #[serde(default)]
    pub only: Only,
}

/// See [`Line::Drawer`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawerLine {
    /// Pin of the connector: 2 or 5. Default 2.
    #[serde(default)]
    pub pin: Pin,
    /// Default all copies.
    #[serde(default)]
    pub only: Only,
}
