//! What the printer answers, and when.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
use common::{CLEAR, CUT, PATIENCE, ask, connect, model, process_id, process_id_answer, read_exact, start};
use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};
use virtual_printer::{Answer, Fault, Speed, What};

/// Everything that was sent so far has been read and carried out, and nothing was answered.
fn assert_silent(stream: &mut std::net::TcpStream) {
    stream.set_nonblocking(true).unwrap();
    let mut byte = [0];
    let got = stream.read(&mut byte);
    assert!(matches!(&got, Err(e) if e.kind() == ErrorKind::WouldBlock), "{got:?} {byte:?}");
    stream.set_nonblocking(false).unwrap();
}

#[test]
fn dle_eot_inside_a_raster_is_carried_out_and_the_image_keeps_its_bytes() {
    let printer = start(model("epson-tm-t88vi"));
    let mut stream = connect(&printer);
    let mut raster = b"\x1dv0\x00\x04\x00\x18\x00".to_vec();
    raster.extend([0x10, 0x04, 0x01, 0xFF]);
    stream.write_all(&raster).unwrap();
    // The image is not complete, and yet there is an answer.
    assert_eq!(read_exact(&mut stream, 1), [0x16]);
    stream.write_all(&[0xAA; 92]).unwrap();
    stream.write_all(b"after\n").unwrap();
    printer.wait_for(|s| s.lines == 1, PATIENCE).unwrap();
    assert_eq!(printer.paper_text(), "[image 32x24]\nafter\n");
}

#[test]
fn dle_eot_tells_each_condition() {
    let printer = start(model("epson-tm-t88vi"));
    let mut stream = connect(&printer);
    let mut all = || [1, 2, 3, 4].map(|n| ask(&mut stream, &[0x10, 4, n]));
    assert_eq!(all(), [0x16, 0x12, 0x12, 0x12]);
    printer.fault(Fault::CoverOpen);
    assert_eq!(all(), [0x1E, 0x16, 0x12, 0x12]);
    printer.fault(Fault::CoverClose);
    printer.fault(Fault::PaperEnd);
    assert_eq!(all(), [0x1E, 0x32, 0x12, 0x7E]);
    printer.fault(Fault::LoadPaper { mm: Some(1000.0) });
    assert_eq!(all(), [0x16, 0x12, 0x12, 0x1E]);
    printer.fault(Fault::LoadPaper { mm: None });
    printer.fault(Fault::Overheat { ms: 600_000 });
    assert_eq!(all(), [0x1E, 0x52, 0x52, 0x12]);
}

#[test]
fn a_process_id_comes_only_after_the_lines_before_it_came_off_the_head() {
    // 20 lines of 30 dots at 500 mm/s are 150 ms.
    let printer = start(model("epson-tm-t88vi").speed(Speed::MmPerSecond(500.0)));
    let mut stream = connect(&printer);
    let began = Instant::now();
    let mut job = b"line\n".repeat(20);
    job.extend(process_id(b"ABCD"));
    job.extend(CUT);
    job.extend(process_id(b"EFGH"));
    stream.write_all(&job).unwrap();
    assert_eq!(read_exact(&mut stream, 7), process_id_answer(b"ABCD"));
    assert!(began.elapsed() >= Duration::from_millis(150));
    let snapshot = printer.snapshot();
    assert_eq!((snapshot.lines, snapshot.cuts), (20, 0));
    assert_eq!(read_exact(&mut stream, 7), process_id_answer(b"EFGH"));
    assert_eq!(printer.snapshot().cuts, 1);
    let order: Vec<u64> = printer
        .events()
        .iter()
        .filter(|e| matches!(e.what, What::Line { .. } | What::ProcessId { .. } | What::Cut { .. }))
        .map(|e| e.line)
        .collect();
    assert_eq!(order[..20], (1..=20).collect::<Vec<u64>>()[..]);
    assert_eq!(order[20..], [20, 20, 20]);
}

#[test]
fn the_head_keeps_its_speed_without_drift_and_is_busy_all_the_time() {
    let printer = start(model("epson-tm-t88vi").speed(Speed::MmPerSecond(400.0)));
    let mut stream = connect(&printer);
    // 100 lines of 30 dots: 375 mm, 937.5 ms.
    stream.write_all(&b"x\n".repeat(100)).unwrap();
    let s = printer.wait_for(|s| s.lines == 100, PATIENCE).unwrap();
    assert_eq!(s.head_busy.as_micros(), 937_500);
    assert!(s.head_utilisation() > 0.98, "{}", s.head_utilisation());
}

#[test]
fn asb_comes_at_once_and_then_on_each_change_that_was_asked_for() {
    let printer = start(model("epson-tm-t88vi"));
    let mut stream = connect(&printer);
    stream.write_all(b"\x1da\x0e").unwrap();
    assert_eq!(read_exact(&mut stream, 4), [0x14, 0, 0, 0x0F]);
    printer.fault(Fault::PaperEnd);
    assert_eq!(read_exact(&mut stream, 4), [0x1C, 0, 0x0F, 0x0F]);
    printer.fault(Fault::LoadPaper { mm: None });
    assert_eq!(read_exact(&mut stream, 4), [0x14, 0, 0, 0x0F]);
    printer.fault(Fault::CoverOpen);
    assert_eq!(read_exact(&mut stream, 4), [0x3C, 0, 0, 0x0F]);
    printer.fault(Fault::CoverClose);
    assert_eq!(read_exact(&mut stream, 4), [0x14, 0, 0, 0x0F]);
    stream.write_all(b"\x1da\x00").unwrap();
    printer.wait_for(|s| s.bytes == 6 && s.idle, PATIENCE).unwrap();
    printer.fault(Fault::CoverOpen);
    assert_silent(&mut stream);
}

#[test]
fn gs_r_is_not_answered_without_paper_and_comes_after_reload() {
    let printer = start(model("gsr-only-80"));
    let mut stream = connect(&printer);
    assert_eq!(ask(&mut stream, b"\x1dr\x01"), 0);
    printer.fault(Fault::PaperEnd);
    stream.write_all(b"\x1dr\x01").unwrap();
    // The status that overtakes shows that the request has been received, and stays without an answer.
    assert_eq!(ask(&mut stream, &[0x10, 4, 1]), 0x1E);
    assert_silent(&mut stream);
    assert_eq!(printer.snapshot().buffer_used, 3);
    printer.fault(Fault::LoadPaper { mm: None });
    assert_eq!(read_exact(&mut stream, 1), [0]);
}

#[test]
fn identity_and_counters_are_blocks_ended_by_nul() {
    let printer = start(model("epson-tm-t88vi"));
    let mut stream = connect(&printer);
    stream.write_all(b"\x1dI\x01\x1dIB\x1dIC").unwrap();
    assert_eq!(read_exact(&mut stream, 1 + 7 + 10), b"\x20_EPSON\x00_TM-T88VI\x00");
    stream
        .write_all(&[&b"x\n".repeat(30)[..], CUT, b"\x1dg2\x00\x94\x00\x1dg2\x00\xb2\x00"].concat())
        .unwrap();
    // 30 lines of 30 dots and 112 dots to the cutter: 33 lines.
    assert_eq!(read_exact(&mut stream, 4 + 3), b"_33\x00_1\x00");
}

#[test]
fn clear_drops_what_is_not_printed_and_says_so_after() {
    let printer = start(model("epson-tm-t88vi"));
    let mut stream = connect(&printer);
    stream.write_all(b"kept\n").unwrap();
    printer.wait_for(|s| s.lines == 1, PATIENCE).unwrap();
    printer.fault(Fault::PaperEnd);
    stream.write_all(b"lost\nhalf a line").unwrap();
    stream.write_all(CLEAR).unwrap();
    assert_eq!(read_exact(&mut stream, 3), [0x37, 0x25, 0]);
    printer.fault(Fault::LoadPaper { mm: None });
    stream.write_all(b"new\n").unwrap();
    printer.wait_for(|s| s.lines == 2, PATIENCE).unwrap();
    assert_eq!(printer.paper_text(), "kept\nnew\n");
}

#[test]
fn the_liar_answers_before_anything_is_printed() {
    let printer = start(model("liar-80"));
    printer.fault(Fault::PaperEnd);
    let mut stream = connect(&printer);
    stream.write_all(&[b"line\n", process_id(b"ABCD").as_slice()].concat()).unwrap();
    assert_eq!(read_exact(&mut stream, 7), process_id_answer(b"ABCD"));
    assert_eq!(ask(&mut stream, b"\x1dr\x01"), 0x0F);
    assert_eq!(printer.snapshot().lines, 0);
    printer.fault(Fault::LoadPaper { mm: None });
    printer.wait_for(|s| s.lines == 1 && s.idle, PATIENCE).unwrap();
    assert_silent(&mut stream);
}

#[test]
fn the_mute_model_prints_and_never_answers() {
    let printer = start(model("zj-58-mute"));
    let mut stream = connect(&printer);
    let mut job = b"line\n\x10\x04\x01\x1dr\x01\x1da\xff\x1dI\x01\x1dg2\x00\x94\x00".to_vec();
    job.extend(process_id(b"ABCD"));
    job.extend(CLEAR);
    job.extend(b"end\n");
    stream.write_all(&job).unwrap();
    printer.wait_for(|s| s.lines == 2 && s.idle, PATIENCE).unwrap();
    printer.fault(Fault::PaperEnd);
    assert_silent(&mut stream);
    assert_eq!(printer.paper_text(), "line\nend\n");
}

#[test]
fn answers_can_be_dropped_delayed_replaced_and_stale() {
    let printer = start(model("epson-tm-t88vi"));
    printer.fault(Fault::StaleBytes { hex: "3722414243".into() });
    let mut stream = connect(&printer);
    assert_eq!(read_exact(&mut stream, 5), b"\x37\x22ABC");
    printer.fault(Fault::DropReplies { n: 1 });
    stream.write_all(&[0x10, 4, 4, 0x10, 4, 1]).unwrap();
    assert_eq!(read_exact(&mut stream, 1), [0x16]);
    printer.fault(Fault::DelayReplies { ms: 60 });
    let began = Instant::now();
    stream.write_all(&[0x10, 4, 1, 0x10, 4, 2]).unwrap();
    assert_eq!(read_exact(&mut stream, 2), [0x16, 0x12]);
    assert!(began.elapsed() >= Duration::from_millis(60));
    printer.fault(Fault::DelayReplies { ms: 0 });
    printer.fault(Fault::Garbage { hex: "deadbeef".into() });
    stream.write_all(&[0x10, 4, 1]).unwrap();
    assert_eq!(read_exact(&mut stream, 4), [0xDE, 0xAD, 0xBE, 0xEF]);
    printer.fault(Fault::Garbage { hex: String::new() });
    printer.fault(Fault::Mute { on: true });
    stream.write_all(&[0x10, 4, 1]).unwrap();
    stream.write_all(b"seen\n").unwrap();
    printer.wait_for(|s| s.lines == 1, PATIENCE).unwrap();
    printer.fault(Fault::Mute { on: false });
    assert_eq!(ask(&mut stream, &[0x10, 4, 2]), 0x12);
}

#[test]
fn xoff_and_xon_frame_being_offline() {
    let printer = start(model("epson-tm-t88vi"));
    printer.fault(Fault::Xonxoff { on: true });
    let mut stream = connect(&printer);
    printer.wait_for(|s| s.connected.is_some(), PATIENCE).unwrap();
    printer.fault(Fault::CoverOpen);
    printer.fault(Fault::CoverClose);
    assert_eq!(read_exact(&mut stream, 2), [0x13, 0x11]);
}

#[test]
fn a_process_id_due_while_nobody_listens_is_kept_where_the_model_keeps_it() {
    let printer = start(model("epson-tm-t88vi"));
    printer.fault(Fault::CoverOpen);
    let mut stream = connect(&printer);
    stream.write_all(&[b"line\n", process_id(b"ABCD").as_slice()].concat()).unwrap();
    printer.wait_for(|s| s.buffer_used == 16, PATIENCE).unwrap();
    drop(stream);
    printer.wait_for(|s| s.connected.is_none(), PATIENCE).unwrap();
    printer.fault(Fault::CoverClose);
    printer.wait_for(|s| s.lines == 1 && s.idle, PATIENCE).unwrap();
    let mut again = connect(&printer);
    assert_eq!(read_exact(&mut again, 7), process_id_answer(b"ABCD"));
}

#[test]
fn models_answer_process_ids_as_their_data_says() {
    for m in virtual_printer::Model::all().unwrap() {
        let answers = m.process_id != Answer::None;
        let printer = start(virtual_printer::Config::for_model(m));
        let mut stream = connect(&printer);
        stream.write_all(&[b"x\n", process_id(b"LMNO").as_slice(), b"y\n"].concat()).unwrap();
        let s = printer.wait_for(|s| s.lines == 2, PATIENCE).unwrap();
        assert_eq!(s.process_ids, u64::from(answers), "{}", s.model);
    }
}
