//! How long a submission takes through the interface alone: the backend answers at once.
//!
//! `cargo test --release -p receiptd ipc::tests::bench -- --ignored --nocapture`. The server has one thread,
//! the clients have another; both share the machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use receiptd_api::{
    ApiError, CanPrint, Client, Document, JobFilter, JobInfo, JobPage, Kind, Outcome, PrinterInfo,
    ProbeReport, Receipt, StoreState, SubmitOptions, Submitted, Where,
};

use rustix::time::ClockId;

use super::Dir;
use crate::ipc::{Backend, Caller, Config, SubmitRequest, serve};

/// Answers at once.
struct Nothing;

fn no<T>() -> Result<T, ApiError> {
    Err(ApiError::WrongState("not in this test".to_owned()))
}

impl Backend for Nothing {
    async fn submit(&self, _caller: Caller, request: SubmitRequest) -> Result<Submitted, ApiError> {
        std::hint::black_box(&request);
        Ok(Submitted { jobs: vec![(1, "customer".to_owned())], existed: false, masked: None })
    }
    async fn job(&self, _: Caller, _: u64) -> Result<JobInfo, ApiError> {
        no()
    }

    async fn receipt(&self, _: Caller, _: u64) -> Result<Receipt, ApiError> {
        no()
    }
    async fn find(&self, _: Caller, _: String) -> Result<Vec<u64>, ApiError> {
        no()
    }
    async fn list(&self, _: Caller, _: JobFilter) -> Result<JobPage, ApiError> {
        no()
    }
    async fn cancel(&self, _: Caller, _: u64, _: String) -> Result<(), ApiError> {
        no()
    }
    async fn hold(&self, _: Caller, _: u64, _: String) -> Result<(), ApiError> {
        no()
    }
    async fn release(&self, _: Caller, _: u64) -> Result<(), ApiError> {
        no()
    }
    async fn reprint(&self, _: Caller, _: u64, _: String, _: String) -> Result<u64, ApiError> {
        no()
    }
    async fn resolve(&self, _: Caller, _: u64, _: Outcome, _: String) -> Result<(), ApiError> {
        no()
    }
    async fn can_print(&self, _: Caller, _: String, _: u32) -> Result<CanPrint, ApiError> {
        no()
    }
    async fn probe(&self, _: Caller, _: String) -> Result<ProbeReport, ApiError> {
        no()
    }
    async fn printers(&self) -> Vec<PrinterInfo> {
        vec![PrinterInfo { name: "till".to_owned(), ..PrinterInfo::default() }]
    }
    fn store_state(&self) -> StoreState {
        StoreState::Ok
    }
}

/// How much processor time a clock has counted.
fn used(clock: ClockId) -> Duration {
    Duration::try_from(rustix::time::clock_gettime(clock)).expect("not negative")
}

/// Submits for a while over so many connections; the figures. On a busy machine, the processor time of a call
/// tells more than the rate.
fn measure(dir: &Dir, connections: usize, bytes: usize, server_us: &AtomicU64) -> String {
    const WHILE: Duration = Duration::from_secs(3);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let path = dir.socket();
    runtime.block_on(async {
        let mut tasks = Vec::new();
        let begin = Instant::now();
        for number in 0..connections {
            let client = Client::connect(Where::Socket(path.clone())).await.expect("connects");
            tasks.push(tokio::spawn(async move {
                let document = vec![b'x'; bytes];
                let options = SubmitOptions::default();
                let mut times = Vec::new();
                while begin.elapsed() < WHILE {
                    let key = format!("{number}/{}", times.len());
                    let start = Instant::now();
                    let submit = client.spooler().submit(&key, "", Kind::Json, Document(&document), &options);
                    submit.await.expect("accepted");
                    times.push(start.elapsed());
                }
                times
            }));
        }
        let (server, both) = (server_us.load(Ordering::Relaxed), used(ClockId::ProcessCPUTime));
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await.expect("not cancelled"));
        }
        let rate = times.len() as f64 / begin.elapsed().as_secs_f64();
        times.sort_unstable();
        let (half, most) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        let server = (server_us.load(Ordering::Relaxed) - server) as f64 / times.len() as f64;
        let both = (used(ClockId::ProcessCPUTime) - both).as_secs_f64() * 1e6 / times.len() as f64;
        format!(
            "{connections:3} connections, {bytes:6} bytes: {rate:6.0}/s, median {half:.0?}, 99 % {most:.0?}; \
             processor time {server:.0} µs in the server, {both:.0} µs in all"
        )
    })
}

#[test]
#[ignore = "a measurement"]
fn submissions_per_second() {
    let dir = Dir::new();
    let path = dir.socket();
    let (ready, is_ready) = std::sync::mpsc::channel();
    let server_us = Arc::new(AtomicU64::new(0));
    let publish = Arc::clone(&server_us);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let config = Config { socket: Some(path), ..Config::default() };
            let (mut server, _notices) = serve(config, Arc::new(Nothing)).await.expect("serves");
            ready.send(()).expect("someone waits");
            let mut tick = tokio::time::interval(Duration::from_millis(20));
            loop {
                tokio::select! {
                    _ = tick.tick() => {
                        publish.store(used(ClockId::ThreadCPUTime).as_micros() as u64, Ordering::Relaxed);
                    }
                    why = server.ended() => panic!("{why}"),
                }
            }
        });
    });
    is_ready.recv().expect("ready");
    for (connections, bytes) in [(1, 1500), (64, 1500), (1, 100_000), (64, 100_000)] {
        println!("{}", measure(&dir, connections, bytes, &server_us));
    }
}
