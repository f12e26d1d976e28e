//! A history that is known by its length: batch `n` is a function of `n`, so the content of a store that
//! ends with batch `n` is known exactly, however it got there.

use std::collections::BTreeMap;

use receiptd_store::{Batch, Class, Op, Store, Table};

use super::{Rng, all, delete, put};

/// Jobs that live at the same time.
const LIVE: u64 = 60;

/// Batch number `n`, from 1: a job comes in with its key and its body, the one before it changes state,
/// and one that is old goes.
pub fn batch(n: u64) -> Batch {
    let mut rng = Rng::new(n);
    let id = n.to_be_bytes();
    let size = 20 + rng.below(2500) as usize;
    let mut ops = vec![
        put(Table::Job, &id, &rng.bytes(size)),
        put(Table::Idem, &[&id[..], b"idem"].concat(), &id),
        put(Table::Active, &[&[0][..], &id].concat(), b""),
        put(Table::Meta, b"last", &id),
    ];
    if n.is_multiple_of(5) {
        let size = if n.is_multiple_of(25) { 40_000 } else { 9_000 };
        ops.push(Op::PutBody { id: n, bytes: rng.bytes(size).into() });
    }
    if n > 1 {
        let before = (n - 1).to_be_bytes();
        ops.push(delete(Table::Active, &[&[0][..], &before].concat()));
        ops.push(put(Table::Active, &[&[9][..], &before].concat(), b"done"));
    }
    // Every 40th stays, as some jobs do for long: lifetimes are mixed.
    if n > LIVE && !(n - LIVE).is_multiple_of(40) {
        let old = (n - LIVE).to_be_bytes();
        ops.push(delete(Table::Job, &old));
        ops.push(delete(Table::Idem, &[&old[..], b"idem"].concat()));
        ops.push(delete(Table::Active, &[&[9][..], &old].concat()));
        ops.push(Op::DeleteBody { id: n - LIVE });
    }
    Batch { class: Class::Admission, ops }
}

/// What is in a store: rows by table and key, bodies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    pub rows: BTreeMap<(u8, Vec<u8>), Vec<u8>>,
    pub bodies: BTreeMap<u64, Vec<u8>>,
}

impl Model {
    pub fn apply(&mut self, batch: Batch) {
        for op in batch.ops {
            match op {
                Op::Put { table, key, value } => {
                    self.rows.insert((table as u8, key), value);
                }
                Op::Delete { table, key } => {
                    self.rows.remove(&(table as u8, key));
                }
                Op::PutBody { id, bytes } => {
                    self.bodies.insert(id, bytes.to_vec());
                }
                Op::DeleteBody { id } => {
                    self.bodies.remove(&id);
                }
            }
        }
    }

    /// The content after batch `last`.
    pub fn at(last: u64) -> Self {
        let mut m = Self::default();
        (1..=last).for_each(|n| m.apply(batch(n)));
        m
    }

    /// The content of a store, as far as bodies up to `top` go.
    pub fn of(store: &Store, top: u64) -> Self {
        let mut m = Self::default();
        for t in Table::ALL {
            m.rows.extend(all(store, t).into_iter().map(|(k, v)| ((t as u8, k), v)));
        }
        for id in 0..=top {
            if let Some(bytes) = store.body(id).unwrap() {
                m.bodies.insert(id, bytes);
            }
        }
        m
    }

    /// Where two contents differ, in few words.
    pub fn diff(&self, want: &Self) -> String {
        let missing: Vec<_> =
            want.rows.iter().filter(|(k, v)| self.rows.get(*k) != Some(v)).map(|(k, _)| k).collect();
        let extra: Vec<_> = self.rows.keys().filter(|k| !want.rows.contains_key(*k)).collect();
        let bodies: Vec<_> =
            want.bodies.iter().filter(|(k, v)| self.bodies.get(*k) != Some(v)).map(|(k, _)| k).collect();
        format!(
            "wrong or missing rows {missing:02x?}, extra rows {extra:02x?}, wrong or missing bodies {bodies:?}, bodies {} of {}",
            self.bodies.len(),
            want.bodies.len()
        )
    }
}

/// Models that are built on from one cut to the next.
#[derive(Debug, Default)]
pub struct Models(u64, Model);

impl Models {
    /// The content after batch `last`.
    pub fn at(&mut self, last: u64) -> &Model {
        if last < self.0 {
            *self = Self::default();
        }
        (self.0 + 1..=last).for_each(|n| self.1.apply(batch(n)));
        self.0 = last;
        &self.1
    }
}
