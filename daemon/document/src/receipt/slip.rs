//! The slip of a card payment (签购单), as an app writes it: the fields of a UnionPay slip and of the card schemes.
//!
//! What it looks like on paper is made of it by `lower`. Nothing of a card is here that must not be stored: no
//! track data, no PIN, no security code. The card number may be whole or masked; each copy shows what its rule allows.

use serde::Deserialize;

use super::model::Text;
use super::money::{Amount, Currency};
use super::time::LocalTime;
use super::values::object_or_none;

/// See the key `slip`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slip<'a> {
    /// What was done.
    #[serde(rename = "type")]
    pub kind: SlipKind,
    /// Default approved.
    #[serde(default)]
    pub result: SlipResult,
    /// Why it was declined; a declined slip must say it (Maestro Global Rules 7.15).
    #[serde(borrow)]
    pub reason: Option<Text<'a>>,
    /// Default Chinese and English.
    #[serde(default)]
    pub language: Language,
    /// Who sells.
    #[serde(borrow, deserialize_with = "super::values::object")]
    pub merchant: Merchant<'a>,
    /// Terminal number (终端号).
    #[serde(borrow)]
    pub terminal: Text<'a>,
    /// Operator (操作员).
    #[serde(borrow)]
    pub operator: Option<Text<'a>>,
    /// Acquirer (收单行).
    #[serde(borrow)]
    pub acquirer: Option<Text<'a>>,
    /// Issuer (发卡行).
    #[serde(borrow)]
    pub issuer: Option<Text<'a>>,
    /// Card organisation or wallet, such as `银联 UnionPay`.
    #[serde(borrow)]
    pub network: Option<Text<'a>>,
    /// The card, if there was one.
    #[serde(borrow, default, deserialize_with = "object_or_none")]
    pub card: Option<Card<'a>>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// What was (or was not) paid, with the tip.
    pub amount: Amount,
    /// The part of it that is a tip.
    pub tip: Option<Amount>,
    /// Batch number (批次号).
    #[serde(borrow)]
    pub batch: Option<Text<'a>>,
    /// Voucher number (凭证号, trace number).
    #[serde(borrow)]
    pub voucher: Option<Text<'a>>,
    /// Reference number (参考号, field 37).
    #[serde(borrow)]
    pub reference: Option<Text<'a>>,
    /// Authorisation code (授权码).
    #[serde(borrow)]
    pub authorisation: Option<Text<'a>>,
    /// Local date and time of the terminal.
    pub time: LocalTime,
    /// The transaction that this one undoes or completes.
    #[serde(borrow, default, deserialize_with = "object_or_none")]
    pub original: Option<Original<'a>>,
    /// What the chip said.
    #[serde(borrow, default, deserialize_with = "object_or_none")]
    pub emv: Option<Emv<'a>>,
    /// How the holder agreed. Default: nothing is printed about it.
    pub verification: Option<Verification>,
    /// Remarks (备注).
    #[serde(borrow)]
    pub remarks: Option<Text<'a>>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlipKind {
    /// 消费
    Sale,
    /// 消费撤销
    Void,
    /// 退货
    Refund,
    /// 预授权
    PreAuthorisation,
    /// 预授权撤销
    PreAuthorisationVoid,
    /// 预授权完成
    Completion,
    /// 预授权完成撤销
    CompletionVoid,
}

impl SlipKind {
    /// Whether it undoes or completes another, which must be named.
    pub(super) const fn needs_original(self) -> bool {
        !matches!(self, Self::Sale | Self::PreAuthorisation | Self::Refund)
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlipResult {
    /// The money was taken (or given back).
    #[default]
    Approved,
    /// It was not.
    Declined,
}

/// The language of the words that are printed around the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Chinese and English beside each other; English alone on a printer without Chinese.
    #[default]
    ZhEn,
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// Who sells.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant<'a> {
    /// Name (商户名称).
    #[serde(borrow)]
    pub name: Text<'a>,
    /// Number that the acquirer gave (商户编号).
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    /// Address.
    #[serde(borrow)]
    pub address: Option<Text<'a>>,
    /// Telephone.
    #[serde(borrow)]
    pub phone: Option<Text<'a>>,
    /// Taxpayer number (税号).
    #[serde(borrow)]
    pub tax_id: Option<Text<'a>>,
}

/// The card.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card<'a> {
    /// Its number, whole or masked with `*`. What of it is printed is the rule of each copy.
    #[serde(borrow)]
    pub number: Text<'a>,
    /// `MM/YY`. Printed only on copies whose rule says so.
    #[serde(borrow)]
    pub expiry: Option<Text<'a>>,
    /// How it was read.
    pub entry: Option<Entry>,
    /// Sequence number of the card (卡序号, tag 5F34).
    #[serde(borrow)]
    pub sequence: Option<Text<'a>>,
}

/// How a card was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// 插卡
    Chip,
    /// 挥卡
    Contactless,
    /// 刷卡
    Swipe,
    /// 手输
    Manual,
    /// 扫码
    Qr,
}

/// An earlier transaction.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Original<'a> {
    /// Voucher number.
    #[serde(borrow)]
    pub voucher: Option<Text<'a>>,
    /// Reference number.
    #[serde(borrow)]
    pub reference: Option<Text<'a>>,
    /// Authorisation code.
    #[serde(borrow)]
    pub authorisation: Option<Text<'a>>,
    /// Date, as it shall be printed.
    #[serde(borrow)]
    pub date: Option<Text<'a>>,
}

/// What the chip said (EMV Book 3; names of the tags in brackets). Strings, as they shall be printed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emv<'a> {
    /// Application label or preferred name (50, 9F12).
    #[serde(borrow)]
    pub label: Option<Text<'a>>,
    /// Application identifier (4F, 84).
    #[serde(borrow)]
    pub aid: Option<Text<'a>>,
    /// Application cryptogram (9F26): TC of an approved transaction.
    #[serde(borrow)]
    pub tc: Option<Text<'a>>,
    /// Authorisation request cryptogram.
    #[serde(borrow)]
    pub arqc: Option<Text<'a>>,
    /// Terminal verification results (95).
    #[serde(borrow)]
    pub tvr: Option<Text<'a>>,
    /// Transaction status information (9B).
    #[serde(borrow)]
    pub tsi: Option<Text<'a>>,
    /// Application transaction counter (9F36).
    #[serde(borrow)]
    pub atc: Option<Text<'a>>,
    /// Response code (8A).
    #[serde(borrow)]
    pub arc: Option<Text<'a>>,
}

/// How the holder agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verification {
    /// A line to sign on, on the copies whose rule says so.
    Signature,
    /// With a PIN.
    Pin,
    /// On the holder's own device.
    Device,
    /// Signed on the screen.
    SignedOnScreen,
    /// Neither (免密免签).
    None,
}
