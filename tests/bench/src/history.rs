//! A spool with a long life behind it: 100,000 jobs printed, their bodies past retention, their records kept.
//! Written through the store with the changes that a printed job makes, only more of them in one batch.

use std::path::Path;
use std::time::Duration;

use receiptd_core::evidence::Grade;
use receiptd_core::ids::JobId;
use receiptd_core::job::JobState;
use receiptd_core::record::{
    COUNTERS_KEY, Counters, Cut, JobRecord, KeyHash, KeyRecord, PartPlan, Policy, Shape, Tail, encode,
    job_key,
};
use receiptd_core::story::What;
use receiptd_core::time::Wall;
use receiptd_store::{Batch, Class, CommitError, Health, Op, Options, Store, Table};

use crate::Fallible;

/// Jobs in one batch; a body of 2 KB counts for 20 of the 1,500 rows a batch may touch.
const IN_BATCH: u64 = 50;

/// Bytes of a body: a slip.
const BODY_BYTES: usize = 2100;

/// How long the store may take to come to rest.
const REST: Duration = Duration::from_secs(60);

/// Accepts, prints and expires `jobs` jobs in the spool at `dir`; what the store says of itself at the end.
///
/// # Errors
/// The store refused something.
pub fn live_through(dir: &Path, jobs: u64) -> Fallible<Health> {
    let (store, _) = Store::open(Options::new(dir))?;
    for first in (1..=jobs).step_by(IN_BATCH as usize) {
        let batch = first..(first + IN_BATCH).min(jobs + 1);
        // Bodies go when they are past their time; here that is ten batches later.
        let expired = first.saturating_sub(10 * IN_BATCH)..(first + IN_BATCH).saturating_sub(10 * IN_BATCH);
        commit(&store, batch.clone().flat_map(accepted).collect())?;
        let mut ops: Vec<Op> = batch.clone().flat_map(printed).collect();
        ops.push(Op::Put {
            table: Table::Meta,
            key: COUNTERS_KEY.to_vec(),
            value: encode(&Counters { next_job: batch.end, next_id: batch.end as u32 % (1 << 20) }),
        });
        ops.extend(expired.filter(|job| *job > 0).map(|id| Op::DeleteBody { id }));
        commit(&store, ops)?;
    }
    let last = (jobs.saturating_sub(11 * IN_BATCH)..=jobs).collect::<Vec<_>>();
    for ids in last.chunks(IN_BATCH as usize) {
        commit(&store, ids.iter().map(|id| Op::DeleteBody { id: *id }).collect())?;
    }
    rest(&store)?;
    let health = store.health();
    store.close()?;
    Ok(health)
}

/// What retention does when the records are past their time too; leaves the newest `kept`.
///
/// # Errors
/// The store refused something.
pub fn expire(dir: &Path, jobs: u64, kept: u64) -> Fallible<Health> {
    let (store, _) = Store::open(Options::new(dir))?;
    let gone: Vec<u64> = (1..=jobs.saturating_sub(kept)).collect();
    for ids in gone.chunks(200) {
        let rows = |id: &u64| {
            [
                Op::Delete { table: Table::Job, key: job_key(JobId(*id)) },
                Op::Delete { table: Table::Idem, key: key_hash(*id).to_vec() },
            ]
        };
        commit(&store, ids.iter().flat_map(rows).collect())?;
    }
    rest(&store)?;
    let health = store.health();
    store.close()?;
    Ok(health)
}

fn rest(store: &Store) -> Fallible<()> {
    store.maintain();
    if store.settle(REST) { Ok(()) } else { Err("the store does not come to rest".into()) }
}

fn commit(store: &Store, ops: Vec<Op>) -> Fallible<()> {
    loop {
        match store.commit_wait(Batch { class: Class::Progress, ops: ops.clone() }) {
            Ok(_) => return Ok(()),
            Err(CommitError::Busy { .. }) => std::thread::sleep(Duration::from_millis(2)),
            Err(why) => return Err(why.into()),
        }
    }
}

fn accepted(job: u64) -> [Op; 3] {
    let known = KeyRecord { content: [job as u8; 32], first: JobId(job), count: 1 };
    [
        Op::Put { table: Table::Idem, key: key_hash(job).to_vec(), value: encode(&known) },
        Op::Put {
            table: Table::Active,
            key: job_key(JobId(job)),
            value: encode(&record(job, JobState::Queued { doubt: false })),
        },
        Op::PutBody { id: job, bytes: body(job).into() },
    ]
}

fn printed(job: u64) -> [Op; 2] {
    let done = record(job, JobState::Printed(Grade::A));
    [
        Op::Delete { table: Table::Active, key: job_key(JobId(job)) },
        Op::Put { table: Table::Job, key: job_key(JobId(job)), value: encode(&done) },
    ]
}

/// Spread over the table, as hashes are.
fn key_hash(job: u64) -> KeyHash {
    let spread = |n: u64| (n ^ (n >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
    let mut hash = [0; 16];
    hash[..8].copy_from_slice(&spread(job));
    hash[8..].copy_from_slice(&spread(job + 1));
    hash
}

fn body(job: u64) -> Vec<u8> {
    format!("receipt {job} ").bytes().cycle().take(BODY_BYTES).collect()
}

fn record(job: u64, state: JobState) -> JobRecord {
    // Forty days ago, one job every twenty seconds: past the retention of bodies, not of records.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let at = Wall((now.as_millis() as u64).saturating_sub(40 * 86_400_000 + job * 20));
    let mut record = JobRecord {
        id: JobId(job),
        state,
        owner: 1000,
        key: format!("898320148160001-00000001-000123-{job:06}").into(),
        key_hash: key_hash(job),
        printer: "till".into(),
        title: "银联商务 POS 签购单".into(),
        copy: "merchant".into(),
        accepted: at,
        finished: state.is_final().then_some(at),
        expires: None,
        lifetime_ms: None,
        policy: Policy::Reprint,
        shape: Shape {
            bytes: BODY_BYTES as u32,
            parts: [PartPlan { end: BODY_BYTES as u32 - 8, line: 40, dots: 1_200 }].into_iter().collect(),
            tail: Tail::of(0),
        },
        cut: Cut::Done,
        attempts: 1,
        copies_before: 0,
        reprint_of: None,
        original_accepted: at,
        open: Vec::new(),
        confirmed_line: 40,
        reprints: 0,
        story: Default::default(),
    };
    record.note(at, What::Accepted { by: 1000 });
    if state.is_final() {
        record.note(at, What::Sending { attempt: 1, copy_number: 1 });
        record.note(at, What::Printed(Grade::A));
        record.note(at, What::CutDone);
    }
    record
}
