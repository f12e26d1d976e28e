//! Reception: bytes from the socket into the buffer, and what is carried out before it.
//!
//! Room, real-time commands and byte triggers. Reading the socket is `io.rs`, running the buffer `live.rs`.

use crate::faults::When;
use crate::log::What;
use crate::model::Answer;
use crate::realtime::Found;
use crate::state::State;

impl State {
    /// How many bytes may be received now: room in the buffer, and not past the next byte trigger.
    pub(crate) fn room(&self) -> usize {
        if self.stall || self.dead || !self.power {
            return 0;
        }
        let next = self.script.keys().find_map(|w| match w {
            When::Byte(n) if *n > self.bytes => usize::try_from(n - self.bytes).ok(),
            _ => None,
        });
        self.buffer_free().min(next.unwrap_or(usize::MAX))
    }

    pub(crate) fn buffer_free(&self) -> usize {
        self.rx.free().saturating_sub(self.in_hand)
    }

    /// Bytes arrive from the connection being served.
    pub(crate) fn receive(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        if let Some(conn) = &mut self.conn {
            conn.bytes += bytes.len() as u64;
        }
        let mut from = 0;
        for (i, &byte) in bytes.iter().enumerate() {
            let Some(found) = self.scanner.push(byte) else { continue };
            self.rx.put(&bytes[from..=i]);
            from = i + 1;
            self.rx.exempt_last(found.real_time_len());
            self.found(found);
            if !self.power {
                // A trigger took the power: what follows was never received.
                return;
            }
        }
        self.rx.put(&bytes[from..]);
        let at = self.bytes;
        self.fire(When::Byte(at));
    }

    fn found(&mut self, found: Found) {
        match found {
            Found::Eot { n, .. } if self.model.dle_eot => {
                if let Some(byte) = self.sensors().dle_eot(n) {
                    self.reply(&[byte]);
                }
            }
            Found::Enq(n @ 1..=2) if self.model.dle_enq && self.cutter_error => {
                // Only acts in a recoverable error; the cutter is the only one (T88III, T90).
                self.cutter_error = false;
                self.event(What::Error { kind: "cutter".into(), on: false });
                if n == 2 {
                    self.clear_buffers();
                    self.event(What::Cleared { by: "dle_enq_2".into() });
                }
                self.settle();
            }
            Found::Pulse(pin) => {
                self.drawer_kicks += 1;
                self.event(What::Drawer { pin, ms: 100 });
            }
            Found::PowerOff if self.power_off_enabled => {
                self.reply(&[0x3B, 0x30, 0x00]);
                self.counters.save();
                self.clear_buffers();
                self.dead = true;
            }
            Found::SendStatus(1) if self.model.asb => self.send_asb(),
            Found::Clear if self.model.clear => {
                self.clear_buffers();
                self.clear_reply = true;
            }
            Found::ProcessId(id) => {
                self.ids_received += 1;
                let n = self.ids_received;
                if self.model.process_id == Answer::Received {
                    self.process_id(id);
                }
                self.fire(When::ProcessId(n));
            }
            Found::GsR(n) if self.model.gs_r == Answer::Received => {
                if let Some(byte) = self.sensors().gs_r(n) {
                    self.reply(&[byte]);
                }
            }
            _ => {}
        }
    }
}
