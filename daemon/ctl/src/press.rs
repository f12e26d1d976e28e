//! Asks the program `receiptd-press` for a receipt as text, HTML, PNG or PDF: fonts, and what reads them and a printer's
//! bytes again, are too large for this command.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use receiptd_document::{Drawn, Profile};
use receiptd_render_client::find;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::sheet::Sheet;

/// Its name.
const PROGRAM: &str = "receiptd-press";
/// Names it where it is elsewhere.
const VARIABLE: &str = "RECEIPTD_PRESS";
/// How long it may take. Fonts of 20 MB are read in less than a second on a terminal; 20 m of paper take some more.
const TIME: Duration = Duration::from_secs(30);
/// Bytes that it may answer: 20 m of the widest paper as a picture have 35 MB before they are packed.
const ANSWER_BYTES_MAX: u64 = 64 << 20;
/// Bytes of what it says when it fails.
const WORDS_BYTES_MAX: u64 = 4096;

/// Version of the form of questions and answers.
const VERSION: u32 = 2;

/// The first line of a question; the bytes of the copies follow.
#[derive(Debug, Serialize)]
struct Head<'a> {
    version: u32,
    format: &'a str,
    profile: &'a Profile,
    title: &'a str,
    job: Option<&'a str>,
    time: Option<&'a str>,
    drawn: &'a [Drawn],
}

/// The first line of an answer; what was made follows.
#[derive(Debug, Deserialize)]
struct About {
    length_dots: u32,
}

/// What was made.
#[derive(Debug)]
pub struct Pressed {
    /// The text, the picture or the document.
    pub made: Vec<u8>,
    /// How long the paper is, in dot rows of 1/8 mm.
    pub length_dots: u32,
}

/// Makes a `text`, the same for a `terminal`, an `html`, a `png` or a `pdf` of the bytes of copies, in which lines were drawn.
///
/// # Errors
/// The program is not installed, fails, or takes too long.
pub fn press(format: &str, sheet: &Sheet<'_>) -> Result<Pressed, Failure> {
    let Sheet { bytes, drawn, profile, title, job, time, .. } = *sheet;
    let failed = |why: String| Failure::Press { why };
    let program = find(PROGRAM, VARIABLE).map_err(|_| Failure::NoPress)?;
    let head = serde_json::to_vec(&Head { version: VERSION, format, profile, title, job, time, drawn })
        .map_err(|error| failed(error.to_string()))?;
    let question = [&head, &b"\n"[..], bytes].concat();
    let mut child = Command::new(&program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("{}: {error}", program.display())))?;
    let answer = talk(&mut child, question, TIME);
    if answer.is_none() {
        // It hangs, or says too much; what it says after that is not waited for.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| failed(error.to_string()))?;
    match answer {
        None => Err(failed(format!("no answer within {} s", TIME.as_secs()))),
        Some((answer, _)) if status.success() => {
            opened(answer).ok_or_else(|| failed("what it answers is no receipt".to_owned()))
        }
        Some((_, words)) => Err(failed(format!("{status}: {}", String::from_utf8_lossy(&words).trim()))),
    }
}

/// Takes the first line off an answer. None if that is no such line.
fn opened(mut answer: Vec<u8>) -> Option<Pressed> {
    let end = answer.iter().position(|byte| *byte == b'\n')?;
    let About { length_dots } = serde_json::from_slice(answer.get(..end)?).ok()?;
    answer.drain(..=end);
    Some(Pressed { made: answer, length_dots })
}

/// Asks and listens on three threads, so that no pipe fills up while another is waited for. None if it took too long.
fn talk(child: &mut Child, question: Vec<u8>, time: Duration) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut stdin, stdout, stderr) = (child.stdin.take()?, child.stdout.take()?, child.stderr.take()?);
    // A program that ends early closes its end; its status says why.
    thread::spawn(move || stdin.write_all(&question));
    let (send, made) = mpsc::channel();
    thread::spawn(move || {
        let mut made = Vec::new();
        let read = stdout.take(ANSWER_BYTES_MAX + 1).read_to_end(&mut made);
        let whole = read.is_ok() && made.len() as u64 <= ANSWER_BYTES_MAX;
        send.send(whole.then_some(made))
    });
    let words = thread::spawn(move || {
        let mut words = Vec::new();
        stderr.take(WORDS_BYTES_MAX).read_to_end(&mut words).map(|_| words).unwrap_or_default()
    });
    let made = made.recv_timeout(time).ok()??;
    Some((made, words.join().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_line_about_what_was_made() {
        let pressed = opened(b"{\"length_dots\":8}\na\nb".to_vec()).expect("opened");
        assert_eq!((pressed.made.as_slice(), pressed.length_dots), (&b"a\nb"[..], 8));
        assert!(opened(b"\x89PNG\r\n".to_vec()).is_none() && opened(Vec::new()).is_none());
    }

    #[test]
    fn one_that_hangs_is_not_waited_for() {
        let mut child = Command::new("sleep")
            .arg("600")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sleep");
        assert_eq!(talk(&mut child, vec![0; 1 << 20], Duration::from_millis(50)), None);
        child.kill().expect("killed");
        child.wait().expect("ends");
    }
}
