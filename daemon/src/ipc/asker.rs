//! Who a call comes from: the one peer of the connection, or the sender on the bus.

use std::sync::Arc;

use receiptd_api::ApiError;
use zbus::Connection;
use zbus::message::Header;

use super::bus::BusClients;
use super::client::{Call, Client};
use super::hub::Hub;

/// How the objects of one connection find their caller.
#[derive(Debug, Clone)]
pub(super) enum Asker {
    Peer(Arc<Client>),
    Bus(Arc<BusClients>),
}

impl Asker {
    /// Begins a call: refuses if the server is going down, the caller cannot be told, or has too much under way.
    pub(super) async fn begin(
        &self,
        hub: &Hub,
        connection: &Connection,
        header: &Header<'_>,
    ) -> Result<Call, ApiError> {
        hub.check_open()?;
        match self {
            Self::Peer(client) => client.begin(),
            Self::Bus(clients) => clients.client(connection, header).await?.begin(),
        }
    }

    /// Someone has read a property: a peer that did is told of changes from now on.
    pub(super) fn has_read(&self, header: Option<&Header<'_>>) {
        if header.is_some()
            && let Self::Peer(client) = self
        {
            client.set_interested();
        }
    }
}
