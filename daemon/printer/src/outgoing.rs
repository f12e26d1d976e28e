//! A command as a stream of pieces, with the events that its progress makes. Pure.
//!
//! For any link that writes bytes: take a [`Outgoing::piece`], hand it to the device, say with
//! [`Outgoing::advance`] how much of it was taken. Left to the link: the device.

use std::collections::VecDeque;

use receiptd_core::ids::{AttemptNo, JobId};
use receiptd_core::link::{Fence, LinkEvent, Query};

use crate::codec::{Decoder, encode, resync};
use crate::limits::{FENCE_BYTES_MAX, PROGRESS_STEP_BYTES, WRITE_PIECE_BYTES};
use crate::session::{Slice, Tag, WireCommand};

/// Who is told when it is taken.
#[derive(Clone, Copy, Debug)]
enum Whose {
    /// Nobody.
    Nobody,
    /// An attempt.
    Attempt(Tag),
    /// A survey.
    Page,
}

/// What is being sent, and how far it got.
#[derive(Debug, Default)]
pub struct Outgoing {
    current: Option<Current>,
    /// The piece at hand: bytes of the part, then perhaps the closing question.
    piece: Vec<u8>,
    /// How many bytes of the piece belong to the part.
    payload: usize,
    /// How many bytes of the piece were taken.
    sent: usize,
    /// The attempt that is counted.
    attempt: Option<(JobId, AttemptNo)>,
    /// Bytes of that attempt that were taken, fences not counted.
    taken: u64,
    /// What the last progress event said.
    reported: u64,
}

#[derive(Debug)]
struct Current {
    whose: Whose,
    slices: VecDeque<Slice>,
    /// Bytes of the first slice that are already in a piece.
    offset: usize,
    /// The question that comes last.
    close: Option<Query>,
}

impl Outgoing {
    /// True when the next command may be started.
    pub fn is_idle(&self) -> bool {
        self.current.is_none()
    }

    /// Takes a command up. The one before it must be done: see [`Self::is_idle`].
    pub fn start(&mut self, command: WireCommand, decoder: &mut Decoder) {
        let (whose, bytes, close) = match command {
            WireCommand::Ask(query) => (Whose::Nobody, Vec::new(), Some(query)),
            WireCommand::Forget(query) => return decoder.forget(query),
            WireCommand::Resync => (Whose::Nobody, vec![Slice::from(resync())], None),
            WireCommand::Page(page) => (Whose::Page, vec![page], None),
            WireCommand::Write { tag, bytes, fence } => {
                let attempt = Some((tag.job, tag.attempt));
                if self.attempt != attempt {
                    (self.attempt, self.taken, self.reported) = (attempt, 0, 0);
                }
                let close = fence.map(|fence| match fence {
                    Fence::Echo(id) => Query::Echo(id),
                    Fence::PaperInOrder => Query::PaperInOrder,
                });
                (Whose::Attempt(tag), bytes, close)
            }
        };
        (self.payload, self.sent) = (0, 0);
        self.piece.clear();
        self.current = Some(Current { whose, slices: bytes.into(), offset: 0, close });
    }

    /// What to write next, at most [`WRITE_PIECE_BYTES`]; the same bytes again as long as they were not taken.
    /// Empty only when nothing is left to write, so that the command is done by `advance(0)`.
    ///
    /// The decoder is told of a question just before its bytes leave, so that no answer comes too early.
    pub fn piece(&mut self, decoder: &mut Decoder) -> &[u8] {
        if self.sent == self.piece.len() {
            (self.payload, self.sent) = (0, 0);
            self.piece.clear();
            if let Some(current) = &mut self.current {
                current.fill(&mut self.piece);
                self.payload = self.piece.len();
                if current.slices.is_empty()
                    && let Some(query) = current.close.take()
                {
                    self.piece.extend_from_slice(&encode(query));
                    decoder.asked(query);
                }
            }
        }
        self.piece.get(self.sent..).unwrap_or_default()
    }

    /// The attempt that is being sent.
    pub fn attempt(&self) -> Option<(JobId, AttemptNo)> {
        match self.current.as_ref()?.whose {
            Whose::Attempt(tag) => Some((tag.job, tag.attempt)),
            Whose::Nobody | Whose::Page => None,
        }
    }

    /// Tells how much of the attempt was taken, to the byte, when the session ends in the middle of a part.
    pub fn settle(&mut self, events: &mut VecDeque<LinkEvent>) {
        if let Some(Whose::Attempt(Tag { job, .. })) = self.current.as_ref().map(|c| c.whose)
            && self.taken > self.reported
        {
            self.reported = self.taken;
            events.push_back(LinkEvent::Progress { job, bytes: self.taken });
        }
    }

    /// So many bytes of the last [`Self::piece`] were taken.
    pub fn advance(&mut self, bytes: usize, events: &mut VecDeque<LinkEvent>) {
        let end = self.piece.len().min(self.sent.saturating_add(bytes));
        let payload = self.payload.min(end).saturating_sub(self.sent);
        self.sent = end;
        let Some(current) = &self.current else { return };
        let done = end == self.piece.len() && current.slices.is_empty() && current.close.is_none();
        if let Whose::Attempt(Tag { job, attempt, part }) = current.whose {
            self.taken = self.taken.saturating_add(payload as u64);
            if done {
                events.push_back(LinkEvent::Taken { job, attempt, part });
            } else if self.taken.saturating_sub(self.reported) >= PROGRESS_STEP_BYTES {
                self.reported = self.taken;
                events.push_back(LinkEvent::Progress { job, bytes: self.taken });
            }
        }
        if done {
            if matches!(current.whose, Whose::Page) {
                events.push_back(LinkEvent::PageTaken);
            }
            self.current = None;
        }
    }
}

impl Current {
    /// Moves bytes into the piece, with room left for a fence, and drops the slices that are used up.
    fn fill(&mut self, piece: &mut Vec<u8>) {
        while let Some(slice) = self.slices.front() {
            let rest = slice.as_bytes().get(self.offset..).unwrap_or_default();
            let room = (WRITE_PIECE_BYTES - FENCE_BYTES_MAX).saturating_sub(piece.len());
            if rest.len() > room {
                piece.extend(rest.iter().take(room));
                self.offset = self.offset.saturating_add(room);
                return;
            }
            piece.extend_from_slice(rest);
            self.slices.pop_front();
            self.offset = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use receiptd_core::ids::ProcessId;
    use receiptd_core::link::Part;

    fn write(part: u16, bytes: Vec<Slice>, fence: Option<Fence>) -> WireCommand {
        WireCommand::Write { tag: Tag { job: JobId(7), attempt: 1, part: Part::Body(part) }, bytes, fence }
    }

    /// Sends one command to a device that takes at most `at_once` bytes; what it got, in its pieces.
    fn send(out: &mut Outgoing, command: WireCommand, at_once: usize) -> (Vec<Vec<u8>>, Vec<LinkEvent>) {
        let (mut decoder, mut events, mut pieces) = (Decoder::default(), VecDeque::new(), Vec::new());
        out.start(command, &mut decoder);
        while !out.is_idle() {
            let piece: Vec<u8> = out.piece(&mut decoder).iter().copied().take(at_once).collect();
            out.advance(piece.len(), &mut events);
            pieces.push(piece);
        }
        (pieces, events.into())
    }

    #[test]
    fn any_split_gives_the_same_bytes_and_one_taken() {
        let fence = Fence::Echo(ProcessId::new(5));
        for length in [0, 1, 4079, 4080, 4081, 4096, 40_000] {
            for at_once in [1, 100, 4096] {
                let body: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
                let mut expected = body.clone();
                expected.extend(encode(Query::Echo(ProcessId::new(5))));
                let (left, right) = body.split_at(body.len() / 3);
                let slices = vec![Slice::from(left.to_vec()), Slice::from(right.to_vec())];
                let (pieces, events) = send(&mut Outgoing::default(), write(0, slices, Some(fence)), at_once);
                assert_eq!(pieces.concat(), expected);
                assert!(pieces.iter().all(|p| p.len() <= WRITE_PIECE_BYTES));
                let taken = |e: &&LinkEvent| matches!(e, LinkEvent::Taken { .. });
                assert_eq!(events.iter().filter(taken).count(), 1);
                assert!(events.last().is_some_and(|e| taken(&e)));
            }
        }
    }

    #[test]
    fn the_fence_leaves_with_the_last_bytes_of_its_part() {
        for length in [4070, 4080, 8160, 8161] {
            let (pieces, _) = send(
                &mut Outgoing::default(),
                write(0, vec![Slice::from(vec![b'x'; length])], Some(Fence::PaperInOrder)),
                usize::MAX,
            );
            let last = pieces.last().unwrap();
            assert!(last.ends_with(b"\x1D\x72\x01") && last.len() > 3, "{length}");
        }
    }

    #[test]
    fn progress_counts_the_attempt_over_its_parts_without_fences() {
        let mut out = Outgoing::default();
        let part = || vec![Slice::from(vec![b'x'; 40_000])];
        let progress = |events: Vec<LinkEvent>| {
            let bytes = |e| if let LinkEvent::Progress { bytes, .. } = e { Some(bytes) } else { None };
            events.into_iter().filter_map(bytes).collect::<Vec<u64>>()
        };
        let first = progress(send(&mut out, write(0, part(), Some(Fence::PaperInOrder)), 4096).1);
        let second = progress(send(&mut out, write(1, part(), None), 4096).1);
        // Pieces of 4080 bytes: the fifth is the first beyond 16 KB, the next step would be beyond the end.
        assert_eq!(first, [20_400]);
        assert!(second.iter().all(|b| (40_000..80_000).contains(b)), "{second:?}");
        assert!(second.windows(2).all(|w| w[1] - w[0] >= PROGRESS_STEP_BYTES));
    }

    #[test]
    fn an_empty_write_is_taken_and_a_resync_is_nuls() {
        let (pieces, events) = send(&mut Outgoing::default(), write(3, Vec::new(), None), 9);
        assert_eq!((pieces.concat().len(), events.len()), (0, 1));
        let (pieces, events) = send(&mut Outgoing::default(), WireCommand::Resync, 1000);
        assert_eq!((pieces.concat(), events.len()), (vec![0; 8192], 0));
    }

    #[test]
    fn a_page_is_taken_once_and_counts_for_no_attempt() {
        let mut out = Outgoing::default();
        let page = Slice::from(vec![b'x'; 40_000]);
        let (pieces, events) = send(&mut out, WireCommand::Page(page), 1000);
        assert_eq!((pieces.concat().len(), events), (40_000, vec![LinkEvent::PageTaken]));
        assert_eq!(out.taken, 0);
    }
}
