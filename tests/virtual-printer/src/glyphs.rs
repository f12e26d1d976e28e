//! Characters as dots: a system font, thresholded to the cells of a receipt printer.
//!
//! Cells are 12 x 24 (Font A), 9 x 17 (Font B) and 24 x 24 (Hanzi), or smaller with nine pins. The font file is read when the first
//! character is drawn and shared by all printers of the process. Without any font a character is a box with
//! its code drawn into it, which keeps every layout exact, and [`Glyphs::warning`] says so.

use crate::bitmap::Bitmap;
use crate::model::Head;
use ab_glyph::{Font, FontVec, PxScale, ScaleFont, point};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Where Debian and others keep fonts with Hanzi; (file, face). Face 1 of Zen Hei is its monospaced form.
const CANDIDATES: [(&str, u32); 7] = [
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 1),
    ("/usr/share/fonts/wqy-zenhei/wqy-zenhei.ttc", 1),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 1),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", 0),
    ("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", 0),
];

/// A character cell in dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// Width in dots.
    pub w: usize,
    /// Height in dots.
    pub h: usize,
}

/// Font A of a thermal head.
pub const FONT_A: Cell = Cell { w: 12, h: 24 };
/// Font B of a thermal head.
pub const FONT_B: Cell = Cell { w: 9, h: 17 };
/// The multi-byte font of a thermal head.
pub const HANZI: Cell = Cell { w: 24, h: 24 };

/// The fonts of a printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fonts {
    /// Font A.
    pub a: Cell,
    /// Font B.
    pub b: Cell,
    /// The multi-byte font.
    pub hanzi: Cell,
}

impl Fonts {
    /// Of the head. Letters of nine pins have 9 × 9 or 7 × 9 dots, each half over the next, and blank places behind them;
    /// Hanzi have 16 × 16 and are printed in two passes.
    pub const fn of(head: Head) -> Self {
        match head {
            Head::Thermal => Self { a: FONT_A, b: FONT_B, hanzi: HANZI },
            Head::NinePin => {
                Self { a: Cell { w: 12, h: 18 }, b: Cell { w: 10, h: 18 }, hanzi: Cell { w: 16, h: 16 } }
            }
        }
    }
}

/// More glyphs than this are not cached (about 100 bytes each).
const CACHE_LIMIT: usize = 20_000;

/// The glyph source of one printer.
#[derive(Debug, Default)]
pub struct Glyphs {
    path: Option<PathBuf>,
    face: Option<Option<Arc<FontVec>>>,
    cache: BTreeMap<(char, Cell), Arc<Bitmap>>,
}

impl Glyphs {
    /// Glyphs from `path`, or from the first font that is installed.
    pub fn new(path: Option<PathBuf>) -> Self {
        Self { path, ..Self::default() }
    }

    /// What a person should know about the font: none with Hanzi was found.
    pub fn warning(&mut self) -> Option<String> {
        match self.face() {
            None => Some(format!(
                "no usable font found{}: characters are drawn as boxes (on Debian: apt install fonts-wqy-zenhei)",
                self.path.as_ref().map(|p| format!(" at {}", p.display())).unwrap_or_default()
            )),
            Some(font) if font.glyph_id('测').0 == 0 => Some(
                "the font has no Chinese: Hanzi are drawn as boxes (on Debian: apt install fonts-wqy-zenhei)"
                    .into(),
            ),
            Some(_) => None,
        }
    }

    /// The dots of `c` in a cell, from the cache or made now.
    pub fn get(&mut self, c: char, cell: Cell) -> Arc<Bitmap> {
        if let Some(found) = self.cache.get(&(c, cell)) {
            return Arc::clone(found);
        }
        let made = Arc::new(match self.face() {
            Some(font) if c == ' ' || c == '\u{3000}' || font.glyph_id(c).0 != 0 => rasterise(&font, c, cell),
            _ => placeholder(c, cell),
        });
        if self.cache.len() < CACHE_LIMIT {
            self.cache.insert((c, cell), Arc::clone(&made));
        }
        made
    }

    fn face(&mut self) -> Option<Arc<FontVec>> {
        if self.face.is_none() {
            self.face = Some(match &self.path {
                Some(path) => load(path, 1).or_else(|| load(path, 0)),
                None => system_font(),
            });
        }
        self.face.clone().flatten()
    }
}

fn system_font() -> Option<Arc<FontVec>> {
    static FONT: OnceLock<Option<Arc<FontVec>>> = OnceLock::new();
    FONT.get_or_init(|| CANDIDATES.iter().find_map(|(p, face)| load(Path::new(p), *face))).clone()
}

fn load(path: &Path, face: u32) -> Option<Arc<FontVec>> {
    // One copy of the file for all printers of a process that name the same one.
    static LOADED: Mutex<BTreeMap<(PathBuf, u32), Arc<FontVec>>> = Mutex::new(BTreeMap::new());
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (path.to_path_buf(), face);
    if let Some(font) = loaded.get(&key) {
        return Some(Arc::clone(font));
    }
    let font = Arc::new(FontVec::try_from_vec_and_index(std::fs::read(path).ok()?, face).ok()?);
    loaded.insert(key, Arc::clone(&font));
    Some(font)
}

fn rasterise(font: &FontVec, c: char, cell: Cell) -> Bitmap {
    let mut out = Bitmap::new(cell.w, cell.h);
    // An em as high as the cell makes half-width letters half as wide as it and Hanzi square.
    let em = cell.h as f32;
    let units = font.units_per_em().unwrap_or(1000.0);
    let scale = PxScale::from(em * font.height_unscaled() / units);
    let scaled = font.as_scaled(scale);
    // The ideographic em box lies from -12 % to 88 % around the baseline; letters stand a little higher, so
    // that the tail of a g is inside the cell.
    let baseline = (em * if cell.w == cell.h { 0.88 } else { 0.8 }).floor();
    let advance = scaled.h_advance(font.glyph_id(c));
    let x = ((cell.w as f32 - advance) / 2.0).max(0.0);
    let glyph = font.glyph_id(c).with_scale_and_position(scale, point(x, baseline));
    if let Some(outline) = font.outline_glyph(glyph) {
        let bounds = outline.px_bounds();
        outline.draw(|gx, gy, coverage| {
            let (px, py) = (bounds.min.x as i32 + gx.cast_signed(), bounds.min.y as i32 + gy.cast_signed());
            if coverage >= 0.42
                && let (Ok(px), Ok(py)) = (usize::try_from(px), usize::try_from(py))
            {
                out.set(px, py);
            }
        });
    }
    out
}

/// A frame with the code in binary inside: ugly, exact in size, and different for each character.
fn placeholder(c: char, cell: Cell) -> Bitmap {
    let mut out = Bitmap::new(cell.w, cell.h);
    if c == ' ' || c == '\u{3000}' {
        return out;
    }
    out.fill(1, 2, cell.w - 2, 1);
    out.fill(1, cell.h - 3, cell.w - 2, 1);
    out.fill(1, 2, 1, cell.h - 4);
    out.fill(cell.w - 2, 2, 1, cell.h - 4);
    for bit in 0..21usize {
        if (u32::from(c) >> bit) & 1 == 1 {
            out.set(3 + (bit % 5), 4 + (bit / 5) * 2);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_font_every_character_is_a_box_of_its_own_and_a_warning_is_given() {
        let mut glyphs = Glyphs::new(Some("/nowhere.ttf".into()));
        assert!(glyphs.warning().is_some());
        let (a, b) = (glyphs.get('测', HANZI), glyphs.get('试', HANZI));
        assert!(a.ink() > 50 && a != b);
        assert_eq!(glyphs.get(' ', FONT_A).ink(), 0);
    }
}
