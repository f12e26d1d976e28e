//! Every bound of the core, with its unit and its reason. Relations between them are asserted at compile time.

/// Jobs that are not finished, all printers together. A busy shop prints some 300 slips a day; this is a
/// month of a dead printer. One costs about 500 bytes of memory.
pub const ACTIVE_JOBS_MAX: usize = 20_000;

/// Unfinished jobs of one user id: half of all, so that one runaway app leaves room for the others.
pub const ACTIVE_JOBS_PER_UID_MAX: usize = ACTIVE_JOBS_MAX / 2;

/// Bytes of unfinished jobs' bodies on disk, all together: what a terminal's small flash can spare.
pub const ACTIVE_BYTES_MAX: u64 = 1 << 30;

/// Copies that one submission may ask for: merchant, customer, bank and one more.
pub const COPIES_MAX: usize = 4;

/// Bytes of a caller's key: merchant, terminal, batch and voucher number take under 50.
pub const KEY_BYTES_MAX: usize = 128;

/// Bytes of a title, reason or note kept in a record.
pub const NOTE_BYTES_MAX: usize = 120;

/// Entries of a job's story. A normal life has four to six; what comes after the bound overwrites the
/// second half's oldest, never the first entries and never the last.
pub const STORY_ENTRIES_MAX: usize = 40;

/// Entries at the story's beginning that are never overwritten: how the job came to be.
pub const STORY_HEAD: usize = 8;

/// Body parts of an attempt, each closed by a fence where the printer echoes ids.
pub const PARTS_MAX: usize = 48;

/// Printed lines between fences of a long receipt: about 12 cm, what a person can still compare by eye.
pub const LINES_PER_PART: u32 = 32;

/// Attempts after which a job is no longer reprinted by policy but waits for a person: a printer that loses
/// the link at every try would otherwise eat the roll with marked copies.
pub const ATTEMPTS_BY_POLICY_MAX: u16 = 5;

/// Attempts whose ids are remembered, so that a late one can still be matched.
pub const DOUBTS_MAX: usize = 8;

/// Printers of one daemon.
pub const PRINTERS_MAX: usize = 16;

/// Parts handed to the link ahead of the one that was taken last: the next one is there before the device
/// asks, and what can't be called back stays small.
pub const PARTS_AHEAD: u16 = 2;

/// Listening before the first question of a session, in microseconds: what the printer still has to say of
/// an earlier job comes now (`reference` sequence: 300 ms or more).
pub const DRAIN_US: u64 = 300_000;

/// The longest such listening while an attempt is in doubt, in microseconds: the printer may still be
/// printing what it has in its buffer.
pub const DRAIN_DOUBT_MAX_US: u64 = 10_000_000;

/// Wait for a printer's first answer, in microseconds. Real ones answer real-time questions in under 30 ms.
pub const FIRST_ANSWER_US: u64 = 500_000;

/// Wait for the answers to ordered questions, in microseconds.
pub const PROBE_US: u64 = 1_000_000;

/// Wait for the USB port status in a survey, in microseconds: the control request has 2 s, and some for the way.
pub const PORT_STATUS_US: u64 = 2_500_000;

/// Wait for the answer behind a survey's page beyond three times the estimate, in microseconds. Shorter than that of a
/// job, since a person waits, and since callers such as busctl give up after 25 s.
pub const SURVEY_PROOF_US: u64 = 5_000_000;

/// First wait before a session is tried again, in microseconds; doubles up to [`REOPEN_MAX_US`].
pub const REOPEN_MIN_US: u64 = 100_000;

/// Longest wait before a session is tried again, in microseconds: a cashier who plugs the printer in sees
/// it ready within this time.
pub const REOPEN_MAX_US: u64 = 10_000_000;

/// Questions of the real-time status while a blocked printer reports nothing by itself, in microseconds.
pub const BLOCKED_POLL_US: u64 = 2_000_000;

/// The same while it does report by itself, in microseconds: a report may have been lost on the way.
pub const BLOCKED_RECHECK_US: u64 = 30_000_000;

/// No progress for the estimated time times three plus this, in microseconds, and the printer is asked
/// whether it is still there.
pub const STALL_US: u64 = 10_000_000;

/// Wait for the answer to that question, in microseconds.
pub const STALL_ANSWER_US: u64 = 3_000_000;

/// How often a healthy answer prolongs the wait before the attempt counts as in doubt.
pub const STALL_ROUNDS_MAX: u8 = 3;

/// Slowest thermal head in use, dot rows a second (50 mm/s, 8 dots/mm): estimates are made with it.
pub const SLOWEST_DOTS_PER_S: u64 = 400;

/// Faster than any thermal head (600 mm/s): a proof that comes sooner was not given by the head.
pub const FASTEST_DOTS_PER_S: u64 = 4_800;

/// Dot rows below which that judgement is not made: 20 mm.
pub const JUDGED_DOTS_MIN: u32 = 160;

/// Added to a printer's settling time when nothing will confirm the print, in microseconds.
pub const SETTLE_MARGIN_US: u64 = 200_000;

/// A printer that may still answer an old question in order, without a name, is believed again after it was
/// well for so long, in microseconds: by then even a 64 KB buffer is through the slowest head.
pub const OLD_ANSWERS_US: u64 = 180_000_000;

/// Wait before records that the store refused are offered again, in microseconds.
pub const STORE_RETRY_US: u64 = 1_000_000;

/// Difference between the steps of the two clocks beyond which the wall clock counts as having jumped, in milliseconds:
/// far above what corrects itself by slewing, far below what would matter to a job's time.
pub const CLOCK_JUMP_MS: u64 = 5_000;

/// The longest that the wall clock is not looked at while a job can expire, in microseconds: so much of its time can be
/// lost when the clock jumps and the daemon restarts before it was looked at.
pub const CLOCK_LOOK_US: u64 = 60_000_000;

/// Records that are written together when a jump of the clock changes many: with [`RECORD_BYTES_MAX`] for each, half of
/// what a batch of the spool takes.
pub const RECORDS_PER_BATCH_MAX: usize = 256;

/// Entries that an attempt's pauses make in its story as they come: more than a person at a printer makes.
pub const PAUSES_TOLD_MAX: u32 = 16;

/// Time between two of them beyond that, in microseconds. Each is a write to the disk.
pub const PAUSE_TOLD_US: u64 = 1_000_000;

/// How far the time by which retention judges may go forward with one walk, in milliseconds: a day. With a walk an hour,
/// a wrong clock must stay wrong for a month of running to cost what is kept for two years, and a terminal that was off
/// for a month catches up in a day and a bit.
pub const RETENTION_STEP_MS: u64 = 86_400_000;

/// Marks of which job was the newest when; with half a year of keeping, one a day.
pub const RETENTION_MARKS_MAX: usize = 200;

/// One of them as it is stored, bytes: the job's number and the time.
pub const RETENTION_MARK_BYTES: usize = 16;

/// Times before this are those of a terminal whose clock has no battery, in Unix milliseconds: 1 January 2025.
pub const CLOCK_PLAUSIBLE_FROM_MS: u64 = 1_735_689_600_000;

/// Finished jobs that stay in memory because a request looked at them.
pub const FINISHED_CACHED_MAX: usize = 64;

/// The largest encoded job record, bytes: the spool takes values of 4 KB, less its envelope.
pub const RECORD_BYTES_MAX: usize = 3_800;

const _: () = assert!(RETENTION_MARKS_MAX * RETENTION_MARK_BYTES <= RECORD_BYTES_MAX);
const _: () = assert!(RECORDS_PER_BATCH_MAX * RECORD_BYTES_MAX <= 1 << 20);
const _: () = assert!(STORY_HEAD < STORY_ENTRIES_MAX / 2);
const _: () = assert!(DRAIN_US < DRAIN_DOUBT_MAX_US && REOPEN_MIN_US < REOPEN_MAX_US);
const _: () = assert!(ACTIVE_JOBS_PER_UID_MAX < ACTIVE_JOBS_MAX);
// The ids of a thousand attempts in doubt on one printer must leave room in the 19 bits of attempts.
const _: () = assert!((PARTS_MAX + 1) * 1_000 < 1 << 19);
