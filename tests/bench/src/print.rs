//! From accept to paper: the first byte on an idle queue, 500 queued slips to an infinitely fast printer, and a
//! printer of 250 mm/s that must not wait.

use std::time::{Duration, Instant};

use receiptd_api::{Client, JobFilter, JobState};
use receiptd_system_tests::{PrinterEntry, Shop};
use virtual_printer::{Config, Fault, Handle, Speed, VirtualPrinter};

use crate::load::Submit;
use crate::process::cpu_seconds;
use crate::raw::RawFile;
use crate::report::{Bound, Row};
use crate::slip::Slip;
use crate::socket::SocketClient;
use crate::stats::{Samples, short};
use crate::tap::Tap;
use crate::{Bench, Fallible};

/// A printer that echoes process ids and has no counters: grade A.
pub const MODEL: &str = "xprinter-xp-s260m";

/// lprint 1.1.0, 500 queued jobs, jobs/s; measured on another day on such a machine.
const LPRINT_RATE: f64 = 1182.0;

/// Slips of a drain.
const QUEUED: u64 = 500;

/// The longest that anything may take here.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Its evidence is vouched for: nothing is judged by the speed of a head that has none.
pub const VOUCHED: &str = "evidence = \"A\"\n";

/// A printer that keeps no paper and no log: it costs little.
///
/// # Errors
/// It can't be started.
pub fn printer(speed: Speed) -> Fallible<Handle> {
    let mut config = Config::new(MODEL)?.speed(speed).roll(f64::INFINITY);
    config.keep_paper = false;
    config.keep_log = false;
    // The cut is no work of the head: it shall not count as waiting.
    config.model.cutter_ms = 1;
    Ok(VirtualPrinter::start(config)?)
}

/// A daemon with this printer; returns when the printer is ready.
///
/// # Errors
/// It does not start, or the printer does not become ready.
pub fn shop(address: std::net::SocketAddr) -> Fallible<Shop> {
    let entry = PrinterEntry { name: "till", address, more: VOUCHED };
    let mut shop = Shop::new(&[entry], "[jobs]\nactive-per-user-max = 20000\n[log]\nlevel = \"warn\"\n")?;
    shop.start()?;
    Ok(shop)
}

/// Runs a look at the daemon to its end.
///
/// # Errors
/// What the look ends with.
pub fn look<T>(shop: &Shop, look: impl AsyncFnOnce(Client) -> Fallible<T>) -> Fallible<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { look(shop.client().await?).await })
}

async fn until_printed(client: &Client, job: u64) -> Fallible<()> {
    let begin = Instant::now();
    while client.spooler().get_job(job).await?.state != JobState::Printed {
        if begin.elapsed() > PATIENCE {
            return Err(format!("job {job} is not printed in time").into());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

/// From the call to the first byte at the printer.
///
/// # Errors
/// Something does not run.
pub fn first_byte(bench: &mut Bench) -> Fallible<()> {
    let count = if bench.quick { 60 } else { 400 };
    let printer = printer(Speed::Max)?;
    let tap = Tap::before(printer.addr())?;
    let shop = shop(tap.addr())?;
    let slip = Slip::raw();
    let mut client = SocketClient::connect(&shop.socket(), &slip)?;
    // The first slip waits for the session with the printer.
    client.submit(0)?;
    printer.wait_for(|s| s.cuts >= 1 && s.idle, PATIENCE)?;
    let mut raw = RawFile::create(bench.dir(), &slip.document)?;
    let (mut flushes, mut accepted, mut first) = (Vec::new(), Vec::new(), Vec::new());
    for number in 1..=count {
        // Until the record of the slip before is written and everything is quiet.
        std::thread::sleep(Duration::from_millis(10));
        flushes.push(raw.append()?);
        tap.arm();
        let begin = Instant::now();
        client.submit(number)?;
        accepted.push(begin.elapsed());
        let byte = tap.first_byte(PATIENCE).ok_or("no byte came to the printer")?;
        first.push(byte.duration_since(begin));
        printer.wait_for(|s| s.cuts > number && s.idle, PATIENCE)?;
    }
    let (flush, accepted, first) =
        (Samples::micros(flushes), Samples::micros(accepted), Samples::micros(first));
    bench.report.row(Row::new(
        "first-byte",
        "call to first byte at the printer, p50",
        (first.p50(), "us"),
        Bound::AtMost(flush.p50() + 1000.0),
        format!(
            "flush p50 {} us, answer p50 {} us; p99 {} us",
            short(flush.p50()),
            short(accepted.p50()),
            short(first.p99())
        ),
    ));
    Ok(())
}

/// 500 queued slips at once.
///
/// # Errors
/// Something does not run.
pub fn drain(bench: &mut Bench) -> Fallible<()> {
    let rounds = if bench.quick { 1 } else { 5 };
    let (mut rates, mut cpu, mut flush_rates) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let flush =
            RawFile::create(bench.dir(), &Slip::raw().document)?.for_time(Duration::from_millis(300))?;
        flush_rates.push(1e6 / flush.p50());
        let printer = printer(Speed::Max)?;
        let shop = shop(printer.addr())?;
        let pid = shop.pid().ok_or("no daemon")?;
        let mut client = SocketClient::connect(&shop.socket(), &Slip::raw())?;
        client.submit(0)?;
        printer.wait_for(|s| s.cuts >= 1, PATIENCE)?;
        printer.fault(Fault::CoverOpen);
        std::thread::sleep(Duration::from_millis(100));
        for number in 1..=QUEUED {
            client.submit(number)?;
        }
        let (before, begin) = (cpu_seconds(pid)?, Instant::now());
        printer.fault(Fault::CoverClose);
        printer.wait_for(|s| s.cuts > QUEUED && s.idle, PATIENCE)?;
        let time = look(&shop, async |client| {
            until_printed(&client, QUEUED + 1).await?;
            let time = begin.elapsed();
            let filter = JobFilter { active_only: Some(true), ..JobFilter::default() };
            let (left, _) = client.spooler().list_jobs(&filter).await?;
            if left.is_empty() { Ok(time) } else { Err(format!("{} jobs are left", left.len()).into()) }
        })?;
        cpu.push((cpu_seconds(pid)? - before) * 1e3 / QUEUED as f64);
        rates.push(QUEUED as f64 / time.as_secs_f64());
    }
    let rates = Samples::new(rates);
    bench.report.row(Row::new(
        "drain",
        "500 queued slips, proof for each (lprint elsewhere: 1182/s)",
        (rates.p50(), "jobs/s"),
        Bound::AtLeast(LPRINT_RATE),
        format!(
            "{}; CPU {} ms/job; raw {} flushes/s",
            rates.spread(),
            Samples::new(cpu).spread(),
            Samples::new(flush_rates).spread()
        ),
    ));
    Ok(())
}

/// Slips to a real head.
///
/// # Errors
/// Something does not run.
pub fn head(bench: &mut Bench) -> Fallible<()> {
    let count = if bench.quick { 8 } else { 20 };
    let printer = printer(Speed::MmPerSecond(250.0))?;
    let shop = shop(printer.addr())?;
    let mut client = SocketClient::connect(&shop.socket(), &Slip::raw())?;
    for number in 0..count {
        client.submit(number)?;
    }
    let end = printer.wait_for(|s| s.cuts >= count && s.idle, PATIENCE)?;
    let seconds = end.head_span.as_secs_f64();
    bench.report.row(Row::new(
        "drain",
        "head of a 250 mm/s printer: share of the time at work",
        (end.head_utilisation() * 100.0, "%"),
        Bound::AtLeast(97.0),
        format!("{count} slips, {seconds:.1} s from first to last line, cuts of 1 ms"),
    ));
    Ok(())
}
