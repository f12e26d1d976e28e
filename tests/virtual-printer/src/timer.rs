//! What happens later by itself: delayed answers, the head cooling down, delayed faults, full sockets.

use crate::state::{Later, Shared};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

/// The thread.
pub(crate) fn run(shared: &Arc<Shared>) {
    let mut st = shared.lock();
    loop {
        if st.stop {
            return;
        }
        let now = Instant::now();
        let next = st.later.first_key_value().map(|((when, _), _)| *when);
        st = match next {
            None => shared.timer.wait(st).unwrap_or_else(PoisonError::into_inner),
            Some(when) if when > now => {
                shared.timer.wait_timeout(st, when - now).unwrap_or_else(PoisonError::into_inner).0
            }
            Some(_) => {
                match st.later.pop_first() {
                    Some((_, Later::Reply(bytes))) => st.deliver_late(&bytes),
                    Some((_, Later::HeatEnd)) => st.heat_end(),
                    Some((_, Later::Fault(fault))) => st.strike(fault),
                    Some((_, Later::Flush)) => st.flush(),
                    None => {}
                }
                drop(st);
                shared.work.notify_all();
                shared.watch.notify_all();
                shared.lock()
            }
        };
    }
}
