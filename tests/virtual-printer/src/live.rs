//! The mechanism in (simulated) real time: the thread that empties the receive buffer onto paper.
//!
//! It takes bytes in order, runs the parser and the interpreter, and waits for the head and the cutter by
//! deadlines: one wait a strip, none a dot row, no drift. While the printer is offline it waits where it
//! stands and goes on by itself. What came off the head is committed under the lock at that moment.

use crate::glyphs::Glyphs;
use crate::interpreter::Interpreter;
use crate::log::What;
use crate::machine::{Cleared, Machine, Note, Request, Strip};
use crate::model::Answer;
use crate::parser::Parser;
use crate::state::{Shared, State};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes taken from the buffer at once: little when time matters, so that the buffer's fill level is honest.
const SLOW_CHUNK: usize = 64;
const FAST_CHUNK: usize = 16_384;

/// The thread.
pub(crate) fn run(shared: &Arc<Shared>, glyphs: Glyphs) {
    let config = &shared.config;
    let model = Arc::new(config.model.clone());
    let mut parser = Parser::new(model.kanji && model.kanji_default);
    let mut interpreter = Interpreter::new(model, glyphs, config.keep_paper);
    let rows_per_second = config.rows_per_second();
    let max = if rows_per_second.is_some() { SLOW_CHUNK } else { FAST_CHUNK };
    let (mut chunk, mut commands) = (Vec::new(), Vec::new());
    let (mut epoch, mut cycles) = (0, 0);
    loop {
        chunk.clear();
        {
            let mut st = shared.lock();
            st.print_pending = interpreter.has_pending();
            st.in_hand = 0;
            shared.watch.notify_all();
            if st.io_blocked {
                st.wake_io();
            }
            loop {
                if st.stop {
                    return;
                }
                if st.epoch != epoch {
                    epoch = st.epoch;
                    if st.cycles == cycles {
                        parser.abandon();
                        interpreter.clear();
                    } else {
                        cycles = st.cycles;
                        parser.reset();
                        interpreter.power_on();
                    }
                    st.print_pending = false;
                    if std::mem::take(&mut st.clear_reply) {
                        st.event(What::Cleared { by: "dle_dc4_8".into() });
                        st.reply(&[0x37, 0x25, 0x00]);
                    }
                    shared.watch.notify_all();
                    continue;
                }
                if !st.rx.is_empty() && st.ready() {
                    break;
                }
                if !st.exec_idle {
                    st.exec_idle = true;
                    shared.watch.notify_all();
                }
                st = shared.work.wait(st).unwrap_or_else(PoisonError::into_inner);
            }
            if std::mem::take(&mut st.exec_idle) {
                // The head stood still: its time is now, not when it ended.
                st.head_free = st.head_free.max(Instant::now());
            }
            st.rx.take(max, &mut chunk);
            // Still in the receive buffer, as far as anybody outside can tell, until carried out.
            st.in_hand = chunk.len();
        }
        parser.push(&chunk, &mut commands);
        let mut live = Live { shared, epoch, rows_per_second };
        for command in commands.drain(..) {
            if interpreter.run(command, &mut live).is_err() {
                break;
            }
        }
    }
}

/// The machine the interpreter drives.
struct Live<'a> {
    shared: &'a Shared,
    epoch: u64,
    rows_per_second: Option<f64>,
}

type Guard<'a> = MutexGuard<'a, State>;

impl<'a> Live<'a> {
    fn wait(&self, st: Guard<'a>, until: Option<Instant>) -> Result<Guard<'a>, Cleared> {
        let st = match until {
            None => self.shared.work.wait(st).unwrap_or_else(PoisonError::into_inner),
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                self.shared.work.wait_timeout(st, left).unwrap_or_else(PoisonError::into_inner).0
            }
        };
        self.check(&st)?;
        Ok(st)
    }

    /// Wake whoever waits for something that was just done. At infinite speed they are woken a chunk at a
    /// time: to wake them by each line would be most of the work.
    fn tell(&self) {
        if self.rows_per_second.is_some() {
            self.shared.watch.notify_all();
        }
    }

    fn check(&self, st: &State) -> Result<(), Cleared> {
        if st.stop || st.epoch != self.epoch { Err(Cleared) } else { Ok(()) }
    }

    /// Online, or wait until it is.
    fn ready(&self, mut st: Guard<'a>) -> Result<Guard<'a>, Cleared> {
        self.check(&st)?;
        if st.ready() {
            return Ok(st);
        }
        self.shared.watch.notify_all();
        while !st.ready() {
            st = self.wait(st, None)?;
        }
        st.head_free = st.head_free.max(Instant::now());
        Ok(st)
    }

    /// Let `time` pass on the mechanism. The time stands still while the printer is not ready.
    /// When the buffers are cleared meanwhile: how much of it had passed.
    fn busy(&self, mut st: Guard<'a>, time: Duration) -> Result<Guard<'a>, (Guard<'a>, Duration)> {
        let mut deadline = st.head_free + time;
        let began = st.head_free;
        st.head_first.get_or_insert(began);
        loop {
            let now = Instant::now();
            if now >= deadline {
                break;
            }
            let left = deadline - now;
            // The paper end sensor lets the current line be finished; everything else stops the head.
            let stopped = st.cover_open || st.hot_until.is_some() || st.cutter_error;
            let wait = if stopped { None } else { Some(left) };
            st = match wait {
                None => self.shared.work.wait(st).unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    self.shared.work.wait_timeout(st, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
            if stopped {
                deadline = Instant::now() + left;
            }
            if self.check(&st).is_err() {
                let left = if stopped { left } else { deadline.saturating_duration_since(Instant::now()) };
                return Err((st, time.saturating_sub(left)));
            }
        }
        st.head_free = deadline;
        st.head_last = deadline;
        st.head_busy += time;
        Ok(st)
    }
}

impl Machine for Live<'_> {
    fn print(&mut self, strip: Strip) -> Result<(), Cleared> {
        let st = self.shared.lock();
        let mut st = self.ready(st)?;
        let rows = strip.rows();
        if let Some(speed) = self.rows_per_second {
            let time = Duration::from_secs_f64(rows as f64 / speed);
            st = match self.busy(st, time) {
                Ok(st) => st,
                Err((mut st, done)) => {
                    let came_out = ((done.as_secs_f64() * speed) as usize).min(rows.saturating_sub(1));
                    if came_out > 0 {
                        st.printed(&strip, came_out);
                    }
                    self.shared.watch.notify_all();
                    return Err(Cleared);
                }
            };
        } else {
            let now = st.head_free;
            st.head_first.get_or_insert(now);
        }
        st.printed(&strip, rows);
        let picture = st.paper.take_old();
        drop(st);
        self.tell();
        if let Some(picture) = picture
            && let Err(e) = picture.write()
        {
            self.shared.lock().log.broken.get_or_insert(e.to_string());
        }
        Ok(())
    }

    fn cut(&mut self, partial: bool) -> Result<(), Cleared> {
        let mut st = self.shared.lock();
        st = self.ready(st)?;
        let n = st.cuts + 1;
        st.fire(crate::faults::When::Cut(n));
        loop {
            st = self.ready(st)?;
            if !st.obstructed {
                break;
            }
            st.cutter_error = true;
            st.event(What::Error { kind: "cutter".into(), on: true });
            st.settle();
            self.shared.watch.notify_all();
        }
        if self.rows_per_second.is_some() {
            let time = Duration::from_millis(st.model.cutter_ms);
            st = self.busy(st, time).map_err(|_| Cleared)?;
            // The blade is not the head: its time counts as standing still.
            st.head_busy = st.head_busy.saturating_sub(time);
        }
        st.cut_done(partial);
        self.tell();
        Ok(())
    }

    fn request(&mut self, request: Request) -> Result<(), Cleared> {
        let st = self.shared.lock();
        let mut st = self.ready(st)?;
        match request {
            Request::ProcessId(id) if st.model.process_id == Answer::Printed => {
                st.process_id_due();
                // The fault that struck may have stopped the printer.
                st = self.ready(st)?;
                st.process_id(id);
            }
            Request::Status(n) if st.model.gs_r == Answer::Printed => {
                if let Some(byte) = st.sensors().gs_r(n) {
                    st.reply(&[byte]);
                }
            }
            Request::PaperSensor if st.model.gs_r != Answer::None => {
                if let Some(byte) = st.sensors().gs_r(1) {
                    st.reply(&[byte]);
                }
            }
            Request::Info(n) => {
                let key = if (49..=51).contains(&n) { n - 48 } else { n }.to_string();
                if let Some(byte) = st.model.id_bytes.get(&key).copied() {
                    st.reply(&[byte]);
                } else if let Some(text) = st.model.id_texts.get(&key).cloned() {
                    st.reply(&block(&text));
                }
            }
            Request::Counter(n) if st.model.counters => {
                if let Some(value) = st.counters.read(n) {
                    st.reply(&block(&value.to_string()));
                }
            }
            Request::CounterReset(n) if st.model.counters => st.counters.reset(n),
            Request::Asb(n) if st.model.asb => {
                st.asb = n;
                st.asb_seen = st.sensors().asb_watched(n);
                if n != 0 {
                    st.send_asb();
                }
            }
            Request::OfflineResponse(n) if st.model.process_id == Answer::Printed => st.offline_response = n,
            Request::EnableRealTime { function: 2, on } => st.power_off_enabled = on,
            Request::Pulse { pin, ms } => {
                st.drawer_kicks += 1;
                st.event(What::Drawer { pin, ms });
            }
            Request::Beep(times) => st.event(What::Beep { times }),
            _ => {}
        }
        self.tell();
        Ok(())
    }

    fn note(&mut self, note: Note) {
        let mut st = self.shared.lock();
        match note {
            Note::Unknown { bytes, offset } => {
                st.unknown += 1;
                st.event(What::Unknown { hex: crate::faults::hex(&bytes), offset });
            }
            Note::Unsupported(what) => st.event(What::Unsupported { what }),
        }
    }
}

/// `5F text 00`.
fn block(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x5F];
    bytes.extend(text.as_bytes());
    bytes.push(0);
    bytes
}
