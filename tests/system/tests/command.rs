//! `receiptctl` against the living daemon, and against the spool of a stopped one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use receiptd_api::{JobState, SubmitOptions};
use receiptd_system_tests::bus::Bus;
use receiptd_system_tests::calls::{SHORT, name, outcome, outcomes, slip, submit, submit_as};
use receiptd_system_tests::{PATIENCE, PrinterEntry, Shop, documents, printer_of, quick_printer};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use virtual_printer::{Fault, VirtualPrinter};

/// Keys of the jobs of a test that names them by hand.
const KEYS: [&str; 4] = ["first", "second", "third", "fourth"];

/// A slip that is long enough to be judged by the clock.
const SLIP: &str =
    r#"{"version":1,"lines":[{"text":{"text":"a slip"}},{"feed":{"dots":300}},{"text":{"text":"its end"}}]}"#;

fn run(shop: &Shop, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = shop.receiptctl(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// JSON lines.
fn json(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

#[tokio::test]
async fn from_print_to_reprint_it_tells_what_happens() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let file = shop.path().join("sale.json");
    std::fs::write(&file, documents::UNIONPAY_SALE).unwrap();
    let path = file.to_str().unwrap();

    let (code, out, err) = run(&shop, &["print", "--wait", "--key", "sale-1", path]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("job 1") && out.contains("job 2") && out.contains("printed"), "{out}");
    let (code, again, _) = run(&shop, &["print", "--json", "--key", "sale-1", path]);
    assert_eq!(code, 0);
    assert_eq!(json(&again)[0]["existed"], Value::Bool(true), "{again}");
    let (code, out, _) = run(&shop, &["job", "1"]);
    assert_eq!(code, 0);
    assert!(out.contains("merchant") && out.contains("accepted") && out.contains("A+"), "{out}");
    let (code, out, _) = run(&shop, &["job", "--key", "sale-1", "--exit-code", "--json"]);
    assert_eq!((code, json(&out).len()), (0, 2), "{out}");
    let (code, out, _) = run(&shop, &["jobs", "--json", "--oldest"]);
    let ids: Vec<u64> = json(&out).iter().map(|job| job["id"].as_u64().unwrap()).collect();
    assert_eq!((code, ids), (0, vec![1, 2]), "{out}");
    let (code, out, _) = run(&shop, &["printers"]);
    assert_eq!(code, 0);
    assert!(out.contains("counter") && out.contains("TM-T88VI") && out.contains("A+"), "{out}");
    let (code, out, _) = run(&shop, &["status"]);
    assert_eq!(code, 0, "{out}");
    let (code, out, err) = run(&shop, &["reprint", "1", "--reason", "lost", "--wait"]);
    assert_eq!(code, 0, "{out}{err}");
    printer.wait_for(|s| s.idle, PATIENCE).unwrap();
    assert_eq!(printer.snapshot().cuts, 3);

    let (code, out, err) = run(&shop, &["--lang", "zh", "job", "1"]);
    assert_eq!(code, 0);
    assert!(out.contains("打印") && !out.contains("accepted"), "{out}{err}");
    let (code, _, err) = run(&shop, &["--lang", "zh", "job", "4711"]);
    assert_eq!(code, 1);
    assert!(err.contains("任务"), "{err}");
}

#[tokio::test]
async fn exit_codes_tell_the_outcome() {
    let printer = VirtualPrinter::start(printer_of("zj-58-mute", 200.0).unwrap()).unwrap();
    let entry = PrinterEntry::new("counter", printer.addr()).with("paper = \"58mm\"\nevidence = \"D\"\n");
    let mut shop = Shop::new(&[entry], "").unwrap();
    let file = shop.path().join("slip.json");
    std::fs::write(&file, slip("S0001", SHORT)).unwrap();
    let path = file.to_str().unwrap();
    // Nobody is there.
    let (code, _, err) = run(&shop, &["jobs"]);
    assert_eq!(code, 3, "{err}");
    shop.start().unwrap();
    let (code, _, err) = run(&shop, &["print", "--wait", "--timeout", "60s", path]);
    assert_eq!(code, 6, "sent, without proof: {err}");
    let (code, out, _) = run(&shop, &["print", "--hold", "--key", "held", path]);
    assert_eq!(code, 0, "{out}");
    let (code, ..) = run(&shop, &["job", "2", "--exit-code"]);
    assert_eq!(code, 5, "held for a person");
    let (code, ..) = run(&shop, &["cancel", "2", "--reason", "test"]);
    assert_eq!(code, 0);
    let (code, ..) = run(&shop, &["job", "2", "--exit-code"]);
    assert_eq!(code, 4, "canceled");
    let (code, _, err) = run(&shop, &["cancel", "2"]);
    assert_eq!(code, 1, "{err}");
    let (code, _, err) = run(&shop, &["job", "4711", "--json"]);
    assert_eq!(code, 1);
    assert_eq!(json(&err)[0]["code"], "UnknownJob", "{err}");
    let (code, ..) = run(&shop, &["no-such-verb"]);
    assert_eq!(code, 2);
    let (code, ..) = run(&shop, &["print", "no-such-file.json"]);
    assert_eq!(code, 2);
    std::fs::write(&file, "{\"version\":1,\"lines\":[{\"text\":").unwrap();
    let (code, _, err) = run(&shop, &["print", path]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("line 1"), "{err}");
    let (code, ..) = run(&shop, &["can-print", "--length", "80"]);
    assert!(code <= 2);
}

/// `watch` goes on over a restart of the daemon and tells each change as one line of JSON.
#[tokio::test]
async fn watch_tells_changes_as_they_come_and_survives_a_restart() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let mut watch = shop
        .receiptctl(&["watch", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let (sender, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let line: Value = serde_json::from_str(&line).unwrap();
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let until = |wanted: &dyn Fn(&Value) -> bool, patience: Duration| {
        let deadline = Instant::now() + patience;
        while let Ok(line) = told.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            if wanted(&line) {
                return true;
            }
        }
        false
    };
    // The printers are shown once it listens.
    assert!(until(&|line| line["name"] == "counter", PATIENCE));
    let client = shop.client().await.unwrap();
    submit(&client, "S0001", SHORT).await.unwrap();
    let printed = |id: u64| move |line: &Value| line["id"] == id && line["state"] == "printed";
    assert!(until(&printed(1), PATIENCE));
    shop.kill().unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    // It is back when it is back.
    let mut heard = false;
    for n in 2..30 {
        let job = submit(&client, &name(n), SHORT).await.unwrap();
        heard = until(&printed(job), Duration::from_secs(2));
        if heard {
            break;
        }
    }
    assert!(heard, "after a restart of the daemon nothing is told any more");
    watch.kill().unwrap();
    watch.wait().unwrap();
}

/// What changed between the daemon's end and the watcher's new connection is told once, each job as it is then.
#[tokio::test]
async fn watch_tells_what_it_missed_over_a_restart_and_nothing_twice() {
    for (json, on_bus) in [(true, false), (false, false), (true, true)] {
        let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
        let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
        let bus = on_bus.then(|| Bus::start("watch over a restart on a bus"));
        let Some(bus) = bus.map_or(Some(None), |bus| bus.map(Some)) else { continue };
        if let Some(bus) = &bus {
            let config = std::fs::read_to_string(shop.config()).unwrap();
            std::fs::write(shop.config(), config.replace("bus = \"none\"", "bus = \"session\"")).unwrap();
            shop.environment.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), bus.address.clone()));
        }
        shop.start().unwrap();
        let client = shop.client().await.unwrap();
        let hold = SubmitOptions { hold: Some(true), ..SubmitOptions::default() };
        let held = |n: usize| submit_as(&client, KEYS[n], "", SLIP, &hold);
        let before = held(0).await.unwrap().jobs[0].0;
        let mut arguments = if json { vec!["watch", "--json"] } else { vec!["watch"] };
        arguments.extend(bus.iter().flat_map(|_| ["--bus", "session"]));
        let mut command = shop.receiptctl(&arguments);
        command.envs(bus.iter().map(|bus| ("DBUS_SESSION_BUS_ADDRESS", &bus.address)));
        let mut watch =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(watch.stdout.take().unwrap()).lines();
        let (sender, told) = mpsc::channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let next = || told.recv_timeout(PATIENCE).unwrap();
        // Of a job: its number and its state, in either form.
        let change = |line: &str| -> Option<(u64, String)> {
            if json {
                let line: Value = serde_json::from_str(line).unwrap();
                let job = line["type"] == "change";
                return job
                    .then(|| (line["id"].as_u64().unwrap(), line["state"].as_str().unwrap().to_owned()));
            }
            let (_, job) = line.split_once("  job ")?;
            let (id, state) = job.split_once("  ")?;
            Some((id.trim().parse().unwrap(), state.split("  ").next().unwrap().trim().to_owned()))
        };
        while !next().contains("counter") {}
        let second = held(1).await.unwrap().jobs[0].0;
        while change(&next()).is_none_or(|(id, _)| id != second) {}
        // It sleeps over all of this.
        let watcher = Pid::from_child(&watch);
        kill_process(watcher, Signal::STOP).unwrap();
        shop.kill().unwrap();
        shop.start().unwrap();
        let client = shop.client().await.unwrap();
        client.spooler().cancel(before, "").await.unwrap();
        client.spooler().release(second).await.unwrap();
        let third = submit_as(&client, KEYS[2], "", SLIP, &hold).await.unwrap().jobs[0].0;
        let fourth =
            submit_as(&client, KEYS[3], "", SLIP, &SubmitOptions::default()).await.unwrap().jobs[0].0;
        outcomes(&shop, [before, second, fourth]).await;
        kill_process(watcher, Signal::CONT).unwrap();
        let mut heard: Vec<(u64, String)> = Vec::new();
        while [before, second, third, fourth].iter().any(|id| heard.iter().all(|(heard, _)| heard != id)) {
            heard.extend(change(&next()));
        }
        client.spooler().cancel(third, "").await.unwrap();
        while heard.last().is_none_or(|(id, state)| *id != third || !state.starts_with("cancel")) {
            heard.extend(change(&next()));
        }
        for (id, states) in [
            (before, &["cancel"][..]),
            (second, &["printed"]),
            (third, &["held", "cancel"]),
            (fourth, &["printed"]),
        ] {
            let of_it: Vec<&str> =
                heard.iter().filter(|(heard, _)| *heard == id).map(|(_, state)| state.as_str()).collect();
            assert_eq!(of_it.len(), states.len(), "job {id}: {heard:?}");
            assert!(
                of_it.iter().zip(states).all(|(is, wanted)| is.starts_with(wanted)),
                "job {id}: {heard:?}"
            );
        }
        watch.kill().unwrap();
        watch.wait().unwrap();
    }
}

#[tokio::test]
async fn the_spool_of_a_stopped_daemon_is_checked_exported_and_rebuilt() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    shop.start().unwrap();
    let client = shop.client().await.unwrap();
    let job = submit(&client, "S0001", SHORT).await.unwrap();
    outcome(&shop, job).await;
    printer.fault(Fault::PowerOff);
    let waiting = submit(&client, "S0002", SHORT).await.unwrap();
    let spool = shop.spool();
    let spool = spool.to_str().unwrap();
    let (code, _, err) = run(&shop, &["store", "check", spool]);
    assert_eq!(code, 1, "in use: {err}");
    assert!(err.contains(&shop.pid().unwrap().to_string()), "{err}");
    shop.stop().unwrap();
    let (code, out, err) = run(&shop, &["store", "check", spool]);
    assert_eq!(code, 0, "{out}{err}");
    let (code, out, _) = run(&shop, &["store", "export", spool]);
    assert_eq!(code, 0);
    let keys: Vec<Value> = json(&out).into_iter().filter(|line| line["key"].is_string()).collect();
    assert!(keys.iter().any(|line| line["key"] == "S0001"), "{out}");
    assert!(!out.contains("S0001 line"), "a receipt's content is not exported");
    std::fs::remove_dir_all(shop.spool().join("spool")).unwrap();
    let (code, out, err) = run(&shop, &["store", "rebuild", spool]);
    assert_eq!(code, 0, "{out}{err}");
    let (code, ..) = run(&shop, &["store", "check", spool]);
    assert_eq!(code, 0);
    let (code, ..) = run(&shop, &["store", "check", "/nowhere/at/all"]);
    assert_ne!(code, 0);
    printer.fault(Fault::PowerOn);
    shop.start().unwrap();
    let waiting = outcome(&shop, waiting).await;
    assert!(matches!(waiting.state, JobState::Printed | JobState::Sent), "{waiting:#?}");
    assert_eq!(outcome(&shop, job).await.state, JobState::Printed);
}
