//! At infinite speed the printer must not be what a benchmark measures.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
use common::{CUT, PATIENCE, connect, model, process_id, read_exact, start};
use std::io::Write;
use std::time::Instant;

fn receipt() -> Vec<u8> {
    let mut out = b"\x1b@\x1ba\x01SHOP\n\x1ba\x00".to_vec();
    for i in 0..8 {
        out.extend(format!("item {i}                    1 x 12.50\n").into_bytes());
    }
    out.extend(CUT);
    out
}

#[test]
fn small_receipts_stream_at_more_than_5000_a_second() {
    const N: usize = 20_000;
    let mut config = model("epson-tm-t88vi").roll(f64::INFINITY);
    (config.keep_paper, config.log_limit) = (false, 1000);
    let printer = start(config);
    let mut stream = connect(&printer);
    let batch = receipt().repeat(100);
    let began = Instant::now();
    for _ in 0..N / 100 {
        stream.write_all(&batch).unwrap();
    }
    printer.wait_for(|s| s.cuts == N as u64, PATIENCE).unwrap();
    let rate = N as f64 / began.elapsed().as_secs_f64();
    eprintln!("streamed: {rate:.0} receipts/s");
    // Unoptimised builds on a loaded machine are no measure; a tenth of it is still far from a stall.
    assert!(rate > if cfg!(debug_assertions) { 500.0 } else { 5000.0 }, "{rate}");
}

#[test]
fn a_host_that_waits_for_each_process_id_is_not_held_up() {
    const N: usize = 3000;
    let mut config = model("epson-tm-t88vi").roll(f64::INFINITY);
    (config.keep_paper, config.log_limit) = (false, 1000);
    let printer = start(config);
    let mut stream = connect(&printer);
    let job = [receipt(), process_id(b"ABCD")].concat();
    let began = Instant::now();
    for _ in 0..N {
        stream.write_all(&job).unwrap();
        read_exact(&mut stream, 7);
    }
    let rate = N as f64 / began.elapsed().as_secs_f64();
    eprintln!("one at a time: {rate:.0} receipts/s");
    assert!(rate > 300.0, "{rate}");
}
