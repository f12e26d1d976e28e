//! What the interpreter asks of the machine it drives: print these dots, cut, answer.
//!
//! Two machines exist: the live one, which takes real time and can run out of paper, and the offline one
//! of `render`, which only has paper.

use crate::bitmap::Bitmap;
use crate::record::Run;

/// The buffers were cleared (power off, `DLE DC4` fn 8, `DLE ENQ 2`): what was being done is void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleared;

/// What kind of thing comes off the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StripKind {
    /// A line of characters (perhaps empty).
    Line,
    /// A band of an image, at most [`BAND`] rows.
    Image,
    /// A QR code or bar code.
    Code,
    /// A band of a page-mode page.
    Page,
    /// Paper fed without anything on it.
    Feed,
}

/// Images go to the head in bands of this many rows.
pub const BAND: usize = 24;

/// A piece of paper as it comes off the head: `ink` rows of dots, then `feed` white ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// What it is.
    pub kind: StripKind,
    /// Rows with dots.
    pub ink: usize,
    /// White rows after them.
    pub feed: usize,
    /// The dots; `None` when no paper is kept or nothing is on it.
    pub bitmap: Option<Bitmap>,
    /// Text on it, one entry a line.
    pub text: Vec<String>,
    /// The same with its places and looks, when a record is kept.
    pub runs: Vec<Run>,
    /// The printer ended the line because the next character did not fit.
    pub broken: bool,
    /// Black dots of the images among its characters; `None` when there are none.
    pub bits: Option<usize>,
    /// Columns of Font A left of the text.
    pub indent: usize,
    /// What stands in the paper's text form for something that is no text, like `[image 384x120]`.
    pub mark: Option<String>,
    /// A machine-readable code: kind and content.
    pub code: Option<(String, String)>,
}

impl Strip {
    /// White paper.
    pub fn feed(rows: usize) -> Self {
        Strip {
            kind: StripKind::Feed,
            ink: 0,
            feed: rows,
            bitmap: None,
            text: Vec::new(),
            runs: Vec::new(),
            broken: false,
            bits: None,
            indent: 0,
            mark: None,
            code: None,
        }
    }

    /// All rows.
    pub fn rows(&self) -> usize {
        self.ink + self.feed
    }
}

/// A command from the buffer that is not about paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `GS ( H` fn 48.
    ProcessId([u8; 4]),
    /// `GS ( H` fn 49, offline response 0, 1, 2.
    OfflineResponse(u8),
    /// `GS r n`.
    Status(u8),
    /// `ESC v`.
    PaperSensor,
    /// `GS I n`.
    Info(u8),
    /// `GS g 2`.
    Counter(u16),
    /// `GS g 0`.
    CounterReset(u16),
    /// `GS a n`.
    Asb(u8),
    /// `GS ( D`: enable or disable `DLE DC4` fn 1 or 2.
    EnableRealTime {
        /// 1 or 2.
        function: u8,
        /// On or off.
        on: bool,
    },
    /// `ESC p`.
    Pulse {
        /// 0 or 1.
        pin: u8,
        /// On time, ms.
        ms: u32,
    },
    /// `ESC B`.
    Beep(u8),
}

/// Something worth a line in the log that needs no machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Bytes that are no command.
    Unknown {
        /// The bytes.
        bytes: Vec<u8>,
        /// Where, since power on.
        offset: u64,
    },
    /// A command this model does not have.
    Unsupported(String),
}

/// The machine.
pub trait Machine {
    /// Put a strip on paper; returns when it has come off the head.
    fn print(&mut self, strip: Strip) -> Result<(), Cleared>;
    /// Cut; returns when the cut is done.
    fn cut(&mut self, partial: bool) -> Result<(), Cleared>;
    /// Carry out a request, when the printer is online.
    fn request(&mut self, request: Request) -> Result<(), Cleared>;
    /// Log something.
    fn note(&mut self, note: Note);
}
