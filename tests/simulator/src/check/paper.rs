//! P2 and P6: what came off the head, and what was sent there.

use receiptd_core::ids::{AttemptNo, JobId};
use receiptd_core::link::MarkOrder;

use super::Check;
use crate::coverage::Coverage;
use crate::printer::paper::Paper;

impl Check {
    /// The first bytes of an attempt are given to a link.
    pub fn sent(
        &mut self,
        content: u64,
        (job, attempt): (JobId, AttemptNo),
        mark: Option<&MarkOrder>,
        at_us: u64,
    ) {
        self.given_at.entry((job, attempt)).or_insert(at_us);
        let given = self.given.entry(content).or_default();
        let others = given.iter().any(|other| *other != (job, attempt));
        given.insert((job, attempt));
        if others && mark.is_none() {
            let what = format!(
                "attempt {attempt} of job {job} carries no mark, but bytes of an earlier one went out"
            );
            self.fail("P2", what);
        }
        if mark.is_some_and(|m| m.copy_number < 2) {
            self.fail("P2", format!("job {job} carries the mark of copy 1"));
        }
    }

    /// They were given back as they were: nothing of them can come out.
    pub fn untouched(&mut self, attempt: (JobId, AttemptNo)) {
        for given in self.given.values_mut() {
            given.remove(&attempt);
        }
    }

    /// Something was printed.
    pub fn paper(&mut self, printer: usize, paper: &Paper, coverage: &mut Coverage) {
        let looked_at = self.looked_at.entry(printer).or_default();
        // A piece counts from its first line on; a mark alone is no copy.
        let fresh =
            paper.pieces.len() > *looked_at && paper.pieces.last().is_some_and(|piece| piece.first != 0);
        if !fresh {
            return;
        }
        let before = std::mem::replace(looked_at, paper.pieces.len());
        let Some(piece) = paper.pieces.last() else { return };
        let this = (piece.job, piece.attempt);
        if paper.pieces[..before].iter().any(|p| (p.job, p.attempt) == this) {
            self.fail("P6", format!("attempt {} of job {} is torn apart by another", this.1, this.0));
        }
        if piece.mark.is_some() {
            coverage.hit("copies marked");
        }
        let copies = self.copies.entry(piece.content).or_default();
        let highest = copies.iter().map(|(_, _, mark)| mark.unwrap_or(1)).max().unwrap_or(0);
        let first = copies.is_empty();
        copies.push((piece.job, piece.attempt, piece.mark));
        match piece.mark {
            None if self.beheaded.contains(&this) => {}
            None if !first => {
                self.fail(
                    "P2",
                    format!("attempt {} of job {} is a second copy without a mark", this.1, this.0),
                );
            }
            Some(number) if number <= highest => {
                let what = format!("attempt {} of job {} is marked {number} after {highest}", this.1, this.0);
                self.fail("P2", what);
            }
            _ => {}
        }
        if piece.mark.is_none() && !self.aside.contains(&piece.job) {
            let youngest = self.youngest.entry(printer).or_insert(piece.job);
            let before = *youngest;
            *youngest = before.max(piece.job);
            if piece.job < before {
                self.fail("P6", format!("job {} came out after job {before}", piece.job));
            }
        }
    }
}
