//! Draws the lines of a text file as a PNG, to be looked at: `picture TEXT.txt OUT.png [FOLDER...]`.

#![allow(clippy::unwrap_used, reason = "an example")]

use std::io::BufWriter;
use std::path::PathBuf;
use std::time::Instant;

use receiptd_fonts::{Canvas, Fonts, Grid, Look, cells};

fn main() {
    let mut args = std::env::args().skip(1);
    let text = std::fs::read_to_string(args.next().unwrap()).unwrap();
    let out = args.next().unwrap();
    let folders: Vec<PathBuf> = args.map(PathBuf::from).collect();
    let mut fonts = if folders.is_empty() { Fonts::default() } else { Fonts::new(folders) };
    for round in 0..2 {
        let mut look = Look::PLAIN;
        let begin = Instant::now();
        let mut canvas = Canvas::paper(576, 3000);
        let mut y = 0;
        for text in text.lines() {
            look = match text {
                "#plain" => Look::PLAIN,
                "#bold" => Look { bold: true, ..look },
                "#underline" => Look { underline: true, ..look },
                "#reverse" => Look { reverse: true, ..look },
                "#large" => Look { width: 2, height: 2, ..look },
                _ => {
                    let cells: Vec<u8> = cells(text).collect();
                    let line = fonts.line(text, &cells, Grid::FONT_A);
                    fonts.draw(&line, Grid::FONT_A, look, &mut canvas, (0, y));
                    y += 30 * i32::from(look.height);
                    continue;
                }
            }
        }
        println!("round {round}: {y} rows in {:?}", begin.elapsed());
        if round == 1 {
            let file = BufWriter::new(std::fs::File::create(&out).unwrap());
            let mut encoder = png::Encoder::new(file, canvas.width().into(), y as u32);
            encoder.set_color(png::ColorType::Grayscale);
            encoder.set_depth(png::BitDepth::One);
            let bits: Vec<u8> = canvas.bits().iter().map(|byte| !byte).collect();
            encoder
                .write_header()
                .unwrap()
                .write_image_data(&bits[..canvas.row_bytes() * y as usize])
                .unwrap();
        }
    }
}
