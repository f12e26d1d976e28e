//! From the text of a file to a [`Template`]: keys, days, lines; each error with its place in the file.

use toml::de::{DeArray, DeTable, DeValue};

use super::error::{Spot, TemplateError, Words};
use super::lines::{self, Written};
use super::short::{self, Logos};
use super::source::{Fields, Source, Value, join};
use super::{Date, For, Part, Position, Template, is_name};
use crate::CopyLabel;
use crate::limits::{
    TEMPLATE_BYTES_MAX, TEMPLATE_LINES_MAX, TEMPLATE_MERCHANTS_MAX, TEMPLATE_PARTS_MAX, TITLE_CHARS_MAX,
};

const KEYS: &str = "merchant, for, copies, header, footer";
const PART_KEYS: &str = "from, until, lines";

/// What a line of a template may be: the lines of a receipt and the short forms.
const LINES: &str =
    "text, columns, pair, rule, space, feed, qr, barcode, logo, cut, drawer, beep, wifi, coupon, member";

impl Template {
    /// Reads a template. `logo` gives the bytes of a picture beside it, by its name.
    ///
    /// # Errors
    /// What is wrong, where, and what is allowed.
    pub fn parse(
        name: &str,
        text: &str,
        logo: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    ) -> Result<Self, TemplateError> {
        if !is_name(name) {
            return Err(TemplateError::Name {
                name: name.chars().filter(|c| !c.is_control()).take(TITLE_CHARS_MAX).collect(),
            });
        }
        if text.len() as u64 > TEMPLATE_BYTES_MAX {
            return Err(TemplateError::TooLarge { bytes: text.len() as u64 });
        }
        let source = Source(text);
        let table = DeTable::parse(text).map_err(|error| TemplateError::Syntax {
            spot: source.spot(error.span().unwrap_or(0..0), ""),
            detail: error.message().replace('\n', ", "),
        })?;
        let file = Fields::new(source, table.get_ref(), "", KEYS)?;
        let merchants = merchants(source, &file)?;
        let kinds = words(source, &file, "for", &FOR, &[For::Slip, For::Sale])?;
        let copies = words(source, &file, "copies", &COPIES, &[CopyLabel::Single, CopyLabel::Customer])?;
        let mut reader = Reader { source, logos: Logos::new(logo) };
        let mut parts = reader.parts(&file, Position::Header)?;
        parts.extend(reader.parts(&file, Position::Footer)?);
        if parts.is_empty() {
            let allowed = Words::new(
                "a template with a part, [[header]] or [[footer]]",
                "至少有一段 [[header]] 或 [[footer]] 的模板",
            );
            return Err(TemplateError::Value { spot: source.spot(0..0, ""), allowed });
        }
        let kept = super::Kept::default();
        Ok(Self { name: name.to_owned(), merchants, kinds, copies, parts, kept })
    }
}

/// The words of `for`, and those of `copies`.
const FOR: [(&str, For); 3] = [("slip", For::Slip), ("sale", For::Sale), ("lines", For::Lines)];
const COPIES: [(&str, CopyLabel); 4] = [
    ("single", CopyLabel::Single),
    ("merchant", CopyLabel::Merchant),
    ("customer", CopyLabel::Customer),
    ("bank", CopyLabel::Bank),
];

/// A list of some of these words, each once; `usual` if the key is not there.
fn words<T: Copy + PartialEq>(
    source: Source<'_>,
    file: &Fields<'_, '_>,
    key: &str,
    known: &[(&str, T)],
    usual: &[T],
) -> Result<Vec<T>, TemplateError> {
    let Some(value) = file.get(key) else { return Ok(usual.to_vec()) };
    let allowed = || {
        let words: Vec<String> = known.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let words = words.join(", ");
        Words::new(
            format!("a list of at least one of {words}, each once"),
            format!("列表，至少含以下之一，且不重复：{words}"),
        )
    };
    let list = match value.get_ref() {
        DeValue::Array(list) if !list.is_empty() => list,
        _ => return Err(file.wrong(key, value, allowed())),
    };
    let mut found = Vec::new();
    for (n, value) in list.iter().enumerate() {
        let word = known.iter().find(|(word, _)| value.get_ref().as_str() == Some(word));
        match word {
            Some((_, word)) if !found.contains(word) => found.push(*word),
            _ => {
                let spot = source.spot(value.span(), format!("{key}[{n}]"));
                return Err(TemplateError::Value { spot, allowed: allowed() });
            }
        }
    }
    Ok(found)
}

fn merchants(source: Source<'_>, file: &Fields<'_, '_>) -> Result<Vec<String>, TemplateError> {
    const KEY: &str = "merchant";
    let allowed = || {
        Words::new(
            "a list of merchant numbers as they stand in receipts, texts of 1 to 64 characters",
            "商户编号的列表，与小票中的写法一致，每个为 1 至 64 个字符的文本",
        )
    };
    let Some(value) = file.get(KEY) else { return Ok(Vec::new()) };
    let DeValue::Array(list) = value.get_ref() else { return Err(file.wrong(KEY, value, allowed())) };
    if list.is_empty() || list.len() > TEMPLATE_MERCHANTS_MAX {
        let spot = source.spot(value.span(), KEY);
        return Err(TemplateError::TooMany { spot, count: list.len(), max: TEMPLATE_MERCHANTS_MAX });
    }
    let one = |(n, value): (usize, &Value<'_>)| match value.get_ref() {
        DeValue::String(id) if !id.trim().is_empty() && id.chars().count() <= TITLE_CHARS_MAX => {
            Ok(id.to_string())
        }
        _ => {
            let spot = source.spot(value.span(), format!("{KEY}[{n}]"));
            Err(TemplateError::Value { spot, allowed: allowed() })
        }
    };
    list.iter().enumerate().map(one).collect()
}

/// A day; `None` if the key is not there.
pub(super) fn date(fields: &Fields<'_, '_>, key: &str) -> Result<Option<Date>, TemplateError> {
    let Some(value) = fields.get(key) else { return Ok(None) };
    let day = match value.get_ref() {
        DeValue::Datetime(at) if at.time.is_none() && at.offset.is_none() => {
            at.date.and_then(|date| Date::new(date.year, date.month, date.day))
        }
        _ => None,
    };
    match day {
        Some(day) => Ok(Some(day)),
        None => Err(fields.wrong(
            key,
            value,
            Words::new("a day without quotes, such as 2026-12-26", "不带引号的日期，例如 2026-12-26"),
        )),
    }
}

struct Reader<'s, 'l> {
    source: Source<'s>,
    logos: Logos<'l>,
}

impl Reader<'_, '_> {
    fn parts(&mut self, file: &Fields<'_, '_>, position: Position) -> Result<Vec<Part>, TemplateError> {
        let key = position.as_str();
        let Some(value) = file.get(key) else { return Ok(Vec::new()) };
        let parts = || {
            Words::new(
                format!("a list of parts, each of which begins with [[{key}]]"),
                format!("若干段，每段以 [[{key}]] 开始"),
            )
        };
        let DeValue::Array(list) = value.get_ref() else { return Err(file.wrong(key, value, parts())) };
        if list.is_empty() || list.len() > TEMPLATE_PARTS_MAX {
            let spot = self.source.spot(value.span(), key);
            return Err(TemplateError::TooMany { spot, count: list.len(), max: TEMPLATE_PARTS_MAX });
        }
        let mut all = Vec::new();
        for (n, value) in list.iter().enumerate() {
            let DeValue::Table(table) = value.get_ref() else {
                return Err(file.wrong(key, value, parts()));
            };
            all.push(self.part(table, value, position, &format!("{key}[{n}]"))?);
        }
        Ok(all)
    }

    fn part(
        &mut self,
        table: &DeTable<'_>,
        value: &Value<'_>,
        position: Position,
        path: &str,
    ) -> Result<Part, TemplateError> {
        let fields = Fields::new(self.source, table, path, PART_KEYS)?;
        let (from, until) = (date(&fields, "from")?, date(&fields, "until")?);
        if let (Some(from), Some(until), Some(at)) = (from, until, fields.get("until"))
            && until < from
        {
            return Err(fields.wrong(
                "until",
                at,
                Words::new(
                    format!("the day of from, {from}, or a later one"),
                    format!("from 当日（{from}）或之后的日期"),
                ),
            ));
        }
        let allowed = Words::new(
            "a list of lines, such as lines = [{text = {text = \"...\"}}]",
            "行的列表，例如 lines = [{text = {text = \"...\"}}]",
        );
        let Some(list) = fields.get("lines") else { return Err(fields.wrong("lines", value, allowed)) };
        let DeValue::Array(lines) = list.get_ref() else {
            return Err(fields.wrong("lines", list, allowed));
        };
        if lines.is_empty() || lines.len() > TEMPLATE_LINES_MAX {
            let spot = self.source.spot(list.span(), fields.path("lines"));
            return Err(TemplateError::TooMany { spot, count: lines.len(), max: TEMPLATE_LINES_MAX });
        }
        let written = self.lines(lines, &fields.path("lines"), until)?;
        lines::check(&written, |index, rest| self.inside(lines, index, rest))?;
        let Written { json, spots, .. } = written;
        Ok(Part { position, from, until, json, spots })
    }

    /// The lines as a receipt of their own.
    fn lines(
        &mut self,
        lines: &DeArray<'_>,
        path: &str,
        until: Option<Date>,
    ) -> Result<Written, TemplateError> {
        let mut written = Written::new();
        for (n, value) in lines.iter().enumerate() {
            let path = format!("{path}[{n}]");
            let spot = self.source.spot(value.span(), path.clone());
            let one = match value.get_ref() {
                DeValue::Table(table) if table.len() == 1 => table.iter().next(),
                _ => None,
            };
            let Some((key, content)) = one else {
                let allowed = Words::new(
                    format!("a table with one key, which is one of {LINES}"),
                    format!("只有一个键的表，键为以下之一：{LINES}"),
                );
                return Err(TemplateError::Value { spot, allowed });
            };
            if !LINES.split(", ").any(|known| known == key.get_ref()) {
                let key = key.get_ref().chars().filter(|c| !c.is_control()).take(TITLE_CHARS_MAX).collect();
                return Err(TemplateError::Key { spot, key, allowed: LINES });
            }
            let context = short::Context { source: self.source, path: join(&path, key.get_ref()), until };
            short::write(key.get_ref(), content, &context, &mut self.logos, &mut |line, short| {
                let path = if short { &context.path } else { &path };
                written.push(&line, Spot { path: path.clone(), ..spot }, n, short);
            })?;
        }
        Ok(written)
    }

    /// The place of a path below a line, or the nearest above it that stands in the file.
    fn inside(&self, lines: &DeArray<'_>, index: usize, rest: &str) -> Option<Spot> {
        let mut value = lines.get(index)?;
        let mut spot = self.source.spot(value.span(), "");
        for step in rest.split(['.', '[', ']']).filter(|step| !step.is_empty()) {
            let next = match value.get_ref() {
                DeValue::Table(table) => {
                    table.iter().find(|(key, _)| key.get_ref() == step).map(|(_, value)| value)
                }
                DeValue::Array(list) => step.parse::<usize>().ok().and_then(|at| list.get(at)),
                _ => None,
            };
            let Some(next) = next else { break };
            value = next;
            spot = self.source.spot(value.span(), "");
        }
        Some(spot)
    }
}
