//! CUPS in the same run: its own cupsd with a stopped queue, and a client that costs nothing (IPP Print-Job
//! over one kept connection). Needs Debian's packages cups and cups-client, and root.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Fallible;
use crate::load::Submit;

const CUPSD: &str = "/usr/sbin/cupsd";

/// How long it may take to answer.
const START_MAX: Duration = Duration::from_secs(10);

/// What it flushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As Debian ships it: nothing before it answers.
    Default,
    /// As durable as it can be set.
    Hardened,
}

/// A running cupsd.
#[derive(Debug)]
pub struct Cups {
    dir: TempDir,
    child: Child,
}

/// Whether it can be compared with; else why not.
///
/// # Errors
/// What is missing.
pub fn available() -> Result<(), String> {
    if !Path::new(CUPSD).exists() {
        return Err("cupsd is not installed; --with-cups installs it".into());
    }
    if !rustix::process::geteuid().is_root() {
        return Err("cupsd runs as root only".into());
    }
    Ok(())
}

/// Installs it from Debian's archive.
///
/// # Errors
/// apt-get failed.
pub fn install(packages: &[&str]) -> Fallible<()> {
    let mut command = Command::new("apt-get");
    command.args(["install", "-y", "--no-install-recommends"]).args(packages);
    let status = command.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(format!("apt-get ended with {status}").into()) }
}

impl Cups {
    /// Starts one with a queue that accepts and does not print.
    ///
    /// # Errors
    /// It does not come up.
    pub fn start(mode: Mode) -> Fallible<Self> {
        let dir = tempfile::Builder::new().prefix("cups-").tempdir()?;
        let root = dir.path().display();
        for sub in ["etc", "spool", "spool/tmp", "cache", "run", "log"] {
            fs::create_dir(dir.path().join(sub))?;
        }
        let (interval, sync) = match mode {
            Mode::Default => (30, "No"),
            Mode::Hardened => (0, "Yes"),
        };
        let etc = dir.path().join("etc");
        fs::write(
            etc.join("cupsd.conf"),
            format!(
                "LogLevel warn\nListen {root}/cups.sock\nBrowsing No\nDefaultAuthType None\nWebInterface No\n\
                 MaxJobs 0\nMaxClients 200\nDirtyCleanInterval {interval}\nErrorPolicy retry-job\n\
                 <Location />\nOrder allow,deny\nAllow all\n</Location>\n\
                 <Policy default>\n<Limit All>\nOrder deny,allow\n</Limit>\n</Policy>\n"
            ),
        )?;
        fs::write(
            etc.join("cups-files.conf"),
            format!(
                "User lp\nGroup lp\nSystemGroup root\nFileDevice Yes\nSyncOnClose {sync}\nServerRoot {root}/etc\n\
                 RequestRoot {root}/spool\nTempDir {root}/spool/tmp\nCacheDir {root}/cache\nStateDir {root}/run\n\
                 AccessLog {root}/log/access\nErrorLog {root}/log/error\nPageLog {root}/log/page\n"
            ),
        )?;
        fs::write(
            etc.join("printers.conf"),
            "<DefaultPrinter bench>\nDeviceURI socket://127.0.0.1:9\nState Stopped\nAccepting Yes\nShared No\n\
             JobSheets none none\n</DefaultPrinter>\n",
        )?;
        let conf = etc.join("cupsd.conf");
        let files = etc.join("cups-files.conf");
        let mut command = Command::new(CUPSD);
        command.arg("-f").arg("-c").arg(conf).arg("-s").arg(files);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let cups = Self { dir, child };
        let begin = Instant::now();
        while cups.client(&[]).is_err() {
            if begin.elapsed() > START_MAX {
                return Err("cupsd does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(cups)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("cups.sock")
    }

    fn client(&self, document: &[u8]) -> Fallible<IppClient> {
        let stream = UnixStream::connect(self.socket())?;
        Ok(IppClient { reader: BufReader::new(stream.try_clone()?), stream, request: print_job(document) })
    }

    /// Connected clients.
    ///
    /// # Errors
    /// It takes no more.
    pub fn clients(&self, document: &[u8], count: usize) -> Fallible<Vec<IppClient>> {
        (0..count).map(|_| self.client(document)).collect()
    }
}

impl Drop for Cups {
    fn drop(&mut self) {
        // Its spool goes with it; nobody is interested in a clean end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One kept connection.
#[derive(Debug)]
pub struct IppClient {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    request: Vec<u8>,
}

impl Submit for IppClient {
    fn ask(&mut self, _number: u64) -> Fallible<()> {
        self.stream.write_all(&self.request)?;
        Ok(())
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }

    fn answer(&mut self) -> Fallible<()> {
        let mut length = 0;
        let mut status = String::new();
        self.reader.read_line(&mut status)?;
        if !status.starts_with("HTTP/1.1 200") {
            return Err(format!("cupsd: {status:?}").into());
        }
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            if let Some((name, value)) = line.trim_end().split_once(": ")
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.parse()?;
            }
            if line.trim_end().is_empty() {
                break;
            }
        }
        let mut body: Vec<u8> = vec![0; length];
        self.reader.read_exact(&mut body)?;
        match body.get(2..4) {
            Some([0, _]) => Ok(()),
            other => Err(format!("cupsd refused the job: IPP status {other:02x?}").into()),
        }
    }
}

/// A whole HTTP request: IPP 2.0 Print-Job, raw.
fn print_job(document: &[u8]) -> Vec<u8> {
    const CHARSET: u8 = 0x47;
    const LANGUAGE: u8 = 0x48;
    const URI: u8 = 0x45;
    const NAME: u8 = 0x42;
    const MIME: u8 = 0x49;
    let mut ipp = vec![2, 0, 0, 2, 0, 0, 0, 1, 1];
    for (tag, name, value) in [
        (CHARSET, "attributes-charset", "utf-8"),
        (LANGUAGE, "attributes-natural-language", "en"),
        (URI, "printer-uri", "ipp://localhost/printers/bench"),
        (NAME, "requesting-user-name", "root"),
        (NAME, "job-name", "slip"),
        (MIME, "document-format", "application/vnd.cups-raw"),
    ] {
        ipp.push(tag);
        for text in [name, value] {
            ipp.extend((text.len() as u16).to_be_bytes());
            ipp.extend(text.bytes());
        }
    }
    ipp.push(3);
    ipp.extend(document);
    let mut request = format!(
        "POST /printers/bench HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n\
         Content-Length: {}\r\n\r\n",
        ipp.len()
    )
    .into_bytes();
    request.extend(ipp);
    request
}
