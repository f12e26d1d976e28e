//! How a body lies in the spool: in its head row, in more rows of [`BODY_CHUNK_BYTES`], or in a file of its own.
//! Which rows to write and how to check what is read back; when to write them is the applier's business.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::disk::{Disk, write_aside};
use crate::limits::{BODY_CHUNK_BYTES, BODY_INLINE_MAX};
use crate::types::BODY;

/// Where the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// In rows behind the head. Before there was [`Self::Head`], short ones as well.
    Rows,
    File,
    /// In the head row itself.
    Head,
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
        let placed = match bytes.len() {
            len if len <= BODY_CHUNK_BYTES => Placed::Head,
            len if len <= BODY_INLINE_MAX => Placed::Rows,
            _ => Placed::File,
        };
        Self { placed, len: bytes.len() as u32, crc: crc32fast::hash(bytes) }
    }

    /// The value of the head row of this body.
    pub fn encode(&self, body: &[u8]) -> Vec<u8> {
        let inside = if self.placed == Placed::Head { body } else { &[] };
        let mut out = Vec::with_capacity(HEAD + inside.len());
        out.push(match self.placed {
            Placed::Rows => 0,
            Placed::File => 1,
            Placed::Head => 2,
        });
        out.extend_from_slice(&self.len.to_le_bytes());
        out.extend_from_slice(&self.crc.to_le_bytes());
        out.extend_from_slice(inside);
        out
    }

    /// A head and what of the body is in its row; `None` for what is none.
    pub fn decode(row: &[u8]) -> Option<(Self, &[u8])> {
        let (head, inside) = row.split_at_checked(HEAD)?;
        let [placed, l0, l1, l2, l3, c0, c1, c2, c3] = *head else { return None };
        let len = u32::from_le_bytes([l0, l1, l2, l3]);
        let (placed, inside_len) = match placed {
            0 => (Placed::Rows, 0),
            1 => (Placed::File, 0),
            2 => (Placed::Head, len as usize),
            _ => return None,
        };
        let head = Self { placed, len, crc: u32::from_le_bytes([c0, c1, c2, c3]) };
        (inside.len() == inside_len).then_some((head, inside))
    }

    /// Number of chunk rows.
    pub fn chunks(&self) -> u16 {
        match self.placed {
            Placed::File | Placed::Head => 0,
            Placed::Rows => (self.len as usize).div_ceil(BODY_CHUNK_BYTES) as u16,
        }
    }

    /// Bytes outside sled.
    pub fn file_bytes(&self) -> u64 {
        match self.placed {
            Placed::Rows | Placed::Head => 0,
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

/// Bytes of a head, without what is in its row besides.
const HEAD: usize = 9;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_in_its_head_row_in_rows_or_in_a_file_by_its_length() {
        for (len, placed, chunks) in [
            (0, Placed::Head, 0),
            (BODY_CHUNK_BYTES, Placed::Head, 0),
            (BODY_CHUNK_BYTES + 1, Placed::Rows, 2),
            (BODY_INLINE_MAX, Placed::Rows, 9),
            (BODY_INLINE_MAX + 1, Placed::File, 0),
        ] {
            let body = vec![7; len];
            let head = Head::of(&body);
            assert_eq!((head.placed, head.chunks()), (placed, chunks), "{len}");
            let row = head.encode(&body);
            let inside = if placed == Placed::Head { &body[..] } else { &[] };
            assert_eq!(Head::decode(&row), Some((head, inside)), "{len}");
            assert!(row.len() <= crate::limits::VALUE_BYTES_MAX, "{len}");
        }
    }

    #[test]
    fn a_head_that_is_cut_or_too_long_is_none() {
        let body = b"a short receipt";
        let row = Head::of(body).encode(body);
        for cut in 0..row.len() {
            assert_eq!(Head::decode(&row[..cut]), None, "{cut}");
        }
        assert_eq!(Head::decode(&[&row[..], b"x"].concat()), None);
    }
}
