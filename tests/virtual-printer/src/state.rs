//! The state of one printer that all its threads share, and what happens to it.
//!
//! Everything under one lock: sensors, paper, buffers, connection, counters, log. Methods here change the state
//! and leave the rest (waiting, reading sockets, interpreting) to the threads in `live.rs`, `io.rs` and
//! `timer.rs`. More of it: `reception.rs`, `printed.rs`, `replies.rs` (answers), `strike.rs` (faults).

use crate::buffer::ReceiveBuffer;
use crate::config::Config;
use crate::counters::Counters;
use crate::error::Error;
use crate::faults::{Fault, Trigger, When};
use crate::log::{Event, Log, What};
use crate::model::Model;
use crate::paper::{Paper, PaperOptions};
use crate::realtime::Scanner;
use crate::replies::Replies;
use crate::snapshot::Snapshot;
use crate::status::Sensors;
use crate::stream::Stream;
use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
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
    /// For whoever waits for the end only: not woken by each line.
    pub(crate) quit: Condvar,
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
            quit: Condvar::new(),
            timer,
        })
    }
}

/// A connection to a host.
#[derive(Debug)]
pub(crate) struct Conn {
    pub(crate) id: u64,
    pub(crate) stream: Arc<Stream>,
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
    /// The cable is in.
    pub(crate) plugged: bool,
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
    pub(crate) script: BTreeMap<When, Vec<(Fault, u64)>>,
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
    pub(crate) job: Option<String>,
    pub(crate) job_marker: Option<String>,
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
            dpi: (model.dpi, model.dpi_down),
            limit_rows: (config.canvas_mm * per_mm) as usize,
            cutter_distance: model.cutter_distance,
            dir: config.out.clone(),
            append: config.append,
        })?;
        let now = Instant::now();
        let mut state = State {
            start: now,
            stop: false,
            quit: false,
            power: true,
            plugged: true,
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
            script: BTreeMap::new(),
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
        state.expect(config.script.clone());
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
        if self.paper_rows.is_infinite() {
            -1.0
        } else {
            (self.paper_rows / self.model.dots_per_mm()).max(0.0)
        }
    }

    /// Do something later.
    pub(crate) fn at(&mut self, when: Instant, what: Later) {
        self.later_seq += 1;
        self.later.insert((when, self.later_seq), what);
        self.timer.notify_all();
    }

    /// Adds faults to the script. One whose moment is over never strikes.
    pub(crate) fn expect(&mut self, triggers: Vec<Trigger>) {
        for Trigger { when, fault, after_ms } in triggers {
            self.script.entry(when).or_default().push((fault, after_ms));
        }
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

    /// Receive and print buffer are lost.
    pub(crate) fn clear_buffers(&mut self) -> usize {
        self.epoch += 1;
        self.in_hand = 0;
        self.rx.clear()
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
