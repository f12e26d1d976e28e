//! The line buffer: what was written since the last line, and where it stands when it is printed.

use super::{Align, Block, Picture, Row, Run, Style, What};
use crate::bitmap::Bitmap;
use std::sync::Arc;

/// What stands in the line buffer.
#[derive(Debug, Default)]
pub(super) struct Line {
    runs: Vec<Run>,
    bits: Vec<(u32, Bitmap)>,
    /// Where the next character goes, in dots from the left edge of the print area.
    pub(super) x: u32,
    /// The rightmost place that was written, in dots.
    right: u32,
    /// Height of the tallest, in dot rows.
    pub(super) height: u32,
    /// Something was put into it.
    pub(super) begun: bool,
}

impl Line {
    /// A character at the place that has been reached, with what it takes of the line and its own width.
    pub(super) fn push(
        &mut self,
        character: char,
        wide: bool,
        (advance, cell): (u32, u32),
        height: u32,
        style: Style,
    ) {
        match self.runs.last_mut() {
            Some(run)
                if run.style == style
                    && run.wide == wide
                    && (run.advance, run.cell) == (advance, cell)
                    && run.right() == self.x =>
            {
                run.text.push(character);
            }
            _ => {
                let text = character.to_string();
                self.runs.push(Run { left: self.x, advance, cell, wide, style, text });
            }
        }
        self.reach(advance, height);
    }

    /// A piece of picture at the place that has been reached.
    pub(super) fn push_bits(&mut self, bits: Bitmap) {
        let (width, height) = (bits.width(), bits.height());
        self.bits.push((self.x, bits));
        self.reach(width, height);
    }

    fn reach(&mut self, advance: u32, height: u32) {
        self.begun = true;
        self.x = self.x.saturating_add(advance);
        self.right = self.right.max(self.x);
        self.height = self.height.max(height);
    }

    /// Takes what stands in it, as it is printed with its upper edge at `top` in an area of the paper.
    pub(super) fn take(&mut self, top: u32, align: Align, margin: u32, area: u32) -> Vec<Block> {
        let line = std::mem::take(self);
        let free = area.saturating_sub(line.right);
        let shift = margin
            + match align {
                Align::Left => 0,
                Align::Center => free / 2,
                Align::Right => free,
            };
        // Bands of one picture may end where each has its last dot; as wide as the paper they are joined.
        let alone = line.runs.is_empty() && line.bits.len() == 1 && align == Align::Left;
        let wide =
            |left: u32, dots: Bitmap| if alone { dots.widened(area.saturating_sub(left)) } else { dots };
        let mut blocks: Vec<Block> = line
            .bits
            .into_iter()
            .map(|(left, dots)| (left, wide(left, dots)))
            .map(|(left, dots)| {
                let (left, height) = (left.saturating_add(shift), dots.height());
                let below = line.height.saturating_sub(height);
                Block {
                    top: top.saturating_add(below),
                    height,
                    what: What::Picture(Picture { left, dots: Arc::new(dots), text: None }),
                }
            })
            .collect();
        let mut runs = line.runs;
        // Blanks alone print nothing.
        if runs
            .iter()
            .any(|run| run.text.chars().any(|c| c != ' ') || run.style.underline > 0 || run.style.reverse)
        {
            runs.iter_mut().for_each(|run| run.left = run.left.saturating_add(shift));
            blocks.push(Block { top, height: line.height, what: What::Row(Row { align, runs }) });
        }
        blocks
    }
}
