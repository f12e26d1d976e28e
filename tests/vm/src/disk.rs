//! The machine's disk, as real ones are: what was written but not flushed is in a cache that a power cut empties.
//!
//! A server of the NBD protocol on a Unix socket; QEMU is its only client. Below lies the image, which is never
//! written; above it a sparse file with the sectors that are stable; above that the cache, in memory. A flush, or a
//! write with FUA, moves sectors from the cache into the file. [`Disk::cut_power`] lets each page of the cache become stable
//! or be lost, as the dice want.
//!
//! From outside, the moment between a write and its flush is hardly ever hit. So the disk itself can pick it:
//! [`Disk::strike_after`] makes it stop in the middle of its work, with something in the cache, for the power to be cut.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use receiptd_system_tests::dice::Dice;

/// What a disk is addressed by, bytes.
const SECTOR: usize = 512;

/// Sectors of a page, which becomes stable as a whole: so in the flash of every terminal. A disk that tears pages would
/// also tear the commit block of ext4's journal, after which ext4 refuses to be mounted ("journal transaction is corrupt");
/// what the spool does with torn sectors, the simulator tests.
const PAGE: u64 = 8;

/// Of so many unflushed pages one is lost, when only some are.
const SOME: u64 = 8;

/// The longest request that is taken, bytes; QEMU's own bound is the same.
const REQUEST_MAX: u32 = 32 << 20;

/// Requests of the protocol.
const WRITE: u16 = 1;
const FLUSH: u16 = 3;

/// A disk that can be served.
#[derive(Debug, Clone)]
pub struct Disk(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Told when the disk stops.
    struck: Condvar,
}

#[derive(Debug)]
struct State {
    image: File,
    bytes: u64,
    /// Sectors that were written and are stable, at their places.
    stable: File,
    /// Which sectors those are: one bit each.
    is_stable: Vec<u64>,
    /// Sectors that were written and not flushed.
    cache: BTreeMap<u64, [u8; SECTOR]>,
    strike: Strike,
}

/// Whether the disk stops by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strike {
    No,
    /// After so many more writes and flushes, as soon as something is not flushed.
    After(u64),
    /// It did: nothing is answered any more.
    Now,
}

/// What a power cut did to the cache.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// Sectors that had not been flushed.
    pub unflushed: usize,
    /// Those of them that were lost.
    pub lost: usize,
}

impl Disk {
    /// A disk with the content of `image`; what changes is kept in a file in `folder`.
    ///
    /// # Errors
    /// A file can't be opened.
    pub fn new(image: &Path, folder: &Path) -> io::Result<Self> {
        let image = File::open(image)?;
        let bytes = image.metadata()?.len();
        let stable =
            File::options().read(true).write(true).create(true).truncate(true).open(folder.join("stable"))?;
        stable.set_len(bytes)?;
        let words = (bytes as usize / SECTOR).div_ceil(64);
        let state = State {
            image,
            bytes,
            stable,
            is_stable: vec![0; words],
            cache: BTreeMap::new(),
            strike: Strike::No,
        };
        Ok(Self(Arc::new(Shared { state: Mutex::new(state), struck: Condvar::new() })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// After so many more writes and flushes, at the first one that finds something unflushed, the disk does and answers
    /// nothing any more, until [`Self::cut_power`].
    pub fn strike_after(&self, requests: u64) {
        self.lock().strike = Strike::After(requests);
    }

    /// Waits until the disk stopped; false when it did not in this time.
    pub fn wait_for_strike(&self, limit: Duration) -> bool {
        let waiting = |state: &mut State| state.strike != Strike::Now;
        let waited = self.0.struck.wait_timeout_while(self.lock(), limit, waiting);
        waited.unwrap_or_else(PoisonError::into_inner).0.strike == Strike::Now
    }

    /// Serves the disk at a socket to whoever connects, one after the other, on a thread of its own.
    ///
    /// # Errors
    /// The socket can't be made.
    pub fn serve(&self, socket: &Path) -> io::Result<()> {
        let listener = UnixListener::bind(socket)?;
        let disk = self.clone();
        std::thread::Builder::new().name("disk".to_owned()).spawn(move || {
            for stream in listener.incoming() {
                // A killed QEMU ends its connection wherever it was.
                let _ = stream.and_then(|stream| disk.talk(&stream));
            }
        })?;
        Ok(())
    }

    /// The power fails: of what was not flushed, one of these remains: all, nothing, half of the pages, most of them. To
    /// be called when QEMU is gone.
    ///
    /// # Errors
    /// What remains can't be written.
    pub fn cut_power(&self, dice: &mut Dice) -> io::Result<Cut> {
        let mut state = self.lock();
        state.strike = Strike::No;
        let cache = std::mem::take(&mut state.cache);
        let unflushed = cache.len();
        let mut lost = 0;
        let how = dice.below(4);
        let mut page = (u64::MAX, false);
        for (sector, bytes) in cache {
            let kept = match how {
                0 => true,
                1 => false,
                _ => {
                    if page.0 != sector / PAGE {
                        page = (sector / PAGE, dice.below(if how == 2 { 2 } else { SOME }) != 0);
                    }
                    page.1
                }
            };
            if kept {
                state.settle(sector, &bytes)?;
            } else {
                lost += 1;
            }
        }
        Ok(Cut { unflushed, lost })
    }

    fn talk(&self, mut stream: &UnixStream) -> io::Result<()> {
        if !self.shake_hands(stream)? {
            return Ok(());
        }
        let mut data = Vec::new();
        loop {
            let mut request = [0; 28];
            stream.read_exact(&mut request)?;
            let request = Request::parse(&request)?;
            data.clear();
            let mut answer = 0x6744_6698_u32.to_be_bytes().to_vec();
            let mut state = self.lock();
            if request.kind == FLUSH && state.strikes() {
                drop(state);
                return self.stop(stream);
            }
            let done = match request.kind {
                0 => state.check(&request).and_then(|()| {
                    data.resize(request.length as usize, 0);
                    state.read(request.offset, &mut data)
                }),
                WRITE => {
                    let mut written = vec![0; request.length as usize];
                    stream.read_exact(&mut written)?;
                    state
                        .check(&request)
                        .and_then(|()| state.write(request.offset, &written, request.is_stable))
                }
                2 => return Ok(()),
                FLUSH => state.flush(),
                _ => Err(io::ErrorKind::Unsupported.into()),
            };
            let stops = request.kind == WRITE && state.strikes();
            drop(state);
            if stops {
                return self.stop(stream);
            }
            let error = match &done {
                Ok(()) => 0,
                // EINVAL for what a client got wrong, else EIO.
                Err(why) if why.kind() == io::ErrorKind::Unsupported => 22_u32,
                Err(why) => {
                    eprintln!("the machine's disk: {why}");
                    data.clear();
                    5
                }
            };
            answer.extend(error.to_be_bytes());
            answer.extend(request.cookie);
            answer.extend(&data);
            stream.write_all(&answer)?;
        }
    }

    /// Says that the disk stopped, and waits for the end of the machine without answering.
    fn stop(&self, stream: &UnixStream) -> io::Result<()> {
        self.0.struck.notify_all();
        let mut stream = stream;
        io::copy(&mut stream, &mut io::sink()).map(|_| ())
    }

    /// The handshake: true when requests follow.
    fn shake_hands(&self, mut stream: &UnixStream) -> io::Result<bool> {
        // Fixed newstyle, no zeroes at the end of the handshake.
        stream.write_all(b"NBDMAGICIHAVEOPT\x00\x03")?;
        let mut flags = [0; 4];
        stream.read_exact(&mut flags)?;
        loop {
            let mut head = [0; 16];
            stream.read_exact(&mut head)?;
            let option = number(&head[8..12]);
            let length = number(&head[12..16]);
            if length > 64 * 1024 {
                return Err(io::Error::other("a long option"));
            }
            stream.read_exact(&mut vec![0; length as usize])?;
            let mut reply = |kind: u32, data: &[u8]| {
                let mut all = 0x0003_e889_0455_65a9_u64.to_be_bytes().to_vec();
                all.extend(option.to_be_bytes());
                all.extend(kind.to_be_bytes());
                all.extend((data.len() as u32).to_be_bytes());
                all.extend(data);
                stream.write_all(&all)
            };
            match option {
                // INFO and GO.
                6 | 7 => {
                    let mut info = vec![0, 0];
                    info.extend(self.lock().bytes.to_be_bytes());
                    // Flags are there; flush and FUA are understood.
                    info.extend((1_u16 | 4 | 8).to_be_bytes());
                    reply(3, &info)?;
                    reply(1, &[])?;
                    if option == 7 {
                        return Ok(true);
                    }
                }
                2 => {
                    reply(1, &[])?;
                    return Ok(false);
                }
                // Unsupported.
                _ => reply(0x8000_0001, &[])?,
            }
        }
    }
}

struct Request {
    kind: u16,
    is_stable: bool,
    cookie: [u8; 8],
    offset: u64,
    length: u32,
}

impl Request {
    fn parse(bytes: &[u8; 28]) -> io::Result<Self> {
        let mut cookie = [0; 8];
        cookie.copy_from_slice(&bytes[8..16]);
        let offset = u64::from(number(&bytes[16..20])) << 32 | u64::from(number(&bytes[20..24]));
        let kind = u16::from_be_bytes([bytes[6], bytes[7]]);
        let request =
            Self { kind, is_stable: bytes[5] & 1 != 0, cookie, offset, length: number(&bytes[24..28]) };
        if number(&bytes[..4]) != 0x2560_9513 || request.length > REQUEST_MAX {
            return Err(io::Error::other("not a request"));
        }
        Ok(request)
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

impl State {
    /// Counts a write or a flush; whether the disk stops at it.
    fn strikes(&mut self) -> bool {
        self.strike = match self.strike {
            Strike::After(0) if !self.cache.is_empty() => Strike::Now,
            Strike::After(left) => Strike::After(left.saturating_sub(1)),
            other => other,
        };
        self.strike == Strike::Now
    }

    /// Requests are of whole sectors, within the disk.
    fn check(&self, request: &Request) -> io::Result<()> {
        let whole =
            request.offset.is_multiple_of(SECTOR as u64) && (request.length as usize).is_multiple_of(SECTOR);
        let inside = request.offset + u64::from(request.length) <= self.bytes;
        if whole && inside { Ok(()) } else { Err(io::ErrorKind::Unsupported.into()) }
    }

    fn is_stable(&self, sector: u64) -> bool {
        self.is_stable[sector as usize / 64] >> (sector % 64) & 1 != 0
    }

    fn read(&self, offset: u64, data: &mut [u8]) -> io::Result<()> {
        let first = offset / SECTOR as u64;
        let count = (data.len() / SECTOR) as u64;
        let mut at = 0;
        while at < count {
            // As many as lie in the same file.
            let stable = self.is_stable(first + at);
            let run = (at..count).take_while(|n| self.is_stable(first + n) == stable).count() as u64;
            let part = &mut data[at as usize * SECTOR..(at + run) as usize * SECTOR];
            let file = if stable { &self.stable } else { &self.image };
            file.read_exact_at(part, (first + at) * SECTOR as u64)?;
            at += run;
        }
        for (sector, bytes) in self.cache.range(first..first + count) {
            let at = (sector - first) as usize * SECTOR;
            data[at..at + SECTOR].copy_from_slice(bytes);
        }
        Ok(())
    }

    fn write(&mut self, offset: u64, data: &[u8], is_stable: bool) -> io::Result<()> {
        for (sector, bytes) in (offset / SECTOR as u64..).zip(data.chunks_exact(SECTOR)) {
            if is_stable {
                self.cache.remove(&sector);
                self.settle(sector, bytes)?;
            } else {
                let mut copy = [0; SECTOR];
                copy.copy_from_slice(bytes);
                self.cache.insert(sector, copy);
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        for (sector, bytes) in std::mem::take(&mut self.cache) {
            self.settle(sector, &bytes)?;
        }
        Ok(())
    }

    fn settle(&mut self, sector: u64, bytes: &[u8]) -> io::Result<()> {
        self.stable.write_all_at(bytes, sector * SECTOR as u64)?;
        self.is_stable[sector as usize / 64] |= 1 << (sector % 64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTORS: usize = 64;

    fn read(disk: &Disk) -> Vec<u8> {
        let mut all = vec![0; SECTORS * SECTOR];
        disk.lock().read(0, &mut all).unwrap();
        all
    }

    #[test]
    fn a_strike_comes_when_something_is_unflushed() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        std::fs::write(&image, vec![b'i'; SECTORS * SECTOR]).unwrap();
        let disk = Disk::new(&image, folder.path()).unwrap();
        disk.strike_after(1);
        assert!(!disk.lock().strikes(), "the first request is let through");
        assert!(!disk.lock().strikes(), "nothing is unflushed");
        disk.lock().write(0, &[b'v'; SECTOR], false).unwrap();
        assert!(disk.lock().strikes());
        assert!(disk.wait_for_strike(Duration::ZERO));
        assert_eq!(disk.cut_power(&mut Dice::seeded("strike")).unwrap().unflushed, 1);
        assert!(!disk.wait_for_strike(Duration::ZERO), "the power is back");
    }

    #[test]
    fn what_was_flushed_stays_and_the_rest_may_go() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        std::fs::write(&image, vec![b'i'; SECTORS * SECTOR]).unwrap();
        let disk = Disk::new(&image, folder.path()).unwrap();
        let mut dice = Dice::seeded("disk");
        let mut lost = 0;
        for round in 0..40_u8 {
            disk.lock().write(0, &[round; 16 * SECTOR], false).unwrap();
            disk.lock().flush().unwrap();
            disk.lock().write(16 * SECTOR as u64, &[round; SECTOR], true).unwrap();
            disk.lock().write(20 * SECTOR as u64, &[b'v'; 16 * SECTOR], false).unwrap();
            assert_eq!(
                read(&disk)[20 * SECTOR..36 * SECTOR],
                [b'v'; 16 * SECTOR],
                "it is read as it was written"
            );
            let cut = disk.cut_power(&mut dice).unwrap();
            assert_eq!(cut.unflushed, 16);
            lost += cut.lost;
            let now = read(&disk);
            assert_eq!(now[..17 * SECTOR], [round; 17 * SECTOR]);
            assert!(
                now[20 * SECTOR..36 * SECTOR]
                    .chunks(SECTOR)
                    .all(|s| s == [b'v'; SECTOR] || s == [b'i'; SECTOR])
            );
            assert_eq!(now[36 * SECTOR..], [b'i'; (SECTORS - 36) * SECTOR]);
            disk.lock().write(20 * SECTOR as u64, &[b'i'; 16 * SECTOR], true).unwrap();
        }
        assert!((100..540).contains(&lost), "{lost} of 640 sectors lost");
    }
}
