//! A USB device whose control requests this program answers: FunctionFS (`usb_f_fs`) of Linux.
//!
//! A file system of its own has a file for each endpoint. Descriptors are written to `ep0` first; then `ep0` tells what the host does,
//! and its class requests are answered there. A transfer in the wrong direction is a stall. `Documentation/usb/functionfs.rst`,
//! `drivers/usb/gadget/function/f_fs.c`.
//!
//! The crate `usb-gadget` does the same and much more; it brings ten crates and unsafe code for what is four files here.

use crate::class::{PACKET_FULL, PACKET_HIGH, Reaction, Setup, UsbClass};
use crate::endpoints::{self, Endpoints};
use crate::error::Error;
use crate::log::What;
use crate::state::Shared;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Bytes of an event: eight of a request, its kind, three of padding.
const EVENT_BYTES: usize = 12;
const ENABLE: u8 = 2;
const DISABLE: u8 = 3;
const SETUP: u8 = 4;
/// The gadget lost its controller while it was configured: nobody sends `DISABLE` then.
const UNBIND: u8 = 1;

/// The mounted file system with its threads; dropping it ends them, once the device is unplugged.
#[derive(Debug)]
pub(crate) struct FunctionFs {
    folder: PathBuf,
    pub(crate) endpoints: Arc<Endpoints>,
    /// What wakes the thread of `ep0` for its end.
    stop: Option<UnixStream>,
    threads: Vec<JoinHandle<()>>,
}

/// What answers on `ep0`.
struct Control {
    shared: Arc<Shared>,
    endpoints: Arc<Endpoints>,
    class: UsbClass,
    device_id: String,
    /// Where the kernel tells the speed that was agreed on.
    speed: PathBuf,
}

impl FunctionFs {
    /// Describes the device to the function `name`, which configfs has made and no gadget is bound to yet. `controller` is the
    /// device controller's folder.
    pub(crate) fn start(
        shared: &Arc<Shared>,
        name: &str,
        class: UsbClass,
        device_id: &str,
        controller: &Path,
    ) -> Result<Self, Error> {
        let folder = std::env::temp_dir().join(format!("virtual-printer.ffs.{name}"));
        fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        let mut this = Self { folder, endpoints: Arc::default(), stop: None, threads: Vec::new() };
        mount(name, &this.folder, "functionfs", MountFlags::empty(), None)
            .map_err(Error::system("mounting functionfs (modprobe usb_f_fs)"))?;
        let ep0 = this.open("ep0")?;
        for block in [class.descriptors(), UsbClass::strings()] {
            rustix::io::write(&ep0, &block).map_err(Error::system("describing the device to functionfs"))?;
        }
        let output = this.open("ep1")?;
        let input = if class.has_input() { Some(this.open("ep2")?) } else { None };
        let started = endpoints::start(shared, &this.endpoints, output, input);
        this.threads = started.map_err(Error::system("thread"))?;
        let (stop, stopped) = UnixStream::pair().map_err(Error::system("wake pipe"))?;
        this.stop = Some(stop);
        let control = Control {
            shared: Arc::clone(shared),
            endpoints: Arc::clone(&this.endpoints),
            class,
            device_id: device_id.to_owned(),
            speed: controller.join("current_speed"),
        };
        let thread = std::thread::Builder::new().name("vp-usb-ep0".into());
        this.threads
            .push(thread.spawn(move || control.run(&ep0, &stopped)).map_err(Error::system("thread"))?);
        Ok(this)
    }

    fn open(&self, file: &str) -> Result<File, Error> {
        let path = self.folder.join(file);
        // Transfers wait all the same; what does not is one to a device that is not enabled.
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
        let opened = OpenOptions::new().read(true).write(true).custom_flags(flags).open(&path);
        opened.map_err(Error::file(&path))
    }
}

impl Drop for FunctionFs {
    fn drop(&mut self) {
        self.endpoints.end();
        self.stop = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
        let _ = unmount(&self.folder, UnmountFlags::empty());
        let _ = fs::remove_dir(&self.folder);
    }
}

impl Control {
    /// The thread of `ep0`.
    fn run(&self, ep0: &File, stopped: &UnixStream) {
        loop {
            let mut fds = [PollFd::new(ep0, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
            match poll(&mut fds, None) {
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => return,
            }
            if !fds[1].revents().is_empty() {
                return;
            }
            let mut event = [0; EVENT_BYTES];
            if rustix::io::read(ep0, &mut event) != Ok(EVENT_BYTES) {
                continue;
            }
            let [setup @ .., kind, _, _, _] = event;
            match kind {
                ENABLE => self.endpoints.enable(Some(self.packet())),
                DISABLE | UNBIND => self.endpoints.enable(None),
                SETUP => self.answer(ep0, Setup::from_bytes(setup)),
                _ => {}
            }
        }
    }

    fn packet(&self) -> u16 {
        let full = fs::read_to_string(&self.speed).is_ok_and(|speed| speed.trim() == "full-speed");
        if full { PACKET_FULL } else { PACKET_HIGH }
    }

    fn answer(&self, ep0: &File, setup: Setup) {
        let sensors = self.shared.lock().sensors();
        // The host may have gone on to another request meanwhile; then there is nothing to answer.
        let _ = match self.class.react(setup, &self.device_id, sensors) {
            Reaction::Answer(bytes) => rustix::io::write(ep0, &bytes),
            Reaction::SoftReset => {
                {
                    let mut st = self.shared.lock();
                    st.clear_buffers();
                    st.event(What::Cleared { by: "soft_reset".into() });
                }
                self.shared.changed();
                rustix::io::read(ep0, &mut [0; 0])
            }
            Reaction::Stall if setup.is_to_host() => rustix::io::read(ep0, &mut [0; 0]),
            Reaction::Stall => rustix::io::write(ep0, &[]),
        };
    }
}
