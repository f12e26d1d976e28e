//! A page as PDF: paper of its own width and length, text as text, codes as shapes, pictures as they are.
//!
//! Each line is marked with its characters, so that searching and copying give what stands on the receipt, blanks
//! included. A cut ends a page. The same page and fonts give the same bytes: there is no time and no number in it.

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::TextRenderingMode;
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use receiptd_fonts::Fonts;
use receiptd_paperless::page::{Barcode, Block, Page, Picture, Qr, Row, Run, What};
use receiptd_paperless::{Bars, Facts, paint};

use crate::cell;
use crate::embed::{Embedded, PACKED, name};
use crate::limits::{PAGE_POINTS_MAX, PAGES_MAX};

/// Points in a metre, at 72 to the inch.
const POINTS: f32 = 72.0 / 0.0254;
/// Paper above the first line of a page and below its last one, in millimetres.
const EDGE_MM: u32 = 3;

/// A part of the receipt that ends with a cut.
struct Sheet<'a> {
    blocks: &'a [Block],
    top: u32,
    bottom: u32,
}

/// Writes the page.
#[must_use]
pub fn pdf(page: &Page, facts: &Facts<'_>, fonts: &mut Fonts) -> Vec<u8> {
    let (across, down) = page.grid.per_metre;
    let dots = |millimetres: u32, per_metre: u32| (millimetres * per_metre + 500) / 1000;
    let (side, edge) = (dots(page.side_mm(), across), dots(EDGE_MM, down));
    // Points from one dot to the next: dots are no squares where pins print.
    let (point_x, point_y) = (POINTS / across as f32, POINTS / down as f32);
    let width = page.dots + 2 * side;
    let mut embedded = Embedded::default();
    let mut images: Vec<&Picture> = Vec::new();
    let mut drawn: Vec<(Vec<u8>, u32)> = Vec::new();
    for sheet in sheets(page) {
        let height = sheet.bottom - sheet.top + 2 * edge;
        let mut pen = Pen {
            content: Content::new(),
            page,
            edge,
            fonts: &mut *fonts,
            embedded: &mut embedded,
            images: &mut images,
            invisible: false,
            left: side,
            top: sheet.top,
            height,
        };
        sheet.blocks.iter().for_each(|block| pen.block(block));
        drawn.push((pen.content.finish().into_vec(), height));
    }

    let mut pdf = Pdf::new();
    let (catalog, tree, info) = (Ref::new(1), Ref::new(2), Ref::new(3));
    let first_page = 4;
    let first_image = first_page + 2 * drawn.len() as i32;
    let first_font = first_image + images.len() as i32;
    let page_ref = |index: usize| Ref::new(first_page + 2 * index as i32);
    let mut root = pdf.catalog(catalog);
    root.pages(tree).lang(TextStr("zh-CN"));
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    pdf.pages(tree).kids((0..drawn.len()).map(page_ref)).count(drawn.len() as i32);
    let title = match (facts.title.trim(), page.first_line()) {
        ("", None) => "电子小票 Receipt".to_owned(),
        ("", Some(line)) => line,
        (title, _) => title.to_owned(),
    };
    let mut about = pdf.document_info(info);
    about.title(TextStr(&title)).producer(TextStr("receiptd"));
    let subject: Vec<String> = [("单号 No. ", facts.job), ("时间 Time ", facts.time)]
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name}{value}")))
        .collect();
    if !subject.is_empty() {
        about.subject(TextStr(&subject.join(", ")));
    }
    about.finish();
    let font_names = embedded.names(first_font);
    for (index, (content, height)) in drawn.iter().enumerate() {
        let (page_id, content_id) = (page_ref(index), Ref::new(first_page + 2 * index as i32 + 1));
        let points = *height as f32 * point_y;
        // A page that is too long for readers counts in larger units.
        let unit = (points / PAGE_POINTS_MAX).max(1.0).ceil();
        let mut written = pdf.page(page_id);
        written.parent(tree).contents(content_id);
        written.media_box(Rect::new(0.0, 0.0, width as f32 * point_x / unit, points / unit));
        if unit > 1.0 {
            written.user_unit(unit);
        }
        let mut resources = written.resources();
        let mut named = resources.fonts();
        for (name, id) in &font_names {
            named.pair(Name(name.as_bytes()), *id);
        }
        named.finish();
        let mut named = resources.x_objects();
        for index in 0..images.len() {
            named.pair(Name(image_name(index).as_bytes()), Ref::new(first_image + index as i32));
        }
        named.finish();
        resources.finish();
        written.finish();
        // All is drawn in dots, from the upper edge of the paper.
        let mut whole = format!("{} 0 0 {} 0 0 cm\n", point_x / unit, point_y / unit).into_bytes();
        whole.extend_from_slice(content);
        let packed = compress_to_vec_zlib(&whole, PACKED);
        pdf.stream(content_id, &packed).filter(Filter::FlateDecode);
    }
    for (index, picture) in images.iter().enumerate() {
        let packed = compress_to_vec_zlib(picture.dots.bits(), PACKED);
        let mut image = pdf.image_xobject(Ref::new(first_image + index as i32), &packed);
        image.filter(Filter::FlateDecode);
        image.width(picture.dots.width() as i32).height(picture.dots.height() as i32);
        // Black where a dot is set, and nothing elsewhere.
        image.image_mask(true).decode([1.0, 0.0]);
        image.finish();
    }
    embedded.write(&mut pdf, fonts, first_font);
    pdf.finish()
}

/// Parts between cuts. There is at least one.
fn sheets(page: &Page) -> Vec<Sheet<'_>> {
    let mut sheets: Vec<Sheet<'_>> = Vec::new();
    let mut rest = page.content();
    let bottom_of = |blocks: &[Block]| {
        blocks.iter().map(|block| block.top.saturating_add(block.height)).max().unwrap_or_default()
    };
    while !rest.is_empty() {
        let end = match rest.iter().position(|block| block.what == What::Cut) {
            Some(end) if sheets.len() + 1 < PAGES_MAX => end,
            _ => rest.len(),
        };
        let (blocks, behind) = rest.split_at(end);
        if let Some(first) = blocks.first() {
            sheets.push(Sheet { blocks, top: first.top, bottom: bottom_of(blocks).max(first.top) });
        }
        rest = behind.get(1..).unwrap_or_default();
    }
    if sheets.is_empty() {
        sheets.push(Sheet { blocks: &[], top: 0, bottom: 0 });
    }
    sheets
}

fn image_name(index: usize) -> String {
    format!("P{index}")
}

/// Draws one page. Places are dots; y goes up in a PDF and down on paper.
struct Pen<'a, 'p> {
    content: Content,
    page: &'p Page,
    /// Paper above the first line, in rows.
    edge: u32,
    fonts: &'a mut Fonts,
    embedded: &'a mut Embedded,
    images: &'a mut Vec<&'p Picture>,
    /// Characters are there and not seen.
    invisible: bool,
    left: u32,
    top: u32,
    height: u32,
}

impl<'p> Pen<'_, 'p> {
    /// A dot row of the receipt, as a height above the lower edge of this page.
    fn up(&self, y: u32) -> f32 {
        self.height as f32 - (y.saturating_sub(self.top) + self.edge) as f32
    }

    fn across(&self, x: u32) -> f32 {
        (x + self.left) as f32
    }

    fn block(&mut self, block: &'p Block) {
        match &block.what {
            What::Row(row) => self.row(row, block.top + block.height),
            What::Picture(picture) => self.picture(picture, block),
            What::Qr(qr) => self.qr(qr, block.top),
            What::Barcode(code) => self.barcode(code, block.top),
            What::Cut | What::Unknown(_) => {}
        }
    }

    fn rect(&mut self, left: u32, top: u32, width: u32, height: u32) {
        let (x, y) = (self.across(left), self.up(top + height));
        self.content.rect(x, y, width as f32, height as f32);
    }

    fn row(&mut self, row: &Row, bottom: u32) {
        let mut marked = self.content.begin_marked_content_with_properties(Name(b"Span"));
        marked.properties().actual_text(TextStr(&row.text()));
        marked.finish();
        row.runs.iter().for_each(|run| self.run(run, bottom));
        self.content.end_marked_content();
    }

    /// The characters of a run, which stand on `bottom`.
    fn run(&mut self, run: &Run, bottom: u32) {
        let (wide, high) = (u32::from(run.style.width).max(1), u32::from(run.style.height).max(1));
        let (width, cell_height) = paint::cell(self.page, run);
        let height = cell_height * high;
        let top = bottom.saturating_sub(height);
        let whole = run.right().saturating_sub(run.left);
        if run.style.reverse {
            self.content.set_fill_gray(0.0);
            self.rect(run.left, top, whole, height);
            self.content.fill_nonzero();
        }
        let gray = if run.style.reverse { 1.0 } else { 0.0 };
        self.content.set_fill_gray(gray).set_stroke_gray(gray);
        for (index, character) in run.text.chars().enumerate().filter(|(_, character)| *character != ' ') {
            let left = run.left + run.advance * index as u32;
            self.character(character, (left, top), (width, cell_height), (wide, high), run.style.bold);
        }
        // What is white on black has none.
        if run.style.underline > 0 && !run.style.reverse {
            let thick = run.style.underline.into();
            self.rect(run.left, bottom.saturating_sub(thick), whole, thick);
            self.content.fill_nonzero();
        }
        self.content.set_fill_gray(0.0).set_stroke_gray(0.0);
    }

    fn character(
        &mut self,
        character: char,
        (left, top): (u32, u32),
        (width, height): (u32, u32),
        (wide, high): (u32, u32),
        bold: bool,
    ) {
        let (line, grid) = cell(self.fonts, character, width, height);
        let baseline = self.up(top) - grid.baseline() * high as f32;
        let mut any = false;
        for run in &line.runs {
            let Some((id, face)) = run.face.and_then(|id| self.fonts.face(id).map(|face| (id, face))) else {
                continue;
            };
            for glyph in &run.glyphs {
                let Some((place, number)) = self.embedded.glyph(id, face, glyph.id, character) else {
                    continue;
                };
                let x = (left + self.left) as f32 + glyph.x * wide as f32;
                let y = baseline + glyph.y * high as f32;
                let (stretch, tall) = (glyph.stretch * wide as f32, high as f32);
                self.content.begin_text();
                if self.invisible {
                    self.content.set_text_rendering_mode(TextRenderingMode::Invisible);
                } else if bold {
                    // A dot more, as the printer does it; in units of the stretched letter.
                    self.content.set_text_rendering_mode(TextRenderingMode::FillStroke).set_line_width(0.8);
                } else {
                    self.content.set_text_rendering_mode(TextRenderingMode::Fill);
                }
                self.content.set_font(Name(name(place).as_bytes()), run.size);
                self.content.set_text_matrix([stretch, 0.0, 0.0, tall, x, y]);
                self.content.show(Str(&number.to_be_bytes()));
                self.content.end_text();
                any = true;
            }
        }
        if !any && !self.invisible {
            // No font has it: a box, and the character itself in the text that is copied.
            self.content.set_line_width(1.0);
            self.rect(
                left + 2,
                top + 3 * high,
                (width * wide).saturating_sub(4),
                (height * high).saturating_sub(6),
            );
            self.content.stroke();
        }
    }

    fn picture(&mut self, picture: &'p Picture, block: &Block) {
        let name = image_name(self.images.len());
        self.images.push(picture);
        let (width, height) = (picture.dots.width() as f32, picture.dots.height() as f32);
        let (x, y) = (self.across(picture.left), self.up(block.top + block.height));
        self.content.save_state().set_fill_gray(0.0).transform([width, 0.0, 0.0, height, x, y]);
        self.content.x_object(Name(name.as_bytes())).restore_state();
        if let Some(text) = &picture.text {
            self.hidden(&text.words, picture, block.top + block.height);
        }
    }

    /// The words of a picture, behind it: to be searched, copied and read aloud.
    fn hidden(&mut self, words: &str, picture: &Picture, bottom: u32) {
        let words = words.trim();
        let characters = words.chars().count().max(1) as u32;
        let (begin, end) = picture.dots.ink().unwrap_or((0, 0));
        let advance = ((end - begin) / characters).max(1);
        let run = Run { left: picture.left + begin, ..Run::plain(advance, words.to_owned()) };
        self.invisible = true;
        self.row(&Row { align: Default::default(), runs: vec![run] }, bottom);
        self.invisible = false;
    }

    fn qr(&mut self, qr: &Qr, top: u32) {
        let Some(matrix) = &qr.matrix else { return };
        for y in 0..matrix.side() {
            for (x, run) in matrix.runs(y) {
                self.rect(qr.left + x * qr.module, top + y * qr.module, run * qr.module, qr.module);
            }
        }
        self.content.fill_nonzero();
    }

    fn barcode(&mut self, code: &Barcode, top: u32) {
        let Some(bars) = &code.bars else { return };
        let (narrow, rows) = (self.page.narrow, self.page.grid.letter_rows);
        let top = top + if code.text.0 { rows } else { 0 };
        self.bars(bars, code, top);
        let text = Run::plain(narrow, code.printed());
        let width = bars.len() as u32 * code.module;
        let left = code.left + width.saturating_sub(text.right()) / 2;
        let row = Row { align: Default::default(), runs: vec![Run { left, ..text }] };
        if code.text.0 {
            self.row(&row, top);
        }
        if code.text.1 {
            self.row(&row, top + code.bar_height + rows);
        }
    }

    fn bars(&mut self, bars: &Bars, code: &Barcode, top: u32) {
        let mut x = code.left;
        for run in bars.chunk_by(|one, next| one == next) {
            let width = run.len() as u32 * code.module;
            if run.first() == Some(&true) {
                self.rect(x, top, width, code.bar_height);
            }
            x += width;
        }
        self.content.fill_nonzero();
    }
}
