//! Every sentence the command says, in English and Chinese side by side.
//!
//! A sentence is a [`Text`] with `{placeholders}`; [`Text::fill`] puts values in. The sentences themselves are in
//! the modules below, by what they are about. Nothing here reads the clock, the environment or the daemon.

pub mod errors;
pub mod help;
pub mod messages;
pub mod story;
pub mod words;

/// The language of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 简体中文.
    Zh,
}

impl Lang {
    /// The language of a locale name such as `zh_CN.UTF-8`; English for everything that is not Chinese.
    pub fn of_locale(locale: &str) -> Self {
        let is_zh = locale.get(..2).is_some_and(|language| language.eq_ignore_ascii_case("zh"));
        if is_zh { Self::Zh } else { Self::En }
    }

    /// The language of the environment: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set and not empty.
    pub fn of_environment(get: impl Fn(&str) -> Option<String>) -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| get(name).filter(|value| !value.is_empty()))
            .map_or(Self::En, |locale| Self::of_locale(&locale))
    }
}

/// One sentence in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Chinese.
    pub zh: &'static str,
}

impl Text {
    /// A sentence.
    pub const fn new(en: &'static str, zh: &'static str) -> Self {
        Self { en, zh }
    }

    /// The sentence as it stands, placeholders included.
    pub const fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }

    /// The sentence with `{name}` replaced by its value. A placeholder without a value stays as it is, and a value
    /// is never looked at for placeholders: titles and notes come from strangers.
    pub fn fill(self, lang: Lang, values: &[(&str, &str)]) -> String {
        let mut out = String::with_capacity(64);
        let mut rest = self.get(lang);
        while let Some(open) = rest.find('{') {
            let (before, from) = rest.split_at(open);
            out.push_str(before);
            let Some(close) = from.find('}') else {
                rest = from;
                break;
            };
            let (placeholder, after) = from.split_at(close + 1);
            let name = &placeholder[1..close];
            match values.iter().find(|(key, _)| *key == name) {
                Some((_, value)) => out.push_str(value),
                None => out.push_str(placeholder),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// Declares sentences as constants, and a list of all of them for the tests.
macro_rules! texts {
    ($($name:ident: $en:literal, $zh:literal;)+) => {
        $(#[doc = $en] pub const $name: $crate::text::Text = $crate::text::Text::new($en, $zh);)+
        /// All of them, by name.
        pub const ALL: &[(&str, $crate::text::Text)] = &[$((stringify!($name), $name),)+];
    };
}
pub(crate) use texts;

/// Declares a table from codes of the interface to sentences.
macro_rules! table {
    ($(#[$doc:meta])* $name:ident { $($code:literal: $en:literal, $zh:literal;)+ }) => {
        $(#[$doc])*
        pub const $name: &[(&str, $crate::text::Text)] = &[$(($code, $crate::text::Text::new($en, $zh)),)+];
    };
}
pub(crate) use table;

/// The sentence for `code`; `None` if this build does not know it (the code is then shown as it is).
pub fn find(table: &[(&str, Text)], code: &str) -> Option<Text> {
    table.iter().find(|(known, _)| *known == code).map(|(_, text)| *text)
}

/// The words for `code`, or the code itself.
pub fn say(table: &[(&str, Text)], lang: Lang, code: &str) -> String {
    find(table, code).map_or_else(|| code.to_owned(), |text| text.get(lang).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(text: &str) -> Vec<&str> {
        let mut found: Vec<_> = text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn every_sentence_has_both_languages_and_the_same_placeholders() {
        let tables = [
            messages::ALL,
            errors::ALL,
            errors::NEXT,
            story::EVENTS,
            story::VARIANTS,
            words::JOB_STATES,
            words::PRINTER_STATES,
            words::STORE_STATES,
            words::CUTS,
            words::GRADES,
            words::PAPER,
            words::REASONS,
            words::REMEDIES,
            words::DOUBTS,
            words::COPIES,
            words::PROBE_QUESTIONS,
            words::PROBE_MOMENTS,
            words::PROBE_VERDICTS,
        ];
        for (name, text) in tables.into_iter().flatten() {
            assert!(!text.en.is_empty() && !text.zh.is_empty(), "{name}");
            assert_eq!(placeholders(text.en), placeholders(text.zh), "{name}");
            assert!(!text.zh.is_ascii(), "{name} is not Chinese: {}", text.zh);
            assert!(text.en.is_ascii(), "{name} is not English: {}", text.en);
        }
    }

    #[test]
    fn values_are_put_in_once() {
        let text = Text::new("job {id}: {title}, {unknown}", "任务 {id}");
        assert_eq!(text.fill(Lang::En, &[("id", "7"), ("title", "{id}")]), "job 7: {id}, {unknown}");
        assert_eq!(Text::new("a {b", "").fill(Lang::En, &[("b", "c")]), "a {b");
    }

    #[test]
    fn the_language_follows_the_locale() {
        let of = |vars: &'static [(&str, &str)]| {
            Lang::of_environment(|name| vars.iter().find(|v| v.0 == name).map(|v| v.1.to_owned()))
        };
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8")]), Lang::Zh);
        assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]), Lang::En);
        assert_eq!(of(&[("LC_ALL", ""), ("LC_MESSAGES", "zh_TW"), ("LANG", "C")]), Lang::Zh);
        assert_eq!(of(&[]), Lang::En);
    }
}
