//! A survey under way: what is open, what comes next, which question an answer belongs to.
//!
//! Plain state and questions about it. What happens to it stands in `run`.

use alloc::collections::VecDeque;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::ids::{ProcessId, Ticket};
use crate::limits::{FIRST_ANSWER_US, PORT_STATUS_US, PROBE_US};
use crate::link::{Counter, Info, Query, Reply};
use crate::survey::{Asked, Finding, Heard, Moment, Road, Said, SurveyPage, SurveyReport};
use crate::time::Mono;

/// What a survey does at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask, and wait for the answer.
    Ask(Moment, Asked),
    /// Print the page, and ask behind it.
    Page,
    /// Feed and cut, and ask behind that.
    Tail,
}

/// A survey under way.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(super) ticket: Ticket,
    pub(super) page: SurveyPage,
    /// What comes after the present step.
    pub(super) steps: VecDeque<Step>,
    pub(super) moment: Moment,
    /// When the present step began.
    pub(super) since: Mono,
    /// Questions of the step that are open.
    pub(super) open: Vec<Asked>,
    pub(super) echo: ProcessId,
    /// Answers to `DLE EOT` 1 to 4.
    pub(super) real_time: [Option<u8>; 4],
    /// They were asked for the second time.
    pub(super) second_round: bool,
    pub(super) strays: u32,
    /// What was sent in this step is taken.
    pub(super) taken: bool,
    /// Answers to `GS r` that are still owed.
    pub(super) owed: u32,
    /// It was the survey that made the printer owe one.
    pub(super) owes_for_survey: bool,
    /// An answer to `GS r` may belong to a question from before.
    pub(super) old_answers: bool,
    pub(super) report: SurveyReport,
}

impl Survey {
    /// Whether there is nothing to do in this step.
    pub(super) fn is_idle_step(&self, step: Step) -> bool {
        match step {
            Step::Ask(Moment::After, asked) => !self.said(Moment::Idle, asked),
            Step::Tail => self.page.tail.is_empty(),
            Step::Ask(..) | Step::Page => false,
        }
    }

    pub(super) fn said(&self, moment: Moment, asked: Asked) -> bool {
        self.said_what(moment, asked).is_some()
    }

    pub(super) fn said_what(&self, moment: Moment, asked: Asked) -> Option<&Said> {
        let fits = |f: &&Finding| f.moment == moment && f.asked == asked;
        self.report.findings.iter().find(fits)?.said.as_ref()
    }

    pub(super) fn answered(&self, moment: Moment, which: &[Asked]) -> impl Iterator<Item = Asked> {
        which.iter().copied().filter(move |asked| self.said(moment, *asked))
    }

    pub(super) fn found(&mut self, asked: Asked, said: Option<Said>) {
        let strays = if asked == Asked::RealTime { core::mem::take(&mut self.strays) } else { 0 };
        self.report.findings.push(Finding { moment: self.moment, asked, said, strays });
    }

    /// Which open question this answers, if any.
    pub(super) fn fits(&mut self, reply: &Reply) -> Option<(Asked, Heard)> {
        let (asked, heard) = match reply {
            Reply::RealTime { n, byte } => {
                let place = self.real_time.get_mut(usize::from(*n).checked_sub(1)?)?;
                *place = Some(*byte);
                let bytes = self.real_time.into_iter().collect::<Option<Vec<u8>>>()?;
                (Asked::RealTime, Heard::Bytes(bytes))
            }
            Reply::PortStatus(byte) => (Asked::PortStatus, Heard::Bytes([*byte].into())),
            Reply::Asb(bytes) => (Asked::Asb, Heard::Bytes(bytes.as_slice().into())),
            Reply::Info(info, text) => (Asked::Info(*info), Heard::Text(text.clone())),
            Reply::PaperInOrder(byte) => (Asked::InOrder, Heard::Bytes([*byte].into())),
            Reply::Echo(wire) if ProcessId::from_wire(*wire) == Some(self.echo) => {
                (Asked::Echo, Heard::Text(self.echo.to_string()))
            }
            Reply::Counter(counter, number) => (Asked::Counter(*counter), Heard::Number(*number)),
            Reply::Nonsense(bytes) => {
                if self.open == [Asked::RealTime] {
                    self.strays = self.strays.saturating_add(*bytes);
                }
                return None;
            }
            Reply::Echo(_) | Reply::EchoFailed(_) | Reply::Cleared | Reply::PowerOff => return None,
        };
        self.open.contains(&asked).then_some((asked, heard))
    }
}

/// In which order: what can't be mistaken first; `GS I` before the ordered questions whose answers show that what was
/// asked before them will not be answered; counters last, since a serial number that is all digits looks like one.
pub(super) fn steps(road: Road) -> VecDeque<Step> {
    let idle = |asked| Step::Ask(Moment::Idle, asked);
    let mut steps = VecDeque::from([idle(Asked::RealTime)]);
    if road == Road::Usb {
        steps.push_back(idle(Asked::PortStatus));
    }
    steps.push_back(idle(Asked::Asb));
    for info in [Info::Maker, Info::Model, Info::Serial, Info::Firmware] {
        steps.push_back(idle(Asked::Info(info)));
    }
    steps.extend([Asked::InOrder, Asked::Echo].map(idle));
    let counters = [Counter::LinesFed, Counter::Cuts].map(Asked::Counter);
    steps.extend(counters.map(idle));
    steps.extend([Step::Page, Step::Tail]);
    steps.extend(counters.map(|asked| Step::Ask(Moment::After, asked)));
    steps
}

pub(super) fn queries(asked: Asked, echo: ProcessId) -> Vec<Query> {
    match asked {
        Asked::RealTime => (1..=4).map(Query::RealTime).collect(),
        Asked::PortStatus => [Query::PortStatus].into(),
        Asked::Asb => [Query::AsbOn].into(),
        Asked::Info(info) => [Query::Info(info)].into(),
        Asked::InOrder => [Query::PaperInOrder].into(),
        Asked::Echo => [Query::Echo(echo)].into(),
        Asked::Counter(counter) => [Query::Counter(counter)].into(),
    }
}

pub(super) const fn patience(asked: Asked) -> u64 {
    match asked {
        Asked::RealTime | Asked::Asb => FIRST_ANSWER_US,
        Asked::PortStatus => PORT_STATUS_US,
        Asked::Info(_) | Asked::InOrder | Asked::Echo | Asked::Counter(_) => PROBE_US,
    }
}
