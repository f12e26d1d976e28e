//! Handing slips in and following them, in the words of the tests.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "called by tests only: what fails here fails the test"
)]

use std::collections::BTreeMap;
use std::num::NonZero;

use futures_util::StreamExt;
use receiptd_api::{
    CallError, Client, Cut, Document, JobFilter, JobInfo, JobState, Kind, SubmitOptions, Submitted,
};
use tokio::sync::mpsc;
use zbus::{MatchRule, MessageStream, OwnedVariant};

use crate::{PATIENCE, Reach};

/// A slip as a JSON receipt: a line that begins it, so many inner lines, and one that ends it. `name` is a
/// letter and four digits, for example `S0001`; see [`crate::paper`].
pub fn slip(name: &str, lines: u32) -> String {
    let inner = (1..=lines).map(|n| format!("{name} line {n}"));
    let all = std::iter::once(format!("{name} BEGIN")).chain(inner).chain([format!("{name} END of {lines}")]);
    let all: Vec<String> = all.map(|text| format!(r#"{{"text":{{"text":"{text}"}}}}"#)).collect();
    format!(r#"{{"version":1,"title":"{name}","lines":[{}]}}"#, all.join(","))
}

/// Inner lines of a slip that is long enough (38 mm) for an answer to be judged by the clock.
pub const SHORT: u32 = 8;

/// Inner lines of a slip that takes more than a second on a slow printer (about 83 mm).
pub const LONG: u32 = 20;

/// The name of slip number `n`.
pub fn name(n: usize) -> String {
    format!("S{n:04}")
}

/// Hands in one document.
///
/// # Errors
/// What the daemon says.
pub async fn submit_as(
    client: &Client,
    key: &str,
    printer: &str,
    document: &str,
    options: &SubmitOptions,
) -> Result<Submitted, CallError> {
    client.spooler().submit(key, printer, Kind::Json, Document(document.as_bytes()), options).await
}

/// Hands in one slip to the default printer; its key is its name.
///
/// # Errors
/// What the daemon says.
pub async fn submit(client: &Client, name: &str, lines: u32) -> Result<u64, CallError> {
    let done = submit_as(client, name, "", &slip(name, lines), &SubmitOptions::default()).await?;
    Ok(done.jobs[0].0)
}

/// The changes of all jobs, read as they come by a client of its own, so that nobody else waits for them.
#[derive(Debug)]
pub struct Watch {
    changes: mpsc::UnboundedReceiver<JobInfo>,
}

impl Watch {
    /// Begins to watch.
    pub async fn begin(shop: &impl Reach) -> Self {
        Self::filtered(shop, &JobFilter::default()).await
    }

    /// The same for some jobs.
    pub async fn filtered(shop: &impl Reach, filter: &JobFilter) -> Self {
        let client = shop.client().await.expect("a client that watches");
        let mut stream = client.watch(filter).await.expect("watching");
        let (sender, changes) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            // The client lives as long as its changes.
            let _client = client;
            while let Some(job) = stream.next().await {
                if sender.send(job).is_err() {
                    return;
                }
            }
        });
        Self { changes }
    }

    /// The next change.
    pub async fn next(&mut self) -> JobInfo {
        let next = tokio::time::timeout(PATIENCE, self.changes.recv()).await;
        next.expect("a change in time").expect("the daemon went away")
    }

    /// The next change that is as wanted.
    pub async fn until(&mut self, mut wanted: impl FnMut(&JobInfo) -> bool) -> JobInfo {
        loop {
            let job = self.next().await;
            if wanted(&job) {
                return job;
            }
        }
    }

    /// What came up to now, without waiting.
    pub fn so_far(&mut self) -> Vec<JobInfo> {
        std::iter::from_fn(|| self.changes.try_recv().ok()).collect()
    }
}

/// Whether nothing more happens to the job, its cut included.
pub fn is_over(job: &JobInfo) -> bool {
    job.state.is_final() && job.cut != Cut::Pending
}

/// Waits until these jobs are as wanted, by signals, and gives them with their stories.
pub async fn until(
    shop: &impl Reach,
    ids: impl IntoIterator<Item = u64>,
    wanted: impl Fn(&JobInfo) -> bool,
) -> BTreeMap<u64, JobInfo> {
    let ids: Vec<u64> = ids.into_iter().collect();
    let mut watch = Watch::begin(shop).await;
    let client = shop.client().await.expect("a client");
    let mut found = BTreeMap::new();
    for id in &ids {
        let job = client.spooler().get_job(*id).await.expect("a job that was accepted");
        if wanted(&job) {
            found.insert(*id, job);
        }
    }
    while found.len() < ids.len() {
        let Ok(changed) = tokio::time::timeout(PATIENCE, watch.next()).await else {
            let open: Vec<u64> = ids.iter().copied().filter(|id| !found.contains_key(id)).collect();
            panic!("jobs {open:?} do not come to the state that was waited for");
        };
        // A change is told without the story; the job may be further by now, which is just as well.
        if ids.contains(&changed.id) && wanted(&changed) {
            let job = client.spooler().get_job(changed.id).await.expect("a job that was accepted");
            found.insert(changed.id, job);
        }
    }
    found
}

/// Waits for the outcomes of these jobs.
pub async fn outcomes(shop: &impl Reach, ids: impl IntoIterator<Item = u64>) -> BTreeMap<u64, JobInfo> {
    until(shop, ids, is_over).await
}

/// Waits for the outcome of one job.
pub async fn outcome(shop: &impl Reach, id: u64) -> JobInfo {
    outcomes(shop, [id]).await.remove(&id).expect("the outcome that was waited for")
}

/// The events of a job's story, in order.
pub fn story(job: &JobInfo) -> Vec<&str> {
    job.story.iter().map(|item| item.event.as_str()).collect()
}

/// All jobs of the daemon, page by page.
pub async fn all_jobs(client: &Client, mut filter: JobFilter) -> Vec<JobInfo> {
    let mut all = Vec::new();
    loop {
        let (page, next) = client.spooler().list_jobs(&filter).await.expect("a page");
        all.extend(page);
        if next.is_empty() {
            return all;
        }
        filter.after = Some(next);
    }
}

/// P5: an outcome has a time, a story that ends with it, and begins with the acceptance.
pub fn assert_told(job: &JobInfo) {
    let events = story(job);
    assert!(job.state.is_final() && job.finished_ms.is_some(), "job {} is {}", job.id, job.state);
    assert_eq!(events.first(), Some(&"accepted"), "job {}: {events:?}", job.id);
    let says = match job.state {
        JobState::Printed => &["printed", "late-proof"][..],
        JobState::Sent => &["sent"],
        JobState::Attested => &["resolved"],
        JobState::Canceled => &["canceled"],
        _ => &["expired"],
    };
    assert!(events.iter().any(|event| says.contains(event)), "job {} is {}: {events:?}", job.id, job.state);
}

/// Signals that wait until a test looks at them: all that any test makes.
const QUEUED_MAX: NonZero<usize> = NonZero::new(4_096).unwrap();

/// The changes of the printers' properties, as `PropertiesChanged` tells them.
#[derive(Debug)]
pub struct PrinterWatch {
    _client: Client,
    stream: MessageStream,
}

impl PrinterWatch {
    /// Begins to listen. On a socket everybody hears of all printers.
    pub async fn begin(shop: &impl Reach) -> Self {
        let client = shop.client().await.expect("a client that watches");
        let rule = MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .interface("org.freedesktop.DBus.Properties")
            .member("PropertiesChanged")
            .build()
            .expect("a match rule");
        let stream = MessageStream::for_match_rule(rule, client.connection(), Some(QUEUED_MAX)).await;
        let stream = stream.expect("a stream of signals");
        // Whoever never asked is told nothing.
        client.printers().await.expect("the printers");
        Self { _client: client, stream }
    }

    /// Waits for a property to be as wanted: its name, and its value as text. How many signals came until then.
    pub async fn until(&mut self, wanted: impl Fn(&str, &str) -> bool) -> usize {
        for signals in 1.. {
            let next = tokio::time::timeout(PATIENCE, self.stream.next()).await;
            let message = next.expect("a change in time").expect("a connection").expect("a message");
            let body = message.body();
            let (_, changed, _): (String, BTreeMap<String, OwnedVariant>, Vec<String>) =
                body.deserialize().expect("the properties that changed");
            if changed.iter().any(|(name, value)| wanted(name, &format!("{value:?}"))) {
                return signals;
            }
        }
        unreachable!("signals end by a panic above")
    }
}
