//! P5: what people do with jobs, and that each ends with one outcome and its story.

mod common;

use common::{APP, ECHO, MUTE, P0, Rig, printers, submission};
use receiptd_core::evidence::Grade;
use receiptd_core::ids::JobId;
use receiptd_core::job::JobState;
use receiptd_core::link::{LinkEvent, Reply};
use receiptd_core::request::{Answer, Refusal, Request, Submission};
use receiptd_core::story::What;

fn note() -> String {
    "because".into()
}

fn waiting() -> (Rig, JobId) {
    let mut rig = Rig::new(printers(&["p0"], None), ECHO);
    let job = rig.sale("k");
    (rig, job)
}

#[test]
fn a_held_job_waits_and_a_released_one_goes_on() {
    let (mut rig, job) = waiting();
    rig.asked(Request::Hold { job, note: note() }).unwrap();
    rig.open(P0);
    assert_eq!(rig.state(job), JobState::Held { doubt: false });
    assert!(rig.sent.is_empty());
    rig.asked(Request::Release { job }).unwrap();
    assert_eq!(rig.sent[0].job, job);
}

#[test]
fn a_canceled_job_never_prints_and_its_story_says_who_and_why() {
    let (mut rig, job) = waiting();
    rig.asked(Request::Cancel { job, note: note() }).unwrap();
    rig.open(P0);
    assert!(rig.sent.is_empty());
    let last = rig.job(job).story.last().map(|e| e.what.clone());
    assert_eq!(last, Some(What::Canceled { by: APP.uid, note: note().into() }));
    assert_eq!(rig.core.active(), 0);
}

#[test]
fn a_job_that_may_be_in_the_printer_can_not_be_canceled() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    let state = JobState::Sending { doubt: false };
    for request in [
        Request::Cancel { job, note: note() },
        Request::Hold { job, note: note() },
        Request::Release { job },
        Request::Resolve { job, came_out: true, note: note() },
        Request::Resolve { job, came_out: false, note: note() },
    ] {
        assert_eq!(rig.asked(request), Err(Refusal::WrongState { state }));
    }
    assert_eq!(rig.reprint(job, "r"), Err(Refusal::WrongState { state }));
}

#[test]
fn a_job_that_waits_for_paper_in_the_printer_can_be_canceled_once_the_printer_was_switched_off() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.take_all();
    let paper_out = Reply::Asb([0x1C, 0, 0x0C, 0x0F]);
    rig.says(paper_out.clone());
    let refused = rig.asked(Request::Cancel { job, note: note() });
    assert_eq!(refused, Err(Refusal::WrongState { state: JobState::Sending { doubt: false } }));
    // Off and on, still without paper: what it had is gone.
    rig.lose(P0);
    rig.pass(1_000);
    rig.link(P0, LinkEvent::Opened);
    rig.pass(300);
    rig.says(paper_out);
    rig.asked(Request::Cancel { job, note: note() }).unwrap();
    assert_eq!(rig.state(job), JobState::Canceled);
    rig.sent.clear();
    rig.says(Reply::Asb([0x14, 0, 0, 0x0F]));
    rig.pass(15_000);
    assert!(rig.core.is_ready(P0) && rig.sent.is_empty());
}

#[test]
fn an_outcome_is_final() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.print_all(1_000);
    let state = JobState::Printed(Grade::A);
    for request in [
        Request::Cancel { job, note: note() },
        Request::Hold { job, note: note() },
        Request::Release { job },
        Request::Resolve { job, came_out: false, note: note() },
    ] {
        assert_eq!(rig.asked(request), Err(Refusal::WrongState { state }));
    }
    assert_eq!(rig.state(job), state);
}

#[test]
fn a_person_can_say_that_it_came_out() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.submit(rig.hold(submission("k", &[20]))).unwrap()[0];
    rig.lose(P0);
    rig.asked(Request::Resolve { job, came_out: true, note: note() }).unwrap();
    assert_eq!(rig.state(job), JobState::Attested);
}

#[test]
fn a_job_expires_when_its_time_is_over_and_not_while_it_may_be_on_paper() {
    let mut rig = Rig::new(printers(&["p0"], None), ECHO);
    let short = |key: &str| Submission { expires_after_ms: Some(5_000), ..submission(key, &[20]) };
    let job = rig.submit(short("a")).unwrap()[0];
    rig.pass(4_000);
    assert_eq!(rig.state(job), JobState::Queued { doubt: false });
    rig.pass(2_000);
    assert_eq!(rig.state(job), JobState::Expired);
    rig.open(P0);
    let doubtful = rig.submit(rig.hold(short("b"))).unwrap()[0];
    rig.lose(P0);
    rig.pass(60_000);
    assert_eq!(rig.state(doubtful), JobState::Uncertain);
}

#[test]
fn a_job_whose_time_ran_out_while_it_was_beginning_expires_once_it_is_back_in_the_queue() {
    let mut rig = Rig::ready(ECHO);
    rig.writes = false;
    let short = Submission { expires_after_ms: Some(5_000), ..submission("a", &[20]) };
    rig.ask(APP, Request::Submit(short));
    rig.us += 6_000_000;
    rig.tell(receiptd_core::Input::Tick);
    rig.lose(P0);
    rig.writes = true;
    rig.write();
    rig.pass(10);
    assert_eq!(rig.state(JobId(1)), JobState::Expired);
}

#[test]
fn a_wall_clock_that_jumps_neither_expires_nor_keeps_a_job() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    let job = rig.submit(Submission { expires_after_ms: Some(60_000), ..submission("a", &[20]) }).unwrap()[0];
    rig.wall_error_ms = 86_400_000;
    rig.pass(30_000);
    assert_eq!(rig.state(job), JobState::Queued { doubt: false });
    rig.wall_error_ms = -86_400_000;
    rig.pass(31_000);
    assert_eq!(rig.state(job), JobState::Expired);
    // Nor does a clock that is set back before a restart give it more than it was given.
    let job = rig.submit(Submission { expires_after_ms: Some(60_000), ..submission("b", &[20]) }).unwrap()[0];
    rig.wall_error_ms = -900_000_000;
    rig.restart();
    rig.pass(61_000);
    assert_eq!(rig.state(job), JobState::Expired);
}

#[test]
fn a_job_accepted_under_a_wrong_clock_keeps_its_time_over_a_restart_after_the_clock_was_set_right() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    // The battery of the clock is empty: the terminal believes to be years back.
    let years_ms = 10 * 365 * 86_400_000_i64;
    rig.wall_error_ms = -years_ms;
    rig.pass(1_000);
    let job = rig.submit(Submission { expires_after_ms: Some(60_000), ..submission("a", &[20]) }).unwrap()[0];
    let other = rig.sale("b");
    rig.pass(10_000);
    // The network tells it the time. It looks at the clock now and then, also when nothing happens.
    rig.wall_error_ms = 0;
    assert!(rig.core.next_deadline().is_some_and(|at| at.0 <= rig.us + 60_000_000));
    rig.tell(receiptd_core::Input::Tick);
    assert_eq!(rig.job(job).expires.map(|at| at.0), Some(rig.now().wall.0 + 50_000));
    assert_eq!(rig.job(other).expires, None);
    rig.restart();
    rig.pass(40_000);
    assert_eq!(rig.state(job), JobState::Queued { doubt: false });
    // Set back and restarted, it still gets no more than it was given at first.
    rig.wall_error_ms = -years_ms;
    rig.restart();
    rig.pass(61_000);
    assert_eq!(rig.state(job), JobState::Expired);
}

#[test]
fn p2_reprints_are_marked_and_counted_over_attempts_and_restarts() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.print_all(1_000);
    let Ok(Answer::Reprint(copy)) = rig.reprint(job, "r1") else { panic!("a copy") };
    let mark = rig.sent[0].mark.expect("a mark");
    assert_eq!((mark.copy_number, mark.original, mark.requested), (2, job, true));
    // The same key is the same copy.
    assert_eq!(rig.reprint(job, "r1"), Ok(Answer::Reprint(copy)));
    rig.sent.clear();
    rig.restart();
    for original in rig.core.bodies_in_use() {
        rig.adopt(original);
    }
    rig.open(P0);
    assert_eq!(rig.sent[0].mark.map(|m| (m.copy_number, m.original)), Some((3, job)));
    rig.print_all(1_000);
    assert_eq!(rig.state(copy), JobState::Printed(Grade::A));
    let Ok(Answer::Reprint(_)) = rig.reprint(job, "r2") else { panic!("a copy") };
    assert_eq!(rig.sent[0].mark.map(|m| m.copy_number), Some(4));
}

#[test]
fn a_key_of_a_reprint_that_stands_for_another_job_is_a_conflict() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.print_all(1_000);
    assert_eq!(rig.reprint(job, "k"), Err(Refusal::KeyConflict { job }));
}

#[test]
fn p5_copies_without_number_do_not_push_the_outcome_out_of_the_story() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.print_all(1_000);
    for n in 0..60 {
        assert!(rig.reprint(job, &format!("r{n}")).is_ok());
        rig.print_all(1_000);
    }
    assert!(rig.job(job).story.iter().any(|e| e.what == What::Printed(Grade::A)));
}
