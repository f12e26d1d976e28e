//! `receiptctl store`: the store of a *stopped* daemon: is it sound, what is in it, build its index anew.
//!
//! The work is the store's own (`receiptd_store::offline`); here is what it found, in words.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use receiptd_store::offline;
use serde::Serialize;

use crate::cmd::{Context, export};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::owner;
use crate::table::{Cell, Tint, clean, labelled};
use crate::text::messages as m;

/// Where the daemon keeps its store unless its configuration says otherwise.
const DEFAULT_DIR: &str = "/var/lib/receiptd/spool";
/// How often long work says that it still goes on.
const STILL_EVERY: Duration = Duration::from_secs(5);

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
    /// Read all of it and say whether it is sound; changes nothing
    Check {
        /// The directory of the store
        #[arg(value_name = "DIR", default_value = DEFAULT_DIR)]
        dir: PathBuf,
    },
    /// Write what is in it as JSON lines; changes nothing
    Export {
        /// The directory of the store
        #[arg(value_name = "DIR", default_value = DEFAULT_DIR)]
        dir: PathBuf,
        /// The file to write [default: standard output]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// The rows as they are stored, in hexadecimal, receipts included, instead of decoded
        #[arg(long)]
        raw: bool,
    },
    /// Build the index anew from the journal; the old one is moved aside
    Rebuild {
        /// The directory of the store
        #[arg(value_name = "DIR", default_value = DEFAULT_DIR)]
        dir: PathBuf,
    },
}

/// Does it.
///
/// # Errors
/// The store is in use, missing, or cannot be read.
pub fn run(args: &Args, context: &mut Context) -> Result<Exit, Failure> {
    match &args.what {
        What::Check { dir } => check(dir, context),
        What::Export { dir, output, raw } => export::run(dir, output.as_deref(), *raw, context),
        What::Rebuild { dir } => rebuild(dir, context),
    }
}

#[derive(Serialize)]
struct CheckJson<'a> {
    r#type: &'static str,
    dir: &'a str,
    sound: bool,
    records: u64,
    journal_bytes: u64,
    last_batch: u64,
    applied_batch: u64,
    journal_damage: &'a [String],
    index_damage: &'a [String],
    quarantined: u64,
}

fn check(dir: &Path, context: &mut Context) -> Result<Exit, Failure> {
    owner::keep_private();
    let report = patiently(context, || offline::check(dir))
        .map_err(|source| Failure::Store { dir: dir.to_owned(), source })?;
    let sound = report.is_clean();
    let style = context.out.style.clone();
    let path = clean(&dir.to_string_lossy());
    if style.json {
        context.out.json(&CheckJson {
            r#type: "store-check",
            dir: &path,
            sound,
            records: report.records,
            journal_bytes: report.journal_bytes,
            last_batch: report.last_lsn,
            applied_batch: report.applied_lsn,
            journal_damage: &report.journal_damage,
            index_damage: &report.spool_damage,
            quarantined: report.quarantined,
        })?;
    } else {
        let verdict = if sound { (m::STORE_SOUND, Tint::Good) } else { (m::STORE_DAMAGED, Tint::Bad) };
        let line = style.paint(&style.fill(verdict.0, &[("dir", &path)]), verdict.1);
        context.out.line(&line)?;
        let lag = report.last_lsn.saturating_sub(report.applied_lsn);
        let lag = if lag == 0 {
            String::new()
        } else {
            style.fill(m::STORE_LAG_VALUE, &[("count", &lag.to_string())])
        };
        let quarantined =
            if report.quarantined == 0 { String::new() } else { report.quarantined.to_string() };
        let facts = [
            (style.say(m::L_RECORDS), Cell::from(report.records.to_string())),
            (
                style.say(m::L_JOURNAL),
                Cell::from(style.fill(m::BYTES, &[("count", &report.journal_bytes.to_string())])),
            ),
            (style.say(m::L_LAG), Cell::from(lag)),
            (style.say(m::L_QUARANTINED), Cell::new(quarantined, Tint::Warn)),
        ];
        let facts = labelled(&facts, style.color);
        context.out.lines(&facts)?;
        for (text, damage) in
            [(m::JOURNAL_DAMAGE, &report.journal_damage), (m::INDEX_DAMAGE, &report.spool_damage)]
        {
            for place in damage {
                let line = style.fill(text, &[("place", &clean(place))]);
                context.out.line(&line)?;
            }
        }
        context.out.flush()?;
        if report.applied_lsn > report.last_lsn {
            context.out.hint(style.say(m::AHEAD_NEXT));
        } else if !report.journal_damage.is_empty() {
            context.out.hint(style.say(m::DAMAGED_JOURNAL_NEXT));
        } else if !sound {
            context.out.hint(style.say(m::DAMAGED_INDEX_NEXT));
        }
    }
    Ok(if sound { Exit::Ok } else { Exit::Damaged })
}

#[derive(Serialize)]
struct RebuildJson<'a> {
    r#type: &'static str,
    dir: &'a str,
    records: u64,
    last_batch: u64,
    journal_damage: &'a [String],
    quarantined: u64,
    lost: bool,
}

fn rebuild(dir: &Path, context: &mut Context) -> Result<Exit, Failure> {
    owner::keep_private();
    let report = patiently(context, || offline::rebuild(dir));
    // Also of one that failed in the middle.
    owner::give_to_owner(dir);
    let report = report.map_err(|source| Failure::Store { dir: dir.to_owned(), source })?;
    let style = context.out.style.clone();
    let path = clean(&dir.to_string_lossy());
    if style.json {
        context.out.json(&RebuildJson {
            r#type: "store-rebuild",
            dir: &path,
            records: report.records,
            last_batch: report.open.last_lsn,
            journal_damage: &report.open.journal_damage,
            quarantined: report.open.quarantined,
            lost: report.open.lost,
        })?;
    } else {
        let line = style.fill(m::REBUILT, &[("records", &report.records.to_string())]);
        context.out.line(&line)?;
        for place in &report.open.journal_damage {
            let line = style.fill(m::JOURNAL_DAMAGE, &[("place", &clean(place))]);
            context.out.line(&line)?;
        }
        if report.open.lost {
            let line = style.paint(style.say(m::REBUILT_LOST), Tint::Bad);
            context.out.line(&line)?;
        }
    }
    Ok(if report.open.lost || !report.open.journal_damage.is_empty() { Exit::Damaged } else { Exit::Ok })
}

/// Does long work and says every few seconds that it still goes on.
pub fn patiently<T>(context: &Context, work: impl FnOnce() -> T) -> T {
    let style = context.out.style.clone();
    if style.json || style.quiet {
        return work();
    }
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    let began = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // The channel closes when the work is over, however it ends.
            while is_done.recv_timeout(STILL_EVERY) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                let seconds = began.elapsed().as_secs().to_string();
                let line = style.fill(m::STILL_WORKING, &[("seconds", &seconds)]);
                // Progress that nobody can see is not worth a failure.
                let _ = writeln!(std::io::stderr(), "{line}");
            }
        });
        let result = work();
        drop(done);
        result
    })
}
