//! `receiptctl printers`: what each printer does, what is wrong with it, and what helps. Its probe is in `probe`, the models are in `models`.

use receiptd_api::PrinterInfo;

use crate::cmd::{Context, models, probe};
use crate::describe;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::out::Style;
use crate::table::{self, Cell, Tint};
use crate::text::messages as m;
use crate::text::{say, words};
use crate::time;

/// Which printers.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    /// What to do beyond looking.
    #[command(subcommand)]
    pub what: Option<What>,
    /// Everything about this one
    pub name: Option<String>,
}

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// Ask a printer everything, print a page, and tell what it really answers
    Probe(probe::Args),
    /// List the printer models that a configuration can name
    Models(models::Args),
}

/// Shows them.
///
/// # Errors
/// The daemon refused or cannot be reached, or there is no printer of that name.
pub async fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    match &args.what {
        Some(What::Probe(args)) => return probe::run(args, context).await,
        Some(What::Models(args)) => return models::run(args, context),
        None => {}
    }
    let printers = context.daemon().await?.printers().await?;
    if let Some(name) = &args.name {
        let index = printers
            .iter()
            .position(|printer| printer.name == *name)
            .ok_or_else(|| Failure::NoPrinter(name.clone()))?;
        let printer = printers.get(index).ok_or_else(|| Failure::NoPrinter(name.clone()))?;
        if context.out.style.json {
            context.out.json(&json::Printer::of_type("printer", printer, index == 0))?;
        } else {
            let lines = page(printer, index == 0, &context.out.style);
            context.out.lines(&lines)?;
        }
        return Ok(Exit::Ok);
    }
    if context.out.style.json {
        for (index, printer) in printers.iter().enumerate() {
            context.out.json(&json::Printer::of_type("printer", printer, index == 0))?;
        }
    } else if printers.is_empty() {
        context.out.hint(context.out.style.say(m::NO_PRINTERS));
    } else {
        let lines = list(&printers, &context.out.style);
        context.out.lines(&lines)?;
    }
    Ok(Exit::Ok)
}

/// The table, and below it what helps those that do not print.
pub fn list(printers: &[PrinterInfo], style: &Style) -> Vec<String> {
    let lang = style.lang;
    let rows: Vec<Vec<Cell>> = printers
        .iter()
        .enumerate()
        .map(|(index, printer)| {
            let (state, tint) = describe::printer_state(printer, lang);
            vec![
                name(printer, index == 0, style).into(),
                Cell::new(state, tint),
                printer.queue_length.to_string().into(),
                say(words::PAPER, lang, &printer.paper).into(),
                printer.grade.as_str().into(),
                printer.model.as_str().into(),
            ]
        })
        .collect();
    let header: Vec<&str> = m::PRINTERS_HEADER.iter().map(|text| style.say(*text)).collect();
    let mut lines = table::lines(&header, &rows, style.color);
    let mut first = true;
    for printer in printers {
        for remedy in describe::printer_remedies(printer, lang) {
            if std::mem::take(&mut first) {
                lines.push(String::new());
            }
            lines.push(format!("{}  {remedy}", style.paint(&printer.name, Tint::Bold)));
        }
    }
    lines
}

fn name(printer: &PrinterInfo, default: bool, style: &Style) -> String {
    if default {
        format!("{} ({})", printer.name, style.say(m::DEFAULT_PRINTER))
    } else {
        printer.name.clone()
    }
}

/// Everything about one.
pub fn page(printer: &PrinterInfo, default: bool, style: &Style) -> Vec<String> {
    let lang = style.lang;
    let (state, tint) = describe::printer_state(printer, lang);
    let current = match printer.current_job {
        0 => String::new(),
        id => style.fill(m::JOB, &[("id", &id.to_string())]),
    };
    let since =
        if printer.since_ms == 0 { String::new() } else { time::date_time(printer.since_ms, &style.tz) };
    let mut lines = vec![style.paint(&name(printer, default, style), Tint::Bold)];
    let facts = [
        (style.say(m::L_STATE), Cell::new(state, tint)),
        (style.say(m::L_SINCE), since.into()),
        (style.say(m::L_PAPER_LEFT), say(words::PAPER, lang, &printer.paper).into()),
        (style.say(m::L_GRADE), printer.grade.as_str().into()),
        (style.say(m::L_MODEL), printer.model.as_str().into()),
        (style.say(m::L_SERIAL), printer.serial.as_str().into()),
        (style.say(m::L_ENDPOINT), printer.endpoint.as_str().into()),
        (style.say(m::L_QUEUE), printer.queue_length.to_string().into()),
        (style.say(m::L_CURRENT), current.into()),
    ];
    lines.extend(table::labelled(&facts, style.color));
    let remedies = describe::printer_remedies(printer, lang);
    if !remedies.is_empty() {
        lines.push(String::new());
        lines.push(style.paint(style.say(m::ADVICE_TITLE), Tint::Bold));
        lines.extend(remedies.into_iter().map(|remedy| format!("  {remedy}")));
    }
    lines
}
