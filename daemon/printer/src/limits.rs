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

/// Characters of a USB serial number: a string descriptor has at most 126 (USB 2.0, 9.6.7).
pub const USB_SERIAL_CHARS_MAX: usize = 126;

/// Ports on the way from a root hub to a device: five hubs deep, and the root (USB 2.0, 4.1.1); the kernel's names
/// have as many.
pub const USB_PORTS_MAX: usize = 7;

/// Bytes of an IEEE 1284 device id that are read; CUPS reads as many.
pub const DEVICE_ID_BYTES_MAX: usize = 1024;

/// Time for an answer on the control pipe. Printers answer in milliseconds; one that is busy may NAK for a while,
/// and one that never answers must not keep the session from opening. CUPS allows 5 s.
pub const CONTROL_TIMEOUT: Duration = Duration::from_secs(2);

/// Longest wait for USB events. Nothing is done when it passes: the thread sleeps until something happens, and
/// libusb wants a number that fits its clock.
pub const USB_EVENTS_WAIT: Duration = Duration::from_hours(24);

/// Printers that an app may hand over at the same time: a terminal has one or two, a kitchen some more.
pub const HANDED_PRINTERS_MAX: usize = 16;

/// Wait before libusb is tried again where it could not be started: modules may still be loading.
pub const USB_START_RETRY: Duration = Duration::from_secs(10);

/// First wait before a printer that is there but could not be opened is tried again; udev may be about to set
/// its permissions. Doubles up to [`USB_REOPEN_MAX`]; a printer that is plugged in is tried at once.
pub const USB_REOPEN_MIN: Duration = Duration::from_millis(100);

/// Longest such wait: nobody tells when another program lets go of a printer.
pub const USB_REOPEN_MAX: Duration = Duration::from_secs(5);

/// Time in which a device that is said to be gone must have left the bus; one that has not was put to sleep.
/// The kernel reports it within milliseconds, udev passes it on when its queue is through.
pub const USB_LEAVE_WAIT: Duration = Duration::from_secs(1);

/// Time for cancelled transfers to come back. The kernel gives them back at once; the wait only keeps a
/// broken host controller from keeping the session for ever.
pub const USB_CANCEL_WAIT: Duration = Duration::from_secs(2);

/// First pause after a read that brought nothing: some printers answer each read at once with an empty packet.
/// Doubles up to [`USB_EMPTY_READ_MAX`], and begins anew with each command.
pub const USB_EMPTY_READ_MIN: Duration = Duration::from_millis(2);

/// Longest such pause: as late as a change of paper or cover may be noticed on such a printer.
pub const USB_EMPTY_READ_MAX: Duration = Duration::from_millis(250);

/// Bytes of the largest full-speed bulk packet (USB 2.0, 5.8.3); those of faster buses, 512 and 1024, are
/// multiples of it.
pub const USB_PACKET_BYTES_MIN: usize = 64;

/// Reads in a row that a printer may overflow before the session ends: it is a fault of its firmware, and what
/// it said is lost.
pub const USB_OVERFLOWS_MAX: u8 = 3;

/// Bytes of one file of quirks: a thousand entries with their stories.
pub const QUIRKS_FILE_BYTES_MAX: u64 = 512 * 1024;

/// Files of quirks in the local folder.
pub const QUIRKS_FILES_MAX: usize = 64;

/// Longest wait before an interface is given back that a quirk may ask for, in ms.
pub const CLOSE_DELAY_MS_MAX: u32 = 10_000;
