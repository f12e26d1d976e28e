//! Every bound of this library: its unit and its reason. Those of the interface are in `receiptd_api::names`.

use std::time::Duration;

use receiptd_api::names::DOCUMENT_BYTES_MAX;

/// The longest frame that Java hands over, in bytes: a document, and the strings around it.
pub const FRAME_BYTES_MAX: usize = DOCUMENT_BYTES_MAX + 64 * 1024;
/// Calls of one handle that are under way or wait for their turn; one more is refused as `Busy`. An app that hands in a
/// day's receipts at once has room, and one that has run wild does not take the memory.
pub const CALLS_MAX: usize = 1024;
/// Calls of one handle that the daemon has at the same time; the others wait here, in order. It refuses the 65th.
pub const CALLS_AT_ONCE: usize = 32;
/// How long the thread of this library stays when there is nothing to do. A shop sells every few minutes: a thread that
/// waits for the next sale would only be memory, and one that goes at once would be made anew for each call of a burst.
pub const THREAD_KEEP: Duration = shorter_in_tests(Duration::from_secs(10));
/// How long the event loop is turned for what was let go: it takes a turn or two, and on a bus an answer of it.
pub const SETTLE: Duration = Duration::from_millis(20);
/// How long a connection that nobody watches over stays without a call, at least; at most twice that.
pub const CONNECTION_KEEP: Duration = shorter_in_tests(Duration::from_secs(10));
/// How long a call that lost its daemon waits for it to come back: systemd starts it again within a second, and reading
/// a large spool takes a few. Beyond it the app should tell its user something.
pub const RESUME_MAX: Duration = Duration::from_secs(10);
/// The first wait before connecting again; it doubles up to [`RECONNECT_WAIT_MAX`].
pub const RECONNECT_WAIT_MIN: Duration = Duration::from_millis(50);
/// The longest wait before connecting again: what a listener misses at most of a daemon that is back, and how often a
/// terminal without a daemon is woken.
pub const RECONNECT_WAIT_MAX: Duration = Duration::from_secs(5);
/// How long a call may take when Java does not say, as for every client: `receiptd_api::connect::CALL_TIMEOUT`.
pub const CALL_TIMEOUT: Duration = receiptd_api::connect::CALL_TIMEOUT;
/// Local references for one upcall: a byte array, and what `jni` itself needs.
pub const UPCALL_REFERENCES: usize = 8;

/// The tests wait for these.
const fn shorter_in_tests(duration: Duration) -> Duration {
    if cfg!(test) { Duration::from_millis(100) } else { duration }
}
