//! The paper: every dot that was printed, kept as PNG, and its text as `paper.txt`.
//!
//! The canvas is bounded: when it is longer than the limit the older part goes to a numbered PNG (or is
//! dropped when there is no directory). Glyphs and images come as finished dots; the roll's length and the
//! sensors are the state's business.

use crate::bitmap::Bitmap;
use crate::error::Error;
use crate::machine::Strip;
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Paper left and right of the print area in pictures, dots (80 mm paper: 640 dots for 576).
const MARGIN: usize = 32;
/// Text kept in memory, bytes; older text is only in the file.
const TEXT_LIMIT: usize = 8 * 1024 * 1024;

/// A piece of paper as dots, ready to be written without holding any lock.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    dots: usize,
    dpi: (u32, u32),
    rows: Vec<u8>,
    cuts: Vec<usize>,
    pub(crate) path: PathBuf,
}

/// The paper of one printer.
#[derive(Debug)]
pub(crate) struct Paper {
    keep: bool,
    dots: usize,
    dpi: (u32, u32),
    stride: usize,
    rows: Vec<u8>,
    /// Rows of the canvas at which it was cut.
    cuts: Vec<usize>,
    limit_rows: usize,
    cutter_distance: usize,
    dir: Option<PathBuf>,
    number: u32,
    text: String,
    text_file: Option<File>,
    old: VecDeque<Picture>,
}

/// How a paper is kept.
#[derive(Clone, Debug)]
pub(crate) struct PaperOptions {
    pub(crate) keep: bool,
    pub(crate) dots: usize,
    /// Across and down.
    pub(crate) dpi: (u32, u32),
    pub(crate) limit_rows: usize,
    pub(crate) cutter_distance: usize,
    pub(crate) dir: Option<PathBuf>,
    pub(crate) append: bool,
}

impl Paper {
    pub(crate) fn new(options: PaperOptions) -> Result<Paper, Error> {
        let PaperOptions { keep, dots, dpi, limit_rows, cutter_distance, dir, append } = options;
        let dir = dir.filter(|_| keep);
        let mut number = 0;
        let mut text_file = None;
        if let Some(dir) = &dir {
            let path = dir.join("paper.txt");
            let mut open = OpenOptions::new();
            open.create(true);
            if append {
                open.append(true)
            } else {
                open.write(true).truncate(true)
            };
            text_file = Some(open.open(&path).map_err(Error::file(path))?);
            if append {
                while numbered(dir, number + 1).exists() {
                    number += 1;
                }
                let last = dir.join("paper.png");
                if last.exists() {
                    number += 1;
                    std::fs::rename(&last, numbered(dir, number)).map_err(Error::file(last))?;
                }
            }
        }
        let stride = dots.div_ceil(8);
        Ok(Paper {
            keep,
            dots,
            dpi,
            stride,
            rows: Vec::new(),
            cuts: Vec::new(),
            limit_rows: limit_rows.max(1000),
            cutter_distance,
            dir,
            number,
            text: String::new(),
            text_file,
            old: VecDeque::new(),
        })
    }

    fn height(&self) -> usize {
        self.rows.len() / self.stride
    }

    /// Put a strip on it, of which only `rows` rows came out.
    pub(crate) fn add(&mut self, strip: &Strip, rows: usize) {
        if !self.keep {
            return;
        }
        let end = self.rows.len() + rows * self.stride;
        if let Some(bitmap) = &strip.bitmap {
            let bytes = bitmap.bytes();
            self.rows.extend_from_slice(&bytes[..bytes.len().min(rows * self.stride)]);
        }
        self.rows.resize(end, 0);
        self.add_text(strip, rows < strip.rows());
        self.overflow();
    }

    /// An older part of the canvas that is to be written, without holding any lock.
    pub(crate) fn take_old(&mut self) -> Option<Picture> {
        self.old.pop_front()
    }

    fn add_text(&mut self, strip: &Strip, torn: bool) {
        let mut piece = String::new();
        for line in strip.text.iter().chain(&strip.mark) {
            if !line.trim_end().is_empty() {
                piece.extend(std::iter::repeat_n(' ', strip.indent));
                piece.push_str(line.trim_end());
            }
            if torn {
                piece.push_str(" ~torn~");
            }
            piece.push('\n');
        }
        self.push_text(&piece);
    }

    fn push_text(&mut self, piece: &str) {
        if piece.is_empty() {
            return;
        }
        if let Some(file) = &mut self.text_file
            && file.write_all(piece.as_bytes()).is_err()
        {
            self.text_file = None;
        }
        self.text.push_str(piece);
        if self.text.len() > TEXT_LIMIT {
            let half =
                (TEXT_LIMIT / 2..self.text.len()).find(|i| self.text.is_char_boundary(*i)).unwrap_or(0);
            self.text.drain(..half);
        }
    }

    /// Cut: the blade is above the head, so it goes through paper printed a while ago.
    pub(crate) fn cut(&mut self) {
        if self.keep {
            self.cuts.push(self.height().saturating_sub(self.cutter_distance));
            self.push_text("--- cut ---\n");
        }
    }

    fn overflow(&mut self) {
        if self.height() <= self.limit_rows {
            return;
        }
        // Keep half: the next overflow is not at the next line, and a cut can still be placed.
        let keep = self.limit_rows / 2;
        let old = self.height() - keep;
        let rest = self.rows.split_off(old * self.stride);
        let rows = std::mem::replace(&mut self.rows, rest);
        let (cuts, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.cuts).into_iter().partition(|c| *c < old);
        self.cuts = kept.into_iter().map(|c| c - old).collect();
        if let Some(dir) = &self.dir {
            self.number += 1;
            self.old.push_back(Picture {
                dots: self.dots,
                dpi: self.dpi,
                rows,
                cuts,
                path: numbered(dir, self.number),
            });
        }
    }

    /// What is on the canvas now, to be written to `path`.
    pub(crate) fn picture(&self, path: &Path) -> Result<Picture, Error> {
        if !self.keep {
            return Err(Error::NotKept("this printer keeps no paper (no-paper)"));
        }
        Ok(Picture {
            dots: self.dots,
            dpi: self.dpi,
            rows: self.rows.clone(),
            cuts: self.cuts.clone(),
            path: path.into(),
        })
    }

    /// The text in memory.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

fn numbered(dir: &Path, n: u32) -> PathBuf {
    dir.join(format!("paper-{n:04}.png"))
}

impl Picture {
    /// Dot rows.
    pub(crate) fn height(&self) -> usize {
        self.rows.len() / self.dots.div_ceil(8)
    }

    /// Write it as PNG, 1 bit gray, with the margins of the paper and a dashed line at each cut.
    pub(crate) fn write(&self) -> Result<(), Error> {
        let stride = self.dots.div_ceil(8);
        let width = MARGIN + stride * 8 + MARGIN;
        // A PNG without rows is not valid; an unused paper is one white row.
        let height = self.height().max(1);
        let mut image = Bitmap::new(width, 0);
        let mut line = vec![0u8; width / 8];
        for y in 0..height {
            let row = self.rows.get(y * stride..(y + 1) * stride).unwrap_or_default();
            line[MARGIN / 8..MARGIN / 8 + row.len()].copy_from_slice(row);
            image.push_row(&line);
        }
        for cut in &self.cuts {
            for x in (0..width).step_by(16) {
                image.fill(x, cut.saturating_sub(1), 9, 3);
            }
        }
        let inverted: Vec<u8> = image.bytes().iter().map(|b| !b).collect();
        let temporary = self.path.with_extension("png.tmp");
        let file = File::create(&temporary).map_err(Error::file(&temporary))?;
        let mut encoder = png::Encoder::new(
            BufWriter::new(file),
            u32::try_from(width).unwrap_or(u32::MAX),
            u32::try_from(height).unwrap_or(u32::MAX),
        );
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        // Dots of pins are no squares; a viewer that asks shows the paper's own proportions.
        let per_metre = |dpi: u32| (dpi * 10_000 + 127) / 254;
        encoder.set_pixel_dims(Some(png::PixelDimensions {
            xppu: per_metre(self.dpi.0),
            yppu: per_metre(self.dpi.1),
            unit: png::Unit::Meter,
        }));
        // A long roll is written while the printer prints; what a person asks for may take a little longer.
        let long = height > 20_000;
        encoder.set_compression(if long { png::Compression::Fast } else { png::Compression::Balanced });
        // Filters are for shades; on packed bits they cost most of the time and save nothing.
        encoder.set_filter(png::Filter::NoFilter);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&inverted)?;
        writer.finish()?;
        // Whoever watches the directory never sees half a picture.
        std::fs::rename(&temporary, &self.path).map_err(Error::file(&self.path))
    }
}
