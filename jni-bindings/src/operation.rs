//! The operations of `BOUNDARY.md`: taken from a frame, carried out by the client, answered by a frame.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};

use receiptd_api::{
    Asked, CallError, Client, Document, JobFilter, Kind, Outcome, Reply, SubmitOptions, names,
};
use rustix::fs::FileType;
use serde::de::DeserializeOwned;
use zbus::{Message, Type};

use crate::frame::{Malformed, Put, Reader, Take, frame};

/// What Java asks for.
#[derive(Debug)]
pub enum Operation {
    /// `Submit`.
    Submit(Submission<Vec<u8>>),
    /// `SubmitFd`. The descriptor is our own.
    SubmitFd(Submission<OwnedFd>),
    /// `GetJob`.
    GetJob(u64),
    /// `GetReceipt`.
    GetReceipt(u64),
    /// `FindJobs`.
    FindJobs(String),
    /// `ListJobs`.
    ListJobs(JobFilter),
    /// `Watch`; carried out with the help of the handle, which renews it.
    Watch(JobFilter),
    /// `Unwatch`.
    Unwatch,
    /// `Cancel`, `Hold`, with the reason.
    Stop(Stop, u64, String),
    /// `Release`.
    Release(u64),
    /// `Reprint`: id, reason, key.
    Reprint(u64, String, String),
    /// `Resolve`: id, outcome, note.
    Resolve(u64, Outcome, String),
    /// `CanPrint`: printer, length in mm.
    CanPrint(String, u32),
    /// `ListPrinters`, with all they say.
    Printers,
    /// The properties of the spooler.
    Spooler,
    /// The properties of the printer of that name.
    Printer(String),
    /// `Probe`.
    Probe(String),
    /// Whether changes of properties are told.
    Tell(bool),
    /// Panics on purpose, so that a test sees what becomes of it. Not in what is shipped.
    #[cfg(debug_assertions)]
    Panic,
}

/// Number of [`Operation::Panic`].
#[cfg(debug_assertions)]
const PANIC_LATER: i32 = i32::MIN;
/// Number of an operation that panics where it is read, in the native method.
#[cfg(debug_assertions)]
const PANIC_HERE: i32 = i32::MIN + 1;

#[cfg(debug_assertions)]
#[expect(clippy::panic, reason = "this is what it is for")]
fn panic_on_purpose() -> ! {
    panic!("on purpose")
}

/// A receipt that is handed in.
#[derive(Debug)]
pub struct Submission<D> {
    key: String,
    printer: String,
    kind: Kind,
    document: D,
    options: SubmitOptions,
}

/// What is done to a job that has a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// `Cancel`.
    Cancel,
    /// `Hold`.
    Hold,
}

impl Operation {
    /// The operation with this number and this request.
    ///
    /// # Errors
    /// The Java side does not fit.
    pub fn read(number: i32, request: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(request)?;
        let operation = Self::take(number, &mut reader)?;
        reader.end()?;
        Ok(operation)
    }

    fn take(number: i32, from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match number {
            1 => Self::Submit(Submission::take(from, |from| from.take::<&[u8]>().map(<[u8]>::to_vec))?),
            2 => Self::SubmitFd(Submission::take(from, descriptor)?),
            3 => Self::GetJob(from.take()?),
            4 => Self::GetReceipt(from.take()?),
            5 => Self::FindJobs(from.take()?),
            6 => Self::ListJobs(from.take()?),
            7 => Self::Watch(from.take()?),
            8 => Self::Unwatch,
            9 => Self::Stop(Stop::Cancel, from.take()?, from.take()?),
            10 => Self::Stop(Stop::Hold, from.take()?, from.take()?),
            11 => Self::Release(from.take()?),
            12 => Self::Reprint(from.take()?, from.take()?, from.take()?),
            13 => Self::Resolve(from.take()?, from.take()?, from.take()?),
            14 => Self::CanPrint(from.take()?, from.take()?),
            15 => Self::Printers,
            16 => Self::Spooler,
            17 => Self::Printer(from.take()?),
            18 => Self::Probe(from.take()?),
            19 => Self::Tell(from.take()?),
            #[cfg(debug_assertions)]
            PANIC_LATER => Self::Panic,
            #[cfg(debug_assertions)]
            PANIC_HERE => panic_on_purpose(),
            _ => return Err(Malformed::OutOfRange),
        })
    }

    /// Whether it may be asked again when nobody knows whether it was carried out: it only asks, or its key makes the
    /// second time the same as the first. What is left changes a job that may look different by then.
    pub fn is_repeatable(&self) -> bool {
        match self {
            // The daemon reads a file from its beginning each time; a pipe has been read.
            Self::SubmitFd(submission) => is_file(submission.document.as_fd()),
            Self::Stop(..) | Self::Release(_) | Self::Resolve(..) | Self::Probe(_) => false,
            _ => true,
        }
    }

    /// Asks the daemon, and writes its answer as a frame.
    ///
    /// # Errors
    /// What the daemon says, or that it is gone.
    pub async fn carry_out(&self, client: &Client) -> Result<Vec<u8>, CallError> {
        let spooler = client.spooler();
        // Waited for in one place: what the answers have in common is much, and would be there for each of them.
        let (reply, framed) = match self {
            Self::Submit(Submission { key, printer, kind, document, options }) => {
                asked(spooler.submit(key, printer, *kind, Document(document), options))
            }
            Self::SubmitFd(Submission { key, printer, kind, document, options }) => {
                let document = zbus::Fd::from(document.as_fd());
                asked(spooler.submit_fd(key, printer, *kind, document, options))
            }
            Self::GetJob(id) => asked(spooler.get_job(*id)),
            Self::GetReceipt(id) => asked(spooler.get_receipt(*id)),
            Self::FindJobs(key) => asked(spooler.find_jobs(key)),
            Self::ListJobs(filter) => asked(spooler.list_jobs(filter)),
            Self::Watch(filter) => asked(spooler.watch(filter)),
            Self::Unwatch => asked(spooler.unwatch()),
            Self::Stop(Stop::Cancel, id, reason) => asked(spooler.cancel(*id, reason)),
            Self::Stop(Stop::Hold, id, reason) => asked(spooler.hold(*id, reason)),
            Self::Release(id) => asked(spooler.release(*id)),
            Self::Reprint(id, reason, key) => asked(spooler.reprint(*id, reason, key)),
            Self::Resolve(id, outcome, note) => asked(spooler.resolve(*id, *outcome, note)),
            Self::CanPrint(printer, length) => asked(spooler.can_print(printer, *length)),
            Self::Spooler => asked(spooler.properties()),
            Self::Printers => return Ok(frame(&client.printers().await?)),
            Self::Printer(name) => {
                return Ok(frame(&client.printer_info(&names::printer_path(name)).await?));
            }
            Self::Probe(name) => return Ok(frame(&client.probe(&names::printer_path(name)).await?)),
            // The daemon tells whoever has asked once.
            Self::Tell(true) => return client.printers().await.map(|_| Vec::new()),
            Self::Tell(false) => return Ok(Vec::new()),
            #[cfg(debug_assertions)]
            Self::Panic => panic_on_purpose(),
        };
        framed(&reply.await?)
    }
}

/// An answer of the daemon as a frame.
type Framed = fn(&Message) -> Result<Vec<u8>, CallError>;

/// What to wait for, and what to make of it.
fn asked<T: DeserializeOwned + Type + Put>(asked: Asked<'_, T>) -> (Reply<'_>, Framed) {
    (asked.into_reply(), |reply| Ok(frame(&Asked::<T>::read(reply)?)))
}

impl<D> Submission<D> {
    fn take<'a>(
        from: &mut Reader<'a>,
        document: impl FnOnce(&mut Reader<'a>) -> Result<D, Malformed>,
    ) -> Result<Self, Malformed> {
        Ok(Self {
            key: from.take()?,
            printer: from.take()?,
            kind: from.take()?,
            document: document(from)?,
            options: SubmitOptions::take(from)?,
        })
    }
}

fn descriptor(from: &mut Reader<'_>) -> Result<OwnedFd, Malformed> {
    let number: RawFd = from.take()?;
    if number < 0 {
        return Err(Malformed::OutOfRange);
    }
    duplicate(number).map_err(|_| Malformed::OutOfRange)
}

/// A descriptor of our own for what Java has open.
///
/// # Errors
/// It is not open.
#[allow(unsafe_code, reason = "Java hands over a number; see SAFETY")]
pub fn duplicate(number: RawFd) -> std::io::Result<OwnedFd> {
    // SAFETY: the number is only given to `fcntl(F_DUPFD_CLOEXEC)`, which refuses one that is not open. Java's object
    // keeps it open during this native call, which is how the Java side calls it. -1, which a `BorrowedFd` may not
    // be, was refused by the caller.
    unsafe { BorrowedFd::borrow_raw(number) }.try_clone_to_owned()
}

fn is_file(fd: BorrowedFd<'_>) -> bool {
    rustix::fs::fstat(fd).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
}

#[cfg(test)]
impl Operation {
    /// A text that is handed in under a key.
    pub fn text(key: &str) -> Self {
        Self::Submit(Submission {
            key: key.to_owned(),
            printer: String::new(),
            kind: Kind::Text,
            document: b"coffee".to_vec(),
            options: SubmitOptions::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Writer;

    #[test]
    fn an_unknown_operation_and_a_frame_with_more_behind_it_are_refused() {
        assert_eq!(Operation::read(20, &[]).unwrap_err(), Malformed::OutOfRange);
        assert_eq!(Operation::read(8, &[0]).unwrap_err(), Malformed::Long(1));
        assert!(matches!(Operation::read(8, &[]), Ok(Operation::Unwatch)));
    }

    #[test]
    fn a_closed_descriptor_is_refused_and_a_pipe_is_not_repeated() {
        let request = |fd: RawFd| {
            let mut writer = Writer::default();
            writer.put("k").put("").put("text").put(&fd);
            // No options.
            writer.put(&false).put(&false).put(&false).put(&false).put(&false);
            writer.finish()
        };
        assert_eq!(Operation::read(2, &request(-1)).unwrap_err(), Malformed::OutOfRange);
        assert_eq!(Operation::read(2, &request(9999)).unwrap_err(), Malformed::OutOfRange);
        let (reader, _writer) = std::io::pipe().unwrap();
        let fd = std::os::fd::AsRawFd::as_raw_fd(&reader);
        assert!(!Operation::read(2, &request(fd)).unwrap().is_repeatable());
        let file = std::fs::File::open("Cargo.toml").unwrap();
        let fd = std::os::fd::AsRawFd::as_raw_fd(&file);
        assert!(Operation::read(2, &request(fd)).unwrap().is_repeatable());
    }
}
