//! Starts the program that draws, asks it, and ends it when it hangs.
//!
//! Blocking: to be called where waiting harms nobody. One request is under way at a time; others wait for their turn.

use std::fmt;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use receiptd_document::{DrawLine, Grey, TypesetError, Typesetter};

use crate::program::{PROGRAM, PROGRAM_VARIABLE, find};
use crate::wire::{ANSWER_BYTES_MAX, Answer, REQUEST_BYTES_MAX, Request, receive, send, understand};

/// Environment variables that the program is given: none of the daemon's but these.
const PASSED_ON: [&str; 2] = ["RECEIPTD_FONTS", "LANG"];

/// How long what may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// One answer. Drawing a line takes a millisecond; the first also opens fonts, from a slow card and with all other
    /// fonts looked through perhaps a second.
    pub answer: Duration,
    /// All lines of one document together. Drawing one of 20 m takes a second.
    pub document: Duration,
    /// How long the program stays when nobody asks. It is told so, and ends by itself.
    pub idle: Duration,
}

impl Limits {
    /// What a daemon uses.
    pub const DEFAULT: Self = Self {
        answer: Duration::from_secs(10),
        document: Duration::from_secs(30),
        idle: Duration::from_secs(60),
    };
}

/// The program that draws, started when it is needed.
pub struct Helper {
    program: Option<PathBuf>,
    limits: Limits,
    running: Mutex<Option<Running>>,
}

impl fmt::Debug for Helper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Helper").field("program", &self.program).finish_non_exhaustive()
    }
}

impl Default for Helper {
    fn default() -> Self {
        Self { program: None, limits: Limits::DEFAULT, running: Mutex::new(None) }
    }
}

/// A running program. It is killed when this goes.
struct Running {
    child: Child,
    socket: UnixStream,
    /// It has answered before: that it is gone now is no fault, it may have been idle too long.
    proven: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Helper {
    /// The program at this place, with these limits.
    #[must_use]
    pub const fn at(program: PathBuf, limits: Limits) -> Self {
        Self { program: Some(program), limits, running: Mutex::new(None) }
    }

    /// Asks for something; the answer. A program that has ended since the last request is started again.
    ///
    /// # Errors
    /// It cannot be started, does not answer in time, or fails. It is ended then, and started anew for the next request.
    pub fn ask(&self, request: &Request<'_>) -> Result<Answer, TypesetError> {
        self.ask_within(request, self.limits.answer)
    }

    /// Draws the lines of one document, which have a time limit together. Made for each document anew.
    #[must_use]
    pub fn for_document(&self) -> Drawing<'_> {
        Drawing { helper: self, deadline: Instant::now() + self.limits.document }
    }

    fn ask_within(&self, request: &Request<'_>, limit: Duration) -> Result<Answer, TypesetError> {
        let mut running = self.lock();
        loop {
            let mut program = match running.take() {
                Some(program) => program,
                None => self.start()?,
            };
            let proven = program.proven;
            match program.ask(request, limit) {
                Ok(answer) => {
                    program.proven = true;
                    *running = Some(program);
                    return Ok(answer);
                }
                Err(error) if proven && is_gone(&error) => {
                    log::debug!("receiptd-render had ended ({error}); it is started again");
                }
                Err(error) if is_late(&error) => {
                    log::warn!("receiptd-render did not answer within {limit:?} and is ended");
                    return Err(TypesetError::TimedOut);
                }
                Err(error) => {
                    let detail = program.fate(&error);
                    log::warn!("receiptd-render failed: {detail}");
                    return Err(TypesetError::Failed { detail });
                }
            }
        }
    }

    /// Takes leave of a program that has ended by itself, so that the system can forget it. To be called now and then.
    pub fn tidy(&self) {
        // Who holds the lock talks to it just now.
        if let Ok(mut running) = self.running.try_lock()
            && running.as_mut().is_some_and(|program| !matches!(program.child.try_wait(), Ok(None)))
        {
            *running = None;
        }
    }

    /// A panic elsewhere leaves at worst a program that is in the middle of an answer, which is then found out.
    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self) -> Result<Running, TypesetError> {
        let missing = |detail: String| TypesetError::Missing { detail };
        let program = match &self.program {
            Some(program) => program.clone(),
            None => find(PROGRAM, PROGRAM_VARIABLE).map_err(missing)?,
        };
        let failed = |error: io::Error| missing(format!("{}: {error}", program.display()));
        let (ours, theirs) = UnixStream::pair().map_err(failed)?;
        let stdout: OwnedFd = theirs.try_clone().map_err(failed)?.into();
        let stdin: OwnedFd = theirs.into();
        let mut command = Command::new(&program);
        command
            .arg("--idle-s")
            .arg(self.limits.idle.as_secs().to_string())
            .current_dir("/")
            .env_clear()
            .stdin(Stdio::from(stdin))
            .stdout(Stdio::from(stdout));
        command.envs(PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        let child = command.spawn().map_err(failed)?;
        log::debug!("{} started", program.display());
        // The command holds the other end of the socket: with it gone, the end of the program is the end of the stream.
        drop(command);
        Ok(Running { child, socket: ours, proven: false })
    }
}

impl Running {
    fn ask(&mut self, request: &Request<'_>, limit: Duration) -> io::Result<Answer> {
        let mut stream = Until { socket: &self.socket, deadline: Instant::now() + limit };
        send(&mut stream, request, REQUEST_BYTES_MAX)?;
        let frame = receive(&mut stream, ANSWER_BYTES_MAX)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        understand(&frame)
    }

    /// What became of a program that failed with an error.
    fn fate(&mut self, error: &io::Error) -> String {
        match self.child.try_wait() {
            Ok(Some(status)) => format!("{error}; {status}"),
            _ => error.to_string(),
        }
    }
}

/// Whether an error means that nobody is at the other end.
fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
}

fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// A socket on which everything together must be done by a time.
struct Until<'a> {
    socket: &'a UnixStream,
    deadline: Instant,
}

impl Until<'_> {
    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Read for Until<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(self.left()?)?;
        (&mut &*self.socket).read(buffer)
    }
}

impl Write for Until<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(self.left()?)?;
        (&mut &*self.socket).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Draws the lines of one document: see [`Helper::for_document`].
#[derive(Debug)]
pub struct Drawing<'h> {
    helper: &'h Helper,
    deadline: Instant,
}

impl Drawing<'_> {
    fn ask(&self, request: &Request<'_>) -> Result<Answer, TypesetError> {
        let left = self.deadline.saturating_duration_since(Instant::now()).min(self.helper.limits.answer);
        if left.is_zero() {
            return Err(TypesetError::TimedOut);
        }
        self.helper.ask_within(request, left)
    }
}

impl Typesetter for Drawing<'_> {
    fn draw(&self, line: &DrawLine<'_>) -> Result<Vec<u8>, TypesetError> {
        match self.ask(&Request::Line(line.clone()))? {
            Answer::Picture(rows) if rows.len() == line.picture_bytes() => Ok(rows),
            Answer::Picture(_) => Err(TypesetError::Failed {
                detail: "the picture has another size than was asked for".to_owned(),
            }),
            other => Err(failure(other)),
        }
    }

    fn unpack_jpeg(&self, jpeg: &[u8], pixels_max: u64) -> Result<Grey, TypesetError> {
        match self.ask(&Request::Jpeg { bytes: jpeg, pixels_max })? {
            Answer::Grey(grey) => Ok(grey),
            other => Err(failure(other)),
        }
    }
}

/// An answer that is not what was asked for.
fn failure(answer: Answer) -> TypesetError {
    let failed = |detail: &str| TypesetError::Failed { detail: detail.to_owned() };
    match answer {
        Answer::NoFont => TypesetError::NoFont,
        Answer::NoPicture(detail) => TypesetError::NoPicture { detail },
        Answer::TooLarge(width, height) => TypesetError::PictureTooLarge { width, height },
        Answer::Refused(detail) => TypesetError::Failed { detail },
        Answer::Picture(_) | Answer::Grey(_) => failed("it answered something else"),
    }
}
