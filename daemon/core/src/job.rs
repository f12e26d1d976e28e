//! The life of a job: states, events, and the one function that leads from state to state.
//!
//! The live path and recovery both go through [`next`]. What else happens at a transition (records, replies,
//! bytes) is the engine's.
//!
//! ```text
//!  accepted                 hold / release
//!     |   +------------------------------------------+
//!     v   v                                          v
//!   Queued -----start-----> Sending                Held
//!   ^    ^                  |  |  |
//!   |    +--nothing sent----+  |  +--proof--> Printed(grade)   +--taken--> Sent(grade)
//!   |                          |                 ^
//!   |                     interrupted            | late proof
//!   |                          v                 |
//!   +--reprint, marked---- Uncertain ------------+---a person: it came out--> Attested
//!
//!  Canceled: from Queued, Held, Uncertain.   Expired: from Queued, Held, when nothing is in doubt.
//! ```

use serde::{Deserialize, Serialize};

use crate::evidence::Grade;

/// Where a job is in its life. `doubt` says that an earlier attempt may be on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum JobState {
    /// Waits for its turn.
    Queued {
        /// An earlier attempt may be on paper.
        doubt: bool,
    },
    /// Waits for a person's release.
    Held {
        /// An earlier attempt may be on paper.
        doubt: bool,
    },
    /// The record says so before the first byte goes out; bytes may be anywhere between here and the paper.
    Sending {
        /// An earlier attempt may be on paper.
        doubt: bool,
    },
    /// Nobody knows whether it is on paper.
    Uncertain,
    /// The printer said that it is on paper.
    Printed(Grade),
    /// All bytes were taken by a printer that can't say more.
    Sent(Grade),
    /// A person said that it is on paper.
    Attested,
    /// Somebody did not want it any more.
    Canceled,
    /// Its time was over before it could be printed.
    Expired,
}

impl JobState {
    /// Whether this is an outcome, so that nothing more happens by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Printed(_) | Self::Sent(_) | Self::Attested | Self::Canceled | Self::Expired)
    }

    /// The word for it in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued { .. } => "queued",
            Self::Held { .. } => "held",
            Self::Sending { .. } => "sending",
            Self::Uncertain => "uncertain",
            Self::Printed(_) => "printed",
            Self::Sent(_) => "sent",
            Self::Attested => "attested",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }
}

/// Why nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Doubt {
    /// The daemon was ended, or the terminal lost power, while it was sending.
    Restart,
    /// The link ended.
    LinkLost,
    /// The printer went silent.
    Stalled,
    /// The printer said that it cleared its buffers or gave the print up.
    Cleared,
}

impl Doubt {
    /// The word for it in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::LinkLost => "link-lost",
            Self::Stalled => "stalled",
            Self::Cleared => "cleared",
        }
    }
}

/// What can happen to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEvent {
    /// Its turn has come.
    Start,
    /// The attempt ended before the link was given a single byte of it.
    NothingSent,
    /// The attempt ended in doubt.
    Interrupted(Doubt),
    /// The closing evidence is complete.
    Proof(Grade),
    /// All bytes were taken, and no more can be known.
    Taken(Grade),
    /// The counters confirm the echo.
    Counted,
    /// The id of an attempt in doubt came after all.
    LateProof(Grade),
    /// Print it again, marked: by policy, or since a person says that it did not come out.
    Again,
    /// A person wants it to wait.
    Hold,
    /// A person lets it go on.
    Release,
    /// Somebody does not want it any more.
    Cancel,
    /// Its time is over.
    Expire,
    /// A person says that it came out.
    Attest,
}

/// This can't happen in that state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Illegal {
    /// The state.
    pub state: JobState,
    /// The event.
    pub event: JobEvent,
}

/// The state after `event`; total over all pairs.
///
/// # Errors
/// [`Illegal`] for each pair that has no arrow in the diagram above.
pub const fn next(state: JobState, event: JobEvent) -> Result<JobState, Illegal> {
    use JobEvent as E;
    use JobState as S;
    Ok(match (state, event) {
        (S::Queued { doubt }, E::Start) => S::Sending { doubt },
        (S::Sending { doubt }, E::NothingSent) => S::Queued { doubt },
        (S::Sending { .. }, E::Interrupted(_)) => S::Uncertain,
        (S::Sending { .. }, E::Proof(grade)) if grade.proves() => S::Printed(grade),
        (S::Sending { .. }, E::Taken(grade)) if !grade.proves() => S::Sent(grade),
        // The earlier attempt is on paper; the one under way is marked and can't be called back.
        (S::Sending { doubt: true }, E::LateProof(_)) => S::Sending { doubt: true },
        (S::Printed(Grade::A), E::Counted) => S::Printed(Grade::APlus),

        (S::Uncertain | S::Queued { doubt: true } | S::Held { doubt: true }, E::LateProof(grade))
            if grade.proves() =>
        {
            S::Printed(grade)
        }
        (S::Uncertain | S::Queued { doubt: true } | S::Held { doubt: true }, E::Attest) => S::Attested,
        (S::Uncertain, E::Again) => S::Queued { doubt: true },

        (S::Queued { doubt }, E::Hold) => S::Held { doubt },
        (S::Uncertain, E::Hold) => S::Held { doubt: true },
        (S::Held { doubt }, E::Release) => S::Queued { doubt },
        (S::Queued { .. } | S::Held { .. } | S::Uncertain, E::Cancel) => S::Canceled,
        (S::Queued { doubt: false } | S::Held { doubt: false }, E::Expire) => S::Expired,

        (state, event) => return Err(Illegal { state, event }),
    })
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use super::*;

    const STATES: [JobState; 13] = [
        JobState::Queued { doubt: false },
        JobState::Queued { doubt: true },
        JobState::Held { doubt: false },
        JobState::Held { doubt: true },
        JobState::Sending { doubt: false },
        JobState::Sending { doubt: true },
        JobState::Uncertain,
        JobState::Printed(Grade::APlus),
        JobState::Printed(Grade::A),
        JobState::Sent(Grade::D),
        JobState::Attested,
        JobState::Canceled,
        JobState::Expired,
    ];
    const EVENTS: [JobEvent; 15] = [
        JobEvent::Start,
        JobEvent::NothingSent,
        JobEvent::Interrupted(Doubt::LinkLost),
        JobEvent::Proof(Grade::A),
        JobEvent::Proof(Grade::D),
        JobEvent::Taken(Grade::D),
        JobEvent::Taken(Grade::A),
        JobEvent::Counted,
        JobEvent::LateProof(Grade::A),
        JobEvent::Again,
        JobEvent::Hold,
        JobEvent::Release,
        JobEvent::Cancel,
        JobEvent::Expire,
        JobEvent::Attest,
    ];

    /// The whole table in words; a new arrow or a lost one shows here.
    #[test]
    fn every_pair_of_state_and_event_is_listed() {
        let mut legal = Vec::new();
        let mut illegal = 0;
        for state in STATES {
            for event in EVENTS {
                match next(state, event) {
                    Ok(after) => legal.push(format!("{state:?} + {event:?} = {after:?}")),
                    Err(refused) => {
                        assert_eq!(refused, Illegal { state, event });
                        illegal += 1;
                    }
                }
            }
        }
        let table: String = legal.join("\n");
        let expected = include_str!("job_table.txt");
        assert_eq!(table.trim(), expected.trim(), "the table of legal pairs changed:\n{table}");
        assert_eq!(illegal, STATES.len() * EVENTS.len() - legal.len());
    }

    #[test]
    fn an_outcome_never_changes_to_another_outcome() {
        for state in STATES.into_iter().filter(|s| s.is_final()) {
            for event in EVENTS {
                if let Ok(after) = next(state, event) {
                    assert_eq!((state.word(), event), (after.word(), JobEvent::Counted));
                }
            }
        }
    }

    #[test]
    fn bytes_taken_never_make_a_job_printed() {
        for grade in [Grade::C, Grade::D] {
            let sending = JobState::Sending { doubt: false };
            assert!(next(sending, JobEvent::Proof(grade)).is_err());
            assert_eq!(next(sending, JobEvent::Taken(grade)), Ok(JobState::Sent(grade)));
        }
    }
}
