//! Making, replacing, handing over and giving up the socket; and how many may connect.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::time::Duration;

use receiptd_api::{CallError, Client, ConnectError, Document, Kind, Retry, SubmitOptions, Where};

use super::fake::Fake;
use super::raw::Raw;
use super::{Dir, LONG, Running};
use crate::ipc::{Config, IpcError, Limits, serve};

async fn try_serve(config: Config) -> Result<(), IpcError> {
    serve(config, Arc::new(Fake::default())).await.map(drop)
}

#[tokio::test]
async fn a_path_that_is_too_long_is_named_with_the_limit() {
    let path = std::env::temp_dir().join("x".repeat(120));
    let error = try_serve(Config { socket: Some(path), ..Config::default() }).await.expect_err("too long");
    assert!(matches!(error, IpcError::PathTooLong { .. }), "{error:?}");
    assert!(error.to_string().contains("107"), "{error}");
}

#[tokio::test]
async fn the_longest_path_works() {
    let dir = Dir::new();
    let fill = 107 - dir.0.as_os_str().len() - 1;
    let path = dir.0.join("s".repeat(fill));
    let config = Config { socket: Some(path.clone()), ..Config::default() };
    let _server = serve(config, Arc::new(Fake::default())).await.expect("serves");
    Client::connect(Where::Socket(path)).await.expect("connects");
}

#[tokio::test]
async fn nothing_to_serve_on_is_an_error() {
    assert!(matches!(try_serve(Config::default()).await, Err(IpcError::Nowhere)));
}

#[tokio::test]
async fn a_living_socket_is_respected_and_a_dead_one_replaced() {
    let running = Running::start().await;
    let path = running.dir.socket();
    let second = try_serve(Config { socket: Some(path.clone()), ..Config::default() }).await;
    assert!(matches!(second, Err(IpcError::SocketInUse(_))), "{second:?}");
    running.client().await.spooler().properties().await.expect("the first goes on");
    let dir = running.dir;
    running.server.shut_down(LONG).await;
    assert!(!path.exists(), "a server that goes takes its file along");

    drop(UnixListener::bind(&path).expect("a socket"));
    assert!(path.exists(), "a dead socket is in the way");
    let gone = Client::connect(Where::Socket(path.clone())).await.expect_err("dead");
    assert!(matches!(gone, ConnectError::NobodyListens(_)), "{gone:?}");
    let config = Config { socket: Some(path.clone()), socket_mode: 0o600, ..Config::default() };
    let (server, _notices) = serve(config, Arc::new(Fake::default())).await.expect("replaces it");
    let mode = std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    Client::connect(Where::Socket(path.clone())).await.expect("connects");
    assert_eq!(std::fs::read_dir(&dir.0).expect("a directory").count(), 1, "nothing is left behind");
    drop(server);
}

#[tokio::test]
async fn what_is_not_a_socket_is_left_alone() {
    let dir = Dir::new();
    std::fs::write(dir.socket(), "precious").expect("written");
    let result = try_serve(Config { socket: Some(dir.socket()), ..Config::default() }).await;
    assert!(matches!(result, Err(IpcError::NotASocket(_))), "{result:?}");
    assert_eq!(std::fs::read(dir.socket()).expect("still there"), b"precious");
    let nowhere = dir.0.join("missing/api.sock");
    let result = try_serve(Config { socket: Some(nowhere), ..Config::default() }).await;
    assert!(matches!(result, Err(IpcError::Socket { .. })), "{result:?}");
    let socket_group = Some("no such group".to_owned());
    let result = try_serve(Config { socket: Some(dir.0.join("s")), socket_group, ..Config::default() }).await;
    assert!(matches!(result, Err(IpcError::NoSuchGroup(_))), "{result:?}");
}

#[tokio::test]
async fn an_inherited_socket_is_used_and_its_file_left() {
    let dir = Dir::new();
    let listener = UnixListener::bind(dir.socket()).expect("a socket");
    let config = Config { inherited: Some(listener.into()), ..Config::default() };
    let (server, _notices) = serve(config, Arc::new(Fake::default())).await.expect("serves");
    Client::connect(Where::Socket(dir.socket())).await.expect("connects");
    server.shut_down(LONG).await;
    assert!(dir.socket().exists());
    let file = std::fs::File::open("/dev/null").expect("a file");
    let result = try_serve(Config { inherited: Some(file.into()), ..Config::default() }).await;
    assert!(matches!(result, Err(IpcError::BadInheritedSocket(_))), "{result:?}");
}

#[tokio::test]
async fn connections_are_bounded_and_given_back() {
    let limits = Limits { connections_max: 3, connections_for_operators: 0, ..Limits::default() };
    let running = Running::with(Config { limits, ..Config::default() }).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(Raw::authenticated(&running.dir.socket()).await);
    }
    let refused = Client::connect(Where::Socket(running.dir.socket())).await.expect_err("full");
    assert!(matches!(refused, ConnectError::Refused { .. }), "{refused:?}");
    held.pop();
    let again = async {
        while Client::connect(Where::Socket(running.dir.socket())).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, again).await.expect("there is a place again");
}

#[tokio::test]
async fn a_server_that_goes_finishes_what_it_has_begun() {
    let running = Running::start().await;
    let client = running.client().await;
    let submit = |key: &'static str| {
        let client = client.clone();
        let options = SubmitOptions::default();
        async move { client.spooler().submit(key, "", Kind::Text, Document(b"x"), &options).await }
    };
    let begun = tokio::spawn(submit("slow"));
    while running.fake.waiting.load(std::sync::atomic::Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let down = tokio::spawn(running.server.shut_down(LONG));
    tokio::time::sleep(Duration::from_millis(20)).await;
    let refused = submit("late").await.expect_err("going down");
    assert!(matches!(&refused, CallError::Api(receiptd_api::ApiError::ShuttingDown(_))), "{refused:?}");
    assert_eq!(refused.retry(), Retry::Same);
    running.fake.go.notify_waiters();
    begun.await.expect("not cancelled").expect("accepted");
    down.await.expect("not cancelled");
    let broken = submit("later").await.expect_err("no connection");
    assert!(matches!(broken, CallError::Disconnected(_)), "{broken:?}");
}
