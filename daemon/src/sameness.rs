//! What makes two submissions the same one: hashes of a caller's key and of the content.

use receiptd_core::record::{ContentHash, KeyHash};
use receiptd_core::request::NewCopy;
use sha2::{Digest, Sha256};

use crate::ipc;

/// The same key of two users is two keys.
pub fn key_hash(uid: u32, key: &str) -> KeyHash {
    let digest = Sha256::new().chain_update(uid.to_le_bytes()).chain_update(key).finalize();
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    hash
}

/// What makes a submission the same one: printer, kind, purpose and document. Other options may differ between retries. `printer` is
/// the name, also of the default one, so that it is the same printer whether it was named or not.
pub fn content_hash(printer: &str, request: &ipc::SubmitRequest) -> ContentHash {
    let kind = match request.options.purpose {
        Some(purpose) => format!("{} {purpose}", request.kind),
        None => request.kind.to_string(),
    };
    Sha256::new()
        .chain_update((printer.len() as u64).to_le_bytes())
        .chain_update(printer)
        .chain_update([kind.len() as u8])
        .chain_update(&kind)
        .chain_update(&request.document)
        .finalize()
        .into()
}

/// The same of a document in which card numbers were masked: it counts as it is printed. A hash of what was handed in would
/// tell the hidden digits to whoever tries them all (P7).
pub fn printed_hash(printer: &str, copies: &[NewCopy]) -> ContentHash {
    let mut hash = Sha256::new().chain_update((printer.len() as u64).to_le_bytes()).chain_update(printer);
    // No kind of document is called so.
    hash.update([6]);
    hash.update("masked");
    for copy in copies {
        hash.update((copy.body.len() as u64).to_le_bytes());
        hash.update(&copy.body);
    }
    hash.finalize().into()
}
