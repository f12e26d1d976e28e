//! What walks remove, over a real spool and by the real clock.

use receiptd_core::config::CoreConfig;
use receiptd_core::job::JobState;
use receiptd_core::record::{self, Counters, job_key};
use receiptd_core::{Core, Spooled};
use receiptd_store::Options;

use super::*;

const DAY: Duration = Duration::from_hours(24);
const RULE: Retention =
    Retention { bodies: DAY.saturating_mul(30), jobs: DAY.saturating_mul(180), jobs_max: 100_000 };

/// The next job's number when the terminal starts.
const NEXT_JOB: u64 = 1_000;

struct Terminal {
    store: Store,
    shell: Shell,
    _folder: tempfile::TempDir,
}

impl Terminal {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(Options::new(folder.path())).unwrap();
        let counters = Some(Counters { next_job: NEXT_JOB, next_id: 1 });
        let spooled = Spooled { counters, ..Spooled::default() };
        let start = |now| Core::start(CoreConfig::default(), spooled, now);
        let (shell, _events) = Shell::new(start, store.clone(), Vec::new(), RULE);
        Self { store, shell, _folder: folder }
    }

    /// One that retention has walked already, and told what time it was.
    async fn that_knew_the_time() -> Self {
        let terminal = Self::new();
        terminal.remembers(CLOCK_KEY, wall_ms()).await;
        assert_eq!(walk(&terminal.shell, &RULE).await, (0, 0));
        terminal
    }

    async fn remembers(&self, key: &[u8], number: u64) {
        let value = number.to_be_bytes().to_vec();
        let put = Op::Put { table: spool::table(Table::Meta), key: key.to_vec(), value };
        assert!(commit(&self.shell, vec![put]).await);
        self.shell.remember(memory(&self.store));
    }

    /// A receipt that came out at a time of that clock.
    async fn printed(&self, job: JobId, at: Wall) {
        let mut record = JobRecord::new(job, 0, at);
        record.state = JobState::Canceled;
        record.finished = Some(at);
        record.key_hash = [job.0 as u8; 16];
        let key = KeyRecord { content: [0; 32], first: job, count: 1 };
        let put = |t, key: &[u8], value| Op::Put { table: spool::table(t), key: key.to_vec(), value };
        let ops = vec![
            put(Table::Finished, &job_key(job), record::encode(&record)),
            put(Table::Keys, &record.key_hash, record::encode(&key)),
            Op::PutBody { id: job.0, bytes: b"body".to_vec().into() },
        ];
        assert!(commit(&self.shell, ops).await);
    }

    /// Whether its fate, its key and its content are there.
    fn kept(&self, job: JobId) -> [bool; 3] {
        let hash = [job.0 as u8; 16];
        [
            spool::finished(&self.store, job).unwrap().is_some(),
            self.store.get(spool::table(Table::Keys), &hash).unwrap().is_some(),
            self.store.body(job.0).unwrap().is_some(),
        ]
    }
}

#[tokio::test]
async fn a_receipt_of_a_minute_ago_is_kept_although_the_clock_had_lost_its_battery() {
    let terminal = Terminal::that_knew_the_time().await;
    terminal.printed(JobId(NEXT_JOB), Wall(3_000)).await;
    // So was the one of a system that begins with the day on which it was built.
    terminal.printed(JobId(NEXT_JOB + 1), Wall(wall_ms() - 400 * 86_400_000)).await;
    for _ in 0..3 {
        assert_eq!(walk(&terminal.shell, &RULE).await, (0, 0));
    }
    assert_eq!(terminal.kept(JobId(NEXT_JOB)), [true; 3]);
    assert_eq!(terminal.kept(JobId(NEXT_JOB + 1)), [true; 3]);
}

#[tokio::test]
async fn the_first_receipts_of_a_terminal_are_kept_although_it_did_not_know_the_time_yet() {
    let terminal = Terminal::new();
    terminal.printed(JobId(1), Wall(3_000)).await;
    for _ in 0..3 {
        assert_eq!(walk(&terminal.shell, &RULE).await, (0, 0));
    }
    assert_eq!(terminal.kept(JobId(1)), [true; 3]);
}
