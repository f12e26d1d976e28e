//! A terminal in a shop: a machine with the package installed, its printer outside, where the paper outlives the machine.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use receiptd_api::{Client, ConnectError, Where};
use receiptd_system_tests::dice::Dice;
use receiptd_system_tests::{PATIENCE, Reach, printer_of};
use virtual_printer::{Handle, VirtualPrinter};

use crate::machine::{Machine, OUTSIDE};

/// mm/s: fast, and slow enough that a slip takes a moment.
const SPEED: f64 = 350.0;

/// Tries to connect, of 5 s each, before the daemon counts as dead.
const CONNECTS: usize = 6;

/// The terminal.
#[derive(Debug)]
pub struct Terminal {
    /// The machine.
    pub machine: Machine,
    /// Its printer.
    pub printer: Handle,
    /// Moments and orders of what happens.
    pub dice: Dice,
    /// The package that is installed.
    pub deb: PathBuf,
    /// Sections with printers on USB that the daemon of this process id was started with.
    pub usb: Option<(String, String)>,
}

impl Reach for Terminal {
    async fn client(&self) -> Result<Client, ConnectError> {
        // A machine without acceleration on a loaded one may need longer than a client usually waits.
        for _ in 1..CONNECTS {
            match Client::connect(Where::Socket(self.machine.api())).await {
                Err(ConnectError::Timeout(_)) => {}
                other => return other,
            }
        }
        Client::connect(Where::Socket(self.machine.api())).await
    }
}

impl Terminal {
    /// A terminal that is on, with the package `deb` installed and the daemon running.
    ///
    /// # Errors
    /// The machine does not come up, the package can't be installed, or the daemon does not become ready.
    pub fn new(deb: &Path) -> io::Result<Self> {
        let config = printer_of("epson-tm-t88vi", SPEED).map_err(io::Error::other)?;
        let printer = VirtualPrinter::start(config).map_err(io::Error::other)?;
        let mut machine = Machine::new()?;
        let took = machine.boot()?;
        println!("the machine is up after {:.0} s", took.as_secs_f64());
        let terminal =
            Self { machine, printer, dice: Dice::seeded("system-test"), deb: deb.to_owned(), usb: None };
        // The configuration lies there before the package comes, as an integrator's image has it.
        terminal.configure("")?;
        terminal.install(deb)?;
        Ok(terminal)
    }

    /// Writes what the configuration has beyond the package's: the printer, a socket that everybody may use, and
    /// these sections.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn configure(&self, sections: &str) -> io::Result<()> {
        let printer = format!(
            "[[printer]]\nname = \"counter\"\nconnect = \"tcp:{OUTSIDE}:{}\"\n",
            self.printer.addr().port()
        );
        let text = format!("[api]\nsocket-mode = \"0666\"\n{sections}\n{printer}");
        self.machine.write("/etc/receiptd/receiptd.toml.d/test.toml", &text)
    }

    /// Installs a package as apt would; what it prints.
    ///
    /// # Errors
    /// It can't be copied or installed.
    pub fn install(&self, deb: &Path) -> io::Result<String> {
        let name = deb.file_name().unwrap_or_default().to_string_lossy();
        self.machine.put(&[deb.to_owned()], "/root/packages")?;
        self.machine
            .must(&format!("DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i '/root/packages/{name}'"))
    }

    /// Starts the daemon, or waits for its start if it is under way; returns when it is ready.
    ///
    /// # Errors
    /// It does not become ready.
    pub fn start(&self) -> io::Result<()> {
        let done = self.machine.run("systemctl start receiptd")?;
        if done.code == 0 {
            return Ok(());
        }
        let log = self.log()?;
        Err(io::Error::other(format!("the daemon does not start: {}\n{log}", done.text)))
    }

    /// The daemon with an empty spool and nothing on the way to the printer.
    ///
    /// # Errors
    /// It can't be stopped or started.
    pub fn fresh(&self) -> io::Result<()> {
        self.machine.must("systemctl stop receiptd && rm -rf /var/lib/receiptd/spool && sync")?;
        self.printer.wait_for(|s| s.idle, PATIENCE).map_err(io::Error::other)?;
        self.start()
    }

    /// A property of the daemon's unit.
    ///
    /// # Errors
    /// The machine can't be reached.
    pub fn unit(&self, property: &str) -> io::Result<String> {
        Ok(self.machine.must(&format!("systemctl show receiptd -P {property}"))?.trim().to_owned())
    }

    /// What the daemon said last.
    ///
    /// # Errors
    /// The machine can't be reached.
    pub fn log(&self) -> io::Result<String> {
        self.machine.must("journalctl -u receiptd -o cat -n 40 --no-pager")
    }
}

/// The same package under another version, in `folder`.
///
/// # Errors
/// `dpkg-deb` fails.
pub fn as_version(deb: &Path, version: &str, folder: &Path) -> io::Result<PathBuf> {
    let tree = folder.join(format!("tree-{version}"));
    let new = folder.join(format!("receiptd_{version}.deb"));
    dpkg_deb(Command::new("dpkg-deb").arg("-R").arg(deb).arg(&tree))?;
    let control = tree.join("DEBIAN/control");
    let text = std::fs::read_to_string(&control)?;
    let lines = text.lines().map(|line| {
        if line.starts_with("Version:") { format!("Version: {version}\n") } else { format!("{line}\n") }
    });
    std::fs::write(&control, lines.collect::<String>())?;
    dpkg_deb(Command::new("dpkg-deb").args(["-b", "--root-owner-group", "-Zgzip"]).arg(&tree).arg(&new))?;
    Ok(new)
}

fn dpkg_deb(command: &mut Command) -> io::Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("dpkg-deb: {}", String::from_utf8_lossy(&output.stderr))))
}
