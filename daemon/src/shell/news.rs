//! What the surroundings are told of printers: who asks sees each change at once; log and signals are told as often as is
//! good for them.

use std::time::{Duration, Instant};

use receiptd_core::ids::PrinterIx;
use receiptd_core::time::Mono;

use super::State;
use crate::convert;

impl State {
    /// When the loop has something to do, if nothing happens until then.
    pub(super) fn next_deadline(&self, started: Instant) -> Option<Instant> {
        let core = self.core.next_deadline().filter(|at| at.0 != u64::MAX);
        let core = core.map(|Mono(us)| started + Duration::from_micros(us));
        let owed = self.paces.iter().filter(|(_, owed)| *owed).map(|(pace, _)| pace.next()).min();
        [core, owed].into_iter().flatten().min()
    }

    /// Tells what changed with the printers; the last change of each is told always.
    pub(super) fn tell_printers(&mut self) {
        let changed = core::mem::take(&mut self.changed_printers);
        if changed.is_empty() && !self.paces.iter().any(|(_, owed)| *owed) {
            return;
        }
        let now = Instant::now();
        for (ix, (road, (pace, owed))) in self.roads.iter().zip(&mut self.paces).enumerate() {
            let printer = PrinterIx(ix as u16);
            let news = changed.contains(&printer);
            let tell = (news || (*owed && pace.next() <= now)) && pace.may(now);
            *owed = (*owed || news) && !tell;
            if !news && !tell {
                continue;
            }
            let Some(view) = self.core.printer_view(printer) else { continue };
            let info = convert::printer(&view, &road.place());
            if tell {
                self.chronicle.printer(ix, &info);
            }
            if let Some(notices) = &self.notices {
                if tell { notices.printer_changed(&info) } else { notices.printer_is(&info) }
            }
        }
    }

    /// Tells the lengths of the queues where they changed: once for all that became durable together, since a
    /// burst of submissions is no news for whoever watches a printer.
    pub(super) fn tell_queues(&mut self) {
        let Some(notices) = &self.notices else { return };
        self.queues_told.resize(self.roads.len(), 0);
        for (ix, (road, told)) in self.roads.iter().zip(&mut self.queues_told).enumerate() {
            let Some(view) = self.core.printer_view(PrinterIx(ix as u16)) else { continue };
            let length = convert::queue_length(&view);
            if *told != length {
                *told = length;
                notices.printer_changed(&convert::printer(&view, &road.place()));
            }
        }
    }
}
