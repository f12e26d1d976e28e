//! The committer thread: takes what is waiting, makes it durable with one write and one sync, and tells
//! the callers, in order. The bytes are the journal's business, sled the applier's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, MutexGuard};
use std::time::Instant;

use crate::error::{CommitError, is_full};
use crate::gather::{Gather, Patience};
use crate::health::HealthState;
use crate::journal::frame::GroupBuilder;
use crate::journal::writer::Writer;
use crate::limits;
use crate::shared::{Done, Queue, Shared, Waiting};
use crate::sync::{lock, wait, wait_for, write};
use crate::types::{Change, Class, Durable, Lsn, Table};

/// What to do next.
enum Work {
    Group(Vec<Waiting>),
    /// Time to try whether the disk is well again.
    Retry,
    Closed,
}

/// Runs until the store is closed and the queue is empty.
pub(crate) fn run(shared: &Arc<Shared>, mut writer: Writer) {
    let mut buffer = Vec::new();
    let mut gather = Gather::default();
    loop {
        match next(shared, &mut gather) {
            Work::Group(group) => {
                // With callers enough it never rests.
                shared.committer.step();
                commit(shared, &mut writer, group, &mut buffer, &mut gather);
            }
            Work::Retry => retry(shared, &mut writer),
            Work::Closed => break,
        }
    }
    let mut lag = lock(&shared.lag);
    // Everything acknowledged is in the lag by now.
    lag.closing = true;
    shared.lag_cv.notify_all();
}

/// Waits for work. Without work and without trouble there is no timer, and so no wake-up.
fn next(shared: &Shared, gather: &mut Gather) -> Work {
    let mut queue = lock(&shared.queue);
    let since = Instant::now();
    loop {
        if !queue.batches.is_empty() {
            break;
        }
        if queue.closing {
            return Work::Closed;
        }
        if shared.health.state() == HealthState::Ok {
            queue = shared.committer.rest(|| wait(&shared.queue_cv, queue));
        } else {
            let left = limits::RETRY_EVERY.saturating_sub(since.elapsed());
            if left.is_zero() {
                return Work::Retry;
            }
            queue = shared.committer.rest(|| wait_for(&shared.queue_cv, queue, left));
        }
    }
    gather.rested(since.elapsed());
    if let Some(patience) = gather.patience(queue.batches.len()) {
        queue = wait_for_others(shared, queue, patience, gather);
    }
    drop(queue);
    let_apply(shared);
    wait_for_room(shared);
    let mut queue = lock(&shared.queue);
    let (mut group, mut bytes) = (Vec::new(), 0);
    while let Some(first) = queue.batches.front() {
        if !group.is_empty()
            && (group.len() >= limits::GROUP_BATCHES_MAX || bytes + first.weight > limits::GROUP_BYTES_MAX)
        {
            break;
        }
        bytes += first.weight;
        group.extend(queue.batches.pop_front());
    }
    queue.bytes = queue.bytes.saturating_sub(bytes);
    Work::Group(group)
}

/// Lets those who were just answered come into the next group.
fn wait_for_others<'a>(
    shared: &Shared,
    mut queue: MutexGuard<'a, Queue>,
    patience: Patience,
    gather: &mut Gather,
) -> MutexGuard<'a, Queue> {
    let begin = Instant::now();
    queue.gathers = patience.batches;
    while !queue.is_gathered() {
        let left = patience.at_most.saturating_sub(begin.elapsed());
        if left.is_zero() {
            break;
        }
        queue = shared.committer.rest(|| wait_for(&shared.queue_cv, queue, left));
    }
    gather.waited(queue.is_gathered());
    queue.gathers = 0;
    queue
}

/// While the disk flushes, there is time for sled.
fn let_apply(shared: &Shared) {
    let mut lag = lock(&shared.lag);
    if std::mem::take(&mut lag.gathers) && lag.is_urgent() {
        drop(lag);
        shared.lag_cv.notify_all();
    }
}

/// Back-pressure: while sled is too far behind, nothing is taken; the queue fills and callers see `Busy`.
fn wait_for_room(shared: &Shared) {
    let mut lag = lock(&shared.lag);
    while Shared::lag_is_full(&lag) {
        lag = shared.committer.rest(|| wait(&shared.room_cv, lag));
    }
}

fn commit(
    shared: &Shared,
    writer: &mut Writer,
    group: Vec<Waiting>,
    buffer: &mut Vec<u8>,
    gather: &mut Gather,
) {
    let group = refuse_when_full(shared, group);
    if group.is_empty() {
        return;
    }
    let why = match append(writer, &group, buffer) {
        Ok(first) => {
            let others = lock(&shared.queue).batches.len();
            gather.served(group.len(), others, writer.flush());
            return publish(shared, group, first, gather.is_worth_it());
        }
        Err(e) => e,
    };
    if is_full(&why) {
        return on_full(shared, writer, group, buffer);
    }
    log::error!("the journal could not be written: {why}");
    let why = why.to_string();
    if let Err(e) = writer.start_fresh() {
        fail(shared, &e.to_string());
    }
    refuse(group, &CommitError::Io { why });
}

/// Writes and syncs one group; returns its first number.
fn append(writer: &mut Writer, group: &[Waiting], buffer: &mut Vec<u8>) -> std::io::Result<Lsn> {
    let first = writer.next_lsn();
    let mut builder = GroupBuilder::new(std::mem::take(buffer));
    for batch in group {
        builder.push(&batch.changes);
    }
    let batches = builder.batches();
    let frame = builder.finish(writer.store(), first);
    let done = writer.append(&frame, batches);
    *buffer = frame;
    // A rare large group must not hold its memory for ever.
    buffer.shrink_to(limits::FRAME_BYTES_KEPT);
    done.map(|()| first)
}

/// Durable: visible first, then acknowledged, so that whoever was told can read it. `gathers` if the next group is going
/// to be waited for.
fn publish(shared: &Shared, group: Vec<Waiting>, first: Lsn, gathers: bool) {
    let mut dones: Vec<(Lsn, Done)> = Vec::with_capacity(group.len());
    let wake = {
        let mut lag = lock(&shared.lag);
        // With something to wait for it has a timer.
        let rests = lag.batches.is_empty();
        lag.gathers = gathers;
        lag.arrived = Some(Instant::now());
        let mut overlay = write(&shared.overlay);
        for (lsn, batch) in (first..).zip(group) {
            let durable = Arc::new(Durable { lsn, changes: batch.changes, weight: batch.weight });
            for change in &durable.changes {
                if let Change::Put { key, .. } = change
                    && key.first() == Some(&(Table::Idem as u8))
                {
                    shared.filter.add(key);
                }
            }
            overlay.add(&durable);
            lag.bytes += durable.weight;
            lag.batches.push_back(durable);
            dones.push((lsn, batch.done));
        }
        rests || lag.is_urgent()
    };
    // Not while it would have to wait for the lock.
    if wake {
        shared.lag_cv.notify_all();
    }
    if shared.failed.swap(false, std::sync::atomic::Ordering::AcqRel) {
        shared.health.set(HealthState::Ok);
    }
    for (lsn, done) in dones {
        call(done, Ok(lsn));
    }
}

/// Admissions stop at the threshold, before the disk is full to the last byte.
fn refuse_when_full(shared: &Shared, group: Vec<Waiting>) -> Vec<Waiting> {
    let full = shared.health.state() == HealthState::Full;
    if !full && group.iter().all(|w| w.class == Class::Progress) {
        return group;
    }
    let free = shared.free_bytes();
    if free >= shared.options.admission_free_min && (!full || shared.leave_full(free)) {
        return group;
    }
    shared.health.set(HealthState::Full);
    let (admissions, rest) = group.into_iter().partition(|w| w.class == Class::Admission);
    refuse(admissions, &CommitError::Full { free });
    rest
}

/// The disk is full to the last byte: admissions are refused, progress gets the reserve.
fn on_full(shared: &Shared, writer: &mut Writer, group: Vec<Waiting>, buffer: &mut Vec<u8>) {
    shared.health.set(HealthState::Full);
    let free = shared.free_bytes();
    let (admissions, progress): (Vec<_>, Vec<_>) =
        group.into_iter().partition(|w| w.class == Class::Admission);
    refuse(admissions, &CommitError::Full { free });
    let had_reserve = !progress.is_empty() && shared.use_reserve();
    // In any case a fresh segment: what the failed group left behind must become void.
    if let Err(e) = writer.start_fresh() {
        log::error!("no new journal segment: {e}");
        return refuse(progress, &CommitError::Full { free });
    }
    if progress.is_empty() {
        return;
    }
    match append(writer, &progress, buffer) {
        Ok(first) => publish(shared, progress, first, false),
        Err(e) => {
            log::error!("the journal could not be written (reserve given up: {had_reserve}): {e}");
            refuse(progress, &CommitError::Full { free: shared.free_bytes() });
        }
    }
}

fn fail(shared: &Shared, why: &str) {
    shared.failed.store(true, std::sync::atomic::Ordering::Release);
    shared.health.set(HealthState::Failed { why: why.to_owned() });
}

fn retry(shared: &Shared, writer: &mut Writer) {
    if !writer.is_ready()
        && let Err(e) = writer.start_fresh()
    {
        if is_full(&e) {
            // Not a defect of the disk: wait for room, and let progress through to try.
            shared.failed.store(false, std::sync::atomic::Ordering::Release);
            shared.health.set(HealthState::Full);
        } else {
            fail(shared, &e.to_string());
        }
        return;
    }
    if shared.failed.swap(false, std::sync::atomic::Ordering::AcqRel) {
        shared.health.set(HealthState::Ok);
    }
    if shared.health.state() == HealthState::Full {
        shared.leave_full(shared.free_bytes());
    }
}

fn refuse(group: Vec<Waiting>, why: &CommitError) {
    for batch in group {
        call(batch.done, Err(why.clone()));
    }
}

/// A panic in a callback is the callback's defect; the batch's fate is decided already.
fn call(done: Done, result: Result<Lsn, CommitError>) {
    if catch_unwind(AssertUnwindSafe(move || done(result))).is_err() {
        log::error!("a commit callback panicked");
    }
}
