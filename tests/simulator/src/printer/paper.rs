//! What came off the head: the truth that every claim is measured against.

use receiptd_core::ids::{AttemptNo, JobId};

use super::Owner;

/// A stretch of paper with one attempt's print on it.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The job.
    pub job: JobId,
    /// Its attempt.
    pub attempt: AttemptNo,
    /// The receipt's content.
    pub content: u64,
    /// The copy number of its mark; `None` without a mark.
    pub mark: Option<u32>,
    /// Line of the receipt with which it begins; 0 while there is none.
    pub first: u32,
    /// Line up to which it goes without a gap.
    pub last: u32,
    /// It begins with line 1 and ends with the last one, all between them there.
    pub complete: bool,
    /// A line is missing in between.
    pub torn: bool,
    /// It was cut behind.
    pub cut: bool,
}

/// The roll's visible end.
#[derive(Debug, Default)]
pub struct Paper {
    /// Pieces, in the order of printing.
    pub pieces: Vec<Piece>,
}

impl Paper {
    fn piece(&mut self, owner: Owner) -> Option<&mut Piece> {
        let same = self.pieces.last().is_some_and(|p| (p.job, p.attempt) == (owner.job, owner.attempt));
        if !same {
            self.pieces.push(Piece {
                job: owner.job,
                attempt: owner.attempt,
                content: owner.content,
                mark: None,
                first: 0,
                last: 0,
                complete: false,
                torn: false,
                cut: false,
            });
        }
        self.pieces.last_mut()
    }

    /// A mark is printed.
    pub fn mark(&mut self, owner: Owner, number: u32) {
        if let Some(piece) = self.piece(owner) {
            piece.mark = Some(number);
        }
    }

    /// A line begins to be printed: from now on something is on paper.
    pub fn begin_line(&mut self, owner: Owner, line: u32) {
        if let Some(piece) = self.piece(owner)
            && piece.first == 0
        {
            piece.first = line;
        }
    }

    /// A line is out.
    pub fn end_line(&mut self, owner: Owner, line: u32) {
        if let Some(piece) = self.piece(owner) {
            piece.torn |= piece.last != 0 && line != piece.last + 1;
            piece.last = line;
            piece.complete = !piece.torn && piece.first == 1 && line == owner.lines;
        }
    }

    /// It is cut.
    pub fn cut(&mut self, owner: Owner) {
        if let Some(piece) = self.pieces.last_mut()
            && (piece.job, piece.attempt) == (owner.job, owner.attempt)
        {
            piece.cut = true;
        }
    }

    /// Whether the whole of this job's receipt is on it.
    pub fn has_all_of(&self, job: JobId) -> bool {
        self.pieces.iter().any(|p| p.job == job && p.complete)
    }
}
