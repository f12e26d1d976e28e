//! The daemon as a process, with a virtual printer beside it: what whole-system tests and the demo stand on.
//!
//! A [`Shop`] is a folder with a configuration, a spool and a socket; its daemon can be killed and started
//! again like a terminal's. [`bus`] is a message bus, [`paper`] reads what came out of a printer, [`calls`] hands slips in and follows
//! them, [`dice`] picks moments that can be picked again. What a scenario does with them, the tests tell.

pub mod app;
pub mod bus;
pub mod calls;
pub mod dice;
pub mod disk;
pub mod paper;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use receiptd_api::{Client, ConnectError, Where};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use virtual_printer::{Config, Speed};

use crate::disk::SmallDisk;

/// The longest that anything here may take; what takes longer hangs. Far above what any step needs, since
/// a loaded machine is no failure.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Where a daemon is: a shop, a machine.
pub trait Reach {
    /// A client of it.
    fn client(&self) -> impl Future<Output = Result<Client, ConnectError>>;
}

impl Reach for Shop {
    async fn client(&self) -> Result<Client, ConnectError> {
        Self::client(self).await
    }
}

/// A folder that a daemon runs in.
#[derive(Debug)]
pub struct Shop {
    dir: TempDir,
    binaries: PathBuf,
    daemon: Option<Child>,
    disk: Option<SmallDisk>,
    /// Arguments beyond the configuration.
    pub arguments: Vec<String>,
    /// Environment variables of the daemon.
    pub environment: Vec<(String, String)>,
    /// The program, with its arguments, that starts the daemon in its own place, if any: as another user, say.
    pub runner: Vec<String>,
}

/// One printer of a shop's configuration.
#[derive(Debug)]
pub struct PrinterEntry<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where it is.
    pub address: SocketAddr,
    /// Further lines of its section.
    pub more: &'a str,
}

impl<'a> PrinterEntry<'a> {
    /// A printer with nothing special.
    pub fn new(name: &'a str, address: SocketAddr) -> Self {
        Self { name, address, more: "" }
    }

    /// The same with further lines in its section.
    #[must_use]
    pub fn with(self, more: &'a str) -> Self {
        Self { more, ..self }
    }
}

/// A printer of the reference class whose head is as fast as the fastest real ones (500 mm/s) and whose cutter
/// takes no time worth mentioning: honest, and no test waits for it long.
///
/// # Errors
/// The model is not known.
pub fn quick_printer() -> Result<Config, virtual_printer::Error> {
    printer_of("epson-tm-t88vi", 500.0)
}

/// The same class, slow enough (60 mm/s) that something can happen in the middle of a slip.
///
/// # Errors
/// The model is not known.
pub fn slow_printer() -> Result<Config, virtual_printer::Error> {
    printer_of("epson-tm-t88vi", 60.0)
}

/// A printer of a model at a speed in mm/s, with a quick cutter, if it has one. It draws nothing: tests read
/// its log.
///
/// # Errors
/// The model is not known.
pub fn printer_of(model: &str, mm_per_second: f64) -> Result<Config, virtual_printer::Error> {
    let mut config = Config::new(model)?.speed(Speed::MmPerSecond(mm_per_second));
    config.model.cutter_ms = config.model.cutter_ms.min(20);
    config.keep_paper = false;
    Ok(config)
}

/// What the shipped unit puts into the daemon's environment.
fn unit_environment() -> Vec<(String, String)> {
    let lines = include_str!("../../../systemd/receiptd.service").lines();
    let set = lines.filter_map(|line| line.strip_prefix("Environment=")?.split_once('='));
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Where the built programs lie: beside this test or program.
///
/// # Errors
/// They were not built.
pub fn binaries() -> io::Result<PathBuf> {
    let mut folder = std::env::current_exe()?;
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    if folder.join("receiptd").exists() {
        Ok(folder)
    } else {
        let message =
            format!("{} has no receiptd; build it first: cargo build --workspace --bins", folder.display());
        Err(io::Error::new(io::ErrorKind::NotFound, message))
    }
}

impl Shop {
    /// A shop with these printers; `sections` are added to the configuration as they are, what stands in them
    /// before the first header to `[spool]`. Nothing runs yet.
    ///
    /// # Errors
    /// The folder can't be made, or the programs were not built.
    pub fn new(printers: &[PrinterEntry<'_>], sections: &str) -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix("receiptd-").tempdir()?;
        let shop = Self {
            dir,
            binaries: binaries()?,
            daemon: None,
            disk: None,
            arguments: Vec::new(),
            environment: unit_environment(),
            runner: Vec::new(),
        };
        shop.configure(printers, sections)?;
        Ok(shop)
    }

    /// Writes the configuration anew; it counts from the next start on.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn configure(&self, printers: &[PrinterEntry<'_>], sections: &str) -> io::Result<()> {
        let mut text = format!(
            "[api]\nsocket = \"{}\"\nbus = \"none\"\nsocket-mode = \"0666\"\n[spool]\ndirectory = \"{}\"\n",
            self.socket().display(),
            self.spool().display()
        );
        text.push_str(sections);
        text.push('\n');
        for printer in printers {
            let _ = writeln!(
                text,
                "[[printer]]\nname = \"{}\"\nconnect = \"tcp:{}\"\n{}",
                printer.name, printer.address, printer.more
            );
        }
        fs::write(self.config(), text)
    }

    /// The shop's folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.path().join("receiptd.toml")
    }

    /// The spool's folder.
    pub fn spool(&self) -> PathBuf {
        self.path().join("spool")
    }

    /// The socket.
    pub fn socket(&self) -> PathBuf {
        self.path().join("api.sock")
    }

    /// A built program.
    pub fn program(&self, name: &str) -> Command {
        Command::new(self.binaries.join(name))
    }

    /// `receiptctl` against this shop, in English.
    pub fn receiptctl(&self, arguments: &[&str]) -> Command {
        let mut command = self.program("receiptctl");
        command.env("RECEIPTD_SOCKET", self.socket()).env("LC_ALL", "C.UTF-8").args(arguments);
        command
    }

    /// Puts the spool onto a disk of its own of so many bytes; needs root. Before the first start.
    ///
    /// # Errors
    /// It can't be mounted.
    pub fn small_disk(&mut self, bytes: u64) -> io::Result<()> {
        fs::create_dir_all(self.spool())?;
        self.disk = Some(SmallDisk::mount(&self.spool(), bytes)?);
        Ok(())
    }

    fn receiptd(&self) -> Command {
        let receiptd = self.program("receiptd");
        let mut command = match self.runner.split_first() {
            Some((runner, arguments)) => {
                let mut command = Command::new(runner);
                command.args(arguments).arg(receiptd.get_program());
                command
            }
            None => receiptd,
        };
        // Marks carry local time; the tests compare it with UTC.
        command.env("TZ", "UTC").envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.arg("--config").arg(self.config()).args(&self.arguments);
        command
    }

    /// Starts the daemon where it can't run: how it ended, and what it said.
    ///
    /// # Errors
    /// It runs.
    pub fn start_in_vain(&self) -> io::Result<(ExitStatus, String)> {
        let mut daemon =
            self.receiptd().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let deadline = Instant::now() + PATIENCE;
        while daemon.try_wait()?.is_none() {
            if Instant::now() > deadline {
                daemon.kill()?;
                daemon.wait()?;
                return Err(io::Error::other("the daemon runs although it can't"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let output = daemon.wait_with_output()?;
        Ok((output.status, String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    /// Starts the daemon and returns when it answers.
    ///
    /// # Errors
    /// It ended before it was ready; its log is in `daemon.log` in the shop's folder.
    pub fn start(&mut self) -> io::Result<()> {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path().join("daemon.log"))?;
        let mut command = self.receiptd();
        let mut daemon = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let mut first = String::new();
        if let Some(stdout) = daemon.stdout.take() {
            BufReader::new(stdout).read_line(&mut first)?;
        }
        if first.trim() != "ready" {
            let status = daemon.wait()?;
            let message = format!("the daemon ended with {status}: {}", self.log());
            return Err(io::Error::other(message));
        }
        self.daemon = Some(daemon);
        Ok(())
    }

    /// What the daemons of this shop logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path().join("daemon.log")).unwrap_or_default()
    }

    /// The daemon's process id.
    pub fn pid(&self) -> Option<u32> {
        self.daemon.as_ref().map(Child::id)
    }

    /// Sends a signal to the daemon.
    ///
    /// # Errors
    /// It does not run.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        let pid = self.daemon.as_ref().and_then(|d| Pid::from_raw(d.id() as i32));
        let pid = pid.ok_or_else(|| io::Error::other("the daemon does not run"))?;
        Ok(kill_process(pid, signal)?)
    }

    /// Ends the daemon as a crash does: SIGKILL.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill(&mut self) -> io::Result<()> {
        let mut daemon = self.daemon.take().ok_or_else(|| io::Error::other("the daemon does not run"))?;
        daemon.kill()?;
        daemon.wait()?;
        Ok(())
    }

    /// Ends the daemon as a service manager does: SIGTERM.
    ///
    /// # Errors
    /// It does not run.
    pub fn stop(&mut self) -> io::Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        let mut daemon = self.daemon.take().ok_or_else(|| io::Error::other("the daemon does not run"))?;
        daemon.wait()
    }

    /// A client over the socket.
    ///
    /// # Errors
    /// The daemon can't be reached.
    pub async fn client(&self) -> Result<Client, ConnectError> {
        Client::connect(Where::Socket(self.socket())).await
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            // The test is over, or has failed: nobody is interested in a clean end.
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        // Before the folder goes, and after the daemon went.
        self.disk = None;
        if std::thread::panicking() {
            eprintln!("--- the daemon's log ---\n{}", self.log());
        }
    }
}

/// Real documents, as the crate that renders them ships them.
pub mod documents {
    /// A UnionPay sale: merchant copy and customer copy, Chinese, QR code, cut.
    pub const UNIONPAY_SALE: &str = include_str!("../../../daemon/document/examples/unionpay-sale.json");
    /// The slip of a card sale by its fields: a copy for the merchant and one for the customer.
    pub const SLIP: &str = include_str!("../../../daemon/document/examples/slip-sale.json");
}
