//! Every bound of the IPC layer: its unit, its reason, and how the bounds hang together.
//!
//! A bound protects the daemon and the *other* clients; the one who runs into it gets a typed refusal or loses
//! its own connection. Bounds that clients must know are in `receiptd_api::names`.

use std::time::Duration;

use receiptd_api::names::DOCUMENT_BYTES_MAX;

/// The largest message body that is read into memory, in bytes: a document and its arguments. A larger one is
/// thrown away unread and answered with `TooLarge`. (zbus by itself would allocate 128 MiB on a peer's word.)
pub const BODY_BYTES_MAX: usize = DOCUMENT_BYTES_MAX + 64 * 1024;
/// The largest body of a message that wants no answer, in bytes; a larger one is thrown away unread. Without an
/// answer there is no moment at which its bytes could be given back to [`BYTES_PER_USER_MAX`].
pub const BODY_WITHOUT_ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Bodies of unanswered calls held in memory for all connections of one user, in bytes. When they are used up,
/// the next call of that user is read once an answer has gone out. A terminal may have 256 MiB in all.
pub const BYTES_PER_USER_MAX: usize = 16 * 1024 * 1024;
/// What a call costs of [`BYTES_PER_USER_MAX`] at least: the message around its body, and its task.
pub const CALL_BYTES_MIN: usize = 1024;
/// How long a message may take from its head to its end. It holds memory meanwhile.
pub const MESSAGE_DEADLINE: Duration = shorter_in_tests(Duration::from_secs(10));
/// The largest array of header fields, in bytes. Path, interface, member and signature need about 200.
pub const FIELDS_BYTES_MAX: usize = 16 * 1024;
/// The largest message there can be, in bytes: the limit of the D-Bus specification.
pub const MESSAGE_BYTES_MAX: usize = 128 * 1024 * 1024;
/// The longest line of the authentication dialogue, in bytes. The longest honest one has about 50.
pub const AUTH_LINE_BYTES_MAX: usize = 256;
/// The longest authentication dialogue in all, in bytes.
pub const AUTH_BYTES_MAX: usize = 2048;
/// How long authentication may take: an honest client needs a millisecond.
pub const AUTH_DEADLINE: Duration = shorter_in_tests(Duration::from_secs(5));
/// How long a peer may refuse to take a single byte of an answer before its connection is cut.
pub const WRITE_STALL_MAX: Duration = shorter_in_tests(Duration::from_secs(10));
/// File descriptors taken with one message; `SubmitFd` has one. The kernel closes what is over.
pub const FDS_PER_MESSAGE_MAX: usize = 4;

/// Answers owed to one connection before nothing more is read from it: a client that asks and never reads
/// costs so many messages of memory, then its own time. Above [`CALLS_PER_CLIENT_MAX`], so that a client that
/// does read is told `Busy` rather than left waiting.
pub const ANSWERS_OWED_MAX: u32 = 2 * CALLS_PER_CLIENT_MAX;
/// Calls of one client that are carried out at the same time; more are answered with `Busy`. A payment app
/// has one or two.
pub const CALLS_PER_CLIENT_MAX: u32 = 64;
/// Signals that wait for one peer-to-peer client; one more, and it is cut off: it does not read.
pub const SIGNALS_PER_PEER_MAX: usize = 256;
/// Signals that wait for the bus, for all its clients together; one more, and the watch it is for is lost.
pub const SIGNALS_ON_BUS_MAX: usize = 1024;
/// `SubmitFd` documents that are being read at the same time, each on its own thread.
pub const FD_READS_MAX: usize = 8;
/// How long a `SubmitFd` descriptor may take to deliver.
pub const FD_READ_DEADLINE: Duration = shorter_in_tests(Duration::from_secs(10));
/// Clients of the bus that are remembered (their uid and groups). Terminals have a handful; a client beyond
/// it takes the place of one that is doing nothing.
pub const BUS_CLIENTS_MAX: usize = 1024;
/// How long to wait after the system refused another file descriptor to `accept`.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The tests run into these bounds on purpose, and do not want to wait so long.
const fn shorter_in_tests(duration: Duration) -> Duration {
    if cfg!(test) { Duration::from_millis(duration.as_millis() as u64 / 10) } else { duration }
}

/// The bounds an integrator may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections on the socket, those still authenticating included. One costs about 20 kB.
    pub connections_max: usize,
    /// Connections of one user, operators aside: one user's programs cannot lock the others out.
    pub connections_per_uid_max: usize,
    /// Of `connections_max`, how many only operators can use: the technician still gets in.
    pub connections_for_operators: usize,
    /// Watches in all, peers and bus clients together.
    pub watches_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 256,
            connections_per_uid_max: 128,
            connections_for_operators: 16,
            watches_max: 128,
        }
    }
}

const _: () = {
    assert!(ANSWERS_OWED_MAX > CALLS_PER_CLIENT_MAX);
    assert!(BODY_BYTES_MAX > DOCUMENT_BYTES_MAX);
    assert!(BODY_BYTES_MAX + FIELDS_BYTES_MAX < MESSAGE_BYTES_MAX);
    assert!(AUTH_LINE_BYTES_MAX < AUTH_BYTES_MAX);
    assert!(BODY_BYTES_MAX < BYTES_PER_USER_MAX && CALL_BYTES_MIN < BODY_BYTES_MAX);
    assert!(BYTES_PER_USER_MAX < u32::MAX as usize);
};
