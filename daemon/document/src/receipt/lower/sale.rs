//! The receipt of a shop as lines: head, items, totals, payments, taxes. The sums were checked before.

use super::{BOLD, CENTERED, Look, Lowered};
use crate::receipt::model::RuleStyle;
use crate::receipt::money::Currency;
use crate::receipt::sale::{Item, Quantity, Sale};
use crate::receipt::values::Size;
use crate::writer::Align;

const TOTAL: Look =
    Look { align: Align::Left, size: Size { width: 1, height: 2 }, bold: true, reverse: false };

pub(super) fn lower<'a>(out: &mut Lowered<'a>, sale: Sale<'a>) {
    let items_sum = sale.items_sum();
    let currency = sale.currency;
    let plain = Look::default();
    if let Some(merchant) = sale.merchant {
        // Its name is the heading.
        for (text, origin) in
            [(merchant.address, "$.sale.merchant.address"), (merchant.phone, "$.sale.merchant.phone")]
        {
            if let Some(text) = text {
                out.text(text.0, CENTERED, origin);
            }
        }
        out.field("商户编号", "MERCHANT NO.", merchant.id, "$.sale.merchant.id");
        out.field("税号", "TAX NO.", merchant.tax_id, "$.sale.merchant.tax_id");
    }
    if sale.refund {
        out.text(out.word("退货", "REFUND"), Look { align: Align::Center, ..TOTAL }, "$.sale.refund");
    }
    out.field("单号", "NO.", sale.number, "$.sale.number");
    out.field("桌号", "TABLE", sale.table, "$.sale.table");
    if let Some(time) = sale.time {
        out.pair(out.word("时间", "TIME"), time.to_string(), plain, "$.sale.time");
    }
    out.field("收银台", "REGISTER", sale.register, "$.sale.register");
    out.field("收银员", "CASHIER", sale.cashier, "$.sale.cashier");
    out.rule(RuleStyle::Single);
    for (index, item) in sale.items.into_iter().enumerate() {
        lower_item(out, item, index, currency);
    }
    out.rule(RuleStyle::Single);
    let taxes_on_top = !sale.taxes_included && !sale.taxes.is_empty();
    let rounded = sale.rounding.minor() != 0;
    if !sale.discounts.is_empty() || taxes_on_top || rounded {
        out.pair(out.word("小计", "SUBTOTAL"), currency.number(items_sum), plain, "$.sale.items");
    }
    for (index, discount) in sale.discounts.into_iter().enumerate() {
        let amount = currency.number(-(discount.amount.minor() as i64));
        out.pair(discount.name.0, amount, plain, format!("$.sale.discounts[{index}].name"));
    }
    let mut taxes = sale.taxes;
    if taxes_on_top {
        for (index, tax) in taxes.drain(..).enumerate() {
            let amount = currency.number(tax.amount.minor() as i64);
            out.pair(tax.name.0, amount, plain, format!("$.sale.taxes[{index}].name"));
        }
    }
    if rounded {
        out.pair(
            out.word("抹零", "ROUNDING"),
            currency.number(sale.rounding.minor()),
            plain,
            "$.sale.rounding",
        );
    }
    let total = format!("{}\u{a0}{}", currency.code(), currency.number(sale.total.minor() as i64));
    out.pair(out.word("合计", "TOTAL"), total, TOTAL, "$.sale.total");
    for (index, payment) in sale.payments.into_iter().enumerate() {
        let amount = currency.number(payment.amount.minor() as i64);
        out.pair(payment.name.0, amount, plain, format!("$.sale.payments[{index}].name"));
    }
    if sale.change.minor() > 0 {
        let change = currency.number(sale.change.minor() as i64);
        out.pair(out.word("找零", "CHANGE"), change, plain, "$.sale.change");
    }
    if !taxes.is_empty() {
        out.text(out.word("其中税额", "TAXES INCLUDED"), plain, "$.sale.taxes");
        for (index, tax) in taxes.into_iter().enumerate() {
            let amount = currency.number(tax.amount.minor() as i64);
            let base = tax.base.map(|base| format!("{} / ", currency.number(base.minor() as i64)));
            let right = format!("{}{amount}", base.unwrap_or_default());
            out.pair(tax.name.0, right, plain, format!("$.sale.taxes[{index}].name"));
        }
    }
}

/// One alone is a row; more, or something with a price by weight, has its reckoning below.
fn lower_item<'a>(out: &mut Lowered<'a>, item: Item<'a>, index: usize, currency: Currency) {
    let path = |key: &str| format!("$.sale.items[{index}].{key}");
    let plain = Look::default();
    let gross = item.amount.minor() as i64 + item.discount.minor() as i64;
    let mut amount = currency.number(gross);
    if let Some(tax) = &item.tax {
        amount = format!("{amount}\u{a0}{}", tax.0);
    }
    let reckoned = item.quantity != Quantity::ONE || item.unit.is_some();
    if reckoned {
        out.text(item.name.0, BOLD, path("name"));
        let unit = item.unit.as_ref().map(|unit| format!("\u{a0}{}", unit.0)).unwrap_or_default();
        let times = match item.unit_price {
            Some(price) => {
                format!("  {}{unit} x {}", item.quantity, currency.number(price.minor() as i64))
            }
            None => format!("  {}{unit}", item.quantity),
        };
        out.pair(times, amount, plain, path("amount"));
    } else {
        out.pair(item.name.0, amount, BOLD, path("name"));
    }
    if let Some(code) = item.code {
        out.text(format!("  {}", code.0), plain, path("code"));
    }
    if item.discount.minor() > 0 {
        let discount = currency.number(-(item.discount.minor() as i64));
        out.pair(format!("  {}", out.word("优惠", "DISCOUNT")), discount, plain, path("discount"));
    }
    if let Some(note) = item.note {
        out.text(format!("  {}", note.0), plain, path("note"));
    }
}
