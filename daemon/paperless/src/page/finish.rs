//! What becomes of blocks when all are there: bands are joined, codes are seen, lines of a sheet stand beside each other.

use std::sync::Arc;

use super::{Block, Qr, What};
use crate::seen;

/// Makes codes of pictures that are codes, of so many at most.
pub(super) fn seen(mut blocks: Vec<Block>, most: usize) -> Vec<Block> {
    let mut left = most;
    for block in &mut blocks {
        let What::Picture(picture) = &block.what else { continue };
        if left == 0 || seen::grid(&picture.dots).is_none() {
            continue;
        }
        left -= 1;
        if let Some(seen) = seen::see(&picture.dots) {
            let side = seen.matrix.side() * seen.module;
            block.top = block.top.saturating_add(seen.top);
            block.height = side;
            block.what = What::Qr(Qr {
                left: picture.left.saturating_add(seen.left),
                module: seen.module,
                data: seen.data,
                matrix: Some(Arc::new(seen.matrix)),
            });
        }
    }
    blocks
}

/// Makes one line of lines of a sheet that stand beside each other.
pub(super) fn beside(blocks: Vec<Block>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    for mut block in blocks {
        if let Some(Block { top, height, what: What::Row(left) }) = out.last_mut()
            && *top == block.top
            && let What::Row(right) = &mut block.what
        {
            left.runs.append(&mut right.runs);
            left.runs.sort_by_key(|run| run.left);
            *height = block.height.max(*height);
            continue;
        }
        out.push(block);
    }
    out
}

/// Makes one picture of bands that join without a gap.
pub(super) fn joined(blocks: Vec<Block>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        if let Some(Block { top, height, what: What::Picture(above) }) = out.last_mut()
            && let What::Picture(below) = &block.what
            && (above.left, above.dots.width()) == (below.left, below.dots.width())
            && *top + *height == block.top
            && below.text.is_none()
            && above.text.as_ref().is_none_or(|text| *height < text.rows)
        {
            Arc::make_mut(&mut above.dots).append(&below.dots);
            *height += block.height;
            continue;
        }
        out.push(block);
    }
    out
}
