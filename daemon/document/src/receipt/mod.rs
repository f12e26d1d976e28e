//! The JSON receipt: lines of text, columns, codes and pictures, laid out for the paper, once per copy.
//!
//! ```json
//! {
//!   "version": 1,
//!   "title": "某某商店",
//!   "copies": ["merchant", "customer"],
//!   "lines": [
//!     {"columns": {"columns": [{"text": "金额 AMOUNT"}, {"text": "RMB 128.00", "align": "right"}]}},
//!     {"rule": {}},
//!     {"text": {"text": "签名 SIGNATURE", "only": ["merchant"]}},
//!     {"qr": {"data": "https://example.com/r/1"}}
//!   ]
//! }
//! ```
//!
//! The format is [`model`]; a line is an object with one key. Beside the lines there are a [`sale`] (the receipt of a
//! shop) and a [`slip`] (of a card payment), which are lowered to lines. Fonts and widths come from the profile, never
//! from the document, so that one document fits every printer or is refused by name.

mod barcodes;
mod cards;
mod codes;
mod columns;
pub(crate) mod dress;
mod lower;
pub mod model;
pub mod money;
mod parse;
mod place;
mod plan;
pub mod sale;
pub mod slip;
pub mod time;
pub mod values;

use std::borrow::Cow;
use std::sync::Arc;

use crate::charset::{Charset, first_bad};
use crate::limits::{COLUMNS_MAX, IMAGE_DOTS_MAX};
pub use crate::picture::Dither;
use crate::picture::{self, Base64};
pub use crate::qr::Level;
use crate::raster::Bitmap;
use crate::seal::{Draft, seal};
use crate::template::{Date, Logo, Template, Templates};
use crate::typeset::Typesetter;
pub use crate::writer::Align;
use crate::writer::{BadText, Style, Writer};
use crate::{CopyLabel, DocumentError, Dressed, Made, Place, Profile, Rendered, TextMode};
use dress::Dressing;
use model::{ColumnsLine, Line, LogoLine, PairLine, Receipt, RuleStyle, TextLine};
use plan::Plan;
use slip::Language;
use values::Pin;

/// Gives the path of something in a line, for errors.
type Path<'a> = &'a dyn Fn(&str) -> String;

/// Renders every copy of a JSON receipt.
pub(crate) fn render(
    json: &[u8],
    profile: &Profile,
    typesetter: &dyn Typesetter,
) -> Result<Vec<Rendered>, DocumentError> {
    copies(parse::parse(json)?, json.len(), profile, typesetter, Dressing::default())
}

/// The same, and once more with the template that fits, if one does.
pub(crate) fn render_with(
    json: &[u8],
    profile: &Profile,
    typesetter: &dyn Typesetter,
    templates: &Templates,
    today: Date,
) -> Result<Made, DocumentError> {
    let receipt = parse::parse(json)?;
    let template = templates.choose(&receipt)?;
    let plain = copies(receipt, json.len(), profile, typesetter, Dressing::default())?;
    let dressed = template.and_then(|template| dressed(json, &plain, profile, typesetter, (template, today)));
    Ok(Made { plain, dressed })
}

/// The same with this template.
pub(crate) fn render_in(
    json: &[u8],
    profile: &Profile,
    typesetter: &dyn Typesetter,
    template: &Template,
    today: Date,
) -> Result<Made, DocumentError> {
    let plain = render(json, profile, typesetter)?;
    let dressed = dressed(json, &plain, profile, typesetter, (template, today));
    Ok(Made { plain, dressed })
}

/// A receipt with a template, unless nothing of that is printed today. The receipt itself is known to be sound, and
/// nothing in it may become another: that the digits of both together look like a card number must not mask any of it.
fn dressed(
    json: &[u8],
    plain: &[Rendered],
    profile: &Profile,
    typesetter: &dyn Typesetter,
    (template, today): (&Template, Date),
) -> Option<Dressed> {
    let with = || {
        let dressing = template.on(today)?;
        let copies = copies(parse::parse(json)?, json.len(), profile, typesetter, dressing)?;
        let same = copies.iter().zip(plain).all(|(copy, plain)| copy.masked == plain.masked);
        if same { Ok(copies) } else { Err(joined(template.name())) }
    };
    template.is_on(today).then(|| Dressed { template: template.name().to_owned(), copies: with() })
}

fn joined(template: &str) -> DocumentError {
    let detail =
        "digits of the template and of the receipt together look like a card number; put a rule between them";
    DocumentError::Field { path: format!("template {template}"), detail: Cow::Borrowed(detail) }
}

fn copies<'a>(
    receipt: Receipt<'a>,
    bytes: usize,
    profile: &Profile,
    typesetter: &dyn Typesetter,
    dressing: Dressing<'a>,
) -> Result<Vec<Rendered>, DocumentError> {
    let mut plan = Plan::of(receipt, profile, dressing)?;
    let masked = plan.masked + cards::guard(&mut plan, profile.cards)?;
    let pictures = pictures(&plan, profile, typesetter)?;
    let name = plan.name();
    let capacity = bytes.min(64 << 10);
    let draft = |&copy| {
        let writer = Writer::new(profile, capacity, typesetter);
        let Writer { out: bytes, drawn, .. } = write_copy(&plan, copy, &pictures, writer)?;
        seal(Draft { bytes, copy, title: name, cut_is_content: false, masked, drawn }, profile)
    };
    plan.copies.iter().map(draft).collect()
}

/// The pictures of all lines that any copy prints, drawn once: an entry per line, as far as there are any.
fn pictures(
    plan: &Plan<'_>,
    profile: &Profile,
    typesetter: &dyn Typesetter,
) -> Result<Vec<Option<Arc<Bitmap>>>, DocumentError> {
    let mut budget = IMAGE_DOTS_MAX;
    let mut bitmaps = Vec::new();
    for (index, line) in plan.lines.iter().enumerate() {
        if !plan.copies.iter().any(|copy| line.only().contains(*copy)) {
            continue;
        }
        let bitmap = match line {
            Line::Logo(logo) => made_logo(logo, index, plan, profile, typesetter, &mut budget)?,
            Line::Qr(qr) if !profile.native_qr => {
                Arc::new(codes::draw_qr(qr, profile, || plan.path(index, ".qr.data"))?)
            }
            Line::Barcode(code) if !profile.native_barcode => {
                Arc::new(barcodes::draw(code, profile, || plan.path(index, ".barcode.data"))?)
            }
            _ => continue,
        };
        bitmaps.resize_with(index, || None);
        bitmaps.push(Some(bitmap));
    }
    Ok(bitmaps)
}

/// A logo as the printer takes it: what the template has kept of it, or made now. `budget` is how many pixels the document
/// may still have.
fn made_logo(
    line: &LogoLine<'_>,
    index: usize,
    plan: &Plan<'_>,
    profile: &Profile,
    typesetter: &dyn Typesetter,
    budget: &mut u64,
) -> Result<Arc<Bitmap>, DocumentError> {
    let kept = plan.kept(index);
    if let Some(logo) = kept.and_then(|(kept, line)| kept.get(line, profile))
        && let Some(left) = budget.checked_sub(logo.pixels)
    {
        *budget = left;
        return Ok(logo.bitmap);
    }
    let (source, key) = match (&line.png_base64, &line.jpeg_base64) {
        (Some(png), None) => (Base64::Png(&png.0), ".logo.png_base64"),
        (None, Some(jpeg)) => (Base64::Jpeg(&jpeg.0, typesetter), ".logo.jpeg_base64"),
        _ => {
            let detail = Cow::Borrowed("a logo has either png_base64 or jpeg_base64; give one of them");
            return Err(DocumentError::Field { path: plan.path(index, ".logo"), detail });
        }
    };
    let before = *budget;
    let bitmap = picture::decode(source, line.dither, profile, budget, || plan.path(index, key))?;
    let logo = Logo { bitmap: Arc::new(bitmap), pixels: before - *budget };
    if let Some((kept, line)) = kept {
        kept.put(line, profile, &logo);
    }
    Ok(logo.bitmap)
}

fn write_copy<'a>(
    plan: &Plan<'_>,
    copy: CopyLabel,
    pictures: &[Option<Arc<Bitmap>>],
    mut writer: Writer<'a>,
) -> Result<Writer<'a>, DocumentError> {
    if plan.text == TextMode::Raster {
        writer.draw_all();
    }
    // A cut that the document ends with is the final cut.
    let mut cut_last = false;
    for (index, line) in plan.lines.iter().enumerate() {
        if index == plan.header() {
            write_head(&mut writer, plan, copy)?;
        }
        if !line.only().contains(copy) {
            continue;
        }
        cut_last = match line {
            Line::Cut(_) => true,
            Line::Drawer(_) | Line::Beep(_) => cut_last,
            _ => false,
        };
        let picture = pictures.get(index).and_then(Option::as_deref);
        write_line(&mut writer, line, &|rest| plan.path(index, rest), picture)?;
        writer.check_size()?;
    }
    if plan.header() == plan.lines.len() {
        write_head(&mut writer, plan, copy)?;
    }
    writer.end_of_body();
    if plan.cut && !cut_last {
        writer.cut(None);
    }
    Ok(writer)
}

/// The title, and whose copy it is.
fn write_head(writer: &mut Writer<'_>, plan: &Plan<'_>, copy: CopyLabel) -> Result<(), DocumentError> {
    if let Some(title) = &plan.title
        && !title.trim().is_empty()
    {
        write_title(writer, title, plan)?;
    }
    write_label(writer, copy, plan.language)
}

/// The title, centred and bold: twice as wide and high if it fits so in one line, else twice as high.
fn write_title(writer: &mut Writer<'_>, title: &str, plan: &Plan<'_>) -> Result<(), DocumentError> {
    let large = Style { bold: true, width: 2, height: 2, ..Style::CENTERED };
    let fits = !title.contains('\n') && writer.cells().columns(title) <= writer.columns(large);
    let style = if fits { large } else { Style { width: 1, ..large } };
    writer
        .paragraph(title, style)
        .map_err(|why| bad_text(title, why, writer.profile, || plan.title_path().into()))
}

/// Whose copy it is, under the title: the shop's own words, or the usual, in the language of the receipt.
fn write_label(writer: &mut Writer<'_>, copy: CopyLabel, language: Language) -> Result<(), DocumentError> {
    let style = Style { bold: true, ..Style::CENTERED };
    let path = || "$.copies".to_owned();
    if let Some(own) = &writer.profile.copies.of(copy).label {
        match writer.whole_paragraph(own, style) {
            Ok(()) => return Ok(()),
            // Whoever draws is to be asked for them.
            Err(why) if why.wants_drawing() => return Err(bad_text(own, why, writer.profile, path)),
            // Words that cannot be had do not cost a receipt.
            Err(_) => {}
        }
    }
    let (zh, en) = match copy {
        CopyLabel::Single => return Ok(()),
        CopyLabel::Merchant => ("商户存根", "MERCHANT COPY"),
        CopyLabel::Customer => ("持卡人存根", "CUSTOMER COPY"),
        CopyLabel::Bank => ("银行存根", "BANK COPY"),
    };
    let label = match language {
        Language::ZhEn => &format!("{zh} {en}"),
        Language::Zh => zh,
        Language::En => en,
    };
    // These characters are in GB2312, so in every Chinese font; but all may have to be drawn.
    writer.paragraph(label, style).map_err(|why| bad_text(label, why, writer.profile, path))
}

fn write_line(
    writer: &mut Writer<'_>,
    line: &Line<'_>,
    path: Path<'_>,
    picture: Option<&Bitmap>,
) -> Result<(), DocumentError> {
    match line {
        Line::Text(line) => write_text(writer, line, path)?,
        Line::Columns(line) => write_columns(writer, line, path)?,
        Line::Pair(line) => write_pair(writer, line, path)?,
        Line::Rule(line) => {
            let byte = match line.style {
                RuleStyle::Single => b'-',
                RuleStyle::Double => b'=',
                RuleStyle::Dotted => b'.',
            };
            writer.rule(byte).map_err(|why| bad_text("", why, writer.profile, || path(".rule")))?;
        }
        Line::Space(line) => writer.feed_lines(line.lines.byte()),
        Line::Feed(line) => writer.feed_dots(line.dots.get()),
        Line::Qr(line) => codes::write_qr(writer, line, picture, || path(".qr.data"))?,
        Line::Barcode(line) => match picture {
            Some(bitmap) => writer.picture(bitmap, line.align),
            None => barcodes::write(writer, line, || path(".barcode.data"))?,
        },
        // Every logo that is printed was unpacked.
        Line::Logo(line) => {
            if let Some(bitmap) = picture {
                writer.picture(bitmap, line.align);
            }
        }
        Line::Cut(line) => writer.cut(line.kind.map(Into::into)),
        Line::Drawer(line) => writer.drawer(match line.pin {
            Pin::Two => 0,
            Pin::Five => 1,
        }),
        Line::Beep(line) => writer.beep(line.times.byte(), line.duration_ms.map_or(200, |ms| ms.get())),
    }
    Ok(())
}

fn write_text(writer: &mut Writer<'_>, line: &TextLine<'_>, path: Path<'_>) -> Result<(), DocumentError> {
    let style = Style {
        align: line.align,
        bold: line.bold,
        underline: line.underline,
        reverse: line.reverse,
        width: line.size.width,
        height: line.size.height,
    };
    check_size_fits(writer, style, || path(".text.size"))?;
    writer
        .paragraph(&line.text, style)
        .map_err(|why| bad_text(&line.text, why, writer.profile, || path(".text.text")))
}

fn write_columns(
    writer: &mut Writer<'_>,
    line: &ColumnsLine<'_>,
    path: Path<'_>,
) -> Result<(), DocumentError> {
    let path = |key: &str| path(&format!(".columns{key}"));
    let count = line.columns.len();
    if count == 0 || count > COLUMNS_MAX {
        return Err(DocumentError::TooMany { path: path(".columns"), count, max: COLUMNS_MAX });
    }
    let style = Style { bold: line.bold, width: line.size.width, height: line.size.height, ..Style::PLAIN };
    let (widths, gap) = columns::widths(line, writer.columns(style), writer.cells())
        .map_err(|detail| DocumentError::ColumnWidths { path: path(".columns"), detail })?;
    columns::write(writer, line, style, &widths, gap).map_err(|(column, why)| {
        let text = line.columns.get(column).map_or(Cow::Borrowed(""), |column| column.text.clone());
        bad_text(&text, why, writer.profile, || path(&format!(".columns[{column}].text")))
    })
}

/// Both in one row, if they fit, with a blank between; if not, each with lines of its own.
fn write_pair(writer: &mut Writer<'_>, line: &PairLine<'_>, path: Path<'_>) -> Result<(), DocumentError> {
    let style = Style { bold: line.bold, width: line.size.width, height: line.size.height, ..Style::PLAIN };
    check_size_fits(writer, style, || path(".pair.size"))?;
    let profile = writer.profile;
    let left_bad = |why| bad_text(&line.left, why, profile, || path(".pair.left"));
    let right_bad = |why| bad_text(&line.right, why, profile, || path(".pair.right"));
    let (cells, width) = (writer.cells(), writer.columns(style));
    let right = cells.columns(&line.right);
    let used = cells.columns(&line.left) + right;
    let one_row = ![&line.left, &line.right].iter().any(|text| text.contains(['\n', '\t', '\r']));
    if one_row && used < width {
        let both = [(0, line.left.as_ref()), (width - right, line.right.as_ref())];
        let parts = if line.right.is_empty() { &both[..1] } else { &both };
        return writer.line(style, parts).map_err(|why| {
            let lacks = |text: &str| first_bad(text, Charset::of(profile)).is_some();
            if lacks(&line.right) && !lacks(&line.left) { right_bad(why) } else { left_bad(why) }
        });
    }
    if !line.left.is_empty() {
        writer.paragraph(&line.left, style).map_err(left_bad)?;
    }
    if line.right.is_empty() {
        return Ok(());
    }
    let right = Style { align: Align::Right, ..style };
    writer.paragraph(&line.right, right).map_err(right_bad)
}

/// A size in which not even one Hanzi fits on the paper would be broken by the printer, not by us.
fn check_size_fits(
    writer: &Writer<'_>,
    style: Style,
    path: impl Fn() -> String,
) -> Result<(), DocumentError> {
    if writer.columns(style) >= writer.cells().hanzi {
        return Ok(());
    }
    Err(DocumentError::TooWide {
        path: path(),
        dots: u32::from(style.width) * u32::from(writer.profile.hanzi_pitch()),
        paper: writer.profile.dots,
        instead: "make the width smaller",
    })
}

/// The error for a text that cannot be printed: finds the character.
fn bad_text(text: &str, why: BadText, profile: &Profile, path: impl Fn() -> String) -> DocumentError {
    let place = |position: Option<usize>| Place::Json {
        path: path(),
        character: position.map(|position| position as u32 + 1),
    };
    why.error(text, profile, place)
}
