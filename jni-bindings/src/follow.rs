//! Listening for a handle: changes of jobs and properties become upcalls; a connection that ends is made again, and
//! the watch with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt;
use receiptd_api::{CallError, Client, names};
use zbus::message::Type;
use zbus::names::OwnedUniqueName;
use zbus::proxy::OwnerChangedStream;
use zbus::{MatchRule, Message, MessageStream};

use crate::frame::frame;
use crate::limits::{RECONNECT_WAIT_MAX, RECONNECT_WAIT_MIN, SIGNALS_MAX};
use crate::operation::spooler_properties;
use crate::refusal::Refusal;
use crate::remote::Remote;
use crate::upcall::{Kind, upcall};

/// Follows until nobody listens any more. At most one follows for a handle: `wishes` says when it is to end, and from then on
/// the next wish starts another.
pub async fn follow(road: Arc<Remote>) {
    let mut lost = false;
    let mut wait = RECONNECT_WAIT_MIN;
    while road.wishes().is_some() {
        let ended = tokio::select! {
            () = road.closing() => break,
            ended = listen(&road, &mut lost) => ended,
        };
        let listened = road.listening.send_replace(false);
        let Err(why) = ended else { break };
        if !lost {
            lost = true;
            upcall(road.handle, Kind::Connection, 0, &frame(&(false, &why.message)));
        }
        wait = if listened { RECONNECT_WAIT_MIN } else { (wait * 2).min(RECONNECT_WAIT_MAX) };
        tokio::select! {
            () = road.closing() => break,
            () = tokio::time::sleep(wait) => {}
        }
    }
    road.look_after();
}

/// One connection. `Ok` when nothing is wished any more.
async fn listen(road: &Arc<Remote>, lost: &mut bool) -> Result<(), Refusal> {
    let client = road.client().await?;
    let mut ears = Ears::open(&client).await.map_err(|why| Refusal::from(&why))?;
    let Some(wishes) = road.wishes() else { return Ok(()) };
    // What was watched on an earlier connection. A new wish is asked for by the call that brings it.
    renew(&client, &wishes).await.map_err(|why| Refusal::from(&why))?;
    road.listening.send_replace(true);
    if std::mem::replace(lost, false) {
        upcall(road.handle, Kind::Connection, 0, &frame(&(true, "")));
    }
    while road.wishes().is_some() {
        tokio::select! {
            () = road.wanted.notified() => {}
            heard = ears.next() => match heard {
                Some(heard) => tell(road, &client, heard).await,
                None => return Err(Refusal::from(&CallError::Disconnected("the daemon ended".to_owned()))),
            }
        }
    }
    Ok(())
}

/// Asks the daemon to speak.
async fn renew(
    client: &Client,
    (filter, properties): &(Option<receiptd_api::JobFilter>, bool),
) -> Result<(), CallError> {
    if let Some(filter) = filter {
        client.spooler().watch(filter).await?;
    }
    if *properties {
        // Whoever has read them is told.
        client.printers().await?;
    }
    Ok(())
}

async fn tell(road: &Arc<Remote>, client: &Client, heard: Heard) {
    let handle = road.handle;
    match heard {
        Heard::Job(job) => upcall(handle, Kind::JobChanged, 0, &frame(&*job)),
        Heard::WatchLost(why) => {
            if let Some(wishes) = road.wishes() {
                // If it fails, the connection has ended, which is heard next.
                let _ = renew(client, &wishes).await;
            }
            upcall(handle, Kind::WatchLost, 0, &frame(&why));
        }
        Heard::Properties(path, store) if road.wishes().is_some_and(|(_, properties)| properties) => {
            if path == names::SPOOLER_PATH {
                if let Ok(properties) = spooler_properties(client, store).await {
                    upcall(handle, Kind::SpoolerChanged, 0, &properties);
                }
            } else if let Some(name) = names::printer_name(&path)
                && let Ok(info) = client.printer_info(&names::printer_path(&name)).await
            {
                upcall(handle, Kind::PrinterChanged, 0, &frame(&info));
            }
        }
        Heard::Properties(..) => {}
    }
}

/// What `InterfacesAdded` carries beside the path; it is read anew anyway.
type Interfaces = BTreeMap<String, Properties>;

/// Properties by name.
type Properties = BTreeMap<String, zbus::OwnedVariant>;

/// What the daemon says by itself.
enum Heard {
    Job(Box<receiptd_api::JobInfo>),
    WatchLost(String),
    /// The object, and the state of the store if it changed: it may be another one again when it is asked for.
    Properties(String, Option<String>),
}

/// The signals of one connection, in the order in which they were sent.
struct Ears {
    signals: MessageStream,
    /// On a bus: changes of who has the daemon's name.
    changes: Option<OwnerChangedStream<'static>>,
    /// On a bus: who has it. Anyone there may send a signal to this connection; only that one is believed.
    owner: Option<OwnedUniqueName>,
}

impl Ears {
    async fn open(client: &Client) -> Result<Self, CallError> {
        let connection = client.connection();
        let mut rule = MatchRule::builder().msg_type(Type::Signal).path_namespace(names::ROOT_PATH);
        let (mut changes, mut owner) = (None, None);
        if connection.is_bus() {
            rule = rule.sender(names::BUS_NAME);
            changes = Some(client.spooler().inner().receive_owner_changed().await?);
            // Asking the bus, not the daemon: a daemon that was stopped on purpose is not started by who only listens.
            let bus = zbus::fdo::DBusProxy::new(connection).await?;
            let name = zbus::names::BusName::from_static_str(names::BUS_NAME)?;
            owner = Some(bus.get_name_owner(name).await.map_err(zbus::Error::from)?);
        }
        let signals = MessageStream::for_match_rule(rule.build()?, connection, Some(SIGNALS_MAX)).await?;
        Ok(Self { signals, changes, owner })
    }

    /// The next thing heard; `None` when the daemon is gone.
    async fn next(&mut self) -> Option<Heard> {
        loop {
            let changed = async {
                match &mut self.changes {
                    Some(changes) => changes.next().await,
                    None => std::future::pending().await,
                }
            };
            let message = tokio::select! {
                biased;
                message = self.signals.next() => message?,
                // Whoever has the name now has not been asked to speak.
                _ = changed => return None,
            };
            let Ok(message) = message else { continue };
            let believed = match &self.owner {
                Some(owner) => message.header().sender().is_some_and(|sender| *sender == *owner),
                None => true,
            };
            if believed && let Some(heard) = heard(&message) {
                return Some(heard);
            }
        }
    }
}

fn heard(message: &Message) -> Option<Heard> {
    let header = message.header();
    let body = message.body();
    match (header.interface()?.as_str(), header.member()?.as_str()) {
        (names::SPOOLER_INTERFACE, "JobChanged") => {
            let (_, _, job) = body.deserialize::<(u64, String, receiptd_api::JobInfo)>().ok()?;
            Some(Heard::Job(Box::new(job)))
        }
        (names::SPOOLER_INTERFACE, "WatchLost") => body.deserialize().ok().map(Heard::WatchLost),
        ("org.freedesktop.DBus.Properties", "PropertiesChanged") => {
            let (_, mut changed, _) = body.deserialize::<(String, Properties, Vec<String>)>().ok()?;
            let store = changed.remove("StoreState").and_then(|state| String::try_from(state).ok());
            Some(Heard::Properties(header.path()?.as_str().to_owned(), store))
        }
        ("org.freedesktop.DBus.ObjectManager", "InterfacesAdded") => {
            let (path, _) = body.deserialize::<(zbus::OwnedObjectPath, Interfaces)>().ok()?;
            Some(Heard::Properties(path.as_str().to_owned(), None))
        }
        _ => None,
    }
}
