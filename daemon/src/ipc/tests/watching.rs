//! Who is told of which job, and what happens to those who do not listen.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use receiptd_api::names::printer_path;
use receiptd_api::{ApiError, CallError, JobFilter, JobInfo, JobState, Signal, StoreState, StoryItem};
use tokio::net::UnixStream;
use tokio::sync::{Semaphore, mpsc};
use zbus::message::Flags;

use super::fake::Fake;
use super::raw::{Raw, call};
use super::{LONG, Running, proxy};
use crate::ipc::client::{Client, Out, Peer, Road};
use crate::ipc::hub::Hub;
use crate::ipc::link::Link;
use crate::ipc::{Caller, Config, Limits, Notices};

fn job(id: u64, state: JobState) -> JobInfo {
    JobInfo { id, state, key: "k".to_owned(), ..JobInfo::default() }
}

#[tokio::test]
async fn a_watcher_hears_of_what_it_asked_for_and_no_more() {
    let running = Running::start().await;
    let client = running.client().await;
    let mut changes = proxy::spooler(&client).await.receive_job_changed().await.expect("a stream");
    running.notices.job_changed(&job(1, JobState::Queued));
    let printed = JobFilter { state: Some(JobState::Printed), ..Default::default() };
    client.spooler().watch(&printed).await.expect("watches");
    running.notices.job_changed(&job(2, JobState::Queued));
    let story = vec![StoryItem { event: "printed".to_owned(), ..Default::default() }];
    running.notices.job_changed(&JobInfo { story, ..job(3, JobState::Printed) });
    let change = tokio::time::timeout(LONG, changes.next()).await.expect("in time").expect("a signal");
    let arguments = change.args().expect("arguments");
    assert_eq!((arguments.id, arguments.state), (3, "printed"));
    assert!(arguments.job.story.is_empty());

    client.spooler().unwatch().await.expect("stops");
    running.notices.job_changed(&job(4, JobState::Printed));
    client.spooler().watch(&JobFilter::default()).await.expect("watches");
    running.notices.job_changed(&job(5, JobState::Printed));
    let change = tokio::time::timeout(LONG, changes.next()).await.expect("in time").expect("a signal");
    assert_eq!(change.args().expect("arguments").id, 5);
}

#[tokio::test]
async fn watches_are_bounded() {
    let limits = Limits { watches_max: 1, ..Limits::default() };
    let running = Running::with(Config { limits, ..Config::default() }).await;
    let (one, two) = (running.client().await, running.client().await);
    let watch = JobFilter::default();
    one.spooler().watch(&watch).await.expect("watches");
    one.spooler().watch(&watch).await.expect("a new filter is not a new watch");
    let refused = two.spooler().watch(&watch).await.expect_err("refused");
    assert!(matches!(refused, CallError::Api(ApiError::TooManyWatches(_))), "{refused:?}");
    one.spooler().unwatch().await.expect("stops");
    two.spooler().watch(&watch).await.expect("watches");
}

#[tokio::test]
async fn nobody_hears_of_the_jobs_of_others() {
    let hub = Hub::new(Vec::new(), StoreState::Ok, 10);
    let listener = |uid, operator| {
        let (stream, _other) = UnixStream::pair().expect("a pair");
        let (out, orders) = mpsc::channel(10);
        let peer = Peer { link: Arc::new(Link::new(stream, uid, Arc::new(Semaphore::new(1)))), out };
        let caller = Caller { uid, operator, name: "x".into() };
        let client = Client::new(caller, Road::Peer(peer), &hub.calls);
        hub.add_peer(&client);
        hub.watch(&client, JobFilter::default()).expect("watches");
        orders
    };
    let (mut owner, mut other, mut operator) = (listener(7, false), listener(8, false), listener(9, true));
    let notices = Notices(Arc::clone(&hub));
    notices.job_changed(&JobInfo { owner_uid: 7, ..job(1, JobState::Queued) });
    assert!(matches!(owner.try_recv(), Ok(Out::Signal(_))));
    assert!(matches!(operator.try_recv(), Ok(Out::Signal(_))));
    assert!(other.try_recv().is_err());
}

#[tokio::test]
async fn a_watcher_that_does_not_read_is_cut_off_and_harms_nobody() {
    let running = Running::start().await;
    let deaf = {
        let mut raw = Raw::authenticated(&running.dir.socket()).await;
        raw.write(&call("Watch", &JobFilter::default(), Flags::empty())).await;
        raw
    };
    let client = running.client().await;
    let mut changes = proxy::spooler(&client).await.receive_job_changed().await.expect("a stream");
    client.spooler().watch(&JobFilter::default()).await.expect("watches");
    // Enough to fill the socket and the queue of the deaf one, at a pace the other can follow.
    for id in 1..=4000 {
        running.notices.job_changed(&job(id, JobState::Queued));
        let change = tokio::time::timeout(LONG, changes.next()).await.expect("in time").expect("a signal");
        assert_eq!(change.args().expect("arguments").id, id);
    }
    deaf.ended().await;
    client.spooler().get_job(1).await.expect_err("there is no job, but there is an answer");
}

#[tokio::test]
async fn a_client_that_never_asked_is_told_nothing() {
    let running = Running::start().await;
    let silent = Raw::authenticated(&running.dir.socket()).await;
    for state in [StoreState::Full, StoreState::Ok, StoreState::Failed] {
        running.notices.store_changed(state);
        running.notices.job_changed(&job(1, JobState::Queued));
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = silent.0.try_read(&mut [0; 16]).expect_err("nothing to read");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn whoever_listens_is_told_which_properties_changed() {
    let running = Running::start().await;
    let client = running.client().await;
    let mut signals = client.listen().await.expect("listens");
    client.printers().await.expect("printers");
    let mut changed = Fake::printer("till");
    changed.queue_length += 1;
    running.notices.printer_changed(&changed);
    let heard = tokio::time::timeout(LONG, signals.next()).await.expect("in time").expect("a signal");
    let path = printer_path("till").as_str().to_owned();
    let expected = Signal::Properties { path, names: vec!["QueueLength".to_owned()], store: None };
    assert_eq!(heard, expected);
}
