//! The peer-to-peer road: accepts connections, and looks after each until it ends.
//!
//! ```text
//!  accept -> too many? close : task( shake hands -> serve -> signals out, until closed -> forget )
//! ```
//! Each connection has a task of its own; what goes wrong in one ends that connection only.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use log::{Level, debug, log, warn};
use receiptd_api::names;
use tokio::net::UnixStream;
use tokio::sync::{Semaphore, mpsc};
use zbus::connection::Builder;
use zbus::{Connection, Guid, OwnedGuid};

use super::Parts;
use super::asker::Asker;
use super::backend::{Backend, Caller};
use super::caller::{Credentials, Operators};
use super::client::{Client, Out, Peer, Road};
use super::hub::Hub;
use super::limits::{self, Limits};
use super::link::{Link, LinkSocket};
use super::listen::Listening;
use super::objects::{NoBus, Objects};
use super::printer::Printer;
use super::spooler::Spooler;

/// Where the pretended bus lives; see [`NoBus`].
const BUS_PATH: &str = "/org/freedesktop/DBus";

/// Accepts for ever.
pub(super) async fn accept<B: Backend>(
    listening: &mut Listening,
    parts: Parts<B>,
    operators: Operators,
    limits: Limits,
) {
    let guid = OwnedGuid::from(Guid::generate());
    let seats = Arc::new(Seats { limits, taken: Mutex::default() });
    loop {
        match listening.accept().await {
            Ok(stream) => match welcome(stream, &operators, &seats, &parts.hub) {
                Ok((link, caller, seat)) => {
                    let (parts, guid) = (parts.clone(), guid.clone());
                    tokio::spawn(async move {
                        attend(link, caller, parts, guid).await;
                        drop(seat);
                    });
                }
                Err(error) => debug!("a connection was not taken: {error}"),
            },
            Err(error) => {
                // Mostly: no more descriptors. The connection stays in the backlog meanwhile.
                warn!("cannot accept a connection: {error}");
                tokio::time::sleep(limits::ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Who is it, and is there a seat?
fn welcome(
    stream: UnixStream,
    operators: &Operators,
    seats: &Arc<Seats>,
    hub: &Hub,
) -> io::Result<(Arc<Link>, Caller, Seat)> {
    let credentials = rustix::net::sockopt::socket_peercred(&stream)?;
    let uid = credentials.uid.as_raw();
    let caller = operators.caller(&Credentials { uid, gids: vec![credentials.gid.as_raw()] });
    let (seat, budget) = Seats::take(seats, &caller).ok_or_else(|| {
        let level = hub.level_of_turning_away(Level::Warn);
        log!(level, "{caller} has too many connections: one more was refused");
        io::Error::from(io::ErrorKind::QuotaExceeded)
    })?;
    Ok((Arc::new(Link::new(stream, uid, budget)), caller, seat))
}

/// One connection, from the handshake to its end.
async fn attend<B: Backend>(link: Arc<Link>, caller: Caller, parts: Parts<B>, guid: OwnedGuid) {
    let (out, mut orders) = mpsc::channel(limits::SIGNALS_PER_PEER_MAX);
    let hub = Arc::clone(&parts.hub);
    let client = Client::new(caller, Road::Peer(Peer { link: Arc::clone(&link), out }), &hub.calls);
    let printers = hub.add_peer(&client);
    let asker = Asker::Peer(Arc::clone(&client));
    let mut builder =
        Builder::socket(LinkSocket(Arc::clone(&link))).server(guid).p2p().serve_at(BUS_PATH, NoBus);
    builder = objects(builder, &parts, &asker, &printers);
    match tokio::time::timeout(limits::AUTH_DEADLINE, builder.build()).await {
        Ok(Ok(connection)) => {
            debug!("connection {} of {}", client.number, client.caller);
            carry_out(&connection, &parts, &asker, &mut orders).await;
        }
        Ok(Err(error)) => {
            log!(hub.level_of_turning_away(Level::Info), "{} did not shake hands: {error}", client.caller);
        }
        Err(_) => {
            log!(hub.level_of_turning_away(Level::Info), "{} did not shake hands in time", client.caller);
        }
    }
    link.cut();
    hub.remove(&client);
    debug!("connection {} of {} ended", client.number, client.caller);
}

/// Puts our objects on a connection that is being built.
pub(super) fn objects<'a, B: Backend>(
    builder: Builder<'a>,
    parts: &Parts<B>,
    asker: &Asker,
    printers: &[Arc<str>],
) -> Builder<'a> {
    let spooler = Spooler {
        backend: Arc::clone(&parts.backend),
        hub: Arc::clone(&parts.hub),
        asker: asker.clone(),
        fd_reads: parts.fd_reads.clone(),
    };
    let objects = Objects { hub: Arc::clone(&parts.hub), asker: asker.clone() };
    let builder = builder.serve_at(names::SPOOLER_PATH, spooler).serve_at(names::ROOT_PATH, objects);
    printers.iter().fold(builder, |builder, name| {
        builder.serve_at(names::printer_path(name), printer(name, parts, asker))
    })
}

fn printer<B: Backend>(name: &Arc<str>, parts: &Parts<B>, asker: &Asker) -> Printer<B> {
    Printer {
        name: Arc::clone(name),
        backend: Arc::clone(&parts.backend),
        hub: Arc::clone(&parts.hub),
        asker: asker.clone(),
    }
}

/// Sends signals and keeps the printer objects, until the connection ends.
async fn carry_out<B: Backend>(
    connection: &Connection,
    parts: &Parts<B>,
    asker: &Asker,
    orders: &mut mpsc::Receiver<Out>,
) {
    loop {
        let order = tokio::select! {
            () = connection.closed() => return,
            order = orders.recv() => order,
        };
        let Some(order) = order else { return };
        if let Err(error) = carry_out_one(connection, parts, asker, order).await {
            debug!("a connection could not be told: {error}");
        }
    }
}

/// Sends a signal, or shows or hides a printer.
pub(super) async fn carry_out_one<B: Backend>(
    connection: &Connection,
    parts: &Parts<B>,
    asker: &Asker,
    order: Out,
) -> zbus::Result<()> {
    match order {
        Out::Signal(signal) => connection.send(&signal).await,
        Out::AddPrinter(name) => {
            let printer = printer(&name, parts, asker);
            connection.object_server().at(names::printer_path(&name), printer).await.map(drop)
        }
        Out::RemovePrinter(name) => {
            connection.object_server().remove::<Printer<B>, _>(names::printer_path(&name)).await.map(drop)
        }
    }
}

/// The bound on connections.
#[derive(Debug)]
struct Seats {
    limits: Limits,
    taken: Mutex<BTreeMap<u32, Taken>>,
}

/// What one user has.
#[derive(Debug)]
struct Taken {
    seats: usize,
    budget: Arc<Semaphore>,
}

impl Default for Taken {
    fn default() -> Self {
        Self { seats: 0, budget: Arc::new(Semaphore::new(limits::BYTES_PER_USER_MAX)) }
    }
}

/// A place among the connections, given back when dropped.
#[derive(Debug)]
struct Seat {
    uid: u32,
    seats: Arc<Seats>,
}

impl Seats {
    /// A seat and the user's budget of bytes, if there is a seat.
    fn take(seats: &Arc<Self>, caller: &Caller) -> Option<(Seat, Arc<Semaphore>)> {
        let mut taken = seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = taken.values().map(|taken| taken.seats).sum();
        let own = taken.get(&caller.uid).map(|taken| taken.seats).unwrap_or_default();
        let free = if caller.operator {
            all < seats.limits.connections_max
        } else {
            all + seats.limits.connections_for_operators < seats.limits.connections_max
                && own < seats.limits.connections_per_uid_max
        };
        free.then(|| {
            let own = taken.entry(caller.uid).or_default();
            own.seats += 1;
            (Seat { uid: caller.uid, seats: Arc::clone(seats) }, Arc::clone(&own.budget))
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.uid) {
            own.seats -= 1;
            if own.seats == 0 {
                taken.remove(&self.uid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_bounded_by_user_and_the_last_ones_are_the_operators() {
        let limits = Limits {
            connections_max: 5,
            connections_per_uid_max: 2,
            connections_for_operators: 1,
            watches_max: 1,
        };
        let seats = Arc::new(Seats { limits, taken: Mutex::default() });
        let caller = |uid, operator| Caller { uid, operator, name: "x".into() };
        let take = |uid, operator| Seats::take(&seats, &caller(uid, operator));
        let mut held = vec![take(1, false), take(1, false), take(2, false), take(2, false)];
        assert!(held.iter().all(Option::is_some));
        assert!(take(1, false).is_none());
        assert!(take(3, false).is_none(), "the last seat is an operator's");
        held.push(take(0, true));
        assert!(held.iter().all(Option::is_some));
        assert!(take(0, true).is_none());
        held.swap_remove(0);
        assert!(take(0, true).is_some());
    }
}
