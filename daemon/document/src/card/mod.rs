//! Card numbers (P7): found in every text, raw stream, QR code and barcode before it leaves this crate, and masked or
//! refused, so that none reaches the disk, the paper or a log.
//!
//! What counts as a card number: 13 to 19 digits in a length and range that an issuer has, with the right check digit,
//! in one piece or in groups, in one line or across lines and columns (`finder`, `issuer`). In text the digits between the
//! first six and the last four become stars: what PCI DSS 3.4 lets be shown. In a QR code or a barcode a masked number is
//! useless, so there it is always refused; so is track data anywhere. The digits behind a word such as CVV2 are masked
//! whole.
//!
//! Not seen, because it can't be: a number in a picture, one drawn by page mode in an order other than that of the stream,
//! and one inside a longer run of digits. A PIN can't be told from other figures; the format has no field for it.

mod finder;
mod issuer;
mod join;
mod number;
#[cfg(test)]
mod simple;
mod skim;
mod stream;
mod text;

pub(crate) use finder::{Between, Finder, Found, What};
pub(crate) use number::mask_number;
use serde::{Deserialize, Serialize};
pub(crate) use stream::{found_in_code, guard as guard_stream};
pub(crate) use text::{blot, feed, find, guard as guard_text};

use std::borrow::Cow;
use std::fmt;

/// What is done with a card number in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum CardAction {
    /// Its middle becomes stars.
    #[default]
    Mask,
    /// The document is refused.
    Refuse,
}

/// The rule for card numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct CardRule {
    /// What is done with one in text.
    pub action: CardAction,
    /// Digits at the beginning that stay, 0 to [`KEEP_FIRST_MAX`].
    pub keep_first: u8,
    /// Digits at the end that stay, 0 to [`KEEP_LAST_MAX`].
    pub keep_last: u8,
}

/// Digits at the beginning that may be shown (PCI DSS 3.4: the first six at most).
pub const KEEP_FIRST_MAX: u8 = 6;

/// Digits at the end that may be shown (PCI DSS 3.4: the last four).
pub const KEEP_LAST_MAX: u8 = 4;

/// Searches in which the ends of a number stay.
const ROUNDS_KEPT: usize = 2;

/// Searches at most: those, one that leaves nothing, one that finds nothing, and room.
pub(crate) const ROUNDS_MAX: usize = 8;

impl Default for CardRule {
    fn default() -> Self {
        Self::MASK
    }
}

impl CardRule {
    /// Masks all but the first six and last four digits.
    pub const MASK: Self =
        Self { action: CardAction::Mask, keep_first: KEEP_FIRST_MAX, keep_last: KEEP_LAST_MAX };

    /// Of a number of so many digits, those that are hidden. A rule from outside never shows more than is allowed.
    fn hidden(self, what: What, digits: usize) -> std::ops::Range<usize> {
        if what == What::Secret {
            return 0..digits;
        }
        let first = usize::from(self.keep_first.min(KEEP_FIRST_MAX)).min(digits);
        let last = usize::from(self.keep_last.min(KEEP_LAST_MAX));
        first..digits.saturating_sub(last).max(first)
    }

    /// A text that goes beside a receipt (a title, a key, a note): what is found in it is masked, whatever the action.
    #[must_use]
    pub fn mask(self, text: &str) -> Cow<'_, str> {
        let rule = Self { action: CardAction::Mask, ..self };
        text::mask(text, rule, |_| Ok::<_, std::convert::Infallible>(()))
            .map_or(Cow::Borrowed(text), |(text, _)| text)
    }

    /// The places of the digits that are to be hidden, in a search after so many others.
    ///
    /// What stays of a number can be a number together with its neighbours. So it is searched until nothing is found, and
    /// from [`ROUNDS_KEPT`] on nothing stays, which ends it.
    pub(crate) fn places(self, found: &Found, round: usize) -> impl Iterator<Item = u64> {
        let all = found.digits.len();
        let hidden = if round < ROUNDS_KEPT { self.hidden(found.what, all) } else { 0..all };
        found.digits.get(hidden).unwrap_or_default().iter().map(|(_, at)| *at)
    }

    /// How the number may be shown in an error, whatever the rule.
    pub(crate) fn shown(self, found: &Found) -> Shown {
        let hidden = self.hidden(found.what, found.digits.len());
        let digits = found.digits.iter().enumerate();
        Shown(
            digits
                .map(|(n, (digit, _))| if hidden.contains(&n) { '*' } else { char::from(b'0' + digit) })
                .collect(),
        )
    }
}

/// A card number as it may be shown: masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(String);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What of a card was found where it can't be masked, or where the rule refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardFound {
    /// A card number in text, and the rule says refuse.
    Number,
    /// A card number in a QR code or a barcode.
    InCode,
    /// Track data.
    Track,
    /// A card's security code in text, and the rule says refuse.
    Secret,
}

impl CardFound {
    /// What is refused under a rule; nothing if it is to be masked.
    pub(crate) const fn refused(what: What, rule: CardRule) -> Option<Self> {
        match (what, rule.action) {
            (What::Track, _) => Some(Self::Track),
            (What::Number, CardAction::Refuse) => Some(Self::Number),
            (What::Secret, CardAction::Refuse) => Some(Self::Secret),
            (What::Number | What::Secret, CardAction::Mask) => None,
        }
    }
}
