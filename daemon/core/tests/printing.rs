//! P2, P3 and P6: what is sent, what proves a print, what an interruption means.

mod common;

use common::{ANSWERS, COUNTING, ECHO, IN_ORDER, MUTE, P0, P1, Rig, Sent, printers, submission};
use receiptd_core::Input;
use receiptd_core::condition::Blocked;
use receiptd_core::evidence::Grade;
use receiptd_core::job::JobState;
use receiptd_core::link::{Fence, LinkCommand, LinkEvent, LinkFault, Part, Reply};
use receiptd_core::record::{Cut, Policy, Tail};
use receiptd_core::request::{Answer, Request};
use receiptd_core::story::What;

#[test]
fn p2_sending_is_durable_before_the_first_byte() {
    let mut rig = Rig::ready(ECHO);
    rig.writes = false;
    rig.ask(common::APP, Request::Submit(submission("k", &[20])));
    assert!(rig.sent.is_empty());
    rig.write();
    assert_eq!(rig.sent.len(), 2);
    assert_eq!(rig.state(rig.sent[0].job), JobState::Sending { doubt: false });
}

#[test]
fn p3_an_echoed_id_makes_a_job_printed_and_the_tails_id_says_that_it_is_cut() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.print_all(1_000);
    assert_eq!((rig.state(job), rig.job(job).cut), (JobState::Printed(Grade::A), Cut::Done));
}

#[test]
fn p3_counters_that_rose_make_it_machine_counted() {
    let mut rig = Rig::ready(COUNTING);
    let job = rig.sale("k");
    rig.print_all(1_000);
    assert_eq!(rig.state(job), JobState::Printed(Grade::APlus));
}

#[test]
fn p3_a_counter_that_rose_with_an_earlier_job_counts_nothing() {
    let mut rig = Rig::ready(COUNTING);
    // Nothing is counted behind a receipt without a tail.
    let mut first = submission("a", &[20]);
    first.copies[0].shape.tail = Tail::NONE;
    let first = rig.submit(first).unwrap()[0];
    rig.print_all(1_000);
    assert_eq!(rig.state(first), JobState::Printed(Grade::A));
    // The counter stands where the first job left it.
    let second = rig.sale("b");
    rig.lines_fed -= 2;
    rig.print_all(1_000);
    assert_eq!(rig.state(second), JobState::Printed(Grade::A));
    let third = rig.sale("c");
    rig.print_all(1_000);
    assert_eq!(rig.state(third), JobState::Printed(Grade::APlus));
}

#[test]
fn p3_taken_bytes_prove_nothing() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.take_all();
    rig.pass(5_000);
    assert_eq!(rig.state(job), JobState::Sending { doubt: false });
}

#[test]
fn p3_a_proof_that_comes_sooner_than_any_head_prints_unmasks_a_liar() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("a");
    rig.print_all(1);
    rig.pass(10_000);
    assert_eq!(rig.state(job), JobState::Sent(Grade::C));
    assert!(rig.job(job).story.iter().any(|e| e.what == What::ProofImpossible));
    // Its echo counts for nothing from now on; the next best thing is tried, and then nothing.
    for fence in [Some(Fence::PaperInOrder), None] {
        let next = rig.sale(if fence.is_some() { "b" } else { "c" });
        assert_eq!(rig.sent[0].fence, fence);
        rig.print_all(1);
        rig.pass(10_000);
        assert_eq!(rig.state(next), JobState::Sent(Grade::C));
    }
}

#[test]
fn p3_a_printer_that_answers_in_order_proves_with_its_answer() {
    let mut rig = Rig::ready_with(printers(&["p0"], None), IN_ORDER);
    let job = rig.sale("a");
    assert_eq!(rig.sent[0].fence, Some(Fence::PaperInOrder));
    rig.print_all(1_000);
    assert_eq!(rig.state(job), JobState::Printed(Grade::B));
}

#[test]
fn p3_an_answer_without_a_name_proves_nothing_after_an_interruption() {
    let mut rig = Rig::ready_with(printers(&["p0"], None), IN_ORDER);
    let job = rig.sale("a");
    rig.take_all();
    rig.lose(P0);
    rig.sent.clear();
    rig.pass(1_000);
    rig.open(P0);
    let again: Vec<Sent> = rig.sent.clone();
    assert!(again[0].mark.is_some_and(|m| m.copy_number == 2) && again.iter().all(|s| s.fence.is_none()));
    rig.take_all();
    // The answer to the first attempt's question comes now.
    rig.says(Reply::PaperInOrder(0));
    assert_eq!(rig.state(job), JobState::Sending { doubt: true });
    rig.pass(10_000);
    assert_eq!(rig.state(job), JobState::Sent(Grade::C));
}

#[test]
fn p3_a_mute_printer_gets_the_bytes_and_the_job_is_sent() {
    let mut rig = Rig::ready(MUTE);
    let job = rig.sale("k");
    rig.take_all();
    assert_eq!(rig.state(job), JobState::Sending { doubt: false });
    rig.pass(10_000);
    assert_eq!(rig.state(job), JobState::Sent(Grade::D));
}

#[test]
fn p3_a_mute_printer_is_given_the_time_to_feed_and_cut_too() {
    let mut rig = Rig::ready(MUTE);
    // A second for the body, two and a half for the tail, at the speed that estimates are made with.
    let mut slip = submission("k", &[13]);
    slip.copies[0].shape.tail = Tail::of(1_000);
    let job = rig.submit(slip).unwrap()[0];
    rig.take_all();
    rig.pass(3_400);
    assert_eq!(rig.state(job), JobState::Sending { doubt: false });
    rig.pass(400);
    assert_eq!(rig.state(job), JobState::Sent(Grade::D));
}

#[test]
fn p3_a_printer_that_only_answers_is_asked_at_the_end_whether_it_was_well() {
    let mut rig = Rig::ready(ANSWERS);
    let begun = |rig: &mut Rig, key: &str| {
        let job = rig.sale(key);
        // It is asked before as well.
        rig.pass(100);
        rig.take_all();
        job
    };
    let job = begun(&mut rig, "well");
    rig.pass(10_000);
    assert_eq!(rig.state(job), JobState::Sent(Grade::C));

    // Without paper it is not through, however long that lasts.
    let job = begun(&mut rig, "out");
    rig.paper_out = true;
    rig.pass(3_600_000);
    assert_eq!(rig.state(job), JobState::Sending { doubt: false });
    assert_eq!(rig.core.printer_view(P0).unwrap().state, "paused");
    rig.paper_out = false;
    rig.pass(60_000);
    assert_eq!((rig.state(job), rig.job(job).attempts), (JobState::Sent(Grade::C), 1));
    let told = |what: &What| rig.job(job).story.iter().any(|e| e.what == *what);
    assert!(told(&What::Paused(Blocked::PaperOut)) && told(&What::Resumed));

    // One that says nothing then gave no more than a mute one.
    let job = begun(&mut rig, "silent");
    rig.voice = MUTE;
    rig.pass(10_000);
    assert_eq!(rig.state(job), JobState::Sent(Grade::D));
}

#[test]
fn paper_end_pauses_for_hours_and_the_same_attempt_goes_on() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    let sent = rig.sent.clone();
    rig.take_all();
    rig.says(Reply::Asb([0x1C, 0, 0x0F, 0]));
    rig.voice.real_time = false;
    rig.voice.asb = false;
    rig.pass(4 * 3_600_000);
    assert_eq!(rig.state(job), JobState::Sending { doubt: false });
    rig.says(Reply::Asb([0x14, 0, 0, 0x0F]));
    rig.pass(1_000);
    assert_eq!(rig.sent, sent, "nothing is sent twice");
    rig.print_all(1_000);
    assert_eq!((rig.state(job), rig.job(job).attempts), (JobState::Printed(Grade::A), 1));
}

#[test]
fn p2_row_nothing_given_a_link_that_is_lost_before_the_first_byte_leaves_no_doubt() {
    let mut rig = Rig::ready(ECHO);
    rig.writes = false;
    rig.ask(common::APP, Request::Submit(submission("k", &[20])));
    rig.lose(P0);
    rig.write();
    rig.writes = true;
    assert!(rig.sent.is_empty());
    rig.pass(1_000);
    rig.open(P0);
    assert_eq!(rig.sent[0].mark, None);
}

#[test]
fn p2_row_handed_nothing_over_what_the_link_gives_back_untouched_is_printed_unmarked() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.link(P0, LinkEvent::Untouched { job, attempt: 1 });
    rig.lose(P0);
    assert_eq!(rig.state(job), JobState::Queued { doubt: false });
    rig.sent.clear();
    rig.pass(1_000);
    rig.open(P0);
    assert_eq!((rig.sent[0].attempt, rig.sent[0].mark), (2, None));
    rig.print_all(1_000);
    assert_eq!(rig.state(job), JobState::Printed(Grade::A));
}

#[test]
fn p2_row_handed_nothing_over_of_another_attempt_or_against_what_was_taken_means_nothing() {
    for lie in [true, false] {
        let mut rig = Rig::ready(ECHO);
        let job = rig.sale("k");
        if lie {
            rig.take_all();
        }
        rig.link(P0, LinkEvent::Untouched { job, attempt: if lie { 1 } else { 2 } });
        rig.lose(P0);
        assert_eq!(rig.state(job), JobState::Uncertain);
    }
}

#[test]
fn p2_row_handed_nothing_over_of_a_marked_copy_keeps_its_number() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.lose(P0);
    rig.sent.clear();
    rig.pass(1_000);
    rig.open(P0);
    assert_eq!(rig.sent[0].mark.map(|m| m.copy_number), Some(2));
    rig.link(P0, LinkEvent::Untouched { job, attempt: 2 });
    rig.lose(P0);
    assert_eq!(rig.state(job), JobState::Queued { doubt: true });
    rig.sent.clear();
    rig.pass(10_000);
    rig.open(P0);
    assert_eq!(rig.sent[0].mark.map(|m| m.copy_number), Some(2));
}

#[test]
fn p2_row_some_bytes_sent_the_next_attempt_is_marked() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.lose(P0);
    assert_eq!(rig.state(job), JobState::Uncertain);
    rig.sent.clear();
    rig.pass(1_000);
    rig.open(P0);
    let mark = rig.sent[0].mark.expect("a mark");
    assert_eq!((mark.copy_number, mark.original, mark.requested), (2, job, false));
}

#[test]
fn p2_row_sending_a_restart_finds_it_uncertain_and_marks_it() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.sent.clear();
    rig.restart();
    assert_eq!(rig.state(job), JobState::Uncertain);
    rig.open(P0);
    assert_eq!(rig.sent[0].mark.map(|m| m.copy_number), Some(2));
}

#[test]
fn row_queued_a_restart_prints_it_unmarked() {
    let mut rig = Rig::new(printers(&["p0"], None), ECHO);
    let job = rig.sale("k");
    rig.restart();
    assert_eq!(rig.state(job), JobState::Queued { doubt: false });
    rig.open(P0);
    assert_eq!(rig.sent[0].mark, None);
}

#[test]
fn row_fence_open_an_id_that_comes_after_the_restart_makes_it_printed() {
    let mut rig = Rig::ready(ECHO);
    let first = rig.sale("a");
    rig.print_all(1_000);
    assert_eq!(rig.state(first), JobState::Printed(Grade::A));
    let job = rig.sale("b");
    let id = rig.echo_of(&rig.sent[0]);
    rig.take_all();
    rig.sent.clear();
    rig.restart();
    assert_eq!(rig.state(job), JobState::Uncertain);
    rig.link(P0, LinkEvent::Opened);
    rig.says(Reply::Echo(id.to_wire()));
    assert_eq!(rig.state(job), JobState::Printed(Grade::A));
    rig.pass(20_000);
    assert!(rig.sent.is_empty());
}

#[test]
fn row_fence_open_the_id_behind_the_tail_comes_last_and_tells_of_the_cut() {
    let mut rig = Rig::ready(ECHO);
    rig.sale("a");
    rig.print_all(1_000);
    let job = rig.sale("b");
    let (body, tail) = (rig.echo_of(&rig.sent[0]), rig.echo_of(&rig.sent[1]));
    rig.take_all();
    rig.sent.clear();
    rig.restart();
    rig.link(P0, LinkEvent::Opened);
    rig.says(Reply::Echo(body.to_wire()));
    assert_eq!((rig.state(job), rig.job(job).cut), (JobState::Printed(Grade::A), Cut::Unknown));
    rig.says(Reply::Echo(tail.to_wire()));
    assert_eq!((rig.state(job), rig.job(job).cut), (JobState::Printed(Grade::A), Cut::Done));
    assert_eq!(rig.job(job).story.last().map(|e| e.what.clone()), Some(What::CutDone));
    assert_eq!(rig.news.last().map(|r| (r.id, r.cut)), Some((job, Cut::Done)), "whoever watches is told");
    let entries = rig.job(job).story.len();
    rig.says(Reply::Echo(tail.to_wire()));
    assert_eq!(rig.job(job).story.len(), entries, "once");
}

#[test]
fn row_printed_with_an_open_cut_learns_of_it_when_the_link_is_back_and_not_from_cleared_buffers() {
    for cleared in [false, true] {
        let mut rig = Rig::ready(ECHO);
        let job = rig.sale("a");
        rig.take_all();
        rig.us += 1_000_000;
        let (body, tail) = (rig.echo_of(&rig.sent[0]), rig.echo_of(&rig.sent[1]));
        rig.says(Reply::Echo(body.to_wire()));
        rig.lose(P0);
        assert_eq!((rig.state(job), rig.job(job).cut), (JobState::Printed(Grade::A), Cut::Unknown));
        rig.pass(1_000);
        rig.link(P0, LinkEvent::Opened);
        if cleared {
            rig.says(Reply::Cleared);
        }
        rig.says(Reply::Echo(tail.to_wire()));
        let cut = if cleared { Cut::Unknown } else { Cut::Done };
        assert_eq!((rig.state(job), rig.job(job).cut), (JobState::Printed(Grade::A), cut));
    }
}

#[test]
fn a_link_that_waits_for_its_printer_says_why_and_is_not_told_to_try_again() {
    let mut rig = Rig::new(printers(&["counter"], None), ECHO);
    let opens = |rig: &Rig| rig.log.iter().filter(|c| **c == LinkCommand::Open).count();
    let state = |rig: &Rig| {
        let view = rig.core.printer_view(P0).unwrap();
        (view.state, view.fault, view.online)
    };
    assert_eq!(opens(&rig), 1);
    rig.link(P0, LinkEvent::Waiting(LinkFault::Absent));
    assert_eq!(state(&rig), ("absent", Some(LinkFault::Absent), false));
    rig.link(P0, LinkEvent::Waiting(LinkFault::Ambiguous));
    assert_eq!(state(&rig), ("backing-off", Some(LinkFault::Ambiguous), false));
    // An idle daemon without a printer has nothing to wake up for.
    assert_eq!(rig.core.next_deadline(), None);
    rig.pass(3_600_000);
    assert_eq!(opens(&rig), 1);
    rig.link(P0, LinkEvent::Opened);
    assert_eq!(state(&rig).1, None);
    // Once there is a session, the word means nothing any more.
    rig.link(P0, LinkEvent::Waiting(LinkFault::Absent));
    assert_ne!(state(&rig).0, "absent");
}

#[test]
fn row_proof_not_durable_is_unknown_again() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.take_all();
    rig.us += 1_000_000;
    rig.writes = false;
    let id = rig.echo_of(&rig.sent[0]);
    rig.says(Reply::Echo(id.to_wire()));
    assert!(rig.news.iter().all(|r| !r.state.is_final()), "nothing is told before it is durable");
    rig.writes = true;
    rig.restart();
    assert_eq!(rig.state(job), JobState::Uncertain);
}

#[test]
fn row_printed_with_an_open_cut_stays_printed_and_the_cut_unknown() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.take_all();
    rig.us += 1_000_000;
    let id = rig.echo_of(&rig.sent[0]);
    rig.says(Reply::Echo(id.to_wire()));
    assert_eq!((rig.state(job), rig.job(job).cut), (JobState::Printed(Grade::A), Cut::Open));
    rig.restart();
    assert_eq!(rig.job(job).at_rest().cut, Cut::Unknown);
    rig.sent.clear();
    rig.open(P0);
    assert!(rig.sent.is_empty());
}

#[test]
fn row_printed_a_lost_link_does_not_print_it_again() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.print_all(1_000);
    rig.lose(P0);
    rig.pass(1_000);
    rig.open(P0);
    assert_eq!(rig.state(job), JobState::Printed(Grade::A));
    assert!(rig.sent.is_empty());
}

#[test]
fn p3_cleared_buffers_make_it_uncertain_and_its_id_worthless() {
    let mut rig = Rig::ready(ECHO);
    rig.sale("a");
    rig.print_all(1_000);
    let job = rig.submit(rig.hold(submission("b", &[20]))).unwrap()[0];
    let id = rig.echo_of(&rig.sent[0]);
    rig.take_all();
    rig.says(Reply::Cleared);
    assert_eq!(rig.state(job), JobState::Uncertain);
    rig.says(Reply::Echo(id.to_wire()));
    assert_eq!(rig.state(job), JobState::Uncertain);
    // The session goes on: the next job is printed.
    rig.sent.clear();
    rig.pass(15_000);
    let next = rig.sale("c");
    assert_eq!(rig.sent[0].job, next);
}

#[test]
fn ids_in_doubt_are_not_given_out_again() {
    let mut rig = Rig::ready(ECHO);
    let held = rig.submit(rig.hold(submission("a", &[20]))).unwrap()[0];
    let doubtful = rig.echo_of(&rig.sent[0]).number();
    rig.lose(P0);
    // The spool lost the counters: the numbers begin again.
    rig.rows.retain(|(table, _), _| *table != receiptd_core::record::Table::Meta);
    rig.sent.clear();
    rig.restart();
    rig.open(P0);
    assert_eq!(rig.state(held), JobState::Uncertain);
    let next = rig.sale("b");
    let span = doubtful..doubtful + 2;
    let ids: Vec<u32> = rig.sent.iter().map(|s| rig.echo_of(s).number()).collect();
    assert!(rig.sent[0].job == next && ids.iter().all(|id| !span.contains(id)), "{ids:?} in {span:?}");
}

#[test]
fn p6_jobs_come_out_in_the_order_of_acceptance() {
    let mut rig = Rig::new(printers(&["p0"], None), ECHO);
    let jobs: Vec<_> = ["a", "b", "c"].map(|key| rig.sale(key)).into();
    rig.open(P0);
    let mut order = Vec::new();
    for _ in 0..3 {
        order.push(rig.sent[0].job);
        let job = rig.sent[0].job;
        let mine: Vec<Sent> = rig.sent.iter().filter(|s| s.job == job).cloned().collect();
        rig.sent = mine;
        rig.take_all();
        rig.us += 1_000_000;
        for sent in rig.sent.clone() {
            let id = rig.echo_of(&sent);
            rig.says(Reply::Echo(id.to_wire()));
        }
        rig.sent.retain(|s| s.job != job);
    }
    assert_eq!(order, jobs);
}

#[test]
fn printers_are_independent() {
    let mut rig = Rig::ready_with(printers(&["p0", "p1"], None), ECHO);
    let first = rig.sale("a");
    let mut other = submission("b", &[20]);
    other.printer = "p1".into();
    let second = rig.submit(other).unwrap()[0];
    assert!(rig.sent.iter().any(|s| s.printer == P1 && s.job == second));
    rig.lose(P0);
    assert_eq!(rig.state(first), JobState::Uncertain);
    assert_eq!(rig.state(second), JobState::Sending { doubt: false });
    assert!(rig.core.is_ready(P1));
}

#[test]
fn a_body_that_can_not_be_read_is_held_and_the_others_go_on() {
    let mut rig = Rig::ready(ECHO);
    let broken = rig.sale("a");
    let next = rig.sale("b");
    rig.link(P0, LinkEvent::Ended(LinkFault::BodyUnreadable));
    assert_eq!(rig.state(broken), JobState::Held { doubt: true });
    // Nobody held it: the story says why it waits.
    assert_eq!(rig.job(broken).story.last().map(|e| e.what.clone()), Some(What::BodyUnreadable));
    rig.sent.clear();
    rig.pass(1_000);
    rig.open(P0);
    assert_eq!(rig.sent[0].job, next);
}

#[test]
fn a_half_command_is_finished_before_anything_else_is_printed() {
    let mut rig = Rig::ready(MUTE);
    rig.sale("a");
    rig.lose(P0);
    rig.log.clear();
    rig.pass(1_000);
    rig.open(P0);
    let seen = rig.log.clone();
    let resync = seen.iter().position(|c| *c == LinkCommand::Resync).expect("NULs");
    let send = seen.iter().position(|c| matches!(c, LinkCommand::Send { part: Part::Body(0), .. }));
    assert!(send.is_some_and(|send| resync < send), "{seen:?}");
}

#[test]
fn policy_hold_waits_for_a_person() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.submit(rig.hold(submission("a", &[20]))).unwrap()[0];
    assert_eq!(rig.job(job).policy, Policy::Hold);
    rig.lose(P0);
    rig.sent.clear();
    rig.pass(1_000);
    rig.open(P0);
    assert_eq!(rig.state(job), JobState::Uncertain);
    assert!(rig.sent.is_empty());
    let note = String::new();
    let Ok(Answer::Job(_)) = rig.asked(Request::Resolve { job, came_out: false, note }) else {
        panic!("it is printed again");
    };
    assert_eq!(rig.sent[0].mark.map(|m| m.copy_number), Some(2));
}

#[test]
fn a_daemon_that_is_asked_to_end_finishes_the_job_under_way_and_begins_no_other() {
    let mut rig = Rig::ready(ECHO);
    let first = rig.sale("a");
    let second = rig.sale("b");
    rig.tell(Input::Shutdown);
    assert!(!rig.core.is_quiet());
    rig.print_all(1_000);
    assert!(rig.core.is_quiet());
    assert_eq!(rig.state(first), JobState::Printed(Grade::A));
    assert_eq!(rig.state(second), JobState::Queued { doubt: false });
}

#[test]
fn a_daemon_that_is_asked_to_end_does_not_wait_for_paper() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.take_all();
    rig.tell(Input::Shutdown);
    assert!(!rig.core.waits_for_people(), "it is printed now");
    rig.says(Reply::Asb([0x1C, 0, 0x0F, 0]));
    assert!(rig.core.waits_for_people() && !rig.core.is_quiet());
    assert_eq!(rig.state(job), JobState::Sending { doubt: false });
}
