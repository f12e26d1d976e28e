//! Clients that break the protocol, ask too much, or leave in the middle: only they feel it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join_all;
use receiptd_api::names::{DOCUMENT_BYTES_MAX, SPOOLER_PATH};
use receiptd_api::{ApiError, CallError, Client, Document, Kind, SubmitOptions};
use tokio::io::AsyncWriteExt;
use zbus::message::{Flags, Message};

use super::raw::{Raw, call, get_job};
use super::{LONG, Running};
use crate::ipc::limits::{ANSWERS_OWED_MAX, BYTES_PER_USER_MAX, CALLS_PER_CLIENT_MAX};

async fn submit(client: &Client, key: &str) -> Result<(), CallError> {
    let options = SubmitOptions::default();
    client.spooler().submit(key, "", Kind::Text, Document(b"x"), &options).await.map(drop)
}

async fn assert_well(running: &Running) {
    let client = running.client().await;
    tokio::time::timeout(LONG, submit(&client, "well")).await.expect("in time").expect("accepted");
}

#[tokio::test]
async fn garbage_ends_the_connection_and_nothing_else() {
    let running = Running::start().await;
    let endless = vec![b'A'; 100_000];
    let garbage: [&[u8]; 8] = [
        b"\n",
        b"\0\n",
        b"\0AUTH EXTERNAL 30\n",
        b"hello\r\n",
        b"\0\xff\xfe\r\n",
        b"\0AUTH EXTERNAL zz\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        &endless,
    ];
    for bytes in garbage {
        let mut raw = Raw::connect(&running.dir.socket()).await;
        // The server may have gone before all is written.
        let _ = raw.0.write_all(bytes).await;
        raw.ended().await;
    }
    assert_well(&running).await;
}

#[tokio::test]
async fn who_lies_about_its_user_is_rejected() {
    let running = Running::start().await;
    let mut raw = Raw::connect(&running.dir.socket()).await;
    raw.write(b"\0AUTH EXTERNAL 3132333435\r\n").await;
    assert_eq!(raw.line().await, "REJECTED EXTERNAL\r\n");
    raw.write(b"AUTH ANONYMOUS\r\n").await;
    assert_eq!(raw.line().await, "REJECTED EXTERNAL\r\n");
    raw.ended().await;
}

#[tokio::test]
async fn who_never_authenticates_is_sent_away() {
    let running = Running::start().await;
    let silent = Raw::connect(&running.dir.socket()).await;
    let mut half = Raw::connect(&running.dir.socket()).await;
    half.write(b"\0AUTH EXT").await;
    assert_well(&running).await;
    silent.ended().await;
    half.ended().await;
}

#[tokio::test]
async fn broken_messages_end_the_connection_and_nothing_else() {
    let running = Running::start().await;
    let good = get_job(1);
    let mut huge_fields = good.clone();
    huge_fields[12..16].copy_from_slice(&60_000_000_u32.to_le_bytes());
    let mut huge_body = good.clone();
    huge_body[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut order = good.clone();
    order[0] = b'?';
    let mut fields = good.clone();
    fields[16..40].fill(0xff);
    let mut serial = good.clone();
    serial[8..12].fill(0);
    for bytes in [huge_fields, huge_body, order, fields, serial] {
        let mut raw = Raw::authenticated(&running.dir.socket()).await;
        raw.write(&bytes).await;
        raw.ended().await;
    }
    // Half a message is waited for, for a while, and does not keep anyone.
    let mut half = Raw::authenticated(&running.dir.socket()).await;
    half.write(&good[..good.len() - 4]).await;
    assert_well(&running).await;
    half.ended().await;
    // One serial for two calls that are both under way.
    let mut twice = Raw::authenticated(&running.dir.socket()).await;
    let body = ("slow", "", Kind::Text, Document(b"x"), SubmitOptions::default());
    let one = call("Submit", &body, Flags::empty());
    twice.write(&[one.as_slice(), &one].concat()).await;
    twice.ended().await;
    assert_well(&running).await;
}

#[tokio::test]
async fn large_calls_of_one_user_hold_a_bounded_part_of_the_memory() {
    let running = Running::start().await;
    let document = vec![b'x'; DOCUMENT_BYTES_MAX];
    let affordable = (BYTES_PER_USER_MAX / DOCUMENT_BYTES_MAX) as u32;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(running.client().await);
    }
    let document = &document;
    let calls = (0..40_usize).map(|n| {
        let client = &clients[n % clients.len()];
        let options = SubmitOptions::default();
        async move {
            let key = format!("slow{n}");
            client.spooler().submit(&key, "", Kind::Text, Document(document), &options).await.map(drop)
        }
    });
    let counting = async {
        let mut most = 0;
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(2)).await;
            most = most.max(running.fake.waiting.load(Ordering::SeqCst));
        }
        loop {
            running.fake.go.notify_waiters();
            most = most.max(running.fake.waiting.load(Ordering::SeqCst));
            if running.fake.submissions.lock().expect("unpoisoned").len() == 40 {
                return most;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let both = async { tokio::join!(join_all(calls), counting) };
    let (results, most) = tokio::time::timeout(LONG, both).await.expect("all are accepted in the end");
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert!(most > 0 && most <= affordable, "{most} at a time, {affordable} can be afforded");
}

#[tokio::test]
async fn a_flood_is_answered_with_busy_and_the_others_go_on() {
    let running = Running::start().await;
    let flooder = running.client().await;
    let calls = (0..200).map(|n| {
        let client = flooder.clone();
        async move { submit(&client, &format!("slow{n}")).await }
    });
    let flood = tokio::spawn(join_all(calls));
    while running.fake.waiting.load(Ordering::SeqCst) < CALLS_PER_CLIENT_MAX {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_well(&running).await;
    running.fake.go.notify_waiters();
    // Those that came in after others were refused are waiting now, if any.
    let done = async {
        loop {
            running.fake.go.notify_waiters();
            if flood.is_finished() {
                return flood.await.expect("not cancelled");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let results = tokio::time::timeout(LONG, done).await.expect("in time");
    let busy = results.iter().filter(|r| matches!(r, Err(CallError::Api(ApiError::Busy(_))))).count();
    let accepted = results.iter().filter(|r| r.is_ok()).count();
    assert_eq!(busy + accepted, 200);
    assert!(accepted >= CALLS_PER_CLIENT_MAX as usize && busy > 0, "{accepted} accepted, {busy} busy");
}

#[tokio::test]
async fn a_client_that_asks_and_never_reads_is_held_back_and_then_cut_off() {
    let running = Running::start().await;
    let mut raw = Raw::authenticated(&running.dir.socket()).await;
    // An answer to this fills the socket sooner than an answer to `GetJob`.
    let ask = Message::method_call(SPOOLER_PATH, "Introspect")
        .interface("org.freedesktop.DBus.Introspectable")
        .build(&())
        .expect("a message")
        .data()
        .to_vec();
    let flood = async {
        let mut sent = 0_usize;
        while raw.0.write_all(&ask).await.is_ok() {
            sent += 1;
        }
        sent
    };
    let (sent, ()) = tokio::join!(tokio::time::timeout(LONG, flood), assert_well(&running));
    let sent = sent.expect("cut off in time");
    // What fits into both sockets, and what is owed: not what the client could send in a second.
    assert!(sent < ANSWERS_OWED_MAX as usize + 5000, "{sent} calls were taken");
}

#[tokio::test]
async fn calls_that_want_no_answer_are_carried_out_without_one() {
    let running = Running::start().await;
    let mut raw = Raw::authenticated(&running.dir.socket()).await;
    let body = ("quiet", "", Kind::Text, Document(b"x"), SubmitOptions::default());
    raw.write(&call("Submit", &body, Flags::NO_REPLY_EXPECTED)).await;
    let done = async {
        while running.fake.submissions.lock().expect("unpoisoned").is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(LONG, done).await.expect("carried out");
    let error = raw.0.try_read(&mut [0; 16]).expect_err("nothing to read");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_call_whose_client_leaves_is_finished_without_it() {
    let running = Running::start().await;
    let leaver = running.client().await;
    let call = tokio::spawn(async move { submit(&leaver, "slow and gone").await });
    while running.fake.waiting.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    call.abort();
    let _ = call.await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    running.fake.go.notify_waiters();
    let done = async {
        while running.fake.submissions.lock().expect("unpoisoned").is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(LONG, done).await.expect("accepted all the same");
    assert_well(&running).await;
}
