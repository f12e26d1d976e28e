//! What the spool surely does not hold: a Bloom filter over the keys of one table.
//!
//! Every receipt that comes in asks whether its key is known, and nearly always it is not. sled answers that
//! too, but a read waits while sled takes in a batch, and that is milliseconds under load. The filter is in
//! memory and has no false negatives: what it does not know is not there.
//!
//! It is made only when it is wanted, after [`limits::FILTER_AFTER`] reads that found nothing, so that a
//! terminal that prints a receipt a minute does not hold it. Keys are added before their batch is
//! acknowledged and never taken out; when it is full it is made anew from the rows.

use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;

use crate::limits;
use crate::shared::Shared;
use crate::sync::{lock, read};
use crate::types::Table;

/// Bits set for each key. With 16 bits of room for each, one absent key in 700 looks present.
const PROBES: u64 = 5;

/// The filter of one table, and the one that will take its place.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    state: Mutex<State>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct State {
    /// Answers; there is none until one was made.
    current: Option<Bits>,
    /// Being filled; has every key that came since it was begun.
    next: Option<Bits>,
    /// Reads that sled had to answer with nothing.
    misses: u32,
}

#[derive(Debug)]
struct Bits {
    words: Vec<u64>,
    added: usize,
    room: usize,
}

impl Bits {
    fn new(keys: usize) -> Self {
        let room = keys.max(limits::FILTER_KEYS_MIN);
        let words = (room * limits::FILTER_BITS).div_ceil(64).next_power_of_two();
        Self { words: vec![0; words], added: 0, room }
    }

    fn probes(&self, hash: u64) -> impl Iterator<Item = (usize, u64)> + use<> {
        let mask = self.words.len() as u64 * 64 - 1;
        // Two halves of one good hash are as good as many hashes (Kirsch, Mitzenmacher 2006).
        let (base, step) = (hash, hash.rotate_left(32) | 1);
        (0..PROBES).map(move |n| {
            let bit = base.wrapping_add(n.wrapping_mul(step)) & mask;
            ((bit / 64) as usize, 1 << (bit % 64))
        })
    }

    fn add(&mut self, hash: u64) {
        self.added += 1;
        for (word, bit) in self.probes(hash) {
            if let Some(word) = self.words.get_mut(word) {
                *word |= bit;
            }
        }
    }

    fn may_have(&self, hash: u64) -> bool {
        self.probes(hash).all(|(word, bit)| self.words.get(word).is_none_or(|w| w & bit != 0))
    }
}

impl Filter {
    /// False only when the key is surely neither in sled nor in any acknowledged batch.
    pub(crate) fn may_have(&self, key: &[u8]) -> bool {
        let hash = self.hasher.hash_one(key);
        lock(&self.state).current.as_ref().is_none_or(|bits| bits.may_have(hash))
    }

    /// A key comes in; called before its batch is visible.
    pub(crate) fn add(&self, key: &[u8]) {
        let hash = self.hasher.hash_one(key);
        let mut state = lock(&self.state);
        let State { current, next, .. } = &mut *state;
        for bits in current.iter_mut().chain(next) {
            bits.add(hash);
        }
    }

    /// sled was asked and had nothing.
    pub(crate) fn missed(&self) {
        let mut state = lock(&self.state);
        state.misses = state.misses.saturating_add(1);
    }

    /// Whether one is wanted that is not there, or the present one is full.
    pub(crate) fn is_due(&self) -> bool {
        let state = lock(&self.state);
        match &state.current {
            None => state.misses >= limits::FILTER_AFTER,
            Some(bits) => bits.added > bits.room,
        }
    }

    /// Begins a new one with room for twice as many keys. From now on it gets what comes in.
    pub(crate) fn begin(&self, keys: usize) {
        lock(&self.state).next = Some(Bits::new(2 * keys));
    }

    /// A key that was there when it was begun.
    pub(crate) fn fill(&self, key: &[u8]) {
        let hash = self.hasher.hash_one(key);
        if let Some(next) = &mut lock(&self.state).next {
            next.add(hash);
        }
    }

    /// It has all keys.
    pub(crate) fn finish(&self) {
        let mut state = lock(&self.state);
        if let Some(next) = state.next.take() {
            state.current = Some(next);
        }
    }

    /// What was read may have been less than everything: trust nothing until it was made anew.
    pub(crate) fn forget(&self) {
        let mut state = lock(&self.state);
        state.current = None;
        state.next = None;
    }
}

/// Makes a new filter from all rows, on the applier's thread. What waits goes on into sled meanwhile.
pub(crate) fn make(shared: &Shared) {
    let filter = &shared.filter;
    let (mut from, end) = (vec![Table::Idem as u8], [Table::Idem as u8 + 1]);
    {
        // The committer adds to the filter and to the overlay under this lock: no key falls in between.
        let overlay = read(&shared.overlay);
        // Each finished receipt has a row and a key.
        let rows = read(&shared.spool).as_ref().map_or(0, |spool| spool.state().rows);
        filter.begin(usize::try_from(rows / 2).unwrap_or(usize::MAX / 1024));
        overlay.range(&from, &end).for_each(|(key, _)| filter.fill(key));
    }
    loop {
        let mut rows = 0;
        let page = match read(&shared.spool).as_ref() {
            None => return filter.forget(),
            Some(spool) => spool.range(&from.clone(), &end, &mut |row| {
                let key = row.map_or_else(|bad| bad.key, |(key, _)| key);
                filter.fill(&key);
                from = key;
                rows += 1;
                rows < limits::FILTER_PAGE_ROWS
            }),
        };
        if page.is_err() || lock(&shared.lag).closing {
            return filter.forget();
        }
        if rows < limits::FILTER_PAGE_ROWS {
            return filter.finish();
        }
        from.push(0);
        if is_behind(shared) && crate::applier::apply_some(shared).is_err() {
            return filter.forget();
        }
    }
}

fn is_behind(shared: &Shared) -> bool {
    lock(&shared.lag).batches.len() >= limits::APPLY_BATCHES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_added_is_never_denied_and_few_others_pass() {
        let filter = Filter::default();
        assert!(filter.may_have(b"anything"), "without a filter sled is asked");
        filter.begin(10_000);
        for n in 0..10_000_u32 {
            filter.fill(&n.to_le_bytes());
        }
        filter.add(b"came meanwhile");
        filter.finish();
        filter.add(b"came later");
        assert!((0..10_000_u32).all(|n| filter.may_have(&n.to_le_bytes())));
        assert!(filter.may_have(b"came meanwhile") && filter.may_have(b"came later"));
        let wrong = (10_000..110_000_u32).filter(|n| filter.may_have(&n.to_le_bytes())).count();
        assert!(wrong < 1_000, "{wrong} of 100,000");
    }

    #[test]
    fn it_is_made_when_it_is_asked_for_often_and_again_when_it_is_full() {
        let filter = Filter::default();
        (1..limits::FILTER_AFTER).for_each(|_| filter.missed());
        assert!(!filter.is_due());
        filter.missed();
        assert!(filter.is_due());
        filter.begin(0);
        filter.finish();
        assert!(!filter.is_due());
        for n in 0..=limits::FILTER_KEYS_MIN {
            filter.add(&n.to_le_bytes());
        }
        assert!(filter.is_due());
        filter.forget();
        assert!(filter.may_have(b"x") && filter.is_due());
    }
}
