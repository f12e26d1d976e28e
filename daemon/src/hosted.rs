//! The daemon in somebody else's process: a payment app's, where the terminal's maker has not installed it.
//!
//! It is the very same daemon, with the same spool and the same recovery, on two threads of its own. What a process of
//! its own would have is left out: signals, the service manager, the umask, a socket that others could reach, and looking
//! for USB devices. Clients come through pairs of sockets; printers come as descriptors. When the app's process dies, the
//! next start finds the spool as after a power cut.

use std::fs::DirBuilder;
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::net;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use receiptd_printer::usb::Handed;
use receiptd_printer::usb::attached::DeviceKey;
use receiptd_printer::usb::handed::HandError;
use receiptd_printer::usb::wire::Bus;
use receiptd_store::Store;
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc as async_mpsc, oneshot};

use crate::config::{self, ConfigError, Settings};
use crate::ipc;
use crate::run::RunError;
use crate::serve::{Surroundings, open, roads, serve};
use crate::watchdog::Watchdog;

/// Connections that may wait to be taken. An app has one for each object it opened.
const WAITING_MAX: usize = 16;

/// Of the folders that are made: receipts are nobody's business but the app's.
const FOLDER_MODE: u32 = 0o700;

/// Why the daemon can't live here.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder can't be used.
    #[error("{folder}: {source}")]
    Folder {
        /// Which.
        folder: String,
        /// Why.
        source: io::Error,
    },
    /// The spool, or something else that it can't do without.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// A daemon in this process. Dropping it ends it, as [`Hosted::shut_down`] does.
pub struct Hosted {
    usb: Arc<Handed>,
    clients: async_mpsc::Sender<UnixStream>,
    runtime: tokio::runtime::Handle,
    end: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
}

impl Hosted {
    /// Starts it; everything it keeps is in `folder`, which is made if it is not there. Blocks until it answers: it reads the
    /// spool first.
    ///
    /// # Errors
    /// [`HostError`]; nothing runs.
    pub fn start(folder: &Path, configuration: &str) -> Result<Self, HostError> {
        let settings = config::hosted(folder, configuration)?;
        // The process's umask is the app's business: nobody else gets into the folder, whatever it is.
        DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(&settings.directory)
            .map_err(|source| HostError::Folder { folder: folder.display().to_string(), source })?;
        let system = |what| move |source| RunError::System { what, source };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(system("no event loop"))?;
        let handle = runtime.handle().clone();
        let store = open(&settings)?;
        let usb = Handed::new(settings.quirks.clone());
        let (clients, handed) = async_mpsc::channel(WAITING_MAX);
        let (end, ending) = oneshot::channel();
        let (ready, started) = mpsc::sync_channel(1);
        let inside = Inside { settings, store, usb: Arc::clone(&usb), handed, ending, ready };
        let thread = std::thread::Builder::new()
            .name("receiptd".into())
            .spawn(move || inside.run(runtime))
            .map_err(system("no thread"))?;
        match started.recv() {
            Ok(Ok(())) => Ok(Self { usb, clients, runtime: handle, end: Mutex::new(Some((end, thread))) }),
            Ok(Err(why)) => {
                let _ = thread.join();
                Err(why.into())
            }
            // It ended without a word: it panicked, which was told by itself.
            Err(_) => Err(RunError::Ended("the daemon").into()),
        }
    }

    /// A new connection to it: the client's end. The peer's user is this process's, who is an operator here.
    ///
    /// # Errors
    /// It has ended, or has too many connections that wait, or the operating system refuses.
    pub fn connect(&self) -> io::Result<net::UnixStream> {
        let (ours, its) = net::UnixStream::pair()?;
        its.set_nonblocking(true)?;
        let its = {
            let _on = self.runtime.enter();
            UnixStream::from_std(its)?
        };
        self.clients.try_send(its).map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
        Ok(ours)
    }

    /// Takes in a printer that the app has opened. `name` is for people.
    ///
    /// # Errors
    /// [`HandError`]; nothing was taken.
    pub fn attach(&self, node: BorrowedFd<'_>, name: &str) -> Result<u64, HandError> {
        self.usb.attach(node, name).map(|key| key.0)
    }

    /// Gives a printer up, or says that it was unplugged.
    pub fn detach(&self, key: u64) {
        self.usb.detach(DeviceKey(key));
    }

    /// Ends it in order, and waits for that: at most 5 s, if a printer is in the middle of a receipt. A second time nothing
    /// happens.
    pub fn shut_down(&self) {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((end, thread)) = end {
            // An error means that it has ended by itself.
            let _ = end.send(());
            let _ = thread.join();
        }
    }
}

impl Drop for Hosted {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// What the daemon's thread has.
struct Inside {
    settings: Settings,
    store: Store,
    usb: Arc<Handed>,
    handed: async_mpsc::Receiver<UnixStream>,
    ending: oneshot::Receiver<()>,
    ready: mpsc::SyncSender<Result<(), RunError>>,
}

impl Inside {
    fn run(self, runtime: Runtime) {
        let Self { settings, store, usb, handed, ending, ready } = self;
        let told = ready.clone();
        let ended = runtime.block_on(async {
            let bus = Arc::clone(&usb);
            let roads = roads(&settings, || Ok(Arc::clone(&bus) as Arc<dyn Bus>))?;
            let surroundings =
                Surroundings { roads, ipc: ipc::Config::within(handed), watchdog: Watchdog::NOBODY };
            serve(&settings, &store, surroundings, async move |_| {
                let _ = ready.send(Ok(()));
                let _ = ending.await;
                "the app"
            })
            .await
        });
        if let Err(why) = store.close() {
            log::warn!("{why}");
        }
        // Sessions give their printers back, then USB itself goes.
        runtime.shutdown_background();
        usb.shut_down();
        if let Err(why) = ended {
            log::error!("the daemon in this process ended: {why}");
            // Nobody listens for it any more once it had started.
            let _ = told.try_send(Err(why));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use receiptd_api::{Client, Document, Kind, SubmitOptions};

    use super::*;

    const CONFIGURATION: &str = "[[printer]]\nname = \"till\"\nconnect = \"usb\"\n";

    fn ask<T>(hosted: &Hosted, ask: impl AsyncFnOnce(Client) -> T) -> T {
        let stream = hosted.connect().unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { ask(Client::over_stream(stream).await.unwrap()).await })
    }

    #[test]
    fn what_was_accepted_in_a_process_is_there_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("new");
        let hosted = Hosted::start(&folder, CONFIGURATION).unwrap();
        for made in [folder.clone(), folder.join("spool")] {
            assert_eq!(std::fs::metadata(&made).unwrap().permissions().mode() & 0o777, FOLDER_MODE);
        }
        let submitted = ask(&hosted, async |client: Client| {
            let options = SubmitOptions::default();
            client.spooler().submit("k", "", Kind::Text, Document(b"coffee"), &options).await.unwrap()
        });
        hosted.shut_down();
        assert!(hosted.connect().is_err(), "it has ended");
        hosted.shut_down();
        let again = Hosted::start(&folder, CONFIGURATION).unwrap();
        let found = ask(&again, async |client: Client| client.spooler().find_jobs("k").await.unwrap());
        assert_eq!(found, submitted.jobs.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        let job = ask(&again, async |client: Client| client.spooler().get_job(found[0]).await.unwrap());
        assert_eq!(job.state.as_str(), "queued");
    }

    #[test]
    fn a_second_daemon_in_the_same_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Hosted::start(folder.path(), CONFIGURATION).unwrap();
        let why = Hosted::start(folder.path(), CONFIGURATION).err().unwrap().to_string();
        assert!(why.contains("spool"), "{why}");
    }

    #[test]
    fn a_configuration_that_makes_no_sense_here_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let why = |text: &str| Hosted::start(folder.path(), text).err().unwrap().to_string();
        assert!(
            why("[api]\nbus = \"system\"").contains("[api] has no meaning"),
            "{}",
            why("[api]\nbus = \"system\"")
        );
        assert!(why("[spool]\ndirectory = \"/x\"").contains("spool.directory"));
        assert!(why("[[printer]]\nname = \"till\"\nconnekt = \"usb\"").contains("connekt"));
        let twice = format!("{CONFIGURATION}{CONFIGURATION}");
        assert!(why(&twice).contains("two printers are named"), "{}", why(&twice));
    }
}
