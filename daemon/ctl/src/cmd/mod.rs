//! The verbs, one file each, and how a parsed command line becomes the run of one.
//!
//! A verb asks the daemon through [`Context`] and shows the answer through its output; wording is in `text`, looks
//! in `describe`, the JSON schema in `json`.

pub mod can_print;
pub mod cancel;
pub mod completion;
pub mod export;
pub mod hold;
pub mod job;
pub mod jobs;
pub mod link;
pub mod man;
pub mod models;
pub mod preview;
pub mod print;
pub mod printers;
pub mod probe;
pub mod release;
pub mod reprint;
pub mod resolve;
pub mod status;
pub mod store;
pub mod template;
pub mod validate;
pub mod wait;
pub mod watch;

use std::path::Path;

use jiff::ZonedDateTime;
use receiptd_api::Where;
use receiptd_document::template::Date;
use receiptd_templates::Loaded;

use crate::cli::{Cli, Verb};
use crate::client::Daemon;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::{Out, finish};
use crate::table::clean;
use crate::text::Lang;

/// What a verb has at hand.
pub struct Context {
    /// Where to show things.
    pub out: Out,
    place: Where,
}

impl Context {
    /// Connects to the daemon.
    ///
    /// # Errors
    /// It cannot be reached.
    pub async fn daemon(&self) -> Result<Daemon, Failure> {
        Daemon::connect(&self.place).await
    }

    /// Now, here.
    pub fn now(&self) -> ZonedDateTime {
        ZonedDateTime::now().with_time_zone(self.out.style.tz.clone())
    }

    /// Today, here.
    pub fn today(&self) -> Date {
        let today = self.now().date();
        let (month, day) = (today.month().unsigned_abs(), today.day().unsigned_abs());
        Date::new(today.year().unsigned_abs(), month, day).unwrap_or(Date::EPOCH)
    }

    /// The templates of a folder, if one is named; what is wrong with them is only hinted at.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn templates(&mut self, folder: Option<&Path>) -> Result<Option<Loaded>, Failure> {
        let Some(folder) = folder else { return Ok(None) };
        std::fs::read_dir(folder).map_err(|source| Failure::File { path: folder.to_owned(), source })?;
        let loaded = receiptd_templates::load(folder);
        for problem in &loaded.problems {
            if self.out.style.json {
                template::broken(problem, self)?;
                continue;
            }
            let said = match self.out.style.lang {
                Lang::En => problem.to_string(),
                Lang::Zh => format!("{}：{}", problem.path.display(), problem.message_zh()),
            };
            self.out.hint(&clean(&said));
        }
        Ok(Some(loaded))
    }

    /// Now, in Unix milliseconds.
    pub fn now_ms(&self) -> u64 {
        u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
    }
}

/// Runs a parsed command line.
pub fn run(cli: Cli, out: Out) -> Exit {
    let mut context = Context { out, place: cli.global.place() };
    let result = dispatch(&cli.verb, &mut context);
    finish(&mut context.out, result)
}

fn dispatch(verb: &Verb, context: &mut Context) -> Result<Exit, Failure> {
    match verb {
        Verb::Print(args) => block_on(print::run(args, context)),
        Verb::Preview(args) => preview::run(args, context),
        Verb::Validate(args) => validate::run(args, context),
        Verb::Template(args) => template::run(args, context),
        Verb::Link(args) => link::run(args, context),
        Verb::Jobs(args) => block_on(jobs::run(args, context)),
        Verb::Job(args) => block_on(job::run(args, context)),
        Verb::Reprint(args) => block_on(reprint::run(args, context)),
        Verb::Cancel(args) => block_on(cancel::run(args, context)),
        Verb::Hold(args) => block_on(hold::run(args, context)),
        Verb::Release(args) => block_on(release::run(args, context)),
        Verb::Resolve(args) => block_on(resolve::run(args, context)),
        Verb::Printers(args) => block_on(printers::run(args, context)),
        Verb::CanPrint(args) => block_on(can_print::run(args, context)),
        Verb::Watch(args) => block_on(watch::run(args, context)),
        Verb::Status(args) => block_on(status::run(args, context)),
        Verb::Store(args) => store::run(args, context),
        Verb::Completion(args) => completion::run(args, context),
        Verb::Man(args) => man::run(args, context),
    }
}

/// One thread is enough for one question.
fn block_on(verb: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Runtime)?
        .block_on(verb)
}
