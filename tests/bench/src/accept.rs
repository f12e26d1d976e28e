//! Durable accept: one client against the disk itself, 64 clients against the disk and CUPS, and 64 clients on
//! a disk as slow as eMMC. The printer is absent, so that accepting is all there is.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use receiptd_api::{Client, Document, SubmitOptions};
use receiptd_system_tests::{PrinterEntry, Shop};

use crate::cups::{self, Cups, Mode};
use crate::load::{Load, Submit, Until, drive, warm_up};
use crate::process::cpu_seconds;
use crate::raw::RawFile;
use crate::report::{Bound, Row};
use crate::slip::Slip;
use crate::socket::SocketClient;
use crate::stats::{Samples, short};
use crate::{Bench, Fallible};

/// Clients at once.
const CLIENTS: usize = 64;

/// Jobs that one daemon may hold; the configuration's largest.
const ACTIVE_MAX: u64 = 20_000;

/// What a flush costs with the slow disk.
const SLOW_FLUSH: Duration = Duration::from_millis(5);

/// Nobody listens there.
const ABSENT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9);

/// A daemon with an absent printer, started; its disk is slowed down by so much.
pub fn shop(delay: Duration) -> Fallible<Shop> {
    let sections = format!("[jobs]\nactive-per-user-max = {ACTIVE_MAX}\n[log]\nlevel = \"warn\"\n");
    let mut shop = Shop::new(&[PrinterEntry::new("absent", ABSENT)], &sections)?;
    let config = fs::read_to_string(shop.config())?;
    let spool = format!("[spool]\nbench-flush-delay-ms = {}\n", delay.as_millis());
    fs::write(shop.config(), config.replacen("[spool]\n", &spool, 1))?;
    shop.start()?;
    Ok(shop)
}

/// A client as an app is: this project's own library.
struct Library {
    client: Client,
    slip: Slip,
}

/// One client.
///
/// # Errors
/// Something does not run.
pub fn one(bench: &mut Bench) -> Fallible<()> {
    let (rounds, each) = if bench.quick { (5, 40) } else { (15, 60) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for (name, slip) in [("2 KB ESC/POS", Slip::raw()), ("2.7 KB JSON, 2 copies", Slip::json())] {
        let shop = shop(Duration::ZERO)?;
        let mut socket = SocketClient::connect(&shop.socket(), &slip)?;
        let library = Library { client: runtime.block_on(shop.client())?, slip: slip.clone() };
        let mut raw = RawFile::create(bench.dir(), &slip.document)?;
        let (mut flushes, mut bare, mut ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut number = 0;
        for _ in 0..rounds {
            let from = (flushes.len(), bare.len());
            for _ in 0..each {
                flushes.push(raw.append()?);
                let begin = Instant::now();
                socket.submit(number)?;
                bare.push(begin.elapsed());
                let begin = Instant::now();
                runtime.block_on(library.submit(number))?;
                ours.push(begin.elapsed());
                number += 1;
            }
            let of_round = |times: &[Duration]| Samples::micros(times.iter().copied()).p50();
            ratios.push(of_round(&bare[from.1..]) / of_round(&flushes[from.0..]));
        }
        let (flush, bare, ours) = (Samples::micros(flushes), Samples::micros(bare), Samples::micros(ours));
        let most = 1.2 * flush.p50() + 150.0;
        let raw_note =
            format!("raw append+fdatasync p50 {} us, p99 {} us", short(flush.p50()), short(flush.p99()));
        bench.report.row(Row::new(
            "accept-1",
            format!("{name}, p50"),
            (bare.p50(), "us"),
            Bound::AtMost(most),
            format!(
                "{} x raw by rounds; p99 {} us; {raw_note}",
                Samples::new(ratios).spread(),
                short(bare.p99())
            ),
        ));
        bench.report.row(Row::new(
            "accept-1",
            format!("{name}, p50, with the client library in the figure"),
            (ours.p50(), "us"),
            Bound::Told,
            format!("p99 {} us", short(ours.p99())),
        ));
    }
    Ok(())
}

impl Library {
    async fn submit(&self, number: u64) -> Fallible<()> {
        let key = format!("library-{number}");
        let document = Document(&self.slip.document);
        let options = SubmitOptions::default();
        self.client.spooler().submit(&key, "", self.slip.kind, document, &options).await?;
        Ok(())
    }
}

/// Our daemon under load, and its CPU time for each job in microseconds.
fn ours(delay: Duration, until: Until) -> Fallible<(Load, f64)> {
    let shop = shop(delay)?;
    let pid = shop.pid().ok_or("no daemon")?;
    let clients = SocketClient::many(&shop.socket(), &Slip::raw(), CLIENTS)?;
    let before = cpu_seconds(pid)?;
    let load = drive(clients, until)?;
    let jobs = load.times.len() as u64 + warm_up(CLIENTS as u64);
    Ok((load, (cpu_seconds(pid)? - before) * 1e6 / jobs as f64))
}

fn theirs(mode: Mode, until: Until) -> Fallible<Load> {
    let cups = Cups::start(mode)?;
    drive(cups.clients(&Slip::raw().document, CLIENTS)?, until)
}

/// 64 clients.
///
/// # Errors
/// Something does not run.
pub fn many(bench: &mut Bench) -> Fallible<()> {
    let (rounds, time) =
        if bench.quick { (2, Duration::from_millis(700)) } else { (5, Duration::from_millis(1500)) };
    let until = Until { time, count: ACTIVE_MAX - warm_up(CLIENTS as u64) - CLIENTS as u64 };
    let with_cups = cups::available();
    let (mut raws, mut our, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    let (mut default, mut hardened) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let flush = RawFile::create(bench.dir(), &Slip::raw().document)?.for_time(time / 2)?;
        raws.push(1e6 / flush.p50());
        let (load, cost) = ours(Duration::ZERO, until)?;
        our.push(load);
        cpu.push(cost);
        if with_cups.is_ok() {
            default.push(theirs(Mode::Default, until)?);
            hardened.push(theirs(Mode::Hardened, until)?);
        }
    }
    let rates = |loads: &[Load]| Samples::new(loads.iter().map(|load| load.rate).collect());
    let ratio = |to: &[f64]| Samples::new(our.iter().zip(to).map(|(load, to)| load.rate / to).collect());
    let own = rates(&our);
    let p99 = Samples::new(our.iter().map(|load| load.times.p99() / 1e3).collect());
    let raw_ratio = ratio(&raws);
    bench.report.row(Row::new(
        "accept-64",
        "rate / raw single-writer append+fdatasync",
        (raw_ratio.p50(), "x"),
        Bound::AtLeast(1.0),
        format!(
            "{} x; {} jobs/s, p99 {} ms, daemon's CPU {} us/job; raw {} /s",
            raw_ratio.spread(),
            own.spread(),
            p99.spread(),
            Samples::new(cpu).spread(),
            Samples::new(raws.clone()).spread()
        ),
    ));
    if let Err(why) = with_cups {
        bench.report.skip("accept-64", &format!("CUPS: {why}"));
        return Ok(());
    }
    for (name, loads, least) in [("default", &default, 1.0), ("hardened", &hardened, 10.0)] {
        let ratio = ratio(&loads.iter().map(|load| load.rate).collect::<Vec<_>>());
        bench.report.row(Row::new(
            "accept-64",
            format!("rate / CUPS {name}"),
            (ratio.p50(), "x"),
            Bound::AtLeast(least),
            format!("{} x; CUPS {} jobs/s", ratio.spread(), rates(loads).spread()),
        ));
    }
    Ok(())
}

/// 64 clients, a slow disk.
///
/// # Errors
/// Something does not run.
pub fn slow_disk(bench: &mut Bench) -> Fallible<()> {
    let (rounds, time) =
        if bench.quick { (2, Duration::from_millis(700)) } else { (5, Duration::from_millis(1500)) };
    let until = Until { time, count: ACTIVE_MAX - warm_up(CLIENTS as u64) - CLIENTS as u64 };
    let (mut ratios, mut rates, mut p99s, mut p50s) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut cpu = Vec::new();
    for _ in 0..rounds {
        // The disk's own flush, and the delay on top: as the daemon's store has it.
        let flush =
            RawFile::create(bench.dir(), &Slip::raw().document)?.for_time(Duration::from_millis(200))?;
        let flush_ms = SLOW_FLUSH.as_secs_f64() * 1e3 + flush.p50() / 1e3;
        let (load, cost) = ours(SLOW_FLUSH, until)?;
        cpu.push(cost);
        ratios.push(load.rate * flush_ms / 1e3);
        rates.push(load.rate);
        p99s.push(load.times.p99() / 1e3 / flush_ms);
        p50s.push(load.times.p50() / 1e3);
    }
    let (ratio, p99) = (Samples::new(ratios), Samples::new(p99s));
    bench.report.row(Row::new(
        "accept-slow",
        "5 ms flushes: rate / flush rate",
        (ratio.p50(), "x"),
        Bound::AtLeast(40.0),
        format!(
            "{} x; {} jobs/s, p50 {} ms, daemon's CPU {} us/job",
            ratio.spread(),
            Samples::new(rates).spread(),
            Samples::new(p50s).spread(),
            Samples::new(cpu).spread()
        ),
    ));
    bench.report.row(Row::new(
        "accept-slow",
        "5 ms flushes: p99 / flush",
        (p99.p50(), "x"),
        Bound::AtMost(4.0),
        p99.spread(),
    ));
    Ok(())
}
