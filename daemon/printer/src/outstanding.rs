//! Which questions are out, and whose an answer is that does not say so itself. Pure; the rules as a caller
//! sees them stand with [`Decoder::asked`](crate::codec::Decoder::asked).
//!
//! Every function that takes an answer or gives one up returns how many bytes of the wire nobody wanted.

use std::collections::VecDeque;

use receiptd_core::link::{Counter, Query, Reply};

use crate::limits::{GROUP_MAX, OUTSTANDING_MAX};

/// All questions that are out.
#[derive(Debug, Default)]
pub(crate) struct Outstanding {
    /// How many were asked: the order between the two lists of the ordered road.
    clock: u64,
    /// `GS r`, `GS I`, `GS ( H`, oldest first.
    ordered: VecDeque<Entry>,
    counters: Group<Counter, u64>,
    real_time: Group<u8, u8>,
}

#[derive(Debug)]
struct Entry {
    query: Query,
    at: u64,
    /// Given up: the next answer that fits is thrown away.
    forgotten: bool,
    /// An older question that was given up took an answer meanwhile, perhaps this one's.
    shadowed: bool,
}

impl Outstanding {
    pub(crate) fn len(&self) -> usize {
        self.ordered.len() + self.counters.asked.len() + self.real_time.asked.len()
    }

    pub(crate) fn waits_for(&self, query: Query) -> bool {
        match query {
            Query::RealTime(n) => self.real_time.waits_for(n),
            Query::Counter(counter) => self.counters.waits_for(counter),
            _ => self.ordered.iter().any(|e| e.query == query && !e.forgotten),
        }
    }

    pub(crate) fn ask(&mut self, query: Query) -> u32 {
        self.clock = self.clock.saturating_add(1);
        match query {
            // Its answer says itself what it is.
            Query::AsbOn | Query::PortStatus => return 0,
            Query::RealTime(n @ 1..=4) => return self.real_time.ask(n, self.clock),
            Query::RealTime(_) => return 0,
            Query::Counter(counter) => return self.counters.ask(counter, self.clock),
            Query::Info(_) => self.forget(query),
            Query::PaperInOrder | Query::Echo(_) => {}
        }
        if self.ordered.len() >= OUTSTANDING_MAX {
            let echo = self.ordered.iter().position(|e| matches!(e.query, Query::Echo(_)));
            let least = echo.or_else(|| self.ordered.iter().position(|e| e.forgotten)).unwrap_or(0);
            self.ordered.remove(least);
        }
        self.ordered.push_back(Entry { query, at: self.clock, forgotten: false, shadowed: false });
        0
    }

    pub(crate) fn forget(&mut self, query: Query) {
        match query {
            Query::RealTime(n) => self.real_time.forget(n),
            Query::Counter(counter) => self.counters.forget(counter),
            Query::Echo(_) => self.ordered.retain(|e| e.query != query),
            _ => {
                let Some(at) = self.ordered.iter().position(|e| e.query == query && !e.forgotten) else {
                    return;
                };
                let Some(mut entry) = self.ordered.remove(at) else { return };
                if !entry.shadowed {
                    // Of an `Info` the one given up before is not reckoned with any more; each `GS r` that was
                    // given up owes its own answer.
                    entry.forgotten = true;
                    self.ordered.insert(at, entry);
                    if matches!(query, Query::Info(_)) {
                        let last = self.ordered.get(at).map(|e| e.at);
                        self.ordered.retain(|e| e.query != query || !e.forgotten || Some(e.at) == last);
                    }
                }
            }
        }
    }

    /// The buffers of the printer are gone: no ordered question will be answered.
    pub(crate) fn lost_all(&mut self) -> u32 {
        self.ordered.clear();
        self.counters.clear()
    }

    pub(crate) fn real_time(&mut self, byte: u8, out: &mut Vec<Reply>) -> u32 {
        match self.real_time.answer(byte, 1, |n, byte| out.push(Reply::RealTime { n, byte })) {
            Ok(wasted) | Err(wasted) => wasted,
        }
    }

    pub(crate) fn paper_in_order(&mut self, byte: u8, out: &mut Vec<Reply>) -> u32 {
        match self.ordered.iter().position(|e| e.query == Query::PaperInOrder) {
            Some(at) => self.take(at, 1, Reply::PaperInOrder(byte), out),
            None => 1,
        }
    }

    /// An id came back, as printed or not.
    pub(crate) fn echo(&mut self, id: [u8; 4], printed: bool) -> u32 {
        let is_it = |e: &Entry| matches!(e.query, Query::Echo(asked) if asked.to_wire() == id);
        let Some(entry) = self.ordered.iter().position(is_it).and_then(|at| self.ordered.remove(at)) else {
            return 0;
        };
        if !printed {
            return 0;
        }
        self.ordered.retain(|e| e.at > entry.at);
        self.counters.drop_before(entry.at)
    }

    /// A text of so many bytes on the wire.
    pub(crate) fn text(&mut self, text: String, wire: usize, out: &mut Vec<Reply>) -> u32 {
        let wire = u32::try_from(wire).unwrap_or(u32::MAX);
        let all_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = if all_digits { text.parse::<u64>().ok() } else { None };
        let info = self.ordered.iter().enumerate().find_map(|(at, e)| match e.query {
            Query::Info(info) => Some((at, e.at, info)),
            _ => None,
        });
        match (info, number, self.counters.oldest()) {
            (Some((_, asked, _)), Some(_), Some(counter)) if counter < asked => {
                wire.saturating_add(self.counters.clear())
            }
            (Some((at, ..)), Some(_), Some(_)) => {
                self.ordered.remove(at);
                self.counters.doubtful = true;
                wire
            }
            (Some((at, _, info)), ..) => self.take(at, wire, Reply::Info(info, text), out),
            (None, Some(number), Some(oldest)) => {
                let say = |counter, number| out.push(Reply::Counter(counter, number));
                match self.counters.answer(number, wire, say) {
                    Ok(wasted) => {
                        self.prove_before(oldest);
                        wasted
                    }
                    Err(wasted) => wasted,
                }
            }
            (None, _, _) => wire,
        }
    }

    /// Gives the answer to this entry: said, or thrown away if the question was given up.
    fn take(&mut self, at: usize, wire: u32, reply: Reply, out: &mut Vec<Reply>) -> u32 {
        let Some(entry) = self.ordered.remove(at) else { return wire };
        if entry.forgotten {
            let same_kind = |e: &&mut Entry| match entry.query {
                Query::Info(_) => matches!(e.query, Query::Info(_)),
                _ => e.query == entry.query,
            };
            self.ordered.iter_mut().filter(same_kind).for_each(|e| e.shadowed = true);
            return wire;
        }
        out.push(reply);
        self.prove_before(entry.at);
        self.counters.drop_before(entry.at)
    }

    /// What was asked before this and is not an echo was answered by now, or never will be.
    fn prove_before(&mut self, at: u64) {
        self.ordered.retain(|e| e.at > at || matches!(e.query, Query::Echo(_)));
    }
}

/// Questions whose answers all look alike: told apart by counting, when all have come.
#[derive(Debug)]
struct Group<Q, A> {
    asked: Vec<Member<Q>>,
    /// Each with its bytes on the wire.
    answers: Vec<(A, u32)>,
    /// An answer that may have been one of ours was thrown away: what is open may be lost.
    doubtful: bool,
}

#[derive(Debug)]
struct Member<Q> {
    question: Q,
    at: u64,
    wanted: Wanted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Yes,
    /// Given up by the caller.
    Forgotten,
    /// Left open by the round before.
    Owed,
}

impl<Q, A> Default for Group<Q, A> {
    fn default() -> Self {
        Self { asked: Vec::new(), answers: Vec::new(), doubtful: false }
    }
}

impl<Q: Copy + PartialEq, A> Group<Q, A> {
    fn waits_for(&self, question: Q) -> bool {
        self.asked.iter().any(|m| m.question == question && m.wanted == Wanted::Yes)
    }

    fn oldest(&self) -> Option<u64> {
        self.asked.first().map(|m| m.at)
    }

    fn ask(&mut self, question: Q, at: u64) -> u32 {
        let again = self.asked.iter().any(|m| m.question == question && m.wanted != Wanted::Owed);
        let mut wasted = 0;
        if again || self.asked.len() >= GROUP_MAX {
            // The round before was not answered in full. What it still owes is reckoned with, unless the round
            // before that was short too: then it is lost, not late.
            let short_twice = self.doubtful || self.asked.iter().any(|m| m.wanted == Wanted::Owed);
            self.asked.drain(..self.answers.len().min(self.asked.len()));
            wasted = self.drop_answers();
            if short_twice || self.asked.len() >= GROUP_MAX {
                self.asked.clear();
            }
            self.asked.iter_mut().for_each(|m| m.wanted = Wanted::Owed);
        }
        self.asked.push(Member { question, at, wanted: Wanted::Yes });
        wasted
    }

    fn forget(&mut self, question: Q) {
        if let Some(member) =
            self.asked.iter_mut().find(|m| m.question == question && m.wanted == Wanted::Yes)
        {
            member.wanted = Wanted::Forgotten;
        }
    }

    /// Takes an answer; says all of them when they are complete, which is `Ok`.
    fn answer(&mut self, answer: A, wire: u32, mut say: impl FnMut(Q, A)) -> Result<u32, u32> {
        if self.asked.is_empty() {
            return Err(wire);
        }
        self.answers.push((answer, wire));
        if self.answers.len() < self.asked.len() {
            return Err(0);
        }
        self.doubtful = false;
        let mut wasted = 0_u32;
        for (member, (answer, wire)) in self.asked.drain(..).zip(self.answers.drain(..)) {
            if member.wanted == Wanted::Yes {
                say(member.question, answer);
            } else {
                wasted = wasted.saturating_add(wire);
            }
        }
        Ok(wasted)
    }

    fn drop_before(&mut self, at: u64) -> u32 {
        if self.oldest().is_none_or(|oldest| oldest > at) {
            return 0;
        }
        self.asked.retain(|m| m.at > at);
        self.drop_answers()
    }

    fn clear(&mut self) -> u32 {
        self.asked.clear();
        self.drop_answers()
    }

    fn drop_answers(&mut self) -> u32 {
        self.doubtful = false;
        self.answers.drain(..).fold(0, |sum, (_, wire)| sum.saturating_add(wire))
    }
}
