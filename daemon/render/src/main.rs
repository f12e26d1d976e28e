//! `receiptd-render`: draws for receiptd what a printer's font lacks.
//!
//! It is started by receiptd and receiptctl, which talk to it over its standard input and output. It ends when they close
//! them, and by itself when nobody asks for a while. Nothing is written to any file.

use std::io::{self, BufReader, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use receiptd_fonts::{DEFAULT_FOLDERS, Fonts};
use receiptd_render::Painter;
use receiptd_render_client::wire::{ANSWER_BYTES_MAX, REQUEST_BYTES_MAX, receive, send, understand};
use rustix::process::{Resource, Rlimit, setrlimit};

/// Environment variable with folders of fonts, parted by colons, instead of the usual ones.
const FONTS_VARIABLE: &str = "RECEIPTD_FONTS";

/// Address space, in bytes: two large fonts, what is made of them, and the program. A text that wants more is ended.
const ADDRESS_SPACE_BYTES_MAX: u64 = 512 << 20;

/// How long it waits for a request, if nothing else is said.
const IDLE_S: u64 = 60;

const USAGE: &str = "usage: receiptd-render [--idle-s SECONDS]\n\
Draws for receiptd what a printer's font lacks. It is started by receiptd and receiptctl, not by people.\n";

fn main() -> ExitCode {
    let idle = match idle(std::env::args().skip(1)) {
        Ok(idle) => idle,
        Err(code) => return code,
    };
    confine();
    match serve(idle) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // To standard error, which is the daemon's log; it is gone only together with the daemon.
            drop(writeln!(io::stderr(), "receiptd-render: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// The time to wait for a request.
fn idle(mut arguments: impl Iterator<Item = String>) -> Result<Duration, ExitCode> {
    let mut idle = Duration::from_secs(IDLE_S);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next().and_then(|value| value.parse().ok())) {
            ("--idle-s", Some(seconds)) => idle = Duration::from_secs(seconds),
            ("--version", _) => {
                drop(writeln!(io::stdout(), "receiptd-render {}", env!("CARGO_PKG_VERSION")));
                return Err(ExitCode::SUCCESS);
            }
            _ => {
                drop(write!(io::stderr(), "{USAGE}"));
                return Err(ExitCode::from(2));
            }
        }
    }
    Ok(idle)
}

/// Takes from itself what it needs not: memory without end, files to write, cores that would hold receipts.
fn confine() {
    let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    for (resource, bytes) in
        [(Resource::As, ADDRESS_SPACE_BYTES_MAX), (Resource::Core, 0), (Resource::Fsize, 0)]
    {
        // It fails if the limit is lower already, and in the daemon's unit, which filters the call and limits memory itself.
        let _: Result<(), rustix::io::Errno> = setrlimit(resource, limit(bytes));
    }
}

fn fonts() -> Fonts {
    match std::env::var_os(FONTS_VARIABLE) {
        Some(folders) => Fonts::new(std::env::split_paths(&folders).collect()),
        None => Fonts::new(DEFAULT_FOLDERS.map(PathBuf::from).to_vec()),
    }
}

/// Answers requests until nobody asks any more.
fn serve(idle: Duration) -> io::Result<()> {
    // Reading has a thread of its own, so that waiting can end. One request at a time is under way.
    let (sender, requests) = mpsc::sync_channel(1);
    std::thread::Builder::new().name("requests".to_owned()).spawn(move || {
        let mut input = BufReader::new(io::stdin());
        loop {
            let frame = receive(&mut input, REQUEST_BYTES_MAX);
            let ended = !matches!(frame, Ok(Some(_)));
            if sender.send(frame).is_err() || ended {
                return;
            }
        }
    })?;
    let painter = Painter::new(fonts());
    loop {
        let frame = match requests.recv_timeout(idle) {
            Ok(frame) => frame?,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(()),
        };
        let Some(frame) = frame else { return Ok(()) };
        let answer = painter.answer(&understand(&frame)?);
        send(io::stdout().lock(), &answer, ANSWER_BYTES_MAX)?;
    }
}
