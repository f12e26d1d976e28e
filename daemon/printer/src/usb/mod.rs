//! The road over USB.
//!
//! - [`discovery`]: the one thread that owns libusb: what is plugged in, and completed transfers.
//! - [`handed`]: the same for printers that an app has opened and hands over: Android lets nobody look for himself.
//! - [`attached`]: a printer that is plugged in, and which of its interfaces is the printer's.
//! - [`address`]: which of the attached printers is meant.
//! - [`quirks`]: what is known of misbehaving devices, as data.
//! - [`wire`]: the small trait between the session and the bus, so that both can be tested alone.
//! - [`transfer`]: asynchronous transfers that tell how many bytes were taken; the only unsafe code.
//! - `device`: an interface opened and claimed.
//! - [`link`]: the session, an implementation of [`Link`](crate::session::Link).
//! - [`device_id`], [`port_status`]: the two class requests, taken apart. Pure.
//! - [`draft`]: an entry for the quirks, made from what a survey measured.
//! - [`udev`]: rules and hardware database for udev, made from the quirks.
//!
//! What is never done here: reset the device, set a configuration that is set already (libusb documents that
//! as a light reset; printers lose jobs by it), SOFT_RESET, or clear anything before the printer was listened
//! to. The claim is held for the session's life, so that neither usblp nor CUPS comes between.

pub mod address;
pub mod attached;
mod device;
pub mod device_id;
pub mod discovery;
pub mod draft;
pub mod handed;
pub mod link;
pub mod port_status;
pub mod quirks;
mod sysfs;
mod talk;
pub mod transfer;
pub mod udev;
pub mod wire;

pub use address::UsbAddress;
pub use discovery::Discovery;
pub use draft::Device;
pub use handed::Handed;
pub use link::UsbLink;
pub use quirks::Quirks;
