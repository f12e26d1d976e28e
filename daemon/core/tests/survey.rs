//! Surveys: what a printer is asked, that no job comes between, and what is learned.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken test must fail loudly")]

mod common;

use common::{COUNTING, ECHO, IN_ORDER, MUTE, OPERATOR, P0, Rig, Voice, printers};
use receiptd_core::condition::Blocked;
use receiptd_core::evidence::{Ability, Grade, Judgement};
use receiptd_core::job::JobState;
use receiptd_core::link::{Counter, Info, LinkCommand, LinkFault, Query, Reply};
use receiptd_core::request::{Answer, Refusal, Request};
use receiptd_core::survey::{Asked, Heard, Moment, Road, Said, SurveyEnd, SurveyPage, SurveyReport, Unready};
use receiptd_core::{Input, StoreFault};

/// 45 mm: 75 ms at the speed of the fastest head.
const DOTS: u32 = 360;

fn survey() -> Request {
    let page = SurveyPage {
        body: b"\x1B@page\n".as_slice().into(),
        tail: b"\x1DV\x01".as_slice().into(),
        dots: DOTS,
        paper_dots: DOTS + 120,
    };
    Request::Survey { printer: String::new(), road: Road::Network, page }
}

/// Surveys the only printer from beginning to end.
fn surveyed(rig: &mut Rig) -> SurveyReport {
    let ticket = rig.ask(OPERATOR, survey());
    rig.pass(30_000);
    report(rig, ticket)
}

fn report(rig: &Rig, ticket: u64) -> SurveyReport {
    match rig.answer(ticket) {
        Ok(Answer::Survey(report)) => *report,
        other => panic!("{other:?}"),
    }
}

fn said(report: &SurveyReport, moment: Moment, asked: Asked) -> Option<&Said> {
    report.findings.iter().find(|f| (f.moment, f.asked) == (moment, asked)).unwrap().said.as_ref()
}

fn not_ready(answer: Result<Answer, Refusal>) -> Unready {
    match answer {
        Err(Refusal::NotReady { why }) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_printer_that_answers_everything_is_asked_everything_and_proves_it_by_the_page() {
    let mut rig = Rig::ready(COUNTING);
    let report = surveyed(&mut rig);
    assert_eq!(report.end, None);
    let moments = |moment| report.findings.iter().filter(|f| f.moment == moment).count();
    assert_eq!(
        [Moment::Idle, Moment::Page, Moment::Tail, Moment::After].map(moments),
        [10, 2, 1, 2],
        "{report:#?}"
    );
    assert!(report.findings.iter().all(|f| f.said.is_some() && f.strays == 0), "{report:#?}");
    let bytes = said(&report, Moment::Idle, Asked::RealTime).map(|s| s.heard.clone());
    assert_eq!(bytes, Some(Heard::Bytes(vec![0x12; 4])));
    let echo = said(&report, Moment::Page, Asked::Echo).unwrap();
    assert_eq!((echo.judgement, echo.after_us), (Some(Judgement::Believable), 300_000));
    assert_eq!((report.best, report.abilities.echo), (Grade::APlus, Ability::Proven));
    assert_eq!(report.abilities.in_order, Ability::Proven);
    assert!(rig.core.is_ready(P0));
    // What was proven is kept: a slip that is too short to judge by is printed, not sent.
    let job = rig.submit(common::submission("short", &[2])).unwrap()[0];
    rig.print_all(50);
    assert_eq!(rig.state(job), JobState::Printed(Grade::APlus));
}

#[test]
fn a_mute_printer_is_waited_for_with_bounds_and_stays_what_it_is() {
    let mut rig = Rig::ready(MUTE);
    let began = rig.us;
    let ticket = rig.ask(OPERATOR, survey());
    while !rig.answers.contains_key(&ticket) {
        rig.pass(100);
    }
    // Callers such as busctl give up after 25 s.
    assert!(rig.us - began < 20_000_000, "{} us", rig.us - began);
    let report = report(&rig, ticket);
    assert!(report.findings.iter().all(|f| f.said.is_none()), "{report:#?}");
    assert!(report.findings.iter().all(|f| f.moment == Moment::Idle), "nothing is asked behind the page");
    assert!(report.taken_us.is_some() && report.end.is_none());
    assert_eq!(report.best, Grade::D);
    let pages = rig.log.iter().filter(|c| matches!(c, LinkCommand::Page(_))).count();
    assert_eq!(pages, 2, "the page, and its cut");
}

#[test]
fn a_liar_is_found_out_and_its_word_counts_for_nothing_from_then_on() {
    let mut rig = Rig::ready(ECHO);
    rig.page_ms = Some(1);
    let report = surveyed(&mut rig);
    for asked in [Asked::Echo, Asked::InOrder] {
        let judgement = said(&report, Moment::Page, asked).unwrap().judgement;
        assert_eq!(judgement, Some(Judgement::Impossible));
    }
    assert_eq!((report.abilities.echo, report.best), (Ability::Lies, Grade::C));
    // An honest page later does not wash it clean.
    rig.page_ms = Some(300);
    assert_eq!(surveyed(&mut rig).abilities.echo, Ability::Lies);
}

#[test]
fn whoever_vouches_for_the_evidence_is_not_overruled() {
    let mut rig = Rig::ready_with(printers(&["p0"], Some(Grade::A)), ECHO);
    rig.page_ms = Some(1);
    let report = surveyed(&mut rig);
    assert_eq!(said(&report, Moment::Page, Asked::Echo).unwrap().judgement, Some(Judgement::Impossible));
    assert_eq!(report.best, Grade::A);
}

#[test]
fn answers_to_some_of_the_status_questions_are_counted_and_not_given_to_the_wrong_one() {
    let mut rig = Rig::ready(IN_ORDER);
    rig.voice = Voice { real_time: false, ..IN_ORDER };
    let ticket = rig.ask(OPERATOR, survey());
    rig.pass(600);
    // What the codec says of them when they are asked for the second time.
    rig.says(Reply::Nonsense(2));
    rig.pass(30_000);
    let report = report(&rig, ticket);
    let finding = report.findings.iter().find(|f| f.asked == Asked::RealTime).unwrap();
    assert_eq!((finding.said.as_ref(), finding.strays), (None, 2));
}

#[test]
fn a_job_that_comes_meanwhile_waits_and_is_printed_next() {
    let mut rig = Rig::ready(COUNTING);
    let ticket = rig.ask(OPERATOR, survey());
    let job = rig.sale("k");
    assert_eq!(rig.state(job), JobState::Queued { doubt: false });
    assert!(rig.sent.is_empty());
    rig.pass(30_000);
    assert!(report(&rig, ticket).end.is_none());
    let last_page = rig.log.iter().rposition(|c| matches!(c, LinkCommand::Page(_))).unwrap();
    let first_part = rig.log.iter().position(|c| matches!(c, LinkCommand::Send { .. })).unwrap();
    assert!(last_page < first_part, "nothing of the job lies between the pieces of the page");
    rig.print_all(2_000);
    assert_eq!(rig.state(job), JobState::Printed(Grade::APlus));
}

#[test]
fn it_is_refused_where_it_would_come_between() {
    let mut rig = Rig::ready(ECHO);
    assert_eq!(rig.asked(survey()), Err(Refusal::NotAllowed), "for operators");
    let first = rig.ask(OPERATOR, survey());
    let second = rig.ask(OPERATOR, survey());
    assert_eq!(not_ready(rig.answer(second)), Unready::Surveyed);
    rig.pass(30_000);
    assert!(report(&rig, first).end.is_none());
    let job = rig.sale("k");
    let ticket = rig.ask(OPERATOR, survey());
    assert_eq!(not_ready(rig.answer(ticket)), Unready::Printing(job));
    rig.print_all(2_000);
    rig.says(Reply::Asb([0x14, 0, 0x0C, 0x0F]));
    let ticket = rig.ask(OPERATOR, survey());
    assert_eq!(not_ready(rig.answer(ticket)), Unready::Blocked(Blocked::PaperOut));
    rig.lose(P0);
    let ticket = rig.ask(OPERATOR, survey());
    assert_eq!(not_ready(rig.answer(ticket)), Unready::NotConnected(Some(LinkFault::Lost)));
    let nowhere = Request::Survey {
        printer: "elsewhere".into(),
        road: Road::Network,
        page: SurveyPage { body: [].into(), tail: [].into(), dots: 0, paper_dots: 0 },
    };
    let ticket = rig.ask(OPERATOR, nowhere);
    assert_eq!(rig.answer(ticket), Err(Refusal::UnknownPrinter));
    rig.tell(Input::Shutdown);
    let ticket = rig.ask(OPERATOR, survey());
    assert_eq!(rig.answer(ticket), Err(Refusal::ShuttingDown));
}

/// Whatever interrupts it: the caller is told, the session is a new one, and the job behind it is printed unmarked.
#[test]
fn an_interrupted_survey_leaves_nothing_behind_that_could_be_taken_for_a_jobs() {
    type Mishap = fn(&mut Rig);
    let paper: Mishap = |rig| rig.says(Reply::Asb([0x14, 0, 0x0C, 0x0F]));
    let lost: Mishap = |rig| rig.lose(P0);
    let cleared: Mishap = |rig| rig.says(Reply::Cleared);
    let stalled: Mishap = |rig| rig.pass(30_000);
    for (mishap, end) in [
        (paper, SurveyEnd::Blocked(Blocked::PaperOut)),
        (lost, SurveyEnd::Link(LinkFault::Lost)),
        (cleared, SurveyEnd::Cleared),
        (stalled, SurveyEnd::Stalled),
    ] {
        let mut rig = Rig::ready(ECHO);
        rig.page_ms = None;
        let ticket = rig.ask(OPERATOR, survey());
        let job = rig.sale("k");
        while !rig.log.iter().any(|c| matches!(c, LinkCommand::Page(_))) {
            rig.pass(100);
        }
        mishap(&mut rig);
        let report = report(&rig, ticket);
        assert_eq!(report.end, Some(end));
        assert_eq!(rig.state(job), JobState::Queued { doubt: false });
        assert!(rig.sent.is_empty());
        // The next session listens first, and ends whatever command was half sent.
        rig.log.clear();
        rig.pass(15_000);
        rig.open(P0);
        let resync = rig.log.iter().position(|c| *c == LinkCommand::Resync).expect("NULs");
        let send = rig.log.iter().position(|c| matches!(c, LinkCommand::Send { .. })).expect("the job");
        assert!(resync < send, "{end:?}");
        assert!(rig.sent.iter().all(|sent| sent.mark.is_none()));
        rig.print_all(2_000);
        assert!(matches!(rig.state(job), JobState::Printed(_)), "{end:?}: {:?}", rig.state(job));
    }
}

#[test]
fn the_end_of_the_daemon_ends_it_with_an_answer() {
    let mut rig = Rig::ready(ECHO);
    let ticket = rig.ask(OPERATOR, survey());
    rig.tell(Input::Shutdown);
    assert_eq!(report(&rig, ticket).end, Some(SurveyEnd::ShuttingDown));
    assert!(rig.core.is_quiet());
}

/// An answer to `GS r` carries no name. One that the survey is still owed must not prove a later job.
#[test]
fn an_answer_that_the_survey_is_still_owed_proves_no_later_job() {
    let mut rig = Rig::ready(IN_ORDER);
    assert_eq!(surveyed(&mut rig).best, Grade::B);
    let owed = Voice { in_order: false, ..IN_ORDER };
    rig.voice = owed;
    let report = surveyed(&mut rig);
    assert_eq!(said(&report, Moment::Idle, Asked::InOrder), None);
    let job = rig.sale("k");
    rig.take_all();
    rig.us += 2_000_000;
    rig.says(Reply::PaperInOrder(0));
    rig.pass(10_000);
    assert!(matches!(rig.state(job), JobState::Sent(_)), "{:?}", rig.state(job));
}

#[test]
fn a_store_that_refuses_does_not_keep_the_answer_back() {
    let mut rig = Rig::ready(COUNTING);
    rig.writes = false;
    let ticket = rig.ask(OPERATOR, survey());
    rig.pass(30_000);
    rig.refuse(StoreFault::Full);
    assert!(report(&rig, ticket).end.is_none());
}

#[test]
fn the_port_status_is_asked_where_there_is_a_port() {
    let mut rig = Rig::ready(ECHO);
    let Request::Survey { printer, page, .. } = survey() else { panic!() };
    let ticket = rig.ask(OPERATOR, Request::Survey { printer, page, road: Road::Usb });
    rig.pass(30_000);
    let report = report(&rig, ticket);
    let heard = said(&report, Moment::Idle, Asked::PortStatus).map(|s| s.heard.clone());
    assert_eq!(heard, Some(Heard::Bytes(vec![0x18])));
    // Questions whose answers look alike are never out together.
    let asked: Vec<_> =
        rig.log.iter().filter_map(|c| if let LinkCommand::Ask(q) = c { Some(*q) } else { None }).collect();
    let last_text = asked.iter().rposition(|q| matches!(q, Query::Info(Info::Firmware))).unwrap();
    let first = asked.iter().rposition(|q| matches!(q, Query::Counter(Counter::Cuts))).unwrap();
    assert!(last_text < first);
}
