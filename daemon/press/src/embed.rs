//! Fonts in a PDF: which glyphs of which font were used, and the parts of the fonts that have them.

use std::collections::BTreeMap;

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish as _, Name, Pdf, Rect, Ref, Str};
use receiptd_fonts::{Face, FaceId, Fonts};
use subsetter::GlyphRemapper;

use crate::limits::FONTS_MAX;

/// How hard streams are packed, of 10.
pub(crate) const PACKED: u8 = 6;

const IDENTITY: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The glyphs of one font that are used.
struct Used {
    /// The font's own numbers of the glyphs, to those in the subset.
    mapper: GlyphRemapper,
    /// Numbers in the subset, to their characters and widths in thousandths of an em.
    glyphs: BTreeMap<u16, (char, f32)>,
}

/// The fonts of a PDF.
#[derive(Default)]
pub(crate) struct Embedded {
    /// In the order of their names.
    order: Vec<FaceId>,
    used: BTreeMap<FaceId, Used>,
}

impl Embedded {
    /// A glyph that stands for a character: its font's place in the PDF, and its number there. None if the font can't
    /// be embedded.
    pub(crate) fn glyph(
        &mut self,
        id: FaceId,
        face: &Face,
        glyph: u32,
        character: char,
    ) -> Option<(usize, u16)> {
        let own = u16::try_from(glyph).ok()?;
        if !self.used.contains_key(&id) {
            if self.order.len() >= FONTS_MAX {
                return None;
            }
            self.order.push(id);
        }
        let used = self
            .used
            .entry(id)
            .or_insert_with(|| Used { mapper: GlyphRemapper::new(), glyphs: BTreeMap::new() });
        let number = used.mapper.remap(own);
        used.glyphs.entry(number).or_insert_with(|| (character, face.advance(glyph) * 1000.0));
        let place = self.order.iter().position(|known| *known == id)?;
        Some((place, number))
    }

    /// The names of the fonts in the order of their places, for the resources of a page, with an object for each.
    pub(crate) fn names(&self, first: i32) -> Vec<(String, Ref)> {
        (0..self.order.len()).map(|place| (name(place), Ref::new(first + place as i32 * OBJECTS))).collect()
    }

    /// Writes them, from the object `first` on.
    ///
    /// A font that can't be read any more, or not be cut to size, is left out of the file; readers take one of theirs
    /// for it, by the characters that are noted beside it.
    pub(crate) fn write(&self, pdf: &mut Pdf, fonts: &Fonts, first: i32) {
        for (place, id) in self.order.iter().enumerate() {
            let (Some(used), Some(face)) = (self.used.get(id), fonts.face(*id)) else { continue };
            let first = first + place as i32 * OBJECTS;
            write_font(pdf, used, face, place, first);
        }
    }
}

/// Objects of one font: itself, its descendant, its descriptor, its file, its characters.
const OBJECTS: i32 = 5;

/// The name of a font in the contents of a page.
pub(crate) fn name(place: usize) -> String {
    format!("F{place}")
}

fn write_font(pdf: &mut Pdf, used: &Used, face: &Face, place: usize, first: i32) {
    let object = |index| Ref::new(first + index);
    let (font, descendant, descriptor, file, cmap) = (object(0), object(1), object(2), object(3), object(4));
    // A tag of six capital letters says that it is a subset; each subset of one font has its own.
    let tag: String =
        (0..6).map(|letter| char::from(b'A' + (place / 26_usize.pow(letter) % 26) as u8)).collect();
    let base = format!("{tag}+Receipt{place}");
    let subset = face.read().ok().and_then(|data| subsetter::subset(&data, face.index(), &used.mapper).ok());
    let is_cff = subset.as_ref().is_some_and(|subset| subset.starts_with(b"OTTO"));

    pdf.type0_font(font)
        .base_font(Name(base.as_bytes()))
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(descendant)
        .to_unicode(cmap);

    let mut cid = pdf.cid_font(descendant);
    cid.subtype(if is_cff { CidFontType::Type0 } else { CidFontType::Type2 });
    cid.base_font(Name(base.as_bytes())).system_info(IDENTITY).font_descriptor(descriptor).default_width(0.0);
    if !is_cff {
        cid.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    let mut widths = cid.widths();
    for (number, (_, width)) in &used.glyphs {
        widths.consecutive(*number, [*width]);
    }
    widths.finish();
    cid.finish();

    let (above, below) = face.extent();
    let mut written = pdf.font_descriptor(descriptor);
    written
        .name(Name(base.as_bytes()))
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(-1000.0, below * -1000.0, 2000.0, above * 1000.0))
        .italic_angle(0.0)
        .ascent(above * 1000.0)
        .descent(below * -1000.0)
        .cap_height(700.0)
        .stem_v(80.0);
    match (&subset, is_cff) {
        (Some(_), true) => {
            written.font_file3(file);
        }
        (Some(_), false) => {
            written.font_file2(file);
        }
        (None, _) => {}
    }
    written.finish();

    if let Some(subset) = &subset {
        let packed = compress_to_vec_zlib(subset, PACKED);
        let mut stream = pdf.stream(file, &packed);
        stream.filter(Filter::FlateDecode);
        if is_cff {
            stream.pair(Name(b"Subtype"), Name(b"OpenType"));
        } else {
            stream.pair(Name(b"Length1"), subset.len() as i32);
        }
        stream.finish();
    }

    let mut characters = UnicodeCmap::new(Name(b"Receipt"), IDENTITY);
    for (number, (character, _)) in &used.glyphs {
        characters.pair(*number, *character);
    }
    let packed = compress_to_vec_zlib(characters.finish().as_slice(), PACKED);
    pdf.cmap(cmap, &packed).filter(Filter::FlateDecode);
}
