//! The native methods of `io.receiptd.NativeBridge`: nothing but the way in and the way out.
//!
//! All names are resolved and all methods registered in `JNI_OnLoad`, where the app's class loader is current; on
//! native threads it is not. Only `JNI_OnLoad` is exported.

#![allow(unsafe_code, reason = "the Java Native Interface; each block says why it may")]

use std::time::Duration;

use jni::objects::{JByteArray, JClass, JString};
use jni::refs::LoaderContext;
use jni::sys::{jint, jlong};
use jni::{Env, JavaVM, bind_java_type};
use receiptd_api::Where;

use crate::frame::Reader;
use crate::handles::{self, Road};
use crate::limits::CALL_TIMEOUT;
use crate::operation::Operation;
use crate::refusal::{Fail, Throw};
use crate::remote::Place;
use crate::{logging, upcall, worker};

/// The number of `BOUNDARY.md`.
const BOUNDARY: jint = 2;

#[cfg(not(target_os = "android"))]
bind_java_type! {
    pub JFileDescriptor => java.io.FileDescriptor,
    fields { fd: jint, },
}

// Android has named it otherwise since its first version.
#[cfg(target_os = "android")]
bind_java_type! {
    pub JFileDescriptor => java.io.FileDescriptor,
    fields { fd { name = "descriptor", sig = jint }, },
}

bind_java_type! {
    pub JNativeBridge => io.receiptd.NativeBridge,
    type_map = { JFileDescriptor => java.io.FileDescriptor },
    fields { static theirs { name = "BOUNDARY", sig = jint }, },
    methods {
        static fn upcall(handle: jlong, kind: jint, ticket: jlong, frame: jbyte[]),
        static fn refused(code: JString, message: JString, message_zh: JString, retry: JString) -> JObject,
    },
    native_methods_export = false,
    native_methods {
        static fn boundary { sig = () -> jint, error_policy = Throw },
        static fn version { sig = () -> JString, error_policy = Throw },
        static fn open_remote { sig = (place: jbyte[]) -> jlong, error_policy = Throw },
        static fn open_in_process { sig = (config: jbyte[]) -> jlong, error_policy = Throw },
        static fn close { sig = (handle: jlong), error_policy = Throw },
        static fn call {
            sig = (handle: jlong, operation: jint, timeout_ms: jlong, request: jbyte[]) -> jbyte[],
            error_policy = Throw
        },
        static fn start {
            sig = (handle: jlong, operation: jint, ticket: jlong, request: jbyte[]),
            error_policy = Throw
        },
        static fn fd { sig = (descriptor: JFileDescriptor) -> jint, error_policy = Throw },
        static fn attach_usb { sig = (handle: jlong, fd: jint, device: jbyte[]) -> jlong, error_policy = Throw },
        static fn detach_usb { sig = (handle: jlong, key: jlong), error_policy = Throw },
    },
}

impl JNativeBridgeNativeInterface for JNativeBridgeAPI {
    type Error = Fail;

    fn boundary<'l>(_: &mut Env<'l>, _: JClass<'l>) -> Result<jint, Fail> {
        Ok(BOUNDARY)
    }

    fn version<'l>(env: &mut Env<'l>, _: JClass<'l>) -> Result<JString<'l>, Fail> {
        Ok(JString::from_str(env, env!("CARGO_PKG_VERSION"))?)
    }

    fn open_remote<'l>(env: &mut Env<'l>, _: JClass<'l>, place: JByteArray<'l>) -> Result<jlong, Fail> {
        let frame = env.convert_byte_array(&place)?;
        let mut reader = Reader::new(&frame)?;
        let place = reader.take()?;
        reader.end()?;
        Ok(handles::open(|handle| Road::remote(handle, Place::At(somewhere(place)))))
    }

    fn open_in_process<'l>(env: &mut Env<'l>, _: JClass<'l>, config: JByteArray<'l>) -> Result<jlong, Fail> {
        let frame = env.convert_byte_array(&config)?;
        let mut reader = Reader::new(&frame)?;
        let (folder, text) = (reader.take()?, reader.take()?);
        reader.end()?;
        let (daemon, place) = crate::hosted::start(folder, text)?;
        Ok(handles::open(|handle| Road::hosted(handle, place, daemon)))
    }

    fn close<'l>(_: &mut Env<'l>, _: JClass<'l>, handle: jlong) -> Result<(), Fail> {
        handles::close(handle);
        Ok(())
    }

    fn call<'l>(
        env: &mut Env<'l>,
        _: JClass<'l>,
        handle: jlong,
        operation: jint,
        timeout_ms: jlong,
        request: JByteArray<'l>,
    ) -> Result<JByteArray<'l>, Fail> {
        if worker::is_here() {
            return Err(Fail::Misused(
                "a blocking call from within the library's event loop would wait for itself: use the asynchronous one, or an executor",
            ));
        }
        let road = handles::find(handle)?;
        let operation = Operation::read(operation, &env.convert_byte_array(&request)?)?;
        let limit = match u64::try_from(timeout_ms) {
            Ok(0) | Err(_) => CALL_TIMEOUT,
            Ok(ms) => Duration::from_millis(ms),
        };
        let answer = road.road().wait(operation, limit)?;
        Ok(env.byte_array_from_slice(&answer)?)
    }

    fn start<'l>(
        env: &mut Env<'l>,
        _: JClass<'l>,
        handle: jlong,
        operation: jint,
        ticket: jlong,
        request: JByteArray<'l>,
    ) -> Result<(), Fail> {
        let road = handles::find(handle)?;
        let operation = Operation::read(operation, &env.convert_byte_array(&request)?)?;
        road.road()
            .start(operation, CALL_TIMEOUT, move |answer| upcall::answer(handle, ticket, answer))
            .map_err(Fail::from)
    }

    fn fd<'l>(env: &mut Env<'l>, _: JClass<'l>, descriptor: JFileDescriptor<'l>) -> Result<jint, Fail> {
        Ok(descriptor.fd(env)?)
    }

    fn attach_usb<'l>(
        env: &mut Env<'l>,
        _: JClass<'l>,
        handle: jlong,
        fd: jint,
        device: JByteArray<'l>,
    ) -> Result<jlong, Fail> {
        let road = handles::find(handle)?;
        let frame = env.convert_byte_array(&device)?;
        let mut reader = Reader::new(&frame)?;
        let name = reader.take()?;
        reader.end()?;
        let key = road.daemon()?.attach(fd, name)?;
        // A count of attachments: it never comes near the end of a `jlong`.
        Ok(key.cast_signed())
    }

    fn detach_usb<'l>(_: &mut Env<'l>, _: JClass<'l>, handle: jlong, key: jlong) -> Result<(), Fail> {
        handles::find(handle)?.daemon()?.detach(key.cast_unsigned());
        Ok(())
    }
}

/// Where the daemon is, as Java says it.
fn somewhere(place: String) -> Where {
    match place.as_str() {
        "" => Where::Auto,
        "system" => Where::System,
        "session" => Where::Session,
        _ if place.starts_with('/') => Where::Socket(place.into()),
        _ => Where::Address(place),
    }
}

/// Finds what is called and registers what is called from Java.
fn bind(env: &mut Env<'_>) -> jni::errors::Result<()> {
    // Here, `FindClass` asks the loader of the class that loads this library. The thread's own loader, which would be asked first
    // otherwise, may know other classes of the same names.
    let bridge = env.find_class(jni::jni_str!("io/receiptd/NativeBridge"))?;
    let loader = bridge.get_class_loader(env)?;
    let context = LoaderContext::Loader(&loader);
    JFileDescriptorAPI::get(env, &context)?;
    // Resolves what is called and registers the native methods.
    JNativeBridgeAPI::get(env, &context)?;
    let theirs = JNativeBridge::theirs(env)?;
    if theirs == BOUNDARY {
        return Ok(());
    }
    misfit(env, &format!("it has boundary {BOUNDARY}, and the classes of io.receiptd have boundary {theirs}"))
}

/// The classes are of another release: says so as the virtual machine would.
fn misfit(env: &mut Env<'_>, why: &str) -> jni::errors::Result<()> {
    let why = format!("receiptd_jni {} does not fit: {why}", env!("CARGO_PKG_VERSION"));
    env.throw_new(jni::jni_str!("java/lang/UnsatisfiedLinkError"), jni::strings::JNIString::from(why))
}

/// Runs on the thread of `System.loadLibrary`, whose class loader knows the app's classes.
///
/// Whoever loads it gets the exception that is pending by then, about a method that is missing or about the number. On
/// Android it gets one that says no more than that this failed.
#[unsafe(no_mangle)]
pub extern "system" fn JNI_OnLoad(vm: *mut jni::sys::JavaVM, _: *mut std::ffi::c_void) -> jint {
    let loaded = std::panic::catch_unwind(|| {
        // SAFETY: the virtual machine hands over a pointer to itself, which lives as long as this library.
        let vm = unsafe { JavaVM::from_raw(vm) };
        vm.with_top_local_frame(|env| -> jni::errors::Result<()> {
            let bound = bind(env);
            if let Err(why) = &bound
                && !env.exception_check()
            {
                return misfit(env, &why.to_string());
            }
            bound
        })
    });
    match loaded {
        Ok(Ok(())) => {
            logging::start();
            jni::sys::JNI_VERSION_1_6
        }
        _ => jni::sys::JNI_ERR,
    }
}
