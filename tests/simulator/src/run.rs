//! Many lives, on several threads; and one life in words.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use receiptd_core::faults::Fault;

use crate::check::Breach;
use crate::coverage::Coverage;
use crate::trace::Trace;
use crate::world::World;

/// How a life ended.
#[derive(Debug)]
pub struct Life {
    /// Its seed.
    pub seed: u64,
    /// The whole of it in one number.
    pub hash: u64,
    /// The promise it broke.
    pub breach: Option<Breach>,
    /// What happened in it.
    pub coverage: Coverage,
    /// Its last events, where they were asked for.
    pub lines: Vec<String>,
    /// How long it was, simulated microseconds.
    pub us: u64,
}

/// Lives one life.
pub fn live(seed: u64, fault: Option<Fault>, trace: Trace) -> Life {
    let mut world = World::new(seed, fault, trace);
    let sound = catch_unwind(AssertUnwindSafe(|| world.live()));
    if sound.is_err() {
        world.check.fail("soundness", "the core panicked".to_owned());
    }
    Life {
        seed,
        hash: world.trace.hash(),
        breach: world.check.breach.clone(),
        lines: world.trace.lines().map(str::to_owned).collect(),
        us: world.clock.us,
        coverage: world.coverage,
    }
}

/// What many lives came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// What happened in all of them.
    pub coverage: Coverage,
    /// The life with the lowest seed that broke a promise, lived again in words.
    pub failed: Option<Life>,
    /// How many were lived.
    pub lives: u64,
}

/// Lives `count` lives from `from` on, on `threads` threads, until one breaks a promise.
pub fn many(from: u64, count: u64, threads: usize) -> Summary {
    let next = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let summary = Mutex::new(Summary::default());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let mut coverage = Coverage::default();
                let mut lives = 0;
                let mut failed: Option<Life> = None;
                while !stop.load(Ordering::Relaxed) {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        break;
                    }
                    let life = live(from.wrapping_add(n), None, Trace::new(false, false));
                    lives += 1;
                    coverage.merge(&life.coverage);
                    if life.breach.is_some() {
                        stop.store(true, Ordering::Relaxed);
                        failed = Some(life);
                    }
                }
                let Ok(mut all) = summary.lock() else { return };
                all.coverage.merge(&coverage);
                all.lives += lives;
                if let Some(life) = failed
                    && all.failed.as_ref().is_none_or(|other| other.seed > life.seed)
                {
                    all.failed = Some(life);
                }
            });
        }
    });
    let mut summary = summary.into_inner().unwrap_or_default();
    summary.failed = summary.failed.map(|life| live(life.seed, None, Trace::new(true, false)));
    summary
}

/// The report of a broken promise.
pub fn report(life: &Life, fault: Option<Fault>) -> String {
    let Some(breach) = &life.breach else { return format!("seed {} keeps all promises", life.seed) };
    let fault = fault.map(|f| format!(" --fault {f:?}")).unwrap_or_default();
    format!(
        "{}\n\nseed {} breaks {}: {}\nreplay: cargo run -p receiptd-simulator -- replay {} --trace{fault}",
        life.lines.join("\n"),
        life.seed,
        breach.promise,
        breach.what,
        life.seed,
    )
}

/// How many seeds it takes to find a defect, and which promise it breaks; `None` within `most` seeds.
pub fn hunt(fault: Fault, from: u64, most: u64) -> Option<(u64, Breach)> {
    (0..most).find_map(|n| {
        let life = live(from.wrapping_add(n), Some(fault), Trace::new(false, false));
        life.breach.map(|breach| (n + 1, breach))
    })
}

/// The promises that may find a defect.
pub const fn promises(fault: Fault) -> &'static [&'static str] {
    match fault {
        Fault::ReplyBeforeFlush => &["P1", "P5"],
        Fault::SendBeforeRecord => &["P2", "P1"],
        // Whoever is told that a job is being sent finds that the disk does not say so, too.
        Fault::NoSendingRecord => &["P2", "P5"],
        Fault::UnmarkedReprint => &["P2"],
        Fault::PrintedOnTaken | Fault::EndUnasked => &["P3"],
        Fault::BelieveLiars => &["P3"],
        Fault::AnyEchoProves => &["P3"],
        Fault::ForgetKeys | Fault::IgnoreContent => &["P4"],
        // The core's own account of its jobs is wrong, too.
        Fault::DropAtRestart => &["P1", "P5", "bounds", "soundness"],
        Fault::RequeueAtRestart => &["P2"],
        Fault::LastInFirstOut => &["P6"],
        Fault::LostMeansSent => &["P3", "P5"],
        Fault::SilenceMeansUntouched => &["P2"],
        Fault::PublishBeforeFlush => &["P5"],
    }
}
