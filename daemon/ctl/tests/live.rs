//! The verbs against a spooler that plays a part: submitting, waiting, a restart in between, refusals.
//!
//! It speaks the interface on a Unix socket and decides nothing; the real daemon is tried by the whole-system tests.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_types, reason = "zbus's macro writes HashMap; nothing here iterates over one")]

mod common;

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{SALE_MS, event, text};
use receiptd_api::{
    ApiError, CanPrint, Grade, JobFilter, JobInfo, JobState, Kind, Outcome, SubmitOptions, Submitted, names,
};
use serde_json::Value;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, Fd, Guid, OwnedObjectPath, connection};

/// What the spooler remembers, over all connections.
#[derive(Default)]
struct Memory {
    jobs: BTreeMap<u64, JobInfo>,
    documents: Vec<Vec<u8>>,
    restarts: u32,
}

#[derive(Clone, Default)]
struct Spooler {
    memory: Arc<Mutex<Memory>>,
}

impl Spooler {
    fn accept(
        &self,
        key: &str,
        printer: &str,
        document: Vec<u8>,
        options: &SubmitOptions,
    ) -> Result<Submitted, ApiError> {
        if printer == "nowhere" {
            return Err(ApiError::UnknownPrinter("there is no printer nowhere".to_owned()));
        }
        let mut memory = self.memory.lock().expect("memory");
        memory.documents.push(document);
        let job = JobInfo {
            title: options.title.clone().unwrap_or_default(),
            key: key.to_owned(),
            ..common::job(42, JobState::Queued, "")
        };
        memory.jobs.insert(42, job);
        Ok(Submitted { jobs: vec![(42, "customer".to_owned())], existed: false, masked: None })
    }

    fn change(&self, to: impl FnOnce(&mut JobInfo)) -> JobInfo {
        let mut memory = self.memory.lock().expect("memory");
        let job = memory.jobs.get_mut(&42).expect("job");
        to(job);
        job.clone()
    }
}

/// Prints the job: its title says how that ends.
async fn play(spooler: Spooler, emitter: SignalEmitter<'static>, connection: Connection) {
    let tell = async |job: JobInfo| {
        let state = job.state.as_str();
        let _ = Spooler::job_changed(&emitter, job.id, state, JobInfo { story: vec![], ..job.clone() }).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    tokio::time::sleep(Duration::from_millis(50)).await;
    tell(spooler.change(|job| {
        job.state = JobState::Sending;
        job.paused_reason = Some("paper-out".to_owned());
    }))
    .await;
    let title = spooler.change(|_| {}).title;
    let restart = {
        let mut memory = spooler.memory.lock().expect("memory");
        memory.restarts += 1;
        title.contains("restart") && memory.restarts == 1
    };
    if restart {
        let _ = connection.close().await;
        return;
    }
    tell(spooler.change(|job| {
        job.paused_reason = None;
        job.state = JobState::from_word(title.split(' ').next_back().unwrap_or_default());
        job.grade = (job.state == JobState::Printed).then_some(Grade::A);
        job.story =
            vec![event(0, "interrupted", 1, &[("why", "restart")]), event(1, "waits-for-person", 1, &[])];
    }))
    .await;
}

#[zbus::interface(name = "io.receiptd.Spooler1")]
impl Spooler {
    async fn submit(
        &self,
        key: &str,
        printer: &str,
        _kind: Kind,
        document: &[u8],
        options: SubmitOptions,
    ) -> Result<Submitted, ApiError> {
        self.accept(key, printer, document.to_vec(), &options)
    }

    async fn submit_fd(
        &self,
        key: &str,
        printer: &str,
        _kind: Kind,
        document: Fd<'_>,
        options: SubmitOptions,
    ) -> Result<Submitted, ApiError> {
        let mut file = std::fs::File::from(document.as_fd().try_clone_to_owned().expect("descriptor"));
        assert_eq!(file.stream_position().expect("position"), 0);
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("reads");
        self.accept(key, printer, bytes, &options)
    }

    async fn get_job(&self, id: u64) -> Result<JobInfo, ApiError> {
        let memory = self.memory.lock().expect("memory");
        memory.jobs.get(&id).cloned().ok_or_else(|| ApiError::UnknownJob(format!("there is no job {id}")))
    }

    async fn find_jobs(&self, key: &str) -> Vec<u64> {
        let memory = self.memory.lock().expect("memory");
        memory.jobs.values().filter(|job| job.key == key).map(|job| job.id).collect()
    }

    /// Pages of two, so that paging is seen to work.
    async fn list_jobs(&self, filter: JobFilter) -> (Vec<JobInfo>, String) {
        let jobs: Vec<JobInfo> = common::jobs().into_iter().filter(|job| filter.matches(job)).collect();
        let after: usize = filter.after.as_deref().map_or(0, |after| after.parse().expect("cursor"));
        let page: Vec<JobInfo> = jobs.iter().skip(after).take(2).cloned().collect();
        let next = after + page.len();
        (page, if next < jobs.len() { next.to_string() } else { String::new() })
    }

    async fn watch(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
        filter: JobFilter,
    ) {
        let started = self.memory.lock().expect("memory").jobs.contains_key(&42);
        if started && filter.key.is_some() {
            tokio::spawn(play(self.clone(), emitter.to_owned(), connection.clone()));
        }
    }

    async fn unwatch(&self) {}

    async fn cancel(&self, id: u64, _reason: &str) -> Result<(), ApiError> {
        match id {
            7 => Ok(()),
            8 => Err(ApiError::NotAllowed("only operators may do this".to_owned())),
            _ => Err(ApiError::WrongState("the job is printed".to_owned())),
        }
    }

    async fn hold(&self, _id: u64, _reason: &str) {}

    async fn release(&self, _id: u64) {}

    async fn reprint(&self, _id: u64, _reason: &str, key: &str) -> Result<u64, ApiError> {
        let options = SubmitOptions { title: Some("sent".to_owned()), ..SubmitOptions::default() };
        self.accept(key, "", Vec::new(), &options).map(|submitted| submitted.jobs[0].0)
    }

    async fn resolve(&self, _id: u64, _outcome: Outcome, _note: &str) {}

    async fn can_print(&self, printer: &str, _length_mm: u32) -> CanPrint {
        CanPrint {
            can: printer.is_empty(),
            reasons: vec!["paper-near-end".to_owned()],
            ..CanPrint::default()
        }
    }

    async fn list_printers(&self) -> Vec<OwnedObjectPath> {
        Vec::new()
    }

    #[zbus(signal)]
    async fn job_changed(emitter: &SignalEmitter<'_>, id: u64, state: &str, job: JobInfo)
    -> zbus::Result<()>;

    #[zbus(property)]
    async fn version(&self) -> String {
        "0.1.0".to_owned()
    }

    #[zbus(property)]
    async fn api_version(&self) -> u32 {
        names::API_VERSION
    }

    #[zbus(property)]
    async fn store_state(&self) -> String {
        "ok".to_owned()
    }
}

async fn serve(listener: std::os::unix::net::UnixListener, spooler: Spooler) {
    let listener = tokio::net::UnixListener::from_std(listener).expect("socket");
    let mut connections = Vec::new();
    while let Ok((stream, _)) = listener.accept().await {
        let stream = stream.into_std().expect("stream");
        let built = connection::Builder::unix_stream(stream)
            .server(Guid::generate())
            .p2p()
            .serve_at(names::SPOOLER_PATH, spooler.clone())
            .build()
            .await;
        connections.extend(built);
    }
}

/// A spooler on a socket of its own.
struct Server {
    dir: tempfile::TempDir,
    spooler: Spooler,
}

impl Server {
    fn start() -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let spooler = Spooler::default();
        let listener = std::os::unix::net::UnixListener::bind(dir.path().join("api.sock")).expect("socket");
        listener.set_nonblocking(true).expect("socket");
        let shared = spooler.clone();
        // Ends with the process of the test.
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
            runtime.block_on(serve(listener, shared));
        });
        Self { dir, spooler }
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let socket: PathBuf = self.dir.path().join("api.sock");
        let mut command = common::command(args);
        command.env("RECEIPTD_SOCKET", socket);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the command starts")
    }

    fn slip(&self, bytes: &[u8]) -> String {
        let path = self.dir.path().join("slip.bin");
        std::fs::write(&path, bytes).expect("writes");
        path.to_str().expect("path").to_owned()
    }
}

fn objects(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn waiting_tells_the_outcome_by_the_exit_code() {
    let server = Server::start();
    let slip = server.slip(b"\x1b@slip\n");
    for (title, code) in
        [("printed", 0), ("sent", 6), ("canceled", 4), ("uncertain", 5), ("held", 5), ("attested", 0)]
    {
        let output = server.run(&["print", &slip, "--key", "K", "--title", title, "--wait", "--json"]);
        assert_eq!(output.status.code(), Some(code), "{title}: {}", text(&output.stderr));
        let objects = objects(&output);
        let types: Vec<&str> = objects.iter().filter_map(|object| object["type"].as_str()).collect();
        assert_eq!((types.first(), types.last()), (Some(&"submitted"), Some(&"outcome")), "{types:?}");
        assert_eq!(objects[objects.len() - 1]["state"], title);
        assert!(objects.iter().any(|object| object["paused_reason"] == "paper-out"), "{objects:?}");
    }
    let output = server.run(&["print", &slip, "--title", "printed", "--wait", "--lang", "zh"]);
    let shown = text(&output.stdout);
    assert!(
        shown.contains("已接收：任务 42")
            && shown.contains("正在打印：缺纸")
            && shown.contains("已打印（A）"),
        "{shown}"
    );
    let reprint = server.run(&["reprint", "7", "--reason", "lost", "--wait"]);
    assert_eq!(reprint.status.code(), Some(6), "{}", text(&reprint.stderr));
}

#[test]
fn a_restart_of_the_daemon_does_not_end_waiting() {
    let server = Server::start();
    let slip = server.slip(b"\x1b@slip\n");
    let output = server.run(&["print", &slip, "--title", "restart printed", "--wait"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stderr).contains("connected again"), "{}", text(&output.stderr));
}

#[test]
fn waiting_ends_when_told_to() {
    let server = Server::start();
    let slip = server.slip(b"\x1b@slip\n");
    let output = server.run(&["print", &slip, "--title", "queued", "--wait", "--timeout", "500ms"]);
    assert_eq!(output.status.code(), Some(9), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("receiptctl job 42"), "{}", text(&output.stderr));
}

#[test]
fn a_large_document_arrives_whole_and_quiet_tells_the_number_alone() {
    let server = Server::start();
    let large: Vec<u8> = b"abcdefg\n".repeat(40_000);
    let slip = server.slip(&large);
    let output = server.run(&["print", &slip, "--quiet"]);
    assert_eq!((text(&output.stdout).as_str(), text(&output.stderr).as_str()), ("42\n", ""));
    assert!(server.spooler.memory.lock().expect("memory").documents[0] == large);
}

#[test]
fn jobs_are_paged_and_refusals_are_named() {
    let server = Server::start();
    assert_eq!(objects(&server.run(&["jobs", "--json"])).len(), 2);
    assert_eq!(objects(&server.run(&["jobs", "--all", "--json"])).len(), 9);
    assert_eq!(objects(&server.run(&["jobs", "--all", "--json", "--active"])).len(), 4);
    let table = text(&server.run(&["jobs", "--all"]).stdout);
    assert_eq!(table.lines().filter(|line| line.starts_with("JOB")).count(), 1, "{table}");
    assert!(table.contains(&receiptctl::time::date_time(
        SALE_MS,
        &common::style(receiptctl::text::Lang::En, false).tz
    )));

    let canceled = server.run(&["cancel", "9", "7"]);
    assert_eq!(canceled.status.code(), Some(1));
    assert!(text(&canceled.stdout).contains("job 7 is canceled"), "one refusal keeps no other job from it");
    assert_eq!(server.run(&["cancel", "8"]).status.code(), Some(7));
    let unknown = server.run(&["job", "99", "--json"]);
    let error: Value = serde_json::from_slice(&unknown.stderr).expect("JSON");
    assert_eq!((unknown.status.code(), error["code"].as_str()), (Some(1), Some("UnknownJob")));
    let slip = server.slip(b"x\n");
    let nowhere = server.run(&["print", &slip, "--printer", "nowhere"]);
    assert!(text(&nowhere.stderr).contains("receiptctl printers"), "{}", text(&nowhere.stderr));
    assert_eq!(server.run(&["can-print"]).status.code(), Some(0));
    assert_eq!(server.run(&["can-print", "--printer", "bar"]).status.code(), Some(1));
    for verb in [
        &["hold", "7"][..],
        &["release", "7"],
        &["resolve", "7", "--not-printed"],
        &["status"],
        &["printers"],
    ] {
        let output = server.run(verb);
        assert_eq!(output.status.code(), Some(0), "{verb:?}: {}", text(&output.stderr));
    }
    let status = objects(&server.run(&["status", "--json"]));
    assert_eq!(
        (status[0]["queued"].as_u64(), status[0]["uncertain"].as_u64()),
        (Some(1), Some(1)),
        "{status:?}"
    );
}

#[test]
fn ctrl_c_ends_watching_with_130() {
    let server = Server::start();
    let mut child =
        server.command(&["watch"]).stderr(std::process::Stdio::piped()).spawn().expect("the command starts");
    let mut first = [0_u8; 8];
    child.stderr.as_mut().expect("stderr").read_exact(&mut first).expect("the hint comes");
    assert_eq!(&first, b"watching");
    // The hint comes before the signal handler is installed; until then the signal itself ends the process.
    std::thread::sleep(Duration::from_millis(300));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("signal");
    assert_eq!(child.wait().expect("ends").code(), Some(130));
}
