//! A wire tap between daemon and printer: passes everything on and says when the first byte of a job came.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

/// See the module. Its threads end with the connections and the process.
#[derive(Debug)]
pub struct Tap {
    addr: SocketAddr,
    armed: Arc<AtomicBool>,
    times: Receiver<Instant>,
}

impl Tap {
    /// A tap in front of `printer`.
    ///
    /// # Errors
    /// No port.
    pub fn before(printer: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = listener.local_addr()?;
        let armed = Arc::new(AtomicBool::new(false));
        let (sender, times) = mpsc::channel();
        let on = Arc::clone(&armed);
        std::thread::spawn(move || {
            for daemon in listener.incoming().flatten() {
                // The daemon sees a connection that ends at once, as with a printer that is off.
                let _ = pass(daemon, printer, &on, &sender);
            }
        });
        Ok(Self { addr, armed, times })
    }

    /// Where the daemon finds the printer.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The next byte from the daemon counts.
    pub fn arm(&self) {
        self.armed.store(true, Ordering::Release);
    }

    /// When it came.
    pub fn first_byte(&self, patience: Duration) -> Option<Instant> {
        self.times.recv_timeout(patience).ok()
    }
}

fn pass(
    daemon: TcpStream,
    to: SocketAddr,
    armed: &Arc<AtomicBool>,
    times: &Sender<Instant>,
) -> io::Result<()> {
    let printer = TcpStream::connect(to)?;
    for stream in [&daemon, &printer] {
        stream.set_nodelay(true)?;
    }
    let (from_printer, to_daemon) = (printer.try_clone()?, daemon.try_clone()?);
    std::thread::spawn(move || copy(from_printer, to_daemon, || ()));
    let (armed, times) = (Arc::clone(armed), times.clone());
    std::thread::spawn(move || {
        copy(daemon, printer, || {
            if armed.swap(false, Ordering::AcqRel) {
                // Nobody waits any more only at the very end.
                let _ = times.send(Instant::now());
            }
        });
    });
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream, seen: impl Fn()) {
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        seen();
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
