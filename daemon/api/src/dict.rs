//! Dictionaries (`a{sv}`) on the wire, by one piece of code for all structs of [`crate::types`].
//!
//! Derived, each struct had code of its own for each of the four shapes in which D-Bus hands over a sequence, which was a
//! twentieth of the library that an Android app carries. Here a struct is taken apart into entries, and only those are
//! written and read. What the fields mean is left to others.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use zbus::{OwnedVariant, Signature, Type, as_variant};

use crate::types::Document;

/// The value of an entry: of the types that the interface has, or of another that a newer one may have.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    /// `b`
    Bool(bool),
    /// `u`
    U32(u32),
    /// `t`
    U64(u64),
    /// `s`
    Str(&'a str),
    /// `ay`
    Bytes(&'a [u8]),
    /// `as`
    Texts(Cow<'a, [String]>),
    /// `a{ss}`
    Words(Cow<'a, BTreeMap<String, String>>),
    /// `a(ts)`
    Copies(Cow<'a, [(u64, String)]>),
    /// `a(uqs)`
    Drawn(Cow<'a, [(u32, u16, String)]>),
    /// `aa{sv}`
    Dicts(Vec<Entries<'a>>),
    /// Any other; it was passed over.
    Other,
}

/// A dictionary in its order on the wire. A key may stand in it once.
#[derive(Debug, Clone, Default)]
pub struct Entries<'a>(Vec<(&'a str, Item<'a>)>);

impl<'a> Entries<'a> {
    /// Adds a field.
    pub fn put(&mut self, key: &'a str, field: &'a impl Field) {
        self.0.push((key, field.item()));
    }
}

impl<'a> IntoIterator for Entries<'a> {
    type Item = (&'a str, Item<'a>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// What a field of a dictionary may be.
pub trait Field: Sized {
    /// Its D-Bus type.
    const SIGNATURE: &'static str;
    /// It as a value.
    fn item(&self) -> Item<'_>;
    /// Back; `None` if the value is of another type.
    fn of(item: Item<'_>) -> Option<Self>;
}

/// An entry has another type than its key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongType {
    key: &'static str,
    signature: &'static str,
}

impl fmt::Display for WrongType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the value of `{}` must be of the type `{}`", self.key, self.signature)
    }
}

/// Takes the value for a field.
///
/// # Errors
/// It is of another type.
pub fn take<T: Field>(field: &mut T, key: &'static str, item: Item<'_>) -> Result<(), WrongType> {
    *field = T::of(item).ok_or(WrongType { key, signature: T::SIGNATURE })?;
    Ok(())
}

/// A struct that travels as a dictionary.
pub trait Dict: Default {
    /// Its fields, those left out that are not sent.
    fn entries(&self) -> Entries<'_>;

    /// Takes an entry. An unknown key is ignored.
    ///
    /// # Errors
    /// The value is of another type than the key says.
    fn set(&mut self, key: &str, item: Item<'_>) -> Result<(), WrongType>;

    /// The struct with these entries, and defaults for what is absent.
    ///
    /// # Errors
    /// As [`Self::set`].
    fn of(entries: Entries<'_>) -> Result<Self, WrongType> {
        let mut dict = Self::default();
        for (key, item) in entries {
            dict.set(key, item)?;
        }
        Ok(dict)
    }
}

/// Reads a struct.
///
/// # Errors
/// It is no dictionary, a key stands in it twice, or a value is of another type than its key says.
pub fn read<'de, T: Dict, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::of(Entries::deserialize(deserializer)?).map_err(D::Error::custom)
}

macro_rules! field {
    ($($signature:literal $type:ty: $self:ident => $item:expr, $pattern:pat => $back:expr;)+) => {$(
        impl Field for $type {
            const SIGNATURE: &'static str = $signature;

            fn item(&$self) -> Item<'_> {
                $item
            }

            fn of(item: Item<'_>) -> Option<Self> {
                match item {
                    $pattern => Some($back),
                    _ => None,
                }
            }
        }
    )+};
}

field! {
    "b" bool: self => Item::Bool(*self), Item::Bool(value) => value;
    "u" u32: self => Item::U32(*self), Item::U32(value) => value;
    "t" u64: self => Item::U64(*self), Item::U64(value) => value;
    "s" String: self => Item::Str(self), Item::Str(text) => text.to_owned();
    "ay" Vec<u8>: self => Item::Bytes(self), Item::Bytes(bytes) => bytes.to_vec();
    "as" Vec<String>: self => Item::Texts(Cow::Borrowed(self)), Item::Texts(texts) => texts.into_owned();
    "a{ss}" BTreeMap<String, String>: self => Item::Words(Cow::Borrowed(self)), Item::Words(words) => words.into_owned();
    "a(ts)" Vec<(u64, String)>: self => Item::Copies(Cow::Borrowed(self)), Item::Copies(copies) => copies.into_owned();
    "a(uqs)" Vec<(u32, u16, String)>: self => Item::Drawn(Cow::Borrowed(self)), Item::Drawn(drawn) => drawn.into_owned();
}

impl<T: Dict> Field for Vec<T> {
    const SIGNATURE: &'static str = "aa{sv}";

    fn item(&self) -> Item<'_> {
        Item::Dicts(self.iter().map(Dict::entries).collect())
    }

    fn of(item: Item<'_>) -> Option<Self> {
        match item {
            Item::Dicts(dicts) => dicts.into_iter().map(|entries| T::of(entries).ok()).collect(),
            _ => None,
        }
    }
}

impl Type for Item<'_> {
    const SIGNATURE: &'static Signature = &Signature::Variant;
}

impl Type for Entries<'_> {
    const SIGNATURE: &'static Signature = <BTreeMap<String, OwnedVariant> as Type>::SIGNATURE;
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => as_variant::serialize(value, serializer),
            Self::U32(value) => as_variant::serialize(value, serializer),
            Self::U64(value) => as_variant::serialize(value, serializer),
            Self::Str(text) => as_variant::serialize(text, serializer),
            Self::Bytes(bytes) => as_variant::serialize(&Document(bytes), serializer),
            Self::Texts(texts) => as_variant::serialize(&&**texts, serializer),
            Self::Words(words) => as_variant::serialize(&**words, serializer),
            Self::Copies(copies) => as_variant::serialize(&&**copies, serializer),
            Self::Drawn(drawn) => as_variant::serialize(&&**drawn, serializer),
            Self::Dicts(dicts) => as_variant::serialize(dicts, serializer),
            Self::Other => Err(serde::ser::Error::custom("it was not read, and can't be written")),
        }
    }
}

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, item) in &self.0 {
            map.serialize_entry(key, item)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Item<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Variant", &["signature", "value"], ItemVisitor)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a variant")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item<'de>, A::Error> {
        let missing = || A::Error::invalid_length(1, &"a signature and a value");
        let signature: Signature = seq.next_element()?.ok_or_else(missing)?;
        let is = |known: &str| signature == *known;
        macro_rules! value {
            () => {
                seq.next_element()?.ok_or_else(missing)?
            };
        }
        Ok(match signature {
            Signature::Bool => Item::Bool(value!()),
            Signature::U32 => Item::U32(value!()),
            Signature::U64 => Item::U64(value!()),
            Signature::Str => Item::Str(value!()),
            _ if is("ay") => Item::Bytes(value!()),
            _ if is("as") => Item::Texts(Cow::Owned(value!())),
            _ if is("a{ss}") => Item::Words(Cow::Owned(value!())),
            _ if is("a(ts)") => Item::Copies(Cow::Owned(value!())),
            _ if is("a(uqs)") => Item::Drawn(Cow::Owned(value!())),
            _ if is("aa{sv}") => Item::Dicts(value!()),
            _ => {
                let IgnoredAny = value!();
                Item::Other
            }
        })
    }
}

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<'de>(PhantomData<&'de ()>);

impl<'de> Visitor<'de> for EntriesVisitor<'de> {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a dictionary of variants (a{sv})")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
        let mut entries = Entries::default();
        while let Some(entry) = map.next_entry()? {
            entries.0.push(entry);
        }
        let mut keys: Vec<&str> = entries.0.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(A::Error::custom(format_args!("the key `{}` stands in it twice", pair[0]))),
            None => Ok(entries),
        }
    }
}
