//! The event log: what really happened, written when it came off the head.
//!
//! One JSON object a line in `log.jsonl`, each written with one plain write (no fsync), and the last ones in
//! memory. What is an event is decided by the state; this module numbers, stores and writes.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Number, from 1, without gaps; goes on over runs with `--append`.
    pub seq: u64,
    /// Monotonic time since this process started the printer, µs.
    pub t_us: u64,
    /// The connection being served (0 = none), numbered from 1.
    pub conn: u64,
    /// Lines printed since the printer was first started, this one included.
    pub line: u64,
    /// The job marker seen last, until the next cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// Kinds of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// The printer was started.
    Start {
        /// Model name.
        model: String,
    },
    /// A connection was accepted.
    Connect {
        /// Its number.
        id: u64,
        /// Address of the other side.
        peer: String,
    },
    /// A connection ended.
    Disconnect {
        /// Its number.
        id: u64,
        /// Raw bytes received on it.
        bytes: u64,
        /// `peer`, `reset`, `power` or `refused`.
        by: String,
    },
    /// A line of characters came off the head.
    Line {
        /// Dot rows, line spacing included.
        dots: u64,
        /// Its text.
        text: String,
    },
    /// A band of an image.
    Image {
        /// Dot rows.
        dots: u64,
    },
    /// A QR code or bar code.
    Code {
        /// Dot rows.
        dots: u64,
        /// `qr`, `code128`, ...
        kind: String,
        /// Its content.
        data: String,
    },
    /// A band of a page-mode page; the texts come with the last band.
    Page {
        /// Dot rows.
        dots: u64,
        /// Text lines joined by newlines.
        text: String,
    },
    /// White paper.
    Feed {
        /// Dot rows.
        dots: u64,
    },
    /// The power went or the buffers were cleared while this was on the head: only so many rows came out.
    Torn {
        /// Dot rows that came out.
        dots: u64,
        /// The text it would have been.
        text: String,
    },
    /// The paper was cut.
    Cut {
        /// Number since the printer was first started.
        cut: u64,
        /// A bridge was left.
        partial: bool,
    },
    /// A process id answer was due.
    ProcessId {
        /// The four bytes, hexadecimal.
        id: String,
        /// The same as text where printable.
        text: String,
        /// It went to a connection (false: muted, dropped, nobody connected).
        sent: bool,
    },
    /// Power.
    Power {
        /// Comes or goes.
        on: bool,
        /// Bytes of the receive buffer that were lost with it.
        lost: u64,
    },
    /// Paper sensors changed.
    Paper {
        /// `ok`, `near_end` or `end`.
        state: String,
        /// Paper left, mm; -1 = endless.
        mm: f64,
    },
    /// The cover.
    Cover {
        /// Open or closed.
        open: bool,
    },
    /// An error began or ended.
    Error {
        /// `cutter` or `head_hot`.
        kind: String,
        /// Began or ended.
        on: bool,
    },
    /// The drawer was kicked.
    Drawer {
        /// 0 = pin 2, 1 = pin 5.
        pin: u8,
        /// Pulse, ms.
        ms: u32,
    },
    /// The beeper.
    Beep {
        /// Times.
        times: u8,
    },
    /// Receive and print buffer were cleared on command.
    Cleared {
        /// `dle_dc4_8` or `dle_enq_2`.
        by: String,
    },
    /// Bytes that are no command.
    Unknown {
        /// The bytes.
        hex: String,
        /// Position since power on.
        offset: u64,
    },
    /// A command this model does not have.
    Unsupported {
        /// Which.
        what: String,
    },
    /// A fault struck (by command or script).
    Fault {
        /// Which, as JSON.
        fault: String,
    },
}

/// The log of one printer.
#[derive(Debug, Default)]
pub(crate) struct Log {
    file: Option<File>,
    memory: VecDeque<Event>,
    limit: usize,
    seq: u64,
    scratch: Vec<u8>,
    /// Writing failed; told once.
    pub(crate) broken: Option<String>,
}

/// What a former run left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Former {
    pub(crate) seq: u64,
    pub(crate) line: u64,
    pub(crate) cuts: u64,
}

impl Log {
    /// `limit` events are kept in memory (0 = none); written to `path` when given, after what is there when
    /// `append`.
    pub(crate) fn open(path: Option<&Path>, append: bool, limit: usize) -> Result<(Log, Former), Error> {
        let mut former = Former::default();
        let file = match path {
            None => None,
            Some(path) => {
                if append && path.exists() {
                    former = read_former(path)?;
                }
                let mut options = OpenOptions::new();
                options.create(true);
                if append {
                    options.append(true)
                } else {
                    options.write(true).truncate(true)
                };
                Some(options.open(path).map_err(Error::file(path))?)
            }
        };
        Ok((Log { file, limit, seq: former.seq, ..Log::default() }, former))
    }

    /// Nobody looks: making the event can be skipped.
    pub(crate) fn off(&self) -> bool {
        self.limit == 0 && self.file.is_none()
    }

    pub(crate) fn push(&mut self, mut event: Event) {
        self.seq += 1;
        event.seq = self.seq;
        if let Some(file) = &mut self.file {
            self.scratch.clear();
            let written = serde_json::to_writer(&mut self.scratch, &event).map_err(std::io::Error::from);
            self.scratch.push(b'\n');
            if let Err(e) = written.and_then(|()| file.write_all(&self.scratch)) {
                self.broken.get_or_insert(e.to_string());
                self.file = None;
            }
        }
        if self.limit > 0 {
            if self.memory.len() == self.limit {
                self.memory.pop_front();
            }
            self.memory.push_back(event);
        }
    }

    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// The events in memory with a number above `seq`.
    pub(crate) fn since(&self, seq: u64) -> Vec<Event> {
        let from = self.memory.partition_point(|e| e.seq <= seq);
        self.memory.range(from..).cloned().collect()
    }
}

fn read_former(path: &Path) -> Result<Former, Error> {
    let mut former = Former::default();
    for line in BufReader::new(File::open(path).map_err(Error::file(path))?).lines() {
        // A last line cut off by a kill is no reason not to go on.
        let Ok(event) = serde_json::from_str::<Event>(&line.map_err(Error::file(path))?) else { continue };
        former.seq = former.seq.max(event.seq);
        former.line = former.line.max(event.line);
        if let What::Cut { cut, .. } = event.what {
            former.cuts = former.cuts.max(cut);
        }
    }
    Ok(former)
}
