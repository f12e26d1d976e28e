//! Between the core's words for what lies on disk and the store's: tables, batches, and what is read at start.

use std::collections::BTreeMap;
use std::fmt;

use receiptd_core::ids::JobId;
use receiptd_core::record::{
    self, COUNTERS_KEY, Counters, JobRecord, PrinterRecord, StoreOp, Table, Unreadable, job_key,
};
use receiptd_core::{Class, Spooled, StoreFault};
use receiptd_store::{CommitError, Direction, ReadError, Store};

/// From so many job numbers on between the first and the last, the unfinished jobs are read by two threads. One costs some
/// 3 us to read and some 50 us are a thread's.
const HALVED_FROM: u64 = 500;

/// The store's table for the core's.
pub const fn table(table: Table) -> receiptd_store::Table {
    match table {
        Table::Meta => receiptd_store::Table::Meta,
        Table::Active => receiptd_store::Table::Active,
        Table::Finished => receiptd_store::Table::Job,
        Table::Keys => receiptd_store::Table::Idem,
        Table::Printers => receiptd_store::Table::Printer,
    }
}

/// The store's batch for the core's.
pub fn batch(class: Class, ops: Vec<StoreOp>) -> receiptd_store::Batch {
    let ops = ops
        .into_iter()
        .map(|op| match op {
            StoreOp::Put { table: t, key, value } => receiptd_store::Op::Put { table: table(t), key, value },
            StoreOp::Delete { table: t, key } => receiptd_store::Op::Delete { table: table(t), key },
            StoreOp::PutBody { job, bytes } => receiptd_store::Op::PutBody { id: job.0, bytes },
            StoreOp::DeleteBody { job } => receiptd_store::Op::DeleteBody { id: job.0 },
        })
        .collect();
    let class = match class {
        Class::Admission => receiptd_store::Class::Admission,
        Class::Progress => receiptd_store::Class::Progress,
    };
    receiptd_store::Batch { class, ops }
}

/// What a failed commit means for the core.
pub fn fault(error: &CommitError) -> StoreFault {
    match error {
        CommitError::Busy { .. } => StoreFault::Busy,
        CommitError::Full { .. } => StoreFault::Full,
        _ => StoreFault::Failed,
    }
}

/// Reads what the core needs at start. Rows that can't be understood stay where they are and are reported.
///
/// # Errors
/// The spool itself can't be read.
pub fn read_at_start(store: &Store) -> Result<Spooled, ReadError> {
    let counters = store.get(table(Table::Meta), COUNTERS_KEY)?;
    let counters = counters.and_then(|value| understood::<Counters>("counters", &value));
    let mut spooled = Spooled { counters, active: active(store)?, ..Spooled::default() };
    let mut printers = BTreeMap::new();
    store.each(table(Table::Printers), |key, value| {
        let name = String::from_utf8_lossy(key);
        if let Some(record) = understood::<PrinterRecord>(&name, value) {
            printers.insert(name.into_owned(), record);
        }
    })?;
    spooled.printers = printers.into_iter().collect();
    let newest = store.scan(table(Table::Finished), &[], 1, Direction::Descending)?;
    if let Some(last) = newest.first().and_then(|(key, _)| record::job_of_key(key)) {
        // Numbers are never used again, also when the counters' row was lost.
        let counters = spooled.counters.get_or_insert_default();
        counters.next_job = counters.next_job.max(last.0 + 1);
    }
    Ok(spooled)
}

/// The unfinished jobs. Many are read in two halves, side by side: they are most of what a start takes after a long queue.
fn active(store: &Store) -> Result<Vec<JobRecord>, ReadError> {
    let read = |from: &[u8], until: Option<&[u8]>| {
        let mut records = Vec::new();
        store.each_between(table(Table::Active), from, until, |key, value| {
            records.extend(understood::<JobRecord>(JobRow(key), value));
        })?;
        Ok(records)
    };
    let end = |direction| {
        let rows = store.scan(table(Table::Active), &[], 1, direction)?;
        Ok(rows.first().and_then(|(key, _)| record::job_of_key(key)))
    };
    let (Some(first), Some(last)) = (end(Direction::Ascending)?, end(Direction::Descending)?) else {
        return read(&[], None);
    };
    if last.0.saturating_sub(first.0) < HALVED_FROM {
        return read(&[], None);
    }
    let middle = job_key(JobId(first.0.midpoint(last.0)));
    std::thread::scope(|scope| {
        let later = std::thread::Builder::new()
            .name("receiptd-read".to_owned())
            .spawn_scoped(scope, || read(&middle, None));
        let mut records = read(&[], Some(&middle))?;
        let later = match later {
            Ok(later) => later.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // No thread to be had is no reason not to start.
            Err(_) => read(&middle, None),
        };
        records.append(&mut later?);
        Ok(records)
    })
}

/// A finished job's record; `None` when there is none, or when it can't be understood.
///
/// # Errors
/// The spool can't be read.
pub fn finished(store: &Store, job: JobId) -> Result<Option<JobRecord>, ReadError> {
    let value = store.get(table(Table::Finished), &job_key(job))?;
    Ok(value.and_then(|value| understood::<JobRecord>(job, &value)).map(JobRecord::at_rest))
}

/// Decodes a row; says so in the log when it can't.
pub fn understood<T: for<'a> serde::Deserialize<'a>>(what: impl fmt::Display, value: &[u8]) -> Option<T> {
    match record::decode(value) {
        Ok(record) => Some(record),
        Err(Unreadable::Later(layout)) => {
            log::error!(
                "{what}: written by a later version (layout {layout}); left as it is, install that version"
            );
            None
        }
        Err(why) => {
            log::error!("{what}: can't be understood ({why:?}); left as it is, see receiptctl store check");
            None
        }
    }
}

/// The name of a job's row; made only when it is needed.
struct JobRow<'a>(&'a [u8]);

impl fmt::Display for JobRow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match record::job_of_key(self.0) {
            Some(job) => write!(f, "job {job}"),
            None => write!(f, "row {:02x?}", self.0),
        }
    }
}
