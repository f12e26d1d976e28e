//! Templates: what an integrator puts around the receipts of a shop, such as a logo, opening hours, or a QR code of a
//! campaign that has a first and a last day.
//!
//! A template is a TOML file ([`Template::parse`]): whom it is for, and parts above and below the receipt, whose lines are
//! those of a JSON receipt ([`crate::receipt::model::Line`]), with a few short forms. [`Templates`] is all that there are.
//! [`crate::render_with`] puts the one that fits around a receipt.
//!
//! Nothing here reads a file or a clock: texts, pictures and the day are handed in. A template is checked when it is read;
//! a receipt that can't have its template on a printer is printed without.

mod date;
mod error;
mod kept;
mod lines;
mod parse;
mod short;
mod source;

use std::borrow::Cow;

pub use date::Date;
pub use error::{Spot, TemplateError, Words};
pub(crate) use kept::{Kept, Logo};
pub use short::wifi_code;

use crate::limits::TEMPLATE_NAME_BYTES_MAX;
use crate::receipt::dress::Dressing;
use crate::receipt::model::{Asked, Receipt};
use crate::receipt::values::Only;
use crate::{CopyLabel, DocumentError, Profile};

/// What a receipt is, for the choice of its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// It has a slip.
    Slip,
    /// It has a sale.
    Sale,
    /// It has lines alone.
    Lines,
}

impl For {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Slip, Self::Sale, Self::Lines];

    /// As it stands in a template.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slip => "slip",
            Self::Sale => "sale",
            Self::Lines => "lines",
        }
    }
}

/// Where a part stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Above the receipt and its title.
    Header,
    /// Below the receipt, before its last cut.
    Footer,
}

impl Position {
    /// As it stands in a template.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Footer => "footer",
        }
    }
}

/// Lines that stand together, and the days on which they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where.
    pub position: Position,
    /// The first day; always if there is none.
    pub from: Option<Date>,
    /// The last day; for ever if there is none.
    pub until: Option<Date>,
    /// The lines as a JSON receipt of their own.
    pub(crate) json: String,
    /// For each of those lines, where it was written.
    pub(crate) spots: Vec<Spot>,
}

impl Part {
    /// Whether it is printed on a day.
    #[must_use]
    pub fn is_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// How many lines it is laid out as.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.spots.len()
    }
}

/// A template that is sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    name: String,
    merchants: Vec<String>,
    kinds: Vec<For>,
    copies: Vec<CopyLabel>,
    parts: Vec<Part>,
    kept: Kept,
}

impl Template {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The merchant numbers that it is for; for all of them if there is none.
    #[must_use]
    pub fn merchants(&self) -> &[String] {
        &self.merchants
    }

    /// The kinds of receipts that it is for.
    #[must_use]
    pub fn kinds(&self) -> &[For] {
        &self.kinds
    }

    /// The copies that it is printed on.
    #[must_use]
    pub fn copies(&self) -> &[CopyLabel] {
        &self.copies
    }

    /// Its parts, in the order of the file, the headers first.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether anything of it is printed on a day.
    #[must_use]
    pub fn is_on(&self, day: Date) -> bool {
        self.parts.iter().any(|part| part.is_on(day))
    }

    /// Tries each line on the paper of a printer, whatever the day. A character that the printer would have to draw is no
    /// error here.
    ///
    /// # Errors
    /// The first line that does not fit, and why.
    pub fn try_on(&self, profile: &Profile) -> Result<(), TemplateError> {
        self.parts.iter().try_for_each(|part| lines::try_on(part, profile))
    }

    /// What stands around a receipt on a day.
    pub(crate) fn on(&self, day: Date) -> Result<Dressing<'_>, DocumentError> {
        let only = self.copies.iter().fold(Only::NONE, |only, copy| only.with(*copy));
        let mut dressing = Dressing::of(&self.kept);
        for part in self.parts.iter().filter(|part| part.is_on(day)) {
            let lines = lines::read(&part.json)?;
            let spots = part.spots.iter().map(|spot| Cow::Borrowed(spot.path.as_str()));
            dressing.add(part.position, lines.into_iter().zip(spots), only);
        }
        Ok(dressing)
    }

    /// How well it fits to a receipt: the more, the better; `None` if it does not.
    fn fits(&self, receipt: &Receipt<'_>) -> Option<u8> {
        let is = |kind: &For| match kind {
            For::Slip => receipt.slip.is_some(),
            For::Sale => receipt.sale.is_some(),
            For::Lines => receipt.slip.is_none() && receipt.sale.is_none(),
        };
        if !self.kinds.iter().any(is) {
            return None;
        }
        let of_slip = receipt.slip.as_ref().and_then(|slip| slip.merchant.id.as_ref());
        let of_sale = receipt.sale.as_ref().and_then(|sale| sale.merchant.as_ref()?.id.as_ref());
        let named =
            |id: &String| [of_slip, of_sale].into_iter().flatten().any(|known| known.0 == id.as_str());
        match self.merchants.is_empty() {
            true => Some(0),
            false => self.merchants.iter().any(named).then_some(1),
        }
    }
}

/// Whether it may be the name of a template: 1 to [`TEMPLATE_NAME_BYTES_MAX`] letters, digits, `-`, `_` and `.`.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= TEMPLATE_NAME_BYTES_MAX && name.chars().all(letters)
}

/// All templates that there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates {
    /// In the order of their names.
    sound: Vec<Template>,
    /// Those whose file is wrong.
    broken: Vec<String>,
}

impl Templates {
    /// Of these; `broken` are the names of those that could not be read: a receipt that asks for one is printed without.
    #[must_use]
    pub fn new(mut sound: Vec<Template>, broken: Vec<String>) -> Self {
        sound.sort_by(|a, b| a.name.cmp(&b.name));
        Self { sound, broken }
    }

    /// The sound ones, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Template> {
        self.sound.iter()
    }

    /// The one of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Template> {
        self.sound.iter().find(|template| template.name == name)
    }

    /// The template of a receipt: the one that it asks for by name; else the first that names its merchant; else the first
    /// that names none.
    ///
    /// # Errors
    /// It asks for one that is not there.
    pub(crate) fn choose(&self, receipt: &Receipt<'_>) -> Result<Option<&Template>, DocumentError> {
        match &receipt.template {
            Some(Asked::None) => Ok(None),
            Some(Asked::Named(name)) => match self.find(name) {
                Some(template) => Ok(Some(template)),
                None if self.broken.iter().any(|broken| broken == name) => Ok(None),
                None => Err(self.unknown(name)),
            },
            None => {
                let mut best = None;
                for template in &self.sound {
                    let fits = template.fits(receipt);
                    if fits > best.map(|(fits, _)| fits) {
                        best = fits.map(|fits| (fits, template));
                    }
                }
                Ok(best.map(|(_, template)| template))
            }
        }
    }

    fn unknown(&self, name: &str) -> DocumentError {
        // What a receipt says goes into errors only where it can't be anything but a name.
        let name = if is_name(name) { crate::CardRule::MASK.mask(name).into_owned() } else { String::new() };
        let there: Vec<&str> = self.sound.iter().map(Template::name).collect();
        DocumentError::UnknownTemplate { name, there: there.join(", ") }
    }
}
