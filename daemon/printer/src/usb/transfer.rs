//! Asynchronous bulk transfers that always tell how many bytes were moved.
//!
//! `rusb`'s blocking calls lose that number when a transfer fails (their documentation says "no bytes were
//! written", libusb's says not to assume so: `libusb/io.c`, "Timeouts and partial transfers"). A receipt's
//! fate depends on it, so libusb's own asynchronous interface is used here. This is the only module with unsafe
//! code.
//!
//! **Who owns what.** A transfer under way belongs to libusb: its structure, its buffer, and a `Flight` that keeps
//! the device open. All three come back in the callback, exactly once for each successful submission, also after an
//! unplug and after a cancellation (libusb, "Asynchronous device I/O"). The callback runs in the thread that
//! handles events; it moves the buffer into a channel and frees the structure. A `Slot` says which
//! structure is under way; it is emptied under its lock before the structure is freed, so a cancellation never
//! meets a structure that is gone.
//!
//! **Closing.** libusb holds the lock of its list of open devices while it calls back, and takes it to close one
//! (`linux_usbfs.c`, `op_handle_events`; `core.c`, `do_close`). So a callback that finds itself the last user of a device,
//! because its session went on without waiting, closes nothing: it leaves the device for the thread that owns USB.

#![allow(
    unsafe_code,
    reason = "libusb's asynchronous interface has no safe wrapper; see the head of the module"
)]

use std::ops::Deref;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::raw::c_int;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

use libusb1_sys as libusb;
use libusb1_sys::constants as c;
use rusb::{Context, DeviceHandle, UsbContext};
use tokio::sync::mpsc;

use super::wire::{Completion, Direction, Outcome, SubmitError};

/// Devices that a callback was the last to use, to be closed outside of libusb's event handling.
pub type Leftovers = Arc<Mutex<Vec<Handle>>>;

/// An open device. The members are dropped in this order: libusb lets go of a descriptor before it is closed.
#[derive(Debug)]
pub struct Handle {
    device: DeviceHandle<Context>,
    /// The descriptor of a device that somebody else has opened; libusb uses it and does not close it.
    _node: Option<OwnedFd>,
}

impl Handle {
    /// A device that libusb has opened itself.
    pub const fn own(device: DeviceHandle<Context>) -> Self {
        Self { device, _node: None }
    }

    /// A device that was opened by somebody else: on Android by the system, for an app.
    ///
    /// # Errors
    /// The descriptor is not of a USB device, or libusb can't use it.
    pub fn handed(context: &Context, node: OwnedFd) -> rusb::Result<Self> {
        // SAFETY: the descriptor is open, and stays so until after the handle is closed: it is kept beside it and
        // dropped behind it.
        let device = unsafe { context.open_device_with_fd(node.as_raw_fd()) }?;
        Ok(Self { device, _node: Some(node) })
    }
}

impl Deref for Handle {
    type Target = DeviceHandle<Context>;

    fn deref(&self) -> &Self::Target {
        &self.device
    }
}

/// One endpoint of an open device, with at most one transfer under way.
#[derive(Debug)]
pub struct Pipe {
    device: Arc<Handle>,
    endpoint: u8,
    direction: Direction,
    slot: Arc<Slot>,
    done: mpsc::Sender<Completion>,
    leftovers: Leftovers,
}

/// The transfer under way, if any.
#[derive(Debug, Default)]
struct Slot(Mutex<Option<Transfer>>);

/// A transfer that libusb holds.
#[derive(Clone, Copy, Debug)]
struct Transfer(NonNull<libusb::libusb_transfer>);

// SAFETY: the structure is not bound to a thread: libusb documents that transfers may be submitted, cancelled and
// freed by any thread. Who touches it when is ordered by the lock of the `Slot`.
unsafe impl Send for Transfer {}

/// What comes back in the callback.
struct Flight {
    direction: Direction,
    buffer: Vec<u8>,
    slot: Arc<Slot>,
    done: mpsc::Sender<Completion>,
    /// Not closed before its transfers are back.
    device: Arc<Handle>,
    leftovers: Leftovers,
}

impl Pipe {
    /// A pipe to this endpoint of this device, whose completions go to this channel. `leftovers` is emptied by
    /// the thread that handles events.
    pub fn new(
        device: Arc<Handle>,
        endpoint: u8,
        direction: Direction,
        done: mpsc::Sender<Completion>,
        leftovers: Leftovers,
    ) -> Self {
        Self { device, endpoint, direction, slot: Arc::default(), done, leftovers }
    }

    /// Hands a buffer over; its completion comes through the channel. It has no timeout: a printer without paper
    /// takes nothing for hours.
    ///
    /// # Errors
    /// Nothing was handed over. Also when one is under way already.
    pub fn submit(&self, buffer: Vec<u8>) -> Result<(), SubmitError> {
        let length = c_int::try_from(buffer.len()).map_err(|_| SubmitError::Refused)?;
        // Held until the transfer is in the slot, so that a callback that comes at once finds it there.
        let mut slot = self.slot.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_some() {
            return Err(SubmitError::Refused);
        }
        // SAFETY: no precondition; null is returned when there is no memory, and is looked for.
        let transfer =
            NonNull::new(unsafe { libusb::libusb_alloc_transfer(0) }).ok_or(SubmitError::Refused)?;
        let mut flight = Box::new(Flight {
            direction: self.direction,
            buffer,
            slot: Arc::clone(&self.slot),
            done: self.done.clone(),
            device: Arc::clone(&self.device),
            leftovers: Arc::clone(&self.leftovers),
        });
        // The buffer's bytes stay where they are when the `Vec` moves with its box.
        let bytes = flight.buffer.as_mut_ptr();
        let flight = Box::into_raw(flight);
        // SAFETY: `transfer` was allocated above and is not submitted yet, so it is ours to fill. The handle
        // lives as long as the flight, which holds it. `bytes` has room for `length` bytes, and nobody else
        // touches them until the flight comes back.
        unsafe {
            libusb::libusb_fill_bulk_transfer(
                transfer.as_ptr(),
                self.device.as_raw(),
                self.endpoint,
                bytes,
                length,
                completed,
                flight.cast(),
                0,
            );
        }
        // SAFETY: it is filled, and not under way.
        let refused = unsafe { libusb::libusb_submit_transfer(transfer.as_ptr()) };
        if refused == 0 {
            *slot = Some(Transfer(transfer));
            return Ok(());
        }
        // SAFETY: a transfer that was refused is not under way: libusb calls no callback for it and forgets
        // it. So the flight made above is ours again, and the structure may be freed; each once.
        unsafe {
            drop(Box::from_raw(flight));
            libusb::libusb_free_transfer(transfer.as_ptr());
        }
        Err(if refused == c::LIBUSB_ERROR_NO_DEVICE { SubmitError::Gone } else { SubmitError::Refused })
    }

    /// Asks for the transfer under way to end; its completion still comes. Nothing happens when there is none.
    pub fn cancel(&self) {
        let slot = self.slot.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Transfer(transfer)) = *slot {
            // SAFETY: what is in the slot is not freed before the callback took it out, for which it needs the
            // lock that is held here. An error means that it completes anyway.
            let _ = unsafe { libusb::libusb_cancel_transfer(transfer.as_ptr()) };
        }
    }
}

/// A pipe that is dropped takes its transfer back; the flight keeps what the callback needs.
impl Drop for Pipe {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// libusb calls this once for each transfer that was under way. It must not panic: there is C on the stack.
extern "system" fn completed(transfer: *mut libusb::libusb_transfer) {
    let Some(pointer) = NonNull::new(transfer) else { return };
    // SAFETY: libusb hands over the structure that was submitted; until it is freed below, it is ours alone, but
    // for `cancel`, which only looks at libusb's own part of it.
    let (status, moved, user_data) = unsafe {
        let transfer = pointer.as_ref();
        (transfer.status, transfer.actual_length, transfer.user_data)
    };
    // SAFETY: `user_data` is the flight that `submit` put there, and this is the only call for this submission.
    let flight = unsafe { Box::from_raw(user_data.cast::<Flight>()) };
    let Flight { direction, buffer, slot, done, device, leftovers } = *flight;
    *slot.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    // SAFETY: it is not under way any more, and not in the slot, so nobody else has it. Freed once.
    unsafe { libusb::libusb_free_transfer(pointer.as_ptr()) };
    // Before the completion is told: the session that hears of it may let go of the device at once.
    if let Some(last) = Arc::into_inner(device) {
        leftovers.lock().unwrap_or_else(PoisonError::into_inner).push(last);
    }
    let outcome = match status {
        c::LIBUSB_TRANSFER_COMPLETED => Outcome::Done,
        c::LIBUSB_TRANSFER_STALL => Outcome::Stalled,
        c::LIBUSB_TRANSFER_NO_DEVICE => Outcome::Gone,
        c::LIBUSB_TRANSFER_CANCELLED => Outcome::Cancelled,
        c::LIBUSB_TRANSFER_OVERFLOW => Outcome::Overflow,
        _ => Outcome::Failed,
    };
    let moved = usize::try_from(moved).unwrap_or(0).min(buffer.len());
    // The channel has room for one completion of each direction, and there are no more under way. A session that
    // is gone does not wait for it.
    let _ = done.try_send(Completion { direction, outcome, buffer, moved });
}
