//! From the spool's records to a running core.
//!
//! A record that says `sending` meets the power-failure table like any interruption: the same function, the
//! same outcome.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crate::config::CoreConfig;
use crate::engine::{Class, Core, Draft, Job};
use crate::faults::{Fault, Faults};
use crate::ids::{JobId, PrinterIx, PrinterName};
use crate::job::{Doubt, JobEvent, JobState};
use crate::printer::{Phase, Printer};
use crate::record::{Counters, Cut, JobRecord, PrinterRecord};
use crate::recovery::{self, Loss};
use crate::story::What;
use crate::time::Now;

/// What the spool holds of interest at start.
#[derive(Debug, Default)]
pub struct Spooled {
    /// The counters; at their beginning for a new spool.
    pub counters: Option<Counters>,
    /// All rows of the active table, best in ascending order. One may be there twice, since the spool gives rows again if
    /// it had to be mended on the way: the later one counts.
    pub active: Vec<JobRecord>,
    /// What was learned of printers.
    pub printers: Vec<(PrinterName, PrinterRecord)>,
}

impl Core {
    /// A core that goes on where the spool says that the last one was. Drain the outputs at once.
    pub fn start(config: CoreConfig, spooled: Spooled, now: Now) -> Self {
        Self::start_with(config, spooled, now, Faults::default())
    }

    /// The same with a defect built in; see [`crate::faults`].
    pub fn start_with(config: CoreConfig, spooled: Spooled, now: Now, faults: Faults) -> Self {
        let printers: Vec<Printer> = config
            .printers
            .iter()
            .map(|printer| {
                let learned = spooled.printers.iter().find(|(name, _)| *name == printer.name);
                Printer::new(printer.clone(), learned.map(|(_, record)| record.clone()), now.wall)
            })
            .collect();
        let mut counters = spooled.counters.unwrap_or_default();
        let highest = spooled.active.iter().map(|record| record.id.0).max().unwrap_or(0);
        // Job 0 does not exist; a number that a record has is taken, whatever the counters say.
        counters.next_job = counters.next_job.max(highest + 1).max(1);
        let mut core = Self::empty(config, printers, counters, now);
        core.faults = faults;
        let mut draft = Draft::new(Class::Progress);
        // In one go: a map that is built from what is in order costs half of one that grows, in time and memory.
        core.jobs =
            spooled.active.into_iter().map(|record| (record.id, Box::new(core.read(record)))).collect();
        let mut waiting = vec![Vec::new(); core.printers.len()];
        for id in core.jobs.keys().copied().collect::<Vec<_>>() {
            core.take_in(id, &mut waiting, &mut draft);
        }
        for (printer, waiting) in core.printers.iter_mut().zip(waiting) {
            printer.queue.append(&mut waiting.into_iter().collect());
        }
        if !draft.ops.is_empty() {
            core.persist(draft);
        }
        for index in 0..core.printers.len() {
            core.open_session(PrinterIx(index as u16));
        }
        core
    }

    /// A job as its record says that it is.
    fn read(&self, record: JobRecord) -> Job {
        let printer = self.configured(&record.printer);
        let now = self.now;
        let expires = record.expires.map(|expires| {
            // No clock that jumped can make a job live longer than it was given at acceptance.
            let given = record.lifetime_ms.unwrap_or(expires.0.saturating_sub(record.accepted.0));
            now.mono.plus_ms(expires.0.saturating_sub(now.wall.0).min(given))
        });
        Job { record, printer, batch: None, admitted: true, expires }
    }

    /// Puts a job that was read where it belongs. Those that only wait go to the list of their printer in `waiting`.
    fn take_in(&mut self, id: JobId, waiting: &mut [Vec<JobId>], draft: &mut Draft) {
        let Some(Job { record, printer, expires, .. }) = self.jobs.get(&id).map(|job| &**job) else { return };
        let (now, state, printer, expires) = (self.now, record.state, *printer, *expires);
        let (owner, bytes, original) = (record.owner, u64::from(record.shape.bytes), record.reprint_of);
        let point = recovery::point_on_disk(state, record.cut == Cut::Open);
        self.count_in(owner, bytes, original);
        self.expiries.extend(expires.map(|at| (at, id)));
        let was_sending = matches!(state, JobState::Sending { .. });
        let event = recovery::event(point, Loss::Host, Doubt::Restart);
        if let (None, JobState::Queued { doubt: false }, Some(PrinterIx(ix))) = (event, state, printer) {
            waiting[usize::from(ix)].push(id);
            return;
        }
        let event = match event {
            Some(_) if self.faults.has(Fault::RequeueAtRestart) => {
                if let Some(entry) = self.jobs.get_mut(&id) {
                    entry.record.open.pop();
                }
                Some(JobEvent::NothingSent)
            }
            other => other,
        };
        if let Some(event) = event
            && self.step(id, event)
        {
            if let Some(entry) = self.jobs.get_mut(&id) {
                let line = entry.record.confirmed_line;
                entry.record.note(now.wall, What::Interrupted { why: Doubt::Restart, line });
            }
            self.record(draft, id);
        }
        if was_sending && self.faults.has(Fault::DropAtRestart) {
            self.jobs.remove(&id);
            return;
        }
        self.requeue(id);
        if let Some(ix) = printer {
            let printer = self.printer(ix);
            printer.owes_answer |= printer.doubtful.contains(&id);
        }
    }

    fn configured(&self, name: &str) -> Option<PrinterIx> {
        self.printers.iter().position(|p| p.config.name == name).map(|index| PrinterIx(index as u16))
    }

    /// Whether a printer has a session that is fit to print.
    pub fn is_ready(&self, ix: PrinterIx) -> bool {
        self.printers
            .get(usize::from(ix.0))
            .is_some_and(|p| p.phase == Phase::Ready && p.condition.blocked().is_none())
    }
}
