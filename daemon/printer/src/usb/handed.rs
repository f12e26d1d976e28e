//! Printers that an app has opened and hands over as descriptors.
//!
//! On Android an app gets a USB device from `UsbManager`, already open; it may neither list the buses nor open a node
//! itself, and the kernel tells it nothing (SELinux). So libusb's own search is switched off for the whole process, before
//! its first context is made, and a device is wrapped around its descriptor (libusb, `libusb_wrap_sys_device`). That a
//! printer was unplugged is what the app says, or what a transfer finds out.
//!
//! Each session wraps a duplicate of the descriptor. The kernel counts claims by what was opened, so all of them share the
//! app's: when the app closes its connection, the claims stay until the last duplicate is gone.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::{io, mem};

use rusb::{Context, UsbContext};
use tokio::sync::{mpsc, watch};

use super::attached::{Attached, DeviceKey};
use super::device;
use super::discovery::function;
use super::quirks::Quirks;
use super::transfer::{Handle, Leftovers};
use super::wire::{Bus, Completion, OpenError, Opened, Printers};
use crate::limits::{HANDED_PRINTERS_MAX, INFO_CHARS_MAX, USB_EVENTS_WAIT};

/// Why a descriptor is not taken.
#[derive(Debug, thiserror::Error)]
pub enum HandError {
    /// libusb can't be used at all.
    #[error("USB can't be used in this process: {0}")]
    Usb(rusb::Error),
    /// It is not a descriptor of a USB device, or no longer.
    #[error(
        "the descriptor is not that of an open USB device ({0}); open it with UsbManager.openDevice and hand over its getFileDescriptor()"
    )]
    NoDevice(rusb::Error),
    /// Nothing of it prints.
    #[error(
        "the device {vendor:04x}:{product:04x} has no printer interface; one of a vendor's own class needs a quirk that says vendor-class = true"
    )]
    NoPrinter {
        /// Vendor id.
        vendor: u16,
        /// Product id.
        product: u16,
    },
    /// The quirks say that this one is not to be touched.
    #[error("the device {vendor:04x}:{product:04x} is one that the quirks say to ignore")]
    Ignored {
        /// Vendor id.
        vendor: u16,
        /// Product id.
        product: u16,
    },
    /// There are enough.
    #[error("{HANDED_PRINTERS_MAX} printers were handed over already; give one up first")]
    TooMany,
    /// The operating system refuses.
    #[error("the operating system refuses: {0}")]
    System(io::Error),
}

/// What was handed over.
pub struct Handed {
    quirks: Quirks,
    state: Mutex<State>,
    printers: watch::Sender<Printers>,
    leftovers: Leftovers,
    ending: AtomicBool,
    ended: AtomicBool,
}

#[derive(Default)]
struct State {
    usb: Option<Usb>,
    known: BTreeMap<DeviceKey, Known>,
    last_key: u64,
}

/// libusb, from the first printer on.
struct Usb {
    context: Context,
    events: JoinHandle<()>,
}

struct Known {
    node: OwnedFd,
    attached: Attached,
}

impl Handed {
    /// Nothing yet. libusb is started with the first printer.
    pub fn new(quirks: Quirks) -> Arc<Self> {
        let (printers, _) = watch::channel(Printers::from([]));
        Arc::new(Self {
            quirks,
            state: Mutex::default(),
            printers,
            leftovers: Leftovers::default(),
            ending: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        })
    }

    /// Takes a printer in. `name` is what the operating system calls it, for people. The descriptor is duplicated. Blocks
    /// for as long as the kernel needs to give its descriptors.
    ///
    /// # Errors
    /// [`HandError`]; nothing was taken.
    pub fn attach(self: &Arc<Self>, node: BorrowedFd<'_>, name: &str) -> Result<DeviceKey, HandError> {
        let node = node.try_clone_to_owned().map_err(HandError::System)?;
        let mut state = self.lock();
        if state.known.len() >= HANDED_PRINTERS_MAX {
            return Err(HandError::TooMany);
        }
        let context = self.context(&mut state)?;
        let again = node.try_clone().map_err(HandError::System)?;
        let handle = Handle::handed(&context, again).map_err(HandError::NoDevice)?;
        let device = handle.device();
        let descriptor = device.device_descriptor().map_err(HandError::NoDevice)?;
        let (vendor, product) = (descriptor.vendor_id(), descriptor.product_id());
        let quirk = self.quirks.of(vendor, product);
        if quirk.ignore {
            return Err(HandError::Ignored { vendor, product });
        }
        let function = function(&device, &quirk).ok_or(HandError::NoPrinter { vendor, product })?;
        state.last_key += 1;
        let key = DeviceKey(state.last_key);
        let port: String = name.chars().filter(|c| !c.is_control()).take(INFO_CHARS_MAX).collect();
        let name = quirk.name.unwrap_or_default();
        let attached = Attached { key, vendor, product, serial: None, port, name, function };
        log::info!("{attached} was handed over");
        state.known.insert(key, Known { node, attached });
        self.publish(&state);
        Ok(key)
    }

    /// It was unplugged, or is wanted back. What is printed at this moment is judged like after an unplugging.
    pub fn detach(&self, key: DeviceKey) {
        let mut state = self.lock();
        if let Some(gone) = state.known.remove(&key) {
            log::info!("{} was given up", gone.attached);
            self.publish(&state);
        }
    }

    /// Ends the thread; for good. Sessions should have ended before.
    pub fn shut_down(&self) {
        self.ending.store(true, Ordering::Relaxed);
        let usb = {
            let mut state = self.lock();
            state.known.clear();
            self.publish(&state);
            state.usb.take()
        };
        if let Some(Usb { context, events }) = usb {
            context.interrupt_handle_events();
            // It ends in any case; a panic in it was told by itself.
            let _ = events.join();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn context(self: &Arc<Self>, state: &mut State) -> Result<Context, HandError> {
        if let Some(usb) = &state.usb {
            return Ok(usb.context.clone());
        }
        // For the whole process, and only before its first context: a second one finds it switched off already.
        rusb::disable_device_discovery().map_err(HandError::Usb)?;
        let context = Context::new().map_err(HandError::Usb)?;
        let (handed, own) = (Arc::clone(self), context.clone());
        let run = move || handed.handle_events(&own);
        let events = std::thread::Builder::new().name("usb".into()).spawn(run).map_err(HandError::System)?;
        state.usb = Some(Usb { context: context.clone(), events });
        Ok(context)
    }

    /// Hands completed transfers back, and sleeps otherwise.
    fn handle_events(&self, context: &Context) {
        while !self.ending.load(Ordering::Relaxed) {
            let unused = mem::take(&mut *self.leftovers.lock().unwrap_or_else(PoisonError::into_inner));
            drop(unused);
            match context.handle_events(Some(USB_EVENTS_WAIT)) {
                Ok(()) | Err(rusb::Error::Interrupted) => {}
                Err(error) => {
                    log::error!("USB events can't be read any more: {error}");
                    break;
                }
            }
        }
        self.ended.store(true, Ordering::Relaxed);
    }

    fn publish(&self, state: &State) {
        let list: Vec<Attached> = state.known.values().map(|known| known.attached.clone()).collect();
        self.printers.send_replace(list.into());
    }
}

impl Bus for Handed {
    fn printers(&self) -> watch::Receiver<Printers> {
        self.printers.subscribe()
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    fn open(&self, key: DeviceKey, done: mpsc::Sender<Completion>) -> Result<Opened, OpenError> {
        let (context, node, attached) = {
            let state = self.lock();
            let known = state.known.get(&key).ok_or(OpenError::Gone)?;
            let context = state.usb.as_ref().ok_or(OpenError::Gone)?.context.clone();
            let node = known.node.as_fd().try_clone_to_owned().map_err(|_| OpenError::Broken)?;
            (context, node, known.attached.clone())
        };
        let handle = Handle::handed(&context, node).map_err(|error| match error {
            rusb::Error::NoDevice | rusb::Error::NotFound => OpenError::Gone,
            _ => OpenError::Broken,
        })?;
        let quirk = self.quirks.of(attached.vendor, attached.product);
        device::claim(handle, &attached, &quirk, done, &self.leftovers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_usb_device_is_refused_by_name_and_the_thread_ends_when_told() {
        let handed = Handed::new(Quirks::default());
        let file = std::fs::File::open("Cargo.toml").unwrap();
        let why = handed.attach(file.as_fd(), "/dev/bus/usb/001/002").unwrap_err();
        assert!(matches!(why, HandError::NoDevice(_)), "{why}");
        assert!(why.to_string().contains("UsbManager.openDevice"), "{why}");
        assert!(handed.printers().borrow().is_empty());
        assert!(!handed.has_ended());
        handed.shut_down();
        assert!(handed.has_ended());
    }
}
