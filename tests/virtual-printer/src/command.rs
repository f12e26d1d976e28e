//! The commands of ESC/POS as data: what the parser hands to the interpreter.
//!
//! One value per command, in the order of the byte stream. What a command *does* is the interpreter's
//! business; which bytes make it is the parser's.

/// One ESC/POS command, decoded and complete.
///
/// Numbers are kept as sent (dots, motion units or character codes as the command defines them).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// One single-byte character of the selected code page.
    Char(u8),
    /// A two-byte GBK character, only in Kanji mode.
    Wide([u8; 2]),
    /// A four-byte GB18030 character, only in Kanji mode.
    Wide4([u8; 4]),
    /// `NUL`: ignored. Hosts send runs of it to finish a raster that was cut off.
    Nul,
    /// `LF`: print and feed one line.
    LineFeed,
    /// `CR`: ignored by most models (a model may treat it as `LF`).
    CarriageReturn,
    /// `HT`: go to the next tab position.
    Tab,
    /// `FF`: in page mode, print the page and return to standard mode.
    FormFeed,
    /// `CAN`: in page mode, delete the page data.
    Cancel,
    /// `ESC @`: initialise modes and drop the print buffer.
    Init,
    /// `ESC ! n`: font, bold, double height and width, underline.
    PrintMode(u8),
    /// `ESC a n`: 0 left, 1 centre, 2 right.
    Align(u8),
    /// `ESC E n`.
    Bold(bool),
    /// `ESC G n`: looks like bold.
    DoubleStrike(bool),
    /// `ESC - n`: 0 off, 1 one dot, 2 two dots.
    Underline(u8),
    /// `ESC d n`: print and feed n lines.
    FeedLines(u8),
    /// `ESC J n`: print and feed n vertical motion units.
    FeedUnits(u8),
    /// `ESC K n` / `ESC e n`: feed backwards; parsed, not carried out.
    FeedBack(u8),
    /// `ESC 2` (none) or `ESC 3 n`: line spacing in vertical motion units.
    LineSpacing(Option<u8>),
    /// `ESC t n`: code page.
    CodePage(u8),
    /// `ESC R n`: international character set.
    Charset(u8),
    /// `ESC M n`: font A (0, 48) or B (1, 49).
    Font(u8),
    /// `ESC p m t1 t2`: drawer pulse on pin `pin`, times in units of 2 ms.
    Pulse {
        /// 0 = pin 2, 1 = pin 5.
        pin: u8,
        /// On time, 2 ms units.
        on: u8,
        /// Off time, 2 ms units.
        off: u8,
    },
    /// `ESC B n t`: beep n times, t in units of 50 ms.
    Beep {
        /// How many times.
        times: u8,
        /// Length, 50 ms units.
        length: u8,
    },
    /// `ESC * m nL nH d...`: a bit image in columns.
    BitImage {
        /// 0, 1: 8 dots; 32, 33: 24 dots.
        mode: u8,
        /// Column data, 1 or 3 bytes a column.
        data: Vec<u8>,
    },
    /// `ESC c n x` (panel buttons, paper sensors): setting without effect on paper.
    Panel {
        /// 3 paper-end signal, 4 stop sensor, 5 buttons.
        which: u8,
        /// The value.
        value: u8,
    },
    /// `ESC = n`: bit 0 enables the printer; disabled, it ignores everything but status requests.
    Peripheral(u8),
    /// `ESC { n`: upside down.
    UpsideDown(bool),
    /// `ESC V n`: characters turned by 90 degrees.
    Rotate(bool),
    /// `ESC $ nL nH`: absolute position, horizontal motion units.
    Position(u16),
    /// `ESC \ nL nH`: relative position, horizontal motion units, signed.
    Move(i16),
    /// `ESC SP n`: right-side character spacing.
    CharSpacing(u8),
    /// `ESC D n... NUL`: tab positions in characters.
    Tabs(Vec<u8>),
    /// `ESC L`: page mode.
    PageMode,
    /// `ESC S`: standard mode.
    StandardMode,
    /// `ESC W`: page area in motion units.
    PageArea {
        /// Left.
        x: u16,
        /// Top.
        y: u16,
        /// Width.
        w: u16,
        /// Height.
        h: u16,
    },
    /// `ESC T n`: page direction, 0 left to right, 1 bottom to top, 2 right to left, 3 top to bottom.
    PageDirection(u8),
    /// `ESC FF`: print the page, stay in page mode.
    PrintPage,
    /// `ESC v`: send the paper sensor status.
    PaperStatus,
    /// `ESC ( x pL pH ...`, `ESC (`-family settings without effect here.
    EscParen {
        /// The letter after the parenthesis.
        letter: u8,
        /// Parameters.
        data: Vec<u8>,
    },
    /// `GS ! n`: width (high nibble + 1) and height (low nibble + 1) factors.
    Size(u8),
    /// `GS B n`: white on black.
    Reverse(bool),
    /// `GS b n`: smoothing, without effect here.
    Smooth(bool),
    /// `GS H n`: where the human readable text of a bar code goes.
    HriPosition(u8),
    /// `GS f n`: its font.
    HriFont(u8),
    /// `GS h n`: bar code height in dots.
    BarHeight(u8),
    /// `GS w n`: bar code module width in dots.
    BarWidth(u8),
    /// `GS k`: a bar code, kind normalised to the numbers of the second form (65 UPC-A ... 73 CODE128).
    Barcode {
        /// 65..=79.
        kind: u8,
        /// The data as sent.
        data: Vec<u8>,
    },
    /// `GS V m [n]`, `ESC i`, `ESC m`: cut.
    Cut {
        /// Leaves a bridge.
        partial: bool,
        /// Feed this many motion units *plus* the distance from head to cutter before cutting.
        feed: Option<u8>,
    },
    /// `GS v 0`: the header of a raster image; `rows` rows follow as [`Command::RasterRow`].
    RasterStart {
        /// 0 normal, 1 double width, 2 double height, 3 both.
        scale: u8,
        /// Bytes in a row.
        width_bytes: u16,
        /// Rows.
        rows: u16,
    },
    /// One row of the raster image.
    RasterRow(Vec<u8>),
    /// The raster image is complete.
    RasterEnd,
    /// `GS * x y d...`: define a downloaded bit image (x, y in units of 8 dots).
    DefineImage {
        /// Width in bytes.
        x: u8,
        /// Height in bytes.
        y: u8,
        /// Column data.
        data: Vec<u8>,
    },
    /// `GS / m`: print it.
    PrintDefined(u8),
    /// `GS ( x pL pH ...`, and `GS 8 L` as letter `L`.
    GsParen {
        /// The letter after the parenthesis.
        letter: u8,
        /// Parameters without the length.
        data: Vec<u8>,
    },
    /// `GS L nL nH`: left margin.
    LeftMargin(u16),
    /// `GS W nL nH`: width of the print area.
    AreaWidth(u16),
    /// `GS P x y`: motion units, 1/x and 1/y inch; 0 = default.
    MotionUnits(u8, u8),
    /// `GS $ nL nH`: absolute vertical position in page mode.
    VerticalPosition(u16),
    /// `GS \ nL nH`: relative vertical position in page mode.
    VerticalMove(i16),
    /// `GS a n`: automatic status back.
    Asb(u8),
    /// `GS r n`: transmit status, in order.
    Status(u8),
    /// `GS I n`: transmit printer id.
    Info(u8),
    /// `GS g 0 m nL nH`: reset a maintenance counter.
    CounterReset(u16),
    /// `GS g 2 m nL nH`: transmit a maintenance counter.
    Counter(u16),
    /// `GS :` and `GS ^` (macro) and `GS T`, without effect here.
    Macro,
    /// `FS &` / `FS .`: Kanji (multi-byte) mode on or off.
    Kanji(bool),
    /// `FS ! n`: Kanji print mode (bit 2 wide, bit 3 high, bit 7 underline).
    KanjiMode(u8),
    /// `FS - n`.
    KanjiUnderline(u8),
    /// `FS S n1 n2`: space left and right of a Kanji character, dots.
    KanjiSpacing(u8, u8),
    /// `FS W n`: four times the size.
    KanjiQuadruple(bool),
    /// `FS C n` and `ESC 9 n`: Kanji code system, recorded only.
    KanjiCode(u8),
    /// `FS p n m`: print NV image n.
    PrintNvImage(u8),
    /// `FS q n ...`: define NV images, each (x bytes wide, y bytes high, column data).
    DefineNvImages(Vec<(u16, u16, Vec<u8>)>),
    /// `FS ( x pL pH ...` and `FS 2` (as letter `2`): recorded only.
    FsParen {
        /// The letter after the parenthesis.
        letter: u8,
        /// Parameters.
        data: Vec<u8>,
    },
    /// A real-time command found in order in the buffer: it was carried out on reception.
    RealTime(Vec<u8>),
    /// Bytes that are no command this printer knows.
    Unknown {
        /// The bytes, as far as they were taken.
        bytes: Vec<u8>,
        /// Position of the first one in the stream since power on.
        offset: u64,
    },
}
