//! Every bound of this package, with its unit and its reason.

use std::time::Duration;

/// Bytes of one block reply, header included, NUL excluded. The longest documented text is 80 characters
/// (`GS I` information A); what is longer lost its end.
pub const BLOCK_BYTES_MAX: usize = 90;

/// Characters of a `GS I` text that are kept.
pub const INFO_CHARS_MAX: usize = 80;

/// In-order questions (`GS r`, `GS I`, `GS ( H`) that are remembered as unanswered. A job has at most some
/// ten fences in flight; a printer that answers nothing must not make the list grow.
pub const OUTSTANDING_MAX: usize = 32;

/// Questions of one group (`DLE EOT`, or `GS g`), given-up ones included, that wait to be told apart:
/// twice the four that `DLE EOT` has, for this round and what the round before left open.
pub const GROUP_MAX: usize = 8;

/// NUL bytes that end whatever command an interrupted host left half sent: eight rows of the widest
/// raster image in use (receiptio sends the same number).
pub const RESYNC_BYTES: usize = 8192;

/// Bytes handed to the device at once, fence included, so that progress is fine-grained and a reset
/// leaves little in doubt.
pub const WRITE_PIECE_BYTES: usize = 4096;

/// Bytes of the longest question that closes a part (`GS ( H` function 48 has 11).
pub const FENCE_BYTES_MAX: usize = 16;

/// Bytes between two progress events, so that a 1 MB image is some 60 events, not 250.
pub const PROGRESS_STEP_BYTES: u64 = 16 * 1024;

/// Bytes that the kernel is asked to buffer towards the printer (`SO_SNDBUF`; Linux books twice that).
/// The default grows to megabytes: "taken" would then say nothing of how near the bytes are to the paper.
pub const SEND_BUFFER_BYTES: u32 = 16 * 1024;

/// Bytes read from a printer at once. Replies are 1 to 90 bytes long.
pub const READ_BYTES: usize = 512;

/// Bytes that are still read after a write failed: replies that came before the fault are evidence. More
/// than any printer's answers that may have piled up.
pub const SALVAGE_BYTES_MAX: usize = 64 * 1024;

/// Commands that wait for a session. The core keeps one part in flight and a handful of questions.
pub const COMMANDS_MAX: usize = 64;

/// Port of raw printing (HP JetDirect), when the configuration names none.
pub const RAW_PORT: u16 = 9100;

/// Time for name resolution and connection together. A printer on the same network answers in
/// milliseconds; one that is busy with another host may take some seconds to accept.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Addresses of one name that are tried.
pub const ADDRESSES_MAX: usize = 4;

/// Characters of a host name (RFC 1035, section 2.3.4).
pub const HOST_NAME_CHARS_MAX: usize = 253;

/// Silence on an idle connection before the kernel probes it. With the two below, a printer that lost power
/// or network is noticed after 35 s.
pub const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);

/// Time between two unanswered probes.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// Unanswered probes that end the connection; several, because WLAN printers lose packets.
pub const KEEPALIVE_PROBES: u32 = 4;
