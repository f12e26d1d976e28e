//! The TOML of a template with the places of its keys, and the way from a value to JSON: the lines of a template are read
//! by the one reader of receipts there is.

use std::fmt::Write as _;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Spot, TemplateError, Words};

/// A value and its place.
pub(super) type Value<'s> = Spanned<DeValue<'s>>;

/// The text of a file, for the places of errors.
#[derive(Clone, Copy)]
pub(super) struct Source<'s>(pub(super) &'s str);

impl Source<'_> {
    /// The place of a span: where it begins.
    pub(super) fn spot(self, span: Range<usize>, path: impl Into<String>) -> Spot {
        let before = self.0.get(..span.start).unwrap_or(self.0);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Spot { line: line as u32, column: column as u32, path: path.into() }
    }
}

/// A table whose keys are taken one by one; what is left over is wrong.
pub(super) struct Fields<'t, 's> {
    source: Source<'s>,
    table: &'t DeTable<'s>,
    path: String,
    allowed: &'static str,
}

impl<'t, 's> Fields<'t, 's> {
    /// The fields of a table; `allowed` are the keys that it may have, separated by `, `.
    pub(super) fn new(
        source: Source<'s>,
        table: &'t DeTable<'s>,
        path: impl Into<String>,
        allowed: &'static str,
    ) -> Result<Self, TemplateError> {
        let path = path.into();
        let known = |key: &str| allowed.split(", ").any(|known| known == key);
        if let Some((key, _)) = table.iter().find(|(key, _)| !known(key.get_ref())) {
            let spot = source.spot(key.span(), path);
            return Err(TemplateError::Key { spot, key: short(key.get_ref()), allowed });
        }
        Ok(Self { source, table, path, allowed })
    }

    /// A value.
    pub(super) fn get(&self, key: &str) -> Option<&'t Value<'s>> {
        debug_assert!(self.allowed.split(", ").any(|known| known == key), "{key}");
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    /// The path of a key.
    pub(super) fn path(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// What is wrong with the value of a key, or with the table that should have it.
    pub(super) fn wrong(&self, key: &str, value: &Value<'_>, allowed: Words) -> TemplateError {
        let spot = self.source.spot(value.span(), self.path(key));
        TemplateError::Value { spot, allowed }
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'t str>, TemplateError> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => match value.get_ref() {
                DeValue::String(text) => Ok(Some(text)),
                _ => Err(self.wrong(key, value, Words::new("a text", "文本"))),
            },
        }
    }
}

/// A path and a key below it.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// A key as it may stand in an error.
fn short(key: &str) -> String {
    key.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// A value as JSON. What JSON does not have (a date) becomes a text, and is refused where no text is expected.
pub(super) fn json(value: &DeValue<'_>, out: &mut String) {
    match value {
        DeValue::String(text) => json_text(text, out),
        DeValue::Integer(number) => {
            match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => {
                    let _ = write!(out, "{number}");
                }
                // Beyond any bound that there is.
                Err(_) => out.push_str("18446744073709551615"),
            }
        }
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => {
                let _ = write!(out, "{number:?}");
            }
            _ => out.push_str("null"),
        },
        DeValue::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        DeValue::Datetime(date) => json_text(&date.to_string(), out),
        DeValue::Array(values) => {
            out.push('[');
            for (n, value) in values.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                json(value.get_ref(), out);
            }
            out.push(']');
        }
        DeValue::Table(table) => {
            out.push('{');
            json_fields(table, &[], out);
            out.push('}');
        }
    }
}

/// The fields of a table as JSON, without those left out.
pub(super) fn json_fields(table: &DeTable<'_>, without: &[&str], out: &mut String) {
    let mut first = true;
    for (key, value) in table.iter().filter(|(key, _)| !without.contains(&key.get_ref().as_ref())) {
        if !first {
            out.push(',');
        }
        first = false;
        json_text(key.get_ref(), out);
        out.push(':');
        json(value.get_ref(), out);
    }
}

/// A text as JSON.
pub(super) fn json_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
