//! A printer whose condition changes thousands of times a second: a loose contact, noise on the line.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{ECHO, Rig};
use receiptd_core::condition::Blocked;
use receiptd_core::evidence::Grade;
use receiptd_core::job::JobState;
use receiptd_core::link::Reply;
use receiptd_core::story::What;

const PAPER_OUT: Reply = Reply::Asb([0x1C, 0, 0x0F, 0]);
const WELL: Reply = Reply::Asb([0x14, 0, 0, 0x0F]);

#[test]
fn a_printer_that_flaps_while_it_prints_wears_no_disk_out_and_the_last_word_is_told() {
    let mut rig = Rig::ready(ECHO);
    let job = rig.sale("k");
    rig.take_all();
    (rig.voice.real_time, rig.voice.asb) = (false, false);
    rig.news.clear();
    // Ten seconds, a change each millisecond.
    for _ in 0..5_000 {
        rig.says(PAPER_OUT);
        rig.pass(1);
        rig.says(WELL);
        rig.pass(1);
    }
    rig.says(PAPER_OUT);
    rig.pass(1_000);
    // Each of them was written.
    assert!((16..30).contains(&rig.news.len()), "{} records", rig.news.len());
    assert_eq!(rig.job(job).story.last().unwrap().what, What::Paused(Blocked::PaperOut));
    rig.pass(10_000);
    rig.says(WELL);
    assert_eq!(rig.job(job).story.last().unwrap().what, What::Resumed);
    rig.print_all(1_000);
    assert_eq!((rig.state(job), rig.job(job).attempts), (JobState::Printed(Grade::A), 1));
}
