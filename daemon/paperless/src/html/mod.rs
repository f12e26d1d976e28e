//! A page as one HTML file: for a phone, for a mail, for an archive.
//!
//! It has no script, asks for nothing from outside, and says so to the browser in a content security policy that
//! allows exactly the one style sheet in it, by its hash. It is readable at 360 pixels, follows light and dark, prints
//! on the paper's own width, and is made for screen readers too: headings, tables and rules are what they are, a
//! code says its data. On a screen nothing stands at a dot: what is kept is the order, the emphasis, and which texts
//! stand below each other.

mod escape;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use self::escape::escaped;
use crate::cells::{Cell, Line, Rule, line};
use crate::limits::{GAP_LINES_MAX, HTML_BYTES_MAX};
use crate::page::{Align, Barcode, Page, Picture, Qr, Style, What};
use crate::text::{address, table};
use crate::{Bars, Facts, Matrix};

/// Writes the page.
#[must_use]
pub fn html(page: &Page, facts: &Facts<'_>) -> String {
    let mut writer = Writer { page, out: String::new(), templates: BTreeMap::new(), heading: false };
    writer.content();
    let body = writer.out;
    let css = style(page, &writer.templates);
    let hash = STANDARD.encode(Sha256::digest(css.as_bytes()));
    let title = match (facts.title.trim(), page.first_line()) {
        ("", None) => "电子小票 Receipt".to_owned(),
        ("", Some(line)) => format!("{line} · 电子小票 Receipt"),
        (title, _) => format!("{title} · 电子小票 Receipt"),
    };
    let hidden = if writer.heading { "" } else { "<h1 class=\"hidden\">电子小票 Receipt</h1>\n" };
    let mut about = String::new();
    for (name, value) in [("单号 No.", facts.job), ("时间 Time", facts.time)] {
        if let Some(value) = value {
            let _ = writeln!(about, "<p>{name} {}</p>", escaped(value));
        }
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; \
         img-src data:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <meta name=\"format-detection\" content=\"telephone=no, date=no, address=no\">\n\
         <title>{}</title>\n<style>{css}</style>\n</head>\n<body>\n<main>\n{hidden}{body}</main>\n\
         <footer class=\"about\">\n<p>电子小票 Receipt</p>\n{about}</footer>\n</body>\n</html>\n",
        escaped(&title)
    )
}

/// The style sheet: the common part, the paper's measures, and the columns of this receipt.
fn style(page: &Page, templates: &BTreeMap<String, usize>) -> String {
    let columns = page.columns().max(1);
    let (printable, length) = page.grid.millimetres(page.dots, page.length);
    let margin = page.side_mm();
    let paper = printable + 2 * margin;
    // Letters of a screen are higher than those of a printer; what does not fit goes to a second sheet.
    let length = length * 6 / 5 + 40;
    let mut css = include_str!("style.css").trim_end().to_owned();
    // A Hanzi is one em and two columns: so a full line of the paper is a full line on a narrow phone.
    let _ = write!(
        css,
        "\nmain,.about{{max-width:calc({columns} * .52rem + 1.8rem)}}\
         main{{font-size:clamp(.78rem,calc((100vw - 3.3rem) * 2 / {columns}),1rem)}}\
         @media print{{@page{{size:{paper}mm {length}mm;margin:{margin}mm}}main{{font-size:{:.2}mm}}.about{{font-size:2.4mm}}}}",
        f64::from(printable) * 2.0 / f64::from(columns)
    );
    for lines in 1..=GAP_LINES_MAX {
        let _ = write!(css, ".f{lines}{{margin-top:{:.2}em}}", f64::from(lines) * 1.2);
    }
    for (template, name) in templates {
        let _ = write!(css, ".g{name}{{grid-template-columns:{template}}}");
    }
    css
}

struct Writer<'a> {
    page: &'a Page,
    out: String,
    /// Columns of tables, and the numbers of their classes.
    templates: BTreeMap<String, usize>,
    /// There is a heading of the first level.
    heading: bool,
}

impl Writer<'_> {
    fn content(&mut self) {
        let blocks = self.page.content();
        let mut at = 0;
        let mut bottom = None;
        while let Some(block) = blocks.get(at) {
            let gap = bottom.map_or(0, |bottom| self.gap(block.top, bottom));
            let rows = table(self.page, at);
            let taken = if rows.is_empty() { self.one(at, gap) } else { self.rows(&rows, gap) };
            at += taken.max(1);
            bottom = blocks.get(at - 1).map(|last| last.top + last.height);
        }
    }

    /// Empty lines above a block.
    fn gap(&self, top: u32, bottom: u32) -> u32 {
        let lines = (top.saturating_sub(bottom) + self.page.line_rows / 3) / self.page.line_rows.max(1);
        lines.min(GAP_LINES_MAX)
    }

    /// Lines of several cells: a table.
    fn rows(&mut self, rows: &[Vec<Cell>], gap: u32) -> usize {
        self.open("div role=\"table\"", &[], gap);
        for cells in rows {
            let template = template(cells, self.page.narrow);
            let next = self.templates.len();
            let name = *self.templates.entry(template).or_insert(next);
            let mut classes = vec!["row".to_owned(), format!("g{name}")];
            classes.extend(size_class(cells.iter().map(Cell::style)).map(str::to_owned));
            let _ = write!(self.out, "<div role=\"row\" class=\"{}\">", classes.join(" "));
            for cell in cells {
                let mut classes = Vec::new();
                if cell.align == Align::Right {
                    classes.push("e");
                }
                if keeps(cell) {
                    classes.push("n");
                }
                let class = class_of(&classes);
                let _ = write!(self.out, "<span role=\"cell\"{class}>{}</span>", parts(&cell.parts));
            }
            self.out.push_str("</div>\n");
        }
        self.out.push_str("</div>\n");
        rows.len()
    }

    /// Another block; gives how many blocks were written.
    fn one(&mut self, at: usize, gap: u32) -> usize {
        let blocks = self.page.content();
        let Some(block) = blocks.get(at) else { return 1 };
        match &block.what {
            What::Row(row) => match line(row, self.page) {
                Line::Rule(rule) => {
                    let class = match rule {
                        Rule::Single => None,
                        Rule::Double => Some("double"),
                        Rule::Dotted => Some("dotted"),
                    };
                    self.open("hr", class.as_slice(), gap);
                    self.out.push('\n');
                }
                Line::Cells(cells) => return self.lines(at, &cells, gap),
            },
            What::Picture(picture) => self.picture(picture, gap),
            What::Qr(qr) => self.qr(qr, gap),
            What::Barcode(code) => self.barcode(code, gap),
            What::Cut => {
                self.open("hr", &["cut"], gap);
                self.out.push('\n');
            }
            What::Unknown(name) => {
                self.open("p", &[], gap);
                let _ = writeln!(self.out, "[打印机内图形 Printer graphics {}]</p>", escaped(name));
            }
        }
        1
    }

    /// A line of one text; large ones that stand directly below each other in one look are one heading.
    fn lines(&mut self, at: usize, cells: &[Cell], gap: u32) -> usize {
        let Some(cell) = cells.first() else { return 1 };
        let look = |cell: &Cell| (cell.style(), cell.align);
        let large = cell.style().is_large() && !cell.is_number();
        let mut texts = vec![parts(&cell.parts)];
        if large {
            let mut bottom = self.page.content().get(at).map_or(0, |block| block.top + block.height);
            for block in self.page.content().get(at + 1..).unwrap_or_default() {
                let What::Row(row) = &block.what else { break };
                let Line::Cells(next) = line(row, self.page) else { break };
                let [next] = next.as_slice() else { break };
                if look(next) != look(cell) || next.is_number() || block.top > bottom + self.page.line_rows {
                    break;
                }
                texts.push(parts(&next.parts));
                bottom = block.top + block.height;
            }
        }
        let tag = match (large, self.heading) {
            (true, false) => "h1",
            (true, true) => "h2",
            (false, _) => "p",
        };
        self.heading |= large;
        let mut classes: Vec<&str> = Vec::new();
        match cell.align {
            Align::Left => {}
            Align::Center => classes.push("c"),
            Align::Right => classes.push("e"),
        }
        classes.extend(size_class([cell.style()].into_iter()));
        self.open(tag, &classes, gap);
        // An indentation of the paper, as far as it is one.
        if cell.align == Align::Left {
            let indent = (cell.left / self.page.narrow.max(1)).min(self.page.columns() / 2);
            self.out.extend(std::iter::repeat_n(' ', indent as usize));
        }
        let _ = writeln!(self.out, "{}</{tag}>", texts.join("<br>"));
        texts.len()
    }

    fn open(&mut self, tag: &str, classes: &[&str], gap: u32) {
        let gap = (gap > 0).then(|| format!("f{gap}"));
        let classes: Vec<&str> = classes.iter().copied().chain(gap.as_deref()).collect();
        let _ = write!(self.out, "<{tag}{}>", class_of(&classes));
    }

    fn figure(&mut self, left: u32, width: u32, gap: u32) {
        let behind = self.page.dots.saturating_sub(left.saturating_add(width));
        let class = if left.abs_diff(behind) <= 3 * self.page.narrow {
            Some("c")
        } else if behind < left {
            Some("e")
        } else {
            None
        };
        self.open("figure", class.as_slice(), gap);
    }

    fn picture(&mut self, picture: &Picture, gap: u32) {
        // White at the sides is how it was put in its place.
        let Some((begin, end)) = picture.dots.ink() else { return };
        let dots = picture.dots.columns(begin, end);
        self.figure(picture.left + begin, end - begin, gap);
        let png = STANDARD.encode(dots.png(self.page.grid));
        if self.out.len() + png.len() > HTML_BYTES_MAX {
            let words = match &picture.text {
                Some(text) => escaped(&spoken(&text.words)),
                None => format!("[图片 Picture {}×{}]", dots.width(), dots.height()),
            };
            let _ = writeln!(self.out, "{words}</figure>");
            return;
        }
        let words =
            picture.text.as_ref().map_or_else(|| "图片 Picture".to_owned(), |text| spoken(&text.words));
        let words = escaped(&words);
        let (across, down) = self.page.grid.per_metre;
        // Where dots are no squares the picture is stretched to its own proportions.
        let (width, height) = (dots.width().div_ceil(2), u64::from(dots.height()) * u64::from(across));
        let height = height.div_ceil(2 * u64::from(down));
        let _ = writeln!(
            self.out,
            "<img alt=\"{words}\" width=\"{width}\" height=\"{height}\" src=\"data:image/png;base64,{png}\"></figure>"
        );
    }

    fn qr(&mut self, qr: &Qr, gap: u32) {
        let side = qr.matrix.as_ref().map_or(0, |matrix| matrix.side() * qr.module);
        self.figure(qr.left, side, gap);
        let data = escaped(&qr.data);
        if let Some(matrix) = qr.matrix.as_ref().filter(|_| self.out.len() < HTML_BYTES_MAX) {
            self.out.push_str(&svg_of_matrix(matrix, &format!("二维码 QR code: {data}")));
        }
        let caption = match address(qr) {
            Some(address) => {
                format!("<a href=\"{}\" rel=\"noopener noreferrer nofollow\">{data}</a>", escaped(address))
            }
            None => data,
        };
        let _ = writeln!(self.out, "<figcaption>{caption}</figcaption></figure>");
    }

    fn barcode(&mut self, code: &Barcode, gap: u32) {
        let width = code.bars.as_ref().map_or(0, |bars| bars.len() as u32 * code.module);
        self.figure(code.left, width, gap);
        let data = escaped(&code.data);
        if let Some(bars) = code.bars.as_ref().filter(|_| self.out.len() < HTML_BYTES_MAX) {
            let label = format!("条码 Barcode {}: {data}", code.kind);
            self.out.push_str(&svg_of_bars(bars, code, &label));
        }
        let _ = writeln!(self.out, "<figcaption>{data}</figcaption></figure>");
    }
}

fn class_of(classes: &[&str]) -> String {
    if classes.is_empty() { String::new() } else { format!(" class=\"{}\"", classes.join(" ")) }
}

/// The largest of the sizes that have a class.
fn size_class(styles: impl Iterator<Item = Style>) -> Option<&'static str> {
    let rank = |style: Style| match (style.width, style.height) {
        (1, 1) if style.font_b => 1,
        (1, 1) => 2,
        (1, _) | (_, 1) => 3,
        (2, _) | (_, 2) => 4,
        _ => 5,
    };
    match styles.map(rank).max()? {
        1 => Some("small"),
        3 => Some("tall"),
        4 => Some("big"),
        5 => Some("huge"),
        _ => None,
    }
}

/// A cell that stays in one piece: a number, or a word over numbers.
fn keeps(cell: &Cell) -> bool {
    cell.is_number() || (cell.align == Align::Right && cell.text().chars().count() <= 6)
}

/// The columns of a line of cells as they share the width on paper. A number takes what it needs.
fn template(cells: &[Cell], narrow: u32) -> String {
    if let [_, last] = cells
        && last.align == Align::Right
    {
        return "minmax(0,1fr) fit-content(75%)".to_owned();
    }
    let mut edges = vec![0];
    for pair in cells.windows(2) {
        let [one, next] = pair else { continue };
        // The right edge of a column of numbers is kept; what stands in front of them gets the room.
        let both = one.align == Align::Right && next.align == Align::Right;
        edges.push(if both { one.right } else { next.left });
    }
    edges.push(cells.last().map_or(0, |cell| cell.right));
    let columns = cells.iter().zip(edges.windows(2)).map(|(cell, edge)| {
        let share = edge.last().zip(edge.first()).map_or(0, |(end, begin)| end.saturating_sub(*begin));
        let share = (share / narrow.max(1)).max(1);
        let least = if keeps(cell) { "max-content" } else { "0" };
        format!("minmax({least},{share}fr)")
    });
    columns.collect::<Vec<_>>().join(" ")
}

/// Pieces of text, each in its emphasis.
fn parts(parts: &[(Style, String)]) -> String {
    let mut out = String::new();
    for (style, text) in parts {
        let class = match (style.underline > 0, style.reverse) {
            (true, true) => " class=\"u r\"",
            (true, false) => " class=\"u\"",
            (false, true) => " class=\"r\"",
            (false, false) => "",
        };
        let (open, close) = match (style.bold, class.is_empty()) {
            (true, _) => (format!("<b{class}>"), "</b>"),
            (false, false) => (format!("<span{class}>"), "</span>"),
            (false, true) => (String::new(), ""),
        };
        out.push_str(&open);
        out.push_str(&escaped(text));
        out.push_str(close);
    }
    out
}

/// A QR code with its white border, a path of its rows.
fn svg_of_matrix(matrix: &Matrix, label: &str) -> String {
    /// What readers need (ISO/IEC 18004): four modules.
    const BORDER: u32 = 4;
    /// Pixels per module on a screen at least: what phones read from another phone.
    const PIXELS: u32 = 4;
    let side = matrix.side() + 2 * BORDER;
    let mut path = String::new();
    for y in 0..matrix.side() {
        for (x, run) in matrix.runs(y) {
            let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + BORDER, y + BORDER);
        }
    }
    svg(side, side, (side * PIXELS).clamp(160, 300), label, &path)
}

fn svg_of_bars(bars: &Bars, code: &Barcode, label: &str) -> String {
    /// White at both sides that readers need, in modules.
    const BORDER: u32 = 10;
    let mut path = String::new();
    let height = (code.bar_height / code.module.max(1)).max(1);
    let mut x = BORDER;
    for run in bars.chunk_by(|one, next| one == next) {
        let width = run.len() as u32;
        if run.first() == Some(&true) {
            let _ = write!(path, "M{x} 2h{width}v{height}h-{width}z");
        }
        x += width;
    }
    let width = bars.len() as u32 + 2 * BORDER;
    svg(width, height + 4, width * 2, label, &path)
}

fn svg(width: u32, height: u32, pixels: u32, label: &str, path: &str) -> String {
    format!(
        "<svg role=\"img\" aria-label=\"{label}\" width=\"{pixels}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{width}v{height}h-{width}z\"/><path fill=\"#000\" d=\"{path}\"/></svg>",
        pixels * height / width.max(1)
    )
}
/// Words as they are read aloud: one blank where some stand apart.
fn spoken(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
