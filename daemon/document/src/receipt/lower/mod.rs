//! From what a receipt says ([`super::sale`], [`super::slip`]) to lines of the free layout.
//!
//! What differs between copies becomes a line for each with `only`; so everything behind this knows lines alone. Each
//! line remembers the field that it was made of, since errors are to name what the app wrote.

mod sale;
mod slip;

use std::borrow::Cow;

use super::model::{Line, PairLine, RuleLine, RuleStyle, SpaceLine, TextLine};
use super::slip::Language;
use super::values::{Only, Size, Whole};
use crate::writer::Align;
use crate::{CopyLabel, DocumentError, KanjiMode, Profile};

/// Where a line came from: the whole path of a field of the document.
pub(super) type Origin = Cow<'static, str>;

/// How a text looks.
#[derive(Clone, Copy, Default)]
struct Look {
    align: Align,
    size: Size,
    bold: bool,
    reverse: bool,
}

const BOLD: Look = Look { align: Align::Left, size: Size::NORMAL, bold: true, reverse: false };
const CENTERED: Look = Look { align: Align::Center, size: Size::NORMAL, bold: false, reverse: false };

/// Lines that are being made.
pub(super) struct Lowered<'a> {
    /// The lines.
    pub(super) lines: Vec<Line<'a>>,
    /// For each of them, what it was made of.
    pub(super) origins: Vec<Origin>,
    /// Card numbers that were masked.
    pub(super) masked: u32,
    language: Language,
    /// The copies that the next lines are on.
    only: Only,
}

impl<'a> Lowered<'a> {
    /// Lowers what there is.
    ///
    /// # Errors
    /// What does not fit together, with its path.
    pub(super) fn of(
        sale: Option<super::sale::Sale<'a>>,
        slip: Option<super::slip::Slip<'a>>,
        copies: &[CopyLabel],
        profile: &Profile,
    ) -> Result<Self, DocumentError> {
        let mut lowered = Self {
            lines: Vec::with_capacity(40),
            origins: Vec::with_capacity(40),
            masked: 0,
            language: Language::ZhEn,
            only: Only::default(),
        };
        let both = sale.is_some();
        if let Some(sale) = sale {
            sale.check()?;
            lowered.language = spoken(sale.language, profile);
            sale::lower(&mut lowered, sale);
        }
        if let Some(slip) = slip {
            lowered.language = spoken(slip.language, profile);
            slip::lower(&mut lowered, slip, both, copies, profile)?;
        }
        Ok(lowered)
    }

    /// A word in the language of the receipt.
    fn word(&self, zh: &'static str, en: &'static str) -> Cow<'static, str> {
        match self.language {
            Language::ZhEn => Cow::Owned(format!("{zh} {en}")),
            Language::Zh => Cow::Borrowed(zh),
            Language::En => Cow::Borrowed(en),
        }
    }

    fn push(&mut self, line: Line<'a>, origin: impl Into<Origin>) {
        self.lines.push(line);
        self.origins.push(origin.into());
    }

    fn text(&mut self, text: impl Into<Cow<'a, str>>, look: Look, origin: impl Into<Origin>) {
        let line = TextLine {
            text: text.into(),
            align: look.align,
            size: look.size,
            bold: look.bold,
            underline: false,
            reverse: look.reverse,
            only: self.only,
        };
        self.push(Line::Text(line), origin);
    }

    fn pair(
        &mut self,
        left: impl Into<Cow<'a, str>>,
        right: impl Into<Cow<'a, str>>,
        look: Look,
        origin: impl Into<Origin>,
    ) {
        let (left, right) = (left.into(), right.into());
        let line = PairLine { left, right, bold: look.bold, size: look.size, only: self.only };
        self.push(Line::Pair(line), origin);
    }

    /// A word and a field, if there is the field.
    fn field(
        &mut self,
        zh: &'static str,
        en: &'static str,
        value: Option<super::model::Text<'a>>,
        origin: impl Into<Origin>,
    ) {
        if let Some(value) = value {
            self.pair(self.word(zh, en), value.0, Look::default(), origin);
        }
    }

    fn rule(&mut self, style: RuleStyle) {
        self.push(Line::Rule(RuleLine { style, only: self.only }), "");
    }

    fn space(&mut self, lines: Whole<1, 255>) {
        self.push(Line::Space(SpaceLine { lines, only: self.only }), "");
    }
}

/// Chinese beside English needs a printer that has Chinese.
pub(super) const fn spoken(asked: Language, profile: &Profile) -> Language {
    match (asked, profile.kanji) {
        (Language::ZhEn, KanjiMode::None) => Language::En,
        _ => asked,
    }
}
