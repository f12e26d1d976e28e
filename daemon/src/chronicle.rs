//! What a technician finds in the log of jobs and printers without having asked for more: receipts whose fate
//! nobody knows or that did not come out, and printers that stop and go on. Each entry has the fields of
//! [`logging`](crate::logging). Whole stories are in the spool (`receiptctl job`), not here.

use log::{Level, log};
use receiptd_api::{PrinterInfo, PrinterState};
use receiptd_core::job::JobState;
use receiptd_core::record::JobRecord;

use crate::logging::news;

/// What was last said of each printer.
#[derive(Debug, Default)]
pub struct Chronicle {
    told: Vec<Told>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Told {
    #[default]
    Nothing,
    Trouble(PrinterState, Vec<String>),
    Well,
}

impl Chronicle {
    /// A job has changed.
    pub fn job(record: &JobRecord) {
        let state = record.state.word();
        log!(job_level(&record.state), receiptd_job = record.id.0, receiptd_printer = record.printer.as_str(),
            receiptd_state = state; "job {}: {state}{}", record.id, meaning(&record.state));
    }

    /// A printer has changed; `ix` is its place in the configuration.
    pub fn printer(&mut self, ix: usize, info: &PrinterInfo) {
        if self.told.len() <= ix {
            self.told.resize(ix + 1, Told::Nothing);
        }
        let Some(told) = self.told.get_mut(ix) else { return };
        let Some(now) = condition(info) else { return };
        if *told == now {
            return;
        }
        let state = info.state.as_str();
        match &now {
            Told::Trouble(_, reasons) => {
                let why =
                    if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
                log!(news(true), receiptd_printer = info.name.as_str(), receiptd_state = state;
                    "printer {}: {state}{why}, {} jobs wait", info.name, info.queue_length);
            }
            Told::Well
                if matches!(
                    told,
                    Told::Nothing | Told::Trouble(PrinterState::Absent | PrinterState::BackingOff, _)
                ) =>
            {
                log!(news(false), receiptd_printer = info.name.as_str(), receiptd_state = state;
                    "printer {}: ready{} at {}, evidence {}", info.name, model(info), info.endpoint, info.grade);
            }
            Told::Well | Told::Nothing => {
                log!(news(false), receiptd_printer = info.name.as_str(), receiptd_state = state;
                    "printer {}: goes on, {} jobs wait", info.name, info.queue_length);
            }
        }
        *told = now;
    }
}

/// `None` on the way from one to the other.
fn condition(info: &PrinterInfo) -> Option<Told> {
    match info.state {
        PrinterState::Ready | PrinterState::Printing => Some(Told::Well),
        PrinterState::Absent | PrinterState::BackingOff | PrinterState::Paused | PrinterState::Stalled => {
            Some(Told::Trouble(info.state, info.reasons.clone()))
        }
        // On the way to one of them, or being closed because the daemon ends.
        _ => None,
    }
}

/// Not every printer names itself, and one that is vouched for is not asked.
fn model(info: &PrinterInfo) -> String {
    if info.model.is_empty() { String::new() } else { format!(", {},", info.model) }
}

const fn job_level(state: &JobState) -> Level {
    match state {
        JobState::Uncertain | JobState::Expired => Level::Warn,
        JobState::Held { .. } | JobState::Canceled => Level::Info,
        _ => Level::Debug,
    }
}

const fn meaning(state: &JobState) -> &'static str {
    match state {
        JobState::Uncertain => ", nobody knows whether it is on paper",
        JobState::Expired => ", it was not printed within its lifetime",
        _ => "",
    }
}
