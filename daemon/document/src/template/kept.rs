//! The logos of a template as a printer takes them: unpacked, scaled and made black and white for its first receipt, and
//! kept for those that follow, since that takes ten times as long as the rest of a receipt.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits::TEMPLATE_KEPT_BYTES_MAX;
use crate::raster::Bitmap;
use crate::{Head, Profile};

/// What a logo depends on: its line, and of the printer the dots and how far they are apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    line: String,
    dots: u16,
    head: Head,
}

/// A logo that was made, and how many pixels the picture has.
#[derive(Clone)]
pub(crate) struct Logo {
    pub(crate) bitmap: Arc<Bitmap>,
    pub(crate) pixels: u64,
}

/// Those of one template, the oldest first, of [`TEMPLATE_KEPT_BYTES_MAX`] together.
///
/// It changes nothing that can be seen: two templates are the same whatever is kept of them, and another one begins anew.
#[derive(Default)]
pub(crate) struct Kept(Mutex<VecDeque<(Key, Logo)>>);

impl Kept {
    /// The logo of a line for a printer, if it was made before.
    pub(crate) fn get(&self, line: &str, profile: &Profile) -> Option<Logo> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is = |key: &Key| (key.line.as_str(), key.dots, key.head) == (line, profile.dots, profile.head);
        kept.iter().find(|(key, _)| is(key)).map(|(_, logo)| logo.clone())
    }

    /// Keeps one. The oldest give way to it; one that is too large for all of the room is not kept.
    pub(crate) fn put(&self, line: &str, profile: &Profile, logo: &Logo) {
        let size = logo.bitmap.bytes();
        if size > TEMPLATE_KEPT_BYTES_MAX {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: usize = kept.iter().map(|(_, logo)| logo.bitmap.bytes()).sum();
        while all + size > TEMPLATE_KEPT_BYTES_MAX {
            let Some((_, oldest)) = kept.pop_front() else { break };
            all -= oldest.bitmap.bytes();
        }
        let key = Key { line: line.to_owned(), dots: profile.dots, head: profile.head };
        kept.push_back((key, logo.clone()));
    }
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Kept {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Kept {}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logo(rows: usize) -> Logo {
        Logo { bitmap: Arc::new(Bitmap::new(512, rows)), pixels: 1 }
    }

    #[test]
    fn each_printer_has_its_own_and_the_oldest_give_way() {
        let kept = Kept::default();
        let (wide, pins) = (Profile::mm80(), Profile::mm76());
        let half = TEMPLATE_KEPT_BYTES_MAX / 64 / 2;
        kept.put("header[0].lines[0]", &wide, &logo(half));
        assert!(kept.get("header[0].lines[0]", &wide).is_some());
        assert!(kept.get("header[0].lines[0]", &pins).is_none() && kept.get("footer[0]", &wide).is_none());
        kept.put("header[0].lines[0]", &pins, &logo(half));
        kept.put("header[0].lines[1]", &wide, &logo(half));
        assert!(kept.get("header[0].lines[0]", &wide).is_none(), "the oldest");
        assert!(kept.get("header[0].lines[0]", &pins).is_some());
        kept.put("header[0].lines[2]", &wide, &logo(3 * half));
        assert!(kept.get("header[0].lines[2]", &wide).is_none(), "too large");
        assert!(kept.get("header[0].lines[1]", &wide).is_some());
    }
}
