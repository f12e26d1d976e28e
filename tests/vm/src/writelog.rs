//! The log that the kernel's dm-log-writes keeps of a disk: what was written, in the order in which it became stable.
//!
//! The format is the kernel's (`Documentation/admin-guide/device-mapper/log-writes.rst`, `drivers/md/dm-log-writes.c`): a
//! super block, then entries of one sector each, every one followed by what it wrote. A write that no flush followed
//! is not in it, so the disk at an entry is what the entries up to it leave.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// First number of the super block.
const MAGIC: u64 = 0x006a_7366_7773_6872;

/// The only version there is.
const VERSION: u64 = 1;

/// Bytes of an entry before its mark.
const HEAD: usize = 32;

const FLUSH: u64 = 1;
const FUA: u64 = 2;
const DISCARD: u64 = 4;
const MARK: u64 = 8;

/// The most entries that are read: far above what a busy hour makes, and a bound on what a damaged log costs.
const ENTRIES_MAX: u64 = 10_000_000;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where on the disk, bytes.
    at: u64,
    /// How much, bytes.
    length: u64,
    /// Where in the log, bytes.
    data: u64,
    flags: u64,
    /// What the test said at this moment.
    pub mark: Option<String>,
}

impl Entry {
    /// Whether the disk said after it that what came before is stable.
    pub fn is_flush(&self) -> bool {
        self.flags & (FLUSH | FUA) != 0
    }
}

/// A log.
#[derive(Debug)]
pub struct WriteLog {
    file: File,
    /// All of it, in order.
    pub entries: Vec<Entry>,
}

impl WriteLog {
    /// Reads a log's entries; the device must be gone, which makes the kernel write their number.
    ///
    /// # Errors
    /// It can't be read, or is no log.
    pub fn read(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let mut head = [0; 28];
        file.read_exact_at(&mut head, 0)?;
        let sector = head[24..28].iter().rev().fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
        let count = number(&head, 16);
        if number(&head, 0) != MAGIC || number(&head, 8) != VERSION || sector < 512 || count > ENTRIES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a log of dm-log-writes"));
        }
        let mut entries = Vec::new();
        let mut at = sector;
        let mut block = vec![0; sector as usize];
        for _ in 0..count {
            file.read_exact_at(&mut block, at)?;
            let flags = number(&block, 16);
            let length = number(&block, 8) * sector;
            let mark = (flags & MARK != 0).then(|| {
                let end = (HEAD + number(&block, 24) as usize).min(block.len());
                String::from_utf8_lossy(&block[HEAD..end]).trim_end_matches('\0').to_owned()
            });
            entries.push(Entry { at: number(&block, 0) * sector, length, data: at + sector, flags, mark });
            at += sector + if flags & DISCARD == 0 { length } else { 0 };
        }
        Ok(Self { file, entries })
    }

    /// Does what an entry did to the disk `onto`. What was discarded stays: a disk may do so.
    ///
    /// # Errors
    /// Log or disk can't be used.
    pub fn replay(&self, entry: &Entry, onto: &File) -> io::Result<()> {
        if entry.flags & DISCARD != 0 || entry.length == 0 {
            return Ok(());
        }
        let mut data = vec![0; entry.length as usize];
        self.file.read_exact_at(&mut data, entry.data)?;
        onto.write_all_at(&data, entry.at)
    }
}

fn number(bytes: &[u8], at: usize) -> u64 {
    bytes.iter().skip(at).take(8).rev().fold(0, |all, byte| all << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: u64, sectors: u64, flags: u64, mark: &str, data: &[u8]) -> Vec<u8> {
        let mut all: Vec<u8> =
            [at, sectors, flags, mark.len() as u64].iter().flat_map(|number| number.to_le_bytes()).collect();
        all.extend(mark.as_bytes());
        all.resize(512, 0);
        all.extend(data);
        all
    }

    #[test]
    fn a_log_as_the_kernel_writes_it_is_replayed_up_to_a_mark() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log: Vec<u8> = [MAGIC, VERSION, 5].iter().flat_map(|number| number.to_le_bytes()).collect();
        log.extend(512_u32.to_le_bytes());
        log.resize(512, 0);
        log.extend(entry(2, 2, 0, "", &[b'a'; 1024]));
        log.extend(entry(0, 0, FLUSH, "", b""));
        log.extend(entry(2, 100, DISCARD, "", b""));
        log.extend(entry(0, 0, MARK, "ack 7", b""));
        log.extend(entry(3, 1, FUA, "", &[b'b'; 512]));
        std::fs::write(&path, log).unwrap();
        let log = WriteLog::read(&path).unwrap();
        let marks: Vec<Option<&str>> = log.entries.iter().map(|entry| entry.mark.as_deref()).collect();
        assert_eq!(marks, [None, None, None, Some("ack 7"), None]);
        let flushes: Vec<bool> = log.entries.iter().map(Entry::is_flush).collect();
        assert_eq!(flushes, [false, true, false, false, true]);
        let disk = folder.path().join("disk");
        std::fs::write(&disk, [b'0'; 2560]).unwrap();
        let onto = File::options().write(true).open(&disk).unwrap();
        for (entry, expected) in log.entries.iter().zip([b"00aa0", b"00aa0", b"00aa0", b"00aa0", b"00ab0"]) {
            log.replay(entry, &onto).unwrap();
            let now: Vec<u8> = std::fs::read(&disk).unwrap().iter().step_by(512).copied().collect();
            assert_eq!(now, expected);
        }
    }

    #[test]
    fn what_is_no_log_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, [7; 4096]).unwrap();
        assert_eq!(WriteLog::read(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
