//! One client: who it is, how much it has under way, and the road its signals take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use receiptd_api::ApiError;
use tokio::sync::mpsc;
use zbus::message::Message;
use zbus::names::OwnedUniqueName;

use super::backend::Caller;
use super::limits;
use super::link::Link;

/// A client; one for each peer-to-peer connection, and one for each bus name that has called.
#[derive(Debug)]
pub(super) struct Client {
    pub number: u64,
    pub caller: Caller,
    pub road: Road,
    calls: AtomicU32,
    /// Those of all clients of the server.
    all_calls: Arc<AtomicU32>,
}

/// How a client is reached.
#[derive(Debug)]
pub(super) enum Road {
    /// Over its own connection.
    Peer(Peer),
    /// Over the bus, by its unique name.
    Bus(OwnedUniqueName),
}

/// A peer-to-peer connection, as the rest of the server sees it.
#[derive(Debug)]
pub(super) struct Peer {
    pub link: Arc<Link>,
    pub out: mpsc::Sender<Out>,
}

/// What the task of a connection has to do for the others.
#[derive(Debug, Clone)]
pub(super) enum Out {
    Signal(Message),
    AddPrinter(Arc<str>),
    RemovePrinter(Arc<str>),
}

impl Client {
    pub(super) fn new(caller: Caller, road: Road, all_calls: &Arc<AtomicU32>) -> Arc<Self> {
        /// Numbers the clients of this process.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self { number, caller, road, calls: AtomicU32::new(0), all_calls: Arc::clone(all_calls) })
    }

    /// From now on it is told of changes.
    pub(super) fn set_interested(&self) {
        if let Road::Peer(peer) = &self.road {
            peer.link.take_signals();
        }
    }

    /// Counts a call, until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Result<Call, ApiError> {
        let before = self.calls.fetch_add(1, Ordering::AcqRel);
        self.all_calls.fetch_add(1, Ordering::AcqRel);
        let call = Call(Arc::clone(self));
        if before < limits::CALLS_PER_CLIENT_MAX {
            Ok(call)
        } else {
            Err(ApiError::Busy(format!(
                "{} calls of this client are under way already; wait for some of them",
                limits::CALLS_PER_CLIENT_MAX
            )))
        }
    }

    /// Whether nothing of it is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.calls.load(Ordering::Acquire) == 0
    }
}

/// A call under way.
#[derive(Debug)]
pub(super) struct Call(Arc<Client>);

impl Call {
    pub(super) fn caller(&self) -> Caller {
        self.0.caller.clone()
    }

    pub(super) fn client(&self) -> &Arc<Client> {
        &self.0
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::AcqRel);
        self.0.all_calls.fetch_sub(1, Ordering::AcqRel);
    }
}
