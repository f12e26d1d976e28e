//! The session over USB with a bus that fails on purpose: what is taken, told and given back at each fault.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken test must fail loudly")]

#[path = "common/usb_bus.rs"]
mod usb_bus;

use std::time::Duration;

use receiptd_core::ids::{JobId, PrinterIx, ProcessId, SessionId};
use receiptd_core::link::{Fence, LinkEvent, LinkFault, Part, Query, Reply};
use receiptd_printer::codec::encode;
use receiptd_printer::limits::{READ_BYTES, USB_LEAVE_WAIT, USB_REOPEN_MAX, WRITE_PIECE_BYTES};
use receiptd_printer::session::{Event, EventSink, Link, SendError, Session, Slice, Tag, WireCommand};
use receiptd_printer::usb::UsbLink;
use receiptd_printer::usb::quirks::Quirk;
use receiptd_printer::usb::wire::{Direction, OpenError, Outcome};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use usb_bus::{FakeBus, WireLog, printer};

const ASB: [u8; 4] = [0x14, 0, 0, 0x0F];

struct Bench {
    bus: FakeBus,
    link: UsbLink,
    events: mpsc::Receiver<Event>,
    sink: EventSink,
}

impl Bench {
    fn new(address: &str) -> Self {
        let bus = FakeBus::default();
        let (sender, events) = mpsc::channel(64);
        let link = UsbLink::new(PrinterIx(0), address.parse().unwrap(), bus.shared(), Handle::current());
        Self { bus, link, events, sink: EventSink::new(sender) }
    }

    /// A bench whose only printer is open.
    async fn opened() -> (Self, Session) {
        let mut bench = Self::new("usb");
        bench.bus.plug(printer(1, None, "1-1"));
        let session = bench.open();
        assert_eq!(bench.next().await, LinkEvent::Opened);
        (bench, session)
    }

    fn open(&self) -> Session {
        self.link.open(SessionId(1), self.sink.clone())
    }

    async fn next(&mut self) -> LinkEvent {
        let event = tokio::time::timeout(Duration::from_secs(30), self.events.recv()).await;
        event.expect("an event was expected").unwrap().2
    }

    async fn end(&mut self) -> (Vec<LinkEvent>, LinkFault) {
        let mut before = Vec::new();
        loop {
            match self.next().await {
                LinkEvent::Ended(fault) => return (before, fault),
                event => before.push(event),
            }
        }
    }

    /// Nothing happens for an hour.
    async fn silence(&mut self) {
        let event = tokio::time::timeout(Duration::from_hours(1), self.events.recv()).await;
        assert!(event.is_err(), "{event:?}");
    }
}

fn write(part: u16, length: usize) -> WireCommand {
    let bytes: Vec<u8> = (0..length).map(|i| (i % 253) as u8).collect();
    let tag = Tag { job: JobId(5), attempt: 1, part: Part::Body(part) };
    WireCommand::Write { tag, bytes: vec![Slice::from(bytes)], fence: Some(Fence::Echo(ProcessId::new(7))) }
}

fn taken(part: u16) -> LinkEvent {
    LinkEvent::Taken { job: JobId(5), attempt: 1, part: Part::Body(part) }
}

fn body(length: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..length).map(|i| (i % 253) as u8).collect();
    bytes.extend(encode(Query::Echo(ProcessId::new(7))));
    bytes
}

/// Takes everything, in full.
async fn take_all(wire: &WireLog, until: usize) {
    while wire.taken().len() < until {
        let piece = wire.posted(Direction::Out).await;
        wire.complete(Direction::Out, Outcome::Done, piece);
    }
}

#[tokio::test(start_paused = true)]
async fn a_printer_that_is_plugged_in_is_opened_at_once_and_an_idle_link_sleeps() {
    let mut bench = Bench::new("usb");
    let _session = bench.open();
    assert_eq!(bench.next().await, LinkEvent::Waiting(LinkFault::Absent));
    bench.silence().await;
    let before = tokio::time::Instant::now();
    bench.bus.plug(printer(1, None, "1-1"));
    assert_eq!(bench.next().await, LinkEvent::Opened);
    assert!(before.elapsed() < Duration::from_millis(50));
    assert!(bench.link.place().unwrap().contains("known by its port"));
    bench.silence().await;
    assert_eq!(bench.bus.opens(), 1);
}

#[tokio::test(start_paused = true)]
async fn bytes_go_out_in_pieces_and_reading_goes_on_all_the_time() {
    let (mut bench, session) = Bench::opened().await;
    let wire = bench.bus.wire();
    assert_eq!(wire.posted(Direction::In).await, READ_BYTES);
    session.send(write(0, 10_000)).unwrap();
    let first = wire.posted(Direction::Out).await;
    assert!(first <= WRITE_PIECE_BYTES);
    // Without paper it takes nothing, for hours, and says why.
    bench.silence().await;
    wire.says(&ASB).await;
    assert_eq!(bench.next().await, LinkEvent::Reply(Reply::Asb(ASB)));
    bench.silence().await;
    let whole = body(10_000);
    take_all(&wire, whole.len()).await;
    assert_eq!(bench.next().await, taken(0));
    assert!(wire.taken() == whole && wire.pieces().iter().all(|p| *p <= WRITE_PIECE_BYTES));
    wire.says(b"\x37\x22").await;
    let echo = ProcessId::new(7).to_wire();
    wire.says(&[&echo[..], &[0]].concat()).await;
    assert_eq!(bench.next().await, LinkEvent::Reply(Reply::Echo(echo)));
    drop(session);
    assert_eq!(bench.end().await, (vec![], LinkFault::Closed));
    wire.gone().await;
    assert!(wire.clears().is_empty(), "nothing is cleared that did not stall");
}

#[tokio::test(start_paused = true)]
async fn no_transfer_ends_with_a_full_packet() {
    for length in [53, 54, 117, 501, 502, 4_085, 8_170] {
        let (mut bench, session) = Bench::opened().await;
        let wire = bench.bus.wire();
        session.send(write(0, length)).unwrap();
        let whole = body(length);
        take_all(&wire, whole.len()).await;
        assert_eq!(bench.next().await, taken(0));
        assert!(wire.taken() == whole && wire.pieces().iter().all(|p| p % 64 != 0), "{:?}", wire.pieces());
    }
}

#[tokio::test(start_paused = true)]
async fn an_unplug_in_mid_transfer_tells_the_bytes_to_the_last_and_late_replies_first() {
    let (mut bench, session) = Bench::opened().await;
    let wire = bench.bus.wire();
    session.send(write(0, 10_000)).unwrap();
    let first = wire.posted(Direction::Out).await;
    wire.complete(Direction::Out, Outcome::Done, first);
    wire.posted(Direction::Out).await;
    // 100 bytes of the second piece were taken when the cable went, and an answer was on the way.
    wire.on_cancel(Direction::In, ASB.to_vec());
    wire.complete(Direction::Out, Outcome::Gone, 100);
    bench.bus.unplug(1);
    let (before, fault) = bench.end().await;
    assert_eq!(fault, LinkFault::Lost);
    let bytes = first as u64 + 100;
    assert_eq!(before, [LinkEvent::Reply(Reply::Asb(ASB)), LinkEvent::Progress { job: JobId(5), bytes }]);
    assert_eq!(session.send(WireCommand::Resync), Err(SendError::Ended));
    wire.gone().await;
}

#[tokio::test(start_paused = true)]
async fn an_unplugged_idle_printer_is_noticed_without_a_transfer() {
    let (mut bench, _session) = Bench::opened().await;
    bench.bus.unplug(1);
    assert_eq!(bench.end().await, (vec![], LinkFault::Lost));
    // The same printer again is a new one: the next session gets it.
    let _next = bench.open();
    assert_eq!(bench.next().await, LinkEvent::Waiting(LinkFault::Absent));
    bench.bus.plug(printer(2, None, "1-4"));
    assert_eq!(bench.next().await, LinkEvent::Opened);
}

#[tokio::test(start_paused = true)]
async fn a_stall_is_cleared_once_and_the_write_goes_on_at_its_byte() {
    let (mut bench, session) = Bench::opened().await;
    let wire = bench.bus.wire();
    session.send(write(0, 6_000)).unwrap();
    wire.posted(Direction::Out).await;
    wire.complete(Direction::Out, Outcome::Stalled, 64);
    let whole = body(6_000);
    take_all(&wire, whole.len()).await;
    assert_eq!(bench.next().await, taken(0));
    assert!(wire.taken() == whole, "no byte twice, none left out");
    assert_eq!(wire.clears(), [Direction::Out]);
    // A second one without a byte between is the end.
    session.send(write(1, 10)).unwrap();
    for _ in 0..2 {
        wire.posted(Direction::Out).await;
        wire.complete(Direction::Out, Outcome::Stalled, 0);
    }
    let progress = LinkEvent::Progress { job: JobId(5), bytes: 6_000 };
    assert_eq!(bench.end().await, (vec![progress], LinkFault::Halted));
    assert_eq!(wire.clears().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_printer_that_was_put_to_sleep_is_told_from_one_that_left() {
    let (mut bench, _session) = Bench::opened().await;
    let wire = bench.bus.wire();
    wire.posted(Direction::In).await;
    let before = tokio::time::Instant::now();
    wire.complete(Direction::In, Outcome::Gone, 0);
    assert_eq!(bench.end().await, (vec![], LinkFault::Suspended));
    assert!(before.elapsed() >= USB_LEAVE_WAIT);
}

const UNTOUCHED: LinkEvent = LinkEvent::Untouched { job: JobId(5), attempt: 1 };

#[tokio::test(start_paused = true)]
async fn a_job_that_the_kernel_was_handed_nothing_of_is_given_back_untouched() {
    // The device has left, and the kernel says so when the first transfer comes.
    let (mut bench, session) = Bench::opened().await;
    let wire = bench.bus.wire();
    wire.posted(Direction::In).await;
    wire.leave();
    session.send(write(0, 10)).unwrap();
    bench.bus.unplug(1);
    assert_eq!(bench.end().await, (vec![UNTOUCHED], LinkFault::Lost));

    // It waits behind something that the printer does not take.
    let (mut bench, session) = Bench::opened().await;
    let wire = bench.bus.wire();
    session.send(WireCommand::Resync).unwrap();
    session.send(write(0, 10)).unwrap();
    session.send(write(1, 10)).unwrap();
    wire.posted(Direction::Out).await;
    wire.complete(Direction::Out, Outcome::Gone, 5);
    bench.bus.unplug(1);
    assert_eq!(bench.end().await, (vec![UNTOUCHED], LinkFault::Lost));

    // It came while nobody knew yet whether the printer sleeps or is gone.
    let (mut bench, session) = Bench::opened().await;
    let wire = bench.bus.wire();
    wire.posted(Direction::In).await;
    wire.complete(Direction::In, Outcome::Gone, 0);
    tokio::time::sleep(USB_LEAVE_WAIT / 2).await;
    session.send(write(0, 10)).unwrap();
    assert_eq!(bench.end().await, (vec![UNTOUCHED], LinkFault::Suspended));
}

#[tokio::test(start_paused = true)]
async fn a_transfer_that_was_handed_over_is_not_untouched_whatever_it_says_that_it_moved() {
    for outcome in [Outcome::Gone, Outcome::Failed] {
        let (mut bench, session) = Bench::opened().await;
        let wire = bench.bus.wire();
        session.send(write(0, 10)).unwrap();
        wire.posted(Direction::Out).await;
        wire.complete(Direction::Out, outcome, 0);
        bench.bus.unplug(1);
        assert_eq!(bench.end().await, (vec![], LinkFault::Lost));
    }
    // Its second part is not, but it began.
    let (mut bench, session) = Bench::opened().await;
    let wire = bench.bus.wire();
    session.send(write(0, 10)).unwrap();
    let all = wire.posted(Direction::Out).await;
    wire.complete(Direction::Out, Outcome::Done, all);
    assert_eq!(bench.next().await, taken(0));
    wire.leave();
    session.send(write(1, 10)).unwrap();
    bench.bus.unplug(1);
    assert_eq!(bench.end().await, (vec![], LinkFault::Lost));
}

#[tokio::test(start_paused = true)]
async fn noise_ends_the_session() {
    for direction in [Direction::In, Direction::Out] {
        let (mut bench, session) = Bench::opened().await;
        let wire = bench.bus.wire();
        session.send(write(0, 10)).unwrap();
        wire.posted(Direction::Out).await;
        wire.complete(direction, Outcome::Failed, 0);
        assert_eq!(bench.end().await, (vec![], LinkFault::Lost));
    }
}

#[tokio::test(start_paused = true)]
async fn what_keeps_a_printer_from_opening_is_said_once_and_tried_less_and_less() {
    for (error, fault) in [
        (OpenError::Busy, LinkFault::Busy),
        (OpenError::Denied, LinkFault::Denied),
        (OpenError::Suspended, LinkFault::Suspended),
        (OpenError::Broken, LinkFault::Halted),
    ] {
        let mut bench = Bench::new("usb");
        bench.bus.refuse(Some(error));
        bench.bus.plug(printer(1, None, "1-1"));
        let _session = bench.open();
        assert_eq!(bench.next().await, LinkEvent::Waiting(fault));
        bench.silence().await;
        let tries = bench.bus.opens();
        assert!((600..900).contains(&tries), "{tries} in an hour");
        bench.bus.refuse(None);
        let before = tokio::time::Instant::now();
        assert_eq!(bench.next().await, LinkEvent::Opened);
        assert!(before.elapsed() <= USB_REOPEN_MAX);
    }
}

#[tokio::test(start_paused = true)]
async fn a_denied_printer_that_is_plugged_in_again_is_tried_at_once() {
    let mut bench = Bench::new("usb");
    bench.bus.refuse(Some(OpenError::Denied));
    bench.bus.plug(printer(1, None, "1-1"));
    let _session = bench.open();
    assert_eq!(bench.next().await, LinkEvent::Waiting(LinkFault::Denied));
    bench.silence().await;
    bench.bus.unplug(1);
    assert_eq!(bench.next().await, LinkEvent::Waiting(LinkFault::Absent));
    bench.bus.refuse(None);
    let before = tokio::time::Instant::now();
    bench.bus.plug(printer(2, None, "1-1"));
    assert_eq!(bench.next().await, LinkEvent::Opened);
    assert!(before.elapsed() < Duration::from_millis(50));
}

#[tokio::test(start_paused = true)]
async fn two_printers_are_one_too_many_until_it_is_said_which() {
    let mut bench = Bench::new("usb");
    bench.bus.plug(printer(1, None, "1-1"));
    bench.bus.plug(printer(2, None, "1-2"));
    let _session = bench.open();
    assert_eq!(bench.next().await, LinkEvent::Waiting(LinkFault::Ambiguous));
    bench.silence().await;
    bench.bus.unplug(1);
    assert_eq!(bench.next().await, LinkEvent::Opened);
    assert!(bench.link.place().unwrap().contains("@1-2"));
    let mut named = Bench::new("usb@1-1");
    named.bus.plug(printer(1, None, "1-1"));
    named.bus.plug(printer(2, None, "1-2"));
    let _session = named.open();
    assert_eq!(named.next().await, LinkEvent::Opened);
}

#[tokio::test(start_paused = true)]
async fn a_session_begins_when_the_one_before_has_given_the_printer_back() {
    let (mut bench, session) = Bench::opened().await;
    let wire = bench.bus.wire();
    wire.slow_to_close(Duration::from_millis(30));
    drop(session);
    let _next = bench.open();
    let (before, fault) = bench.end().await;
    assert_eq!((before, fault), (vec![], LinkFault::Closed));
    assert_eq!(bench.next().await, LinkEvent::Opened);
    assert!(wire.is_gone(), "both had it");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_dropped_while_it_waits_or_writes_ends_as_closed() {
    let mut bench = Bench::new("usb");
    let waiting = bench.open();
    assert_eq!(bench.next().await, LinkEvent::Waiting(LinkFault::Absent));
    drop(waiting);
    assert_eq!(bench.end().await, (vec![], LinkFault::Closed));
    let (mut bench, session) = Bench::opened().await;
    let wire = bench.bus.wire();
    session.send(write(0, 100_000)).unwrap();
    wire.posted(Direction::Out).await;
    wire.on_cancel(Direction::Out, vec![0; 17]);
    drop(session);
    let progress = LinkEvent::Progress { job: JobId(5), bytes: 17 };
    assert_eq!(bench.end().await, (vec![progress], LinkFault::Closed));
    assert_eq!(wire.taken().len(), 17);
    wire.gone().await;
}

#[tokio::test(start_paused = true)]
async fn a_printer_that_answers_reads_with_nothing_does_not_keep_the_daemon_awake() {
    let (mut bench, session) = Bench::opened().await;
    let wire = bench.bus.wire();
    for _ in 0..20 {
        wire.posted(Direction::In).await;
        wire.complete(Direction::In, Outcome::Done, 0);
    }
    let before = tokio::time::Instant::now();
    wire.posted(Direction::In).await;
    assert!(before.elapsed() >= Duration::from_millis(200));
    wire.complete(Direction::In, Outcome::Done, 0);
    // Whoever asks is answered without that pause.
    let before = tokio::time::Instant::now();
    session.send(WireCommand::Ask(Query::AsbOn)).unwrap();
    take_all(&wire, 3).await;
    wire.posted(Direction::In).await;
    wire.says(&ASB).await;
    assert_eq!(bench.next().await, LinkEvent::Reply(Reply::Asb(ASB)));
    assert!(before.elapsed() < Duration::from_millis(50));
}

#[tokio::test(start_paused = true)]
async fn a_one_way_printer_is_never_read() {
    let mut bench = Bench::new("usb");
    let mut mute = printer(1, None, "1-1");
    mute.function.input = None;
    bench.bus.plug(mute);
    let session = bench.open();
    assert_eq!(bench.next().await, LinkEvent::Opened);
    let wire = bench.bus.wire();
    session.send(write(0, 100)).unwrap();
    take_all(&wire, body(100).len()).await;
    assert_eq!(bench.next().await, taken(0));
    assert!(!wire.was_read());
}

#[tokio::test(start_paused = true)]
async fn a_live_port_status_answers_instead_of_the_real_time_status() {
    let mut bench = Bench::new("usb");
    bench.bus.treat(Quirk { port_status: true, ..Quirk::default() });
    bench.bus.plug(printer(1, None, "1-1"));
    let session = bench.open();
    assert_eq!(bench.next().await, LinkEvent::Opened);
    let wire = bench.bus.wire();
    wire.set_port_status(Some(0x38));
    for n in 1..=4 {
        session.send(WireCommand::Ask(Query::RealTime(n))).unwrap();
    }
    for (n, byte) in [(1, 0x12), (2, 0x32), (4, 0x72)] {
        assert_eq!(bench.next().await, LinkEvent::Reply(Reply::RealTime { n, byte }));
    }
    assert!(wire.taken().is_empty());
}

/// What a survey asks of a port and sends to it.
#[tokio::test(start_paused = true)]
async fn a_survey_gets_the_byte_of_the_port_its_page_taken_and_the_facts_of_the_device() {
    let mut bench = Bench::new("usb");
    assert!(bench.link.device().is_none());
    bench.bus.plug(printer(1, Some("S1"), "1-1"));
    let session = bench.open();
    assert_eq!(bench.next().await, LinkEvent::Opened);
    let device = bench.link.device().unwrap();
    assert_eq!((device.attached.vendor, device.attached.serial.as_deref()), (0x0416, Some("S1")));
    assert_eq!((device.attached.function.class, device.quirk), ([7, 1, 2], Quirk::default()));
    let wire = bench.bus.wire();
    wire.set_port_status(Some(0x18));
    session.send(WireCommand::Ask(Query::PortStatus)).unwrap();
    assert_eq!(bench.next().await, LinkEvent::Reply(Reply::PortStatus(0x18)));
    // One that does not answer is not waited for: the page goes out all the same.
    wire.set_port_status(None);
    session.send(WireCommand::Ask(Query::PortStatus)).unwrap();
    session.send(WireCommand::Page(Slice::from(vec![b'x'; 9_000]))).unwrap();
    take_all(&wire, 9_000).await;
    assert_eq!(bench.next().await, LinkEvent::PageTaken);
    assert_eq!(wire.taken(), vec![b'x'; 9_000]);
    bench.bus.unplug(1);
    assert_eq!(bench.end().await.1, LinkFault::Lost);
    assert!(bench.link.device().is_none(), "what is gone tells nothing any more");
}
