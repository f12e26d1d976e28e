//! The bytes of the journal: file header, group frame, records. Pure encoding and decoding; files are the
//! business of `writer` and `reader`.
//!
//! A *group* is what one write and one sync put on disk: one or more batches under one checksum. That is
//! the point of the format: group N+1 is only written after the sync of group N succeeded, so only the
//! last group can be torn, and a good group behind a bad one proves damage.
//!
//! ```text
//! file   = "RCPTJRNL" version:u32 kind:u32 store:u64 first_lsn:u64 crc:u32 0:u32            (40 bytes)
//! group  = magic:u32 len:u32 first_lsn:u64 batches:u32 crc:u32 payload[len]                 (24 + len)
//! payload= batches x ( len:u32 record* )
//!          or, packed: unpacked_len:u32 and the same as one LZ4 block           (checkpoints only)
//! record = 1:u8 key_len:u8 value_len:u32 key value | 2:u8 key_len:u8 key | 3:u8 id:u64 len:u32 bytes | 4:u8 id:u64
//! footer = magic:u32 len:u32 lsn:u64 batches:u32 crc:u32 rows:u64 bodies:u64 live:u64       (checkpoints only)
//! ```
//! All numbers little-endian. The checksum covers the header before it, the store's number and the payload.

use std::sync::Arc;

use crate::limits;
use crate::types::{Change, Lsn};

/// Bytes of the file header.
pub const FILE_HEADER: usize = 40;
/// Bytes before the payload of a group.
pub const GROUP_HEADER: usize = 24;
/// Format written, and the newest read. 1 had no packed groups, and in 2 a segment always had its own name.
pub const VERSION: u32 = 3;
/// Longest payload a reader accepts: one full batch and its frame.
pub const PAYLOAD_MAX: usize = limits::BATCH_BYTES_MAX + limits::GROUP_BYTES_MAX + 4096;

const FILE_MAGIC: &[u8; 8] = b"RCPTJRNL";
const GROUP_MAGIC: [u8; 4] = *b"GRP\x01";
const PACKED_MAGIC: [u8; 4] = *b"GRZ\x01";
const FOOTER_MAGIC: [u8; 4] = *b"END\x01";

/// What a journal file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Batches in order.
    Segment,
    /// Everything that lived at `first_lsn`, each row once.
    Checkpoint,
}

/// A file header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileHeader {
    pub kind: Kind,
    /// The random number of this store: files of another store are recognised.
    pub store: u64,
    /// Lsn of the first batch; of a checkpoint, the lsn it covers.
    pub first_lsn: Lsn,
}

/// Why a file header was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderError {
    Damaged,
    Newer(u32),
}

impl FileHeader {
    pub fn encode(&self) -> [u8; FILE_HEADER] {
        let mut out = Vec::with_capacity(FILE_HEADER);
        out.extend_from_slice(FILE_MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        let kind: u32 = match self.kind {
            Kind::Segment => 0,
            Kind::Checkpoint => 1,
        };
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&self.store.to_le_bytes());
        out.extend_from_slice(&self.first_lsn.to_le_bytes());
        out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
        out.resize(FILE_HEADER, 0);
        let mut fixed = [0; FILE_HEADER];
        fixed.copy_from_slice(&out);
        fixed
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        let mut c = Cursor(bytes);
        let magic = c.take(8).ok_or(HeaderError::Damaged)?;
        let version = c.u32().ok_or(HeaderError::Damaged)?;
        let kind = c.u32().ok_or(HeaderError::Damaged)?;
        let store = c.u64().ok_or(HeaderError::Damaged)?;
        let first_lsn = c.u64().ok_or(HeaderError::Damaged)?;
        let crc = c.u32().ok_or(HeaderError::Damaged)?;
        let covered = bytes.get(..32).ok_or(HeaderError::Damaged)?;
        if magic != FILE_MAGIC || crc32fast::hash(covered) != crc {
            return Err(HeaderError::Damaged);
        }
        if version > VERSION {
            return Err(HeaderError::Newer(version));
        }
        let kind = match kind {
            0 => Kind::Segment,
            1 => Kind::Checkpoint,
            _ => return Err(HeaderError::Damaged),
        };
        Ok(Self { kind, store, first_lsn })
    }
}

/// What stands at the end of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Footer {
    pub rows: u64,
    pub bodies: u64,
    pub live_bytes: u64,
}

/// The header of a group or footer, not yet checked against its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupHeader {
    pub footer: bool,
    /// The payload is packed, see [`unpack`].
    pub packed: bool,
    pub len: usize,
    pub first_lsn: Lsn,
    pub batches: u32,
    crc: u32,
}

impl GroupHeader {
    /// Reads a header; `None` when these bytes are not one.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut c = Cursor(bytes);
        let magic = c.take(4)?;
        let (footer, packed) = (magic == FOOTER_MAGIC, magic == PACKED_MAGIC);
        if !footer && !packed && magic != GROUP_MAGIC {
            return None;
        }
        let len = c.u32()? as usize;
        let head = Self { footer, packed, len, first_lsn: c.u64()?, batches: c.u32()?, crc: c.u32()? };
        (len <= PAYLOAD_MAX).then_some(head)
    }

    /// Whether header and payload belong together and are undamaged.
    pub fn matches(&self, header: &[u8], payload: &[u8], store: u64) -> bool {
        header.get(..20).is_some_and(|h| checksum(h, store, payload) == self.crc)
    }

    /// Whether a group can start with this byte; used to find the next one behind damage.
    pub fn may_start_with(byte: u8) -> bool {
        byte == GROUP_MAGIC[0] || byte == FOOTER_MAGIC[0]
    }
}

fn checksum(header: &[u8], store: u64, payload: &[u8]) -> u32 {
    let mut h = crc32fast::Hasher::new();
    h.update(header);
    h.update(&store.to_le_bytes());
    h.update(payload);
    h.finalize()
}

/// Builds one group.
#[derive(Debug)]
pub struct GroupBuilder {
    buf: Vec<u8>,
    batches: u32,
}

impl GroupBuilder {
    /// Starts an empty group in a buffer that is used again and again.
    pub fn new(mut buf: Vec<u8>) -> Self {
        buf.clear();
        buf.resize(GROUP_HEADER, 0);
        Self { buf, batches: 0 }
    }

    /// Appends a batch.
    pub fn push(&mut self, changes: &[Change]) {
        self.batches += 1;
        let at = self.buf.len();
        self.buf.extend_from_slice(&[0; 4]);
        for change in changes {
            put_record(&mut self.buf, &change.as_record());
        }
        self.patch_len(at);
    }

    /// Appends a single record as a batch of its own (checkpoints).
    pub fn push_record(&mut self, record: &Record<'_>) {
        self.batches += 1;
        let at = self.buf.len();
        self.buf.extend_from_slice(&[0; 4]);
        put_record(&mut self.buf, record);
        self.patch_len(at);
    }

    fn patch_len(&mut self, at: usize) {
        let len = (self.buf.len() - at - 4) as u32;
        if let Some(slot) = self.buf.get_mut(at..at + 4) {
            slot.copy_from_slice(&len.to_le_bytes());
        }
    }

    /// Bytes so far, with the header.
    pub fn len(&self) -> usize {
        self.buf.len()
    }

    /// Batches so far.
    pub fn batches(&self) -> u32 {
        self.batches
    }

    /// Closes the group, packed: for what is written once and read seldom.
    pub fn finish_packed(self, store: u64, first_lsn: Lsn) -> Vec<u8> {
        let payload = self.buf.get(GROUP_HEADER..).unwrap_or_default();
        let mut buf = vec![0; GROUP_HEADER];
        buf.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        buf.extend_from_slice(&lz4_flex::block::compress(payload));
        seal(buf, PACKED_MAGIC, store, first_lsn, self.batches)
    }

    /// Closes the group.
    pub fn finish(self, store: u64, first_lsn: Lsn) -> Vec<u8> {
        seal(self.buf, GROUP_MAGIC, store, first_lsn, self.batches)
    }
}

/// The footer of a checkpoint.
pub fn encode_footer(footer: &Footer, store: u64, lsn: Lsn) -> Vec<u8> {
    let mut buf = vec![0; GROUP_HEADER];
    for n in [footer.rows, footer.bodies, footer.live_bytes] {
        buf.extend_from_slice(&n.to_le_bytes());
    }
    seal(buf, FOOTER_MAGIC, store, lsn, 0)
}

/// A packed payload as it was; `None` when it can't be one.
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut c = Cursor(packed);
    let len = c.u32()? as usize;
    let block = packed.get(4..)?;
    if len > PAYLOAD_MAX {
        return None;
    }
    lz4_flex::block::decompress(block, len).ok().filter(|payload| payload.len() == len)
}

/// Reads a footer's payload.
pub fn decode_footer(payload: &[u8]) -> Option<Footer> {
    let mut c = Cursor(payload);
    Some(Footer { rows: c.u64()?, bodies: c.u64()?, live_bytes: c.u64()? })
}

fn seal(mut buf: Vec<u8>, magic: [u8; 4], store: u64, first_lsn: Lsn, batches: u32) -> Vec<u8> {
    let mut header = [0; GROUP_HEADER];
    let len = (buf.len() - GROUP_HEADER) as u32;
    header[..4].copy_from_slice(&magic);
    header[4..8].copy_from_slice(&len.to_le_bytes());
    header[8..16].copy_from_slice(&first_lsn.to_le_bytes());
    header[16..20].copy_from_slice(&batches.to_le_bytes());
    let crc = checksum(&header[..20], store, buf.get(GROUP_HEADER..).unwrap_or_default());
    header[20..].copy_from_slice(&crc.to_le_bytes());
    if let Some(slot) = buf.get_mut(..GROUP_HEADER) {
        slot.copy_from_slice(&header);
    }
    buf
}

/// A change as it lies in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record<'a> {
    Put { key: &'a [u8], value: &'a [u8] },
    Delete { key: &'a [u8] },
    PutBody { id: u64, bytes: &'a [u8] },
    DeleteBody { id: u64 },
}

impl Record<'_> {
    /// A copy that owns its bytes.
    pub fn to_change(self) -> Change {
        match self {
            Self::Put { key, value } => Change::Put { key: key.into(), value: value.into() },
            Self::Delete { key } => Change::Delete { key: key.into() },
            Self::PutBody { id, bytes } => Change::PutBody { id, bytes: Arc::from(bytes) },
            Self::DeleteBody { id } => Change::DeleteBody { id },
        }
    }
}

impl Change {
    /// The same change as a record.
    pub fn as_record(&self) -> Record<'_> {
        match self {
            Self::Put { key, value } => Record::Put { key, value },
            Self::Delete { key } => Record::Delete { key },
            Self::PutBody { id, bytes } => Record::PutBody { id: *id, bytes },
            Self::DeleteBody { id } => Record::DeleteBody { id: *id },
        }
    }
}

fn put_record(buf: &mut Vec<u8>, record: &Record<'_>) {
    match record {
        Record::Put { key, value } => {
            buf.push(1);
            buf.push(key.len() as u8);
            buf.extend_from_slice(&(value.len() as u32).to_le_bytes());
            buf.extend_from_slice(key);
            buf.extend_from_slice(value);
        }
        Record::Delete { key } => {
            buf.push(2);
            buf.push(key.len() as u8);
            buf.extend_from_slice(key);
        }
        Record::PutBody { id, bytes } => {
            buf.push(3);
            buf.extend_from_slice(&id.to_le_bytes());
            buf.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            buf.extend_from_slice(bytes);
        }
        Record::DeleteBody { id } => {
            buf.push(4);
            buf.extend_from_slice(&id.to_le_bytes());
        }
    }
}

/// Calls `each` for every record of a payload. `None` when the structure does not hold, which a good
/// checksum makes a defect of the writer; it is treated as damage all the same.
pub fn for_each_record<'a>(
    payload: &'a [u8],
    first_lsn: Lsn,
    batches: u32,
    mut each: impl FnMut(Lsn, Record<'a>),
) -> Option<()> {
    let mut c = Cursor(payload);
    for n in 0..u64::from(batches) {
        let len = c.u32()? as usize;
        let mut batch = Cursor(c.take(len)?);
        while !batch.0.is_empty() {
            each(first_lsn + n, batch.record()?);
        }
    }
    c.0.is_empty().then_some(())
}

/// Reads numbers and slices off the front of a slice.
pub struct Cursor<'a>(pub &'a [u8]);

impl<'a> Cursor<'a> {
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        Some(head)
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    pub fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn record(&mut self) -> Option<Record<'a>> {
        match self.u8()? {
            1 => {
                let (k, v) = (self.u8()? as usize, self.u32()? as usize);
                Some(Record::Put { key: self.take(k)?, value: self.take(v)? })
            }
            2 => {
                let k = self.u8()? as usize;
                Some(Record::Delete { key: self.take(k)? })
            }
            3 => {
                let id = self.u64()?;
                let n = self.u32()? as usize;
                Some(Record::PutBody { id, bytes: self.take(n)? })
            }
            4 => Some(Record::DeleteBody { id: self.u64()? }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_reads_back_as_it_was_written_and_no_flipped_bit_passes() {
        let changes = vec![
            Change::Put { key: Arc::from(&b"\x10k"[..]), value: Arc::from(&b"value"[..]) },
            Change::Delete { key: Arc::from(&b"\x20d"[..]) },
            Change::PutBody { id: 7, bytes: Arc::from(&b"body"[..]) },
            Change::DeleteBody { id: 6 },
        ];
        let mut g = GroupBuilder::new(Vec::new());
        g.push(&changes);
        g.push(&[]);
        g.push(&changes[..1]);
        let bytes = g.finish(99, 5);
        let (head, payload) = bytes.split_at(GROUP_HEADER);
        let header = GroupHeader::decode(head).unwrap();
        assert!(header.matches(head, payload, 99));
        assert!(!header.matches(head, payload, 98), "a group of another store");
        let mut seen = Vec::new();
        for_each_record(payload, header.first_lsn, header.batches, |lsn, r| seen.push((lsn, r.to_change())))
            .unwrap();
        let mut want: Vec<_> = changes.iter().map(|c| (5, c.clone())).collect();
        want.push((7, changes[0].clone()));
        assert_eq!(seen, want);
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let (head, payload) = bad.split_at(GROUP_HEADER);
            let ok = GroupHeader::decode(head)
                .is_some_and(|h| h.len == payload.len() && h.matches(head, payload, 99));
            assert!(!ok, "bit {bit}");
        }
    }

    #[test]
    fn a_newer_file_is_named_as_newer_and_not_as_damaged() {
        let h = FileHeader { kind: Kind::Segment, store: 1, first_lsn: 1 };
        let mut bytes = h.encode();
        assert_eq!(FileHeader::decode(&bytes), Ok(h));
        bytes[8] = 9;
        let crc = crc32fast::hash(&bytes[..32]).to_le_bytes();
        bytes[32..36].copy_from_slice(&crc);
        assert_eq!(FileHeader::decode(&bytes), Err(HeaderError::Newer(9)));
        bytes[20] ^= 1;
        assert_eq!(FileHeader::decode(&bytes), Err(HeaderError::Damaged));
    }
}
