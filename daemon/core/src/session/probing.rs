//! What a printer just opened is asked before it gets work: its condition, whether it echoes ids, who it is.

use crate::engine::{Class, Core, Draft};
use crate::evidence::{Ability, Closing, Grade};
use crate::ids::{PrinterIx, ProcessId};
use crate::limits::{DRAIN_DOUBT_MAX_US, FIRST_ANSWER_US, PROBE_US};
use crate::link::{Counter, Info, LinkCommand, Query};
use crate::printer::Phase;
use crate::record::{StoreOp, Table, encode};

/// Ids of probes are in the upper half of the numbers, those of attempts in the lower, so that an answer to
/// an earlier probe is never taken for a proof.
const PROBE_IDS: u32 = ProcessId::COUNT / 2;

impl Core {
    pub(super) fn ask_condition(&mut self, ix: PrinterIx, asb: bool) {
        self.printer(ix).answered = false;
        if asb {
            self.command(ix, LinkCommand::Ask(Query::AsbOn));
        }
        for n in 1..=4 {
            self.command(ix, LinkCommand::Ask(Query::RealTime(n)));
        }
    }

    pub(super) fn begin_asking(&mut self, ix: PrinterIx) {
        let printer = self.printer(ix);
        // Whoever is vouched to say nothing is not asked anything.
        let mute = printer.vouched() && printer.abilities.closing() == Closing::Taken(Grade::D);
        if mute {
            self.become_ready(ix);
            return;
        }
        let until = self.now.mono.plus_us(FIRST_ANSWER_US);
        self.enter_phase(ix, Phase::Asking { until });
        self.ask_condition(ix, true);
    }

    /// Once the condition is known and good, who it is and what it can is asked in order.
    pub(super) fn asked_enough(&mut self, ix: PrinterIx, timed_out: bool) {
        let printer = self.printer(ix);
        if !matches!(printer.phase, Phase::Asking { .. }) {
            return;
        }
        if !printer.condition.heard {
            if timed_out {
                self.silent(ix);
            }
            return;
        }
        if printer.condition.blocked().is_some() {
            if timed_out {
                // Ordered questions are not executed while it is offline: wait for a person.
                printer.phase = Phase::Asking { until: crate::time::Mono(u64::MAX) };
                self.watch_blocked(ix);
            }
            return;
        }
        if timed_out || (printer.asb_seen && printer.answered) {
            self.begin_probing(ix);
        }
    }

    /// It did not answer the first questions at all.
    pub(super) fn silent(&mut self, ix: PrinterIx) {
        let printer = self.printer(ix);
        let used_to_answer = printer.known && (printer.abilities.asb || printer.abilities.real_time);
        if (used_to_answer || printer.vouched()) && printer.silent_sessions < 2 {
            printer.silent_sessions += 1;
            self.drop_session(ix);
            return;
        }
        printer.silent_sessions = 0;
        if !printer.vouched() {
            printer.abilities = crate::evidence::Abilities::default();
            printer.identity = crate::record::Identity::default();
            printer.known = true;
            self.record_printer(ix);
        }
        self.become_ready(ix);
    }

    pub(super) fn begin_probing(&mut self, ix: PrinterIx) {
        self.printer(ix).silent_sessions = 0;
        let printer = self.printer(ix);
        let ordered = !matches!(printer.abilities.closing(), Closing::Taken(_));
        if printer.vouched() && !(printer.resync && ordered) && !printer.abilities.counters {
            self.become_ready(ix);
            return;
        }
        let echo = self.next_probe_id();
        let printer = self.printer(ix);
        let resync = printer.resync;
        // The answers come only when the printer is through with what an earlier session left in its buffer, if
        // only a cut; a printer that used to echo must not lose its grade by that.
        let used_to_echo =
            printer.known && matches!(printer.abilities.echo, Ability::Claimed | Ability::Proven);
        let patient = used_to_echo || !printer.doubtful.is_empty();
        let wait = if patient { PROBE_US + DRAIN_DOUBT_MAX_US } else { PROBE_US };
        let until = self.now.mono.plus_us(wait);
        let printer = self.printer(ix);
        printer.told = crate::record::Identity::default();
        printer.told_in_order = false;
        printer.told_echo = false;
        let vouched = printer.vouched();
        let abilities = printer.abilities;
        self.enter_phase(ix, Phase::Probing { until, echo });
        if resync {
            self.command(ix, LinkCommand::Resync);
        }
        if !vouched {
            for info in [Info::Maker, Info::Model, Info::Serial, Info::Firmware] {
                self.command(ix, LinkCommand::Ask(Query::Info(info)));
            }
        }
        // Without vouching they are asked behind the echo: a serial number that is all digits and a counter
        // look alike, so the two kinds of question are never open together.
        if vouched && abilities.counters {
            self.command(ix, LinkCommand::Ask(Query::Counter(Counter::LinesFed)));
        }
        if !vouched || abilities.in_order != Ability::No {
            // A restart before the answer would find it in the next session.
            let printer = self.printer(ix);
            printer.owes_probe = !printer.owes_answer;
            if printer.owes_probe {
                printer.owes_answer = true;
                self.record_printer(ix);
            }
            self.command(ix, LinkCommand::Ask(Query::PaperInOrder));
        }
        if !vouched || abilities.echo != Ability::No {
            self.command(ix, LinkCommand::Ask(Query::Echo(echo)));
        }
    }

    /// An id that was not used lately.
    pub(crate) fn next_probe_id(&mut self) -> ProcessId {
        self.next_probe = (self.next_probe + 1) % PROBE_IDS;
        ProcessId::new(PROBE_IDS + self.next_probe)
    }

    /// What was not answered by now is not waited for any more.
    pub(super) fn probe_timed_out(&mut self, ix: PrinterIx) {
        let echoed = self.printer(ix).told_echo;
        if echoed {
            self.command(ix, LinkCommand::Forget(Query::Counter(Counter::LinesFed)));
        } else {
            for info in [Info::Maker, Info::Model, Info::Serial, Info::Firmware] {
                self.command(ix, LinkCommand::Forget(Query::Info(info)));
            }
            if !self.printer(ix).told_in_order {
                self.command(ix, LinkCommand::Forget(Query::PaperInOrder));
            }
        }
        self.probed(ix, echoed);
    }

    /// The probe is over; `echoed` says whether the id came.
    pub(super) fn probed(&mut self, ix: PrinterIx, echoed: bool) {
        let printer = self.printer(ix);
        printer.resync = false;
        // An answer that did not come yet may still come, and carries no name.
        let paid = core::mem::take(&mut printer.owes_probe) && printer.told_in_order;
        printer.owes_answer &= !paid;
        if printer.vouched() {
            if paid {
                self.record_printer(ix);
            }
        } else {
            let same = printer.known && printer.identity == printer.told;
            let keep = |known: Ability, answered: bool| match (same, known, answered) {
                (true, Ability::Proven | Ability::Lies, true) => known,
                (_, _, true) => Ability::Claimed,
                (_, _, false) => Ability::No,
            };
            let before = printer.learned();
            printer.abilities.echo = keep(printer.abilities.echo, echoed);
            printer.abilities.in_order = keep(printer.abilities.in_order, printer.told_in_order);
            printer.abilities.counters = printer.lines.is_some();
            printer.abilities.asb = printer.asb_seen;
            printer.abilities.real_time = printer.real_time_seen;
            printer.identity = printer.told.clone();
            if paid || !printer.known || printer.learned() != before {
                printer.known = true;
                self.record_printer(ix);
            }
        }
        self.become_ready(ix);
    }

    pub(crate) fn record_printer(&mut self, ix: PrinterIx) {
        let printer = self.printer(ix);
        let (key, value) = (printer.config.name.clone().into_bytes(), encode(&printer.learned()));
        let mut draft = Draft::new(Class::Progress);
        draft.ops.push(StoreOp::Put { table: Table::Printers, key, value });
        self.persist(draft);
    }
}
