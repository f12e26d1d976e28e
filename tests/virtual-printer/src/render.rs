//! Raw ESC/POS bytes to paper without a printer: no time, no sensors, no answers.

use crate::error::Error;
use crate::glyphs::Glyphs;
use crate::interpreter::Interpreter;
use crate::machine::{Cleared, Machine, Note, Request, Strip};
use crate::model::Model;
use crate::paper::{Paper, PaperOptions};
use crate::parser::Parser;
use crate::record::Printed;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longest picture, dot rows (100 m).
const LIMIT_ROWS: usize = 800_000;

/// What came out.
#[derive(Debug)]
pub struct Rendered {
    paper: Paper,
    /// What came out, piece by piece.
    pub record: Vec<Printed>,
    /// What was not understood or not supported, and a missing font.
    pub warnings: Vec<String>,
}

struct Offline {
    paper: Paper,
    record: Vec<Printed>,
    warnings: Vec<String>,
}

impl Machine for Offline {
    fn print(&mut self, strip: Strip) -> Result<(), Cleared> {
        self.paper.add(&strip, strip.rows());
        Printed::note(&strip, &mut self.record);
        Ok(())
    }

    fn cut(&mut self, partial: bool) -> Result<(), Cleared> {
        self.paper.cut();
        self.record.push(Printed::Cut { partial });
        Ok(())
    }

    fn request(&mut self, request: Request) -> Result<(), Cleared> {
        if let Request::Pulse { pin, .. } = request {
            self.record.push(Printed::Drawer { pin });
        }
        Ok(())
    }

    fn note(&mut self, note: Note) {
        self.warnings.push(match note {
            Note::Unknown { bytes, offset } => {
                format!("byte {offset}: unknown {}", crate::faults::hex(&bytes))
            }
            Note::Unsupported(what) => format!("not supported by this model: {what}"),
        });
    }
}

/// Print `bytes` on a model; `font` as in [`crate::Config`].
pub fn render(model: &Model, bytes: &[u8], font: Option<PathBuf>) -> Result<Rendered, Error> {
    let paper = Paper::new(PaperOptions {
        keep: true,
        dots: model.dots,
        dpi: (model.dpi, model.dpi_down),
        limit_rows: LIMIT_ROWS,
        cutter_distance: model.cutter_distance,
        dir: None,
        append: false,
    })?;
    let mut glyphs = Glyphs::new(font);
    let mut machine = Offline { paper, record: Vec::new(), warnings: glyphs.warning().into_iter().collect() };
    let mut parser = Parser::new(model.kanji && model.kanji_default);
    let mut interpreter = Interpreter::new(Arc::new(model.clone()), glyphs, true);
    interpreter.record = true;
    let mut commands = Vec::new();
    parser.push(bytes, &mut commands);
    for command in commands {
        // The offline machine never clears its buffers.
        let _ = interpreter.run(command, &mut machine);
    }
    if interpreter.has_pending() {
        machine
            .warnings
            .push("the data ends in the middle of a line or page: that part is not printed".into());
    }
    Ok(Rendered { paper: machine.paper, record: machine.record, warnings: machine.warnings })
}

impl Rendered {
    /// Write the paper as PNG.
    pub fn save_png(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.paper.picture(path.as_ref())?.write()
    }

    /// The text on it.
    pub fn text(&self) -> &str {
        self.paper.text()
    }
}
