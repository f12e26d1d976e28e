//! The words of a survey: what a printer is asked while it is idle, what page it prints, and what came of it.
//!
//! A survey is how a person learns what a printer really answers. It is not the probe of each session (`session`),
//! which asks only what the next job needs. What happens when stands in `run`.

mod run;
mod state;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::condition::Blocked;
use crate::evidence::{Abilities, Grade, Judgement};
use crate::ids::JobId;
use crate::link::{Counter, Info, LinkFault};
use crate::record::Identity;

pub(crate) use state::Survey;

/// The page that a survey prints. No receipt: it is not spooled, and nobody waits for its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyPage {
    /// What is judged by the clock; begins with `ESC @`.
    pub body: Arc<[u8]>,
    /// Feed and cut.
    pub tail: Arc<[u8]>,
    /// Dot rows of the body.
    pub dots: u32,
    /// Dot rows of both.
    pub paper_dots: u32,
}

/// What the road to a printer has beside the stream of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
    /// Nothing.
    Network,
    /// Requests of the USB printer class.
    Usb,
}

/// A question of a survey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `DLE EOT` 1 to 4, in one go: their answers carry no number.
    RealTime,
    /// `GET_PORT_STATUS` of the USB printer class.
    PortStatus,
    /// `GS a`, whose answer is the automatic status.
    Asb,
    /// `GS I`.
    Info(Info),
    /// `GS r 1`.
    InOrder,
    /// `GS ( H` function 48.
    Echo,
    /// `GS g 2`.
    Counter(Counter),
}

/// When it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// With an empty buffer: an answer shows that the command is known.
    Idle,
    /// Behind the page: an answer that comes when the page is out shows that it is true.
    Page,
    /// Behind the cut.
    Tail,
    /// When all is out.
    After,
}

/// What was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Status bytes.
    Bytes(Vec<u8>),
    /// A text.
    Text(String),
    /// A counter.
    Number(u64),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Microseconds since it was asked; behind the page, since the page's first byte was given to the link.
    pub after_us: u64,
    /// What.
    pub heard: Heard,
    /// What to think of it, where the clock can tell.
    pub judgement: Option<Judgement>,
}

/// One question and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// When.
    pub moment: Moment,
    /// What was asked.
    pub asked: Asked,
    /// The answer, if one came in time.
    pub said: Option<Said>,
    /// Bytes that came instead and could not be told apart: of `DLE EOT`, answers to some of the four.
    pub strays: u32,
}

/// Why a survey ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SurveyEnd {
    /// The printer can't go on.
    Blocked(Blocked),
    /// The session ended.
    Link(LinkFault),
    /// The printer dropped what it had.
    Cleared,
    /// It did not take the page.
    Stalled,
    /// The daemon is ending.
    ShuttingDown,
}

/// What came of a survey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyReport {
    /// In the order of the questions.
    pub findings: Vec<Finding>,
    /// Microseconds until the page was taken; `None` if it was not.
    pub taken_us: Option<u64>,
    /// Why it ended early, if it did.
    pub end: Option<SurveyEnd>,
    /// What the printer is known to be able to do now.
    pub abilities: Abilities,
    /// The best that a job on it can end with.
    pub best: Grade,
    /// Who it says it is.
    pub identity: Identity,
}

/// Why no survey can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unready {
    /// Another one is under way.
    Surveyed,
    /// A job is under way.
    Printing(JobId),
    /// Jobs wait, and come first.
    JobsWait,
    /// There is no session.
    NotConnected(Option<LinkFault>),
    /// The session begins.
    Opening,
    /// The printer went silent.
    Stalled,
    /// The printer can't print.
    Blocked(Blocked),
}
