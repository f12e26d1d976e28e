//! The life of a survey: ask one thing after another, print a page, ask behind it, report.
//!
//! It occupies the printer like a job: it begins only when nothing is under way and nothing waits, no job begins
//! before it is over, and every step of it has a deadline. So it never interleaves with a job. What interrupts it ends
//! the session too, so that nothing of its page or its questions is left to be taken for a job's; the next session
//! listens and sends NULs first, as always. The page is no receipt: nothing of a survey is spooled, and nothing of it
//! can become uncertain.
//!
//! Left to others: the words (this module's parent), the state (`state`), what is learned of a printer otherwise (`session`, `printing`).

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::engine::Core;
use crate::evidence::{Ability, Judgement, estimate_us, judge};
use crate::ids::{PrinterIx, ProcessId, Ticket};
use crate::limits::{FIRST_ANSWER_US, OLD_ANSWERS_US, SETTLE_MARGIN_US, SURVEY_PROOF_US};
use crate::link::{Counter, LinkCommand, LinkFault, Reply};
use crate::printer::{Phase, Printer};
use crate::record::Identity;
use crate::request::{Answer, Caller, Refusal};
use crate::survey::state::{Step, Survey, patience, queries, steps};
use crate::survey::{Asked, Moment, Road, Said, SurveyEnd, SurveyPage, SurveyReport, Unready};

impl Core {
    /// Begins a survey, or says why not.
    pub(crate) fn survey(
        &mut self,
        ticket: Ticket,
        caller: Caller,
        name: &str,
        road: Road,
        page: SurveyPage,
    ) -> Result<(), Refusal> {
        if !caller.operator {
            return Err(Refusal::NotAllowed);
        }
        if self.closing {
            return Err(Refusal::ShuttingDown);
        }
        let ix = self.printer_named(name).ok_or(Refusal::UnknownPrinter)?;
        if let Some(why) = unready(self.printer(ix)) {
            return Err(Refusal::NotReady { why });
        }
        let mono = self.now.mono;
        let printer = self.printer(ix);
        let settled = mono.us_since(printer.well_since) >= OLD_ANSWERS_US && printer.asb_seen;
        let (abilities, best, identity) =
            (printer.abilities, printer.abilities.best(), printer.identity.clone());
        let survey = Survey {
            ticket,
            page,
            steps: steps(road),
            moment: Moment::Idle,
            since: mono,
            open: Vec::new(),
            echo: ProcessId::new(0),
            real_time: [None; 4],
            second_round: false,
            strays: 0,
            taken: false,
            owed: 0,
            owes_for_survey: false,
            old_answers: printer.owes_answer && !settled,
            report: SurveyReport {
                findings: Vec::new(),
                taken_us: None,
                end: None,
                abilities,
                best,
                identity,
            },
        };
        printer.survey = Some(Box::new(survey));
        printer.told = Identity::default();
        self.survey_goes_on(ix);
        Ok(())
    }

    /// The next step, or the end.
    fn survey_goes_on(&mut self, ix: PrinterIx) {
        loop {
            let Some(survey) = self.printer(ix).survey.as_mut() else { return };
            let Some(step) = survey.steps.pop_front() else {
                self.survey_complete(ix);
                return;
            };
            if survey.is_idle_step(step) {
                continue;
            }
            self.survey_step(ix, step);
            return;
        }
    }

    fn survey_step(&mut self, ix: PrinterIx, step: Step) {
        let mono = self.now.mono;
        let echo = self.next_probe_id();
        let Some(survey) = self.printer(ix).survey.as_mut() else { return };
        (survey.since, survey.echo, survey.taken) = (mono, echo, true);
        let (bytes, wait) = match step {
            Step::Ask(moment, asked) => {
                survey.moment = moment;
                survey.open.push(asked);
                (None, patience(asked))
            }
            Step::Page => {
                survey.moment = Moment::Page;
                // Only what is answered at all is waited for.
                survey.open =
                    survey.answered(Moment::Idle, &[Asked::InOrder, Asked::Echo]).collect::<Vec<_>>();
                survey.taken = false;
                (Some(survey.page.body.clone()), estimate_us(survey.page.dots) * 3 + SURVEY_PROOF_US)
            }
            Step::Tail => {
                survey.moment = Moment::Tail;
                survey.open = survey.answered(Moment::Page, &[Asked::Echo, Asked::InOrder]).take(1).collect();
                survey.taken = false;
                let dots = survey.page.paper_dots.saturating_sub(survey.page.dots);
                (Some(survey.page.tail.clone()), estimate_us(dots) * 3 + SURVEY_PROOF_US)
            }
        };
        let open = survey.open.clone();
        self.enter_phase(ix, Phase::Surveying { until: mono.plus_us(wait) });
        if let Some(bytes) = bytes {
            self.command(ix, LinkCommand::Page(bytes));
        }
        for asked in open {
            self.survey_asks(ix, asked);
        }
    }

    fn survey_asks(&mut self, ix: PrinterIx, asked: Asked) {
        if asked == Asked::InOrder {
            self.survey_owes(ix);
        }
        let Some(survey) = self.printer(ix).survey.as_ref() else { return };
        for query in queries(asked, survey.echo) {
            self.command(ix, LinkCommand::Ask(query));
        }
    }

    /// A restart before the answer to `GS r`, which carries no name, would find it in the next session.
    fn survey_owes(&mut self, ix: PrinterIx) {
        let printer = self.printer(ix);
        let first = !printer.owes_answer;
        printer.owes_answer = true;
        if let Some(survey) = printer.survey.as_mut() {
            survey.owed += 1;
            survey.owes_for_survey |= first;
        }
        if first {
            self.record_printer(ix);
        }
    }

    /// The printer said something while it is surveyed.
    pub(crate) fn survey_heard(&mut self, ix: PrinterIx, reply: &Reply) {
        let mono = self.now.mono;
        let Some(survey) = self.printer(ix).survey.as_mut() else { return };
        let Some((asked, heard)) = survey.fits(reply) else { return };
        survey.open.retain(|open| *open != asked);
        if asked == Asked::InOrder {
            survey.owed = survey.owed.saturating_sub(1);
        }
        let after_us = mono.us_since(survey.since);
        let judged = survey.moment == Moment::Page
            && (asked == Asked::Echo || asked == Asked::InOrder && !survey.old_answers);
        let judgement = judged.then(|| judge(survey.page.dots, after_us));
        survey.found(asked, Some(Said { after_us, heard, judgement }));
        if survey.open.is_empty() && survey.taken {
            self.survey_goes_on(ix);
        }
    }

    /// The page, or its tail, was taken.
    pub(crate) fn survey_page_taken(&mut self, ix: PrinterIx) {
        let mono = self.now.mono;
        let Some(survey) = self.printer(ix).survey.as_mut() else { return };
        survey.taken = true;
        let dots = match survey.moment {
            Moment::Page => {
                survey.report.taken_us = Some(mono.us_since(survey.since));
                survey.page.dots
            }
            _ => survey.page.paper_dots.saturating_sub(survey.page.dots),
        };
        if survey.open.is_empty() {
            // Nothing will tell when it is out.
            let until = mono.plus_us(estimate_us(dots) + SETTLE_MARGIN_US);
            self.printer(ix).phase = Phase::Surveying { until };
        }
    }

    /// The time of a step is over: what is open will not be answered.
    pub(crate) fn survey_timed_out(&mut self, ix: PrinterIx) {
        let mono = self.now.mono;
        let Some(survey) = self.printer(ix).survey.as_mut() else { return };
        if !survey.taken {
            self.survey_breaks_off(ix, SurveyEnd::Stalled);
            return;
        }
        if survey.open == [Asked::RealTime] && !core::mem::replace(&mut survey.second_round, true) {
            // Some printers know only some of the four, and their answers can't be told apart. The second round
            // brings to light how many there were.
            survey.real_time = [None; 4];
            survey.since = mono;
            self.printer(ix).phase = Phase::Surveying { until: mono.plus_us(FIRST_ANSWER_US) };
            self.survey_asks(ix, Asked::RealTime);
            return;
        }
        let (open, echo) = (core::mem::take(&mut survey.open), survey.echo);
        for asked in open {
            for query in queries(asked, echo) {
                self.command(ix, LinkCommand::Forget(query));
            }
            if let Some(survey) = self.printer(ix).survey.as_mut() {
                survey.found(asked, None);
            }
        }
        self.survey_goes_on(ix);
    }

    /// Something came between: the session goes too, so that nothing of the survey is left in it.
    pub(crate) fn survey_breaks_off(&mut self, ix: PrinterIx, why: SurveyEnd) {
        if self.printer(ix).survey.is_some() {
            self.survey_ends(ix, Some(why));
            self.drop_session(ix);
        }
    }

    /// The session is over, and with it a survey.
    pub(crate) fn survey_lost(&mut self, ix: PrinterIx, fault: LinkFault) {
        let why = if self.closing { SurveyEnd::ShuttingDown } else { SurveyEnd::Link(fault) };
        self.survey_ends(ix, Some(why));
    }

    fn survey_complete(&mut self, ix: PrinterIx) {
        self.survey_ends(ix, None);
        let printer = self.printer(ix);
        // What it answered now is old news when the next job comes.
        printer.answered = false;
        self.enter_phase(ix, Phase::Ready);
        self.start_next(ix);
    }

    /// Takes in what was learned, and answers.
    fn survey_ends(&mut self, ix: PrinterIx, end: Option<SurveyEnd>) {
        let Some(mut survey) = self.printer(ix).survey.take() else { return };
        let printer = self.printer(ix);
        let before = printer.learned();
        if survey.owes_for_survey && survey.owed == 0 {
            printer.owes_answer = false;
        }
        if !survey.said(Moment::After, Asked::Counter(Counter::LinesFed)) {
            // The page has turned it on, nobody knows how far.
            printer.lines = None;
        }
        if !printer.vouched() {
            learn(printer, &survey);
        }
        let changed = printer.learned() != before;
        printer.known |= changed;
        survey.report.end = end;
        (survey.report.abilities, survey.report.best) = (printer.abilities, printer.abilities.best());
        survey.report.identity = printer.identity.clone();
        if changed {
            self.record_printer(ix);
        }
        self.reply(survey.ticket, Ok(Answer::Survey(Box::new(survey.report))));
    }
}

/// Why this printer can't be surveyed now.
fn unready(printer: &Printer) -> Option<Unready> {
    if printer.survey.is_some() {
        return Some(Unready::Surveyed);
    }
    if let Some(current) = &printer.current {
        return Some(Unready::Printing(current.job));
    }
    match (printer.phase, printer.condition.blocked()) {
        (Phase::Stalled { .. }, _) => Some(Unready::Stalled),
        (Phase::Waiting { .. } | Phase::Closed, _) => Some(Unready::NotConnected(printer.fault)),
        (Phase::Opening, _) if printer.link_waits => Some(Unready::NotConnected(printer.fault)),
        (_, Some(why)) => Some(Unready::Blocked(why)),
        (Phase::Ready, None) if printer.queue.is_empty() => None,
        (Phase::Ready | Phase::Preflight { .. } | Phase::Surveying { .. }, None) => Some(Unready::JobsWait),
        (Phase::Opening | Phase::Draining { .. } | Phase::Asking { .. } | Phase::Probing { .. }, None) => {
            Some(Unready::Opening)
        }
    }
}

/// What the printer is known for from now on. One silence takes nothing away from what it was seen to do: the probe of
/// the next session decides that. A lie does.
fn learn(printer: &mut Printer, survey: &Survey) {
    let abilities = &mut printer.abilities;
    abilities.real_time |= survey.said(Moment::Idle, Asked::RealTime);
    abilities.asb |= survey.said(Moment::Idle, Asked::Asb);
    abilities.counters |= survey.said(Moment::Idle, Asked::Counter(Counter::LinesFed));
    for (ability, asked) in [(&mut abilities.in_order, Asked::InOrder), (&mut abilities.echo, Asked::Echo)] {
        let judgement = survey.said_what(Moment::Page, asked).and_then(|said| said.judgement);
        *ability = match (*ability, judgement) {
            (Ability::Lies, _) | (_, Some(Judgement::Impossible)) => Ability::Lies,
            (_, Some(Judgement::Believable)) => Ability::Proven,
            (Ability::No, _) if survey.said(Moment::Idle, asked) => Ability::Claimed,
            (known, _) => known,
        };
    }
    if printer.identity == Identity::default() {
        printer.identity = printer.told.clone();
    }
}
