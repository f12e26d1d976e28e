//! Bad input gets a named error that says where and what, and leaves nothing behind: no job, no paper, and no
//! harm to whoever comes next.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use receiptd_api::{ApiError, CallError, Client, Document, JobFilter, JobState, Kind, SubmitOptions};
use receiptd_system_tests::calls::{self, SHORT, name, outcome, slip, submit};
use receiptd_system_tests::{PrinterEntry, Shop, quick_printer};
use virtual_printer::{Handle, VirtualPrinter};

async fn open() -> (Handle, Shop, Client) {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    (printer, shop, client)
}

async fn refused(client: &Client, kind: Kind, document: &[u8]) -> ApiError {
    let options = SubmitOptions::default();
    match client.spooler().submit("bad", "", kind, Document(document), &options).await {
        Err(CallError::Api(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// What is handed in: kind and document.
type Submission = (Kind, Vec<u8>);

/// Nothing of what was refused is there, and a good slip still comes out.
async fn unharmed(shop: &Shop, client: &Client) {
    assert_eq!(calls::all_jobs(client, JobFilter::default()).await, []);
    let job = submit(client, "S0001", SHORT).await.unwrap();
    assert_eq!(outcome(shop, job).await.state, JobState::Printed);
}

#[tokio::test]
async fn documents_that_are_wrong_say_where() {
    let (_printer, shop, client) = open().await;
    let json = |text: &'static str| (Kind::Json, text.as_bytes().to_vec());
    let truncated = slip("S0001", 3);
    let truncated = truncated.as_bytes()[..truncated.len() - 20].to_vec();
    let too_long = "x".repeat(70_000);
    let cases: Vec<(Submission, &[&str])> = vec![
        ((Kind::Json, truncated), &["line 1"]),
        (json("{\"version\":1,\n\"lines\":[{\"text\":{\"text\":1}}]}"), &["lines[0]", "line 2"]),
        (json("{\"version\":1,\"lines\":[{\"txet\":{\"text\":\"a\"}}]}"), &["lines[0]", "txet"]),
        (
            json("{\"version\":1,\"lines\":[{\"text\":{\"text\":\"a\",\"bolt\":true}}]}"),
            &["lines[0]", "bolt"],
        ),
        (json("{\"version\":2,\"lines\":[]}"), &["version", "2"]),
        (json("[]"), &[]),
        (json("\u{feff}not json"), &[]),
        (json("{\"version\":1,\"lines\":[{\"text\":{\"text\":\"bell \\u0007\"}}]}"), &["lines[0]", "0007"]),
        ((Kind::Text, b"caf\xe9 \xff".to_vec()), &["UTF-8", "byte 3"]),
        ((Kind::Text, b"bell \x07".to_vec()), &["0007"]),
        ((Kind::Raw, b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n".to_vec()), &["PDF"]),
        ((Kind::Raw, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()), &["PNG"]),
        // A process id asked for by the document would answer in the daemon's place.
        ((Kind::Raw, b"Hello\n\x1d(H\x06\0\x30\x30ABCD".to_vec()), &["offset 6"]),
        ((Kind::Raw, b"Hello\n\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08".to_vec()), &["offset 6"]),
        ((Kind::Raw, b"Hello\n\x1dv0\0\x48\0\x40\0abc".to_vec()), &["offset 6"]),
        (
            (
                Kind::Json,
                format!("{{\"version\":1,\"lines\":[{{\"qr\":{{\"data\":\"{too_long}\"}}}}]}}").into(),
            ),
            &["lines[0]"],
        ),
    ];
    for ((kind, document), says) in cases {
        let error = refused(&client, kind, &document).await;
        let message = error.message().to_owned();
        println!("{}: {message}", error.full_name());
        assert!(matches!(error, ApiError::InvalidDocument(_) | ApiError::TooLarge(_)), "{error:?}");
        for word in says {
            assert!(message.contains(word), "{word} is not in: {message}");
        }
    }
    unharmed(&shop, &client).await;
}

#[tokio::test]
async fn what_is_too_large_names_the_limit() {
    let (_printer, shop, client) = open().await;
    let error = refused(&client, Kind::Text, &vec![b'x'; (1 << 20) + 1]).await;
    assert!(matches!(&error, ApiError::TooLarge(m) if m.contains("1048576")), "{error:?}");
    let many = "x\n".repeat(10_000);
    let error = refused(&client, Kind::Text, many.as_bytes()).await;
    assert!(matches!(&error, ApiError::TooLarge(m) if m.contains("4096")), "{error:?}");
    // The same in a list of JSON; so are a picture's pixels, a code's data, and paper.
    let lines = vec![r#"{"text":{"text":"x"}}"#; 5_000].join(",");
    let data = "x".repeat(2_000);
    for (lines, limit) in [
        (lines, "4096"),
        (format!(r#"{{"qr":{{"data":"{data}"}}}}"#), "1273"),
        (vec![r#"{"feed":{"dots":2000}}"#; 100].join(","), "160000"),
    ] {
        let document = format!(r#"{{"version":1,"lines":[{lines}]}}"#);
        let error = refused(&client, Kind::Json, document.as_bytes()).await;
        assert!(matches!(&error, ApiError::TooLarge(m) if m.contains(limit)), "{error:?}");
    }
    // None at all is no matter of size.
    let error = refused(&client, Kind::Json, br#"{"version":1,"lines":[{"qr":{"data":""}}]}"#).await;
    assert!(matches!(error, ApiError::InvalidDocument(_)), "{error:?}");
    let error = refused(&client, Kind::Json, b"").await;
    assert!(matches!(error, ApiError::InvalidDocument(_)), "{error:?}");
    unharmed(&shop, &client).await;
}

/// An image whose dots look like a real-time command: a printer carries those out wherever they stand. Either
/// it is refused, or it is sent so that the printer does not see one; never does it act on it.
#[tokio::test]
async fn a_real_time_command_hidden_in_an_image_does_nothing() {
    let (printer, shop, client) = open().await;
    let mut document = b"\x1b@Picture\n\x1dv0\0\x48\0\x40\0".to_vec();
    let mut picture = vec![0u8; 72 * 64];
    // DLE ENQ 2 (clear), DLE DC4 8 (clear), DLE DC4 1 (drawer), DLE EOT 1.
    picture[100..103].copy_from_slice(&[0x10, 0x05, 0x02]);
    picture[200..210].copy_from_slice(&[0x10, 0x14, 8, 1, 3, 0x14, 1, 6, 2, 8]);
    picture[300..305].copy_from_slice(&[0x10, 0x14, 1, 0, 8]);
    picture[400..403].copy_from_slice(&[0x10, 0x04, 0x01]);
    document.extend(picture);
    document.extend(b"after it\n");
    let options = SubmitOptions::default();
    let answer = client.spooler().submit("hidden", "", Kind::Raw, Document(&document), &options).await;
    match answer {
        Ok(done) => {
            // Too short to be judged by the clock, on a printer that proved nothing before.
            let state = outcome(&shop, done.jobs[0].0).await.state;
            assert!(matches!(state, JobState::Printed | JobState::Sent), "{state}");
        }
        Err(CallError::Api(ApiError::InvalidDocument(message))) => {
            assert!(message.contains("real-time"), "{message}");
        }
        Err(other) => panic!("{other:?}"),
    }
    let told = printer.events().iter().any(|event| {
        matches!(event.what, virtual_printer::What::Cleared { .. } | virtual_printer::What::Drawer { .. })
    });
    assert!(!told, "the printer carried out what was hidden in the picture");
}

#[tokio::test]
async fn arguments_that_are_wrong_are_named() {
    let (_printer, shop, client) = open().await;
    let options = SubmitOptions::default();
    let document = slip("S0001", SHORT);
    let document = Document(document.as_bytes());
    let spooler = client.spooler();
    let long = "k".repeat(129);
    for (key, printer, kind, named) in [
        ("", "", Kind::Json, "key"),
        (long.as_str(), "", Kind::Json, "128"),
        ("a\nb", "", Kind::Json, "key"),
        ("k", "", Kind::Other, "kind"),
    ] {
        match spooler.submit(key, printer, kind, document, &options).await {
            Err(CallError::Api(ApiError::InvalidArgument(message))) => {
                assert!(message.contains(named), "{message}");
            }
            other => panic!("{named}: {other:?}"),
        }
    }
    let unknown = spooler.submit("k", "no such printer", Kind::Json, document, &options).await;
    assert!(matches!(unknown, Err(CallError::Api(ApiError::UnknownPrinter(_)))), "{unknown:?}");
    let unknown = spooler.get_job(4_711).await;
    assert!(matches!(unknown, Err(CallError::Api(ApiError::UnknownJob(_)))), "{unknown:?}");
    for odd in ["x", "-1", "99999999999999999999999"] {
        let filter = JobFilter { after: Some(odd.into()), ..JobFilter::default() };
        let answer = spooler.list_jobs(&filter).await;
        assert!(matches!(answer, Err(CallError::Api(ApiError::InvalidArgument(_)))), "{answer:?}");
    }
    unharmed(&shop, &client).await;
}

/// Garbage, half a handshake, a connection that says nothing, and one that leaves in the middle of a message.
#[tokio::test]
async fn a_client_that_misbehaves_disturbs_no_other() {
    let (_printer, shop, client) = open().await;
    let socket = shop.socket();
    let noise = std::thread::spawn(move || {
        let mut kept = Vec::new();
        for round in 0..200_u32 {
            // The daemon may refuse more connections than it has room for; that is its right.
            let Ok(mut stream) = UnixStream::connect(&socket) else { continue };
            let _ = stream.set_write_timeout(Some(Duration::from_millis(200)));
            let bytes: &[u8] = match round % 4 {
                0 => &[0xff; 8_192],
                1 => b"\0AUTH EXTERNAL 30\r\n",
                2 => b"\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\nl\x01\0\x01\xff\xff\xff\x07\x01\0\0\0",
                _ => b"",
            };
            let _ = stream.write_all(bytes);
            if round % 4 == 3 {
                kept.push(stream);
            } else if round % 8 == 0 {
                let _ = stream.set_read_timeout(Some(Duration::from_millis(50)));
                let _ = stream.read(&mut [0; 64]);
            }
        }
        kept
    });
    let mut ids = Vec::new();
    for n in 1..=30 {
        ids.push(submit(&client, &name(n), SHORT).await.unwrap());
    }
    let kept = noise.join().unwrap();
    for job in calls::outcomes(&shop, ids).await.values() {
        assert_eq!(job.state, JobState::Printed);
    }
    drop(kept);
    shop.client().await.unwrap().spooler().get_job(1).await.unwrap();
}

/// Hundreds of calls at once over one connection: it may be told that it is too many; nobody else notices.
#[tokio::test]
async fn a_client_that_floods_is_told_so_and_others_are_served() {
    let (_printer, shop, client) = open().await;
    let flooding = shop.client().await.unwrap();
    let hold = SubmitOptions { hold: Some(true), ..SubmitOptions::default() };
    let mut calls = Vec::new();
    for n in 0..400 {
        let (flooding, hold) = (flooding.clone(), hold.clone());
        calls.push(tokio::spawn(async move {
            let key = format!("flood-{n}");
            calls::submit_as(&flooding, &key, "", &slip("S0001", 40), &hold).await
        }));
    }
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    assert_eq!(outcome(&shop, job).await.state, JobState::Printed);
    let mut accepted = 0;
    for call in calls {
        match call.await.unwrap() {
            Ok(_) => accepted += 1,
            Err(error) => assert!(matches!(error, CallError::Api(ApiError::Busy(_))), "{error:?}"),
        }
    }
    println!("{accepted} of 400 were accepted");
    assert!(accepted > 0);
    assert_eq!(calls::all_jobs(&client, JobFilter::default()).await.len(), accepted + 1);
}
