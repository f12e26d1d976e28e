//! `receiptctl template`: checks the templates of a folder, lists them, and shows what one looks like on paper.
//!
//! It reads the folder as the daemon does. No daemon is needed.

use std::path::{Path, PathBuf};

use receiptd_document::template::{Date, Position, Template};
use receiptd_document::{CopyLabel, Profile};
use receiptd_templates::{DEFAULT_FOLDER, Loaded, Problem, load};
use serde::Serialize;

use crate::cmd::{Context, preview};
use crate::document::{self, PAPERS, Read, Wearing};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Style;
use crate::sheet::Format;
use crate::table::{self, Cell, Tint, clean};
use crate::text::messages as m;
use crate::text::{say, words};
use crate::time;

/// What to do.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// Check the templates of a folder; the exit code tells whether all are sound
    Check(Check),
    /// List the templates, whom they are for, and what of them is printed today
    List(List),
    /// Show a receipt with a template around it, without printing it
    Preview(Box<Preview>),
}

/// Templates that are to be checked.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// The folder
    #[arg(value_name = "FOLDER", default_value = DEFAULT_FOLDER)]
    pub folder: PathBuf,
    /// They must fit on this paper too [default: it is only said whether they do]
    #[arg(long, value_name = "PROFILE", value_parser = clap::builder::PossibleValuesParser::new(PAPERS))]
    pub profile: Option<String>,
}

/// Templates that are to be listed.
#[derive(Debug, clap::Args)]
pub struct List {
    /// The folder
    #[arg(value_name = "FOLDER", default_value = DEFAULT_FOLDER)]
    pub folder: PathBuf,
    /// As on this day, for example 2026-12-24 [default: today]
    #[arg(long, value_name = "DATE", value_parser = time::day)]
    pub date: Option<Date>,
}

/// A template that is to be shown.
#[derive(Debug, clap::Args)]
pub struct Preview {
    /// The template
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The JSON receipt that it is put around [default: an example]
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// As on this day, for example 2026-12-24 [default: today]
    #[arg(long, value_name = "DATE", value_parser = time::day)]
    pub date: Option<Date>,
    /// The folder
    #[arg(long, value_name = "DIR", default_value = DEFAULT_FOLDER)]
    pub folder: PathBuf,
    /// What to make of it [default: by the extension of --output, else text]
    #[arg(long = "as", value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The paper it is laid out for: 80mm, 76mm, 58mm, or a model of `receiptctl printers models`
    #[arg(long, value_name = "PROFILE", default_value = "80mm", hide_possible_values = true, value_parser = document::profile_parser())]
    pub profile: Profile,
    /// Only this copy [default: all, one behind the other]
    #[arg(long, value_name = "COPY", value_parser = document::copy_parser())]
    pub copy: Option<CopyLabel>,
    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// A file of the folder (`"template-checked"`).
#[derive(Debug, Serialize)]
struct Checked<'a> {
    r#type: &'static str,
    file: &'a str,
    name: Option<&'a str>,
    sound: bool,
    fits: Vec<&'static str>,
    line: Option<u32>,
    column: Option<u32>,
    code: Option<&'a str>,
    message: Option<String>,
    message_zh: Option<String>,
}

/// A template (`"template"`).
#[derive(Debug, Serialize)]
struct Listed<'a> {
    r#type: &'static str,
    name: &'a str,
    merchant: &'a [String],
    r#for: Vec<&'static str>,
    copies: Vec<&'static str>,
    parts: Vec<ListedPart>,
}

#[derive(Debug, Serialize)]
struct ListedPart {
    position: &'static str,
    from: Option<String>,
    until: Option<String>,
    lines: usize,
    printed: bool,
}

/// Does it.
///
/// # Errors
/// The folder or a file cannot be read, there is no such template, or it can't be printed.
pub fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    match &args.what {
        What::Check(args) => check(args, context),
        What::List(args) => list(args, context),
        What::Preview(args) => show(args, context),
    }
}

/// Reads a folder that somebody named: it has to be there.
fn folder(path: &Path) -> Result<Loaded, Failure> {
    match std::fs::read_dir(path) {
        Ok(_) => Ok(load(path)),
        Err(source) => Err(Failure::File { path: path.to_owned(), source }),
    }
}

fn check(args: &Check, context: &mut Context) -> Result<Exit, Failure> {
    let loaded = folder(&args.folder)?;
    let mut exit = Exit::Ok;
    for template in loaded.templates.iter() {
        exit = exit.worse(sound(template, args, context)?);
    }
    for problem in &loaded.problems {
        exit = exit.worse(Exit::Refused);
        broken(problem, context)?;
    }
    if loaded.problems.is_empty() && loaded.templates.iter().next().is_none() {
        context.out.hint(context.out.style.say(m::NO_TEMPLATES));
    }
    context.out.flush()?;
    Ok(exit)
}

/// A template that is sound; whether it also is on the paper it has to fit on.
fn sound(template: &Template, args: &Check, context: &mut Context) -> Result<Exit, Failure> {
    let path = args.folder.join(format!("{}.toml", template.name()));
    let file = clean(&path.to_string_lossy());
    let mut fits = Vec::new();
    let mut why = None;
    for paper in PAPERS {
        match template.try_on(&document::profile(paper)) {
            Ok(()) => fits.push(paper),
            // The one that was asked for counts, else the first.
            Err(error) if args.profile.as_deref().is_none_or(|wanted| wanted == paper) => {
                why = why.or(Some((paper, error)));
            }
            Err(_) => {}
        }
    }
    let sound = args.profile.is_none() || why.is_none();
    if context.out.style.json {
        let error = why.as_ref().map(|(_, error)| error);
        let spot = error.and_then(|error| error.spot());
        context.out.json(&Checked {
            r#type: "template-checked",
            file: &file,
            name: Some(template.name()),
            sound,
            fits,
            line: spot.map(|spot| spot.line),
            column: spot.map(|spot| spot.column),
            code: error.map(|error| error.code()),
            message: error.map(ToString::to_string),
            message_zh: error.map(|error| error.message_zh()),
        })?;
    } else {
        let lines = |position| {
            let parts = template.parts().iter().filter(|part| part.position == position);
            parts.map(|part| part.lines()).sum::<usize>().to_string()
        };
        let (above, below) = (lines(Position::Header), lines(Position::Footer));
        let values = [("file", file.as_str()), ("above", &above), ("below", &below)];
        if sound {
            let line = context.out.style.fill(m::TEMPLATE_SOUND, &values);
            context.out.line(&line)?;
        }
        if let Some((paper, error)) = &why {
            let message = message(&context.out.style, error);
            let values = [("file", file.as_str()), ("paper", paper), ("message", &message)];
            let line = context.out.style.fill(m::TEMPLATE_NARROW, &values);
            context.out.line(&line)?;
        }
    }
    Ok(if sound { Exit::Ok } else { Exit::Refused })
}

fn message(style: &Style, error: &receiptd_document::template::TemplateError) -> String {
    clean(&match style.lang {
        crate::text::Lang::En => error.to_string(),
        crate::text::Lang::Zh => error.message_zh(),
    })
}

/// Says what is wrong with a file of the folder.
///
/// # Errors
/// Nobody reads the output.
pub fn broken(problem: &Problem, context: &mut Context) -> Result<(), Failure> {
    let file = clean(&problem.path.to_string_lossy());
    let (message, message_zh) = (clean(&problem.why.to_string()), clean(&problem.message_zh()));
    if context.out.style.json {
        let spot = match &problem.why {
            receiptd_templates::Why::Template(error) => error.spot(),
            _ => None,
        };
        return context.out.json(&Checked {
            r#type: "template-checked",
            file: &file,
            name: None,
            sound: false,
            fits: Vec::new(),
            line: spot.map(|spot| spot.line),
            column: spot.map(|spot| spot.column),
            code: Some(problem.code()),
            message: Some(message),
            message_zh: Some(message_zh),
        });
    }
    let message = match context.out.style.lang {
        crate::text::Lang::En => message,
        crate::text::Lang::Zh => message_zh,
    };
    let values = [("file", file.as_str()), ("message", &message), ("code", problem.code())];
    let line = context.out.style.fill(m::NOT_SOUND, &values);
    context.out.line(&line)
}

fn list(args: &List, context: &mut Context) -> Result<Exit, Failure> {
    let loaded = folder(&args.folder)?;
    let day = args.date.unwrap_or_else(|| context.today());
    let templates: Vec<&Template> = loaded.templates.iter().collect();
    if context.out.style.json {
        for template in templates {
            context.out.json(&listed(template, day))?;
        }
    } else if templates.is_empty() {
        context.out.hint(context.out.style.say(m::NO_TEMPLATES));
    } else {
        let lines = page(&templates, day, &context.out.style);
        context.out.lines(&lines)?;
    }
    if !loaded.problems.is_empty() {
        let (count, folder) = (loaded.problems.len().to_string(), args.folder.to_string_lossy());
        let values = [("count", count.as_str()), ("folder", &folder)];
        context.out.hint(&context.out.style.fill(m::TEMPLATES_WRONG, &values));
    }
    context.out.flush()?;
    Ok(Exit::Ok)
}

fn listed(template: &Template, day: Date) -> Listed<'_> {
    let parts = template.parts().iter().map(|part| ListedPart {
        position: part.position.as_str(),
        from: part.from.map(|day| day.to_string()),
        until: part.until.map(|day| day.to_string()),
        lines: part.lines(),
        printed: part.is_on(day),
    });
    Listed {
        r#type: "template",
        name: template.name(),
        merchant: template.merchants(),
        r#for: template.kinds().iter().map(|kind| kind.as_str()).collect(),
        copies: template.copies().iter().map(|copy| copy.as_str()).collect(),
        parts: parts.collect(),
    }
}

/// The table.
pub fn page(templates: &[&Template], day: Date, style: &Style) -> Vec<String> {
    let comma = style.say(m::COMMA);
    let rows: Vec<Vec<Cell>> = templates
        .iter()
        .map(|template| {
            let on = template.parts().iter().filter(|part| part.is_on(day)).count();
            let (on, all) = (on.to_string(), template.parts().len().to_string());
            let kinds: Vec<&str> = template.kinds().iter().map(|kind| kind.as_str()).collect();
            let copies: Vec<String> =
                template.copies().iter().map(|copy| say(words::COPIES, style.lang, copy.as_str())).collect();
            let merchants = match template.merchants() {
                [] => style.say(m::ALL_MERCHANTS).to_owned(),
                merchants => clean(&merchants.join(comma)),
            };
            vec![
                Cell::new(template.name(), Tint::Bold),
                merchants.into(),
                kinds.join(comma).into(),
                copies.join(comma).into(),
                style.fill(m::PARTS_PRINTED, &[("on", &on), ("all", &all)]).into(),
            ]
        })
        .collect();
    let header: Vec<&str> = m::TEMPLATES_HEADER.iter().map(|text| style.say(*text)).collect();
    table::lines(&header, &rows, style.color)
}

fn show(args: &Preview, context: &mut Context) -> Result<Exit, Failure> {
    let loaded = folder(&args.folder)?;
    let Some(template) = loaded.templates.find(&args.name) else {
        let file = args.folder.join(format!("{}.toml", args.name));
        if let Some(problem) = loaded.problems.iter().find(|problem| problem.path == file) {
            return Err(Failure::Template(Box::new(problem.clone())));
        }
        let there: Vec<&str> = loaded.templates.iter().map(Template::name).collect();
        return Err(Failure::NoTemplate { name: args.name.clone(), there: there.join(", ") });
    };
    let day = args.date.unwrap_or_else(|| context.today());
    let document = match &args.receipt {
        Some(path) => document::read(path, Some(receiptd_api::Kind::Json))?,
        None => example(template),
    };
    if !template.is_on(day) {
        let day = day.to_string();
        context.out.hint(&context.out.style.fill(m::TEMPLATE_OFF, &[("name", &args.name), ("day", &day)]));
    }
    let copies = document.chosen(&args.profile, args.copy, Some(&Wearing::Only(template, day)))?;
    preview::show(&copies, &args.profile, args.format, args.output.as_deref(), context)
}

/// A sale, or a slip for a template that is for slips alone, with copies that the template is for.
fn example(template: &Template) -> Read {
    use receiptd_document::template::For;
    let copies = match template.copies() {
        copies if copies.contains(&CopyLabel::Single) => String::new(),
        copies => {
            let copies: Vec<String> = copies.iter().map(|copy| format!("\"{copy}\"")).collect();
            format!("\"copies\":[{}],", copies.join(","))
        }
    };
    let content = match template.kinds() {
        kinds if kinds.contains(&For::Sale) => SALE,
        kinds if kinds.contains(&For::Slip) => SLIP,
        _ => LINES,
    };
    let bytes = format!("{{\"version\":1,{copies}{content}}}").into_bytes();
    Read { path: "-".into(), kind: receiptd_api::Kind::Json, bytes }
}

const SALE: &str = r#""sale": {"merchant": {"name": "示例商店 SHOP"}, "number": "0042", "time": "2026-11-27T14:32:05",
"currency": "CNY", "items": [{"name": "拿铁 LATTE", "quantity": 2, "unit_price": 2800, "amount": 5600}], "total": 5600,
"payments": [{"name": "现金 CASH", "amount": 5600}]}"#;

const SLIP: &str = r#""slip": {"type": "sale", "merchant": {"name": "示例商店 SHOP", "id": "898110154110023"},
"terminal": "01080209", "card": {"number": "622848******0018", "entry": "contactless"}, "currency": "CNY",
"amount": 5600, "batch": "000123", "voucher": "000456", "time": "2026-11-27T14:32:05", "verification": "none"}"#;

const LINES: &str =
    r#""title": "取号单 QUEUE", "lines": [{"text": {"text": "A042", "size": "double", "align": "center"}}]"#;
