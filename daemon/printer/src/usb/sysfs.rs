//! What the kernel has read from a device already: no traffic on the bus, no permission needed.
//!
//! Reading string descriptors and device ids from the device itself would disturb one that another program holds,
//! or that prints. Where there is no sysfs, nothing is known.

use std::fs;
use std::path::{Path, PathBuf};

use crate::limits::{DEVICE_ID_BYTES_MAX, INFO_CHARS_MAX, USB_SERIAL_CHARS_MAX};

const DEVICES: &str = "/sys/bus/usb/devices";

/// What is known of the device in this port.
#[derive(Clone, Debug)]
pub(super) struct Sysfs {
    folder: PathBuf,
    port: String,
}

impl Sysfs {
    /// The device in this port (`1-2.3`).
    pub(super) fn device(port: &str) -> Self {
        Self { folder: Path::new(DEVICES).join(port), port: port.to_owned() }
    }

    /// Its serial number.
    pub(super) fn serial(&self) -> Option<String> {
        text(&self.folder.join("serial"), USB_SERIAL_CHARS_MAX)
    }

    /// What it calls itself: maker and product.
    pub(super) fn name(&self) -> String {
        let known = ["manufacturer", "product"].map(|file| text(&self.folder.join(file), INFO_CHARS_MAX));
        known.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The IEEE 1284 id that usblp has read, while it holds the interface.
    pub(super) fn device_id(&self, configuration: u8, interface: u8) -> Option<String> {
        let interface = format!("{}:{configuration}.{interface}", self.port);
        text(&self.folder.join(interface).join("ieee1284_id"), DEVICE_ID_BYTES_MAX)
    }

    /// Whether the kernel has put it to sleep.
    pub(super) fn is_suspended(&self) -> bool {
        let status = text(&self.folder.join("power/runtime_status"), INFO_CHARS_MAX);
        matches!(status.as_deref(), Some("suspended" | "suspending" | "resuming"))
    }
}

fn text(file: &Path, chars_max: usize) -> Option<String> {
    let bytes = fs::read(file).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(chars_max).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_shows_is_read_and_what_it_shows_not_is_not_invented() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("1-2");
        fs::create_dir_all(folder.join("power")).unwrap();
        fs::create_dir_all(folder.join("1-2:1.0")).unwrap();
        for (file, content) in [
            ("serial", "J5KF\u{7}000\n"),
            ("product", "TM-T20\n"),
            ("power/runtime_status", "suspended\n"),
            ("1-2:1.0/ieee1284_id", "MFG:EPSON;MDL:TM-T20;"),
        ] {
            fs::write(folder.join(file), content).unwrap();
        }
        let device = Sysfs { folder, port: "1-2".into() };
        assert_eq!(device.serial().as_deref(), Some("J5KF000"));
        assert_eq!(device.name(), "TM-T20");
        assert!(device.is_suspended());
        assert_eq!(device.device_id(1, 0).as_deref(), Some("MFG:EPSON;MDL:TM-T20;"));
        let nothing = Sysfs::device("999-9");
        assert_eq!((nothing.serial(), nothing.name()), (None, String::new()));
        assert!(!nothing.is_suspended() && nothing.device_id(1, 0).is_none());
    }
}
