//! P5: what becomes of a job is told while it happens and afterwards: paused and why, held, canceled, expired,
//! reprinted, resolved by a person.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use receiptd_api::{
    ApiError, CallError, Cut, Document, JobInfo, JobState, Kind, Outcome, Purpose, SubmitOptions, Uncertain,
};
use receiptd_system_tests::calls::{
    self, LONG, PrinterWatch, SHORT, outcome, outcomes, slip, story, submit, submit_as, until,
};
use receiptd_system_tests::paper::prints;
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, quick_printer, slow_printer};
use virtual_printer::{Config, Fault, Handle, VirtualPrinter, What};

async fn open(config: Config, sections: &str) -> (Handle, Shop) {
    let printer = VirtualPrinter::start(config).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], sections).unwrap();
    shop.start().unwrap();
    (printer, shop)
}

fn state_of(error: CallError) -> String {
    match error {
        CallError::Api(ApiError::WrongState(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn held_at_submission_it_waits_and_others_pass() {
    let (printer, shop) = open(quick_printer().unwrap(), "").await;
    let client = shop.client().await.unwrap();
    let hold = SubmitOptions { hold: Some(true), ..SubmitOptions::default() };
    let held = submit_as(&client, "S0001", "", &slip("S0001", SHORT), &hold).await.unwrap().jobs[0].0;
    let next = submit(&client, "S0002", SHORT).await.unwrap();
    outcome(&shop, next).await;
    assert_eq!(client.spooler().get_job(held).await.unwrap().state, JobState::Held);
    client.spooler().release(held).await.unwrap();
    let job = outcome(&shop, held).await;
    assert_eq!(job.state, JobState::Printed);
    assert!(story(&job).contains(&"released"));
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let names: Vec<String> = prints(&printer.events()).into_iter().map(|print| print.name).collect();
    assert_eq!(names, ["S0002", "S0001"]);
    assert!(state_of(client.spooler().hold(held, "").await.unwrap_err()).contains("printed"));
}

#[tokio::test]
async fn what_waits_can_be_held_released_and_canceled_and_says_so_after_a_restart() {
    let (printer, mut shop) = open(quick_printer().unwrap(), "").await;
    printer.fault(Fault::PowerOff);
    let client = shop.client().await.unwrap();
    let mut ids = Vec::new();
    for n in 1..=3 {
        ids.push(submit(&client, &calls::name(n), SHORT).await.unwrap());
    }
    let spooler = client.spooler();
    // The first may be the one whose sending the power cut interrupted; it is left alone.
    spooler.hold(ids[1], "the customer comes back").await.unwrap();
    spooler.cancel(ids[2], "typed wrong").await.unwrap();
    assert!(state_of(spooler.cancel(ids[2], "").await.unwrap_err()).contains("canceled"));
    shop.kill().unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let held = client.spooler().get_job(ids[1]).await.unwrap();
    assert_eq!((held.state, held.reason.as_deref()), (JobState::Held, Some("the customer comes back")));
    let canceled = client.spooler().get_job(ids[2]).await.unwrap();
    assert_eq!((canceled.state, canceled.reason.as_deref()), (JobState::Canceled, Some("typed wrong")));
    calls::assert_told(&canceled);
    printer.fault(Fault::PowerOn);
    client.spooler().release(ids[1]).await.unwrap();
    outcomes(&shop, [ids[0], ids[1]]).await;
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    assert!(prints(&printer.events()).iter().all(|print| print.name != "S0003"));
}

#[tokio::test]
async fn what_is_not_out_in_time_expires_and_is_not_printed() {
    let (printer, shop) = open(quick_printer().unwrap(), "").await;
    let client = shop.client().await.unwrap();
    let short = SubmitOptions { expires_after_s: Some(1), hold: Some(true), ..SubmitOptions::default() };
    let job = submit_as(&client, "S0001", "", &slip("S0001", SHORT), &short).await.unwrap().jobs[0].0;
    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.reason.as_deref()), (JobState::Expired, Some("expired")));
    calls::assert_told(&job);
    let waited = job.finished_ms.unwrap() - job.accepted_ms;
    assert!((1_000..10_000).contains(&waited), "{waited} ms");
    assert!(state_of(client.spooler().release(job.id).await.unwrap_err()).contains("expired"));
    assert!(prints(&printer.events()).is_empty());
}

#[tokio::test]
async fn a_reprint_on_request_carries_number_original_and_reason() {
    let (printer, shop) = open(quick_printer().unwrap(), "").await;
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    outcome(&shop, job).await;
    let second = client.spooler().reprint(job, "the customer lost it", "r-2").await.unwrap();
    outcome(&shop, second).await;
    // A copy of the copy is a copy of the original.
    let third = client.spooler().reprint(second, "and again", "r-3").await.unwrap();
    let third = outcome(&shop, third).await;
    assert_eq!((third.state, third.reprint_of, third.duplicate), (JobState::Printed, Some(job), 3));
    assert!(third.story.iter().any(|item| item.params.values().any(|text| text == "and again")));
    let original = client.spooler().get_job(job).await.unwrap();
    assert_eq!(story(&original).iter().filter(|event| **event == "reprint-asked").count(), 2);
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let paper = prints(&printer.events());
    let marks: Vec<Option<(u32, u64, bool)>> =
        paper.iter().map(|p| p.mark.as_ref().map(|m| (m.number, m.job, m.requested))).collect();
    assert_eq!(marks, [None, Some((2, job, true)), Some((3, job, true))]);
}

#[tokio::test]
async fn past_its_retention_a_body_is_gone_and_the_record_still_tells() {
    let (_printer, shop) = open(quick_printer().unwrap(), "keep-bodies-days = 0\n").await;
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.body_available), (JobState::Printed, false));
    let refused = client.spooler().reprint(job.id, "lost", "r-1").await.unwrap_err();
    assert!(matches!(refused, CallError::Api(ApiError::BodyGone(_))), "{refused:?}");
    let unseen = client.spooler().get_receipt(job.id).await.unwrap_err();
    assert!(matches!(unseen, CallError::Api(ApiError::BodyGone(_))), "{unseen:?}");
}

async fn left_in_doubt(printer: &Handle, shop: &Shop) -> JobInfo {
    let client = shop.client().await.unwrap();
    let hold = SubmitOptions { policy: Some(Uncertain::Hold), ..SubmitOptions::default() };
    let lines = printer.snapshot().lines;
    let job = submit_as(&client, "S0001", "", &slip("S0001", LONG), &hold).await.unwrap().jobs[0].0;
    printer.wait_for(|s| s.lines >= lines + 4, PATIENCE).unwrap();
    printer.fault(Fault::PowerOff);
    printer.fault(Fault::PowerOn);
    let next = submit(&client, "S0002", SHORT).await.unwrap();
    assert_eq!(outcome(shop, next).await.state, JobState::Printed);
    let job = client.spooler().get_job(job).await.unwrap();
    assert_eq!(job.state, JobState::Uncertain, "{job:#?}");
    assert_eq!(story(&job).last(), Some(&"waits-for-person"));
    job
}

#[tokio::test]
async fn in_doubt_and_told_to_wait_it_waits_for_a_person_who_saw_it() {
    let (printer, mut shop) = open(slow_printer().unwrap(), "").await;
    let job = left_in_doubt(&printer, &shop).await;
    let client = shop.client().await.unwrap();
    let refused = client.spooler().resolve(job.id, Outcome::Other, "").await.unwrap_err();
    assert!(matches!(refused, CallError::Api(ApiError::InvalidArgument(_))), "{refused:?}");
    client.spooler().resolve(job.id, Outcome::Printed, "it lies here").await.unwrap();
    shop.kill().unwrap();
    shop.start().unwrap();
    let job = outcome(&shop, job.id).await;
    assert_eq!((job.state, job.cut), (JobState::Attested, Cut::Unknown), "{job:#?}");
    calls::assert_told(&job);
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    assert_eq!(prints(&printer.events()).iter().filter(|print| print.name == "S0001").count(), 1);
}

#[tokio::test]
async fn a_person_who_did_not_see_it_gets_it_again_marked() {
    let (printer, shop) = open(slow_printer().unwrap(), "").await;
    let job = left_in_doubt(&printer, &shop).await;
    let client = shop.client().await.unwrap();
    client.spooler().resolve(job.id, Outcome::NotPrinted, "nothing there").await.unwrap();
    let job = outcome(&shop, job.id).await;
    assert_eq!((job.state, job.duplicate), (JobState::Printed, 2), "{job:#?}");
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let paper = prints(&printer.events());
    assert_eq!(paper.last().and_then(|p| p.mark.as_ref()).map(|m| m.number), Some(2));
}

/// Something stops the printer in the middle of a slip: what, is told; then it goes on by itself.
async fn stopped_in_the_middle(stop: Fault, reason: &str, go_on: Option<Fault>) {
    let (printer, shop) = open(slow_printer().unwrap(), "").await;
    let mut properties = PrinterWatch::begin(&shop).await;
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", LONG).await.unwrap();
    printer.wait_for(|s| s.lines >= 4, PATIENCE).unwrap();
    printer.fault(stop);
    let paused = until(&shop, [job], |job| job.paused_reason.is_some()).await;
    assert_eq!(paused[&job].paused_reason.as_deref(), Some(reason));
    assert_eq!((paused[&job].state, story(&paused[&job]).last()), (JobState::Sending, Some(&"paused")));
    properties.until(|name, value| name == "Reasons" && value.contains(reason)).await;
    // It can't be called back: what is in the printer comes out when it can.
    assert!(state_of(client.spooler().cancel(job, "").await.unwrap_err()).contains("sending"));
    if let Some(fault) = go_on {
        let printers = client.printers().await.unwrap();
        assert!(printers[0].reasons.iter().any(|r| r == reason), "{printers:?}");
        assert_eq!((printers[0].state.as_str(), printers[0].online), ("paused", false));
        let can = client.spooler().can_print("", 80).await.unwrap();
        assert!(!can.can && can.reasons.iter().any(|r| r == reason), "{can:?}");
        printer.fault(fault);
    }
    let job = outcome(&shop, job).await;
    assert_eq!((job.state, job.attempts, job.cut), (JobState::Printed, 1, Cut::Ok), "{job:#?}");
    assert!(story(&job).contains(&"resumed") && job.paused_reason.is_none());
    properties.until(|name, value| name == "Reasons" && !value.contains(reason)).await;
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let paper = prints(&printer.events());
    assert!(paper.len() == 1 && paper[0].complete && paper[0].mark.is_none(), "{paper:?}");
}

#[tokio::test]
async fn paper_end_pauses_and_is_told() {
    stopped_in_the_middle(Fault::PaperEnd, "paper-out", Some(Fault::LoadPaper { mm: None })).await;
}

#[tokio::test]
async fn an_open_cover_pauses_and_is_told() {
    stopped_in_the_middle(Fault::CoverOpen, "cover-open", Some(Fault::CoverClose)).await;
}

#[tokio::test]
async fn a_hot_head_pauses_and_is_told() {
    stopped_in_the_middle(Fault::Overheat { ms: 1_500 }, "hot", None).await;
}

/// The receipt is out before the cutter is asked: it is printed, and the cutter is a matter of its own.
#[tokio::test]
async fn a_jammed_cutter_does_not_make_a_printed_receipt_a_failed_one() {
    let (printer, shop) = open(quick_printer().unwrap(), "").await;
    printer.fault(Fault::CutterJam);
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    let seen = until(&shop, [job], |job| job.state == JobState::Printed).await;
    assert_ne!(seen[&job].cut, Cut::Ok);
    let next = submit(&client, "S0002", SHORT).await.unwrap();
    printer.wait_for(|s| s.cutter_error, PATIENCE).unwrap();
    printer.fault(Fault::CutterClear);
    let jobs = outcomes(&shop, [job, next]).await;
    assert!(jobs.values().all(|job| job.state == JobState::Printed && job.attempts == 1), "{jobs:#?}");
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let paper = prints(&printer.events());
    assert!(paper.len() == 2 && paper.iter().all(|p| p.complete && p.mark.is_none()), "{paper:?}");
}

/// The drawer opens for the sale; a reprint must not be a way to the cash.
#[tokio::test]
async fn a_reprint_leaves_the_drawer_shut() {
    let (printer, shop) = open(quick_printer().unwrap(), "").await;
    let client = shop.client().await.unwrap();
    let slip = slip("S0001", SHORT).replace("]}", r#",{"drawer":{"pin":2}}]}"#);
    let done = submit_as(&client, "S0001", "", &slip, &SubmitOptions::default()).await.unwrap();
    let job = done.jobs[0].0;
    outcome(&shop, job).await;
    printer.wait_for(|s| s.idle && s.drawer_kicks == 1, PATIENCE).unwrap();
    let copy = client.spooler().reprint(job, "the customer lost it", "r-2").await.unwrap();
    let copy = outcome(&shop, copy).await;
    assert_eq!((copy.state, copy.duplicate), (JobState::Printed, 2));
    let after = printer.wait_for(|s| s.idle && s.cuts == 2, PATIENCE).unwrap();
    assert_eq!(after.drawer_kicks, 1);
}

#[tokio::test]
async fn training_says_above_and_below_that_it_is_no_receipt_and_so_does_its_reprint() {
    let (printer, shop) = open(quick_printer().unwrap(), "").await;
    let client = shop.client().await.unwrap();
    let training = SubmitOptions { purpose: Some(Purpose::Training), ..SubmitOptions::default() };
    let submit = async |options: &SubmitOptions| {
        client.spooler().submit("lesson", "", Kind::Raw, Document(b"Total 1.00\n\x1dV\0"), options).await
    };
    let job = submit(&training).await.unwrap().jobs[0].0;
    assert!(submit(&training).await.unwrap().existed);
    // The same key for a real receipt is another receipt.
    let conflict = submit(&SubmitOptions::default()).await;
    assert!(matches!(conflict, Err(CallError::Api(ApiError::KeyConflict(_)))), "{conflict:?}");
    let told = outcome(&shop, job).await;
    assert_eq!((told.state, told.title.as_str()), (JobState::Printed, "[TRAINING]"));
    let again = client.spooler().reprint(job, "once more", "again").await.unwrap();
    assert_eq!(outcome(&shop, again).await.state, JobState::Printed);
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    let text: Vec<String> = printer
        .events()
        .into_iter()
        .filter_map(|event| match event.what {
            What::Line { text, .. } => Some(text.trim().to_owned()),
            _ => None,
        })
        .filter(|line| line.contains("RECEIPT") || line.contains("Total") || line.contains("DUPLICATE"))
        .collect();
    let (no, total) = ("非交易凭证 NOT A RECEIPT", "Total 1.00");
    assert_eq!(text, [no, total, no, "*** 重打印 DUPLICATE No.2 ***", no, total, no]);
}
