//! A client of the daemon's socket that costs nothing: one prepared D-Bus call, in which only serial and key
//! change. What is measured is the daemon then, as with the equally bare client of CUPS.

use std::io::{BufReader, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

use receiptd_api::{Document, SubmitOptions, names};
use zbus::message::Message;

use crate::Fallible;
use crate::load::Submit;
use crate::slip::Slip;

/// Where a message's serial lies.
const SERIAL: std::ops::Range<usize> = 8..12;

/// Bytes of a message before its fields.
const HEADER_BYTES: usize = 16;

/// Message types on the wire.
const METHOD_RETURN: u8 = 2;
const ERROR: u8 = 3;

/// Digits of a key; its prefix tells one run from another.
const KEY_DIGITS: usize = 12;
const PREFIX: &str = "bench-";

/// See the module.
#[derive(Debug)]
pub struct SocketClient {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    call: Vec<u8>,
    digits: std::ops::Range<usize>,
    serial: u32,
}

impl SocketClient {
    /// Connects and shakes hands; all receipts will be this one, each with a key of its own.
    ///
    /// # Errors
    /// Nobody listens, or it is not the daemon.
    pub fn connect(socket: &Path, slip: &Slip) -> Fallible<Self> {
        let mut stream = UnixStream::connect(socket)?;
        let uid = rustix::process::geteuid().as_raw().to_string();
        let uid: String = uid.bytes().map(|byte| format!("{byte:02x}")).collect();
        stream.write_all(format!("\0AUTH EXTERNAL {uid}\r\n").as_bytes())?;
        let answer = line(&mut stream)?;
        if !answer.starts_with("OK ") {
            return Err(format!("the daemon answered {answer:?} to the handshake").into());
        }
        stream.write_all(b"BEGIN\r\n")?;

        let key = format!("{PREFIX}{}", "#".repeat(KEY_DIGITS));
        let body = (key.as_str(), "", slip.kind, Document(&slip.document), &SubmitOptions::default());
        let message = Message::method_call(names::SPOOLER_PATH, "Submit")
            .interface(names::SPOOLER_INTERFACE)
            .build(&body)?;
        let call = message.data().to_vec();
        let key_at = call.windows(key.len()).position(|bytes| bytes == key.as_bytes());
        let digits = key_at.ok_or("the key is not in the call")? + PREFIX.len();
        let reader = BufReader::new(stream.try_clone()?);
        Ok(Self { stream, reader, call, digits: digits..digits + KEY_DIGITS, serial: 0 })
    }

    /// As many clients.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub fn many(socket: &Path, slip: &Slip, count: usize) -> Fallible<Vec<Self>> {
        (0..count).map(|_| Self::connect(socket, slip)).collect()
    }
}

impl Submit for SocketClient {
    fn ask(&mut self, number: u64) -> Fallible<()> {
        self.serial += 1;
        self.call[SERIAL].copy_from_slice(&self.serial.to_ne_bytes());
        self.call[self.digits.clone()].copy_from_slice(format!("{number:0KEY_DIGITS$}").as_bytes());
        self.stream.write_all(&self.call)?;
        Ok(())
    }

    fn answer(&mut self) -> Fallible<()> {
        loop {
            let mut head = [0; HEADER_BYTES];
            self.reader.read_exact(&mut head)?;
            let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
            let rest = (number(12) as usize).next_multiple_of(8) + number(4) as usize;
            let mut bytes = vec![0; rest];
            self.reader.read_exact(&mut bytes)?;
            match head[1] {
                METHOD_RETURN => return Ok(()),
                ERROR => return Err(String::from_utf8_lossy(&bytes).into_owned().into()),
                // A signal; nobody asked for it, but it is no answer either.
                _ => {}
            }
        }
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

fn line(stream: &mut UnixStream) -> Fallible<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\r\n") {
        stream.read_exact(&mut byte)?;
        line.extend(byte);
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}
