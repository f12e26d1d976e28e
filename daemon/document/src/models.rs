//! Printer models: which profile each has, and where that is known from.
//!
//! `profiles.toml` becomes a table of constants when the program is built: a daemon that starts looks up what is named and
//! parses nothing. The texts for people are a second table. An integrator's own models are in files of the same form,
//! which [`parse`] reads; finding and reading those files is left to others, and so is guessing the model.

use std::borrow::Cow;

use serde::Deserialize;

use crate::{CodePages, Cutter, Head, KanjiMode, Profile};

include!(concat!(env!("OUT_DIR"), "/models.rs"));

/// Names that [`near`] gives at most.
const NEAR_MAX: usize = 3;
/// Bytes of a name that [`near`] looks at: longer ones are near nothing.
const NAME_BYTES_MAX: usize = 64;

/// A printer model, with the texts for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// What a configuration says: small letters, digits and `-`.
    pub id: Cow<'static, str>,
    /// What people call it.
    pub name: Cow<'static, str>,
    /// What is special, or how sure it is.
    pub story: Cow<'static, str>,
    /// Where that can be read.
    pub source: Cow<'static, str>,
    /// Its paper and commands.
    pub profile: Profile,
}

/// The profile of a built-in model.
#[must_use]
pub fn find(id: &str) -> Option<Profile> {
    PROFILES.iter().find(|(known, _)| *known == id).map(|(_, profile)| profile())
}

/// The names of the built-in models, in the order of their file.
pub fn ids() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|(id, _)| *id)
}

/// The built-in models, in the order of their file.
pub fn built_in() -> impl Iterator<Item = Model> {
    PROFILES.iter().zip(&TEXTS).map(|((id, profile), (name, story, source))| Model {
        id: Cow::Borrowed(id),
        name: Cow::Borrowed(name),
        story: Cow::Borrowed(story),
        source: Cow::Borrowed(source),
        profile: profile(),
    })
}

/// One `[[model]]` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    id: String,
    name: Option<String>,
    story: String,
    source: String,
    paper: Option<Paper>,
    dots: Option<u16>,
    dpi: Option<u16>,
    feed_units: Option<u16>,
    font_a_width: Option<u8>,
    line_dots: Option<u8>,
    kanji: Option<KanjiMode>,
    code_pages: Option<CodePages>,
    hanzi_width: Option<u8>,
    cutter: Option<Cutter>,
    native_qr: Option<bool>,
    native_barcode: Option<bool>,
    head: Option<Head>,
    beep: Option<bool>,
    feed_before_cut_dots: Option<u16>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    model: Vec<Entry>,
}

/// `paper = "…"`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Paper {
    /// [`Profile::mm80`]
    #[serde(rename = "80mm")]
    Mm80,
    /// [`Profile::mm76`]
    #[serde(rename = "76mm")]
    Mm76,
    /// [`Profile::mm58`]
    #[serde(rename = "58mm")]
    Mm58,
}

impl Paper {
    /// What printers for this paper usually are.
    #[must_use]
    pub fn profile(self) -> Profile {
        match self {
            Self::Mm80 => Profile::mm80(),
            Self::Mm76 => Profile::mm76(),
            Self::Mm58 => Profile::mm58(),
        }
    }
}

/// Reads a file of models. An entry with the name of a built-in model changes that one; another one begins with its
/// `paper`, or with paper of 80 mm.
///
/// # Errors
/// What is wrong, and what is allowed: with line and column if it is about the form, with the model's name otherwise.
pub fn parse(text: &str) -> Result<Vec<Model>, String> {
    let file: File = receiptd_toml::from_str(text).map_err(|error| error.to_string())?;
    file.model.into_iter().map(model).collect()
}

fn model(entry: Entry) -> Result<Model, String> {
    let Entry { id, name, story, source, .. } = &entry;
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > NAME_BYTES_MAX || !id.chars().all(letters) {
        return Err(format!(
            "model.id is \"{id}\"; 1 to {NAME_BYTES_MAX} small letters, digits and '-' are allowed"
        ));
    }
    if story.trim().is_empty() || source.trim().is_empty() {
        return Err(format!("model \"{id}\" needs a story and a source"));
    }
    let known = find(id).filter(|_| entry.paper.is_none());
    let mut profile = known.unwrap_or_else(|| entry.paper.unwrap_or(Paper::Mm80).profile());
    macro_rules! own {
        ($($field:ident),+) => { $(if let Some(value) = entry.$field { profile.$field = value; })+ };
    }
    own!(
        dots,
        dpi,
        feed_units,
        font_a_width,
        line_dots,
        kanji,
        code_pages,
        hanzi_width,
        cutter,
        native_qr,
        native_barcode,
        head,
        beep,
        feed_before_cut_dots
    );
    profile.check().map_err(|error| format!("model \"{id}\": {error}"))?;
    let text = |text: &String| Cow::Owned(text.clone());
    Ok(Model {
        id: text(id),
        name: text(name.as_ref().unwrap_or(id)),
        story: text(story),
        source: text(source),
        profile,
    })
}

/// Those of `known` that may have been meant, the nearest first, at most three. None is near if none shares its letters.
pub fn near<'a>(id: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if id.len() > NAME_BYTES_MAX {
        return Vec::new();
    }
    let letters = |name: &str| name.to_ascii_lowercase().replace(['-', '_', ' '], "");
    let wanted = letters(id);
    let distances = known.filter_map(|name| {
        let letters = letters(name);
        // Who leaves the maker away is near, however many letters that are.
        let distance = match letters.contains(&wanted) {
            true => usize::from(letters != wanted),
            false => distance(wanted.as_bytes(), letters.as_bytes()),
        };
        (distance <= letters.len() / 2).then_some((distance, name))
    });
    let mut distances: Vec<_> = distances.collect();
    distances.sort_unstable();
    distances.into_iter().take(NEAR_MAX).map(|(_, name)| name).collect()
}

/// Letters to be put in, taken away or changed (Levenshtein).
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let change = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = change.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const FILE: &str = include_str!("../profiles.toml");

    /// Two readers of one file: the table that was made when this was built, and the one for an integrator's files.
    #[test]
    fn the_table_says_what_the_file_says() {
        let mut parsed = parse(FILE).unwrap();
        for (model, entry) in parsed.iter_mut().zip(toml::from_str::<File>(FILE).unwrap().model) {
            assert!(entry.paper.is_some(), "{} begins with its paper", entry.id);
            assert_eq!(model.id, entry.id);
        }
        assert_eq!(parsed, built_in().collect::<Vec<_>>());
    }

    #[test]
    fn every_model_is_plausible_and_has_its_story() {
        let mut seen = BTreeSet::new();
        for model in built_in() {
            assert!(seen.insert(model.id.clone()), "{} stands twice", model.id);
            assert_eq!(find(&model.id), Some(model.profile.clone()));
            assert_eq!(model.profile.check(), Ok(()), "{}", model.id);
            assert!(model.story.ends_with('.') && model.source.len() > 5, "{}", model.id);
            let columns = model.profile.columns();
            assert!((32..=53).contains(&columns), "{}: {columns} columns", model.id);
            // An impact printer knows neither GS k nor QR.
            let codes = model.profile.native_qr || model.profile.native_barcode;
            assert!(model.profile.head == Head::Thermal || !codes, "{}", model.id);
        }
        assert!((15..=40).contains(&seen.len()), "{} models", seen.len());
        assert_eq!(find("epson"), None);
    }

    #[test]
    fn each_of_the_papers_has_a_model() {
        for dots in [576, 400, 384] {
            assert!(built_in().any(|model| model.profile.dots == dots), "{dots}");
        }
    }

    #[test]
    fn an_integrators_entry_changes_a_model_or_adds_one() {
        let text = "[[model]]\nid = \"zjiang-zj-5870\"\nstory = \"s\"\nsource = \"s\"\nnative-barcode = true\n\
                    [[model]]\nid = \"ours\"\nname = \"Our own\"\nstory = \"s\"\nsource = \"s\"\npaper = \"76mm\"\n";
        let models = parse(text).unwrap();
        let before = find("zjiang-zj-5870").unwrap();
        assert_eq!(models[0].profile, Profile { native_barcode: true, ..before.clone() });
        assert_eq!(models[0].name, "zjiang-zj-5870");
        assert_eq!((models[1].name.as_ref(), &models[1].profile), ("Our own", &Profile::mm76()));
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_place() {
        let head = "[[model]]\nid = \"x\"\nstory = \"s\"\nsource = \"s\"\n";
        for (text, words) in [
            (format!("{head}dotz = 3\n"), ["line 5", "dotz"]),
            (format!("{head}dots = 3\n"), ["model \"x\"", "dots"]),
            ("[[model]]\nid = \"x\"\nstory = \" \"\nsource = \"s\"\n".into(), ["\"x\"", "story"]),
            ("[[model]]\nid = \"X Y\"\nstory = \"s\"\nsource = \"s\"\n".into(), ["X Y", "small letters"]),
            ("[[model]]\nid = \"x\"\nsource = \"s\"\n".into(), ["story", "line 1"]),
        ] {
            let error = parse(&text).unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_near() {
        assert_eq!(near("epson-tm-t88-v", ids()).first(), Some(&"epson-tm-t88v"));
        assert_eq!(near("xprinter-xp80", ids()).first(), Some(&"xprinter-xp-80"));
        assert_eq!(near("TM-T70II", ids()).first(), Some(&"epson-tm-t70ii-ch"));
        assert!(near("qwfpgjluy", ids()).is_empty());
        assert!(near(&"x".repeat(1000), ids()).is_empty());
    }
}
