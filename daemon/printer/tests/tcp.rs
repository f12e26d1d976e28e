//! The TCP road against a peer on this machine, on a single-threaded runtime. The peer is plain blocking code;
//! where it would wait, it does so on a thread of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use receiptd_core::ids::{JobId, PrinterIx, ProcessId, SessionId};
use receiptd_core::link::{Fence, LinkEvent, LinkFault, Part, Query, Reply};
use receiptd_printer::codec::encode;
use receiptd_printer::limits::{COMMANDS_MAX, READ_BYTES};
use receiptd_printer::session::{Event, EventSink, Link, SendError, Session, Slice, Tag, WireCommand};
use receiptd_printer::tcp::TcpLink;
use rustix::net::sockopt;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

const PRINTER: PrinterIx = PrinterIx(3);
const SESSION: SessionId = SessionId(11);
const ASB: [u8; 4] = [0x1C, 0x00, 0x0F, 0x00];

struct Bench {
    session: Session,
    events: mpsc::Receiver<Event>,
    peer: TcpStream,
}

/// A peer that takes little before it is read from, like a printer.
fn listener() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    sockopt::set_socket_recv_buffer_size(&listener, 4096).unwrap();
    listener
}

fn open(address: &str, room: usize) -> (Session, mpsc::Receiver<Event>) {
    let (sender, events) = mpsc::channel(room);
    let link = TcpLink::new(PRINTER, address.parse().unwrap(), Handle::current());
    (link.with_connect_timeout(Duration::from_secs(30)).open(SESSION, EventSink::new(sender)), events)
}

impl Bench {
    async fn new(room: usize) -> Self {
        let listener = listener();
        let (session, mut events) = open(&listener.local_addr().unwrap().to_string(), room);
        assert_eq!(next(&mut events).await, LinkEvent::Opened);
        Self { session, events, peer: listener.accept().unwrap().0 }
    }
}

async fn next(events: &mut mpsc::Receiver<Event>) -> LinkEvent {
    let (printer, session, event) = events.recv().await.expect("an event");
    assert_eq!((printer, session), (PRINTER, SESSION));
    event
}

/// The events up to the end; the channel must close behind `Ended`, so that nothing can follow it.
async fn to_the_end(events: &mut mpsc::Receiver<Event>) -> Vec<LinkEvent> {
    let mut all = Vec::new();
    while let Some((_, _, event)) = events.recv().await {
        all.push(event);
    }
    let ends = all.iter().filter(|e| matches!(e, LinkEvent::Ended(_))).count();
    assert_eq!(ends, 1, "{all:?}");
    assert!(matches!(all.last(), Some(LinkEvent::Ended(_))), "{all:?}");
    all
}

fn tag(part: u16) -> Tag {
    Tag { job: JobId(5), attempt: 2, part: Part::Body(part) }
}

fn taken(part: u16) -> LinkEvent {
    LinkEvent::Taken { job: JobId(5), attempt: 2, part: Part::Body(part) }
}

fn write(part: u16, bytes: Vec<u8>) -> WireCommand {
    WireCommand::Write { tag: tag(part), bytes: vec![bytes.into()], fence: None }
}

/// More than all buffers between us and a peer that does not read.
fn huge() -> Vec<u8> {
    vec![b'x'; 16 << 20]
}

fn read_all(mut peer: TcpStream) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut got = Vec::new();
        peer.read_to_end(&mut got).unwrap();
        got
    })
}

/// Reads to the end of the connection, however it ends.
fn drain(mut peer: TcpStream) {
    let mut buffer = [0; 65536];
    while peer.read(&mut buffer).is_ok_and(|n| n > 0) {}
}

#[tokio::test]
async fn parts_fences_and_questions_arrive_in_order_byte_for_byte() {
    let mut bench = Bench::new(8).await;
    let peer = read_all(bench.peer);
    let body: Arc<[u8]> = (0..300_000_u32).map(|i| (i % 253) as u8).collect::<Vec<u8>>().into();
    let mut expected = Vec::new();
    bench.session.send(WireCommand::Ask(Query::AsbOn)).unwrap();
    expected.extend(encode(Query::AsbOn));
    bench.session.send(WireCommand::Resync).unwrap();
    expected.extend(vec![0; 8192]);
    for (part, range) in [0..1, 1..5000, 5000..5000, 5000..299_000, 299_000..300_000].into_iter().enumerate()
    {
        let part = u16::try_from(part).unwrap();
        let (query, fence) = if part % 2 == 0 {
            let id = ProcessId::new(u32::from(part));
            (Query::Echo(id), Fence::Echo(id))
        } else {
            (Query::PaperInOrder, Fence::PaperInOrder)
        };
        expected.extend_from_slice(&body[range.clone()]);
        expected.extend(encode(query));
        let bytes = vec![Slice::new(Arc::clone(&body), range).unwrap()];
        bench.session.send(WireCommand::Write { tag: tag(part), bytes, fence: Some(fence) }).unwrap();
    }
    let mut parts = Vec::new();
    while parts.len() < 5 {
        match next(&mut bench.events).await {
            LinkEvent::Progress { job, bytes } => assert!(job == JobId(5) && bytes <= 300_000),
            event => parts.push(event),
        }
    }
    assert_eq!(parts, (0..5).map(taken).collect::<Vec<_>>());
    drop(bench.session);
    assert_eq!(to_the_end(&mut bench.events).await, [LinkEvent::Ended(LinkFault::Closed)]);
    assert!(peer.join().unwrap() == expected);
}

#[tokio::test]
async fn a_printer_without_paper_is_heard_while_the_write_is_blocked() {
    let mut bench = Bench::new(8).await;
    let bytes = huge();
    let length = bytes.len();
    bench.session.send(write(0, bytes)).unwrap();
    // The write is under way when the first progress comes; the peer reads nothing, so it can't end.
    assert!(matches!(next(&mut bench.events).await, LinkEvent::Progress { .. }));
    bench.peer.write_all(&ASB).unwrap();
    loop {
        match next(&mut bench.events).await {
            LinkEvent::Progress { bytes, .. } => assert!(bytes < length as u64),
            event => break assert_eq!(event, LinkEvent::Reply(Reply::Asb(ASB))),
        }
    }
    // Paper is there again.
    let peer = read_all(bench.peer);
    loop {
        match next(&mut bench.events).await {
            LinkEvent::Progress { .. } => {}
            event => break assert_eq!(event, taken(0)),
        }
    }
    drop(bench.session);
    to_the_end(&mut bench.events).await;
    assert_eq!(peer.join().unwrap().len(), length);
}

#[tokio::test]
async fn a_reset_in_the_middle_of_a_part_ends_the_session_once_and_the_part_was_not_taken() {
    let mut bench = Bench::new(8).await;
    bench.session.send(write(0, huge())).unwrap();
    assert!(matches!(next(&mut bench.events).await, LinkEvent::Progress { .. }));
    sockopt::set_socket_linger(&bench.peer, Some(Duration::ZERO)).unwrap();
    drop(bench.peer);
    let events = to_the_end(&mut bench.events).await;
    assert_eq!(events.last(), Some(&LinkEvent::Ended(LinkFault::Lost)));
    assert!(!events.iter().any(|e| matches!(e, LinkEvent::Taken { .. })));
    assert_eq!(bench.session.send(WireCommand::Resync), Err(SendError::Ended));
}

#[tokio::test]
async fn what_the_printer_said_before_it_broke_off_is_told_first() {
    let echo = b"\x37\x22@Oao\x00";
    for reset in [false, true] {
        let mut bench = Bench::new(8).await;
        bench.session.send(write(0, huge())).unwrap();
        assert!(matches!(next(&mut bench.events).await, LinkEvent::Progress { .. }));
        // More than one read takes, so that the write fails while there is still something to be read.
        let mut said = ASB.repeat(READ_BYTES);
        said.extend(echo);
        bench.peer.write_all(&said).unwrap();
        if reset {
            sockopt::set_socket_linger(&bench.peer, Some(Duration::ZERO)).unwrap();
            drop(bench.peer);
        } else {
            bench.peer.shutdown(Shutdown::Write).unwrap();
        }
        let events = to_the_end(&mut bench.events).await;
        let end = [LinkEvent::Reply(Reply::Echo(*b"@Oao")), LinkEvent::Ended(LinkFault::Lost)];
        assert!(events.ends_with(&end), "reset: {reset}, {events:?}");
    }
}

#[tokio::test]
async fn a_printer_that_half_closes_is_lost() {
    let mut bench = Bench::new(8).await;
    bench.peer.shutdown(Shutdown::Write).unwrap();
    assert_eq!(to_the_end(&mut bench.events).await, [LinkEvent::Ended(LinkFault::Lost)]);
}

#[tokio::test]
async fn nobody_there_is_absent() {
    let listener = listener();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let (_session, mut events) = open(&address, 8);
    assert_eq!(to_the_end(&mut events).await, [LinkEvent::Ended(LinkFault::Absent)]);
    let (_session, mut events) = open("no-such-printer.invalid", 8);
    assert_eq!(to_the_end(&mut events).await, [LinkEvent::Ended(LinkFault::Absent)]);
}

#[tokio::test]
async fn dropping_the_session_closes_the_socket_also_in_a_blocked_write() {
    for busy in [false, true] {
        let mut bench = Bench::new(8).await;
        if busy {
            bench.session.send(write(0, huge())).unwrap();
            assert!(matches!(next(&mut bench.events).await, LinkEvent::Progress { .. }));
            bench.session.send(write(1, huge())).unwrap();
        }
        drop(bench.session);
        let events = to_the_end(&mut bench.events).await;
        assert_eq!(events.last(), Some(&LinkEvent::Ended(LinkFault::Closed)));
        assert!(!events.iter().any(|e| matches!(e, LinkEvent::Taken { .. })));
        // Ends only if the socket is closed.
        drain(bench.peer);
    }
}

#[tokio::test]
async fn dropping_the_session_closes_the_socket_even_when_nobody_takes_the_events() {
    let mut bench = Bench::new(1).await;
    for _ in 0..100 {
        bench.peer.write_all(&ASB).unwrap();
    }
    bench.session.send(write(0, vec![b'x'])).unwrap();
    drop(bench.session);
    let peer = bench.peer;
    tokio::task::spawn_blocking(move || drain(peer)).await.unwrap();
    let events = to_the_end(&mut bench.events).await;
    assert_eq!(events.last(), Some(&LinkEvent::Ended(LinkFault::Closed)));
}

#[tokio::test]
async fn a_full_event_channel_loses_nothing() {
    let mut bench = Bench::new(1).await;
    let mut peer = bench.peer;
    let writer = thread::spawn(move || {
        for n in 0..5000_u32 {
            let [_, _, high, low] = n.to_be_bytes();
            // The number in bits that are free in a status: six of each byte are, b4 and b7 are not.
            let spread = |b: u8| (b & 0x0F) | ((b & 0x30) << 1);
            let twelve = (u32::from(high) << 8) | u32::from(low);
            let (three, four) = (spread((twelve >> 6) as u8), spread((twelve & 0x3F) as u8));
            peer.write_all(&[0x14, (n >> 12) as u8, three, four]).unwrap();
        }
        peer
    });
    let mut seen = Vec::new();
    while seen.len() < 5000 {
        match next(&mut bench.events).await {
            LinkEvent::Reply(Reply::Asb([_, two, three, four])) => {
                let gather = |b: u8| u32::from((b & 0x0F) | ((b >> 1) & 0x30));
                seen.push((u32::from(two) << 12) | (gather(three) << 6) | gather(four));
            }
            event => panic!("{event:?}"),
        }
    }
    assert!(seen.iter().copied().eq(0..5000));
    drop(writer.join().unwrap());
}

#[tokio::test]
async fn too_many_commands_are_refused_not_dropped() {
    let mut bench = Bench::new(8).await;
    bench.session.send(write(0, huge())).unwrap();
    assert!(matches!(next(&mut bench.events).await, LinkEvent::Progress { .. }));
    let fits = u16::try_from(COMMANDS_MAX).unwrap();
    for part in 1..=fits {
        bench.session.send(write(part, vec![b'y'])).unwrap();
    }
    assert_eq!(bench.session.send(write(fits + 1, vec![b'y'])), Err(SendError::Full));
    let peer = read_all(bench.peer);
    let mut part = 0;
    while part <= fits {
        match next(&mut bench.events).await {
            LinkEvent::Progress { .. } => {}
            event => {
                assert_eq!(event, taken(part));
                part += 1;
            }
        }
    }
    drop(bench.session);
    to_the_end(&mut bench.events).await;
    assert_eq!(peer.join().unwrap().len(), huge().len() + usize::from(fits));
}

#[tokio::test]
async fn ten_thousand_small_parts() {
    let mut bench = Bench::new(8).await;
    let peer = read_all(bench.peer);
    let (mut sent, mut done) = (0, 0);
    while done < 10_000 {
        let full = sent == 10_000 || bench.session.send(write(sent, sent.to_be_bytes().to_vec())).is_err();
        if full {
            match next(&mut bench.events).await {
                LinkEvent::Progress { .. } => {}
                event => {
                    assert_eq!(event, taken(done));
                    done += 1;
                }
            }
        } else {
            sent += 1;
        }
    }
    drop(bench.session);
    to_the_end(&mut bench.events).await;
    let expected: Vec<u8> = (0..10_000_u16).flat_map(u16::to_be_bytes).collect();
    assert!(peer.join().unwrap() == expected);
}

#[tokio::test]
async fn a_name_is_looked_up() {
    let listener = TcpListener::bind("localhost:0").unwrap();
    let (_session, mut events) = open(&format!("localhost:{}", listener.local_addr().unwrap().port()), 8);
    assert_eq!(next(&mut events).await, LinkEvent::Opened);
}

#[test]
fn a_number_needs_no_thread_and_a_resolver_that_hangs_holds_up_only_names() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let (release, hold) = std::sync::mpsc::channel::<()>();
        let resolver = tokio::task::spawn_blocking(move || hold.recv());
        let listener = listener();
        let address = listener.local_addr().unwrap();
        let (_session, mut events) = open(&address.to_string(), 8);
        assert_eq!(next(&mut events).await, LinkEvent::Opened);

        let name = format!("localhost:{}", address.port()).parse().unwrap();
        let link =
            TcpLink::new(PRINTER, name, Handle::current()).with_connect_timeout(Duration::from_millis(1));
        for _ in 0..3 {
            let (sender, mut events) = mpsc::channel(8);
            let _session = link.open(SESSION, EventSink::new(sender));
            assert_eq!(to_the_end(&mut events).await, [LinkEvent::Ended(LinkFault::Absent)]);
        }
        drop(release);
        assert!(resolver.await.unwrap().is_err());
    });
}
