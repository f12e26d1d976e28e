//! A line of text as glyphs with places: split by font, put into the order in which it is seen, shaped, and fitted
//! into the cells that the layout of the receipt has given it.
//!
//! Letters that stand alone (Latin, Hanzi, kana, emoji and so on) stand in the middle of their own cells, so that columns
//! of a drawn line agree with those of printed ones. Scripts whose letters join or stack (Arabic, Thai, Devanagari and
//! so on) are shaped as a run, which has the cells of its letters together. What is wider than its cells is condensed,
//! never cut.

use std::ops::Range;

use harfrust::{Buffer, Direction, ShapeOptions, ShaperFont, shape};
use unicode_bidi::ParagraphBidiInfo;
use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

use crate::cells::{is_blank, is_emoji, is_ignorable};
use crate::face::Face;
use crate::folders::Want;
use crate::library::{FaceId, Fonts};
use crate::limits::LINE_BYTES_MAX;

/// The grid that a line stands in, in dots, at normal size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Width of one cell: 12 for Font A.
    pub cell: u16,
    /// Height of a character: 24 for Font A.
    pub height: u16,
    /// Height of the line with its spacing, which marks above and below may use: 30.
    pub line: u16,
}

impl Grid {
    /// Font A of nearly every printer.
    pub const FONT_A: Self = Self { cell: 12, height: 24, line: 30 };

    /// Dots from the top of the line to the baseline.
    #[must_use]
    pub fn baseline(self) -> f32 {
        (f32::from(self.height) * 0.875).round()
    }
}

/// A line of text as glyphs. All lengths are in dots of the grid, at normal size.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// The runs, from left to right as they are seen.
    pub runs: Vec<Run>,
    /// Width of all cells together.
    pub width: f32,
    /// Dots from the top of the line to the baseline.
    pub baseline: f32,
}

/// Glyphs of one font.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The font. None: no font has these characters, each is a box with its code in it.
    pub face: Option<FaceId>,
    /// Dots per em.
    pub size: f32,
    /// The characters, as a range of bytes of the text.
    pub text: Range<usize>,
    /// Whether the text is read from right to left.
    pub right_to_left: bool,
    /// The glyphs, from left to right.
    pub glyphs: Vec<Glyph>,
}

/// A glyph and its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glyph {
    /// Number of the glyph in its font; in a run without a font, the code of the character.
    pub id: u32,
    /// Dots from the left edge of the line to the origin of the glyph.
    pub x: f32,
    /// Dots from the baseline up to the origin of the glyph.
    pub y: f32,
    /// Width, in dots.
    pub advance: f32,
    /// How much narrower than its font has it the glyph is drawn: 0 to 1.
    pub stretch: f32,
    /// First byte of its characters in the text.
    pub cluster: usize,
}

/// How characters stand on the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Letters that stand alone.
    Letter,
    /// Hanzi and what is like it: as wide as high.
    Square,
    /// Pictures.
    Emoji,
    /// Letters that join or stack.
    Joined,
}

/// A grapheme cluster.
struct Cluster {
    text: Range<usize>,
    cells: usize,
    class: Class,
    face: Option<FaceId>,
    blank: bool,
}

impl Fonts {
    /// Lays out a line of text. `cells` has the cells of each character, in the order of the text; what is missing
    /// is none. Line ends and tabs are blanks. Of a text of more than [`LINE_BYTES_MAX`] the rest is left out.
    pub fn line(&mut self, text: &str, cells: &[u8], grid: Grid) -> Line {
        let text = text.get(..text.floor_char_boundary(LINE_BYTES_MAX)).unwrap_or(text);
        let mut clusters = self.clusters(text, cells);
        let mut line = Line { baseline: grid.baseline(), ..Line::default() };
        if !text.chars().any(may_be_right_to_left) {
            self.join(text, &mut clusters);
            self.place(text, &clusters, false, grid, &mut line);
            return line;
        }
        // Commands that turn a direction by force could show digits in another order than the search for card numbers
        // saw them: they count as nothing. What takes their place has as many bytes.
        let plain = text.replace(is_override, "\u{200b}");
        let bidi = ParagraphBidiInfo::new(&plain, None);
        let (levels, runs) = bidi.visual_runs(0..text.len());
        for run in runs {
            let within = |cluster: &Cluster| run.contains(&cluster.text.start);
            let first = clusters.iter().position(within).unwrap_or(clusters.len());
            let count = clusters.iter().skip(first).take_while(|cluster| within(cluster)).count();
            let Some(part) = clusters.get_mut(first..first + count) else { continue };
            let right_to_left = levels.get(run.start).is_some_and(|level| level.is_rtl());
            self.join(text, part);
            self.place(text, part, right_to_left, grid, &mut line);
        }
        line
    }

    fn clusters(&mut self, text: &str, cells: &[u8]) -> Vec<Cluster> {
        let mut cells = cells.iter();
        text.grapheme_indices(true)
            .map(|(at, cluster)| {
                let taken = cluster.chars().map(|_| usize::from(cells.next().copied().unwrap_or(0))).sum();
                let blank = cluster.chars().all(is_blank);
                let class = class(cluster);
                let want = if class == Class::Letter { Want::Cells } else { Want::Any };
                let face = if blank { None } else { self.choose_for_cluster(cluster, want) };
                Cluster { text: at..at + cluster.len(), cells: taken, class, face, blank }
            })
            .collect()
    }

    /// Makes blanks and punctuation between two joined clusters of one font a part of their run.
    fn join(&self, text: &str, clusters: &mut [Cluster]) {
        let mut last: Option<(usize, FaceId)> = None;
        for index in 0..clusters.len() {
            let Some(cluster) = clusters.get(index) else { return };
            match (cluster.class, cluster.face) {
                (Class::Joined, Some(face)) => {
                    if let Some((before, same)) = last
                        && same == face
                        && let Some(between) = clusters.get_mut(before + 1..index)
                    {
                        for cluster in between {
                            cluster.class = Class::Joined;
                            cluster.face = Some(face);
                        }
                    }
                    last = Some((index, face));
                }
                _ => {
                    let part = text.get(cluster.text.clone()).unwrap_or_default();
                    let fits = part.chars().all(|character| {
                        !character.is_alphanumeric()
                            && !is_emoji(character)
                            && last.is_some_and(|(_, face)| {
                                self.face(face).is_some_and(|face| face.glyph(character).is_some())
                            })
                    });
                    if !fits {
                        last = None;
                    }
                }
            }
        }
    }

    /// Places clusters of one direction behind what is on the line.
    fn place(&self, text: &str, clusters: &[Cluster], right_to_left: bool, grid: Grid, line: &mut Line) {
        let groups =
            clusters.chunk_by(|a, b| a.class == Class::Joined && b.class == a.class && a.face == b.face);
        let groups: Vec<&[Cluster]> = groups.collect();
        let mut put = |group: &[Cluster]| {
            let cells: usize = group.iter().map(|cluster| cluster.cells).sum();
            let width = cells as f32 * f32::from(grid.cell);
            self.place_group(text, group, right_to_left, grid, (line.width, width), &mut line.runs);
            line.width += width;
        };
        if right_to_left {
            groups.into_iter().rev().for_each(&mut put);
        } else {
            groups.into_iter().for_each(&mut put);
        }
    }

    /// Places one cluster, or a run of joined ones, into its `room`: where it begins and how wide it is.
    fn place_group(
        &self,
        text: &str,
        group: &[Cluster],
        right_to_left: bool,
        grid: Grid,
        room: (f32, f32),
        runs: &mut Vec<Run>,
    ) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
        if first.blank && group.len() == 1 {
            return;
        }
        let range = first.text.start..last.text.end;
        let Some(part) = text.get(range.clone()) else { return };
        let run = |face, size| Run { face, size, text: range.clone(), right_to_left, glyphs: Vec::new() };
        let mut shaped: Vec<Run> = Vec::new();
        let mut width = 0.0;
        if let Some(id) = first.face
            && let Some(face) = self.face(id)
        {
            let mut run = run(first.face, size(face, first.class, grid, room.1));
            width = shape_run(face, part, &mut run);
            // What the font has not, though it has the rest of the cluster.
            let lost = part.char_indices().filter(|(_, character)| {
                !is_blank(*character) && face.glyph(*character).is_none() && !has_pieces(face, *character)
            });
            let lost: Vec<(usize, char)> = lost.collect();
            shaped.push(run);
            width += boxes(lost, range.clone(), right_to_left, grid, width, &mut shaped);
        } else {
            let all = part.char_indices().filter(|(_, character)| !is_blank(*character)).collect();
            width += boxes(all, range.clone(), right_to_left, grid, 0.0, &mut shaped);
        }
        let (left, room) = room;
        // A mark without a cell is drawn over what is before it, as wide as it is.
        let stretch = if width > room && room > 0.0 { room / width } else { 1.0 };
        let free = (room - width * stretch).max(0.0);
        let before = match (first.class, right_to_left) {
            (Class::Joined, false) => 0.0,
            (Class::Joined, true) => free,
            _ => free / 2.0,
        };
        for mut run in shaped {
            for glyph in &mut run.glyphs {
                glyph.x = left + before + glyph.x * stretch;
                glyph.advance *= stretch;
                glyph.stretch = stretch;
                glyph.cluster += range.start;
            }
            append(runs, run);
        }
    }
}

/// Puts a run behind the others, into the last one if it goes on.
fn append(runs: &mut Vec<Run>, run: Run) {
    if run.glyphs.is_empty() {
        return;
    }
    if let Some(last) = runs.last_mut()
        && (last.face, last.size, last.right_to_left) == (run.face, run.size, run.right_to_left)
        && (last.text.end == run.text.start || run.text.end == last.text.start)
    {
        last.text = last.text.start.min(run.text.start)..last.text.end.max(run.text.end);
        last.glyphs.extend(run.glyphs);
    } else {
        runs.push(run);
    }
}

/// Boxes with codes, from `x` on; their width together.
fn boxes(
    characters: Vec<(usize, char)>,
    text: Range<usize>,
    right_to_left: bool,
    grid: Grid,
    x: f32,
    runs: &mut Vec<Run>,
) -> f32 {
    let mut width = 0.0;
    let mut glyphs = Vec::with_capacity(characters.len());
    for (cluster, character) in characters {
        let cells = character.width().unwrap_or(1).clamp(1, 2) as f32;
        let advance = cells * f32::from(grid.cell);
        glyphs.push(Glyph { id: character.into(), x: x + width, y: 0.0, advance, stretch: 1.0, cluster });
        width += advance;
    }
    if !glyphs.is_empty() {
        runs.push(Run { face: None, size: grid.height.into(), text, right_to_left, glyphs });
    }
    width
}

/// Shapes a part of the text from x = 0 on; the width.
fn shape_run(face: &Face, part: &str, run: &mut Run) -> f32 {
    let mut characters = part.chars();
    if let (Some(only), None, false) = (characters.next(), characters.next(), run.right_to_left)
        && let Some(id) = face.glyph(only)
    {
        // Nothing to be shaped, and most characters are such.
        let advance = face.advance(id) * run.size;
        run.glyphs.push(Glyph { id, x: 0.0, y: 0.0, advance, stretch: 1.0, cluster: 0 });
        return advance;
    }
    let font = ShaperFont::new(face.font());
    let mut buffer = Buffer::new();
    buffer.push_str(part);
    buffer.set_direction(if run.right_to_left { Direction::RightToLeft } else { Direction::LeftToRight });
    buffer.guess_segment_properties();
    if shape(&font, &mut buffer, ShapeOptions::new()).is_err() {
        return 0.0;
    }
    let scale = run.size / face.units_per_em();
    let mut x = 0.0;
    for (info, position) in buffer.glyph_infos().iter().zip(buffer.glyph_positions()) {
        let advance = position.x_advance as f32 * scale;
        // Glyph 0 stands for what the font has not: drawn as a box with its code.
        if info.glyph_id != 0 {
            run.glyphs.push(Glyph {
                id: info.glyph_id,
                x: x + position.x_offset as f32 * scale,
                y: position.y_offset as f32 * scale,
                advance,
                stretch: 1.0,
                cluster: info.cluster as usize,
            });
            x += advance;
        }
    }
    x
}

/// Whether the shaper draws a character from others: composed letters from their parts.
fn has_pieces(face: &Face, character: char) -> bool {
    let mut buffer = Buffer::new();
    buffer.push_str(character.encode_utf8(&mut [0; 4]));
    buffer.guess_segment_properties();
    shape(&ShaperFont::new(face.font()), &mut buffer, ShapeOptions::new()).is_ok()
        && buffer.glyph_infos().iter().all(|info| info.glyph_id != 0)
}

/// Dots per em of a font.
fn size(face: &Face, class: Class, grid: Grid, room: f32) -> f32 {
    let height = f32::from(grid.height);
    match class {
        // The body of a Hanzi is its em.
        Class::Square => height.min(room.max(f32::from(grid.cell))),
        Class::Emoji => height * 0.875,
        // Fonts of one width have letters of 0.6 em.
        Class::Letter => height.min(f32::from(grid.cell) / 0.6),
        Class::Joined => {
            let (above, below) = face.extent();
            let baseline = grid.baseline();
            let under = f32::from(grid.line) - baseline;
            (height * 0.92).min(baseline / above.max(0.1)).min(under / below.max(0.1))
        }
    }
}

/// The class of a cluster, by its first character.
fn class(cluster: &str) -> Class {
    let Some(character) = cluster.chars().next() else { return Class::Letter };
    if character.is_ascii() && !cluster.contains('\u{20e3}') {
        return Class::Letter;
    }
    if is_emoji(character) || cluster.contains(['\u{fe0f}', '\u{20e3}']) {
        return Class::Emoji;
    }
    match character.script() {
        Script::Han
        | Script::Hiragana
        | Script::Katakana
        | Script::Hangul
        | Script::Bopomofo
        | Script::Yi => Class::Square,
        Script::Common | Script::Inherited | Script::Unknown => {
            if character.width() == Some(2) {
                Class::Square
            } else {
                Class::Letter
            }
        }
        Script::Latin
        | Script::Greek
        | Script::Cyrillic
        | Script::Armenian
        | Script::Georgian
        | Script::Ethiopic
        | Script::Cherokee
        | Script::Canadian_Aboriginal
        | Script::Braille
        | Script::Ogham
        | Script::Runic
        | Script::Gothic
        | Script::Coptic => {
            if character.width() == Some(2) {
                Class::Square
            } else {
                Class::Letter
            }
        }
        _ => Class::Joined,
    }
}

/// Embeddings, overrides and isolates.
const fn is_override(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character could turn the direction of a line; others need no look at the rules.
const fn may_be_right_to_left(character: char) -> bool {
    matches!(
        character,
        '\u{590}'..='\u{8ff}'
            | '\u{200e}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefe}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}'
    ) && !is_ignorable_letter(character)
}

const fn is_ignorable_letter(character: char) -> bool {
    is_ignorable(character)
        && !matches!(character, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
