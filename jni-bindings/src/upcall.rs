//! From Rust to Java: the one method by which something is told, on the thread of this library or of the daemon it hosts.
//!
//! A thread is attached for the call alone: one that stayed attached would keep a JVM from ending whose app forgot
//! to close. What Java throws there is logged and forgotten: the Java side catches what an app's listener throws, so
//! nothing should come.

use jni::{AttachConfig, JavaVM};

use crate::frame::frame;
use crate::limits::UPCALL_REFERENCES;
use crate::natives::JNativeBridge;
use crate::refusal::Fail;

/// What is told; the numbers are `BOUNDARY.md`'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An answer to `start`.
    Answer = 1,
    /// A refusal of `start`.
    Refusal = 2,
    /// A watched job changed.
    JobChanged = 3,
    /// Signals were lost; the watch was renewed.
    WatchLost = 4,
    /// A printer changed.
    PrinterChanged = 5,
    /// The connection was lost, or is there again.
    Connection = 6,
    /// The spooler's properties changed.
    SpoolerChanged = 7,
    /// A line for the log.
    Log = 8,
}

/// Calls `NativeBridge.upcall`.
pub fn upcall(handle: i64, kind: Kind, ticket: i64, frame: &[u8]) {
    // No virtual machine: a unit test of this crate.
    let Ok(vm) = JavaVM::singleton() else { return };
    let config = || AttachConfig::new().scoped(true).thread_name(jni::jni_str!("receiptd-io"));
    let told = vm.attach_current_thread_with_config(config, Some(UPCALL_REFERENCES), |env| {
        let bytes = env.byte_array_from_slice(frame)?;
        JNativeBridge::upcall(env, handle, kind as i32, ticket, &bytes)
    });
    // Not by the log, which comes through here.
    if let Err(why) = told
        && kind != Kind::Log
    {
        log::error!("an upcall failed: {why}");
    }
}

/// The end of a call of `start`.
pub fn answer(handle: i64, ticket: i64, answer: Result<Vec<u8>, Fail>) {
    match answer {
        Ok(frame) => upcall(handle, Kind::Answer, ticket, &frame),
        Err(why) => {
            let refusal = why.into_refusal();
            let words = (&*refusal.code, &refusal.message, &refusal.message_zh, refusal.retry_word());
            upcall(handle, Kind::Refusal, ticket, &frame(&words));
        }
    }
}
