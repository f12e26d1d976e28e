//! `receiptctl can-print`: would a slip come out now? For scripts, the exit code is the answer.

use receiptd_api::CanPrint;

use crate::cmd::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::out::Style;
use crate::text::{messages as m, words};

/// What to ask.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The printer [default: the daemon's default printer]
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub printer: String,
    /// The length of the slip in millimetres
    #[arg(long, value_name = "MM", default_value_t = 150)]
    pub length: u32,
}

/// Asks.
///
/// # Errors
/// The daemon refused or cannot be reached.
pub async fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    let mut daemon = context.daemon().await?;
    let answer =
        daemon.call(async |client| client.spooler().can_print(&args.printer, args.length).await).await?;
    if context.out.style.json {
        context.out.json(&json::Readiness::new(&args.printer, args.length, &answer))?;
    } else {
        let lines = lines(&answer, &context.out.style);
        context.out.lines(&lines)?;
    }
    Ok(if answer.can { Exit::Ok } else { Exit::Refused })
}

/// The answer in words.
pub fn lines(answer: &CanPrint, style: &Style) -> Vec<String> {
    let lang = style.lang;
    let why = words::reasons(lang, &answer.reasons);
    let mut out = Vec::new();
    if answer.can {
        let seconds = answer.wait_ms.div_ceil(1000).to_string();
        out.push(match answer.queue_ahead {
            0 => style.say(m::CAN_PRINT).to_owned(),
            jobs => style.fill(m::CAN_PRINT_AFTER, &[("jobs", &jobs.to_string()), ("seconds", &seconds)]),
        });
        if !why.is_empty() {
            out.push(style.fill(m::NOTE_WELL, &[("why", &why)]));
        }
    } else if why.is_empty() {
        out.push(style.say(m::CANNOT_PRINT_UNKNOWN).to_owned());
    } else {
        out.push(style.fill(m::CANNOT_PRINT, &[("why", &why)]));
    }
    out.extend(answer.reasons.iter().filter_map(|code| words::remedy(lang, code)).map(|r| format!("  {r}")));
    out
}
