//! The IPC layer against a fake backend: every method, every bound, hostile clients, and a real bus.

mod bench;
mod bus;
mod fake;
mod golden;
mod hostile;
mod methods;
mod proxy;
mod raw;
mod sockets;
mod watching;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use receiptd_api::{Client, Where};

use super::{Config, Notices, Server, serve};
use fake::Fake;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

/// A directory that goes away with the test.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("receiptd-ipc-{}-{next}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }

    fn socket(&self) -> PathBuf {
        self.0.join("api.sock")
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running server on a socket, with its backend.
struct Running {
    dir: Dir,
    fake: Arc<Fake>,
    server: Server,
    notices: Notices,
}

impl Running {
    async fn start() -> Self {
        Self::with(Config::default()).await
    }

    async fn with(config: Config) -> Self {
        let dir = Dir::new();
        let fake = Arc::new(Fake::default());
        let config = Config { socket: Some(dir.socket()), ..config };
        let (server, notices) = serve(config, Arc::clone(&fake)).await.expect("serves");
        Self { dir, fake, server, notices }
    }

    async fn client(&self) -> Client {
        Client::connect(Where::Socket(self.dir.socket())).await.expect("connects")
    }
}

/// Runs a program that may not be installed; its output.
async fn program(name: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(name);
    command.args(arguments);
    let done = tokio::task::spawn_blocking(move || command.output()).await.expect("not cancelled");
    let output = match done {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("{name} is not installed; this part is not tested");
            return None;
        }
        Err(error) => panic!("{name}: {error}"),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{name} {arguments:?}: {}", text(&output.stderr));
    Some(text(&output.stdout))
}
