//! Two disks for tests. [`Faulty`] fails chosen calls and counts syncs; [`Recorder`] writes down every
//! change so that [`Recorder::crash`] can lay out what a power cut may leave behind.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use receiptd_store::disk::{Disk, DiskFile, OsDisk};

use super::Rng;

/// What a [`Faulty`] disk does.
#[derive(Debug, Default)]
pub struct Plan {
    /// Fail the nth write from now (1 = the next); 0 or below: none.
    pub write_in: AtomicI64,
    /// Fail the nth sync from now.
    pub sync_in: AtomicI64,
    /// Fail the nth renaming from now.
    pub rename_in: AtomicI64,
    /// Fail everything, with this kind of error, until it is cleared.
    pub broken: AtomicBool,
    /// Removals do nothing, as if a power cut had undone them.
    pub keeps: AtomicBool,
    /// Errors are "no space left" instead of "input/output error".
    pub no_space: AtomicBool,
    /// Write at most half of what was asked.
    pub short: AtomicBool,
    /// What `free_bytes` says; `u64::MAX` asks the real disk.
    pub free: AtomicU64,
    /// Syncs that succeeded on files of the journal, on sled's file, on others.
    pub journal_syncs: AtomicU64,
    pub sled_syncs: AtomicU64,
    pub other_syncs: AtomicU64,
}

/// A real disk with faults.
#[derive(Debug, Clone, Default)]
pub struct Faulty(pub Arc<Plan>);

impl Faulty {
    pub fn new() -> Self {
        let f = Self::default();
        f.0.free.store(u64::MAX, Ordering::SeqCst);
        f
    }
}

impl Plan {
    fn error(&self) -> io::Error {
        io::Error::from_raw_os_error(if self.no_space.load(Ordering::SeqCst) { 28 } else { 5 })
    }

    fn hit(&self, counter: &AtomicI64) -> io::Result<()> {
        if self.broken.load(Ordering::SeqCst) || counter.fetch_sub(1, Ordering::SeqCst) == 1 {
            return Err(self.error());
        }
        Ok(())
    }
}

#[derive(Debug)]
struct FaultyFile {
    inner: Box<dyn DiskFile>,
    plan: Arc<Plan>,
    path: PathBuf,
}

impl Faulty {
    fn wrap(&self, path: &Path, inner: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(FaultyFile { inner, plan: Arc::clone(&self.0), path: path.to_owned() })
    }
}

impl Disk for Faulty {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if self.0.broken.load(Ordering::SeqCst) {
            return Err(self.0.error());
        }
        Ok(self.wrap(path, OsDisk.create(path)?))
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.wrap(path, OsDisk.open(path)?))
    }
    fn open_for_sync(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.wrap(path, OsDisk.open_for_sync(path)?))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.hit(&self.0.rename_in)?;
        OsDisk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        if self.0.keeps.load(Ordering::SeqCst) { Ok(()) } else { OsDisk.remove(path) }
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.0.hit(&self.0.sync_in)?;
        OsDisk.sync_dir(dir)
    }
    fn free_bytes(&self, dir: &Path) -> io::Result<u64> {
        match self.0.free.load(Ordering::SeqCst) {
            u64::MAX => OsDisk.free_bytes(dir),
            free => Ok(free),
        }
    }
}

impl DiskFile for FaultyFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.plan.hit(&self.plan.write_in)?;
        let n = if self.plan.short.load(Ordering::SeqCst) { bytes.len().div_ceil(2) } else { bytes.len() };
        self.inner.write_at(&bytes[..n], offset)
    }
    fn sync(&self) -> io::Result<()> {
        self.plan.hit(&self.plan.sync_in)?;
        self.inner.sync()?;
        let path = self.path.to_string_lossy().into_owned();
        let counter = if path.contains("/journal/") {
            &self.plan.journal_syncs
        } else if path.ends_with("/db") {
            &self.plan.sled_syncs
        } else {
            &self.plan.other_syncs
        };
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.inner.set_len(len)
    }
    fn allocate(&self, len: u64) -> io::Result<()> {
        if self.plan.broken.load(Ordering::SeqCst) {
            return Err(self.plan.error());
        }
        self.inner.allocate(len)
    }
}

const PAGE: u64 = 4096;

/// One change, as the disk was asked for it.
#[derive(Debug, Clone)]
enum Event {
    Create {
        ino: u64,
        path: PathBuf,
    },
    Write {
        ino: u64,
        offset: u64,
        bytes: Arc<[u8]>,
    },
    Len {
        ino: u64,
        len: u64,
    },
    Sync {
        ino: u64,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    SyncDir {
        dir: PathBuf,
    },
    /// A commit was acknowledged.
    Ack {
        lsn: u64,
    },
}

#[derive(Debug, Default)]
struct Log {
    events: Vec<Event>,
    next_ino: u64,
    /// What each name means now, so that a later open finds its file.
    names: BTreeMap<PathBuf, u64>,
}

/// A real disk that remembers everything it was asked.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    log: Arc<Mutex<Log>>,
}

#[derive(Debug)]
struct RecordedFile {
    inner: Box<dyn DiskFile>,
    log: Arc<Mutex<Log>>,
    /// None: another library's file, of which only its own sync is seen.
    ino: Option<u64>,
}

impl Recorder {
    /// One that knows what lies in a directory already, all of it durable.
    pub fn over(dir: &Path) -> Self {
        let recorder = Self::default();
        let mut log = recorder.log.lock().unwrap();
        for path in super::files(dir) {
            log.next_ino += 1;
            let ino = log.next_ino;
            log.names.insert(path.clone(), ino);
            let bytes = std::fs::read(&path).unwrap().into();
            let parent = path.parent().unwrap().to_owned();
            let sync_dir = Event::SyncDir { dir: parent };
            let write = Event::Write { ino, offset: 0, bytes };
            log.events.extend([Event::Create { ino, path }, write, Event::Sync { ino }, sync_dir]);
        }
        drop(log);
        recorder
    }

    pub fn ack(&self, lsn: u64) {
        self.log.lock().unwrap().events.push(Event::Ack { lsn });
    }

    pub fn len(&self) -> usize {
        self.log.lock().unwrap().events.len()
    }

    fn push(&self, e: Event) {
        self.log.lock().unwrap().events.push(e);
    }

    /// Lays out in `to` what may be on the disk if the power goes after the first `cut` events; the
    /// recorded store lay in `from`. Synced bytes are there. Of what was written since the last sync of a
    /// file, each 4 KiB page has any of the states it went through, the last one torn at a random byte. Of
    /// the changes to names since the last sync of the directory, any prefix is there (journalling file
    /// systems keep their order). Returns the last acknowledged number.
    pub fn crash(&self, cut: usize, rng: &mut Rng, from: &Path, to: &Path) -> u64 {
        let log = self.log.lock().unwrap();
        let events = &log.events[..cut];
        let mut acked = 0;
        // Names: durable ones, and what was done to them since.
        let mut durable: BTreeMap<PathBuf, u64> = BTreeMap::new();
        let mut open: Vec<&Event> = Vec::new();
        let mut files: BTreeMap<u64, FileState> = BTreeMap::new();
        for e in events {
            match e {
                Event::Ack { lsn } => acked = acked.max(*lsn),
                Event::Create { ino, .. } => {
                    files.entry(*ino).or_default();
                    open.push(e);
                }
                Event::Rename { .. } | Event::Remove { .. } => open.push(e),
                Event::SyncDir { dir } => {
                    let (mine, rest): (Vec<&Event>, Vec<&Event>) =
                        open.into_iter().partition(|e| name_of(e).parent() == Some(dir));
                    mine.into_iter().for_each(|e| apply_name(&mut durable, e));
                    open = rest;
                }
                Event::Write { ino, offset, bytes } => {
                    files.entry(*ino).or_default().pending.push((*offset, Arc::clone(bytes)));
                }
                Event::Len { ino, len } => files.entry(*ino).or_default().lens.push(*len),
                Event::Sync { ino } => files.entry(*ino).or_default().settle(),
            }
        }
        let keep = rng.below(open.len() as u64 + 1) as usize;
        open[..keep].iter().for_each(|e| apply_name(&mut durable, e));
        for (path, ino) in durable {
            let target = to.join(path.strip_prefix(from).unwrap());
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::write(target, files.remove(&ino).unwrap_or_default().guess(rng)).unwrap();
        }
        acked
    }
}

fn name_of(e: &Event) -> &Path {
    match e {
        Event::Create { path, .. } | Event::Remove { path } => path,
        Event::Rename { to, .. } => to,
        _ => Path::new(""),
    }
}

fn apply_name(names: &mut BTreeMap<PathBuf, u64>, e: &Event) {
    match e {
        Event::Create { ino, path } => {
            names.insert(path.clone(), *ino);
        }
        Event::Remove { path } => {
            names.remove(path);
        }
        Event::Rename { from, to } => {
            if let Some(ino) = names.remove(from) {
                names.insert(to.clone(), ino);
            }
        }
        _ => {}
    }
}

#[derive(Debug, Default)]
struct FileState {
    synced: Vec<u8>,
    pending: Vec<(u64, Arc<[u8]>)>,
    lens: Vec<u64>,
}

impl FileState {
    fn settle(&mut self) {
        for (offset, bytes) in std::mem::take(&mut self.pending) {
            write_into(&mut self.synced, offset, &bytes);
        }
        if let Some(len) = std::mem::take(&mut self.lens).last() {
            self.synced.resize(*len as usize, 0);
        }
    }

    fn guess(mut self, rng: &mut Rng) -> Vec<u8> {
        // Each page of each write is there or not, whichever order the disk chose; half the time the disk
        // kept the order, and only the end is missing.
        let ordered = rng.below(2) == 0;
        let pages: Vec<(u64, Vec<u8>)> = self
            .pending
            .iter()
            .flat_map(|(offset, bytes)| {
                let mut out = Vec::new();
                let mut at = 0;
                while at < bytes.len() {
                    let pos = offset + at as u64;
                    let n = ((PAGE - pos % PAGE) as usize).min(bytes.len() - at);
                    out.push((pos, bytes[at..at + n].to_vec()));
                    at += n;
                }
                out
            })
            .collect();
        let keep = rng.below(pages.len() as u64 + 1) as usize;
        for (i, (pos, bytes)) in pages.iter().enumerate() {
            let there = if ordered { i < keep } else { rng.below(2) == 0 };
            if there {
                write_into(&mut self.synced, *pos, bytes);
            } else if ordered && i == keep {
                let torn = rng.below(bytes.len() as u64) as usize;
                write_into(&mut self.synced, *pos, &bytes[..torn]);
            }
        }
        if let Some(len) = self.lens.last()
            && rng.below(2) == 0
        {
            self.synced.resize(*len as usize, 0);
        }
        self.synced
    }
}

fn write_into(file: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let end = offset as usize + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset as usize..end].copy_from_slice(bytes);
}

impl Disk for Recorder {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let inner = OsDisk.create(path)?;
        let mut log = self.log.lock().unwrap();
        log.next_ino += 1;
        let ino = log.next_ino;
        log.names.insert(path.to_owned(), ino);
        log.events.push(Event::Create { ino, path: path.to_owned() });
        Ok(Box::new(RecordedFile { inner, log: Arc::clone(&self.log), ino: Some(ino) }))
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let ino = self.log.lock().unwrap().names.get(path).copied();
        Ok(Box::new(RecordedFile { inner: OsDisk.open(path)?, log: Arc::clone(&self.log), ino }))
    }
    fn open_for_sync(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        OsDisk.open_for_sync(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        OsDisk.rename(from, to)?;
        let mut log = self.log.lock().unwrap();
        if let Some(ino) = log.names.remove(from) {
            log.names.insert(to.to_owned(), ino);
            log.events.push(Event::Rename { from: from.to_owned(), to: to.to_owned() });
        }
        Ok(())
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        OsDisk.remove(path)?;
        self.log.lock().unwrap().names.remove(path);
        self.push(Event::Remove { path: path.to_owned() });
        Ok(())
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        OsDisk.sync_dir(dir)?;
        self.push(Event::SyncDir { dir: dir.to_owned() });
        Ok(())
    }
    fn free_bytes(&self, dir: &Path) -> io::Result<u64> {
        OsDisk.free_bytes(dir)
    }
}

impl DiskFile for RecordedFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let n = self.inner.write_at(bytes, offset)?;
        if let Some(ino) = self.ino {
            self.log.lock().unwrap().events.push(Event::Write { ino, offset, bytes: bytes[..n].into() });
        }
        Ok(n)
    }
    fn sync(&self) -> io::Result<()> {
        // The real sync is not needed: what is durable is decided by the record.
        if let Some(ino) = self.ino {
            self.log.lock().unwrap().events.push(Event::Sync { ino });
            return Ok(());
        }
        self.inner.sync()
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.inner.set_len(len)?;
        if let Some(ino) = self.ino {
            self.log.lock().unwrap().events.push(Event::Len { ino, len });
        }
        Ok(())
    }
    fn allocate(&self, len: u64) -> io::Result<()> {
        self.inner.allocate(len)
    }
}
