//! What a fault does to the printer.

use crate::endpoints::Direction;
use crate::faults::{Fault, Halt, unhex};
use crate::log::What;
use crate::state::{Later, State};
use std::time::{Duration, Instant};

impl State {
    /// The fault strikes now.
    pub(crate) fn strike(&mut self, fault: Fault) {
        let json = serde_json::to_string(&fault).unwrap_or_default();
        self.event(What::Fault { fault: json });
        match fault {
            Fault::PaperEnd => self.paper_rows = 0.0,
            Fault::LoadPaper { mm } => {
                self.paper_rows = mm.unwrap_or(self.model.roll_mm) * self.model.dots_per_mm();
            }
            Fault::CoverOpen => self.cover(true),
            Fault::CoverClose => self.cover(false),
            Fault::CutterJam => self.obstructed = true,
            Fault::CutterClear => {
                self.obstructed = false;
                if std::mem::take(&mut self.cutter_error) {
                    self.event(What::Error { kind: "cutter".into(), on: false });
                }
            }
            Fault::Overheat { ms } => {
                let until = Instant::now() + Duration::from_millis(ms);
                if self.hot_until.is_none() {
                    self.event(What::Error { kind: "head_hot".into(), on: true });
                }
                self.hot_until = Some(until);
                self.at(until, Later::HeatEnd);
            }
            Fault::PowerOff => self.power_off(),
            Fault::PowerOn => self.power_on(),
            Fault::Unplug => self.unplug(),
            Fault::Plug => self.plugged = true,
            Fault::Mute { on } => self.replies.mute = on,
            Fault::DropReplies { n } => self.replies.drop = n,
            Fault::DelayReplies { ms } => self.replies.delay = Duration::from_millis(ms),
            Fault::Stall { on } => self.stall = on,
            Fault::ResetConnection => self.close("reset", true),
            // Hexadecimal was checked where the fault was read; a fault made in code with other text is empty.
            Fault::StaleBytes { hex } => self.replies.stale = unhex(&hex).unwrap_or_default(),
            Fault::Xonxoff { on } => self.replies.xonxoff = on,
            Fault::Garbage { hex } => self.replies.garbage = unhex(&hex).unwrap_or_default(),
            Fault::FeedButton => self.feed_button(),
            Fault::HaltOut { how } => self.halt(Direction::Out, how),
            Fault::HaltIn { how } => self.halt(Direction::In, how),
        }
        self.settle();
        self.wake_io();
    }

    fn cover(&mut self, open: bool) {
        if self.cover_open != open {
            self.cover_open = open;
            self.event(What::Cover { open });
        }
    }

    /// The endpoint of the device that is configured now.
    fn halt(&self, direction: Direction, how: Halt) {
        if let Some(conn) = &self.conn {
            conn.stream.halt(direction, how);
        }
    }

    fn feed_button(&mut self) {
        if self.ready() {
            let rows = 30;
            self.paper_rows = (self.paper_rows - f64::from(rows)).max(0.0);
            self.paper.add(&crate::machine::Strip::feed(30), 30);
            self.event(What::Feed { dots: u64::try_from(rows).unwrap_or(0) });
        }
    }

    /// The head is cool enough again.
    pub(crate) fn heat_end(&mut self) {
        if self.hot_until.is_some_and(|t| t <= Instant::now()) {
            self.hot_until = None;
            self.event(What::Error { kind: "head_hot".into(), on: false });
            self.settle();
        }
    }

    fn power_off(&mut self) {
        if !self.power {
            return;
        }
        let lost = self.clear_buffers() as u64;
        self.event(What::Power { on: false, lost });
        self.close_all("power");
        self.power = false;
        self.cycles += 1;
        self.dead = false;
        self.cutter_error = false;
        self.clear_reply = false;
        self.power_off_enabled = false;
        self.offline_response = 0;
        self.asb = self.model.asb_default;
        self.scanner.reset();
        self.counters.power_lost();
        self.replies.power_lost();
        self.later.retain(|_, l| !matches!(l, Later::Reply(_) | Later::Flush));
    }

    /// The cable is pulled: the connections are gone, what is in the buffers is printed all the same.
    fn unplug(&mut self) {
        self.plugged = false;
        self.close_all("unplugged");
    }

    fn close_all(&mut self, by: &str) {
        self.close(by, true);
        while let Some(conn) = self.waiting.pop_front() {
            self.conn = Some(conn);
            self.close(by, true);
        }
    }

    fn power_on(&mut self) {
        if !self.power {
            self.power = true;
            self.head_free = Instant::now();
            self.event(What::Power { on: true, lost: 0 });
        }
    }

    /// The connection being served ends; with `abort` the other side sees a reset, not an end of file.
    pub(crate) fn close(&mut self, by: &str, abort: bool) {
        let Some(conn) = self.conn.take() else { return };
        if abort {
            conn.stream.break_off();
        }
        self.event(What::Disconnect { id: conn.id, bytes: conn.bytes, by: by.into() });
        self.wake_io();
    }
}
