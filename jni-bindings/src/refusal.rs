//! What Java is told when a call does not give what was hoped for, and the one policy that throws it.
//!
//! A [`Refusal`] becomes `io.receiptd.ReceiptException`; misuse of this library (a closed handle, a frame that is none)
//! becomes `IllegalStateException`, and so does a panic.

use std::any::Any;
use std::borrow::Cow;

use jni::Env;
use jni::errors::ErrorPolicy;
use jni::objects::{JString, JThrowable};
use receiptd_api::names::DOCUMENT_BYTES_MAX;
use receiptd_api::{ApiError, CallError, ConnectError, Retry};

use crate::frame::Malformed;
use crate::natives::JNativeBridge;

/// A `ReceiptException` in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The D-Bus error name without its prefix, or one of this library's own: `BOUNDARY.md`.
    pub code: Cow<'static, str>,
    /// A sentence for people, in English.
    pub message: String,
    /// The same in Chinese, without the details.
    pub message_zh: String,
    /// Whether it makes sense to ask again.
    pub retry: Retry,
}

impl Refusal {
    fn own(code: &'static str, retry: Retry, message: String, message_zh: &str) -> Self {
        Self { code: Cow::Borrowed(code), message, message_zh: message_zh.to_owned(), retry }
    }

    /// The handle was closed while the call was under way.
    pub fn closed() -> Self {
        let message =
            "the printer was closed while the call was under way; what it asked for may have been done";
        Self::own("Closed", Retry::Same, message.to_owned(), "调用期间连接已被关闭，请用同一键重试")
    }

    /// The call's time is over.
    pub fn timed_out(milliseconds: u128) -> Self {
        let message =
            format!("receiptd did not answer within {milliseconds} ms; ask again with the same key");
        Self::own("TimedOut", Retry::Same, message, "打印服务未在限定时间内答复，请用同一键重试")
    }

    /// Too many calls at once.
    pub fn busy(calls: usize) -> Self {
        let message = format!("{calls} calls of this printer object are under way already");
        Self::from(&CallError::Api(ApiError::Busy(message)))
    }

    /// The operating system gives no thread.
    pub fn no_thread(why: &std::io::Error) -> Self {
        Self::own(
            "Disconnected",
            Retry::Same,
            format!("no thread for the call: {why}"),
            "系统资源不足，请稍后重试",
        )
    }

    /// The daemon can't be hosted with that folder or that configuration.
    pub fn cannot_open(why: String) -> Self {
        Self::own("CannotOpen", Retry::AfterPerson, why, "无法在应用内启动打印服务，请检查目录与配置")
    }

    /// An error that this library does not know, by its name without the prefix.
    fn newer(name: &str, message: &str) -> Self {
        Self {
            code: Cow::Owned(name.to_owned()),
            message: format!("{message} ({name}, an error that this version does not know)"),
            message_zh: format!("打印服务比接口库新，返回了未知错误：{name}"),
            retry: Retry::Never,
        }
    }

    /// The retry as Java has it.
    pub const fn retry_word(&self) -> &'static str {
        match self.retry {
            Retry::Never => "never",
            Retry::Same => "same",
            Retry::AfterPerson => "after-person",
        }
    }
}

impl From<&CallError> for Refusal {
    fn from(error: &CallError) -> Self {
        let code = match error {
            CallError::Api(error) => {
                error.full_name().strip_prefix(receiptd_api::names::ERROR_PREFIX).unwrap_or("Protocol")
            }
            CallError::Disconnected(_) => "Disconnected",
            CallError::NotRunning => "NotRunning",
            CallError::DeniedByBus(_) => "DeniedByBus",
            CallError::Other(zbus::Error::MethodError(name, message, _)) => {
                if let Some(unknown) = name.as_str().strip_prefix(receiptd_api::names::ERROR_PREFIX) {
                    return Self::newer(unknown, message.as_deref().unwrap_or_default());
                }
                "Protocol"
            }
            _ => "Protocol",
        };
        let message_zh = error.message_zh().into_owned();
        Self { code: Cow::Borrowed(code), message: error.to_string(), message_zh, retry: error.retry() }
    }
}

impl From<&ConnectError> for Refusal {
    fn from(error: &ConnectError) -> Self {
        let (code, retry, zh) = match error {
            ConnectError::NoSocket(_) | ConnectError::NobodyListens(_) | ConnectError::NoBus { .. } => {
                ("NotRunning", Retry::AfterPerson, "打印服务 receiptd 没有运行")
            }
            ConnectError::Denied { .. } => ("NotAllowed", Retry::AfterPerson, "当前用户无权连接打印服务"),
            ConnectError::PathTooLong { .. } => ("InvalidArgument", Retry::Never, "套接字路径过长"),
            ConnectError::Timeout(_) => ("TimedOut", Retry::Same, "打印服务未在限定时间内答复"),
            _ => ("Disconnected", Retry::Same, "打印服务拒绝了连接，请稍后重试"),
        };
        Self::own(code, retry, error.to_string(), zh)
    }
}

/// Why a native method gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum Fail {
    /// The caller is told, and can do something.
    #[error("{}", .0.message)]
    Refused(Refusal),
    /// The handle is not known, or was closed before.
    #[error("this printer object is closed")]
    NoHandle,
    /// This needs a printer object that hosts the daemon, or one that does not.
    #[error("{0}")]
    Misused(&'static str),
    /// A panic in the middle of a call.
    #[error("a defect of receiptd: {0}")]
    Defect(String),
    /// Both sides do not fit.
    #[error("io.receiptd and its native library do not fit: {0}")]
    Malformed(Malformed),
    /// The virtual machine refused something; mostly an exception is pending already.
    #[error("{0}")]
    Jni(#[from] jni::errors::Error),
}

impl Fail {
    /// The same for a future, which has no place for an unchecked exception but is completed with it.
    pub fn into_refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            other => {
                Refusal::own("Protocol", Retry::Never, other.to_string(), "接口库内部错误，请联系集成商")
            }
        }
    }
}

/// An app that hands in too much is told so as the daemon would tell it; everything else is a defect of ours.
impl From<Malformed> for Fail {
    fn from(why: Malformed) -> Self {
        match why {
            Malformed::TooLarge(bytes) => {
                Self::Refused(Refusal::from(&CallError::Api(ApiError::TooLarge(format!(
                    "the document and what belongs to it have {bytes} bytes; a document may have {DOCUMENT_BYTES_MAX}"
                )))))
            }
            other => Self::Malformed(other),
        }
    }
}

impl From<Refusal> for Fail {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The policy of every native method.
#[derive(Debug)]
pub struct Throw;

impl<T: Default> ErrorPolicy<T, Fail> for Throw {
    type Captures<'l: 'n, 'n> = ();

    fn on_error<'l: 'n, 'n>(env: &mut Env<'l>, (): &mut (), why: Fail) -> jni::errors::Result<T> {
        if env.exception_check() {
            return Ok(T::default());
        }
        match why {
            Fail::Refused(refusal) => throw(env, &refusal)?,
            other => illegal_state(env, &other.to_string()),
        }
        Ok(T::default())
    }

    fn on_panic<'l: 'n, 'n>(
        env: &mut Env<'l>,
        (): &mut (),
        panic: Box<dyn Any + Send>,
    ) -> jni::errors::Result<T> {
        illegal_state(env, &Fail::Defect(what(panic.as_ref()).to_owned()).to_string());
        Ok(T::default())
    }
}

fn throw(env: &mut Env<'_>, refusal: &Refusal) -> jni::errors::Result<()> {
    let code = JString::from_str(env, &refusal.code)?;
    let message = JString::from_str(env, &refusal.message)?;
    let message_zh = JString::from_str(env, &refusal.message_zh)?;
    let retry = JString::from_str(env, refusal.retry_word())?;
    let exception = JNativeBridge::refused(env, &code, &message, &message_zh, &retry)?;
    let exception = env.cast_local::<JThrowable>(exception)?;
    // It says `Err` because an exception is pending now, which is what was wanted.
    let _ = env.throw(exception);
    Ok(())
}

fn illegal_state(env: &mut Env<'_>, message: &str) {
    let message = jni::strings::JNIString::from(message);
    let _ = env.throw_new(jni::jni_str!("java/lang/IllegalStateException"), message);
}

/// What a panic said.
pub fn what(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no word")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_is_far_too_large_is_refused_before_it_goes_anywhere() {
        let why = crate::operation::Operation::read(1, &vec![0; 100 << 20]).map_err(Fail::from).unwrap_err();
        assert!(matches!(&why, Fail::Refused(refusal) if refusal.code == "TooLarge"), "{why}");
    }

    #[test]
    fn each_error_of_the_daemon_keeps_its_name() {
        for name in ApiError::NAMES {
            let full = format!("{}{name}", receiptd_api::names::ERROR_PREFIX);
            let error = ApiError::from_name(&full, "why").unwrap();
            let refusal = Refusal::from(&CallError::Api(error));
            assert_eq!((&*refusal.code, refusal.message.as_str()), (*name, "why"));
            assert!(!refusal.message_zh.is_empty());
        }
    }
}
