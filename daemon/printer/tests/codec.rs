//! The decoder against everything a printer, a former host or a bad line may put on the wire.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

use proptest::prelude::*;
use receiptd_core::condition::Condition;
use receiptd_core::ids::ProcessId;
use receiptd_core::link::{Counter, Info, Query, Reply};
use receiptd_printer::codec::{Decoder, encode, resync};
use receiptd_printer::limits::{BLOCK_BYTES_MAX, OUTSTANDING_MAX};

const IDLE: [u8; 4] = [0x14, 0x00, 0x00, 0x0F];

fn asked(queries: &[Query]) -> Decoder {
    let mut decoder = Decoder::default();
    queries.iter().for_each(|&query| decoder.asked(query));
    decoder
}

fn feed(decoder: &mut Decoder, bytes: &[u8]) -> Vec<Reply> {
    let mut out = Vec::new();
    decoder.feed(bytes, &mut out);
    out
}

/// What comes of these bytes after these questions.
fn says(queries: &[Query], bytes: &[u8]) -> Vec<Reply> {
    feed(&mut asked(queries), bytes)
}

/// Nonsense is reported per read: to compare, runs of it are put together.
fn joined(replies: Vec<Reply>) -> Vec<Reply> {
    let mut out: Vec<Reply> = Vec::new();
    for reply in replies {
        match (out.last_mut(), &reply) {
            (Some(Reply::Nonsense(sum)), Reply::Nonsense(n)) => *sum += n,
            _ => out.push(reply),
        }
    }
    out
}

fn real_time(n: u8, byte: u8) -> Reply {
    Reply::RealTime { n, byte }
}

fn info(info: Info, text: &str) -> Reply {
    Reply::Info(info, text.to_owned())
}

const EOT: [Query; 4] = [Query::RealTime(1), Query::RealTime(2), Query::RealTime(3), Query::RealTime(4)];
const LINES: Query = Query::Counter(Counter::LinesFed);
const CUTS: Query = Query::Counter(Counter::Cuts);
const SERIAL: Query = Query::Info(Info::Serial);
const MODEL: Query = Query::Info(Info::Model);

/// Every kind of reply: questions, bytes, replies.
fn kinds() -> Vec<(Vec<Query>, Vec<u8>, Vec<Reply>)> {
    vec![
        (vec![], IDLE.to_vec(), vec![Reply::Asb(IDLE)]),
        (vec![], vec![0x3C, 0x28, 0x6F, 0x4F], vec![Reply::Asb([0x3C, 0x28, 0x6F, 0x4F])]),
        (vec![Query::RealTime(1)], vec![0x16], vec![real_time(1, 0x16)]),
        (
            EOT.to_vec(),
            vec![0x16, 0x12, 0x1A, 0x7E],
            vec![real_time(1, 0x16), real_time(2, 0x12), real_time(3, 0x1A), real_time(4, 0x7E)],
        ),
        (vec![Query::PaperInOrder], vec![0x0F], vec![Reply::PaperInOrder(0x0F)]),
        (
            vec![Query::PaperInOrder; 2],
            vec![0x00, 0x03],
            vec![Reply::PaperInOrder(0), Reply::PaperInOrder(3)],
        ),
        (vec![], b"\x37\x22@Oao\x00".to_vec(), vec![Reply::Echo(*b"@Oao")]),
        (vec![], b"\x37\x33@Oao\x00".to_vec(), vec![Reply::EchoFailed(*b"@Oao")]),
        (vec![], b"\x37\x25\x00".to_vec(), vec![Reply::Cleared]),
        (vec![], b"\x3B\x30\x00".to_vec(), vec![Reply::PowerOff]),
        (vec![MODEL], b"\x5FTM-T88VI \x00".to_vec(), vec![info(Info::Model, "TM-T88VI")]),
        (vec![CUTS], b"\x5F1204\x00".to_vec(), vec![Reply::Counter(Counter::Cuts, 1204)]),
        (vec![], b"\x37\x23@\x00".to_vec(), vec![Reply::Nonsense(4)]),
        (vec![], b"\x3D\x21x\x00".to_vec(), vec![Reply::Nonsense(4)]),
        (vec![Query::PaperInOrder], b"\x39\x00\x40\x00".to_vec(), vec![Reply::Nonsense(4)]),
    ]
}

#[test]
fn questions_are_the_documented_bytes() {
    let id = ProcessId::new(1);
    let cases: [(Query, &[u8]); 11] = [
        (Query::AsbOn, &[0x1D, 0x61, 0x0F]),
        (Query::RealTime(1), &[0x10, 0x04, 1]),
        (Query::RealTime(4), &[0x10, 0x04, 4]),
        (Query::RealTime(7), &[]),
        (Query::PaperInOrder, &[0x1D, 0x72, 1]),
        (Query::Info(Info::Firmware), &[0x1D, 0x49, 65]),
        (SERIAL, &[0x1D, 0x49, 68]),
        (LINES, &[0x1D, 0x67, 0x32, 0, 148, 0]),
        (CUTS, &[0x1D, 0x67, 0x32, 0, 178, 0]),
        (Query::Echo(id), b"\x1D(H\x06\x00\x30\x30@@@A"),
        (Query::PortStatus, b""),
    ];
    for (query, bytes) in cases {
        assert_eq!(encode(query), bytes, "{query:?}");
    }
    assert_eq!(resync(), vec![0; 8192]);
}

#[test]
fn every_kind_split_at_every_byte_with_flow_control_between() {
    for (queries, bytes, expected) in kinds() {
        assert_eq!(joined(says(&queries, &bytes)), expected, "{bytes:02X?}");
        for at in 0..=bytes.len() {
            let (left, right) = bytes.split_at(at);
            let mut decoder = asked(&queries);
            let mut split = feed(&mut decoder, left);
            split.extend(feed(&mut decoder, &[0x13]));
            split.extend(feed(&mut decoder, &[0x11]));
            split.extend(feed(&mut decoder, right));
            assert_eq!(joined(split), expected, "{bytes:02X?} at {at}");
            assert!(!decoder.is_mid_reply());
        }
    }
}

#[test]
fn every_kind_after_every_other_kind() {
    for (first_queries, first, first_says) in kinds() {
        for (queries, bytes, expected) in kinds() {
            let mut decoder = asked(&first_queries);
            assert_eq!(joined(feed(&mut decoder, &first)), first_says);
            // The question of a reply that was nonsense is still out; it is not what this test is about.
            decoder.forget(Query::PaperInOrder);
            if decoder.pending() == 0 {
                queries.iter().for_each(|&query| decoder.asked(query));
                assert_eq!(joined(feed(&mut decoder, &bytes)), expected, "{first:02X?} {bytes:02X?}");
            }
        }
    }
}

#[test]
fn an_id_is_never_a_status_even_one_of_another_host() {
    for id in [b"0842", b"X8P0", b"2222", b"PPPP", b"    ", b"AbOo"] {
        let mut stream = IDLE.to_vec();
        stream.extend([0x37, 0x22]);
        stream.extend(id);
        stream.push(0);
        for queries in [&EOT[..], &[Query::PaperInOrder; 4], &[]] {
            let replies = says(queries, &stream);
            assert_eq!(replies, [Reply::Asb(IDLE), Reply::Echo(*id)]);
            let mut condition = Condition::default();
            replies.iter().for_each(|reply| {
                condition.apply(reply);
            });
            assert_eq!(condition.blocked(), None);
        }
    }
}

#[test]
fn our_own_ids_are_no_status_even_after_the_head_of_the_block_was_lost() {
    for number in (0..ProcessId::COUNT).step_by(4099) {
        let mut tail = ProcessId::new(number).to_wire().to_vec();
        tail.push(0);
        for lost in 0..5 {
            assert_eq!(says(&EOT, &tail[lost..]), [Reply::Nonsense(5 - lost as u32)]);
        }
    }
}

#[test]
fn the_inner_bytes_of_a_status_answer_no_paper_question() {
    let mut decoder = asked(&[Query::PaperInOrder]);
    assert_eq!(feed(&mut decoder, &[0x1C, 0x00, 0x0F, 0x00]), [Reply::Asb([0x1C, 0x00, 0x0F, 0x00])]);
    assert!(decoder.is_pending(Query::PaperInOrder));
    assert_eq!(feed(&mut decoder, &[0x00, 0x14]), [Reply::PaperInOrder(0)]);
    assert!(decoder.is_mid_reply());
    assert_eq!(feed(&mut decoder, &[0x00, 0x13, 0x00, 0x0F]), [Reply::Asb(IDLE)]);
}

#[test]
fn a_status_that_breaks_off_costs_only_itself() {
    assert_eq!(says(&[], &[0x14, 0x00, 0x14, 0x00, 0x00, 0x0F]), [Reply::Nonsense(2), Reply::Asb(IDLE)]);
    assert_eq!(says(&[Query::RealTime(1)], &[0x14, 0x00, 0x12]), [Reply::Nonsense(2), real_time(1, 0x12)]);
    assert_eq!(says(&[], b"\x14\x37\x22@@@@\x00"), [Reply::Nonsense(1), Reply::Echo(*b"@@@@")]);
}

#[test]
fn stale_bytes_of_an_earlier_host_shift_nothing() {
    let mut decoder = Decoder::default();
    // Answers nobody asked for, the end of a status, the end of a text.
    assert_eq!(joined(feed(&mut decoder, b"\x12\x16\x00\x0F\x1242\x00\xFF")), [Reply::Nonsense(9)]);
    EOT.iter().for_each(|&query| decoder.asked(query));
    assert_eq!(feed(&mut decoder, &[0x16, 0x12, 0x12, 0x12]).first(), Some(&real_time(1, 0x16)));
    assert_eq!(decoder.pending(), 0);
}

#[test]
fn a_block_without_end_is_nonsense_and_the_next_reply_is_read() {
    let mut stream = vec![0x5F];
    stream.extend(vec![b'P'; 1000]);
    stream.push(0);
    stream.extend(IDLE);
    assert_eq!(joined(says(&[MODEL], &stream)), [Reply::Nonsense(1002), Reply::Asb(IDLE)]);
    // The NUL was lost too.
    let mut stream = vec![0x5F];
    stream.extend(vec![b'P'; BLOCK_BYTES_MAX + 30]);
    stream.extend(IDLE);
    assert_eq!(joined(says(&[], &stream)), [Reply::Nonsense(BLOCK_BYTES_MAX as u32 + 31), Reply::Asb(IDLE)]);
    // A stray header before a status.
    assert_eq!(says(&[], &[0x37, 0x14, 0, 0, 0x0F]), [Reply::Nonsense(1), Reply::Asb(IDLE)]);
    // The longest text that is allowed.
    let mut stream = vec![0x5F];
    stream.extend(vec![b'x'; BLOCK_BYTES_MAX - 1]);
    stream.push(0);
    assert_eq!(says(&[MODEL], &stream), [info(Info::Model, &"x".repeat(80))]);
}

#[test]
fn real_time_answers_are_told_apart_only_when_complete() {
    // The printer was sending a block and ignored one of four: whose the three are nobody can tell.
    let mut decoder = asked(&EOT);
    assert_eq!(feed(&mut decoder, &[0x12, 0x12, 0x72]), []);
    // Next round: the answer that is owed may still come, so the round is not told apart either,
    EOT.iter().for_each(|&query| decoder.asked(query));
    assert_eq!(feed(&mut decoder, &[0x16, 0x12, 0x12, 0x12]), [Reply::Nonsense(3)]);
    // but it is not waited for a second time.
    EOT.iter().for_each(|&query| decoder.asked(query));
    assert_eq!(
        feed(&mut decoder, &[0x16, 0x12, 0x12, 0x72]),
        [Reply::Nonsense(4), real_time(1, 0x16), real_time(2, 0x12), real_time(3, 0x12), real_time(4, 0x72)]
    );
}

#[test]
fn real_time_answers_of_the_round_before_that_are_only_late() {
    let mut decoder = asked(&EOT);
    assert_eq!(feed(&mut decoder, &[0x16, 0x12]), []);
    EOT.iter().for_each(|&query| decoder.asked(query));
    let late_then_new = [0x12, 0x12, 0x1E, 0x16, 0x1A, 0x72];
    assert_eq!(
        feed(&mut decoder, &late_then_new),
        [Reply::Nonsense(4), real_time(1, 0x1E), real_time(2, 0x16), real_time(3, 0x1A), real_time(4, 0x72)]
    );
    assert_eq!(decoder.pending(), 0);
}

#[test]
fn a_printer_that_never_answers_real_time_does_not_fill_the_memory_and_is_heard_later() {
    let mut decoder = Decoder::default();
    for _ in 0..1000 {
        EOT.iter().for_each(|&query| decoder.asked(query));
        assert!(decoder.pending() <= 8);
    }
    let heard = (0..3).any(|_| {
        EOT.iter().for_each(|&query| decoder.asked(query));
        feed(&mut decoder, &[0x16, 0x12, 0x12, 0x12]).contains(&real_time(1, 0x16))
    });
    assert!(heard);
}

#[test]
fn a_late_answer_after_forget_is_not_given_to_the_next_question() {
    let mut decoder = asked(&[Query::PaperInOrder]);
    decoder.forget(Query::PaperInOrder);
    assert!(!decoder.is_pending(Query::PaperInOrder));
    decoder.asked(Query::PaperInOrder);
    assert_eq!(feed(&mut decoder, &[0x0F]), [Reply::Nonsense(1)]);
    assert_eq!(feed(&mut decoder, &[0x00]), [Reply::PaperInOrder(0)]);
    assert_eq!(feed(&mut decoder, &[0x00]), [Reply::Nonsense(1)]);

    let mut decoder = asked(&[Query::RealTime(1)]);
    decoder.forget(Query::RealTime(1));
    decoder.asked(Query::RealTime(2));
    assert_eq!(feed(&mut decoder, &[0x1A]), []);
    assert_eq!(feed(&mut decoder, &[0x16]), [Reply::Nonsense(1), real_time(2, 0x16)]);

    let mut decoder = asked(&[Query::Info(Info::Maker)]);
    decoder.forget(Query::Info(Info::Maker));
    decoder.asked(MODEL);
    assert_eq!(feed(&mut decoder, b"\x5FEPSON\x00"), [Reply::Nonsense(7)]);
    assert_eq!(feed(&mut decoder, b"\x5FTM-T20\x00"), [info(Info::Model, "TM-T20")]);
}

#[test]
fn a_lost_answer_costs_one_further_question_and_no_more() {
    let mut decoder = asked(&[Query::PaperInOrder]);
    decoder.forget(Query::PaperInOrder);
    decoder.asked(Query::PaperInOrder);
    // This is the second one's, but who could know.
    assert_eq!(feed(&mut decoder, &[0x00]), [Reply::Nonsense(1)]);
    decoder.forget(Query::PaperInOrder);
    assert_eq!(decoder.pending(), 0);
    for byte in [0x00, 0x03, 0x0F] {
        decoder.asked(Query::PaperInOrder);
        assert_eq!(feed(&mut decoder, &[byte]), [Reply::PaperInOrder(byte)]);
    }

    // The same for a text that is simply asked again and again.
    let mut decoder = asked(&[MODEL, MODEL]);
    assert_eq!(feed(&mut decoder, b"\x5FT\x00"), [Reply::Nonsense(3)]);
    decoder.asked(MODEL);
    assert_eq!(feed(&mut decoder, b"\x5FT\x00"), [info(Info::Model, "T")]);
    assert_eq!(decoder.pending(), 0);
}

#[test]
fn an_unanswered_question_swallows_no_answer_of_another_kind() {
    let open = [SERIAL, Query::PaperInOrder, Query::RealTime(1)];
    let mut decoder = asked(&open);
    assert_eq!(feed(&mut decoder, &IDLE), [Reply::Asb(IDLE)]);
    assert_eq!(feed(&mut decoder, b"\x37\x22oooo\x00"), [Reply::Echo(*b"oooo")]);
    assert_eq!(decoder.pending(), 3, "an echo that was not asked for proves nothing");
    assert_eq!(feed(&mut decoder, &[0x12]), [real_time(1, 0x12)]);
    assert_eq!(feed(&mut decoder, &[0x00]), [Reply::PaperInOrder(0)]);
    assert_eq!(decoder.pending(), 0, "a text would have come before");

    // A counter is no name.
    let mut decoder = asked(&[CUTS, MODEL]);
    assert_eq!(feed(&mut decoder, b"\x5FTM\x00"), [info(Info::Model, "TM")]);
    assert_eq!(decoder.pending(), 0);
}

#[test]
fn a_number_that_might_be_serial_or_counter_is_neither() {
    for (queries, left) in [([SERIAL, CUTS], CUTS), ([CUTS, SERIAL], SERIAL)] {
        let mut decoder = asked(&queries);
        assert_eq!(feed(&mut decoder, b"\x5F1234\x00"), [Reply::Nonsense(6)]);
        assert!(decoder.is_pending(left));
        assert_eq!(decoder.pending(), 1);
        assert_eq!(feed(&mut decoder, b"\x5F77\x00").len(), 1);
    }
    // The serial number was never answered, and its question was not forgotten: one reading is lost.
    let mut decoder = asked(&[SERIAL, CUTS]);
    assert_eq!(feed(&mut decoder, b"\x5F900\x00"), [Reply::Nonsense(5)]);
    decoder.asked(CUTS);
    assert_eq!(feed(&mut decoder, b"\x5F901\x00"), [Reply::Counter(Counter::Cuts, 901)]);
}

#[test]
fn counters_are_told_apart_only_when_complete() {
    let mut decoder = asked(&[LINES, CUTS]);
    assert_eq!(feed(&mut decoder, b"\x5F300\x00"), []);
    assert_eq!(
        feed(&mut decoder, b"\x5F12\x00"),
        [Reply::Counter(Counter::LinesFed, 300), Reply::Counter(Counter::Cuts, 12)]
    );
    // One of the two does not exist here: nothing is made up.
    let mut decoder = asked(&[LINES, CUTS, Query::Echo(ProcessId::new(0))]);
    assert_eq!(feed(&mut decoder, b"\x5F300\x00"), []);
    assert_eq!(feed(&mut decoder, b"\x37\x22@@@@\x00"), [Reply::Nonsense(5), Reply::Echo(*b"@@@@")]);
    assert_eq!(decoder.pending(), 0);
    assert_eq!(says(&[CUTS], b"\x5Fabc\x00"), [Reply::Nonsense(5)]);
    assert_eq!(says(&[CUTS], b"\x5F99999999999999999999999\x00"), [Reply::Nonsense(25)]);
}

#[test]
fn an_echo_proves_what_was_asked_before_it_and_may_itself_come_late() {
    let (one, two) = (Query::Echo(ProcessId::new(1)), Query::Echo(ProcessId::new(2)));
    let mut decoder = asked(&[Query::PaperInOrder, one, SERIAL, two, Query::PaperInOrder]);
    assert_eq!(feed(&mut decoder, b"\x37\x22@@@B\x00"), [Reply::Echo(*b"@@@B")]);
    assert_eq!(decoder.pending(), 1);
    assert_eq!(feed(&mut decoder, &[0x00]), [Reply::PaperInOrder(0)]);
    // The older id may still come; it says itself what it is.
    assert_eq!(feed(&mut decoder, b"\x37\x22@@@A\x00"), [Reply::Echo(*b"@@@A")]);

    let mut decoder = asked(&[one, Query::PaperInOrder]);
    assert_eq!(feed(&mut decoder, &[0x00]), [Reply::PaperInOrder(0)]);
    assert!(decoder.is_pending(one), "printing ends after the buffer was read");
    assert_eq!(feed(&mut decoder, b"\x37\x33@@@A\x00"), [Reply::EchoFailed(*b"@@@A")]);
    assert_eq!(decoder.pending(), 0);
}

#[test]
fn cleared_buffers_answer_nothing_any_more() {
    let mut decoder = asked(&[Query::PaperInOrder, SERIAL, CUTS, Query::RealTime(2)]);
    assert_eq!(
        feed(&mut decoder, b"\x37\x25\x00\x00\x12"),
        [Reply::Cleared, Reply::Nonsense(1), real_time(2, 0x12)]
    );
}

#[test]
fn the_memory_for_questions_is_bounded_and_echoes_go_first() {
    let mut decoder = asked(&[Query::PaperInOrder]);
    for number in 0..1000 {
        decoder.asked(Query::Echo(ProcessId::new(number)));
    }
    assert_eq!(decoder.pending(), OUTSTANDING_MAX);
    assert!(decoder.is_pending(Query::PaperInOrder));
    for _ in 0..1000 {
        decoder.asked(Query::PaperInOrder);
        decoder.asked(Query::AsbOn);
        decoder.asked(Query::RealTime(200));
    }
    assert_eq!(decoder.pending(), OUTSTANDING_MAX);
    decoder.reset();
    assert_eq!((decoder.pending(), feed(&mut decoder, &[0])), (0, vec![Reply::Nonsense(1)]));
}

#[test]
fn a_printer_that_answers_nonsense_does_not_get_in_the_way() {
    let mut decoder = asked(&EOT);
    // Text of a serial console, then a real status.
    let replies = joined(feed(&mut decoder, "\u{fffd}boot: ok\r\n".as_bytes()));
    assert!(replies.iter().all(|r| matches!(r, Reply::Nonsense(_))), "{replies:?}");
    assert_eq!(feed(&mut decoder, &IDLE).last(), Some(&Reply::Asb(IDLE)));
}

fn any_query() -> impl Strategy<Value = Query> {
    let counter = prop_oneof![Just(Counter::LinesFed), Just(Counter::Cuts)];
    let info = prop_oneof![Just(Info::Firmware), Just(Info::Maker), Just(Info::Model), Just(Info::Serial)];
    prop_oneof![
        Just(Query::AsbOn),
        (0..6_u8).prop_map(Query::RealTime),
        Just(Query::PaperInOrder),
        Just(Query::PortStatus),
        info.prop_map(Query::Info),
        counter.prop_map(Query::Counter),
        (0..3_u32).prop_map(|n| Query::Echo(ProcessId::new(n))),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Ask(Query),
    Forget(Query),
    Read(Vec<u8>),
}

/// Bytes that have something to do with the protocol, and others.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let kinds: Vec<Vec<u8>> = kinds().into_iter().map(|(_, bytes, _)| bytes).collect();
    let known = proptest::sample::select(kinds);
    let noise = proptest::collection::vec(any::<u8>(), 0..12);
    let near = proptest::collection::vec(
        proptest::sample::select(b"\x37\x22\x33\x5F\x00\x00\x10\x12\x14\x11\x13@A0842".to_vec()),
        0..12,
    );
    prop_oneof![known, noise, near]
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => any_query().prop_map(Step::Ask),
        1 => any_query().prop_map(Step::Forget),
        4 => any_bytes().prop_map(Step::Read),
    ];
    proptest::collection::vec(step, 0..40)
}

/// How many bytes this reply had on the wire; a text may have been trimmed.
fn wire_length(reply: &Reply) -> usize {
    match reply {
        Reply::Asb(_) => 4,
        Reply::RealTime { .. } | Reply::PaperInOrder(_) => 1,
        Reply::Echo(_) | Reply::EchoFailed(_) => 7,
        Reply::Cleared | Reply::PowerOff => 3,
        Reply::Nonsense(n) => *n as usize,
        Reply::Info(..) | Reply::Counter(..) | Reply::PortStatus(_) => panic!("nobody asked for {reply:?}"),
    }
}

proptest! {
    #[test]
    fn no_echo_that_was_not_there_no_panic_and_no_growth(steps in any_steps()) {
        let mut decoder = Decoder::default();
        let (mut stream, mut echoes) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Ask(query) => decoder.asked(query),
                Step::Forget(query) => decoder.forget(query),
                Step::Read(bytes) => {
                    for reply in feed(&mut decoder, &bytes) {
                        if let Reply::Echo([a, b, c, d]) = reply {
                            echoes.push([0x37, 0x22, a, b, c, d, 0]);
                        }
                    }
                    stream.extend(bytes.into_iter().filter(|b| !matches!(b, 0x11 | 0x13)));
                }
            }
            prop_assert!(decoder.pending() <= OUTSTANDING_MAX + 16);
        }
        let mut rest = stream.as_slice();
        for echo in echoes {
            let at = rest.windows(7).position(|w| w == echo);
            prop_assert!(at.is_some(), "{:02X?} was not in the stream", echo);
            rest = &rest[at.unwrap() + 7..];
        }
    }

    #[test]
    fn how_the_bytes_are_portioned_does_not_matter(
        queries in proptest::collection::vec(any_query(), 0..8),
        bytes in proptest::collection::vec(any_bytes(), 0..8),
    ) {
        let stream = bytes.concat();
        let mut decoder = asked(&queries);
        let single: Vec<Reply> = stream.iter().flat_map(|b| feed(&mut decoder, &[*b])).collect();
        prop_assert_eq!(joined(single), joined(says(&queries, &stream)));
    }

    #[test]
    fn every_byte_is_accounted_for(bytes in proptest::collection::vec(any_bytes(), 0..20)) {
        let mut stream = bytes.concat();
        stream.retain(|b| !matches!(b, 0x11 | 0x13));
        // Two control characters end whatever is open.
        stream.extend([0, 0, 0, 0, 0x80]);
        let total: usize = says(&[], &stream).iter().map(wire_length).sum();
        prop_assert_eq!(total, stream.len());
    }

    #[test]
    fn after_any_mess_a_fresh_round_is_understood_within_three(steps in any_steps()) {
        let mut decoder = Decoder::default();
        for step in steps {
            match step {
                Step::Ask(query) => decoder.asked(query),
                Step::Forget(query) => decoder.forget(query),
                Step::Read(bytes) => drop(feed(&mut decoder, &bytes)),
            }
        }
        // A control character ends a block that is open, 80h a status.
        feed(&mut decoder, &[0x01, 0x80]);
        let heard = (0..3).any(|_| {
            EOT.iter().for_each(|&query| decoder.asked(query));
            feed(&mut decoder, &[0x16, 0x1A, 0x32, 0x72]).ends_with(&[
                real_time(1, 0x16), real_time(2, 0x1A), real_time(3, 0x32), real_time(4, 0x72),
            ])
        });
        prop_assert!(heard);
        for _ in 0..3 {
            decoder.asked(Query::Echo(ProcessId::new(9)));
            let id = ProcessId::new(9).to_wire();
            let mut echo = vec![0x37, 0x22];
            echo.extend(id);
            echo.push(0);
            let replies = feed(&mut decoder, &echo);
            prop_assert_eq!(replies.last(), Some(&Reply::Echo(id)));
        }
        decoder.asked(Query::PaperInOrder);
        prop_assert_eq!(feed(&mut decoder, &[0x03]), [Reply::PaperInOrder(3)]);
    }
}
