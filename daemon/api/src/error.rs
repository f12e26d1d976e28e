//! What can go wrong, as D-Bus error names; each tells the caller what it can do about it.
//!
//! [`ApiError`] is the closed list the daemon answers with. [`CallError`] is what a client sees: one of those,
//! or that the daemon could not be asked. Messages are English and for people; programs look at the name.

use std::borrow::Cow;

use zbus::DBusError;
use zbus::message::{Header, Message};
use zbus::names::ErrorName;

/// Whether it makes sense to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// No: the same question will get the same answer.
    Never,
    /// Yes, after a while (begin with 200 ms, then longer), with the *same key*.
    Same,
    /// After a person or an integrator has done something; then with the same key.
    AfterPerson,
}

/// Declares the error list: name, when, retry, Chinese sentence.
macro_rules! errors {
    ($($(#[$doc:meta])* $variant:ident, $retry:ident, $zh:literal;)+) => {
        /// An answer of the daemon that is not the one hoped for. The string is a sentence for people.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ApiError {
            $($(#[$doc])* $variant(String),)+
        }

        impl ApiError {
            /// Every error name without its prefix, in the order of their declaration.
            pub const NAMES: &[&str] = &[$(stringify!($variant),)+];

            /// The error with the name `name` (with prefix), or `None` if it is not one of ours.
            pub fn from_name(name: &str, message: &str) -> Option<Self> {
                match name.strip_prefix(crate::names::ERROR_PREFIX)? {
                    $(stringify!($variant) => Some(Self::$variant(message.to_owned())),)+
                    _ => None,
                }
            }

            /// The D-Bus name of the error.
            pub const fn full_name(&self) -> &'static str {
                match self { $(Self::$variant(_) => concat!("io.receiptd.Error.", stringify!($variant)),)+ }
            }

            /// The sentence for people, in English.
            pub fn message(&self) -> &str {
                match self { $(Self::$variant(message) => message,)+ }
            }

            /// Whether it makes sense to ask again.
            pub const fn retry(&self) -> Retry {
                match self { $(Self::$variant(_) => Retry::$retry,)+ }
            }

            /// What the error means, for people, in Chinese, without the details of [`Self::message`].
            pub const fn message_zh(&self) -> &'static str {
                match self { $(Self::$variant(_) => $zh,)+ }
            }
        }
    };
}

errors! {
    /// The document cannot be read; the message names the place (a JSON path, a line, an offset). Mend it.
    InvalidDocument, Never, "小票内容有误，无法接受；请修改后重新提交";
    /// Another argument is wrong; the message names it.
    InvalidArgument, Never, "参数有误";
    /// The document, or something in it (lines, paper, entries, data of a code, pixels), is more than allowed; the
    /// message names the limit.
    TooLarge, Never, "内容超过允许的大小";
    /// The key was used for other content. Use a key of its own for each receipt.
    KeyConflict, Never, "该流水键已用于另一张内容不同的小票";
    /// No printer of that name is configured, or none at all.
    UnknownPrinter, AfterPerson, "没有配置该打印机";
    /// No such job, or it is not the caller's to see.
    UnknownJob, Never, "没有该打印任务，或无权查看";
    /// The caller may not do this; the message says who may.
    NotAllowed, AfterPerson, "没有权限执行该操作";
    /// Too many jobs wait for the printer. Look why they do not come out.
    QueueFull, AfterPerson, "打印队列已满，请先处理打印机故障";
    /// No room on the disk. A receipt was not accepted; what was decided about a job stands, but is not on the disk
    /// yet (the message says which).
    StoreFull, AfterPerson, "存储空间已满：新小票未被接受，对任务的操作尚未存盘";
    /// The disk failed. A receipt was not accepted and is only where the caller has it; what was decided about a job
    /// stands, but is not on the disk yet (the message says which).
    StoreFailed, AfterPerson, "存储故障：新小票未被接受，对任务的操作尚未存盘";
    /// The job is not in a state in which this can be done; the message says in which it is.
    WrongState, Never, "任务当前状态不允许该操作";
    /// The printer can't be probed now: it prints, is not there, or can't print; the message says which.
    PrinterNotReady, AfterPerson, "打印机现在不能检测";
    /// The document is no longer stored, so it cannot be printed again.
    BodyGone, Never, "小票原文已不再保存，无法重打";
    /// The caller watches too many things already.
    TooManyWatches, Never, "订阅数量过多";
    /// Too much at once, of the caller's calls or for the disk; the message says which. Ask again in a moment.
    Busy, Same, "服务正忙，请稍后用同一键重试";
    /// The daemon is going down or coming up. Ask again; a job that was accepted is safe.
    ShuttingDown, Same, "服务正在停止或启动，请稍后用同一键重试";
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for ApiError {}

impl DBusError for ApiError {
    fn create_reply(&self, call: &Header<'_>) -> zbus::Result<Message> {
        Message::error(call, self.name()).build(&self.message())
    }

    fn name(&self) -> ErrorName<'_> {
        ErrorName::from_static_str_unchecked(self.full_name())
    }

    fn description(&self) -> Option<&str> {
        Some(self.message())
    }
}

/// Why a call did not give an answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The daemon answered with an error.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The connection broke. Whether the call was carried out is not known: connect and ask again with the
    /// same key.
    #[error("the connection to receiptd broke before it answered; ask again with the same key ({0})")]
    Disconnected(String),
    /// Nobody owns the bus name.
    #[error("receiptd is not running: nobody owns io.receiptd on the bus (is receiptd.service started?)")]
    NotRunning,
    /// The bus's policy forbids it.
    #[error("the bus does not let this user call receiptd ({0}); see the D-Bus policy file io.receiptd.conf")]
    DeniedByBus(String),
    /// Anything else: a version that does not fit, a broken message.
    #[error("receiptd could not be asked: {0}")]
    Other(zbus::Error),
}

impl CallError {
    /// Whether it makes sense to ask again.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Api(error) => error.retry(),
            Self::Disconnected(_) => Retry::Same,
            Self::NotRunning | Self::DeniedByBus(_) => Retry::AfterPerson,
            Self::Other(_) => Retry::Never,
        }
    }

    /// The same, of a call to the printer object at `path`: no such object means no such printer.
    pub(crate) fn of_printer(self, path: &str) -> Self {
        let unknown = match &self {
            Self::Other(zbus::Error::MethodError(name, ..)) => {
                name.as_str() == "org.freedesktop.DBus.Error.UnknownObject"
            }
            Self::Other(zbus::Error::FDO(error)) => matches!(**error, zbus::fdo::Error::UnknownObject(_)),
            _ => false,
        };
        match crate::names::printer_name(path) {
            Some(name) if unknown => {
                Self::Api(ApiError::UnknownPrinter(format!("no printer \"{name}\" is configured")))
            }
            _ => self,
        }
    }

    /// What it means, for people, in Chinese.
    pub fn message_zh(&self) -> Cow<'static, str> {
        match self {
            Self::Api(error) => Cow::Borrowed(error.message_zh()),
            Self::Disconnected(_) => Cow::Borrowed("与打印服务的连接中断，请重新连接后用同一键重试"),
            Self::NotRunning => Cow::Borrowed("打印服务 receiptd 没有运行"),
            Self::DeniedByBus(_) => Cow::Borrowed("系统总线策略不允许当前用户访问打印服务"),
            Self::Other(error) => Cow::Owned(format!("无法调用打印服务：{error}")),
        }
    }
}

impl From<zbus::Error> for CallError {
    fn from(error: zbus::Error) -> Self {
        use zbus::fdo;
        match error {
            zbus::Error::MethodError(name, message, reply) => {
                match ApiError::from_name(name.as_str(), message.as_deref().unwrap_or_default()) {
                    Some(error) => Self::Api(error),
                    None => Self::Other(zbus::Error::MethodError(name, message, reply)),
                }
            }
            zbus::Error::InputOutput(error) => Self::Disconnected(error.to_string()),
            zbus::Error::FDO(error) => match *error {
                fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_) => Self::NotRunning,
                fdo::Error::AccessDenied(message) => Self::DeniedByBus(message),
                fdo::Error::InvalidArgs(message) => Self::Api(ApiError::InvalidArgument(message)),
                fdo::Error::NoReply(message) | fdo::Error::Disconnected(message) => {
                    Self::Disconnected(message)
                }
                other => Self::Other(zbus::Error::FDO(Box::new(other))),
            },
            other => Self::Other(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_wire() {
        for name in ApiError::NAMES {
            let full = format!("{}{name}", crate::names::ERROR_PREFIX);
            let error = ApiError::from_name(&full, "why").expect(name);
            assert_eq!(error.full_name(), full);
            assert_eq!(error.message(), "why");
            assert!(ErrorName::try_from(full.as_str()).is_ok());
            assert!(!error.message_zh().is_empty());
        }
        assert_eq!(ApiError::from_name("io.receiptd.Error.Teapot", ""), None);
        assert_eq!(ApiError::from_name("org.example.Error.Busy", ""), None);
    }

    #[test]
    fn a_refusal_for_want_of_time_is_the_only_one_repeated_blindly() {
        let blind: Vec<_> = ApiError::NAMES
            .iter()
            .filter_map(|name| ApiError::from_name(&format!("io.receiptd.Error.{name}"), ""))
            .filter(|error| error.retry() == Retry::Same)
            .map(|error| error.full_name())
            .collect();
        assert_eq!(blind, ["io.receiptd.Error.Busy", "io.receiptd.Error.ShuttingDown"]);
    }
}
