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

#[tokio::test]
async fn a_job_that_was_held_for_long_takes_no_others_with_it_when_it_ends() {
    let terminal = Terminal::that_knew_the_time().await;
    let few = Retention { jobs_max: 3, ..RULE };
    // Job 1 was held while a hundred others came, and went by their number; now it was canceled.
    for job in [1, 100, 101, 102] {
        terminal.printed(JobId(job), Wall(wall_ms())).await;
    }
    assert_eq!(walk(&terminal.shell, &few).await, (1, 0));
    assert_eq!(terminal.kept(JobId(1)), [false; 3]);
    for job in [100, 101, 102] {
        assert_eq!(terminal.kept(JobId(job)), [true; 3], "job {job}");
    }
}

#[tokio::test]
async fn the_content_of_a_receipt_that_was_held_for_long_goes_in_its_time_too() {
    const HOUR_MS: u64 = 3_600_000;
    let terminal = Terminal::new();
    let now = wall_ms();
    terminal.remembers(CLOCK_KEY, now - 2 * HOUR_MS).await;
    // Of all up to job 100 the contents are gone, but job 1 ended long after them: by an hour it is over its time.
    terminal.remembers(BODIES_GONE_KEY, 100).await;
    terminal.printed(JobId(1), Wall(now - 30 * 24 * HOUR_MS - HOUR_MS)).await;
    terminal.printed(JobId(101), Wall(now - HOUR_MS)).await;
    assert_eq!(walk(&terminal.shell, &RULE).await, (0, 1));
    assert_eq!(terminal.kept(JobId(1)), [true, true, false]);
    assert_eq!(terminal.kept(JobId(101)), [true; 3]);
    assert_eq!(walk(&terminal.shell, &RULE).await, (0, 0), "once");
    assert_eq!(bodies_gone(&terminal.store), 100);
}

#[tokio::test]
async fn one_walk_takes_as_much_as_has_come_of_age_however_much_it_is() {
    const DAY_MS: u64 = 86_400_000;
    let terminal = Terminal::that_knew_the_time().await;
    let now = wall_ms();
    let jobs: Vec<JobId> = (1..=3 * STEP as u64).map(JobId).collect();
    for job in &jobs {
        terminal.printed(*job, Wall(now - 31 * DAY_MS)).await;
    }
    assert_eq!(walk(&terminal.shell, &RULE).await, (0, jobs.len() as u64));
    let none = Retention { jobs: DAY, bodies: DAY, jobs_max: 10 };
    assert_eq!(walk(&terminal.shell, &none).await, (jobs.len() as u64, 0));
    assert!(jobs.iter().all(|job| terminal.kept(*job) == [false; 3]));
}

#[tokio::test]
async fn jobs_that_ended_late_keep_no_walk_from_what_lies_behind_them() {
    const DAY_MS: u64 = 86_400_000;
    let terminal = Terminal::that_knew_the_time().await;
    let now = wall_ms();
    // They were held for long, and fill the first page.
    for job in 1..=STEP as u64 {
        terminal.printed(JobId(job), Wall(now)).await;
    }
    let old = JobId(NEXT_JOB - 1);
    terminal.printed(old, Wall(now - 31 * DAY_MS)).await;
    assert_eq!(walk(&terminal.shell, &RULE).await, (0, 1));
    assert_eq!(terminal.kept(old), [true, true, false]);
}

#[tokio::test]
async fn on_a_full_disk_contents_go_that_nobody_wanted_on_paper_and_no_others() {
    let terminal = Terminal::that_knew_the_time().await;
    let ended = async |job: JobId, state, bytes| {
        terminal.printed(job, Wall(wall_ms())).await;
        let mut record = spool::finished(&terminal.store, job).unwrap().unwrap();
        (record.state, record.shape.bytes) = (state, bytes);
        let table = spool::table(Table::Finished);
        let put = Op::Put { table, key: job_key(job), value: record::encode(&record) };
        assert!(commit(&terminal.shell, vec![put]).await);
    };
    const LARGE: u32 = 100_000;
    // Enough for more than one step of a walk.
    let unwanted: Vec<JobId> = (1..=STEP as u64 + 5).map(JobId).collect();
    for job in &unwanted {
        ended(*job, if job.0 % 2 == 0 { JobState::Canceled } else { JobState::Expired }, LARGE).await;
    }
    let (paper, small) = (JobId(NEXT_JOB - 2), JobId(NEXT_JOB - 1));
    ended(paper, JobState::Printed(receiptd_core::evidence::Grade::A), LARGE).await;
    ended(small, JobState::Canceled, 3_000).await;
    let (_changed, mut health) = watch::channel(());
    room::make(&terminal.shell, &mut health).await;
    for job in &unwanted {
        assert_eq!(terminal.kept(*job), [true, true, false], "{job:?}");
    }
    assert_eq!([terminal.kept(paper), terminal.kept(small)], [[true; 3]; 2]);
}
