//! The document of `SubmitFd`: read from the caller's descriptor, within a size and a time.
//!
//! Regular files and memfds are read from their beginning, wherever their position is (a memfd just written
//! stands at its end); a pipe is read until its writers close it. Nothing else is taken: a socket, a device
//! or a directory has no end, or no content.
//!
//! Limit: a file on a file system that does not answer (a dead NFS server, a hostile FUSE mount) holds its
//! thread; there are at most [`limits::FD_READS_MAX`] such threads, and then `SubmitFd` (not `Submit`) is
//! `Busy` for everyone. Mount such file systems out of the reach of payment apps.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Instant;

use receiptd_api::ApiError;
use receiptd_api::names::DOCUMENT_BYTES_MAX;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{FileType, OFlags};
use tokio::sync::Semaphore;

use super::{check, limits};

/// One more than is allowed: enough to know that it is too long.
const READ_BYTES_MAX: usize = DOCUMENT_BYTES_MAX + 1;
/// How much is read at once, in bytes: the size of a pipe.
const PART_BYTES: usize = 64 * 1024;

/// Bounds how many descriptors are read at the same time.
#[derive(Debug, Clone)]
pub(super) struct FdReads(Arc<Semaphore>);

impl FdReads {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(limits::FD_READS_MAX)))
    }

    /// The document behind `fd`.
    pub(super) async fn read(&self, fd: OwnedFd) -> Result<Vec<u8>, ApiError> {
        // The permit belongs to the thread, not to this future: a thread that hangs goes on counting.
        let permit = Arc::clone(&self.0).try_acquire_owned().map_err(|_| {
            ApiError::Busy(format!("{} descriptors are being read already", limits::FD_READS_MAX))
        })?;
        let deadline = Instant::now() + limits::FD_READ_DEADLINE;
        let thread = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            read(&fd, deadline)
        });
        match tokio::time::timeout(limits::FD_READ_DEADLINE, thread).await {
            Ok(Ok(Ok(document))) => {
                check::document(document.len())?;
                Ok(document)
            }
            Ok(Ok(Err(error))) => Err(explain(&error)),
            Ok(Err(_)) => Err(ApiError::ShuttingDown("receiptd is going down; ask again later".to_owned())),
            Err(_) => Err(explain(&io::ErrorKind::TimedOut.into())),
        }
    }
}

fn explain(error: &io::Error) -> ApiError {
    ApiError::InvalidArgument(match error.kind() {
        io::ErrorKind::TimedOut => format!(
            "document: the descriptor did not deliver its end within {} s; close the writing end of the pipe",
            limits::FD_READ_DEADLINE.as_secs()
        ),
        io::ErrorKind::InvalidInput => {
            "document: the descriptor must be a regular file, a memfd or a pipe".to_owned()
        }
        _ => format!("document: the descriptor cannot be read: {error}"),
    })
}

/// Reads up to [`READ_BYTES_MAX`] bytes.
fn read(fd: &OwnedFd, deadline: Instant) -> io::Result<Vec<u8>> {
    let kind = FileType::from_raw_mode(rustix::fs::fstat(fd)?.st_mode);
    let seekable = match kind {
        FileType::RegularFile => true,
        FileType::Fifo => false,
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    };
    if !seekable {
        // Between poll and read someone else may take what was there; then read must not wait.
        let flags = rustix::fs::fcntl_getfl(fd)?;
        rustix::fs::fcntl_setfl(fd, flags | OFlags::NONBLOCK)?;
    }
    let mut document = Vec::new();
    let mut part = vec![0_u8; PART_BYTES];
    while document.len() < READ_BYTES_MAX {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let room = part.get_mut(..PART_BYTES.min(READ_BYTES_MAX - document.len())).unwrap_or_default();
        let read = if seekable {
            rustix::io::pread(fd, room, document.len() as u64)
        } else {
            wait(fd, left)?;
            rustix::io::read(fd, room)
        };
        match read {
            Ok(0) => break,
            Ok(count) => document.extend_from_slice(part.get(..count).unwrap_or_default()),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(document)
}

/// Waits until there is something to read, or the writers are gone, or the time is up.
fn wait(fd: &OwnedFd, left: std::time::Duration) -> io::Result<()> {
    let timeout = Timespec::try_from(left).map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
    match rustix::event::poll(&mut [PollFd::new(fd, PollFlags::IN)], Some(&timeout)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(100)
    }

    #[test]
    fn a_pipe_is_read_to_its_end_and_not_beyond_its_time() {
        let (reader, mut writer) = io::pipe().expect("a pipe");
        writer.write_all(b"abc").expect("room in the pipe");
        let reader = OwnedFd::from(reader);
        let error = read(&reader, soon()).expect_err("the writer is still there");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        writer.write_all(b"def").expect("room in the pipe");
        drop(writer);
        assert_eq!(read(&reader, soon()).expect("an end"), b"def");
    }

    #[test]
    fn what_has_no_end_is_refused() {
        for path in ["/dev/zero", "/"] {
            let file = std::fs::File::open(path).expect(path);
            let error = read(&file.into(), soon()).expect_err(path);
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{path}");
        }
    }
}
