//! A printer on USB as a [`Link`]: waits for it, opens it, talks with it, gives it back.
//!
//! One task per session, on whatever runtime is given. Opening and closing may wait for the device and so
//! happen on the runtime's blocking threads; transfers do not wait. A session begins when the one before it has given
//! the printer back, so the two never meet at the claim.
//!
//! This link is told when its printer is plugged in, so it waits by itself and says why it waits. Only a printer
//! that is there and cannot be opened is tried again, ever less often: nobody tells when a
//! permission is set or another program lets go.
//!
//! Left to others: what is talked (`talk`), the bus (`wire`).

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use receiptd_core::ids::{PrinterIx, SessionId};
use receiptd_core::link::{LinkEvent, LinkFault};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::address::{NoChoice, UsbAddress};
use super::attached::Attached;
use super::draft::Device;
use super::talk::Talk;
use super::wire::{Bus, Completion, OpenError, Opened};
use crate::limits::{USB_REOPEN_MAX, USB_REOPEN_MIN};
use crate::session::{EventSink, Link, Orders, Session};

/// Completions that may wait: one of each direction, since no more are under way.
const COMPLETIONS_MAX: usize = 2;

/// A printer on USB.
#[derive(Clone)]
pub struct UsbLink {
    pub(super) printer: PrinterIx,
    pub(super) address: UsbAddress,
    pub(super) bus: Arc<dyn Bus>,
    pub(super) runtime: Handle,
    /// One session at a time has the printer.
    turn: Arc<Semaphore>,
    open: Arc<Mutex<Option<Open>>>,
}

/// What is open at the moment: for people, and for surveys.
#[derive(Clone)]
struct Open {
    place: String,
    device: Device,
}

impl fmt::Debug for UsbLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UsbLink({})", self.address)
    }
}

/// A printer that was opened. Dropped in this order: first the printer, then the turn.
pub(super) struct Held {
    pub(super) opened: Opened,
    pub(super) attached: Attached,
    pub(super) done: mpsc::Receiver<Completion>,
    _turn: OwnedSemaphorePermit,
}

impl UsbLink {
    /// A link to the printer with this address, whose sessions run on this runtime; it must have time enabled.
    pub fn new(printer: PrinterIx, address: UsbAddress, bus: Arc<dyn Bus>, runtime: Handle) -> Self {
        let turn = Arc::new(Semaphore::new(1));
        Self { printer, address, bus, runtime, turn, open: Arc::default() }
    }

    fn set_open(&self, open: Option<Open>) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = open;
    }

    fn look<T>(&self, look: impl FnOnce(&Open) -> T) -> Option<T> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(look)
    }

    /// Waits for the printer, and opens it. Cancelling is safe: what is opened meanwhile is given back.
    async fn hold(&self, session: SessionId, sink: &EventSink) -> Result<Held, LinkFault> {
        let mut turn = Some(Arc::clone(&self.turn).acquire_owned().await.map_err(|_| LinkFault::Closed)?);
        let mut printers = self.bus.printers();
        let mut pause = USB_REOPEN_MIN;
        let mut said = None;
        loop {
            let list = Arc::clone(&printers.borrow_and_update());
            let (fault, again) = match (self.address.pick(&list), turn.take()) {
                (Ok(printer), Some(permit)) => match self.open_one(printer.clone(), permit).await {
                    Ok(held) => return Ok(held),
                    Err((error, permit)) => {
                        turn = permit;
                        log::debug!("{}: {printer}: {error}", self.address);
                        (error.fault(), Some(pause))
                    }
                },
                (Err(NoChoice::Several), permit) => {
                    turn = permit;
                    self.tell_choice(&list, said);
                    (LinkFault::Ambiguous, None)
                }
                (Err(NoChoice::None), permit) => {
                    turn = permit;
                    (LinkFault::Absent, None)
                }
                // The permit was lost with a blocking thread that ended badly.
                (Ok(_), None) => return Err(LinkFault::Closed),
            };
            if said != Some(fault) {
                said = Some(fault);
                let mut news = VecDeque::from([LinkEvent::Waiting(fault)]);
                sink.deliver(self.printer, session, &mut news).await.map_err(|_| LinkFault::Closed)?;
            }
            let retry = async {
                match again {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = printers.changed() => {
                    changed.map_err(|_| LinkFault::Closed)?;
                    pause = USB_REOPEN_MIN;
                }
                () = retry => pause = (pause * 2).min(USB_REOPEN_MAX),
            }
        }
    }

    async fn open_one(
        &self,
        attached: Attached,
        turn: OwnedSemaphorePermit,
    ) -> Result<Held, (OpenError, Option<OwnedSemaphorePermit>)> {
        let bus = Arc::clone(&self.bus);
        let open = move || {
            let (sender, done) = mpsc::channel(COMPLETIONS_MAX);
            match bus.open(attached.key, sender) {
                Ok(opened) => Ok(Held { opened, attached, done, _turn: turn }),
                Err(error) => Err((error, Some(turn))),
            }
        };
        self.runtime.spawn_blocking(open).await.unwrap_or(Err((OpenError::Broken, None)))
    }

    /// Names those that fit, so that a person can write the right one into the configuration.
    fn tell_choice(&self, list: &[Attached], said: Option<LinkFault>) {
        if said == Some(LinkFault::Ambiguous) {
            return;
        }
        let fitting = list.iter().filter(|p| self.address.fits(p)).map(Attached::to_string);
        let names = fitting.collect::<Vec<_>>().join(", ");
        log::warn!("{}: several printers fit; connect = one of: {names}", self.address);
    }
}

impl Link for UsbLink {
    fn open(&self, session: SessionId, events: EventSink) -> Session {
        let (handle, orders) = Session::pair();
        self.runtime.spawn(run(self.clone(), session, events, orders));
        handle
    }

    fn stuck(&self) -> Option<String> {
        self.bus.has_ended().then(|| "the thread that owns USB has ended".to_owned())
    }

    fn place(&self) -> Option<String> {
        self.look(|open| open.place.clone())
    }

    fn device(&self) -> Option<Device> {
        self.look(|open| open.device.clone())
    }
}

/// The life of one session.
async fn run(link: UsbLink, session: SessionId, sink: EventSink, orders: Orders) {
    let Orders { mut commands, mut dropped } = orders;
    let held = tokio::select! {
        biased;
        _ = &mut dropped => Err(LinkFault::Closed),
        held = link.hold(session, &sink) => held,
    };
    let (fault, mut events, held) = match held {
        Err(fault) => (fault, VecDeque::new(), None),
        Ok(mut held) => {
            let place = place(&held);
            log::info!("{}: opened {place}", link.address);
            let device = Device {
                attached: held.attached.clone(),
                device_id: held.opened.device_id.clone(),
                quirk: held.opened.quirk.clone(),
            };
            link.set_open(Some(Open { place, device }));
            let mut talk = Talk::new(&link, session, &sink, &mut held);
            let fault = tokio::select! {
                biased;
                _ = dropped => LinkFault::Closed,
                fault = talk.live(&mut commands) => fault,
            };
            talk.settle().await;
            talk.give_back(&mut commands);
            let events = talk.into_events();
            log::info!("{}: session {} ended: {fault:?}", link.address, session.0);
            link.set_open(None);
            (fault, events, Some(held))
        }
    };
    // Nobody can send a command any more that would be ignored.
    drop(commands);
    events.push_back(LinkEvent::Ended(fault));
    if sink.deliver(link.printer, session, &mut events).await.is_err() {
        log::debug!("{}: session {} ended unheard", link.address, session.0);
    }
    if let Some(held) = held {
        // Waits for the device, and perhaps for usblp.
        let _ = link.runtime.spawn_blocking(move || drop(held)).await;
    }
}

/// Which printer was opened, and how it is told from its like.
fn place(held: &Held) -> String {
    let id = held.opened.device_id.as_ref().map(ToString::to_string);
    let name = id.or_else(|| held.opened.quirk.name.clone()).unwrap_or_else(|| held.attached.name.clone());
    let by_port = if held.attached.serial.is_none() { ", known by its port" } else { "" };
    let name = if name.is_empty() { "printer".to_owned() } else { name };
    format!("{} ({name}{by_port})", held.attached)
}
