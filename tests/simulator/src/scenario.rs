//! What kind of life a seed is: which printers, which apps, and how much goes wrong.

use receiptd_core::config::{CoreConfig, PrinterConfig};
use receiptd_core::record::Policy;

use crate::clock::SECOND;
use crate::printer::model::Build;
use crate::rng::Rng;

/// The parameters of a life.
#[derive(Debug)]
pub struct Scenario {
    /// Printers.
    pub printers: Vec<Build>,
    /// The daemon's configuration.
    pub config: CoreConfig,
    /// Apps.
    pub clients: usize,
    /// Receipts that each app submits at most.
    pub receipts: u64,
    /// When faults stop.
    pub calm_at: u64,
    /// Mean time between mishaps, microseconds.
    pub mishap_us: u64,
    /// Which mishaps happen, one bit each; most lives know only some, so that those come to their point.
    pub mishaps: u64,
    /// Answers of printers lost on the way, of 1000.
    pub lost_answers: u64,
    /// Answers to apps lost on the way, of 1000.
    pub lost_replies: u64,
    /// Crashes between two outputs of one input, of 100 000.
    pub torn_outputs: u64,
    /// Batches that the store's queue takes.
    pub store_queue: usize,
    /// Time of a write, microseconds at most.
    pub write_us: u64,
    /// Time between an app's actions, microseconds at most.
    pub think_us: u64,
    /// Dot rows on a roll.
    pub roll: u64,
}

impl Scenario {
    /// A life's parameters.
    pub fn any(rng: &mut Rng) -> Self {
        let count = if rng.permille(700) { 1 } else { rng.between(2, 3) };
        let printers: Vec<Build> = (0..count).map(|_| Build::any(rng)).collect();
        let configs = printers
            .iter()
            .enumerate()
            .map(|(index, build)| PrinterConfig { name: format!("p{index}"), evidence: build.vouched });
        let mut config = CoreConfig {
            printers: configs.collect(),
            policy: if rng.permille(800) { Policy::Reprint } else { Policy::Hold },
            ..CoreConfig::default()
        };
        if rng.permille(200) {
            config.expires_after_ms = Some(rng.between(1, 300_000));
        }
        if rng.permille(150) {
            config.active_jobs_max = rng.between(2, 12) as usize;
            config.active_jobs_per_uid_max = rng.between(1, 6) as usize;
        }
        let calm_at = rng.between(20, 240) * SECOND;
        Self {
            printers,
            config,
            clients: rng.between(1, 3) as usize,
            receipts: rng.between(2, 10),
            calm_at,
            mishap_us: rng.between(1, 40) * SECOND,
            mishaps: if rng.permille(300) { u64::MAX } else { rng.draw() & rng.draw() },
            lost_answers: if rng.permille(300) { rng.between(1, 60) } else { 0 },
            lost_replies: rng.between(0, 200),
            torn_outputs: if rng.permille(400) { rng.between(1, 2_000) } else { 0 },
            store_queue: if rng.permille(100) { rng.between(1, 4) as usize } else { 64 },
            write_us: rng.pick(&[500, 5_000, 40_000, 300_000]).unwrap_or(5_000),
            think_us: rng.pick(&[300_000, 2_000_000, 10_000_000]).unwrap_or(2_000_000),
            roll: rng.pick(&[3_000, 20_000, 400_000]).unwrap_or(400_000),
        }
    }
}
