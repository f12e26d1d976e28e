//! The same over USB: from the call to the first byte, and a head of 250 mm/s that must not wait. Where there is no USB
//! device controller (a board's own, or `dummy_hcd`), `make bench-usb` has one in its virtual machine.

use std::path::Path;
use std::time::{Duration, Instant};

use receiptd_system_tests::Shop;
use virtual_printer::{Config, Fault, Handle, Speed, UsbConfig, VirtualPrinter};

use crate::load::Submit as _;
use crate::print::{MODEL, PATIENCE, VOUCHED};
use crate::raw::RawFile;
use crate::report::{Bound, Row};
use crate::slip::Slip;
use crate::socket::SocketClient;
use crate::stats::{Samples, short};
use crate::{Bench, Fallible};

/// Slips to the head: some 40 s of printing.
const QUEUED: u64 = 50;

/// What the first byte may take beyond one flush, us.
const BEYOND_FLUSH_US: f64 = 5_000.0;

/// Why there is no USB here.
fn missing() -> Option<&'static str> {
    let controllers = std::fs::read_dir("/sys/class/udc").map(|mut all| all.next().is_some());
    let there = Path::new("/sys/kernel/config/usb_gadget").exists() && controllers.unwrap_or(false);
    (!there).then_some("no USB device controller here; make bench-usb has one in a virtual machine")
}

/// A printer on USB with a daemon that has it ready.
fn ready(speed: Speed) -> Fallible<(Handle, Shop, SocketClient)> {
    let mut config = Config::new(MODEL)?.speed(speed).roll(f64::INFINITY);
    config.usb = Some(UsbConfig::default());
    config.keep_paper = false;
    config.keep_log = false;
    config.model.cutter_ms = 1;
    let printer = VirtualPrinter::start(config)?;
    let sections = format!(
        "[jobs]\nactive-per-user-max = 20000\n[log]\nlevel = \"warn\"\n\
         [[printer]]\nname = \"till\"\nconnect = \"usb\"\n{VOUCHED}"
    );
    let mut shop = Shop::new(&[], &sections)?;
    shop.start()?;
    let mut client = SocketClient::connect(&shop.socket(), &Slip::raw())?;
    // The first slip waits for the session with the printer.
    client.submit(0)?;
    printer.wait_for(|s| s.cuts >= 1 && s.idle, PATIENCE)?;
    Ok((printer, shop, client))
}

/// From the call to the first byte at the printer.
///
/// # Errors
/// Something does not run.
pub fn first_byte(bench: &mut Bench) -> Fallible<()> {
    if let Some(why) = missing() {
        bench.report.skip("usb-first-byte", why);
        return Ok(());
    }
    let count = if bench.quick { 30 } else { 200 };
    let (printer, _shop, mut client) = ready(Speed::Max)?;
    let mut raw = RawFile::create(bench.dir(), &Slip::raw().document)?;
    let (mut flushes, mut accepted, mut first) = (Vec::new(), Vec::new(), Vec::new());
    for number in 1..=count {
        // Until the record of the slip before is written and everything is quiet.
        std::thread::sleep(Duration::from_millis(50));
        flushes.push(raw.append()?);
        let before = printer.snapshot().bytes;
        let byte = std::thread::scope(|scope| -> Fallible<Duration> {
            let arrives =
                scope.spawn(|| printer.wait_for(|s| s.bytes > before, PATIENCE).map(|_| Instant::now()));
            let begin = Instant::now();
            client.submit(number)?;
            accepted.push(begin.elapsed());
            let arrived = arrives.join().map_err(|_| "the printer's watcher ended badly")??;
            Ok(arrived.duration_since(begin))
        })?;
        first.push(byte);
        printer.wait_for(|s| s.cuts > number && s.idle, PATIENCE)?;
    }
    let (flush, accepted, first) =
        (Samples::micros(flushes), Samples::micros(accepted), Samples::micros(first));
    bench.report.row(Row::new(
        "usb",
        "call to first byte at the printer on USB, p50",
        (first.p50(), "us"),
        Bound::AtMost(flush.p50() + BEYOND_FLUSH_US),
        format!(
            "flush p50 {} us ({} flushes), answer p50 {} us; p99 {} us",
            short(flush.p50()),
            short(first.p50() / flush.p50()),
            short(accepted.p50()),
            short(first.p99())
        ),
    ));
    Ok(())
}

/// Slips to a real head.
///
/// # Errors
/// Something does not run.
pub fn head(bench: &mut Bench) -> Fallible<()> {
    if let Some(why) = missing() {
        bench.report.skip("usb-head", why);
        return Ok(());
    }
    let count = if bench.quick { 8 } else { QUEUED };
    let (printer, _shop, mut client) = ready(Speed::MmPerSecond(250.0))?;
    // They are queued before the head begins.
    printer.fault(Fault::CoverOpen);
    for number in 1..=count {
        client.submit(number)?;
    }
    let before = printer.snapshot();
    printer.fault(Fault::CoverClose);
    let first = printer.wait_for(|s| s.strips > before.strips, PATIENCE)?;
    let end = printer.wait_for(|s| s.cuts > count && s.idle, PATIENCE * 2)?;
    // Without the slip before, and without the time in which the cover was open.
    let busy = (end.head_busy - first.head_busy).as_secs_f64();
    let span = (end.head_span - first.head_span).as_secs_f64();
    bench.report.row(Row::new(
        "usb",
        "head of a 250 mm/s printer on USB: share of the time at work",
        (busy / span * 100.0, "%"),
        Bound::AtLeast(97.0),
        format!("{count} queued slips, {span:.1} s from first to last line, cuts of 1 ms"),
    ));
    Ok(())
}
