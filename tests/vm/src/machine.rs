//! The machine: QEMU without acceleration, so that it runs wherever the tests run, and everything it has.
//!
//! Its console tells when it is up; commands are run by an agent behind a forwarded port (`guest/agent`); callers of
//! the daemon come through another one. What the machine is to remember lies on its [`Disk`], everything that judges it
//! outside.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use receiptd_system_tests::dice::Dice;
use tempfile::TempDir;

use crate::bridge;
use crate::disk::{Cut, Disk};
use crate::paper::Paper;

/// The longest that a boot may take; about 30 s are usual on two cores without acceleration, more where they have other work.
pub const BOOT_MAX: Duration = Duration::from_secs(600);

/// The longest that one command may take.
pub const COMMAND_MAX: Duration = Duration::from_secs(180);

/// The port of the agent in the machine.
const AGENT: u16 = 7000;

/// The port in the machine behind which the daemon's socket is; see `guest/vm-bridge.socket`.
const BRIDGE: u16 = 7001;

/// The kernel's command line.
const KERNEL: &str =
    "root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 systemd.show_status=no mitigations=off audit=0";

/// Printers in the machine whose paper is recorded outside, each behind `/dev/virtio-ports/paper.N`.
pub const PAPERS: usize = 2;

/// Further disks, empty: files of this machine, and bytes. The first is for file systems that are made to fail, the second
/// for a log of what is written to the first. Only [`Machine::cut_power`] of the first disk loses anything.
const MORE_DISKS: [(&str, u64); 2] = [("spool.disk", 256 << 20), ("log.disk", 2 << 30)];

/// What the console says when commands can be run.
const UP: &str = "vm-is-up";

/// Where the machine finds what listens on 127.0.0.1 outside.
pub const OUTSIDE: &str = "10.0.2.2";

/// A machine, running or not.
#[derive(Debug)]
pub struct Machine {
    dir: TempDir,
    image: PathBuf,
    disk: Disk,
    papers: Vec<Paper>,
    memory_mb: u32,
    running: Option<Running>,
    bridge: Arc<AtomicU16>,
    boots: u32,
}

#[derive(Debug)]
struct Running {
    qemu: Child,
    agent: u16,
    /// Lines of the console; the lock lets several threads run commands.
    console: Mutex<Receiver<String>>,
}

/// What a command did.
#[derive(Debug)]
pub struct Done {
    /// Its exit code.
    pub code: i32,
    /// What it printed, on both outputs.
    pub text: String,
}

impl Machine {
    /// A new machine with a fresh disk; builds the image if there is none yet.
    ///
    /// # Errors
    /// The image can't be built or read.
    pub fn new() -> io::Result<Self> {
        let image = image()?;
        let dir = tempfile::Builder::new().prefix("receiptd-vm-").tempdir()?;
        let disk = Disk::new(&image.join("disk.img"), dir.path())?;
        disk.serve(&dir.path().join("disk.sock"))?;
        let papers = (0..PAPERS).map(|n| Paper::record(&paper_socket(dir.path(), n)));
        let papers = papers.collect::<io::Result<_>>()?;
        for (name, bytes) in MORE_DISKS {
            fs::File::create(dir.path().join(name))?.set_len(bytes)?;
        }
        let bridge = Arc::new(AtomicU16::new(0));
        bridge::start(&dir.path().join("api.sock"), Arc::clone(&bridge))?;
        Ok(Self { dir, image, disk, papers, memory_mb: 512, running: None, bridge, boots: 0 })
    }

    /// The folder outside that belongs to this machine: its console's log, sockets, what tests put there.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The log of the console, all boots.
    pub fn console(&self) -> PathBuf {
        self.path().join("console.log")
    }

    /// What the printer with this number in the machine put on paper.
    ///
    /// # Errors
    /// There are only so many.
    pub fn paper(&self, number: usize) -> io::Result<&Paper> {
        self.papers.get(number).ok_or_else(|| io::Error::other(format!("no paper {number} is recorded")))
    }

    fn qemu(&self, agent: u16, bridge: u16) -> Command {
        // QEMU ends with us, however we end.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "qemu-system-x86_64"]);
        let forwards = format!(
            "user,id=net,hostfwd=tcp:127.0.0.1:{agent}-:{AGENT},hostfwd=tcp:127.0.0.1:{bridge}-:{BRIDGE}"
        );
        let disk =
            format!("file=nbd:unix:{}/disk.sock,if=virtio,format=raw,cache=writeback", self.path().display());
        // Without ioeventfd a write is outside when it returns in the machine.
        command.args(["-device", "virtio-serial-pci,ioeventfd=off"]);
        for n in 0..PAPERS {
            let socket = paper_socket(self.path(), n);
            command
                .args(["-chardev", &format!("socket,id=paper{n},path={}", socket.display())])
                .args(["-device", &format!("virtserialport,chardev=paper{n},name=paper.{n}")]);
        }
        command
            .args(["-accel", "tcg,thread=multi", "-cpu", "max", "-M", "q35", "-smp", "2"])
            .args(["-m", &self.memory_mb.to_string(), "-display", "none", "-nodefaults", "-no-reboot"])
            .args(["-serial", "stdio"])
            .args(["-netdev", &forwards, "-device", "virtio-net-pci,netdev=net,romfile="])
            .args(["-device", "virtio-rng-pci", "-drive", &disk]);
        for (name, _) in MORE_DISKS {
            let file = self.path().join(name);
            command.args(["-drive", &format!("file={},if=virtio,format=raw", file.display())]);
        }
        command
            .arg("-kernel")
            .arg(self.image.join("kernel"))
            .arg("-initrd")
            .arg(self.image.join("initrd"))
            .args(["-append", &format!("{KERNEL} vm.uid={}", rustix::process::getuid().as_raw())]);
        command
    }

    /// Switches it on and waits until commands can be run; how long that took.
    ///
    /// # Errors
    /// It can't be started, or does not come up in time.
    pub fn boot(&mut self) -> io::Result<Duration> {
        let began = Instant::now();
        self.switch_on()?;
        self.wait_until_up()?;
        Ok(began.elapsed())
    }

    /// Switches it on without waiting.
    ///
    /// # Errors
    /// It can't be started.
    pub fn switch_on(&mut self) -> io::Result<()> {
        if self.running.is_some() {
            return Err(io::Error::other("the machine is on already"));
        }
        let (agent, bridge) = (free_port()?, free_port()?);
        let mut command = self.qemu(agent, bridge);
        let errors = fs::File::options().create(true).append(true).open(self.path().join("qemu.log"))?;
        let mut qemu =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).spawn().map_err(|why| {
                io::Error::new(why.kind(), format!("setpriv: {why}; run scripts/setup system-test"))
            })?;
        self.boots += 1;
        self.bridge.store(bridge, Ordering::Relaxed);
        let mut log = fs::File::options().create(true).append(true).open(self.console())?;
        writeln!(log, "--- boot {} ---", self.boots)?;
        let (sender, console) = channel();
        if let Some(stdout) = qemu.stdout.take() {
            std::thread::Builder::new().name("console".to_owned()).spawn(move || {
                let mut stdout = BufReader::new(stdout);
                let mut line = Vec::new();
                while stdout.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                    // Nobody waits for it any more; the log goes on.
                    let _ = log.write_all(&line);
                    let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
                    line.clear();
                }
            })?;
        }
        self.running = Some(Running { qemu, agent, console: Mutex::new(console) });
        Ok(())
    }

    /// Waits until commands can be run.
    ///
    /// # Errors
    /// It does not come up in time, or QEMU ended.
    pub fn wait_until_up(&mut self) -> io::Result<()> {
        self.wait_for_console(UP, BOOT_MAX)?;
        let done = self.run("true")?;
        if done.code == 0 { Ok(()) } else { Err(io::Error::other("the agent does not run commands")) }
    }

    /// Waits for a line of the console that contains a text.
    ///
    /// # Errors
    /// It does not come in time, or QEMU ended.
    pub fn wait_for_console(&mut self, text: &str, limit: Duration) -> io::Result<()> {
        let deadline = Instant::now() + limit;
        loop {
            let running = self.running.as_ref().ok_or_else(is_off)?;
            let console = running.console.lock().unwrap_or_else(PoisonError::into_inner);
            match console.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(text) => return Ok(()),
                Ok(_) => {}
                Err(why) => {
                    let what = match why {
                        RecvTimeoutError::Timeout => format!("{} s are over", limit.as_secs()),
                        RecvTimeoutError::Disconnected => "QEMU ended".to_owned(),
                    };
                    let log = fs::read(self.console()).unwrap_or_default();
                    let log = String::from_utf8_lossy(&log).into_owned();
                    let errors = fs::read_to_string(self.path().join("qemu.log")).unwrap_or_default();
                    let tail: Vec<&str> = log.lines().rev().take(30).collect();
                    let tail: Vec<&str> = tail.into_iter().rev().collect();
                    let message = format!(
                        "waited for \"{text}\" on the machine's console: {what}\n{errors}{}",
                        tail.join("\n")
                    );
                    return Err(io::Error::new(io::ErrorKind::TimedOut, message));
                }
            }
        }
    }

    /// Runs a script of bash as root and waits for its end.
    ///
    /// # Errors
    /// The machine can't be reached, or the command does not end in time.
    pub fn run(&self, script: &str) -> io::Result<Done> {
        self.run_with(script, &mut io::empty(), None)
    }

    /// The same, and a failing command is an error with what it printed.
    ///
    /// # Errors
    /// It failed, or could not be run.
    pub fn must(&self, script: &str) -> io::Result<String> {
        let done = self.run(script)?;
        if done.code == 0 {
            return Ok(done.text);
        }
        Err(io::Error::other(format!("in the machine, \"{script}\" ended with {}: {}", done.code, done.text)))
    }

    /// Runs a script with an input; what it prints also goes to `output` as it comes.
    ///
    /// # Errors
    /// The machine can't be reached, or the command does not end in time.
    pub fn run_with(
        &self,
        script: &str,
        input: &mut (dyn Read + Send),
        mut output: Option<&mut dyn Write>,
    ) -> io::Result<Done> {
        let running = self.running.as_ref().ok_or_else(is_off)?;
        let context = |why: io::Error| {
            let first = script.lines().next().unwrap_or_default();
            io::Error::new(why.kind(), format!("running \"{first}\" in the machine: {why}"))
        };
        let mut stream = TcpStream::connect(("127.0.0.1", running.agent)).map_err(context)?;
        stream.set_read_timeout(Some(COMMAND_MAX))?;
        let mut writer = stream.try_clone()?;
        let mut all = Vec::new();
        std::thread::scope(|scope| -> io::Result<()> {
            // A command that prints before it has read everything must not wait for us.
            let feeder = scope.spawn(move || -> io::Result<()> {
                write!(writer, "{}\n{script}", script.len())?;
                io::copy(input, &mut writer)?;
                writer.shutdown(Shutdown::Write)
            });
            let mut buffer = [0; 8192];
            loop {
                let n = stream.read(&mut buffer)?;
                if n == 0 {
                    break;
                }
                all.extend_from_slice(&buffer[..n]);
                if let Some(output) = &mut output {
                    output.write_all(&buffer[..n])?;
                    output.flush()?;
                }
            }
            // A command may end before it has read its input: its exit code tells.
            let _ = feeder.join();
            Ok(())
        })
        .map_err(context)?;
        let text = String::from_utf8_lossy(&all).into_owned();
        let end =
            text.trim_end().rsplit_once("\nexit ").map(|(before, code)| (before.to_owned(), code.parse()));
        match end {
            Some((text, Ok(code))) => Ok(Done { code, text }),
            _ => Err(context(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                format!("broke off after: {text}"),
            ))),
        }
    }

    /// Copies files and folders into a folder of the machine.
    ///
    /// # Errors
    /// One can't be read, or the machine can't be reached.
    pub fn put(&self, files: &[PathBuf], into: &str) -> io::Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let mut tar = Command::new("tar");
        tar.args(["-c", "--owner=0", "--group=0", "-f", "-"]);
        for file in files {
            let path = file
                .canonicalize()
                .map_err(|why| io::Error::new(why.kind(), format!("{}: {why}", file.display())))?;
            let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
                return Err(io::Error::other(format!("{} has no name", path.display())));
            };
            let name: OsString = name.to_owned();
            tar.arg("-C").arg(folder).arg(name);
        }
        let mut tar = tar.stdout(Stdio::piped()).spawn()?;
        let mut stdout = tar.stdout.take().ok_or_else(|| io::Error::other("tar has no output"))?;
        let done =
            self.run_with(&format!("mkdir -p '{into}' && tar -x -C '{into}' -f -"), &mut stdout, None)?;
        if !tar.wait()?.success() || done.code != 0 {
            return Err(io::Error::other(format!("copying into the machine failed: {}", done.text)));
        }
        Ok(())
    }

    /// Writes a file in the machine.
    ///
    /// # Errors
    /// The machine can't be reached, or the file can't be written.
    pub fn write(&self, path: &str, text: &str) -> io::Result<()> {
        let done = self.run_with(
            &format!("mkdir -p \"$(dirname '{path}')\" && cat > '{path}'"),
            &mut text.as_bytes(),
            None,
        )?;
        if done.code == 0 { Ok(()) } else { Err(io::Error::other(format!("{path}: {}", done.text))) }
    }

    /// A socket outside behind which the daemon's is.
    pub fn api(&self) -> PathBuf {
        self.path().join("api.sock")
    }

    /// The file behind the second disk of the machine (`/dev/vdb`).
    pub fn spool_disk(&self) -> PathBuf {
        self.path().join(MORE_DISKS[0].0)
    }

    /// The file behind the third (`/dev/vdc`).
    pub fn log_disk(&self) -> PathBuf {
        self.path().join(MORE_DISKS[1].0)
    }

    /// Whether it is switched on.
    pub fn is_on(&self) -> bool {
        self.running.is_some()
    }

    /// The first disk.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Whether QEMU has ended though nobody ended it.
    pub fn has_ended(&mut self) -> bool {
        self.running.as_mut().is_some_and(|running| running.qemu.try_wait().is_ok_and(|end| end.is_some()))
    }

    /// The power fails: QEMU gets SIGKILL, and what the disk had not flushed is lost as the dice want.
    ///
    /// # Errors
    /// The machine is off, or the disk can't be written.
    pub fn cut_power(&mut self, dice: &mut Dice) -> io::Result<Cut> {
        let mut running = self.running.take().ok_or_else(is_off)?;
        running.qemu.kill()?;
        running.qemu.wait()?;
        self.disk.cut_power(dice)
    }

    /// Shuts it down in order.
    ///
    /// # Errors
    /// It is off, or does not end in time.
    pub fn shut_down(&mut self) -> io::Result<ExitStatus> {
        self.run("systemctl --no-block poweroff")?;
        let mut running = self.running.take().ok_or_else(is_off)?;
        let console = running.console.into_inner().unwrap_or_else(PoisonError::into_inner);
        // The end of QEMU is the end of its console.
        let deadline = Instant::now() + COMMAND_MAX;
        loop {
            match console.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return running.qemu.wait(),
                Err(RecvTimeoutError::Timeout) => {
                    running.qemu.kill()?;
                    running.qemu.wait()?;
                    return Err(io::Error::new(
                        io::ErrorKind::TimedOut,
                        "waited for the machine to switch itself off",
                    ));
                }
            }
        }
    }

    /// Switches it on with this terminal as its console, and waits until it is switched off inside.
    ///
    /// # Errors
    /// It can't be started.
    pub fn at_terminal(&mut self) -> io::Result<ExitStatus> {
        self.qemu(free_port()?, free_port()?).status()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            // The test is over: nobody is interested in a clean end.
            let _ = running.qemu.kill();
            let _ = running.qemu.wait();
        }
    }
}

fn is_off() -> io::Error {
    io::Error::other("the machine is off")
}

fn paper_socket(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("paper-{number}.sock"))
}

/// A port that was free a moment ago.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The folder of the image; built if need be, which takes some minutes once.
fn image() -> io::Result<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("build-image");
    let output = Command::new(&script).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(io::Error::other("the image of the test machine can't be built"));
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim().to_owned()))
}
