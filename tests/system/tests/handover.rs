//! The socket comes from whoever starts the daemon: init of Android, or systemd.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::task::Poll;

use receiptd_api::{Client, JobState, Where};
use receiptd_system_tests::calls::{SHORT, name, outcome, submit};
use receiptd_system_tests::{PrinterEntry, Shop, quick_printer};
use rustix::io::FdFlags;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use virtual_printer::VirtualPrinter;

/// A socket at the shop's path that a child inherits, as init makes it: nobody listens yet.
fn bound(shop: &Shop) -> OwnedFd {
    let socket =
        rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::empty(), None)
            .unwrap();
    rustix::net::bind(&socket, &SocketAddrUnix::new(shop.socket()).unwrap()).unwrap();
    socket
}

/// As init of Android starts the daemon.
fn start_by_init(shop: &mut Shop, socket: &OwnedFd) {
    shop.environment.retain(|(name, _)| name != "ANDROID_SOCKET_receiptd");
    shop.environment.push(("ANDROID_SOCKET_receiptd".into(), socket.as_raw_fd().to_string()));
    shop.start().unwrap();
}

#[tokio::test]
async fn the_socket_of_androids_init_is_served_and_survives_the_daemon() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    let socket = bound(&shop);
    start_by_init(&mut shop, &socket);
    let client = shop.client().await.unwrap();
    let id = submit(&client, &name(1), SHORT).await.unwrap();
    assert_eq!(outcome(&shop, id).await.state, JobState::Printed);

    // A program that the daemon starts does not get it.
    let info = format!("/proc/{}/fdinfo/{}", shop.pid().unwrap(), socket.as_raw_fd());
    let info = std::fs::read_to_string(info).unwrap();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
    let cloexec = i64::from_str_radix(flags, 8).unwrap() & 0o2_000_000;
    assert_ne!(cloexec, 0, "{info}");

    // The file is init's: it is still there, and the next daemon answers on it.
    assert!(shop.stop().unwrap().success());
    assert!(std::fs::metadata(shop.socket()).unwrap().file_type().is_socket());
    start_by_init(&mut shop, &socket);
    let client = shop.client().await.unwrap();
    assert_eq!(client.spooler().find_jobs(&name(1)).await.unwrap(), [id]);
}

#[tokio::test]
async fn a_caller_that_came_before_the_daemon_waits_in_systemds_socket() {
    let printer = VirtualPrinter::start(quick_printer().unwrap()).unwrap();
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "").unwrap();
    let socket = bound(&shop);
    rustix::net::listen(&socket, 8).unwrap();
    let client = Client::connect(Where::Socket(shop.socket()));
    let mut client = std::pin::pin!(client);
    // It is connected, and nobody is there to answer.
    let waits = std::future::poll_fn(|context| Poll::Ready(client.as_mut().poll(context).is_pending())).await;
    assert!(waits);

    // As systemd does it: descriptor 3, the count, and the process that they are meant for.
    let start = r#"[ "$0" = 3 ] || exec 3<&"$0"-; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@""#;
    let number = socket.as_raw_fd().to_string();
    shop.runner = ["bash", "-c", start, &number].map(str::to_owned).to_vec();
    shop.start().unwrap();
    let client = client.await.unwrap();
    let id = submit(&client, &name(1), SHORT).await.unwrap();
    assert_eq!(outcome(&shop, id).await.state, JobState::Printed);
}

#[test]
fn a_wrong_handover_is_told_and_the_daemon_does_not_start() {
    let mut shop = Shop::new(&[], "").unwrap();
    let file = File::open(shop.config()).unwrap();
    rustix::io::fcntl_setfd(&file, FdFlags::empty()).unwrap();
    let number = file.as_raw_fd();
    let no_socket = format!("ANDROID_SOCKET_receiptd: descriptor {number} is no Unix stream socket");
    for (value, words) in [
        ("three", "ANDROID_SOCKET_receiptd is \"three\"; it must be the number of a descriptor, 3 or more"),
        ("1000", "ANDROID_SOCKET_receiptd: descriptor 1000 is not open"),
        (number.to_string().as_str(), no_socket.as_str()),
    ] {
        shop.environment = vec![("ANDROID_SOCKET_receiptd".into(), value.into())];
        let (status, said) = shop.start_in_vain().unwrap();
        assert_eq!(status.code(), Some(78), "{said}");
        assert!(said.contains(words), "{said}");
    }
    assert!(!shop.socket().exists());
}
