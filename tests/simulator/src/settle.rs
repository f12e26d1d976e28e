//! Whether a life is settled, and what it went through.

use receiptd_core::evidence::Grade;
use receiptd_core::ids::PrinterIx;
use receiptd_core::job::{Doubt, JobState};
use receiptd_core::record::{Cut, JobRecord, Table};
use receiptd_core::story::What;

use crate::check::ending::waits_for_person;
use crate::world::World;

impl World {
    /// Nothing is left to do.
    pub(crate) fn settled(&self) -> bool {
        self.core.is_some()
            && self.disk.waiting() == 0
            && self.clients.iter().all(crate::clients::Client::content)
            && self.devices.iter().all(|d| d.machine.empty() && d.link.idle())
            && self.disk.jobs(Table::Active).iter().all(waits_for_person)
            && self.core.as_ref().is_some_and(|core| {
                (0..self.devices.len())
                    .filter_map(|index| core.printer_view(PrinterIx(index as u16)))
                    .all(|view| view.current.is_none() && view.state == "ready")
            })
    }

    /// What is.
    pub(crate) fn unsettled(&self) -> String {
        let jobs = self.disk.jobs(Table::Active);
        let jobs: Vec<String> = jobs
            .iter()
            .filter(|r| !waits_for_person(r))
            .map(|r| format!("job {} on {} is {:?}", r.id, r.printer, r.state))
            .collect();
        let printers: Vec<String> = (0..self.devices.len())
            .filter_map(|index| self.core.as_ref()?.printer_view(PrinterIx(index as u16)))
            .map(|v| format!("{} is {} with {:?}, {:?}", v.name, v.state, v.current, v.blocked))
            .collect();
        let devices: Vec<String> = self
            .devices
            .iter()
            .map(|d| {
                format!(
                    "{:?} empty {} offline {} link idle {}",
                    d.machine.build.model,
                    d.machine.empty(),
                    d.machine.offline(),
                    d.link.idle()
                )
            })
            .collect();
        let clients = self.clients.iter().filter(|c| !c.content()).count();
        format!("{jobs:?}; {printers:?}; {devices:?}; {clients} apps wait; {} batches", self.disk.waiting())
    }

    /// What a written record is worth counting.
    pub(crate) fn coverage_of_record(&mut self, record: &JobRecord) {
        let unmasked = record.story.iter().any(|e| e.what == What::ProofImpossible);
        if unmasked && record.state.is_final() {
            self.coverage.hit("liars found out");
        }
        let what = match record.story.last().map(|e| &e.what) {
            Some(What::Printed(Grade::A)) => "printed by echo",
            Some(What::Printed(_)) => "printed in order",
            Some(What::Counted) => "printed and counted",
            Some(What::Sent(Grade::C)) => "sent (C)",
            Some(What::Sent(_)) => "sent (D)",
            Some(What::UpToLine { .. }) => "printed up to a line",
            Some(What::LateProof { .. }) => "late proofs",
            Some(What::Interrupted { why: Doubt::Restart, .. }) => "uncertain: restart",
            Some(What::Interrupted { why: Doubt::LinkLost, .. }) => "uncertain: link lost",
            Some(What::Interrupted { why: Doubt::Stalled, .. }) => "uncertain: stalled",
            Some(What::Interrupted { why: Doubt::Cleared, .. }) => "uncertain: cleared",
            Some(What::NothingSent) => "taken back: nothing sent",
            Some(What::AgainByPolicy) => "again by policy",
            Some(What::WaitsForPerson) => "waits for a person",
            Some(What::BodyUnreadable) => "held: body unreadable",
            Some(What::Held { .. }) => "held",
            Some(What::Released { .. }) => "released",
            Some(What::Canceled { .. }) => "canceled",
            Some(What::Expired) => "expired",
            Some(What::Resolved { came_out: true, .. }) => "attested",
            Some(What::Resolved { .. }) => "again by hand",
            Some(What::Paused(_)) => "paused",
            Some(What::Resumed) => "resumed",
            Some(What::CutFailed) => "cuts failed",
            Some(What::CutUnknown) => "cuts unknown",
            _ => return,
        };
        self.coverage.hit(what);
    }

    /// At which row of the power-failure table a crash finds each printer.
    pub(crate) fn coverage_of_recovery(&mut self) {
        for index in 0..self.devices.len() {
            let view = self.core.as_ref().and_then(|c| c.printer_view(PrinterIx(index as u16)));
            let Some(view) = view else { continue };
            let record = view.current.and_then(|job| self.disk.job(job));
            let row = match record {
                None if view.queued > 0 => "row: queued",
                None => continue,
                Some(record) => match record.state {
                    JobState::Sending { .. } => {
                        let (gone, all, proven) = self.check.progress(&record);
                        match (gone, all, proven) {
                            (_, _, true) => "row: proof not durable",
                            (false, ..) => "row: sending, nothing given",
                            (true, false, _) => "row: sending, some bytes",
                            (true, true, _) => "row: all bytes out, fence open",
                        }
                    }
                    JobState::Printed(_) if record.cut == Cut::Open => "row: printed, cut open",
                    JobState::Printed(_) => "row: printed",
                    _ => "row: queued",
                },
            };
            self.coverage.hit(row);
        }
    }
}
