//! What can happen to a printer, and that it is deterministic.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
use common::{CUT, PATIENCE, ask, connect, model, process_id, process_id_answer, read_exact, start};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use virtual_printer::{Fault, Model, Speed, Trigger, What, When};

#[test]
fn after_paper_end_in_a_job_the_rest_comes_after_reload_and_so_does_the_id() {
    let printer = start(model("epson-tm-t88vi").when(Trigger::at(When::Line(3), Fault::PaperEnd)));
    let mut stream = connect(&printer);
    let job: Vec<u8> = (1..=10).flat_map(|i| format!("line {i}\n").into_bytes()).collect();
    stream.write_all(&[job.as_slice(), &process_id(b"ABCD")].concat()).unwrap();
    let stopped = printer.wait_for(|s| s.paper_end && s.buffer_used > 0 || s.lines > 3, PATIENCE).unwrap();
    assert_eq!((stopped.lines, stopped.online), (3, false));
    assert_eq!(ask(&mut stream, &[0x10, 4, 4]), 0x7E);
    assert_eq!(printer.snapshot().lines, 3);
    printer.fault(Fault::LoadPaper { mm: None });
    assert_eq!(read_exact(&mut stream, 7), process_id_answer(b"ABCD"));
    let want: String = (1..=10).map(|i| format!("line {i}\n")).collect();
    assert_eq!(printer.paper_text(), want);
}

#[test]
fn a_short_roll_ends_by_itself() {
    // 100 mm are 800 rows: 27 lines of 30 rows reach its end.
    let printer = start(model("gsr-only-80").roll(100.0));
    let mut stream = connect(&printer);
    stream.write_all(&b"x\n".repeat(40)).unwrap();
    let s = printer.wait_for(|s| s.paper_end, PATIENCE).unwrap();
    assert_eq!((s.lines, s.paper_mm), (27, 0.0));
    printer.fault(Fault::LoadPaper { mm: None });
    printer.wait_for(|s| s.lines == 40, PATIENCE).unwrap();
}

#[test]
fn a_full_buffer_blocks_the_sender_until_the_printer_goes_on() {
    let printer = start(model("gsr-only-80").roll(f64::INFINITY));
    printer.fault(Fault::CoverOpen);
    let mut stream = connect(&printer);
    stream.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    // NULs cost the printer nothing: what is measured is the way in.
    let nuls = [0u8; 65_536];
    let mut sent = 0usize;
    // The kernel takes some of it on both sides; far less than this.
    let error = loop {
        match stream.write(&nuls) {
            Ok(n) => sent += n,
            Err(e) => break e,
        }
        assert!(sent < 64 << 20, "the sender never blocked");
    };
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    let s = printer.snapshot();
    assert_eq!((s.bytes, s.buffer_free, s.lines), (4096, 0, 0));
    printer.fault(Fault::CoverClose);
    stream.write_all(b"and on it goes\n").unwrap();
    printer.wait_for(|s| s.lines == 1, PATIENCE).unwrap();
    assert_eq!(printer.snapshot().bytes, sent as u64 + 15);
}

#[test]
fn power_off_loses_the_buffers_but_not_the_paper() {
    let printer = start(model("epson-tm-t88vi").when(Trigger::at(When::Line(2), Fault::PowerOff)));
    let mut stream = connect(&printer);
    stream.write_all(b"\x1da\x0eone\ntwo\nthree\nfour\n").unwrap();
    printer.wait_for(|s| !s.power, PATIENCE).unwrap();
    // The connection was reset; what was sent before may still be read.
    let mut sink = Vec::new();
    let end = stream.read_to_end(&mut sink);
    assert!(matches!(&end, Err(e) if e.kind() == ErrorKind::ConnectionReset), "{end:?}");
    printer.fault(Fault::PowerOff);
    assert_eq!(TcpStream::connect(printer.addr()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    printer.fault(Fault::PowerOn);
    let mut again = connect(&printer);
    // ASB is off again: the first byte is the answer asked for.
    printer.fault(Fault::CoverOpen);
    printer.fault(Fault::CoverClose);
    assert_eq!(ask(&mut again, &[0x10, 4, 1]), 0x16);
    again.write_all(b"five\n").unwrap();
    printer.wait_for(|s| s.lines == 3, PATIENCE).unwrap();
    assert_eq!(printer.paper_text(), "one\ntwo\nfive\n");
    assert!(printer.events().iter().any(|e| matches!(e.what, What::Power { on: false, .. })));
}

#[test]
fn power_lost_in_the_middle_of_a_line_leaves_a_torn_line() {
    // One line of 240 rows takes 3 s; the power goes after it began.
    let mut config = model("epson-tm-t88vi").speed(Speed::MmPerSecond(10.0));
    config.script.push(Trigger { when: When::Line(1), fault: Fault::PowerOff, after_ms: 300 });
    let printer = start(config);
    let mut stream = connect(&printer);
    stream.write_all(b"\x1b3\x08a\n\x1b3\xf0torn\n").unwrap();
    printer.wait_for(|s| !s.power, PATIENCE).unwrap();
    printer.wait_for(|s| s.strips == 2, PATIENCE).unwrap();
    let torn = printer.events().into_iter().find_map(|e| match e.what {
        What::Torn { dots, text } => Some((dots, text)),
        _ => None,
    });
    let (dots, text) = torn.unwrap();
    assert!((10..240).contains(&dots) && text == "torn", "{dots} {text}");
    assert_eq!(printer.snapshot().lines, 1);
}

#[test]
fn a_cutter_jam_stops_the_printer_until_it_is_cleared() {
    let printer = start(model("epson-tm-t88vi").when(Trigger::at(When::Cut(1), Fault::CutterJam)));
    let mut stream = connect(&printer);
    stream
        .write_all(&[b"body\n", process_id(b"BODY").as_slice(), CUT, &process_id(b"CUTS")].concat())
        .unwrap();
    assert_eq!(read_exact(&mut stream, 7), process_id_answer(b"BODY"));
    printer.wait_for(|s| s.cutter_error, PATIENCE).unwrap();
    assert_eq!(ask(&mut stream, &[0x10, 4, 3]), 0x1A);
    // Recovery without removing the cause fails again.
    stream.write_all(&[0x10, 5, 1]).unwrap();
    let jams = |events: Vec<virtual_printer::Event>| {
        events
            .iter()
            .filter(|e| matches!(&e.what, What::Error { kind, on: true } if kind == "cutter"))
            .count()
    };
    printer.wait_for(|s| s.cutter_error && s.events >= 8, PATIENCE).unwrap();
    printer.fault(Fault::CutterClear);
    assert_eq!(read_exact(&mut stream, 7), process_id_answer(b"CUTS"));
    assert_eq!((jams(printer.events()), printer.snapshot().cuts), (2, 1));
}

#[test]
fn a_hot_head_pauses_and_goes_on_by_itself() {
    let printer = start(model("epson-tm-t88vi").when(Trigger::at(When::Line(1), Fault::Overheat { ms: 80 })));
    let mut stream = connect(&printer);
    stream.write_all(b"one\ntwo\n").unwrap();
    printer.wait_for(|s| s.lines == 2 && !s.head_hot, PATIENCE).unwrap();
    let times: Vec<u64> =
        printer.events().iter().filter(|e| matches!(e.what, What::Line { .. })).map(|e| e.t_us).collect();
    assert!(times[1] - times[0] >= 80_000, "{times:?}");
}

#[test]
fn a_fault_at_byte_n_strikes_before_the_next_byte_is_read() {
    for n in [1u64, 5, 6, 12] {
        let printer =
            start(model("epson-tm-t88vi").when(Trigger::at(When::Byte(n), Fault::Stall { on: true })));
        let mut stream = connect(&printer);
        stream.write_all(b"line1\nline2\nline3\n").unwrap();
        printer.wait_for(|s| s.bytes == n && s.idle, PATIENCE).unwrap();
        printer.fault(Fault::Stall { on: false });
        printer.wait_for(|s| s.lines == 3, PATIENCE).unwrap();
        let events = printer.events();
        let fault = events.iter().position(|e| matches!(e.what, What::Fault { .. })).unwrap();
        assert!(events[..fault].iter().all(|e| e.line == 0), "byte {n}");
    }
}

#[test]
fn the_power_can_go_between_the_last_line_and_its_process_id() {
    let printer = start(model("epson-tm-t88vi").when(Trigger::at(When::ProcessIdReply(1), Fault::PowerOff)));
    let mut stream = connect(&printer);
    stream.write_all(&[b"line\n", process_id(b"ABCD").as_slice()].concat()).unwrap();
    let mut got = Vec::new();
    assert!(stream.read_to_end(&mut got).is_err() && got.is_empty());
    let s = printer.snapshot();
    assert_eq!((s.lines, s.process_ids), (1, 0));
}

#[test]
fn a_reset_connection_is_a_reset_and_printing_goes_on() {
    let printer = start(
        model("epson-tm-t88vi")
            .speed(Speed::MmPerSecond(200.0))
            .when(Trigger::at(When::Line(1), Fault::ResetConnection)),
    );
    let mut stream = connect(&printer);
    stream.write_all(b"one\ntwo\nthree\n").unwrap();
    let end = stream.read_to_end(&mut Vec::new());
    assert!(matches!(&end, Err(e) if e.kind() == ErrorKind::ConnectionReset), "{end:?}");
    printer.wait_for(|s| s.lines == 3, PATIENCE).unwrap();
}

#[test]
fn a_second_connection_waits_or_is_refused_as_the_model_says() {
    let printer = start(model("epson-tm-t88vi"));
    let mut first = connect(&printer);
    first.write_all(b"first\n").unwrap();
    let mut second = connect(&printer);
    second.write_all(b"second\n\x10\x04\x01").unwrap();
    printer.wait_for(|s| s.connections == 2 && s.lines == 1, PATIENCE).unwrap();
    first.write_all(b"first again\n").unwrap();
    printer.wait_for(|s| s.lines == 2, PATIENCE).unwrap();
    drop(first);
    assert_eq!(read_exact(&mut second, 1), [0x16]);
    printer.wait_for(|s| s.lines == 3, PATIENCE).unwrap();
    assert_eq!(printer.paper_text(), "first\nfirst again\nsecond\n");

    let printer = start(model("xprinter-xp-s260m"));
    let mut first = connect(&printer);
    assert_eq!(ask(&mut first, &[0x10, 4, 1]), 0x16);
    let mut second = connect(&printer);
    assert_eq!(second.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn a_job_cut_off_in_a_raster_swallows_the_beginning_of_the_next_one() {
    let printer = start(model("epson-tm-t88vi"));
    let mut stream = connect(&printer);
    stream.write_all(b"\x1dv0\x00\x02\x00\x04\x00\xff\xff").unwrap();
    drop(stream);
    printer.wait_for(|s| s.connected.is_none() && s.idle, PATIENCE).unwrap();
    connect(&printer).write_all(b"123456next\n").unwrap();
    printer.wait_for(|s| s.lines == 1, PATIENCE).unwrap();
    assert_eq!(printer.paper_text(), "[image 16x4]\nnext\n");
}

#[test]
fn jobs_are_told_apart_by_their_marker_until_the_cut() {
    let mut config = model("epson-tm-t88vi");
    config.job_marker = Some("JOB:".into());
    let printer = start(config);
    let mut stream = connect(&printer);
    stream.write_all(&[b"head\nno JOB:A-1 x\nbody\n", CUT, b"JOB:B\n", CUT].concat()).unwrap();
    printer.wait_for(|s| s.cuts == 2, PATIENCE).unwrap();
    let jobs: Vec<Option<String>> = printer
        .events()
        .into_iter()
        .filter(|e| matches!(e.what, What::Line { .. } | What::Cut { .. }))
        .map(|e| e.job)
        .collect();
    let want = [None, Some("A-1"), Some("A-1"), Some("A-1"), Some("B"), Some("B")];
    assert_eq!(jobs, want.map(|j| j.map(str::to_string)));
}

#[test]
fn the_log_has_no_gaps_and_counts_the_raw_bytes_of_each_connection() {
    let printer = start(model("epson-tm-t88vi"));
    connect(&printer).write_all(b"one\n\x1b\x01\x1b@").unwrap();
    printer.wait_for(|s| s.connections == 1 && s.connected.is_none() && s.idle, PATIENCE).unwrap();
    let events = printer.events();
    assert!(events.iter().zip(1..).all(|(e, n)| e.seq == n));
    assert!(events.iter().any(|e| matches!(e.what, What::Disconnect { id: 1, bytes: 8, .. })), "{events:?}");
    assert!(
        events.iter().any(|e| matches!(&e.what, What::Unknown { hex, offset: 4 } if hex == "1b01")),
        "{events:?}"
    );
}

#[test]
fn hours_of_status_questions_do_not_fill_the_buffer_of_a_stopped_printer() {
    let printer = start(model("gsr-only-80"));
    printer.fault(Fault::CoverOpen);
    let mut stream = connect(&printer);
    for _ in 0..2000 {
        assert_eq!(ask(&mut stream, &[0x10, 4, 2]), 0x16);
    }
}

#[test]
fn every_model_prints_a_line() {
    for m in Model::all().unwrap() {
        let printer = start(virtual_printer::Config::for_model(m));
        connect(&printer).write_all(b"hello\n").unwrap();
        printer.wait_for(|s| s.lines == 1, PATIENCE).unwrap();
        assert_eq!(printer.paper_text(), "hello\n");
    }
}
