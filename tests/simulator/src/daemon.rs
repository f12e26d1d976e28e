//! The daemon's shell around the core: inputs in, outputs carried out, death and birth.

use receiptd_core::ids::{BatchId, JobId, PrinterIx, SessionId, Ticket};
use receiptd_core::job::JobState;
use receiptd_core::link::{LinkCommand, LinkEvent, LinkFault, Part, Reply};
use receiptd_core::record::{Cut, StoreOp, Table};
use receiptd_core::request::{Answer, Caller, Refusal, Request};
use receiptd_core::{Class, Core, Input, Output, StoreFault};

use crate::check::records;
use crate::clock::SECOND;
use crate::receipt::Receipt;
use crate::world::{Event, World};

impl World {
    /// Whether there is a daemon to ask.
    pub(crate) fn daemon_listens(&self) -> bool {
        self.core.is_some()
    }

    pub(crate) fn tick(&mut self) {
        self.tell(Input::Tick);
    }

    pub(crate) fn tell_request(&mut self, ticket: Ticket, caller: Caller, request: Request) {
        self.tell(Input::Request { ticket, caller, request });
    }

    pub(crate) fn tell_link(&mut self, index: usize, session: SessionId, event: LinkEvent) {
        if self.core.is_none() {
            return;
        }
        let event = match event {
            LinkEvent::Reply(reply) => LinkEvent::Reply(self.devices[index].link.attribute(reply)),
            other => other,
        };
        self.coverage_of_event(&event);
        let at = self.now_us();
        match &event {
            LinkEvent::Ended(_) if self.devices[index].link.session == Some(session) => {
                self.note_interrupted(index);
            }
            LinkEvent::Taken { job, attempt, .. } => self.check.taken(*job, *attempt, at),
            LinkEvent::Reply(Reply::RealTime { n: 4, .. }) => self.check.answered(index, at),
            _ => {}
        }
        self.tell(Input::Link { printer: PrinterIx(index as u16), session, event });
    }

    /// Whatever is under way on that printer has lost its link.
    fn note_interrupted(&mut self, index: usize) {
        let view = self.core.as_ref().and_then(|c| c.printer_view(PrinterIx(index as u16)));
        if let Some(job) = view.and_then(|v| v.current)
            && let Some(record) = self.disk.job(job)
            && matches!(record.state, JobState::Sending { .. })
        {
            self.check.interrupted.insert((job, record.attempts));
        }
    }

    /// One input, and everything that follows from it.
    pub(crate) fn tell(&mut self, input: Input) {
        let now = self.clock.now();
        let at = self.now_us();
        let Some(core) = self.core.as_mut() else { return };
        if !matches!(input, Input::Tick) {
            self.trace.say(at, || format!("> {input:?}"));
        }
        self.trace.mix(at);
        core.handle(now, input);
        self.carry_out();
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.core.as_mut().and_then(Core::poll_output) {
            if self.check.breach.is_some() {
                return;
            }
            if !self.calm && self.rng.below(100_000) < self.scenario.torn_outputs {
                self.coverage.hit("crashes between outputs");
                self.crash("between two outputs");
                return;
            }
            self.output(output);
        }
        let ended = self.closing && self.core.as_ref().is_some_and(Core::is_quiet);
        if ended {
            self.coverage.hit("clean ends");
            self.crash("ended as asked");
        }
    }

    fn output(&mut self, output: Output) {
        let at = self.now_us();
        if !matches!(output, Output::PrinterNews(_)) {
            self.trace.say(at, || match &output {
                Output::Persist { batch, class, ops } => {
                    let jobs: Vec<String> =
                        records::jobs(ops).map(|r| format!("{} {:?}", r.id, r.state)).collect();
                    format!("< Persist {batch:?} {class:?} {} ops {jobs:?}", ops.len())
                }
                Output::JobNews(record) => format!("< JobNews {} {:?}", record.id, record.state),
                other => format!("< {other:?}"),
            });
        }
        match output {
            Output::Persist { batch, class, ops } => self.persist(batch, class, ops),
            Output::Reply { ticket, answer } => self.reply(ticket, &answer),
            Output::Link { printer, session, command } => {
                self.trace.mix(session.0);
                self.command(usize::from(printer.0), session, command);
            }
            Output::JobNews(record) => self.check.told(&record, "news"),
            Output::PrinterNews(_) => {}
        }
    }

    fn persist(&mut self, batch: BatchId, class: Class, ops: Vec<StoreOp>) {
        let at = self.now_us();
        for record in records::jobs(&ops) {
            self.coverage_of_record(&record);
            let index = self.scenario.config.printers.iter().position(|p| p.name == record.printer);
            if let Some((index, device)) = index.and_then(|i| Some((i, self.devices.get(i)?))) {
                self.check.claimed(&record, index, &device.machine, at);
            }
        }
        for op in &ops {
            if let StoreOp::Put { value, .. } = op {
                self.trace.mix_bytes(value);
            }
        }
        if self.disk.waiting() >= self.scenario.store_queue {
            self.coverage.hit("store busy");
            self.queue.at(at, Event::Stored(self.run, vec![(batch, Err(StoreFault::Busy))]));
            return;
        }
        if self.disk.take(batch, class, ops) {
            let took = 1 + self.rng.below(self.scenario.write_us);
            self.queue.at(at + took, Event::Disk(self.disk_epoch));
        }
    }

    pub(crate) fn disk_works(&mut self, epoch: u64) {
        if epoch != self.disk_epoch || self.disk.waiting() == 0 {
            return;
        }
        let (done, durable) = self.disk.work(&mut self.rng);
        self.check.durable(&durable);
        for (_, result) in &done {
            match result {
                Err(StoreFault::Full) => self.coverage.hit("batches refused: disk full"),
                Err(StoreFault::Failed) => self.coverage.hit("batches failed"),
                _ => {}
            }
        }
        let now = self.now_us();
        let told = now + self.rng.below(2_000);
        self.queue.at(told, Event::Stored(self.run, done));
        if self.disk.waiting() > 0 {
            let took = told - now + 1 + self.rng.below(self.scenario.write_us);
            self.queue.at(now + took, Event::Disk(self.disk_epoch));
        }
    }

    pub(crate) fn stored(&mut self, run: u64, done: Vec<(BatchId, Result<(), StoreFault>)>) {
        for (batch, result) in done {
            if run != self.run {
                return;
            }
            self.tell(match result {
                Ok(()) => Input::Persisted(batch),
                Err(fault) => Input::PersistFailed(batch, fault),
            });
        }
    }

    fn reply(&mut self, ticket: Ticket, answer: &Result<Answer, Refusal>) {
        let Some(asked) = self.asked.remove(&ticket) else {
            self.check.fail("P5", format!("{ticket:?} was answered twice: {answer:?}"));
            return;
        };
        match (&asked.request, answer) {
            (Request::Submit(new), Ok(Answer::Accepted { jobs, existed })) => {
                if *existed {
                    self.coverage.hit("asked twice, got one");
                }
                let ids: Vec<JobId> = jobs.iter().map(|(id, _)| *id).collect();
                self.check.accepted(new.key_hash, new.content, &ids, &self.disk);
            }
            (Request::Submit(new), Err(Refusal::KeyConflict { .. })) => {
                self.coverage.hit("key conflicts");
                self.check.conflict(new.key_hash, new.content);
            }
            (Request::Reprint { job, key_hash, .. }, Ok(Answer::Reprint(new))) => {
                self.coverage.hit("reprints accepted");
                let root = self.disk.job(*job).and_then(|r| r.reprint_of).unwrap_or(*job);
                self.check.reprint_accepted(*key_hash, root, *new, &self.disk);
            }
            (_, Ok(Answer::Job(record))) => self.check.told(record, "answer"),
            (_, Ok(Answer::Survey(report))) => {
                self.coverage.hit(if report.end.is_none() { "surveys" } else { "surveys broken off" });
            }
            (_, Err(Refusal::NotReady { .. })) => self.coverage.hit("refused: survey"),
            (_, Ok(Answer::Jobs(page))) => {
                for record in page {
                    self.check.told(record, "list");
                }
            }
            (_, Err(Refusal::QueueFull | Refusal::ShareFull)) => self.coverage.hit("refused: queue full"),
            (_, Err(Refusal::Busy)) => self.coverage.hit("refused: busy"),
            (_, Err(Refusal::Unwritten { .. })) => self.coverage.hit("refused: not written yet"),
            (_, Err(Refusal::StoreFull)) => self.coverage.hit("refused: disk full"),
            (_, Err(Refusal::StoreFailed)) => self.coverage.hit("refused: disk failed"),
            (_, Err(Refusal::WrongState { .. })) => self.coverage.hit("refused: wrong state"),
            _ => {}
        }
        if self.rng.permille(self.scenario.lost_replies) && !self.calm {
            self.coverage.hit("replies lost");
            return;
        }
        self.answered(&asked, answer);
    }

    fn command(&mut self, index: usize, session: SessionId, command: LinkCommand) {
        let at = self.now_us();
        if let LinkCommand::Open = command {
            self.devices[index].link.session = Some(session);
            let took = 1_000 + self.rng.below(50_000);
            self.queue.at(at + took, Event::Open(index, session));
            return;
        }
        if let LinkCommand::Send { job, body_of, attempt, part, mark, .. } = &command {
            let Some(receipt) = self.disk.body(*body_of).and_then(|b| Receipt::from_body(&b)) else {
                self.coverage.hit("bodies unreadable");
                self.end_session(index, false);
                self.queue.at(at, Event::Tell(index, session, LinkEvent::Ended(LinkFault::BodyUnreadable)));
                return;
            };
            let recorded = self.disk.job(*job).is_some_and(|r| {
                r.attempts == *attempt && (matches!(r.state, JobState::Sending { .. }) || r.state.is_final())
            });
            if !recorded {
                self.check.fail("P2", format!("bytes of job {job} went out before its record was durable"));
            }
            if *part == Part::Body(0) {
                self.check.sent(receipt.content, (*job, *attempt), mark.as_ref(), at);
            }
            let link = &mut self.devices[index].link;
            if link.opened && link.session == Some(session) {
                link.send(&command, receipt);
                self.kick(index);
            }
            return;
        }
        let link = &mut self.devices[index].link;
        if link.session != Some(session) || !link.opened {
            return;
        }
        match command {
            LinkCommand::Ask(query) => link.ask(query),
            LinkCommand::Resync => link.resync(),
            LinkCommand::Page(bytes) => link.page(bytes.len()),
            LinkCommand::Forget(query) => link.forget(query),
            LinkCommand::Close => self.end_session(index, true),
            LinkCommand::Open | LinkCommand::Prefetch(_) | LinkCommand::Send { .. } => {}
        }
        self.kick(index);
    }

    /// Gives the core what the spool has of a finished job.
    pub(crate) fn adopt(&mut self, job: JobId) {
        let Some(core) = self.core.as_mut() else { return };
        if !core.knows(job)
            && let Some(record) = self.disk.finished(job)
        {
            core.adopt(record.at_rest());
        }
    }

    /// The daemon is gone from one moment to the next.
    pub(crate) fn crash(&mut self, why: &str) {
        let at = self.now_us();
        self.trace.say(at, || format!("! the daemon is gone: {why}"));
        self.coverage_of_recovery();
        self.coverage.hit("crashes");
        self.core = None;
        self.closing = false;
        self.run += 1;
        self.disk_epoch += 1;
        self.asked.clear();
        let surprising = self.disk.crash(&mut self.rng);
        if !surprising.is_empty() {
            self.coverage.hit("batches on disk that nobody was told of");
        }
        self.check.durable(&surprising);
        for index in 0..self.devices.len() {
            if self.devices[index].link.cleared {
                // Nobody can know any more what the id that still comes is worth.
                for record in self.disk.jobs(Table::Active) {
                    self.check.excused.insert((record.id, record.attempts));
                }
            }
            self.end_session(index, true);
            self.devices[index].link.session = None;
        }
        let pause = match self.rng.below(10) {
            0..5 => self.rng.below(SECOND),
            5..9 => self.rng.below(6 * SECOND),
            _ => self.rng.below(60 * SECOND),
        };
        self.queue.at(at + 1_000 + pause, Event::Start(self.run));
    }

    /// The daemon starts from what is on the disk.
    pub(crate) fn start(&mut self, run: u64) {
        if run != self.run || self.core.is_some() {
            return;
        }
        let at = self.now_us();
        self.trace.say(at, || "! the daemon starts".to_owned());
        self.check.restarted(&self.disk);
        let spooled = self.disk.spooled();
        for record in &spooled.active {
            if record.cut == Cut::Open && matches!(record.state, JobState::Sending { .. }) {
                self.coverage.hit("restarts with a job under way");
            }
        }
        let config = self.scenario.config.clone();
        let mut core = Core::start_with(config, spooled, self.clock.now(), self.faults);
        core.set_watched(true);
        let originals = core.bodies_in_use();
        self.core = Some(core);
        for original in originals {
            self.adopt(original);
        }
        self.carry_out();
    }
}
