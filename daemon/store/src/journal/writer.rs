//! Appending to the journal: one write and one `fdatasync` for each group, segments filled with zeros
//! ahead of their use, and what happens after an error. Who waits for what is the committer's business.
//!
//! A segment begins with its first group: header and group are one write and one sync, as any group is. It gets
//! its name after that, and nothing waits until the name is durable: the one that the file was made under is,
//! and by its header it is found under either (see `reader`).
//!
//! After a failed write or sync the file is never written again: the system may have dropped the pages
//! and forgotten the error, so a later successful sync would prove nothing. The next group goes to a fresh
//! segment that starts with the same number, which makes whatever the old file holds from there on void: its name
//! is durable before a group is written to it, and a file that has a name replaces one that has none.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::frame::{FILE_HEADER, FileHeader, Kind};
use super::reader::segment_name;
use super::spare::{Blank, Spare};
use crate::disk::{Disk, DiskFile, write_zeros};
use crate::sync::lock;
use crate::types::Lsn;

/// Name of a segment that gets its own before it gets groups. It is made anew each time, so that attempts that fail leave one.
const MAKING: &str = "segment.tmp";

/// What the writer and the maintenance path both look at.
#[derive(Debug, Default)]
pub struct Shared {
    /// Bytes on disk of all files that count.
    pub bytes: AtomicU64,
    /// Number of the first batch of the segment being written: everything below is sealed.
    pub active_first: AtomicU64,
    /// `fdatasync` calls on segments.
    pub syncs: AtomicU64,
    /// Number of the last batch that is durable.
    pub last: AtomicU64,
    /// The present segment was found damaged: start another with the next group, so that this one is
    /// sealed and can be cleaned away.
    pub leave_segment: AtomicBool,
    /// The segment after it.
    pub spare: Spare,
    /// Segments that are full, with zeros at their end that were not used.
    left: Mutex<Vec<Active>>,
}

impl Shared {
    /// Takes the zeros off the segments that were left. Nothing depends on it, so it is not synced, and no commit
    /// waits for it.
    pub fn trim(&self) {
        let left = std::mem::take(&mut *lock(&self.left));
        for old in left {
            if old.file.set_len(old.offset).is_ok() {
                let less = |bytes: u64| Some(bytes.saturating_sub(old.len - old.offset));
                let _ = self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
            }
        }
    }
}

/// The writing end.
#[derive(Debug)]
pub struct Writer {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    store: u64,
    flush_delay: Option<Duration>,
    shared: Arc<Shared>,
    active: Option<Active>,
    /// First number and attempt of the segment started last, so that names are not used twice.
    last_name: Option<(Lsn, u32)>,
    /// A spare file in which the first group of a segment failed.
    void: Option<PathBuf>,
    next_lsn: Lsn,
    /// See [`Self::flush`].
    flush: Duration,
}

#[derive(Debug)]
struct Active {
    file: Box<dyn DiskFile>,
    offset: u64,
    len: u64,
}

/// The segment to go on with after an open: where its last good group ended.
#[derive(Debug, Clone)]
pub struct Tail {
    pub path: PathBuf,
    pub first_lsn: Lsn,
    pub offset: u64,
    pub len: u64,
    pub torn: bool,
}

/// What does not change while a writer lives.
#[derive(Debug)]
pub struct Setup {
    pub disk: Arc<dyn Disk>,
    pub dir: PathBuf,
    pub store: u64,
    pub flush_delay: Option<Duration>,
    pub shared: Arc<Shared>,
    /// First number and attempt of the last segment that there is, whether it is written on or not.
    pub last_name: Option<(Lsn, u32)>,
}

impl Writer {
    /// Goes on behind `tail`, or starts a fresh segment with the first group.
    ///
    /// What was read behind the last acknowledgement may still be only in the page cache of a killed
    /// process, so the tail is synced before it is built upon; torn bytes are overwritten with zeros. When
    /// that fails the segment is left alone, and a fresh one replaces it.
    pub fn new(setup: Setup, tail: Option<Tail>, next_lsn: Lsn) -> Self {
        let Setup { disk, dir, store, flush_delay, shared, last_name } = setup;
        let mut w = Self {
            disk,
            dir,
            store,
            flush_delay,
            shared,
            active: None,
            last_name,
            void: None,
            next_lsn,
            flush: Duration::ZERO,
        };
        w.shared.active_first.store(next_lsn, Ordering::Release);
        w.shared.last.store(next_lsn.saturating_sub(1), Ordering::Release);
        if let Some(tail) = tail {
            match w.adopt(&tail) {
                Ok(active) => {
                    w.active = Some(active);
                    w.shared.active_first.store(tail.first_lsn, Ordering::Release);
                }
                Err(e) => log::warn!("the last journal segment cannot be written on: {e}"),
            }
        }
        w
    }

    fn adopt(&self, tail: &Tail) -> io::Result<Active> {
        let file = self.disk.open(&tail.path)?;
        if tail.torn {
            write_zeros(file.as_ref(), tail.offset, tail.len)?;
        }
        file.sync()?;
        Ok(Active { file, offset: tail.offset, len: tail.len })
    }

    /// The number the next batch gets.
    pub fn next_lsn(&self) -> Lsn {
        self.next_lsn
    }

    /// What writing and syncing the last group took, without starting a segment for it.
    pub fn flush(&self) -> Duration {
        self.flush
    }

    /// The store's number.
    pub fn store(&self) -> u64 {
        self.store
    }

    /// Puts a group on stable storage; `frame` starts with number [`Self::next_lsn`] and holds `batches`.
    ///
    /// # Errors
    /// Nothing of the group is acknowledged, and the segment is given up. The caller decides whether a
    /// fresh one is tried ([`Self::start_fresh`]).
    pub fn append(&mut self, frame: &[u8], batches: u32) -> io::Result<()> {
        let need = frame.len() as u64;
        if self.shared.leave_segment.swap(false, Ordering::AcqRel) {
            self.active = None;
        }
        if self.active.as_ref().is_some_and(|a| a.offset + need > a.len && a.offset > FILE_HEADER as u64) {
            lock(&self.shared.left).extend(self.active.take());
        }
        match self.active.take() {
            Some(active) => self.go_on(active, frame)?,
            None if self.has_begun() => {
                let active = self.begin_empty(need)?;
                self.go_on(active, frame)?;
            }
            None => self.begin(frame)?,
        }
        self.next_lsn += u64::from(batches);
        self.shared.last.store(self.next_lsn - 1, Ordering::Release);
        Ok(())
    }

    /// A group behind those of the present segment.
    fn go_on(&mut self, mut active: Active, frame: &[u8]) -> io::Result<()> {
        self.put(active.file.as_ref(), frame, active.offset)?;
        active.offset += frame.len() as u64;
        if active.offset > active.len {
            self.shared.bytes.fetch_add(active.offset - active.len, Ordering::Relaxed);
            active.len = active.offset;
        }
        if active.offset > active.len / 2 {
            self.shared.spare.want();
        }
        self.active = Some(active);
        Ok(())
    }

    /// A fresh segment with its first group.
    fn begin(&mut self, frame: &[u8]) -> io::Result<()> {
        let blank = self.blank(frame.len() as u64)?;
        let bytes = [&self.header(), frame].concat();
        // What replaces it after an error has the next name.
        self.last_name = Some((self.next_lsn, 0));
        let path = self.dir.join(segment_name(self.next_lsn, 0));
        let begun =
            self.put(blank.file.as_ref(), &bytes, 0).and_then(|()| self.disk.rename(&blank.path, &path));
        if begun.is_err() {
            self.void = Some(blank.path);
            return begun;
        }
        self.take_up(blank, bytes.len() as u64);
        Ok(())
    }

    /// A fresh, empty segment under a name that a power cut leaves, for a number with which one has begun already.
    fn begin_empty(&mut self, need: u64) -> io::Result<Active> {
        let attempt = match self.last_name {
            Some((first, attempt)) if first == self.next_lsn => attempt + 1,
            _ => 0,
        };
        let blank = Blank::make(&self.disk, &self.dir, MAKING, need)?;
        blank.file.write_all_at(&self.header(), 0)?;
        blank.file.sync()?;
        self.slow_down();
        self.last_name = Some((self.next_lsn, attempt));
        self.disk.rename(&blank.path, &self.dir.join(segment_name(self.next_lsn, attempt)))?;
        self.disk.sync_dir(&self.dir)?;
        self.slow_down();
        if let Some(void) = self.void.take() {
            // If not, then at the next open.
            let _ = self.disk.remove(&void);
        }
        self.take_up(blank, FILE_HEADER as u64);
        self.active.take().ok_or_else(|| io::Error::other("no journal segment"))
    }

    fn header(&self) -> [u8; FILE_HEADER] {
        FileHeader { kind: Kind::Segment, store: self.store, first_lsn: self.next_lsn }.encode()
    }

    /// One write, one sync.
    fn put(&mut self, file: &dyn DiskFile, bytes: &[u8], offset: u64) -> io::Result<()> {
        let begin = Instant::now();
        let written = file.write_all_at(bytes, offset).and_then(|()| file.sync());
        self.slow_down();
        self.flush = begin.elapsed();
        self.shared.syncs.fetch_add(1, Ordering::Relaxed);
        written
    }

    /// The delay of each flush, for benchmarks (`Options::flush_delay`).
    fn slow_down(&self) {
        if let Some(delay) = self.flush_delay {
            std::thread::sleep(delay);
        }
    }

    /// Zeros to begin a segment in.
    fn blank(&self, need: u64) -> io::Result<Blank> {
        match self.shared.spare.take(need) {
            Some(blank) => Ok(blank),
            None => self.shared.spare.make(&self.disk, &self.dir, need),
        }
    }

    fn take_up(&mut self, blank: Blank, offset: u64) {
        self.shared.bytes.fetch_add(blank.len, Ordering::Relaxed);
        self.active = Some(Active { file: blank.file, offset, len: blank.len });
        self.shared.active_first.store(self.next_lsn, Ordering::Release);
    }

    /// Whether a segment was begun with the present number.
    fn has_begun(&self) -> bool {
        self.last_name.is_some_and(|(first, _)| first == self.next_lsn)
    }

    /// Starts a fresh segment at the present number after an error, so that the writer can go on and what
    /// the failed group left behind is void.
    ///
    /// # Errors
    /// The disk does not take a new file either.
    pub fn start_fresh(&mut self) -> io::Result<()> {
        self.active = None;
        self.active = Some(self.begin_empty(0)?);
        Ok(())
    }

    /// Whether a segment is ready.
    pub fn is_ready(&self) -> bool {
        self.active.is_some()
    }
}

/// Makes a fresh store number. It only has to differ between stores of one machine; the standard
/// library's hasher is seeded by the system.
pub fn new_store_number(dir: &Path) -> u64 {
    use std::hash::{BuildHasher, RandomState};
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    RandomState::new().hash_one((dir, std::process::id(), now.as_nanos())) | 1
}
