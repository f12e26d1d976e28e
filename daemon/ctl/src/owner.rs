//! Files that are made in somebody else's directory. A technician is root, and what root made in the daemon's store could
//! neither be written nor removed by the daemon.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::process::{Gid, Uid};

/// Directories below each other that a store may have, at most: it has four.
const DEPTH_MAX: usize = 8;

/// Makes what this process makes from now on readable by its user alone, as the daemon does.
pub fn keep_private() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// As root, gives files and directories of root below `dir` to whom `dir` belongs to. What can't be given stays as it is:
/// the daemon builds its index anew then, which costs time and nothing else.
///
/// The owner may be hostile and move things meanwhile: no link is followed, each file is looked at and given through its
/// descriptor, and one that has a second name is left alone.
pub fn give_to_owner(dir: &Path) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(root) = rustix::fs::openat(CWD, dir, flags, Mode::empty()) else { return };
    let Ok(owner) = rustix::fs::fstat(&root) else { return };
    if rustix::process::geteuid().is_root() && owner.st_uid != 0 {
        give_below(&root, &owner, DEPTH_MAX);
    }
}

fn give_below(dir: &OwnedFd, owner: &Stat, depth: usize) {
    let Ok(entries) = Dir::read_from(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let Ok(file) = rustix::fs::openat(dir, name, flags, Mode::empty()) else { continue };
        let Ok(stat) = rustix::fs::fstat(&file) else { continue };
        let kind = FileType::from_raw_mode(stat.st_mode);
        if stat.st_uid == 0
            && (kind == FileType::Directory || (kind == FileType::RegularFile && stat.st_nlink == 1))
        {
            let (uid, gid) = (Uid::from_raw(owner.st_uid), Gid::from_raw(owner.st_gid));
            // See above.
            let _ = rustix::fs::fchown(file.as_fd(), Some(uid), Some(gid));
        }
        if kind == FileType::Directory && depth > 0 {
            give_below(&file, owner, depth - 1);
        }
    }
}
