//! Listening to what the daemon says by itself, on a bus and on a socket alike, in the order in which it was said.
//!
//! On a bus anyone may send a signal to this connection: only those of who has the daemon's name are believed, and when
//! another has it, listening ends, since that one has not been asked to speak. On a socket there is only the daemon.

use std::collections::BTreeMap;
use std::num::NonZero;

use futures_util::StreamExt;
use zbus::message::Type;
use zbus::names::OwnedUniqueName;
use zbus::{Connection, MatchRule, Message, MessageStream, ObjectPath};

use crate::call::PROPERTIES;
use crate::connect::Client;
use crate::dict::{Entries, Item};
use crate::error::CallError;
use crate::names;
use crate::types::{JobFilter, JobInfo};

/// Signals that may wait here for whoever listens; the daemon's own bound is not larger. When it is full nothing more is read
/// from the connection, answers neither.
const QUEUED_MAX: NonZero<usize> = NonZero::new(256).unwrap();
/// Changes of who has the daemon's name that may wait, two for each restart. Listening ends with the first, but a full queue
/// would hold up the answers too.
const OWNERS_MAX: NonZero<usize> = NonZero::new(64).unwrap();

/// The name of a bus itself, and of its interface.
const BUS: &str = "org.freedesktop.DBus";
const BUS_PATH: &str = "/org/freedesktop/DBus";

/// What the daemon says by itself.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Signal {
    /// A watched job changed. It is without its story.
    Job(Box<JobInfo>),
    /// On a bus: signals were not taken fast enough, and this client's watch has ended, for this reason. Call
    /// [`crate::Spooler::watch`] again, then list the jobs. (On a socket the connection ends instead.)
    WatchLost(String),
    /// Properties changed that this client has read, or an object is new.
    Properties {
        /// The object: [`names::SPOOLER_PATH`], or a printer ([`names::printer_name`]).
        path: String,
        /// Which of its properties, by their names on D-Bus; empty of an object that is new.
        names: Vec<String>,
        /// The state of the store if that is what changed: it may be another one again when it is asked for.
        store: Option<String>,
    },
}

/// The signals of one connection. A stream that nobody takes from holds up the answers to calls of the same connection.
#[derive(Debug)]
pub struct Signals {
    messages: MessageStream,
    bus: Option<OnBus>,
    /// Once another has the name, or nobody: whoever comes has not been asked to speak.
    gone: bool,
}

/// Who has the daemon's name on a bus.
#[derive(Debug)]
struct OnBus {
    owner: OwnedUniqueName,
    changes: MessageStream,
}

/// The changes of watched jobs. Ends with the connection.
#[derive(Debug)]
pub struct JobChanges(Signals);

impl Client {
    /// Begins to listen. Nothing is said before it is asked for: jobs by [`crate::Spooler::watch`], properties by reading them.
    ///
    /// # Errors
    /// On a bus: nobody has the daemon's name ([`CallError::NotRunning`]; a daemon that the bus would start is not started by
    /// who only listens), or the bus can't be asked.
    pub async fn listen(&self) -> Result<Signals, CallError> {
        let connection = self.connection();
        let mut rule = MatchRule::builder().msg_type(Type::Signal).path_namespace(names::ROOT_PATH);
        let mut bus = None;
        if connection.is_bus() {
            rule = rule.sender(names::BUS_NAME);
            bus = Some(OnBus::find(connection).await?);
        }
        let messages = MessageStream::for_match_rule(rule.build()?, connection, Some(QUEUED_MAX)).await?;
        Ok(Signals { messages, bus, gone: false })
    }

    /// Begins to watch, and gives what changes from now on. A second call replaces the filter of the first.
    ///
    /// # Errors
    /// What the daemon says, or that it can't be reached.
    pub async fn watch(&self, filter: &JobFilter) -> Result<JobChanges, CallError> {
        // First the ear, then the request to speak: no change falls between them.
        let signals = self.listen().await?;
        self.spooler().watch(filter).await?;
        Ok(JobChanges(signals))
    }
}

impl JobChanges {
    /// The next change; `None` once the connection is gone.
    pub async fn next(&mut self) -> Option<JobInfo> {
        loop {
            if let Signal::Job(job) = self.0.next().await? {
                return Some(*job);
            }
        }
    }
}

impl Signals {
    /// The next thing said; `None` from when the daemon is gone, or on a bus when it was replaced. What it says that this version
    /// does not know is passed over. Nothing is lost if this is dropped before it is done.
    pub async fn next(&mut self) -> Option<Signal> {
        while !self.gone {
            let message = match &mut self.bus {
                None => self.messages.next().await?,
                Some(OnBus { changes, .. }) => tokio::select! {
                    biased;
                    message = self.messages.next() => message?,
                    _ = changes.next() => {
                        self.gone = true;
                        continue;
                    }
                },
            };
            let Ok(message) = message else { continue };
            let believed = match &self.bus {
                Some(bus) => message.header().sender().is_some_and(|sender| *sender == bus.owner),
                None => true,
            };
            if believed && let Some(signal) = read(&message) {
                return Some(signal);
            }
        }
        None
    }
}

impl OnBus {
    async fn find(connection: &Connection) -> Result<Self, CallError> {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(BUS)
            .path(BUS_PATH)
            .interface(BUS)
            .member("NameOwnerChanged")
            .arg(0, names::BUS_NAME)
            .build()?;
        // Before the question, so that no change falls between them.
        let changes = MessageStream::for_match_rule(rule, connection, Some(OWNERS_MAX)).await?;
        let answer = connection.call_method(Some(BUS), BUS_PATH, Some(BUS), "GetNameOwner", &names::BUS_NAME);
        let owner = answer.await?.body().deserialize()?;
        Ok(Self { owner, changes })
    }
}

fn read(message: &Message) -> Option<Signal> {
    let header = message.header();
    let body = message.body();
    match (header.interface()?.as_str(), header.member()?.as_str()) {
        (names::SPOOLER_INTERFACE, "JobChanged") => {
            let (_, _, job) = body.deserialize::<(u64, String, JobInfo)>().ok()?;
            Some(Signal::Job(Box::new(job)))
        }
        (names::SPOOLER_INTERFACE, "WatchLost") => body.deserialize().ok().map(Signal::WatchLost),
        (PROPERTIES, "PropertiesChanged") => {
            let (_, changed, _) = body.deserialize::<(&str, Entries<'_>, Vec<&str>)>().ok()?;
            let (mut names, mut store) = (Vec::new(), None);
            for (name, value) in changed {
                names.push(name.to_owned());
                if let ("StoreState", Item::Str(state)) = (name, value) {
                    store = Some(state.to_owned());
                }
            }
            Some(Signal::Properties { path: header.path()?.as_str().to_owned(), names, store })
        }
        ("org.freedesktop.DBus.ObjectManager", "InterfacesAdded") => {
            // What the new object is, is read anew anyway.
            let (path, _) = body.deserialize::<(ObjectPath<'_>, BTreeMap<&str, Entries<'_>>)>().ok()?;
            Some(Signal::Properties { path: path.as_str().to_owned(), names: Vec::new(), store: None })
        }
        _ => None,
    }
}
