//! The receipt of a shop, as an app writes it: items, discounts, taxes, totals and payments.
//!
//! The sums are checked here: a receipt that does not add up is refused, since it would be the customer who finds it.
//! What it looks like on paper is made of it by `lower`.

use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use std::fmt;

use super::model::Text;
use super::money::{Amount, Currency, Difference};
use super::slip::{Language, Merchant};
use super::time::LocalTime;
use super::values::{object_or_none, objects};
use crate::DocumentError;
use crate::limits::ITEMS_MAX;

/// See the key `sale`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sale<'a> {
    /// Default Chinese and English.
    #[serde(default)]
    pub language: Language,
    /// Who sells.
    #[serde(borrow, default, deserialize_with = "object_or_none")]
    pub merchant: Option<Merchant<'a>>,
    /// Number of the receipt (单号).
    #[serde(borrow)]
    pub number: Option<Text<'a>>,
    /// Local date and time.
    pub time: Option<LocalTime>,
    /// Cashier (收银员).
    #[serde(borrow)]
    pub cashier: Option<Text<'a>>,
    /// Register (收银台).
    #[serde(borrow)]
    pub register: Option<Text<'a>>,
    /// Table (桌号).
    #[serde(borrow)]
    pub table: Option<Text<'a>>,
    /// The goods were taken back: the amounts are what the customer gets. Default false.
    #[serde(default)]
    pub refund: bool,
    /// Currency of all amounts.
    pub currency: Currency,
    /// What was sold.
    #[serde(borrow, deserialize_with = "objects")]
    pub items: Vec<Item<'a>>,
    /// Discounts on the whole.
    #[serde(borrow, default, deserialize_with = "objects")]
    pub discounts: Vec<Named<'a>>,
    /// Taxes.
    #[serde(borrow, default, deserialize_with = "objects")]
    pub taxes: Vec<Tax<'a>>,
    /// The amounts of the items have the taxes in them. Default true, as in China and Europe.
    #[serde(default = "yes")]
    pub taxes_included: bool,
    /// What was rounded: below zero if it was rounded down (抹零).
    #[serde(default)]
    pub rounding: Difference,
    /// What is to be paid.
    pub total: Amount,
    /// How it was paid.
    #[serde(borrow, default, deserialize_with = "objects")]
    pub payments: Vec<Named<'a>>,
    /// What was given back.
    #[serde(default)]
    pub change: Amount,
}

const fn yes() -> bool {
    true
}

/// One position.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item<'a> {
    /// What it is called.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// Number of the article.
    #[serde(borrow)]
    pub code: Option<Text<'a>>,
    /// Default 1.
    #[serde(default)]
    pub quantity: Quantity,
    /// Unit of the quantity, such as `kg`.
    #[serde(borrow)]
    pub unit: Option<Text<'a>>,
    /// What one costs.
    pub unit_price: Option<Amount>,
    /// A discount on this position.
    #[serde(default)]
    pub discount: Amount,
    /// What it costs: quantity times unit price, less the discount.
    pub amount: Amount,
    /// Shown below it.
    #[serde(borrow)]
    pub note: Option<Text<'a>>,
    /// Which tax it has, in a letter or two.
    #[serde(borrow)]
    pub tax: Option<Text<'a>>,
}

/// An amount with a name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named<'a> {
    /// What it is.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// How much.
    pub amount: Amount,
}

/// A tax.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tax<'a> {
    /// Such as `增值税 VAT 6%`.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// The amount that it is reckoned from.
    pub base: Option<Amount>,
    /// The tax.
    pub amount: Amount,
}

/// A quantity, in thousandths: a whole number, or a string with up to three digits behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity(u64);

/// The largest quantity.
const QUANTITY_MAX: u64 = 999_999;

impl Quantity {
    /// One.
    pub const ONE: Self = Self(1000);

    fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').map_or((text, ""), |(whole, part)| (whole, part));
        let figures = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let pointed = text.len() != whole.len();
        if whole.is_empty()
            || !figures(whole)
            || !figures(part)
            || part.len() > 3
            || (pointed && part.is_empty())
        {
            return None;
        }
        let whole: u64 = whole.parse().ok().filter(|whole| *whole <= QUANTITY_MAX)?;
        let part: u64 = format!("{part:0<3}").parse().ok()?;
        Some(Self(whole * 1000 + part)).filter(|quantity| quantity.0 > 0)
    }
}

impl Default for Quantity {
    fn default() -> Self {
        Self::ONE
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 1000, self.0 % 1000);
        if part == 0 {
            return write!(f, "{whole}");
        }
        let part = format!("{part:03}");
        write!(f, "{whole}.{}", part.trim_end_matches('0'))
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Thousandths;
        impl Visitor<'_> for Thousandths {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number from 1 to {QUANTITY_MAX}, or a string such as \"1.255\"")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Quantity, E> {
                if (1..=QUANTITY_MAX).contains(&value) {
                    Ok(Quantity(value * 1000))
                } else {
                    Err(E::invalid_value(Unexpected::Unsigned(value), &self))
                }
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Quantity, E> {
                Quantity::parse(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Thousandths)
    }
}

impl Sale<'_> {
    /// What the items cost together, in minor units.
    pub(super) fn items_sum(&self) -> i64 {
        self.items.iter().map(|item| item.amount.minor() as i64).sum()
    }

    /// Checks that everything adds up.
    ///
    /// # Errors
    /// The path, what is stated there, and what it should be.
    pub(super) fn check(&self) -> Result<(), DocumentError> {
        if self.items.is_empty() || self.items.len() > ITEMS_MAX {
            return Err(DocumentError::TooMany {
                path: "$.sale.items".into(),
                count: self.items.len(),
                max: ITEMS_MAX,
            });
        }
        let lists: [(&str, usize); 3] = [
            ("discounts", self.discounts.len()),
            ("taxes", self.taxes.len()),
            ("payments", self.payments.len()),
        ];
        for (list, count) in lists {
            if count > ITEMS_MAX {
                return Err(DocumentError::TooMany { path: format!("$.sale.{list}"), count, max: ITEMS_MAX });
            }
        }
        for (index, item) in self.items.iter().enumerate() {
            self.check_item(index, item)?;
        }
        let sum = |list: &[Named<'_>]| list.iter().map(|named| named.amount.minor() as i64).sum::<i64>();
        let taxes = if self.taxes_included {
            0
        } else {
            self.taxes.iter().map(|tax| tax.amount.minor() as i64).sum::<i64>()
        };
        let should = self.items_sum() - sum(&self.discounts) + taxes + self.rounding.minor();
        self.equal("$.sale.total", self.total, should, || {
            let mut how = format!("the items are {}", self.currency.number(self.items_sum()));
            for (what, part) in [
                ("the discounts", -sum(&self.discounts)),
                ("the taxes", taxes),
                ("the rounding", self.rounding.minor()),
            ] {
                if part != 0 {
                    how.push_str(&format!(", {what} {}", self.currency.number(part)));
                }
            }
            how
        })?;
        if self.payments.is_empty() && self.change == Amount::default() {
            return Ok(());
        }
        let paid = sum(&self.payments) - self.change.minor() as i64;
        self.equal("$.sale.total", self.total, paid, || {
            format!(
                "the payments are {}, the change {}",
                self.currency.number(sum(&self.payments)),
                self.currency.number(self.change.minor() as i64)
            )
        })
    }

    /// The amount of an item: exact, up to the rounding of a part of a minor unit, up or down.
    fn check_item(&self, index: usize, item: &Item<'_>) -> Result<(), DocumentError> {
        let path = format!("$.sale.items[{index}].amount");
        let Some(price) = item.unit_price else { return Ok(()) };
        // At most 10^9 thousandths times 10^12 minor units.
        let exact = u128::from(item.quantity.0) * u128::from(price.minor());
        let (down, up) = (exact / 1000, exact.div_ceil(1000));
        let stated = u128::from(item.amount.minor()) + u128::from(item.discount.minor());
        if (down..=up).contains(&stated) {
            return Ok(());
        }
        let should = i64::try_from(exact.saturating_add(500) / 1000).unwrap_or(i64::MAX);
        self.equal(&path, item.amount, should.saturating_sub(item.discount.minor() as i64), || {
            format!("{} times {}", item.quantity, self.currency.number(price.minor() as i64))
                + &if item.discount == Amount::default() {
                    String::new()
                } else {
                    format!(", less {}", self.currency.number(item.discount.minor() as i64))
                }
        })
    }

    fn equal(
        &self,
        path: &str,
        stated: Amount,
        should: i64,
        how: impl Fn() -> String,
    ) -> Result<(), DocumentError> {
        if stated.minor() as i64 == should {
            return Ok(());
        }
        Err(DocumentError::Sum {
            path: path.to_owned(),
            stated: self.currency.number(stated.minor() as i64),
            should: self.currency.number(should),
            how: how(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_exact() {
        for (text, shown) in [("1", "1"), ("1.5", "1.5"), ("0.125", "0.125"), ("10.500", "10.5")] {
            assert_eq!(Quantity::parse(text).unwrap().to_string(), shown);
        }
        for wrong in ["", "0", "0.000", ".5", "1.", "1.2345", "-1", "1,5", "1e3", "1000000", "+1", " 1"] {
            assert_eq!(Quantity::parse(wrong), None, "{wrong}");
        }
    }
}
