//! What is known of a job when something lost power or the link: the power-failure table.
//!
//! The rows are those of the protocol reference (section 5.3); they stand here and nowhere else. The engine
//! asks [`verdict`] and turns the answer into an event of [`crate::job`].

use crate::job::{Doubt, JobEvent, JobState};

/// How far an attempt had come. Only the first, and the last two, can be read from the disk after a restart;
/// the others are told apart only while the daemon lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// No `sending` record.
    Queued,
    /// The `sending` record is (perhaps) on disk, and this very process knows that the link was given nothing.
    NothingGiven,
    /// `sending` on disk; the session is over, and its link says that it handed nothing of the attempt to the
    /// operating system. A transfer that was handed over and of which no byte is known to be taken is not this: its
    /// first packet may have arrived and the answer to it got lost, and not every host controller counts what was taken
    /// of a transfer that it gives up.
    NothingHandedOver,
    /// `sending` on disk; nothing else is known.
    SendingUnknown,
    /// `sending` on disk, some bytes went out.
    SomeSent,
    /// All bytes went out, the fence is open.
    FenceOpen,
    /// The answer came, its record is not on disk.
    ProofNotDurable,
    /// `printed` on disk.
    Printed,
    /// `printed` on disk, the cut's fence is open.
    PrintedCutOpen,
}

/// What was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The daemon or the terminal; the printer stayed on.
    Host,
    /// The printer's power, its cable or its network.
    Printer,
}

/// What may still tell the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// Nothing.
    None,
    /// The printer may still say the id when the link is open again.
    LateId,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Provably nothing was printed: again, unmarked.
    NotPrinted,
    /// Unknown: again only with the mark, unless something upgrades it.
    Unknown(Upgrade),
    /// On paper: again only on request, with the mark.
    Printed,
    /// On paper; whether it was cut is unknown. Not again.
    PrintedCutUnknown,
}

/// The table.
pub const fn verdict(point: Point, loss: Loss) -> Verdict {
    match (point, loss) {
        (Point::Queued | Point::NothingGiven, _) => Verdict::NotPrinted,
        (Point::NothingHandedOver, Loss::Printer) => Verdict::NotPrinted,
        // The session lives, or nobody is left who knows.
        (Point::NothingHandedOver, Loss::Host) => Verdict::Unknown(Upgrade::LateId),
        (Point::SendingUnknown | Point::SomeSent, Loss::Host) => Verdict::Unknown(Upgrade::LateId),
        (Point::SendingUnknown | Point::SomeSent, Loss::Printer) => Verdict::Unknown(Upgrade::None),
        (Point::FenceOpen | Point::ProofNotDurable, Loss::Host) => Verdict::Unknown(Upgrade::LateId),
        (Point::FenceOpen | Point::ProofNotDurable, Loss::Printer) => Verdict::Unknown(Upgrade::LateId),
        (Point::Printed, _) => Verdict::Printed,
        (Point::PrintedCutOpen, _) => Verdict::PrintedCutUnknown,
    }
}

/// How far the record on disk says that a job had come.
pub const fn point_on_disk(state: JobState, cut_open: bool) -> Point {
    match state {
        JobState::Sending { .. } => Point::SendingUnknown,
        JobState::Printed(_) if cut_open => Point::PrintedCutOpen,
        JobState::Printed(_) => Point::Printed,
        _ => Point::Queued,
    }
}

/// The event that an attempt's interruption is for its job, `None` when its state stays.
pub const fn event(point: Point, loss: Loss, why: Doubt) -> Option<JobEvent> {
    match (verdict(point, loss), point) {
        (Verdict::NotPrinted, Point::NothingGiven | Point::NothingHandedOver) => Some(JobEvent::NothingSent),
        (Verdict::NotPrinted | Verdict::Printed | Verdict::PrintedCutUnknown, _) => None,
        (Verdict::Unknown(_), _) => Some(JobEvent::Interrupted(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Grade;
    use crate::job::next;

    const SENDING: JobState = JobState::Sending { doubt: false };

    fn outcome(point: Point, loss: Loss, state: JobState) -> JobState {
        event(point, loss, Doubt::Restart).map_or(state, |event| next(state, event).unwrap())
    }

    #[test]
    fn row_queued_is_printed_unmarked() {
        let queued = JobState::Queued { doubt: false };
        for loss in [Loss::Host, Loss::Printer] {
            assert_eq!(verdict(Point::Queued, loss), Verdict::NotPrinted);
            assert_eq!(outcome(Point::Queued, loss, queued), queued);
        }
    }

    #[test]
    fn row_nothing_was_given_to_the_link_is_printed_unmarked() {
        for loss in [Loss::Host, Loss::Printer] {
            assert_eq!(outcome(Point::NothingGiven, loss, SENDING), JobState::Queued { doubt: false });
        }
    }

    #[test]
    fn row_the_link_handed_nothing_over_is_printed_unmarked_if_the_session_is_over() {
        let point = Point::NothingHandedOver;
        assert_eq!(outcome(point, Loss::Printer, SENDING), JobState::Queued { doubt: false });
        assert_eq!(verdict(point, Loss::Host), Verdict::Unknown(Upgrade::LateId));
        assert_eq!(outcome(point, Loss::Host, SENDING), JobState::Uncertain);
    }

    #[test]
    fn row_sending_with_zero_bytes_known_is_unknown_because_the_disk_cannot_prove_zero() {
        assert_eq!(verdict(Point::SendingUnknown, Loss::Host), Verdict::Unknown(Upgrade::LateId));
        assert_eq!(verdict(Point::SendingUnknown, Loss::Printer), Verdict::Unknown(Upgrade::None));
        assert_eq!(outcome(Point::SendingUnknown, Loss::Host, SENDING), JobState::Uncertain);
    }

    #[test]
    fn row_sending_with_some_bytes_is_unknown() {
        for loss in [Loss::Host, Loss::Printer] {
            assert_eq!(outcome(Point::SomeSent, loss, SENDING), JobState::Uncertain);
        }
    }

    #[test]
    fn row_all_bytes_out_with_an_open_fence_is_unknown_until_the_id_comes() {
        assert_eq!(verdict(Point::FenceOpen, Loss::Host), Verdict::Unknown(Upgrade::LateId));
        let doubtful = outcome(Point::FenceOpen, Loss::Host, SENDING);
        assert_eq!(next(doubtful, JobEvent::LateProof(Grade::A)), Ok(JobState::Printed(Grade::A)));
    }

    #[test]
    fn row_reply_received_but_not_on_disk_is_unknown() {
        for loss in [Loss::Host, Loss::Printer] {
            assert_eq!(outcome(Point::ProofNotDurable, loss, SENDING), JobState::Uncertain);
        }
    }

    #[test]
    fn row_printed_on_disk_stays_printed() {
        let printed = JobState::Printed(Grade::A);
        for loss in [Loss::Host, Loss::Printer] {
            assert_eq!(outcome(Point::Printed, loss, printed), printed);
        }
    }

    #[test]
    fn row_printed_with_an_open_cut_is_not_printed_again() {
        let printed = JobState::Printed(Grade::A);
        assert_eq!(point_on_disk(printed, true), Point::PrintedCutOpen);
        for loss in [Loss::Host, Loss::Printer] {
            assert_eq!(verdict(Point::PrintedCutOpen, loss), Verdict::PrintedCutUnknown);
            assert_eq!(outcome(Point::PrintedCutOpen, loss, printed), printed);
        }
    }

    #[test]
    fn the_disk_never_says_more_than_it_can() {
        assert_eq!(point_on_disk(SENDING, false), Point::SendingUnknown);
        assert_eq!(point_on_disk(JobState::Uncertain, false), Point::Queued);
    }
}
