//! How a page looks, as far as it can be compared: how light each cell of the screen is, in 26 steps, as text. A line that
//! moves, a word that is gone or a code that is black on black changes many cells; how a browser smooths a letter changes few.

use std::fs::File;
use std::path::Path;

/// A cell, in pixels: about a letter.
const CELL: (usize, usize) = (12, 16);

/// Steps by which a cell may differ; a letter darkens one by three or more.
const STEPS: u8 = 2;

/// Of a thousand cells, so many may differ by more.
const PER_MILLE: usize = 5;

/// A screenshot.
pub struct Picture {
    width: usize,
    bytes_per_pixel: usize,
    pixels: Vec<u8>,
}

impl Picture {
    /// A PNG in colour.
    pub fn read(path: &Path) -> Self {
        let decoder = png::Decoder::new(std::io::BufReader::new(File::open(path).expect("a picture")));
        let mut reader = decoder.read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("its size")];
        let info = reader.next_frame(&mut pixels).expect("its pixels");
        Self { width: info.width as usize, bytes_per_pixel: info.color_type.samples(), pixels }
    }

    /// The look of a part of it, lines of nothing at its end left out.
    pub fn look(&self, left: usize, top: usize, (width, height): (usize, usize)) -> String {
        let row = |y: usize| -> String {
            (0..width / CELL.0).map(|x| self.cell(left + x * CELL.0, top + y * CELL.1)).collect()
        };
        let mut rows: Vec<String> = (0..height / CELL.1).map(row).collect();
        while rows.len() > 1 && rows.last() == rows.get(rows.len() - 2) {
            rows.pop();
        }
        rows.join("\n") + "\n"
    }

    fn cell(&self, left: usize, top: usize) -> char {
        let mut sum = 0;
        for y in top..top + CELL.1 {
            for x in left..left + CELL.0 {
                let at = (y * self.width + x) * self.bytes_per_pixel;
                sum += self.pixels[at..at + 3].iter().map(|byte| usize::from(*byte)).sum::<usize>();
            }
        }
        let mean = sum / (3 * CELL.0 * CELL.1);
        char::from(b'a' + (mean * 26 / 256) as u8)
    }
}

/// Whether a look is the golden one of that name, but for little. `UPDATE_GOLDEN=1` writes it anew.
pub fn is_golden(name: &str, look: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/looks").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, look).expect("writes");
    }
    is_the_same(&std::fs::read_to_string(&path).unwrap_or_default(), look)
}

/// Whether two looks differ by little at most.
pub fn is_the_same(a: &str, b: &str) -> bool {
    let differs = |(a, b): &(u8, u8)| a.abs_diff(*b) > STEPS;
    a.len() == b.len() && a.bytes().zip(b.bytes()).filter(differs).count() * 1000 <= PER_MILLE * a.len()
}

/// The same without the line that stands out most from the first one, which is empty.
pub fn erased(look: &str) -> String {
    let empty = look.lines().next().unwrap_or_default();
    let stands_out =
        |row: &str| row.bytes().zip(empty.bytes()).map(|(a, b)| u32::from(a.abs_diff(b))).sum::<u32>();
    let rows: Vec<&str> = look.lines().collect();
    let most = rows.iter().map(|row| stands_out(row)).max().unwrap_or_default();
    rows.iter()
        .map(|row| if stands_out(row) == most { empty } else { row })
        .map(|row| format!("{row}\n"))
        .collect()
}
