//! A receipt as it is laid out: its heading, its copies, and lines alone. What a sale or a slip says was lowered to
//! lines, which stand before those that the app wrote itself. Around them are those of a template, if there is one: above
//! the title, and below the last line but before the cut that the receipt ends with.

use std::borrow::Cow;
use std::ops::Range;

use super::dress::Dressing;
use super::lower::{Lowered, Origin, spoken};
use super::model::{Line, Receipt};
use super::slip::Language;
use crate::limits::LINES_MAX;
use crate::template::Kept;
use crate::{CopyLabel, DocumentError, Profile, TextMode};

/// See the module.
pub(super) struct Plan<'a> {
    /// Printed large at the top.
    pub(super) title: Option<Cow<'a, str>>,
    /// The copies, in order.
    pub(super) copies: Cow<'static, [CopyLabel]>,
    /// Which text is drawn.
    pub(super) text: TextMode,
    /// All lines.
    pub(super) lines: Vec<Line<'a>>,
    /// Feed and cut at the end of each copy.
    pub(super) cut: bool,
    /// The language of the words that are not the app's: of the sale, or else of the slip.
    pub(super) language: Language,
    /// Card numbers that were masked when the slip was lowered.
    pub(super) masked: u32,
    /// What the first lines after the header were made of.
    origins: Vec<Origin>,
    /// Where the header's lines come from, which are the first of all.
    header: Vec<Cow<'a, str>>,
    /// Where the footer's lines come from.
    footer: Vec<Cow<'a, str>>,
    /// The first of the footer's lines.
    footer_at: usize,
    /// What the title is, in errors.
    title_path: &'static str,
    /// What the template keeps of its logos.
    kept: Option<&'a Kept>,
}

impl<'a> Plan<'a> {
    /// Lowers a receipt.
    ///
    /// # Errors
    /// A sale does not add up, or fields do not fit together.
    pub(super) fn of(
        receipt: Receipt<'a>,
        profile: &Profile,
        dressing: Dressing<'a>,
    ) -> Result<Self, DocumentError> {
        let Receipt { title, copies, text, sale, slip, lines, cut, .. } = receipt;
        let copies = copies.map_or(Cow::Borrowed(&[CopyLabel::Single][..]), Cow::Owned);
        let asked = sale.as_ref().map(|sale| sale.language).or(slip.as_ref().map(|slip| slip.language));
        let language = spoken(asked.unwrap_or_default(), profile);
        let (title, title_path) = match (title, &sale, &slip) {
            (Some(title), ..) => (Some(title.0), "$.title"),
            (None, Some(sale), _) => {
                (sale.merchant.as_ref().map(|merchant| merchant.name.0.clone()), "$.sale.merchant.name")
            }
            (None, None, Some(_)) if language == Language::En => {
                (Some(Cow::Borrowed("SALES SLIP")), "$.slip")
            }
            (None, None, Some(_)) => (Some(Cow::Borrowed("签购单")), "$.slip"),
            (None, None, None) => (None, "$.title"),
        };
        let Lowered { lines: mut all, origins, masked, .. } = Lowered::of(sale, slip, &copies, profile)?;
        all.extend(lines.unwrap_or_default());
        let Dressing { header, footer, kept } = dressing;
        let end = before_the_end(&all);
        all.splice(end..end, footer.lines);
        let footer_at = end + header.lines.len();
        all.splice(0..0, header.lines);
        let (header, footer) = (header.origins, footer.origins);
        if all.len() > LINES_MAX {
            let count = all.len();
            return Err(DocumentError::TooMany { path: "$".into(), count, max: LINES_MAX });
        }
        let lines = all;
        Ok(Self {
            title,
            copies,
            text,
            lines,
            cut,
            language,
            masked,
            origins,
            header,
            footer,
            footer_at,
            title_path,
            kept,
        })
    }

    /// How many lines stand above the title.
    pub(super) fn header(&self) -> usize {
        self.header.len()
    }

    /// The first line of the footer, and the first behind it. Both are the end if there is none.
    pub(super) fn footer(&self) -> Range<usize> {
        match self.footer.len() {
            0 => self.lines.len()..self.lines.len(),
            count => self.footer_at..self.footer_at + count,
        }
    }

    /// Of a line of the template: what that keeps, and where the line stands in it.
    pub(super) fn kept(&self, index: usize) -> Option<(&Kept, &str)> {
        let footer = index.checked_sub(self.footer().start).and_then(|index| self.footer.get(index));
        let origin = self.header.get(index).or(footer)?;
        Some((self.kept?, origin))
    }

    /// Where a line came from, for errors: the line of the template, the field that it was made of, or its place in `lines`;
    /// and what follows.
    pub(super) fn path(&self, index: usize, rest: &str) -> String {
        if let Some(origin) = self.header.get(index) {
            return format!("{origin}{rest}");
        }
        let footer = self.footer();
        if let Some(origin) = index.checked_sub(footer.start).and_then(|index| self.footer.get(index)) {
            return format!("{origin}{rest}");
        }
        let around = self.header.len() + if index < footer.start { 0 } else { self.footer.len() };
        let index = index - around;
        match self.origins.get(index) {
            Some(origin) => origin.clone().into_owned(),
            None => format!("$.lines[{}]{rest}", index - self.origins.len()),
        }
    }

    /// Where the title came from.
    pub(super) const fn title_path(&self) -> &'static str {
        self.title_path
    }

    /// What the receipt is called in lists. It is the same with and without a template.
    pub(super) fn name(&self) -> &str {
        let own = self.header()..self.footer().start;
        let first_text = || {
            self.lines.get(own).unwrap_or_default().iter().find_map(|line| match line {
                Line::Text(line) if !line.text.trim().is_empty() => Some(line.text.as_ref()),
                _ => None,
            })
        };
        self.title.as_deref().or_else(first_text).unwrap_or_default()
    }
}

/// Where a footer stands: before the cut, the drawer and the beep that the receipt ends with.
fn before_the_end(lines: &[Line<'_>]) -> usize {
    let printed = |line: &Line<'_>| {
        !matches!(line, Line::Cut(_) | Line::Drawer(_) | Line::Beep(_) | Line::Space(_) | Line::Feed(_))
    };
    let end = lines.iter().rposition(printed).map_or(0, |last| last + 1);
    let acts = |line: &Line<'_>| matches!(line, Line::Cut(_) | Line::Drawer(_) | Line::Beep(_));
    lines.iter().skip(end).position(acts).map_or(lines.len(), |first| end + first)
}
