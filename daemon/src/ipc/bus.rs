//! The bus road: one connection for everyone, and what is remembered of each client on it.
//!
//! The bus says who a sender is (`GetConnectionCredentials`); the answer is kept until the sender leaves.
//! Unique names are never used twice in the life of a bus, so an answer cannot become wrong, only useless.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use log::{debug, warn};
use receiptd_api::{ApiError, names};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zbus::connection::Builder;
use zbus::fdo::ConnectionCredentials;
use zbus::message::{Header, Message, Type};
use zbus::names::OwnedUniqueName;
use zbus::{Connection, MatchRule, MessageStream};

use super::asker::{Asker, Senders};
use super::backend::Backend;
use super::caller::{Credentials, Operators};
use super::client::{Client, Out, Road};
use super::error::IpcError;
use super::hub::Hub;
use super::{Parts, limits, peers, polkit};

const BUS_NAME: &str = "org.freedesktop.DBus";
const BUS_PATH: &str = "/org/freedesktop/DBus";

/// Which bus to serve on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bus {
    /// The system bus.
    System,
    /// The session bus of the user; for desktops.
    Session,
    /// A bus at a D-Bus address; for tests.
    Address(String),
}

impl Bus {
    const fn name(&self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Session => "session",
            Self::Address(_) => "configured",
        }
    }

    fn builder(&self) -> Builder<'static> {
        match self {
            Self::System => Builder::system(),
            Self::Session => Builder::session(),
            Self::Address(address) => Builder::address(address.as_str()),
        }
    }
}

/// Whether the daemon can be on a bus at all.
pub trait MaybeBus: Send {
    /// Joins it; what is given looks after the connection, and ends with it.
    fn join<B: Backend>(
        self,
        parts: Parts<B>,
        operators: Operators,
    ) -> impl Future<Output = Result<JoinHandle<()>, IpcError>> + Send;
}

/// There is none, and no code for one: a daemon inside an app.
#[derive(Debug)]
pub enum NoBus {}

impl MaybeBus for NoBus {
    async fn join<B: Backend>(self, _: Parts<B>, _: Operators) -> Result<JoinHandle<()>, IpcError> {
        match self {}
    }
}

impl MaybeBus for Bus {
    async fn join<B: Backend>(
        self,
        parts: Parts<B>,
        operators: Operators,
    ) -> Result<JoinHandle<()>, IpcError> {
        let on_bus = join(self, parts, operators).await?;
        Ok(tokio::spawn(on_bus.attend()))
    }
}

/// The clients seen on the bus.
#[derive(Debug)]
struct BusClients {
    operators: Operators,
    hub: Arc<Hub>,
    known: Mutex<BTreeMap<OwnedUniqueName, Arc<Client>>>,
}

impl BusClients {
    async fn find(&self, connection: &Connection, header: &Header<'_>) -> Result<Arc<Client>, ApiError> {
        let sender = header
            .sender()
            .ok_or_else(|| ApiError::NotAllowed("the bus does not say who is calling".to_owned()))?;
        let sender = OwnedUniqueName::from(sender.to_owned());
        if let Some(client) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&sender) {
            return Ok(Arc::clone(client));
        }
        let credentials = ask_bus(connection, &sender).await?;
        let caller = self.operators.caller(&credentials);
        let client = Client::new(caller, Road::Bus(sender.clone()), &self.hub.calls);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= limits::BUS_CLIENTS_MAX {
            let idle = known
                .iter()
                .find(|(_, client)| client.is_idle() && !self.hub.is_watching(client))
                .map(|(name, _)| name.clone());
            let Some(idle) = idle else {
                return Err(ApiError::Busy("too many clients on the bus; ask again later".to_owned()));
            };
            known.remove(&idle);
        }
        // Two calls of a new client may both have asked; the first answer counts.
        Ok(Arc::clone(known.entry(sender).or_insert(client)))
    }

    fn forget(&self, name: &OwnedUniqueName) {
        let gone = self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        if let Some(client) = gone {
            debug!("{} ({name}) left the bus", client.caller);
            self.hub.remove(&client);
        }
    }
}

impl Senders for BusClients {
    fn client<'a>(
        &'a self,
        connection: &'a Connection,
        header: &'a Header<'_>,
    ) -> BoxFuture<'a, Result<Arc<Client>, ApiError>> {
        Box::pin(self.find(connection, header))
    }

    fn may_operate<'a>(&'a self, connection: &'a Connection, header: &'a Header<'_>) -> BoxFuture<'a, bool> {
        Box::pin(polkit::allows(connection, header))
    }
}

async fn ask_bus(connection: &Connection, sender: &OwnedUniqueName) -> Result<Credentials, ApiError> {
    let unknown = |error: String| ApiError::NotAllowed(format!("the bus does not know {sender}: {error}"));
    let reply = connection
        .call_method(Some(BUS_NAME), BUS_PATH, Some(BUS_NAME), "GetConnectionCredentials", sender)
        .await
        .map_err(|error| unknown(error.to_string()))?;
    let body = reply.body();
    let credentials: ConnectionCredentials =
        body.deserialize().map_err(|error| unknown(error.to_string()))?;
    let uid = credentials.unix_user_id().ok_or_else(|| unknown("it has no Unix user".to_owned()))?;
    Ok(Credentials { uid, gids: credentials.into_unix_group_ids().unwrap_or_default() })
}

/// The connection to the bus, ready to be looked after.
struct OnBus<B> {
    connection: Connection,
    parts: Parts<B>,
    clients: Arc<BusClients>,
    leavers: MessageStream,
    orders: mpsc::Receiver<Out>,
}

/// Connects, shows the objects, and only then takes the name.
async fn join<B: Backend>(bus: Bus, parts: Parts<B>, operators: Operators) -> Result<OnBus<B>, IpcError> {
    let hub = Arc::clone(&parts.hub);
    let clients = Arc::new(BusClients { operators, hub: Arc::clone(&hub), known: Mutex::default() });
    let (out, orders) = mpsc::channel(limits::SIGNALS_ON_BUS_MAX);
    let asker = Asker::Bus(Arc::clone(&clients) as Arc<dyn Senders>);
    let printers: Vec<_> = hub.printer_names().into_iter().map(Arc::from).collect();
    let no_bus = |source| IpcError::NoBus { bus: bus.name(), source };
    let connection = peers::objects(bus.builder(), &parts, &asker, &printers)
        .allow_name_replacements(false)
        .replace_existing_names(false)
        .build()
        .await
        .map_err(no_bus)?;
    let leavers = watch_leavers(&connection).await.map_err(no_bus)?;
    hub.set_bus(out);
    let flags = zbus::fdo::RequestNameFlags::DO_NOT_QUEUE;
    connection.request_name_with_flags(names::BUS_NAME, flags).await.map_err(|error| match error {
        zbus::Error::NameTaken => IpcError::NameTaken { bus: bus.name() },
        zbus::Error::FDO(error) if matches!(*error, zbus::fdo::Error::AccessDenied(_)) => {
            IpcError::NameDenied { bus: bus.name(), message: error.to_string() }
        }
        source => no_bus(source),
    })?;
    Ok(OnBus { connection, parts, clients, leavers, orders })
}

/// The names that nobody owns any more, as they go.
async fn watch_leavers(connection: &Connection) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(BUS_NAME)
        .interface(BUS_NAME)
        .member("NameOwnerChanged")
        .arg(2, "")
        .build()?;
    MessageStream::for_match_rule(rule, connection, None).await
}

impl<B: Backend> OnBus<B> {
    /// Looks after the connection until it ends.
    async fn attend(self) {
        let Self { connection, parts, clients, mut leavers, mut orders } = self;
        let hub = Arc::clone(&parts.hub);
        let asker = Asker::Bus(Arc::clone(&clients) as Arc<dyn Senders>);
        let forgetting = async {
            while let Some(Ok(message)) = leavers.next().await {
                let body = message.body();
                if let Ok((name, _, _)) = body.deserialize::<(&str, &str, &str)>()
                    && let Ok(name) = OwnedUniqueName::try_from(name)
                {
                    clients.forget(&name);
                }
            }
        };
        let telling = async {
            loop {
                // One order at a time, so that those who lost their watch hear of it as soon as there is room.
                let Some(order) = orders.recv().await else { return };
                if let Err(error) = peers::carry_out_one(&connection, &parts, &asker, order).await {
                    debug!("the bus could not be told: {error}");
                }
                for name in hub.take_lost() {
                    if let Err(error) = tell_lost(&connection, &name).await {
                        debug!("{name} cannot be told that it lost its watch: {error}");
                    }
                }
            }
        };
        tokio::select! {
            () = connection.closed() => {}
            () = forgetting => {}
            () = telling => {}
        }
        warn!("the connection to the bus ended");
    }
}

async fn tell_lost(connection: &Connection, name: &OwnedUniqueName) -> zbus::Result<()> {
    let signal = Message::signal(names::SPOOLER_PATH, names::SPOOLER_INTERFACE, "WatchLost")
        .destination(&**name)
        .build(&"signals could not be sent as fast as jobs changed; call Watch again and list the jobs")?;
    connection.send(&signal).await
}
