//! A request becomes a picture.

use std::cell::RefCell;

use receiptd_document::{DrawLine, Grey, TypesetError, Typesetter};
use receiptd_fonts::{Canvas, Fonts, Grid, Look};
use receiptd_render_client::wire::{Answer, Request};

use crate::jpeg;

/// Height of a character of Font A, and of a Hanzi, in dots.
const CHARACTER_DOTS: u16 = 24;

/// Draws with the fonts of a library.
#[derive(Debug, Default)]
pub struct Painter {
    fonts: RefCell<Fonts>,
}

impl Painter {
    /// Draws with these fonts.
    #[must_use]
    pub const fn new(fonts: Fonts) -> Self {
        Self { fonts: RefCell::new(fonts) }
    }

    /// Does what is asked.
    #[must_use]
    pub fn answer(&self, request: &Request<'_>) -> Answer {
        match request {
            Request::Line(line) => match self.draw(line) {
                Ok(rows) => Answer::Picture(rows),
                Err(TypesetError::NoFont) => Answer::NoFont,
                Err(other) => Answer::Refused(other.to_string()),
            },
            Request::Jpeg { bytes, pixels_max } => match jpeg::unpack(bytes, *pixels_max) {
                Ok(grey) => Answer::Grey(grey),
                Err(TypesetError::PictureTooLarge { width, height }) => Answer::TooLarge(width, height),
                Err(TypesetError::NoPicture { detail }) => Answer::NoPicture(detail),
                Err(other) => Answer::Refused(other.to_string()),
            },
        }
    }
}

impl Typesetter for Painter {
    fn draw(&self, line: &DrawLine<'_>) -> Result<Vec<u8>, TypesetError> {
        let Ok(mut fonts) = self.fonts.try_borrow_mut() else {
            return Err(TypesetError::Failed { detail: "another line is being drawn".to_owned() });
        };
        // Without any font each character would be a box: a receipt that nobody can read.
        if !fonts.any() {
            return Err(TypesetError::NoFont);
        }
        let grid = Grid {
            cell: line.cell.into(),
            height: CHARACTER_DOTS,
            line: u16::from(line.line).max(CHARACTER_DOTS),
        };
        let look = Look {
            bold: line.bold,
            underline: line.underline,
            reverse: line.reverse,
            width: line.width,
            height: line.height,
        };
        let mut canvas = Canvas::new(line.paper, line.rows());
        for piece in &line.pieces {
            let laid_out = fonts.line(&piece.text, &piece.cells, grid);
            fonts.draw(&laid_out, grid, look, &mut canvas, (piece.left.into(), 0));
        }
        Ok(canvas.into_bits())
    }

    fn unpack_jpeg(&self, bytes: &[u8], pixels_max: u64) -> Result<Grey, TypesetError> {
        jpeg::unpack(bytes, pixels_max)
    }
}
