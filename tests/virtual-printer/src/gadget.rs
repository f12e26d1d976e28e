//! The printer as a USB device behind a device controller, by one of two functions of the kernel: the printer gadget
//! (`usb_f_printer`), or FunctionFS, by which this program answers for itself (`function_fs.rs`).
//!
//! configfs (`Documentation/usb/gadget_configfs.rst` of Linux) describes the device; writing the controller's name
//! to `UDC` plugs it in, clearing it unplugs it. Of the printer gadget `/dev/g_printerN` is the printer's side: what the host sends is read
//! there, what is written there the host reads. As long as it is not read, the host's data is refused (NAK) once
//! the gadget's own requests are full: [`QUEUE`] times 8 KiB, which come on top of the model's buffer.
//!
//! The node is opened only when the host has configured the device: a configuration that is set after the
//! reader has begun loses the requests it has posted, and the host's data with them.
//!
//! Each plugging-in is described anew: `printer_func_unbind` of Linux (seen with 6.1) frees the request that was half
//! read but keeps pointing to it, and the next one that is bound writes into freed memory until the kernel stops.
//!
//! Needs root, and the modules `libcomposite`, `usb_f_printer` or `usb_f_fs`, and a controller; `dummy_hcd` is one in software, whose
//! host is the same machine. On a board with a real one (a Raspberry Pi Zero) it is a plug-in test printer.

use crate::class::UsbClass;
use crate::error::Error;
use crate::function_fs::FunctionFs;
use crate::state::Shared;
use crate::stream::Stream;
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
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
    /// By FunctionFS, as this; `None` = by the printer gadget, which is bidirectional and answers everything.
    pub class: Option<UsbClass>,
}

/// The kernel's own id for the printer gadget.
impl Default for UsbConfig {
    fn default() -> Self {
        Self { controller: None, ids: (0x0525, 0xa4a8), serial: None, device_id: None, class: None }
    }
}

/// A USB device, plugged in or not; dropping it unplugs it.
#[derive(Debug)]
pub(crate) struct Gadget {
    config: UsbConfig,
    shared: Arc<Shared>,
    maker: String,
    name: String,
    folder: PathBuf,
    controller: String,
    plugged: Option<Plugged>,
}

/// The printer's side of a device that is plugged in.
#[derive(Debug)]
enum Plugged {
    /// The printer gadget's node.
    Node(PathBuf),
    /// The threads of FunctionFS.
    Fs(FunctionFs),
}

impl Gadget {
    /// A device that is not plugged in yet.
    pub(crate) fn new(config: &UsbConfig, shared: &Arc<Shared>) -> Result<Gadget, Error> {
        let function = if config.class.is_some() { "usb_f_fs" } else { "usb_f_printer" };
        if !Path::new(CONFIGFS).exists() || controllers().is_empty() {
            // Where they are built in or loaded already, this is not needed; the errors below say what is missing.
            for module in ["libcomposite", function, "dummy_hcd"] {
                let _ = Command::new("modprobe").arg(module).status();
            }
        }
        let controller = match &config.controller {
            Some(name) => name.clone(),
            None => free_controller()?,
        };
        let folder = Path::new(CONFIGFS).join(format!("virtual-printer.{}", std::process::id()));
        let text = |key: &str| shared.config.model.id_texts.get(key).cloned().unwrap_or_default();
        let (maker, name) = (text("66"), text("67"));
        let shared = Arc::clone(shared);
        Ok(Gadget { config: config.clone(), shared, maker, name, folder, controller, plugged: None })
    }

    /// The function, as configfs names it; of FunctionFS what follows the point is the name of what is mounted.
    fn function(&self) -> String {
        match self.config.class {
            None => "printer.0".to_owned(),
            Some(_) => format!("ffs.printer{}", std::process::id()),
        }
    }

    fn device_id(&self) -> String {
        self.config.device_id.clone().unwrap_or_else(|| device_id(&self.maker, &self.name))
    }

    /// Describes it to the kernel.
    fn describe(&self) -> Result<(), Error> {
        let Self { config, maker, name, .. } = self;
        fs::create_dir(&self.folder).map_err(Error::file(&self.folder))?;
        let strings = format!("strings/{LANGUAGE}");
        let function = format!("functions/{}", self.function());
        for folder in [&strings, &function, "configs/c.1", &format!("configs/c.1/{strings}")] {
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
        if config.class.is_none() {
            self.write(&format!("{function}/pnp_string"), &self.device_id())?;
            self.write(&format!("{function}/q_len"), QUEUE)?;
        }
        self.write(&format!("configs/c.1/{strings}/configuration"), "printer")
    }

    fn write(&self, file: &str, text: &str) -> Result<(), Error> {
        let path = self.folder.join(file);
        fs::write(&path, text).map_err(Error::file(&path))
    }

    /// Puts the cable in.
    pub(crate) fn plug(&mut self) -> Result<(), Error> {
        self.describe()?;
        let name = self.function();
        let functions = match self.config.class {
            None => None,
            Some(class) => {
                let name = name.trim_start_matches("ffs.");
                let controller = Path::new(CONTROLLERS).join(&self.controller);
                let device_id = self.device_id();
                Some(FunctionFs::start(&self.shared, name, class, &device_id, &controller)?)
            }
        };
        let link = self.folder.join("configs/c.1").join(&name);
        let function = self.folder.join("functions").join(&name);
        std::os::unix::fs::symlink(&function, &link).map_err(Error::file(&link))?;
        let before = nodes();
        self.write("UDC", &self.controller)?;
        self.plugged = Some(match functions {
            Some(fs) => Plugged::Fs(fs),
            None => Plugged::Node(new_node(&before)?),
        });
        Ok(())
    }

    /// Pulls it out. The node must be closed before.
    pub(crate) fn unplug(&mut self) {
        let was = self.plugged.take();
        if !self.folder.exists() {
            return;
        }
        let _ = self.write("UDC", "\n");
        let name = self.function();
        // configfs wants it in the reverse order; its attribute files go with their folders.
        let _ = fs::remove_file(self.folder.join("configs/c.1").join(&name));
        // The kernel has given the transfers back by now, so its threads end; and a function that is mounted stays.
        drop(was);
        for folder in [
            format!("configs/c.1/strings/{LANGUAGE}"),
            "configs/c.1".into(),
            format!("functions/{name}"),
            format!("strings/{LANGUAGE}"),
            String::new(),
        ] {
            let _ = fs::remove_dir(self.folder.join(folder));
        }
    }

    pub(crate) fn is_plugged(&self) -> bool {
        self.plugged.is_some()
    }

    /// The printer's side, once the host has configured the device.
    pub(crate) fn open(&self) -> Option<io::Result<Stream>> {
        match self.plugged.as_ref()? {
            Plugged::Fs(fs) => {
                fs.endpoints.is_enabled().then(|| Ok(Stream::Endpoints(Arc::clone(&fs.endpoints))))
            }
            Plugged::Node(node) => {
                let state = Path::new(CONTROLLERS).join(&self.controller).join("state");
                let configured = fs::read_to_string(state).is_ok_and(|state| state.trim() == "configured");
                let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
                let open = || OpenOptions::new().read(true).write(true).custom_flags(flags).open(node);
                configured.then(|| open().map(Stream::Usb))
            }
        }
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

/// The node of a printer gadget that was plugged in now.
fn new_node(before: &BTreeSet<PathBuf>) -> Result<PathBuf, Error> {
    let deadline = Instant::now() + NODE_WAIT;
    loop {
        if let Some(new) = nodes().difference(before).next() {
            return Ok(new.clone());
        }
        if Instant::now() >= deadline {
            let source = io::ErrorKind::NotFound.into();
            return Err(Error::System { what: "no /dev/g_printer appeared", source });
        }
        std::thread::sleep(NODE_STEP);
    }
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
        for class in [None, Some(UsbClass::default())] {
            let mut config = crate::Config::new("gsr-only-80").unwrap();
            config.usb = Some(UsbConfig { class, ..UsbConfig::default() });
            assert!(crate::VirtualPrinter::start(config).unwrap_err().to_string().contains("controller"));
        }
    }
}
