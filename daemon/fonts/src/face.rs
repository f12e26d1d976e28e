//! One font of one file: its tables are read when they are asked for, and no others.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use harfrust::font::glyph::bitmap::BitmapGlyph;
use harfrust::font::glyph::outline::{DrawMemory, DrawOptions, PathSink};
use harfrust::font::{Blob, TableFunction};
use harfrust::{Font, GlyphId, Tag};

use crate::limits::{COLLECTION_FONTS_MAX, FONT_BYTES_MAX, TABLE_BYTES_MAX, TABLES_MAX};

/// A font: a file, and which of its fonts. Cheap to clone.
#[derive(Clone)]
pub struct Face {
    path: Arc<Path>,
    index: u32,
    font: Font,
}

impl std::fmt::Debug for Face {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.path.display(), self.index)
    }
}

impl Face {
    /// Opens a font. Only its list of tables is read.
    ///
    /// # Errors
    /// The file cannot be read, or it is no TrueType or OpenType font.
    pub fn open(path: &Path, index: u32) -> io::Result<Self> {
        let tables = directory(&File::open(path)?, index)?;
        let file: PathBuf = path.to_owned();
        // The file is opened anew for each table: a font that is only asked what it covers keeps no descriptor.
        let read = move |tag: Tag| -> Option<Blob> {
            let table = tables.iter().find(|table| table.tag == tag)?;
            let mut bytes = vec![0; table.length as usize];
            File::open(&file).ok()?.read_exact_at(&mut bytes, table.offset.into()).ok()?;
            Some(Blob::from(bytes))
        };
        let font = Font::new(TableFunction::new(Arc::new(read)), 0)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not a font"))?;
        Ok(Self { path: path.into(), index, font })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which font of the file, from 0; 0 for a file with one font.
    #[must_use]
    pub const fn index(&self) -> u32 {
        self.index
    }

    /// All bytes of the file, for who wants to embed a part of it.
    ///
    /// # Errors
    /// The file cannot be read, or has more than [`FONT_BYTES_MAX`] bytes.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let bytes = std::fs::metadata(&self.path)?.len();
        if bytes > FONT_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the font file is too large"));
        }
        std::fs::read(&self.path)
    }

    /// Units of the font per em; at least 16.
    #[must_use]
    pub fn units_per_em(&self) -> f32 {
        f32::from(self.font.units_per_em().max(16))
    }

    /// How far the font reaches above and below the baseline, in ems, both positive.
    #[must_use]
    pub fn extent(&self) -> (f32, f32) {
        let Some(line) = self.font.metrics().h_line() else { return (0.9, 0.25) };
        let em = self.units_per_em();
        (line.ascender.to_f32() / em, -line.descender.to_f32() / em)
    }

    /// The glyph of a character that stands alone. None if the font does not have it.
    #[must_use]
    pub fn glyph(&self, character: char) -> Option<u32> {
        self.font.charmap().map_unicode(character).map(|glyph| glyph.to_u32()).filter(|glyph| *glyph != 0)
    }

    /// Width of a glyph, in ems.
    #[must_use]
    pub fn advance(&self, glyph: u32) -> f32 {
        self.font.glyph_metrics().h_advance(GlyphId::new(glyph)) / self.units_per_em()
    }

    /// Draws the outline of a glyph, in units of the font, y upwards. False if it has none.
    pub fn outline(&self, glyph: u32, sink: &mut dyn PathSink) -> bool {
        let Some(outline) = self.font.outline_glyphs().get(GlyphId::new(glyph)) else { return false };
        outline.draw(&DrawOptions::new(), DrawMemory::default(), sink).is_ok()
    }

    /// The picture of a glyph in a font of pictures, the best for so many dots per em.
    pub(crate) fn picture(&self, glyph: u32, size: f32) -> Option<BitmapGlyph<'_>> {
        self.font.bitmap_strikes().select_bitmap(GlyphId::new(glyph), Some(size))
    }

    /// Whether a glyph puts anything on the paper.
    pub(crate) fn has_ink(&self, glyph: u32) -> bool {
        let outline = self.font.outline_glyphs().get(GlyphId::new(glyph));
        outline
            .and_then(|outline| outline.extents().ok())
            .is_some_and(|ink| ink.width > 0.0 && ink.height > 0.0)
            || self.picture(glyph, 128.0).is_some()
    }

    pub(crate) const fn font(&self) -> &Font {
        &self.font
    }

    /// The family's name, as the font says it; empty if it does not.
    pub(crate) fn family(&self) -> String {
        self.font
            .names()
            .get(harfrust::font::name::NameId::FAMILY_NAME)
            .and_then(|name| name.english_or_first())
            .map(|name| name.name().to_string())
            .unwrap_or_default()
    }
}

/// Fonts in a collection file; 1 for a file with one font.
pub(crate) fn fonts_in(path: &Path) -> io::Result<u32> {
    let file = File::open(path)?;
    let mut head = [0; 12];
    file.read_exact_at(&mut head, 0)?;
    let [b't', b't', b'c', b'f', .., a, b, c, d] = head else { return Ok(1) };
    Ok(u32::from_be_bytes([a, b, c, d]).min(COLLECTION_FONTS_MAX))
}

#[derive(Debug, Clone, Copy)]
struct Table {
    tag: Tag,
    offset: u32,
    length: u32,
}

/// The list of tables of one font of a file.
fn directory(file: &File, index: u32) -> io::Result<Vec<Table>> {
    let bad = |what| io::Error::new(io::ErrorKind::InvalidData, what);
    let word = |at: u64| -> io::Result<[u8; 4]> {
        let mut bytes = [0; 4];
        file.read_exact_at(&mut bytes, at)?;
        Ok(bytes)
    };
    let mut start = 0;
    if &word(0)? == b"ttcf" {
        if index >= u32::from_be_bytes(word(8)?).min(COLLECTION_FONTS_MAX) {
            return Err(bad("the collection has no such font"));
        }
        start = u32::from_be_bytes(word(12 + 4 * u64::from(index))?).into();
    } else if index != 0 {
        return Err(bad("the file has one font only"));
    }
    match &word(start)? {
        [0, 1, 0, 0] | b"OTTO" | b"true" => {}
        _ => return Err(bad("not a TrueType or OpenType font")),
    }
    let [high, low, ..] = word(start + 4)?;
    let count = u16::from_be_bytes([high, low]);
    if count > TABLES_MAX {
        return Err(bad("the font has too many tables"));
    }
    let mut records = vec![0; usize::from(count) * 16];
    file.read_exact_at(&mut records, start + 12)?;
    let size = file.metadata()?.len();
    let mut tables = Vec::with_capacity(count.into());
    for record in records.chunks_exact(16) {
        let field =
            |at: usize| record.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; 4]);
        let (offset, length) = (u32::from_be_bytes(field(8)), u32::from_be_bytes(field(12)));
        // What does not lie within the file is not there, and so costs no memory.
        if length <= TABLE_BYTES_MAX && u64::from(offset) + u64::from(length) <= size {
            tables.push(Table { tag: Tag::new(&field(0)), offset, length });
        }
    }
    Ok(tables)
}
