//! What must be true when all is quiet: every promise looked at once more, from the spool alone.

use receiptd_core::Core;
use receiptd_core::job::JobState;
use receiptd_core::limits::{ATTEMPTS_BY_POLICY_MAX, FINISHED_CACHED_MAX};
use receiptd_core::record::{JobRecord, Policy, Table};

use super::Check;
use crate::disk::Disk;
use crate::printer::machine::Machine;

/// Whether a job that has no outcome waits for a person and not for us.
pub fn waits_for_person(record: &JobRecord) -> bool {
    match record.state {
        JobState::Held { .. } => true,
        JobState::Uncertain => record.policy == Policy::Hold || record.attempts >= ATTEMPTS_BY_POLICY_MAX,
        _ => false,
    }
}

impl Check {
    /// The end of a life.
    pub fn ending(&mut self, core: &Core, disk: &Disk, machines: &[&Machine]) {
        self.restarted(disk);
        let active = disk.jobs(Table::Active);
        let finished = disk.jobs(Table::Finished);
        if core.active() != active.len() {
            let what =
                format!("the core counts {} unfinished jobs, the spool {}", core.active(), active.len());
            self.fail("bounds", what);
        }
        let cached = finished.iter().filter(|r| core.knows(r.id)).count();
        if cached > FINISHED_CACHED_MAX + machines.len() {
            self.fail("bounds", format!("{cached} finished jobs are kept in memory"));
        }
        for record in &active {
            if record.state.is_final() || finished.iter().any(|f| f.id == record.id) {
                self.fail("P5", format!("job {} is finished and unfinished", record.id));
            }
            if !core.knows(record.id) {
                self.fail("P5", format!("the core does not know job {}", record.id));
            }
        }
        for record in &finished {
            let honest = machines
                .iter()
                .enumerate()
                .any(|(index, m)| record.printer == format!("p{index}") && !m.build.model.lies());
            let on_paper = machines.iter().any(|m| m.paper.has_all_of(record.id));
            let excused = (1..=record.attempts).any(|n| self.excused.contains(&(record.id, n)));
            if matches!(record.state, JobState::Printed(_)) && honest && !on_paper && !excused {
                self.fail("P1", format!("job {} is called printed and nobody has it", record.id));
            }
        }
    }
}
