//! Card numbers in what comes beside a document (P7): keys, titles, notes. Whatever the printer's rule for documents is,
//! here they are masked: a receipt is not refused for its name. A caller's key is found by its hash, so a key with a
//! masked number is still the same key; two keys stay two.

use std::borrow::Cow;

use receiptd_document::CardRule;

/// A text as it may reach the disk and lists.
pub(crate) fn without_cards(text: String) -> String {
    match CardRule::MASK.mask(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(masked) => masked,
    }
}
