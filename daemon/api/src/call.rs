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
use zbus::{Connection, DynamicType, Fd, Message, MessageStream, Signature, Type};

use crate::connect::{CALL_TIMEOUT, PATIENT_TIMEOUT};
use crate::error::CallError;
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

/// A call under way: await it for what the daemon says. It is sent when it is first polled.
#[must_use = "it is not sent before it is awaited"]
pub struct Asked<'a, T> {
    reply: Reply<'a>,
    answer: PhantomData<fn() -> T>,
}

impl<'a, T: DeserializeOwned + Type> Asked<'a, T> {
    pub(crate) fn new(connection: &'a Connection, method: Method<'a>, arguments: Arguments<'a>) -> Self {
        let reply: Reply<'a> = Box::pin(ask(connection, method, arguments));
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

/// As zbus calls, but for two things. The daemon may have a person asked, by a flag that zbus sets for its own proxies only. And
/// a message that the daemon did not take to its end in time ends the connection: what came behind half of one would not be
/// understood.
async fn ask(
    connection: &Connection,
    method: Method<'_>,
    arguments: Arguments<'_>,
) -> Result<Message, CallError> {
    let mut call = Message::method_call(method.path, method.name)
        .destination(names::BUS_NAME)
        .interface(method.interface);
    let mut time = CALL_TIMEOUT;
    if method.may_ask {
        call = call.with_flags(Flags::ALLOW_INTERACTIVE_AUTH);
        time = PATIENT_TIMEOUT;
    }
    let call = call.build(&arguments)?;
    let mut sent = false;
    match tokio::time::timeout(time, answer(connection, &call, &mut sent)).await {
        Ok(answer) => answer,
        Err(_) => {
            if !sent {
                // It is of no use any more, however its end goes.
                let _ = connection.clone().close().await;
            }
            Err(CallError::Disconnected(format!("no answer within {} s", time.as_secs())))
        }
    }
}

async fn answer(connection: &Connection, call: &Message, sent: &mut bool) -> Result<Message, CallError> {
    let serial = call.primary_header().serial_num();
    // First the ear: the answer may be there before `send` returns.
    let mut heard = MessageStream::from(connection);
    let mut send = pin!(connection.send(call));
    let mut reply = None;
    loop {
        // The daemon may know its answer before it has read all, and then it goes on reading: half a message is not left behind.
        if *sent && let Some(reply) = reply.take() {
            return reply;
        }
        let message = tokio::select! {
            // Messages are taken meanwhile too: who does not read may find that the daemon does not read either.
            done = &mut send, if !*sent => {
                *sent = true;
                if let Err(error) = done {
                    return reply.unwrap_or(Err(error.into()));
                }
                continue;
            }
            message = heard.next() => message,
        };
        let Some(message) = message else {
            let closed = CallError::Disconnected("the connection was closed".to_owned());
            return reply.unwrap_or(Err(closed));
        };
        let message = message?;
        if message.header().reply_serial() == Some(serial) {
            match message.message_type() {
                MessageType::Error => reply = Some(Err(zbus::Error::from(message).into())),
                MessageType::MethodReturn => reply = Some(Ok(message)),
                // Of a stranger on the bus: no answer, whatever it says.
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;

    use crate::{CallError, Client, Document, Kind, SubmitOptions};

    /// Shakes hands as a D-Bus server, and from then on reads nothing.
    fn shake_hands(stream: &mut UnixStream) {
        let mut line = |answer: &[u8]| {
            let mut byte = [0];
            while stream.read_exact(&mut byte).is_ok() && byte != *b"\n" {}
            stream.write_all(answer).unwrap();
        };
        line(b"OK 0123456789abcdef0123456789abcdef\r\n");
        line(b"AGREE_UNIX_FD\r\n");
        line(b"");
    }

    #[tokio::test]
    async fn after_half_a_message_nothing_more_is_sent() {
        let (ours, mut its) = UnixStream::pair().unwrap();
        let server = std::thread::spawn(move || {
            shake_hands(&mut its);
            its
        });
        let client = Client::over_stream(ours).await.unwrap();
        let mut its = server.join().unwrap();
        // From here on time is what the test makes of it: it runs where nothing else does.
        tokio::time::pause();
        let (document, options) = (vec![b' '; 4 << 20], SubmitOptions::default());
        let submit = client.spooler().submit("k", "", Kind::Text, Document(&document), &options);
        let CallError::Disconnected(why) = submit.await.unwrap_err() else { panic!("it was answered") };
        assert!(why.contains("30 s"), "{why}");
        let next = client.spooler().get_job(1).await;
        assert!(matches!(next, Err(CallError::Disconnected(_))), "{next:?}");
        // An end of the stream: the connection was closed.
        its.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
        let mut taken = Vec::new();
        its.read_to_end(&mut taken).unwrap();
        assert!(taken.len() < document.len(), "all of it was sent");
        assert!(!taken.windows(6).any(|bytes| bytes == b"GetJob"));
    }
}
