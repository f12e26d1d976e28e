//! Asks polkit whether a caller on the system bus may act as an operator although it is none by group: an
//! administrator's rule may say so, or a person types a password. Where polkit is not there, nobody may.

use std::collections::BTreeMap;
use std::time::Duration;

use log::debug;
use serde::Serialize;
use zbus::Connection;
use zbus::message::{Flags, Header};
use zbus::names::UniqueName;
use zbus::{Type, Variant};

const NAME: &str = "org.freedesktop.PolicyKit1";
const PATH: &str = "/org/freedesktop/PolicyKit1/Authority";
const INTERFACE: &str = "org.freedesktop.PolicyKit1.Authority";
/// The one action; what it is called for people stands in `systemd/polkit/io.receiptd.policy`.
const ACTION: &str = "io.receiptd.operate";
/// `AllowUserInteraction` of `CheckAuthorizationFlags`.
const MAY_ASK_A_PERSON: u32 = 1;

/// Longest wait for a rule to be looked at: polkit may have to be started first.
const RULE_WAIT: Duration = Duration::from_secs(25);
/// Longest wait for a person to find the password.
const PERSON_WAIT: Duration = Duration::from_secs(120);
// A client of ours that gave up first would tell of a failure, and it would be done all the same.
const _: () = assert!(PERSON_WAIT.as_secs() < receiptd_api::connect::PATIENT_TIMEOUT.as_secs());

/// What polkit calls a subject: its kind and what identifies it.
#[derive(Serialize, Type)]
struct Subject<'a>(&'a str, BTreeMap<&'a str, Variant<'a>>);

/// Whether the sender of this message may act as an operator. A person is asked only if the message says that one is
/// there.
pub(super) async fn allows(connection: &Connection, header: &Header<'_>) -> bool {
    let Some(sender) = header.sender() else { return false };
    let person = header.primary().flags().contains(Flags::ALLOW_INTERACTIVE_AUTH);
    let wait = if person { PERSON_WAIT } else { RULE_WAIT };
    match tokio::time::timeout(wait, ask(connection, sender, person)).await {
        Ok(Ok(allowed)) => allowed,
        Ok(Err(error)) => {
            debug!("polkit does not say whether {sender} may: {error}");
            false
        }
        Err(_) => {
            debug!("polkit did not say in time whether {sender} may");
            false
        }
    }
}

async fn ask(connection: &Connection, sender: &UniqueName<'_>, person: bool) -> zbus::Result<bool> {
    let mut who = BTreeMap::new();
    who.insert("name", Variant::from(sender.as_str()));
    let subject = Subject("system-bus-name", who);
    let details = BTreeMap::<&str, &str>::new();
    let flags = if person { MAY_ASK_A_PERSON } else { 0 };
    // The last word would be a name for the question, by which it could be taken back; it ends with the sender anyway.
    let question = (subject, ACTION, details, flags, "");
    let reply =
        connection.call_method(Some(NAME), PATH, Some(INTERFACE), "CheckAuthorization", &question).await?;
    let body = reply.body();
    let (allowed, _challenge, _details) = body.deserialize::<(bool, bool, BTreeMap<String, String>)>()?;
    Ok(allowed)
}
