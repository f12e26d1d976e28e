//! The two standard interfaces we serve ourselves: the ObjectManager, and a little of a bus for peers.
//!
//! zbus has an ObjectManager, but it would not let us know that someone asked, so that the peer is told of
//! changes from then on. (zbus does emit `InterfacesAdded` and `InterfacesRemoved` for ours.) And clients that
//! only know buses, such as busctl, say `Hello` and add match rules even to a peer; answering that costs
//! nothing and makes them work on the socket.

#![expect(clippy::disallowed_types, reason = "zbus's macro writes HashMap; nothing here iterates over one")]

use std::collections::BTreeMap;
use std::sync::Arc;

use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::{ObjectPath, OwnedObjectPath, OwnedVariant, fdo};

use super::asker::Asker;
use super::hub::Hub;
use super::properties;

/// Properties by name by interface, as they are returned.
type OwnedInterfaces = BTreeMap<String, BTreeMap<String, OwnedVariant>>;

/// `org.freedesktop.DBus.ObjectManager`.
pub(super) struct Objects {
    pub hub: Arc<Hub>,
    pub asker: Asker,
}

#[zbus::interface(name = "org.freedesktop.DBus.ObjectManager", introspection_docs = false)]
impl Objects {
    #[zbus(out_args("objects"))]
    async fn get_managed_objects(
        &self,
        #[zbus(header)] header: Header<'_>,
    ) -> fdo::Result<BTreeMap<ObjectPath<'static>, OwnedInterfaces>> {
        self.asker.has_read(Some(&header));
        self.hub.with_all(|store, warnings, printers| {
            let objects = properties::of_everything(store, warnings, printers);
            objects.into_iter().map(|(path, interfaces)| Ok((path, owned(interfaces)?))).collect()
        })
    }

    #[zbus(signal)]
    async fn interfaces_added(
        emitter: &SignalEmitter<'_>,
        object: OwnedObjectPath,
        interfaces: OwnedInterfaces,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn interfaces_removed(
        emitter: &SignalEmitter<'_>,
        object: OwnedObjectPath,
        interfaces: Vec<String>,
    ) -> zbus::Result<()>;
}

fn owned(interfaces: properties::Interfaces<'_>) -> zbus::Result<OwnedInterfaces> {
    interfaces
        .into_iter()
        .map(|(interface, properties)| {
            let properties = properties
                .into_iter()
                .map(|(name, value)| Ok((name.to_owned(), OwnedVariant::try_from(value)?)))
                .collect::<zbus::Result<_>>()?;
            Ok((interface.to_owned(), properties))
        })
        .collect()
}

/// What a bus would answer, on a connection that has no bus: you are `:1.0`.
pub(super) struct NoBus;

#[zbus::interface(name = "org.freedesktop.DBus", introspection_docs = false)]
impl NoBus {
    async fn hello(&self) -> &str {
        ":1.0"
    }

    async fn add_match(&self, _rule: &str) {}

    async fn remove_match(&self, _rule: &str) {}

    // No `GetNameOwner`: zbus clients take its failure to mean that signals have no sender, which is so here.
}
