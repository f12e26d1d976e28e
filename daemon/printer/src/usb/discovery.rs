//! The one thread that owns libusb: it sees printers come and go, and hands completed transfers back.
//!
//! libusb calls back inside its event handling, where nothing that waits may be called. So the callbacks
//! only note what happened; the thread looks at the notes when the handling is over. It sleeps until something
//! happens: without a printer the daemon does not wake up. With libusb on udev (Debian's) a printer is announced
//! when udev is through with it, so its permissions are set.
//!
//! Nothing is asked of a device here: descriptors come from the kernel's copy, names and serial numbers from sysfs.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusb::{Context, Device, Direction as UsbDirection, Hotplug, HotplugBuilder, TransferType, UsbContext};
use tokio::sync::{mpsc, watch};

use super::attached::{Attached, DeviceKey, Function, Input, Setting, choose};
use super::device;
use super::quirks::{Quirk, Quirks};
use super::sysfs::Sysfs;
use super::transfer::Leftovers;
use super::wire::{Bus, Completion, OpenError, Opened, Printers};
use crate::limits::{USB_EVENTS_WAIT, USB_START_RETRY};

/// What is plugged in, shared by the thread and the sessions.
pub struct Discovery {
    quirks: Quirks,
    known: Mutex<BTreeMap<DeviceKey, Known>>,
    printers: watch::Sender<Printers>,
    ended: AtomicBool,
    leftovers: Leftovers,
}

/// Says that the thread has ended, in whatever way.
struct Ending(Arc<Discovery>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }
}

struct Known {
    device: Device<Context>,
    attached: Attached,
}

/// Something came or went.
enum Note {
    Came(Device<Context>),
    Left(Device<Context>),
}

/// What the callbacks write. Emptied after each turn; a turn sees at most as many notes as the buses have devices.
type Notes = Arc<Mutex<Vec<Note>>>;

struct Notebook(Notes);

impl Hotplug<Context> for Notebook {
    fn device_arrived(&mut self, device: Device<Context>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Note::Came(device));
    }

    fn device_left(&mut self, device: Device<Context>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Note::Left(device));
    }
}

impl Discovery {
    /// Starts the thread, which lives as long as the process.
    ///
    /// # Errors
    /// The operating system gives no thread. That USB itself does not work is only logged, and tried again: the
    /// daemon takes receipts in without it.
    pub fn start(quirks: Quirks) -> io::Result<Arc<Self>> {
        let (printers, _) = watch::channel(Printers::from([]));
        let ended = AtomicBool::new(false);
        let discovery = Arc::new(Self {
            quirks,
            known: Mutex::default(),
            printers,
            ended,
            leftovers: Leftovers::default(),
        });
        let ending = Ending(Arc::clone(&discovery));
        std::thread::Builder::new().name("usb".into()).spawn(move || ending.0.run())?;
        Ok(discovery)
    }

    fn run(&self) {
        let mut told = false;
        loop {
            if let Err(error) = self.watch()
                && !std::mem::replace(&mut told, true)
            {
                log::error!("USB can't be used: {error}; it is tried again from time to time");
            }
            self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
            self.publish();
            std::thread::sleep(USB_START_RETRY);
        }
    }

    /// Ends only with an error.
    fn watch(&self) -> rusb::Result<()> {
        let context = Context::new()?;
        let notes = Notes::default();
        let mut hotplug = HotplugBuilder::new();
        hotplug.enumerate(true);
        let notebook = Box::new(Notebook(Arc::clone(&notes)));
        let _registered = hotplug.register::<Context, _>(&context, notebook)?;
        let mut next_key = 0;
        loop {
            let unused = std::mem::take(&mut *self.leftovers.lock().unwrap_or_else(PoisonError::into_inner));
            drop(unused);
            let turn = std::mem::take(&mut *notes.lock().unwrap_or_else(PoisonError::into_inner));
            let mut changed = false;
            for note in turn {
                changed |= match note {
                    Note::Came(device) => {
                        next_key += 1;
                        self.came(DeviceKey(next_key), device)
                    }
                    Note::Left(device) => self.left(&device),
                };
            }
            if changed {
                self.publish();
            }
            match context.handle_events(Some(USB_EVENTS_WAIT)) {
                Ok(()) | Err(rusb::Error::Interrupted) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn came(&self, key: DeviceKey, device: Device<Context>) -> bool {
        let Some(attached) = self.look_at(key, &device) else { return false };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // One that was plugged in while the first list was made is announced twice.
        if known.values().any(|k| same(&k.device, &device)) {
            return false;
        }
        log::info!("{attached} is plugged in: {}", describe(&attached, &self.quirks));
        known.insert(key, Known { device, attached });
        true
    }

    fn left(&self, device: &Device<Context>) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(key) = known.iter().find_map(|(key, k)| same(&k.device, device).then_some(*key)) else {
            return false;
        };
        if let Some(gone) = known.remove(&key) {
            log::info!("{} was unplugged", gone.attached);
        }
        true
    }

    fn publish(&self) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list: Vec<Attached> = Vec::with_capacity(known.len());
        for attached in known.values().map(|k| &k.attached) {
            let at = list.partition_point(|before| before.port <= attached.port);
            list.insert(at, attached.clone());
        }
        drop(known);
        self.printers.send_replace(list.into());
    }

    /// What the kernel knows of it; `None` when it is no printer.
    fn look_at(&self, key: DeviceKey, device: &Device<Context>) -> Option<Attached> {
        let descriptor = device.device_descriptor().ok()?;
        let (vendor, product) = (descriptor.vendor_id(), descriptor.product_id());
        let quirk = self.quirks.of(vendor, product);
        if quirk.ignore {
            return None;
        }
        let function = function(device, &quirk)?;
        let port = port(device);
        let sysfs = Sysfs::device(&port);
        Some(Attached { key, vendor, product, serial: sysfs.serial(), name: sysfs.name(), port, function })
    }
}

fn same(a: &Device<Context>, b: &Device<Context>) -> bool {
    a.as_raw() == b.as_raw()
}

/// The kernel's name of the port: bus, `-`, the ports on the way.
fn port(device: &Device<Context>) -> String {
    let ports = device.port_numbers().unwrap_or_default();
    let ports: Vec<String> = ports.iter().map(u8::to_string).collect();
    format!("{}-{}", device.bus_number(), ports.join("."))
}

/// The part of it that prints, by its descriptors.
pub(super) fn function(device: &Device<Context>, quirk: &Quirk) -> Option<Function> {
    let configuration = device.active_config_descriptor().or_else(|_| device.config_descriptor(0)).ok()?;
    let settings: Vec<Setting> = configuration
        .interfaces()
        .flat_map(|interface| interface.descriptors())
        .map(|s| setting(&s))
        .collect();
    choose(&settings, quirk)
}

fn setting(descriptor: &rusb::InterfaceDescriptor<'_>) -> Setting {
    let bulk = |direction: UsbDirection| {
        descriptor
            .endpoint_descriptors()
            .find(move |e| e.transfer_type() == TransferType::Bulk && e.direction() == direction)
    };
    Setting {
        interface: descriptor.interface_number(),
        alternate: descriptor.setting_number(),
        class: [descriptor.class_code(), descriptor.sub_class_code(), descriptor.protocol_code()],
        output: bulk(UsbDirection::Out).map(|e| e.address()),
        input: bulk(UsbDirection::In)
            .map(|e| Input { endpoint: e.address(), packet_bytes: usize::from(e.max_packet_size()).max(1) }),
    }
}

/// For the log: name, and how it can be named in the configuration.
fn describe(attached: &Attached, quirks: &Quirks) -> String {
    let known = quirks.of(attached.vendor, attached.product).name;
    let name = known.unwrap_or_else(|| attached.name.clone());
    let way = if attached.function.input.is_some() { "both ways" } else { "one way" };
    match attached.serial {
        Some(_) => format!("{name}, {way}"),
        None => format!("{name}, {way}, no serial number: only its port tells it from another of its kind"),
    }
}

impl Bus for Discovery {
    fn printers(&self) -> watch::Receiver<Printers> {
        self.printers.subscribe()
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    fn open(&self, key: DeviceKey, done: mpsc::Sender<Completion>) -> Result<Opened, OpenError> {
        let (device, attached) = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let known = known.get(&key).ok_or(OpenError::Gone)?;
            (known.device.clone(), known.attached.clone())
        };
        let quirk = self.quirks.of(attached.vendor, attached.product);
        device::open(&device, &attached, &quirk, done, &self.leftovers)
    }
}
