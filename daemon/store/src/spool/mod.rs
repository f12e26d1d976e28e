//! The spool: sled 0.34.7 as the index that reads are served from. It is never the only copy; the
//! journal is.

pub(crate) mod body;
mod down;
pub(crate) mod envelope;
pub(crate) mod place;
pub(crate) mod rebuild;
pub(crate) mod sled;
