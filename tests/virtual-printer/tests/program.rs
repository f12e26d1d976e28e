//! The program: command line, files, control socket, signals.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
use common::{CUT, PATIENCE, slip};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_virtual-printer");

struct Running {
    child: Child,
    addr: String,
}

impl Running {
    fn start(dir: &Path, extra: &[&str]) -> Running {
        let mut child = Command::new(PROGRAM)
            .args(["--listen", "127.0.0.1:0", "--speed", "max", "--out"])
            .arg(dir)
            .arg("--control")
            .arg(dir.join("ctl"))
            .args(extra)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let addr = line.trim().strip_prefix("listening ").unwrap().to_string();
        Running { child, addr }
    }

    fn print(&self, bytes: &[u8]) {
        TcpStream::connect(&self.addr).unwrap().write_all(bytes).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn control(dir: &Path, command: &str) -> Value {
    let mut stream = UnixStream::connect(dir.join("ctl")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    writeln!(stream, "{command}").unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    serde_json::from_str(&answer).unwrap()
}

fn ctl(dir: &Path, words: &[&str]) -> Output {
    Command::new(PROGRAM).arg("ctl").arg(dir.join("ctl")).args(words).output().unwrap()
}

fn log(dir: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(dir.join("log.jsonl")).unwrap();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn a_receipt_ends_as_picture_text_and_log_and_sigterm_saves_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut printer = Running::start(dir.path(), &["--addr-file", dir.path().join("addr").to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(dir.path().join("addr")).unwrap().trim(), printer.addr);
    printer.print(&slip());
    assert_eq!(control(dir.path(), r#"{"cmd":"wait","cuts":1,"idle":true}"#)["ok"], true);
    let pid = printer.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(printer.child.wait().unwrap().code(), Some(0));
    assert!(std::fs::read(dir.path().join("paper.png")).unwrap().starts_with(b"\x89PNG"));
    let text = std::fs::read_to_string(dir.path().join("paper.txt")).unwrap();
    assert!(text.contains("金额: RMB 128.50") && text.ends_with("--- cut ---\n"));
    let events = log(dir.path());
    assert_eq!(events[0]["event"], "start");
    assert!(events.iter().any(|e| e["event"] == "code" && e["kind"] == "qr"));
    assert!(!dir.path().join("ctl").exists());
}

#[test]
fn append_goes_on_counting_where_the_former_run_ended() {
    let dir = tempfile::tempdir().unwrap();
    for run in 1..=2u64 {
        let mut printer = Running::start(dir.path(), if run == 1 { &[] } else { &["--append"] });
        printer.print(&[b"x\ny\n", CUT].concat());
        let status = control(dir.path(), &format!(r#"{{"cmd":"wait","cuts":{run},"idle":true}}"#));
        assert_eq!(
            (&status["ok"], &status["status"]["lines"]),
            (&true.into(), &(run * 2).into()),
            "{status}"
        );
        control(dir.path(), r#"{"cmd":"quit"}"#);
        assert_eq!(printer.child.wait().unwrap().code(), Some(0));
    }
    assert!(log(dir.path()).iter().zip(1u64..).all(|(e, n)| e["seq"] == n));
    let text = std::fs::read_to_string(dir.path().join("paper.txt")).unwrap();
    assert_eq!(text, "x\ny\n--- cut ---\n".repeat(2));
    assert!(dir.path().join("paper-0001.png").exists() && dir.path().join("paper.png").exists());
}

#[test]
fn faults_come_by_control_socket_by_ctl_and_by_script() {
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("script.toml");
    std::fs::write(&script, "[[when]]\nline = 2\ndo = \"paper_end\"\n").unwrap();
    let printer = Running::start(dir.path(), &["--script", script.to_str().unwrap()]);
    printer.print(b"a\nb\nc\n");
    let wait = control(dir.path(), r#"{"cmd":"wait","lines":2,"online":false}"#);
    assert_eq!(wait["status"]["paper_end"], true);
    assert!(ctl(dir.path(), &["load_paper", "5000"]).status.success());
    assert!(ctl(dir.path(), &["wait", "lines=3", "timeout_ms=10000"]).status.success());
    assert_eq!(control(dir.path(), r#"{"cmd":"cover_open"}"#)["ok"], true);
    let status = ctl(dir.path(), &["status"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["status"]["cover_open"], true);
    assert_eq!(control(dir.path(), r#"{"cmd":"explode"}"#)["ok"], false);
    // A trigger that is set while it runs.
    assert_eq!(control(dir.path(), r#"{"cmd":"cover_close"}"#)["ok"], true);
    assert!(ctl(dir.path(), &["when", "line=5", "do=paper_end"]).status.success());
    assert!(!ctl(dir.path(), &["when", "line=5", "do=explode"]).status.success());
    printer.print(b"d\ne\nf\n");
    let wait = control(dir.path(), r#"{"cmd":"wait","lines":5,"online":false}"#);
    assert_eq!(wait["status"]["lines"], 5);
    assert_eq!(wait["status"]["paper_end"], true);
    let late = control(dir.path(), r#"{"cmd":"wait","lines":99,"timeout_ms":10}"#);
    assert_eq!(late["error"], "timeout");
    let events = control(dir.path(), r#"{"cmd":"log","since":1}"#);
    assert_eq!(events["events"][0]["seq"], 2);
}

#[test]
fn wrong_usage_is_2_and_trouble_is_1_with_a_message() {
    let run = |args: &[&str]| {
        let out = Command::new(PROGRAM).args(args).output().unwrap();
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let (code, message) = run(&["--model", "nothing"]);
    assert!(code == Some(2) && message.contains("liar-80"), "{message}");
    assert_eq!(run(&["--speed", "fast"]).0, Some(2));
    let (code, message) = run(&["--gadget", "--usb-protocol", "1"]);
    assert!(code == Some(2) && message.contains("--function fs"), "{message}");
    assert_eq!(run(&["--function", "fs"]).0, Some(2));
    assert_eq!(run(&["ctl", "/nowhere/socket", "explode"]).0, Some(2));
    let (code, message) = run(&["ctl", "/nowhere/socket", "status"]);
    assert!(code == Some(1) && message.contains("/nowhere/socket"), "{message}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (code, message) = run(&["--listen", &taken.local_addr().unwrap().to_string()]);
    assert!(code == Some(1) && message.contains("cannot listen"), "{message}");
}

#[test]
fn render_draws_a_file_without_a_printer() {
    let dir = tempfile::tempdir().unwrap();
    let (bytes, png) = (dir.path().join("slip.bin"), dir.path().join("slip.png"));
    std::fs::write(&bytes, slip()).unwrap();
    let out =
        Command::new(PROGRAM).arg("render").arg(&bytes).args(["--text", "-o"]).arg(&png).output().unwrap();
    assert!(out.status.success());
    assert!(String::from_utf8(out.stdout).unwrap().contains("持卡人存根 CARDHOLDER COPY"));
    assert!(png.exists());
}

#[test]
fn a_long_roll_goes_to_numbered_pictures() {
    let dir = tempfile::tempdir().unwrap();
    let printer = Running::start(dir.path(), &["--canvas", "200"]);
    printer.print(&b"line\n".repeat(200));
    assert_eq!(control(dir.path(), r#"{"cmd":"wait","lines":200,"idle":true}"#)["ok"], true);
    assert!(dir.path().join("paper-0001.png").exists());
    assert_eq!(std::fs::read_to_string(dir.path().join("paper.txt")).unwrap().lines().count(), 200);
}
