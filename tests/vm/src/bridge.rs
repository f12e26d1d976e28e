//! From a Unix socket outside to the daemon's socket in the machine, so that callers outside are callers like any
//! others. A connection that breaks on one side breaks on the other.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

/// Listens at `socket` and joins each caller to what then listens on this port of 127.0.0.1; 0 is nothing.
///
/// # Errors
/// The socket can't be made.
pub fn start(socket: &Path, port: Arc<AtomicU16>) -> io::Result<()> {
    let listener = UnixListener::bind(socket)?;
    std::thread::Builder::new().name("bridge".to_owned()).spawn(move || {
        for caller in listener.incoming().flatten() {
            // A machine that is off is a connection that breaks, as for any caller.
            let _ = join(caller, port.load(Ordering::Relaxed));
        }
    })?;
    Ok(())
}

fn join(caller: UnixStream, port: u16) -> io::Result<()> {
    let daemon = TcpStream::connect(("127.0.0.1", port))?;
    daemon.set_nodelay(true)?;
    let (mut from_caller, mut to_caller) = (caller.try_clone()?, caller);
    let (mut from_daemon, mut to_daemon) = (daemon.try_clone()?, daemon);
    std::thread::spawn(move || {
        let _ = io::copy(&mut from_caller, &mut to_daemon);
        let _ = to_daemon.shutdown(Shutdown::Both);
    });
    std::thread::spawn(move || {
        let _ = io::copy(&mut from_daemon, &mut to_caller);
        let _ = to_caller.shutdown(Shutdown::Both);
    });
    Ok(())
}
