//! The status codec: questions as bytes, and a printer's bytes as replies. Pure.
//!
//! Sources: Citizen CBM1000 appendix 3 (which byte is what), Epson ESC/POS guide v10.01 (`DLE EOT` p.306, `GS a`
//! p.319, `GS r` p.331, `GS ( H` p.425, `GS g` p.476), Caysn SDK (`37 33`).
//!
//! **What a byte is.** In this order; the first that fits decides:
//!
//! | first byte | is | length |
//! |---|---|---|
//! | `11` `13` | XON, XOFF: skipped, also between the bytes of a reply | 1 |
//! | `35` `37` `3B` `3D` `5F` | a block, read to its NUL before any mask | up to [`BLOCK_BYTES_MAX`] |
//! | `39` | an extended status (`FS ( e`, another host's); dropped whole | 4 |
//! | `b & 93 == 10` | automatic status, if three with `b & 90 == 0` follow | 4 |
//! | `b & 93 == 12` | answer to `DLE EOT` | 1 |
//! | `b & 90 == 0` | answer to `GS r 1`, if one is outstanding | 1 |
//! | else | [`Reply::Nonsense`] | |
//!
//! A block holds no control characters. One in it means that bytes were lost: what was gathered is nonsense and
//! the control character is looked at afresh, so that a lost NUL costs one reply and not the status after it. A
//! block that is too long is nonsense up to its NUL or the next control character; its text is not put to the
//! masks, since "PAAA" looks like a status.
//!
//! `Echo`, `EchoFailed`, `Asb`, `Cleared` and `PowerOff` say themselves what they are and are reported whether
//! asked for or not: late ids of an earlier session are the very thing the core waits for. The others are
//! told apart by what was asked. The rules for that, and what a lost or late answer costs, stand with
//! [`Decoder::asked`] and [`Decoder::forget`].
//!
//! Left to others: what a status bit means ([`receiptd_core::condition`]) and what a reply proves.

use std::mem;

use receiptd_core::link::{Counter, Info, Query, Reply};

use crate::limits::{BLOCK_BYTES_MAX, INFO_CHARS_MAX, RESYNC_BYTES};
use crate::outstanding::Outstanding;

/// The bytes of a question. Empty for what is not asked in the stream, and for a `DLE EOT` with another number than 1 to 4: those take further
/// parameters, and a printer would wait for them.
pub fn encode(query: Query) -> Vec<u8> {
    match query {
        Query::AsbOn => vec![0x1D, 0x61, 0x0F],
        Query::RealTime(n @ 1..=4) => vec![0x10, 0x04, n],
        Query::RealTime(_) => Vec::new(),
        Query::PaperInOrder => vec![0x1D, 0x72, 0x01],
        Query::Info(info) => {
            let n = match info {
                Info::Firmware => 65,
                Info::Maker => 66,
                Info::Model => 67,
                Info::Serial => 68,
            };
            vec![0x1D, 0x49, n]
        }
        Query::Counter(counter) => {
            let number = match counter {
                Counter::LinesFed => 148,
                Counter::Cuts => 178,
            };
            vec![0x1D, 0x67, 0x32, 0x00, number, 0x00]
        }
        Query::Echo(id) => {
            let [a, b, c, d] = id.to_wire();
            vec![0x1D, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30, a, b, c, d]
        }
        // Not in the stream.
        Query::PortStatus => Vec::new(),
    }
}

/// The NULs that end a command which an interrupted host left half sent.
pub fn resync() -> Vec<u8> {
    vec![0; RESYNC_BYTES]
}

/// Reads what a printer says. One per session.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
    outstanding: Outstanding,
    /// Bytes that fit nothing, not yet reported.
    nonsense: u32,
}

/// What the bytes so far are the beginning of.
#[derive(Debug, Default)]
enum State {
    /// Nothing.
    #[default]
    Ground,
    /// A status of four bytes, of which there are so many.
    Status([u8; 4], usize),
    /// A block, its header included.
    Block(Vec<u8>),
    /// A block that is too long.
    Overlong,
}

impl Decoder {
    /// A question is about to leave: tell before its bytes do.
    ///
    /// - `DLE EOT`: the answers carry no number, and printers ignore the question while they send a block
    ///   (TM-T90 specification). So the answers are told apart only when as many have come as questions are
    ///   out: ask 1 to 4 in one go, or one at a time. Asking the same number again gives up on the round before:
    ///   its answers so far are nonsense. Those it still owes are reckoned with for one round, then no more.
    /// - `GS g`: in the same way. A wrong counter would be false evidence.
    /// - `GS r`: answers go to the oldest. Several may be out.
    /// - `GS I`: a text goes to the oldest. Asking the same again forgets the one before.
    /// - A text that is a number, while both `GS I` and `GS g` are out, is nonsense, and the older kind is given up:
    ///   better no serial number than a wrong counter. Ask the two one after the other.
    /// - An answer proves that what was asked before it on the ordered road (`GS r`, `GS I`, `GS g`, and for an echo
    ///   the echoes too) was answered or never will be: those are no longer outstanding. Only an echo may come
    ///   after the answer to something asked later.
    /// - At most [`OUTSTANDING_MAX`](crate::limits::OUTSTANDING_MAX) are remembered; echoes are dropped first, as
    ///   they need no remembering to be reported.
    pub fn asked(&mut self, query: Query) {
        self.nonsense = self.nonsense.saturating_add(self.outstanding.ask(query));
    }

    /// Nobody waits for this answer any more; the oldest such question that still counts is meant.
    ///
    /// Its answer may still come. So for a while the first answer that fits it is thrown away as nonsense, instead
    /// of being given to a younger question. When that happens and the younger question is then forgotten too,
    /// the answer thrown away was evidently the younger one's, and nothing is waited for any more: a lost answer
    /// costs at most one further question of its kind.
    pub fn forget(&mut self, query: Query) {
        self.outstanding.forget(query);
    }

    /// How many questions are remembered, those included that were given up.
    pub fn pending(&self) -> usize {
        self.outstanding.len()
    }

    /// True while this question was asked, not answered and not given up.
    pub fn is_pending(&self, query: Query) -> bool {
        self.outstanding.waits_for(query)
    }

    /// True in the middle of a reply.
    pub fn is_mid_reply(&self) -> bool {
        !matches!(self.state, State::Ground)
    }

    /// Forgets everything: a new session, or the buffers of the printer were cleared from outside.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes bytes in, in whatever portions they come, and appends the replies that are complete.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Reply>) {
        for &byte in bytes {
            if byte != 0x11 && byte != 0x13 {
                self.byte(byte, out);
            }
        }
        self.report_nonsense(out);
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<Reply>) {
        match mem::take(&mut self.state) {
            State::Ground => self.first(byte, out),
            State::Status(bytes, have) if byte & 0x90 == 0 => {
                let mut bytes = bytes;
                if let Some(place) = bytes.get_mut(have) {
                    *place = byte;
                }
                match (have, bytes) {
                    (..3, _) => self.state = State::Status(bytes, have + 1),
                    (_, [0x39, ..]) => self.waste(4),
                    _ => self.say(Reply::Asb(bytes), out),
                }
            }
            State::Status(_, have) => {
                self.waste(have);
                self.first(byte, out);
            }
            State::Block(block) if byte == 0 => self.block(&block, out),
            State::Block(block) if byte < 0x20 => {
                self.waste(block.len());
                self.first(byte, out);
            }
            State::Block(block) if block.len() >= BLOCK_BYTES_MAX => {
                self.waste(block.len() + 1);
                self.state = State::Overlong;
            }
            State::Block(mut block) => {
                block.push(byte);
                self.state = State::Block(block);
            }
            State::Overlong if byte == 0 => self.waste(1),
            State::Overlong if byte < 0x20 => self.first(byte, out),
            State::Overlong => {
                self.waste(1);
                self.state = State::Overlong;
            }
        }
    }

    /// A byte that begins something.
    fn first(&mut self, byte: u8, out: &mut Vec<Reply>) {
        match byte {
            0x35 | 0x37 | 0x3B | 0x3D | 0x5F => self.state = State::Block(vec![byte]),
            0x39 => self.state = State::Status([byte, 0, 0, 0], 1),
            _ if byte & 0x93 == 0x10 => self.state = State::Status([byte, 0, 0, 0], 1),
            _ if byte & 0x93 == 0x12 => self.answers(out, |open, to| open.real_time(byte, to)),
            _ if byte & 0x90 == 0 => self.answers(out, |open, to| open.paper_in_order(byte, to)),
            _ => self.waste(1),
        }
    }

    /// A whole block, without its NUL.
    fn block(&mut self, block: &[u8], out: &mut Vec<Reply>) {
        match *block {
            [0x37, 0x22, a, b, c, d] => {
                self.answers(out, |open, _| open.echo([a, b, c, d], true));
                self.say(Reply::Echo([a, b, c, d]), out);
            }
            [0x37, 0x33, a, b, c, d] => {
                self.answers(out, |open, _| open.echo([a, b, c, d], false));
                self.say(Reply::EchoFailed([a, b, c, d]), out);
            }
            [0x37, 0x25] => {
                self.answers(out, |open, _| open.lost_all());
                self.say(Reply::Cleared, out);
            }
            [0x3B, 0x30] => {
                self.answers(out, |open, _| open.lost_all());
                self.say(Reply::PowerOff, out);
            }
            [0x5F, ref text @ ..] => {
                let text = String::from_utf8_lossy(text);
                let text: String = text.trim().chars().take(INFO_CHARS_MAX).collect();
                let wire_length = block.len() + 1;
                self.answers(out, |open, to| open.text(text, wire_length, to));
            }
            _ => self.waste(block.len() + 1),
        }
    }

    /// Lets the questions take an answer; the bytes that nobody wanted are nonsense.
    fn answers<F>(&mut self, out: &mut Vec<Reply>, take: F)
    where
        F: FnOnce(&mut Outstanding, &mut Vec<Reply>) -> u32,
    {
        let mut replies = Vec::new();
        let unwanted = take(&mut self.outstanding, &mut replies);
        self.nonsense = self.nonsense.saturating_add(unwanted);
        for reply in replies {
            self.say(reply, out);
        }
    }

    fn say(&mut self, reply: Reply, out: &mut Vec<Reply>) {
        self.report_nonsense(out);
        out.push(reply);
    }

    fn waste(&mut self, bytes: usize) {
        self.nonsense = self.nonsense.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
    }

    fn report_nonsense(&mut self, out: &mut Vec<Reply>) {
        let bytes = mem::take(&mut self.nonsense);
        if bytes > 0 {
            out.push(Reply::Nonsense(bytes));
        }
    }
}
