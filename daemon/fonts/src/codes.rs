//! A character that no font has, as its hexadecimal code in a box: needs no font itself.

use crate::canvas::{Canvas, Fill};

/// Digits 0 to F, four dots wide and six high, the left dot in bit 3, from top to bottom.
const DIGITS: [[u8; 6]; 16] = [
    [0x6, 0x9, 0x9, 0x9, 0x9, 0x6],
    [0x2, 0x6, 0x2, 0x2, 0x2, 0x7],
    [0x6, 0x9, 0x1, 0x2, 0x4, 0xf],
    [0xe, 0x1, 0x6, 0x1, 0x1, 0xe],
    [0x2, 0x6, 0xa, 0xf, 0x2, 0x2],
    [0xf, 0x8, 0xe, 0x1, 0x1, 0xe],
    [0x6, 0x8, 0xe, 0x9, 0x9, 0x6],
    [0xf, 0x1, 0x2, 0x2, 0x4, 0x4],
    [0x6, 0x9, 0x6, 0x9, 0x9, 0x6],
    [0x6, 0x9, 0x9, 0x7, 0x1, 0x6],
    [0x6, 0x9, 0x9, 0xf, 0x9, 0x9],
    [0xe, 0x9, 0xe, 0x9, 0x9, 0xe],
    [0x6, 0x9, 0x8, 0x8, 0x9, 0x6],
    [0xe, 0x9, 0x9, 0x9, 0x9, 0xe],
    [0xf, 0x8, 0xe, 0x8, 0x8, 0xf],
    [0xf, 0x8, 0xe, 0x8, 0x8, 0x8],
];
/// Dots of a digit with the gap behind and below it.
const PITCH_X: i32 = 5;
/// The same from top to bottom.
const PITCH_Y: i32 = 7;

/// Draws the box of a character into a rectangle: its left and top edge, width and height, in dots.
pub(crate) fn draw(canvas: &mut Canvas, code: u32, (left, top): (i32, i32), (width, height): (i32, i32)) {
    let (right, bottom) = (left + width - 1, top + height);
    if width < 4 || height < 4 {
        canvas.fill(left..right.max(left + 1), top..bottom, Fill::Black);
        return;
    }
    let text = if code > 0xffff { format!("{code:06X}") } else { format!("{code:04X}") };
    let digits: Vec<usize> =
        text.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as usize).collect();
    let count = digits.len() as i32;
    // As few rows as the width allows, as large as the box allows.
    let inner = (width - 3, height - 2);
    let mut best = (1, 1, count);
    for rows in [2, 3, count] {
        let columns = (count + rows - 1) / rows;
        let times = ((inner.0 + 1) / (columns * PITCH_X)).min((inner.1 + 1) / (rows * PITCH_Y));
        if times > best.0 || best.2 == count && times >= 1 {
            best = (times, columns, rows);
        }
    }
    let (times, mut columns, mut rows) = best;
    let mut pitch_y = PITCH_Y;
    if columns * PITCH_X - 1 > inner.0 || rows * PITCH_Y - 1 > inner.1 {
        // Too narrow for a frame: the digits alone, as close as they can be read.
        columns = (width / PITCH_X).max(1);
        rows = (count + columns - 1) / columns;
        pitch_y -= 1;
    } else {
        canvas.fill(left..right, top..top + 1, Fill::Black);
        canvas.fill(left..right, bottom - 1..bottom, Fill::Black);
        canvas.fill(left..left + 1, top..bottom, Fill::Black);
        canvas.fill(right - 1..right, top..bottom, Fill::Black);
    }
    let (x0, y0) = (
        left + 1 + (inner.0 - columns * PITCH_X * times + times).max(0) / 2,
        top + 1 + (inner.1 - rows * pitch_y * times + times).max(0) / 2,
    );
    for (index, digit) in digits.into_iter().enumerate() {
        let (column, row) = (index as i32 % columns, index as i32 / columns);
        for (y, bits) in DIGITS[digit].into_iter().enumerate() {
            for x in 0..4 {
                if bits & 0x8 >> x != 0 {
                    let (x, y) =
                        (x0 + (column * PITCH_X + x) * times, y0 + (row * pitch_y + y as i32) * times);
                    canvas.fill(x..x + times, y..y + times, Fill::Black);
                }
            }
        }
    }
}
