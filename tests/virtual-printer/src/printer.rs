//! The printer as a library sees it: start, make faults, wait, look.

use crate::config::Config;
use crate::control;
use crate::error::Error;
use crate::faults::Fault;
use crate::gadget::Gadget;
use crate::glyphs::Glyphs;
use crate::io::Port;
use crate::log::Event;
use crate::snapshot::Snapshot;
use crate::state::Shared;
use crate::{io, live, timer};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Starting point of the library.
#[derive(Debug)]
pub struct VirtualPrinter;

/// A running printer. Dropping it stops it and, with an output directory, saves its paper.
#[derive(Debug)]
pub struct Handle {
    shared: Arc<Shared>,
    addr: SocketAddr,
    threads: Vec<JoinHandle<()>>,
    control: Option<control::Socket>,
}

/// What was waited for did not come in time; the last picture tells how far it got.
#[derive(Clone, Debug, thiserror::Error)]
#[error("timed out; the printer is at {0:?}")]
pub struct Timeout(pub Box<Snapshot>);

impl VirtualPrinter {
    /// Start a printer; it listens, or is plugged in, when this returns.
    pub fn start(config: Config) -> Result<Handle, Error> {
        let usb = config.usb.clone();
        let mut addr = config.listen;
        let mut listener = None;
        if usb.is_none() {
            let listening = io::listen(config.listen, config.socket_buffer)?;
            addr = listening.local_addr().map_err(Error::system("local address"))?;
            listener = Some(listening);
        }
        let (wake, woken) = UnixStream::pair().map_err(Error::system("wake pipe"))?;
        for end in [&wake, &woken] {
            end.set_nonblocking(true).map_err(Error::system("wake pipe"))?;
        }
        let control_path = config.control.clone();
        let shared = Arc::new(Shared::new(config, wake)?);
        let port = match usb {
            None => Port::Tcp(addr, listener),
            Some(usb) => {
                let mut gadget = Gadget::new(&usb, &shared)?;
                gadget.plug()?;
                Port::Usb(Box::new(gadget))
            }
        };
        let mut glyphs = Glyphs::new(shared.config.font.clone());
        {
            let mut st = shared.lock();
            st.listening = true;
            if shared.config.keep_paper {
                st.font_warning = glyphs.warning();
            }
        }
        let mut handle = Handle { shared, addr, threads: Vec::new(), control: None };
        handle.spawn("vp-io", move |s| io::run(s, port, woken))?;
        handle.spawn("vp-print", move |s| live::run(s, glyphs))?;
        handle.spawn("vp-timer", timer::run)?;
        if let Some(path) = control_path {
            handle.control = Some(control::Socket::open(&path, &handle.shared)?);
        }
        Ok(handle)
    }
}

impl Handle {
    fn spawn(&mut self, name: &str, run: impl FnOnce(&Arc<Shared>) + Send + 'static) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new()
            .name(name.into())
            .spawn(move || run(&shared))
            .map_err(Error::system("thread"))?;
        self.threads.push(thread);
        Ok(())
    }

    /// Where it listens; on USB the address that it was configured with, which means nothing.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Make something happen to it. Returns when it has happened; after power on it listens again.
    pub fn fault(&self, fault: Fault) {
        strike(&self.shared, fault);
    }

    /// Wait until `condition` holds, without polling: it is looked at on each change, at infinite speed after
    /// each piece of data. So ask for `>=` when more may follow at once.
    pub fn wait_for(
        &self,
        condition: impl FnMut(&Snapshot) -> bool,
        timeout: Duration,
    ) -> Result<Snapshot, Timeout> {
        wait_for(&self.shared, condition, timeout)
    }

    /// How it is now.
    pub fn snapshot(&self) -> Snapshot {
        self.shared.lock().snapshot()
    }

    /// All events in memory.
    pub fn events(&self) -> Vec<Event> {
        self.events_since(0)
    }

    /// The events after number `seq`.
    pub fn events_since(&self, seq: u64) -> Vec<Event> {
        self.shared.lock().log.since(seq)
    }

    /// The text on the paper: one printed line a line, `--- cut ---` at cuts.
    pub fn paper_text(&self) -> String {
        self.shared.lock().paper.text().to_string()
    }

    /// Write the paper as PNG.
    pub fn save_png(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        // The picture is copied under the lock and compressed without it.
        let picture = self.shared.lock().paper.picture(path.as_ref());
        picture?.write()
    }

    /// Write `paper.png` into the output directory.
    pub fn save(&self) -> Result<Option<PathBuf>, Error> {
        save(&self.shared)
    }

    /// Wait until somebody asks the printer to end (control command `quit`, or [`Handle::quitter`]).
    pub fn wait_quit(&self) {
        let mut st = self.shared.lock();
        while !st.quit {
            st = self.shared.quit.wait(st).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Something that ends [`Handle::wait_quit`] from another thread.
    pub fn quitter(&self) -> impl Fn() + Send + 'static {
        let shared = Arc::clone(&self.shared);
        move || {
            shared.lock().quit = true;
            shared.quit.notify_all();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.control = None;
        {
            let mut st = self.shared.lock();
            st.stop = true;
            st.quit = true;
            st.close("stop", false);
            st.waiting.clear();
            st.wake_io();
        }
        self.shared.changed();
        self.shared.timer.notify_all();
        self.shared.quit.notify_all();
        for thread in self.threads.drain(..) {
            // A panicked printer thread has already said so on stderr; there is nothing to save from it.
            let _ = thread.join();
        }
        let _ = save(&self.shared);
    }
}

pub(crate) fn strike(shared: &Shared, fault: Fault) {
    let reach = matches!(fault, Fault::PowerOff | Fault::PowerOn | Fault::Unplug | Fault::Plug);
    let mut st = shared.lock();
    st.strike(fault);
    drop(st);
    shared.changed();
    if reach {
        let deadline = Instant::now() + Duration::from_secs(5);
        let mut st = shared.lock();
        while st.listening != (st.power && st.plugged) && !st.stop && Instant::now() < deadline {
            st = shared
                .watch
                .wait_timeout(st, Duration::from_millis(100))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

pub(crate) fn wait_for(
    shared: &Shared,
    mut condition: impl FnMut(&Snapshot) -> bool,
    timeout: Duration,
) -> Result<Snapshot, Timeout> {
    let deadline = Instant::now() + timeout;
    let mut st = shared.lock();
    loop {
        let snapshot = st.snapshot();
        if condition(&snapshot) {
            return Ok(snapshot);
        }
        let now = Instant::now();
        if now >= deadline || st.stop {
            return Err(Timeout(Box::new(snapshot)));
        }
        st = shared.watch.wait_timeout(st, deadline - now).unwrap_or_else(PoisonError::into_inner).0;
    }
}

pub(crate) fn save(shared: &Shared) -> Result<Option<PathBuf>, Error> {
    let Some(dir) = shared.config.out.as_ref().filter(|_| shared.config.keep_paper) else { return Ok(None) };
    let path = dir.join("paper.png");
    while let Some(old) = { shared.lock().paper.take_old() } {
        old.write()?;
    }
    let picture = shared.lock().paper.picture(&path)?;
    if picture.height() > 0 {
        picture.write()?;
    }
    Ok(Some(path))
}
