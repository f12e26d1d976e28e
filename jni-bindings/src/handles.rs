//! Handles are keys of a table, never pointers: one that is stale or made up is an exception in Java.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::hosted::Daemon;
use crate::refusal::Fail;
use crate::remote::{Place, Remote};

/// What a handle stands for.
pub struct Road {
    remote: Arc<Remote>,
    daemon: Option<Daemon>,
}

impl Road {
    /// To a daemon of its own.
    pub fn remote(handle: i64, place: Place) -> Self {
        Self { remote: Remote::new(handle, place), daemon: None }
    }

    /// To a daemon in this process, which ends with the handle.
    pub fn hosted(handle: i64, place: Place, daemon: Daemon) -> Self {
        Self { remote: Remote::new(handle, place), daemon: Some(daemon) }
    }

    /// The way to the daemon.
    pub const fn road(&self) -> &Arc<Remote> {
        &self.remote
    }

    /// The daemon in this process.
    ///
    /// # Errors
    /// It is in another.
    pub fn daemon(&self) -> Result<&Daemon, Fail> {
        self.daemon
            .as_ref()
            .ok_or(Fail::Misused("this printer object does not host the daemon in its process"))
    }
}

struct Table {
    roads: BTreeMap<i64, Arc<Road>>,
    /// Never used again: 2^63 handles are more than a process lives for.
    next: i64,
}

static TABLE: Mutex<Table> = Mutex::new(Table { roads: BTreeMap::new(), next: 1 });

/// Gives a new road its handle.
pub fn open(road: impl FnOnce(i64) -> Road) -> i64 {
    let mut table = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    let handle = table.next;
    table.next += 1;
    table.roads.insert(handle, Arc::new(road(handle)));
    handle
}

/// The road of a handle.
///
/// # Errors
/// It is closed, or never was.
pub fn find(handle: i64) -> Result<Arc<Road>, Fail> {
    let table = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    table.roads.get(&handle).cloned().ok_or(Fail::NoHandle)
}

/// Ends a road. A second time nothing happens.
pub fn close(handle: i64) {
    let road = TABLE.lock().unwrap_or_else(PoisonError::into_inner).roads.remove(&handle);
    if let Some(road) = road {
        road.remote.close();
        if let Some(daemon) = &road.daemon {
            daemon.shut_down();
        }
    }
}

#[cfg(test)]
mod tests {
    use receiptd_api::Where;

    use super::*;

    #[test]
    fn ten_thousand_handles_cost_no_thread_and_none_is_found_after_its_end() {
        let open_one = || open(|handle| Road::remote(handle, Place::At(Where::Auto)));
        let handles: Vec<i64> = (0..10_000).map(|_| open_one()).collect();
        assert!(handles.iter().all(|handle| find(*handle).is_ok()));
        assert!(find(handles.last().unwrap() + 1).is_err());
        for handle in &handles {
            close(*handle);
            close(*handle);
        }
        assert!(handles.iter().all(|handle| matches!(find(*handle), Err(Fail::NoHandle))));
        assert_ne!(open_one(), handles[0], "a number is not given twice");
    }
}
