//! Printer links of receiptd: bytes out, bytes in, and what the bytes in mean.
//!
//! - [`codec`]: ESC/POS questions as bytes, and bytes from a printer as [`receiptd_core::link::Reply`]s. Pure.
//! - [`session`]: the trait [`Link`](session::Link) that every road to a printer implements, and the words
//!   spoken over it.
//! - [`outgoing`]: a command cut into pieces, with progress. Pure; for any road that writes a byte stream.
//! - [`tcp`]: raw TCP, port 9100, to an [`address`].
//! - [`usb`]: USB, by libusb, with what is known of misbehaving printers as data.
//! - [`limits`]: every bound of this package, with its unit and its reason.
//!
//! Left to others: what is sent when, what a reply proves, when to give up or to try again (the core); where
//! the bytes of a job come from (the daemon). Jobs are opaque tags here, and no byte of a receipt is logged.

pub mod address;
pub mod codec;
pub mod limits;
pub mod outgoing;
mod outstanding;
pub mod session;
pub mod tcp;
pub mod usb;
