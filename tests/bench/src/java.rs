//! A Java app and the daemon, beside the same calls from Rust and the disk's flush, all in one run.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use receiptd_api::{Client, Document, Kind, SubmitOptions};
use receiptd_system_tests::{Shop, binaries};

use crate::accept::shop;
use crate::raw::RawFile;
use crate::report::{Bound, Row};
use crate::stats::{Samples, short};
use crate::{Bench, Fallible};

/// How long the native library may take to load, in microseconds.
const LOAD_MAX_US: f64 = 2_000.0;

/// A call from Java may take so many times what it takes from Rust.
const TIMES_RUST_MAX: f64 = 2.0;

/// And so much in itself, in microseconds.
const CALL_MAX_US: f64 = 100.0;

/// A submission of 8 KB may take so much more than the flush it waits for, in microseconds.
const SUBMIT_MAX_US: f64 = 150.0;

/// A JVM with the library, that measures when it is told to.
struct Java {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Java {
    fn start(shop: &Shop) -> Fallible<Self> {
        let programs = binaries()?;
        let classes = programs.with_file_name("java-runtime").join("classes");
        if !classes.is_dir() {
            return Err("no Java: make bench prepares it by jni-bindings/java-runtime".into());
        }
        let mut child = Command::new("java")
            .arg(format!("-Dio.receiptd.library={}", programs.join("libreceiptd_jni.so").display()))
            .arg("-cp")
            .arg(classes)
            .arg("io.receiptd.Bench")
            .arg(shop.socket())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no output")?);
        Ok(Self { child, input, output })
    }

    fn measure(&mut self, what: &str, times: usize) -> Fallible<Vec<Duration>> {
        writeln!(self.input, "{what} {times}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let times: Result<Vec<u64>, _> = line.split_ascii_whitespace().map(str::parse).collect();
        let times: Vec<Duration> = times?.into_iter().map(Duration::from_nanos).collect();
        if times.is_empty() { Err("the JVM ended".into()) } else { Ok(times) }
    }
}

impl Drop for Java {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Java to the daemon and back.
///
/// # Errors
/// Something does not run.
pub fn java(bench: &mut Bench) -> Fallible<()> {
    let (rounds, each) = if bench.quick { (5, 60) } else { (20, 150) };
    let mut loads = Vec::new();
    for _ in 0..if bench.quick { 3 } else { 9 } {
        let shop = shop(Duration::ZERO)?;
        loads.extend(Java::start(&shop)?.measure("load", 1)?);
    }
    let loads = Samples::micros(loads);
    bench.report.row(Row::new(
        "java",
        "the native library is loaded",
        (loads.p50(), "us"),
        Bound::AtMost(LOAD_MAX_US),
        format!("{} of {} starts", loads.spread(), loads.len()),
    ));

    let shop = shop(Duration::ZERO)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client: Client = runtime.block_on(shop.client())?;
    let mut java = Java::start(&shop)?;
    let text = text();
    let mut raw = RawFile::create(bench.dir(), text.as_bytes())?;
    // The compiler of the JVM has seen both ways often enough.
    java.measure("find", 3_000)?;
    java.measure("submit", 1_500)?;
    let (mut find, mut find_java) = (Vec::new(), Vec::new());
    let (mut flush, mut submit, mut submit_java) = (Vec::new(), Vec::new(), Vec::new());
    let mut number = 0;
    for _ in 0..rounds {
        find_java.extend(java.measure("find", each * 4)?);
        for _ in 0..each * 4 {
            let begin = Instant::now();
            runtime.block_on(client.spooler().find_jobs("nobody"))?;
            find.push(begin.elapsed());
        }
        for _ in 0..each {
            flush.push(raw.append()?);
        }
        submit_java.extend(java.measure("submit", each)?);
        for _ in 0..each {
            let (key, options) = (format!("rust-{number}"), SubmitOptions::default());
            number += 1;
            let begin = Instant::now();
            let document = Document(text.as_bytes());
            runtime.block_on(client.spooler().submit(&key, "", Kind::Text, document, &options))?;
            submit.push(begin.elapsed());
        }
    }
    let all = [find, find_java, flush, submit, submit_java].map(Samples::micros);
    let [find, find_java, flush, submit, submit_java] = &all;
    let note = |ours: &Samples, rust: &Samples| {
        format!("p99 {} us; from Rust {} us, p99 {}", short(ours.p99()), short(rust.p50()), short(rust.p99()))
    };
    let most = CALL_MAX_US.min(TIMES_RUST_MAX * find.p50());
    let call = (find_java.p50(), "us");
    bench.report.row(Row::new(
        "java",
        "a call that only asks, p50",
        call,
        Bound::AtMost(most),
        note(find_java, find),
    ));
    bench.report.row(Row::new(
        "java",
        "8 KB handed in, beyond the disk's flush, p50",
        (submit_java.p50() - flush.p50(), "us"),
        Bound::AtMost(SUBMIT_MAX_US),
        format!("flush {} us; {}", short(flush.p50()), note(submit_java, submit)),
    ));
    let library = std::fs::metadata(binaries()?.join("libreceiptd_jni.so"))?.size() as f64 / 1e6;
    bench.report.row(Row::new(
        "java",
        "the native library, with the daemon in it",
        (library, "MB"),
        Bound::Told,
        "of this processor and made for speed; Android's, which have limits: make android-check",
    ));
    Ok(())
}

/// Lines of 32 characters, 8 KB: the same as in Java.
fn text() -> String {
    let mut text = String::new();
    let mut line = 0;
    while text.len() < 8192 - 33 {
        text.push_str(&format!("{:<20}{:>12}\n", format!("Coffee {line}"), "18.50"));
        line += 1;
    }
    text
}
