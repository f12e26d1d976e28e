//! What stands on the counter: buffer, head, roll, cover, cutter, power, and what it says.

use std::collections::VecDeque;

use receiptd_core::link::{Counter, Info, Reply};

use super::model::Build;
use super::paper::Paper;
use super::{Does, Item};

/// Time of a cut, microseconds.
const CUT_US: u64 = 300_000;

/// A printer.
#[derive(Debug)]
pub struct Machine {
    /// What it is.
    pub build: Build,
    /// What came out.
    pub paper: Paper,
    /// It has power.
    pub on: bool,
    /// Dot rows left on the roll.
    pub roll: u32,
    /// The cover is open.
    pub cover_open: bool,
    /// The cutter is stuck.
    pub jam: bool,
    /// The cutter will be stuck at the next cut.
    pub jam_next: bool,
    /// The head is too hot.
    pub hot: bool,
    /// What it says and the link has not picked up.
    pub said: Vec<Reply>,
    /// Counts the times it was switched off, so that a head event of an earlier life is told apart.
    pub lives: u64,
    buffer: VecDeque<Item>,
    used: u32,
    half: bool,
    asb_on: bool,
    asb_last: [u8; 4],
    lines_fed: u64,
    cuts: u64,
    head: Option<Item>,
}

impl Machine {
    /// A new one, switched on, with paper.
    pub fn new(build: Build, roll: u32) -> Self {
        Self {
            build,
            paper: Paper::default(),
            on: true,
            roll,
            cover_open: false,
            jam: false,
            jam_next: false,
            hot: false,
            said: Vec::new(),
            lives: 0,
            buffer: VecDeque::new(),
            used: 0,
            half: false,
            asb_on: false,
            asb_last: [0; 4],
            lines_fed: 1_000,
            cuts: 10,
            head: None,
        }
    }

    /// It can't print now.
    pub fn offline(&self) -> bool {
        self.cover_open || self.roll == 0 || self.jam || self.hot
    }

    /// Nothing is in it any more.
    pub fn empty(&self) -> bool {
        self.buffer.is_empty() && self.head.is_none()
    }

    /// Whether it would take so many bytes now.
    pub fn has_room(&self, bytes: u32) -> bool {
        let busy = self.build.busy_when_offline && self.offline();
        // A command longer than the buffer goes through it while it is executed.
        self.on && !busy && (self.used + bytes <= self.build.buffer || self.used == 0)
    }

    /// A command arrives.
    pub fn receive(&mut self, item: Item) {
        if let Does::RealTime(n) = item.does {
            // Real-time commands are seen even inside of another command.
            if self.build.model.real_time() {
                self.said.push(Reply::RealTime { n, byte: self.status_byte(n) });
            }
            return;
        }
        if std::mem::take(&mut self.half) {
            // The rest of the half command is made of what comes next.
            return;
        }
        let model = self.build.model;
        match item.does {
            Does::Nuls => {}
            Does::Echo(id) if model.lies() && model.echo() => self.said.push(Reply::Echo(id.to_wire())),
            Does::InOrder if model.lies() && model.in_order() => self.said.push(Reply::PaperInOrder(0)),
            _ => {
                self.used += item.bytes;
                self.buffer.push_back(item);
            }
        }
    }

    /// A command arrives in part: the link ended in the middle of it.
    pub fn receive_half(&mut self) {
        self.half = true;
    }

    /// Goes on with the buffer; the time at which the head is through with the next thing.
    pub fn go_on(&mut self) -> Option<u64> {
        while self.on && self.head.is_none() && !self.offline() {
            let item = self.buffer.pop_front()?;
            self.used -= item.bytes;
            let print_us = u64::from(item.dots) * 1_000_000 / self.build.dots_per_s;
            match (item.does, item.owner) {
                (Does::Line(line), Some(owner)) => {
                    if self.feed(item) {
                        self.paper.begin_line(owner, line);
                        self.head = Some(item);
                        return Some(print_us);
                    }
                }
                (Does::Mark(number), Some(owner)) => {
                    if self.feed(item) {
                        self.paper.mark(owner, number);
                        self.head = Some(item);
                        return Some(print_us);
                    }
                }
                (Does::Page, _) => {
                    if self.feed(item) {
                        self.head = Some(item);
                        return Some(print_us);
                    }
                }
                (Does::Cut, Some(_)) => {
                    if std::mem::take(&mut self.jam_next) {
                        self.jam = true;
                        self.changed();
                        return None;
                    }
                    self.head = Some(item);
                    return Some(CUT_US);
                }
                _ => self.answer(item.does),
            }
        }
        None
    }

    /// Moves paper; false when there is not enough of it, and the item waits.
    fn feed(&mut self, item: Item) -> bool {
        if self.roll < item.dots {
            self.roll = 0;
            self.used += item.bytes;
            self.buffer.push_front(item);
            self.changed();
            return false;
        }
        self.roll -= item.dots;
        self.lines_fed += 1;
        true
    }

    fn answer(&mut self, does: Does) {
        let model = self.build.model;
        match does {
            Does::Echo(id) if model.echo() => self.said.push(Reply::Echo(id.to_wire())),
            Does::InOrder if model.in_order() => self.said.push(Reply::PaperInOrder(0)),
            Does::Info(info) if model.info() => {
                let text = match info {
                    Info::Maker => "ACME".to_owned(),
                    Info::Model => format!("{model:?}"),
                    Info::Serial => format!("{}-{}", self.build.buffer, self.build.dots_per_s),
                    Info::Firmware => "1.00".to_owned(),
                };
                self.said.push(Reply::Info(info, text));
            }
            Does::Counter(counter) if model.counters() => {
                let value = match counter {
                    Counter::LinesFed => self.lines_fed,
                    Counter::Cuts => self.cuts,
                };
                self.said.push(Reply::Counter(counter, value));
            }
            Does::AsbOn if model.asb() => {
                self.asb_on = true;
                self.asb_last = self.asb();
                self.said.push(Reply::Asb(self.asb_last));
            }
            _ => {}
        }
    }

    /// The head is through with what it was at.
    pub fn head_done(&mut self) {
        let Some(item) = self.head.take() else { return };
        match (item.does, item.owner) {
            (Does::Line(line), Some(owner)) => self.paper.end_line(owner, line),
            (Does::Cut, Some(owner)) => {
                self.cuts += 1;
                self.paper.cut(owner);
            }
            _ => {}
        }
    }

    /// Something about it changed: it may report that by itself.
    pub fn changed(&mut self) {
        let now = self.asb();
        if self.on && self.asb_on && now != self.asb_last {
            self.asb_last = now;
            self.said.push(Reply::Asb(now));
        }
    }

    /// Power goes: the buffer is gone, what is on paper stays. The counters lag behind on their memory.
    pub fn power_off(&mut self, counters_lag: u64) {
        self.on = false;
        self.lives += 1;
        self.clear();
        self.half = false;
        self.asb_on = false;
        self.head = None;
        self.said.clear();
        self.lines_fed = self.lines_fed.saturating_sub(counters_lag);
    }

    /// Buffers are emptied; the head finishes its line.
    pub fn clear(&mut self) {
        self.buffer.clear();
        self.used = 0;
    }

    fn asb(&self) -> [u8; 4] {
        let bit = |on: bool, bit: u8| if on { bit } else { 0 };
        [
            0x10 | bit(self.offline(), 0x08) | bit(self.cover_open, 0x20),
            bit(self.jam, 0x08) | bit(self.hot, 0x40),
            bit(self.roll == 0, 0x0C),
            0,
        ]
    }

    fn status_byte(&self, n: u8) -> u8 {
        let bit = |on: bool, bit: u8| if on { bit } else { 0 };
        0x12 | match n {
            1 => bit(self.offline(), 0x08),
            2 => bit(self.cover_open, 0x04) | bit(self.roll == 0, 0x20),
            3 => bit(self.jam, 0x08) | bit(self.hot, 0x40),
            _ => bit(self.roll == 0, 0x60),
        }
    }
}
