//! A virtual machine to test on: Debian's kernel, systemd, dbus-daemon and udevd, with a disk whose power can be cut.
//!
//! [`machine::Machine`] is the machine, [`disk::Disk`] what it keeps. What is done with it, `main.rs` and the scenarios tell.

pub mod bridge;
pub mod disk;
pub mod machine;
pub mod paper;
pub mod scenario;
pub mod terminal;
pub mod usb;
pub mod writelog;
