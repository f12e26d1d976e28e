//! Reads TOML into the types of serde, with the place of what is wrong.
//!
//! The crate `toml` parses; its own way to types is left out. That has code of its own for each type and each shape of a
//! value, dates among them, which was a fortieth of the daemon and more of the library that an Android app carries. Here a
//! struct is read from a table and from nothing else.

mod error;

use std::borrow::Cow;
use std::ops::Range;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, Expected, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use crate::error::Error;
use crate::error::Reason;

/// Reads a file's text.
///
/// # Errors
/// It is no TOML, or not what the type says: what, where, and what is allowed.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let table = DeTable::parse(text).map_err(|why| Error::new(text, why.message(), why.span()))?;
    let root = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
    T::deserialize(Node(&root)).map_err(|Reason { message, span }| Error::new(text, &message, span))
}

/// A value with its place.
#[derive(Clone, Copy)]
struct Node<'t, 's>(&'t Spanned<DeValue<'s>>);

impl Node<'_, '_> {
    fn unexpected(&self) -> Unexpected<'_> {
        match self.0.get_ref() {
            DeValue::String(text) => Unexpected::Str(text),
            DeValue::Integer(_) => integer(self.0.get_ref()).unwrap_or(Unexpected::Other("integer")),
            DeValue::Float(number) => {
                number.as_str().parse().map_or(Unexpected::Other("float"), Unexpected::Float)
            }
            DeValue::Boolean(value) => Unexpected::Bool(*value),
            DeValue::Datetime(_) => Unexpected::Other("datetime"),
            DeValue::Array(_) => Unexpected::Seq,
            DeValue::Table(_) => Unexpected::Map,
        }
    }

    fn wrong(&self, expected: &dyn Expected) -> Reason {
        Reason::invalid_type(self.unexpected(), expected)
    }

    /// Says where, if nobody within did.
    fn placed<T>(&self, result: Result<T, Reason>) -> Result<T, Reason> {
        placed(self.0.span(), result)
    }
}

fn placed<T>(span: Range<usize>, result: Result<T, Reason>) -> Result<T, Reason> {
    result.map_err(|mut why| {
        why.span.get_or_insert(span);
        why
    })
}

/// An integer of up to 64 bits.
fn integer(value: &DeValue<'_>) -> Option<Unexpected<'static>> {
    let integer = value.as_integer()?;
    let (digits, radix) = (integer.as_str(), integer.radix());
    let signed = i64::from_str_radix(digits, radix).map(Unexpected::Signed).ok();
    signed.or_else(|| u64::from_str_radix(digits, radix).map(Unexpected::Unsigned).ok())
}

macro_rules! numbers {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
            self.placed(match integer(self.0.get_ref()) {
                Some(Unexpected::Signed(value)) => visitor.visit_i64(value),
                Some(Unexpected::Unsigned(value)) => visitor.visit_u64(value),
                _ => Err(self.wrong(&visitor)),
            })
        }
    )+};
}

macro_rules! texts {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
            self.placed(match self.0.get_ref() {
                DeValue::String(text) => visitor.visit_str(text),
                _ => Err(self.wrong(&visitor)),
            })
        }
    )+};
}

macro_rules! refused {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
            self.placed(Err(self.wrong(&visitor)))
        }
    )+};
}

impl<'de> Deserializer<'de> for Node<'_, '_> {
    type Error = Reason;

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }
    texts! { deserialize_str deserialize_string deserialize_char deserialize_identifier }
    refused! { deserialize_bytes deserialize_byte_buf deserialize_unit }

    /// For types that look at what is there.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        match self.0.get_ref() {
            DeValue::String(_) => self.deserialize_str(visitor),
            DeValue::Integer(_) => self.deserialize_i64(visitor),
            DeValue::Float(_) => self.deserialize_f64(visitor),
            DeValue::Boolean(_) => self.deserialize_bool(visitor),
            DeValue::Array(_) => self.deserialize_seq(visitor),
            DeValue::Table(_) => self.deserialize_map(visitor),
            DeValue::Datetime(_) => self.deserialize_unit(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        self.placed(match self.0.get_ref() {
            DeValue::Boolean(value) => visitor.visit_bool(*value),
            _ => Err(self.wrong(&visitor)),
        })
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        let DeValue::Float(number) = self.0.get_ref() else { return self.deserialize_i64(visitor) };
        self.placed(match number.as_str().parse() {
            Ok(number) => visitor.visit_f64(number),
            Err(_) => Err(self.wrong(&visitor)),
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Reason> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        self.placed(match self.0.get_ref() {
            DeValue::Array(items) => visitor.visit_seq(Items(items.iter())),
            _ => Err(self.wrong(&visitor)),
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Reason> {
        match self.0.get_ref() {
            // One that is short misses an item by itself.
            DeValue::Array(items) if items.len() > len => {
                self.placed(Err(Reason::invalid_length(items.len(), &visitor)))
            }
            _ => self.deserialize_seq(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        self.placed(match self.0.get_ref() {
            DeValue::Table(table) => {
                let mut entries = table.iter().map(|(key, value)| (key, Node(value)));
                visitor.visit_map(Entries { entries: &mut entries, value: None })
            }
            _ => Err(self.wrong(&visitor)),
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Reason> {
        self.deserialize_map(visitor)
    }

    /// A word of several. Variants with something in them are for other formats.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Reason> {
        self.placed(match self.0.get_ref() {
            DeValue::String(word) => visitor.visit_enum(StrDeserializer::new(word)),
            _ => Err(self.wrong(&OneOf(words))),
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Reason> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Reason> {
        self.deserialize_tuple(len, visitor)
    }
}

/// Names the words that are allowed.
struct OneOf(&'static [&'static str]);

impl Expected for OneOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, word) in self.0.iter().enumerate() {
            write!(f, "{}`{word}`", if n == 0 { "one of " } else { ", " })?;
        }
        Ok(())
    }
}

struct Items<'t, 's>(std::slice::Iter<'t, Spanned<DeValue<'s>>>);

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Reason;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Reason> {
        self.0.next().map(|item| seed.deserialize(Node(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// A key with its place, and its value.
type Entry<'t, 's> = (&'t Spanned<Cow<'s, str>>, Node<'t, 's>);

struct Entries<'i, 't, 's> {
    entries: &'i mut dyn Iterator<Item = Entry<'t, 's>>,
    value: Option<Node<'t, 's>>,
}

impl<'de> MapAccess<'de> for Entries<'_, '_, '_> {
    type Error = Reason;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Reason> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        placed(key.span(), seed.deserialize(StrDeserializer::new(key.get_ref()))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Reason> {
        let value = self.value.take().ok_or_else(|| Reason::custom("a value without its key"))?;
        seed.deserialize(value)
    }
}

#[cfg(test)]
mod tests;
