//! Small ext4 file systems on loop devices, for cuts of the power and for disks that fill up.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a file system may be in use after its last user was told to end.
const PATIENCE: Duration = Duration::from_secs(20);

fn run(program: &str, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// A new image of `mib` MiB with an empty ext4 in it.
pub fn make_image(path: &Path, mib: u64) -> bool {
    std::fs::File::create(path).unwrap().set_len(mib << 20).unwrap();
    // A journal of the smallest size leaves room in a small image.
    run("mkfs.ext4", &["-q", "-F", "-J", "size=4", path.to_str().unwrap()])
}

/// A mounted image; unmounted when dropped.
#[derive(Debug)]
pub struct Mount {
    pub dir: PathBuf,
}

impl Mount {
    pub fn new(image: &Path, dir: &Path) -> Option<Self> {
        std::fs::create_dir_all(dir).unwrap();
        run("mount", &["-o", "loop", image.to_str().unwrap(), dir.to_str().unwrap()])
            .then(|| Self { dir: dir.to_owned() })
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // A thread of sled may hold a file for a moment after the store was dropped. Never lazily: the next
        // mount of the same image would then show this file system, with what it had in memory.
        let dir = self.dir.to_str().unwrap();
        let deadline = Instant::now() + PATIENCE;
        while !run("umount", &[dir]) {
            if Instant::now() > deadline {
                let waited = PATIENCE.as_secs();
                assert!(std::thread::panicking(), "{dir} is still in use after {waited} s");
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Whether loop devices can be used here; says so loudly if not.
pub fn available(base: &Path) -> bool {
    let image = base.join("probe.img");
    let ok = make_image(&image, 20) && Mount::new(&image, &base.join("probe")).is_some();
    let _ = std::fs::remove_file(image);
    if !ok {
        eprintln!("######## SKIPPED: this test needs root, loop devices and mkfs.ext4 ########");
    }
    ok
}

/// In memory if there is such a place: the images are copied often.
pub fn base() -> tempfile::TempDir {
    let shm = Path::new("/dev/shm");
    tempfile::tempdir_in(if shm.is_dir() { shm } else { Path::new("/tmp") }).unwrap()
}
