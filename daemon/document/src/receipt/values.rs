//! Values of a JSON receipt that carry their bounds in their type, so that an error has the path, the line
//! and what is allowed.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use crate::CopyLabel;

/// A struct that is read from an object with names only. Serde's derived ones take a list of values as well, in an order
/// that nobody wrote down.
pub(super) struct Named<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(Object(PhantomData)).map(Named)
    }
}

/// Reads an object.
pub(super) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Named::deserialize(deserializer).map(|Named(value)| value)
}

/// Reads an object or `null`.
pub(super) fn object_or_none<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::<Named<T>>::deserialize(deserializer).map(|named| named.map(|Named(value)| value))
}

/// Reads a list of objects.
pub(super) fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    // One at a time, since a list of the wrapped ones would have to be copied.
    struct List<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of objects")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut all = Vec::new();
            while let Some(Named(value)) = list.next_element()? {
                all.push(value);
            }
            Ok(all)
        }
    }
    deserializer.deserialize_seq(List(PhantomData))
}

/// Version of the format.
#[derive(Debug)]
pub struct Version;

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            1 => Ok(Self),
            other => {
                Err(D::Error::invalid_value(Unexpected::Unsigned(other), &"1, the only version there is"))
            }
        }
    }
}

/// Which template a receipt asks for: its name, or `false` for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked<'a> {
    /// This one.
    Named(Cow<'a, str>),
    /// None.
    None,
}

impl<'de: 'a, 'a> Deserialize<'de> for Asked<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Asked<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a template, or false for none")
            }

            fn visit_bool<E: Error>(self, asked: bool) -> Result<Self::Value, E> {
                if asked { Err(E::invalid_value(Unexpected::Bool(true), &self)) } else { Ok(Asked::None) }
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Asked::Named(Cow::Borrowed(name)))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Asked::Named(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_any(Names)
    }
}

/// A whole number with bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole<const MIN: u16, const MAX: u16>(u16);

impl<const MIN: u16, const MAX: u16> Whole<MIN, MAX> {
    /// A number that is within the bounds, or the nearest that is.
    pub(super) const fn of(number: u16) -> Self {
        if number < MIN {
            Self(MIN)
        } else if number > MAX {
            Self(MAX)
        } else {
            Self(number)
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The number as a byte; numbers with larger bounds stop at 255.
    pub(super) const fn byte(self) -> u8 {
        if self.0 > 255 { 255 } else { self.0 as u8 }
    }
}

impl<const MIN: u16, const MAX: u16> Default for Whole<MIN, MAX> {
    fn default() -> Self {
        Self(MIN)
    }
}

impl<'de, const MIN: u16, const MAX: u16> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bounds<const MIN: u16, const MAX: u16>;
        impl<const MIN: u16, const MAX: u16> Visitor<'_> for Bounds<MIN, MAX> {
            type Value = Whole<MIN, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number from {MIN} to {MAX}")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
                match u16::try_from(value) {
                    Ok(number) if (MIN..=MAX).contains(&number) => Ok(Whole(number)),
                    _ => Err(E::invalid_value(Unexpected::Unsigned(value), &self)),
                }
            }
        }
        deserializer.deserialize_u64(Bounds)
    }
}

/// Pin of the drawer connector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pin {
    /// Pin 2, `ESC p 0`.
    #[default]
    Two,
    /// Pin 5, `ESC p 1`.
    Five,
}

impl<'de> Deserialize<'de> for Pin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            2 => Ok(Self::Two),
            5 => Ok(Self::Five),
            other => Err(D::Error::invalid_value(Unexpected::Unsigned(other), &"2 or 5")),
        }
    }
}

/// Size of text, in times the normal one: a name, or `{"width": 1..8, "height": 1..8}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Times the normal width.
    pub width: u8,
    /// Times the normal height.
    pub height: u8,
}

impl Size {
    /// As at power-on.
    pub(super) const NORMAL: Self = Self { width: 1, height: 1 };
}

impl Default for Size {
    fn default() -> Self {
        Self::NORMAL
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Times {
            #[serde(default)]
            width: Whole<1, 8>,
            #[serde(default)]
            height: Whole<1, 8>,
        }
        struct Sizes;
        impl<'de> Visitor<'de> for Sizes {
            type Value = Size;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "\"normal\", \"double\", \"double-width\", \"double-height\" or {\"width\": 1 to 8, \
                     \"height\": 1 to 8}",
                )
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Size, E> {
                match name {
                    "normal" => Ok(Size { width: 1, height: 1 }),
                    "double" => Ok(Size { width: 2, height: 2 }),
                    "double-width" => Ok(Size { width: 2, height: 1 }),
                    "double-height" => Ok(Size { width: 1, height: 2 }),
                    other => Err(E::invalid_value(Unexpected::Str(other), &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Size, A::Error> {
                let times = Times::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Size { width: times.width.byte(), height: times.height.byte() })
            }
        }
        deserializer.deserialize_any(Sizes)
    }
}

/// A set of copies; all of them by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Only(u8);

impl Only {
    /// On no copy.
    pub(crate) const NONE: Self = Self(0);

    /// Those that are in both.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// One copy alone.
    pub(super) const fn just(copy: CopyLabel) -> Self {
        Self(1 << copy as u8)
    }

    /// These and one more.
    pub(crate) const fn with(self, copy: CopyLabel) -> Self {
        Self(self.0 | 1 << copy as u8)
    }

    /// Whether a copy is in it.
    #[must_use]
    pub const fn contains(self, copy: CopyLabel) -> bool {
        self.0 & 1 << copy as u8 != 0
    }
}

impl Default for Only {
    fn default() -> Self {
        Self(u8::MAX)
    }
}

impl<'de> Deserialize<'de> for Only {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Labels;
        impl<'de> Visitor<'de> for Labels {
            type Value = Only;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of at least one of \"single\", \"merchant\", \"customer\", \"bank\"")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Only, A::Error> {
                let mut set = 0;
                while let Some(copy) = list.next_element::<CopyLabel>()? {
                    set |= 1 << copy as u8;
                }
                if set == 0 { Err(A::Error::invalid_length(0, &self)) } else { Ok(Only(set)) }
            }
        }
        deserializer.deserialize_seq(Labels)
    }
}
