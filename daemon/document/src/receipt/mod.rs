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
//! The format is [`model`]; a line is an object with one key. Fonts and widths come from the profile,
//! never from the document, so that one document fits every printer or is refused by name. Templates,
//! PDF and HTML are left to a later version.

mod cards;
mod codes;
mod columns;
pub mod model;
mod parse;
pub mod values;

use std::borrow::Cow;

use crate::limits::{COLUMNS_MAX, IMAGE_DOTS_MAX};
use crate::picture;
pub use crate::picture::Dither;
pub use crate::qr::Level;
use crate::raster::Bitmap;
use crate::seal::{Draft, seal};
use crate::typeset::Typesetter;
pub use crate::writer::Align;
use crate::writer::{BadText, Style, Writer};
use crate::{CopyLabel, DocumentError, KanjiMode, Place, Profile, Rendered, TextMode};
use model::{ColumnsLine, Line, Receipt, RuleStyle, TextLine};
use values::Pin;

/// Renders every copy of a JSON receipt.
pub(crate) fn render(
    json: &[u8],
    profile: &Profile,
    typesetter: &dyn Typesetter,
) -> Result<Vec<Rendered>, DocumentError> {
    let mut receipt = parse::parse(json)?;
    let masked = cards::guard(&mut receipt, profile.cards)?;
    let copies = receipt.copies.as_deref().unwrap_or(&[CopyLabel::Single]);
    let pictures = pictures(&receipt, copies, profile)?;
    let name = name(&receipt);
    let capacity = json.len().min(64 << 10);
    let draft = |&copy| {
        let writer = Writer::new(profile, capacity, typesetter);
        let bytes = write_copy(&receipt, copy, &pictures, writer)?;
        seal(Draft { bytes, copy, title: name, cut_is_content: false, masked }, profile)
    };
    copies.iter().map(draft).collect()
}

/// The pictures of all lines that any copy prints, drawn once: an entry per line, as far as there are any.
fn pictures(
    receipt: &Receipt<'_>,
    copies: &[CopyLabel],
    profile: &Profile,
) -> Result<Vec<Option<Bitmap>>, DocumentError> {
    let mut budget = IMAGE_DOTS_MAX;
    let mut bitmaps = Vec::new();
    for (index, line) in receipt.lines.iter().enumerate() {
        if !copies.iter().any(|copy| line.only().contains(*copy)) {
            continue;
        }
        let bitmap = match line {
            Line::Logo(logo) => {
                let path = || format!("$.lines[{index}].logo.png_base64");
                picture::decode(&logo.png_base64, logo.dither, profile.dots, &mut budget, path)?
            }
            Line::Qr(qr) if !profile.native_qr => {
                codes::draw_qr(qr, profile, || format!("$.lines[{index}].qr.data"))?
            }
            _ => continue,
        };
        bitmaps.resize_with(index, || None);
        bitmaps.push(Some(bitmap));
    }
    Ok(bitmaps)
}

/// What the receipt is called in lists.
fn name<'a>(receipt: &'a Receipt<'_>) -> &'a str {
    let title = receipt.title.as_ref().map(|title| title.0.as_ref());
    let first_text = || {
        receipt.lines.iter().find_map(|line| match line {
            Line::Text(line) if !line.text.trim().is_empty() => Some(line.text.as_ref()),
            _ => None,
        })
    };
    title.or_else(first_text).unwrap_or_default()
}

fn write_copy(
    receipt: &Receipt<'_>,
    copy: CopyLabel,
    pictures: &[Option<Bitmap>],
    mut writer: Writer<'_>,
) -> Result<Vec<u8>, DocumentError> {
    if receipt.text == TextMode::Raster {
        writer.draw_all();
    }
    if let Some(title) = &receipt.title
        && !title.0.trim().is_empty()
    {
        write_title(&mut writer, &title.0)?;
    }
    write_label(&mut writer, copy)?;
    // A cut that the document ends with is the final cut.
    let mut cut_last = false;
    for (index, line) in receipt.lines.iter().enumerate() {
        if !line.only().contains(copy) {
            continue;
        }
        cut_last = match line {
            Line::Cut(_) => true,
            Line::Drawer(_) => cut_last,
            _ => false,
        };
        write_line(&mut writer, line, index, pictures.get(index).and_then(Option::as_ref))?;
        writer.check_size()?;
    }
    writer.end_of_body();
    if receipt.cut && !cut_last {
        writer.cut(None);
    }
    Ok(writer.out)
}

/// The title, centred and bold: twice as wide and high if it fits so in one line, else twice as high.
fn write_title(writer: &mut Writer<'_>, title: &str) -> Result<(), DocumentError> {
    let large = Style { bold: true, width: 2, height: 2, ..Style::CENTERED };
    let fits = !title.contains('\n') && writer.cells().columns(title) <= writer.columns(large);
    let style = if fits { large } else { Style { width: 1, ..large } };
    writer.paragraph(title, style).map_err(|why| bad_text(title, why, writer.profile, || "$.title".into()))
}

/// Whose copy it is, under the title. Without a Chinese font the English half says the same.
fn write_label(writer: &mut Writer<'_>, copy: CopyLabel) -> Result<(), DocumentError> {
    let (both, english) = match copy {
        CopyLabel::Single => return Ok(()),
        CopyLabel::Merchant => ("商户存根 MERCHANT COPY", "MERCHANT COPY"),
        CopyLabel::Customer => ("持卡人存根 CUSTOMER COPY", "CUSTOMER COPY"),
        CopyLabel::Bank => ("银行存根 BANK COPY", "BANK COPY"),
    };
    let label = if writer.profile.kanji == KanjiMode::None { english } else { both };
    // These characters are in GB2312, so in every Chinese font; but all may have to be drawn.
    writer
        .paragraph(label, Style { bold: true, ..Style::CENTERED })
        .map_err(|why| bad_text(label, why, writer.profile, || "$.copies".into()))
}

fn write_line(
    writer: &mut Writer<'_>,
    line: &Line<'_>,
    index: usize,
    picture: Option<&Bitmap>,
) -> Result<(), DocumentError> {
    match line {
        Line::Text(line) => write_text(writer, line, index)?,
        Line::Columns(line) => write_columns(writer, line, index)?,
        Line::Rule(line) => {
            let byte = match line.style {
                RuleStyle::Single => b'-',
                RuleStyle::Double => b'=',
                RuleStyle::Dotted => b'.',
            };
            writer
                .rule(byte)
                .map_err(|why| bad_text("", why, writer.profile, || format!("$.lines[{index}].rule")))?;
        }
        Line::Space(line) => writer.feed_lines(line.lines.byte()),
        Line::Feed(line) => writer.feed_dots(line.dots.get()),
        Line::Qr(line) => match picture {
            Some(bitmap) => write_picture(writer, bitmap, line.align),
            None => codes::write_qr(writer, line, || format!("$.lines[{index}].qr.data"))?,
        },
        Line::Barcode(line) => codes::barcode(writer, line, || format!("$.lines[{index}].barcode.data"))?,
        // Every logo that is printed was unpacked.
        Line::Logo(line) => {
            if let Some(bitmap) = picture {
                write_picture(writer, bitmap, line.align);
            }
        }
        Line::Cut(line) => writer.cut(line.kind.map(Into::into)),
        Line::Drawer(line) => writer.drawer(match line.pin {
            Pin::Two => 0,
            Pin::Five => 1,
        }),
    }
    Ok(())
}

fn write_picture(writer: &mut Writer<'_>, bitmap: &Bitmap, align: Align) {
    writer.style(Style::PLAIN);
    bitmap.write(&mut writer.out, writer.profile.dots, align);
}

fn write_text(writer: &mut Writer<'_>, line: &TextLine<'_>, index: usize) -> Result<(), DocumentError> {
    let style = Style {
        align: line.align,
        bold: line.bold,
        underline: line.underline,
        reverse: line.reverse,
        width: line.size.width,
        height: line.size.height,
    };
    check_size_fits(writer, style, || format!("$.lines[{index}].text.size"))?;
    writer
        .paragraph(&line.text, style)
        .map_err(|why| bad_text(&line.text, why, writer.profile, || format!("$.lines[{index}].text.text")))
}

fn write_columns(writer: &mut Writer<'_>, line: &ColumnsLine<'_>, index: usize) -> Result<(), DocumentError> {
    let path = |key: &str| format!("$.lines[{index}].columns{key}");
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
        dots: u32::from(style.width) * u32::from(crate::profile::HANZI_DOTS),
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
