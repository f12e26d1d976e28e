//! The note a clean close leaves: the number of the last batch. A journal that ends before it has lost its
//! end to damage; without the note that looks like the torn end a crash leaves.

use std::path::Path;

use crate::disk::{Disk, write_durably};
use crate::types::Lsn;

const NAME: &str = "closed";

/// Leaves the note. Best effort: without it nothing is wrong.
pub(crate) fn leave(disk: &dyn Disk, root: &Path, last: Lsn) {
    let text = format!("{last} {:08x}\n", crc32fast::hash(&last.to_le_bytes()));
    if let Err(e) = write_durably(disk, &root.join(NAME), text.as_bytes()) {
        log::debug!("no note of the clean close: {e}");
    }
}

/// Reads the note and takes it away; 0 when there is none that can be trusted.
pub(crate) fn take(disk: &dyn Disk, root: &Path) -> Lsn {
    let path = root.join(NAME);
    let Ok(text) = std::fs::read_to_string(&path) else { return 0 };
    // If it comes back after a crash it names a number that is long past, which says nothing.
    let _ = disk.remove(&path);
    text.trim()
        .split_once(' ')
        .and_then(|(n, crc)| Some((n.parse::<Lsn>().ok()?, u32::from_str_radix(crc, 16).ok()?)))
        .filter(|(n, crc)| crc32fast::hash(&n.to_le_bytes()) == *crc)
        .map_or(0, |(n, _)| n)
}
