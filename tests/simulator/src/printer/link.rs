//! The host's end of the cable: sessions, what waits to go out, what is on the wire, and how it breaks.

use std::collections::VecDeque;

use receiptd_core::ids::{AttemptNo, JobId, ProcessId, SessionId};
use receiptd_core::link::{Fence, LinkCommand, MarkOrder, Part, Query, Reply};

use super::machine::Machine;
use super::{Does, Ends, Item, Owner};
use crate::receipt::Receipt;
use crate::rng::Rng;

/// Dot rows of a mark.
const MARK_DOTS: u32 = 72;

/// Bytes and dot rows of a line of a survey's page.
pub const PAGE_LINE_BYTES: u32 = 30;
/// The same in dot rows.
pub const PAGE_LINE_DOTS: u32 = 30;

/// Bytes that one turn moves at most, so that a link can break in the middle of a part.
const TURN_BYTES: u32 = 700;

/// A link.
#[derive(Debug, Default)]
pub struct Link {
    /// The session that the daemon asked for last.
    pub session: Option<SessionId>,
    /// It is open.
    pub opened: bool,
    /// Neither side hears the other, and neither notices.
    pub half_open: bool,
    /// A turn of moving bytes is scheduled.
    pub pumping: bool,
    /// When the last answer arrived, so that none overtakes it.
    pub last_answer: u64,
    /// The latest id that the printer said to nobody.
    pub unheard: Option<[u8; 4]>,
    /// An id that was heard before; it may be heard again.
    pub heard: Option<[u8; 4]>,
    /// Buffers were cleared in this session, and the host went on sending.
    pub cleared: bool,
    /// Ordered questions that are out in this session; true for those whose answer nobody wants any more.
    asked: VecDeque<(Query, bool)>,
    out: VecDeque<Item>,
    /// The attempt of which something was handed over last.
    handed: Option<(JobId, AttemptNo)>,
    wire: VecDeque<Item>,
    wire_bytes: u32,
}

/// What a turn did.
#[derive(Debug, Default)]
pub struct Turn {
    /// Bytes that the printer took.
    pub moved: u32,
    /// What is taken with it.
    pub taken: Vec<Ends>,
}

impl Link {
    /// A question, as a command in the stream.
    pub fn ask(&mut self, query: Query) {
        if matches!(query, Query::PaperInOrder | Query::Info(_) | Query::Echo(_)) {
            self.asked.push_back((query, false));
        }
        let item = match query {
            Query::AsbOn => Item::plain(Does::AsbOn, 3),
            Query::RealTime(n) => Item::plain(Does::RealTime(n), 3),
            Query::PaperInOrder => Item::plain(Does::InOrder, 3),
            Query::Info(info) => Item::plain(Does::Info(info), 3),
            Query::Counter(counter) => Item::plain(Does::Counter(counter), 5),
            Query::Echo(id) => Item::plain(Does::Echo(id), 11),
            // Not in the stream, and no link here has it.
            Query::PortStatus => return,
        };
        self.out.push_back(item);
    }

    /// NULs that finish a half command.
    pub fn resync(&mut self) {
        self.out.push_back(Item::plain(Does::Nuls, 0));
    }

    /// The page of a survey, as lines of it.
    pub fn page(&mut self, bytes: usize) {
        let bytes = bytes as u32;
        let lines = (bytes / PAGE_LINE_BYTES).max(1);
        for line in 1..=lines {
            let item = Item::plain(Does::Page, bytes / lines);
            let ends = (line == lines).then_some(Ends::Page);
            self.out.push_back(Item { dots: PAGE_LINE_DOTS, ends, ..item });
        }
    }

    /// A part, as the commands that it is made of.
    pub fn send(&mut self, command: &LinkCommand, receipt: Receipt) {
        let LinkCommand::Send { job, attempt, part, fence, mark, .. } = command else { return };
        let owner = Owner { job: *job, attempt: *attempt, content: receipt.content, lines: receipt.lines };
        let begin = self.out.len();
        match part {
            Part::Body(k) => self.body(owner, receipt, usize::from(*k), mark.as_ref()),
            Part::Tail => self.out.push_back(Item { owner: Some(owner), ..Item::plain(Does::Cut, 8) }),
        }
        match fence {
            Some(Fence::Echo(id)) => {
                self.asked.push_back((Query::Echo(*id), false));
                self.out.push_back(Item::plain(Does::Echo(*id), 11));
            }
            Some(Fence::PaperInOrder) => {
                self.asked.push_back((Query::PaperInOrder, false));
                self.out.push_back(Item::plain(Does::InOrder, 3));
            }
            None => {}
        }
        if self.out.len() > begin
            && let Some(last) = self.out.back_mut()
        {
            last.ends = Some(Ends::Part(*job, *attempt, *part));
        }
    }

    fn body(&mut self, owner: Owner, receipt: Receipt, k: usize, mark: Option<&MarkOrder>) {
        if let Some(mark) = mark {
            let does = Does::Mark(mark.copy_number);
            self.out.push_back(Item { owner: Some(owner), dots: MARK_DOTS, ..Item::plain(does, 80) });
        }
        let parts = receipt.shape().parts;
        let from = if k == 0 { 0 } else { parts.get(k - 1).map_or(0, |p| p.line) };
        let to = parts.get(k).map_or(from, |p| p.line);
        for line in from + 1..=to {
            let item = Item::plain(Does::Line(line), receipt.bytes);
            self.out.push_back(Item { owner: Some(owner), dots: receipt.dots, ..item });
        }
    }

    /// Nobody waits for this answer any more.
    pub fn forget(&mut self, query: Query) {
        if let Some(entry) = self.asked.iter_mut().find(|(q, forgotten)| *q == query && !forgotten) {
            entry.1 = true;
        }
    }

    /// Tells whose an answer is, as the host's decoder does: an unnamed one belongs to the oldest such question
    /// that is out, and what was asked before an answered question is not out any more.
    pub fn attribute(&mut self, reply: Reply) -> Reply {
        let asked = match &reply {
            Reply::PaperInOrder(_) => Some(Query::PaperInOrder),
            Reply::Info(info, _) => Some(Query::Info(*info)),
            Reply::Echo(id) => ProcessId::from_wire(*id).map(Query::Echo),
            _ => return reply,
        };
        let at = asked.and_then(|asked| self.asked.iter().position(|(q, _)| *q == asked));
        let forgotten = at.and_then(|at| self.asked.drain(..=at).next_back()).map(|(_, forgotten)| forgotten);
        match (&reply, forgotten) {
            (Reply::PaperInOrder(_), None | Some(true)) => Reply::Nonsense(1),
            _ => reply,
        }
    }

    /// Moves what can be moved.
    pub fn turn(&mut self, machine: &mut Machine) -> Turn {
        let mut turn = Turn::default();
        let kernel = machine.build.kernel;
        while turn.moved < TURN_BYTES {
            while kernel > 0
                && let Some(item) = self.out.front()
                && (self.wire_bytes + item.bytes <= kernel || self.wire.is_empty())
            {
                let Some(item) = self.out.pop_front() else { break };
                self.hands(&item);
                turn.taken.extend(item.ends);
                self.wire_bytes += item.bytes;
                self.wire.push_back(item);
            }
            // What an earlier session left on the wire goes first.
            let from_wire = !self.wire.is_empty();
            let next = if from_wire { self.wire.front() } else { self.out.front() };
            let Some(bytes) = next.map(|item| item.bytes) else { break };
            if (self.half_open && self.opened) || !machine.has_room(bytes) {
                break;
            }
            let item = if from_wire { self.wire.pop_front() } else { self.out.pop_front() };
            let Some(item) = item else { break };
            self.hands(&item);
            if from_wire {
                self.wire_bytes -= item.bytes;
            } else {
                turn.taken.extend(item.ends);
            }
            turn.moved += item.bytes.max(1);
            machine.receive(item);
        }
        // What comes next is a transfer under way, unless the device is gone and the system refuses it.
        if !(self.half_open && self.opened)
            && self.wire.is_empty()
            && let Some(item) = self.out.front().cloned()
        {
            self.hands(&item);
        }
        turn
    }

    fn hands(&mut self, item: &Item) {
        self.handed = item.owner.map(|owner| (owner.job, owner.attempt)).or(self.handed);
    }

    /// The attempt of which nothing was handed over, if one waits.
    pub fn untouched(&self) -> Option<(JobId, AttemptNo)> {
        let owner = self.out.iter().find_map(|item| item.owner)?;
        let first = (owner.job, owner.attempt);
        (self.opened && self.handed != Some(first)).then_some(first)
    }

    /// The session is over. What is on the wire may still arrive, or the last command arrives in part.
    pub fn end(&mut self, machine: &mut Machine, wire_survives: bool, rng: &mut Rng) {
        // A dead network delivers nothing more.
        let dead = self.half_open;
        let wire_survives = wire_survives && !dead;
        self.opened = false;
        self.half_open = false;
        self.cleared = false;
        self.asked.clear();
        if !wire_survives || !machine.on {
            let broken = self.wire.front().or(self.out.front());
            let in_print = broken.is_some_and(|i| {
                let handed = i.owner.is_some_and(|o| self.handed == Some((o.job, o.attempt)));
                handed && matches!(i.does, Does::Line(_) | Does::Mark(_)) || matches!(i.does, Does::Page)
            });
            if in_print && !dead && machine.on && machine.has_room(1) && rng.permille(500) {
                machine.receive_half();
            }
            self.wire.clear();
            self.wire_bytes = 0;
        }
        self.out.clear();
    }

    /// What is on its way to the printer never arrives.
    pub fn drop_all(&mut self) {
        self.out.clear();
        self.wire.clear();
        self.wire_bytes = 0;
    }

    /// The printer is gone: nothing more arrives there.
    pub fn dies(&mut self) {
        self.half_open = self.opened;
        self.unheard = None;
        self.heard = None;
        self.wire.clear();
        self.wire_bytes = 0;
    }

    /// Nothing is under way.
    pub fn idle(&self) -> bool {
        self.out.is_empty() && self.wire.is_empty()
    }
}
