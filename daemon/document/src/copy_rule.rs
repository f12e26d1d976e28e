//! What differs between the copies of a card slip: how much of the card number is shown, whether the expiry date and a
//! line for the signature are printed, what the copy is called.
//!
//! It is a rule of the shop or its acquirer, so it comes from the configuration and not from the document. Each copy's
//! bytes are made by it when the document is accepted, and stay.

use serde::{Deserialize, Serialize};

use crate::card::{CardRule, KEEP_FIRST_MAX, KEEP_LAST_MAX};
use crate::{CopyLabel, DocumentError};

/// Characters of a copy's own label at most: it stands in one line on wide paper, in two on narrow.
pub const LABEL_CHARS_MAX: usize = 48;

/// The rule of one copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct CopyRule {
    /// Digits of the card number at its beginning, 0 to [`KEEP_FIRST_MAX`]; left out: as the rule for card numbers says,
    /// and never more than that.
    pub keep_first: Option<u8>,
    /// Digits at its end, 0 to [`KEEP_LAST_MAX`].
    pub keep_last: Option<u8>,
    /// The card's expiry date is printed.
    pub expiry: bool,
    /// The line for the signature is printed.
    pub signature: bool,
    /// What the copy is called on paper, instead of the usual words.
    pub label: Option<String>,
}

impl CopyRule {
    /// As the rule for card numbers says, without the expiry date, with a line for the signature.
    pub const USUAL: Self =
        Self { keep_first: None, keep_last: None, expiry: false, signature: true, label: None };
}

impl Default for CopyRule {
    fn default() -> Self {
        Self::USUAL
    }
}

/// The rules of all copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct CopyRules {
    /// The only copy. With the line for the signature.
    pub single: CopyRule,
    /// 商户存根. With the line for the signature.
    pub merchant: CopyRule,
    /// 持卡人存根. Without.
    pub customer: CopyRule,
    /// 银行存根. With.
    pub bank: CopyRule,
}

impl Default for CopyRules {
    fn default() -> Self {
        Self::USUAL
    }
}

impl CopyRules {
    /// Signed are all copies but the customer's.
    pub const USUAL: Self = Self {
        single: CopyRule::USUAL,
        merchant: CopyRule::USUAL,
        customer: CopyRule { signature: false, ..CopyRule::USUAL },
        bank: CopyRule::USUAL,
    };

    /// The rule of a copy.
    #[must_use]
    pub const fn of(&self, copy: CopyLabel) -> &CopyRule {
        match copy {
            CopyLabel::Single => &self.single,
            CopyLabel::Merchant => &self.merchant,
            CopyLabel::Customer => &self.customer,
            CopyLabel::Bank => &self.bank,
        }
    }

    /// Checks the numbers.
    pub(crate) fn check(&self) -> Result<(), DocumentError> {
        for copy in CopyLabel::ALL {
            let rule = self.of(copy);
            let label = rule.label.as_ref().map_or(0, |label| label.chars().count());
            for (key, value, max) in [
                ("copies.keep-first", rule.keep_first.map_or(0, usize::from), usize::from(KEEP_FIRST_MAX)),
                ("copies.keep-last", rule.keep_last.map_or(0, usize::from), usize::from(KEEP_LAST_MAX)),
                ("copies.label (characters)", label, LABEL_CHARS_MAX),
            ] {
                if value > max {
                    let (value, max) = (value as u32, max as u32);
                    return Err(DocumentError::Profile { key, value, min: 0, max });
                }
            }
        }
        Ok(())
    }
}

impl CopyRule {
    /// The rule for card numbers on this copy: never more than the one for all.
    pub(crate) fn cards(&self, all: CardRule) -> CardRule {
        CardRule {
            keep_first: self.keep_first.map_or(all.keep_first, |keep| keep.min(all.keep_first)),
            keep_last: self.keep_last.map_or(all.keep_last, |keep| keep.min(all.keep_last)),
            ..all
        }
    }
}
