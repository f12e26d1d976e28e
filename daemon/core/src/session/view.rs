//! What a caller is told of a printer: how it is, and whether it can print now.

use crate::engine::{Core, StoreFault};
use crate::evidence::estimate_us;
use crate::ids::PrinterIx;
use crate::printer::{Phase, PrinterView};
use crate::request::{Answer, Obstacle, Readiness, Refusal};

impl Core {
    pub(crate) fn can_print(
        &mut self,
        ticket: crate::ids::Ticket,
        name: &str,
        dots: u32,
        store: Result<(), StoreFault>,
    ) -> Result<(), Refusal> {
        let ix = self.printer_named(name).ok_or(Refusal::UnknownPrinter)?;
        let ahead: u64 = {
            let printer = &self.printers[usize::from(ix.0)];
            let waiting = printer.queue.iter().chain(printer.current.iter().map(|c| &c.job));
            waiting.filter_map(|job| self.jobs.get(job)).map(|j| u64::from(j.record.shape.paper_dots())).sum()
        };
        let printer = &self.printers[usize::from(ix.0)];
        let mut obstacles = alloc::vec::Vec::new();
        match printer.phase {
            Phase::Ready | Phase::Preflight { .. } | Phase::Surveying { .. } => {}
            Phase::Stalled { .. } => obstacles.push(Obstacle::Stalled),
            _ if printer.condition.blocked().is_some() => {}
            _ => obstacles.push(Obstacle::NotConnected),
        }
        obstacles.extend(printer.condition.blocked().map(Obstacle::Printer));
        match store {
            Err(StoreFault::Full) => obstacles.push(Obstacle::StoreFull),
            Err(StoreFault::Failed) => obstacles.push(Obstacle::StoreFailed),
            Err(StoreFault::Busy) | Ok(()) => {}
        }
        let dots = ahead.saturating_add(u64::from(dots)).min(u64::from(u32::MAX)) as u32;
        let readiness = Readiness {
            can: obstacles.is_empty(),
            obstacles,
            queue_ahead: (printer.queue.len() + usize::from(printer.current.is_some())) as u32,
            wait_us: estimate_us(dots),
            best: printer.abilities.best(),
            paper: printer.condition.paper,
        };
        self.reply(ticket, Ok(Answer::CanPrint(readiness)));
        Ok(())
    }

    /// A printer as people see it; `None` for an index that was never given out.
    pub fn printer_view(&self, ix: PrinterIx) -> Option<PrinterView> {
        let printer = self.printers.get(usize::from(ix.0))?;
        let ready = matches!(printer.phase, Phase::Ready | Phase::Preflight { .. } | Phase::Surveying { .. });
        Some(PrinterView {
            name: printer.config.name.clone(),
            state: printer.word(),
            condition: printer.condition,
            blocked: printer.condition.blocked(),
            fault: printer.fault,
            online: ready && printer.condition.blocked().is_none(),
            best: printer.abilities.best(),
            identity: printer.identity.clone(),
            queued: printer.queue.len(),
            doubtful: printer.doubtful.len(),
            current: printer.current.as_ref().map(|c| c.job),
            since: printer.since,
        })
    }

    /// How many printers there are.
    pub fn printer_count(&self) -> usize {
        self.printers.len()
    }
}
