//! A printer's interface, opened and claimed.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rusb::{Context, Device, DeviceHandle, Error};
use tokio::sync::mpsc;

use super::attached::{Attached, Function};
use super::device_id::{DeviceId, is_whole};
use super::quirks::Quirk;
use super::sysfs::Sysfs;
use super::transfer::{Handle, Leftovers, Pipe};
use super::wire::{Completion, Direction, OpenError, Opened, SubmitError, Wire};
use crate::limits::{CONTROL_TIMEOUT, DEVICE_ID_BYTES_MAX};

/// Class request to an interface, device to host (USB Printer Class 1.1, 4.2).
const REQUEST_IN: u8 = 0xA1;
const GET_DEVICE_ID: u8 = 0;
const GET_PORT_STATUS: u8 = 1;
/// Standard request to the device, device to host: `GET_STATUS` (USB 2.0, 9.4.5).
const STANDARD_IN: u8 = 0x80;
const GET_STATUS: u8 = 0;

struct Claimed {
    device: Arc<Handle>,
    function: Function,
    output: Pipe,
    input: Option<Pipe>,
    close_delay: Duration,
}

/// Opens a printer, takes it from usblp, claims it, and asks who it is. Blocks.
pub(super) fn open(
    device: &Device<Context>,
    attached: &Attached,
    quirk: &Quirk,
    done: mpsc::Sender<Completion>,
    leftovers: &Leftovers,
) -> Result<Opened, OpenError> {
    let handle = device.open().map_err(|error| {
        let error = if error == Error::Io && is_forbidden(device) { Error::Access } else { error };
        log::debug!("{attached}: open: {error}");
        open_error(error, Sysfs::device(&attached.port).is_suspended())
    })?;
    claim(Handle::own(handle), attached, quirk, done, leftovers)
}

/// Takes an open printer from usblp, claims it, and asks who it is. Blocks.
pub(super) fn claim(
    handle: Handle,
    attached: &Attached,
    quirk: &Quirk,
    done: mpsc::Sender<Completion>,
    leftovers: &Leftovers,
) -> Result<Opened, OpenError> {
    let sysfs = Sysfs::device(&attached.port);
    let failed = |what: &'static str| {
        let sysfs = sysfs.clone();
        move |error| {
            log::debug!("{attached}: {what}: {error}");
            open_error(error, sysfs.is_suspended())
        }
    };
    let function = attached.function;
    let configuration = match handle.active_configuration() {
        // Setting one that is set is a light reset, so it is done only where there is none.
        Ok(0) => {
            handle.set_active_configuration(1).map_err(failed("configuration"))?;
            1
        }
        Ok(number) => number,
        Err(_) => 1,
    };
    // While usblp still has it: afterwards the kernel's copy is gone.
    let known = sysfs.device_id(configuration, function.interface);
    if quirk.reattach {
        // Takes it from usblp with the claim, and gives it back with the release.
        match handle.set_auto_detach_kernel_driver(true) {
            Ok(()) | Err(Error::NotSupported) => {}
            Err(error) => return Err(failed("driver")(error)),
        }
    } else if handle.kernel_driver_active(function.interface).unwrap_or(false) {
        handle.detach_kernel_driver(function.interface).map_err(failed("driver"))?;
    }
    handle.claim_interface(function.interface).map_err(failed("claim"))?;
    if function.has_others && quirk.set_interface {
        let chosen = handle.set_alternate_setting(function.interface, function.alternate);
        chosen.map_err(failed("alternate setting"))?;
    }
    let may_ask = quirk.device_id && !known.as_deref().is_some_and(is_whole);
    let asked = if may_ask { ask_device_id(&handle, function) } else { None };
    let device_id = asked.or_else(|| DeviceId::from_text(known?.as_bytes()));
    let device = Arc::new(handle);
    let pipe = |endpoint, direction| {
        Pipe::new(Arc::clone(&device), endpoint, direction, done.clone(), Arc::clone(leftovers))
    };
    let output = pipe(function.output, Direction::Out);
    let input = function.input.map(|input| pipe(input.endpoint, Direction::In));
    let close_delay = Duration::from_millis(quirk.close_delay_ms.into());
    let wire = Arc::new(Claimed { device, function, output, input, close_delay });
    Ok(Opened { wire, device_id, quirk: quirk.clone() })
}

fn open_error(error: Error, suspended: bool) -> OpenError {
    match error {
        Error::Access => OpenError::Denied,
        Error::Busy => OpenError::Busy,
        Error::NoDevice | Error::NotFound => OpenError::Gone,
        _ if suspended => OpenError::Suspended,
        _ => OpenError::Broken,
    }
}

/// Whether the operating system forbids the device's node. A service manager's device policy says `EPERM`, which libusb
/// tells as an input/output error (1.0.26, `os/linux_usbfs.c`), so the node is asked itself.
fn is_forbidden(device: &Device<Context>) -> bool {
    let node = format!("/dev/bus/usb/{:03}/{:03}", device.bus_number(), device.address());
    let opened = File::options().read(true).write(true).open(node);
    opened.is_err_and(|why| why.kind() == io::ErrorKind::PermissionDenied)
}

/// `GET_DEVICE_ID`. An Epson UB-U02III refuses it and then disturbs the next request (OpenPrinting/cups pull request
/// 1612), so after a refusal comes a standard request whose answer nobody needs.
fn ask_device_id(handle: &DeviceHandle<Context>, function: Function) -> Option<DeviceId> {
    let mut answer = [0; DEVICE_ID_BYTES_MAX];
    let which = u16::from(function.interface) << 8 | u16::from(function.alternate);
    // wValue is the index of the configuration, not its number: receipt printers have one.
    match handle.read_control(REQUEST_IN, GET_DEVICE_ID, 0, which, &mut answer, CONTROL_TIMEOUT) {
        Ok(n) => DeviceId::from_answer(answer.get(..n)?),
        Err(error) => {
            log::debug!("device id: {error}");
            if error == Error::Pipe {
                let _ = handle.read_control(STANDARD_IN, GET_STATUS, 0, 0, &mut [0; 2], CONTROL_TIMEOUT);
            }
            None
        }
    }
}

impl Claimed {
    fn pipe(&self, direction: Direction) -> Option<&Pipe> {
        match direction {
            Direction::Out => Some(&self.output),
            Direction::In => self.input.as_ref(),
        }
    }
}

impl Wire for Claimed {
    fn submit(&self, direction: Direction, buffer: Vec<u8>) -> Result<(), SubmitError> {
        self.pipe(direction).ok_or(SubmitError::Refused)?.submit(buffer)
    }

    fn cancel(&self) {
        self.output.cancel();
        if let Some(input) = &self.input {
            input.cancel();
        }
    }

    fn clear_halt(&self, direction: Direction) -> Result<(), SubmitError> {
        let endpoint = match direction {
            Direction::Out => self.function.output,
            Direction::In => self.function.input.ok_or(SubmitError::Refused)?.endpoint,
        };
        self.device.clear_halt(endpoint).map_err(|error| match error {
            Error::NoDevice => SubmitError::Gone,
            _ => SubmitError::Refused,
        })
    }

    fn port_status(&self) -> Option<u8> {
        let mut answer = [0; 1];
        let which = self.function.interface.into();
        let n = self.device.read_control(REQUEST_IN, GET_PORT_STATUS, 0, which, &mut answer, CONTROL_TIMEOUT);
        matches!(n, Ok(1)).then_some(answer[0])
    }
}

/// Gives the interface back, to usblp where it came from there.
impl Drop for Claimed {
    fn drop(&mut self) {
        if !self.close_delay.is_zero() {
            std::thread::sleep(self.close_delay);
        }
        if let Err(error) = self.device.release_interface(self.function.interface)
            && error != Error::NoDevice
        {
            log::debug!("release: {error}");
        }
    }
}
