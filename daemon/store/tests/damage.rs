//! Every file of the store damaged in every way: it opens, says what it found, and loses nothing that the
//! undamaged part still has.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::history::{Model, batch};
use common::*;
use receiptd_store::{Options, Store, offline};

const BATCHES: u64 = 150;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    TailCut,
    TailFlipped,
    BitFlipped,
    PageZeroed,
    Emptied,
    Deleted,
}

const HARMS: [Harm; 6] =
    [Harm::TailCut, Harm::TailFlipped, Harm::BitFlipped, Harm::PageZeroed, Harm::Emptied, Harm::Deleted];

/// Damages a file; false if that would change nothing.
fn harm(path: &Path, how: Harm, rng: &mut Rng) -> bool {
    let before = std::fs::read(path).unwrap();
    let mut bytes = before.clone();
    // Where the data ends: behind it there are only zeros waiting for use.
    let used = bytes.iter().rposition(|b| *b != 0).map_or(0, |n| n + 1);
    if used == 0 && how != Harm::Deleted {
        return false;
    }
    match how {
        Harm::TailCut => bytes.truncate(used - (1 + rng.below(used.min(600) as u64) as usize)),
        Harm::TailFlipped => bytes[used - 1 - rng.below(used.min(200) as u64) as usize] ^= 0x5a,
        Harm::BitFlipped => bytes[rng.below(used as u64) as usize] ^= 1 << rng.below(8),
        Harm::PageZeroed => {
            let page = rng.below(used.div_ceil(4096) as u64) as usize * 4096;
            let end = (page + 4096).min(bytes.len());
            bytes[page..end].fill(0);
        }
        Harm::Emptied => bytes.clear(),
        Harm::Deleted => {
            std::fs::remove_file(path).unwrap();
            return true;
        }
    }
    std::fs::write(path, &bytes).unwrap();
    bytes != before
}

/// How a store was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Closed,
    /// By a killed process: sled behind, not closed.
    Killed,
    /// By a power cut before the name of the last segment was durable.
    Unnamed,
}

/// A store with a checkpoint, several segments, bodies in files and sled.
fn make(dir: &Path, left: Left) {
    let clean = left == Left::Closed;
    let home = if clean { dir.to_owned() } else { dir.with_extension("running") };
    let options = Options { clean_floor: 600_000, apply_quiet: Duration::from_millis(5), ..options(&home) };
    let (store, _) = Store::open(options).unwrap();
    for n in 1..BATCHES {
        store.commit_wait(batch(n)).unwrap();
    }
    assert!(store.settle(WAIT));
    // The last batch is in the journal, and when killed not yet in sled.
    store.commit_wait(batch(BATCHES)).unwrap();
    if clean {
        store.close().unwrap();
    } else {
        copy_dir(&home, dir);
        drop(store);
        std::fs::remove_dir_all(home).unwrap();
    }
    if left == Left::Unnamed {
        let segments =
            files(&dir.join("journal")).into_iter().filter(|f| f.extension() == Some("seg".as_ref()));
        std::fs::rename(segments.max().unwrap(), dir.join("journal/spare-99.tmp")).unwrap();
    }
}

fn content(dir: &Path) -> (Store, receiptd_store::OpenReport, Model) {
    let (store, report) = Store::open(options(dir)).unwrap();
    store.maintain();
    assert!(store.settle(WAIT));
    let found = Model::of(&store, BATCHES);
    (store, report, found)
}

fn relative(dir: &Path) -> Vec<PathBuf> {
    files(dir).iter().map(|f| f.strip_prefix(dir).unwrap().to_owned()).collect()
}

fn is_journal(file: &Path) -> bool {
    file.starts_with("journal")
}

/// Damage outside the journal: nothing at all is lost. Damage of the journal: sled has it, except the very
/// last batches of a killed process.
#[test]
fn one_damaged_file_of_any_kind_loses_nothing_the_rest_still_has() {
    let base = loopfs::base();
    let mut rng = Rng::new(std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(3));
    let want = Model::at(BATCHES);
    let (mut cases, mut rebuilt, mut healed, mut noticed) = (0, 0, 0, 0);
    for left in [Left::Closed, Left::Killed, Left::Unnamed] {
        let clean = left == Left::Closed;
        let master = base.path().join(format!("master-{left:?}"));
        make(&master, left);
        for file in relative(&master) {
            if file.starts_with("bodies") && !file.ends_with("0000000000000064") {
                continue;
            }
            for how in HARMS {
                let rounds = if file.ends_with("db") { 5 } else { 1 };
                for _ in 0..rounds {
                    let dir = base.path().join("case");
                    copy_dir(&master, &dir);
                    if harm(&dir.join(&file), how, &mut rng) {
                        let (store, report, found) = content(&dir);
                        let health = store.health();
                        let context = format!("{} {how:?} {left:?}\n{report:?}\n{health:?}", file.display());
                        if is_journal(&file) && !clean {
                            // What only the damaged place had may be gone, if that is said.
                            assert!(
                                found == want || report.lost || report.torn_tail || report.last_lsn < BATCHES,
                                "{} {context}",
                                found.diff(&want)
                            );
                            assert!(found.rows.len() + 12 >= want.rows.len(), "{context}");
                        } else {
                            assert!(found == want, "{} {context}", found.diff(&want));
                            assert!(!report.lost, "{context}");
                        }
                        rebuilt += u64::from(report.rebuilt.is_some())
                            + u64::from(report.rebuilt.is_none() && health.rebuilds > 0);
                        healed += u64::from(report.healed);
                        noticed += u64::from(
                            report.rebuilt.is_some()
                                || !report.journal_damage.is_empty()
                                || health.rebuilds > 0
                                || report.torn_tail,
                        );
                        cases += 1;
                        // It works on, and the next start finds nothing wrong any more.
                        store
                            .commit_wait(progress(vec![put(receiptd_store::Table::Meta, b"x", b"y")]))
                            .unwrap();
                        store.close().unwrap();
                        drop(store);
                        let check = offline::check(&dir).unwrap();
                        assert!(check.is_clean(), "{check:?} {context}");
                        let (_, again) = open(&dir);
                        assert!(
                            again.rebuilt.is_none() && again.journal_damage.is_empty(),
                            "{again:?} after {context}"
                        );
                    }
                    std::fs::remove_dir_all(&dir).unwrap();
                }
            }
        }
    }
    println!(
        "{cases} damaged stores: {noticed} noticed, {rebuilt} spools rebuilt, {healed} journals written anew from sled"
    );
    assert!(cases > 80);
}

#[test]
fn a_half_written_snapshot_of_sled_does_no_harm() {
    let base = loopfs::base();
    let dir = base.path().join("s");
    make(&dir, Left::Closed);
    let spool = files(&dir.join("spool")).into_iter().find(|f| f.ends_with("db")).unwrap();
    std::fs::write(spool.with_file_name("snap.00000000000FFFFF.generating"), [7; 300]).unwrap();
    let (store, report, found) = content(&dir);
    assert_eq!((report.rebuilt, store.health().rebuilds), (None, 0));
    assert_eq!(found, Model::at(BATCHES));
}

/// Journal and sled both damaged: whatever either still has is there, and it is said that there is a loss.
#[test]
fn damage_of_journal_and_sled_together_is_reported_as_loss_and_the_rest_is_there() {
    let base = loopfs::base();
    let master = base.path().join("m");
    make(&master, Left::Closed);
    let want = Model::at(BATCHES);
    let mut rng = Rng::new(8);
    let mut least = usize::MAX;
    for round in 0..20 {
        let dir = base.path().join("case");
        copy_dir(&master, &dir);
        let all = files(&dir);
        let journal: Vec<_> =
            all.iter().filter(|f| f.parent().is_some_and(|p| p.ends_with("journal"))).collect();
        let victim = journal[rng.below(journal.len() as u64) as usize];
        let changed = harm(victim, Harm::PageZeroed, &mut rng);
        let db = all.iter().find(|f| f.ends_with("db")).unwrap();
        harm(db, Harm::Emptied, &mut rng);
        let (store, report, found) = content(&dir);
        assert!(report.rebuilt.is_some(), "{report:?}");
        if changed && found != want {
            assert!(
                report.lost && !report.journal_damage.is_empty(),
                "round {round} {}: {} {report:?}",
                victim.display(),
                found.diff(&want)
            );
            assert!(report.quarantined > 0);
        }
        // Rows may be older than they should be, where a deletion or an update was lost; none may be made up.
        least = least.min(found.rows.len());
        drop(store);
        std::fs::remove_dir_all(&dir).unwrap();
    }
    println!("at least {least} of {} rows were there", want.rows.len());
    assert!(least * 2 > want.rows.len());
}

#[test]
fn an_old_sled_and_a_foreign_sled_are_noticed() {
    let base = loopfs::base();
    let (dir, other) = (base.path().join("s"), base.path().join("o"));
    make(&dir, Left::Closed);
    make(&other, Left::Closed);
    // An old copy of sled within reach of the journal is brought up to date.
    let old = base.path().join("old");
    copy_dir(&dir.join("spool"), &old);
    {
        let (store, _) = Store::open(options(&dir)).unwrap();
        for n in BATCHES + 1..BATCHES + 30 {
            store.commit_wait(batch(n)).unwrap();
        }
        store.close().unwrap();
    }
    std::fs::remove_dir_all(dir.join("spool")).unwrap();
    copy_dir(&old, &dir.join("spool"));
    let (store, report) = open(&dir);
    // (Or built anew, since a body file it names was deleted since.)
    assert!(report.replayed == 29 || report.rebuilt.is_some(), "{report:?}");
    assert_eq!(Model::of(&store, BATCHES + 30), Model::at(BATCHES + 29));
    drop(store);
    // One of another store is not.
    std::fs::remove_dir_all(dir.join("spool")).unwrap();
    copy_dir(&other.join("spool"), &dir.join("spool"));
    let (store, report) = open(&dir);
    assert!(report.rebuilt.is_some(), "{report:?}");
    assert_eq!(Model::of(&store, BATCHES + 30), Model::at(BATCHES + 29));
    assert!(files(&dir.join("spool")).iter().any(|f| f.to_string_lossy().contains("sled.broken-")));
}

#[test]
fn a_rest_that_cannot_be_removed_keeps_nobody_from_starting() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), Left::Closed);
    let want = {
        let (store, _) = open(dir.path());
        let want = Model::of(&store, BATCHES);
        store.close().unwrap();
        want
    };
    // What root left there can't be removed by the daemon; for root itself, a file can't be removed as a directory.
    let spool = dir.path().join("spool");
    std::fs::write(spool.join("sled-000777"), "not ours").unwrap();
    let half_built = spool.join("sled-000778");
    std::fs::create_dir(&half_built).unwrap();
    for _ in 0..2 {
        let (store, report) = open(dir.path());
        assert_eq!((report.rebuilt, report.lost), (None, false));
        assert_eq!(Model::of(&store, BATCHES), want);
        store.close().unwrap();
    }
    assert!(!half_built.exists(), "what can be removed is");
}
