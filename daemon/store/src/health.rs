//! What the store says about itself while it runs.

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::sync::lock;

/// Whether commits work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum HealthState {
    /// They do.
    #[default]
    Ok,
    /// The disk is near full: admissions are refused, progress goes on.
    Full,
    /// The journal or the spool cannot be written; the store tries to recover by itself.
    Failed {
        /// The last failure.
        why: String,
    },
}

/// A snapshot of the store's condition. Bytes are bytes on disk unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// Whether commits work.
    pub state: HealthState,
    /// Journal files, with the zeros filled in ahead of use.
    pub journal_bytes: u64,
    /// Files of sled.
    pub sled_bytes: u64,
    /// Files of bodies too long for sled.
    pub body_file_bytes: u64,
    /// Keys and values that live, bodies included: what a fresh store with this content would need.
    pub live_bytes: u64,
    /// sled rows, chunks of bodies included.
    pub rows: u64,
    /// Batches that are durable but not yet in sled.
    pub lag: u64,
    /// How often sled was rebuilt from the journal because it was damaged, since the store was opened.
    pub rebuilds: u64,
    /// Items put into quarantine since the store was opened.
    pub quarantined: u64,
    /// Damage took acknowledged data that neither journal nor sled has any more; see the quarantine.
    pub lost: bool,
    /// Journal groups written, each with its own `fdatasync`, since the store was opened.
    pub groups: u64,
}

type Callback = Arc<dyn Fn(&HealthState) + Send + Sync>;

/// The changing part, with those who want to know.
#[derive(Default)]
pub(crate) struct HealthCell {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    state: HealthState,
    callbacks: Vec<Callback>,
}

impl HealthCell {
    /// The present state.
    pub(crate) fn state(&self) -> HealthState {
        lock(&self.inner).state.clone()
    }

    /// Changes the state and tells everybody, outside the lock, when it is another.
    pub(crate) fn set(&self, state: HealthState) {
        let callbacks = {
            let mut inner = lock(&self.inner);
            if inner.state == state {
                return;
            }
            match &state {
                HealthState::Ok => log::info!("the store works again"),
                HealthState::Full => log::warn!("the disk is near full: new receipts are refused"),
                HealthState::Failed { why } => log::error!("the store has failed: {why}"),
            }
            inner.state = state.clone();
            inner.callbacks.clone()
        };
        for callback in callbacks {
            callback(&state);
        }
    }

    /// Adds a listener; it is called from a thread of the store and must not block.
    pub(crate) fn listen(&self, callback: Callback) {
        lock(&self.inner).callbacks.push(callback);
    }
}

impl fmt::Debug for HealthCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HealthCell").field(&self.state()).finish()
    }
}
