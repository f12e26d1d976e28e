use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::time::Instant;

use receiptd::hosted::Hosted;

use super::*;
use crate::limits::SETTLE;

/// The thread is one for the process: who counts it is alone.
static ALONE: Mutex<()> = Mutex::new(());

fn road(hosted: &Arc<Hosted>) -> Arc<Remote> {
    let hosted = Arc::clone(hosted);
    Remote::new(1, Place::Hosted(Box::new(move || hosted.connect().map_err(|_| Refusal::closed()))))
}

fn ask(road: &Arc<Remote>, operation: Operation) -> Result<Vec<u8>, Fail> {
    road.wait(operation, Duration::from_secs(30))
}

/// Threads of this process with that name.
fn threads(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let named = |task: &std::fs::DirEntry| {
        std::fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim_end() == name)
    };
    tasks.filter(named).count()
}

/// How often the thread of that name went to sleep by itself.
fn switches(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let read = |task: &std::fs::DirEntry| std::fs::read_to_string(task.path().join("status")).ok();
    let statuses = tasks.filter_map(|task| read(&task));
    let ours = statuses.filter(|status| status.lines().next() == Some(&format!("Name:\t{name}")));
    let line = |status: String| {
        let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches:"))?;
        line.split_whitespace().nth(1)?.parse::<usize>().ok()
    };
    ours.filter_map(line).sum()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A daemon in this process whose printer is not there.
fn hosted(folder: &std::path::Path) -> Arc<Hosted> {
    Arc::new(Hosted::start(folder, "[[printer]]\nname = \"till\"\nconnect = \"usb\"\n").unwrap())
}

/// A daemon's end of a connection that shakes hands, and reads nothing by itself.
fn server_that_reads_nothing(shaken: mpsc::Sender<UnixStream>) -> Place {
    Place::Hosted(Box::new(move || {
        let (ours, mut its) = UnixStream::pair().map_err(|_| Refusal::closed())?;
        let shaken = shaken.clone();
        std::thread::spawn(move || {
            for answer in ["OK 0123456789abcdef0123456789abcdef\r\n", "AGREE_UNIX_FD\r\n", ""] {
                let mut byte = [0];
                while its.read_exact(&mut byte).is_ok() && byte != *b"\n" {}
                its.write_all(answer.as_bytes()).unwrap();
            }
            shaken.send(its).unwrap();
        });
        Ok(ours)
    }))
}

#[test]
fn what_a_caller_gave_up_sending_is_sent_to_its_end_although_nobody_calls_again() {
    /// More than a socket takes.
    const LONG: usize = 2 << 20;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (shaken, streams) = mpsc::channel();
    let road = Remote::new(1, server_that_reads_nothing(shaken));
    let given_up = road.wait(Operation::FindJobs("k".repeat(LONG)), Duration::from_secs(2));
    assert!(matches!(&given_up, Err(Fail::Refused(_))), "nobody has answered");
    let mut its = streams.recv().unwrap();
    // The library's thread settles what was begun; then it stands by, unless it knows of more.
    std::thread::sleep(10 * SETTLE);
    // Sooner than the library looks by itself whether a connection is still needed, which would move things on a little.
    its.set_read_timeout(Some(CONNECTION_KEEP / 2)).unwrap();
    let mut taken = vec![0; LONG];
    its.read_exact(&mut taken).unwrap();
    road.close();
}

#[test]
fn submissions_are_accepted_in_the_order_of_the_calls_while_the_connection_is_being_made() {
    /// Calls once the connection is there.
    const LATE: usize = 30;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let hosted = hosted(folder.path());
    // In each there is one moment to be hit: those who waited for the connection are just told that it is there.
    for round in 0..8 {
        let road = road(&hosted);
        let (sender, answers) = mpsc::channel();
        let (mut calls, mut late) = (0, 0);
        while late < LATE && calls < CALLS_MAX {
            late += usize::from(road.lock().client.is_some());
            let (sender, call) = (sender.clone(), calls);
            let operation = Operation::text(&format!("{round}-{call}"));
            road.start(operation, Duration::from_secs(30), move |answer| {
                sender.send((call, answer.unwrap())).unwrap();
            })
            .unwrap();
            calls += 1;
        }
        drop(sender);
        let mut accepted: Vec<(usize, Vec<u8>)> = answers.iter().collect();
        accepted.sort();
        // Behind the number of jobs: the first one's.
        let id = |frame: &[u8]| u64::from_be_bytes(frame[4..12].try_into().unwrap());
        let ids: Vec<u64> = accepted.iter().map(|(_, frame)| id(frame)).collect();
        assert_eq!(ids.len(), calls);
        assert!(ids.is_sorted(), "round {round}: {ids:?}");
        road.close();
    }
}

#[test]
fn who_waits_comes_behind_what_it_began_before() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let hosted = hosted(folder.path());
    let road = road(&hosted);
    // Behind the number of jobs: the first one's.
    let id = |frame: &[u8]| u64::from_be_bytes(frame[4..12].try_into().unwrap());
    // Before there is a connection, and then with the thread at work and standing by.
    for round in 0..40 {
        let (sender, answers) = mpsc::channel();
        for call in 0..3 {
            let (sender, operation) = (sender.clone(), Operation::text(&format!("begun-{round}-{call}")));
            road.start(operation, Duration::from_secs(30), move |answer| {
                sender.send(answer.unwrap()).unwrap();
            })
            .unwrap();
        }
        let waited = id(&ask(&road, Operation::text(&format!("waited-{round}"))).unwrap());
        drop(sender);
        let begun: Vec<u64> = answers.iter().map(|frame| id(&frame)).collect();
        assert_eq!(begun.len(), 3);
        assert!(begun.iter().all(|begun| *begun < waited), "round {round}: {begun:?}, then {waited}");
        std::thread::sleep(SETTLE * (round % 3));
    }
    road.close();
}

#[test]
fn who_waits_reads_its_answer_itself_and_wakes_no_other_thread_for_it() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let hosted = hosted(folder.path());
    let road = road(&hosted);
    let find = || ask(&road, Operation::FindJobs("k".to_owned())).unwrap();
    find();
    // Now and then it looks whether the connection is still used, and shares the event loop for a moment: on a busy machine
    // for many calls. If it were woken for each call, there would be no round without.
    let round = || {
        let before = switches("receiptd-io");
        (0..50).for_each(|_| drop(find()));
        switches("receiptd-io") - before
    };
    let least = (0..20).map(|_| round()).min().unwrap();
    assert!(least < 10, "the thread ran {least} times for 50 calls");
    road.close();
}

#[test]
fn whoever_turns_the_loop_everyone_gets_an_answer() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let hosted = hosted(folder.path());
    let road = road(&hosted);
    let (road, find) = (&road, || Operation::FindJobs("k".to_owned()));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(move || {
                for _ in 0..200 {
                    ask(road, find()).unwrap();
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(move || {
                for _ in 0..200 {
                    let (sender, answer) = mpsc::channel();
                    let then = move |answer| sender.send(answer).unwrap();
                    road.start(find(), Duration::from_secs(30), then).unwrap();
                    answer.recv().unwrap().unwrap();
                }
            });
        }
        // The thread comes and goes between them.
        scope.spawn(move || {
            for _ in 0..20 {
                ask(road, Operation::Watch(JobFilter::default())).unwrap();
                ask(road, Operation::Unwatch).unwrap();
                std::thread::sleep(SETTLE * 2);
            }
        });
    });
    until("the thread is gone", || threads("receiptd-io") == 0);
    road.close();
}

#[test]
fn a_daemon_that_went_while_nobody_looked_is_not_asked() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let there = Arc::new(Mutex::new(hosted(folder.path())));
    let to = Arc::clone(&there);
    let connect = move || to.lock().unwrap().connect().map_err(|_| Refusal::closed());
    let road = Remote::new(1, Place::Hosted(Box::new(connect)));
    for _ in 0..5 {
        ask(&road, Operation::FindJobs("k".to_owned())).unwrap();
        let mut daemon = there.lock().unwrap();
        daemon.shut_down();
        *daemon = hosted(folder.path());
        drop(daemon);
        // It may not be repeated: over the old connection it would end as Disconnected.
        let release = ask(&road, Operation::Release(1));
        assert!(
            matches!(&release, Err(Fail::Refused(refusal)) if refusal.code == "UnknownJob"),
            "{release:?}"
        );
    }
    road.close();
}

#[test]
fn an_idle_app_has_no_connection_and_no_thread_of_ours() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let hosted = hosted(folder.path());
    let road = road(&hosted);
    until("another test's thread is gone", || threads("receiptd-io") == 0);
    // No job: a list of none.
    assert_eq!(ask(&road, Operation::FindJobs("k".to_owned())).unwrap(), [0; 4]);
    assert_eq!(threads("receiptd-io"), 1);
    until("the thread is gone", || threads("receiptd-io") == 0);
    assert!(road.lock().client.is_none(), "the connection was let go first");
    assert_eq!(
        ask(&road, Operation::FindJobs("k".to_owned())).unwrap(),
        [0; 4],
        "it comes back when it is needed"
    );

    // Whoever listens keeps both.
    ask(&road, Operation::Watch(JobFilter::default())).unwrap();
    std::thread::sleep(CONNECTION_KEEP * 5);
    assert!(road.lock().client.is_some());
    ask(&road, Operation::Unwatch).unwrap();
    until("the thread is gone again", || threads("receiptd-io") == 0);
    road.close();
    assert!(
        matches!(ask(&road, Operation::Unwatch), Err(Fail::Refused(refusal)) if refusal.code == "Closed")
    );
}
