//! The same server on a real bus: a private `dbus-daemon`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use receiptd_api::{
    ApiError, CallError, Client, Document, JobFilter, JobInfo, JobState, Kind, StoreState, SubmitOptions,
    Where,
};
use zbus::{MatchRule, MessageStream};

use super::fake::Fake;
use super::{Dir, LONG, program};
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
    let mut states = client.spooler().receive_store_state_changed().await;
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
    let mut changes = watcher.spooler().receive_job_changed().await.expect("a stream");
    watcher.spooler().watch(&JobFilter::default()).await.expect("watches");
    // The bystander asks the bus for every signal there is, and has called the daemon too.
    let everything = MatchRule::builder().interface("io.receiptd.Spooler1").build();
    let everything = everything.expect("a rule");
    let mut overheard =
        MessageStream::for_match_rule(everything, bystander.connection(), None).await.expect("a stream");
    bystander.spooler().version().await.expect("a version");

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
