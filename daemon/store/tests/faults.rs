//! A disk that fails, fills up or lies: what is said, what goes on, and that it recovers by itself.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::faulty::Faulty;
use common::loopfs::{self, Mount};
use common::*;
use receiptd_store::{CommitError, HealthState, Looked, Op, Options, Store, Table};

fn with(dir: &Path, disk: &Faulty) -> Options {
    Options { disk: Arc::new(disk.clone()), ..options(dir) }
}

fn row(n: u64) -> Vec<Op> {
    vec![put(Table::Job, &n.to_be_bytes(), &[n as u8; 300])]
}

fn eventually(what: &str, time: Duration, mut test: impl FnMut() -> bool) {
    let end = Instant::now() + time;
    while !test() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn after_a_failed_fsync_the_batch_is_an_error_and_never_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Faulty::new();
    let slow = Options { apply_quiet: Duration::from_secs(9), ..with(dir.path(), &disk) };
    let (store, _) = Store::open(slow.clone()).unwrap();
    let mut acked = Vec::new();
    for n in 0..40u64 {
        match n % 8 {
            3 => disk.0.sync_in.store(1, SeqCst),
            6 => disk.0.write_in.store(1, SeqCst),
            _ => {}
        }
        match store.commit_wait(progress(row(n))) {
            Ok(lsn) => {
                acked.push(n);
                assert_eq!(lsn, acked.len() as u64, "numbers stay without gaps");
            }
            Err(CommitError::Io { .. }) => assert!(n % 8 == 3 || n % 8 == 6, "{n}"),
            Err(e) => panic!("{e}"),
        }
    }
    assert!(acked.len() >= 30);
    assert_eq!(store.health().state, HealthState::Ok);
    for _ in 0..2 {
        let copy = tempfile::tempdir().unwrap();
        copy_dir(dir.path(), copy.path());
        let (again, report) = open(copy.path());
        let found: Vec<u64> = all(&again, Table::Job)
            .iter()
            .map(|(k, _)| u64::from_be_bytes(k[..].try_into().unwrap()))
            .collect();
        assert_eq!(found, acked, "{report:?}");
        assert!(report.journal_damage.is_empty() && !report.lost, "{report:?}");
        assert!(store.settle(WAIT));
    }
}

/// The file in which it was begun is removed once another one has its number and a name, and a power cut may undo that.
#[test]
fn a_segment_whose_first_group_failed_is_void_even_if_its_file_comes_back() {
    // The third sync is that of the group: the file's zeros and its name come first.
    for (syncs, renames) in [(3, 0), (0, 1)] {
        let dir = tempfile::tempdir().unwrap();
        let disk = Faulty::new();
        let slow = Options { apply_quiet: Duration::from_secs(9), ..with(dir.path(), &disk) };
        let (store, _) = Store::open(slow).unwrap();
        // The next group does not fit into the first segment any more.
        store.commit_wait(progress(vec![body(1, &[1; 900_000])])).unwrap();
        disk.0.keeps.store(true, SeqCst);
        disk.0.sync_in.store(syncs, SeqCst);
        disk.0.rename_in.store(renames, SeqCst);
        let failed = store.commit_wait(progress(vec![body(2, &[2; 200_000])]));
        assert!(matches!(failed, Err(CommitError::Io { .. })), "{failed:?}");
        assert_eq!(store.commit_wait(progress(vec![body(3, &[3; 200_000])])), Ok(2));

        let copy = tempfile::tempdir().unwrap();
        copy_dir(dir.path(), copy.path());
        assert!(has_unnamed_segment(copy.path()), "{:?}", files(copy.path()));
        let (again, report) = open(copy.path());
        assert!(report.journal_damage.is_empty() && !report.lost, "{report:?}");
        let bodies = [1, 2, 3].map(|id| again.body(id).unwrap().map(|b| b.len()));
        assert_eq!(bodies, [Some(900_000), None, Some(200_000)], "{syncs} {renames} {report:?}");
        assert!(!has_unnamed_segment(copy.path()), "it is removed");
    }
}

#[test]
fn a_first_group_that_failed_half_written_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Faulty::new();
    let slow = Options { apply_quiet: Duration::from_secs(9), ..with(dir.path(), &disk) };
    let (store, _) = Store::open(slow).unwrap();
    store.commit_wait(progress(vec![body(1, &[1; 900_000])])).unwrap();
    // Sixteen writes fill the file with zeros, the next one is the group's, and nothing replaces it.
    disk.0.write_in.store(17, SeqCst);
    disk.0.sync_in.store(3, SeqCst);
    assert!(store.commit_wait(progress(vec![body(2, &[2; 200_000])])).is_err());
    assert!(!files(&dir.path().join("journal")).iter().any(|f| f.ends_with("0000000000000002-0000.seg")));
    let copy = tempfile::tempdir().unwrap();
    copy_dir(dir.path(), copy.path());
    let (again, report) = open(copy.path());
    assert!(report.journal_damage.is_empty() && !report.healed && report.rebuilt.is_none(), "{report:?}");
    assert_eq!(again.body(1).unwrap().map(|b| b.len()), Some(900_000));
}

/// A last segment without a group that is not written on, as after damage, keeps its number: what is begun with the same
/// one must have the next name, and a durable one.
#[test]
fn an_empty_last_segment_is_not_begun_again_under_its_name() {
    for later in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let disk = Faulty::new();
        let slow =
            |dir: &Path, disk: &Faulty| Options { apply_quiet: Duration::from_secs(9), ..with(dir, disk) };
        let (store, _) = Store::open(slow(dir.path(), &disk)).unwrap();
        store.commit_wait(progress(vec![body(1, &[1; 900_000])])).unwrap();
        store.commit_wait(progress(vec![body(9, &[1; 10_000])])).unwrap();
        // Either there is no file for the group, or it fails in one: the empty one after it is the first or the second.
        disk.0.sync_in.store(if later { 3 } else { 1 }, SeqCst);
        assert!(store.commit_wait(progress(vec![body(2, &[2; 200_000])])).is_err());
        let copy = tempfile::tempdir().unwrap();
        copy_dir(dir.path(), copy.path());
        std::fs::remove_dir_all(copy.path().join("spool")).unwrap();
        let first = copy.path().join("journal/0000000000000001-0000.seg");
        let mut bytes = std::fs::read(&first).unwrap();
        bytes[5000] ^= 1;
        std::fs::write(&first, bytes).unwrap();

        let (again, report) = Store::open(slow(copy.path(), &Faulty::new())).unwrap();
        assert_eq!(report.damaged_batches, [(1, 1)], "{report:?}");
        let before = files(&copy.path().join("journal"));
        assert_eq!(again.commit_wait(progress(vec![body(3, &[3; 100])])), Ok(3));
        let after = files(&copy.path().join("journal"));
        assert!(
            before.iter().all(|f| after.contains(f)) && after.len() > before.len(),
            "{before:?} {after:?}"
        );
        let cut = tempfile::tempdir().unwrap();
        copy_dir(copy.path(), cut.path());
        let (last, report) = open(cut.path());
        assert_eq!(last.body(3).unwrap().map(|b| b.len()), Some(100), "{later} {report:?}");
    }
}

#[test]
fn a_broken_disk_is_failed_and_a_healed_one_works_again_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Faulty::new();
    let (store, _) = Store::open(with(dir.path(), &disk)).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    store.on_health(move |s| tell.lock().unwrap().push(s.clone()));
    store.commit_wait(progress(row(1))).unwrap();
    assert!(store.settle(WAIT));
    disk.0.broken.store(true, SeqCst);
    assert!(matches!(store.commit_wait(progress(row(2))), Err(CommitError::Io { .. })));
    eventually("failed", WAIT, || matches!(store.health().state, HealthState::Failed { .. }));
    assert!(matches!(store.commit_wait(progress(row(3))), Err(CommitError::Failed { .. })));
    assert_eq!(store.get(Table::Job, &1u64.to_be_bytes()).unwrap(), Some(vec![1; 300]), "reads go on");
    disk.0.broken.store(false, SeqCst);
    eventually("well again", WAIT, || store.health().state == HealthState::Ok);
    assert_eq!(store.commit_wait(progress(row(4))), Ok(2));
    store.close().unwrap();
    drop(store);
    let (store, _) = open(dir.path());
    assert_eq!(all(&store, Table::Job).len(), 2);
    let told = told.lock().unwrap();
    assert!(matches!(told[..], [HealthState::Failed { .. }, HealthState::Ok]), "{told:?}");
}

#[test]
fn short_writes_are_completed() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Faulty::new();
    disk.0.short.store(true, SeqCst);
    let (store, _) = Store::open(with(dir.path(), &disk)).unwrap();
    for n in 0..20 {
        store.commit_wait(progress(vec![row(n).remove(0), body(n, &[n as u8; 40_000])])).unwrap();
    }
    store.close().unwrap();
    drop(store);
    let (store, report) = open(dir.path());
    assert_eq!(all(&store, Table::Job).len(), 20, "{report:?}");
    assert_eq!(store.body(7).unwrap(), Some(vec![7; 40_000]));
}

/// No path of a commit goes without its own sync: counted below the journal and below sled.
#[test]
fn every_group_and_every_apply_has_its_fdatasync() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Faulty::new();
    let quick = Options { apply_quiet: Duration::ZERO, ..with(dir.path(), &disk) };
    let (store, _) = Store::open(quick).unwrap();
    let (before_j, before_s) = (disk.0.journal_syncs.load(SeqCst), disk.0.sled_syncs.load(SeqCst));
    for n in 1..=50u64 {
        store.commit_wait(progress(row(n))).unwrap();
        assert!(disk.0.journal_syncs.load(SeqCst) >= before_j + n, "acknowledged without a sync");
        assert!(store.settle(WAIT));
        assert!(disk.0.sled_syncs.load(SeqCst) >= before_s + n, "applied without a sync of sled's file");
    }
    assert_eq!(store.health().groups, 50);
}

#[test]
fn near_a_full_disk_admissions_are_refused_and_progress_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Faulty::new();
    let tight = Options { admission_free_min: 1 << 20, ..with(dir.path(), &disk) };
    let (store, _) = Store::open(tight).unwrap();
    store.commit_wait(admission(row(1))).unwrap();
    disk.0.free.store(1000, SeqCst);
    assert_eq!(store.commit_wait(admission(row(2))), Err(CommitError::Full { free: 1000 }));
    assert_eq!(store.health().state, HealthState::Full);
    assert_eq!(store.commit_wait(progress(row(3))), Ok(2));
    disk.0.free.store(50 << 20, SeqCst);
    assert_eq!(store.commit_wait(admission(row(4))), Ok(3), "tried with each admission");
    assert_eq!(store.health().state, HealthState::Ok);
    disk.0.free.store(1000, SeqCst);
    assert!(matches!(store.commit_wait(admission(row(5))), Err(CommitError::Full { .. })));
    disk.0.free.store(50 << 20, SeqCst);
    eventually("without any admission as well", WAIT, || store.admits() == HealthState::Ok);
    // Others fill it: whoever asks is told before anything was refused.
    disk.0.free.store(1000, SeqCst);
    assert_eq!(store.health().state, HealthState::Ok);
    assert_eq!(store.admits(), HealthState::Full);
    assert_eq!(store.health().state, HealthState::Full);
    disk.0.free.store(50 << 20, SeqCst);
    eventually("without any admission as well", WAIT, || store.health().state == HealthState::Ok);
}

#[test]
fn on_a_really_full_disk_nothing_is_lost_and_room_brings_it_back() {
    let base = loopfs::base();
    if !loopfs::available(base.path()) {
        return;
    }
    let image = base.path().join("disk.img");
    assert!(loopfs::make_image(&image, 32));
    let mount = Mount::new(&image, &base.path().join("m")).unwrap();
    let dir = mount.dir.join("s");
    let options = Options { reserve_bytes: 4 << 20, admission_free_min: 2 << 20, ..Options::new(&dir) };
    let (store, _) = Store::open(options.clone()).unwrap();
    let mut acked = Vec::new();
    for n in 0..50 {
        store.commit_wait(admission(row(n))).unwrap();
        acked.push(n);
    }
    assert!(store.settle(WAIT));
    // Somebody else fills the disk to the last byte.
    let filler = mount.dir.join("filler");
    let fill = |path: &Path| {
        use std::io::Write;
        let mut f = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        for size in [1 << 20, 64 << 10, 4096, 512, 1] {
            while f.write_all(&vec![0xaa; size]).is_ok() {}
        }
        let _ = f.sync_all();
    };
    fill(&filler);
    assert!(matches!(store.commit_wait(admission(row(1000))), Err(CommitError::Full { .. })));
    assert_eq!(store.health().state, HealthState::Full);
    // Progress goes on: in the segment that is there, then with the reserve.
    let mut refused = 0;
    for n in 50..3000 {
        match store.commit_wait(progress(row(n))) {
            Ok(_) => acked.push(n),
            Err(CommitError::Full { .. } | CommitError::Busy { .. }) => {
                refused += 1;
                if refused > 3 {
                    break;
                }
            }
            Err(e) => panic!("{e}"),
        }
    }
    println!(
        "{} batches recorded on the full disk, then {refused} refused: {:?}",
        acked.len() - 50,
        store.health()
    );
    assert!(acked.len() > 1500, "the open segment and the reserve must take some");
    for n in &acked {
        assert_eq!(store.get(Table::Job, &n.to_be_bytes()).unwrap(), Some(vec![*n as u8; 300]), "{n}");
    }
    std::fs::remove_file(&filler).unwrap();
    eventually("room again", Duration::from_secs(30), || store.health().state == HealthState::Ok);
    store.commit_wait(admission(row(5000))).unwrap();
    acked.push(5000);
    assert!(store.settle(WAIT), "sled catches up: {:?}", store.health());
    store.close().unwrap();
    drop(store);
    // A start on a full disk: the reserve is for this as well.
    fill(&filler);
    let (store, report) = Store::open(options).unwrap();
    assert!(!report.lost, "{report:?}");
    let found: Vec<u64> =
        all(&store, Table::Job).iter().map(|(k, _)| u64::from_be_bytes(k[..].try_into().unwrap())).collect();
    assert_eq!(found, acked);
    assert_eq!(store.health().state, HealthState::Full);
    drop(store);
}

#[test]
fn a_thread_that_does_not_move_on_is_named_and_one_that_rests_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let slow = Options { flush_delay: Some(Duration::from_secs(1)), ..options(dir.path()) };
    let (store, _) = Store::open(slow).unwrap();
    let mut looked = Looked::default();
    eventually("both rest", WAIT, || {
        store.stuck(&mut looked).is_none() && store.stuck(&mut looked).is_none()
    });
    let (done, is_done) = std::sync::mpsc::channel();
    let batch = progress(row(1));
    store.commit(batch, Box::new(move |result| done.send(result).unwrap())).unwrap();
    let committer = Some("the thread store-commit does not move on".to_owned());
    eventually("a commit that hangs is named", WAIT, || store.stuck(&mut looked) == committer);
    is_done.recv().unwrap().unwrap();
    eventually("both rest again", WAIT, || {
        store.stuck(&mut looked).is_none() && store.stuck(&mut looked).is_none()
    });
}
