//! A document from a file or from standard input, and what it becomes: for `print --dry-run`, `preview`, `validate`
//! and `link`.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use receiptd_api::Kind;
use receiptd_api::names::DOCUMENT_BYTES_MAX;
use receiptd_document::template::{Date, Template, Templates};
use receiptd_document::{
    CopyLabel, Dressed, Profile, Rendered, Source, models, render, render_in, render_with,
};
use receiptd_render_client::Helper;

use crate::failure::Failure;

/// A document that was read.
#[derive(Debug)]
pub struct Read {
    /// Where it came from.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Reads the document whole, so that what is checked, sent and perhaps sent again is the same.
///
/// # Errors
/// The file cannot be read, or has more than a document may have.
pub fn read(path: &Path, kind: Option<Kind>) -> Result<Read, Failure> {
    let failed = |source| Failure::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let limit = DOCUMENT_BYTES_MAX as u64 + 1;
    if path.as_os_str() == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        File::open(path).map_err(failed)?.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(Failure::TooLarge { path: path.to_owned(), max: DOCUMENT_BYTES_MAX });
    }
    let kind = kind.unwrap_or_else(|| kind_of(path, &bytes));
    Ok(Read { path: path.to_owned(), kind, bytes })
}

/// Which template a receipt gets.
#[derive(Debug, Clone, Copy)]
pub enum Wearing<'a> {
    /// The one of these that fits on this day, as in the daemon.
    Fitting(&'a Templates, Date),
    /// This one, whatever it is for.
    Only(&'a Template, Date),
}

impl Read {
    /// Makes it into copies, as the daemon would for a printer of this profile.
    ///
    /// # Errors
    /// The document is wrong, or no text although it should be; or it can't have its template on this paper.
    pub fn copies(&self, profile: &Profile, wearing: Option<&Wearing<'_>>) -> Result<Vec<Rendered>, Failure> {
        let source = match self.kind {
            Kind::Json => Source::Json(&self.bytes),
            Kind::Text => {
                let text = std::str::from_utf8(&self.bytes)
                    .map_err(|_| Failure::NotText { path: self.path.clone() })?;
                Source::Text(text)
            }
            _ => Source::Raw(&self.bytes),
        };
        let drawer = Helper::default();
        let drawer = drawer.for_document();
        let made = match wearing {
            None => return render(source, profile, &drawer).map_err(Failure::Document),
            Some(Wearing::Fitting(templates, day)) => render_with(source, profile, &drawer, templates, *day),
            Some(Wearing::Only(template, day)) => render_in(&self.bytes, profile, &drawer, template, *day),
        };
        let made = made.map_err(Failure::Document)?;
        match made.dressed {
            None => Ok(made.plain),
            Some(Dressed { template, copies }) => {
                copies.map_err(|error| Failure::TemplateUnfit { name: template, error: Box::new(error) })
            }
        }
    }

    /// One copy of it, or all.
    ///
    /// # Errors
    /// As [`Self::copies`], or it has no such copy.
    pub fn chosen(
        &self,
        profile: &Profile,
        copy: Option<CopyLabel>,
        wearing: Option<&Wearing<'_>>,
    ) -> Result<Vec<Rendered>, Failure> {
        let copies = self.copies(profile, wearing)?;
        let Some(label) = copy else { return Ok(copies) };
        let there: Vec<&str> = copies.iter().map(|copy| copy.copy.as_str()).collect();
        let there = there.join(", ");
        let chosen: Vec<Rendered> = copies.into_iter().filter(|copy| copy.copy == label).collect();
        if chosen.is_empty() {
            return Err(Failure::NoCopy { copy: label.as_str(), there });
        }
        Ok(chosen)
    }
}

/// What a document is when nobody says: a file by its name, standard input by its content.
fn kind_of(path: &Path, document: &[u8]) -> Kind {
    if path.as_os_str() != "-" {
        return Kind::of_file_name(&path.to_string_lossy());
    }
    match std::str::from_utf8(document) {
        Ok(text) if text.trim_start().starts_with('{') => Kind::Json,
        Ok(text) if text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')) => Kind::Text,
        _ => Kind::Raw,
    }
}

/// Reads a kind of document.
pub fn kind_parser() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.iter().map(|kind| kind.as_str())).map(|word| Kind::from_word(&word))
}

/// Reads a copy's name.
pub fn copy_parser() -> impl TypedValueParser<Value = CopyLabel> {
    PossibleValuesParser::new(CopyLabel::ALL.iter().map(|copy| copy.as_str()))
        .map(|word| word.parse().unwrap_or(CopyLabel::Single))
}

/// Papers that have a name of their own; the other profiles are those of models.
pub const PAPERS: [&str; 3] = ["80mm", "76mm", "58mm"];

/// Reads a profile's name: a paper's, or a built-in model's.
pub fn profile_parser() -> impl TypedValueParser<Value = Profile> {
    let models = models::ids().map(PossibleValue::new);
    PossibleValuesParser::new(PAPERS.map(PossibleValue::new).into_iter().chain(models))
        .map(|name| profile(&name))
}

/// The profile of a paper or a built-in model.
pub fn profile(name: &str) -> Profile {
    match name {
        "76mm" => Profile::mm76(),
        "58mm" => Profile::mm58(),
        model => models::find(model).unwrap_or_else(Profile::mm80),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_a_papers_or_a_models() {
        assert_eq!(profile("80mm"), Profile::mm80());
        assert_eq!(profile("76mm"), Profile::mm76());
        assert_eq!(profile("epson-tm-u220b"), models::find("epson-tm-u220b").expect("a model"));
    }

    #[test]
    fn standard_input_is_looked_at_and_a_file_is_taken_by_its_name() {
        let of = |name: &str, bytes: &[u8]| kind_of(Path::new(name), bytes);
        assert_eq!(of("-", b" {\"lines\": []}"), Kind::Json);
        assert_eq!(of("-", "谢谢惠顾\n".as_bytes()), Kind::Text);
        assert_eq!(of("-", b"\x1b@abc\n"), Kind::Raw);
        assert_eq!(of("-", b"\xbb\xb6\n"), Kind::Raw);
        assert_eq!(of("slip.json", b"\x1b@"), Kind::Json);
        assert_eq!(of("slip.bin", b"{}"), Kind::Raw);
    }
}
