//! tmp
mod common;
use common::*;
use std::io::Write;
#[test]
fn t() {
    for sb in [4096usize, 16384, 32768, 65536, 131072, 262144] {
        for size in [4096usize, 65536] {
        let mut c = model("gsr-only-80").roll(f64::INFINITY);
        c.socket_buffer = sb; c.keep_paper=false; c.model.buffer_bytes = size;
        let p = start(c);
        let mut s = connect(&p);
        let t = std::time::Instant::now();
        let d = b"xxxxxxxxxxxxxxxxxxxxxxxxx\n".repeat(1<<16);
        s.write_all(&d).unwrap();
        p.wait_for(|s| s.bytes == d.len() as u64 && s.idle, PATIENCE).unwrap();
        let plain = t.elapsed();
        p.fault(virtual_printer::Fault::CoverOpen);
        s.set_write_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
        let mut n = 0; while let Ok(k) = s.write(&d) { n += k; }
        let t = std::time::Instant::now();
        p.fault(virtual_printer::Fault::CoverClose);
        let r = p.wait_for(|s| s.bytes == (d.len() + n) as u64 && s.idle, PATIENCE);
        eprintln!("sockbuf {sb} buf {size}: plain {plain:?}; blocked {n} then {:?} {}", t.elapsed(), r.is_ok());
        }
    }
}
