//! Every bound of the store in one place, with its unit and the reason for its size. It decides nothing;
//! whoever enforces a bound names it from here.

use std::time::Duration;

/// Longest key in bytes, without the table byte. A SHA-256 in hexadecimal fits.
pub const KEY_BYTES_MAX: usize = 64;

/// Longest value of one row in bytes. sled 0.34.7 moves a leaf of 16 rows to an unsynced side file when
/// the leaf passes 128 KB, and then loses it in a power cut: rows of 6 000 bytes never did, of 8 000 did.
/// 4 096 with our envelope keeps a leaf near half of that.
pub const VALUE_BYTES_MAX: usize = 4096;

/// Longest body in bytes. A raster of 576 dots by 12 000 lines is 864 KB; a receipt is far below.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// A body up to this many bytes lies in sled; a longer one gets a file of its own.
pub const BODY_INLINE_MAX: usize = 32 << 10;

/// Bytes of body in one sled row; with the envelope, and a head in front, it stays below `VALUE_BYTES_MAX`. A body of no more
/// than this lies in its head row: most receipts do, and each row costs an apply as much as its bytes do.
pub const BODY_CHUNK_BYTES: usize = 3900;

/// Changes in one batch, counted in sled rows (a body counts as all its chunks, twice: the old ones go).
/// One batch must fit one sled batch, and sled batches were only tested in power cuts up to 2 000.
pub const BATCH_ROWS_MAX: usize = 1500;

/// What a body counts for, written or deleted: a deletion does not know how long it was.
pub const BODY_ROWS: usize = 2 * (1 + BODY_INLINE_MAX.div_ceil(BODY_CHUNK_BYTES));

/// Encoded bytes of one batch. Bounds the frame, and with it the memory of every reader of the journal.
pub const BATCH_BYTES_MAX: usize = 2 << 20;

/// Rows in one sled batch (see `BATCH_ROWS_MAX`).
pub const SLED_BATCH_ROWS_MAX: usize = 2000;

/// Bytes in one sled batch, so that one apply never holds the spool, or the disk, for long: with 1 MB the slowest of a hundred
/// acceptances took a sixth longer, and the rate was no higher.
pub const SLED_BATCH_BYTES_MAX: usize = 384 << 10;

/// Batches that may wait for the committer. Beyond it the caller is told `Busy`.
pub const QUEUE_BATCHES_MAX: usize = 1024;

/// Encoded bytes that may wait for the committer. Beyond it the caller is told `Busy`.
pub const QUEUE_BYTES_MAX: usize = 4 << 20;

/// How long the lock may be held by a process that is just going, before the store is said to be in use.
pub const LOCK_WAIT: Duration = Duration::from_millis(500);

/// How often it is tried meanwhile.
pub const LOCK_STEP: Duration = Duration::from_millis(10);

/// Batches in one journal group: what queued during the previous sync, up to here.
pub const GROUP_BATCHES_MAX: usize = 256;

/// Batches, waiting and just answered, from which on a group is waited for (see `gather`). With fewer, what is gained is
/// no rate that anyone would miss, and what is lost is time until a receipt is accepted.
pub const GATHER_CALLERS_MIN: usize = 16;

/// The fastest flush that is worth it. Callers ask again within some 40 to 100 microseconds each: below this, 16 of them
/// need longer than a flush.
pub const GATHER_FLUSH_MIN: Duration = Duration::from_millis(1);

/// A flush that took longer stalled, and says nothing of the next one. eMMC takes 2 to 20 ms.
pub const GATHER_FLUSH_MAX: Duration = Duration::from_millis(50);

/// Groups that are not waited for after waiting was in vain, at most: first one, then twice as many each time. So waiting
/// costs a sixtieth of the time at most where it never helps.
pub const GATHER_SKIP_MAX: u32 = 64;

/// Encoded bytes in one journal group; a larger single batch is a group of its own.
pub const GROUP_BYTES_MAX: usize = 1 << 20;

/// Bytes of memory kept for the next group: one of a hundred receipts of 2 KB. Memory that is given back and asked for again
/// with each group costs more than copying the group into it.
pub const FRAME_BYTES_KEPT: usize = 256 << 10;

/// Usable bytes of one journal segment. Small, because the segment is filled with zeros ahead of its use
/// (then a commit changes no file metadata, and its sync is one flush instead of a file system commit).
pub const SEGMENT_BYTES: usize = 1 << 20;

/// Bytes of one frame inside a checkpoint.
pub const CHECKPOINT_FRAME_BYTES: usize = 128 << 10;

/// Durable batches that may wait for sled. At the limit the committer waits, and callers see `Busy`.
pub const LAG_BATCHES_MAX: usize = 2048;

/// Bytes of durable batches that may wait for sled: the size of the overlay in memory.
pub const LAG_BYTES_MAX: usize = 3 << 20;

/// Waiting batches that make the applier start at once.
pub const APPLY_BATCHES: usize = 512;

/// The applier starts this long after the last batch came ...
pub const APPLY_QUIET: Duration = Duration::from_millis(50);

/// ... and at the latest this long after the first.
pub const APPLY_AGE_MAX: Duration = Duration::from_millis(500);

/// The journal is not cleaned below this many bytes on disk.
pub const CLEAN_FLOOR_BYTES: u64 = 8 << 20;

/// The journal is cleaned when it is this many times larger than what lives in it.
pub const CLEAN_RATIO: u64 = 2;

/// sled is not compacted below this many bytes on disk. sled allocates by 512 KB segments and keeps
/// several open, so a smaller floor would compact for ever.
pub const COMPACT_FLOOR_BYTES: u64 = 16 << 20;

/// sled is compacted when its file is this many times larger than its live rows.
pub const COMPACT_RATIO: u64 = 3;

/// What the journal may have beside 1.25 times its living part when maintenance is asked for: the segment being
/// written and the one after it.
pub const CLEAN_SLACK_BYTES: u64 = 2 * SEGMENT_BYTES as u64;

/// What sled may have beside 1.25 times a freshly built one when maintenance is asked for: its open segments.
pub const COMPACT_SLACK_BYTES: u64 = 2 << 20;

/// sled's bytes for 100 bytes of rows, at most believed: with few rows its open segments are nearly all.
pub const SLED_PERCENT_MAX: u64 = 1000;

/// The reserve in bytes: really allocated, given up so that progress can be recorded on a full disk.
pub const RESERVE_BYTES: u64 = 2 << 20;

/// Free bytes below which admissions are refused.
pub const ADMISSION_FREE_MIN: u64 = 4 << 20;

/// Free bytes that must be there before the reserve is allocated again (beside its own size).
pub const RESERVE_FREE_MIN: u64 = 2 << 20;

/// How often recovery is tried while the store is failed or full. There is no timer at any other time.
pub const RETRY_EVERY: Duration = Duration::from_secs(2);

/// How long sled may take to open before it counts as broken. sled replays its log since the last
/// snapshot; 1 000 000 rows took 450 ms on a fast disk.
pub const SLED_OPEN_MAX: Duration = Duration::from_secs(30);

/// How long a read waits for a damaged spool to be rebuilt from the journal.
pub const READ_REPAIR_WAIT: Duration = Duration::from_secs(20);

/// How long `close` waits for the two threads. Draining a full lag takes well under a second.
pub const CLOSE_WAIT: Duration = Duration::from_secs(15);

/// Reads of a table that found nothing, after which a filter is made that knows what is absent.
pub const FILTER_AFTER: u32 = 64;

/// Keys a filter has room for at least: 8 KB.
pub const FILTER_KEYS_MIN: usize = 4096;

/// Bits of a filter for each key.
pub const FILTER_BITS: usize = 16;

/// Callers' keys that are sorted in memory at once while sled is built anew: about 2 MB.
pub const SORT_KEYS: usize = 16_384;

/// Rows read in one go while a filter is filled; between them, what waits is brought into sled.
pub const FILTER_PAGE_ROWS: usize = 1000;

/// Rows one `scan` returns at most; the caller asks again from the last key.
pub const SCAN_ROWS_MAX: usize = 1000;

/// sled's page cache in bytes. Only the number of rows bounds sled's memory, but with 10,000 waiting jobs 1 MB here took
/// 4 MB less than 4 MB did.
pub const SLED_CACHE_BYTES: u64 = 1 << 20;

/// With up to this many rows every row is read at open and counted; with more, on the maintenance path.
/// A full read of 2 000 rows costs single milliseconds.
pub const VERIFY_ROWS_AT_OPEN: u64 = 2000;

/// Bytes the quarantine may hold. When it is full the reason is still recorded, the copy is not made.
pub const QUARANTINE_BYTES_MAX: u64 = 16 << 20;

/// Files the quarantine may hold.
pub const QUARANTINE_FILES_MAX: usize = 256;
