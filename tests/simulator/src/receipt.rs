//! The receipts of a life: a number that tells one from another, and its measures.

use std::sync::Arc;

use receiptd_core::plan;
use receiptd_core::record::{PartPlan, Shape, Tail};

use crate::rng::Rng;

/// One copy's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt {
    /// No two have the same.
    pub content: u64,
    /// Printed lines.
    pub lines: u32,
    /// Dot rows a line.
    pub dots: u32,
    /// Bytes a line.
    pub bytes: u32,
    /// Feed and cut follow.
    pub tail: bool,
}

impl Receipt {
    /// A new one: mostly card slips, some short, some endless.
    pub fn any(content: u64, rng: &mut Rng) -> Self {
        let lines = match rng.below(20) {
            0..3 => rng.between(1, 6),
            3..16 => rng.between(10, 45),
            16..19 => rng.between(46, 120),
            _ => rng.between(121, 260),
        };
        let bytes = if rng.permille(200) { rng.between(200, 600) } else { rng.between(15, 50) };
        Self {
            content,
            lines: lines as u32,
            dots: rng.between(20, 40) as u32,
            bytes: bytes as u32,
            tail: rng.permille(850),
        }
    }

    /// Its size and pieces.
    pub fn shape(&self) -> Shape {
        let point = |n: u32| PartPlan { end: n * self.bytes, line: n, dots: n * self.dots };
        let end = point(self.lines);
        let parts = plan::parts((1..=self.lines).map(point), end.end, end.line, end.dots);
        Shape { bytes: end.end + 8, parts, tail: if self.tail { Tail::of(240) } else { Tail::NONE } }
    }

    /// The stored body.
    pub fn to_body(self) -> Arc<[u8]> {
        let mut body = Vec::with_capacity(21);
        body.extend(self.content.to_be_bytes());
        for word in [self.lines, self.dots, self.bytes] {
            body.extend(word.to_be_bytes());
        }
        body.push(u8::from(self.tail));
        body.into()
    }

    /// The content of a stored body.
    pub fn from_body(body: &[u8]) -> Option<Self> {
        let word = |at: usize| {
            let bytes = body.get(at..at + 4)?;
            Some(u32::from_be_bytes(bytes.try_into().ok()?))
        };
        Some(Self {
            content: u64::from_be_bytes(body.get(..8)?.try_into().ok()?),
            lines: word(8)?,
            dots: word(12)?,
            bytes: word(16)?,
            tail: *body.get(20)? != 0,
        })
    }
}
