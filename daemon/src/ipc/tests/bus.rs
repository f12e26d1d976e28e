//! The same server on a real bus: a private `dbus-daemon`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use receiptd_api::names::{SPOOLER_INTERFACE, SPOOLER_PATH};
use receiptd_api::{
    ApiError, CallError, Client, Document, JobFilter, JobInfo, JobState, Kind, Signal, StoreState,
    SubmitOptions, Where,
};
use zbus::{MatchRule, Message, MessageStream};

use super::fake::Fake;
use super::{Dir, LONG, program, proxy};
use crate::ipc::limits::SIGNALS_ON_BUS_MAX;
use crate::ipc::{Bus, Config, IpcError, Notices, Server, serve};

/// A bus of our own.
struct PrivateBus {
    daemon: Child,
    address: String,
    _dir: Dir,
}

impl PrivateBus {
    /// `None` if there is no `dbus-daemon` here.
    fn start() -> Option<Self> {
        let dir = Dir::new();
        let address = format!("--address=unix:path={}", dir.0.join("bus").display());
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address", &address])
            .stdout(Stdio::piped())
            .spawn()
            .inspect_err(|error| eprintln!("dbus-daemon: {error}; the bus is not tested"))
            .ok()?;
        let mut address = String::new();
        let output = daemon.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut address).expect("an address");
        Some(Self { daemon, address: address.trim().to_owned(), _dir: dir })
    }

    fn config(&self) -> Config {
        Config { bus: Some(Bus::Address(self.address.clone())), ..Config::default() }
    }

    async fn serve(&self) -> (Arc<Fake>, Server, Notices) {
        let fake = Arc::new(Fake::default());
        let (server, notices) = serve(self.config(), Arc::clone(&fake)).await.expect("serves");
        (fake, server, notices)
    }

    async fn client(&self) -> Client {
        Client::connect(Where::Address(self.address.clone())).await.expect("connects")
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

async fn submit(client: &Client, key: &str) -> Result<(), CallError> {
    let options = SubmitOptions::default();
    client.spooler().submit(key, "", Kind::Text, Document(b"x"), &options).await.map(drop)
}

#[tokio::test]
async fn the_same_server_works_on_a_bus() {
    let Some(bus) = PrivateBus::start() else { return };
    let client = bus.client().await;
    let error = submit(&client, "early").await.expect_err("nobody is there yet");
    assert!(matches!(error, CallError::NotRunning), "{error:?}");

    let (fake, mut server, notices) = bus.serve().await;
    submit(&client, "k").await.expect("accepted");
    let caller = fake.submissions.lock().expect("unpoisoned")[0].0.clone();
    assert_eq!(caller.uid, rustix::process::geteuid().as_raw());
    assert!(caller.operator);
    let error = submit(&client, "error:QueueFull").await.expect_err("refused");
    assert!(matches!(error, CallError::Api(ApiError::QueueFull(_))), "{error:?}");
    assert_eq!(client.printers().await.expect("printers").len(), 2);
    let mut states = proxy::spooler(&client).await.receive_store_state_changed().await;
    notices.store_changed(StoreState::Full);
    let full =
        async { while states.next().await.expect("a change").get().await.expect("a value") != "full" {} };
    tokio::time::timeout(LONG, full).await.expect("told in time");

    let second = serve(bus.config(), Arc::new(Fake::default())).await.map(drop);
    assert!(matches!(second, Err(IpcError::NameTaken { .. })), "{second:?}");
    submit(&client, "k2").await.expect("the first goes on");
    drop(bus);
    let why = tokio::time::timeout(LONG, server.ended()).await.expect("noticed");
    assert!(matches!(why, IpcError::BusLost), "{why:?}");
}

#[tokio::test]
async fn a_bus_that_is_not_there_is_named() {
    let config = Config { bus: Some(Bus::Address("unix:path=/nonexistent".to_owned())), ..Config::default() };
    let result = serve(config, Arc::new(Fake::default())).await.map(drop);
    assert!(matches!(result, Err(IpcError::NoBus { .. })), "{result:?}");
}

#[tokio::test]
async fn signals_reach_only_the_watcher() {
    let Some(bus) = PrivateBus::start() else { return };
    let (_fake, _server, notices) = bus.serve().await;
    let (watcher, bystander) = (bus.client().await, bus.client().await);
    let mut changes = proxy::spooler(&watcher).await.receive_job_changed().await.expect("a stream");
    watcher.spooler().watch(&JobFilter::default()).await.expect("watches");
    // The bystander asks the bus for every signal there is, and has called the daemon too.
    let everything = MatchRule::builder().interface("io.receiptd.Spooler1").build();
    let everything = everything.expect("a rule");
    let mut overheard =
        MessageStream::for_match_rule(everything, bystander.connection(), None).await.expect("a stream");
    bystander.spooler().properties().await.expect("a version");

    notices.job_changed(&JobInfo { id: 1, state: JobState::Printed, ..JobInfo::default() });
    let change = tokio::time::timeout(LONG, changes.next()).await.expect("in time").expect("a signal");
    assert_eq!(change.args().expect("arguments").id, 1);
    bystander.spooler().get_job(9).await.expect_err("an answer that comes after the signal would have");
    let overheard = tokio::time::timeout(Duration::from_millis(50), overheard.next()).await;
    assert!(overheard.is_err(), "{overheard:?}");

    // Who leaves the bus loses its watch.
    let count = || notices.0.watch_count();
    assert_eq!(count(), 1);
    drop((changes, watcher));
    let gone = async {
        while count() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, gone).await.expect("forgotten");
}

#[tokio::test]
async fn busctl_works_on_a_bus() {
    let Some(bus) = PrivateBus::start() else { return };
    let (_fake, _server, _notices) = bus.serve().await;
    let address = format!("--address={}", bus.address);
    let target = ["io.receiptd", "/io/receiptd/Spooler1", "io.receiptd.Spooler1"];
    let call = ["CanPrint", "su", "", "100"];
    let arguments = [[address.as_str(), "call"].as_slice(), &target, &call].concat();
    let Some(answer) = program("busctl", &arguments).await else { return };
    assert!(answer.contains("\"can\" b true"), "{answer}");
    let tree = program("busctl", &[&address, "tree", "io.receiptd"]).await.expect("installed");
    assert!(tree.contains("/io/receiptd/printers/till"), "{tree}");
}

#[tokio::test]
async fn a_watch_that_outruns_the_bus_is_lost_told_so_and_can_be_had_again() {
    let Some(bus) = PrivateBus::start() else { return };
    let (_fake, _server, notices) = bus.serve().await;
    let client = bus.client().await;
    let mut changes = proxy::spooler(&client).await.receive_job_changed().await.expect("a stream");
    let mut lost = proxy::spooler(&client).await.receive_watch_lost().await.expect("a stream");
    client.spooler().watch(&JobFilter::default()).await.expect("watches");

    // More at once than the bus takes. Nothing in here waits, so nothing is sent meanwhile.
    let most = SIGNALS_ON_BUS_MAX as u64;
    for id in 1..=most + 10 {
        notices.job_changed(&JobInfo { id, state: JobState::Queued, ..JobInfo::default() });
    }
    assert_eq!(notices.0.watch_count(), 0, "the watch is gone");
    // What had room comes, in order; then nothing but the word that the watch is lost, once.
    let told = async {
        let mut next = 1;
        loop {
            tokio::select! {
                biased;
                change = changes.next() => {
                    let change = change.expect("a signal");
                    assert_eq!(change.args().expect("arguments").id, next);
                    next += 1;
                }
                word = lost.next() => {
                    assert!(!word.expect("a signal").args().expect("arguments").reason.is_empty());
                    break;
                }
            }
        }
        // The word may overtake what had room, never the other way round.
        while next <= most {
            assert_eq!(changes.next().await.expect("a signal").args().expect("arguments").id, next);
            next += 1;
        }
    };
    tokio::time::timeout(LONG, told).await.expect("told in time");

    client.spooler().watch(&JobFilter::default()).await.expect("watches again");
    notices.job_changed(&JobInfo { id: 9_999, state: JobState::Printed, ..JobInfo::default() });
    let change = tokio::time::timeout(LONG, changes.next()).await.expect("in time").expect("a signal");
    assert_eq!(change.args().expect("arguments").id, 9_999, "what was missed is in the list, not here");
    let again = tokio::time::timeout(Duration::from_millis(50), lost.next()).await;
    assert!(again.is_err(), "told once: {again:?}");
}

#[tokio::test]
async fn who_listens_believes_the_owner_of_the_name_alone_and_hears_that_it_is_gone() {
    let Some(bus) = PrivateBus::start() else { return };
    let client = bus.client().await;
    // Who only listens starts nothing, and is told so.
    assert!(matches!(client.listen().await, Err(CallError::NotRunning)));
    let (_fake, server, notices) = bus.serve().await;
    let mut signals = client.listen().await.expect("listens");
    client.spooler().watch(&JobFilter::default()).await.expect("watches");

    let stranger = bus.client().await;
    let forged = JobInfo { id: 666, state: JobState::Printed, ..JobInfo::default() };
    let me = client.connection().unique_name().expect("a name");
    let forged = Message::signal(SPOOLER_PATH, SPOOLER_INTERFACE, "JobChanged")
        .destination(&**me)
        .build(&(forged.id, "printed", &forged))
        .expect("a message");
    stranger.connection().send(&forged).await.expect("sent");
    // It has gone through the bus when an answer has: the bus keeps the order of each sender.
    stranger.spooler().properties().await.expect("an answer");
    notices.job_changed(&JobInfo { id: 1, state: JobState::Printed, ..JobInfo::default() });
    let heard = tokio::time::timeout(LONG, signals.next()).await.expect("in time").expect("a signal");
    assert!(matches!(&heard, Signal::Job(job) if job.id == 1), "{heard:?}");

    server.shut_down(LONG).await;
    let heard = tokio::time::timeout(LONG, signals.next()).await.expect("in time");
    assert_eq!(heard, None);
    assert!(matches!(client.spooler().properties().await, Err(CallError::NotRunning)));
    // Another daemon has not been asked to speak, even if it is asked for something else.
    let (_fake, _server, _notices) = bus.serve().await;
    client.spooler().properties().await.expect("an answer");
    assert_eq!(tokio::time::timeout(LONG, signals.next()).await.expect("in time"), None);
}

#[tokio::test]
async fn a_restart_that_nobody_has_listened_to_yet_holds_up_no_answer() {
    let Some(bus) = PrivateBus::start() else { return };
    let (_fake, mut server, _notices) = bus.serve().await;
    let client = bus.client().await;
    let mut signals = client.listen().await.expect("listens");
    for _ in 0..3 {
        server.shut_down(LONG).await;
        (_, server, _) = bus.serve().await;
        let answer = tokio::time::timeout(LONG, client.spooler().properties()).await.expect("in time");
        answer.expect("an answer of the new one");
    }
    assert_eq!(tokio::time::timeout(LONG, signals.next()).await.expect("in time"), None);
}

#[tokio::test]
async fn a_watcher_on_the_bus_that_does_not_read_harms_nobody() {
    let Some(bus) = PrivateBus::start() else { return };
    let (_fake, _server, notices) = bus.serve().await;
    let (deaf, client) = (bus.client().await, bus.client().await);
    // Its library reads no more from the bus once this stream, which nobody looks at, is full.
    let unread = proxy::spooler(&deaf).await.receive_job_changed().await.expect("a stream");
    deaf.spooler().watch(&JobFilter::default()).await.expect("watches");
    let mut changes = proxy::spooler(&client).await.receive_job_changed().await.expect("a stream");
    client.spooler().watch(&JobFilter::default()).await.expect("watches");
    // Enough to fill its stream and its socket, at a pace the other can follow.
    for id in 1..=3_000 {
        notices.job_changed(&JobInfo { id, state: JobState::Queued, ..JobInfo::default() });
        let change = tokio::time::timeout(LONG, changes.next()).await.expect("in time").expect("a signal");
        assert_eq!(change.args().expect("arguments").id, id);
    }
    // The bus keeps what the deaf one does not take; when it leaves, its watch goes.
    assert_eq!(notices.0.watch_count(), 2);
    drop((unread, deaf));
    let gone = async {
        while notices.0.watch_count() > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, gone).await.expect("forgotten");
    submit(&client, "k").await.expect("an answer");
}
