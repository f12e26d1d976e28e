//! Why a template is not one: what was wrong, where in its file, and what is allowed.

use std::borrow::Cow;
use std::fmt;

use crate::DocumentError;
use crate::limits::{TEMPLATE_BYTES_MAX, TEMPLATE_NAME_BYTES_MAX};

/// A place in the file of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The key, such as `footer[0].lines[2]`; empty for the whole file.
    pub path: String,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if self.path.is_empty() { Ok(()) } else { write!(f, ", {}", self.path) }
    }
}

/// What is allowed, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: Cow<'static, str>,
    /// Chinese.
    pub zh: Cow<'static, str>,
}

impl Words {
    pub(super) fn new(en: impl Into<Cow<'static, str>>, zh: impl Into<Cow<'static, str>>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }
}

/// Why a template was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateError {
    /// The name of its file can't be that of a template.
    Name {
        /// The name.
        name: String,
    },
    /// The file is larger than a template may be.
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
    },
    /// It is not TOML.
    Syntax {
        /// Where.
        spot: Spot,
        /// What the parser says.
        detail: String,
    },
    /// A key that there is not.
    Key {
        /// Where.
        spot: Spot,
        /// The key.
        key: String,
        /// Those that there are.
        allowed: &'static str,
    },
    /// A value that is not what it should be.
    Value {
        /// Where.
        spot: Spot,
        /// What it should be.
        allowed: Words,
    },
    /// Too many of something, or none.
    TooMany {
        /// Where.
        spot: Spot,
        /// How many there are.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// A line that is not one of a receipt.
    Shape {
        /// Where.
        spot: Spot,
        /// What is wrong and what is allowed.
        detail: String,
    },
    /// A card number. A template has none, whatever the rule for receipts is.
    Card {
        /// Where.
        spot: Spot,
        /// The number, masked.
        shown: String,
    },
    /// A line that can't be printed.
    Line {
        /// Where; the error names the key.
        spot: Spot,
        /// Why.
        error: Box<DocumentError>,
    },
    /// The file of a logo can't be read.
    Logo {
        /// Where.
        spot: Spot,
        /// The file.
        file: String,
        /// Why.
        why: Words,
    },
}

impl TemplateError {
    /// Stable name of the kind of error, kebab-case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "template-name",
            Self::TooLarge { .. } => "template-too-large",
            Self::Syntax { .. } => "template-syntax",
            Self::Key { .. } => "template-key",
            Self::Value { .. } => "template-value",
            Self::TooMany { .. } => "template-too-many",
            Self::Shape { .. } => "template-line",
            Self::Card { .. } => "card-number",
            Self::Line { error, .. } => error.code(),
            Self::Logo { .. } => "template-logo",
        }
    }

    /// Where in the file, if it is about a place in it.
    #[must_use]
    pub const fn spot(&self) -> Option<&Spot> {
        match self {
            Self::Name { .. } | Self::TooLarge { .. } => None,
            Self::Syntax { spot, .. }
            | Self::Key { spot, .. }
            | Self::Value { spot, .. }
            | Self::TooMany { spot, .. }
            | Self::Shape { spot, .. }
            | Self::Card { spot, .. }
            | Self::Line { spot, .. }
            | Self::Logo { spot, .. } => Some(spot),
        }
    }

    /// The same in Chinese, for the integrator: what, where, and what is allowed.
    #[must_use]
    pub fn message_zh(&self) -> String {
        let at = self.spot().map_or_else(String::new, |spot| {
            let named = spot.path.is_empty() || matches!(self, Self::Line { .. });
            let path = if named { String::new() } else { format!("，{}", spot.path) };
            format!("第 {} 行第 {} 列{path}：", spot.line, spot.column)
        });
        let what = match self {
            Self::Name { name } => {
                format!("模板名“{name}”无效：应为 1 至 {TEMPLATE_NAME_BYTES_MAX} 个字母、数字、“-”、“_”或“.”")
            }
            Self::TooLarge { bytes } => format!("模板文件过大：{bytes} 字节，最多 {TEMPLATE_BYTES_MAX} 字节"),
            Self::Syntax { detail, .. } => format!("不是有效的 TOML：{detail}"),
            Self::Key { key, allowed, .. } => format!("没有名为 {key} 的键；可用的键：{allowed}"),
            Self::Value { allowed, .. } => format!("应为：{}", allowed.zh),
            Self::TooMany { count, max, .. } => format!("有 {count} 项，应为 1 至 {max} 项"),
            Self::Shape { detail, .. } => format!("此行内容不符合规定：{detail}"),
            Self::Card { shown, .. } => format!("含有卡号 {shown}；模板中不得有卡号"),
            Self::Line { error, .. } => error.message_zh(),
            Self::Logo { file, why, .. } => format!("无法使用图片 {file}：{}", why.zh),
        };
        format!("{at}{what}")
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(spot) = self.spot() {
            match self {
                Self::Line { .. } => write!(f, "line {}, column {}: ", spot.line, spot.column)?,
                _ => write!(f, "{spot}: ")?,
            }
        }
        match self {
            Self::Name { name } => write!(
                f,
                "the template's name is \"{name}\"; 1 to {TEMPLATE_NAME_BYTES_MAX} letters, digits, '-', '_' and '.' are \
                 allowed"
            ),
            Self::TooLarge { bytes } => {
                write!(f, "the file has {bytes} bytes; a template may have {TEMPLATE_BYTES_MAX}")
            }
            Self::Syntax { detail, .. } => write!(f, "not TOML: {detail}"),
            Self::Key { key, allowed, .. } => write!(f, "there is no key {key}; allowed are {allowed}"),
            Self::Value { allowed, .. } => write!(f, "it has to be {}", allowed.en),
            Self::TooMany { count, max, .. } => write!(f, "it has {count} entries; 1 to {max} are allowed"),
            Self::Shape { detail, .. } => f.write_str(detail),
            Self::Card { shown, .. } => {
                write!(f, "the card number {shown} is in it; a template may not have one")
            }
            Self::Line { error, .. } => error.fmt(f),
            Self::Logo { file, why, .. } => write!(f, "the logo {file} can't be used: {}", why.en),
        }
    }
}

impl std::error::Error for TemplateError {}
