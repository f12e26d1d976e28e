//! Deliberate defects, so that the tests can show that they would be found. Only with the feature
//! `deliberate-faults`; in a shipped build every question here answers "no" at compile time.

/// A defect to build in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// "Accepted" goes out before the batch is on stable storage (breaks P1).
    ReplyBeforeFlush,
    /// Bytes go out without waiting for the `sending` record (breaks P2).
    SendBeforeRecord,
    /// The `sending` record is not written at all (breaks P2).
    NoSendingRecord,
    /// A reprint of an uncertain job carries no mark (breaks P2).
    UnmarkedReprint,
    /// "Printed" when the bytes were taken (breaks P3).
    PrintedOnTaken,
    /// A proof counts although the printer gave it sooner than it can print (breaks P3).
    BelieveLiars,
    /// Any echo counts for the job under way (breaks P3).
    AnyEchoProves,
    /// A printer that only answers is not asked at the end whether it was well (breaks P3).
    EndUnasked,
    /// A known key makes a new job (breaks P4).
    ForgetKeys,
    /// A known key with other content is answered with the old job (breaks P4).
    IgnoreContent,
    /// A restart finds a job that was being sent and drops it (breaks P1 and P5).
    DropAtRestart,
    /// A restart queues a job that was being sent as if nothing had been printed (breaks P2).
    RequeueAtRestart,
    /// The youngest job is printed first (breaks P6).
    LastInFirstOut,
    /// A lost link makes the job's outcome "sent" (breaks P3 and P5).
    LostMeansSent,
    /// A lost link that reported nothing as taken counts as one that handed nothing over (breaks P2).
    SilenceMeansUntouched,
    /// The outcome is told before it is stored (breaks P5).
    PublishBeforeFlush,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::ReplyBeforeFlush,
        Self::SendBeforeRecord,
        Self::NoSendingRecord,
        Self::UnmarkedReprint,
        Self::PrintedOnTaken,
        Self::BelieveLiars,
        Self::AnyEchoProves,
        Self::EndUnasked,
        Self::ForgetKeys,
        Self::IgnoreContent,
        Self::DropAtRestart,
        Self::RequeueAtRestart,
        Self::LastInFirstOut,
        Self::LostMeansSent,
        Self::SilenceMeansUntouched,
        Self::PublishBeforeFlush,
    ];
}

/// Which defects are built in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    #[cfg(feature = "deliberate-faults")]
    on: Option<Fault>,
}

impl Faults {
    /// One defect.
    #[cfg(feature = "deliberate-faults")]
    pub const fn with(fault: Fault) -> Self {
        Self { on: Some(fault) }
    }

    /// Whether this defect is on.
    #[cfg(feature = "deliberate-faults")]
    pub fn has(&self, fault: Fault) -> bool {
        self.on == Some(fault)
    }

    /// Whether this defect is on: never, in a shipped build.
    #[cfg(not(feature = "deliberate-faults"))]
    #[inline(always)]
    #[allow(clippy::unused_self)] // The same call in both builds.
    pub const fn has(&self, _fault: Fault) -> bool {
        false
    }
}
