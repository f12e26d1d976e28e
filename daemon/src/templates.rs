//! Templates in the daemon: which day it is, what is told of those that are wrong, and which copies of a receipt are
//! printed, those with its template or those without. A template never costs a receipt.

use std::fmt;

use jiff::ZonedDateTime;
use receiptd_document::template::Date;
use receiptd_document::{
    DocumentError, Dressed, Made, Profile, Rendered, Source, Typesetter, render as plainly, render_with,
};
use receiptd_templates::Loaded;

use crate::config::Settings;

/// Today at the terminal: local time, by the system's zone.
pub fn today() -> Date {
    let today = ZonedDateTime::now().date();
    let (month, day) = (today.month().unsigned_abs(), today.day().unsigned_abs());
    Date::new(today.year().unsigned_abs(), month, day).unwrap_or(Date::EPOCH)
}

/// What is wrong with the templates of a configuration, a sentence each: files that are not sound, and templates with a line
/// that does not fit on a printer's paper.
pub fn wrong(settings: &Settings) -> Vec<String> {
    let loaded = &settings.templates;
    let mut all: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    for template in loaded.templates.iter() {
        for printer in &settings.printers {
            if let Err(why) = template.try_on(&printer.profile) {
                let (template, printer) = (template.name(), &printer.name);
                all.push(format!("template {template} does not fit on printer \"{printer}\": {why}"));
            }
        }
    }
    all
}

/// Warnings that the interface tells; the log has all.
const WARNINGS_MAX: usize = 16;

/// Logs which templates there are, and what is wrong with them; gives that for the interface.
pub fn tell(settings: &Settings) -> Vec<String> {
    let names: Vec<&str> = settings.templates.templates.iter().map(|template| template.name()).collect();
    if !names.is_empty() {
        log::info!("templates: {}", names.join(", "));
    }
    let mut wrong = wrong(settings);
    for wrong in &wrong {
        log::warn!("{wrong}; receipts are printed without it");
    }
    wrong.truncate(WARNINGS_MAX);
    wrong
}

/// Renders a document, and once more with the template of these that fits; without templates it may ask for what it wants.
///
/// # Errors
/// It is refused, as it is without a template.
pub fn render(
    source: Source<'_>,
    profile: &Profile,
    typesetter: &dyn Typesetter,
    loaded: Option<&Loaded>,
    today: Date,
) -> Result<Made, DocumentError> {
    match loaded {
        Some(loaded) => render_with(source, profile, typesetter, &loaded.templates, today),
        None => plainly(source, profile, typesetter).map(|plain| Made { plain, dressed: None }),
    }
}

/// The copies of a receipt with its template, as the spool is to have them, if they could be made and `sized` lets them pass.
pub fn worn<T, E: fmt::Display>(
    dressed: Option<Dressed>,
    sized: impl FnOnce(Vec<Rendered>) -> Result<T, E>,
) -> Option<T> {
    let Dressed { template, copies } = dressed?;
    let copies = copies.map_err(|error| error.to_string());
    copies
        .and_then(|copies| sized(copies).map_err(|error| error.to_string()))
        .inspect_err(|why| log::warn!("a receipt is printed without the template {template}: {why}"))
        .ok()
}
