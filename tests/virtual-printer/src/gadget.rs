//! The printer as a USB device: the kernel's printer gadget (`usb_f_printer`) behind a device controller.
//!
//! configfs (`Documentation/usb/gadget_configfs.rst` of Linux) describes the device; writing the controller's name
//! to `UDC` plugs it in, clearing it unplugs it. `/dev/g_printerN` is the printer's side: what the host sends is read
//! there, what is written there the host reads. As long as it is not read, the host's data is refused (NAK) once
//! the gadget's own requests are full: [`QUEUE`] times 8 KiB, which come on top of the model's buffer.
//!
//! The node is opened only when the host has configured the device: a configuration that is set after the
//! reader has begun loses the requests it has posted, and the host's data with them.
//!
//! Each plugging-in is described anew: `printer_func_unbind` of Linux (seen with 6.1) frees the request that was half
//! read but keeps pointing to it, and the next one that is bound writes into freed memory until the kernel stops.
//!
//! Needs root, and the modules `libcomposite`, `usb_f_printer` and a controller; `dummy_hcd` is one in software, whose
//! host is the same machine. On a board with a real one (a Raspberry Pi Zero) it is a plug-in test printer.

use crate::error::Error;
use crate::model::Model;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const CONFIGFS: &str = "/sys/kernel/config/usb_gadget";
const CONTROLLERS: &str = "/sys/class/udc";
/// Requests of 8 KiB that the gadget posts for itself, in each direction.
const QUEUE: &str = "1";
/// How long the kernel may take to make the device node.
const NODE_WAIT: Duration = Duration::from_secs(5);
const NODE_STEP: Duration = Duration::from_millis(10);
/// English (United States): every host asks for it.
const LANGUAGE: &str = "0x409";

/// How the USB device presents itself.
#[derive(Clone, Debug)]
pub struct UsbConfig {
    /// The device controller; `None` = the first that is free.
    pub controller: Option<String>,
    /// Vendor and product id.
    pub ids: (u16, u16),
    /// Serial number; many printers have none.
    pub serial: Option<String>,
    /// IEEE 1284 device id; `None` = made from the model.
    pub device_id: Option<String>,
}

/// The kernel's own id for the printer gadget.
impl Default for UsbConfig {
    fn default() -> Self {
        Self { controller: None, ids: (0x0525, 0xa4a8), serial: None, device_id: None }
    }
}

/// A USB device, plugged in or not; dropping it unplugs it.
#[derive(Debug)]
pub(crate) struct Gadget {
    config: UsbConfig,
    maker: String,
    name: String,
    folder: PathBuf,
    controller: String,
    node: Option<PathBuf>,
}

impl Gadget {
    /// A device that is not plugged in yet.
    pub(crate) fn new(config: &UsbConfig, model: &Model) -> Result<Gadget, Error> {
        if !Path::new(CONFIGFS).exists() || controllers().is_empty() {
            // Where they are built in or loaded already, this is not needed; the errors below say what is missing.
            for module in ["libcomposite", "usb_f_printer", "dummy_hcd"] {
                let _ = Command::new("modprobe").arg(module).status();
            }
        }
        let controller = match &config.controller {
            Some(name) => name.clone(),
            None => free_controller()?,
        };
        let folder = Path::new(CONFIGFS).join(format!("virtual-printer.{}", std::process::id()));
        let text = |key: &str| model.id_texts.get(key).cloned().unwrap_or_default();
        let (maker, name) = (text("66"), text("67"));
        Ok(Gadget { config: config.clone(), maker, name, folder, controller, node: None })
    }

    /// Describes it to the kernel.
    fn describe(&self) -> Result<(), Error> {
        let Self { config, maker, name, .. } = self;
        let device_id = config.device_id.clone().unwrap_or_else(|| device_id(maker, name));
        fs::create_dir(&self.folder).map_err(Error::file(&self.folder))?;
        let strings = format!("strings/{LANGUAGE}");
        let function = self.folder.join("functions/printer.0");
        for folder in [&strings, "functions/printer.0", "configs/c.1", &format!("configs/c.1/{strings}")] {
            let folder = self.folder.join(folder);
            fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        }
        let (vendor, product) = config.ids;
        self.write("idVendor", &format!("{vendor:#06x}"))?;
        self.write("idProduct", &format!("{product:#06x}"))?;
        self.write(&format!("{strings}/manufacturer"), maker)?;
        self.write(&format!("{strings}/product"), name)?;
        if let Some(serial) = &config.serial {
            self.write(&format!("{strings}/serialnumber"), serial)?;
        }
        self.write("functions/printer.0/pnp_string", &device_id)?;
        self.write("functions/printer.0/q_len", QUEUE)?;
        self.write(&format!("configs/c.1/{strings}/configuration"), "printer")?;
        let link = self.folder.join("configs/c.1/printer.0");
        std::os::unix::fs::symlink(&function, &link).map_err(Error::file(&link))
    }

    fn write(&self, file: &str, text: &str) -> Result<(), Error> {
        let path = self.folder.join(file);
        fs::write(&path, text).map_err(Error::file(&path))
    }

    /// Puts the cable in.
    pub(crate) fn plug(&mut self) -> Result<(), Error> {
        self.describe()?;
        let before = nodes();
        self.write("UDC", &self.controller)?;
        let deadline = Instant::now() + NODE_WAIT;
        loop {
            if let Some(new) = nodes().difference(&before).next() {
                self.node = Some(new.clone());
                return Ok(());
            }
            if Instant::now() >= deadline {
                let source = io::ErrorKind::NotFound.into();
                return Err(Error::System { what: "no /dev/g_printer appeared", source });
            }
            std::thread::sleep(NODE_STEP);
        }
    }

    /// Pulls it out. The node must be closed before.
    pub(crate) fn unplug(&mut self) {
        self.node = None;
        if !self.folder.exists() {
            return;
        }
        let _ = self.write("UDC", "\n");
        // configfs wants it in the reverse order; its attribute files go with their folders.
        let _ = fs::remove_file(self.folder.join("configs/c.1/printer.0"));
        for folder in [
            format!("configs/c.1/strings/{LANGUAGE}"),
            "configs/c.1".into(),
            "functions/printer.0".into(),
            format!("strings/{LANGUAGE}"),
            String::new(),
        ] {
            let _ = fs::remove_dir(self.folder.join(folder));
        }
    }

    pub(crate) fn is_plugged(&self) -> bool {
        self.node.is_some()
    }

    /// The printer's side, once the host has configured the device.
    pub(crate) fn open(&self) -> Option<io::Result<File>> {
        let state = Path::new(CONTROLLERS).join(&self.controller).join("state");
        let configured = fs::read_to_string(state).is_ok_and(|state| state.trim() == "configured");
        let node = self.node.as_ref().filter(|_| configured)?;
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
        Some(OpenOptions::new().read(true).write(true).custom_flags(flags).open(node))
    }
}

impl Drop for Gadget {
    fn drop(&mut self) {
        self.unplug();
    }
}

/// `MFG:…;MDL:…;CMD:…;CLS:…;` as receipt printers say it.
fn device_id(maker: &str, name: &str) -> String {
    format!("MFG:{maker};CMD:ESC/POS;MDL:{name};CLS:PRINTER;")
}

fn names(folder: &str) -> BTreeSet<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn nodes() -> BTreeSet<PathBuf> {
    let ours = |path: &PathBuf| path.to_string_lossy().starts_with("/dev/g_printer");
    names("/dev").into_iter().filter(ours).collect()
}

fn controllers() -> Vec<String> {
    let name = |path: PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    names(CONTROLLERS).into_iter().filter_map(name).collect()
}

/// The first controller that no gadget is bound to.
fn free_controller() -> Result<String, Error> {
    let taken: BTreeSet<String> = names(CONFIGFS)
        .into_iter()
        .filter_map(|gadget| fs::read_to_string(gadget.join("UDC")).ok())
        .map(|name| name.trim().to_owned())
        .collect();
    controllers().into_iter().find(|name| !taken.contains(name)).ok_or(Error::System {
        what: "no free USB device controller (modprobe dummy_hcd, or a board that has one)",
        source: io::ErrorKind::NotFound.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_device_id_has_what_the_standard_wants() {
        assert_eq!(device_id("EPSON", "TM-T20"), "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20;CLS:PRINTER;");
    }

    #[test]
    fn without_a_controller_it_says_what_is_missing() {
        if Path::new(CONFIGFS).exists() {
            return;
        }
        let config = UsbConfig::default();
        let model = Model::named("gsr-only-80").unwrap();
        assert!(Gadget::new(&config, &model).unwrap_err().to_string().contains("controller"));
    }
}
