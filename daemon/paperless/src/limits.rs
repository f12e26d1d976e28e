//! Every bound of this crate, with its unit and its reason.
//!
//! A copy that is spooled is within the bounds of `receiptd_document::limits`. Those here are for what its bytes can
//! be made to grow into, and for bytes that come from elsewhere.

/// Codes that are drawn on one page, QR codes and barcodes together; those beyond are shown as their data.
///
/// Drawing the largest QR code takes milliseconds on a terminal, and 8 bytes print one again.
pub const CODES_MAX: usize = 64;

/// Bytes of one page as HTML. Beyond it pictures and codes are shown in words.
///
/// A stored picture can be printed again by 3 bytes. A page that fills 20 m of paper with pictures has 2 MB.
pub const HTML_BYTES_MAX: usize = 8 << 20;

/// Tab stops of one line (`ESC D`).
pub const TABS_MAX: usize = 32;

/// Blank height that is shown between two blocks of a page in HTML, in lines.
///
/// A feed of 25 cm in the middle of a receipt is room for a signature or a mistake; on a phone it is only scrolling.
pub const GAP_LINES_MAX: u32 = 6;

/// Bytes of the shop in a link: an acquirer's merchant number has 15, a terminal number 8.
pub const SHOP_BYTES_MAX: usize = 32;

/// Bytes of a link's key, at least: what HMAC-SHA256 gives no less strength with (RFC 2104, section 3).
pub const KEY_BYTES_MIN: usize = 32;

/// Bytes of a link's key, at most: one block of SHA-256; more would be hashed first and add nothing.
pub const KEY_BYTES_MAX: usize = 64;

/// Characters of a payload, at most. The longest that version 1 can have is 128.
pub const PAYLOAD_CHARS_MAX: usize = 256;

/// Characters of a URL template, at most: with a payload it still fits a QR code that a phone reads from paper.
pub const TEMPLATE_CHARS_MAX: usize = 200;
