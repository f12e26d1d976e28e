//! The exit codes: a stable part of the interface, documented in the manual page.

use std::process::ExitCode;

use receiptd_api::JobState;

/// How the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// The daemon refused, or a question was answered with no.
    Refused = 1,
    /// The command line or a named file is wrong.
    Usage = 2,
    /// The daemon cannot be reached.
    Unreachable = 3,
    /// The job ended without being printed.
    NotPrinted = 4,
    /// Nobody knows whether it is on paper, or it waits for a person.
    Uncertain = 5,
    /// Sent to a printer that cannot prove that it printed.
    NoProof = 6,
    /// The user may not do this.
    NotAllowed = 7,
    /// The store is damaged.
    Damaged = 8,
    /// The job has not ended yet.
    Pending = 9,
    /// Ended by Ctrl-C or by `SIGTERM`.
    Interrupted = 130,
}

/// Every code with its meaning, in the order of the manual page.
pub const MEANINGS: &[(Exit, &str)] = &[
    (
        Exit::Ok,
        "Success. With --wait or --exit-code: the receipt is on paper, proven by the printer or confirmed by a person.",
    ),
    (
        Exit::Refused,
        "The daemon refused; the error is named. can-print: a slip would not come out now. printers probe: it ended early. validate: a document is not sound. template check: a template is not sound. link verify: the link is not genuine.",
    ),
    (Exit::Usage, "The command line is wrong, or a file or directory that it names cannot be read."),
    (Exit::Unreachable, "The daemon cannot be reached, or the connection broke."),
    (Exit::NotPrinted, "The job was canceled or has expired; no copy of it was confirmed."),
    (Exit::Uncertain, "Nobody knows whether the receipt is on paper, or the job is held for a person."),
    (
        Exit::NoProof,
        "All bytes were sent to a printer that cannot prove that it printed (print --wait, reprint --wait, job --exit-code).",
    ),
    (Exit::NotAllowed, "This user may not do this."),
    (Exit::Damaged, "The store is damaged (store check, store export, store rebuild)."),
    (Exit::Pending, "The job has not ended yet (job --exit-code, or --wait with --timeout)."),
    (Exit::Interrupted, "Interrupted by Ctrl-C. What was accepted goes on."),
];

impl Exit {
    /// What a job's state is worth to a script.
    pub const fn of_state(state: JobState) -> Self {
        match state {
            JobState::Printed | JobState::Attested => Self::Ok,
            JobState::Sent => Self::NoProof,
            JobState::Canceled | JobState::Expired => Self::NotPrinted,
            JobState::Uncertain | JobState::Held => Self::Uncertain,
            JobState::Queued | JobState::Sending | JobState::Other => Self::Pending,
        }
    }

    /// The worse of two: for a receipt of several copies. A doubt asks for a person, so it is worst.
    pub const fn worse(self, other: Self) -> Self {
        const fn rank(exit: Exit) -> u8 {
            match exit {
                Exit::Ok => 0,
                Exit::NoProof => 1,
                Exit::Pending => 2,
                Exit::NotPrinted => 3,
                Exit::Uncertain => 4,
                Exit::Refused | Exit::Usage => 5,
                Exit::Unreachable => 6,
                Exit::NotAllowed => 7,
                Exit::Damaged => 8,
                Exit::Interrupted => 9,
            }
        }
        if rank(other) > rank(self) { other } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_once_and_in_order() {
        let codes: Vec<u8> = MEANINGS.iter().map(|(exit, _)| *exit as u8).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130]);
    }

    #[test]
    fn a_doubt_outweighs_what_went_well() {
        let states = [JobState::Printed, JobState::Uncertain, JobState::Sent, JobState::Expired];
        let worst = states.into_iter().map(Exit::of_state).fold(Exit::Ok, Exit::worse);
        assert_eq!(worst, Exit::Uncertain);
    }
}
