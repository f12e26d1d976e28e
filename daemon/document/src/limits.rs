//! Every bound of this crate, with its unit and its reason.
//!
//! A document that passes these bounds renders in bounded time and memory, whoever sent it. The
//! bounds are checked before memory is taken, not after.

/// Bytes of one document as it is handed in, of any kind.
///
/// A card slip has 2 KB, a shop receipt with a logo 30 KB. One megabyte is the largest thing that is
/// still a receipt (7 m of picture), and small enough to be copied a few times on a terminal with
/// 256 MB of memory.
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;

/// Bytes of one rendered copy, body and tail together.
///
/// A short document can grow much: narrow columns pad every row with spaces, pictures unpack.
pub const COPY_BYTES_MAX: usize = 4 << 20;

/// Lines: entries of `lines` in a JSON receipt, and printed lines of a copy of any kind.
///
/// A settlement report of a busy day has 1500. Beyond 4096 it is a mistake (or an attack on the paper).
pub const LINES_MAX: usize = 4096;

/// Items, discounts, taxes and payments of a sale, each: what a week's shopping has is 300, and every item may become
/// five of the [`LINES_MAX`] lines.
pub const ITEMS_MAX: usize = 800;

/// Paper that one copy may use, in dot rows of 1/8 mm: 20 m.
///
/// A roll of 80 mm width and 80 mm diameter has about 80 m, one of a hand-held terminal 15 m.
pub const PAPER_DOTS_MAX: u32 = 160_000;

/// Pixels that all the pictures of one document may have together, before they are scaled to the paper.
///
/// It bounds the time and the memory of unpacking: a PNG of 1 KB can claim 2^62 pixels. Four million
/// is a photograph of 2000 × 2000, 16 MB unpacked with alpha.
pub const IMAGE_DOTS_MAX: u64 = 4_000_000;

/// Copies of one document. There are four labels, and each may stand once.
pub const COPIES_MAX: usize = 4;

/// Bytes of the data of one QR code.
///
/// What the largest symbol (version 40) holds at the strongest correction level H in byte mode, so
/// that the bound does not depend on the level (ISO/IEC 18004, table 7).
pub const QR_BYTES_MAX: usize = 1273;

/// QR codes in one document. Drawing the largest takes milliseconds on a terminal, for every copy.
pub const QR_CODES_MAX: usize = 32;

/// Characters of the data of one barcode.
///
/// `GS k m n` carries its length in one byte; the width of the paper ends a code long before.
pub const BARCODE_BYTES_MAX: usize = 253;

/// Columns in one `columns` line. On the widest paper eight columns have six characters each.
pub const COLUMNS_MAX: usize = 8;

/// Characters of the title that is kept beside a copy for lists of jobs. It is cut, not refused.
pub const TITLE_CHARS_MAX: usize = 64;

/// Blank lines of one `space` line: `ESC d n` has one byte.
pub const SPACE_LINES_MAX: u8 = 255;

/// Dot rows of 1/8 mm of one `feed` line: 25 cm.
pub const FEED_DOTS_MAX: u16 = 2000;

/// Bytes of the text of one line that is drawn, with the cells of its characters.
///
/// A line of 144 columns has 600 bytes; what is beyond stands above each other in one cell. It also keeps a request to the
/// program that draws below what a socket takes at once.
pub const TYPESET_BYTES_MAX: usize = 8 << 10;

/// Bytes of the file of a template: ten times what a busy shop writes into one, its logos aside.
pub const TEMPLATE_BYTES_MAX: u64 = 64 << 10;

/// Bytes of the logos of a template together. A logo of 576 × 300 pixels in black and white has 10 KB.
pub const TEMPLATE_LOGOS_BYTES_MAX: usize = 256 << 10;

/// Bytes of a template's logos that are kept as printers take them. One that is as wide as 80 mm of paper and 6 cm high has
/// 35 KB; a terminal has one printer, or a few. All templates that there may be keep 8 MB at most.
pub const TEMPLATE_KEPT_BYTES_MAX: usize = 128 << 10;

/// Templates that there may be: one for each merchant of a market hall that shares a terminal.
pub const TEMPLATES_MAX: usize = 64;

/// Bytes of the name of a template, and of that of a logo: as for a printer.
pub const TEMPLATE_NAME_BYTES_MAX: usize = 64;

/// Merchant numbers in one template.
pub const TEMPLATE_MERCHANTS_MAX: usize = 64;

/// Headers of a template, and footers: a campaign for each week of half a year.
pub const TEMPLATE_PARTS_MAX: usize = 26;

/// Lines of one part: half a metre of paper. What is longer is a leaflet.
pub const TEMPLATE_LINES_MAX: usize = 64;

/// Dots across the paper that a profile may claim: 112 mm paper has 832, an A4 thermal head 1728.
pub const PROFILE_DOTS_MAX: u16 = 1728;

/// Dots across the paper that a profile may claim at least: 25 mm label paper.
pub const PROFILE_DOTS_MIN: u16 = 192;

/// Dot rows between two fence candidates inside one uninterrupted run of raster bands: 100 mm.
///
/// The printer stops to answer a fence, and a stop inside a picture can show as a fine line; but a
/// receipt that is one long picture needs fences too.
pub const RASTER_FENCE_DOTS: u32 = 800;
