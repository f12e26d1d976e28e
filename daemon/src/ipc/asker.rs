//! Who a call comes from: the one peer of the connection, or the sender on the bus.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use receiptd_api::ApiError;
use zbus::Connection;
use zbus::message::Header;

use super::client::{Call, Client};
use super::hub::Hub;

/// How the objects of one connection find their caller.
#[derive(Debug, Clone)]
pub(super) enum Asker {
    Peer(Arc<Client>),
    Bus(Arc<dyn Senders>),
}

/// Those who send over a bus. A trait, so that a daemon without a bus does not carry the code for one.
pub(super) trait Senders: std::fmt::Debug + Send + Sync {
    /// The client that sent `header`.
    fn client<'a>(
        &'a self,
        connection: &'a Connection,
        header: &'a Header<'_>,
    ) -> BoxFuture<'a, Result<Arc<Client>, ApiError>>;

    /// Whether the sender may act as an operator although it is none by group. A person may be asked.
    fn may_operate<'a>(&'a self, connection: &'a Connection, header: &'a Header<'_>) -> BoxFuture<'a, bool>;
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
            Self::Bus(senders) => senders.client(connection, header).await?.begin(),
        }
    }

    /// Whether the caller may act as an operator although it is none by group. A peer may not: nobody can say more of it.
    pub(super) async fn may_operate(&self, connection: &Connection, header: &Header<'_>) -> bool {
        match self {
            Self::Peer(_) => false,
            Self::Bus(senders) => senders.may_operate(connection, header).await,
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
