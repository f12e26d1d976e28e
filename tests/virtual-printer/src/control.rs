//! The control socket: JSON, one command a line, one answer a line.
//!
//! Faults under their own names, now or by trigger (`when`), and `status`, `log`, `text`, `save`, `wait`, `quit`. Each connection has a
//! thread; there are few of them.

use crate::error::Error;
use crate::faults::{Fault, Trigger};
use crate::printer::{save, strike, wait_for};
use crate::snapshot::Snapshot;
use crate::state::Shared;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// The listening socket; dropping it ends its thread and removes the file.
#[derive(Debug)]
pub(crate) struct Socket {
    path: PathBuf,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Commands that are no faults.
#[derive(Debug, Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case")]
enum Command {
    Status,
    Text,
    Save,
    Quit,
    Log {
        #[serde(default)]
        since: u64,
    },
    Wait(Wait),
}

/// All given conditions have to hold at once.
#[derive(Debug, Default, Deserialize)]
struct Wait {
    lines: Option<u64>,
    cuts: Option<u64>,
    process_ids: Option<u64>,
    bytes: Option<u64>,
    connections: Option<u64>,
    idle: Option<bool>,
    online: Option<bool>,
    #[serde(default = "default_timeout")]
    timeout_ms: u64,
}

fn default_timeout() -> u64 {
    10_000
}

impl Wait {
    fn holds(&self, s: &Snapshot) -> bool {
        let at_least = |want: Option<u64>, is: u64| want.is_none_or(|w| is >= w);
        at_least(self.lines, s.lines)
            && at_least(self.cuts, s.cuts)
            && at_least(self.process_ids, s.process_ids)
            && at_least(self.bytes, s.bytes)
            && at_least(self.connections, s.connections)
            && self.idle.is_none_or(|w| s.idle == w)
            && self.online.is_none_or(|w| s.online == w)
    }
}

impl Socket {
    pub(crate) fn open(path: &Path, shared: &Arc<Shared>) -> Result<Socket, Error> {
        // A socket that nobody answers is left over from a killed printer.
        if UnixStream::connect(path).is_err() {
            match std::fs::remove_file(path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(Error::file(path)(e)),
                _ => {}
            }
        }
        let listener = UnixListener::bind(path).map_err(Error::file(path))?;
        let for_thread = Arc::clone(shared);
        let thread = std::thread::Builder::new()
            .name("vp-control".into())
            .spawn(move || {
                for stream in listener.incoming() {
                    if for_thread.lock().stop {
                        return;
                    }
                    let Ok(stream) = stream else { continue };
                    let shared = Arc::clone(&for_thread);
                    let _ = std::thread::Builder::new()
                        .name("vp-ctl".into())
                        .spawn(move || serve(&shared, stream));
                }
            })
            .map_err(Error::system("thread"))?;
        Ok(Socket { path: path.into(), shared: Arc::clone(shared), thread: Some(thread) })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        // The accepting thread looks at `stop` after each connection.
        let _ = UnixStream::connect(&self.path);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let _ = std::fs::remove_file(&self.path);
    }
}

fn serve(shared: &Shared, stream: UnixStream) {
    let Ok(mut out) = stream.try_clone() else { return };
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { return };
        if line.trim().is_empty() {
            continue;
        }
        let answer = match run(shared, &line) {
            Ok(value) => value,
            Err(e) => json!({"ok": false, "error": e.to_string()}),
        };
        if writeln!(out, "{answer}").is_err() {
            return;
        }
    }
}

fn run(shared: &Shared, line: &str) -> Result<Value, Error> {
    let bad = |e: serde_json::Error| Error::Script(format!("control command: {e}"));
    let mut value: Value = serde_json::from_str(line).map_err(bad)?;
    let name = value.get("cmd").and_then(Value::as_str).unwrap_or_default().to_string();
    if name == "when" {
        // The rest is a line of a script.
        if let Some(object) = value.as_object_mut() {
            object.remove("cmd");
        }
        let triggers = Trigger::parse_script(&value.to_string())?;
        shared.lock().expect(triggers);
        return Ok(json!({"ok": true}));
    }
    if !matches!(name.as_str(), "status" | "text" | "save" | "quit" | "log" | "wait") {
        let fault: Fault = serde_json::from_value(value).map_err(bad)?;
        strike(shared, fault);
        return Ok(json!({"ok": true}));
    }
    match serde_json::from_value(value).map_err(bad)? {
        Command::Status => {
            let snapshot = shared.lock().snapshot();
            let utilisation = snapshot.head_utilisation();
            Ok(json!({"ok": true, "status": snapshot, "head_utilisation": utilisation}))
        }
        Command::Text => Ok(json!({"ok": true, "text": shared.lock().paper.text()})),
        Command::Save => Ok(json!({"ok": true, "png": save(shared)?})),
        Command::Log { since } => Ok(json!({"ok": true, "events": shared.lock().log.since(since)})),
        Command::Wait(wait) => {
            match wait_for(shared, |s| wait.holds(s), Duration::from_millis(wait.timeout_ms)) {
                Ok(s) => Ok(json!({"ok": true, "status": s})),
                Err(e) => Ok(json!({"ok": false, "error": "timeout", "status": e.0})),
            }
        }
        Command::Quit => {
            shared.lock().quit = true;
            shared.quit.notify_all();
            Ok(json!({"ok": true}))
        }
    }
}
