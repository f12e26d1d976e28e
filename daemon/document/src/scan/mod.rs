//! Reads a stream of ESC/POS commands: counts lines and paper, finds the places for fences, splits off
//! the tail, and refuses what a document must not contain.
//!
//! # What is refused, each with its offset
//! * another format (PDF, PNG, HTML, ...), a command that ends too early, bytes that are no command;
//! * commands with a reply (`DLE EOT`, `GS r`, `GS I`, `GS g 2`, `ESC u`, `ESC v`, `GS ( H`, `GS a`, ...):
//!   the daemon would take it for the answer to its own question;
//! * commands that outlive the document (`GS ( C/E/F/M`, `GS ( L` NV functions, `FS q`, `FS g`, `GS g 0`);
//! * commands that act on arrival instead of in their place: all of `DLE`. That includes the drawer pulse
//!   `DLE DC4 1`: it would open the drawer before the receipt is printed, and again with every attempt;
//!   `ESC p` is the same in its place;
//! * macros, and a document that ends in page mode.
//!
//! # Real-time commands in data
//! A printer carries out `10 04 01` even inside the data of a picture. In pictures one dot is set, black
//! beside black ([`Scan::changes`]): the picture cannot stay as it is, since its bytes are the command.
//! Anywhere else (text of a barcode or QR code, lengths, parameters) the document is refused.
//!
//! # What is left to others
//! The bytes are not changed here and nothing is drawn. The commands' meaning is known as far as paper
//! and safe points are concerned, not further.

mod command;
mod foreign;
mod paper;
mod realtime;
mod refuse;

use crate::limits::{LINES_MAX, PAPER_DOTS_MAX, RASTER_FENCE_DOTS};
use crate::{DocumentError, Extent, FencePoint, Hex, Profile, eight};
pub(crate) use command::Op;
use command::Parsed;
use paper::{Effect, Paper};
#[cfg(test)]
pub(crate) use realtime::find as find_real_time;
pub(crate) use realtime::{BROKEN, completes};

/// What a stream does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Printed lines.
    pub lines: u32,
    /// Paper, in dot rows of 1/8 mm, with the final feed.
    pub dots: u32,
    /// Places for fences, ascending. If anything is printed, the last one is `body_len`.
    pub fence_points: Vec<FencePoint>,
    /// Where the last printed line ends and the tail begins, in bytes.
    pub body_len: usize,
    /// Offsets of bytes in pictures which begin a real-time command, and must become `18` hex.
    pub changes: Vec<usize>,
    /// The stream ends at the start of a line. If not, its last line would stay in the printer's buffer.
    pub complete: bool,
    /// It opens a drawer.
    pub drawer: bool,
    /// It cuts.
    pub cut: bool,
    /// Lines that were longer than the paper, so that the printer broke them where it liked.
    pub wrapped: u32,
}

/// Scans a whole stream.
///
/// # Errors
/// The stream must not be printed: what, at which offset, and what to do instead.
pub fn scan(bytes: &[u8], profile: &Profile) -> Result<Scan, DocumentError> {
    foreign::refuse(bytes)?;
    let mut scanner = Scanner {
        paper: Paper::new(profile),
        fence_points: Vec::with_capacity((bytes.len() / 24).min(LINES_MAX)),
        body_len: 0,
        band_end: 0,
        real_time: realtime::find(bytes),
        real_time_seen: 0,
        changes: Vec::new(),
    };
    let mut at = 0;
    while at < bytes.len() {
        at += scanner.step(bytes, at)?;
    }
    if let Some(offset) = scanner.paper.open_page() {
        return Err(DocumentError::LeftOpen { offset, what: "page mode (ESC L)", close: "FF (0c)" });
    }
    Ok(Scan {
        lines: scanner.paper.lines,
        dots: scanner.paper.dots(),
        fence_points: scanner.fence_points,
        body_len: scanner.body_len,
        changes: scanner.changes,
        complete: !scanner.paper.pending,
        drawer: scanner.paper.drawer,
        cut: scanner.paper.cut,
        wrapped: scanner.paper.wrapped,
    })
}

/// The commands of a stream that has been scanned: offset, bytes, what it does. Ends where the stream is none.
pub(crate) fn commands(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8], Op)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let Parsed::Command { len, op } = command::parse(rest) else { return None };
        let begin = at;
        at += len;
        Some((begin, rest.get(..len)?, op))
    })
}

/// The commands of a stream that has been scanned, each with its bytes; a run of text is one command.
///
/// It says where one ends and the next begins, not what they mean. Ends where the stream is none: a stream that
/// [`scan`] refuses is given up to the first command that is not whole, unknown or refused.
pub fn split(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    commands(bytes).map(|(_, command, _)| command)
}

struct Scanner<'a> {
    paper: Paper<'a>,
    fence_points: Vec<FencePoint>,
    body_len: usize,
    /// End of the last band of a picture, 0 if another command printed since.
    band_end: usize,
    real_time: Vec<usize>,
    real_time_seen: usize,
    changes: Vec<usize>,
}

impl Scanner<'_> {
    /// Reads one command; gives its length.
    fn step(&mut self, bytes: &[u8], at: usize) -> Result<usize, DocumentError> {
        let rest = bytes.get(at..).unwrap_or_default();
        let (len, op) = match command::parse(rest) {
            Parsed::Command { len, op } => (len, op),
            Parsed::Truncated(command) => return Err(DocumentError::Truncated { offset: at, command }),
            Parsed::Unknown => {
                return Err(DocumentError::UnknownCommand { offset: at, bytes: Hex::of(rest) });
            }
            Parsed::Refused(refused) => {
                return Err(DocumentError::Forbidden {
                    offset: at,
                    command: refused.command,
                    why: refused.why,
                    instead: refused.instead,
                });
            }
        };
        let end = at + len;
        self.check_real_time(bytes, at, end, op)?;
        if op == Op::Text && self.paper.kanji {
            check_pairs(&rest[..len], at)?;
        }
        match self.paper.apply(op, at, &rest[..len]) {
            Effect::None => {}
            Effect::Printed => {
                self.band_end = 0;
                self.fence(end);
            }
            Effect::Band => self.band(at, end),
        }
        if self.paper.lines as usize > LINES_MAX {
            return Err(DocumentError::TooLong { extent: Extent::Lines, max: LINES_MAX as u64 });
        }
        if self.paper.dots() > PAPER_DOTS_MAX {
            return Err(DocumentError::TooLong { extent: Extent::PaperDots, max: PAPER_DOTS_MAX.into() });
        }
        Ok(len)
    }

    /// A real-time command that begins in the command from `at` to `end`: changed in a picture, refused
    /// elsewhere.
    fn check_real_time(&mut self, bytes: &[u8], at: usize, end: usize, op: Op) -> Result<(), DocumentError> {
        while let Some(&offset) = self.real_time.get(self.real_time_seen)
            && offset < end
        {
            match op {
                Op::Picture { data, .. } | Op::LinePicture { data } | Op::StorePicture { data, .. }
                    if offset >= at + data =>
                {
                    self.changes.push(offset);
                }
                _ => {
                    let bytes = Hex::of(bytes.get(offset..bytes.len().min(offset + 3)).unwrap_or_default());
                    return Err(DocumentError::RealTimeInData { offset, bytes });
                }
            }
            self.real_time_seen += 1;
        }
        Ok(())
    }

    fn fence(&mut self, end: usize) {
        self.body_len = end;
        // Documents are at most 1 MiB and copies 4 MiB: offsets fit.
        let point = FencePoint { offset: end as u32, line: self.paper.lines, dots: self.paper.dots() };
        self.fence_points.push(point);
    }

    /// A band that joins the one before it moves that one's fence to its own end, unless the run has
    /// become long: a printer that stops between bands may leave a line in the picture.
    fn band(&mut self, at: usize, end: usize) {
        if self.band_end == at && at != 0 {
            let run_began = match self.fence_points.as_slice() {
                [.., before, _] => before.dots,
                _ => 0,
            };
            if self.paper.dots().saturating_sub(run_began) <= RASTER_FENCE_DOTS {
                self.fence_points.pop();
                self.paper.join_line();
            }
        }
        self.band_end = end;
        self.fence(end);
    }
}

/// In Chinese mode a first byte without its second swallows the line feed that follows it.
fn check_pairs(text: &[u8], offset: usize) -> Result<(), DocumentError> {
    if eight::high(text) == 0 {
        return Ok(());
    }
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let len = match (byte, text.get(at + 1)) {
            (0x81..=0xfe, Some(0x30..=0x39)) => 4,
            (0x81..=0xfe, _) => 2,
            _ => 1,
        };
        if at + len > text.len() {
            return Err(DocumentError::Truncated { offset: offset + at, command: "a Chinese character" });
        }
        at += len;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
