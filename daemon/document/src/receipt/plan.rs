//! A receipt as it is laid out: its heading, its copies, and lines alone. What a sale or a slip says was lowered to
//! lines, which stand before those that the app wrote itself.

use std::borrow::Cow;

use super::lower::{Lowered, Origin, spoken};
use super::model::{Line, Receipt};
use super::slip::Language;
use crate::limits::LINES_MAX;
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
    /// What the first lines were made of.
    origins: Vec<Origin>,
    /// What the title is, in errors.
    title_path: &'static str,
}

impl<'a> Plan<'a> {
    /// Lowers a receipt.
    ///
    /// # Errors
    /// A sale does not add up, or fields do not fit together.
    pub(super) fn of(receipt: Receipt<'a>, profile: &Profile) -> Result<Self, DocumentError> {
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
        if all.len() > LINES_MAX {
            let count = all.len();
            return Err(DocumentError::TooMany { path: "$".into(), count, max: LINES_MAX });
        }
        Ok(Self { title, copies, text, lines: all, cut, language, masked, origins, title_path })
    }

    /// Where a line came from, for errors: the field that it was made of, or its place in `lines` and what follows.
    pub(super) fn path(&self, index: usize, rest: &str) -> String {
        match self.origins.get(index) {
            Some(origin) => origin.clone().into_owned(),
            None => format!("$.lines[{}]{rest}", index - self.origins.len()),
        }
    }

    /// Where the title came from.
    pub(super) const fn title_path(&self) -> &'static str {
        self.title_path
    }

    /// What the receipt is called in lists.
    pub(super) fn name(&self) -> &str {
        let first_text = || {
            self.lines.iter().find_map(|line| match line {
                Line::Text(line) if !line.text.trim().is_empty() => Some(line.text.as_ref()),
                _ => None,
            })
        };
        self.title.as_deref().or_else(first_text).unwrap_or_default()
    }
}
