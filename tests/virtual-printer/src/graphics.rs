//! The part of the interpreter that prints images, QR codes and bar codes.

use crate::bitmap::Bitmap;
use crate::command::Command;
use crate::interpreter::{Interpreter, Raster};
use crate::line::{Line, Look};
use crate::machine::{BAND, Cleared, Machine, Note, Strip, StripKind};
use crate::model::Head;
use crate::symbols;

impl Interpreter {
    /// Carry out a command about images or codes.
    pub(crate) fn graphic(&mut self, command: Command, machine: &mut impl Machine) -> Result<(), Cleared> {
        match command {
            Command::BitImage { mode, data } => self.bit_image(mode, &data),
            Command::RasterStart { scale, width_bytes, rows } => {
                self.flush_line(machine)?;
                let (sx, sy) = factors(scale);
                let width = (usize::from(width_bytes) * 8).min(self.model.dots);
                let height = usize::from(rows) * sy;
                self.raster = Some(Raster { sx, sy, width, height, band: Bitmap::new(width, 0), rows: 0 });
            }
            Command::RasterRow(row) => {
                if let Some(raster) = &mut self.raster {
                    raster.band.push_row(&row);
                    raster.rows += 1;
                    if raster.band.height() * raster.sy >= BAND {
                        self.print_band(false, machine)?;
                    }
                }
            }
            Command::RasterEnd => {
                self.print_band(true, machine)?;
                self.raster = None;
            }
            Command::DefineImage { y, data, .. } => {
                self.downloaded = Some(Bitmap::from_columns(&data, usize::from(y)));
            }
            Command::PrintDefined(m) => {
                if let Some(image) = self.downloaded.clone() {
                    self.image(&image, m, machine)?;
                }
            }
            Command::DefineNvImages(images) => {
                self.nv_images = images
                    .into_iter()
                    .zip(1u8..)
                    .map(|((_, y, data), n)| (n, Bitmap::from_columns(&data, usize::from(y))))
                    .collect();
            }
            Command::PrintNvImage(n) => match self.nv_images.get(&n).cloned() {
                Some(image) => self.image(&image, 0, machine)?,
                None => machine.note(Note::Unsupported(format!("NV image {n} is not defined"))),
            },
            Command::HriPosition(n) => self.modes.hri = n & 3,
            Command::HriFont(n) => self.modes.hri_cell = self.modes.font_of(n),
            Command::BarHeight(n) => self.modes.bar_height = usize::from(n.max(1)),
            Command::BarWidth(n) => self.modes.bar_width = usize::from(n.clamp(1, 6)),
            Command::Barcode { kind, data } => self.barcode(kind, &data, machine)?,
            Command::GsParen { letter: b'k', data } => self.symbol(&data, machine)?,
            Command::GsParen { letter: b'L', data } => self.stored_graphics(&data, machine)?,
            // Settings of real printers that change nothing on this paper.
            Command::GsParen { letter: b'A' | b'C' | b'D' | b'E' | b'K' | b'M', .. } => {}
            Command::GsParen { letter, data } => {
                let name = format!("GS ( {} ({} bytes)", char::from(letter), data.len());
                machine.note(Note::Unsupported(name));
            }
            _ => {}
        }
        Ok(())
    }

    fn flush_line(&mut self, machine: &mut impl Machine) -> Result<(), Cleared> {
        if self.line.is_empty() { Ok(()) } else { self.end_line(self.modes.line_spacing, machine) }
    }

    /// `ESC *`: into the line, scaled to the dot pitch of the head.
    fn bit_image(&mut self, mode: u8, data: &[u8]) {
        // Bytes of a column, places from one dot to the next, and what a dot covers.
        let (bytes, (step, sy), sx) = match (self.model.head, mode) {
            (Head::Thermal, 0) => (1, (2, 3), 2),
            (Head::Thermal, 1) => (1, (1, 3), 1),
            (Head::Thermal, 32) => (3, (2, 1), 2),
            (Head::Thermal, _) => (3, (1, 1), 1),
            (Head::NinePin, 0) => (1, (2, 2), 2),
            (Head::NinePin, _) => (1, (1, 2), 2),
        };
        let columns = Bitmap::from_columns(data, bytes);
        let room = self.area().saturating_sub(self.line.x);
        let width = columns.width() * step + sx - step;
        let mut scaled = Bitmap::new(width.min(room), columns.height() * sy);
        if self.draw {
            for left in 0..=sx - step {
                scaled.blit(&columns, left, 0, step, sy);
            }
        }
        self.line.push_image(scaled);
    }

    /// Print the rows of raster collected so far.
    fn print_band(&mut self, last: bool, machine: &mut impl Machine) -> Result<(), Cleared> {
        let Some(raster) = &mut self.raster else { return Ok(()) };
        let rows = raster.band.height();
        let band = std::mem::replace(&mut raster.band, Bitmap::new(raster.width, 0));
        let (sx, sy) = (raster.sx, raster.sy);
        let mark = last.then(|| format!("[image {}x{}]", raster.width * sx, raster.height));
        if rows == 0 && !last {
            return Ok(());
        }
        self.strip(StripKind::Image, &band, (sx, sy), mark, None, machine)
    }

    /// A whole image, in bands; `scale` as `GS v 0` m.
    fn image(&mut self, image: &Bitmap, scale: u8, machine: &mut impl Machine) -> Result<(), Cleared> {
        self.flush_line(machine)?;
        let (sx, sy) = factors(scale);
        let step = (BAND / sy).max(1);
        let bands = image.height().div_ceil(step).max(1);
        for i in 0..bands {
            let mark =
                (i + 1 == bands).then(|| format!("[image {}x{}]", image.width() * sx, image.height() * sy));
            self.strip(StripKind::Image, &image.rows(i * step, step), (sx, sy), mark, None, machine)?;
        }
        Ok(())
    }

    /// One strip of dots, aligned, to the head or into the page.
    fn strip(
        &mut self,
        kind: StripKind,
        dots: &Bitmap,
        (sx, sy): (usize, usize),
        mark: Option<String>,
        code: Option<(String, String)>,
        machine: &mut impl Machine,
    ) -> Result<(), Cleared> {
        let (w, h) = (dots.width() * sx, dots.height() * sy);
        let free = self.area().saturating_sub(w);
        let x = match self.modes.align {
            1 => free / 2,
            2 => free,
            _ => 0,
        };
        if let Some(page) = &mut self.page {
            let at = self.line.x;
            let drawn = self.draw.then(|| {
                let mut drawn = Bitmap::new(w, h);
                drawn.blit(dots, 0, 0, sx, sy);
                drawn
            });
            page.place(drawn.as_ref(), at + x, (at + x, at + x + w), h);
            page.y += h;
            mark.into_iter().for_each(|m| page.text(m));
            code.into_iter().for_each(|c| page.code(c));
            return Ok(());
        }
        let bitmap = (self.draw && h > 0).then(|| {
            let mut drawn = Bitmap::new(self.model.dots, h);
            drawn.blit(dots, self.modes.left_margin + x, 0, sx, sy);
            drawn
        });
        let indent = (self.modes.left_margin + x) / self.column();
        machine.print(Strip { kind, ink: h, bitmap, indent, mark, code, ..Strip::feed(0) })
    }

    fn barcode(&mut self, kind: u8, data: &[u8], machine: &mut impl Machine) -> Result<(), Cleared> {
        if !self.model.barcode {
            machine.note(Note::Unsupported("bar code".into()));
            return Ok(());
        }
        self.flush_line(machine)?;
        let Some(bars) = symbols::bars(kind, data) else {
            machine.note(Note::Unsupported(format!("bar code {kind} {}", String::from_utf8_lossy(data))));
            return Ok(());
        };
        let image = bars.draw(self.modes.bar_width, self.modes.bar_height);
        if image.width() > self.area() {
            // A bar code wider than the print area is not printed at all (GS k, Epson guide).
            machine.note(Note::Unsupported(format!("bar code of {} dots is too wide", image.width())));
            return Ok(());
        }
        if matches!(self.modes.hri, 1 | 3) {
            self.hri(&bars.text, image.width(), machine)?;
        }
        let name = match kind {
            65 => "upc-a",
            67 => "ean13",
            68 => "ean8",
            69 => "code39",
            70 => "itf",
            71 => "codabar",
            72 => "code93",
            _ => "code128",
        };
        let code = Some((name.to_string(), bars.text.clone()));
        self.strip(StripKind::Code, &image, (1, 1), Some(format!("[{name}: {}]", bars.text)), code, machine)?;
        if matches!(self.modes.hri, 2 | 3) {
            self.hri(&bars.text, image.width(), machine)?;
        }
        Ok(())
    }

    /// Human readable text, in the middle of the bars, as a line of its own.
    fn hri(&mut self, text: &str, bars: usize, machine: &mut impl Machine) -> Result<(), Cleared> {
        let look = Look {
            cell: self.modes.hri_cell,
            sx: 1,
            sy: 1,
            bold: false,
            underline: 0,
            reverse: false,
            rotate: false,
        };
        // Below the middle of the bars, wherever these stand.
        let align = std::mem::take(&mut self.modes.align);
        let free = self.area().saturating_sub(bars);
        let left = match align {
            1 => free / 2,
            2 => free,
            _ => 0,
        };
        self.line.x = left + bars.saturating_sub(text.chars().count() * look.cell.w) / 2;
        for c in text.chars() {
            if self.line.x + Line::width_of(look) > self.area() {
                break;
            }
            self.line.push_char(c, look, 0, 0);
        }
        let printed = self.end_line(0, machine);
        self.modes.align = align;
        printed
    }

    /// `GS ( k`: cn = 49 is the QR code.
    fn symbol(&mut self, data: &[u8], machine: &mut impl Machine) -> Result<(), Cleared> {
        if !self.model.qr {
            machine.note(Note::Unsupported("GS ( k".into()));
            return Ok(());
        }
        match *data {
            [49, 65, ..] => {}
            [49, 67, n, ..] => self.qr.module = usize::from(n.clamp(1, 16)),
            [49, 69, n, ..] => self.qr.level = n,
            [49, 80, 48, ref payload @ ..] => self.qr.data = payload.to_vec(),
            [49, 81, 48, ..] => {
                self.flush_line(machine)?;
                let content = String::from_utf8_lossy(&self.qr.data).into_owned();
                match symbols::qr(&self.qr.data, self.qr.module, self.qr.level) {
                    Some(image) if image.width() <= self.area() => {
                        let mark = Some(format!("[qr: {content}]"));
                        self.strip(
                            StripKind::Code,
                            &image,
                            (1, 1),
                            mark,
                            Some(("qr".into(), content)),
                            machine,
                        )?;
                    }
                    _ => machine.note(Note::Unsupported(format!(
                        "QR code of {} bytes at module {} does not fit",
                        self.qr.data.len(),
                        self.qr.module
                    ))),
                }
            }
            _ => machine.note(Note::Unsupported(format!("GS ( k {:02x?}", &data[..data.len().min(2)]))),
        }
        Ok(())
    }

    /// `GS ( L`: fn 112 stores raster dots, fn 113 columns, fn 2 or 50 prints what is stored.
    fn stored_graphics(&mut self, data: &[u8], machine: &mut impl Machine) -> Result<(), Cleared> {
        if !self.model.graphics {
            machine.note(Note::Unsupported("GS ( L".into()));
            return Ok(());
        }
        match *data {
            [48, 112, _, sx, sy, _, xl, xh, yl, yh, ref dots @ ..] => {
                let width = usize::from(u16::from_le_bytes([xl, xh])).min(self.model.dots);
                let stride = usize::from(u16::from_le_bytes([xl, xh])).div_ceil(8);
                let height = usize::from(u16::from_le_bytes([yl, yh]));
                let mut image = Bitmap::new(width, 0);
                if stride > 0 {
                    dots.chunks(stride).take(height).for_each(|row| image.push_row(row));
                }
                let (sx, sy) = (usize::from(sx.clamp(1, 2)), usize::from(sy.clamp(1, 2)));
                let mut scaled = Bitmap::new(width * sx, image.height() * sy);
                scaled.blit(&image, 0, 0, sx, sy);
                self.graphics = Some(scaled);
            }
            [48, 113, _, _, _, _, _, _, yl, yh, ref dots @ ..] => {
                let bytes = usize::from(u16::from_le_bytes([yl, yh])).div_ceil(8);
                self.graphics = Some(Bitmap::from_columns(dots, bytes));
            }
            [48, 2 | 50, ..] => {
                if let Some(image) = self.graphics.take() {
                    self.image(&image, 0, machine)?;
                }
            }
            _ => machine.note(Note::Unsupported(format!("GS ( L {:02x?}", &data[..data.len().min(2)]))),
        }
        Ok(())
    }
}

/// `GS v 0` m: bit 0 doubles the width, bit 1 the height.
fn factors(scale: u8) -> (usize, usize) {
    (usize::from(scale & 1) + 1, usize::from(scale >> 1 & 1) + 1)
}
