//! The listening socket: made with the right mode before anyone can connect, replacing a dead one, never a
//! living one.
//!
//! The socket is bound under a temporary name of the same length, gets its mode and group, begins to listen,
//! and is then renamed into place. A socket that does not listen refuses connections, so there is no moment at
//! which the wrong user gets in. Two daemons that start at the same moment are kept apart by the lock of their
//! store, not here.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net as std_net;
use std::path::{Path, PathBuf};

use receiptd_api::names::SOCKET_PATH_BYTES_MAX;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;

use super::error::IpcError;
use super::groups;

/// How many connections may wait to be accepted: a burst of every client at once.
const BACKLOG: i32 = 256;

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SocketConfig {
    /// The path, at most 107 bytes. Its directory must exist.
    pub path: PathBuf,
    /// The permissions, for example `0o660`: who may write to the socket may connect.
    pub mode: u32,
    /// The group that gets the socket, by name or number; `None`: the daemon's own.
    pub group: Option<String>,
}

/// Where peers come from; removes its socket's file when it goes, if the file is still its own.
#[derive(Debug)]
pub(super) struct Listening {
    peers: Peers,
    file: Option<(PathBuf, u64, u64)>,
}

#[derive(Debug)]
enum Peers {
    Socket(UnixListener),
    /// In this very process.
    Handed(mpsc::Receiver<UnixStream>),
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some((path, device, inode)) = &self.file
            && fs::symlink_metadata(path).is_ok_and(|m| m.dev() == *device && m.ino() == *inode)
        {
            // It is in nobody's way: the next daemon replaces a dead socket.
            let _ = fs::remove_file(path);
        }
    }
}

impl Listening {
    /// Takes what it is handed.
    pub(super) const fn handed(streams: mpsc::Receiver<UnixStream>) -> Self {
        Self { peers: Peers::Handed(streams), file: None }
    }

    /// The next peer.
    pub(super) async fn accept(&mut self) -> io::Result<UnixStream> {
        match &mut self.peers {
            Peers::Socket(listener) => listener.accept().await.map(|(stream, _)| stream),
            Peers::Handed(streams) => match streams.recv().await {
                Some(stream) => Ok(stream),
                // Whoever could hand one over is gone; the server ends in its own time.
                None => std::future::pending().await,
            },
        }
    }

    /// Listens at a path.
    pub(super) async fn at(config: &SocketConfig) -> Result<Self, IpcError> {
        let path = &config.path;
        let bytes = path.as_os_str().as_bytes().len();
        if bytes > SOCKET_PATH_BYTES_MAX {
            return Err(IpcError::PathTooLong { path: path.clone(), bytes });
        }
        let gid = config.group.as_deref().map(|name| gid_of(name, path)).transpose()?;
        refuse_if_alive(path).await?;
        let temporary = temporary_name(path)?;
        let failed = |what| {
            let path = path.clone();
            move |source: io::Error| IpcError::Socket { what, path, source }
        };
        if fs::symlink_metadata(&temporary).is_ok_and(|m| m.file_type().is_socket()) {
            fs::remove_file(&temporary).map_err(failed("cannot remove the remains of a socket beside"))?;
        }
        let socket = bind(&temporary).map_err(failed("cannot make the socket"))?;
        let listener = (|| {
            fs::set_permissions(&temporary, fs::Permissions::from_mode(config.mode & 0o777))
                .map_err(failed("cannot set the mode of"))?;
            if let Some(gid) = gid {
                std::os::unix::fs::chown(&temporary, None, Some(gid))
                    .map_err(failed("cannot set the group of"))?;
            }
            rustix::net::listen(&socket, BACKLOG)
                .map_err(io::Error::from)
                .map_err(failed("cannot listen at"))?;
            fs::rename(&temporary, path).map_err(failed("cannot put the socket into place at"))?;
            UnixListener::from_std(std_net::UnixListener::from(socket)).map_err(failed("cannot listen at"))
        })();
        if listener.is_err() {
            // The error above is the one to tell.
            let _ = fs::remove_file(&temporary);
        }
        let file = fs::symlink_metadata(path).ok().map(|m| (path.clone(), m.dev(), m.ino()));
        Ok(Self { peers: Peers::Socket(listener?), file })
    }

    /// Listens on a descriptor that the service manager opened. Its file is the service manager's.
    pub(super) fn inherited(fd: OwnedFd) -> Result<Self, IpcError> {
        let bad = |error: io::Error| IpcError::BadInheritedSocket(error);
        let not_that = || bad(io::ErrorKind::InvalidInput.into());
        let domain = rustix::net::sockopt::socket_domain(&fd).map_err(|errno| bad(errno.into()))?;
        let kind = rustix::net::sockopt::socket_type(&fd).map_err(|errno| bad(errno.into()))?;
        let accepts = rustix::net::sockopt::socket_acceptconn(&fd).map_err(|errno| bad(errno.into()))?;
        if domain != AddressFamily::UNIX || kind != SocketType::STREAM || !accepts {
            return Err(not_that());
        }
        let listener = std_net::UnixListener::from(fd);
        listener.set_nonblocking(true).map_err(bad)?;
        let listener = UnixListener::from_std(listener).map_err(bad)?;
        Ok(Self { peers: Peers::Socket(listener), file: None })
    }
}

fn gid_of(name: &str, path: &Path) -> Result<u32, IpcError> {
    let group = groups::group(name).map_err(|source| IpcError::Socket {
        what: "cannot read the group database for",
        path: path.to_owned(),
        source,
    })?;
    Ok(group.ok_or_else(|| IpcError::NoSuchGroup(name.to_owned()))?.gid)
}

/// The same path with its last byte replaced: as long as the path itself, so never too long.
fn temporary_name(path: &Path) -> Result<PathBuf, IpcError> {
    let not_a_file = || IpcError::Socket {
        what: "not a path of a file:",
        path: path.to_owned(),
        source: io::ErrorKind::InvalidInput.into(),
    };
    let mut name = path.file_name().ok_or_else(not_a_file)?.as_bytes().to_vec();
    let last = name.last_mut().ok_or_else(not_a_file)?;
    *last = if *last == b'~' { b'#' } else { b'~' };
    Ok(path.with_file_name(std::ffi::OsString::from_vec(name)))
}

fn bind(path: &Path) -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::net::bind(&socket, &SocketAddrUnix::new(path)?)?;
    Ok(socket)
}

/// Looks at what is in the place.
async fn refuse_if_alive(path: &Path) -> Result<(), IpcError> {
    let failed = |source| IpcError::Socket { what: "cannot look at", path: path.to_owned(), source };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return Err(IpcError::NotASocket(path.to_owned()));
        }
        Ok(_) => {}
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // A full backlog: someone is there, and busy.
        Ok(_) => Err(IpcError::SocketInUse(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            Err(IpcError::SocketInUse(path.to_owned()))
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_temporary_name_is_as_long_as_the_name() {
        let name = |path: &str| temporary_name(Path::new(path)).expect("a name").display().to_string();
        assert_eq!(name("/run/receiptd/api.sock"), "/run/receiptd/api.soc~");
        assert_eq!(name("/run/a~"), "/run/a#");
        assert!(temporary_name(Path::new("/")).is_err());
    }
}
