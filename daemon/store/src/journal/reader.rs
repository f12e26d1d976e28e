//! Reading the journal: which files there are, which of them count, and the groups in them. It changes
//! nothing; what to do about damage is decided by `recovery` and `cleaner`.
//!
//! The rule that tells damage from a torn tail: batches are numbered without gaps, so **data is lost
//! exactly where a number is missing**. Unreadable bytes at the end of a file whose successor begins with
//! the next number were never acknowledged; the successor was started because their sync failed or the
//! power went.
//!
//! A segment is begun under the name of a spare one, and its own name is not waited for. So at rest a spare in which
//! a segment was begun counts, whatever it is called. One that has a name replaces it, as a later attempt does.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::frame::{
    self, FILE_HEADER, FileHeader, Footer, GROUP_HEADER, GroupHeader, HeaderError, Kind, Record,
};
use super::spare::spare_number;
use crate::types::Lsn;

/// One journal file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalFile {
    pub path: PathBuf,
    pub kind: Kind,
    /// From the name; equal to the header's when that is readable.
    pub first_lsn: Lsn,
    /// Counts segments that start with the same number: the higher replaces the lower.
    pub attempt: u32,
    /// Length on disk, with the zeros that wait for use.
    pub len: u64,
    /// The header is unreadable; the groups may still be.
    pub header_damaged: bool,
    /// It has the name of a spare one.
    pub unnamed: bool,
}

impl JournalFile {
    /// What its name says: first number and attempt.
    pub fn name(&self) -> (Lsn, u32) {
        (self.first_lsn, self.attempt)
    }
}

/// The files that count.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Of the store, from the first readable header.
    pub store: Option<u64>,
    pub checkpoint: Option<JournalFile>,
    /// In order; each is valid up to the first number of the next.
    pub segments: Vec<JournalFile>,
    /// Older checkpoints and segments a checkpoint covers: may be deleted.
    pub stale: Vec<PathBuf>,
    /// Files being made, or left half-made by a crash.
    pub temporary: Vec<PathBuf>,
    /// Files of another store, or of no known name.
    pub foreign: Vec<PathBuf>,
    /// Above the numbers of all spare files.
    pub next_spare: u64,
    /// A segment was begun in one of them, whether it counts or not.
    pub has_unnamed: bool,
}

impl Inventory {
    /// The lsn the checkpoint covers; 0 without one.
    pub fn checkpoint_lsn(&self) -> Lsn {
        self.checkpoint.as_ref().map_or(0, |c| c.first_lsn)
    }

    /// Bytes on disk of the files that count.
    pub fn bytes(&self) -> u64 {
        self.checkpoint.iter().chain(&self.segments).map(|f| f.len).sum()
    }

    /// The first number of the segment after `index`, or the largest.
    pub fn end_of(&self, index: usize) -> Lsn {
        self.segments.get(index + 1).map_or(Lsn::MAX, |s| s.first_lsn)
    }
}

/// Why the inventory could not be made.
#[derive(Debug)]
pub enum InventoryError {
    Io(io::Error),
    Newer(u32),
}

impl From<io::Error> for InventoryError {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

/// The name of a segment.
pub fn segment_name(first_lsn: Lsn, attempt: u32) -> String {
    format!("{first_lsn:016x}-{attempt:04x}.seg")
}

/// The name of a checkpoint.
pub fn checkpoint_name(lsn: Lsn) -> String {
    format!("{lsn:016x}.ckpt")
}

fn parse_name(name: &str) -> Option<(Kind, Lsn, u32)> {
    if let Some(stem) = name.strip_suffix(".ckpt") {
        return Some((Kind::Checkpoint, Lsn::from_str_radix(stem, 16).ok()?, 0));
    }
    let (lsn, attempt) = name.strip_suffix(".seg")?.split_once('-')?;
    Some((Kind::Segment, Lsn::from_str_radix(lsn, 16).ok()?, u32::from_str_radix(attempt, 16).ok()?))
}

/// Lists the journal of a store that is at work: a spare file is the writer's.
///
/// # Errors
/// See [`InventoryError`].
pub fn inventory(dir: &Path) -> Result<Inventory, InventoryError> {
    list(dir, false)
}

/// Lists the journal of a store that nobody writes to.
///
/// # Errors
/// See [`InventoryError`].
pub fn inventory_at_rest(dir: &Path) -> Result<Inventory, InventoryError> {
    list(dir, true)
}

fn list(dir: &Path, at_rest: bool) -> Result<Inventory, InventoryError> {
    let mut inv = Inventory::default();
    let (mut files, mut spares) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            inv.foreign.push(path);
            continue;
        };
        if let Some(number) = spare_number(name).filter(|_| at_rest) {
            inv.next_spare = inv.next_spare.max(number.saturating_add(1));
            spares.push((path, entry.metadata()?.len()));
        } else if name.ends_with(".tmp") {
            inv.temporary.push(path);
        } else if let Some((kind, first_lsn, attempt)) = parse_name(name) {
            let at = files.partition_point(|f: &(_, _, _, _, _)| (f.1, f.2) <= (first_lsn, attempt));
            files.insert(at, (kind, first_lsn, attempt, path, entry.metadata()?.len()));
        } else {
            inv.foreign.push(path);
        }
    }
    for (kind, first_lsn, attempt, path, len) in files {
        let mut bytes = [0; FILE_HEADER];
        let header = match File::open(&path)?.read_exact_at(&mut bytes, 0) {
            Ok(()) => FileHeader::decode(&bytes),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Err(HeaderError::Damaged),
            // A sector that cannot be read is damage as well; it must not keep the rest from being read.
            Err(_) => Err(HeaderError::Damaged),
        };
        let header_damaged = match header {
            Err(HeaderError::Newer(v)) => return Err(InventoryError::Newer(v)),
            Err(HeaderError::Damaged) => true,
            Ok(h) => {
                if *inv.store.get_or_insert(h.store) != h.store {
                    inv.foreign.push(path);
                    continue;
                }
                h.kind != kind || h.first_lsn != first_lsn
            }
        };
        let file = JournalFile { path, kind, first_lsn, attempt, len, header_damaged, unnamed: false };
        match kind {
            Kind::Checkpoint => {
                if let Some(old) = inv.checkpoint.replace(file) {
                    inv.stale.push(old.path);
                }
            }
            Kind::Segment => inv.segments.push(file),
        }
    }
    for (path, len) in spares {
        add_spare(&mut inv, path, len)?;
    }
    drop_covered(&mut inv);
    Ok(inv)
}

/// A spare file counts if a segment was begun in it.
fn add_spare(inv: &mut Inventory, path: PathBuf, len: u64) -> Result<(), InventoryError> {
    let view = View { file: File::open(&path)?, len };
    let mut bytes = Vec::new();
    let header = match view.read(0, FILE_HEADER, &mut bytes) {
        Some(()) => FileHeader::decode(&bytes),
        None => Err(HeaderError::Damaged),
    };
    let (first_lsn, header_damaged) = match header {
        Err(HeaderError::Newer(v)) => return Err(InventoryError::Newer(v)),
        Err(HeaderError::Damaged) => match view.first_group(inv.store) {
            Some(first) => (first, true),
            None => {
                inv.temporary.push(path);
                return Ok(());
            }
        },
        Ok(h) => {
            if *inv.store.get_or_insert(h.store) != h.store || h.kind != Kind::Segment {
                inv.foreign.push(path);
                return Ok(());
            }
            (h.first_lsn, false)
        }
    };
    // Before one that has a name, which replaces it.
    let at = inv.segments.partition_point(|s| s.first_lsn < first_lsn);
    let (kind, attempt) = (Kind::Segment, 0);
    let file = JournalFile { path, kind, first_lsn, attempt, len, header_damaged, unnamed: true };
    inv.has_unnamed = true;
    inv.segments.insert(at, file);
    Ok(())
}

/// Moves to `stale` what a checkpoint or a later attempt makes superfluous.
fn drop_covered(inv: &mut Inventory) {
    let covered = inv.checkpoint_lsn();
    let mut keep: Vec<JournalFile> = Vec::with_capacity(inv.segments.len());
    for seg in std::mem::take(&mut inv.segments) {
        // The same first number again: the earlier attempt holds nothing acknowledged.
        if keep.last().is_some_and(|last| last.first_lsn == seg.first_lsn) {
            inv.stale.extend(keep.pop().map(|f| f.path));
        }
        keep.push(seg);
    }
    // A segment ends where the next begins. The last one is always kept: it is written on.
    while keep.len() > 1 && keep.get(1).is_some_and(|next| next.first_lsn <= covered + 1) {
        inv.stale.push(keep.remove(0).path);
    }
    inv.segments = keep;
}

/// Numbers that are missing, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    pub path: PathBuf,
    /// First byte that could not be read as a group.
    pub offset: u64,
    /// The batches lost with it, first and last; `None` when only a checkpoint's rows are.
    pub lost: Option<(Lsn, Lsn)>,
    pub why: String,
}

/// One group on its way to a reader.
#[derive(Debug)]
pub struct Group<'a> {
    pub first_lsn: Lsn,
    pub batches: u32,
    payload: &'a [u8],
}

impl<'a> Group<'a> {
    /// Calls `each` for every record, with the lsn of its batch.
    pub fn for_each(&self, each: impl FnMut(Lsn, Record<'a>)) {
        // The structure was checked when the group was read.
        let _ = frame::for_each_record(self.payload, self.first_lsn, self.batches, each);
    }
}

/// What was found while reading one file.
#[derive(Debug, Default)]
pub struct FileEnd {
    /// The number after the last good group; of a checkpoint, meaningless.
    pub next_lsn: Lsn,
    /// Where the last good group ended.
    pub offset: u64,
    /// Bytes that are neither a group nor zeros lie behind `offset`.
    pub torn: bool,
    /// Of a checkpoint.
    pub footer: Option<Footer>,
    pub damage: Vec<Damage>,
}

/// What a visitor wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Continue,
    Stop,
}

/// Reads one file group by group. Groups from `end` on are not delivered: a later file replaces them.
///
/// # Errors
/// Only what keeps the file from being opened; unreadable parts are damage.
pub fn read_file(
    file: &JournalFile,
    store: u64,
    end: Lsn,
    visit: &mut dyn FnMut(&Group<'_>) -> Next,
) -> io::Result<FileEnd> {
    let view = View { file: File::open(&file.path)?, len: file.len };
    let mut out = FileEnd { next_lsn: file.first_lsn, offset: FILE_HEADER as u64, ..FileEnd::default() };
    let mut payload = Vec::new();
    let mut at = FILE_HEADER as u64;
    if file.header_damaged {
        out.damage.push(Damage {
            path: file.path.clone(),
            offset: 0,
            lost: None,
            why: "the file header is damaged".to_owned(),
        });
    }
    loop {
        let want = if file.kind == Kind::Checkpoint { None } else { Some(out.next_lsn) };
        let head = match view.group_at(at, store, &mut payload) {
            Some(head) if fits(file, want, &head, false) => head,
            // Nothing but zeros: the normal end, waiting for use.
            _ if view.is_zero_from(at) => break,
            _ => {
                let found = view.find(at, |head, pos| {
                    pos > at
                        && view.group_at(pos, store, &mut payload).is_some()
                        && fits(file, want, &head, true)
                });
                let Some((head, pos)) = found else {
                    out.torn = true;
                    break;
                };
                let lost = want.and_then(|w| (head.first_lsn > w).then(|| (w, head.first_lsn - 1)));
                out.damage.push(Damage {
                    path: file.path.clone(),
                    offset: at,
                    lost,
                    why: format!("{} bytes are not readable as a group", pos - at),
                });
                at = pos;
                // `find` left the payload of the group it accepted in place.
                head
            }
        };
        if head.footer {
            out.footer = frame::decode_footer(&payload);
            at += (GROUP_HEADER + head.len) as u64;
            out.offset = at;
            break;
        }
        if file.kind == Kind::Segment && head.first_lsn >= end {
            break;
        }
        let group = Group { first_lsn: head.first_lsn, batches: head.batches, payload: &payload };
        at += (GROUP_HEADER + head.len) as u64;
        out.offset = at;
        out.next_lsn = head.first_lsn + u64::from(head.batches);
        if visit(&group) == Next::Stop {
            return Ok(out);
        }
    }
    if file.kind == Kind::Checkpoint && out.footer.is_none() {
        out.damage.push(Damage {
            path: file.path.clone(),
            offset: out.offset,
            lost: None,
            why: "the checkpoint has no end".to_owned(),
        });
    }
    // Groups that an unreadable stretch hid at the end of a file that has a successor.
    if file.kind == Kind::Segment && end != Lsn::MAX && out.next_lsn < end {
        out.damage.push(Damage {
            path: file.path.clone(),
            offset: out.offset,
            lost: Some((out.next_lsn, end - 1)),
            why: "the end of the segment is missing".to_owned(),
        });
        out.next_lsn = end;
    }
    Ok(out)
}

/// Whether a group belongs at this place of the file. Behind damage a higher number is right as well.
fn fits(file: &JournalFile, want: Option<Lsn>, head: &GroupHeader, behind_damage: bool) -> bool {
    match want {
        None => head.first_lsn == file.first_lsn,
        Some(_) if head.footer => false,
        Some(want) if behind_damage => head.first_lsn >= want,
        Some(want) => head.first_lsn == want,
    }
}

/// Random access to one file.
struct View {
    file: File,
    len: u64,
}

impl View {
    fn read(&self, at: u64, n: usize, buf: &mut Vec<u8>) -> Option<()> {
        if at.checked_add(n as u64)? > self.len {
            return None;
        }
        buf.resize(n, 0);
        self.file.read_exact_at(buf, at).ok()
    }

    /// Reads and checks a group; its payload is in `payload` afterwards.
    fn group_at(&self, at: u64, store: u64, payload: &mut Vec<u8>) -> Option<GroupHeader> {
        let mut header = [0; GROUP_HEADER];
        if at.checked_add(GROUP_HEADER as u64)? > self.len {
            return None;
        }
        self.file.read_exact_at(&mut header, at).ok()?;
        let head = GroupHeader::decode(&header)?;
        self.read(at + GROUP_HEADER as u64, head.len, payload)?;
        if !head.matches(&header, payload, store) {
            return None;
        }
        if head.footer {
            return frame::decode_footer(payload).map(|_| head);
        }
        if head.packed {
            *payload = frame::unpack(payload)?;
        }
        frame::for_each_record(payload, head.first_lsn, head.batches, |_, _| ()).map(|()| head)
    }

    /// The number of the first good group of a file whose header is unreadable, if it has one and is not a spare one,
    /// which begins with more zeros than a damaged page has.
    fn first_group(&self, store: Option<u64>) -> Option<Lsn> {
        const ZEROS_OF_A_SPARE: usize = 64 << 10;
        let n = usize::try_from(self.len).unwrap_or(usize::MAX).min(ZEROS_OF_A_SPARE);
        let mut bytes = Vec::new();
        if self.read(0, n, &mut bytes).is_some() && bytes.iter().fold(0, |any, byte| any | byte) == 0 {
            return None;
        }
        let accept = |head: GroupHeader, pos| {
            !head.footer && store.is_none_or(|store| self.group_at(pos, store, &mut bytes).is_some())
        };
        self.find(0, accept).map(|(head, _)| head.first_lsn)
    }

    /// The first place from `from` on whose header looks like a group and satisfies `accept`.
    fn find(
        &self,
        from: u64,
        mut accept: impl FnMut(GroupHeader, u64) -> bool,
    ) -> Option<(GroupHeader, u64)> {
        const WINDOW: usize = 64 << 10;
        let mut buf = Vec::new();
        let mut at = from;
        while at + (GROUP_HEADER as u64) <= self.len {
            let n = usize::try_from(self.len - at).unwrap_or(WINDOW).min(WINDOW);
            if self.read(at, n, &mut buf).is_none() {
                // An unreadable sector: go on behind this page.
                at = (at / 4096 + 1) * 4096;
                continue;
            }
            for i in 0..n.saturating_sub(GROUP_HEADER - 1) {
                let Some(window) = buf.get(i..i + GROUP_HEADER) else { break };
                if !window.first().is_some_and(|b| GroupHeader::may_start_with(*b)) {
                    continue;
                }
                if let Some(head) = GroupHeader::decode(window) {
                    let pos = at + i as u64;
                    if accept(head, pos) {
                        return Some((head, pos));
                    }
                }
            }
            // Overlap, so that a header across two windows is seen.
            at += (n.saturating_sub(GROUP_HEADER - 1)).max(1) as u64;
        }
        None
    }

    fn is_zero_from(&self, from: u64) -> bool {
        const AT_ONCE: usize = 64 << 10;
        let mut buf = Vec::new();
        let mut at = from;
        while at < self.len {
            let n = usize::try_from(self.len - at).unwrap_or(AT_ONCE).min(AT_ONCE);
            if self.read(at, n, &mut buf).is_none() || buf.iter().fold(0, |any, byte| any | byte) != 0 {
                return false;
            }
            at += n as u64;
        }
        true
    }
}
