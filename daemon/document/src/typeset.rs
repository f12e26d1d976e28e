//! Text that the printer's font lacks, and pictures that are unpacked elsewhere: what is asked of whoever draws, and what
//! comes back.
//!
//! A line with a character that the printer has no glyph for is drawn as a whole, in its cells. The fonts and the shaping
//! of scripts are not here: they belong to a [`Typesetter`], which may be another program.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Grey;
use crate::limits::{PROFILE_DOTS_MAX, TYPESET_BYTES_MAX};

/// A line to be drawn. Lengths are in dots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawLine<'a> {
    /// Width of the picture.
    pub paper: u16,
    /// Width of a cell of normal size.
    pub cell: u8,
    /// Height of a line of normal size with its spacing; the picture is `height` times that.
    pub line: u8,
    /// Strokes one dot wider.
    pub bold: bool,
    /// A line below the characters.
    pub underline: bool,
    /// White on black.
    pub reverse: bool,
    /// Times the normal width, 1 to 8.
    pub width: u8,
    /// Times the normal height, 1 to 8.
    pub height: u8,
    /// The texts beside each other, from left to right.
    #[serde(borrow)]
    pub pieces: Vec<Piece<'a>>,
}

/// A text in a line to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece<'a> {
    /// Dots from the left edge of the paper to its first cell.
    pub left: u16,
    /// No tabs, no line ends.
    #[serde(borrow)]
    pub text: Cow<'a, str>,
    /// The cells of each of its characters: it may be no wider than these together.
    pub cells: Vec<u8>,
}

impl DrawLine<'_> {
    /// Rows of the picture.
    #[must_use]
    pub fn rows(&self) -> u16 {
        u16::from(self.line) * u16::from(self.height.clamp(1, 8))
    }

    /// Bytes of the rows of the picture.
    #[must_use]
    pub fn picture_bytes(&self) -> usize {
        usize::from(self.paper.min(PROFILE_DOTS_MAX)).div_ceil(8) * usize::from(self.rows())
    }

    /// Whether it is small enough to be asked for.
    pub(crate) fn fits(&self) -> bool {
        self.pieces.iter().map(|piece| piece.text.len() + piece.cells.len()).sum::<usize>()
            <= TYPESET_BYTES_MAX
    }
}

/// Draws lines of text.
pub trait Typesetter {
    /// The rows of the picture of a line, one bit per dot, 1 is black, the left dot in the highest bit, each row of whole
    /// bytes: [`DrawLine::picture_bytes`] of them, or it is taken for a failure.
    ///
    /// # Errors
    /// It cannot be drawn; what to do about it.
    fn draw(&self, line: &DrawLine<'_>) -> Result<Vec<u8>, TypesetError>;

    /// Unpacks a JPEG of at most `pixels_max` pixels.
    ///
    /// # Errors
    /// [`TypesetError::NoPicture`] or [`TypesetError::PictureTooLarge`], or it cannot be tried.
    fn unpack_jpeg(&self, jpeg: &[u8], pixels_max: u64) -> Result<Grey, TypesetError>;
}

/// Draws nothing: what the printer lacks is refused.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTypesetter;

impl Typesetter for NoTypesetter {
    fn draw(&self, _: &DrawLine<'_>) -> Result<Vec<u8>, TypesetError> {
        Err(TypesetError::None)
    }

    fn unpack_jpeg(&self, _: &[u8], _: u64) -> Result<Grey, TypesetError> {
        Err(TypesetError::None)
    }
}

/// Why a line was not drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypesetError {
    /// Nobody is there to draw.
    None,
    /// The program that draws is not installed, or cannot be started.
    Missing {
        /// Where it was looked for, or what the system says.
        detail: String,
    },
    /// It has no font at all.
    NoFont,
    /// It did not answer in time and was ended.
    TimedOut,
    /// It ended, or answered what cannot be understood.
    Failed {
        /// What happened.
        detail: String,
    },
    /// The line has more text than is drawn.
    TooMuch,
    /// It is no JPEG that can be read.
    NoPicture {
        /// What is wrong with it.
        detail: String,
    },
    /// The picture has more pixels than are allowed.
    PictureTooLarge {
        /// Pixels across.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// The printer has too few dots for letters that are drawn: it prints by nine pins.
    TooCoarse,
}

impl fmt::Display for TypesetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("nothing is there that draws"),
            Self::Missing { detail } => write!(
                f,
                "receiptd-render, which does that, cannot be started ({detail}); install it beside receiptd or in \
                 /usr/libexec/receiptd, or say in RECEIPTD_RENDER where it is"
            ),
            Self::NoFont => f.write_str(
                "no font was found to draw it with; install one (Debian: fonts-wqy-zenhei or fonts-noto-cjk), or put one \
                 into /usr/share/receiptd/fonts",
            ),
            Self::TimedOut => {
                f.write_str("receiptd-render did not answer in time and was ended; hand the document in again")
            }
            Self::Failed { detail } => {
                write!(f, "receiptd-render failed ({detail}); hand the document in again, and look into the log")
            }
            Self::TooMuch => write!(f, "the line has more than {TYPESET_BYTES_MAX} bytes of text"),
            Self::NoPicture { detail } => write!(f, "not a readable picture: {detail}"),
            Self::PictureTooLarge { width, height } => {
                write!(f, "the picture has {width} x {height} pixels, which is too many")
            }
            Self::TooCoarse => {
                f.write_str("an impact printer has too few dots for that; leave it out or replace it")
            }
        }
    }
}

impl std::error::Error for TypesetError {}

impl TypesetError {
    /// The same in Chinese.
    pub(crate) const fn message_zh(&self) -> &'static str {
        match self {
            Self::None => "没有可用的文字绘制程序",
            Self::Missing { .. } => "无法启动文字绘制程序 receiptd-render，请检查安装",
            Self::NoFont => "没有找到可用的字体，请安装字体（例如 fonts-wqy-zenhei）",
            Self::TimedOut => "文字绘制程序 receiptd-render 超时，请重新提交",
            Self::Failed { .. } => "文字绘制程序 receiptd-render 出错，请重新提交并查看日志",
            Self::TooMuch => "此行文字过多",
            Self::NoPicture { .. } => "图片无法读取",
            Self::PictureTooLarge { .. } => "图片像素过多",
            Self::TooCoarse => "针式打印机点数太少，无法绘制文字，请删除或替换",
        }
    }
}
