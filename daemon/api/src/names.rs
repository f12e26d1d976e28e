//! The names of the interface: bus, paths, interfaces, the default socket, and the limits both sides know.
//!
//! A name, once released, is never given another meaning; members are added, not changed.

use zbus::OwnedObjectPath;

/// The well-known bus name of the daemon.
pub const BUS_NAME: &str = "io.receiptd";
/// Where the ObjectManager lives.
pub const ROOT_PATH: &str = "/io/receiptd";
/// The one spooler object.
pub const SPOOLER_PATH: &str = "/io/receiptd/Spooler1";
/// The interface of the spooler object.
pub const SPOOLER_INTERFACE: &str = "io.receiptd.Spooler1";
/// Below this, one object per configured printer; see [`printer_path`].
pub const PRINTERS_PATH: &str = "/io/receiptd/printers";
/// The interface of a printer object.
pub const PRINTER_INTERFACE: &str = "io.receiptd.Printer1";
/// What every error name of the daemon begins with.
pub const ERROR_PREFIX: &str = "io.receiptd.Error.";
/// Where the daemon listens for peers without a bus.
#[cfg(not(target_os = "android"))]
pub const DEFAULT_SOCKET: &str = "/run/receiptd/api.sock";
/// Path of the peer-to-peer socket unless configured otherwise: where init of Android makes it.
#[cfg(target_os = "android")]
pub const DEFAULT_SOCKET: &str = "/dev/socket/receiptd";
/// The environment variable that names another socket for [`crate::Where::Auto`].
pub const SOCKET_VARIABLE: &str = "RECEIPTD_SOCKET";
/// The version of the interface: rises when members are added. Interface *names* carry the major version.
pub const API_VERSION: u32 = 1;

/// The longest path a Unix socket can have, in bytes: `sun_path` holds 108 with its closing zero.
pub const SOCKET_PATH_BYTES_MAX: usize = 107;
/// The longest document that is accepted, in bytes, by `Submit` and by `SubmitFd` alike. A receipt of a
/// metre of paper is some 10 kB of text, and less than 200 kB as a picture.
pub const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;
/// The longest key a caller may choose, in bytes. Merchant, terminal, batch and voucher number need about 40.
pub const KEY_BYTES_MAX: usize = 128;
/// The longest title, reason, note, printer name or cursor a caller may send, in bytes.
pub const TEXT_BYTES_MAX: usize = 1024;
/// The most jobs one page of `ListJobs` holds.
pub const PAGE_JOBS_MAX: u32 = 500;
/// How many jobs a page of `ListJobs` holds when the filter does not say.
pub const PAGE_JOBS_DEFAULT: u32 = 100;

/// The object path of the printer called `name`.
///
/// ASCII letters and digits stay, every other byte becomes `_` and two hex digits (`_` itself too), and an
/// empty name is `_`: two names never share a path, and [`printer_name`] finds the name again.
pub fn printer_path(name: &str) -> OwnedObjectPath {
    let mut path = String::with_capacity(PRINTERS_PATH.len() + 1 + name.len());
    path.push_str(PRINTERS_PATH);
    path.push('/');
    if name.is_empty() {
        path.push('_');
    }
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() {
            path.push(char::from(byte));
        } else {
            path.push('_');
            for nibble in [byte >> 4, byte & 15] {
                path.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
    }
    // Only characters that a path may hold were written, so the other branch is never taken.
    OwnedObjectPath::try_from(path).unwrap_or_default()
}

/// The name of the printer whose object path is `path`; `None` if `path` is not one of [`printer_path`].
pub fn printer_name(path: &str) -> Option<String> {
    let escaped = path.strip_prefix(PRINTERS_PATH)?.strip_prefix('/')?;
    if escaped == "_" {
        return Some(String::new());
    }
    let mut name = Vec::with_capacity(escaped.len());
    let mut rest = escaped.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = if byte == b'_' {
            let (hex, tail) = tail.split_at_checked(2)?;
            name.push(u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?);
            tail
        } else if byte.is_ascii_alphanumeric() {
            name.push(byte);
            tail
        } else {
            return None;
        };
    }
    if name.is_empty() { None } else { String::from_utf8(name).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_name_survives_its_path() {
        for name in ["", "till", "till-1", "till_1", "厨房", "a/b", " "] {
            let path = printer_path(name);
            assert_eq!(printer_name(path.as_str()).as_deref(), Some(name), "{path}");
        }
        assert_eq!(printer_path("till-1").as_str(), "/io/receiptd/printers/till_2d1");
        assert_eq!(printer_name("/io/receiptd/printers/"), None);
        assert_eq!(printer_name("/io/receiptd/printers/a/b"), None);
        assert_eq!(printer_name("/io/receiptd/printers/_2"), None);
    }
}
