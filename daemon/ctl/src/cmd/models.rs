//! `receiptctl printers models`: what `model = "..."` may say in a configuration, and what each means.
//!
//! The built-in models are receiptd-document's; those of an integrator are read from a folder. The daemon is not asked:
//! a configuration is written before there is one.

use std::fs;
use std::path::{Path, PathBuf};

use receiptd_document::models::{self, Model};
use receiptd_document::{CodePages, Cutter, Head, KanjiMode};

use crate::cmd::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::out::Style;
use crate::table::{self, Cell, Tint};
use crate::text::messages as m;

/// Where an integrator's models are unless the configuration lies elsewhere.
const DEFAULT_FOLDER: &str = "/etc/receiptd/models.d";

/// Which models.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Everything about this one
    pub id: Option<String>,
    /// The folder with models of your own
    #[arg(long, value_name = "DIR", default_value = DEFAULT_FOLDER)]
    pub folder: PathBuf,
}

/// Shows them.
///
/// # Errors
/// A file of the folder can't be read or is wrong, or there is no model of that name.
pub fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let known = known(&args.folder)?;
    let wanted: Vec<&Model> =
        known.iter().filter(|model| args.id.as_ref().is_none_or(|id| model.id == *id)).collect();
    if let Some(id) = args.id.as_ref().filter(|_| wanted.is_empty()) {
        let near = models::near(id, known.iter().map(|model| model.id.as_ref())).join(", ");
        return Err(Failure::NoModel { id: id.clone(), near });
    }
    if context.out.style.json {
        for model in wanted {
            context.out.json(&json::Model::new(model))?;
        }
        return Ok(Exit::Ok);
    }
    let lines = match (&args.id, wanted.first()) {
        (Some(_), Some(model)) => page(model, &context.out.style),
        _ => list(&wanted, &context.out.style),
    };
    context.out.lines(&lines)?;
    Ok(Exit::Ok)
}

/// The built-in ones, each changed by what the folder says of it, and then the folder's own.
fn known(folder: &Path) -> Result<Vec<Model>, Failure> {
    let mut known: Vec<Model> = models::built_in().collect();
    for model in local(folder)? {
        match known.iter_mut().find(|other| other.id == model.id) {
            Some(other) => *other = model,
            None => known.push(model),
        }
    }
    Ok(known)
}

/// The models of the files `*.toml` of a folder, which need not exist, in the order of their names.
fn local(folder: &Path) -> Result<Vec<Model>, Failure> {
    let failed = |path: &Path, source| Failure::File { path: path.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(folder, error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
        all.extend(models::parse(&text).map_err(|why| Failure::Models { path, why })?);
    }
    Ok(all)
}

/// The table.
pub fn list(models: &[&Model], style: &Style) -> Vec<String> {
    let rows: Vec<Vec<Cell>> = models
        .iter()
        .map(|model| {
            vec![
                Cell::new(model.id.as_ref(), Tint::Bold),
                model.profile.dots.to_string().into(),
                model.profile.columns().to_string().into(),
                model.name.as_ref().into(),
            ]
        })
        .collect();
    let header: Vec<&str> = m::MODELS_HEADER.iter().map(|text| style.say(*text)).collect();
    table::lines(&header, &rows, style.color)
}

/// Everything about one: the keys as they would stand in a configuration, and where they are known from.
pub fn page(model: &Model, style: &Style) -> Vec<String> {
    let profile = &model.profile;
    let mut lines = vec![style.paint(&model.name, Tint::Bold)];
    let facts = [
        (style.say(m::L_STORY), Cell::from(model.story.as_ref())),
        (style.say(m::L_SOURCE), model.source.as_ref().into()),
    ];
    lines.extend(table::labelled(&facts, style.color));
    lines.push(String::new());
    lines.push(format!("  model = \"{}\"", model.id));
    let keys = [
        ("dots", profile.dots.to_string()),
        ("dpi", profile.dpi.to_string()),
        ("feed-units", profile.feed_units.to_string()),
        ("font-a-width", profile.font_a_width.to_string()),
        ("line-dots", profile.line_dots.to_string()),
        ("kanji", format!("\"{}\"", kanji(profile.kanji))),
        ("code-pages", code_pages(profile.code_pages)),
        ("hanzi-width", profile.hanzi_width.to_string()),
        ("cutter", format!("\"{}\"", cutter(profile.cutter))),
        ("native-qr", profile.native_qr.to_string()),
        ("native-barcode", profile.native_barcode.to_string()),
        ("head", format!("\"{}\"", head(profile.head))),
        ("beep", profile.beep.to_string()),
        ("feed-before-cut-dots", profile.feed_before_cut_dots.to_string()),
    ];
    lines.extend(keys.iter().map(|(key, value)| format!("  # {key} = {value}")));
    lines
}

/// As it is written in a configuration.
pub const fn kanji(mode: KanjiMode) -> &'static str {
    match mode {
        KanjiMode::None => "none",
        KanjiMode::Gb2312 => "gb2312",
        KanjiMode::Gb18030 => "gb18030",
    }
}

/// As it is written in a configuration.
fn code_pages(pages: CodePages) -> String {
    let named: Vec<String> = pages.named().map(|(name, number)| format!("{name} = {number}")).collect();
    if named.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", named.join(", ")) }
}

/// As it is written in a configuration.
pub const fn cutter(cutter: Cutter) -> &'static str {
    match cutter {
        Cutter::None => "none",
        Cutter::Partial => "partial",
        Cutter::Full => "full",
    }
}

/// As it is written in a configuration.
pub const fn head(head: Head) -> &'static str {
    match head {
        Head::Thermal => "thermal",
        Head::NinePin => "nine-pin",
    }
}
