//! Every method and property over the socket, with a well-behaved client.

use std::io::Write;
use std::os::fd::AsFd;

use futures_util::StreamExt;
use receiptd_api::names::{
    DOCUMENT_BYTES_MAX, PRINTER_INTERFACE, ROOT_PATH, SPOOLER_INTERFACE, printer_path,
};
use receiptd_api::{
    ApiError, CallError, Document, Grade, JobFilter, JobState, Kind, Outcome, PrinterState, Purpose,
    SpoolerInfo, StoreState, SubmitOptions, Uncertain,
};
use zbus::proxy::CacheProperties;

use super::fake::Fake;
use super::{LONG, Running, program, proxy};

fn api_error<T: std::fmt::Debug>(result: Result<T, CallError>) -> ApiError {
    match result.expect_err("refused") {
        CallError::Api(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_method_round_trips() {
    let running = Running::start().await;
    let client = running.client().await;
    let spooler = client.spooler();
    let options = SubmitOptions {
        hold: Some(true),
        expires_after_s: Some(60),
        policy: Some(Uncertain::Hold),
        title: Some("Sale".to_owned()),
        purpose: Some(Purpose::Test),
    };
    let document = b"{\"lines\":[]}".as_slice();
    let done =
        spooler.submit("k1", "till", Kind::Json, Document(document), &options).await.expect("accepted");
    assert_eq!((done.jobs.as_slice(), done.existed), ([(1, "customer".to_owned())].as_slice(), false));
    let again = spooler.submit("k1", "till", Kind::Json, Document(document), &options).await.expect("known");
    assert_eq!((again.jobs, again.existed), (done.jobs, true));
    let (caller, request) = running.fake.submissions.lock().expect("unpoisoned")[0].clone();
    assert_eq!(caller.uid, rustix::process::geteuid().as_raw());
    assert!(caller.operator, "the daemon's own user is an operator");
    assert_eq!((request.document.as_slice(), request.options), (document, options));

    let receipt = spooler.get_receipt(1).await.expect("a receipt");
    assert_eq!((receipt.id, receipt.drawn), (1, vec![(3, 30, "😀".to_owned())]));
    let job = spooler.get_job(1).await.expect("a job");
    assert_eq!((job.key.as_str(), job.state, job.bytes), ("k1", JobState::Queued, 12));
    assert_eq!(job.story[0].params["line"], "3");
    assert_eq!(spooler.find_jobs("k1").await.expect("ids"), [1]);
    assert_eq!(spooler.find_jobs("k2").await.expect("ids"), [0; 0]);
    let filter = JobFilter { printer: Some("till".to_owned()), limit: Some(1), ..Default::default() };
    let (jobs, next) = spooler.list_jobs(&filter).await.expect("a page");
    assert_eq!((jobs.len(), next.as_str()), (1, "1"));
    spooler.hold(1, "wait").await.expect("held");
    spooler.release(1).await.expect("released");
    spooler.cancel(1, "wrong sum").await.expect("canceled");
    spooler.resolve(1, Outcome::NotPrinted, "looked").await.expect("resolved");
    assert_eq!(spooler.reprint(1, "lost", "r1").await.expect("a new job"), 1001);
    let log = running.fake.log.lock().expect("unpoisoned").join(", ");
    assert_eq!(
        log,
        "hold 1 wait, release 1, cancel 1 wrong sum, resolve 1 not-printed looked, reprint 1 lost r1"
    );
    let answer = spooler.can_print("", 120).await.expect("an answer");
    assert_eq!((answer.can, answer.wait_ms, answer.grade), (true, 1500, Some(Grade::B)));
    let printers = spooler.list_printers().await.expect("printers");
    assert_eq!(printers, [printer_path("till"), printer_path("厨房")]);
    let report = client.probe(&printer_path("till")).await.expect("a report");
    assert_eq!((report.printer.as_str(), report.complete, report.reason), ("till", true, None));
    assert_eq!(report.answers[0].after_us, Some(210_000));
    let info = spooler.properties().await.expect("properties").0;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let expected =
        SpoolerInfo { version, api_version: 1, store_state: "ok".to_owned(), warnings: Vec::new() };
    assert_eq!(info, expected);
    let others = proxy::spooler(&client).await;
    assert_eq!(others.version().await.expect("a version"), info.version);
    assert_eq!(others.api_version().await.expect("a version"), 1);
    assert_eq!(others.store_state().await.expect("a state"), "ok");
    assert_eq!(others.warnings().await.expect("warnings"), info.warnings);
    running.server.shut_down(LONG).await;
}

#[tokio::test]
async fn every_error_arrives_by_its_name() {
    let running = Running::start().await;
    let client = running.client().await;
    for name in ApiError::NAMES {
        let key = format!("error:{name}");
        let result =
            client.spooler().submit(&key, "", Kind::Text, Document(b"x"), &SubmitOptions::default()).await;
        let error = api_error(result);
        assert_eq!(error.full_name(), format!("io.receiptd.Error.{name}"));
        assert_eq!(error.message(), "because");
    }
    assert!(matches!(api_error(client.spooler().get_job(9).await), ApiError::UnknownJob(_)));
    assert!(matches!(api_error(client.spooler().can_print("none", 1).await), ApiError::UnknownPrinter(_)));
    let long = JobFilter { limit: Some(501), ..Default::default() };
    assert!(matches!(api_error(client.spooler().list_jobs(&long).await), ApiError::InvalidArgument(_)));
    // What does not even have the right types.
    let spooler = proxy::spooler(&client).await;
    let error = spooler.inner().call_method("GetJob", &("one",)).await.expect_err("refused");
    assert!(matches!(CallError::from(error), CallError::Api(ApiError::InvalidArgument(_))));
}

#[tokio::test]
async fn a_document_that_is_too_long_is_refused_and_the_connection_lives() {
    let running = Running::start().await;
    let client = running.client().await;
    let options = SubmitOptions::default();
    let submit = async |key: &str, bytes: usize| {
        let document = vec![b'x'; bytes];
        client.spooler().submit(key, "", Kind::Text, Document(&document), &options).await
    };
    submit("fits", DOCUMENT_BYTES_MAX).await.expect("accepted");
    // One byte too many is read and refused; 16 MiB are thrown away as they come in.
    for bytes in [DOCUMENT_BYTES_MAX + 1, 16 * DOCUMENT_BYTES_MAX] {
        let error = api_error(submit("long", bytes).await);
        assert!(matches!(error, ApiError::TooLarge(_)), "{error:?}");
        assert!(error.message().contains("SubmitFd"), "{error}");
    }
    submit("after", 1).await.expect("accepted");
    let stored: Vec<_> =
        running.fake.submissions.lock().expect("unpoisoned").iter().map(|(_, r)| r.key.clone()).collect();
    assert_eq!(stored, ["fits", "after"]);
}

#[tokio::test]
async fn documents_come_by_descriptor() {
    let running = Running::start().await;
    let client = running.client().await;
    let options = SubmitOptions::default();
    let submit = async |key: &str, fd: std::os::fd::BorrowedFd<'_>| {
        client.spooler().submit_fd(key, "", Kind::Text, fd.into(), &options).await
    };

    let memfd = rustix::fs::memfd_create("document", rustix::fs::MemfdFlags::CLOEXEC).expect("a memfd");
    let mut file = std::fs::File::from(memfd);
    file.write_all(&vec![b'm'; DOCUMENT_BYTES_MAX]).expect("written");
    submit("memfd", file.as_fd()).await.expect("accepted, though its position is its end");
    file.write_all(b"m").expect("written");
    assert!(matches!(api_error(submit("long", file.as_fd()).await), ApiError::TooLarge(_)));

    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    let thread = std::thread::spawn(move || writer.write_all(&[b'p'; 200_000]).expect("written"));
    submit("pipe", reader.as_fd()).await.expect("accepted");
    thread.join().expect("joined");
    let lengths: Vec<_> =
        running.fake.submissions.lock().expect("unpoisoned").iter().map(|(_, r)| r.document.len()).collect();
    assert_eq!(lengths, [DOCUMENT_BYTES_MAX, 200_000]);

    let (reader, _writer) = std::io::pipe().expect("a pipe");
    let (never, other) = tokio::join!(submit("never", reader.as_fd()), client.spooler().can_print("", 1));
    other.expect("the others go on meanwhile");
    let error = api_error(never);
    assert!(matches!(&error, ApiError::InvalidArgument(why) if why.contains("did not deliver")), "{error:?}");
    let device = std::fs::File::open("/dev/zero").expect("a device");
    assert!(matches!(api_error(submit("device", device.as_fd()).await), ApiError::InvalidArgument(_)));
}

#[tokio::test]
async fn a_printer_that_changed_too_often_to_be_told_is_known_at_once_and_told_later() {
    let running = Running::start().await;
    let client = running.client().await;
    let printer = proxy::printer(&client, "till").await;
    let mut changes = printer.receive_reasons_changed().await;
    let other = running.client().await;
    let mut now = Fake::printer("till");
    for reason in ["paper-out", "hot", "cover-open"] {
        now.reasons = vec![reason.to_owned()];
        running.notices.printer_is(&now);
    }
    assert_eq!(other.printers().await.expect("printers")[0].reasons, ["cover-open"], "who asks is told");
    running.notices.printer_changed(&now);
    let told = async {
        loop {
            let change = changes.next().await.expect("a change");
            let reasons = change.get().await.expect("a value");
            if !reasons.is_empty() {
                return reasons;
            }
        }
    };
    assert_eq!(tokio::time::timeout(LONG, told).await.expect("told in time"), ["cover-open"]);
}

#[tokio::test]
async fn printers_are_objects_that_tell_when_they_change() {
    let running = Running::start().await;
    let client = running.client().await;
    let printers = client.printers().await.expect("printers");
    assert_eq!(printers, [Fake::printer("till"), Fake::printer("厨房")]);

    let printer = proxy::printer(&client, "till").await;
    let mut states = printer.receive_state_changed().await;
    let mut changed = Fake::printer("till");
    changed.state = PrinterState::Paused;
    changed.reasons = vec!["paper-out".to_owned()];
    running.notices.printer_changed(&changed);
    running.notices.printer_changed(&changed);
    let new = async {
        loop {
            let change = states.next().await.expect("a change");
            if change.get().await.expect("a value") == "paused" {
                return;
            }
        }
    };
    tokio::time::timeout(LONG, new).await.expect("told in time");
    assert_eq!(printer.reasons().await.expect("cached"), ["paper-out"]);

    let manager = zbus::fdo::ObjectManagerProxy::builder(client.connection())
        .destination("io.receiptd")
        .path(ROOT_PATH)
        .build()
        .await
        .expect("a proxy");
    let mut added = manager.receive_interfaces_added().await.expect("a stream");
    let mut removed = manager.receive_interfaces_removed().await.expect("a stream");
    running.notices.printer_changed(&Fake::printer("bar"));
    running.notices.printer_removed("厨房");
    running.notices.store_changed(StoreState::Full);
    let listed = client.spooler().list_printers().await.expect("printers");
    assert_eq!(listed, [printer_path("till"), printer_path("bar")]);
    let added = tokio::time::timeout(LONG, added.next()).await.expect("in time").expect("a signal");
    assert_eq!(added.args().expect("arguments").object_path(), &printer_path("bar").into_inner());
    let removed = tokio::time::timeout(LONG, removed.next()).await.expect("in time").expect("a signal");
    assert_eq!(removed.args().expect("arguments").object_path(), &printer_path("厨房").into_inner());
    assert_eq!(client.printers().await.expect("printers")[1], Fake::printer("bar"));
    let full = async {
        while client.spooler().properties().await.expect("properties").0.store_state != "full" {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, full).await.expect("told in time");
    let spooler = proxy::spooler(&client).await;
    let mut changes = spooler.receive_warnings_changed().await;
    running.notices.warnings_changed(&["the template is wrong".to_owned()]);
    let told = async {
        while let Some(change) = changes.next().await {
            if change.get().await.expect("warnings") == ["the template is wrong"] {
                return;
            }
        }
    };
    tokio::time::timeout(LONG, told).await.expect("told in time");
}

#[tokio::test]
async fn the_object_manager_says_what_the_properties_say() {
    let running = Running::start().await;
    let client = running.client().await;
    let manager = zbus::fdo::ObjectManagerProxy::builder(client.connection())
        .destination("io.receiptd")
        .path(ROOT_PATH)
        .cache_properties(CacheProperties::No)
        .build()
        .await
        .expect("a proxy");
    let objects = manager.get_managed_objects().await.expect("objects");
    assert_eq!(objects.len(), 3);
    for (path, interfaces) in objects {
        let properties = zbus::fdo::PropertiesProxy::builder(client.connection())
            .destination("io.receiptd")
            .path(path.clone())
            .build()
            .await
            .expect("a proxy");
        for (interface, managed) in interfaces {
            assert!([PRINTER_INTERFACE, SPOOLER_INTERFACE].contains(&interface.as_str()));
            let all = properties.get_all(interface.as_ref()).await.expect("properties");
            assert_eq!(all, managed, "{path} {interface}");
        }
    }
}

/// Tools that only know buses work on the socket.
#[tokio::test]
async fn busctl_works_on_the_socket() {
    let running = Running::start().await;
    let address = format!("--address=unix:path={}", running.dir.socket().display());
    let target = ["io.receiptd", "/io/receiptd/Spooler1", "io.receiptd.Spooler1"];
    let submit = ["Submit", "sssaya{sv}", "k", "", "text", "2", "72", "105", "1", "title", "s", "Sale"];
    let arguments = [[address.as_str(), "call"].as_slice(), &target, &submit].concat();
    let Some(answer) = program("busctl", &arguments).await else { return };
    assert_eq!(answer, "a{sv} 2 \"jobs\" a(ts) 1 1 \"customer\" \"existed\" b false\n");
    let arguments = [[address.as_str(), "introspect"].as_slice(), &target[..2]].concat();
    let table = program("busctl", &arguments).await.expect("installed");
    assert!(table.contains(".SubmitFd") && table.contains(".StoreState"), "{table}");
    let arguments = [[address.as_str(), "get-property"].as_slice(), &target, &["ApiVersion"]].concat();
    assert_eq!(program("busctl", &arguments).await.expect("installed"), "u 1\n");
}

#[tokio::test]
async fn dbus_send_works_on_the_socket() {
    let running = Running::start().await;
    let address = format!("--peer=unix:path={}", running.dir.socket().display());
    let call = ["/io/receiptd/Spooler1", "io.receiptd.Spooler1.CanPrint", "string:", "uint32:120"];
    let arguments = [[address.as_str(), "--print-reply"].as_slice(), &call].concat();
    let Some(answer) = program("dbus-send", &arguments).await else { return };
    assert!(answer.contains("\"can\"") && answer.contains("boolean true"), "{answer}");
}

#[tokio::test]
async fn gdbus_works_on_the_socket() {
    let running = Running::start().await;
    let address = format!("unix:path={}", running.dir.socket().display());
    let target = ["--dest", "io.receiptd", "--object-path", "/io/receiptd/Spooler1", "--method"];
    let call = ["io.receiptd.Spooler1.CanPrint", "", "120"];
    let arguments = [["call", "--address", address.as_str()].as_slice(), &target, &call].concat();
    let Some(answer) = program("gdbus", &arguments).await else { return };
    assert!(answer.starts_with("({'can': <true>"), "{answer}");
}
