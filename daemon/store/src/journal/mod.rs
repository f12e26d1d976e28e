//! The journal: an append-only redo log of batches, and the complete truth. sled can always be built
//! again from it. Segments hold batches in order; a checkpoint holds everything that lived at one
//! number, so that the segments before it can go.

pub(crate) mod cleaner;
pub(crate) mod frame;
pub(crate) mod live;
pub(crate) mod reader;
pub(crate) mod spare;
pub(crate) mod writer;
