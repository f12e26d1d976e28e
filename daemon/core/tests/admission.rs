//! P1 and P4: what "accepted" means, who gets it, and who is refused.

mod common;

use common::{APP, ECHO, MUTE, Rig, printers, submission};
use receiptd_core::job::JobState;
use receiptd_core::request::{Answer, Caller, ListFilter, Obstacle, Refusal, Request, Submission};
use receiptd_core::{Class, Core, Input, Spooled, StoreFault};

#[test]
fn p1_accepted_is_said_when_the_batch_is_durable_and_not_before() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    rig.writes = false;
    let ticket = rig.ask(APP, Request::Submit(submission("k", &[20])));
    assert!(rig.answers.is_empty() && rig.waiting.len() == 1);
    assert_eq!(rig.waiting[0].1, Class::Admission);
    rig.write();
    assert!(matches!(rig.answer(ticket), Ok(Answer::Accepted { existed: false, .. })));
}

#[test]
fn p4_the_same_key_and_content_give_the_same_jobs_before_and_after_a_restart() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    let jobs = rig.submit(submission("k", &[20, 30])).unwrap();
    assert_eq!(jobs.len(), 2);
    assert_eq!(rig.submit(submission("k", &[20, 30])).unwrap(), jobs);
    rig.restart();
    assert_eq!(rig.submit(submission("k", &[20, 30])).unwrap(), jobs);
    assert_eq!(rig.core.active(), 2);
}

#[test]
fn p4_a_second_request_waits_for_the_batch_of_the_first() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    rig.writes = false;
    let first = rig.ask(APP, Request::Submit(submission("k", &[20])));
    let second = rig.ask(APP, Request::Submit(submission("k", &[20])));
    assert!(rig.answers.is_empty());
    rig.refuse(StoreFault::Failed);
    assert_eq!(rig.answer(first), Err(Refusal::StoreFailed));
    assert_eq!(rig.answer(second), Err(Refusal::StoreFailed));
    rig.writes = true;
    rig.sale("k");
    assert_eq!(rig.core.active(), 1);
}

#[test]
fn p4_the_same_key_with_other_content_is_a_conflict() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    let job = rig.sale("k");
    assert_eq!(rig.submit(submission("k", &[20, 20])), Err(Refusal::KeyConflict { job }));
}

#[test]
fn a_full_disk_refuses_and_leaves_nothing_behind() {
    let mut rig = Rig::ready(ECHO);
    rig.writes = false;
    let ticket = rig.ask(APP, Request::Submit(submission("k", &[20, 20])));
    rig.refuse(StoreFault::Full);
    assert_eq!(rig.answer(ticket), Err(Refusal::StoreFull));
    assert_eq!(rig.core.active(), 0);
    assert!(rig.sent.is_empty());
    rig.writes = true;
    let mut obstacles = |store| {
        let Ok(Answer::CanPrint(ready)) =
            rig.asked(Request::CanPrint { printer: "p0".into(), dots: 100, store })
        else {
            panic!("an answer about the printer");
        };
        ready.obstacles
    };
    assert_eq!(obstacles(Err(StoreFault::Full)), [Obstacle::StoreFull]);
    // Whoever asks before each charge hands nothing in as long as it is told "no": it must learn of the room all the same.
    assert_eq!(obstacles(Ok(())), []);
    // There is room again: the same key is accepted, and the printer begins.
    let jobs = rig.submit(submission("k", &[20, 20])).unwrap();
    assert_eq!(rig.sent[0].job, jobs[0]);
}

#[test]
fn a_disk_that_is_behind_is_no_full_queue() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    rig.writes = false;
    let ticket = rig.ask(APP, Request::Submit(submission("k", &[20])));
    rig.refuse(StoreFault::Busy);
    assert_eq!(rig.answer(ticket), Err(Refusal::Busy));
    rig.writes = true;
    assert_eq!(
        rig.submit(submission("k", &[20])).map(|jobs| jobs.len()),
        Ok(1),
        "the same key, a moment later"
    );
}

#[test]
fn a_beginning_that_the_disk_refused_is_tried_again() {
    let mut rig = Rig::new(printers(&["p0"], None), ECHO);
    let job = rig.sale("k");
    rig.writes = false;
    rig.link(common::P0, receiptd_core::link::LinkEvent::Opened);
    while rig.waiting.iter().all(|(_, _, ops)| ops.len() < 2) {
        rig.pass(100);
    }
    rig.refuse(StoreFault::Failed);
    assert!(rig.sent.is_empty());
    rig.writes = true;
    rig.pass(2_000);
    assert_eq!(rig.sent[0].job, job);
    assert_eq!((rig.job(job).attempts, rig.sent[0].mark), (1, None));
}

#[test]
fn queue_and_share_have_bounds() {
    let mut config = printers(&["p0"], None);
    config.active_jobs_max = 3;
    config.active_jobs_per_uid_max = 2;
    let mut rig = Rig::new(config, MUTE);
    rig.submit(submission("a", &[20, 20])).unwrap();
    assert_eq!(rig.submit(submission("b", &[20])), Err(Refusal::ShareFull));
    let other = Caller { uid: 2_000, operator: false };
    let ticket = rig.ask(other, Request::Submit(submission("c", &[20, 20])));
    assert_eq!(rig.answer(ticket), Err(Refusal::QueueFull));
    let ticket = rig.ask(other, Request::Submit(submission("d", &[20])));
    assert!(rig.answer(ticket).is_ok());
}

#[test]
fn bad_requests_have_names() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    assert_eq!(rig.submit(submission("", &[20])), Err(Refusal::BadKey { bytes: 0 }));
    assert_eq!(rig.submit(submission("k", &[])), Err(Refusal::BadCopies { copies: 0 }));
    let mut unknown = submission("k", &[20]);
    unknown.printer = "nobody".into();
    assert_eq!(rig.submit(unknown), Err(Refusal::UnknownPrinter));
    rig.tell(Input::Shutdown);
    assert_eq!(rig.submit(submission("k", &[20])), Err(Refusal::ShuttingDown));
}

#[test]
fn anothers_job_does_not_exist() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    let job = rig.sale("k");
    let other = Caller { uid: 2_000, operator: false };
    let ticket = rig.ask(other, Request::Look { job });
    assert_eq!(rig.answer(ticket), Err(Refusal::UnknownJob));
    let ticket = rig.ask(common::OPERATOR, Request::Look { job });
    assert!(rig.answer(ticket).is_ok());
}

#[test]
fn p5_nobody_is_told_a_state_that_the_disk_refused() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    let job = rig.sale("k");
    rig.writes = false;
    let held = rig.ask(APP, Request::Hold { job, note: String::new() });
    rig.refuse(StoreFault::Failed);
    assert_eq!(rig.answer(held), Err(Refusal::Unwritten { fault: StoreFault::Failed }));
    let look = rig.ask(APP, Request::Look { job });
    assert_eq!(rig.answer(look), Err(Refusal::Unwritten { fault: StoreFault::Failed }));
    let list = rig.ask(APP, Request::List(ListFilter { limit: 9, ..ListFilter::default() }));
    assert_eq!(rig.answer(list), Err(Refusal::Unwritten { fault: StoreFault::Failed }));
    rig.writes = true;
    rig.pass(2_000);
    assert_eq!(rig.state(job), JobState::Held { doubt: false });
}

#[test]
fn p5_what_a_person_decided_is_answered_when_a_disk_that_was_behind_has_it() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    let job = rig.sale("k");
    rig.writes = false;
    let held = rig.ask(APP, Request::Hold { job, note: String::new() });
    rig.refuse(StoreFault::Busy);
    assert!(!rig.answers.contains_key(&held), "it is a matter of a moment");
    rig.writes = true;
    rig.pass(2_000);
    assert!(rig.answer(held).is_ok());
    assert_eq!(rig.state(job), JobState::Held { doubt: false });
}

#[test]
fn p5_what_a_person_decided_is_answered_by_a_later_batch_that_has_it() {
    let mut rig = Rig::ready(ECHO);
    let hold = Submission { hold: true, ..submission("k", &[20]) };
    let job = rig.submit(hold).unwrap()[0];
    rig.writes = false;
    // The release, and behind it the beginning of the attempt.
    let released = rig.ask(APP, Request::Release { job });
    assert_eq!(rig.waiting.len(), 2);
    let (first, ..) = rig.waiting.remove(0);
    rig.tell(Input::PersistFailed(first, StoreFault::Full));
    assert!(!rig.answers.contains_key(&released));
    rig.write();
    assert!(rig.answer(released).is_ok(), "{:?}", rig.answer(released));
    assert_eq!(rig.state(job), JobState::Sending { doubt: false });
}

#[test]
fn a_job_that_is_not_durable_can_not_be_touched() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    rig.writes = false;
    rig.ask(APP, Request::Submit(submission("k", &[20])));
    let job = receiptd_core::ids::JobId(1);
    let ticket = rig.ask(APP, Request::Cancel { job, note: String::new() });
    assert_eq!(rig.answer(ticket), Err(Refusal::UnknownJob));
}

#[test]
fn a_row_that_the_spool_gave_twice_is_one_job_and_the_later_one_counts() {
    let mut rig = Rig::new(printers(&["p0"], None), MUTE);
    let (first, second) = (rig.sale("a"), rig.sale("b"));
    let before = rig.job(first);
    rig.asked(Request::Hold { job: first, note: String::new() }).unwrap();
    let active = vec![before, rig.job(second), rig.job(first)];
    let spooled = Spooled { active, ..Spooled::default() };
    rig.core = Core::start(rig.config.clone(), spooled, rig.now());
    assert_eq!(rig.core.active(), 2);
    let filter = ListFilter { limit: 9, ..ListFilter::default() };
    let Ok(Answer::Jobs(jobs)) = rig.asked(Request::List(filter)) else { panic!("a list") };
    let states: Vec<_> = jobs.iter().map(|job| (job.id, job.state)).collect();
    let (held, queued) = (JobState::Held { doubt: false }, JobState::Queued { doubt: false });
    assert_eq!(states, [(first, held), (second, queued)]);
}
