//! Every bound of this crate, with its unit and its reason.

/// Pages of one PDF: a page ends at a cut. Beyond it the rest stays on the last one.
///
/// A document has four copies at most; only a raw one has more cuts.
pub const PAGES_MAX: usize = 64;

/// Length of one page, in points of 1/72 inch: what readers take without a unit of the page's own (ISO 32000, annex C).
pub const PAGE_POINTS_MAX: f32 = 14_400.0;

/// Fonts in one PDF. Each is a subset; those beyond are drawn as boxes.
pub const FONTS_MAX: usize = 16;

/// Bytes of what the program reads: four copies of the largest size, and what is said about them.
pub const REQUEST_BYTES_MAX: u64 = 4 * receiptd_document::limits::COPY_BYTES_MAX as u64 + (64 << 10);
