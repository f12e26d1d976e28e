//! Power cuts of a whole file system, sled included. The store writes to an ext4 on a loop device; at a
//! random moment all its threads are held before their next step, and the image is copied: that copy has
//! what reached the device and nothing of what was only in the page cache. It is then mounted, opened and
//! compared. Some copies are written on, so that boots are chained on one disk.
//!
//! Holding the store keeps the copy a state of one moment; what lies between two steps of the journal's
//! own writing (lost, reordered, torn pages) is covered by `crash_states.rs`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, RwLock};
use std::time::Duration;

use common::history::{Model, Models, batch};
use common::loopfs::{self, Mount};
use common::*;
use receiptd_store::disk::{Disk, DiskFile, OsDisk};
use receiptd_store::{CommitError, Options, Store};

/// The real disk behind a gate.
#[derive(Debug, Clone, Default)]
struct Gate(Arc<RwLock<()>>, Arc<Begun>);

/// Tells when a segment of the journal has got its name, which is not durable then.
#[derive(Debug, Default)]
struct Begun(Mutex<bool>, Condvar);

impl Begun {
    fn tell(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    /// Until the next one begins, or so long.
    fn wait(&self, at_most: Duration) {
        let mut begun = self.0.lock().unwrap();
        *begun = false;
        drop(self.1.wait_timeout_while(begun, at_most, |begun| !*begun).unwrap());
    }
}

#[derive(Debug)]
struct GateFile(Gate, Box<dyn DiskFile>);

macro_rules! pass {
    ($gate:expr, $call:expr) => {{
        let _open = $gate.0.read().unwrap();
        $call
    }};
}

impl Disk for Gate {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(GateFile(self.clone(), pass!(self, OsDisk.create(path))?)))
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(GateFile(self.clone(), pass!(self, OsDisk.open(path))?)))
    }
    fn open_for_sync(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(GateFile(self.clone(), pass!(self, OsDisk.open_for_sync(path))?)))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        pass!(self, OsDisk.rename(from, to))?;
        if to.extension().is_some_and(|e| e == "seg") {
            self.1.tell();
        }
        Ok(())
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        pass!(self, OsDisk.remove(path))
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        pass!(self, OsDisk.sync_dir(dir))
    }
    fn free_bytes(&self, dir: &Path) -> io::Result<u64> {
        OsDisk.free_bytes(dir)
    }
}

impl DiskFile for GateFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        pass!(self.0, self.1.write_at(bytes, offset))
    }
    fn sync(&self) -> io::Result<()> {
        pass!(self.0, self.1.sync())
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        pass!(self.0, self.1.set_len(len))
    }
    fn allocate(&self, len: u64) -> io::Result<()> {
        pass!(self.0, self.1.allocate(len))
    }
}

fn small(dir: &Path, disk: Gate) -> Options {
    Options {
        disk: Arc::new(disk),
        // Small, so that cleaning and compaction happen within a run.
        clean_floor: 2 << 20,
        compact_floor: 3 << 20,
        apply_quiet: Duration::from_millis(3),
        ..options(dir)
    }
}

/// Writes batches until told to stop; `acked` is what was acknowledged.
fn write(store: &Store, from: u64, stop: &AtomicBool, acked: &Arc<AtomicU64>) {
    let mut n = from;
    let mut rng = Rng::new(from);
    while !stop.load(Ordering::SeqCst) {
        // Bursts and pauses, so that groups of one and of many occur; never far ahead.
        if n > acked.load(Ordering::SeqCst) + 40 || rng.below(2) == 0 {
            std::thread::sleep(Duration::from_micros(rng.below(15_000)));
            continue;
        }
        let acked = Arc::clone(acked);
        match store.commit(batch(n), Box::new(move |r| acked.store(r.unwrap(), Ordering::SeqCst))) {
            Ok(()) => n += 1,
            Err(CommitError::Busy { .. }) => std::thread::sleep(Duration::from_millis(1)),
            Err(e) => panic!("{e}"),
        }
    }
}

/// Copies the image while nothing moves.
fn cut(gate: &Gate, image: &Path, to: &Path) {
    let _held = gate.0.write().unwrap();
    // sled's own threads are not behind the gate; they come to rest by themselves.
    for _ in 0..50 {
        std::fs::copy(image, to).unwrap();
        let same = std::process::Command::new("cmp").arg("-s").arg(image).arg(to).status().unwrap();
        if same.success() {
            return;
        }
    }
    panic!("the image does not come to rest");
}

#[test]
fn every_acknowledged_batch_survives_a_power_cut_whole() {
    const RUNS: u64 = 14;
    const CUTS: u64 = 16;
    let base = loopfs::base();
    if !loopfs::available(base.path()) {
        return;
    }
    let seed = std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(11u64);
    println!("SEED={seed}");
    let mut rng = Rng::new(seed);
    let image = base.path().join("disk.img");
    let copy = base.path().join("cut.img");
    let next = base.path().join("next.img");
    let mut models = Models::default();
    let (mut cuts, mut behind, mut torn, mut unnamed, mut rebuilt, mut boots) = (0, 0, 0, 0, Vec::new(), 0);
    for run in 0..RUNS {
        // A fresh disk now and then; in between the last cut goes on.
        if run % 4 == 0 {
            assert!(loopfs::make_image(&image, 32));
        }
        let mount = Mount::new(&image, &base.path().join("live")).unwrap();
        let gate = Gate::default();
        let (store, report) = Store::open(small(&mount.dir.join("s"), gate.clone())).unwrap();
        boots += 1;
        let acked = Arc::new(AtomicU64::new(report.last_lsn));
        let stop = Arc::new(AtomicBool::new(false));
        let writer = {
            let (store, stop, acked) = (store.clone(), Arc::clone(&stop), Arc::clone(&acked));
            std::thread::spawn(move || write(&store, report.last_lsn + 1, &stop, &acked))
        };
        for n in 0..CUTS {
            std::thread::sleep(Duration::from_micros(rng.below(40_000)));
            if n % 8 == 0 {
                gate.1.wait(Duration::from_secs(2));
            }
            let before = acked.load(Ordering::SeqCst);
            cut(&gate, &image, &copy);
            let cut_mount = Mount::new(&copy, &base.path().join("cut")).expect("ext4 recovers");
            let dir = cut_mount.dir.join("s");
            unnamed += u64::from(has_unnamed_segment(&dir));
            let (again, report) = Store::open(small(&dir, Gate::default())).unwrap();
            let context = format!("SEED={seed} run {run}, acknowledged {before}: {report:?}");
            assert!(report.last_lsn >= before, "{context}");
            assert!(!report.lost && report.journal_damage.is_empty(), "{context}");
            let found = Model::of(&again, report.last_lsn);
            let want = models.at(report.last_lsn);
            assert!(found == *want, "{} {context}", found.diff(want));
            behind += u64::from(report.replayed > 0);
            torn += u64::from(report.torn_tail);
            rebuilt.extend(report.rebuilt);
            drop(again);
            drop(cut_mount);
            cuts += 1;
        }
        // The next boot continues on a cut that was not opened yet.
        cut(&gate, &image, &next);
        stop.store(true, Ordering::SeqCst);
        writer.join().unwrap();
        drop(store);
        drop(mount);
        std::fs::rename(&next, &image).unwrap();
    }
    println!(
        "{cuts} power cuts over {boots} boots: nothing acknowledged missing, no half batch; {behind} times sled was behind, {torn} torn tails, {unnamed} segments without a name yet, rebuilt {} times: {rebuilt:?}",
        rebuilt.len()
    );
    assert!(cuts >= 200 && unnamed > 0);
}
