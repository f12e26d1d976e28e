//! A small shell around the core for scenario tests: a disk that writes when told to, links that record
//! what they are asked, and a printer that answers questions (but proves no print unless told to).

#![allow(dead_code, reason = "each test file uses its part of the rig")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken rig must fail loudly")]

use std::collections::BTreeMap;

use receiptd_core::config::{CoreConfig, PrinterConfig};
use receiptd_core::evidence::Grade;
use receiptd_core::ids::{AttemptNo, BatchId, JobId, PrinterIx, ProcessId, SessionId, Ticket};
use receiptd_core::job::JobState;
use receiptd_core::link::{Counter, Fence, LinkCommand, LinkEvent, LinkFault, MarkOrder, Part, Query, Reply};
use receiptd_core::plan;
use receiptd_core::record::{
    self, JobRecord, KeyRecord, PartPlan, Policy, Shape, StoreOp, Table, Tail, job_key,
};
use receiptd_core::request::{Answer, Caller, NewCopy, Refusal, Request, Submission};
use receiptd_core::time::{Mono, Now, Wall};
use receiptd_core::{Class, Core, Input, Output, Spooled, StoreFault};

pub const P0: PrinterIx = PrinterIx(0);
pub const P1: PrinterIx = PrinterIx(1);
pub const APP: Caller = Caller { uid: 1_000, operator: false };
pub const OPERATOR: Caller = Caller { uid: 0, operator: true };

/// What a printer answers.
#[derive(Clone, Copy)]
pub struct Voice {
    pub asb: bool,
    pub real_time: bool,
    pub in_order: bool,
    pub echo: bool,
    pub counters: bool,
}

pub const MUTE: Voice = Voice { asb: false, real_time: false, in_order: false, echo: false, counters: false };
pub const ECHO: Voice = Voice { asb: true, real_time: true, in_order: true, echo: true, ..MUTE };
pub const COUNTING: Voice = Voice { counters: true, ..ECHO };
pub const ANSWERS: Voice = Voice { real_time: true, ..MUTE };
pub const IN_ORDER: Voice = Voice { asb: true, real_time: true, in_order: true, ..MUTE };

/// A part that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub printer: PrinterIx,
    pub job: JobId,
    pub attempt: AttemptNo,
    pub part: Part,
    pub fence: Option<Fence>,
    pub mark: Option<MarkOrder>,
}

pub struct Rig {
    pub core: Core,
    pub config: CoreConfig,
    pub us: u64,
    pub wall_error_ms: i64,
    pub rows: BTreeMap<(Table, Vec<u8>), Vec<u8>>,
    pub waiting: Vec<(BatchId, Class, Vec<StoreOp>)>,
    /// Batches are written as soon as they are handed over.
    pub writes: bool,
    pub voice: Voice,
    /// What `DLE EOT 4` says, if it is answered.
    pub paper_out: bool,
    pub sent: Vec<Sent>,
    /// Everything that links were told.
    pub log: Vec<LinkCommand>,
    commands: Vec<LinkCommand>,
    /// How long the page of a survey takes to come out; `None`: it is not even taken.
    pub page_ms: Option<u64>,
    pub answers: BTreeMap<u64, Result<Answer, Refusal>>,
    pub news: Vec<JobRecord>,
    pub lines_fed: u64,
    tickets: u64,
    sessions: BTreeMap<u16, SessionId>,
}

pub fn printers(names: &[&str], evidence: Option<Grade>) -> CoreConfig {
    let printers = names.iter().map(|name| PrinterConfig { name: (*name).into(), evidence });
    CoreConfig { printers: printers.collect(), ..CoreConfig::default() }
}

pub fn shape(lines: u32) -> Shape {
    let point = |n: u32| PartPlan { end: n * 20, line: n, dots: n * 30 };
    let parts = plan::parts((1..=lines).map(point), lines * 20, lines, lines * 30);
    Shape { bytes: lines * 20 + 8, parts, tail: Tail::of(0) }
}

pub fn hash(key: &str) -> [u8; 16] {
    let mut hash = [0; 16];
    for (at, byte) in key.bytes().enumerate() {
        hash[at % 16] ^= byte.rotate_left((at / 16) as u32);
    }
    hash
}

pub fn submission(key: &str, lines: &[u32]) -> Submission {
    let copy = |lines: &u32| NewCopy {
        copy: "customer".into(),
        title: "sale".into(),
        body: lines.to_be_bytes().as_slice().into(),
        shape: shape(*lines),
    };
    Submission {
        key: key.into(),
        key_hash: hash(key),
        content: [lines.len() as u8; 32],
        known: None,
        printer: String::new(),
        copies: lines.iter().map(copy).collect(),
        hold: false,
        expires_after_ms: None,
        policy: None,
    }
}

impl Rig {
    pub fn new(config: CoreConfig, voice: Voice) -> Self {
        let core = Core::start(config.clone(), Spooled::default(), Now::default());
        let mut rig = Self {
            core,
            config,
            us: 0,
            wall_error_ms: 0,
            rows: BTreeMap::new(),
            waiting: Vec::new(),
            writes: true,
            voice,
            paper_out: false,
            sent: Vec::new(),
            log: Vec::new(),
            commands: Vec::new(),
            page_ms: Some(300),
            answers: BTreeMap::new(),
            news: Vec::new(),
            lines_fed: 100,
            tickets: 0,
            sessions: BTreeMap::new(),
        };
        rig.core.set_watched(true);
        rig.drain();
        rig
    }

    /// One printer, open and ready.
    pub fn ready(voice: Voice) -> Self {
        Self::ready_with(printers(&["p0"], None), voice)
    }

    pub fn ready_with(config: CoreConfig, voice: Voice) -> Self {
        let mut rig = Self::new(config, voice);
        for index in 0..rig.config.printers.len() {
            rig.open(PrinterIx(index as u16));
        }
        rig
    }

    pub fn now(&self) -> Now {
        let wall = 1_700_000_000_000 + self.us / 1_000;
        Now { mono: Mono(self.us), wall: Wall(wall.saturating_add_signed(self.wall_error_ms)) }
    }

    pub fn tell(&mut self, input: Input) {
        let now = self.now();
        self.core.handle(now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.core.poll_output() {
            match output {
                Output::Persist { batch, class, ops } => {
                    self.waiting.push((batch, class, ops));
                }
                Output::Reply { ticket, answer } => {
                    assert!(self.answers.insert(ticket.0, answer).is_none(), "answered twice");
                }
                Output::Link { printer, session, command } => self.command(printer, session, command),
                Output::JobNews(record) => self.news.push(*record),
                Output::PrinterNews(_) => {}
            }
        }
        if self.writes {
            self.write();
        }
    }

    fn command(&mut self, printer: PrinterIx, session: SessionId, command: LinkCommand) {
        self.sessions.insert(printer.0, session);
        self.log.push(command.clone());
        self.commands.push(command.clone());
        if let LinkCommand::Send { job, attempt, part, fence, mark, .. } = command {
            self.sent.push(Sent { printer, job, attempt, part, fence, mark });
        }
    }

    /// Writes what waits.
    pub fn write(&mut self) {
        while !self.waiting.is_empty() {
            let (batch, _, ops) = self.waiting.remove(0);
            for op in ops {
                match op {
                    StoreOp::Put { table, key, value } => {
                        self.rows.insert((table, key), value);
                    }
                    StoreOp::Delete { table, key } => {
                        self.rows.remove(&(table, key));
                    }
                    StoreOp::PutBody { .. } | StoreOp::DeleteBody { .. } => {}
                }
            }
            self.tell(Input::Persisted(batch));
        }
    }

    /// Refuses what waits.
    pub fn refuse(&mut self, fault: StoreFault) {
        for (batch, ..) in std::mem::take(&mut self.waiting) {
            self.tell(Input::PersistFailed(batch, fault));
        }
    }

    /// The daemon is gone and comes back; only what was written is known.
    pub fn restart(&mut self) {
        self.waiting.clear();
        let jobs = self.rows.iter().filter(|((table, _), _)| *table == Table::Active);
        let printers = self.rows.iter().filter(|((table, _), _)| *table == Table::Printers);
        let counters = self.rows.get(&(Table::Meta, record::COUNTERS_KEY.to_vec()));
        let spooled = Spooled {
            counters: counters.map(|value| record::decode(value).unwrap()),
            active: jobs.map(|(_, value)| record::decode(value).unwrap()).collect(),
            printers: printers
                .map(|((_, key), value)| {
                    (String::from_utf8(key.clone()).unwrap(), record::decode(value).unwrap())
                })
                .collect(),
        };
        self.core = Core::start(self.config.clone(), spooled, self.now());
        self.core.set_watched(true);
        self.drain();
    }

    /// Time goes by; questions of the core are answered by the printer's voice.
    pub fn pass(&mut self, ms: u64) {
        let until = self.us + ms * 1_000;
        loop {
            self.speak();
            match self.core.next_deadline().filter(|at| at.0 <= until) {
                Some(at) => {
                    self.us = self.us.max(at.0);
                    self.tell(Input::Tick);
                }
                None => break,
            }
        }
        self.us = until;
    }

    /// Answers the questions that were asked since the last time.
    pub fn speak(&mut self) {
        while !self.commands.is_empty() {
            let query = match self.commands.remove(0) {
                LinkCommand::Ask(query) => query,
                LinkCommand::Page(_) => {
                    match self.page_ms {
                        Some(ms) => {
                            self.link(P0, LinkEvent::PageTaken);
                            self.us += ms * 1_000;
                        }
                        // So the questions behind it are not taken either.
                        None => self.commands.clear(),
                    }
                    continue;
                }
                _ => continue,
            };
            let voice = self.voice;
            let reply = match query {
                Query::AsbOn => voice.asb.then_some(Reply::Asb([0x14, 0, 0, 0x0F])),
                Query::RealTime(n) => {
                    let byte = if self.paper_out && n == 4 { 0x72 } else { 0x12 };
                    voice.real_time.then_some(Reply::RealTime { n, byte })
                }
                Query::PaperInOrder => voice.in_order.then_some(Reply::PaperInOrder(0)),
                Query::Info(info) => voice.real_time.then(|| Reply::Info(info, "ACME".into())),
                Query::Counter(counter @ Counter::LinesFed) => {
                    voice.counters.then_some(Reply::Counter(counter, self.lines_fed))
                }
                Query::Counter(counter) => voice.counters.then_some(Reply::Counter(counter, 1)),
                Query::Echo(id) => voice.echo.then(|| Reply::Echo(id.to_wire())),
                Query::PortStatus => voice.real_time.then_some(Reply::PortStatus(0x18)),
            };
            // One voice for all printers: who is asked while others are quiet answers.
            let Some(reply) = reply else { continue };
            for (printer, session) in self.sessions.clone() {
                let event = LinkEvent::Reply(reply.clone());
                self.tell(Input::Link { printer: PrinterIx(printer), session, event });
            }
        }
    }

    pub fn link(&mut self, printer: PrinterIx, event: LinkEvent) {
        let session = self.sessions[&printer.0];
        self.tell(Input::Link { printer, session, event });
    }

    pub fn says(&mut self, reply: Reply) {
        self.link(P0, LinkEvent::Reply(reply));
    }

    /// The session opens and becomes ready.
    pub fn open(&mut self, printer: PrinterIx) {
        self.link(printer, LinkEvent::Opened);
        self.pass(15_000);
        assert!(self.core.is_ready(printer), "{:?}", self.core.printer_view(printer));
    }

    pub fn lose(&mut self, printer: PrinterIx) {
        self.link(printer, LinkEvent::Ended(LinkFault::Lost));
    }

    /// The printer takes everything that was sent so far.
    pub fn take_all(&mut self) {
        let mut at = 0;
        while at < self.sent.len() {
            let Sent { printer, job, attempt, part, .. } = self.sent[at].clone();
            self.link(printer, LinkEvent::Taken { job, attempt, part });
            at += 1;
        }
    }

    /// The printer takes everything, prints for `ms`, and echoes every fence.
    pub fn print_all(&mut self, ms: u64) {
        self.take_all();
        self.us += ms * 1_000;
        let mut at = 0;
        while at < self.sent.len() {
            let Sent { printer, job, attempt, part, fence, .. } = self.sent[at].clone();
            self.link(printer, LinkEvent::Taken { job, attempt, part });
            match fence {
                Some(Fence::Echo(id)) => {
                    self.lines_fed += 1;
                    self.link(printer, LinkEvent::Reply(Reply::Echo(id.to_wire())));
                }
                Some(Fence::PaperInOrder) => self.link(printer, LinkEvent::Reply(Reply::PaperInOrder(0))),
                None => {}
            }
            at += 1;
        }
        self.sent.clear();
        self.speak();
    }

    pub fn ask(&mut self, caller: Caller, request: Request) -> u64 {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.tell(Input::Request { ticket, caller, request });
        self.tickets
    }

    pub fn answer(&self, ticket: u64) -> Result<Answer, Refusal> {
        self.answers.get(&ticket).cloned().expect("an answer")
    }

    pub fn asked(&mut self, request: Request) -> Result<Answer, Refusal> {
        let ticket = self.ask(APP, request);
        self.answer(ticket)
    }

    /// Submits and returns the jobs.
    pub fn submit(&mut self, mut submission: Submission) -> Result<Vec<JobId>, Refusal> {
        submission.known = self.key(&submission.key);
        match self.asked(Request::Submit(submission))? {
            Answer::Accepted { jobs, .. } => Ok(jobs.into_iter().map(|(id, _)| id).collect()),
            other => panic!("{other:?}"),
        }
    }

    /// Submits a receipt of 20 lines and returns its job.
    pub fn sale(&mut self, key: &str) -> JobId {
        self.submit(submission(key, &[20])).expect("accepted")[0]
    }

    pub fn reprint(&mut self, job: JobId, key: &str) -> Result<Answer, Refusal> {
        self.adopt(job);
        self.asked(Request::Reprint {
            job,
            note: "lost".into(),
            key: key.into(),
            key_hash: hash(key),
            known: self.key(key),
            body_kept: true,
        })
    }

    pub fn adopt(&mut self, job: JobId) {
        if let Some(value) = self.rows.get(&(Table::Finished, job_key(job))) {
            self.core.adopt(record::decode::<JobRecord>(value).unwrap().at_rest());
        }
    }

    pub fn key(&self, key: &str) -> Option<KeyRecord> {
        let value = self.rows.get(&(Table::Keys, hash(key).to_vec()))?;
        Some(record::decode(value).unwrap())
    }

    /// A job as it lies in the spool.
    pub fn job(&self, job: JobId) -> JobRecord {
        let row = |table| self.rows.get(&(table, job_key(job)));
        record::decode(row(Table::Active).or(row(Table::Finished)).expect("a row")).unwrap()
    }

    pub fn state(&self, job: JobId) -> JobState {
        self.job(job).state
    }

    pub fn echo_of(&self, sent: &Sent) -> ProcessId {
        match sent.fence {
            Some(Fence::Echo(id)) => id,
            other => panic!("no echo: {other:?}"),
        }
    }

    pub fn hold(&self, submission: Submission) -> Submission {
        Submission { policy: Some(Policy::Hold), ..submission }
    }
}
