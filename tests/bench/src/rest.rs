//! The daemon at rest, and how it gets there: start, memory, wake-ups, disk, size of the programs.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use receiptd_system_tests::{PrinterEntry, Shop, binaries};
use virtual_printer::{Fault, Speed};

use crate::cups::{self, Cups, Mode};
use crate::load::{Until, drive, warm_up};
use crate::print::{printer, shop};
use crate::process::{pss_mb, switches, woken};
use crate::report::{Bound, Row};
use crate::slip::Slip;
use crate::socket::SocketClient;
use crate::stats::Samples;
use crate::{Bench, Fallible, history};

/// Jobs of the long life.
const FINISHED: u64 = 100_000;

/// Jobs that wait.
const QUEUED: u64 = 10_000;

/// Clients that hand them in.
const CLIENTS: usize = 16;

/// sled's own pool; everything else is ours.
const SLED_THREADS: &str = "sled";

/// What memory is looked at after: the lag is in sled by then, and everything quiet.
const CALM: Duration = Duration::from_secs(2);

fn absent(sections: &str) -> Fallible<Shop> {
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let sections = format!("{sections}[jobs]\nactive-per-user-max = 20000\n[log]\nlevel = \"warn\"\n");
    Ok(Shop::new(&[PrinterEntry::new("till", nowhere)], &sections)?)
}

/// From `exec` to the line `ready`, milliseconds; how the daemon is ended before, too.
fn starts(shop: &mut Shop, times: usize, kill: bool) -> Fallible<Samples> {
    let mut samples = Vec::new();
    for _ in 0..times {
        let begin = Instant::now();
        shop.start()?;
        samples.push(begin.elapsed().as_secs_f64() * 1e3);
        if kill {
            shop.kill()?;
        } else {
            shop.stop()?;
        }
    }
    Ok(Samples::new(samples))
}

fn queue(shop: &Shop, slip: &Slip, jobs: u64) -> Fallible<()> {
    let until = Until { time: Duration::from_secs(600), count: jobs - warm_up(CLIENTS as u64) };
    drive(SocketClient::many(&shop.socket(), slip, CLIENTS)?, until).map(drop)
}

/// The daemon with a long life behind it, made once in a run.
fn veteran(bench: &mut Bench) -> Fallible<&mut Shop> {
    if bench.veteran.is_none() {
        let shop = absent("")?;
        let jobs = if bench.quick { FINISHED / 10 } else { FINISHED };
        let health = history::live_through(&shop.spool(), jobs)?;
        bench.veteran = Some((shop, health));
    }
    bench.veteran.as_mut().map(|(shop, _)| shop).ok_or_else(|| "no shop".into())
}

/// From `exec` to ready.
///
/// # Errors
/// Something does not run.
pub fn start(bench: &mut Bench) -> Fallible<()> {
    let times = if bench.quick { 5 } else { 15 };
    let mut add = |what: String, samples: &Samples, most: f64| {
        let row = Row::new("start", what, (samples.p50(), "ms"), Bound::AtMost(most), samples.spread());
        bench.report.row(row);
    };
    let mut fresh = absent("")?;
    fresh.start()?;
    fresh.stop()?;
    add("exec to ready, empty".into(), &starts(&mut fresh, times, false)?, 25.0);
    fresh.start()?;
    queue(&fresh, &Slip::raw(), QUEUED)?;
    fresh.stop()?;
    add(format!("exec to ready, {QUEUED} queued"), &starts(&mut fresh, times, false)?, 60.0);
    fresh.start()?;
    fresh.kill()?;
    add(format!("exec to ready, {QUEUED} queued, after kill -9"), &starts(&mut fresh, times, true)?, 60.0);
    let shop = veteran(bench)?;
    let clean = starts(shop, times, false)?;
    let killed = starts(shop, times, true)?;
    let jobs = if bench.quick { FINISHED / 10 } else { FINISHED };
    for (how, samples) in [("", clean), (", after kill -9", killed)] {
        let what = format!("exec to ready, {jobs} finished{how}");
        let row = Row::new("start", what, (samples.p50(), "ms"), Bound::AtMost(150.0), samples.spread());
        bench.report.row(row);
    }
    Ok(())
}

/// Memory at rest and while draining.
///
/// # Errors
/// Something does not run.
pub fn memory(bench: &mut Bench) -> Fallible<()> {
    let theirs = match cups::available() {
        Ok(()) => {
            let cups = Cups::start(Mode::Default)?;
            std::thread::sleep(CALM);
            Some(pss_mb(cups.pid())?)
        }
        Err(why) => {
            bench.report.skip("memory", &format!("CUPS: {why}; its 6.7 MB of another day stand in"));
            None
        }
    };
    let calm = |shop: &mut Shop| -> Fallible<f64> {
        shop.start()?;
        std::thread::sleep(CALM);
        let pss = pss_mb(shop.pid().ok_or("no daemon")?)?;
        shop.stop()?;
        Ok(pss)
    };
    let most = theirs.unwrap_or(6.7);
    let empty = calm(&mut absent("")?)?;
    let note = format!("cupsd {}: {most:.1} MB", if theirs.is_some() { "in this run" } else { "elsewhere" });
    bench.report.row(Row::new("memory", "idle, empty, PSS", (empty, "MB"), Bound::AtMost(most), note));
    let after = calm(veteran(bench)?)?;
    let jobs = if bench.quick { FINISHED / 10 } else { FINISHED };
    let what = format!("idle, {jobs} finished, PSS");
    bench.report.row(Row::new("memory", what, (after, "MB"), Bound::AtMost(12.0), String::new()));
    draining(bench)
}

/// 10,000 queued jobs of 64 KB, drained by an infinitely fast printer for a while.
fn draining(bench: &mut Bench) -> Fallible<()> {
    let (jobs, time) = if bench.quick { (1_000, 3) } else { (QUEUED, 10) };
    let printer = printer(Speed::Max)?;
    let shop = shop(printer.addr())?;
    let pid = shop.pid().ok_or("no daemon")?;
    printer.fault(Fault::CoverOpen);
    let (begin, mut accepting) = (Instant::now(), 0.0_f64);
    std::thread::scope(|scope| -> Fallible<()> {
        let queued = scope.spawn(|| queue(&shop, &Slip::picture(64 << 10), jobs));
        while !queued.is_finished() {
            accepting = accepting.max(pss_mb(pid)?);
            std::thread::sleep(Duration::from_millis(50));
        }
        queued.join().unwrap_or_else(|_| Err("the clients panicked".into()))
    })?;
    let took = begin.elapsed().as_secs_f64();
    std::thread::sleep(CALM);
    let waiting = pss_mb(pid)?;
    printer.fault(Fault::CoverClose);
    let (begin, mut worst) = (Instant::now(), 0.0_f64);
    while begin.elapsed() < Duration::from_secs(time) && printer.snapshot().cuts < jobs {
        worst = worst.max(pss_mb(pid)?);
        std::thread::sleep(Duration::from_millis(50));
    }
    let done = printer.snapshot().cuts as f64 / begin.elapsed().as_secs_f64();
    let note = format!(
        "largest of {time} s at {done:.0} jobs/s; {waiting:.1} MB while they waited, {accepting:.1} MB while \
         accepting ({took:.0} s)"
    );
    let what = format!("draining {jobs} queued jobs of 64 KB, PSS");
    bench.report.row(Row::new("memory", what, (worst, "MB"), Bound::AtMost(24.0), note));
    Ok(())
}

/// Wake-ups of an idle daemon with a silent printer attached.
///
/// # Errors
/// Something does not run.
pub fn idle(bench: &mut Bench) -> Fallible<()> {
    let time = Duration::from_secs(if bench.quick { 10 } else { 30 });
    let printer = printer(Speed::Max)?;
    let shop = shop(printer.addr())?;
    let pid = shop.pid().ok_or("no daemon")?;
    SocketClient::many(&shop.socket(), &Slip::raw(), 1)
        .and_then(|clients| drive(clients, Until { time: Duration::from_secs(5), count: 10 }).map(drop))?;
    // What a job leaves to be done is done by then, and threads that only wait for more work have ended.
    std::thread::sleep(Duration::from_secs(12));
    let before = switches(pid)?;
    std::thread::sleep(time);
    let by_name = woken(&before, &switches(pid)?);
    let (sleds, ours): (Vec<_>, Vec<_>) =
        by_name.iter().partition(|(name, _)| name.starts_with(SLED_THREADS));
    let sum = |of: &[(&String, &u64)]| of.iter().map(|(_, count)| **count).sum::<u64>() as f64;
    let names = |of: &[(&String, &u64)]| {
        of.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    let seconds = time.as_secs();
    bench.report.row(Row::new(
        "idle",
        format!("wake-ups of our threads in {seconds} s, printer attached and silent"),
        (sum(&ours), ""),
        Bound::AtMost(seconds as f64 / 10.0),
        names(&ours),
    ));
    bench.report.row(Row::new(
        "idle",
        format!("wake-ups of sled's threads in {seconds} s"),
        (sum(&sleds), ""),
        Bound::Told,
        format!("{:.1}/s: {}", sum(&sleds) / time.as_secs_f64(), names(&sleds)),
    ));
    Ok(())
}

fn disk_mb(dir: &Path) -> Fallible<f64> {
    let mut bytes = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += metadata.blocks() * 512;
        if metadata.is_dir() {
            bytes += (disk_mb(&entry.path())? * 1e6) as u64;
        }
    }
    Ok(bytes as f64 / 1e6)
}

/// What is left on disk.
///
/// # Errors
/// Something does not run.
pub fn disk(bench: &mut Bench) -> Fallible<()> {
    let spool = veteran(bench)?.spool();
    let jobs = if bench.quick { FINISHED / 10 } else { FINISHED };
    let Some(health) = bench.veteran.as_ref().map(|(_, health)| health.clone()) else { return Ok(()) };
    let live = health.live_bytes as f64 / 1e6;
    let used = disk_mb(&spool)?;
    bench.report.row(Row::new(
        "disk",
        format!("{jobs} jobs printed, bodies expired: disk / live data"),
        (used / live, "x"),
        Bound::AtMost(3.0),
        format!("{used:.1} MB on disk for {live:.1} MB of records and keys; {}", shares(&health)),
    ));
    let kept = jobs / 10;
    // The veteran is used up by this, so it is the last to be asked.
    let health = history::expire(&spool, jobs, kept)?;
    let (live, used) = (health.live_bytes as f64 / 1e6, disk_mb(&spool)?);
    bench.report.row(Row::new(
        "disk",
        format!("then all but the last {kept} records expired"),
        (used, "MB"),
        Bound::Told,
        format!("{live:.1} MB live; {}", shares(&health)),
    ));
    bench.veteran = None;
    Ok(())
}

/// Where the bytes are.
fn shares(health: &receiptd_store::Health) -> String {
    let mb = |bytes: u64| bytes as f64 / 1e6;
    format!(
        "journal {:.1} MB, sled {:.1} MB, the rest is the reserve",
        mb(health.journal_bytes),
        mb(health.sled_bytes)
    )
}

/// The programs.
///
/// # Errors
/// They were not built.
pub fn size(bench: &mut Bench) -> Fallible<()> {
    let folder = binaries()?;
    for name in ["receiptd", "receiptctl"] {
        let mb = fs::metadata(folder.join(name))?.len() as f64 / 1e6;
        let row =
            Row::new("size", format!("{name}, stripped"), (mb, "MB"), Bound::AtMost(5.0), String::new());
        bench.report.row(row);
    }
    Ok(())
}
