//! The state of one printer that all its threads share, and what happens to it.
//!
//! Everything under one lock: sensors, paper, buffers, connection, counters, log. Methods here change the state
//! and leave the rest (waiting, reading sockets, interpreting) to the threads in `live.rs`, `io.rs` and
//! `timer.rs`. Answers and their faults are in `replies.rs`, faults in `strike.rs`.

use crate::buffer::ReceiveBuffer;
use crate::config::Config;
use crate::counters::Counters;
use crate::error::Error;
use crate::faults::{Fault, When};
use crate::log::{Event, Log, What};
use crate::machine::{Strip, StripKind};
use crate::model::{Answer, Model};
use crate::paper::{Paper, PaperOptions, Picture};
use crate::realtime::{Found, Scanner};
use crate::replies::Replies;
use crate::snapshot::Snapshot;
use crate::status::Sensors;
use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the threads share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    state: Mutex<State>,
    /// For the interpreter: data, readiness, clearing, stopping.
    pub(crate) work: Condvar,
    /// For whoever waits for a condition.
    pub(crate) watch: Condvar,
    /// For the timer thread.
    pub(crate) timer: Arc<Condvar>,
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wake everybody who may care about a change of state.
    pub(crate) fn changed(&self) {
        self.work.notify_all();
        self.watch.notify_all();
    }

    pub(crate) fn new(config: Config, wake: UnixStream) -> Result<Shared, Error> {
        let timer = Arc::new(Condvar::new());
        let state = State::new(&config, wake, Arc::clone(&timer))?;
        Ok(Shared {
            config,
            state: Mutex::new(state),
            work: Condvar::new(),
            watch: Condvar::new(),
            timer,
        })
    }
}

/// A TCP connection.
#[derive(Debug)]
pub(crate) struct Conn {
    pub(crate) id: u64,
    pub(crate) stream: Arc<TcpStream>,
    pub(crate) bytes: u64,
    /// Answers the socket did not take yet.
    pub(crate) pending: Vec<u8>,
}

/// Things that happen later by themselves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Later {
    Reply(Vec<u8>),
    HeatEnd,
    Fault(Fault),
    Flush,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) model: Arc<Model>,
    start: Instant,
    pub(crate) stop: bool,
    pub(crate) quit: bool,

    pub(crate) power: bool,
    /// Counts power cycles; the interpreter starts anew when it changes.
    pub(crate) cycles: u64,
    /// After the power-off sequence (`DLE DC4` fn 2): nothing works until the power is cycled.
    pub(crate) dead: bool,
    pub(crate) cover_open: bool,
    /// Paper until the end sensor, dot rows; infinite for an endless roll.
    pub(crate) paper_rows: f64,
    pub(crate) obstructed: bool,
    pub(crate) cutter_error: bool,
    pub(crate) hot_until: Option<Instant>,
    pub(crate) power_off_enabled: bool,

    pub(crate) rx: ReceiveBuffer,
    pub(crate) scanner: Scanner,
    /// Counts clearings of the buffers; the interpreter drops what it holds when it changes.
    pub(crate) epoch: u64,
    /// `37 25 00` is due when the interpreter has dropped what it held.
    pub(crate) clear_reply: bool,
    pub(crate) stall: bool,

    pub(crate) conn: Option<Conn>,
    pub(crate) waiting: VecDeque<Conn>,
    pub(crate) conn_count: u64,
    pub(crate) listening: bool,
    wake: UnixStream,
    /// The I/O thread does not poll the socket because of the buffer or a stall.
    pub(crate) io_blocked: bool,

    pub(crate) replies: Replies,
    pub(crate) asb: u8,
    pub(crate) asb_seen: [u8; 3],
    pub(crate) offline_response: u8,
    was_offline: bool,
    paper_state: &'static str,

    pub(crate) later: BTreeMap<(Instant, u64), Later>,
    later_seq: u64,
    timer: Arc<Condvar>,
    script: BTreeMap<When, Vec<(Fault, u64)>>,
    /// Striking faults may fire triggers; they are queued, not nested.
    pub(crate) ids_received: u64,
    pub(crate) ids_due: u64,

    pub(crate) exec_idle: bool,
    /// Bytes the interpreter took from the buffer and has not carried out.
    pub(crate) in_hand: usize,
    pub(crate) print_pending: bool,
    /// The head is busy until then.
    pub(crate) head_free: Instant,
    pub(crate) head_first: Option<Instant>,
    pub(crate) head_last: Instant,
    pub(crate) head_busy: Duration,

    pub(crate) log: Log,
    pub(crate) paper: Paper,
    pub(crate) counters: Counters,
    pub(crate) lines: u64,
    pub(crate) strips: u64,
    pub(crate) cuts: u64,
    pub(crate) ids_sent: u64,
    pub(crate) last_id: Option<[u8; 4]>,
    pub(crate) bytes: u64,
    pub(crate) drawer_kicks: u64,
    pub(crate) unknown: u64,
    job: Option<String>,
    job_marker: Option<String>,
    pub(crate) font_warning: Option<String>,
}

impl State {
    fn new(config: &Config, wake: UnixStream, timer: Arc<Condvar>) -> Result<State, Error> {
        let model = Arc::new(config.model.clone());
        if let Some(dir) = &config.out {
            std::fs::create_dir_all(dir).map_err(Error::file(dir))?;
        }
        let log_path = config.out.as_ref().filter(|_| config.keep_log).map(|d| d.join("log.jsonl"));
        let limit = if config.keep_log { config.log_limit } else { 0 };
        let (log, former) = Log::open(log_path.as_deref(), config.append, limit)?;
        let per_mm = model.dots_per_mm();
        let paper = Paper::new(PaperOptions {
            keep: config.keep_paper,
            dots: model.dots,
            limit_rows: (config.canvas_mm * per_mm) as usize,
            cutter_distance: model.cutter_distance,
            dir: config.out.clone(),
            append: config.append,
        })?;
        let mut script: BTreeMap<When, Vec<(Fault, u64)>> = BTreeMap::new();
        for t in &config.script {
            script.entry(t.when).or_default().push((t.fault.clone(), t.after_ms));
        }
        let now = Instant::now();
        let mut state = State {
            start: now,
            stop: false,
            quit: false,
            power: true,
            cycles: 0,
            dead: false,
            cover_open: false,
            paper_rows: config.roll_mm.unwrap_or(model.roll_mm) * per_mm,
            obstructed: false,
            cutter_error: false,
            hot_until: None,
            power_off_enabled: false,
            rx: ReceiveBuffer::new(model.buffer_bytes),
            scanner: Scanner::default(),
            epoch: 0,
            clear_reply: false,
            stall: false,
            conn: None,
            waiting: VecDeque::new(),
            conn_count: 0,
            listening: false,
            wake,
            io_blocked: false,
            replies: Replies::new(model.xonxoff),
            asb: model.asb_default,
            asb_seen: [0; 3],
            offline_response: 0,
            was_offline: false,
            paper_state: "ok",
            later: BTreeMap::new(),
            later_seq: 0,
            timer,
            script,
            ids_received: 0,
            ids_due: 0,
            exec_idle: true,
            in_hand: 0,
            print_pending: false,
            head_free: now,
            head_first: None,
            head_last: now,
            head_busy: Duration::ZERO,
            log,
            paper,
            counters: Counters::new(Duration::from_secs(model.counter_save_s)),
            lines: former.line,
            strips: 0,
            cuts: former.cuts,
            ids_sent: 0,
            last_id: None,
            bytes: 0,
            drawer_kicks: 0,
            unknown: 0,
            job: None,
            job_marker: config.job_marker.clone(),
            font_warning: None,
            model,
        };
        let name = state.model.name.clone();
        state.event(What::Start { model: name });
        state.settle();
        Ok(state)
    }

    /// Log something now.
    pub(crate) fn event(&mut self, what: What) {
        if self.log.off() {
            return;
        }
        self.log.push(Event {
            seq: 0,
            t_us: u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX),
            conn: self.conn.as_ref().map_or(0, |c| c.id),
            line: self.lines,
            job: self.job.clone(),
            what,
        });
    }

    /// What the sensors say.
    pub(crate) fn sensors(&self) -> Sensors {
        let near = self.model.near_end_mm * self.model.dots_per_mm();
        Sensors {
            cover_open: self.cover_open,
            paper_end: self.paper_rows <= 0.0,
            near_end: near > 0.0 && self.paper_rows <= near,
            cutter_error: self.cutter_error,
            hot: self.hot_until.is_some(),
            drawer_high: self.model.drawer_high,
        }
    }

    /// The interpreter may run commands.
    pub(crate) fn ready(&self) -> bool {
        self.power && !self.dead && !self.sensors().offline()
    }

    /// Let the I/O thread look at the state again.
    pub(crate) fn wake_io(&mut self) {
        // The pipe being full means that it will wake anyway.
        let _ = self.wake.write(&[1]);
    }

    /// After any change of sensors: log it, tell by ASB, XON/XOFF and offline response.
    pub(crate) fn settle(&mut self) {
        let sensors = self.sensors();
        let paper = if sensors.paper_end {
            "end"
        } else if sensors.near_end {
            "near_end"
        } else {
            "ok"
        };
        if paper != self.paper_state {
            self.paper_state = paper;
            let mm = self.paper_mm();
            self.event(What::Paper { state: paper.into(), mm });
        }
        let watched = sensors.asb_watched(self.asb);
        if watched != self.asb_seen {
            self.asb_seen = watched;
            if self.asb != 0 {
                self.send_asb();
            }
        }
        if sensors.offline() != self.was_offline {
            self.was_offline = sensors.offline();
            self.offline_edge(sensors);
        }
    }

    /// Paper left in mm, -1 = endless.
    pub(crate) fn paper_mm(&self) -> f64 {
        if self.paper_rows.is_infinite() { -1.0 } else { (self.paper_rows / self.model.dots_per_mm()).max(0.0) }
    }

    /// Do something later.
    pub(crate) fn at(&mut self, when: Instant, what: Later) {
        self.later_seq += 1;
        self.later.insert((when, self.later_seq), what);
        self.timer.notify_all();
    }

    /// The scripted faults of `when` strike.
    pub(crate) fn fire(&mut self, when: When) {
        for (fault, after_ms) in self.script.remove(&when).unwrap_or_default() {
            if after_ms == 0 {
                self.strike(fault);
            } else {
                self.at(Instant::now() + Duration::from_millis(after_ms), Later::Fault(fault));
            }
        }
    }

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

    fn buffer_free(&self) -> usize {
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

    /// Receive and print buffer are lost.
    pub(crate) fn clear_buffers(&mut self) -> usize {
        self.epoch += 1;
        self.in_hand = 0;
        self.rx.clear()
    }

    /// `rows` rows of a strip came off the head (all of them unless torn).
    pub(crate) fn printed(&mut self, strip: &Strip, rows: usize) -> Option<Picture> {
        let torn = rows < strip.rows();
        let dots = rows as u64;
        self.paper_rows = (self.paper_rows - rows as f64).max(0.0);
        self.counters.fed(rows, strip.ink.min(rows));
        self.strips += 1;
        let picture = self.paper.add(strip, rows);
        if strip.kind == StripKind::Line && !torn {
            self.lines += 1;
        }
        for line in &strip.text {
            self.mark_job(line);
        }
        if !self.log.off() {
            let text = strip.text.join("\n");
            self.event(match (strip.kind, &strip.code) {
                _ if torn => What::Torn { dots, text },
                (_, Some((kind, data))) => What::Code { dots, kind: kind.clone(), data: data.clone() },
                (StripKind::Line, _) => What::Line { dots, text },
                (StripKind::Page, _) => What::Page { dots, text },
                (StripKind::Feed, _) => What::Feed { dots },
                (StripKind::Image | StripKind::Code, _) => What::Image { dots },
            });
        }
        if strip.kind == StripKind::Line && !torn {
            let n = self.lines;
            self.fire(When::Line(n));
        }
        self.settle();
        picture
    }

    fn mark_job(&mut self, line: &str) {
        if let Some(prefix) = &self.job_marker
            && let Some(at) = line.find(prefix.as_str())
        {
            let token = line[at + prefix.len()..].split_whitespace().next();
            if let Some(token) = token {
                self.job = Some(token.into());
            }
        }
    }

    /// The paper was cut.
    pub(crate) fn cut_done(&mut self, partial: bool) {
        self.cuts += 1;
        self.counters.cut();
        self.paper.cut();
        let cut = self.cuts;
        self.event(What::Cut { cut, partial });
        self.job = None;
        self.fire(When::AfterCut(cut));
        self.settle();
    }

    /// The picture of this moment.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let sensors = self.sensors();
        let span = self.head_first.map_or(Duration::ZERO, |f| self.head_last.saturating_duration_since(f));
        Snapshot {
            model: self.model.name.clone(),
            power: self.power,
            online: self.ready(),
            cover_open: self.cover_open,
            paper_end: sensors.paper_end,
            near_end: sensors.near_end,
            cutter_error: self.cutter_error,
            head_hot: sensors.hot,
            lines: self.lines,
            strips: self.strips,
            cuts: self.cuts,
            process_ids: self.ids_sent,
            last_process_id: self.last_id,
            paper_mm: self.paper_mm(),
            bytes: self.bytes,
            buffer_used: self.rx.used() + self.in_hand,
            buffer_free: self.buffer_free(),
            idle: self.exec_idle && self.rx.is_empty(),
            print_pending: self.print_pending,
            connections: self.conn_count,
            connected: self.conn.as_ref().map(|c| c.id),
            drawer_kicks: self.drawer_kicks,
            unknown: self.unknown,
            events: self.log.seq(),
            head_busy: self.head_busy,
            head_span: span,
            log_error: self.log.broken.clone(),
            font_warning: self.font_warning.clone(),
        }
    }
}
