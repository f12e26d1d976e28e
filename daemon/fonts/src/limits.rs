//! Every bound of this crate, with its unit and its reason.

/// Font files that are looked at. A desktop has some hundreds; a terminal a handful.
pub const FONT_FILES_MAX: usize = 2048;

/// Folders below a font folder, one in the other. Distributions use three; it ends loops of links too.
pub const FOLDER_DEPTH_MAX: usize = 6;

/// Fonts in one collection file. The largest known, Noto Sans CJK, has ten.
pub const COLLECTION_FONTS_MAX: u32 = 32;

/// Tables of one font. OpenType knows some 60.
pub const TABLES_MAX: u16 = 128;

/// Bytes of one table. The outlines of Noto Sans CJK are the largest known, with 16 MB.
pub const TABLE_BYTES_MAX: u32 = 32 << 20;

/// Bytes of a font file that is read as a whole, to be embedded.
pub const FONT_BYTES_MAX: u64 = 64 << 20;

/// Bytes of one line of text. A document has 1 MB, but a printed line at most 1728 dots of paper; what stands above
/// each other in one cell is bounded by this.
pub const LINE_BYTES_MAX: usize = 8 << 10;

/// Dots across a picture of a line: an A4 thermal head.
pub const PICTURE_WIDTH_MAX: u16 = 1728;

/// Dots from top to bottom of a picture of a line: eight times the highest line of a profile.
pub const PICTURE_HEIGHT_MAX: u16 = 800;

/// Drawn glyphs that are kept for the next time. A receipt has some 200 different ones; each is about 100 bytes.
pub const GLYPHS_KEPT_MAX: usize = 4096;

/// Dots across or down one drawn glyph: the largest size, 8 times, of the widest cluster.
pub const GLYPH_DOTS_MAX: f32 = 2048.0;

/// Pixels across or down one glyph of a colour font. Known ones have up to 160.
pub const EMOJI_PIXELS_MAX: u32 = 512;
