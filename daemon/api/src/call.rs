//! One call of a method, the same code for all of them: its arguments are one type, and so is its answer until it is read.
//!
//! Proxies that zbus makes have code of their own for each method: with those for listening 0.15 MB of the library that an Android
//! app carries. What the methods are is left to [`crate::spooler`].

use std::future::Future;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde::ser::{Serialize, Serializer};
use zbus::message::{Flags, Type as MessageType};
use zbus::{DynamicType, Fd, Message, MessageStream, Signature, Type};

use crate::connect::{CALL_TIMEOUT, PATIENT_TIMEOUT};
use crate::error::CallError;
use crate::line::Line;
use crate::names;
use crate::types::{Document, JobFilter, SubmitOptions};
use crate::words::{Kind, Outcome};

/// The standard interface by which all properties of an object are read.
pub(crate) const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// Which method.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Method<'a> {
    /// The object's path.
    pub path: &'a str,
    /// The interface.
    pub interface: &'static str,
    /// The method.
    pub name: &'static str,
    /// Whether the daemon may have somebody asked for a password (polkit) before it answers.
    pub may_ask: bool,
}

/// What methods are called with.
#[derive(Debug)]
pub(crate) enum Arguments<'a> {
    /// Nothing.
    None,
    /// Key, printer, kind, document, options.
    Submit(&'a str, &'a str, Kind, Document<'a>, &'a SubmitOptions),
    /// The same, with a descriptor.
    SubmitFd(&'a str, &'a str, Kind, Fd<'a>, &'a SubmitOptions),
    /// Which jobs.
    Filter(&'a JobFilter),
    /// A job.
    Id(u64),
    /// A key, or the name of an interface.
    Text(&'a str),
    /// A job and a reason.
    IdText(u64, &'a str),
    /// A job, a reason, a key.
    IdTexts(u64, &'a str, &'a str),
    /// A job, what became of it, a note.
    Resolve(u64, Outcome, &'a str),
    /// A printer and a length in mm.
    Length(&'a str, u32),
}

impl DynamicType for Arguments<'_> {
    fn signature(&self) -> Signature {
        let signature = match self {
            Self::None => <()>::SIGNATURE,
            Self::Submit(..) => <(&str, &str, Kind, Document<'_>, SubmitOptions)>::SIGNATURE,
            Self::SubmitFd(..) => <(&str, &str, Kind, Fd<'_>, SubmitOptions)>::SIGNATURE,
            Self::Filter(_) => JobFilter::SIGNATURE,
            Self::Id(_) => u64::SIGNATURE,
            Self::Text(_) => <&str>::SIGNATURE,
            Self::IdText(..) => <(u64, &str)>::SIGNATURE,
            Self::IdTexts(..) => <(u64, &str, &str)>::SIGNATURE,
            Self::Resolve(..) => <(u64, Outcome, &str)>::SIGNATURE,
            Self::Length(..) => <(&str, u32)>::SIGNATURE,
        };
        signature.clone()
    }
}

impl Serialize for Arguments<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => ().serialize(to),
            Self::Submit(key, printer, kind, document, options) => {
                (key, printer, kind, document, options).serialize(to)
            }
            Self::SubmitFd(key, printer, kind, document, options) => {
                (key, printer, kind, document, options).serialize(to)
            }
            Self::Filter(filter) => filter.serialize(to),
            Self::Id(id) => id.serialize(to),
            Self::Text(text) => text.serialize(to),
            Self::IdText(id, text) => (id, text).serialize(to),
            Self::IdTexts(id, text, key) => (id, text, key).serialize(to),
            Self::Resolve(id, outcome, note) => (id, outcome, note).serialize(to),
            Self::Length(printer, length) => (printer, length).serialize(to),
        }
    }
}

/// The daemon's answer as it came.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<Message, CallError>> + Send + 'a>>;

/// A call under way: await it for what the daemon says. It is sent when it is first polled. Go on polling it or drop it: who
/// holds it and does not poll it stops all reading from the connection, and sending once it is its turn.
#[must_use = "it is not sent before it is awaited"]
pub struct Asked<'a, T> {
    reply: Reply<'a>,
    answer: PhantomData<fn() -> T>,
}

impl<'a, T: DeserializeOwned + Type> Asked<'a, T> {
    pub(crate) fn new(line: &'a Line, method: Method<'a>, arguments: Arguments<'a>) -> Self {
        let reply: Reply<'a> = Box::pin(ask(line, method, arguments));
        Self { reply, answer: PhantomData }
    }

    /// The answer unread, for whoever reads the answers of many methods in one place; see [`Self::read`].
    pub fn into_reply(self) -> Reply<'a> {
        self.reply
    }

    /// What an answer to this method says.
    ///
    /// # Errors
    /// It is not what this version of the interface answers.
    pub fn read(reply: &Message) -> Result<T, CallError> {
        Ok(reply.body().deserialize()?)
    }
}

impl<T: DeserializeOwned + Type> Future for Asked<'_, T> {
    type Output = Result<T, CallError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let reply = ready!(self.reply.as_mut().poll(context))?;
        Poll::Ready(Self::read(&reply))
    }
}

/// As zbus calls, but that the daemon may have a person asked, by a flag that zbus sets for its own proxies only, and that
/// what is sent is sent by [`Line`].
async fn ask(line: &Line, method: Method<'_>, arguments: Arguments<'_>) -> Result<Message, CallError> {
    let mut call = Message::method_call(method.path, method.name)
        .destination(names::BUS_NAME)
        .interface(method.interface);
    let mut time = CALL_TIMEOUT;
    if method.may_ask {
        call = call.with_flags(Flags::ALLOW_INTERACTIVE_AUTH);
        time = PATIENT_TIMEOUT;
    }
    let call = call.build(&arguments)?;
    let late = |_| CallError::Disconnected(format!("no answer within {} s", time.as_secs()));
    tokio::time::timeout(time, answer(line, &call)).await.map_err(late)?
}

async fn answer(line: &Line, call: &Message) -> Result<Message, CallError> {
    let serial = call.primary_header().serial_num();
    // First the ear: the answer may be there before `send` returns.
    let mut heard = MessageStream::from(line.connection());
    let mut send = pin!(line.send(call));
    let mut sent = false;
    loop {
        let message = tokio::select! {
            // Messages are taken meanwhile too: who does not read may find that the daemon does not read either.
            done = &mut send, if !sent => {
                done?;
                sent = true;
                continue;
            }
            message = heard.next() => message,
        };
        let Some(message) = message else {
            return Err(CallError::Disconnected("the connection was closed".to_owned()));
        };
        let message = message?;
        if message.header().reply_serial() == Some(serial) {
            match message.message_type() {
                MessageType::Error => return Err(zbus::Error::from(message).into()),
                MessageType::MethodReturn => return Ok(message),
                // Of a stranger on the bus: no answer, whatever it says.
                _ => {}
            }
        }
    }
}
