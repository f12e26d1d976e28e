//! The slip of a card payment as lines, in the order of a UnionPay slip.

use std::borrow::Cow;

use super::{BOLD, CENTERED, Look, Lowered};
use crate::card::{CardRule, mask_number};
use crate::receipt::model::{RuleStyle, Text};
use crate::receipt::slip::{Card, Emv, Entry, Language, Original, Slip, SlipKind, SlipResult, Verification};
use crate::receipt::values::{Only, Size, Whole};
use crate::writer::Align;
use crate::{CopyLabel, DocumentError, Place, Profile};

/// Blank lines to sign on.
const SIGNATURE_LINES: u16 = 3;

const TALL: Look =
    Look { align: Align::Left, size: Size { width: 1, height: 2 }, bold: true, reverse: false };
const LARGE: Look =
    Look { align: Align::Right, size: Size { width: 2, height: 2 }, bold: true, reverse: false };
const STRIKING: Look =
    Look { align: Align::Center, size: Size { width: 1, height: 2 }, bold: true, reverse: true };

pub(super) fn lower<'a>(
    out: &mut Lowered<'a>,
    slip: Slip<'a>,
    headed: bool,
    copies: &[CopyLabel],
    profile: &Profile,
) -> Result<(), DocumentError> {
    check(&slip)?;
    if headed {
        out.space(Whole::default());
        out.text(out.word("签购单", "SALES SLIP"), Look { align: Align::Center, ..BOLD }, "$.slip");
    }
    let declined = slip.result == SlipResult::Declined;
    out.rule(RuleStyle::Double);
    out.text(out.word("商户名称", "MERCHANT NAME"), Look::default(), "$.slip.merchant.name");
    out.text(slip.merchant.name.0, BOLD, "$.slip.merchant.name");
    out.field("商户编号", "MERCHANT NO.", slip.merchant.id, "$.slip.merchant.id");
    out.field("终端号", "TERMINAL NO.", Some(slip.terminal), "$.slip.terminal");
    out.field("操作员", "OPERATOR", slip.operator, "$.slip.operator");
    out.field("地址", "ADDRESS", slip.merchant.address, "$.slip.merchant.address");
    out.field("电话", "TEL", slip.merchant.phone, "$.slip.merchant.phone");
    out.field("税号", "TAX NO.", slip.merchant.tax_id, "$.slip.merchant.tax_id");
    out.rule(RuleStyle::Single);
    out.field("发卡行", "ISSUER", slip.issuer, "$.slip.issuer");
    out.field("收单行", "ACQUIRER", slip.acquirer, "$.slip.acquirer");
    out.field("卡组织", "NETWORK", slip.network, "$.slip.network");
    if let Some(card) = slip.card {
        lower_card(out, card, copies, profile)?;
    }
    let (zh, en) = kind_words(slip.kind);
    out.pair(out.word("交易类型", "TXN TYPE"), out.word(zh, en), BOLD, "$.slip.type");
    out.field("批次号", "BATCH NO.", slip.batch, "$.slip.batch");
    out.field("凭证号", "VOUCHER NO.", slip.voucher, "$.slip.voucher");
    out.field("授权码", "AUTH NO.", slip.authorisation, "$.slip.authorisation");
    out.field("参考号", "REF NO.", slip.reference, "$.slip.reference");
    out.pair(out.word("时间", "TIME"), slip.time.to_string(), Look::default(), "$.slip.time");
    if let Some(original) = slip.original {
        lower_original(out, original);
    }
    out.rule(RuleStyle::Single);
    if let Some(tip) = slip.tip {
        let base = slip.amount.minor() as i64 - tip.minor() as i64;
        let written = |minor| slip.currency.written(minor);
        out.pair(out.word("消费金额", "BASE"), written(base), Look::default(), "$.slip.tip");
        out.pair(out.word("小费", "TIP"), written(tip.minor() as i64), Look::default(), "$.slip.tip");
    }
    out.text(out.word("金额", "AMOUNT"), Look::default(), "$.slip.amount");
    out.text(slip.currency.written(slip.amount.minor() as i64), LARGE, "$.slip.amount");
    if declined {
        out.text(out.word("交易失败", "DECLINED"), STRIKING, "$.slip.result");
        out.field("原因", "REASON", slip.reason, "$.slip.reason");
    }
    out.rule(RuleStyle::Single);
    let crowded = slip.emv.is_some() || slip.remarks.is_some();
    if let Some(emv) = slip.emv {
        lower_emv(out, emv);
    }
    if let Some(remarks) = slip.remarks {
        out.text(out.word("备注", "REMARKS"), Look::default(), "$.slip.remarks");
        out.text(remarks.0, Look::default(), "$.slip.remarks");
    }
    // Nothing was agreed to that was declined.
    if let Some(verification) = slip.verification.filter(|_| !declined) {
        if crowded {
            out.space(Whole::default());
        }
        lower_verification(out, verification, copies, profile);
    }
    Ok(())
}

/// What the types can't say.
fn check(slip: &Slip<'_>) -> Result<(), DocumentError> {
    let wrong = |path: &str, detail: &'static str| {
        Err(DocumentError::Field { path: path.to_owned(), detail: Cow::Borrowed(detail) })
    };
    let blank = |text: &Text<'_>| text.0.trim().is_empty();
    if slip.result == SlipResult::Declined && slip.reason.as_ref().is_none_or(blank) {
        return wrong("$.slip.reason", "a declined slip must say why; put the terminal's words here");
    }
    if slip.kind.needs_original() && slip.original.as_ref().is_none_or(Original::is_empty) {
        return wrong(
            "$.slip.original",
            "a slip of this type is about an earlier transaction; name it by voucher, reference or authorisation",
        );
    }
    if slip.tip.unwrap_or_default().minor() > slip.amount.minor() {
        return wrong("$.slip.tip", "the tip is larger than the amount, which is to have the tip in it");
    }
    for (path, text) in [("$.slip.merchant.name", &slip.merchant.name), ("$.slip.terminal", &slip.terminal)] {
        if blank(text) {
            return wrong(path, "empty; a slip without it proves nothing");
        }
    }
    Ok(())
}

impl Original<'_> {
    fn is_empty(&self) -> bool {
        [&self.voucher, &self.reference, &self.authorisation]
            .iter()
            .all(|field| field.as_ref().is_none_or(|text| text.0.trim().is_empty()))
    }
}

/// The card number as each copy may show it: a line for all copies with the same rule.
fn lower_card<'a>(
    out: &mut Lowered<'a>,
    card: Card<'a>,
    copies: &[CopyLabel],
    profile: &Profile,
) -> Result<(), DocumentError> {
    const NUMBER: &str = "$.slip.card.number";
    let mut shown: Vec<(CardRule, Only)> = Vec::new();
    let mut expiry: Option<Only> = None;
    for &copy in copies {
        let rule = profile.copies.of(copy);
        let cards = rule.cards(profile.cards);
        match shown.iter_mut().find(|(other, _)| *other == cards) {
            Some((_, only)) => *only = only.with(copy),
            None => shown.push((cards, Only::just(copy))),
        }
        if rule.expiry {
            expiry = Some(expiry.map_or(Only::just(copy), |only| only.with(copy)));
        }
    }
    let all = out.only;
    out.text(out.word("卡号", "CARD NO."), Look::default(), NUMBER);
    let entry = card.entry.map(|entry| {
        let (zh, en) = entry_words(entry);
        out.word(zh, en)
    });
    let mut whole = false;
    for (rule, only) in shown {
        let masked = mask_number(&card.number.0, rule).ok_or(DocumentError::Field {
            path: NUMBER.to_owned(),
            detail: Cow::Borrowed("a card number has 8 to 19 digits, of which any may be * instead"),
        })?;
        if let Some(what) = masked.refused {
            let place = Place::Json { path: NUMBER.to_owned(), character: None };
            return Err(DocumentError::Card { place, what, shown: masked.shown });
        }
        whole |= masked.was_whole;
        out.only = only;
        let number = masked.shown.to_string();
        match &entry {
            Some(entry) => out.pair(number, entry.clone(), TALL, NUMBER),
            None => out.text(number, TALL, NUMBER),
        }
    }
    out.masked += u32::from(whole);
    if let (Some(only), Some(date)) = (expiry, card.expiry) {
        out.only = only;
        out.field("有效期", "EXP DATE", Some(date), "$.slip.card.expiry");
    }
    out.only = all;
    out.field("卡序号", "CARD SEQ.", card.sequence, "$.slip.card.sequence");
    Ok(())
}

fn lower_original<'a>(out: &mut Lowered<'a>, original: Original<'a>) {
    out.field("原凭证号", "ORIG VOUCHER", original.voucher, "$.slip.original.voucher");
    out.field("原参考号", "ORIG REF NO.", original.reference, "$.slip.original.reference");
    out.field("原授权码", "ORIG AUTH NO.", original.authorisation, "$.slip.original.authorisation");
    out.field("原交易日期", "ORIG DATE", original.date, "$.slip.original.date");
}

fn lower_emv<'a>(out: &mut Lowered<'a>, emv: Emv<'a>) {
    for (name, value, origin) in [
        ("APP", emv.label, "$.slip.emv.label"),
        ("AID", emv.aid, "$.slip.emv.aid"),
        ("TC", emv.tc, "$.slip.emv.tc"),
        ("ARQC", emv.arqc, "$.slip.emv.arqc"),
        ("TVR", emv.tvr, "$.slip.emv.tvr"),
        ("TSI", emv.tsi, "$.slip.emv.tsi"),
        ("ATC", emv.atc, "$.slip.emv.atc"),
        ("ARC", emv.arc, "$.slip.emv.arc"),
    ] {
        if let Some(value) = value {
            out.pair(name, value.0, Look::default(), origin);
        }
    }
}

fn lower_verification(
    out: &mut Lowered<'_>,
    verification: Verification,
    copies: &[CopyLabel],
    profile: &Profile,
) {
    const ORIGIN: &str = "$.slip.verification";
    let (zh, en) = match verification {
        Verification::Signature => {
            let signing = copies.iter().filter(|copy| profile.copies.of(**copy).signature);
            let Some(only) = signing.fold(None, |only: Option<Only>, copy| {
                Some(only.map_or(Only::just(*copy), |only| only.with(*copy)))
            }) else {
                return;
            };
            let all = std::mem::replace(&mut out.only, only);
            out.text(out.word("持卡人签名", "CARDHOLDER SIGNATURE"), Look::default(), ORIGIN);
            out.space(Whole::of(SIGNATURE_LINES));
            out.rule(RuleStyle::Dotted);
            // Each from the left edge, and not the one behind the other.
            let (zh, en) = (
                "本人确认以上交易，同意将其计入本卡账户",
                "I ACKNOWLEDGE SATISFACTORY RECEIPT OF RELATIVE GOODS/SERVICES",
            );
            if out.language != Language::En {
                out.text(zh, Look::default(), ORIGIN);
            }
            if out.language != Language::Zh {
                out.text(en, Look::default(), ORIGIN);
            }
            out.only = all;
            return;
        }
        Verification::Pin => ("密码已验证，无需签名", "PIN VERIFIED, NO SIGNATURE REQUIRED"),
        Verification::Device => ("已在持卡人设备上验证", "VERIFIED ON CARDHOLDER'S DEVICE"),
        Verification::SignedOnScreen => ("已在屏幕上签名", "SIGNED ON SCREEN"),
        Verification::None => ("免密免签", "NO PIN AND NO SIGNATURE REQUIRED"),
    };
    out.text(out.word(zh, en), CENTERED, ORIGIN);
}

const fn kind_words(kind: SlipKind) -> (&'static str, &'static str) {
    match kind {
        SlipKind::Sale => ("消费", "SALE"),
        SlipKind::Void => ("消费撤销", "VOID"),
        SlipKind::Refund => ("退货", "REFUND"),
        SlipKind::PreAuthorisation => ("预授权", "PRE-AUTH"),
        SlipKind::PreAuthorisationVoid => ("预授权撤销", "PRE-AUTH VOID"),
        SlipKind::Completion => ("预授权完成", "AUTH COMPLETE"),
        SlipKind::CompletionVoid => ("预授权完成撤销", "COMPLETE VOID"),
    }
}

const fn entry_words(entry: Entry) -> (&'static str, &'static str) {
    match entry {
        Entry::Chip => ("插卡", "CHIP"),
        Entry::Contactless => ("挥卡", "TAP"),
        Entry::Swipe => ("刷卡", "SWIPE"),
        Entry::Manual => ("手输", "MANUAL"),
        Entry::Qr => ("扫码", "QR"),
    }
}
