//! The commands that carry pictures, to dots.

use receiptd_document::Head;

use crate::bitmap::Bitmap;

/// Dots that a picture may have that is stretched by its command; larger ones stay as they are.
const STRETCHED_DOTS_MAX: u64 = 1 << 24;

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(pair[0]) | usize::from(pair[1]) << 8)
}

/// Each dot as several, unless that would be out of all proportion.
fn stretched(bitmap: Bitmap, times_x: u32, times_y: u32) -> Bitmap {
    let dots = u64::from(bitmap.width()) * u64::from(bitmap.height()) * u64::from(times_x * times_y);
    if times_x * times_y <= 1 || dots > STRETCHED_DOTS_MAX { bitmap } else { bitmap.scaled(times_x, times_y) }
}

/// `GS v 0 m xL xH yL yH d..`
pub(super) fn raster(command: &[u8]) -> Option<Bitmap> {
    let (mode, x, y) = (*command.get(3)?, word(command, 4)?, word(command, 6)?);
    let bitmap = Bitmap::of_rows(x, y, command.get(8..)?);
    Some(stretched(bitmap, 1 + u32::from(mode & 1), 1 + u32::from(mode >> 1 & 1)))
}

/// `ESC * m nL nH d..`: at single density each dot is two wide, and at 8 dots three high. With nine pins each dot is two
/// by two whatever the density, which only decides how far they are apart.
pub(super) fn columns(command: &[u8], head: Head) -> Option<Bitmap> {
    let (bytes, times_x, times_y) = match (head, command.get(2)?) {
        (Head::Thermal, 0) => (1, 2, 3),
        (Head::Thermal, 1) => (1, 1, 3),
        (Head::Thermal, 32) => (3, 2, 1),
        (Head::Thermal, 33) => (3, 1, 1),
        (Head::NinePin, 0) => (1, 2, 2),
        (Head::NinePin, 1) => (1, 1, 2),
        _ => return None,
    };
    let bitmap = stretched(Bitmap::of_columns(bytes, command.get(5..)?), times_x, times_y);
    if head == Head::NinePin && times_x == 1 {
        let mut struck = Bitmap::new(bitmap.width() + 1, bitmap.height());
        (0..2).for_each(|left| struck.put(&bitmap, left, 0));
        return Some(struck);
    }
    Some(bitmap)
}

/// `GS * x y d..`: columns of y bytes.
pub(super) fn downloaded(command: &[u8]) -> Option<Bitmap> {
    let y = usize::from(*command.get(3)?);
    (y > 0).then_some(())?;
    Some(Bitmap::of_columns(y, command.get(4..)?))
}

/// `GS / m`
pub(super) fn printed(bitmap: &Bitmap, mode: u8) -> Bitmap {
    stretched(bitmap.clone(), 1 + u32::from(mode & 1), 1 + u32::from(mode >> 1 & 1))
}

/// `GS Q 0 m xL xH yL yH d..`: columns of y bytes.
pub(super) fn variable(command: &[u8]) -> Option<Bitmap> {
    let (mode, y) = (*command.get(3)?, word(command, 6)?);
    (y > 0).then_some(())?;
    Some(printed(&Bitmap::of_columns(y, command.get(8..)?), mode))
}

/// What `GS ( L` and `GS 8 L` do: parameters from `m` on.
pub(super) enum Graphics {
    /// Fn 112, 113.
    Store(Bitmap),
    /// Fn 2, 50.
    Print,
    /// Fn 69, 85: a picture of the printer's memory.
    PrintOwn,
}

/// Reads the parameters of `GS ( L` and `GS 8 L`, from `m` on.
pub(super) fn graphics(parameters: &[u8]) -> Option<Graphics> {
    match parameters.get(1)? {
        2 | 50 => Some(Graphics::Print),
        69 | 85 => Some(Graphics::PrintOwn),
        // m fn a bx by c xL xH yL yH d..
        function @ (112 | 113) => {
            let (bx, by) = (u32::from(*parameters.get(3)?), u32::from(*parameters.get(4)?));
            let (x, y) = (word(parameters, 6)?, word(parameters, 8)?);
            let data = parameters.get(10..)?;
            let bitmap = if *function == 112 {
                let row_bytes = x.div_ceil(8);
                // No more rows than there are data for.
                let rows = y.min(data.len().checked_div(row_bytes)?);
                Bitmap::of_rows(row_bytes, rows, data).columns(0, x as u32)
            } else {
                let column_bytes = y.div_ceil(8);
                (column_bytes > 0).then_some(())?;
                let data = data.get(..data.len().min(column_bytes * x))?;
                Bitmap::of_columns(column_bytes, data)
            };
            Some(Graphics::Store(stretched(bitmap, bx.clamp(1, 2), by.clamp(1, 2))))
        }
        _ => None,
    }
}
