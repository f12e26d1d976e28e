//! Lines as pictures in black and white. Glyphs are kept as they were drawn, since a receipt repeats its letters.

use std::collections::BTreeMap;
use std::rc::Rc;

use harfrust::font::glyph::outline::PathSink;
use zeno::{Command, Mask, Point, Scratch, Transform};

use crate::canvas::{Canvas, Fill};
use crate::codes;
use crate::emoji;
use crate::face::Face;
use crate::library::{FaceId, Fonts};
use crate::limits::{GLYPH_DOTS_MAX, GLYPHS_KEPT_MAX};
use crate::line::{Glyph, Grid, Line, Run};

/// Covered part of a dot, of 255, from which on it is black. Below a half, so that thin strokes do not break.
const BLACK: u8 = 104;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Strokes one dot wider.
    pub bold: bool,
    /// A line below the characters.
    pub underline: bool,
    /// White on black.
    pub reverse: bool,
    /// Times the normal width, 1 to 8.
    pub width: u8,
    /// Times the normal height, 1 to 8.
    pub height: u8,
}

impl Look {
    /// Normal size, no style.
    pub const PLAIN: Self = Self { bold: false, underline: false, reverse: false, width: 1, height: 1 };
}

/// A drawn glyph: its black dots in runs.
struct Drawn {
    /// From the origin to the left of the picture and to its top, in dots, y downwards.
    left: i32,
    top: i32,
    width: usize,
    black: Vec<bool>,
}

/// What a drawn glyph depends on; sizes and places in parts of a dot.
type Key = (FaceId, u32, u32, u32, u8);

/// Glyphs as they were drawn.
pub(crate) struct Glyphs {
    kept: BTreeMap<Key, Rc<Drawn>>,
    scratch: Option<Scratch>,
}

impl Glyphs {
    pub(crate) const fn new() -> Self {
        Self { kept: BTreeMap::new(), scratch: None }
    }
}

impl Fonts {
    /// Draws a line; `left` and `top` are where its upper left corner stands in the picture, in dots.
    pub fn draw(
        &mut self,
        line: &Line,
        grid: Grid,
        look: Look,
        canvas: &mut Canvas,
        (left, top): (i32, i32),
    ) {
        let (across, down) = (f32::from(look.width.clamp(1, 8)), f32::from(look.height.clamp(1, 8)));
        let baseline = top + (line.baseline * down) as i32;
        for run in &line.runs {
            for glyph in &run.glyphs {
                let x = left as f32 + glyph.x * across;
                match run.face {
                    None => {
                        let size = ((glyph.advance * across) as i32, (f32::from(grid.height) * down) as i32);
                        codes::draw(canvas, glyph.id, (x as i32, top), size);
                    }
                    Some(id) => {
                        let up = (glyph.y * down).round() as i32;
                        let Some(drawn) = self.drawn(id, run, *glyph, x.fract(), (across, down)) else {
                            continue;
                        };
                        drawn.put(canvas, x.floor() as i32, baseline - up);
                        if look.bold {
                            drawn.put(canvas, x.floor() as i32 + 1, baseline - up);
                        }
                    }
                }
            }
        }
        let right = left + (line.width * across).round() as i32;
        let bottom = top + i32::from(grid.height) * i32::from(look.height.clamp(1, 8));
        if look.underline {
            canvas.fill(left..right, bottom..bottom + 1, Fill::Black);
        }
        if look.reverse {
            canvas.fill(left..right, top..bottom, Fill::Reverse);
        }
    }

    fn drawn(
        &mut self,
        id: FaceId,
        run: &Run,
        glyph: Glyph,
        part: f32,
        times: (f32, f32),
    ) -> Option<Rc<Drawn>> {
        let size = run.size * times.1;
        let stretch = glyph.stretch * times.0 / times.1;
        // Half dots are enough for where a glyph begins; letters in cells begin at few places.
        let part = (part * 2.0) as u8;
        let key = (id, glyph.id, (size * 64.0) as u32, (stretch * 1024.0) as u32, part);
        if let Some(kept) = self.glyphs.kept.get(&key) {
            return Some(Rc::clone(kept));
        }
        let face = self.face(id)?.clone();
        let scratch = self.glyphs.scratch.get_or_insert_default();
        let drawn = Rc::new(
            draw_outline(&face, glyph.id, (size, stretch), f32::from(part) / 2.0, scratch)
                .or_else(|| draw_picture(&face, glyph, run.size, times))?,
        );
        if self.glyphs.kept.len() >= GLYPHS_KEPT_MAX {
            self.glyphs.kept.clear();
        }
        self.glyphs.kept.insert(key, Rc::clone(&drawn));
        Some(drawn)
    }
}

impl Drawn {
    /// Puts the black dots onto the picture, the origin at a place.
    fn put(&self, canvas: &mut Canvas, x: i32, y: i32) {
        for (row, dots) in self.black.chunks_exact(self.width.max(1)).enumerate() {
            for (column, _) in dots.iter().enumerate().filter(|(_, black)| **black) {
                canvas.set(x + self.left + column as i32, y + self.top + row as i32);
            }
        }
    }
}

/// Collects an outline.
#[derive(Default)]
struct Outline(Vec<Command>);

impl PathSink for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.push(Command::MoveTo(Point::new(x, y)));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.push(Command::LineTo(Point::new(x, y)));
    }

    fn quad_to(&mut self, cx0: f32, cy0: f32, x: f32, y: f32) {
        self.0.push(Command::QuadTo(Point::new(cx0, cy0), Point::new(x, y)));
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.0.push(Command::CurveTo(Point::new(cx0, cy0), Point::new(cx1, cy1), Point::new(x, y)));
    }

    fn close(&mut self) {
        self.0.push(Command::Close);
    }
}

/// A glyph from its outline. None if it has none, or one that is not for paper.
fn draw_outline(
    face: &Face,
    glyph: u32,
    (size, stretch): (f32, f32),
    part: f32,
    scratch: &mut Scratch,
) -> Option<Drawn> {
    let mut outline = Outline::default();
    if !face.outline(glyph, &mut outline) || outline.0.is_empty() {
        return None;
    }
    let scale = size / face.units_per_em();
    let transform = Transform::new(scale * stretch, 0.0, 0.0, -scale, part, 0.0);
    let bounds = scratch.bounds(&outline.0, zeno::Fill::NonZero, Some(transform));
    let sane = |low: f32, high: f32| {
        low.is_finite() && high.is_finite() && low.abs() < GLYPH_DOTS_MAX && high.abs() < GLYPH_DOTS_MAX
    };
    if !sane(bounds.min.x, bounds.max.x) || !sane(bounds.min.y, bounds.max.y) {
        return None;
    }
    let (mask, place) = Mask::with_scratch(&outline.0, scratch).transform(Some(transform)).render();
    let black = mask.iter().map(|cover| *cover >= BLACK).collect();
    Some(Drawn { left: place.left, top: place.top, width: place.width as usize, black })
}

/// A glyph of a font of pictures: as high as its cell, from the top of a letter to its foot.
fn draw_picture(face: &Face, glyph: Glyph, size: f32, times: (f32, f32)) -> Option<Drawn> {
    let shades = emoji::unpack(face.picture(glyph.id, size * times.1)?.pixels())?;
    // Fonts of pictures leave a margin of a fifth below the baseline; the picture is as wide as its glyph.
    let width = ((glyph.advance * times.0).round() as usize).clamp(1, GLYPH_DOTS_MAX as usize);
    let height = ((size * 1.1 * times.1).round() as usize).clamp(1, GLYPH_DOTS_MAX as usize);
    let black = shades.draw(width, height);
    Some(Drawn { left: 0, top: -(height as f32 * 0.86).round() as i32, width, black })
}
