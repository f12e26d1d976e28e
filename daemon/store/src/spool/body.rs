//! How a body lies in the spool: a head row, and either rows of [`BODY_CHUNK_BYTES`] or a file of its own.
//! Which rows to write and how to check what is read back; when to write them is the applier's business.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::disk::{Disk, write_aside};
use crate::limits::{BODY_CHUNK_BYTES, BODY_INLINE_MAX};
use crate::types::BODY;

/// Where the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    Rows,
    File,
}

/// The head row of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub placed: Placed,
    pub len: u32,
    pub crc: u32,
}

impl Head {
    pub fn of(bytes: &[u8]) -> Self {
        let placed = if bytes.len() > BODY_INLINE_MAX { Placed::File } else { Placed::Rows };
        Self { placed, len: bytes.len() as u32, crc: crc32fast::hash(bytes) }
    }

    pub fn encode(&self) -> [u8; 9] {
        let mut out = [0; 9];
        out[0] = match self.placed {
            Placed::Rows => 0,
            Placed::File => 1,
        };
        out[1..5].copy_from_slice(&self.len.to_le_bytes());
        out[5..].copy_from_slice(&self.crc.to_le_bytes());
        out
    }

    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let [placed, l0, l1, l2, l3, c0, c1, c2, c3] = *bytes else { return None };
        let placed = match placed {
            0 => Placed::Rows,
            1 => Placed::File,
            _ => return None,
        };
        let len = u32::from_le_bytes([l0, l1, l2, l3]);
        Some(Self { placed, len, crc: u32::from_le_bytes([c0, c1, c2, c3]) })
    }

    /// Number of chunk rows.
    pub fn chunks(&self) -> u16 {
        match self.placed {
            Placed::File => 0,
            Placed::Rows => (self.len as usize).div_ceil(BODY_CHUNK_BYTES) as u16,
        }
    }

    /// Bytes outside sled.
    pub fn file_bytes(&self) -> u64 {
        match self.placed {
            Placed::Rows => 0,
            Placed::File => u64::from(self.len) + FILE_HEAD as u64,
        }
    }

    /// Whether these bytes are the body.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        bytes.len() as u64 == u64::from(self.len) && crc32fast::hash(bytes) == self.crc
    }
}

/// The key of row `n` of a body: 0 is the head, chunks count from 1.
pub fn key(id: u64, n: u16) -> [u8; 11] {
    let mut out = [BODY; 11];
    out[1..9].copy_from_slice(&id.to_be_bytes());
    out[9..].copy_from_slice(&n.to_be_bytes());
    out
}

/// The chunks of a body with their row numbers.
pub fn chunks(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    (1..).zip(bytes.chunks(BODY_CHUNK_BYTES))
}

const FILE_MAGIC: &[u8; 4] = b"BDY1";
const FILE_HEAD: usize = 12;

/// The file of a body.
pub fn path(dir: &Path, id: u64) -> PathBuf {
    dir.join(format!("{id:016x}"))
}

/// The body a file belongs to.
pub fn id_of(path: &Path) -> Option<u64> {
    u64::from_str_radix(path.file_name()?.to_str()?, 16).ok()
}

/// Writes the file; the caller syncs the directory.
pub fn write_file(disk: &dyn Disk, dir: &Path, id: u64, bytes: &[u8]) -> io::Result<()> {
    let mut out = Vec::with_capacity(FILE_HEAD + bytes.len());
    out.extend_from_slice(FILE_MAGIC);
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(&crc32fast::hash(bytes).to_le_bytes());
    out.extend_from_slice(bytes);
    write_aside(disk, &path(dir, id), &out)
}

/// Reads the file of a body and checks it against its own head.
pub fn read_file(dir: &Path, id: u64) -> Result<Vec<u8>, String> {
    let mut raw = Vec::new();
    std::fs::File::open(path(dir, id))
        .and_then(|mut f| f.read_to_end(&mut raw))
        .map_err(|e| format!("its file cannot be read: {e}"))?;
    let Some((head, bytes)) = raw.split_at_checked(FILE_HEAD) else {
        return Err(format!("its file has only {} bytes", raw.len()));
    };
    let stored = head.get(8..12).and_then(|c| c.try_into().ok()).map(u32::from_le_bytes);
    if !head.starts_with(FILE_MAGIC) || stored != Some(crc32fast::hash(bytes)) {
        return Err("its file is damaged".to_owned());
    }
    raw.drain(..FILE_HEAD);
    Ok(raw)
}
