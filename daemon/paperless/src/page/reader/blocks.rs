//! What stands by itself: pictures, codes, cuts, and the sheet of page mode.

use std::sync::Arc;

use super::Reader;
use crate::bitmap::Bitmap;
use crate::codes::{self, Matrix};
use crate::limits::CODES_MAX;
use crate::page::finish::beside;
use crate::page::graphics::{self, Graphics};
use crate::page::{Align, Barcode, Block, Picture, Qr, Text, What};

/// Room for what is only known to the printer, in 1/8 mm, as the scanner counts it: 25 mm.
const UNKNOWN_HEIGHT: u32 = 200;

impl Reader<'_> {
    /// Something that stands by itself. A line that was begun in front of it is printed first.
    pub(super) fn block(&mut self, height: u32, what: What) {
        self.feed(0, 0);
        match &mut self.sheet {
            Some(sheet) => {
                let top = sheet.origin.1.saturating_add(sheet.y);
                sheet.blocks.push(Block { top, height, what });
            }
            None => self.blocks.push(Block { top: self.y, height, what }),
        }
        self.advance(height);
    }

    /// Something that is only known to the printer.
    pub(super) fn unknown(&mut self, what: What) {
        self.block(self.grid.rows(UNKNOWN_HEIGHT), what);
    }

    /// Left edge of a block of a width.
    pub(super) fn left(&self, width: u32) -> u32 {
        let free = self.area().saturating_sub(width);
        self.modes.margin
            + match self.modes.align {
                Align::Left => 0,
                Align::Center => free / 2,
                Align::Right => free,
            }
    }

    pub(super) fn picture(&mut self, dots: Option<Arc<Bitmap>>) {
        if let Some(dots) = dots.filter(|dots| dots.height() > 0) {
            let (left, height) = (self.left(dots.width()), dots.height());
            let text = self
                .drawn
                .take()
                .map(|line| Text { words: line.text.as_str().into(), rows: line.rows.into() });
            self.block(height, What::Picture(Picture { left, dots, text }));
        }
    }

    pub(super) fn graphics(&mut self, parameters: &[u8]) {
        match graphics::graphics(parameters) {
            Some(Graphics::Store(bitmap)) => self.stored = Some(Arc::new(bitmap)),
            Some(Graphics::Print) => self.picture(self.stored.clone()),
            Some(Graphics::PrintOwn) => self.unknown(What::Unknown("GS ( L")),
            None => {}
        }
    }

    pub(super) fn symbol(&mut self, kind: u8, function: u8, parameters: &[u8]) {
        const QR: u8 = 49;
        match (kind, function, parameters) {
            (QR, 67, &[n, ..]) => self.modes.qr_module = u32::from(n).clamp(1, 16),
            (QR, 69, &[n, ..]) => self.modes.qr_level = n,
            (kind, 80, &[_, ref data @ ..]) => (self.symbol, self.symbol_kind) = (data.to_vec(), kind),
            (QR, 81, _) if self.symbol_kind == QR => self.qr(),
            (_, 81, _) if !self.symbol.is_empty() => {
                self.unknown(What::Unknown("GS ( k"));
            }
            _ => {}
        }
    }

    pub(super) fn qr(&mut self) {
        let level = self.modes.qr_level;
        let known = self.matrix.as_ref().filter(|known| known.0 == self.symbol && known.1 == level);
        let matrix = match known {
            Some((.., matrix)) => matrix.clone(),
            None if self.codes < CODES_MAX => {
                self.codes += 1;
                let matrix = Matrix::of(&self.symbol, level).map(Arc::new);
                self.matrix = Some((self.symbol.clone(), level, matrix.clone()));
                matrix
            }
            None => None,
        };
        let module = self.modes.qr_module;
        let unknown = self.grid.rows(UNKNOWN_HEIGHT);
        let side = matrix.as_ref().map_or(unknown, |matrix| matrix.side() * module);
        let data = match std::str::from_utf8(&self.symbol) {
            Ok(text) => text.to_owned(),
            // Chinese apps also put GB18030 into codes, which is what the printer's own text is in.
            Err(_) => encoding_rs::GB18030.decode_without_bom_handling(&self.symbol).0.into_owned(),
        };
        let data = data.replace(|c: char| c.is_control(), " ");
        self.block(side, What::Qr(Qr { left: self.left(side), module, data, matrix }));
    }

    pub(super) fn barcode(&mut self, command: &[u8]) {
        let Some(read) = codes::barcode(command) else { return };
        let bars = read.bars.filter(|_| self.codes < CODES_MAX).map(Arc::new);
        self.codes += 1;
        let module = self.modes.bar_module;
        let width = bars.as_ref().map_or(0, |bars| bars.len() as u32 * module);
        let text = (self.modes.bar_text & 1 != 0, self.modes.bar_text & 2 != 0);
        let height = self.modes.bar_height + self.grid.letter_rows * (u32::from(text.0) + u32::from(text.1));
        let what = Barcode {
            left: self.left(width),
            module,
            bar_height: self.modes.bar_height,
            data: read.data,
            kind: read.kind,
            text,
            bars,
        };
        self.block(height, What::Barcode(what));
    }

    /// Cuts; with `feed` after a feed to the blade and so many units more.
    pub(super) fn cut(&mut self, feed: Option<u8>) {
        if let Some(units) = feed {
            let to_blade = self.grid.rows(self.profile.feed_before_cut_dots.into());
            self.advance(to_blade + self.down(units.into()));
        }
        if self.sheet.is_none() {
            self.blocks.push(Block { top: self.y, height: 0, what: What::Cut });
        }
    }

    /// Puts the sheet on paper, in the order of its lines and not of the stream.
    pub(super) fn print_sheet(&mut self) {
        self.feed(0, 0);
        let Some(sheet) = &mut self.sheet else { return };
        let mut blocks = std::mem::take(&mut sheet.blocks);
        let height = if sheet.bottom == 0 { sheet.y } else { sheet.bottom };
        sheet.y = 0;
        blocks.iter_mut().for_each(|block| block.top = block.top.saturating_add(self.y));
        blocks.sort_by_key(|block| block.top);
        self.blocks.extend(beside(blocks));
        self.y = self.y.saturating_add(height);
    }
}
